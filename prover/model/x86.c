/* SPDX-License-Identifier: MIT */
/*
 * x86-64: decode and meaning side by side, by opcode. Prefixes, opcode, ModRM and SIB must be
 * constant; displacements and immediates may be any term. A step works on a copy of the registers,
 * and memory is written last, so that a step that stops has changed nothing. An overflow of a
 * subtraction is said with the signed comparison, so that SF != OF is a < b again.
 */
#include "prover/model/x86.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP };

/* An instruction while it is decoded, and the registers as it leaves them. */
struct insn {
	struct x86 x;
	term at; /* where the next byte is */
	bool operand_16, lock, has_rex;
	unsigned rex;
	unsigned mod, reg, rm; /* ModRM; reg and rm with their bit of REX */
	bool rip_relative;
	term address; /* of the operand in memory; relative to rip: without it */
};

#define TC (i->x.env->tc)

void x86_init(struct x86 *x, struct model_env *env, term rip)
{
	*x = (struct x86){.env = env, .rip = rip};
	for (unsigned r = 0; r < 16; r++)
		x->r[r] = bv_const(env->tc, 64, 0);
	for (unsigned f = 0; f < X86_FLAGS; f++)
		x->flag[f] = bool_const(env->tc, false);
}

/* Code */

static term fetch(struct insn *i, unsigned bytes)
{
	term value = i->x.env->fetch(i->x.env, i->at, bytes);

	i->at = bv_add_c(TC, i->at, bytes);
	if (!value)
		model_stop(i->x.env, "no code");
	return value;
}

static bool fetch_byte(struct insn *i, const char *name, unsigned *value)
{
	term byte = fetch(i, 1);

	return byte && model_field(i->x.env, byte, 7, 0, name, value);
}

/* A signed immediate of 1, 2 or 4 bytes, extended to a width. */
static term immediate(struct insn *i, unsigned bytes, unsigned width)
{
	term value = fetch(i, bytes);

	return value ? bv_sext(TC, width, value) : NULL;
}

/* The immediate that goes with operands of a width: at most 4 bytes. */
static term immediate_of(struct insn *i, unsigned width)
{
	return immediate(i, width == 64 ? 4 : width / 8, width);
}

/* SIB and displacement, volume 2, 2.1.5 and 2.2.1.2. */
static bool memory_operand(struct insn *i, unsigned rm)
{
	unsigned sib = 0, base = rm, index = RSP,
		 displacement = i->mod == 1   ? 1
	                        : i->mod == 2 ? 4
	                                      : 0;
	term address = bv_const(TC, 64, 0), value;
	bool no_base;

	if (rm == RSP) {
		if (!fetch_byte(i, "SIB", &sib))
			return false;
		base = sib & 7;
		index = (sib >> 3 & 7) | (i->rex & 2) << 2;
	}
	no_base = i->mod == 0 && base == RBP;
	if (no_base)
		displacement = 4;
	i->rip_relative = no_base && rm != RSP;
	if (!no_base)
		address = i->x.r[base | (i->rex & 1) << 3];
	if (index != RSP)
		address = bv_add(TC, address, bv_shl_c(TC, i->x.r[index], sib >> 6));
	if (displacement) {
		value = immediate(i, displacement, 64);
		if (!value)
			return false;
		address = bv_add(TC, address, value);
	}
	i->address = address;
	return true;
}

static bool modrm(struct insn *i)
{
	unsigned byte;

	if (!fetch_byte(i, "ModRM", &byte))
		return false;
	i->mod = byte >> 6;
	i->reg = (byte >> 3 & 7) | (i->rex & 4) << 1;
	i->rm = (byte & 7) | (i->rex & 1) << 3;
	return i->mod == 3 || memory_operand(i, byte & 7);
}

/* Operands */

/* Without REX, byte registers 4 to 7 are ah, ch, dh and bh. */
static bool is_high_byte(const struct insn *i, unsigned reg, unsigned width)
{
	return width == 8 && !i->has_rex && reg >= 4 && reg < 8;
}

static term get(struct insn *i, unsigned reg, unsigned width)
{
	if (is_high_byte(i, reg, width))
		return bv_extract(TC, 15, 8, i->x.r[reg - 4]);
	return bv_trunc(TC, width, i->x.r[reg]);
}

