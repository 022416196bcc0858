/* SPDX-License-Identifier: MIT */
/*
 * What the executor and the RISC-V model must refuse: instructions that aren't modelled, accesses
 * that the memory map forbids, jumps to where no code is. Each program is a few instructions in an
 * image made up here, that would return if it were let; and each has a neighbour that is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "prover/exec/exec.h"

enum { CODE = 0x1000, CONSTANTS = 0x2000, VARIABLES = 0x3000, OBJECT = 0x4000, RETURN = 0x8000 };
enum { OBJECT_BYTES = 16, IMAGE_BYTES = 64 };

/* Registers at the start: a0 = OBJECT, a1 = CONSTANTS, a2 = VARIABLES, a3 a variable, ra = RETURN.
 * ret is 0x00008067. */
#define RET 0x00008067

struct program {
	uint32_t code[4];
	unsigned permissions; /* of the object: 0 for both */
	bool plain;           /* a machine without C */
	bool symbolic;        /* an instruction of which nothing is known comes first */
};

struct end {
	unsigned returned, stopped;
	bool forbidden, trapped;
	char reason[160];
};

struct run {
	const struct program *program;
	struct end end;
};

static void setup(struct exec *exec, void *user)
{
	const struct run *run = user;
	struct rv *rv = exec_rv(exec);
	unsigned permissions = run->program->permissions;

	exec_object_add(
		exec, (struct exec_object){.name = "object",
			      .base = bv_const(exec->tc, 64, OBJECT),
			      .size = bv_const(exec->tc, 64, OBJECT_BYTES),
			      .permissions = permissions ? permissions : OBJECT_READ | OBJECT_WRITE,
			      .contents = mem_var(exec->tc, "object")});
	rv->compressed = !run->program->plain;
	rv->pc = bv_const(exec->tc, 64, CODE);
	rv->x[1] = bv_const(exec->tc, 64, RETURN);
	rv->x[10] = bv_const(exec->tc, 64, OBJECT);
	rv->x[11] = bv_const(exec->tc, 64, CONSTANTS);
	rv->x[12] = bv_const(exec->tc, 64, VARIABLES);
	rv->x[13] = bv_var(exec->tc, "anything", 64);
}

static enum exec_at at(struct exec *exec, void *user)
{
	(void)user;
	return term_is_value(exec_rv(exec)->pc, RETURN) ? EXEC_END : EXEC_STEP;
}

static bool path(struct exec *exec, enum exec_end how, void *user)
{
	struct end *end = &((struct run *)user)->end;

	if (how == EXEC_ENDED) {
		end->returned++;
		return true;
	}
	end->stopped++;
	end->forbidden = exec->forbidden;
	end->trapped = exec->env.trapped;
	snprintf(end->reason, sizeof(end->reason), "%s", exec->env.reason);
	return true;
}

static term anything(struct exec *exec, term address, unsigned bytes, void *user)
{
	(void)address;
	(void)user;
	return bv_var(exec->tc, bytes == 2 ? "half" : "word", 8 * bytes);
}

static struct end execute(const struct program *program)
{
	uint8_t code[sizeof(program->code)], constants[IMAGE_BYTES] = {0}, bytes[IMAGE_BYTES] = {0};
	struct image image = {.segment = {{CODE, sizeof(code), code, false, true},
				      {CONSTANTS, IMAGE_BYTES, constants, false, false},
				      {VARIABLES, IMAGE_BYTES, bytes, true, false}},
		.segments = 3};
	struct run run = {.program = program};
	const struct exec_client client = {.user = &run,
		.setup = setup,
		.at = at,
		.path = path,
		.fetch = program->symbolic ? anything : NULL};
	const struct exec_options options = {
		.machine = &machine_rv64, .image = &image, .max_steps = 100, .max_paths = 10};
	struct terms *tc = terms_new(TERMS_REWRITE);
	struct solver *solver = solver_new(NULL);

	for (unsigned i = 0; i < sizeof(code); i++)
		code[i] = (uint8_t)(program->code[i / 4] >> 8 * (i % 4));
	exec_run(tc, solver, &options, &client);
	solver_free(solver);
	terms_free(tc);
	return run.end;
}

static void returns(struct program program)
{
	struct end end = execute(&program);

	if (end.stopped)
		fail_msg("stopped: %s", end.reason);
	assert_int_equal(end.returned, 1);
}

static struct end stops(struct program program, const char *says)
{
	struct end end = execute(&program);

	assert_int_equal(end.returned, 0);
	if (end.stopped != 1 || !strstr(end.reason, says))
		fail_msg("expected '%s', have %u: '%s'", says, end.stopped, end.reason);
	return end;
}

static void an_instruction_that_is_not_modelled(void **state)
{
	static const uint32_t unknown[] = {
		0x00000073, /* ecall */
		0x00100073, /* ebreak */
		0xc0002573, /* rdcycle a0 */
		0x0000100f, /* fence.i */
		0x02a57553, /* fadd.d */
		0x0000000b, /* custom-0 */
		0x00000000, /* defined to be illegal */
		0x9002,     /* c.ebreak */
		0xffffffff,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		struct end end = stops((struct program){.code = {unknown[i], RET}}, "");

		assert_true(*end.reason);
		assert_false(end.forbidden);
	}
	returns((struct program){.code = {0x00150513, RET}}); /* addi a0, a0, 1 */
}

