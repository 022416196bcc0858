/* SPDX-License-Identifier: MIT */
/* The checker refuses what could not run, says where and why, and accepts every instruction there
 * is. */
#include "support/assemble.h"
#include "isa/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static uint64_t nothing(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm;
	(void)a1;
	(void)a2;
	(void)a3;
	(void)a4;
	(void)a5;
	return 0;
}

static const vouch_helper helpers[4] = {NULL, nothing, NULL, nothing};

static void expect(const struct code *code, enum vouch_status status, uint32_t pc)
{
	struct vouch_program program = {code->insns, code->count, 0};
	struct vouch_fault fault;

	assert_int_equal(vouch_check(&program, helpers, 4, &fault), status);
	assert_int_equal(fault.status, status);
	assert_int_equal(fault.pc, pc);
	assert_int_equal(vouch_check(&program, helpers, 4, NULL), status);
}

/* One slot at pc 1, between two harmless ones. */
static void expect_slot(struct vouch_insn slot, enum vouch_status status)
{
	struct code code = {.count = 0};

	put(&code, OP_mov64_k, 0, 0, 0, 0);
	code.insns[code.count++] = slot;
	put(&code, OP_mov64_k, 0, 0, 0, 0);
	put_exit(&code);
	expect(&code, status, status == VOUCH_OK ? 0 : 1);
}

/* A valid use of a row: registers 1 and 2, a jump to the next slot, helper 1. */
static struct vouch_insn valid(enum vouch_op op)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	struct code code = {.count = 0};

	put(&code, op, info->dst == REG_NONE ? 0 : 1, info->src == REG_NONE ? 0 : 2, 0,
		info->imm == IMM_HELPER || info->imm == IMM_VALUE || info->imm == IMM_OBJECT);
	return code.insns[0];
}

static bool is_wide_row(enum vouch_op op)
{
	return vouch_ops[op].opcode == OPCODE_LDDW;
}

static void every_instruction_is_accepted(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		struct code code = {.count = 0};

		code.insns[code.count++] = valid(op);
		if (is_wide_row(op))
			code.insns[code.count++] = (struct vouch_insn){.imm = 5};
		put_exit(&code);
		expect(&code, VOUCH_OK, 0);
		assert_int_equal(vouch_decode(&code.insns[0]), op);
	}
}

static void opcodes_outside_the_table_are_refused(void **state)
{
	(void)state;
	for (unsigned opcode = 1; opcode < 256; opcode++) {
		bool known = false;

		for (enum vouch_op op = 0; op < OP_COUNT; op++)
			known |= vouch_ops[op].opcode == opcode;
		if (!known)
			expect_slot(
				(struct vouch_insn){.opcode = (uint8_t)opcode}, VOUCH_BAD_OPCODE);
	}
	expect_slot((struct vouch_insn){.opcode = 0}, VOUCH_BAD_OPCODE);
}

static void unknown_variants_of_known_opcodes_are_refused(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		struct vouch_insn slot = valid(op);

		if (vouch_ops[op].select == SELECT_OFF)
			slot.off = 3;
		else if (vouch_ops[op].select == SELECT_IMM)
			slot.imm = 0x33;
		else if (vouch_ops[op].select == SELECT_SRC)
			slot.regs = VOUCH_REGS(vouch_dst(&slot), 9);
		else
			continue;
		expect_slot(slot, VOUCH_BAD_OPCODE);
	}
}

static void registers_above_r10_are_refused(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++)
		for (unsigned reg = 11; reg < 16; reg++) {
			struct vouch_insn slot = valid(op);

			if (vouch_ops[op].dst != REG_NONE) {
				slot.regs = VOUCH_REGS(reg, vouch_src(&slot));
				expect_slot(slot, VOUCH_BAD_REGISTER);
			}
			slot = valid(op);
			if (vouch_ops[op].src != REG_NONE) {
				slot.regs = VOUCH_REGS(vouch_dst(&slot), reg);
				expect_slot(slot, VOUCH_BAD_REGISTER);
			}
		}
}

