/* SPDX-License-Identifier: MIT */
/*
 * Division. Solvers can't do much with it, so the two sides of a theorem must come to the same
 * term: at the narrowest width, with the questions about a zero divisor that the hardware's or
 * BPF's definition adds removed where SMT-LIB's says the same. The lemmas named in rules.def prove
 * these for every width.
 */
#include "prover/term/rules.h"

static term division(struct terms *tc, enum term_op op, term a, term b)
{
	return build2(tc, op, a, b);
}

static bool is_remainder(enum term_op op)
{
	return op == TERM_UREM || op == TERM_SREM;
}

term divide_constant(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1];
	unsigned k, w = a->width;

	if (term_is_value(y, 1))
		return is_remainder(a->op) ? bv_const(tc, w, 0) : x;
	if ((a->op == TERM_SDIV || a->op == TERM_SREM) && is_ones(y))
		return a->op == TERM_SDIV ? bv_neg(tc, x) : bv_const(tc, w, 0);
	if (term_is_value(y, 0))
		return is_remainder(a->op)  ? x
		       : a->op == TERM_UDIV ? bv_const128(tc, w, ~(u128)0)
		                            : NULL;
	if (!term_is_const(y) || !is_power_of_2(y->ones) || a->op == TERM_SDIV ||
		a->op == TERM_SREM)
		return NULL;
	k = trailing_zeros(y->ones);
	return a->op == TERM_UDIV ? bv_lshr_c(tc, x, k) : bv_zext(tc, w, bv_trunc(tc, k, x));
}

term example_divide_constant(struct terms *tc, struct example *e)
{
	bool is_signed = e->op == TERM_SDIV || e->op == TERM_SREM;
	u128 by = is_signed ? (draw(e, 2) ? 1 : ~(u128)0) : power_of_2((unsigned)draw(e, e->width));

	if (draw(e, 4) == 0 && e->op != TERM_SDIV)
		by = 0;
	return build2(tc, e->op, example_var(tc, e, "x"), bv_const128(tc, e->width, by));
}

/* Zeros above both operands stay zeros; a quotient by 0 has ones there. */
term divide_narrow(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1], t;
	unsigned zx = known_leading_zeros(x), zy = known_leading_zeros(y);
	unsigned zeros = zx < zy ? zx : zy, w = a->width - zeros;

	if (zeros == 0 || w == 0)
		return NULL;
	x = bv_trunc(tc, w, x);
	y = bv_trunc(tc, w, y);
	t = bv_zext(tc, a->width, division(tc, a->op, x, y));
	if (a->op == TERM_UREM || y->ones)
		return t;
	return term_ite(
		tc, term_eq(tc, y, bv_const(tc, w, 0)), bv_const128(tc, a->width, ~(u128)0), t);
}

term example_divide_narrow(struct terms *tc, struct example *e)
{
	unsigned wide = e->width + 1 + (unsigned)draw(e, e->width);

	return build2(tc, e->op, bv_zext(tc, wide, example_var(tc, e, "x")),
		bv_zext(tc, wide, example_var(tc, e, "y")));
}

unsigned signed_width(term t)
{
	unsigned w = t->width, zeros = known_leading_zeros(t);
	unsigned ones = leading_zeros(~t->ones & mask_of(w), w), top = zeros > ones ? zeros : ones;

	if (t->op == TERM_SEXT)
		return signed_width(t->arg[0]);
	return top > 1 ? w - top + 1 : w;
}

/* Of numbers that aren't negative, signed and unsigned are the same; by 0, too. */
term signed_divide_nonnegative(struct terms *tc, const struct app *a)
{
	if (known_leading_zeros(a->arg[0]) == 0 || known_leading_zeros(a->arg[1]) == 0)
		return NULL;
	return division(tc, a->op == TERM_SDIV ? TERM_UDIV : TERM_UREM, a->arg[0], a->arg[1]);
}

term example_signed_divide_nonnegative(struct terms *tc, struct example *e)
{
	unsigned wide = e->width + 1;

	return build2(tc, e->op, bv_zext(tc, wide, example_var(tc, e, "x")),
		bv_zext(tc, wide, example_var(tc, e, "y")));
}

static unsigned signed_width2(const struct app *a)
{
	unsigned x = signed_width(a->arg[0]), y = signed_width(a->arg[1]);

	return x > y ? x : y;
}

/* One bit more than the operands have: the smallest number by -1. */
term signed_divide_narrow(struct terms *tc, const struct app *a)
{
	unsigned w = signed_width2(a) + (a->op == TERM_SDIV);

	if (w >= a->width)
		return NULL;
	return bv_sext(tc, a->width,
		division(tc, a->op, bv_trunc(tc, w, a->arg[0]), bv_trunc(tc, w, a->arg[1])));
}

