/* SPDX-License-Identifier: MIT */
/*
 * Sums and products. A sum is taken apart into a constant and atoms with factors, and put together
 * again in the order of the atoms' ids: so a + b - a is b, however it was written, and an address
 * is always base + offset. A shift left is a factor here, and a concatenation that ends in a
 * constant is a sum. A product is its factors in order, with the constants in front.
 */
#include "prover/term/rules.h"

void sum_start(struct sum *s, unsigned width)
{
	s->width = width;
	s->count = 0;
	s->full = false;
	s->constant = 0;
}

static void drop(struct sum *s, unsigned i)
{
	s->count--;
	for (; i < s->count; i++) {
		s->atom[i] = s->atom[i + 1];
		s->factor[i] = s->factor[i + 1];
	}
}

static void add_atom(struct sum *s, term atom, u128 factor)
{
	unsigned i = 0;

	factor &= mask_of(s->width);
	if (!factor)
		return;
	while (i < s->count && s->atom[i]->id < atom->id)
		i++;
	if (i < s->count && s->atom[i] == atom) {
		s->factor[i] = (s->factor[i] + factor) & mask_of(s->width);
		if (!s->factor[i])
			drop(s, i);
		return;
	}
	if (s->count == SUM_MAX) {
		s->full = true;
		return;
	}
	for (unsigned j = s->count++; j > i; j--) {
		s->atom[j] = s->atom[j - 1];
		s->factor[j] = s->factor[j - 1];
	}
	s->atom[i] = atom;
	s->factor[i] = factor;
}

/* A term of the sum's width with these low bits; which one is the same, because it gets shifted. */
static term widen(struct terms *tc, unsigned width, term low)
{
	if (low->op == TERM_EXTRACT && low->lo == 0 && low->arg[0]->width == width)
		return low->arg[0];
	return bv_zext(tc, width, low);
}

/* (high, constant) = high << k + constant, where high may be a sum in its turn. */
static void add_shifted(struct terms *tc, struct sum *s, term t, u128 factor)
{
	term last = t->arg[t->args - 1];
	unsigned k = last->width;
	struct sum high;

	sum_start(&high, s->width - k);
	sum_add(tc, &high, bv_concat_n(tc, t->args - 1u, t->arg), 1);
	s->full |= high.full;
	s->constant += factor * (last->ones + (high.constant << k));
	for (unsigned i = 0; i < high.count; i++)
		add_atom(s, widen(tc, s->width, high.atom[i]), factor * (high.factor[i] << k));
}

void sum_add(struct terms *tc, struct sum *s, term t, u128 factor)
{
	switch (t->op) {
	case TERM_CONST:
		s->constant += factor * t->ones;
		break;
	case TERM_ADD:
		sum_add(tc, s, t->arg[0], factor);
		sum_add(tc, s, t->arg[1], factor);
		break;
	case TERM_NEG:
		sum_add(tc, s, t->arg[0], -factor);
		break;
	case TERM_NOT: /* -x - 1 */
		sum_add(tc, s, t->arg[0], -factor);
		s->constant -= factor;
		break;
	case TERM_MUL:
		if (term_is_const(t->arg[1]))
			sum_add(tc, s, t->arg[0], factor * t->arg[1]->ones);
		else
			add_atom(s, t, factor);
		break;
	case TERM_CONCAT:
		if (term_is_const(t->arg[t->args - 1]))
			add_shifted(tc, s, t, factor);
		else
			add_atom(s, t, factor);
		break;
	default:
		add_atom(s, t, factor);
	}
	s->constant &= mask_of(s->width);
}

/* Where nothing can carry, addition is or, and so a concatenation. */
static bool disjoint(term a, term b)
{
	return (a->zeros | b->zeros) == mask_of(a->width);
}

static term plus(struct terms *tc, term a, term b)
{
	return disjoint(a, b) ? bv_or(tc, a, b) : node2(tc, TERM_ADD, a, b);
}

static term shifted(struct terms *tc, term x, unsigned k)
{
	return bv_concat(tc, bv_extract(tc, x->width - 1u - k, 0, x), bv_const(tc, k, 0));
}

