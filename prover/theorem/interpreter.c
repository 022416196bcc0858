/* SPDX-License-Identifier: MIT */
/*
 * The interpreter theorem (docs/prover.md): vouch_run(), as compiled. From a call it comes to its
 * first dispatch with the registers, frame and fuel of the start of a run. From a dispatch it does
 * exactly the step of the instruction there (prover/model/bpf.c), and comes to the next dispatch,
 * or back to C with the step's result and fault. An obligation is the start, an instruction with
 * all its registers, or all opcodes that there are none of.
 *
 * Every access lies in the vm, the function's frame, the records of BPF's calls, the table of
 * helpers, *r0 or the program's instructions, and has that object's permission; anything else is
 * an access to memory that is the program's, and has to be one that the step makes.
 *
 * vouch_region_find() is used by its contract (region.c). Helpers are unknown code: they get the vm
 * and r1 to r5, and leave what world.h says. Of the program nothing is taken for granted but what
 * the checker accepts (accepted.h).
 */
#include "prover/theorem/interpreter.h"

#include <stdlib.h>
#include <string.h>

#include "prover/theorem/rows.h"
#include "vm/layout.h"

static const struct variant {
	const char *target, *function, *find;
	bool fetches_once;
	uint64_t callees; /* bytes of stack for functions of its own */
	bool hybrid;
} variants[] = {{"interp", "vouch_run", "vouch_region_find", false, 0, false},
	{"interp-small", "vouch_run_small", "vouch_region_find_small", false, 0, false},
	{"interp-flash", "vouch_run_flash_small", "vouch_region_find_small", true, 96, false},
	{"interp-hybrid", "jit_interpret", "vouch_region_find", false, 0, true},
	{"interp-hybrid-flash", "vouch_hybrid_flash_small", "vouch_region_find_small", true, 96,
		true}};

enum { ENTRY = OP_COUNT, ILLEGAL, ACCESS, OBLIGATIONS };

/* ---- the world ---- */

static void set_field(struct world *w, unsigned offset, unsigned bytes, term value)
{
	w->vm_bytes = world_set_field(w, w->vm_bytes, offset, bytes, value);
}

static void set_fuel_and_request(struct interpreter *in, term fuel, term request)
{
	struct world *w = &in->world;

	in->fuel_bytes =
		world_set_field(w, mem_var(in->c.tc, "vm_fuel"), VM_FUEL(w->word), w->word, fuel);
	in->fault_bytes =
		world_set_field(w, mem_var(in->c.tc, "vm_fault"), VM_REQUEST(w->word), 4, request);
}

static void interpreter_init(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	struct world *w = &in->world;
	term high, low, r10;

	world_init(w, tc, in->c.cv->word);
	w->wide = true; /* as C says it: the obligation "access" */
	in->insns = compiled_pointer(&in->c, "insns", 8);
	in->result = compiled_pointer(&in->c, "result", 8);
	in->chosen = compiled_word(&in->c, "chosen");
	set_field(w, VM_INSNS(w->word), w->word, in->insns);
	set_field(w, VM_COUNT(w->word), 4, w->count);
	set_field(w, VM_ENTRY(w->word), 4, bv_var(tc, "entry", 32));
	set_fuel_and_request(in, w->fuel, bv_const(tc, 32, 0));
	for (size_t i = 0; i < w->assumptions.count; i++)
		compiled_assume(&in->c, w->assumptions.at[i]);
	/* vouch_init() sees to it that the stack doesn't wrap around. */
	compiled_assume(
		&in->c, bv_ule(tc, bv_shl_c(tc, bv_add_c(tc, bv_zext(tc, 64, w->last_depth), 1), 9),
				w->top));
	/* What is left is none when more was spent than there is (now). */
	in->spent = compiled_word(&in->c, "spent");
	compiled_assume(&in->c, bv_ult(tc, in->spent, bv_const(tc, 64, interpreter_word_max(in))));
	w->used = term_ite(tc, bv_ult(tc, w->fuel, in->spent), w->fuel, in->spent);
	/* r10 by a name: what is known of a variable can be put into terms. */
	r10 = compiled_word(&in->c, "r10");
	compiled_assume(&in->c, term_eq(tc, r10, w->r[10]));
	w->r[10] = r10;
	high = bv_var(tc, "next_opcode_high", 4);
	low = bv_var(tc, "next_opcode_low", 4);
	in->next_opcode = bv_concat(tc, high, low);
	in->next_word = bv_concat(tc, bv_var(tc, "next_fields", 56), in->next_opcode);
}

/* A product that is made of the halves' is known by them. */
static term register_variable(struct interpreter *in, const char *name, bool halves)
{
	char upper[24], lower[24];

	if (!halves)
		return bv_var(in->c.tc, name, 64);
	snprintf(upper, sizeof(upper), "%s_upper", name);
	snprintf(lower, sizeof(lower), "%s_lower", name);
	return bv_concat(in->c.tc, bv_var(in->c.tc, upper, 32), bv_var(in->c.tc, lower, 32));
}

