/* SPDX-License-Identifier: MIT */
/*
 * The AArch64 emitter (AAPCS64): Armv8.0, and LSE atomics where `features` has VOUCH_ARM_LSE.
 *
 * Between two instructions:
 *
 *   r0 x0   r1 x1   r2 x2   r3 x3   r4 x4   r5 x5     where C wants arguments and result
 *   r6 x19  r7 x20  r8 x21  r9 x22                    kept across C calls
 *   r10 x23   the top of a frame inside the stack
 *   x24 the vm   x25 fuel used   x26 the context's start, vm->context
 *   x6 x7 x8 x15   vm->limit for reads of 1, 2, 4, 8 bytes   x16 x17 x27 x28   for writes
 *   x29, d8 to d15, sp   as the prologue left them: nothing else writes them
 *   x9 to x14, x18, x30, flags   anything: x9 to x14 are scratch, x30 is for stubs, x18 unused
 *
 * All 64 bits of a BPF register are in its machine register. The run's other state is in the vm:
 * vm->frame is the record that the next local call fills.
 *
 * The frame, made by the prologue, 192 bytes, sp a multiple of 16; it stays while the run lasts:
 *
 *   sp + 0     x29 x30 x19 x20 x21 x22 x23 x24 x25 x26 x27 x28 as C had them
 *   sp + 96    what a stub keeps across a call of C: x9 x30, x0 to x5, x10 x12, x13
 *
 * Frames of the program's functions are in memory, as the interpreter has them.
 *
 * Stubs are in the epilogue. Instructions call or jump to them with the pc in x9; "returns" is to
 * x30, with all that is above as it was, but for what is said, and x9 and x10 kept; or they end the
 * run, with that fault at that pc: r0 to r10 and used go to the vm, the status to C.
 *
 *   STUB_ACCESS + 4 * write + lg   x10 address: returns if 1 << lg bytes there may be read (and
 *                                  written), else FAULT_MEMORY
 *   STUB_ATOMIC + lg - 2           the same for a write, after FAULT_ALIGN unless x10 is aligned
 *   STUB_CALLX                     x10 id of a helper: FAULT_HELPER if there is none, else as next
 *   STUB_HELPER                    x10 id of a helper that exists: one of fuel or FAULT_FUEL; the
 *                                  helper's result in r0, r1 to r5 zero, x26 and the limits read
 *                                  anew; x10 lost. Returns, or ends the run as the helper asked
 *   STUB_CALL_LOCAL                x10 offset of the code where the caller goes on: FAULT_DEPTH if
 *                                  r10 is in the lowest frame; one of fuel or FAULT_FUEL; r6 to r9,
 *                                  pc + 1 and x10 to the record, vm->frame to the next; r10 is the
 *                                  callee's; x9 lost
 *   STUB_EXIT                      in the top frame: ends the run with VOUCH_OK; else the record
 *                                  before gives r6 to r9 back, r10 is the caller's, and the code
 *                                  goes on at the start of ours + the record's offset
 *   STUB_DONE FAULT_FUEL FAULT_DEPTH   end the run, address, size and write 0
 *   FAULT_HELPER                   x10 id: the fault's address
 *   FAULT_ALIGN                    x10 address, x12 size
 *   FAULT_MEMORY                   x10 address, x12 size, x13 permissions
 *   STUB_STOP                      w11 status, address, size and write 0
 *   STUB_LEAVE                     w11 status, x10 address, w12 size, w13 write
 *
 * Loads and stores are made at the address as it is: memory must be Normal, where misaligned ones
 * work. Atomics are tested for alignment first.
 */
#include "encode.h"
#include "vm/vm.h"

enum { FP = X23, VM = X24, USED = X25, CONTEXT = X26 };

static const uint8_t machine_register[16] = {X0, X1, X2, X3, X4, X5, X19, X20, X21, X22, FP};

/* vm->limit, by direction and size: first three, as C may change them; the last are kept. */
static const uint8_t limits[4][2] = {{X6, X7}, {X8, X15}, {X16, X17}, {X27, X28}};

#define VM_FIELD(name) VM_##name(8)

/* What instructions hand to stubs, and stubs to one another. */
enum {
	PC = X9,
	ADDRESS = X10,
	HELPER_ID = X10,
	RETURN_TO = X10,
	STATUS = X11,
	SIZE = X12,
	PERMISSIONS = X13,
	WRITE = X13
};

/* Scratch inside an instruction: the offset in the context, and whatever else. */
enum { OFFSET = X9, TEMP = X11 };

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

/* Jumps to offsets in the code */

/* While lengths are measured, offsets are bounds: only what is written must be in range. */
static int32_t checked_distance(struct jit *jit, uint32_t target, unsigned bits)
{
	int64_t distance = (int64_t)target - jit->pos;

	if (jit->out && (!arm64_fits(distance, bits) || (distance & 3)))
		jit_fail(jit, VOUCH_JIT_RANGE);
	return (int32_t)distance;
}

/* goto target */
static void emit_jump(struct jit *jit, uint32_t target)
{
	emit32(jit, arm64_b(checked_distance(jit, target, 28)));
}

/* x30 = here; goto stub */
static void emit_call_stub(struct jit *jit, unsigned stub)
{
	emit32(jit, arm64_bl(checked_distance(jit, jit->label[stub], 28)));
}

/* Near code is no longer than what conditions reach, all but tests of a bit. */
enum { NEAR = 1 << 20 };

/* A conditional branch: its word without the distance, the bit that inverts it, and its reach. */
struct branch {
	uint32_t word, invert;
	unsigned bits;
};

static struct branch branch_if(unsigned condition)
{
	return (struct branch){arm64_b_cond(condition, 0), 1, 21};
}

static struct branch branch_zero(unsigned sf, unsigned rt)
{
	return (struct branch){arm64_cbz(sf, rt, 0), 0x01000000, 21};
}

static struct branch branch_bit_clear(unsigned rt, unsigned bit)
{
	return (struct branch){arm64_tbz(rt, bit, 0), 0x01000000, 16};
}

static struct branch inverted(struct branch branch)
{
	branch.word ^= branch.invert;
	return branch;
}

/* The distance, in whichever field the branch has for it. */
static uint32_t branch_field(struct branch branch, int32_t distance)
{
	return branch.bits == 16 ? arm64_tbz(0, 0, distance) ^ arm64_tbz(0, 0, 0)
	                         : arm64_imm19(distance);
}

/* if (branch) goto target: by itself, or over a jump if the code is too long for that, or the
 * branch tests a bit and doesn't reach */
