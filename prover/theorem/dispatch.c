/* SPDX-License-Identifier: MIT */
/*
 * What the compiled interpreter keeps from one dispatch to the next (interpreter.h): found by
 * looking at what each register and each slot of its frame is at the first one, in words of the VM;
 * and by running a few instructions, after which what isn't so any more is dropped. What is left is
 * no more than a guess that every instruction's proof has to confirm.
 */
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/interpreter.h"
#include "vm/layout.h"

/* ---- labels ---- */

bool of_next_opcode(const struct interpreter *in, term t)
{
	return term_made_of(t, 1, &in->next_opcode);
}

term dispatch_load(struct interpreter *in, term address, unsigned bytes)
{
	char name[24];

	snprintf(name, sizeof(name), "image_load%u", bytes);
	return term_apply(in->c.tc, name, SORT_BV, 8 * bytes, 1, &address);
}

static term image_constant(struct interpreter *in, uint64_t address, unsigned bytes)
{
	const struct segment *segment = image_segment(in->c.options->image, address, bytes);
	uint64_t value = 0;

	if (!segment || segment->writable)
		return NULL;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)segment->bytes[address - segment->address + i] << 8 * i;
	return bv_const(in->c.tc, 8 * bytes, value);
}

/* t with its loads of the image done, once their addresses are constant. */
static term with_constants(struct interpreter *in, term t)
{
	struct term_list all = {0};
	struct term_map *map = term_map_new();

	term_subterms(1, &t, &all);
	for (size_t i = 0; i < all.count; i++) {
		term value, load = all.at[i];

		if (load->op != TERM_APPLY || !term_is_const(load->arg[0]))
			continue;
		value = image_constant(in, term_value(load->arg[0]), load->width / 8u);
		if (value)
			term_map_put(map, load, value);
	}
	t = term_substitute(in->c.tc, t, map);
	term_map_free(map);
	term_list_free(&all);
	return t;
}

/* A term of the next opcode, for this one. */
static term for_opcode(struct interpreter *in, term t, uint8_t opcode)
{
	struct term_list variables = {0};
	struct term_map *map = term_map_new();

	term_variables(1, &in->next_opcode, &variables);
	for (size_t i = 0; i < variables.count; i++)
		term_map_put(map, variables.at[i],
			bv_const(in->c.tc, 4,
				variables.at[i] == in->next_opcode->arg[0] ? opcode >> 4u
									   : opcode & 15u));
	t = with_constants(in, term_substitute(in->c.tc, t, map));
	term_map_free(map);
	term_list_free(&variables);
	return t;
}

uint64_t dispatch_target(struct interpreter *in, uint8_t opcode)
{
	term target = for_opcode(in, in->dispatch.label, opcode);

	return term_is_const(target) ? term_value(target) : 0;
}

/* ---- what is held ---- */

static term stack_start(struct interpreter *in)
{
	struct world *w = &in->world;

	term low = world_field(w, w->vm_bytes, VM_STACK_LOW(w->word), w->word);

	return bv_zext(in->c.tc, 64, bv_add_c(in->c.tc, low, (uint64_t)0 - VOUCH_FRAME_SIZE));
}

static const char *const kind_name[KINDS] = {
	[KIND_VM] = "the vm",
	[KIND_RESULT] = "r0's address",
	[KIND_CHOSEN] = "the chosen instructions",
	[KIND_INSN] = "the instruction's address",
	[KIND_PC] = "pc",
	[KIND_OFFSET] = "the instruction's offset",
	[KIND_WORD] = "the instruction",
	[KIND_IMM] = "its immediate",
	[KIND_OFF] = "its offset",
	[KIND_OPCODE] = "its opcode",
	[KIND_LABEL] = "its label",
	[KIND_INSNS] = "the program's address",
	[KIND_USED] = "fuel spent",
	[KIND_STACK_START] = "the stack's start",
	[KIND_STACK_SIZE] = "the stack's size",
	[KIND_STACK_TOP] = "the stack's top",
	[KIND_CONTEXT] = "the context",
	[KIND_SP] = "the stack pointer",
	[KIND_C] = "C's",
	[KIND_CONSTANT] = "a constant",
};

