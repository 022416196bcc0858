/* SPDX-License-Identifier: MIT */
/*
 * The driver that every target shares. Some passes measure, one writes. The writing pass puts every
 * instruction exactly where the table says, with nops where it needs less room than was measured,
 * and an instruction that needs more fails the compile. So what the emitter theorem assumes of the
 * offset table is checked for every program.
 */
#include "jit.h"

/* The first pass knows only upper bounds; after the second, hardly a jump is left that could be
 * shorter. */
#define MEASURING_PASSES 2

/* A device that compiles for itself alone leaves the others out: -DVOUCH_TARGETS='&vouch_thumb2'.
 */
#ifndef VOUCH_TARGETS
#define VOUCH_TARGETS &vouch_x86_64, &vouch_arm64, &vouch_rv64, &vouch_rv32, &vouch_thumb2
#endif
static const struct vouch_target *const targets[] = {VOUCH_TARGETS};

void jit_bytes(struct jit *jit, uint64_t bytes, unsigned n)
{
	if (jit->out) {
		if (n > jit->size - jit->pos) {
			jit_fail(jit, VOUCH_JIT_SPACE);
			return;
		}
		for (unsigned i = 0; i < n; i++)
			jit->out[jit->pos + i] = (uint8_t)(bytes >> 8 * i);
	}
	jit->pos += n;
}

