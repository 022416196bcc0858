/* SPDX-License-Identifier: MIT */
/*
 * RISC-V: decode and meaning side by side. Names of fields and of their bits are the manual's.
 * Opcode, function and register fields must be constant; immediates may be any term. Results of
 * 32-bit operations on RV64 are sign-extended (chapter 5.2). Compressed instructions (chapter 16)
 * mean the base instruction that the manual expands them to.
 */
#include "prover/model/rv.h"

#define TC (rv->env->tc)

void rv_init(struct rv *rv, struct model_env *env, unsigned xlen, term pc)
{
	*rv = (struct rv){.env = env, .xlen = xlen, .compressed = true, .pc = pc};
	for (unsigned i = 0; i < 32; i++)
		rv->x[i] = bv_const(env->tc, xlen, 0);
}

static term constant(struct rv *rv, uint64_t value)
{
	return bv_const(TC, rv->xlen, value);
}

static void set(struct rv *rv, unsigned rd, term value)
{
	if (rd != 0)
		rv->x[rd] = value;
}

/* The low word of a register, and a word as a register has it. */
static term word(struct rv *rv, term value)
{
	return bv_trunc(TC, 32, value);
}

static term sext(struct rv *rv, term value)
{
	return bv_sext(TC, rv->xlen, value);
}

static term zext(struct rv *rv, term value)
{
	return bv_zext(TC, rv->xlen, value);
}

static term bits(struct rv *rv, term insn, unsigned hi, unsigned lo)
{
	return bv_extract(TC, hi, lo, insn);
}

/* Addresses in memory have 64 bits in every model. */
static term address_of(struct rv *rv, term value)
{
	return bv_zext(TC, 64, value);
}

static bool load(struct rv *rv, unsigned rd, term address, unsigned bytes, bool is_signed)
{
	term value = rv->env->load(rv->env, address_of(rv, address), bytes);

	if (!value)
		return false;
	set(rv, rd, is_signed ? sext(rv, value) : zext(rv, value));
	return true;
}

static bool store(struct rv *rv, term address, unsigned bytes, term value)
{
	return rv->env->store(
		rv->env, address_of(rv, address), bytes, bv_trunc(TC, 8 * bytes, value));
}

static void next(struct rv *rv, unsigned length)
{
	rv->pc = bv_add_c(TC, rv->pc, length);
}

/* Immediates of the base formats, chapter 2.3, sign-extended to xlen. */

static term imm_i(struct rv *rv, term insn)
{
	return sext(rv, bits(rv, insn, 31, 20));
}

static term imm_s(struct rv *rv, term insn)
{
	return sext(rv, bv_concat(TC, bits(rv, insn, 31, 25), bits(rv, insn, 11, 7)));
}

static term imm_b(struct rv *rv, term insn)
{
	const term parts[] = {bits(rv, insn, 31, 31), bits(rv, insn, 7, 7), bits(rv, insn, 30, 25),
		bits(rv, insn, 11, 8), bv_const(TC, 1, 0)};

	return sext(rv, bv_concat_n(TC, 5, parts));
}

static term imm_u(struct rv *rv, term insn)
{
	return sext(rv, bv_concat(TC, bits(rv, insn, 31, 12), bv_const(TC, 12, 0)));
}

static term imm_j(struct rv *rv, term insn)
{
	const term parts[] = {bits(rv, insn, 31, 31), bits(rv, insn, 19, 12),
		bits(rv, insn, 20, 20), bits(rv, insn, 30, 21), bv_const(TC, 1, 0)};

	return sext(rv, bv_concat_n(TC, 5, parts));
}

/* Integer operations of xlen bits or, with an `is_word`, of 32; chapters 2.4 and 5.2. */

static term shift_count(struct rv *rv, term count, unsigned width)
{
	return bv_and_c(TC, bv_trunc(TC, width, count), width - 1);
}

/* funct3 of OP and OP-IMM; `alternative` is bit 30: sub for add, sra for srl. NULL: no such
 * operation. */