/* The same names for the registers that an instruction has, whichever they are: so what is asked of
 * one pair needs no asking of the next. */
static void name_registers(struct interpreter *in, unsigned dst, unsigned src, bool halves)
{
	struct world *w = &in->world;

	for (unsigned i = 0; i < 10; i++) {
		char name[16];

		snprintf(name, sizeof(name),
			i == dst   ? "dst_value"
			: i == src ? "src_value"
				   : "bpf_r%u",
			i);
		w->r[i] = register_variable(in, name, halves);
	}
}

static term opcode_at(void *user, term pc, term delta)
{
	struct interpreter *in = user;
	const term argument[] = {pc, delta};

	return term_apply(in->c.tc, "opcode_at", SORT_BV, 8, 2, argument);
}

static term has_helper(void *user, term id)
{
	struct interpreter *in = user;

	return world_helper_exists(&in->world, id);
}

/* The instruction in question, with these registers, or this data object for src: false if the
 * checker accepts none. */
static bool set_insn(struct interpreter *in, enum vouch_op op, unsigned dst, unsigned src)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	struct terms *tc = in->c.tc;
	term off = info->off == OFF_ZERO  ? bv_const(tc, 16, 0)
	           : info->off == OFF_SEL ? bv_const(tc, 16, info->value)
	                                  : bv_var(tc, "off", 16);
	term imm = info->imm == IMM_ZERO     ? bv_const(tc, 32, 0)
	           : info->imm == IMM_SEL    ? bv_const(tc, 32, info->value)
	           : info->imm == IMM_OBJECT ? bv_const(tc, 32, src)
	                                     : bv_var(tc, "imm", 32);
	bool wide = info->imm == IMM_WIDE || info->imm == IMM_OBJECT;
	unsigned src_field = info->select == SELECT_SRC ? info->value : src;
	const term field[] = {imm, off, bv_const(tc, 4, src_field), bv_const(tc, 4, dst),
		bv_const(tc, 8, info->opcode)};
	const struct slot slot = {.tc = tc,
		.pc = in->world.pc,
		.count = in->world.count,
		.dst = field[3],
		.src = field[2],
		.off = off,
		.imm = imm,
		.second = bv_concat(tc, bv_var(tc, "imm2", 32), bv_const(tc, 32, 0)),
		.any_helper = bool_const(tc, false),
		.has_helper = has_helper,
		.opcode_at = opcode_at,
		.user = in};

	in->opcode = info->opcode;
	in->word = bv_concat_n(tc, 5, field);
	in->second = wide ? slot.second : NULL;
	in->insn = (struct bpf_insn){.op = op,
		.dst = dst,
		.src = src_field,
		.off = off,
		.imm = imm,
		.imm2 = wide ? bv_var(tc, "imm2", 32) : NULL};
	in->accepted = accepted_row(&slot, op);
	return !term_is_false(in->accepted);
}

/* ---- the start of a path ---- */

static term registers(struct interpreter *in)
{
	term bytes = mem_var(in->c.tc, "vm_registers");

	for (unsigned i = 0; !interpreter_begins(in) && i < VOUCH_REGISTERS; i++)
		bytes = world_set_field(&in->world, bytes, VM_R(i), 8, in->world.r[i]);
	return bytes;
}

static term if_term(struct interpreter *in, term condition, uint64_t size)
{
	struct terms *tc = in->c.tc;

	return term_ite(tc, condition, bv_const(tc, 64, size), bv_const(tc, 64, 0));
}

static term chosen_word(const struct interpreter *in, term index)
{
	return term_apply(in->c.tc, "chosen_word", SORT_BV, 32, 1, &index);
}

term interpreter_has_bit(const struct interpreter *in, term index, term pc)
{
	struct terms *tc = in->c.tc;
	term bits = chosen_word(in, index);

	return bool_from_bv(tc, bv_and_c(tc, bv_lshr(tc, bits, bv_and_c(tc, pc, 31)), 1));
}

term interpreter_is_chosen(const struct interpreter *in, term pc)
{
	return interpreter_has_bit(in, bv_lshr_c(in->c.tc, pc, 5), pc);
}

static term load_chosen(struct exec *exec, term offset, unsigned bytes)
{
	const struct interpreter *in = exec->client->user;
	struct interpreter_notes *notes = interpreter_notes(exec);

	if (bytes != 4 || !term_is_value(bv_and_c(exec->tc, offset, 3), 0)) {
		model_stop(&exec->env, "a load of something else than a word of bits");
		return NULL;
	}
	notes->chosen_loads++;
	notes->chosen_index = bv_trunc(exec->tc, 32, bv_lshr_c(exec->tc, offset, 2));
	return chosen_word(in, notes->chosen_index);
}

