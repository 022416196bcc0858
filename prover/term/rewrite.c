/* SPDX-License-Identifier: MIT */
/*
 * The engine: try the rules of the operator in the table's order, take the first that has an
 * answer. A rule's answer is itself built by constructors, so it is already rewritten and nothing
 * is iterated here. Rules that call constructors whose rules call constructors … end because each
 * step goes towards the normal form; the bound on the depth is a net below that, not part of the
 * argument, and losing a rewrite is never wrong.
 */
#include <string.h>

#include "prover/term/rules.h"

#define DEPTH_MAX 256

const struct rule rules[] = {
#define RULE(op, name, apply, example, limit, lemma, text) \
	{TERM_##op, name, apply, example, limit, lemma, text},
#include "prover/term/rules.def"
#undef RULE
};

size_t rewrite_rules(void)
{
	return sizeof(rules) / sizeof(rules[0]);
}

const char *rewrite_name(size_t rule)
{
	return rules[rule].name;
}

const char *rewrite_text(size_t rule)
{
	return rules[rule].text;
}

const char *rewrite_lemma(size_t rule)
{
	return rules[rule].lemma;
}

bool rewrite_find(const char *name, size_t *rule)
{
	for (size_t i = 0; i < rewrite_rules(); i++)
		if (strcmp(rules[i].name, name) == 0) {
			*rule = i;
			return true;
		}
	return false;
}

static term rewrite(struct terms *tc, const struct app *a)
{
	for (size_t i = tc->first[a->op]; i < tc->first[a->op + 1]; i++) {
		term t = rules[i].apply ? rules[i].apply(tc, a) : NULL;

		if (t) {
			tc->fired[i]++;
			return t;
		}
	}
	return NULL;
}

/* Where such an application would be remembered: each has one place, and the last one is there. */
static struct memo *memo_of(const struct terms *tc, const struct app *a, struct memo *wanted)
{
	uint64_t hash = (uint64_t)a->op << 40 | (uint64_t)a->sort << 32 | (uint64_t)a->width << 24 |
	                (uint64_t)a->args << 16 | a->hi << 8 | a->lo;

	*wanted = (struct memo){.epoch = tc->epoch, .what = hash};
	for (unsigned i = 0; i < a->args; i++) {
		wanted->arg[i] = a->arg[i]->id;
		hash = mix(hash, wanted->arg[i]);
	}
	return &tc->memo[hash % MEMO_ROOM];
}

static bool is_remembered(const struct memo *memo, const struct memo *wanted)
{
	return memcmp(memo, wanted, offsetof(struct memo, result)) == 0;
}

/* Has an application no more to it than there is room for? */
static bool is_small(const struct app *a)
{
	return a->args >= 1 && a->args <= MEMO_ARGS && !a->name;
}

/*
 * A proof builds few terms, and these again and again. What the rules made of an application is
 * what they would make of it again, since terms don't change.
 */
static term rewrite_once(struct terms *tc, const struct app *a)
{
	struct memo wanted, *memo = memo_of(tc, a, &wanted);
	term t;

	if (is_remembered(memo, &wanted))
		return tc->all[memo->result];
	t = rewrite(tc, a);
	if (!t)
		t = intern(tc, a);
	wanted.result = t->id;
	*memo = wanted;
	return t;
}

term make(struct terms *tc, const struct app *a)
{
	term t = NULL;

	if (tc->mode == TERMS_REWRITE && tc->depth < DEPTH_MAX) {
		tc->depth++;
		t = is_small(a) ? rewrite_once(tc, a) : rewrite(tc, a);
		tc->depth--;
	}
	return t ? t : intern(tc, a);
}

/* ---- what holds for every operator ---- */

term fold(struct terms *tc, const struct app *a)
{
	u128 value[MAX_ARGS];

	for (unsigned i = 0; i < a->args; i++) {
		if (!term_is_const(a->arg[i]))
			return NULL;
		value[i] = a->arg[i]->ones;
	}
	value[0] = operate(a, value);
	return a->sort == SORT_BOOL ? bool_const(tc, value[0] != 0)
	                            : bv_const128(tc, a->width, value[0]);
}

bool two_valued(term t, term *condition, u128 *yes, u128 *no)
{
	if (term_is_const(t)) {
		*yes = *no = t->ones;
		return true;
	}
	if (t->op != TERM_ITE || !term_is_const(t->arg[1]) || !term_is_const(t->arg[2]) ||
		(*condition && *condition != t->arg[0]))
		return false;
	*condition = t->arg[0];
	*yes = t->arg[1]->ones;
	*no = t->arg[2]->ones;
	return true;
}

/* f(ite(c, 1, 2), 3) = ite(c, f(1, 3), f(2, 3)) */
term branches(struct terms *tc, const struct app *a)
{
	u128 yes[MAX_ARGS], no[MAX_ARGS];
	term c = NULL, t, e;

	for (unsigned i = 0; i < a->args; i++)
		if (!two_valued(a->arg[i], &c, &yes[i], &no[i]))
			return NULL;
	if (!c)
		return NULL;
	yes[0] = operate(a, yes);
	no[0] = operate(a, no);
	if (a->sort == SORT_BOOL) {
		t = bool_const(tc, yes[0] != 0);
		e = bool_const(tc, no[0] != 0);
	} else {
		t = bv_const128(tc, a->width, yes[0]);
		e = bv_const128(tc, a->width, no[0]);
	}
	return term_ite(tc, c, t, e);
}

bool is_complement(term a, term b)
{
	return (a->op == TERM_NOT && a->arg[0] == b) || (b->op == TERM_NOT && b->arg[0] == a);
}

term unless_same(const struct app *a, term t)
{
	if (t->op != a->op || t->args != a->args || t->width != a->width)
		return t;
	for (unsigned i = 0; i < a->args; i++)
		if (t->arg[i] != a->arg[i])
			return t;
	return NULL;
}
