/* SPDX-License-Identifier: MIT */
/*
 * The Thumb-2 emitter: Armv7-M as Cortex-M3 and M4 have it, little-endian (AAPCS calls). A BPF
 * register is a pair, its lower half first:
 *
 *   r0 r4 r5   r1 r6 r7   r2 r8 r9   r3 r10 r11
 *   r4 to r10: in vm->r, loaded to r0:r1 (as src) or r2:r3 (as dst)
 *   r12 the vm   lr the context's start   r0 to r3 scratch
 *
 * The frame at sp has helper arguments, the vm and the bottom of BPF's own frame; vm->used has the
 * fuel. So r12 and lr are scratch, too, for as long as an instruction or stub likes. Invariants
 * between instructions: r12 is the vm, lr is vm->context, vm->r[10] is the top of a frame inside
 * the stack, its bottom is in our frame.
 *
 * BPF addresses have 64 bits: the inline test of an access adds and compares all of them. What
 * isn't in the context goes out of line, where a stub decides exactly as the interpreter does.
 *
 * Loads and stores of words may be misaligned, so CCR.UNALIGN_TRP must be 0, as after reset; of
 * CCR.DIV_0_TRP the same. Atomics are tested for alignment first. They mask interrupts: one core,
 * privileged (docs/jit-thumb2.md).
 *
 * Everything that runs once a program, or rarely, is a constant table, which costs flash what the
 * code takes and nothing more.
 */
#include "encode.h"
#include "vm/vm.h"

struct pair {
	uint8_t lo, hi;
};

static const struct pair src_place = {R0, R1};
static const struct pair dst_place = {R2, R3};

enum { VM = R12, CONTEXT = LR, REGISTERS_IN_MACHINE = 4 };

#define VM_FIELD(name) VM_##name(4)

/* Our frame, from sp up: a2 to a5 of helpers, then what is kept in it. r4 to r11 and lr above. */
enum {
	ARGUMENTS,
	FRAME_VM = 32,
	FRAME_BOTTOM = 36, /* r10 - 512 */
	FRAME_RETURN = 40, /* of stubs: to where */
	FRAME_INSN = 44,   /* of stubs that call C: r3 */
	FRAME_ADDRESS = 48,
	NATIVE_FRAME = 52
};
_Static_assert((NATIVE_FRAME + 9 * 4) % 8 == 0, "C wants sp at a multiple of 8");

/*
 * What instructions hand to stubs in r3: the pc and, of an access, its size (1 to 8) and
 * permissions.
 */
#define INSN_WORD(pc, size, permissions) ((pc) | (size) << 24 | (permissions) << 28)
_Static_assert(VOUCH_INSNS_MAX <= 1 << 24, "pc in INSN_WORD");
_Static_assert(
	VOUCH_READ >> 1 == 0 && (VOUCH_READ | VOUCH_WRITE) >> 1 == 1, "write from permissions");

/* Fields of opcodes. Operations of jumps are opcode >> 4; MODE is opcode >> 5. */
enum {
	ALU_ADD = 0x00,
	ALU_SUB = 0x10,
	ALU_MUL = 0x20,
	ALU_DIV = 0x30,
	ALU_OR = 0x40,
	ALU_AND = 0x50,
	ALU_LSH = 0x60,
	ALU_RSH = 0x70,
	ALU_NEG = 0x80,
	ALU_MOD = 0x90,
	ALU_XOR = 0xa0,
	ALU_MOV = 0xb0,
	ALU_ARSH = 0xc0
};
enum { JUMP_ALWAYS = 0x0, JUMP_SET = 0x4, JUMP_CALL = 0x8, JUMP_EXIT = 0x9 };
enum { MODE_MEMSX = 4, MODE_ATOMIC = 6 };
enum { CALL_LOCAL = 1 };

enum { ALWAYS = 14 }; /* a condition that no branch has */

/* Stubs, and places in them. STUB_DIVIDE + 2 * signed + remainder. */
enum {
	LEAVE,
	STOP,
	DONE,
	FAULT_FUEL,
	FAULT_DEPTH,
	FAULT_HELPER,
	FAULT_MEMORY,
	STUB_ATOMIC,
	STUB_ACCESS,
	GRANTED,
	STUB_CALLX,
	STUB_HELPER,
	STUB_CALL_LOCAL,
	STUB_EXIT,
	STUB_DIVIDE,
	DIVIDE = STUB_DIVIDE + 4,
	DIVIDE_LONG,
	DIVIDE_MAGNITUDES,
	DIVIDE_LOWER,
	DIVIDED,
	HANDOVER,
	STUBS
};
_Static_assert(STUBS <= JIT_LABELS, "labels");

/* Code of either length. The first halfword of a long one comes first. */

static void emit16(struct jit *jit, uint32_t code)
{
	jit_bytes(jit, code, 2);
}

static void emit32(struct jit *jit, uint32_t code)
{
	jit_bytes(jit, code >> 16 | code << 16, 4);
}

static bool is_low(unsigned reg)
{
	return reg < 8;
}

/*
 * Jumps to offsets in the code, the range checked for every one. Near code is at most NEAR bytes,
 * which b<condition>.w spans; in far code (jit->far) conditional branches skip a jump.
 */

enum { NEAR = 1 << 20 };

/* The pc that branches add to is two halfwords ahead. The driver keeps offsets below 2^31. */
static uint32_t distance_to(const struct jit *jit, uint32_t target)
{
	return target - jit->pos - 4;
}

/* True if value, taken as a signed number, has so many bits, fewer than 32. */
static bool fits(uint32_t value, unsigned bits)
{
	return value + (1u << (bits - 1)) < 1u << bits;
}

/* A distance that has to fit; while measuring, offsets are guesses. */
static uint32_t checked(struct jit *jit, uint32_t distance, unsigned bits)
{
	if (jit->out && !fits(distance, bits))
		jit_fail(jit, VOUCH_JIT_RANGE);
	return distance;
}

/* b.w or, with link T_BL, bl */
static void emit_b_far(struct jit *jit, uint32_t link, uint32_t target)
{
	uint32_t distance = checked(jit, distance_to(jit, target), 25);

	emit32(jit, T_FAR(distance) | link);
}

/* goto target */
static void emit_b(struct jit *jit, uint32_t target)
{
	uint32_t distance = distance_to(jit, target);

	if (!jit->far && fits(distance, 12))
		emit16(jit, T_B_N(distance));
	else
		emit_b_far(jit, 0, target);
}

/* if (condition) goto target, which is near: in this instruction, the next, or this stub */
static void emit_branch_near(struct jit *jit, unsigned condition, uint32_t target)
{
	uint32_t distance = checked(jit, distance_to(jit, target), 9);

	emit16(jit, T_BRANCH_N(condition, distance));
}

/* if (condition) goto target */
static void emit_branch(struct jit *jit, unsigned condition, uint32_t target)
{
	uint32_t distance = distance_to(jit, target);

	if (jit->far) {
		emit16(jit, T_BRANCH_N(condition ^ 1, 2u));
		emit_b_far(jit, 0, target);
	} else if (fits(distance, 9)) {
		emit16(jit, T_BRANCH_N(condition, distance));
	} else {
		uint32_t far_distance = checked(jit, distance, 21);

		emit32(jit, T_BRANCH(condition, far_distance));
	}
}

/* lr = here; goto stub */
static void emit_call_stub(struct jit *jit, unsigned stub)
{
	emit_b_far(jit, T_BL, jit->label[stub]);
}

/* Constants and registers. The short form of a constant spares the carry, but no other flag. */

static bool is_byte(int32_t imm)
{
	return (uint32_t)imm <= 255;
}

/* What data processing takes as it is; `& 0x3ff` makes it a modified immediate. */
static bool is_small(int32_t imm)
{
	return is_byte(imm) || imm == -1;
}

