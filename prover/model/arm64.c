/* SPDX-License-Identifier: MIT */
/*
 * A64: decode and meaning side by side. Names of fields are the manual's (DDI 0487); each function
 * is a table of chapter C4.1. Opcode, register and condition fields must be constant; immediates
 * and shift amounts may be any term. What a table leaves unallocated, or the manual calls
 * CONSTRAINED UNPREDICTABLE, stops.
 *
 * V of a comparison is said as N xor signed-less, which is the same as what AddWithCarry computes
 * and lets the condition LT (N != V) become a signed comparison by itself.
 */
#include "prover/model/arm64.h"

#define TC (s->m->env->tc)

enum { ZR = 31, SP = 31, LR = 30 };

/* A step: the machine as it is, and where it goes next. */
struct step {
	struct arm64 *m;
	term insn, next;
};

void arm64_init(struct arm64 *m, struct model_env *env, term pc)
{
	term zero = bv_const(env->tc, 64, 0), clear = bool_const(env->tc, false);

	*m = (struct arm64){.env = env, .sp = zero, .pc = pc};
	for (unsigned i = 0; i < 31; i++)
		m->x[i] = zero;
	m->n = m->z = m->c = m->v = clear;
}

static term bits(struct step *s, unsigned hi, unsigned lo)
{
	return bv_extract(TC, hi, lo, s->insn);
}

static bool field(struct step *s, unsigned hi, unsigned lo, const char *name, unsigned *value)
{
	return model_field(s->m->env, s->insn, hi, lo, name, value);
}

static bool unknown(struct step *s, const char *what)
{
	return model_stop(s->m->env, "instruction is not modelled: %s", what);
}

static bool unpredictable(struct step *s, const char *what)
{
	return model_undefined(s->m->env, "CONSTRAINED UNPREDICTABLE: %s", what);
}

/* True if the path says that a condition holds; what the model says otherwise. */
static bool expect(struct step *s, term condition, const char *otherwise)
{
	int holds = model_branch(s->m->env, condition);

	return holds > 0 || (holds == 0 && model_stop(s->m->env, "%s", otherwise));
}

/* The same; otherwise there is an exception. */
static bool require(struct step *s, term condition, const char *otherwise)
{
	int holds = model_branch(s->m->env, condition);

	return holds > 0 || (holds == 0 && model_trap(s->m->env, "%s", otherwise));
}

static term bit(struct step *s, term value, unsigned n)
{
	return bool_from_bv(TC, bv_extract(TC, n, n, value));
}

static term is_zero(struct step *s, term value)
{
	return term_eq(TC, value, bv_const(TC, value->width, 0));
}

static term ones(struct step *s, unsigned width)
{
	return bv_not(TC, bv_const(TC, width, 0));
}

/* X[n] and W[n], where 31 is zero; and where it is sp. */

static term reg(struct step *s, unsigned n, unsigned width)
{
	return n == ZR ? bv_const(TC, width, 0) : bv_trunc(TC, width, s->m->x[n]);
}

static term reg_sp(struct step *s, unsigned n, unsigned width)
{
	return n == SP ? bv_trunc(TC, width, s->m->sp) : reg(s, n, width);
}

static void set(struct step *s, unsigned n, term value)
{
	if (n != ZR)
		s->m->x[n] = bv_zext(TC, 64, value);
}

static void set_sp(struct step *s, unsigned n, term value)
{
	if (n == SP)
		s->m->sp = bv_zext(TC, 64, value);
	else
		set(s, n, value);
}

/* ---- flags, shifts, bit masks: the pseudocode of chapter J1 ---- */

struct flags {
	term n, z, c, v;
};

static void set_flags(struct step *s, struct flags f)
{
	s->m->n = f.n;
	s->m->z = f.z;
	s->m->c = f.c;
	s->m->v = f.v;
}

static term sign(struct step *s, term value)
{
	return bit(s, value, value->width - 1u);
}

static struct flags logical_flags(struct step *s, term result)
{
	term clear = bool_const(TC, false);

	return (struct flags){sign(s, result), is_zero(s, result), clear, clear};
}

static struct flags subtract_flags(struct step *s, term a, term b)
{
	term n = sign(s, bv_sub(TC, a, b));

	return (struct flags){
		n, term_eq(TC, a, b), bv_ule(TC, b, a), bool_xor(TC, n, bv_slt(TC, a, b))};
}

/* AddWithCarry: the flags of a + b + carry */
static struct flags add_flags(struct step *s, term a, term b, term carry)
{
	unsigned width = a->width;
	term wide = bv_add(TC, bv_zext(TC, width + 1, a), bv_zext(TC, width + 1, b)), result;

	wide = bv_add(TC, wide, bv_from_bool(TC, width + 1, carry));
	result = bv_trunc(TC, width, wide);
	return (struct flags){sign(s, result), is_zero(s, result), bit(s, wide, width),
		sign(s, bv_and(TC, bv_xor(TC, a, result), bv_xor(TC, b, result)))};
}

/* a + b, or a - b with a `subtract`, and its flags if they are wanted */
static term add_sub(struct step *s, bool subtract, bool setflags, term a, term b)
{
	if (setflags)
		set_flags(s, subtract ? subtract_flags(s, a, b)
				      : add_flags(s, a, b, bool_const(TC, false)));
	return subtract ? bv_sub(TC, a, b) : bv_add(TC, a, b);
}

