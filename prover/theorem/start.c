/* SPDX-License-Identifier: MIT */
/*
 * The state that the machine starts in: what the refinement map says of one that stands for a BPF
 * state, in its registers, the native frame and the vm; or what C has when it calls, or what a
 * stub's caller has.
 */
#include "prover/theorem/machine.h"

#include <stdlib.h>
#include <string.h>

#include "prover/theorem/divide.h"
#include "vm/layout.h"

/* Words of the machine */

term machine_word(const struct proof *proof, term value)
{
	return bv_trunc(proof->tc, 8 * proof->emitter.map->word, value);
}

term machine_address(const struct proof *proof, term sum)
{
	return bv_zext(proof->tc, 64, machine_word(proof, sum));
}

/* The start */

term machine_named(struct proof *proof, const char *prefix, unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%u", prefix, n);
	return bv_var(proof->tc, name, 8 * proof->emitter.map->word);
}

/* Code is at even addresses. */
static term pointer_to_code(const struct proof *proof, const char *name)
{
	const struct refinement *map = proof->emitter.map;

	return bv_concat(proof->tc, bv_var(proof->tc, name, 8 * map->word - 1),
		bv_const(proof->tc, 1, map->thumb));
}

term machine_code_at(const struct proof *proof, term pointer)
{
	if (proof->emitter.map->thumb)
		pointer = bv_and(
			proof->tc, pointer, bv_const(proof->tc, pointer->width, ~(uint64_t)1));
	return machine_address(proof, pointer);
}

/* What C has in a register when it calls. */
term machine_c_register(struct proof *proof, unsigned n)
{
	const struct refinement *map = proof->emitter.map;

	if (n == NO_REGISTER)
		return bv_var(proof->tc, "return_address", 8 * map->word);
	return n == map->link ? pointer_to_code(proof, "return_address")
	                      : machine_named(proof, "c_x", n);
}

/* sp between instructions. */
term machine_sp(struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	unsigned zeros = map->sp_alignment == 16 ? 4 : 3;

	return bv_concat(proof->tc, bv_var(proof->tc, "sp", 8 * map->word - zeros),
		bv_const(proof->tc, zeros, 0));
}

/* Where a stub returns to. */
term machine_stub_return(struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;

	if (map->link == NO_REGISTER)
		return bv_var(proof->tc, "stub_return", 8 * map->word);
	return pointer_to_code(proof, "stub_return");
}

static term context_field(const struct world *w, term vm_bytes)
{
	return world_field(w, vm_bytes, VM_CONTEXT(w->word), w->word);
}

/* What the refinement map says of a register, given BPF's state; NULL: nothing. */
term machine_expected(
	struct proof *proof, unsigned n, const term bpf[VOUCH_REGISTERS], term used, term vm_bytes)
{
	const struct refinement *map = proof->emitter.map;
	const struct world *w = &proof->world;
	unsigned which = map->reg[n].which;

	switch (map->reg[n].role) {
	case ROLE_KEPT:
		return machine_c_register(proof, n);
	case ROLE_BPF:
		return machine_word(proof, bpf[which]);
	case ROLE_UPPER:
		return bv_extract(proof->tc, 63, 32, bpf[which]);
	case ROLE_VM:
		return machine_word(proof, bv_add_c(proof->tc, w->vm, map->vm_bias));
	case ROLE_USED:
		return machine_word(proof, used);
	case ROLE_CONTEXT:
		return context_field(w, vm_bytes);
	case ROLE_MINUS_CONTEXT:
		return bv_neg(proof->tc, context_field(w, vm_bytes));
	case ROLE_LIMIT:
		return world_field(w, vm_bytes, VM_LIMIT(w->word, which / 4, which % 4), w->word);
	case ROLE_SP:
		return machine_sp(proof);
	case ROLE_ZERO:
		return bv_const(proof->tc, 8 * map->word, 0);
	default:
		return NULL;
	}
}

/* The same of a word of the native frame. */
term machine_expected_slot(
	struct proof *proof, const struct frame_slot *slot, const term bpf[VOUCH_REGISTERS])
{
	term value = bpf[slot->which];

	switch (slot->role) {
	case ROLE_UPPER:
		return bv_extract(proof->tc, 63, 32, value);
	case ROLE_VM:
		return machine_word(proof, proof->world.vm);
	case ROLE_BOTTOM:
		return machine_word(
			proof, bv_add_c(proof->tc, bpf[10], (uint64_t)0 - VOUCH_FRAME_SIZE));
	default:
		return machine_word(proof, value);
	}
}

