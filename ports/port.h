/* SPDX-License-Identifier: MIT */
/* What the demo asks of a board: all that isn't plain C. */
#ifndef VOUCH_PORT_H
#define VOUCH_PORT_H

#include <stdbool.h>
#include <stddef.h>

/* A line or a part of one, to whoever watches. */
void port_print(const char *text);

/*
 * Memory for code: writable, or executable and seen by instruction fetch. size is a power of two
 * from 32 on and `code` a multiple of it.
 */
void port_protect(void *code, size_t size, bool executable);

/* The demo. What it returns is what the board ends with: 0 if all went well. */
int demo(void);

#endif
