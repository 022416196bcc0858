/* SPDX-License-Identifier: MIT */
/* The small interpreter beside the fast one, for the binaries that the executor runs. */
#define VOUCH_SMALL
#define VOUCH_RUN vouch_run_flash
#include "vouch/vouch.h"
enum vouch_status vouch_run_flash(struct vouch_vm *vm, uint64_t *r0);
#include "vm/interpreter_small.c"
