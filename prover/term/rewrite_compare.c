/* SPDX-License-Identifier: MIT */
/*
 * Comparisons: =, <u and <s are the only ones. Each is brought to the fewest bits that decide it,
 * so that comparing 32-bit numbers is one term, whether a machine extended them with zeros or with
 * signs before; and a comparison with 0 or of a sign is the question about bits that it is.
 */
#include "prover/term/rules.h"

static term zero(struct terms *tc, unsigned width)
{
	return bv_const(tc, width, 0);
}

/* ---- = ---- */

term eq_same(struct terms *tc, const struct app *a)
{
	return a->arg[0] == a->arg[1] ? bool_const(tc, true) : NULL;
}

term example_compare_same(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x");

	return build2(tc, e->op, x, x);
}

term eq_bool(struct terms *tc, const struct app *a)
{
	return a->arg[0]->sort == SORT_BOOL ? bool_not(tc, bool_xor(tc, a->arg[0], a->arg[1]))
	                                    : NULL;
}

term example_eq_bool(struct terms *tc, struct example *e)
{
	term p = bool_var(tc, "p"), q = draw(e, 2) ? bool_var(tc, "q") : bool_const(tc, draw(e, 2));

	return draw(e, 2) ? term_eq(tc, p, q) : term_eq(tc, q, p);
}

/* Constants to the right, else in the order of ids. */
static bool right_order(term a, term b)
{
	return term_is_const(b) || (!term_is_const(a) && a->id <= b->id);
}

static term ordered_eq(struct terms *tc, term x, term y)
{
	bool keep = right_order(x, y);

	return intern(tc, &(struct app){.op = TERM_EQ,
				  .sort = SORT_BOOL,
				  .width = 1,
				  .args = 2,
				  .arg = (term[]){keep ? x : y, keep ? y : x}});
}

term eq_order(struct terms *tc, const struct app *a)
{
	return right_order(a->arg[0], a->arg[1]) ? NULL : term_eq(tc, a->arg[1], a->arg[0]);
}

term example_eq_order(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");

	return draw(e, 2) ? term_eq(tc, y, x) : term_eq(tc, draw_const(tc, e, e->width), x);
}

term eq_slices(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1], all = NULL;
	unsigned below[MAX_ARGS], parts = common_edges(x, y, below), hi = x->width - 1u;

	if (parts < 2)
		return NULL;
	for (unsigned i = 0; i < parts; hi = below[i++] - 1) {
		term part = term_eq(
			tc, bv_extract(tc, hi, below[i], x), bv_extract(tc, hi, below[i], y));

		all = all ? bool_and(tc, all, part) : part;
	}
	return all;
}

term example_eq_slices(struct terms *tc, struct example *e)
{
	unsigned w = e->width;
	term x = bv_concat(
		tc, example_var(tc, e, "x"), bv_zext(tc, w, bv_var(tc, "b", w > 1 ? w - 1 : 1)));

	return draw(e, 2) ? term_eq(tc, x,
				    bv_concat(tc, example_var(tc, e, "y"), example_var(tc, e, "z")))
	                  : term_eq(tc, x, draw_const(tc, e, 2 * w));
}

/* ite(c, 1, x) = 1 is c or x = 1 */
term eq_ite(struct terms *tc, const struct app *a)
{
	term t = a->arg[0], k = a->arg[1], c, other;
	bool first;

	if (t->op != TERM_ITE || !term_is_const(k) || t->sort != SORT_BV)
		return NULL;
	first = term_is_const(t->arg[1]);
	if (!first && !term_is_const(t->arg[2]))
		return NULL;
	c = first ? t->arg[0] : bool_not(tc, t->arg[0]);
	other = term_eq(tc, t->arg[first ? 2 : 1], k);
	return t->arg[first ? 1 : 2] == k ? bool_or(tc, c, other)
	                                  : bool_and(tc, bool_not(tc, c), other);
}

term example_eq_ite(struct terms *tc, struct example *e)
{
	term k = draw_const(tc, e, e->width), x = example_var(tc, e, "x"), c = bool_var(tc, "c");
	term other = draw(e, 2) ? k : draw_const(tc, e, e->width);

	return term_eq(tc, draw(e, 2) ? term_ite(tc, c, other, x) : term_ite(tc, c, x, other), k);
}