/* ROR by less than the width, which is a power of 2 */
static term rotate_right(struct step *s, term value, term count)
{
	term left = bv_and_c(TC, bv_neg(TC, count), value->width - 1u);

	return bv_or(TC, bv_lshr(TC, value, count), bv_shl(TC, value, left));
}

/* ShiftReg: LSL, LSR, ASR, ROR. The count has the value's width and is less than it. */
static term shifted(struct step *s, unsigned type, term value, term count)
{
	switch (type) {
	case 0:
		return bv_shl(TC, value, count);
	case 1:
		return bv_lshr(TC, value, count);
	case 2:
		return bv_ashr(TC, value, count);
	default:
		return rotate_right(s, value, count);
	}
}

/* ExtendReg: option is UXTB, UXTH, UXTW, UXTX, SXTB, SXTH, SXTW, SXTX. */
static term extended(struct step *s, unsigned m, unsigned option, unsigned width)
{
	unsigned from = 8u << (option & 3);
	term value;

	if (from > width)
		from = width;
	value = reg(s, m, from);
	return option & 4 ? bv_sext(TC, width, value) : bv_zext(TC, width, value);
}

/* ConditionHolds */
static term condition_holds(struct step *s, unsigned cond)
{
	struct arm64 *m = s->m;
	term holds;

	switch (cond >> 1) {
	case 0: /* EQ, NE */
		holds = m->z;
		break;
	case 1: /* CS, CC */
		holds = m->c;
		break;
	case 2: /* MI, PL */
		holds = m->n;
		break;
	case 3: /* VS, VC */
		holds = m->v;
		break;
	case 4: /* HI, LS */
		holds = bool_and(TC, m->c, bool_not(TC, m->z));
		break;
	case 5: /* GE, LT */
		holds = bool_not(TC, bool_xor(TC, m->n, m->v));
		break;
	case 6: /* GT, LE */
		holds = bool_and(TC, bool_not(TC, bool_xor(TC, m->n, m->v)), bool_not(TC, m->z));
		break;
	default: /* AL; 15 too */
		return bool_const(TC, true);
	}
	return cond & 1 ? bool_not(TC, holds) : holds;
}

/* Ones(S + 1), of an element with as many bits as S can count */
static term low_ones(struct step *s, term count, unsigned width)
{
	return bv_lshr(TC, ones(s, width), bv_zext(TC, width, bv_not(TC, count)));
}

/* An element of 2^len bits of DecodeBitMasks' wmask, repeated over `width`. */
static term repeated_mask(struct step *s, unsigned len, unsigned width)
{
	unsigned esize = 1u << len;
	term element = low_ones(s, bits(s, 10 + len - 1, 10), esize), part[32];

	element = rotate_right(s, element, bv_zext(TC, esize, bits(s, 16 + len - 1, 16)));
	if (esize == width)
		return element;
	for (unsigned i = 0; i < width / esize; i++)
		part[i] = element;
	return bv_concat_n(TC, width / esize, part);
}

/*
 * DecodeBitMasks with immediate TRUE: the element's size is that of the highest bit of
 * N:NOT(imms); each of the six sizes is an alternative. What is none of them is reserved.
 */
static term decode_bit_masks(struct step *s, unsigned width, term *defined)
{
	term size = bv_concat(TC, bits(s, 22, 22), bv_not(TC, bits(s, 15, 10)));
	term valid = bool_const(TC, false), mask = bv_const(TC, width, 0);

	for (unsigned len = 1; len <= (width == 64 ? 6 : 5); len++) {
		term is_len = bit(s, size, len), S = bits(s, 10 + len - 1, 10);

		if (len < 6)
			is_len = bool_and(TC, is_len, is_zero(s, bv_extract(TC, 6, len + 1, size)));
		if (term_is_false(is_len))
			continue;
		valid = bool_or(TC, valid, bool_and(TC, is_len, term_ne(TC, S, ones(s, len))));
		mask = term_ite(TC, is_len, repeated_mask(s, len, width), mask);
	}
	*defined = valid;
	return mask;
}

term arm64_logical_value(struct terms *tc, term fields, unsigned width, term *defined)
{
	struct model_env env = {.tc = tc};
	struct arm64 m = {.env = &env};
	const term part[] = {bv_const(tc, 9, 0), fields, bv_const(tc, 10, 0)};
	struct step step = {.m = &m, .insn = bv_concat_n(tc, 3, part)};

	return decode_bit_masks(&step, width, defined);
}

static term logical_immediate(struct step *s, unsigned width)
{
	term defined, mask = decode_bit_masks(s, width, &defined);

	return require(s, defined, "UNDEFINED: reserved logical immediate") ? mask : NULL;
}

/* imm6, immr or imms: of 32-bit operations, less than 32. NULL: it isn't. */
static term count_field(struct step *s, unsigned lo, unsigned width)
{
	if (width == 32 && !require(s, is_zero(s, bits(s, lo + 5, lo + 5)),
				   "UNDEFINED: a count of 32 or more"))
		return NULL;
	return bits(s, lo + (width == 32 ? 4 : 5), lo);
}

/* ---- C4.1, data processing, immediate ---- */

static bool pc_relative(struct step *s, unsigned d)
{
	term imm = bv_concat(TC, bits(s, 23, 5), bits(s, 30, 29));
	unsigned page;

	if (!field(s, 31, 31, "op", &page))
		return false;
	if (page) /* ADRP */
		set(s, d,
			bv_add(TC, bv_and_c(TC, s->m->pc, ~(uint64_t)0xfff),
				bv_shl_c(TC, bv_sext(TC, 64, imm), 12)));
	else
		set(s, d, bv_add(TC, s->m->pc, bv_sext(TC, 64, imm)));
	return true;
}