/* rd = value, in one form, whatever value is */
static void emit_word(struct jit *jit, unsigned rd, uint32_t value)
{
	emit32(jit, T_MOVW(rd, value & 0xffff));
	emit32(jit, T_MOVT(rd, value >> 16));
}

/* rd = imm */
static void emit_li(struct jit *jit, unsigned rd, int32_t imm)
{
	if (is_low(rd) && is_byte(imm))
		emit16(jit, T_MOVS_K_N(rd, (uint32_t)imm));
	else if (imm < 0 && imm >= -256)
		emit32(jit, T_MVN_K(rd, ~imm));
	else if (imm >= 0 && imm <= 0xffff)
		emit32(jit, T_MOVW(rd, (uint32_t)imm));
	else
		emit_word(jit, rd, (uint32_t)imm);
}

static void emit_move(struct jit *jit, unsigned rd, unsigned rm)
{
	if (rd != rm)
		emit16(jit, T_MOV_N(rd, rm));
}

static void emit_move_pair(struct jit *jit, struct pair to, struct pair from)
{
	emit_move(jit, to.lo, from.lo);
	emit_move(jit, to.hi, from.hi);
}

static bool is_in_machine(unsigned reg)
{
	return reg < REGISTERS_IN_MACHINE;
}

/* Where an instruction puts a BPF register's new value; emit_write() is to follow. */
static struct pair place_of(unsigned reg, struct pair scratch)
{
	if (is_in_machine(reg))
		return (struct pair){(uint8_t)(R4 + 2 * reg), (uint8_t)(R5 + 2 * reg)};
	return scratch;
}

/* A BPF register, in registers. */
static struct pair emit_read(struct jit *jit, unsigned reg, struct pair scratch)
{
	if (!is_in_machine(reg))
		emit32(jit, T_LDRD(scratch.lo, scratch.hi, VM, VM_R(reg)));
	return place_of(reg, scratch);
}

static void emit_write(struct jit *jit, unsigned reg, struct pair value)
{
	struct pair place = place_of(reg, value);

	if (!is_in_machine(reg))
		emit32(jit, T_STRD(value.lo, value.hi, VM, VM_R(reg)));
	emit_move_pair(jit, place, value);
}

/* r12 and lr as they are between instructions. */
static void emit_restore(struct jit *jit)
{
	emit32(jit, T_LDR(VM, SP, FRAME_VM));
	emit32(jit, T_LDR(CONTEXT, VM, VM_FIELD(CONTEXT)));
}

/* Arithmetic of the machine */

/* rd = rn op rm; rd = pc for flags alone */
static void emit_op(struct jit *jit, unsigned op, unsigned rd, unsigned rn, unsigned rm)
{
	/* One more than the opcode of the short form. */
	static const uint8_t narrow[16] = {
		[AND] = 0 + 1, [EOR] = 1 + 1, [ADC] = 5 + 1, [SBC] = 6 + 1, [ORR] = 12 + 1};
	bool low = is_low(rn) && is_low(rm);

	if (op == SUB && rd == PC)
		emit16(jit, low ? T_CMP_N(rn, rm) : T_CMP_ANY_N(rn, rm));
	else if (low && is_low(rd) && op == ADD)
		emit16(jit, T_ADDS_N(rd, rn, rm));
	else if (low && is_low(rd) && op == SUB)
		emit16(jit, T_SUBS_N(rd, rn, rm));
	else if (low && rd == rn && narrow[op])
		emit16(jit, T_DATA_N(narrow[op] - 1u, rd, rm));
	else
		emit32(jit, T_DATA(op, rd, rn, rm));
}

/* rd = rn op imm. What is not small goes through r0. */
static void emit_op_k(struct jit *jit, unsigned op, unsigned rd, unsigned rn, int32_t imm)
{
	bool byte = is_low(rn) && is_byte(imm);

	if (byte && op == SUB && rd == PC) {
		emit16(jit, T_CMP_K_N(rn, imm));
	} else if (byte && op == ADD && rd == rn) {
		emit16(jit, T_ADDS_K_N(rn, imm));
	} else if (byte && op == SUB && rd == rn) {
		emit16(jit, T_SUBS_K_N(rn, imm));
	} else if (is_small(imm)) {
		emit32(jit, T_DATA_K(op, rd, rn, imm & 0x3ff));
	} else {
		emit_li(jit, R0, imm);
		emit_op(jit, op, rd, rn, R0);
	}
}

/* rd = rm shifted by 0 to 31 */
static void emit_shift_k(struct jit *jit, unsigned type, unsigned rd, unsigned rm, unsigned amount)
{
	if (amount == 0)
		emit_move(jit, rd, rm);
	else if (is_low(rd) && is_low(rm))
		emit16(jit, T_SHIFT_N(type, rd, rm, amount));
	else
		emit32(jit, T_SHIFT(type, rd, rm, amount));
}

/* The operand of a BPF instruction: src in registers, or imm. */
struct operand {
	bool is_imm;
	int32_t imm;
	struct pair reg;
};

/* Bit 3 of an opcode: the operand is src, not imm. */
static struct operand emit_operand(struct jit *jit, const struct vouch_insn *insn)
{
	if (insn->opcode & 8)
		return (struct operand){.reg = emit_read(jit, vouch_src(insn), src_place)};
	return (struct operand){.is_imm = true, .imm = insn->imm};
}

/* The upper half of imm, which is sign-extended. */
static int32_t upper_half(int32_t imm)
{
	return imm < 0 ? -1 : 0;
}

/* The operand in registers, an immediate in r0:r1. */
static struct pair emit_operand_pair(struct jit *jit, const struct vouch_insn *insn)
{
	struct operand operand = emit_operand(jit, insn);

	if (!operand.is_imm)
		return operand.reg;
	emit_li(jit, R0, operand.imm);
	emit_li(jit, R1, upper_half(operand.imm));
	return src_place;
}

/* rd = rn op operand, of either half. Only the lower one of an immediate may take r0. */

static void emit_low(
	struct jit *jit, unsigned op, unsigned rd, unsigned rn, const struct operand *operand)
{
	if (operand->is_imm)
		emit_op_k(jit, op, rd, rn, operand->imm);
	else
		emit_op(jit, op, rd, rn, operand->reg.lo);
}

static void emit_high(
	struct jit *jit, unsigned op, unsigned rd, unsigned rn, const struct operand *operand)
{
	if (operand->is_imm)
		emit_op_k(jit, op, rd, rn, upper_half(operand->imm));
	else
		emit_op(jit, op, rd, rn, operand->reg.hi);
}

/* BPF's arithmetic. 32-bit operations are on the lower halves; emit_alu() clears the upper one. */

/* What the upper halves do where the lower ones do `op`. */
static unsigned upper_op(unsigned op)
{
	return op == ADD ? ADC : op == SUB ? SBC : op;
}

/* Bits whose upper half stays as it is. */
static bool keeps_upper(unsigned op, int32_t imm)
{
	return upper_op(op) == op && upper_half(imm) == (op == AND ? -1 : 0);
}

/* dst = dst op operand: sums and bits */
static void emit_binary(
	struct jit *jit, const struct vouch_insn *insn, unsigned op, struct pair dst, bool wide)
{
	struct operand operand = emit_operand(jit, insn);

	/* The same the other way round, in one instruction. */
	if (operand.is_imm && (op == ADD || op == SUB) && operand.imm < 0 && operand.imm >= -255) {
		op ^= ADD ^ SUB;
		operand.imm = -operand.imm;
	}
	emit_low(jit, op, dst.lo, dst.lo, &operand);
	if (wide && !(operand.is_imm && keeps_upper(op, operand.imm)))
		emit_high(jit, upper_op(op), dst.hi, dst.hi, &operand);
}

