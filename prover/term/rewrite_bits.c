/* SPDX-License-Identifier: MIT */
/*
 * Bit fields. Shifts by constants, masks, extensions and the or of disjoint pieces all become one
 * form: a concatenation of extracted fields and constants. So an instruction word that C code put
 * together with shifts and ors shows a decoder its constant bits, and a field comes out as it went
 * in, also after a trip through memory byte by byte.
 *
 * A concatenation is flat, and no two neighbours in it can be joined. Extraction goes as deep as it
 * can: through fields, bitwise operators, choices, and, from bit 0, sums. Joining is the inverse of
 * that, neighbour by neighbour.
 */
#include <string.h>

#include "prover/term/rules.h"

/* ---- and, or, xor: where bits of one side are known, the result's are, or are the other side's
 * ---- */

enum outcome { OUT_KNOWN, OUT_A, OUT_B, OUT_NOT_A, OUT_NOT_B, OUT_BOTH };

#define RUNS_MAX 16

static enum outcome outcome(enum term_op op, term a, term b, u128 bit)
{
	bool a0 = a->zeros & bit, a1 = a->ones & bit, b0 = b->zeros & bit, b1 = b->ones & bit;

	if ((a0 || a1) && (b0 || b1))
		return OUT_KNOWN;
	switch (op) {
	case TERM_AND:
		return a0 || b0 ? OUT_KNOWN : b1 ? OUT_A : a1 ? OUT_B : OUT_BOTH;
	case TERM_OR:
		return a1 || b1 ? OUT_KNOWN : b0 ? OUT_A : a0 ? OUT_B : OUT_BOTH;
	default:
		return b0 ? OUT_A : a0 ? OUT_B : b1 ? OUT_NOT_A : a1 ? OUT_NOT_B : OUT_BOTH;
	}
}

static term piece(struct terms *tc, term t, unsigned hi, unsigned lo)
{
	return t->sort == SORT_BOOL ? t : bv_extract(tc, hi, lo, t);
}

static term run(struct terms *tc, const struct app *a, enum outcome out, unsigned hi, unsigned lo)
{
	term x = a->arg[0], y = a->arg[1];
	struct bits known;

	switch (out) {
	case OUT_KNOWN:
		known = known_bits(a);
		return a->sort == SORT_BOOL ? bool_const(tc, known.ones != 0)
		                            : bv_const128(tc, hi - lo + 1, known.ones >> lo);
	case OUT_A:
		return piece(tc, x, hi, lo);
	case OUT_B:
		return piece(tc, y, hi, lo);
	case OUT_NOT_A:
		return negate(tc, piece(tc, x, hi, lo));
	case OUT_NOT_B:
		return negate(tc, piece(tc, y, hi, lo));
	default:
		return build2(tc, a->op, piece(tc, x, hi, lo), piece(tc, y, hi, lo));
	}
}

term bitwise_known(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y = a->arg[1], part[RUNS_MAX];
	enum outcome of[RUNS_MAX];
	unsigned top[RUNS_MAX], runs = 0;

	if (!(x->zeros | x->ones | y->zeros | y->ones))
		return NULL;
	for (unsigned i = a->width; i-- > 0;) {
		enum outcome out = outcome(a->op, x, y, power_of_2(i));

		if (runs && of[runs - 1] == out)
			continue;
		if (runs == RUNS_MAX)
			return NULL;
		of[runs] = out;
		top[runs++] = i;
	}
	if (runs == 1)
		return of[0] == OUT_BOTH ? NULL : run(tc, a, of[0], a->width - 1u, 0);
	for (unsigned i = 0; i < runs; i++)
		part[i] = run(tc, a, of[i], top[i], i + 1 < runs ? top[i + 1] + 1 : 0);
	return bv_concat_n(tc, runs, part);
}