term eq_bitwise(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];

	if (x->sort != SORT_BV)
		return NULL;
	if (x->op == TERM_NOT && (y->op == TERM_NOT || term_is_const(y)))
		return term_eq(tc, x->arg[0], negate(tc, y));
	if (x->op == TERM_XOR && term_is_value(y, 0))
		return term_eq(tc, x->arg[0], x->arg[1]);
	if (x->op == TERM_XOR && (term_is_const(x->arg[0]) || term_is_const(x->arg[1])) &&
		term_is_const(y))
		return term_is_const(x->arg[0]) ? term_eq(tc, x->arg[1], bv_xor(tc, x->arg[0], y))
		                                : term_eq(tc, x->arg[0], bv_xor(tc, x->arg[1], y));
	return NULL;
}

term example_eq_bitwise(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");

	switch (draw(e, 3)) {
	case 0:
		return term_eq(tc, bv_not(tc, x), bv_not(tc, y));
	case 1:
		return term_eq(tc, bv_not(tc, x), draw_const(tc, e, e->width));
	default:
		return term_eq(tc, bv_xor(tc, x, y), zero(tc, e->width));
	}
}

/* The logic of single bits is that of booleans. */
term eq_bit(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];

	if (x->sort != SORT_BV || x->width != 1 || !term_is_const(y))
		return NULL;
	if (y->ones == 0)
		return bool_not(tc, term_eq(tc, x, bv_const(tc, 1, 1)));
	if (x->op != TERM_AND && x->op != TERM_OR && x->op != TERM_XOR)
		return NULL;
	return build2(tc, x->op, term_eq(tc, x->arg[0], y), term_eq(tc, x->arg[1], y));
}

term example_eq_bit(struct terms *tc, struct example *e)
{
	static const enum term_op ops[] = {TERM_AND, TERM_OR, TERM_XOR};
	term x = bv_var(tc, "x", 1), y = bv_var(tc, "y", 1), one = bv_const(tc, 1, 1);

	if (e->width != 1)
		return NULL;
	return draw(e, 3) ? term_eq(tc, build2(tc, ops[draw(e, 3)], x, y), one)
	                  : term_eq(tc, x, bv_const(tc, 1, 0));
}

term eq_sext(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	unsigned w, other;

	if (x->op != TERM_SEXT && y->op != TERM_SEXT)
		return NULL;
	w = signed_width(x);
	other = signed_width(y);
	w = w > other ? w : other;
	return w < x->width ? term_eq(tc, bv_trunc(tc, w, x), bv_trunc(tc, w, y)) : NULL;
}

static term example_sexts(struct terms *tc, struct example *e)
{
	unsigned wide = e->width + 2;
	term x = bv_sext(tc, wide, example_var(tc, e, "x"));
	term y = bv_sext(
		tc, wide, draw(e, 2) ? example_var(tc, e, "y") : draw_const(tc, e, e->width));

	return draw(e, 2) ? build2(tc, e->op, x, y) : build2(tc, e->op, y, x);
}

term example_compare_sext(struct terms *tc, struct example *e)
{
	return example_sexts(tc, e);
}

static bool is_sum(term t)
{
	return t->op == TERM_ADD || t->op == TERM_NEG ||
	       (t->op == TERM_MUL && term_is_const(t->arg[1]));
}

/* Atoms with a negative factor go to the other side, and the constant to the right. */
term eq_sum(struct terms *tc, const struct app *a)
{
	unsigned w = a->arg[0]->width;
	struct sum d, left, right;
	bool flip;
	term x, y;

	if (!is_sum(a->arg[0]) && !is_sum(a->arg[1]))
		return NULL;
	sum_start(&d, w);
	sum_add(tc, &d, a->arg[0], 1);
	sum_add(tc, &d, a->arg[1], -(u128)1);
	if (d.full)
		return NULL;
	if (d.count == 0)
		return bool_const(tc, d.constant == 0);
	sum_start(&left, w);
	sum_start(&right, w);
	flip = d.factor[0] > mask_of(w) / 2 + 1;
	for (unsigned i = 0; i < d.count; i++) {
		u128 f = (flip ? -d.factor[i] : d.factor[i]) & mask_of(w);
		bool negative = f > mask_of(w) / 2 + 1;

		sum_add(tc, negative ? &right : &left, d.atom[i], negative ? -f : f);
	}
	sum_add(tc, &right, bv_const128(tc, w, d.constant), flip ? 1 : -(u128)1);
	x = sum_term(tc, &left);
	y = sum_term(tc, &right);
	if (!is_sum(x) && !is_sum(y))
		return term_eq(tc, x, y);
	return unless_same(a, ordered_eq(tc, x, y));
}

term example_eq_sum(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y"),
	     c = draw_const(tc, e, e->width);

	if (e->width == 1)
		return NULL;
	switch (draw(e, 5)) {
	case 0:
		return term_eq(tc, bv_add_c(tc, x, 1), c);
	case 1:
		return term_eq(tc, bv_sub(tc, x, y), zero(tc, e->width));
	case 2:
		return term_eq(tc, bv_add(tc, x, y), bv_add(tc, x, c));
	case 3:
		return term_eq(tc, bv_sub(tc, c, x), bv_neg(tc, y));
	default:
		return term_eq(tc, bv_mul(tc, x, draw_const(tc, e, e->width)), bv_sub(tc, c, y));
	}
}

