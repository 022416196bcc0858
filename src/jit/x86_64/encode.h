/* SPDX-License-Identifier: MIT */
/*
 * x86-64 machine code: one function for each instruction that the emitter uses, named as in Intel's
 * manual (SDM volume 2), on one function for each form of encoding. Operands are in the manual's
 * order: destination first. `w` is the operand size, W32 or W64; 32-bit results clear the upper
 * half of the register.
 */
#ifndef VOUCH_X86_64_ENCODE_H
#define VOUCH_X86_64_ENCODE_H

#include "jit/jit.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };
enum { NO_INDEX = RSP }; /* what the encoding itself uses for "none" */
enum { W32, W64 };

/* Conditions, in their encoding; inverting one flips bit 0. */
enum { CC_B = 2, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_L = 12, CC_GE, CC_LE, CC_G };

/* A memory operand: [base + index * 2^scale + disp], index not RSP. */
struct mem {
	unsigned base, index, scale;
	int32_t disp;
};

static inline struct mem mem_at(unsigned base, int32_t disp)
{
	return (struct mem){.base = base, .index = NO_INDEX, .disp = disp};
}

static inline bool fits_int8(int64_t value)
{
	return value >= INT8_MIN && value <= INT8_MAX;
}

static inline bool fits_int32(int64_t value)
{
	return value >= INT32_MIN && value <= INT32_MAX;
}

/* Forms */

/* REX, where it says something or (byte registers 4 to 7: spl, bpl, sil, dil) where its presence
 * does. */
static inline void x86_rex(
	struct jit *jit, unsigned w, unsigned reg, unsigned index, unsigned base, bool force)
{
	unsigned rex = 0x40 | w << 3 | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;

	if (rex != 0x40 || force)
		jit_bytes(jit, rex, 1);
}

/* Opcodes are one byte, or 0x0f and one byte, written 0x0fxx. */
static inline void x86_opcode(struct jit *jit, unsigned opcode)
{
	if (opcode > 0xff)
		jit_bytes(jit, 0x0f, 1);
	jit_bytes(jit, opcode & 0xff, 1);
}

static inline void x86_reg_form(
	struct jit *jit, unsigned w, unsigned opcode, unsigned reg, unsigned rm, bool force)
{
	x86_rex(jit, w, reg, 0, rm, force);
	x86_opcode(jit, opcode);
	jit_bytes(jit, 0xc0 | (reg & 7) << 3 | (rm & 7), 1);
}

/* ModRM, SIB and displacement. Bases 4 and 12 need a SIB, bases 5 and 13 a displacement. */
static inline void x86_mem_operand(struct jit *jit, unsigned reg, struct mem m)
{
	bool sib = m.index != NO_INDEX || (m.base & 7) == RSP;
	bool disp8 = fits_int8(m.disp), disp0 = m.disp == 0 && (m.base & 7) != RBP;
	unsigned mod = disp0 ? 0 : disp8 ? 1 : 2;

	jit_bytes(jit, mod << 6 | (reg & 7) << 3 | (sib ? RSP : m.base & 7), 1);
	if (sib)
		jit_bytes(jit, m.scale << 6 | (m.index & 7) << 3 | (m.base & 7), 1);
	if (!disp0)
		jit_bytes(jit, (uint32_t)m.disp, disp8 ? 1 : 4);
}

static inline void x86_mem_form(
	struct jit *jit, unsigned w, unsigned opcode, unsigned reg, struct mem m, bool force)
{
	x86_rex(jit, w, reg, m.index, m.base, force);
	x86_opcode(jit, opcode);
	x86_mem_operand(jit, reg, m);
}

/* Moves */

static inline void x86_mov(struct jit *jit, unsigned w, unsigned dst, unsigned src)
{
	x86_reg_form(jit, w, 0x8b, dst, src, false);
}

/* The shortest way to a sign-extended 32-bit or any 64-bit constant. Changes no flag. */
static inline void x86_mov_imm(struct jit *jit, unsigned dst, uint64_t imm)
{
	if (imm <= UINT32_MAX) {
		x86_rex(jit, W32, 0, 0, dst, false);
		jit_bytes(jit, 0xb8 | (dst & 7), 1);
		jit_bytes(jit, imm, 4);
	} else if (fits_int32((int64_t)imm)) {
		x86_reg_form(jit, W64, 0xc7, 0, dst, false);
		jit_bytes(jit, imm & UINT32_MAX, 4);
	} else {
		x86_rex(jit, W64, 0, 0, dst, false);
		jit_bytes(jit, 0xb8 | (dst & 7), 1);
		jit_bytes(jit, imm, 8);
	}
}

