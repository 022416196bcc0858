/* SPDX-License-Identifier: MIT */
/*
 * Where a path of the machine ended, against what BPF's step made of the same start. Most values
 * are the same term already. Where they aren't, the path's conditions are put into them, and what
 * is then still different is the solver's to decide.
 */
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/comparison.h"
#include "prover/theorem/divide.h"
#include "prover/theorem/explain.h"
#include "prover/theorem/machine.h"
#include "vm/layout.h"
#include "vm/vm.h"

static term contents(struct comparison *c, enum machine_object object)
{
	return c->exec->state.object[object].contents;
}

static term machine_register(struct comparison *c, unsigned n)
{
	return *c->exec->options->machine->reg(c->exec->state.machine, n);
}

/* The program's memory: every access of the machine is one that the step makes, too. */

/* A machine of 32 bits makes an access of 64 in parts: is this one of the step's? */
static bool is_part(struct comparison *c, unsigned i)
{
	const struct access_log *machine = &c->notes->accesses, *step = &c->outcome->accesses;
	term any = bool_const(tc_of(c), false);

	for (unsigned j = 0; j < step->count; j++)
		for (unsigned at = 0; step->at[j].write == machine->at[i].write &&
				      at + machine->at[i].bytes <= step->at[j].bytes;
			at++)
			any = bool_or(tc_of(c), any,
				term_eq(tc_of(c), machine->at[i].address,
					bv_add_c(tc_of(c), step->at[j].address, at)));
	return compare_holds(c, any, "an access that the step doesn't make");
}

static bool is_access_of_step(struct comparison *c, unsigned i)
{
	const struct access_log *machine = &c->notes->accesses, *step = &c->outcome->accesses;

	if (c->exec->options->machine->width == 32)
		return is_part(c, i);
	for (unsigned j = 0; j < step->count; j++)
		if (step->at[j].bytes == machine->at[i].bytes &&
			step->at[j].write == machine->at[i].write &&
			compare_under(c,
				term_eq(tc_of(c), step->at[j].address, machine->at[i].address)) ==
				bool_const(tc_of(c), true))
			return true;
	for (unsigned j = 0; j < step->count; j++)
		if (step->at[j].bytes == machine->at[i].bytes &&
			step->at[j].write == machine->at[i].write)
			return compare_equal(c, step->at[j].address, machine->at[i].address,
				"an access at another address than the step's");
	return compare_holds(
		c, bool_const(tc_of(c), false), "an access that the step doesn't make");
}

static bool compare_memory(struct comparison *c)
{
	bool ok = compare_equal_memory(c, c->notes->memory, c->outcome->memory, "memory differs");

	/* Last: a counterexample that shows another memory is one that can be seen. */
	for (unsigned i = 0; ok && i < c->notes->accesses.count; i++)
		ok = is_access_of_step(c, i);
	return ok;
}

/* The vm, the native frame and records. */

static term vm_expected(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	unsigned word = w->word;
	term bytes = w->vm_bytes, record = bv_const(tc_of(c), 64, FRAME_RECORD);

	if (c->outcome->called)
		bytes = world_vm_after_helper(w, bytes);
	if (c->outcome->pushed)
		bytes = world_set_field(
			w, bytes, VM_FRAME(word), word, bv_add(tc_of(c), w->frame, record));
	if (c->outcome->popped)
		bytes = world_set_field(
			w, bytes, VM_FRAME(word), word, bv_sub(tc_of(c), w->frame, record));
	if (c->proof->emitter.map->used_in_vm)
		bytes = world_set_field(w, bytes, VM_USED(word), word,
			bv_sub(tc_of(c), w->fuel, c->outcome->bpf.fuel));
	return bytes;
}

static term field(struct comparison *c, enum machine_object object, unsigned offset, unsigned bytes)
{
	return mem_load(tc_of(c), contents(c, object), bv_const(tc_of(c), 64, offset), bytes);
}

