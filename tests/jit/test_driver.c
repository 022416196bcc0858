/* SPDX-License-Identifier: MIT */
/*
 * The driver that every target shares: it measures what it then writes, keeps to the buffer, and
 * catches a target whose passes disagree. Made-up targets play the ones with bugs.
 */
#include "jit/jit.h"
#include "support/assemble.h"
#include "support/generate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { BUFFER = 1 << 17, GUARD = 0xcc };

static uint8_t buffer[BUFFER];
static uint32_t scratch[VOUCH_JIT_SCRATCH(PROGRAM_MAX)];

static enum vouch_status compile(const struct vouch_target *target,
	const struct vouch_program *program, size_t size, struct vouch_code *code)
{
	memset(buffer, GUARD, sizeof(buffer));
	return vouch_compile(target, 0, program, size ? buffer : NULL, size, scratch, code);
}

/* A made-up target: an instruction is its pc, twice; moves have bugs, by immediate. */
enum { SOUND, LONGER, LONGER_UNLESS_FAR, SHORTER, TOO_FAR, COLD_LONGER, COLD_SHORTER };

static void fake_frame(struct jit *jit)
{
	jit_bytes(jit, 0xf0f0, 2);
}

static void fake_nops(struct jit *jit, uint32_t bytes)
{
	while (bytes-- > 0)
		jit_bytes(jit, 0x90, 1);
}

static int bug_at(const struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	return insn->opcode == vouch_ops[OP_mov64_k].opcode ? insn->imm : SOUND;
}

static void fake_insn(struct jit *jit, uint32_t pc)
{
	int bug = bug_at(jit, pc);

	if (bug == TOO_FAR)
		jit_fail(jit, VOUCH_JIT_RANGE);
	jit_bytes(jit, pc, jit->out && bug == SHORTER ? 1 : 2);
	if (jit->out && (bug == LONGER || (bug == LONGER_UNLESS_FAR && !jit->far)))
		jit_bytes(jit, pc, 1);
}

static void fake_cold(struct jit *jit, uint32_t pc)
{
	int bug = bug_at(jit, pc);

	jit_bytes(jit, pc,
		jit->out && bug == COLD_LONGER    ? 5
		: jit->out && bug == COLD_SHORTER ? 3
						  : 4);
}

static const struct vouch_target fake = {.name = "fake",
	.word = 8,
	.max_insn = 8,
	.max_frame = 8,
	.prologue = fake_frame,
	.epilogue = fake_frame,
	.align = 1,
	.nops = fake_nops,
	.insn = fake_insn,
	.cold = fake_cold};

static void targets_are_found_by_index_and_by_their_whole_name(void **state)
{
	const struct vouch_target *target;
	size_t n = 0;

	(void)state;
	for (; (target = vouch_target_at(n)) != NULL; n++)
		assert_true(vouch_target_named(vouch_target_name(target)) == target);
	assert_true(n >= 2);
	assert_null(vouch_target_at(n + 1));
	assert_null(vouch_target_named(""));
	assert_null(vouch_target_named("x86"));
	assert_null(vouch_target_named("x86_644"));
	assert_null(vouch_target_named("rv6"));
}

static void what_was_measured_is_what_is_needed(void **state)
{
	(void)state;
	for (size_t t = 0; vouch_target_at(t); t++)
		for (uint64_t seed = 0; seed < 4000; seed++) {
			struct vouch_insn insns[PROGRAM_MAX];
			uint32_t count = generate(seed, insns, seed % 2 ? 64 : PROGRAM_MAX);
			struct vouch_program program = {insns, count, 0};
			struct vouch_code measured, written;

			assert_int_equal(
				compile(vouch_target_at(t), &program, 0, &measured), VOUCH_OK);
			assert_int_equal(
				compile(vouch_target_at(t), &program, measured.size, &written),
				VOUCH_OK);
			assert_int_equal(written.size, measured.size);
			assert_int_equal(buffer[written.size], GUARD);
			for (uint32_t pc = 0; pc < count; pc++) {
				assert_true(scratch[pc] <= scratch[pc + 1]);
				assert_true(scratch[count + 1 + pc] <= scratch[count + 2 + pc]);
			}
			assert_int_equal(scratch[2 * count + 1], written.size);
		}
}

