/* SPDX-License-Identifier: MIT */
/*
 * The benchmark: each workload interpreted, JITed and native, in one process and one run, so that
 * the ratios mean something on a noisy machine. A figure is the fastest of several batches; the
 * engines take turns, batch by batch. All engines have to give the same result and leave the same
 * memory, or there is no figure.
 */
#include "cli/code.h"
#include "load/object.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum engine { NATIVE, INTERPRETER, JIT, ENGINES };
static const char *const engine_names[ENGINES] = {"native", "interpreter", "jit"};

struct workload {
	const char *name;
	uint64_t (*native)(void *memory, uint64_t size);
	size_t size;
	bool changes_input; /* then it is restored before every call, for every engine */
	double peer_interpreter, peer_jit; /* ubpf, from docs/bench.md */
};

uint64_t native_fletcher32(void *memory, uint64_t size);
uint64_t native_bubblesort(void *memory, uint64_t size);
uint64_t native_xorshift(void *memory, uint64_t size);
uint64_t native_memxor(void *memory, uint64_t size);
uint64_t native_muldiv(void *memory, uint64_t size);
uint64_t native_sieve(void *memory, uint64_t size);

static const struct workload workloads[] = {
	{"fletcher32", native_fletcher32, 360, false, 90, 3.49},
	{"bubblesort", native_bubblesort, 400, true, 56, 1.51},
	{"xorshift", native_xorshift, 16, false, 30, 1.00},
	{"memxor", native_memxor, 65536, false, 116, 1.26},
	{"muldiv", native_muldiv, 16, false, 11.5, 2.16},
	{"sieve", native_sieve, 65536, false, 70, 1.58},
};
enum { WORKLOADS = sizeof(workloads) / sizeof(workloads[0]), MEMORY = 65536 };

struct options {
	const char *only, *engine, *json, *directory;
	unsigned batches;
	double seconds; /* of one batch */
};

/* One workload, ready to run. */
struct subject {
	const struct workload *workload;
	struct object *object;
	struct code code;
	struct vouch_vm vm;
	uint8_t *input, *memory, *stack;
};

struct figures {
	double ns[ENGINES]; /* of one call; 0: not measured */
	size_t slots, code_size;
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench: %s: %s\n", what, why);
	exit(3);
}

static void *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	enum { ROOM = 1 << 20 };
	void *bytes = malloc(ROOM);

	if (!file || !bytes)
		die(path, strerror(errno));
	*size = fread(bytes, 1, ROOM, file);
	fclose(file);
	return bytes;
}

static struct object *load(const struct options *options, const struct workload *workload)
{
	struct object_error error;
	struct object *object;
	char path[512];
	size_t size;
	void *bytes;

	snprintf(path, sizeof(path), "%s/%s.bpf.o", options->directory, workload->name);
	bytes = read_file(path, &size);
	object = object_open(bytes, size, &error);
	if (!object || !object_link(object, "entry", NULL, NULL, &error))
		die(path, error.message);
	free(bytes);
	return object;
}

/* rand() after srand(1), a byte each, as the workloads' description has it. */
static void make_input(uint8_t *bytes, size_t size)
{
	srand(1);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)rand();
}

static uint64_t call(struct subject *subject, enum engine engine)
{
	const struct workload *workload = subject->workload;
	enum vouch_status status;
	uint64_t r0 = 0;

	if (workload->changes_input)
		memcpy(subject->memory, subject->input, workload->size);
	if (engine == NATIVE)
		return workload->native(subject->memory, workload->size);
	subject->vm.fuel = VOUCH_FUEL_MAX;
	status = engine == JIT ? vouch_run_compiled(&subject->vm, subject->code.address, &r0)
	                       : vouch_run(&subject->vm, &r0);
	if (status != VOUCH_OK)
		die(workload->name, vouch_status_text(status));
	return r0;
}

static void open_subject(
	struct subject *subject, const struct options *options, const struct workload *workload)
{
	struct vouch_config config = {.fuel = VOUCH_FUEL_MAX, .stack_size = VOUCH_STACK_SIZE(8)};
	enum vouch_status status;

	*subject = (struct subject){.workload = workload, .object = load(options, workload)};
	subject->input = aligned_alloc(64, MEMORY);
	subject->memory = aligned_alloc(64, MEMORY);
	subject->stack = malloc(config.stack_size);
	if (!subject->input || !subject->memory || !subject->stack)
		die(workload->name, "out of memory");
	make_input(subject->input, MEMORY);
	config.program = object_image(subject->object)->program;
	config.stack = subject->stack;
	config.context = (struct vouch_region){
		(uintptr_t)subject->memory, workload->size, VOUCH_READ | VOUCH_WRITE};
	status = vouch_init(&subject->vm, &config);
	if (status == VOUCH_OK && vouch_target_host())
		status = code_compile(&subject->code, &config.program);
	if (status != VOUCH_OK)
		die(workload->name, vouch_status_text(status));
}

