/* SPDX-License-Identifier: MIT */
/*
 * The meaning of every row of opcodes.def, in the order of RFC 9669's sections 4 and 5. What an
 * operation does is one line; what it does to fuel, frames and faults is docs/semantics.md's.
 */
#include "prover/model/bpf.h"

#define TC (bpf->env->model->tc)

static term imm64(struct bpf *bpf, const struct bpf_insn *insn)
{
	return bv_sext(TC, 64, insn->imm);
}

static bool decide(struct bpf *bpf, term condition, bool *holds)
{
	int way = model_branch(bpf->env->model, condition);

	*holds = way > 0;
	return way >= 0;
}

static enum bpf_result next(struct bpf *bpf, unsigned slots)
{
	bpf->pc = bv_add_c(TC, bpf->pc, slots);
	return BPF_NEXT;
}

static enum bpf_result stop_run(struct bpf *bpf, enum vouch_status status)
{
	bpf->status = status;
	bpf->address = bv_const(TC, 64, 0);
	bpf->size = 0;
	bpf->write = false;
	return BPF_EXIT;
}

static enum bpf_result fault_at(
	struct bpf *bpf, enum vouch_status status, term address, unsigned size, bool write)
{
	bpf->status = status;
	bpf->address = address;
	bpf->size = size;
	bpf->write = write;
	return BPF_EXIT;
}

/* One unit of fuel; BPF_EXIT without any. */
static enum bpf_result spend(struct bpf *bpf)
{
	bool dry;

	if (!decide(bpf, term_eq(TC, bpf->fuel, bv_const(TC, 64, 0)), &dry))
		return BPF_STOPPED;
	if (dry)
		return stop_run(bpf, VOUCH_FAULT_FUEL);
	bpf->fuel = bv_add_c(TC, bpf->fuel, UINT64_MAX);
	return BPF_NEXT;
}

/* A jump by a signed number of slots (16 or 32 bits) from the next one: backward ones cost. */
static enum bpf_result jump(struct bpf *bpf, term delta)
{
	bool backward;
	enum bpf_result result;

	if (!decide(bpf, bv_slt(TC, delta, bv_const(TC, delta->width, 0)), &backward))
		return BPF_STOPPED;
	if (backward) {
		result = spend(bpf);
		if (result != BPF_NEXT)
			return result;
	}
	bpf->pc = bv_add_c(TC, bv_add(TC, bpf->pc, bv_sext(TC, 32, delta)), 1);
	return BPF_NEXT;
}

/* Arithmetic, RFC 9669 section 4.1 and 4.2 */

term bpf_divide(struct terms *tc, bool is_signed, bool remainder, term dividend, term divisor)
{
	term zero = bv_const(tc, divisor->width, 0), quotient;

	if (remainder)
		return is_signed ? bv_srem(tc, dividend, divisor) : bv_urem(tc, dividend, divisor);
	quotient = is_signed ? bv_sdiv(tc, dividend, divisor) : bv_udiv(tc, dividend, divisor);
	return term_ite(tc, term_eq(tc, divisor, zero), zero, quotient);
}

/* dst op src, both of the operation's width. NULL if op is none. */
static term arithmetic(struct bpf *bpf, enum vouch_op op, term d, term s)
{
	unsigned width = d->width;
	term count = bv_and_c(TC, s, width - 1);

#define CASES(id)           \
	case OP_##id##64_k: \
	case OP_##id##64_x: \
	case OP_##id##32_k: \
	case OP_##id##32_x
	switch (op) {
		CASES(add) : return bv_add(TC, d, s);
		CASES(sub) : return bv_sub(TC, d, s);
		CASES(mul) : return bv_mul(TC, d, s);
		CASES(div) : return bpf_divide(TC, false, false, d, s);
		CASES(sdiv) : return bpf_divide(TC, true, false, d, s);
		CASES(mod) : return bpf_divide(TC, false, true, d, s);
		CASES(smod) : return bpf_divide(TC, true, true, d, s);
		CASES(or) : return bv_or(TC, d, s);
		CASES(and) : return bv_and(TC, d, s);
		CASES(xor) : return bv_xor(TC, d, s);
		CASES(lsh) : return bv_shl(TC, d, count);
		CASES(rsh) : return bv_lshr(TC, d, count);
		CASES(arsh) : return bv_ashr(TC, d, count);
		CASES(mov) : return s;
	case OP_neg64:
	case OP_neg32:
		return bv_neg(TC, d);
	case OP_movsx64_8:
	case OP_movsx32_8:
		return bv_sext(TC, width, bv_trunc(TC, 8, s));
	case OP_movsx64_16:
	case OP_movsx32_16:
		return bv_sext(TC, width, bv_trunc(TC, 16, s));
	case OP_movsx64_32:
		return bv_sext(TC, width, bv_trunc(TC, 32, s));
	default:
		return NULL;
	}
#undef CASES
}

