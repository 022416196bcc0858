/* SPDX-License-Identifier: MIT */
/*
 * Choices and sets: if-then-else, and the operators for which order and repetition don't matter.
 * Conjunctions, of path conditions above all, are kept as sets in the order of their ids, without
 * what follows from another member alone.
 */
#include "prover/term/rules.h"

/* ---- ite ---- */

term ite_constant(struct terms *tc, const struct app *a)
{
	(void)tc;
	return term_is_const(a->arg[0]) ? a->arg[a->arg[0]->ones ? 1 : 2] : NULL;
}

static term pair(struct terms *tc, struct example *e, term c)
{
	return term_ite(tc, c, example_var(tc, e, "x"), example_var(tc, e, "y"));
}

term example_ite_constant(struct terms *tc, struct example *e)
{
	return pair(tc, e, bool_const(tc, draw(e, 2)));
}

term ite_same(struct terms *tc, const struct app *a)
{
	(void)tc;
	return a->arg[1] == a->arg[2] ? a->arg[1] : NULL;
}

term example_ite_same(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x");

	return term_ite(tc, bool_var(tc, "c"), x, x);
}

term ite_not(struct terms *tc, const struct app *a)
{
	return a->arg[0]->op == TERM_NOT ? term_ite(tc, a->arg[0]->arg[0], a->arg[2], a->arg[1])
	                                 : NULL;
}

term example_ite_not(struct terms *tc, struct example *e)
{
	return pair(tc, e, bool_not(tc, bool_var(tc, "c")));
}

/* A choice between booleans of which one is a constant, or the condition itself, is a connective.
 */
term ite_bool(struct terms *tc, const struct app *a)
{
	term c = a->arg[0], t = a->arg[1], f = a->arg[2];

	if (a->sort != SORT_BOOL)
		return NULL;
	if (term_is_true(t) || t == c)
		return bool_or(tc, c, f);
	if (term_is_false(t) || is_complement(t, c))
		return bool_and(tc, bool_not(tc, c), f);
	if (term_is_true(f) || is_complement(f, c))
		return bool_or(tc, bool_not(tc, c), t);
	if (term_is_false(f) || f == c)
		return bool_and(tc, c, t);
	return NULL;
}

term example_ite_bool(struct terms *tc, struct example *e)
{
	term c = bool_var(tc, "c"), p = bool_var(tc, "p");
	term other[] = {bool_const(tc, true), bool_const(tc, false), c, bool_not(tc, c)};
	term o = other[draw(e, 4)];

	return draw(e, 2) ? term_ite(tc, c, o, p) : term_ite(tc, c, p, o);
}

term ite_nested(struct terms *tc, const struct app *a)
{
	term c = a->arg[0], t = a->arg[1], f = a->arg[2];

	if (t->op == TERM_ITE && t->arg[0] == c)
		return term_ite(tc, c, t->arg[1], f);
	if (f->op == TERM_ITE && f->arg[0] == c)
		return term_ite(tc, c, t, f->arg[2]);
	return NULL;
}

term example_ite_nested(struct terms *tc, struct example *e)
{
	term c = bool_var(tc, "c"), z = example_var(tc, e, "z");

	return draw(e, 2) ? term_ite(tc, c, pair(tc, e, c), z) : term_ite(tc, c, z, pair(tc, e, c));
}

/* x = y ? x : y is y, and so is x = y ? y : y */
term ite_equal(struct terms *tc, const struct app *a)
{
	term c = a->arg[0];

	(void)tc;
	if (c->op != TERM_EQ)
		return NULL;
	if ((c->arg[0] == a->arg[1] && c->arg[1] == a->arg[2]) ||
		(c->arg[1] == a->arg[1] && c->arg[0] == a->arg[2]))
		return a->arg[2];
	return NULL;
}

term example_ite_equal(struct terms *tc, struct example *e)
{
	term x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	term c = term_eq(tc, x, y);

	return draw(e, 2) ? term_ite(tc, c, x, y) : term_ite(tc, c, y, x);
}

/* A number made of one bit's truth is that bit, extended. */
term ite_bit(struct terms *tc, const struct app *a)
{
	term c = a->arg[0], t = a->arg[1], f = a->arg[2], x;

	if (a->sort != SORT_BV || c->op != TERM_EQ || c->arg[0]->width != 1 ||
		!term_is_value(c->arg[1], 1) || c->arg[1]->sort != SORT_BV)
		return NULL;
	x = c->arg[0];
	if (term_is_value(f, 0) && term_is_value(t, 1))
		return bv_zext(tc, a->width, x);
	if (term_is_value(f, 0) && is_ones(t))
		return bv_sext(tc, a->width, x);
	if (term_is_value(t, 0) && term_is_value(f, 1))
		return bv_zext(tc, a->width, bv_not(tc, x));
	return term_is_value(t, 0) && is_ones(f) ? bv_sext(tc, a->width, bv_not(tc, x)) : NULL;
}

