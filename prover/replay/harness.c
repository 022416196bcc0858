/* SPDX-License-Identifier: MIT */
/*
 * The program in which a counterexample's machine code runs: a static one for the target's Linux,
 * without a C library, since the code in question changes every register, also those that C's
 * library lives by. It makes the pages that protocol.h brings, sets all registers in a signal's
 * context, and returns from the signal into the code. Wherever the code leaves what is mapped for
 * running, or comes to a breakpoint, a signal comes: for a call that is known, its effects are made
 * and the code goes on; anything else is the end, and the state is written out.
 *
 * What a target brings is in harness_TARGET.h. A word of its is an unsigned long; addresses come as
 * numbers of 64 bits everywhere.
 */
#include <linux/signal.h>
#include <asm/unistd.h>

#include "protocol.h"

#include HARNESS_TARGET

/* linux/mman.h, of which only this is needed. */
enum { PROT_NONE, PROT_READ, PROT_WRITE = 2, PROT_EXEC = 4 };
enum { MAP_PRIVATE_FIXED_ANONYMOUS = 0x02 | 0x10 | 0x20 };
#ifdef RESTORER
enum { ON_STACK_WITH_INFO = SA_ONSTACK | SA_SIGINFO | SA_NODEFER | SA_RESTORER };
#else
enum { ON_STACK_WITH_INFO = SA_ONSTACK | SA_SIGINFO | SA_NODEFER };
#endif

/* Where only offsets of whole pages are taken, that's a call of another name. */
#ifdef __NR_mmap
enum { MMAP = __NR_mmap };
#else
enum { MMAP = __NR_mmap2 };
#endif

#define NOWHERE UINT64_MAX

struct signal_info {
	int signal, error, code;
	unsigned long address;
};

static struct replay_request request;
static struct replay_page page[REPLAY_PAGES];
static struct replay_call call[REPLAY_CALLS];
static struct replay_answer answer;
static uint8_t stack[65536] __attribute__((aligned(16)));
static int running, stepping;

static void quit(int code)
{
	for (;;)
		system_call(__NR_exit_group, code, 0, 0, 0);
}

