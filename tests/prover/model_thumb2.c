/* SPDX-License-Identifier: MIT */
/*
 * The Armv7-M model against Unicorn's Cortex-M4: for every instruction form that the model knows,
 * random and corner-case states, one step in each (also in IT blocks), and everything that can be
 * seen has to be the same. Encodings that the model refuses are drawn again, so that a model that
 * refuses too much is noticed, too: part of each form's draws has to be accepted.
 *
 *   model_thumb2 [STATES [FORM]]     states for each form, 20000 by default
 */
#include "prover/model/thumb2.h"
#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { CODE = 0x10000, AREA = 0x4000, DATA = 0x40000, PAGE = 0x1000, WINDOW = 128 };
enum { REFUSED_MAX = 63 }; /* of 64 draws */

/* Where a form's address comes from, to be chosen so that the access lies in the window. */
enum base { NO_BASE, BASE_5_3, BASE_10_8, BASE_SP, BASE_19_16 };

enum kind { PLAIN, NO_IT, IT_BLOCK, STREX };

struct form {
	const char *name;
	uint32_t match;  /* the constant bits; of 32-bit ones, the first halfword is on top */
	uint32_t random; /* bits that may have any value */
	enum base base;
	enum kind kind;
};

#define ALU_IMMEDIATE(name, op)                                                            \
	{                                                                                  \
		name " imm", 0xf0000000 | (uint32_t)(op) << 21, 0x041f7fff, NO_BASE, PLAIN \
	}
#define ALU_REGISTER(name, op)                                                             \
	{                                                                                  \
		name " reg", 0xea000000 | (uint32_t)(op) << 21, 0x001f7fff, NO_BASE, PLAIN \
	}
#define ALU(name, op) ALU_IMMEDIATE(name, op), ALU_REGISTER(name, op)
#define TEST(name, op)                                                                     \
	{name " imm", 0xf0100f00 | (uint32_t)(op) << 21, 0x040f70ff, NO_BASE, PLAIN},      \
	{                                                                                  \
		name " reg", 0xea100f00 | (uint32_t)(op) << 21, 0x000f70ff, NO_BASE, PLAIN \
	}
#define MOVE(name, op)                                                                     \
	{name " imm", 0xf00f0000 | (uint32_t)(op) << 21, 0x04107fff, NO_BASE, PLAIN},      \
	{                                                                                  \
		name " reg", 0xea0f0000 | (uint32_t)(op) << 21, 0x00107fff, NO_BASE, PLAIN \
	}
/* imm12; imm8 with P, U and W; register; and of loads the literal */
#define STORE(name, hw1)                                                                      \
	{name " imm12", (uint32_t)(hw1) << 16 | 0x800000, 0x000fffff, BASE_19_16, PLAIN},     \
		{name " imm8", (uint32_t)(hw1) << 16 | 0x800, 0x000ff7ff, BASE_19_16, PLAIN}, \
	{                                                                                     \
		name " reg", (uint32_t)(hw1) << 16, 0x000ff03f, BASE_19_16, PLAIN             \
	}
#define LOAD(name, hw1)                                                                      \
	STORE(name, hw1),                                                                    \
	{                                                                                    \
		name " literal", (uint32_t)(hw1) << 16 | 0xf0000, 0x0080ffff, NO_BASE, PLAIN \
	}

