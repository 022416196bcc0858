/* SPDX-License-Identifier: MIT */
/*
 * vouch-prove: what `vouch prove` and `vouch replay` run. Here: options of the first, and which
 * obligations they mean.
 */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prover/command/command.h"
#include "prover/exec/convention.h"
#include "prover/export_coq.h"

static const char usage_text[] =
	"usage: vouch prove [PATTERN...] [options]\n"
	"\n"
	"Prove the emitters, as they were compiled: for each BPF instruction, that\n"
	"what they write does what the instruction means, for all registers, immediates,\n"
	"offsets, positions and inputs; and the interpreter, the region lookup and the\n"
	"checker, as they were compiled (docs/prover.md).\n"
	"\n"
	"A pattern is a target (rv64: also rv64c, its compressed variant), an obligation's\n"
	"name (rv64/alu64-add-x), a shell pattern ('rv64/jmp*'), interp, region or check,\n"
	"or rewrite: the rules by which the prover rewrites terms. Without any: everything.\n"
	"\n"
	"  --list           show the obligations, and prove none\n"
	"  -j N             so many at once (default: as many as there are CPUs)\n"
	"  --timeout S      seconds of work on one question to the solver (default 10)\n"
	"  --shard K/N      every Nth obligation, from the Kth: 1/4, 2/4, ...\n"
	"  --solver 'CMD'   ask another solver, by SMT-LIB on its standard input\n"
	"  --as MACHINE     what all that is compiled for: rv64 (default), or thumb2, as for a\n"
	"                   Cortex-M4\n"
	"  --emitters ELF   the compiled code (default: emit.MACHINE.elf of this build)\n"
	"  --explain NAME   prove one obligation, and show how\n"
	"  --long           all of it, not only the beginning of long terms and questions\n"
	"  --time           show which took longest\n"
	"  --json F         write results as JSON (-: standard output)\n"
	"  --output DIR     where counterexamples go (default: here)\n"
	"  --no-cache       prove again what was proved before\n"
	"  --cache DIR      where proofs are remembered (default: ~/.cache/vouch)\n"
	"  --export-coq     prove nothing, but write what the solver is told of BPF as Coq\n"
	"  -h, --help       show this\n"
	"\n"
	"Exits with 0 if everything is proved, 1 if something is refuted or unknown, 2 for a\n"
	"usage error, 3 if the environment lacks something.\n"
	"\n"
	"  vouch prove rv64\n"
	"  vouch prove 'rv64/alu64-*' rewrite -j 2 --json result.json\n";

struct arguments {
	const char *elf, *as, *cache, *explain;
	bool list, no_cache, export;
	unsigned shard_index, shard_count;
};

enum {
	OPTION_LIST = 256,
	OPTION_TIMEOUT,
	OPTION_SHARD,
	OPTION_SOLVER,
	OPTION_AS,
	OPTION_EMITTERS,
	OPTION_EXPLAIN,
	OPTION_EXPORT_COQ,
	OPTION_LONG,
	OPTION_TIME,
	OPTION_JSON,
	OPTION_OUTPUT,
	OPTION_NO_CACHE,
	OPTION_CACHE
};

static const struct option long_options[] = {
	{"list", no_argument, NULL, OPTION_LIST},
	{"timeout", required_argument, NULL, OPTION_TIMEOUT},
	{"shard", required_argument, NULL, OPTION_SHARD},
	{"solver", required_argument, NULL, OPTION_SOLVER},
	{"as", required_argument, NULL, OPTION_AS},
	{"emitters", required_argument, NULL, OPTION_EMITTERS},
	{"explain", required_argument, NULL, OPTION_EXPLAIN},
	{"export-coq", no_argument, NULL, OPTION_EXPORT_COQ},
	{"long", no_argument, NULL, OPTION_LONG},
	{"time", no_argument, NULL, OPTION_TIME},
	{"json", required_argument, NULL, OPTION_JSON},
	{"output", required_argument, NULL, OPTION_OUTPUT},
	{"no-cache", no_argument, NULL, OPTION_NO_CACHE},
	{"cache", required_argument, NULL, OPTION_CACHE},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static int usage_error(const char *what, const char *value)
{
	fprintf(stderr, "vouch prove: %s '%s'; see vouch prove --help\n", what, value);
	return DONE_USAGE;
}

static bool number(const char *text, unsigned long most, unsigned *value)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || end == text || *text == '-' || n < 1 || n > most)
		return false;
	*value = (unsigned)n;
	return true;
}

