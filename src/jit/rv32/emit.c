/* SPDX-License-Identifier: MIT */
/*
 * The RV32 emitter: RV32IM, C where `features` has VOUCH_RV_COMPRESSED, A where it has
 * VOUCH_RV_ATOMIC (ILP32 calls). A BPF register is a pair, its lower half first:
 *
 *   r0 a0 s0   r1 a1 a2   r2 a3 a4   r3 a5 a6   r4 a7 s1     as C wants helper arguments 1 to 4
 *   r5 s2 s3   r6 s4 s5   r7 s6 s7   r10 s8, x0
 *   r8, r9: in the native frame, loaded to t2:t3 (as src) or t4:t5 (as dst)
 *   s9 the vm   s10 fuel used   s11 the context's start   t0 to t6 scratch
 *
 * sp stays where the prologue put it; calls of the program's functions keep their frames in memory
 * as the interpreter does. Invariants between instructions: s8 (r10) is the top of a frame inside
 * the stack, s9 is the vm, s10 what this run has spent, s11 vm->context.
 *
 * BPF addresses have 64 bits: the inline test of an access is for those that are in the context for
 * sure; all others go out of line, where a stub decides exactly as the interpreter does.
 *
 * Loads and stores are made at the address as it is: misaligned ones must work on the machine
 * (docs/jit-rv32.md). Atomics are tested for alignment first. Those of 64 bits, and all of them
 * without A, are plain sequences: one hart, which nothing that shares the memory interrupts.
 */
#include "encode.h"
#include "jit/rv/jump.h"
#include "vm/vm.h"

enum { FP = S8, VM = S9, USED = S10, CONTEXT = S11 };

struct pair {
	uint8_t lo, hi;
};

static const struct pair machine_pair[16] = {{A0, S0}, {A1, A2}, {A3, A4}, {A5, A6}, {A7, S1},
	{S2, S3}, {S4, S5}, {S6, S7}, [10] = {FP, ZERO}};
static const struct pair src_scratch = {T2, T3}, dst_scratch = {T4, T5};

#define VM_FIELD(name) VM_##name(4)

/* What instructions hand to stubs, and stubs to one another. t6 (FAR) is lost in jumps. */
enum {
	PC = T0,
	ADDRESS = T1,
	ADDRESS_HIGH = T2,
	HELPER_ID = T1,
	HELPER_ID_HIGH = T2,
	RETURN_TO = T1,
	LIMIT = T3,
	STATUS = T3,
	SIZE = T4,
	PERMISSIONS = T5,
	WRITE = T5
};

/*
 * Stubs. STUB_ACCESS + 4 * write + log2(size): is this address permitted?
 * STUB_ATOMIC + log2(size) - 2: is it aligned, and permitted? STUB_DIVIDE: 64 bits.
 */
enum {
	STUB_LEAVE,
	STUB_STOP,
	STUB_DONE,
	FAULT_FUEL,
	FAULT_DEPTH,
	FAULT_HELPER,
	FAULT_ALIGN,
	FAULT_MEMORY,
	STUB_CALLX,
	STUB_HELPER,
	STUB_CALL_LOCAL,
	STUB_EXIT,
	STUB_ACCESS,
	STUB_ATOMIC = STUB_ACCESS + 8,
	STUB_DIVIDE = STUB_ATOMIC + 2,
	STUB_HANDOVER,
	STUBS
};
_Static_assert(STUBS <= JIT_LABELS, "labels");

/*
 * Our frame, from sp up: arguments of helpers that don't fit registers (the upper half of the
 * fourth, the fifth), r8 and r9, what C wants back, what a stub keeps across a call of C.
 */
enum {
	ARGUMENTS,
	HOMES = 16,
	SAVED_C = 32,
	SAVED_RA = 84,
	SAVED_PC = 88,
	SAVED = 92,
	NATIVE_FRAME = 144
};

static const uint8_t callee_saved[13] = {RA, S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11};
static const uint8_t caller_saved[11] = {
	A0, A1, A2, A3, A4, A5, A6, A7, ADDRESS, SIZE, PERMISSIONS};
_Static_assert(SAVED_C + 4 * sizeof(callee_saved) <= SAVED_RA, "frame");
_Static_assert(SAVED + 4 * sizeof(caller_saved) <= NATIVE_FRAME && NATIVE_FRAME % 16 == 0, "frame");

/* Jumps to the next instruction and to stubs; the others are in jit/rv/jump.h. */

/* if (rs1 condition rs2) goto target, which is near: in this instruction, the next, or this stub */
static void emit_branch_near(
	struct jit *jit, unsigned condition, unsigned rs1, unsigned rs2, uint32_t target)
{
	int32_t distance = near_distance(jit, distance_to(jit, target), 13);

	emit32(jit, rv_branch(condition, rs1, rs2, distance));
}

/* ra = here; goto stub */
static void emit_call_stub(struct jit *jit, unsigned stub)
{
	int32_t distance = distance_to(jit, jit->label[stub]);

	if (jit->far)
		emit_jump_far(jit, RA, jit->label[stub]);
	else
		emit_jal(jit, near_distance(jit, distance, 21));
}

/* Constants and registers */

/* rd = imm */
static void emit_li(struct jit *jit, unsigned rd, int32_t imm)
{
	int32_t low = low_part(imm);

	if (rv_fits(imm, 12)) {
		emit_addi(jit, rd, ZERO, imm);
		return;
	}
	emit_lui(jit, rd, high_part(imm));
	if (low != 0)
		emit_addi(jit, rd, rd, low);
}

/* The same in one form, whatever imm is. */
static void emit_li_long(struct jit *jit, unsigned rd, int32_t imm)
{
	emit32(jit, rv_lui(rd, high_part(imm)));
	emit32(jit, rv_addi(rd, rd, low_part(imm)));
}

/* t0 = pc */
static void emit_pc(struct jit *jit, uint32_t pc)
{
	if (pc < 0x800)
		emit32(jit, rv_addi(PC, ZERO, (int32_t)pc));
	else
		emit_li_long(jit, PC, (int32_t)pc);
}

/* rd = rs + imm, in other registers */
static void emit_add_constant(struct jit *jit, unsigned rd, unsigned rs, int32_t imm)
{
	if (rv_fits(imm, 12)) {
		emit_addi(jit, rd, rs, imm);
	} else {
		emit_li_long(jit, rd, imm);
		emit_add(jit, rd, rd, rs);
	}
}

static void emit_move(struct jit *jit, unsigned rd, unsigned rs)
{
	if (rs == ZERO)
		emit_li(jit, rd, 0);
	else if (rd != rs)
		emit_mv(jit, rd, rs);
}

static bool is_in_frame(unsigned reg)
{
	return reg == 8 || reg == 9;
}

/* Where the lower half of r8 or r9 is, from sp. */
static int32_t home_of(unsigned reg)
{
	return HOMES + 8 * ((int32_t)reg - 8);
}

/* Where an instruction puts a BPF register's new value; emit_write() is to follow. */
static struct pair place_of(unsigned reg, struct pair scratch)
{
	return is_in_frame(reg) ? scratch : machine_pair[reg];
}

/* A BPF register, in registers. */
static struct pair emit_read(struct jit *jit, unsigned reg, struct pair scratch)
{
	if (is_in_frame(reg)) {
		emit_lw(jit, scratch.lo, SP, home_of(reg));
		emit_lw(jit, scratch.hi, SP, home_of(reg) + 4);
	}
	return place_of(reg, scratch);
}

static void emit_write(struct jit *jit, unsigned reg, struct pair value)
{
	if (is_in_frame(reg)) {
		emit_sw(jit, value.lo, SP, home_of(reg));
		emit_sw(jit, value.hi, SP, home_of(reg) + 4);
	} else {
		emit_move(jit, machine_pair[reg].lo, value.lo);
		emit_move(jit, machine_pair[reg].hi, value.hi);
	}
}

static struct pair emit_src(struct jit *jit, const struct vouch_insn *insn)
{
	return emit_read(jit, vouch_src(insn), src_scratch);
}

/* The register that holds imm: scratch, or x0. */
static unsigned emit_operand(struct jit *jit, unsigned scratch, int32_t imm)
{
	if (imm == 0)
		return ZERO;
	emit_li(jit, scratch, imm);
	return scratch;
}

/* The upper half of imm, which is sign-extended. */
static int32_t upper_half(int32_t imm)
{
	return imm < 0 ? -1 : 0;
}

/* imm, in t2:t3 or x0 */
static struct pair emit_constant(struct jit *jit, int32_t imm)
{
	return (struct pair){.lo = (uint8_t)emit_operand(jit, T2, imm),
		.hi = (uint8_t)emit_operand(jit, T3, upper_half(imm))};
}

/* Bit 3 of an opcode: the operand is src, not imm. */
static bool is_src(const struct vouch_insn *insn)
{
	return insn->opcode & 8;
}

