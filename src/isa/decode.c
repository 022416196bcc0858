/* SPDX-License-Identifier: MIT */
/*
 * opcodes.def as a table, and the way from a slot to its row. The first row of each opcode is found
 * by an index of 256 bytes; rows that share an opcode follow one another.
 */
#include "isa.h"

#define ROW(id, name, opcode, select, value, dst, src, off, imm, syntax) \
	{opcode, value, SELECT_##select, REG_##dst, REG_##src, OFF_##off, IMM_##imm},

const struct vouch_op_info vouch_ops[OP_COUNT] = {
#define INSN ROW
#define ALSO ROW
#include "opcodes.def"
};

/* One more than the first row of each opcode, 0 where there is none. */
static const uint8_t first_row[256] = {
#define INSN(id, name, opcode, ...) [opcode] = OP_##id + 1,
#define ALSO(...)
#include "opcodes.def"
};

_Static_assert(OP_COUNT < 256, "rows are numbered in bytes");

static int32_t selector(const struct vouch_insn *insn, unsigned select)
{
	switch (select) {
	case SELECT_OFF:
		return insn->off;
	case SELECT_IMM:
		return insn->imm;
	case SELECT_SRC:
		return (int32_t)vouch_src(insn);
	default:
		return 0;
	}
}

enum vouch_op vouch_decode(const struct vouch_insn *insn)
{
	unsigned row = first_row[insn->opcode];

	if (row == 0)
		return OP_INVALID;
	for (row--; row < OP_COUNT && vouch_ops[row].opcode == insn->opcode; row++)
		if (selector(insn, vouch_ops[row].select) == vouch_ops[row].value)
			return (enum vouch_op)row;
	return OP_INVALID;
}
