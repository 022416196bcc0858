/* SPDX-License-Identifier: MIT */
/*
 * No access succeeds that regions don't permit, none fails that they do, and a fault changes
 * nothing: around every boundary of every region, for every kind and size of access, in every
 * engine.
 */
#include "isa/syntax.h"
#include "support/assemble.h"
#include "support/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct kind {
	enum vouch_op op;
	unsigned size;
	bool writes, atomic;
};

static const struct kind kinds[] = {
	{OP_ldxb, 1, false, false},
	{OP_ldxh, 2, false, false},
	{OP_ldxw, 4, false, false},
	{OP_ldxdw, 8, false, false},
	{OP_ldxsb, 1, false, false},
	{OP_ldxsh, 2, false, false},
	{OP_ldxsw, 4, false, false},
	{OP_stb, 1, true, false},
	{OP_sth, 2, true, false},
	{OP_stw, 4, true, false},
	{OP_stdw, 8, true, false},
	{OP_stxb, 1, true, false},
	{OP_stxh, 2, true, false},
	{OP_stxw, 4, true, false},
	{OP_stxdw, 8, true, false},
	{OP_atomic_add32, 4, true, true},
	{OP_atomic_fetch_or32, 4, true, true},
	{OP_atomic_cmpxchg32, 4, true, true},
	{OP_atomic_xor64, 8, true, true},
	{OP_atomic_fetch_and64, 8, true, true},
	{OP_atomic_xchg64, 8, true, true},
	{OP_atomic_cmpxchg64, 8, true, true},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* All memory that a program of this test may know about. */
struct place {
	uint64_t start, size;
	bool writable;
};

struct map {
	struct place places[8];
	size_t n;
};

static bool permitted(const struct map *map, uint64_t address, unsigned size, bool writes)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct place *place = &map->places[i];

		/* Byte by byte: this is the reference, not the code under test. */
		if (writes && !place->writable)
			continue;
		for (unsigned b = 0; b <= size; b++) {
			if (b == size)
				return true;
			if (address + b < address || address + b < place->start ||
				address + b - place->start >= place->size)
				break;
		}
	}
	return false;
}

static enum vouch_status expected_status(
	const struct map *map, const struct kind *kind, uint64_t address)
{
	if (kind->atomic && address % kind->size != 0)
		return VOUCH_FAULT_ALIGN;
	return permitted(map, address, kind->size, kind->writes) ? VOUCH_OK : VOUCH_FAULT_MEMORY;
}

static void check_access(struct world *world, const struct map *map, const struct kind *kind,
	unsigned base, uint64_t address, int16_t off)
{
	struct code code = {.count = 0};
	unsigned value = base == 6 ? 7 : 6;
	bool is_load = (vouch_ops[kind->op].opcode & 7) == CLASS_LDX;
	bool has_src = vouch_ops[kind->op].src != REG_NONE;
	enum vouch_status expected = expected_status(map, kind, address);

	if (world_skips())
		return;
	put_wide(&code, base, address - (uint64_t)(int64_t)off);
	put(&code, kind->op, is_load ? value : base, is_load ? base : has_src ? value : 0, off, 0);
	put_exit(&code);
	for (enum engine engine = 0; engine < ENGINES; engine++) {
		struct outcome outcome;

		if (!engine_exists(engine))
			continue;
		world_run(world, engine, code.insns, code.count, &outcome);
		if (outcome.status != expected)
			print_error("%s: %s at 0x%llx, off %d: %s, expected %s\n",
				engine_names[engine], vouch_names[kind->op],
				(unsigned long long)address, off, vouch_status_name(outcome.status),
				vouch_status_name(expected));
		assert_int_equal(outcome.status, expected);
		if (expected == VOUCH_OK)
			continue;
		assert_int_equal(outcome.fault.pc, 2);
		assert_true(outcome.fault.address == address);
		assert_int_equal(outcome.fault.size, kind->size);
		assert_int_equal(outcome.fault.write, kind->writes);
		assert_true(outcome.r[base] == address - (uint64_t)(int64_t)off);
		assert_true(outcome.r[value] == 0);
		world_reset(world);
		assert_memory_equal(outcome.context, world->context, CONTEXT_SIZE);
		assert_memory_equal(outcome.writable, world->writable, REGION_SIZE);
		assert_memory_equal(outcome.readonly, world->readonly, REGION_SIZE);
		assert_memory_equal(outcome.stack, world->stack, world->frames * VOUCH_FRAME_SIZE);
	}
}

