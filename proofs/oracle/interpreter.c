/* SPDX-License-Identifier: MIT */
/*
 * The C side of the oracle's comparison: reads lines of "PROGRAM MEMORY FUEL" (hex, hex or -,
 * decimal) on standard input, runs each on src/vm, and prints what proofs/oracle/main.ml prints for
 * it. Memory lies at fixed addresses, the same as in proofs/Oracle.v, so that even registers that
 * hold addresses compare.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vouch/vouch.h"

enum {
	PROGRAM_SLOTS = 4096,
	MEMORY_BYTES = 4096,
	FRAMES = 3,
	WRITABLE = 40,
	ADJACENT = 8,
	CONSTANT = 24
};

struct area {
	uintptr_t start;
	size_t size;
};

static const struct area mapped[] = {{0x10000000, MEMORY_BYTES},
	{0x20000000, VOUCH_STACK_SIZE(FRAMES)}, {0x30000000, WRITABLE + ADJACENT},
	{0x40000000, CONSTANT}};
static const struct vouch_region table[] = {{0x30000000, WRITABLE, VOUCH_READ | VOUCH_WRITE},
	{0x30000000 + WRITABLE, ADJACENT, VOUCH_READ | VOUCH_WRITE},
	{0x40000000, CONSTANT, VOUCH_READ}};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static void map_areas(void)
{
	for (size_t i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++) {
		void *at = (void *)mapped[i].start;

		if (mmap(at, mapped[i].size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != at)
			die("mmap");
	}
}

/* Helpers as in proofs/Oracle.v. */
static uint64_t gather(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm;
	return (a1 & 255) << 32 | (a2 & 255) << 24 | (a3 & 255) << 16 | (a4 & 255) << 8 |
	       (a5 & 255);
}

static uint64_t frob(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	uint8_t *bytes = vouch_memory(vm, a1, a2, VOUCH_READ | VOUCH_WRITE);

	(void)a3, (void)a4, (void)a5;
	if (!bytes && a2 != 0) {
		vouch_fail(vm);
		return 0;
	}
	for (uint64_t i = 0; i < a2; i++)
		bytes[i] ^= 42;
	return a1;
}

static uint64_t unwind(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a2, (void)a3, (void)a4, (void)a5;
	if (a1 == 0)
		vouch_end(vm);
	return a1;
}

static const vouch_helper helpers[] = {gather, frob, NULL, NULL, NULL, unwind};

static size_t parse_hex(const char *text, uint8_t *bytes, size_t max)
{
	size_t n = 0;

	for (; n < max && text[0] && text[1] && text[0] != '-'; text += 2, n++) {
		const char digits[] = {text[0], text[1], 0};

		bytes[n] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

static void reset_memory(const uint8_t *memory, size_t size)
{
	memset((void *)mapped[0].start, 0, mapped[0].size);
	memcpy((void *)mapped[0].start, memory, size);
	memset((void *)mapped[1].start, 0, mapped[1].size);
	for (unsigned area = 2; area < 4; area++)
		for (size_t i = 0; i < mapped[area].size; i++)
			((uint8_t *)mapped[area].start)[i] = (uint8_t)(7 * i + 1);
}

static uint64_t hash(uint64_t h, uintptr_t start, size_t size)
{
	for (size_t i = 0; i < size; i++)
		h = (h ^ ((const uint8_t *)start)[i]) * 0x100000001b3;
	return h;
}

static uint64_t hash_memory(size_t context_size)
{
	uint64_t h = 0xcbf29ce484222325;

	h = hash(h, mapped[0].start, context_size);
	h = hash(h, mapped[1].start, FRAMES * VOUCH_FRAME_SIZE);
	h = hash(h, mapped[2].start, mapped[2].size);
	return hash(h, mapped[3].start, mapped[3].size);
}

static void print_case(
	const struct vouch_insn *insns, uint32_t count, size_t context_size, size_t fuel)
{
	struct vouch_vm vm;
	struct vouch_config config = {.program = {insns, count, 0},
		.helpers = helpers,
		.nhelpers = sizeof(helpers) / sizeof(helpers[0]),
		.context = {mapped[0].start, context_size, VOUCH_READ | VOUCH_WRITE},
		.stack = (void *)mapped[1].start,
		.stack_size = mapped[1].size,
		.regions = table,
		.nregions = sizeof(table) / sizeof(table[0]),
		.data = {mapped[3].start, mapped[2].start},
		.fuel = fuel};
	enum vouch_status status = vouch_init(&vm, &config);

	if (status != VOUCH_OK) {
		printf("%s pc=%" PRIu32 "\n", vouch_status_name(status), vm.fault.pc);
		return;
	}
	status = vouch_run(&vm, NULL);
	printf("%s pc=%" PRIu32 " fuel=%zu address=%" PRIx64 " size=%" PRIu32 " write=%" PRIu32
	       " memory=%" PRIx64 " r",
		vouch_status_name(status), vm.fault.pc, (size_t)vm.fuel, vm.fault.address,
		vm.fault.size, vm.fault.write, hash_memory(context_size));
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		printf(" %" PRIx64, vm.r[i]);
	putchar('\n');
}

int main(void)
{
	static struct vouch_insn insns[PROGRAM_SLOTS];
	static uint8_t memory[MEMORY_BYTES];
	char *line = NULL, *program, *context, *fuel;
	size_t room = 0;

	map_areas();
	while (getline(&line, &room, stdin) > 0) {
		size_t bytes, context_size;

		program = strtok(line, " ");
		context = strtok(NULL, " ");
		fuel = strtok(NULL, " \n");
		if (!program || !context || !fuel) {
			fprintf(stderr, "not a case\n");
			return 2;
		}
		bytes = parse_hex(program, (uint8_t *)insns, sizeof(insns));
		context_size = parse_hex(context, memory, sizeof(memory));
		reset_memory(memory, context_size);
		print_case(insns, (uint32_t)(bytes / sizeof(insns[0])), context_size,
			strtoull(fuel, NULL, 10));
	}
	free(line);
	return 0;
}
