/* SPDX-License-Identifier: MIT */
/*
 * See generate.h. Instructions are drawn from opcodes.def; what the checker then refuses (jumps
 * into 64-bit immediates, calls of nothing) is replaced by moves.
 */
#include "generate.h"
#include "world.h"

static bool one_in(uint64_t *state, uint32_t n)
{
	return random_below(state, n) == 0;
}

static int32_t random_imm(uint64_t *state)
{
	static const int32_t corners[] = {0, 1, -1, INT32_MIN, INT32_MAX, 31, 32, 63, 64, 127, -128,
		255, 0x8000, 0xffff, 2047, -2048};
	enum { CORNERS = sizeof(corners) / sizeof(corners[0]) };

	switch (random_below(state, 4)) {
	case 0:
		return (int32_t)random_64(state);
	case 1:
		return (int32_t)(1u << random_below(state, 32));
	default:
		return corners[random_below(state, CORNERS)];
	}
}

/* Registers that mostly keep what the program's first instructions put there. */
enum { R_CONTEXT = 9, R_WRITABLE = 8, R_STACK = 10 };

/* A base register and a displacement that mostly fit one another, and the access. */
static void random_address(uint64_t *state, bool atomic, unsigned *base, int16_t *off)
{
	uint32_t kind = random_below(state, 64);

	if (kind < 25) {
		*base = R_CONTEXT;
		*off = (int16_t)random_below(state, CONTEXT_SIZE - 8);
	} else if (kind < 45) {
		*base = R_STACK;
		*off = (int16_t)(-8 - (int)random_below(state, VOUCH_FRAME_SIZE - 8));
	} else if (kind < 61) {
		*base = R_WRITABLE;
		*off = (int16_t)random_below(state, REGION_SIZE - 8);
	} else if (kind < 63) {
		*off = (int16_t)(random_below(state, 2 * CONTEXT_SIZE) - CONTEXT_SIZE / 2);
	} else {
		*off = (int16_t)random_64(state);
	}
	if (!one_in(state, atomic ? 32 : 3))
		*off = (int16_t)(*off & ~7);
}

/* Near an access of one of the three instructions before, so that tests are shared (group.c). */
static void neighbour_address(
	uint64_t *state, const struct vouch_insn *slot, unsigned *reg, int16_t *off)
{
	const struct vouch_insn *other = slot - 1 - random_below(state, 3);
	unsigned class = other->opcode & 7;

	if (class == CLASS_LDX)
		*reg = vouch_src(other);
	else if (class == CLASS_ST || class == CLASS_STX)
		*reg = vouch_dst(other);
	else
		return;
	*off = (int16_t)(other->off + (int)random_below(state, 17) - 8);
}

static bool is_kept(uint64_t *state, unsigned reg)
{
	return (reg == R_CONTEXT || reg == R_WRITABLE) && !one_in(state, 32);
}

static void random_fields(uint64_t *state, const struct vouch_op_info *info, uint32_t pc,
	uint32_t count, struct vouch_insn *slot)
{
	unsigned dst =
		info->dst == REG_NONE ? 0 : random_below(state, info->dst == REG_R ? 11 : 10);
	unsigned src =
		info->src == REG_NONE ? 0 : random_below(state, info->src == REG_R ? 11 : 10);
	int32_t delta = one_in(state, 3) ? (int32_t)random_below(state, count) - (int32_t)pc - 1
	                                 : (int32_t)random_below(state, 4);

	if (info->dst != REG_R && is_kept(state, dst))
		dst = random_below(state, R_WRITABLE);
	if (info->src == REG_RW && is_kept(state, src))
		src = random_below(state, R_WRITABLE);
	*slot = (struct vouch_insn){.opcode = info->opcode};
	if (info->off == OFF_MEM) {
		unsigned *base = (info->opcode & 7) == CLASS_LDX ? &src : &dst;

		random_address(state, info->imm == IMM_SEL, base, &slot->off);
		if (one_in(state, 3))
			neighbour_address(state, slot, base, &slot->off);
	}
	if (info->off == OFF_JUMP)
		slot->off = (int16_t)delta;
	if (info->imm == IMM_JUMP)
		slot->imm = delta;
	if (info->imm == IMM_VALUE || info->imm == IMM_WIDE)
		slot->imm = random_imm(state);
	if (info->imm == IMM_HELPER)
		slot->imm = (int32_t)random_below(state, WORLD_HELPERS);
	if (info->imm == IMM_OBJECT)
		slot->imm = (int32_t)random_below(state, VOUCH_DATA_MAX);
	if (info->select == SELECT_OFF)
		slot->off = info->value;
	if (info->select == SELECT_IMM)
		slot->imm = info->value;
	if (info->select == SELECT_SRC)
		src = info->value;
	slot->regs = VOUCH_REGS(dst, src);
}

/* Rows that deserve to be frequent, and rows that end most runs. */
static enum vouch_op random_op(uint64_t *state)
{
	static const uint8_t frequent[] = {OP_ldxb, OP_ldxh, OP_ldxw, OP_ldxdw, OP_stxb, OP_stxh,
		OP_stxw, OP_stxdw, OP_call, OP_call_local, OP_lddw_object};
	enum vouch_op op = (enum vouch_op)random_below(state, OP_COUNT);

	if (one_in(state, 4))
		return (enum vouch_op)frequent[random_below(state, sizeof(frequent))];
	if ((op == OP_exit || op == OP_callx) && !one_in(state, 4))
		return OP_add64_k;
	return op;
}

