/* SPDX-License-Identifier: MIT */
/*
 * Every rv_* function of the three encode.h against binutils: this prints an assembly file that has
 * each instruction twice, as the GNU assembler is to understand it (.text) and as encode.h encodes
 * it (.ours), for random operands and the extremes of each field. The rules in rv64.mk and rv32.mk
 * assemble it and compare the two sections.
 *
 *   rv_encode 32|64
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "jit/rv32/encode.h"
#include "jit/rv64/encode.h"
#include "support/random.h"

enum { DRAWS = 200 };

static unsigned xlen;

static int32_t between_not_0(int32_t low, int32_t high, int32_t step)
{
	int32_t value = draw_between(low, high, step);

	return value == 0 ? step : value;
}

static unsigned any(void)
{
	return draw_below(32);
}

static unsigned not_zero(void)
{
	return 1 + draw_below(31);
}

static unsigned primed(void)
{
	return 8 + draw_below(8);
}

/* Neither x0 nor sp, of which c.lui makes something else. */
static unsigned not_sp(void)
{
	return 3 + draw_below(29);
}

static void ours(unsigned bytes, uint32_t code)
{
	printf("\t.section .ours\n\t.%ubyte %#" PRIx32 "\n\t.text\n", bytes, code);
}

/* Operands in the order in which assembly has them. */

