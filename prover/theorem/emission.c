/* SPDX-License-Identifier: MIT */
/* See emission.h. */
#include "prover/theorem/emission.h"

#include <stdlib.h>
#include <string.h>

#include "prover/exec/convention.h"
#include "prover/theorem/layout.h"
#include "prover/theorem/rows.h"

/* The executor's memory map. Which addresses doesn't matter to the code. */
enum {
	RETURN = 0x10000000,
	STACK = 0x20000000,
	STACK_SIZE = 0x4000,
	JIT = 0x30000000,
	PROGRAM = 0x31000000,
	INSNS = 0x40000000
};

static void assume(struct emitter *e, term condition)
{
	term_list_add(&e->assumptions, condition);
	solver_assert(e->solver, condition);
}

void emitter_free(struct emitter *e)
{
	term_list_free(&e->assumptions);
}

static term c64(struct emitter *e, uint64_t value)
{
	return bv_const(e->tc, 64, value);
}

/* An offset in the code: less than 2^31, and a multiple of what code is made of. */
static term known_offset(struct emitter *e, const char *name)
{
	unsigned zeros = e->map->alignment / 2; /* 1, 2, 4 bytes: 0, 1, 2 bits */
	term high = bv_var(e->tc, name, 31 - zeros);

	if (zeros)
		high = bv_concat(e->tc, high, bv_const(e->tc, zeros, 0));
	return bv_zext(e->tc, 32, high);
}

static term add_entry(struct emitter *e, term pc, bool cold, term offset)
{
	if (e->entries == TABLE_MAX)
		return NULL;
	e->table[e->entries++] = (struct table_entry){pc, offset, cold};
	return offset;
}

term emitter_offset(struct emitter *e, term pc, bool cold)
{
	char name[32];

	for (unsigned i = 0; i < e->entries; i++)
		if (e->table[i].pc == pc && e->table[i].cold == cold)
			return e->table[i].offset;
	snprintf(name, sizeof(name), "%s_offset%u", cold ? "cold" : "code", e->entries);
	return add_entry(e, pc, cold, known_offset(e, name));
}

static uint64_t word_at(const struct image *image, uint64_t address, unsigned bytes)
{
	const struct segment *segment = image_segment(image, address, bytes);
	uint64_t value = 0;

	for (unsigned i = 0; segment && i < bytes; i++)
		value |= (uint64_t)segment->bytes[address - segment->address + i] << 8 * i;
	return value;
}

/* What the driver's table says of instruction pc, the one before which the code is, and the next.
 */
static void init_offsets(struct emitter *e)
{
	struct terms *tc = e->tc;
	term next, length;

	e->position = known_offset(e, "position");
	e->cold_position = known_offset(e, "cold_position");
	e->elsewhere = known_offset(e, "elsewhere");
	e->epilogue = known_offset(e, "epilogue");
	assume(e, bv_ule(tc, bv_const(tc, 32, e->map->prologue_min), e->epilogue));
	assume(e, bv_ule(tc, e->epilogue, bv_const(tc, 32, e->map->prologue_max)));
	next = known_offset(e, "next_position");
	length = bv_sub(tc, next, e->position);
	assume(e, bv_ule(tc, length, bv_const(tc, 32, e->layout.max_insn + e->layout.align)));
	add_entry(e, e->world->pc, false, e->position);
	add_entry(e, e->world->pc, true, e->cold_position);
	add_entry(e, bv_add_c(tc, e->world->pc, 1), false, next);
}

/* A field of the image's struct vouch_target, of which the host has `size` bytes at `offset`. */
static uint64_t target_field(const struct emitter *e, uint64_t target, size_t offset, size_t size)
{
	unsigned word = e->cv->word;

	return word_at(e->image, target + layout_offset(&layout_target, word, offset),
		layout_bytes(&layout_target, word, offset, size));
}

#define FIELD(e, target, name)                                       \
	target_field(e, target, offsetof(struct vouch_target, name), \
		sizeof(((struct vouch_target *)0)->name))

