/* SPDX-License-Identifier: MIT */
/*
 * Where a path of the interpreter ended, against BPF's step (interpreter.h): every register, every
 * byte of the vm, the records, memory, *r0, and each access to memory that is the program's.
 */
#include <string.h>

#include "prover/theorem/interpreter.h"
#include "vm/layout.h"
#include "vm/vm.h"

struct comparison {
	struct interpreter *in;
	struct path *path;
	const struct outcome *outcome;
	struct expected expected; /* of it */
};

static struct terms *tc_of(struct comparison *c)
{
	return c->in->c.tc;
}

/* Bytes in a word of the machine */
static unsigned word(const struct comparison *c)
{
	return c->in->c.cv->word;
}

/* A sum that the machine makes is one of its words. */
static term in_words(struct comparison *c, term sum)
{
	return bv_zext(tc_of(c), 64, bv_trunc(tc_of(c), 8 * word(c), sum));
}

static bool holds(struct comparison *c, term claim, const char *what)
{
	return path_holds(c->path, claim, what);
}

static bool equal(struct comparison *c, term a, term b, const char *what)
{
	return path_equal(c->path, a, b, what);
}

static bool never(struct comparison *c, const char *what)
{
	return holds(c, bool_const(tc_of(c), false), what);
}

static term contents(struct comparison *c, enum vm_object object)
{
	return c->path->exec->state.object[object].contents;
}

static term field(struct comparison *c, enum vm_object object, unsigned offset, unsigned bytes)
{
	term at = bv_const(tc_of(c), 64, offset);

	return bv_zext(tc_of(c), 64, mem_load(tc_of(c), contents(c, object), at, bytes));
}

/* Bytes at constant offsets only, as words where they are. */
static bool equal_object(
	struct comparison *c, term a, term b, unsigned from, unsigned size, const char *what)
{
	for (unsigned i = from; a != b && i < size; i += 8) {
		term at = bv_const(tc_of(c), 64, i);

		if (!equal(c, mem_load(tc_of(c), a, at, 8), mem_load(tc_of(c), b, at, 8), what))
			return false;
	}
	return c->path->ok;
}

/* ---- memory that is the program's ---- */

/* All of an access is part of one that the step makes. */
static bool is_part_of_step(struct comparison *c, const struct touch *touch)
{
	const struct access_log *step = &c->outcome->accesses;
	struct terms *tc = tc_of(c);

	for (unsigned i = 0; i < step->count; i++) {
		term from = bv_sub(tc, touch->address, step->at[i].address);

		if (step->at[i].write == touch->write && step->at[i].bytes >= touch->bytes)
			return holds(c,
				bv_ule(tc, from,
					bv_const(tc, 64, step->at[i].bytes - touch->bytes)),
				"an access at another address than the step's");
	}
	return never(c, "an access that the step doesn't make");
}

/* Everything that was written is part of what the step writes, so that is all there is to compare.
 */
static bool compare_memory(struct comparison *c)
{
	const struct interpreter_notes *notes = interpreter_notes(c->path->exec);
	const struct access_log *step = &c->outcome->accesses;
	bool written = false;

	for (unsigned i = 0; i < notes->touches; i++)
		if (!is_part_of_step(c, &notes->touch[i]))
			return false;
	for (unsigned i = 0; i < step->count && notes->memory != c->outcome->memory; i++) {
		term at = step->at[i].address;
		unsigned bytes = step->at[i].bytes;

		written = written || step->at[i].write;
		if (step->at[i].write && !equal(c, mem_load(tc_of(c), notes->memory, at, bytes),
						 mem_load(tc_of(c), c->outcome->memory, at, bytes),
						 "memory differs"))
			return false;
	}
	return notes->memory == c->outcome->memory || written || never(c, "memory differs");
}

/* ---- what memory should hold ---- */