static term multiple(struct terms *tc, term x, u128 factor)
{
	u128 minus = -factor & mask_of(x->width);

	if (factor == 1)
		return x;
	if (minus == 1)
		return node1(tc, TERM_NEG, x);
	if (is_power_of_2(factor))
		return shifted(tc, x, trailing_zeros(factor));
	if (is_power_of_2(minus))
		return node1(tc, TERM_NEG, shifted(tc, x, trailing_zeros(minus)));
	return node2(tc, TERM_MUL, x, bv_const128(tc, x->width, factor));
}

term sum_term(struct terms *tc, const struct sum *s)
{
	term constant = bv_const128(tc, s->width, s->constant), all = NULL;

	if (s->count == 1 && s->factor[0] == mask_of(s->width) && is_ones(constant))
		return negate(tc, s->atom[0]);
	for (unsigned i = 0; i < s->count; i++) {
		term t = multiple(tc, s->atom[i], s->factor[i]);

		all = all ? plus(tc, all, t) : t;
	}
	if (!all)
		return constant;
	return s->constant ? plus(tc, all, constant) : all;
}

void term_base_offset(struct terms *tc, term t, term *base, u128 *offset)
{
	struct sum s;

	*base = t;
	*offset = 0;
	if (t->op != TERM_CONST && t->op != TERM_ADD && t->op != TERM_CONCAT)
		return;
	sum_start(&s, t->width);
	sum_add(tc, &s, t, 1);
	if (s.full)
		return;
	*offset = s.constant;
	s.constant = 0;
	*base = s.count ? sum_term(tc, &s) : NULL;
}

/* ---- one bit ---- */

term sum_bit(struct terms *tc, const struct app *a)
{
	if (a->width != 1)
		return NULL;
	switch (a->op) {
	case TERM_NEG:
		return a->arg[0];
	case TERM_MUL:
		return bv_and(tc, a->arg[0], a->arg[1]);
	default:
		return bv_xor(tc, a->arg[0], a->arg[1]);
	}
}

term example_sum_bit(struct terms *tc, struct example *e)
{
	term x = bv_var(tc, "x", 1), y = bv_var(tc, "y", 1);

	if (e->width != 1)
		return NULL;
	return e->op == TERM_NEG ? bv_neg(tc, x) : build2(tc, e->op, x, y);
}

/* ---- sums ---- */

term sub_add(struct terms *tc, const struct app *a)
{
	return bv_add(tc, a->arg[0], bv_neg(tc, a->arg[1]));
}

term example_sub(struct terms *tc, struct example *e)
{
	return bv_sub(tc, example_var(tc, e, "x"), example_var(tc, e, "y"));
}

term add_disjoint(struct terms *tc, const struct app *a)
{
	return disjoint(a->arg[0], a->arg[1]) ? bv_or(tc, a->arg[0], a->arg[1]) : NULL;
}

term example_add_disjoint(struct terms *tc, struct example *e)
{
	unsigned w = e->width, k = 1 + (unsigned)draw(e, w);
	term low = bv_zext(tc, 2 * w, bv_trunc(tc, k, example_var(tc, e, "x")));
	term high = bv_shl_c(tc, bv_var(tc, "y", 2 * w), k);

	if (w == 1)
		return NULL;
	return draw(e, 2) ? bv_add(tc, high, low) : bv_add(tc, low, high);
}

/* Terms of a sum: fewer are simpler. */
static unsigned terms_of(const struct sum *s)
{
	return s->count + (s->constant != 0);
}

/* x / y * y + … - x = … - x % y, and x / y * y + … + x % y = … + x */
static bool take_remainder(
	struct terms *tc, struct sum *s, unsigned i, term quotient, term divisor, u128 factor)
{
	struct sum less = *s;
	bool is_signed = quotient->op == TERM_SDIV;
	term x = quotient->arg[0];

	drop(&less, i);
	sum_add(tc, &less, x, factor);
	sum_add(tc, &less, is_signed ? bv_srem(tc, x, divisor) : bv_urem(tc, x, divisor), -factor);
	if (less.full || terms_of(&less) >= terms_of(s))
		return false;
	*s = less;
	return true;
}

