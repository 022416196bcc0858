/* SPDX-License-Identifier: MIT */
/*
 * The RV64 emitter: RV64IMA, and C where `features` has VOUCH_RV_COMPRESSED (LP64 calls).
 *
 *   r0 a0   r1 a1   r2 a2   r3 a3   r4 a4   r5 a5     where C wants arguments and result
 *   r6 s0   r7 s1   r8 s2   r9 s3   r10 s4            kept across C calls
 *   s5 the vm   s6 fuel used   s7 the context's start   t0 to t6 scratch
 *
 * r0 to r7 are in x8 to x15, which all compressed forms can name.
 *
 * sp stays where the prologue put it; calls of the program's functions keep their frames in memory
 * as the interpreter does. Invariants between instructions: s4 (r10) is the top of a frame inside
 * the stack, s5 is the vm, s6 what this run has spent, s7 vm->context.
 *
 * Loads and stores are made at the address as it is: misaligned ones must work on the machine, in
 * hardware or by its supervisor (docs/jit-rv64.md). Atomics are tested for alignment first.
 */
#include "encode.h"
#include "jit/rv/jump.h"
#include "vm/vm.h"

enum { FP = S4, VM = S5, USED = S6, CONTEXT = S7 };

static const uint8_t machine_register[16] = {A0, A1, A2, A3, A4, A5, S0, S1, S2, S3, FP};

#define VM_FIELD(name) VM_##name(8)

/* What instructions hand to stubs, and stubs to one another. t6 (FAR) is for far jumps only. */
enum {
	PC = T0,
	ADDRESS = T1,
	HELPER_ID = T1,
	RETURN_TO = T1,
	STATUS = T2,
	SIZE = T3,
	PERMISSIONS = T4,
	WRITE = T4
};

/*
 * Stubs. STUB_ACCESS + 4 * write + log2(size): is this address permitted?
 * STUB_ATOMIC + log2(size) - 2: is it aligned, and permitted?
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
	STUB_HANDOVER = STUB_ATOMIC + 2,
	STUBS
};
_Static_assert(STUBS <= JIT_LABELS, "labels");

static unsigned dst_of(const struct vouch_insn *insn)
{
	return machine_register[vouch_dst(insn)];
}

static unsigned src_of(const struct vouch_insn *insn)
{
	return machine_register[vouch_src(insn)];
}

/* ra = here; goto stub */
static void emit_call_stub(struct jit *jit, unsigned stub)
{
	int32_t distance = distance_to(jit, jit->label[stub]);

	if (jit->far)
		emit_jump_far(jit, RA, jit->label[stub]);
	else
		emit32(jit, rv_jal(RA, near_distance(jit, distance, 21)));
}

/* Constants and widths */

/* rd = (int64_t)imm */
static void emit_li(struct jit *jit, unsigned rd, int32_t imm)
{
	int32_t low = low_part(imm);

	if (rv_fits(imm, 12)) {
		emit_addi(jit, rd, ZERO, imm);
		return;
	}
	emit_lui(jit, rd, high_part(imm));
	if (low != 0)
		emit_addiw(jit, rd, rd, low);
}

/* The same in one form, whatever imm is: out of line, few forms are worth more than few bytes. */
static void emit_li_long(struct jit *jit, unsigned rd, int32_t imm)
{
	emit32(jit, rv_lui(rd, high_part(imm)));
	emit32(jit, rv_addiw(rd, rd, low_part(imm)));
}

/* t0 = pc */
static void emit_pc(struct jit *jit, uint32_t pc)
{
	if (pc < 0x800)
		emit32(jit, rv_addi(PC, ZERO, (int32_t)pc));
	else
		emit_li_long(jit, PC, (int32_t)pc);
}

/* rd = (uint32_t)rs */
static void emit_zero_extend(struct jit *jit, unsigned rd, unsigned rs)
{
	emit_slli(jit, rd, rs, 32);
	emit_srli(jit, rd, rd, 32);
}

/* rd = (int32_t)rs */
static void emit_sign_extend(struct jit *jit, unsigned rd, unsigned rs)
{
	emit_addiw(jit, rd, rs, 0);
}

/* rd = (uint32_t)imm */
static void emit_li_unsigned(struct jit *jit, unsigned rd, int32_t imm)
{
	emit_li(jit, rd, imm);
	if (imm < 0)
		emit_zero_extend(jit, rd, rd);
}

/* The register that holds imm: scratch, or x0. */
static unsigned emit_operand(struct jit *jit, unsigned scratch, int32_t imm)
{
	if (imm == 0)
		return ZERO;
	emit_li(jit, scratch, imm);
	return scratch;
}

/* dst = imm64: the upper half, made up for the sign of the lower, and the lower half added */
static void emit_lddw(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned dst = dst_of(insn);
	int32_t low = insn->imm, high = insn[1].imm;

	if (high == low >> 31) {
		emit_li(jit, dst, low);
		return;
	}
	emit_li(jit, dst, (int32_t)((uint32_t)high + (low < 0)));
	emit_slli(jit, dst, dst, 32);
	emit_li(jit, T0, low);
	emit_add(jit, dst, dst, T0);
}

/* dst = vm->data[imm] + offset, the offset unsigned */
static void emit_lddw_object(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned dst = dst_of(insn);

	emit_li_unsigned(jit, dst, insn[1].imm);
	emit_ld(jit, T0, VM, VM_DATA(8, insn->imm));
	emit_add(jit, dst, dst, T0);
}