static void init_layout(struct emitter *e, uint64_t target)
{
	e->layout.word = (unsigned)FIELD(e, target, word);
	e->layout.max_insn = (uint32_t)FIELD(e, target, max_insn);
	e->layout.max_frame = (uint32_t)FIELD(e, target, max_frame);
	e->layout.align = (uint32_t)FIELD(e, target, align);
	e->function[PART_PROLOGUE] = FIELD(e, target, prologue);
	e->function[PART_RESUME] = FIELD(e, target, resume);
	e->function[PART_EPILOGUE] = FIELD(e, target, epilogue);
	e->function[PART_INSN] = FIELD(e, target, insn);
	e->function[PART_COLD] = FIELD(e, target, cold);
	e->function[PART_NOPS] = FIELD(e, target, nops);
	e->function[PART_HANDOVER] = FIELD(e, target, handover);
	e->function[PART_GUARD] = FIELD(e, target, guard);
}

bool emitter_init(struct emitter *e, struct terms *tc, struct solver *solver,
	const struct image *image, const struct refinement *map, const struct world *world,
	enum far far, char reason[160])
{
	uint64_t target = image_address(image, map->target);

	*e = (struct emitter){.tc = tc,
		.solver = solver,
		.image = image,
		.cv = convention_of(image),
		.map = map,
		.world = world,
		.far = far == FAR_EITHER ? bv_zext(tc, 8, bv_var(tc, "far", 1))
	                                 : bv_const(tc, 8, far)};
	if (!target) {
		snprintf(reason, 160, "the image has no target '%s'", map->target);
		return false;
	}
	init_layout(e, target);
	if ((FIELD(e, target, find_group) != 0) != map->groups) {
		snprintf(reason, 160, "the refinement map says otherwise of groups than '%s'",
			map->target);
		return false;
	}
	init_offsets(e);
	if (map->machine == &machine_arm64)
		e->immediate_function = image_address(image, "arm64_logical_immediate");
	return true;
}

/* Instructions */

/* A register field, with what the checker allows. */
static term register_field(struct emitter *e, const char *name, unsigned use)
{
	term field;

	if (use == REG_NONE)
		return NULL;
	field = bv_var(e->tc, name, 4);
	assume(e, bv_ule(e->tc, field, bv_const(e->tc, 4, use == REG_R ? 10 : 9)));
	return field;
}

/* A jump's target is an instruction of the program. */
static void assume_target(struct emitter *e, term delta)
{
	const struct world *w = e->world;
	term target = bv_add_c(e->tc, bv_add(e->tc, w->pc, bv_sext(e->tc, 32, delta)), 1);

	assume(e, bv_ult(e->tc, target, w->count));
}

struct emission_insn emitter_insn(struct emitter *e, enum vouch_op op)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	struct emission_insn insn = {.op = op};

	insn.dst = register_field(e, "dst", info->dst);
	if (info->select != SELECT_SRC)
		insn.src = register_field(e, "src", info->src);
	if (info->off == OFF_MEM || info->off == OFF_JUMP)
		insn.off = bv_var(e->tc, "off", 16);
	if (info->imm == IMM_OBJECT) {
		insn.object = bv_var(e->tc, "object", 4);
		assume(e, bv_ult(e->tc, insn.object, bv_const(e->tc, 4, VOUCH_DATA_MAX)));
		insn.imm = bv_zext(e->tc, 32, insn.object);
	} else if (info->imm != IMM_ZERO && info->imm != IMM_SEL)
		insn.imm = bv_var(e->tc, "imm", 32);
	if (info->imm == IMM_WIDE || info->imm == IMM_OBJECT)
		insn.imm2 = bv_var(e->tc, "imm2", 32);
	if (info->off == OFF_JUMP)
		assume_target(e, insn.off);
	if (info->imm == IMM_JUMP)
		assume_target(e, insn.imm);
	return insn;
}

