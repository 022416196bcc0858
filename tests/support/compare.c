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
		*what = "the checker's verdict";
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

/* Where a slot goes when those from pc to pc + gone - 1 are taken out; theirs is what follows. */
static uint32_t moved(uint32_t slot, uint32_t pc, uint32_t gone)
{
	return slot <= pc ? slot : slot < pc + gone ? pc : slot - gone;
}

/* The distance of a jump at slot `at` after that. */
static int32_t moved_delta(int32_t delta, uint32_t at, uint32_t pc, uint32_t gone)
{
	uint32_t target = at + 1 + (uint32_t)delta;

	return (int32_t)(moved(target, pc, gone) - moved(at, pc, gone) - 1);
}

static void move_jump(struct vouch_insn *insn, uint32_t at, uint32_t pc, uint32_t gone)
{
	const struct vouch_op_info *info = &vouch_ops[vouch_decode(insn)];

	if (info->off == OFF_JUMP)
		insn->off = (int16_t)moved_delta(insn->off, at, pc, gone);
	if (info->imm == IMM_JUMP)
		insn->imm = moved_delta(insn->imm, at, pc, gone);
}

/* The program without the instruction at pc; jumps go where they went. Returns its length. */
static uint32_t without(
	const struct vouch_insn *insns, uint32_t count, uint32_t pc, struct vouch_insn *shorter)
{
	uint32_t gone = vouch_is_wide(&insns[pc]) ? 2 : 1, n = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (i >= pc && i < pc + gone)
			continue;
		shorter[n] = insns[i];
		if (insns[i].opcode != 0)
			move_jump(&shorter[n], i, pc, gone);
		n++;
	}
	return n;
}

/* Take out the instruction at pc if the engines still disagree. */
static bool take_out(struct world *world, struct vouch_insn *insns, uint32_t *count, uint32_t pc)
{
	struct vouch_insn *shorter = malloc(*count * sizeof(*shorter));
	uint32_t entry = world->entry, n;
	enum vouch_status status;
	const char *what;
	enum engine engine;
	bool disagree;

	if (!shorter)
		abort();
	n = without(insns, *count, pc, shorter);
	world->entry = moved(entry, pc, *count - n);
	engine = compare_engines(world, shorter, n, &what, &status);
	disagree = engine != ENGINE_INTERPRETER && engine != ENGINES;
	if (disagree) {
		memcpy(insns, shorter, n * sizeof(*insns));
		*count = n;
	} else {
		world->entry = entry;
	}
	free(shorter);
	return disagree;
}

/* Take out instructions, one after the other, until none can be spared. */
static uint32_t shrink(struct world *world, struct vouch_insn *insns, uint32_t count)
{
	bool shorter;

	do {
		shorter = false;
		for (uint32_t pc = 0; pc < count;)
			if (count > 1 && take_out(world, insns, &count, pc))
				shorter = true;
			else
				pc += vouch_is_wide(&insns[pc]) ? 2 : 1;
	} while (shorter);
	return count;
}

void compare_report(struct world *world, uint64_t seed, struct vouch_insn *insns, uint32_t count)
{
	enum vouch_status status;
	const char *what;
	enum engine engine = compare_engines(world, insns, count, &what, &status);
	char *text;

	/* What is refused may hold anything: it is shown as it is. */
	if (engine != ENGINE_INTERPRETER) {
		count = shrink(world, insns, count);
		engine = compare_engines(world, insns, count, &what, &status);
	}
	text = disasm_program(insns, count, world->entry, NULL);
	fprintf(stderr, "seed %" PRIu64 ", entry %" PRIu32 ", %s: %s is not the same\n%s", seed,
		world->entry, engine < ENGINES ? engine_names[engine] : "all engines",
		what ? what : "nothing", text ? text : "");
	free(text);
}
