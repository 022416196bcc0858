/* SPDX-License-Identifier: MIT */
/*
 * The interpreter of hybrid runs: src/vm/interpreter.c once more. It goes on where vm->fault.pc and
 * vm->used say, and before each instruction looks whether that is compiled: then it hands over.
 */
#include "jit.h"

#define VOUCH_HYBRID
#define VOUCH_RUN  jit_interpret
#define VOUCH_ALSO , const uint32_t *chosen
#define VOUCH_TRACE(vm, pc)                  \
	do {                                 \
		if (jit_has_bit(chosen, pc)) \
			goto hand_over;      \
	} while (0)
#include "vm/interpreter.c"