static bool add_sub_immediate(struct step *s, unsigned width, unsigned opc, unsigned n, unsigned d)
{
	term imm = bv_zext(TC, width, bits(s, 21, 10)), result;

	imm = term_ite(TC, bit(s, s->insn, 22), bv_shl_c(TC, imm, 12), imm);
	result = add_sub(s, opc >> 1, opc & 1, reg_sp(s, n, width), imm);
	if (opc & 1)
		set(s, d, result);
	else
		set_sp(s, d, result);
	return true;
}

static term known_immediate(struct step *s, unsigned width)
{
	struct arm64 *m = s->m;

	return m->known_immediate ? m->known_immediate(m->env, bits(s, 22, 10), width) : NULL;
}

static bool logical_immediate_insn(
	struct step *s, unsigned width, unsigned opc, unsigned n, unsigned d)
{
	term a = reg(s, n, width), mask = known_immediate(s, width), result;

	if (!mask && width == 32 &&
		!require(s, is_zero(s, bits(s, 22, 22)), "UNDEFINED: N of a 32-bit operation"))
		return false;
	if (!mask)
		mask = logical_immediate(s, width);
	if (!mask)
		return false;
	switch (opc) {
	case 1: /* ORR */
		result = bv_or(TC, a, mask);
		break;
	case 2: /* EOR */
		result = bv_xor(TC, a, mask);
		break;
	default: /* AND, ANDS */
		result = bv_and(TC, a, mask);
		break;
	}
	if (opc == 3) {
		set_flags(s, logical_flags(s, result));
		set(s, d, result);
	} else {
		set_sp(s, d, result);
	}
	return true;
}

static bool move_wide(struct step *s, unsigned width, unsigned opc, unsigned d)
{
	term imm = bv_zext(TC, width, bits(s, 20, 5)), keep;
	unsigned hw, at;

	if (!field(s, 22, 21, "hw", &hw))
		return false;
	at = 16 * hw;
	if (opc == 1 || at >= width)
		return unknown(s, "move wide");
	imm = bv_shl_c(TC, imm, at);
	if (opc == 3) { /* MOVK */
		keep = bv_and_c(TC, reg(s, d, width), ~((uint64_t)0xffff << at));
		set(s, d, bv_or(TC, keep, imm));
	} else { /* MOVN, MOVZ */
		set(s, d, opc == 0 ? bv_not(TC, imm) : imm);
	}
	return true;
}

/*
 * The aliases LSR, ASR and LSL, of a count that may be unknown: said as what they are. LSL by n has
 * R = -n and S = width - 1 - n, so that R is S + 1.
 */
static bool is_shift(struct step *s, unsigned opc, term R, term S, term source, term *result)
{
	unsigned width = source->width;
	term count = bv_zext(TC, width, R);

	if (term_is_value(S, width - 1)) {
		*result = opc == 0 ? bv_ashr(TC, source, count) : bv_lshr(TC, source, count);
		return true;
	}
	if (opc != 2 || !term_is_value(bv_sub(TC, R, S), 1))
		return false;
	*result = bv_shl(TC, source, bv_zext(TC, width, bv_not(TC, S)));
	return true;
}

/* SBFM, BFM, UBFM: N is sf, so the element of DecodeBitMasks is the whole register. */
static bool bitfield(struct step *s, unsigned width, unsigned opc, unsigned n, unsigned d)
{
	term R, S, wmask, tmask, source = reg(s, n, width), top, bottom;
	unsigned N;

	if (!field(s, 22, 22, "N", &N))
		return false;
	if (opc == 3 || N != (width == 64))
		return unknown(s, "bitfield");
	R = count_field(s, 16, width);
	S = R ? count_field(s, 10, width) : NULL;
	if (!S)
		return false;
	if (opc != 1 && is_shift(s, opc, R, S, source, &bottom)) {
		set(s, d, bottom);
		return true;
	}
	tmask = low_ones(s, bv_sub(TC, S, R), width);
	wmask = low_ones(s, S, width);
	R = bv_zext(TC, width, R);
	wmask = rotate_right(s, wmask, R);
	top = bottom = opc == 1 ? reg(s, d, width) : bv_const(TC, width, 0);
	bottom = bv_or(TC, bv_and(TC, bottom, bv_not(TC, wmask)),
		bv_and(TC, rotate_right(s, source, R), wmask));
	if (opc == 0)
		top = bv_sext(
			TC, width, bv_trunc(TC, 1, bv_lshr(TC, source, bv_zext(TC, width, S))));
	set(s, d, bv_or(TC, bv_and(TC, top, bv_not(TC, tmask)), bv_and(TC, bottom, tmask)));
	return true;
}

static bool extract(struct step *s, unsigned width, unsigned opc, unsigned n, unsigned d)
{
	term count, pair;
	unsigned N_o0, m;

	if (!field(s, 22, 21, "N, o0", &N_o0) || !field(s, 20, 16, "Rm", &m))
		return false;
	if (opc != 0 || N_o0 != (width == 64 ? 2 : 0))
		return unknown(s, "extract");
	count = count_field(s, 10, width);
	if (!count)
		return false;
	pair = bv_concat(TC, reg(s, n, width), reg(s, m, width));
	set(s, d, bv_trunc(TC, width, bv_lshr(TC, pair, bv_zext(TC, 2 * width, count))));
	return true;
}