static enum bpf_result step_alu(struct bpf *bpf, const struct bpf_insn *insn)
{
	const struct vouch_op_info *info = &vouch_ops[insn->op];
	unsigned width = (info->opcode & 7) == CLASS_ALU64 ? 64 : 32;
	term d = bv_trunc(TC, width, bpf->r[insn->dst]);
	term s = bv_trunc(TC, width, info->src == REG_NONE ? imm64(bpf, insn) : bpf->r[insn->src]);
	term result = arithmetic(bpf, insn->op, d, s);

	if (!result)
		return BPF_STOPPED;
	bpf->r[insn->dst] = bv_zext(TC, 64, result);
	return next(bpf, 1);
}

/* Section 4.2: reverse or keep the low bytes, clear the others */
static enum bpf_result step_byte_order(struct bpf *bpf, const struct bpf_insn *insn)
{
	unsigned bits = vouch_ops[insn->op].value;
	bool reverse = insn->op < OP_le16 || insn->op > OP_le64;
	term low = bv_trunc(TC, bits, bpf->r[insn->dst]), byte[8];

	for (unsigned i = 0; i < bits / 8; i++)
		byte[i] = bv_extract(TC, 8 * i + 7, 8 * i, low);
	bpf->r[insn->dst] = bv_zext(TC, 64, reverse ? bv_concat_n(TC, bits / 8, byte) : low);
	return next(bpf, 1);
}

/* Section 5.4 */
static enum bpf_result step_wide(struct bpf *bpf, const struct bpf_insn *insn)
{
	if (insn->op == OP_lddw)
		bpf->r[insn->dst] = bv_concat(TC, insn->imm2, insn->imm);
	else
		bpf->r[insn->dst] = bv_add(
			TC, bpf->env->object(bpf->env, insn->imm), bv_zext(TC, 64, insn->imm2));
	return next(bpf, 2);
}

/* Memory, section 5 */

/* The size field of an opcode, bits 3 and 4. */
static unsigned access_bytes(enum vouch_op op)
{
	static const uint8_t bytes[4] = {4, 2, 1, 8};

	return bytes[vouch_ops[op].opcode >> 3 & 3];
}

/* The address, if the program may go there. */
static enum bpf_result access(
	struct bpf *bpf, const struct bpf_insn *insn, unsigned reg, bool write, term *address)
{
	unsigned bytes = access_bytes(insn->op);
	bool permitted;

	*address = bv_add(TC, bpf->r[reg], bv_sext(TC, 64, insn->off));
	if (!decide(bpf, bpf->env->permitted(bpf->env, *address, bytes, write), &permitted))
		return BPF_STOPPED;
	return permitted ? BPF_NEXT : fault_at(bpf, VOUCH_FAULT_MEMORY, *address, bytes, write);
}

static enum bpf_result step_load(struct bpf *bpf, const struct bpf_insn *insn)
{
	bool is_signed = insn->op >= OP_ldxsb && insn->op <= OP_ldxsw;
	term address, value;
	enum bpf_result result = access(bpf, insn, insn->src, false, &address);

	if (result != BPF_NEXT)
		return result;
	value = bpf->env->model->load(bpf->env->model, address, access_bytes(insn->op));
	if (!value)
		return BPF_STOPPED;
	bpf->r[insn->dst] = is_signed ? bv_sext(TC, 64, value) : bv_zext(TC, 64, value);
	return next(bpf, 1);
}

static enum bpf_result step_store(struct bpf *bpf, const struct bpf_insn *insn)
{
	unsigned bytes = access_bytes(insn->op);
	term value = vouch_ops[insn->op].src == REG_NONE ? imm64(bpf, insn) : bpf->r[insn->src],
	     address;
	enum bpf_result result = access(bpf, insn, insn->dst, true, &address);

	if (result != BPF_NEXT)
		return result;
	if (!bpf->env->model->store(
		    bpf->env->model, address, bytes, bv_trunc(TC, 8 * bytes, value)))
		return BPF_STOPPED;
	return next(bpf, 1);
}