static void r10_cannot_be_written(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		const struct vouch_op_info *info = &vouch_ops[op];
		struct vouch_insn slot = valid(op);

		if (is_wide_row(op))
			continue;
		if (info->dst != REG_NONE) {
			slot.regs = VOUCH_REGS(10, vouch_src(&slot));
			expect_slot(slot, info->dst == REG_R ? VOUCH_OK : VOUCH_BAD_REGISTER);
		}
		slot = valid(op);
		if (info->src != REG_NONE) {
			slot.regs = VOUCH_REGS(vouch_dst(&slot), 10);
			expect_slot(slot, info->src == REG_R ? VOUCH_OK : VOUCH_BAD_REGISTER);
		}
	}
}

static void unused_fields_must_be_zero(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		const struct vouch_op_info *info = &vouch_ops[op];
		struct vouch_insn slot = valid(op);

		if (info->dst == REG_NONE) {
			slot.regs = VOUCH_REGS(1, vouch_src(&slot));
			expect_slot(slot, VOUCH_BAD_RESERVED);
		}
		slot = valid(op);
		if (info->src == REG_NONE && info->select != SELECT_SRC) {
			slot.regs = VOUCH_REGS(vouch_dst(&slot), 1);
			expect_slot(slot, VOUCH_BAD_RESERVED);
		}
		slot = valid(op);
		slot.off = 1;
		if (info->off == OFF_ZERO)
			expect_slot(slot, VOUCH_BAD_RESERVED);
		slot = valid(op);
		slot.imm = 1;
		if (info->imm == IMM_ZERO)
			expect_slot(slot, VOUCH_BAD_RESERVED);
	}
}

static void jumps_must_stay_in_the_program(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		static const int32_t out[] = {2, 3, INT16_MAX, -3, INT16_MIN}; /* from pc 1 of 4 */
		struct vouch_insn slot = valid(op);
		bool by_off = vouch_ops[op].off == OFF_JUMP, by_imm = vouch_ops[op].imm == IMM_JUMP;

		for (unsigned i = 0; i < 5 && (by_off || by_imm); i++) {
			if (by_off)
				slot.off = (int16_t)out[i];
			else
				slot.imm = out[i];
			expect_slot(slot, VOUCH_BAD_JUMP);
		}
		if (by_imm) {
			slot.imm = INT32_MAX;
			expect_slot(slot, VOUCH_BAD_JUMP);
			slot.imm = INT32_MIN;
			expect_slot(slot, VOUCH_BAD_JUMP);
		}
	}
}

static void jumps_into_a_wide_immediate_are_refused(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		struct code code = {.count = 0};

		if (vouch_ops[op].off != OFF_JUMP && vouch_ops[op].imm != IMM_JUMP)
			continue;
		code.insns[code.count++] = valid(op);
		if (vouch_ops[op].off == OFF_JUMP)
			code.insns[0].off = 1;
		else
			code.insns[0].imm = 1;
		put_wide(&code, 0, 1);
		put_exit(&code);
		expect(&code, VOUCH_BAD_JUMP_MIDDLE, 0);
	}
}

static void a_wide_immediate_needs_its_second_half(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put_wide(&code, 0, 1);
	code.count = 1;
	expect(&code, VOUCH_BAD_WIDE, 0);
	code.insns[1] = (struct vouch_insn){.opcode = OPCODE_EXIT};
	code.count = 2;
	expect(&code, VOUCH_BAD_WIDE, 0);
	code.count = 0;
	put_wide(&code, 0, 1);
	put_exit(&code);
	code.insns[1].off = 1;
	expect(&code, VOUCH_BAD_RESERVED, 0);
	code.insns[1].off = 0;
	code.insns[1].regs = 1;
	expect(&code, VOUCH_BAD_RESERVED, 0);
}

static void what_a_loader_left_unresolved_is_refused(void **state)
{
	(void)state;
	for (unsigned src = 1; src <= 6; src++) {
		struct code code = {.count = 0};

		put_wide(&code, 0, src == 6 ? VOUCH_DATA_MAX : 1);
		put_exit(&code);
		code.insns[0].regs = VOUCH_REGS(0, src);
		expect(&code, VOUCH_BAD_RELOCATION, 0);
	}
}

