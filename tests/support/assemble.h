/* SPDX-License-Identifier: MIT */
/* Writing programs in tests, slot by slot. */
#ifndef VOUCH_TEST_ASSEMBLE_H
#define VOUCH_TEST_ASSEMBLE_H

#include "world.h"

/* A program under construction; more than PROGRAM_MAX slots are not kept. */
struct code {
	struct vouch_insn insns[PROGRAM_MAX];
	uint32_t count;
};

static inline void put(
	struct code *code, enum vouch_op op, unsigned dst, unsigned src, int16_t off, int32_t imm)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	struct vouch_insn insn = {.opcode = info->opcode, .off = off, .imm = imm};

	if (info->select == SELECT_OFF)
		insn.off = info->value;
	if (info->select == SELECT_IMM)
		insn.imm = info->value;
	if (info->select == SELECT_SRC)
		src = info->value;
	insn.regs = VOUCH_REGS(dst, src);
	if (code->count < PROGRAM_MAX)
		code->insns[code->count++] = insn;
}

/* dst = value, in two slots */
static inline void put_wide(struct code *code, unsigned dst, uint64_t value)
{
	put(code, OP_lddw, dst, 0, 0, (int32_t)(uint32_t)value);
	if (code->count < PROGRAM_MAX)
		code->insns[code->count++] =
			(struct vouch_insn){.imm = (int32_t)(uint32_t)(value >> 32)};
}

/* dst = address of byte `offset` of a data object */
static inline void put_object(struct code *code, unsigned dst, int32_t object, uint32_t offset)
{
	put(code, OP_lddw_object, dst, 0, 0, object);
	if (code->count < PROGRAM_MAX)
		code->insns[code->count++] = (struct vouch_insn){.imm = (int32_t)offset};
}

static inline void put_exit(struct code *code)
{
	put(code, OP_exit, 0, 0, 0, 0);
}

#endif