/* At a multiple of the target's alignment, and nothing else is padded: `if` goes forward. */
static void only_targets_of_backward_jumps_are_aligned(void **state)
{
	struct vouch_target aligned = fake;
	struct code code = {.count = 0};
	struct vouch_code result;

	(void)state;
	aligned.align = 32;
	put(&code, OP_jeq64_k, 0, 0, 1, 0);
	put(&code, OP_add64_k, 0, 0, 0, 1);
	put(&code, OP_add64_k, 0, 0, 0, 1);
	put(&code, OP_jlt64_k, 0, 0, -3, 9);
	put_exit(&code);
	assert_int_equal(compile(&aligned, &(struct vouch_program){code.insns, code.count, 0},
				 BUFFER, &result),
		VOUCH_OK);
	assert_int_equal(scratch[0], 4);
	assert_int_equal(scratch[1], 32);
	assert_int_equal(scratch[2], 34);
	assert_int_equal(buffer[31], 0x90);
}

static void a_buffer_that_is_too_small_is_refused_and_not_overrun(void **state)
{
	struct vouch_insn insns[PROGRAM_MAX];
	struct vouch_program program = {insns, generate(3, insns, 32), 0};
	struct vouch_code code;

	(void)state;
	for (size_t t = 0; vouch_target_at(t); t++) {
		assert_int_equal(compile(vouch_target_at(t), &program, 0, &code), VOUCH_OK);
		for (size_t size = code.size; size-- > 1;) {
			assert_int_equal(compile(vouch_target_at(t), &program, size, &code),
				VOUCH_JIT_SPACE);
			assert_true(code.size > size);
			assert_int_equal(buffer[size], GUARD);
		}
	}
}

static void the_same_program_gives_the_same_bytes_anywhere(void **state)
{
	static uint8_t elsewhere[BUFFER];
	struct vouch_insn insns[PROGRAM_MAX];
	struct vouch_program program = {insns, generate(11, insns, PROGRAM_MAX), 0};
	struct vouch_code code;

	(void)state;
	for (size_t t = 0; vouch_target_at(t); t++) {
		assert_int_equal(compile(vouch_target_at(t), &program, BUFFER, &code), VOUCH_OK);
		assert_int_equal(vouch_compile(vouch_target_at(t), 0, &program, elsewhere + 64,
					 BUFFER - 64, scratch, &code),
			VOUCH_OK);
		assert_memory_equal(buffer, elsewhere + 64, code.size);
	}
}

static void what_the_checker_refuses_is_not_compiled(void **state)
{
	struct code code = {.count = 0};
	struct vouch_code result;

	(void)state;
	put(&code, OP_mov64_k, 0, 0, 0, 0);
	put(&code, OP_ja, 0, 0, 7, 0);
	put_exit(&code);
	for (size_t t = 0; vouch_target_at(t); t++) {
		struct vouch_program program = {code.insns, code.count, 0};

		assert_int_equal(
			compile(vouch_target_at(t), &program, BUFFER, &result), VOUCH_BAD_JUMP);
		assert_int_equal(result.pc, 1);
		program.count = 0;
		assert_int_equal(
			compile(vouch_target_at(t), &program, BUFFER, &result), VOUCH_BAD_SIZE);
	}
}

/* Three instructions, the second of which has a bug. */
static enum vouch_status compile_fake(int bug, struct vouch_code *code)
{
	struct code program = {.count = 0};

	put(&program, OP_mov64_k, 1, 0, 0, SOUND);
	put(&program, OP_mov64_k, 1, 0, 0, bug);
	put_exit(&program);
	return compile(
		&fake, &(struct vouch_program){program.insns, program.count, 0}, BUFFER, code);
}

static void code_is_prologue_epilogue_instructions_and_what_is_out_of_line(void **state)
{
	static const uint8_t expected[] = {0xf0, 0xf0, 0xf0, 0xf0, 0, 0, 1, 0, 2, 0,
		/* out of line: */ 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, GUARD};
	struct vouch_code code;

	(void)state;
	assert_int_equal(compile_fake(SOUND, &code), VOUCH_OK);
	assert_int_equal(code.size, sizeof(expected) - 1);
	assert_memory_equal(buffer, expected, sizeof(expected));
	assert_int_equal(scratch[0], 4);
	assert_int_equal(scratch[2], 8);
	assert_int_equal(scratch[4], 10);
	assert_int_equal(scratch[6], 18);
}