/* The operand, and of 32-bit operations its lower half. */

static struct pair emit_operand64(struct jit *jit, const struct vouch_insn *insn)
{
	return is_src(insn) ? emit_src(jit, insn) : emit_constant(jit, insn->imm);
}

static unsigned emit_operand32(struct jit *jit, const struct vouch_insn *insn)
{
	return is_src(insn) ? emit_src(jit, insn).lo : emit_operand(jit, T2, insn->imm);
}

/* dst = imm64 */
static void emit_lddw(struct jit *jit, struct pair dst, const struct vouch_insn *insn)
{
	emit_li(jit, dst.lo, insn->imm);
	emit_li(jit, dst.hi, insn[1].imm);
}

/* dst = vm->data[imm] + offset, the offset unsigned */
static void emit_lddw_object(struct jit *jit, struct pair dst, const struct vouch_insn *insn)
{
	emit_li(jit, dst.lo, insn[1].imm);
	emit_lw(jit, T0, VM, VM_DATA(4, insn->imm));
	emit_add(jit, dst.lo, dst.lo, T0);
	emit32(jit, rv_sltu(dst.hi, dst.lo, T0));
}

/* Arithmetic. 32-bit operations are on the lower halves; emit_end() clears the upper one. */

/* dst = dst + src */
static void emit_add64(struct jit *jit, struct pair dst, struct pair src)
{
	/* The carry is told from src, which the addition must leave as it is. */
	if (src.lo == dst.lo) {
		emit_mv(jit, T1, src.lo);
		src.lo = T1;
	}
	emit_add(jit, dst.lo, dst.lo, src.lo);
	emit32(jit, rv_sltu(T0, dst.lo, src.lo));
	emit_add(jit, dst.hi, dst.hi, src.hi);
	emit_add(jit, dst.hi, dst.hi, T0);
}

/* dst = dst + imm; t2 is what was added */
static void emit_add32_k(struct jit *jit, unsigned dst, int32_t imm)
{
	if (rv_fits(imm, 12)) {
		emit_addi(jit, dst, dst, imm);
	} else {
		emit_li(jit, T2, imm);
		emit_add(jit, dst, dst, T2);
	}
}

static void emit_add64_k(struct jit *jit, struct pair dst, int32_t imm)
{
	emit_add32_k(jit, dst.lo, imm);
	emit32(jit, rv_fits(imm, 12) ? rv_sltiu(T0, dst.lo, imm) : rv_sltu(T0, dst.lo, T2));
	emit_add(jit, dst.hi, dst.hi, T0);
	if (imm < 0)
		emit_addi(jit, dst.hi, dst.hi, -1);
}

/* dst = a - b */
static void emit_difference(struct jit *jit, struct pair dst, struct pair a, struct pair b)
{
	emit32(jit, rv_sltu(T0, a.lo, b.lo));
	emit_sub(jit, dst.lo, a.lo, b.lo);
	emit_sub(jit, dst.hi, a.hi, b.hi);
	emit_sub(jit, dst.hi, dst.hi, T0);
}

static void emit_sub64_k(struct jit *jit, struct pair dst, int32_t imm)
{
	if (rv_fits((int32_t)(0 - (uint32_t)imm), 12))
		emit_add64_k(jit, dst, -imm);
	else
		emit_difference(jit, dst, dst, emit_constant(jit, imm));
}

static void emit_sub32_k(struct jit *jit, unsigned dst, int32_t imm)
{
	emit_add32_k(jit, dst, (int32_t)(0 - (uint32_t)imm));
}

/* dst = dst * src: of the upper halves' product nothing is left */
static void emit_mul64(struct jit *jit, struct pair dst, struct pair src)
{
	emit32(jit, rv_mulhu(T0, dst.lo, src.lo));
	if (src.hi != ZERO) {
		emit_mul(jit, T1, dst.lo, src.hi);
		emit_add(jit, T0, T0, T1);
	}
	emit_mul(jit, T1, dst.hi, src.lo);
	emit_mul(jit, dst.lo, dst.lo, src.lo);
	emit_add(jit, dst.hi, T0, T1);
}

/* or, and, xor by their funct3. */
enum { XOR = 4, OR = 6, AND = 7 };

static void emit_bits(struct jit *jit, unsigned op, unsigned dst, unsigned src)
{
	if (op == OR)
		emit_or(jit, dst, dst, src);
	else if (op == AND)
		emit_and(jit, dst, dst, src);
	else
		emit_xor(jit, dst, dst, src);
}

static void emit_bits64(struct jit *jit, unsigned op, struct pair dst, struct pair src)
{
	emit_bits(jit, op, dst.lo, src.lo);
	emit_bits(jit, op, dst.hi, src.hi);
}

/* dst = dst op imm */
static void emit_bits_k(struct jit *jit, unsigned op, unsigned dst, int32_t imm)
{
	/* What most upper halves are: nothing to do, or a constant. */
	if (imm == (op == AND ? -1 : 0))
		return;
	if (op != XOR && imm == (op == AND ? 0 : -1))
		emit_li(jit, dst, imm);
	else if (rv_fits(imm, 12) && op == AND)
		emit_andi(jit, dst, dst, imm);
	else if (rv_fits(imm, 12))
		emit32(jit, rv_i(imm, dst, op, dst, 0x13));
	else
		emit_bits(jit, op, dst, emit_operand(jit, T2, imm));
}

/*
 * Division of 32 bits. The machine does not trap: x / 0 is -1, x % 0 is x, the one overflow wraps.
 * All but the first are as BPF has them, and there 0 is one more.
 */

/* dst = dst / src or dst % src, 32 bits */
static void emit_divide32(
	struct jit *jit, const struct vouch_insn *insn, unsigned dst, bool remainder)
{
	unsigned src = emit_operand32(jit, insn);
	bool is_signed = insn->off == 1;

	if (remainder) {
		emit32(jit, is_signed ? rv_rem(dst, dst, src) : rv_remu(dst, dst, src));
		return;
	}
	emit32(jit, is_signed ? rv_div(T0, dst, src) : rv_divu(T0, dst, src));
	emit32(jit, rv_sltiu(T1, src, 1));
	emit_add(jit, dst, T0, T1);
}

/* What a division hands to its stub: t4:t5 by t2:t3, and what is wanted. */
enum { WANT_REMAINDER = T0, SIGNED_MASK = T1 };

/* dst = dst / src or dst % src, 64 bits: in a stub */
static void emit_divide64(
	struct jit *jit, const struct vouch_insn *insn, struct pair dst, bool remainder)
{
	struct pair src = emit_operand64(jit, insn);

	emit_move(jit, T2, src.lo);
	emit_move(jit, T3, src.hi);
	emit_move(jit, T4, dst.lo);
	emit_move(jit, T5, dst.hi);
	emit_li(jit, WANT_REMAINDER, remainder);
	emit_li(jit, SIGNED_MASK, -(insn->off == 1));
	emit_call_stub(jit, STUB_DIVIDE);
	emit_move(jit, dst.lo, T4);
	emit_move(jit, dst.hi, T5);
}

/* Shifts of a pair: bits go from one half to the other, to the left from the lower to the upper. */
enum { LSH, RSH, ARSH };

static void emit_shift_k(struct jit *jit, unsigned shift, unsigned rd, unsigned rs, unsigned amount)
{
	if (shift == LSH)
		emit_slli(jit, rd, rs, amount);
	else if (shift == RSH)
		emit_srli(jit, rd, rs, amount);
	else
		emit_srai(jit, rd, rs, amount);
}

static uint32_t shift_code(unsigned shift, unsigned rd, unsigned rs1, unsigned rs2)
{
	return shift == LSH   ? rv_sll(rd, rs1, rs2)
	       : shift == RSH ? rv_srl(rd, rs1, rs2)
	                      : rv_sra(rd, rs1, rs2);
}

static void emit_shift64_k(struct jit *jit, unsigned shift, struct pair dst, int32_t imm)
{
	unsigned from = shift == LSH ? dst.lo : dst.hi, to = shift == LSH ? dst.hi : dst.lo;
	unsigned same = shift == LSH ? LSH : RSH, other = shift == LSH ? RSH : LSH;
	unsigned amount = (uint32_t)imm & 63;

	if (amount >= 32) {
		emit_shift_k(jit, shift, to, from, amount - 32);
		if (shift == ARSH)
			emit_srai(jit, from, from, 31);
		else
			emit_li(jit, from, 0);
	} else if (amount != 0) {
		emit_shift_k(jit, other, T0, from, 32 - amount);
		emit_shift_k(jit, same, to, to, amount);
		emit_or(jit, to, to, T0);
		emit_shift_k(jit, shift, from, from, amount);
	}
}

