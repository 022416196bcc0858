/* SPDX-License-Identifier: MIT */
/* Numbers drawn at random, the same ones in every run: xorshift64*, from a state that is never 0.
 */
#ifndef VOUCH_RANDOM_H
#define VOUCH_RANDOM_H

#include <stdint.h>

static inline uint64_t random_64(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1d;
}

/* 0 to limit - 1 */
static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)((random_64(state) >> 32) * limit >> 32);
}

/* ---- where a program needs but one sequence ---- */

static uint64_t draw_state = 88172645463325252;

static inline uint64_t draw_64(void)
{
	return random_64(&draw_state);
}

static inline uint32_t draw_below(uint32_t limit)
{
	return random_below(&draw_state, limit);
}

/* From low to high in steps; the ends come often. */
static inline int32_t draw_between(int32_t low, int32_t high, int32_t step)
{
	uint32_t steps = (uint32_t)(high - low) / (uint32_t)step;

	switch (draw_below(8)) {
	case 0:
		return low;
	case 1:
		return high;
	default:
		return low + (int32_t)draw_below(steps + 1) * step;
	}
}

/* What a register may hold: numbers of all sizes and either sign, and where things change. */
static inline uint64_t draw_value(void)
{
	static const uint64_t corners[] = {0, 1, 2, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80,
		0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001,
		0xfffffffe, 0xffffffff, 0x100000000, INT64_MAX, 0x8000000000000000,
		0xffffffff80000000, UINT64_MAX};

	switch (draw_below(4)) {
	case 0:
		return draw_64();
	case 1:
		return draw_64() >> draw_below(64);
	case 2:
		return (uint64_t)((int64_t)draw_64() >> draw_below(64));
	default:
		return corners[draw_below(sizeof(corners) / sizeof(corners[0]))];
	}
}

#endif
