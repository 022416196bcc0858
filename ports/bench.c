/* SPDX-License-Identifier: MIT */
/*
 * The workloads of bench/ on a board: how many instructions a run takes interpreted, compiled,
 * hybrid, and as native code. Hybrid code has half the room that a program's instructions take, and
 * is chosen by a counting run. One line for each: name, bytes of input, instructions native,
 * interpreted (by the small interpreter, by the fast one), compiled, hybrid, bytes of compiled code
 * and of hybrid code, bytes of stack that these four engines and compiling take. Every engine has
 * to give the native result.
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
};

/* name, bytes of input: less than on a host where memory is small */
#define WORKLOADS(X)       \
	X(fletcher32, 360) \
	X(bubblesort, 400) \
	X(xorshift, 16)    \
	X(memxor, 8192)    \
	X(muldiv, 16)      \
	X(sieve, 8192)

#define DECLARE(name, size)                                      \
	extern const uint8_t name##_image[], name##_image_end[]; \
	uint64_t native_##name(void *data, uint64_t bytes);
#define ROW(name, size) {#name, name##_image, name##_image_end, native_##name, size},

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
static void fill(size_t size)
{
	uint32_t state = 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 1664525 + 1013904223;
		memory[i] = (uint8_t)(state >> 24);
	}
}

enum engine { NATIVE, INTERPRETER, FAST, JIT, HYBRID, ENGINES };

static enum vouch_status run(const struct workload *workload, enum engine engine, uint64_t *result)
{
	vm.fuel = VOUCH_FUEL_MAX;
	switch (engine) {
	case NATIVE:
		*result = workload->native(memory, workload->size);
		return VOUCH_OK;
	case INTERPRETER:
		return vouch_run(&vm, result);
	case FAST:
		return run_fast(&vm, result);
	case JIT:
		return vouch_run_compiled(&vm, code, result);
	default:
		return vouch_run_hybrid(&vm, &hybrid, result);
	}
}

/* Instructions of one run: of several, if it is short. 0 if a result is wrong. */
static uint64_t measure(const struct workload *workload, enum engine engine)
{
	uint64_t total = 0, runs = 0;

	while (total < MIN_INSTRUCTIONS && runs < 100) {
		uint64_t expected, result;
		enum vouch_status status;

		fill(workload->size);
		run(workload, NATIVE, &expected);
		fill(workload->size);
		port_start_count();
		status = run(workload, engine, &result);
		total += port_count();
		runs++;
		if (status != VOUCH_OK || result != expected)
			return 0;
	}
	return total / runs;
}

static size_t stack_of(const struct workload *workload, enum engine engine)
{
	uint64_t result;

	fill(workload->size);
	stack_paint();
	run(workload, engine, &result);
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
	fill(workload->size);
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
static bool print_numbers(const struct workload *workload, const struct compiled *compiled)
{
	bool well = true;

	port_print(workload->name);
	print_number(workload->size);
	for (unsigned engine = NATIVE; engine < ENGINES; engine++) {
		uint64_t count = measure(workload, (enum engine)engine);

		print_number(count);
		well &= count != 0;
	}
	print_number(compiled->code);
	print_number(compiled->hybrid);
	for (unsigned engine = INTERPRETER; engine < ENGINES; engine++)
		print_number(stack_of(workload, (enum engine)engine));
	print_number(compiled->stack);
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
	       print_numbers(workload, &compiled);
}

int board_main(void)
{
	bool well = true;

	for (size_t i = 0; i < sizeof(workloads) / sizeof(workloads[0]); i++)
		well &= show(&workloads[i]);
	if (!well)
		port_print("WRONG\n");
	return well ? 0 : 1;
}