static void an_instruction_that_is_not_known(void **state)
{
	(void)state;
	stops((struct program){.symbolic = true}, "not constant");
}

static void an_access_outside_the_map(void **state)
{
	(void)state;
	returns((struct program){.code = {0x00853503, RET}});          /* ld a0, 8(a0) */
	stops((struct program){.code = {0x00953503, RET}}, "outside"); /* ld a0, 9(a0) */
	stops((struct program){.code = {0xfff50503, RET}}, "outside"); /* lb a0, -1(a0) */
	stops((struct program){.code = {0x00000503, RET}}, "outside"); /* lb a0, 0(zero) */
	stops((struct program){.code = {0x00068503, RET}}, "outside"); /* lb a0, 0(a3) */
	returns((struct program){.code = {0x00a507a3, RET}});          /* sb a0, 15(a0) */
	stops((struct program){.code = {0x00a50823, RET}}, "outside"); /* sb a0, 16(a0) */
	assert_true(stops((struct program){.code = {0x00a68023, RET}}, "outside").forbidden);
}

static void a_write_to_what_is_read_only(void **state)
{
	(void)state;
	stops((struct program){.code = {0x00a53023, RET}, .permissions = OBJECT_READ},
		"'object', which is read-only"); /* sd a0, 0(a0) */
	returns((struct program){.code = {0x00a53023, RET}, .permissions = OBJECT_WRITE});
	stops((struct program){.code = {0x00a5b023, RET}},
		"read-only memory of the image");             /* sd a0, 0(a1) */
	returns((struct program){.code = {0x0005b503, RET}}); /* ld a0, 0(a1) */
}

static void a_read_of_what_is_not_to_be_read(void **state)
{
	(void)state;
	stops((struct program){.code = {0x00053503, RET}, .permissions = OBJECT_WRITE},
		"not to be read"); /* ld a0, 0(a0) */
	returns((struct program){.code = {0x00053503, RET}, .permissions = OBJECT_READ});
}

/* Variables of the image are no constants: what they hold isn't known. */
static void a_read_of_what_may_have_changed(void **state)
{
	(void)state;
	stops((struct program){.code = {0x00063503, RET}}, "outside"); /* ld a0, 0(a2) */
}

static void a_jump_to_where_no_code_is(void **state)
{
	(void)state;
	stops((struct program){.code = {0x00058067}}, "no code at 0x2000"); /* jr a1 */
	stops((struct program){.code = {0x00060067}}, "no code at 0x3000"); /* jr a2 */
	stops((struct program){.code = {0x00068067}}, "not constant");      /* jr a3 */
	stops((struct program){.code = {0x0100006f}}, "no code at 0x1010"); /* j to the end */
	/* The last two bytes are half an instruction. */
	stops((struct program){.code = {0x00e0006f, 0, 0, 0x80670000}}, "no code at 0x100e");
}

static void a_jump_that_is_not_aligned(void **state)
{
	/* j over half an instruction to c.nop, then ret */
	struct program program = {.code = {0x0060006f, 0x00010000, RET}};

	(void)state;
	returns(program);
	program.plain = true;
	assert_true(stops(program, "no multiple of 4").trapped);
}

static void compressed_instructions_where_there_are_none(void **state)
{
	struct program program = {.code = {0x00010001, RET}}; /* c.nop, c.nop */

	(void)state;
	returns(program);
	program.plain = true;
	assert_true(stops(program, "compressed").trapped);
}

static void an_atomic_that_is_not_aligned(void **state)
{
	(void)state;
	returns((struct program){.code = {0x00850513, 0x00a5352f, RET}}); /* amoadd.d at a0 + 8 */
	stops((struct program){.code = {0x00450513, 0x00a5352f, RET}}, "misaligned");
}

static void what_does_not_end(void **state)
{
	(void)state;
	stops((struct program){.code = {0x0000006f}}, "too many steps"); /* j . */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instruction_that_is_not_modelled),
		cmocka_unit_test(an_instruction_that_is_not_known),
		cmocka_unit_test(an_access_outside_the_map),
		cmocka_unit_test(a_write_to_what_is_read_only),
		cmocka_unit_test(a_read_of_what_is_not_to_be_read),
		cmocka_unit_test(a_read_of_what_may_have_changed),
		cmocka_unit_test(a_jump_to_where_no_code_is),
		cmocka_unit_test(a_jump_that_is_not_aligned),
		cmocka_unit_test(compressed_instructions_where_there_are_none),
		cmocka_unit_test(an_atomic_that_is_not_aligned),
		cmocka_unit_test(what_does_not_end),
	};

	return cmocka_run_group_tests_name("the executor refuses", tests, NULL, NULL);
}