/* As a word of the machine. */
static term value_of(struct interpreter *in, const struct holding *h, const struct moment *m)
{
	struct terms *tc = in->c.tc;
	struct world *w = &in->world;
	term value = NULL;

	switch (h->kind) {
	case KIND_VM:
		value = w->vm;
		break;
	case KIND_RESULT:
		value = in->result;
		break;
	case KIND_CHOSEN:
		value = in->chosen;
		break;
	case KIND_INSN:
		value = bv_add(tc, in->insns, m->offset);
		break;
	case KIND_PC:
		value = bv_lshr_c(tc, m->offset, 3);
		break;
	case KIND_OFFSET:
		value = m->offset;
		break;
	case KIND_WORD:
		value = m->word;
		break;
	case KIND_IMM:
		value = bv_sext(tc, 64, bv_extract(tc, 63, 32, m->word));
		break;
	case KIND_OFF:
		value = bv_sext(tc, 64, bv_extract(tc, 31, 16, m->word));
		break;
	case KIND_OPCODE:
		value = bv_zext(tc, 64, m->opcode);
		break;
	case KIND_LABEL:
		value = m->label;
		break;
	case KIND_INSNS:
		value = in->insns;
		break;
	case KIND_USED:
		value = m->used;
		break;
	case KIND_STACK_START:
		value = stack_start(in);
		break;
	case KIND_STACK_SIZE:
		value = bv_sub(tc, w->top, stack_start(in));
		break;
	case KIND_STACK_TOP:
		value = w->top;
		break;
	case KIND_CONTEXT:
		value = m->context;
		break;
	case KIND_SP:
		value = compiled_register(&in->c, in->c.cv->sp);
		break;
	case KIND_C:
		value = compiled_register(&in->c, h->n);
		break;
	default:
		value = bv_const(tc, 64, 0);
		break;
	}
	return bv_add_c(tc, bv_trunc(tc, compiled_bits(&in->c), value), h->plus);
}

static term context_now(struct interpreter *in, struct exec *exec)
{
	const struct world *w = &in->world;

	return bv_zext(in->c.tc, 64,
		world_field(
			w, exec->state.object[OBJECT_VM].contents, VM_CONTEXT(w->word), w->word));
}

/* Now, at a dispatch. */
static struct moment moment_now(struct interpreter *in, struct exec *exec, term used)
{
	return (struct moment){.offset = interpreter_notes(exec)->next,
		.used = used,
		.context = context_now(in, exec),
		.opcode = in->next_opcode,
		.word = in->next_word,
		.label = machine_pc(exec)};
}

/* ---- finding ---- */

static void add_holding(struct holdings *all, struct holding h)
{
	if (all->count < HOLDINGS_MAX)
		all->at[all->count++] = h;
}

/* May it differ by a constant? Addresses and sizes do; of other numbers it would be a coincidence.
 */
static bool may_differ(enum kind kind)
{
	return kind == KIND_VM || kind == KIND_INSN || kind == KIND_INSNS || kind == KIND_SP ||
	       kind == KIND_STACK_START || kind == KIND_STACK_SIZE || kind == KIND_STACK_TOP;
}

static void guess(struct interpreter *in, struct holdings *all, term value, const struct moment *m)
{
	all->count = 0;
	for (unsigned kind = 0; kind < KIND_CONSTANT; kind++)
		for (unsigned n = 1; n < (kind == KIND_C ? in->c.cv->machine->registers : 2); n++) {
			struct holding h = {.kind = (enum kind)kind, .n = n};
			term difference = bv_sub(in->c.tc, value, value_of(in, &h, m));

			if (!term_is_const(difference))
				continue;
			h.plus = term_value(difference);
			if (h.plus == 0 || may_differ(h.kind))
				add_holding(all, h);
		}
	if (term_is_const(value))
		add_holding(all, (struct holding){KIND_CONSTANT, 0, term_value(value)});
}