static term integer(struct rv *rv, unsigned funct3, bool alternative, term a, term b)
{
	unsigned width = a->width;

	switch (funct3) {
	case 0: /* ADD, SUB */
		return alternative ? bv_sub(TC, a, b) : bv_add(TC, a, b);
	case 1: /* SLL */
		return alternative ? NULL : bv_shl(TC, a, shift_count(rv, b, width));
	case 2: /* SLT */
		return alternative ? NULL : bv_from_bool(TC, width, bv_slt(TC, a, b));
	case 3: /* SLTU */
		return alternative ? NULL : bv_from_bool(TC, width, bv_ult(TC, a, b));
	case 4: /* XOR */
		return alternative ? NULL : bv_xor(TC, a, b);
	case 5: /* SRL, SRA */
		return alternative ? bv_ashr(TC, a, shift_count(rv, b, width))
		                   : bv_lshr(TC, a, shift_count(rv, b, width));
	case 6: /* OR */
		return alternative ? NULL : bv_or(TC, a, b);
	default: /* AND */
		return alternative ? NULL : bv_and(TC, a, b);
	}
}

/* The high half of a product; each factor extended by its own signedness. */
static term multiply_high(struct rv *rv, term a, bool a_signed, term b, bool b_signed)
{
	unsigned width = a->width;
	term wide_a = a_signed ? bv_sext(TC, 2 * width, a) : bv_zext(TC, 2 * width, a);
	term wide_b = b_signed ? bv_sext(TC, 2 * width, b) : bv_zext(TC, 2 * width, b);

	return bv_extract(TC, 2 * width - 1, width, bv_mul(TC, wide_a, wide_b));
}

/*
 * M, chapter 7. Division by zero gives all ones and the dividend; overflow gives the dividend and
 * zero. SMT-LIB's udiv and urem are the same; its sdiv is not, by zero.
 */
static term muldiv(struct rv *rv, unsigned funct3, term a, term b)
{
	term zero = bv_const(TC, a->width, 0);

	switch (funct3) {
	case 0: /* MUL */
		return bv_mul(TC, a, b);
	case 1: /* MULH */
		return multiply_high(rv, a, true, b, true);
	case 2: /* MULHSU */
		return multiply_high(rv, a, true, b, false);
	case 3: /* MULHU */
		return multiply_high(rv, a, false, b, false);
	case 4: /* DIV */
		return term_ite(TC, term_eq(TC, b, zero), bv_not(TC, zero), bv_sdiv(TC, a, b));
	case 5: /* DIVU */
		return bv_udiv(TC, a, b);
	case 6: /* REM */
		return bv_srem(TC, a, b);
	default: /* REMU */
		return bv_urem(TC, a, b);
	}
}

/* Jumps and branches; a target that is not a multiple of 2 can't arise from a base encoding, but
 * from jalr it is cleared. */
static bool branch(struct rv *rv, term condition, term target, unsigned length)
{
	int taken = model_branch(rv->env, condition);

	if (taken < 0)
		return false;
	if (taken)
		rv->pc = target;
	else
		next(rv, length);
	return true;
}

/* funct3 of BRANCH, chapter 2.5. NULL: none. */
static term condition(struct rv *rv, unsigned funct3, term a, term b)
{
	switch (funct3) {
	case 0: /* BEQ */
		return term_eq(TC, a, b);
	case 1: /* BNE */
		return term_ne(TC, a, b);
	case 4: /* BLT */
		return bv_slt(TC, a, b);
	case 5: /* BGE */
		return bv_sle(TC, b, a);
	case 6: /* BLTU */
		return bv_ult(TC, a, b);
	case 7: /* BGEU */
		return bv_ule(TC, b, a);
	default:
		return NULL;
	}
}

/* A, chapter 8. Of one hart: what is between load and store of an AMO can't be seen. */
static term amo_result(struct rv *rv, unsigned funct5, term old, term operand)
{
	switch (funct5) {
	case 0x00: /* AMOADD */
		return bv_add(TC, old, operand);
	case 0x01: /* AMOSWAP */
		return operand;
	case 0x04: /* AMOXOR */
		return bv_xor(TC, old, operand);
	case 0x08: /* AMOOR */
		return bv_or(TC, old, operand);
	case 0x0c: /* AMOAND */
		return bv_and(TC, old, operand);
	case 0x10: /* AMOMIN */
		return term_ite(TC, bv_slt(TC, operand, old), operand, old);
	case 0x14: /* AMOMAX */
		return term_ite(TC, bv_slt(TC, old, operand), operand, old);
	case 0x18: /* AMOMINU */
		return term_ite(TC, bv_ult(TC, operand, old), operand, old);
	case 0x1c: /* AMOMAXU */
		return term_ite(TC, bv_ult(TC, old, operand), operand, old);
	default:
		return NULL;
	}
}

