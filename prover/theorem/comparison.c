/* SPDX-License-Identifier: MIT */
/* See comparison.h. */
#include "prover/theorem/comparison.h"

#include <stdlib.h>

#include "prover/theorem/counterexample.h"
#include "prover/theorem/explain.h"

/* If an or is 0, so is all of it. */
static void add_zero(struct comparison *c, term t)
{
	term_map_put(c->facts, t, bv_const(tc_of(c), t->width, 0));
	for (unsigned i = 0; t->op == TERM_OR && i < 2; i++)
		add_zero(c, t->arg[i]);
}

/*
 * A bit that is known; if it is a number's sign, then so is what that is extended to. Only where
 * words have 32 bits, whose upper halves are made so; elsewhere it takes terms apart for nothing.
 */
static void add_bit(struct comparison *c, term bit, term value)
{
	struct terms *tc = tc_of(c);
	term number = bit->op == TERM_EXTRACT ? bit->arg[0] : NULL;

	term_map_put(c->facts, bit, value);
	if (c->proof->world.word != 4)
		return;
	for (unsigned width = 32; width <= 64; width += 32)
		if (number && number->width < width && bit->lo == number->width - 1)
			term_map_put(c->facts, bv_sext(tc, width, number),
				bv_concat(tc, bv_sext(tc, width - number->width, value), number));
}

/* Less than a number of 32 bits: then the upper half is zero, and the lower one is less. */
static void add_less(struct comparison *c, term x, term y)
{
	struct terms *tc = tc_of(c);
	term upper;

	if (x->width != 64 || !term_is_value(bv_extract(tc, 63, 32, y), 0))
		return;
	upper = bv_extract(tc, 63, 32, x);
	if (!term_is_const(upper))
		term_map_put(c->facts, upper, bv_const(tc, 32, 0));
	term_map_put(c->facts, bv_ult(tc, bv_trunc(tc, 32, x), bv_trunc(tc, 32, y)),
		bool_const(tc, true));
}

void compare_assume(struct comparison *c, term condition)
{
	struct terms *tc = tc_of(c);

	term_list_add(&c->conditions, condition);
	if (term_is_const(condition))
		return;
	term_map_put(c->facts, condition, bool_const(tc, true));
	term_map_put(c->facts, bool_not(tc, condition), bool_const(tc, false));
	if (condition->op == TERM_ULT)
		add_less(c, condition->arg[0], condition->arg[1]);
	/* What is equal to a constant is that constant; so is what others left as it was. */
	for (unsigned i = 0; i < 2 && condition->op == TERM_EQ; i++)
		if ((term_is_const(condition->arg[i]) && !term_is_const(condition->arg[!i])) ||
			condition->arg[!i] == c->notes->seen)
			term_map_put(c->facts, condition->arg[!i], condition->arg[i]);
	for (unsigned i = 0; i < 2 && condition->op == TERM_EQ; i++) {
		term value = condition->arg[i], other = condition->arg[!i];

		if (other->op == TERM_OR && other->sort == SORT_BV && term_is_value(value, 0))
			add_zero(c, other);
		if (other->width == 1 && other->sort == SORT_BV && term_is_const(value))
			add_bit(c, other, value);
	}
	/* And a bit that isn't 1 is 0. */
	if (condition->op == TERM_NOT && condition->arg[0]->op == TERM_EQ) {
		term bit = condition->arg[0]->arg[0], other = condition->arg[0]->arg[1];

		if (bit->sort == SORT_BV && bit->width == 1 && term_is_const(other))
			add_bit(c, bit, bv_not(tc, other));
	}
}

static void rebuild_facts(struct comparison *c)
{
	struct term_list all = c->conditions;

	term_map_free(c->facts);
	c->facts = term_map_new();
	c->conditions = (struct term_list){0};
	for (size_t i = 0; i < all.count; i++)
		compare_assume(c, all.at[i]);
	term_list_free(&all);
}

term compare_under(struct comparison *c, term t)
{
	return term_substitute(tc_of(c), t, c->facts);
}

void compare_inform(struct comparison *c)
{
	for (; c->asserted < c->conditions.count; c->asserted++) {
		solver_push(c->proof->checker);
		solver_assert(c->proof->checker, c->conditions.at[c->asserted]);
	}
}

static void retract_to(struct comparison *c, size_t conditions)
{
	for (; c->asserted > conditions; c->asserted--)
		solver_pop(c->proof->checker);
	c->conditions.count = conditions;
}

void compare_retract(struct comparison *c)
{
	retract_to(c, c->conditions.count - 1);
	rebuild_facts(c);
}

/* Where a claim is about one byte of a memory, any other that differs shows the same. */
static term at_any_store(struct comparison *c, term claim)
{
	const term memory[2] = {c->memory[0], c->memory[1]};

	for (unsigned i = 0; i < 2; i++)
		for (term m = memory[i]; m && m->op == TERM_STORE; m = m->arg[0])
			claim = bool_and(tc_of(c), claim,
				term_eq(tc_of(c), mem_select(tc_of(c), memory[i], m->arg[1]),
					mem_select(tc_of(c), memory[!i], m->arg[1])));
	return claim;
}