/* 32 bits clear the upper half; 8 and 16 leave the rest. */
static void set(struct insn *i, unsigned reg, term value)
{
	unsigned width = value->width;
	term *r = &i->x.r[reg];

	if (is_high_byte(i, reg, width)) {
		const term parts[] = {bv_extract(TC, 63, 16, i->x.r[reg - 4]), value,
			bv_extract(TC, 7, 0, i->x.r[reg - 4])};

		i->x.r[reg - 4] = bv_concat_n(TC, 3, parts);
	} else if (width < 32) {
		*r = bv_concat(TC, bv_extract(TC, 63, width, *r), value);
	} else {
		*r = bv_zext(TC, 64, value);
	}
}

/* Only once the whole instruction has been fetched: rip is that of the next. */
static term effective_address(struct insn *i)
{
	return i->rip_relative ? bv_add(TC, i->at, i->address) : i->address;
}

static term get_rm(struct insn *i, unsigned width)
{
	if (i->mod == 3)
		return get(i, i->rm, width);
	return i->x.env->load(i->x.env, effective_address(i), width / 8);
}

static bool set_rm(struct insn *i, term value)
{
	if (i->mod != 3)
		return i->x.env->store(i->x.env, effective_address(i), value->width / 8, value);
	set(i, i->rm, value);
	return true;
}

/* Flags, volume 1, 3.4.3 */

static term sign(struct insn *i, term a)
{
	return bool_from_bv(TC, bv_extract(TC, a->width - 1u, a->width - 1u, a));
}

static term bit(struct insn *i, term a, unsigned n)
{
	return bool_from_bv(TC, bv_extract(TC, n, n, a));
}

static void undefine(struct insn *i, enum x86_flag flag)
{
	i->x.flag[flag] = term_fresh(TC, "flag", SORT_BOOL, 1);
}

static void set_result_flags(struct insn *i, term result)
{
	term parity = bool_const(TC, true);

	for (unsigned n = 0; n < 8; n++)
		parity = bool_xor(TC, parity, bit(i, result, n));
	i->x.flag[X86_PF] = parity;
	i->x.flag[X86_ZF] = term_eq(TC, result, bv_const(TC, result->width, 0));
	i->x.flag[X86_SF] = sign(i, result);
}

/* The carry is that of adc; 0 for all else. */
static term add_flags(struct insn *i, term a, term b, term carry)
{
	term result = bv_add(TC, bv_add(TC, a, b), bv_from_bool(TC, a->width, carry));
	term carries = bv_xor(TC, bv_xor(TC, a, b), result);

	set_result_flags(i, result);
	i->x.flag[X86_CF] =
		bool_or(TC, bv_ult(TC, result, a), bool_and(TC, carry, term_eq(TC, result, a)));
	i->x.flag[X86_AF] = bit(i, carries, 4);
	i->x.flag[X86_OF] = sign(i, bv_and(TC, bv_xor(TC, a, result), bv_xor(TC, b, result)));
	return result;
}

static term sub_flags(struct insn *i, term a, term b)
{
	term result = bv_sub(TC, a, b);

	set_result_flags(i, result);
	i->x.flag[X86_ZF] = term_eq(TC, a, b);
	i->x.flag[X86_CF] = bv_ult(TC, a, b);
	i->x.flag[X86_AF] = bit(i, bv_xor(TC, bv_xor(TC, a, b), result), 4);
	i->x.flag[X86_OF] = bool_xor(TC, i->x.flag[X86_SF], bv_slt(TC, a, b));
	return result;
}

/* sbb: a - (b + carry), without the comparisons that the above is for. */
static term sbb_flags(struct insn *i, term a, term b)
{
	term carry = i->x.flag[X86_CF];
	term result = bv_sub(TC, bv_sub(TC, a, b), bv_from_bool(TC, a->width, carry));

	set_result_flags(i, result);
	i->x.flag[X86_CF] = bool_or(TC, bv_ult(TC, a, b), bool_and(TC, carry, term_eq(TC, a, b)));
	i->x.flag[X86_AF] = bit(i, bv_xor(TC, bv_xor(TC, a, b), result), 4);
	i->x.flag[X86_OF] = sign(i, bv_and(TC, bv_xor(TC, a, b), bv_xor(TC, a, result)));
	return result;
}

static term logic_flags(struct insn *i, term result)
{
	set_result_flags(i, result);
	i->x.flag[X86_CF] = i->x.flag[X86_OF] = bool_const(TC, false);
	undefine(i, X86_AF);
	return result;
}

