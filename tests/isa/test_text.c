/* SPDX-License-Identifier: MIT */
/* Assembler and disassembler: inverse on all valid programs, faithful to LLVM's syntax, clear about
 * what is wrong. */
#include "isa/syntax.h"
#include "isa/text.h"
#include "support/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool helper_id(void *user, const char *name, uint32_t *id)
{
	(void)user;
	*id = 99;
	return strcmp(name, "host_add") == 0;
}

static struct asm_result assemble(const char *text)
{
	struct asm_result result;
	struct asm_error error;

	if (!asm_text(text, strlen(text), helper_id, NULL, &result, &error))
		fail_msg("%u:%u: %s in: %s", error.line, error.column, error.message, text);
	return result;
}

static void expect_bytes(const char *text, uint64_t slot)
{
	struct asm_result result = assemble(text);
	uint64_t actual;

	assert_true(result.count >= 1);
	memcpy(&actual, result.insns, sizeof(actual));
	if (actual != slot)
		fail_msg("%s: 0x%016llx, expected 0x%016llx", text, (unsigned long long)actual,
			(unsigned long long)slot);
	asm_free(&result);
}

static void expect_error(const char *text, uint32_t line, uint32_t column, const char *says)
{
	struct asm_result result;
	struct asm_error error;

	assert_false(asm_text(text, strlen(text), helper_id, NULL, &result, &error));
	assert_null(result.insns);
	if (error.line != line || error.column != column || !strstr(error.message, says))
		fail_msg("%s: %u:%u: %s", text, error.line, error.column, error.message);
	assert_true(error.source >= text && error.source + error.length <= text + strlen(text));
}

/* Any value that a field of a row can have. */
static struct vouch_insn random_use(uint64_t *state, enum vouch_op op, int32_t *high)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	unsigned dst = info->dst == REG_NONE ? 0 : random_below(state, 11);
	unsigned src = info->src == REG_NONE ? 0 : random_below(state, 11);
	struct vouch_insn insn = {.opcode = info->opcode};
	bool small = random_below(state, 2);

	if (info->off == OFF_MEM || info->off == OFF_JUMP)
		insn.off = (int16_t)(small ? (int)random_below(state, 20) - 10
					   : (int)random_64(state));
	if (info->imm != IMM_ZERO)
		insn.imm =
			small ? (int32_t)random_below(state, 20) - 10 : (int32_t)random_64(state);
	if (info->select == SELECT_OFF)
		insn.off = info->value;
	if (info->select == SELECT_IMM)
		insn.imm = info->value;
	if (info->select == SELECT_SRC)
		src = info->value;
	insn.regs = VOUCH_REGS(dst, src);
	*high = (int32_t)random_64(state);
	return insn;
}

static void expect_inverse(const struct vouch_insn *insns, uint32_t count)
{
	char *text = disasm_program(insns, count, 0, "entry");
	struct asm_result result = assemble(text);

	if (result.count != count || memcmp(result.insns, insns, count * sizeof(*insns)) != 0)
		fail_msg("assembled to something else:\n%s", text);
	asm_free(&result);
	free(text);
}

static void every_instruction_assembles_to_what_was_disassembled(void **state)
{
	uint64_t random = 5;

	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++)
		for (unsigned i = 0; i < 800; i++) {
			struct vouch_insn insns[2] = {{0}};

			insns[0] = random_use(&random, op, &insns[1].imm);
			expect_inverse(insns, vouch_is_wide(insns) ? 2 : 1);
		}
}

static void generated_programs_assemble_to_what_was_disassembled(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5000; seed++) {
		struct vouch_insn insns[128];
		uint32_t count = generate(seed, insns, 128);

		expect_inverse(insns, count);
	}
}

static void slots_that_are_no_instructions_survive_as_data(void **state)
{
	uint64_t random = 9;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct vouch_insn insns[4];

		for (unsigned slot = 0; slot < 4; slot++) {
			uint64_t bits = random_64(&random) &
			                (random_below(&random, 2) ? UINT64_MAX : 0xffff);

			memcpy(&insns[slot], &bits, sizeof(bits));
		}
		expect_inverse(insns, 4);
	}
}