/* Arithmetic */

/* dst = dst op imm */

static void emit_add_k(struct jit *jit, unsigned dst, int32_t imm)
{
	if (rv_fits(imm, 12)) {
		emit_addi(jit, dst, dst, imm);
	} else {
		emit_li(jit, T0, imm);
		emit_add(jit, dst, dst, T0);
	}
}

static void emit_sub_k(struct jit *jit, unsigned dst, int32_t imm)
{
	if (rv_fits((int32_t)(0 - (uint32_t)imm), 12)) {
		emit_addi(jit, dst, dst, -imm);
	} else {
		emit_li(jit, T0, imm);
		emit_sub(jit, dst, dst, T0);
	}
}

static void emit_mul_k(struct jit *jit, unsigned dst, int32_t imm)
{
	emit_mul(jit, dst, dst, emit_operand(jit, T0, imm));
}

static void emit_or_k(struct jit *jit, unsigned dst, int32_t imm)
{
	if (rv_fits(imm, 12)) {
		emit32(jit, rv_ori(dst, dst, imm));
	} else {
		emit_li(jit, T0, imm);
		emit_or(jit, dst, dst, T0);
	}
}

static void emit_and_k(struct jit *jit, unsigned dst, int32_t imm)
{
	if (rv_fits(imm, 12)) {
		emit_andi(jit, dst, dst, imm);
	} else {
		emit_li(jit, T0, imm);
		emit_and(jit, dst, dst, T0);
	}
}

static void emit_xor_k(struct jit *jit, unsigned dst, int32_t imm)
{
	if (rv_fits(imm, 12)) {
		emit32(jit, rv_xori(dst, dst, imm));
	} else {
		emit_li(jit, T0, imm);
		emit_xor(jit, dst, dst, T0);
	}
}

/*
 * Division. The machine does not trap: x / 0 is -1, x % 0 is x, the one overflow wraps. All but
 * the first are as BPF has them, and there 0 is one more.
 */

/* dst = t0 + (divisor == 0) */
static void emit_fix_quotient(struct jit *jit, unsigned dst, unsigned divisor)
{
	emit32(jit, rv_sltiu(T1, divisor, 1));
	emit_add(jit, dst, T0, T1);
}

/* dst = dst / src */
static void emit_div64_x(struct jit *jit, unsigned dst, unsigned src, bool is_signed)
{
	emit32(jit, is_signed ? rv_div(T0, dst, src) : rv_divu(T0, dst, src));
	emit_fix_quotient(jit, dst, src);
}

static void emit_div32_x(struct jit *jit, unsigned dst, unsigned src, bool is_signed)
{
	emit32(jit, is_signed ? rv_divw(T0, dst, src) : rv_divuw(T0, dst, src));
	emit_sign_extend(jit, T1, src);
	emit_fix_quotient(jit, dst, T1);
	emit_zero_extend(jit, dst, dst);
}

/* dst = dst / imm */
static void emit_div64_k(struct jit *jit, unsigned dst, int32_t imm, bool is_signed)
{
	emit_li(jit, T0, imm);
	if (imm == 0)
		emit_mv(jit, dst, T0);
	else
		emit32(jit, is_signed ? rv_div(dst, dst, T0) : rv_divu(dst, dst, T0));
}

static void emit_div32_k(struct jit *jit, unsigned dst, int32_t imm, bool is_signed)
{
	emit_li(jit, T0, imm);
	if (imm == 0)
		emit_mv(jit, dst, T0);
	else
		emit32(jit, is_signed ? rv_divw(dst, dst, T0) : rv_divuw(dst, dst, T0));
	emit_zero_extend(jit, dst, dst);
}

/* dst = dst % src */
static void emit_mod64_x(struct jit *jit, unsigned dst, unsigned src, bool is_signed)
{
	emit32(jit, is_signed ? rv_rem(dst, dst, src) : rv_remu(dst, dst, src));
}

static void emit_mod32_x(struct jit *jit, unsigned dst, unsigned src, bool is_signed)
{
	emit32(jit, is_signed ? rv_remw(dst, dst, src) : rv_remuw(dst, dst, src));
	emit_zero_extend(jit, dst, dst);
}

/* dst = the two low bytes of dst, swapped */
static void emit_swap16(struct jit *jit, unsigned dst)
{
	emit_andi(jit, T0, dst, 0xff);
	emit_slli(jit, T0, T0, 8);
	emit_slli(jit, dst, dst, 48);
	emit_srli(jit, dst, dst, 56);
	emit_or(jit, dst, dst, T0);
}

/* dst = (dst >> n & mask) | (dst & mask) << n */
static void emit_swap_fields(struct jit *jit, unsigned dst, unsigned mask, unsigned n)
{
	emit_srli(jit, T0, dst, n);
	emit_and(jit, T0, T0, mask);
	emit_and(jit, dst, dst, mask);
	emit_slli(jit, dst, dst, n);
	emit_or(jit, dst, dst, T0);
}

/* dst = the four low bytes of dst, reversed: neighbours, then halves */
static void emit_swap32(struct jit *jit, unsigned dst)
{
	emit_li(jit, T1, 0x00ff00ff);
	emit_swap_fields(jit, dst, T1, 8);
	emit_srli(jit, T0, dst, 16);
	emit_slli(jit, dst, dst, 48);
	emit_srli(jit, dst, dst, 32);
	emit_or(jit, dst, dst, T0);
}

