/* SPDX-License-Identifier: MIT */
/*
 * The A64 model against Unicorn: for every instruction form that the model knows, random and
 * corner-case states, one step in each, and everything that can be seen has to be the same. 32- and
 * 64-bit variants and orderings are drawn at random. Encodings that the model refuses are drawn
 * again; a model that refuses nearly everything is noticed.
 *
 *   model_arm64 [STATES [FORM]]     states for each form, 20000 by default
 */
#include "prover/model/arm64.h"
#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { CODE = 0x10000, DATA = 0x40000, PAGE = 0x1000, WINDOW = 128 };
enum { REFUSED_MAX = 63 }; /* of 64 draws */

enum kind {
	PLAIN,
	MEMORY, /* bits 9 to 5 are the base, to be chosen so that the access lies in the window */
	STXR,   /* the same, after ldxr or clrex */
	JUMP,   /* to a register */
};

struct form {
	const char *name;
	uint32_t match;  /* the constant bits */
	uint32_t random; /* bits that may have any value */
	enum kind kind;
};

#define LOGICAL(name, bits)                                         \
	{name " imm", 0x12000000 | (bits), 0x807fffff, PLAIN},      \
	{                                                           \
		name " reg", 0x0a000000 | (bits), 0x80dfffff, PLAIN \
	}
#define ADD_SUB(name, bits)                                            \
	{name " imm", 0x11000000 | (bits), 0x807fffff, PLAIN},         \
		{name " reg", 0x0b000000 | (bits), 0x80dfffff, PLAIN}, \
	{                                                              \
		name " ext", 0x0b200000 | (bits), 0x801fffff, PLAIN    \
	}
/* Unsigned offset; unscaled, post- and pre-indexed; register */
#define ACCESS(name, bits)                                                   \
	{name " imm12", 0x39000000 | (bits), 0x003fffff, MEMORY},            \
		{name " unscaled", 0x38000000 | (bits), 0x001ff3ff, MEMORY}, \
		{name " post", 0x38000400 | (bits), 0x001ff3ff, MEMORY},     \
		{name " pre", 0x38000c00 | (bits), 0x001ff3ff, MEMORY},      \
	{                                                                    \
		name " reg", 0x38200800 | (bits), 0x001ff3ff, MEMORY         \
	}
#define PAIR(name, bits, sizes)                                                \
	{name " post", 0x28800000 | (bits), 0x003fffff | (sizes), MEMORY},     \
		{name, 0x29000000 | (bits), 0x003fffff | (sizes), MEMORY},     \
	{                                                                      \
		name " pre", 0x29800000 | (bits), 0x003fffff | (sizes), MEMORY \
	}

