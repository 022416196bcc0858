/* SPDX-License-Identifier: MIT */
/*
 * The x86-64 emitter (System V calling convention).
 *
 *   r0 rax   r1 rsi   r2 rdx   r3 rcx   r4 r8   r5 r9      helper arguments are where C wants them
 *   r6 rbx   r7 r13   r8 r14   r9 r15   r10 r12            kept across C calls
 *   rbp the vm, biased   r11 fuel used   r10 minus the context's start   rdi scratch
 *
 * rsp stays where the prologue put it, at a multiple of 16 with a free word, except inside the
 * stubs; calls of the program's functions keep their frames in memory as the interpreter does.
 * Invariants between instructions: r10 (BPF's) is the top of a frame inside the stack, r11 is what
 * this run has spent, r10 (the machine's) is minus vm->context.
 *
 * Faults leave their pc in vm->fault.pc before they jump to a stub, which fills in the rest. So
 * that field and vm->used may hold anything while code runs.
 */
#include "encode.h"
#include "vm/vm.h"

enum { VM = RBP, USED = R11, CONTEXT = R10, SCRATCH = RDI, FP = R12 };

static const uint8_t machine_register[16] = {RAX, RSI, RDX, RCX, R8, R9, RBX, R13, R14, R15, FP};

/* rbp points into the vm, so that one byte of displacement reaches what is used often. */
#define BIAS      176
#define FIELD(at) mem_at(VM, (int32_t)(at)-BIAS)

#define VM_FIELD(name) FIELD(VM_##name(8))

/*
 * Stubs. ACCESS + 4 * write + log2(size): is this address permitted?
 * ATOMIC + log2(size) - 2: is it aligned, and permitted?
 */
enum {
	EXIT,
	FAULT,
	LEAVE,
	FAULT_FUEL,
	FAULT_DEPTH,
	FAULT_ALIGN,
	RETURN,
	PUSH_FRAME,
	CALLX,
	HELPER,
	FIND,
	ACCESS,
	ATOMIC = ACCESS + 8,
	HANDOVER = ATOMIC + 2,
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

static void set_label(struct jit *jit, unsigned label)
{
	jit->label[label] = jit->pos;
}

static void set_fault_pc(struct jit *jit, uint32_t pc)
{
	x86_store_imm(jit, W32, VM_FIELD(FAULT_PC), (int32_t)pc);
}

/* A forward jump inside an instruction: x86_land() says where to. */
static uint32_t skip_if(struct jit *jit, unsigned cc)
{
	uint32_t at = jit->pos;

	x86_jcc_short(jit, cc, 0);
	return at;
}

static uint32_t skip(struct jit *jit)
{
	uint32_t at = jit->pos;

	x86_jmp_short(jit, 0);
	return at;
}

/* Jumps to instructions: short where the table says that it fits. */

static bool is_short(const struct jit *jit, uint32_t target)
{
	return !jit->far && fits_int8((int64_t)jit->offset[target] - jit->pos - 2);
}

static int8_t short_distance(const struct jit *jit, uint32_t target)
{
	return (int8_t)(jit->offset[target] - jit->pos - 2);
}

static void jump(struct jit *jit, uint32_t target)
{
	if (is_short(jit, target))
		x86_jmp_short(jit, short_distance(jit, target));
	else
		x86_jmp_near(jit, jit->offset[target]);
}

static void jump_if(struct jit *jit, unsigned cc, uint32_t target)
{
	if (is_short(jit, target))
		x86_jcc_short(jit, cc, short_distance(jit, target));
	else
		x86_jcc_near(jit, cc, jit->offset[target]);
}

/* used++; flags: BE if the limit still covers it. */
static void spend(struct jit *jit)
{
	x86_inc(jit, W64, USED);
	x86_alu_load(jit, W64, CMP, USED, VM_FIELD(FUEL));
}

static int32_t delta_of(const struct vouch_insn *insn)
{
	return insn->opcode == OPCODE_JA32 ? insn->imm : insn->off;
}

/* A backward jump: taken while there is fuel. The fault is out of line. */
static void spend_and_jump(struct jit *jit, uint32_t pc, uint32_t target)
{
	spend(jit);
	jump_if(jit, CC_BE, target);
	x86_jmp_near(jit, jit->cold[pc]);
}

static void emit_cold_jump(struct jit *jit, uint32_t pc)
{
	if (delta_of(&jit->program->insns[pc]) >= 0)
		return;
	set_fault_pc(jit, pc);
	x86_jmp_near(jit, jit->label[FAULT_FUEL]);
}

/* goto target */
static void emit_ja(struct jit *jit, uint32_t pc)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit_target(pc, delta);

	if (delta < 0)
		spend_and_jump(jit, pc, target);
	else
		jump(jit, target);
}

/* if (flags) goto target */
static void emit_jcc(struct jit *jit, uint32_t pc, unsigned cc)
{
	int32_t delta = delta_of(&jit->program->insns[pc]);
	uint32_t target = jit_target(pc, delta), over;

	if (delta >= 0) {
		jump_if(jit, cc, target);
		return;
	}
	over = skip_if(jit, cc ^ 1);
	spend_and_jump(jit, pc, target);
	x86_land(jit, over);
}

static void emit_compare_x(struct jit *jit, uint32_t pc, unsigned w, unsigned cc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	x86_alu(jit, w, CMP, dst_of(insn), src_of(insn));
	emit_jcc(jit, pc, cc);
}

