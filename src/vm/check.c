/* SPDX-License-Identifier: MIT */
/*
 * The checker: what may run at all. It looks at each slot once, on its own and with the slots that
 * it names, so it needs no memory and its test of one instruction can be proved on its own. What it
 * accepts is exactly what the interpreter and the emitters assume about a program; nothing is
 * assumed about values at run time.
 */
#include "isa/isa.h"

static bool writes(unsigned use)
{
	return use == REG_W || use == REG_RW;
}

static enum vouch_status check_register(unsigned reg, unsigned use)
{
	if (use == REG_NONE)
		return reg == 0 ? VOUCH_OK : VOUCH_BAD_RESERVED;
	if (reg > 10 || (reg == 10 && writes(use)))
		return VOUCH_BAD_REGISTER;
	return VOUCH_OK;
}

/* A jump by `delta` slots from the one after pc. Second halves are the only slots with opcode 0. */
static enum vouch_status check_jump(const struct vouch_program *program, uint32_t pc, int32_t delta)
{
	int64_t target = (int64_t)pc + 1 + delta;

	if (target < 0 || target >= (int64_t)program->count)
		return VOUCH_BAD_JUMP;
	if (program->insns[target].opcode == 0)
		return VOUCH_BAD_JUMP_MIDDLE;
	return VOUCH_OK;
}

static enum vouch_status check_wide(const struct vouch_program *program, uint32_t pc, unsigned use)
{
	const struct vouch_insn *insn = &program->insns[pc], *second = insn + 1;

	if (pc + 1 >= program->count || second->opcode != 0)
		return VOUCH_BAD_WIDE;
	if (second->regs != 0 || second->off != 0)
		return VOUCH_BAD_RESERVED;
	if (use == IMM_OBJECT && (uint32_t)insn->imm >= VOUCH_DATA_MAX)
		return VOUCH_BAD_RELOCATION;
	return VOUCH_OK;
}

static enum vouch_status check_imm(const struct vouch_program *program, uint32_t pc, unsigned use,
	const vouch_helper *helpers, size_t nhelpers)
{
	const struct vouch_insn *insn = &program->insns[pc];
	uint32_t imm = (uint32_t)insn->imm;

	switch (use) {
	case IMM_ZERO:
		return imm == 0 ? VOUCH_OK : VOUCH_BAD_RESERVED;
	case IMM_JUMP:
		return check_jump(program, pc, insn->imm);
	case IMM_HELPER:
		if (nhelpers != VOUCH_ANY_HELPER && (imm >= nhelpers || !helpers[imm]))
			return VOUCH_BAD_HELPER;
		return VOUCH_OK;
	case IMM_WIDE:
	case IMM_OBJECT:
		return check_wide(program, pc, use);
	default:
		return VOUCH_OK;
	}
}

/* True if the slot after the instruction can be reached by running on. */
static bool falls_through(uint8_t opcode)
{
	return opcode != OPCODE_JA && opcode != OPCODE_JA32 && opcode != OPCODE_EXIT;
}

/* Subtypes of the 64-bit immediate that a loader should have replaced, RFC 9669 section 5.4. */
static bool is_unresolved(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_LDDW && vouch_src(insn) >= 1 && vouch_src(insn) <= 5;
}

static enum vouch_status check_insn(const struct vouch_program *program, uint32_t pc,
	const vouch_helper *helpers, size_t nhelpers)
{
	const struct vouch_insn *insn = &program->insns[pc];
	enum vouch_op op = vouch_decode(insn);
	const struct vouch_op_info *info;
	enum vouch_status status;

	if (op == OP_INVALID)
		return is_unresolved(insn) ? VOUCH_BAD_RELOCATION : VOUCH_BAD_OPCODE;
	info = &vouch_ops[op];
	status = check_register(vouch_dst(insn), info->dst);
	if (status == VOUCH_OK && info->select != SELECT_SRC)
		status = check_register(vouch_src(insn), info->src);
	if (status == VOUCH_OK && info->off == OFF_ZERO && insn->off != 0)
		status = VOUCH_BAD_RESERVED;
	if (status == VOUCH_OK && info->off == OFF_JUMP)
		status = check_jump(program, pc, insn->off);
	if (status == VOUCH_OK)
		status = check_imm(program, pc, info->imm, helpers, nhelpers);
	if (status == VOUCH_OK && falls_through(insn->opcode) &&
		pc + 1u + vouch_is_wide(insn) >= program->count)
		status = VOUCH_BAD_END;
	return status;
}

static enum vouch_status verdict(struct vouch_fault *fault, enum vouch_status status, uint32_t pc)
{
	if (fault)
		*fault = (struct vouch_fault){.status = status, .pc = pc};
	return status;
}

enum vouch_status vouch_check(const struct vouch_program *program, const vouch_helper *helpers,
	size_t nhelpers, struct vouch_fault *fault)
{
	if (!program->insns || (uintptr_t)program->insns % sizeof(struct vouch_insn) != 0)
		return verdict(fault, VOUCH_BAD_PROGRAM, 0);
	if (program->count == 0 || program->count > VOUCH_INSNS_MAX ||
		program->entry >= program->count)
		return verdict(fault, VOUCH_BAD_SIZE, program->entry);
	for (uint32_t pc = 0; pc < program->count; pc++) {
		enum vouch_status status = check_insn(program, pc, helpers, nhelpers);

		if (status != VOUCH_OK)
			return verdict(fault, status, pc);
		if (vouch_is_wide(&program->insns[pc]))
			pc++;
	}
	if (program->insns[program->entry].opcode == 0)
		return verdict(fault, VOUCH_BAD_JUMP_MIDDLE, program->entry);
	return verdict(fault, VOUCH_OK, 0);
}