/* ---- a stack that calls use ---- */

unsigned machine_sp_register(const struct refinement *map)
{
	unsigned n = 0;

	while (map->reg[n].role != ROLE_SP)
		n++;
	return n;
}

static term sp_at_entry(struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	unsigned pushed = map->link == NO_REGISTER ? map->word : 0;

	return bv_add_c(proof->tc, machine_sp(proof), map->frame_size - pushed);
}

/* In the native frame's object; NULL: sp isn't in it, as a constant. */
static term sp_offset(struct exec *exec, const struct refinement *map)
{
	const struct exec_object *frame = &exec->state.object[OBJECT_FRAME];
	term sp = bv_zext(exec->tc, 64, get_register(exec, machine_sp_register(map)));
	term offset = exec_distance(map->machine, exec->tc, sp, frame->base);
	unsigned size = map->frame_below + map->frame_size;

	return term_is_const(offset) && term_value(offset) <= size ? offset : NULL;
}

static void move_sp(struct exec *exec, const struct refinement *map, uint64_t bytes)
{
	unsigned n = machine_sp_register(map);

	set_register(exec, n, bv_add_c(exec->tc, get_register(exec, n), bytes));
}

static void push(struct exec *exec, struct proof *proof, term value)
{
	const struct refinement *map = proof->emitter.map;
	struct exec_object *frame = &exec->state.object[OBJECT_FRAME];

	move_sp(exec, map, (uint64_t)0 - map->word);
	frame->contents =
		mem_write(exec->tc, frame->contents, sp_offset(exec, map), map->word, value);
}

/* What a call has left for its return, be it in a register or on the stack. NULL: nothing has. */
term machine_take_return_address(struct exec *exec, const struct refinement *map)
{
	term offset, value;

	if (map->link != NO_REGISTER)
		return get_register(exec, map->link);
	offset = sp_offset(exec, map);
	if (!offset || term_value(offset) + map->word > map->frame_below)
		return NULL;
	value = mem_load(exec->tc, exec->state.object[OBJECT_FRAME].contents, offset, map->word);
	move_sp(exec, map, map->word);
	return value;
}

/* Whoever was called has used the stack below sp, and its arguments there. */
void machine_forget_below_sp(struct exec *exec, const struct refinement *map)
{
	struct exec_object *frame = &exec->state.object[OBJECT_FRAME];
	uint64_t below = map->frame_below ? term_value(sp_offset(exec, map)) : 0;

	for (uint64_t i = 0; i < below + map->stack_arguments; i += map->word)
		frame->contents = mem_write(exec->tc, frame->contents, bv_const(exec->tc, 64, i),
			map->word, term_fresh(exec->tc, "below", SORT_BV, 8 * map->word));
}

/* A stub may have used the fields that are anybody's. */
void machine_forget_fields(struct exec *exec, struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	struct exec_object *vm = &exec->state.object[OBJECT_VM];

	if (!map->vm_scratch)
		return;
	vm->contents = world_set_field(&proof->world, vm->contents, VM_USED(map->word), map->word,
		term_fresh(exec->tc, "used_field", SORT_BV, 8 * map->word));
	vm->contents = world_set_field(&proof->world, vm->contents, VM_FAULT_PC(map->word), 4,
		term_fresh(exec->tc, "pc_field", SORT_BV, 32));
}

static term between_instructions(struct simulation *s, unsigned n)
{
	const struct world *w = &s->proof->world;
	term value = machine_expected(s->proof, n, w->r, w->used, w->vm_bytes);

	if (s->claim == CLAIM_NO_FUEL && s->proof->emitter.map->reg[n].role == ROLE_USED)
		return machine_word(s->proof, bv_add_c(s->proof->tc, w->used, 1));
	return value ? value : machine_named(s->proof, "scratch", n);
}

term machine_stub_word(const struct proof *proof, const struct access_stub *stub, term pc)
{
	unsigned permissions = stub->write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ;

	if (!proof->emitter.map->stub_knows_access)
		return pc;
	return bv_concat(proof->tc, bv_const(proof->tc, 8, stub->bytes | permissions << 4),
		bv_trunc(proof->tc, 24, pc));
}

static bool is_entry_from_c(const struct simulation *s)
{
	return s->claim == CLAIM_ENTER || s->claim == CLAIM_RESUME;
}

