/* SPDX-License-Identifier: MIT */
/*
 * Armv7-M machine code: one macro for each instruction that the emitter uses, named as in the
 * ARMv7-M Architecture Reference Manual (chapter A7), on one macro for each format. They only put
 * fields together: what a field can't hold must not be given. Immediates are in bytes, as in
 * assembly. Macros and not functions, because the stubs are constant tables.
 *
 * An instruction of 32 bits has its first halfword on top. What ends with _N is the encoding of 16
 * bits; it takes r0 to r7 unless said otherwise. Arithmetic always sets the flags, as the short
 * encodings do.
 */
#ifndef VOUCH_THUMB2_ENCODE_H
#define VOUCH_THUMB2_ENCODE_H

#include "jit/jit.h"

/* clang-format off */
enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, SP, LR, PC };

/* Conditions; flipping bit 0 inverts one. */
enum { EQ, NE, HS, LO, MI, PL, VS, VC, HI, LS, GE, LT, GT, LE };
/* clang-format on */

/* A field: the value at its lowest bit. */
#define T_F(value, bit) ((uint32_t)(value) << (bit))

/* 16 bits, A5.2 */

/* LSL, LSR, ASR (immediate), by their `type`: LSL by 0 to 31, the others by 1 to 31 */
enum { LSL, LSR, ASR };
#define T_SHIFT_N(type, rd, rm, amount) (T_F(type, 11) | T_F(amount, 6) | T_F(rm, 3) | T_F(rd, 0))

#define T_ADDS_N(rd, rn, rm) (0x1800 | T_F(rm, 6) | T_F(rn, 3) | T_F(rd, 0))
#define T_SUBS_N(rd, rn, rm) (0x1a00 | T_F(rm, 6) | T_F(rn, 3) | T_F(rd, 0))

/* With a byte: mov, cmp, add, sub */
#define T_MOVS_K_N(rd, imm)  (0x2000 | T_F(rd, 8) | T_F(imm, 0))
#define T_CMP_K_N(rn, imm)   (0x2800 | T_F(rn, 8) | T_F(imm, 0))
#define T_ADDS_K_N(rdn, imm) (0x3000 | T_F(rdn, 8) | T_F(imm, 0))
#define T_SUBS_K_N(rdn, imm) (0x3800 | T_F(rdn, 8) | T_F(imm, 0))

/* Data processing with two registers, by its opcode field */
#define T_DATA_N(opcode, rdn, rm) (0x4000 | T_F(opcode, 6) | T_F(rm, 3) | T_F(rdn, 0))
#define T_EORS_N(rdn, rm)         T_DATA_N(0x1, rdn, rm)
#define T_ADCS_N(rdn, rm)         T_DATA_N(0x5, rdn, rm)
#define T_SBCS_N(rdn, rm)         T_DATA_N(0x6, rdn, rm)
#define T_TST_N(rn, rm)           T_DATA_N(0x8, rn, rm)
#define T_CMP_N(rn, rm)           T_DATA_N(0xa, rn, rm)

/* Any registers. Of cmp at least one is above r7. add and mov set no flags. */
#define T_SPECIAL(opcode, rdn, rm) \
	(0x4400 | T_F(opcode, 8) | (rdn) >> 3 << 7 | T_F(rm, 3) | ((rdn)&7))
#define T_CMP_ANY_N(rn, rm) T_SPECIAL(1, rn, rm)
#define T_MOV_N(rd, rm)     T_SPECIAL(2, rd, rm)
#define T_BLX_N(rm)         (0x4780 | T_F(rm, 3))

/* str, ldr and those of halfwords and bytes; the displacement is a multiple of what is accessed, 0
 * to 31 times. */
#define T_STR_N(rt, rn, imm)  (0x6000 | T_F((imm) / 4, 6) | T_F(rn, 3) | T_F(rt, 0))
#define T_LDR_N(rt, rn, imm)  (0x6800 | T_F((imm) / 4, 6) | T_F(rn, 3) | T_F(rt, 0))
#define T_STRB_N(rt, rn, imm) (0x7000 | T_F(imm, 6) | T_F(rn, 3) | T_F(rt, 0))
#define T_STRH_N(rt, rn, imm) (0x8000 | T_F((imm) / 2, 6) | T_F(rn, 3) | T_F(rt, 0))
#define T_STR_SP_N(rt, imm)   (0x9000 | T_F(rt, 8) | T_F((imm) / 4, 0)) /* 0 to 1020 */
#define T_LDR_SP_N(rt, imm)   (0x9800 | T_F(rt, 8) | T_F((imm) / 4, 0))