static void programs_cannot_run_off_their_end(void **state)
{
	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++) {
		struct code code = {.count = 0};
		bool jumps = vouch_ops[op].off == OFF_JUMP || vouch_ops[op].imm == IMM_JUMP;

		put_exit(&code);
		code.insns[code.count++] = valid(op);
		if (is_wide_row(op))
			code.insns[code.count++] = (struct vouch_insn){.imm = 0};
		if (jumps && vouch_ops[op].off == OFF_JUMP)
			code.insns[1].off = -2;
		else if (jumps)
			code.insns[1].imm = -2;
		if (op == OP_ja || op == OP_ja32 || op == OP_exit)
			expect(&code, VOUCH_OK, 0);
		else
			expect(&code, VOUCH_BAD_END, 1);
	}
}

static void helpers_must_exist(void **state)
{
	static const int32_t absent[] = {0, 2, 4, 1000, -1, INT32_MIN};
	struct code code = {.count = 0};
	struct vouch_program program;

	(void)state;
	expect_slot((struct vouch_insn){.opcode = OPCODE_CALL, .imm = 1}, VOUCH_OK);
	expect_slot((struct vouch_insn){.opcode = OPCODE_CALL, .imm = 3}, VOUCH_OK);
	for (unsigned i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		expect_slot((struct vouch_insn){.opcode = OPCODE_CALL, .imm = absent[i]},
			VOUCH_BAD_HELPER);
	put(&code, OP_call, 0, 0, 0, 77);
	put_exit(&code);
	program = (struct vouch_program){code.insns, code.count, 0};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_HELPER);
	assert_int_equal(vouch_check(&program, NULL, VOUCH_ANY_HELPER, NULL), VOUCH_OK);
}

static void programs_need_instructions_and_an_entry_among_them(void **state)
{
	struct code code = {.count = 0};
	struct vouch_program program;

	(void)state;
	put_wide(&code, 0, 1);
	put_exit(&code);
	program = (struct vouch_program){code.insns, 0, 0};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_SIZE);
	program = (struct vouch_program){code.insns, 3, 3};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_SIZE);
	program = (struct vouch_program){code.insns, VOUCH_INSNS_MAX + 1, 0};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_SIZE);
	program = (struct vouch_program){code.insns, 3, 1};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_JUMP_MIDDLE);
	program = (struct vouch_program){NULL, 3, 0};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_PROGRAM);
	program = (struct vouch_program){
		(const struct vouch_insn *)((uintptr_t)code.insns + 4), 1, 0};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_BAD_PROGRAM);
	program = (struct vouch_program){code.insns, 3, 2};
	assert_int_equal(vouch_check(&program, NULL, 0, NULL), VOUCH_OK);
}

static void every_status_has_a_name_and_a_sentence(void **state)
{
	(void)state;
	for (unsigned i = 0; i < VOUCH_STATUS_COUNT; i++) {
		assert_true(strcmp(vouch_status_name((enum vouch_status)i), "unknown") != 0);
		assert_true(strlen(vouch_status_text((enum vouch_status)i)) > 10);
	}
	assert_string_equal(vouch_status_name((enum vouch_status)200), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction_is_accepted),
		cmocka_unit_test(opcodes_outside_the_table_are_refused),
		cmocka_unit_test(unknown_variants_of_known_opcodes_are_refused),
		cmocka_unit_test(registers_above_r10_are_refused),
		cmocka_unit_test(r10_cannot_be_written),
		cmocka_unit_test(unused_fields_must_be_zero),
		cmocka_unit_test(jumps_must_stay_in_the_program),
		cmocka_unit_test(jumps_into_a_wide_immediate_are_refused),
		cmocka_unit_test(a_wide_immediate_needs_its_second_half),
		cmocka_unit_test(what_a_loader_left_unresolved_is_refused),
		cmocka_unit_test(programs_cannot_run_off_their_end),
		cmocka_unit_test(helpers_must_exist),
		cmocka_unit_test(programs_need_instructions_and_an_entry_among_them),
		cmocka_unit_test(every_status_has_a_name_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
