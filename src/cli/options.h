/* SPDX-License-Identifier: MIT */
/*
 * Command lines, by getopt_long: every command's options are a table, from which both parsing and
 * help are made.
 *
 *	struct options options = options_of(command, argc, argv);
 *
 *	for (int id; (id = options_next(&options)) != OPTIONS_END;)
 *		...  the option's argument is options.argument
 *	if (options.stop)
 *		return options.exit;
 *	path = options_file(&options);
 */
#ifndef VOUCH_CLI_OPTIONS_H
#define VOUCH_CLI_OPTIONS_H

#include <stdbool.h>

#include "cli.h"

enum { OPTIONS_END = -1 };

struct options {
	const struct command *command;
	int argc;
	char **argv;
	const char *argument; /* of the option that options_next() returned */
	bool stop;            /* help was shown, or the command line is wrong: return `exit` */
	int exit;
};

struct options options_of(const struct command *command, int argc, char **argv);

/* The letter of the next option, or OPTIONS_END. Complaints have been made. */
int options_next(struct options *options);

/* The one FILE that the command takes; NULL, with `stop` set, if there is none or more than one. */
const char *options_file(struct options *options);

/* Set `stop` for a mistake that the command itself found. */
void options_refuse(struct options *options, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A command's help, on standard output. */
void options_help(const struct command *command);

/* Of `n` names, the one that `word` is likely a misspelling of; NULL if none is near. */
const char *options_nearest(const char *word, const char *const *names, size_t n);

#endif
