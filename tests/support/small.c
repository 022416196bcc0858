/* SPDX-License-Identifier: MIT */
/* The small interpreter, whichever the library has. */
#undef VOUCH_SMALL
#define VOUCH_SMALL
#define VOUCH_RUN run_small
#include "vouch/vouch.h"
enum vouch_status run_small(struct vouch_vm *vm, uint64_t *r0);
#include "vm/interpreter.c"
