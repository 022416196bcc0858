/* SPDX-License-Identifier: MIT */
/* See world.h. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

const char *const engine_names[ENGINES] = {"interpreter", "interpreter (switch)",
	"interpreter (small)", "JIT", "JIT (base instructions)", "hybrid"};

enum vouch_status run_switch(struct vouch_vm *vm, uint64_t *r0);
enum vouch_status run_small(struct vouch_vm *vm, uint64_t *r0);

static uint64_t helper_mix(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm;
	return a1 * 3 + a2 * 5 + a3 * 7 + a4 * 11 + a5 * 13;
}

/* *(u8 *)a1 = a2, if the program may */
static uint64_t helper_store(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	uint8_t *byte = vouch_memory(vm, a1, 1, VOUCH_READ | VOUCH_WRITE);

	(void)a3;
	(void)a4;
	(void)a5;
	if (byte)
		*byte = (uint8_t)a2;
	return byte != NULL;
}

static uint64_t helper_end(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a2;
	(void)a3;
	(void)a4;
	(void)a5;
	vouch_end(vm);
	return a1 + 1;
}

static uint64_t helper_fail(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a1;
	(void)a3;
	(void)a4;
	(void)a5;
	vouch_fail(vm);
	return a2 + 2;
}

/* Changes every register that C lets it change, as far as the compiler can be made to. */
static uint64_t helper_count(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	volatile uint64_t waste[16];

	(void)vm;
	for (unsigned i = 0; i < 16; i++)
		waste[i] = a1 + i;
	return waste[a2 & 15] + waste[a3 & 15] * waste[a4 & 15] + a5;
}

static const vouch_helper helpers[WORLD_HELPERS] = {
	helper_mix, NULL, helper_store, helper_end, helper_fail, helper_count};

static void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

void world_create(struct world *world, uint32_t frames)
{
	*world = (struct world){.context = allocate(CONTEXT_SIZE),
		.writable = allocate(REGION_SIZE),
		.readonly = allocate(REGION_SIZE),
		.stack = allocate(VOUCH_STACK_SIZE(frames)),
		.context_size = CONTEXT_SIZE,
		.stack_size = VOUCH_STACK_SIZE(frames),
		.context_permissions = VOUCH_READ | VOUCH_WRITE,
		.frames = frames,
		.fuel = 1000,
		.seed = 1};
	world->regions[0] = (struct vouch_region){
		(uintptr_t)world->writable, REGION_SIZE, VOUCH_READ | VOUCH_WRITE};
	world->regions[1] =
		(struct vouch_region){(uintptr_t)world->readonly, REGION_SIZE, VOUCH_READ};
}

void world_destroy(struct world *world)
{
	free(world->context);
	free(world->writable);
	free(world->readonly);
	free(world->stack);
}

static void fill(uint64_t *state, uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		*state = *state * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(*state >> 56);
	}
}

void world_reset(struct world *world)
{
	uint64_t state = world->seed;

	fill(&state, world->context, CONTEXT_SIZE);
	fill(&state, world->writable, REGION_SIZE);
	fill(&state, world->readonly, REGION_SIZE);
	memset(world->stack, 0xa5, world->stack_size);
}

struct vouch_config world_config(
	struct world *world, const struct vouch_insn *insns, uint32_t count)
{
	return (struct vouch_config){.program = {insns, count, world->entry},
		.helpers = helpers,
		.nhelpers = WORLD_HELPERS,
		.context = {(uintptr_t)world->context, world->context_size,
			world->context_permissions},
		.stack = world->stack,
		.stack_size = world->stack_size,
		.regions = world->regions,
		.nregions = 2,
		.data = {(uintptr_t)world->readonly, (uintptr_t)world->writable},
		.fuel = world->fuel};
}

#if defined(__x86_64__) || defined(__riscv) || defined(__aarch64__) || defined(__thumb2__)
#include <sys/mman.h>

/* Room for code, writable or executable, never both. In one mapping: qemu-user does not see writes
 * through another. */
struct code_memory {
	void *start;
	size_t size;
};

static void reserve(struct code_memory *memory, size_t size)
{
	if (memory->start)
		munmap(memory->start, memory->size);
	memory->start = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memory->size = size;
	if (memory->start == MAP_FAILED)
		abort();
}

static void protect(const struct code_memory *memory, int protection)
{
	if (mprotect(memory->start, memory->size, protection) != 0)
		abort();
}

/* chosen: of hybrid mode, or NULL. offsets: out, may be NULL: count words, of hybrid mode. */
static const void *compile(uint32_t features, const struct vouch_program *program,
	const uint32_t *chosen, uint32_t *offsets, enum vouch_status *status)
{
	static struct code_memory memory;
	uint32_t *scratch = allocate(VOUCH_JIT_SCRATCH(program->count) * sizeof(*scratch));
	struct vouch_code code = {.size = 1 << 16};

	/* What is too small the first time is made large enough. */
	for (unsigned tries = 0; tries < 2; tries++) {
		if (memory.size < code.size)
			reserve(&memory, code.size);
		protect(&memory, PROT_READ | PROT_WRITE);
		*status = vouch_compile_chosen(vouch_target_host(), features, program, chosen,
			memory.start, memory.size, scratch, &code);
		if (*status != VOUCH_JIT_SPACE)
			break;
	}
	protect(&memory, PROT_READ | PROT_EXEC);
	if (offsets)
		memcpy(offsets, scratch, program->count * sizeof(*offsets));
	free(scratch);
	if (*status != VOUCH_OK)
		return NULL;
	__builtin___clear_cache((char *)memory.start, (char *)memory.start + code.size);
	return memory.start;
}
#else
static const void *compile(uint32_t features, const struct vouch_program *program,
	const uint32_t *chosen, uint32_t *offsets, enum vouch_status *status)
{
	(void)features;
	(void)program;
	(void)chosen;
	(void)offsets;
	*status = VOUCH_JIT_RANGE;
	return NULL;
}
#endif

