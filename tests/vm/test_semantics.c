/* SPDX-License-Identifier: MIT */
/*
 * Every instruction of opcodes.def does what RFC 9669 says, in every engine, for corner-case and
 * random operands. What it says is written here once more, by width and not by type, so that a slip
 * in the interpreter's C has no twin here.
 */
#include "support/assemble.h"
#include "support/generate.h"
#include "isa/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const uint64_t corners[] = {0, 1, 2, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000,
	0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	0xffffffffffffff80, 0xffffffff80000000, 0xffffffffffffffff, 0x123456789abcdef0};
enum { CORNERS = sizeof(corners) / sizeof(corners[0]) };

static uint64_t mask(unsigned bits)
{
	return bits == 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

static bool negative(uint64_t x, unsigned bits)
{
	return x >> (bits - 1) & 1;
}

static uint64_t sign_extend(uint64_t x, unsigned bits)
{
	x &= mask(bits);
	return negative(x, bits) ? x | ~mask(bits) : x;
}

static uint64_t magnitude(uint64_t x, unsigned bits)
{
	return (negative(x, bits) ? 0 - x : x) & mask(bits);
}

/* Signed division on magnitudes: the quotient truncates, the remainder has the dividend's sign. */
static uint64_t signed_divide(uint64_t d, uint64_t s, unsigned bits, bool modulo)
{
	uint64_t a = magnitude(d, bits), b = magnitude(s, bits), result;
	bool minus = modulo ? negative(d, bits) : negative(d, bits) != negative(s, bits);

	if (s == 0)
		return modulo ? d : 0;
	result = modulo ? a % b : a / b;
	return minus ? 0 - result : result;
}

static uint64_t shift_right(uint64_t d, unsigned count, unsigned bits, bool arithmetic)
{
	uint64_t result = d;

	for (unsigned i = 0; i < count; i++)
		result = result >> 1 |
		         (arithmetic && negative(d, bits) ? (uint64_t)1 << (bits - 1) : 0);
	return result;
}

static uint64_t reverse(uint64_t x, unsigned bytes)
{
	uint64_t result = 0;

	for (unsigned i = 0; i < bytes; i++)
		result = result << 8 | (x >> 8 * i & 0xff);
	return result;
}

/* d op s on `bits` bits. False if the name is no arithmetic operation. */
static bool arithmetic(const char *name, uint64_t d, uint64_t s, unsigned bits, uint64_t *result)
{
	unsigned count = (unsigned)(s & (bits - 1));

	d &= mask(bits);
	s &= mask(bits);
	if (strcmp(name, "add") == 0)
		*result = d + s;
	else if (strcmp(name, "sub") == 0)
		*result = d - s;
	else if (strcmp(name, "mul") == 0)
		*result = d * s;
	else if (strcmp(name, "div") == 0)
		*result = s ? d / s : 0;
	else if (strcmp(name, "mod") == 0)
		*result = s ? d % s : d;
	else if (strcmp(name, "sdiv") == 0)
		*result = signed_divide(d, s, bits, false);
	else if (strcmp(name, "smod") == 0)
		*result = signed_divide(d, s, bits, true);
	else if (strcmp(name, "or") == 0)
		*result = d | s;
	else if (strcmp(name, "and") == 0)
		*result = d & s;
	else if (strcmp(name, "xor") == 0)
		*result = d ^ s;
	else if (strcmp(name, "lsh") == 0)
		*result = d << count;
	else if (strcmp(name, "rsh") == 0)
		*result = shift_right(d, count, bits, false);
	else if (strcmp(name, "arsh") == 0)
		*result = shift_right(d, count, bits, true);
	else if (strcmp(name, "mov") == 0)
		*result = s;
	else if (strcmp(name, "movsx8") == 0)
		*result = sign_extend(s, 8);
	else if (strcmp(name, "movsx16") == 0)
		*result = sign_extend(s, 16);
	else if (strcmp(name, "movsx32") == 0)
		*result = sign_extend(s, 32);
	else if (strcmp(name, "neg") == 0)
		*result = 0 - d;
	else
		return false;
	*result &= mask(bits);
	return true;
}

static bool compare(const char *name, uint64_t d, uint64_t s, unsigned bits, bool *result)
{
	uint64_t flip = (uint64_t)1 << (bits - 1);

	d &= mask(bits);
	s &= mask(bits);
	if (name[0] == 'j' && name[1] == 's' && name[2] != 'e') {
		d ^= flip;
		s ^= flip;
		name++;
	}
	name++;
	if (strcmp(name, "eq") == 0)
		*result = d == s;
	else if (strcmp(name, "ne") == 0)
		*result = d != s;
	else if (strcmp(name, "set") == 0)
		*result = (d & s) != 0;
	else if (strcmp(name, "gt") == 0)
		*result = d > s;
	else if (strcmp(name, "ge") == 0)
		*result = d >= s;
	else if (strcmp(name, "lt") == 0)
		*result = d < s;
	else if (strcmp(name, "le") == 0)
		*result = d <= s;
	else
		return false;
	return true;
}

/* A row's name, "alu64-add-x", in its parts. */
struct parts {
	char class[8], operation[16], operand[8];
};

static struct parts split(enum vouch_op op)
{
	struct parts parts = {"", "", ""};

	sscanf(vouch_names[op], "%7[^-]-%15[^-]-%7s", parts.class, parts.operation, parts.operand);
	return parts;
}

static void check_in_all_engines(
	const struct code *code, unsigned reg, uint64_t expected, const char *name)
{
	static struct world world;

	if (world_skips())
		return;
	if (!world.context)
		world_create(&world, 2);
	for (enum engine engine = 0; engine < ENGINES; engine++) {
		struct outcome outcome;

		if (!engine_exists(engine))
			continue;
		world_run(&world, engine, code->insns, code->count, &outcome);
		if (outcome.status != VOUCH_OK || outcome.r[reg] != expected)
			print_error("%s in %s: %s, r%u = 0x%llx, expected 0x%llx\n", name,
				engine_names[engine], vouch_status_name(outcome.status), reg,
				(unsigned long long)outcome.r[reg], (unsigned long long)expected);
		assert_int_equal(outcome.status, VOUCH_OK);
		assert_true(outcome.r[reg] == expected);
	}
}

static void check_arithmetic(enum vouch_op op, unsigned dst, unsigned src, uint64_t d, uint64_t s)
{
	struct parts parts = split(op);
	bool is_k = strcmp(parts.operand, "k") == 0, is_x = vouch_ops[op].src != REG_NONE;
	struct code code = {.count = 0};
	uint64_t expected = 0;

	if (is_k)
		s = (uint64_t)(int64_t)(int32_t)(uint32_t)s;
	put_wide(&code, dst, d);
	if (is_x)
		put_wide(&code, src, s);
	if (is_x && dst == src)
		d = s;
	put(&code, op, dst, is_x ? src : 0, 0, is_k ? (int32_t)(uint32_t)s : 0);
	put_exit(&code);
	assert_true(arithmetic(
		parts.operation, d, s, strcmp(parts.class, "alu64") == 0 ? 64 : 32, &expected));
	check_in_all_engines(&code, dst, expected, vouch_names[op]);
}

static bool is_arithmetic(enum vouch_op op)
{
	uint64_t result;

	return strncmp(vouch_names[op], "alu", 3) == 0 &&
	       arithmetic(split(op).operation, 0, 1, 64, &result);
}

static void arithmetic_is_as_the_rfc_says_for_corner_operands(void **state)
{
	unsigned rows = 0;

	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		if (!is_arithmetic(op))
			continue;
		rows++;
		for (unsigned i = 0; i < CORNERS * CORNERS; i++)
			check_arithmetic(op, 3, 7, corners[i / CORNERS], corners[i % CORNERS]);
	}
	assert_int_equal(rows, 63);
}