static void emit_compare_k(struct jit *jit, uint32_t pc, unsigned w, unsigned cc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	/* The flags of test are those of cmp with 0. */
	if (insn->imm == 0)
		x86_test(jit, w, dst_of(insn), dst_of(insn));
	else
		x86_alu_imm(jit, w, CMP, dst_of(insn), insn->imm);
	emit_jcc(jit, pc, cc);
}

/* if (dst & imm) goto; an imm without sign has no upper half */
static void emit_jset_k(struct jit *jit, uint32_t pc, unsigned w)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];

	x86_test_imm(jit, insn->imm >= 0 ? W32 : w, dst_of(insn), insn->imm);
	emit_jcc(jit, pc, CC_NE);
}

/* dst = dst op src */
static void emit_alu_x(struct jit *jit, const struct vouch_insn *insn, unsigned w, unsigned op)
{
	x86_alu(jit, w, op, dst_of(insn), src_of(insn));
}

static void emit_alu_k(struct jit *jit, const struct vouch_insn *insn, unsigned w, unsigned op)
{
	x86_alu_imm(jit, w, op, dst_of(insn), insn->imm);
}

/* dst = dst & imm: what an imm without sign leaves has no upper half. */
static void emit_mask_k(struct jit *jit, const struct vouch_insn *insn, unsigned w)
{
	unsigned dst = dst_of(insn);

	if (insn->imm == 0xff)
		x86_extend(jit, W32, MOVZX8, dst, dst);
	else if (insn->imm == 0xffff)
		x86_extend(jit, W32, MOVZX16, dst, dst);
	else
		x86_alu_imm(jit, insn->imm >= 0 ? W32 : w, AND, dst, insn->imm);
}

/* dst = imm */
static void emit_mov_k(struct jit *jit, const struct vouch_insn *insn, uint64_t imm)
{
	unsigned dst = dst_of(insn);

	if (imm == 0)
		x86_alu(jit, W32, XOR, dst, dst);
	else
		x86_mov_imm(jit, dst, imm);
}

/* dst = dst shift (src & (width - 1)): the machine masks as BPF does. */
static void emit_shift_x(struct jit *jit, const struct vouch_insn *insn, unsigned w, unsigned op)
{
	unsigned dst = dst_of(insn), src = src_of(insn);

	if (jit->features & VOUCH_X86_BMI2) {
		x86_shift_bmi2(jit, w, op, dst, dst, src);
	} else if (src == RCX) {
		x86_mov(jit, W64, SCRATCH, dst);
		x86_shift_cl(jit, w, op, SCRATCH);
		x86_mov(jit, W64, dst, SCRATCH);
	} else if (dst == RCX) {
		x86_mov(jit, W64, SCRATCH, RCX);
		x86_mov(jit, W32, RCX, src);
		x86_shift_cl(jit, w, op, SCRATCH);
		x86_mov(jit, W64, RCX, SCRATCH);
	} else {
		x86_mov(jit, W64, SCRATCH, RCX);
		x86_mov(jit, W32, RCX, src);
		x86_shift_cl(jit, w, op, dst);
		x86_mov(jit, W64, RCX, SCRATCH);
	}
}

static void emit_shift_k(struct jit *jit, const struct vouch_insn *insn, unsigned w, unsigned op)
{
	unsigned count = (uint32_t)insn->imm & (w == W64 ? 63 : 31);

	if (count != 0)
		x86_shift_imm(jit, w, op, dst_of(insn), count);
	else if (w == W32)
		x86_mov(jit, W32, dst_of(insn), dst_of(insn));
}

static void restore_context(struct jit *jit)
{
	x86_load(jit, W64, CONTEXT, VM_FIELD(CONTEXT));
	x86_group3(jit, W64, NEG, CONTEXT);
}

/* What divisions have in common. */
struct division {
	unsigned w, dst;
	bool is_signed, modulo;
};

/* dst = dst / rdi or dst % rdi; the divisor is not zero and, if signed, not -1. */
static void emit_divide(struct jit *jit, struct division d)
{
	unsigned result = d.modulo ? RDX : RAX, other = d.modulo ? RAX : RDX;

	/* The machine's r10 keeps one of rax and rdx, our word of stack the other, unless it is
	 * dst. */
	if (d.dst != result)
		x86_mov(jit, W64, CONTEXT, result);
	if (d.dst != other)
		x86_store(jit, W64, mem_at(RSP, 0), other);
	if (d.dst != RAX)
		x86_mov(jit, W64, RAX, d.dst);
	if (d.is_signed)
		x86_cqo(jit, d.w);
	else
		x86_alu(jit, W32, XOR, RDX, RDX);
	x86_group3(jit, d.w, d.is_signed ? IDIV : DIV, SCRATCH);
	if (d.dst != result)
		x86_mov(jit, W64, d.dst, result);
	if (d.dst != other)
		x86_load(jit, W64, other, mem_at(RSP, 0));
	if (d.dst != result) {
		x86_mov(jit, W64, result, CONTEXT);
		restore_context(jit);
	}
}

/* x / 0 = 0, x % 0 = x */
static void emit_divide_by_zero(struct jit *jit, struct division d)
{
	if (!d.modulo)
		x86_alu(jit, W32, XOR, d.dst, d.dst);
	else if (d.w == W32)
		x86_mov(jit, W32, d.dst, d.dst);
}

/* x / -1 = -x, x % -1 = 0, also where the machine would trap */
static void emit_divide_by_minus_1(struct jit *jit, struct division d)
{
	if (d.modulo)
		x86_alu(jit, W32, XOR, d.dst, d.dst);
	else
		x86_group3(jit, d.w, NEG, d.dst);
}

