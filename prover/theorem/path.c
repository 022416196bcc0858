/* SPDX-License-Identifier: MIT */
/*
 * Where a path of a compiled function ended (compiled.h): what its conditions say, what is asked
 * under them, and a counterexample where that isn't so. A path's conditions are put into a claim
 * first, which leaves little to ask; what is asked again, with other registers, has its answer; and
 * a claim about numbers is asked without what is known of memory and tables first.
 */
#include "prover/theorem/witness_compiled.h"

#include <stdlib.h>

/* A variable of which both parts are constants is one. */
static void learn_part(struct path *path, term part, term value)
{
	struct terms *tc = path->c->tc;
	term variable = part->arg[0], other, known;
	unsigned top = variable->width - 1u;

	term_map_put(path->facts, part, value);
	if ((part->lo == 0) == (part->hi == top))
		return; /* it is in the middle */
	other = part->lo == 0 ? bv_extract(tc, top, part->hi + 1u, variable)
	                      : bv_extract(tc, part->lo - 1u, 0, variable);
	known = term_map_get(path->facts, other);
	if (known && term_is_const(known))
		term_map_put(path->facts, variable,
			part->lo == 0 ? bv_concat(tc, known, value) : bv_concat(tc, value, known));
}

/* A condition is true, its contrary false, all of a conjunction is true, and a variable that equals
 * a constant is that. */
static void learn(struct path *path, term t)
{
	struct terms *tc = path->c->tc;

	if (term_is_const(t))
		return;
	term_map_put(path->facts, t, bool_const(tc, true));
	term_map_put(path->facts, bool_not(tc, t), bool_const(tc, false));
	for (unsigned i = 0; t->op == TERM_AND && i < t->args; i++)
		learn(path, t->arg[i]);
	for (unsigned i = 0; t->op == TERM_EQ && i < 2; i++) {
		if (!term_is_const(t->arg[!i]))
			continue;
		if (t->arg[i]->op == TERM_VAR)
			term_map_put(path->facts, t->arg[i], t->arg[!i]);
		if (t->arg[i]->op == TERM_EXTRACT && t->arg[i]->arg[0]->op == TERM_VAR)
			learn_part(path, t->arg[i], t->arg[!i]);
	}
}

void path_begin(struct path *path, struct compiled *c, struct exec *exec)
{
	*path = (struct path){.c = c, .exec = exec, .facts = term_map_new(), .ok = true};
	for (size_t i = 0; i < exec->conditions.count; i++)
		path_add(path, exec->conditions.at[i]);
}

void path_end(struct path *path)
{
	term_list_free(&path->conditions);
	term_map_free(path->facts);
}

void path_add(struct path *path, term condition)
{
	term_list_add(&path->conditions, condition);
	learn(path, condition);
}

void path_retract(struct path *path)
{
	path->conditions.count--;
	term_map_free(path->facts);
	path->facts = term_map_new();
	for (size_t i = 0; i < path->conditions.count; i++)
		learn(path, path->conditions.at[i]);
}

/*
 * Does the claim follow from the path's conditions and what is assumed? Each question stands by
 * itself, so that one that comes again, with other registers, has its answer.
 */
static term question_of(struct path *path, term claim)
{
	struct terms *tc = path->c->tc;
	term simpler = term_is_const(claim) ? claim : term_substitute(tc, claim, path->facts);

	return term_is_true(simpler)
	               ? simpler
	               : bool_implies(tc,
				 bool_and_n(tc, path->conditions.count, path->conditions.at),
				 simpler);
}

/* Of bit-vectors and booleans, without memories and functions. */
static bool is_plain(term t)
{
	struct term_list all = {0};
	bool plain = true;

	term_subterms(1, &t, &all);
	for (size_t i = 0; i < all.count; i++)
		plain = plain && all.at[i]->sort != SORT_MEMORY && all.at[i]->op != TERM_APPLY;
	term_list_free(&all);
	return plain;
}

static void add_plain(struct term_list *list, term condition)
{
	if (is_plain(condition))
		term_list_add(list, condition);
	else if (condition->op == TERM_AND)
		for (unsigned i = 0; i < condition->args; i++)
			add_plain(list, condition->arg[i]);
}

/*
 * The same of numbers only: what a program's bytes and tables have seldom matters to a sum, and
 * without it the question is much easier. A claim that follows from some of the conditions follows
 * from all. NULL: it is no such question, or there is nothing to leave out.
 */
static term plain_question_of(struct path *path, term claim)
{
	struct terms *tc = path->c->tc;
	term simpler = term_substitute(tc, claim, path->facts);
	struct term_list plain = {0};
	bool fewer = false;

	for (size_t i = 0; i < path->conditions.count; i++) {
		fewer = fewer || !is_plain(path->conditions.at[i]);
		add_plain(&plain, path->conditions.at[i]);
	}
	if (fewer && !term_is_const(simpler) && is_plain(simpler))
		simpler = bool_implies(tc, bool_and_n(tc, plain.count, plain.at), simpler);
	else
		simpler = NULL;
	term_list_free(&plain);
	return simpler;
}

static enum solver_result ask(struct path *path, term question, const char *what)
{
	struct compiled *c = path->c;
	enum solver_result result;
	term answer;

	if (term_is_true(question))
		return SOLVER_UNSAT;
	answer = term_map_get(c->asked, question);
	if (answer)
		return term_is_true(answer) ? SOLVER_UNSAT : SOLVER_SAT;
	result = solver_implied(c->solver, c->tc, question);
	path_explain_question(path, question, what, result);
	if (result <= SOLVER_SAT)
		term_map_put(c->asked, question, bool_const(c->tc, result == SOLVER_UNSAT));
	return result;
}