/* dst = dst * src: of the upper halves' product nothing is left */
static void emit_mul(struct jit *jit, const struct vouch_insn *insn, struct pair dst, bool wide)
{
	struct pair src = emit_operand_pair(jit, insn);

	if (!wide) {
		emit32(jit, T_MUL(dst.lo, dst.lo, src.lo));
		return;
	}
	emit32(jit, T_MUL(R1, dst.lo, src.hi));
	emit32(jit, T_MLA(R1, dst.hi, src.lo, R1));
	emit32(jit, T_UMULL(dst.lo, dst.hi, dst.lo, src.lo));
	emit_op(jit, ADD, dst.hi, dst.hi, R1);
}

/*
 * dst = dst / src or dst % src. Of 32 bits, the machine has what BPF wants: x / 0 is 0, so that
 * x % 0 is x, and the one overflow wraps. Of 64 bits, a stub.
 */
static void emit_divide(
	struct jit *jit, const struct vouch_insn *insn, bool remainder, struct pair dst, bool wide)
{
	bool is_signed = insn->off == 1;
	struct pair src = emit_operand_pair(jit, insn);

	if (wide) {
		emit_move_pair(jit, src_place, src);
		emit_move_pair(jit, dst_place, dst);
		emit_call_stub(jit, STUB_DIVIDE + 2u * is_signed + remainder);
		emit_move_pair(jit, dst, dst_place);
		return;
	}
	emit32(jit, is_signed ? T_SDIV(R1, dst.lo, src.lo) : T_UDIV(R1, dst.lo, src.lo));
	if (remainder)
		emit32(jit, T_MLS(dst.lo, R1, src.lo, dst.lo));
	else
		emit_move(jit, dst.lo, R1);
}

/*
 * Shifts of a pair: bits go from one half to the other, to the left from the lower to the upper;
 * `same` is how the half that gets them is shifted, and `other` what they are shifted by to meet
 * it.
 */
struct shift {
	unsigned type, same, other;
	unsigned from, to;
};

static struct shift shift_of(unsigned type, struct pair dst)
{
	if (type == LSL)
		return (struct shift){LSL, LSL, LSR, dst.lo, dst.hi};
	return (struct shift){type, LSR, LSL, dst.hi, dst.lo};
}

static void emit_shift64_k(struct jit *jit, struct shift s, unsigned amount)
{
	if (amount >= 32) {
		emit_shift_k(jit, s.type, s.to, s.from, amount - 32);
		if (s.type == ASR)
			emit_shift_k(jit, ASR, s.from, s.from, 31);
		else
			emit_li(jit, s.from, 0);
	} else if (amount != 0) {
		emit_shift_k(jit, s.same, s.to, s.to, amount);
		emit32(jit, T_ORR_SHIFTED(s.to, s.to, s.from, s.other, 32 - amount));
		emit_shift_k(jit, s.type, s.from, s.from, amount);
	}
}

/* By r0, 0 to 63. From 32 on the machine's shifts leave nothing, and halves move. */
static void emit_shift64_x(struct jit *jit, struct shift s)
{
	emit32(jit, T_SHIFT_X(s.same, s.to, s.to, R0));
	emit32(jit, T_DATA_K(RSB, R1, R0, 32));
	emit32(jit, T_SHIFT_X(s.other, R1, s.from, R1));
	emit_op(jit, ORR, s.to, s.to, R1);
	emit32(jit, T_DATA_K(SUB, R1, R0, 32));
	emit16(jit, T_IT_N(PL));
	emit32(jit, T_SHIFT_X(s.type, s.to, s.from, R1));
	emit32(jit, T_SHIFT_X(s.type, s.from, s.from, R0));
}

/* dst = dst shifted by (src & (width - 1)) */
static void emit_shift(
	struct jit *jit, const struct vouch_insn *insn, unsigned type, struct pair dst, bool wide)
{
	struct operand operand = emit_operand(jit, insn);
	uint32_t mask = wide ? 63 : 31;

	if (operand.is_imm) {
		if (wide)
			emit_shift64_k(jit, shift_of(type, dst), (uint32_t)operand.imm & mask);
		else
			emit_shift_k(jit, type, dst.lo, dst.lo, (uint32_t)operand.imm & mask);
		return;
	}
	emit32(jit, T_DATA_K(AND, R0, operand.reg.lo, mask));
	if (wide)
		emit_shift64_x(jit, shift_of(type, dst));
	else
		emit32(jit, T_SHIFT_X(type, dst.lo, dst.lo, R0));
}

/* dst = -dst */
static void emit_neg(struct jit *jit, struct pair dst, bool wide)
{
	emit_li(jit, R0, 0);
	emit_op(jit, SUB, dst.lo, R0, dst.lo);
	if (wide)
		emit_op(jit, SBC, dst.hi, R0, dst.hi);
}

/* dst = src or imm, or the low bits of src with their sign. Returns where the value is. */
static struct pair emit_mov(
	struct jit *jit, const struct vouch_insn *insn, struct pair dst, bool wide)
{
	struct pair src;

	if (!(insn->opcode & 8)) {
		emit_li(jit, dst.lo, insn->imm);
		if (wide)
			emit_li(jit, dst.hi, upper_half(insn->imm));
		return dst;
	}
	src = emit_read(jit, vouch_src(insn), dst);
	if (insn->off == 8)
		emit32(jit, T_SXTB(dst.lo, src.lo));
	else if (insn->off == 16)
		emit32(jit, T_SXTH(dst.lo, src.lo));
	else if (!is_in_machine(vouch_dst(insn)) && insn->off == 0)
		return (struct pair){src.lo, wide ? src.hi : dst.hi};
	else
		emit_move(jit, dst.lo, src.lo);
	if (wide && insn->off == 0)
		emit_move(jit, dst.hi, src.hi);
	else if (wide)
		emit_shift_k(jit, ASR, dst.hi, dst.lo, 31);
	return dst;
}

/* dst = the low bytes of dst, in their order or reversed; the machine is little-endian */
static void emit_end(struct jit *jit, const struct vouch_insn *insn, struct pair dst)
{
	/* be and bswap, that is: not le */
	bool reverse = insn->opcode != 0xd4;

	if (reverse && insn->imm == 16)
		emit32(jit, T_REV16(dst.lo, dst.lo));
	if (insn->imm == 16)
		emit32(jit, T_UXTH(dst.lo, dst.lo));
	if (reverse && insn->imm == 32)
		emit32(jit, T_REV(dst.lo, dst.lo));
	if (reverse && insn->imm == 64) {
		emit32(jit, T_REV(R0, dst.lo));
		emit32(jit, T_REV(dst.lo, dst.hi));
		emit_move(jit, dst.hi, R0);
	}
}

