/* SPDX-License-Identifier: MIT */
/* What programs ask of a board: all that isn't plain C. */
#ifndef VOUCH_PORT_H
#define VOUCH_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vouch/vouch.h"

/* A line or a part of one, to whoever watches. */
void port_print(const char *text);

/*
 * Memory for code: writable, or executable and seen by instruction fetch. size is a power of two
 * from 32 on and `code` a multiple of it.
 */
void port_protect(void *code, size_t size, bool executable);

/* Instructions since port_start_count(), at most 500 million, give or take what a timer can't tell.
 * In an emulator that makes an instruction last a nanosecond. */
void port_start_count(void);
uint64_t port_count(void);

/* Bytes of stack that calls between the two have taken, 32 at least: ports/stack.c. */
void stack_paint(void);
size_t stack_used(void);

/* vouch_run() as the fast interpreter has it: ports/fast.c. */
enum vouch_status run_fast(struct vouch_vm *vm, uint64_t *r0);

/* What a board runs. What it returns is what the board ends with: 0 if all went well. */
int board_main(void);

#endif
