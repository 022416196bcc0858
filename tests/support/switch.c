/* SPDX-License-Identifier: MIT */
/* The fast interpreter as compilers without labels as values build it. */
#undef VOUCH_SMALL
#define VOUCH_RUN           run_switch
#define VOUCH_COMPUTED_GOTO 0
#include "vouch/vouch.h"
enum vouch_status run_switch(struct vouch_vm *vm, uint64_t *r0);
#include "vm/interpreter.c"