static term at_entry_from_c(struct simulation *s, unsigned n)
{
	const struct refinement *map = s->proof->emitter.map;

	if (n == map->argument[0])
		return machine_word(s->proof, s->proof->world.vm);
	if (n == map->find_argument[1] && s->claim == CLAIM_RESUME)
		return machine_word(s->proof, proof_address(s->proof, s->proof->emitter.position));
	if (map->reg[n].role == ROLE_SP)
		return sp_at_entry(s->proof);
	return map->reg[n].role == ROLE_ZERO ? between_instructions(s, n)
	                                     : machine_c_register(s->proof, n);
}

/* The address that a stub is asked about. */
term machine_stub_access(const struct proof *proof)
{
	struct terms *tc = proof->tc;

	if (proof->emitter.map->word == 8)
		return bv_var(tc, "address", 64);
	return bv_concat(tc, bv_var(tc, "address_upper", 32), bv_var(tc, "address", 32));
}

/* The kind of a division, as its stub numbers them. */
static unsigned kind_of(const struct divide_stub *stub, const struct division *d)
{
	return stub->labels_of_kinds ? 2u * d->is_signed + d->remainder : d->remainder;
}

term machine_at_head(
	struct simulation *s, unsigned n, const struct division_state *state, unsigned round)
{
	struct proof *proof = s->proof;
	struct terms *tc = proof->tc;
	const struct divide_stub *stub = proof->emitter.map->divide;
	term packed = divide_packed(tc, s->division, state, round);
	const struct {
		unsigned reg;
		term value;
	} held[] = {{stub->kind, bv_const(tc, 32, kind_of(stub, s->division))},
		{stub->negate, state->negate}, {stub->divisor[0], bv_trunc(tc, 32, state->divisor)},
		{stub->divisor[1], bv_extract(tc, 63, 32, state->divisor)},
		{stub->dividend[0], bv_trunc(tc, 32, packed)},
		{stub->dividend[1], bv_extract(tc, 63, 32, packed)},
		{stub->rest[0], bv_trunc(tc, 32, state->rest)},
		{stub->rest[1], bv_extract(tc, 63, 32, state->rest)},
		{stub->count, bv_const(tc, 32, DIVIDE_ROUNDS - round)}};

	for (size_t i = 0; i < sizeof(held) / sizeof(held[0]); i++)
		if (held[i].reg == n)
			return held[i].value;
	if (n == proof->emitter.map->link)
		return machine_stub_return(proof);
	if (proof->emitter.map->reg[n].role == ROLE_SP)
		return bv_sub(tc, machine_sp(proof), bv_const(tc, 32, stub->below));
	return stub->scratch >> n & 1 ? NULL : between_instructions(s, n);
}

/* The arguments of a division, or the state at the head of its loop. */
static term at_division(struct simulation *s, unsigned n)
{
	struct terms *tc = s->proof->tc;
	const struct divide_stub *stub = s->proof->emitter.map->divide;
	const struct division *d = s->division;
	struct division_state any = divide_any(tc);
	term held =
		d->round == DIVIDE_ENTRY ? NULL : machine_at_head(s, n, &any, (unsigned)d->round);

	if (d->round != DIVIDE_ENTRY)
		return held ? held : machine_named(s->proof, "at_head", n);
	if (!stub->labels_of_kinds && n == stub->remainder)
		return bv_const(tc, 32, d->remainder);
	if (!stub->labels_of_kinds && n == stub->mask)
		return bv_const(tc, 32, d->is_signed ? UINT32_MAX : 0);
	for (unsigned half = 0; half < 2; half++) {
		unsigned hi = 32 * half + 31, lo = 32 * half;

		if (n == stub->divisor[half])
			return bv_extract(tc, hi, lo, divide_divisor(tc));
		if (n == stub->dividend[half])
			return bv_extract(tc, hi, lo, divide_dividend(tc));
	}
	return n == s->proof->emitter.map->link ? machine_stub_return(s->proof)
	                                        : between_instructions(s, n);
}

/* The register that the instruction accesses memory by; VOUCH_REGISTERS: it doesn't. */
static unsigned base_of_insn(const struct simulation *s)
{
	unsigned class = s->insn ? vouch_ops[s->insn->op].opcode & 7 : CLASS_JMP;

	if (class == CLASS_LDX)
		return s->insn->src;
	return class == CLASS_ST || class == CLASS_STX ? s->insn->dst : VOUCH_REGISTERS;
}

