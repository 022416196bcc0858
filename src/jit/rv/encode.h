/* SPDX-License-Identifier: MIT */
/*
 * RISC-V machine code that RV32 and RV64 share, IMAC: one function for each instruction that the
 * emitters use, named as in the ISA manual (volume I, "RV32/64G Instruction Set Listings" and "C"
 * Standard Extension), on one function for each format. They only put fields together: what a field
 * can't hold is cut off. Immediates are in bytes, as in assembly. What only one of the two has is
 * in its own encode.h.
 *
 * The last part chooses: emit_addi() writes c.addi where the target has it and the operands fit,
 * addi otherwise. Only this part knows which instructions have a short form.
 */
#ifndef VOUCH_RV_ENCODE_H
#define VOUCH_RV_ENCODE_H

#include "jit/jit.h"

/* clang-format off */
enum { ZERO, RA, SP, GP, TP, T0, T1, T2, S0, S1, A0, A1, A2, A3, A4, A5, A6, A7,
	S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, T3, T4, T5, T6 };
/* clang-format on */

/* Bits high to low of a value, moved down to bit 0. */
static inline uint32_t rv_bits(int32_t value, unsigned high, unsigned low)
{
	return (uint32_t)value >> low & ((2u << (high - low)) - 1);
}

/* Formats of 32 bits */