term example_ite_bit(struct terms *tc, struct example *e)
{
	term c = term_eq(tc, bv_var(tc, "b", 1), bv_const(tc, 1, 1));
	term one = bv_const128(tc, e->width, draw(e, 2) ? 1 : ~(u128)0),
	     zero = bv_const(tc, e->width, 0);

	return draw(e, 2) ? term_ite(tc, c, one, zero) : term_ite(tc, c, zero, one);
}

/* Is there a part's edge just above bit `at`? */
static bool edge(term t, unsigned at)
{
	unsigned below = t->width;

	if (term_is_const(t))
		return true;
	if (t->op != TERM_CONCAT)
		return false;
	for (unsigned i = 0; i < t->args && below > at; i++)
		below -= t->arg[i]->width;
	return below == at;
}

/* Edges that two terms have in common cut both into parts of the same widths: highest first. */
unsigned common_edges(term a, term b, unsigned *below)
{
	unsigned parts = 0;

	if ((a->op != TERM_CONCAT && b->op != TERM_CONCAT) || a->sort != SORT_BV)
		return 0;
	for (unsigned at = a->width; at-- > 0;)
		if (at == 0 || (edge(a, at) && edge(b, at)))
			below[parts++] = at;
	return parts;
}

/* Parts on which both sides agree need no choice. */
term ite_slices(struct terms *tc, const struct app *a)
{
	term t = a->arg[1], f = a->arg[2], part[MAX_ARGS];
	unsigned below[MAX_ARGS], cuts = common_edges(t, f, below), parts = 0, hi = a->width - 1u;
	unsigned differ = 0; /* the highest bit of a run of parts that differ, plus 1; 0: none */
	bool agree = false;

	for (unsigned i = 0; i < cuts; hi = below[i++] - 1) {
		term x = bv_extract(tc, hi, below[i], t), y = bv_extract(tc, hi, below[i], f);

		if (x != y) {
			differ = differ ? differ : hi + 1;
		} else {
			agree = true;
			if (differ)
				part[parts++] = term_ite(tc, a->arg[0],
					bv_extract(tc, differ - 1, hi + 1, t),
					bv_extract(tc, differ - 1, hi + 1, f));
			part[parts++] = x;
			differ = 0;
		}
	}
	if (!agree)
		return NULL;
	if (differ)
		part[parts++] =
			term_ite(tc, a->arg[0], bv_trunc(tc, differ, t), bv_trunc(tc, differ, f));
	return bv_concat_n(tc, parts, part);
}

term example_ite_slices(struct terms *tc, struct example *e)
{
	term c = bool_var(tc, "c"), x = example_var(tc, e, "x"), y = example_var(tc, e, "y"),
	     p = bv_var(tc, "p", 2);

	if (2 * e->width + 2 > 128)
		return NULL;
	switch (draw(e, 3)) {
	case 0:
		return term_ite(tc, c, bv_zext(tc, 2 * e->width, x), bv_zext(tc, 2 * e->width, y));
	case 1:
		return term_ite(tc, c, bv_concat(tc, x, bv_concat(tc, p, y)),
			bv_concat(tc, y, bv_concat(tc, p, x)));
	default:
		return term_ite(tc, c, bv_concat(tc, x, bv_const(tc, 3, 5)),
			bv_concat(tc, y, bv_const(tc, 3, 5)));
	}
}

/* ---- sets ---- */

#define SET_MAX 64

struct set {
	term at[SET_MAX];
	unsigned count;
	bool full;
};

static void put(struct set *s, enum term_op op, term t)
{
	unsigned i;

	if (t->op == op) {
		put(s, op, t->arg[0]);
		put(s, op, t->arg[1]);
		return;
	}
	if (s->count == SET_MAX) {
		s->full = true;
		return;
	}
	for (i = s->count++; i > 0 && s->at[i - 1]->id > t->id; i--)
		s->at[i] = s->at[i - 1];
	s->at[i] = t;
}

static struct set set_of(const struct app *a)
{
	struct set s = {.count = 0};

	put(&s, a->op, a->arg[0]);
	put(&s, a->op, a->arg[1]);
	return s;
}

static bool has(const struct set *s, term t)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->at[i] == t)
			return true;
	return false;
}

static bool has_complement(const struct set *s, term t)
{
	for (unsigned i = 0; i < s->count; i++)
		if (is_complement(s->at[i], t))
			return true;
	return false;
}

static term chain(struct terms *tc, enum term_op op, const struct set *s)
{
	term all = s->at[0];

	for (unsigned i = 1; i < s->count; i++)
		all = node2(tc, op, all, s->at[i]);
	return all;
}

static void keep_distinct(struct set *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->count; i++)
		if (n == 0 || s->at[n - 1] != s->at[i])
			s->at[n++] = s->at[i];
	s->count = n;
}

term and_set(struct terms *tc, const struct app *a)
{
	struct set s = set_of(a);

	if (s.full)
		return NULL;
	keep_distinct(&s);
	for (unsigned i = 0; i < s.count; i++)
		if (s.at[i]->op == TERM_NOT && has(&s, s.at[i]->arg[0]))
			return a->op == TERM_AND ? zero_like(tc, s.at[i]) : ones_like(tc, s.at[i]);
	return unless_same(a, chain(tc, a->op, &s));
}

