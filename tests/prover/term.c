/* SPDX-License-Identifier: MIT */
/*
 * Terms: that equal terms are one, that constants fold, and that words which C code assembled show
 * their constant bits and give back their fields. And, at random, that rewriting never changes a
 * value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "prover/term/rewrite.h"

static struct terms *tc; /* set up for each test */

static int set_up(void **state)
{
	(void)state;
	tc = terms_new(TERMS_REWRITE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	terms_free(tc);
	return 0;
}

static term c64(uint64_t value)
{
	return bv_const(tc, 64, value);
}

static term v64(const char *name)
{
	return bv_var(tc, name, 64);
}

#define assert_same(a, b) assert_ptr_equal(a, b)

static void equal_terms_are_one_handle(void **state)
{
	(void)state;
	assert_same(bv_add(tc, v64("x"), v64("y")), bv_add(tc, v64("y"), v64("x")));
	assert_true(v64("x") != v64("y"));
	assert_true(bv_const(tc, 32, 1) != bv_const(tc, 64, 1));
	assert_true(bool_const(tc, true) != bv_const(tc, 1, 1));
}

static void resetting_to_a_mark_forgets_what_came_after_and_nothing_else(void **state)
{
	term x = v64("x"), sum = bv_add_c(tc, x, 1);
	uint32_t mark = terms_mark(tc);

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		for (uint64_t i = 2; i < 5000; i++)
			bv_mul(tc, bv_add_c(tc, x, i), v64("y"));
		assert_true(terms_count(tc) > 9000);
		terms_reset(tc, mark);
		assert_int_equal(terms_count(tc), mark);
		assert_same(v64("x"), x);
		assert_same(bv_add_c(tc, x, 1), sum);
		assert_int_equal(terms_count(tc), mark);
	}
}

/* The same operator on terms with the same ids, which are other terms now. */
static void what_was_remembered_of_forgotten_terms_is_forgotten(void **state)
{
	term three = c64(3);
	uint32_t mark = terms_mark(tc);

	(void)state;
	for (uint64_t i = 5; i < 8; i++) {
		assert_int_equal(term_value(bv_add(tc, three, c64(i))), 3 + i);
		terms_reset(tc, mark);
	}
}

static void constants_fold_by_smtlibs_definitions(void **state)
{
	term least = bv_const(tc, 32, 0x80000000), minus_one = bv_const(tc, 32, 0xffffffff),
	     zero = bv_const(tc, 32, 0);

	(void)state;
	assert_same(bv_udiv(tc, least, zero), minus_one);
	assert_same(bv_urem(tc, least, zero), least);
	assert_same(bv_sdiv(tc, least, zero), bv_const(tc, 32, 1));
	assert_same(bv_sdiv(tc, bv_const(tc, 32, 7), zero), minus_one);
	assert_same(bv_sdiv(tc, least, minus_one), least);
	assert_same(bv_srem(tc, least, minus_one), zero);
	assert_same(bv_srem(tc, bv_const(tc, 32, (uint32_t)-7), bv_const(tc, 32, 2)), minus_one);
	assert_same(bv_shl(tc, least, bv_const(tc, 32, 32)), zero);
	assert_same(bv_ashr(tc, least, bv_const(tc, 32, 99)), minus_one);
	assert_same(bv_mul(tc, bv_const128(tc, 128, ~(u128)0), bv_const128(tc, 128, ~(u128)0)),
		bv_const(tc, 128, 1));
	assert_int_equal(term_signed_value(minus_one), -1);
}

/* A register of the machine that runs the emitter holds a field; it is 64 bits wide and
 * sign-extended, say. */
static term field(const char *name, unsigned bits)
{
	return bv_zext(tc, 64, bv_var(tc, name, bits));
}

static term shift_or(term word, term x, unsigned by)
{
	return bv_or(tc, word, bv_shl_c(tc, x, by));
}

static term store_and_load(term word32)
{
	term p = v64("p"), m = mem_var(tc, "m");

	m = mem_write(tc, m, bv_add_c(tc, p, 8), 4, word32);
	m = mem_write(tc, m, bv_add_c(tc, p, 4), 4, bv_var(tc, "before", 32));
	m = mem_write(tc, m, bv_add_c(tc, p, 12), 4, bv_var(tc, "after", 32));
	return mem_load(tc, m, bv_add_c(tc, bv_add_c(tc, p, 10), (uint64_t)-2), 4);
}