term example_signed_divide_narrow(struct terms *tc, struct example *e)
{
	unsigned wide = e->width + 2;

	return build2(tc, e->op, bv_sext(tc, wide, example_var(tc, e, "x")),
		bv_sext(tc, wide, example_var(tc, e, "y")));
}

/* The bit more isn't needed if it isn't looked at. */
term extract_sdiv(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];
	struct app inner = app_of(x);
	unsigned w;

	if (x->op != TERM_SDIV)
		return NULL;
	w = signed_width2(&inner);
	if (w >= x->width || a->hi >= w)
		return NULL;
	return bv_extract(tc, a->hi, a->lo,
		bv_sdiv(tc, bv_trunc(tc, w, x->arg[0]), bv_trunc(tc, w, x->arg[1])));
}

term example_extract_sdiv(struct terms *tc, struct example *e)
{
	unsigned wide = e->width + 1;

	return bv_extract(tc, e->width - 1, 0,
		bv_sdiv(tc, bv_sext(tc, wide, example_var(tc, e, "x")),
			bv_sext(tc, wide, example_var(tc, e, "y"))));
}

/* y = 0 ? what the division gives for 0 anyway : the division */
term ite_division(struct terms *tc, const struct app *a)
{
	term c = a->arg[0], t = a->arg[2], x, y;

	if (c->op != TERM_EQ || (t->op != TERM_UDIV && t->op != TERM_UREM && t->op != TERM_SREM))
		return NULL;
	(void)tc;
	x = t->arg[0];
	y = t->arg[1];
	if (!((c->arg[0] == y && term_is_value(c->arg[1], 0)) ||
		    (c->arg[1] == y && term_is_value(c->arg[0], 0))))
		return NULL;
	return t->op == TERM_UDIV ? (is_ones(a->arg[1]) ? t : NULL) : (a->arg[1] == x ? t : NULL);
}

term example_ite_division(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	term c = term_eq(tc, y, bv_const(tc, e->width, 0));

	if (e->width == 1)
		return NULL;
	switch (draw(e, 3)) {
	case 0:
		return term_ite(tc, c, bv_const128(tc, e->width, ~(u128)0), bv_udiv(tc, x, y));
	case 1:
		return term_ite(tc, c, x, bv_urem(tc, x, y));
	default:
		return term_ite(tc, c, x, bv_srem(tc, x, y));
	}
}

static bool is_zero_test(term c, term y)
{
	return c->op == TERM_EQ && ((c->arg[0] == y && term_is_value(c->arg[1], 0)) ||
					   (c->arg[1] == y && term_is_value(c->arg[0], 0)));
}

/* (y = 0 ? 1 : 0) + x / y, where the division by 0 gives -1 */
term add_quotient(struct terms *tc, const struct app *a)
{
	for (unsigned i = 0; i < 2; i++) {
		term choice = a->arg[i], quotient = a->arg[1 - i];

		if (choice->op == TERM_ITE && quotient->op == TERM_UDIV &&
			is_zero_test(choice->arg[0], quotient->arg[1]) &&
			term_is_value(choice->arg[1], 1) && term_is_value(choice->arg[2], 0))
			return term_ite(tc, choice->arg[0], bv_const(tc, a->width, 0), quotient);
	}
	return NULL;
}

term example_add_quotient(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y"), one;

	if (e->width < 3)
		return NULL;
	one = term_ite(tc, term_eq(tc, y, bv_const(tc, e->width, 0)), bv_const(tc, e->width, 1),
		bv_const(tc, e->width, 0));
	return draw(e, 2) ? bv_add(tc, one, bv_udiv(tc, x, y)) : bv_add(tc, bv_udiv(tc, x, y), one);
}

/* By y = 0, both products are 0, whatever the division gives. */
term mul_quotient(struct terms *tc, const struct app *a)
{
	for (unsigned i = 0; i < 2; i++) {
		term choice = a->arg[i], y = a->arg[1 - i], quotient;

		if (choice->op != TERM_ITE || !term_is_value(choice->arg[1], 0))
			continue;
		quotient = choice->arg[2];
		if ((quotient->op == TERM_UDIV || quotient->op == TERM_SDIV) &&
			quotient->arg[1] == y &&
			choice->arg[0] == term_eq(tc, y, bv_const(tc, a->width, 0)))
			return bv_mul(tc, quotient, y);
	}
	return NULL;
}

term example_mul_quotient(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y"), quotient, zero;

	if (e->width < 3)
		return NULL;
	zero = bv_const(tc, e->width, 0);
	quotient = draw(e, 2) ? bv_udiv(tc, x, y) : bv_sdiv(tc, x, y);
	quotient = term_ite(tc, term_eq(tc, y, zero), zero, quotient);
	return draw(e, 2) ? bv_mul(tc, quotient, y) : bv_mul(tc, y, quotient);
}
