// SPDX-License-Identifier: MIT
/* A program with every kind of data, two entries, and a line that faults. */
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))

static const u64 table[4] = {1, 10, 100, 1000};
static u64 counter = 5;
static u64 zeros[8];

static __attribute__((noinline)) u64 twice(u64 x)
{
	return 2 * x + counter;
}

SEC("prog/first") u64 first(unsigned char *memory, u64 size)
{
	counter += 1;
	zeros[size & 7] += counter;
	return twice(table[size & 3]) + zeros[size & 7];
}

SEC("prog/second") u64 second(unsigned char *memory, u64 size)
{
	return memory[size + 7]; /* too far */
}

SEC("prog/third") u64 third(unsigned char *memory, u64 size)
{
	*(volatile u64 *)&table[size & 3] = 1;
	return 0;
}