static void a_decoder_sees_opcode_and_fields_of_a_u_type_word(void **state)
{
	term imm = v64("imm"), rd = field("rd", 5);
	term upper = bv_and_c(tc, bv_add_c(tc, imm, 0x800), 0xfffff000);
	term word = bv_or(tc, shift_or(upper, rd, 7), c64(0x37));

	(void)state;
	word = store_and_load(bv_trunc(tc, 32, word));
	assert_same(bv_extract(tc, 6, 0, word), bv_const(tc, 7, 0x37));
	assert_same(bv_extract(tc, 11, 7, word), bv_var(tc, "rd", 5));
	assert_same(bv_extract(tc, 31, 12, word),
		bv_extract(tc, 31, 12, bv_add_c(tc, bv_trunc(tc, 32, imm), 0x800)));
}

static void a_decoder_sees_through_additions_that_cannot_carry(void **state)
{
	term word = bv_add(tc, bv_shl_c(tc, field("imm", 20), 12), bv_shl_c(tc, field("rd", 5), 7));

	(void)state;
	word = store_and_load(bv_trunc(tc, 32, bv_add_c(tc, word, 0x17)));
	assert_same(bv_extract(tc, 6, 0, word), bv_const(tc, 7, 0x17));
	assert_same(bv_extract(tc, 31, 12, word), bv_var(tc, "imm", 20));
}

/* imm[20|10:1|11|19:12] of JAL, out of a sign-extended offset and back again as the decoder does
 * it. */
static void a_scattered_immediate_comes_back_as_the_offset(void **state)
{
	term off = bv_shl_c(tc, bv_sext(tc, 64, bv_var(tc, "off", 16)), 2), word = c64(0x6f), back;

	(void)state;
	word = shift_or(word, bv_and_c(tc, bv_lshr_c(tc, off, 20), 1), 31);
	word = shift_or(word, bv_and_c(tc, bv_lshr_c(tc, off, 1), 0x3ff), 21);
	word = shift_or(word, bv_and_c(tc, bv_lshr_c(tc, off, 11), 1), 20);
	word = bv_or(tc, word, bv_and_c(tc, off, 0xff000));
	word = store_and_load(bv_trunc(tc, 32, word));
	assert_same(bv_trunc(tc, 12, word), bv_const(tc, 12, 0x6f));
	back = bv_concat_n(tc, 5,
		(term[]){bv_extract(tc, 31, 31, word), bv_extract(tc, 19, 12, word),
			bv_extract(tc, 20, 20, word), bv_extract(tc, 30, 21, word),
			bv_const(tc, 1, 0)});
	assert_same(bv_sext(tc, 64, back), off);
}

static void compressed_instructions_decode_from_half_a_word(void **state)
{
	term rd = field("rd", 5), imm = field("imm", 6), word = c64(0x4001); /* c.li */

	(void)state;
	word = shift_or(word, bv_and_c(tc, bv_lshr_c(tc, imm, 5), 1), 12);
	word = shift_or(word, rd, 7);
	word = shift_or(word, bv_and_c(tc, imm, 0x1f), 2);
	word = bv_trunc(tc, 16, word);
	assert_same(bv_extract(tc, 1, 0, word), bv_const(tc, 2, 1));
	assert_same(bv_extract(tc, 15, 13, word), bv_const(tc, 3, 2));
	assert_same(bv_concat(tc, bv_extract(tc, 12, 12, word), bv_extract(tc, 6, 2, word)),
		bv_var(tc, "imm", 6));
}

static void whatever_is_stored_is_loaded_again_as_it_was(void **state)
{
	term x = v64("x"), y = v64("y"), p = v64("sp"), m = mem_var(tc, "m");
	term values[] = {x, bv_add(tc, x, y), bv_mul(tc, x, y), bv_sub(tc, x, y), bv_xor(tc, x, y),
		bv_not(tc, x), bv_and_c(tc, x, 0xff), bv_sext(tc, 64, bv_trunc(tc, 32, x)),
		bv_sext(tc, 64, bv_trunc(tc, 13, x)), bv_shl(tc, x, y), bv_udiv(tc, x, y),
		bv_ashr_c(tc, x, 17), bv_add_c(tc, p, (uint64_t)-64),
		term_ite(tc, bool_var(tc, "c"), x, bv_add(tc, x, y)),
		bv_from_bool(tc, 64, bv_slt(tc, x, y)), bv_or(tc, x, bv_neg(tc, y))};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		assert_same(mem_load(tc, mem_write(tc, m, p, 8, values[i]), p, 8), values[i]);
}