struct emission_insn emitter_group(struct emitter *e)
{
	return (struct emission_insn){.op = OP_ldxdw,
		.src = register_field(e, "base", REG_W),
		.off = bv_var(e->tc, "off", 16)};
}

static term field_or(struct emitter *e, term field, unsigned width, uint64_t value)
{
	return field ? field : bv_const(e->tc, width, value);
}

/* Both slots, as bytes from offset 0. */
static term insn_bytes(struct emitter *e, const struct emission_insn *insn)
{
	const struct vouch_op_info *info = &vouch_ops[insn->op];
	term src = field_or(e, insn->src, 4, info->select == SELECT_SRC ? info->value : 0);
	term dst = field_or(e, insn->dst, 4, 0);
	term off = field_or(e, insn->off, 16, info->select == SELECT_OFF ? info->value : 0);
	term imm = field_or(e, insn->imm, 32, info->select == SELECT_IMM ? info->value : 0);
	const term slot[] = {imm, off, src, dst, bv_const(e->tc, 8, info->opcode)};
	term bytes = mem_var(e->tc, "insns");

	bytes = mem_write(e->tc, bytes, c64(e, 0), 8, bv_concat_n(e->tc, 5, slot));
	if (insn->imm2)
		bytes = mem_write(e->tc, bytes, c64(e, 8), 8,
			bv_concat(e->tc, insn->imm2, bv_const(e->tc, 32, 0)));
	return bytes;
}

/* Running the emitter */

struct run {
	struct emitter *e;
	enum part part;
	const struct emission_insn *insn;
	bool (*each)(const struct emission *emission, void *user);
	void *user;
	size_t jit, out; /* objects */
	term start;
};

static term set_field(struct emitter *e, term bytes, size_t offset, unsigned size, term value)
{
	return mem_write(e->tc, bytes, c64(e, offset), size, bv_trunc(e->tc, 8 * size, value));
}

static term features(struct emitter *e)
{
	term all = c64(e, e->map->features);
	char name[32];

	for (unsigned i = 0; e->map->optional_features >> i; i++) {
		snprintf(name, sizeof(name), "feature%u", i);
		if (e->map->optional_features >> i & 1)
			all = bv_or(e->tc, all,
				term_ite(e->tc, bool_var(e->tc, name), c64(e, 1u << i), c64(e, 0)));
	}
	return all;
}

/* Of struct jit, what the host has in `size` bytes at `offset`. */
static term set_jit(struct emitter *e, term bytes, size_t offset, size_t size, term value)
{
	unsigned word = e->cv->word;

	return set_field(e, bytes, layout_offset(&layout_jit, word, offset),
		layout_bytes(&layout_jit, word, offset, size), value);
}

/* A pointer to something of its own. */
static term pointer(struct emitter *e, const char *name)
{
	return bv_zext(e->tc, 64, bv_var(e->tc, name, convention_bits(e->cv)));
}

/* What the driver has in `struct jit` when it calls an emitter in the writing pass. */
static term jit_fields(struct run *run)
{
	struct emitter *e = run->e;
	term bytes = mem_var(e->tc, "jit");

#define SET(name, value) \
	bytes = set_jit( \
		e, bytes, offsetof(struct jit, name), sizeof(((struct jit *)0)->name), value)
	SET(program, c64(e, PROGRAM));
	SET(features, features(e));
	SET(out, e->measures ? c64(e, 0) : pointer(e, "out"));
	/* There is room. Where there is less, the driver refuses. */
	SET(size, bv_zext(e->tc, 64, bv_add_c(e->tc, run->start, CODE_MAX)));
	SET(pos, bv_zext(e->tc, 64, run->start));
	SET(offset, pointer(e, "offsets"));
	SET(cold, pointer(e, "cold_offsets"));
	SET(far, bv_zext(e->tc, 64, e->far));
	SET(status, c64(e, VOUCH_OK));
	if (run->insn && row_is_load_store(run->insn->op))
		SET(test, c64(e, e->test));
	if (run->part == PART_GUARD) {
		SET(group.base, bv_zext(e->tc, 64, run->insn->src));
		SET(group.off, bv_sext(e->tc, 64, run->insn->off));
		SET(group.lg, c64(e, e->group_lg));
		SET(group.write, c64(e, e->group_write));
	}
#undef SET
	for (unsigned i = 0; i < e->labels; i++)
		if (e->label[i] >= 0)
			bytes = set_jit(e, bytes, offsetof(struct jit, label) + 4 * i, 4,
				bv_add_c(e->tc, e->epilogue, (uint64_t)e->label[i]));
	return bytes;
}

