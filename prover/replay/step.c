/* SPDX-License-Identifier: MIT */
/*
 * Where one instruction of RISC-V may lead, as a debugger has to know to step over it: code that
 * starts at a breakpoint (the head of a loop, say) has to be past its first instruction before that
 * is there. Only jumps and branches matter here, RISC-V unprivileged ISA chapters 2 and 16; this is
 * not the prover's model, which is what a replay is to check.
 */
#include "prover/replay/replay.h"

/* Bits of an instruction, from the highest to the lowest, put where they belong. */
static uint64_t bits(uint32_t insn, unsigned high, unsigned low, unsigned to)
{
	return (uint64_t)(insn >> low & ((1u << (high - low + 1)) - 1)) << to;
}

static uint64_t sign_extend(uint64_t value, unsigned width)
{
	uint64_t sign = (uint64_t)1 << (width - 1);

	return (value ^ sign) - sign;
}

static uint64_t branch_offset(uint32_t i)
{
	return sign_extend(
		bits(i, 31, 31, 12) | bits(i, 7, 7, 11) | bits(i, 30, 25, 5) | bits(i, 11, 8, 1),
		13);
}

static uint64_t jal_offset(uint32_t i)
{
	return sign_extend(bits(i, 31, 31, 20) | bits(i, 19, 12, 12) | bits(i, 20, 20, 11) |
				   bits(i, 30, 21, 1),
		21);
}

static uint64_t c_branch_offset(uint32_t i)
{
	return sign_extend(bits(i, 12, 12, 8) | bits(i, 6, 5, 6) | bits(i, 2, 2, 5) |
				   bits(i, 11, 10, 3) | bits(i, 4, 3, 1),
		9);
}

static uint64_t c_jump_offset(uint32_t i)
{
	return sign_extend(bits(i, 12, 12, 11) | bits(i, 8, 8, 10) | bits(i, 10, 9, 8) |
				   bits(i, 6, 6, 7) | bits(i, 7, 7, 6) | bits(i, 2, 2, 5) |
				   bits(i, 11, 11, 4) | bits(i, 5, 3, 1),
		12);
}

static unsigned one(uint64_t to[REPLAY_STEPS], uint64_t address)
{
	to[0] = address;
	return 1;
}

static unsigned two(uint64_t to[REPLAY_STEPS], uint64_t address, uint64_t other)
{
	to[0] = address;
	to[1] = other;
	return 2;
}

static unsigned step_compressed(
	uint32_t insn, uint64_t pc, const uint64_t *reg, uint64_t to[REPLAY_STEPS])
{
	uint64_t rs1 = bits(insn, 11, 7, 0), rs2 = bits(insn, 6, 2, 0);

	switch (insn & 0xe003) {
	case 0xa001: /* c.j */
		return one(to, pc + c_jump_offset(insn));
	case 0xc001: /* c.beqz */
	case 0xe001: /* c.bnez */
		return two(to, pc + 2, pc + c_branch_offset(insn));
	case 0x8002: /* c.jr, c.jalr; with rs2, c.mv and c.add */
		return one(to, rs1 && !rs2 ? reg[rs1] & ~(uint64_t)1 : pc + 2);
	default:
		return one(to, pc + 2);
	}
}

unsigned replay_step_rv64(
	uint32_t insn, uint64_t pc, const uint64_t *reg, uint64_t to[REPLAY_STEPS])
{
	if ((insn & 3) != 3)
		return step_compressed(insn & 0xffff, pc, reg, to);
	switch (insn & 0x7f) {
	case 0x63: /* branches */
		return two(to, pc + 4, pc + branch_offset(insn));
	case 0x6f: /* jal */
		return one(to, pc + jal_offset(insn));
	case 0x67: /* jalr */
		return one(
			to, (reg[bits(insn, 19, 15, 0)] + sign_extend(bits(insn, 31, 20, 0), 12)) &
				    ~(uint64_t)1);
	default:
		return one(to, pc + 4);
	}
}

unsigned replay_step_rv32(
	uint32_t insn, uint64_t pc, const uint64_t *reg, uint64_t to[REPLAY_STEPS])
{
	unsigned n = replay_step_rv64(insn, pc, reg, to);

	if ((insn & 0xe003) == 0x2001) /* c.jal, which is c.addiw on RV64 */
		to[0] = pc + c_jump_offset(insn);
	for (unsigned i = 0; i < n; i++)
		to[i] &= UINT32_MAX;
	return n;
}
