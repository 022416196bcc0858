/* SPDX-License-Identifier: MIT */
/*
 * What picolibc leaves to its host, for tests on a bare Cortex-M4: the MPS2+ board with the AN386
 * image, as qemu-system-arm has it, with semihosting. All memory may be executed. There is one
 * thread; what a test starts beside it is run by the system timer's interrupt.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Memory. What is mapped is aligned to what a page is elsewhere; there is one page near address 0,
 * for those who ask for it.
 */

enum { PAGE = 4096, LOW_PAGE = 4096 };

void *mmap(void *address, size_t size, int protection, int flags, int file, long offset)
{
	void *memory;

	(void)protection, (void)flags, (void)file, (void)offset;
	if ((uintptr_t)address == LOW_PAGE && size == PAGE)
		return address;
	memory = aligned_alloc(PAGE, (size + PAGE - 1) & ~(size_t)(PAGE - 1));
	return memory ? memory : MAP_FAILED;
}

int munmap(void *address, size_t size)
{
	(void)size;
	free(address);
	return 0;
}

int mprotect(void *address, size_t size, int protection)
{
	(void)address, (void)size, (void)protection;
	return 0;
}

/* The interrupt: SysTick, B3.3 of the architecture's manual */

#define SYST_CSR (*(volatile uint32_t *)0xe000e010)
#define SYST_RVR (*(volatile uint32_t *)0xe000e014)
#define SYST_CVR (*(volatile uint32_t *)0xe000e018)
enum { SYST_ENABLE = 7, SYST_TICKS = 500000 }; /* 20 ms at 25 MHz */

static void *(*interrupt)(void *);
static void *interrupt_argument;

__attribute__((weak)) void arm_systick_isr(void);
void arm_systick_isr(void)
{
	SYST_CSR = 0;
	interrupt(interrupt_argument);
}

int pthread_create(
	pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	(void)attributes;
	*thread = 0;
	interrupt = start;
	interrupt_argument = argument;
	SYST_RVR = SYST_TICKS;
	SYST_CVR = 0;
	SYST_CSR = SYST_ENABLE;
	return 0;
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