static void guess_all(struct interpreter *in, struct exec *exec, const struct moment *m)
{
	struct dispatch *d = &in->dispatch;

	d->label = m->label;
	for (unsigned n = in->c.cv->first; n < in->c.cv->machine->registers; n++)
		guess(in, &d->x[n], *machine_register(exec, n), m);
	for (unsigned n = 0; n < compiled_slots(&in->c); n++)
		guess(in, &d->slot[n], compiled_slot(exec, &in->c, n), m);
}

/* Drop what isn't so. All obligations have to be about the same guess, so that a solver that gives
 * up makes this one unknown. */
static void weaken(struct interpreter *in, struct path *path, struct holdings *all, term value,
	const struct moment *m)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < all->count; i++) {
		term expected = value_of(in, &all->at[i], m);
		int way = value == expected ? 1
		                            : path_decide(path, term_eq(in->c.tc, value, expected));

		if (way == 1)
			all->at[kept++] = all->at[i];
		else
			in->changed = true;
		if (way < 0)
			compiled_unknown(&in->c, "the solver gave up on what a dispatch keeps");
	}
	all->count = kept;
}

void dispatch_note(struct interpreter *in, struct exec *exec)
{
	struct dispatch *d = &in->dispatch;
	term used = bv_add_c(in->c.tc, in->spent, in->spends);
	struct moment m =
		moment_now(in, exec, interpreter_begins(in) ? bv_const(in->c.tc, 64, 0) : used);
	term depth = bv_sub(in->c.tc, compiled_register(&in->c, in->c.cv->sp),
		*machine_register(exec, in->c.cv->sp));
	struct path path;

	if (!m.offset)
		return;
	in->dispatches++;
	if (in->entering) {
		if (term_is_const(depth) && term_value(depth) <= FRAME_MAX)
			in->frame_size = term_value(depth);
		guess_all(in, exec, &m);
		return;
	}
	path_begin(&path, &in->c, exec);
	for (unsigned n = in->c.cv->first; n < in->c.cv->machine->registers; n++)
		weaken(in, &path, &d->x[n], *machine_register(exec, n), &m);
	for (unsigned n = 0; n < compiled_slots(&in->c); n++)
		weaken(in, &path, &d->slot[n], compiled_slot(exec, &in->c, n), &m);
	path_end(&path);
}

/*
 * One of each kind of handler: what these leave alone, the others do, or their proofs fail. Each
 * spends as much fuel on all its ways to the next dispatch: 1 for calls, else nothing.
 */
static const enum vouch_op samples[] = {OP_mov64_k, OP_sdiv64_x, OP_bswap64, OP_lddw, OP_ldxb,
	OP_stxdw, OP_stb, OP_atomic_fetch_add64, OP_atomic_and32, OP_atomic_cmpxchg64,
	OP_atomic_cmpxchg32, OP_call, OP_callx, OP_call_local, OP_exit};

static bool is_call(enum vouch_op op)
{
	return op == OP_call || op == OP_callx || op == OP_call_local;
}

bool dispatch_find(struct interpreter *in, void (*run)(struct interpreter *in, int op))
{
	FILE *explained = in->c.explained.f;

	in->finding = true;
	in->c.explained.f = NULL;
	in->c.frame_size = in->frame_size = FRAME_MAX;
	run(in, -1);
	in->c.frame_size = in->frame_size;
	run(in, -1);
	if (in->dispatches == 0)
		compiled_unknown(&in->c, "no dispatch found");
	for (unsigned round = 0; in->dispatches > 0 && round < 2 * HOLDINGS_MAX; round++) {
		in->changed = false;
		for (unsigned i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
			in->spends = is_call(samples[i]);
			run(in, (int)samples[i]);
		}
		if (!in->changed)
			break;
	}
	in->finding = false;
	in->c.explained.f = explained;
	in->c.report->paths = in->c.report->runs = 0;
	return in->c.report->verdict == VERDICT_PROVED;
}