static void close_subject(struct subject *subject)
{
	if (subject->code.address)
		code_free(&subject->code);
	object_close(subject->object);
	free(subject->input);
	free(subject->memory);
	free(subject->stack);
}

/* Every engine starts from the same bytes and has to end with the same. */
static void compare_engines(struct subject *subject)
{
	const struct workload *workload = subject->workload;
	uint8_t *expected = malloc(MEMORY);
	uint64_t r0 = 0;

	if (!expected)
		die(workload->name, "out of memory");
	for (enum engine engine = 0; engine < ENGINES; engine++) {
		uint64_t result;

		if (engine == JIT && !subject->code.address)
			continue;
		memcpy(subject->memory, subject->input, MEMORY);
		result = call(subject, engine);
		if (engine == NATIVE) {
			r0 = result;
			memcpy(expected, subject->memory, MEMORY);
		} else if (result != r0 || memcmp(subject->memory, expected, MEMORY) != 0) {
			die(workload->name, "the engines disagree");
		}
	}
	free(expected);
}

/* Nanoseconds of one call, over a batch of at least so many seconds. */
static double batch(struct subject *subject, enum engine engine, double seconds)
{
	uint64_t start = code_clock(), now, calls = 0;

	do {
		for (unsigned i = 0; i < 8; i++)
			call(subject, engine);
		calls += 8;
		now = code_clock();
	} while ((double)(now - start) < seconds * 1e9);
	return (double)(now - start) / (double)calls;
}

static struct figures measure(const struct options *options, const struct workload *workload)
{
	struct figures figures = {{0}, 0, 0};
	struct subject subject;

	open_subject(&subject, options, workload);
	compare_engines(&subject);
	for (unsigned i = 0; i < options->batches; i++)
		for (enum engine engine = 0; engine < ENGINES; engine++) {
			double ns;

			if ((engine == JIT && !subject.code.address) ||
				(engine != NATIVE && options->engine &&
					strcmp(options->engine, engine_names[engine]) != 0))
				continue;
			ns = batch(&subject, engine, options->seconds);
			if (figures.ns[engine] == 0 || ns < figures.ns[engine])
				figures.ns[engine] = ns;
		}
	figures.slots = subject.vm.count;
	figures.code_size = subject.code.result.size;
	close_subject(&subject);
	return figures;
}

/* All workloads one after the other, many times over: a big program of real code. */
struct compile_figures {
	size_t slots, code_size;
	double ns, map_ns; /* per slot; of mapping, in all */
};

static struct compile_figures measure_compiler(const struct options *options)
{
	enum { COPIES = 100, SLOTS_MAX = 65536 };
	struct compile_figures best = {0, 0, 0, 0};
	struct vouch_insn *insns = aligned_alloc(8, SLOTS_MAX * sizeof(*insns));
	struct vouch_program program = {insns, 0, 0};

	if (!insns)
		die("compiler", "out of memory");
	for (unsigned w = 0; w < WORKLOADS; w++) {
		struct object *object = load(options, &workloads[w]);
		const struct vouch_program *one = &object_image(object)->program;

		for (unsigned i = 0; i < COPIES && program.count + one->count <= SLOTS_MAX; i++) {
			memcpy(insns + program.count, one->insns, one->count * sizeof(*insns));
			program.count += one->count;
		}
		object_close(object);
	}
	for (unsigned i = 0; i < options->batches; i++) {
		struct code code;

		if (code_compile(&code, &program) != VOUCH_OK)
			die("compiler", "the concatenated workloads do not compile");
		if (best.slots == 0 || (double)code.compile_ns < best.ns * (double)program.count)
			best = (struct compile_figures){program.count, code.result.size,
				(double)code.compile_ns / program.count, (double)code.map_ns};
		code_free(&code);
	}
	free(insns);
	return best;
}

struct geomean {
	double log_sum;
	unsigned n;
};

static void add(struct geomean *mean, double value)
{
	if (value > 0) {
		mean->log_sum += log(value);
		mean->n++;
	}
}

static double value_of(struct geomean mean)
{
	return mean.n ? exp(mean.log_sum / mean.n) : 0;
}

static void print_ratio(double ratio, double peer)
{
	if (ratio > 0)
		printf("  %8.2f", ratio);
	else
		printf("  %8s", "-");
	printf(" (%6.2f)", peer);
}

static double ratio(const struct figures *figures, enum engine engine)
{
	return figures->ns[engine] / figures->ns[NATIVE];
}

