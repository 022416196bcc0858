/* SPDX-License-Identifier: MIT */
/*
 * A vm with everything that a program needs around it: context, stack, data, maps, helpers. Each
 * piece of memory that a program may touch is an allocation of exactly its size, so that
 * AddressSanitizer would see any access that isolation lets slip.
 */
#ifndef VOUCH_CLI_MACHINE_H
#define VOUCH_CLI_MACHINE_H

#include "hex.h"
#include "input.h"
#include "maps.h"
#include "vouch/vouch.h"

/* Taken backward jumps and calls that a run may take unless told otherwise: some seconds. */
#define MACHINE_FUEL 1000000000u

/* What a watched run keeps account of, see trace.h. */
struct tracer {
	const struct input *input; /* whose instructions are printed; NULL: count only */
	uint32_t *counts;          /* a word for each slot, or NULL */
	uint64_t instructions;     /* started */
	uint64_t lowest;           /* r10 */
	bool pending;              /* an instruction's effect is not printed yet */
	uint32_t pc;
	uint64_t before[VOUCH_REGISTERS];
};

struct machine {
	struct vouch_vm vm;
	struct bytes context;
	uint8_t *stack;
	uint8_t *rodata, *ram;
	struct map *maps;
	size_t nmaps;
	struct vouch_region *regions;
	const char **region_names;
	size_t nregions;
	uint64_t random;   /* state of get_prandom_u32 */
	char refusal[160]; /* what a helper had against its arguments; empty: nothing */
	struct tracer tracer;
};

/*
 * Set up a machine for a program; the context's bytes become the machine's. seed: for random
 * numbers. Returns what vouch_init() does, with the details in vm.fault. machine_destroy() is owed
 * in any case.
 */
enum vouch_status machine_create(struct machine *machine, const struct input *input,
	struct bytes context, size_t fuel, uint64_t seed);
void machine_destroy(struct machine *machine);

/*
 * The map that a program means by this handle; NULL if none. Handles are small numbers, no
 * addresses; a made-up one gets a program no further than another map of its own.
 */
struct map *machine_map(struct machine *machine, uint64_t handle);

/* The whole memory that programs know by a name: context, stack, data, each map. */
struct machine_region {
	const char *name;
	bool is_map;
	struct vouch_region region;
};

/* The i-th of them, perhaps empty; false if there are no more. */
bool machine_region(const struct machine *machine, size_t i, struct machine_region *region);

#endif
