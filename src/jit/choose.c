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

static bool fits(struct search *s, enum vouch_status *status)
{
	*status = vouch_compile_chosen(
		s->target, s->features, s->program, s->chosen, NULL, 0, s->scratch, s->code);
	return *status == VOUCH_OK && s->code->size <= s->size;
}

enum vouch_status vouch_choose(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, const uint32_t *counts, size_t size, uint32_t *scratch,
	uint32_t *chosen, struct vouch_code *code)
{
	struct search s = {target, features, program, counts, size, scratch, chosen, code};
	uint32_t low = 0, high = UINT32_MAX, first = 0, last = program->count;
	enum vouch_status status;

	/* The lowest count above which all fits: it is high, or low when there is nothing between.
	 */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		take(&s, middle, 0);
		if (fits(&s, &status))
			high = middle;
		else if (status != VOUCH_OK && status != VOUCH_JIT_RANGE)
			return status;
		else
			low = middle + 1;
	}
	/* Then how many of that count. */
	while (first < last) {
		uint32_t middle = last - (last - first) / 2;

		take(&s, high, middle);
		if (fits(&s, &status))
			first = middle;
		else
			last = middle - 1;
	}
	take(&s, high, first);
	fits(&s, &status);
	return status;
}