/* The constant has runs of ones and zeros in it, and the other operand is known here and there. */
term example_bitwise_known(struct terms *tc, struct example *e)
{
	term x = draw_known(tc, e, "x", e->width), y = draw_known(tc, e, "y", e->width);

	if (draw(e, 2))
		y = draw_const(tc, e, e->width);
	return build2(tc, e->op, x, y);
}

/* and, or with a choice between nothing and everything */
term bitwise_mask(struct terms *tc, const struct app *a)
{
	for (unsigned i = 0; i < 2; i++) {
		term m = a->arg[i], other = a->arg[1 - i];

		if (m->op == TERM_ITE && term_is_const(m->arg[1]) && term_is_const(m->arg[2]) &&
			m->arg[1]->ones + m->arg[2]->ones == mask_of(a->width) &&
			(is_ones(m->arg[1]) || is_ones(m->arg[2])))
			return term_ite(tc, m->arg[0], build2(tc, a->op, m->arg[1], other),
				build2(tc, a->op, m->arg[2], other));
	}
	return NULL;
}

term example_bitwise_mask(struct terms *tc, struct example *e)
{
	term all = bv_const128(tc, e->width, ~(u128)0), none = bv_const(tc, e->width, 0);
	term c = bool_var(tc, "c");

	return build2(tc, e->op,
		draw(e, 2) ? term_ite(tc, c, all, none) : term_ite(tc, c, none, all),
		example_var(tc, e, "x"));
}

/* ---- not ---- */

term not_not(struct terms *tc, const struct app *a)
{
	(void)tc;
	return a->arg[0]->op == TERM_NOT ? a->arg[0]->arg[0] : NULL;
}

term example_not_not(struct terms *tc, struct example *e)
{
	if (draw(e, 2))
		return bool_not(tc, bool_not(tc, bool_var(tc, "p")));
	return bv_not(tc, bv_not(tc, example_var(tc, e, "x")));
}

term not_concat(struct terms *tc, const struct app *a)
{
	term c = a->arg[0], part[MAX_ARGS];

	if (c->op != TERM_CONCAT)
		return NULL;
	for (unsigned i = 0; i < c->args; i++)
		part[i] = negate(tc, c->arg[i]);
	return bv_concat_n(tc, c->args, part);
}

term example_not_concat(struct terms *tc, struct example *e)
{
	return bv_not(tc, bv_concat(tc, draw_const(tc, e, e->width), example_var(tc, e, "x")));
}

/* ---- shifts ---- */

term shift_constant(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];
	unsigned n, w = a->width;

	if (!term_is_const(a->arg[1]))
		return NULL;
	n = a->arg[1]->ones < w ? (unsigned)a->arg[1]->ones : w;
	if (n == 0)
		return x;
	if (a->op == TERM_ASHR)
		return bv_sext(tc, w, bv_extract(tc, w - 1, n < w ? n : w - 1, x));
	if (n == w)
		return bv_const(tc, w, 0);
	if (a->op == TERM_SHL)
		return bv_concat(tc, bv_extract(tc, w - 1 - n, 0, x), bv_const(tc, n, 0));
	return bv_concat(tc, bv_const(tc, n, 0), bv_extract(tc, w - 1, n, x));
}

term example_shift_constant(struct terms *tc, struct example *e)
{
	term count = draw(e, 4) ? bv_const(tc, e->width, draw(e, e->width))
	                        : draw_const(tc, e, e->width);

	return build2(tc, e->op, example_var(tc, e, "x"), count);
}

/* Does the count mean the same in `width` bits? */
static bool count_fits(term count, unsigned width)
{
	return count->width - known_leading_zeros(count) <= width;
}

/* (0…0, x) >> n = (0…0, x >> n) */
term lshr_narrow(struct terms *tc, const struct app *a)
{
	unsigned zeros = known_leading_zeros(a->arg[0]), w = a->width - zeros;

	if (zeros == 0 || w == 0 || !count_fits(a->arg[1], w))
		return NULL;
	return bv_zext(
		tc, a->width, bv_lshr(tc, bv_trunc(tc, w, a->arg[0]), bv_trunc(tc, w, a->arg[1])));
}

