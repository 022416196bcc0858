/* SPDX-License-Identifier: MIT */
/*
 * A counterexample as a file (prover/replay/replay.h): the state before, and the states that BPF
 * allows after it, said once more from the refinement map, beside compare.c: here as values, of
 * every register and byte that counts. The step is made on the values, so there is one way for it
 * to go.
 */
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/divide.h"
#include "prover/theorem/counterexample.h"
#include "prover/theorem/witness_file.h"
#include "vm/layout.h"
#include "vm/vm.h"

/* ---- before ---- */

static term machine_register(struct exec *exec, unsigned n)
{
	return *exec->options->machine->reg(exec->state.machine, n);
}

static term contents(const struct exec *exec, enum machine_object object)
{
	return exec->state.object[object].contents;
}

static uint64_t base_of(const struct file *o, enum machine_object object)
{
	return value(o, o->before->state.object[object].base);
}

static uint64_t size_of(const struct file *o, enum machine_object object)
{
	return value(o, o->before->state.object[object].size);
}

static void write_object(const struct file *o, const char *record, const struct exec *exec,
	enum machine_object object)
{
	const struct exec_object *at = &exec->state.object[object];
	uint64_t size = size_of(o, object);

	write_memory(o, record, base_of(o, object) + at->from, at->contents, at->from,
		size > at->from && size <= BYTES_MAX ? size - at->from : 0, at->name);
}

static void write_objects(const struct file *o, const char *record, const struct exec *exec)
{
	for (size_t i = 0; i < o->before->state.objects; i++)
		write_object(o, record, exec, (enum machine_object)i);
}

static void write_code(const struct file *o)
{
	for (unsigned i = 0; i < o->s->chunks; i++) {
		const struct chunk *chunk = &o->s->chunk[i];

		if (chunk->size == 0)
			continue;
		fprintf(o->f, "code %llx ", (ull)value(o, chunk->base));
		write_bytes(o, chunk->byte, chunk->size);
		fputc('\n', o->f);
	}
}

/* What was loaded before others wrote; NULL: they haven't. */
static term seen_before(const struct file *o)
{
	const struct machine_notes *notes = o->notes;

	if (!notes->others_at)
		return NULL;
	return value(o, notes->seen) == value(o, mem_load(o->tc, o->world->memory, notes->seen_at,
							 notes->seen->width / 8))
	               ? NULL
	               : notes->seen;
}

static term memory_at_start(const struct file *o)
{
	term seen = seen_before(o), memory = o->world->memory;

	return seen ? mem_write(o->tc, memory, o->notes->seen_at, seen->width / 8, seen) : memory;
}

static void write_before(const struct file *o)
{
	fprintf(o->f, "start %llx\n", (ull)value(o, o->s->start));
	for (unsigned n = 0; n < o->map->machine->registers; n++)
		fprintf(o->f, "register %u %llx\n", n,
			(ull)value(o, machine_register(o->before, n)));
	write_code(o);
	write_objects(o, "data", o->before);
	write_program_memory(o, "guard", memory_at_start(o));
}

/* ---- code that isn't there ---- */

static void write_set(const struct file *o, unsigned n, const char *name)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%u", name, n);
	fprintf(o->f, "set %u %llx\n", n, (ull)value(o, bv_var(o->tc, text, 8 * o->map->word)));
}

/* What anybody may have changed who was called: as it is found in the end, if it wasn't written. */
static void write_scratch(const struct file *o)
{
	uint64_t vm = value(o, o->world->vm);
	unsigned word = o->map->word;
	term bytes = contents(o->after, OBJECT_VM);

	write_memory(o, "write", base_of(o, OBJECT_FRAME), contents(o->after, OBJECT_FRAME), 0,
		o->map->frame_below + o->map->stack_arguments, "");
	if (!o->map->vm_scratch)
		return;
	write_memory(o, "write", vm + VM_USED(word), bytes, VM_USED(word), word, "");
	write_memory(o, "write", vm + VM_FAULT_PC(word), bytes, VM_FAULT_PC(word), 4, "");
}

