/* SPDX-License-Identifier: MIT */
/* See piece.h. */
#include "prover/theorem/piece.h"

#include <stdlib.h>

#include "prover/theorem/explain.h"
#include "prover/theorem/machine.h"
#include "prover/theorem/rows.h"

unsigned piece_values(term field)
{
	return field ? VOUCH_REGISTERS : 1;
}

/* ---- shapes of immediates ---- */

/* So many bits, the lowest of them zero, extended by sign, by zeros or by ones. */
struct form {
	unsigned bits, zeros;
	enum { UNSIGNED, SIGNED, NEGATIVE } kind;
};

/* What instructions have room for, and what fits two of them; the narrowest first. */
static const struct form forms[] = {{5, 3, UNSIGNED}, {5, 2, UNSIGNED}, {6, 0, SIGNED},
	{8, 3, UNSIGNED}, {7, 2, UNSIGNED}, {8, 0, SIGNED}, {8, 0, UNSIGNED}, {8, 0, NEGATIVE},
	{9, 0, SIGNED}, {12, 0, SIGNED}, {15, 0, UNSIGNED}, {15, 0, NEGATIVE}, {16, 0, UNSIGNED},
	{31, 0, UNSIGNED}, {31, 0, NEGATIVE}};

static term extended(struct terms *tc, struct form form, unsigned width, term high)
{
	term x = form.zeros ? bv_concat(tc, high, bv_const(tc, form.zeros, 0)) : high;

	if (form.kind == NEGATIVE)
		return bv_concat(tc, bv_const(tc, width - x->width, UINT64_MAX), x);
	return form.kind == SIGNED ? bv_sext(tc, width, x) : bv_zext(tc, width, x);
}

/* A model of the emission's conditions rules most out. NULL: there is none. */
static bool is_always(struct proof *proof, const struct assignment *model, term x, term value)
{
	if (model && term_evaluate(x, model) != term_evaluate(value, model))
		return false;
	return machine_lemma_asserted(proof, term_eq(proof->tc, x, value));
}

/*
 * An emission is made for immediates of some size. Written with no more bits than it can have, an
 * immediate that is a field of the code is the same term as what BPF has.
 */
static struct shape shape_of(struct proof *proof, term x, const char *name)
{
	struct terms *tc = proof->tc;
	const struct assignment *model = NULL;
	struct shape shape = {.variable = x};

	if (!x || x->op != TERM_VAR)
		return shape;
	if (solver_check(proof->solver, NULL) == SOLVER_SAT)
		model = solver_model(proof->solver);
	for (unsigned ones = 0; ones < 2; ones++) {
		shape.value = bv_const(tc, x->width, ones ? UINT64_MAX : 0);
		if (is_always(proof, model, x, shape.value))
			return shape;
	}
	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct form form = forms[i];
		char text[32];

		if (form.bits >= x->width ||
			!is_always(proof, model, x,
				extended(tc, form, x->width,
					bv_extract(tc, form.bits - 1, form.zeros, x))))
			continue;
		snprintf(text, sizeof(text), "%s%u%s", name, form.bits,
			form.kind == SIGNED     ? ""
			: form.kind == UNSIGNED ? "u"
						: "n");
		shape.value =
			extended(tc, form, x->width, bv_var(tc, text, form.bits - form.zeros));
		return shape;
	}
	shape.value = NULL;
	return shape;
}

/* The emission's bytes and conditions for one pair of registers (or register and object). */
struct instance {
	term byte[CODE_MAX];
	struct term_list conditions, no_cold;
	struct term_map *map;
};

static term substitute(
	struct terms *tc, term t, const struct term_map *first, const struct term_map *second)
{
	return term_substitute(tc, term_substitute(tc, t, first), second);
}

static void put_shapes(const struct piece *piece, struct term_map *map)
{
	const struct shape *const shape[] = {&piece->off, &piece->imm};

	for (unsigned i = 0; i < sizeof(shape) / sizeof(shape[0]); i++)
		if (shape[i]->value)
			term_map_put(map, shape[i]->variable, shape[i]->value);
}

