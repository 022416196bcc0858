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
} variants[] = {{"interp", "vouch_run", "vouch_region_find"},
	{"interp-small", "vouch_run_small", "vouch_region_find_small"}};

enum { ENTRY = OP_COUNT, ILLEGAL, OBLIGATIONS };

/* ---- the world ---- */

static void set_field(struct world *w, unsigned offset, unsigned bytes, term value)
{
	w->vm_bytes = world_set_field(w, w->vm_bytes, offset, bytes, value);
}

static void set_fuel_and_request(struct interpreter *in, term fuel, term request)
{
	struct world *w = &in->world;

	in->fuel_bytes = world_set_field(w, mem_var(in->c.tc, "vm_fuel"), VM_FUEL(8), 8, fuel);
	in->fault_bytes =
		world_set_field(w, mem_var(in->c.tc, "vm_fault"), VM_REQUEST(8), 4, request);
}

static void interpreter_init(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	struct world *w = &in->world;
	term high, low;

	world_init(w, tc, 8);
	in->insns = bv_var(tc, "insns", 64);
	in->result = bv_var(tc, "result", 64);
	set_field(w, VM_INSNS(8), 8, in->insns);
	set_field(w, VM_COUNT(8), 4, w->count);
	set_field(w, VM_ENTRY(8), 4, w->pc);
	set_fuel_and_request(in, w->fuel, bv_const(tc, 32, 0));
	for (size_t i = 0; i < w->assumptions.count; i++)
		compiled_assume(&in->c, w->assumptions.at[i]);
	/* What is left is none when more was spent than there is (now). */
	in->spent = bv_var(tc, "spent", 64);
	compiled_assume(&in->c, bv_ult(tc, in->spent, bv_const(tc, 64, UINT64_MAX)));
	w->used = term_ite(tc, bv_ult(tc, w->fuel, in->spent), w->fuel, in->spent);
	/* r10 by a name: what is known of a variable can be put into terms. */
	compiled_assume(&in->c, term_eq(tc, bv_var(tc, "r10", 64), w->r[10]));
	w->r[10] = bv_var(tc, "r10", 64);
	high = bv_var(tc, "next_opcode_high", 4);
	low = bv_var(tc, "next_opcode_low", 4);
	in->next_opcode = bv_concat(tc, high, low);
	in->next_word = bv_concat(tc, bv_var(tc, "next_fields", 56), in->next_opcode);
}

/* The same names for the registers that an instruction has, whichever they are: so what is asked of
 * one pair needs no asking of the next. */
