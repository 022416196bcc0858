/* SPDX-License-Identifier: MIT */
/*
 * What every engine does before the first instruction and after the last, so that a run means the
 * same interpreted and JITed.
 */
#ifndef VOUCH_VM_H
#define VOUCH_VM_H

#include "vouch/vouch.h"

/* What a helper asked for, in vm->request. */
enum { REQUEST_NONE, REQUEST_END, REQUEST_FAIL };

/*
 * Not a status that a run ends with: in hybrid mode (jit/hybrid.c), the one engine has come to an
 * instruction that is the other's, vm->fault.pc. Nothing of that instruction has been done; all
 * state is in the vm, and vm->used is what the run has spent so far.
 */
#define STATUS_HANDOVER VOUCH_STATUS_COUNT

/* Registers, frame and fault as at the start of every run. */
static inline void vm_begin(struct vouch_vm *vm)
{
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		vm->r[i] = 0;
	vm->r[1] = vm->context;
	vm->r[2] = vm->context_size;
	vm->r[10] = vm->stack_top;
	vm->frame = (struct vouch_frame *)vm->stack_top;
	vm->request = REQUEST_NONE;
	if (vm->fuel > VOUCH_FUEL_MAX)
		vm->fuel = VOUCH_FUEL_MAX;
}

/* Fault details, for engines that know where and why but have nothing to say about memory. */
static inline void vm_stop(struct vouch_vm *vm, enum vouch_status status, uint32_t pc)
{
	vm->fault.status = status;
	vm->fault.pc = pc;
	vm->fault.address = 0;
	vm->fault.size = 0;
	vm->fault.write = 0;
}

/* Settle the fuel. Somebody may have set it to zero during the run: then nothing is left. */
static inline void vm_settle(struct vouch_vm *vm, size_t used)
{
	size_t fuel = vm->fuel;

	if (used > fuel)
		used = fuel;
	vm->used = used;
	vm->fuel = fuel - used;
}

#endif
