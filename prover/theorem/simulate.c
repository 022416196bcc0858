/* SPDX-License-Identifier: MIT */
/* See simulate.h. Running the machine is here; what is compared at the end is in compare.c. */
#include "prover/theorem/simulate.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/divide.h"
#include "prover/theorem/machine.h"
#include "vm/layout.h"

void report_unknown(struct report *report, const char *format, ...)
{
	va_list args;

	if (report->verdict != VERDICT_PROVED)
		return;
	report->verdict = VERDICT_UNKNOWN;
	va_start(args, format);
	vsnprintf(report->reason, sizeof(report->reason), format, args);
	va_end(args);
}

void report_refuted(struct report *report, const char *format, ...)
{
	va_list args;

	if (report->verdict == VERDICT_REFUTED)
		return;
	report->verdict = VERDICT_REFUTED;
	va_start(args, format);
	vsnprintf(report->reason, sizeof(report->reason), format, args);
	va_end(args);
}

bool proof_init(struct proof *proof, const struct prove_options *options, struct report *report,
	const struct refinement *map, enum far far)
{
	char reason[160];

	*proof = (struct proof){.options = options, .report = report, .shown = options->explain};
	proof->tc = terms_new(TERMS_REWRITE);
	proof->solver = solver_new(&options->solver);
	proof->checker = solver_new(&options->solver);
	proof->lemmas = solver_new(&options->solver);
	proof->lemma = term_map_new();
	world_init(&proof->world, proof->tc, map->word);
	proof->world.stubs_know_context = map->stubs_know_context;
	if (map->thumb)
		world_set_thumb(&proof->world);
	if (map->used_in_vm)
		proof->world.vm_bytes = world_set_field(&proof->world, proof->world.vm_bytes,
			VM_USED(map->word), map->word, proof->world.used);
	for (size_t i = 0; i < proof->world.assumptions.count; i++) {
		solver_assert(proof->solver, proof->world.assumptions.at[i]);
		solver_assert(proof->checker, proof->world.assumptions.at[i]);
	}
	/* Code starts at a multiple of 4. */
	proof->code = bv_zext(proof->tc, 64,
		bv_concat(proof->tc, bv_var(proof->tc, "code", 8 * map->word - 2),
			bv_const(proof->tc, 2, 0)));
	if (emitter_init(&proof->emitter, proof->tc, proof->solver, options->image, map,
		    &proof->world, far, reason))
		return true;
	report_unknown(report, "%s", reason);
	return false;
}

void proof_free(struct proof *proof)
{
	proof->report->queries += solver_statistics(proof->solver)->queries +
	                          solver_statistics(proof->checker)->queries +
	                          solver_statistics(proof->lemmas)->queries;
	world_free(&proof->world);
	emitter_free(&proof->emitter);
	solver_free(proof->solver);
	solver_free(proof->checker);
	solver_free(proof->lemmas);
	term_map_free(proof->lemma);
	terms_free(proof->tc);
}

term proof_address(const struct proof *proof, term offset)
{
	return machine_address(
		proof, bv_add(proof->tc, proof->code, bv_zext(proof->tc, 64, offset)));
}

void knowledge_init(struct knowledge *k)
{
	*k = (struct knowledge){0};
	k->resolved = term_map_new();
	k->decided = term_map_new();
	k->constants = term_map_new();
	k->choices = term_map_new();
	k->addresses = term_map_new();
	k->model = assignment_new();
}

void knowledge_free(struct knowledge *k)
{
	term_map_free(k->resolved);
	term_map_free(k->decided);
	term_map_free(k->constants);
	term_map_free(k->choices);
	term_map_free(k->addresses);
	assignment_free(k->model);
}

/* Words of the machine */

term machine_word(const struct proof *proof, term value)
{
	return bv_trunc(proof->tc, 8 * proof->emitter.map->word, value);
}

term machine_address(const struct proof *proof, term sum)
{
	return bv_zext(proof->tc, 64, machine_word(proof, sum));
}

/* How far one address is from another. */
static term distance(const struct proof *proof, term to, term from)
{
	return exec_distance(proof->emitter.map->machine, proof->tc, to, from);
}

/* The start */

static term named(struct proof *proof, const char *prefix, unsigned n)
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
	return n == map->link ? pointer_to_code(proof, "return_address") : named(proof, "c_x", n);
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

static void set_register(struct exec *exec, unsigned n, term value)
{
	*exec->options->machine->reg(exec->state.machine, n) = value;
}

static term get_register(struct exec *exec, unsigned n)
{
	return *exec->options->machine->reg(exec->state.machine, n);
}

static void forget_flags(struct exec *exec)
{
	if (exec->options->machine->forget_flags)
		exec->options->machine->forget_flags(exec->state.machine);
}

/* ---- a stack that calls use ---- */

static unsigned sp_register(const struct refinement *map)
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
	term sp = bv_zext(exec->tc, 64, get_register(exec, sp_register(map)));
	term offset = exec_distance(map->machine, exec->tc, sp, frame->base);
	unsigned size = map->frame_below + map->frame_size;

	return term_is_const(offset) && term_value(offset) <= size ? offset : NULL;
}