static inline void x86_lea(struct jit *jit, unsigned dst, struct mem m)
{
	x86_mem_form(jit, W64, 0x8d, dst, m, false);
}

/* lea dst, [base + disp] in one form, whatever disp is. */
static inline void x86_lea_long(struct jit *jit, unsigned dst, unsigned base, int32_t disp)
{
	x86_rex(jit, W64, dst, 0, base, false);
	x86_opcode(jit, 0x8d);
	jit_bytes(jit, 2u << 6 | (dst & 7) << 3 | (base & 7), 1);
	if ((base & 7) == RSP)
		jit_bytes(jit, NO_INDEX << 3 | RSP, 1);
	jit_bytes(jit, (uint32_t)disp, 4);
}

static inline void x86_load(struct jit *jit, unsigned w, unsigned dst, struct mem m)
{
	x86_mem_form(jit, w, 0x8b, dst, m, false);
}

static inline void x86_store(struct jit *jit, unsigned w, struct mem m, unsigned src)
{
	x86_mem_form(jit, w, 0x89, src, m, false);
}

static inline void x86_store16(struct jit *jit, struct mem m, unsigned src)
{
	jit_bytes(jit, 0x66, 1);
	x86_mem_form(jit, W32, 0x89, src, m, false);
}

static inline void x86_store8(struct jit *jit, struct mem m, unsigned src)
{
	x86_mem_form(jit, W32, 0x88, src, m, src >= RSP && src <= RDI);
}

/* Stores of constants; W64 stores the sign-extended 32 bits. */
static inline void x86_store_imm(struct jit *jit, unsigned w, struct mem m, int32_t imm)
{
	x86_mem_form(jit, w, 0xc7, 0, m, false);
	jit_bytes(jit, (uint32_t)imm, 4);
}

static inline void x86_store16_imm(struct jit *jit, struct mem m, int32_t imm)
{
	jit_bytes(jit, 0x66, 1);
	x86_mem_form(jit, W32, 0xc7, 0, m, false);
	jit_bytes(jit, (uint32_t)imm & 0xffff, 2);
}

static inline void x86_store8_imm(struct jit *jit, struct mem m, int32_t imm)
{
	x86_mem_form(jit, W32, 0xc6, 0, m, false);
	jit_bytes(jit, (uint32_t)imm & 0xff, 1);
}

/* Extensions; the opcode says from which width: movzx 0x0fb6/b7, movsx 0x0fbe/bf, movsxd 0x63. */
enum { MOVZX8 = 0x0fb6, MOVZX16 = 0x0fb7, MOVSX8 = 0x0fbe, MOVSX16 = 0x0fbf, MOVSXD = 0x63 };

static inline void x86_extend(
	struct jit *jit, unsigned w, unsigned opcode, unsigned dst, unsigned src)
{
	bool byte = opcode == MOVZX8 || opcode == MOVSX8;

	x86_reg_form(jit, w, opcode, dst, src, byte && src >= RSP && src <= RDI);
}

static inline void x86_load_extend(
	struct jit *jit, unsigned w, unsigned opcode, unsigned dst, struct mem m)
{
	x86_mem_form(jit, w, opcode, dst, m, false);
}

static inline void x86_push(struct jit *jit, unsigned reg)
{
	x86_rex(jit, 0, 0, 0, reg, false);
	jit_bytes(jit, 0x50 | (reg & 7), 1);
}

static inline void x86_pop(struct jit *jit, unsigned reg)
{
	x86_rex(jit, 0, 0, 0, reg, false);
	jit_bytes(jit, 0x58 | (reg & 7), 1);
}

/* Arithmetic */

/* The eight operations of opcodes 0x00 to 0x3f, as group 1 numbers them. */
enum { ADD = 0, OR = 1, AND = 4, SUB = 5, XOR = 6, CMP = 7 };

static inline void x86_alu(struct jit *jit, unsigned w, unsigned op, unsigned dst, unsigned src)
{
	x86_reg_form(jit, w, op << 3 | 3, dst, src, false);
}

