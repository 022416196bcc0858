/* SPDX-License-Identifier: MIT */
/*
 * x86-64's state as the model's test sees it, and the processor itself: what it makes of a state in
 * one instruction. The code lies at X86_CODE, the data at X86_DATA, with nothing mapped around
 * them.
 */
#ifndef VOUCH_TESTS_NATIVE_X86_H
#define VOUCH_TESTS_NATIVE_X86_H

#include <stdbool.h>
#include <stdint.h>

enum { X86_CODE = 0x10000000, X86_DATA = 0x20000000, X86_PAGE = 0x1000, X86_WINDOW = 64 };
enum { X86_END = X86_CODE + X86_PAGE };

/* CF, PF, AF, ZF, SF, OF: where they are in RFLAGS. In `flags` they are numbered from 0. */
static const unsigned x86_flag_bit[6] = {0, 2, 4, 6, 7, 11};

struct x86_state {
	uint64_t r[16], rip;
	unsigned flags;
	unsigned known; /* flags that the model says, when it has run */
	int signal;     /* what the instruction ended in, or 0 */
	bool leaves;    /* what follows is not in the page of code: faster */
	uint8_t code[16], data[X86_WINDOW];
};

/* Bytes of code that are before X86_END. */
static inline unsigned x86_code_bytes(const struct x86_state *s)
{
	return X86_END - s->rip < sizeof(s->code) ? (unsigned)(X86_END - s->rip) : 16;
}

/* Is this an x86-64 processor? */
bool native_x86_available(void);
bool native_x86_has_bmi2(void);

/* One instruction in each state, in a child process that can't harm this one. False: the child
 * died, and the states are as they were. */
bool native_x86_step(struct x86_state *state, unsigned count);

#endif
