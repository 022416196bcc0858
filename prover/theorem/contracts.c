/* SPDX-License-Identifier: MIT */
/*
 * What is used by its contract: the stubs of the region test and of division, each with a theorem
 * of its own; vouch_region_find(), by region.c's; and helpers, of which nobody knows anything.
 */
#include "prover/theorem/machine.h"

#include "prover/theorem/divide.h"
#include "vm/layout.h"

const struct access_stub *machine_stub_at(struct exec *exec, struct simulation *s, term place)
{
	const struct emitter *e = &s->proof->emitter;
	const struct refinement *map = e->map;

	if (s->claim == CLAIM_ACCESS || s->claim == CLAIM_DIVIDE)
		return NULL; /* it is the one in question */
	for (unsigned i = 0; i < map->access_stubs_count && e->labels; i++) {
		int32_t label = e->label[map->access_stubs[i].label];

		if (label >= 0 &&
			place == machine_place(
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
			!same_bytes(exec->tc, frame, machine_native_frame(proof),
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
	return machine_as_step_has_it(exec, s, address);
}

/* Back from what was used by its contract. */
static enum exec_at go_to(struct exec *exec, struct proof *proof, term pointer)
{
	exec->options->machine->set_pc(exec->state.machine, machine_code_at(proof, pointer));
	return EXEC_LOOK;
}

/* What a stub has used is anything now: registers, flags, what is in the native frame. */
static void forget_after_stub(struct exec *exec, struct proof *proof, uint32_t clobbers)
{
	struct exec_object *frame = &exec->state.object[OBJECT_FRAME];

	for (unsigned n = 0; n < proof->emitter.map->machine->registers; n++)
		if (clobbers >> n & 1)
			set_register(exec, n, machine_named(proof, "after_stub", n));
	forget_flags(exec);
	frame->contents = machine_frame_after_stub(proof, frame->contents);
	machine_notes(exec)->frame_after_stub = frame->contents;
}

/* A stub of the region test, by its own theorem (CLAIM_ACCESS). */
enum exec_at machine_call_access_stub(
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
		return machine_violation(exec, "a stub is called for an access to the context");
	if (way > 0)
		way = exec_decided(exec, misaligned);
	if (way < 0)
		return EXEC_FORK;
	misalignment = way;
	way = way == 1 ? 0 : exec_decided(exec, permitted);
	if (way < 0)
		return EXEC_FORK;
	back = machine_take_return_address(exec, map);
	if (!back || !keeps_state(exec, proof))
		return machine_violation(
			exec, "a stub is called in a state that it isn't made for");
	restore_link(exec, proof);
	if (way == 0)
		return denied(exec, misalignment ? VOUCH_FAULT_ALIGN : VOUCH_FAULT_MEMORY);
	machine_grant(exec, s, stub, address);
	forget_after_stub(exec, proof, map->stub_clobbers);
	machine_forget_fields(exec, proof);
	return go_to(exec, proof, back);
}

/* Which kind of division, by the label; -1: it is none. */
int machine_divide_stub_at(struct simulation *s, term place)
{
	const struct emitter *e = &s->proof->emitter;
	const struct divide_stub *stub = e->map->divide;

	if (!stub || !e->labels || s->claim == CLAIM_DIVIDE)
		return -1;
	for (int kind = 0; kind < (stub->labels_of_kinds ? 4 : 1); kind++)
		if (place == machine_place(s, bv_add_c(s->proof->tc, e->epilogue,
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
enum exec_at machine_call_divide_stub(struct exec *exec, struct simulation *s, int kind)
{
	struct proof *proof = s->proof;
	const struct divide_stub *stub = proof->emitter.map->divide;
	term back = machine_take_return_address(exec, proof->emitter.map), result;

	machine_notes(exec)->divide_label = stub->label + (unsigned)kind;
	if (!stub->labels_of_kinds)
		kind = kind_by_arguments(exec, stub);
	if (kind < 0 || !keeps_state(exec, proof))
		return machine_violation(
			exec, "a stub is called in a state that it isn't made for");
	restore_link(exec, proof);
	result = bpf_divide(exec->tc, kind & 2, kind & 1, get_pair(exec, stub->dividend),
		get_pair(exec, stub->divisor));
	machine_notes(exec)->divided = result;
	forget_after_stub(exec, proof, stub->clobbers);
	set_register(exec, stub->dividend[0], bv_trunc(exec->tc, 32, result));
	set_register(exec, stub->dividend[1], bv_extract(exec->tc, 63, 32, result));
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
	term back = machine_take_return_address(exec, map);

	if (!back)
		return machine_violation(exec, "C is called without a return address");
	for (unsigned n = 0; n < map->machine->registers; n++)
		if (map->caller_saved >> n & 1)
			set_register(exec, n,
				machine_named(
					proof, notes->calls ? "after_call2_" : "after_call", n));
	forget_flags(exec);
	machine_forget_below_sp(exec, map);
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
	term sp = bv_add_c(exec->tc, get_register(exec, machine_sp_register(map)), pushed);
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
		machine_in_frame(proof, at - MACHINE_REGISTERS), proof->emitter.map->word);
}

/* The next one of 64 bits: a word, or two. */
static term next_argument64(struct exec *exec, struct proof *proof, const unsigned **word)
{
	term low = next_argument(exec, proof, word);

	return low->width == 64 ? low : bv_concat(exec->tc, next_argument(exec, proof, word), low);
}

/* vouch_region_find(), by its contract. */
enum exec_at machine_call_find(struct exec *exec, struct proof *proof)
{
	const struct world *w = &proof->world;
	const unsigned *word = proof->emitter.map->find_argument;
	term address, size, found;

	if (next_argument(exec, proof, &word) != machine_word(proof, w->regions) ||
		next_argument(exec, proof, &word) != machine_word(proof, w->nregions))
		return machine_violation(exec, "vouch_region_find is called with another table");
	if (forbids_c(exec, proof))
		return machine_violation(exec, forbids_c(exec, proof));
	address = next_argument64(exec, proof, &word);
	size = next_argument64(exec, proof, &word);
	found = world_find(
		w, address, size, bv_trunc(exec->tc, 32, next_argument(exec, proof, &word)));
	machine_notes(exec)->found = found;
	return return_from_c(exec, proof, machine_c_bool(proof, found));
}

/* A helper: unknown code of the host's. It gets vm and r1 to r5. */
enum exec_at machine_call_helper(struct exec *exec, struct proof *proof)
{
	const struct world *w = &proof->world;
	const unsigned *word = proof->emitter.map->argument;
	struct machine_notes *notes = machine_notes(exec);
	struct exec_object *vm = &exec->state.object[OBJECT_VM];

	if (notes->helper_called)
		return machine_violation(exec, "a helper is called twice");
	if (next_argument(exec, proof, &word) != machine_word(proof, w->vm))
		return machine_violation(exec, "a helper is called without its vm");
	for (unsigned i = 1; i <= 5; i++)
		if (next_argument64(exec, proof, &word) != w->r[i])
			return machine_violation(
				exec, "a helper gets other arguments than r1 to r5");
	if (forbids_c(exec, proof))
		return machine_violation(exec, forbids_c(exec, proof));
	notes->helper_called = true;
	vm->contents = world_vm_after_helper(w, vm->contents);
	notes->memory = w->helper_memory;
	return return_from_c(exec, proof, w->helper_result);
}

/* Is this where the pointer of the helper that the instruction names leads? */
bool machine_is_helper(struct exec *exec, struct simulation *s, term pc)
{
	const struct world *w = &s->proof->world;
	term id, pointer, even;

	if (!s->insn || (s->insn->op != OP_call && s->insn->op != OP_callx))
		return false;
	id = s->insn->op == OP_call ? bv_zext(exec->tc, 64, s->insn->imm) : w->r[s->insn->dst];
	pointer = bv_zext(exec->tc, 64, world_helper(w, id));
	even = bv_and_c(exec->tc, pointer, ~(uint64_t)1); /* a jump of RISC-V leaves out bit 0 */
	return pc == pointer || machine_is_resolved(s, pc, even) ||
	       machine_is_resolved(s, pc, pointer);
}