static bool is_division(term t)
{
	return t->op == TERM_UDIV || t->op == TERM_SDIV;
}

static bool remainder_of(struct terms *tc, struct sum *s, unsigned i)
{
	term t = s->atom[i];
	u128 factor = s->factor[i], minus = -factor & mask_of(s->width);

	if (is_division(t) && term_is_const(t->arg[1])) {
		if (factor == t->arg[1]->ones)
			return take_remainder(tc, s, i, t, t->arg[1], 1);
		return minus == t->arg[1]->ones && take_remainder(tc, s, i, t, t->arg[1], -(u128)1);
	}
	if (t->op != TERM_MUL)
		return false;
	for (unsigned j = 0; j < 2; j++)
		if (is_division(t->arg[j]) && t->arg[j]->arg[1] == t->arg[1 - j])
			return take_remainder(tc, s, i, t->arg[j], t->arg[1 - j], factor);
	return false;
}

term add_remainder(struct terms *tc, const struct app *a)
{
	struct sum s;

	if (a->width == 1)
		return NULL;
	sum_start(&s, a->width);
	sum_add(tc, &s, a->arg[0], 1);
	sum_add(tc, &s, a->arg[1], 1);
	for (unsigned i = 0; i < s.count && !s.full; i++)
		if (remainder_of(tc, &s, i))
			return s.full ? NULL : sum_term(tc, &s);
	return NULL;
}

term example_add_remainder(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y"), q;
	bool is_signed;

	if (e->width == 1)
		return NULL;
	if (e->width > 2 && draw(e, 2))
		y = bv_const(tc, e->width, 3 + 2 * draw(e, 20));
	is_signed = draw(e, 2) == 0;
	q = is_signed ? bv_sdiv(tc, x, y) : bv_udiv(tc, x, y);
	if (draw(e, 3) == 0)
		return bv_add(
			tc, bv_mul(tc, q, y), is_signed ? bv_srem(tc, x, y) : bv_urem(tc, x, y));
	return draw(e, 2) ? bv_sub(tc, x, bv_mul(tc, q, y)) : bv_sub(tc, bv_mul(tc, y, q), x);
}

term add_sum(struct terms *tc, const struct app *a)
{
	struct sum s;

	if (a->width == 1)
		return NULL;
	sum_start(&s, a->width);
	for (unsigned i = 0; i < a->args; i++)
		sum_add(tc, &s, a->arg[i], a->op == TERM_ADD ? 1 : -(u128)1);
	if (a->op == TERM_NOT)
		s.constant = (s.constant - 1) & mask_of(s.width);
	return s.full ? NULL : unless_same(a, sum_term(tc, &s));
}

/* Can a sum, taken apart, not be as much as 2^width? Factors that stand for a minus are too large.
 */
static bool fits(const struct sum *s)
{
	u128 most = s->constant, mask = mask_of(s->width);

	if (s->full || s->width > 63)
		return false;
	for (unsigned i = 0; i < s->count; i++) {
		u128 product = s->factor[i] * (~s->atom[i]->zeros & mask);

		most += product;
		if (product > mask || most > mask)
			return false;
	}
	return true;
}

term concat_widen(struct terms *tc, const struct app *a)
{
	struct sum s;

	if (a->args != 2 || !term_is_value(a->arg[0], 0) || a->arg[1]->op != TERM_ADD)
		return NULL;
	sum_start(&s, a->arg[1]->width);
	sum_add(tc, &s, a->arg[1], 1);
	if (!fits(&s))
		return NULL;
	s.width = a->width;
	for (unsigned i = 0; i < s.count; i++)
		s.atom[i] = bv_zext(tc, a->width, s.atom[i]);
	return sum_term(tc, &s);
}

