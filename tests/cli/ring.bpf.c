// SPDX-License-Identifier: MIT
/* A map of a kind that is not supported (27: a ring buffer). */
struct {
	int (*type)[27];
	int (*max_entries)[4096];
} events __attribute__((section(".maps"), used));

unsigned long long entry(void)
{
	return ((unsigned long long (*)(void *, unsigned long long))130)(&events, 0);
}