/* The flags' "less or equal"; after cmp and sub, that of the operands. */
static term or_equal(struct insn *i, term less)
{
	term equal = i->x.flag[X86_ZF];

	if (term_is(less, TERM_ULT) && term_eq(TC, less->arg[0], less->arg[1]) == equal)
		return bv_ule(TC, less->arg[0], less->arg[1]);
	if (term_is(less, TERM_SLT) && term_eq(TC, less->arg[0], less->arg[1]) == equal)
		return bv_sle(TC, less->arg[0], less->arg[1]);
	return bool_or(TC, equal, less);
}

/* Conditions, volume 2, appendix B, table B-10: the low bit inverts. */
static term condition(struct insn *i, unsigned cc)
{
	const term *f = i->x.flag;
	term less = bool_xor(TC, f[X86_SF], f[X86_OF]);
	const term holds[] = {f[X86_OF], f[X86_CF], f[X86_ZF], or_equal(i, f[X86_CF]), f[X86_SF],
		f[X86_PF], less, or_equal(i, less)};

	return cc & 1 ? bool_not(TC, holds[cc >> 1 & 7]) : holds[cc >> 1 & 7];
}

/* Operations */

static bool unknown(struct insn *i, unsigned opcode)
{
	return model_stop(i->x.env, "instruction with opcode 0x%02x is not modelled", opcode);
}

/* The eight operations of group 1 and of opcodes 0x00 to 0x3f. */
static term alu(struct insn *i, unsigned op, term a, term b)
{
	switch (op) {
	case 0:
		return add_flags(i, a, b, bool_const(TC, false));
	case 1:
		return logic_flags(i, bv_or(TC, a, b));
	case 2:
		return add_flags(i, a, b, i->x.flag[X86_CF]);
	case 3:
		return sbb_flags(i, a, b);
	case 4:
		return logic_flags(i, bv_and(TC, a, b));
	case 6:
		return logic_flags(i, bv_xor(TC, a, b));
	default: /* 5 sub, 7 cmp */
		return sub_flags(i, a, b);
	}
}

static bool alu_rm(struct insn *i, unsigned op, unsigned width, term b)
{
	term a, result;

	if (i->lock && (op == 7 || i->mod == 3))
		return unknown(i, op << 3);
	a = b ? get_rm(i, width) : NULL;
	if (!a)
		return false;
	result = alu(i, op, a, b);
	return op == 7 || set_rm(i, result);
}

/* rol and ror: of the flags, only CF and OF. */
static bool rotate(struct insn *i, bool left, term a, term masked, term zero, term one)
{
	unsigned width = a->width;
	term count = bv_zext(TC, width, bv_and_c(TC, masked, width - 1));
	term rest = bv_sub(TC, bv_const(TC, width, width), count);
	term result =
		bv_or(TC, bv_shl(TC, a, left ? count : rest), bv_lshr(TC, a, left ? rest : count));
	term carry = left ? bit(i, result, 0) : sign(i, result);
	term other = left ? sign(i, result) : bit(i, result, width - 2);
	term overflow = i->x.flag[X86_OF];

	i->x.flag[X86_CF] = term_ite(TC, zero, i->x.flag[X86_CF], carry);
	undefine(i, X86_OF);
	i->x.flag[X86_OF] = term_ite(TC, zero, overflow,
		term_ite(TC, one, bool_xor(TC, carry, other), i->x.flag[X86_OF]));
	return set_rm(i, result);
}

/* What shl, shr and sar leave, and the last bit that they shift out; the count is not 0. */
static term shifted(struct insn *i, unsigned op, term a, term count, term *last)
{
	term less = bv_add_c(TC, count, UINT64_MAX);

	switch (op) {
	case 4:
		*last = sign(i, bv_shl(TC, a, less));
		return bv_shl(TC, a, count);
	case 5:
		*last = bit(i, bv_lshr(TC, a, less), 0);
		return bv_lshr(TC, a, count);
	default:
		*last = bit(i, bv_ashr(TC, a, less), 0);
		return bv_ashr(TC, a, count);
	}
}

/* CF, AF and OF after a shift of 1 or more. */
static void set_shift_flags(
	struct insn *i, unsigned op, term a, term count, term one, term result, term last)
{
	term beyond = bv_ule(TC, bv_const(TC, a->width, a->width), count), overflow;