static bool load_reserved(struct rv *rv, unsigned rd, term address, unsigned bytes)
{
	if (!load(rv, rd, address, bytes, true))
		return false;
	rv->reservation = address;
	return true;
}

static bool store_conditional(struct rv *rv, unsigned rd, term address, unsigned bytes, term value)
{
	term holds =
		rv->reservation ? term_eq(TC, rv->reservation, address) : bool_const(TC, false);
	int stored;

	if (rv->sc_succeeds)
		holds = bool_and(TC, holds, rv->sc_succeeds(rv->env));
	stored = model_branch(rv->env, holds);
	if (stored < 0 || (stored && !store(rv, address, bytes, value)))
		return false;
	rv->reservation = NULL;
	set(rv, rd, constant(rv, !stored));
	return true;
}

static bool atomic(
	struct rv *rv, unsigned funct5, unsigned bytes, unsigned rd, unsigned rs1, unsigned rs2)
{
	term address = rv->x[rs1], operand = bv_trunc(TC, 8 * bytes, rv->x[rs2]), old, new;
	int aligned = model_branch(
		rv->env, term_eq(TC, bv_and_c(TC, address, bytes - 1), constant(rv, 0)));

	if (aligned < 0)
		return false;
	if (!aligned)
		return model_trap(rv->env, "misaligned atomic");
	if (funct5 == 0x02)
		return rs2 == 0 ? load_reserved(rv, rd, address, bytes)
		                : model_stop(rv->env, "lr with rs2 that is not 0");
	if (funct5 == 0x03)
		return store_conditional(rv, rd, address, bytes, operand);
	old = rv->env->load(rv->env, address_of(rv, address), bytes);
	if (!old)
		return false;
	new = amo_result(rv, funct5, old, operand);
	if (!new)
		return model_stop(rv->env, "atomic operation %u is not modelled", funct5);
	if (!rv->env->store(rv->env, address_of(rv, address), bytes, new))
		return false;
	set(rv, rd, sext(rv, old));
	return true;
}

/* Base instructions, by opcode (bits 6 to 0), chapter 24's table. */

static bool unknown(struct rv *rv, unsigned opcode, unsigned funct3)
{
	return model_stop(rv->env, "instruction with opcode 0x%02x, funct3 %u is not modelled",
		opcode, funct3);
}

/* OP-IMM and OP-IMM-32: shifts have their count in the low bits of the immediate and zeros or bit
 * 30 above it. */
static bool op_imm(
	struct rv *rv, term insn, unsigned funct3, unsigned rd, unsigned rs1, bool is_word)
{
	term a = is_word ? word(rv, rv->x[rs1]) : rv->x[rs1], b = imm_i(rv, insn), result;
	unsigned upper = 0, lowest = is_word || rv->xlen == 32 ? 25 : 26;

	if (funct3 == 1 || funct3 == 5) {
		if (!model_field(rv->env, insn, 31, lowest, "funct7", &upper))
			return false;
		upper <<= lowest - 25;
		if (upper != 0 && (upper != 0x20 || funct3 == 1))
			return unknown(rv, is_word ? 0x1b : 0x13, funct3);
		b = bv_zext(TC, rv->xlen, bits(rv, insn, lowest - 1, 20));
	} else if (is_word && funct3 != 0) {
		return unknown(rv, 0x1b, funct3);
	}
	result = integer(rv, funct3, upper == 0x20, a, is_word ? word(rv, b) : b);
	set(rv, rd, is_word ? sext(rv, result) : result);
	return true;
}