static bool immediate(struct step *s)
{
	unsigned group, sf_opc, n = 0, d, width;

	/* op0, bits 25 to 23; but bit 23 of ADR belongs to its distance. */
	if (!field(s, 25, 24, "op0", &group) || !field(s, 4, 0, "Rd", &d))
		return false;
	if (group == 0)
		return pc_relative(s, d);
	if (!field(s, 25, 23, "op0", &group) || !field(s, 31, 29, "sf, opc", &sf_opc) ||
		(group != 5 && !field(s, 9, 5, "Rn", &n)))
		return false;
	width = sf_opc & 4 ? 64 : 32;
	switch (group) {
	case 2:
		return add_sub_immediate(s, width, sf_opc & 3, n, d);
	case 4:
		return logical_immediate_insn(s, width, sf_opc & 3, n, d);
	case 5:
		return move_wide(s, width, sf_opc & 3, d);
	case 6:
		return bitfield(s, width, sf_opc & 3, n, d);
	case 7:
		return extract(s, width, sf_opc & 3, n, d);
	default:
		return unknown(s, "data processing, immediate");
	}
}

/* ---- C4.1, data processing, register ---- */

/* The fields that most have. */
struct operands {
	unsigned width, opc, m, n, d; /* opc: bits 30 and 29 */
};

static bool logical_shifted(struct step *s, const struct operands *o)
{
	unsigned shift, N;
	term count, b, result;

	if (!field(s, 23, 22, "shift", &shift) || !field(s, 21, 21, "N", &N))
		return false;
	count = count_field(s, 10, o->width);
	if (!count)
		return false;
	b = shifted(s, shift, reg(s, o->m, o->width), bv_zext(TC, o->width, count));
	if (N) /* BIC, ORN, EON, BICS */
		b = bv_not(TC, b);
	switch (o->opc) {
	case 1: /* ORR */
		result = bv_or(TC, reg(s, o->n, o->width), b);
		break;
	case 2: /* EOR */
		result = bv_xor(TC, reg(s, o->n, o->width), b);
		break;
	default: /* AND, ANDS */
		result = bv_and(TC, reg(s, o->n, o->width), b);
		break;
	}
	if (o->opc == 3)
		set_flags(s, logical_flags(s, result));
	set(s, o->d, result);
	return true;
}

static bool add_sub_shifted(struct step *s, const struct operands *o)
{
	unsigned shift;
	term count, b;

	if (!field(s, 23, 22, "shift", &shift))
		return false;
	if (shift == 3)
		return unknown(s, "add/subtract with ROR");
	count = count_field(s, 10, o->width);
	if (!count)
		return false;
	b = shifted(s, shift, reg(s, o->m, o->width), bv_zext(TC, o->width, count));
	set(s, o->d, add_sub(s, o->opc >> 1, o->opc & 1, reg(s, o->n, o->width), b));
	return true;
}

static bool add_sub_extended(struct step *s, const struct operands *o)
{
	unsigned opt, option;
	term b, result;

	if (!field(s, 23, 22, "opt", &opt) || !field(s, 15, 13, "option", &option))
		return false;
	if (opt != 0)
		return unknown(s, "add/subtract, extended register");
	if (!require(s, bv_ule(TC, bits(s, 12, 10), bv_const(TC, 3, 4)),
		    "UNDEFINED: an extended register shifted by more than 4"))
		return false;
	b = bv_shl(TC, extended(s, o->m, option, o->width), bv_zext(TC, o->width, bits(s, 12, 10)));
	result = add_sub(s, o->opc >> 1, o->opc & 1, reg_sp(s, o->n, o->width), b);
	if (o->opc & 1)
		set(s, o->d, result);
	else
		set_sp(s, o->d, result);
	return true;
}

static bool add_sub_carry(struct step *s, const struct operands *o)
{
	term a = reg(s, o->n, o->width), b = reg(s, o->m, o->width), carry = s->m->c, result;
	unsigned opcode2;

	if (!field(s, 15, 10, "opcode2", &opcode2))
		return false;
	if (opcode2 != 0)
		return unknown(s, "add/subtract with carry");
	if (o->opc >> 1) /* SBC */
		b = bv_not(TC, b);
	result = bv_add(TC, bv_add(TC, a, b), bv_from_bool(TC, o->width, carry));
	if (o->opc & 1)
		set_flags(s, add_flags(s, a, b, carry));
	set(s, o->d, result);
	return true;
}

/* CCMN, CCMP; Rm or imm5, Rd is o3:nzcv. */
static bool conditional_compare(struct step *s, const struct operands *o)
{
	term a = reg(s, o->n, o->width), b, holds;
	unsigned cond, kind;
	struct flags f;

	if (!field(s, 15, 12, "cond", &cond) || !field(s, 11, 10, "immediate, o2", &kind))
		return false;
	if (!(o->opc & 1) || kind & 1 || o->d & 16)
		return unknown(s, "conditional compare");
	b = kind ? bv_zext(TC, o->width, bits(s, 20, 16)) : reg(s, o->m, o->width);
	holds = condition_holds(s, cond);
	f = o->opc >> 1 ? subtract_flags(s, a, b) : add_flags(s, a, b, bool_const(TC, false));
	f.n = term_ite(TC, holds, f.n, bool_const(TC, o->d & 8));
	f.z = term_ite(TC, holds, f.z, bool_const(TC, o->d & 4));
	f.c = term_ite(TC, holds, f.c, bool_const(TC, o->d & 2));
	f.v = term_ite(TC, holds, f.v, bool_const(TC, o->d & 1));
	set_flags(s, f);
	return true;
}