static term load_offset(struct exec *exec, term offset, unsigned bytes, bool cold)
{
	struct run *run = exec->client->user;
	term index = bv_trunc(exec->tc, 32, bv_lshr_c(exec->tc, offset, 2)), entry;

	if (bytes != 4) {
		model_stop(&exec->env, "load of %u bytes from an offset table", bytes);
		return NULL;
	}
	entry = emitter_offset(run->e, index, cold);
	if (!entry)
		model_stop(&exec->env, "too many entries read from an offset table");
	return entry;
}

static term load_hot(struct exec *exec, term offset, unsigned bytes)
{
	return load_offset(exec, offset, bytes, false);
}

static term load_cold(struct exec *exec, term offset, unsigned bytes)
{
	return load_offset(exec, offset, bytes, true);
}

static void add_tables(struct exec *exec, struct emitter *e)
{
	term size = bv_shl_c(e->tc, bv_add_c(e->tc, bv_zext(e->tc, 64, e->world->count), 1), 2);
	struct exec_object table = {.name = "offsets",
		.base = pointer(e, "offsets"),
		.size = size,
		.permissions = OBJECT_READ};

	table.indexed = true;
	table.load = load_hot;
	exec_object_add(exec, table);
	table.name = "offsets of out-of-line parts";
	table.base = pointer(e, "cold_offsets");
	table.load = load_cold;
	exec_object_add(exec, table);
}

static size_t add_object(struct exec *exec, const char *name, term base, uint64_t size,
	unsigned permissions, term contents)
{
	return exec_object_add(exec, (struct exec_object){.name = name,
					     .base = base,
					     .size = bv_const(exec->tc, 64, size),
					     .permissions = permissions,
					     .contents = contents});
}

/* struct vouch_program: where its instructions are, and which of them is the first. */
static term program_fields(struct emitter *e, term entry)
{
	unsigned word = e->cv->word;
	term bytes = mem_var(e->tc, "program");

	bytes = set_field(e, bytes,
		layout_offset(&layout_program, word, offsetof(struct vouch_program, insns)), word,
		c64(e, INSNS));
	return set_field(e, bytes,
		layout_offset(&layout_program, word, offsetof(struct vouch_program, entry)), 4,
		entry);
}

static void add_objects(struct exec *exec, struct run *run, term out)
{
	struct emitter *e = run->e;
	unsigned word = e->cv->word;
	term entry = bv_zext(e->tc, 32, bv_var(e->tc, "entry", 24));

	exec_assume(exec, bv_ult(e->tc, entry, e->world->count));
	add_tables(exec, e);
	run->jit = add_object(exec, "jit", c64(e, JIT), layout_size(&layout_jit, word),
		OBJECT_READ | OBJECT_WRITE, jit_fields(run));
	run->out = add_object(exec, "code", bv_add(e->tc, bv_zext(e->tc, 64, run->start), out),
		CODE_MAX, OBJECT_WRITE, mem_var(e->tc, "emitted"));
	add_object(exec, "stack", c64(e, STACK - STACK_SIZE), STACK_SIZE,
		OBJECT_READ | OBJECT_WRITE, mem_var(e->tc, "stack"));
	add_object(exec, "program", c64(e, PROGRAM), layout_size(&layout_program, word),
		OBJECT_READ, program_fields(e, entry));
	if (run->insn)
		add_object(exec, "instructions",
			bv_add_c(
				e->tc, bv_shl_c(e->tc, bv_zext(e->tc, 64, e->world->pc), 3), INSNS),
			16, OBJECT_READ, insn_bytes(e, run->insn));
}