static void emit_branch(struct jit *jit, struct branch branch, uint32_t target)
{
	bool reaches = branch.bits == 21 || arm64_fits((int64_t)target - jit->pos, 16);

	if (!jit->far && reaches) {
		int32_t distance = checked_distance(jit, target, branch.bits);

		emit32(jit, branch.word | branch_field(branch, distance));
	} else {
		emit32(jit, inverted(branch).word | branch_field(branch, 8));
		emit_jump(jit, target);
	}
}

/* Constants */

static void emit_mov(struct jit *jit, unsigned sf, unsigned rd, unsigned rm)
{
	emit32(jit, arm64_orr(sf, rd, XZR, rm));
}

/* rd = imm, the upper half zero */
static void emit_li32(struct jit *jit, unsigned rd, int32_t imm)
{
	uint32_t low = (uint32_t)imm & 0xffff, high = (uint32_t)imm >> 16, fields;

	if (high == 0) {
		emit32(jit, arm64_movz(W, rd, low, 0));
	} else if (low == 0) {
		emit32(jit, arm64_movz(W, rd, high, 1));
	} else if (high == 0xffff) {
		emit32(jit, arm64_movn(W, rd, ~low, 0));
	} else if (low == 0xffff) {
		emit32(jit, arm64_movn(W, rd, ~high, 1));
	} else if (arm64_logical_immediate((uint32_t)imm, false, &fields)) {
		emit32(jit, arm64_logical_imm(ORR, W, rd, XZR, fields));
	} else {
		emit32(jit, arm64_movz(W, rd, low, 0));
		emit32(jit, arm64_movk(W, rd, high, 1));
	}
}

/* rd = (int64_t)imm */
static void emit_li64(struct jit *jit, unsigned rd, int32_t imm)
{
	uint32_t low = (uint32_t)imm & 0xffff, high = (uint32_t)imm >> 16, fields;

	if (imm >= 0) {
		emit_li32(jit, rd, imm);
	} else if (high == 0xffff) {
		emit32(jit, arm64_movn(X, rd, ~low, 0));
	} else if (low == 0xffff) {
		emit32(jit, arm64_movn(X, rd, ~high, 1));
	} else if (arm64_logical_immediate((uint64_t)(int64_t)imm, true, &fields)) {
		emit32(jit, arm64_logical_imm(ORR, X, rd, XZR, fields));
	} else {
		emit32(jit, arm64_movn(X, rd, ~low, 0));
		emit32(jit, arm64_movk(X, rd, high, 1));
	}
}

static void emit_li(struct jit *jit, unsigned sf, unsigned rd, int32_t imm)
{
	if (sf == X)
		emit_li64(jit, rd, imm);
	else
		emit_li32(jit, rd, imm);
}

/* rd = value, always by two instructions: for constants that depend on offsets. */
static void emit_li_long(struct jit *jit, unsigned rd, uint32_t value)
{
	emit32(jit, arm64_movz(W, rd, value & 0xffff, 0));
	emit32(jit, arm64_movk(W, rd, value >> 16, 1));
}

/* x9 = pc */
static void emit_pc(struct jit *jit, uint32_t pc)
{
	if (pc <= 0xffff)
		emit32(jit, arm64_movz(W, PC, pc, 0));
	else
		emit_li_long(jit, PC, pc);
}

/* The register that holds imm: scratch, or xzr. */
static unsigned emit_operand(struct jit *jit, unsigned sf, int32_t imm)
{
	if (imm == 0)
		return XZR;
	emit_li(jit, sf, TEMP, imm);
	return TEMP;
}

