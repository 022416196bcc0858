/* SPDX-License-Identifier: MIT */
/*
 * What is compiled in hybrid mode, and what is chosen. That hybrid runs are like all others is for
 * every test that runs programs in all engines (tests/support/world.h).
 */
#include "jit/jit.h"
#include "support/assemble.h"
#include "support/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint8_t buffer[1 << 17];
static uint32_t scratch[VOUCH_JIT_SCRATCH(PROGRAM_MAX)];
static uint32_t counts[PROGRAM_MAX], chosen[VOUCH_CHOSEN_WORDS(PROGRAM_MAX)];

/* A made-up target: a capital letter for an instruction, a small one where it hands over. */

static void fake_resume(struct jit *jit)
{
	jit_bytes(jit, '>', 1);
}

static void fake_epilogue(struct jit *jit)
{
	(void)jit;
}

static void fake_nops(struct jit *jit, uint32_t bytes)
{
	while (bytes-- > 0)
		jit_bytes(jit, ' ', 1);
}

static void fake_insn(struct jit *jit, uint32_t pc)
{
	jit_bytes(jit, 'A' + pc, 1);
}

static void fake_handover(struct jit *jit, uint32_t pc)
{
	jit_bytes(jit, 'a' + pc, 1);
}

static const struct vouch_target fake = {.name = "fake",
	.word = 8,
	.max_insn = 8,
	.max_frame = 8,
	.resume = fake_resume,
	.epilogue = fake_epilogue,
	.align = 8,
	.nops = fake_nops,
	.insn = fake_insn,
	.handover = fake_handover};

/* The made-up target's code for the instructions whose letters these are. */
static void assert_code(const struct code *code, const char *letters, const char *expected)
{
	struct vouch_program program = {code->insns, code->count, 0};
	struct vouch_code result;

	memset(chosen, 0, sizeof(chosen));
	for (; *letters; letters++)
		chosen[(*letters - 'A') / 32] |= 1u << (*letters - 'A') % 32;
	memset(buffer, 0, sizeof(buffer));
	assert_int_equal(vouch_compile_chosen(&fake, 0, &program, chosen, buffer, sizeof(buffer),
				 scratch, &result),
		VOUCH_OK);
	assert_string_equal((const char *)buffer, expected);
}

static void code_hands_over_where_it_comes_to_what_is_not_chosen(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, OP_mov64_k, 0, 0, 0, 3);  /* A */
	put(&code, OP_add64_k, 0, 0, 0, -1); /* B */
	put(&code, OP_jeq64_k, 0, 0, 2, 7);  /* C: to F */
	put_wide(&code, 1, 5);               /* D, E */
	put(&code, OP_jne64_k, 0, 0, -5, 0); /* F: to B */
	put_exit(&code);                     /* G */
	assert_code(&code, "", ">");
	assert_code(&code, "A", ">Ab");
	assert_code(&code, "C", ">Cdf");
	assert_code(&code, "D", ">Df");
	assert_code(&code, "E", ">");
	assert_code(&code, "BCF", ">BCdFg");
	assert_code(&code, "F", ">bFg");
	assert_code(&code, "G", ">G");
	assert_code(&code, "ABCDFG", ">ABCDFG");
}

static void a_jump_goes_nowhere_but_to_its_target(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, OP_ja, 0, 0, 1, 0);      /* A: to C */
	put(&code, OP_mov64_k, 0, 0, 0, 1); /* B */
	put(&code, OP_ja, 0, 0, 0, 0);      /* C: to D */
	put(&code, OP_ja32, 0, 0, 0, -3);   /* D: to B */
	put_exit(&code);                    /* E */
	assert_code(&code, "A", ">Ac");
	assert_code(&code, "C", ">Cd");
	assert_code(&code, "D", ">bD");
	assert_code(&code, "E", ">E");
}

static void a_chosen_exit_may_return_to_any_call(void **state)
{
	struct code code = {.count = 0};

	(void)state;
	put(&code, OP_call_local, 0, 0, 0, 2); /* A: to D */
	put(&code, OP_call, 0, 0, 0, 0);       /* B */
	put_exit(&code);                       /* C */
	put(&code, OP_mov64_k, 0, 0, 0, 1);    /* D */
	put_exit(&code);                       /* E */
	assert_code(&code, "A", ">Abd");
	assert_code(&code, "B", ">Bc");
	assert_code(&code, "D", ">De");
	assert_code(&code, "E", ">bE");
	assert_code(&code, "AE", ">AbdE");
}

static void a_counting_run_counts_and_is_like_any_other(void **state)
{
	static const uint32_t expected[6] = {1, 3, 3, 2, 0, 1};
	struct code code = {.count = 0};
	struct vouch_config config;
	struct world world;
	struct vouch_vm vm;
	uint64_t r0 = 0;

	(void)state;
	put(&code, OP_mov64_k, 0, 0, 0, 3);
	put(&code, OP_add64_k, 0, 0, 0, -1);
	put(&code, OP_jeq64_k, 0, 0, 2, 0);
	put(&code, OP_jne64_k, 0, 0, -3, 0);
	put(&code, OP_mov64_k, 0, 0, 0, 7);
	put_exit(&code);
	world_create(&world, 1);
	config = world_config(&world, code.insns, code.count);
	assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
	memset(counts, 0, sizeof(counts));
	assert_int_equal(vouch_run_counted(&vm, counts, &r0), VOUCH_OK);
	assert_memory_equal(counts, expected, sizeof(expected));
	assert_true(r0 == 0 && vm.used == 2);
	counts[0] = UINT32_MAX;
	assert_int_equal(vouch_run_counted(&vm, counts, NULL), VOUCH_OK);
	assert_true(counts[0] == UINT32_MAX && counts[1] == 6);
	world_destroy(&world);
}

