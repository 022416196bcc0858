/* SPDX-License-Identifier: MIT */
/*
 * The emitter theorem (docs/prover.md): for each instruction of BPF, whatever its registers,
 * immediates, offset and pc, whatever the offset tables, and from every state: if the emitter
 * succeeds, the code that it wrote does what the step does. An obligation is an instruction on a
 * variant of a target; all its emissions are simulated, with each pair of registers that they are
 * emitted for.
 *
 * What is out of line is a piece of code of its own. That of a memory access may be entered from
 * any state in which nothing has been done yet, and does the whole step; that of a backward jump
 * ends the run.
 */
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/divide.h"
#include "prover/theorem/explain.h"
#include "prover/theorem/group.h"
#include "prover/theorem/machine.h"
#include "prover/theorem/rows.h"
#include "vm/layout.h"

/* Each target is a theorem; its variants, in a row. */
static const struct refinement *const variants[] = {&refinement_rv64, &refinement_rv64c,
	&refinement_x86_64, &refinement_arm64, &refinement_rv32, &refinement_rv32c,
	&refinement_thumb2};

/* What else there is to prove of a variant, after its instructions: frames first, then stubs. */
enum { FRAME_PROLOGUE, FRAME_NOPS, FRAME_RESUME, FRAME_HANDOVER, FRAME_OBLIGATIONS };
static const char *const frame_names[] = {"prologue", "nops", "resume", "handover"};

/* A variable, and what it is on an emission's conditions. */
struct shape {
	term variable, value;
};

/* ---- one piece of emitted code ---- */

struct piece {
	struct proof *proof;
	enum claim claim;
	const struct emission_insn *insn; /* NULL: none */
	const struct emission *epilogue;  /* NULL: not needed */
	const struct access_stub *stub;
	bool out_of_line, straight, grouped;
	struct shape off, imm;        /* of the emission in hand */
	struct term_map *relative;    /* the same: offsets by their distance */
	term epilogue_byte[CODE_MAX]; /* the same */
	struct term_list told;        /* the same: what the checker was told */
	struct term_list *no_cold;    /* conditions on which nothing is out of line */
	unsigned succeeded, empty;    /* emissions; without code */
};

static unsigned values(term field)
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
			.stub = piece->stub,
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
static bool check_emission(struct piece *piece, const struct emission *emission)
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

static bool simulate_emission(struct piece *piece, const struct emission *emission)
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
		dsts = values(piece->insn ? piece->insn->dst : NULL);
		srcs = piece->insn && piece->insn->object
		               ? VOUCH_DATA_MAX
		               : values(piece->insn ? piece->insn->src : NULL);
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

static bool each_emission(const struct emission *emission, void *user)
{
	struct piece *piece = user;
	bool ok = check_emission(piece, emission);

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
	return simulate_emission(piece, emission);
}

/* ---- prologue, epilogue, stubs ---- */

static bool keep(const struct emission *emission, void *user)
{
	struct emission *kept = user;

	*kept = *emission;
	kept->conditions = (struct term_list){0};
	return true;
}

static bool run_epilogue(struct proof *proof, struct emission *epilogue)
{
	unsigned paths = emitter_run(&proof->emitter, PART_EPILOGUE, NULL, keep, epilogue);

	if (paths == 1 && epilogue->ok)
		return true;
	report_unknown(proof->report, "the epilogue: %u paths, %s", paths,
		epilogue->reason ? epilogue->reason : "refused");
	return false;
}

static void keep_labels(struct emitter *e, const struct emission *epilogue)
{
	memcpy(e->label, epilogue->label, sizeof(epilogue->label));
	e->labels = JIT_LABELS;
}

/*
 * The epilogue's code and labels. Its bytes depend on nothing but where it starts. The driver has
 * run it before to measure it, from the same start: so its own labels are known to it, and here
 * they have to be the same again.
 */