static term operand(struct terms *tc, struct example *e, bool of_bool, const char *name)
{
	char boolean[] = {name[0], '.', 0}; /* a name has one sort */

	return of_bool ? bool_var(tc, boolean) : example_var(tc, e, name);
}

term example_set(struct terms *tc, struct example *e)
{
	bool of_bool = draw(e, 2);
	static const char *const names[] = {"x", "y", "z"};
	term x = operand(tc, e, of_bool, "x"), y = operand(tc, e, of_bool, "y");
	term z = operand(tc, e, of_bool, names[draw(e, 3)]);

	if (draw(e, 2))
		z = negate(tc, z);
	return build2(tc, e->op, build2(tc, e->op, z, y), x);
}

static enum term_op dual(enum term_op op)
{
	return op == TERM_AND ? TERM_OR : TERM_AND;
}

static term join_set(struct terms *tc, enum term_op op, const struct set *s)
{
	term all = s->count ? s->at[0] : NULL;

	for (unsigned i = 1; i < s->count; i++)
		all = build2(tc, op, all, s->at[i]);
	return all;
}

/* What s leaves of its member i, a set of the dual operator: 0 for all of it, 1 for a part, 2 for
 * nothing that counts. */
static unsigned absorb(const struct set *s, unsigned i, struct set *inner)
{
	unsigned before, left = 0;

	put(inner, s->at[i]->op, s->at[i]);
	before = inner->count;
	if (inner->full)
		return 0;
	for (unsigned j = 0; j < before; j++) {
		if (has(s, inner->at[j]))
			return 2;
		if (!has_complement(s, inner->at[j]))
			inner->at[left++] = inner->at[j];
	}
	inner->count = left;
	return left < before;
}

/* x & (x | y) = x and x & (~x | y) = x & y, and the same with & and | exchanged */
term and_absorb(struct terms *tc, const struct app *a)
{
	struct set s = set_of(a);

	for (unsigned i = 0; i < s.count && !s.full; i++) {
		struct set inner = {.count = 0};
		unsigned less = s.at[i]->op == dual(a->op) ? absorb(&s, i, &inner) : 0;

		if (!less)
			continue;
		if (less == 1 && inner.count == 0)
			return a->op == TERM_AND ? zero_like(tc, s.at[i]) : ones_like(tc, s.at[i]);
		if (less == 1) {
			s.at[i] = join_set(tc, dual(a->op), &inner);
			return join_set(tc, a->op, &s);
		}
		s.at[i] = s.at[--s.count];
		return join_set(tc, a->op, &s);
	}
	return NULL;
}

term example_absorb(struct terms *tc, struct example *e)
{
	bool of_bool = draw(e, 2);
	term x = operand(tc, e, of_bool, "x"), y = operand(tc, e, of_bool, "y");
	term z = operand(tc, e, of_bool, "z");

	if (draw(e, 2))
		x = negate(tc, x);
	return build2(tc, e->op, build2(tc, e->op, z, x),
		build2(tc, dual(e->op), draw(e, 2) ? x : negate(tc, x), y));
}

term xor_set(struct terms *tc, const struct app *a)
{
	struct set s = set_of(a), odd = {.count = 0};
	bool inverted = false;
	term all;

	if (s.full)
		return NULL;
	for (unsigned i = 0; i < s.count; i++) {
		bool is_not = s.at[i]->op == TERM_NOT;

		inverted ^= is_not;
		put(&odd, TERM_XOR, is_not ? s.at[i]->arg[0] : s.at[i]);
	}
	if (odd.full)
		return NULL;
	s.count = 0;
	for (unsigned i = 0; i < odd.count; i++)
		if (s.count && s.at[s.count - 1] == odd.at[i])
			s.count--;
		else
			s.at[s.count++] = odd.at[i];
	all = s.count ? chain(tc, TERM_XOR, &s) : zero_like(tc, a->arg[0]);
	return inverted ? negate(tc, all) : unless_same(a, all);
}

/* (c ? 1 : 2) + (c ? x : y) */
term add_choices(struct terms *tc, const struct app *a)
{
	for (unsigned i = 0; i < 2; i++) {
		term k = a->arg[i], t = a->arg[1 - i];

		if (k->op == TERM_ITE && t->op == TERM_ITE && k->arg[0] == t->arg[0] &&
			term_is_const(k->arg[1]) && term_is_const(k->arg[2]))
			return term_ite(tc, k->arg[0], bv_add(tc, k->arg[1], t->arg[1]),
				bv_add(tc, k->arg[2], t->arg[2]));
	}
	return NULL;
}

term example_add_choices(struct terms *tc, struct example *e)
{
	term c = bool_var(tc, "c"), x = example_var(tc, e, "x"), y = example_var(tc, e, "y");
	uint64_t k = draw(e, 7);

	if (e->width < 4)
		return NULL;
	return bv_add(tc, term_ite(tc, c, bv_const(tc, e->width, k), bv_const(tc, e->width, k ^ 5)),
		term_ite(tc, c, x, y));
}
