/* SPDX-License-Identifier: MIT */
/*
 * The RISC-V model against Unicorn, an emulator that shares nothing with it: for every instruction
 * that the model knows, random and corner-case states, one step in each, and everything that can be
 * seen has to be the same.
 *
 *   model_rv [STATES]     states for each instruction, 20000 by default
 */
#include "prover/model/rv.h"
#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { CODE = 0x10000, DATA = 0x20000, PAGE = 0x1000, WINDOW = 64 };

/* What a form's fields may be. */
enum format { R, I, SHIFT, SHIFTW, S, B, U, J, AMO, LR, C_ANY, C_NZ, C_MEM0, C_SP, C_JR, C_RR };

struct form {
	const char *name;
	uint32_t match;  /* the constant bits */
	uint32_t random; /* bits that may have any value */
	enum format format;
	unsigned xlen;  /* 32, 64, or 0: both */
	unsigned bytes; /* of an access */
};

#define OP_R(name, f7, f3, xlen)                                             \
	{                                                                    \
		name, (f7) << 25 | (f3) << 12 | 0x33, 0x01ff8f80, R, xlen, 0 \
	}
#define OP_RW(name, f7, f3)                                                \
	{                                                                  \
		name, (f7) << 25 | (f3) << 12 | 0x3b, 0x01ff8f80, R, 64, 0 \
	}
#define OP_I(name, f3)                                       \
	{                                                    \
		name, (f3) << 12 | 0x13, 0xffff8f80, I, 0, 0 \
	}
#define OP_LOAD(name, f3, n, xlen)                              \
	{                                                       \
		name, (f3) << 12 | 0x03, 0xffff8f80, I, xlen, n \
	}
#define OP_STORE(name, f3, n, xlen)                             \
	{                                                       \
		name, (f3) << 12 | 0x23, 0xffff8f80, S, xlen, n \
	}
#define OP_B(name, f3)                                       \
	{                                                    \
		name, (f3) << 12 | 0x63, 0xffff8f80, B, 0, 0 \
	}
#define OP_A(name, f5)                                                           \
	{name ".w", (uint32_t)(f5) << 27 | 0x202f, 0x07ff8f80, AMO, 0, 4},       \
	{                                                                        \
		name ".d", (uint32_t)(f5) << 27 | 0x302f, 0x07ff8f80, AMO, 64, 8 \
	}

