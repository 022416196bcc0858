/* SPDX-License-Identifier: MIT */
/*
 * The processor as its own test, in a child process that goes from signal to signal. The handler
 * takes the state that a step left from the interrupted context, puts the next state there, and
 * returns to it: the kernel loads every register, and one instruction runs. Then the next one can't
 * be fetched, since the page ends there; or, where a jump stays in it, the trap flag is set, which
 * is ten times slower in a virtual machine. No code of ours needs a register meanwhile, and an
 * instruction that faults only ends in another signal.
 */
#include "native_x86.h"

#ifdef __x86_64__
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { TRAP_FLAG = 1 << 8, ALWAYS_SET = 1 << 1, SECONDS = 10, ALT_STACK = 1 << 16 };

static const int context_register[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
	REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

/* Of the child: a signal handler has no other way to know. */
static struct {
	struct x86_state *state;
	unsigned count, next;
} child;

static void take(const ucontext_t *context, int signal, struct x86_state *s)
{
	const greg_t *r = context->uc_mcontext.gregs;

	for (unsigned n = 0; n < 16; n++)
		s->r[n] = (uint64_t)r[context_register[n]];
	s->rip = (uint64_t)r[REG_RIP];
	s->flags = 0;
	for (unsigned n = 0; n < 6; n++)
		s->flags |= ((unsigned)r[REG_EFL] >> x86_flag_bit[n] & 1) << n;
	s->signal = signal == SIGTRAP || s->rip - X86_CODE >= X86_PAGE ? 0 : signal;
	memcpy(s->data, (const void *)X86_DATA, X86_WINDOW);
}

static void put(ucontext_t *context, const struct x86_state *s)
{
	greg_t *r = context->uc_mcontext.gregs;

	for (unsigned n = 0; n < 16; n++)
		r[context_register[n]] = (greg_t)s->r[n];
	r[REG_RIP] = (greg_t)s->rip;
	r[REG_EFL] = ALWAYS_SET | (s->leaves ? 0 : TRAP_FLAG);
	for (unsigned n = 0; n < 6; n++)
		r[REG_EFL] |= (greg_t)(s->flags >> n & 1) << x86_flag_bit[n];
	memcpy((void *)s->rip, s->code, x86_code_bytes(s));
	memcpy((void *)X86_DATA, s->data, X86_WINDOW);
}

static void handler(int signal, siginfo_t *info, void *context)
{
	(void)info;
	if (child.next > 0)
		take(context, signal, &child.state[child.next - 1]);
	if (child.next == child.count)
		_exit(0);
	put(context, &child.state[child.next++]);
}

/* A page with nothing mapped before and after it. */
static bool map_guarded(uintptr_t address, int protection)
{
	void *all = mmap((void *)(address - X86_PAGE), 3 * X86_PAGE, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	return all != MAP_FAILED && mprotect((void *)address, X86_PAGE, protection) == 0;
}

static void run_child(struct x86_state *state, unsigned count)
{
	static const int signals[] = {SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	static char alt_stack[ALT_STACK];
	stack_t stack = {.ss_sp = alt_stack, .ss_size = sizeof(alt_stack)};
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	if (!map_guarded(X86_CODE, PROT_READ | PROT_WRITE | PROT_EXEC) ||
		!map_guarded(X86_DATA, PROT_READ | PROT_WRITE) || sigaltstack(&stack, NULL) != 0)
		_exit(1);
	sigfillset(&action.sa_mask);
	sigdelset(&action.sa_mask, SIGALRM);
	for (unsigned n = 0; n < sizeof(signals) / sizeof(signals[0]); n++)
		sigaction(signals[n], &action, NULL);
	child.state = state;
	child.count = count;
	alarm(SECONDS);
	raise(SIGTRAP);
	_exit(1);
}

bool native_x86_available(void)
{
	return true;
}

bool native_x86_has_bmi2(void)
{
	return __builtin_cpu_supports("bmi2");
}

bool native_x86_step(struct x86_state *state, unsigned count)
{
	size_t size = count * sizeof(*state);
	struct x86_state *shared =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 1;
	pid_t pid;

	if (shared == MAP_FAILED)
		return false;
	memcpy(shared, state, size);
	pid = fork();
	if (pid == 0)
		run_child(shared, count);
	if (pid > 0 && waitpid(pid, &status, 0) == pid && status == 0)
		memcpy(state, shared, size);
	munmap(shared, size);
	return status == 0;
}

#else
bool native_x86_available(void)
{
	return false;
}

bool native_x86_has_bmi2(void)
{
	return false;
}

bool native_x86_step(struct x86_state *state, unsigned count)
{
	(void)state;
	(void)count;
	return false;
}
#endif
