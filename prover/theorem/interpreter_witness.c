/* SPDX-License-Identifier: MIT */
/*
 * Counterexamples of the interpreter that run (witness_compiled.h): from a dispatch to the next, or
 * to C. Which is the next is decided by the slot there, so what it holds is part of the
 * counterexample: if it can be, an opcode that there is no instruction of, since nothing else leads
 * to that label. The step that is wanted is made on the values. vouch_region_find() isn't used by
 * its contract, but runs as well, on a table of one region or none, which the values have to agree
 * with.
 */
#include <string.h>

#include "prover/theorem/interpreter.h"
#include "prover/theorem/witness_compiled.h"
#include "vm/layout.h"
#include "vm/vm.h"

enum { NO_OPCODE = 0xff };

static struct interpreter *interpreter_of(const struct path *path)
{
	return (struct interpreter *)path->c; /* its first member */
}

/* ---- values ---- */

/* The vm and the table of helpers end with their pages: what goes beyond them faults. */
static void wish_places(struct wishes *w, const struct interpreter *in)
{
	const struct world *world = &in->world;
	unsigned word = world->word;
	term helpers_size = bv_mul(w->tc, world->nhelpers, bv_const(w->tc, 64, word));
	term helpers_end = bv_add(w->tc, world->helpers, helpers_size);

	wish_at(w, world->vm, w->at->vm + PAGE - (VM_SIZE(word) + 15) / 16 * 16);
	wish_at(w, in->insns, w->at->insns);
	wish_at(w, in->chosen, w->at->chosen);
	wish_at(w, in->result, w->at->result + PAGE - 8);
	wish_at(w, world->top, w->at->stack);
	wish_at(w, world->context, w->at->context);
	wish_at(w, world->helper_context, w->at->context + 16 * PAGE);
	wish_at(w, world->regions, w->at->regions + PAGE - 3 * word);
	wish_below(w, world->nhelpers, 64);
	wish_at(w, helpers_end, w->at->helpers + PAGE);
	for (unsigned i = 0; i < VOUCH_DATA_MAX; i++)
		wish_at(w, world->data[i], w->at->data + i * 16 * PAGE);
}

/* What it jumps by; NULL: it doesn't. */
static term jump_of(const struct interpreter *in)
{
	const struct vouch_op_info *info = &vouch_ops[in->insn.op];

	if (in->entering || in->insn.op == OP_INVALID)
		return NULL;
	return info->off == OFF_JUMP ? in->insn.off : info->imm == IMM_JUMP ? in->insn.imm : NULL;
}

/* Slots that are few and apart: jumps, and returns, lead to none that has another name. */
static void wish_program(struct wishes *w, const struct interpreter *in)
{
	const struct world *world = &in->world;
	term jump = jump_of(in);

	wish_at(w, world->count, 200);
	wish(w, wish_between(w, world->pc, 20, 100));
	wish_at(w, in->next_opcode, NO_OPCODE);
	if (jump)
		wish(w, bool_or(w->tc, wish_between(w, jump, 3, 10),
				wish_between(w, jump, (uint64_t)0 - 10, (uint64_t)0 - 4)));
	if (in->insn.op == OP_exit)
		wish(w, wish_between(w,
				mem_load(w->tc, world->records, bv_const(w->tc, 64, FRAME_PC), 4),
				120, 190));
}

/* The next slot has names of its own; a jump to itself finds what it is itself. */
static void wish_itself(struct wishes *w, const struct interpreter *in, struct exec *exec)
{
	term next = interpreter_notes(exec)->next;
	term here = bv_shl_c(w->tc, bv_zext(w->tc, 64, in->world.pc), 3);

	if (next && !in->entering)
		wish(w, bool_implies(w->tc, term_eq(w->tc, next, here),
				term_eq(w->tc, in->next_word, in->word)));
	wishes_grant(w);
}