/* CSEL, CSINC, CSINV, CSNEG */
static bool conditional_select(struct step *s, const struct operands *o)
{
	term b = reg(s, o->m, o->width);
	unsigned cond, op2;

	if (!field(s, 15, 12, "cond", &cond) || !field(s, 11, 10, "op2", &op2))
		return false;
	if (o->opc & 1 || op2 > 1)
		return unknown(s, "conditional select");
	if (o->opc >> 1)
		b = bv_not(TC, b);
	if (op2)
		b = bv_add_c(TC, b, 1);
	set(s, o->d, term_ite(TC, condition_holds(s, cond), reg(s, o->n, o->width), b));
	return true;
}

static bool two_source(struct step *s, const struct operands *o)
{
	term a = reg(s, o->n, o->width), b = reg(s, o->m, o->width);
	term zero = bv_const(TC, o->width, 0), result;
	unsigned opcode;

	if (!field(s, 15, 10, "opcode", &opcode))
		return false;
	switch (opcode) {
	case 2: /* UDIV: by zero gives zero */
		result = term_ite(TC, is_zero(s, b), zero, bv_udiv(TC, a, b));
		break;
	case 3: /* SDIV */
		result = term_ite(TC, is_zero(s, b), zero, bv_sdiv(TC, a, b));
		break;
	case 8:  /* LSLV */
	case 9:  /* LSRV */
	case 10: /* ASRV */
	case 11: /* RORV */
		result = shifted(s, opcode & 3, a, bv_and_c(TC, b, o->width - 1));
		break;
	default:
		return unknown(s, "data processing, 2 source");
	}
	set(s, o->d, result);
	return true;
}

/* The order of the parts, each of `part` bits, turned round in every container. */
static term reversed(struct step *s, term value, unsigned container, unsigned part)
{
	unsigned count = 0;
	term parts[64];

	for (unsigned top = value->width; top > 0; top -= container)
		for (unsigned at = top - container; at < top; at += part)
			parts[count++] = bv_extract(TC, at + part - 1, at, value);
	return bv_concat_n(TC, count, parts);
}

static bool one_source(struct step *s, const struct operands *o)
{
	term a = reg(s, o->n, o->width), result;
	unsigned opcode;

	if (!field(s, 15, 10, "opcode", &opcode))
		return false;
	if (o->m != 0 || opcode > 4 || (opcode == 3 && o->width == 32))
		return unknown(s, "data processing, 1 source");
	if (opcode == 0) { /* RBIT */
		result = reversed(s, a, o->width, 1);
	} else if (opcode < 4) { /* REV16, REV32, REV */
		result = reversed(s, a, 8u << opcode, 8);
	} else { /* CLZ */
		result = bv_const(TC, o->width, o->width);
		for (unsigned i = 0; i < o->width; i++)
			result = term_ite(
				TC, bit(s, a, i), bv_const(TC, o->width, o->width - 1 - i), result);
	}
	set(s, o->d, result);
	return true;
}

/* A factor of SMADDL, SMULH and so on */
static term factor(struct step *s, unsigned n, unsigned width, bool is_unsigned)
{
	term value = reg(s, n, width);

	return is_unsigned ? bv_zext(TC, 2 * width, value) : bv_sext(TC, 2 * width, value);
}

static bool three_source(struct step *s, const struct operands *o)
{
	unsigned op31, o0, a;
	term product;

	if (!field(s, 23, 21, "op31", &op31) || !field(s, 15, 15, "o0", &o0) ||
		!field(s, 14, 10, "Ra", &a))
		return false;
	if (o->opc != 0 || (op31 != 0 && o->width == 32))
		return unknown(s, "data processing, 3 source");
	switch (op31) {
	case 0: /* MADD, MSUB */
		product = bv_mul(TC, reg(s, o->n, o->width), reg(s, o->m, o->width));
		break;
	case 1: /* SMADDL, SMSUBL */
	case 5: /* UMADDL, UMSUBL */
		product = bv_mul(TC, factor(s, o->n, 32, op31 & 4), factor(s, o->m, 32, op31 & 4));
		break;
	case 2: /* SMULH */
	case 6: /* UMULH */
		if (o0 || a != ZR)
			return unknown(s, "multiply high");
		product = bv_mul(TC, factor(s, o->n, 64, op31 & 4), factor(s, o->m, 64, op31 & 4));
		set(s, o->d, bv_extract(TC, 127, 64, product));
		return true;
	default:
		return unknown(s, "data processing, 3 source");
	}
	set(s, o->d, add_sub(s, o0, false, reg(s, a, o->width), product));
	return true;
}

static bool register_insn(struct step *s)
{
	unsigned sf_opc, op1, op2;
	struct operands o;

	if (!field(s, 31, 29, "sf, opc", &sf_opc) || !field(s, 28, 28, "op1", &op1) ||
		!field(s, 24, 21, "op2", &op2) || !field(s, 20, 16, "Rm", &o.m) ||
		!field(s, 9, 5, "Rn", &o.n) || !field(s, 4, 0, "Rd", &o.d))
		return false;
	o.width = sf_opc & 4 ? 64 : 32;
	o.opc = sf_opc & 3;
	if (!op1 && !(op2 & 8))
		return logical_shifted(s, &o);
	if (!op1)
		return op2 & 1 ? add_sub_extended(s, &o) : add_sub_shifted(s, &o);
	if (op2 & 8)
		return three_source(s, &o);
	switch (op2) {
	case 0:
		return add_sub_carry(s, &o);
	case 2:
		return conditional_compare(s, &o);
	case 4:
		return conditional_select(s, &o);
	case 6:
		if (o.opc & 1)
			break;
		return o.opc ? one_source(s, &o) : two_source(s, &o);
	default:
		break;
	}
	return unknown(s, "data processing, register");
}