/*
 * By a register. The machine takes the amount modulo 32; what goes to the other half is shifted
 * by 1 and then by 31 - amount, which is ~amount. From 32 on, halves move.
 */
static void emit_shift64_x(struct jit *jit, unsigned shift, struct pair dst, unsigned amount)
{
	unsigned from = shift == LSH ? dst.lo : dst.hi, to = shift == LSH ? dst.hi : dst.lo;
	unsigned same = shift == LSH ? LSH : RSH, other = shift == LSH ? RSH : LSH;

	if (amount == dst.lo) {
		emit_mv(jit, T2, amount);
		amount = T2;
	}
	emit32(jit, rv_xori(T0, amount, -1));
	emit_shift_k(jit, other, T1, from, 1);
	emit32(jit, shift_code(other, T1, T1, T0));
	emit32(jit, shift_code(same, to, to, amount));
	emit_or(jit, to, to, T1);
	emit32(jit, shift_code(shift, from, from, amount));
	emit_andi(jit, T0, amount, 32);
	emit32(jit, rv_branch(BEQ, T0, ZERO, 12));
	emit32(jit, rv_addi(to, from, 0));
	emit32(jit, shift == ARSH ? rv_srai(from, from, 31) : rv_addi(from, ZERO, 0));
}

/* dst = (int64_t)(the low bits of src) */
static void emit_sign_extend(struct jit *jit, struct pair dst, unsigned src, unsigned bits)
{
	emit_slli(jit, dst.lo, src, 32 - bits);
	emit_srai(jit, dst.lo, dst.lo, 32 - bits);
	emit_srai(jit, dst.hi, dst.lo, 31);
}

/* half = the two low bytes of half, swapped */
static void emit_swap16(struct jit *jit, unsigned half)
{
	emit_andi(jit, T0, half, 0xff);
	emit_slli(jit, T0, T0, 8);
	emit_slli(jit, half, half, 16);
	emit_srli(jit, half, half, 24);
	emit_or(jit, half, half, T0);
}

/* half = the bytes of half, reversed: neighbours, then halves. t1 is 0x00ff00ff. */
static void emit_swap32(struct jit *jit, unsigned half)
{
	emit_srli(jit, T0, half, 8);
	emit_and(jit, T0, T0, T1);
	emit_and(jit, half, half, T1);
	emit_slli(jit, half, half, 8);
	emit_or(jit, half, half, T0);
	emit_srli(jit, T0, half, 16);
	emit_slli(jit, half, half, 16);
	emit_or(jit, half, half, T0);
}

static void emit_swap64(struct jit *jit, struct pair dst)
{
	emit_swap32(jit, dst.lo);
	emit_swap32(jit, dst.hi);
	emit_mv(jit, T0, dst.lo);
	emit_mv(jit, dst.lo, dst.hi);
	emit_mv(jit, dst.hi, T0);
}

/* Memory */

enum { LG8, LG16, LG32, LG64 };

/* The access of an instruction: where, how wide, and whether the region test can't fail. */
struct access {
	unsigned reg, lg, write;
	int32_t off;
	bool certain;
};

/* A frame is 512 bytes below its top, r10, and lies in the stack whatever the program does. */
static struct access access_of(const struct vouch_insn *insn)
{
	/* The size field of an opcode, bits 3 and 4: W, H, B, DW. */
	static const uint8_t lg_of_size[4] = {LG32, LG16, LG8, LG64};
	unsigned lg = lg_of_size[insn->opcode >> 3 & 3];
	bool write = (insn->opcode & 7) != CLASS_LDX;
	unsigned reg = write ? vouch_dst(insn) : vouch_src(insn);
	int32_t end = insn->off + (1 << lg);

	return (struct access){.reg = reg,
		.lg = lg,
		.write = write,
		.off = insn->off,
		.certain = reg == 10 && insn->off >= -(int32_t)VOUCH_FRAME_SIZE && end <= 0};
}

/* t1:t2 = base + off */
static void emit_address(struct jit *jit, struct access a, struct pair base)
{
	emit_add_constant(jit, ADDRESS, base.lo, a.off);
	if (a.off == 0) {
		emit_move(jit, ADDRESS_HIGH, base.hi);
	} else if (a.off > 0) {
		emit32(jit, rv_sltu(ADDRESS_HIGH, ADDRESS, base.lo));
		emit_add(jit, ADDRESS_HIGH, ADDRESS_HIGH, base.hi);
	} else {
		emit32(jit, rv_sltu(ADDRESS_HIGH, base.lo, ADDRESS));
		emit_sub(jit, ADDRESS_HIGH, base.hi, ADDRESS_HIGH);
	}
}

/* if (a 32-bit address isn't in the context) goto cold */
static void emit_context_test(struct jit *jit, struct access a, unsigned address, uint32_t cold)
{
	emit_sub(jit, T0, address, CONTEXT);
	emit_lw(jit, LIMIT, VM, VM_LIMIT(4, (int32_t)a.write, (int32_t)a.lg));
	emit_branch(jit, BGEU, T0, LIMIT, cold);
}

/*
 * if (base + off isn't in the context) goto cold. Some that are in it go there, too: those that
 * wrap around to it. Returns the register that has the address, t1 or the base itself.
 */
static unsigned emit_test(struct jit *jit, struct access a, struct pair base, uint32_t cold)
{
	unsigned address = base.lo;

	if (base.hi != ZERO)
		emit_branch(jit, BNE, base.hi, ZERO, cold);
	if (a.off != 0) {
		address = ADDRESS;
		emit_add_constant(jit, ADDRESS, base.lo, a.off);
		emit_branch(jit, BLTU, a.off < 0 ? base.lo : ADDRESS, a.off < 0 ? ADDRESS : base.lo,
			cold);
	}
	emit_context_test(jit, a, address, cold);
	return address;
}

/* dst = *(type *)(base + off) */
static void emit_load(struct jit *jit, const struct vouch_insn *insn, unsigned base, int32_t off)
{
	struct pair dst = place_of(vouch_dst(insn), dst_scratch);
	enum vouch_op op = vouch_decode(insn);

	switch (op) {
	case OP_ldxb:
		emit32(jit, rv_lbu(dst.lo, base, off));
		break;
	case OP_ldxh:
		emit32(jit, rv_lhu(dst.lo, base, off));
		break;
	case OP_ldxdw:
		/* The base may be the lower half. */
		emit_lw(jit, dst.hi, base, off + 4);
		emit_lw(jit, dst.lo, base, off);
		break;
	case OP_ldxsb:
		emit32(jit, rv_lb(dst.lo, base, off));
		break;
	case OP_ldxsh:
		emit32(jit, rv_lh(dst.lo, base, off));
		break;
	default: /* ldxw, ldxsw */
		emit_lw(jit, dst.lo, base, off);
		break;
	}
	if (op == OP_ldxsb || op == OP_ldxsh || op == OP_ldxsw)
		emit_srai(jit, dst.hi, dst.lo, 31);
	else if (op != OP_ldxdw)
		emit_li(jit, dst.hi, 0);
	emit_write(jit, vouch_dst(insn), dst);
}

/* *(type *)(base + off) = imm or src */
static void emit_store(struct jit *jit, const struct vouch_insn *insn, unsigned base, int32_t off)
{
	bool is_constant = (insn->opcode & 7) == CLASS_ST;
	struct pair value = is_constant ? emit_constant(jit, insn->imm) : emit_src(jit, insn);

	switch (vouch_decode(insn)) {
	case OP_stb:
	case OP_stxb:
		emit32(jit, rv_sb(value.lo, base, off));
		break;
	case OP_sth:
	case OP_stxh:
		emit32(jit, rv_sh(value.lo, base, off));
		break;
	case OP_stdw:
	case OP_stxdw:
		emit_sw(jit, value.hi, base, off + 4);
		emit_sw(jit, value.lo, base, off);
		break;
	default: /* stw, stxw */
		emit_sw(jit, value.lo, base, off);
		break;
	}
}

static void emit_transfer(
	struct jit *jit, const struct vouch_insn *insn, unsigned base, int32_t off)
{
	if ((insn->opcode & 7) == CLASS_LDX)
		emit_load(jit, insn, base, off);
	else
		emit_store(jit, insn, base, off);
}

/* A load or store: the context is tested inline, everything else out of line. */
static void emit_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);
	struct pair base;

	if (a.certain) {
		emit_transfer(jit, insn, FP, a.off);
		return;
	}
	base = emit_read(jit, a.reg, dst_scratch);
	emit_transfer(jit, insn, emit_test(jit, a, base, jit->cold[pc]), 0);
}

/* The long way: it ends with an access of its own, and goes on at the next instruction. */
static void emit_cold_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	if (a.certain)
		return;
	emit_address(jit, a, emit_read(jit, a.reg, dst_scratch));
	emit_pc(jit, pc);
	emit_call_stub(jit, STUB_ACCESS + 4 * a.write + a.lg);
	emit_transfer(jit, insn, ADDRESS, 0);
	emit_jump(jit, jit->offset[pc + 1]);
}

