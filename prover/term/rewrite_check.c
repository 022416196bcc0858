/* SPDX-License-Identifier: MIT */
/*
 * Checking the rules. An example is built twice with the same constants: in a context that
 * rewrites, where the rule has to fire, and in a raw one. Both are then one query: can they differ?
 * First at random, because that is quick and finds most mistakes, then by the solver.
 */
#include <string.h>

#include "prover/solver/solver.h"
#include "prover/term/rules.h"

/* ---- drawing ---- */

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t draw(struct example *e, uint64_t below)
{
	return next(&e->random) % below;
}

static u128 corner(uint64_t *state, unsigned width)
{
	u128 v = (u128)next(state) << 64 | next(state);

	switch (next(state) % 8) {
	case 0:
		return 0;
	case 1:
		return ~(u128)0;
	case 2:
		return power_of_2((unsigned)(next(state) % width));
	case 3:
		return power_of_2(width - 1) - 1;
	case 4:
		return power_of_2((unsigned)(next(state) % width)) - 1;
	case 5:
		return -(u128)(next(state) % 16);
	case 6:
		return next(state) % 16;
	default:
		return v;
	}
}

u128 draw_value(struct example *e, unsigned width)
{
	return corner(&e->random, width) & mask_of(width);
}

term draw_const(struct terms *tc, struct example *e, unsigned width)
{
	return bv_const128(tc, width, draw_value(e, width));
}

term example_var(struct terms *tc, struct example *e, const char *name)
{
	return bv_var(tc, name, e->width);
}

term draw_known(struct terms *tc, struct example *e, const char *name, unsigned width)
{
	u128 mask = draw_value(e, width), ones = draw_value(e, width);

	return bv_or(tc, bv_and(tc, bv_var(tc, name, width), bv_const128(tc, width, mask)),
		bv_const128(tc, width, ones));
}

/* ---- examples for what every operator has ---- */

/* The operator, on x and y or as many of them as it takes. */
static term apply_to(struct terms *tc, struct example *e, term x, term y)
{
	unsigned hi, lo;

	switch (e->op) {
	case TERM_ITE:
		return term_ite(tc, bool_var(tc, "c"), x, y);
	case TERM_NOT:
		return bv_not(tc, x);
	case TERM_NEG:
		return bv_neg(tc, x);
	case TERM_CONCAT:
		return bv_concat(tc, x, y);
	case TERM_EXTRACT:
		hi = (unsigned)draw(e, x->width);
		lo = (unsigned)draw(e, hi + 1);
		return bv_extract(tc, hi, lo, x);
	case TERM_ZEXT:
		return bv_zext(tc, e->width + 1 + (unsigned)draw(e, e->width), x);
	case TERM_SEXT:
		return bv_sext(tc, e->width + 1 + (unsigned)draw(e, e->width), x);
	default:
		return build2(tc, e->op, x, y);
	}
}

/* There is only one bit to extract from one bit, and that is no operation. */
static bool has_example(const struct example *e)
{
	return e->op != TERM_EXTRACT || e->width > 1;
}

term example_fold(struct terms *tc, struct example *e)
{
	term x = draw_const(tc, e, e->width), y = draw_const(tc, e, e->width);

	return has_example(e) ? apply_to(tc, e, x, draw(e, 4) ? y : x) : NULL;
}

term example_branches(struct terms *tc, struct example *e)
{
	term c = bool_var(tc, "c"), y = draw_const(tc, e, e->width);
	term x = term_ite(tc, c, draw_const(tc, e, e->width), draw_const(tc, e, e->width));

	if (draw(e, 2))
		y = term_ite(tc, c, y, draw_const(tc, e, e->width));
	return draw(e, 2) ? apply_to(tc, e, x, y) : apply_to(tc, e, y, x);
}

/*
 * Masked with what known_bits() says to be known, a term is a constant. A rewriting context would
 * use what it knows about the operands in other rules first, so known_bits() is asked directly,
 * about the raw application to operands as rewritten.
 */
static struct bits known_of_example(struct example *e)
{
	struct terms *raw = terms_new(TERMS_RAW);
	unsigned w = e->width;
	term x = draw_known(e->rewriting, e, "x", w), y = draw_known(e->rewriting, e, "y", w);
	term choice[] = {bool_var(e->rewriting, "c"), x, y}, two[] = {x, y};
	struct app a = app_of(apply_to(raw, e, bv_var(raw, "x", w), bv_var(raw, "y", w)));
	struct bits known;

	a.arg = e->op == TERM_ITE ? choice : two;
	known = known_bits(&a);
	terms_free(raw);
	return known;
}

term example_known(struct terms *tc, struct example *e)
{
	struct example again = *e;
	struct bits known;
	term x, y, t;

	if (!has_example(e))
		return NULL;
	known = known_of_example(&again);
	e->known |= (known.zeros | known.ones) != 0;
	x = draw_known(tc, e, "x", e->width);
	y = draw_known(tc, e, "y", e->width);
	t = apply_to(tc, e, x, y);
	if (t->sort == SORT_BOOL)
		t = bv_from_bool(tc, 1, t);
	if (tc->mode == TERMS_REWRITE)
		return bv_const128(tc, t->width, known.ones);
	return bv_and(tc, t, bv_const128(tc, t->width, known.zeros | known.ones));
}

/* ---- checking ---- */

#define SOLVED_DRAWS 4
#define RANDOM_DRAWS 24
#define ASSIGNMENTS  8

struct check {
	const struct rule *rule;
	size_t index;
	uint64_t seed;
	struct solver *solver;
	struct terms *raw, *rewriting;
	struct rewrite_report *report;
};