static inline void x86_alu_load(
	struct jit *jit, unsigned w, unsigned op, unsigned dst, struct mem m)
{
	x86_mem_form(jit, w, op << 3 | 3, dst, m, false);
}

static inline void x86_alu_store(
	struct jit *jit, unsigned w, unsigned op, struct mem m, unsigned src)
{
	x86_mem_form(jit, w, op << 3 | 1, src, m, false);
}

static inline void x86_alu_imm(struct jit *jit, unsigned w, unsigned op, unsigned dst, int32_t imm)
{
	x86_reg_form(jit, w, fits_int8(imm) ? 0x83 : 0x81, op, dst, false);
	jit_bytes(jit, (uint32_t)imm, fits_int8(imm) ? 1 : 4);
}

/* op dword or qword [m], imm8 */
static inline void x86_alu_store_imm8(
	struct jit *jit, unsigned w, unsigned op, struct mem m, int8_t imm)
{
	x86_mem_form(jit, w, 0x83, op, m, false);
	jit_bytes(jit, (uint8_t)imm, 1);
}

static inline void x86_test(struct jit *jit, unsigned w, unsigned a, unsigned b)
{
	x86_reg_form(jit, w, 0x85, b, a, false);
}

static inline void x86_test_imm(struct jit *jit, unsigned w, unsigned reg, int32_t imm)
{
	x86_reg_form(jit, w, 0xf7, 0, reg, false);
	jit_bytes(jit, (uint32_t)imm, 4);
}

static inline void x86_inc(struct jit *jit, unsigned w, unsigned reg)
{
	x86_reg_form(jit, w, 0xff, 0, reg, false);
}

static inline void x86_imul(struct jit *jit, unsigned w, unsigned dst, unsigned src)
{
	x86_reg_form(jit, w, 0x0faf, dst, src, false);
}

/* Not the form with a byte: that products by it are those by the whole immediate is too much for
 * solvers. */
static inline void x86_imul_imm(
	struct jit *jit, unsigned w, unsigned dst, unsigned src, int32_t imm)
{
	x86_reg_form(jit, w, 0x69, dst, src, false);
	jit_bytes(jit, (uint32_t)imm, 4);
}

/* Group 3, one operand. div and idiv: rdx:rax by reg, quotient to rax, remainder to rdx. */
enum { NEG = 3, DIV = 6, IDIV = 7 };

static inline void x86_group3(struct jit *jit, unsigned w, unsigned op, unsigned reg)
{
	x86_reg_form(jit, w, 0xf7, op, reg, false);
}

/* cdq, cqo: the sign of rax to rdx. */
static inline void x86_cqo(struct jit *jit, unsigned w)
{
	x86_rex(jit, w, 0, 0, 0, false);
	jit_bytes(jit, 0x99, 1);
}

/* Group 2, by cl or by a constant. */
enum { ROL = 0, SHL = 4, SHR = 5, SAR = 7 };

static inline void x86_shift_cl(struct jit *jit, unsigned w, unsigned op, unsigned reg)
{
	x86_reg_form(jit, w, 0xd3, op, reg, false);
}

static inline void x86_shift_imm(
	struct jit *jit, unsigned w, unsigned op, unsigned reg, unsigned count)
{
	x86_reg_form(jit, w, 0xc1, op, reg, false);
	jit_bytes(jit, count, 1);
}

static inline void x86_rol16_8(struct jit *jit, unsigned reg)
{
	jit_bytes(jit, 0x66, 1);
	x86_shift_imm(jit, W32, ROL, reg, 8);
}

/* BMI2: dst = src shifted by count, no flags. VEX, three bytes; pp tells shlx, shrx and sarx apart.
 */
static inline void x86_shift_bmi2(
	struct jit *jit, unsigned w, unsigned op, unsigned dst, unsigned src, unsigned count)
{
	unsigned pp = op == SHL ? 1 : op == SHR ? 3 : 2;

	jit_bytes(jit, 0xc4, 1);
	jit_bytes(jit, (dst < 8 ? 0x80u : 0) | 0x40 | (src < 8 ? 0x20u : 0) | 2, 1);
	jit_bytes(jit, w << 7 | (~count & 15) << 3 | pp, 1);
	jit_bytes(jit, 0xf7, 1);
	jit_bytes(jit, 0xc0 | (dst & 7) << 3 | (src & 7), 1);
}