	set_result_flags(i, result);
	undefine(i, X86_CF);
	i->x.flag[X86_CF] = op == 7 ? last : term_ite(TC, beyond, i->x.flag[X86_CF], last);
	undefine(i, X86_AF);
	undefine(i, X86_OF);
	overflow = op == 4   ? bool_xor(TC, sign(i, result), last)
	           : op == 5 ? sign(i, a)
	                     : bool_const(TC, false);
	i->x.flag[X86_OF] = term_ite(TC, one, overflow, i->x.flag[X86_OF]);
}

/* Group 2: 0 rol, 1 ror, 4 shl, 5 shr, 7 sar. A count of 0 leaves the flags. */
static bool shift(struct insn *i, unsigned width, term count8)
{
	unsigned op = i->reg & 7;
	term old[X86_FLAGS], a, masked, count, zero, one, result, last;

	if (op == 2 || op == 3 || op == 6)
		return model_stop(i->x.env, "operation %u of group 2 is not modelled", op);
	a = count8 ? get_rm(i, width) : NULL;
	if (!a)
		return false;
	masked = bv_and_c(TC, count8, width == 64 ? 63 : 31);
	zero = term_eq(TC, masked, bv_const(TC, 8, 0));
	one = term_eq(TC, masked, bv_const(TC, 8, 1));
	if (op < 2)
		return rotate(i, op == 0, a, masked, zero, one);
	for (unsigned f = 0; f < X86_FLAGS; f++)
		old[f] = i->x.flag[f];
	count = bv_zext(TC, width, masked);
	result = shifted(i, op, a, count, &last);
	set_shift_flags(i, op, a, count, one, result, last);
	for (unsigned f = 0; f < X86_FLAGS; f++)
		i->x.flag[f] = term_ite(TC, zero, old[f], i->x.flag[f]);
	return set_rm(i, result);
}

/* mul and imul of group 3: the product to rdx:rax. */
static bool multiply(struct insn *i, unsigned width, term b, bool is_signed)
{
	term (*extend)(struct terms *, unsigned, term) = is_signed ? bv_sext : bv_zext;
	term a = get(i, RAX, width);
	term wide = bv_mul(TC, extend(TC, 2 * width, a), extend(TC, 2 * width, b));
	term low = bv_mul(TC, a, b);

	for (unsigned f = 0; f < X86_FLAGS; f++)
		undefine(i, f);
	i->x.flag[X86_CF] = i->x.flag[X86_OF] = term_ne(TC, wide, extend(TC, 2 * width, low));
	set(i, RAX, low);
	set(i, RDX, bv_extract(TC, 2 * width - 1, width, wide));
	return true;
}

static term magnitude(struct insn *i, term a)
{
	return term_ite(TC, sign(i, a), bv_neg(TC, a), a);
}

/*
 * Does the quotient of high:low and b not fit? b is not 0. Signed: it fits while |high:low| is less
 * than 2^(width-1) * |b|, or |b| more where the quotient is negative: said without a division,
 * which is a relief for solvers.
 */
static term overflows(struct insn *i, bool is_signed, term high, term low, term b)
{
	unsigned width = b->width;
	term a = bv_concat(TC, high, low), wide, limit;

	if (!is_signed)
		return bv_ule(TC, b, high);
	if (a == bv_sext(TC, 2 * width, low)) /* after cqo: only the smallest number by -1 */
		return bool_and(TC,
			term_eq(TC, low, bv_const(TC, width, (uint64_t)1 << (width - 1))),
			term_eq(TC, b, bv_const(TC, width, UINT64_MAX)));
	wide = bv_zext(TC, 2 * width, magnitude(i, b));
	limit = bv_shl_c(TC, wide, width - 1);
	limit = term_ite(TC, bool_xor(TC, sign(i, a), sign(i, b)), bv_add(TC, limit, wide), limit);
	return bv_ule(TC, limit, magnitude(i, a));
}

