/* SPDX-License-Identifier: MIT */
/* See world.h. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

const char *const engine_names[ENGINES] = {
	"interpreter", "interpreter (switch)", "JIT", "JIT (base instructions)"};

enum vouch_status run_switch(struct vouch_vm *vm, uint64_t *r0);

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

const void *world_compile(
	uint32_t features, const struct vouch_program *program, enum vouch_status *status)
{
	static struct code_memory memory;
	uint32_t *scratch = allocate(VOUCH_JIT_SCRATCH(program->count) * sizeof(*scratch));
	struct vouch_code code = {.size = 1 << 16};

	/* What is too small the first time is made large enough. */
	for (unsigned tries = 0; tries < 2; tries++) {
		if (memory.size < code.size)
			reserve(&memory, code.size);
		protect(&memory, PROT_READ | PROT_WRITE);
		*status = vouch_compile(vouch_target_host(), features, program, memory.start,
			memory.size, scratch, &code);
		if (*status != VOUCH_JIT_SPACE)
			break;
	}
	protect(&memory, PROT_READ | PROT_EXEC);
	free(scratch);
	if (*status != VOUCH_OK)
		return NULL;
	__builtin___clear_cache((char *)memory.start, (char *)memory.start + code.size);
	return memory.start;
}
#else
const void *world_compile(
	uint32_t features, const struct vouch_program *program, enum vouch_status *status)
{
	(void)features;
	(void)program;
	*status = VOUCH_JIT_RANGE;
	return NULL;
}
#endif

bool engine_exists(enum engine engine)
{
	if (engine == ENGINE_JIT)
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

void world_run(struct world *world, enum engine engine, const struct vouch_insn *insns,
	uint32_t count, struct outcome *outcome)
{
	struct vouch_config config = world_config(world, insns, count);
	struct vouch_vm vm;
	const void *code;

	memset(outcome, 0, sizeof(*outcome));
	world_reset(world);
	outcome->status = vouch_init(&vm, &config);
	if (outcome->status == VOUCH_OK) {
		switch (engine) {
		case ENGINE_INTERPRETER:
			outcome->status = vouch_run(&vm, &outcome->r0);
			break;
		case ENGINE_SWITCH:
			outcome->status = run_switch(&vm, &outcome->r0);
			break;
		default:
			code = world_compile(engine == ENGINE_JIT ? vouch_features_host() : 0,
				&config.program, &outcome->status);
			if (code)
				outcome->status = vouch_run_compiled(&vm, code, &outcome->r0);
			break;
		}
	}
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