/* The rows of an operation, and where it has dst. */
static void emit_alu(struct jit *jit, const struct vouch_insn *insn)
{
	bool wide = (insn->opcode & 7) == CLASS_ALU64;
	unsigned operation = insn->opcode & 0xf0;
	struct pair dst = place_of(vouch_dst(insn), dst_place);

	if (operation != ALU_MOV)
		emit_read(jit, vouch_dst(insn), dst_place);
	switch (operation) {
	/* dst = dst + src */
	case ALU_ADD:
		emit_binary(jit, insn, ADD, dst, wide);
		break;
	/* dst = dst - src */
	case ALU_SUB:
		emit_binary(jit, insn, SUB, dst, wide);
		break;
	/* dst = dst * src */
	case ALU_MUL:
		emit_mul(jit, insn, dst, wide);
		break;
	/* dst = src == 0 ? 0 : dst / src */
	case ALU_DIV:
		emit_divide(jit, insn, false, dst, wide);
		break;
	/* dst = dst | src */
	case ALU_OR:
		emit_binary(jit, insn, ORR, dst, wide);
		break;
	/* dst = dst & src */
	case ALU_AND:
		emit_binary(jit, insn, AND, dst, wide);
		break;
	/* dst = dst << (src & (width - 1)) */
	case ALU_LSH:
		emit_shift(jit, insn, LSL, dst, wide);
		break;
	/* dst = dst >> (src & (width - 1)) */
	case ALU_RSH:
		emit_shift(jit, insn, LSR, dst, wide);
		break;
	/* dst = -dst */
	case ALU_NEG:
		emit_neg(jit, dst, wide);
		break;
	/* dst = src == 0 ? dst : dst % src */
	case ALU_MOD:
		emit_divide(jit, insn, true, dst, wide);
		break;
	/* dst = dst ^ src */
	case ALU_XOR:
		emit_binary(jit, insn, EOR, dst, wide);
		break;
	/* dst = src, or its low bits with their sign */
	case ALU_MOV:
		dst = emit_mov(jit, insn, dst, wide);
		break;
	/* dst = (signed)dst >> (src & (width - 1)) */
	case ALU_ARSH:
		emit_shift(jit, insn, ASR, dst, wide);
		break;
	/* dst = low bytes of dst, as they are or reversed */
	default:
		emit_end(jit, insn, dst);
		wide = insn->imm == 64;
		break;
	}
	if (!wide)
		emit_li(jit, dst.hi, 0);
	if (!is_in_machine(vouch_dst(insn)))
		emit_write(jit, vouch_dst(insn), dst);
}

/* dst = imm64, or vm->data[imm] + offset, the offset unsigned */
static void emit_lddw(struct jit *jit, const struct vouch_insn *insn)
{
	struct pair dst = place_of(vouch_dst(insn), dst_place);

	if (vouch_src(insn) == 0) {
		emit_li(jit, dst.lo, insn->imm);
		emit_li(jit, dst.hi, insn[1].imm);
	} else {
		emit_li(jit, R0, insn[1].imm);
		emit32(jit, T_LDR(dst.lo, VM, VM_DATA(4, (uint32_t)insn->imm)));
		emit_op(jit, ADD, dst.lo, dst.lo, R0);
		emit_li(jit, dst.hi, 0);
		emit_op_k(jit, ADC, dst.hi, dst.hi, 0);
	}
	emit_write(jit, vouch_dst(insn), dst);
}

/* Memory */

enum { LG8, LG16, LG32, LG64 };

/* The access of an instruction: where, how wide, and whether the region test can't fail. */
struct access {
	unsigned reg, lg, permissions;
	int32_t off;
	bool load, atomic, certain;
};

/* A frame is 512 bytes below its top, r10, and lies in the stack whatever the program does. */
static struct access access_of(const struct vouch_insn *insn)
{
	/* The size field of an opcode, bits 3 and 4: W, H, B, DW. */
	static const uint8_t lg_of_size[4] = {LG32, LG16, LG8, LG64};
	unsigned lg = lg_of_size[insn->opcode >> 3 & 3];
	bool load = (insn->opcode & 7) == CLASS_LDX, atomic = insn->opcode >> 5 == MODE_ATOMIC;
	unsigned reg = load ? vouch_src(insn) : vouch_dst(insn);
	int32_t end = insn->off + (1 << lg);

	return (struct access){.reg = reg,
		.lg = lg,
		.permissions = load ? VOUCH_READ : VOUCH_READ | VOUCH_WRITE,
		.off = insn->off,
		.load = load,
		.atomic = atomic,
		.certain = !atomic && reg == 10 && insn->off >= -(int32_t)VOUCH_FRAME_SIZE &&
	                   end <= 0};
}

/* Where emit_address() leaves the address. */
static struct pair address_of(struct access a)
{
	return a.off == 0 ? place_of(a.reg, src_place) : src_place;
}

/* base + off, all 64 bits; r2:r3 is free after it */
static struct pair emit_address(struct jit *jit, struct access a)
{
	struct pair base;

	if (a.off == 0)
		return emit_read(jit, a.reg, src_place);
	base = emit_read(jit, a.reg, dst_place);
	emit_op_k(jit, a.off < 0 ? SUB : ADD, R0, base.lo, a.off < 0 ? -a.off : a.off);
	emit_op_k(jit, a.off < 0 ? SBC : ADC, R1, base.hi, 0);
	return src_place;
}

/*
 * if (the address isn't in the context) goto cold. The upper half and the offset in the context, as
 * one number of 64 bits, are less than the limit only if the upper half is 0.
 */
static void emit_test(struct jit *jit, struct access a, struct pair address, uint32_t cold)
{
	if (a.atomic) {
		emit_shift_k(jit, LSL, R2, address.lo, 32 - a.lg);
		emit_branch(jit, NE, cold);
	}
	emit_op(jit, SUB, R2, address.lo, CONTEXT);
	emit32(jit, T_LDR(R3, VM, VM_LIMIT(4, a.load ? 0 : 1, (int)a.lg)));
	emit_op(jit, SUB, PC, R2, R3);
	emit_op_k(jit, SBC, R2, address.hi, 0);
	emit_branch(jit, HS, cold);
}

/* A load or store of one item; what has no short form is signed, or far from its base. */
static void emit_item(struct jit *jit, unsigned op, unsigned rt, unsigned rn, uint32_t off)
{
	static const uint16_t narrow[6] = {[STRB] = T_STRB_N(0, 0, 0),
		[LDRB] = T_STRB_N(0, 0, 0) | 0x800,
		[STRH] = T_STRH_N(0, 0, 0),
		[LDRH] = T_STRH_N(0, 0, 0) | 0x800,
		[STR] = T_STR_N(0, 0, 0),
		[LDR] = T_STR_N(0, 0, 0) | 0x800};

	if (op <= LDR && is_low(rt) && is_low(rn) && (off == 0 || off == 4))
		emit16(jit, narrow[op] | off >> op / 2 << 6 | rn << 3 | rt);
	else
		emit32(jit, T_ITEM(op, rt, rn, off));
}

/* dst = *(type *)(base + off) */
static void emit_load(struct jit *jit, const struct vouch_insn *insn, unsigned base, uint32_t off)
{
	struct pair dst = place_of(vouch_dst(insn), dst_place);
	unsigned lg = access_of(insn).lg;
	bool sign = insn->opcode >> 5 == MODE_MEMSX;

	if (lg == LG64) {
		/* The base may be the lower half. */
		emit_item(jit, LDR, dst.hi, base, off + 4);
		emit_item(jit, LDR, dst.lo, base, off);
	} else {
		emit_item(jit, (2 * lg + 1) | (sign && lg < LG32 ? LDRSB ^ LDRB : 0), dst.lo, base,
			off);
		if (sign)
			emit_shift_k(jit, ASR, dst.hi, dst.lo, 31);
		else
			emit_li(jit, dst.hi, 0);
	}
	emit_write(jit, vouch_dst(insn), dst);
}

/* *(type *)(base + off) = imm or src */
static void emit_store(struct jit *jit, const struct vouch_insn *insn, unsigned base, uint32_t off)
{
	unsigned lg = access_of(insn).lg;
	struct pair value = dst_place;

	if ((insn->opcode & 7) == CLASS_STX) {
		value = emit_read(jit, vouch_src(insn), value);
	} else {
		emit_li(jit, value.lo, insn->imm);
		if (lg == LG64)
			emit_li(jit, value.hi, upper_half(insn->imm));
	}
	if (lg == LG64)
		emit_item(jit, STR, value.hi, base, off + 4);
	emit_item(jit, lg == LG64 ? STR : 2 * lg, value.lo, base, off);
}

