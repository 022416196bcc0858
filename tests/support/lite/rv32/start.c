/* SPDX-License-Identifier: MIT */
/*
 * What picolibc leaves to its host, for tests on RV32, which Debian has no Linux libraries for: a
 * start, and the few system calls of Linux that tests make, in qemu-riscv32. There is one thread;
 * what a test starts beside it is run by a timer's signal, as an interrupt.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SYS_WRITE = 64,
	SYS_EXIT = 93,
	SYS_SETITIMER = 103,
	SYS_SIGACTION = 134,
	SYS_MUNMAP = 215,
	SYS_MMAP2 = 222,
	SYS_MPROTECT = 226
};

static long system_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long a0 __asm__("a0") = a;
	register long a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;
	register long a3 __asm__("a3") = d;
	register long a4 __asm__("a4") = e;
	register long a5 __asm__("a5") = f;
	register long a7 __asm__("a7") = number;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7)
			 : "memory");
	return a0;
}

/* Output, by lines */

struct output {
	FILE file;
	char bytes[256];
	size_t used;
};

static int flush(FILE *file)
{
	struct output *output = (struct output *)file;

	for (size_t done = 0; done < output->used;) {
		long n = system_call(SYS_WRITE, 1, (long)(output->bytes + done),
			(long)(output->used - done), 0, 0, 0);

		if (n <= 0)
			return EOF;
		done += (size_t)n;
	}
	output->used = 0;
	return 0;
}

static int put(char c, FILE *file)
{
	struct output *output = (struct output *)file;

	output->bytes[output->used++] = c;
	if (c == '\n' || output->used == sizeof(output->bytes))
		return flush(file) ? EOF : (unsigned char)c;
	return (unsigned char)c;
}

static struct output output = {.file = FDEV_SETUP_STREAM(put, NULL, flush, _FDEV_SETUP_WRITE)};
FILE *const stdout = &output.file;
FILE *const stderr = &output.file;
FILE *const stdin = NULL;

void _exit(int status)
{
	fflush(stdout);
	for (;;)
		system_call(SYS_EXIT, status, 0, 0, 0, 0, 0);
}

void abort(void)
{
	_exit(134);
}

/* Memory */

void *sbrk(ptrdiff_t bytes)
{
	static _Alignas(16) char heap[48 << 20];
	static size_t used;

	if (bytes > (ptrdiff_t)(sizeof(heap) - used)) {
		errno = ENOMEM;
		return (void *)-1;
	}
	used += (size_t)bytes;
	return heap + used - bytes;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, long offset)
{
	long result = system_call(
		SYS_MMAP2, (long)address, (long)size, protection, flags, file, offset / 4096);

	/* Errors are -4095 to -1. */
	return (unsigned long)result > -4096UL ? MAP_FAILED : (void *)result;
}

int munmap(void *address, size_t size)
{
	return (int)system_call(SYS_MUNMAP, (long)address, (long)size, 0, 0, 0, 0);
}

int mprotect(void *address, size_t size, int protection)
{
	return (int)system_call(SYS_MPROTECT, (long)address, (long)size, protection, 0, 0, 0);
}

/* The interrupt */

enum { SIGALRM_LINUX = 14, DELAY_US = 20000 };

static void *(*interrupt)(void *);
static void *interrupt_argument;

static void on_alarm(int number)
{
	(void)number;
	interrupt(interrupt_argument);
}

int pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	struct {
		void (*handler)(int);
		unsigned long flags, mask[2];
	} action = {.handler = on_alarm};
	struct {
		long interval_s, interval_us, s, us;
	} timer = {.us = DELAY_US};

	(void)attributes;
	*thread = 0;
	interrupt = start;
	interrupt_argument = argument;
	if (system_call(SYS_SIGACTION, SIGALRM_LINUX, (long)&action, 0, sizeof(action.mask), 0, 0))
		return EINVAL;
	return system_call(SYS_SETITIMER, 0, (long)&timer, 0, 0, 0, 0) ? EINVAL : 0;
}

int pthread_join(pthread_t thread, void **result)
{
	(void)thread;
	if (result)
		*result = NULL;
	return 0;
}

/* Only the interrupt sleeps; it has come late enough. */
int usleep(useconds_t us)
{
	(void)us;
	return 0;
}

/* Start */

int main(int argc, char **argv);

static _Noreturn __attribute__((used)) void start(long *stack)
{
	/* picolibc keeps errno and the like at tp. */
	static _Alignas(16) char thread_local_storage[1024];

	__asm__ volatile("mv tp, %0" : : "r"(thread_local_storage));
	exit(main((int)stack[0], (char **)(stack + 1)));
}

__asm__(".globl _start\n"
	"_start:\n"
	"	.option push\n"
	"	.option norelax\n"
	"	la gp, __global_pointer$\n"
	"	.option pop\n"
	"	mv a0, sp\n"
	"	andi sp, sp, -16\n"
	"	call start\n");
