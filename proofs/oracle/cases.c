/* SPDX-License-Identifier: MIT */
/*
 * Cases for the oracle: lines of "PROGRAM MEMORY FUEL".
 *
 * `cases fields`: programs around one instruction, all 256 opcodes with telling values of each
 * field, for the checker and the decoder.
 *
 * `cases random N SEED`: programs that mostly pass the checker and mostly keep to their memory,
 * with loops, calls and every instruction of opcodes.def; some are then damaged.
 *
 * `cases files FILE…`: each file's bytes as a program; the checker's fuzzing corpus.
 *
 * Random programs are drawn from the table, so an instruction added there is tested without a
 * change here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/isa.h"

enum { SLOTS_MAX = 64, MEMORY_MAX = 32 };

struct random {
	uint64_t state;
};

/* splitmix64. */
static uint64_t next(struct random *random)
{
	uint64_t x = random->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

static uint32_t below(struct random *random, uint32_t limit)
{
	return (uint32_t)((next(random) >> 32) * limit >> 32);
}

static bool one_in(struct random *random, uint32_t n)
{
	return below(random, n) == 0;
}

/* Numbers at which something happens. */
static uint64_t number(struct random *random)
{
	static const uint64_t telling[] = {0, 1, 2, 7, 8, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff,
		0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
		0x8000000000000000, UINT64_MAX};
	uint64_t x = telling[below(random, sizeof(telling) / sizeof(telling[0]))];

	switch (below(random, 4)) {
	case 0:
		return x;
	case 1:
		return 0 - x;
	case 2:
		return x + below(random, 5) - 2;
	default:
		return next(random) >> below(random, 64);
	}
}

static void print_hex(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%02x", ((const uint8_t *)bytes)[i]);
}

static void print_case(const struct vouch_insn *insns, size_t count, const uint8_t *memory,
	size_t size, uint32_t fuel)
{
	print_hex(insns, count * sizeof(*insns));
	putchar(' ');
	if (size == 0)
		putchar('-');
	print_hex(memory, size);
	printf(" %" PRIu32 "\n", fuel);
}

/* Registers by use: r6 is kept as the context's address, r7 as a data object's. */
static unsigned written_register(struct random *random)
{
	static const uint8_t free_registers[] = {0, 1, 2, 3, 4, 5, 8, 9};

	return one_in(random, 40) ? 6 + below(random, 2) : free_registers[below(random, 8)];
}

static unsigned read_register(struct random *random)
{
	return below(random, 11);
}

/* A base and displacement that are mostly inside some region. */
static unsigned base_register(struct random *random, int16_t *off)
{
	switch (below(random, 8)) {
	case 0:
	case 1:
		*off = (int16_t)below(random, MEMORY_MAX + 4);
		*off = (int16_t)(one_in(random, 2) ? *off & ~7 : *off);
		return 6;
	case 2:
	case 3:
		*off = (int16_t)(below(random, 52) - 2);
		*off = (int16_t)(one_in(random, 2) ? *off & ~7 : *off);
		return 7;
	case 4:
		*off = (int16_t)number(random);
		return read_register(random);
	default:
		*off = (int16_t)(one_in(random, 12) ? -520 + (int)below(random, 16)
						    : -8 * (1 + (int)below(random, 8)));
		return 10;
	}
}

/* An instruction of the table with its fields filled in, all but jumps. Returns its slots. */
static uint32_t draw_insn(struct random *random, struct vouch_insn *insn)
{
	const struct vouch_op_info *info = &vouch_ops[below(random, OP_COUNT)];
	unsigned dst = info->dst == REG_NONE ? 0
		       : info->dst == REG_R  ? read_register(random)
					     : written_register(random);
	unsigned src = info->src == REG_NONE ? 0
		       : info->src == REG_R  ? read_register(random)
					     : written_register(random);
	static const uint8_t helper_ids[] = {0, 1, 5, 0, 0};
	unsigned class = info->opcode & 7;

	*insn = (struct vouch_insn){.opcode = info->opcode};
	if (info->off == OFF_MEM && class == CLASS_LDX)
		src = base_register(random, &insn->off);
	else if (info->off == OFF_MEM)
		dst = base_register(random, &insn->off);
	if (info->opcode >> 5 == 6 && class == CLASS_STX &&
		!one_in(random, 8)) /* atomic: aligned */
		insn->off = (int16_t)(insn->off & ~7);
	if (info->imm == IMM_VALUE || info->imm == IMM_WIDE)
		insn->imm = (int32_t)number(random);
	else if (info->imm == IMM_HELPER)
		insn->imm = helper_ids[below(random, 5)];
	else if (info->imm == IMM_OBJECT)
		insn->imm = (int32_t)below(random, 2);
	if (info->select == SELECT_OFF)
		insn->off = info->value;
	else if (info->select == SELECT_IMM)
		insn->imm = info->value;
	else if (info->select == SELECT_SRC)
		src = info->value;
	insn->regs = VOUCH_REGS(dst, src);
	if (!vouch_is_wide(insn))
		return 1;
	insn[1] = (struct vouch_insn){.imm = info->imm == IMM_OBJECT ? (int32_t)below(random, 40)
								     : (int32_t)number(random)};
	return 2;
}

/* Jumps go to starts of instructions; most go forward. */
static void aim(struct random *random, struct vouch_insn *insns, uint32_t count)
{
	for (uint32_t pc = 0; pc < count; pc++) {
		enum vouch_op op = vouch_decode(&insns[pc]);
		uint32_t target = one_in(random, 3) ? below(random, count)
						    : pc + 1 + below(random, count - pc);

		if (target >= count || insns[target].opcode == 0)
			target = count - 1;
		if (op != OP_INVALID && vouch_ops[op].off == OFF_JUMP)
			insns[pc].off = (int16_t)((int32_t)target - (int32_t)pc - 1);
		else if (op != OP_INVALID && vouch_ops[op].imm == IMM_JUMP)
			insns[pc].imm = (int32_t)target - (int32_t)pc - 1;
		pc += vouch_is_wide(&insns[pc]);
	}
}

static void random_case(struct random *random)
{
	struct vouch_insn insns[SLOTS_MAX + 2];
	uint8_t memory[MEMORY_MAX];
	uint32_t body = 4 + below(random, SLOTS_MAX - 16), count = 0, size;

	insns[count++] = (struct vouch_insn){.opcode = 0xbf, .regs = VOUCH_REGS(6, 1)};
	insns[count++] = (struct vouch_insn){
		.opcode = 0x18, .regs = VOUCH_REGS(7, 6), .imm = one_in(random, 4) ? 0 : 1};
	insns[count++] = (struct vouch_insn){0};
	for (unsigned i = 0; i < 3; i++) {
		insns[count++] = (struct vouch_insn){.opcode = 0x18,
			.regs = VOUCH_REGS(written_register(random), 0),
			.imm = (int32_t)number(random)};
		insns[count++] = (struct vouch_insn){.imm = (int32_t)number(random)};
	}
	while (count < body) {
		uint32_t slots = draw_insn(random, &insns[count]);

		/* Ends and callx would leave little of most programs. */
		if ((insns[count].opcode == OPCODE_EXIT || insns[count].opcode == OPCODE_CALLX) &&
			!one_in(random, 3))
			continue;
		count += slots;
	}
	insns[count++] = (struct vouch_insn){.opcode = OPCODE_EXIT};
	aim(random, insns, count);
	if (one_in(random, 12)) {
		uint8_t *bytes = (uint8_t *)insns;

		bytes[below(random, count * 8)] ^= (uint8_t)(1u << below(random, 8));
	}
	size = one_in(random, 8) ? below(random, MEMORY_MAX + 1) : MEMORY_MAX;
	for (uint32_t i = 0; i < size; i++)
		memory[i] = (uint8_t)next(random);
	print_case(insns, count, memory, size,
		one_in(random, 4) ? below(random, 4) : below(random, 60));
}

/* The instruction between a start and an end that it may jump to, with and without a second half.
 */
static void field_case(unsigned opcode, unsigned dst, unsigned src, int16_t off, int32_t imm)
{
	static const uint8_t memory[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	const struct vouch_insn insn = {
		.opcode = (uint8_t)opcode, .regs = VOUCH_REGS(dst, src), .off = off, .imm = imm};
	const struct vouch_insn end = {.opcode = OPCODE_EXIT},
				load = {.opcode = 0xbf, .regs = VOUCH_REGS(0, 10)};
	const struct vouch_insn second = {.imm = 2};
	const struct vouch_insn narrow[] = {load, insn, end, end},
				wide[] = {load, insn, second, end};

	print_case(opcode == OPCODE_LDDW ? wide : narrow, 4, memory, sizeof(memory), 3);
	if (opcode == OPCODE_LDDW)
		print_case(narrow, 4, memory, sizeof(memory), 3);
	if (dst == src) { /* at the program's end */
		print_case(narrow, 2, memory, sizeof(memory), 3);
		print_case(wide, 3, memory, sizeof(memory), 3);
	}
}

static void field_cases(void)
{
	static const uint8_t registers[] = {0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 15};
	static const int16_t offs[] = {0, 1, 2, 3, 8, 16, 32, 64, -1, -2, -3, -8, 0x100, -32768};
	static const int32_t imms[] = {0, 1, 2, 3, 5, 6, 8, 16, 32, 64, 0x40, 0x41, 0x50, 0x51,
		0xa0, 0xa1, 0xe0, 0xe1, 0xf0, 0xf1, -1, -2, -3, 0x101, INT32_MIN};
	const size_t nregisters = sizeof(registers), noffs = sizeof(offs) / 2,
		     nimms = sizeof(imms) / 4;

	for (unsigned opcode = 0; opcode < 256; opcode++) {
		for (size_t dst = 0; dst < nregisters; dst++)
			for (size_t src = 0; src < nregisters; src++)
				field_case(opcode, registers[dst], registers[src], 0, 0);
		for (size_t off = 0; off < noffs; off++)
			for (size_t imm = 0; imm < nimms; imm++) {
				field_case(opcode, 0, 0, offs[off], imms[imm]);
				field_case(opcode, 0, 10, offs[off], imms[imm]);
			}
		/* Subtypes of calls and 64-bit immediates. */
		for (size_t imm = 0; imm < nimms; imm++)
			for (unsigned src = 1; src <= 7; src++)
				field_case(opcode, 0, src, 0, imms[imm]);
	}
}

static bool file_case(const char *name)
{
	static struct vouch_insn insns[4096];
	static const uint8_t memory[16] = {1, 2, 3, 4, 5, 6, 7, 8};
	FILE *file = fopen(name, "rb");
	size_t count;

	if (!file) {
		perror(name);
		return false;
	}
	count = fread(insns, sizeof(insns[0]), sizeof(insns) / sizeof(insns[0]), file);
	fclose(file);
	if (count > 0)
		print_case(insns, count, memory, sizeof(memory), 100);
	return true;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "files") == 0) {
		for (int i = 2; i < argc; i++)
			if (!file_case(argv[i]))
				return 2;
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "fields") == 0) {
		field_cases();
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "random") == 0) {
		struct random random = {strtoull(argv[3], NULL, 0)};

		for (uint64_t n = strtoull(argv[2], NULL, 0); n > 0; n--)
			random_case(&random);
		return 0;
	}
	fprintf(stderr, "usage: cases fields | cases random N SEED | cases files FILE…\n");
	return 2;
}
