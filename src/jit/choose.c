/* SPDX-License-Identifier: MIT */
/*
 * What to compile where not everything fits: the instructions that are run most. They are in order,
 * the most frequent first and of equals the first in the program; a prefix of that order is
 * given by its last instruction's count and pc. Instructions of a loop's body that are always run
 * together have the same count, so they are chosen together as long as there is room.
 *
 * Code grows with the prefix, nearly: handing over to the interpreter takes bytes, too, and is
 * saved where what follows is chosen. So the search by halves need not find the longest prefix that
 * fits, but what it finds fits.
 *
 * Passing from one engine to the other and back takes about as long as interpreting four
 * instructions. How often a prefix makes a run do so is estimated from the counts, and those of the
 * last count are left out, or all, if they cost more than they save: half of a small loop is worth
 * nothing.
 */
#include "jit.h"

struct search {
	const struct vouch_target *target;
	uint32_t features;
	const struct vouch_program *program;
	const uint32_t *counts;
	size_t size;
	uint32_t *scratch, *chosen;
	struct vouch_code *code;
	enum vouch_status status; /* of the last that was measured */
};

/* The prefix of all that is run more than `count` times, and of what is run so often before `pc`.
 */
static void take(struct search *s, uint32_t count, uint32_t pc)
{
	for (size_t i = 0; i < VOUCH_CHOSEN_WORDS(s->program->count); i++)
		s->chosen[i] = 0;
	for (uint32_t i = 0; i < s->program->count; i++)
		if (s->counts[i] > count || (s->counts[i] == count && count > 0 && i < pc))
			s->chosen[i / 32] |= 1u << i % 32;
}

static bool fits(struct search *s)
{
	s->status = vouch_compile_chosen(
		s->target, s->features, s->program, s->chosen, NULL, 0, s->scratch, s->code);
	return s->status == VOUCH_OK && s->code->size <= s->size;
}

/* In instructions that are interpreted: from compiled code to the interpreter, or back. */
#define PASSING 2

/* What it costs that a run may go from one instruction to another. */
static int64_t cost(const struct search *s, uint32_t from, uint32_t to)
{
	uint32_t a = s->counts[from], b = s->counts[to];

	return jit_has_bit(s->chosen, from) == jit_has_bit(s->chosen, to)
	               ? 0
	               : PASSING * (int64_t)(a < b ? a : b);
}

/* How many instructions less are interpreted, at what cost. */
static int64_t gain(const struct search *s)
{
	const struct vouch_program *program = s->program;
	int64_t total = 0;

	for (uint32_t pc = 0; pc < program->count; pc++) {
		uint32_t next = pc + 1 + vouch_is_wide(&program->insns[pc]), target;

		total += jit_has_bit(s->chosen, pc) ? s->counts[pc] : 0;
		if (jit_goes_on(&program->insns[pc]))
			total -= cost(s, pc, next);
		if (jit_has_target(program, pc, &target))
			total -= cost(s, pc, target);
		pc = next - 1;
	}
	return total;
}

static uint32_t highest(const struct search *s)
{
	uint32_t count = 0;

	for (uint32_t pc = 0; pc < s->program->count; pc++)
		if (s->counts[pc] > count)
			count = s->counts[pc];
	return count;
}

/* The lowest count such that all that is run more often fits. */
static uint32_t find_count(struct search *s)
{
	uint32_t low = 0, high = highest(s);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		take(s, middle, 0);
		if (fits(s))
			high = middle;
		else
			low = middle + 1;
	}
	return high;
}

/* How far in the program those of just this count fit, too. */
static uint32_t find_end(struct search *s, uint32_t count)
{
	uint32_t low = 0, high = s->program->count;

	while (low < high) {
		uint32_t middle = high - (high - low) / 2;

		take(s, count, middle);
		if (fits(s))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

enum vouch_status vouch_choose(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, const uint32_t *counts, size_t size, uint32_t *scratch,
	uint32_t *chosen, struct vouch_code *code)
{
	struct search s = {
		target, features, program, counts, size, scratch, chosen, code, VOUCH_OK};
	uint32_t count, end;
	int64_t most;

	/* Nothing: whether the program can be compiled at all, and what it takes at least. */
	take(&s, UINT32_MAX, 0);
	if (!fits(&s))
		return s.status == VOUCH_OK ? VOUCH_JIT_SPACE : s.status;
	count = find_count(&s);
	end = find_end(&s, count);
	take(&s, count, end);
	most = gain(&s);
	take(&s, count, 0);
	if (gain(&s) >= most) {
		most = gain(&s);
		end = 0;
	}
	take(&s, most > 0 ? count : UINT32_MAX, end);
	fits(&s);
	return s.status;
}
