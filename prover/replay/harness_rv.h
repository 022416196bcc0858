/* SPDX-License-Identifier: MIT */
/* What the harness has to know of Linux on RISC-V, of 32 or of 64 bits: system calls, a signal's
 * registers, a breakpoint. */
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

enum { REGISTERS = 32 };

static long system_call(long number, long a, long b, long c, long d)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = -1; /* mmap: no file */
	register long a5 __asm__("a5") = 0;
	register long a7 __asm__("a7") = number;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
			 : "memory");
	return a0;
}

/* x0 is where Linux keeps pc. */
static unsigned long *register_of(struct ucontext *context, unsigned n)
{
	return (unsigned long *)&context->uc_mcontext.sc_regs + n;
}

static unsigned long *pc_of(struct ucontext *context)
{
	return register_of(context, 0);
}

static uint64_t get_register(struct ucontext *context, unsigned n)
{
	return n == 0 ? 0 : *register_of(context, n);
}

static void set_register(struct ucontext *context, unsigned n, uint64_t value)
{
	if (n != 0)
		*register_of(context, n) = (unsigned long)value;
}

static uint64_t take_return_address(struct ucontext *context, unsigned link)
{
	return get_register(context, link);
}

static void at_breakpoint(struct ucontext *context)
{
	(void)context;
}

/* Any trap will do: the handler sets all registers. */
static void trap(void)
{
	__asm__ volatile("ebreak");
}

/* As a kernel does when it has been interrupted: an emulator might not. */
static void forget_reservation(void)
{
	uint32_t nowhere;

	__asm__ volatile("sc.w zero, zero, %0" : "=A"(nowhere));
}

/* What was written to a page is to be run. */
static void flush_code(uint64_t page)
{
	(void)page;
	__asm__ volatile("fence.i" ::: "memory");
}

__asm__(".globl _start\n"
	"_start: andi sp, sp, -16\n"
	"	call harness\n");
