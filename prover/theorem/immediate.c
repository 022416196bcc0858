/* SPDX-License-Identifier: MIT */
/*
 * Immediates of A64's logical instructions: what the proofs of the AArch64 emitter take for granted
 * of arm64_logical_immediate(), as compiled. For each value, of 32 or 64 bits: if it returns true,
 * the fields that it writes have no more bits than there are, and the instruction with these fields
 * has the value as its immediate, by the model of A64. So nothing that it accepts is wrong. That it
 * accepts all that it could is no part of this, and no proof needs it: tests/jit exhausts them.
 *
 * There is a case for each number of elements that the value may consist of, 1, 2, 4 to 32, and one
 * that says that no other value is accepted.
 */
#include <string.h>
#include <time.h>

#include "prover/theorem/compiled.h"

enum { FIELDS_BASE = 0x40000000, PATIENCE_MS = 300000 };

static const char FUNCTION[] = "arm64_logical_immediate";

struct lemma {
	struct compiled c;
	unsigned width;   /* of the instruction: 32 or 64 */
	unsigned lg;      /* of how many elements the value consists; 6: it isn't said */
	term value;       /* 64 bits */
	size_t fields;    /* the executor's object */
	unsigned granted; /* paths that returned what may be true */
};

/* ---- the value ---- */

/* The element, `n` times. */
static term repeated(struct terms *tc, term element, unsigned n)
{
	term part[64];

	for (unsigned i = 0; i < n; i++)
		part[i] = element;
	return bv_concat_n(tc, n, part);
}

/* What the instruction is to have: 64 bits, or the lower half. */
static term wanted(struct lemma *l)
{
	return bv_trunc(l->c.tc, l->width, l->value);
}

/* How many bits are set: in halves, as fast code does it, so that the solver sees the likeness. */
static term population(struct terms *tc, term x)
{
	static const uint64_t mask[] = {0x5555555555555555, 0x3333333333333333, 0x0f0f0f0f0f0f0f0f,
		0x00ff00ff00ff00ff, 0x0000ffff0000ffff, 0x00000000ffffffff};

	for (unsigned i = 0; i < 6; i++)
		x = bv_add(tc, bv_and_c(tc, x, mask[i]),
			bv_and_c(tc, bv_lshr_c(tc, x, 1u << i), mask[i]));
	return x;
}

/* Does the value, as a word of 64 bits, consist of 1 << lg equal elements, with a run of ones that
 * starts in each? That as many start in all is enough to say. */
static term consists_of(struct lemma *l, unsigned lg)
{
	struct terms *tc = l->c.tc;
	unsigned size = 64u >> lg;
	term word = repeated(tc, wanted(l), 64 / l->width);
	term before = bv_concat(tc, bv_trunc(tc, 63, word), bv_extract(tc, 63, 63, word));
	term starts = population(tc, bv_and(tc, word, bv_not(tc, before)));
	term equal = bool_const(tc, true);

	if (lg > 0)
		equal = term_eq(tc, bv_extract(tc, 63, size, word), bv_trunc(tc, 64 - size, word));
	return bool_and(tc, equal, term_eq(tc, starts, bv_const(tc, 64, (uint64_t)1 << lg)));
}

/* As many elements as 1 << lg, or any value. Of 32 bits, the upper half is anything. */
static void choose_value(struct lemma *l)
{
	struct terms *tc = l->c.tc;
	unsigned size = l->lg > 5 ? l->width : 64u >> l->lg;
	term low = repeated(tc, bv_var(tc, "element", size), l->width / size);

	l->value = l->width == 64 ? low : bv_concat(tc, bv_var(tc, "upper", 32), low);
	if (l->lg <= 5)
		compiled_assume(&l->c, consists_of(l, l->lg));
}

/* ---- what the instruction makes of the fields ---- */

struct instruction {
	struct terms *tc;
	term word, defined; /* defined: the conditions on which it is */
};

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	(void)address;
	(void)bytes;
	return ((struct instruction *)env->user)->word;
}

/* All that the model asks is whether the instruction is defined. */
static int branch(struct model_env *env, term condition)
{
	struct instruction *insn = env->user;

	insn->defined = bool_and(insn->tc, insn->defined, condition);
	return 1;
}

/* orr x0, xzr, #value: it is defined, and leaves the value in x0. False: the model stops. */
static bool has_value(struct lemma *l, term fields, term *claim)
{
	struct terms *tc = l->c.tc;
	unsigned X = l->width == 64;
	struct instruction insn = {.tc = tc, .defined = bool_const(tc, true)};
	struct model_env env = {.tc = tc, .user = &insn, .fetch = fetch, .branch = branch};
	const term part[] = {bv_const(tc, 1, X), bv_const(tc, 8, 0x64), bv_trunc(tc, 13, fields),
		bv_const(tc, 5, 31), bv_const(tc, 5, 0)};
	struct arm64 m;

	insn.word = bv_concat_n(tc, 5, part);
	arm64_init(&m, &env, bv_const(tc, 64, 0));
	if (!arm64_step(&m)) {
		compiled_unknown(&l->c, env.reason);
		return false;
	}
	*claim = bool_and(tc, insn.defined, term_eq(tc, m.x[0], bv_zext(tc, 64, wanted(l))));
	return true;
}