/* OP and OP-32 */
static bool op(struct rv *rv, unsigned funct3, unsigned funct7, unsigned rd, unsigned rs1,
	unsigned rs2, bool is_word)
{
	term a = rv->x[rs1], b = rv->x[rs2], result = NULL;

	if (is_word) {
		a = word(rv, a);
		b = word(rv, b);
	}
	if (funct7 == 1 && !(is_word && funct3 >= 1 && funct3 <= 3))
		result = muldiv(rv, funct3, a, b);
	else if ((funct7 == 0 || funct7 == 0x20) &&
		 !(is_word && funct3 != 0 && funct3 != 1 && funct3 != 5))
		result = integer(rv, funct3, funct7 == 0x20, a, b);
	if (!result)
		return unknown(rv, is_word ? 0x3b : 0x33, funct3);
	set(rv, rd, is_word ? sext(rv, result) : result);
	return true;
}

static bool load_insn(struct rv *rv, unsigned funct3, unsigned rd, term address)
{
	unsigned bytes = 1u << (funct3 & 3);
	bool is_signed = funct3 < 4;

	if (bytes > rv->xlen / 8 || funct3 == 7 || (!is_signed && bytes == rv->xlen / 8))
		return unknown(rv, 0x03, funct3);
	return load(rv, rd, address, bytes, is_signed);
}

static bool store_insn(struct rv *rv, unsigned funct3, term address, term value)
{
	if (funct3 > 3 || (1u << funct3) > rv->xlen / 8)
		return unknown(rv, 0x23, funct3);
	return store(rv, address, 1u << funct3, value);
}

static bool jalr(struct rv *rv, unsigned rd, term target, unsigned length)
{
	term link = bv_add_c(TC, rv->pc, length);

	rv->pc = bv_and_c(TC, target, ~(uint64_t)1);
	set(rv, rd, link);
	return true;
}

static bool step_32(struct rv *rv, term insn)
{
	unsigned opcode, rd = 0, funct3 = 0, rs1 = 0, rs2 = 0, funct7 = 0;
	bool wide, has_rd, has_rs2;

	if (!model_field(rv->env, insn, 6, 0, "opcode", &opcode))
		return false;
	wide = opcode == 0x37 || opcode == 0x17 || opcode == 0x6f; /* formats U and J */
	has_rd = opcode != 0x23 && opcode != 0x63;
	has_rs2 = opcode == 0x23 || opcode == 0x63 || opcode == 0x33 || opcode == 0x3b ||
	          opcode == 0x2f;
	if ((has_rd && !model_field(rv->env, insn, 11, 7, "rd", &rd)) ||
		(!wide && !model_field(rv->env, insn, 14, 12, "funct3", &funct3)) ||
		(!wide && !model_field(rv->env, insn, 19, 15, "rs1", &rs1)) ||
		(has_rs2 && !model_field(rv->env, insn, 24, 20, "rs2", &rs2)) ||
		((opcode == 0x33 || opcode == 0x3b || opcode == 0x2f) &&
			!model_field(rv->env, insn, 31, 25, "funct7", &funct7)))
		return false;
	if (rv->xlen == 32 && (opcode == 0x1b || opcode == 0x3b))
		return unknown(rv, opcode, funct3);
	switch (opcode) {
	case 0x37: /* LUI */
		set(rv, rd, imm_u(rv, insn));
		break;
	case 0x17: /* AUIPC */
		set(rv, rd, bv_add(TC, rv->pc, imm_u(rv, insn)));
		break;
	case 0x6f: { /* JAL */
		term target = bv_add(TC, rv->pc, imm_j(rv, insn));

		set(rv, rd, bv_add_c(TC, rv->pc, 4));
		rv->pc = target;
		return true;
	}
	case 0x67: /* JALR */
		return funct3 == 0 ? jalr(rv, rd, bv_add(TC, rv->x[rs1], imm_i(rv, insn)), 4)
		                   : unknown(rv, opcode, funct3);
	case 0x63: { /* BRANCH */
		term taken = condition(rv, funct3, rv->x[rs1], rv->x[rs2]);

		return taken ? branch(rv, taken, bv_add(TC, rv->pc, imm_b(rv, insn)), 4)
		             : unknown(rv, opcode, funct3);
	}
	case 0x03: /* LOAD */
		if (!load_insn(rv, funct3, rd, bv_add(TC, rv->x[rs1], imm_i(rv, insn))))
			return false;
		break;
	case 0x23: /* STORE */
		if (!store_insn(rv, funct3, bv_add(TC, rv->x[rs1], imm_s(rv, insn)), rv->x[rs2]))
			return false;
		break;
	case 0x13: /* OP-IMM */
	case 0x1b: /* OP-IMM-32 */
		if (!op_imm(rv, insn, funct3, rd, rs1, opcode == 0x1b))
			return false;
		break;
	case 0x33: /* OP */
	case 0x3b: /* OP-32 */
		if (!op(rv, funct3, funct7, rd, rs1, rs2, opcode == 0x3b))
			return false;
		break;
	case 0x2f: /* AMO; aq and rl order what other harts see */
		if ((funct3 != 2 && funct3 != 3) || (1u << funct3) > rv->xlen / 8)
			return unknown(rv, opcode, funct3);
		if (!atomic(rv, funct7 >> 2, 1u << funct3, rd, rs1, rs2))
			return false;
		break;
	case 0x0f: /* MISC-MEM: FENCE orders what other harts see; FENCE.I is not modelled */
		if (funct3 != 0)
			return unknown(rv, opcode, funct3);
		break;
	default:
		return unknown(rv, opcode, funct3);
	}
	next(rv, 4);
	return true;
}