static inline void x86_bswap(struct jit *jit, unsigned w, unsigned reg)
{
	x86_rex(jit, w, 0, 0, reg, false);
	x86_opcode(jit, 0x0fc8 | (reg & 7));
}

/* The nops of 1 to 8 bytes that Intel recommends (SDM, NOP). */
static inline void x86_nops(struct jit *jit, uint32_t bytes)
{
	static const uint64_t nop[8] = {0x90, 0x9066, 0x001f0f, 0x00401f0f, 0x0000441f0f,
		0x0000441f0f66, 0x00000000801f0f, 0x0000000000841f0f};

	for (; bytes > 8; bytes -= 8)
		jit_bytes(jit, nop[7], 8);
	if (bytes > 0)
		jit_bytes(jit, nop[bytes - 1], bytes);
}

/* Atomics */

static inline void x86_lock(struct jit *jit)
{
	jit_bytes(jit, 0xf0, 1);
}

static inline void x86_xchg(struct jit *jit, unsigned w, struct mem m, unsigned reg)
{
	x86_mem_form(jit, w, 0x87, reg, m, false);
}

static inline void x86_xadd(struct jit *jit, unsigned w, struct mem m, unsigned reg)
{
	x86_mem_form(jit, w, 0x0fc1, reg, m, false);
}

static inline void x86_cmpxchg(struct jit *jit, unsigned w, struct mem m, unsigned reg)
{
	x86_mem_form(jit, w, 0x0fb1, reg, m, false);
}

/* Control flow. Near forms take the offset of their target in the code. */

static inline void x86_rel32(struct jit *jit, uint32_t target)
{
	int64_t distance = (int64_t)target - jit->pos - 4;

	if (!fits_int32(distance))
		jit_fail(jit, VOUCH_JIT_RANGE);
	jit_bytes(jit, (uint32_t)distance, 4);
}

static inline void x86_jmp_near(struct jit *jit, uint32_t target)
{
	jit_bytes(jit, 0xe9, 1);
	x86_rel32(jit, target);
}

static inline void x86_jcc_near(struct jit *jit, unsigned cc, uint32_t target)
{
	jit_bytes(jit, 0x0f, 1);
	jit_bytes(jit, 0x80 | cc, 1);
	x86_rel32(jit, target);
}

/* Short forms, 2 bytes; the distance is from their end. */
static inline void x86_jmp_short(struct jit *jit, int8_t distance)
{
	jit_bytes(jit, 0xeb, 1);
	jit_bytes(jit, (uint8_t)distance, 1);
}

static inline void x86_jcc_short(struct jit *jit, unsigned cc, int8_t distance)
{
	jit_bytes(jit, 0x70 | cc, 1);
	jit_bytes(jit, (uint8_t)distance, 1);
}

/* Let the short jump that was written at offset `at` land here. */
static inline void x86_land(struct jit *jit, uint32_t at)
{
	uint32_t distance = jit->pos - at - 2;

	if (distance > INT8_MAX)
		jit_fail(jit, VOUCH_JIT_RANGE);
	if (jit->out && jit->status == VOUCH_OK)
		jit->out[at + 1] = (uint8_t)distance;
}

static inline void x86_call_near(struct jit *jit, uint32_t target)
{
	jit_bytes(jit, 0xe8, 1);
	x86_rel32(jit, target);
}

static inline void x86_jmp_reg(struct jit *jit, unsigned reg)
{
	x86_reg_form(jit, W32, 0xff, 4, reg, false);
}

static inline void x86_call_mem(struct jit *jit, struct mem m)
{
	x86_mem_form(jit, W32, 0xff, 2, m, false);
}

/* lea reg, [rip + …]: the address of an offset in the code. */
static inline void x86_lea_code(struct jit *jit, unsigned reg, uint32_t target)
{
	x86_rex(jit, W64, reg, 0, 0, false);
	jit_bytes(jit, 0x8d, 1);
	jit_bytes(jit, (reg & 7) << 3 | 5, 1);
	x86_rel32(jit, target);
}

static inline void x86_ret(struct jit *jit)
{
	jit_bytes(jit, 0xc3, 1);
}

#endif
