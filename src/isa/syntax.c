/* SPDX-License-Identifier: MIT */
/* The text columns of opcodes.def: not for devices, so apart from decode.c. */
#include "syntax.h"

#define SYNTAX(id, name, opcode, select, value, dst, src, off, imm, syntax) syntax,
#define NAME(id, name, ...)                                                 name,

const char *const vouch_syntax[OP_COUNT] = {
#define INSN SYNTAX
#define ALSO SYNTAX
#include "opcodes.def"
};

const char *const vouch_names[OP_COUNT] = {
#define INSN NAME
#define ALSO NAME
#include "opcodes.def"
};