static void setup(struct exec *exec, void *user)
{
	struct run *run = user;
	struct emitter *e = run->e;
	const struct convention *cv = e->cv;
	unsigned bits = convention_bits(cv);
	term out = pointer(e, "out");
	struct next_argument next = {0};

	if (!e->measures)
		exec_assume(exec, term_ne(e->tc, out, c64(e, 0)));
	add_objects(exec, run, out);
	machine_set_pc(exec, c64(e, e->function[run->part] & ~(uint64_t)cv->code_bit));
	*machine_register(exec, cv->link) = bv_const(e->tc, bits, RETURN | cv->code_bit);
	*machine_register(exec, cv->sp) = bv_const(e->tc, bits, STACK);
	convention_set_argument(exec, cv, &next, bv_const(e->tc, bits, JIT));
	convention_set_argument(exec, cv, &next,
		run->part == PART_NOPS ? bv_const(e->tc, 32, e->nop_bytes) : e->world->pc);
}

static const struct immediate *immediate_of(struct emitter *e, term value, bool is64)
{
	struct immediate *added = &e->immediate[e->immediates];
	char name[32];

	for (unsigned i = 0; i < e->immediates; i++)
		if (e->immediate[i].value == value && e->immediate[i].is64 == is64)
			return &e->immediate[i];
	if (e->immediates == IMMEDIATES_MAX)
		return NULL;
	snprintf(name, sizeof(name), "granted%u", e->immediates);
	added->granted = bool_var(e->tc, name);
	snprintf(name, sizeof(name), "fields%u", e->immediates);
	added->fields = bv_zext(e->tc, 13, bv_var(e->tc, name, is64 ? 13 : 12));
	added->value = value;
	added->is64 = is64;
	e->immediates++;
	return added;
}

/*
 * arm64_logical_immediate(), by its contract (immediate.c): false, or true and fields that stand
 * for the value. Which of them, nobody knows here: they are variables. It is run as it is on
 * constants.
 */
static enum exec_at call_logical_immediate(struct exec *exec, struct emitter *e)
{
	const struct convention *cv = e->cv;
	struct next_argument next = {0};
	term value = convention_argument(exec, cv, &next, 64);
	term is64 = convention_argument(exec, cv, &next, 8);
	term at = convention_argument(exec, cv, &next, convention_bits(cv));
	const struct immediate *immediate;
	char unknowns[32];
	int way;

	if (term_is_const(value))
		return EXEC_STEP;
	immediate = term_is_const(is64) ? immediate_of(e, value, term_value(is64) & 1) : NULL;
	if (!immediate) {
		model_stop(&exec->env, "too many logical immediates, or of unknown width");
		return EXEC_STOP;
	}
	way = exec_decided(exec, immediate->granted);
	if (way < 0)
		return EXEC_FORK;
	if (!exec->env.store(&exec->env, at, 4,
		    way ? bv_zext(e->tc, 32, immediate->fields)
			: bv_var(e->tc, "refused_fields", 32)))
		return EXEC_STOP;
	snprintf(unknowns, sizeof(unknowns), "after_call%llu",
		(unsigned long long)exec->state.steps);
	convention_return(exec, cv, unknowns, 0);
	convention_set_result(exec, cv, bv_const(e->tc, 32, (uint64_t)way));
	return EXEC_LOOK;
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct run *run = user;
	uint64_t immediate = run->e->immediate_function & ~(uint64_t)run->e->cv->code_bit;

	if (immediate && machine_is_at(exec, immediate))
		return call_logical_immediate(exec, run->e);
	return machine_is_at(exec, RETURN) ? EXEC_END : EXEC_STEP;
}