/* A call leaves in its register where to return; a stub puts back what was there. */
static bool is_overwritten_link(const struct file *o, unsigned n)
{
	return n == o->map->link && o->map->reg[n].role != ROLE_SCRATCH;
}

/* False: the machine has stopped there, before it was called. */
static bool write_call(const struct file *o, uint64_t address, const char *name)
{
	term pc = o->after->options->machine->pc(o->after->state.machine);

	if (value(o, pc) == address)
		return false;
	fprintf(o->f, "call %llx %s\nlink %u\n", (ull)address, name, o->map->link);
	write_scratch(o);
	return true;
}

/* By C's convention. */
static void write_c_call(const struct file *o, uint64_t address, const char *name, term result)
{
	unsigned bits = 8 * o->map->word;

	if (!write_call(o, address, name))
		return;
	for (unsigned n = 0; n < o->map->machine->registers; n++)
		if ((o->map->caller_saved >> n & 1) && n != o->map->result)
			write_set(o, n, "after_call");
	fprintf(o->f, "set %u %llx\n", o->map->result,
		(ull)value(o, bv_trunc(o->tc, bits, result)));
	if (result->width > bits)
		fprintf(o->f, "set %u %llx\n", o->map->result_upper,
			(ull)value(o, bv_extract(o->tc, 2 * bits - 1, bits, result)));
}

/* Where a return address leads. */
static void write_back(const struct file *o, term pointer)
{
	write_end(o, value(o, machine_code_at(o->proof, pointer)));
}

static uint64_t label_address(const struct file *o, unsigned label)
{
	const struct emitter *e = &o->proof->emitter;
	term offset = bv_add_c(o->tc, e->epilogue, (uint64_t)e->label[label]);

	return value(o, machine_relative(o->s, proof_address(o->proof, offset)));
}

/* False: it wasn't called, as above. */
static bool write_stub_call(
	const struct file *o, unsigned label, uint32_t clobbers, const char *name)
{
	if (!write_call(o, label_address(o, label), name))
		return false;
	for (unsigned n = 0; n < o->map->machine->registers; n++)
		if (clobbers >> n & 1)
			write_set(o, n, "after_stub");
		else if (is_overwritten_link(o, n))
			fprintf(o->f, "set %u %llx\n", n,
				(ull)value(o, machine_expected(o->proof, n, o->world->r,
						      o->world->used, o->world->vm_bytes)));
	write_memory(o, "write", base_of(o, OBJECT_FRAME) + o->map->frame_below,
		o->notes->frame_after_stub, o->map->frame_below, o->map->frame_size, "");
	return true;
}

static void write_divide_call(const struct file *o)
{
	const struct divide_stub *stub = o->map->divide;
	uint64_t result = value(o, o->notes->divided);

	if (write_stub_call(o, o->notes->divide_label, stub->clobbers, "the stub that divides"))
		fprintf(o->f, "set %u %llx\nset %u %llx\n", stub->dividend[0],
			(ull)(result & UINT32_MAX), stub->dividend[1], (ull)(result >> 32));
}

static void write_field(const struct file *o, unsigned offset, unsigned bytes)
{
	uint64_t vm = value(o, o->world->vm);
	term fields = world_vm_after_helper(o->world, o->world->vm_bytes);

	write_memory(o, "write", vm + offset, fields, offset, bytes, "");
}

static void write_helper_call(const struct file *o)
{
	const struct bpf_insn *insn = o->s->insn;
	unsigned word = o->map->word;
	term id = insn->op == OP_call ? bv_zext(o->tc, 64, insn->imm) : o->world->r[insn->dst];
	term pointer = world_helper(o->world, id);

	write_c_call(o, value(o, bv_and_c(o->tc, pointer, ~(uint64_t)1)), "a helper",
		o->world->helper_result);
	write_field(o, VM_REQUEST(word), 4);
	write_field(o, VM_CONTEXT(word), word);
	for (unsigned i = 0; i < 8; i++)
		write_field(o, VM_LIMIT(word, i / 4, i % 4), word);
	write_program_memory(o, "write", o->world->helper_memory);
}

