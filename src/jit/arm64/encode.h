/* SPDX-License-Identifier: MIT */
/*
 * A64 machine code, Armv8.0 and the atomics of Armv8.1 (LSE): one function for each instruction
 * that the emitter uses, named as in the Arm ARM (chapter C6), on one function for each encoding
 * class (C4.1). They only put fields together: what a field can't hold is cut off. `sf` is W or X,
 * the width of the operation. Immediates and distances are in bytes, as in assembly.
 */
#ifndef VOUCH_ARM64_ENCODE_H
#define VOUCH_ARM64_ENCODE_H

#include "jit/jit.h"

/* clang-format off */
enum { X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15, X16, X17, X18, X19,
	X20, X21, X22, X23, X24, X25, X26, X27, X28, X29, X30, XZR, SP = XZR };
/* clang-format on */

enum { W, X };

/* Conditions; flipping bit 0 inverts one. */
enum { EQ, NE, HS, LO, HI = 8, LS, GE, LT, GT, LE };

/* Encoding classes */

static inline uint32_t arm64_add_sub_imm(
	unsigned op, unsigned sf, unsigned rd, unsigned rn, uint32_t imm12, unsigned shift12)
{
	return (uint32_t)sf << 31 | op << 29 | 0x11000000 | shift12 << 22 | (imm12 & 0xfff) << 10 |
	       rn << 5 | rd;
}

/* Logical instructions: opc, the same in both forms. */
enum { AND, ORR, EOR, ANDS };

/* fields: N, immr and imms, as arm64_logical_immediate() gives them. */
static inline uint32_t arm64_logical_imm(
	unsigned opc, unsigned sf, unsigned rd, unsigned rn, uint32_t fields)
{
	return (uint32_t)sf << 31 | opc << 29 | 0x12000000 | (fields & 0x1fff) << 10 | rn << 5 | rd;
}

/* half: which 16 bits, 0 to 3. */
static inline uint32_t arm64_mov_wide(
	unsigned opc, unsigned sf, unsigned rd, uint32_t imm16, unsigned half)
{
	return (uint32_t)sf << 31 | opc << 29 | 0x12800000 | half << 21 | (imm16 & 0xffff) << 5 |
	       rd;
}

static inline uint32_t arm64_bitfield(
	unsigned opc, unsigned sf, unsigned rd, unsigned rn, unsigned immr, unsigned imms)
{
	return (uint32_t)sf << 31 | opc << 29 | 0x13000000 | (uint32_t)sf << 22 |
	       (immr & 63) << 16 | (imms & 63) << 10 | rn << 5 | rd;
}

/* Three registers, the rest of the word as given. */
static inline uint32_t arm64_rrr(uint32_t word, unsigned sf, unsigned rd, unsigned rn, unsigned rm)
{
	return (uint32_t)sf << 31 | word | rm << 16 | rn << 5 | rd;
}

/* Arithmetic */

#define ARM64_ADD_SUB(name, op)                                                          \
	static inline uint32_t arm64_##name(                                             \
		unsigned sf, unsigned rd, unsigned rn, uint32_t imm12, unsigned shift12) \
	{                                                                                \
		return arm64_add_sub_imm(op, sf, rd, rn, imm12, shift12);                \
	}
#define ARM64_MOVE(name, opc)                                            \
	static inline uint32_t arm64_##name(                             \
		unsigned sf, unsigned rd, uint32_t imm16, unsigned half) \
	{                                                                \
		return arm64_mov_wide(opc, sf, rd, imm16, half);         \
	}
#define ARM64_BITFIELD(name, opc)                                                    \
	static inline uint32_t arm64_##name(                                         \
		unsigned sf, unsigned rd, unsigned rn, unsigned immr, unsigned imms) \
	{                                                                            \
		return arm64_bitfield(opc, sf, rd, rn, immr, imms);                  \
	}
#define ARM64_RRR(name, word)                                                                   \
	static inline uint32_t arm64_##name(unsigned sf, unsigned rd, unsigned rn, unsigned rm) \
	{                                                                                       \
		return arm64_rrr(word, sf, rd, rn, rm);                                         \
	}