term example_concat_widen(struct terms *tc, struct example *e)
{
	unsigned w = e->width;
	term x, y;

	if (w < 5 || w > 63)
		return NULL;
	x = bv_zext(tc, w, bv_trunc(tc, w - 2, example_var(tc, e, "x")));
	y = bv_zext(tc, w, bv_trunc(tc, w - 2, example_var(tc, e, "y")));
	if (draw(e, 2))
		y = bv_add_c(tc, y, 1 + 2 * draw(e, 4));
	return bv_zext(tc, w + 1 + (unsigned)draw(e, w), bv_add(tc, x, y));
}

/* One summand's part above bit lo, if it is a multiple of 2^lo. */
static bool scale(struct terms *tc, struct sum *s, term atom, u128 factor, unsigned lo)
{
	u128 low = mask_of(lo);

	if ((factor & low) == 0)
		sum_add(tc, s, bv_trunc(tc, s->width, atom), factor >> lo);
	else if ((atom->zeros & low) == low)
		sum_add(tc, s, bv_extract(tc, atom->width - 1u, lo, atom), factor);
	else
		return false;
	return true;
}

term extract_scaled(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];
	struct sum s, scaled;

	if (a->lo == 0 || a->hi + 1u != x->width || (x->op != TERM_ADD && x->op != TERM_NEG))
		return NULL;
	sum_start(&s, x->width);
	sum_add(tc, &s, x, 1);
	sum_start(&scaled, x->width - a->lo);
	scaled.constant = s.constant >> a->lo;
	for (unsigned i = 0; i < s.count; i++)
		if (!scale(tc, &scaled, s.atom[i], s.factor[i], a->lo))
			return NULL;
	return s.full || scaled.full ? NULL : sum_term(tc, &scaled);
}

term example_extract_scaled(struct terms *tc, struct example *e)
{
	unsigned w = e->width, lo;
	term x, y;

	if (w < 4)
		return NULL;
	lo = 1 + (unsigned)draw(e, w - 3);
	x = bv_shl_c(tc, example_var(tc, e, "x"), lo);
	y = bv_shl_c(tc, example_var(tc, e, "y"), lo);
	if (draw(e, 2))
		y = bv_neg(tc, y);
	return bv_extract(
		tc, w - 1, lo, bv_add(tc, bv_add(tc, x, y), bv_const(tc, w, 1 + draw(e, 7))));
}

static term some_sum(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y"),
	     c = draw_const(tc, e, e->width);
	term k = draw_const(tc, e, e->width), half;

	switch (draw(e, 6)) {
	case 0:
		return bv_add(tc, bv_add(tc, x, c), y);
	case 4: /* (x[…:1], 1) */
		half = bv_add(tc, bv_shl_c(tc, x, 1), bv_shl_c(tc, bv_add(tc, y, c), 1));
		return bv_or(tc, half, bv_const(tc, e->width, 1));
	case 1:
		return bv_sub(tc, bv_mul(tc, x, k), y);
	case 2:
		half = bv_shl_c(tc, x, (unsigned)draw(e, e->width));
		return bv_add(tc, half, c);
	case 3:
		return bv_add(tc, bv_neg(tc, y), bv_not(tc, x));
	default:
		return bv_add(tc, bv_mul(tc, y, c), bv_add(tc, x, k));
	}
}

term example_add_sum(struct terms *tc, struct example *e)
{
	return e->width == 1 ? NULL : bv_add(tc, some_sum(tc, e), some_sum(tc, e));
}

term example_neg_sum(struct terms *tc, struct example *e)
{
	return e->width == 1 ? NULL : bv_neg(tc, some_sum(tc, e));
}

term not_sum(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];

	if (x->op != TERM_ADD && x->op != TERM_NEG &&
		(x->op != TERM_MUL || !term_is_const(x->arg[1])))
		return NULL;
	return add_sum(tc, a);
}

term example_not_sum(struct terms *tc, struct example *e)
{
	return e->width == 1 ? NULL : bv_not(tc, some_sum(tc, e));
}

/* ---- products ---- */

#define FACTORS_MAX 16

struct product {
	u128 constant;
	term factor[FACTORS_MAX];
	unsigned count;
	bool full;
};