/* rd = imm in both halves, imm not negative */
static void emit_li_twice(struct jit *jit, unsigned rd, int32_t imm)
{
	emit_li(jit, rd, imm);
	emit_slli(jit, T0, rd, 32);
	emit_add(jit, rd, rd, T0);
}

/* dst = dst with its bytes reversed: neighbours, then pairs, then halves */
static void emit_swap64(struct jit *jit, unsigned dst)
{
	emit_li_twice(jit, T1, 0x00ff00ff);
	emit_swap_fields(jit, dst, T1, 8);
	emit_li_twice(jit, T1, 0x0000ffff);
	emit_swap_fields(jit, dst, T1, 16);
	emit_srli(jit, T0, dst, 32);
	emit_slli(jit, dst, dst, 32);
	emit_or(jit, dst, dst, T0);
}

/* Memory */

enum { LG8, LG16, LG32, LG64 };

/* The access of an instruction: where, how wide, and whether the region test can't fail. */
struct access {
	unsigned base, lg, write;
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
	uint32_t room = VOUCH_FRAME_SIZE - (1u << lg);

	return (struct access){.base = machine_register[reg],
		.lg = lg,
		.write = write,
		.off = insn->off,
		.certain = reg == 10 && (uint32_t)(insn->off + (int32_t)VOUCH_FRAME_SIZE) <= room};
}

/* t1 = base + off */
static void emit_address(struct jit *jit, struct access a)
{
	if (rv_fits(a.off, 12)) {
		emit_addi(jit, ADDRESS, a.base, a.off);
	} else {
		emit_li_long(jit, ADDRESS, a.off);
		emit_add(jit, ADDRESS, ADDRESS, a.base);
	}
}

/* if (base + off isn't in the context) goto cold */
static void emit_test(struct jit *jit, struct access a, uint32_t cold)
{
	emit_sub(jit, T0, a.base, CONTEXT);
	if (a.off != 0)
		emit_addi(jit, T0, T0, a.off);
	emit_ld(jit, T2, VM, VM_LIMIT(8, (int32_t)a.write, (int32_t)a.lg));
	emit_branch(jit, BGEU, T0, T2, cold);
}

/* dst = *(type *)(base + off), or *(type *)(base + off) = value */
static void emit_transfer(
	struct jit *jit, const struct vouch_insn *insn, unsigned base, int32_t off, unsigned value)
{
	unsigned dst = dst_of(insn);

	switch (vouch_decode(insn)) {
	case OP_ldxb:
		emit32(jit, rv_lbu(dst, base, off));
		break;
	case OP_ldxh:
		emit32(jit, rv_lhu(dst, base, off));
		break;
	case OP_ldxw:
		emit32(jit, rv_lwu(dst, base, off));
		break;
	case OP_ldxdw:
		emit_ld(jit, dst, base, off);
		break;
	case OP_ldxsb:
		emit32(jit, rv_lb(dst, base, off));
		break;
	case OP_ldxsh:
		emit32(jit, rv_lh(dst, base, off));
		break;
	case OP_ldxsw:
		emit_lw(jit, dst, base, off);
		break;
	case OP_stb:
	case OP_stxb:
		emit32(jit, rv_sb(value, base, off));
		break;
	case OP_sth:
	case OP_stxh:
		emit32(jit, rv_sh(value, base, off));
		break;
	case OP_stw:
	case OP_stxw:
		emit_sw(jit, value, base, off);
		break;
	case OP_stdw:
	case OP_stxdw:
		emit_sd(jit, value, base, off);
		break;
	default:
		jit_fail(jit, VOUCH_BAD_OPCODE);
		break;
	}
}

/* The register that holds what a store stores. */
static unsigned emit_value(struct jit *jit, const struct vouch_insn *insn)
{
	if ((insn->opcode & 7) != CLASS_ST)
		return src_of(insn);
	return emit_operand(jit, T2, insn->imm);
}

static unsigned emit_value_long(struct jit *jit, const struct vouch_insn *insn)
{
	if ((insn->opcode & 7) != CLASS_ST)
		return src_of(insn);
	emit_li_long(jit, T2, insn->imm);
	return T2;
}

/* A load or store: the context is tested inline, everything else out of line. */
static void emit_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	if (a.certain) {
		emit_transfer(jit, insn, a.base, a.off, emit_value(jit, insn));
		return;
	}
	if (!rv_fits(a.off, 12)) {
		emit_address(jit, a);
		a.base = ADDRESS;
		a.off = 0;
	}
	emit_test(jit, a, jit->cold[pc]);
	emit_transfer(jit, insn, a.base, a.off, emit_value(jit, insn));
}

/* The long way: it ends with an access of its own, and goes on at the next instruction. */
static void emit_cold_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	if (a.certain)
		return;
	emit_address(jit, a);
	emit_pc(jit, pc);
	emit_call_stub(jit, STUB_ACCESS + 4 * a.write + a.lg);
	emit_transfer(jit, insn, ADDRESS, 0, emit_value_long(jit, insn));
	emit_jump(jit, jit->offset[pc + 1]);
}