/* The operation of an atomic: imm without the fetch bit. */
enum { ATOMIC_ADD, ATOMIC_OR = 0x40, ATOMIC_AND = 0x50, ATOMIC_XOR = 0xa0, ATOMIC_EXCHANGE = 0xe0 };
enum { ATOMIC_FETCH = 1 };

/* An operation on the word at t1 by the A extension, and what was there to src if fetch. */
static void emit_amo(struct jit *jit, const struct vouch_insn *insn)
{
	struct pair src = emit_src(jit, insn);
	unsigned rd = insn->imm & ATOMIC_FETCH ? src.lo : ZERO;

	switch (insn->imm & ~ATOMIC_FETCH) {
	/* *(type *)(dst + off) += src */
	case ATOMIC_ADD:
		emit32(jit, rv_amoadd(AMO_W, AQRL, rd, src.lo, ADDRESS));
		break;
	/* *(type *)(dst + off) |= src */
	case ATOMIC_OR:
		emit32(jit, rv_amoor(AMO_W, AQRL, rd, src.lo, ADDRESS));
		break;
	/* *(type *)(dst + off) &= src */
	case ATOMIC_AND:
		emit32(jit, rv_amoand(AMO_W, AQRL, rd, src.lo, ADDRESS));
		break;
	/* *(type *)(dst + off) ^= src */
	case ATOMIC_XOR:
		emit32(jit, rv_amoxor(AMO_W, AQRL, rd, src.lo, ADDRESS));
		break;
	/* *(type *)(dst + off) = src */
	case ATOMIC_EXCHANGE:
		emit32(jit, rv_amoswap(AMO_W, AQRL, rd, src.lo, ADDRESS));
		break;
	/* *(type *)(dst + off) = r0 == *(type *)(dst + off) ? src : *(type *)(dst + off) */
	default:
		emit32(jit, rv_lr(AMO_W, AQRL, T0, ADDRESS));
		emit32(jit, rv_branch(BNE, T0, machine_pair[0].lo, 12));
		emit32(jit, rv_sc(AMO_W, RL, T4, src.lo, ADDRESS));
		emit32(jit, rv_branch(BNE, T4, ZERO, -12));
		emit_write(jit, 0, (struct pair){T0, ZERO});
		return;
	}
	if (rd != ZERO)
		emit_write(jit, vouch_src(insn), (struct pair){(uint8_t)rd, ZERO});
}

/* *t1 = src if *t1, which is `old`, is r0. Both stores are of 4 bytes, so that branches know. */
static void emit_plain_compare_exchange(
	struct jit *jit, struct pair old, struct pair src, bool wide)
{
	emit32(jit, rv_branch(BNE, old.lo, machine_pair[0].lo, wide ? 16 : 8));
	if (wide) {
		emit32(jit, rv_branch(BNE, old.hi, machine_pair[0].hi, 12));
		emit32(jit, rv_sw(src.hi, ADDRESS, 4));
	}
	emit32(jit, rv_sw(src.lo, ADDRESS, 0));
	emit_write(jit, 0, old);
}

/* t0 = one half of what an operation stores */
static void emit_plain_half(struct jit *jit, int32_t op, unsigned old, unsigned src)
{
	if (op == ATOMIC_ADD)
		emit32(jit, rv_add(T0, old, src));
	else if (op == ATOMIC_OR)
		emit32(jit, rv_or(T0, old, src));
	else if (op == ATOMIC_AND)
		emit32(jit, rv_and(T0, old, src));
	else if (op == ATOMIC_XOR)
		emit32(jit, rv_xor(T0, old, src));
	else
		emit_move(jit, T0, src);
}

/* The same by loads and stores, of 32 or 64 bits. */
static void emit_plain(struct jit *jit, const struct vouch_insn *insn, bool wide)
{
	struct pair src = emit_src(jit, insn), old = {T4, wide ? T5 : ZERO};
	int32_t op = insn->imm & ~ATOMIC_FETCH;

	emit_lw(jit, old.lo, ADDRESS, 0);
	if (wide)
		emit_lw(jit, old.hi, ADDRESS, 4);
	if (op > ATOMIC_EXCHANGE) {
		emit_plain_compare_exchange(jit, old, src, wide);
		return;
	}
	emit_plain_half(jit, op, old.lo, src.lo);
	emit_sw(jit, T0, ADDRESS, 0);
	if (wide && op == ATOMIC_ADD) {
		emit32(jit, rv_sltu(T0, T0, old.lo));
		emit_add(jit, T0, T0, old.hi);
		emit_add(jit, T0, T0, src.hi);
	} else if (wide) {
		emit_plain_half(jit, op, old.hi, src.hi);
	}
	if (wide)
		emit_sw(jit, T0, ADDRESS, 4);
	if (insn->imm & ATOMIC_FETCH)
		emit_write(jit, vouch_src(insn), old);
}

static void emit_atomic_transfer(struct jit *jit, const struct vouch_insn *insn, struct access a)
{
	if (a.lg == LG32 && (jit->features & VOUCH_RV_ATOMIC))
		emit_amo(jit, insn);
	else
		emit_plain(jit, insn, a.lg == LG64);
}

/* An atomic: alignment first, then the region. */
static void emit_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_address(jit, a, emit_read(jit, a.reg, dst_scratch));
	emit_andi(jit, T0, ADDRESS, (1 << a.lg) - 1);
	emit_or(jit, T0, T0, ADDRESS_HIGH);
	emit_branch(jit, BNE, T0, ZERO, jit->cold[pc]);
	emit_context_test(jit, a, ADDRESS, jit->cold[pc]);
	emit_atomic_transfer(jit, insn, a);
}

/* Either test failed; the stub makes both again. */
static void emit_cold_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_address(jit, a, emit_read(jit, a.reg, dst_scratch));
	emit_pc(jit, pc);
	emit_call_stub(jit, STUB_ATOMIC + a.lg - LG32);
	emit_atomic_transfer(jit, insn, a);
	emit_jump(jit, jit->offset[pc + 1]);
}

/*
 * Jumps: what does not hold goes to the next instruction, which is near; the one jump to the target
 * follows. A backward one is taken while there is fuel; its out-of-line part is the fault.
 */

static int32_t delta_of(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_JA32 ? insn->imm : insn->off;
}

/* goto the target. Backwards: used++; if (used <= vm->fuel) */
static void emit_taken(struct jit *jit, uint32_t pc)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit->offset[jit_target(pc, delta)];

	if (delta >= 0) {
		emit_jump(jit, target);
		return;
	}
	emit_addi(jit, USED, USED, 1);
	emit_lw(jit, T0, VM, VM_FIELD(FUEL));
	emit_branch(jit, BGEU, T0, USED, target);
	emit_jump(jit, jit->cold[pc]);
}

static void emit_cold_jump(struct jit *jit, uint32_t pc)
{
	if (delta_of(&jit->program->insns[pc]) >= 0)
		return;
	emit_pc(jit, pc);
	emit_jump(jit, jit->label[FAULT_FUEL]);
}

/* Comparisons that the machine only has with their operands exchanged. */
enum { BGT = 8 | BLT, BLE = 8 | BGE, BGTU = 8 | BLTU, BLEU = 8 | BGEU };

/* if (!(a condition b)) goto next: the upper halves decide unless they are equal */
static void emit_unless64(
	struct jit *jit, unsigned condition, struct pair a, struct pair b, uint32_t next)
{
	if (condition == BEQ) {
		emit_branch_near(jit, BNE, a.hi, b.hi, next);
		emit_branch_near(jit, BNE, a.lo, b.lo, next);
		return;
	}
	if (condition == BLT || condition == BLTU)
		emit_branch_near(jit, condition, b.hi, a.hi, next);
	else if (condition != BNE)
		emit_branch_near(jit, condition ^ 1, a.hi, b.hi, next);
	emit32(jit, rv_branch(BNE, a.hi, b.hi, 8));
	/* The lower halves have no sign. */
	emit_branch_near(
		jit, condition == BNE ? BEQ : (condition ^ 1) | (BLT ^ BLTU), a.lo, b.lo, next);
}

/* if (dst condition src) goto target */
static void emit_jump_if(struct jit *jit, uint32_t pc, unsigned condition, bool wide)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct pair dst = emit_read(jit, vouch_dst(insn), dst_scratch);
	struct pair src = emit_operand64(jit, insn);
	struct pair a = condition & 8 ? src : dst, b = condition & 8 ? dst : src;

	condition &= 7;
	if (wide)
		emit_unless64(jit, condition, a, b, jit->offset[pc + 1]);
	else
		emit_branch_near(jit, condition ^ 1, a.lo, b.lo, jit->offset[pc + 1]);
	emit_taken(jit, pc);
}