/* False: it isn't emitted for these registers. */
static bool instantiate(struct instance *i, struct terms *tc, const struct emission *emission,
	const struct piece *piece, unsigned dst, unsigned src)
{
	const struct emission_insn *insn = piece->insn;

	i->map = term_map_new();
	put_shapes(piece, i->map);
	if (insn && insn->dst)
		term_map_put(i->map, insn->dst, bv_const(tc, 4, dst));
	if (insn && insn->src)
		term_map_put(i->map, insn->src, bv_const(tc, 4, src));
	if (insn && insn->object)
		term_map_put(i->map, insn->object, bv_const(tc, 4, src));
	for (size_t n = 0; n < emission->conditions.count; n++) {
		term condition =
			substitute(tc, emission->conditions.at[n], piece->relative, i->map);

		if (term_is_false(condition))
			return false;
		if (!term_is_const(condition))
			term_list_add(&i->conditions, condition);
	}
	for (size_t n = 0; piece->no_cold && n < piece->no_cold->count; n++)
		term_list_add(&i->no_cold,
			substitute(tc, piece->no_cold->at[n], piece->relative, i->map));
	for (unsigned n = 0; n < emission->size; n++)
		i->byte[n] = substitute(tc, emission->byte[n], piece->relative, i->map);
	return true;
}

static void instance_free(struct instance *i)
{
	term_map_free(i->map);
	term_list_free(&i->conditions);
	term_list_free(&i->no_cold);
	free(i);
}

static struct bpf_insn bpf_insn_of(
	struct terms *tc, const struct emission_insn *insn, unsigned dst, unsigned src)
{
	const struct vouch_op_info *info = &vouch_ops[insn->op];

	return (struct bpf_insn){.op = insn->op,
		.dst = dst,
		.src = src,
		.off = insn->off ? insn->off
	                         : bv_const(tc, 16, info->select == SELECT_OFF ? info->value : 0),
		.imm = insn->object ? bv_const(tc, 32, src)
	               : insn->imm  ? insn->imm
	                           : bv_const(tc, 32, info->select == SELECT_IMM ? info->value : 0),
		.imm2 = insn->imm2};
}

/* Registers that the checker refuses to be written. */
static bool is_accepted(const struct emission_insn *insn, unsigned dst, unsigned src)
{
	const struct vouch_op_info *info = &vouch_ops[insn->op];

	return (dst != 10 || info->dst == REG_R) && (src != 10 || info->src <= REG_R);
}

/*
 * What is known of an access in a group, by its guard and group_prove(); what is asked of the
 * guard. False: the driver puts no such access there.
 */
static bool join_group(const struct piece *piece, struct simulation *s, struct term_list *known)
{
	const struct proof *proof = piece->proof;
	const struct emitter *e = &proof->emitter;
	const struct bpf_insn *insn = s->insn;

	if ((row_writes(insn->op) ? insn->dst : insn->src) == 10)
		return e->test == TEST_AGAIN;
	if (piece->claim == CLAIM_GUARD)
		s->tested = world_insn_tested(
			&proof->world, insn, insn->off, 1u << e->group_lg, e->group_write);
	else if (e->test == TEST_NONE)
		term_list_add(known, world_insn_tested(&proof->world, insn, insn->off,
					     row_bytes(insn->op), row_writes(insn->op)));
	return true;
}

static bool simulate_instance(struct piece *piece, const struct emission *emission,
	struct knowledge *knowledge, unsigned dst, unsigned src)
{
	struct proof *proof = piece->proof;
	struct instance *instance = calloc(1, sizeof(*instance));
	struct bpf_insn insn;
	bool ok = true;