/* div and idiv of group 3: a quotient that does not fit, or a divisor of 0, is #DE. */
static bool divide(struct insn *i, unsigned width, term b, bool is_signed)
{
	term (*extend)(struct terms *, unsigned, term) = is_signed ? bv_sext : bv_zext;
	term high = get(i, RDX, width), low = get(i, RAX, width);
	term a = bv_concat(TC, high, low), wide = extend(TC, 2 * width, b);
	term quotient = is_signed ? bv_sdiv(TC, a, wide) : bv_udiv(TC, a, wide);
	term rest = is_signed ? bv_srem(TC, a, wide) : bv_urem(TC, a, wide);
	int faults = model_branch(i->x.env, bool_or(TC, term_eq(TC, b, bv_const(TC, width, 0)),
						    overflows(i, is_signed, high, low, b)));

	if (faults < 0)
		return false;
	if (faults)
		return model_trap(i->x.env, "a division that the machine can't do (#DE)");
	set(i, RAX, bv_trunc(TC, width, quotient));
	set(i, RDX, bv_trunc(TC, width, rest));
	for (unsigned f = 0; f < X86_FLAGS; f++)
		undefine(i, f);
	return true;
}

static bool test(struct insn *i, term a, term b)
{
	if (a && b)
		logic_flags(i, bv_and(TC, a, b));
	return a && b;
}

static bool group3(struct insn *i, unsigned width)
{
	term a, b;

	if (!modrm(i))
		return false;
	if ((i->reg & 7) == 0) { /* test */
		b = immediate_of(i, width);
		return b && test(i, get_rm(i, width), b);
	}
	a = get_rm(i, width);
	if (!a)
		return false;
	switch (i->reg & 7) {
	case 2: /* not */
		return set_rm(i, bv_not(TC, a));
	case 3: /* neg */
		return set_rm(i, sub_flags(i, bv_const(TC, width, 0), a));
	case 4: /* mul */
	case 5: /* imul */
		return width < 32 ? unknown(i, 0xf7) : multiply(i, width, a, i->reg & 1);
	case 6: /* div */
	case 7: /* idiv */
		return width < 32 ? unknown(i, 0xf7) : divide(i, width, a, i->reg & 1);
	}
	return unknown(i, 0xf7);
}

static bool imul(struct insn *i, unsigned width, term a, term b)
{
	term wide, result;

	if (!a || !b)
		return false;
	wide = bv_mul(TC, bv_sext(TC, 2 * width, a), bv_sext(TC, 2 * width, b));
	result = bv_mul(TC, a, b);
	for (unsigned f = 0; f < X86_FLAGS; f++)
		undefine(i, f);
	i->x.flag[X86_CF] = i->x.flag[X86_OF] = term_ne(TC, wide, bv_sext(TC, 2 * width, result));
	set(i, i->reg, result);
	return true;
}

static bool push(struct insn *i, term value)
{
	i->x.r[RSP] = bv_add_c(TC, i->x.r[RSP], (uint64_t)-8);
	return i->x.env->store(i->x.env, i->x.r[RSP], 8, value);
}

static term pop(struct insn *i)
{
	term value = i->x.env->load(i->x.env, i->x.r[RSP], 8);

	i->x.r[RSP] = bv_add_c(TC, i->x.r[RSP], 8);
	return value;
}

static bool jump(struct insn *i, term taken, unsigned bytes)
{
	term distance = immediate(i, bytes, 64);
	int way = distance ? model_branch(i->x.env, taken) : -1;

	if (way > 0)
		i->at = bv_add(TC, i->at, distance);
	return way >= 0;
}

/* inc and dec leave CF. */
static bool increment(struct insn *i, unsigned op, term a)
{
	term carry = i->x.flag[X86_CF];
	term result = alu(i, op == 0 ? 0 : 5, a, bv_const(TC, a->width, 1));

	i->x.flag[X86_CF] = carry;
	return set_rm(i, result);
}

/* Groups 4 and 5: 0 inc, 1 dec; 2 call, 4 jmp, 6 push, which have no bytes and no 16 bits here. */
static bool group5(struct insn *i, unsigned width)
{
	term value, next;
	unsigned op;

	if (!modrm(i))
		return false;
	op = i->reg & 7;
	if (op == 3 || op == 5 || op == 7 || (op >= 2 && width < 32))
		return unknown(i, 0xff);
	value = get_rm(i, op >= 2 ? 64 : width);
	if (!value)
		return false;
	switch (op) {
	case 2:
		next = i->at;
		i->at = value;
		return push(i, next);
	case 4:
		i->at = value;
		return true;
	case 6:
		return push(i, value);
	default:
		return increment(i, op, value);
	}
}

