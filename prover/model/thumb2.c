/* SPDX-License-Identifier: MIT */
/*
 * Armv7-M: decode and meaning side by side. Names of fields are the manual's (ARMv7-M Architecture
 * Reference Manual, DDI 0403E); the tables of chapter A5 are followed top down, each function is
 * one of them. Opcode, register and rotation fields must be constant; other immediates may be any
 * term. What a table marks UNPREDICTABLE, or as (0) or (1) and is not, stops.
 *
 * A 32-bit instruction is one word, its first halfword on top, as the manual draws it.
 */
#include "prover/model/thumb2.h"

#define TC (s->m->env->tc)

enum { SP = 13, LR = 14, PC = 15 };

/* A step: the machine as it is, and where it goes next. */
struct step {
	struct thumb2 *m;
	term insn;
	unsigned width; /* 16 or 32 */
	term next;      /* pc after it */
	bool in_it, last_in_it;
};

static term constant(struct step *s, uint64_t value)
{
	return bv_const(TC, 32, value);
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
	return model_stop(s->m->env, "%u-bit instruction is not modelled: %s", s->width, what);
}

static bool unpredictable(struct step *s, const char *what)
{
	return model_undefined(s->m->env, "UNPREDICTABLE: %s", what);
}

/* The manual's n IN {13,15}. */
static bool special(unsigned n)
{
	return n == SP || n == PC;
}

/* R[n], B1.4.7: pc reads as the instruction's address plus 4. */
static term reg(struct step *s, unsigned n)
{
	return n == PC ? bv_add_c(TC, s->m->pc, 4) : s->m->r[n];
}

static term aligned_pc(struct step *s)
{
	return bv_and_c(TC, reg(s, PC), ~(uint64_t)3);
}

/* R[n] = value for what isn't pc. */
static void set(struct step *s, unsigned n, term value)
{
	s->m->r[n] = n == SP ? bv_and_c(TC, value, 0xfffffffc) : value;
}

/* A change of pc; from an IT block only by its last instruction. */
static bool jump(struct step *s, term target)
{
	if (s->in_it && !s->last_in_it)
		return unpredictable(s, "a branch in an IT block that isn't its last instruction");
	s->next = target;
	return true;
}

/* BranchWritePC */
static bool branch_write_pc(struct step *s, term target)
{
	return jump(s, bv_and_c(TC, target, ~(uint64_t)1));
}

/* BXWritePC and LoadWritePC: bit 0 must say Thumb. EXC_RETURN means nothing in thread mode. */
static bool bx_write_pc(struct step *s, term target)
{
	int thumb = model_branch(
		s->m->env, term_eq(TC, bv_extract(TC, 0, 0, target), bv_const(TC, 1, 1)));

	if (thumb < 0)
		return false;
	if (!thumb)
		return model_stop(s->m->env, "a branch to an even address, which isn't Thumb");
	return branch_write_pc(s, target);
}

/* Memory. Addresses have 64 bits in every model. */

static term read(struct step *s, term address, unsigned bytes)
{
	return s->m->env->load(s->m->env, bv_zext(TC, 64, address), bytes);
}

static bool write(struct step *s, term address, unsigned bytes, term value)
{
	return s->m->env->store(
		s->m->env, bv_zext(TC, 64, address), bytes, bv_trunc(TC, 8 * bytes, value));
}

static bool load(struct step *s, unsigned t, term address, unsigned bytes, bool is_signed)
{
	term value = read(s, address, bytes);

	if (!value)
		return false;
	value = is_signed ? bv_sext(TC, 32, value) : bv_zext(TC, 32, value);
	if (t == PC)
		return bx_write_pc(s, value);
	set(s, t, value);
	return true;
}

/* MemA: what isn't aligned faults. */
static bool check_aligned(struct step *s, term address, unsigned bytes)
{
	int aligned = model_branch(
		s->m->env, term_eq(TC, bv_and_c(TC, address, bytes - 1), constant(s, 0)));

	return aligned > 0 ||
	       (aligned == 0 &&
		       model_trap(s->m->env, "unaligned address of an access that faults"));
}

/* Flags, A2.3.2 and the pseudocode of A7.7. */

static void set_nz(struct step *s, term result)
{
	s->m->n = bv_slt(TC, result, constant(s, 0));
	s->m->z = term_eq(TC, result, constant(s, 0));
}

static void set_nzc(struct step *s, term result, term carry)
{
	set_nz(s, result);
	s->m->c = carry;
}

static term top_bit(struct step *s, term value)
{
	unsigned top = value->width - 1u;

	return term_eq(TC, bv_extract(TC, top, top, value), bv_const(TC, 1, 1));
}

/*
 * AddWithCarry(x, y, carry). V says that the sign is wrong, so it is N xor the sign of the sum that
 * has no end; said like this, N == V is that sum's sign and a comparison is one again.
 */
static term add_with_carry(struct step *s, term x, term y, term carry, bool setflags)
{
	term in = bv_from_bool(TC, 33, carry);
	term sum = bv_add(TC, bv_add(TC, bv_zext(TC, 33, x), bv_zext(TC, 33, y)), in);
	term result = bv_add(TC, bv_add(TC, x, y), bv_trunc(TC, 32, in));

	if (setflags) {
		term exact = bv_add(TC, bv_add(TC, bv_sext(TC, 33, x), bv_sext(TC, 33, y)), in);

		set_nzc(s, result, top_bit(s, sum));
		s->m->v = bool_xor(TC, s->m->n, top_bit(s, exact));
	}
	return result;
}

static void set_below(struct step *s, term x, term y, bool subtracted)
{
	s->m->below.carry = s->m->c;
	s->m->below.x = x;
	s->m->below.y = y;
	s->m->below.subtracted = subtracted;
}

static term add(struct step *s, term x, term y, bool setflags)
{
	term result = add_with_carry(s, x, y, bool_const(TC, false), setflags);

	if (setflags)
		set_below(s, x, y, false);
	return result;
}

/* AddWithCarry(x, NOT(y), '1'): the carry says that nothing was borrowed. */
static term subtract(struct step *s, term x, term y, bool setflags)
{
	term result = bv_sub(TC, x, y);

	if (setflags) {
		set_nzc(s, result, bv_ule(TC, y, x));
		s->m->v = bool_xor(TC, s->m->n, bv_slt(TC, x, y));
		set_below(s, x, y, true);
	}
	return result;
}

/*
 * Is the carry that of a sum, or of a difference? Then what comes now is of the upper words of
 * numbers that are longer: *x and *y become all of them. Which of a sum's lower words goes with
 * which upper one is all the same; better with one that it has to do with.
 */
static bool goes_on(struct step *s, bool subtracts, term *x, term *y)
{
	const struct thumb2 *m = s->m;
	term x_low = m->below.x, y_low = m->below.y;

	if (!m->below.carry || m->below.carry != m->c || term_is_const(m->c) ||
		m->below.subtracted != subtracts || x_low->width > 32)
		return false;
	if (!subtracts && (term_share_variables(*x, y_low) || term_share_variables(*y, x_low)) &&
		!term_share_variables(*x, x_low) && !term_share_variables(*y, y_low)) {
		x_low = m->below.y;
		y_low = m->below.x;
	}
	*x = bv_concat(TC, *x, x_low);
	*y = bv_concat(TC, *y, y_low);
	return true;
}

/* ADC: AddWithCarry(x, y, APSR.C). */
static term add_carry(struct step *s, term x, term y, bool setflags)
{
	term sum, result;

	if (!goes_on(s, false, &x, &y))
		return add_with_carry(s, x, y, s->m->c, setflags);
	sum = bv_add(TC, x, y);
	result = bv_extract(TC, 63, 32, sum);
	if (setflags) {
		term wide = bv_add(TC, bv_zext(TC, 65, x), bv_zext(TC, 65, y));
		term exact = bv_add(TC, bv_sext(TC, 65, x), bv_sext(TC, 65, y));

		set_nzc(s, result, top_bit(s, wide));
		s->m->v = bool_xor(TC, s->m->n, top_bit(s, exact));
		set_below(s, x, y, false);
	}
	return result;
}

