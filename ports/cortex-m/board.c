/* SPDX-License-Identifier: MIT */
/*
 * A bare Cortex-M3 or M4: vectors, start, and output by semihosting, that is: by a debugger or an
 * emulator. Code memory is guarded by the MPU where there is one. Registers are those of the
 * ARMv7-M Architecture Reference Manual, chapter B3.
 */
#include <stdint.h>
#include "../port.h"

extern uint32_t stack_top[], data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_image[];

/* Semihosting: an operation in r0, its argument in r1 */

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

static void semihost(uint32_t operation, const void *argument)
{
	register uint32_t r0 __asm__("r0") = operation;
	register const void *r1 __asm__("r1") = argument;

	__asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void port_print(const char *text)
{
	semihost(SYS_WRITE0, text);
}

static _Noreturn void leave(int status)
{
	const uint32_t arguments[2] = {APPLICATION_EXIT, (uint32_t)status};

	for (;;)
		semihost(SYS_EXIT_EXTENDED, arguments);
}

/* The MPU, B3.5: one region for code; elsewhere memory is as the architecture has it. */

#define MPU_TYPE (*(volatile uint32_t *)0xe000ed90)
#define MPU_CTRL (*(volatile uint32_t *)0xe000ed94)
#define MPU_RNR  (*(volatile uint32_t *)0xe000ed98)
#define MPU_RBAR (*(volatile uint32_t *)0xe000ed9c)
#define MPU_RASR (*(volatile uint32_t *)0xe000eda0)

enum {
	MPU_ENABLE = 1,
	MPU_PRIVDEFENA = 4,
	RASR_ENABLE = 1,
	RASR_NORMAL = 0x30000,       /* TEX, C and B: write-back */
	RASR_WRITE = 0x3000000,      /* AP: anybody reads and writes */
	RASR_READ = 0x6000000,       /* AP: anybody reads */
	RASR_NO_EXECUTE = 0x10000000 /* XN */
};

void port_protect(void *code, size_t size, bool executable)
{
	uint32_t log2_size = 31u - (uint32_t)__builtin_clz((uint32_t)size);

	__asm__ volatile("dsb" : : : "memory");
	if (MPU_TYPE != 0) {
		MPU_RNR = 0;
		MPU_RBAR = (uint32_t)code;
		MPU_RASR = (executable ? RASR_READ : RASR_WRITE | RASR_NO_EXECUTE) | RASR_NORMAL |
		           (log2_size - 1) << 1 | RASR_ENABLE;
		MPU_CTRL = MPU_PRIVDEFENA | MPU_ENABLE;
	}
	/* What was written is what is fetched. */
	__asm__ volatile("dsb\n\tisb" : : : "memory");
}

/* SysTick, B3.3: 24 bits that count down, once in 40 ns on this board */

#define SYST_CSR (*(volatile uint32_t *)0xe000e010)
#define SYST_RVR (*(volatile uint32_t *)0xe000e014)
#define SYST_CVR (*(volatile uint32_t *)0xe000e018)

enum { SYST_ENABLE = 5, SYST_MAX = 0xffffff, SYST_NS = 40 };

void port_start_count(void)
{
	SYST_RVR = SYST_MAX;
	SYST_CVR = 0;
	SYST_CSR = SYST_ENABLE;
}

uint64_t port_count(void)
{
	uint32_t left = SYST_CVR;

	/* 0 until the first tick, which loads SYST_MAX */
	return left ? (uint64_t)(SYST_MAX - left + 1) * SYST_NS : 0;
}

/* Start */

_Noreturn void reset(void);
_Noreturn void reset(void)
{
	const uint32_t *from = data_image;

	for (uint32_t *to = data_start; to < data_end; to++)
		*to = *from++;
	for (uint32_t *to = bss_start; to < bss_end; to++)
		*to = 0;
	leave(board_main());
}

static _Noreturn void stray(void)
{
	port_print("an exception that nobody expects\n");
	leave(2);
}

/* The system's exceptions, B1.5.2; the board's interrupts stay off. */
__attribute__((used, section(".vectors"))) static void (*const vectors[16])(void) = {
	(void (*)(void))stack_top, reset, stray, stray, stray, stray, stray, stray, stray, stray,
	stray, stray, stray, stray, stray, stray};