/* dst = imm64: halves that are zero are left out */
static void emit_lddw(struct jit *jit, const struct vouch_insn *insn)
{
	uint64_t value = (uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm;
	unsigned dst = dst_of(insn);
	uint32_t fields;

	if (insn[1].imm == 0) {
		emit_li32(jit, dst, insn->imm);
	} else if (insn[1].imm == insn->imm >> 31) {
		emit_li64(jit, dst, insn->imm);
	} else if (arm64_logical_immediate(value, true, &fields)) {
		emit32(jit, arm64_logical_imm(ORR, X, dst, XZR, fields));
	} else {
		emit32(jit, arm64_movz(X, dst, value & 0xffff, 0));
		for (unsigned i = 1; i < 4; i++)
			if ((value >> 16 * i & 0xffff) != 0)
				emit32(jit, arm64_movk(X, dst, (uint32_t)(value >> 16 * i), i));
	}
}

static void emit_load_field(struct jit *jit, unsigned rt, uint32_t at)
{
	emit32(jit, arm64_ldr_imm(3, LOAD, rt, VM, at));
}

static void emit_store_field(struct jit *jit, unsigned rt, uint32_t at)
{
	emit32(jit, arm64_ldr_imm(3, STORE, rt, VM, at));
}

static void emit_store_field32(struct jit *jit, unsigned rt, uint32_t at)
{
	emit32(jit, arm64_ldr_imm(2, STORE, rt, VM, at));
}

/* dst = vm->data[imm] + offset, the offset unsigned */
static void emit_lddw_object(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned dst = dst_of(insn);

	emit_li32(jit, dst, insn[1].imm);
	emit_load_field(jit, TEMP, (uint32_t)VM_DATA(8, insn->imm));
	emit32(jit, arm64_add(X, dst, dst, TEMP));
}

/* Arithmetic */

/* True if an add or sub immediate holds this: 12 bits, or 12 bits shifted by 12. */
static bool is_add_immediate(uint32_t magnitude)
{
	return magnitude <= 0xfff || (magnitude & 0xff000fff) == 0;
}

/* dst += imm, or -= if subtract */
static void emit_add_sub_k(struct jit *jit, unsigned sf, unsigned dst, int32_t imm, bool subtract)
{
	bool negative = imm < 0;
	uint32_t magnitude = negative ? -(uint32_t)imm : (uint32_t)imm;
	unsigned shift = magnitude > 0xfff;
	uint32_t imm12 = shift ? magnitude >> 12 : magnitude;

	if (!is_add_immediate(magnitude)) {
		emit_li(jit, sf, TEMP, imm);
		emit32(jit,
			subtract ? arm64_sub(sf, dst, dst, TEMP) : arm64_add(sf, dst, dst, TEMP));
	} else if (negative != subtract) {
		emit32(jit, arm64_sub_imm(sf, dst, dst, imm12, shift));
	} else {
		emit32(jit, arm64_add_imm(sf, dst, dst, imm12, shift));
	}
}

/* rd = rn + off, a displacement of 16 bits: one instruction or two */
static void emit_displace(struct jit *jit, unsigned rd, unsigned rn, int32_t off)
{
	uint32_t magnitude = off < 0 ? -(uint32_t)off : (uint32_t)off;
	uint32_t op = off < 0 ? 2 : 0;

	if (magnitude > 0xfff) {
		emit32(jit, arm64_add_sub_imm(op, X, rd, rn, magnitude >> 12, 1));
		rn = rd;
	}
	if ((magnitude & 0xfff) != 0 || (rd != rn && magnitude == 0))
		emit32(jit, arm64_add_sub_imm(op, X, rd, rn, magnitude & 0xfff, 0));
}

/* rd = rn op imm; op as the encodings of both forms have it */
static void emit_logical_k(
	struct jit *jit, unsigned op, unsigned sf, unsigned rd, unsigned rn, int32_t imm)
{
	uint32_t fields;

	if (op == EOR && imm == -1)
		emit32(jit, arm64_orn(sf, rd, XZR, rn));
	else if (arm64_logical_immediate((uint64_t)(int64_t)imm, sf == X, &fields))
		emit32(jit, arm64_logical_imm(op, sf, rd, rn, fields));
	else
		emit32(jit,
			arm64_rrr(0x0a000000 | op << 29, sf, rd, rn, emit_operand(jit, sf, imm)));
}

/* dst = dst / divisor; the machine gives x / 0 = 0, and the one overflow wraps, as BPF has them */
static void emit_div(struct jit *jit, unsigned sf, unsigned dst, unsigned divisor, bool is_signed)
{
	emit32(jit,
		is_signed ? arm64_sdiv(sf, dst, dst, divisor) : arm64_udiv(sf, dst, dst, divisor));
}

/* dst = dst % divisor; with a quotient of 0 for divisor 0, dst stays */
static void emit_mod(struct jit *jit, unsigned sf, unsigned dst, unsigned divisor, bool is_signed)
{
	emit32(jit,
		is_signed ? arm64_sdiv(sf, X9, dst, divisor) : arm64_udiv(sf, X9, dst, divisor));
	emit32(jit, arm64_msub(sf, dst, X9, divisor, dst));
}

static void emit_lsl_k(struct jit *jit, unsigned sf, unsigned dst, unsigned n)
{
	unsigned mask = sf == X ? 63 : 31;

	emit32(jit, arm64_ubfm(sf, dst, dst, -n & mask, ~n & mask));
}

/* rd = the low bits of rn, sign-extended to sf; top: the highest of them */
static void emit_sign_extend(struct jit *jit, unsigned sf, unsigned rd, unsigned rn, unsigned top)
{
	emit32(jit, arm64_sbfm(sf, rd, rn, 0, top));
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

static unsigned limit_of(struct access a)
{
	return limits[2 * a.write + a.lg / 2][a.lg % 2];
}

/* x9 = base + off - context; if (that isn't in the context) goto cold */
static void emit_test(struct jit *jit, struct access a, uint32_t cold)
{
	emit32(jit, arm64_sub(X, OFFSET, a.base, CONTEXT));
	emit_displace(jit, OFFSET, OFFSET, a.off);
	emit32(jit, arm64_subs(X, XZR, OFFSET, limit_of(a)));
	emit_branch(jit, branch_if(HS), cold);
}

/* The register of a load or store, after the immediate of ST was put into one. */
static unsigned emit_transferred(struct jit *jit, const struct vouch_insn *insn)
{
	switch (insn->opcode & 7) {
	case CLASS_LDX:
		return dst_of(insn);
	case CLASS_ST:
		return emit_operand(jit, X, insn->imm);
	default:
		return src_of(insn);
	}
}

/* Mode MEMSX, bits 5 to 7 of an opcode: sign-extending loads. */
static unsigned opc_of(const struct vouch_insn *insn)
{
	if ((insn->opcode & 7) != CLASS_LDX)
		return STORE;
	return insn->opcode >> 5 == 4 ? LOAD_SIGNED : LOAD;
}

/* The load or store itself, at base + off: off fits the instruction's nine bits. */
static void emit_transfer(struct jit *jit, const struct vouch_insn *insn, struct access a)
{
	unsigned rt = emit_transferred(jit, insn);

	emit32(jit, arm64_ldur(a.lg, opc_of(insn), rt, a.base, a.off));
}

/* The same at context + x9. */
static void emit_transfer_in_context(
	struct jit *jit, const struct vouch_insn *insn, struct access a)
{
	unsigned rt = emit_transferred(jit, insn);

	emit32(jit, arm64_ldr_reg(a.lg, opc_of(insn), rt, CONTEXT, OFFSET, 0));
}

/* x10 = base + off, which then is the access's base */
static void emit_address(struct jit *jit, struct access *a)
{
	emit_displace(jit, ADDRESS, a->base, a->off);
	a->base = ADDRESS;
	a->off = 0;
}

/* At base + off, whatever the offset is. */
static void emit_transfer_at(struct jit *jit, const struct vouch_insn *insn, struct access a)
{
	if (!arm64_fits(a.off, 9))
		emit_address(jit, &a);
	emit_transfer(jit, insn, a);
}

/* A load or store in the second copy of a group: both ways in line, one access at their end. */
static void emit_load_store_again(struct jit *jit, uint32_t pc, struct access a)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	if (a.certain) {
		emit_transfer_at(jit, insn, a);
		return;
	}
	emit_address(jit, &a);
	emit32(jit, arm64_sub(X, OFFSET, ADDRESS, CONTEXT));
	emit32(jit, arm64_subs(X, XZR, OFFSET, limit_of(a)));
	emit_pc(jit, pc);
	emit32(jit, arm64_b_cond(LO, 8));
	emit_call_stub(jit, STUB_ACCESS + 4 * a.write + a.lg);
	emit_transfer(jit, insn, a);
	if (jit->test == TEST_LAST)
		emit_jump(jit, jit->offset[pc + 1]);
}

/* A load or store: the context is tested inline, everything else out of line. */
static void emit_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);
	bool own = jit->test == TEST_OWN && !a.certain;

	if (jit->test == TEST_AGAIN || jit->test == TEST_LAST) {
		emit_load_store_again(jit, pc, a);
		return;
	}
	if (own)
		emit_test(jit, a, jit->cold[pc]);
	if (own && !arm64_fits(a.off, 9))
		emit_transfer_in_context(jit, insn, a);
	else
		emit_transfer_at(jit, insn, a);
}