/* SBC: AddWithCarry(x, NOT(y), APSR.C). */
static term subtract_carry(struct step *s, term x, term y, bool setflags)
{
	term result;

	if (!goes_on(s, true, &x, &y))
		return add_with_carry(s, x, bv_not(TC, y), s->m->c, setflags);
	result = bv_extract(TC, 63, 32, bv_sub(TC, x, y));
	if (setflags) {
		set_nzc(s, result, bv_ule(TC, y, x));
		s->m->v = bool_xor(TC, s->m->n, bv_slt(TC, x, y));
		set_below(s, x, y, true);
	}
	return result;
}

/* ConditionPassed(), A7.3.1. */
static term condition(struct step *s, unsigned cond)
{
	struct thumb2 *m = s->m;
	term lt = bool_xor(TC, m->n, m->v), holds;

	switch (cond >> 1) {
	case 0: /* EQ */
		holds = m->z;
		break;
	case 1: /* CS */
		holds = m->c;
		break;
	case 2: /* MI */
		holds = m->n;
		break;
	case 3: /* VS */
		holds = m->v;
		break;
	case 4: /* HI */
		holds = bool_and(TC, m->c, bool_not(TC, m->z));
		break;
	case 5: /* GE */
		holds = bool_not(TC, lt);
		break;
	case 6: /* GT */
		holds = bool_and(TC, bool_not(TC, lt), bool_not(TC, m->z));
		break;
	default: /* AL */
		return bool_const(TC, true);
	}
	return cond & 1 ? bool_not(TC, holds) : holds;
}

/* Shifts, A7.4.2. The count is any term of 32 bits, at most 255. */

enum shift { LSL, LSR, ASR, ROR, RRX };

static term rotate_right(struct step *s, term value, term count)
{
	term right = bv_and_c(TC, count, 31), left = bv_and_c(TC, bv_neg(TC, right), 31);

	return bv_or(TC, bv_lshr(TC, value, right), bv_shl(TC, value, left));
}

static term shift(struct step *s, enum shift type, term value, term count)
{
	switch (type) {
	case LSL:
		return bv_shl(TC, value, count);
	case LSR:
		return bv_lshr(TC, value, count);
	case ASR:
		return bv_ashr(TC, value, count);
	case ROR:
		return rotate_right(s, value, count);
	default: /* RRX */
		return bv_concat(TC, bv_from_bool(TC, 1, s->m->c), bv_extract(TC, 31, 1, value));
	}
}

/* The carry that Shift_C() gives: the last bit shifted out, or the old one if none was. */
static term shift_carry(struct step *s, enum shift type, term value, term count)
{
	term wide = bv_zext(TC, 33, count), below = bv_concat(TC, value, bv_const(TC, 1, 0)), out;

	switch (type) {
	case LSL:
		out = bv_extract(TC, 32, 32, bv_shl(TC, bv_zext(TC, 33, value), wide));
		break;
	case LSR:
		out = bv_extract(TC, 0, 0, bv_lshr(TC, below, wide));
		break;
	case ASR:
		out = bv_extract(TC, 0, 0, bv_ashr(TC, below, wide));
		break;
	case ROR:
		out = bv_extract(TC, 31, 31, rotate_right(s, value, count));
		break;
	default: /* RRX */
		out = bv_extract(TC, 0, 0, value);
		return term_eq(TC, out, bv_const(TC, 1, 1));
	}
	return term_ite(TC, term_eq(TC, count, constant(s, 0)), s->m->c,
		term_eq(TC, out, bv_const(TC, 1, 1)));
}

/* DecodeImmShift(): the count of a 5-bit immediate, where 0 means 32 for LSR and ASR, and RRX for
 * ROR. */
static bool decode_imm_shift(struct step *s, term imm5, enum shift *type, term *count)
{
	term zero = term_eq(TC, imm5, bv_const(TC, 5, 0));

	*count = bv_zext(TC, 32, imm5);
	if (*type == LSR || *type == ASR)
		*count = term_ite(TC, zero, constant(s, 32), *count);
	if (*type == ROR) {
		int is_rrx = model_branch(s->m->env, zero);

		if (is_rrx < 0)
			return false;
		if (is_rrx)
			*type = RRX;
	}
	return true;
}

/* A bit of an immediate that decides how the rest is read. */
static int deciding_bit(struct step *s, unsigned n)
{
	term bit = bits(s, n, n);

	if (!term_is_const(bit) && s->m->env->settle)
		bit = s->m->env->settle(s->m->env, bit);
	return model_branch(s->m->env, term_eq(TC, bit, bv_const(TC, 1, 1)));
}

/* ThumbExpandImm_C(), A5.3.2. */
static bool thumb_expand_imm(struct step *s, term *imm32, term *carry)
{
	const term parts[] = {bits(s, 26, 26), bits(s, 14, 12), bits(s, 7, 0)};
	term imm12 = bv_concat_n(TC, 3, parts), imm8 = bits(s, 7, 0), byte = bv_zext(TC, 32, imm8);
	int i = deciding_bit(s, 26), top = i < 0 ? -1 : deciding_bit(s, 14);
	int high, low, pattern, zero;

	if (top < 0)
		return false;
	if (i || top) {
		term unrotated = bv_zext(
			TC, 32, bv_concat(TC, bv_const(TC, 1, 1), bv_extract(TC, 6, 0, imm12)));

		*imm32 = rotate_right(s, unrotated, bv_zext(TC, 32, bv_extract(TC, 11, 7, imm12)));
		*carry = top_bit(s, *imm32);
		return true;
	}
	*carry = s->m->c;
	high = deciding_bit(s, 13);
	low = high < 0 ? -1 : deciding_bit(s, 12);
	if (low < 0)
		return false;
	pattern = high << 1 | low;
	zero = pattern ? model_branch(s->m->env, term_eq(TC, imm8, bv_const(TC, 8, 0))) : 0;
	if (zero < 0)
		return false;
	if (zero)
		return unpredictable(s, "a modified immediate that repeats zero");
	/* 000000ab, 00ab00ab, ab00ab00, abababab */
	*imm32 = byte;
	if (pattern == 1 || pattern == 3)
		*imm32 = bv_or(TC, *imm32, bv_shl_c(TC, byte, 16));
	if (pattern == 2)
		*imm32 = constant(s, 0);
	if (pattern == 2 || pattern == 3)
		*imm32 =
			bv_or(TC, *imm32, bv_or(TC, bv_shl_c(TC, byte, 8), bv_shl_c(TC, byte, 24)));
	return true;
}

/* What 16-bit and 32-bit encodings share. */

static term byte_of(struct step *s, term value, unsigned n)
{
	return bv_extract(TC, 8 * n + 7, 8 * n, value);
}

enum reversal { REV, REV16, RBIT, REVSH };

static term reverse(struct step *s, enum reversal how, term value)
{
	term b0 = byte_of(s, value, 0), b1 = byte_of(s, value, 1), b2 = byte_of(s, value, 2),
	     b3 = byte_of(s, value, 3), bit[32];

	switch (how) {
	case REV:
		return bv_concat_n(TC, 4, (const term[]){b0, b1, b2, b3});
	case REV16:
		return bv_concat_n(TC, 4, (const term[]){b2, b3, b0, b1});
	case REVSH:
		return bv_sext(TC, 32, bv_concat(TC, b0, b1));
	default: /* RBIT */
		for (unsigned i = 0; i < 32; i++)
			bit[i] = bv_extract(TC, i, i, value);
		return bv_concat_n(TC, 32, bit);
	}
}

/* CountLeadingZeroBits(): the highest bit that is set decides. */
static term leading_zeros(struct step *s, term value)
{
	term count = constant(s, 32);

	for (unsigned i = 0; i < 32; i++)
		count = term_ite(TC, term_eq(TC, bv_extract(TC, i, i, value), bv_const(TC, 1, 1)),
			constant(s, 31 - i), count);
	return count;
}

static unsigned registers_in(unsigned list)
{
	unsigned n = 0;

	for (; list != 0; list &= list - 1)
		n++;
	return n;
}