static const struct form forms[] = {
	/* 16 bits */
	{"lsl imm 16", 0x0000, 0x07ff, NO_BASE, PLAIN},
	{"lsr imm 16", 0x0800, 0x07ff, NO_BASE, PLAIN},
	{"asr imm 16", 0x1000, 0x07ff, NO_BASE, PLAIN},
	{"add, sub 3 operands 16", 0x1800, 0x07ff, NO_BASE, PLAIN},
	{"mov imm 16", 0x2000, 0x07ff, NO_BASE, PLAIN},
	{"cmp imm 16", 0x2800, 0x07ff, NO_BASE, PLAIN},
	{"add imm 16", 0x3000, 0x07ff, NO_BASE, PLAIN},
	{"sub imm 16", 0x3800, 0x07ff, NO_BASE, PLAIN},
	{"and 16", 0x4000, 0x003f, NO_BASE, PLAIN},
	{"eor 16", 0x4040, 0x003f, NO_BASE, PLAIN},
	{"lsl reg 16", 0x4080, 0x003f, NO_BASE, PLAIN},
	{"lsr reg 16", 0x40c0, 0x003f, NO_BASE, PLAIN},
	{"asr reg 16", 0x4100, 0x003f, NO_BASE, PLAIN},
	{"adc 16", 0x4140, 0x003f, NO_BASE, PLAIN},
	{"sbc 16", 0x4180, 0x003f, NO_BASE, PLAIN},
	{"ror reg 16", 0x41c0, 0x003f, NO_BASE, PLAIN},
	{"tst 16", 0x4200, 0x003f, NO_BASE, PLAIN},
	{"rsb 16", 0x4240, 0x003f, NO_BASE, PLAIN},
	{"cmp 16", 0x4280, 0x003f, NO_BASE, PLAIN},
	{"cmn 16", 0x42c0, 0x003f, NO_BASE, PLAIN},
	{"orr 16", 0x4300, 0x003f, NO_BASE, PLAIN},
	{"mul 16", 0x4340, 0x003f, NO_BASE, PLAIN},
	{"bic 16", 0x4380, 0x003f, NO_BASE, PLAIN},
	{"mvn 16", 0x43c0, 0x003f, NO_BASE, PLAIN},
	{"add high", 0x4400, 0x00ff, NO_BASE, PLAIN},
	{"cmp high", 0x4500, 0x00ff, NO_BASE, PLAIN},
	{"mov high", 0x4600, 0x00ff, NO_BASE, PLAIN},
	{"bx", 0x4700, 0x0078, NO_BASE, PLAIN},
	{"blx", 0x4780, 0x0078, NO_BASE, PLAIN},
	{"ldr literal 16", 0x4800, 0x07ff, NO_BASE, PLAIN},
	{"load, store reg 16", 0x5000, 0x0fff, BASE_5_3, PLAIN},
	{"str, ldr, strb, ldrb imm 16", 0x6000, 0x1fff, BASE_5_3, PLAIN},
	{"strh, ldrh imm 16", 0x8000, 0x0fff, BASE_5_3, PLAIN},
	{"str, ldr sp 16", 0x9000, 0x0fff, BASE_SP, PLAIN},
	{"adr, add sp 16", 0xa000, 0x0fff, NO_BASE, PLAIN},
	{"add, sub sp, imm7", 0xb000, 0x00ff, NO_BASE, PLAIN},
	{"cbz, cbnz", 0xb100, 0x0aff, NO_BASE, NO_IT},
	{"sxth, sxtb, uxth, uxtb 16", 0xb200, 0x00ff, NO_BASE, PLAIN},
	{"push", 0xb400, 0x01ff, BASE_SP, PLAIN},
	{"pop", 0xbc00, 0x01ff, BASE_SP, PLAIN},
	{"cps", 0xb662, 0x0010, NO_BASE, NO_IT},
	{"rev, rev16, revsh 16", 0xba00, 0x00ff, NO_BASE, PLAIN},
	{"nop, yield", 0xbf00, 0x0010, NO_BASE, PLAIN},
	{"it", 0xbf00, 0x00ff, NO_BASE, IT_BLOCK},
	{"stm 16", 0xc000, 0x07ff, BASE_10_8, PLAIN},
	{"ldm 16", 0xc800, 0x07ff, BASE_10_8, PLAIN},
	{"b<cond> 16", 0xd000, 0x0fff, NO_BASE, NO_IT},
	{"b 16", 0xe000, 0x07ff, NO_BASE, PLAIN},
	/* 32 bits */
	{"stm, stmdb", 0xe8000000, 0x01af5fff, BASE_19_16, PLAIN},
	{"ldm, ldmdb", 0xe8100000, 0x01afdfff, BASE_19_16, PLAIN},
	{"strd", 0xe8400000, 0x01afffff, BASE_19_16, PLAIN},
	{"ldrd", 0xe8500000, 0x01afffff, BASE_19_16, PLAIN},
	{"ldrd literal", 0xe95f0000, 0x0080ffff, NO_BASE, PLAIN},
	{"ldrex", 0xe8500f00, 0x000ff0ff, BASE_19_16, PLAIN},
	{"ldrexb", 0xe8d00f4f, 0x000ff000, BASE_19_16, PLAIN},
	{"ldrexh", 0xe8d00f5f, 0x000ff000, BASE_19_16, PLAIN},
	{"strex", 0xe8400000, 0x000fff00, BASE_19_16, STREX},
	{"strexb", 0xe8c00f40, 0x000ff00f, BASE_19_16, STREX},
	{"strexh", 0xe8c00f50, 0x000ff00f, BASE_19_16, STREX},
	{"tbb", 0xe8d0f000, 0x000f000f, BASE_19_16, PLAIN},
	{"tbh", 0xe8d0f010, 0x000f000f, BASE_19_16, PLAIN},
	ALU("and", 0),
	ALU("bic", 1),
	ALU("orr", 2),
	ALU("orn", 3),
	ALU("eor", 4),
	ALU("add", 8),
	ALU("adc", 10),
	ALU("sbc", 11),
	ALU("sub", 13),
	ALU("rsb", 14),
	TEST("tst", 0),
	TEST("teq", 4),
	TEST("cmn", 8),
	TEST("cmp", 13),
	MOVE("mov", 2),
	MOVE("mvn", 3),
	{"add sp imm", 0xf10d0000, 0x04107fff, NO_BASE, PLAIN},
	{"sub sp imm", 0xf1ad0000, 0x04107fff, NO_BASE, PLAIN},
	{"add sp reg", 0xeb0d0000, 0x00100fcf, NO_BASE, PLAIN},
	{"sub sp reg", 0xebad0000, 0x00100fcf, NO_BASE, PLAIN},
	{"addw", 0xf2000000, 0x040f7fff, NO_BASE, PLAIN},
	{"subw", 0xf2a00000, 0x040f7fff, NO_BASE, PLAIN},
	{"adr forward", 0xf20f0000, 0x04007fff, NO_BASE, PLAIN},
	{"adr backward", 0xf2af0000, 0x04007fff, NO_BASE, PLAIN},
	{"movw", 0xf2400000, 0x040f7fff, NO_BASE, PLAIN},
	{"movt", 0xf2c00000, 0x040f7fff, NO_BASE, PLAIN},
	{"sbfx", 0xf3400000, 0x000f7fdf, NO_BASE, PLAIN},
	{"ubfx", 0xf3c00000, 0x000f7fdf, NO_BASE, PLAIN},
	{"bfi", 0xf3600000, 0x000f7fdf, NO_BASE, PLAIN},
	{"bfc", 0xf36f0000, 0x00007fdf, NO_BASE, PLAIN},
	{"b<cond> 32", 0xf0008000, 0x07ff2fff, NO_BASE, NO_IT},
	{"b 32", 0xf0009000, 0x07ff2fff, NO_BASE, PLAIN},
	{"bl", 0xf000d000, 0x07ff2fff, NO_BASE, PLAIN},
	{"msr primask", 0xf3808810, 0x000f0000, NO_BASE, PLAIN},
	{"mrs primask", 0xf3ef8010, 0x00000f00, NO_BASE, PLAIN},
	{"nop 32", 0xf3af8000, 0x00000001, NO_BASE, PLAIN},
	{"clrex", 0xf3bf8f2f, 0, NO_BASE, PLAIN},
	{"dsb", 0xf3bf8f4f, 0, NO_BASE, PLAIN},
	{"dmb", 0xf3bf8f5f, 0, NO_BASE, PLAIN},
	{"isb", 0xf3bf8f6f, 0, NO_BASE, PLAIN},
	STORE("strb", 0xf800),
	STORE("strh", 0xf820),
	STORE("str", 0xf840),
	LOAD("ldrb", 0xf810),
	LOAD("ldrh", 0xf830),
	LOAD("ldr", 0xf850),
	LOAD("ldrsb", 0xf910),
	LOAD("ldrsh", 0xf930),
	{"lsl reg", 0xfa00f000, 0x001f0f0f, NO_BASE, PLAIN},
	{"lsr reg", 0xfa20f000, 0x001f0f0f, NO_BASE, PLAIN},
	{"asr reg", 0xfa40f000, 0x001f0f0f, NO_BASE, PLAIN},
	{"ror reg", 0xfa60f000, 0x001f0f0f, NO_BASE, PLAIN},
	{"sxth", 0xfa0ff080, 0x00000f3f, NO_BASE, PLAIN},
	{"uxth", 0xfa1ff080, 0x00000f3f, NO_BASE, PLAIN},
	{"sxtb", 0xfa4ff080, 0x00000f3f, NO_BASE, PLAIN},
	{"uxtb", 0xfa5ff080, 0x00000f3f, NO_BASE, PLAIN},
	{"sxtah, uxtah", 0xfa00f080, 0x001f0f3f, NO_BASE, PLAIN},
	{"sxtab, uxtab", 0xfa40f080, 0x001f0f3f, NO_BASE, PLAIN},
	{"rev, rev16, rbit, revsh", 0xfa90f080, 0x000f0f3f, NO_BASE, PLAIN},
	{"clz", 0xfab0f080, 0x000f0f0f, NO_BASE, PLAIN},
	{"mul", 0xfb00f000, 0x000f0f0f, NO_BASE, PLAIN},
	{"mla", 0xfb000000, 0x000fff0f, NO_BASE, PLAIN},
	{"mls", 0xfb000010, 0x000fff0f, NO_BASE, PLAIN},
	{"smull", 0xfb800000, 0x000fff0f, NO_BASE, PLAIN},
	{"umull", 0xfba00000, 0x000fff0f, NO_BASE, PLAIN},
	{"smlal", 0xfbc00000, 0x000fff0f, NO_BASE, PLAIN},
	{"umlal", 0xfbe00000, 0x000fff0f, NO_BASE, PLAIN},
	{"umaal", 0xfbe00060, 0x000fff0f, NO_BASE, PLAIN},
	{"sdiv", 0xfb90f0f0, 0x000f0f0f, NO_BASE, PLAIN},
	{"udiv", 0xfbb0f0f0, 0x000f0f0f, NO_BASE, PLAIN},
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* What both sides have: r0 to r12, sp, lr, pc, the flags in bits 31 to 28, PRIMASK. */
enum { R_SP = 13, R_PC = 15, R_FLAGS = 16, R_PRIMASK = 17, REGS = 18 };

struct state {
	uint32_t r[REGS];
	uint8_t code[32], data[WINDOW];
	unsigned steps;
};

/* The model's surroundings. */
struct world {
	struct terms *tc;
	struct state *state;
	const uint8_t
		*area; /* AREA bytes around CODE, which is in the middle; literals are there */
	bool probing;  /* nothing is accessed, but the first address is kept */
	bool accessed;
	uint32_t first;
};

static uint32_t random_32(void)
{
	return (uint32_t)(draw_64() >> 32);
}

/* Where an access lies: in the code, in the area around it, or in the window. NULL: nowhere. */
static uint8_t *bytes_at(struct world *w, uint64_t address, unsigned bytes)
{
	if (address - DATA <= WINDOW - bytes)
		return w->state->data + (address - DATA);
	if (address - CODE <= sizeof(w->state->code) - bytes)
		return w->state->code + (address - CODE);
	return NULL;
}

static term load_bytes(struct model_env *env, term address, unsigned bytes)
{
	struct world *w = env->user;
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++) {
		uint64_t at = term_value(address) + i, in_area = at - (CODE - AREA / 2);
		const uint8_t *byte = bytes_at(w, at, 1);

		if (!byte && in_area < AREA)
			byte = w->area + in_area;
		if (!byte)
			return model_stop(env, "load outside"), NULL;
		value |= (uint64_t)*byte << 8 * i;
	}
	return bv_const(env->tc, 8 * bytes, value);
}

