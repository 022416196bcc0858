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
#include "prover/theorem/piece.h"
#include "prover/theorem/rows.h"
#include "vm/layout.h"

/* Each target is a theorem; its variants, in a row. */
static const struct refinement *const variants[] = {&refinement_rv64, &refinement_rv64c,
	&refinement_x86_64, &refinement_arm64, &refinement_rv32, &refinement_rv32c,
	&refinement_thumb2};

/* What else there is to prove of a variant, after its instructions: frames first, then stubs. */
enum { FRAME_PROLOGUE, FRAME_NOPS, FRAME_RESUME, FRAME_HANDOVER, FRAME_OBLIGATIONS };
static const char *const frame_names[] = {"prologue", "nops", "resume", "handover"};

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
	bool ok = piece_check(piece, emission);

	piece->proof->report->paths++;
	explain_emission(piece->proof, emission);
	if (ok && emission->ok &&
		(emission->size < map->prologue_min || emission->size > map->prologue_max)) {
		report_refuted(
			piece->proof->report, "%u bytes before the epilogue", emission->size);
		ok = false;
	}
	if (ok && emission->ok)
		ok = piece_simulate(piece, emission);
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
	bool ok = piece_check(piece, emission);

	proof->report->paths++;
	if (ok && emission->ok && emission->size != proof->emitter.nop_bytes) {
		report_refuted(proof->report, "%u bytes of nops where %u were asked for",
			emission->size, proof->emitter.nop_bytes);
		ok = false;
	}
	return ok && (!emission->ok || piece_simulate(piece, emission));
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
			emitter_run(&proof.emitter, PART_HANDOVER, NULL, piece_emission, &piece);
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
	emitter_run(&proof->emitter, PART_COLD, insn, piece_emission, &cold);
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
	emitter_run(e, PART_INSN, insn, piece_emission, &piece);
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
	emitter_run(e, PART_GUARD, &group, piece_emission, &piece);
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
	for (unsigned dst = 0; dst < piece_values(insn->dst); dst++)
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
	emitter_run(&proof->emitter, PART_INSN, &insn, piece_emission, &hot);
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