static bool emit_epilogue(struct proof *proof, struct emission *epilogue)
{
	struct emitter *e = &proof->emitter;

	e->labels = 0;
	if (e->map->labels_ahead) {
		e->measures = true;
		if (!run_epilogue(proof, epilogue))
			return false;
		e->measures = false;
		keep_labels(e, epilogue);
	}
	if (!run_epilogue(proof, epilogue))
		return false;
	if (e->labels && memcmp(e->label, epilogue->label, sizeof(e->label)) != 0) {
		report_unknown(proof->report, "the epilogue's labels differ in the second pass");
		return false;
	}
	keep_labels(e, epilogue);
	return true;
}

static bool each_prologue(const struct emission *emission, void *user)
{
	struct piece *piece = user;
	const struct refinement *map = piece->proof->emitter.map;
	bool ok = check_emission(piece, emission);

	piece->proof->report->paths++;
	explain_emission(piece->proof, emission);
	if (ok && emission->ok &&
		(emission->size < map->prologue_min || emission->size > map->prologue_max)) {
		report_refuted(
			piece->proof->report, "%u bytes before the epilogue", emission->size);
		ok = false;
	}
	if (ok && emission->ok)
		ok = simulate_emission(piece, emission);
	return ok;
}

static void prove_prologue(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	struct proof proof;
	struct piece piece = {.proof = &proof, .claim = CLAIM_ENTER};

	if (proof_init(&proof, options, report, variants[obligation->variant], FAR_EITHER)) {
		/* The entry point is one of the instructions of which the table knows the offset.
		 */
		emitter_run(&proof.emitter, PART_PROLOGUE, NULL, each_prologue, &piece);
		if (piece.succeeded == 0)
			report_refuted(report, "the emitter never succeeds");
	}
	proof_free(&proof);
}

/* In hybrid runs: to whatever instruction C names, with what has been spent in vm->used. */
static void prove_resume(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	struct proof proof;
	struct piece piece = {.proof = &proof, .claim = CLAIM_RESUME};

	if (proof_init(&proof, options, report, variants[obligation->variant], FAR_EITHER)) {
		struct world *w = &proof.world;

		w->vm_bytes = world_set_field(w, w->vm_bytes, VM_USED(w->word), w->word, w->used);
		emitter_run(&proof.emitter, PART_RESUME, NULL, each_prologue, &piece);
		if (piece.succeeded == 0)
			report_refuted(report, "the emitter never succeeds");
	}
	proof_free(&proof);
}

static bool each_nops(const struct emission *emission, void *user)
{
	struct piece *piece = user;
	struct proof *proof = piece->proof;
	bool ok = check_emission(piece, emission);

	proof->report->paths++;
	if (ok && emission->ok && emission->size != proof->emitter.nop_bytes) {
		report_refuted(proof->report, "%u bytes of nops where %u were asked for",
			emission->size, proof->emitter.nop_bytes);
		ok = false;
	}
	return ok && (!emission->ok || simulate_emission(piece, emission));
}

/* All lengths that the driver may need between two instructions. */
static void prove_nops(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	const struct refinement *map = variants[obligation->variant];
	struct proof proof;

	if (proof_init(&proof, options, report, map, FAR_EITHER)) {
		struct emitter *e = &proof.emitter;
		uint32_t most = e->layout.max_insn + e->layout.align;

		for (e->nop_bytes = map->alignment;
			e->nop_bytes <= most && report->verdict == VERDICT_PROVED;
			e->nop_bytes += map->alignment) {
			struct piece piece = {.proof = &proof, .claim = CLAIM_NOTHING};

			emitter_run(e, PART_NOPS, NULL, each_nops, &piece);
			if (piece.succeeded == 0)
				report_refuted(report, "the emitter never succeeds");
		}
	}
	proof_free(&proof);
}

/* In hybrid runs, in an instruction's place: back to C before it. */
static void prove_handover(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	struct emission *epilogue = calloc(1, sizeof(*epilogue));

	if (!epilogue)
		abort();
	for (int far = FAR_NO; far <= FAR_YES && report->verdict == VERDICT_PROVED; far++) {
		struct proof proof;
		struct piece piece = {
			.proof = &proof, .claim = CLAIM_HANDOVER, .epilogue = epilogue};

		if (proof_init(&proof, options, report, variants[obligation->variant],
			    (enum far)far) &&
			emit_epilogue(&proof, epilogue)) {
			emitter_run(&proof.emitter, PART_HANDOVER, NULL, each_emission, &piece);
			if (piece.succeeded == 0)
				report_refuted(report, "the emitter never succeeds");
		}
		proof_free(&proof);
	}
	free(epilogue);
}

