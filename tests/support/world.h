/* SPDX-License-Identifier: MIT */
/*
 * A small world to run programs in: a context, a writable region, a read-only one, a stack,
 * helpers; the same for every engine. What a run leaves behind can be compared whole.
 */
#ifndef VOUCH_TEST_WORLD_H
#define VOUCH_TEST_WORLD_H

#include "isa/isa.h"
#include "vouch/jit.h"

enum { CONTEXT_SIZE = 256, REGION_SIZE = 64, WORLD_HELPERS = 6, PROGRAM_MAX = 256 };

/* Helpers of the world, by id. 1 does not exist. */
enum {
	HELPER_MIX = 0,
	HELPER_ABSENT = 1,
	HELPER_STORE = 2,
	HELPER_END = 3,
	HELPER_FAIL = 4,
	HELPER_COUNT = 5
};

enum engine {
	ENGINE_INTERPRETER,
	ENGINE_SWITCH,
	ENGINE_SMALL,
	ENGINE_JIT,
	ENGINE_JIT_BASE,
	ENGINE_HYBRID,
	ENGINES
};

struct world {
	uint8_t *context, *writable, *readonly, *stack; /* exact allocations */
	size_t context_size, stack_size;
	uint32_t context_permissions;
	uint32_t frames;
	uint32_t entry; /* pc at which programs start */
	struct vouch_region regions[2];
	size_t fuel;
	uint64_t seed; /* of the memory's contents */
};

struct outcome {
	enum vouch_status status;
	uint64_t r0, r[VOUCH_REGISTERS];
	struct vouch_fault fault;
	size_t fuel, used;
	uint8_t context[CONTEXT_SIZE], writable[REGION_SIZE], readonly[REGION_SIZE];
	uint8_t stack[VOUCH_FRAMES_MAX * VOUCH_FRAME_SIZE];
};

extern const char *const engine_names[ENGINES];

void world_create(struct world *world, uint32_t frames);
void world_destroy(struct world *world);

/* Fill the memory with bytes that depend on the seed only. */
void world_reset(struct world *world);

/* A config for a program in this world. */
struct vouch_config world_config(
	struct world *world, const struct vouch_insn *insns, uint32_t count);

/* True if this host has the engine. */
bool engine_exists(enum engine engine);

/* True for all but one in VOUCH_TEST_EVERY of a large test's programs. It is 1, but where boards
 * are emulated: that takes its time. */
bool world_skips(void);

/*
 * Reset the world and run. What vouch_init() refuses is in outcome->status and fault. A JIT that
 * cannot compile is reported as status VOUCH_JIT_*.
 */
void world_run(struct world *world, enum engine engine, const struct vouch_insn *insns,
	uint32_t count, struct outcome *outcome);

/* Run what a vm was initialised with. seed: picks what is compiled in hybrid mode. Code is in
 * memory that the next run overwrites. */
enum vouch_status world_run_vm(
	struct vouch_vm *vm, enum engine engine, uint64_t seed, uint64_t *r0);

/* NULL if two outcomes are the same; else what differs. */
const char *outcome_difference(const struct outcome *a, const struct outcome *b);

#endif