/* Which helper is called; NULL: none. */
static term helper_of(const struct interpreter *in)
{
	const struct bpf_insn *insn = &in->insn;

	if (in->entering || (insn->op != OP_call && insn->op != OP_callx))
		return NULL;
	return insn->op == OP_call ? bv_zext(in->c.tc, 64, insn->imm) : in->world.r[insn->dst];
}

static uint64_t helper_address(const struct file *o, const struct interpreter *in)
{
	term id = helper_of(in);

	return id ? value(o, world_helper(&in->world, id)) & ~(uint64_t)1 : 0;
}

static void wish_helper(struct wishes *w, const struct interpreter *in)
{
	term id = helper_of(in);

	if (!id)
		return;
	wish_below(w, id, 64);
	wish_at(w, world_helper(&in->world, id), w->at->helper);
}

/* An access that isn't the instruction's is in another page, where it is seen. */
static void wish_accesses(struct wishes *w, const struct interpreter *in, struct exec *exec)
{
	const struct interpreter_notes *notes = interpreter_notes(exec);
	term step[3] = {NULL}, own;

	if (interpreter_access(in, step))
		wish_accessible(w, step[0]);
	own = step[0];
	for (unsigned i = 0; i < notes->touches; i++) {
		term address = notes->touch[i].address;

		wish_accessible(w, address);
		if (own)
			wish(w, bool_or(w->tc, term_eq(w->tc, address, own),
					term_ne(w->tc, wish_page(w, address), wish_page(w, own))));
	}
}

/* ---- the table of regions ---- */

struct region {
	term start, size, permissions;
};

static struct region region_of(const struct interpreter *in)
{
	struct terms *tc = in->c.tc;

	return (struct region){bv_var(tc, "region_start", 64), bv_var(tc, "region_size", 64),
		bv_var(tc, "region_permissions", 32)};
}

/* The region is there, and contains all that is asked about; it is small, and doesn't wrap around.
 */
static term contains(const struct interpreter *in, const struct region *r, const term *asked)
{
	struct terms *tc = in->c.tc;
	term offset = bv_sub(tc, bv_zext(tc, 64, asked[0]), r->start);
	term rest = bv_sub(tc, r->size, asked[1]);
	term missing = bv_and(tc, asked[2], bv_not(tc, r->permissions));

	return bool_and(tc,
		bool_and(tc, bool_from_bv(tc, in->world.nregions),
			term_eq(tc, missing, bv_const(tc, 32, 0))),
		bool_and(tc, bv_ule(tc, asked[1], r->size), bv_ule(tc, offset, rest)));
}

static void wish_found(void *user, const struct interpreter *in, term find)
{
	struct wishes *w = user;
	const struct region r = region_of(in);

	wish(w, term_eq(w->tc, find, contains(in, &r, find->arg)));
}

/* Each that is asked about the table, on the path or by the step. */
static void each_asked(const struct interpreter *in, const struct exec *exec, void *user,
	void (*each)(void *user, const struct interpreter *in, term find))
{
	struct term_list all = {0}, of = {0};
	term step[3];

	for (size_t i = 0; i < exec->conditions.count; i++)
		term_list_add(&of, exec->conditions.at[i]);
	if (interpreter_access(in, step))
		term_list_add(&of, world_find(&in->world, step[0], step[1], step[2]));
	term_subterms(of.count, of.at, &all);
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i]->op == TERM_APPLY && strcmp(all.at[i]->name, "region_find") == 0)
			each(user, in, all.at[i]);
	term_list_free(&all);
	term_list_free(&of);
}

static void wish_regions(struct wishes *w, const struct interpreter *in, const struct exec *exec)
{
	const struct region r = region_of(in);

	each_asked(in, exec, w, wish_found);
	wish(w, bool_or(w->tc, term_eq(w->tc, r.permissions, bv_const(w->tc, 32, VOUCH_READ)),
			term_eq(w->tc, r.permissions,
				bv_const(w->tc, 32, VOUCH_READ | VOUCH_WRITE))));
	wish_below(w, r.size, PAGE);
	wish_below(w, r.start, w->at->stub);
	wish_below(w, in->world.nregions, 2);
}

