/* SPDX-License-Identifier: MIT */
/*
 * The x86-64 model on variables: registers, immediates and displacements that are not constant go
 * through, as one term each; what has to be constant and isn't stops it. What comes out has to be
 * the term that a person would write, since the proofs live on comparisons that rewrite to nothing.
 * Last, the code of many programs, swept through: the model knows all that the emitter writes.
 */
#include "prover/model/x86.h"
#include "support/generate.h"
#include "vouch/jit.h"

#include <capstone/capstone.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { RAX, RCX, RDX, RBX, RSI = 6, RDI };
enum { CODE = 0x1000 };

/* A machine with variables in its registers, and what it did last. */
struct machine {
	struct model_env env;
	struct x86 x;
	struct terms *tc;
	term code[32];
	unsigned length;
	term address, stored; /* of the last access */
	term condition;       /* that it asked for */
	int way;              /* which way that goes */
};

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	struct machine *m = env->user;
	uint64_t at = term_value(address) - CODE;
	term parts[8];

	if (at + bytes > m->length)
		return NULL;
	for (unsigned n = 0; n < bytes; n++)
		parts[bytes - 1 - n] = m->code[at + n];
	return bv_concat_n(env->tc, bytes, parts);
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	struct machine *m = env->user;

	m->address = address;
	return bv_trunc(env->tc, 8 * bytes, bv_var(env->tc, "memory", 64));
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	struct machine *m = env->user;

	assert_int_equal(value->width, 8 * bytes);
	m->address = address;
	m->stored = value;
	return true;
}

static int branch(struct model_env *env, term condition)
{
	struct machine *m = env->user;

	m->condition = condition;
	return m->way;
}

static int setup(void **state)
{
	static const char *const name[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
		"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"};
	struct machine *m = test_calloc(1, sizeof(*m));

	m->tc = terms_new(TERMS_REWRITE);
	m->env = (struct model_env){.tc = m->tc,
		.user = m,
		.fetch = fetch,
		.load = load,
		.store = store,
		.branch = branch};
	x86_init(&m->x, &m->env, bv_const(m->tc, 64, CODE));
	for (unsigned n = 0; n < 16; n++)
		m->x.r[n] = bv_var(m->tc, name[n], 64);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	terms_free(m->tc);
	test_free(m);
	return 0;
}

static void put(struct machine *m, unsigned count, const uint8_t *bytes)
{
	for (unsigned n = 0; n < count; n++)
		m->code[m->length++] = bv_const(m->tc, 8, bytes[n]);
}
#define PUT(m, ...) put(m, sizeof((uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__})

/* Bytes of a variable, as code; it. */
static term put_var(struct machine *m, const char *name, unsigned bytes)
{
	term variable = bv_var(m->tc, name, 8 * bytes);

	for (unsigned n = 0; n < bytes; n++)
		m->code[m->length++] = bv_extract(m->tc, 8 * n + 7, 8 * n, variable);
	return variable;
}

static void run(struct machine *m)
{
	while (term_value(m->x.rip) < CODE + m->length) {
		if (!x86_step(&m->x))
			fail_msg("%s", m->env.reason);
		if (!term_is_const(m->x.rip))
			return;
	}
}

static term r(const struct machine *m, unsigned n)
{
	return m->x.r[n];
}

static void an_immediate_is_any_term(void **state)
{
	struct machine *m = *state;
	term rax = r(m, RAX), rbx = r(m, RBX), k32, k8, k64;

	PUT(m, 0x48, 0x05); /* add rax, k32 */
	k32 = put_var(m, "k32", 4);
	PUT(m, 0x83, 0xeb); /* sub ebx, k8 */
	k8 = put_var(m, "k8", 1);
	run(m);
	assert_ptr_equal(r(m, RAX), bv_add(m->tc, rax, bv_sext(m->tc, 64, k32)));
	assert_ptr_equal(r(m, RBX),
		bv_zext(m->tc, 64,
			bv_sub(m->tc, bv_trunc(m->tc, 32, rbx), bv_sext(m->tc, 32, k8))));
	m->length = 0;
	m->x.rip = bv_const(m->tc, 64, CODE);
	PUT(m, 0x48, 0xb8); /* mov rax, k64 */
	k64 = put_var(m, "k64", 8);
	run(m);
	assert_ptr_equal(r(m, RAX), k64);
}