static void emit_div_x(struct jit *jit, const struct vouch_insn *insn, unsigned w, bool modulo)
{
	struct division d = {w, dst_of(insn), insn->off == 1, modulo};
	uint32_t zero, minus_1 = 0, done, done_too = 0;

	x86_mov(jit, w, SCRATCH, src_of(insn));
	x86_test(jit, w, SCRATCH, SCRATCH);
	zero = skip_if(jit, CC_E);
	if (d.is_signed) {
		x86_alu_imm(jit, w, CMP, SCRATCH, -1);
		minus_1 = skip_if(jit, CC_E);
	}
	emit_divide(jit, d);
	done = skip(jit);
	if (d.is_signed) {
		x86_land(jit, minus_1);
		emit_divide_by_minus_1(jit, d);
		done_too = skip(jit);
	}
	x86_land(jit, zero);
	emit_divide_by_zero(jit, d);
	x86_land(jit, done);
	if (d.is_signed)
		x86_land(jit, done_too);
}

static void emit_div_k(struct jit *jit, const struct vouch_insn *insn, unsigned w, bool modulo)
{
	struct division d = {w, dst_of(insn), insn->off == 1, modulo};

	if (insn->imm == 0) {
		emit_divide_by_zero(jit, d);
	} else if (d.is_signed && insn->imm == -1) {
		emit_divide_by_minus_1(jit, d);
	} else {
		x86_mov_imm(jit, SCRATCH, (uint64_t)(int64_t)insn->imm);
		emit_divide(jit, d);
	}
}

/* dst = reversed low bytes of dst */
static void emit_swap(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned dst = dst_of(insn);

	if (insn->imm == 16) {
		x86_rol16_8(jit, dst);
		x86_extend(jit, W32, MOVZX16, dst, dst);
	} else {
		x86_bswap(jit, insn->imm == 64 ? W64 : W32, dst);
	}
}

/* dst = low bytes of dst */
static void emit_truncate(struct jit *jit, const struct vouch_insn *insn)
{
	unsigned dst = dst_of(insn);

	if (insn->imm == 16)
		x86_extend(jit, W32, MOVZX16, dst, dst);
	else if (insn->imm == 32)
		x86_mov(jit, W32, dst, dst);
}

static void emit_lddw(struct jit *jit, const struct vouch_insn *insn)
{
	emit_mov_k(jit, insn, (uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm);
}

/* dst = vm->data[imm] + offset, the offset unsigned */
static void emit_lddw_object(struct jit *jit, const struct vouch_insn *insn)
{
	x86_mov_imm(jit, dst_of(insn), (uint32_t)insn[1].imm);
	x86_alu_load(jit, W64, ADD, dst_of(insn), FIELD(VM_DATA(8, insn->imm)));
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
	unsigned write = (insn->opcode & 7) != CLASS_LDX;
	unsigned reg = write ? vouch_dst(insn) : vouch_src(insn);
	uint32_t room = VOUCH_FRAME_SIZE - (1u << lg);

	return (struct access){.base = machine_register[reg],
		.lg = lg,
		.write = write,
		.off = insn->off,
		.certain = reg == 10 && (uint32_t)(insn->off + (int32_t)VOUCH_FRAME_SIZE) <= room};
}

static struct mem operand(struct access a)
{
	return mem_at(a.base, a.off);
}

/* rdi = the access's offset in the context; flags: B if it may start there. */
static void emit_test(struct jit *jit, struct access a)
{
	x86_lea(jit, SCRATCH, (struct mem){.base = a.base, .index = CONTEXT, .disp = a.off});
	x86_alu_load(jit, W64, CMP, SCRATCH, FIELD(VM_LIMIT(8, a.write, a.lg)));
}

/* The long way: rdi = the address, if it is permitted. In one form, whatever the offset is. */
static void emit_cold_test(struct jit *jit, uint32_t pc, struct access a, unsigned stub)
{
	set_fault_pc(jit, pc);
	x86_lea_long(jit, SCRATCH, a.base, a.off);
	x86_call_near(jit, jit->label[stub]);
}

/* dst = *(type *)m, or *(type *)m = src or imm */
static void emit_transfer(struct jit *jit, const struct vouch_insn *insn, struct mem m)
{
	unsigned dst = dst_of(insn), src = src_of(insn);

	switch (vouch_decode(insn)) {
	case OP_ldxb:
		x86_load_extend(jit, W32, MOVZX8, dst, m);
		break;
	case OP_ldxh:
		x86_load_extend(jit, W32, MOVZX16, dst, m);
		break;
	case OP_ldxw:
		x86_load(jit, W32, dst, m);
		break;
	case OP_ldxdw:
		x86_load(jit, W64, dst, m);
		break;
	case OP_ldxsb:
		x86_load_extend(jit, W64, MOVSX8, dst, m);
		break;
	case OP_ldxsh:
		x86_load_extend(jit, W64, MOVSX16, dst, m);
		break;
	case OP_ldxsw:
		x86_load_extend(jit, W64, MOVSXD, dst, m);
		break;
	case OP_stb:
		x86_store8_imm(jit, m, insn->imm);
		break;
	case OP_sth:
		x86_store16_imm(jit, m, insn->imm);
		break;
	case OP_stw:
		x86_store_imm(jit, W32, m, insn->imm);
		break;
	case OP_stdw:
		x86_store_imm(jit, W64, m, insn->imm);
		break;
	case OP_stxb:
		x86_store8(jit, m, src);
		break;
	case OP_stxh:
		x86_store16(jit, m, src);
		break;
	case OP_stxw:
		x86_store(jit, W32, m, src);
		break;
	case OP_stxdw:
		x86_store(jit, W64, m, src);
		break;
	default:
		jit_fail(jit, VOUCH_BAD_OPCODE);
		break;
	}
}

/* A load or store in the second copy of a group: both ways in line, one access at their end. */
static void emit_load_store_again(struct jit *jit, uint32_t pc, struct access a)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	uint32_t in_context;

	if (a.certain) {
		emit_transfer(jit, insn, operand(a));
		return;
	}
	emit_test(jit, a);
	x86_lea_long(jit, SCRATCH, a.base, a.off); /* leaves the flags alone */
	in_context = skip_if(jit, CC_B);
	set_fault_pc(jit, pc);
	x86_call_near(jit, jit->label[ACCESS + 4 * a.write + a.lg]);
	x86_land(jit, in_context);
	emit_transfer(jit, insn, mem_at(SCRATCH, 0));
	if (jit->test == TEST_LAST)
		x86_jmp_near(jit, jit->offset[pc + 1]);
}