static void write_regions(const struct file *o, const struct interpreter *in)
{
	const struct region r = region_of(in);
	uint64_t at = value(o, in->world.regions);
	unsigned word = in->world.word;

	if (value(o, in->world.nregions) != 1)
		return;
	write_number(o, "constant", at, value(o, r.start), word, "the region's start");
	write_number(o, "constant", at + word, value(o, r.size), word, "its size");
	write_number(
		o, "constant", at + 2 * word, value(o, r.permissions), word, "its permissions");
}

static void wish_small(struct wishes *w, const struct interpreter *in)
{
	const struct world *world = &in->world;

	wish_at(w, world->fuel, 1000);
	wish_below(w, in->spent, 100);
	wish_below(w, world->depth, 2);
	wish_at(w, world->last_depth, VOUCH_FRAMES_MAX - 1);
	for (unsigned i = 0; i < 8; i++)
		wish_below(w, world->limit[i / 4][i % 4], PAGE);
	for (unsigned i = 0; i < 10; i++)
		wish_below(w, world->r[i], 256);
}

static void wish_all(struct wishes *w, struct path *path)
{
	const struct interpreter *in = interpreter_of(path);

	wish_itself(w, in, path->exec);
	wish_places(w, in);
	wish_program(w, in);
	wish_helper(w, in);
	wishes_grant(w);
	wish_accesses(w, in, path->exec);
	wish_regions(w, in, path->exec);
	wishes_grant(w);
	wish_small(w, in);
	wishes_grant(w);
}

/* What the table that there will be has to say. */
static void settle_found(void *user, const struct interpreter *in, term find)
{
	struct assignment *values = user;
	const struct region r = region_of(in);
	u128 argument[3];

	term_evaluate_n(3, find->arg, values, argument);
	assignment_set_apply(values, find->name, 3, argument,
		term_evaluate(contains(in, &r, find->arg), values));
}

static void settle(struct path *path, struct assignment *values)
{
	struct interpreter *in = interpreter_of(path);

	dispatch_settle(in, path->exec, values);
	each_asked(in, path->exec, values, settle_found);
}

static bool prepare(struct file *o, struct path *path)
{
	const struct interpreter *in = interpreter_of(path);
	const struct interpreter_notes *notes = interpreter_notes(path->exec);

	o->world = &in->world;
	o->no_fault = notes->wrong;
	o->is_endless = notes->endless;
	if (!interpreter_only_outcome(in, &o->step) && !make_step(o, &in->insn))
		return false;
	add_accesses(o, &o->step.accesses);
	for (unsigned i = 0; i < notes->touches; i++)
		for (unsigned n = 0; n < notes->touch[i].bytes; n++)
			add_address(o, value(o, notes->touch[i].address) + n);
	return true;
}

/* ---- before ---- */

/* Offsets in the program: of the instruction, and of the one that the step goes on at. */
static uint64_t here(const struct file *o)
{
	return 8 * value(o, o->world->pc);
}

static uint64_t there(const struct file *o)
{
	return 8 * value(o, o->step.bpf.pc);
}

/* What a slot holds. */
static uint64_t slot(const struct file *o, const struct interpreter *in, uint64_t offset)
{
	bool is_next = in->entering || offset != here(o);

	if (in->second && !in->entering && offset == here(o) + 8)
		return value(o, in->second);
	return value(o, is_next ? in->next_word : in->word);
}

static void write_insn(const struct file *o, const struct interpreter *in, uint64_t offset)
{
	write_number(o, "constant", value(o, in->insns) + offset, slot(o, in, offset), 8,
		"an instruction");
}

/* Where the instruction in a slot is run. */
static uint64_t label(const struct file *o, struct interpreter *in, uint64_t offset)
{
	return dispatch_target(in, (uint8_t)slot(o, in, offset));
}