static bool compare_frame(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;
	unsigned first = machine_frame_offset(map, map->callee_saved_offset);
	bool ok = true;

	if (machine_keeps_frame(c->proof, contents(c, OBJECT_FRAME)))
		return c->ok;
	for (unsigned i = 0; ok && i < map->callee_saved_count; i++)
		ok = compare_equal(c,
			mem_load(tc_of(c), contents(c, OBJECT_FRAME),
				bv_const(tc_of(c), 64, first + i * map->word), map->word),
			machine_c_register(c->proof, map->callee_saved[i]),
			"what the native frame keeps of C's registers has changed");
	return ok;
}

/* BPF registers in the native frame. */
static bool compare_slots(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;
	bool ok = true;

	for (unsigned i = 0; ok && i < map->slots; i++) {
		unsigned at = machine_frame_offset(map, map->slot[i].offset);
		char what[48];

		snprintf(what, sizeof(what), "the native frame differs at sp + %u",
			map->slot[i].offset);
		ok = compare_equal(c, field(c, OBJECT_FRAME, at, map->word),
			machine_expected_slot(c->proof, &map->slot[i], c->outcome->bpf.r), what);
	}
	return ok;
}

static bool compare_records(struct comparison *c)
{
	const struct outcome *o = c->outcome;
	bool ok = true;

	if (!o->pushed)
		return compare_equal_object(c, contents(c, OBJECT_RECORD),
			mem_var(tc_of(c), "next_record"), FRAME_RECORD,
			"a frame's record has changed");
	for (unsigned i = 0; ok && i < 4; i++)
		ok = compare_equal(c, field(c, OBJECT_RECORD, FRAME_SAVED(i), 8), o->saved[i],
			"a register in a frame's record");
	return ok &&
	       compare_equal(c, field(c, OBJECT_RECORD, FRAME_PC, 4), o->saved_pc,
		       "the pc in a frame's record") &&
	       compare_equal(c, field(c, OBJECT_RECORD, FRAME_CODE, 4),
		       machine_relative(
			       c->s, emitter_offset(&c->proof->emitter, o->saved_pc, false)),
		       "the code's offset in a frame's record");
}

/* The machine's registers between instructions. */
static bool compare_registers(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	term used = bv_sub(tc_of(c), w->fuel, c->outcome->bpf.fuel);

	for (unsigned n = 0; n < c->exec->options->machine->registers; n++) {
		term expected = machine_expected(
			c->proof, n, c->outcome->bpf.r, used, contents(c, OBJECT_VM));
		char what[48];

		snprintf(what, sizeof(what), "machine register %u differs", n);
		if (expected && !compare_equal(c, machine_register(c, n), expected, what))
			return false;
	}
	return c->ok && compare_slots(c);
}

/* Fields that may be anything are as they are. */
static term vm_between(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	term is = contents(c, OBJECT_VM), expected = vm_expected(c);
	unsigned word = w->word;

	if (!c->proof->emitter.map->vm_scratch || is == expected)
		return expected;
	expected = world_set_field(
		w, expected, VM_USED(word), word, world_field(w, is, VM_USED(word), word));
	return world_set_field(
		w, expected, VM_FAULT_PC(word), 4, world_field(w, is, VM_FAULT_PC(word), 4));
}

/* BPF registers in vm->r, word by word; the others there are as they were. */
static bool compare_vm_registers(struct comparison *c)
{
	uint32_t in_vm = c->proof->emitter.map->in_vm;
	term is = contents(c, OBJECT_REGISTERS), any = mem_var(tc_of(c), "vm_registers");
	bool ok = c->ok;

	if (!in_vm)
		return compare_equal_object(c, is, any, VM_R(VOUCH_REGISTERS), "vm->r has changed");
	for (unsigned i = 0; ok && i < VOUCH_REGISTERS; i++) {
		term value = in_vm >> i & 1
		                     ? c->outcome->bpf.r[i]
		                     : mem_load(tc_of(c), any, bv_const(tc_of(c), 64, VM_R(i)), 8);
		char what[32];

		snprintf(what, sizeof(what), "r%u in vm->r differs", i);
		ok = compare_equal(c, field(c, OBJECT_REGISTERS, VM_R(i), 4),
			     bv_trunc(tc_of(c), 32, value), what) &&
		     compare_equal(c, field(c, OBJECT_REGISTERS, VM_R(i) + 4, 4),
			     bv_extract(tc_of(c), 63, 32, value), what);
	}
	return ok;
}