/* Encodings as RFC 9669 has them, little-endian. */
static void well_known_instructions_have_their_bytes(void **state)
{
	(void)state;
	if (VOUCH_BIG_ENDIAN)
		return;
	expect_bytes("r0 = 0", 0x00000000000000b7);
	expect_bytes("w1 = 0xffffffff", 0xffffffff000001b4);
	expect_bytes("r3 += r4", 0x000000000000430f);
	expect_bytes("r3 s/= r4", 0x000000000001433f);
	expect_bytes("w3 %= 7", 0x0000000700000394);
	expect_bytes("r2 = -r2", 0x0000000000000287);
	expect_bytes("r1 = (s16)r2", 0x00000000001021bf);
	expect_bytes("r3 = w4", 0x00000000000043bc);
	expect_bytes("r3 = (s32)r4", 0x00000000002043bf);
	expect_bytes("r1 = be32 r1", 0x00000020000001dc);
	expect_bytes("r1 = bswap64 r1", 0x00000040000001d7);
	expect_bytes("r1 s>>= 3", 0x00000003000001c7);
	expect_bytes("r1 = *(u8 *)(r2 + 8)", 0x0000000000082171);
	expect_bytes("w1 = *(u8 *)(r2 + 8)", 0x0000000000082171);
	expect_bytes("r1 = *(s32 *)(r10 - 4)", 0x00000000fffca181);
	expect_bytes("*(u32 *)(r1 + 0) = w2", 0x0000000000002163);
	expect_bytes("*(u64 *)(r10 - 8) = -1", 0xfffffffffff80a7a);
	expect_bytes("lock *(u64 *)(r1 + 0) += r2", 0x00000000000021db);
	expect_bytes("lock *(u32 *)(r1 + 0) += w2", 0x00000000000021c3);
	expect_bytes("lock *(u32 *)(r1 + 0) += r2", 0x00000000000021c3);
	expect_bytes("w2 = atomic_fetch_or((u32 *)(r1 + 4), w2)", 0x00000041000421c3);
	expect_bytes("r0 = cmpxchg_64(r1 + 0, r0, r2)", 0x000000f1000021db);
	expect_bytes("w3 = xchg32_32(r1 + 0, w3)", 0x000000e1000031c3);
	expect_bytes("goto +1\nexit\nexit", 0x0000000000010005);
	expect_bytes("gotol -1", 0xffffffff00000006);
	expect_bytes("if w1 s< -2 goto +0", 0xfffffffe000001c6);
	expect_bytes("if r1 & r2 goto -1", 0x00000000ffff214d);
	expect_bytes("call 6", 0x0000000600000085);
	expect_bytes("call +0\nexit", 0x0000000000001085);
	expect_bytes("call host_add", 0x0000006300000085);
	expect_bytes("callx r7", 0x000000000000078d);
	expect_bytes("r1 = object 1 + 16 ll", 0x0000000100006118);
	expect_bytes("exit", 0x0000000000000095);
}

static void labels_are_found_forward_and_backward(void **state)
{
	struct asm_result result = assemble(
		"\t.globl\tmain\nmain:\n# comment\nLBB0_1: r1 += 1 // more\n"
		"\tif r1 < 5 goto LBB0_1; call f\n goto done\n/* a\n b */ f: exit\ndone:\nexit\n");

	(void)state;
	assert_int_equal(result.count, 6);
	assert_int_equal(result.insns[1].off, -2);
	assert_int_equal(result.insns[2].imm, 1);
	assert_int_equal(vouch_src(&result.insns[2]), 1);
	assert_int_equal(result.insns[3].off, 1);
	assert_int_equal(result.nsymbols, 4);
	assert_string_equal(
		result.symbols[0].name[0] == 'm' ? result.symbols[0].name : result.symbols[1].name,
		"main");
	asm_free(&result);
}

