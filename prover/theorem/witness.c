/* SPDX-License-Identifier: MIT */
/*
 * What is wished of the values of a counterexample of emitted code (wish.h), so that it can be run.
 */
#include "prover/theorem/counterexample.h"
#include "prover/theorem/wish.h"
#include "vm/layout.h"

static term address_of(struct wishes *w, term offset)
{
	return machine_relative(w->s, proof_address(w->proof, offset));
}

/* ---- what is wished ---- */

/* The frame ends with its page, and so does the vm: what goes beyond them faults. */
static void wish_places(struct wishes *w)
{
	const struct world *world = &w->proof->world;
	const struct refinement *map = w->proof->emitter.map;
	unsigned vm_size = (VM_SIZE(map->word) + 15) / 16 * 16;

	wish_at(w, w->proof->code, w->at->code);
	wish_at(w, world->vm, w->at->vm + PAGE - vm_size);
	wish_at(w, machine_sp(w->proof), w->at->sp + PAGE - map->frame_size);
	wish_at(w, world->top, w->at->stack);
	wish_at(w, world->context, w->at->context);
	wish_at(w, world->find, w->at->find | map->thumb);
	wish_at(w, world->helpers, w->at->helpers);
	wish_at(w, world->regions, w->at->regions);
	wish_at(w, world->helper_context, w->at->context + 16 * PAGE);
	wish_at(w, machine_c_register(w->proof, map->link), w->at->c | map->thumb);
	for (unsigned i = 0; i < VOUCH_DATA_MAX; i++)
		wish_at(w, world->data[i], w->at->data + i * 16 * PAGE);
	if (w->s->claim == CLAIM_ACCESS || w->s->claim == CLAIM_DIVIDE)
		wish_at(w, machine_stub_return(w->proof), w->at->stub | map->thumb);
}

static void wish_helper(struct wishes *w)
{
	const struct bpf_insn *insn = w->s->insn;
	const struct world *world = &w->proof->world;
	term id;

	if (!insn || (insn->op != OP_call && insn->op != OP_callx))
		return;
	id = insn->op == OP_call ? bv_zext(w->tc, 64, insn->imm) : world->r[insn->dst];
	wish_below(w, world->nhelpers, 64);
	wish_below(w, id, 64);
	wish_at(w, world_helper(world, id), w->at->helper | w->proof->emitter.map->thumb);
}

/* What the instruction accesses if it may. */
static void wish_access_of_insn(struct wishes *w)
{
	const struct bpf_insn *insn = w->s->insn;
	unsigned class = insn ? vouch_ops[insn->op].opcode & 7 : CLASS_JMP;
	term base;

	if (class != CLASS_LDX && class != CLASS_ST && class != CLASS_STX)
		return;
	base = w->proof->world.r[class == CLASS_LDX ? insn->src : insn->dst];
	wish_accessible(w, bv_add(w->tc, base, bv_sext(w->tc, 64, insn->off)));
}

static void wish_accessed(struct wishes *w, struct exec *exec, const struct outcome *outcome)
{
	const struct access_log *machine = &machine_notes(exec)->accesses;

	for (unsigned i = 0; outcome && i < outcome->accesses.count; i++)
		wish_accessible(w, outcome->accesses.at[i].address);
	for (unsigned i = 0; i < machine->count; i++)
		wish_accessible(w, machine->at[i].address);
	if (w->s->claim == CLAIM_ACCESS)
		wish_accessible(w, machine_stub_access(w->proof));
	else
		wish_access_of_insn(w);
}

/* An access that the step doesn't make is in a page that it doesn't access. */
static void wish_apart(struct wishes *w, struct exec *exec, const struct outcome *outcome)
{
	const struct access_log *machine = &machine_notes(exec)->accesses;

	for (unsigned i = 0; outcome && i < machine->count; i++)
		for (unsigned j = 0; j < outcome->accesses.count; j++) {
			term address = machine->at[i].address;
			term other = outcome->accesses.at[j].address;

			wish(w, bool_or(w->tc, term_eq(w->tc, address, other),
					term_ne(w->tc, wish_page(w, address),
						wish_page(w, other))));
		}
}

/* What is known of the code's other instructions is below the harness. */
enum { NO_FURTHER = 0x40000000 };

/* The code is where there is room for it, apart from the epilogue, and other instructions' from it.
 */
static void wish_code(struct wishes *w)
{
	const struct emitter *e = &w->proof->emitter;
	const struct chunk *code = &w->s->chunk[0];
	term size = bv_const(w->tc, 64, code->size + 1);
	term from = bv_const(w->tc, 64, e->layout.max_frame);

	if (w->s->claim != CLAIM_ENTER && w->s->claim != CLAIM_RESUME &&
		w->s->claim != CLAIM_ACCESS)
		wish(w, bv_ule(w->tc, from, bv_sub(w->tc, code->base, w->proof->code)));
	for (unsigned i = 0; i < w->s->chunks; i++)
		wish(w, wish_between(w, w->s->chunk[i].base, w->at->code, w->at->code_end));
	for (unsigned i = 0; i < e->entries; i++) {
		term address = address_of(w, e->table[i].offset);

		if (address != code->base)
			wish(w, bv_ule(w->tc, size, bv_sub(w->tc, address, code->base)));
		wish(w, bv_ule(w->tc, from, bv_sub(w->tc, address, w->proof->code)));
		wish_below(w, bv_sub(w->tc, address, w->proof->code), NO_FURTHER);
		for (unsigned j = 0; j < i; j++) {
			term other = address_of(w, e->table[j].offset);
			term same = bool_const(w->tc, false);

			if (e->table[i].cold == e->table[j].cold)
				same = term_eq(w->tc, e->table[i].pc, e->table[j].pc);
			wish(w, term_eq(w->tc, same, term_eq(w->tc, address, other)));
		}
	}
}

