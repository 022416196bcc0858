/* SPDX-License-Identifier: MIT */
/*
 * What the subcommands of `vouch` share: how a command is described, how it says what went wrong,
 * and the exit codes. Each subcommand is one file with one `struct command`; main.c lists them.
 */
#ifndef VOUCH_CLI_H
#define VOUCH_CLI_H

#include <stddef.h>
#include <stdint.h>

enum {
	EXIT_RAN = 0,         /* did what was asked */
	EXIT_STOPPED = 1,     /* the program was refused, or faulted */
	EXIT_USAGE = 2,       /* the command line makes no sense */
	EXIT_ENVIRONMENT = 3, /* unreadable file, no memory, full disk, … */
};

struct cli_option {
	const char *name;     /* without dashes; NULL ends a table */
	int letter;           /* the short form, or a number above 255 if it has none */
	const char *argument; /* what its argument is called in the help; NULL: it takes none */
	const char *text;     /* one line */
};

struct command {
	const char *name;
	const char *summary;  /* one line, for the list of commands */
	const char *usage;    /* what follows "vouch NAME " */
	const char *about;    /* paragraphs */
	const char *examples; /* lines */
	const struct cli_option *options;
	int (*main)(const struct command *command, int argc, char **argv);
};

extern const struct command command_run, command_check, command_asm, command_disasm, command_pack,
	command_jit, command_prove, command_replay;

/* Say what went wrong on standard error, as "vouch: …". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a command line that makes no sense, with a hint at --help. Returns EXIT_USAGE. */
int complain_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Memory, zeroed, of exactly this size; without any, the command ends with EXIT_ENVIRONMENT. */
void *allocate(size_t count, size_t size);

/* An unsigned number, decimal or 0x… hexadecimal, no more than `max`. Returns 0, or -1 if it isn't
 * one. */
int parse_number(const char *text, uint64_t max, uint64_t *number);

#endif