static bool extend(struct insn *i, unsigned from, unsigned width, bool is_signed)
{
	term value = modrm(i) ? get_rm(i, from) : NULL;

	if (value)
		set(i, i->reg, is_signed ? bv_sext(TC, width, value) : bv_zext(TC, width, value));
	return value != NULL;
}

static bool bswap(struct insn *i, unsigned reg, unsigned width)
{
	term byte[8];

	if (width < 32)
		return unknown(i, 0x0fc8);
	for (unsigned n = 0; n < width / 8; n++)
		byte[n] = bv_extract(TC, 8 * n + 7, 8 * n, i->x.r[reg]);
	set(i, reg, bv_concat_n(TC, width / 8, byte));
	return true;
}

/* xadd: where both operands are one register, the sum stays. */
static bool exchange_add(struct insn *i, unsigned width)
{
	term old, operand;

	if (!modrm(i))
		return false;
	if (i->lock && i->mod == 3)
		return unknown(i, 0x0fc1);
	old = get_rm(i, width);
	if (!old)
		return false;
	operand = get(i, i->reg, width);
	set(i, i->reg, old);
	return set_rm(i, alu(i, 0, old, operand));
}

/* cmpxchg, on memory: it is written in any case, rax only where it differs. */
static bool compare_exchange(struct insn *i, unsigned width)
{
	term old, operand, equal;

	if (!modrm(i))
		return false;
	if (i->mod == 3)
		return unknown(i, 0x0fb1);
	old = get_rm(i, width);
	if (!old)
		return false;
	operand = get(i, i->reg, width);
	sub_flags(i, get(i, RAX, width), old);
	equal = i->x.flag[X86_ZF];
	i->x.r[RAX] = term_ite(TC, equal, i->x.r[RAX], bv_zext(TC, 64, old));
	return set_rm(i, term_ite(TC, equal, operand, old));
}

/* xchg; with memory, locked in any case */
static bool exchange(struct insn *i, unsigned width)
{
	term a, b;

	if (!modrm(i))
		return false;
	if (i->lock && i->mod == 3)
		return unknown(i, 0x87);
	i->x.env->atomic = i->mod != 3;
	a = get_rm(i, width);
	if (!a)
		return false;
	b = get(i, i->reg, width);
	set(i, i->reg, a);
	return set_rm(i, b);
}

static bool two_byte(struct insn *i, unsigned width)
{
	unsigned opcode;
	term value;

	if (!fetch_byte(i, "opcode", &opcode))
		return false;
	opcode |= 0x0f00;
	if (i->lock && opcode != 0x0fc1 && opcode != 0x0fb1)
		return unknown(i, opcode);
	switch (opcode) {
	case 0x0f1f: /* nop */
		return modrm(i) && ((i->reg & 7) == 0 || unknown(i, opcode));
	case 0x0faf:
		return modrm(i) && imul(i, width, get(i, i->reg, width), get_rm(i, width));
	case 0x0fb6:
	case 0x0fbe:
		return extend(i, 8, width, opcode == 0x0fbe);
	case 0x0fb7:
	case 0x0fbf:
		return width == 16 ? unknown(i, opcode) : extend(i, 16, width, opcode == 0x0fbf);
	case 0x0fb1:
		return width < 32 ? unknown(i, opcode) : compare_exchange(i, width);
	case 0x0fc1:
		return width < 32 ? unknown(i, opcode) : exchange_add(i, width);
	}
	switch (opcode & 0xff0) {
	case 0xf40: /* cmovcc: also where it does not hold, 32 bits clear the upper half */
		value = modrm(i) ? get_rm(i, width) : NULL;
		if (value)
			set(i, i->reg,
				term_ite(TC, condition(i, opcode), value, get(i, i->reg, width)));
		return value != NULL;
	case 0xf80: /* jcc */
		return i->operand_16 ? unknown(i, opcode) : jump(i, condition(i, opcode), 4);
	case 0xf90: /* setcc */
		return modrm(i) && set_rm(i, bv_from_bool(TC, 8, condition(i, opcode)));
	case 0xfc0:
		if (opcode >= 0x0fc8)
			return bswap(i, (opcode & 7) | (i->rex & 1) << 3, width);
	}
	return unknown(i, opcode);
}

/* VEX of three bytes: its map, prefix, and second source; REX's bits are inverted. */
struct vex {
	unsigned map, prefix, source, width;
};