static void code_longer_than_measured_is_caught(void **state)
{
	struct vouch_code code;

	(void)state;
	assert_int_equal(compile_fake(LONGER, &code), VOUCH_JIT_OFFSETS);
	assert_int_equal(compile_fake(COLD_LONGER, &code), VOUCH_JIT_OFFSETS);
}

static void passes_that_disagree_are_repeated_with_long_jumps_only(void **state)
{
	struct vouch_code code;

	(void)state;
	assert_int_equal(compile_fake(LONGER_UNLESS_FAR, &code), VOUCH_OK);
	assert_int_equal(code.size, 22);
	assert_int_equal(buffer[6], 1);
	assert_int_equal(buffer[8], 2);
}

static void code_shorter_than_measured_is_filled_up(void **state)
{
	struct vouch_code code;

	(void)state;
	assert_int_equal(compile_fake(SHORTER, &code), VOUCH_OK);
	assert_int_equal(code.size, 22);
	assert_int_equal(buffer[6], 1);
	assert_int_equal(buffer[7], 0x90);
	assert_int_equal(buffer[8], 2);
	assert_int_equal(compile_fake(COLD_SHORTER, &code), VOUCH_OK);
	assert_int_equal(code.size, 22);
	assert_int_equal(buffer[17], 0x90);
	assert_int_equal(buffer[18], 2);
}

static void a_targets_failure_says_at_which_instruction(void **state)
{
	struct vouch_code code;

	(void)state;
	assert_int_equal(compile_fake(TOO_FAR, &code), VOUCH_JIT_RANGE);
	assert_int_equal(code.pc, 1);
}

static void programs_whose_offsets_would_overflow_are_refused(void **state)
{
	struct vouch_target wide = fake;
	struct code program = {.count = 0};
	struct vouch_code code;

	(void)state;
	wide.max_insn = 1 << 24;
	for (unsigned i = 0; i < 62; i++)
		put(&program, OP_mov64_k, 1, 0, 0, SOUND);
	put_exit(&program);
	assert_int_equal(
		compile(&wide, &(struct vouch_program){program.insns, 63, 0}, BUFFER, &code),
		VOUCH_OK);
	wide.max_insn = 1 << 25;
	assert_int_equal(
		compile(&wide, &(struct vouch_program){program.insns, 63, 0}, BUFFER, &code),
		VOUCH_JIT_RANGE);
}

/* VEX-encoded instructions start with 0xc4 or 0xc5; shifts by these registers have no other such
 * byte. */
static bool has_vex(uint32_t features)
{
	static const struct vouch_insn insns[] = {{.opcode = 0x6f, .regs = VOUCH_REGS(1, 2)},
		{.opcode = 0x7f, .regs = VOUCH_REGS(1, 2)},
		{.opcode = 0xcf, .regs = VOUCH_REGS(1, 2)}, {.opcode = OPCODE_EXIT}};
	struct vouch_program program = {insns, 4, 0};
	struct vouch_code code;

	assert_int_equal(vouch_compile(vouch_target_named("x86_64"), features, &program, buffer,
				 BUFFER, scratch, &code),
		VOUCH_OK);
	return memchr(buffer + scratch[0], 0xc4, scratch[4] - scratch[0]) ||
	       memchr(buffer + scratch[0], 0xc5, scratch[4] - scratch[0]);
}

static void instructions_beyond_the_base_are_used_only_where_they_exist(void **state)
{
	(void)state;
	assert_true(has_vex(VOUCH_X86_BMI2));
	assert_false(has_vex(0));
}

/* Fillers of different lengths in machine code, so that distances take every value. */
static void put_filler(struct code *code, unsigned n, unsigned kind)
{
	for (unsigned i = 0; i < n; i++)
		if (kind == 0 || (kind == 1 && i % 3 == 0))
			put(code, OP_mov32_x, 3, 4, 0, 0);
		else if (kind == 1)
			put(code, OP_add64_x, 3, 4, 0, 0);
		else
			put(code, OP_mov64_k, 3, 0, 0, 0x12345678);
}

static void expect_r0(struct world *world, const struct code *code, uint64_t r0)
{
	for (enum engine engine = 0; engine < ENGINES; engine++) {
		struct outcome outcome;

		if (!engine_exists(engine))
			continue;
		world_run(world, engine, code->insns, code->count, &outcome);
		assert_int_equal(outcome.status, VOUCH_OK);
		assert_true(outcome.r0 == r0);
	}
}