static void arithmetic_works_in_every_pair_of_registers(void **state)
{
	uint64_t random = 88172645463325252u;

	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++)
		for (unsigned pair = 0; is_arithmetic(op) && pair < 100; pair++) {
			uint64_t s = random_64(&random) >> random_below(&random, 64);

			check_arithmetic(op, pair / 10, pair % 10, random_64(&random), s);
		}
}

static void byte_order_operations_reverse_or_truncate(void **state)
{
	(void)state;
	for (enum vouch_op op = OP_le16; op <= OP_bswap64; op++)
		for (unsigned dst = 0; dst < 10; dst++)
			for (unsigned i = 0; i < CORNERS; i++) {
				unsigned bytes = vouch_ops[op].value / 8;
				bool is_le = op >= OP_le16 && op <= OP_le64,
				     is_be = op >= OP_be16 && op <= OP_be64;
				bool swap = is_le   ? VOUCH_BIG_ENDIAN
				            : is_be ? !VOUCH_BIG_ENDIAN
				                    : true;
				struct code code = {.count = 0};
				uint64_t low = corners[i] & mask(8 * bytes);

				put_wide(&code, dst, corners[i]);
				put(&code, op, dst, 0, 0, 0);
				put_exit(&code);
				check_in_all_engines(&code, dst, swap ? reverse(low, bytes) : low,
					vouch_names[op]);
			}
}

