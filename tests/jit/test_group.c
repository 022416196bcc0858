/* SPDX-License-Identifier: MIT */
/* Which loads and stores share a test, and for which bytes (src/jit/group.c). */
#include "jit/jit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#define SLOTS 40

struct code {
	struct vouch_insn insns[SLOTS];
	uint32_t count, targets[SLOTS / 32 + 1];
};

static void put(struct code *code, unsigned opcode, unsigned dst, unsigned src, int off)
{
	code->insns[code->count++] = (struct vouch_insn){
		.opcode = (uint8_t)opcode, .regs = VOUCH_REGS(dst, src), .off = (int16_t)off};
}

enum {
	LDXB = 0x71,
	LDXW = 0x61,
	LDXDW = 0x79,
	LDXSB = 0x91,
	STW = 0x62,
	STXB = 0x73,
	STXDW = 0x7b
};
enum { ATOMIC = 0xdb, ADD = 0x0f, CALL = 0x85, LDDW = 0x18 };

static bool find(struct code *code, struct jit_group *group)
{
	struct vouch_program program = {code->insns, code->count, 0};
	struct jit jit = {.program = &program, .targets = code->targets};

	return jit_find_group(&jit, 0, group);
}

static void expect(struct code *code, unsigned base, int off, unsigned lg, bool write, uint32_t end)
{
	struct jit_group group;

	assert_true(find(code, &group));
	assert_int_equal(group.base, base);
	assert_int_equal(group.off, off);
	assert_int_equal(group.lg, lg);
	assert_int_equal(group.write, write);
	assert_int_equal(group.end, end);
}

static void expect_none(struct code *code)
{
	struct jit_group group;

	assert_false(find(code, &group));
}

static void neighbours_share_a_test(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXW, 2, 1, 4);
	expect_none(&code);
	put(&code, LDXW, 3, 1, 0);
	expect(&code, 1, 0, 3, false, 2);
}

static void a_store_makes_it_a_test_for_writing(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXDW, 5, 1, 16);
	put(&code, ADD, 5, 4, 0);
	put(&code, STXDW, 1, 5, 16);
	expect(&code, 1, 16, 3, true, 3);
}

static void widths_are_those_of_accesses(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXB, 2, 1, -1);
	put(&code, LDXSB, 3, 1, 1);
	expect(&code, 1, -1, 2, false, 2);
	put(&code, STXB, 1, 3, 3);
	expect(&code, 1, -1, 3, true, 3);
}

static void what_eight_bytes_cant_hold_is_left_out(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXW, 2, 1, 0);
	put(&code, LDXDW, 3, 1, 4);
	expect_none(&code);
	put(&code, LDXW, 4, 1, 4);
	expect(&code, 1, 0, 3, false, 3);
}

static void offsets_dont_wrap_around(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXB, 2, 1, INT16_MAX);
	put(&code, LDXB, 3, 1, INT16_MIN);
	expect_none(&code);
	put(&code, STW, 1, 0, INT16_MAX - 2);
	expect(&code, 1, INT16_MAX - 2, 2, true, 3);
}

static void other_registers_dont_matter(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXDW, 3, 1, 0);
	put(&code, STXDW, 2, 3, 0);
	put(&code, LDDW, 4, 0, 0);
	put(&code, 0, 0, 0, 0);
	put(&code, LDXB, 3, 1, 7);
	expect(&code, 1, 0, 3, false, 5);
}

static void the_register_has_to_keep_its_value(void **state)
{
	static const uint8_t changes[] = {ADD, LDXW, LDDW};

	(void)state;
	for (unsigned i = 0; i < sizeof(changes); i++) {
		struct code code = {.count = 0};

		put(&code, LDXW, 2, 1, 0);
		put(&code, changes[i], 1, 3, 0);
		if (changes[i] == LDDW)
			put(&code, 0, 0, 0, 0);
		put(&code, LDXW, 2, 1, 0);
		expect_none(&code);
	}
}

static void the_last_one_may_overwrite_it(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXW, 2, 1, 0);
	put(&code, LDXW, 1, 1, 4);
	put(&code, LDXW, 2, 1, 0);
	expect(&code, 1, 0, 3, false, 2);
}

static void the_first_one_that_overwrites_it_is_alone(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXDW, 1, 1, 0);
	put(&code, LDXDW, 1, 1, 0);
	expect_none(&code);
}

static void jumps_calls_and_atomics_end_it(void **state)
{
	static const uint8_t ends[] = {
		OPCODE_JA, OPCODE_JA32, 0x1d, 0x1e, CALL, OPCODE_CALLX, OPCODE_EXIT, ATOMIC, 0xc3};

	(void)state;
	for (unsigned i = 0; i < sizeof(ends); i++) {
		struct code code = {.count = 0};

		put(&code, LDXW, 2, 1, 0);
		put(&code, ends[i], 4, 3, 0);
		put(&code, LDXW, 2, 1, 0);
		expect_none(&code);
	}
}

static void where_jumps_arrive_it_may_start_but_not_go_on(void **state)
{
	struct code code = {.targets = {1u << 0 | 1u << 2}};

	(void)state;
	put(&code, LDXW, 2, 1, 0);
	put(&code, LDXW, 2, 1, 0);
	put(&code, LDXW, 2, 1, 0);
	expect(&code, 1, 0, 2, false, 2);
}

static void the_stack_needs_none(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXW, 2, 10, -8);
	put(&code, LDXW, 2, 10, -8);
	expect_none(&code);
}

static void it_is_short(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, LDXW, 2, 1, 0);
	while (code.count < 30)
		put(&code, ADD, 2, 3, 0);
	put(&code, LDXW, 2, 1, 0);
	expect_none(&code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_share_a_test),
		cmocka_unit_test(a_store_makes_it_a_test_for_writing),
		cmocka_unit_test(widths_are_those_of_accesses),
		cmocka_unit_test(what_eight_bytes_cant_hold_is_left_out),
		cmocka_unit_test(offsets_dont_wrap_around),
		cmocka_unit_test(other_registers_dont_matter),
		cmocka_unit_test(the_register_has_to_keep_its_value),
		cmocka_unit_test(the_last_one_may_overwrite_it),
		cmocka_unit_test(the_first_one_that_overwrites_it_is_alone),
		cmocka_unit_test(jumps_calls_and_atomics_end_it),
		cmocka_unit_test(where_jumps_arrive_it_may_start_but_not_go_on),
		cmocka_unit_test(the_stack_needs_none),
		cmocka_unit_test(it_is_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
