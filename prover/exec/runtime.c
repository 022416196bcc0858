/* SPDX-License-Identifier: MIT */
/* What a compiler may call from freestanding code, for the binary that the executor runs. */
#include <stddef.h>

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