#define T_ADD_SP_N(imm) (0xb000 | T_F((imm) / 4, 0)) /* 0 to 508 */
#define T_SUB_SP_N(imm) (0xb080 | T_F((imm) / 4, 0))
#define T_CPSID_I_N     0xb672
#define T_NOP_N         0xbf00

/* it, ite, itt, ittt: what follows is executed if `condition` (or not) */
#define T_IT_N(condition)   (0xbf08 | T_F(condition, 4))
#define T_ITT_N(condition)  (0xbf04 | T_F(condition, 4) | ((condition)&1) << 3)
#define T_ITTT_N(condition) (0xbf02 | T_F(condition, 4) | ((condition)&1) * 0xc)

/* Distances are from the branch's own address plus 4. */
#define T_BRANCH_N(condition, distance) (0xd000 | T_F(condition, 8) | ((distance) >> 1 & 0xff))
#define T_B_N(distance)                 (0xe000 | ((distance) >> 1 & 0x7ff))

/* 32 bits, A5.3. Data processing by `op` (bits 24 to 21), flags are set. */

/* clang-format off */
enum { AND = 0, ORR = 2, EOR = 4, ADD = 8, ADC = 10, SBC = 11, SUB = 13, RSB = 14 };
/* clang-format on */

#define T_IMM(imm12)   (((imm12) >> 11 & 1) << 26 | ((imm12) >> 8 & 7) << 12 | ((imm12)&0xff))
#define T_SHIFTED(imm) (((imm) >> 2 & 7) << 12 | ((imm)&3) << 6)

/* Modified immediates (A5.3.2), as they are encoded, but for bytes, which are themselves. */
#define IMM_512      0xf00 /* 0x80 rotated right by 30 */
#define IMM_TOP_BYTE 0x47f /* 0xff rotated right by 8 */

#define T_DATA_K(op, rd, rn, imm12) \
	(0xf0100000u | T_F(op, 21) | T_F(rn, 16) | T_F(rd, 8) | T_IMM((unsigned)(imm12)))
#define T_DATA(op, rd, rn, rm) (0xea100000u | T_F(op, 21) | T_F(rn, 16) | T_F(rd, 8) | T_F(rm, 0))
/* orr rd, rn, rm shifted: by 0 to 31 for LSL, 1 to 31 for the others */
#define T_ORR_SHIFTED(rd, rn, rm, type, amount) \
	(T_DATA(ORR, rd, rn, rm) | T_SHIFTED((unsigned)(amount)) | T_F(type, 4))
#define T_SHIFT(type, rd, rm, amount) T_ORR_SHIFTED(rd, PC, rm, type, amount)
#define T_BIC_K(rd, rn, imm12)        T_DATA_K(1, rd, rn, imm12)
#define T_MVN_K(rd, imm12)            T_DATA_K(3, rd, PC, imm12)
#define T_TST_K(rn, imm12)            T_DATA_K(AND, PC, rn, imm12)

/* Without flags: 12 bits, 16 bits */
#define T_SUBW(rd, rn, imm) (0xf2a00000u | T_F(rn, 16) | T_F(rd, 8) | T_IMM(imm))
#define T_MOV16(rd, imm)    (((imm) >> 12 & 15) << 16 | T_F(rd, 8) | T_IMM((imm)&0xfff))
#define T_MOVW(rd, imm)     (0xf2400000u | T_MOV16(rd, imm))
#define T_MOVT(rd, imm)     (0xf2c00000u | T_MOV16(rd, imm))
#define T_UBFX(rd, rn, lsb, width) \
	(0xf3c00000u | T_F(rn, 16) | T_F(rd, 8) | T_SHIFTED((unsigned)(lsb)) | ((width)-1))

/* Data processing with registers only; op1 and op2 as in A5.3.12 */
#define T_REGISTERS(op1, op2, rd, rn, rm) \
	(0xfa00f000u | T_F(op1, 20) | T_F(rn, 16) | T_F(rd, 8) | T_F(op2, 4) | T_F(rm, 0))
/* The amount is the low byte of rm; from 32 on nothing is left, but the sign. */
#define T_SHIFT_X(type, rd, rn, rm) T_REGISTERS(2u * (type) | 1u, 0u, rd, rn, rm)
#define T_SXTH(rd, rm)              T_REGISTERS(0u, 8u, rd, PC, rm)
#define T_UXTH(rd, rm)              T_REGISTERS(1u, 8u, rd, PC, rm)
#define T_SXTB(rd, rm)              T_REGISTERS(4u, 8u, rd, PC, rm)
#define T_REV(rd, rm)               T_REGISTERS(9u, 8u, rd, rm, rm)
#define T_REV16(rd, rm)             T_REGISTERS(9u, 9u, rd, rm, rm)