term example_lshr_narrow(struct terms *tc, struct example *e)
{
	return bv_lshr(tc, bv_zext(tc, 2 * e->width, example_var(tc, e, "x")),
		bv_zext(tc, 2 * e->width, example_var(tc, e, "n")));
}

term ashr_narrow(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];

	if (x->op != TERM_SEXT || !count_fits(a->arg[1], x->arg[0]->width))
		return NULL;
	return bv_sext(
		tc, a->width, bv_ashr(tc, x->arg[0], bv_trunc(tc, x->arg[0]->width, a->arg[1])));
}

term example_ashr_narrow(struct terms *tc, struct example *e)
{
	return bv_ashr(tc, bv_sext(tc, 2 * e->width, example_var(tc, e, "x")),
		bv_zext(tc, 2 * e->width, example_var(tc, e, "n")));
}

term ashr_nonnegative(struct terms *tc, const struct app *a)
{
	return known_leading_zeros(a->arg[0]) ? bv_lshr(tc, a->arg[0], a->arg[1]) : NULL;
}

term example_ashr_nonnegative(struct terms *tc, struct example *e)
{
	unsigned wide = e->width + 1;

	return bv_ashr(tc, bv_zext(tc, wide, example_var(tc, e, "x")), bv_var(tc, "n", wide));
}

/* ---- extensions ---- */

term zext_concat(struct terms *tc, const struct app *a)
{
	return bv_concat(tc, bv_const(tc, a->width - a->arg[0]->width, 0), a->arg[0]);
}

term example_zext(struct terms *tc, struct example *e)
{
	return bv_zext(tc, e->width + 1 + (unsigned)draw(e, e->width), example_var(tc, e, "x"));
}

term sext_sext(struct terms *tc, const struct app *a)
{
	return a->arg[0]->op == TERM_SEXT ? bv_sext(tc, a->width, a->arg[0]->arg[0]) : NULL;
}

term example_sext_sext(struct terms *tc, struct example *e)
{
	return bv_sext(tc, e->width + 2, bv_sext(tc, e->width + 1, example_var(tc, e, "x")));
}

term sext_sign(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];
	u128 sign = power_of_2(x->width - 1u);
	unsigned more = a->width - x->width;

	if (!((x->zeros | x->ones) & sign))
		return NULL;
	return bv_concat(tc, bv_const128(tc, more, x->ones & sign ? mask_of(more) : 0), x);
}

term example_sext_sign(struct terms *tc, struct example *e)
{
	term sign = bv_const(tc, 1, draw(e, 2));

	return bv_sext(tc, e->width + 3, bv_concat(tc, sign, example_var(tc, e, "x")));
}

/* ---- extract ---- */

static term extract(struct terms *tc, const struct app *a, term from)
{
	return bv_extract(tc, a->hi, a->lo, from);
}

term extract_extract(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];

	return x->op == TERM_EXTRACT ? bv_extract(tc, a->hi + x->lo, a->lo + x->lo, x->arg[0])
	                             : NULL;
}

static term some_field(struct terms *tc, struct example *e, term t)
{
	unsigned hi = (unsigned)draw(e, t->width), lo = (unsigned)draw(e, hi + 1);

	return t->width == 1 ? NULL : bv_extract(tc, hi, lo, t);
}

term example_extract_extract(struct terms *tc, struct example *e)
{
	return e->width < 3 ? NULL
	                    : some_field(tc, e,
				      bv_extract(tc, e->width - 1, 1, example_var(tc, e, "x")));
}

term extract_concat(struct terms *tc, const struct app *a)
{
	term c = a->arg[0], part[MAX_ARGS];
	unsigned parts = 0, below = c->width;

	if (c->op != TERM_CONCAT)
		return NULL;
	for (unsigned i = 0; i < c->args; i++) {
		term p = c->arg[i];
		unsigned above = below;

		below -= p->width;
		if (below > a->hi || above <= a->lo)
			continue;
		part[parts++] = bv_extract(tc, (a->hi < above ? a->hi : above - 1) - below,
			a->lo > below ? a->lo - below : 0, p);
	}
	return bv_concat_n(tc, parts, part);
}

