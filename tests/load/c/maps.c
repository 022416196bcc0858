/* Two maps, declared as libbpf's macros do. */
#define __uint(name, value) int(*name)[value]
#define __type(name, type)  type *name

struct {
	__uint(type, 1);
	__uint(max_entries, 16);
	__type(key, int);
	__type(value, long);
} counts __attribute__((section(".maps"), used));

struct {
	__uint(type, 2);
	__uint(key_size, 4);
	__uint(value_size, 24);
	__uint(max_entries, 3);
	__uint(map_flags, 0);
} slots __attribute__((section(".maps"), used));

static void *(*lookup)(void *map, const void *key) = (void *)1;

long entry(void)
{
	int key = 3;
	long *value = lookup(&slots, &key), *other = lookup(&counts, &key);

	return (value ? *value : 7) + (other ? *other : 1);
}