/* LDM: ascending from an aligned address; what is loaded is written after all was read. */
static bool load_multiple(struct step *s, unsigned list, term address)
{
	term value[16] = {NULL};

	if (!check_aligned(s, address, 4))
		return false;
	for (unsigned i = 0; i < 16; i++) {
		if (!(list >> i & 1))
			continue;
		value[i] = read(s, address, 4);
		if (!value[i])
			return false;
		address = bv_add_c(TC, address, 4);
	}
	for (unsigned i = 0; i < 15; i++)
		if (value[i])
			set(s, i, value[i]);
	return !value[PC] || bx_write_pc(s, value[PC]);
}

static bool store_multiple(struct step *s, unsigned list, term address)
{
	if (!check_aligned(s, address, 4))
		return false;
	for (unsigned i = 0; i < 15; i++) {
		if (!(list >> i & 1))
			continue;
		if (!write(s, address, 4, reg(s, i)))
			return false;
		address = bv_add_c(TC, address, 4);
	}
	return true;
}

/* BX and BLX (register), A7.7.20 and A7.7.19. */
static bool branch_exchange(struct step *s, unsigned m, bool link)
{
	term target = reg(s, m);

	if (link)
		set(s, LR, bv_or(TC, bv_add_c(TC, s->m->pc, 2), constant(s, 1)));
	return bx_write_pc(s, target);
}

/* 16-bit instructions, A5.2. In an IT block, those that set flags don't. */

/* A5.2.1: shift (immediate), add, subtract, move, and compare */
static bool shift_add_16(struct step *s, unsigned op)
{
	unsigned d, n, m;
	bool setflags = !s->in_it;
	enum shift type = (enum shift)op;
	term value, count, result;

	if (!field(s, 2, 0, "Rd", &d) || !field(s, 5, 3, "Rn", &n))
		return false;
	if (op == 3) { /* ADD, SUB (register, 3-bit immediate) */
		unsigned immediate, is_sub;

		if (!field(s, 10, 10, "opcode", &immediate) || !field(s, 9, 9, "opcode", &is_sub))
			return false;
		value = bv_zext(TC, 32, bits(s, 8, 6));
		if (!immediate) {
			if (!field(s, 8, 6, "Rm", &m))
				return false;
			value = reg(s, m);
		}
		set(s, d,
			is_sub ? subtract(s, reg(s, n), value, setflags)
			       : add(s, reg(s, n), value, setflags));
		return true;
	}
	/* LSL, LSR, ASR (immediate); LSL by 0 is MOVS, which an IT block can't have. */
	if (op == LSL && s->in_it) {
		int zero = model_branch(s->m->env, term_eq(TC, bits(s, 10, 6), bv_const(TC, 5, 0)));

		if (zero < 0)
			return false;
		if (zero)
			return unpredictable(s, "movs in an IT block");
	}
	if (!decode_imm_shift(s, bits(s, 10, 6), &type, &count))
		return false;
	value = reg(s, n);
	result = shift(s, type, value, count);
	if (setflags)
		set_nzc(s, result, shift_carry(s, type, value, count));
	set(s, d, result);
	return true;
}

/* The same table: 8-bit immediates */
static bool immediate_16(struct step *s, unsigned op)
{
	unsigned d;
	bool setflags = !s->in_it;
	term imm32 = bv_zext(TC, 32, bits(s, 7, 0));

	if (!field(s, 10, 8, "Rdn", &d))
		return false;
	switch (op) {
	case 0: /* MOV */
		if (setflags)
			set_nz(s, imm32);
		set(s, d, imm32);
		return true;
	case 1: /* CMP */
		subtract(s, reg(s, d), imm32, true);
		return true;
	case 2: /* ADD */
		set(s, d, add(s, reg(s, d), imm32, setflags));
		return true;
	default: /* SUB */
		set(s, d, subtract(s, reg(s, d), imm32, setflags));
		return true;
	}
}

/* Shifts by a register, 16 and 32 bits: the low byte counts. */
static void shift_register(
	struct step *s, enum shift type, unsigned d, unsigned n, unsigned m, bool setflags)
{
	term value = reg(s, n), count = bv_and_c(TC, reg(s, m), 255);
	term result = shift(s, type, value, count);

	if (setflags)
		set_nzc(s, result, shift_carry(s, type, value, count));
	set(s, d, result);
}

/* A5.2.2: data processing */
static bool data_processing_16(struct step *s)
{
	unsigned op, d, m;
	bool setflags = !s->in_it;
	term x, y, result;

	if (!field(s, 9, 6, "opcode", &op) || !field(s, 2, 0, "Rdn", &d) ||
		!field(s, 5, 3, "Rm", &m))
		return false;
	x = reg(s, d);
	y = reg(s, m);
	switch (op) {
	case 2: /* LSL */
	case 3: /* LSR */
	case 4: /* ASR */
	case 7: /* ROR */
		shift_register(s, op == 7 ? ROR : (enum shift)(op - 2), d, d, m, setflags);
		return true;
	case 5: /* ADC */
		set(s, d, add_carry(s, x, y, setflags));
		return true;
	case 6: /* SBC */
		set(s, d, subtract_carry(s, x, y, setflags));
		return true;
	case 8: /* TST */
		set_nz(s, bv_and(TC, x, y));
		return true;
	case 9: /* RSB #0 */
		set(s, d, subtract(s, constant(s, 0), y, setflags));
		return true;
	case 10: /* CMP */
		subtract(s, x, y, true);
		return true;
	case 11: /* CMN */
		add(s, x, y, true);
		return true;
	case 0: /* AND */
		result = bv_and(TC, x, y);
		break;
	case 1: /* EOR */
		result = bv_xor(TC, x, y);
		break;
	case 12: /* ORR */
		result = bv_or(TC, x, y);
		break;
	case 13: /* MUL */
		result = bv_mul(TC, x, y);
		break;
	case 14: /* BIC */
		result = bv_and(TC, x, bv_not(TC, y));
		break;
	default: /* MVN */
		result = bv_not(TC, y);
		break;
	}
	if (setflags)
		set_nz(s, result);
	set(s, d, result);
	return true;
}

/* A5.2.3: special data instructions and branch and exchange; any register */
static bool special_16(struct step *s)
{
	unsigned op, m, high, low, d;
	term result;

	if (!field(s, 9, 8, "opcode", &op) || !field(s, 6, 3, "Rm", &m) ||
		!field(s, 7, 7, "DN", &high) || !field(s, 2, 0, "Rdn", &low))
		return false;
	d = high << 3 | low;
	switch (op) {
	case 1: /* CMP (register) T2 */
		if ((d < 8 && m < 8) || d == PC || m == PC)
			return unpredictable(s, "registers of cmp");
		subtract(s, reg(s, d), reg(s, m), true);
		return true;
	case 3: /* BX, BLX */
		if (low != 0 || (high && m == PC))
			return unpredictable(s, "bx or blx");
		return branch_exchange(s, m, high);
	case 0: /* ADD (register) T2 */
		if (d == PC && m == PC)
			return unpredictable(s, "add pc, pc");
		result = bv_add(TC, reg(s, d), reg(s, m));
		break;
	default: /* MOV (register) T1 */
		result = reg(s, m);
		break;
	}
	if (d == PC)
		return branch_write_pc(s, result);
	set(s, d, result);
	return true;
}

/* A5.2.4: load/store single data item; bits 15 to 11 say which, immediates are scaled */
static bool load_store_register_16(struct step *s)
{
	unsigned op, t, n, m;
	term address;

	if (!field(s, 11, 9, "opcode", &op) || !field(s, 2, 0, "Rt", &t) ||
		!field(s, 5, 3, "Rn", &n) || !field(s, 8, 6, "Rm", &m))
		return false;
	address = bv_add(TC, reg(s, n), reg(s, m));
	switch (op) {
	case 0: /* STR */
		return write(s, address, 4, reg(s, t));
	case 1: /* STRH */
		return write(s, address, 2, reg(s, t));
	case 2: /* STRB */
		return write(s, address, 1, reg(s, t));
	case 3: /* LDRSB */
		return load(s, t, address, 1, true);
	case 4: /* LDR */
		return load(s, t, address, 4, false);
	case 5: /* LDRH */
		return load(s, t, address, 2, false);
	case 6: /* LDRB */
		return load(s, t, address, 1, false);
	default: /* LDRSH */
		return load(s, t, address, 2, true);
	}
}

