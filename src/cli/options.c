/* SPDX-License-Identifier: MIT */
/* Options and help texts. getopt_long does the parsing; messages are ours, because its own give no
 * hint. */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "options.h"

enum { MAX_OPTIONS = 24, HELP = 'h' };

static const struct cli_option help_option = {"help", HELP, NULL, "this text"};

struct options options_of(const struct command *command, int argc, char **argv)
{
	optind = 0; /* glibc's way to start over */
	opterr = 0;
	return (struct options){.command = command, .argc = argc, .argv = argv};
}

static size_t count_options(const struct command *command)
{
	size_t n = 0;

	while (command->options[n].name)
		n++;
	return n;
}

/* The i-th option, --help being the last. */
static const struct cli_option *option_at(const struct command *command, size_t i)
{
	return i < count_options(command) ? &command->options[i] : &help_option;
}

/* getopt's two descriptions of the options. The leading colon tells a missing argument from an
 * unknown option. */
static void describe(const struct command *command, struct option *longs, char *shorts)
{
	size_t n = count_options(command) + 1;

	*shorts++ = ':';
	for (size_t i = 0; i < n && i < MAX_OPTIONS; i++) {
		const struct cli_option *option = option_at(command, i);

		longs[i] = (struct option){option->name,
			option->argument ? required_argument : no_argument, NULL, option->letter};
		if (option->letter < 256) {
			*shorts++ = (char)option->letter;
			if (option->argument)
				*shorts++ = ':';
		}
	}
	*shorts = '\0';
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance of two short words. */
static size_t distance(const char *a, const char *b)
{
	size_t row[64], n = strlen(b);

	if (n >= sizeof(row) / sizeof(row[0]))
		return n;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < n; j++) {
			size_t substitute = diagonal + (a[i] != b[j]);

			diagonal = row[j + 1];
			row[j + 1] = least(substitute, least(diagonal, row[j]) + 1);
		}
	}
	return row[n];
}

const char *options_nearest(const char *word, const char *const *names, size_t n)
{
	const char *nearest = NULL;
	size_t best = 3;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, names[i]);

		if (d < best && d < strlen(names[i])) {
			best = d;
			nearest = names[i];
		}
	}
	return nearest;
}

/* The option of this letter or number; NULL if there is none. */
static const struct cli_option *option_of(const struct command *command, int id)
{
	for (size_t i = 0; i <= count_options(command); i++)
		if (option_at(command, i)->letter == id)
			return option_at(command, i);
	return NULL;
}

static void refuse_long(struct options *options, const char *word)
{
	const char *names[MAX_OPTIONS + 1], *nearest;
	size_t n = count_options(options->command) + 1;
	char name[64];

	for (size_t i = 0; i < n; i++)
		names[i] = option_at(options->command, i)->name;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	nearest = options_nearest(name, names, n);
	if (nearest)
		options_refuse(
			options, "unknown option '--%s'; did you mean '--%s'?", name, nearest);
	else
		options_refuse(options, "unknown option '--%s'", name);
}

/* What getopt_long said about the option before optind; optopt is its id, or 0 if it has no such
 * long option. */
static void refuse_option(struct options *options, int verdict)
{
	const struct cli_option *option = option_of(options->command, optopt);

	if (optopt == 0)
		refuse_long(options, options->argv[optind - 1]);
	else if (!option)
		options_refuse(options, "unknown option '-%c'", optopt);
	else if (verdict == ':')
		options_refuse(options, "option '--%s' needs an argument: %s", option->name,
			option->argument);
	else
		options_refuse(options, "option '--%s' takes no argument", option->name);
}

int options_next(struct options *options)
{
	struct option longs[MAX_OPTIONS + 1] = {0};
	char shorts[2 * MAX_OPTIONS + 2];
	int id;

	describe(options->command, longs, shorts);
	id = getopt_long(options->argc, options->argv, shorts, longs, NULL);
	options->argument = optarg;
	if (id == '?' || id == ':') {
		refuse_option(options, id);
		return OPTIONS_END;
	}
	if (id == HELP) {
		options_help(options->command);
		options->stop = true;
		return OPTIONS_END;
	}
	return id;
}

void options_refuse(struct options *options, const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	options->stop = true;
	options->exit = complain_usage(options->command, "%s", message);
}

const char *options_file(struct options *options)
{
	int n = options->argc - optind;

	if (n == 1)
		return options->argv[optind];
	if (n == 0)
		options_refuse(options, "no FILE given ('-' is standard input)");
	else
		options_refuse(options, "one FILE at a time, but '%s' follows '%s'",
			options->argv[optind + 1], options->argv[optind]);
	return NULL;
}

static void help_option_line(const struct cli_option *option)
{
	char left[64];

	if (option->letter < 256)
		snprintf(left, sizeof(left), "-%c, --%s", option->letter, option->name);
	else
		snprintf(left, sizeof(left), "    --%s", option->name);
	if (option->argument) {
		strncat(left, " ", sizeof(left) - strlen(left) - 1);
		strncat(left, option->argument, sizeof(left) - strlen(left) - 1);
	}
	printf("  %-26s %s\n", left, option->text);
}

void options_help(const struct command *command)
{
	size_t n = count_options(command) + 1;

	printf("vouch %s: %s\n\nUsage: vouch %s %s\n\n%s\nOptions:\n", command->name,
		command->summary, command->name, command->usage, command->about);
	for (size_t i = 0; i < n; i++)
		help_option_line(option_at(command, i));
	printf("\nExamples:\n%s", command->examples);
}