/* Where, as BPF has it. NULL: nowhere. */
term machine_address_of_insn(const struct simulation *s)
{
	unsigned base = base_of_insn(s);

	if (base == VOUCH_REGISTERS)
		return NULL;
	return bv_add(
		s->proof->tc, s->proof->world.r[base], bv_sext(s->proof->tc, 64, s->insn->off));
}

static bool is_in_machine(const struct refinement *map, unsigned bpf_register)
{
	for (unsigned n = 0; n < MACHINE_REGISTERS; n++)
		if (map->reg[n].role == ROLE_BPF && map->reg[n].which == bpf_register)
			return true;
	return false;
}

term machine_cold_exception(struct simulation *s)
{
	struct terms *tc = s->proof->tc;
	const struct refinement *map = s->proof->emitter.map;
	unsigned base = base_of_insn(s);

	if (!map->cold_has_address || base == VOUCH_REGISTERS)
		return bool_const(tc, true);
	if (!is_in_machine(map, base))
		return bool_const(tc, false);
	return term_eq(tc, s->insn->off, bv_const(tc, 16, 0));
}

/* The same, where the code starts that is out of line: NULL if it may not be there. */
static term cold_address(struct simulation *s)
{
	term exception = machine_cold_exception(s);

	if (!term_is_const(exception))
		exception = machine_decided(s, exception);
	return exception && term_is_false(exception) ? machine_address_of_insn(s) : NULL;
}

/* What a register holds where the code in question starts. */
term machine_at_start(struct simulation *s, unsigned n)
{
	const struct refinement *map = s->proof->emitter.map;

	if (s->claim == CLAIM_DIVIDE)
		return at_division(s, n);
	if (is_entry_from_c(s))
		return at_entry_from_c(s, n);
	if (s->claim == CLAIM_ACCESS && n == map->link)
		return machine_stub_return(s->proof);
	if (s->claim == CLAIM_ACCESS && n == map->stub_pc)
		return bv_zext(s->proof->tc, 8 * map->word,
			machine_stub_word(s->proof, s->stub, s->proof->world.pc));
	if (s->claim == CLAIM_ACCESS && n == map->stub_address)
		return machine_word(s->proof, machine_stub_access(s->proof));
	if (s->claim == CLAIM_ACCESS && map->word == 4 && n == map->stub_address_upper)
		return bv_extract(s->proof->tc, 63, 32, machine_stub_access(s->proof));
	if (s->out_of_line && s->claim == CLAIM_STEP &&
		(n == map->stub_address || n == map->stub_address_upper)) {
		term address = cold_address(s);

		if (address)
			return n == map->stub_address ? machine_word(s->proof, address)
			                              : bv_extract(s->proof->tc, 63, 32, address);
	}
	return between_instructions(s, n);
}

static void setup_registers(struct exec *exec, struct simulation *s)
{
	for (unsigned n = 0; n < exec->options->machine->registers; n++)
		set_register(exec, n, machine_at_start(s, n));
}

/* What isn't in registers: a stub's return address and pc. */
static void setup_stub(struct exec *exec, struct simulation *s)
{
	struct proof *proof = s->proof;
	const struct refinement *map = proof->emitter.map;
	struct exec_object *vm = &exec->state.object[OBJECT_VM];

	if (map->link == NO_REGISTER)
		push(exec, proof, machine_stub_return(proof));
	if (map->stub_pc == NO_REGISTER)
		vm->contents = world_set_field(
			&proof->world, vm->contents, VM_FAULT_PC(map->word), 4, proof->world.pc);
}

/* Offset in the native frame's object, as an address in it. */
term machine_in_frame(struct proof *proof, unsigned from_sp)
{
	return bv_const(proof->tc, 64, machine_frame_offset(proof->emitter.map, from_sp));
}

/* The native frame: what it keeps of C's registers, and else anything, by a name. */
static term frame_bytes(struct proof *proof, const char *name)
{
	const struct refinement *map = proof->emitter.map;
	unsigned first = machine_frame_offset(map, map->callee_saved_offset);
	term bytes = mem_var(proof->tc, name);

	for (unsigned i = 0; i < map->callee_saved_count; i++)
		bytes = mem_write(proof->tc, bytes, bv_const(proof->tc, 64, first + i * map->word),
			map->word, machine_c_register(proof, map->callee_saved[i]));
	return bytes;
}