term example_extract_concat(struct terms *tc, struct example *e)
{
	term part[3] = {
		example_var(tc, e, "x"), draw_const(tc, e, e->width), example_var(tc, e, "y")};

	return 3 * e->width > 128 ? NULL : some_field(tc, e, bv_concat_n(tc, 3, part));
}

term extract_sext(struct terms *tc, const struct app *a)
{
	term x = a->arg[0]->op == TERM_SEXT ? a->arg[0]->arg[0] : NULL;
	unsigned sign;

	if (!x)
		return NULL;
	sign = x->width - 1u;
	if (a->hi <= sign)
		return extract(tc, a, x);
	return bv_sext(tc, a->width, bv_extract(tc, sign, a->lo < sign ? a->lo : sign, x));
}

term example_extract_sext(struct terms *tc, struct example *e)
{
	return some_field(tc, e, bv_sext(tc, 2 * e->width, example_var(tc, e, "x")));
}

term extract_bitwise(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];

	if (x->op == TERM_NOT)
		return negate(tc, extract(tc, a, x->arg[0]));
	if (x->op != TERM_AND && x->op != TERM_OR && x->op != TERM_XOR)
		return NULL;
	return build2(tc, x->op, extract(tc, a, x->arg[0]), extract(tc, a, x->arg[1]));
}

term example_extract_bitwise(struct terms *tc, struct example *e)
{
	static const enum term_op ops[] = {TERM_AND, TERM_OR, TERM_XOR};
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	unsigned which = (unsigned)draw(e, 4);

	return some_field(tc, e, which < 3 ? build2(tc, ops[which], x, y) : bv_not(tc, x));
}

term extract_ite(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];

	if (x->op != TERM_ITE)
		return NULL;
	return term_ite(tc, x->arg[0], extract(tc, a, x->arg[1]), extract(tc, a, x->arg[2]));
}

term example_extract_ite(struct terms *tc, struct example *e)
{
	return some_field(tc, e,
		term_ite(tc, bool_var(tc, "c"), example_var(tc, e, "x"), example_var(tc, e, "y")));
}

/*
 * Low bits of a sum or a product come from the operands' low bits. Where nothing carries, addition
 * is or, and then every field is one.
 */
term extract_sum(struct terms *tc, const struct app *a)
{
	term x = a->arg[0], y[2];
	unsigned n = a->hi + 1u;

	if (x->op != TERM_ADD && x->op != TERM_MUL && x->op != TERM_NEG)
		return NULL;
	if (n == x->width)
		return NULL;
	for (unsigned i = 0; i < x->args; i++)
		y[i] = bv_trunc(tc, n, x->arg[i]);
	return bv_extract(tc, a->hi, a->lo,
		x->op == TERM_NEG ? bv_neg(tc, y[0]) : build2(tc, x->op, y[0], y[1]));
}

term example_extract_sum(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	unsigned which = (unsigned)draw(e, 3);

	return some_field(tc, e,
		which == 0   ? bv_add(tc, x, y)
		: which == 1 ? bv_mul(tc, x, y)
			     : bv_neg(tc, x));
}

term extract_shl(struct terms *tc, const struct app *a)
{
	term x = a->arg[0];
	unsigned n = a->hi + 1u;

	if (x->op != TERM_SHL || n == x->width || !count_fits(x->arg[1], n))
		return NULL;
	return bv_extract(tc, a->hi, a->lo,
		bv_shl(tc, bv_trunc(tc, n, x->arg[0]), bv_trunc(tc, n, x->arg[1])));
}