/* The same test for all accesses of a group. */
static void guard(struct jit *jit, uint32_t pc)
{
	const struct jit_group *group = &jit->group;

	emit_test(jit,
		(struct access){.base = machine_register[group->base],
			.off = group->off,
			.lg = group->lg,
			.write = group->write},
		jit->cold[pc]);
}

/* The long way: it ends with an access of its own, and goes on at the next instruction. */
static void emit_cold_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	if (a.certain)
		return;
	emit_address(jit, &a);
	emit_pc(jit, pc);
	emit_call_stub(jit, STUB_ACCESS + 4 * a.write + a.lg);
	emit_transfer(jit, insn, a);
	emit_jump(jit, jit->offset[pc + 1]);
}

/* Atomics at x10 */

enum { ATOMIC_ADD = 0x00, ATOMIC_OR = 0x40, ATOMIC_AND = 0x50, ATOMIC_XOR = 0xa0 };
enum { ATOMIC_XCHG = 0xe1, ATOMIC_CMPXCHG = 0xf1 };

/* One instruction, and what was there to rt. */
static void emit_lse(struct jit *jit, int32_t op, unsigned sf, unsigned src, unsigned rt)
{
	switch (op) {
	case ATOMIC_ADD:
		emit32(jit, arm64_ldaddal(sf, src, rt, ADDRESS));
		break;
	case ATOMIC_OR:
		emit32(jit, arm64_ldsetal(sf, src, rt, ADDRESS));
		break;
	case ATOMIC_AND:
		emit32(jit, arm64_orn(sf, TEMP, XZR, src));
		emit32(jit, arm64_ldclral(sf, TEMP, rt, ADDRESS));
		break;
	case ATOMIC_XOR:
		emit32(jit, arm64_ldeoral(sf, src, rt, ADDRESS));
		break;
	case ATOMIC_XCHG:
		emit32(jit, arm64_swpal(sf, src, src, ADDRESS));
		break;
	default: /* ATOMIC_CMPXCHG */
		emit32(jit, arm64_casal(sf, X0, src, ADDRESS));
		break;
	}
}

/* if (r0 == *x10) *x10 = src; x11 = what was there */
static void emit_exclusive_compare(struct jit *jit, unsigned sf, unsigned src)
{
	emit32(jit, arm64_ldaxr(sf, X11, ADDRESS));
	emit32(jit, arm64_subs(sf, XZR, X11, X0));
	emit32(jit, arm64_b_cond(NE, 12));
	emit32(jit, arm64_stlxr(sf, X13, src, ADDRESS));
	emit32(jit, arm64_cbnz(W, X13, -16));
}

/* x11 = *x10; *x10 = x11 op src */
static void emit_exclusive(struct jit *jit, int32_t op, unsigned sf, unsigned src)
{
	unsigned stored = op == ATOMIC_XCHG ? src : X12;

	emit32(jit, arm64_ldaxr(sf, X11, ADDRESS));
	if (op == ATOMIC_ADD)
		emit32(jit, arm64_add(sf, X12, X11, src));
	else if (op == ATOMIC_OR)
		emit32(jit, arm64_orr(sf, X12, X11, src));
	else if (op == ATOMIC_AND)
		emit32(jit, arm64_and(sf, X12, X11, src));
	else if (op == ATOMIC_XOR)
		emit32(jit, arm64_eor(sf, X12, X11, src));
	emit32(jit, arm64_stlxr(sf, X13, stored, ADDRESS));
	emit32(jit, arm64_cbnz(W, X13, op == ATOMIC_XCHG ? -8 : -12));
}

/* The operation on *x10, and what was there to src or r0. */
static void emit_operate(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned sf = insn->opcode == 0xdb ? X : W, src = src_of(insn);
	bool exchanges = insn->imm == ATOMIC_XCHG || insn->imm == ATOMIC_CMPXCHG;
	bool fetches = insn->imm & 1;
	int32_t op = exchanges ? insn->imm : insn->imm & ~1;

	if (jit->features & VOUCH_ARM_LSE) {
		emit_lse(jit, op, sf, src, fetches ? src : XZR);
	} else if (op == ATOMIC_CMPXCHG) {
		emit_exclusive_compare(jit, sf, src);
		emit_mov(jit, sf, X0, X11);
	} else {
		emit_exclusive(jit, op, sf, src);
		if (fetches)
			emit_mov(jit, sf, src, X11);
	}
}

/* flags: NE if x10 is not aligned */
static void emit_test_alignment(struct jit *jit, unsigned lg)
{
	emit_logical_k(jit, ANDS, X, XZR, ADDRESS, (1 << lg) - 1);
}

/* An atomic: alignment first, then the region. */
static void emit_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_address(jit, &a);
	emit_test_alignment(jit, a.lg);
	emit_branch(jit, branch_if(NE), jit->cold[pc]);
	emit_test(jit, a, jit->cold[pc]);
	emit_operate(jit, insn);
}

/* Either test failed; the stub makes both again. */
static void emit_cold_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_address(jit, &a);
	emit_pc(jit, pc);
	emit_call_stub(jit, STUB_ATOMIC + a.lg - LG32);
	emit_operate(jit, insn);
	emit_jump(jit, jit->offset[pc + 1]);
}

/* Jumps. A backward one is taken while there is fuel; its out-of-line part is the fault. */

static int32_t delta_of(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_JA32 ? insn->imm : insn->off;
}

/* used++; flags: LO if the limit no longer covers it */
static void emit_spend(struct jit *jit)
{
	emit32(jit, arm64_add_imm(X, USED, USED, 1, 0));
	emit_load_field(jit, TEMP, VM_FIELD(FUEL));
	emit32(jit, arm64_subs(X, XZR, TEMP, USED));
}

/* used++; if (used <= vm->fuel) goto target */
static void emit_spend_and_jump(struct jit *jit, uint32_t pc, uint32_t target)
{
	emit_spend(jit);
	emit_branch(jit, branch_if(HS), jit->offset[target]);
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

/* if (branch) goto target */
static void emit_jump_if(struct jit *jit, uint32_t pc, struct branch branch)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit_target(pc, delta);

	if (delta >= 0) {
		emit_branch(jit, branch, jit->offset[target]);
	} else {
		emit_branch(jit, inverted(branch), jit->offset[pc + 1]);
		emit_spend_and_jump(jit, pc, target);
	}
}

static void emit_jump_x(struct jit *jit, uint32_t pc, unsigned sf, unsigned condition)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	emit32(jit, arm64_subs(sf, XZR, dst_of(insn), src_of(insn)));
	emit_jump_if(jit, pc, branch_if(condition));
}