void compare_refute(struct comparison *c, term claim, const char *what)
{
	c->ok = false;
	report_refuted(c->proof->report, "%s", what);
	counterexample(c->s, c->exec, c->outcome, at_any_store(c, claim), what);
}

bool compare_unknown(struct comparison *c, const char *what)
{
	const struct bpf_insn *insn = c->s->insn;

	c->ok = false;
	if (insn)
		report_unknown(c->proof->report, "dst r%u, src r%u: %s: the solver gave up: %s",
			insn->dst, insn->src, what, solver_reason(c->proof->checker));
	else
		report_unknown(c->proof->report, "%s: the solver gave up: %s", what,
			solver_reason(c->proof->checker));
	return false;
}

bool compare_holds_anyway(struct comparison *c, term claim)
{
	struct term_map *decided = c->s->knowledge->decided;
	term before = term_map_get(decided, claim);
	bool yes;

	if (before)
		return term_is_true(before);
	if (c->asserted > 0)
		return machine_lemma(c->s, claim);
	yes = machine_lemma(c->s, claim) ||
	      solver_implied(c->proof->checker, tc_of(c), claim) == SOLVER_UNSAT;
	term_map_put(decided, claim, bool_const(tc_of(c), yes));
	return yes;
}

bool compare_holds(struct comparison *c, term claim, const char *what)
{
	enum solver_result result;

	if (!c->ok)
		return false;
	if (!term_is_true(claim))
		claim = compare_under(c, claim);
	if (term_is_true(claim) || (!term_is_false(claim) && compare_holds_anyway(c, claim)))
		return true;
	if (!term_is_false(claim) && c->exec->options->machine->width == 32 &&
		machine_lemma_on_path(c->s, &c->conditions, claim))
		return true;
	compare_inform(c);
	result = solver_implied(c->proof->checker, tc_of(c), claim);
	explain_question(c->proof, claim, what, result);
	switch (result) {
	case SOLVER_UNSAT:
		return true;
	case SOLVER_SAT:
		compare_refute(c, claim, what);
		return false;
	default:
		return compare_unknown(c, what);
	}
}

bool compare_equal(struct comparison *c, term a, term b, const char *what)
{
	return a == b ? c->ok : compare_holds(c, term_eq(tc_of(c), a, b), what);
}

static term before_stores(term memory)
{
	while (memory->op == TERM_STORE)
		memory = memory->arg[0];
	return memory;
}

/* An address, in the words in which the memory has it, if it was stored to there: what is read is
 * then one of the bytes, and no question about arrays. */
static term as_stored(struct comparison *c, term memory, term address)
{
	for (term m = memory; m->op == TERM_STORE; m = m->arg[0])
		if (m->arg[1] == address)
			return address;
	for (term m = memory; m->op == TERM_STORE; m = m->arg[0])
		if (!machine_differ(c->s, m->arg[1], address) &&
			machine_lemma(c->s, term_eq(tc_of(c), m->arg[1], address)))
			return m->arg[1];
	return address;
}

/* Where a was stored to, b has the same. */
static bool equal_at_stores(struct comparison *c, term a, term b, const char *what)
{
	bool ok = true;

	for (term m = a; ok && m->op == TERM_STORE; m = m->arg[0])
		ok = compare_equal(c, mem_select(tc_of(c), a, m->arg[1]),
			mem_select(tc_of(c), b, as_stored(c, b, m->arg[1])), what);
	return ok;
}

/* Equal everywhere: where either was stored to, if they were the same before; else at any address.
 */
bool compare_equal_memory(struct comparison *c, term a, term b, const char *what)
{
	term address;
	bool ok;

	if (a == b)
		return c->ok;
	a = compare_under(c, a);
	b = compare_under(c, b);
	if (a == b)
		return c->ok;
	if (before_stores(a) == before_stores(b)) {
		c->memory[0] = a;
		c->memory[1] = b;
		ok = equal_at_stores(c, a, b, what) && equal_at_stores(c, b, a, what);
		c->memory[0] = c->memory[1] = NULL;
		return ok;
	}
	address = bv_var(tc_of(c), "some_address", 64);
	return compare_equal(
		c, mem_select(tc_of(c), a, address), mem_select(tc_of(c), b, address), what);
}

bool compare_equal_object(struct comparison *c, term a, term b, unsigned size, const char *what)
{
	if (a == b)
		return c->ok;
	for (unsigned i = 0; i < size; i++) {
		term at = bv_const(tc_of(c), 64, i);

		if (!compare_equal(
			    c, mem_select(tc_of(c), a, at), mem_select(tc_of(c), b, at), what))
			return false;
	}
	return true;
}

struct comparison *comparison_new(struct simulation *s, struct exec *exec)
{
	struct comparison *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct comparison){.s = s,
		.proof = s->proof,
		.exec = exec,
		.notes = machine_notes(exec),
		.facts = term_map_new(),
		.ok = true};
	for (size_t i = 0; i < exec->conditions.count; i++)
		compare_assume(c, exec->conditions.at[i]);
	return c;
}

void comparison_free(struct comparison *c)
{
	retract_to(c, 0);
	term_list_free(&c->conditions);
	term_map_free(c->facts);
	free(c);
}