/* Section 5.3: what is stored, by the operation in imm without its fetch bit */
static term atomic_value(struct bpf *bpf, enum vouch_op op, term old, term operand)
{
	switch (vouch_ops[op].value & ~1u) {
	case 0x00:
		return bv_add(TC, old, operand);
	case 0x40:
		return bv_or(TC, old, operand);
	case 0x50:
		return bv_and(TC, old, operand);
	case 0xa0:
		return bv_xor(TC, old, operand);
	case 0xe0:
		return operand;
	default: /* compare and exchange: r0 is what is expected */
		return term_ite(
			TC, term_eq(TC, old, bv_trunc(TC, old->width, bpf->r[0])), operand, old);
	}
}

static enum bpf_result step_atomic(struct bpf *bpf, const struct bpf_insn *insn)
{
	unsigned bytes = access_bytes(insn->op), kind = vouch_ops[insn->op].value;
	term address = bv_add(TC, bpf->r[insn->dst], bv_sext(TC, 64, insn->off)), old, value;
	term misalignment = bv_and_c(TC, address, bytes - 1);
	enum bpf_result result;
	bool aligned;

	if (!decide(bpf, term_eq(TC, misalignment, bv_const(TC, 64, 0)), &aligned))
		return BPF_STOPPED;
	if (!aligned)
		return fault_at(bpf, VOUCH_FAULT_ALIGN, address, bytes, true);
	result = access(bpf, insn, insn->dst, true, &address);
	if (result != BPF_NEXT)
		return result;
	old = bpf->env->model->load(bpf->env->model, address, bytes);
	if (!old)
		return BPF_STOPPED;
	value = atomic_value(bpf, insn->op, old, bv_trunc(TC, 8 * bytes, bpf->r[insn->src]));
	if (!bpf->env->model->store(bpf->env->model, address, bytes, value))
		return BPF_STOPPED;
	if (kind == 0xf1)
		bpf->r[0] = bv_zext(TC, 64, old);
	else if (kind & 1)
		bpf->r[insn->src] = bv_zext(TC, 64, old);
	return next(bpf, 1);
}

/* Jumps, section 4.3 */

/* Bits 7 to 4 of a conditional jump's opcode. */
static term condition(struct bpf *bpf, unsigned code, term d, term s)
{
	switch (code) {
	case 0x10: /* JEQ */
		return term_eq(TC, d, s);
	case 0x20: /* JGT */
		return bv_ult(TC, s, d);
	case 0x30: /* JGE */
		return bv_ule(TC, s, d);
	case 0x40: /* JSET */
		return bool_from_bv(TC, bv_and(TC, d, s));
	case 0x50: /* JNE */
		return term_ne(TC, d, s);
	case 0x60: /* JSGT */
		return bv_slt(TC, s, d);
	case 0x70: /* JSGE */
		return bv_sle(TC, s, d);
	case 0xa0: /* JLT */
		return bv_ult(TC, d, s);
	case 0xb0: /* JLE */
		return bv_ule(TC, d, s);
	case 0xc0: /* JSLT */
		return bv_slt(TC, d, s);
	default: /* JSLE */
		return bv_sle(TC, d, s);
	}
}

static enum bpf_result step_branch(struct bpf *bpf, const struct bpf_insn *insn)
{
	const struct vouch_op_info *info = &vouch_ops[insn->op];
	unsigned width = (info->opcode & 7) == CLASS_JMP ? 64 : 32;
	term d = bv_trunc(TC, width, bpf->r[insn->dst]);
	term s = bv_trunc(TC, width, info->src == REG_NONE ? imm64(bpf, insn) : bpf->r[insn->src]);
	bool taken;

	if (!decide(bpf, condition(bpf, info->opcode & 0xf0, d, s), &taken))
		return BPF_STOPPED;
	return taken ? jump(bpf, insn->off) : next(bpf, 1);
}

/* Calls */

static enum bpf_result step_helper(struct bpf *bpf, term id)
{
	enum bpf_result result = spend(bpf);
	term request;
	bool goes_on, ends;