static bool compare_related(struct comparison *c)
{
	const struct world *w = &c->proof->world;

	return compare_registers(c) && compare_memory(c) && compare_vm_registers(c) &&
	       compare_equal_object(c, contents(c, OBJECT_VM), vm_between(c), VM_SIZE(w->word),
		       "a field of the vm has changed") &&
	       compare_frame(c) && compare_records(c);
}

/* At an instruction */
static bool compare_next(struct comparison *c, term pc)
{
	if (c->outcome->result != BPF_NEXT)
		return compare_holds(c, bool_const(tc_of(c), false),
			"the code goes on where the step ends the run");
	return compare_equal(
		       c, pc, c->outcome->bpf.pc, "the code goes on at another instruction") &&
	       compare_related(c);
}

/* Back in C */

static bool compare_c_registers(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;
	bool ok = true;

	for (unsigned i = 0; ok && i < map->callee_saved_count; i++) {
		unsigned n = map->callee_saved[i];

		if (n != map->link)
			ok = compare_equal(c, machine_register(c, n),
				machine_c_register(c->proof, n),
				"a register that C wants back has changed");
	}
	for (unsigned n = 0; ok && n < map->machine->registers; n++)
		if (map->reg[n].role == ROLE_KEPT)
			ok = compare_equal(c, machine_register(c, n),
				machine_c_register(c->proof, n),
				"a register that C wants back has changed");
		else if (map->reg[n].role == ROLE_SP)
			ok = compare_equal(c, machine_register(c, n),
				bv_add_c(tc_of(c), machine_sp(c->proof), map->frame_size),
				"the stack pointer isn't as it was");
	return ok;
}

/* What a fault, or the end, leaves in the vm. Its `used` may be more than there was: vm_settle().
 */