/* ---- < ---- */

term less_same(struct terms *tc, const struct app *a)
{
	return a->arg[0] == a->arg[1] ? bool_const(tc, false) : NULL;
}

term ule_not(struct terms *tc, const struct app *a)
{
	return bool_not(tc, bv_ult(tc, a->arg[1], a->arg[0]));
}

term sle_not(struct terms *tc, const struct app *a)
{
	return bool_not(tc, bv_slt(tc, a->arg[1], a->arg[0]));
}

term example_compare(struct terms *tc, struct example *e)
{
	return build2(tc, e->op, example_var(tc, e, "x"), example_var(tc, e, "y"));
}

term ult_extremes(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	u128 most = mask_of(x->width);

	if (term_is_const(x) && (x->ones == 0 || x->ones == most - 1))
		return x->ones == 0 ? term_ne(tc, y, x)
		                    : term_eq(tc, y, bv_const128(tc, x->width, most));
	if (term_is_const(y) && (y->ones == 1 || y->ones == most))
		return y->ones == 1 ? term_eq(tc, x, zero(tc, x->width)) : term_ne(tc, x, y);
	return NULL;
}

term example_ult_extremes(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x");

	switch (draw(e, 4)) {
	case 0:
		return bv_ult(tc, zero(tc, e->width), x);
	case 1:
		return bv_ult(tc, x, bv_const(tc, e->width, 1));
	case 2:
		return bv_ult(tc, x, bv_const128(tc, e->width, ~(u128)0));
	default:
		return bv_ult(tc, bv_const128(tc, e->width, ~(u128)0 - 1), x);
	}
}

/* How many of the highest bits are certainly equal. */
static unsigned equal_top(term x, term y)
{
	unsigned w = x->width, top;

	top = leading_zeros(~((x->zeros & y->zeros) | (x->ones & y->ones)) & mask_of(w), w);
	if (top == 0 && x->op == TERM_CONCAT && y->op == TERM_CONCAT && x->arg[0] == y->arg[0])
		top = x->arg[0]->width;
	return top;
}

/* Equal bits at either end decide nothing. */
term ult_narrow(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	unsigned w = x->width, top = equal_top(x, y);
	unsigned low = trailing_zeros(~((x->zeros & y->zeros) | (x->ones & y->ones)));

	if (top == 0 && low == 0)
		return NULL;
	if (top + low >= w)
		return NULL; /* known-ult knows */
	return bv_ult(tc, bv_extract(tc, w - 1 - top, low, x), bv_extract(tc, w - 1 - top, low, y));
}

term example_ult_narrow(struct terms *tc, struct example *e)
{
	unsigned w = e->width;
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	term same = draw(e, 2) ? bv_var(tc, "s", w) : draw_const(tc, e, w);

	if (draw(e, 2) && term_is_const(same))
		return bv_ult(tc, bv_concat(tc, x, same), bv_concat(tc, y, same));
	return bv_ult(tc, bv_concat(tc, same, x), bv_concat(tc, same, y));
}

/* Sign extension keeps the order, signed and unsigned. */
term less_sext(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	unsigned p = signed_width(x), q = signed_width(y), w = p > q ? p : q;

	return w < x->width ? build2(tc, a->op, bv_trunc(tc, w, x), bv_trunc(tc, w, y)) : NULL;
}

/* The sign of one operand is a bit; where both are known to be equal, order is unsigned order. */
term slt_sign(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	unsigned w = x->width;
	u128 sign = power_of_2(w - 1);

	if (term_is_value(y, 0))
		return term_eq(tc, bv_extract(tc, w - 1, w - 1, x), bv_const(tc, 1, 1));
	if (is_ones(x))
		return term_eq(tc, bv_extract(tc, w - 1, w - 1, y), zero(tc, 1));
	if (((x->zeros & y->zeros) | (x->ones & y->ones)) & sign)
		return bv_ult(tc, x, y);
	return NULL;
}

term example_slt_sign(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	term sign = bv_const(tc, 1, draw(e, 2));

	switch (draw(e, 3)) {
	case 0:
		return bv_slt(tc, x, zero(tc, e->width));
	case 1:
		return bv_slt(tc, bv_const128(tc, e->width, ~(u128)0), x);
	default:
		return bv_slt(tc, bv_concat(tc, sign, x), bv_concat(tc, sign, y));
	}
}