static const struct form forms[] = {
	{"lui", 0x37, 0xffffff80, U, 0, 0},
	{"auipc", 0x17, 0xffffff80, U, 0, 0},
	{"jal", 0x6f, 0xffffff80, J, 0, 0},
	{"jalr", 0x67, 0xffff8f80, I, 0, 0},
	OP_B("beq", 0),
	OP_B("bne", 1),
	OP_B("blt", 4),
	OP_B("bge", 5),
	OP_B("bltu", 6),
	OP_B("bgeu", 7),
	OP_LOAD("lb", 0, 1, 0),
	OP_LOAD("lh", 1, 2, 0),
	OP_LOAD("lw", 2, 4, 0),
	OP_LOAD("ld", 3, 8, 64),
	OP_LOAD("lbu", 4, 1, 0),
	OP_LOAD("lhu", 5, 2, 0),
	OP_LOAD("lwu", 6, 4, 64),
	OP_STORE("sb", 0, 1, 0),
	OP_STORE("sh", 1, 2, 0),
	OP_STORE("sw", 2, 4, 0),
	OP_STORE("sd", 3, 8, 64),
	OP_I("addi", 0),
	OP_I("slti", 2),
	OP_I("sltiu", 3),
	OP_I("xori", 4),
	OP_I("ori", 6),
	OP_I("andi", 7),
	{"slli", 0x00001013, 0x03ff8f80, SHIFT, 0, 0},
	{"srli", 0x00005013, 0x03ff8f80, SHIFT, 0, 0},
	{"srai", 0x40005013, 0x03ff8f80, SHIFT, 0, 0},
	{"addiw", 0x0000001b, 0xffff8f80, I, 64, 0},
	{"slliw", 0x0000101b, 0x01ff8f80, SHIFTW, 64, 0},
	{"srliw", 0x0000501b, 0x01ff8f80, SHIFTW, 64, 0},
	{"sraiw", 0x4000501b, 0x01ff8f80, SHIFTW, 64, 0},
	OP_R("add", 0, 0, 0),
	OP_R("sub", 0x20u, 0, 0),
	OP_R("sll", 0, 1, 0),
	OP_R("slt", 0, 2, 0),
	OP_R("sltu", 0, 3, 0),
	OP_R("xor", 0, 4, 0),
	OP_R("srl", 0, 5, 0),
	OP_R("sra", 0x20u, 5, 0),
	OP_R("or", 0, 6, 0),
	OP_R("and", 0, 7, 0),
	OP_R("mul", 1, 0, 0),
	OP_R("mulh", 1, 1, 0),
	OP_R("mulhsu", 1, 2, 0),
	OP_R("mulhu", 1, 3, 0),
	OP_R("div", 1, 4, 0),
	OP_R("divu", 1, 5, 0),
	OP_R("rem", 1, 6, 0),
	OP_R("remu", 1, 7, 0),
	OP_RW("addw", 0, 0),
	OP_RW("subw", 0x20u, 0),
	OP_RW("sllw", 0, 1),
	OP_RW("srlw", 0, 5),
	OP_RW("sraw", 0x20u, 5),
	OP_RW("mulw", 1, 0),
	OP_RW("divw", 1, 4),
	OP_RW("divuw", 1, 5),
	OP_RW("remw", 1, 6),
	OP_RW("remuw", 1, 7),
	OP_A("amoadd", 0x00),
	OP_A("amoswap", 0x01),
	OP_A("amoxor", 0x04),
	OP_A("amoor", 0x08),
	OP_A("amoand", 0x0c),
	OP_A("amomin", 0x10),
	OP_A("amomax", 0x14),
	OP_A("amominu", 0x18),
	OP_A("amomaxu", 0x1c),
	{"lr.w", 0x1000202f, 0x060f8f80, LR, 0, 4},
	{"lr.d", 0x1000302f, 0x060f8f80, LR, 64, 8},
	{"fence", 0x0000000f, 0x0ff00000, U, 0, 0},
	{"c.addi4spn", 0x0000, 0x1ffc, C_NZ, 0, 0},
	{"c.lw", 0x4000, 0x1ffc, C_MEM0, 0, 4},
	{"c.sw", 0xc000, 0x1ffc, C_MEM0, 0, 4},
	{"c.ld", 0x6000, 0x1ffc, C_MEM0, 64, 8},
	{"c.sd", 0xe000, 0x1ffc, C_MEM0, 64, 8},
	{"c.addi", 0x0001, 0x1ffc, C_ANY, 0, 0},
	{"c.addiw", 0x2001, 0x1ffc, C_RR, 64, 0},
	{"c.jal", 0x2001, 0x1ffc, C_ANY, 32, 0},
	{"c.li", 0x4001, 0x1ffc, C_ANY, 0, 0},
	{"c.lui", 0x6001, 0x1ffc, C_NZ, 0, 0},
	{"c.srli", 0x8001, 0x03fc, C_ANY, 0, 0},
	{"c.srli64", 0x9001, 0x03fc, C_ANY, 64, 0},
	{"c.srai", 0x8401, 0x03fc, C_ANY, 0, 0},
	{"c.srai64", 0x9401, 0x03fc, C_ANY, 64, 0},
	{"c.andi", 0x8801, 0x13fc, C_ANY, 0, 0},
	{"c.sub", 0x8c01, 0x039c, C_ANY, 0, 0},
	{"c.xor", 0x8c21, 0x039c, C_ANY, 0, 0},
	{"c.or", 0x8c41, 0x039c, C_ANY, 0, 0},
	{"c.and", 0x8c61, 0x039c, C_ANY, 0, 0},
	{"c.subw", 0x9c01, 0x039c, C_ANY, 64, 0},
	{"c.addw", 0x9c21, 0x039c, C_ANY, 64, 0},
	{"c.j", 0xa001, 0x1ffc, C_ANY, 0, 0},
	{"c.beqz", 0xc001, 0x1ffc, C_ANY, 0, 0},
	{"c.bnez", 0xe001, 0x1ffc, C_ANY, 0, 0},
	{"c.slli", 0x0002, 0x0ffc, C_RR, 0, 0},
	{"c.slli64", 0x1002, 0x0ffc, C_RR, 64, 0},
	{"c.lwsp", 0x4002, 0x1ffc, C_SP, 0, 4},
	{"c.ldsp", 0x6002, 0x1ffc, C_SP, 64, 8},
	{"c.swsp", 0xc002, 0x1ffc, C_SP, 0, 4},
	{"c.sdsp", 0xe002, 0x1ffc, C_SP, 64, 8},
	{"c.jr", 0x8002, 0x0f80, C_JR, 0, 0},
	{"c.jalr", 0x9002, 0x0f80, C_JR, 0, 0},
	{"c.mv", 0x8002, 0x0ffc, C_RR, 0, 0},
	{"c.add", 0x9002, 0x0ffc, C_RR, 0, 0},
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* A machine's state, as both sides see it. */
struct state {
	uint64_t x[32], pc;
	uint8_t code[4], data[PAGE];
};

static uint64_t to_xlen(uint64_t value, unsigned xlen)
{
	return xlen == 32 ? (uint32_t)value : value;
}

/* The model's surroundings: the state's own bytes. */

static struct state *state_of(struct model_env *env)
{
	return env->user;
}

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	uint64_t at = term_value(address) - CODE;
	uint32_t insn = 0;

	if (at != 0)
		return NULL;
	memcpy(&insn, state_of(env)->code, bytes);
	return bv_const(env->tc, 8 * bytes, insn);
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	uint64_t at = term_value(address) - DATA, value = 0;

	if (at > PAGE - bytes)
		return model_stop(env, "load outside"), NULL;
	memcpy(&value, state_of(env)->data + at, bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	uint64_t at = term_value(address) - DATA, number = term_value(value);

	if (at > PAGE - bytes)
		return model_stop(env, "store outside");
	memcpy(state_of(env)->data + at, &number, bytes);
	return true;
}

static int branch(struct model_env *env, term condition)
{
	(void)condition;
	model_stop(env, "a condition that is not constant in a run of constants");
	return -1;
}

static bool step_model(struct terms *tc, unsigned xlen, struct state *state, char reason[160])
{
	struct model_env env = {.tc = tc,
		.user = state,
		.fetch = fetch,
		.load = load,
		.store = store,
		.branch = branch};
	uint32_t mark = terms_mark(tc);
	struct rv rv;
	bool ok;

	rv_init(&rv, &env, xlen, bv_const(tc, xlen, state->pc));
	for (unsigned i = 1; i < 32; i++)
		rv.x[i] = bv_const(tc, xlen, state->x[i]);
	ok = rv_step(&rv);
	for (unsigned i = 0; i < 32 && ok; i++)
		state->x[i] = term_value(rv.x[i]);
	if (ok)
		state->pc = term_value(rv.pc);
	memcpy(reason, env.reason, 160);
	terms_reset(tc, mark);
	return ok;
}

static void step_unicorn(uc_engine *uc, struct state *state)
{
	uc_err error;

	uc_mem_write(uc, CODE, state->code, 4);
	uc_ctl_remove_cache(
		uc, CODE, CODE + PAGE); /* it keeps translations of code that was overwritten */
	uc_mem_write(uc, DATA, state->data, WINDOW);
	for (int i = 1; i < 32; i++)
		uc_reg_write(uc, UC_RISCV_REG_X0 + i, &state->x[i]);
	error = uc_emu_start(uc, state->pc, 0, 0, 1);
	/* After a jump, Unicorn looks for the next instruction; that there is none is no matter. */
	if (error != UC_ERR_OK && error != UC_ERR_FETCH_UNMAPPED) {
		fprintf(stderr, "Unicorn: %s\n", uc_strerror(error));
		exit(1);
	}
	for (int i = 1; i < 32; i++)
		uc_reg_read(uc, UC_RISCV_REG_X0 + i, &state->x[i]);
	uc_reg_read(uc, UC_RISCV_REG_PC, &state->pc);
	uc_mem_read(uc, DATA, state->data, WINDOW);
}

/* The address that an access computes has to lie in the window: choose it, and work the base
 * register out. */
static void aim(struct state *state, const struct form *form, uint32_t insn, unsigned xlen)
{
	uint64_t address = DATA + 8 + draw_64() % (WINDOW - 24);
	unsigned base = insn >> 15 & 31;
	int64_t offset = 0;

	if (form->format == AMO || form->format == LR)
		address &= ~(uint64_t)(form->bytes - 1);
	if (form->format == I)
		offset = (int32_t)insn >> 20;
	if (form->format == S)
		offset = (int64_t)((int32_t)(insn & 0xfe000000) >> 20) | (insn >> 7 & 31);
	if (form->format == C_MEM0) {
		base = 8 + (insn >> 7 & 7);
		offset = form->bytes == 8
		                 ? (insn >> 7 & 0x38) | (insn << 1 & 0xc0)
		                 : (insn >> 7 & 0x38) | (insn >> 4 & 4) | (insn << 1 & 0x40);
	}
	if (form->format == C_SP) {
		bool is_store = (insn & 0x8000) != 0;

		base = 2;
		if (is_store)
			offset = form->bytes == 8 ? (insn >> 7 & 0x38) | (insn >> 1 & 0x1c0)
			                          : (insn >> 7 & 0x3c) | (insn >> 1 & 0xc0);
		else
			offset = form->bytes == 8 ? (insn >> 7 & 0x20) | (insn >> 2 & 0x18) |
			                                    (insn << 4 & 0x1c0)
			                          : (insn >> 7 & 0x20) | (insn >> 2 & 0x1c) |
			                                    (insn << 4 & 0xc0);
	}
	state->x[base] = to_xlen(address - (uint64_t)offset, xlen);
}

/* An encoding of the form. Those that the manual reserves, or has for something else, are drawn
 * again. */
static uint32_t random_insn(const struct form *form, unsigned xlen)
{
	for (;;) {
		uint32_t insn = form->match | ((uint32_t)draw_64() & form->random);
		unsigned rd = insn >> 7 & 31, rs1 = insn >> 15 & 31;

		if (form->format == SHIFT && xlen == 32 && (insn >> 25 & 1))
			continue;
		if (form->bytes &&
			(form->format == I || form->format == S || form->format == AMO ||
				form->format == LR) &&
			rs1 == 0)
			continue;
		if (form->format == C_NZ &&
			(form->match == 0 ? (insn & 0x1fe0) == 0 : (insn & 0x107c) == 0))
			continue;
		if ((form->format == C_RR || form->format == C_JR) && rd == 0)
			continue;
		if (form->format == C_RR && (form->match & 0xf003) != 0x2001 &&
			(form->match & 0xe003) == 0x8002 && (insn >> 2 & 31) == 0)
			continue;
		if (form->format == C_SP && !(insn & 0x8000) && rd == 0)
			continue;
		/* Hints: shifts by 0, c.lui to x0, which Unicorn and the manual treat as nops; c.mv
		 * and c.add to x0. */
		if (strcmp(form->name, "c.lui") == 0 && rd == 0)
			continue;
		return insn;
	}
}

static struct state random_machine(const struct form *form, unsigned xlen)
{
	uint32_t insn = random_insn(form, xlen);
	struct state state = {.pc = CODE};

	memcpy(state.code, &insn, 4);
	for (unsigned i = 1; i < 32; i++)
		state.x[i] = to_xlen(draw_value(), xlen);
	for (unsigned i = 0; i < WINDOW; i += 8) {
		uint64_t value = draw_value();

		memcpy(state.data + i, &value, 8);
	}
	/*
	 * Unicorn 2.0.1 takes words in memory as unsigned for amomin.w and its like on RV64 (an old
	 * bug of QEMU's; 7.2 has what the manual says), so they are compared on non-negative words
	 * only.
	 */
	if (form->format == AMO && form->bytes == 4 && strncmp(form->name, "amom", 4) == 0 &&
		xlen == 64) {
		state.x[insn >> 20 & 31] &= 0x7fffffff;
		for (unsigned i = 3; i < WINDOW; i += 4)
			state.data[i] &= 0x7f;
	}
	state.x[0] = 0;
	if (form->bytes)
		aim(&state, form, insn, xlen);
	return state;
}

static bool same(const struct state *a, const struct state *b, unsigned xlen, const char *name)
{
	for (unsigned i = 1; i < 32; i++)
		if (to_xlen(a->x[i], xlen) != to_xlen(b->x[i], xlen)) {
			printf("%s: x%u = 0x%" PRIx64 ", Unicorn has 0x%" PRIx64 "\n", name, i,
				a->x[i], b->x[i]);
			return false;
		}
	if (to_xlen(a->pc, xlen) != to_xlen(b->pc, xlen)) {
		printf("%s: pc = 0x%" PRIx64 ", Unicorn has 0x%" PRIx64 "\n", name, a->pc, b->pc);
		return false;
	}
	if (memcmp(a->data, b->data, WINDOW) != 0) {
		printf("%s: memory differs\n", name);
		return false;
	}
	return true;
}

static bool check_form(
	struct terms *tc, uc_engine *uc, const struct form *form, unsigned xlen, unsigned states)
{
	for (unsigned i = 0; i < states; i++) {
		struct state start = random_machine(form, xlen), model = start, unicorn = start;
		uint32_t insn;
		char reason[160];

		memcpy(&insn, start.code, 4);
		if (!step_model(tc, xlen, &model, reason)) {
			printf("%s (0x%08x): the model stops: %s\n", form->name, insn, reason);
			return false;
		}
		step_unicorn(uc, &unicorn);
		if (!same(&model, &unicorn, xlen, form->name)) {
			printf("  instruction 0x%08x, RV%u, state %u\n", insn, xlen, i);
			return false;
		}
	}
	return true;
}

static uc_engine *open_unicorn(unsigned xlen)
{
	uc_engine *uc;

	if (uc_open(UC_ARCH_RISCV, xlen == 32 ? UC_MODE_RISCV32 : UC_MODE_RISCV64, &uc) !=
			UC_ERR_OK ||
		uc_mem_map(uc, CODE, PAGE, UC_PROT_ALL) != UC_ERR_OK ||
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
	struct terms *tc = terms_new(TERMS_REWRITE);

	for (unsigned xlen = 32; xlen <= 64; xlen += 32) {
		uc_engine *uc = open_unicorn(xlen);

		for (unsigned i = 0; i < FORMS; i++) {
			if (forms[i].xlen && forms[i].xlen != xlen)
				continue;
			if (check_form(tc, uc, &forms[i], xlen, states))
				passed++;
			else
				failed++;
		}
		uc_close(uc);
		printf("RV%u: done, %u states an instruction\n", xlen, states);
		fflush(stdout);
	}
	terms_free(tc);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
