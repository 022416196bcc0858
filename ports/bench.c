/* SPDX-License-Identifier: MIT */
/*
 * The workloads of bench/ and bench/certrbpf/ on a board: how many instructions a run takes
 * interpreted, compiled, hybrid, and as native code. Hybrid code has half the room that a program's
 * instructions take, and is chosen by a counting run. A line "ram" has the bytes of a vm and of
 * BPF's stack for one function. A line for each workload has its name, bytes of input, instructions
 * native, interpreted (by the small interpreter, by the fast one), compiled, hybrid, bytes of
 * compiled code and of hybrid code, bytes of stack that these four engines and compiling take, the
 * program's slots, bytes of scratch that compiling takes. Every engine has to give the native
 * result and leave the same memory.
 */
#include "port.h"
#include "vouch/image.h"
#include "vouch/jit.h"

enum { INPUT_MAX = 8192, CODE_SIZE = 4096, SLOTS_MAX = 64, MIN_INSTRUCTIONS = 400000 };

static _Alignas(8) uint8_t memory[INPUT_MAX];
static _Alignas(CODE_SIZE) uint8_t code[CODE_SIZE];
static _Alignas(CODE_SIZE) uint8_t hybrid_code[CODE_SIZE];
static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS_MAX)];
static uint32_t counts[SLOTS_MAX], chosen[VOUCH_CHOSEN_WORDS(SLOTS_MAX)];
static const struct vouch_hybrid hybrid = {hybrid_code, scratch, chosen};
static _Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(1)];
static struct vouch_vm vm;

struct workload {
	const char *name;
	const uint8_t *image, *end;
	uint64_t (*native)(void *memory, uint64_t size);
	size_t size;
	uint32_t runs;    /* that are counted at once, more where one is too short for a timer */
	uint32_t head[3]; /* what the input begins with, if not all of it is random */
};

/*
 * name, bytes of input (less than on a host where memory is small), runs that are counted at once,
 * words that the input begins with
 */
#define WORKLOADS(X)                   \
	X(fletcher32, 360, 100, 0)     \
	X(bubblesort, 400, 1, 0)       \
	X(xorshift, 16, 1, 0)          \
	X(memxor, 8192, 1, 0)          \
	X(muldiv, 16, 1, 0)            \
	X(sieve, 8192, 1, 0)           \
	X(incr, 4, 200, 41)            \
	X(square, 4, 200, 156)         \
	X(bitswap, 12, 200, 156, 3, 6) \
	X(fib, 4, 200, 30)             \
	X(memcpy, 280, 100, 0)         \
	X(sock_buffer, 17, 200, 100, 200)

#define DECLARE(name, ...)                                       \
	extern const uint8_t name##_image[], name##_image_end[]; \
	uint64_t native_##name(void *data, uint64_t bytes);
#define ROW(name, size, runs, ...) \
	{#name, name##_image, name##_image_end, native_##name, size, runs, {__VA_ARGS__}},

WORKLOADS(DECLARE)
static const struct workload workloads[] = {WORKLOADS(ROW)};

static void print_number(uint64_t value)
{
	char digits[22], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	*--at = ' ';
	port_print(at);
}

/* The same input for every engine. */
static void fill(const struct workload *workload)
{
	uint32_t state = 1;

	for (size_t i = 0; i < workload->size; i++) {
		state = state * 1664525 + 1013904223;
		memory[i] = (uint8_t)(state >> 24);
	}
	for (size_t i = 0; workload->head[0] && i < workload->size && i < 12; i++)
		memory[i] = (uint8_t)(workload->head[i / 4] >> 8 * (i % 4));
}

/* FNV-1a of what a run left in memory. */
static uint32_t hash_of_memory(const struct workload *workload)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < workload->size; i++)
		hash = (hash ^ memory[i]) * 16777619;
	return hash;
}

/* NOTHING returns at once: what that takes is what counting takes, and isn't the others'. */
enum engine { NOTHING, NATIVE, INTERPRETER, FAST, JIT, HYBRID, ENGINES };

static enum vouch_status nothing(const struct workload *workload, uint64_t *result)
{
	(void)workload;
	(void)result;
	return VOUCH_OK;
}

static enum vouch_status native(const struct workload *workload, uint64_t *result)
{
	*result = workload->native(memory, workload->size);
	return VOUCH_OK;
}

static enum vouch_status interpreted(const struct workload *workload, uint64_t *result)
{
	(void)workload;
	vm.fuel = VOUCH_FUEL_MAX;
	return vouch_run(&vm, result);
}

static enum vouch_status interpreted_fast(const struct workload *workload, uint64_t *result)
{
	(void)workload;
	vm.fuel = VOUCH_FUEL_MAX;
	return run_fast(&vm, result);
}

static enum vouch_status compiled_whole(const struct workload *workload, uint64_t *result)
{
	(void)workload;
	vm.fuel = VOUCH_FUEL_MAX;
	return vouch_run_compiled(&vm, code, result);
}

static enum vouch_status compiled_in_part(const struct workload *workload, uint64_t *result)
{
	(void)workload;
	vm.fuel = VOUCH_FUEL_MAX;
	return vouch_run_hybrid(&vm, &hybrid, result);
}

