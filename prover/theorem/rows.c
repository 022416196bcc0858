/* SPDX-License-Identifier: MIT */
/* See rows.h. */
#include "prover/theorem/rows.h"

static const char *const name[OP_COUNT] = {
#define INSN(id, name, ...) name,
#define ALSO(id, name, ...) name,
#include "isa/opcodes.def"
};

const char *row_name(enum vouch_op op)
{
	return name[op];
}

bool row_is_call(enum vouch_op op)
{
	return op == OP_call || op == OP_callx || op == OP_call_local || op == OP_exit;
}

bool row_is_atomic(enum vouch_op op)
{
	return op >= OP_atomic_add64 && op <= OP_atomic_cmpxchg32;
}

bool row_is_load_store(enum vouch_op op)
{
	unsigned class = vouch_ops[op].opcode & 7;

	return (class == CLASS_LDX || class == CLASS_ST || class == CLASS_STX) &&
	       !row_is_atomic(op);
}

/* The size field of an opcode, bits 3 and 4, RFC 9669 section 5. */
unsigned row_bytes(enum vouch_op op)
{
	static const uint8_t bytes[4] = {4, 2, 1, 8};

	return bytes[vouch_ops[op].opcode >> 3 & 3];
}

bool row_writes(enum vouch_op op)
{
	return (vouch_ops[op].opcode & 7) != CLASS_LDX;
}

const char *row_group(enum vouch_op op)
{
	static const char *const group[8] = {
		"wide", "load", "store", "store", "alu32", "jump64", "jump32", "alu64"};

	if (row_is_call(op))
		return "call";
	if (row_is_atomic(op))
		return "atomic";
	if (op >= OP_le16 && op <= OP_bswap64)
		return "byte order";
	return group[vouch_ops[op].opcode & 7];
}
