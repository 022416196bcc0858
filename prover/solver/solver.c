/* SPDX-License-Identifier: MIT */
/*
 * The stack of assertions, the answers that need no solver, the count of the others, and the check
 * that a model is one. Nothing here knows how a solver is asked; z3.c and process.c do, and guess.c
 * spares it some questions.
 */
#include <stdlib.h>
#include <string.h>

#include "prover/clock.h"
#include "prover/solver/backend.h"

struct solver {
	struct solver_options options;
	char *command;
	struct z3 *z3; /* made when it is first needed */
	struct term_list asserted;
	size_t *scope; /* how many were asserted at each push */
	size_t scopes, room;
	struct parts *parts;
	struct assignment *model, *part_model;
	char reason[REASON_MAX];
	struct solver_statistics statistics;
};

struct solver *solver_new(const struct solver_options *options)
{
	struct solver *s = must(calloc(1, sizeof(*s)));

	if (options)
		s->options = *options;
	if (s->options.command)
		s->options.command = s->command = must(strdup(s->options.command));
	s->model = assignment_new();
	s->part_model = assignment_new();
	s->parts = parts_new();
	return s;
}

void solver_free(struct solver *s)
{
	if (!s)
		return;
	z3_free(s->z3);
	term_list_free(&s->asserted);
	parts_free(s->parts);
	assignment_free(s->model);
	assignment_free(s->part_model);
	free(s->scope);
	free(s->command);
	free(s);
}

void solver_set_timeout(struct solver *s, unsigned timeout_ms)
{
	s->options.timeout_ms = timeout_ms;
}

void solver_push(struct solver *s)
{
	if (s->scopes == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->scope = must(realloc(s->scope, s->room * sizeof(*s->scope)));
	}
	s->scope[s->scopes++] = s->asserted.count;
}

void solver_pop(struct solver *s)
{
	if (s->scopes == 0) {
		fprintf(stderr, "vouch: bug: solver_pop() without solver_push()\n");
		abort();
	}
	s->asserted.count = s->scope[--s->scopes];
}

static void is_bool(term t)
{
	if (t->sort != SORT_BOOL) {
		fprintf(stderr, "vouch: bug: a solver was asked about what isn't a boolean\n");
		abort();
	}
}

void solver_assert(struct solver *s, term t)
{
	is_bool(t);
	term_list_add(&s->asserted, t);
}

size_t solver_asserted(const struct solver *s, const term **list)
{
	*list = s->asserted.at;
	return s->asserted.count;
}

/* What is left to ask: constants true say nothing. Returns false if one is constant false. */
static bool collect(const struct solver *s, term also, struct term_list *list)
{
	for (size_t i = 0; i < s->asserted.count + (also != NULL); i++) {
		term t = i < s->asserted.count ? s->asserted.at[i] : also;

		if (term_is_false(t))
			return false;
		if (!term_is_true(t))
			term_list_add(list, t);
	}
	return true;
}

/* A model that doesn't satisfy the query means that somebody is wrong about what a term means. */
static enum solver_result verify(struct solver *s, const struct term_list *list)
{
	u128 *value = must(malloc(list->count * sizeof(*value)));
	size_t wrong = 0;

	term_evaluate_n(list->count, list->at, s->part_model, value);
	while (wrong < list->count && value[wrong])
		wrong++;
	free(value);
	if (wrong == list->count)
		return SOLVER_SAT;
	snprintf(s->reason, sizeof(s->reason),
		"the solver says sat, but assertion %zu of %zu is false in its model", wrong + 1,
		list->count);
	return SOLVER_ERROR;
}

static enum solver_result ask(void *user, const struct term_list *list)
{
	struct solver *s = user;
	struct solver_statistics *st = &s->statistics;
	struct query q = {list->count, list->at, s->options.timeout_ms, s->options.alone,
		s->part_model, s->reason};
	double start = seconds_now(), took;
	enum solver_result result;

	if (guess_check(&q)) {
		result = SOLVER_SAT;
	} else if (s->command) {
		result = process_check(s->command, &q);
	} else {
		if (!s->z3)
			s->z3 = z3_new();
		result = z3_check(s->z3, &q);
	}
	took = seconds_now() - start;
	st->asked++;
	st->seconds += took;
	st->longest = took > st->longest ? took : st->longest;
	if (result == SOLVER_SAT)
		result = verify(s, list);
	st->sat += result == SOLVER_SAT;
	st->unsat += result == SOLVER_UNSAT;
	st->unknown += result == SOLVER_UNKNOWN;
	st->errors += result == SOLVER_ERROR;
	return result;
}

enum solver_result solver_check(struct solver *s, term also)
{
	const struct parts_client client = {s, ask, s->part_model, s->model};
	struct term_list list = {0};
	enum solver_result result;

	if (also)
		is_bool(also);
	s->statistics.queries++;
	s->reason[0] = 0;
	assignment_clear(s->model);
	if (!collect(s, also, &list)) {
		s->statistics.trivial++;
		result = SOLVER_UNSAT;
	} else if (list.count == 0) {
		s->statistics.trivial++;
		result = SOLVER_SAT;
	} else {
		result = parts_check(s->parts, &list, &client);
	}
	term_list_free(&list);
	return result;
}

enum solver_result solver_implied(struct solver *s, struct terms *tc, term t)
{
	return solver_check(s, bool_not(tc, t));
}

const struct assignment *solver_model(const struct solver *s)
{
	return s->model;
}

const char *solver_reason(const struct solver *s)
{
	return s->reason;
}

void solver_write(const struct solver *s, term also, FILE *f)
{
	struct term_list list = {0};

	for (size_t i = 0; i < s->asserted.count; i++)
		term_list_add(&list, s->asserted.at[i]);
	if (also)
		term_list_add(&list, also);
	term_print_smt_script(f, list.count, list.at);
	term_list_free(&list);
}

const struct solver_statistics *solver_statistics(const struct solver *s)
{
	return &s->statistics;
}

const char *solver_result_text(enum solver_result result)
{
	static const char *const text[] = {"unsat", "sat", "unknown", "error"};

	return text[result];
}