static enum vouch_status (*const engines[ENGINES])(const struct workload *, uint64_t *) = {
	nothing, native, interpreted, interpreted_fast, compiled_whole, compiled_in_part};

/* What runs one after another leave. */
struct outcome {
	enum vouch_status status;
	uint64_t result;
	uint32_t memory;
	uint64_t count; /* of instructions, for all of them */
};

static struct outcome run(const struct workload *workload, enum engine engine)
{
	struct outcome outcome = {VOUCH_OK, 0, 0, 0};

	fill(workload);
	port_start_count();
	for (uint32_t i = 0; i < workload->runs && outcome.status == VOUCH_OK; i++)
		outcome.status = engines[engine](workload, &outcome.result);
	outcome.count = port_count();
	outcome.memory = hash_of_memory(workload);
	return outcome;
}

/* Instructions of one run: of several, if it is short. 0 if a result is wrong. */
static uint64_t measure(const struct workload *workload, enum engine engine)
{
	uint64_t total = 0, overhead = 0, runs = 0;

	while (total < MIN_INSTRUCTIONS && runs < 100) {
		struct outcome expected = run(workload, NATIVE), outcome = run(workload, engine);

		if (outcome.status != VOUCH_OK || outcome.result != expected.result ||
			outcome.memory != expected.memory)
			return 0;
		overhead += run(workload, NOTHING).count;
		total += outcome.count;
		runs++;
	}
	runs *= workload->runs;
	return (total - overhead + runs / 2) / runs;
}

static size_t stack_of(const struct workload *workload, enum engine engine)
{
	uint64_t result;

	fill(workload);
	stack_paint();
	engines[engine](workload, &result);
	return stack_used();
}

/* Bytes of code and of hybrid code, and of stack that it took to compile. */
struct compiled {
	size_t code, hybrid, stack;
};

static bool compile(const struct vouch_program *program, struct compiled *compiled)
{
	struct vouch_code result;
	enum vouch_status status;

	port_protect(code, sizeof(code), false);
	stack_paint();
	status = vouch_compile(vouch_target_host(), vouch_features_host(), program, code,
		sizeof(code), scratch, &result);
	compiled->stack = stack_used();
	port_protect(code, sizeof(code), true);
	compiled->code = result.size;
	return status == VOUCH_OK;
}

/* What runs most, in half of what it takes to compile all, beside what all code shares. */
static bool compile_hottest(const struct workload *workload, const struct vouch_program *program,
	struct compiled *compiled)
{
	const struct vouch_target *target = vouch_target_host();
	uint32_t features = vouch_features_host();
	struct vouch_code result;
	enum vouch_status status;

	for (uint32_t pc = 0; pc < SLOTS_MAX; pc++)
		counts[pc] = chosen[pc / 32] = 0;
	fill(workload);
	vm.fuel = VOUCH_FUEL_MAX;
	vouch_run_counted(&vm, counts, NULL);
	vouch_compile_chosen(target, features, program, chosen, NULL, 0, scratch, &result);
	vouch_choose(target, features, program, counts, (result.size + compiled->code) / 2, scratch,
		chosen, &result);
	port_protect(hybrid_code, sizeof(hybrid_code), false);
	status = vouch_compile_chosen(target, features, program, chosen, hybrid_code,
		sizeof(hybrid_code), scratch, &result);
	port_protect(hybrid_code, sizeof(hybrid_code), true);
	compiled->hybrid = result.size;
	return status == VOUCH_OK;
}

/* All of a workload's numbers. False if a result is wrong. */
static bool print_numbers(
	const struct workload *workload, const struct compiled *compiled, uint32_t count)
{
	bool well = true;

	port_print(workload->name);
	print_number(workload->size);
	for (unsigned engine = NATIVE; engine < ENGINES; engine++) {
		uint64_t instructions = measure(workload, (enum engine)engine);

		print_number(instructions);
		well &= instructions != 0;
	}
	print_number(compiled->code);
	print_number(compiled->hybrid);
	for (unsigned engine = INTERPRETER; engine < ENGINES; engine++)
		print_number(stack_of(workload, (enum engine)engine));
	print_number(compiled->stack);
	print_number(count);
	print_number(4 * VOUCH_JIT_SCRATCH(count));
	port_print("\n");
	return well;
}

static bool show(const struct workload *workload)
{
	struct vouch_config config = {
		.context = {(uintptr_t)memory, workload->size, VOUCH_READ | VOUCH_WRITE},
		.stack = stack,
		.stack_size = sizeof(stack)};
	struct vouch_image image;
	struct vouch_region regions[2];
	struct compiled compiled;

	if (vouch_image_open(&image, workload->image, (size_t)(workload->end - workload->image)) !=
			VOUCH_OK ||
		image.program.count > SLOTS_MAX)
		return false;
	vouch_image_load(&image, NULL, &config, regions);
	return vouch_init(&vm, &config) == VOUCH_OK && compile(&image.program, &compiled) &&
	       compile_hottest(workload, &image.program, &compiled) &&
	       print_numbers(workload, &compiled, image.program.count);
}

int board_main(void)
{
	bool well = true;

	port_print("ram ");
	print_number(sizeof(vm));
	print_number(sizeof(stack));
	port_print("\n");
	for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
		well &= show(&workloads[i]);
	if (!well)
		port_print("WRONG\n");
	return well ? 0 : 1;
}