static bool probed(struct world *w, term address)
{
	if (!w->accessed)
		w->first = (uint32_t)term_value(address);
	w->accessed = true;
	return w->probing;
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	return probed(env->user, address) ? bv_const(env->tc, 8 * bytes, 1)
	                                  : load_bytes(env, address, bytes);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	uint64_t at = term_value(address), number = term_value(value);
	struct world *w = env->user;

	if (probed(w, address))
		return true;
	if (at - DATA > WINDOW - bytes)
		return model_stop(env, "store outside");
	memcpy(w->state->data + (at - DATA), &number, bytes);
	return true;
}

static int branch(struct model_env *env, term condition)
{
	(void)condition;
	model_stop(env, "a condition that is not constant in a run of constants");
	return -1;
}

static term flag(struct terms *tc, uint32_t flags, unsigned bit)
{
	return bool_const(tc, flags >> bit & 1);
}

static bool step_model(struct world *w, struct state *state)
{
	struct terms *tc = w->tc;
	struct model_env env = {.tc = tc,
		.user = w,
		.fetch = load_bytes,
		.load = load,
		.store = store,
		.branch = branch};
	uint32_t mark = terms_mark(tc);
	struct thumb2 m;
	bool ok = true;

	w->state = state;
	w->accessed = false;
	thumb2_init(&m, &env, bv_const(tc, 32, state->r[R_PC]));
	for (unsigned i = 0; i < 15; i++)
		m.r[i] = bv_const(tc, 32, state->r[i]);
	m.n = flag(tc, state->r[R_FLAGS], 31);
	m.z = flag(tc, state->r[R_FLAGS], 30);
	m.c = flag(tc, state->r[R_FLAGS], 29);
	m.v = flag(tc, state->r[R_FLAGS], 28);
	m.primask = flag(tc, state->r[R_PRIMASK], 0);
	for (unsigned i = 0; i < state->steps && ok; i++)
		ok = thumb2_step(&m);
	for (unsigned i = 0; i < 15; i++)
		state->r[i] = (uint32_t)term_value(m.r[i]);
	state->r[R_PC] = (uint32_t)term_value(m.pc);
	state->r[R_FLAGS] = (uint32_t)term_value(m.n) << 31 | (uint32_t)term_value(m.z) << 30 |
	                    (uint32_t)term_value(m.c) << 29 | (uint32_t)term_value(m.v) << 28;
	state->r[R_PRIMASK] = (uint32_t)term_value(m.primask);
	terms_reset(tc, mark);
	return ok;
}

