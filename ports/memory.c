/* SPDX-License-Identifier: MIT */
/* The two functions that a compiler takes for granted, for boards without a C library. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	const uint8_t *source = from;
	uint8_t *target = to;

	for (size_t i = 0; i < size; i++)
		target[i] = source[i];
	return to;
}

void *memset(void *memory, int value, size_t size)
{
	uint8_t *target = memory;

	for (size_t i = 0; i < size; i++)
		target[i] = (uint8_t)value;
	return memory;
}
