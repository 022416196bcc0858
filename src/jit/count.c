/* SPDX-License-Identifier: MIT */
/* The counting interpreter: src/vm/interpreter.c once more, which counts before each instruction.
 */
#include "vouch/jit.h"

#define VOUCH_RUN           vouch_run_counted
#define VOUCH_ALSO          , uint32_t *counts
#define VOUCH_TRACE(vm, pc) (counts[pc] += counts[pc] != UINT32_MAX)
#include "vm/interpreter.c"