/* flags of rn - imm; adding the magnitude of a negative number gives the same flags */
static void emit_compare_k(struct jit *jit, unsigned sf, unsigned rn, int32_t imm)
{
	uint32_t magnitude = imm < 0 ? -(uint32_t)imm : (uint32_t)imm;
	unsigned shift = magnitude > 0xfff;
	uint32_t imm12 = shift ? magnitude >> 12 : magnitude;

	if (!is_add_immediate(magnitude))
		emit32(jit, arm64_subs(sf, XZR, rn, emit_operand(jit, sf, imm)));
	else if (imm < 0)
		emit32(jit, arm64_adds_imm(sf, XZR, rn, imm12, shift));
	else
		emit32(jit, arm64_subs_imm(sf, XZR, rn, imm12, shift));
}

/* Comparisons with zero that a branch makes by itself: equality, and the sign. */
static void emit_jump_k(struct jit *jit, uint32_t pc, unsigned sf, unsigned condition)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct branch zero = branch_zero(sf, dst_of(insn));
	struct branch positive = branch_bit_clear(dst_of(insn), sf == X ? 63 : 31);

	if (insn->imm == 0 && condition <= NE) {
		emit_jump_if(jit, pc, condition == EQ ? zero : inverted(zero));
	} else if (insn->imm == 0 && (condition == GE || condition == LT)) {
		emit_jump_if(jit, pc, condition == GE ? positive : inverted(positive));
	} else {
		emit_compare_k(jit, sf, dst_of(insn), insn->imm);
		emit_jump_if(jit, pc, branch_if(condition));
	}
}

/* if (dst & src) goto */
static void emit_jset_x(struct jit *jit, uint32_t pc, unsigned sf)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	emit32(jit, arm64_ands(sf, XZR, dst_of(insn), src_of(insn)));
	emit_jump_if(jit, pc, branch_if(NE));
}

/* One bit is tested by the branch itself; the highest of 32, extended to 64, is more than one. */
static void emit_jset_k(struct jit *jit, uint32_t pc, unsigned sf)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	uint32_t imm = (uint32_t)insn->imm;
	bool is_bit = imm != 0 && (imm & (imm - 1)) == 0 && (sf == W || insn->imm > 0);

	if (is_bit) {
		emit_jump_if(jit, pc,
			inverted(branch_bit_clear(dst_of(insn), arm64_popcount(imm - 1) & 31)));
	} else {
		emit_logical_k(jit, ANDS, sf, XZR, dst_of(insn), insn->imm);
		emit_jump_if(jit, pc, branch_if(NE));
	}
}

/* Calls */

/* r0 = helpers[imm](r1, …, r5) */
static void emit_call(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_li32(jit, HELPER_ID, jit->program->insns[pc].imm);
	emit_call_stub(jit, STUB_HELPER);
}

/* r0 = helpers[dst](r1, …, r5) */
static void emit_callx(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_mov(jit, X, HELPER_ID, dst_of(&jit->program->insns[pc]));
	emit_call_stub(jit, STUB_CALLX);
}