/* A jump that leads nowhere doesn't lead by chance to where something is. */
static void wish_nowhere(struct wishes *w, const struct exec *exec)
{
	const struct machine_notes *notes = (const struct machine_notes *)exec->state.notes;
	const struct emitter *e = &w->proof->emitter;
	term pc = exec->options->machine->pc(exec->state.machine);

	for (unsigned i = 0; notes->violation && i < w->s->chunks; i++) {
		const struct chunk *code = &w->s->chunk[i];

		wish(w, bv_ule(w->tc, bv_const(w->tc, 64, code->size),
				bv_sub(w->tc, pc, code->base)));
	}
	for (unsigned i = 0; notes->violation && i < e->entries; i++)
		wish(w, term_ne(w->tc, pc, address_of(w, e->table[i].offset)));
	for (unsigned i = 0; notes->violation && i < JIT_LABELS && e->labels; i++)
		if (e->label[i] >= 0)
			wish(w, term_ne(w->tc, pc,
					address_of(w, bv_add_c(w->tc, e->epilogue,
							      (uint64_t)e->label[i]))));
}

/* The fields of a logical immediate are those that stand for it. */
static void wish_immediates(struct wishes *w)
{
	const struct emitter *e = &w->proof->emitter;

	for (unsigned i = 0; i < e->immediates; i++) {
		const struct immediate *known = &e->immediate[i];
		unsigned width = known->is64 ? 64 : 32;
		term value =
			term_substitute(w->tc, machine_relative(w->s, known->value), w->s->values);
		term defined, stands = arm64_logical_value(w->tc, known->fields, width, &defined);

		stands = term_eq(w->tc, stands, bv_trunc(w->tc, width, value));
		wish(w, bool_implies(w->tc, known->granted, bool_and(w->tc, defined, stands)));
	}
}

/* What was loaded is still there: there is nobody else. */
static void wish_seen(struct wishes *w, const struct exec *exec)
{
	const struct machine_notes *notes = (const struct machine_notes *)exec->state.notes;

	if (notes->seen)
		wish(w, term_eq(w->tc, notes->seen,
				mem_load(w->tc, w->proof->world.memory, notes->seen_at,
					notes->seen->width / 8)));
}

static void wish_small(struct wishes *w)
{
	const struct world *world = &w->proof->world;

	wish_at(w, world->fuel, 1000);
	wish_below(w, world->used, 100);
	wish_below(w, world->pc, 100);
	wish_at(w, world->count, 200);
	wish_below(w, world->depth, 2);
	wish_at(w, world->last_depth, VOUCH_FRAMES_MAX - 1);
	wish_below(w, world->nregions, 8);
	wish_below(w, world->nhelpers, 64);
	for (unsigned i = 0; i < 8; i++)
		wish_below(w, world->limit[i / 4][i % 4], PAGE);
}

static void wish_small_registers(struct wishes *w)
{
	const struct bpf_insn *insn = w->s->insn;

	for (unsigned i = 0; i < 10; i++) {
		bool used = insn && (i == insn->dst || i == insn->src);

		wish_below(w, w->proof->world.r[i], used ? 256 : 16);
	}
}

/* Small registers are the only wish about what is computed: not worth a long search. */
enum { SMALL_MS = 300 };

struct assignment *witness_find(struct simulation *s, struct exec *exec,
	const struct outcome *outcome, term claim, bool *shows)
{
	struct wishes w = {.s = s, .proof = s->proof};
	bool placed;

	wishes_begin(&w, s->proof->tc, s->proof->checker, s->proof->emitter.map->word,
		bool_not(s->proof->tc, claim));
	wish_places(&w);
	wish_helper(&w);
	wish_immediates(&w);
	placed = wishes_grant(&w);
	wish_nowhere(&w, exec);
	wish_code(&w);
	wish_accessed(&w, exec, outcome);
	wish_apart(&w, exec, outcome);
	wish_fault(&w, exec);
	wish_seen(&w, exec);
	wish_success(&w, exec);
	wishes_grant(&w);
	wish_small(&w);
	wishes_grant(&w);
	wish_small_registers(&w);
	solver_set_timeout(w.solver, SMALL_MS);
	wishes_grant(&w);
	*shows = placed && !machine_notes(exec)->unseen && !exec->env.undefined;
	return wishes_end(&w, s->proof->options->solver.timeout_ms);
}