/* clang-format off */
ARM64_ADD_SUB(add_imm,  0)
ARM64_ADD_SUB(adds_imm, 1)
ARM64_ADD_SUB(sub_imm,  2)
ARM64_ADD_SUB(subs_imm, 3)
ARM64_MOVE(movn, 0)
ARM64_MOVE(movz, 2)
ARM64_MOVE(movk, 3)
ARM64_BITFIELD(sbfm, 0)
ARM64_BITFIELD(ubfm, 2)
ARM64_RRR(and,  0x0a000000)
ARM64_RRR(orr,  0x2a000000)
ARM64_RRR(orn,  0x2a200000)
ARM64_RRR(eor,  0x4a000000)
ARM64_RRR(ands, 0x6a000000)
ARM64_RRR(add,  0x0b000000)
ARM64_RRR(sub,  0x4b000000)
ARM64_RRR(subs, 0x6b000000)
ARM64_RRR(udiv, 0x1ac00800)
ARM64_RRR(sdiv, 0x1ac00c00)
ARM64_RRR(lslv, 0x1ac02000)
ARM64_RRR(lsrv, 0x1ac02400)
ARM64_RRR(asrv, 0x1ac02800)
ARM64_RRR(mul,  0x1b007c00)
/* clang-format on */

/* rd = ra - rn * rm */
static inline uint32_t arm64_msub(unsigned sf, unsigned rd, unsigned rn, unsigned rm, unsigned ra)
{
	return arm64_rrr(0x1b008000 | ra << 10, sf, rd, rn, rm);
}

/* All bytes reversed; rev16: in each half word. */
static inline uint32_t arm64_rev(unsigned sf, unsigned rd, unsigned rn)
{
	return arm64_rrr(0x5ac00800 | sf << 10, sf, rd, rn, 0);
}

static inline uint32_t arm64_rev16(unsigned sf, unsigned rd, unsigned rn)
{
	return arm64_rrr(0x5ac00400, sf, rd, rn, 0);
}

/* Branches. The distance is in bytes, a multiple of 4. */

static inline uint32_t arm64_imm19(int32_t distance)
{
	return ((uint32_t)distance >> 2 & 0x7ffff) << 5;
}

static inline uint32_t arm64_b(int32_t distance)
{
	return 0x14000000 | ((uint32_t)distance >> 2 & 0x3ffffff);
}

static inline uint32_t arm64_bl(int32_t distance)
{
	return 0x94000000 | ((uint32_t)distance >> 2 & 0x3ffffff);
}

static inline uint32_t arm64_b_cond(unsigned condition, int32_t distance)
{
	return 0x54000000 | arm64_imm19(distance) | condition;
}

static inline uint32_t arm64_cbz(unsigned sf, unsigned rt, int32_t distance)
{
	return (uint32_t)sf << 31 | 0x34000000 | arm64_imm19(distance) | rt;
}

static inline uint32_t arm64_cbnz(unsigned sf, unsigned rt, int32_t distance)
{
	return (uint32_t)sf << 31 | 0x35000000 | arm64_imm19(distance) | rt;
}

/* The highest bit of `bit` is where others have sf. */
static inline uint32_t arm64_tbz(unsigned rt, unsigned bit, int32_t distance)
{
	return (uint32_t)(bit >> 5 & 1) << 31 | 0x36000000 | (bit & 31) << 19 |
	       ((uint32_t)distance >> 2 & 0x3fff) << 5 | rt;
}

static inline uint32_t arm64_br(unsigned rn)
{
	return 0xd61f0000 | rn << 5;
}

static inline uint32_t arm64_blr(unsigned rn)
{
	return 0xd63f0000 | rn << 5;
}

static inline uint32_t arm64_ret(unsigned rn)
{
	return 0xd65f0000 | rn << 5;
}

static inline uint32_t arm64_nop(void)
{
	return 0xd503201f;
}

/* rd = here + distance, of 21 bits */
static inline uint32_t arm64_adr(unsigned rd, int32_t distance)
{
	return ((uint32_t)distance & 3) << 29 | 0x10000000 | arm64_imm19(distance) | rd;
}

/*
 * Loads and stores. `lg`: log2 of their bytes; `opc`: which of the three they are.
 */
