/* SPDX-License-Identifier: MIT */
/*
 * Generated programs mean the same in every engine: status, registers, memory, fault details and fuel. A program that does
 * not is made shorter while it still fails, and printed.
 *
 *   test_differential [PROGRAMS [FIRST_SEED]]
 */
#include "isa/text.h"
#include "support/generate.h"
#include "support/world.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t programs = 200000, first_seed = 1;

struct counts {
	uint64_t by_status[VOUCH_STATUS_COUNT];
};

/* The world of a seed: sizes, permissions, fuel and frames vary. */
static void vary(struct world *world, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15 | 1;

	random_64(&state);
	world_create(world, 1 + random_below(&state, VOUCH_FRAMES_MAX));
	world->seed = seed;
	world->context_size = random_below(&state, 4) ? CONTEXT_SIZE : random_below(&state, CONTEXT_SIZE + 1);
	world->context_permissions = random_below(&state, 8) ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ;
	world->fuel = random_below(&state, 4) ? 200 : random_below(&state, 8);
}

/* The first engine that disagrees with the interpreter; ENGINES if none does. */
static enum engine first_difference(struct world *world, const struct vouch_insn *insns, uint32_t count,
	const char **what, struct counts *counts)
{
	struct outcome expected, actual;

	world_run(world, ENGINE_INTERPRETER, insns, count, &expected);
	if (counts)
		counts->by_status[expected.status]++;
	if (expected.status >= VOUCH_BAD_OPCODE) {
		*what = "refused";
		return ENGINE_INTERPRETER;
	}
	for (enum engine engine = ENGINE_SWITCH; engine < ENGINES; engine++) {
		if (!engine_exists(engine))
			continue;
		world_run(world, engine, insns, count, &actual);
		*what = outcome_difference(&expected, &actual);
		if (*what)
			return engine;
	}
	return ENGINES;
}

/* Replace instructions by jumps to the next one while the engines still disagree. */
static void shrink(struct world *world, struct vouch_insn *insns, uint32_t count)
{
	const struct vouch_insn nop = {.opcode = OPCODE_JA};
	const char *what;

	for (uint32_t pc = 0; pc + 1 < count; pc++) {
		struct vouch_insn saved[2] = {insns[pc], insns[pc + 1]};
		bool wide = vouch_is_wide(&insns[pc]);

		insns[pc] = nop;
		if (wide)
			insns[pc + 1] = nop;
		if (first_difference(world, insns, count, &what, NULL) == ENGINES)
			memcpy(&insns[pc], saved, sizeof(saved));
		pc += wide;
	}
}

static void report(struct world *world, uint64_t seed, struct vouch_insn *insns, uint32_t count)
{
	const char *what = "";
	enum engine engine;
	char *text;

	shrink(world, insns, count);
	engine = first_difference(world, insns, count, &what, NULL);
	text = disasm_program(insns, count, 0, NULL);
	print_error("seed %" PRIu64 ": %s differs in the %s\n%s", seed, what, engine_names[engine % ENGINES],
		text ? text : "");
	free(text);
}

static void engines_agree_on_generated_programs(void **state)
{
	struct counts counts = {{0}};

	(void)state;
	for (uint64_t i = 0; i < programs; i++) {
		struct vouch_insn insns[PROGRAM_MAX];
		uint64_t seed = first_seed + i;
		uint32_t count = generate(seed, insns, i % 16 ? 48 : PROGRAM_MAX);
		struct world world;
		const char *what;
		bool agree;

		vary(&world, seed);
		agree = first_difference(&world, insns, count, &what, &counts) == ENGINES;
		if (!agree)
			report(&world, seed, insns, count);
		world_destroy(&world);
		assert_true(agree);
		if ((i + 1) % 50000 == 0) {
			print_message("  %" PRIu64 " of %" PRIu64 " programs\n", i + 1, programs);
			fflush(stdout);
		}
	}
	for (unsigned status = 0; status < VOUCH_STATUS_COUNT; status++)
		if (counts.by_status[status])
			print_message("  %-14s %" PRIu64 "\n", vouch_status_name((enum vouch_status)status),
				counts.by_status[status]);
	/* A corpus in which hardly anything runs to its end would test little. */
	assert_true(programs < 1000 || counts.by_status[VOUCH_OK] > programs / 20);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(engines_agree_on_generated_programs)};

	if (argc > 1)
		programs = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		first_seed = strtoull(argv[2], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
