/* SPDX-License-Identifier: MIT */
/*
 * Machine code that RV64 has and RV32 has not: accesses of 64 bits and arithmetic on the lower 32.
 * The form is that of jit/rv/encode.h, which has the rest.
 */
#ifndef VOUCH_RV64_ENCODE_H
#define VOUCH_RV64_ENCODE_H

#include "jit/rv/encode.h"

/* clang-format off */
RV_I(ld,    3, 0x03)
RV_I(lwu,   6, 0x03)
RV_S(sd,    3)
RV_I(addiw, 0, 0x1b)
RV_SHIFT(sraiw, 0x20, 5, 0x1b)
RV_R(sllw, 0x00, 1, 0x3b)
RV_R(srlw, 0x00, 5, 0x3b)
RV_R(sraw, 0x20, 5, 0x3b)
RV_R(divw,  0x01, 4, 0x3b)
RV_R(divuw, 0x01, 5, 0x3b)
RV_R(remw,  0x01, 6, 0x3b)
RV_R(remuw, 0x01, 7, 0x3b)
/* clang-format on */

static inline uint32_t rv_c_ld(unsigned rd, unsigned rs1, int32_t imm)
{
	return rv_cl(3, rv_bits(imm, 5, 3) << 2 | rv_bits(imm, 7, 6), rs1, rd, 0);
}

static inline uint32_t rv_c_sd(unsigned rs2, unsigned rs1, int32_t imm)
{
	return rv_cl(7, rv_bits(imm, 5, 3) << 2 | rv_bits(imm, 7, 6), rs1, rs2, 0);
}

static inline uint32_t rv_c_addiw(unsigned rd, int32_t imm)
{
	return rv_ci(1, (uint32_t)imm, rd, 1);
}

static inline uint32_t rv_c_ldsp(unsigned rd, int32_t imm)
{
	return rv_ci(3, rv_bits(imm, 5, 3) << 3 | rv_bits(imm, 8, 6), rd, 2);
}

static inline uint32_t rv_c_sdsp(unsigned rs2, int32_t imm)
{
	return rv_css(7, rv_bits(imm, 5, 3) << 3 | rv_bits(imm, 8, 6), rs2, 2);
}

static inline void emit_addiw(struct jit *jit, unsigned rd, unsigned rs1, int32_t imm)
{
	emit_either(jit, rd == rs1 && rv_fits(imm, 6), rv_c_addiw(rd, imm), rv_addiw(rd, rs1, imm));
}

static inline void emit_ld(struct jit *jit, unsigned rd, unsigned rs1, int32_t imm)
{
	bool is_short = rv_is_primed(rd) && rv_is_primed(rs1) && rv_fits_scaled(imm, 8, 3);

	if (rs1 == SP)
		emit_either(
			jit, rv_fits_scaled(imm, 9, 3), rv_c_ldsp(rd, imm), rv_ld(rd, rs1, imm));
	else
		emit_either(jit, is_short, rv_c_ld(rd, rs1, imm), rv_ld(rd, rs1, imm));
}

static inline void emit_sd(struct jit *jit, unsigned rs2, unsigned rs1, int32_t imm)
{
	bool is_short = rv_is_primed(rs2) && rv_is_primed(rs1) && rv_fits_scaled(imm, 8, 3);

	if (rs1 == SP)
		emit_either(
			jit, rv_fits_scaled(imm, 9, 3), rv_c_sdsp(rs2, imm), rv_sd(rs2, rs1, imm));
	else
		emit_either(jit, is_short, rv_c_sd(rs2, rs1, imm), rv_sd(rs2, rs1, imm));
}

#endif