term example_extract_shl(struct terms *tc, struct example *e)
{
	unsigned n = e->width;
	term x = bv_shl(tc, bv_var(tc, "x", 2 * n), bv_zext(tc, 2 * n, bv_var(tc, "n", n)));

	return bv_extract(tc, n - 1, (unsigned)draw(e, n), x);
}

/* ---- concat ---- */

term concat_flatten(struct terms *tc, const struct app *a)
{
	term part[MAX_ARGS];
	unsigned parts = 0;

	for (unsigned i = 0; i < a->args; i++) {
		term p = a->arg[i];
		bool flat = p->op != TERM_CONCAT;

		for (unsigned j = 0; j < (flat ? 1u : p->args); j++)
			part[parts++] = flat ? p : p->arg[j];
	}
	return parts == a->args ? NULL : bv_concat_n(tc, parts, part);
}

term example_concat_flatten(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y"), c = bv_const(tc, 1, 1);

	return 3 * e->width > 126 ? NULL : bv_concat(tc, bv_concat(tc, x, y), bv_concat(tc, c, x));
}

/* A way of saying (high, low) as one term that isn't a concatenation, or NULL. */
typedef term join(struct terms *tc, term high, term low);

static join join_any;

static term join_constants(struct terms *tc, term high, term low)
{
	if (!term_is_const(high) || !term_is_const(low))
		return NULL;
	return bv_const128(tc, high->width + low->width, high->ones << low->width | low->ones);
}

static term join_fields(struct terms *tc, term high, term low)
{
	if (high->op != TERM_EXTRACT || low->op != TERM_EXTRACT || high->arg[0] != low->arg[0] ||
		high->lo != low->hi + 1)
		return NULL;
	return bv_extract(tc, high->hi, low->lo, high->arg[0]);
}

/* The low part of a sum isn't an extract of it any more: see if it is what extract_sum() would
 * give. */
static term join_sums(struct terms *tc, term high, term low)
{
	term sum = high->op == TERM_EXTRACT ? high->arg[0] : NULL;

	if (!sum || (sum->op != TERM_ADD && sum->op != TERM_MUL && sum->op != TERM_NEG &&
			    sum->op != TERM_SHL))
		return NULL;
	if (high->lo < low->width ||
		bv_extract(tc, high->lo - 1u, high->lo - low->width, sum) != low)
		return NULL;
	return bv_extract(tc, high->hi, high->lo - low->width, sum);
}

static term join_signs(struct terms *tc, term high, term low)
{
	unsigned width = high->width + low->width;

	if (high->op == TERM_SEXT)
		return bv_sext(tc, width, bv_concat(tc, high->arg[0], low));
	if (high->width != 1 || term_is_const(high) ||
		bv_extract(tc, low->width - 1u, low->width - 1u, low) != high)
		return NULL;
	return bv_sext(tc, width, low);
}

static term join_bitwise(struct terms *tc, term high, term low)
{
	term a, b;

	if (high->op != low->op)
		return NULL;
	if (high->op == TERM_NOT) {
		a = join_any(tc, high->arg[0], low->arg[0]);
		return a ? negate(tc, a) : NULL;
	}
	if (high->op != TERM_AND && high->op != TERM_OR && high->op != TERM_XOR)
		return NULL;
	for (unsigned i = 0; i < 2; i++) {
		a = join_any(tc, high->arg[0], low->arg[i]);
		b = a ? join_any(tc, high->arg[1], low->arg[1 - i]) : NULL;
		if (b)
			return build2(tc, high->op, a, b);
	}
	return NULL;
}

static term join_choices(struct terms *tc, term high, term low)
{
	u128 yes[2], no[2];
	term c = NULL, a, b;
	unsigned w = high->width + low->width;

	if (two_valued(high, &c, &yes[0], &no[0]) && two_valued(low, &c, &yes[1], &no[1]) && c)
		return term_ite(tc, c, bv_const128(tc, w, yes[0] << low->width | yes[1]),
			bv_const128(tc, w, no[0] << low->width | no[1]));
	if (high->op != TERM_ITE || low->op != TERM_ITE || high->arg[0] != low->arg[0])
		return NULL;
	a = join_any(tc, high->arg[1], low->arg[1]);
	b = a ? join_any(tc, high->arg[2], low->arg[2]) : NULL;
	return b ? term_ite(tc, high->arg[0], a, b) : NULL;
}