static void listings_of_objdump_are_accepted(void **state)
{
	struct asm_result result =
		assemble("\nx.o:\tfile format elf64-bpf\n\nDisassembly of section .text:\n\n"
			 "0000000000000000 <entry>:\n"
			 "       0:\tb4 03 00 00 ff ff 00 00\tw3 = 65535\n"
			 "       1:\t16 02 01 00 00 00 00 00\tif w2 == 0 goto +1 <LBB0_7>\n"
			 "       2:\t18 01 00 00 88 77 66 55 00 00 00 00 44 33 22 11\tr1 = "
			 "1234605616436508552 ll\n"
			 "0000000000000020 <LBB0_7>:\n"
			 "       4:\t95 00 00 00 00 00 00 00\texit\n");

	(void)state;
	assert_int_equal(result.count, 5);
	assert_int_equal(result.insns[2].imm, 0x55667788);
	assert_int_equal(result.insns[3].imm, 0x11223344);
	asm_free(&result);
}

static void bytes_of_a_listing_decide_where_its_text_is_ambiguous(void **state)
{
	struct asm_result result = assemble("       0:\t85 10 00 00 01 00 00 00\tcall 1\n"
					    "       1:\t85 00 00 00 01 00 00 00\tcall 1\n"
					    "       2:\t97 01 00 00 07 00 00 00\t<unknown>\n");

	(void)state;
	assert_int_equal(result.count, 3);
	assert_int_equal(vouch_decode(&result.insns[0]), OP_call_local);
	assert_int_equal(vouch_decode(&result.insns[1]), OP_call);
	assert_int_equal(vouch_decode(&result.insns[2]), OP_mod64_k);
	assert_int_equal(vouch_dst(&result.insns[2]), 1);
	assert_int_equal(result.insns[2].imm, 7);
	asm_free(&result);
}

static void a_listing_whose_bytes_are_not_its_text_is_refused(void **state)
{
	static const char says[] = "bytes of the listing";

	(void)state;
	expect_error("       0:\tb7 00 00 00 01 00 00 00\tr0 = 2\n", 1, 35, says);
	expect_error("       0:\tbf 12 08 00 00 00 00 00\tr2 = r1\n", 1, 35, says);
	expect_error("       0:\t18 01 00 00 01 00 00 00 00 00 00 00 00 00 00 00\tr1 = 1\n", 1, 59,
		says);
	expect_error("       0:\t95 00 00 00 00 00 00 00\texit; exit\n", 1, 35, says);
	expect_error("       0:\t95 00 00 00 00 00 00 00\t\n", 1, 35, says);
}

/* Every field at its corners: all registers, with all pairs of displacement and immediate. */
static void every_instruction_survives_with_its_fields_at_their_corners(void **state)
{
	static const int16_t offs[] = {0, 1, -1, INT16_MAX, INT16_MIN};
	static const int32_t imms[] = {0, 1, -1, INT32_MAX, INT32_MIN, 0x80, 0xffff};

	(void)state;
	for (enum vouch_op op = 0; op < OP_COUNT; op++)
		for (unsigned corner = 0; corner < 11 * 5 * 7; corner++) {
			const struct vouch_op_info *info = &vouch_ops[op];
			unsigned reg = corner % 11, src = info->src == REG_NONE ? 0 : 10 - reg;
			int16_t off = info->off == OFF_ZERO ? 0 : offs[corner / 11 % 5];
			int32_t imm = info->imm == IMM_ZERO ? 0 : imms[corner / 55];
			struct vouch_insn insns[2] = {
				{.opcode = info->opcode}, {.imm = imms[corner % 7]}};

			if (info->select == SELECT_SRC)
				src = info->value;
			insns[0].regs = VOUCH_REGS(info->dst == REG_NONE ? 0 : reg, src);
			insns[0].off = info->select == SELECT_OFF ? info->value : off;
			insns[0].imm = info->select == SELECT_IMM ? info->value : imm;
			expect_inverse(insns, vouch_is_wide(insns) ? 2 : 1);
		}
}

static void entries_that_cannot_have_a_label_get_none(void **state)
{
	static const char *const names[] = {"entry", "a b", "", ".L1", "1st", "f<int>", NULL};
	const struct vouch_insn insns[] = {
		{.opcode = OPCODE_LDDW}, {0}, {.opcode = OPCODE_JA, .off = -2}};

	(void)state;
	for (uint32_t entry = 0; entry < 5; entry++)
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			char *text = disasm_program(insns, 3, entry, names[i]);
			struct asm_result result = assemble(text);

			assert_int_equal(result.count, 3);
			assert_memory_equal(result.insns, insns, sizeof(insns));
			asm_free(&result);
			free(text);
		}
}