static void thirty_two_bit_arithmetic_is_one_term_however_it_is_done(void **state)
{
	term x = v64("x"), y = v64("y"), x32 = bv_trunc(tc, 32, x), y32 = bv_trunc(tc, 32, y);

	(void)state;
	assert_same(bv_trunc(tc, 32, bv_mul(tc, x, y)), bv_mul(tc, x32, y32));
	assert_same(bv_trunc(tc, 32, bv_sub(tc, x, y)), bv_sub(tc, x32, y32));
	/* slli 32; srli 32, and slli 32; srai 32 */
	assert_same(bv_lshr_c(tc, bv_shl_c(tc, x, 32), 32), bv_zext(tc, 64, x32));
	assert_same(bv_ashr_c(tc, bv_shl_c(tc, x, 32), 32), bv_sext(tc, 64, x32));
	assert_same(bv_ult(tc, bv_sext(tc, 64, x32), bv_sext(tc, 64, y32)), bv_ult(tc, x32, y32));
	assert_same(bv_ult(tc, bv_zext(tc, 64, x32), bv_zext(tc, 64, y32)), bv_ult(tc, x32, y32));
	assert_same(bv_slt(tc, bv_sext(tc, 64, x32), bv_sext(tc, 64, y32)), bv_slt(tc, x32, y32));
	assert_same(term_eq(tc, bv_sext(tc, 64, x32), bv_sext(tc, 64, y32)), term_eq(tc, x32, y32));
}

static void division_is_one_term_at_the_width_that_counts(void **state)
{
	term x = bv_var(tc, "x", 32), y = bv_var(tc, "y", 32), zero = bv_const(tc, 32, 0);

	(void)state;
	assert_same(bv_trunc(tc, 32, bv_udiv(tc, bv_zext(tc, 64, x), bv_zext(tc, 64, y))),
		bv_udiv(tc, x, y));
	assert_same(bv_trunc(tc, 32, bv_sdiv(tc, bv_sext(tc, 64, x), bv_sext(tc, 64, y))),
		bv_sdiv(tc, x, y));
	assert_same(bv_urem(tc, bv_zext(tc, 64, x), bv_zext(tc, 64, y)),
		bv_zext(tc, 64, bv_urem(tc, x, y)));
	assert_same(bv_srem(tc, bv_sext(tc, 64, x), bv_sext(tc, 64, y)),
		bv_sext(tc, 64, bv_srem(tc, x, y)));
	assert_same(bv_sub(tc, x, bv_mul(tc, y, bv_udiv(tc, x, y))), bv_urem(tc, x, y));
	assert_same(bv_sub(tc, x, bv_mul(tc, bv_sdiv(tc, x, y), y)), bv_srem(tc, x, y));
	assert_same(term_ite(tc, term_eq(tc, y, zero), x, bv_urem(tc, x, y)), bv_urem(tc, x, y));
}

static void addresses_are_base_and_offset(void **state)
{
	term sp = v64("sp"), aligned = bv_and_c(tc, sp, (uint64_t)-16), base, other;
	u128 offset;

	(void)state;
	term_base_offset(tc, bv_sub(tc, bv_add_c(tc, sp, 24), c64(32)), &base, &offset);
	assert_same(base, sp);
	assert_int_equal((int64_t)offset, -8);
	term_base_offset(tc, bv_add_c(tc, aligned, 8), &base, &offset);
	term_base_offset(tc, bv_add_c(tc, aligned, 24), &other, &offset);
	assert_same(base, other);
	assert_int_equal(offset, 24);
	term_base_offset(tc, c64(5), &base, &offset);
	assert_null(base);
	assert_int_equal(offset, 5);
}