#define RD_RS1_RS2(name)                                             \
	for (unsigned i = 0; i < DRAWS; i++) {                       \
		unsigned rd = any(), rs1 = any(), rs2 = any();       \
                                                                     \
		printf("\t" #name " x%u, x%u, x%u\n", rd, rs1, rs2); \
		ours(4, rv_##name(rd, rs1, rs2));                    \
	}
#define RD_RS1_IMM(name, low, high)                                 \
	for (unsigned i = 0; i < DRAWS; i++) {                      \
		unsigned rd = any(), rs1 = any();                   \
		int32_t imm = draw_between(low, high, 1);           \
                                                                    \
		printf("\t" #name " x%u, x%u, %d\n", rd, rs1, imm); \
		ours(4, rv_##name(rd, rs1, imm));                   \
	}
#define RD_RS1_SHAMT(name, width)                                            \
	for (unsigned i = 0; i < DRAWS; i++) {                               \
		unsigned rd = any(), rs1 = any(), shamt = draw_below(width); \
                                                                             \
		printf("\t" #name " x%u, x%u, %u\n", rd, rs1, shamt);        \
		ours(4, rv_##name(rd, rs1, shamt));                          \
	}
#define REG_MEM(name)                                                \
	for (unsigned i = 0; i < DRAWS; i++) {                       \
		unsigned reg = any(), rs1 = any();                   \
		int32_t imm = draw_between(-2048, 2047, 1);          \
                                                                     \
		printf("\t" #name " x%u, %d(x%u)\n", reg, imm, rs1); \
		ours(4, rv_##name(reg, rs1, imm));                   \
	}
#define RD_IMM20(name)                                                         \
	for (unsigned i = 0; i < DRAWS; i++) {                                 \
		unsigned rd = any();                                           \
		int32_t imm = draw_between(-(1 << 19), (1 << 19) - 1, 1);      \
                                                                               \
		printf("\t" #name " x%u, %#x\n", rd, (unsigned)imm & 0xfffff); \
		ours(4, rv_##name(rd, imm));                                   \
	}
#define BRANCH(name, condition)                                               \
	for (unsigned i = 0; i < DRAWS; i++) {                                \
		unsigned rs1 = any(), rs2 = any();                            \
		int32_t distance = draw_between(-4096, 4094, 2);              \
                                                                              \
		printf("\t" #name " x%u, x%u, . + %d\n", rs1, rs2, distance); \
		ours(4, rv_branch(condition, rs1, rs2, distance));            \
	}
#define AMO(name)                                                                              \
	for (unsigned i = 0; i < DRAWS; i++) {                                                 \
		unsigned width = AMO_W + draw_below(xlen / 32), order = draw_below(4);         \
		unsigned rd = any(), rs2 = any(), rs1 = any();                                 \
                                                                                               \
		printf("\t" #name ".%s%s x%u, x%u, (x%u)\n", widths[width], orders[order], rd, \
			rs2, rs1);                                                             \
		ours(4, rv_##name(width, order, rd, rs2, rs1));                                \
	}

static const char *const widths[] = {[AMO_W] = "w", [AMO_D] = "d"};
static const char *const orders[] = {[RELAXED] = "", [RL] = ".rl", [AQ] = ".aq", [AQRL] = ".aqrl"};

static void print_base(void)
{
	RD_IMM20(lui)
	RD_IMM20(auipc)
	RD_RS1_IMM(jalr, -2048, 2047)
	BRANCH(beq, BEQ)
	BRANCH(bne, BNE)
	BRANCH(blt, BLT)
	BRANCH(bge, BGE)
	BRANCH(bltu, BLTU)
	BRANCH(bgeu, BGEU)
	REG_MEM(lb)
	REG_MEM(lh)
	REG_MEM(lw)
	REG_MEM(lbu)
	REG_MEM(lhu)
	REG_MEM(sb)
	REG_MEM(sh)
	REG_MEM(sw)
	RD_RS1_IMM(addi, -2048, 2047)
	RD_RS1_IMM(sltiu, -2048, 2047)
	RD_RS1_IMM(xori, -2048, 2047)
	RD_RS1_IMM(ori, -2048, 2047)
	RD_RS1_IMM(andi, -2048, 2047)
	RD_RS1_SHAMT(slli, xlen)
	RD_RS1_SHAMT(srli, xlen)
	RD_RS1_SHAMT(srai, xlen)
	for (unsigned i = 0; i < DRAWS; i++) {
		unsigned rd = any();
		int32_t distance = draw_between(-(1 << 20), (1 << 20) - 2, 2);

		printf("\tjal x%u, . + %d\n", rd, distance);
		ours(4, rv_jal(rd, distance));
	}
}

static void print_arithmetic(void)
{
	RD_RS1_RS2(add)
	RD_RS1_RS2(sub)
	RD_RS1_RS2(sll)
	RD_RS1_RS2(sltu)
	RD_RS1_RS2(xor)
	RD_RS1_RS2(srl)
	RD_RS1_RS2(sra)
	RD_RS1_RS2(or)
	RD_RS1_RS2(and)
	RD_RS1_RS2(mul)
	RD_RS1_RS2(mulhu)
	RD_RS1_RS2(div)
	RD_RS1_RS2(divu)
	RD_RS1_RS2(rem)
	RD_RS1_RS2(remu)
}

static void print_atomics(void)
{
	AMO(amoadd)
	AMO(amoswap)
	AMO(sc)
	AMO(amoxor)
	AMO(amoor)
	AMO(amoand)
	for (unsigned i = 0; i < DRAWS; i++) {
		unsigned width = AMO_W + draw_below(xlen / 32), order = draw_below(4);
		unsigned rd = any(), rs1 = any();

		printf("\tlr.%s%s x%u, (x%u)\n", widths[width], orders[order], rd, rs1);
		ours(4, rv_lr(width, order, rd, rs1));
	}
}

#define C_REG_IMM(name, reg, imm)                             \
	for (unsigned i = 0; i < DRAWS; i++) {                \
		unsigned rd = reg;                            \
		int32_t value = imm;                          \
                                                              \
		printf("\tc." #name " x%u, %d\n", rd, value); \
		ours(2, rv_c_##name(rd, value));              \
	}
#define C_SHIFT(name, reg)                                           \
	for (unsigned i = 0; i < DRAWS; i++) {                       \
		unsigned rd = reg, shamt = 1 + draw_below(xlen - 1); \
                                                                     \
		printf("\tc." #name " x%u, %u\n", rd, shamt);        \
		ours(2, rv_c_##name(rd, shamt));                     \
	}
#define C_REG_REG(name, reg)                                 \
	for (unsigned i = 0; i < DRAWS; i++) {               \
		unsigned rd = reg, rs2 = reg;                \
                                                             \
		printf("\tc." #name " x%u, x%u\n", rd, rs2); \
		ours(2, rv_c_##name(rd, rs2));               \
	}
#define C_MEM(name, bytes)                                             \
	for (unsigned i = 0; i < DRAWS; i++) {                         \
		unsigned reg = primed(), rs1 = primed();               \
		int32_t imm = draw_between(0, 31 * bytes, bytes);      \
                                                                       \
		printf("\tc." #name " x%u, %d(x%u)\n", reg, imm, rs1); \
		ours(2, rv_c_##name(reg, rs1, imm));                   \
	}
#define C_SP(name, bytes)                                         \
	for (unsigned i = 0; i < DRAWS; i++) {                    \
		unsigned reg = not_zero();                        \
		int32_t imm = draw_between(0, 63 * bytes, bytes); \
                                                                  \
		printf("\tc." #name " x%u, %d(sp)\n", reg, imm);  \
		ours(2, rv_c_##name(reg, imm));                   \
	}
#define C_BRANCH(name, condition)                                     \
	for (unsigned i = 0; i < DRAWS; i++) {                        \
		unsigned rs1 = primed();                              \
		int32_t distance = draw_between(-256, 254, 2);        \
                                                                      \
		printf("\tc." #name " x%u, . + %d\n", rs1, distance); \
		ours(2, rv_c_branch_zero(condition, rs1, distance));  \
	}
#define C_JUMP(name)                                             \
	for (unsigned i = 0; i < DRAWS; i++) {                   \
		int32_t distance = draw_between(-2048, 2046, 2); \
                                                                 \
		printf("\tc." #name " . + %d\n", distance);      \
		ours(2, rv_c_##name(distance));                  \
	}
#define C_REG(name)                                 \
	for (unsigned i = 0; i < DRAWS; i++) {      \
		unsigned rs1 = not_zero();          \
                                                    \
		printf("\tc." #name " x%u\n", rs1); \
		ours(2, rv_c_##name(rs1));          \
	}

static void print_compressed(void)
{
	C_MEM(lw, 4)
	C_MEM(sw, 4)
	C_REG_IMM(addi, not_zero(), between_not_0(-32, 31, 1))
	C_REG_IMM(li, not_zero(), draw_between(-32, 31, 1))
	C_REG_IMM(andi, primed(), draw_between(-32, 31, 1))
	C_SHIFT(srli, primed())
	C_SHIFT(srai, primed())
	C_SHIFT(slli, not_zero())
	C_REG_REG(sub, primed())
	C_REG_REG(xor, primed())
	C_REG_REG(or, primed())
	C_REG_REG(and, primed())
	C_REG_REG(mv, not_zero())
	C_REG_REG(add, not_zero())
	C_SP(lwsp, 4)
	C_SP(swsp, 4)
	C_BRANCH(beqz, BEQ)
	C_BRANCH(bnez, BNE)
	C_REG(jr)
	C_REG(jalr)
	for (unsigned i = 0; i < DRAWS; i++) {
		unsigned rd = not_sp();
		int32_t imm = between_not_0(-32, 31, 1);

		printf("\tc.lui x%u, %#x\n", rd, (unsigned)imm & 0xfffff);
		ours(2, rv_c_lui(rd, imm));
	}
	C_JUMP(j)
}

/* What only one of the two has. */

static void print_rv64(void)
{
	REG_MEM(ld)
	REG_MEM(lwu)
	REG_MEM(sd)
	RD_RS1_IMM(addiw, -2048, 2047)
	RD_RS1_SHAMT(sraiw, 32)
	RD_RS1_RS2(sllw)
	RD_RS1_RS2(srlw)
	RD_RS1_RS2(sraw)
	RD_RS1_RS2(divw)
	RD_RS1_RS2(divuw)
	RD_RS1_RS2(remw)
	RD_RS1_RS2(remuw)
}

static void print_rv64_compressed(void)
{
	C_MEM(ld, 8)
	C_MEM(sd, 8)
	C_REG_IMM(addiw, not_zero(), draw_between(-32, 31, 1))
	C_SP(ldsp, 8)
	C_SP(sdsp, 8)
}

static void print_rv32_compressed(void)
{
	C_JUMP(jal)
}

int main(int argc, char **argv)
{
	xlen = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	if (xlen != 32 && xlen != 64)
		return 1;
	puts("\t.option norelax\n\t.option norvc\n\t.section .ours, \"a\"\n\t.text");
	print_base();
	print_arithmetic();
	print_atomics();
	if (xlen == 64)
		print_rv64();
	puts("\t.option rvc");
	print_compressed();
	if (xlen == 64)
		print_rv64_compressed();
	else
		print_rv32_compressed();
	return 0;
}