static bool shard(const char *text, struct arguments *a)
{
	char end;

	return sscanf(text, "%u/%u%c", &a->shard_index, &a->shard_count, &end) == 2 &&
	       a->shard_index >= 1 && a->shard_index <= a->shard_count;
}

/* DONE_OK to go on, -1 for done, or an exit code. */
static int parse(int argc, char **argv, struct request *request, struct arguments *a)
{
	unsigned seconds;
	int option;

	while ((option = getopt_long(argc, argv, "j:h", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(usage_text, stdout);
			return -1;
		case 'j':
			if (!number(optarg, 256, &request->jobs))
				return usage_error("not a number of jobs from 1 to 256:", optarg);
			break;
		case OPTION_LIST:
			a->list = true;
			break;
		case OPTION_TIMEOUT:
			if (!number(optarg, 86400, &seconds))
				return usage_error("not a number of seconds:", optarg);
			request->prove.solver.timeout_ms = 1000 * seconds;
			break;
		case OPTION_SHARD:
			if (!shard(optarg, a))
				return usage_error("not a shard like 1/4:", optarg);
			break;
		case OPTION_SOLVER:
			request->prove.solver.command = optarg;
			break;
		case OPTION_AS:
			if (!convention_named(optarg))
				return usage_error("not a machine, rv64 or thumb2:", optarg);
			a->as = optarg;
			break;
		case OPTION_EMITTERS:
			a->elf = optarg;
			break;
		case OPTION_EXPLAIN:
			a->explain = optarg;
			break;
		case OPTION_EXPORT_COQ:
			a->export = true;
			break;
		case OPTION_LONG:
			request->prove.explain_all = true;
			break;
		case OPTION_TIME:
			request->times = true;
			break;
		case OPTION_JSON:
			request->json = optarg;
			break;
		case OPTION_OUTPUT:
			request->output = optarg;
			break;
		case OPTION_NO_CACHE:
			a->no_cache = true;
			break;
		case OPTION_CACHE:
			a->cache = optarg;
			break;
		default:
			fputs("see vouch prove --help\n", stderr);
			return DONE_USAGE;
		}
	}
	return DONE_OK;
}

static bool matches(const struct obligation *o, const char *pattern)
{
	size_t n = strlen(pattern);

	if (!strchr(pattern, '/') && strncmp(o->target, pattern, n) == 0)
		return true;
	return fnmatch(pattern, o->name, 0) == 0;
}

static bool is_wanted(const struct obligation *o, char **patterns, int count)
{
	for (int i = 0; i < count; i++)
		if (matches(o, patterns[i]))
			return true;
	return count == 0;
}

static bool any_matches(const char *pattern)
{
	struct obligation o;

	for (size_t t = 0; theorem_at(t); t++)
		for (size_t i = 0; theorem_at(t)->at(theorem_at(t), i, &o); i++)
			if (matches(&o, pattern))
				return true;
	return false;
}

static void collect(struct request *request, const struct arguments *a, char **patterns, int count)
{
	size_t number_of = 0;
	struct obligation o;

	for (size_t t = 0; theorem_at(t); t++) {
		for (size_t i = 0; theorem_at(t)->at(theorem_at(t), i, &o); i++) {
			if (!is_wanted(&o, patterns, count))
				continue;
			if (number_of++ % a->shard_count != a->shard_index - 1)
				continue;
			request->task = realloc(
				request->task, (request->tasks + 1) * sizeof(*request->task));
			if (!request->task)
				abort();
			request->task[request->tasks++] = (struct task){.obligation = o};
		}
	}
}

/* Images differ in the functions that they have, and in how often. False: nothing is left. */
static bool keep_what_there_is(struct request *request)
{
	size_t kept = 0, wanted = request->tasks;

	for (size_t i = 0; i < request->tasks; i++) {
		const char *function = request->task[i].obligation.function;

		if (!function || image_address(request->prove.image, function))
			request->task[kept++] = request->task[i];
	}
	request->tasks = kept;
	return kept > 0 || wanted == 0;
}

static const char *default_elf(const struct arguments *a, char path[PLACE_MAX])
{
	char file[32];

	if (!a->as && getenv("VOUCH_EMITTERS"))
		return getenv("VOUCH_EMITTERS");
	snprintf(file, sizeof(file), "emit.%s.elf", a->as ? a->as : "rv64");
	return place_of(file, path);
}

/* The code, for a machine that it can be run on; NULL: message printed. */
static struct image *read_code(const struct arguments *a)
{
	char error[200];
	struct image *image = image_read(a->elf, error, sizeof(error));
	const struct convention *cv = image ? convention_of(image) : NULL;

	if (!image)
		fprintf(stderr,
			"vouch prove: %s\nBuild the emitters with 'make prover', or name them with "
			"--emitters.\n",
			error);
	else if (!cv || (a->as && strcmp(cv->name, a->as) != 0))
		fprintf(stderr, "vouch prove: %s: it is compiled for %s%s\n", a->elf,
			cv ? cv->name : "a machine that can't be run here",
			cv ? ", and --as says another machine" : "");
	else
		return image;
	image_free(image);
	return NULL;
}

static int finish(struct request *request)
{
	bool written = true, proved = true;

	times_write(request);
	show_result(request);
	if (request->json)
		written = write_json(request);
	for (size_t i = 0; i < request->tasks; i++)
		proved &=
			request->task[i].done && request->task[i].report.verdict == VERDICT_PROVED;
	return !written ? DONE_ENVIRONMENT : proved ? DONE_OK : DONE_REFUSED;
}

/* One obligation, in this process, telling all. */
static int explain(struct request *request, const char *name)
{
	static const char *const verdict[] = {"proved", "refuted", "unknown"};
	struct report report = {.verdict = VERDICT_UNKNOWN};
	const struct task *task = NULL;

	for (size_t i = 0; i < request->tasks; i++)
		if (strcmp(request->task[i].obligation.name, name) == 0)
			task = &request->task[i];
	if (!task)
		return usage_error("no obligation is called", name);
	request->prove.explain = stdout;
	task->obligation.theorem->prove(&task->obligation, &request->prove, &report);
	printf("%s: %s%s%s\n", name, verdict[report.verdict], *report.reason ? ": " : "",
		report.reason);
	if (report.text)
		printf("%s\n", report.text);
	free(report.text);
	free(report.replay);
	return report.verdict == VERDICT_PROVED ? DONE_OK : DONE_REFUSED;
}

static int prove_all(struct request *request, const struct arguments *a)
{
	if (!a->no_cache && cache_open(request, a->cache, a->elf)) {
		cache_read(request);
		times_read(request);
	}
	return run_tasks(request) ? finish(request) : DONE_ENVIRONMENT;
}

static void list(const struct request *request)
{
	for (size_t i = 0; i < request->tasks; i++)
		printf("%-32s %s\n", request->task[i].obligation.name,
			request->task[i].obligation.group);
}

/* The model of BPF, for proofs/SpecTie.v. */
static int export(void)
{
	if (export_coq(stdout) != 0)
		return DONE_REFUSED;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return DONE_OK;
	perror("vouch prove: standard output");
	return DONE_ENVIRONMENT;
}

static int prove(int argc, char **argv)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct request request = {.jobs = cpus > 0 ? (unsigned)cpus : 1,
		.output = ".",
		.begin = seconds_now(),
		.told = seconds_now(),
		.out = stdout,
		.prove.solver.timeout_ms = 10000};
	struct arguments a = {.shard_index = 1, .shard_count = 1};
	char path[PLACE_MAX];
	int result = parse(argc, argv, &request, &a);
	struct image *image;

	if (result != DONE_OK)
		return result < 0 ? DONE_OK : result;
	for (int i = optind; i < argc; i++)
		if (!any_matches(argv[i]))
			return usage_error("nothing to prove is called", argv[i]);
	if (a.export)
		return export();
	collect(&request, &a, argv + optind, argc - optind);
	if (a.list) {
		list(&request);
		free(request.task);
		return DONE_OK;
	}
	if (request.json && strcmp(request.json, "-") == 0)
		request.out = stderr;
	if (!a.elf)
		a.elf = default_elf(&a, path);
	image = read_code(&a);
	if (!image)
		return DONE_ENVIRONMENT;
	request.prove.image = image;
	if (!keep_what_there_is(&request)) {
		image_free(image);
		return usage_error("nothing of that kind is in", a.elf);
	}
	result = a.explain ? explain(&request, a.explain) : prove_all(&request, &a);
	image_free(image);
	free(request.task);
	return result;
}

int main(int argc, char **argv)
{
	if (argc >= 2 && strcmp(argv[1], "prove") == 0)
		return prove(argc - 1, argv + 1);
	if (argc >= 2 && strcmp(argv[1], "replay") == 0)
		return replay_main(argc - 1, argv + 1);
	fputs("vouch-prove is run by 'vouch prove' and 'vouch replay'; see their --help\n", stderr);
	return DONE_USAGE;
}