static void stores_in_any_order_make_one_memory(void **state)
{
	term m = mem_var(tc, "m"), p = v64("p"), x = v64("x"), y = v64("y"), a, b;

	(void)state;
	a = mem_write(tc, mem_write(tc, m, p, 8, x), bv_add_c(tc, p, 8), 8, y);
	b = mem_write(tc, mem_write(tc, m, bv_add_c(tc, p, 8), 8, y), p, 8, x);
	assert_same(a, b);
	assert_same(mem_write(tc, mem_write(tc, a, p, 8, y), p, 8, x), a);
	assert_same(mem_write(tc, m, p, 4, mem_load(tc, m, p, 4)), m);
}

static void branches_on_comparisons_are_the_comparison(void **state)
{
	term x = v64("x"), y = v64("y"), less = bv_ult(tc, x, y), set = bv_from_bool(tc, 64, less);

	(void)state;
	assert_same(bool_from_bv(tc, set), less);
	assert_same(term_eq(tc, bv_xor(tc, set, c64(1)), c64(0)), less);
	assert_same(bool_not(tc, bv_ule(tc, y, x)), less);
	assert_same(term_eq(tc, bv_sub(tc, x, y), c64(0)), term_eq(tc, x, y));
	assert_same(bv_ult(tc, bv_sub(tc, x, y), c64(1)), term_eq(tc, x, y));
	assert_same(bv_slt(tc, x, c64(0)), bool_from_bv(tc, bv_lshr_c(tc, x, 63)));
}

static void substitution_is_parallel_and_rewrites(void **state)
{
	term x = v64("x"), y = v64("y"), t = bv_sub(tc, bv_shl_c(tc, x, 1), y);
	struct term_map *map = term_map_new();

	(void)state;
	term_map_put(map, x, y);
	term_map_put(map, y, x);
	assert_same(term_substitute(tc, t, map), bv_sub(tc, bv_shl_c(tc, y, 1), x));
	term_map_put(map, y, c64(4));
	term_map_put(map, x, c64(2));
	assert_same(term_substitute(tc, t, map), c64(0));
	term_map_free(map);
}

static void evaluation_follows_memories_and_functions(void **state)
{
	term m = mem_var(tc, "m"), p = v64("p"), b = bv_var(tc, "b", 8), f;
	term t = mem_load(tc, mem_store(tc, m, p, b), v64("q"), 2);
	struct assignment *a = assignment_new();

	(void)state;
	assignment_set(a, p, 101);
	assignment_set(a, v64("q"), 100);
	assignment_set(a, b, 0xab);
	assignment_set_default(a, m, 0x11);
	assert_int_equal(term_evaluate(t, a), 0xab11);
	assignment_set_byte(a, m, 100, 0x22);
	assert_int_equal(term_evaluate(t, a), 0xab22);
	f = term_apply(tc, "f", SORT_BV, 16, 1, &p);
	assert_same(f, term_apply(tc, "f", SORT_BV, 16, 1, &p));
	assert_int_equal(term_evaluate(f, a), 0);
	assignment_set_apply(a, "f", 1, (u128[]){101}, 7);
	assert_int_equal(term_evaluate(f, a), 7);
	assert_int_equal(term_evaluate(term_eq(tc, mem_store(tc, m, p, b), m), a), 0);
	assignment_set_byte(a, m, 101, 0xab);
	assert_int_equal(term_evaluate(term_eq(tc, mem_store(tc, m, p, b), m), a), 1);
	assignment_free(a);
}

static void assert_prints(term t, const char *expected)
{
	char *text = term_to_string(t);

	assert_string_equal(text, expected);
	free(text);
}

static void terms_print_as_a_person_writes(void **state)
{
	term x = v64("x"), y = v64("y"), sum = bv_add(tc, x, y);

	(void)state;
	assert_prints(bv_add_c(tc, x, (uint64_t)-8), "x - 8");
	assert_prints(bv_sub(tc, x, y), "x - y");
	assert_prints(bv_or(tc, bv_shl_c(tc, field("rd", 5), 7), c64(0x37)), "{0:52, rd, 0x37:7}");
	assert_prints(bv_zext(tc, 64, bv_trunc(tc, 32, x)), "{0:32, x[31:0]}");
	assert_prints(term_ne(tc, x, c64(16)), "x != 0x10");
	assert_prints(bv_sle(tc, x, y), "y >=s x");
	assert_prints(bv_udiv(tc, bv_mul(tc, sum, sum), sum), "let t1 = x + y; (t1 * t1) / t1");
	assert_prints(mem_select(tc, mem_var(tc, "m"), x), "m[x]");
}

