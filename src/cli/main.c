/* SPDX-License-Identifier: MIT */
/* The `vouch` command: finds the subcommand and gives it its arguments. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "options.h"
#include "output.h"
#include "vouch/vouch.h"

static const struct command *const commands[] = {&command_run, &command_check, &command_asm,
	&command_disasm, &command_pack, &command_jit, &command_prove, &command_replay};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

void complain(const char *format, ...)
{
	va_list arguments;

	fputs("vouch: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

int complain_usage(const struct command *command, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "vouch %s: ", command->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nTry 'vouch %s --help'.\n", command->name);
	return EXIT_USAGE;
}

void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (!memory) {
		complain("out of memory: %zu times %zu bytes are not to be had", count, size);
		exit(EXIT_ENVIRONMENT);
	}
	return memory;
}

int parse_number(const char *text, uint64_t max, uint64_t *number)
{
	int base = strncmp(text, "0x", 2) == 0 ? 16 : 10;
	const char *digits = base == 16 ? text + 2 : text;
	size_t n = strspn(digits, base == 16 ? "0123456789abcdefABCDEF" : "0123456789");
	uint64_t value = 0;

	if (n == 0 || digits[n] != '\0')
		return -1;
	for (size_t i = 0; i < n; i++) {
		char digit[2] = {digits[i], '\0'};

		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
			__builtin_add_overflow(value, strtoull(digit, NULL, base), &value))
			return -1;
	}
	*number = value;
	return value <= max ? 0 : -1;
}

static int help(void)
{
	puts("vouch: run untrusted eBPF programs, isolated\n"
	     "\n"
	     "Usage: vouch COMMAND [OPTION]... FILE\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("  help     this text; 'vouch help COMMAND' has options and examples\n"
	     "\n"
	     "FILE is a BPF ELF object, a Vouch image, assembly or raw instructions: what it\n"
	     "is, is seen from its content. '-' is standard input.\n"
	     "\n"
	     "Exit codes: 0 it ran, 1 the program was refused or faulted, 2 wrong usage,\n"
	     "3 environment (unreadable file, out of memory, full disk).\n"
	     "\n"
	     "  vouch run prog.o --mem 00112233     run a program that clang compiled\n"
	     "  vouch run prog.o --jit --stats      the same, compiled, with timings\n"
	     "  vouch --version");
	return EXIT_RAN;
}

static int refuse_command(const char *name)
{
	const char *names[COMMANDS], *nearest;

	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i]->name;
	nearest = options_nearest(name, names, COMMANDS);
	if (name[0] == '-')
		complain("unknown option '%s'; options follow the command", name);
	else if (nearest)
		complain("no command '%s'; did you mean '%s'?", name, nearest);
	else
		complain("no command '%s'", name);
	fputs("Try 'vouch --help'.\n", stderr);
	return EXIT_USAGE;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int help_command(const char *name)
{
	const struct command *command = find_command(name);

	if (!command)
		return refuse_command(name);
	options_help(command);
	return EXIT_RAN;
}

static int dispatch(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct command *command = find_command(name);

	if (command)
		return command->main(command, argc - 1, argv + 1);
	if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
		printf("vouch %s\n", VOUCH_VERSION);
		return EXIT_RAN;
	}
	if (strcmp(name, "help") == 0 && argc > 2)
		return help_command(argv[2]);
	if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return help();
	if (argc < 2) {
		complain("no command given");
		fputs("Try 'vouch --help'.\n", stderr);
		return EXIT_USAGE;
	}
	return refuse_command(name);
}

int main(int argc, char **argv)
{
	/* A limit on the size of files is an error like a full disk, not the end of the process. */
	signal(SIGXFSZ, SIG_IGN);
	return output_finish(dispatch(argc, argv));
}