bool engine_exists(enum engine engine)
{
	if (engine == ENGINE_JIT || engine == ENGINE_HYBRID)
		return vouch_target_host() != NULL;
	if (engine == ENGINE_JIT_BASE)
		return vouch_target_host() != NULL && vouch_features_host() != 0;
	return true;
}

#ifndef VOUCH_TEST_EVERY
#define VOUCH_TEST_EVERY 1
#endif

bool world_skips(void)
{
	static unsigned programs;

	return programs++ % VOUCH_TEST_EVERY != 0;
}

/* A number that depends on the program and the seed. */
static uint64_t hash(uint64_t seed, const struct vouch_program *program)
{
	const uint8_t *bytes = (const uint8_t *)program->insns;

	for (size_t i = 0; i < program->count * sizeof(*program->insns); i++)
		seed = (seed ^ bytes[i]) * 0x100000001b3;
	return seed;
}

/* One of four ways to choose: half of the instructions, few, most; ranges of any length. */
static void choose(uint64_t state, uint32_t count, uint32_t *chosen)
{
	static const unsigned eighths[4] = {4, 1, 7, 4};
	unsigned way = (unsigned)(state >> 40) % 4;
	bool is_chosen = false;

	memset(chosen, 0, VOUCH_CHOSEN_WORDS(count) * sizeof(*chosen));
	for (uint32_t pc = 0; pc < count; pc++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		if (way < 3 || state >> 61 == 0)
			is_chosen = (state >> 50) % 8 < eighths[way];
		chosen[pc / 32] |= (uint32_t)is_chosen << pc % 32;
	}
}

static enum vouch_status run_hybrid(
	struct vouch_vm *vm, const struct vouch_program *program, uint64_t seed, uint64_t *r0)
{
	uint64_t state = hash(seed, program);
	uint32_t features = state >> 33 & 1 ? vouch_features_host() : 0;
	uint32_t *chosen = allocate(VOUCH_CHOSEN_WORDS(program->count) * sizeof(*chosen));
	uint32_t *offsets = allocate(program->count * sizeof(*offsets));
	struct vouch_hybrid hybrid = {.offsets = offsets, .chosen = chosen};
	enum vouch_status status;

	choose(state, program->count, chosen);
	hybrid.code = compile(features, program, chosen, offsets, &status);
	if (hybrid.code)
		status = vouch_run_hybrid(vm, &hybrid, r0);
	free(chosen);
	free(offsets);
	return status;
}

static enum vouch_status run_compiled(
	struct vouch_vm *vm, uint32_t features, const struct vouch_program *program, uint64_t *r0)
{
	enum vouch_status status;
	const void *code = compile(features, program, NULL, NULL, &status);

	return code ? vouch_run_compiled(vm, code, r0) : status;
}

enum vouch_status world_run_vm(struct vouch_vm *vm, enum engine engine, uint64_t seed, uint64_t *r0)
{
	struct vouch_program program = {vm->insns, vm->count, vm->entry};

	switch (engine) {
	case ENGINE_INTERPRETER:
		return vouch_run(vm, r0);
	case ENGINE_SWITCH:
		return run_switch(vm, r0);
	case ENGINE_SMALL:
		return run_small(vm, r0);
	case ENGINE_HYBRID:
		return run_hybrid(vm, &program, seed, r0);
	default:
		return run_compiled(
			vm, engine == ENGINE_JIT ? vouch_features_host() : 0, &program, r0);
	}
}

void world_run(struct world *world, enum engine engine, const struct vouch_insn *insns,
	uint32_t count, struct outcome *outcome)
{
	struct vouch_config config = world_config(world, insns, count);
	struct vouch_vm vm;

	memset(outcome, 0, sizeof(*outcome));
	world_reset(world);
	outcome->status = vouch_init(&vm, &config);
	if (outcome->status == VOUCH_OK)
		outcome->status = world_run_vm(&vm, engine, world->seed, &outcome->r0);
	memcpy(outcome->r, vm.r, sizeof(vm.r));
	outcome->fault = vm.fault;
	outcome->fuel = vm.fuel;
	outcome->used = vm.used;
	memcpy(outcome->context, world->context, CONTEXT_SIZE);
	memcpy(outcome->writable, world->writable, REGION_SIZE);
	memcpy(outcome->readonly, world->readonly, REGION_SIZE);
	memcpy(outcome->stack, world->stack, world->frames * VOUCH_FRAME_SIZE);
}

const char *outcome_difference(const struct outcome *a, const struct outcome *b)
{
	if (a->status != b->status)
		return "status";
	if (memcmp(&a->fault, &b->fault, sizeof(a->fault)) != 0)
		return "fault details";
	if (a->r0 != b->r0)
		return "r0";
	if (memcmp(a->r, b->r, sizeof(a->r)) != 0)
		return "a register";
	if (a->fuel != b->fuel || a->used != b->used)
		return "fuel";
	if (memcmp(a->context, b->context, sizeof(a->context)) != 0)
		return "context";
	if (memcmp(a->writable, b->writable, sizeof(a->writable)) != 0)
		return "writable region";
	if (memcmp(a->readonly, b->readonly, sizeof(a->readonly)) != 0)
		return "read-only region";
	return memcmp(a->stack, b->stack, sizeof(a->stack)) != 0 ? "stack" : NULL;
}
