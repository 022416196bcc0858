/* SPDX-License-Identifier: MIT */
/*
 * Atomics on a Cortex-M are atomic: while a compiled program adds to a word of memory, an interrupt
 * adds to it, too, and nothing is lost. That something would be lost otherwise is shown by the
 * same program with a load, an addition and a store. The emulator has to take interrupts between
 * any two instructions (-singlestep).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include "isa/isa.h"
#include "vouch/jit.h"

#define SYST_CSR (*(volatile uint32_t *)0xe000e010)
#define SYST_RVR (*(volatile uint32_t *)0xe000e014)
#define SYST_CVR (*(volatile uint32_t *)0xe000e018)
enum { SYST_ENABLE = 7, TICKS = 500, ROUNDS = 300000, CODE_BYTES = 4096 };

static volatile uint64_t word;
static volatile uint32_t interrupts;

void arm_systick_isr(void);
void arm_systick_isr(void)
{
	word++;
	interrupts++;
}

/* r1 is the address of the word: what is to add r3 to it goes between this and LAST. */
#define FIRST                                \
	{0xb7, VOUCH_REGS(4, 0), 0, ROUNDS}, \
	{                                    \
		0xb7, VOUCH_REGS(3, 0), 0, 1 \
	}
#define LAST(delta)                                                          \
	{0x07, VOUCH_REGS(4, 0), 0, -1}, {0x55, VOUCH_REGS(4, 0), delta, 0}, \
	{                                                                    \
		0x95, VOUCH_REGS(0, 0), 0, 0                                 \
	}

/* lock *(u64 *)(r1 + 0) += r3 */
static const struct vouch_insn atomic_64[] = {FIRST, {0xdb, VOUCH_REGS(1, 3), 0, 0}, LAST(-3)};

/* lock *(u32 *)(r1 + 0) += r3 */
static const struct vouch_insn atomic_32[] = {FIRST, {0xc3, VOUCH_REGS(1, 3), 0, 0}, LAST(-3)};

/* r5 = *(u64 *)(r1 + 0); r0 = r5; r0 += 1; lock cmpxchg; if r0 != r5 goto -5 */
static const struct vouch_insn compare_exchange[] = {FIRST, {0x79, VOUCH_REGS(5, 1), 0, 0},
	{0xbf, VOUCH_REGS(0, 5), 0, 0}, {0xbf, VOUCH_REGS(6, 5), 0, 0},
	{0x07, VOUCH_REGS(6, 0), 0, 1}, {0xdb, VOUCH_REGS(1, 6), 0, 0xf1},
	{0x5d, VOUCH_REGS(0, 5), -6, 0}, LAST(-8)};

/* r0 = *(u64 *)(r1 + 0); r0 += r3; *(u64 *)(r1 + 0) = r0 */
static const struct vouch_insn plain[] = {FIRST, {0x79, VOUCH_REGS(0, 1), 0, 0},
	{0x0f, VOUCH_REGS(0, 3), 0, 0}, {0x7b, VOUCH_REGS(1, 0), 0, 0}, LAST(-5)};

/* How many additions were lost. */
static uint64_t lost(const struct vouch_insn *insns, uint32_t count)
{
	static _Alignas(64) uint8_t code[CODE_BYTES];
	static uint32_t scratch[VOUCH_JIT_SCRATCH(64)];
	static _Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(1)];
	const struct vouch_config config = {.program = {insns, count, 0},
		.context = {(uintptr_t)&word, sizeof(word), VOUCH_READ | VOUCH_WRITE},
		.stack = stack,
		.stack_size = sizeof(stack),
		.fuel = VOUCH_FUEL_MAX};
	struct vouch_vm vm;
	struct vouch_code result;

	if (vouch_init(&vm, &config) != VOUCH_OK ||
		vouch_compile(vouch_target_host(), 0, &config.program, code, sizeof(code), scratch,
			&result) != VOUCH_OK) {
		puts("refused");
		exit(1);
	}
	__asm__ volatile("dsb\n\tisb" : : : "memory");
	word = 0;
	interrupts = 0;
	SYST_RVR = TICKS;
	SYST_CVR = 0;
	SYST_CSR = SYST_ENABLE;
	if (vouch_run_compiled(&vm, code, NULL) != VOUCH_OK) {
		puts("stopped");
		exit(1);
	}
	SYST_CSR = 0;
	if (interrupts < 50) {
		printf("only %u interrupts\n", (unsigned)interrupts);
		exit(1);
	}
	return ROUNDS + interrupts - word;
}

#define LOST(program) lost(program, sizeof(program) / sizeof((program)[0]))

int main(void)
{
	if (LOST(atomic_64) != 0 || LOST(atomic_32) != 0 || LOST(compare_exchange) != 0) {
		puts("an addition was lost");
		return 1;
	}
	if (LOST(plain) == 0) {
		puts("nothing was lost without atomics: this test tests nothing");
		return 1;
	}
	puts("atomics lose nothing to interrupts");
	return 0;
}