/* Compressed instructions, chapter 16.8's tables: quadrants by bits 1 and 0, then funct3, bits 15
 * to 13. */

static term zeros(struct rv *rv, unsigned n)
{
	return bv_const(TC, n, 0);
}

/* Unsigned offsets, scaled, put together from their bits. */

static term c_uimm_lw(struct rv *rv, term insn) /* 5:3|2|6 */
{
	const term parts[] = {
		bits(rv, insn, 5, 5), bits(rv, insn, 12, 10), bits(rv, insn, 6, 6), zeros(rv, 2)};

	return zext(rv, bv_concat_n(TC, 4, parts));
}

static term c_uimm_ld(struct rv *rv, term insn) /* 5:3|7:6 */
{
	const term parts[] = {bits(rv, insn, 6, 5), bits(rv, insn, 12, 10), zeros(rv, 3)};

	return zext(rv, bv_concat_n(TC, 3, parts));
}

static term c_uimm_lwsp(struct rv *rv, term insn) /* 5|4:2|7:6 */
{
	const term parts[] = {
		bits(rv, insn, 3, 2), bits(rv, insn, 12, 12), bits(rv, insn, 6, 4), zeros(rv, 2)};

	return zext(rv, bv_concat_n(TC, 4, parts));
}

static term c_uimm_ldsp(struct rv *rv, term insn) /* 5|4:3|8:6 */
{
	const term parts[] = {
		bits(rv, insn, 4, 2), bits(rv, insn, 12, 12), bits(rv, insn, 6, 5), zeros(rv, 3)};

	return zext(rv, bv_concat_n(TC, 4, parts));
}

static term c_uimm_swsp(struct rv *rv, term insn) /* 5:2|7:6 */
{
	const term parts[] = {bits(rv, insn, 8, 7), bits(rv, insn, 12, 9), zeros(rv, 2)};

	return zext(rv, bv_concat_n(TC, 3, parts));
}

static term c_uimm_sdsp(struct rv *rv, term insn) /* 5:3|8:6 */
{
	const term parts[] = {bits(rv, insn, 9, 7), bits(rv, insn, 12, 10), zeros(rv, 3)};

	return zext(rv, bv_concat_n(TC, 3, parts));
}

static term c_uimm_addi4spn(struct rv *rv, term insn) /* 5:4|9:6|2|3 */
{
	const term parts[] = {bits(rv, insn, 10, 7), bits(rv, insn, 12, 11), bits(rv, insn, 5, 5),
		bits(rv, insn, 6, 6), zeros(rv, 2)};

	return zext(rv, bv_concat_n(TC, 5, parts));
}

/* Signed immediates. */

static term c_imm6(struct rv *rv, term insn) /* 5|4:0 */
{
	return sext(rv, bv_concat(TC, bits(rv, insn, 12, 12), bits(rv, insn, 6, 2)));
}

