/* SPDX-License-Identifier: MIT */
/*
 * `vouch prove` and `vouch replay`. The prover is a program of its own, vouch-prove, because it
 * brings an SMT solver along; most who run BPF programs don't need it. It gets the subcommand and
 * all arguments as they are.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"

#define PROVER "vouch-prove"

/* The folder that this very program is in; empty where the system doesn't tell. */
static void own_folder(char folder[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	folder[n > 0 ? n : 0] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
}

/* Become the prover, if it is at this place. Only returns if it isn't. */
static void try(const char *folder, const char *under, char **argv)
{
	char path[2 * PATH_MAX];

	if (!*folder)
		return;
	snprintf(path, sizeof(path), "%s/%s%s", folder, under, PROVER);
	execv(path, argv);
}

static int prove_main(const struct command *command, int argc, char **argv)
{
	char **arguments = allocate((size_t)argc + 2, sizeof(*arguments)), folder[PATH_MAX];

	arguments[0] = PROVER;
	memcpy(arguments + 1, argv, (size_t)argc * sizeof(*argv));
	own_folder(folder);
	try(folder, "", arguments);
	try(folder, "../libexec/vouch/", arguments);
	if (errno == ENOENT || errno == ENOTDIR || !*folder)
		execvp(PROVER, arguments);
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		options_help(command);
		free(arguments);
		return EXIT_RAN;
	}
	if (errno == ENOENT)
		complain("'vouch %s' needs the prover, " PROVER ", which is not installed.\n"
			 "Looked beside vouch (%s), in ../libexec/vouch and in PATH.\n"
			 "Build it with 'make prove' in the source tree (needs libz3-dev), or "
			 "install it.",
			command->name, folder);
	else
		complain("cannot start " PROVER ": %s", strerror(errno));
	free(arguments);
	return EXIT_ENVIRONMENT;
}

static const struct cli_option options[] = {{0}};

const struct command command_prove = {
	.name = "prove",
	.summary = "prove that emitters and interpreter are right (needs vouch-prove)",
	.usage = "[ARGUMENT]...",
	.about = "Runs the separate program vouch-prove, found beside vouch, in\n"
		 "../libexec/vouch or in PATH, with the same arguments. Where it is\n"
		 "installed, this help is its own.\n",
	.examples = "  vouch prove --help\n",
	.options = options,
	.main = prove_main,
};

const struct command command_replay = {
	.name = "replay",
	.summary = "run the counterexample of a refuted proof for real (needs vouch-prove)",
	.usage = "[ARGUMENT]...",
	.about = "Runs the separate program vouch-prove, found beside vouch, in\n"
		 "../libexec/vouch or in PATH, with the same arguments. Where it is\n"
		 "installed, this help is its own.\n",
	.examples = "  vouch replay --help\n",
	.options = options,
	.main = prove_main,
};