static void step_unicorn(uc_engine *uc, struct state *state)
{
	int id[REGS] = {UC_ARM_REG_R0, UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4,
		UC_ARM_REG_R5, UC_ARM_REG_R6, UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9,
		UC_ARM_REG_R10, UC_ARM_REG_R11, UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR,
		UC_ARM_REG_PC, UC_ARM_REG_XPSR, UC_ARM_REG_PRIMASK};
	uint32_t start = state->r[R_PC];
	void *value[REGS];

	state->r[R_FLAGS] |= 1u << 24; /* Thumb */
	for (unsigned i = 0; i < REGS; i++)
		value[i] = &state->r[i];
	uc_mem_write(uc, CODE, state->code, sizeof(state->code));
	/* It keeps translations of code that was overwritten. */
	uc_ctl_remove_cache(uc, CODE, CODE + sizeof(state->code));
	uc_mem_write(uc, DATA, state->data, WINDOW);
	uc_reg_write_batch(uc, id, value, REGS);
	/* After a jump, it looks at what is there; what it says of that is no matter. If it refuses
	 * the instruction itself, the states differ. */
	uc_emu_start(uc, start | 1, 0, 0, state->steps);
	uc_reg_read_batch(uc, id, value, REGS);
	state->r[R_FLAGS] &= 0xf0000000;
	uc_mem_read(uc, DATA, state->data, WINDOW);
}