term machine_native_frame(struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;

	if (proof->native_frame)
		return proof->native_frame;
	proof->native_frame = frame_bytes(proof, "native_frame");
	for (unsigned i = 0; i < map->slots; i++)
		proof->native_frame = mem_write(proof->tc, proof->native_frame,
			machine_in_frame(proof, map->slot[i].offset), map->word,
			machine_expected_slot(proof, &map->slot[i], proof->world.r));
	return proof->native_frame;
}

/* At the head of its loop, a division has put away registers. */
static term frame_at_head(struct simulation *s)
{
	struct proof *proof = s->proof;
	const struct divide_stub *stub = proof->emitter.map->divide;
	term bytes = machine_native_frame(proof);

	for (unsigned i = 0; i < stub->saved_count; i++)
		bytes = mem_write(proof->tc, bytes, machine_in_frame(proof, stub->saved + 4 * i), 4,
			between_instructions(s, stub->saved_register[i]));
	if (stub->return_slot)
		bytes = mem_write(proof->tc, bytes, machine_in_frame(proof, stub->return_slot), 4,
			machine_stub_return(proof));
	return bytes;
}

/* A stub uses all that is in the frame but C's registers and BPF's. */
term machine_frame_after_stub(struct proof *proof, term before)
{
	const struct refinement *map = proof->emitter.map;
	term bytes;

	if (!proof->frame_after_stub)
		proof->frame_after_stub = frame_bytes(proof, "frame_after_stub");
	bytes = proof->frame_after_stub;
	for (unsigned i = 0; i < map->slots; i++) {
		term at = machine_in_frame(proof, map->slot[i].offset);

		bytes = mem_write(proof->tc, bytes, at, map->word,
			mem_load(proof->tc, before, at, map->word));
	}
	return bytes;
}

/* It has C's registers if it is one of these; else one has to look. */
bool machine_keeps_frame(struct proof *proof, term bytes)
{
	return bytes == machine_native_frame(proof) || bytes == proof->frame_after_stub;
}

/* Before the prologue: what a call has pushed. */
static term frame_at_entry(struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	term bytes = mem_var(proof->tc, "native_frame");

	if (map->link != NO_REGISTER)
		return bytes;
	return mem_write(proof->tc, bytes,
		bv_const(proof->tc, 64, machine_frame_offset(map, map->frame_size - map->word)),
		map->word, machine_c_register(proof, NO_REGISTER));
}

static term frame_at_start(struct simulation *s)
{
	if (is_entry_from_c(s))
		return frame_at_entry(s->proof);
	return s->claim == CLAIM_DIVIDE && s->division->round != DIVIDE_ENTRY
	               ? frame_at_head(s)
	               : machine_native_frame(s->proof);
}

/* What is below sp is nobody's: a signal's handler may have been there. */
static term load_frame(struct exec *exec, term offset, unsigned bytes)
{
	const struct simulation *s = exec->client->user;
	term sp = sp_offset(exec, s->proof->emitter.map);

	if (!sp || term_value(offset) < term_value(sp)) {
		machine_unseen_violation(exec, "a load from below the stack pointer");
		return NULL;
	}
	return mem_load(exec->tc, exec->state.object[OBJECT_FRAME].contents, offset, bytes);
}

term machine_vm_registers(struct proof *proof, const term bpf[VOUCH_REGISTERS], uint32_t which)
{
	term bytes = mem_var(proof->tc, "vm_registers");

	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		if (which >> i & 1)
			bytes = world_set_field(&proof->world, bytes, VM_R(i), 8, bpf[i]);
	return bytes;
}

/* Where C enters, vm->r has all of BPF's registers. */
static term vm_registers(struct simulation *s)
{
	return machine_vm_registers(s->proof, s->proof->world.r,
		is_entry_from_c(s) ? UINT32_MAX : s->proof->emitter.map->in_vm);
}