static term c_imm_addi16sp(struct rv *rv, term insn) /* 9|4|6|8:7|5 */
{
	const term parts[] = {bits(rv, insn, 12, 12), bits(rv, insn, 4, 3), bits(rv, insn, 5, 5),
		bits(rv, insn, 2, 2), bits(rv, insn, 6, 6), zeros(rv, 4)};

	return sext(rv, bv_concat_n(TC, 6, parts));
}

static term c_imm_j(struct rv *rv, term insn) /* 11|4|9:8|10|6|7|3:1|5 */
{
	const term parts[] = {bits(rv, insn, 12, 12), bits(rv, insn, 8, 8), bits(rv, insn, 10, 9),
		bits(rv, insn, 6, 6), bits(rv, insn, 7, 7), bits(rv, insn, 2, 2),
		bits(rv, insn, 11, 11), bits(rv, insn, 5, 3), zeros(rv, 1)};

	return sext(rv, bv_concat_n(TC, 9, parts));
}

static term c_imm_b(struct rv *rv, term insn) /* 8|4:3 … 7:6|2:1|5 */
{
	const term parts[] = {bits(rv, insn, 12, 12), bits(rv, insn, 6, 5), bits(rv, insn, 2, 2),
		bits(rv, insn, 11, 10), bits(rv, insn, 4, 3), zeros(rv, 1)};

	return sext(rv, bv_concat_n(TC, 6, parts));
}

static bool c_unknown(struct rv *rv, unsigned quadrant, unsigned funct3)
{
	return model_stop(rv->env,
		"compressed instruction of quadrant %u, funct3 %u is not modelled", quadrant,
		funct3);
}

/* True if the path says that a field, which is a hint or reserved when zero, is not zero. */
static bool not_zero(struct rv *rv, term field, unsigned quadrant, unsigned funct3)
{
	int zero = model_branch(rv->env, term_eq(TC, field, bv_const(TC, field->width, 0)));

	return zero == 0 || (zero > 0 && c_unknown(rv, quadrant, funct3));
}

/* Quadrant 0: loads and stores of x8 to x15 (rd' in bits 4 to 2, rs1' in bits 9 to 7). */
static bool step_c0(struct rv *rv, term insn, unsigned funct3)
{
	unsigned rd, rs1;
	bool ok;

	if (!model_field(rv->env, insn, 4, 2, "rd'", &rd))
		return false;
	rd += 8;
	if (funct3 == 0) { /* C.ADDI4SPN */
		term offset = c_uimm_addi4spn(rv, insn);

		if (!not_zero(rv, offset, 0, 0))
			return false;
		set(rv, rd, bv_add(TC, rv->x[2], offset));
		next(rv, 2);
		return true;
	}
	if (!model_field(rv->env, insn, 9, 7, "rs1'", &rs1))
		return false;
	rs1 += 8;
	switch (funct3) {
	case 2: /* C.LW */
		ok = load(rv, rd, bv_add(TC, rv->x[rs1], c_uimm_lw(rv, insn)), 4, true);
		break;
	case 3: /* C.LD */
		ok = rv->xlen == 64
		             ? load(rv, rd, bv_add(TC, rv->x[rs1], c_uimm_ld(rv, insn)), 8, true)
		             : c_unknown(rv, 0, funct3);
		break;
	case 6: /* C.SW */
		ok = store(rv, bv_add(TC, rv->x[rs1], c_uimm_lw(rv, insn)), 4, rv->x[rd]);
		break;
	case 7: /* C.SD */
		ok = rv->xlen == 64
		             ? store(rv, bv_add(TC, rv->x[rs1], c_uimm_ld(rv, insn)), 8, rv->x[rd])
		             : c_unknown(rv, 0, funct3);
		break;
	default:
		ok = c_unknown(rv, 0, funct3);
		break;
	}
	if (ok)
		next(rv, 2);
	return ok;
}