static size_t put_16(struct state *state, size_t at, uint32_t halfword)
{
	state->code[at] = (uint8_t)halfword;
	state->code[at + 1] = (uint8_t)(halfword >> 8);
	return at + 2;
}

static size_t put(struct state *state, size_t at, uint32_t insn)
{
	if (insn >> 16)
		at = put_16(state, at, insn >> 16);
	return put_16(state, at, insn & 0xffff);
}

static unsigned base_register(const struct form *form, uint32_t insn)
{
	switch (form->base) {
	case BASE_5_3:
		return insn >> 3 & 7;
	case BASE_10_8:
		return insn >> 8 & 7;
	case BASE_19_16:
		return insn >> 16 & 15;
	default:
		return R_SP;
	}
}

/* One instruction of the form, and what has to come before or after it. */
static uint32_t assemble(struct state *state, const struct form *form)
{
	uint32_t insn = form->match | (random_32() & form->random);
	size_t at = 0;

	if (form->kind == IT_BLOCK && (insn & 15) == 0) /* a hint; Unicorn ends its run there */
		insn |= 8;
	state->steps = 1;
	if (form->kind == STREX) {
		/* Reserved by ldrex, ldrexb or ldrexh into r12, or not. */
		uint32_t ldrex = (form->match >> 16) == 0xe840 ? 0xe850cf00
		                                               : (form->match & 0xf0) | 0xe8d0cf0f;

		at = put(state, at, random_32() & 1 ? ldrex | (insn & 0xf0000) : 0xf3bf8f2f);
		state->steps++;
	} else if (form->kind == PLAIN && (random_32() & 3) == 0) {
		at = put(state, at, 0xbf08 | random_32() % 14 << 4);
		state->steps++;
	}
	at = put(state, at, insn);
	if (form->kind == IT_BLOCK) {
		/* mov r, cmp and adds in the block, which is up to four instructions long */
		static const uint32_t block[] = {0x2000, 0x2800, 0x3000, 0x1800};

		for (unsigned i = 0; i < 5; i++)
			at = put(state, at, block[random_32() & 3] | (random_32() & 0x7ff));
		state->steps += 5;
	}
	/* Unicorn doesn't count what an IT block skips and runs that much more: `b .` */
	while (at < sizeof(state->code))
		at = put(state, at, 0xe7fe);
	return insn;
}