/* The operation of an atomic: imm without the fetch bit. */
enum { ATOMIC_ADD, ATOMIC_OR = 0x40, ATOMIC_AND = 0x50, ATOMIC_XOR = 0xa0, ATOMIC_EXCHANGE = 0xe0 };
enum { ATOMIC_FETCH = 1 };

static unsigned atomic_op(int32_t operation)
{
	return operation == ATOMIC_ADD   ? ADD
	       : operation == ATOMIC_OR  ? ORR
	       : operation == ATOMIC_AND ? AND
	                                 : EOR;
}

/* *base op= src, r12 and lr are what was there */
static void emit_modify(
	struct jit *jit, int32_t operation, struct pair src, unsigned base, bool wide)
{
	unsigned op = atomic_op(operation), next = LR;

	emit_item(jit, LDR, R12, base, 0);
	if (operation == ATOMIC_EXCHANGE)
		next = src.lo;
	else
		emit_op(jit, op, next, R12, src.lo);
	emit_item(jit, STR, next, base, 0);
	if (!wide)
		return;
	/* The lower half of src is not needed any more. */
	emit_item(jit, LDR, LR, base, 4);
	next = R2;
	if (operation == ATOMIC_EXCHANGE)
		next = src.hi;
	else
		emit_op(jit, upper_op(op), next, LR, src.hi);
	emit_item(jit, STR, next, base, 4);
}

/* *base = src if it is r0; r12 and lr are what was there */
static void emit_compare_exchange(struct jit *jit, struct pair src, unsigned base, bool wide)
{
	struct pair expected = place_of(0, src_place);

	emit_item(jit, LDR, R12, base, 0);
	if (wide)
		emit_item(jit, LDR, LR, base, 4);
	emit_op(jit, SUB, PC, R12, expected.lo);
	if (wide) {
		emit16(jit, T_IT_N(EQ));
		emit_op(jit, SUB, PC, LR, expected.hi);
	}
	emit16(jit, wide ? T_ITT_N(EQ) : T_IT_N(EQ));
	emit_item(jit, STR, src.lo, base, 0);
	if (wide)
		emit_item(jit, STR, src.hi, base, 4);
}

/* An atomic at base: nothing comes between its load and its store. */
static void emit_atomic(struct jit *jit, const struct vouch_insn *insn, unsigned base)
{
	bool wide = access_of(insn).lg == LG64, exchange = (insn->imm & 0xff) > ATOMIC_EXCHANGE + 1;
	struct pair src = emit_read(jit, vouch_src(insn), dst_place);

	emit32(jit, T_MRS_PRIMASK(R1));
	emit16(jit, T_CPSID_I_N);
	if (exchange)
		emit_compare_exchange(jit, src, base, wide);
	else
		emit_modify(jit, insn->imm & ~ATOMIC_FETCH, src, base, wide);
	emit32(jit, T_MSR_PRIMASK(R1));
	if (insn->imm & ATOMIC_FETCH) {
		emit_move(jit, R2, R12);
		if (wide)
			emit_move(jit, R3, LR);
		else
			emit_li(jit, R3, 0);
	}
	emit_restore(jit);
	if (insn->imm & ATOMIC_FETCH)
		emit_write(jit, exchange ? 0 : vouch_src(insn), dst_place);
}

static void emit_transfer(
	struct jit *jit, const struct vouch_insn *insn, unsigned base, uint32_t off)
{
	struct access a = access_of(insn);

	if (a.atomic)
		emit_atomic(jit, insn, base);
	else if (a.load)
		emit_load(jit, insn, base, off);
	else
		emit_store(jit, insn, base, off);
}

/* An access: the context is tested inline, everything else out of line. */
static void emit_access(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);
	struct pair address;

	if (a.certain) {
		emit16(jit, T_LDR_SP_N(R0, FRAME_BOTTOM));
		emit_transfer(jit, insn, R0, (uint32_t)(a.off + (int32_t)VOUCH_FRAME_SIZE));
		return;
	}
	address = emit_address(jit, a);
	emit_test(jit, a, address, jit->cold[pc]);
	emit_transfer(jit, insn, address.lo, 0);
}

/* r3 = what stubs need to know of an instruction */
static void emit_insn_word(struct jit *jit, uint32_t pc, uint32_t size, uint32_t permissions)
{
	emit_word(jit, R3, INSN_WORD(pc, size, permissions));
}

/* The long way: it ends with an access of its own, and goes on at the next instruction. */
static void cold(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	unsigned class = insn->opcode & 7;
	struct access a = access_of(insn);

	if (class < CLASS_LDX || class > CLASS_STX || a.certain)
		return;
	emit_move_pair(jit, src_place, address_of(a));
	emit_insn_word(jit, pc, 1u << a.lg, a.permissions);
	emit_call_stub(jit, a.atomic ? STUB_ATOMIC : STUB_ACCESS);
	emit_transfer(jit, insn, R0, 0);
	emit_b(jit, jit->offset[pc + 1]);
}

/*
 * Jumps. A backward one is taken while there is fuel. The fault is what comes next, because a jump
 * of any length takes less room than one to an out-of-line part and that part.
 */

static int32_t delta_of(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_JA32 ? insn->imm : insn->off;
}

/* used++; flags: vm->fuel compared with used */
static void emit_spend(struct jit *jit)
{
	emit32(jit, T_LDRD(R0, R1, VM, VM_FIELD(FUEL)));
	emit16(jit, T_ADDS_K_N(R1, 1));
	emit32(jit, T_STR(R1, VM, VM_FIELD(USED)));
	emit_op(jit, SUB, PC, R0, R1);
}

/* if (condition) goto the target */
static void emit_taken(struct jit *jit, uint32_t pc, unsigned condition)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit->offset[jit_target(pc, delta)];

	if (delta >= 0 && condition == ALWAYS) {
		emit_b(jit, target);
	} else if (delta >= 0) {
		emit_branch(jit, condition, target);
	} else {
		if (condition != ALWAYS)
			emit_branch_near(jit, condition ^ 1, jit->offset[pc + 1]);
		emit_spend(jit);
		emit_branch(jit, HS, target);
		emit_insn_word(jit, pc, 0, 0);
		emit_b(jit, jit->label[FAULT_FUEL]);
	}
}

/* Flags of dst compared with the operand. Returns the condition to test. */
static unsigned emit_compare(
	struct jit *jit, const struct vouch_insn *insn, unsigned condition, bool wide)
{
	struct pair dst = emit_read(jit, vouch_dst(insn), dst_place);
	struct operand operand;

	/* Of numbers that take two registers the machine has no greater and no less or equal. */
	if (wide && (condition == HI || condition == LS || condition == GT || condition == LE)) {
		operand = (struct operand){.reg = dst};
		dst = emit_operand_pair(jit, insn);
		condition = condition == HI ? LO : condition == LS ? HS : condition == GT ? LT : GE;
	} else {
		operand = emit_operand(jit, insn);
	}
	emit_low(jit, SUB, PC, dst.lo, &operand);
	if (wide && condition <= NE) {
		emit16(jit, T_IT_N(EQ));
		emit_high(jit, SUB, PC, dst.hi, &operand);
	} else if (wide) {
		emit_high(jit, SBC, R0, dst.hi, &operand);
	}
	return condition;
}

/* Z unless dst & operand */
static void emit_test_bits(struct jit *jit, const struct vouch_insn *insn, bool wide)
{
	struct pair dst = emit_read(jit, vouch_dst(insn), dst_place);
	struct operand operand = emit_operand(jit, insn);

	emit_low(jit, AND, R0, dst.lo, &operand);
	if (!wide)
		return;
	emit_high(jit, AND, R1, dst.hi, &operand);
	emit_op(jit, ORR, R0, R0, R1);
}

