/* SPDX-License-Identifier: MIT */
/*
 * The x86-64 model against the processor and against Unicorn: every form of instruction that is
 * listed here, in random and corner-case states, registers of every number, operands in registers
 * and in memory by every addressing mode. One step, and registers, memory, rip and the flags that
 * the manual defines have to be the same; the flags that it leaves undefined the model must not
 * know. Last, random bytes: what the model accepts of them, it must have understood.
 *
 * Unicorn is slow, and gets every twentieth state, or all where the processor can't have them.
 *
 *   model_x86 [STATES [FORM]]     states for each form, 20000 by default
 */
#include "native_x86.h"
#include "prover/model/x86.h"
#include "support/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

enum { RAX, RCX, RDX, RSP = 4, RBP = 5 };
enum { BATCH = 1000, UNICORN_EVERY = 20 };

/* What an instruction takes, and how its states are to be drawn. */
enum {
	REG = 1,
	MEM = 2,
	BOTH = REG | MEM,
	PLUS = 4,       /* a register in the opcode */
	WORD = 8,       /* 16 bits, too */
	ONLY64 = 16,    /* REX.W is there */
	ADDRESS = 32,   /* memory is not accessed */
	STACK = 64,     /* rsp points into the window */
	TARGET = 128,   /* the operand is where it jumps to */
	DIVIDE = 256,   /* may fault */
	SHIFTS = 512,   /* a count of 0 leaves the flags, a count of 1 defines OF */
	COMPARE = 1024, /* rax with the operand: often equal */
	LOCK = 2048,
};
enum { CF = 1, PF = 2, AF = 4, ZF = 8, SF = 16, OF = 32, ALL = 63 };
enum { IMM_Z = 5, IMM_V = 9 }; /* 4 bytes, or 2 with 0x66; and 8 with REX.W */

#define VEX(map, prefix, opcode) (0x10000 | (map) << 12 | (prefix) << 8 | (opcode))

struct form {
	const char *name;
	unsigned opcode; /* 0x0fxx: two bytes; or VEX() */
	int group;       /* the operation in ModRM, or -1 */
	unsigned operands;
	unsigned immediate; /* bytes, or IMM_* */
	unsigned undefined; /* flags that the manual leaves undefined */
};

#define ALU(name, op, undefined)                                                \
	{name " r/m8, r8", (op) << 3, -1, BOTH, 0, undefined},                  \
		{name " r/m, r", (op) << 3 | 1, -1, BOTH | WORD, 0, undefined}, \
		{name " r8, r/m8", (op) << 3 | 2, -1, BOTH, 0, undefined},      \
		{name " r, r/m", (op) << 3 | 3, -1, BOTH | WORD, 0, undefined}, \
		{name " al, i8", (op) << 3 | 4, -1, 0, 1, undefined},           \
		{name " eax, i", (op) << 3 | 5, -1, WORD, IMM_Z, undefined},    \
		{name " r/m8, i8", 0x80, op, BOTH, 1, undefined},               \
		{name " r/m, i", 0x81, op, BOTH | WORD, IMM_Z, undefined},      \
	{                                                                       \
		name " r/m, i8", 0x83, op, BOTH | WORD, 1, undefined            \
	}
#define LOCKED(name, op, undefined)                                                         \
	{"lock " name " m8, r8", (op) << 3, -1, MEM | LOCK, 0, undefined},                  \
		{"lock " name " m, r", (op) << 3 | 1, -1, MEM | LOCK | WORD, 0, undefined}, \
		{"lock " name " m8, i8", 0x80, op, MEM | LOCK, 1, undefined},               \
		{"lock " name " m, i", 0x81, op, MEM | LOCK | WORD, IMM_Z, undefined},      \
	{                                                                                   \
		"lock " name " m, i8", 0x83, op, MEM | LOCK | WORD, 1, undefined            \
	}