static void write_calls(const struct file *o)
{
	if (o->notes->stub && o->notes->end != END_DENIED)
		write_stub_call(o, o->notes->stub->label, o->map->stub_clobbers,
			"a stub that permits an access");
	if (o->notes->divided)
		write_divide_call(o);
	if (o->notes->found)
		write_c_call(o, value(o, machine_code_at(o->proof, o->world->find)),
			"vouch_region_find", machine_c_bool(o->proof, o->notes->found));
	if (o->notes->helper_called)
		write_helper_call(o);
}

/* ---- others, who come in between ---- */

static bool was_attempted_before(const struct file *o, unsigned i)
{
	for (unsigned j = 0; j < i; j++)
		if (value(o, o->notes->attempt[j].pc) == value(o, o->notes->attempt[i].pc))
			return true;
	return false;
}

/* An interrupt is what makes a store-conditional fail; and while it lasts, others may write. */
static void write_interrupts(const struct file *o)
{
	const struct machine_notes *notes = o->notes;

	for (unsigned i = 0; i < notes->attempts; i++)
		if (!is_true(o, notes->attempt[i].succeeds) && !was_attempted_before(o, i))
			fprintf(o->f, "interrupt %llx a store-conditional fails\n",
				(ull)value(o, notes->attempt[i].pc));
	if (!seen_before(o))
		return;
	fprintf(o->f, "interrupt %llx others write\n", (ull)value(o, notes->others_at));
	write_program_memory(o, "write", o->world->memory);
}

/* ---- after: what BPF allows ---- */

/* The vm's fields after a step that goes on. */
static term vm_after(const struct file *o, const struct outcome *outcome)
{
	const struct world *w = o->world;
	term bytes = w->vm_bytes, record = bv_const(o->tc, 64, FRAME_RECORD), frame = NULL;

	if (outcome->called)
		bytes = world_vm_after_helper(w, bytes);
	if (o->map->used_in_vm)
		bytes = world_set_field(w, bytes, VM_USED(w->word), w->word,
			bv_sub(o->tc, w->fuel, outcome->bpf.fuel));
	if (outcome->pushed)
		frame = bv_add(o->tc, w->frame, record);
	if (outcome->popped)
		frame = bv_sub(o->tc, w->frame, record);
	return frame ? world_set_field(w, bytes, VM_FRAME(w->word), w->word, frame) : bytes;
}

static void write_vm(const struct file *o, term bytes, unsigned from, unsigned to)
{
	write_memory(o, "holds", value(o, o->world->vm) + from, bytes, from, to - from, "the vm");
}

/* Between instructions, some fields may be anything on some targets. */
static void write_vm_between(const struct file *o, term bytes)
{
	unsigned word = o->map->word, used = VM_USED(word), pc = VM_FAULT_PC(word);

	if (!o->map->vm_scratch) {
		write_vm(o, bytes, VM_R(VOUCH_REGISTERS), VM_SIZE(word));
		return;
	}
	write_vm(o, bytes, VM_R(VOUCH_REGISTERS), used);
	write_vm(o, bytes, used + word, pc);
	write_vm(o, bytes, pc + 4, VM_SIZE(word));
}

static void write_record(const struct file *o, const struct outcome *outcome)
{
	term bytes = contents(o->before, OBJECT_RECORD), offset;

	if (size_of(o, OBJECT_RECORD) == 0)
		return;
	if (outcome->pushed) {
		offset = emitter_offset(&o->proof->emitter, outcome->saved_pc, false);
		for (unsigned i = 0; i < 4; i++)
			bytes = world_set_field(
				o->world, bytes, FRAME_SAVED(i), 8, outcome->saved[i]);
		bytes = world_set_field(o->world, bytes, FRAME_PC, 4, outcome->saved_pc);
		if (offset)
			bytes = world_set_field(
				o->world, bytes, FRAME_CODE, 4, machine_relative(o->s, offset));
	}
	write_memory(
		o, "holds", base_of(o, OBJECT_RECORD), bytes, 0, FRAME_RECORD, "the next record");
}

