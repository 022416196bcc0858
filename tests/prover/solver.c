/* SPDX-License-Identifier: MIT */
/*
 * The solver's parts: walks that assert, take back and ask, where a query falls apart into parts
 * whose answers are kept. Each answer has to be the one that the whole query gets at once, and each
 * model a model of all of it. And what is guessed without a solver is a model, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "prover/solver/solver.h"

enum { ROUNDS = 300, DEPTH = 8, ASKED = 6 };

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % below;
}

/* Few variables of few bits: parts meet, and contradictions are common. */
static term some_value(struct terms *tc, uint64_t *seed)
{
	static const char *const name[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	term x = bv_var(tc, name[draw(seed, 8)], 8);

	switch (draw(seed, 6)) {
	case 0:
		return bv_const(tc, 8, draw(seed, 256));
	case 1:
		return term_apply(tc, draw(seed, 2) ? "p" : "q", SORT_BV, 8, 1, &x);
	case 2:
		return mem_select(tc, mem_var(tc, draw(seed, 2) ? "m" : "n"), bv_zext(tc, 64, x));
	default:
		return x;
	}
}

static term some_assertion(struct terms *tc, uint64_t *seed)
{
	term a = some_value(tc, seed), b = some_value(tc, seed);

	switch (draw(seed, 4)) {
	case 0:
		return term_eq(tc, bv_add(tc, a, b), bv_const(tc, 8, draw(seed, 4)));
	case 1:
		return bv_ult(tc, a, b);
	case 2:
		return term_ne(tc, a, b);
	default:
		return bool_or(tc, bv_ult(tc, a, bv_const(tc, 8, 8)), term_eq(tc, a, b));
	}
}

static void ask_both(struct terms *tc, struct solver *parts, struct solver *whole, term also)
{
	const term *asserted;
	size_t count = solver_asserted(parts, &asserted);
	enum solver_result result = solver_check(parts, also);
	term all = bool_and(tc, bool_and_n(tc, (unsigned)count, asserted), also);

	assert_int_equal(result, solver_check(whole, all));
	if (result == SOLVER_SAT)
		assert_true(term_evaluate(all, solver_model(parts)));
	else
		assert_int_equal(result, SOLVER_UNSAT);
}

static void parts_answer_as_the_whole_does(void **state)
{
	uint64_t seed = 20261121;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct terms *tc = terms_new(TERMS_REWRITE);
		struct solver *parts = solver_new(NULL), *whole = solver_new(NULL);
		unsigned depth = 0;

		for (unsigned i = 0; i < DEPTH + ASKED; i++) {
			if (depth > 0 && draw(&seed, 3) == 0) {
				solver_pop(parts);
				depth--;
			} else {
				solver_push(parts);
				depth++;
				solver_assert(parts, some_assertion(tc, &seed));
			}
			ask_both(tc, parts, whole, some_assertion(tc, &seed));
		}
		solver_free(parts);
		solver_free(whole);
		terms_free(tc);
	}
}

static void what_was_answered_is_not_asked_again(void **state)
{
	struct terms *tc = terms_new(TERMS_REWRITE);
	struct solver *s = solver_new(NULL);
	term a = bv_var(tc, "a", 8), b = bv_var(tc, "b", 8), seven = bv_const(tc, 8, 7);

	(void)state;
	solver_assert(s, bv_ult(tc, a, seven));
	assert_int_equal(solver_check(s, bv_ult(tc, b, seven)), SOLVER_SAT);
	assert_int_equal(solver_statistics(s)->asked, 2);
	assert_int_equal(solver_check(s, bv_ult(tc, b, seven)), SOLVER_SAT);
	assert_int_equal(solver_statistics(s)->asked, 2);
	assert_int_equal(solver_check(s, bv_ult(tc, seven, a)), SOLVER_UNSAT);
	assert_int_equal(solver_statistics(s)->asked, 3);
	solver_free(s);
	terms_free(tc);
}

/* The solver here never answers. */
static void a_model_of_divisions_is_guessed_and_nothing_else_is(void **state)
{
	const struct solver_options silent = {.timeout_ms = 10000, .command = "true"};
	struct terms *tc = terms_new(TERMS_REWRITE);
	struct solver *s = solver_new(&silent);
	term a = bv_var(tc, "a", 64), b = bv_var(tc, "b", 64), c = bv_var(tc, "c", 64);
	term same = term_eq(tc, bv_udiv(tc, a, b), bv_sdiv(tc, a, b));

	(void)state;
	assert_int_equal(solver_check(s, bv_ult(tc, a, b)), SOLVER_ERROR);
	solver_assert(s, term_eq(tc, b, bv_const(tc, 64, 3)));
	solver_assert(s, term_ne(tc, bv_mul(tc, a, c), bv_const(tc, 64, 0)));
	assert_int_equal(solver_implied(s, tc, same), SOLVER_SAT);
	assert_int_equal(assignment_value(solver_model(s), b), 3);
	assert_int_equal(term_evaluate(same, solver_model(s)), 0);
	/* There is no model; only a solver may say so. */
	solver_assert(s, same);
	assert_int_equal(solver_implied(s, tc, same), SOLVER_ERROR);
	solver_free(s);
	terms_free(tc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_answer_as_the_whole_does),
		cmocka_unit_test(what_was_answered_is_not_asked_again),
		cmocka_unit_test(a_model_of_divisions_is_guessed_and_nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