static void a_displacement_is_any_term(void **state)
{
	struct machine *m = *state;
	term rcx = r(m, RCX), rdx = r(m, RDX), rdi = r(m, RDI), rsi = r(m, RSI), d32, d8, k16;

	PUT(m, 0x8b, 0x84, 0x91); /* mov eax, [rcx + rdx * 4 + d32] */
	d32 = put_var(m, "d32", 4);
	run(m);
	assert_ptr_equal(m->address, bv_add(m->tc, bv_add(m->tc, rcx, bv_shl_c(m->tc, rdx, 2)),
					     bv_sext(m->tc, 64, d32)));
	PUT(m, 0x66, 0xc7, 0x47); /* mov word [rdi + d8], k16 */
	d8 = put_var(m, "d8", 1);
	k16 = put_var(m, "k16", 2);
	run(m);
	assert_ptr_equal(m->address, bv_add(m->tc, rdi, bv_sext(m->tc, 64, d8)));
	assert_ptr_equal(m->stored, k16);
	PUT(m, 0x48, 0x89, 0x35); /* mov [rip + d32], rsi */
	d32 = put_var(m, "d32", 4);
	run(m);
	assert_ptr_equal(m->address,
		bv_add(m->tc, bv_const(m->tc, 64, CODE + m->length), bv_sext(m->tc, 64, d32)));
	assert_ptr_equal(m->stored, rsi);
}

/* cmp or test, then jcc: the condition is the comparison itself. */
static void check_compare(struct machine *m, uint8_t cc, term expected)
{
	term distance;

	m->length = 0;
	m->x.rip = bv_const(m->tc, 64, CODE);
	m->way = 1;
	PUT(m, 0x48, 0x39, 0xd0, 0x0f, 0x80 | cc); /* cmp rax, rdx; jcc */
	distance = put_var(m, "distance", 4);
	run(m);
	assert_ptr_equal(m->condition, expected);
	assert_ptr_equal(m->x.rip,
		bv_add(m->tc, bv_const(m->tc, 64, CODE + m->length), bv_sext(m->tc, 64, distance)));
}

static void a_comparison_and_a_jump_are_one_comparison(void **state)
{
	struct machine *m = *state;
	term a = r(m, RAX), b = r(m, RDX);

	check_compare(m, 2, bv_ult(m->tc, a, b));
	check_compare(m, 3, bv_ule(m->tc, b, a));
	check_compare(m, 4, term_eq(m->tc, a, b));
	check_compare(m, 5, term_ne(m->tc, a, b));
	check_compare(m, 12, bv_slt(m->tc, a, b));
	check_compare(m, 13, bv_sle(m->tc, b, a));
	check_compare(m, 6, bv_ule(m->tc, a, b));
	check_compare(m, 7, bv_ult(m->tc, b, a));
	check_compare(m, 14, bv_sle(m->tc, a, b));
	check_compare(m, 15, bv_slt(m->tc, b, a));
}

static void a_jump_goes_on_where_its_condition_fails(void **state)
{
	struct machine *m = *state;

	PUT(m, 0x85, 0xc0, 0x75); /* test eax, eax; jne distance */
	put_var(m, "distance", 1);
	run(m);
	assert_ptr_equal(m->condition,
		term_ne(m->tc, bv_trunc(m->tc, 32, r(m, RAX)), bv_const(m->tc, 32, 0)));
	assert_int_equal(term_value(m->x.rip), CODE + m->length);
}

static void a_division_is_one_where_it_does_not_fault(void **state)
{
	struct machine *m = *state;
	term rax = r(m, RAX), rdi = r(m, RDI);

	PUT(m, 0x31, 0xd2, 0x48, 0xf7, 0xf7); /* xor edx, edx; div rdi */
	run(m);
	assert_ptr_equal(m->condition, term_eq(m->tc, rdi, bv_const(m->tc, 64, 0)));
	assert_ptr_equal(r(m, RAX), bv_udiv(m->tc, rax, rdi));
	assert_ptr_equal(r(m, RDX), bv_urem(m->tc, rax, rdi));
}

static void a_signed_division_is_one_where_it_does_not_fault(void **state)
{
	struct machine *m = *state;
	term rax = r(m, RAX), rdi = r(m, RDI), smallest = bv_const(m->tc, 64, (uint64_t)1 << 63),
	     minus_1 = bv_const(m->tc, 64, UINT64_MAX), zero = bv_const(m->tc, 64, 0);

	PUT(m, 0x48, 0x99, 0x48, 0xf7, 0xff); /* cqo; idiv rdi */
	run(m);
	assert_ptr_equal(m->condition, bool_or(m->tc, term_eq(m->tc, rdi, zero),
					       bool_and(m->tc, term_eq(m->tc, rax, smallest),
						       term_eq(m->tc, rdi, minus_1))));
	assert_ptr_equal(r(m, RAX), bv_sdiv(m->tc, rax, rdi));
	assert_ptr_equal(r(m, RDX), bv_srem(m->tc, rax, rdi));
}

