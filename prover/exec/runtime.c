/* SPDX-License-Identifier: MIT */
/* What a compiler may call from freestanding code, for the binary that the executor runs. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);

void *memcpy(void *to, const void *from, size_t size)
{
	unsigned char *a = to;
	const unsigned char *b = from;

	for (size_t i = 0; i < size; i++)
		a[i] = b[i];
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	unsigned char *a = to;

	for (size_t i = 0; i < size; i++)
		a[i] = (unsigned char)byte;
	return to;
}

/* Reversed bytes, which the base instruction set has no instruction for. */
uint32_t __bswapsi2(uint32_t value);
uint64_t __bswapdi2(uint64_t value);

uint32_t __bswapsi2(uint32_t value)
{
	return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

uint64_t __bswapdi2(uint64_t value)
{
	return (uint64_t)__bswapsi2((uint32_t)value) << 32 | __bswapsi2((uint32_t)(value >> 32));
}
