/* SPDX-License-Identifier: MIT */
/*
 * Every arm64_* function of encode.h against binutils: this prints an assembly file that has each
 * instruction twice, as the GNU assembler is to understand it (.text) and as encode.h encodes it
 * (.ours), for random operands and the extremes of each field; logical immediates for all values
 * that there are. The rules in arm64.mk assemble it and compare the two sections.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "jit/arm64/encode.h"
#include "support/random.h"

enum { DRAWS = 200 };

static void ours(uint32_t code)
{
	printf("\t.section .ours\n\t.inst %#" PRIx32 "\n\t.text\n", code);
}

/* A register as it is written: 31 is the zero register, or the stack pointer where an instruction
 * takes that. */
struct name {
	char text[8];
};

static struct name name(unsigned sf, unsigned reg)
{
	struct name n;

	if (reg == 31)
		snprintf(n.text, sizeof(n.text), "%czr", sf ? 'x' : 'w');
	else
		snprintf(n.text, sizeof(n.text), "%c%u", sf ? 'x' : 'w', reg);
	return n;
}

static struct name name_or_sp(unsigned sf, unsigned reg)
{
	struct name n = name(sf, reg);

	if (reg == 31)
		snprintf(n.text, sizeof(n.text), "%s", sf ? "sp" : "wsp");
	return n;
}

#define R(reg)  name(sf, reg).text
#define SP(reg) name_or_sp(sf, reg).text
#define BASE    name_or_sp(X, rn).text

#define FOR_DRAWS                                                                           \
	for (unsigned i = 0, sf, rd, rn, rm;                                                \
		i < DRAWS && (sf = draw_below(2), rd = draw_below(32), rn = draw_below(32), \
			     rm = draw_below(32), true);                                    \
		i++)

