/* SPDX-License-Identifier: MIT */
/*
 * What every operator does to numbers: SMT-LIB's definitions, once. Constructors fold constants
 * with it and the evaluator evaluates with it. (The solver is asked whether it agrees: the rules
 * fold-….)
 */
#include "prover/term/internal.h"

static u128 divide(enum term_op op, unsigned width, u128 a, u128 b)
{
	__int128 p = as_signed(a, width), q = as_signed(b, width);

	switch (op) {
	case TERM_UDIV:
		return b ? a / b : mask_of(width);
	case TERM_UREM:
		return b ? a % b : a;
	case TERM_SDIV:
		if (!q)
			return p < 0 ? 1 : mask_of(width);
		return q == -1 ? -a : (u128)(p / q); /* the smallest by -1 wraps to itself */
	default:
		if (!q)
			return a;
		return q == -1 ? 0 : (u128)(p % q);
	}
}

static u128 shift(enum term_op op, unsigned width, u128 a, u128 count)
{
	if (op == TERM_ASHR)
		return (u128)(as_signed(a, width) >> (count < width ? count : width - 1));
	if (count >= width)
		return 0;
	return op == TERM_SHL ? a << count : a >> count;
}

static u128 paste(const struct app *a, const u128 *value)
{
	u128 all = 0;

	for (unsigned i = 0; i < a->args; i++)
		all = (a->arg[i]->width < 128 ? all << a->arg[i]->width : 0) | value[i];
	return all;
}

static u128 untruncated(const struct app *a, const u128 *v)
{
	unsigned width = a->args ? a->arg[0]->width : 0;

	switch (a->op) {
	case TERM_ITE:
		return v[0] ? v[1] : v[2];
	case TERM_EQ:
		return v[0] == v[1];
	case TERM_NOT:
		return ~v[0];
	case TERM_AND:
		return v[0] & v[1];
	case TERM_OR:
		return v[0] | v[1];
	case TERM_XOR:
		return v[0] ^ v[1];
	case TERM_NEG:
		return -v[0];
	case TERM_ADD:
		return v[0] + v[1];
	case TERM_SUB:
		return v[0] - v[1];
	case TERM_MUL:
		return v[0] * v[1];
	case TERM_UDIV:
	case TERM_UREM:
	case TERM_SDIV:
	case TERM_SREM:
		return divide(a->op, width, v[0], v[1]);
	case TERM_SHL:
	case TERM_LSHR:
	case TERM_ASHR:
		return shift(a->op, width, v[0], v[1]);
	case TERM_CONCAT:
		return paste(a, v);
	case TERM_EXTRACT:
		return v[0] >> a->lo;
	case TERM_ZEXT:
		return v[0];
	case TERM_SEXT:
		return (u128)as_signed(v[0], width);
	case TERM_ULT:
		return v[0] < v[1];
	case TERM_ULE:
		return v[0] <= v[1];
	case TERM_SLT:
		return as_signed(v[0], width) < as_signed(v[1], width);
	case TERM_SLE:
		return as_signed(v[0], width) <= as_signed(v[1], width);
	default:
		term_bug("no such operator on numbers");
	}
}

u128 operate(const struct app *a, const u128 *value)
{
	return untruncated(a, value) & mask_of(a->width);
}