static term after_step(const struct interpreter *in, const struct outcome *o)
{
	const struct world *w = &in->world;
	struct terms *tc = in->c.tc;
	term bytes = w->vm_bytes, record = bv_const(tc, 64, FRAME_RECORD);

	/* The start of a run is in the first frame. */
	if (interpreter_begins(in))
		bytes = world_set_field(w, bytes, VM_FRAME(w->word), w->word, w->top);
	if (o->called)
		bytes = world_vm_after_helper(w, bytes);
	if (o->pushed)
		bytes = world_set_field(
			w, bytes, VM_FRAME(w->word), w->word, bv_add(tc, w->frame, record));
	if (o->popped)
		bytes = world_set_field(
			w, bytes, VM_FRAME(w->word), w->word, bv_sub(tc, w->frame, record));
	return bytes;
}

/* Of the vm, the fields that only some steps write. */
static void expect_rest(
	const struct interpreter *in, const struct outcome *o, term *fuel, term *fault)
{
	const struct world *w = &in->world;
	struct terms *tc = in->c.tc;
	const struct bpf *bpf = &o->bpf;

#define SET(object, field, bytes, value) \
	*object = world_set_field(w, *object, VM_##field, bytes, value)
	if (interpreter_begins(in)) {
		SET(fuel, FUEL(w->word), w->word, bpf->fuel);
		SET(fault, REQUEST(w->word), 4, bv_const(tc, 32, 0));
	}
	if (o->called)
		SET(fault, REQUEST(w->word), 4, w->helper_request);
	if (o->result != BPF_EXIT)
		return;
	SET(fuel, FUEL(w->word), w->word, bpf->fuel);
	SET(fuel, USED(w->word), w->word, bv_sub(tc, w->fuel, bpf->fuel));
	SET(fault, FAULT_STATUS(w->word), 4, bv_const(tc, 32, bpf->status));
	SET(fault, FAULT_PC(w->word), 4, bpf->pc);
	SET(fault, FAULT_ADDRESS(w->word), 8, bpf->address);
	SET(fault, FAULT_SIZE(w->word), 4, bv_const(tc, 32, bpf->size));
	SET(fault, FAULT_WRITE(w->word), 4, bv_const(tc, 32, bpf->write));
#undef SET
}

/* The record of a call. */
static term expected_record(const struct interpreter *in, const struct outcome *o)
{
	struct terms *tc = in->c.tc;
	term record = mem_var(tc, "next_record");

	for (unsigned i = 0; o->pushed && i < 4; i++)
		record = mem_write(tc, record, bv_const(tc, 64, FRAME_SAVED(i)), 8, o->saved[i]);
	if (o->pushed)
		record = mem_write(tc, record, bv_const(tc, 64, FRAME_PC), 4, o->saved_pc);
	return record;
}

/* Only the end of a run that goes well has a result, if it was asked for. */
static term expected_result(const struct interpreter *in, const struct outcome *o)
{
	struct terms *tc = in->c.tc;
	term at = bv_const(tc, 64, 0), before = mem_var(tc, "result_bytes");
	term old = mem_load(tc, before, at, 8), asked = bool_from_bv(tc, in->result);

	if (o->result != BPF_EXIT || o->bpf.status != VOUCH_OK)
		return before;
	return mem_write(tc, before, at, 8, term_ite(tc, asked, o->bpf.r[0], old));
}

void interpreter_expect(
	const struct interpreter *in, const struct outcome *o, struct expected *expected)
{
	const struct world *w = &in->world;
	struct terms *tc = in->c.tc;
	term left = bv_sub(tc, w->fuel, w->used), registers = mem_var(tc, "vm_registers");

	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		registers = world_set_field(w, registers, VM_R(i), 8, o->bpf.r[i]);
	expected->object[OBJECT_REGISTERS] = registers;
	expected->object[OBJECT_FUEL] = in->fuel_bytes;
	expected->object[OBJECT_VM] = after_step(in, o);
	expected->object[OBJECT_FAULT] = in->fault_bytes;
	expect_rest(in, o, &expected->object[OBJECT_FUEL], &expected->object[OBJECT_FAULT]);
	expected->object[OBJECT_CALLER] = w->records;
	expected->object[OBJECT_RECORD] = expected_record(in, o);
	expected->object[OBJECT_HELPERS] = w->helper_table;
	expected->object[OBJECT_RESULT] = expected_result(in, o);
	/* As much more as the step takes. */
	expected->spent = interpreter_begins(in)
	                          ? bv_const(tc, 64, 0)
	                          : bv_add(tc, in->spent, bv_sub(tc, left, o->bpf.fuel));
}

void interpreter_expect_handover(
	const struct interpreter *in, const struct outcome *o, struct expected *expected)
{
	const struct world *w = &in->world;
	term *fuel = &expected->object[OBJECT_FUEL], *fault = &expected->object[OBJECT_FAULT];

	interpreter_expect(in, o, expected);
	*fuel = world_set_field(w, *fuel, VM_USED(w->word), w->word, expected->spent);
	*fault = world_set_field(w, *fault, VM_FAULT_PC(w->word), 4, o->bpf.pc);
}

/* ---- the vm ---- */

/* A product is made of words, and the rules know it word by word. */
static bool equal_register(struct comparison *c, term is, term should)
{
	struct terms *tc = tc_of(c);
	const char *what = "a register differs";

	if (word(c) == 8 || should->op != TERM_MUL)
		return equal(c, is, should, what);
	return equal(c, bv_trunc(tc, 32, is), bv_trunc(tc, 32, should), what) &&
	       equal(c, bv_extract(tc, 63, 32, is), bv_extract(tc, 63, 32, should), what);
}

static bool compare_registers(struct comparison *c)
{
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		if (!equal_register(
			    c, field(c, OBJECT_REGISTERS, VM_R(i), 8), c->outcome->bpf.r[i]))
			return false;
	return c->path->ok;
}

static bool compare_object(
	struct comparison *c, enum vm_object object, unsigned from, unsigned size, const char *what)
{
	return equal_object(c, contents(c, object), c->expected.object[object], from, size, what);
}

/* What hardly any step writes; then fuel; then the fault and a request. */
static bool compare_vm(struct comparison *c)
{
	const char *what = "a field of the vm differs";

	return compare_object(c, OBJECT_VM, VM_CONTEXT(word(c)), VM_FAULT_STATUS(word(c)), what) &&
	       compare_object(c, OBJECT_FUEL, VM_FUEL(word(c)), VM_CONTEXT(word(c)), what) &&
	       compare_object(c, OBJECT_FAULT, VM_FAULT_STATUS(word(c)), VM_SIZE(word(c)), what);
}

static bool compare_records(struct comparison *c)
{
	return compare_object(c, OBJECT_RECORD, 0, FRAME_RECORD, "a record of a call differs");
}

/* What world.h takes for granted of a state is so again. */
static bool compare_invariants(struct comparison *c)
{
	const struct world *w = &c->in->world;
	const struct outcome *o = c->outcome;
	struct terms *tc = tc_of(c);
	term one = bv_const(tc, 3, 1), depth = w->depth, frame = w->frame;

	if (o->pushed)
		depth = bv_add(tc, depth, one);
	if (o->popped)
		depth = bv_sub(tc, depth, one);
	frame = in_words(
		c, bv_add(tc, w->top,
			   bv_mul(tc, bv_zext(tc, 64, depth), bv_const(tc, 64, FRAME_RECORD))));
	return holds(c,
		       bv_ult(tc, c->expected.spent, bv_const(tc, 64, interpreter_word_max(c->in))),
		       "too much is spent") &&
	       holds(c, bv_ule(tc, depth, w->last_depth), "more frames than there are") &&
	       equal(c, field(c, OBJECT_VM, VM_FRAME(word(c)), word(c)), frame,
		       "the record isn't the frame's") &&
	       equal(c, o->bpf.r[10],
		       in_words(c, bv_sub(tc, w->top, bv_shl_c(tc, bv_zext(tc, 64, depth), 9))),
		       "r10 isn't the frame's") &&
	       (!o->pushed || holds(c, bv_ult(tc, o->saved_pc, w->count),
				      "the caller goes on at no instruction")) &&
	       equal(c, field(c, OBJECT_FAULT, VM_REQUEST(word(c)), 4), bv_const(tc, 64, 0),
		       "a helper's request is left");
}

/* ---- ends ---- */

/*
 * The slot that was read for the dispatch is that of the next pc. For a jump in two steps, which is
 * easier: it is where a sum of slots leads, and that sum is the pc. And it is in the program, which
 * is why the machine's words, even of 32 bits, have all of the offset.
 */
static bool compare_slot(struct comparison *c, term next)
{
	struct terms *tc = tc_of(c);
	const struct bpf_insn *insn = &c->in->insn;
	const struct vouch_op_info *info = &vouch_ops[insn->op];
	term pc = bv_zext(tc, 64, c->outcome->bpf.pc), from = bv_zext(tc, 64, c->in->world.pc);
	term delta = c->in->entering         ? NULL
	             : info->off == OFF_JUMP ? insn->off
	             : info->imm == IMM_JUMP ? insn->imm
	                                     : NULL;
	term slots, sum, offset, count = bv_zext(tc, 64, c->in->world.count);

	if (!delta || c->outcome->bpf.pc == bv_add_c(tc, c->in->world.pc, 1))
		return equal(c, next, bv_shl_c(tc, pc, 3), "it goes on at another instruction") &&
		       holds(c, bv_ult(tc, pc, count), "the next instruction is none");
	slots = bv_add_c(tc, bv_sext(tc, 64, delta), 1);
	sum = bv_add(tc, from, slots);
	offset = bv_add(tc, bv_shl_c(tc, from, 3), bv_shl_c(tc, slots, 3));
	return equal(c, next, in_words(c, offset), "it goes on at another instruction") &&
	       equal(c, sum, pc, "it goes on at another instruction") &&
	       holds(c, bv_ult(tc, sum, count), "the next instruction is none");
}

static bool compare_result(struct comparison *c)
{
	const char *what =
		c->outcome->result != BPF_EXIT       ? "a result is left though the run goes on"
		: c->outcome->bpf.status != VOUCH_OK ? "a result is left where there is none"
						     : "the result differs";

	return compare_object(c, OBJECT_RESULT, 0, 8, what);
}

/* All that there is of a run that goes on. */
static bool compare_run(struct comparison *c)
{
	return compare_result(c) && compare_registers(c) && compare_memory(c) && compare_vm(c) &&
	       compare_records(c) && compare_invariants(c);
}

/*
 * Is the instruction at pc chosen, or isn't it? Where one word of bits was looked at, in two steps,
 * which is easier: it is the word that has this instruction's bit; and in that word the bit is so.
 */
static bool holds_of_bit(struct comparison *c, bool chosen, const char *what)
{
	const struct interpreter_notes *notes = interpreter_notes(c->path->exec);
	struct terms *tc = tc_of(c);
	term pc = c->outcome->bpf.pc, bit = interpreter_is_chosen(c->in, pc);

	if (notes->chosen_loads == 1) {
		if (!equal(c, notes->chosen_index, bv_lshr_c(tc, pc, 5),
			    "it looks whether another instruction is compiled"))
			return false;
		bit = interpreter_has_bit(c->in, notes->chosen_index, pc);
	}
	return holds(c, chosen ? bit : bool_not(tc, bit), what);
}

/* At a dispatch */
static void compare_next(struct comparison *c)
{
	const struct outcome *o = c->outcome;
	term next = interpreter_notes(c->path->exec)->next;

	c->in->dispatches++;
	if (o->result != BPF_NEXT || !next) {
		never(c, next ? "it goes on where the step ends the run"
			      : "it dispatches without an instruction");
		return;
	}
	(void)(compare_slot(c, next) && compare_run(c) &&
		dispatch_kept(c->in, c->path, c->expected.spent) &&
		(!c->in->hybrid ||
			holds_of_bit(c, false, "it goes on at an instruction that is compiled")));
}

/* Back in C, in the middle of a hybrid run: the next instruction is compiled. */
static void compare_handover(struct comparison *c)
{
	struct terms *tc = tc_of(c);
	term pc = c->outcome->bpf.pc;

	interpreter_expect_handover(c->in, c->outcome, &c->expected);
	(void)(equal(c, convention_result(c->path->exec, c->in->c.cv, 32),
		       bv_const(tc, 32, STATUS_HANDOVER), "the status differs") &&
		holds_of_bit(c, true, "it hands over an instruction that isn't compiled") &&
		holds(c, bv_ult(tc, pc, c->in->world.count), "the next instruction is none") &&
		compare_run(c) && path_returned(c->path));
}

/* Back in C */
static void compare_exit(struct comparison *c)
{
	const struct bpf *bpf = &c->outcome->bpf;

	c->in->exits++;
	if (c->outcome->result != BPF_EXIT) {
		never(c, "it ends the run where the step goes on");
		return;
	}
	(void)(equal(c, convention_result(c->path->exec, c->in->c.cv, 32),
		       bv_const(tc_of(c), 32, bpf->status), "the status differs") &&
		compare_registers(c) && compare_memory(c) && compare_vm(c) && compare_records(c) &&
		compare_result(c) && path_returned(c->path));
}

/* ---- the step, on the ways that are possible on this path ---- */

static int decide(void *user, term condition)
{
	struct comparison *c = user;

	return path_decide(c->path, condition);
}

static void assume(void *user, term condition)
{
	struct comparison *c = user;

	path_add(c->path, condition);
}

static void retract(void *user)
{
	struct comparison *c = user;

	path_retract(c->path);
}

static bool each(void *user, const struct outcome *outcome)
{
	struct comparison *c = user;

	c->outcome = outcome;
	interpreter_expect(c->in, outcome, &c->expected);
	if (c->in->c.explained.f)
		explain_outcome(&c->in->c.explained, &c->in->world, outcome);
	if (!compiled_returned(c->path->exec, &c->in->c))
		compare_next(c);
	else if (c->in->hybrid && outcome->result == BPF_NEXT)
		compare_handover(c);
	else
		compare_exit(c);
	return c->path->ok;
}

/* Where a hybrid run goes on, all is as it was. */
static void set_resumed(const struct interpreter *in, struct outcome *o)
{
	const struct world *w = &in->world;

	o->result = BPF_NEXT;
	memcpy(o->bpf.r, w->r, sizeof(o->bpf.r));
	o->bpf.fuel = bv_sub(in->c.tc, w->fuel, w->used);
}

/* The start of a run, in the form of a step's outcome; docs/semantics.md, "The start of a run". */
static void set_start(const struct interpreter *in, struct outcome *o)
{
	const struct world *w = &in->world;

	o->result = BPF_NEXT;
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		o->bpf.r[i] = bv_const(in->c.tc, 64, 0);
	o->bpf.r[1] = w->context;
	o->bpf.r[2] = bv_zext(
		in->c.tc, 64, world_field(w, w->vm_bytes, VM_CONTEXT_SIZE(w->word), w->word));
	o->bpf.r[10] = w->top;
	o->bpf.fuel = w->fuel;
}

/* No instruction: the run ends, and nothing else happens. */
static void set_illegal(const struct interpreter *in, struct outcome *o)
{
	const struct world *w = &in->world;

	o->result = BPF_EXIT;
	memcpy(o->bpf.r, w->r, sizeof(o->bpf.r));
	o->bpf.fuel = bv_sub(in->c.tc, w->fuel, w->used);
	o->bpf.status = VOUCH_FAULT_OPCODE;
	o->bpf.address = bv_const(in->c.tc, 64, 0);
}

bool interpreter_only_outcome(const struct interpreter *in, struct outcome *o)
{
	*o = (struct outcome){.memory = in->world.memory, .bpf.pc = in->world.pc};
	if (interpreter_begins(in))
		set_start(in, o);
	else if (in->entering)
		set_resumed(in, o);
	else if (in->insn.op == OP_INVALID)
		set_illegal(in, o);
	return in->entering || in->insn.op == OP_INVALID;
}

static void compare_step(struct comparison *c)
{
	const struct outcomes outcomes = {
		.user = c, .decide = decide, .assume = assume, .retract = retract, .each = each};
	char reason[160] = "";

	if (!world_step(&c->in->world, &c->in->insn, &outcomes, reason) && c->path->ok) {
		c->path->ok = false;
		compiled_unknown(&c->in->c, reason);
	}
}

void interpreter_compare(struct interpreter *in, struct path *path)
{
	struct comparison c = {.in = in, .path = path};
	struct outcome only;

	if (interpreter_only_outcome(in, &only))
		each(&c, &only);
	else
		compare_step(&c);
}
