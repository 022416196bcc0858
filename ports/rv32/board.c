/* SPDX-License-Identifier: MIT */
/*
 * A bare RV32IMAC in machine mode: QEMU's virt machine, whose serial port takes bytes and whose
 * test device ends the run.
 */
#include <stdint.h>
#include "../port.h"

extern uint32_t data_start[], data_end[], bss_start[], bss_end[];
extern const uint32_t data_image[];

#define UART     (*(volatile uint8_t *)0x10000000)
#define FINISHER (*(volatile uint32_t *)0x100000)
enum { FINISHER_PASS = 0x5555, FINISHER_FAIL = 0x3333 };

void port_print(const char *text)
{
	while (*text)
		UART = (uint8_t)*text++;
}

static _Noreturn void leave(int status)
{
	for (;;)
		FINISHER = status == 0 ? FINISHER_PASS : (uint32_t)status << 16 | FINISHER_FAIL;
}

/* Physical memory protection doesn't bind machine mode, so there is only fetching to care for. */
void port_protect(void *code, size_t size, bool executable)
{
	(void)code, (void)size, (void)executable;
	__asm__ volatile(".option push\n\t"
			 ".option arch, +zifencei\n\t"
			 "fence.i\n\t"
			 ".option pop"
			 :
			 :
			 : "memory");
}

/* minstret; what overflows in less than 4 seconds is of no use to others. */

static uint32_t count_start;

static uint32_t instructions(void)
{
	uint32_t count;

	__asm__ volatile(".option push\n\t"
			 ".option arch, +zicsr\n\t"
			 "csrr %0, minstret\n\t"
			 ".option pop"
			 : "=r"(count));
	return count;
}

void port_start_count(void)
{
	count_start = instructions();
}

uint64_t port_count(void)
{
	return instructions() - count_start;
}

/* Start */

static _Noreturn __attribute__((used)) void run(void)
{
	const uint32_t *from = data_image;

	for (uint32_t *to = data_start; to < data_end; to++)
		*to = *from++;
	for (uint32_t *to = bss_start; to < bss_end; to++)
		*to = 0;
	leave(board_main());
}

static _Noreturn __attribute__((used, aligned(4))) void stray(void)
{
	port_print("a trap that nobody expects\n");
	leave(2);
}

__asm__(".section .start, \"ax\"\n"
	".globl start\n"
	"start:\n"
	"	.option push\n"
	"	.option arch, +zicsr\n"
	"	la t0, stray\n"
	"	csrw mtvec, t0\n"
	"	.option pop\n"
	"	la sp, stack_top\n"
	"	call run\n"
	"	.previous\n");