static void write_program(const struct file *o, struct path *path)
{
	struct interpreter *in = interpreter_of(path);
	const struct interpreter_notes *notes = interpreter_notes(path->exec);

	if (!in->entering)
		write_insn(o, in, here(o));
	if (in->second && !in->entering)
		write_insn(o, in, here(o) + 8);
	if (o->step.result == BPF_NEXT) {
		write_insn(o, in, there(o));
		write_stop(o, path, label(o, in, there(o)));
	}
	if (notes->next) {
		write_insn(o, in, value(o, notes->next));
		write_stop(o, path, label(o, in, value(o, notes->next)));
	}
}

/* The words of the table of chosen instructions that anybody has looked at, or should have. */
static void write_chosen(const struct file *o, struct path *path)
{
	const struct interpreter *in = interpreter_of(path);
	const struct exec *exec = path->exec;
	struct term_list all = {0}, looked = {0};

	for (size_t i = 0; i < exec->conditions.count; i++)
		term_list_add(&looked, exec->conditions.at[i]);
	if (o->step.result == BPF_NEXT)
		term_list_add(&looked, interpreter_is_chosen(in, o->step.bpf.pc));
	term_subterms(looked.count, looked.at, &all);
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i]->op == TERM_APPLY && strcmp(all.at[i]->name, "chosen_word") == 0)
			write_number(o, "constant",
				value(o, in->chosen) + 4 * value(o, all.at[i]->arg[0]),
				value(o, all.at[i]), 4, "which instructions are compiled");
	term_list_free(&looked);
	term_list_free(&all);
}

static void write_field(
	const struct file *o, const struct interpreter *in, unsigned offset, unsigned bytes)
{
	const struct world *w = &in->world;
	term fields = world_vm_after_helper(w, w->vm_bytes);

	write_memory(o, "write", value(o, w->vm) + offset, fields, offset, bytes, "");
}

static void write_helper_call(const struct file *o, const struct interpreter *in)
{
	unsigned word = in->world.word;

	write_compiled_call(o, &in->c, helper_address(o, in), "a helper", "after_helper",
		in->world.helper_result);
	write_field(o, in, VM_REQUEST(word), 4);
	write_field(o, in, VM_CONTEXT(word), word);
	for (unsigned i = 0; i < 8; i++)
		write_field(o, in, VM_LIMIT(word, i / 4, i % 4), word);
	write_program_memory(o, "write", in->world.helper_memory);
}

/* Has the model stopped there? */
static bool is_at(const struct file *o, struct path *path, uint64_t address)
{
	return value(o, machine_pc(path->exec)) == address;
}

static void write_before(const struct file *o, struct path *path)
{
	const struct interpreter *in = interpreter_of(path);
	const struct interpreter_notes *notes = interpreter_notes(path->exec);

	write_program_memory(o, "guard", in->world.memory);
	write_program(o, path);
	if (in->hybrid)
		write_chosen(o, path);
	write_regions(o, in);
	if (o->no_fault && is_at(o, path, in->find))
		write_stop(o, path, in->find);
	if (notes->helper_called)
		write_helper_call(o, in);
}

/* ---- after ---- */

static void write_memories(
	const struct file *o, const struct path *path, const struct expected *expected)
{
	const struct access_log *log = &o->step.accesses;

	for (unsigned i = 0; i <= OBJECT_RESULT; i++)
		write_object(o, "holds", path, i, expected->object[i]);
	for (unsigned i = 0; i < log->count; i++)
		fprintf(o->f, "touch %llx %x\n", (ull)value(o, log->at[i].address),
			log->at[i].bytes);
	write_program_memory(o, "holds", o->step.memory);
}