/* ---- at random ---- */

struct random {
	uint64_t state;
};

static uint64_t next(struct random *r)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return r->state;
}

static unsigned below(struct random *r, unsigned n)
{
	return (unsigned)(next(r) >> 20) % n;
}

#define POOL 24

/* Two pools of terms that mean the same: one raw, one rewritten. */
struct pools {
	struct terms *in[2];
	term t[2][POOL];
};

static const unsigned widths[] = {1, 7, 8, 16, 32, 64};

static term fit(struct terms *in, term t, unsigned width)
{
	return t->width >= width ? bv_trunc(in, width, t) : bv_zext(in, width, t);
}

static term constant(struct terms *in, uint64_t choice, unsigned width)
{
	static const uint64_t corners[] = {
		0, 1, 2, 31, 63, 0xff, 0xfff, 0x7fffffff, 0xfffff000, (uint64_t)-1, (uint64_t)-8};

	return bv_const(in, width, corners[choice % 11] << (choice / 11 % 3 * 4));
}

static term any_comparison(struct terms *in, unsigned op, term x, term y)
{
	switch (op) {
	case 0:
		return term_eq(in, x, y);
	case 1:
		return bv_ult(in, x, y);
	case 2:
		return bv_sle(in, x, y);
	default:
		return bool_and(in, bv_slt(in, x, y), bv_ule(in, y, x));
	}
}

static term any_term(struct terms *in, unsigned op, uint64_t choice, term x, term y, term z)
{
	static term (*const binary[])(struct terms *, term, term) = {bv_add, bv_sub, bv_mul,
		bv_udiv, bv_urem, bv_sdiv, bv_srem, bv_and, bv_or, bv_xor, bv_shl, bv_lshr,
		bv_ashr};
	unsigned w = x->width, hi = (unsigned)(choice % w), lo = (unsigned)(choice / 64 % (hi + 1));
	term y_fit = fit(in, y, w);
	term m = mem_var(in, "m");

	if (op < 13)
		return binary[op](in, x, y_fit);
	if (op < 20)
		return binary[(op - 13) * 2 % 13](in, x, constant(in, choice, w));
	switch (op) {
	case 20:
		return bv_extract(in, hi, lo, x);
	case 21:
		return w + y->width <= 128 ? bv_concat(in, x, y) : bv_not(in, x);
	case 22:
		return bv_sext(in, w + (unsigned)(choice % (129 - w)), x);
	case 23:
		return bv_zext(in, w + (unsigned)(choice % (129 - w)), x);
	case 24:
		return bv_neg(in, x);
	case 25:
		return term_ite(
			in, any_comparison(in, (unsigned)choice % 4, x, y_fit), fit(in, z, w), x);
	case 26:
		return bv_from_bool(in, 1 + (unsigned)(choice / 4 % 64),
			any_comparison(in, (unsigned)choice % 4, x, y_fit));
	case 27: /* stores and loads that overlap, or not */
		m = mem_write(in, m, bv_add_c(in, fit(in, z, 64), choice % 4), 4, fit(in, x, 32));
		m = mem_write(
			in, m, bv_add_c(in, fit(in, z, 64), choice / 4 % 8), 2, fit(in, y, 16));
		return mem_load(in, m, bv_add_c(in, fit(in, z, 64), choice / 32 % 4), 4);
	case 28:
		return bv_concat(in, fit(in, bv_lshr_c(in, x, w - 1), 1), fit(in, y, 7));
	default:
		return bv_shl_c(in, x, (unsigned)(choice % w));
	}
}

static void fill(struct pools *p, struct random *r)
{
	char name[8];

	for (unsigned i = 0; i < POOL; i++) {
		unsigned op = below(r, 30), x = below(r, i + !i), y = below(r, i + !i),
			 z = below(r, i + !i);
		uint64_t choice = next(r) >> 24;

		for (unsigned side = 0; side < 2; side++) {
			term *t = p->t[side];

			if (i < 6) {
				snprintf(name, sizeof(name), "v%u", i);
				t[i] = bv_var(p->in[side], name, widths[i]);
			} else if (i < 8) {
				t[i] = constant(p->in[side], choice, widths[choice % 5 + 1]);
			} else {
				t[i] = any_term(p->in[side], op, choice, t[x], t[y], t[z]);
			}
		}
	}
}

