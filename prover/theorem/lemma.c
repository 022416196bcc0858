/* SPDX-License-Identifier: MIT */
/*
 * Lemmas: what follows from a few conditions whatever the registers, the emission or the path. Each
 * is asked of the solver once.
 */
#include "prover/theorem/machine.h"

/* What is known of the claim's variables. */
static term given(struct terms *tc, term so_far, const struct term_list *known, term claim)
{
	for (size_t i = 0; known && i < known->count; i++)
		if (term_share_variables(known->at[i], claim))
			so_far = bool_and(tc, so_far, known->at[i]);
	return so_far;
}

/* What is true of one register is so of any other: with variables called by where they are in the
 * question, it is asked once. */
static term of_any(struct proof *proof, term question)
{
	struct term_list variables = {0};
	struct term_map *map = term_map_new();
	char name[32];

	term_variables(1, &question, &variables);
	for (size_t i = 0; i < variables.count; i++) {
		term of = variables.at[i];

		snprintf(name, sizeof(name), "any%zu_%u", i, of->width);
		if (of->sort == SORT_BV)
			term_map_put(map, of, bv_var(proof->tc, name, of->width));
	}
	question = term_substitute(proof->tc, question, map);
	term_map_free(map);
	term_list_free(&variables);
	return question;
}

static bool is_lemma(struct proof *proof, term question)
{
	term answer;

	question = of_any(proof, question);
	if (term_is_const(question))
		return term_is_true(question);
	answer = term_map_get(proof->lemma, question);
	if (!answer) {
		answer = bool_const(proof->tc,
			solver_implied(proof->lemmas, proof->tc, question) == SOLVER_UNSAT);
		term_map_put(proof->lemma, question, answer);
	}
	return term_is_true(answer);
}

static bool follows_from(struct proof *proof, const struct term_list *known, term claim)
{
	struct terms *tc = proof->tc;

	return is_lemma(
		proof, bool_implies(tc, given(tc, bool_const(tc, true), known, claim), claim));
}

/*
 * Does a claim follow from what the emission's conditions say of its own variables? These are few,
 * and so is what can be asked of them: each question is asked once for all emissions.
 */
bool machine_lemma(struct simulation *s, term claim)
{
	return follows_from(s->proof, s->told, claim);
}

/* The same of the emitter's path, whose conditions its solver has. */
bool machine_lemma_asserted(struct proof *proof, term claim)
{
	const term *asserted;
	size_t count = solver_asserted(proof->solver, &asserted);
	struct term_list known = {.at = (term *)asserted, .count = count};

	return follows_from(proof, &known, claim);
}

/* The same of what the world says of its variables. */
bool machine_lemma_of_world(struct proof *proof, term claim)
{
	return follows_from(proof, &proof->world.assumptions, claim);
}

/* The same from a path's conditions, too, and from what the world says of theirs: of an address,
 * they are those of one register. */
bool machine_lemma_on_path(struct simulation *s, const struct term_list *path, term claim)
{
	struct terms *tc = s->proof->tc;
	term all = given(tc, bool_const(tc, true), s->told, claim);

	all = bool_implies(tc, given(tc, all, path, claim), claim);
	return machine_lemma_of_world(s->proof, all);
}

/* One emission's values rule out most of what two terms could be without the solver. */
bool machine_differ(struct simulation *s, term a, term b)
{
	struct knowledge *k = s->knowledge;

	if (!k->has_model && solver_check(s->proof->checker, NULL) == SOLVER_SAT) {
		assignment_copy(k->model, solver_model(s->proof->checker));
		k->has_model = true;
	}
	return k->has_model && term_evaluate(a, k->model) != term_evaluate(b, k->model);
}

bool machine_follows(struct simulation *s, term claim)
{
	return machine_lemma(s, claim) ||
	       solver_implied(s->proof->checker, s->proof->tc, claim) == SOLVER_UNSAT;
}

/* Does this follow, or its contrary? Once for each emission. NULL: neither does. */
term machine_decided(struct simulation *s, term condition)
{
	struct terms *tc = s->proof->tc;
	term known = term_map_get(s->knowledge->choices, condition);

	if (!known) {
		known = machine_follows(s, condition)                 ? bool_const(tc, true)
		        : machine_follows(s, bool_not(tc, condition)) ? bool_const(tc, false)
		                                                      : condition;
		term_map_put(s->knowledge->choices, condition, known);
	}
	return known == condition ? NULL : known;
}
