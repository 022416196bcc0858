/* SPDX-License-Identifier: MIT */
/* `vouch replay`: run a counterexample for real. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "prover/command/command.h"
#include "prover/replay/replay.h"

static const char usage_text[] =
	"usage: vouch replay FILE [options]\n"
	"\n"
	"Run the counterexample of a refuted proof: load its code, memory and registers into a\n"
	"process of the target's, natively or in QEMU, for Thumb-2 onto a bare board of QEMU's,\n"
	"let the machine run, and compare where it ends with what BPF says and with what the\n"
	"prover says of the machine.\n"
	"\n"
	"  --harness ELF    the program to run it in (default: that of this build)\n"
	"  -h, --help       show this\n"
	"\n"
	"Exits with 0 if the counterexample is confirmed, 1 if it isn't, 2 for a usage error or a\n"
	"file that is no counterexample, 3 if it can't be run here.\n"
	"\n"
	"The file brings machine code, which is run with your rights: replay only files that you\n"
	"trust.\n"
	"\n"
	"  vouch replay rv64-alu64-div-x.cex\n";

static int usage_error(const char *what, const char *value)
{
	fprintf(stderr, "vouch replay: %s%s%s%s; see vouch replay --help\n", what,
		value ? " '" : "", value ? value : "", value ? "'" : "");
	return DONE_USAGE;
}

static struct replay *open_replay(const char *path, int *result)
{
	FILE *f = fopen(path, "r");
	char error[200];
	struct replay *r;

	if (!f) {
		fprintf(stderr, "vouch replay: cannot read '%s': %s\n", path, strerror(errno));
		*result = DONE_ENVIRONMENT;
		return NULL;
	}
	r = replay_read(f, error);
	fclose(f);
	if (!r) {
		fprintf(stderr, "vouch replay: %s: %s\n", path, error);
		*result = DONE_USAGE;
	}
	return r;
}

static int replay(const struct replay *r, const char *harness)
{
	struct replay_result *result = calloc(1, sizeof(*result));
	int done = DONE_ENVIRONMENT;
	char error[200];

	if (!result)
		abort();
	printf("%s: %s\n%s", r->obligation, r->claim, r->text ? r->text : "");
	if (replay_run(r, harness, result, error))
		done = replay_judge(r, result, stdout) == REPLAY_CONFIRMED ? DONE_OK : DONE_REFUSED;
	else
		fprintf(stderr, "vouch replay: it can't be run: %s\n", error);
	free(result);
	return done;
}

int replay_main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"harness", required_argument, NULL, 'H'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const char *harness = NULL;
	char path[PLACE_MAX];
	struct replay *r;
	int option, result;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage_text, stdout);
			return DONE_OK;
		}
		if (option != 'H')
			return usage_error("there is no such option", NULL);
		harness = optarg;
	}
	if (optind + 1 != argc)
		return usage_error("give one file", NULL);
	r = open_replay(argv[optind], &result);
	if (!r)
		return result;
	if (!harness && replay_harness(r))
		harness = place_of(replay_harness(r), path);
	result = replay(r, harness ? harness : "");
	replay_free(r);
	return result;
}
