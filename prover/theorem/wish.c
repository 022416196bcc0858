/* SPDX-License-Identifier: MIT */
/* See wish.h. */
#include "prover/theorem/wish.h"

#include <string.h>

#include "prover/clock.h"

/* The same plan at two scales; code is apart, since jumps may lead far away. */
#define PLACES(base, unit, code_at, code_size)                                                 \
	{                                                                                      \
		.vm = (base), .sp = (base) + 0x10 * (unit), .helpers = (base) + 0x20 * (unit), \
		.memory = (base) + 0x28 * (unit), .stack = (base) + 0x40 * (unit),             \
		.context = (base) + 0x60 * (unit), .regions = (base) + 0x70 * (unit),          \
		.data = (base) + 0x80 * (unit), .data_end = (base) + 0x88 * (unit),            \
		.insns = (base) + 0xa0 * (unit), .result = (base) + 0xb0 * (unit),             \
		.chosen = (base) + 0xc0 * (unit), .find = (base) + 0xf0 * (unit),              \
		.c = (base) + 0xf1 * (unit), .helper = (base) + 0xf2 * (unit),                 \
		.stub = (base) + 0xf3 * (unit), .code = (code_at),                             \
		.code_end = (code_at) + (code_size),                                           \
	}
static const struct places places64 = PLACES(0x100000000, 0x1000000u, 0x200000000, 0x100000000);
static const struct places places32 = PLACES(0x21000000, 0x10000u, 0x20000000, 0x200000);

enum { SECONDS = 4, QUESTION_MS = 2000 };

void wish(struct wishes *w, term t)
{
	if (!term_is_const(t))
		term_list_add(&w->all, t);
}

void wish_at(struct wishes *w, term t, uint64_t value)
{
	wish(w, term_eq(w->tc, t, bv_const(w->tc, t->width, value)));
}

void wish_below(struct wishes *w, term t, uint64_t limit)
{
	wish(w, bv_ult(w->tc, t, bv_const(w->tc, t->width, limit)));
}

term wish_between(struct wishes *w, term t, uint64_t from, uint64_t to)
{
	return bv_ult(w->tc, bv_add_c(w->tc, t, (uint64_t)0 - from),
		bv_const(w->tc, t->width, to - from));
}

term wish_page(struct wishes *w, term address)
{
	return bv_lshr_c(w->tc, address, 12);
}

void wish_accessible(struct wishes *w, term address)
{
	wish(w, bool_or(w->tc, wish_between(w, address, w->at->memory, w->at->stack - 64),
			bool_or(w->tc, wish_between(w, address, w->at->context, w->at->regions),
				wish_between(w, address, w->at->data, w->at->data_end))));
}

static term is_elsewhere(struct wishes *w, term address, term other)
{
	return term_ne(w->tc, wish_page(w, address), wish_page(w, other));
}

void wish_fault(struct wishes *w, const struct exec *exec)
{
	if (!exec->forbidden || !exec->accessed)
		return;
	for (size_t i = 0; i < exec->state.objects; i++) {
		const struct exec_object *o = &exec->state.object[i];
		term end = bv_add_c(w->tc, bv_add(w->tc, o->base, o->size), (uint64_t)0 - 1);
		term none = bool_not(w->tc, bool_from_bv(w->tc, o->size));

		wish(w, bool_or(w->tc, none, is_elsewhere(w, exec->accessed, o->base)));
		wish(w, bool_or(w->tc, none, is_elsewhere(w, exec->accessed, end)));
	}
}

void wish_success(struct wishes *w, const struct exec *exec)
{
	struct term_list variables = {0};

	for (size_t i = 0; i < exec->conditions.count; i++)
		term_variables(1, &exec->conditions.at[i], &variables);
	for (size_t i = 0; i < variables.count; i++)
		if (strncmp(variables.at[i]->name, "sc_succeeds", 11) == 0)
			wish(w, variables.at[i]);
	term_list_free(&variables);
}

void wishes_begin(
	struct wishes *w, struct terms *tc, struct solver *solver, unsigned word, term question)
{
	w->tc = tc;
	w->at = word == 8 ? &places64 : &places32;
	w->solver = solver;
	w->all = (struct term_list){0};
	w->values = assignment_new();
	w->until = seconds_now() + SECONDS;
	assignment_copy(w->values, solver_model(solver));
	solver_push(solver);
	solver_assert(solver, question);
	solver_set_timeout(solver, QUESTION_MS);
}

/* All of them, or half by half those that can be granted. */
static void grant(struct wishes *w, size_t from, size_t to)
{
	size_t middle = from + (to - from) / 2;
	term all;

	if (from == to || seconds_now() > w->until)
		return;
	all = bool_and_n(w->tc, to - from, w->all.at + from);
	if (term_is_true(all))
		return;
	if (solver_check(w->solver, all) == SOLVER_SAT) {
		assignment_copy(w->values, solver_model(w->solver));
		solver_assert(w->solver, all);
	} else if (to - from > 1) {
		grant(w, from, middle);
		grant(w, middle, to);
	}
}

bool wishes_grant(struct wishes *w)
{
	bool all = true;

	grant(w, 0, w->all.count);
	for (size_t i = 0; i < w->all.count; i++)
		all = all && term_evaluate(w->all.at[i], w->values);
	w->all.count = 0;
	return all;
}

struct assignment *wishes_end(struct wishes *w, unsigned timeout_ms)
{
	solver_set_timeout(w->solver, timeout_ms);
	solver_pop(w->solver);
	term_list_free(&w->all);
	return w->values;
}
