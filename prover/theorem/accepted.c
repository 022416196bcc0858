/* SPDX-License-Identifier: MIT */
/* See accepted.h. RFC 9669 and docs/semantics.md, "What is refused when a program is loaded". */
#include "prover/theorem/accepted.h"

static term is(const struct slot *s, term field, uint64_t value)
{
	return term_eq(s->tc, field, bv_const(s->tc, field->width, value));
}

static term register_ok(const struct slot *s, term field, unsigned use)
{
	if (use == REG_NONE)
		return is(s, field, 0);
	return bv_ule(s->tc, field, bv_const(s->tc, 4, use == REG_R ? 10 : 9));
}

/* The slot that a jump by `delta` leads to is in the program, and an instruction's first. */
static term jump_ok(const struct slot *s, term delta)
{
	struct terms *tc = s->tc;
	term pc = bv_zext(tc, 64, s->pc), distance = bv_add_c(tc, bv_sext(tc, 64, delta), 1);
	term target = bv_add(tc, pc, distance);
	term in_program = bv_ult(tc, target, bv_zext(tc, 64, s->count)); /* nor negative */

	return bool_and(tc, in_program, bool_from_bv(tc, s->opcode_at(s->user, pc, distance)));
}

/* `slots` after this one is still in the program. */
static term inside(const struct slot *s, unsigned slots)
{
	return bv_ult(s->tc, bv_add_c(s->tc, bv_zext(s->tc, 64, s->pc), slots),
		bv_zext(s->tc, 64, s->count));
}

/* A second slot, with nothing but an immediate. */
static term second_ok(const struct slot *s)
{
	return bool_and(s->tc, inside(s, 1), is(s, bv_trunc(s->tc, 32, s->second), 0));
}

static term imm_ok(const struct slot *s, const struct vouch_op_info *info)
{
	struct terms *tc = s->tc;

	switch (info->imm) {
	case IMM_ZERO:
		return is(s, s->imm, 0);
	case IMM_SEL:
		return is(s, s->imm, info->value);
	case IMM_JUMP:
		return jump_ok(s, s->imm);
	case IMM_HELPER:
		return bool_or(tc, s->any_helper, s->has_helper(s->user, bv_zext(tc, 64, s->imm)));
	case IMM_WIDE:
		return second_ok(s);
	case IMM_OBJECT:
		return bool_and(
			tc, second_ok(s), bv_ult(tc, s->imm, bv_const(tc, 32, VOUCH_DATA_MAX)));
	default:
		return bool_const(tc, true);
	}
}

static term off_ok(const struct slot *s, const struct vouch_op_info *info)
{
	switch (info->off) {
	case OFF_ZERO:
		return is(s, s->off, 0);
	case OFF_SEL:
		return is(s, s->off, info->value);
	case OFF_JUMP:
		return jump_ok(s, s->off);
	default:
		return bool_const(s->tc, true);
	}
}

static term end_ok(const struct slot *s, enum vouch_op op)
{
	if (op == OP_ja || op == OP_ja32 || op == OP_exit)
		return bool_const(s->tc, true);
	return inside(s, op == OP_lddw || op == OP_lddw_object ? 2 : 1);
}

term accepted_row(const struct slot *s, enum vouch_op op)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	const term all[] = {register_ok(s, s->dst, info->dst),
		info->select == SELECT_SRC ? is(s, s->src, info->value)
					   : register_ok(s, s->src, info->src),
		off_ok(s, info), imm_ok(s, info), end_ok(s, op)};

	return bool_and_n(s->tc, sizeof(all) / sizeof(all[0]), all);
}

term accepted_opcode(const struct slot *s, uint8_t opcode)
{
	term any = bool_const(s->tc, false);

	for (unsigned op = 0; op < OP_COUNT; op++)
		if (vouch_ops[op].opcode == opcode)
			any = bool_or(s->tc, any, accepted_row(s, (enum vouch_op)op));
	return any;
}