static term jit_field(struct exec *exec, struct run *run, size_t offset)
{
	offset = layout_offset(&layout_jit, run->e->cv->word, offset);
	return mem_load(exec->tc, exec->state.object[run->jit].contents, c64(run->e, offset), 4);
}

static void read_labels(struct exec *exec, struct run *run, struct emission *emission)
{
	for (unsigned i = 0; i < JIT_LABELS; i++) {
		term label = jit_field(exec, run, offsetof(struct jit, label) + 4 * i);

		label = bv_sub(exec->tc, label, run->start);
		emission->label[i] = term_is_const(label) ? (int32_t)term_value(label) : -1;
	}
}

/* A variable that a condition leaves only one value. */
static void learn(struct terms *tc, struct term_map *facts, term condition)
{
	bool yes = condition->op != TERM_NOT;
	term t = yes ? condition : condition->arg[0], variable = t;

	if (t->op == TERM_EQ && term_is_const(t->arg[1]))
		variable = t->arg[0];
	if (variable->op != TERM_VAR)
		return;
	if (variable == t)
		term_map_put(facts, variable, bool_const(tc, yes));
	else if (yes)
		term_map_put(facts, variable, t->arg[1]);
	else if (variable->width == 1)
		term_map_put(facts, variable, bv_not(tc, t->arg[1]));
}

/* Where a compiler knows that `far` is 0, it may take it for a 0 of the code. */
static void read_bytes(struct exec *exec, struct run *run, struct emission *emission)
{
	struct term_map *facts = term_map_new();
	term code = exec->state.object[run->out].contents;

	for (size_t i = 0; i < exec->conditions.count; i++)
		learn(exec->tc, facts, exec->conditions.at[i]);
	for (unsigned i = 0; i < emission->size; i++)
		emission->byte[i] = term_substitute(
			exec->tc, mem_load(exec->tc, code, c64(run->e, i), 1), facts);
	term_map_free(facts);
}

static void read_code(struct exec *exec, struct run *run, struct emission *emission)
{
	term size = bv_sub(exec->tc, jit_field(exec, run, offsetof(struct jit, pos)), run->start);
	term status = jit_field(exec, run, offsetof(struct jit, status));

	if (!term_is_const(size) || term_value(size) > CODE_MAX || !term_is_const(status)) {
		emission->reason = "the length of the code, or the status, isn't constant";
		return;
	}
	emission->status = (uint32_t)term_value(status);
	emission->size = (unsigned)term_value(size);
	emission->ok = emission->status == VOUCH_OK;
	read_bytes(exec, run, emission);
	read_labels(exec, run, emission);
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct run *run = user;
	struct emission *emission = calloc(1, sizeof(*emission));
	bool more;

	if (!emission)
		abort();
	emission->start = run->start;
	emission->conditions = exec->conditions;
	if (end == EXEC_ENDED)
		read_code(exec, run, emission);
	else
		emission->reason = exec->env.reason;
	more = run->each(emission, run->user);
	free(emission);
	return more;
}

unsigned emitter_run(struct emitter *e, enum part part, const struct emission_insn *insn,
	bool (*each)(const struct emission *emission, void *user), void *user)
{
	const term start[PARTS] = {[PART_INSN] = e->is_elsewhere ? e->elsewhere : e->position,
		[PART_COLD] = e->cold_position,
		[PART_PROLOGUE] = bv_const(e->tc, 32, 0),
		[PART_RESUME] = bv_const(e->tc, 32, 0),
		[PART_EPILOGUE] = e->epilogue,
		[PART_NOPS] = e->position,
		[PART_HANDOVER] = e->position,
		[PART_GUARD] = e->position};
	struct run run = {.e = e,
		.part = part,
		.insn = insn,
		.each = each,
		.user = user,
		.start = start[part]};
	const struct exec_options options = {.machine = e->cv->machine, .image = e->image};
	const struct exec_client client = {.user = &run, .setup = setup, .at = at, .path = path};

	return exec_run(e->tc, e->solver, &options, &client);
}
