/* SPDX-License-Identifier: MIT */
/* How deep a call goes into the stack: what is unused is painted before, and looked at after. */
#include "port.h"

extern uint32_t bss_end[]; /* the stack may grow down to here */

enum { PAINT = 0x5a5aa5a5, OWN_FRAME = 32 };

__attribute__((noinline)) void stack_paint(void)
{
	uint32_t *top = (uint32_t *)((uintptr_t)__builtin_frame_address(0) - OWN_FRAME);

	for (volatile uint32_t *word = bss_end; word < top; word++)
		*word = PAINT;
}

__attribute__((noinline)) size_t stack_used(void)
{
	const volatile uint32_t *word = bss_end;

	while (*word == PAINT)
		word++;
	return (uintptr_t)__builtin_frame_address(0) - (uintptr_t)word;
}