/* r0 = *t1; if (r0 was the same) *t1 = src */
static void emit_compare_exchange(struct jit *jit, unsigned width, unsigned src)
{
	unsigned expected = A0;

	if (width == AMO_W) {
		emit_sign_extend(jit, T3, A0);
		expected = T3;
	}
	emit32(jit, rv_lr(width, AQRL, T0, ADDRESS));
	emit32(jit, rv_branch(BNE, T0, expected, 12));
	emit32(jit, rv_sc(width, RL, T2, src, ADDRESS));
	emit32(jit, rv_branch(BNE, T2, ZERO, -12));
	if (width == AMO_W)
		emit_zero_extend(jit, A0, T0);
	else
		emit_mv(jit, A0, T0);
}

/* An operation on *t1, and what was there to src if fetch. */
static void emit_amo(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned width = insn->opcode == 0xdb ? AMO_D : AMO_W;
	unsigned src = src_of(insn), rd = insn->imm & 1 ? src : ZERO;

	switch (insn->imm) {
	/* *(type *)(dst + off) += src */
	case 0x00:
	case 0x01:
		emit32(jit, rv_amoadd(width, AQRL, rd, src, ADDRESS));
		break;
	/* *(type *)(dst + off) |= src */
	case 0x40:
	case 0x41:
		emit32(jit, rv_amoor(width, AQRL, rd, src, ADDRESS));
		break;
	/* *(type *)(dst + off) &= src */
	case 0x50:
	case 0x51:
		emit32(jit, rv_amoand(width, AQRL, rd, src, ADDRESS));
		break;
	/* *(type *)(dst + off) ^= src */
	case 0xa0:
	case 0xa1:
		emit32(jit, rv_amoxor(width, AQRL, rd, src, ADDRESS));
		break;
	/* *(type *)(dst + off) = src */
	case 0xe1:
		emit32(jit, rv_amoswap(width, AQRL, rd, src, ADDRESS));
		break;
	/* *(type *)(dst + off) = r0 == *(type *)(dst + off) ? src : *(type *)(dst + off) */
	default: /* 0xf1 */
		emit_compare_exchange(jit, width, src);
		return;
	}
	if (rd != ZERO && width == AMO_W)
		emit_zero_extend(jit, rd, rd);
}

/* An atomic: alignment first, then the region. */
static void emit_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_address(jit, a);
	a.base = ADDRESS;
	a.off = 0;
	emit_andi(jit, T0, ADDRESS, (1 << a.lg) - 1);
	emit_branch(jit, BNE, T0, ZERO, jit->cold[pc]);
	emit_test(jit, a, jit->cold[pc]);
	emit_amo(jit, insn);
}

/* Either test failed; the stub makes both again. */
static void emit_cold_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_address(jit, a);
	emit_pc(jit, pc);
	emit_call_stub(jit, STUB_ATOMIC + a.lg - LG32);
	emit_amo(jit, insn);
	emit_jump(jit, jit->offset[pc + 1]);
}

/* Jumps. A backward one is taken while there is fuel; its out-of-line part is the fault. */

static int32_t delta_of(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_JA32 ? insn->imm : insn->off;
}

/* used++; if (used <= vm->fuel) goto target */
static void emit_spend_and_jump(struct jit *jit, uint32_t pc, uint32_t target)
{
	emit_addi(jit, USED, USED, 1);
	emit_ld(jit, T0, VM, VM_FIELD(FUEL));
	emit_branch(jit, BGEU, T0, USED, jit->offset[target]);
	emit_jump(jit, jit->cold[pc]);
}

static void emit_cold_jump(struct jit *jit, uint32_t pc)
{
	if (delta_of(&jit->program->insns[pc]) >= 0)
		return;
	emit_pc(jit, pc);
	emit_jump(jit, jit->label[FAULT_FUEL]);
}

/* goto target */
static void emit_ja(struct jit *jit, uint32_t pc)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit_target(pc, delta);

	if (delta >= 0)
		emit_jump(jit, jit->offset[target]);
	else
		emit_spend_and_jump(jit, pc, target);
}

/* if (rs1 condition rs2) goto target */
static void emit_jump_if(
	struct jit *jit, uint32_t pc, unsigned condition, unsigned rs1, unsigned rs2)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit_target(pc, delta);

	if (delta >= 0) {
		emit_branch(jit, condition, rs1, rs2, jit->offset[target]);
	} else {
		emit_branch(jit, condition ^ 1, rs1, rs2, jit->offset[pc + 1]);
		emit_spend_and_jump(jit, pc, target);
	}
}

/* Comparisons that the machine only has with their operands exchanged. */
enum { BGT = 8 | BLT, BLE = 8 | BGE, BGTU = 8 | BLTU, BLEU = 8 | BGEU };

static void emit_compare(
	struct jit *jit, uint32_t pc, unsigned condition, unsigned rs1, unsigned rs2)
{
	if (condition & 8)
		emit_jump_if(jit, pc, condition & 7, rs2, rs1);
	else
		emit_jump_if(jit, pc, condition, rs1, rs2);
}

static void emit_jump64_x(struct jit *jit, uint32_t pc, unsigned condition)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	emit_compare(jit, pc, condition, dst_of(insn), src_of(insn));
}

static void emit_jump64_k(struct jit *jit, uint32_t pc, unsigned condition)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	emit_compare(jit, pc, condition, dst_of(insn), emit_operand(jit, T1, insn->imm));
}

