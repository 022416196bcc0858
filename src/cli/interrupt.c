/* SPDX-License-Identifier: MIT */
/*
 * A signal handler has no argument of its own, so the vm that it stops is the one mutable global of
 * the command. It is set only while a run is under way.
 */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "interrupt.h"

static _Atomic(struct vouch_vm *) running;
static volatile sig_atomic_t interrupted;

static void stop(int signal)
{
	struct vouch_vm *vm = running;

	(void)signal;
	interrupted = 1;
	if (vm)
		vm->fuel = 0;
}

/* A signal that is ignored, as in background jobs of a script, stays ignored. */
static void handle_signal(int signal, void (*handler)(int), int flags)
{
	struct sigaction action, before;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigemptyset(&action.sa_mask);
	if (sigaction(signal, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
		sigaction(signal, &action, NULL);
}

static void handle(void (*handler)(int), int flags)
{
	handle_signal(SIGINT, handler, flags);
	handle_signal(SIGTERM, handler, flags);
}

void interrupt_catch(struct vouch_vm *vm)
{
	interrupted = 0;
	running = vm;
	handle(stop, (int)SA_RESETHAND);
}

bool interrupt_release(void)
{
	handle(SIG_DFL, 0);
	running = NULL;
	return interrupted != 0;
}
