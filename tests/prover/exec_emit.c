/* SPDX-License-Identifier: MIT */
/*
 * The executor runs the emitters as compiled for RV64, or for a Cortex-M4, on the model of that
 * machine and on a whole program of constants: the bytes have to be those that the host's own build
 * writes. And what the executor must refuse, it refuses.
 *
 *   exec_emit EMITTERS.elf
 */
#include "prover/exec/convention.h"
#include "vouch/jit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	STACK = 0x200000,
	PROGRAM = 0x210000,
	INSNS = 0x220000,
	BUFFER = 0x230000,
	SCRATCH = 0x240000,
	CODE = 0x250000,
	RETURN = 0x260000
};
enum { SIZE = 0x4000, COUNT = 8 };

/* A loop with a load, a store and a helper call. */
static const struct vouch_insn program[COUNT] = {
	{0x79, 0x10, 8, 0},       /* r0 = *(u64 *)(r1 + 8) */
	{0x07, 0x00, 0, 0x12345}, /* r0 += 0x12345 */
	{0x7b, 0x0a, -16, 0},     /* *(u64 *)(r10 - 16) = r0 */
	{0x85, 0x00, 0, 5},       /* call 5 */
	{0xa5, 0x00, -4, 100},    /* if r0 < 100 goto -4 */
	{0xdb, 0x01, 0, 0x01},    /* r0 = atomic_fetch_add(r1 + 0, r0) */
	{0x9f, 0x10, 1, 0},       /* r0 s%= r1 */
	{0x95, 0x00, 0, 0},       /* exit */
};

struct run {
	const struct image *image;
	const struct convention *convention;
	const char *target; /* symbol */
	uint8_t bytes[SIZE];
	uint64_t status, size;
	unsigned returned, stopped;
	char reason[160];
};

/* In the order of setup(). */
enum { PROGRAM_OBJECT, INSNS_OBJECT, BUFFER_OBJECT, SCRATCH_OBJECT, CODE_OBJECT, STACK_OBJECT };

/* The stack is of pieces: each is a memory of few stores, which are quick. No access crosses them.
 */
enum { STACK_PIECES = 16, PIECE = 64 };

/* An object with these bytes, then zeros. */
static void add_bytes(struct exec *exec, const char *name, uint64_t address, uint64_t size,
	const void *bytes, size_t n, unsigned permissions)
{
	struct exec_object object = {.name = name,
		.base = bv_const(exec->tc, 64, address),
		.size = bv_const(exec->tc, 64, size),
		.permissions = permissions,
		.contents = mem_fill(exec->tc, bv_const(exec->tc, 8, 0))};

	for (size_t i = 0; i < n; i++)
		object.contents = mem_store(exec->tc, object.contents, bv_const(exec->tc, 64, i),
			bv_const(exec->tc, 8, ((const uint8_t *)bytes)[i]));
	exec_object_add(exec, object);
}

/* struct vouch_program, in the words of the machine. */
static size_t describe_program(const struct run *run, uint8_t bytes[16])
{
	const struct {
		uint32_t count, entry;
	} fields = {COUNT, 0};
	const uint64_t insns = INSNS;
	unsigned word = run->convention->word;

	memcpy(bytes, &insns, word);
	memcpy(bytes + word, &fields, sizeof(fields));
	return word + sizeof(fields);
}

static void setup(struct exec *exec, void *user)
{
	struct run *run = user;
	const struct convention *cv = run->convention;
	const uint64_t argument[] = {
		image_address(run->image, run->target), 0, PROGRAM, BUFFER, SIZE, SCRATCH, CODE};
	struct next_argument next = {0};
	unsigned width = convention_bits(cv);
	uint8_t description[16];
	size_t size = describe_program(run, description);

	add_bytes(exec, "program", PROGRAM, SIZE, description, size, OBJECT_READ);
	add_bytes(exec, "insns", INSNS, SIZE, program, sizeof(program), OBJECT_READ);
	add_bytes(exec, "buffer", BUFFER, SIZE, NULL, 0, OBJECT_READ | OBJECT_WRITE);
	add_bytes(exec, "scratch", SCRATCH, SIZE, NULL, 0, OBJECT_READ | OBJECT_WRITE);
	add_bytes(exec, "code", CODE, SIZE, NULL, 0, OBJECT_READ | OBJECT_WRITE);
	for (unsigned i = 1; i <= STACK_PIECES; i++)
		add_bytes(exec, "stack", STACK - i * PIECE, PIECE, NULL, 0,
			OBJECT_READ | OBJECT_WRITE);
	machine_set_pc(exec, bv_const(exec->tc, 64, image_address(run->image, "vouch_compile")));
	*machine_register(exec, cv->link) = bv_const(exec->tc, width, RETURN | cv->code_bit);
	*machine_register(exec, cv->sp) = bv_const(exec->tc, width, STACK - 32);
	for (unsigned i = 0; i < sizeof(argument) / sizeof(argument[0]); i++)
		convention_set_argument(exec, cv, &next, bv_const(exec->tc, width, argument[i]));
}