static void put_jump(struct code *code, enum vouch_op op, int32_t delta)
{
	bool by_imm = vouch_ops[op].imm == IMM_JUMP;

	put(code, op, 0, 0, by_imm ? 0 : (int16_t)delta, by_imm ? delta : 0);
}

/* Forward over fillers and back again, so that both jumps meet every form of jump and the borders
 * between them. */
static void jumps_of_every_distance_arrive(void **state)
{
	static const enum vouch_op ops[] = {OP_ja, OP_ja32, OP_jeq64_k, OP_jle32_x, OP_call_local};
	struct world world;

	(void)state;
	world_create(&world, 8);
	for (unsigned o = 0; o < 5; o++)
		for (unsigned kind = 0; kind < 3; kind++)
			for (unsigned n = 0; n < 120; n++) {
				struct code code = {.count = 0};

				put(&code, OP_mov64_k, 0, 0, 0, 0);
				put_jump(&code, ops[o], 3 + (int32_t)n);
				put(&code, OP_mov64_k, 0, 0, 0, 7);
				put_exit(&code);
				put_filler(&code, n, kind);
				put_exit(&code);
				put_jump(&code, ops[o], -4 - (int32_t)n);
				put_exit(&code);
				expect_r0(&world, &code, 7);
			}
	world_destroy(&world);
}

/* The same in programs too large for the middle forms of jumps; only ja32 and calls reach so far.
 */
static void jumps_across_large_programs_arrive(void **state)
{
	static const uint32_t sizes[] = {600, 5000, 32000, 40000, 300000};
	struct world world;

	(void)state;
	world_create(&world, 2);
	for (unsigned i = 0; i < 5; i++) {
		uint32_t n = sizes[i], count = 0;
		struct vouch_insn *insns = calloc(n + 8, sizeof(*insns));
		struct code edge = {.count = 0};

		assert_non_null(insns);
		put(&edge, OP_mov64_k, 0, 0, 0, 1);
		put(&edge, OP_call_local, 0, 0, 0, (int32_t)n + 2);
		put(&edge, OP_ja32, 0, 0, 0, (int32_t)n + 3);
		put(&edge, OP_exit, 0, 0, 0, 0);
		memcpy(insns, edge.insns, 4 * sizeof(*insns));
		for (count = 4; count < n + 4; count++)
			insns[count] = (struct vouch_insn){
				.opcode = 0xb7, .regs = VOUCH_REGS(3, 0), .imm = 0x7654321};
		edge.count = 0;
		put(&edge, OP_add64_k, 0, 0, 0, 10);
		put(&edge, OP_exit, 0, 0, 0, 0);
		put(&edge, OP_add64_k, 0, 0, 0, 100);
		put(&edge, OP_ja32, 0, 0, 0, -(int32_t)n - 5);
		memcpy(insns + count, edge.insns, 4 * sizeof(*insns));
		for (enum engine engine = 0; engine < ENGINES; engine++) {
			struct outcome outcome;

			if (!engine_exists(engine))
				continue;
			world_run(&world, engine, insns, n + 8, &outcome);
			assert_int_equal(outcome.status, VOUCH_OK);
			assert_int_equal(outcome.r0, 111);
			assert_int_equal(outcome.used, 2);
		}
		free(insns);
	}
	world_destroy(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_found_by_index_and_by_their_whole_name),
		cmocka_unit_test(what_was_measured_is_what_is_needed),
		cmocka_unit_test(only_targets_of_backward_jumps_are_aligned),
		cmocka_unit_test(a_buffer_that_is_too_small_is_refused_and_not_overrun),
		cmocka_unit_test(the_same_program_gives_the_same_bytes_anywhere),
		cmocka_unit_test(what_the_checker_refuses_is_not_compiled),
		cmocka_unit_test(code_is_prologue_epilogue_instructions_and_what_is_out_of_line),
		cmocka_unit_test(code_longer_than_measured_is_caught),
		cmocka_unit_test(passes_that_disagree_are_repeated_with_long_jumps_only),
		cmocka_unit_test(code_shorter_than_measured_is_filled_up),
		cmocka_unit_test(a_targets_failure_says_at_which_instruction),
		cmocka_unit_test(programs_whose_offsets_would_overflow_are_refused),
		cmocka_unit_test(instructions_beyond_the_base_are_used_only_where_they_exist),
		cmocka_unit_test(jumps_of_every_distance_arrive),
		cmocka_unit_test(jumps_across_large_programs_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
