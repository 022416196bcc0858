/* SPDX-License-Identifier: MIT */
/* See compare.h. */
#include "compare.h"
#include "generate.h"
#include "isa/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void compare_world(
	struct world *world, uint64_t seed, const struct vouch_insn *insns, uint32_t count)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15 | 1;

	random_64(&state);
	world_create(world, 1 + random_below(&state, VOUCH_FRAMES_MAX));
	world->seed = seed;
	world->context_size =
		random_below(&state, 4) ? CONTEXT_SIZE : random_below(&state, CONTEXT_SIZE + 1);
	world->context_permissions =
		random_below(&state, 8) ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ;
	world->fuel = random_below(&state, 4) ? 200 : random_below(&state, 8);
	world->entry = random_below(&state, 16) ? 0 : random_below(&state, count);
	/* A second half is no place to start. */
	if (insns[world->entry].opcode == 0)
		world->entry = 0;
}

enum engine compare_engines(struct world *world, const struct vouch_insn *insns, uint32_t count,
	const char **what, enum vouch_status *status)
{
	struct outcome expected, actual;

	world_run(world, ENGINE_INTERPRETER, insns, count, &expected);
	*status = expected.status;
	if (expected.status >= VOUCH_BAD_OPCODE) {
		*what = "being refused";
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
	enum vouch_status status;
	const char *what;

	for (uint32_t pc = 0; pc + 1 < count; pc++) {
		struct vouch_insn saved[2] = {insns[pc], insns[pc + 1]};
		bool wide = vouch_is_wide(&insns[pc]);

		insns[pc] = nop;
		if (wide)
			insns[pc + 1] = nop;
		if (compare_engines(world, insns, count, &what, &status) == ENGINES)
			memcpy(&insns[pc], saved, sizeof(saved));
		pc += wide;
	}
}

void compare_report(struct world *world, uint64_t seed, struct vouch_insn *insns, uint32_t count)
{
	enum vouch_status status;
	const char *what;
	enum engine engine;
	char *text;

	shrink(world, insns, count);
	engine = compare_engines(world, insns, count, &what, &status);
	if (engine == ENGINES)
		what = "nothing, on a second try,";
	text = disasm_program(insns, count, world->entry, NULL);
	fprintf(stderr, "seed %" PRIu64 ", entry %" PRIu32 ": %s differs in the %s\n%s", seed,
		world->entry, what, engine_names[engine % ENGINES], text ? text : "");
	free(text);
}