const struct vouch_target *vouch_target_at(size_t index)
{
	return index < sizeof(targets) / sizeof(targets[0]) ? targets[index] : NULL;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct vouch_target *vouch_target_named(const char *name)
{
	for (size_t i = 0; vouch_target_at(i); i++)
		if (same(vouch_target_at(i)->name, name))
			return vouch_target_at(i);
	return NULL;
}

const char *vouch_target_name(const struct vouch_target *target)
{
	return target->name;
}

static void set_bit(uint32_t *bits, uint32_t pc)
{
	bits[pc / 32] |= 1u << pc % 32;
}

static bool is_chosen(const struct jit *jit, uint32_t pc)
{
	return !jit->chosen || jit_has_bit(jit->chosen, pc);
}

bool jit_has_target(const struct vouch_program *program, uint32_t pc, uint32_t *target)
{
	const struct vouch_insn *insn = &program->insns[pc];
	const struct vouch_op_info *info = &vouch_ops[vouch_decode(insn)];

	*target = jit_target(pc, info->imm == IMM_JUMP ? insn->imm : insn->off);
	return info->off == OFF_JUMP || info->imm == IMM_JUMP;
}

/* Mark what is jumped to, and what backward. */
static void find_targets(struct jit *jit)
{
	const struct vouch_program *program = jit->program;

	for (uint32_t i = 0; i <= program->count / 32; i++)
		jit->heads[i] = jit->targets[i] = 0;
	set_bit(jit->targets, program->entry);
	for (uint32_t pc = 0; pc < program->count; pc++) {
		uint32_t target;

		if (jit_has_target(program, pc, &target)) {
			set_bit(jit->targets, target);
			if (target <= pc)
				set_bit(jit->heads, target);
		}
		pc += vouch_is_wide(&program->insns[pc]);
	}
}

bool jit_goes_on(const struct vouch_insn *insn)
{
	enum vouch_op op = vouch_decode(insn);

	return op != OP_ja && op != OP_ja32 && op != OP_exit;
}

/* Mark where a chosen instruction may go: to the next and to its target. */
static void find_reached(struct jit *jit)
{
	const struct vouch_program *program = jit->program;

	for (uint32_t i = 0; i <= program->count / 32; i++)
		jit->reached[i] = 0;
	for (uint32_t pc = 0; pc < program->count; pc++) {
		bool wide = vouch_is_wide(&program->insns[pc]);
		uint32_t target;

		if (is_chosen(jit, pc) && jit_has_target(program, pc, &target))
			set_bit(jit->reached, target);
		if (is_chosen(jit, pc) && jit_goes_on(&program->insns[pc]))
			set_bit(jit->reached, pc + 1 + wide);
		pc += wide;
	}
}

/* If an exit is chosen, it may return to whatever follows a local call, chosen or not. */
static void find_returns(struct jit *jit)
{
	const struct vouch_program *program = jit->program;
	bool returns = false;

	for (uint32_t pc = 0; pc < program->count; pc++)
		returns |= program->insns[pc].opcode == OPCODE_EXIT && is_chosen(jit, pc);
	for (uint32_t pc = 0; returns && pc < program->count; pc++)
		if (vouch_decode(&program->insns[pc]) == OP_call_local)
			set_bit(jit->reached, pc + 1);
}

/* Loop heads start where the machine likes it; not in hybrid mode, where room is scarce. */
static void align(struct jit *jit, const struct vouch_target *target, uint32_t pc)
{
	uint32_t bytes = -jit->pos & (target->align - 1);

	if (bytes > 0 && !jit->chosen && jit_has_bit(jit->heads, pc))
		target->nops(jit, bytes);
}

/* The start of an instruction's part: recorded while measuring, kept to while writing. */
static void settle(struct jit *jit, const struct vouch_target *target, uint32_t *offset)
{
	if (!jit->out)
		*offset = jit->pos;
	else if (jit->pos < *offset)
		target->nops(jit, *offset - jit->pos);
	if (jit->pos != *offset)
		jit_fail(jit, VOUCH_JIT_OFFSETS);
}

/* A load, store or atomic: what is asked about groups. */
static bool is_memory(const struct jit *jit, uint32_t pc)
{
	unsigned class = jit->program->insns[pc].opcode & 7;

	return class == CLASS_LDX || class == CLASS_ST || class == CLASS_STX;
}

/* An instruction's code, or what hands over to the interpreter in its place, if code goes there. */
static void insn(struct jit *jit, const struct vouch_target *target, uint32_t pc)
{
	if (jit->program->insns[pc].opcode == 0)
		return;
	if (is_chosen(jit, pc)) {
		if (is_memory(jit, pc) && jit_enter(jit, target, pc))
			target->guard(jit, pc);
		target->insn(jit, pc);
	} else if (jit_has_bit(jit->reached, pc)) {
		target->handover(jit, pc);
	}
}

static void cold(struct jit *jit, const struct vouch_target *target, uint32_t pc)
{
	if (jit->program->insns[pc].opcode == 0 || !is_chosen(jit, pc))
		return;
	jit->test = TEST_OWN;
	if (is_memory(jit, pc) && jit_enter(jit, target, pc))
		jit_again(jit, target, pc);
	else if (target->cold && jit->test == TEST_OWN)
		target->cold(jit, pc);
}

/* One pass. *pc is where it stopped. */
static void pass(struct jit *jit, const struct vouch_target *target, uint32_t *pc)
{
	const struct vouch_program *program = jit->program;

	jit->pos = 0;
	jit->group.end = 0;
	if (jit->chosen)
		target->resume(jit);
	else
		target->prologue(jit);
	target->epilogue(jit);
	for (*pc = 0; *pc < program->count; ++*pc) {
		align(jit, target, *pc);
		settle(jit, target, &jit->offset[*pc]);
		/* Emitters may take it for granted that the next instruction is near. */
		if (jit->out &&
			jit->offset[*pc + 1] - jit->offset[*pc] > target->max_insn + target->align)
			jit_fail(jit, VOUCH_JIT_OFFSETS);
		insn(jit, target, *pc);
		if (jit->status != VOUCH_OK)
			return;
	}
	settle(jit, target, &jit->offset[program->count]);
	jit->group.end = 0;
	for (*pc = 0; *pc < program->count; ++*pc) {
		settle(jit, target, &jit->cold[*pc]);
		cold(jit, target, *pc);
		if (jit->status != VOUCH_OK)
			return;
	}
	settle(jit, target, &jit->cold[program->count]);
}

/* Upper bounds, so that the first pass already knows which jumps are surely short. */
static void guess_offsets(struct jit *jit, const struct vouch_target *target)
{
	uint32_t count = jit->program->count;

	for (uint32_t pc = 0; pc <= count; pc++) {
		jit->offset[pc] = target->max_frame + pc * (target->max_insn + target->align);
		jit->cold[pc] =
			target->max_frame + (count + pc) * (target->max_insn + target->align);
	}
}

static void measure(struct jit *jit, const struct vouch_target *target, struct vouch_code *code)
{
	jit->out = NULL;
	jit->status = VOUCH_OK;
	guess_offsets(jit, target);
	for (unsigned i = 0; i < MEASURING_PASSES && jit->status == VOUCH_OK; i++)
		pass(jit, target, &code->pc);
	code->size = jit->pos;
}

static void write(struct jit *jit, const struct vouch_target *target, void *buffer, size_t size,
	struct vouch_code *code)
{
	if (jit->status == VOUCH_OK && size < code->size)
		jit_fail(jit, VOUCH_JIT_SPACE);
	if (jit->status != VOUCH_OK)
		return;
	jit->out = buffer;
	jit->size = (uint32_t)code->size;
	pass(jit, target, &code->pc);
}

enum vouch_status vouch_compile(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, void *buffer, size_t size, uint32_t *scratch,
	struct vouch_code *code)
{
	return vouch_compile_chosen(target, features, program, NULL, buffer, size, scratch, code);
}

enum vouch_status vouch_compile_chosen(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, const uint32_t *chosen, void *buffer, size_t size,
	uint32_t *scratch, struct vouch_code *code)
{
	size_t table = (size_t)program->count + 1;
	struct jit jit = {.program = program,
		.features = features,
		.offset = scratch,
		.cold = scratch + table,
		.heads = scratch + 2 * table,
		.targets = scratch + 2 * table + VOUCH_CHOSEN_WORDS(program->count),
		.chosen = chosen,
		.reached = scratch + 2 * table + 2 * VOUCH_CHOSEN_WORDS(program->count)};
	struct vouch_fault fault;
	enum vouch_status status = vouch_check(program, NULL, VOUCH_ANY_HELPER, &fault);

	*code = (struct vouch_code){.pc = fault.pc};
	if (status != VOUCH_OK)
		return status;
	/* No sum of lengths overflows a signed 32-bit offset. */
	if (program->count >
		(INT32_MAX - target->max_frame) / 2 / (target->max_insn + target->align))
		return VOUCH_JIT_RANGE;
	find_targets(&jit);
	if (chosen) {
		find_reached(&jit);
		find_returns(&jit);
	}
	measure(&jit, target, code);
	if (jit.status == VOUCH_OK && target->reach != 0 && code->size > target->reach) {
		jit.far = true;
		measure(&jit, target, code);
	}
	if (!buffer)
		return (enum vouch_status)jit.status;
	write(&jit, target, buffer, size, code);
	if (jit.status == VOUCH_JIT_OFFSETS && !jit.far) {
		/* Alignment can move a target away again. With long jumps only, nothing depends on
		 * distances. */
		jit.far = true;
		measure(&jit, target, code);
		write(&jit, target, buffer, size, code);
	}
	return (enum vouch_status)jit.status;
}