/* Calls */

/* r0 = helpers[imm](r1, …, r5) */
static void emit_call_helper(struct jit *jit, uint32_t pc)
{
	emit_li(jit, R0, jit->program->insns[pc].imm);
	emit_insn_word(jit, pc, 0, 0);
	emit_call_stub(jit, STUB_HELPER);
}

/* r0 = helpers[dst](r1, …, r5) */
static void emit_callx(struct jit *jit, uint32_t pc)
{
	struct pair id = emit_read(jit, vouch_dst(&jit->program->insns[pc]), src_place);

	emit_move_pair(jit, src_place, id);
	emit_insn_word(jit, pc, 0, 0);
	emit_call_stub(jit, STUB_CALLX);
}

/* A function of the program. */
static void emit_call_local(struct jit *jit, uint32_t pc)
{
	emit_word(jit, R0, jit->offset[pc + 1]);
	emit_insn_word(jit, pc, 0, 0);
	emit_call_stub(jit, STUB_CALL_LOCAL);
	emit_b(jit, jit->offset[jit_target(pc, jit->program->insns[pc].imm)]);
}

static void emit_call(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	if (insn->opcode == OPCODE_CALLX)
		emit_callx(jit, pc);
	else if (vouch_src(insn) == CALL_LOCAL)
		emit_call_local(jit, pc);
	else
		emit_call_helper(jit, pc);
}

/* return r0 */
static void emit_exit(struct jit *jit, uint32_t pc)
{
	emit_insn_word(jit, pc, 0, 0);
	emit_b(jit, jit->label[STUB_EXIT]);
}

static void emit_jump(struct jit *jit, uint32_t pc)
{
	/* By the operation, opcode >> 4. */
	static const uint8_t condition_of[14] = {[0x1] = EQ,
		[0x2] = HI,
		[0x3] = HS,
		[0x5] = NE,
		[0x6] = GT,
		[0x7] = GE,
		[0xa] = LO,
		[0xb] = LS,
		[0xc] = LT,
		[0xd] = LE};
	const struct vouch_insn *insn = &jit->program->insns[pc];
	bool wide = (insn->opcode & 7) == CLASS_JMP;
	unsigned operation = insn->opcode >> 4;

	switch (operation) {
	/* goto */
	case JUMP_ALWAYS:
		emit_taken(jit, pc, ALWAYS);
		break;
	/* if (dst & src) goto */
	case JUMP_SET:
		emit_test_bits(jit, insn, wide);
		emit_taken(jit, pc, NE);
		break;
	case JUMP_CALL:
		emit_call(jit, pc);
		break;
	case JUMP_EXIT:
		emit_exit(jit, pc);
		break;
	/* if (dst op src) goto */
	default:
		emit_taken(jit, pc, emit_compare(jit, insn, condition_of[operation], wide));
		break;
	}
}

/*
 * The stubs, and the rest of the prologue. Constant code, but for branches to labels: these have
 * the label's number where the distance belongs, and udf, which is nowhere else, puts a label.
 */

/* clang-format off */
#define W(code)              (uint16_t)((code) >> 16), (uint16_t)((code) & 0xffff)
#define N(code)              (uint16_t)(code)
#define LABEL(name)          (uint16_t)(0xde00 | (name))
#define IF(condition, label) (uint16_t)(0xd000 | (condition) << 8 | (label))
#define GOTO(label)          (uint16_t)(0xe000 | (label))

/* used++; if (used > vm->fuel) fault. Takes r1 and r2. */
#define SPEND                                        \
	W(T_LDRD(R2, R1, VM, VM_FIELD(FUEL))),       \
	N(T_ADDS_K_N(R1, 1)),                        \
	W(T_STR(R1, VM, VM_FIELD(USED))),            \
	N(T_CMP_N(R2, R1)),                          \
	IF(LO, FAULT_FUEL)

/* r0: the vm. Keeps r1. */
static const uint16_t enter_code[] = {
	W(T_PUSH(T_REGS(R4, R11) | T_REG(LR))),
	N(T_SUB_SP_N(NATIVE_FRAME)),
	N(T_MOV_N(VM, R0)),
	N(T_STR_SP_N(R0, FRAME_VM)),
	W(T_LDR(R0, VM, VM_R(10))),
	W(T_DATA_K(SUB, R0, R0, IMM_512)),
	N(T_STR_SP_N(R0, FRAME_BOTTOM)),
	W(T_LDR(CONTEXT, VM, VM_FIELD(CONTEXT))),
	W(T_LDM(VM, T_REGS(R4, R11))),
};

