/* SPDX-License-Identifier: MIT */
/* Runs in an interpreter that is watched: the very source of the interpreter, compiled a second
 * time. */
#ifndef VOUCH_CLI_TRACE_H
#define VOUCH_CLI_TRACE_H

#include "machine.h"

/*
 * Like vouch_run(), and counts: machine->tracer.instructions and the call depth. With `input`, each
 * instruction and what it changed is printed to standard error. counts: see vouch_run_counted();
 * may be NULL.
 */
enum vouch_status trace_run(
	struct machine *machine, const struct input *input, uint32_t *counts, uint64_t *r0);

/* Active functions at the deepest point of the last watched run. */
unsigned trace_depth(const struct machine *machine);

#endif
