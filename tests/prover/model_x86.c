/* SPDX-License-Identifier: MIT */
/*
 * The x86-64 model against Unicorn: for every instruction that is listed here, random and
 * corner-case states, registers of every number, operands in registers and in memory; one step, and
 * registers, memory, rip and the flags that the manual defines have to be the same.
 *
 *   model_x86 [STATES]     states for each form, 20000 by default
 */
#include "prover/model/x86.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { CODE = 0x10000, DATA = 0x20000, PAGE = 0x1000, WINDOW = 64, RSP = 4 };
enum {
	REG = 1,
	MEM = 2,
	BOTH = 3,
	PLUS = 4,
	STACK = 8,
	WORD = 16,
	ONLY64 = 32,
	DIVIDE = 64,
	LOCK = 128
};
enum { CF = 1, PF = 2, AF = 4, ZF = 8, SF = 16, OF = 32, ALL = 63 };

struct form {
	const char *name;
	unsigned opcode;
	int group;          /* the operation in ModRM, or -1 */
	unsigned operands;  /* 0: no ModRM; PLUS: a register in the opcode */
	unsigned immediate; /* bytes; 5: 4, or 2 with 0x66; 9: 4, or 2 with 0x66, or 8 with REX.W */
	unsigned undefined; /* flags that the manual leaves undefined */
};

#define ALU(name, op, undefined)                                                \
	{name " r/m8, r8", (op) << 3, -1, BOTH, 0, undefined},                  \
		{name " r/m, r", (op) << 3 | 1, -1, BOTH | WORD, 0, undefined}, \
		{name " r8, r/m8", (op) << 3 | 2, -1, BOTH, 0, undefined},      \
		{name " r, r/m", (op) << 3 | 3, -1, BOTH | WORD, 0, undefined}, \
		{name " r/m8, i8", 0x80, op, BOTH, 1, undefined},               \
		{name " r/m, i", 0x81, op, BOTH | WORD, 5, undefined},          \
	{                                                                       \
		name " r/m, i8", 0x83, op, BOTH | WORD, 1, undefined            \
	}
#define SHIFT(name, op, undefined)                            \
	{name " r/m, i8", 0xc1, op, BOTH, 1, undefined},      \
	{                                                     \
		name " r/m, cl", 0xd3, op, BOTH, 0, undefined \
	}