/* The values for which it goes wrong: of everything that the path and the claim depend on. */
static void tell_values(struct path *path, term claim, const struct assignment *model, FILE *f)
{
	struct term_list variables = {0};
	size_t column = 8;

	term_variables(1, &claim, &variables);
	term_variables(path->conditions.count, path->conditions.at, &variables);
	fputs("  with  ", f);
	for (size_t i = 0; i < variables.count; i++) {
		term t = variables.at[i];
		bool again = t->sort == SORT_MEMORY;

		for (size_t j = 0; j < i; j++)
			again |= variables.at[j] == t;
		if (again)
			continue;
		if (column > 80)
			column = (size_t)fprintf(f, "\n        ") - 1;
		column += (size_t)fprintf(
			f, " %s 0x%llx", t->name, (unsigned long long)term_evaluate(t, model));
	}
	fputc('\n', f);
	term_list_free(&variables);
}

static void tell_end(struct path *path, const struct assignment *model, FILE *f)
{
	struct exec *exec = path->exec;
	struct compiled *c = path->c;
	term pc = machine_pc(exec);

	fprintf(f, "  machine after %llu instructions ", (unsigned long long)exec->state.steps);
	if (term_is_const(pc))
		fprintf(f, "at 0x%llx", (unsigned long long)term_value(pc));
	else
		fputs(compiled_returned(exec, c) ? "back at its caller" : "at an indirect jump", f);
	fprintf(f, ", result 0x%llx\n",
		(unsigned long long)term_evaluate(
			convention_result(exec, c->cv, compiled_bits(c)), model));
}

static char *text_of(struct path *path, term claim, const struct assignment *values)
{
	struct compiled *c = path->c;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return NULL;
	if (c->describe)
		c->describe(c, values, f);
	tell_values(path, claim, values, f);
	tell_end(path, values, f);
	if (!term_is_const(claim)) {
		fputs("  claim   ", f);
		term_print(f, claim);
		fputc('\n', f);
	}
	fclose(f);
	return text;
}

/* A counterexample, for people and to be run. The solver is asked again: its last model may be
 * another's. */
static void tell(struct path *path, term claim)
{
	struct compiled *c = path->c;
	term question = question_of(path, claim);
	struct assignment *values;

	if (c->report->text || c->finding ||
		solver_implied(c->solver, c->tc, question) != SOLVER_SAT)
		return;
	values = witness_compiled_find(path, question);
	c->report->text = text_of(path, claim, values);
	if (c->witness && c->report->text)
		c->report->replay = witness_compiled_write(path, values, c->report->text);
	assignment_free(values);
}

static bool plainly_follows(struct path *path, term claim, const char *what)
{
	term plain = plain_question_of(path, claim);

	return plain && ask(path, plain, what) == SOLVER_UNSAT;
}

bool path_holds(struct path *path, term claim, const char *what)
{
	if (!path->ok)
		return false;
	if (plainly_follows(path, claim, what))
		return true;
	switch (ask(path, question_of(path, claim), what)) {
	case SOLVER_UNSAT:
		return true;
	case SOLVER_SAT:
		compiled_refuted(path->c, what);
		tell(path, claim);
		break;
	default:
		compiled_unknown(path->c, what);
	}
	return path->ok = false;
}

bool path_equal(struct path *path, term a, term b, const char *what)
{
	return a == b ? path->ok : path_holds(path, term_eq(path->c->tc, a, b), what);
}

int path_decide(struct path *path, term condition)
{
	const char *const is_false = "a condition doesn't hold", *const is_true =
									 "a condition holds";
	term contrary = bool_not(path->c->tc, condition);
	enum solver_result yes, no;

	if (term_is_const(condition))
		return term_is_true(condition);
	if (plainly_follows(path, condition, is_false))
		return 1;
	if (plainly_follows(path, contrary, is_true))
		return 0;
	yes = ask(path, question_of(path, condition), is_false);
	if (yes == SOLVER_UNSAT)
		return 1;
	no = ask(path, question_of(path, contrary), is_true);
	if (no == SOLVER_UNSAT)
		return 0;
	return yes == SOLVER_SAT && no == SOLVER_SAT ? 2 : -1;
}

bool path_possible(struct path *path)
{
	return ask(path, question_of(path, bool_const(path->c->tc, false)), "it is possible") !=
	       SOLVER_UNSAT;
}

void path_stopped(struct path *path)
{
	struct exec *exec = path->exec;

	if (!path->ok)
		return;
	switch (ask(path, question_of(path, bool_const(path->c->tc, false)), exec->env.reason)) {
	case SOLVER_UNSAT:
		return;
	case SOLVER_SAT:
		if (exec->forbidden || exec->env.trapped || exec->env.undefined) {
			compiled_refuted(path->c, exec->env.reason);
			tell(path, bool_const(path->c->tc, false));
		} else {
			compiled_unknown(path->c, exec->env.reason);
		}
		break;
	default:
		compiled_unknown(path->c, exec->env.reason);
	}
	path->ok = false;
}

bool path_returned(struct path *path)
{
	const struct convention *cv = path->c->cv;

	for (unsigned n = cv->first; n < cv->machine->registers; n++)
		if (!(cv->caller_saved >> n & 1) &&
			!path_equal(path, *machine_register(path->exec, n),
				compiled_register(path->c, n),
				"a register that C wants back has changed"))
			return false;
	return path->ok;
}