/* C.SRLI, C.SRAI, C.ANDI, and the operations of two registers. */
static bool misc_alu(struct rv *rv, term insn)
{
	unsigned rd, rs2, funct2, upper, low;
	term count, result = NULL;

	if (!model_field(rv->env, insn, 9, 7, "rd'", &rd) ||
		!model_field(rv->env, insn, 11, 10, "funct2", &funct2))
		return false;
	rd += 8;
	if (funct2 < 2) {
		count = zext(rv, bv_concat(TC, bits(rv, insn, 12, 12), bits(rv, insn, 6, 2)));
		if (rv->xlen == 32 &&
			(!model_field(rv->env, insn, 12, 12, "shamt[5]", &upper) || upper != 0))
			return c_unknown(rv, 1, 4);
		result = funct2 ? bv_ashr(TC, rv->x[rd], count) : bv_lshr(TC, rv->x[rd], count);
	} else if (funct2 == 2) {
		result = bv_and(TC, rv->x[rd], c_imm6(rv, insn));
	} else {
		if (!model_field(rv->env, insn, 4, 2, "rs2'", &rs2) ||
			!model_field(rv->env, insn, 12, 12, "bit 12", &upper) ||
			!model_field(rv->env, insn, 6, 5, "funct2", &low))
			return false;
		rs2 += 8;
		switch (upper << 2 | low) {
		case 0: /* C.SUB */
			result = bv_sub(TC, rv->x[rd], rv->x[rs2]);
			break;
		case 1: /* C.XOR */
			result = bv_xor(TC, rv->x[rd], rv->x[rs2]);
			break;
		case 2: /* C.OR */
			result = bv_or(TC, rv->x[rd], rv->x[rs2]);
			break;
		case 3: /* C.AND */
			result = bv_and(TC, rv->x[rd], rv->x[rs2]);
			break;
		case 4: /* C.SUBW */
			if (rv->xlen == 64)
				result = sext(
					rv, bv_sub(TC, word(rv, rv->x[rd]), word(rv, rv->x[rs2])));
			break;
		case 5: /* C.ADDW */
			if (rv->xlen == 64)
				result = sext(
					rv, bv_add(TC, word(rv, rv->x[rd]), word(rv, rv->x[rs2])));
			break;
		default:
			break;
		}
	}
	if (!result)
		return c_unknown(rv, 1, 4);
	set(rv, rd, result);
	next(rv, 2);
	return true;
}

/* Quadrant 1 */
static bool step_c1(struct rv *rv, term insn, unsigned funct3)
{
	unsigned rd, rs1;
	term link;

	switch (funct3) {
	case 0: /* C.ADDI, C.NOP */
		if (!model_field(rv->env, insn, 11, 7, "rd", &rd))
			return false;
		set(rv, rd, bv_add(TC, rv->x[rd], c_imm6(rv, insn)));
		break;
	case 1: /* C.ADDIW; on RV32 C.JAL */
		if (rv->xlen == 32) {
			link = bv_add_c(TC, rv->pc, 2);
			rv->pc = bv_add(TC, rv->pc, c_imm_j(rv, insn));
			set(rv, 1, link);
			return true;
		}
		if (!model_field(rv->env, insn, 11, 7, "rd", &rd))
			return false;
		if (rd == 0)
			return c_unknown(rv, 1, funct3);
		set(rv, rd, sext(rv, bv_add(TC, word(rv, rv->x[rd]), word(rv, c_imm6(rv, insn)))));
		break;
	case 2: /* C.LI */
		if (!model_field(rv->env, insn, 11, 7, "rd", &rd))
			return false;
		set(rv, rd, c_imm6(rv, insn));
		break;
	case 3: /* C.ADDI16SP, C.LUI */
		if (!model_field(rv->env, insn, 11, 7, "rd", &rd) ||
			!not_zero(rv, bv_concat(TC, bits(rv, insn, 12, 12), bits(rv, insn, 6, 2)),
				1, funct3))
			return false;
		if (rd == 2)
			set(rv, 2, bv_add(TC, rv->x[2], c_imm_addi16sp(rv, insn)));
		else
			set(rv, rd, bv_shl_c(TC, c_imm6(rv, insn), 12));
		break;
	case 4:
		return misc_alu(rv, insn);
	case 5: /* C.J */
		rv->pc = bv_add(TC, rv->pc, c_imm_j(rv, insn));
		return true;
	default: /* C.BEQZ, C.BNEZ */
		if (!model_field(rv->env, insn, 9, 7, "rs1'", &rs1))
			return false;
		return branch(rv, condition(rv, funct3 - 6, rv->x[rs1 + 8], constant(rv, 0)),
			bv_add(TC, rv->pc, c_imm_b(rv, insn)), 2);
	}
	next(rv, 2);
	return true;
}