#define CC(n)                                                                                \
	{"jcc short " #n, 0x70 | n, -1, 0, 1, 0}, {"jcc near " #n, 0x0f80 | n, -1, 0, 4, 0}, \
		{"setcc " #n, 0x0f90 | n, 0, BOTH, 0, 0},                                    \
	{                                                                                    \
		"cmovcc " #n, 0x0f40 | n, -1, BOTH | WORD, 0, 0                              \
	}

static const struct form forms[] = {
	ALU("add", 0, 0),
	ALU("or", 1, AF),
	ALU("and", 4, AF),
	ALU("sub", 5, 0),
	ALU("xor", 6, AF),
	ALU("cmp", 7, 0),
	SHIFT("rol", 0, OF),
	SHIFT("shl", 4, AF | OF),
	SHIFT("shr", 5, AF | OF),
	SHIFT("sar", 7, AF | OF),
	{"rol r/m16, i8", 0xc1, 0, BOTH | WORD, 1, OF},
	{"push", 0x50, -1, PLUS | STACK, 0, 0},
	{"pop", 0x58, -1, PLUS | STACK, 0, 0},
	{"ret", 0xc3, -1, STACK, 0, 0},
	{"call", 0xe8, -1, STACK, 4, 0},
	{"jmp near", 0xe9, -1, 0, 4, 0},
	{"jmp short", 0xeb, -1, 0, 1, 0},
	{"jmp r/m", 0xff, 4, BOTH, 0, 0},
	{"call m", 0xff, 2, MEM | STACK, 0, 0},
	{"movsxd", 0x63, -1, BOTH | ONLY64, 0, 0},
	{"imul r, r/m, i", 0x69, -1, BOTH | WORD, 5, PF | AF | ZF | SF},
	{"imul r, r/m, i8", 0x6b, -1, BOTH | WORD, 1, PF | AF | ZF | SF},
	{"imul r, r/m", 0x0faf, -1, BOTH | WORD, 0, PF | AF | ZF | SF},
	{"test r/m8, r8", 0x84, -1, BOTH, 0, AF},
	{"test r/m, r", 0x85, -1, BOTH | WORD, 0, AF},
	{"test r/m8, i8", 0xf6, 0, BOTH, 1, AF},
	{"test r/m, i", 0xf7, 0, BOTH | WORD, 5, AF},
	{"not r/m8", 0xf6, 2, BOTH, 0, 0},
	{"not r/m", 0xf7, 2, BOTH | WORD, 0, 0},
	{"neg r/m8", 0xf6, 3, BOTH, 0, 0},
	{"neg r/m", 0xf7, 3, BOTH | WORD, 0, 0},
	{"div", 0xf7, 6, BOTH | DIVIDE, 0, ALL},
	{"idiv", 0xf7, 7, BOTH | DIVIDE, 0, ALL},
	{"inc", 0xff, 0, BOTH, 0, 0},
	{"dec", 0xff, 1, BOTH, 0, 0},
	{"xchg m, r", 0x87, -1, MEM | WORD, 0, 0},
	{"lock add m, r", 0x01, -1, MEM | LOCK, 0, 0},
	{"lock or m, r", 0x09, -1, MEM | LOCK, 0, AF},
	{"lock and m, r", 0x21, -1, MEM | LOCK, 0, AF},
	{"lock xor m, r", 0x31, -1, MEM | LOCK, 0, AF},
	{"lock xadd", 0x0fc1, -1, MEM | LOCK, 0, 0},
	{"lock cmpxchg", 0x0fb1, -1, MEM | LOCK, 0, 0},
	{"mov r/m8, r8", 0x88, -1, BOTH, 0, 0},
	{"mov r/m, r", 0x89, -1, BOTH | WORD, 0, 0},
	{"mov r8, r/m8", 0x8a, -1, BOTH, 0, 0},
	{"mov r, r/m", 0x8b, -1, BOTH | WORD, 0, 0},
	{"mov r, i", 0xb8, -1, PLUS | WORD, 9, 0},
	{"mov r/m8, i8", 0xc6, 0, BOTH, 1, 0},
	{"mov r/m, i", 0xc7, 0, BOTH | WORD, 5, 0},
	{"lea", 0x8d, -1, MEM | WORD, 0, 0},
	{"movzx8", 0x0fb6, -1, BOTH, 0, 0},
	{"movzx16", 0x0fb7, -1, BOTH, 0, 0},
	{"movsx8", 0x0fbe, -1, BOTH, 0, 0},
	{"movsx16", 0x0fbf, -1, BOTH, 0, 0},
	{"bswap", 0x0fc8, -1, PLUS, 0, 0},
	{"cdq, cqo", 0x99, -1, 0, 0, 0},
	{"nop", 0x0f1f, 0, BOTH | WORD, 0, 0},
	CC(0),
	CC(1),
	CC(2),
	CC(3),
	CC(4),
	CC(5),
	CC(6),
	CC(7),
	CC(8),
	CC(9),
	CC(10),
	CC(11),
	CC(12),
	CC(13),
	CC(14),
	CC(15),
};
enum { FORMS = sizeof(forms) / sizeof(forms[0]) };

struct state {
	uint64_t r[16], rip;
	unsigned flags, known; /* by enum x86_flag; which the model says */
	uint8_t code[16], data[WINDOW];
};

static uint64_t random_state = 0x2545f4914f6cdd1d;

static uint64_t random_64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x9e3779b97f4a7c15;
}

static unsigned below(unsigned n)
{
	return (unsigned)((random_64() >> 32) % n);
}

static uint64_t random_value(void)
{
	static const uint64_t corners[] = {0, 1, 2, 31, 32, 63, 64, 0x7f, 0x80, 0xff, 0xffff,
		0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, INT64_MAX, 0x8000000000000000,
		0xffffffff80000000, UINT64_MAX};

	switch (below(4)) {
	case 0:
		return random_64();
	case 1:
		return random_64() >> below(64);
	case 2:
		return (uint64_t)((int64_t)random_64() >> below(64));
	default:
		return corners[below(sizeof(corners) / sizeof(corners[0]))];
	}
}

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	const struct state *s = env->user;
	uint64_t at = term_value(address) - CODE, value = 0;

	if (at > sizeof(s->code) - bytes)
		return NULL;
	memcpy(&value, s->code + at, bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	const struct state *s = env->user;
	uint64_t at = term_value(address) - DATA, value = 0;

	if (at > WINDOW - bytes)
		return model_stop(env, "load outside"), NULL;
	memcpy(&value, s->data + at, bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	struct state *s = env->user;
	uint64_t at = term_value(address) - DATA, number = term_value(value);

	if (at > WINDOW - bytes)
		return model_stop(env, "store outside");
	memcpy(s->data + at, &number, bytes);
	return true;
}

static int branch(struct model_env *env, term condition)
{
	(void)condition;
	model_stop(env, "a condition that is not constant in a run of constants");
	return -1;
}

static bool step_model(struct terms *tc, struct state *s, char reason[160])
{
	struct model_env env = {.tc = tc,
		.user = s,
		.fetch = fetch,
		.load = load,
		.store = store,
		.branch = branch};
	uint32_t mark = terms_mark(tc);
	struct x86 x;
	bool ok;

	x86_init(&x, &env, bv_const(tc, 64, s->rip));
	for (unsigned n = 0; n < 16; n++)
		x.r[n] = bv_const(tc, 64, s->r[n]);
	for (unsigned n = 0; n < X86_FLAGS; n++)
		x.flag[n] = bool_const(tc, s->flags >> n & 1);
	ok = x86_step(&x);
	s->flags = s->known = 0;
	for (unsigned n = 0; n < 16; n++)
		s->r[n] = term_value(x.r[n]);
	for (unsigned n = 0; n < X86_FLAGS; n++)
		if (term_is_const(x.flag[n])) {
			s->flags |= (unsigned)term_value(x.flag[n]) << n;
			s->known |= 1u << n;
		}
	s->rip = term_value(x.rip);
	memcpy(reason, env.reason, 160);
	terms_reset(tc, mark);
	return ok;
}

static const int uc_register[16] = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
	UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8,
	UC_X86_REG_R9, UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13,
	UC_X86_REG_R14, UC_X86_REG_R15};
static const unsigned flag_bit[X86_FLAGS] = {0, 2, 4, 6, 7, 11};

/* False: the instruction faults. */
static bool step_unicorn(uc_engine *uc, struct state *s, bool is_cmpxchg)
{
	uint64_t flags = 2, rax = s->r[0];
	uc_err error;

	for (unsigned n = 0; n < X86_FLAGS; n++)
		flags |= (uint64_t)(s->flags >> n & 1) << flag_bit[n];
	uc_mem_write(uc, CODE, s->code, sizeof(s->code));
	uc_ctl_remove_cache(uc, CODE, CODE + PAGE);
	uc_mem_write(uc, DATA, s->data, WINDOW);
	for (unsigned n = 0; n < 16; n++)
		uc_reg_write(uc, uc_register[n], &s->r[n]);
	uc_reg_write(uc, UC_X86_REG_RFLAGS, &flags);
	error = uc_emu_start(uc, s->rip, 0, 0, 1);
	for (unsigned n = 0; n < 16; n++)
		uc_reg_read(uc, uc_register[n], &s->r[n]);
	uc_reg_read(uc, UC_X86_REG_RIP, &s->rip);
	uc_reg_read(uc, UC_X86_REG_RFLAGS, &flags);
	s->flags = 0;
	for (unsigned n = 0; n < X86_FLAGS; n++)
		s->flags |= (unsigned)(flags >> flag_bit[n] & 1) << n;
	uc_mem_read(uc, DATA, s->data, WINDOW);
	/* As QEMU did: it writes eax although it was equal. */
	if (is_cmpxchg && (s->flags & ZF))
		s->r[0] = rax;
	return error == UC_ERR_OK || error == UC_ERR_FETCH_UNMAPPED;
}

static void put(struct state *s, unsigned *length, uint64_t value, unsigned bytes)
{
	memcpy(s->code + *length, &value, bytes);
	*length += bytes;
}

/* ModRM, SIB and displacement of an operand in memory that lies in the window. False: this one
 * can't be made to; draw again. */
static bool put_memory(struct state *s, unsigned *length, unsigned rex, unsigned reg,
	unsigned immediate, bool stack)
{
	unsigned mod = below(3), rm = below(8), sib = below(256), base = rm, index = RSP;
	unsigned bytes = mod == 1 ? 1 : mod == 2 ? 4 : 0;
	uint64_t target = DATA + 8 + below(16), rest;
	int64_t disp = mod == 1 ? (int8_t)random_64() : mod == 2 ? (int32_t)random_64() : 0;

	put(s, length, mod << 6 | (reg & 7) << 3 | rm, 1);
	if (rm == RSP) {
		put(s, length, sib, 1);
		base = sib & 7;
		index = (sib >> 3 & 7) | (rex & 2) << 2;
	}
	if (mod == 0 && base == 5 && rm == 5) {
		disp = (int64_t)(target - (CODE + *length + 4 + immediate));
		put(s, length, (uint64_t)disp, 4);
		return true;
	}
	if (mod == 0 && base == 5) {
		if (index != RSP)
			s->r[index] = 1 + below(4);
		rest = index == RSP ? 0 : s->r[index] << (sib >> 6);
		put(s, length, target - rest, 4);
		return index != RSP || stack ? !stack : true;
	}
	base |= (rex & 1) << 3;
	if (base == index || (stack && base == RSP))
		return false;
	rest = (uint64_t)disp + (index == RSP ? 0 : s->r[index] << (sib >> 6));
	s->r[base] = target - rest;
	put(s, length, (uint64_t)disp, bytes);
	return true;
}

static bool random_machine(const struct form *f, struct state *s)
{
	unsigned rex = below(16), length = 0, reg = f->group < 0 ? below(8) : (unsigned)f->group;
	unsigned immediate = f->immediate;
	bool has_rex = below(4) != 0, word = (f->operands & WORD) && below(4) == 0;

	memset(s, 0, sizeof(*s));
	/* Returns follow, since Unicorn translates until the next jump. */
	memset(s->code, 0xc3, sizeof(s->code));
	if (f->operands & ONLY64) {
		rex |= 8;
		has_rex = true;
	}
	if (f->group >= 0)
		rex &= 11; /* Unicorn refuses some with REX.R, which is ignored */
	if (!has_rex)
		rex = 0;
	if (word)
		rex &= 7;
	if (immediate == 9)
		immediate = rex & 8 ? 8 : word ? 2 : 4;
	if (immediate == 5)
		immediate = word ? 2 : 4;
	s->rip = CODE;
	s->flags = below(64);
	for (unsigned n = 0; n < 16; n++)
		s->r[n] = random_value();
	for (unsigned n = 0; n < WINDOW; n += 8) {
		uint64_t value = random_value();

		memcpy(s->data + n, &value, 8);
	}
	if (f->operands & STACK)
		s->r[RSP] = DATA + 40;
	if ((f->operands & DIVIDE) && below(2))
		s->r[2] = below(2) ? (uint64_t)((int64_t)s->r[0] >> 63) : 0;
	if (f->operands & LOCK)
		put(s, &length, 0xf0, 1);
	if (word)
		put(s, &length, 0x66, 1);
	if (has_rex)
		put(s, &length, 0x40 | rex, 1);
	if (f->opcode > 0xff)
		put(s, &length, 0x0f, 1);
	put(s, &length, (f->opcode & 0xff) | (f->operands & PLUS ? reg : 0), 1);
	if ((f->operands & BOTH) == REG || ((f->operands & BOTH) == BOTH && below(2)))
		put(s, &length, 0xc0 | reg << 3 | below(8), 1);
	else if ((f->operands & MEM) &&
		 !put_memory(s, &length, rex, reg, immediate, (f->operands & STACK) != 0))
		return false;
	put(s, &length, random_value(), immediate);
	return true;
}

static bool same(const struct form *f, const struct state *a, const struct state *b)
{
	for (unsigned n = 0; n < 16; n++)
		if (a->r[n] != b->r[n]) {
			printf("r%u = 0x%" PRIx64 ", not 0x%" PRIx64 ": ", n, a->r[n], b->r[n]);
			return false;
		}
	if (a->rip != b->rip || memcmp(a->data, b->data, WINDOW) != 0) {
		printf("rip or memory: ");
		return false;
	}
	if ((a->known | f->undefined) != ALL ||
		((a->flags ^ b->flags) & a->known & ~f->undefined) ||
		((a->flags ^ b->flags) & a->known & OF)) {
		printf("flags 0x%x (known 0x%x), not 0x%x: ", a->flags, a->known, b->flags);
		return false;
	}
	return true;
}

static bool check_form(struct terms *tc, uc_engine *uc, const struct form *f, unsigned states)
{
	for (unsigned n = 0; n < states;) {
		struct state start, model, unicorn;
		bool ok, runs;
		char reason[160];

		if (!random_machine(f, &start))
			continue;
		model = unicorn = start;
		ok = step_model(tc, &model, reason);
		runs = step_unicorn(uc, &unicorn, f->opcode == 0x0fb1);
		n++;
		/* A fault takes Unicorn to a handler that there is not. */
		if (f->operands & DIVIDE)
			runs = runs && unicorn.rip - CODE - 1 < sizeof(start.code);
		if (!ok && !runs && (f->operands & DIVIDE))
			continue;
		if (ok && runs && same(f, &model, &unicorn))
			continue;
		printf("%s: %s; code", f->name, ok ? "differs" : reason);
		for (unsigned k = 0; k < 15; k++)
			printf(" %02x", start.code[k]);
		printf("\n");
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	unsigned states = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000, failed = 0;
	struct terms *tc = terms_new(TERMS_REWRITE);
	uc_engine *uc;

	for (unsigned n = 0; n < FORMS; n++) {
		if (uc_open(UC_ARCH_X86, UC_MODE_64, &uc) != UC_ERR_OK ||
			uc_mem_map(uc, CODE, PAGE, UC_PROT_ALL) != UC_ERR_OK ||
			uc_mem_map(uc, DATA, PAGE, UC_PROT_ALL) != UC_ERR_OK) {
			fprintf(stderr, "Unicorn cannot be started\n");
			return 1;
		}
		failed += !check_form(tc, uc, &forms[n], states);
		uc_close(uc);
	}
	terms_free(tc);
	printf("%u passed, %u failed\n", FORMS - failed, failed);
	return failed != 0;
}
