/* SPDX-License-Identifier: MIT */
/*
 * Jumps, as the RISC-V emitters write them, the range checked for every one. Near code is at most
 * NEAR bytes, which jal spans; far code (jit->far) jumps by auipc and jalr, which take t6: emitters
 * keep nothing in it.
 */
#ifndef VOUCH_RV_JUMP_H
#define VOUCH_RV_JUMP_H

#include "jit/rv/encode.h"

enum { FAR = T6, NEAR = 1 << 20 };

/* The driver keeps offsets below 2^31. */
static inline int32_t distance_to(const struct jit *jit, uint32_t target)
{
	return (int32_t)(target - jit->pos);
}

/* A distance that has to fit; while measuring, offsets are guesses. */
static inline int32_t near_distance(struct jit *jit, int32_t distance, unsigned bits)
{
	if (jit->out && !rv_fits(distance, bits))
		jit_fail(jit, VOUCH_JIT_RANGE);
	return distance;
}

/*
 * A value as lui or auipc and a 12-bit signed immediate add it up, modulo 2^32. That immediate may
 * be negative: then the upper part is one more.
 */
static inline int32_t low_part(int32_t value)
{
	return ((value & 0xfff) ^ 0x800) - 0x800;
}

static inline int32_t high_part(int32_t value)
{
	return (int32_t)((uint32_t)value + 0x800) >> 12;
}

/* goto target, from anywhere; link: ra, or x0 for none */
static inline void emit_jump_far(struct jit *jit, unsigned link, uint32_t target)
{
	int32_t distance = distance_to(jit, target);

	if (distance > INT32_MAX - 0x800)
		jit_fail(jit, VOUCH_JIT_RANGE);
	emit32(jit, rv_auipc(FAR, high_part(distance)));
	emit32(jit, rv_jalr(link, FAR, low_part(distance)));
}

/* goto target */
static inline void emit_jump(struct jit *jit, uint32_t target)
{
	int32_t distance;

	if (jit->far) {
		emit_jump_far(jit, ZERO, target);
		return;
	}
	distance = near_distance(jit, distance_to(jit, target), 21);
	emit_either(jit, rv_fits(distance, 12), rv_c_j(distance), rv_jal(ZERO, distance));
}

/* if (rs1 condition rs2) goto target: where a branch doesn't reach, it skips a jump */
static inline void emit_branch(
	struct jit *jit, unsigned condition, unsigned rs1, unsigned rs2, uint32_t target)
{
	int32_t distance = distance_to(jit, target);
	bool is_zero_test = condition <= BNE && rv_is_primed(rs1) && rs2 == ZERO;

	if (jit->far) {
		emit32(jit, rv_branch(condition ^ 1, rs1, rs2, 12));
		emit_jump_far(jit, ZERO, target);
	} else if (rv_fits(distance, 13)) {
		emit_either(jit, is_zero_test && rv_fits(distance, 9),
			rv_c_branch_zero(condition, rs1, distance),
			rv_branch(condition, rs1, rs2, distance));
	} else {
		emit32(jit, rv_branch(condition ^ 1, rs1, rs2, 8));
		emit32(jit, rv_jal(ZERO, near_distance(jit, distance_to(jit, target), 21)));
	}
}

#endif
