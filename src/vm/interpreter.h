/* SPDX-License-Identifier: MIT */
/*
 * What both interpreters share: the fast one (interpreter.c) and the small one
 * (interpreter_small.c, taken by -DVOUCH_SMALL). What calls and returns do to the vm, and atomics
 * where the machine has none.
 */
#ifndef VOUCH_INTERPRETER_H
#define VOUCH_INTERPRETER_H

#include "vm.h"

/* ---- calls and returns ---- */

/* r1 to r5 are zero afterwards. */
static inline void call_helper(struct vouch_vm *vm, uint64_t id)
{
	vm->r[0] = vm->helpers[id](vm, vm->r[1], vm->r[2], vm->r[3], vm->r[4], vm->r[5]);
	vm->r[1] = vm->r[2] = vm->r[3] = vm->r[4] = vm->r[5] = 0;
}

/* A frame for a function that comes back to pc. */
static inline void push_frame(struct vouch_vm *vm, uint32_t pc)
{
	for (unsigned i = 0; i < 4; i++)
		vm->frame->saved[i] = vm->r[6 + i];
	vm->frame->pc = pc;
	vm->frame++;
	vm->r[10] -= VOUCH_FRAME_SIZE;
}

/* The caller's frame again. Returns the pc that it goes on at. */
static inline uint32_t pop_frame(struct vouch_vm *vm)
{
	vm->frame--;
	for (unsigned i = 0; i < 4; i++)
		vm->r[6 + i] = vm->frame->saved[i];
	vm->r[10] += VOUCH_FRAME_SIZE;
	return vm->frame->pc;
}

/* ---- atomics ---- */

/*
 * Put `value` into the cell if `expected` is there. Returns what was there before. The compiler's
 * own where the machine has it at this width. Where it doesn't (64 bits on small cores, which are
 * alone with their memory), a plain one.
 */
#if __GCC_ATOMIC_LLONG_LOCK_FREE == 2 || UINTPTR_MAX > UINT32_MAX
#define VOUCH_ATOMIC64 1
#else
#define VOUCH_ATOMIC64 0
#endif

static inline uint64_t compare_exchange64(uint64_t *cell, uint64_t expected, uint64_t value)
{
#if VOUCH_ATOMIC64
	__atomic_compare_exchange_n(
		cell, &expected, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return expected;
#else
	uint64_t old = *cell;

	if (old == expected)
		*cell = value;
	return old;
#endif
}

/*
 * On RV64, GCC before 12.4 and 13.3 compares what is beside a 32-bit value in its register, too (PR
 * 114130), unless the value was loaded. So what is given to it as expected is what was seen, which
 * is the same number.
 */
static inline uint32_t compare_exchange32(uint32_t *cell, uint32_t expected, uint32_t value)
{
	uint32_t seen = __atomic_load_n(cell, __ATOMIC_SEQ_CST);

	if (seen == expected)
		__atomic_compare_exchange_n(
			cell, &seen, value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return seen;
}

/* 64-bit atomics of a machine that has none. Each returns what was there. */
#if !VOUCH_ATOMIC64
#define PLAIN(name, expression)                                             \
	static inline uint64_t plain_##name(uint64_t *cell, uint64_t value) \
	{                                                                   \
		uint64_t old = *cell;                                       \
		*cell = (expression);                                       \
		return old;                                                 \
	}
PLAIN(fetch_add, old + value)
PLAIN(fetch_or, old | value)
PLAIN(fetch_and, old &value)
PLAIN(fetch_xor, old ^ value)
PLAIN(exchange_n, value)
#undef PLAIN
#endif

#endif