static bool load_store_immediate_16(struct step *s, unsigned scale, bool is_load)
{
	unsigned t, n;
	term address;

	if (!field(s, 2, 0, "Rt", &t) || !field(s, 5, 3, "Rn", &n))
		return false;
	address = bv_add(TC, reg(s, n), bv_shl_c(TC, bv_zext(TC, 32, bits(s, 10, 6)), scale));
	return is_load ? load(s, t, address, 1u << scale, false)
	               : write(s, address, 1u << scale, reg(s, t));
}

/* LDR, STR (sp), LDR (literal), ADR, ADD (sp): Rd or Rt in bits 10 to 8, imm8 in words */
static bool relative_16(struct step *s, unsigned top)
{
	term offset = bv_shl_c(TC, bv_zext(TC, 32, bits(s, 7, 0)), 2), base;
	unsigned t;

	if (!field(s, 10, 8, "Rt", &t))
		return false;
	base = top == 0x09 || top == 0x14 ? aligned_pc(s) : reg(s, SP);
	switch (top) {
	case 0x09: /* LDR (literal) */
	case 0x13: /* LDR (sp) */
		return load(s, t, bv_add(TC, base, offset), 4, false);
	case 0x12: /* STR (sp) */
		return write(s, bv_add(TC, base, offset), 4, reg(s, t));
	default: /* ADR, ADD (sp plus immediate) */
		set(s, t, bv_add(TC, base, offset));
		return true;
	}
}

/* CBZ, CBNZ */
static bool compare_branch(struct step *s)
{
	unsigned n, nonzero;
	const term parts[] = {bits(s, 9, 9), bits(s, 7, 3), bv_const(TC, 1, 0)};
	int zero;

	if (!field(s, 2, 0, "Rn", &n) || !field(s, 11, 11, "op", &nonzero))
		return false;
	if (s->in_it)
		return unpredictable(s, "cbz in an IT block");
	zero = model_branch(s->m->env, term_eq(TC, reg(s, n), constant(s, 0)));
	if (zero < 0)
		return false;
	if ((unsigned)zero == nonzero)
		return true;
	return branch_write_pc(
		s, bv_add(TC, reg(s, PC), bv_zext(TC, 32, bv_concat_n(TC, 3, parts))));
}

static bool push_pop_16(struct step *s, bool is_pop)
{
	unsigned list, extra;
	term sp = reg(s, SP);

	if (!field(s, 7, 0, "register_list", &list) || !field(s, 8, 8, "M or P", &extra))
		return false;
	list |= extra << (is_pop ? PC : LR);
	if (list == 0)
		return unpredictable(s, "an empty list of registers");
	if (is_pop) {
		if (!load_multiple(s, list, sp))
			return false;
		set(s, SP, bv_add_c(TC, sp, 4 * registers_in(list)));
		return true;
	}
	sp = bv_sub(TC, sp, constant(s, 4 * registers_in(list)));
	if (!store_multiple(s, list, sp))
		return false;
	set(s, SP, sp);
	return true;
}

/* IT, A7.7.38, and hints, A5.2.5's last part */
static bool it_and_hints(struct step *s)
{
	unsigned first, mask;

	if (!field(s, 7, 4, "firstcond", &first) || !field(s, 3, 0, "mask", &mask))
		return false;
	if (mask == 0) /* NOP, YIELD; WFE, WFI and SEV wait for what the model doesn't have */
		return first <= 1 || unknown(s, "a hint that waits");
	if (first == 15 || (first == 14 && registers_in(mask) != 1) || s->in_it)
		return unpredictable(s, "it");
	s->m->itstate = first << 4 | mask;
	return true;
}

/* CPS: of PRIMASK alone */
static bool change_state(struct step *s)
{
	unsigned low;

	if (!field(s, 4, 0, "im, I, F", &low))
		return false;
	if (s->in_it)
		return unpredictable(s, "cps in an IT block");
	if ((low & 0xf) != 2)
		return unknown(s, "cps of other than i");
	s->m->primask = bool_const(TC, low >> 4);
	return true;
}

static bool extend_reverse_16(struct step *s, bool is_reverse)
{
	unsigned op, m, d;
	term value;

	if (!field(s, 7, 6, "opcode", &op) || !field(s, 5, 3, "Rm", &m) ||
		!field(s, 2, 0, "Rd", &d))
		return false;
	value = reg(s, m);
	if (is_reverse && op == 2)
		return unknown(s, "0xba80 and up");
	if (is_reverse) /* REV, REV16, REVSH */
		value = reverse(s, (enum reversal)op, value);
	else if (op < 2) /* SXTH, SXTB */
		value = bv_sext(TC, 32, bv_trunc(TC, op == 0 ? 16 : 8, value));
	else /* UXTH, UXTB */
		value = bv_zext(TC, 32, bv_trunc(TC, op == 2 ? 16 : 8, value));
	set(s, d, value);
	return true;
}

/* A5.2.5: miscellaneous */
static bool miscellaneous_16(struct step *s)
{
	unsigned op, is_sub;
	term offset = bv_shl_c(TC, bv_zext(TC, 32, bits(s, 6, 0)), 2);

	if (!field(s, 11, 8, "opcode", &op))
		return false;
	switch (op) {
	case 0x0: /* ADD, SUB (sp, immediate) */
		if (!field(s, 7, 7, "opcode", &is_sub))
			return false;
		set(s, SP,
			is_sub ? bv_sub(TC, reg(s, SP), offset) : bv_add(TC, reg(s, SP), offset));
		return true;
	case 0x1:
	case 0x3:
	case 0x9:
	case 0xb:
		return compare_branch(s);
	case 0x2:
		return extend_reverse_16(s, false);
	case 0x4:
	case 0x5:
		return push_pop_16(s, false);
	case 0x6:
		if (!field(s, 7, 5, "opcode", &op))
			return false;
		return op == 3 ? change_state(s) : unknown(s, "0xb600 and up");
	case 0xa:
		return extend_reverse_16(s, true);
	case 0xc:
	case 0xd:
		return push_pop_16(s, true);
	case 0xf:
		return it_and_hints(s);
	default: /* BKPT and what isn't allocated */
		return unknown(s, "miscellaneous");
	}
}

/* STM and LDM, T1 */
static bool multiple_16(struct step *s, bool is_load)
{
	unsigned n, list;
	term base, after;

	if (!field(s, 10, 8, "Rn", &n) || !field(s, 7, 0, "register_list", &list))
		return false;
	if (list == 0)
		return unpredictable(s, "an empty list of registers");
	base = reg(s, n);
	after = bv_add_c(TC, base, 4 * registers_in(list));
	if (is_load) {
		if (!(list >> n & 1))
			set(s, n, after);
		return load_multiple(s, list, base);
	}
	if ((list >> n & 1) && (list & ((1u << n) - 1)))
		return unpredictable(s, "stm of a base register that isn't the first");
	if (!store_multiple(s, list, base))
		return false;
	set(s, n, after);
	return true;
}

static bool branch_if(struct step *s, unsigned cond, term offset)
{
	int taken;

	if (s->in_it)
		return unpredictable(s, "a conditional branch in an IT block");
	taken = model_branch(s->m->env, condition(s, cond));
	if (taken <= 0)
		return taken == 0;
	return branch_write_pc(s, bv_add(TC, reg(s, PC), offset));
}

/* A5.2.6: conditional branch, and supervisor call */
static bool conditional_16(struct step *s)
{
	unsigned cond;

	if (!field(s, 11, 8, "cond", &cond))
		return false;
	if (cond >= 14)
		return unknown(s, "svc or udf");
	return branch_if(s, cond, bv_shl_c(TC, bv_sext(TC, 32, bits(s, 7, 0)), 1));
}