static inline uint32_t rv_r(
	unsigned funct7, unsigned rs2, unsigned rs1, unsigned funct3, unsigned rd, unsigned opcode)
{
	return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

static inline uint32_t rv_i(
	int32_t imm, unsigned rs1, unsigned funct3, unsigned rd, unsigned opcode)
{
	return rv_bits(imm, 11, 0) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

static inline uint32_t rv_s(
	int32_t imm, unsigned rs2, unsigned rs1, unsigned funct3, unsigned opcode)
{
	return rv_bits(imm, 11, 5) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 |
	       rv_bits(imm, 4, 0) << 7 | opcode;
}

static inline uint32_t rv_b(
	int32_t imm, unsigned rs2, unsigned rs1, unsigned funct3, unsigned opcode)
{
	return rv_bits(imm, 12, 12) << 31 | rv_bits(imm, 10, 5) << 25 | rs2 << 20 | rs1 << 15 |
	       funct3 << 12 | rv_bits(imm, 4, 1) << 8 | rv_bits(imm, 11, 11) << 7 | opcode;
}

/* imm20: what the instruction adds, shifted right by 12. */
static inline uint32_t rv_u(int32_t imm20, unsigned rd, unsigned opcode)
{
	return rv_bits(imm20, 19, 0) << 12 | rd << 7 | opcode;
}

static inline uint32_t rv_j(int32_t imm, unsigned rd, unsigned opcode)
{
	return rv_bits(imm, 20, 20) << 31 | rv_bits(imm, 10, 1) << 21 | rv_bits(imm, 11, 11) << 20 |
	       rv_bits(imm, 19, 12) << 12 | rd << 7 | opcode;
}

/* Atomics are R with the ordering bits where funct7 ends. */
enum { RELAXED, RL, AQ, AQRL };

static inline uint32_t rv_amo(
	unsigned funct5, unsigned order, unsigned rs2, unsigned rs1, unsigned funct3, unsigned rd)
{
	return rv_r(funct5 << 2 | order, rs2, rs1, funct3, rd, 0x2f);
}

/* Base. Loads and stores: rd or rs2, then base and displacement. */

#define RV_R(name, funct7, funct3, opcode)                                        \
	static inline uint32_t rv_##name(unsigned rd, unsigned rs1, unsigned rs2) \
	{                                                                         \
		return rv_r(funct7, rs2, rs1, funct3, rd, opcode);                \
	}
#define RV_I(name, funct3, opcode)                                               \
	static inline uint32_t rv_##name(unsigned rd, unsigned rs1, int32_t imm) \
	{                                                                        \
		return rv_i(imm, rs1, funct3, rd, opcode);                       \
	}
#define RV_SHIFT(name, funct7, funct3, opcode)                                          \
	static inline uint32_t rv_##name(unsigned rd, unsigned rs1, unsigned shamt)     \
	{                                                                               \
		return rv_i((int32_t)((funct7) << 5 | shamt), rs1, funct3, rd, opcode); \
	}
#define RV_S(name, funct3)                                                        \
	static inline uint32_t rv_##name(unsigned rs2, unsigned rs1, int32_t imm) \
	{                                                                         \
		return rv_s(imm, rs2, rs1, funct3, 0x23);                         \
	}
#define RV_U(name, opcode)                                           \
	static inline uint32_t rv_##name(unsigned rd, int32_t imm20) \
	{                                                            \
		return rv_u(imm20, rd, opcode);                      \
	}

static inline uint32_t rv_jal(unsigned rd, int32_t distance)
{
	return rv_j(distance, rd, 0x6f);
}

/* beq, bne, blt, bge, bltu, bgeu by their funct3; flipping bit 0 inverts the condition. */
enum { BEQ = 0, BNE = 1, BLT = 4, BGE = 5, BLTU = 6, BGEU = 7 };

static inline uint32_t rv_branch(unsigned condition, unsigned rs1, unsigned rs2, int32_t distance)
{
	return rv_b(distance, rs2, rs1, condition, 0x63);
}

/* clang-format off */
RV_U(lui,   0x37)
RV_U(auipc, 0x17)
RV_I(jalr,  0, 0x67)

RV_I(lb,    0, 0x03)
RV_I(lh,    1, 0x03)
RV_I(lw,    2, 0x03)
RV_I(lbu,   4, 0x03)
RV_I(lhu,   5, 0x03)
RV_S(sb,    0)
RV_S(sh,    1)
RV_S(sw,    2)

RV_I(addi,  0, 0x13)
RV_I(sltiu, 3, 0x13)
RV_I(xori,  4, 0x13)
RV_I(ori,   6, 0x13)
RV_I(andi,  7, 0x13)
RV_SHIFT(slli,  0x00, 1, 0x13)
RV_SHIFT(srli,  0x00, 5, 0x13)
RV_SHIFT(srai,  0x20, 5, 0x13)

RV_R(add,  0x00, 0, 0x33)
RV_R(sub,  0x20, 0, 0x33)
RV_R(sll,  0x00, 1, 0x33)
RV_R(sltu, 0x00, 3, 0x33)
RV_R(xor,  0x00, 4, 0x33)
RV_R(srl,  0x00, 5, 0x33)
RV_R(sra,  0x20, 5, 0x33)
RV_R(or,   0x00, 6, 0x33)
RV_R(and,  0x00, 7, 0x33)

/* M */

RV_R(mul,   0x01, 0, 0x33)
RV_R(mulhu, 0x01, 3, 0x33)
RV_R(div,   0x01, 4, 0x33)
RV_R(divu,  0x01, 5, 0x33)
RV_R(rem,   0x01, 6, 0x33)
RV_R(remu,  0x01, 7, 0x33)
/* clang-format on */

/* A. `width` is funct3: AMO_W or AMO_D. */

enum { AMO_W = 2, AMO_D = 3 };

static inline uint32_t rv_lr(unsigned width, unsigned order, unsigned rd, unsigned rs1)
{
	return rv_amo(0x02, order, 0, rs1, width, rd);
}

#define RV_AMO(name, funct5)                                                             \
	static inline uint32_t rv_##name(                                                \
		unsigned width, unsigned order, unsigned rd, unsigned rs2, unsigned rs1) \
	{                                                                                \
		return rv_amo(funct5, order, rs2, rs1, width, rd);                       \
	}

/* clang-format off */
RV_AMO(amoadd,  0x00)
RV_AMO(amoswap, 0x01)
RV_AMO(sc,      0x03)
RV_AMO(amoxor,  0x04)
RV_AMO(amoor,   0x08)
RV_AMO(amoand,  0x0c)
/* clang-format on */

/* Formats of 16 bits. Primed registers are x8 to x15, in three bits. */

static inline uint32_t rv_cr(unsigned funct4, unsigned rd, unsigned rs2, unsigned op)
{
	return funct4 << 12 | rd << 7 | rs2 << 2 | op;
}

/* imm bits 5 and 4:0, in whatever meaning they have. */
static inline uint32_t rv_ci(unsigned funct3, uint32_t imm6, unsigned rd, unsigned op)
{
	return funct3 << 13 | (imm6 >> 5 & 1) << 12 | rd << 7 | (imm6 & 31) << 2 | op;
}

static inline uint32_t rv_css(unsigned funct3, uint32_t imm6, unsigned rs2, unsigned op)
{
	return funct3 << 13 | (imm6 & 63) << 7 | rs2 << 2 | op;
}

/* CL and CS: a register of either role, base, and five bits of displacement. */
static inline uint32_t rv_cl(unsigned funct3, uint32_t imm5, unsigned rs1, unsigned rd, unsigned op)
{
	return funct3 << 13 | (imm5 >> 2 & 7) << 10 | (rs1 & 7) << 7 | (imm5 & 3) << 5 |
	       (rd & 7) << 2 | op;
}

static inline uint32_t rv_ca(unsigned funct6, unsigned rd, unsigned funct2, unsigned rs2)
{
	return funct6 << 10 | (rd & 7) << 7 | funct2 << 5 | (rs2 & 7) << 2 | 1;
}

/* c.srli, c.srai, c.andi */
static inline uint32_t rv_cb_alu(unsigned funct2, uint32_t imm6, unsigned rd)
{
	return 4u << 13 | (imm6 >> 5 & 1) << 12 | funct2 << 10 | (rd & 7) << 7 | (imm6 & 31) << 2 |
	       1;
}

static inline uint32_t rv_cb(unsigned funct3, int32_t distance, unsigned rs1)
{
	return funct3 << 13 | rv_bits(distance, 8, 8) << 12 | rv_bits(distance, 4, 3) << 10 |
	       (rs1 & 7) << 7 | rv_bits(distance, 7, 6) << 5 | rv_bits(distance, 2, 1) << 3 |
	       rv_bits(distance, 5, 5) << 2 | 1;
}

static inline uint32_t rv_cj(unsigned funct3, int32_t distance)
{
	return funct3 << 13 | rv_bits(distance, 11, 11) << 12 | rv_bits(distance, 4, 4) << 11 |
	       rv_bits(distance, 9, 8) << 9 | rv_bits(distance, 10, 10) << 8 |
	       rv_bits(distance, 6, 6) << 7 | rv_bits(distance, 7, 7) << 6 |
	       rv_bits(distance, 3, 1) << 3 | rv_bits(distance, 5, 5) << 2 | 1;
}

/* C */

static inline uint32_t rv_c_lw(unsigned rd, unsigned rs1, int32_t imm)
{
	return rv_cl(2, rv_bits(imm, 5, 3) << 2 | rv_bits(imm, 2, 2) << 1 | rv_bits(imm, 6, 6), rs1,
		rd, 0);
}

static inline uint32_t rv_c_sw(unsigned rs2, unsigned rs1, int32_t imm)
{
	return rv_cl(6, rv_bits(imm, 5, 3) << 2 | rv_bits(imm, 2, 2) << 1 | rv_bits(imm, 6, 6), rs1,
		rs2, 0);
}

static inline uint32_t rv_c_addi(unsigned rd, int32_t imm)
{
	return rv_ci(0, (uint32_t)imm, rd, 1);
}

static inline uint32_t rv_c_li(unsigned rd, int32_t imm)
{
	return rv_ci(2, (uint32_t)imm, rd, 1);
}

static inline uint32_t rv_c_lui(unsigned rd, int32_t imm20)
{
	return rv_ci(3, (uint32_t)imm20, rd, 1);
}

static inline uint32_t rv_c_srli(unsigned rd, unsigned shamt)
{
	return rv_cb_alu(0, shamt, rd);
}

static inline uint32_t rv_c_srai(unsigned rd, unsigned shamt)
{
	return rv_cb_alu(1, shamt, rd);
}

static inline uint32_t rv_c_andi(unsigned rd, int32_t imm)
{
	return rv_cb_alu(2, (uint32_t)imm, rd);
}

static inline uint32_t rv_c_sub(unsigned rd, unsigned rs2)
{
	return rv_ca(0x23, rd, 0, rs2);
}

static inline uint32_t rv_c_xor(unsigned rd, unsigned rs2)
{
	return rv_ca(0x23, rd, 1, rs2);
}

static inline uint32_t rv_c_or(unsigned rd, unsigned rs2)
{
	return rv_ca(0x23, rd, 2, rs2);
}

static inline uint32_t rv_c_and(unsigned rd, unsigned rs2)
{
	return rv_ca(0x23, rd, 3, rs2);
}

static inline uint32_t rv_c_j(int32_t distance)
{
	return rv_cj(5, distance);
}

/* c.beqz and c.bnez by the funct3 of beq and bne. */
static inline uint32_t rv_c_branch_zero(unsigned condition, unsigned rs1, int32_t distance)
{
	return rv_cb(6 | condition, distance, rs1);
}

static inline uint32_t rv_c_slli(unsigned rd, unsigned shamt)
{
	return rv_ci(0, shamt, rd, 2);
}

static inline uint32_t rv_c_lwsp(unsigned rd, int32_t imm)
{
	return rv_ci(2, rv_bits(imm, 5, 2) << 2 | rv_bits(imm, 7, 6), rd, 2);
}

static inline uint32_t rv_c_swsp(unsigned rs2, int32_t imm)
{
	return rv_css(6, rv_bits(imm, 5, 2) << 2 | rv_bits(imm, 7, 6), rs2, 2);
}

static inline uint32_t rv_c_jr(unsigned rs1)
{
	return rv_cr(8, rs1, 0, 2);
}

static inline uint32_t rv_c_jalr(unsigned rs1)
{
	return rv_cr(9, rs1, 0, 2);
}

static inline uint32_t rv_c_mv(unsigned rd, unsigned rs2)
{
	return rv_cr(8, rd, rs2, 2);
}

static inline uint32_t rv_c_add(unsigned rd, unsigned rs2)
{
	return rv_cr(9, rd, rs2, 2);
}

/* Choosing. In all of these rd is not x0: some short forms with x0 mean something else. */

static inline void emit32(struct jit *jit, uint32_t code)
{
	jit_bytes(jit, code, 4);
}

static inline void emit_either(struct jit *jit, bool is_short, uint32_t short_code, uint32_t code)
{
	if ((jit->features & VOUCH_RV_COMPRESSED) && is_short)
		jit_bytes(jit, short_code, 2);
	else
		jit_bytes(jit, code, 4);
}

/* True if value is a signed number of so many bits, fewer than 32. */
static inline bool rv_fits(int32_t value, unsigned bits)
{
	return (uint32_t)value + (1u << (bits - 1)) < 1u << bits;
}

/* True if value is a multiple of 1 << lg that takes `bits` bits, unsigned: a short form's
 * displacement. */
static inline bool rv_fits_scaled(int32_t value, unsigned bits, unsigned lg)
{
	return ((uint32_t)value & ~(((1u << bits) - 1) & ~((1u << lg) - 1))) == 0;
}

/* x8 to x15, which all short forms can name. */
static inline bool rv_is_primed(unsigned reg)
{
	return reg >> 3 == 1;
}

/* rd = rd op rs2, both of them primed. */
static inline bool rv_is_ca(unsigned rd, unsigned rs1, unsigned rs2)
{
	return rd == rs1 && rv_is_primed(rd) && rv_is_primed(rs2);
}

static inline void emit_mv(struct jit *jit, unsigned rd, unsigned rs)
{
	emit_either(jit, rs != ZERO, rv_c_mv(rd, rs), rv_addi(rd, rs, 0));
}

static inline void emit_addi(struct jit *jit, unsigned rd, unsigned rs1, int32_t imm)
{
	bool is_short = rd == rs1 && rv_fits(imm, 6);

	if (rs1 == ZERO)
		emit_either(jit, rv_fits(imm, 6), rv_c_li(rd, imm), rv_addi(rd, rs1, imm));
	else if ((jit->features & VOUCH_RV_COMPRESSED) && imm == 0)
		emit_mv(jit, rd, rs1);
	else
		emit_either(jit, is_short, rv_c_addi(rd, imm), rv_addi(rd, rs1, imm));
}

static inline void emit_andi(struct jit *jit, unsigned rd, unsigned rs1, int32_t imm)
{
	emit_either(jit, rv_is_ca(rd, rs1, rd) && rv_fits(imm, 6), rv_c_andi(rd, imm),
		rv_andi(rd, rs1, imm));
}

/* rd is not sp either. */
static inline void emit_lui(struct jit *jit, unsigned rd, int32_t imm20)
{
	emit_either(jit, imm20 != 0 && rv_fits(imm20, 6), rv_c_lui(rd, imm20), rv_lui(rd, imm20));
}

static inline void emit_slli(struct jit *jit, unsigned rd, unsigned rs1, unsigned shamt)
{
	emit_either(jit, rd == rs1 && shamt != 0, rv_c_slli(rd, shamt), rv_slli(rd, rs1, shamt));
}

static inline void emit_srli(struct jit *jit, unsigned rd, unsigned rs1, unsigned shamt)
{
	emit_either(jit, rv_is_ca(rd, rs1, rd) && shamt != 0, rv_c_srli(rd, shamt),
		rv_srli(rd, rs1, shamt));
}

static inline void emit_srai(struct jit *jit, unsigned rd, unsigned rs1, unsigned shamt)
{
	emit_either(jit, rv_is_ca(rd, rs1, rd) && shamt != 0, rv_c_srai(rd, shamt),
		rv_srai(rd, rs1, shamt));
}

static inline void emit_add(struct jit *jit, unsigned rd, unsigned rs1, unsigned rs2)
{
	emit_either(jit, rd == rs1 && rs2 != ZERO, rv_c_add(rd, rs2), rv_add(rd, rs1, rs2));
}

static inline void emit_sub(struct jit *jit, unsigned rd, unsigned rs1, unsigned rs2)
{
	emit_either(jit, rv_is_ca(rd, rs1, rs2), rv_c_sub(rd, rs2), rv_sub(rd, rs1, rs2));
}

static inline void emit_xor(struct jit *jit, unsigned rd, unsigned rs1, unsigned rs2)
{
	emit_either(jit, rv_is_ca(rd, rs1, rs2), rv_c_xor(rd, rs2), rv_xor(rd, rs1, rs2));
}

static inline void emit_or(struct jit *jit, unsigned rd, unsigned rs1, unsigned rs2)
{
	emit_either(jit, rv_is_ca(rd, rs1, rs2), rv_c_or(rd, rs2), rv_or(rd, rs1, rs2));
}

static inline void emit_and(struct jit *jit, unsigned rd, unsigned rs1, unsigned rs2)
{
	emit_either(jit, rv_is_ca(rd, rs1, rs2), rv_c_and(rd, rs2), rv_and(rd, rs1, rs2));
}

static inline void emit_mul(struct jit *jit, unsigned rd, unsigned rs1, unsigned rs2)
{
	emit32(jit, rv_mul(rd, rs1, rs2));
}

static inline void emit_lw(struct jit *jit, unsigned rd, unsigned rs1, int32_t imm)
{
	bool is_short = rv_is_primed(rd) && rv_is_primed(rs1) && rv_fits_scaled(imm, 7, 2);

	if (rs1 == SP)
		emit_either(
			jit, rv_fits_scaled(imm, 8, 2), rv_c_lwsp(rd, imm), rv_lw(rd, rs1, imm));
	else
		emit_either(jit, is_short, rv_c_lw(rd, rs1, imm), rv_lw(rd, rs1, imm));
}

static inline void emit_sw(struct jit *jit, unsigned rs2, unsigned rs1, int32_t imm)
{
	bool is_short = rv_is_primed(rs2) && rv_is_primed(rs1) && rv_fits_scaled(imm, 7, 2);

	if (rs1 == SP)
		emit_either(
			jit, rv_fits_scaled(imm, 8, 2), rv_c_swsp(rs2, imm), rv_sw(rs2, rs1, imm));
	else
		emit_either(jit, is_short, rv_c_sw(rs2, rs1, imm), rv_sw(rs2, rs1, imm));
}

static inline void emit_jr(struct jit *jit, unsigned rs1)
{
	emit_either(jit, true, rv_c_jr(rs1), rv_jalr(ZERO, rs1, 0));
}

/* ra = here; goto *rs1 */
static inline void emit_call_register(struct jit *jit, unsigned rs1)
{
	emit_either(jit, true, rv_c_jalr(rs1), rv_jalr(RA, rs1, 0));
}

#endif
