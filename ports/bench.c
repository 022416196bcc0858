/* SPDX-License-Identifier: MIT */
/*
 * The workloads of bench/ on a board: how many instructions a run takes interpreted, compiled, and
 * as native code. One line for each: name, bytes of input, instructions native, interpreted,
 * compiled, bytes of compiled code, bytes of stack that interpreting, running compiled code and
 * compiling take. Every engine has to give the native result.
 */
#include "port.h"
#include "vouch/image.h"
#include "vouch/jit.h"

enum { INPUT_MAX = 8192, CODE_SIZE = 4096, SLOTS_MAX = 64, MIN_INSTRUCTIONS = 400000 };

static _Alignas(8) uint8_t memory[INPUT_MAX];
static _Alignas(CODE_SIZE) uint8_t code[CODE_SIZE];
static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS_MAX)];
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

enum engine { NATIVE, INTERPRETER, JIT };

static enum vouch_status run(const struct workload *workload, enum engine engine, uint64_t *result)
{
	vm.fuel = VOUCH_FUEL_MAX;
	switch (engine) {
	case NATIVE:
		*result = workload->native(memory, workload->size);
		return VOUCH_OK;
	case INTERPRETER:
		return vouch_run(&vm, result);
	default:
		return vouch_run_compiled(&vm, code, result);
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

static bool show(const struct workload *workload)
{
	struct vouch_config config = {
		.context = {(uintptr_t)memory, workload->size, VOUCH_READ | VOUCH_WRITE},
		.stack = stack,
		.stack_size = sizeof(stack)};
	struct vouch_image image;
	struct vouch_region regions[2];
	struct vouch_code compiled;
	uint64_t counts[3];
	size_t compiling;

	if (vouch_image_open(&image, workload->image, (size_t)(workload->end - workload->image)) !=
			VOUCH_OK ||
		image.program.count > SLOTS_MAX)
		return false;
	vouch_image_load(&image, NULL, &config, regions);
	port_protect(code, sizeof(code), false);
	stack_paint();
	if (vouch_init(&vm, &config) != VOUCH_OK ||
		vouch_compile(vouch_target_host(), vouch_features_host(), &image.program, code,
			sizeof(code), scratch, &compiled) != VOUCH_OK)
		return false;
	compiling = stack_used();
	port_protect(code, sizeof(code), true);
	port_print(workload->name);
	print_number(workload->size);
	for (unsigned engine = NATIVE; engine <= JIT; engine++) {
		counts[engine] = measure(workload, (enum engine)engine);
		print_number(counts[engine]);
	}
	print_number(compiled.size);
	print_number(stack_of(workload, INTERPRETER));
	print_number(stack_of(workload, JIT));
	print_number(compiling);
	port_print("\n");
	return counts[NATIVE] != 0 && counts[INTERPRETER] != 0 && counts[JIT] != 0;
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