/* A stub starts somewhere in the epilogue, and is all there is to look at. */
static void prove_stub(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	const struct refinement *map = variants[obligation->variant];
	const struct access_stub *stub =
		&map->access_stubs[obligation->which - OP_COUNT - FRAME_OBLIGATIONS];
	struct emission *epilogue = calloc(1, sizeof(*epilogue));

	if (!epilogue)
		abort();
	for (int far = FAR_NO; far <= FAR_YES && report->verdict == VERDICT_PROVED; far++) {
		struct knowledge knowledge;
		struct proof proof;

		if (proof_init(&proof, options, report, map, (enum far)far) &&
			emit_epilogue(&proof, epilogue)) {
			struct simulation s = {.proof = &proof,
				.claim = CLAIM_ACCESS,
				.stub = stub,
				.chunk = {{proof_address(&proof, proof.emitter.epilogue),
					epilogue->byte, epilogue->size}},
				.chunks = 1,
				.knowledge = &knowledge};

			s.start = bv_add_c(
				proof.tc, s.chunk[0].base, (uint64_t)epilogue->label[stub->label]);
			knowledge_init(&knowledge);
			explain_piece(&proof, "the stub, in the epilogue");
			simulate(&s);
			knowledge_free(&knowledge);
			report->paths++;
		}
		proof_free(&proof);
	}
	free(epilogue);
}

/* ---- instructions ---- */

static bool is_memory(enum vouch_op op)
{
	unsigned class = vouch_ops[op].opcode & 7;

	return class == CLASS_LDX || class == CLASS_ST || class == CLASS_STX;
}

static bool is_branch(enum vouch_op op)
{
	return vouch_ops[op].off == OFF_JUMP || op == OP_ja32;
}

/* Division of 64 bits is in a stub, on a machine that hasn't got it. */
static bool divides(enum vouch_op op, const struct refinement *map)
{
	unsigned operation = vouch_ops[op].opcode & 0xf7; /* without the operand's kind */

	return map->divide && (operation == 0x37 || operation == 0x97);
}

/* Does its code depend on where other code is? Calls and exit leave by stubs that do the step. */
static bool jumps(enum vouch_op op, const struct refinement *map)
{
	return is_memory(op) || is_branch(op) || row_is_call(op) || divides(op, map);
}

/* The caller's record: its code's offset is that of its pc. */
static void assume_record(struct proof *proof)
{
	struct world *w = &proof->world;
	term pc = mem_load(proof->tc, w->records, bv_const(proof->tc, 64, FRAME_PC), 4);

	w->records = mem_write(proof->tc, w->records, bv_const(proof->tc, 64, FRAME_CODE), 4,
		emitter_offset(&proof->emitter, pc, false));
}

/* Is there ever anything? */
static bool prove_cold(struct proof *proof, enum vouch_op op, const struct emission_insn *insn,
	const struct emission *epilogue, struct term_list *no_cold)
{
	struct piece cold = {.proof = proof,
		.claim = is_branch(op) ? CLAIM_NO_FUEL : CLAIM_STEP,
		.insn = insn,
		.epilogue = is_branch(op) ? epilogue : NULL,
		.out_of_line = true,
		.no_cold = no_cold};

	explain_piece(proof, "out of line");
	emitter_run(&proof->emitter, PART_COLD, insn, each_emission, &cold);
	if (cold.succeeded == 0)
		report_refuted(proof->report, "the emitter never succeeds out of line");
	return cold.empty < cold.succeeded;
}

/*
 * As part of a group, where the driver wants another test of it, or none. It may be anywhere: after
 * the group's test, and out of line.
 */
