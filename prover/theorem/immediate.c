/* SPDX-License-Identifier: MIT */
/*
 * Immediates of A64's logical instructions: what the proofs of the AArch64 emitter take for granted
 * of arm64_logical_immediate(), as compiled. For each value, of 32 or 64 bits: if it returns true,
 * the fields that it writes have no more bits than there are, and the instruction with these fields
 * has the value as its immediate, by the model of A64. So nothing that it accepts is wrong. That it
 * accepts all that it could is no part of this, and no proof needs it: tests/jit exhausts them.
 */

#include "prover/theorem/witness_compiled.h"

enum { FIELDS_BASE = 0x40000000, PATIENCE_MS = 300000 };

static const char FUNCTION[] = "arm64_logical_immediate";

struct lemma {
	struct compiled c;
	unsigned width;   /* of the instruction: 32 or 64 */
	term value;       /* 64 bits */
	size_t fields;    /* the executor's object */
	unsigned granted; /* paths that returned what may be true */
};

/* What the instruction is to have: 64 bits, or the lower half. */
static term wanted(struct lemma *l)
{
	return bv_trunc(l->c.tc, l->width, l->value);
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
	struct next_argument next = {0};

	compiled_enter(exec, &l->c);
	l->fields = exec_object_add(exec, (struct exec_object){.name = "fields",
						  .base = bv_const(tc, 64, FIELDS_BASE),
						  .size = bv_const(tc, 64, 4),
						  .permissions = OBJECT_READ | OBJECT_WRITE,
						  .contents = mem_var(tc, "fields")});
	convention_set_argument(exec, l->c.cv, &next, l->value);
	convention_set_argument(exec, l->c.cv, &next, bv_const(tc, 32, l->width == 64));
	convention_set_argument(
		exec, l->c.cv, &next, bv_const(tc, compiled_bits(&l->c), FIELDS_BASE));
	compiled_start(exec, &l->c);
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct lemma *l = user;

	return compiled_returned(exec, &l->c) ? EXEC_END : EXEC_STEP;
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
	term result = convention_result(path->exec, l->c.cv, compiled_bits(&l->c));
	term yes = bool_from_bv(l->c.tc, result);

	l->granted += !term_is_value(result, 0);
	return path_holds(path, bv_ule(l->c.tc, result, bv_const(l->c.tc, result->width, 1)),
		       "the result is neither true nor false") &&
	       right_fields(l, path, yes) && path_returned(path);
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

/* ---- counterexamples that run ---- */

/* DecodeBitMasks() of the manual (Arm ARM, J1.1.3), in plain C. False: there is no such immediate.
 */
static bool decode(unsigned fields, unsigned width, uint64_t *value)
{
	unsigned n = fields >> 12 & 1, immr = fields >> 6 & 63, imms = fields & 63;
	unsigned bits = n << 6 | (~imms & 63), length = 6, size, ones, turn;
	uint64_t element;

	if (bits < 2 || (n && width == 32))
		return false;
	while (!(bits >> length & 1))
		length--;
	size = 1u << length;
	ones = (imms & (size - 1)) + 1;
	turn = immr & (size - 1);
	if (ones == size)
		return false;
	element = ((uint64_t)1 << ones) - 1;
	for (unsigned i = size; i < 64; i *= 2)
		element |= element << i;
	element = turn ? element >> turn | element << (64 - turn) : element;
	*value = width == 64 ? element : (uint32_t)element;
	return true;
}

/* It may always say no. Where the size is less than 64, more than one number turns alike. */
static void want_ends(const struct file *o, struct path *path)
{
	const struct lemma *l = (const struct lemma *)path->c; /* its first member */
	uint64_t is = value(o, wanted((struct lemma *)path->c)), stands;

	fprintf(o->f, "want says no\n");
	write_returned(o, path, 0, 64, "false");
	for (unsigned fields = 0; fields < 1u << 13; fields++) {
		if (!decode(fields, l->width, &stands) || stands != is)
			continue;
		fprintf(o->f, "want says yes, and finds the fields\n");
		write_returned(o, path, 1, 64, "true");
		write_number(o, "holds", FIELDS_BASE, fields, 4, "the fields");
	}
}

static const struct compiled_witness witness = {.want = want_ends};

/* ---- the obligation ---- */

static void prove_width(struct lemma *l)
{
	const struct exec_client client = {.user = l, .setup = setup, .at = at, .path = path};

	l->value = bv_var(l->c.tc, "value", 64);
	l->c.witness = &witness;
	compiled_run(&l->c, &client, 100);
	if (l->c.report->verdict == VERDICT_PROVED && l->granted == 0)
		compiled_refuted(&l->c, "nothing is accepted");
}

static void prove(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	/* Two questions, but long ones. */
	struct prove_options patient = *options;

	if (patient.solver.timeout_ms > 0 && patient.solver.timeout_ms < PATIENCE_MS)
		patient.solver.timeout_ms = PATIENCE_MS;
	*report = (struct report){.verdict = VERDICT_PROVED};
	for (unsigned width = 32; width <= 64 && report->verdict == VERDICT_PROVED; width *= 2) {
		struct lemma l = {.width = width};

		if (compiled_init(&l.c, &patient, report, FUNCTION))
			prove_width(&l);
		compiled_free(&l.c);
	}
	(void)obligation;
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
