/* SPDX-License-Identifier: MIT */
/* See convention.h. */
#include "prover/exec/convention.h"

#include <elf.h>
#include <string.h>

static const struct convention rv64 = {.name = "rv64",
	.machine = &machine_rv64,
	.word = 8,
	.first = 1,
	.sp = 2,
	.link = 1,
	.argument = 10,
	.arguments = 8,
	.stack_alignment = 16,
	.caller_saved = 0xf003fce2u}; /* ra, t0 to t6, a0 to a7 */

static const struct convention thumb2 = {.name = "thumb2",
	.machine = &machine_thumb2,
	.word = 4,
	.sp = 13,
	.link = 14,
	.argument = 0,
	.arguments = 4,
	.stack_alignment = 8,
	.code_bit = 1,
	.aligned = true,
	.caller_saved = 0x500fu}; /* r0 to r3, ip, lr */

const struct convention *convention_of(const struct image *image)
{
	if (image->machine == EM_RISCV && image->word == 8)
		return &rv64;
	return image->machine == EM_ARM && image->word == 4 ? &thumb2 : NULL;
}

const struct convention *convention_named(const char *name)
{
	if (strcmp(name, rv64.name) == 0)
		return &rv64;
	return strcmp(name, thumb2.name) == 0 ? &thumb2 : NULL;
}

bool convention_place(const struct convention *cv, struct next_argument *next, unsigned width,
	unsigned *reg, unsigned *offset)
{
	unsigned words = width > convention_bits(cv) ? 2 : 1;

	/* Of even number, if it takes two; no argument goes back to one that was left out. */
	next->registers += words == 2 && next->registers % 2 == 1;
	if (next->registers + words <= cv->arguments) {
		*reg = cv->argument + next->registers;
		next->registers += words;
		return true;
	}
	next->registers = cv->arguments;
	next->stack = (next->stack + words * cv->word - 1) / (words * cv->word) * words * cv->word;
	*offset = next->stack;
	next->stack += words * cv->word;
	return false;
}

unsigned convention_stack(const struct convention *cv, unsigned count, const unsigned width[])
{
	struct next_argument next = {0};
	unsigned reg, offset;

	for (unsigned i = 0; i < count; i++)
		convention_place(cv, &next, width[i], &reg, &offset);
	return next.stack;
}

/* What one register, or two, say. */
static term read_registers(
	struct exec *exec, const struct convention *cv, unsigned reg, unsigned width)
{
	term low = *machine_register(exec, reg);

	return width <= convention_bits(cv)
	               ? bv_trunc(exec->tc, width, low)
	               : bv_concat(exec->tc, *machine_register(exec, reg + 1), low);
}

/* RISC-V's words of 32 bits are sign-extended; other widths than these have no use yet. */
static void write_registers(
	struct exec *exec, const struct convention *cv, unsigned reg, term value)
{
	unsigned bits = convention_bits(cv);

	if (value->width <= bits) {
		*machine_register(exec, reg) = bv_sext(exec->tc, bits, value);
		return;
	}
	*machine_register(exec, reg) = bv_trunc(exec->tc, bits, value);
	*machine_register(exec, reg + 1) = bv_extract(exec->tc, 2 * bits - 1, bits, value);
}

static struct exec_object *stack_object(struct exec *exec, const struct convention *cv,
	unsigned from_sp, unsigned bytes, term *offset)
{
	term sp = bv_zext(exec->tc, 64, *machine_register(exec, cv->sp));

	return exec_find(exec, bv_add_c(exec->tc, sp, from_sp), bytes, offset);
}

term convention_argument(
	struct exec *exec, const struct convention *cv, struct next_argument *next, unsigned width)
{
	unsigned reg, from_sp;
	struct exec_object *object;
	term offset;

	if (convention_place(cv, next, width, &reg, &from_sp))
		return read_registers(exec, cv, reg, width);
	object = stack_object(exec, cv, from_sp, width / 8, &offset);
	return object ? mem_load(exec->tc, object->contents, offset, width / 8) : NULL;
}

void convention_set_argument(
	struct exec *exec, const struct convention *cv, struct next_argument *next, term value)
{
	unsigned reg, from_sp, bytes = value->width / 8u;
	struct exec_object *object;
	term offset;

	if (convention_place(cv, next, value->width, &reg, &from_sp)) {
		write_registers(exec, cv, reg, value);
		return;
	}
	object = stack_object(exec, cv, from_sp, bytes, &offset);
	if (object)
		object->contents = mem_write(exec->tc, object->contents, offset, bytes, value);
}

term convention_result(struct exec *exec, const struct convention *cv, unsigned width)
{
	return read_registers(exec, cv, cv->argument, width);
}

void convention_set_result(struct exec *exec, const struct convention *cv, term value)
{
	write_registers(exec, cv, cv->argument, value);
}

void convention_set_second_result(struct exec *exec, const struct convention *cv, term value)
{
	write_registers(exec, cv, cv->argument + 8 / cv->word, value);
}

void convention_return(
	struct exec *exec, const struct convention *cv, const char *unknowns, unsigned stack)
{
	term back = bv_and_c(
		exec->tc, bv_zext(exec->tc, 64, *machine_register(exec, cv->link)), ~(uint64_t)1);

	for (unsigned n = 0; n < cv->machine->registers; n++) {
		char name[48];

		if (!(cv->caller_saved >> n & 1))
			continue;
		snprintf(name, sizeof(name), "%s_x%u", unknowns, n);
		*machine_register(exec, n) = bv_var(exec->tc, name, convention_bits(cv));
	}
	for (unsigned i = 0; i < stack; i += cv->word) {
		term offset, any = term_fresh(exec->tc, unknowns, SORT_BV, convention_bits(cv));
		struct exec_object *object = stack_object(exec, cv, i, cv->word, &offset);

		if (object)
			object->contents =
				mem_write(exec->tc, object->contents, offset, cv->word, any);
	}
	if (cv->machine->forget_flags)
		cv->machine->forget_flags(exec->state.machine);
	if (cv->machine->forget_reservation)
		cv->machine->forget_reservation(exec->state.machine);
	machine_set_pc(exec, back);
}
