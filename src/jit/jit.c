/* SPDX-License-Identifier: MIT */
/*
 * The driver that every target shares. It settles the offset of every instruction, writes the code, and checks
 * what the emitter theorem assumes: that each instruction starts where the table says. An emitter
 * whose passes disagree is caught here, for every program, and the compile fails.
 */
#include "jit.h"

/* Jumps shorten from pass to pass; almost every program settles in three. Beyond this, all jumps are long. */
#define MAX_PASSES 12

static const struct vouch_target *const targets[] = {&vouch_x86_64};

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

/* The start of a part of the code: recorded while measuring, compared while writing. */
static bool settle(struct jit *jit, uint32_t *entry)
{
	bool same_as_before = *entry == jit->pos;

	if (jit->out && !same_as_before)
		jit_fail(jit, VOUCH_JIT_OFFSETS);
	*entry = jit->pos;
	return same_as_before;
}

static bool is_head(const struct jit *jit, uint32_t pc)
{
	return jit->heads[pc / 32] >> pc % 32 & 1;
}

/* Mark the targets of backward jumps. */
static void find_heads(struct jit *jit)
{
	const struct vouch_program *program = jit->program;

	for (uint32_t i = 0; i <= program->count / 32; i++)
		jit->heads[i] = 0;
	for (uint32_t pc = 0; pc < program->count; pc++) {
		const struct vouch_insn *insn = &program->insns[pc];
		const struct vouch_op_info *info = &vouch_ops[vouch_decode(insn)];
		int32_t delta = info->off == OFF_JUMP ? insn->off : info->imm == IMM_JUMP ? insn->imm : 0;
		uint32_t head = jit_target(pc, delta);

		if (delta < 0)
			jit->heads[head / 32] |= 1u << head % 32;
		pc += vouch_is_wide(insn);
	}
}

/* Loop heads start where the machine likes it. */
static void align(struct jit *jit, const struct vouch_target *target, uint32_t pc)
{
	uint32_t bytes = -jit->pos & (target->align - 1);

	if (bytes > 0 && is_head(jit, pc))
		target->nops(jit, bytes);
}

/* One pass. Returns true if every offset is as it was. *pc is where it stopped. */
static bool pass(struct jit *jit, const struct vouch_target *target, uint32_t *pc)
{
	const struct vouch_program *program = jit->program;
	bool settled = true;

	jit->pos = 0;
	target->prologue(jit);
	target->epilogue(jit);
	for (*pc = 0; *pc < program->count && jit->status == VOUCH_OK; ++*pc) {
		align(jit, target, *pc);
		settled &= settle(jit, &jit->offset[*pc]);
		if (program->insns[*pc].opcode != 0)
			target->insn(jit, *pc);
	}
	if (jit->status == VOUCH_OK)
		settled &= settle(jit, &jit->offset[program->count]);
	for (*pc = 0; *pc < program->count && jit->status == VOUCH_OK; ++*pc) {
		settled &= settle(jit, &jit->cold[*pc]);
		if (target->cold && program->insns[*pc].opcode != 0)
			target->cold(jit, *pc);
	}
	if (jit->status == VOUCH_OK)
		settled &= settle(jit, &jit->cold[program->count]);
	return settled;
}

/* Upper bounds, so that the first pass already knows which jumps are surely short. */
static void guess_offsets(struct jit *jit, const struct vouch_target *target)
{
	uint32_t count = jit->program->count;

	for (uint32_t pc = 0; pc <= count; pc++) {
		jit->offset[pc] = target->max_frame + pc * (target->max_insn + target->align);
		jit->cold[pc] = target->max_frame + (count + pc) * (target->max_insn + target->align);
	}
}

static enum vouch_status measure(struct jit *jit, const struct vouch_target *target, struct vouch_code *code)
{
	find_heads(jit);
	guess_offsets(jit, target);
	while (!pass(jit, target, &code->pc)) {
		if (jit->status != VOUCH_OK)
			return (enum vouch_status)jit->status;
		jit->far = ++code->passes >= MAX_PASSES;
	}
	code->passes++;
	code->size = jit->pos;
	return (enum vouch_status)jit->status;
}

enum vouch_status vouch_compile(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, void *buffer, size_t size, uint32_t *scratch, struct vouch_code *code)
{
	struct jit jit = {.program = program,
		.features = features,
		.offset = scratch,
		.cold = scratch + program->count + 1,
		.heads = scratch + 2 * ((size_t)program->count + 1)};
	struct vouch_fault fault;
	enum vouch_status status = vouch_check(program, NULL, VOUCH_ANY_HELPER, &fault);

	*code = (struct vouch_code){.pc = fault.pc};
	if (status != VOUCH_OK)
		return status;
	/* Offsets are 32 bits wide; the check of the size keeps every sum of them from wrapping. */
	if (program->count > (INT32_MAX - target->max_frame) / 2 / (target->max_insn + target->align))
		return VOUCH_JIT_RANGE;
	status = measure(&jit, target, code);
	if (status != VOUCH_OK || !buffer)
		return status;
	if (size < code->size)
		return VOUCH_JIT_SPACE;
	jit.out = buffer;
	jit.size = (uint32_t)code->size;
	pass(&jit, target, &code->pc);
	code->passes++;
	return (enum vouch_status)jit.status;
}