/* ---- a dispatch ---- */

static term any(struct interpreter *in, const char *what, unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%u", what, n);
	return bv_var(in->c.tc, name, compiled_bits(&in->c));
}

void dispatch_enter(struct interpreter *in, struct exec *exec)
{
	struct terms *tc = in->c.tc;
	const struct dispatch *d = &in->dispatch;
	uint64_t target = dispatch_target(in, in->opcode);
	struct moment m = {.offset = bv_shl_c(tc, bv_zext(tc, 64, in->world.pc), 3),
		.used = in->spent,
		.context = context_now(in, exec),
		.opcode = bv_const(tc, 8, in->opcode),
		.word = in->word,
		.label = bv_const(tc, 64, target)};

	for (unsigned n = in->c.cv->first; n < in->c.cv->machine->registers; n++)
		*machine_register(exec, n) =
			d->x[n].count ? value_of(in, &d->x[n].at[0], &m) : any(in, "any_x", n);
	for (unsigned n = 0; n < compiled_slots(&in->c); n++)
		if (d->slot[n].count)
			compiled_set_slot(exec, &in->c, n, value_of(in, &d->slot[n].at[0], &m));
	machine_set_pc(exec, m.label);
}

static term held(
	struct interpreter *in, const struct holdings *h, const struct moment *m, const char **name)
{
	if (h->count == 0)
		return NULL;
	*name = kind_name[h->at[0].kind];
	return value_of(in, &h->at[0], m);
}

term dispatch_register(
	struct interpreter *in, unsigned n, const struct moment *m, const char **name)
{
	return held(in, &in->dispatch.x[n], m, name);
}

term dispatch_slot(struct interpreter *in, unsigned n, const struct moment *m, const char **name)
{
	return held(in, &in->dispatch.slot[n], m, name);
}

void dispatch_settle(struct interpreter *in, struct exec *exec, struct assignment *values)
{
	const struct convention *cv = in->c.cv;
	struct term_list all = {0};
	term pc = machine_pc(exec);

	for (unsigned n = cv->first; n < cv->machine->registers; n++)
		term_subterms(1, machine_register(exec, n), &all);
	term_subterms(1, &pc, &all);
	for (size_t i = 0; i < all.count; i++) {
		term load = all.at[i], element;
		u128 address;

		if (load->op != TERM_APPLY || strncmp(load->name, "image_load", 10) != 0)
			continue;
		address = term_evaluate(load->arg[0], values);
		element = image_constant(in, (uint64_t)address, load->width / 8u);
		if (element)
			assignment_set_apply(values, load->name, 1, &address, term_value(element));
	}
	term_list_free(&all);
}

bool dispatch_kept(struct interpreter *in, struct path *path, term used)
{
	const struct dispatch *d = &in->dispatch;
	struct exec *exec = path->exec;
	struct moment m = moment_now(in, exec, used);

	if (machine_pc(exec) != d->label)
		return path_holds(path, bool_const(in->c.tc, false),
			"the next instruction is found in another way");
	for (unsigned n = in->c.cv->first; n < in->c.cv->machine->registers; n++)
		if (d->x[n].count &&
			!path_equal(path, *machine_register(exec, n),
				value_of(in, &d->x[n].at[0], &m),
				"a register that is kept between instructions has changed"))
			return false;
	for (unsigned n = 0; n < compiled_slots(&in->c); n++)
		if (d->slot[n].count &&
			!path_equal(path, compiled_slot(exec, &in->c, n),
				value_of(in, &d->slot[n].at[0], &m),
				"what is kept on the stack between instructions has changed"))
			return false;
	return path->ok;
}