/* The widest access at -9 ends before the boundary, at 9 it starts beyond. */
static void check_around(struct world *world, const struct map *map, uint64_t boundary)
{
	static const int16_t offs[] = {0, 8, -8, INT16_MAX, INT16_MIN};

	for (unsigned k = 0; k < KINDS; k++)
		for (int delta = -9; delta <= 9; delta++)
			for (unsigned o = 0; o < 5; o++)
				check_access(world, map, &kinds[k], o % 2 ? 1 : 9,
					boundary + (uint64_t)(int64_t)delta, offs[o]);
}

static struct map map_of(const struct world *world)
{
	struct map map = {.n = 0};

	map.places[map.n++] = (struct place){(uintptr_t)world->context, world->context_size,
		world->context_permissions == (VOUCH_READ | VOUCH_WRITE)};
	map.places[map.n++] =
		(struct place){(uintptr_t)world->stack, world->frames * VOUCH_FRAME_SIZE, true};
	for (unsigned i = 0; i < 2; i++)
		map.places[map.n++] =
			(struct place){world->regions[i].start, world->regions[i].size,
				world->regions[i].permissions == (VOUCH_READ | VOUCH_WRITE)};
	return map;
}

static void check_all_boundaries(struct world *world)
{
	struct map map = map_of(world);

	for (size_t i = 0; i < map.n; i++) {
		check_around(world, &map, map.places[i].start);
		check_around(world, &map, map.places[i].start + map.places[i].size);
	}
}

static void every_boundary_of_every_region_is_exact(void **state)
{
	struct world world;

	(void)state;
	world_create(&world, 2);
	check_all_boundaries(&world);
	world_destroy(&world);
}

static void a_read_only_context_cannot_be_written(void **state)
{
	struct world world;

	(void)state;
	world_create(&world, 1);
	world.context_permissions = VOUCH_READ;
	check_all_boundaries(&world);
	world_destroy(&world);
}

static void small_and_empty_contexts_are_exact(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 9; size++) {
		struct world world;
		struct map map;

		world_create(&world, 1);
		world.context_size = size;
		map = map_of(&world);
		check_around(&world, &map, (uintptr_t)world.context);
		world_destroy(&world);
	}
}

static void small_and_empty_regions_are_exact(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 9; size++) {
		struct world world;
		struct map map;

		world_create(&world, 1);
		world.regions[0].size = size;
		map = map_of(&world);
		check_around(&world, &map, (uintptr_t)world.writable);
		world_destroy(&world);
	}
}

/* Two regions side by side permit no access across their border. */
static void adjacent_regions_are_not_joined(void **state)
{
	struct world world;
	struct map map;

	(void)state;
	world_create(&world, 1);
	world.regions[0].size = REGION_SIZE / 2;
	world.regions[1] = (struct vouch_region){(uintptr_t)world.writable + REGION_SIZE / 2,
		REGION_SIZE / 2, VOUCH_READ | VOUCH_WRITE};
	map = map_of(&world);
	check_around(&world, &map, (uintptr_t)world.writable + REGION_SIZE / 2);
	world.regions[1].permissions = VOUCH_READ;
	map = map_of(&world);
	check_around(&world, &map, (uintptr_t)world.writable + REGION_SIZE / 2);
	world_destroy(&world);
}

static void addresses_do_not_wrap_around(void **state)
{
	struct world world;
	struct map map;

	(void)state;
	world_create(&world, 1);
	map = map_of(&world);
	check_around(&world, &map, 0);
	check_around(&world, &map, (uint64_t)1 << 32);
	check_around(&world, &map, (uint64_t)1 << 63);
	/* The same low bits, another high half: where words have 32 bits, that must not be taken
	 * for the region. */
	check_around(&world, &map, (uintptr_t)world.context + ((uint64_t)1 << 32) * 5);
	world_destroy(&world);
}

/* The frames' records lie beyond the stack's top. */
static void frame_records_are_out_of_reach(void **state)
{
	struct world world;
	struct map map;

	(void)state;
	world_create(&world, 4);
	map = map_of(&world);
	for (unsigned i = 0; i < 3; i++)
		check_around(&world, &map,
			(uintptr_t)world.stack + 4 * VOUCH_FRAME_SIZE +
				i * sizeof(struct vouch_frame));
	world_destroy(&world);
}