/* Everywhere: memory of the program's, the record above and the one below. */
static void write_everywhere(const struct file *o, const struct outcome *outcome)
{
	const struct access_log *log = &outcome->accesses;

	for (unsigned i = 0; i < log->count; i++)
		fprintf(o->f, "touch %llx %x\n", (ull)value(o, log->at[i].address),
			log->at[i].bytes);
	write_program_memory(o, "holds", outcome->memory);
	write_object(o, "holds", o->before, OBJECT_CALLER);
	write_object(o, "holds", o->before, OBJECT_HELPERS);
	write_record(o, outcome);
}

/* What is in the native frame, so many bytes above sp. */
static void write_frame_word(const struct file *o, unsigned from_sp, term t, const char *name)
{
	term byte[8];

	for (unsigned n = 0; n < o->map->word; n++)
		byte[n] = bv_extract(o->tc, 8 * n + 7, 8 * n, t);
	fprintf(o->f, "holds %llx ",
		(ull)base_of(o, OBJECT_FRAME) + machine_frame_offset(o->map, from_sp));
	write_bytes(o, byte, o->map->word);
	fprintf(o->f, " %s\n", name);
}

/* Of a BPF register that takes two words. */
static const char *half(const struct refinement *map, enum role role)
{
	return role == ROLE_UPPER ? "'s upper half" : map->word == 4 ? "'s lower half" : "";
}

static void write_frame(const struct file *o, const struct outcome *outcome)
{
	const struct refinement *map = o->map;
	char name[32];

	for (unsigned i = 0; i < map->slots; i++) {
		const struct frame_slot *slot = &map->slot[i];

		snprintf(name, sizeof(name), "r%u%s", slot->which, half(map, slot->role));
		write_frame_word(o, slot->offset,
			machine_expected_slot(o->proof, slot, outcome->bpf.r),
			slot->role == ROLE_VM       ? "the vm"
			: slot->role == ROLE_BOTTOM ? "the frame's bottom"
						    : name);
	}
	for (unsigned i = 0; i < map->callee_saved_count; i++) {
		snprintf(name, sizeof(name), "C's register %u", map->callee_saved[i]);
		write_frame_word(o, map->callee_saved_offset + i * map->word,
			machine_c_register(o->proof, map->callee_saved[i]), name);
	}
}

/* Where C enters, all of them are there; later, some may be. */
static term vm_registers(const struct file *o, const struct outcome *outcome)
{
	bool enters = o->s->claim == CLAIM_ENTER || o->s->claim == CLAIM_RESUME;

	return machine_vm_registers(o->proof, outcome->bpf.r, enters ? UINT32_MAX : o->map->in_vm);
}

/* All but registers. */
static void write_beside(const struct file *o, const struct outcome *outcome, term vm)
{
	write_frame(o, outcome);
	write_memory(o, "holds", value(o, o->world->vm), vm_registers(o, outcome), 0,
		VM_R(VOUCH_REGISTERS), "vm->r");
	write_vm_between(o, vm);
	write_everywhere(o, outcome);
}

/* A state that stands for BPF's. */
static void write_related(const struct file *o, const struct outcome *outcome)
{
	const struct world *w = o->world;
	term vm = vm_after(o, outcome), used = bv_sub(o->tc, w->fuel, outcome->bpf.fuel);

	for (unsigned n = 0; n < o->map->machine->registers; n++) {
		static const char *const role_name[] = {"", "C's", NULL, NULL, "the vm",
			"fuel used", "the context", "a limit", "the stack pointer", "zero",
			"minus the context", "the frame's bottom"};
		term t = machine_expected(o->proof, n, outcome->bpf.r, used, vm);
		enum role role = o->map->reg[n].role;
		char bpf[24];

		snprintf(bpf, sizeof(bpf), "r%u%s", o->map->reg[n].which, half(o->map, role));
		if (role == ROLE_SP)
			t = bv_add_c(o->tc, t, (uint64_t)0 - o->pushed);
		if (o->called && is_overwritten_link(o, n))
			t = NULL;
		if (t)
			write_register(o, n, t, role_name[role] ? role_name[role] : bpf);
	}
	write_rest_wanted(o, o->map->machine);
	write_beside(o, outcome, vm);
}

