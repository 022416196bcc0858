/* SPDX-License-Identifier: MIT */
/*
 * arm64_logical_immediate() against DecodeBitMasks of the Arm ARM, written here as it stands there:
 * all 8192 values of the fields are decoded, and what they decode to is what the encoder takes, no
 * more and no less. "No less" is exhaustive; "no more" is tried on every value that is one bit away
 * from one of those, and at random.
 */
#include "jit/arm64/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { FIELDS = 1 << 13, VALUES_64 = 5334, VALUES_32 = 1302 };

/* What may be encoded, ascending. */
struct values {
	uint64_t value[FIELDS];
	size_t count;
};

static int highest_bit(unsigned x)
{
	int n = -1;

	for (; x != 0; x >>= 1)
		n++;
	return n;
}

/* The immediate that N, immr and imms stand for; false: they are reserved. */
static bool decode(uint32_t fields, bool is64, uint64_t *value)
{
	unsigned n = fields >> 12 & 1, immr = fields >> 6 & 63, imms = fields & 63;
	int len = highest_bit(n << 6 | (~imms & 63));
	unsigned size, levels, s, r;

	if (len < 1 || (!is64 && n != 0))
		return false;
	size = 1u << len;
	levels = size - 1;
	if ((imms & levels) == levels)
		return false;
	s = imms & levels;
	r = immr & levels;
	*value = 0;
	for (unsigned i = 0; i < (is64 ? 64 : 32); i++)
		*value |= (uint64_t)((i + r) % size <= s) << i;
	return true;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void find_values(struct values *values, bool is64)
{
	size_t unique = 0;

	values->count = 0;
	for (uint32_t fields = 0; fields < FIELDS; fields++)
		values->count += decode(fields, is64, &values->value[values->count]);
	qsort(values->value, values->count, sizeof(uint64_t), compare);
	for (size_t i = 0; i < values->count; i++)
		if (i == 0 || values->value[i] != values->value[i - 1])
			values->value[unique++] = values->value[i];
	values->count = unique;
}

static bool is_value(const struct values *values, uint64_t value)
{
	return bsearch(&value, values->value, values->count, sizeof(uint64_t), compare) != NULL;
}

/* Is it taken if and only if it is a value, and by fields that stand for it? */
static void check(const struct values *values, bool is64, uint64_t value)
{
	uint32_t fields = UINT32_MAX;
	uint64_t decoded = ~value;
	bool taken = arm64_logical_immediate(value, is64, &fields);

	value = is64 ? value : value & 0xffffffff;
	assert_int_equal(taken, is_value(values, value));
	if (!taken)
		return;
	assert_true(fields < FIELDS);
	assert_true(decode(fields, is64, &decoded));
	assert_true(decoded == value);
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1d;
}

static void check_all(bool is64, size_t count)
{
	static struct values values;
	uint64_t random = 88172645463325252, above = is64 ? 0 : (uint64_t)0xfedcba98 << 32;

	find_values(&values, is64);
	assert_int_equal(values.count, count);
	for (size_t i = 0; i < values.count; i++) {
		check(&values, is64, above | values.value[i]);
		for (unsigned bit = 0; bit < (is64 ? 64 : 32); bit++)
			check(&values, is64, above | (values.value[i] ^ (uint64_t)1 << bit));
	}
	check(&values, is64, 0);
	check(&values, is64, UINT64_MAX);
	for (unsigned i = 0; i < 1 << 20; i++) {
		uint64_t value = next_random(&random);

		/* Few and long runs of ones, too. */
		if (i & 1)
			value = arm64_rotate_right(value >> (i >> 1 & 63), (unsigned)value & 63);
		check(&values, is64, value);
	}
}

static void immediates_of_64_bits_are_those_that_decode(void **state)
{
	(void)state;
	check_all(true, VALUES_64);
}

static void immediates_of_32_bits_are_those_that_decode_whatever_the_upper_half(void **state)
{
	(void)state;
	check_all(false, VALUES_32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(immediates_of_64_bits_are_those_that_decode),
		cmocka_unit_test(
			immediates_of_32_bits_are_those_that_decode_whatever_the_upper_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