/* A5.2, by bits 15 to 11 */
static bool step_16(struct step *s)
{
	unsigned top, bit10;

	if (!field(s, 15, 11, "opcode", &top))
		return false;
	switch (top) {
	case 0x00:
	case 0x01:
	case 0x02:
	case 0x03:
		return shift_add_16(s, top);
	case 0x04:
	case 0x05:
	case 0x06:
	case 0x07:
		return immediate_16(s, top & 3);
	case 0x08:
		if (!field(s, 10, 10, "opcode", &bit10))
			return false;
		return bit10 ? special_16(s) : data_processing_16(s);
	case 0x0a:
	case 0x0b:
		return load_store_register_16(s);
	case 0x0c: /* STR, LDR */
	case 0x0d:
		return load_store_immediate_16(s, 2, top & 1);
	case 0x0e: /* STRB, LDRB */
	case 0x0f:
		return load_store_immediate_16(s, 0, top & 1);
	case 0x10: /* STRH, LDRH */
	case 0x11:
		return load_store_immediate_16(s, 1, top & 1);
	case 0x09:
	case 0x12:
	case 0x13:
	case 0x14:
	case 0x15:
		return relative_16(s, top);
	case 0x16:
	case 0x17:
		return miscellaneous_16(s);
	case 0x18:
	case 0x19:
		return multiple_16(s, top & 1);
	case 0x1a:
	case 0x1b:
		return conditional_16(s);
	default: /* 0x1c: B T2 */
		return branch_write_pc(s,
			bv_add(TC, reg(s, PC), bv_shl_c(TC, bv_sext(TC, 32, bits(s, 10, 0)), 1)));
	}
}

/* 32-bit instructions, A5.3. */

/* A5.3.5: load multiple and store multiple; PUSH and POP T2 are among them */
static bool multiple_32(struct step *s)
{
	unsigned op, w, is_load, n, list, bytes;
	term base, after, start;

	if (!field(s, 24, 23, "op", &op) || !field(s, 21, 21, "W", &w) ||
		!field(s, 20, 20, "L", &is_load) || !field(s, 19, 16, "Rn", &n) ||
		!field(s, 15, 0, "register_list", &list))
		return false;
	if (op != 1 && op != 2)
		return unknown(s, "load or store multiple of other than IA and DB");
	if (n == PC || registers_in(list) < 2 || (list >> SP & 1) || (w && (list >> n & 1)) ||
		(is_load ? (list >> LR) == 3 : list >> PC))
		return unpredictable(s, "registers of ldm or stm");
	bytes = 4 * registers_in(list);
	base = reg(s, n);
	after = op == 1 ? bv_add_c(TC, base, bytes) : bv_sub(TC, base, constant(s, bytes));
	start = op == 1 ? base : after;
	if (!is_load && !store_multiple(s, list, start))
		return false;
	if (is_load && !load_multiple(s, list, start))
		return false;
	if (w)
		set(s, n, after);
	return true;
}

/* LDRD, STRD */
static bool dual(struct step *s, unsigned p, unsigned u, unsigned w, bool is_load)
{
	unsigned n, t, t2;
	term offset = bv_shl_c(TC, bv_zext(TC, 32, bits(s, 7, 0)), 2), base, indexed, address, low,
	     high;

	if (!field(s, 19, 16, "Rn", &n) || !field(s, 15, 12, "Rt", &t) ||
		!field(s, 11, 8, "Rt2", &t2))
		return false;
	if (special(t) || special(t2) || (is_load && t == t2) || (w && (n == t || n == t2)) ||
		(n == PC && (w || !is_load)))
		return unpredictable(s, "registers of ldrd or strd");
	base = n == PC ? aligned_pc(s) : reg(s, n);
	indexed = u ? bv_add(TC, base, offset) : bv_sub(TC, base, offset);
	address = p ? indexed : base;
	if (!check_aligned(s, address, 4))
		return false;
	if (is_load) {
		low = read(s, address, 4);
		high = low ? read(s, bv_add_c(TC, address, 4), 4) : NULL;
		if (!high)
			return false;
		set(s, t, low);
		set(s, t2, high);
	} else if (!write(s, address, 4, reg(s, t)) ||
		   !write(s, bv_add_c(TC, address, 4), 4, reg(s, t2))) {
		return false;
	}
	if (w)
		set(s, n, indexed);
	return true;
}

/* LDREX, STREX and those of bytes and halfwords; A3.4. Of one core and one thread. */

static bool load_exclusive(struct step *s, unsigned t, term address, unsigned bytes)
{
	if (!check_aligned(s, address, bytes) || !load(s, t, address, bytes, false))
		return false;
	s->m->reservation = address;
	s->m->reserved = bytes;
	return true;
}

static bool store_exclusive(
	struct step *s, unsigned d, unsigned t, unsigned n, term address, unsigned bytes)
{
	struct thumb2 *m = s->m;
	term holds;
	int stored;

	if (d == n || d == t || special(d) || special(t) || n == PC)
		return unpredictable(s, "registers of strex");
	if (!check_aligned(s, address, bytes))
		return false;
	if (m->reservation && m->reserved != bytes)
		return model_stop(m->env, "strex of another size than ldrex");
	holds = m->reservation ? term_eq(TC, m->reservation, address) : bool_const(TC, false);
	if (m->strex_succeeds)
		holds = bool_and(TC, holds, m->strex_succeeds(m->env));
	stored = model_branch(m->env, holds);
	if (stored < 0 || (stored && !write(s, address, bytes, reg(s, t))))
		return false;
	m->reservation = NULL;
	set(s, d, constant(s, !stored));
	return true;
}

static bool exclusive_word(struct step *s, bool is_load)
{
	unsigned n, t, d;
	term address;

	if (!field(s, 19, 16, "Rn", &n) || !field(s, 15, 12, "Rt", &t) ||
		!field(s, 11, 8, "Rd", &d))
		return false;
	address = bv_add(TC, reg(s, n), bv_shl_c(TC, bv_zext(TC, 32, bits(s, 7, 0)), 2));
	if (!is_load)
		return store_exclusive(s, d, t, n, address, 4);
	if (special(t) || n == PC || d != 15)
		return unpredictable(s, "registers of ldrex");
	return load_exclusive(s, t, address, 4);
}

/* TBB, TBH */
static bool table_branch(struct step *s, unsigned n, unsigned m, bool halfwords)
{
	unsigned ones;
	term index, entry;

	if (!field(s, 15, 8, "(1)s", &ones))
		return false;
	if (ones != 0xf0 || n == SP || special(m))
		return unpredictable(s, "registers of tbb or tbh");
	index = halfwords ? bv_shl_c(TC, reg(s, m), 1) : reg(s, m);
	entry = read(s, bv_add(TC, reg(s, n), index), halfwords ? 2 : 1);
	if (!entry)
		return false;
	return branch_write_pc(s, bv_add(TC, reg(s, PC), bv_shl_c(TC, bv_zext(TC, 32, entry), 1)));
}

/* STREXB, STREXH, LDREXB, LDREXH, TBB, TBH */
static bool exclusive_or_table(struct step *s, bool is_load)
{
	unsigned n, t, ones, op, d;

	if (!field(s, 19, 16, "Rn", &n) || !field(s, 15, 12, "Rt", &t) ||
		!field(s, 11, 8, "(1)s", &ones) || !field(s, 7, 4, "op3", &op) ||
		!field(s, 3, 0, "Rd", &d))
		return false;
	if (is_load && op <= 1)
		return table_branch(s, n, d, op);
	if (op != 4 && op != 5)
		return unknown(s, "exclusive access");
	if (ones != 15 || (is_load && d != 15))
		return unpredictable(s, "exclusive access");
	if (!is_load)
		return store_exclusive(s, d, t, n, reg(s, n), op - 3);
	if (special(t) || n == PC)
		return unpredictable(s, "registers of ldrexb or ldrexh");
	return load_exclusive(s, t, reg(s, n), op - 3);
}

/* A5.3.6: load/store dual or exclusive, table branch */
static bool dual_exclusive(struct step *s)
{
	unsigned p, u, w, is_load;

	if (!field(s, 24, 24, "P", &p) || !field(s, 23, 23, "U", &u) ||
		!field(s, 21, 21, "W", &w) || !field(s, 20, 20, "L", &is_load))
		return false;
	if (p || w)
		return dual(s, p, u, w, is_load);
	return u ? exclusive_or_table(s, is_load) : exclusive_word(s, is_load);
}