	if (!instance)
		abort();
	if (instantiate(instance, proof->tc, emission, piece, dst, src)) {
		term base = proof_address(proof, emission->start), epilogue;
		struct simulation s = {.proof = proof,
			.claim = piece->claim,
			.chunk = {{base, instance->byte, emission->size}},
			.chunks = 1,
			.start = base,
			.out_of_line = piece->out_of_line || proof->emitter.test == TEST_LAST,
			.straight = piece->straight,
			.conditions = &instance->conditions,
			.knowledge = knowledge,
			.relative = piece->relative,
			.values = instance->map,
			.told = &piece->told,
			.no_cold = &instance->no_cold};

		if (piece->insn) {
			insn = bpf_insn_of(proof->tc, piece->insn, dst, src);
			if (piece->off.value)
				insn.off = piece->off.value;
			if (piece->imm.value)
				insn.imm = piece->imm.value;
			s.insn = &insn;
		}
		epilogue = term_substitute(
			proof->tc, proof_address(proof, proof->emitter.epilogue), piece->relative);
		if (piece->epilogue)
			s.chunk[s.chunks++] = (struct chunk){
				epilogue, piece->epilogue_byte, piece->epilogue->size};
		if (piece->out_of_line && piece->claim == CLAIM_STEP)
			term_list_add(&instance->conditions,
				world_insn_beyond_context(&proof->world, &insn));
		if (piece->claim == CLAIM_NO_FUEL)
			term_list_add(&instance->conditions,
				term_eq(proof->tc, proof->world.fuel, proof->world.used));
		if (!piece->grouped || join_group(piece, &s, &instance->conditions)) {
			explain_code(&s);
			ok = simulate(&s);
			proof->shown = NULL;
		}
	}
	instance_free(instance);
	return ok;
}

/* The emitter may refuse only what is out of the machine's reach. */
bool piece_check(struct piece *piece, const struct emission *emission)
{
	struct proof *proof = piece->proof;

	if (emission->reason) {
		report_unknown(proof->report, "the emitter: %s", emission->reason);
		return false;
	}
	if (!emission->ok) {
		if (emission->status != VOUCH_JIT_RANGE)
			report_refuted(proof->report, "the emitter refuses, with status %u",
				emission->status);
		return emission->status == VOUCH_JIT_RANGE;
	}
	piece->succeeded++;
	if (piece->insn && emission->size > proof->emitter.layout.max_insn) {
		report_refuted(proof->report, "%u bytes of code, more than the target says",
			emission->size);
		return false;
	}
	return true;
}

/* ---- distances ---- */

/*
 * Offsets, by their distance from the code in question: offset = start + distance, in 64 bits. Then
 * what the emitter computed of two offsets is a term of one variable, which solvers are much better
 * at.
 */
static void add_distance(struct piece *piece, term start, term offset, unsigned n)
{
	struct terms *tc = piece->proof->tc;
	struct term_list variables = {0};
	unsigned zeros = piece->proof->emitter.map->alignment / 2;
	term wide = bv_zext(tc, 64, offset), distance, sum, range;
	char name[32];

	snprintf(name, sizeof(name), "distance%u", n);
	distance = bv_var(tc, name, 64 - zeros);
	if (zeros)
		distance = bv_concat(tc, distance, bv_const(tc, zeros, 0));
	sum = bv_add(tc, start, distance);
	term_variables(1, &offset, &variables);
	term_map_put(piece->relative, wide, sum);
	term_map_put(piece->relative, offset, bv_trunc(tc, 32, sum));
	if (variables.count == 1) {
		unsigned width = variables.at[0]->width;

		term_map_put(piece->relative, variables.at[0],
			bv_extract(tc, width + zeros - 1, zeros, sum));
		/* What the offset's width says. */
		range = bv_ult(tc, sum, bv_const(tc, 64, (uint64_t)1 << (width + zeros)));
		solver_assert(piece->proof->checker, range);
		term_list_add(&piece->told, range);
	}
	term_list_free(&variables);
}

static void make_relative(struct piece *piece, const struct emission *emission)
{
	const struct emitter *e = &piece->proof->emitter;
	term start = bv_zext(piece->proof->tc, 64, emission->start);

	piece->relative = term_map_new();
	if (term_is_const(start))
		return;
	for (unsigned i = 0; i < e->entries; i++)
		if (e->table[i].offset != emission->start)
			add_distance(piece, start, e->table[i].offset, i);
	add_distance(piece, start, e->epilogue, e->entries);
}