static void where_nothing_is_chosen_there_need_be_no_code(void **state)
{
	struct code code = {.count = 0};
	struct vouch_hybrid hybrid = {.chosen = chosen};
	struct vouch_config config;
	struct world world;
	struct vouch_vm vm;
	uint64_t r0 = 0;

	(void)state;
	put(&code, OP_mov64_k, 0, 0, 0, 3);
	put_exit(&code);
	world_create(&world, 1);
	config = world_config(&world, code.insns, code.count);
	assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
	memset(chosen, 0, sizeof(chosen));
	assert_int_equal(vouch_run_hybrid(&vm, &hybrid, &r0), VOUCH_OK);
	assert_int_equal(r0, 3);
	world_destroy(&world);
}

/* What is chosen is run, and nothing that is run more often is left out. */
static void assert_hottest(const struct vouch_program *program)
{
	uint32_t least = UINT32_MAX, most = 0;

	for (uint32_t pc = 0; pc < program->count; pc++) {
		bool is_chosen = chosen[pc / 32] >> pc % 32 & 1;

		if (is_chosen && counts[pc] < least)
			least = counts[pc];
		if (!is_chosen && counts[pc] > most)
			most = counts[pc];
	}
	assert_true(least > 0 && most <= least);
}

static void what_is_chosen_is_run_most_and_fits(void **state)
{
	struct vouch_insn insns[PROGRAM_MAX];
	const struct vouch_target *target;

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		uint32_t count = generate(seed, insns, 48);
		struct vouch_program program = {insns, count, 0};
		struct vouch_code least, all, code;
		uint64_t random = seed;
		size_t size;

		for (uint32_t pc = 0; pc < count; pc++)
			counts[pc] = insns[pc].opcode ? random_below(&random, 6) : 0;
		target = vouch_target_at(seed % 5);
		assert_non_null(target);
		memset(chosen, 0, sizeof(chosen));
		assert_int_equal(
			vouch_compile_chosen(target, 0, &program, chosen, NULL, 0, scratch, &least),
			VOUCH_OK);
		assert_int_equal(vouch_choose(target, 0, &program, counts, least.size - 1, scratch,
					 chosen, &code),
			VOUCH_JIT_SPACE);
		assert_int_equal(vouch_choose(target, 0, &program, counts, sizeof(buffer), scratch,
					 chosen, &all),
			VOUCH_OK);
		for (uint32_t pc = 0; pc < count; pc++)
			assert_int_equal(chosen[pc / 32] >> pc % 32 & 1, counts[pc] > 0);
		size = least.size + random_below(&random, (uint32_t)(all.size - least.size + 1));
		assert_int_equal(
			vouch_choose(target, 0, &program, counts, size, scratch, chosen, &code),
			VOUCH_OK);
		assert_true(code.size <= size);
		assert_hottest(&program);
		assert_int_equal(vouch_compile_chosen(
					 target, 0, &program, chosen, buffer, size, scratch, &code),
			VOUCH_OK);
	}
}

/* How many of a loop of n instructions are chosen for so many bytes of the made-up target's code.
 */
static uint32_t chosen_of_loop(uint32_t n, size_t size)
{
	struct code code = {.count = 0};
	struct vouch_program program;
	struct vouch_code result;
	uint32_t slots = 0;

	for (uint32_t i = 1; i < n; i++)
		put(&code, OP_add64_k, 0, 0, 0, 1);
	put(&code, OP_jne64_k, 0, 0, (int16_t)-n, 0);
	put_exit(&code);
	program = (struct vouch_program){code.insns, code.count, 0};
	for (uint32_t pc = 0; pc < n; pc++)
		counts[pc] = 1000;
	counts[n] = 1;
	assert_int_equal(
		vouch_choose(&fake, 0, &program, counts, size, scratch, chosen, &result), VOUCH_OK);
	assert_true(result.size <= size);
	for (uint32_t pc = 0; pc < code.count; pc++)
		slots += chosen[pc / 32] >> pc % 32 & 1;
	return slots;
}

static void part_of_a_loop_is_chosen_only_if_it_is_worth_it(void **state)
{
	(void)state;
	/* One byte is for the prologue, one for handing over. */
	assert_int_equal(chosen_of_loop(3, 4), 0);
	assert_int_equal(chosen_of_loop(3, 5), 4);
	assert_int_equal(chosen_of_loop(20, 5), 0);
	assert_int_equal(chosen_of_loop(20, 17), 15);
	assert_int_equal(chosen_of_loop(20, 22), 21);
}

static void choosing_refuses_what_the_checker_refuses(void **state)
{
	struct vouch_insn insns[1] = {{.opcode = 0xff}};
	struct vouch_program program = {insns, 1, 0};
	struct vouch_code code;

	(void)state;
	counts[0] = 1;
	assert_int_equal(vouch_choose(vouch_target_at(0), 0, &program, counts, sizeof(buffer),
				 scratch, chosen, &code),
		VOUCH_BAD_OPCODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_hands_over_where_it_comes_to_what_is_not_chosen),
		cmocka_unit_test(a_jump_goes_nowhere_but_to_its_target),
		cmocka_unit_test(a_chosen_exit_may_return_to_any_call),
		cmocka_unit_test(a_counting_run_counts_and_is_like_any_other),
		cmocka_unit_test(where_nothing_is_chosen_there_need_be_no_code),
		cmocka_unit_test(what_is_chosen_is_run_most_and_fits),
		cmocka_unit_test(part_of_a_loop_is_chosen_only_if_it_is_worth_it),
		cmocka_unit_test(choosing_refuses_what_the_checker_refuses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
