/* SPDX-License-Identifier: MIT */
/*
 * Known bits: which bits of a term are 0, and which are 1, whatever its variables are. Computed
 * once for each term, from its arguments. After LLVM's KnownBits; addition's carries as in its
 * computeForAddCarry. Each operator here is checked like a rewrite rule (known-…).
 */
#include "prover/term/internal.h"

static struct bits nothing(void)
{
	return (struct bits){0, 0};
}

static struct bits of(term t)
{
	return (struct bits){t->zeros, t->ones};
}

static struct bits top_zeros(unsigned n, unsigned width)
{
	return (struct bits){mask_of(width) & ~mask_of(width - (n < width ? n : width)), 0};
}

/* a + b + carry: a bit is known where both operands and the carry into it are. */
static struct bits add(struct bits a, struct bits b, unsigned carry, unsigned width)
{
	u128 mask = mask_of(width);
	u128 most = (~a.zeros & mask) + (~b.zeros & mask) + carry, least = a.ones + b.ones + carry;
	u128 carry_zero = ~(most ^ a.zeros ^ b.zeros), carry_one = least ^ a.ones ^ b.ones;
	u128 known = (a.zeros | a.ones) & (b.zeros | b.ones) & (carry_zero | carry_one) & mask;

	return (struct bits){~most & known, least & known};
}

static struct bits invert(struct bits a)
{
	return (struct bits){a.ones, a.zeros};
}

/* The lowest bits are exact as far as both operands are known; zeros at either end add up. */
static struct bits mul(term a, term b, unsigned width)
{
	unsigned low_a = trailing_zeros(~(a->zeros | a->ones)),
		 low_b = trailing_zeros(~(b->zeros | b->ones));
	unsigned low = low_a < low_b ? low_a : low_b;
	unsigned trailing = known_trailing_zeros(a) + known_trailing_zeros(b);
	unsigned leading = known_leading_zeros(a) + known_leading_zeros(b);
	u128 exact = mask_of(low < width ? low : width), product = a->ones * b->ones;
	struct bits top = top_zeros(leading > width ? leading - width : 0, width);

	return (struct bits){
		(~product & exact) | mask_of(trailing < width ? trailing : width) | top.zeros,
		product & exact};
}

/* Division by 0 gives all ones, and the dividend as remainder. */
static struct bits divide(enum term_op op, term a, term b, unsigned width)
{
	unsigned zeros_a = known_leading_zeros(a), zeros_b = known_leading_zeros(b);

	if (op == TERM_UDIV)
		return b->ones ? top_zeros(zeros_a, width) : nothing();
	return top_zeros(b->ones && zeros_b > zeros_a ? zeros_b : zeros_a, width);
}

static struct bits shift(enum term_op op, term a, term b, unsigned width)
{
	unsigned least = b->ones < width ? (unsigned)b->ones : width;
	unsigned sign_ones = leading_zeros(~a->ones & mask_of(width), width);
	unsigned zeros;

	if (op == TERM_SHL) {
		zeros = known_trailing_zeros(a) + least;
		return (struct bits){mask_of(zeros < width ? zeros : width), 0};
	}
	zeros = known_leading_zeros(a);
	if (op == TERM_LSHR || zeros)
		return top_zeros(zeros + least, width);
	return (struct bits){0, top_zeros(sign_ones ? sign_ones + least : 0, width).zeros};
}

static struct bits paste(const struct app *a)
{
	struct bits all = {0, 0};

	for (unsigned i = 0; i < a->args; i++) {
		unsigned by = a->arg[i]->width;

		all.zeros = (by < 128 ? all.zeros << by : 0) | a->arg[i]->zeros;
		all.ones = (by < 128 ? all.ones << by : 0) | a->arg[i]->ones;
	}
	return all;
}

static struct bits sext(term a, unsigned width)
{
	u128 sign = power_of_2(a->width - 1), above = mask_of(width) & ~mask_of(a->width);

	return (struct bits){
		a->zeros | (a->zeros & sign ? above : 0), a->ones | (a->ones & sign ? above : 0)};
}

static struct bits truth(bool certainly, bool never)
{
	return (struct bits){never, certainly};
}

/* a < b, from the least and the most that each can be. */
static struct bits less(struct bits a, struct bits b, unsigned width)
{
	u128 mask = mask_of(width);

	return truth((~a.zeros & mask) < b.ones, a.ones >= (~b.zeros & mask));
}

/* With the sign bit turned over, signed order is unsigned order. */
static struct bits flip_sign(struct bits a, unsigned width)
{
	u128 sign = power_of_2(width - 1), swap = (a.zeros ^ a.ones) & sign;

	return (struct bits){a.zeros ^ swap, a.ones ^ swap};
}

static struct bits compare(const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	unsigned w = x->width;

	switch (a->op) {
	case TERM_EQ:
		return truth(false, ((x->zeros & y->ones) | (x->ones & y->zeros)) != 0);
	case TERM_ULT:
		return less(of(x), of(y), w);
	case TERM_ULE:
		return invert(less(of(y), of(x), w));
	case TERM_SLT:
		return less(flip_sign(of(x), w), flip_sign(of(y), w), w);
	default:
		return invert(less(flip_sign(of(y), w), flip_sign(of(x), w), w));
	}
}

struct bits known_bits(const struct app *a)
{
	term x = a->args > 0 ? a->arg[0] : NULL, y = a->args > 1 ? a->arg[1] : NULL;
	unsigned w = a->width;

	switch (a->op) {
	case TERM_ITE:
		return (struct bits){y->zeros & a->arg[2]->zeros, y->ones & a->arg[2]->ones};
	case TERM_NOT:
		return invert(of(x));
	case TERM_AND:
		return (struct bits){x->zeros | y->zeros, x->ones & y->ones};
	case TERM_OR:
		return (struct bits){x->zeros & y->zeros, x->ones | y->ones};
	case TERM_XOR:
		return (struct bits){(x->zeros & y->zeros) | (x->ones & y->ones),
			(x->zeros & y->ones) | (x->ones & y->zeros)};
	case TERM_NEG:
		return add((struct bits){mask_of(w), 0}, invert(of(x)), 1, w);
	case TERM_ADD:
		return add(of(x), of(y), 0, w);
	case TERM_SUB:
		return add(of(x), invert(of(y)), 1, w);
	case TERM_MUL:
		return mul(x, y, w);
	case TERM_UDIV:
	case TERM_UREM:
		return divide(a->op, x, y, w);
	case TERM_SHL:
	case TERM_LSHR:
	case TERM_ASHR:
		return shift(a->op, x, y, w);
	case TERM_CONCAT:
		return paste(a);
	case TERM_EXTRACT:
		return (struct bits){x->zeros >> a->lo & mask_of(w), x->ones >> a->lo & mask_of(w)};
	case TERM_ZEXT:
		return (struct bits){x->zeros | (mask_of(w) & ~mask_of(x->width)), x->ones};
	case TERM_SEXT:
		return sext(x, w);
	case TERM_EQ:
	case TERM_ULT:
	case TERM_ULE:
	case TERM_SLT:
	case TERM_SLE:
		return compare(a);
	default:
		return nothing();
	}
}