/* C's registers, as a callee has to give them back. */
static void write_c_registers(const struct file *o)
{
	for (unsigned n = 0; n < o->map->machine->registers; n++) {
		bool saved = o->map->reg[n].role == ROLE_KEPT;

		for (unsigned i = 0; i < o->map->callee_saved_count; i++)
			saved |= o->map->callee_saved[i] == n && n != o->map->link;
		if (saved)
			write_register(o, n, machine_c_register(o->proof, n), "C's");
		else if (o->map->reg[n].role == ROLE_SP)
			write_register(o, n,
				bv_add_c(o->tc, machine_sp(o->proof), o->map->frame_size),
				"the stack pointer");
	}
	write_rest_wanted(o, o->map->machine);
}

/* Back in C: BPF's state and the fault are in the vm. Of fuel, more may be used than there was. */
static void write_left(const struct file *o, const struct outcome *outcome)
{
	const struct world *w = o->world;
	const struct bpf *bpf = &outcome->bpf;
	unsigned word = w->word, used_at = VM_USED(word);
	term vm = vm_after(o, outcome), used = bv_sub(o->tc, w->fuel, bpf->fuel), registers;
	bool all_used = value(o, bpf->fuel) == 0;

	registers = contents(o->before, OBJECT_REGISTERS);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		registers = world_set_field(w, registers, VM_R(i), 8, bpf->r[i]);
#define SET(name, size, term) vm = world_set_field(w, vm, VM_FAULT_##name(word), size, term)
	SET(STATUS, 4, bv_const(o->tc, 32, bpf->status));
	SET(PC, 4, bpf->pc);
	SET(ADDRESS, 8, bpf->address);
	SET(SIZE, 4, bv_const(o->tc, 32, bpf->size));
	SET(WRITE, 4, bv_const(o->tc, 32, bpf->write));
#undef SET
	vm = world_set_field(w, vm, used_at, word, used);
	write_back(o, machine_c_register(o->proof, o->map->link));
	write_register(o, o->map->result, bv_const(o->tc, 32, bpf->status), "the status");
	write_c_registers(o);
	write_memory(o, "holds", value(o, w->vm), registers, 0, VM_R(VOUCH_REGISTERS), "vm->r");
	write_vm(o, vm, VM_R(VOUCH_REGISTERS), used_at);
	if (all_used)
		fprintf(o->f, "least %llx %llx fuel used\n", (ull)(value(o, w->vm) + used_at),
			(ull)value(o, used));
	else
		write_vm(o, vm, used_at, used_at + word);
	write_vm(o, vm, used_at + word, VM_SIZE(word));
	write_everywhere(o, outcome);
}

/* ---- which states ---- */

static struct outcome unchanged(const struct file *o)
{
	struct outcome outcome = {.result = BPF_NEXT, .memory = o->world->memory};

	memcpy(outcome.bpf.r, o->world->r, sizeof(outcome.bpf.r));
	outcome.bpf.pc = o->world->pc;
	outcome.bpf.fuel = bv_sub(o->tc, o->world->fuel, o->world->used);
	outcome.bpf.address = bv_const(o->tc, 64, 0);
	return outcome;
}

/* At the code of an instruction. */
static void write_next(const struct file *o, const struct outcome *outcome, bool follows)
{
	const struct emitter *e = &o->proof->emitter;
	uint64_t pc = value(o, outcome->bpf.pc);

	fprintf(o->f, "want goes on at pc %llu\n", (ull)pc);
	if (follows)
		write_end(o, value(o, o->s->chunk[0].base) + o->s->chunk[0].size);
	for (unsigned i = 0; i < e->entries && !o->s->straight; i++)
		if (!e->table[i].cold && value(o, e->table[i].pc) == pc)
			write_end(o, value(o, machine_relative(o->s, proof_address(o->proof,
									     e->table[i].offset))));
	write_related(o, outcome);
}

static void write_exit(const struct file *o, const struct outcome *outcome)
{
	fprintf(o->f, "want ends the run with status %u at pc %llu\n", outcome->bpf.status,
		(ull)value(o, outcome->bpf.pc));
	write_left(o, outcome);
}

