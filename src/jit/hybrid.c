/* SPDX-License-Identifier: MIT */
/*
 * Hybrid runs: chosen instructions are compiled, the others interpreted. Between two instructions
 * both engines have the same state, that of struct vouch_vm: registers, frames, the fuel spent so
 * far in vm->used, the pc in vm->fault.pc. Whichever comes to an instruction that isn't its own
 * hands over, and the loop below enters the other. Each turn runs an instruction or ends the run,
 * so a hybrid run is no longer than any other.
 */
#include "jit.h"
#include "vm/vm.h"

/* Frames may be the interpreter's, which knows nothing of where code is. */
static void find_return_code(struct vouch_vm *vm, const uint32_t *offsets)
{
	struct vouch_frame *frame = (struct vouch_frame *)vm->stack_top;

	for (; frame < vm->frame; frame++)
		frame->code = offsets[frame->pc];
}

static enum vouch_status run_code(
	struct vouch_vm *vm, const struct vouch_hybrid *hybrid, uint64_t *r0)
{
	enum vouch_status status;

	find_return_code(vm, hybrid->offsets);
	status = jit_resume(vm, hybrid->code, hybrid->offsets[vm->fault.pc]);
	if (status != STATUS_HANDOVER)
		vm_settle(vm, vm->used);
	if (status == VOUCH_OK && r0)
		*r0 = vm->r[0];
	return status;
}

enum vouch_status vouch_run_hybrid(
	struct vouch_vm *vm, const struct vouch_hybrid *hybrid, uint64_t *r0)
{
	enum vouch_status status;

	vm_begin(vm);
	vm->used = 0;
	vm->fault.pc = vm->entry;
	do
		status = jit_has_bit(hybrid->chosen, vm->fault.pc)
		                 ? run_code(vm, hybrid, r0)
		                 : jit_interpret(vm, hybrid->chosen, r0);
	while (status == STATUS_HANDOVER);
	return status;
}