/* r0 = 1 if the jump was taken */
static void check_jump(enum vouch_op op, unsigned dst, unsigned src, uint64_t d, uint64_t s)
{
	struct parts parts = split(op);
	bool is_k = strcmp(parts.operand, "k") == 0, expected = false;
	struct code code = {.count = 0};

	if (is_k)
		s = (uint64_t)(int64_t)(int32_t)(uint32_t)s;
	put_wide(&code, dst, d);
	if (!is_k)
		put_wide(&code, src, s);
	if (dst == src && !is_k)
		d = s;
	put(&code, op, dst, is_k ? 0 : src, 2, is_k ? (int32_t)(uint32_t)s : 0);
	put(&code, OP_mov64_k, 0, 0, 0, 0);
	put_exit(&code);
	put(&code, OP_mov64_k, 0, 0, 0, 1);
	put_exit(&code);
	assert_true(compare(
		parts.operation, d, s, strcmp(parts.class, "jmp64") == 0 ? 64 : 32, &expected));
	check_in_all_engines(&code, 0, expected, vouch_names[op]);
}

static void conditional_jumps_compare_as_the_rfc_says(void **state)
{
	uint64_t random = 1;

	(void)state;
	for (enum vouch_op op = OP_jeq64_k; op <= OP_jsle32_x; op++) {
		for (unsigned i = 0; i < CORNERS * CORNERS; i++)
			check_jump(op, 4, 8, corners[i / CORNERS], corners[i % CORNERS]);
		for (unsigned pair = 0; pair < 100; pair++)
			check_jump(op, pair / 10, pair % 10, random_64(&random) & 0xff,
				random_64(&random) & 0xff);
	}
}

static void goto_reaches_its_target_forward_and_backward(void **state)
{
	(void)state;
	for (unsigned is_32 = 0; is_32 < 2; is_32++) {
		enum vouch_op op = is_32 ? OP_ja32 : OP_ja;
		struct code code = {.count = 0};

		put(&code, op, 0, 0, is_32 ? 0 : 2, is_32 ? 2 : 0);
		put(&code, OP_mov64_k, 0, 0, 0, 7);
		put_exit(&code);
		put(&code, op, 0, 0, is_32 ? 0 : -3, is_32 ? -3 : 0);
		check_in_all_engines(&code, 0, 7, vouch_names[op]);
	}
}

/* Bytes of the writable region, as a number in the host's byte order. */
static uint64_t bytes_at(const uint8_t *bytes, unsigned n)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < n; i++)
		value |= (uint64_t)bytes[i] << 8 * (VOUCH_BIG_ENDIAN ? n - 1 - i : i);
	return value;
}