/* Multiplication and division */
#define T_MUL(rd, rn, rm)       (0xfb00f000u | T_F(rn, 16) | T_F(rd, 8) | T_F(rm, 0))
#define T_MLA(rd, rn, rm, ra)   (0xfb000000u | T_F(rn, 16) | T_F(ra, 12) | T_F(rd, 8) | T_F(rm, 0))
#define T_MLS(rd, rn, rm, ra)   (T_MLA(rd, rn, rm, ra) | 0x10)
#define T_UMULL(lo, hi, rn, rm) (0xfba00000u | T_F(rn, 16) | T_F(lo, 12) | T_F(hi, 8) | T_F(rm, 0))
#define T_SDIV(rd, rn, rm)      (0xfb90f0f0u | T_F(rn, 16) | T_F(rd, 8) | T_F(rm, 0))
#define T_UDIV(rd, rn, rm)      (0xfbb0f0f0u | T_F(rn, 16) | T_F(rd, 8) | T_F(rm, 0))

/* One item, by the bits that say what: displacements are 0 to 4095. Those of ldr may load pc. */
enum {
	STRB = 0x00,
	LDRB = 0x01,
	STRH = 0x02,
	LDRH = 0x03,
	STR = 0x04,
	LDR = 0x05,
	LDRSB = 0x11,
	LDRSH = 0x13
};
#define T_ITEM(op, rt, rn, imm) \
	(0xf8800000u | T_F(op, 20) | T_F(rn, 16) | T_F(rt, 12) | T_F(imm, 0))
#define T_LDR(rt, rn, imm)      T_ITEM(LDR, rt, rn, imm)
#define T_STR(rt, rn, imm)      T_ITEM(STR, rt, rn, imm)
/* rt = *(rn + rm * 4) */
#define T_LDR_INDEX(rt, rn, rm) (0xf8500020u | T_F(rn, 16) | T_F(rt, 12) | T_F(rm, 0))

/* Two words at a multiple of 4, 0 to 1020 */
#define T_STRD(rt, rt2, rn, imm) \
	(0xe9c00000u | T_F(rn, 16) | T_F(rt, 12) | T_F(rt2, 8) | T_F((imm) / 4, 0))
#define T_LDRD(rt, rt2, rn, imm) (T_STRD(rt, rt2, rn, imm) | 0x100000)

/* Several words */
#define T_STM(rn, list)     (0xe8800000u | T_F(rn, 16) | T_F(list, 0))
#define T_LDM(rn, list)     (0xe8900000u | T_F(rn, 16) | T_F(list, 0))
#define T_PUSH(list)        (0xe92d0000u | T_F(list, 0))
#define T_POP(list)         (0xe8bd0000u | T_F(list, 0))
#define T_REGS(first, last) ((2u << (last)) - (1u << (first)))
#define T_REG(n)            (1u << (n))

/* PRIMASK */
#define T_MRS_PRIMASK(rd) (0xf3ef8010u | T_F(rd, 8))
#define T_MSR_PRIMASK(rn) (0xf3808810u | T_F(rn, 16))

/* b<condition>.w, ±1 MiB: S J2 J1 imm6 imm11 are bits 20 to 1 of the distance */
#define T_BRANCH(condition, distance)                                            \
	(0xf0008000u | T_F(condition, 22) | ((distance) >> 20 & 1) << 26 |       \
		((distance) >> 12 & 0x3f) << 16 | ((distance) >> 18 & 1) << 13 | \
		((distance) >> 19 & 1) << 11 | ((distance) >> 1 & 0x7ff))
/* b.w and bl, ±16 MiB: bits 24 to 1 are S I1 I2 imm10 imm11, and J = NOT(I XOR S) */
#define T_FAR_J(distance, bit) ((~((distance) >> (bit) ^ (distance) >> 24)) & 1)
#define T_FAR(distance)                                                                  \
	(0xf0009000u | ((distance) >> 24 & 1) << 26 | ((distance) >> 12 & 0x3ff) << 16 | \
		T_FAR_J(distance, 23) << 13 | T_FAR_J(distance, 22) << 11 |              \
		((distance) >> 1 & 0x7ff))
#define T_BL 0x4000u /* or'ed to T_FAR */

#endif