static void errors_say_where_and_what(void **state)
{
	(void)state;
	expect_error("exit\n  r11 = 0", 2, 3, "r0 to r10");
	expect_error("r1 = (s8)w2", 1, 10, "r0 to r10");
	expect_error("r1 = *(u8 *)(r2 - -32768)", 1, 19, "number from");
	expect_error("r1 + 2", 1, 6, "'='");
	expect_error("frobnicate r1", 1, 1, "expected");
	expect_error("r1 += 0x100000000", 1, 7, "number from");
	expect_error("r1 += 4294967295", 1, 7, "number from");
	expect_error("goto nowhere", 1, 6, "not defined");
	expect_error("call nowhere", 1, 6, "neither a label nor the name of a helper");
	expect_error("a:\nexit\na:\nexit", 3, 1, "defined twice");
	expect_error("r1 = *(u8 *)(r2 + 40000)", 1, 19, "number from");
	expect_error("r1 = *(u9 *)(r2 + 0)", 1, 8, "expected");
	expect_error("r1 = -r2", 1, 7, "same register");
	expect_error("exit exit", 1, 6, "end of the statement");
	expect_error("r1 =", 1, 5, "ends where");
	expect_error("goto", 1, 5, "a label");
	expect_error("r1 = 5ll", 1, 7, "a blank is missing");
	expect_error(".section .rodata\n.long 5", 2, 1, "ELF object");
	expect_error(".frob", 1, 1, "unknown directive");
	expect_error("r1 = foo ll", 1, 6, "ELF object");
	expect_error("r1 = \x01", 1, 6, "not BPF assembly");
	expect_error("r1 = 99999999999999999999 ll", 1, 6, "number from");
}

static void jumps_that_are_too_far_are_errors(void **state)
{
	enum { LINES = 33000 };
	char *text = malloc(LINES * 5 + 64), *p = text;

	(void)state;
	p += sprintf(p, "goto end\n");
	for (unsigned i = 0; i < LINES; i++)
		p += sprintf(p, "exit\n");
	sprintf(p, "end: exit\n");
	expect_error(text, 1, 6, "use gotol");
	free(text);
}

static void debug_sections_are_skipped(void **state)
{
	struct asm_result result = assemble(
		".text\n.globl f\nf:\n.Lfunc_begin0:\n.loc 1 2 3 prologue_end # x.c:2:3\nr0 = "
		"1\nexit\n"
		".Lfunc_end0:\n.size f, .Lfunc_end0-f\n.section .debug_str,\"MS\",@progbits,1\n"
		".Linfo_string0:\n.asciz \"clang; \\\"14\\\"\" # string\n.section "
		".BTF,\"\",@progbits\n"
		".short 60319\n.long 0\n.text\n.addrsig\n");

	(void)state;
	assert_int_equal(result.count, 2);
	asm_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_instruction_assembles_to_what_was_disassembled),
		cmocka_unit_test(generated_programs_assemble_to_what_was_disassembled),
		cmocka_unit_test(slots_that_are_no_instructions_survive_as_data),
		cmocka_unit_test(well_known_instructions_have_their_bytes),
		cmocka_unit_test(labels_are_found_forward_and_backward),
		cmocka_unit_test(listings_of_objdump_are_accepted),
		cmocka_unit_test(bytes_of_a_listing_decide_where_its_text_is_ambiguous),
		cmocka_unit_test(a_listing_whose_bytes_are_not_its_text_is_refused),
		cmocka_unit_test(every_instruction_survives_with_its_fields_at_their_corners),
		cmocka_unit_test(entries_that_cannot_have_a_label_get_none),
		cmocka_unit_test(errors_say_where_and_what),
		cmocka_unit_test(jumps_that_are_too_far_are_errors),
		cmocka_unit_test(debug_sections_are_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