static void *at(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static void read_all(void *data, uint64_t size)
{
	uint8_t *byte = data;

	while (size > 0) {
		long n = system_call(__NR_read, 0, (long)byte, (long)size, 0);

		if (n <= 0)
			quit(3);
		byte += n;
		size -= (uint64_t)n;
	}
}

static void write_all(const void *data, uint64_t size)
{
	const uint8_t *byte = data;

	while (size > 0) {
		long n = system_call(__NR_write, 1, (long)byte, (long)size, 0);

		if (n <= 0)
			quit(3);
		byte += n;
		size -= (uint64_t)n;
	}
}

static void copy(uint8_t *to, const uint8_t *from, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		((volatile uint8_t *)to)[i] = from[i];
}

static void protect(uint64_t address, long protection)
{
	system_call(__NR_mprotect, (long)address, REPLAY_PAGE, protection, 0);
}

/* The end: all there is to know, to standard output. */
static void finish(void)
{
	answer.magic = REPLAY_MAGIC;
	write_all(&answer, sizeof(answer));
	for (uint64_t i = 0; i < request.pages; i++) {
		if (page[i].kind == PAGE_CODE)
			continue;
		protect(page[i].address, PROT_READ | PROT_WRITE);
		write_all(at(page[i].address), REPLAY_PAGE);
	}
	quit(0);
}

static long protection_of(uint64_t kind)
{
	return kind == PAGE_CODE       ? PROT_READ | PROT_EXEC
	       : kind == PAGE_CONSTANT ? PROT_READ
	       : kind == PAGE_GUARD    ? PROT_NONE
	                               : PROT_READ | PROT_WRITE;
}

static void map_pages(void)
{
	for (uint64_t i = 0; i < request.pages; i++) {
		long start = (long)page[i].address;

		if (system_call(MMAP, start, REPLAY_PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE_FIXED_ANONYMOUS) != start) {
			answer.end = REPLAY_UNMAPPED;
			answer.fault = page[i].address;
			request.pages = 0;
			finish();
		}
		copy(at(page[i].address), page[i].bytes, REPLAY_PAGE);
		if (page[i].kind == PAGE_CODE)
			flush_code(page[i].address);
		protect(page[i].address, protection_of(page[i].kind));
	}
}

/* A page's memory while it may be guarded. */
static struct replay_page *page_at(uint64_t address)
{
	for (uint64_t i = 0; i < request.pages; i++)
		if (address - page[i].address < REPLAY_PAGE)
			return &page[i];
	return 0;
}

static void poke(uint64_t address, uint64_t value, uint64_t bytes)
{
	struct replay_page *p = page_at(address);

	if (!p)
		return;
	protect(p->address, PROT_READ | PROT_WRITE);
	copy(at(address), (uint8_t *)&value, bytes);
	protect(p->address, protection_of(p->kind));
}

/* Breakpoints, made or taken back: what was there is in the page as it was sent. */
static void arm(const uint64_t *address, uint64_t n, int make)
{
	for (uint64_t i = 0; i < n; i++) {
		const struct replay_page *p = page_at(address[i]);
		const uint8_t *was = p ? p->bytes + address[i] % REPLAY_PAGE : 0;

		if (!p || p->kind != PAGE_CODE)
			continue;
		protect(p->address, PROT_READ | PROT_WRITE);
		copy(at(address[i]), make ? (const uint8_t *)&request.breakpoint : was,
			request.breakpoint_size);
		protect(p->address, PROT_READ | PROT_EXEC);
		flush_code(p->address);
	}
}

static int is_one_of(uint64_t pc, const uint64_t *address, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (address[i] == pc)
			return 1;
	return 0;
}

/* Was it the first instruction's end, and is there nothing else? Then all others are made. */
static int has_stepped(uint64_t pc)
{
	if (!stepping || !is_one_of(pc, request.step, request.steps))
		return 0;
	stepping = 0;
	arm(request.step, request.steps, 0);
	arm(request.stop, request.stops, 1);
	return !is_one_of(pc, request.stop, request.stops);
}

/* Where it goes on. An interrupt comes once: the breakpoint that it took is no more. */
static uint64_t where_back(struct ucontext *context, struct replay_call *c)
{
	uint64_t here = *pc_of(context);

	if (!c->interrupts)
		return take_return_address(context, (unsigned)c->link);
	arm(&here, 1, 0);
	forget_reservation();
	c->address = NOWHERE;
	return here;
}

/* Is it a call that is known? Then it returns. */
static int is_call(struct ucontext *context)
{
	for (uint64_t i = 0; i < request.calls; i++) {
		struct replay_call *c = &call[i];
		uint64_t back;

		if (c->address != *pc_of(context) || answer.calls == REPLAY_CALLS)
			continue;
		back = where_back(context, c);
		for (unsigned n = 0; n < REGISTERS; n++)
			if (c->mask >> n & 1)
				set_register(context, n, c->reg[n]);
		for (uint64_t w = 0; w < c->writes; w++)
			poke(c->write[w].address, c->write[w].value, c->write[w].bytes);
		*pc_of(context) = (unsigned long)back;
		answer.calls++;
		return 1;
	}
	return 0;
}

/* Is it the first access to a guarded page? Then it is tried again. */
static int is_touch(struct ucontext *context, uint64_t address)
{
	struct replay_page *p = page_at(address);

	if (!p || p->kind != PAGE_GUARD || answer.touches == REPLAY_TOUCHES ||
		*pc_of(context) == address)
		return 0;
	answer.touch[answer.touches].pc = *pc_of(context);
	answer.touch[answer.touches++].address = address;
	p->kind = PAGE_DATA;
	protect(p->address, PROT_READ | PROT_WRITE);
	return 1;
}

/* The processor refuses the instruction at pc: there is none, or its operands can't be. */
static int is_trap(int signal)
{
	return signal == SIGILL || signal == SIGBUS || signal == SIGFPE;
}

/* A breakpoint that is no instruction of this core, as c.ebreak without C, is one all the same. */
static int is_breakpoint(uint64_t pc)
{
	return stepping ? is_one_of(pc, request.step, request.steps)
	                : is_one_of(pc, request.stop, request.stops);
}

static void handle(int signal, struct signal_info *info, void *user)
{
	struct ucontext *context = user;

	if (!running) {
		running = 1;
		for (unsigned n = 0; n < REGISTERS; n++)
			set_register(context, n, request.reg[n]);
		*pc_of(context) = (unsigned long)request.pc;
		stepping = request.steps > 0;
		if (stepping)
			arm(request.step, request.steps, 1);
		else
			arm(request.stop, request.stops, 1);
		return;
	}
	if (signal == SIGILL && is_breakpoint(*pc_of(context)))
		signal = SIGTRAP;
	else if (signal == SIGTRAP)
		at_breakpoint(context);
	if (signal == SIGTRAP && has_stepped(*pc_of(context)))
		return;
	if (signal == SIGSEGV && is_touch(context, info->address))
		return;
	if (signal != SIGALRM && is_call(context))
		return;
	answer.end = signal == SIGALRM                  ? REPLAY_ENDLESS
	             : is_trap(signal)                  ? REPLAY_TRAPPED
	             : signal == SIGTRAP                ? REPLAY_STOPPED
	             : info->address == *pc_of(context) ? REPLAY_STOPPED
	                                                : REPLAY_FAULTED;
	answer.pc = *pc_of(context);
	answer.fault = info->address;
	for (unsigned n = 0; n < REGISTERS; n++)
		answer.reg[n] = get_register(context, n);
	finish();
}

static void handle_signals(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGALRM};
	static const unsigned long timer[4] = {0, 0, REPLAY_SECONDS, 0};
	const stack_t alternative = {.ss_sp = stack, .ss_size = sizeof(stack)};
	const struct sigaction action = {
#ifdef RESTORER
		.sa_restorer = RESTORER,
#endif
		.sa_handler = (__sighandler_t)(void *)handle,
		.sa_flags = ON_STACK_WITH_INFO};

	system_call(__NR_sigaltstack, (long)&alternative, 0, 0, 0);
	for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		system_call(__NR_rt_sigaction, signals[i], (long)&action, 0, 8);
	system_call(__NR_setitimer, 0, (long)timer, 0, 0);
}

__attribute__((used, noreturn)) void harness(void);
void harness(void)
{
	read_all(&request, sizeof(request));
	if (request.magic != REPLAY_MAGIC || request.pages > REPLAY_PAGES ||
		request.calls > REPLAY_CALLS || request.stops > REPLAY_STOPS ||
		request.steps > REPLAY_STEPS || request.breakpoint_size > sizeof(uint64_t))
		quit(3);
	read_all(page, request.pages * sizeof(page[0]));
	read_all(call, request.calls * sizeof(call[0]));
	map_pages();
	handle_signals();
	trap();
	quit(3);
	__builtin_unreachable();
}
