/* SPDX-License-Identifier: MIT */
/* Machine code as assembly, for people only: nothing of a proof depends on it. */
#ifndef VOUCH_DISASSEMBLE_H
#define VOUCH_DISASSEMBLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Calls `each` with every instruction of `size` bytes of code at `address`, for a target of jit.h's
 * names: its offset, length and text. Where no objdump for the target is installed, `text` is empty
 * and an instruction is `unit` bytes.
 */
void disassemble(const char *target, uint64_t address, const uint8_t *code, size_t size,
	unsigned unit, void (*each)(void *user, size_t offset, size_t length, const char *text),
	void *user);

#endif