/* if (dst & src) goto target */
static void emit_jset(struct jit *jit, uint32_t pc, bool wide)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct pair a = emit_read(jit, vouch_dst(insn), dst_scratch);
	struct pair b = emit_operand64(jit, insn);

	emit32(jit, rv_and(T0, a.lo, b.lo));
	if (wide) {
		emit32(jit, rv_and(T1, a.hi, b.hi));
		emit_or(jit, T0, T0, T1);
	}
	emit_branch_near(jit, BEQ, T0, ZERO, jit->offset[pc + 1]);
	emit_taken(jit, pc);
}

/* Calls */

/* r0 = helpers[imm](r1, …, r5) */
static void emit_call(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_li(jit, HELPER_ID, jit->program->insns[pc].imm);
	emit_call_stub(jit, STUB_HELPER);
}

/* r0 = helpers[dst](r1, …, r5) */
static void emit_callx(struct jit *jit, uint32_t pc)
{
	struct pair id = emit_read(jit, vouch_dst(&jit->program->insns[pc]), dst_scratch);

	emit_pc(jit, pc);
	emit_move(jit, HELPER_ID, id.lo);
	emit_move(jit, HELPER_ID_HIGH, id.hi);
	emit_call_stub(jit, STUB_CALLX);
}

/* A function of the program. The offset is loaded by one form: its own length depends on it. */
static void emit_call_local(struct jit *jit, uint32_t pc)
{
	int32_t return_to = (int32_t)jit->offset[pc + 1];

	emit_pc(jit, pc);
	emit_li_long(jit, RETURN_TO, return_to);
	emit_call_stub(jit, STUB_CALL_LOCAL);
	emit_jump(jit, jit->offset[jit_target(pc, jit->program->insns[pc].imm)]);
}

/* return r0 */
static void emit_exit(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_jump(jit, jit->label[STUB_EXIT]);
}

/*
 * The stubs, in the epilogue. Each jumps only to stubs before it, whose labels are known. t0 is
 * the pc in all of them but the division; those that test an address keep t1:t2, too.
 */

static void set_label(struct jit *jit, unsigned label)
{
	jit->label[label] = jit->pos;
}

static void emit_branch_stub(
	struct jit *jit, unsigned condition, unsigned rs1, unsigned rs2, unsigned stub)
{
	emit_branch(jit, condition, rs1, rs2, jit->label[stub]);
}

static void emit_jump_stub(struct jit *jit, unsigned stub)
{
	emit_jump(jit, jit->label[stub]);
}

/* BPF's state and the fault (t0 to t5) to the vm, the status to C. */
static void stub_leave(struct jit *jit)
{
	set_label(jit, STUB_LEAVE);
	emit_sw(jit, STATUS, VM, VM_FIELD(FAULT_STATUS));
	emit_sw(jit, PC, VM, VM_FIELD(FAULT_PC));
	emit_sw(jit, ADDRESS, VM, VM_FIELD(FAULT_ADDRESS));
	emit_sw(jit, ADDRESS_HIGH, VM, VM_FIELD(FAULT_ADDRESS) + 4);
	emit_sw(jit, SIZE, VM, VM_FIELD(FAULT_SIZE));
	emit_sw(jit, WRITE, VM, VM_FIELD(FAULT_WRITE));
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		struct pair value = emit_read(jit, i, dst_scratch);

		emit_sw(jit, value.lo, VM, VM_R((int32_t)i));
		emit_sw(jit, value.hi, VM, VM_R((int32_t)i) + 4);
	}
	emit_sw(jit, USED, VM, VM_FIELD(USED));
	emit_mv(jit, A0, STATUS);
	for (unsigned i = 0; i < sizeof(callee_saved); i++)
		emit_lw(jit, callee_saved[i], SP, SAVED_C + 4 * (int32_t)i);
	emit_addi(jit, SP, SP, NATIVE_FRAME);
	emit_jr(jit, RA);
}

static void stub_stop(struct jit *jit, unsigned label, enum vouch_status status)
{
	set_label(jit, label);
	emit_li(jit, STATUS, (int32_t)status);
	emit_jump_stub(jit, STUB_STOP);
}

static void stub_stops(struct jit *jit)
{
	/* t3: status. There was no access. */
	set_label(jit, STUB_STOP);
	emit_li(jit, ADDRESS, 0);
	emit_li(jit, ADDRESS_HIGH, 0);
	emit_li(jit, SIZE, 0);
	emit_li(jit, WRITE, 0);
	emit_jump_stub(jit, STUB_LEAVE);

	stub_stop(jit, STUB_DONE, VOUCH_OK);
	stub_stop(jit, FAULT_FUEL, VOUCH_FAULT_FUEL);
	stub_stop(jit, FAULT_DEPTH, VOUCH_FAULT_DEPTH);
	stub_stop(jit, STUB_HANDOVER, STATUS_HANDOVER);

	/* t1:t2: id */
	set_label(jit, FAULT_HELPER);
	emit_li(jit, STATUS, VOUCH_FAULT_HELPER);
	emit_li(jit, SIZE, 0);
	emit_li(jit, WRITE, 0);
	emit_jump_stub(jit, STUB_LEAVE);
}

static void stub_access_faults(struct jit *jit)
{
	/* t1:t2: address, t4: size; only writes are atomic. */
	set_label(jit, FAULT_ALIGN);
	emit_li(jit, STATUS, VOUCH_FAULT_ALIGN);
	emit_li(jit, WRITE, 1);
	emit_jump_stub(jit, STUB_LEAVE);

	/* t1:t2: address, t4: size, t5: permissions */
	set_label(jit, FAULT_MEMORY);
	_Static_assert(VOUCH_READ >> 1 == 0 && (VOUCH_READ | VOUCH_WRITE) >> 1 == 1,
		"write from permissions");
	emit_li(jit, STATUS, VOUCH_FAULT_MEMORY);
	emit_srli(jit, WRITE, PERMISSIONS, 1);
	emit_jump_stub(jit, STUB_LEAVE);
}

/* t3 = vouch_region_find(regions, nregions, t1:t2, t4, t5), t2 is 0, everything else as it was */
static void emit_find(struct jit *jit)
{
	emit_sw(jit, RA, SP, SAVED_RA);
	emit_sw(jit, PC, SP, SAVED_PC);
	for (unsigned i = 0; i < sizeof(caller_saved); i++)
		emit_sw(jit, caller_saved[i], SP, SAVED + 4 * (int32_t)i);
	emit_lw(jit, A0, VM, VM_FIELD(REGIONS));
	emit_lw(jit, A1, VM, VM_FIELD(NREGIONS));
	emit_mv(jit, A2, ADDRESS);
	emit_li(jit, A3, 0);
	emit_mv(jit, A4, SIZE);
	emit_li(jit, A5, 0);
	emit_mv(jit, A6, PERMISSIONS);
	emit_lw(jit, T3, VM, VM_FIELD(FIND));
	emit_call_register(jit, T3);
	emit_mv(jit, T3, A0);
	emit_li(jit, ADDRESS_HIGH, 0);
	emit_lw(jit, RA, SP, SAVED_RA);
	emit_lw(jit, PC, SP, SAVED_PC);
	for (unsigned i = 0; i < sizeof(caller_saved); i++)
		emit_lw(jit, caller_saved[i], SP, SAVED + 4 * (int32_t)i);
}

/*
 * t1:t2: address, t3: the context's limit, t4: size, t5: permissions. In the context? In the stack?
 * In the table? Fault if in none. There is nothing above 4 GiB.
 */
static uint32_t stub_region(struct jit *jit)
{
	uint32_t granted = jit->pos, start;

	emit_jr(jit, RA);

	start = jit->pos;
	emit_branch_stub(jit, BNE, ADDRESS_HIGH, ZERO, FAULT_MEMORY);
	emit_sub(jit, T6, ADDRESS, CONTEXT);
	emit_branch_near(jit, BLTU, T6, LIMIT, granted);
	emit_lw(jit, T3, VM, VM_FIELD(STACK_TOP));
	emit_lw(jit, T6, VM, VM_FIELD(STACK_LOW));
	emit_sub(jit, T3, T3, T6);
	emit_sub(jit, T6, ADDRESS, T6);
	emit_addi(jit, T3, T3, VOUCH_FRAME_SIZE);
	emit_addi(jit, T6, T6, VOUCH_FRAME_SIZE);
	emit_sub(jit, T3, T3, SIZE);
	emit_branch_near(jit, BGEU, T3, T6, granted);
	emit_find(jit);
	emit_branch_stub(jit, BEQ, T3, ZERO, FAULT_MEMORY);
	emit_jr(jit, RA);
	return start;
}