	if (result != BPF_NEXT)
		return result;
	bpf->r[0] = bpf->env->call_helper(bpf->env, id, &bpf->r[1], &request);
	if (!bpf->r[0])
		return BPF_STOPPED;
	for (unsigned i = 1; i <= 5; i++)
		bpf->r[i] = bv_const(TC, 64, 0);
	if (!decide(bpf, term_eq(TC, request, bv_const(TC, 32, 0)), &goes_on))
		return BPF_STOPPED;
	if (goes_on)
		return next(bpf, 1);
	if (!decide(bpf, term_eq(TC, request, bv_const(TC, 32, 1)), &ends))
		return BPF_STOPPED;
	return stop_run(bpf, ends ? VOUCH_OK : VOUCH_FAULT_HOST);
}

static enum bpf_result step_callx(struct bpf *bpf, const struct bpf_insn *insn)
{
	term id = bpf->r[insn->dst];
	bool exists;

	if (!decide(bpf, bpf->env->helper_exists(bpf->env, id), &exists))
		return BPF_STOPPED;
	return exists ? step_helper(bpf, id) : fault_at(bpf, VOUCH_FAULT_HELPER, id, 0, false);
}

static enum bpf_result step_call_local(struct bpf *bpf, const struct bpf_insn *insn)
{
	enum bpf_result result;
	bool room;

	if (!decide(bpf, bpf->env->has_room(bpf->env), &room))
		return BPF_STOPPED;
	if (!room)
		return stop_run(bpf, VOUCH_FAULT_DEPTH);
	result = spend(bpf);
	if (result != BPF_NEXT)
		return result;
	if (!bpf->env->push(bpf->env, &bpf->r[6], bv_add_c(TC, bpf->pc, 1)))
		return BPF_STOPPED;
	bpf->r[10] = bv_add_c(TC, bpf->r[10], (uint64_t)0 - VOUCH_FRAME_SIZE);
	bpf->pc = bv_add_c(TC, bv_add(TC, bpf->pc, insn->imm), 1);
	return BPF_NEXT;
}

static enum bpf_result step_exit(struct bpf *bpf)
{
	bool nested;

	if (!decide(bpf, bpf->env->has_caller(bpf->env), &nested))
		return BPF_STOPPED;
	if (!nested)
		return stop_run(bpf, VOUCH_OK);
	if (!bpf->env->pop(bpf->env, &bpf->r[6], &bpf->pc))
		return BPF_STOPPED;
	bpf->r[10] = bv_add_c(TC, bpf->r[10], VOUCH_FRAME_SIZE);
	return BPF_NEXT;
}

static enum bpf_result step_jump(struct bpf *bpf, const struct bpf_insn *insn)
{
	switch (insn->op) {
	case OP_ja:
		return jump(bpf, insn->off);
	case OP_ja32:
		return jump(bpf, insn->imm);
	case OP_call:
		return step_helper(bpf, bv_zext(TC, 64, insn->imm));
	case OP_call_local:
		return step_call_local(bpf, insn);
	case OP_callx:
		return step_callx(bpf, insn);
	case OP_exit:
		return step_exit(bpf);
	default:
		return step_branch(bpf, insn);
	}
}

enum bpf_result bpf_step(struct bpf *bpf, const struct bpf_insn *insn)
{
	if (insn->op >= OP_COUNT) {
		model_stop(bpf->env->model, "no such instruction");
		return BPF_STOPPED;
	}
	if (insn->op >= OP_le16 && insn->op <= OP_bswap64)
		return step_byte_order(bpf, insn);
	switch (vouch_ops[insn->op].opcode & 7) {
	case CLASS_LD:
		return step_wide(bpf, insn);
	case CLASS_LDX:
		return step_load(bpf, insn);
	case CLASS_ST:
		return step_store(bpf, insn);
	case CLASS_STX:
		return insn->op >= OP_atomic_add64 && insn->op <= OP_atomic_cmpxchg32
		               ? step_atomic(bpf, insn)
		               : step_store(bpf, insn);
	case CLASS_ALU:
	case CLASS_ALU64:
		return step_alu(bpf, insn);
	default:
		return step_jump(bpf, insn);
	}
}

struct bpf_insn bpf_constant_insn(struct terms *tc, const struct vouch_insn *slot)
{
	struct bpf_insn insn = {.op = vouch_decode(slot),
		.dst = vouch_dst(slot),
		.src = vouch_src(slot),
		.off = bv_const(tc, 16, (uint16_t)slot->off),
		.imm = bv_const(tc, 32, (uint32_t)slot->imm)};

	if (insn.op != OP_INVALID && vouch_is_wide(slot))
		insn.imm2 = bv_const(tc, 32, (uint32_t)slot[1].imm);
	return insn;
}