enum { STORE, LOAD, LOAD_SIGNED };

/* imm: -256 to 255 */
static inline uint32_t arm64_ldur(unsigned lg, unsigned opc, unsigned rt, unsigned rn, int32_t imm)
{
	return (uint32_t)lg << 30 | 0x38000000 | opc << 22 | ((uint32_t)imm & 0x1ff) << 12 |
	       rn << 5 | rt;
}

/* imm: a multiple of the size, up to 4095 times it */
static inline uint32_t arm64_ldr_imm(
	unsigned lg, unsigned opc, unsigned rt, unsigned rn, uint32_t imm)
{
	return (uint32_t)lg << 30 | 0x39000000 | opc << 22 | (imm >> lg & 0xfff) << 10 | rn << 5 |
	       rt;
}

/* At rn + (rm << lg if scaled, else rm). */
static inline uint32_t arm64_ldr_reg(
	unsigned lg, unsigned opc, unsigned rt, unsigned rn, unsigned rm, unsigned scaled)
{
	return (uint32_t)lg << 30 | 0x38206800 | opc << 22 | rm << 16 | scaled << 12 | rn << 5 | rt;
}

/* 64 bits each; imm: a multiple of 8, -512 to 504. opc is STORE or LOAD. */
static inline uint32_t arm64_ldp(unsigned opc, unsigned rt, unsigned rt2, unsigned rn, int32_t imm)
{
	return 0xa9000000 | opc << 22 | ((uint32_t)imm >> 3 & 0x7f) << 15 | rt2 << 10 | rn << 5 |
	       rt;
}

/* Exclusives and LSE: acquire and release. sf: 32 or 64 bits. */

static inline uint32_t arm64_ldaxr(unsigned sf, unsigned rt, unsigned rn)
{
	return 0x885ffc00 | (uint32_t)sf << 30 | rn << 5 | rt;
}

/* rs: 0 if it stored. */
static inline uint32_t arm64_stlxr(unsigned sf, unsigned rs, unsigned rt, unsigned rn)
{
	return 0x8800fc00 | (uint32_t)sf << 30 | rs << 16 | rn << 5 | rt;
}

/* rs: compared, then what was there; rt: new. */
static inline uint32_t arm64_casal(unsigned sf, unsigned rs, unsigned rt, unsigned rn)
{
	return 0x88e0fc00 | (uint32_t)sf << 30 | rs << 16 | rn << 5 | rt;
}

/* rs: operand; rt: what was there. */
#define ARM64_LSE(name, opc)                                                                    \
	static inline uint32_t arm64_##name(unsigned sf, unsigned rs, unsigned rt, unsigned rn) \
	{                                                                                       \
		return 0xb8e00000 | (uint32_t)sf << 30 | rs << 16 | (uint32_t)(opc) << 12 |     \
		       rn << 5 | rt;                                                            \
	}

/* clang-format off */
ARM64_LSE(ldaddal, 0)
ARM64_LSE(ldclral, 1)
ARM64_LSE(ldeoral, 2)
ARM64_LSE(ldsetal, 3)
ARM64_LSE(swpal,   8)
/* clang-format on */

/* Logical immediates */

/* How many bits are set. */
static inline unsigned arm64_popcount(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	x += x >> 8;
	x += x >> 16;
	x += x >> 32;
	return (unsigned)x & 127;
}

static inline uint64_t arm64_rotate_right(uint64_t x, unsigned n)
{
	return x >> (n & 63) | x << (-n & 63);
}

/*
 * Can `value` be the immediate of a logical instruction? If so, fields: out, N, immr and imms. 32
 * bits are the lower half of value. (In immediate.c, by itself: proofs use it by this contract.)
 */
bool arm64_logical_immediate(uint64_t value, bool is64, uint32_t *fields);

/* Writing */

static inline void emit32(struct jit *jit, uint32_t code)
{
	jit_bytes(jit, code, 4);
}

/* True if value is a signed number of so many bits. */
static inline bool arm64_fits(int64_t value, unsigned bits)
{
	return (uint64_t)value + ((uint64_t)1 << (bits - 1)) < (uint64_t)1 << bits;
}

#endif