static void loads_extend_as_their_names_say(void **state)
{
	static const struct {
		enum vouch_op op;
		unsigned bytes;
		bool is_signed;
	} loads[] = {{OP_ldxb, 1, false}, {OP_ldxh, 2, false}, {OP_ldxw, 4, false},
		{OP_ldxdw, 8, false}, {OP_ldxsb, 1, true}, {OP_ldxsh, 2, true},
		{OP_ldxsw, 4, true}};
	struct world world;

	(void)state;
	world_create(&world, 1);
	for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
		for (int16_t at = 0; at < 40; at++)
			for (unsigned pair = 0; pair < 100; pair += 7) {
				unsigned dst = pair / 10, src = pair % 10;
				struct code code = {.count = 0};
				uint64_t expected;

				world_reset(&world);
				expected = bytes_at(world.writable + at, loads[i].bytes);
				if (loads[i].is_signed)
					expected = sign_extend(expected, 8 * loads[i].bytes);
				put_object(&code, src, 1, 20);
				put(&code, loads[i].op, dst, src, (int16_t)(at - 20), 0);
				put_exit(&code);
				check_in_all_engines(
					&code, dst, expected, vouch_names[loads[i].op]);
			}
	world_destroy(&world);
}

static void stores_write_their_bytes_and_no_others(void **state)
{
	static const enum vouch_op ops[] = {
		OP_stb, OP_stxb, OP_sth, OP_stxh, OP_stw, OP_stxw, OP_stdw, OP_stxdw};
	struct world world;

	(void)state;
	world_create(&world, 1);
	for (unsigned i = 0; i < 8; i++)
		for (unsigned pair = 0; pair < 100; pair++) {
			unsigned dst = pair / 10, src = pair % 10, bytes = 1u << (i / 2);
			uint64_t value =
				i % 2 ? 0x8899aabbccddeeff : (uint64_t)(int64_t)-0x12345678;
			int16_t at = (int16_t)(pair % 50);
			struct code code = {.count = 0};
			uint8_t expected[REGION_SIZE];

			if (i % 2 && src == dst)
				continue;
			if (i % 2)
				put_wide(&code, src, value);
			put_object(&code, dst, 1, 0);
			put(&code, ops[i], dst, i % 2 ? src : 0, at, i % 2 ? 0 : -0x12345678);
			put_exit(&code);
			world_reset(&world);
			memcpy(expected, world.writable, REGION_SIZE);
			for (unsigned b = 0; b < bytes; b++)
				expected[(unsigned)at + b] =
					(uint8_t)(value >>
						  8 * (VOUCH_BIG_ENDIAN ? bytes - 1 - b : b));
			for (enum engine engine = 0; engine < ENGINES; engine++) {
				struct outcome outcome;

				if (!engine_exists(engine))
					continue;
				world_run(&world, engine, code.insns, code.count, &outcome);
				assert_int_equal(outcome.status, VOUCH_OK);
				assert_memory_equal(outcome.writable, expected, REGION_SIZE);
			}
		}
	world_destroy(&world);
}

/* What an atomic leaves in memory, src and r0. */
struct atomic {
	uint64_t memory, src, r0;
};

static struct atomic atomic_result(
	enum vouch_op op, uint64_t old, uint64_t src, uint64_t r0, unsigned bits)
{
	struct atomic after = {0, src, r0};
	uint64_t operand = src & mask(bits);
	unsigned kind = vouch_ops[op].value;

	switch (kind & ~1u) {
	case 0x00:
		after.memory = old + operand;
		break;
	case 0x40:
		after.memory = old | operand;
		break;
	case 0x50:
		after.memory = old & operand;
		break;
	case 0xa0:
		after.memory = old ^ operand;
		break;
	case 0xe0:
		after.memory = operand;
		break;
	default:
		after.memory = old == (r0 & mask(bits)) ? operand : old;
		after.r0 = old;
		break;
	}
	after.memory &= mask(bits);
	if ((kind & 1) && kind != 0xf1)
		after.src = old;
	return after;
}

