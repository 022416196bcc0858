/* SPDX-License-Identifier: MIT */
/*
 * Standard helpers: maps, time, random numbers and trace_printk. A program's pointers become ours
 * only through vouch_memory(). What Linux's verifier would have refused before the run (a pointer
 * that isn't one) stops the run, with a sentence for the report; what Linux returns as an error
 * number is returned.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "code.h"
#include "helpers.h"
#include "machine.h"
#include "printk.h"

#define HELPER(name)                                                                     \
	static uint64_t name(struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, \
		uint64_t a4, uint64_t a5)

static struct machine *machine_of(const struct vouch_vm *vm)
{
	return vm->user;
}

/* Stop the run, and say why in the report. */
static uint64_t refuse(struct vouch_vm *vm, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static uint64_t refuse(struct vouch_vm *vm, const char *format, ...)
{
	struct machine *machine = machine_of(vm);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(machine->refusal, sizeof(machine->refusal), format, arguments);
	va_end(arguments);
	vouch_fail(vm);
	return 0;
}

static uint64_t refuse_pointer(
	struct vouch_vm *vm, const char *what, uint64_t address, uint64_t size)
{
	return refuse(vm, "%s: no %llu readable bytes at 0x%llx", what, (unsigned long long)size,
		(unsigned long long)address);
}

static uint64_t refuse_map(struct vouch_vm *vm, const char *helper, uint64_t handle)
{
	return refuse(vm, "%s: r1 (0x%llx) is not a map", helper, (unsigned long long)handle);
}

/* Linux's errors are small negative numbers in r0. */
static uint64_t result(int number)
{
	return (uint64_t)(int64_t)number;
}

HELPER(lookup)
{
	const struct map *map = machine_map(machine_of(vm), a1);
	const void *key;

	(void)a3, (void)a4, (void)a5;
	if (!map)
		return refuse_map(vm, "map_lookup_elem", a1);
	key = vouch_memory(vm, a2, map->shape.key_size, VOUCH_READ);
	if (!key)
		return refuse_pointer(vm, "map_lookup_elem: key (r2)", a2, map->shape.key_size);
	return (uint64_t)(uintptr_t)map_lookup(map, key);
}

HELPER(update)
{
	struct map *map = machine_map(machine_of(vm), a1);
	const void *key, *value;

	(void)a5;
	if (!map)
		return refuse_map(vm, "map_update_elem", a1);
	key = vouch_memory(vm, a2, map->shape.key_size, VOUCH_READ);
	if (!key)
		return refuse_pointer(vm, "map_update_elem: key (r2)", a2, map->shape.key_size);
	value = vouch_memory(vm, a3, map->shape.value_size, VOUCH_READ);
	if (!value)
		return refuse_pointer(vm, "map_update_elem: value (r3)", a3, map->shape.value_size);
	return result(map_update(map, key, value, a4));
}

HELPER(delete)
{
	struct map *map = machine_map(machine_of(vm), a1);
	const void *key;

	(void)a3, (void)a4, (void)a5;
	if (!map)
		return refuse_map(vm, "map_delete_elem", a1);
	key = vouch_memory(vm, a2, map->shape.key_size, VOUCH_READ);
	if (!key)
		return refuse_pointer(vm, "map_delete_elem: key (r2)", a2, map->shape.key_size);
	return result(map_delete(map, key));
}

HELPER(ktime_get_ns)
{
	(void)vm, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
	return code_clock();
}

/* To standard error, a line at a time, as Linux's trace_pipe shows them. */
HELPER(trace_printk)
{
	const uint64_t arguments[PRINTK_ARGUMENTS] = {a3, a4, a5};
	const char *format = vouch_memory(vm, a1, a2, VOUCH_READ);
	char text[PRINTK_SIZE];
	int length;

	if (!format)
		return refuse_pointer(vm, "trace_printk: format (r1)", a1, a2);
	length = printk_format(vm, format, a2, arguments, text);
	if (length >= 0)
		fprintf(stderr, "%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
	return result(length);
}

/* splitmix64 (Steele, Lea, Flood 2014): any seed will do, zero included. */
HELPER(get_prandom_u32)
{
	uint64_t z = machine_of(vm)->random += UINT64_C(0x9e3779b97f4a7c15);

	(void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (uint32_t)(z ^ z >> 31);
}

const vouch_helper helpers_table[HELPERS] = {
	[1] = lookup,
	[2] = update,
	[3] = delete,
	[5] = ktime_get_ns,
	[6] = trace_printk,
	[7] = get_prandom_u32,
};

static const char *const names[HELPERS] = {
	[1] = "bpf_map_lookup_elem",
	[2] = "bpf_map_update_elem",
	[3] = "bpf_map_delete_elem",
	[5] = "bpf_ktime_get_ns",
	[6] = "bpf_trace_printk",
	[7] = "bpf_get_prandom_u32",
};

bool helpers_id(void *user, const char *name, uint32_t *id)
{
	(void)user;
	for (uint32_t i = 0; i < HELPERS; i++)
		if (names[i] && strcmp(names[i], name) == 0) {
			*id = i;
			return true;
		}
	return false;
}