/* t1:t2: address */
static void stub_access(struct jit *jit, uint32_t region)
{
	for (unsigned i = 0; i < 8; i++) {
		unsigned write = i >> 2, lg = i & 3;

		set_label(jit, STUB_ACCESS + i);
		emit_li(jit, SIZE, 1 << lg);
		emit_li(jit, PERMISSIONS, write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ);
		emit_lw(jit, LIMIT, VM, VM_LIMIT(4, (int32_t)write, (int32_t)lg));
		emit_jump(jit, region);
	}
	for (unsigned lg = LG32; lg <= LG64; lg++) {
		set_label(jit, STUB_ATOMIC + lg - LG32);
		emit_li(jit, SIZE, 1 << lg);
		emit_andi(jit, T3, ADDRESS, (1 << lg) - 1);
		emit_branch_stub(jit, BNE, T3, ZERO, FAULT_ALIGN);
		emit_jump_stub(jit, STUB_ACCESS + 4 + lg);
	}
}

/* used++; if (used > vm->fuel) fault */
static void emit_spend(struct jit *jit)
{
	emit_addi(jit, USED, USED, 1);
	emit_lw(jit, T3, VM, VM_FIELD(FUEL));
	emit_branch_stub(jit, BLTU, T3, USED, FAULT_FUEL);
}

/* t3 = helpers[t1] */
static void emit_load_helper(struct jit *jit)
{
	emit_lw(jit, T3, VM, VM_FIELD(HELPERS));
	emit_slli(jit, T4, HELPER_ID, 2);
	emit_add(jit, T3, T3, T4);
	emit_lw(jit, T3, T3, 0);
}

/* t3: what the helper asked for. */
static uint32_t stub_requested(struct jit *jit)
{
	uint32_t start = jit->pos;

	emit_li(jit, T4, REQUEST_END);
	emit_branch_stub(jit, BEQ, T3, T4, STUB_DONE);
	emit_li(jit, STATUS, VOUCH_FAULT_HOST);
	emit_jump_stub(jit, STUB_STOP);
	return start;
}

/* t3(vm, r1, …, r5): four of them are in registers, but for the upper half of r4. */
static void emit_call_helper(struct jit *jit)
{
	emit_sw(jit, RA, SP, SAVED_RA);
	emit_sw(jit, PC, SP, SAVED_PC);
	emit_sw(jit, machine_pair[4].hi, SP, ARGUMENTS);
	emit_sw(jit, machine_pair[5].lo, SP, ARGUMENTS + 8);
	emit_sw(jit, machine_pair[5].hi, SP, ARGUMENTS + 12);
	emit_mv(jit, A0, VM);
	emit_call_register(jit, T3);
	emit_write(jit, 0, (struct pair){A0, A1});
	emit_lw(jit, RA, SP, SAVED_RA);
	emit_lw(jit, PC, SP, SAVED_PC);
	for (unsigned i = 1; i <= 5; i++)
		emit_write(jit, i, (struct pair){ZERO, ZERO});
}

static void stub_helper(struct jit *jit)
{
	uint32_t requested = stub_requested(jit);

	/* t1:t2: id. Does the helper exist? */
	set_label(jit, STUB_CALLX);
	emit_branch_stub(jit, BNE, HELPER_ID_HIGH, ZERO, FAULT_HELPER);
	emit_lw(jit, T3, VM, VM_FIELD(NHELPERS));
	emit_branch_stub(jit, BGEU, HELPER_ID, T3, FAULT_HELPER);
	emit_load_helper(jit);
	emit_branch_stub(jit, BEQ, T3, ZERO, FAULT_HELPER);

	/* t1: id of a helper that exists. It may give the vm another context. */
	set_label(jit, STUB_HELPER);
	emit_spend(jit);
	emit_load_helper(jit);
	emit_call_helper(jit);
	emit_lw(jit, CONTEXT, VM, VM_FIELD(CONTEXT));
	emit_lw(jit, T3, VM, VM_FIELD(REQUEST));
	emit_branch(jit, BNE, T3, ZERO, requested);
	emit_jr(jit, RA);
}

/* t1: the code's offset where the caller goes on. Save r6 to r9 and give the callee a frame. */
static void stub_call_local(struct jit *jit)
{
	set_label(jit, STUB_CALL_LOCAL);
	emit_lw(jit, T3, VM, VM_FIELD(STACK_LOW));
	emit_branch_stub(jit, BEQ, FP, T3, FAULT_DEPTH);
	emit_spend(jit);
	emit_lw(jit, T3, VM, VM_FIELD(FRAME));
	for (unsigned i = 0; i < 4; i++) {
		struct pair value = emit_read(jit, 6 + i, dst_scratch);

		emit_sw(jit, value.lo, T3, FRAME_SAVED((int32_t)i));
		emit_sw(jit, value.hi, T3, FRAME_SAVED((int32_t)i) + 4);
	}
	emit_addi(jit, PC, PC, 1);
	emit_sw(jit, PC, T3, FRAME_PC);
	emit_sw(jit, RETURN_TO, T3, FRAME_CODE);
	emit_addi(jit, T3, T3, FRAME_RECORD);
	emit_sw(jit, T3, VM, VM_FIELD(FRAME));
	emit_addi(jit, FP, FP, -(int32_t)VOUCH_FRAME_SIZE);
	emit_jr(jit, RA);
}

/* Registers from first on, n of them, from memory at base. */
static void emit_load_registers(struct jit *jit, unsigned first, unsigned n, unsigned base)
{
	for (unsigned i = 0; i < n; i++) {
		struct pair place = place_of(first + i, dst_scratch);

		emit_lw(jit, place.lo, base, 8 * (int32_t)i);
		emit_lw(jit, place.hi, base, 8 * (int32_t)i + 4);
		emit_write(jit, first + i, place);
	}
}

/* Exit of a called function: back to its caller. */
static void stub_exit(struct jit *jit)
{
	int32_t pos;

	set_label(jit, STUB_EXIT);
	emit_lw(jit, T2, VM, VM_FIELD(STACK_TOP));
	emit_branch_stub(jit, BEQ, FP, T2, STUB_DONE);
	emit_lw(jit, T2, VM, VM_FIELD(FRAME));
	emit_addi(jit, T2, T2, -FRAME_RECORD);
	emit_sw(jit, T2, VM, VM_FIELD(FRAME));
	emit_load_registers(jit, 6, 4, T2);
	emit_addi(jit, FP, FP, VOUCH_FRAME_SIZE);
	emit_lw(jit, T2, T2, FRAME_CODE);
	pos = (int32_t)jit->pos;
	emit32(jit, rv_auipc(T3, 0));
	emit_addi(jit, T3, T3, -pos);
	emit_add(jit, T2, T2, T3);
	emit_jr(jit, T2);
}

/*
 * Division of 64 bits: t4:t5 = t4:t5 / t2:t3, or % if t0, both signed if t1 is -1 and not 0. Every
 * other register stays as it was, but t0 to t3 and t6.
 */

/* value = mask is -1 ? -value : value */
static void emit_negate_if(struct jit *jit, struct pair value, unsigned mask)
{
	emit_xor(jit, value.lo, value.lo, mask);
	emit_xor(jit, value.hi, value.hi, mask);
	emit32(jit, rv_sltu(T6, value.lo, mask));
	emit_sub(jit, value.lo, value.lo, mask);
	emit_sub(jit, value.hi, value.hi, mask);
	emit_sub(jit, value.hi, value.hi, T6);
}

/* Both operands fit 32 bits, unsigned: what the machine has. */
static void emit_divide_short(struct jit *jit)
{
	emit32(jit, rv_branch(BNE, WANT_REMAINDER, ZERO, 20));
	emit32(jit, rv_divu(T4, T4, T2));
	emit32(jit, rv_sltiu(T2, T2, 1));
	emit32(jit, rv_add(T4, T4, T2));
	emit32(jit, rv_jalr(ZERO, RA, 0));
	emit32(jit, rv_remu(T4, T4, T2));
	emit_jr(jit, RA);
}

/* Magnitudes instead of numbers; t1 = -1 if the result is to be negated. */
static void emit_divide_signs(struct jit *jit)
{
	emit_srai(jit, A0, T5, 31);
	emit_and(jit, A0, A0, SIGNED_MASK);
	emit_srai(jit, A1, T3, 31);
	emit_and(jit, A1, A1, SIGNED_MASK);
	emit_negate_if(jit, dst_scratch, A0);
	emit_negate_if(jit, src_scratch, A1);
	/* A remainder has the dividend's sign, a quotient the product of both. */
	emit_addi(jit, T6, WANT_REMAINDER, -1);
	emit_and(jit, A1, A1, T6);
	emit_mv(jit, T1, A0);
	emit32(jit, rv_xor(T1, T1, A1));
}

/*
 * The upper half of the quotient, by the machine, and its remainder a1:a0. If the divisor has an
 * upper half, too, that quotient is 0.
 */