static void mul_factor(struct product *p, term t)
{
	unsigned i;

	if (t->op == TERM_MUL && !term_is_const(t->arg[1])) {
		mul_factor(p, t->arg[0]);
		mul_factor(p, t->arg[1]);
		return;
	}
	if (p->count == FACTORS_MAX) {
		p->full = true;
		return;
	}
	for (i = p->count++; i > 0 && p->factor[i - 1]->id > t->id; i--)
		p->factor[i] = p->factor[i - 1];
	p->factor[i] = t;
}

/* A factor that is a multiple of something gives its own factor to the front. */
static void mul_sum(struct product *p, const struct sum *s, term t)
{
	if (!s->full && s->count == 1 && s->constant == 0) {
		p->constant *= s->factor[0];
		mul_factor(p, s->atom[0]);
	} else {
		mul_factor(p, t);
	}
}

term mul_product(struct terms *tc, const struct app *a)
{
	struct sum s[2];
	struct product p = {.constant = 1};
	term all;

	for (unsigned i = 0; i < 2; i++) {
		sum_start(&s[i], a->width);
		sum_add(tc, &s[i], a->arg[i], 1);
	}
	for (unsigned i = 0; i < 2; i++)
		if (term_is_const(a->arg[i]) && !s[1 - i].full) {
			struct sum by;

			sum_start(&by, a->width);
			sum_add(tc, &by, a->arg[1 - i], a->arg[i]->ones);
			return by.full ? NULL : unless_same(a, sum_term(tc, &by));
		}
	mul_sum(&p, &s[0], a->arg[0]);
	mul_sum(&p, &s[1], a->arg[1]);
	if (p.full)
		return NULL;
	all = p.factor[0];
	for (unsigned i = 1; i < p.count; i++)
		all = node2(tc, TERM_MUL, all, p.factor[i]);
	sum_start(&s[0], a->width);
	sum_add(tc, &s[0], all, p.constant);
	return unless_same(a, sum_term(tc, &s[0]));
}

term example_mul_product(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");

	if (e->width == 1)
		return NULL;
	switch (draw(e, 4)) {
	case 0:
		return bv_mul(tc, y, x);
	case 1:
		return bv_mul(tc, bv_neg(tc, y), bv_shl_c(tc, x, 1));
	case 2:
		return bv_mul(tc, bv_mul(tc, y, draw_const(tc, e, e->width)), x);
	default:
		return bv_mul(tc, bv_add(tc, x, y), draw_const(tc, e, e->width));
	}
}

/* Pairs of words, or words extended to as much: what else can't be halved without cutting it. */
static bool has_halves(term t)
{
	return t->op == TERM_CONCAT || t->op == TERM_SEXT;
}

/* The upper half of a product, of which the upper halves' own product is no part. */
term extract_product(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], low[2], high[2], carried;
	unsigned h = x->width / 2;

	if (x->op != TERM_MUL || x->width != 2 * h || a->lo != h || a->hi + 1u != x->width ||
		!has_halves(x->arg[0]) || !has_halves(x->arg[1]))
		return NULL;
	for (unsigned i = 0; i < 2; i++) {
		low[i] = bv_trunc(tc, h, x->arg[i]);
		high[i] = bv_extract(tc, 2 * h - 1, h, x->arg[i]);
	}
	if (term_is_value(high[0], 0) && term_is_value(high[1], 0))
		return NULL;
	carried = bv_mul(tc, bv_zext(tc, 2 * h, low[0]), bv_zext(tc, 2 * h, low[1]));
	carried = bv_extract(tc, 2 * h - 1, h, carried);
	return bv_add(
		tc, carried, bv_add(tc, bv_mul(tc, low[0], high[1]), bv_mul(tc, high[0], low[1])));
}

term example_extract_product(struct terms *tc, struct example *e)
{
	unsigned w = 2 * e->width;
	term x = bv_concat(tc, example_var(tc, e, "x1"), example_var(tc, e, "x0"));
	term y = example_var(tc, e, "y0");

	y = draw(e, 2) ? bv_concat(tc, example_var(tc, e, "y1"), y) : bv_sext(tc, w, y);
	return bv_extract(tc, w - 1, e->width, bv_mul(tc, x, y));
}