/* In the order of enum machine_object. */
static void setup_memory(struct exec *exec, struct simulation *s)
{
	struct proof *proof = s->proof;
	struct terms *tc = proof->tc;
	const struct world *w = &proof->world;
	const struct refinement *map = proof->emitter.map;
	term record = bv_const(tc, 64, FRAME_RECORD), none = bv_const(tc, 64, 0);
	const struct exec_object objects[] = {
		{.name = "the vm's registers",
			.base = w->vm,
			.size = bv_const(tc, 64, VM_R(VOUCH_REGISTERS)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = vm_registers(s)},
		{.name = "the vm",
			.base = w->vm,
			.from = VM_R(VOUCH_REGISTERS),
			.size = bv_const(tc, 64, VM_SIZE(map->word)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = w->vm_bytes},
		{.name = "the native frame",
			.base = machine_address(proof,
				bv_add_c(tc, machine_sp(proof), (uint64_t)0 - map->frame_below)),
			.size = bv_const(tc, 64, map->frame_below + map->frame_size),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.load = map->frame_below ? load_frame : NULL,
			.contents = frame_at_start(s)},
		{.name = "the caller's record",
			.base = machine_address(proof, bv_sub(tc, w->frame, record)),
			.size = term_ite(tc, world_has_caller(w), record, none),
			.permissions = OBJECT_READ,
			.contents = machine_relative(s, w->records)},
		{.name = "the next record",
			.base = w->frame,
			.size = term_ite(tc, world_has_room(w), record, none),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = mem_var(tc, "next_record")},
		{.name = "the helper table",
			.base = w->helpers,
			.size = bv_mul(tc, w->nhelpers, bv_const(tc, 64, map->word)),
			.permissions = OBJECT_READ,
			.indexed = true,
			.contents = w->helper_table},
	};

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		exec_object_add(exec, objects[i]);
}

/* The fields of a logical immediate that the emitter was told. */
static term known_immediate(struct model_env *env, term fields, unsigned width)
{
	struct exec *exec = env->user;
	struct simulation *s = exec->client->user;
	const struct emitter *e = &s->proof->emitter;

	for (unsigned i = 0; i < e->immediates; i++) {
		const struct immediate *known = &e->immediate[i];

		if (fields == known->fields && width == (known->is64 ? 64 : 32))
			return bv_trunc(env->tc, width,
				term_substitute(
					env->tc, machine_relative(s, known->value), s->values));
	}
	return NULL;
}

/* A step that forks asks twice. */
static term may_succeed(struct model_env *env)
{
	struct exec *exec = env->user;
	struct machine_notes *notes = machine_notes(exec);
	term succeeds = exec_may_succeed(env);
	unsigned n = notes->attempts;

	if (n == ATTEMPTS_MAX || (n > 0 && notes->attempt[n - 1].succeeds == succeeds))
		return succeeds;
	notes->attempt[n].succeeds = succeeds;
	notes->attempt[n].pc = exec->options->machine->pc(exec->state.machine);
	notes->attempts++;
	return succeeds;
}

/* Are they, when C calls? */
static term interrupts_masked(struct terms *tc)
{
	return bool_var(tc, "interrupts_masked");
}

bool machine_is_settled(const struct exec *exec)
{
	const struct thumb2 *m = (const struct thumb2 *)exec->state.machine;

	return exec->options->machine != &machine_thumb2 ||
	       (m->itstate == 0 && m->primask == interrupts_masked(exec->tc));
}

void machine_start(struct exec *exec, void *user)
{
	struct simulation *s = user;
	struct machine_notes *notes = machine_notes(exec);

	memset(notes, 0, sizeof(*notes));
	notes->memory = s->proof->world.memory;
	for (size_t i = 0; s->conditions && i < s->conditions->count; i++)
		term_list_add(&exec->conditions, s->conditions->at[i]);
	if (s->claim == CLAIM_ACCESS)
		exec_assume(
			exec, world_beyond_context(&s->proof->world, machine_stub_access(s->proof),
				      s->stub->bytes, s->stub->write, s->stub->atomic));
	setup_registers(exec, s);
	forget_flags(exec);
	setup_memory(exec, s);
	if (s->claim == CLAIM_ACCESS)
		setup_stub(exec, s);
	if (exec->options->machine->set_succeeds)
		exec->options->machine->set_succeeds(exec->state.machine, may_succeed);
	if (exec->options->machine == &machine_arm64)
		((struct arm64 *)exec->state.machine)->known_immediate = known_immediate;
	if (exec->options->machine == &machine_rv64 || exec->options->machine == &machine_rv32)
		exec_rv(exec)->compressed = s->proof->emitter.map->alignment == 2;
	if (exec->options->machine == &machine_thumb2)
		((struct thumb2 *)exec->state.machine)->primask = interrupts_masked(exec->tc);
	exec->options->machine->set_pc(exec->state.machine, s->start);
}