static void name_registers(struct interpreter *in, unsigned dst, unsigned src)
{
	struct world *w = &in->world;

	for (unsigned i = 0; i < 10; i++) {
		char name[16];

		snprintf(name, sizeof(name),
			i == dst   ? "dst_value"
			: i == src ? "src_value"
				   : "r%u",
			i);
		w->r[i] = bv_var(in->c.tc, name, 64);
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

	for (unsigned i = 0; !in->entering && i < VOUCH_REGISTERS; i++)
		bytes = world_set_field(&in->world, bytes, VM_R(i), 8, in->world.r[i]);
	return bytes;
}

static term if_term(struct interpreter *in, term condition, uint64_t size)
{
	struct terms *tc = in->c.tc;

	return term_ite(tc, condition, bv_const(tc, 64, size), bv_const(tc, 64, 0));
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
			.from = VM_FUEL(8),
			.size = bv_const(tc, 64, VM_CONTEXT(8)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = in->fuel_bytes},
		{.name = "the vm",
			.base = w->vm,
			.from = VM_CONTEXT(8),
			.size = bv_const(tc, 64, VM_FAULT_STATUS(8)),
			.permissions = OBJECT_READ | OBJECT_WRITE,
			.contents = w->vm_bytes},
		{.name = "the vm's fault",
			.base = w->vm,
			.from = VM_FAULT_STATUS(8),
			.size = bv_const(tc, 64, VM_SIZE(8)),
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
			.size = bv_shl_c(tc, w->nhelpers, 3),
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
}

static void setup(struct exec *exec, void *user)
{
	struct interpreter *in = user;

	memset(exec->state.notes, 0, sizeof(exec->state.notes));
	interpreter_notes(exec)->memory = in->world.memory;
	add_objects(exec, in);
	compiled_enter(exec, &in->c);
	exec_rv(exec)->sc_succeeds = exec_may_succeed;
	if (in->entering) {
		*machine_x(exec, RV_A0) = in->world.vm;
		*machine_x(exec, RV_A0 + 1) = in->result;
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
	term distance = bv_sub(tc, offset, here);
	uint64_t at = term_is_const(distance) ? term_value(distance) : UINT64_MAX;
	term within;

	if (!in->entering && at <= 8u - bytes)
		return part_of(tc, in->word, at, bytes);
	if (!in->entering && in->second && at >= 8 && at <= 16u - bytes)
		return part_of(tc, in->second, at - 8, bytes);
	/* Slots are at multiples of 8. */
	within = bv_extract(tc, 2, 0, offset);
	at = term_is_const(within) ? term_value(within) : UINT64_MAX;
	offset = at ? bv_add_c(tc, offset, 0 - at) : offset;
	if (at > 8u - bytes || (notes->next && notes->next != offset)) {
		wrong(exec, "a load of instructions that no dispatch makes");
		return NULL;
	}
	notes->next = offset;
	return part_of(tc, in->next_word, at, bytes);
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
	term offset = bv_sub(exec->tc, address, in->insns);

	if (of_next_opcode(in, address))
		return dispatch_load(in, address, bytes);
	if (!term_mentions(offset, in->insns))
		return load_slot(exec, in, offset, bytes);
	if (!touch(exec, address, bytes, false))
		return NULL;
	return mem_load(exec->tc, notes->memory, address, bytes);
}

static bool store(struct exec *exec, term address, unsigned bytes, term value, void *user)
{
	struct interpreter *in = user;
	struct interpreter_notes *notes = interpreter_notes(exec);
	term offset = bv_sub(exec->tc, address, in->insns);

	if (of_next_opcode(in, address) || !term_mentions(offset, in->insns))
		return wrong(exec, "a store to the instructions");
	if (!touch(exec, address, bytes, true))
		return false;
	notes->memory = mem_write(exec->tc, notes->memory, address, bytes, value);
	return true;
}

/* ---- calls ---- */

static bool is_aligned(struct exec *exec)
{
	return term_is_value(bv_and_c(exec->tc, *machine_x(exec, RV_SP), 15), 0);
}

static enum exec_at violation(struct exec *exec, const char *what)
{
	wrong(exec, what);
	return EXEC_STOP;
}

/* vouch_region_find(), by its contract. */
static enum exec_at call_find(struct exec *exec, struct interpreter *in)
{
	const struct world *w = &in->world;
	const struct rv *rv = exec_rv(exec);
	const term *a = &rv->x[RV_A0];
	term found;

	if (interpreter_notes(exec)->finds_called || a[0] != w->regions || a[1] != w->nregions)
		return violation(exec, "vouch_region_find is called twice, or with another table");
	if (!is_aligned(exec))
		return violation(exec, "a call of C with the stack misaligned");
	interpreter_notes(exec)->finds_called = true;
	found = world_find(w, a[2], a[3], bv_trunc(exec->tc, 32, a[4]));
	compiled_return(exec, &in->c, "after_find", bv_from_bool(exec->tc, 64, found));
	return EXEC_LOOK;
}

/* A helper: unknown code of the host's. */
static enum exec_at call_helper(struct exec *exec, struct interpreter *in)
{
	const struct world *w = &in->world;
	const struct rv *rv = exec_rv(exec);
	struct exec_object *vm = &exec->state.object[OBJECT_VM];
	struct exec_object *fault = &exec->state.object[OBJECT_FAULT];

	if (interpreter_notes(exec)->helper_called)
		return violation(exec, "a helper is called twice");
	if (rv->x[RV_A0] != w->vm)
		return violation(exec, "a helper is called without its vm");
	for (unsigned i = 1; i <= 5; i++)
		if (rv->x[RV_A0 + i] != w->r[i])
			return violation(exec, "a helper gets other arguments than r1 to r5");
	if (!is_aligned(exec))
		return violation(exec, "a call of C with the stack misaligned");
	interpreter_notes(exec)->helper_called = true;
	vm->contents = world_vm_after_helper(w, vm->contents);
	fault->contents = world_set_field(w, fault->contents, VM_REQUEST(8), 4, w->helper_request);
	interpreter_notes(exec)->memory = w->helper_memory;
	compiled_return(exec, &in->c, "after_helper", w->helper_result);
	return EXEC_LOOK;
}

/* Is this where the pointer of the helper that the instruction names leads? */
static bool is_helper(struct exec *exec, struct interpreter *in, term pc)
{
	const struct world *w = &in->world;
	term id;

	if (in->entering || (in->insn.op != OP_call && in->insn.op != OP_callx))
		return false;
	id = in->insn.op == OP_call ? bv_zext(exec->tc, 64, in->insn.imm) : w->r[in->insn.dst];
	return pc == bv_and_c(exec->tc, world_helper(w, id), ~(uint64_t)1);
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
static bool is_retry(struct exec *exec, bool *lost)
{
	struct interpreter_notes *notes = interpreter_notes(exec);
	const struct rv *rv = exec_rv(exec);
	uint64_t pc = term_value(rv->pc);
	bool backward = pc < notes->last_pc, same = notes->looped;

	notes->last_pc = pc;
	if (!backward)
		return false;
	same = same && memcmp(notes->loop, rv, sizeof(*rv)) == 0;
	for (size_t i = 0; i <= exec->state.objects; i++) {
		term now = i ? exec->state.object[i - 1].contents : notes->memory;

		same = same && notes->loop_memory[i] == now;
		notes->loop_memory[i] = now;
	}
	*lost = same && !has_failed(exec, notes->loop_steps);
	notes->looped = true;
	notes->loop_steps = exec->state.steps;
	memcpy(notes->loop, rv, sizeof(*rv));
	return notes->retry = same;
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct interpreter *in = user;
	term pc = exec_rv(exec)->pc;
	bool lost = false;

	if (term_is_value(pc, in->find))
		return call_find(exec, in);
	if (term_is_const(pc)) {
		if (!is_retry(exec, &lost))
			return EXEC_STEP;
		return lost ? violation(exec, "a loop without an end") : EXEC_END;
	}
	if (compiled_returned(exec, &in->c) || of_next_opcode(in, pc))
		return EXEC_END;
	if (is_helper(exec, in, pc))
		return call_helper(exec, in);
	return violation(exec, "a jump to where no code is known");
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct interpreter *in = user;
	struct path path;
	bool ok;

	if (in->finding) {
		if (end == EXEC_ENDED && of_next_opcode(in, exec_rv(exec)->pc))
			dispatch_note(in, exec);
		else if (in->c.options->explain && exec->env.reason[0])
			fprintf(in->c.options->explain, "looking for what is kept: %s\n",
				exec->env.reason);
		return true;
	}
	path_begin(&path, &in->c, exec);
	path_explain(&path, end);
	if (end == EXEC_STOPPED)
		path_stopped(&path);
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
}

/* ---- obligations ---- */

/* The start of a run: nothing has been called, and what a run sets is anything. */
static void run_entry(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	struct world saved = in->world, *w = &in->world;
	term most = bv_const(tc, 64, UINT64_MAX - 1), fuel = bv_var(tc, "initial_fuel", 64);

	in->entering = true;
	w->depth = bv_const(tc, 3, 0);
	w->frame = w->top;
	set_field(w, VM_FRAME(8), 8, bv_var(tc, "initial_frame", 64));
	set_fuel_and_request(in, fuel, bv_var(tc, "initial_request", 32));
	w->fuel = term_ite(tc, bv_ult(tc, most, fuel), most, fuel);
	run(in);
	in->world = saved;
	in->entering = false;
	set_fuel_and_request(in, saved.fuel, bv_const(tc, 32, 0));
}

/* Opcodes that there is no instruction of. The checker refuses them; the interpreter, too. */
static void run_illegal(struct interpreter *in)
{
	struct terms *tc = in->c.tc;
	bool legal[256] = {false};

	for (unsigned op = 0; op < OP_COUNT; op++)
		legal[vouch_ops[op].opcode] = true;
	name_registers(in, VOUCH_REGISTERS, VOUCH_REGISTERS);
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
	name_registers(in, dst, src);
	if (!set_insn(in, op, dst, src))
		return;
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
		run_entry(in);
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

static void prove_interpreter(struct interpreter *in, unsigned which)
{
	interpreter_init(in);
	if (!dispatch_find(in, run_for_finding))
		return;
	in->dispatches = in->exits = 0;
	if (which == ENTRY)
		run_entry(in);
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
		fputs("  BPF     at the start of a run\n", f);
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
	in->find = image_address(options->image, v->find);
	if (compiled_init(&in->c, options, report, v->function)) {
		in->c.describe = describe;
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
		.variant = (unsigned)v};
	if (o->which < OP_COUNT)
		o->group = row_group((enum vouch_op)o->which);
	snprintf(o->name, sizeof(o->name), "%s/%s", o->target,
		o->which == ENTRY     ? "entry"
		: o->which == ILLEGAL ? "illegal"
				      : row_name((enum vouch_op)o->which));
	return true;
}

const struct theorem theorem_interpreter = {"interp", at_index, prove};