static void prove_in_group(
	struct proof *proof, const struct emission_insn *insn, enum jit_test test, const char *what)
{
	struct emitter *e = &proof->emitter;
	struct term_list no_cold = {0};
	struct piece piece = {.proof = proof,
		.claim = CLAIM_STEP,
		.insn = insn,
		.straight = test != TEST_LAST,
		.grouped = true,
		.no_cold = &no_cold};

	if (proof->report->verdict != VERDICT_PROVED)
		return;
	explain_piece(proof, what);
	term_list_add(&no_cold, bool_const(proof->tc, true));
	e->test = test;
	e->is_elsewhere = true;
	emitter_run(e, PART_INSN, insn, each_emission, &piece);
	if (piece.succeeded == 0)
		report_refuted(proof->report, "the emitter never succeeds in a group");
	e->test = TEST_OWN;
	e->is_elsewhere = false;
	term_list_free(&no_cold);
}

static void prove_guard_of(struct proof *proof, unsigned lg, bool write)
{
	struct emitter *e = &proof->emitter;
	struct emission_insn group = emitter_group(e);
	struct piece piece = {.proof = proof,
		.claim = CLAIM_GUARD,
		.insn = &group,
		.straight = true,
		.grouped = true};

	e->group_lg = lg;
	e->group_write = write;
	emitter_run(e, PART_GUARD, &group, each_emission, &piece);
	if (piece.succeeded == 0)
		report_refuted(proof->report, "the emitter never succeeds");
}

/* The test of a group, and what follows from it for accesses in the group. */
static void prove_guard(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	const struct refinement *map = variants[obligation->variant];

	group_prove(options, report);
	for (unsigned n = 0; n < 2 * 2 * 4 && report->verdict == VERDICT_PROVED; n++) {
		struct proof proof;

		if (proof_init(&proof, options, report, map, n & 1 ? FAR_YES : FAR_NO))
			prove_guard_of(&proof, n >> 2, n >> 1 & 1);
		proof_free(&proof);
	}
}

/* The helper in question is a function of Thumb code, as all are that such a machine can run. */
static void assume_thumb(struct proof *proof, const struct emission_insn *insn)
{
	for (unsigned dst = 0; dst < values(insn->dst); dst++)
		solver_assert(
			proof->checker, world_helper_is_thumb(&proof->world,
						insn->dst ? proof->world.r[dst]
							  : bv_zext(proof->tc, 64, insn->imm)));
}

static void prove_pieces(struct proof *proof, enum vouch_op op, struct emission *epilogue)
{
	struct emission_insn insn = emitter_insn(&proof->emitter, op);
	struct term_list no_cold = {0};
	struct piece hot = {
		.proof = proof, .claim = CLAIM_STEP, .insn = &insn, .no_cold = &no_cold};

	if (!is_memory(op) && !row_is_call(op)) /* it doesn't matter what r10 is */
		proof->world.r[10] =
			bv_zext(proof->tc, 64, bv_var(proof->tc, "r10", 8 * proof->world.word));
	if (op == OP_call) /* the checker */
		solver_assert(proof->checker,
			world_helper_exists(&proof->world, bv_zext(proof->tc, 64, insn.imm)));
	if (proof->emitter.map->thumb && (op == OP_call || op == OP_callx))
		assume_thumb(proof, &insn);
	if (op == OP_exit)
		assume_record(proof);
	if (jumps(op, proof->emitter.map) && !emit_epilogue(proof, epilogue))
		return;
	if (row_is_call(op))
		hot.epilogue = epilogue;
	if (is_memory(op) || is_branch(op)) {
		/* What ends a run for lack of fuel is in line, then. */
		if (!prove_cold(proof, op, &insn, epilogue, &no_cold) && is_branch(op))
			hot.epilogue = epilogue;
	} else
		term_list_add(&no_cold, bool_const(proof->tc, true));
	/* Such code may be there twice, and is proved wherever it is. */
	hot.straight = proof->emitter.map->groups && !jumps(op, proof->emitter.map);
	proof->emitter.is_elsewhere = hot.straight;
	explain_piece(proof, "in line");
	emitter_run(&proof->emitter, PART_INSN, &insn, each_emission, &hot);
	if (hot.succeeded == 0)
		report_refuted(proof->report, "the emitter never succeeds");
	term_list_free(&no_cold);
}

