/* SPDX-License-Identifier: MIT */
/*
 * The constructors: check sorts and widths, and hand the application to make(). No meaning here,
 * except for what is built from other constructors.
 */
#include "prover/term/internal.h"

static void same_sort(term a, term b)
{
	expect(a->sort == b->sort && a->width == b->width, "operands of different sorts or widths");
}

static void is_bv(term a)
{
	expect(a->sort == SORT_BV, "a bit-vector is needed");
}

static void is_bool(term a)
{
	expect(a->sort == SORT_BOOL, "a boolean is needed");
}

static term unary(struct terms *tc, enum term_op op, term a)
{
	return make(tc, &(struct app){.op = (uint8_t)op,
				.sort = a->sort,
				.width = a->width,
				.args = 1,
				.arg = &a});
}

static term binary(struct terms *tc, enum term_op op, term a, term b)
{
	same_sort(a, b);
	return make(tc, &(struct app){.op = (uint8_t)op,
				.sort = a->sort,
				.width = a->width,
				.args = 2,
				.arg = (term[]){a, b}});
}

static term compare(struct terms *tc, enum term_op op, term a, term b)
{
	same_sort(a, b);
	return make(tc, &(struct app){.op = (uint8_t)op,
				.sort = SORT_BOOL,
				.width = 1,
				.args = 2,
				.arg = (term[]){a, b}});
}

#define BV_BINARY(name, op)                         \
	term name(struct terms *tc, term a, term b) \
	{                                           \
		is_bv(a);                           \
		return binary(tc, op, a, b);        \
	}
BV_BINARY(bv_add, TERM_ADD)
BV_BINARY(bv_sub, TERM_SUB)
BV_BINARY(bv_mul, TERM_MUL)
BV_BINARY(bv_udiv, TERM_UDIV)
BV_BINARY(bv_urem, TERM_UREM)
BV_BINARY(bv_sdiv, TERM_SDIV)
BV_BINARY(bv_srem, TERM_SREM)
BV_BINARY(bv_and, TERM_AND)
BV_BINARY(bv_or, TERM_OR)
BV_BINARY(bv_xor, TERM_XOR)
BV_BINARY(bv_shl, TERM_SHL)
BV_BINARY(bv_lshr, TERM_LSHR)
BV_BINARY(bv_ashr, TERM_ASHR)

#define BV_COMPARE(name, op)                        \
	term name(struct terms *tc, term a, term b) \
	{                                           \
		is_bv(a);                           \
		return compare(tc, op, a, b);       \
	}
BV_COMPARE(bv_ult, TERM_ULT)
BV_COMPARE(bv_ule, TERM_ULE)
BV_COMPARE(bv_slt, TERM_SLT)
BV_COMPARE(bv_sle, TERM_SLE)

#define BOOL_BINARY(name, op)                       \
	term name(struct terms *tc, term a, term b) \
	{                                           \
		is_bool(a);                         \
		return binary(tc, op, a, b);        \
	}
BOOL_BINARY(bool_and, TERM_AND)
BOOL_BINARY(bool_or, TERM_OR)
BOOL_BINARY(bool_xor, TERM_XOR)

term negate(struct terms *tc, term a)
{
	return unary(tc, TERM_NOT, a);
}

term bv_not(struct terms *tc, term a)
{
	is_bv(a);
	return unary(tc, TERM_NOT, a);
}

term bv_neg(struct terms *tc, term a)
{
	is_bv(a);
	return unary(tc, TERM_NEG, a);
}

term bool_not(struct terms *tc, term a)
{
	is_bool(a);
	return unary(tc, TERM_NOT, a);
}

term bool_implies(struct terms *tc, term a, term b)
{
	return bool_or(tc, bool_not(tc, a), b);
}

term bool_and_n(struct terms *tc, size_t args, const term *arg)
{
	term all = bool_const(tc, true);

	for (size_t i = 0; i < args; i++)
		all = i ? bool_and(tc, all, arg[i]) : arg[i];
	return all;
}

term bv_add_c(struct terms *tc, term a, uint64_t b)
{
	return bv_add(tc, a, bv_const128(tc, a->width, (u128)(__int128)(int64_t)b));
}

term bv_and_c(struct terms *tc, term a, uint64_t b)
{
	return bv_and(tc, a, bv_const(tc, a->width, b));
}

/* A count that the width can't hold is as good as the width, if that fits, or is folded here. */
static term count_of(struct terms *tc, term a, unsigned count)
{
	expect(a->width == 128 || count <= mask_of(a->width), "a shift count that doesn't fit");
	return bv_const(tc, a->width, count);
}

term bv_shl_c(struct terms *tc, term a, unsigned count)
{
	return bv_shl(tc, a, count_of(tc, a, count));
}

term bv_lshr_c(struct terms *tc, term a, unsigned count)
{
	return bv_lshr(tc, a, count_of(tc, a, count));
}

term bv_ashr_c(struct terms *tc, term a, unsigned count)
{
	return bv_ashr(tc, a, count_of(tc, a, count));
}

term bv_concat_n(struct terms *tc, unsigned args, const term *arg)
{
	unsigned width = 0;

	expect(args >= 1 && args <= MAX_ARGS,
		"a concatenation of nothing, or of more than 128 parts");
	for (unsigned i = 0; i < args; i++) {
		is_bv(arg[i]);
		width += arg[i]->width;
	}
	expect(width <= 128, "a bit-vector of more than 128 bits");
	if (args == 1)
		return arg[0];
	return make(tc, &(struct app){.op = TERM_CONCAT,
				.sort = SORT_BV,
				.width = (uint8_t)width,
				.args = (uint8_t)args,
				.arg = arg});
}