static const uint16_t stubs_code[] = {
	/*
	 * Division of 64 bits: r2:r3 = r2:r3 / r0:r1, or %. r12 is 2 * signed + remainder. Signed
	 * operands are made magnitudes; the result gets its sign, r6, at the end.
	 */
	LABEL(STUB_DIVIDE + 0),
	W(T_MOVW(R12, 0u)),
	GOTO(DIVIDE),
	LABEL(STUB_DIVIDE + 1),
	W(T_MOVW(R12, 1u)),
	GOTO(DIVIDE),
	LABEL(STUB_DIVIDE + 2),
	W(T_MOVW(R12, 2u)),
	GOTO(DIVIDE),
	LABEL(STUB_DIVIDE + 3),
	W(T_MOVW(R12, 3u)),
	LABEL(DIVIDE),
	W(T_STR(LR, SP, FRAME_RETURN)),
	W(T_PUSH(T_REGS(R4, R8))),
	N(T_MOVS_K_N(R5, 0)),
	N(T_MOVS_K_N(R6, 0)),
	W(T_TST_K(R12, 2)),
	IF(EQ, DIVIDE_MAGNITUDES),
	N(T_SHIFT_N(ASR, R6, R3, 31)),
	N(T_EORS_N(R2, R6)),
	N(T_EORS_N(R3, R6)),
	N(T_SUBS_N(R2, R2, R6)),
	N(T_SBCS_N(R3, R6)),
	N(T_SHIFT_N(ASR, R7, R1, 31)),
	N(T_EORS_N(R0, R7)),
	N(T_EORS_N(R1, R7)),
	N(T_SUBS_N(R0, R0, R7)),
	N(T_SBCS_N(R1, R7)),
	/* A remainder has the dividend's sign, a quotient the product of both. */
	W(T_TST_K(R12, 1)),
	N(T_IT_N(EQ)),
	N(T_EORS_N(R6, R7)),
	/* Both fit 32 bits: what the machine has. x / 0 is 0, so x % 0 is x. */
	LABEL(DIVIDE_MAGNITUDES),
	W(T_DATA(ORR, R4, R1, R3)),
	IF(NE, DIVIDE_LONG),
	W(T_UDIV(R7, R2, R0)),
	W(T_MLS(R4, R7, R0, R2)),
	N(T_MOV_N(R2, R7)),
	GOTO(DIVIDED),
	/*
	 * The upper half of the quotient, by the machine, and its remainder r5:r4, r5 being 0. If the
	 * divisor has an upper half, too, that quotient is 0.
	 */
	LABEL(DIVIDE_LONG),
	N(T_MOV_N(R4, R3)),
	N(T_MOVS_K_N(R3, 0)),
	N(T_CMP_K_N(R1, 0)),
	N(T_ITT_N(EQ)),
	W(T_UDIV(R3, R4, R0)),
	W(T_MLS(R4, R3, R0, R4)),
	W(T_MOVW(LR, 32u)),
	/*
	 * The lower half, bit by bit. After n rounds: r5:r4 and the n low bits of r2 are remainder
	 * and quotient of the dividend without its last 32 - n bits (which are the upper ones of
	 * r2), but for the quotient's upper half. So r5:r4 is smaller than the divisor, or the
	 * divisor is 0 and r5:r4 that dividend; doubled, it has no more bits than the dividend had.
	 */
	LABEL(DIVIDE_LOWER),
	N(T_ADDS_N(R2, R2, R2)),
	N(T_ADCS_N(R4, R4)),
	N(T_ADCS_N(R5, R5)),
	N(T_SUBS_N(R7, R4, R0)),
	W(T_DATA(SBC, R8, R5, R1)),
	N(T_ITTT_N(HS)),
	N(T_MOV_N(R4, R7)),
	N(T_MOV_N(R5, R8)),
	N(T_ADDS_K_N(R2, 1)),
	W(T_DATA_K(SUB, LR, LR, 1)),
	IF(NE, DIVIDE_LOWER),
	/* By 0 the lower half of the quotient is -1 so far; it is to be 0. */
	W(T_DATA(ORR, R7, R0, R1)),
	N(T_IT_N(EQ)),
	N(T_MOVS_K_N(R2, 0)),
	LABEL(DIVIDED),
	W(T_TST_K(R12, 1)),
	N(T_ITT_N(NE)),
	N(T_MOV_N(R2, R4)),
	N(T_MOV_N(R3, R5)),
	N(T_EORS_N(R2, R6)),
	N(T_EORS_N(R3, R6)),
	N(T_SUBS_N(R2, R2, R6)),
	N(T_SBCS_N(R3, R6)),
	W(T_POP(T_REGS(R4, R8))),
	W(T_LDR(VM, SP, FRAME_VM)),
	GOTO(GRANTED),

	/* r0:r1: address, r3: see INSN_WORD. Is it aligned? */
	LABEL(STUB_ATOMIC),
	W(T_UBFX(R2, R3, 24, 4)),
	N(T_SUBS_K_N(R2, 1)),
	N(T_TST_N(R0, R2)),
	IF(EQ, STUB_ACCESS),
	N(T_MOVS_K_N(R2, VOUCH_FAULT_ALIGN)),
	GOTO(LEAVE),

	/*
	 * r0:r1: address, which isn't in the context, r3: see INSN_WORD. In the stack? In the table?
	 * Fault if in none. There is nothing above 4 GiB.
	 */
	LABEL(STUB_ACCESS),
	W(T_STR(LR, SP, FRAME_RETURN)),
	N(T_CMP_K_N(R1, 0)),
	IF(NE, FAULT_MEMORY),
	W(T_LDR(R1, VM, VM_FIELD(STACK_LOW))),
	W(T_LDR(R2, VM, VM_FIELD(STACK_TOP))),
	N(T_SUBS_N(R2, R2, R1)),
	N(T_SUBS_N(R1, R0, R1)),
	W(T_DATA_K(ADD, R2, R2, IMM_512)),
	W(T_DATA_K(ADD, R1, R1, IMM_512)),
	W(T_UBFX(LR, R3, 24, 4)),
	W(T_DATA(SUB, R2, R2, LR)),
	N(T_CMP_N(R2, R1)),
	N(T_MOV_N(R2, R0)),
	N(T_MOVS_K_N(R1, 0)),
	IF(HS, GRANTED),
	/* vouch_region_find(regions, nregions, r2:r3, size, permissions) */
	N(T_STR_SP_N(R0, FRAME_ADDRESS)),
	N(T_STR_SP_N(R3, FRAME_INSN)),
	W(T_STR(LR, SP, ARGUMENTS)),
	N(T_STR_SP_N(R1, ARGUMENTS + 4)),
	N(T_SHIFT_N(LSR, R3, R3, 28)),
	N(T_STR_SP_N(R3, ARGUMENTS + 8)),
	N(T_MOVS_K_N(R3, 0)),
	W(T_LDRD(R0, R1, VM, VM_FIELD(REGIONS))),
	W(T_LDR(R12, VM, VM_FIELD(FIND))),
	N(T_BLX_N(R12)),
	N(T_MOV_N(R2, R0)),
	N(T_LDR_SP_N(R0, FRAME_ADDRESS)),
	N(T_MOVS_K_N(R1, 0)),
	N(T_LDR_SP_N(R3, FRAME_INSN)),
	W(T_LDR(VM, SP, FRAME_VM)),
	N(T_CMP_K_N(R2, 0)),
	IF(NE, GRANTED),
	LABEL(FAULT_MEMORY),
	N(T_MOVS_K_N(R2, VOUCH_FAULT_MEMORY)),
	GOTO(LEAVE),
	/* Where stubs return to instructions. */
	LABEL(GRANTED),
	W(T_LDR(CONTEXT, VM, VM_FIELD(CONTEXT))),
	W(T_LDR(PC, SP, FRAME_RETURN)),

	/* r0:r1: id, r3: pc. Does the helper exist? */
	LABEL(STUB_CALLX),
	N(T_CMP_K_N(R1, 0)),
	IF(NE, FAULT_HELPER),
	W(T_LDR(R2, VM, VM_FIELD(NHELPERS))),
	N(T_CMP_N(R0, R2)),
	IF(HS, FAULT_HELPER),
	W(T_LDR(R2, VM, VM_FIELD(HELPERS))),
	W(T_LDR_INDEX(R2, R2, R0)),
	N(T_CMP_K_N(R2, 0)),
	IF(EQ, FAULT_HELPER),

	/* r0: id of a helper that exists, r3: pc. It may give the vm another context. */
	LABEL(STUB_HELPER),
	SPEND,
	W(T_STR(LR, SP, FRAME_RETURN)),
	N(T_STR_SP_N(R3, FRAME_INSN)),
	W(T_LDR(R1, VM, VM_FIELD(HELPERS))),
	W(T_LDR_INDEX(R1, R1, R0)),
	W(T_STRD(R8, R9, SP, ARGUMENTS)),
	W(T_STRD(R10, R11, SP, ARGUMENTS + 8)),
	W(T_LDRD(R2, R3, VM, VM_R(4))),
	W(T_STRD(R2, R3, SP, ARGUMENTS + 16)),
	W(T_LDRD(R2, R3, VM, VM_R(5))),
	W(T_STRD(R2, R3, SP, ARGUMENTS + 24)),
	N(T_MOV_N(R0, VM)),
	N(T_MOV_N(R2, R6)),
	N(T_MOV_N(R3, R7)),
	N(T_BLX_N(R1)),
	W(T_LDR(VM, SP, FRAME_VM)),
	N(T_MOV_N(R4, R0)),
	N(T_MOV_N(R5, R1)),
	N(T_MOVS_K_N(R6, 0)),
	N(T_MOVS_K_N(R7, 0)),
	N(T_MOV_N(R8, R6)),
	N(T_MOV_N(R9, R6)),
	N(T_MOV_N(R10, R6)),
	N(T_MOV_N(R11, R6)),
	W(T_STRD(R6, R7, VM, VM_R(4))),
	W(T_STRD(R6, R7, VM, VM_R(5))),
	W(T_LDR(R0, VM, VM_FIELD(REQUEST))),
	N(T_CMP_K_N(R0, REQUEST_NONE)),
	IF(EQ, GRANTED),
	N(T_LDR_SP_N(R3, FRAME_INSN)),
	N(T_MOVS_K_N(R2, VOUCH_OK)),
	N(T_CMP_K_N(R0, REQUEST_END)),
	N(T_IT_N(NE)),
	N(T_MOVS_K_N(R2, VOUCH_FAULT_HOST)),
	GOTO(STOP),

	/* Stops. r3: pc, r2: status; there was no access. */
	LABEL(FAULT_DEPTH),
	N(T_MOVS_K_N(R2, VOUCH_FAULT_DEPTH)),
	GOTO(STOP),
	LABEL(FAULT_FUEL),
	N(T_MOVS_K_N(R2, VOUCH_FAULT_FUEL)),
	GOTO(STOP),
	LABEL(HANDOVER),
	N(T_MOVS_K_N(R2, STATUS_HANDOVER)),
	GOTO(STOP),
	LABEL(DONE),
	N(T_MOVS_K_N(R2, VOUCH_OK)),
	LABEL(STOP),
	N(T_MOVS_K_N(R0, 0)),
	N(T_MOVS_K_N(R1, 0)),
	/* r0:r1: address, r2: status, r3: see INSN_WORD. BPF's state to the vm, the status to C. */
	LABEL(LEAVE),
	W(T_STM(VM, T_REGS(R4, R11))),
	W(T_UBFX(R4, R3, 24, 4)),
	N(T_SHIFT_N(LSR, R5, R3, 29)),
	W(T_BIC_K(R3, R3, IMM_TOP_BYTE)),
	W(T_STRD(R2, R3, VM, VM_FIELD(FAULT_STATUS))),
	W(T_STRD(R0, R1, VM, VM_FIELD(FAULT_ADDRESS))),
	W(T_STRD(R4, R5, VM, VM_FIELD(FAULT_SIZE))),
	N(T_MOV_N(R0, R2)),
	N(T_ADD_SP_N(NATIVE_FRAME)),
	W(T_POP(T_REGS(R4, R11) | T_REG(PC))),

	/* r0:r1: id, r3: pc */
	LABEL(FAULT_HELPER),
	N(T_MOVS_K_N(R2, VOUCH_FAULT_HELPER)),
	GOTO(LEAVE),

	/* r0: where the caller goes on, r3: pc. Save r6 to r9 and give the callee a frame. */
	LABEL(STUB_CALL_LOCAL),
	W(T_LDR(R1, VM, VM_FIELD(STACK_LOW))),
	W(T_LDR(R2, VM, VM_R(10))),
	N(T_CMP_N(R1, R2)),
	IF(EQ, FAULT_DEPTH),
	SPEND,
	W(T_STR(LR, SP, FRAME_RETURN)),
	W(T_LDR(R1, VM, VM_FIELD(FRAME))),
	W(T_LDRD(R2, LR, VM, VM_R(6))),
	W(T_STRD(R2, LR, R1, FRAME_SAVED(0))),
	W(T_LDRD(R2, LR, VM, VM_R(7))),
	W(T_STRD(R2, LR, R1, FRAME_SAVED(1))),
	W(T_LDRD(R2, LR, VM, VM_R(8))),
	W(T_STRD(R2, LR, R1, FRAME_SAVED(2))),
	W(T_LDRD(R2, LR, VM, VM_R(9))),
	W(T_STRD(R2, LR, R1, FRAME_SAVED(3))),
	N(T_ADDS_K_N(R3, 1)),
	W(T_STRD(R3, R0, R1, FRAME_PC)),
	N(T_ADDS_K_N(R1, FRAME_RECORD)),
	W(T_STR(R1, VM, VM_FIELD(FRAME))),
	W(T_LDR(R2, VM, VM_R(10))),
	W(T_DATA_K(SUB, R2, R2, IMM_512)),
	W(T_STR(R2, VM, VM_R(10))),
	W(T_DATA_K(SUB, R2, R2, IMM_512)),
	N(T_STR_SP_N(R2, FRAME_BOTTOM)),
	GOTO(GRANTED),

	/* r3: pc. Exit of a called function: back to its caller, whose offset is left in r0. */
	LABEL(STUB_EXIT),
	W(T_LDR(R0, VM, VM_FIELD(STACK_TOP))),
	W(T_LDR(R1, VM, VM_R(10))),
	N(T_CMP_N(R0, R1)),
	IF(EQ, DONE),
	N(T_STR_SP_N(R1, FRAME_BOTTOM)),
	W(T_DATA_K(ADD, R1, R1, IMM_512)),
	W(T_STR(R1, VM, VM_R(10))),
	W(T_LDR(R2, VM, VM_FIELD(FRAME))),
	N(T_SUBS_K_N(R2, FRAME_RECORD)),
	W(T_STR(R2, VM, VM_FIELD(FRAME))),
	W(T_LDRD(R0, R1, R2, FRAME_SAVED(0))),
	W(T_STRD(R0, R1, VM, VM_R(6))),
	W(T_LDRD(R0, R1, R2, FRAME_SAVED(1))),
	W(T_STRD(R0, R1, VM, VM_R(7))),
	W(T_LDRD(R0, R1, R2, FRAME_SAVED(2))),
	W(T_STRD(R0, R1, VM, VM_R(8))),
	W(T_LDRD(R0, R1, R2, FRAME_SAVED(3))),
	W(T_STRD(R0, R1, VM, VM_R(9))),
	N(T_LDR_N(R0, R2, FRAME_CODE)),
};
/* clang-format on */