/* In a group, as the driver wants it. What makes no test doesn't jump, near or far. */
static void prove_grouped(const struct obligation *obligation, const struct prove_options *options,
	struct report *report, struct emission *epilogue)
{
	static const enum far fars[] = {FAR_EITHER, FAR_NO, FAR_YES};

	for (unsigned i = 0; i < 3 && report->verdict == VERDICT_PROVED; i++) {
		struct emission_insn insn;
		struct proof proof;

		if (proof_init(&proof, options, report, variants[obligation->variant], fars[i])) {
			insn = emitter_insn(&proof.emitter, (enum vouch_op)obligation->which);
			if (fars[i] == FAR_EITHER) {
				prove_in_group(&proof, &insn, TEST_NONE, "in a group");
			} else if (emit_epilogue(&proof, epilogue)) {
				prove_in_group(
					&proof, &insn, TEST_AGAIN, "in a group's second copy");
				prove_in_group(&proof, &insn, TEST_LAST,
					"the last of a group's second copy");
			}
		}
		proof_free(&proof);
	}
}

static void prove_insn(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	enum vouch_op op = (enum vouch_op)obligation->which;
	struct emission *epilogue = calloc(1, sizeof(*epilogue));

	if (!epilogue)
		abort();
	for (int far = jumps(op, variants[obligation->variant]) ? FAR_NO : FAR_EITHER;
		far <= (jumps(op, variants[obligation->variant]) ? FAR_YES : FAR_EITHER) &&
		report->verdict == VERDICT_PROVED;
		far++) {
		struct proof proof;

		if (proof_init(
			    &proof, options, report, variants[obligation->variant], (enum far)far))
			prove_pieces(&proof, op, epilogue);
		proof_free(&proof);
	}
	if (report->verdict == VERDICT_PROVED && row_is_load_store(op) &&
		variants[obligation->variant]->groups)
		prove_grouped(obligation, options, report, epilogue);
	free(epilogue);
}

/* ---- obligations ---- */

static void (*const prove_frame[])(const struct obligation *obligation,
	const struct prove_options *options,
	struct report *report) = {prove_prologue, prove_nops, prove_resume, prove_handover};

/* The last one of a target that has groups. */
static bool is_guard(unsigned which, const struct refinement *map)
{
	return map->groups && which == OP_COUNT + FRAME_OBLIGATIONS + map->access_stubs_count;
}

/* ---- division ---- */

static bool divide_from(struct proof *proof, const struct emission *epilogue,
	struct division *division, uint64_t offset)
{
	struct knowledge knowledge;
	struct simulation s = {.proof = proof,
		.claim = CLAIM_DIVIDE,
		.division = division,
		.chunk = {{proof_address(proof, proof->emitter.epilogue), epilogue->byte,
			epilogue->size}},
		.chunks = 1,
		.knowledge = &knowledge};
	bool ok;

	s.start = machine_address(proof, bv_add_c(proof->tc, s.chunk[0].base, offset));
	knowledge_init(&knowledge);
	explain_piece(proof,
		division->round == DIVIDE_ENTRY ? "the stub of division" : "a round of its loop");
	ok = simulate(&s);
	knowledge_free(&knowledge);
	return ok;
}

/* From the start to the head of the loop, then from there on after each number of rounds. */
static void divide_rounds(
	struct proof *proof, const struct emission *epilogue, bool is_signed, bool remainder)
{
	const struct divide_stub *stub = proof->emitter.map->divide;
	unsigned kind = stub->labels_of_kinds ? 2u * is_signed + remainder : 0;
	uint64_t start = (uint64_t)epilogue->label[stub->label + kind];
	struct division d = {.is_signed = is_signed,
		.remainder = remainder,
		.has_carry = stub->has_carry,
		.round = DIVIDE_ENTRY,
		.searching = true};
	bool ok = divide_ends(proof, &d) && divide_from(proof, epilogue, &d, start);

