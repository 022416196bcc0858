/* SPDX-License-Identifier: MIT */
/*
 * Where a query has divisions or products, a solver may look for long for values that anybody
 * would name: one, minus one, the smallest number. So these are tried first. A guess is an answer
 * only if it is a model, by evaluation; that there is none is never said here.
 */
#include "prover/solver/backend.h"

enum { GUESSES = 200, VALUES = 24 };

struct guess {
	struct term_list conjuncts, variables;
	const struct query *q;
	uint64_t state; /* of the generator */
};

/* Does anything here take a solver long? */
static bool is_hard(const struct query *q)
{
	struct term_list all = {0};
	bool hard = false;

	term_subterms(q->asserts, q->assertion, &all);
	for (size_t i = 0; i < all.count && !hard; i++) {
		term t = all.at[i];
		bool divides = t->op >= TERM_UDIV && t->op <= TERM_SREM;

		hard = divides || (t->op == TERM_MUL && !term_is_const(t->arg[0]) &&
					  !term_is_const(t->arg[1]));
	}
	term_list_free(&all);
	return hard;
}

static void add_conjuncts(struct guess *g, term t)
{
	if (t->op == TERM_AND && t->sort == SORT_BOOL) {
		add_conjuncts(g, t->arg[0]);
		add_conjuncts(g, t->arg[1]);
	} else {
		term_list_add(&g->conjuncts, t);
	}
}

/* xorshift64, Marsaglia, 2003: the same values in every run. */
static uint64_t next(struct guess *g)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return g->state;
}

/* Numbers at which something changes, and others. */
static u128 some_value(struct guess *g, unsigned width)
{
	uint64_t random = next(g), sign = (uint64_t)1 << ((width > 64 ? 64 : width) - 1);
	uint64_t value;

	switch (next(g) % 8) {
	case 0:
		value = random % 4;
		break;
	case 1:
		value = 0 - random % 4;
		break;
	case 2:
		value = sign - random % 2;
		break;
	case 3:
		value = 0x80000000 - random % 2;
		break;
	case 4:
		value = (uint64_t)1 << random % 64;
		break;
	case 5:
		value = random % 256;
		break;
	default:
		value = random;
	}
	return width < 64 ? value & (((uint64_t)1 << width) - 1) : value;
}

/* What an equality says that the variable is. */
static bool is_given(const struct guess *g, term variable, u128 *value)
{
	for (size_t i = 0; i < g->conjuncts.count; i++) {
		term t = g->conjuncts.at[i];

		for (unsigned n = 0; n < 2 && t->op == TERM_EQ; n++)
			if (t->arg[n] == variable && term_is_const(t->arg[!n])) {
				*value = term_evaluate(t->arg[!n], g->q->model);
				return true;
			}
	}
	return false;
}

/* Is what is said of this variable alone true? */
static bool is_possible(const struct guess *g, term variable)
{
	for (size_t i = 0; i < g->conjuncts.count; i++)
		if (term_made_of(g->conjuncts.at[i], 1, &variable) &&
			!term_evaluate(g->conjuncts.at[i], g->q->model))
			return false;
	return true;
}

static void choose(struct guess *g, term variable)
{
	u128 value;

	if (variable->sort == SORT_MEMORY)
		return; /* zeros */
	if (is_given(g, variable, &value)) {
		assignment_set(g->q->model, variable, value);
		return;
	}
	for (unsigned i = 0; i < VALUES; i++) {
		unsigned width = variable->sort == SORT_BOOL ? 1 : variable->width;

		assignment_set(g->q->model, variable, some_value(g, width));
		if (is_possible(g, variable))
			return;
	}
}

static bool is_model(const struct guess *g)
{
	for (size_t i = 0; i < g->conjuncts.count; i++)
		if (!term_evaluate(g->conjuncts.at[i], g->q->model))
			return false;
	return true;
}

bool guess_check(const struct query *q)
{
	struct guess g = {.q = q, .state = 88172645463325252};
	bool found = false;

	if (!is_hard(q))
		return false;
	for (size_t i = 0; i < q->asserts; i++)
		add_conjuncts(&g, q->assertion[i]);
	term_variables(q->asserts, q->assertion, &g.variables);
	for (unsigned i = 0; i < GUESSES && !found; i++) {
		assignment_clear(q->model);
		for (size_t n = 0; n < g.variables.count; n++)
			choose(&g, g.variables.at[n]);
		found = is_model(&g);
	}
	if (!found)
		assignment_clear(q->model);
	term_list_free(&g.conjuncts);
	term_list_free(&g.variables);
	return found;
}
