/* SPDX-License-Identifier: MIT */
/*
 * The watched interpreter. It is not another one: src/vm/interpreter.c is compiled here again, with
 * a call at each instruction, so what --trace shows is what vouch_run() does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "isa/isa.h"
#include "trace.h"

/* The registers that the instruction at tracer->pc wrote or that are not as they were. */
static void print_effect(const struct vouch_vm *vm, const struct tracer *tracer)
{
	const struct vouch_insn *insn = &vm->insns[tracer->pc];
	const struct vouch_op_info *info = &vouch_ops[vouch_decode(insn)];

	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		bool written = (info->dst == REG_W || info->dst == REG_RW) && vouch_dst(insn) == i;

		if (written || vm->r[i] != tracer->before[i])
			fprintf(stderr, "  r%u = 0x%" PRIx64, i, vm->r[i]);
	}
}

/* End the line of the instruction before. */
static void finish_line(const struct vouch_vm *vm, struct tracer *tracer)
{
	if (tracer->pending) {
		print_effect(vm, tracer);
		fputc('\n', stderr);
	}
	tracer->pending = false;
}

static void begin_line(const struct vouch_vm *vm, struct tracer *tracer, uint32_t pc)
{
	char text[INPUT_TEXT_SIZE];

	input_disassemble(tracer->input, pc, text);
	fprintf(stderr, "%6" PRIu32 ": %-36s", pc, text);
	memcpy(tracer->before, vm->r, sizeof(tracer->before));
	tracer->pc = pc;
	tracer->pending = true;
}

static inline void step(struct vouch_vm *vm, uint32_t pc)
{
	struct tracer *tracer = &((struct machine *)vm->user)->tracer;

	tracer->instructions++;
	if (tracer->counts && tracer->counts[pc] != UINT32_MAX)
		tracer->counts[pc]++;
	if (vm->r[10] < tracer->lowest)
		tracer->lowest = vm->r[10];
	if (tracer->input) {
		finish_line(vm, tracer);
		begin_line(vm, tracer, pc);
	}
}

static enum vouch_status interpret(struct vouch_vm *vm, uint64_t *r0);

#define VOUCH_RUN           interpret
#define VOUCH_TRACE(vm, pc) step(vm, pc)
#include "vm/interpreter.c"

/* The last instruction faulted: it has not been executed. */
static void drop_last(struct tracer *tracer)
{
	tracer->instructions--;
	if (tracer->pending)
		fputs("  fault\n", stderr);
	tracer->pending = false;
}

enum vouch_status trace_run(
	struct machine *machine, const struct input *input, uint32_t *counts, uint64_t *r0)
{
	enum vouch_status status;

	machine->tracer =
		(struct tracer){.input = input, .counts = counts, .lowest = machine->vm.stack_top};
	status = interpret(&machine->vm, r0);
	if (status != VOUCH_OK && status != VOUCH_FAULT_HOST)
		drop_last(&machine->tracer);
	finish_line(&machine->vm, &machine->tracer);
	return status;
}

unsigned trace_depth(const struct machine *machine)
{
	return (unsigned)((machine->vm.stack_top - machine->tracer.lowest) / VOUCH_FRAME_SIZE) + 1;
}