/* C.JR, C.MV, C.JALR, C.ADD; C.EBREAK is not modelled. */
static bool c_register(struct rv *rv, term insn)
{
	unsigned rd, rs2, bit12;

	if (!model_field(rv->env, insn, 11, 7, "rd", &rd) ||
		!model_field(rv->env, insn, 6, 2, "rs2", &rs2) ||
		!model_field(rv->env, insn, 12, 12, "bit 12", &bit12))
		return false;
	if (rs2 == 0)
		return rd == 0 ? c_unknown(rv, 2, 4) : jalr(rv, bit12, rv->x[rd], 2);
	set(rv, rd, bit12 ? bv_add(TC, rv->x[rd], rv->x[rs2]) : rv->x[rs2]);
	next(rv, 2);
	return true;
}

/* Quadrant 2: relative to sp, and whole registers. */
static bool step_c2(struct rv *rv, term insn, unsigned funct3)
{
	unsigned rd = 0, rs2 = 0, upper;
	bool ok;

	if (funct3 == 4)
		return c_register(rv, insn);
	if (funct3 < 4 ? !model_field(rv->env, insn, 11, 7, "rd", &rd)
		       : !model_field(rv->env, insn, 6, 2, "rs2", &rs2))
		return false;
	switch (funct3) {
	case 0: /* C.SLLI */
		if (rv->xlen == 32 &&
			(!model_field(rv->env, insn, 12, 12, "shamt[5]", &upper) || upper != 0))
			return c_unknown(rv, 2, funct3);
		set(rv, rd,
			bv_shl(TC, rv->x[rd],
				zext(rv, bv_concat(TC, bits(rv, insn, 12, 12),
						 bits(rv, insn, 6, 2)))));
		ok = true;
		break;
	case 2: /* C.LWSP */
		ok = rd != 0 ? load(rv, rd, bv_add(TC, rv->x[2], c_uimm_lwsp(rv, insn)), 4, true)
		             : c_unknown(rv, 2, funct3);
		break;
	case 3: /* C.LDSP */
		ok = rd != 0 && rv->xlen == 64
		             ? load(rv, rd, bv_add(TC, rv->x[2], c_uimm_ldsp(rv, insn)), 8, true)
		             : c_unknown(rv, 2, funct3);
		break;
	case 6: /* C.SWSP */
		ok = store(rv, bv_add(TC, rv->x[2], c_uimm_swsp(rv, insn)), 4, rv->x[rs2]);
		break;
	case 7: /* C.SDSP */
		ok = rv->xlen == 64
		             ? store(rv, bv_add(TC, rv->x[2], c_uimm_sdsp(rv, insn)), 8, rv->x[rs2])
		             : c_unknown(rv, 2, funct3);
		break;
	default:
		ok = c_unknown(rv, 2, funct3);
		break;
	}
	if (ok)
		next(rv, 2);
	return ok;
}

/* Without C, instructions are 4 bytes at multiples of 4 (chapter 1.5). The manual has the jump trap
 * that leads elsewhere; here it is where it leads to. */
static bool is_aligned(struct rv *rv)
{
	return term_is_value(bits(rv, rv->pc, 1, 0), 0) ||
	       model_trap(rv->env, "an instruction at an address that is no multiple of 4");
}

bool rv_step(struct rv *rv)
{
	term half, insn;
	unsigned quadrant, funct3;

	if (!rv->compressed && !is_aligned(rv))
		return false;
	half = rv->env->fetch(rv->env, address_of(rv, rv->pc), 2);
	if (!half || !model_field(rv->env, half, 1, 0, "length", &quadrant))
		return false;
	if (quadrant == 3) {
		insn = rv->env->fetch(rv->env, address_of(rv, rv->pc), 4);
		return insn && step_32(rv, insn);
	}
	if (!rv->compressed)
		return model_trap(rv->env, "a compressed instruction on a machine that has none");
	if (!model_field(rv->env, half, 15, 13, "funct3", &funct3))
		return false;
	switch (quadrant) {
	case 0:
		return step_c0(rv, half, funct3);
	case 1:
		return step_c1(rv, half, funct3);
	default:
		return step_c2(rv, half, funct3);
	}
}