	if (ok && !d.found)
		report_unknown(proof->report, "the division has no loop");
	d.searching = false;
	ok = ok && d.found && divide_from(proof, epilogue, &d, start);
	for (d.round = 0; ok && d.round < DIVIDE_ROUNDS; d.round++)
		ok = divide_from(proof, epilogue, &d, d.head);
}

static void prove_divide(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	struct emission *epilogue = calloc(1, sizeof(*epilogue));

	if (!epilogue)
		abort();
	for (int far = FAR_NO; far <= FAR_YES; far++) {
		struct proof proof;

		if (proof_init(&proof, options, report, variants[obligation->variant],
			    (enum far)far) &&
			emit_epilogue(&proof, epilogue)) {
			report->paths++;
			if (far == FAR_NO)
				divide_lemmas(&proof,
					&(struct division){
						.has_carry = proof.emitter.map->divide->has_carry});
			for (unsigned i = 0; i < 4 && report->verdict == VERDICT_PROVED; i++)
				divide_rounds(&proof, epilogue, i & 1, i & 2);
		}
		proof_free(&proof);
	}
	free(epilogue);
}

static unsigned obligations(const struct refinement *map)
{
	return OP_COUNT + FRAME_OBLIGATIONS + map->access_stubs_count + map->groups +
	       (map->divide != NULL);
}

static bool is_divide(unsigned which, const struct refinement *map)
{
	return map->divide && which == obligations(map) - 1;
}

static void prove(const struct obligation *obligation, const struct prove_options *options,
	struct report *report)
{
	*report = (struct report){.verdict = VERDICT_PROVED};
	if (obligation->which < OP_COUNT)
		prove_insn(obligation, options, report);
	else if (obligation->which < OP_COUNT + FRAME_OBLIGATIONS)
		prove_frame[obligation->which - OP_COUNT](obligation, options, report);
	else if (is_guard(obligation->which, variants[obligation->variant]))
		prove_guard(obligation, options, report);
	else if (is_divide(obligation->which, variants[obligation->variant]))
		prove_divide(obligation, options, report);
	else
		prove_stub(obligation, options, report);
}

static void describe(struct obligation *o, const struct refinement *map)
{
	const struct access_stub *stub;

	if (o->which < OP_COUNT) {
		o->group = row_group((enum vouch_op)o->which);
		snprintf(o->name, sizeof(o->name), "%s/%s", map->name,
			row_name((enum vouch_op)o->which));
		return;
	}
	o->group = "frame";
	if (o->which < OP_COUNT + FRAME_OBLIGATIONS) {
		snprintf(o->name, sizeof(o->name), "%s/%s", map->name,
			frame_names[o->which - OP_COUNT]);
		return;
	}
	if (is_guard(o->which, map)) {
		snprintf(o->name, sizeof(o->name), "%s/guard", map->name);
		return;
	}
	if (is_divide(o->which, map)) {
		snprintf(o->name, sizeof(o->name), "%s/stub-divide64", map->name);
		return;
	}
	stub = &map->access_stubs[o->which - OP_COUNT - FRAME_OBLIGATIONS];
	snprintf(o->name, sizeof(o->name), "%s/stub-%s%u", map->name,
		stub->atomic  ? "atomic"
		: stub->write ? "write"
			      : "read",
		8 * stub->bytes);
}

static bool at(const struct theorem *theorem, size_t index, struct obligation *o)
{
	for (unsigned v = 0; v < sizeof(variants) / sizeof(variants[0]); v++) {
		size_t count = obligations(variants[v]);

		if (strcmp(variants[v]->target + strlen("vouch_"), theorem->name) != 0)
			continue;
		if (index < count) {
			*o = (struct obligation){.target = variants[v]->name,
				.theorem = theorem,
				.which = (unsigned)index,
				.variant = v};
			describe(o, variants[v]);
			return true;
		}
		index -= count;
	}
	return false;
}

const struct theorem theorem_rv64 = {"rv64", at, prove};
const struct theorem theorem_x86_64 = {"x86_64", at, prove};
const struct theorem theorem_arm64 = {"arm64", at, prove};
const struct theorem theorem_rv32 = {"rv32", at, prove};
const struct theorem theorem_thumb2 = {"thumb2", at, prove};