static bool compare_left(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	const struct bpf *bpf = &c->outcome->bpf;
	unsigned word = w->word;
	term vm = contents(c, OBJECT_VM), expected = vm_expected(c);
	term used = bv_zext(tc_of(c), 64, world_field(w, vm, VM_USED(word), word)), clamped, pc;

	clamped = term_ite(tc_of(c), bv_ult(tc_of(c), w->fuel, used), w->fuel, used);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		if (!compare_equal(c, field(c, OBJECT_REGISTERS, VM_R(i), 8), bpf->r[i],
			    "a register in vm->r differs"))
			return false;
	expected = world_set_field(w, expected, VM_USED(word), word, used);
#define SET(name, value)            \
	expected = world_set_field( \
		w, expected, VM_FAULT_##name(word), 4, bv_const(tc_of(c), 32, value))
	SET(STATUS, bpf->status);
	SET(SIZE, bpf->size);
	SET(WRITE, bpf->write);
#undef SET
	/* As a word, which is easier than byte by byte. */
	pc = world_field(w, vm, VM_FAULT_PC(word), 4);
	expected = world_set_field(w, expected, VM_FAULT_PC(word), 4, pc);
	expected = world_set_field(w, expected, VM_FAULT_ADDRESS(word), 8, bpf->address);
	return compare_equal(c, pc, bpf->pc, "the fault's pc differs") &&
	       compare_equal(c, clamped, bv_sub(tc_of(c), w->fuel, bpf->fuel),
		       "the fuel that was spent differs") &&
	       compare_equal_object(
		       c, vm, expected, VM_SIZE(word), "what the run leaves in the vm differs");
}

static bool compare_exit(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;

	if (c->outcome->result != BPF_EXIT)
		return compare_holds(c, bool_const(tc_of(c), false),
			"the code ends the run where the step goes on");
	return compare_equal(c, bv_trunc(tc_of(c), 32, machine_register(c, map->result)),
		       bv_const(tc_of(c), 32, c->outcome->bpf.status), "the status differs") &&
	       compare_left(c) && compare_memory(c) && compare_records(c) && compare_c_registers(c);
}

/* The pc that a stub is given. */
static term stub_pc(struct comparison *c)
{
	unsigned n = c->proof->emitter.map->stub_pc;

	return n == NO_REGISTER ? field(c, OBJECT_VM, VM_FAULT_PC(c->proof->world.word), 4)
	                        : machine_register(c, n);
}

/* In a stub that ends the run: everything has to be as the stub wants it. */
static bool compare_denied(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;
	const struct bpf *bpf = &c->outcome->bpf;
	const struct access_stub *stub = c->notes->stub;

	if (c->outcome->result != BPF_EXIT || bpf->status != c->notes->denied ||
		bpf->size != stub->bytes || bpf->write != stub->write)
		return compare_holds(c, bool_const(tc_of(c), false),
			"the code ends the run with a fault that the step hasn't");
	return compare_equal(c, machine_register(c, map->stub_address),
		       machine_word(c->proof, bpf->address), "the fault's address differs") &&
	       (map->word == 8 || compare_equal(c, machine_register(c, map->stub_address_upper),
					  bv_extract(tc_of(c), 63, 32, bpf->address),
					  "the upper half of the fault's address differs")) &&
	       compare_equal(c, stub_pc(c),
		       bv_zext(tc_of(c), stub_pc(c)->width,
			       machine_stub_word(c->proof, stub, bpf->pc)),
		       "the fault's pc differs") &&
	       compare_related(c);
}

/* To go there, there has to be an out-of-line part. */
static bool has_cold(struct comparison *c)
{
	const struct term_list *none = c->s->no_cold;
	bool ok = true;

	for (size_t i = 0; none && ok && i < none->count; i++)
		ok = compare_holds(c, bool_not(tc_of(c), none->at[i]),
			"a jump to an out-of-line part that is empty");
	return ok;
}

/* And its address is where what is out of line finds it. */
static void compare_cold_address(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;
	term exception = machine_cold_exception(c->s), address;

	if (term_is_true(exception))
		return;
	address = machine_address_of_insn(c->s);
	compare_holds(c,
		bool_or(tc_of(c), exception,
			term_eq(tc_of(c), machine_register(c, map->stub_address),
				machine_word(c->proof, address))),
		"the access's address differs");
	compare_holds(c,
		bool_or(tc_of(c), exception,
			term_eq(tc_of(c), machine_register(c, map->stub_address_upper),
				bv_extract(tc_of(c), 63, 32, address))),
		"the upper half of the access's address differs");
}

static bool nothing_done(struct comparison *c)
{
	struct outcome before = {.result = BPF_NEXT, .memory = c->proof->world.memory};

	memcpy(before.bpf.r, c->proof->world.r, sizeof(before.bpf.r));
	before.bpf.fuel = bv_sub(tc_of(c), c->proof->world.fuel, c->proof->world.used);
	c->outcome = &before;
	compare_related(c);
	c->outcome = NULL;
	compare_cold_address(c);
	return has_cold(c) &&
	       (c->s->claim == CLAIM_GUARD ||
		       compare_holds(c, world_insn_beyond_context(&c->proof->world, c->s->insn),
			       "an access to the context goes out of line"));
}

/*
 * At its own out-of-line part: nothing may have been done, since that part does it all (CLAIM_STEP
 * of it). But what a backward jump has there is the fault, when one more unit than there is was
 * spent.
 */
static bool compare_cold(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	struct outcome spent = *c->outcome;

	if (c->outcome->result != BPF_EXIT || c->outcome->bpf.status != VOUCH_FAULT_FUEL)
		return compare_holds(c, bool_const(tc_of(c), false),
			"the code goes to the fault for lack of fuel, and the step doesn't");
	spent.bpf.fuel = bv_sub(tc_of(c), w->fuel, bv_add_c(tc_of(c), w->used, 1));
	c->outcome = &spent;
	return has_cold(c) && compare_related(c);
}

static bool is_jump(const struct bpf_insn *insn)
{
	unsigned class = vouch_ops[insn->op].opcode & 7;

	return class == CLASS_JMP || class == CLASS_JMP32;
}

static void compare_outcome(struct comparison *c)
{
	const struct simulation *s = c->s;
	const struct world *w = &c->proof->world;
	unsigned slots = s->insn && s->insn->imm2 ? 2 : 1;

	switch (c->notes->end) {
	case END_NEXT:
		compare_next(c, bv_add_c(tc_of(c), w->pc, slots));
		break;
	case END_TARGET:
		compare_next(c, c->notes->place);
		break;
	case END_COLD:
		compare_cold(c);
		break;
	case END_EXIT:
		compare_exit(c);
		break;
	case END_DENIED:
		compare_denied(c);
		break;
	default:
		compare_holds(c, bool_const(tc_of(c), false), "the code returns to nobody");
	}
}

/* The step, on the ways that are possible on this path of the machine */

/* A condition that follows from a single one of the path's, whatever the registers: a lemma, like
 * that fuel which isn't all used is more than what is used. */
static int decided_by_lemma(struct comparison *c, term condition)
{
	term contrary = bool_not(tc_of(c), condition);

	if (compare_holds_anyway(c, condition))
		return 1;
	if (compare_holds_anyway(c, contrary))
		return 0;
	for (size_t i = c->conditions.count; i-- > 0;) {
		term given = c->conditions.at[i];

		if (!term_share_variables(given, condition))
			continue;
		if (compare_holds_anyway(c, bool_implies(tc_of(c), given, condition)))
			return 1;
		if (compare_holds_anyway(c, bool_implies(tc_of(c), given, contrary)))
			return 0;
	}
	return -1;
}

/* The same of all of the path's conditions: a word's are those of its pair. */
static int decided_on_path(struct comparison *c, term condition)
{
	if (machine_lemma_on_path(c->s, &c->conditions, condition))
		return 1;
	return machine_lemma_on_path(c->s, &c->conditions, bool_not(tc_of(c), condition)) ? 0 : -1;
}

static int decide(void *user, term condition)
{
	struct comparison *c = user;
	enum solver_result yes, no;
	term simpler = compare_under(c, condition);
	int way;

	if (term_is_const(simpler))
		return term_is_true(simpler);
	way = c->exec->options->machine->width == 32 ? decided_on_path(c, simpler)
	                                             : decided_by_lemma(c, simpler);
	if (way >= 0)
		return way;
	compare_inform(c);
	yes = solver_check(c->proof->checker, simpler);
	no = solver_check(c->proof->checker, bool_not(tc_of(c), simpler));
	if (yes > SOLVER_SAT || no > SOLVER_SAT)
		return -1;
	if (yes == SOLVER_UNSAT && no == SOLVER_UNSAT)
		return 1; /* the path is impossible: anything is true of it */
	return yes == SOLVER_SAT && no == SOLVER_SAT ? 2 : yes == SOLVER_SAT;
}

static void assume(void *user, term condition)
{
	struct comparison *c = user;

	compare_assume(c, condition);
}

static void retract(void *user)
{
	struct comparison *c = user;

	compare_retract(c);
}

static bool each(void *user, const struct outcome *outcome)
{
	struct comparison *c = user;

	explain_step(c->proof, outcome);
	c->outcome = outcome;
	compare_outcome(c);
	c->outcome = NULL;
	return c->ok;
}

static void compare_step(struct comparison *c)
{
	const struct outcomes outcomes = {
		.user = c, .decide = decide, .assume = assume, .retract = retract, .each = each};
	char reason[160];

	if (!world_step(&c->proof->world, c->s->insn, &outcomes, reason) && c->ok) {
		c->ok = false;
		report_unknown(c->proof->report, "the step: %s", reason);
	}
}

/* What is claimed of other code, in the form of a step's outcome. */

static struct outcome unchanged(struct comparison *c)
{
	struct outcome o = {.result = BPF_NEXT, .memory = c->proof->world.memory};

	memcpy(o.bpf.r, c->proof->world.r, sizeof(o.bpf.r));
	o.bpf.pc = c->proof->world.pc;
	o.bpf.fuel = bv_sub(tc_of(c), c->proof->world.fuel, c->proof->world.used);
	return o;
}

/* Here `used` is to be what it is, not what vm_settle() makes of it: the run goes on. */
static void compare_handover(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	struct outcome o = unchanged(c);

	o.result = BPF_EXIT;
	o.bpf.status = STATUS_HANDOVER;
	o.bpf.address = bv_const(tc_of(c), 64, 0);
	each(c, &o);
	c->outcome = &o;
	compare_equal(c, world_field(w, contents(c, OBJECT_VM), VM_USED(w->word), w->word),
		machine_word(c->proof, w->used), "what has been spent differs");
	c->outcome = NULL;
}

static void compare_no_fuel(struct comparison *c)
{
	struct outcome o = unchanged(c);

	o.result = BPF_EXIT;
	o.bpf.status = VOUCH_FAULT_FUEL;
	o.bpf.address = bv_const(tc_of(c), 64, 0);
	each(c, &o);
}

/* A stub leaves alone what its callers take it to. */
static void compare_unclobbered(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;

	for (unsigned n = 0; c->ok && n < map->machine->registers; n++)
		if (!(map->stub_clobbers >> n & 1) && map->reg[n].role != ROLE_SP &&
			(n != map->link || map->reg[n].role == ROLE_SCRATCH))
			compare_equal(c, machine_register(c, n), machine_at_start(c->s, n),
				"the stub changes a register that it shouldn't");
}

static void compare_access(struct comparison *c)
{
	const struct access_stub *stub = c->s->stub;
	term address = machine_stub_access(c->proof);
	term misaligned = bool_from_bv(
		tc_of(c), bv_and_c(tc_of(c), address, stub->atomic ? stub->bytes - 1 : 0));
	term permitted = world_permitted(&c->proof->world, address, stub->bytes, stub->write);
	struct outcome o = unchanged(c);

	c->outcome = &o;
	if (c->notes->end == END_RETURN) {
		if (compare_holds(c, bool_not(tc_of(c), misaligned),
			    "a misaligned address is let through") &&
			compare_holds(
				c, permitted, "an access is let through that isn't permitted"))
			compare_related(c);
		compare_unclobbered(c);
	} else {
		int way = decide(c, misaligned);

		if (way != 1)
			compare_holds(c,
				bool_not(tc_of(c), bool_and(tc_of(c), permitted,
							   bool_not(tc_of(c), misaligned))),
				"an access is refused that is permitted");
		o.result = BPF_EXIT;
		o.bpf.status = way == 1 ? VOUCH_FAULT_ALIGN : VOUCH_FAULT_MEMORY;
		o.bpf.address = address;
		o.bpf.size = stub->bytes;
		o.bpf.write = stub->write;
		if (c->ok)
			compare_outcome(c);
	}
	c->outcome = NULL;
}

/* The native frame at the head of division's loop: what registers held. */
static void compare_put_away(struct comparison *c)
{
	const struct refinement *map = c->proof->emitter.map;
	const struct divide_stub *stub = map->divide;

	for (unsigned i = 0; i < stub->saved_count; i++)
		compare_equal(c,
			field(c, OBJECT_FRAME, machine_frame_offset(map, stub->saved + 4 * i), 4),
			machine_expected(c->proof, stub->saved_register[i], c->proof->world.r,
				c->proof->world.used, c->proof->world.vm_bytes),
			"what a division has put away differs");
	if (stub->return_slot)
		compare_equal(c,
			field(c, OBJECT_FRAME, machine_frame_offset(map, stub->return_slot), 4),
			machine_stub_return(c->proof), "where a division returns to differs");
}

/* At the head: the state of one round more. */
static void compare_head(struct comparison *c, const struct division_state *state, unsigned round)
{
	for (unsigned n = 0; c->ok && n < c->proof->emitter.map->machine->registers; n++) {
		term expected = machine_at_head(c->s, n, state, round);
		char what[64];

		snprintf(what, sizeof(what), "register %u differs at the head of the loop", n);
		if (expected)
			compare_equal(c, machine_register(c, n), expected, what);
	}
	compare_put_away(c);
}

static void compare_divided(struct comparison *c, term result)
{
	const struct refinement *map = c->proof->emitter.map;
	const struct divide_stub *stub = map->divide;

	compare_equal(c, machine_register(c, stub->dividend[0]), bv_trunc(tc_of(c), 32, result),
		"the lower half of the result differs");
	compare_equal(c, machine_register(c, stub->dividend[1]),
		bv_extract(tc_of(c), 63, 32, result), "the upper half of the result differs");
	for (unsigned n = 0; c->ok && n < map->machine->registers; n++) {
		term value = machine_expected(c->proof, n, c->proof->world.r, c->proof->world.used,
			c->proof->world.vm_bytes);

		if (n == map->link && !value)
			value = machine_stub_return(c->proof);
		if (value)
			compare_equal(c, machine_register(c, n), value,
				"the stub changes a register that it shouldn't");
	}
}

static bool is_narrow(struct comparison *c, term t)
{
	return term_is_value(compare_under(c, bv_extract(tc_of(c), 63, 32, t)), 0);
}

/* What the stub returns without a round: of magnitudes of 32 bits, it is said by them. */
static term divided_at_once(struct comparison *c)
{
	struct terms *tc = tc_of(c);
	const struct division *d = c->s->division;
	struct division_state s = divide_first(tc, d);
	term a = s.dividend, b = s.divisor;

	if (!is_narrow(c, a) || !is_narrow(c, b))
		return bpf_divide(
			tc, d->is_signed, d->remainder, divide_dividend(tc), divide_divisor(tc));
	a = bv_zext(tc, 64, bv_trunc(tc, 32, a));
	s.divisor = b = bv_zext(tc, 64, bv_trunc(tc, 32, b));
	s.quotient = bv_udiv(tc, a, b);
	s.rest = bv_urem(tc, a, b);
	return divide_result(tc, d, &s);
}

static void compare_divide(struct comparison *c)
{
	struct terms *tc = tc_of(c);
	const struct division *d = c->s->division;
	bool enters = d->round == DIVIDE_ENTRY, last = d->round == DIVIDE_ROUNDS - 1;
	struct division_state any = divide_any(tc), next;
	struct outcome o = unchanged(c);

	c->outcome = &o;
	next = enters ? divide_first(tc, d) : divide_next(tc, d, &any, (unsigned)d->round);
	if (c->notes->end == END_HEAD && !last)
		compare_head(c, &next, (unsigned)(d->round + 1));
	else if (c->notes->end == END_RETURN && enters)
		compare_divided(c, divided_at_once(c));
	else if (c->notes->end == END_RETURN && last)
		compare_divided(c, divide_result(tc, d, &next));
	else
		compare_holds(
			c, bool_const(tc, false), "the division takes another number of rounds");
	if (c->ok && compare_memory(c) && compare_frame(c) && compare_slots(c) &&
		compare_vm_registers(c) && compare_records(c))
		compare_equal_object(c, contents(c, OBJECT_VM), vm_expected(c),
			VM_SIZE(c->proof->world.word), "a field of the vm has changed");
	c->outcome = NULL;
}

/* vm->r has all registers still; those that are there anyway are as they are to be. */
static bool compare_entered(struct comparison *c)
{
	return compare_equal_object(c, contents(c, OBJECT_REGISTERS),
		machine_vm_registers(c->proof, c->proof->world.r, UINT32_MAX),
		VM_R(VOUCH_REGISTERS), "vm->r has changed");
}

/* After the prologue: at the entry point, nothing spent. When resumed: as the run was left. */
static void compare_enter(struct comparison *c)
{
	const struct world *w = &c->proof->world;
	struct outcome o = unchanged(c);

	if (c->s->claim == CLAIM_ENTER) {
		o.bpf.fuel = w->fuel;
		o.bpf.pc = bv_zext(tc_of(c), 32, bv_var(tc_of(c), "entry", 24));
	}
	c->outcome = &o;
	if (c->notes->end != END_TARGET)
		compare_holds(c, bool_const(tc_of(c), false),
			"the prologue doesn't go to an instruction");
	else if (compare_equal(c, c->notes->place, o.bpf.pc,
			 "the prologue goes to another instruction") &&
		 compare_registers(c) && compare_memory(c) && compare_frame(c) &&
		 compare_records(c) && compare_entered(c))
		compare_equal_object(c, contents(c, OBJECT_VM), vm_expected(c), VM_SIZE(w->word),
			"a field of the vm has changed");
	c->outcome = NULL;
}

/* Nothing was done, and at its end the group is known to be in the context. */
static void compare_guard(struct comparison *c)
{
	struct outcome o = unchanged(c);

	if (c->notes->end == END_COLD) {
		nothing_done(c);
		return;
	}
	c->outcome = &o;
	if (c->notes->end != END_NEXT)
		compare_holds(
			c, bool_const(tc_of(c), false), "the test of a group leaves for elsewhere");
	else if (compare_holds(
			 c, c->s->tested, "the code goes on, and the group isn't in the context"))
		compare_related(c);
	c->outcome = NULL;
}

static void compare_claim(struct comparison *c)
{
	struct outcome o;

	switch (c->s->claim) {
	case CLAIM_STEP:
		if (c->notes->end == END_COLD && !is_jump(c->s->insn))
			nothing_done(c);
		else
			compare_step(c);
		break;
	case CLAIM_NO_FUEL:
		compare_no_fuel(c);
		break;
	case CLAIM_ACCESS:
		compare_access(c);
		break;
	case CLAIM_ENTER:
	case CLAIM_RESUME:
		compare_enter(c);
		break;
	case CLAIM_DIVIDE:
		compare_divide(c);
		break;
	case CLAIM_HANDOVER:
		compare_handover(c);
		break;
	case CLAIM_GUARD:
		compare_guard(c);
		break;
	case CLAIM_NOTHING:
		o = unchanged(c);
		o.bpf.pc = bv_add_c(tc_of(c), o.bpf.pc, 1);
		each(c, &o);
		break;
	}
}

bool compare_end(struct simulation *s, struct exec *exec)
{
	struct comparison *c = comparison_new(s, exec);
	uint64_t queries = explain_queries(s->proof);
	bool ok;

	explain_end(s, exec);
	if (!machine_is_settled(exec))
		compare_holds(c, bool_const(tc_of(c), false),
			"an IT block is open, or interrupts are not as they were");
	compare_claim(c);
	ok = c->ok;
	if (ok)
		explain_agreement(s->proof, queries);
	comparison_free(c);
	return ok;
}

/* It stopped: fine on a path that is impossible, which a lazy run doesn't know. */
bool compare_stopped(struct simulation *s, struct exec *exec)
{
	struct comparison *c = comparison_new(s, exec);
	bool ok;

	compare_inform(c);
	switch (solver_check(c->proof->checker, NULL)) {
	case SOLVER_UNSAT:
		break;
	case SOLVER_SAT:
		if (exec->forbidden || exec->env.trapped || exec->env.undefined ||
			c->notes->violation)
			compare_refute(c, bool_const(tc_of(c), false), exec->env.reason);
		else
			report_unknown(c->proof->report, "%s", exec->env.reason);
		c->ok = false;
		break;
	default:
		compare_unknown(c, exec->env.reason);
	}
	ok = c->ok;
	comparison_free(c);
	return ok;
}