/* ---- C4.1, loads and stores ---- */

/* CheckSPAlignment, and the base */
static term base(struct step *s, unsigned n)
{
	if (n == SP && !require(s, is_zero(s, bv_trunc(TC, 4, s->m->sp)),
			       "an access relative to an sp that is not a multiple of 16"))
		return NULL;
	return reg_sp(s, n, 64);
}

static term read(struct step *s, term address, unsigned bytes)
{
	return s->m->env->load(s->m->env, address, bytes);
}

static bool write(struct step *s, term address, unsigned bytes, term value)
{
	return s->m->env->store(s->m->env, address, bytes, bv_trunc(TC, 8 * bytes, value));
}

/* One register: opc is 0 for a store, 1 for a load, 2 and 3 for one that extends the sign to 64 and
 * to 32 bits. */
static bool load_store(struct step *s, unsigned size, unsigned opc, unsigned t, term address)
{
	unsigned bytes = 1u << size;
	term value;

	if ((opc == 2 && size == 3) || (opc == 3 && size >= 2))
		return unknown(s, "prefetch, or a load of no such size");
	if (opc == 0)
		return write(s, address, bytes, reg(s, t, 64));
	value = read(s, address, bytes);
	if (!value)
		return false;
	set(s, t, opc == 1 ? value : bv_sext(TC, opc == 2 ? 64 : 32, value));
	return true;
}

/* imm9: unscaled, post- and pre-indexed */
static bool load_store_imm9(
	struct step *s, unsigned index, unsigned size, unsigned opc, unsigned n, unsigned t)
{
	term start = base(s, n), offset = bv_sext(TC, 64, bits(s, 20, 12)), moved;

	if (!start)
		return false;
	if (index == 2)
		return unknown(s, "unprivileged load or store");
	if (index != 0 && n == t && n != SP)
		return unpredictable(s, "writeback to the register that is transferred");
	moved = bv_add(TC, start, offset);
	if (!load_store(s, size, opc, t, index == 1 ? start : moved))
		return false;
	if (index != 0)
		set_sp(s, n, moved);
	return true;
}

static bool load_store_register_offset(
	struct step *s, unsigned size, unsigned opc, unsigned n, unsigned t)
{
	unsigned m, option, S;
	term start, offset;

	if (!field(s, 20, 16, "Rm", &m) || !field(s, 15, 13, "option", &option) ||
		!field(s, 12, 12, "S", &S))
		return false;
	if (!(option & 2))
		return unknown(s, "load or store with an offset of less than 32 bits");
	start = base(s, n);
	if (!start)
		return false;
	offset = bv_shl_c(TC, extended(s, m, option, 64), S ? size : 0);
	return load_store(s, size, opc, t, bv_add(TC, start, offset));
}

static bool check_aligned(struct step *s, term address, unsigned bytes)
{
	return bytes == 1 || require(s, is_zero(s, bv_and_c(TC, address, bytes - 1)),
				     "misaligned atomic, exclusive, acquire or release");
}

/* LSE: LDADD, LDCLR, LDEOR, LDSET, SWP. A and R order what other harts see. */
static bool atomic(struct step *s, unsigned size, unsigned n, unsigned t)
{
	unsigned m, op;
	term address, old, operand, new;

	if (!field(s, 20, 16, "Rs", &m) || !field(s, 15, 12, "o3, opc", &op))
		return false;
	if (size < 2)
		return unknown(s, "atomic of a byte or a halfword");
	address = base(s, n);
	if (!address || !check_aligned(s, address, 1u << size))
		return false;
	if (op > 3 && op != 8)
		return unknown(s, "atomic operation");
	operand = reg(s, m, 8u << size);
	old = read(s, address, 1u << size);
	if (!old)
		return false;
	switch (op) {
	case 0: /* LDADD */
		new = bv_add(TC, old, operand);
		break;
	case 1: /* LDCLR */
		new = bv_and(TC, old, bv_not(TC, operand));
		break;
	case 2: /* LDEOR */
		new = bv_xor(TC, old, operand);
		break;
	case 3: /* LDSET */
		new = bv_or(TC, old, operand);
		break;
	default: /* SWP */
		new = operand;
		break;
	}
	if (!write(s, address, 1u << size, new))
		return false;
	set(s, t, old);
	return true;
}

static bool load_store_single(struct step *s)
{
	unsigned size, scaled, opc, n, t, is_register, kind;
	term start;

	if (!field(s, 31, 30, "size", &size) || !field(s, 25, 24, "op2", &scaled) ||
		!field(s, 23, 22, "opc", &opc) || !field(s, 9, 5, "Rn", &n) ||
		!field(s, 4, 0, "Rt", &t))
		return false;
	if (scaled == 1) {
		start = base(s, n);
		return start &&
		       load_store(s, size, opc, t,
			       bv_add(TC, start,
				       bv_shl_c(TC, bv_zext(TC, 64, bits(s, 21, 10)), size)));
	}
	if (scaled != 0 || !field(s, 21, 21, "op3", &is_register) ||
		!field(s, 11, 10, "op4", &kind))
		return scaled == 0 ? false : unknown(s, "load or store");
	if (!is_register)
		return load_store_imm9(s, kind, size, opc, n, t);
	if (kind == 2)
		return load_store_register_offset(s, size, opc, n, t);
	return kind == 0 ? atomic(s, size, n, t) : unknown(s, "load or store");
}