/* What a stub is asked about. */
static void write_asked_address(const struct file *o, term address)
{
	const struct refinement *map = o->map;

	write_register(
		o, map->stub_address, bv_trunc(o->tc, 8 * map->word, address), "the address");
	if (map->word == 4)
		write_register(o, map->stub_address_upper, bv_extract(o->tc, 63, 32, address),
			"the address's upper half");
}

static void write_asked(const struct file *o, const struct access_stub *stub, term address, term pc)
{
	const struct refinement *map = o->map;

	write_asked_address(o, address);
	if (map->stub_pc != NO_REGISTER)
		write_register(o, map->stub_pc,
			bv_zext(o->tc, 8 * map->word, machine_stub_word(o->proof, stub, pc)),
			"the pc");
}

/* At the instruction's own out-of-line part, if it has one. */
static void write_cold(const struct file *o, const struct outcome *outcome, const char *how)
{
	const struct emitter *e = &o->proof->emitter;
	const struct term_list *none = o->s->no_cold;

	for (size_t i = 0; none && i < none->count; i++)
		if (is_true(o, none->at[i]))
			return;
	fprintf(o->f, "want goes out of line, %s\n", how);
	for (unsigned i = 0; i < e->entries; i++)
		if (e->table[i].cold && e->table[i].pc == o->world->pc)
			write_end(o, value(o, machine_relative(o->s, proof_address(o->proof,
									     e->table[i].offset))));
	write_related(o, outcome);
	if (!is_true(o, machine_cold_exception(o->s)))
		write_asked_address(o, machine_address_of_insn(o->s));
}

/* At a stub, which then ends the run. */
static void write_denied(struct file *o, const struct outcome *outcome)
{
	const struct bpf *bpf = &outcome->bpf;

	o->pushed = o->map->link == NO_REGISTER ? o->map->word : 0;
	o->called = true;
	for (unsigned i = 0; i < o->map->access_stubs_count && o->proof->emitter.labels; i++) {
		const struct access_stub *stub = &o->map->access_stubs[i];

		if (stub->bytes != bpf->size || stub->write != bpf->write ||
			(bpf->status == VOUCH_FAULT_ALIGN && !stub->atomic))
			continue;
		fprintf(o->f, "want has a stub end the run with status %u at pc %llu\n",
			bpf->status, (ull)value(o, bpf->pc));
		write_end(o, label_address(o, stub->label));
		write_related(o, outcome);
		write_asked(o, stub, bpf->address, bpf->pc);
		if (o->map->stub_pc == NO_REGISTER)
			write_vm(o,
				world_set_field(o->world, o->world->vm_bytes,
					VM_FAULT_PC(o->map->word), 4, bpf->pc),
				VM_FAULT_PC(o->map->word), VM_FAULT_PC(o->map->word) + 4);
	}
	o->pushed = 0;
	o->called = false;
}

static bool is_jump(const struct bpf_insn *insn)
{
	unsigned class = vouch_ops[insn->op].opcode & 7;

	return class == CLASS_JMP || class == CLASS_JMP32;
}

static void write_step(struct file *o)
{
	const struct simulation *s = o->s;
	const struct outcome *step = &o->step;
	unsigned slots = s->insn->imm2 ? 2 : 1;
	term next = bv_add_c(o->tc, o->world->pc, slots);
	struct outcome other = unchanged(o);

	if (step->result == BPF_NEXT) {
		write_next(o, step, !s->out_of_line && value(o, step->bpf.pc) == value(o, next));
	} else {
		write_exit(o, step);
		if (step->bpf.status == VOUCH_FAULT_MEMORY || step->bpf.status == VOUCH_FAULT_ALIGN)
			write_denied(o, step);
	}
	if (s->out_of_line)
		return;
	if (!is_jump(s->insn) && is_true(o, world_insn_beyond_context(o->world, s->insn))) {
		write_cold(o, &other, "with nothing done yet");
	} else if (is_jump(s->insn) && step->result == BPF_EXIT &&
		   step->bpf.status == VOUCH_FAULT_FUEL) {
		other.bpf.fuel = bv_sub(o->tc, o->world->fuel, bv_add_c(o->tc, o->world->used, 1));
		write_cold(o, &other, "to end the run for lack of fuel");
	}
}