/* if (the access isn't in the context) goto cold */
static void emit_guard(struct jit *jit, uint32_t pc, struct access a)
{
	emit_test(jit, a);
	x86_jcc_near(jit, CC_AE, jit->cold[pc]);
}

/* A load or store: the context is tested inline, everything else out of line. */
static void emit_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	if (jit->test == TEST_AGAIN || jit->test == TEST_LAST) {
		emit_load_store_again(jit, pc, a);
		return;
	}
	if (!a.certain && jit->test == TEST_OWN)
		emit_guard(jit, pc, a);
	emit_transfer(jit, insn, operand(a));
}

/* The same test for all accesses of a group. */
static void guard(struct jit *jit, uint32_t pc)
{
	const struct jit_group *group = &jit->group;

	emit_guard(jit, pc,
		(struct access){.base = machine_register[group->base],
			.off = group->off,
			.lg = group->lg,
			.write = group->write});
}

/* The long way: it ends with an access of its own, and goes on at the next instruction. */
static void emit_cold_load_store(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	if (a.certain)
		return;
	emit_cold_test(jit, pc, a, ACCESS + 4 * a.write + a.lg);
	emit_transfer(jit, insn, mem_at(SCRATCH, 0));
	x86_jmp_near(jit, jit->offset[pc + 1]);
}

/* An operation on *rdi that the machine has no fetching form of: a loop around cmpxchg. */
static void emit_fetch_loop(struct jit *jit, unsigned w, unsigned op, unsigned src)
{
	struct mem m = mem_at(SCRATCH, 0);
	uint32_t again;

	/* rax is taken by cmpxchg, so r0 waits in the machine's r10; r11 computes. */
	x86_mov(jit, W64, CONTEXT, RAX);
	x86_store(jit, W64, VM_FIELD(USED), USED);
	x86_load(jit, w, RAX, m);
	again = jit->pos;
	x86_mov(jit, W64, USED, RAX);
	x86_alu(jit, w, op, USED, src == RAX ? CONTEXT : src);
	x86_lock(jit);
	x86_cmpxchg(jit, w, m, USED);
	x86_jcc_short(jit, CC_NE, (int8_t)(again - jit->pos - 2));
	if (src != RAX) {
		x86_mov(jit, W64, src, RAX);
		x86_mov(jit, W64, RAX, CONTEXT);
	}
	x86_load(jit, W64, USED, VM_FIELD(USED));
	restore_context(jit);
}

/* An operation on *rdi, and what was there to src or r0. */
static void emit_operation(struct jit *jit, const struct vouch_insn *insn, unsigned w)
{
	struct mem m = mem_at(SCRATCH, 0);
	unsigned src = src_of(insn);

	switch (insn->imm) {
	/* *(type *)(dst + off) op= src */
	case 0x00:
		x86_lock(jit);
		x86_alu_store(jit, w, ADD, m, src);
		break;
	case 0x40:
		x86_lock(jit);
		x86_alu_store(jit, w, OR, m, src);
		break;
	case 0x50:
		x86_lock(jit);
		x86_alu_store(jit, w, AND, m, src);
		break;
	case 0xa0:
		x86_lock(jit);
		x86_alu_store(jit, w, XOR, m, src);
		break;
	/* the same, and src = what was there */
	case 0x01:
		x86_lock(jit);
		x86_xadd(jit, w, m, src);
		break;
	case 0x41:
		emit_fetch_loop(jit, w, OR, src);
		break;
	case 0x51:
		emit_fetch_loop(jit, w, AND, src);
		break;
	case 0xa1:
		emit_fetch_loop(jit, w, XOR, src);
		break;
	/* *(type *)(dst + off) = src */
	case 0xe1:
		x86_xchg(jit, w, m, src);
		break;
	/* *(type *)(dst + off) = r0 == *(type *)(dst + off) ? src : *(type *)(dst + off) */
	default: /* 0xf1; the machine leaves rax alone when it was equal */
		x86_lock(jit);
		x86_cmpxchg(jit, w, m, src);
		if (w == W32)
			x86_mov(jit, W32, RAX, RAX);
		break;
	}
}