/* The frame below r10 needs no test in compiled code; everything beside it does. */
static void accesses_relative_to_r10_are_exact(void **state)
{
	struct world world;
	struct map map;

	(void)state;
	world_create(&world, 1);
	map = map_of(&world);
	for (unsigned k = 0; k < KINDS; k++)
		for (int off = -540; off <= 20; off++) {
			struct code code = {.count = 0};
			bool is_load = (vouch_ops[kinds[k].op].opcode & 7) == CLASS_LDX;
			uint64_t address =
				(uintptr_t)world.stack + VOUCH_FRAME_SIZE + (uint64_t)(int64_t)off;

			if (world_skips())
				continue;
			put(&code, kinds[k].op, is_load ? 3 : 10, is_load ? 10 : 0, (int16_t)off,
				0);
			put_exit(&code);
			for (enum engine engine = 0; engine < ENGINES; engine++) {
				struct outcome outcome;

				if (!engine_exists(engine))
					continue;
				world_run(&world, engine, code.insns, code.count, &outcome);
				assert_int_equal(
					outcome.status, expected_status(&map, &kinds[k], address));
			}
		}
	world_destroy(&world);
}

static void region_lookup_agrees_with_a_search_byte_by_byte(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		struct vouch_region regions[6];
		struct map map = {.n = random_below(&random, 7)};
		uint64_t address = random_below(&random, 80), size = random_below(&random, 20);
		uint32_t permissions =
			random_below(&random, 2) ? VOUCH_READ : VOUCH_READ | VOUCH_WRITE;
		uint64_t base = random_below(&random, 4) == 0 ? 0 : UINTPTR_MAX - 100;

		for (size_t r = 0; r < map.n; r++) {
			map.places[r] = (struct place){base + random_below(&random, 60),
				random_below(&random, 40), random_below(&random, 2)};
			regions[r] = (struct vouch_region){(uintptr_t)map.places[r].start,
				(size_t)map.places[r].size,
				map.places[r].writable ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ};
		}
		assert_int_equal(
			vouch_region_find(regions, map.n, base + address, size, permissions),
			size > 0 && permitted(&map, base + address, (unsigned)size,
					    permissions != VOUCH_READ));
	}
	assert_false(vouch_region_find(NULL, 0, 0, 1, VOUCH_READ));
}

static void helpers_get_pointers_only_to_what_the_program_may_touch(void **state)
{
	struct world world;
	struct vouch_config config;
	struct vouch_vm vm;
	struct code code = {.count = 0};

	(void)state;
	put_exit(&code);
	world_create(&world, 2);
	config = world_config(&world, code.insns, code.count);
	assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
	assert_true(vouch_memory(&vm, (uintptr_t)world.context, CONTEXT_SIZE, VOUCH_READ) ==
		    world.context);
	assert_null(vouch_memory(&vm, (uintptr_t)world.context, CONTEXT_SIZE + 1, VOUCH_READ));
	assert_null(vouch_memory(&vm, (uintptr_t)world.context, UINT64_MAX, VOUCH_READ));
	assert_null(vouch_memory(&vm, (uintptr_t)world.context, 0, VOUCH_READ));
	assert_true(vouch_memory(&vm, (uintptr_t)world.readonly + 60, 4, VOUCH_READ) ==
		    world.readonly + 60);
	assert_null(vouch_memory(&vm, (uintptr_t)world.readonly, 1, VOUCH_READ | VOUCH_WRITE));
	assert_true(vouch_memory(&vm, (uintptr_t)world.stack, 1024, VOUCH_READ | VOUCH_WRITE) ==
		    world.stack);
	assert_null(vouch_memory(&vm, (uintptr_t)world.stack, 1025, VOUCH_READ));
	assert_null(vouch_memory(&vm, (uintptr_t)&vm, 1, VOUCH_READ));
	world_destroy(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_boundary_of_every_region_is_exact),
		cmocka_unit_test(a_read_only_context_cannot_be_written),
		cmocka_unit_test(small_and_empty_contexts_are_exact),
		cmocka_unit_test(small_and_empty_regions_are_exact),
		cmocka_unit_test(adjacent_regions_are_not_joined),
		cmocka_unit_test(addresses_do_not_wrap_around),
		cmocka_unit_test(frame_records_are_out_of_reach),
		cmocka_unit_test(accesses_relative_to_r10_are_exact),
		cmocka_unit_test(region_lookup_agrees_with_a_search_byte_by_byte),
		cmocka_unit_test(helpers_get_pointers_only_to_what_the_program_may_touch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