/*
 * The operations that A5.3.1 (modified immediate) and A5.3.11 (shifted register) share: by op, Rn
 * and Rd. `carry` is the shifter's.
 */

enum operation { AND, BIC, ORR, ORN, EOR, ADD = 8, ADC = 10, SBC, SUB = 13, RSB };

/* Which registers the operation may have; `sp_operand`: how it got its operand allows sp as Rd. */
static bool check_registers(
	struct step *s, unsigned op, bool setflags, unsigned n, unsigned d, bool sp_operand)
{
	bool is_sum = op == ADD || op == SUB;
	bool is_test = d == PC && setflags && (is_sum || op == AND || op == EOR);
	bool is_move = n == PC && (op == ORR || op == ORN);

	if ((d == PC && !is_test) || (n == PC && !is_move) || (n == SP && !is_sum) ||
		(d == SP && !(is_sum && n == SP && sp_operand)))
		return unpredictable(s, "registers of a data-processing instruction");
	return true;
}

static bool operate(
	struct step *s, unsigned op, bool setflags, unsigned n, unsigned d, term y, term carry)
{
	term x = n == PC ? constant(s, 0) : reg(s, n), result = NULL;
	bool logical = false;

	switch (op) {
	case ADD: /* and CMN */
		result = add(s, x, y, setflags);
		break;
	case ADC:
		result = add_carry(s, x, y, setflags);
		break;
	case SBC:
		result = subtract_carry(s, x, y, setflags);
		break;
	case SUB: /* and CMP */
		result = subtract(s, x, y, setflags);
		break;
	case RSB:
		result = subtract(s, y, x, setflags);
		break;
	case AND: /* and TST */
		result = bv_and(TC, x, y);
		logical = true;
		break;
	case BIC:
		result = bv_and(TC, x, bv_not(TC, y));
		logical = true;
		break;
	case ORR: /* and MOV */
		result = bv_or(TC, x, y);
		logical = true;
		break;
	case ORN: /* and MVN */
		result = bv_or(TC, x, bv_not(TC, y));
		logical = true;
		break;
	case EOR: /* and TEQ */
		result = bv_xor(TC, x, y);
		logical = true;
		break;
	default:
		return unknown(s, "data processing");
	}
	if (logical && setflags)
		set_nzc(s, result, carry);
	if (d != PC)
		set(s, d, result);
	return true;
}

static bool operation_fields(
	struct step *s, unsigned *op, unsigned *setflags, unsigned *n, unsigned *d)
{
	return field(s, 24, 21, "op", op) && field(s, 20, 20, "S", setflags) &&
	       field(s, 19, 16, "Rn", n) && field(s, 11, 8, "Rd", d);
}

/* A5.3.1: data processing (modified immediate) */
static bool modified_immediate(struct step *s)
{
	unsigned op, setflags, n, d;
	term imm32, carry;

	return operation_fields(s, &op, &setflags, &n, &d) &&
	       check_registers(s, op, setflags, n, d, true) &&
	       thumb_expand_imm(s, &imm32, &carry) && operate(s, op, setflags, n, d, imm32, carry);
}

/* Whether the shift of ADD or SUB (sp plus register) may write sp: LSL by at most 3. */
static bool shift_fits_sp(unsigned type, term imm5)
{
	return type == LSL && term_is_const(imm5) && term_value(imm5) <= 3;
}

/* A5.3.11: data processing (shifted register) */
static bool shifted_register(struct step *s)
{
	unsigned op, setflags, n, d, m, type, zero;
	term imm5 = bv_concat(TC, bits(s, 14, 12), bits(s, 7, 6)), y, count, carry;
	enum shift how;
	bool is_mov;

	if (!operation_fields(s, &op, &setflags, &n, &d) || !field(s, 3, 0, "Rm", &m) ||
		!field(s, 5, 4, "type", &type) || !field(s, 15, 15, "(0)", &zero))
		return false;
	if (zero)
		return unpredictable(s, "shifted register");
	/* MOV (register) T3 alone may have sp, on one side, if it sets no flags. */
	is_mov = op == ORR && n == PC && type == LSL && term_is_value(imm5, 0) && !setflags;
	if (is_mov && d != PC && m != PC && !(d == SP && m == SP)) {
		set(s, d, reg(s, m));
		return true;
	}
	if (special(m))
		return unpredictable(s, "Rm of a shifted register");
	how = (enum shift)type;
	if (!check_registers(s, op, setflags, n, d, shift_fits_sp(type, imm5)) ||
		!decode_imm_shift(s, imm5, &how, &count))
		return false;
	y = shift(s, how, reg(s, m), count);
	carry = shift_carry(s, how, reg(s, m), count);
	return operate(s, op, setflags, n, d, y, carry);
}

/* SBFX, UBFX, BFI, BFC: fields of a register, whose place is constant */
static bool bit_field(struct step *s, unsigned op, unsigned n, unsigned d)
{
	unsigned imm3, imm2, lsb, last, zero26, zero5;
	term mask, value;

	if (!field(s, 14, 12, "imm3", &imm3) || !field(s, 7, 6, "imm2", &imm2) ||
		!field(s, 4, 0, "msb", &last) || !field(s, 26, 26, "(0)", &zero26) ||
		!field(s, 5, 5, "(0)", &zero5))
		return false;
	lsb = imm3 << 2 | imm2;
	if (zero26 || zero5 || special(d) || n == SP)
		return unpredictable(s, "bit field");
	if (op == 0x16) { /* BFI; BFC if Rn is 15 */
		if (last < lsb)
			return unpredictable(s, "bit field that ends before it begins");
		mask = constant(s, (uint64_t)mask_of(last - lsb + 1) << lsb);
		value = n == PC ? constant(s, 0) : bv_shl_c(TC, reg(s, n), lsb);
		set(s, d,
			bv_or(TC, bv_and(TC, reg(s, d), bv_not(TC, mask)),
				bv_and(TC, value, mask)));
		return true;
	}
	if (lsb + last > 31 || n == PC) /* `last` is widthm1 */
		return unpredictable(s, "bit field");
	value = bv_extract(TC, lsb + last, lsb, reg(s, n));
	set(s, d, op == 0x14 ? bv_sext(TC, 32, value) : bv_zext(TC, 32, value));
	return true;
}

/* A5.3.3: data processing (plain binary immediate) */
static bool plain_immediate(struct step *s)
{
	unsigned op, n, d;
	const term imm12[] = {bits(s, 26, 26), bits(s, 14, 12), bits(s, 7, 0)};
	term imm32 = bv_zext(TC, 32, bv_concat_n(TC, 3, imm12)), base, imm16;

	if (!field(s, 24, 20, "op", &op) || !field(s, 11, 8, "Rd", &d))
		return false;
	/* Of movw and movt, these bits are part of the immediate. */
	n = 0;
	if (op != 0x04 && op != 0x0c && !field(s, 19, 16, "Rn", &n))
		return false;
	switch (op) {
	case 0x00: /* ADDW; ADR T3 if Rn is 15 */
	case 0x0a: /* SUBW; ADR T2 */
		if (d == PC || (d == SP && n != SP))
			return unpredictable(s, "Rd of addw or subw");
		base = n == PC ? aligned_pc(s) : reg(s, n);
		set(s, d, op == 0 ? bv_add(TC, base, imm32) : bv_sub(TC, base, imm32));
		return true;
	case 0x04: /* MOVW */
	case 0x0c: /* MOVT */
		if (special(d))
			return unpredictable(s, "Rd of movw or movt");
		imm16 = bv_concat(TC, bits(s, 19, 16), bv_trunc(TC, 12, imm32));
		set(s, d,
			op == 4 ? bv_zext(TC, 32, imm16)
				: bv_concat(TC, imm16, bv_trunc(TC, 16, reg(s, d))));
		return true;
	case 0x14: /* SBFX */
	case 0x16: /* BFI, BFC */
	case 0x1c: /* UBFX */
		return bit_field(s, op, n, d);
	default:
		return unknown(s, "plain immediate");
	}
}

