/* SPDX-License-Identifier: MIT */
/* What the harness has to know of Linux on x86-64: system calls, a signal's registers. */
#include <asm/sigcontext.h>
#include <asm/ucontext.h>

/* As instructions number them. */
enum { REGISTERS = 16, RSP = 4 };

static long system_call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = -1; /* mmap: no file */
	register long r9 __asm__("r9") = 0;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static unsigned long *pc_of(struct ucontext *context)
{
	return (unsigned long *)&context->uc_mcontext.rip;
}

static uint64_t *register_of(struct ucontext *context, unsigned n)
{
	struct sigcontext *c = &context->uc_mcontext;
	__u64 *const by_number[REGISTERS] = {&c->rax, &c->rcx, &c->rdx, &c->rbx, &c->rsp, &c->rbp,
		&c->rsi, &c->rdi, &c->r8, &c->r9, &c->r10, &c->r11, &c->r12, &c->r13, &c->r14,
		&c->r15};

	return (uint64_t *)by_number[n];
}

static uint64_t get_register(struct ucontext *context, unsigned n)
{
	return *register_of(context, n);
}

static void set_register(struct ucontext *context, unsigned n, uint64_t value)
{
	*register_of(context, n) = value;
}

/* A call has pushed it: the link of no register. */
static uint64_t take_return_address(struct ucontext *context, unsigned link)
{
	uint64_t *sp = register_of(context, RSP);

	(void)link;
	*sp += 8;
	return *(uint64_t *)(*sp - 8);
}

/* A breakpoint is over when it traps. */
static void at_breakpoint(struct ucontext *context)
{
	*pc_of(context) -= 1;
}

/* Any trap will do: the handler sets all registers. */
static void trap(void)
{
	__asm__ volatile("int3");
}

/* There are no such things. */
static void forget_reservation(void)
{
}

static void flush_code(uint64_t page)
{
	(void)page;
}

/* Linux wants to be told how a signal's handler returns. */
void return_from_signal(void);
#define RESTORER return_from_signal
__asm__("return_from_signal: mov $15, %eax\n"
	"	syscall\n");

__asm__(".globl _start\n"
	"_start: and $-16, %rsp\n"
	"	call harness\n");
