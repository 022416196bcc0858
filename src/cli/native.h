/* SPDX-License-Identifier: MIT */
/* Machine code of any target as text: by capstone where it knows the target, else by the target's
 * objdump. */
#ifndef VOUCH_CLI_NATIVE_H
#define VOUCH_CLI_NATIVE_H

#include <stddef.h>
#include <stdint.h>

enum { NATIVE_TEXT = 192 };

struct native;

/* Get ready to disassemble this code, which must stay. Ends the command when out of memory. */
struct native *native_open(const char *target, const uint8_t *code, size_t size);
void native_close(struct native *native);

/* What does it: "capstone", the name of an objdump, or NULL if nothing at hand knows the target. */
const char *native_tool(const struct native *native);

/* The instruction at `offset` and before `end`, or its bytes where it isn't one. Returns its
 * length. */
size_t native_text(const struct native *native, size_t offset, size_t end, char text[NATIVE_TEXT]);

#endif