static void move_sp(struct exec *exec, const struct refinement *map, uint64_t bytes)
{
	unsigned n = sp_register(map);

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
static term take_return_address(struct exec *exec, const struct refinement *map)
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
static void forget_below_sp(struct exec *exec, const struct refinement *map)
{
	struct exec_object *frame = &exec->state.object[OBJECT_FRAME];
	uint64_t below = map->frame_below ? term_value(sp_offset(exec, map)) : 0;

	for (uint64_t i = 0; i < below + map->stack_arguments; i += map->word)
		frame->contents = mem_write(exec->tc, frame->contents, bv_const(exec->tc, 64, i),
			map->word, term_fresh(exec->tc, "below", SORT_BV, 8 * map->word));
}

/* A stub may have used the fields that are anybody's. */
static void forget_fields(struct exec *exec, struct proof *proof)
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
	return value ? value : named(s->proof, "scratch", n);
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
		return held ? held : named(s->proof, "at_head", n);
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

static term decided(struct simulation *s, term condition);

/* The register that the instruction accesses memory by; VOUCH_REGISTERS: it doesn't. */
static unsigned base_of_insn(const struct simulation *s)
{
	unsigned class = s->insn ? vouch_ops[s->insn->op].opcode & 7 : CLASS_JMP;

	if (class == CLASS_LDX)
		return s->insn->src;
	return class == CLASS_ST || class == CLASS_STX ? s->insn->dst : VOUCH_REGISTERS;
}

/* Where, as BPF has it. NULL: nowhere. */
static term address_of_insn(const struct simulation *s)
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

term machine_cold_address(struct simulation *s)
{
	struct terms *tc = s->proof->tc;
	term none, decision;

	if (!s->proof->emitter.map->cold_has_address || base_of_insn(s) == VOUCH_REGISTERS)
		return NULL;
	if (!is_in_machine(s->proof->emitter.map, base_of_insn(s)))
		return address_of_insn(s);
	none = term_eq(tc, s->insn->off, bv_const(tc, 16, 0));
	decision = term_is_const(none) ? none : decided(s, none);
	return decision && term_is_false(decision) ? address_of_insn(s) : NULL;
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
		term address = machine_cold_address(s);

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
static term in_frame(struct proof *proof, unsigned from_sp)
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

static term native_frame(struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;

	if (proof->native_frame)
		return proof->native_frame;
	proof->native_frame = frame_bytes(proof, "native_frame");
	for (unsigned i = 0; i < map->slots; i++)
		proof->native_frame = mem_write(proof->tc, proof->native_frame,
			in_frame(proof, map->slot[i].offset), map->word,
			machine_expected_slot(proof, &map->slot[i], proof->world.r));
	return proof->native_frame;
}

/* At the head of its loop, a division has put away registers. */
static term frame_at_head(struct simulation *s)
{
	struct proof *proof = s->proof;
	const struct divide_stub *stub = proof->emitter.map->divide;
	term bytes = native_frame(proof);

	for (unsigned i = 0; i < stub->saved_count; i++)
		bytes = mem_write(proof->tc, bytes, in_frame(proof, stub->saved + 4 * i), 4,
			between_instructions(s, stub->saved_register[i]));
	if (stub->return_slot)
		bytes = mem_write(proof->tc, bytes, in_frame(proof, stub->return_slot), 4,
			machine_stub_return(proof));
	return bytes;
}

/* A stub uses all that is in the frame but C's registers and BPF's. */
static term frame_after_stub(struct proof *proof, term before)
{
	const struct refinement *map = proof->emitter.map;
	term bytes;

	if (!proof->frame_after_stub)
		proof->frame_after_stub = frame_bytes(proof, "frame_after_stub");
	bytes = proof->frame_after_stub;
	for (unsigned i = 0; i < map->slots; i++) {
		term at = in_frame(proof, map->slot[i].offset);

		bytes = mem_write(proof->tc, bytes, at, map->word,
			mem_load(proof->tc, before, at, map->word));
	}
	return bytes;
}

/* It has C's registers if it is one of these; else one has to look. */
bool machine_keeps_frame(struct proof *proof, term bytes)
{
	return bytes == native_frame(proof) || bytes == proof->frame_after_stub;
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
	               : native_frame(s->proof);
}

static bool unseen_violation(struct exec *exec, const char *what);

/* What is below sp is nobody's: a signal's handler may have been there. */
static term load_frame(struct exec *exec, term offset, unsigned bytes)
{
	const struct simulation *s = exec->client->user;
	term sp = sp_offset(exec, s->proof->emitter.map);

	if (!sp || term_value(offset) < term_value(sp)) {
		unseen_violation(exec, "a load from below the stack pointer");
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

/* Something that no emitted code may do. */
static enum exec_at violation(struct exec *exec, const char *what)
{
	machine_notes(exec)->violation = true;
	model_stop(&exec->env, "%s", what);
	return EXEC_STOP;
}

/* A machine would go on. */
static bool unseen_violation(struct exec *exec, const char *what)
{
	violation(exec, what);
	machine_notes(exec)->unseen = true;
	return false;
}

/* Memory that is the program's to touch */

/* What is known of the claim's variables. */
static term given(struct terms *tc, term so_far, const struct term_list *known, term claim)
{
	for (size_t i = 0; known && i < known->count; i++)
		if (term_share_variables(known->at[i], claim))
			so_far = bool_and(tc, so_far, known->at[i]);
	return so_far;
}

/* What is true of one register is so of any other: with variables called by where they are in the
 * question, it is asked once. */
static term of_any(struct proof *proof, term question)
{
	struct term_list variables = {0};
	struct term_map *map = term_map_new();
	char name[32];

	term_variables(1, &question, &variables);
	for (size_t i = 0; i < variables.count; i++) {
		term of = variables.at[i];

		snprintf(name, sizeof(name), "any%zu_%u", i, of->width);
		if (of->sort == SORT_BV)
			term_map_put(map, of, bv_var(proof->tc, name, of->width));
	}
	question = term_substitute(proof->tc, question, map);
	term_map_free(map);
	term_list_free(&variables);
	return question;
}

static bool is_lemma(struct proof *proof, term question)
{
	term answer;

	question = of_any(proof, question);
	if (term_is_const(question))
		return term_is_true(question);
	answer = term_map_get(proof->lemma, question);
	if (!answer) {
		answer = bool_const(proof->tc,
			solver_implied(proof->lemmas, proof->tc, question) == SOLVER_UNSAT);
		term_map_put(proof->lemma, question, answer);
	}
	return term_is_true(answer);
}

/*
 * Does a claim follow from what the emission's conditions say of its own variables? These are few,
 * and so is what can be asked of them: each question is asked once for all emissions.
 */
bool machine_lemma(struct simulation *s, term claim)
{
	struct terms *tc = s->proof->tc;

	return is_lemma(
		s->proof, bool_implies(tc, given(tc, bool_const(tc, true), s->told, claim), claim));
}

/* The same of the emitter's path, whose conditions its solver has. */
bool machine_lemma_asserted(struct proof *proof, term claim)
{
	struct terms *tc = proof->tc;
	const term *asserted;
	size_t count = solver_asserted(proof->solver, &asserted);
	struct term_list known = {.at = (term *)asserted, .count = count};

	return is_lemma(
		proof, bool_implies(tc, given(tc, bool_const(tc, true), &known, claim), claim));
}

/* The same from a path's conditions, too, and from what the world says of theirs: of an address,
 * they are those of one register. */
bool machine_lemma_on_path(struct simulation *s, const struct term_list *path, term claim)
{
	struct terms *tc = s->proof->tc;
	term all = given(tc, bool_const(tc, true), s->told, claim);

	all = bool_implies(tc, given(tc, all, path, claim), claim);
	all = bool_implies(
		tc, given(tc, bool_const(tc, true), &s->proof->world.assumptions, all), all);
	return is_lemma(s->proof, all);
}

/* What may be accessed ends below 4 GiB: a lemma of any address, asked once. */
static void grant(
	struct exec *exec, struct simulation *s, const struct access_stub *stub, term address)
{
	struct terms *tc = exec->tc;
	const struct world *w = &s->proof->world;
	term any = bv_var(tc, "any_address", 64), claim;

	if (w->word == 8)
		return;
	claim = bool_implies(tc, world_permitted(w, any, stub->bytes, stub->write),
		bv_ule(tc, any, bv_const(tc, 64, ((uint64_t)1 << 32) - stub->bytes)));
	claim = bool_implies(tc, given(tc, bool_const(tc, true), &w->assumptions, claim), claim);
	if (!is_lemma(s->proof, claim))
		return;
	machine_notes(exec)->granted = address;
	machine_notes(exec)->granted_bytes = stub->bytes;
}

/* Is this `by` bytes on in what was granted? Then neither sum wraps around. */
static bool is_granted(struct exec *exec, term start, uint64_t by, term address)
{
	const struct machine_notes *notes = machine_notes(exec);

	return notes->granted == start && by < notes->granted_bytes &&
	       term_is_value(bv_extract(exec->tc, 63, 32, address), 0);
}

/*
 * An address of 32 bits, or one that is put together of two registers, in the words of BPF's step,
 * which has 64 bits: if they are the same on this path.
 */
static term as_step_has_it(struct exec *exec, struct simulation *s, term address)
{
	struct machine_notes *notes = machine_notes(exec);
	term of_insn = exec->options->machine->width == 32 ? address_of_insn(s) : NULL;
	term by, same, claim;

	if (!of_insn || address == of_insn)
		return address;
	for (unsigned i = 0; i < notes->addresses; i++)
		if (notes->address[i].machine == address)
			return notes->address[i].step;
	by = bv_sub(exec->tc, bv_trunc(exec->tc, 32, address), bv_trunc(exec->tc, 32, of_insn));
	if (!term_is_const(by))
		return address;
	same = bv_add_c(exec->tc, of_insn, term_value(by));
	claim = term_eq(exec->tc, address, same);
	if (!is_granted(exec, of_insn, term_value(by), address) &&
		!machine_lemma_on_path(s, &exec->conditions, claim) && !exec_implied(exec, claim))
		return address;
	if (notes->addresses < STEP_ADDRESSES_MAX) {
		notes->address[notes->addresses].machine = address;
		notes->address[notes->addresses++].step = same;
	}
	return same;
}

static bool is_atomic(const struct simulation *s)
{
	return s->insn && s->insn->op >= OP_atomic_add64 && s->insn->op <= OP_atomic_cmpxchg32;
}

/* An access of a BPF atomic that others may come after, on a machine that says so. */
static bool is_interruptible(const struct exec *exec, const struct simulation *s)
{
	return exec->options->machine->marks_atomic && !exec->env.atomic && is_atomic(s);
}

/* Where an atomic masks interrupts: are they? */
static bool is_unmasked(const struct exec *exec, const struct simulation *s)
{
	return exec->options->machine == &machine_thumb2 && is_atomic(s) &&
	       !term_is_true(((const struct thumb2 *)exec->state.machine)->primask);
}

static term load(struct exec *exec, term address, unsigned bytes, void *user)
{
	struct machine_notes *notes = machine_notes(exec);

	address = as_step_has_it(exec, user, address);
	if (!access_log_add(&notes->accesses, address, bytes, false)) {
		unseen_violation(exec, "more accesses than any step makes");
		return NULL;
	}
	if (notes->unmasked || is_unmasked(exec, user)) {
		unseen_violation(exec, "an atomic that an interrupt may come into");
		return NULL;
	}
	if (!is_interruptible(exec, user)) {
		if (notes->seen && !notes->others_at)
			notes->others_at = exec->options->machine->pc(exec->state.machine);
		return mem_load(exec->tc, notes->memory, address, bytes);
	}
	notes->seen = bv_var(exec->tc, "seen_before_others", 8 * bytes);
	notes->seen_at = address;
	return notes->seen;
}

static bool store(struct exec *exec, term address, unsigned bytes, term value, void *user)
{
	struct machine_notes *notes = machine_notes(exec);

	address = as_step_has_it(exec, user, address);
	if (!access_log_add(&notes->accesses, address, bytes, true))
		return unseen_violation(exec, "more accesses than any step makes");
	if (notes->unmasked || is_unmasked(exec, user))
		return unseen_violation(exec, "an atomic that an interrupt may come into");
	if (is_interruptible(exec, user))
		return unseen_violation(exec, "an atomic that others may come into");
	notes->memory = mem_write(exec->tc, notes->memory, address, bytes, value);
	return true;
}

/* One emission's values rule out most of what two terms could be without the solver. */
static bool differ(struct simulation *s, term a, term b)
{
	struct knowledge *k = s->knowledge;

	if (!k->has_model && solver_check(s->proof->checker, NULL) == SOLVER_SAT) {
		assignment_copy(k->model, solver_model(s->proof->checker));
		k->has_model = true;
	}
	return k->has_model && term_evaluate(a, k->model) != term_evaluate(b, k->model);
}

static bool follows(struct simulation *s, term claim)
{
	return machine_lemma(s, claim) ||
	       solver_implied(s->proof->checker, s->proof->tc, claim) == SOLVER_UNSAT;
}

/* Constants */

enum { OPERANDS_MAX = 6 };

/* What an instruction can have made a register hold without looking at another one. */
static unsigned operands(struct simulation *s, term operand[OPERANDS_MAX])
{
	struct terms *tc = s->proof->tc;
	unsigned n = 0, width = 8 * s->proof->emitter.map->word;

	operand[n++] = bv_zext(tc, width, s->proof->world.pc);
	if (s->insn) {
		operand[n++] = bv_sext(tc, width, s->insn->off);
		if (width == 32)
			operand[n++] = bv_neg(tc, bv_sext(tc, 32, s->insn->off));
		operand[n++] = bv_sext(tc, width, s->insn->imm);
		operand[n++] =
			width == 64 ? bv_zext(tc, 64, s->insn->imm) : bv_neg(tc, s->insn->imm);
	}
	if (s->insn && s->insn->imm2)
		operand[n++] =
			width == 64 ? bv_concat(tc, s->insn->imm2, s->insn->imm) : s->insn->imm2;
	return n;
}

/* Where the code starts, put together from where an instruction is. */
static bool is_start_of_code(struct simulation *s, term value)
{
	term code = machine_word(s->proof, s->proof->code);

	return term_share_variables(value, code) && !differ(s, value, code) &&
	       follows(s, term_eq(s->proof->tc, value, code));
}

static term constant_of(struct simulation *s, term value);

static term known_constant(struct simulation *s, term value)
{
	term constant = term_map_get(s->knowledge->constants, value);

	if (!constant) {
		constant = constant_of(s, value);
		term_map_put(s->knowledge->constants, value, constant);
	}
	return constant;
}

/* An address: a BPF register, or its distance from the context, and a constant. */
static term displaced(struct simulation *s, term value, const term *operand, unsigned n)
{
	struct terms *tc = s->proof->tc;
	const struct world *w = &s->proof->world;

	if (!s->insn || !term_share_variables(value, s->insn->off))
		return value;
	for (unsigned i = 0; i < 4; i++) {
		term base = w->r[i & 1 ? s->insn->dst : s->insn->src], rest;

		base = machine_word(s->proof, i & 2 ? bv_sub(tc, base, w->context) : base);
		rest = bv_sub(tc, value, base);
		if (!term_made_of(rest, n, operand))
			continue;
		return bv_add(tc, base, known_constant(s, rest));
	}
	return value;
}

static term constant_of(struct simulation *s, term value)
{
	struct terms *tc = s->proof->tc;
	term operand[OPERANDS_MAX];
	unsigned n = operands(s, operand);

	if (is_start_of_code(s, value))
		return machine_word(s->proof, s->proof->code);
	if (!term_made_of(value, n, operand))
		return displaced(s, value, operand, n);
	for (unsigned i = 0; i < n; i++)
		if (value == operand[i] || (!differ(s, value, operand[i]) &&
						   follows(s, term_eq(tc, value, operand[i]))))
			return operand[i];
	return value;
}

/* An operand that the code has put together in a register, field by field, becomes the operand
 * again. */
static void recognise_constants(struct exec *exec, struct simulation *s)
{
	for (unsigned n = 0; n < exec->options->machine->registers; n++) {
		term value = get_register(exec, n), constant;

		if (!value || value->op == TERM_VAR || term_is_const(value))
			continue;
		constant = known_constant(s, value);
		if (constant != value)
			set_register(exec, n, constant);
	}
}

/* Code */

static bool inside(struct exec *exec, const struct chunk *chunk, term address, uint64_t *offset)
{
	term difference = exec_distance(exec->options->machine, exec->tc, address, chunk->base);

	*offset = term_is_const(difference) ? term_value(difference) : UINT64_MAX;
	return *offset < chunk->size;
}

/* Does this follow, or its contrary? Once for each emission. NULL: neither does. */
static term decided(struct simulation *s, term condition)
{
	struct terms *tc = s->proof->tc;
	term known = term_map_get(s->knowledge->choices, condition);

	if (!known) {
		known = follows(s, condition)                 ? bool_const(tc, true)
		        : follows(s, bool_not(tc, condition)) ? bool_const(tc, false)
		                                              : condition;
		term_map_put(s->knowledge->choices, condition, known);
	}
	return known == condition ? NULL : known;
}

/* What the emitter chose without a branch is still a choice in its bytes: one that its path has
 * decided. */
static term settle_choices(struct simulation *s, term word)
{
	struct term_list all = {0};
	struct term_map *map = term_map_new();

	term_subterms(1, &word, &all);
	for (size_t i = 0; i < all.count; i++) {
		term way = all.at[i]->op == TERM_ITE ? decided(s, all.at[i]->arg[0]) : NULL;

		if (way)
			term_map_put(map, all.at[i]->arg[0], way);
	}
	word = term_substitute(s->proof->tc, word, map);
	term_map_free(map);
	term_list_free(&all);
	return word;
}

/* A field of the opcode that comes from an immediate, which on this path can't have it otherwise.
 */
static term settle(struct exec *exec, term field, void *user)
{
	struct simulation *s = user;

	for (unsigned i = 0; i < field->width; i++) {
		term bit = bv_extract(exec->tc, i, i, field), way;
		term mask = bv_const(exec->tc, field->width, (uint64_t)1 << i);

		if (term_is_const(bit))
			continue;
		way = decided(s, term_eq(exec->tc, bit, bv_const(exec->tc, 1, 1)));
		if (!way)
			return field;
		field = term_is_true(way) ? bv_or(exec->tc, field, mask)
		                          : bv_and(exec->tc, field, bv_not(exec->tc, mask));
	}
	return field;
}

static term fetch(struct exec *exec, term address, unsigned bytes, void *user)
{
	struct simulation *s = user;
	term part[16];
	uint64_t offset;

	for (unsigned i = 0; i < s->chunks; i++) {
		if (!inside(exec, &s->chunk[i], address, &offset))
			continue;
		if (offset + bytes > s->chunk[i].size)
			break;
		for (unsigned j = 0; j < bytes; j++)
			part[bytes - 1 - j] = s->chunk[i].byte[offset + j];
		return settle_choices(s, bv_concat_n(exec->tc, bytes, part));
	}
	violation(exec, "an instruction runs over the end of the code");
	return NULL;
}

/* Where jumps go */

term machine_relative(struct simulation *s, term t)
{
	return s->relative ? term_substitute(s->proof->tc, t, s->relative) : t;
}

static term code_address(struct simulation *s, term offset)
{
	term known = term_map_get(s->knowledge->addresses, offset);

	if (!known) {
		known = machine_relative(s, proof_address(s->proof, offset));
		term_map_put(s->knowledge->addresses, offset, known);
	}
	return known;
}

static bool is_resolved(struct simulation *s, term pc, term candidate)
{
	if (pc == candidate)
		return true;
	if (differ(s, pc, candidate) || !follows(s, term_eq(s->proof->tc, pc, candidate)))
		return false;
	term_map_put(s->knowledge->resolved, pc, candidate);
	return true;
}

/* The place that a pc is, in its own words; NULL if it is none that is known. */
static term resolve(struct exec *exec, struct simulation *s, term pc)
{
	const struct emitter *e = &s->proof->emitter;
	term known = term_map_get(s->knowledge->resolved, pc);

	if (known)
		return known;
	for (unsigned i = 0; i < e->entries; i++) {
		term place = code_address(s, e->table[i].offset);

		if (is_resolved(s, pc, place))
			return place;
	}
	for (unsigned i = 0; i < JIT_LABELS && e->labels; i++) {
		term place =
			code_address(s, bv_add_c(exec->tc, e->epilogue, (uint64_t)e->label[i]));

		if (e->label[i] >= 0 && is_resolved(s, pc, place))
			return place;
	}
	return NULL;
}

static const struct access_stub *stub_at(struct exec *exec, struct simulation *s, term place)
{
	const struct emitter *e = &s->proof->emitter;
	const struct refinement *map = e->map;

	if (s->claim == CLAIM_ACCESS || s->claim == CLAIM_DIVIDE)
		return NULL; /* it is the one in question */
	for (unsigned i = 0; i < map->access_stubs_count && e->labels; i++) {
		int32_t label = e->label[map->access_stubs[i].label];

		if (label >= 0 &&
			place == code_address(
					 s, bv_add_c(s->proof->tc, e->epilogue, (uint64_t)label)) &&
			(!map->stub_knows_access ||
				get_register(exec, map->stub_pc) == machine_stub_word(s->proof,
									    &map->access_stubs[i],
									    s->proof->world.pc)))
			return &map->access_stubs[i];
	}
	return NULL;
}

/* Contracts */

static enum exec_at denied(struct exec *exec, enum vouch_status status)
{
	machine_notes(exec)->end = END_DENIED;
	machine_notes(exec)->denied = status;
	return EXEC_END;
}

/* May a field of the vm be anything between instructions? By its byte. */
static bool is_vm_scratch(const struct refinement *map, unsigned byte)
{
	unsigned used = VM_USED(map->word), pc = VM_FAULT_PC(map->word);

	return map->vm_scratch &&
	       ((byte >= used && byte < used + map->word) || (byte >= pc && byte < pc + 4));
}

static bool keeps_memory(struct exec *exec, struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	term vm = exec->state.object[OBJECT_VM].contents;
	term frame = exec->state.object[OBJECT_FRAME].contents;
	unsigned first = machine_frame_offset(map, map->callee_saved_offset);

	for (unsigned i = VM_R(VOUCH_REGISTERS);
		vm != proof->world.vm_bytes && i < VM_SIZE(map->word); i++) {
		term at = bv_const(exec->tc, 64, i);

		if (!is_vm_scratch(map, i) &&
			mem_select(exec->tc, vm, at) !=
				mem_select(exec->tc, proof->world.vm_bytes, at))
			return false;
	}
	for (unsigned i = 0; !machine_keeps_frame(proof, frame) && i < map->callee_saved_count; i++)
		if (mem_load(exec->tc, frame, bv_const(exec->tc, 64, first + i * map->word),
			    map->word) != machine_c_register(proof, map->callee_saved[i]))
			return false;
	return true;
}

static bool is_free(enum role role, unsigned which)
{
	return (role == ROLE_BPF || role == ROLE_UPPER) && which != 10;
}

static bool same_bytes(struct terms *tc, term a, term b, unsigned from, unsigned bytes)
{
	for (unsigned i = 0; a != b && i < bytes; i++) {
		term at = bv_const(tc, 64, from + i);

		if (mem_select(tc, a, at) != mem_select(tc, b, at))
			return false;
	}
	return true;
}

/* What isn't in registers: parts of the native frame, and r10 in vm->r. */
static bool keeps_slots(struct exec *exec, struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	term frame = exec->state.object[OBJECT_FRAME].contents;
	bool r10_in_vm = map->in_vm >> 10 & 1;

	for (unsigned i = 0; i < map->slots; i++)
		if (!is_free(map->slot[i].role, map->slot[i].which) &&
			!same_bytes(exec->tc, frame, native_frame(proof),
				machine_frame_offset(map, map->slot[i].offset), map->word))
			return false;
	return !r10_in_vm ||
	       same_bytes(exec->tc, exec->state.object[OBJECT_REGISTERS].contents,
		       machine_vm_registers(proof, proof->world.r, map->in_vm), VM_R(10), 8);
}

/* Is this a state that the stubs' theorem is about? Of it, only BPF's registers may have changed,
 * but for r10. */
static bool keeps_state(struct exec *exec, struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	const struct world *w = &proof->world;

	for (unsigned n = 0; n < map->machine->registers; n++) {
		term expected = machine_expected(proof, n, w->r, w->used, w->vm_bytes);

		if (expected && n != map->link && !is_free(map->reg[n].role, map->reg[n].which) &&
			get_register(exec, n) != expected)
			return false;
	}
	return keeps_memory(exec, proof) && keeps_slots(exec, proof) && machine_is_settled(exec);
}

/* What a call has put into its register is no more than where to return: a stub puts back what was
 * there. */
static void restore_link(struct exec *exec, struct proof *proof)
{
	const struct world *w = &proof->world;
	unsigned link = proof->emitter.map->link;
	term before = link == NO_REGISTER
	                      ? NULL
	                      : machine_expected(proof, link, w->r, w->used, w->vm_bytes);

	if (before)
		set_register(exec, link, before);
}

/* What a stub is asked about. */
static term stub_address(struct exec *exec, struct simulation *s)
{
	const struct refinement *map = s->proof->emitter.map;
	term address = get_register(exec, map->stub_address);

	if (map->word == 4)
		address = bv_concat(exec->tc, get_register(exec, map->stub_address_upper), address);
	return as_step_has_it(exec, s, address);
}

/* Back from what was used by its contract. */
static enum exec_at go_to(struct exec *exec, struct proof *proof, term pointer)
{
	exec->options->machine->set_pc(exec->state.machine, machine_code_at(proof, pointer));
	return EXEC_LOOK;
}

/* A stub of the region test, by its own theorem (CLAIM_ACCESS). */
static enum exec_at call_access_stub(
	struct exec *exec, struct simulation *s, const struct access_stub *stub)
{
	struct proof *proof = s->proof;
	const struct refinement *map = proof->emitter.map;
	struct machine_notes *notes = machine_notes(exec);
	term address = stub_address(exec, s);
	term misaligned = bool_from_bv(
		exec->tc, bv_and_c(exec->tc, address, stub->atomic ? stub->bytes - 1 : 0));
	term permitted = world_permitted(&proof->world, address, stub->bytes, stub->write);
	int way = exec_decided(exec, world_beyond_context(&proof->world, address, stub->bytes,
					     stub->write, stub->atomic));
	int misalignment;
	term back;

	notes->stub = stub;
	if (way == 0)
		return violation(exec, "a stub is called for an access to the context");
	if (way > 0)
		way = exec_decided(exec, misaligned);
	if (way < 0)
		return EXEC_FORK;
	misalignment = way;
	way = way == 1 ? 0 : exec_decided(exec, permitted);
	if (way < 0)
		return EXEC_FORK;
	back = take_return_address(exec, map);
	if (!back || !keeps_state(exec, proof))
		return violation(exec, "a stub is called in a state that it isn't made for");
	restore_link(exec, proof);
	if (way == 0)
		return denied(exec, misalignment ? VOUCH_FAULT_ALIGN : VOUCH_FAULT_MEMORY);
	grant(exec, s, stub, address);
	for (unsigned n = 0; n < map->machine->registers; n++)
		if (map->stub_clobbers >> n & 1)
			set_register(exec, n, named(proof, "after_stub", n));
	forget_flags(exec);
	forget_fields(exec, proof);
	notes->frame_after_stub =
		frame_after_stub(proof, exec->state.object[OBJECT_FRAME].contents);
	exec->state.object[OBJECT_FRAME].contents = notes->frame_after_stub;
	return go_to(exec, proof, back);
}

/* Which kind of division, by the label; -1: it is none. */
static int divide_stub_at(struct simulation *s, term place)
{
	const struct emitter *e = &s->proof->emitter;
	const struct divide_stub *stub = e->map->divide;

	if (!stub || !e->labels || s->claim == CLAIM_DIVIDE)
		return -1;
	for (int kind = 0; kind < (stub->labels_of_kinds ? 4 : 1); kind++)
		if (place == code_address(s, bv_add_c(s->proof->tc, e->epilogue,
						     (uint64_t)e->label[(int)stub->label + kind])))
			return kind;
	return -1;
}

static term get_pair(struct exec *exec, const unsigned reg[2])
{
	return bv_concat(exec->tc, get_register(exec, reg[1]), get_register(exec, reg[0]));
}

/* The kind that the stub's arguments say; -1: none. */
static int kind_by_arguments(struct exec *exec, const struct divide_stub *stub)
{
	term remainder = get_register(exec, stub->remainder), mask = get_register(exec, stub->mask);

	if (!term_is_const(remainder) || term_value(remainder) > 1 || !term_is_const(mask) ||
		(term_value(mask) != 0 && term_value(mask) != UINT32_MAX))
		return -1;
	return (int)(term_value(remainder) | (term_value(mask) & 2));
}

/* The stub of division, by its own theorem (CLAIM_DIVIDE). */
static enum exec_at call_divide_stub(struct exec *exec, struct simulation *s, int kind)
{
	struct proof *proof = s->proof;
	const struct divide_stub *stub = proof->emitter.map->divide;
	term back = take_return_address(exec, proof->emitter.map), result;

	machine_notes(exec)->divide_label = stub->label + (unsigned)kind;
	if (!stub->labels_of_kinds)
		kind = kind_by_arguments(exec, stub);
	if (kind < 0 || !keeps_state(exec, proof))
		return violation(exec, "a stub is called in a state that it isn't made for");
	restore_link(exec, proof);
	result = bpf_divide(exec->tc, kind & 2, kind & 1, get_pair(exec, stub->dividend),
		get_pair(exec, stub->divisor));
	machine_notes(exec)->divided = result;
	for (unsigned n = 0; n < proof->emitter.map->machine->registers; n++)
		if (stub->clobbers >> n & 1)
			set_register(exec, n, named(proof, "after_stub", n));
	set_register(exec, stub->dividend[0], bv_trunc(exec->tc, 32, result));
	set_register(exec, stub->dividend[1], bv_extract(exec->tc, 63, 32, result));
	forget_flags(exec);
	machine_notes(exec)->frame_after_stub =
		frame_after_stub(proof, exec->state.object[OBJECT_FRAME].contents);
	exec->state.object[OBJECT_FRAME].contents = machine_notes(exec)->frame_after_stub;
	return go_to(exec, proof, back);
}

/* A bool as C returns it. */
term machine_c_bool(struct proof *proof, term value)
{
	const struct refinement *map = proof->emitter.map;
	unsigned width = 8 * map->word, rest = width - map->bool_bits;
	term low = bv_from_bool(proof->tc, map->bool_bits, value);

	return rest ? bv_concat(proof->tc, bv_var(proof->tc, "beside_bool", rest), low) : low;
}

/* What C may change is unknown after a call. False: nobody has called it. */
static enum exec_at return_from_c(struct exec *exec, struct proof *proof, term result)
{
	const struct refinement *map = proof->emitter.map;
	struct machine_notes *notes = machine_notes(exec);
	term back = take_return_address(exec, map);

	if (!back)
		return violation(exec, "C is called without a return address");
	for (unsigned n = 0; n < map->machine->registers; n++)
		if (map->caller_saved >> n & 1)
			set_register(exec, n,
				named(proof, notes->calls ? "after_call2_" : "after_call", n));
	forget_flags(exec);
	forget_below_sp(exec, map);
	notes->calls++;
	set_register(exec, map->result, machine_word(proof, result));
	if (result->width > 8 * map->word)
		set_register(exec, map->result_upper, bv_extract(exec->tc, 63, 32, result));
	return go_to(exec, proof, back);
}

/*
 * May C run here? It uses the stack below its pointer, where our frame must not be, and takes some
 * registers to be as it left them. Why not; NULL: it may.
 */
static const char *forbids_c(struct exec *exec, struct proof *proof)
{
	const struct refinement *map = proof->emitter.map;
	unsigned pushed = map->link == NO_REGISTER ? map->word : 0;
	term sp = bv_add_c(exec->tc, get_register(exec, sp_register(map)), pushed);
	term below = bv_sub(exec->tc, machine_sp(proof), sp);

	if (!term_is_value(bv_and_c(exec->tc, sp, map->sp_alignment - 1), 0))
		return "a call of C with the stack misaligned";
	if (!term_is_const(below) || term_signed_value(below) < 0)
		return "a call of C that may overwrite the native frame";
	if (!machine_is_settled(exec))
		return "a call of C with interrupts masked";
	for (unsigned n = 0; n < map->machine->registers; n++)
		if (map->reg[n].role == ROLE_KEPT &&
			get_register(exec, n) != machine_c_register(proof, n))
			return "a call of C with a register changed that is its own";
	return NULL;
}

/* The next word of C's arguments. */
static term next_argument(struct exec *exec, struct proof *proof, const unsigned **word)
{
	unsigned at = *(*word)++;

	if (at < MACHINE_REGISTERS)
		return get_register(exec, at);
	return mem_load(exec->tc, exec->state.object[OBJECT_FRAME].contents,
		in_frame(proof, at - MACHINE_REGISTERS), proof->emitter.map->word);
}

/* The next one of 64 bits: a word, or two. */
static term next_argument64(struct exec *exec, struct proof *proof, const unsigned **word)
{
	term low = next_argument(exec, proof, word);

	return low->width == 64 ? low : bv_concat(exec->tc, next_argument(exec, proof, word), low);
}

/* vouch_region_find(), by its contract. */
static enum exec_at call_find(struct exec *exec, struct proof *proof)
{
	const struct world *w = &proof->world;
	const unsigned *word = proof->emitter.map->find_argument;
	term address, size, found;

	if (next_argument(exec, proof, &word) != machine_word(proof, w->regions) ||
		next_argument(exec, proof, &word) != machine_word(proof, w->nregions))
		return violation(exec, "vouch_region_find is called with another table");
	if (forbids_c(exec, proof))
		return violation(exec, forbids_c(exec, proof));
	address = next_argument64(exec, proof, &word);
	size = next_argument64(exec, proof, &word);
	found = world_find(
		w, address, size, bv_trunc(exec->tc, 32, next_argument(exec, proof, &word)));
	machine_notes(exec)->found = found;
	return return_from_c(exec, proof, machine_c_bool(proof, found));
}

/* A helper: unknown code of the host's. It gets vm and r1 to r5. */
static enum exec_at call_helper(struct exec *exec, struct proof *proof)
{
	const struct world *w = &proof->world;
	const unsigned *word = proof->emitter.map->argument;
	struct machine_notes *notes = machine_notes(exec);
	struct exec_object *vm = &exec->state.object[OBJECT_VM];

	if (notes->helper_called)
		return violation(exec, "a helper is called twice");
	if (next_argument(exec, proof, &word) != machine_word(proof, w->vm))
		return violation(exec, "a helper is called without its vm");
	for (unsigned i = 1; i <= 5; i++)
		if (next_argument64(exec, proof, &word) != w->r[i])
			return violation(exec, "a helper gets other arguments than r1 to r5");
	if (forbids_c(exec, proof))
		return violation(exec, forbids_c(exec, proof));
	notes->helper_called = true;
	vm->contents = world_vm_after_helper(w, vm->contents);
	notes->memory = w->helper_memory;
	return return_from_c(exec, proof, w->helper_result);
}

/* Is this where the pointer of the helper that the instruction names leads? */
static bool is_helper(struct exec *exec, struct simulation *s, term pc)
{
	const struct world *w = &s->proof->world;
	term id, pointer, even;

	if (!s->insn || (s->insn->op != OP_call && s->insn->op != OP_callx))
		return false;
	id = s->insn->op == OP_call ? bv_zext(exec->tc, 64, s->insn->imm) : w->r[s->insn->dst];
	pointer = bv_zext(exec->tc, 64, world_helper(w, id));
	even = bv_and_c(exec->tc, pointer, ~(uint64_t)1); /* a jump of RISC-V leaves out bit 0 */
	return pc == pointer || is_resolved(s, pc, even) || is_resolved(s, pc, pointer);
}

/* Before each instruction */

static enum exec_at end(struct exec *exec, enum machine_end how, term place)
{
	machine_notes(exec)->end = how;
	machine_notes(exec)->place = place;
	return EXEC_END;
}

/* Has a store-conditional failed since that many steps? */
static bool has_failed(const struct exec *exec, uint64_t steps)
{
	for (size_t i = 0; i < exec->conditions.count; i++) {
		term condition = exec->conditions.at[i];
		unsigned long long step;

		if (condition->op == TERM_NOT && condition->arg[0]->op == TERM_VAR &&
			sscanf(condition->arg[0]->name, "sc_succeeds%llu", &step) == 1 &&
			step >= steps)
			return true;
	}
	return false;
}

/* Back at a place where the machine was in this very state. After a store-conditional that failed,
 * that is fine: that the hardware lets one succeed in the end is its manual's promise, and not
 * proved here. */
static bool is_repeated(struct exec *exec, uint64_t offset, bool *retry)
{
	struct machine_notes *notes = machine_notes(exec);
	size_t size = exec->options->machine->size;
	bool backward = offset < notes->offset, same;

	notes->offset = offset;
	if (!backward || size > sizeof(notes->loop))
		return false;
	same = notes->looped && memcmp(notes->loop, exec->state.machine, size) == 0;
	for (unsigned i = 0; i <= OBJECT_HELPERS; i++) {
		term now = i ? exec->state.object[i - 1].contents : notes->memory;

		same = same && notes->loop_memory[i] == now;
		notes->loop_memory[i] = now;
	}
	*retry = has_failed(exec, notes->loop_steps);
	notes->looped = true;
	notes->loop_steps = exec->state.steps;
	memcpy(notes->loop, exec->state.machine, size);
	return same;
}

/* Where the offset tables lead. Another instruction's out-of-line part is nobody else's to go to.
 */
static enum exec_at at_entry(
	struct exec *exec, struct simulation *s, const struct table_entry *entry)
{
	if (!entry->cold && s->straight)
		return violation(
			exec, "code that is there twice jumps to what follows one of them");
	if (!entry->cold)
		return end(exec, END_TARGET, entry->pc);
	if (entry->pc != s->proof->world.pc || s->out_of_line)
		return violation(
			exec, "a jump to an out-of-line part that isn't the instruction's own");
	return end(exec, END_COLD, entry->pc);
}

static enum exec_at leave(struct exec *exec, struct simulation *s, term pc)
{
	struct proof *proof = s->proof;
	const struct emitter *e = &proof->emitter;
	const struct access_stub *stub;
	term place;

	if (pc == machine_code_at(proof, proof->world.find))
		return call_find(exec, proof);
	if (is_helper(exec, s, pc))
		return call_helper(exec, proof);
	if (pc == machine_code_at(proof, machine_c_register(proof, e->map->link)))
		return end(exec, END_EXIT, NULL);
	if ((s->claim == CLAIM_ACCESS || s->claim == CLAIM_DIVIDE) &&
		pc == machine_code_at(proof, machine_stub_return(proof)))
		return end(exec, END_RETURN, NULL);
	if (term_is_value(distance(proof, pc, s->chunk[0].base), s->chunk[0].size))
		return s->out_of_line
		               ? violation(exec, "code out of line goes on into what follows it")
		               : end(exec, END_NEXT, NULL);
	place = resolve(exec, s, pc);
	if (!place)
		return violation(exec, "a jump to where no code is known");
	stub = stub_at(exec, s, place);
	if (stub)
		return call_access_stub(exec, s, stub);
	if (divide_stub_at(s, place) >= 0)
		return call_divide_stub(exec, s, divide_stub_at(s, place));
	for (unsigned i = 0; i < e->entries; i++)
		if (place == code_address(s, e->table[i].offset))
			return at_entry(exec, s, &e->table[i]);
	if (pc == place)
		return violation(exec, "a jump to a stub whose code is missing");
	exec->options->machine->set_pc(exec->state.machine, place);
	return EXEC_LOOK;
}

/* The loop's head is where the machine goes back to while it knows how many rounds are left. */
static bool is_at_head(struct exec *exec, struct simulation *s, uint64_t offset)
{
	struct machine_notes *notes = machine_notes(exec);
	struct division *d = s->division;
	term count = get_register(exec, s->proof->emitter.map->divide->count);
	bool backward = offset < notes->offset;

	if (!d->searching)
		return d->found && offset == d->head &&
		       (d->round == DIVIDE_ENTRY || exec->state.steps > 0);
	notes->offset = offset;
	if (!backward || !term_is_const(count))
		return false;
	d->head = offset;
	return d->found = true;
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct simulation *s = user;
	term pc = exec->options->machine->pc(exec->state.machine);
	uint64_t offset;
	bool retry;

	if (s->claim == CLAIM_DIVIDE && inside(exec, &s->chunk[0], pc, &offset) &&
		is_at_head(exec, s, offset))
		return end(exec, END_HEAD, NULL);
	recognise_constants(exec, s);
	if (machine_notes(exec)->accesses.count > 0)
		machine_notes(exec)->unmasked |= is_unmasked(exec, s);
	/* Stubs that are used by their contract are not entered, even where their code is at hand.
	 */
	if (s->chunks > 1 && stub_at(exec, s, pc))
		return call_access_stub(exec, s, stub_at(exec, s, pc));
	for (unsigned i = 0; i < s->chunks; i++)
		if (inside(exec, &s->chunk[i], pc, &offset)) {
			if (i != 0 || !is_repeated(exec, offset, &retry))
				return EXEC_STEP;
			end(exec, END_RETRY, NULL);
			return retry ? EXEC_END : violation(exec, "a loop without an end");
		}
	return leave(exec, s, pc);
}

enum { COUNTEREXAMPLES_MAX = 8 };

/* A counterexample that no machine can show, as where the stack is around address 0, is one. But
 * another path, or the same with other registers, may have one that can be seen. */
static bool looks_on(const struct simulation *s)
{
	const struct proof *proof = s->proof;

	return proof->report->verdict == VERDICT_REFUTED && !proof->shown_by_machine &&
	       proof->counterexamples < COUNTEREXAMPLES_MAX;
}

static bool path(struct exec *exec, enum exec_end how, void *user)
{
	struct simulation *s = user;

	if (s->claim == CLAIM_DIVIDE && s->division->searching)
		return true;
	if (how == EXEC_STOPPED)
		return compare_stopped(s, exec) || looks_on(s);
	if (machine_notes(exec)->end == END_RETRY)
		return true;
	return compare_end(s, exec) || looks_on(s);
}

bool simulate(struct simulation *s)
{
	const struct refinement *map = s->proof->emitter.map;
	const struct exec_options options = {
		.machine = map->machine, .max_steps = 1000, .max_paths = 1000, .lazy = true};
	const struct exec_client client = {.user = s,
		.setup = machine_start,
		.at = at,
		.fetch = fetch,
		.settle = settle,
		.load = load,
		.store = store,
		.path = path};

	exec_run(s->proof->tc, s->proof->checker, &options, &client);
	s->proof->report->runs++;
	return s->proof->report->verdict == VERDICT_PROVED || looks_on(s);
}