static void write_no_fuel(const struct file *o)
{
	struct outcome outcome = unchanged(o);

	outcome.result = BPF_EXIT;
	outcome.bpf.status = VOUCH_FAULT_FUEL;
	write_exit(o, &outcome);
}

static void write_handover(const struct file *o)
{
	struct outcome outcome = unchanged(o);

	outcome.result = BPF_EXIT;
	outcome.bpf.status = STATUS_HANDOVER;
	write_exit(o, &outcome);
}

static void write_access(const struct file *o)
{
	const struct access_stub *stub = o->s->stub;
	term address = machine_stub_access(o->proof);
	bool aligned = !stub->atomic || value(o, address) % stub->bytes == 0;
	struct outcome outcome = unchanged(o);

	if (aligned && is_true(o, world_permitted(o->world, address, stub->bytes, stub->write))) {
		fprintf(o->f, "want permits the access\n");
		write_back(o, machine_stub_return(o->proof));
		write_related(o, &outcome);
		write_asked(o, stub, address, o->world->pc);
		return;
	}
	outcome.result = BPF_EXIT;
	outcome.bpf.status = aligned ? VOUCH_FAULT_MEMORY : VOUCH_FAULT_ALIGN;
	outcome.bpf.address = address;
	outcome.bpf.size = stub->bytes;
	outcome.bpf.write = stub->write;
	write_exit(o, &outcome);
}

/* At the head of a division's loop, after so many rounds. */
static void write_at_head(const struct file *o, const struct division_state *state, unsigned round)
{
	const struct divide_stub *stub = o->map->divide;
	const unsigned put_away[] = {stub->rest[0], stub->rest[1], stub->count};
	struct outcome outcome = unchanged(o);
	uint64_t head = value(o, o->s->chunk[0].base) + o->s->division->head;

	fprintf(o->f, "want has done %u rounds\n", round);
	write_end(o, head);
	for (unsigned n = 0; n < o->map->machine->registers; n++) {
		term t = machine_at_head(o->s, n, state, round);

		if (t)
			write_register(o, n, t, "");
	}
	for (unsigned i = 0; i < 3; i++)
		write_frame_word(o, stub->saved + 4 * i,
			machine_expected(o->proof, put_away[i], o->world->r, o->world->used,
				o->world->vm_bytes),
			"what was put away");
	write_beside(o, &outcome, o->world->vm_bytes);
}

/* Back at who called the stub. */
static void write_divided(const struct file *o, term result)
{
	const struct divide_stub *stub = o->map->divide;
	struct outcome outcome = unchanged(o);

	fprintf(o->f, "want returns the result\n");
	write_back(o, machine_stub_return(o->proof));
	write_related(o, &outcome);
	for (unsigned half = 0; half < 2; half++)
		write_register(o, stub->dividend[half],
			bv_extract(o->tc, 32 * half + 31, 32 * half, result),
			half ? "the result's upper half" : "the result's lower half");
}

/* The stub that divides, from its start or from the head of its loop. */
static void write_divide(const struct file *o)
{
	const struct division *d = o->s->division;
	struct division_state any = divide_any(o->tc), next;

	fprintf(o->f, "stop %llx\n", (ull)(value(o, o->s->chunk[0].base) + d->head));
	if (d->round == DIVIDE_ENTRY) {
		next = divide_first(o->tc, d);
		write_divided(o, bpf_divide(o->tc, d->is_signed, d->remainder,
					 divide_dividend(o->tc), divide_divisor(o->tc)));
	} else {
		next = divide_next(o->tc, d, &any, (unsigned)d->round);
	}
	if (d->round == DIVIDE_ROUNDS - 1)
		write_divided(o, divide_result(o->tc, d, &next));
	else
		write_at_head(o, &next, (unsigned)(d->round + 1));
}

static void write_enter(const struct file *o)
{
	struct outcome outcome = unchanged(o);

	if (o->s->claim == CLAIM_ENTER) {
		outcome.bpf.fuel = o->world->fuel;
		outcome.bpf.pc = bv_zext(o->tc, 32, bv_var(o->tc, "entry", 24));
	}
	write_next(o, &outcome, false);
}

