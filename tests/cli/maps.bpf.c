// SPDX-License-Identifier: MIT
/* Maps and printing, as programs use them. Each function returns 0, or the number of the line that went wrong. */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define CHECK(condition)                 \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)

static void *(*const lookup)(void *map, const void *key) = (void *)1;
static long (*const update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static long (*const delete)(void *map, const void *key) = (void *)3;
static long (*const printk)(const char *format, u32 size, ...) = (void *)6;

enum { ANY, NOEXIST, EXIST, ENOENT = 2, E2BIG = 7, EEXIST = 17, EINVAL = 22 };

struct {
	int (*type)[1];
	u32 *key;
	u64 *value;
	int (*max_entries)[4];
} hash SEC(".maps");

struct pair {
	u64 a;
	u32 b;
};

struct {
	int (*type)[2];
	u32 *key;
	struct pair *value;
	int (*max_entries)[3];
} array SEC(".maps");

SEC("prog/hash") u64 hash_map(void)
{
	u64 value = 10, *found;
	u32 key = 1;

	CHECK(!lookup(&hash, &key));
	CHECK(delete(&hash, &key) == -ENOENT);
	CHECK(update(&hash, &key, &value, EXIST) == -ENOENT);
	CHECK(update(&hash, &key, &value, NOEXIST) == 0);
	CHECK(update(&hash, &key, &value, NOEXIST) == -EEXIST);
	CHECK(update(&hash, &key, &value, 3) == -EINVAL);
	found = lookup(&hash, &key);
	CHECK(found && *found == 10);
	*found += 5;
	found = lookup(&hash, &key);
	CHECK(found && *found == 15);
	value = 20;
	CHECK(update(&hash, &key, &value, EXIST) == 0);
	CHECK(*found == 20);
	for (key = 2; key <= 4; key++)
		CHECK(update(&hash, &key, &value, ANY) == 0);
	CHECK(update(&hash, &key, &value, ANY) == -E2BIG);
	key = 3;
	CHECK(delete(&hash, &key) == 0);
	CHECK(!lookup(&hash, &key));
	key = 99;
	value = 99;
	CHECK(update(&hash, &key, &value, ANY) == 0);
	found = lookup(&hash, &key);
	CHECK(found && *found == 99);
	key = 1;
	found = lookup(&hash, &key);
	CHECK(found && *found == 20);
	return 0;
}

SEC("prog/array") u64 array_map(void)
{
	struct pair value = {7, 8}, *found;
	u32 key = 2;

	found = lookup(&array, &key);
	CHECK(found && found->a == 0 && found->b == 0);
	CHECK(update(&array, &key, &value, NOEXIST) == -EEXIST);
	CHECK(update(&array, &key, &value, EXIST) == 0);
	CHECK(found->a == 7 && found->b == 8);
	CHECK(delete(&array, &key) == -EINVAL);
	key = 3;
	CHECK(!lookup(&array, &key));
	CHECK(update(&array, &key, &value, ANY) == -E2BIG);
	return 0;
}

/* Past the last value: nothing else of the map can be reached. */
SEC("prog/beyond") u64 beyond(void)
{
	u32 key = 0;
	u64 *found = lookup(&hash, &key), value = 1;

	update(&hash, &key, &value, ANY);
	found = lookup(&hash, &key);
	return found ? found[4] : 0;
}

SEC("prog/bad_key") u64 bad_key(void)
{
	return (u64)lookup(&hash, (void *)8);
}

SEC("prog/bad_map") u64 bad_map(void)
{
	u32 key = 0;

	return (u64)lookup((void *)77, &key);
}

SEC("prog/print") u64 print(void)
{
	static const char numbers[] = "%d %u %x", wide[] = "%lx %lld %p|", strings[] = "%s,%5d,%-5s|";
	static const char percent[] = "100%%", many[] = "%d %d %d %d", unknown[] = "%f", open[] = {'a', 'b'};

	CHECK(printk(numbers, sizeof(numbers), -5, 0x1ffffffffULL, 255) > 0);
	CHECK(printk(wide, sizeof(wide), -1LL, -2LL, 0x1234LL) > 0);
	CHECK(printk(strings, sizeof(strings), "hello", 42, "ab") > 0);
	CHECK(printk(percent, sizeof(percent)) == 4);
	CHECK(printk(many, sizeof(many), 1, 2, 3) == -EINVAL);
	CHECK(printk(unknown, sizeof(unknown), 1) == -EINVAL);
	CHECK(printk(open, sizeof(open)) == -EINVAL);
	return 0;
}