/* Sign extension keeps the order of unsigned numbers too. */
static void emit_jump32_x(struct jit *jit, uint32_t pc, unsigned condition)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	emit_sign_extend(jit, T0, dst_of(insn));
	emit_sign_extend(jit, T1, src_of(insn));
	emit_compare(jit, pc, condition, T0, T1);
}

static void emit_jump32_k(struct jit *jit, uint32_t pc, unsigned condition)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	emit_sign_extend(jit, T0, dst_of(insn));
	emit_compare(jit, pc, condition, T0, emit_operand(jit, T1, insn->imm));
}

/* Calls */

/* r0 = helpers[imm](r1, …, r5) */
static void emit_call(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_li_unsigned(jit, HELPER_ID, jit->program->insns[pc].imm);
	emit_call_stub(jit, STUB_HELPER);
}

/* r0 = helpers[dst](r1, …, r5) */
static void emit_callx(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_mv(jit, HELPER_ID, dst_of(&jit->program->insns[pc]));
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
 * the pc in all of them; those that test an address keep t1, too.
 */

/* Our frame: what C wants back, and what a stub keeps across a call of C. */
enum { SAVED_C, SAVED_RA = 72, SAVED_PC = 80, SAVED = 88, NATIVE_FRAME = 160 };

static const uint8_t callee_saved[9] = {RA, S0, S1, S2, S3, S4, S5, S6, S7};
static const uint8_t caller_saved[9] = {A0, A1, A2, A3, A4, A5, ADDRESS, SIZE, PERMISSIONS};
_Static_assert(SAVED_C + 8 * sizeof(callee_saved) <= SAVED_RA, "frame");
_Static_assert(SAVED + 8 * sizeof(caller_saved) <= NATIVE_FRAME && NATIVE_FRAME % 16 == 0, "frame");

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

/* BPF's state and the fault (t0 to t4) to the vm, the status to C. */
static void stub_leave(struct jit *jit)
{
	set_label(jit, STUB_LEAVE);
	emit_sw(jit, STATUS, VM, VM_FIELD(FAULT_STATUS));
	emit_sw(jit, PC, VM, VM_FIELD(FAULT_PC));
	emit_sd(jit, ADDRESS, VM, VM_FIELD(FAULT_ADDRESS));
	emit_sw(jit, SIZE, VM, VM_FIELD(FAULT_SIZE));
	emit_sw(jit, WRITE, VM, VM_FIELD(FAULT_WRITE));
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		emit_sd(jit, machine_register[i], VM, VM_R((int32_t)i));
	emit_sd(jit, USED, VM, VM_FIELD(USED));
	emit_mv(jit, A0, STATUS);
	for (unsigned i = 0; i < sizeof(callee_saved); i++)
		emit_ld(jit, callee_saved[i], SP, SAVED_C + 8 * (int32_t)i);
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
	/* t2: status. There was no access. */
	set_label(jit, STUB_STOP);
	emit_li(jit, ADDRESS, 0);
	emit_li(jit, SIZE, 0);
	emit_li(jit, WRITE, 0);
	emit_jump_stub(jit, STUB_LEAVE);

	stub_stop(jit, STUB_DONE, VOUCH_OK);
	stub_stop(jit, FAULT_FUEL, VOUCH_FAULT_FUEL);
	stub_stop(jit, FAULT_DEPTH, VOUCH_FAULT_DEPTH);
	stub_stop(jit, STUB_HANDOVER, STATUS_HANDOVER);

	/* t1: id */
	set_label(jit, FAULT_HELPER);
	emit_li(jit, STATUS, VOUCH_FAULT_HELPER);
	emit_li(jit, SIZE, 0);
	emit_li(jit, WRITE, 0);
	emit_jump_stub(jit, STUB_LEAVE);
}

static void stub_access_faults(struct jit *jit)
{
	/* t1: address, t3: size; only writes are atomic. */
	set_label(jit, FAULT_ALIGN);
	emit_li(jit, STATUS, VOUCH_FAULT_ALIGN);
	emit_li(jit, WRITE, 1);
	emit_jump_stub(jit, STUB_LEAVE);

	/* t1: address, t3: size, t4: permissions */
	set_label(jit, FAULT_MEMORY);
	_Static_assert(VOUCH_READ >> 1 == 0 && (VOUCH_READ | VOUCH_WRITE) >> 1 == 1,
		"write from permissions");
	emit_li(jit, STATUS, VOUCH_FAULT_MEMORY);
	emit_srli(jit, WRITE, PERMISSIONS, 1);
	emit_jump_stub(jit, STUB_LEAVE);
}

/* t2 = vouch_region_find(regions, nregions, t1, t3, t4), everything else as it was */
static void emit_find(struct jit *jit)
{
	emit_sd(jit, RA, SP, SAVED_RA);
	emit_sd(jit, PC, SP, SAVED_PC);
	for (unsigned i = 0; i < sizeof(caller_saved); i++)
		emit_sd(jit, caller_saved[i], SP, SAVED + 8 * (int32_t)i);
	emit_ld(jit, A0, VM, VM_FIELD(REGIONS));
	emit_ld(jit, A1, VM, VM_FIELD(NREGIONS));
	emit_mv(jit, A2, ADDRESS);
	emit_mv(jit, A3, SIZE);
	emit_mv(jit, A4, PERMISSIONS);
	emit_ld(jit, T2, VM, VM_FIELD(FIND));
	emit_call_register(jit, T2);
	emit_mv(jit, T2, A0);
	emit_ld(jit, RA, SP, SAVED_RA);
	emit_ld(jit, PC, SP, SAVED_PC);
	for (unsigned i = 0; i < sizeof(caller_saved); i++)
		emit_ld(jit, caller_saved[i], SP, SAVED + 8 * (int32_t)i);
}

/* t1: address, t3: size, t4: permissions. In the stack? In the table? Fault if in neither. */
static uint32_t stub_region(struct jit *jit)
{
	uint32_t granted = jit->pos, start;

	emit_jr(jit, RA);

	start = jit->pos;
	emit_ld(jit, T5, VM, VM_FIELD(STACK_TOP));
	emit_ld(jit, T2, VM, VM_FIELD(STACK_LOW));
	emit_sub(jit, T5, T5, T2);
	emit_sub(jit, T2, ADDRESS, T2);
	emit_addi(jit, T5, T5, VOUCH_FRAME_SIZE);
	emit_addi(jit, T2, T2, VOUCH_FRAME_SIZE);
	emit_sub(jit, T5, T5, SIZE);
	emit_branch(jit, BGEU, T5, T2, granted);
	emit_find(jit);
	emit_branch_stub(jit, BEQ, T2, ZERO, FAULT_MEMORY);
	emit_jr(jit, RA);
	return start;
}

/* t1: address */
static void stub_access(struct jit *jit, uint32_t region)
{
	for (unsigned lg = LG8; lg <= LG64; lg++) {
		set_label(jit, STUB_ACCESS + lg);
		emit_li(jit, SIZE, 1 << lg);
		emit_li(jit, PERMISSIONS, VOUCH_READ);
		emit_jump(jit, region);

		set_label(jit, STUB_ACCESS + 4 + lg);
		emit_li(jit, SIZE, 1 << lg);
		emit_li(jit, PERMISSIONS, VOUCH_READ | VOUCH_WRITE);
		emit_jump(jit, region);
	}
	for (unsigned lg = LG32; lg <= LG64; lg++) {
		set_label(jit, STUB_ATOMIC + lg - LG32);
		emit_li(jit, SIZE, 1 << lg);
		emit_andi(jit, T2, ADDRESS, (1 << lg) - 1);
		emit_branch_stub(jit, BNE, T2, ZERO, FAULT_ALIGN);
		emit_jump_stub(jit, STUB_ACCESS + 4 + lg);
	}
}

/* used++; if (used > vm->fuel) fault */
static void emit_spend(struct jit *jit)
{
	emit_addi(jit, USED, USED, 1);
	emit_ld(jit, T2, VM, VM_FIELD(FUEL));
	emit_branch_stub(jit, BLTU, T2, USED, FAULT_FUEL);
}

/* t2 = helpers[t1] */
static void emit_load_helper(struct jit *jit)
{
	emit_ld(jit, T2, VM, VM_FIELD(HELPERS));
	emit_slli(jit, T3, HELPER_ID, 3);
	emit_add(jit, T2, T2, T3);
	emit_ld(jit, T2, T2, 0);
}

/* t2: what the helper asked for. */
static uint32_t stub_requested(struct jit *jit)
{
	uint32_t start = jit->pos;

	emit_li(jit, T3, REQUEST_END);
	emit_branch_stub(jit, BEQ, T2, T3, STUB_DONE);
	emit_li(jit, STATUS, VOUCH_FAULT_HOST);
	emit_jump_stub(jit, STUB_STOP);
	return start;
}

static void stub_helper(struct jit *jit)
{
	uint32_t requested = stub_requested(jit);

	/* t1: id. Does the helper exist? */
	set_label(jit, STUB_CALLX);
	emit_ld(jit, T2, VM, VM_FIELD(NHELPERS));
	emit_branch_stub(jit, BGEU, HELPER_ID, T2, FAULT_HELPER);
	emit_load_helper(jit);
	emit_branch_stub(jit, BEQ, T2, ZERO, FAULT_HELPER);

	/* t1: id of a helper that exists. It may give the vm another context. */
	set_label(jit, STUB_HELPER);
	emit_spend(jit);
	emit_load_helper(jit);
	emit_sd(jit, RA, SP, SAVED_RA);
	emit_sd(jit, PC, SP, SAVED_PC);
	emit_mv(jit, A0, VM);
	emit_call_register(jit, T2);
	emit_ld(jit, RA, SP, SAVED_RA);
	emit_ld(jit, PC, SP, SAVED_PC);
	for (unsigned i = 1; i <= 5; i++)
		emit_li(jit, machine_register[i], 0);
	emit_ld(jit, CONTEXT, VM, VM_FIELD(CONTEXT));
	emit_lw(jit, T2, VM, VM_FIELD(REQUEST));
	emit_branch(jit, BNE, T2, ZERO, requested);
	emit_jr(jit, RA);
}

/* t1: the code's offset where the caller goes on. Save r6 to r9 and give the callee a frame. */
static void stub_call_local(struct jit *jit)
{
	set_label(jit, STUB_CALL_LOCAL);
	emit_ld(jit, T2, VM, VM_FIELD(STACK_LOW));
	emit_branch_stub(jit, BEQ, FP, T2, FAULT_DEPTH);
	emit_spend(jit);
	emit_ld(jit, T2, VM, VM_FIELD(FRAME));
	for (unsigned i = 0; i < 4; i++)
		emit_sd(jit, machine_register[6 + i], T2, FRAME_SAVED((int32_t)i));
	emit_addi(jit, PC, PC, 1);
	emit_sw(jit, PC, T2, FRAME_PC);
	emit_sw(jit, RETURN_TO, T2, FRAME_CODE);
	emit_addi(jit, T2, T2, FRAME_RECORD);
	emit_sd(jit, T2, VM, VM_FIELD(FRAME));
	emit_addi(jit, FP, FP, -(int32_t)VOUCH_FRAME_SIZE);
	emit_jr(jit, RA);
}

/* Exit of a called function: back to its caller. */
static void stub_exit(struct jit *jit)
{
	int32_t pos;

	set_label(jit, STUB_EXIT);
	emit_ld(jit, T2, VM, VM_FIELD(STACK_TOP));
	emit_branch_stub(jit, BEQ, FP, T2, STUB_DONE);
	emit_ld(jit, T2, VM, VM_FIELD(FRAME));
	emit_addi(jit, T2, T2, -FRAME_RECORD);
	emit_sd(jit, T2, VM, VM_FIELD(FRAME));
	for (unsigned i = 0; i < 4; i++)
		emit_ld(jit, machine_register[6 + i], T2, FRAME_SAVED((int32_t)i));
	emit_addi(jit, FP, FP, VOUCH_FRAME_SIZE);
	emit32(jit, rv_lwu(T2, T2, FRAME_CODE));
	pos = (int32_t)jit->pos;
	emit32(jit, rv_auipc(T3, 0));
	emit_addi(jit, T3, T3, -pos);
	emit_add(jit, T2, T2, T3);
	emit_jr(jit, T2);
}

static void epilogue(struct jit *jit)
{
	stub_leave(jit);
	stub_stops(jit);
	stub_access_faults(jit);
	stub_access(jit, stub_region(jit));
	stub_helper(jit);
	stub_call_local(jit);
	stub_exit(jit);
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
		emit_sd(jit, callee_saved[i], SP, SAVED_C + 8 * (int32_t)i);
	emit_mv(jit, VM, A0);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		emit_ld(jit, machine_register[i], VM, VM_R((int32_t)i));
	emit_ld(jit, CONTEXT, VM, VM_FIELD(CONTEXT));
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
	emit_ld(jit, USED, VM, VM_FIELD(USED));
	emit_jr(jit, T0);
}

static void handover(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_jump_stub(jit, STUB_HANDOVER);
}

/* The four rows of an operation. 32 bits are computed as 64 are, then the upper half is cleared. */
#define CASES_ALU(id)                               \
	case OP_##id##64_k:                         \
		emit_##id##_k(jit, dst, insn->imm); \
		break;                              \
	case OP_##id##64_x:                         \
		emit_##id(jit, dst, dst, src);      \
		break;                              \
	case OP_##id##32_k:                         \
		emit_##id##_k(jit, dst, insn->imm); \
		emit_zero_extend(jit, dst, dst);    \
		break;                              \
	case OP_##id##32_x:                         \
		emit_##id(jit, dst, dst, src);      \
		emit_zero_extend(jit, dst, dst);    \
		break;

#define CASES_JUMP(id, condition)                  \
	case OP_##id##64_k:                        \
		emit_jump64_k(jit, pc, condition); \
		break;                             \
	case OP_##id##64_x:                        \
		emit_jump64_x(jit, pc, condition); \
		break;                             \
	case OP_##id##32_k:                        \
		emit_jump32_k(jit, pc, condition); \
		break;                             \
	case OP_##id##32_x:                        \
		emit_jump32_x(jit, pc, condition); \
		break;

/* clang-format off */
static void insn(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	unsigned dst = dst_of(insn), src = src_of(insn);
	unsigned shift64 = (uint32_t)insn->imm & 63, shift32 = (uint32_t)insn->imm & 31;

	switch (vouch_decode(insn)) {
	/* dst = dst + src */
	CASES_ALU(add)
	/* dst = dst - src */
	CASES_ALU(sub)
	/* dst = dst * src */
	CASES_ALU(mul)
	/* dst = src == 0 ? 0 : dst / src */
	case OP_div64_k:
	case OP_sdiv64_k:
		emit_div64_k(jit, dst, insn->imm, insn->off == 1);
		break;
	case OP_div64_x:
	case OP_sdiv64_x:
		emit_div64_x(jit, dst, src, insn->off == 1);
		break;
	case OP_div32_k:
	case OP_sdiv32_k:
		emit_div32_k(jit, dst, insn->imm, insn->off == 1);
		break;
	case OP_div32_x:
	case OP_sdiv32_x:
		emit_div32_x(jit, dst, src, insn->off == 1);
		break;
	/* dst = dst | src */
	CASES_ALU(or)
	/* dst = dst & src */
	CASES_ALU(and)
	/* dst = dst << (src & (width - 1)): the machine masks as BPF does */
	case OP_lsh64_k:
		emit_slli(jit, dst, dst, shift64);
		break;
	case OP_lsh64_x:
		emit32(jit, rv_sll(dst, dst, src));
		break;
	case OP_lsh32_k:
		emit_slli(jit, dst, dst, 32 + shift32);
		emit_srli(jit, dst, dst, 32);
		break;
	case OP_lsh32_x:
		emit32(jit, rv_sllw(dst, dst, src));
		emit_zero_extend(jit, dst, dst);
		break;
	/* dst = dst >> (src & (width - 1)) */
	case OP_rsh64_k:
		emit_srli(jit, dst, dst, shift64);
		break;
	case OP_rsh64_x:
		emit32(jit, rv_srl(dst, dst, src));
		break;
	case OP_rsh32_k:
		emit_slli(jit, dst, dst, 32);
		emit_srli(jit, dst, dst, 32 + shift32);
		break;
	case OP_rsh32_x:
		emit32(jit, rv_srlw(dst, dst, src));
		emit_zero_extend(jit, dst, dst);
		break;
	/* dst = -dst */
	case OP_neg64:
		emit_sub(jit, dst, ZERO, dst);
		break;
	case OP_neg32:
		emit_sub(jit, dst, ZERO, dst);
		emit_zero_extend(jit, dst, dst);
		break;
	/* dst = src == 0 ? dst : dst % src */
	case OP_mod64_k:
	case OP_smod64_k:
		emit_mod64_x(jit, dst, emit_operand(jit, T0, insn->imm), insn->off == 1);
		break;
	case OP_mod64_x:
	case OP_smod64_x:
		emit_mod64_x(jit, dst, src, insn->off == 1);
		break;
	case OP_mod32_k:
	case OP_smod32_k:
		emit_mod32_x(jit, dst, emit_operand(jit, T0, insn->imm), insn->off == 1);
		break;
	case OP_mod32_x:
	case OP_smod32_x:
		emit_mod32_x(jit, dst, src, insn->off == 1);
		break;
	/* dst = dst ^ src */
	CASES_ALU(xor)
	/* dst = src */
	case OP_mov64_k:
		emit_li(jit, dst, insn->imm);
		break;
	case OP_mov64_x:
		emit_mv(jit, dst, src);
		break;
	/* dst = (int64_t)(int8_t)src, … */
	case OP_movsx64_8:
		emit_slli(jit, dst, src, 56);
		emit_srai(jit, dst, dst, 56);
		break;
	case OP_movsx64_16:
		emit_slli(jit, dst, src, 48);
		emit_srai(jit, dst, dst, 48);
		break;
	case OP_movsx64_32:
		emit_sign_extend(jit, dst, src);
		break;
	/* dst = (uint32_t)src */
	case OP_mov32_k:
		emit_li_unsigned(jit, dst, insn->imm);
		break;
	case OP_mov32_x:
		emit_zero_extend(jit, dst, src);
		break;
	/* dst = (uint32_t)(int8_t)src, … */
	case OP_movsx32_8:
		emit_slli(jit, dst, src, 56);
		emit_srai(jit, dst, dst, 24);
		emit_srli(jit, dst, dst, 32);
		break;
	case OP_movsx32_16:
		emit_slli(jit, dst, src, 48);
		emit_srai(jit, dst, dst, 16);
		emit_srli(jit, dst, dst, 32);
		break;
	/* dst = (signed)dst >> (src & (width - 1)) */
	case OP_arsh64_k:
		emit_srai(jit, dst, dst, shift64);
		break;
	case OP_arsh64_x:
		emit32(jit, rv_sra(dst, dst, src));
		break;
	case OP_arsh32_k:
		emit32(jit, rv_sraiw(dst, dst, shift32));
		emit_zero_extend(jit, dst, dst);
		break;
	case OP_arsh32_x:
		emit32(jit, rv_sraw(dst, dst, src));
		emit_zero_extend(jit, dst, dst);
		break;
	/* dst = low bytes of dst; the machine is little-endian */
	case OP_le16:
		emit_slli(jit, dst, dst, 48);
		emit_srli(jit, dst, dst, 48);
		break;
	case OP_le32:
		emit_zero_extend(jit, dst, dst);
		break;
	case OP_le64:
		break;
	/* dst = low bytes of dst, reversed */
	case OP_be16:
	case OP_bswap16:
		emit_swap16(jit, dst);
		break;
	case OP_be32:
	case OP_bswap32:
		emit_swap32(jit, dst);
		break;
	case OP_be64:
	case OP_bswap64:
		emit_swap64(jit, dst);
		break;
	/* dst = imm64 */
	case OP_lddw:
		emit_lddw(jit, insn);
		break;
	case OP_lddw_object:
		emit_lddw_object(jit, insn);
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
		emit_ja(jit, pc);
		break;
	/* if (dst op src) goto */
	CASES_JUMP(jeq, BEQ)
	CASES_JUMP(jgt, BGTU)
	CASES_JUMP(jge, BGEU)
	case OP_jset64_k:
		emit_and(jit, T0, dst, emit_operand(jit, T1, insn->imm));
		emit_jump_if(jit, pc, BNE, T0, ZERO);
		break;
	case OP_jset64_x:
		emit_and(jit, T0, dst, src);
		emit_jump_if(jit, pc, BNE, T0, ZERO);
		break;
	case OP_jset32_k:
		emit_and(jit, T0, dst, emit_operand(jit, T1, insn->imm));
		emit_sign_extend(jit, T0, T0);
		emit_jump_if(jit, pc, BNE, T0, ZERO);
		break;
	case OP_jset32_x:
		emit_and(jit, T0, dst, src);
		emit_sign_extend(jit, T0, T0);
		emit_jump_if(jit, pc, BNE, T0, ZERO);
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

const struct vouch_target vouch_rv64 = {
	.name = "rv64",
	.word = 8,
	.max_insn = 84,
	.max_frame = 1152,
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