/* STP, LDP, LDPSW: index is 1 post, 2 offset, 3 pre. */
static bool load_store_pair(struct step *s)
{
	unsigned opc, index, is_load, t2, n, t, bytes;
	term start, moved, address, second, low = NULL, high = NULL;

	if (!field(s, 31, 30, "opc", &opc) || !field(s, 25, 23, "op2", &index) ||
		!field(s, 22, 22, "L", &is_load) || !field(s, 14, 10, "Rt2", &t2) ||
		!field(s, 9, 5, "Rn", &n) || !field(s, 4, 0, "Rt", &t))
		return false;
	if (index == 0 || index > 3 || opc == 3 || (opc == 1 && !is_load))
		return unknown(s, "pair");
	if ((is_load && t == t2) || (index != 2 && n != SP && (t == n || t2 == n)))
		return unpredictable(s, "a pair's registers overlap");
	bytes = opc == 2 ? 8 : 4;
	start = base(s, n);
	if (!start)
		return false;
	moved = bv_add(TC, start, bv_shl_c(TC, bv_sext(TC, 64, bits(s, 21, 15)), opc == 2 ? 3 : 2));
	address = index == 1 ? start : moved;
	second = bv_add_c(TC, address, bytes);
	if (is_load) {
		low = read(s, address, bytes);
		high = low ? read(s, second, bytes) : NULL;
		if (!high)
			return false;
		set(s, t, opc == 1 ? bv_sext(TC, 64, low) : low);
		set(s, t2, opc == 1 ? bv_sext(TC, 64, high) : high);
	} else if (!write(s, address, bytes, reg(s, t, 64)) ||
		   !write(s, second, bytes, reg(s, t2, 64))) {
		return false;
	}
	if (index != 2)
		set_sp(s, n, moved);
	return true;
}

static bool load_exclusive(struct step *s, unsigned bytes, term address, unsigned t)
{
	term value = read(s, address, bytes);

	if (!value)
		return false;
	s->m->reservation = address;
	s->m->reserved = bytes;
	set(s, t, value);
	return true;
}

/*
 * Without a reservation it fails; with one of another address or size the manual (B2.9) leaves
 * open what happens.
 */
static bool store_exclusive(
	struct step *s, unsigned bytes, term address, unsigned status, unsigned n, unsigned t)
{
	struct arm64 *m = s->m;
	int stored = 0;

	if (status == t || (status == n && n != SP))
		return unpredictable(s, "the status register of a store-exclusive");
	if (m->reservation) {
		if (m->reserved != bytes ||
			!expect(s, term_eq(TC, m->reservation, address),
				"a store-exclusive of another address than was reserved"))
			return m->reserved == bytes
			               ? false
			               : unpredictable(s, "sizes of a pair of exclusives");
		stored = model_branch(
			m->env, m->stxr_succeeds ? m->stxr_succeeds(m->env) : bool_const(TC, true));
		if (stored < 0 || (stored && !write(s, address, bytes, reg(s, t, 64))))
			return false;
	}
	m->reservation = NULL;
	set(s, status, bv_const(TC, 32, !stored));
	return true;
}

/* CAS. Written in any case: hardware may, and what is written then is what was there. */
static bool compare_and_swap(
	struct step *s, unsigned bytes, term address, unsigned compared, unsigned t)
{
	term old = read(s, address, bytes), equal;

	if (!old)
		return false;
	equal = term_eq(TC, old, reg(s, compared, 8 * bytes));
	if (!write(s, address, bytes, term_ite(TC, equal, reg(s, t, 8 * bytes), old)))
		return false;
	set(s, compared, old);
	return true;
}

/* Exclusives, LDAR, STLR, CAS. Acquire and release order what other harts see. */
static bool exclusive(struct step *s)
{
	unsigned size, kind, m, o0, t2, n, t, bytes, is_load;
	term address;

	if (!field(s, 31, 30, "size", &size) || !field(s, 23, 21, "o2, L, o1", &kind) ||
		!field(s, 20, 16, "Rs", &m) || !field(s, 15, 15, "o0", &o0) ||
		!field(s, 14, 10, "Rt2", &t2) || !field(s, 9, 5, "Rn", &n) ||
		!field(s, 4, 0, "Rt", &t))
		return false;
	is_load = kind & 2;
	if (size < 2 || t2 != ZR || (kind & 5) == 1 || ((kind & 5) == 4 && !o0) ||
		((kind & 5) != 5 && (kind != 0 && m != ZR)))
		return unknown(s, "exclusive");
	bytes = 1u << size;
	address = base(s, n);
	if (!address || !check_aligned(s, address, bytes))
		return false;
	switch (kind & 5) {
	case 0: /* LDXR, LDAXR, STXR, STLXR */
		return is_load ? load_exclusive(s, bytes, address, t)
		               : store_exclusive(s, bytes, address, m, n, t);
	case 4: /* LDAR, STLR */
		return load_store(s, size, is_load ? 1 : 0, t, address);
	default:
		return compare_and_swap(s, bytes, address, m, t);
	}
}