static void want_next(
	const struct file *o, const struct path *path, const struct expected *expected)
{
	struct interpreter *in = interpreter_of(path);
	uint64_t next = slot(o, in, there(o));
	unsigned word = in->world.word;
	const struct moment m = {.offset = bv_const(o->tc, 64, there(o)),
		.used = expected->spent,
		.context = bv_zext(o->tc, 64,
			world_field(
				&in->world, expected->object[OBJECT_VM], VM_CONTEXT(word), word)),
		.opcode = bv_const(o->tc, 8, next),
		.word = bv_const(o->tc, 64, next),
		.label = bv_const(o->tc, 64, label(o, in, there(o)))};
	const char *name = "";
	term t;

	fprintf(o->f, "want goes on at pc %llu\n", (ull)value(o, o->step.bpf.pc));
	write_end(o, label(o, in, there(o)));
	for (unsigned n = in->c.cv->first; n < in->c.cv->machine->registers; n++)
		if ((t = dispatch_register(in, n, &m, &name)))
			write_register(o, n, t, name);
	write_rest_wanted(o, in->c.cv->machine);
	for (unsigned n = 0; n < compiled_slots(&in->c); n++)
		if ((t = dispatch_slot(in, n, &m, &name)))
			write_slot(o, path, n, t);
	write_memories(o, path, expected);
}

static void want_handover(const struct file *o, const struct path *path)
{
	struct expected expected;

	interpreter_expect_handover(interpreter_of(path), &o->step, &expected);
	fprintf(o->f, "want hands over at pc %llu\n", (ull)value(o, o->step.bpf.pc));
	write_returned(o, path, STATUS_HANDOVER, 32, "the status");
	write_memories(o, path, &expected);
}

static void want_exit(
	const struct file *o, const struct path *path, const struct expected *expected)
{
	const struct bpf *bpf = &o->step.bpf;

	fprintf(o->f, "want ends the run with status %u at pc %llu\n", bpf->status,
		(ull)value(o, bpf->pc));
	write_returned(o, path, bpf->status, 32, "the status");
	write_memories(o, path, expected);
}

/* Where the model stopped at a call of C, because of what it is called with: with what it should be
 * called. */
static void want_call(const struct file *o, struct path *path)
{
	const struct interpreter *in = interpreter_of(path);
	const struct world *w = &in->world;
	uint64_t helper = helper_address(o, in);
	unsigned bits = compiled_bits(&in->c);
	struct next_argument next = {0};

	if (o->no_fault && is_at(o, path, helper)) {
		fprintf(o->f, "want calls the helper\n");
		write_end(o, helper);
		write_argument(o, path, &next, bv_trunc(o->tc, bits, w->vm), "the vm");
		for (unsigned i = 1; i <= 5; i++)
			write_argument(o, path, &next, w->r[i], "an argument");
	} else if (o->no_fault && is_at(o, path, in->find)) {
		fprintf(o->f, "want looks for a region\n");
		write_end(o, in->find);
		write_argument(o, path, &next, bv_trunc(o->tc, bits, w->regions), "the table");
		write_argument(o, path, &next, bv_trunc(o->tc, bits, w->nregions), "its size");
	}
}

static void want_ends(const struct file *o, struct path *path)
{
	const struct interpreter *in = interpreter_of(path);
	struct expected expected;

	interpreter_expect(in, &o->step, &expected);
	if (o->step.result == BPF_NEXT && in->hybrid &&
		is_true(o, interpreter_is_chosen(in, o->step.bpf.pc)))
		want_handover(o, path);
	else if (o->step.result == BPF_NEXT)
		want_next(o, path, &expected);
	else
		want_exit(o, path, &expected);
	want_call(o, path);
}

static void write_model(const struct file *o, struct path *path)
{
	const struct interpreter_notes *notes = interpreter_notes(path->exec);

	for (unsigned i = 0; i < notes->touches; i++)
		fprintf(o->f, "touch %llx %x\n", (ull)value(o, notes->touch[i].address),
			notes->touch[i].bytes);
	write_program_memory(o, "holds", notes->memory);
}

const struct compiled_witness interpreter_witness = {.wish = wish_all,
	.settle = settle,
	.prepare = prepare,
	.before = write_before,
	.want = want_ends,
	.model = write_model,
	.left = {"after_find", "after_divide"}};
