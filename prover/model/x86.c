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

static term add_flags(struct insn *i, term a, term b)
{
	term result = bv_add(TC, a, b);
	term carries = bv_xor(TC, bv_xor(TC, a, b), result);

	set_result_flags(i, result);
	i->x.flag[X86_CF] = bv_ult(TC, result, a);
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

static term logic_flags(struct insn *i, term result)
{
	set_result_flags(i, result);
	i->x.flag[X86_CF] = i->x.flag[X86_OF] = bool_const(TC, false);
	undefine(i, X86_AF);
	return result;
}

/* Conditions, volume 2, appendix B, table B-10: the low bit inverts. */
static term condition(struct insn *i, unsigned cc)
{
	const term *f = i->x.flag;
	term less = bool_xor(TC, f[X86_SF], f[X86_OF]);
	const term holds[] = {f[X86_OF], f[X86_CF], f[X86_ZF], bool_or(TC, f[X86_CF], f[X86_ZF]),
		f[X86_SF], f[X86_PF], less, bool_or(TC, f[X86_ZF], less)};

	return cc & 1 ? bool_not(TC, holds[cc >> 1 & 7]) : holds[cc >> 1 & 7];
}

/* Operations */

static bool unknown(struct insn *i, unsigned opcode)
{
	return model_stop(i->x.env, "instruction with opcode 0x%02x is not modelled", opcode);
}

/* Group 1. adc and sbb, 2 and 3, are not modelled. */
static term alu(struct insn *i, unsigned op, term a, term b)
{
	switch (op) {
	case 0:
		return add_flags(i, a, b);
	case 1:
		return logic_flags(i, bv_or(TC, a, b));
	case 4:
		return logic_flags(i, bv_and(TC, a, b));
	case 6:
		return logic_flags(i, bv_xor(TC, a, b));
	default: /* sub, cmp */
		return sub_flags(i, a, b);
	}
}

static bool alu_rm(struct insn *i, unsigned op, unsigned width, term b)
{
	term a, result;

	if (op == 2 || op == 3 || (i->lock && (op == 7 || i->mod == 3)))
		return unknown(i, op << 3);
	a = b ? get_rm(i, width) : NULL;
	if (!a)
		return false;
	result = alu(i, op, a, b);
	return op == 7 || set_rm(i, result);
}

/* rol: of the flags, only CF and OF. */
static bool rotate(struct insn *i, unsigned width, term count8)
{
	term a = get_rm(i, width), masked, count, zero, one, result, carry, overflow;

	if (!a)
		return false;
	masked = bv_and_c(TC, count8, width == 64 ? 63 : 31);
	count = bv_zext(TC, width, bv_and_c(TC, count8, width - 1));
	result = bv_or(TC, bv_shl(TC, a, count),
		bv_lshr(TC, a, bv_sub(TC, bv_const(TC, width, width), count)));
	zero = term_eq(TC, masked, bv_const(TC, 8, 0));
	one = term_eq(TC, masked, bv_const(TC, 8, 1));
	carry = i->x.flag[X86_CF];
	overflow = i->x.flag[X86_OF];
	i->x.flag[X86_CF] = term_ite(TC, zero, carry, bit(i, result, 0));
	undefine(i, X86_OF);
	i->x.flag[X86_OF] = term_ite(TC, zero, overflow,
		term_ite(TC, one, bool_xor(TC, sign(i, result), bit(i, result, 0)),
			i->x.flag[X86_OF]));
	return set_rm(i, result);
}

/* Shifts of group 2: 4 shl, 5 shr, 7 sar. A count of 0 leaves the flags. Widths 32 and 64: the
 * count, masked, is below the width. */
static bool shift(struct insn *i, unsigned op, unsigned width, term count8)
{
	term old[X86_FLAGS], a, count, zero, result, last, one, less, overflow;

	if (op == 0 && count8 && width > 8)
		return rotate(i, width, count8);
	if ((op != 4 && op != 5 && op != 7) || width < 32)
		return model_stop(i->x.env, "shift %u of %u bits is not modelled", op, width);
	a = count8 ? get_rm(i, width) : NULL;
	if (!a)
		return false;
	count = bv_zext(TC, width, bv_and_c(TC, count8, width - 1));
	zero = term_eq(TC, count, bv_const(TC, width, 0));
	one = term_eq(TC, count, bv_const(TC, width, 1));
	less = bv_add_c(TC, count, UINT64_MAX);
	for (unsigned f = 0; f < X86_FLAGS; f++)
		old[f] = i->x.flag[f];
	if (op == 4) {
		result = bv_shl(TC, a, count);
		last = sign(i, bv_shl(TC, a, less));
		overflow = bool_xor(TC, sign(i, result), last);
	} else {
		result = op == 5 ? bv_lshr(TC, a, count) : bv_ashr(TC, a, count);
		last = bit(i, bv_lshr(TC, a, less), 0);
		overflow = op == 5 ? sign(i, a) : bool_const(TC, false);
	}
	set_result_flags(i, result);
	i->x.flag[X86_CF] = last;
	undefine(i, X86_AF);
	undefine(i, X86_OF);
	i->x.flag[X86_OF] = term_ite(TC, one, overflow, i->x.flag[X86_OF]);
	for (unsigned f = 0; f < X86_FLAGS; f++)
		i->x.flag[f] = term_ite(TC, zero, old[f], i->x.flag[f]);
	return set_rm(i, result);
}

/* div and idiv of group 3: a quotient that does not fit, or a divisor of 0, is #DE. */
static bool divide(struct insn *i, unsigned width, term b, bool is_signed)
{
	term high = get(i, RDX, width), low = get(i, RAX, width);
	term a = bv_concat(TC, high, low), wide, quotient, rest, fits, zero;
	int faults;

	wide = is_signed ? bv_sext(TC, 2 * width, b) : bv_zext(TC, 2 * width, b);
	zero = term_eq(TC, b, bv_const(TC, width, 0));
	quotient = is_signed ? bv_sdiv(TC, a, wide) : bv_udiv(TC, a, wide);
	rest = is_signed ? bv_srem(TC, a, wide) : bv_urem(TC, a, wide);
	low = bv_trunc(TC, width, quotient);
	fits = term_eq(TC, quotient,
		is_signed ? bv_sext(TC, 2 * width, low) : bv_zext(TC, 2 * width, low));
	faults = model_branch(i->x.env, bool_or(TC, zero, bool_not(TC, fits)));
	if (faults < 0)
		return false;
	if (faults)
		return model_stop(i->x.env, "division faults (#DE)");
	set(i, RAX, low);
	set(i, RDX, bv_trunc(TC, width, rest));
	for (unsigned f = 0; f < X86_FLAGS; f++)
		undefine(i, f);
	return true;
}

static bool group3(struct insn *i, unsigned width)
{
	term a, b;

	if (!modrm(i))
		return false;
	if ((i->reg & 7) == 0) { /* test */
		b = immediate_of(i, width);
		a = b ? get_rm(i, width) : NULL;
		if (a)
			logic_flags(i, bv_and(TC, a, b));
		return a != NULL;
	}
	a = get_rm(i, width);
	if (!a)
		return false;
	switch (i->reg & 7) {
	case 2: /* not */
		return set_rm(i, bv_not(TC, a));
	case 3: /* neg */
		return set_rm(i, sub_flags(i, bv_const(TC, width, 0), a));
	case 6: /* div */
	case 7: /* idiv */
		if (width >= 32)
			return divide(i, width, a, (i->reg & 7) == 7);
		break;
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

/* inc 0, call 2, jmp 4 */
static bool group5(struct insn *i, unsigned width)
{
	term value, carry = i->x.flag[X86_CF], next;
	unsigned op;

	if (!modrm(i))
		return false;
	op = i->reg & 7;
	if (op > 4 || op == 3)
		return unknown(i, 0xff);
	value = get_rm(i, op >= 2 ? 64 : width);
	if (!value)
		return false;
	if (op >= 2) {
		next = i->at;
		i->at = value;
		return op == 4 || push(i, next);
	}
	value = (op == 0 ? add_flags : sub_flags)(i, value, bv_const(TC, width, 1));
	i->x.flag[X86_CF] = carry;
	return set_rm(i, value);
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

/* xadd and cmpxchg on memory. */
static bool exchange(struct insn *i, unsigned opcode, unsigned width)
{
	term old, operand, equal;

	if (!modrm(i))
		return false;
	if (i->mod == 3)
		return unknown(i, opcode);
	old = get_rm(i, width);
	if (!old)
		return false;
	operand = get(i, i->reg, width);
	if (opcode == 0x0fc1) {
		set(i, i->reg, old);
		return set_rm(i, add_flags(i, old, operand));
	}
	sub_flags(i, get(i, RAX, width), old);
	equal = i->x.flag[X86_ZF];
	/* The address may be by rax: the store's has to be worked out before. */
	i->address = effective_address(i);
	i->rip_relative = false;
	i->x.r[RAX] = term_ite(TC, equal, i->x.r[RAX], bv_zext(TC, 64, old));
	return set_rm(i, term_ite(TC, equal, operand, old));
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
	case 0x0fc1:
		return width < 32 ? unknown(i, opcode) : exchange(i, opcode, width);
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

/* shlx, shrx and sarx: VEX of three bytes, map 2, opcode 0xf7; no flags. */
static bool vex(struct insn *i)
{
	unsigned first, second, opcode, width, pp;
	term a, count;

	if (!fetch_byte(i, "VEX", &first) || !fetch_byte(i, "VEX", &second) ||
		!fetch_byte(i, "opcode", &opcode))
		return false;
	pp = second & 3;
	if ((first & 31) != 2 || opcode != 0xf7 || (second & 4) || pp == 0 || i->has_rex ||
		i->operand_16 || i->lock)
		return unknown(i, 0xc4);
	i->rex = (~first >> 5 & 7);
	width = second & 0x80 ? 64 : 32;
	a = modrm(i) ? get_rm(i, width) : NULL;
	if (!a)
		return false;
	count = bv_and_c(TC, get(i, ~second >> 3 & 15, width), width - 1);
	set(i, i->reg,
		pp == 1   ? bv_shl(TC, a, count)
		: pp == 3 ? bv_lshr(TC, a, count)
			  : bv_ashr(TC, a, count));
	return true;
}

/* Opcodes 0x00 to 0x3f: eight operations, two ways, bytes and wider. */
static bool alu_modrm(struct insn *i, unsigned opcode, unsigned width)
{
	unsigned op = opcode >> 3;
	term b;

	if (!modrm(i))
		return false;
	if (!(opcode & 2))
		return alu_rm(i, op, width, get(i, i->reg, width));
	if (op == 2 || op == 3 || i->lock)
		return unknown(i, opcode);
	b = get_rm(i, width);
	if (!b)
		return false;
	b = alu(i, op, get(i, i->reg, width), b);
	if (op != 7)
		set(i, i->reg, b);
	return true;
}

static bool one_byte(struct insn *i, unsigned opcode, unsigned wide)
{
	unsigned low = (opcode & 7) | (i->rex & 1) << 3, width = opcode & 1 ? wide : 8;
	term a, b;

	if (opcode < 0x40 && (opcode & 7) < 4)
		return alu_modrm(i, opcode, width);
	if (i->lock && opcode != 0x80 && opcode != 0x81 && opcode != 0x83 && opcode != 0x87)
		return unknown(i, opcode);
	switch (opcode & 0xf8) {
	case 0x50:
		return i->operand_16 ? unknown(i, opcode) : push(i, i->x.r[low]);
	case 0x58:
		a = i->operand_16 ? (unknown(i, opcode), NULL) : pop(i);
		if (a)
			set(i, low, a);
		return a != NULL;
	case 0x70:
	case 0x78:
		return jump(i, condition(i, opcode), 1);
	case 0xb8:
		a = wide == 64 ? fetch(i, 8) : immediate_of(i, wide);
		if (a)
			set(i, low, a);
		return a != NULL;
	}
	switch (opcode) {
	case 0x63: /* movsxd */
		return wide == 64 ? extend(i, 32, 64, true) : unknown(i, opcode);
	case 0x69:
	case 0x6b:
		if (!modrm(i))
			return false;
		b = opcode == 0x69 ? immediate_of(i, wide) : immediate(i, 1, wide);
		return b && imul(i, wide, get_rm(i, wide), b);
	case 0x80:
	case 0x81:
	case 0x83:
		if (!modrm(i))
			return false;
		b = opcode == 0x83 ? immediate(i, 1, width) : immediate_of(i, width);
		return alu_rm(i, i->reg & 7, width, b);
	case 0x84:
	case 0x85: /* test */
		a = modrm(i) ? get_rm(i, width) : NULL;
		if (a)
			logic_flags(i, bv_and(TC, a, get(i, i->reg, width)));
		return a != NULL;
	case 0x87: /* xchg; locked in any case */
		a = modrm(i) && i->mod != 3 ? get_rm(i, width) : NULL;
		if (!a)
			return i->mod == 3 ? unknown(i, opcode) : false;
		b = get(i, i->reg, width);
		i->address = effective_address(i);
		i->rip_relative = false;
		set(i, i->reg, a);
		return set_rm(i, b);
	case 0x88:
	case 0x89:
		return modrm(i) && set_rm(i, get(i, i->reg, width));
	case 0x8a:
	case 0x8b:
		a = modrm(i) ? get_rm(i, width) : NULL;
		if (a)
			set(i, i->reg, a);
		return a != NULL;
	case 0x8d:
		if (!modrm(i) || i->mod == 3)
			return unknown(i, opcode);
		set(i, i->reg, bv_trunc(TC, wide, effective_address(i)));
		return true;
	case 0x90:
		return i->rex & 1 ? unknown(i, opcode) : true;
	case 0x99: /* cdq, cqo */
		if (wide == 16)
			return unknown(i, opcode);
		set(i, RDX, bv_ashr_c(TC, get(i, RAX, wide), wide - 1));
		return true;
	case 0xc1:
		return modrm(i) && shift(i, i->reg & 7, wide, fetch(i, 1));
	case 0xd3:
		return modrm(i) && shift(i, i->reg & 7, wide, bv_trunc(TC, 8, i->x.r[RCX]));
	case 0xc3:
		a = i->operand_16 ? (unknown(i, opcode), NULL) : pop(i);
		i->at = a;
		return a != NULL;
	case 0xc4:
		return vex(i);
	case 0xc6:
	case 0xc7:
		if (!modrm(i) || i->reg != 0)
			return unknown(i, opcode);
		a = immediate_of(i, width);
		return a && set_rm(i, a);
	case 0xe8:
		a = i->operand_16 ? (unknown(i, opcode), NULL) : immediate(i, 4, 64);
		if (!a)
			return false;
		b = i->at;
		i->at = bv_add(TC, b, a);
		return push(i, b);
	case 0xe9:
	case 0xeb:
		return i->operand_16 ? unknown(i, opcode)
		                     : jump(i, bool_const(TC, true), opcode == 0xe9 ? 4 : 1);
	case 0xf6:
	case 0xf7:
		return group3(i, width);
	case 0xff:
		return i->operand_16 ? unknown(i, opcode) : group5(i, wide);
	}
	return unknown(i, opcode);
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