static bool memory(struct step *s)
{
	unsigned op0, vector;

	if (!field(s, 29, 28, "op0", &op0) || !field(s, 27, 26, "op1", &vector))
		return false;
	if (vector != 2) /* bit 27 is 1 */
		return unknown(s, "vector load or store");
	switch (op0) {
	case 0: {
		unsigned op2;

		if (!field(s, 25, 24, "op2", &op2))
			return false;
		return op2 == 0 ? exclusive(s) : unknown(s, "load or store");
	}
	case 2:
		return load_store_pair(s);
	case 3:
		return load_store_single(s);
	default: /* literals */
		return unknown(s, "load or store");
	}
}

/* ---- C4.1, branches and system ---- */

static term target(struct step *s, unsigned hi, unsigned lo)
{
	return bv_add(TC, s->m->pc, bv_shl_c(TC, bv_sext(TC, 64, bits(s, hi, lo)), 2));
}

static bool branch_if(struct step *s, term condition, term to)
{
	int taken = model_branch(s->m->env, condition);

	if (taken > 0)
		s->next = to;
	return taken >= 0;
}

/* CBZ, CBNZ, TBZ, TBNZ */
static bool compare_and_branch(struct step *s)
{
	unsigned sf, op, t;
	term zero, number;

	if (!field(s, 25, 24, "test, op", &op) || !field(s, 4, 0, "Rt", &t))
		return false;
	if (op & 2) {
		number = bv_concat(TC, bits(s, 31, 31), bits(s, 23, 19));
		zero = is_zero(
			s, bv_trunc(TC, 1, bv_lshr(TC, reg(s, t, 64), bv_zext(TC, 64, number))));
		return branch_if(s, op & 1 ? bool_not(TC, zero) : zero, target(s, 18, 5));
	}
	if (!field(s, 31, 31, "sf", &sf))
		return false;
	zero = is_zero(s, reg(s, t, sf ? 64 : 32));
	return branch_if(s, op & 1 ? bool_not(TC, zero) : zero, target(s, 23, 5));
}

/* BR, BLR, RET */
static bool branch_register(struct step *s)
{
	unsigned opc, op2, op3, n, op4;

	if (!field(s, 24, 21, "opc", &opc) || !field(s, 20, 16, "op2", &op2) ||
		!field(s, 15, 10, "op3", &op3) || !field(s, 9, 5, "Rn", &n) ||
		!field(s, 4, 0, "op4", &op4))
		return false;
	if (opc > 2 || op2 != 31 || op3 != 0 || op4 != 0)
		return unknown(s, "branch to a register");
	s->next = reg(s, n, 64);
	if (opc == 1)
		set(s, LR, bv_add_c(TC, s->m->pc, 4));
	return true;
}

/* NOP, CLREX, and DMB, which is nothing to one hart */
static bool system_insn(struct step *s)
{
	unsigned upper, lower, option;

	if (!field(s, 25, 12, "op1", &upper) || !field(s, 11, 8, "CRm", &option) ||
		!field(s, 7, 0, "op2, Rt", &lower))
		return false;
	if (upper == 0x1032 && option == 0 && lower == 0x1f)
		return true;
	if (upper == 0x1033 && lower == 0xbf)
		return true;
	if (upper == 0x1033 && lower == 0x5f) {
		s->m->reservation = NULL;
		return true;
	}
	return unknown(s, "system");
}

static bool branch(struct step *s)
{
	unsigned op0, group, cond, link;

	if (!field(s, 30, 29, "op0", &op0))
		return false;
	if (op0 == 1)
		return compare_and_branch(s);
	if (!field(s, 31, 31, "op", &link))
		return false;
	if (op0 == 0) { /* B, BL */
		s->next = target(s, 25, 0);
		if (link)
			set(s, LR, bv_add_c(TC, s->m->pc, 4));
		return true;
	}
	if (op0 != 2 || !field(s, 25, 24, "op1", &group))
		return op0 == 2 ? false : unknown(s, "branch");
	if (link && group & 2)
		return branch_register(s);
	if (link)
		return group == 1 ? system_insn(s) : unknown(s, "exception generation");
	if (!field(s, 4, 0, "o0, cond", &cond))
		return false;
	if (group != 0 || cond & 16)
		return unknown(s, "conditional branch");
	return branch_if(s, condition_holds(s, cond), target(s, 23, 5));
}

bool arm64_step(struct arm64 *m)
{
	struct step step = {.m = m}, *s = &step;
	unsigned high, low = 0;
	bool ok;

	if (!require(s, is_zero(s, bv_trunc(TC, 2, m->pc)), "a pc that is not a multiple of 4"))
		return false;
	step.insn = m->env->fetch(m->env, m->pc, 4);
	/* op0, bits 28 to 25; but bit 25 of a branch belongs to its distance. */
	if (!step.insn || !field(s, 28, 26, "op0", &high) ||
		(high != 4 && high != 5 && !field(s, 25, 25, "op0", &low)))
		return false;
	step.next = bv_add_c(TC, m->pc, 4);
	if (high == 4)
		ok = immediate(s);
	else if (high == 5)
		ok = branch(s);
	else if (high & 2 && !low)
		ok = memory(s);
	else if ((high & 3) == 2)
		ok = register_insn(s);
	else
		ok = unknown(s, "neither integer, nor a branch, nor a load or store");
	if (ok)
		m->pc = step.next;
	return ok;
}