static void write_guard(const struct file *o)
{
	struct outcome outcome = unchanged(o);

	if (is_true(o, o->s->tested))
		write_next(o, &outcome, true);
	else
		write_cold(o, &outcome, "because the group isn't in the context");
}

static void write_wanted(struct file *o)
{
	struct outcome outcome;

	switch (o->s->claim) {
	case CLAIM_STEP:
		write_step(o);
		break;
	case CLAIM_NO_FUEL:
		write_no_fuel(o);
		break;
	case CLAIM_ACCESS:
		write_access(o);
		break;
	case CLAIM_ENTER:
	case CLAIM_RESUME:
		write_enter(o);
		break;
	case CLAIM_HANDOVER:
		write_handover(o);
		break;
	case CLAIM_DIVIDE:
		write_divide(o);
		break;
	case CLAIM_GUARD:
		write_guard(o);
		break;
	case CLAIM_NOTHING:
		outcome = unchanged(o);
		outcome.bpf.pc = bv_add_c(o->tc, outcome.bpf.pc, 1);
		write_next(o, &outcome, true);
		break;
	}
}

/* ---- after: what the model says ---- */

/* Where a stub ends the run, the model has taken the return address already. */
static term register_at_end(const struct file *o, unsigned n)
{
	term t = machine_register(o->after, n);
	bool is_taken = o->notes->end == END_DENIED && o->map->link == NO_REGISTER;

	return is_taken && o->map->reg[n].role == ROLE_SP
	               ? bv_add_c(o->tc, t, (uint64_t)0 - o->map->word)
	               : t;
}

static void write_model(const struct file *o)
{
	const struct access_log *log = &o->notes->accesses;

	fprintf(o->f, "model the prover's model of the machine\n");
	write_end(o, value(o, o->after->options->machine->pc(o->after->state.machine)));
	if (o->notes->violation && o->notes->end == END_RETRY)
		fprintf(o->f, "endless\n");
	if (o->after->env.trapped)
		fprintf(o->f, "traps\n");
	if (o->after->forbidden && o->after->accessed)
		fprintf(o->f, "fault %llx\n", (ull)value(o, o->after->accessed));
	for (unsigned n = 0; n < o->map->machine->registers; n++)
		if (o->notes->end != END_DENIED || !is_overwritten_link(o, n))
			write_register(o, n, register_at_end(o, n), "");
	write_rest(o, o->after);
	for (unsigned i = 0; i < log->count; i++)
		fprintf(o->f, "touch %llx %x\n", (ull)value(o, log->at[i].address),
			log->at[i].bytes);
	write_objects(o, "holds", o->after);
	write_program_memory(o, "holds", o->notes->memory);
}

/* ---- all ---- */

static struct exec *at_start(const struct file *o)
{
	struct exec *exec = calloc(1, sizeof(*exec));

	if (!exec)
		abort();
	exec->tc = o->tc;
	exec->solver = o->proof->checker;
	exec->options = o->after->options;
	exec->client = o->after->client;
	exec->env = o->after->env;
	exec->env.user = exec;
	exec->options->machine->init(exec->state.machine, &exec->env);
	machine_start(exec, o->s);
	return exec;
}

char *witness_write(
	struct simulation *s, struct exec *exec, const struct assignment *values, const char *text)
{
	struct file o = {.s = s,
		.proof = s->proof,
		.tc = s->proof->tc,
		.world = &s->proof->world,
		.map = s->proof->emitter.map,
		.after = exec,
		.notes = machine_notes(exec),
		.values = values};
	char *all = NULL;
	size_t size;

	if ((s->claim == CLAIM_STEP && !make_step(&o, s->insn)) ||
		!(o.f = open_memstream(&all, &size)))
		return NULL;
	o.before = at_start(&o);
	add_accesses(&o, &o.notes->accesses);
	add_accesses(&o, &o.step.accesses);
	write_head(&o, o.map->name, s->proof->report->reason, text);
	write_before(&o);
	write_calls(&o);
	write_interrupts(&o);
	write_wanted(&o);
	write_model(&o);
	fclose(o.f);
	term_list_free(&o.before->conditions);
	free(o.before);
	return all;
}