#define RD_RN_RM(mnemonic)                                                   \
	FOR_DRAWS                                                            \
	{                                                                    \
		printf("\t" #mnemonic " %s, %s, %s\n", R(rd), R(rn), R(rm)); \
		ours(arm64_##mnemonic(sf, rd, rn, rm));                      \
	}

/* Those that set flags write to a register as others do; the first may be sp otherwise. */
#define ADD_SUB_IMM(mnemonic, target)                                                     \
	FOR_DRAWS                                                                         \
	{                                                                                 \
		uint32_t imm = (uint32_t)draw_between(0, 4095, 1), shift = draw_below(2); \
                                                                                          \
		(void)rm;                                                                 \
		printf("\t" #mnemonic " %s, %s, #%u, lsl #%u\n", target(rd), SP(rn), imm, \
			12 * shift);                                                      \
		ours(arm64_##mnemonic##_imm(sf, rd, rn, imm, shift));                     \
	}

#define MOVE_WIDE(mnemonic)                                                          \
	FOR_DRAWS                                                                    \
	{                                                                            \
		uint32_t imm = (uint32_t)draw_between(0, 0xffff, 1),                 \
			 half = draw_below(sf ? 4 : 2);                              \
                                                                                     \
		(void)rn, (void)rm;                                                  \
		printf("\t" #mnemonic " %s, #%u, lsl #%u\n", R(rd), imm, 16 * half); \
		ours(arm64_##mnemonic(sf, rd, imm, half));                           \
	}

#define BITFIELD(mnemonic)                                                                 \
	FOR_DRAWS                                                                          \
	{                                                                                  \
		unsigned immr = draw_below(sf ? 64 : 32), imms = draw_below(sf ? 64 : 32); \
                                                                                           \
		(void)rm;                                                                  \
		printf("\t" #mnemonic " %s, %s, #%u, #%u\n", R(rd), R(rn), immr, imms);    \
		ours(arm64_##mnemonic(sf, rd, rn, immr, imms));                            \
	}

static void print_arithmetic(void)
{
	ADD_SUB_IMM(add, SP)
	ADD_SUB_IMM(adds, R)
	ADD_SUB_IMM(sub, SP)
	ADD_SUB_IMM(subs, R)
	MOVE_WIDE(movn)
	MOVE_WIDE(movz)
	MOVE_WIDE(movk)
	BITFIELD(sbfm)
	BITFIELD(ubfm)
	RD_RN_RM(and)
	RD_RN_RM(orr)
	RD_RN_RM(orn)
	RD_RN_RM(eor)
	RD_RN_RM(ands)
	RD_RN_RM(add)
	RD_RN_RM(sub)
	RD_RN_RM(subs)
	RD_RN_RM(udiv)
	RD_RN_RM(sdiv)
	RD_RN_RM(lslv)
	RD_RN_RM(lsrv)
	RD_RN_RM(asrv)
	RD_RN_RM(mul)
	FOR_DRAWS
	{
		unsigned ra = draw_below(32);

		printf("\tmsub %s, %s, %s, %s\n", R(rd), R(rn), R(rm), R(ra));
		ours(arm64_msub(sf, rd, rn, rm, ra));
		printf("\trev %s, %s\n", R(rd), R(rn));
		ours(arm64_rev(sf, rd, rn));
		printf("\trev16 %s, %s\n", R(rd), R(rn));
		ours(arm64_rev16(sf, rd, rn));
	}
}

/* Every element of ones, in every rotation, repeated: 5334 values of 64 bits, 1302 of 32. */
static void print_logical_immediate(unsigned sf, uint64_t value)
{
	static const char *const mnemonics[] = {"and", "orr", "eor", "ands"};
	unsigned opc = draw_below(4), rd = draw_below(32), rn = draw_below(32);
	uint32_t fields = 0;

	if (!arm64_logical_immediate(value, sf, &fields))
		fprintf(stderr, "%#" PRIx64 " is refused\n", value);
	printf("\t%s %s, %s, #%#" PRIx64 "\n", mnemonics[opc], opc == ANDS ? R(rd) : SP(rd), R(rn),
		value);
	ours(arm64_logical_imm(opc, sf, rd, rn, fields));
}

static void print_logical_immediates(void)
{
	for (unsigned size = 2; size <= 64; size *= 2)
		for (unsigned ones = 1; ones < size; ones++)
			for (unsigned rotation = 0; rotation < size; rotation++) {
				uint64_t element = ((uint64_t)1 << ones) - 1, value = 0;

				for (unsigned i = 0; i < 64; i++)
					value |= (element >> (i + rotation) % size & 1) << i;
				print_logical_immediate(X, value);
				if (size <= 32)
					print_logical_immediate(W, value & 0xffffffff);
			}
}

static void print_branches(void)
{
	static const char *const conditions[] = {[EQ] = "eq",
		[NE] = "ne",
		[HS] = "hs",
		[LO] = "lo",
		[HI] = "hi",
		[LS] = "ls",
		[GE] = "ge",
		[LT] = "lt",
		[GT] = "gt",
		[LE] = "le"};

	FOR_DRAWS
	{
		int32_t d28 = draw_between(-(1 << 27), (1 << 27) - 4, 4);
		int32_t d21 = draw_between(-(1 << 20), (1 << 20) - 4, 4);
		int32_t d16 = draw_between(-(1 << 15), (1 << 15) - 4, 4);
		int32_t adr = draw_between(-(1 << 20), (1 << 20) - 1, 1);
		unsigned bit = draw_below(sf ? 64 : 32), condition = draw_below(LE + 1);

		(void)rm;
		printf("\tb . + %d\n\tbl . + %d\n", d28, d28);
		ours(arm64_b(d28));
		ours(arm64_bl(d28));
		if (conditions[condition]) {
			printf("\tb.%s . + %d\n", conditions[condition], d21);
			ours(arm64_b_cond(condition, d21));
		}
		printf("\tcbz %s, . + %d\n\tcbnz %s, . + %d\n", R(rd), d21, R(rd), d21);
		ours(arm64_cbz(sf, rd, d21));
		ours(arm64_cbnz(sf, rd, d21));
		printf("\ttbz %s, #%u, . + %d\n", R(rd), bit, d16);
		ours(arm64_tbz(rd, bit, d16));
		printf("\tadr %s, . + %d\n", name(X, rd).text, adr);
		ours(arm64_adr(rd, adr));
		printf("\tbr %s\n\tblr %s\n\tret %s\n\tnop\n", name(X, rn).text, name(X, rn).text,
			name(X, rn).text);
		ours(arm64_br(rn));
		ours(arm64_blr(rn));
		ours(arm64_ret(rn));
		ours(arm64_nop());
	}
}

/* Mnemonics of loads and stores: by what they are and the size; sign-extended to 64 bits. */
static const char *const suffixes[3][4] = {
	{"b", "h", "", ""}, {"b", "h", "", ""}, {"sb", "sh", "sw", NULL}};

static void print_memory(void)
{
	FOR_DRAWS
	{
		unsigned opc = draw_below(3), lg = draw_below(opc == LOAD_SIGNED ? 3 : 4);
		const char *suffix = suffixes[opc][lg], *start = opc == STORE ? "st" : "ld";
		int32_t near = draw_between(-256, 255, 1), pair = draw_between(-512, 504, 8);
		uint32_t far = (uint32_t)draw_between(0, 4095 << lg, 1 << lg);
		unsigned scaled = draw_below(2), rt2 = draw_below(32);

		sf = opc == LOAD_SIGNED || lg == 3;
		printf("\t%sur%s %s, [%s, #%d]\n", start, suffix, R(rd), BASE, near);
		ours(arm64_ldur(lg, opc, rd, rn, near));
		printf("\t%sr%s %s, [%s, #%u]\n", start, suffix, R(rd), BASE, far);
		ours(arm64_ldr_imm(lg, opc, rd, rn, far));
		if (scaled && lg > 0)
			printf("\t%sr%s %s, [%s, %s, lsl #%u]\n", start, suffix, R(rd), BASE,
				name(X, rm).text, lg);
		else
			printf("\t%sr%s %s, [%s, %s]\n", start, suffix, R(rd), BASE,
				name(X, rm).text);
		ours(arm64_ldr_reg(lg, opc, rd, rn, rm, scaled && lg > 0));
		/* A pair of the same register to load is no instruction. */
		rt2 = rt2 == rd ? (rt2 + 1) % 32 : rt2;
		opc = draw_below(2);
		printf("\t%s %s, %s, [%s, #%d]\n", opc == LOAD ? "ldp" : "stp", name(X, rd).text,
			name(X, rt2).text, BASE, pair);
		ours(arm64_ldp(opc, rd, rt2, rn, pair));
	}
}

#define LSE(mnemonic)                                                         \
	FOR_DRAWS                                                             \
	{                                                                     \
		printf("\t" #mnemonic " %s, %s, [%s]\n", R(rm), R(rd), BASE); \
		ours(arm64_##mnemonic(sf, rm, rd, rn));                       \
	}

static void print_atomics(void)
{
	LSE(casal)
	LSE(ldaddal)
	LSE(ldclral)
	LSE(ldeoral)
	LSE(ldsetal)
	LSE(swpal)
	FOR_DRAWS
	{
		printf("\tldaxr %s, [%s]\n", R(rd), BASE);
		ours(arm64_ldaxr(sf, rd, rn));
		/* What tells whether it stored can't be what is stored, nor where. */
		if (rm == rd || rm == rn)
			continue;
		printf("\tstlxr %s, %s, [%s]\n", name(W, rm).text, R(rd), BASE);
		ours(arm64_stlxr(sf, rm, rd, rn));
	}
}

int main(void)
{
	puts("\t.section .ours, \"a\"\n\t.text");
	print_arithmetic();
	print_logical_immediates();
	print_branches();
	print_memory();
	print_atomics();
	return 0;
}