/* An atomic: alignment first, then the region. */
static void emit_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	x86_lea_long(jit, SCRATCH, a.base, a.off);
	x86_test_imm(jit, W32, SCRATCH, (1 << a.lg) - 1);
	x86_jcc_near(jit, CC_NE, jit->cold[pc]);
	x86_alu(jit, W64, ADD, SCRATCH, CONTEXT);
	x86_alu_load(jit, W64, CMP, SCRATCH, FIELD(VM_LIMIT(8, a.write, a.lg)));
	x86_jcc_near(jit, CC_AE, jit->cold[pc]);
	x86_alu(jit, W64, SUB, SCRATCH, CONTEXT);
	emit_operation(jit, insn, a.lg == LG64 ? W64 : W32);
}

/* Either test failed; the stub makes both again. */
static void emit_cold_atomic(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct access a = access_of(insn);

	emit_cold_test(jit, pc, a, ATOMIC + a.lg - LG32);
	emit_operation(jit, insn, a.lg == LG64 ? W64 : W32);
	x86_jmp_near(jit, jit->offset[pc + 1]);
}

/* r0 = helpers[imm](r1, …, r5) */
static void emit_call(struct jit *jit, uint32_t pc)
{
	set_fault_pc(jit, pc);
	spend(jit);
	x86_jcc_near(jit, CC_A, jit->label[FAULT_FUEL]);
	x86_mov_imm(jit, CONTEXT, (uint32_t)jit->program->insns[pc].imm);
	x86_call_near(jit, jit->label[HELPER]);
}

/* r0 = helpers[dst](r1, …, r5) */
static void emit_callx(struct jit *jit, uint32_t pc)
{
	set_fault_pc(jit, pc);
	x86_mov(jit, W64, CONTEXT, dst_of(&jit->program->insns[pc]));
	x86_call_near(jit, jit->label[CALLX]);
}

/* A function of the program */
static void emit_call_local(struct jit *jit, uint32_t pc)
{
	set_fault_pc(jit, pc);
	x86_alu_load(jit, W64, CMP, FP, VM_FIELD(STACK_LOW));
	x86_jcc_near(jit, CC_E, jit->label[FAULT_DEPTH]);
	spend(jit);
	x86_jcc_near(jit, CC_A, jit->label[FAULT_FUEL]);
	x86_load(jit, W64, SCRATCH, VM_FIELD(FRAME));
	x86_store_imm(jit, W32, mem_at(SCRATCH, FRAME_PC), (int32_t)(pc + 1));
	x86_store_imm(jit, W32, mem_at(SCRATCH, FRAME_CODE), (int32_t)jit->offset[pc + 1]);
	x86_call_near(jit, jit->label[PUSH_FRAME]);
	jump(jit, jit_target(pc, jit->program->insns[pc].imm));
}

/* return r0 */
static void emit_exit(struct jit *jit, uint32_t pc)
{
	x86_alu_load(jit, W64, CMP, FP, VM_FIELD(STACK_TOP));
	x86_jcc_near(jit, CC_NE, jit->label[RETURN]);
	set_fault_pc(jit, pc);
	x86_jmp_near(jit, jit->label[EXIT]);
}

/* The stubs, in the epilogue. Those that are called find rsp 8 below its place. */

static void call_c_saved(struct jit *jit)
{
	static const uint8_t saved[] = {RAX, RCX, RDX, RSI, R8, R9, RDI, R10, R11};

	for (unsigned i = 0; i < sizeof(saved); i++)
		x86_push(jit, saved[i]);
	x86_mov(jit, W64, RDX, RDI);
	x86_mov(jit, W64, RCX, R10);
	x86_mov(jit, W64, R8, R11);
	x86_load(jit, W64, RDI, VM_FIELD(REGIONS));
	x86_load(jit, W64, RSI, VM_FIELD(NREGIONS));
	x86_call_mem(jit, VM_FIELD(FIND));
	x86_reg_form(jit, W32, 0x84, RAX, RAX, false); /* test al, al */
	for (unsigned i = sizeof(saved); i-- > 0;)
		x86_pop(jit, saved[i]);
}

/* Back to where the address was tested, with everything as it was. */
static void emit_granted(struct jit *jit)
{
	x86_load(jit, W64, USED, VM_FIELD(USED));
	restore_context(jit);
	x86_ret(jit);
}

/* rdi: address, r10: size, r11: permissions. Is it in the table? Fault if not. */
static void stub_find(struct jit *jit)
{
	uint32_t refused;

	set_label(jit, FIND);
	call_c_saved(jit);
	refused = skip_if(jit, CC_E);
	emit_granted(jit);
	x86_land(jit, refused);
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	x86_store(jit, W64, VM_FIELD(FAULT_ADDRESS), RDI);
	x86_store(jit, W32, VM_FIELD(FAULT_SIZE), R10);
	x86_shift_imm(jit, W32, SHR, R11, 1);
	x86_store(jit, W32, VM_FIELD(FAULT_WRITE), R11);
	x86_load(jit, W64, USED, VM_FIELD(USED));
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_FAULT_MEMORY);
	x86_jmp_near(jit, jit->label[LEAVE]);
}

/* rdi: address. In the stack? Otherwise ask the table. */
static void stub_access(struct jit *jit, unsigned write, unsigned lg)
{
	uint32_t elsewhere;

	set_label(jit, ACCESS + 4 * write + lg);
	x86_store(jit, W64, VM_FIELD(USED), USED);
	x86_mov(jit, W64, R10, RDI);
	x86_alu_load(jit, W64, SUB, R10, VM_FIELD(STACK_LOW));
	x86_alu_imm(jit, W64, ADD, R10, VOUCH_FRAME_SIZE);
	x86_load(jit, W64, R11, VM_FIELD(STACK_TOP));
	x86_alu_load(jit, W64, SUB, R11, VM_FIELD(STACK_LOW));
	x86_alu_imm(jit, W64, ADD, R11, (int32_t)VOUCH_FRAME_SIZE - (1 << lg));
	x86_alu(jit, W64, CMP, R10, R11);
	elsewhere = skip_if(jit, CC_A);
	emit_granted(jit);
	x86_land(jit, elsewhere);
	x86_mov_imm(jit, R10, 1u << lg);
	x86_mov_imm(jit, R11, write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ);
	x86_jmp_near(jit, jit->label[FIND]);
}