static void emit_divide_upper(struct jit *jit)
{
	emit_li(jit, A1, 0);
	emit32(jit, rv_branch(BNE, T3, ZERO, 16));
	emit32(jit, rv_remu(A0, T5, T2));
	emit32(jit, rv_divu(T5, T5, T2));
	emit32(jit, rv_jal(ZERO, 12));
	emit32(jit, rv_addi(A0, T5, 0));
	emit32(jit, rv_addi(T5, ZERO, 0));
}

/*
 * The lower half, bit by bit. After n rounds: a1:a0 and the n low bits of t4 are remainder and
 * quotient of the dividend without its last 32 - n bits (which are the upper ones of t4), but for
 * the quotient's upper half. So a1:a0 is smaller than the divisor, or the divisor is 0 and a1:a0
 * that dividend; doubled, it has no more bits than the dividend had.
 */
static void emit_divide_lower(struct jit *jit)
{
	uint32_t loop;

	emit_li(jit, A2, 32);
	loop = jit->pos;
	emit_slli(jit, A1, A1, 1);
	emit_srli(jit, T6, A0, 31);
	emit_or(jit, A1, A1, T6);
	emit_slli(jit, A0, A0, 1);
	emit_srli(jit, T6, T4, 31);
	emit_or(jit, A0, A0, T6);
	emit_slli(jit, T4, T4, 1);
	/* t6 = a1:a0 < t2:t3 */
	emit32(jit, rv_sltu(T6, A0, T2));
	emit32(jit, rv_branch(BEQ, A1, T3, 8));
	emit32(jit, rv_sltu(T6, A1, T3));
	emit32(jit, rv_branch(BNE, T6, ZERO, 24));
	emit32(jit, rv_sltu(T6, A0, T2));
	emit32(jit, rv_sub(A0, A0, T2));
	emit32(jit, rv_sub(A1, A1, T3));
	emit32(jit, rv_sub(A1, A1, T6));
	emit32(jit, rv_addi(T4, T4, 1));
	emit_addi(jit, A2, A2, -1);
	emit_branch_near(jit, BNE, A2, ZERO, loop);
}

static void stub_divide(struct jit *jit)
{
	static const uint8_t saved[3] = {A0, A1, A2};
	uint32_t is_long = jit->pos;

	for (unsigned i = 0; i < sizeof(saved); i++)
		emit_sw(jit, saved[i], SP, SAVED + 4 * (int32_t)i);
	emit_divide_signs(jit);
	emit_divide_upper(jit);
	emit_divide_lower(jit);
	/* By 0 the quotient is -1 so far; it is to be 0. */
	emit_or(jit, T6, T2, T3);
	emit32(jit, rv_sltiu(T6, T6, 1));
	emit_addi(jit, T6, T6, -1);
	emit_and(jit, T4, T4, T6);
	emit_and(jit, T5, T5, T6);
	emit32(jit, rv_branch(BEQ, WANT_REMAINDER, ZERO, 12));
	emit32(jit, rv_addi(T4, A0, 0));
	emit32(jit, rv_addi(T5, A1, 0));
	emit_negate_if(jit, dst_scratch, SIGNED_MASK);
	for (unsigned i = 0; i < sizeof(saved); i++)
		emit_lw(jit, saved[i], SP, SAVED + 4 * (int32_t)i);
	emit_jr(jit, RA);

	set_label(jit, STUB_DIVIDE);
	emit32(jit, rv_or(T6, T3, T5));
	emit_branch_near(jit, BNE, T6, ZERO, is_long);
	emit_divide_short(jit);
}

static void epilogue(struct jit *jit)
{
	stub_leave(jit);
	stub_stops(jit);
	stub_exit(jit);
	stub_access_faults(jit);
	stub_access(jit, stub_region(jit));
	stub_helper(jit);
	stub_call_local(jit);
	stub_divide(jit);
}

/* Lengths are multiples of 2, without the C extension of 4. */
static void nops(struct jit *jit, uint32_t bytes)
{
	for (; bytes >= 4; bytes -= 4)
		emit32(jit, rv_addi(ZERO, ZERO, 0));
	if (bytes != 0)
		jit_bytes(jit, rv_c_addi(ZERO, 0), 2);
}

/* a0: the vm. All but the fuel. */
static void emit_enter(struct jit *jit)
{
	emit_addi(jit, SP, SP, -NATIVE_FRAME);
	for (unsigned i = 0; i < sizeof(callee_saved); i++)
		emit_sw(jit, callee_saved[i], SP, SAVED_C + 4 * (int32_t)i);
	emit_mv(jit, VM, A0);
	emit_load_registers(jit, 0, 10, VM);
	emit_lw(jit, FP, VM, VM_R(10));
	emit_lw(jit, CONTEXT, VM, VM_FIELD(CONTEXT));
}

/* uint32_t enter(struct vouch_vm *vm) */
static void prologue(struct jit *jit)
{
	emit_enter(jit);
	emit_li(jit, USED, 0);
	emit_jump(jit, jit->offset[jit->program->entry]);
}

/* uint32_t resume(struct vouch_vm *vm, const void *code) */
static void resume(struct jit *jit)
{
	emit_mv(jit, T0, A1);
	emit_enter(jit);
	emit_lw(jit, USED, VM, VM_FIELD(USED));
	emit_jr(jit, T0);
}

static void handover(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_jump_stub(jit, STUB_HANDOVER);
}

/* The four rows of an operation on bits. */
#define CASES_BITS(id, op)                                             \
	case OP_##id##64_k:                                            \
		emit_bits_k(jit, op, dst.lo, insn->imm);               \
		emit_bits_k(jit, op, dst.hi, upper_half(insn->imm));   \
		break;                                                 \
	case OP_##id##64_x:                                            \
		emit_bits64(jit, op, dst, emit_src(jit, insn));        \
		break;                                                 \
	case OP_##id##32_k:                                            \
		emit_bits_k(jit, op, dst.lo, insn->imm);               \
		break;                                                 \
	case OP_##id##32_x:                                            \
		emit_bits(jit, op, dst.lo, emit_operand32(jit, insn)); \
		break;

/* dst = dst shifted by (src & (width - 1)): for 32 bits, the machine masks as BPF does */
#define CASES_SHIFT(id, shift)                                                             \
	case OP_##id##64_k:                                                                \
		emit_shift64_k(jit, shift, dst, insn->imm);                                \
		break;                                                                     \
	case OP_##id##64_x:                                                                \
		emit_shift64_x(jit, shift, dst, emit_operand32(jit, insn));                \
		break;                                                                     \
	case OP_##id##32_k:                                                                \
		emit_shift_k(jit, shift, dst.lo, dst.lo, (uint32_t)insn->imm & 31);        \
		break;                                                                     \
	case OP_##id##32_x:                                                                \
		emit32(jit, shift_code(shift, dst.lo, dst.lo, emit_operand32(jit, insn))); \
		break;

#define CASES_DIVIDE(id, remainder)                          \
	case OP_##id##64_k:                                  \
	case OP_##id##64_x:                                  \
	case OP_s##id##64_k:                                 \
	case OP_s##id##64_x:                                 \
		emit_divide64(jit, insn, dst, remainder);    \
		break;                                       \
	case OP_##id##32_k:                                  \
	case OP_##id##32_x:                                  \
	case OP_s##id##32_k:                                 \
	case OP_s##id##32_x:                                 \
		emit_divide32(jit, insn, dst.lo, remainder); \
		break;

#define CASES_JUMP(id, condition)                        \
	case OP_##id##64_k:                              \
	case OP_##id##64_x:                              \
		emit_jump_if(jit, pc, condition, true);  \
		break;                                   \
	case OP_##id##32_k:                              \
	case OP_##id##32_x:                              \
		emit_jump_if(jit, pc, condition, false); \
		break;

/* Classes whose instructions only compute dst. */
static bool is_computation(const struct vouch_insn *insn)
{
	unsigned class = insn->opcode & 7;

	return class == CLASS_LD || class == CLASS_ALU || class == CLASS_ALU64;
}

/* Where a computation has dst: with its value if it is an operand, too. */
static struct pair emit_dst(struct jit *jit, const struct vouch_insn *insn, enum vouch_op op)
{
	if (op < OP_COUNT && vouch_ops[op].dst == REG_RW)
		return emit_read(jit, vouch_dst(insn), dst_scratch);
	return place_of(vouch_dst(insn), dst_scratch);
}

/* True for what clears the upper half of dst: 32 bits, or fewer. */
static bool is_narrow(const struct vouch_insn *insn, enum vouch_op op)
{
	return op == OP_bswap16 || op == OP_bswap32 ||
	       ((insn->opcode & 7) == CLASS_ALU && op != OP_le64 && op != OP_be64);
}