#define SHIFT(name, op, undefined)                                               \
	{name " r/m8, i8", 0xc0, op, BOTH | SHIFTS, 1, undefined},               \
		{name " r/m, i8", 0xc1, op, BOTH | WORD | SHIFTS, 1, undefined}, \
		{name " r/m8, 1", 0xd0, op, BOTH | SHIFTS, 0, undefined},        \
		{name " r/m, 1", 0xd1, op, BOTH | WORD | SHIFTS, 0, undefined},  \
		{name " r/m8, cl", 0xd2, op, BOTH | SHIFTS, 0, undefined},       \
	{                                                                        \
		name " r/m, cl", 0xd3, op, BOTH | WORD | SHIFTS, 0, undefined    \
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
	ALU("adc", 2, 0),
	ALU("sbb", 3, 0),
	ALU("and", 4, AF),
	ALU("sub", 5, 0),
	ALU("xor", 6, AF),
	ALU("cmp", 7, 0),
	LOCKED("add", 0, 0),
	LOCKED("or", 1, AF),
	LOCKED("adc", 2, 0),
	LOCKED("sbb", 3, 0),
	LOCKED("and", 4, AF),
	LOCKED("sub", 5, 0),
	LOCKED("xor", 6, AF),
	SHIFT("rol", 0, OF),
	SHIFT("ror", 1, OF),
	SHIFT("shl", 4, AF | OF),
	SHIFT("shr", 5, AF | OF),
	SHIFT("sar", 7, AF | OF),
	{"shlx", VEX(2, 1, 0xf7), -1, BOTH, 0, 0},
	{"sarx", VEX(2, 2, 0xf7), -1, BOTH, 0, 0},
	{"shrx", VEX(2, 3, 0xf7), -1, BOTH, 0, 0},
	{"rorx", VEX(3, 3, 0xf0), -1, BOTH, 1, 0},
	{"push r", 0x50, -1, PLUS | STACK, 0, 0},
	{"pop r", 0x58, -1, PLUS | STACK, 0, 0},
	{"push i", 0x68, -1, STACK, 4, 0},
	{"push i8", 0x6a, -1, STACK, 1, 0},
	{"push r/m", 0xff, 6, BOTH | STACK, 0, 0},
	{"ret", 0xc3, -1, STACK | TARGET, 0, 0},
	{"call", 0xe8, -1, STACK, 4, 0},
	{"call r/m", 0xff, 2, BOTH | STACK | TARGET, 0, 0},
	{"jmp near", 0xe9, -1, 0, 4, 0},
	{"jmp short", 0xeb, -1, 0, 1, 0},
	{"jmp r/m", 0xff, 4, BOTH | TARGET, 0, 0},
	{"imul r, r/m, i", 0x69, -1, BOTH | WORD, IMM_Z, PF | AF | ZF | SF},
	{"imul r, r/m, i8", 0x6b, -1, BOTH | WORD, 1, PF | AF | ZF | SF},
	{"imul r, r/m", 0x0faf, -1, BOTH | WORD, 0, PF | AF | ZF | SF},
	{"mul", 0xf7, 4, BOTH, 0, PF | AF | ZF | SF},
	{"imul", 0xf7, 5, BOTH, 0, PF | AF | ZF | SF},
	{"div", 0xf7, 6, BOTH | DIVIDE, 0, ALL},
	{"idiv", 0xf7, 7, BOTH | DIVIDE, 0, ALL},
	{"test r/m8, r8", 0x84, -1, BOTH, 0, AF},
	{"test r/m, r", 0x85, -1, BOTH | WORD, 0, AF},
	{"test al, i8", 0xa8, -1, 0, 1, AF},
	{"test eax, i", 0xa9, -1, WORD, IMM_Z, AF},
	{"test r/m8, i8", 0xf6, 0, BOTH, 1, AF},
	{"test r/m, i", 0xf7, 0, BOTH | WORD, IMM_Z, AF},
	{"not r/m8", 0xf6, 2, BOTH, 0, 0},
	{"not r/m", 0xf7, 2, BOTH | WORD, 0, 0},
	{"neg r/m8", 0xf6, 3, BOTH, 0, 0},
	{"neg r/m", 0xf7, 3, BOTH | WORD, 0, 0},
	{"inc r/m8", 0xfe, 0, BOTH, 0, 0},
	{"inc r/m", 0xff, 0, BOTH | WORD, 0, 0},
	{"dec r/m8", 0xfe, 1, BOTH, 0, 0},
	{"dec r/m", 0xff, 1, BOTH | WORD, 0, 0},
	{"xchg r/m, r", 0x87, -1, BOTH | WORD, 0, 0},
	{"lock xchg m, r", 0x87, -1, MEM | WORD | LOCK, 0, 0},
	{"xadd r/m, r", 0x0fc1, -1, BOTH, 0, 0},
	{"lock xadd m, r", 0x0fc1, -1, MEM | LOCK, 0, 0},
	{"cmpxchg m, r", 0x0fb1, -1, MEM | COMPARE, 0, 0},
	{"lock cmpxchg m, r", 0x0fb1, -1, MEM | COMPARE | LOCK, 0, 0},
	{"mov r/m8, r8", 0x88, -1, BOTH, 0, 0},
	{"mov r/m, r", 0x89, -1, BOTH | WORD, 0, 0},
	{"mov r8, r/m8", 0x8a, -1, BOTH, 0, 0},
	{"mov r, r/m", 0x8b, -1, BOTH | WORD, 0, 0},
	{"mov r8, i8", 0xb0, -1, PLUS, 1, 0},
	{"mov r, i", 0xb8, -1, PLUS | WORD, IMM_V, 0},
	{"mov r/m8, i8", 0xc6, 0, BOTH, 1, 0},
	{"mov r/m, i", 0xc7, 0, BOTH | WORD, IMM_Z, 0},
	{"lea", 0x8d, -1, MEM | WORD | ADDRESS, 0, 0},
	{"movsxd", 0x63, -1, BOTH | ONLY64, 0, 0},
	{"movzx r, r/m8", 0x0fb6, -1, BOTH | WORD, 0, 0},
	{"movzx r, r/m16", 0x0fb7, -1, BOTH, 0, 0},
	{"movsx r, r/m8", 0x0fbe, -1, BOTH | WORD, 0, 0},
	{"movsx r, r/m16", 0x0fbf, -1, BOTH, 0, 0},
	{"bswap", 0x0fc8, -1, PLUS, 0, 0},
	{"cbw, cwde, cdqe", 0x98, -1, WORD, 0, 0},
	{"cwd, cdq, cqo", 0x99, -1, WORD, 0, 0},
	{"nop, xchg r, rax", 0x90, -1, PLUS | WORD, 0, 0},
	{"nop r/m", 0x0f1f, 0, BOTH | WORD | ADDRESS, 0, 0},
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

/* A drawn instruction and its state. */
struct draw {
	struct x86_state start;
	unsigned length; /* of the code so far */
	unsigned rex, reg, width;
	bool has_rex;
	uint64_t operand;   /* where it is, if in memory */
	unsigned immediate; /* bytes of it */
	unsigned undefined;
};

/* The model's surroundings, and what the machines make of the same states. */
struct bench {
	struct terms *tc;
	uc_engine *uc;
	struct draw draw[BATCH];
	struct x86_state model[BATCH], machine[BATCH];
	bool accepted[BATCH];
	char reason[BATCH][160];
};

/* The model */

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	const struct x86_state *s = env->user;
	uint64_t at = term_value(address) - s->rip, value = 0;

	if (at > sizeof(s->code) - bytes || s->rip + at + bytes > X86_END)
		return NULL;
	memcpy(&value, s->code + at, bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	const struct x86_state *s = env->user;
	uint64_t at = term_value(address) - X86_DATA, value = 0;

	if (at > X86_WINDOW - bytes)
		return model_stop(env, "load outside"), NULL;
	memcpy(&value, s->data + at, bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	struct x86_state *s = env->user;
	uint64_t at = term_value(address) - X86_DATA, number = term_value(value);

	if (at > X86_WINDOW - bytes)
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

static bool step_model(struct terms *tc, struct x86_state *s, char reason[160])
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

/* Unicorn */

static const int uc_register[16] = {UC_X86_REG_RAX, UC_X86_REG_RCX, UC_X86_REG_RDX, UC_X86_REG_RBX,
	UC_X86_REG_RSP, UC_X86_REG_RBP, UC_X86_REG_RSI, UC_X86_REG_RDI, UC_X86_REG_R8,
	UC_X86_REG_R9, UC_X86_REG_R10, UC_X86_REG_R11, UC_X86_REG_R12, UC_X86_REG_R13,
	UC_X86_REG_R14, UC_X86_REG_R15};

/* It looks at the code that follows; so that it isn't long, that is a return. */
static uc_engine *open_unicorn(void)
{
	const uint8_t ret = 0xc3;
	uc_engine *uc;

	if (uc_open(UC_ARCH_X86, UC_MODE_64, &uc) != UC_ERR_OK ||
		uc_ctl_set_cpu_model(uc, UC_CPU_X86_HASWELL) != UC_ERR_OK ||
		uc_mem_map(uc, X86_CODE, 2 * X86_PAGE, UC_PROT_ALL) != UC_ERR_OK ||
		uc_mem_write(uc, X86_END, &ret, 1) != UC_ERR_OK ||
		uc_mem_map(uc, X86_DATA, X86_PAGE, UC_PROT_ALL) != UC_ERR_OK) {
		fprintf(stderr, "Unicorn cannot be started\n");
		exit(1);
	}
	return uc;
}

static void step_unicorn(uc_engine *uc, struct x86_state *s, bool is_cmpxchg)
{
	uint64_t flags = 2, rax = s->r[RAX];

	for (unsigned n = 0; n < X86_FLAGS; n++)
		flags |= (uint64_t)(s->flags >> n & 1) << x86_flag_bit[n];
	uc_mem_write(uc, s->rip, s->code, x86_code_bytes(s));
	uc_ctl_remove_cache(uc, X86_CODE, X86_END + X86_PAGE);
	uc_mem_write(uc, X86_DATA, s->data, X86_WINDOW);
	for (unsigned n = 0; n < 16; n++)
		uc_reg_write(uc, uc_register[n], &s->r[n]);
	uc_reg_write(uc, UC_X86_REG_RFLAGS, &flags);
	/* After a jump it looks at what is there; what it says of that is no matter. */
	uc_emu_start(uc, s->rip, 0, 0, 1);
	for (unsigned n = 0; n < 16; n++)
		uc_reg_read(uc, uc_register[n], &s->r[n]);
	uc_reg_read(uc, UC_X86_REG_RIP, &s->rip);
	uc_reg_read(uc, UC_X86_REG_RFLAGS, &flags);
	s->flags = 0;
	for (unsigned n = 0; n < X86_FLAGS; n++)
		s->flags |= (unsigned)(flags >> x86_flag_bit[n] & 1) << n;
	uc_mem_read(uc, X86_DATA, s->data, X86_WINDOW);
	/* As QEMU did: it writes eax although it was equal. */
	if (is_cmpxchg && (s->flags & ZF))
		s->r[RAX] = rax;
}

/* Drawing states */

static void put(struct draw *d, uint64_t value, unsigned bytes)
{
	memcpy(d->start.code + d->length, &value, bytes);
	d->length += bytes;
}

/* The displacement of mod bytes; where mod has none, 0. */
static int64_t put_displacement(struct draw *d, unsigned mod, int64_t value)
{
	int64_t fits = mod == 1 ? (int8_t)value : mod == 2 ? (int32_t)value : 0;

	put(d, (uint64_t)fits, mod == 1 ? 1 : mod == 2 ? 4 : 0);
	return fits;
}

/* Where base, index and displacement point to; false: not into the window. */
static bool aimed(struct draw *d, unsigned base, unsigned index, unsigned scale, int64_t disp)
{
	const uint64_t *r = d->start.r;

	d->operand = r[base] + (index == RSP ? 0 : r[index] << scale) + (uint64_t)disp;
	return d->operand - X86_DATA <= X86_WINDOW - 8;
}

/* Base and index so that the operand is in the window; of the stack, rsp stays where it is. */
static bool aim(const struct form *f, struct draw *d, unsigned mod, unsigned base, unsigned index,
	unsigned scale)
{
	uint64_t target = X86_DATA + 16 + draw_below(16), *r = d->start.r;
	int64_t disp;

	if (base == RSP && (f->operands & STACK)) {
		if (index != RSP)
			r[index] = draw_below(3);
		disp = put_displacement(d, mod, (int64_t)draw_below(24) - 24);
		return aimed(d, base, index, scale, disp);
	}
	disp = put_displacement(d, mod, (int64_t)draw_value());
	if (base == index)
		r[base] = (uint64_t)(((int64_t)target - disp) / (1 + (1 << scale)));
	else
		r[base] = target - (uint64_t)disp - (index == RSP ? 0 : r[index] << scale);
	return aimed(d, base, index, scale, disp);
}

/* ModRM, SIB and displacement of an operand in memory that lies in the window. False: draw again.
 */
static bool put_memory(const struct form *f, struct draw *d)
{
	unsigned mod = draw_below(3), rm = draw_below(8), sib = draw_below(256), base = rm,
		 index = RSP;
	uint64_t *r = d->start.r;

	put(d, mod << 6 | (d->reg & 7) << 3 | rm, 1);
	if (rm == RSP) {
		put(d, sib, 1);
		base = sib & 7;
		index = (sib >> 3 & 7) | (d->rex & 2) << 2;
	}
	if (f->operands & ADDRESS) {
		put_displacement(d, mod == 0 && base == RBP ? 2 : mod, (int64_t)draw_value());
		return true;
	}
	if (mod != 0 || base != RBP)
		return aim(f, d, mod, base | (d->rex & 1) << 3, index, sib >> 6);
	d->operand = X86_DATA + 16 + draw_below(16);
	if (rm == RBP) {
		put(d, d->operand - X86_END, 4);
	} else {
		if (index != RSP)
			r[index] = 1 + draw_below(4);
		put(d, d->operand - (index == RSP ? 0 : r[index] << (sib >> 6)), 4);
	}
	return true;
}

/* ModRM and what follows it. */
static bool put_operands(const struct form *f, struct draw *d)
{
	unsigned rm = draw_below(8);
	uint64_t value = draw_value() & 0x7fffffffffff; /* in user space */

	if ((f->operands & MEM) && (!(f->operands & REG) || draw_below(2))) {
		if (!put_memory(f, d))
			return false;
	} else if (f->operands & REG) {
		put(d, 0xc0 | (d->reg & 7) << 3 | rm, 1);
		if (f->operands & TARGET)
			d->start.r[rm | (d->rex & 1) << 3] &= 0x7fffffffffff;
	} else if (f->operands & STACK) {
		d->operand = d->start.r[RSP];
	}
	if (d->operand && (f->operands & TARGET))
		memcpy(d->start.data + (d->operand - X86_DATA), &value, 8);
	if (d->operand && (f->operands & COMPARE) && draw_below(2))
		memcpy(d->start.data + (d->operand - X86_DATA), &d->start.r[RAX], 8);
	return true;
}

static void random_start(const struct form *f, struct draw *d)
{
	struct x86_state *s = &d->start;

	memset(d, 0, sizeof(*d));
	s->rip = X86_CODE;
	s->flags = draw_below(ALL + 1);
	for (unsigned n = 0; n < 16; n++)
		s->r[n] = draw_value();
	for (unsigned n = 0; n < X86_WINDOW; n += 8) {
		uint64_t value = draw_value();

		memcpy(s->data + n, &value, 8);
	}
	if (f->operands & STACK)
		s->r[RSP] = X86_DATA + 40;
	if ((f->operands & DIVIDE) && draw_below(2))
		s->r[RDX] = draw_below(2) ? (uint64_t)((int64_t)s->r[RAX] >> 63) : 0;
}

/* Prefixes and opcode. */
static void put_opcode(const struct form *f, struct draw *d, bool word)
{
	bool word_first = draw_below(2);

	if (f->opcode & 0x10000) {
		unsigned source = draw_below(16);

		if (f->opcode == VEX(3, 3, 0xf0))
			source = 0;
		put(d, 0xc4, 1);
		put(d, (~d->rex & 7) << 5 | (f->opcode >> 12 & 15), 1);
		put(d, (d->rex & 8) << 4 | (~source & 15) << 3 | (f->opcode >> 8 & 3), 1);
		put(d, f->opcode & 0xff, 1);
		return;
	}
	if (word && word_first)
		put(d, 0x66, 1);
	if (f->operands & LOCK)
		put(d, 0xf0, 1);
	if (word && !word_first)
		put(d, 0x66, 1);
	if (d->has_rex)
		put(d, 0x40 | d->rex, 1);
	if (f->opcode > 0xff)
		put(d, 0x0f, 1);
	put(d, (f->opcode & 0xff) | (f->operands & PLUS ? d->reg : 0), 1);
}

/* What a shift leaves undefined, by its count; CF only where bits of it are shifted out of less. */
static unsigned undefined_by_shift(const struct form *f, const struct draw *d, unsigned count)
{
	bool shift = f->group >= 4;

	count &= d->width == 64 ? 63 : 31;
	if (count == 0)
		return 0;
	return (f->undefined & ~(count == 1 ? OF : 0u)) |
	       (shift && f->group != 7 && count >= d->width ? CF : 0u);
}

static bool draw(const struct form *f, struct draw *d)
{
	bool word;

	random_start(f, d);
	d->reg = f->group < 0 ? draw_below(8) : (unsigned)f->group;
	d->has_rex = (f->operands & ONLY64) || draw_below(4) != 0;
	d->rex = d->has_rex ? draw_below(16) | (f->operands & ONLY64 ? 8 : 0) : 0;
	word = (f->operands & WORD) && draw_below(4) == 0;
	d->width = !(f->opcode & 1) ? 8 : d->rex & 8 ? 64 : word ? 16 : 32;
	d->immediate = f->immediate == IMM_V && (d->rex & 8) ? 8
	               : f->immediate >= IMM_Z               ? (word && !(d->rex & 8) ? 2 : 4)
	                                                     : f->immediate;
	put_opcode(f, d, word);
	if (!put_operands(f, d))
		return false;
	put(d, draw_value(), d->immediate);
	d->start.rip = X86_END - d->length;
	d->undefined = f->undefined;
	if (f->operands & SHIFTS)
		d->undefined = undefined_by_shift(f, d,
			f->opcode < 0xd0   ? d->start.code[d->length - 1]
			: f->opcode < 0xd2 ? 1
					   : (unsigned)d->start.r[RCX]);
	return true;
}

/* Comparing */

static bool same(const struct x86_state *model, const struct x86_state *machine, const char *name)
{
	for (unsigned n = 0; n < 16; n++)
		if (model->r[n] != machine->r[n]) {
			printf("r%u = 0x%" PRIx64 ", %s has 0x%" PRIx64, n, model->r[n], name,
				machine->r[n]);
			return false;
		}
	if (model->rip != machine->rip) {
		printf("rip = 0x%" PRIx64 ", %s has 0x%" PRIx64, model->rip, name, machine->rip);
		return false;
	}
	if (memcmp(model->data, machine->data, X86_WINDOW) != 0) {
		printf("memory is not %s's", name);
		return false;
	}
	if ((model->flags ^ machine->flags) & model->known) {
		printf("flags 0x%x of known 0x%x, %s has 0x%x", model->flags, model->known, name,
			machine->flags);
		return false;
	}
	return true;
}

static void print_code(const struct draw *d)
{
	printf("; code");
	for (unsigned n = 0; n < sizeof(d->start.code); n++)
		printf(" %02x", d->start.code[n]);
	printf("\n");
}

/* Flags that the manual defines the model has to know, and no others. */
static bool knows(const struct bench *b, unsigned n)
{
	if (b->model[n].known == (ALL & ~b->draw[n].undefined))
		return true;
	printf("knows flags 0x%x, undefined are 0x%x", b->model[n].known, b->draw[n].undefined);
	return false;
}

/* What the model refuses has to fault, and only that. */
static bool judge_native(const struct bench *b, unsigned n)
{
	int signal = b->machine[n].signal;

	if (b->accepted[n] && signal == 0)
		return same(&b->model[n], &b->machine[n], "the processor");
	if (!b->accepted[n] && signal != 0)
		return true;
	if (signal)
		printf("the processor ends in signal %d", signal);
	else
		printf("%s", b->reason[n]);
	return false;
}

/* Unicorn refuses some group opcodes with REX.R, which says nothing there, and forgets the
 * immediate when it computes an address by rip for rorx. */
static bool unicorn_errs(const struct form *f, const struct draw *d)
{
	bool by_rip = (d->start.code[4] & 0xc7) == RBP;

	return (f->group >= 0 && (d->rex & 4)) || (f->opcode == VEX(3, 3, 0xf0) && by_rip);
}

static bool judge_unicorn(struct bench *b, const struct form *f, unsigned n)
{
	struct x86_state unicorn = b->draw[n].start;

	if (!b->accepted[n])
		return f->operands & DIVIDE;
	if (unicorn_errs(f, &b->draw[n]))
		return true;
	step_unicorn(b->uc, &unicorn, f->opcode == 0x0fb1);
	return same(&b->model[n], &unicorn, "Unicorn");
}

/* The same states in the model and, where it can run them, the processor. */
static bool run(struct bench *b, unsigned states, bool native)
{
	for (unsigned n = 0; n < states; n++) {
		b->model[n] = b->machine[n] = b->draw[n].start;
		b->accepted[n] = step_model(b->tc, &b->model[n], b->reason[n]);
		b->machine[n].leaves = b->model[n].rip - X86_CODE >= X86_PAGE;
	}
	if (!native || native_x86_step(b->machine, states))
		return true;
	printf("the child process did not come to its end: ");
	return false;
}

static bool check_form(struct bench *b, const struct form *f, unsigned states)
{
	bool native = native_x86_available() && (!(f->opcode & 0x10000) || native_x86_has_bmi2());
	unsigned accepted = 0, batch;

	for (unsigned done = 0; done < states; done += batch) {
		batch = states - done < BATCH ? states - done : BATCH;
		for (unsigned n = 0; n < batch;)
			n += draw(f, &b->draw[n]);
		if (!run(b, batch, native)) {
			printf("%s\n", f->name);
			return false;
		}
		for (unsigned n = 0; n < batch; n++) {
			accepted += b->accepted[n];
			if ((!native || judge_native(b, n)) && (!b->accepted[n] || knows(b, n)) &&
				((native && n % UNICORN_EVERY) || judge_unicorn(b, f, n)))
				continue;
			printf(": %s", f->name);
			print_code(&b->draw[n]);
			return false;
		}
	}
	if (accepted < states / 2)
		printf("%s: the model refuses most\n", f->name);
	return accepted >= states / 2;
}

/* Likely prefixes, and any bytes; registers that are addresses or not. */
static void draw_bytes(struct draw *d)
{
	static const struct form any = {.group = -1};
	uint64_t rest = draw_64();

	random_start(&any, d);
	if (draw_below(8) == 0)
		put(d, 0xf0, 1);
	if (draw_below(4) == 0)
		put(d, 0x66, 1);
	if (draw_below(2))
		put(d, 0x40 | draw_below(16), 1);
	if (draw_below(4) == 0)
		put(d, 0x0f, 1);
	put(d, rest, 8);
	for (unsigned n = 0; n < 16; n++)
		if (draw_below(2))
			d->start.r[n] = X86_DATA + draw_below(X86_WINDOW);
}

/* Jumps out of user space are the only thing that the model doesn't say. */
static bool check_bytes(struct bench *b, unsigned states)
{
	unsigned accepted = 0;

	for (unsigned done = 0; done < states; done += BATCH) {
		unsigned kept = 0;

		while (kept < BATCH) {
			draw_bytes(&b->draw[kept]);
			b->model[kept] = b->draw[kept].start;
			kept += step_model(b->tc, &b->model[kept], b->reason[kept]) &&
			        b->model[kept].rip >> 47 == 0;
		}
		if (!run(b, kept, true)) {
			printf("any bytes\n");
			return false;
		}
		for (unsigned n = 0; n < kept; n++)
			if (!judge_native(b, n)) {
				printf(": any bytes");
				print_code(&b->draw[n]);
				return false;
			}
		accepted += kept;
	}
	return accepted > 0;
}

int main(int argc, char **argv)
{
	unsigned states = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20000, passed = 0,
		 failed = 0;
	const char *only = argc > 2 ? argv[2] : NULL;
	struct bench *b = calloc(1, sizeof(*b));

	if (!b)
		return 1;
	b->tc = terms_new(TERMS_REWRITE);
	b->uc = open_unicorn();
	for (unsigned n = 0; n < FORMS; n++)
		if (!only || strcmp(only, forms[n].name) == 0) {
			bool ok = check_form(b, &forms[n], states);

			passed += ok;
			failed += !ok;
		}
	if (native_x86_available() && (!only || strcmp(only, "any bytes") == 0)) {
		bool ok = check_bytes(b, 5 * states);

		passed += ok;
		failed += !ok;
	}
	uc_close(b->uc);
	terms_free(b->tc);
	free(b);
	printf("%u passed, %u failed, %u states a form\n", passed, failed, states);
	return failed != 0;
}