/* A function of the program. The offset is loaded by one form: its own length depends on it. */
static void emit_call_local(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_li_long(jit, RETURN_TO, jit->offset[pc + 1]);
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
 * The stubs, in the epilogue. Each jumps only to stubs before it, whose labels are known. x9 is
 * the pc in all of them; those that test an address keep x10, too.
 */

/* Our frame: what C wants back, and what a stub keeps across a call of C, in pairs. */
enum { SAVED_C, SAVED = 96, NATIVE_FRAME = 192 };

static const uint8_t callee_saved[6][2] = {
	{X29, X30}, {X19, X20}, {X21, X22}, {X23, X24}, {X25, X26}, {X27, X28}};
static const uint8_t caller_saved[6][2] = {
	{PC, X30}, {X0, X1}, {X2, X3}, {X4, X5}, {ADDRESS, SIZE}, {PERMISSIONS, XZR}};
_Static_assert(SAVED_C + sizeof(callee_saved) * 8 <= SAVED, "frame");
_Static_assert(SAVED + 8 * sizeof(caller_saved) <= NATIVE_FRAME && NATIVE_FRAME % 16 == 0, "frame");

/* Store or load n pairs of registers from base + at on. */
static void emit_pairs(struct jit *jit, unsigned opc, const uint8_t (*pairs)[2], unsigned n,
	unsigned base, int32_t at)
{
	for (unsigned i = 0; i < n; i++)
		emit32(jit, arm64_ldp(opc, pairs[i][0], pairs[i][1], base, at + 16 * (int32_t)i));
}

/* r0 to r9 in pairs; r10 follows. */
static void emit_registers(struct jit *jit, unsigned opc)
{
	for (unsigned i = 0; i < 10; i += 2)
		emit32(jit, arm64_ldp(opc, machine_register[i], machine_register[i + 1], VM,
				    VM_R((int32_t)i)));
	emit32(jit, arm64_ldr_imm(LG64, opc, FP, VM, VM_R(10)));
}

/* r6 to r9 in a frame's record, at base. */
static void emit_saved_registers(struct jit *jit, unsigned opc, unsigned base)
{
	for (unsigned i = 0; i < 4; i += 2)
		emit32(jit, arm64_ldp(opc, machine_register[6 + i], machine_register[7 + i], base,
				    FRAME_SAVED((int32_t)i)));
}

/* x26 and the limits, as they are in the vm */
static void emit_context(struct jit *jit)
{
	emit_load_field(jit, CONTEXT, VM_FIELD(CONTEXT));
	emit_pairs(jit, LOAD, limits, 4, VM, VM_LIMIT(8, 0, 0));
}

static void set_label(struct jit *jit, unsigned label)
{
	jit->label[label] = jit->pos;
}

static void emit_branch_stub(struct jit *jit, struct branch branch, unsigned stub)
{
	emit_branch(jit, branch, jit->label[stub]);
}

static void emit_jump_stub(struct jit *jit, unsigned stub)
{
	emit_jump(jit, jit->label[stub]);
}

/* BPF's state and the fault (x9 to x13) to the vm, the status to C. */
static void stub_leave(struct jit *jit)
{
	set_label(jit, STUB_LEAVE);
	emit_store_field32(jit, STATUS, VM_FIELD(FAULT_STATUS));
	emit_store_field32(jit, PC, VM_FIELD(FAULT_PC));
	emit_store_field(jit, ADDRESS, VM_FIELD(FAULT_ADDRESS));
	emit_store_field32(jit, SIZE, VM_FIELD(FAULT_SIZE));
	emit_store_field32(jit, WRITE, VM_FIELD(FAULT_WRITE));
	emit_registers(jit, STORE);
	emit_store_field(jit, USED, VM_FIELD(USED));
	emit_mov(jit, W, X0, STATUS);
	emit_pairs(jit, LOAD, callee_saved, 6, SP, SAVED_C);
	emit32(jit, arm64_add_imm(X, SP, SP, NATIVE_FRAME, 0));
	emit32(jit, arm64_ret(X30));
}

static void stub_stop(struct jit *jit, unsigned label, enum vouch_status status)
{
	set_label(jit, label);
	emit_li32(jit, STATUS, (int32_t)status);
	emit_jump_stub(jit, STUB_STOP);
}

static void stub_stops(struct jit *jit)
{
	/* x11: status. There was no access. */
	set_label(jit, STUB_STOP);
	emit_li32(jit, ADDRESS, 0);
	emit_li32(jit, SIZE, 0);
	emit_li32(jit, WRITE, 0);
	emit_jump_stub(jit, STUB_LEAVE);

	stub_stop(jit, STUB_DONE, VOUCH_OK);
	stub_stop(jit, FAULT_FUEL, VOUCH_FAULT_FUEL);
	stub_stop(jit, FAULT_DEPTH, VOUCH_FAULT_DEPTH);
	stub_stop(jit, STUB_HANDOVER, STATUS_HANDOVER);

	/* x10: id */
	set_label(jit, FAULT_HELPER);
	emit_li32(jit, STATUS, VOUCH_FAULT_HELPER);
	emit_li32(jit, SIZE, 0);
	emit_li32(jit, WRITE, 0);
	emit_jump_stub(jit, STUB_LEAVE);
}

static void stub_access_faults(struct jit *jit)
{
	/* x10: address, x12: size; only writes are atomic. */
	set_label(jit, FAULT_ALIGN);
	emit_li32(jit, STATUS, VOUCH_FAULT_ALIGN);
	emit_li32(jit, WRITE, 1);
	emit_jump_stub(jit, STUB_LEAVE);

	/* x10: address, x12: size, x13: permissions */
	set_label(jit, FAULT_MEMORY);
	_Static_assert(VOUCH_READ >> 1 == 0 && (VOUCH_READ | VOUCH_WRITE) >> 1 == 1,
		"write from permissions");
	emit_li32(jit, STATUS, VOUCH_FAULT_MEMORY);
	emit32(jit, arm64_ubfm(W, WRITE, PERMISSIONS, 1, 31));
	emit_jump_stub(jit, STUB_LEAVE);
}

/* w11 = vouch_region_find(regions, nregions, x10, x12, x13), everything else as it was */
static void emit_find(struct jit *jit)
{
	emit_pairs(jit, STORE, caller_saved, 6, SP, SAVED);
	emit_load_field(jit, X0, VM_FIELD(REGIONS));
	emit_load_field(jit, X1, VM_FIELD(NREGIONS));
	emit_mov(jit, X, X2, ADDRESS);
	emit_mov(jit, X, X3, SIZE);
	emit_mov(jit, X, X4, PERMISSIONS);
	emit_load_field(jit, TEMP, VM_FIELD(FIND));
	emit32(jit, arm64_blr(TEMP));
	/* AAPCS64 leaves all but the lowest byte of a bool open. */
	emit32(jit, arm64_ubfm(W, TEMP, X0, 0, 7));
	emit_pairs(jit, LOAD, caller_saved, 6, SP, SAVED);
	emit_pairs(jit, LOAD, limits, 3, VM, VM_LIMIT(8, 0, 0));
}

/* x10: address, x12: size, x13: permissions. In the stack? In the table? Fault if in neither. */
static uint32_t stub_region(struct jit *jit)
{
	uint32_t granted = jit->pos, start;

	emit32(jit, arm64_ret(X30));

	start = jit->pos;
	emit_load_field(jit, X14, VM_FIELD(STACK_TOP));
	emit_load_field(jit, TEMP, VM_FIELD(STACK_LOW));
	emit32(jit, arm64_sub(X, X14, X14, TEMP));
	emit32(jit, arm64_sub(X, TEMP, ADDRESS, TEMP));
	emit32(jit, arm64_add_imm(X, X14, X14, VOUCH_FRAME_SIZE, 0));
	emit32(jit, arm64_add_imm(X, TEMP, TEMP, VOUCH_FRAME_SIZE, 0));
	emit32(jit, arm64_sub(X, X14, X14, SIZE));
	emit32(jit, arm64_subs(X, XZR, X14, TEMP));
	emit_branch(jit, branch_if(HS), granted);
	emit_find(jit);
	emit_branch_stub(jit, branch_zero(W, TEMP), FAULT_MEMORY);
	emit32(jit, arm64_ret(X30));
	return start;
}

/* x10: address */
static void stub_access(struct jit *jit, uint32_t region)
{
	for (unsigned lg = LG8; lg <= LG64; lg++) {
		set_label(jit, STUB_ACCESS + lg);
		emit_li32(jit, SIZE, 1 << lg);
		emit_li32(jit, PERMISSIONS, VOUCH_READ);
		emit_jump(jit, region);

		set_label(jit, STUB_ACCESS + 4 + lg);
		emit_li32(jit, SIZE, 1 << lg);
		emit_li32(jit, PERMISSIONS, VOUCH_READ | VOUCH_WRITE);
		emit_jump(jit, region);
	}
	for (unsigned lg = LG32; lg <= LG64; lg++) {
		set_label(jit, STUB_ATOMIC + lg - LG32);
		emit_li32(jit, SIZE, 1 << lg);
		emit_test_alignment(jit, lg);
		emit_branch_stub(jit, branch_if(NE), FAULT_ALIGN);
		emit_jump_stub(jit, STUB_ACCESS + 4 + lg);
	}
}

/* x11 = helpers[x10] */
static void emit_load_helper(struct jit *jit)
{
	emit_load_field(jit, TEMP, VM_FIELD(HELPERS));
	emit32(jit, arm64_ldr_reg(LG64, LOAD, TEMP, TEMP, HELPER_ID, 1));
}

/* w11: what the helper asked for. */
static uint32_t stub_requested(struct jit *jit)
{
	uint32_t start = jit->pos;

	emit32(jit, arm64_subs_imm(W, XZR, TEMP, REQUEST_END, 0));
	emit_branch_stub(jit, branch_if(EQ), STUB_DONE);
	emit_li32(jit, STATUS, VOUCH_FAULT_HOST);
	emit_jump_stub(jit, STUB_STOP);
	return start;
}

static void stub_helper(struct jit *jit)
{
	uint32_t requested = stub_requested(jit);

	/* x10: id. Does the helper exist? */
	set_label(jit, STUB_CALLX);
	emit_load_field(jit, TEMP, VM_FIELD(NHELPERS));
	emit32(jit, arm64_subs(X, XZR, HELPER_ID, TEMP));
	emit_branch_stub(jit, branch_if(HS), FAULT_HELPER);
	emit_load_helper(jit);
	emit_branch_stub(jit, branch_zero(X, TEMP), FAULT_HELPER);

	/* x10: id of a helper that exists. It may give the vm another context. */
	set_label(jit, STUB_HELPER);
	emit_spend(jit);
	emit_branch_stub(jit, branch_if(LO), FAULT_FUEL);
	emit_load_helper(jit);
	emit_pairs(jit, STORE, caller_saved, 1, SP, SAVED);
	emit_mov(jit, X, X0, VM);
	emit32(jit, arm64_blr(TEMP));
	emit_pairs(jit, LOAD, caller_saved, 1, SP, SAVED);
	for (unsigned i = 1; i <= 5; i++)
		emit_li32(jit, machine_register[i], 0);
	emit_context(jit);
	emit32(jit, arm64_ldr_imm(LG32, LOAD, TEMP, VM, VM_FIELD(REQUEST)));
	emit_branch(jit, inverted(branch_zero(W, TEMP)), requested);
	emit32(jit, arm64_ret(X30));
}

/* x10: the code's offset where the caller goes on. Save r6 to r9 and give the callee a frame. */
static void stub_call_local(struct jit *jit)
{
	set_label(jit, STUB_CALL_LOCAL);
	emit_load_field(jit, TEMP, VM_FIELD(STACK_LOW));
	emit32(jit, arm64_subs(X, XZR, FP, TEMP));
	emit_branch_stub(jit, branch_if(EQ), FAULT_DEPTH);
	emit_spend(jit);
	emit_branch_stub(jit, branch_if(LO), FAULT_FUEL);
	emit_load_field(jit, TEMP, VM_FIELD(FRAME));
	emit_saved_registers(jit, STORE, TEMP);
	emit32(jit, arm64_add_imm(W, PC, PC, 1, 0));
	emit32(jit, arm64_ldr_imm(LG32, STORE, PC, TEMP, FRAME_PC));
	emit32(jit, arm64_ldr_imm(LG32, STORE, RETURN_TO, TEMP, FRAME_CODE));
	emit32(jit, arm64_add_imm(X, TEMP, TEMP, FRAME_RECORD, 0));
	emit_store_field(jit, TEMP, VM_FIELD(FRAME));
	emit32(jit, arm64_sub_imm(X, FP, FP, VOUCH_FRAME_SIZE, 0));
	emit32(jit, arm64_ret(X30));
}

/* Exit of a called function: back to its caller. */
static void stub_exit(struct jit *jit)
{
	set_label(jit, STUB_EXIT);
	emit_load_field(jit, TEMP, VM_FIELD(STACK_TOP));
	emit32(jit, arm64_subs(X, XZR, FP, TEMP));
	emit_branch_stub(jit, branch_if(EQ), STUB_DONE);
	emit_load_field(jit, TEMP, VM_FIELD(FRAME));
	emit32(jit, arm64_sub_imm(X, TEMP, TEMP, FRAME_RECORD, 0));
	emit_store_field(jit, TEMP, VM_FIELD(FRAME));
	emit_saved_registers(jit, LOAD, TEMP);
	emit32(jit, arm64_add_imm(X, FP, FP, VOUCH_FRAME_SIZE, 0));
	emit32(jit, arm64_ldr_imm(LG32, LOAD, TEMP, TEMP, FRAME_CODE));
	emit32(jit, arm64_adr(X12, checked_distance(jit, 0, 21)));
	emit32(jit, arm64_add(X, TEMP, TEMP, X12));
	emit32(jit, arm64_br(TEMP));
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

static void nops(struct jit *jit, uint32_t bytes)
{
	for (; bytes >= 4; bytes -= 4)
		emit32(jit, arm64_nop());
}

/* x0: the vm. */
static void emit_enter(struct jit *jit)
{
	emit32(jit, arm64_sub_imm(X, SP, SP, NATIVE_FRAME, 0));
	emit_pairs(jit, STORE, callee_saved, 6, SP, SAVED_C);
	emit_mov(jit, X, VM, X0);
	emit_registers(jit, LOAD);
}

/* uint32_t enter(struct vouch_vm *vm) */
static void prologue(struct jit *jit)
{
	emit_enter(jit);
	emit_context(jit);
	emit_li32(jit, USED, 0);
	emit_jump(jit, jit->offset[jit->program->entry]);
}

/* uint32_t resume(struct vouch_vm *vm, const void *code): as long as the prologue. */
static void resume(struct jit *jit)
{
	static const uint8_t used_context[1][2] = {{USED, CONTEXT}};

	emit_mov(jit, X, X9, X1);
	emit_enter(jit);
	emit_pairs(jit, LOAD, used_context, 1, VM, VM_FIELD(USED));
	emit_pairs(jit, LOAD, limits, 4, VM, VM_LIMIT(8, 0, 0));
	emit32(jit, arm64_br(X9));
}

static void handover(struct jit *jit, uint32_t pc)
{
	emit_pc(jit, pc);
	emit_jump_stub(jit, STUB_HANDOVER);
}

/* The four rows of an operation, by what the macro K(sf) and the encoder of registers do. */
#define CASES_ALU(id, encode, emit_k)                          \
	case OP_##id##64_k:                                    \
		emit_k(X);                                     \
		break;                                         \
	case OP_##id##64_x:                                    \
		emit32(jit, arm64_##encode(X, dst, dst, src)); \
		break;                                         \
	case OP_##id##32_k:                                    \
		emit_k(W);                                     \
		break;                                         \
	case OP_##id##32_x:                                    \
		emit32(jit, arm64_##encode(W, dst, dst, src)); \
		break;

#define ADD_K(sf) emit_add_sub_k(jit, sf, dst, insn->imm, false)
#define SUB_K(sf) emit_add_sub_k(jit, sf, dst, insn->imm, true)
#define MUL_K(sf) emit32(jit, arm64_mul(sf, dst, dst, emit_operand(jit, sf, insn->imm)))
#define OR_K(sf)  emit_logical_k(jit, ORR, sf, dst, dst, insn->imm)
#define AND_K(sf) emit_logical_k(jit, AND, sf, dst, dst, insn->imm)
#define XOR_K(sf) emit_logical_k(jit, EOR, sf, dst, dst, insn->imm)

#define LSH_K(sf) emit_lsl_k(jit, sf, dst, (uint32_t)insn->imm &((sf) == X ? 63 : 31))
#define RSH_K(sf)                                                                        \
	emit32(jit, arm64_ubfm(sf, dst, dst, (uint32_t)insn->imm &((sf) == X ? 63 : 31), \
			    (sf) == X ? 63 : 31))
#define ARSH_K(sf)                                                                       \
	emit32(jit, arm64_sbfm(sf, dst, dst, (uint32_t)insn->imm &((sf) == X ? 63 : 31), \
			    (sf) == X ? 63 : 31))

#define CASES_DIV(id)                                                                    \
	case OP_##id##64_k:                                                              \
	case OP_s##id##64_k:                                                             \
		emit_##id(jit, X, dst, emit_operand(jit, X, insn->imm), insn->off == 1); \
		break;                                                                   \
	case OP_##id##64_x:                                                              \
	case OP_s##id##64_x:                                                             \
		emit_##id(jit, X, dst, src, insn->off == 1);                             \
		break;                                                                   \
	case OP_##id##32_k:                                                              \
	case OP_s##id##32_k:                                                             \
		emit_##id(jit, W, dst, emit_operand(jit, W, insn->imm), insn->off == 1); \
		break;                                                                   \
	case OP_##id##32_x:                                                              \
	case OP_s##id##32_x:                                                             \
		emit_##id(jit, W, dst, src, insn->off == 1);                             \
		break;

#define CASES_JUMP(id, condition)                   \
	case OP_##id##64_k:                         \
		emit_jump_k(jit, pc, X, condition); \
		break;                              \
	case OP_##id##64_x:                         \
		emit_jump_x(jit, pc, X, condition); \
		break;                              \
	case OP_##id##32_k:                         \
		emit_jump_k(jit, pc, W, condition); \
		break;                              \
	case OP_##id##32_x:                         \
		emit_jump_x(jit, pc, W, condition); \
		break;

/* clang-format off */
static void insn(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	unsigned dst = dst_of(insn), src = src_of(insn);

	switch (vouch_decode(insn)) {
	/* dst = dst + src */
	CASES_ALU(add, add, ADD_K)
	/* dst = dst - src */
	CASES_ALU(sub, sub, SUB_K)
	/* dst = dst * src */
	CASES_ALU(mul, mul, MUL_K)
	/* dst = src == 0 ? 0 : dst / src */
	CASES_DIV(div)
	/* dst = dst | src */
	CASES_ALU(or, orr, OR_K)
	/* dst = dst & src */
	CASES_ALU(and, and, AND_K)
	/* dst = dst << (src & (width - 1)): the machine masks as BPF does */
	CASES_ALU(lsh, lslv, LSH_K)
	/* dst = dst >> (src & (width - 1)) */
	CASES_ALU(rsh, lsrv, RSH_K)
	/* dst = -dst */
	case OP_neg64:
		emit32(jit, arm64_sub(X, dst, XZR, dst));
		break;
	case OP_neg32:
		emit32(jit, arm64_sub(W, dst, XZR, dst));
		break;
	/* dst = src == 0 ? dst : dst % src */
	CASES_DIV(mod)
	/* dst = dst ^ src */
	CASES_ALU(xor, eor, XOR_K)
	/* dst = src */
	case OP_mov64_k:
		emit_li64(jit, dst, insn->imm);
		break;
	case OP_mov64_x:
		emit_mov(jit, X, dst, src);
		break;
	/* dst = (int64_t)(int8_t)src, … */
	case OP_movsx64_8:
		emit_sign_extend(jit, X, dst, src, 7);
		break;
	case OP_movsx64_16:
		emit_sign_extend(jit, X, dst, src, 15);
		break;
	case OP_movsx64_32:
		emit_sign_extend(jit, X, dst, src, 31);
		break;
	/* dst = (uint32_t)src */
	case OP_mov32_k:
		emit_li32(jit, dst, insn->imm);
		break;
	case OP_mov32_x:
		emit_mov(jit, W, dst, src);
		break;
	/* dst = (uint32_t)(int8_t)src, … */
	case OP_movsx32_8:
		emit_sign_extend(jit, W, dst, src, 7);
		break;
	case OP_movsx32_16:
		emit_sign_extend(jit, W, dst, src, 15);
		break;
	/* dst = (signed)dst >> (src & (width - 1)) */
	CASES_ALU(arsh, asrv, ARSH_K)
	/* dst = low bytes of dst; the machine is little-endian */
	case OP_le16:
		emit32(jit, arm64_ubfm(W, dst, dst, 0, 15));
		break;
	case OP_le32:
		emit_mov(jit, W, dst, dst);
		break;
	case OP_le64:
		break;
	/* dst = low bytes of dst, reversed */
	case OP_be16:
	case OP_bswap16:
		emit32(jit, arm64_rev16(W, dst, dst));
		emit32(jit, arm64_ubfm(W, dst, dst, 0, 15));
		break;
	case OP_be32:
	case OP_bswap32:
		emit32(jit, arm64_rev(W, dst, dst));
		break;
	case OP_be64:
	case OP_bswap64:
		emit32(jit, arm64_rev(X, dst, dst));
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
	CASES_JUMP(jeq, EQ)
	CASES_JUMP(jgt, HI)
	CASES_JUMP(jge, HS)
	case OP_jset64_k:
		emit_jset_k(jit, pc, X);
		break;
	case OP_jset64_x:
		emit_jset_x(jit, pc, X);
		break;
	case OP_jset32_k:
		emit_jset_k(jit, pc, W);
		break;
	case OP_jset32_x:
		emit_jset_x(jit, pc, W);
		break;
	CASES_JUMP(jne, NE)
	CASES_JUMP(jsgt, GT)
	CASES_JUMP(jsge, GE)
	CASES_JUMP(jlt, LO)
	CASES_JUMP(jle, LS)
	CASES_JUMP(jslt, LT)
	CASES_JUMP(jsle, LE)
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

const struct vouch_target vouch_arm64 = {
	.name = "arm64",
	.word = 8,
	.max_insn = 80,
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
	.find_group = jit_find_group,
	.guard = guard,
};