/* rX = rY */
static struct vouch_insn random_move(uint64_t *state)
{
	unsigned dst = random_below(state, 9), src = random_below(state, 11);

	return (struct vouch_insn){.opcode = 0xbf, .regs = VOUCH_REGS(dst, src)};
}

/* Replace what the checker refuses, one instruction after the other. */
static void repair(uint64_t *state, struct vouch_insn *insns, uint32_t count)
{
	struct vouch_program program = {insns, count, 0};
	struct vouch_fault fault;

	for (uint32_t tries = 0; tries < 4 * count; tries++) {
		if (vouch_check(&program, NULL, VOUCH_ANY_HELPER, &fault) == VOUCH_OK)
			return;
		insns[fault.pc] = random_move(state);
		if (fault.pc + 1 < count && insns[fault.pc + 1].opcode == 0)
			insns[fault.pc + 1] = random_move(state);
	}
}

/* r9 = context, r8 = writable region, something in r3 to r5 */
static uint32_t begin(uint64_t *state, struct vouch_insn *insns)
{
	uint32_t pc = 0;

	insns[pc++] = (struct vouch_insn){.opcode = 0xbf, .regs = VOUCH_REGS(R_CONTEXT, 1)};
	insns[pc++] = (struct vouch_insn){
		.opcode = OPCODE_LDDW, .regs = VOUCH_REGS(R_WRITABLE, 6), .imm = 1};
	insns[pc++] = (struct vouch_insn){.imm = 0};
	for (unsigned reg = 3; reg < 6; reg++)
		insns[pc++] = (struct vouch_insn){
			.opcode = 0xb7, .regs = VOUCH_REGS(reg, 0), .imm = random_imm(state)};
	return pc;
}

uint32_t generate(uint64_t seed, struct vouch_insn *insns, uint32_t room)
{
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15 | 1;
	uint32_t count = 8 + random_below(&state, room - 8), pc;

	for (unsigned i = 0; i < 8; i++)
		random_64(&state);
	pc = begin(&state, insns);
	while (pc < count - 1) {
		const struct vouch_op_info *info = &vouch_ops[random_op(&state)];

		if (info->opcode == OPCODE_LDDW && pc + 2 >= count)
			continue;
		random_fields(&state, info, pc, count, &insns[pc]);
		if (info->imm == IMM_HELPER && insns[pc].imm == HELPER_ABSENT)
			insns[pc].imm = HELPER_MIX;
		if (info->opcode == OPCODE_LDDW)
			insns[++pc] = (struct vouch_insn){
				.imm = info->imm == IMM_OBJECT
			                       ? (int32_t)random_below(&state, REGION_SIZE)
			                       : random_imm(&state)};
		pc++;
	}
	insns[pc++] = (struct vouch_insn){.opcode = OPCODE_EXIT};
	repair(&state, insns, pc);
	return pc;
}

static uint32_t word(const uint8_t bytes[4])
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* The nearest thing to 8 bytes that is an instruction: row, registers, off, imm. */
static void decode(const uint8_t bytes[8], uint32_t pc, uint32_t count, struct vouch_insn *slot)
{
	const struct vouch_op_info *info = &vouch_ops[bytes[0] % OP_COUNT];
	unsigned dst = (bytes[1] & 15u) % (info->dst == REG_R ? 11 : 10);
	unsigned src = (unsigned)(bytes[1] >> 4) % (info->src == REG_R ? 11 : 10);
	int16_t off = (int16_t)(bytes[2] | bytes[3] << 8);
	uint32_t imm = word(bytes + 4);
	int32_t delta = (int32_t)(((uint32_t)(uint16_t)off ^ imm) % count) - (int32_t)pc - 1;

	*slot = (struct vouch_insn){.opcode = info->opcode};
	dst = info->dst == REG_NONE ? 0 : dst;
	src = info->select == SELECT_SRC ? info->value : info->src == REG_NONE ? 0 : src;
	slot->regs = VOUCH_REGS(dst, src);
	slot->off = info->off == OFF_SEL    ? info->value
	            : info->off == OFF_MEM  ? off
	            : info->off == OFF_JUMP ? (int16_t)delta
	                                    : 0;
	slot->imm = info->imm == IMM_SEL      ? info->value
	            : info->imm == IMM_VALUE  ? (int32_t)imm
	            : info->imm == IMM_WIDE   ? (int32_t)imm
	            : info->imm == IMM_JUMP   ? delta
	            : info->imm == IMM_HELPER ? (int32_t)(imm % WORLD_HELPERS)
	            : info->imm == IMM_OBJECT ? (int32_t)(imm % VOUCH_DATA_MAX)
	                                      : 0;
	if (info->imm == IMM_HELPER && slot->imm == HELPER_ABSENT)
		slot->imm = HELPER_MIX;
}

uint32_t generate_from(const uint8_t *bytes, size_t size, struct vouch_insn *insns, uint32_t room)
{
	uint64_t state = 1;
	uint32_t pc = begin(&state, insns), count = room;

	if (size / 8 < room - pc - 1)
		count = pc + (uint32_t)(size / 8) + 1;
	for (; pc < count - 1; pc++, bytes += 8) {
		decode(bytes, pc, count, &insns[pc]);
		/* The second half is the next 8 bytes' last four. */
		if (vouch_is_wide(&insns[pc]) && pc + 2 < count) {
			pc++;
			bytes += 8;
			insns[pc] = (struct vouch_insn){.imm = (int32_t)word(bytes + 4)};
		}
	}
	insns[pc++] = (struct vouch_insn){.opcode = OPCODE_EXIT};
	repair(&state, insns, pc);
	return pc;
}