static term join_any(struct terms *tc, term high, term low)
{
	static join *const ways[] = {
		join_constants, join_fields, join_sums, join_bitwise, join_choices, join_signs};

	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		term t = ways[i](tc, high, low);

		if (t)
			return t->op == TERM_CONCAT ? NULL : t;
	}
	return NULL;
}

static term join_neighbours(struct terms *tc, const struct app *a, join *way)
{
	for (unsigned i = 0; i + 1 < a->args; i++) {
		term t = way(tc, a->arg[i], a->arg[i + 1]), part[MAX_ARGS];

		if (!t)
			continue;
		memcpy(part, a->arg, i * sizeof(*part));
		part[i] = t;
		memcpy(part + i + 1, a->arg + i + 2, (a->args - i - 2u) * sizeof(*part));
		return bv_concat_n(tc, a->args - 1u, part);
	}
	return NULL;
}

#define CONCAT_RULE(name, way)                           \
	term name(struct terms *tc, const struct app *a) \
	{                                                \
		return join_neighbours(tc, a, way);      \
	}
CONCAT_RULE(concat_constants, join_constants)
CONCAT_RULE(concat_fields, join_fields)
CONCAT_RULE(concat_sums, join_sums)
CONCAT_RULE(concat_bitwise, join_bitwise)
CONCAT_RULE(concat_choices, join_choices)
CONCAT_RULE(concat_signs, join_signs)

term example_concat_constants(struct terms *tc, struct example *e)
{
	term part[3] = {example_var(tc, e, "x"), draw_const(tc, e, 8), draw_const(tc, e, e->width)};

	return e->width > 60 ? NULL : bv_concat_n(tc, 3, part);
}

/* Both halves of t next to each other, cut at a bit drawn at random. */
static term cut(struct terms *tc, struct example *e, term t)
{
	unsigned at;

	if (t->width < 2)
		return NULL;
	at = 1 + (unsigned)draw(e, t->width - 1u);
	return bv_concat(tc, bv_extract(tc, t->width - 1u, at, t), bv_extract(tc, at - 1, 0, t));
}

term example_concat_fields(struct terms *tc, struct example *e)
{
	return cut(tc, e, example_var(tc, e, "x"));
}

term example_concat_sums(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	unsigned which = (unsigned)draw(e, 3);

	return cut(tc, e,
		which == 0   ? bv_add(tc, x, y)
		: which == 1 ? bv_mul(tc, x, y)
			     : bv_neg(tc, x));
}

term example_concat_bitwise(struct terms *tc, struct example *e)
{
	static const enum term_op ops[] = {TERM_AND, TERM_OR, TERM_XOR};
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	unsigned which = (unsigned)draw(e, 4);

	return cut(tc, e, which < 3 ? build2(tc, ops[which], x, y) : bv_not(tc, x));
}

term example_concat_choices(struct terms *tc, struct example *e)
{
	term c = bool_var(tc, "c"), x = example_var(tc, e, "x"), y = example_var(tc, e, "y");

	if (draw(e, 2))
		return bv_concat(tc, draw_const(tc, e, e->width),
			term_ite(tc, c, bv_const(tc, 3, 1 + draw(e, 3)),
				bv_const(tc, 3, 4 + draw(e, 3))));
	return cut(tc, e, term_ite(tc, c, x, y));
}

term example_concat_signs(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x");

	if (draw(e, 2))
		return bv_concat(tc, bv_sext(tc, e->width + 1, x), bv_var(tc, "z", 3));
	return bv_concat(tc, bv_extract(tc, e->width - 1, e->width - 1, x), x);
}