static void randomize(struct state *state)
{
	memset(state, 0, sizeof(*state));
	for (unsigned i = 0; i < 15; i++)
		state->r[i] = (uint32_t)draw_value();
	state->r[R_SP] &= ~(uint32_t)3;
	state->r[R_PC] = CODE;
	state->r[R_FLAGS] = random_32() & 0xf0000000;
	state->r[R_PRIMASK] = random_32() & 1;
	for (unsigned i = 0; i < WINDOW; i += 4) {
		uint32_t value = (uint32_t)draw_value();

		memcpy(state->data + i, &value, 4);
	}
}

/* A state that the model accepts, and what it makes of it; or false: draw again. */
static bool draw(struct world *w, const struct form *form, struct state *state, struct state *after)
{
	struct state probe;
	uint32_t insn, address;

	randomize(state);
	insn = assemble(state, form);
	if (form->base != NO_BASE) {
		unsigned base = base_register(form, insn);

		if (base == R_PC)
			return false;
		/* Aligned first, since else there is no address to be seen; then often not. */
		probe = *state;
		probe.r[base] &= ~(uint32_t)3;
		w->probing = true;
		step_model(w, &probe);
		w->probing = false;
		address = DATA + WINDOW / 2 + random_32() % (WINDOW / 2 - 8) -
		          (random_32() & 1 ? WINDOW / 2 - 8 : 0);
		if (random_32() & 1)
			address &= ~(uint32_t)3;
		if (w->accessed)
			state->r[base] = (state->r[base] & ~(uint32_t)3) + address - w->first;
		state->r[R_SP] &= ~(uint32_t)3;
	}
	*after = *state;
	/* What Cortex-M has at the top (EXC_RETURN) is not code. */
	return step_model(w, after) && after->r[R_PC] < 0xe0000000;
}

