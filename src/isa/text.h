/* SPDX-License-Identifier: MIT */
/*
 * BPF as text, in LLVM's syntax: what `clang -S` writes and `llvm-objdump -d` shows. Both
 * directions are driven by the syntax column of opcodes.def and are inverse on all valid programs.
 * Host only: allocates.
 *
 * Beyond LLVM: data objects of an image are `r1 = object 0 + 16 ll`, local calls without a label
 * are `call +3`, and a slot that is no instruction is `.8byte 0x…`.
 *
 * A listing of llvm-objdump may be given as it is. Where it shows an instruction's bytes, they are
 * compared with its text: they tell calls of functions from calls of helpers, which llvm-objdump
 * writes alike, and stand for `<unknown>`.
 */
#ifndef VOUCH_TEXT_H
#define VOUCH_TEXT_H

#include "isa.h"

/* A label. The name points into the result's own memory. */
struct asm_symbol {
	const char *name;
	uint32_t pc;
	bool global; /* named by .globl */
};

struct asm_result {
	struct vouch_insn *insns;
	uint32_t count;
	struct asm_symbol *symbols; /* in the order of pc */
	size_t nsymbols;
	char *names; /* what symbols[].name points into */
};

/* What is wrong with a text. `source` points at the line in the caller's text, `length` bytes long.
 */
struct asm_error {
	uint32_t line, column; /* from 1 */
	const char *source;
	size_t length;
	char message[256];
};

/* The id of the helper that a text calls by name. False if there is none. */
typedef bool (*asm_helper_id)(void *user, const char *name, uint32_t *id);

/*
 * Assemble `size` bytes of text. helper may be NULL: then calls of undefined names are errors.
 * True: *result is the caller's to asm_free(). False: *error says why, *result is empty.
 */
bool asm_text(const char *text, size_t size, asm_helper_id helper, void *user,
	struct asm_result *result, struct asm_error *error);
void asm_free(struct asm_result *result);

/* Names for the targets of jumps and calls; NULL for none. The result is copied. */
typedef const char *(*disasm_label)(void *user, uint32_t pc);

#define DISASM_MAX 160 /* bytes that hold any instruction with labels of up to 63 bytes */

/*
 * One instruction of a program, without its pc: "r1 += 2". Returns false, and writes the slot as
 * `.8byte`, if it is no instruction or has a reserved field that is not zero.
 */
bool disasm_insn(const struct vouch_insn *insns, uint32_t count, uint32_t pc, disasm_label label,
	void *user, char text[DISASM_MAX]);

/*
 * A whole program as text that assembles to the same bytes, with a label at each target of a jump
 * or call. `name` is the label of `entry`, may be NULL; one that could not be read back is left
 * out. The text is the caller's to free(); NULL: out of memory.
 */
char *disasm_program(
	const struct vouch_insn *insns, uint32_t count, uint32_t entry, const char *name);

#endif
