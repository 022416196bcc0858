/* SPDX-License-Identifier: MIT */
/* Images survive the way to a device, and nothing but what was written is read. */
#include "support/assemble.h"
#include "vouch/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { IMAGE_MAX = 1024 };

struct packed {
	_Alignas(8) uint8_t bytes[IMAGE_MAX];
	size_t size;
};

static const uint8_t rodata[5] = {1, 2, 3, 4, 5}, data[3] = {7, 8, 9};
static const uint8_t helpers[12] = {1, 0, 0, 0, 5, 0, 0, 0, 0, 1, 0, 0};

/* r0 = rodata[4] + data[2] + data[6] (zero) */
static struct code sum(void)
{
	struct code code = {.count = 0};

	put_object(&code, 1, 0, 4);
	put(&code, OP_ldxb, 0, 1, 0, 0);
	put_object(&code, 2, 1, 2);
	put(&code, OP_ldxb, 3, 2, 0, 0);
	put(&code, OP_add64_x, 0, 3, 0, 0);
	put(&code, OP_ldxb, 3, 2, 4, 0);
	put(&code, OP_add64_x, 0, 3, 0, 0);
	put_exit(&code);
	return code;
}

static struct packed pack(const struct code *code)
{
	struct vouch_image image = {.program = {code->insns, code->count, 0},
		.rodata = rodata,
		.rodata_size = sizeof(rodata),
		.data = data,
		.data_size = sizeof(data),
		.bss_size = 10,
		.helpers = helpers,
		.nhelpers = 3};
	struct packed packed = {.size = vouch_image_size(&image)};

	assert_true(packed.size <= IMAGE_MAX);
	assert_int_equal(vouch_image_write(&image, packed.bytes, packed.size - 1), 0);
	assert_int_equal(
		vouch_image_write(&image, packed.bytes, sizeof(packed.bytes)), packed.size);
	return packed;
}

static void an_image_read_back_runs(void **state)
{
	struct code code = sum();
	struct packed packed = pack(&code);
	struct vouch_image image;
	struct vouch_config config = {.fuel = 10};
	struct vouch_region regions[2];
	static _Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(1)], ram[16];
	struct vouch_vm vm;
	uint64_t r0;

	(void)state;
	assert_int_equal(vouch_image_open(&image, packed.bytes, packed.size), VOUCH_OK);
	assert_int_equal(image.nhelpers, 3);
	assert_memory_equal(image.helpers, helpers, sizeof(helpers));
	memset(ram, 0xff, sizeof(ram));
	vouch_image_load(&image, ram, &config, regions);
	config.stack = stack;
	config.stack_size = sizeof(stack);
	config.regions = regions;
	config.nregions = 2;
	assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
	assert_int_equal(vouch_run(&vm, &r0), VOUCH_OK);
	assert_int_equal(r0, 5 + 9 + 0);
	assert_int_equal(ram[12], 0);
	assert_int_equal(ram[13], 0xff);
}

static void a_changed_bit_anywhere_is_noticed(void **state)
{
	struct code code = sum();
	struct packed packed = pack(&code);
	struct vouch_image image;

	(void)state;
	for (size_t i = 0; i < packed.size * 8; i++) {
		packed.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_int_not_equal(vouch_image_open(&image, packed.bytes, packed.size), VOUCH_OK);
		packed.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_int_equal(vouch_image_open(&image, packed.bytes, packed.size), VOUCH_OK);
}

static void a_truncated_or_longer_image_is_refused(void **state)
{
	struct code code = sum();
	struct packed packed = pack(&code);
	struct vouch_image image;

	(void)state;
	for (size_t size = 0; size < IMAGE_MAX; size++)
		if (size != packed.size)
			assert_int_equal(
				vouch_image_open(&image, packed.bytes, size), VOUCH_BAD_IMAGE);
}

/* CRC-32 as the standard's check value has it: of "123456789" it is 0xcbf43926. */
static uint32_t crc(const uint8_t *bytes, size_t size)
{
	uint32_t state = UINT32_MAX;

	for (size_t i = 0; i < 8 * size; i++) {
		uint32_t bit = (state ^ (uint32_t)(bytes[i / 8] >> i % 8)) & 1;

		state = state >> 1 ^ (bit ? 0xedb88320 : 0);
	}
	return ~state;
}

static void set(struct packed *packed, size_t at, uint32_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		packed->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static enum vouch_status reopen(struct packed *packed)
{
	struct vouch_image image;
	uint8_t *exact = aligned_alloc(8, (packed->size + 7) / 8 * 8);
	enum vouch_status status;

	set(packed, 8, crc(packed->bytes + 12, packed->size - 12), 4);
	memcpy(exact, packed->bytes, packed->size);
	status = vouch_image_open(&image, exact, packed->size);
	free(exact);
	return status;
}

/* With a right checksum, as an attacker would have it. */
static void headers_that_lie_are_refused(void **state)
{
	static const uint32_t values[] = {
		0, 1, 5, 8, 100, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
	struct code code = sum();
	const struct packed good = pack(&code);
	struct packed bad = good;

	(void)state;
	assert_int_equal(crc((const uint8_t *)"123456789", 9), 0xcbf43926);
	assert_int_equal(reopen(&bad), VOUCH_OK);
	/* Sizes and counts; entry and bss may be anything that the checker or the caller judges. */
	for (size_t at = 12; at < 44; at += at < 16 ? 2 : 4)
		for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			unsigned n = at < 16 ? 2 : 4;

			bad = good;
			set(&bad, at, values[i], n);
			if (at == 24 || at == 36 || memcmp(bad.bytes + at, good.bytes + at, n) == 0)
				continue;
			/* The data's last byte and its padding can't be told apart when sizes round
			 * to the same. */
			if (reopen(&bad) == VOUCH_OK)
				assert_true((at == 28 || at == 32) && (values[i] + 7) / 8 == 1);
		}
	for (size_t at = 44; at < 64; at++) {
		bad = good;
		bad.bytes[at] = 1;
		assert_int_equal(reopen(&bad), VOUCH_BAD_IMAGE);
	}
	bad = good;
	set(&bad, 14, !VOUCH_BIG_ENDIAN, 2);
	assert_int_equal(reopen(&bad), VOUCH_BAD_BYTEORDER);
	bad = good;
	set(&bad, 36, 0x7fffffff, 4);
	assert_int_equal(reopen(&bad), VOUCH_BAD_IMAGE);
}

static void helper_ids_must_ascend(void **state)
{
	struct code code = sum();
	struct packed packed = pack(&code);

	(void)state;
	set(&packed, packed.size - 16, 5, 4);
	assert_int_equal(reopen(&packed), VOUCH_BAD_IMAGE);
	set(&packed, packed.size - 16, 4, 4);
	assert_int_equal(reopen(&packed), VOUCH_OK);
}

static void a_misaligned_image_is_refused(void **state)
{
	struct code code = sum();
	struct packed packed = pack(&code);
	struct vouch_image image;

	(void)state;
	memmove(packed.bytes + 4, packed.bytes, packed.size);
	assert_int_equal(vouch_image_open(&image, packed.bytes + 4, packed.size), VOUCH_BAD_IMAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_read_back_runs),
		cmocka_unit_test(a_changed_bit_anywhere_is_noticed),
		cmocka_unit_test(a_truncated_or_longer_image_is_refused),
		cmocka_unit_test(headers_that_lie_are_refused),
		cmocka_unit_test(helper_ids_must_ascend),
		cmocka_unit_test(a_misaligned_image_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