static bool vex_prefix(struct insn *i, struct vex *v)
{
	unsigned first, second;

	if (!fetch_byte(i, "VEX", &first) || !fetch_byte(i, "VEX", &second))
		return false;
	if ((second & 4) || i->has_rex || i->operand_16 || i->lock)
		return unknown(i, 0xc4);
	i->rex = ~first >> 5 & 7;
	*v = (struct vex){.map = first & 31,
		.prefix = second & 3,
		.source = ~second >> 3 & 15,
		.width = second & 0x80 ? 64 : 32};
	return true;
}

/* BMI2, without flags: shlx, sarx, shrx; rorx. */
static bool vex(struct insn *i)
{
	unsigned opcode;
	struct vex v = {0};
	term a, count;
	bool rorx;

	if (!vex_prefix(i, &v) || !fetch_byte(i, "opcode", &opcode))
		return false;
	rorx = v.map == 3 && opcode == 0xf0 && v.prefix == 3 && v.source == 0;
	if (!rorx && !(v.map == 2 && opcode == 0xf7 && v.prefix != 0))
		return unknown(i, 0xc4);
	if (!modrm(i))
		return false;
	count = rorx ? fetch(i, 1) : get(i, v.source, v.width);
	a = count ? get_rm(i, v.width) : NULL;
	if (!a)
		return false;
	count = bv_and_c(TC, bv_zext(TC, v.width, count), v.width - 1);
	if (rorx)
		a = bv_or(TC, bv_lshr(TC, a, count),
			bv_shl(TC, a, bv_sub(TC, bv_const(TC, v.width, v.width), count)));
	else
		a = (v.prefix == 1 ? bv_shl : v.prefix == 2 ? bv_ashr : bv_lshr)(TC, a, count);
	set(i, i->reg, a);
	return true;
}

/* Opcodes 0x00 to 0x3f: eight operations, bytes and wider; two ways, and with rax. */
static bool alu_modrm(struct insn *i, unsigned opcode, unsigned width)
{
	unsigned op = opcode >> 3;
	term a, b;

	if (opcode & 4) {
		i->mod = 3;
		i->rm = RAX;
		return alu_rm(i, op, width, immediate_of(i, width));
	}
	if (!modrm(i))
		return false;
	if (!(opcode & 2))
		return alu_rm(i, op, width, get(i, i->reg, width));
	if (i->lock)
		return unknown(i, opcode);
	b = get_rm(i, width);
	if (!b)
		return false;
	a = alu(i, op, get(i, i->reg, width), b);
	if (op != 7)
		set(i, i->reg, a);
	return true;
}

/* The stack, jumps and calls: 64 bits in any case. */
static bool flow(struct insn *i, unsigned opcode)
{
	unsigned low = (opcode & 7) | (i->rex & 1) << 3;
	term a, next;

	if (i->operand_16)
		return unknown(i, opcode);
	switch (opcode & 0xf8) {
	case 0x50:
		return push(i, i->x.r[low]);
	case 0x58:
		a = pop(i);
		if (a)
			set(i, low, a);
		return a != NULL;
	case 0x70:
	case 0x78:
		return jump(i, condition(i, opcode), 1);
	}
	switch (opcode) {
	case 0x68:
	case 0x6a:
		a = immediate(i, opcode == 0x68 ? 4 : 1, 64);
		return a && push(i, a);
	case 0xc3:
		i->at = pop(i);
		return i->at != NULL;
	case 0xe8:
		a = immediate(i, 4, 64);
		next = i->at;
		if (!a)
			return false;
		i->at = bv_add(TC, next, a);
		return push(i, next);
	case 0xe9:
	case 0xeb:
		return jump(i, bool_const(TC, true), opcode == 0xe9 ? 4 : 1);
	}
	return unknown(i, opcode);
}

