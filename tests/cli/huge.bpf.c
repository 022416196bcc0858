// SPDX-License-Identifier: MIT
/* A map that would take 400 GB. */
struct {
	int (*type)[1];
	unsigned int *key;
	char (*value)[100];
	int (*max_entries)[0x7fffffff];
} huge __attribute__((section(".maps"), used));

unsigned long long entry(void)
{
	unsigned int key = 0;

	return (unsigned long long)((void *(*)(void *, void *))1)(&huge, &key);
}