static void tell(struct piece *piece, term t)
{
	struct terms *tc = piece->proof->tc;

	t = term_substitute(tc, t, piece->relative);
	solver_assert(piece->proof->checker, t);
	if (piece->off.value || piece->imm.value) {
		struct term_map *shapes = term_map_new();

		put_shapes(piece, shapes);
		t = term_substitute(tc, t, shapes);
		term_map_free(shapes);
	}
	term_list_add(&piece->told, t);
}

/* What the checker is told of an emission, in the terms that its instances are in. */
static void tell_checker(struct piece *piece, const struct emission *emission)
{
	const struct shape *const shape[] = {&piece->off, &piece->imm};
	struct proof *proof = piece->proof;

	for (size_t i = 0; i < proof->emitter.assumptions.count; i++)
		tell(piece, proof->emitter.assumptions.at[i]);
	for (size_t i = 0; i < emission->conditions.count; i++)
		tell(piece, emission->conditions.at[i]);
	for (unsigned i = 0; i < sizeof(shape) / sizeof(shape[0]); i++)
		if (shape[i]->value)
			solver_assert(proof->checker,
				term_eq(proof->tc, shape[i]->variable, shape[i]->value));
}

/* Code that is the same for all registers, and ends the run, needs to be looked at only once. */
static bool mentions_registers(const struct piece *piece, const struct emission *emission)
{
	struct term_list variables = {0};
	bool found = false;

	term_variables(emission->size, emission->byte, &variables);
	for (size_t i = 0; i < emission->conditions.count; i++)
		term_variables(1, &emission->conditions.at[i], &variables);
	for (size_t i = 0; i < variables.count; i++)
		found |= variables.at[i] == piece->insn->dst || variables.at[i] == piece->insn->src;
	term_list_free(&variables);
	return found;
}

bool piece_simulate(struct piece *piece, const struct emission *emission)
{
	struct knowledge knowledge;
	unsigned dsts = 1, srcs = 1;
	bool ok = true;

	knowledge_init(&knowledge);
	solver_push(piece->proof->checker);
	make_relative(piece, emission);
	if (piece->insn) {
		piece->off = shape_of(piece->proof, piece->insn->off, "off");
		piece->imm = shape_of(piece->proof, piece->insn->imm, "imm");
	}
	for (unsigned i = 0; piece->epilogue && i < piece->epilogue->size; i++)
		piece->epilogue_byte[i] = term_substitute(
			piece->proof->tc, piece->epilogue->byte[i], piece->relative);
	tell_checker(piece, emission);
	if (piece->claim != CLAIM_NO_FUEL || mentions_registers(piece, emission)) {
		dsts = piece_values(piece->insn ? piece->insn->dst : NULL);
		srcs = piece->insn && piece->insn->object
		               ? VOUCH_DATA_MAX
		               : piece_values(piece->insn ? piece->insn->src : NULL);
	}
	/* First two that differ: it is the one that people see. */
	for (unsigned dst = 0; ok && dst < dsts; dst++)
		for (unsigned n = 1; ok && n <= srcs; n++) {
			unsigned src = (dst + n) % srcs;

			if (!piece->insn || is_accepted(piece->insn, dst, src))
				ok = simulate_instance(piece, emission, &knowledge, dst, src);
		}
	piece->proof->shown = piece->proof->options->explain;
	term_map_free(piece->relative);
	piece->told.count = 0;
	solver_pop(piece->proof->checker);
	knowledge_free(&knowledge);
	return ok;
}

bool piece_emission(const struct emission *emission, void *user)
{
	struct piece *piece = user;
	bool ok = piece_check(piece, emission);

	piece->proof->report->paths++;
	explain_emission(piece->proof, emission);
	if (!ok || !emission->ok)
		return ok;
	if (piece->out_of_line && emission->size == 0) {
		piece->empty++;
		term_list_add(
			piece->no_cold, bool_and_n(piece->proof->tc, emission->conditions.count,
						emission->conditions.at));
		return true;
	}
	return piece_simulate(piece, emission);
}