/* MSR, MRS of PRIMASK; NOP; CLREX, DMB, DSB, ISB, which order what others see */
static bool control(struct step *s)
{
	unsigned high, low, n;

	if (!field(s, 31, 16, "opcode", &high) || !field(s, 15, 0, "opcode", &low))
		return false;
	n = high & 15;
	if ((high & 0xfff0) == 0xf380 && low == 0x8810 && !special(n)) {
		s->m->primask = term_eq(TC, bv_extract(TC, 0, 0, reg(s, n)), bv_const(TC, 1, 1));
		return true;
	}
	n = low >> 8 & 15;
	if (high == 0xf3ef && (low & 0xf0ff) == 0x8010 && !special(n)) {
		set(s, n, bv_from_bool(TC, 32, s->m->primask));
		return true;
	}
	if (high == 0xf3af && (low == 0x8000 || low == 0x8001)) /* NOP, YIELD */
		return true;
	if (high == 0xf3bf && low == 0x8f2f) { /* CLREX */
		s->m->reservation = NULL;
		return true;
	}
	if (high == 0xf3bf && (low & 0xff00) == 0x8f00 && (low >> 4 & 15) >= 4 &&
		(low >> 4 & 15) <= 6) /* DSB, DMB, ISB */
		return true;
	return unknown(s, "system register, hint or control");
}

/* A5.3.4: branches and miscellaneous control */
static bool branches(struct step *s)
{
	unsigned link, not_conditional, cond;
	term sign = bits(s, 26, 26), i1 = bits(s, 13, 13), i2 = bits(s, 11, 11), offset;

	if (!field(s, 14, 14, "op1", &link) || !field(s, 12, 12, "op1", &not_conditional))
		return false;
	if (!not_conditional) {
		if (link)
			return unknown(s, "udf");
		if (!field(s, 25, 22, "cond", &cond))
			return false;
		if (cond >= 14)
			return control(s);
		offset = bv_concat_n(TC, 6,
			(const term[]){sign, i2, i1, bits(s, 21, 16), bits(s, 10, 0),
				bv_const(TC, 1, 0)}); /* B T3 */
		return branch_if(s, cond, bv_sext(TC, 32, offset));
	}
	/* B T4, BL: I1 = NOT(J1 EOR S) */
	i1 = bv_not(TC, bv_xor(TC, i1, sign));
	i2 = bv_not(TC, bv_xor(TC, i2, sign));
	offset = bv_concat_n(TC, 6,
		(const term[]){sign, i1, i2, bits(s, 25, 16), bits(s, 10, 0), bv_const(TC, 1, 0)});
	if (link)
		set(s, LR, bv_or(TC, bv_add_c(TC, s->m->pc, 4), constant(s, 1)));
	return branch_write_pc(s, bv_add(TC, reg(s, PC), bv_sext(TC, 32, offset)));
}

/* Loads and stores of one item, A5.3.7 to A5.3.10: what they do, once the address is known. */
struct access {
	unsigned n, t, bytes;
	bool is_load, is_signed;
};

static bool access(struct step *s, const struct access *a, term address)
{
	/* sp and pc are for words; pc only to be loaded. PLD and PLI are loads of bytes into pc. */
	if (a->is_load && a->t == PC && a->bytes < 4)
		return unknown(s, "memory hint");
	if ((a->t == SP && a->bytes < 4) || (a->t == PC && !a->is_load))
		return unpredictable(s, "Rt of a load or store");
	return a->is_load ? load(s, a->t, address, a->bytes, a->is_signed)
	                  : write(s, address, a->bytes, reg(s, a->t));
}

/* imm8 with P, U and W */
static bool indexed_access(struct step *s, const struct access *a)
{
	unsigned p, u, w;
	term offset = bv_zext(TC, 32, bits(s, 7, 0)), base = reg(s, a->n), indexed;

	if (!field(s, 10, 10, "P", &p) || !field(s, 9, 9, "U", &u) || !field(s, 8, 8, "W", &w))
		return false;
	if (!p && !w)
		return unknown(s, "load or store with P and W 0");
	if (p && u && !w)
		return unknown(s, "unprivileged load or store");
	if (w && a->n == a->t)
		return unpredictable(s, "write-back to the register that is accessed");
	if (w && a->t == PC && a->bytes < 4)
		return unpredictable(s, "write-back with pc");
	indexed = u ? bv_add(TC, base, offset) : bv_sub(TC, base, offset);
	if (!access(s, a, p ? indexed : base))
		return false;
	if (w)
		set(s, a->n, indexed);
	return true;
}

/* [Rn, Rm, LSL #imm2] */
static bool register_access(struct step *s, const struct access *a)
{
	unsigned m, zeros;

	if (!field(s, 3, 0, "Rm", &m) || !field(s, 11, 6, "opcode", &zeros))
		return false;
	if (zeros != 0)
		return unknown(s, "load or store");
	if (special(m))
		return unpredictable(s, "Rm of a load or store");
	return access(s, a,
		bv_add(TC, reg(s, a->n), bv_shl(TC, reg(s, m), bv_zext(TC, 32, bits(s, 5, 4)))));
}

static bool load_store_32(struct step *s)
{
	struct access a;
	unsigned is_signed, u, size, is_load, bit11;
	term imm12 = bv_zext(TC, 32, bits(s, 11, 0));

	if (!field(s, 24, 24, "S", &is_signed) || !field(s, 23, 23, "U", &u) ||
		!field(s, 22, 21, "size", &size) || !field(s, 20, 20, "L", &is_load) ||
		!field(s, 19, 16, "Rn", &a.n) || !field(s, 15, 12, "Rt", &a.t))
		return false;
	a.bytes = 1u << size;
	a.is_load = is_load;
	a.is_signed = is_signed;
	if (size == 3 || (is_signed && (size == 2 || !is_load)) || (a.n == PC && !is_load))
		return unknown(s, "load or store");
	if (a.n == PC) /* literal */
		return access(s, &a,
			u ? bv_add(TC, aligned_pc(s), imm12) : bv_sub(TC, aligned_pc(s), imm12));
	if (u)
		return access(s, &a, bv_add(TC, reg(s, a.n), imm12));
	if (!field(s, 11, 11, "opcode", &bit11))
		return false;
	return bit11 ? indexed_access(s, &a) : register_access(s, &a);
}

/* SXTH, UXTH, SXTB, UXTB, and SXTAH and so on, which add Rn; op is bits 22 to 20 */
static bool extend_32(struct step *s, unsigned op, unsigned n, unsigned d, unsigned m)
{
	unsigned zero;
	term rotation, value, base;

	if (!field(s, 6, 6, "(0)", &zero))
		return false;
	if (zero || n == SP)
		return unpredictable(s, "extension");
	if (op == 2 || op == 3 || op > 5)
		return unknown(s, "extension of two halfwords");
	rotation = bv_shl_c(TC, bv_zext(TC, 32, bits(s, 5, 4)), 3);
	value = bv_trunc(TC, op < 2 ? 16 : 8, rotate_right(s, reg(s, m), rotation));
	value = op & 1 ? bv_zext(TC, 32, value) : bv_sext(TC, 32, value);
	base = n == PC ? constant(s, 0) : reg(s, n);
	set(s, d, bv_add(TC, base, value));
	return true;
}

