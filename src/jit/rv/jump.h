/* SPDX-License-Identifier: MIT */
/*
 * Jumps, as the RISC-V emitters write them: the form by the distance, the range checked for every
 * one. What reaches farthest, auipc and jalr, takes t6, which emitters keep nothing in.
 */
#ifndef VOUCH_RV_JUMP_H
#define VOUCH_RV_JUMP_H

#include "jit/rv/encode.h"

enum { FAR = T6 };

/* Jumps to offsets in the code: the shortest form that reaches, or the longest if jit->far. */

static inline int64_t distance_to(const struct jit *jit, uint32_t target)
{
	return (int64_t)target - jit->pos;
}

static inline bool reaches(const struct jit *jit, int64_t distance, unsigned bits)
{
	return !jit->far && rv_fits(distance, bits);
}

/*
 * A distance as auipc and a 12-bit signed immediate add it up. What is within reach is 32 bits,
 * moved down by half the range of the immediate.
 */
static inline int32_t high_part(struct jit *jit, int64_t distance)
{
	if (!rv_fits(distance + 0x800, 32))
		jit_fail(jit, VOUCH_JIT_RANGE);
	return (int32_t)((distance + 0x800) >> 12);
}

static inline int32_t low_part(int64_t value)
{
	return (int32_t)((value & 0xfff) ^ 0x800) - 0x800;
}

/* goto target, from anywhere; link: ra, or x0 for none */
static inline void emit_jump_far(struct jit *jit, unsigned link, uint32_t target)
{
	int64_t distance = distance_to(jit, target);

	emit32(jit, rv_auipc(FAR, high_part(jit, distance)));
	emit32(jit, rv_jalr(link, FAR, low_part(distance)));
}

/* goto target */
static inline void emit_jump(struct jit *jit, uint32_t target)
{
	int64_t distance = distance_to(jit, target);

	if (reaches(jit, distance, 21))
		emit_either(jit, rv_fits(distance, 12), rv_c_j((int32_t)distance),
			rv_jal(ZERO, (int32_t)distance));
	else
		emit_jump_far(jit, ZERO, target);
}

/* if (rs1 condition rs2) goto target */
static inline void emit_branch(
	struct jit *jit, unsigned condition, unsigned rs1, unsigned rs2, uint32_t target)
{
	int64_t distance = distance_to(jit, target);
	bool is_zero_test = condition <= BNE && rv_is_primed(rs1) && rs2 == ZERO;

	if (reaches(jit, distance, 13)) {
		emit_either(jit, is_zero_test && rv_fits(distance, 9),
			rv_c_branch_zero(condition, rs1, (int32_t)distance),
			rv_branch(condition, rs1, rs2, (int32_t)distance));
	} else if (reaches(jit, distance - 4, 21)) {
		emit32(jit, rv_branch(condition ^ 1, rs1, rs2, 8));
		emit32(jit, rv_jal(ZERO, (int32_t)(distance - 4)));
	} else {
		emit32(jit, rv_branch(condition ^ 1, rs1, rs2, 12));
		emit_jump_far(jit, ZERO, target);
	}
}

#endif