/* rdi: address. Aligned? Then as any write. */
static void stub_atomic(struct jit *jit, unsigned lg)
{
	uint32_t misaligned;

	set_label(jit, ATOMIC + lg - LG32);
	x86_test_imm(jit, W32, SCRATCH, (1 << lg) - 1);
	misaligned = skip_if(jit, CC_NE);
	x86_jmp_near(jit, jit->label[ACCESS + 4 + lg]);
	x86_land(jit, misaligned);
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	x86_mov_imm(jit, R10, 1u << lg);
	x86_jmp_near(jit, jit->label[FAULT_ALIGN]);
}

/* r10: id. Does the helper exist, and is there fuel? */
static void stub_callx(struct jit *jit)
{
	uint32_t beyond, absent, dry;

	set_label(jit, CALLX);
	x86_alu_load(jit, W64, CMP, R10, VM_FIELD(NHELPERS));
	beyond = skip_if(jit, CC_AE);
	x86_load(jit, W64, SCRATCH, VM_FIELD(HELPERS));
	x86_alu_store_imm8(
		jit, W64, CMP, (struct mem){.base = SCRATCH, .index = R10, .scale = 3}, 0);
	absent = skip_if(jit, CC_E);
	spend(jit);
	dry = skip_if(jit, CC_A);
	x86_jmp_near(jit, jit->label[HELPER]);
	x86_land(jit, beyond);
	x86_land(jit, absent);
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	x86_store(jit, W64, VM_FIELD(FAULT_ADDRESS), R10);
	x86_store_imm(jit, W64, VM_FIELD(FAULT_SIZE), 0);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_FAULT_HELPER);
	x86_jmp_near(jit, jit->label[LEAVE]);
	x86_land(jit, dry);
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	x86_jmp_near(jit, jit->label[FAULT_FUEL]);
}

/* r10: id of a helper that exists. */
static void stub_helper(struct jit *jit)
{
	static const uint8_t cleared[] = {RSI, RDX, RCX, R8, R9};
	uint32_t requested, failed;

	set_label(jit, HELPER);
	x86_store(jit, W64, VM_FIELD(USED), USED);
	x86_load(jit, W64, R11, VM_FIELD(HELPERS));
	x86_lea(jit, RDI, FIELD(0));
	x86_alu_imm(jit, W64, SUB, RSP, 8);
	x86_call_mem(jit, (struct mem){.base = R11, .index = R10, .scale = 3});
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	x86_load(jit, W64, USED, VM_FIELD(USED));
	restore_context(jit);
	for (unsigned i = 0; i < sizeof(cleared); i++)
		x86_alu(jit, W32, XOR, cleared[i], cleared[i]);
	x86_alu_store_imm8(jit, W32, CMP, VM_FIELD(REQUEST), REQUEST_NONE);
	requested = skip_if(jit, CC_NE);
	x86_ret(jit);
	x86_land(jit, requested);
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	x86_alu_store_imm8(jit, W32, CMP, VM_FIELD(REQUEST), REQUEST_END);
	failed = skip_if(jit, CC_NE);
	x86_jmp_near(jit, jit->label[EXIT]);
	x86_land(jit, failed);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_FAULT_HOST);
	x86_jmp_near(jit, jit->label[FAULT]);
}

static const uint8_t callee_saved_bpf[4] = {RBX, R13, R14, R15};

/* rdi: the record. Save r6 to r9 in it, and give the callee a frame. */
static void stub_push_frame(struct jit *jit)
{
	set_label(jit, PUSH_FRAME);
	for (unsigned i = 0; i < 4; i++)
		x86_store(jit, W64, mem_at(SCRATCH, FRAME_SAVED((int32_t)i)), callee_saved_bpf[i]);
	x86_alu_store_imm8(jit, W64, ADD, VM_FIELD(FRAME), FRAME_RECORD);
	x86_alu_imm(jit, W64, SUB, FP, VOUCH_FRAME_SIZE);
	x86_ret(jit);
}

/* Exit of a called function: back to its caller. */
static void stub_return(struct jit *jit)
{
	set_label(jit, RETURN);
	x86_load(jit, W64, SCRATCH, VM_FIELD(FRAME));
	x86_alu_imm(jit, W64, SUB, SCRATCH, FRAME_RECORD);
	x86_store(jit, W64, VM_FIELD(FRAME), SCRATCH);
	for (unsigned i = 0; i < 4; i++)
		x86_load(jit, W64, callee_saved_bpf[i], mem_at(SCRATCH, FRAME_SAVED((int32_t)i)));
	x86_alu_imm(jit, W64, ADD, FP, VOUCH_FRAME_SIZE);
	x86_load(jit, W32, SCRATCH, mem_at(SCRATCH, FRAME_CODE));
	x86_lea_code(jit, CONTEXT, 0);
	x86_alu(jit, W64, ADD, SCRATCH, CONTEXT);
	restore_context(jit);
	x86_jmp_reg(jit, SCRATCH);
}