term bv_concat(struct terms *tc, term high, term low)
{
	return bv_concat_n(tc, 2, (term[]){high, low});
}

term bv_extract(struct terms *tc, unsigned hi, unsigned lo, term a)
{
	is_bv(a);
	expect(lo <= hi && hi < a->width, "extract of bits that aren't there");
	if (hi - lo + 1 == a->width)
		return a;
	return make(tc, &(struct app){.op = TERM_EXTRACT,
				.sort = SORT_BV,
				.width = (uint8_t)(hi - lo + 1),
				.args = 1,
				.hi = (uint8_t)hi,
				.lo = (uint8_t)lo,
				.arg = &a});
}

term bv_trunc(struct terms *tc, unsigned width, term a)
{
	expect(width >= 1, "a bit-vector of 0 bits");
	return bv_extract(tc, width - 1, 0, a);
}

static term extend(struct terms *tc, enum term_op op, unsigned width, term a)
{
	is_bv(a);
	expect(width >= a->width && width <= 128,
		"an extension to less than the width, or more than 128");
	if (width == a->width)
		return a;
	return make(tc, &(struct app){.op = (uint8_t)op,
				.sort = SORT_BV,
				.width = (uint8_t)width,
				.args = 1,
				.arg = &a});
}

term bv_zext(struct terms *tc, unsigned width, term a)
{
	return extend(tc, TERM_ZEXT, width, a);
}

term bv_sext(struct terms *tc, unsigned width, term a)
{
	return extend(tc, TERM_SEXT, width, a);
}

term term_eq(struct terms *tc, term a, term b)
{
	return compare(tc, TERM_EQ, a, b);
}

term term_ne(struct terms *tc, term a, term b)
{
	return bool_not(tc, term_eq(tc, a, b));
}

term term_ite(struct terms *tc, term c, term a, term b)
{
	is_bool(c);
	same_sort(a, b);
	return make(tc, &(struct app){.op = TERM_ITE,
				.sort = a->sort,
				.width = a->width,
				.args = 3,
				.arg = (term[]){c, a, b}});
}

term bv_from_bool(struct terms *tc, unsigned width, term p)
{
	return term_ite(tc, p, bv_const(tc, width, 1), bv_const(tc, width, 0));
}

term bool_from_bv(struct terms *tc, term a)
{
	return term_ne(tc, a, bv_const(tc, a->width, 0));
}

term term_apply(struct terms *tc, const char *name, enum term_sort sort, unsigned width,
	unsigned args, const term *arg)
{
	expect(args >= 1 && args <= 16, "a function of no or more than 16 arguments");
	expect(sort != SORT_MEMORY, "a function that returns a memory");
	for (unsigned i = 0; i < args; i++)
		expect(arg[i]->sort != SORT_MEMORY, "a memory as a function's argument");
	return make(tc, &(struct app){.op = TERM_APPLY,
				.sort = (uint8_t)sort,
				.width = (uint8_t)(sort == SORT_BV ? width : 1),
				.args = (uint8_t)args,
				.name = name,
				.arg = arg});
}

static void is_byte_at(term address)
{
	expect(address->sort == SORT_BV && address->width == 64, "an address that hasn't 64 bits");
}

term mem_fill(struct terms *tc, term byte)
{
	expect(byte->sort == SORT_BV && byte->width == 8, "a byte is needed");
	return make(
		tc, &(struct app){.op = TERM_FILL, .sort = SORT_MEMORY, .args = 1, .arg = &byte});
}

term mem_store(struct terms *tc, term memory, term address, term byte)
{
	expect(memory->sort == SORT_MEMORY, "a memory is needed");
	is_byte_at(address);
	expect(byte->sort == SORT_BV && byte->width == 8, "a byte is needed");
	return make(tc, &(struct app){.op = TERM_STORE,
				.sort = SORT_MEMORY,
				.args = 3,
				.arg = (term[]){memory, address, byte}});
}

term mem_select(struct terms *tc, term memory, term address)
{
	expect(memory->sort == SORT_MEMORY, "a memory is needed");
	is_byte_at(address);
	return make(tc, &(struct app){.op = TERM_SELECT,
				.sort = SORT_BV,
				.width = 8,
				.args = 2,
				.arg = (term[]){memory, address}});
}

term mem_load(struct terms *tc, term memory, term address, unsigned bytes)
{
	term part[16];

	expect(bytes >= 1 && bytes <= 16, "a load of no or more than 16 bytes");
	for (unsigned i = 0; i < bytes; i++)
		part[bytes - 1 - i] =
			mem_select(tc, memory, i ? bv_add_c(tc, address, i) : address);
	return bv_concat_n(tc, bytes, part);
}

term mem_write(struct terms *tc, term memory, term address, unsigned bytes, term value)
{
	expect(bytes >= 1 && bytes <= 16 && value->width == 8 * bytes,
		"a store whose value has another size");
	for (unsigned i = 0; i < bytes; i++)
		memory = mem_store(tc, memory, i ? bv_add_c(tc, address, i) : address,
			bv_extract(tc, 8 * i + 7, 8 * i, value));
	return memory;
}

term build2(struct terms *tc, enum term_op op, term a, term b)
{
	bool compares = op == TERM_EQ || op == TERM_ULT || op == TERM_ULE || op == TERM_SLT ||
	                op == TERM_SLE;

	return compares ? compare(tc, op, a, b) : binary(tc, op, a, b);
}

/* Extensions are asked for through the width; everything else is as it was. */
term term_rebuild(struct terms *tc, term t, const term *arg)
{
	struct app a = app_of(t);

	a.arg = arg;
	if (t->op == TERM_CONST || t->op == TERM_VAR)
		return intern(tc, &a);
	return make(tc, &a);
}