static void assign(struct assignment *a, struct terms *in, struct random r)
{
	char name[8];

	assignment_clear(a);
	for (unsigned i = 0; i < 6; i++) {
		unsigned shift = below(&r, 64);

		snprintf(name, sizeof(name), "v%u", i);
		assignment_set(a, bv_var(in, name, widths[i]),
			below(&r, 3) ? next(&r) : -(u128)(next(&r) >> shift));
	}
	assignment_set_default(a, mem_var(in, "m"), (uint8_t)next(&r));
	for (unsigned i = 0; i < 16; i++)
		assignment_set_byte(a, mem_var(in, "m"), i, (uint8_t)next(&r));
}

static void compare_at(struct pools *p, struct random r)
{
	struct assignment *a = assignment_new();
	u128 value[2][POOL];

	for (unsigned side = 0; side < 2; side++) {
		assign(a, p->in[side], r);
		term_evaluate_n(POOL, p->t[side], a, value[side]);
	}
	for (unsigned i = 0; i < POOL; i++)
		if (value[0][i] != value[1][i]) {
			char *raw = term_to_string(p->t[0][i]),
			     *rewritten = term_to_string(p->t[1][i]);

			print_message("%s\n%s\n", raw, rewritten);
			free(raw);
			free(rewritten);
			fail_msg("rewriting changed a value");
		}
	assignment_free(a);
}

static void rewriting_never_changes_a_value(void **state)
{
	struct random r = {0x243f6a8885a308d3};

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct pools p = {.in = {terms_new(TERMS_RAW), terms_new(TERMS_REWRITE)}};

		fill(&p, &r);
		for (unsigned i = 0; i < 6; i++, next(&r))
			compare_at(&p, r);
		terms_free(p.in[0]);
		terms_free(p.in[1]);
	}
}

/* What is known about a term's bits holds, and building a rewritten term again gives itself. */
static void known_bits_hold_and_rebuilding_keeps_the_value(void **state)
{
	struct random r = {0x13198a2e03707344};
	struct assignment *a = assignment_new();

	(void)state;
	for (unsigned round = 0; round < 500; round++) {
		struct pools p = {.in = {terms_new(TERMS_RAW), terms_new(TERMS_REWRITE)}};

		fill(&p, &r);
		assign(a, p.in[1], r);
		for (unsigned i = 0; i < POOL; i++) {
			term t = p.t[1][i];
			u128 value = term_evaluate(t, a);

			assert_true((value & t->zeros) == 0 && (~value & t->ones) == 0);
			assert_true(term_evaluate(term_import(p.in[1], t), a) == value);
		}
		terms_free(p.in[0]);
		terms_free(p.in[1]);
	}
	assignment_free(a);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(equal_terms_are_one_handle),
		TEST(resetting_to_a_mark_forgets_what_came_after_and_nothing_else),
		TEST(what_was_remembered_of_forgotten_terms_is_forgotten),
		TEST(constants_fold_by_smtlibs_definitions),
		TEST(a_decoder_sees_opcode_and_fields_of_a_u_type_word),
		TEST(a_decoder_sees_through_additions_that_cannot_carry),
		TEST(a_scattered_immediate_comes_back_as_the_offset),
		TEST(compressed_instructions_decode_from_half_a_word),
		TEST(whatever_is_stored_is_loaded_again_as_it_was),
		TEST(thirty_two_bit_arithmetic_is_one_term_however_it_is_done),
		TEST(division_is_one_term_at_the_width_that_counts),
		TEST(addresses_are_base_and_offset),
		TEST(stores_in_any_order_make_one_memory),
		TEST(branches_on_comparisons_are_the_comparison),
		TEST(substitution_is_parallel_and_rewrites),
		TEST(evaluation_follows_memories_and_functions),
		TEST(terms_print_as_a_person_writes),
		cmocka_unit_test(rewriting_never_changes_a_value),
		cmocka_unit_test(known_bits_hold_and_rebuilding_keeps_the_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