static void fail(struct check *c, enum rewrite_verdict verdict, unsigned width, term left,
	term right, const struct assignment *model)
{
	struct term_list variables = {0};
	size_t size;
	FILE *f = open_memstream(&c->report->detail, &size);

	expect(f != NULL, "out of memory");
	c->report->verdict = verdict;
	c->report->width = width;
	if (left) {
		fputs("not rewritten: ", f);
		term_print(f, left);
		fputs("\nrewritten:     ", f);
		term_print(f, right);
	}
	if (left && model) {
		term_variables(2, (term[]){left, right}, &variables);
		for (size_t i = 0; i < variables.count; i++)
			if (variables.at[i]->sort != SORT_MEMORY)
				fprintf(f, "\n%s = 0x%llx", variables.at[i]->name,
					(unsigned long long)assignment_value(
						model, variables.at[i]));
		term_list_free(&variables);
	} else if (verdict == REWRITE_UNKNOWN) {
		fprintf(f, "\n%s", solver_reason(c->solver));
	} else if (verdict == REWRITE_NOT_FIRED) {
		fprintf(f, "the rule did not fire at width %u", width);
	}
	fclose(f);
}

static void assign(struct assignment *a, uint64_t *random, const struct term_list *variables)
{
	assignment_clear(a);
	for (size_t i = 0; i < variables->count; i++) {
		term v = variables->at[i];

		if (v->sort == SORT_MEMORY) {
			assignment_set_default(a, v, (uint8_t)next(random));
			for (unsigned at = 0; at < 8; at++)
				assignment_set_byte(a, v, at, (uint8_t)next(random));
		} else {
			assignment_set(a, v, corner(random, v->width) & mask_of(v->width));
		}
	}
}

static bool agree_at_random(struct check *c, unsigned width, term left, term right)
{
	struct assignment *a = assignment_new();
	struct term_list variables = {0};
	uint64_t random = c->seed ^ left->id;
	bool agree = true;

	term_variables(2, (term[]){left, right}, &variables);
	for (unsigned i = 0; i < ASSIGNMENTS && agree; i++) {
		u128 value[2];

		assign(a, &random, &variables);
		term_evaluate_n(2, (term[]){left, right}, a, value);
		c->report->evaluations++;
		agree = value[0] == value[1];
	}
	if (!agree)
		fail(c, REWRITE_REFUTED, width, left, right, a);
	term_list_free(&variables);
	assignment_free(a);
	return agree;
}

static bool agree_by_solver(struct check *c, unsigned width, term left, term right)
{
	enum solver_result result = solver_check(c->solver, term_ne(c->raw, left, right));

	c->report->solver_calls++;
	if (result == SOLVER_UNSAT)
		return true;
	fail(c, result == SOLVER_SAT ? REWRITE_REFUTED : REWRITE_UNKNOWN, width, left, right,
		result == SOLVER_SAT ? solver_model(c->solver) : NULL);
	return false;
}

/* One example: true to go on, with *fired if the rule rewrote it. */
static bool check_example(struct check *c, unsigned width, unsigned draw_number, bool *fired)
{
	struct example e = {.op = c->rule->op, .width = width, .rewriting = c->rewriting};
	uint64_t before = c->rewriting->fired[c->index];
	term left, right;

	e.random = c->seed + width * 1000 + draw_number;
	right = c->rule->example(c->rewriting, &e);
	if (!right) {
		*fired = true; /* no example at this width */
		return true;
	}
	e.random = c->seed + width * 1000 + draw_number;
	left = c->rule->example(c->raw, &e);
	expect(left != NULL, "an example that isn't the same in both contexts");
	*fired |= c->rewriting->fired[c->index] > before || e.known;
	right = term_import(c->raw, right);
	if (left == right)
		return true;
	if (!agree_at_random(c, width, left, right))
		return false;
	return width > c->rule->limit || draw_number >= SOLVED_DRAWS ||
	       agree_by_solver(c, width, left, right);
}

static bool is_width_solved(unsigned width)
{
	return width < 5 || width == 7 || is_power_of_2(width);
}

static bool check_width(struct check *c, unsigned width, unsigned timeout_ms)
{
	struct solver_options options = {.timeout_ms = timeout_ms};
	unsigned draws = is_width_solved(width) ? RANDOM_DRAWS : RANDOM_DRAWS / 2;
	bool fired = false, right = true;

	c->raw = terms_new(TERMS_RAW);
	c->rewriting = terms_new(TERMS_REWRITE);
	c->solver = solver_new(&options);
	for (unsigned i = 0; i < draws && right; i++)
		right = check_example(
			c, width, is_width_solved(width) ? i : i + SOLVED_DRAWS, &fired);
	if (right && !fired) {
		fail(c, REWRITE_NOT_FIRED, width, NULL, NULL, NULL);
		right = false;
	}
	solver_free(c->solver);
	terms_free(c->rewriting);
	terms_free(c->raw);
	return right;
}

void rewrite_check(size_t rule, uint64_t seed, unsigned timeout_ms, struct rewrite_report *report)
{
	static const unsigned char widths[] = {1, 2, 3, 4, 7, 8, 16, 32, 64, 5, 13, 24, 33, 63};
	struct check c = {.rule = &rules[rule], .index = rule, .seed = seed, .report = report};

	*report = (struct rewrite_report){.verdict = REWRITE_PROVED};
	for (unsigned i = 0; i < sizeof(widths); i++)
		if (!check_width(&c, widths[i], timeout_ms))
			return;
}
