/* SPDX-License-Identifier: MIT */
/* What the harness has to know of Linux on AArch64: system calls, a signal's registers. */
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

/* x0 to x30, then sp. */
enum { REGISTERS = 32 };

static long system_call(long number, long a, long b, long c, long d)
{
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = -1; /* mmap: no file */
	register long x5 __asm__("x5") = 0;
	register long x8 __asm__("x8") = number;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8)
			 : "memory");
	return x0;
}

static unsigned long *pc_of(struct ucontext *context)
{
	return (unsigned long *)&context->uc_mcontext.pc;
}

static uint64_t get_register(struct ucontext *context, unsigned n)
{
	return n < 31 ? context->uc_mcontext.regs[n] : context->uc_mcontext.sp;
}

static void set_register(struct ucontext *context, unsigned n, uint64_t value)
{
	if (n < 31)
		context->uc_mcontext.regs[n] = value;
	else
		context->uc_mcontext.sp = value;
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
	__asm__ volatile("brk #0");
}

/* As a kernel does when it has been interrupted: an emulator might not. */
static void forget_reservation(void)
{
	__asm__ volatile("clrex" ::: "memory");
}

/* What was written to a page is to be run; Arm ARM, B2.4.4. No line has fewer than 16 bytes. */
static void flush_code(uint64_t page)
{
	for (uint64_t at = page; at < page + REPLAY_PAGE; at += 16)
		__asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish" : : : "memory");
	for (uint64_t at = page; at < page + REPLAY_PAGE; at += 16)
		__asm__ volatile("ic ivau, %0" : : "r"(at) : "memory");
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

__asm__(".globl _start\n"
	"_start: bl harness\n");