static enum exec_at at(struct exec *exec, void *user)
{
	(void)user;
	return term_is_value(machine_pc(exec), RETURN) ? EXEC_END : EXEC_STEP;
}

static uint64_t object_value(struct exec *exec, size_t object, uint64_t offset, unsigned bytes)
{
	return term_value(mem_load(exec->tc, exec->state.object[object].contents,
		bv_const(exec->tc, 64, offset), bytes));
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct run *run = user;

	if (end == EXEC_STOPPED) {
		run->stopped++;
		memcpy(run->reason, exec->env.reason, sizeof(run->reason));
		return true;
	}
	run->returned++;
	run->status = term_value(convention_result(exec, run->convention, 32));
	run->size = object_value(exec, CODE_OBJECT, 0, run->convention->word);
	for (uint64_t i = 0; i < run->size && i < SIZE; i++)
		run->bytes[i] = (uint8_t)object_value(exec, BUFFER_OBJECT, i, 1);
	printf("%s: %llu instructions executed, %llu bytes emitted\n", run->target,
		(unsigned long long)exec->state.steps, (unsigned long long)run->size);
	return true;
}

static bool same_bytes(
	const struct image *image, const char *symbol, const struct vouch_target *target)
{
	struct run run = {.image = image, .convention = convention_of(image), .target = symbol};
	const struct exec_client client = {.user = &run, .setup = setup, .at = at, .path = path};
	const struct exec_options options = {
		.machine = run.convention->machine, .image = image, .max_steps = 10000000};
	static uint8_t expected[SIZE];
	uint32_t scratch[VOUCH_JIT_SCRATCH(COUNT)];
	struct vouch_program p = {program, COUNT, 0};
	struct vouch_code code;
	struct terms *tc = terms_new(TERMS_REWRITE);
	struct solver *solver = solver_new(NULL);
	unsigned paths = exec_run(tc, solver, &options, &client);

	solver_free(solver);
	terms_free(tc);
	if (paths != 1 || run.returned != 1) {
		printf("%s: %u paths, stopped: %s\n", symbol, paths, run.reason);
		return false;
	}
	if (vouch_compile(target, 0, &p, expected, SIZE, scratch, &code) != VOUCH_OK ||
		run.status != VOUCH_OK || code.size != run.size ||
		memcmp(expected, run.bytes, code.size) != 0) {
		printf("%s: the executor's bytes are not the host's\n", symbol);
		return false;
	}
	return true;
}

/* What stops a path: tiny functions in machine code would be needed; the map does as well. */

static void setup_no_stack(struct exec *exec, void *user)
{
	setup(exec, user);
	exec->state.object[STACK_OBJECT].permissions = OBJECT_READ;
}

static void setup_no_buffer(struct exec *exec, void *user)
{
	setup(exec, user);
	exec->state.object[BUFFER_OBJECT].size = bv_const(exec->tc, 64, 0);
}

static void setup_unknown_target(struct exec *exec, void *user)
{
	const struct convention *cv = ((const struct run *)user)->convention;

	setup(exec, user);
	*machine_register(exec, cv->argument) = bv_var(exec->tc, "target", convention_bits(cv));
}

static bool refuses(
	const struct image *image, void (*how)(struct exec *exec, void *user), const char *says)
{
	struct run run = {
		.image = image, .convention = convention_of(image), .target = "vouch_rv64"};
	const struct exec_client client = {.user = &run, .setup = how, .at = at, .path = path};
	const struct exec_options options = {
		.machine = run.convention->machine, .image = image, .max_steps = 10000000};
	struct terms *tc = terms_new(TERMS_REWRITE);
	struct solver *solver = solver_new(NULL);

	exec_run(tc, solver, &options, &client);
	solver_free(solver);
	terms_free(tc);
	if (run.returned == 0 && run.stopped > 0 && strstr(run.reason, says))
		return true;
	printf("expected '%s', have '%s'\n", says, run.reason);
	return false;
}

int main(int argc, char **argv)
{
	char error[160];
	struct image *image = argc == 2 ? image_read(argv[1], error, sizeof(error)) : NULL;
	unsigned passed = 0;

	if (!image || !convention_of(image)) {
		fprintf(stderr, "exec_emit: %s\n",
			argc != 2 ? "give the emitters' ELF"
			: image   ? "an ELF for a machine that the executor doesn't know"
				  : error);
		return 2;
	}
	passed += same_bytes(image, "vouch_rv64", vouch_target_named("rv64"));
	passed += same_bytes(image, "vouch_thumb2", vouch_target_named("thumb2"));
	passed += refuses(image, setup_no_stack, "read-only");
	passed += refuses(image, setup_no_buffer, "outside the memory map");
	passed += refuses(image, setup_unknown_target, "outside the memory map");
	image_free(image);
	printf("%u passed, %u failed\n", passed, 5 - passed);
	return passed != 5;
}