/* One status each, and no details of an access. */
static void stub_faults(struct jit *jit)
{
	/* rdi: address, r10: size */
	set_label(jit, FAULT_ALIGN);
	x86_store(jit, W64, VM_FIELD(FAULT_ADDRESS), RDI);
	x86_store(jit, W32, VM_FIELD(FAULT_SIZE), R10);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_WRITE), 1);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_FAULT_ALIGN);
	x86_jmp_near(jit, jit->label[LEAVE]);

	set_label(jit, FAULT_FUEL);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_FAULT_FUEL);
	x86_jmp_near(jit, jit->label[FAULT]);

	set_label(jit, FAULT_DEPTH);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_FAULT_DEPTH);
	x86_jmp_near(jit, jit->label[FAULT]);

	set_label(jit, HANDOVER);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), STATUS_HANDOVER);
	x86_jmp_near(jit, jit->label[FAULT]);
}

static const uint8_t callee_saved_c[6] = {RBP, RBX, R12, R13, R14, R15};

/* BPF's state to the vm, the status to C. */
static void stub_leave(struct jit *jit)
{
	set_label(jit, EXIT);
	x86_store_imm(jit, W32, VM_FIELD(FAULT_STATUS), VOUCH_OK);
	set_label(jit, FAULT);
	x86_store_imm(jit, W64, VM_FIELD(FAULT_ADDRESS), 0);
	x86_store_imm(jit, W64, VM_FIELD(FAULT_SIZE), 0); /* and write, beside it */
	set_label(jit, LEAVE);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		x86_store(jit, W64, FIELD(VM_R(i)), machine_register[i]);
	x86_store(jit, W64, VM_FIELD(USED), USED);
	x86_load(jit, W32, RAX, VM_FIELD(FAULT_STATUS));
	x86_alu_imm(jit, W64, ADD, RSP, 8);
	for (unsigned i = sizeof(callee_saved_c); i-- > 0;)
		x86_pop(jit, callee_saved_c[i]);
	x86_ret(jit);
}

static void epilogue(struct jit *jit)
{
	stub_leave(jit);
	stub_faults(jit);
	stub_find(jit);
	for (unsigned lg = 0; lg < 4; lg++) {
		stub_access(jit, 0, lg);
		stub_access(jit, 1, lg);
	}
	stub_atomic(jit, LG32);
	stub_atomic(jit, LG64);
	stub_helper(jit);
	stub_callx(jit);
	stub_push_frame(jit);
	stub_return(jit);
}

/* rdi: the vm */
static void save_c(struct jit *jit)
{
	for (unsigned i = 0; i < sizeof(callee_saved_c); i++)
		x86_push(jit, callee_saved_c[i]);
	x86_alu_imm(jit, W64, SUB, RSP, 8);
	x86_lea(jit, VM, mem_at(RDI, BIAS));
}

static void load_registers(struct jit *jit)
{
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		x86_load(jit, W64, machine_register[i], FIELD(VM_R(i)));
}

/* uint32_t enter(struct vouch_vm *vm) */
static void prologue(struct jit *jit)
{
	save_c(jit);
	load_registers(jit);
	x86_alu(jit, W32, XOR, USED, USED);
	restore_context(jit);
	x86_jmp_near(jit, jit->offset[jit->program->entry]);
}

/* uint32_t resume(struct vouch_vm *vm, const void *code) */
static void resume(struct jit *jit)
{
	save_c(jit);
	x86_mov(jit, W64, SCRATCH, RSI);
	load_registers(jit);
	x86_load(jit, W64, USED, VM_FIELD(USED));
	restore_context(jit);
	x86_jmp_reg(jit, SCRATCH);
}

static void handover(struct jit *jit, uint32_t pc)
{
	set_fault_pc(jit, pc);
	x86_jmp_near(jit, jit->label[HANDOVER]);
}

/* Rows of one opcode that differ in a field of which the emitting function takes care. */
#define CASES_ALU(id, x86_op)                       \
	case OP_##id##64_k:                         \
		emit_alu_k(jit, insn, W64, x86_op); \
		break;                              \
	case OP_##id##64_x:                         \
		emit_alu_x(jit, insn, W64, x86_op); \
		break;                              \
	case OP_##id##32_k:                         \
		emit_alu_k(jit, insn, W32, x86_op); \
		break;                              \
	case OP_##id##32_x:                         \
		emit_alu_x(jit, insn, W32, x86_op); \
		break;

#define CASES_SHIFT(id, x86_op)                       \
	case OP_##id##64_k:                           \
		emit_shift_k(jit, insn, W64, x86_op); \
		break;                                \
	case OP_##id##64_x:                           \
		emit_shift_x(jit, insn, W64, x86_op); \
		break;                                \
	case OP_##id##32_k:                           \
		emit_shift_k(jit, insn, W32, x86_op); \
		break;                                \
	case OP_##id##32_x:                           \
		emit_shift_x(jit, insn, W32, x86_op); \
		break;

#define CASES_DIV(id, modulo)                       \
	case OP_##id##64_k:                         \
	case OP_s##id##64_k:                        \
		emit_div_k(jit, insn, W64, modulo); \
		break;                              \
	case OP_##id##64_x:                         \
	case OP_s##id##64_x:                        \
		emit_div_x(jit, insn, W64, modulo); \
		break;                              \
	case OP_##id##32_k:                         \
	case OP_s##id##32_k:                        \
		emit_div_k(jit, insn, W32, modulo); \
		break;                              \
	case OP_##id##32_x:                         \
	case OP_s##id##32_x:                        \
		emit_div_x(jit, insn, W32, modulo); \
		break;