/* A bit for each slot of the program, in words. */
static struct exec_object chosen_object(const struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	term words = bv_add_c(tc, bv_lshr_c(tc, bv_zext(tc, 64, in->world.count), 5), 1);

	return (struct exec_object){.name = "the chosen instructions",
		.base = in->chosen,
		.size = bv_shl_c(tc, words, 2),
		.permissions = OBJECT_READ,
		.indexed = true,
		.load = load_chosen};
}

/* In the order of enum vm_object. */
static void add_objects(struct exec *exec, struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	struct world *w = &in->world;
	const struct exec_object objects[] = {
		{.name = "the vm's registers",
			.base = w->vm,
			.size = bv_const(tc, 64, VM_R(VOUCH_REGISTERS)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = registers(in)},
		{.name = "the vm's fuel",
			.base = w->vm,
			.from = VM_FUEL(w->word),
			.size = bv_const(tc, 64, VM_CONTEXT(w->word)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = in->fuel_bytes},
		{.name = "the vm",
			.base = w->vm,
			.from = VM_CONTEXT(w->word),
			.size = bv_const(tc, 64, VM_FAULT_STATUS(w->word)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = w->vm_bytes},
		{.name = "the vm's fault",
			.base = w->vm,
			.from = VM_FAULT_STATUS(w->word),
			.size = bv_const(tc, 64, VM_SIZE(w->word)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = in->fault_bytes},
		{.name = "the caller's record",
			.base = bv_add_c(tc, w->frame, (uint64_t)0 - FRAME_RECORD),
			.size = if_term(in, world_has_caller(w), FRAME_RECORD),
			.permissions = OBJECT_READ,
			.contents = w->records},
		{.name = "the next record",
			.base = w->frame,
			.size = if_term(in, world_has_room(w), FRAME_RECORD),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = mem_var(tc, "next_record")},
		{.name = "the helper table",
			.base = w->helpers,
			.size = bv_mul(tc, w->nhelpers, bv_const(tc, 64, w->word)),
			.permissions = OBJECT_READ,
			.indexed = true,
			.contents = w->helper_table},
		{.name = "*r0",
			.base = in->result,
			.size = if_term(in, bool_from_bv(tc, in->result), 8),
			.permissions = OBJECT_WRITE,
			.contents = mem_var(tc, "result_bytes")},
	};

	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
		exec_object_add(exec, objects[i]);
	if (in->hybrid)
		exec_object_add(exec, chosen_object(in));
}

static void setup(struct exec *exec, void *user)
{
	struct interpreter *in = user;
	struct next_argument next = {0};
	unsigned bits = compiled_bits(&in->c);

	memset(exec->state.notes, 0, sizeof(exec->state.notes));
	interpreter_notes(exec)->memory = in->world.memory;
	add_objects(exec, in);
	compiled_enter(exec, &in->c);
	in->c.cv->machine->set_succeeds(exec->state.machine, exec_may_succeed);
	if (in->entering) {
		convention_set_argument(
			exec, in->c.cv, &next, bv_trunc(exec->tc, bits, in->world.vm));
		if (in->hybrid)
			convention_set_argument(
				exec, in->c.cv, &next, bv_trunc(exec->tc, bits, in->chosen));
		convention_set_argument(
			exec, in->c.cv, &next, bv_trunc(exec->tc, bits, in->result));
	} else {
		dispatch_enter(in, exec);
		exec_assume(exec, in->accepted);
	}
	compiled_start(exec, &in->c);
}

/* ---- memory ---- */

static bool wrong(struct exec *exec, const char *what)
{
	interpreter_notes(exec)->wrong = exec->forbidden = true;
	return model_stop(&exec->env, "%s", what);
}

/* a - b in the machine's arithmetic */
static term distance(struct interpreter *in, term a, term b)
{
	struct terms *tc = in->c.tc;
	unsigned bits = compiled_bits(&in->c);

	return bv_zext(tc, 64, bv_sub(tc, bv_trunc(tc, bits, a), bv_trunc(tc, bits, b)));
}

/* Does the offset of an address in the program still have to do with where the program is? */
static bool is_outside(struct interpreter *in, term offset)
{
	return term_share_variables(offset, in->insns);
}

/* Some bytes of a slot. */
static term part_of(struct terms *tc, term word, uint64_t from, unsigned bytes)
{
	return bv_extract(tc, (unsigned)(8 * (from + bytes) - 1), (unsigned)(8 * from), word);
}

/* The program's instructions: this one, its second slot, or the next one. That it is the right one,
 * and in the program, is seen at the dispatch. */
static term load_slot(struct exec *exec, struct interpreter *in, term offset, unsigned bytes)
{
	struct interpreter_notes *notes = interpreter_notes(exec);
	struct terms *tc = exec->tc;
	term here = bv_shl_c(tc, bv_zext(tc, 64, in->world.pc), 3);
	term from_here = distance(in, offset, here);
	uint64_t at = term_is_const(from_here) ? term_value(from_here) : UINT64_MAX;
	term within;

	if (!in->entering && at <= 8u - bytes)
		return part_of(tc, in->word, at, bytes);
	if (!in->entering && in->second && at >= 8 && at <= 16u - bytes)
		return part_of(tc, in->second, at - 8, bytes);
	/* Slots are at multiples of 8. */
	within = bv_extract(tc, 2, 0, offset);
	at = term_is_const(within) ? term_value(within) : UINT64_MAX;
	offset = at ? distance(in, offset, bv_const(tc, 64, at)) : offset;
	if (at > 8u - bytes || (notes->next && notes->next != offset)) {
		wrong(exec, "a load of instructions that no dispatch makes");
		return NULL;
	}
	notes->next = offset;
	return part_of(tc, in->next_word, at, bytes);
}

/* Is it so on this path? */
static bool follows(struct exec *exec, struct interpreter *in, term claim)
{
	struct path path;
	bool yes;

	path_begin(&path, &in->c, exec);
	yes = path_decide(&path, claim) == 1;
	path_end(&path);
	return yes;
}

/*
 * Where words are shorter than BPF's registers, an access is at the lower half of the address that
 * was tested. It is the address if its upper half is zero, which those tests have shown.
 */
static term whole_address(struct exec *exec, struct interpreter *in, term address)
{
	const struct bpf_insn *insn = &in->insn;
	struct terms *tc = exec->tc;
	bool loads = (in->opcode & 7) == CLASS_LDX;
	term whole, from;

	if (in->c.cv->word == 8 || in->entering || in->finding || insn->op == OP_INVALID)
		return address;
	whole = bv_add(tc, in->world.r[loads ? insn->src : insn->dst], bv_sext(tc, 64, insn->off));
	from = distance(in, address, whole);
	if (!term_is_const(from) || term_value(from) >= 8)
		return address;
	whole = bv_add_c(tc, whole, term_value(from));
	return follows(exec, in, term_eq(tc, distance(in, whole, bv_const(tc, 64, 0)), whole))
	               ? whole
	               : address;
}

static bool touch(struct exec *exec, term address, unsigned bytes, bool write)
{
	struct interpreter_notes *notes = interpreter_notes(exec);

	if (notes->touches == TOUCHES_MAX)
		return wrong(exec, "more accesses than any step makes");
	notes->touch[notes->touches++] = (struct touch){address, (uint8_t)bytes, write};
	return true;
}

static term load(struct exec *exec, term address, unsigned bytes, void *user)
{
	struct interpreter *in = user;
	struct interpreter_notes *notes = interpreter_notes(exec);
	term offset = distance(in, address, in->insns);

	if (of_next_opcode(in, address))
		return dispatch_load(in, address, bytes);
	if (!is_outside(in, offset))
		return load_slot(exec, in, offset, bytes);
	address = whole_address(exec, in, address);
	if (!touch(exec, address, bytes, false))
		return NULL;
	return mem_load(exec->tc, notes->memory, address, bytes);
}

static bool store(struct exec *exec, term address, unsigned bytes, term value, void *user)
{
	struct interpreter *in = user;
	struct interpreter_notes *notes = interpreter_notes(exec);
	term offset = distance(in, address, in->insns);

	if (of_next_opcode(in, address) || !is_outside(in, offset))
		return wrong(exec, "a store to the instructions");
	address = whole_address(exec, in, address);
	if (!touch(exec, address, bytes, true))
		return false;
	notes->memory = mem_write(exec->tc, notes->memory, address, bytes, value);
	return true;
}

/* ---- calls ---- */

static bool is_aligned(struct exec *exec, const struct interpreter *in)
{
	term sp = *machine_register(exec, in->c.cv->sp);

	return term_is_value(bv_and_c(exec->tc, sp, in->c.cv->stack_alignment - 1), 0);
}

static enum exec_at violation(struct exec *exec, const char *what)
{
	wrong(exec, what);
	return EXEC_STOP;
}

/* C is called with these arguments. Where they aren't the same terms, the path ends. */
static bool is_called_with(struct exec *exec, unsigned count, const term *is, const term *should)
{
	struct terms *tc = exec->tc;
	term demand = bool_const(tc, true);

	for (unsigned i = 0; i < count; i++) {
		if (!is[i])
			return false;
		demand = bool_and(
			tc, demand, term_eq(tc, is[i], bv_trunc(tc, is[i]->width, should[i])));
	}
	interpreter_notes(exec)->demand = term_is_true(demand) ? NULL : demand;
	return term_is_true(demand);
}

bool interpreter_access(const struct interpreter *in, term asked[3])
{
	/* The size field of an opcode, bits 3 and 4, RFC 9669 section 5. */
	static const uint8_t bytes[4] = {4, 2, 1, 8};
	const struct bpf_insn *insn = &in->insn;
	struct terms *tc = in->c.tc;
	unsigned class = in->opcode & 7;
	bool write = class != CLASS_LDX;

	if (in->entering || insn->op == OP_INVALID ||
		(class != CLASS_LDX && class != CLASS_ST && class != CLASS_STX))
		return false;
	asked[0] =
		bv_add(tc, in->world.r[write ? insn->dst : insn->src], bv_sext(tc, 64, insn->off));
	asked[1] = bv_const(tc, 64, bytes[in->opcode >> 3 & 3]);
	asked[2] = bv_const(tc, 32, write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ);
	return true;
}

/* What a region permits it permits in parts: if `a` is part of `b`, and `b` is found, so is `a`. */
static term found_in_parts(const struct interpreter *in, const term *a, const term *b)
{
	struct terms *tc = in->c.tc;
	term offset = bv_sub(tc, a[0], b[0]), rest = bv_sub(tc, b[1], a[1]);
	term missing = bv_and(tc, a[2], bv_not(tc, b[2]));
	term inside = bool_and(tc, bv_ule(tc, a[1], b[1]), bv_ule(tc, offset, rest));
	term permitted =
		bool_and(tc, bool_from_bv(tc, a[1]), term_eq(tc, missing, bv_const(tc, 32, 0)));

	return bool_implies(tc,
		bool_and(tc, bool_and(tc, inside, permitted),
			world_find(&in->world, b[0], b[1], b[2])),
		world_find(&in->world, a[0], a[1], a[2]));
}

/* Answers to what the code asks and to what the step does are one table's. */
static void assume_table(struct exec *exec, const struct interpreter *in, const term *asked)
{
	term step[3];

	if (!interpreter_access(in, step))
		return;
	exec_assume(exec, found_in_parts(in, asked, step));
	exec_assume(exec, found_in_parts(in, step, asked));
}

/* vouch_region_find(), by its contract. */
static enum exec_at call_find(struct exec *exec, struct interpreter *in)
{
	const struct convention *cv = in->c.cv;
	const struct world *w = &in->world;
	const unsigned width[] = {convention_bits(cv), convention_bits(cv), 64, 64, 32};
	const term table[] = {w->regions, w->nregions};
	struct next_argument next = {0};
	term a[5], found;

	for (unsigned i = 0; i < 5; i++)
		a[i] = convention_argument(exec, cv, &next, width[i]);
	if (!a[2] || !a[3] || !a[4])
		return violation(exec, "vouch_region_find is called without its arguments");
	if (interpreter_notes(exec)->finds_called)
		return violation(exec, "vouch_region_find is called twice");
	if (!is_called_with(exec, 2, a, table))
		return violation(exec, "vouch_region_find is called with another table");
	if (!is_aligned(exec, in))
		return violation(exec, "a call of C with the stack misaligned");
	interpreter_notes(exec)->finds_called = true;
	found = world_find(w, a[2], a[3], a[4]);
	assume_table(exec, in, a + 2);
	convention_return(exec, cv, "after_find", next.stack);
	convention_set_result(exec, cv, bv_from_bool(exec->tc, convention_bits(cv), found));
	return EXEC_LOOK;
}

/* A helper: unknown code of the host's. */
static enum exec_at call_helper(struct exec *exec, struct interpreter *in)
{
	const struct world *w = &in->world;
	const term arguments[] = {w->vm, w->r[1], w->r[2], w->r[3], w->r[4], w->r[5]};
	struct exec_object *vm = &exec->state.object[OBJECT_VM];
	struct exec_object *fault = &exec->state.object[OBJECT_FAULT];
	struct next_argument next = {0};
	term is[6];

	for (unsigned i = 0; i < 6; i++)
		is[i] = convention_argument(exec, in->c.cv, &next, i ? 64 : compiled_bits(&in->c));
	if (interpreter_notes(exec)->helper_called)
		return violation(exec, "a helper is called twice");
	if (!is_called_with(exec, 6, is, arguments))
		return violation(exec, "a helper gets something else than its vm and r1 to r5");
	if (!is_aligned(exec, in))
		return violation(exec, "a call of C with the stack misaligned");
	interpreter_notes(exec)->helper_called = true;
	vm->contents = world_vm_after_helper(w, vm->contents);
	fault->contents =
		world_set_field(w, fault->contents, VM_REQUEST(w->word), 4, w->helper_request);
	interpreter_notes(exec)->memory = w->helper_memory;
	convention_return(exec, in->c.cv, "after_helper", next.stack);
	convention_set_result(exec, in->c.cv, w->helper_result);
	return EXEC_LOOK;
}

static term helper_of(const struct interpreter *in)
{
	const struct bpf_insn *insn = &in->insn;
	term id = insn->op == OP_call ? bv_zext(in->c.tc, 64, insn->imm) : in->world.r[insn->dst];

	return world_helper(&in->world, id);
}

/* A helper is a function: its pointer is one to code. */
static term leads_to_code(const struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	term pointer = helper_of(in), bit = bv_const(tc, 1, 1);

	return bool_or(tc, bool_not(tc, bool_from_bv(tc, pointer)),
		bool_or(tc, bool_const(tc, !in->c.cv->code_bit),
			term_eq(tc, bv_extract(tc, 0, 0, pointer), bit)));
}

/* Is this where the pointer of the helper that the instruction names leads? */
static bool is_helper(struct exec *exec, const struct interpreter *in, term pc)
{
	if (in->entering || (in->insn.op != OP_call && in->insn.op != OP_callx))
		return false;
	return pc == bv_zext(exec->tc, 64, bv_and_c(exec->tc, helper_of(in), ~(uint64_t)1));
}

/*
 * Division of 64 bits, where the machine has none: the Run-time ABI for the Arm Architecture's
 * functions, by what that says of them: quotient, then remainder, for a divisor that isn't zero and
 * a quotient that there is.
 */
static enum exec_at call_divide(struct exec *exec, struct interpreter *in, bool is_signed)
{
	const struct convention *cv = in->c.cv;
	struct terms *tc = exec->tc;
	struct next_argument next = {0};
	term n = convention_argument(exec, cv, &next, 64);
	term d = convention_argument(exec, cv, &next, 64);
	term most = bv_const(tc, 64, (uint64_t)1 << 63), minus_one = bv_const(tc, 64, UINT64_MAX);
	term overflows = bool_and(tc, term_eq(tc, n, most), term_eq(tc, d, minus_one));

	if (!follows(exec, in, bool_from_bv(tc, d)) ||
		(is_signed && !follows(exec, in, bool_not(tc, overflows))))
		return violation(exec, "a division that has no result");
	if (!is_aligned(exec, in))
		return violation(exec, "a call of C with the stack misaligned");
	convention_return(exec, cv, "after_divide", next.stack);
	convention_set_result(exec, cv, is_signed ? bv_sdiv(tc, n, d) : bv_udiv(tc, n, d));
	convention_set_second_result(exec, cv, is_signed ? bv_srem(tc, n, d) : bv_urem(tc, n, d));
	return EXEC_LOOK;
}

/* ---- a path ---- */

/* Has a store-conditional failed since that step? */
static bool has_failed(struct exec *exec, uint64_t since)
{
	for (size_t i = exec->conditions.count; i-- > 0;) {
		term t = exec->conditions.at[i];
		unsigned long long step;

		if (t->op == TERM_NOT && t->arg[0]->op == TERM_VAR &&
			sscanf(t->arg[0]->name, "sc_succeeds%llu", &step) == 1 && step >= since)
			return true;
	}
	return false;
}

/*
 * Back at a place where the machine was in this very state: a store-conditional that failed again.
 * That the hardware lets one succeed in the end is its manual's promise, and not proved here.
 * *lost: there was none, so it goes on like this for ever.
 */
static bool is_retry(struct exec *exec, const struct interpreter *in, bool *lost)
{
	struct interpreter_notes *notes = interpreter_notes(exec);
	const void *machine = exec->state.machine;
	size_t size = in->c.cv->machine->size;
	uint64_t pc = term_value(machine_pc(exec));
	bool backward = pc < notes->last_pc, same = notes->looped;

	notes->last_pc = pc;
	if (!backward)
		return false;
	same = same && memcmp(notes->loop, machine, size) == 0;
	for (size_t i = 0; i <= exec->state.objects; i++) {
		term now = i ? exec->state.object[i - 1].contents : notes->memory;

		same = same && notes->loop_memory[i] == now;
		notes->loop_memory[i] = now;
	}
	*lost = same && !has_failed(exec, notes->loop_steps);
	notes->looped = true;
	notes->loop_steps = exec->state.steps;
	memcpy(notes->loop, machine, size);
	return notes->retry = same;
}

static enum exec_at unsettled(struct exec *exec)
{
	return violation(exec, "an IT block is open, or interrupts are masked");
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct interpreter *in = user;
	term pc = machine_pc(exec);
	bool lost = false;

	if (in->fetches_once && interpreter_notes(exec)->next)
		return machine_is_settled(exec) ? EXEC_END : unsettled(exec);
	if (term_is_value(pc, in->find))
		return call_find(exec, in);
	if (in->divide[0] && term_is_value(pc, in->divide[0]))
		return call_divide(exec, in, false);
	if (in->divide[1] && term_is_value(pc, in->divide[1]))
		return call_divide(exec, in, true);
	if (term_is_const(pc)) {
		if (!is_retry(exec, in, &lost))
			return EXEC_STEP;
		interpreter_notes(exec)->endless = lost;
		return lost ? violation(exec, "a loop without an end") : EXEC_END;
	}
	if (!machine_is_settled(exec))
		return unsettled(exec);
	if (compiled_returned(exec, &in->c) || of_next_opcode(in, pc))
		return EXEC_END;
	if (is_helper(exec, in, pc))
		return call_helper(exec, in);
	return violation(exec, "a jump to where no code is known");
}

/* If what it stopped for was so after all, terms didn't say it: that proves nothing. */
static void stopped(struct path *path)
{
	term demand = interpreter_notes(path->exec)->demand;

	if (!demand)
		path_stopped(path);
	else if (path_possible(path) && path_holds(path, demand, path->exec->env.reason))
		compiled_unknown(path->c, path->exec->env.reason);
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct interpreter *in = user;
	struct path path;
	bool ok;

	if (in->finding) {
		if (end == EXEC_ENDED && interpreter_notes(exec)->next &&
			!compiled_returned(exec, &in->c))
			dispatch_note(in, exec);
		else if (in->c.options->explain && exec->env.reason[0])
			fprintf(in->c.options->explain, "looking for what is kept: %s\n",
				exec->env.reason);
		return true;
	}
	path_begin(&path, &in->c, exec);
	path_explain(&path, end);
	if (end == EXEC_STOPPED)
		stopped(&path);
	else if (!interpreter_notes(exec)->retry && (in->dispatches > 0 || path_possible(&path)))
		interpreter_compare(in, &path); /* of what is impossible, everything is true */
	ok = path.ok;
	path_end(&path);
	return ok;
}

static void run(struct interpreter *in)
{
	const struct exec_client client = {
		.user = in, .setup = setup, .at = at, .load = load, .store = store, .path = path};

	compiled_run(&in->c, &client, 1000);
	/* Of all registers, and opcodes, the first say enough. */
	if (!in->finding)
		in->c.explained.f = NULL;
}

/* ---- obligations ---- */

/* The start of a run: nothing has been called, and what a run sets is anything. */
static void run_entry(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	struct world saved = in->world, *w = &in->world;
	term most = bv_const(tc, 64, interpreter_word_max(in) - 1);
	term fuel = compiled_word(&in->c, "initial_fuel");

	in->entering = true;
	set_field(w, VM_ENTRY(w->word), 4, w->pc);
	w->depth = bv_const(tc, 3, 0);
	w->frame = w->top;
	set_field(w, VM_FRAME(w->word), w->word, compiled_word(&in->c, "initial_frame"));
	set_fuel_and_request(in, fuel, bv_var(tc, "initial_request", 32));
	w->fuel = term_ite(tc, bv_ult(tc, most, fuel), most, fuel);
	run(in);
	in->world = saved;
	in->entering = false;
	set_fuel_and_request(in, saved.fuel, bv_const(tc, 32, 0));
}

/* Where a hybrid run goes on: in any state that runs come to, at vm->fault.pc. */
static void run_resumed(struct interpreter *in)
{
	struct world *w = &in->world;
	term fuel = in->fuel_bytes, fault = in->fault_bytes;

	in->entering = true;
	in->fuel_bytes = world_set_field(w, fuel, VM_USED(w->word), w->word, in->spent);
	in->fault_bytes = world_set_field(w, fault, VM_FAULT_PC(w->word), 4, w->pc);
	run(in);
	in->fuel_bytes = fuel;
	in->fault_bytes = fault;
	in->entering = false;
}

static void run_entry_of_variant(struct interpreter *in)
{
	if (in->hybrid)
		run_resumed(in);
	else
		run_entry(in);
}

/* Opcodes that there is no instruction of. The checker refuses them; the interpreter, too. */
static void run_illegal(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	bool legal[256] = {false};

	for (unsigned op = 0; op < OP_COUNT; op++)
		legal[vouch_ops[op].opcode] = true;
	name_registers(in, VOUCH_REGISTERS, VOUCH_REGISTERS, false);
	in->insn = (struct bpf_insn){.op = OP_INVALID};
	in->accepted = bool_const(tc, true);
	in->second = NULL;
	for (unsigned i = 0; i < 256; i++) {
		in->opcode = (uint8_t)i;
		in->word = bv_concat(tc, bv_var(tc, "fields", 56), bv_const(tc, 8, i));
		if (!legal[i] && in->c.report->verdict == VERDICT_PROVED)
			run(in);
	}
	if (in->c.report->verdict == VERDICT_PROVED && in->exits == 0)
		compiled_refuted(&in->c, "it never refuses an opcode");
}

static void run_instance(struct interpreter *in, enum vouch_op op, unsigned dst, unsigned src)
{
	bool multiplies = op == OP_mul64_k || op == OP_mul64_x;

	name_registers(in, dst, src, multiplies && in->c.cv->word == 4);
	if (!set_insn(in, op, dst, src))
		return;
	if (op == OP_call || op == OP_callx)
		in->accepted = bool_and(in->c.tc, in->accepted, leads_to_code(in));
	/* What is known of the program; for exit, of where the caller goes on, too. */
	if (op == OP_exit) {
		term pc =
			mem_load(in->c.tc, in->world.records, bv_const(in->c.tc, 64, FRAME_PC), 4);

		in->accepted =
			bool_and(in->c.tc, in->accepted, bv_ult(in->c.tc, pc, in->world.count));
	}
	run(in);
}

/* For dispatch_find(): the start, or an instruction with any registers. */
static void run_for_finding(struct interpreter *in, int op)
{
	if (op < 0)
		run_entry_of_variant(in);
	else
		run_instance(in, (enum vouch_op)op, 0, 0);
}

static void prove_row(struct interpreter *in, enum vouch_op op)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	unsigned dsts = info->dst == REG_NONE ? 1 : VOUCH_REGISTERS;
	unsigned srcs = info->imm == IMM_OBJECT ? VOUCH_DATA_MAX
	                : info->src == REG_NONE ? 1
	                                        : VOUCH_REGISTERS;

	for (unsigned dst = 0; dst < dsts; dst++)
		for (unsigned src = 0; src < srcs && in->c.report->verdict == VERDICT_PROVED; src++)
			run_instance(in, op, dst, src);
}

/* What is permitted is the same for the interpreter, which asks it in 64 bits, as for compiled
 * code, which asks it in words of its machine. */
static void prove_access(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	term address = bv_var(tc, "address", 64);

	/* Hard, but only here. */
	solver_set_timeout(in->c.solver, 6 * in->c.options->solver.timeout_ms);
	for (unsigned i = 0; i < 8; i++) {
		struct world words = in->world;
		unsigned bytes = 1u << i / 2;
		bool write = i % 2;

		words.wide = false;
		compiled_follows(&in->c,
			term_eq(tc, world_permitted(&in->world, address, bytes, write),
				world_permitted(&words, address, bytes, write)),
			"an access is permitted in words of the machine, and not in 64 bits");
	}
}

static void prove_interpreter(struct interpreter *in, unsigned which)
{
	interpreter_init(in);
	if (which == ACCESS) {
		prove_access(in);
		return;
	}
	if (!dispatch_find(in, run_for_finding))
		return;
	in->dispatches = in->exits = 0;
	if (which == ENTRY)
		run_entry_of_variant(in);
	else if (which < OP_COUNT)
		prove_row(in, (enum vouch_op)which);
	else
		run_illegal(in);
	if (which != ILLEGAL && in->c.report->verdict == VERDICT_PROVED && in->dispatches == 0)
		compiled_refuted(&in->c, "it never comes to the next instruction");
}

/* For a counterexample. */
static void describe(const struct compiled *c, const struct assignment *model, FILE *f)
{
	/* It is the first member. */
	const struct interpreter *in = (const struct interpreter *)c;
	const struct bpf_insn *insn = &in->insn;

	if (in->entering) {
		fputs(in->hybrid ? "  BPF     where a run goes on\n"
				 : "  BPF     at the start of a run\n",
			f);
		return;
	}
	fprintf(f, "  BPF     opcode 0x%02x", in->opcode);
	if (insn->op != OP_INVALID)
		fprintf(f, ", dst r%u, src r%u, off %d, imm 0x%08x", insn->dst, insn->src,
			(int16_t)term_evaluate(insn->off, model),
			(uint32_t)term_evaluate(insn->imm, model));
	fprintf(f, ", at pc %u\n", (unsigned)term_evaluate(in->world.pc, model));
}

static void prove(
	const struct obligation *o, const struct prove_options *options, struct report *report)
{
	const struct variant *v = &variants[o->variant];
	struct interpreter *in = calloc(1, sizeof(*in));

	if (!in)
		abort();
	*report = (struct report){.verdict = VERDICT_PROVED};
	in->hybrid = v->hybrid;
	in->find = image_address(options->image, v->find);
	if (!in->find) /* all of the image is compiled for size */
		in->find = image_address(options->image, "vouch_region_find_small");
	in->fetches_once = v->fetches_once;
	in->divide[0] = image_address(options->image, "__aeabi_uldivmod");
	in->divide[1] = image_address(options->image, "__aeabi_ldivmod");
	if (compiled_init(&in->c, options, report, v->function)) {
		in->c.describe = describe;
		in->c.witness = &interpreter_witness;
		in->c.callees = v->callees;
		prove_interpreter(in, o->which);
	}
	world_free(&in->world);
	compiled_free(&in->c);
	free(in);
}

static bool at_index(const struct theorem *theorem, size_t index, struct obligation *o)
{
	size_t v = index / OBLIGATIONS;

	if (v >= sizeof(variants) / sizeof(variants[0]))
		return false;
	*o = (struct obligation){.group = "frame",
		.target = variants[v].target,
		.theorem = theorem,
		.which = (unsigned)(index % OBLIGATIONS),
		.function = variants[v].function,
		.variant = (unsigned)v};
	if (o->which < OP_COUNT)
		o->group = row_group((enum vouch_op)o->which);
	snprintf(o->name, sizeof(o->name), "%s/%s", o->target,
		o->which == ENTRY     ? "entry"
		: o->which == ILLEGAL ? "illegal"
		: o->which == ACCESS  ? "access"
				      : row_name((enum vouch_op)o->which));
	return true;
}

const struct theorem theorem_interpreter = {"interp", at_index, prove};