/* ---- the function ---- */

static void setup(struct exec *exec, void *user)
{
	struct lemma *l = user;
	struct terms *tc = exec->tc;

	compiled_enter(exec, &l->c);
	l->fields = exec_object_add(exec, (struct exec_object){.name = "fields",
						  .base = bv_const(tc, 64, FIELDS_BASE),
						  .size = bv_const(tc, 64, 4),
						  .permissions = OBJECT_READ | OBJECT_WRITE,
						  .contents = mem_var(tc, "fields")});
	*machine_x(exec, RV_A0) = l->value;
	*machine_x(exec, RV_A0 + 1) = bv_const(tc, 64, l->width == 64);
	*machine_x(exec, RV_A0 + 2) = bv_const(tc, 64, FIELDS_BASE);
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct lemma *l = user;

	return compiled_returned(exec, &l->c) ? EXEC_END : EXEC_STEP;
}

/* Any value is one of the cases, or refused. */
static bool no_other_case(struct lemma *l, struct path *path, term yes)
{
	struct terms *tc = l->c.tc;
	term any = bool_const(tc, false);

	for (unsigned lg = 0; lg <= 5; lg++)
		any = bool_or(tc, any, consists_of(l, lg));
	return path_holds(path, bool_implies(tc, yes, any),
		"a value that consists of no number of elements is accepted");
}

static bool right_fields(struct lemma *l, struct path *path, term yes)
{
	struct terms *tc = l->c.tc;
	term fields =
		mem_load(tc, path->exec->state.object[l->fields].contents, bv_const(tc, 64, 0), 4);
	unsigned bits = l->width == 64 ? 13 : 12;
	term claim, few = term_eq(tc, bv_lshr_c(tc, fields, bits), bv_const(tc, 32, 0));

	return path_holds(path, bool_implies(tc, yes, few), "there are more bits than fields") &&
	       has_value(l, fields, &claim) &&
	       path_holds(path, bool_implies(tc, yes, claim),
		       "the fields stand for another immediate");
}

static bool came_back(struct lemma *l, struct path *path)
{
	term result = *machine_x(path->exec, RV_A0);
	term yes = bool_from_bv(l->c.tc, result);

	l->granted += !term_is_value(result, 0);
	return path_holds(path, bv_ule(l->c.tc, result, bv_const(l->c.tc, 64, 1)),
		       "the result is neither true nor false") &&
	       (l->lg > 5 ? no_other_case(l, path, yes) : right_fields(l, path, yes)) &&
	       path_returned(path);
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct lemma *l = user;
	struct path path;
	bool ok;

	path_begin(&path, &l->c, exec);
	path_explain(&path, end);
	if (end == EXEC_STOPPED)
		path_stopped(&path);
	else if (path_possible(&path))
		(void)came_back(l, &path);
	ok = path.ok;
	path_end(&path);
	return ok;
}

static void prove_case(struct lemma *l)
{
	const struct exec_client client = {.user = l, .setup = setup, .at = at, .path = path};

	choose_value(l);
	l->granted = 0;
	compiled_run(&l->c, &client, 100);
	if (l->c.report->verdict == VERDICT_PROVED && l->granted == 0)
		compiled_refuted(&l->c, "nothing is accepted");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void prove(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	/* Two questions, but long ones. */
	struct prove_options patient = *options;
	double start = now();

	if (patient.solver.timeout_ms > 0 && patient.solver.timeout_ms < PATIENCE_MS)
		patient.solver.timeout_ms = PATIENCE_MS;
	*report = (struct report){.verdict = VERDICT_PROVED};
	for (unsigned width = 32; width <= 64; width *= 2)
		for (unsigned lg = width == 64 ? 0 : 1;
			lg <= 6 && report->verdict == VERDICT_PROVED; lg++) {
			struct lemma l = {.width = width, .lg = lg};

			if (compiled_init(&l.c, &patient, report, FUNCTION))
				prove_case(&l);
			compiled_free(&l.c);
		}
	(void)obligation;
	report->seconds = now() - start;
}

static bool describe(const struct theorem *theorem, size_t index, struct obligation *o)
{
	if (index > 0)
		return false;
	*o = (struct obligation){.name = "arm64/logical-immediate",
		.group = "encoding",
		.target = "arm64",
		.theorem = theorem};
	return true;
}

const struct theorem theorem_immediate = {"arm64", describe, prove};
