/* SPDX-License-Identifier: MIT */
/*
 * BPF for the rest of Vouch: names for the instructions of opcodes.def, what each does with its
 * fields, and how to find the instruction that a slot holds. Nothing here runs anything.
 */
#ifndef VOUCH_ISA_H
#define VOUCH_ISA_H

#include "vouch/vouch.h"

/* OP_add64_k, …: every instruction of the table, in its order. Instructions of one opcode are
 * neighbours. */
enum vouch_op {
#define INSN(id, ...) OP_##id,
#define ALSO(id, ...) OP_##id,
#include "opcodes.def"
	OP_COUNT,
	OP_INVALID = OP_COUNT
};

/* Instruction classes: the low three bits of an opcode. */
enum { CLASS_LD, CLASS_LDX, CLASS_ST, CLASS_STX, CLASS_ALU, CLASS_JMP, CLASS_JMP32, CLASS_ALU64 };

/* Opcodes that code outside the table has to know. */
enum {
	OPCODE_JA = 0x05,
	OPCODE_JA32 = 0x06,
	OPCODE_LDDW = 0x18,
	OPCODE_CALL = 0x85,
	OPCODE_CALLX = 0x8d,
	OPCODE_EXIT = 0x95
};

enum vouch_select { SELECT_NONE, SELECT_OFF, SELECT_IMM, SELECT_SRC };
enum vouch_reg_use { REG_NONE, REG_R, REG_W, REG_RW };
enum vouch_off_use { OFF_ZERO, OFF_SEL, OFF_MEM, OFF_JUMP };
enum vouch_imm_use { IMM_ZERO, IMM_SEL, IMM_VALUE, IMM_JUMP, IMM_HELPER, IMM_WIDE, IMM_OBJECT };

/* A row of opcodes.def without its strings: 4 bytes, because it is in every device's flash. */
struct vouch_op_info {
	uint8_t opcode;
	uint8_t value; /* of the selecting field */
	uint8_t select : 2, dst : 2, src : 2, off : 2;
	uint8_t imm;
};

extern const struct vouch_op_info vouch_ops[OP_COUNT];

/*
 * The instruction in a slot, told by the opcode and, where several share it, by the selecting
 * field. Other fields are not looked at. OP_INVALID if there is none.
 */
enum vouch_op vouch_decode(const struct vouch_insn *insn);

/* True for the instructions that take two slots. */
static inline bool vouch_is_wide(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_LDDW;
}

#endif
