/* SPDX-License-Identifier: MIT */
/* The text columns of opcodes.def, for hosts; src/isa/isa.h has the rest. */
#ifndef VOUCH_SYNTAX_H
#define VOUCH_SYNTAX_H

#include "isa.h"

extern const char *const vouch_syntax[OP_COUNT];
extern const char *const vouch_names[OP_COUNT];

#endif