static void a_division_of_32_bits_is_one(void **state)
{
	struct machine *m = *state;
	term eax = bv_trunc(m->tc, 32, r(m, RAX)), edi = bv_trunc(m->tc, 32, r(m, RDI));

	PUT(m, 0x99, 0xf7, 0xff); /* cdq; idiv edi */
	run(m);
	assert_ptr_equal(r(m, RAX), bv_zext(m->tc, 64, bv_sdiv(m->tc, eax, edi)));
	assert_ptr_equal(r(m, RDX), bv_zext(m->tc, 64, bv_srem(m->tc, eax, edi)));
}

static void a_division_that_faults_stops(void **state)
{
	struct machine *m = *state;
	term rax = r(m, RAX);

	m->way = 1;
	PUT(m, 0x48, 0xf7, 0xff); /* idiv rdi */
	assert_false(x86_step(&m->x));
	assert_non_null(strstr(m->env.reason, "#DE"));
	assert_ptr_equal(r(m, RAX), rax);
	assert_int_equal(term_value(m->x.rip), CODE);
}

static void undefined_flags_are_unknown_each_time_anew(void **state)
{
	struct machine *m = *state;
	term first;

	PUT(m, 0x48, 0x21, 0xd0); /* and rax, rdx: AF */
	run(m);
	first = m->x.flag[X86_AF];
	assert_true(term_is(first, TERM_VAR));
	PUT(m, 0x48, 0x21, 0xd0);
	run(m);
	assert_ptr_not_equal(m->x.flag[X86_AF], first);
}

static void opcodes_and_operands_must_be_constant(void **state)
{
	static const uint8_t before[][3] = {{0}, {1, 0x48}, {1, 0x0f}, {2, 0x48, 0x01},
		{2, 0x8b, 0x04}, {1, 0xc4}, {2, 0xc4, 0xe2}, {1, 0x66}};
	struct machine *m = *state;

	for (unsigned n = 0; n < sizeof(before) / sizeof(before[0]); n++) {
		m->length = 0;
		put(m, before[n][0], before[n] + 1);
		put_var(m, "byte", 1);
		put_var(m, "rest", 4);
		assert_false(x86_step(&m->x));
		assert_non_null(strstr(m->env.reason, "is not constant"));
		assert_int_equal(term_value(m->x.rip), CODE);
	}
}

/* One instruction of the emitter's, as capstone has found it. */
static void check_known(struct machine *m, const cs_insn *insn)
{
	bool jumps;
	uint32_t mark = terms_mark(m->tc);
	struct x86 before = m->x;

	m->length = 0;
	put(m, insn->size, insn->bytes);
	if (!x86_step(&m->x))
		fail_msg("%s %s: %s", insn->mnemonic, insn->op_str, m->env.reason);
	jumps = !term_is_value(m->x.rip, CODE + insn->size);
	if (jumps && insn->mnemonic[0] != 'j' && insn->mnemonic[0] != 'c' &&
		insn->mnemonic[0] != 'r')
		fail_msg("%s %s goes on elsewhere", insn->mnemonic, insn->op_str);
	m->x = before;
	terms_reset(m->tc, mark);
}

static void every_instruction_of_the_emitter_is_known(void **state)
{
	enum { SLOTS = 128, PROGRAMS = 400, BYTES = 1 << 16 };
	static struct vouch_insn insns[SLOTS];
	static uint8_t bytes[BYTES];
	static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS)];
	struct machine *m = *state;
	struct vouch_code code;
	cs_insn *list;
	csh capstone;

	assert_int_equal(cs_open(CS_ARCH_X86, CS_MODE_64, &capstone), CS_ERR_OK);
	for (unsigned seed = 1; seed <= PROGRAMS; seed++) {
		struct vouch_program program = {insns, generate(seed, insns, SLOTS), 0};
		size_t count, end = 0;

		assert_int_equal(
			vouch_compile(vouch_target_named("x86_64"), seed & 1 ? VOUCH_X86_BMI2 : 0,
				&program, bytes, sizeof(bytes), scratch, &code),
			VOUCH_OK);
		count = cs_disasm(capstone, bytes, code.size, CODE, 0, &list);
		for (size_t n = 0; n < count; n++) {
			check_known(m, &list[n]);
			end += list[n].size;
		}
		assert_int_equal(end, code.size);
		cs_free(list, count);
	}
	cs_close(&capstone);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_immediate_is_any_term),
		TEST(a_displacement_is_any_term),
		TEST(a_comparison_and_a_jump_are_one_comparison),
		TEST(a_jump_goes_on_where_its_condition_fails),
		TEST(a_division_is_one_where_it_does_not_fault),
		TEST(a_signed_division_is_one_where_it_does_not_fault),
		TEST(a_division_of_32_bits_is_one),
		TEST(a_division_that_faults_stops),
		TEST(undefined_flags_are_unknown_each_time_anew),
		TEST(opcodes_and_operands_must_be_constant),
		TEST(every_instruction_of_the_emitter_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