/* mov r, i has its width in another bit of the opcode. */
static bool move(struct insn *i, unsigned opcode, unsigned wide)
{
	unsigned width = opcode & ((opcode & 0xf0) == 0xb0 ? 8 : 1) ? wide : 8;
	term a;

	switch (opcode) {
	case 0x63: /* movsxd */
		return width == 64 ? extend(i, 32, 64, true) : unknown(i, opcode);
	case 0x88:
	case 0x89:
		return modrm(i) && set_rm(i, get(i, i->reg, width));
	case 0x8a:
	case 0x8b:
		a = modrm(i) ? get_rm(i, width) : NULL;
		break;
	case 0x8d:
		if (!modrm(i))
			return false;
		if (i->mod == 3)
			return unknown(i, opcode);
		a = bv_trunc(TC, width, effective_address(i));
		break;
	case 0xc6:
	case 0xc7:
		if (!modrm(i))
			return false;
		if ((i->reg & 7) != 0)
			return unknown(i, opcode);
		a = immediate_of(i, width);
		return a && set_rm(i, a);
	default:
		if ((opcode & 0xf0) != 0xb0)
			return flow(i, opcode);
		i->reg = (opcode & 7) | (i->rex & 1) << 3;
		a = width == 64 ? fetch(i, 8) : immediate_of(i, width);
	}
	if (a)
		set(i, i->reg, a);
	return a != NULL;
}

/* xchg r, rax; without a register, nop */
static bool exchange_rax(struct insn *i, unsigned reg, unsigned width)
{
	term a = get(i, RAX, width);

	if (reg != RAX) {
		set(i, RAX, get(i, reg, width));
		set(i, reg, a);
	}
	return true;
}

/* Where bytes have an opcode of their own, it is the even one. */
static bool one_byte(struct insn *i, unsigned opcode, unsigned wide)
{
	unsigned width = opcode & 1 ? wide : 8;
	term a, b;

	if (opcode < 0x40 && (opcode & 7) < 6)
		return alu_modrm(i, opcode, width);
	if (i->lock && opcode != 0x80 && opcode != 0x81 && opcode != 0x83 && opcode != 0x87)
		return unknown(i, opcode);
	if ((opcode & 0xf8) == 0x90)
		return exchange_rax(i, (opcode & 7) | (i->rex & 1) << 3, wide);
	switch (opcode) {
	case 0x69:
	case 0x6b:
		if (!modrm(i))
			return false;
		b = immediate(i, opcode == 0x6b ? 1 : wide == 16 ? 2 : 4, wide);
		return b && imul(i, wide, get_rm(i, wide), b);
	case 0x80:
	case 0x81:
	case 0x83:
		if (!modrm(i))
			return false;
		b = opcode == 0x83 ? immediate(i, 1, width) : immediate_of(i, width);
		return alu_rm(i, i->reg & 7, width, b);
	case 0x84:
	case 0x85:
		return modrm(i) && test(i, get_rm(i, width), get(i, i->reg, width));
	case 0x87:
		return exchange(i, wide);
	case 0x98: /* cwde, cdqe; with 0x66 cbw */
		set(i, RAX, bv_sext(TC, wide, get(i, RAX, wide / 2)));
		return true;
	case 0x99: /* cdq, cqo; with 0x66 cwd */
		set(i, RDX, bv_ashr_c(TC, get(i, RAX, wide), wide - 1));
		return true;
	case 0xa8:
	case 0xa9:
		a = immediate_of(i, width);
		return test(i, a, get(i, RAX, width));
	case 0xc0:
	case 0xc1:
		return modrm(i) && shift(i, width, fetch(i, 1));
	case 0xd0:
	case 0xd1:
		return modrm(i) && shift(i, width, bv_const(TC, 8, 1));
	case 0xd2:
	case 0xd3:
		return modrm(i) && shift(i, width, bv_trunc(TC, 8, i->x.r[RCX]));
	case 0xc4:
		return vex(i);
	case 0xf6:
	case 0xf7:
		return group3(i, width);
	case 0xfe:
	case 0xff:
		return group5(i, width);
	}
	return move(i, opcode, wide);
}

bool x86_step(struct x86 *x)
{
	struct insn state = {.x = *x, .at = x->rip}, *i = &state;
	unsigned opcode, wide;

	do {
		if (!fetch_byte(i, "opcode", &opcode))
			return false;
		i->operand_16 |= opcode == 0x66;
		i->lock |= opcode == 0xf0;
	} while (opcode == 0x66 || opcode == 0xf0);
	x->env->atomic = i->lock;
	if ((opcode & 0xf0) == 0x40) {
		i->has_rex = true;
		i->rex = opcode & 15;
		if (!fetch_byte(i, "opcode", &opcode))
			return false;
	}
	wide = i->rex & 8 ? 64 : i->operand_16 ? 16 : 32;
	if (!(opcode == 0x0f ? two_byte(i, wide) : one_byte(i, opcode, wide)))
		return false;
	i->x.rip = i->at;
	*x = i->x;
	return true;
}