static const struct form forms[] = {
	{"adr", 0x10000000, 0x60ffffff, PLAIN},
	{"adrp", 0x90000000, 0x60ffffff, PLAIN},
	ADD_SUB("add", 0x00000000),
	ADD_SUB("adds", 0x20000000),
	ADD_SUB("sub", 0x40000000),
	ADD_SUB("subs", 0x60000000),
	LOGICAL("and", 0x00000000),
	LOGICAL("orr", 0x20000000),
	LOGICAL("eor", 0x40000000),
	LOGICAL("ands", 0x60000000),
	{"bic", 0x0a200000, 0x80dfffff, PLAIN},
	{"orn", 0x2a200000, 0x80dfffff, PLAIN},
	{"eon", 0x4a200000, 0x80dfffff, PLAIN},
	{"bics", 0x6a200000, 0x80dfffff, PLAIN},
	{"movn", 0x12800000, 0x807fffff, PLAIN},
	{"movz", 0x52800000, 0x807fffff, PLAIN},
	{"movk", 0x72800000, 0x807fffff, PLAIN},
	{"sbfm", 0x13000000, 0x807fffff, PLAIN},
	{"bfm", 0x33000000, 0x807fffff, PLAIN},
	{"ubfm", 0x53000000, 0x807fffff, PLAIN},
	{"extr", 0x13800000, 0x805fffff, PLAIN},
	{"adc", 0x1a000000, 0x801f03ff, PLAIN},
	{"adcs", 0x3a000000, 0x801f03ff, PLAIN},
	{"sbc", 0x5a000000, 0x801f03ff, PLAIN},
	{"sbcs", 0x7a000000, 0x801f03ff, PLAIN},
	{"ccmn", 0x3a400000, 0x801ffbef, PLAIN},
	{"ccmp", 0x7a400000, 0x801ffbef, PLAIN},
	{"csel", 0x1a800000, 0x801ff3ff, PLAIN},
	{"csinc", 0x1a800400, 0x801ff3ff, PLAIN},
	{"csinv", 0x5a800000, 0x801ff3ff, PLAIN},
	{"csneg", 0x5a800400, 0x801ff3ff, PLAIN},
	{"udiv", 0x1ac00800, 0x801f03ff, PLAIN},
	{"sdiv", 0x1ac00c00, 0x801f03ff, PLAIN},
	{"lslv", 0x1ac02000, 0x801f03ff, PLAIN},
	{"lsrv", 0x1ac02400, 0x801f03ff, PLAIN},
	{"asrv", 0x1ac02800, 0x801f03ff, PLAIN},
	{"rorv", 0x1ac02c00, 0x801f03ff, PLAIN},
	{"rbit", 0x5ac00000, 0x800003ff, PLAIN},
	{"rev16", 0x5ac00400, 0x800003ff, PLAIN},
	{"rev32", 0x5ac00800, 0x800003ff, PLAIN},
	{"rev", 0xdac00c00, 0x000003ff, PLAIN},
	{"clz", 0x5ac01000, 0x800003ff, PLAIN},
	{"madd", 0x1b000000, 0x801f7fff, PLAIN},
	{"msub", 0x1b008000, 0x801f7fff, PLAIN},
	{"smaddl", 0x9b200000, 0x001f7fff, PLAIN},
	{"smsubl", 0x9b208000, 0x001f7fff, PLAIN},
	{"umaddl", 0x9ba00000, 0x001f7fff, PLAIN},
	{"umsubl", 0x9ba08000, 0x001f7fff, PLAIN},
	{"smulh", 0x9b407c00, 0x001f03ff, PLAIN},
	{"umulh", 0x9bc07c00, 0x001f03ff, PLAIN},
	ACCESS("strb", 0x00000000),
	ACCESS("strh", 0x40000000),
	ACCESS("str w", 0x80000000),
	ACCESS("str x", 0xc0000000),
	ACCESS("ldrb", 0x00400000),
	ACCESS("ldrh", 0x40400000),
	ACCESS("ldr w", 0x80400000),
	ACCESS("ldr x", 0xc0400000),
	ACCESS("ldrsb x", 0x00800000),
	ACCESS("ldrsh x", 0x40800000),
	ACCESS("ldrsw", 0x80800000),
	ACCESS("ldrsb w", 0x00c00000),
	ACCESS("ldrsh w", 0x40c00000),
	PAIR("stp", 0x00000000, 0x80000000),
	PAIR("ldp", 0x00400000, 0x80000000),
	PAIR("ldpsw", 0x40400000, 0),
	{"ldxr", 0x885f7c00, 0x400003ff, MEMORY},
	{"ldaxr", 0x885ffc00, 0x400003ff, MEMORY},
	{"stxr", 0x88007c00, 0x401f03ff, STXR},
	{"stlxr", 0x8800fc00, 0x401f03ff, STXR},
	{"ldar", 0x88dffc00, 0x400003ff, MEMORY},
	{"stlr", 0x889ffc00, 0x400003ff, MEMORY},
	{"ldadd", 0xb8200000, 0x40df03ff, MEMORY},
	{"ldclr", 0xb8201000, 0x40df03ff, MEMORY},
	{"ldeor", 0xb8202000, 0x40df03ff, MEMORY},
	{"ldset", 0xb8203000, 0x40df03ff, MEMORY},
	{"swp", 0xb8208000, 0x40df03ff, MEMORY},
	{"cas", 0x88a07c00, 0x405f83ff, MEMORY},
	{"b", 0x14000000, 0x03ffffff, PLAIN},
	{"bl", 0x94000000, 0x03ffffff, PLAIN},
	{"b.cond", 0x54000000, 0x00ffffef, PLAIN},
	{"cbz", 0x34000000, 0x80ffffff, PLAIN},
	{"cbnz", 0x35000000, 0x80ffffff, PLAIN},
	{"tbz", 0x36000000, 0x80ffffff, PLAIN},
	{"tbnz", 0x37000000, 0x80ffffff, PLAIN},
	{"br", 0xd61f0000, 0x000003e0, JUMP},
	{"blr", 0xd63f0000, 0x000003e0, JUMP},
	{"ret", 0xd65f0000, 0x000003e0, JUMP},
	{"nop", 0xd503201f, 0, PLAIN},
	{"dmb", 0xd50330bf, 0x00000f00, PLAIN},
	{"clrex", 0xd503305f, 0x00000f00, PLAIN},
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

/* What both sides have: x0 to x30, sp, pc, the flags in bits 31 to 28. */
enum { R_SP = 31, R_PC = 32, R_FLAGS = 33, REGS = 34 };

struct state {
	uint64_t r[REGS];
	uint32_t code[2];
	uint8_t data[WINDOW];
	unsigned steps;
};

/* The model's surroundings. */
struct world {
	struct terms *tc;
	struct state *state;
	bool probing; /* nothing is accessed, but the first address is kept */
	bool accessed;
	uint64_t first;
};

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	const struct world *w = env->user;
	uint64_t at = term_value(address) - CODE;

	return at < sizeof(w->state->code) ? bv_const(env->tc, 8 * bytes, w->state->code[at / 4])
	                                   : NULL;
}