static void check_atomic(struct world *world, enum vouch_op op, unsigned dst, unsigned src,
	uint64_t value, bool match)
{
	unsigned bits = op >= OP_atomic_add32 ? 32 : 64;
	struct code code = {.count = 0};
	struct atomic expected;
	uint64_t old, r0;

	world_reset(world);
	old = bytes_at(world->writable + 16, bits / 8);
	r0 = match ? old | (bits == 32 ? 0xabcd00000000u : 0) : 0x1234;
	put_wide(&code, 0, r0);
	put_wide(&code, src, value);
	put_object(&code, dst, 1, 24);
	put(&code, op, dst, src, -8, 0);
	put_exit(&code);
	if (src == 0)
		r0 = value;
	expected = atomic_result(op, old, value, r0, bits);
	for (enum engine engine = 0; engine < ENGINES; engine++) {
		struct outcome outcome;

		if (!engine_exists(engine))
			continue;
		world_run(world, engine, code.insns, code.count, &outcome);
		assert_int_equal(outcome.status, VOUCH_OK);
		assert_true(bytes_at(outcome.writable + 16, bits / 8) == expected.memory);
		if (vouch_ops[op].value == 0xf1)
			assert_true(outcome.r[0] == expected.r0);
		else
			assert_true(outcome.r[src] == expected.src);
	}
}

static void atomics_change_memory_and_fetch_what_was_there(void **state)
{
	uint64_t random = 42;
	struct world world;

	(void)state;
	world_create(&world, 1);
	for (enum vouch_op op = OP_atomic_add64; op <= OP_atomic_cmpxchg32; op++)
		for (unsigned pair = 0; pair < 100; pair++) {
			unsigned dst = pair / 10, src = pair % 10;

			/* With r0 as the address, cmpxchg compares an address. */
			if (dst == src || (dst == 0 && vouch_ops[op].value == 0xf1))
				continue;
			check_atomic(&world, op, dst, src, random_64(&random), pair & 1);
		}
	world_destroy(&world);
}

static void wide_immediates_are_whole(void **state)
{
	(void)state;
	for (unsigned dst = 0; dst < 10; dst++)
		for (unsigned i = 0; i < CORNERS; i++) {
			struct code code = {.count = 0};

			put_wide(&code, dst, corners[i]);
			put_exit(&code);
			check_in_all_engines(&code, dst, corners[i], "lddw");
		}
}

static void data_objects_are_where_the_config_says(void **state)
{
	struct world world;

	(void)state;
	world_create(&world, 1);
	for (int32_t object = 0; object < 2; object++)
		for (unsigned dst = 0; dst < 10; dst++) {
			static const uint32_t offsets[] = {
				0, 5, 0x7fffffff, 0x80000000, 0xffffffff};

			for (unsigned i = 0; i < 5; i++) {
				uintptr_t start =
					(uintptr_t)(object ? world.writable : world.readonly);
				struct code code = {.count = 0};
				struct outcome outcome;

				put_object(&code, dst, object, offsets[i]);
				put_exit(&code);
				for (enum engine engine = 0; engine < ENGINES; engine++) {
					if (!engine_exists(engine))
						continue;
					world_run(&world, engine, code.insns, code.count, &outcome);
					assert_int_equal(outcome.status, VOUCH_OK);
					assert_true(outcome.r[dst] == (uint64_t)start + offsets[i]);
				}
			}
		}
	world_destroy(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic_is_as_the_rfc_says_for_corner_operands),
		cmocka_unit_test(arithmetic_works_in_every_pair_of_registers),
		cmocka_unit_test(byte_order_operations_reverse_or_truncate),
		cmocka_unit_test(conditional_jumps_compare_as_the_rfc_says),
		cmocka_unit_test(goto_reaches_its_target_forward_and_backward),
		cmocka_unit_test(loads_extend_as_their_names_say),
		cmocka_unit_test(stores_write_their_bytes_and_no_others),
		cmocka_unit_test(atomics_change_memory_and_fetch_what_was_there),
		cmocka_unit_test(wide_immediates_are_whole),
		cmocka_unit_test(data_objects_are_where_the_config_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