static void write_json(const struct options *options, const struct figures *figures,
	const struct compile_figures *compiler, double interpreter, double jit)
{
	FILE *file = fopen(options->json, "w");
	const char *separator = "";

	if (!file)
		die(options->json, strerror(errno));
	fprintf(file, "{\n  \"workloads\": {");
	for (unsigned i = 0; i < WORKLOADS; i++) {
		if (figures[i].ns[NATIVE] == 0)
			continue;
		fprintf(file,
			"%s\n    \"%s\": {\"native_ns\": %.1f, \"interpreter\": %.3f, \"jit\": "
			"%.3f, "
			"\"slots\": %zu, \"code_bytes\": %zu, \"ubpf_interpreter\": %.2f, "
			"\"ubpf_jit\": %.2f}",
			separator, workloads[i].name, figures[i].ns[NATIVE],
			ratio(&figures[i], INTERPRETER), ratio(&figures[i], JIT), figures[i].slots,
			figures[i].code_size, workloads[i].peer_interpreter, workloads[i].peer_jit);
		separator = ",";
	}
	fprintf(file, "\n  },\n  \"geomean\": {\"interpreter\": %.3f, \"jit\": %.3f},\n",
		interpreter, jit);
	fprintf(file,
		"  \"compiler\": {\"slots\": %zu, \"ns_per_slot\": %.1f, \"bytes_per_slot\": %.2f, "
		"\"map_ns\": %.0f}\n}\n",
		compiler->slots, compiler->ns,
		compiler->slots ? (double)compiler->code_size / (double)compiler->slots : 0,
		compiler->map_ns);
	if (fclose(file) != 0)
		die(options->json, strerror(errno));
}

static void run(const struct options *options)
{
	struct figures figures[WORKLOADS] = {{{0}, 0, 0}};
	struct compile_figures compiler = {0, 0, 0, 0};
	struct geomean interpreter = {0, 0}, jit = {0, 0};

	printf("Time of one call: native in nanoseconds, Vouch as multiples of native; in "
	       "parentheses ubpf's\n"
	       "(interpreter with bounds checks; JIT without any checks), measured elsewhere, see "
	       "docs/bench.md.\n\n");
	printf("%-12s %12s  %17s  %17s\n", "workload", "native, ns", "interpreter", "JIT");
	for (unsigned i = 0; i < WORKLOADS; i++) {
		if (options->only && strcmp(options->only, workloads[i].name) != 0)
			continue;
		figures[i] = measure(options, &workloads[i]);
		printf("%-12s %12.1f", workloads[i].name, figures[i].ns[NATIVE]);
		print_ratio(ratio(&figures[i], INTERPRETER), workloads[i].peer_interpreter);
		print_ratio(ratio(&figures[i], JIT), workloads[i].peer_jit);
		printf("\n");
		fflush(stdout);
		add(&interpreter, ratio(&figures[i], INTERPRETER));
		add(&jit, ratio(&figures[i], JIT));
	}
	printf("%-12s %12s", "geom. mean", "");
	print_ratio(value_of(interpreter), 49);
	print_ratio(value_of(jit), 1.68);
	printf("\n");
	if (vouch_target_host()) {
		compiler = measure_compiler(options);
		printf("\nJIT: %.0f ns and %.1f bytes of code an instruction slot (%zu slots); "
		       "mapping memory apart, %.1f us\n",
			compiler.ns, (double)compiler.code_size / (double)compiler.slots,
			compiler.slots, compiler.map_ns / 1000);
	}
	if (options->json)
		write_json(options, figures, &compiler, value_of(interpreter), value_of(jit));
}

static const char help[] =
	"Usage: bench [OPTION]...\n"
	"Times the workloads of bench/: interpreted and JITed by Vouch, and native.\n\n"
	"  --only NAME      one workload\n"
	"  --engine NAME    only interpreter or jit, and native\n"
	"  --batches N      batches of each, the fastest counts (7)\n"
	"  --seconds S      length of a batch (0.1)\n"
	"  --json FILE      write the figures\n"
	"  --directory DIR  where the workloads' objects are (build/bench)\n"
	"  --help           this text\n";

int main(int argc, char **argv)
{
	static const struct option names[] = {{"only", 1, 0, 'o'}, {"engine", 1, 0, 'e'},
		{"batches", 1, 0, 'b'}, {"seconds", 1, 0, 's'}, {"json", 1, 0, 'j'},
		{"directory", 1, 0, 'd'}, {"help", 0, 0, 'h'}, {0, 0, 0, 0}};
	struct options options = {.batches = 7, .seconds = 0.1, .directory = "build/bench"};
	int c;

	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (c == 'o')
			options.only = optarg;
		else if (c == 'e')
			options.engine = optarg;
		else if (c == 'b')
			options.batches = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 's')
			options.seconds = strtod(optarg, NULL);
		else if (c == 'j')
			options.json = optarg;
		else if (c == 'd')
			options.directory = optarg;
		else if (c == 'h')
			return fputs(help, stdout) < 0;
		else
			return fputs(help, stderr), 2;
	}
	if (optind < argc || options.batches == 0)
		return fputs(help, stderr), 2;
	run(&options);
	return 0;
}