/* A5.3.12: data processing (register) */
static bool data_register(struct step *s)
{
	unsigned op1, op2, n, d, m, ones;
	enum shift type;

	if (!field(s, 23, 20, "op1", &op1) || !field(s, 7, 4, "op2", &op2) ||
		!field(s, 19, 16, "Rn", &n) || !field(s, 11, 8, "Rd", &d) ||
		!field(s, 3, 0, "Rm", &m) || !field(s, 15, 12, "1s", &ones))
		return false;
	if (ones != 15)
		return unknown(s, "data processing (register)");
	if (special(d) || special(m))
		return unpredictable(s, "registers of data processing (register)");
	if (op1 < 8 && op2 == 0) { /* LSL, LSR, ASR, ROR (register) */
		if (special(n))
			return unpredictable(s, "Rn of a shift");
		type = (enum shift)(op1 >> 1);
		shift_register(s, type, d, n, m, op1 & 1);
		return true;
	}
	if (op1 < 8 && op2 >= 8)
		return extend_32(s, op1, n, d, m);
	if ((op1 == 9 && op2 >= 8 && op2 < 12) || (op1 == 11 && op2 == 8)) {
		if (n != m)
			return unpredictable(s, "Rm that is given twice, differently");
		set(s, d,
			op1 == 9 ? reverse(s, (enum reversal)(op2 & 3), reg(s, m))
				 : leading_zeros(s, reg(s, m)));
		return true;
	}
	return unknown(s, "data processing (register)");
}

/* A5.3.16: MLA, MUL, MLS */
static bool multiply(struct step *s)
{
	unsigned op1, op2, n, a, d, m;
	term product;

	if (!field(s, 22, 20, "op1", &op1) || !field(s, 7, 4, "op2", &op2) ||
		!field(s, 19, 16, "Rn", &n) || !field(s, 15, 12, "Ra", &a) ||
		!field(s, 11, 8, "Rd", &d) || !field(s, 3, 0, "Rm", &m))
		return false;
	if (op1 != 0 || op2 > 1)
		return unknown(s, "multiplication of halfwords");
	if (special(d) || special(n) || special(m) || a == SP || (a == PC && op2 == 1))
		return unpredictable(s, "registers of a multiplication");
	product = bv_mul(TC, reg(s, n), reg(s, m));
	if (op2 == 1)
		product = bv_sub(TC, reg(s, a), product);
	else if (a != PC)
		product = bv_add(TC, reg(s, a), product);
	set(s, d, product);
	return true;
}

/* SDIV, UDIV: by zero gives 0 (CCR.DIV_0_TRP is 0); the overflow gives the dividend. */
static void divide(struct step *s, bool is_signed, unsigned d, term x, term y)
{
	term zero = constant(s, 0);

	set(s, d,
		term_ite(TC, term_eq(TC, y, zero), zero,
			is_signed ? bv_sdiv(TC, x, y) : bv_udiv(TC, x, y)));
}

/* A5.3.17: long multiply, long multiply accumulate, and divide */
static bool long_multiply(struct step *s)
{
	unsigned op1, op2, n, lo, hi, m;
	term x, y, old, result;

	if (!field(s, 22, 20, "op1", &op1) || !field(s, 7, 4, "op2", &op2) ||
		!field(s, 19, 16, "Rn", &n) || !field(s, 15, 12, "RdLo", &lo) ||
		!field(s, 11, 8, "RdHi", &hi) || !field(s, 3, 0, "Rm", &m))
		return false;
	if (special(hi) || special(n) || special(m))
		return unpredictable(s, "registers of a long multiplication or division");
	if ((op1 == 1 || op1 == 3) && op2 == 15) {
		if (lo != 15)
			return unpredictable(s, "division");
		divide(s, op1 == 1, hi, reg(s, n), reg(s, m));
		return true;
	}
	if (!((op1 == 0 || op1 == 2 || op1 == 4 || op1 == 6) && op2 == 0) &&
		!(op1 == 6 && op2 == 6))
		return unknown(s, "long multiplication");
	if (special(lo) || lo == hi)
		return unpredictable(s, "registers of a long multiplication");
	x = op1 & 2 ? bv_zext(TC, 64, reg(s, n)) : bv_sext(TC, 64, reg(s, n));
	y = op1 & 2 ? bv_zext(TC, 64, reg(s, m)) : bv_sext(TC, 64, reg(s, m));
	result = bv_mul(TC, x, y);
	old = bv_concat(TC, reg(s, hi), reg(s, lo));
	if (op2 == 6) /* UMAAL */
		result = bv_add(TC, result,
			bv_add(TC, bv_zext(TC, 64, reg(s, hi)), bv_zext(TC, 64, reg(s, lo))));
	else if (op1 & 4) /* SMLAL, UMLAL */
		result = bv_add(TC, result, old);
	set(s, lo, bv_trunc(TC, 32, result));
	set(s, hi, bv_extract(TC, 63, 32, result));
	return true;
}

/* A5.3, by op1 (bits 28 and 27) and op2 (bits 26 to 20) */
static bool step_32(struct step *s)
{
	unsigned op1, op2, op, plain;

	if (!field(s, 28, 27, "op1", &op1))
		return false;
	if (op1 == 2) {
		/* bit 26 is of an immediate here */
		if (!field(s, 15, 15, "op", &op) || (!op && !field(s, 25, 25, "op2", &plain)))
			return false;
		if (op)
			return branches(s);
		return plain ? plain_immediate(s) : modified_immediate(s);
	}
	if (!field(s, 26, 20, "op2", &op2))
		return false;
	if (op2 & 0x40)
		return unknown(s, "coprocessor or floating point");
	if (op1 == 1) {
		if (op2 & 0x20)
			return shifted_register(s);
		return op2 & 4 ? dual_exclusive(s) : multiple_32(s);
	}
	switch (op2 >> 3 & 7) {
	case 4:
	case 5:
		return data_register(s);
	case 6:
		return multiply(s);
	case 7:
		return long_multiply(s);
	default:
		return load_store_32(s);
	}
}

/* One step. */

void thumb2_init(struct thumb2 *m, struct model_env *env, term pc)
{
	term no = bool_const(env->tc, false);

	*m = (struct thumb2){
		.env = env, .pc = pc, .n = no, .z = no, .c = no, .v = no, .primask = no};
	for (unsigned i = 0; i < 15; i++)
		m->r[i] = bv_const(env->tc, 32, 0);
}

/* The first halfword says how long it is, A5.1. */
static bool fetch(struct step *s)
{
	struct model_env *env = s->m->env;
	term second;
	unsigned top;

	s->width = 16;
	s->insn = env->fetch(env, bv_zext(TC, 64, s->m->pc), 2);
	if (!s->insn || !field(s, 15, 11, "opcode", &top))
		return false;
	if (top >= 0x1d) {
		second = env->fetch(env, bv_zext(TC, 64, bv_add_c(TC, s->m->pc, 2)), 2);
		if (!second)
			return false;
		s->insn = bv_concat(TC, s->insn, second);
		s->width = 32;
	}
	s->next = bv_add_c(TC, s->m->pc, s->width / 8);
	return true;
}

/* Whether an IT block may not have the instruction at all, so that not even skipping it is known.
 */
static bool check_in_it(struct step *s)
{
	unsigned top, low;

	if (s->width == 32)
		return true;
	if (!field(s, 15, 8, "opcode", &top))
		return false;
	if (top == 0xbe || (top >= 0xd0 && top <= 0xde) || (top & 0xf5) == 0xb1)
		return unpredictable(s, "bkpt, b<cond> or cbz in an IT block");
	if (top != 0xbf)
		return true;
	return field(s, 3, 0, "mask", &low) && (low == 0 || unpredictable(s, "it in an IT block"));
}

/* ITAdvance(), A7.3.3 */
static unsigned advance(unsigned itstate)
{
	return (itstate & 7) == 0 ? 0 : (itstate & 0xe0) | (itstate << 1 & 0x1f);
}

static bool step(struct step *s)
{
	struct thumb2 *m = s->m;
	unsigned itstate = m->itstate;
	int passed = 1;

	if (!fetch(s))
		return false;
	if (s->in_it) {
		if (!check_in_it(s))
			return false;
		passed = model_branch(m->env, condition(s, itstate >> 4));
	}
	if (passed < 0 || (passed && !(s->width == 16 ? step_16(s) : step_32(s))))
		return false;
	if (s->in_it)
		m->itstate = advance(itstate);
	m->pc = s->next;
	return true;
}

bool thumb2_step(struct thumb2 *m)
{
	struct thumb2 before = *m;
	struct step s = {
		.m = m, .in_it = (m->itstate & 15) != 0, .last_in_it = (m->itstate & 15) == 8};

	if (step(&s))
		return true;
	*m = before;
	return false;
}
