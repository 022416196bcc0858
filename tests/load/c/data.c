/* Read-only data, writable data, zeros, strings, a static function, one in another section, a named helper. */
typedef unsigned long long u64;
typedef unsigned int u32;

static const u32 table[8] = {3, 1, 4, 1, 5, 9, 2, 6};
static u64 counter;
u64 start = 40;
u64 zeros[100];
extern u64 host_add(u64 a, u64 b);

__attribute__((section("other"), noinline)) u64 far(u64 x)
{
	return x * 3;
}

static __attribute__((noinline)) u64 near(u64 x)
{
	counter += x;
	return counter;
}

u64 entry(const unsigned char *memory, u64 size)
{
	const char *text = "hello";
	u64 sum = start;

	for (u64 i = 0; i < size; i++)
		sum += table[memory[i] & 7];
	sum += near(sum) + far(2);
	for (u64 i = 0; i < 5; i++)
		sum += (unsigned char)text[i & (size | 7)];
	zeros[size & 63] = sum;
	return host_add(sum, zeros[(size + 1) & 63]);
}

u64 second(void)
{
	return far(5);
}