/* Whether a halfword is the first of two, A5.1. */
static bool is_first_half(unsigned half)
{
	return half >> 11 >= 0x1d;
}

static void emit_table(struct jit *jit, const uint16_t *code, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned half = code[i], label = half & 0xff;

		if (is_first_half(half)) {
			emit32(jit, half << 16 | code[++i]);
		} else if (half >> 8 == 0xde) {
			jit->label[label] = jit->pos;
		} else if (half >> 12 == 0xd) {
			emit_branch_near(jit, half >> 8 & 15, jit->label[label]);
		} else if (half >> 11 == 0x1c) {
			emit16(jit, T_B_N(checked(jit, distance_to(jit, jit->label[label]), 12)));
		} else {
			emit16(jit, half);
		}
	}
}

/* uint32_t enter(struct vouch_vm *vm) */
static void prologue(struct jit *jit)
{
	emit_table(jit, enter_code, sizeof(enter_code) / sizeof(enter_code[0]));
	emit16(jit, T_MOVS_K_N(R1, 0));
	emit32(jit, T_STR(R1, VM, VM_FIELD(USED)));
	emit_b_far(jit, 0, jit->offset[jit->program->entry]);
}

/* uint32_t resume(struct vouch_vm *vm, const void *code) */
static void resume(struct jit *jit)
{
	emit_table(jit, enter_code, sizeof(enter_code) / sizeof(enter_code[0]));
	emit16(jit, T_MOV_N(PC, R1));
}

static void handover(struct jit *jit, uint32_t pc)
{
	emit_insn_word(jit, pc, 0, 0);
	emit_b(jit, jit->label[HANDOVER]);
}

static void epilogue(struct jit *jit)
{
	uint32_t pos;

	emit_table(jit, stubs_code, sizeof(stubs_code) / sizeof(stubs_code[0]));
	/* The last stub: goto the code's start + r0 */
	pos = jit->pos;
	emit16(jit, T_MOV_N(R1, PC));
	emit32(jit, T_SUBW(R1, R1, pos + 4));
	emit_op(jit, ADD, R0, R0, R1);
	emit16(jit, T_MOV_N(PC, R0));
}

/* Lengths are multiples of 2. */
static void nops(struct jit *jit, uint32_t bytes)
{
	for (; bytes > 0; bytes -= 2)
		emit16(jit, T_NOP_N);
}

static void insn(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	switch (insn->opcode & 7) {
	case CLASS_LD:
		emit_lddw(jit, insn);
		break;
	case CLASS_LDX:
	case CLASS_ST:
	case CLASS_STX:
		emit_access(jit, pc);
		break;
	case CLASS_JMP:
	case CLASS_JMP32:
		emit_jump(jit, pc);
		break;
	default: /* CLASS_ALU, CLASS_ALU64 */
		emit_alu(jit, insn);
		break;
	}
}

const struct vouch_target vouch_thumb2 = {
	.name = "thumb2",
	.word = 4,
	.max_insn = 128,
	.max_frame = 1024,
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