static bool same(const struct state *a, const struct state *b, const char *name)
{
	/* Unicorn 2.0.1 keeps bits 1 and 0 of a sum in sp, which the manual (B1.4.7) says are 0. */
	for (unsigned i = 0; i < REGS; i++)
		if (a->r[i] != (i == R_SP ? b->r[i] & ~(uint32_t)3 : b->r[i])) {
			printf("%s: %s%u = 0x%" PRIx32 ", Unicorn has 0x%" PRIx32 "\n", name,
				i == R_FLAGS ? "flags, r" : "r", i, a->r[i], b->r[i]);
			return false;
		}
	if (memcmp(a->data, b->data, WINDOW) != 0) {
		printf("%s: memory differs\n", name);
		return false;
	}
	return true;
}

static bool check_form(struct world *w, uc_engine *uc, const struct form *form, unsigned states)
{
	uint64_t draws = 0;

	for (unsigned i = 0; i < states; draws++) {
		struct state start, model, unicorn;

		if (draws - i > 1000 + (uint64_t)i * REFUSED_MAX) {
			printf("%s: the model refuses nearly everything\n", form->name);
			return false;
		}
		if (!draw(w, form, &start, &model))
			continue;
		unicorn = start;
		step_unicorn(uc, &unicorn);
		if (!same(&model, &unicorn, form->name)) {
			printf("  state %u, code", i);
			for (unsigned j = 0; j < 12; j += 2)
				printf(" %02x%02x", start.code[j + 1], start.code[j]);
			printf("\n");
			return false;
		}
		i++;
	}
	return true;
}

static uc_engine *open_unicorn(uint8_t *area)
{
	uc_engine *uc;

	for (unsigned i = 0; i < AREA; i++)
		area[i] = (uint8_t)random_32();
	if (uc_open(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS, &uc) != UC_ERR_OK ||
		uc_ctl_set_cpu_model(uc, UC_CPU_ARM_CORTEX_M4) != UC_ERR_OK ||
		uc_mem_map(uc, CODE - AREA / 2, AREA, UC_PROT_ALL) != UC_ERR_OK ||
		uc_mem_write(uc, CODE - AREA / 2, area, AREA) != UC_ERR_OK ||
		uc_mem_map(uc, DATA, PAGE, UC_PROT_ALL) != UC_ERR_OK) {
		fprintf(stderr, "Unicorn cannot be started\n");
		exit(1);
	}
	return uc;
}

int main(int argc, char **argv)
{
	unsigned states = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000, passed = 0,
		 failed = 0;
	uint8_t area[AREA];
	struct world world = {.tc = terms_new(TERMS_REWRITE), .area = area};

	for (unsigned i = 0; i < FORMS; i++) {
		uc_engine *uc;

		if (argc > 2 && strcmp(argv[2], forms[i].name) != 0)
			continue;
		/* One for each form: Unicorn 2.0.1 doesn't last for millions of starts. */
		uc = open_unicorn(area);
		if (check_form(&world, uc, &forms[i], states))
			passed++;
		else
			failed++;
		uc_close(uc);
	}
	terms_free(world.tc);
	printf("Thumb-2: %u passed, %u failed, %u states a form\n", passed, failed, states);
	return failed != 0;
}