static bool probed(struct world *w, term address)
{
	if (!w->accessed)
		w->first = term_value(address);
	w->accessed = true;
	return w->probing;
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	uint64_t at = term_value(address) - DATA, value = 0;
	struct world *w = env->user;

	if (probed(w, address))
		return bv_const(env->tc, 8 * bytes, 1);
	if (at > WINDOW - bytes)
		return model_stop(env, "load outside"), NULL;
	memcpy(&value, w->state->data + at, bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	uint64_t at = term_value(address) - DATA, number = term_value(value);
	struct world *w = env->user;

	if (probed(w, address))
		return true;
	if (at > WINDOW - bytes)
		return model_stop(env, "store outside");
	memcpy(w->state->data + at, &number, bytes);
	return true;
}

static int branch(struct model_env *env, term condition)
{
	(void)condition;
	model_stop(env, "a condition that is not constant in a run of constants");
	return -1;
}

static bool step_model(struct world *w, struct state *state)
{
	struct terms *tc = w->tc;
	struct model_env env = {.tc = tc,
		.user = w,
		.fetch = fetch,
		.load = load,
		.store = store,
		.branch = branch};
	uint32_t mark = terms_mark(tc);
	struct arm64 m;
	bool ok = true;

	w->state = state;
	w->accessed = false;
	arm64_init(&m, &env, bv_const(tc, 64, state->r[R_PC]));
	for (unsigned i = 0; i < 31; i++)
		m.x[i] = bv_const(tc, 64, state->r[i]);
	m.sp = bv_const(tc, 64, state->r[R_SP]);
	m.n = bool_const(tc, state->r[R_FLAGS] >> 31 & 1);
	m.z = bool_const(tc, state->r[R_FLAGS] >> 30 & 1);
	m.c = bool_const(tc, state->r[R_FLAGS] >> 29 & 1);
	m.v = bool_const(tc, state->r[R_FLAGS] >> 28 & 1);
	for (unsigned i = 0; i < state->steps && ok; i++)
		ok = arm64_step(&m);
	for (unsigned i = 0; i < 31; i++)
		state->r[i] = term_value(m.x[i]);
	state->r[R_SP] = term_value(m.sp);
	state->r[R_PC] = term_value(m.pc);
	state->r[R_FLAGS] = term_value(m.n) << 31 | term_value(m.z) << 30 | term_value(m.c) << 29 |
	                    term_value(m.v) << 28;
	terms_reset(tc, mark);
	return ok;
}

static void step_unicorn(uc_engine *uc, struct state *state)
{
	uint64_t start = state->r[R_PC];
	void *value[REGS];
	int id[REGS];

	for (int i = 0; i < REGS; i++) {
		id[i] = UC_ARM64_REG_X0 + i;
		value[i] = &state->r[i];
	}
	id[29] = UC_ARM64_REG_X29;
	id[30] = UC_ARM64_REG_X30;
	id[R_SP] = UC_ARM64_REG_SP;
	id[R_PC] = UC_ARM64_REG_PC;
	id[R_FLAGS] = UC_ARM64_REG_NZCV;
	uc_mem_write(uc, CODE, state->code, sizeof(state->code));
	/* It keeps translations of code that was overwritten. */
	uc_ctl_remove_cache(uc, CODE, CODE + sizeof(state->code));
	uc_mem_write(uc, DATA, state->data, WINDOW);
	uc_reg_write_batch(uc, id, value, REGS);
	/* After a jump, it looks at what is there; what it says of that is no matter. If it refuses
	 * the instruction itself, the states differ. */
	uc_emu_start(uc, start, 0, 0, state->steps);
	uc_reg_read_batch(uc, id, value, REGS);
	state->r[R_FLAGS] &= 0xf0000000;
	uc_mem_read(uc, DATA, state->data, WINDOW);
}

static uint32_t randomize(struct state *state, const struct form *form)
{
	uint32_t insn = form->match | ((uint32_t)draw_64() & form->random);
	unsigned n = insn >> 5 & 31;

	memset(state, 0, sizeof(*state));
	for (unsigned i = 0; i <= R_SP; i++)
		state->r[i] = draw_value();
	state->r[R_PC] = CODE;
	state->r[R_FLAGS] = draw_64() & 0xf0000000;
	for (unsigned i = 0; i < WINDOW; i += 8) {
		uint64_t value = draw_value();

		memcpy(state->data + i, &value, 8);
	}
	if (form->kind == STXR) /* after ldxr of the same size to x30 or xzr, or after clrex */
		state->code[state->steps++] =
			draw_below(2) ? 0x885f7c00 | (insn & 0x400003e0) | (30 + draw_below(2))
				      : 0xd5033f5f;
	state->code[state->steps++] = insn;
	if (form->kind == JUMP && n < 31) /* to an instruction, in user space */
		state->r[n] &= 0x0000fffffffffffc;
	return insn;
}

/* Move the base so that the access that the state makes lies in the window. */
static void aim(struct world *w, struct state *state, unsigned n)
{
	struct state probe;
	uint64_t address = DATA + draw_below(WINDOW - 16);

	/* Aligned first, since else there is no address to be seen; then often not. */
	state->r[n] &= ~(uint64_t)15;
	probe = *state;
	w->probing = true;
	step_model(w, &probe);
	w->probing = false;
	if (draw_below(4) != 0)
		address &= ~(uint64_t)15;
	if (w->accessed)
		state->r[n] += address - w->first;
}

/* A state that the model accepts, and what it makes of it; or false: draw again. */
static bool draw(struct world *w, const struct form *form, struct state *state, struct state *after)
{
	uint32_t insn = randomize(state, form);

	if (form->kind == MEMORY || form->kind == STXR) {
		aim(w, state, insn >> 5 & 31);
		/* cas: half of the time, compare with what is there */
		if ((insn & 0x3fa07c00) == 0x08a07c00 && draw_below(2) && (insn >> 16 & 31) < 31 &&
			(insn >> 16 & 31) != (insn >> 5 & 31) && w->accessed) {
			uint64_t at = state->r[insn >> 5 & 31] - DATA;

			if (at <= WINDOW - 8)
				memcpy(&state->r[insn >> 16 & 31], state->data + at, 8);
		}
	}
	*after = *state;
	return step_model(w, after);
}

static bool same(const struct state *a, const struct state *b, const char *name)
{
	for (unsigned i = 0; i < REGS; i++)
		if (a->r[i] != b->r[i]) {
			printf("%s: r%u = 0x%" PRIx64 ", Unicorn has 0x%" PRIx64 "\n", name, i,
				a->r[i], b->r[i]);
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
			printf("  instruction 0x%08" PRIx32 ", state %u\n",
				start.code[start.steps - 1], i);
			return false;
		}
		i++;
	}
	return true;
}

static uc_engine *open_unicorn(void)
{
	uc_engine *uc;

	if (uc_open(UC_ARCH_ARM64, UC_MODE_ARM, &uc) != UC_ERR_OK ||
		uc_ctl_set_cpu_model(uc, UC_CPU_ARM64_MAX) != UC_ERR_OK ||
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
	struct world world = {.tc = terms_new(TERMS_REWRITE)};
	uc_engine *uc = open_unicorn();

	for (unsigned i = 0; i < FORMS; i++) {
		if (argc > 2 && strcmp(argv[2], forms[i].name) != 0)
			continue;
		if (check_form(&world, uc, &forms[i], states))
			passed++;
		else
			failed++;
	}
	uc_close(uc);
	terms_free(world.tc);
	printf("A64: %u passed, %u failed, %u states a form\n", passed, failed, states);
	return failed != 0;
}