#define CASES_JUMP(id, cc)                        \
	case OP_##id##64_k:                       \
		emit_compare_k(jit, pc, W64, cc); \
		break;                            \
	case OP_##id##64_x:                       \
		emit_compare_x(jit, pc, W64, cc); \
		break;                            \
	case OP_##id##32_k:                       \
		emit_compare_k(jit, pc, W32, cc); \
		break;                            \
	case OP_##id##32_x:                       \
		emit_compare_x(jit, pc, W32, cc); \
		break;

static void insn(struct jit *jit, uint32_t pc)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	unsigned dst = dst_of(insn), src = src_of(insn);

	switch (vouch_decode(insn)) {
		CASES_ALU(add, ADD)
		CASES_ALU(sub, SUB)
	/* dst = dst * src */
	case OP_mul64_k:
		x86_imul_imm(jit, W64, dst, dst, insn->imm);
		break;
	case OP_mul64_x:
		x86_imul(jit, W64, dst, src);
		break;
	case OP_mul32_k:
		x86_imul_imm(jit, W32, dst, dst, insn->imm);
		break;
	case OP_mul32_x:
		x86_imul(jit, W32, dst, src);
		break;
		CASES_DIV(div, false)
		CASES_ALU(or, OR)
	case OP_and64_k:
		emit_mask_k(jit, insn, W64);
		break;
	case OP_and64_x:
		emit_alu_x(jit, insn, W64, AND);
		break;
	case OP_and32_k:
		emit_mask_k(jit, insn, W32);
		break;
	case OP_and32_x:
		emit_alu_x(jit, insn, W32, AND);
		break;
		CASES_SHIFT(lsh, SHL)
		CASES_SHIFT(rsh, SHR)
	/* dst = -dst */
	case OP_neg64:
		x86_group3(jit, W64, NEG, dst);
		break;
	case OP_neg32:
		x86_group3(jit, W32, NEG, dst);
		break;
		CASES_DIV(mod, true)
		CASES_ALU(xor, XOR)
	/* dst = src */
	case OP_mov64_k:
		emit_mov_k(jit, insn, (uint64_t)(int64_t)insn->imm);
		break;
	case OP_mov64_x:
		x86_mov(jit, W64, dst, src);
		break;
	case OP_movsx64_8:
		x86_extend(jit, W64, MOVSX8, dst, src);
		break;
	case OP_movsx64_16:
		x86_extend(jit, W64, MOVSX16, dst, src);
		break;
	case OP_movsx64_32:
		x86_extend(jit, W64, MOVSXD, dst, src);
		break;
	case OP_mov32_k:
		emit_mov_k(jit, insn, (uint32_t)insn->imm);
		break;
	case OP_mov32_x:
		x86_mov(jit, W32, dst, src);
		break;
	case OP_movsx32_8:
		x86_extend(jit, W32, MOVSX8, dst, src);
		break;
	case OP_movsx32_16:
		x86_extend(jit, W32, MOVSX16, dst, src);
		break;
		CASES_SHIFT(arsh, SAR)
	/* dst = bytes of dst in another order */
	case OP_le16:
	case OP_le32:
	case OP_le64:
		emit_truncate(jit, insn);
		break;
	case OP_be16:
	case OP_be32:
	case OP_be64:
	case OP_bswap16:
	case OP_bswap32:
	case OP_bswap64:
		emit_swap(jit, insn);
		break;
	/* dst = imm64 */
	case OP_lddw:
		emit_lddw(jit, insn);
		break;
	case OP_lddw_object:
		emit_lddw_object(jit, insn);
		break;
	/* dst = *(type *)(src + off), *(type *)(dst + off) = imm or src */
	case OP_ldxb:
	case OP_ldxh:
	case OP_ldxw:
	case OP_ldxdw:
	case OP_ldxsb:
	case OP_ldxsh:
	case OP_ldxsw:
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
	/* goto */
	case OP_ja:
	case OP_ja32:
		emit_ja(jit, pc);
		break;
		/* if (dst op src) goto */
		CASES_JUMP(jeq, CC_E)
		CASES_JUMP(jgt, CC_A)
		CASES_JUMP(jge, CC_AE)
	case OP_jset64_k:
		emit_jset_k(jit, pc, W64);
		break;
	case OP_jset64_x:
		x86_test(jit, W64, dst, src);
		emit_jcc(jit, pc, CC_NE);
		break;
	case OP_jset32_k:
		emit_jset_k(jit, pc, W32);
		break;
	case OP_jset32_x:
		x86_test(jit, W32, dst, src);
		emit_jcc(jit, pc, CC_NE);
		break;
		CASES_JUMP(jne, CC_NE)
		CASES_JUMP(jsgt, CC_G)
		CASES_JUMP(jsge, CC_GE)
		CASES_JUMP(jlt, CC_B)
		CASES_JUMP(jle, CC_BE)
		CASES_JUMP(jslt, CC_L)
		CASES_JUMP(jsle, CC_LE)
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
		if (insn->opcode == 0xc3 || insn->opcode == 0xdb)
			emit_atomic(jit, pc);
		else
			jit_fail(jit, VOUCH_BAD_OPCODE);
		break;
	}
}

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

const struct vouch_target vouch_x86_64 = {
	.name = "x86_64",
	.word = 8,
	.max_insn = 112,
	.max_frame = 2048,
	.align = 64,
	.nops = x86_nops,
	.prologue = prologue,
	.resume = resume,
	.epilogue = epilogue,
	.insn = insn,
	.cold = cold,
	.handover = handover,
	.find_group = jit_find_group,
	.guard = guard,
};