static void emit_end(
	struct jit *jit, const struct vouch_insn *insn, enum vouch_op op, struct pair dst)
{
	if (is_narrow(insn, op))
		emit_li(jit, dst.hi, 0);
	if (is_in_frame(vouch_dst(insn)))
		emit_write(jit, vouch_dst(insn), dst);
}

/* Results of 32-bit operations are put to the lower half; emit_end() clears the upper one. */
/* clang-format off */
static void insn(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	enum vouch_op op = vouch_decode(insn);
	struct pair dst = {ZERO, ZERO};

	if (is_computation(insn))
		dst = emit_dst(jit, insn, op);
	switch (op) {
	/* dst = dst + src */
	case OP_add64_k:
		emit_add64_k(jit, dst, insn->imm);
		break;
	case OP_add64_x:
		emit_add64(jit, dst, emit_src(jit, insn));
		break;
	case OP_add32_k:
		emit_add32_k(jit, dst.lo, insn->imm);
		break;
	case OP_add32_x:
		emit_add(jit, dst.lo, dst.lo, emit_operand32(jit, insn));
		break;
	/* dst = dst - src */
	case OP_sub64_k:
		emit_sub64_k(jit, dst, insn->imm);
		break;
	case OP_sub64_x:
		emit_difference(jit, dst, dst, emit_src(jit, insn));
		break;
	case OP_sub32_k:
		emit_sub32_k(jit, dst.lo, insn->imm);
		break;
	case OP_sub32_x:
		emit_sub(jit, dst.lo, dst.lo, emit_operand32(jit, insn));
		break;
	/* dst = dst * src */
	case OP_mul64_k:
	case OP_mul64_x:
		emit_mul64(jit, dst, emit_operand64(jit, insn));
		break;
	case OP_mul32_k:
	case OP_mul32_x:
		emit_mul(jit, dst.lo, dst.lo, emit_operand32(jit, insn));
		break;
	/* dst = src == 0 ? 0 : dst / src */
	CASES_DIVIDE(div, false)
	/* dst = dst | src */
	CASES_BITS(or, OR)
	/* dst = dst & src */
	CASES_BITS(and, AND)
	/* dst = dst << (src & (width - 1)) */
	CASES_SHIFT(lsh, LSH)
	/* dst = dst >> (src & (width - 1)) */
	CASES_SHIFT(rsh, RSH)
	/* dst = -dst */
	case OP_neg64:
		emit_difference(jit, dst, (struct pair){ZERO, ZERO}, dst);
		break;
	case OP_neg32:
		emit_sub(jit, dst.lo, ZERO, dst.lo);
		break;
	/* dst = src == 0 ? dst : dst % src */
	CASES_DIVIDE(mod, true)
	/* dst = dst ^ src */
	CASES_BITS(xor, XOR)
	/* dst = src */
	case OP_mov64_k:
		emit_li(jit, dst.lo, insn->imm);
		emit_li(jit, dst.hi, upper_half(insn->imm));
		break;
	case OP_mov64_x: {
		struct pair src = emit_src(jit, insn);

		emit_move(jit, dst.lo, src.lo);
		emit_move(jit, dst.hi, src.hi);
		break;
	}
	/* dst = (int64_t)(int8_t)src, … */
	case OP_movsx64_8:
		emit_sign_extend(jit, dst, emit_src(jit, insn).lo, 8);
		break;
	case OP_movsx64_16:
		emit_sign_extend(jit, dst, emit_src(jit, insn).lo, 16);
		break;
	case OP_movsx64_32:
		emit_move(jit, dst.lo, emit_src(jit, insn).lo);
		emit_srai(jit, dst.hi, dst.lo, 31);
		break;
	/* dst = (uint32_t)src */
	case OP_mov32_k:
		emit_li(jit, dst.lo, insn->imm);
		break;
	case OP_mov32_x:
		emit_move(jit, dst.lo, emit_src(jit, insn).lo);
		break;
	/* dst = (uint32_t)(int8_t)src, … */
	case OP_movsx32_8:
		emit_sign_extend(jit, dst, emit_src(jit, insn).lo, 8);
		break;
	case OP_movsx32_16:
		emit_sign_extend(jit, dst, emit_src(jit, insn).lo, 16);
		break;
	/* dst = (signed)dst >> (src & (width - 1)) */
	CASES_SHIFT(arsh, ARSH)
	/* dst = low bytes of dst; the machine is little-endian */
	case OP_le16:
		emit_slli(jit, dst.lo, dst.lo, 16);
		emit_srli(jit, dst.lo, dst.lo, 16);
		break;
	case OP_le32:
	case OP_le64:
		break;
	/* dst = low bytes of dst, reversed */
	case OP_be16:
	case OP_bswap16:
		emit_swap16(jit, dst.lo);
		break;
	case OP_be32:
	case OP_bswap32:
		emit_li(jit, T1, 0x00ff00ff);
		emit_swap32(jit, dst.lo);
		break;
	case OP_be64:
	case OP_bswap64:
		emit_li(jit, T1, 0x00ff00ff);
		emit_swap64(jit, dst);
		break;
	/* dst = imm64 */
	case OP_lddw:
		emit_lddw(jit, dst, insn);
		break;
	case OP_lddw_object:
		emit_lddw_object(jit, dst, insn);
		break;
	/* dst = *(type *)(src + off) */
	case OP_ldxb:
	case OP_ldxh:
	case OP_ldxw:
	case OP_ldxdw:
	case OP_ldxsb:
	case OP_ldxsh:
	case OP_ldxsw:
	/* *(type *)(dst + off) = imm or src */
	case OP_stb:
	case OP_stxb:
	case OP_sth:
	case OP_stxh:
	case OP_stw:
	case OP_stxw:
	case OP_stdw:
	case OP_stxdw:
		emit_load_store(jit, pc);
		break;
	/* *(type *)(dst + off) op= src, and what was there to src or r0 */
	case OP_atomic_add64:
	case OP_atomic_or64:
	case OP_atomic_and64:
	case OP_atomic_xor64:
	case OP_atomic_fetch_add64:
	case OP_atomic_fetch_or64:
	case OP_atomic_fetch_and64:
	case OP_atomic_fetch_xor64:
	case OP_atomic_xchg64:
	case OP_atomic_cmpxchg64:
	case OP_atomic_add32:
	case OP_atomic_or32:
	case OP_atomic_and32:
	case OP_atomic_xor32:
	case OP_atomic_fetch_add32:
	case OP_atomic_fetch_or32:
	case OP_atomic_fetch_and32:
	case OP_atomic_fetch_xor32:
	case OP_atomic_xchg32:
	case OP_atomic_cmpxchg32:
		emit_atomic(jit, pc);
		break;
	/* goto */
	case OP_ja:
	case OP_ja32:
		emit_taken(jit, pc);
		break;
	/* if (dst op src) goto */
	CASES_JUMP(jeq, BEQ)
	CASES_JUMP(jgt, BGTU)
	CASES_JUMP(jge, BGEU)
	case OP_jset64_k:
	case OP_jset64_x:
		emit_jset(jit, pc, true);
		break;
	case OP_jset32_k:
	case OP_jset32_x:
		emit_jset(jit, pc, false);
		break;
	CASES_JUMP(jne, BNE)
	CASES_JUMP(jsgt, BGT)
	CASES_JUMP(jsge, BGE)
	CASES_JUMP(jlt, BLTU)
	CASES_JUMP(jle, BLEU)
	CASES_JUMP(jslt, BLT)
	CASES_JUMP(jsle, BLE)
	/* calls */
	case OP_call:
		emit_call(jit, pc);
		break;
	case OP_call_local:
		emit_call_local(jit, pc);
		break;
	case OP_callx:
		emit_callx(jit, pc);
		break;
	case OP_exit:
		emit_exit(jit, pc);
		break;
	default:
		jit_fail(jit, VOUCH_BAD_OPCODE);
		break;
	}
	if (is_computation(insn))
		emit_end(jit, insn, op, dst);
}
/* clang-format on */

static void cold(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	switch (insn->opcode & 7) {
	case CLASS_LDX:
	case CLASS_ST:
		emit_cold_load_store(jit, pc);
		break;
	case CLASS_STX:
		if (insn->opcode == 0xc3 || insn->opcode == 0xdb)
			emit_cold_atomic(jit, pc);
		else
			emit_cold_load_store(jit, pc);
		break;
	case CLASS_JMP:
	case CLASS_JMP32:
		emit_cold_jump(jit, pc);
		break;
	default:
		break;
	}
}

const struct vouch_target vouch_rv32 = {
	.name = "rv32",
	.word = 4,
	.max_insn = 120,
	.max_frame = 2048,
	.align = 1,
	.reach = NEAR,
	.nops = nops,
	.prologue = prologue,
	.resume = resume,
	.epilogue = epilogue,
	.insn = insn,
	.cold = cold,
	.handover = handover,
};
