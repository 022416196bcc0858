/* SPDX-License-Identifier: MIT */
/*
 * How C calls on the machines that compiled code is run on: which registers hold what, and where
 * arguments and results are. The RISC-V psABI (lp64), and the Procedure Call Standard for the Arm
 * Architecture (AAPCS32); a value of 64 bits takes two of its words, and starts at an even register
 * or at a multiple of 8 on the stack.
 *
 * So that a theorem about compiled code says "the third argument", and not which register that is.
 */
#ifndef VOUCH_EXEC_CONVENTION_H
#define VOUCH_EXEC_CONVENTION_H

#include "prover/exec/exec.h"

enum { MACHINE_REGISTERS_MAX = 32 };

struct convention {
	const char *name; /* "rv64" */
	const struct exec_machine *machine;
	unsigned word;  /* bytes in a register and in a pointer */
	unsigned first; /* register; what comes before is always zero */
	unsigned sp, link;
	unsigned argument, arguments; /* the first register of so many; results, too */
	unsigned stack_alignment;
	unsigned code_bit;     /* what bit 0 of a pointer to code is */
	bool aligned;          /* some accesses to words trap if they aren't aligned */
	uint32_t caller_saved; /* registers that a callee may change */
};

/* NULL: the image is for a machine that nothing here runs. */
const struct convention *convention_of(const struct image *image);

/* By its name; NULL: there is none. */
const struct convention *convention_named(const char *name);

/* Where the next argument is. Start with zeros. */
struct next_argument {
	unsigned registers, stack;
};

/* Bits in a word */
static inline unsigned convention_bits(const struct convention *cv)
{
	return 8 * cv->word;
}

/* Of the next argument, of so many bits: its register, or the first of two. False: it is on the
 * stack, *offset from sp. */
bool convention_place(const struct convention *cv, struct next_argument *next, unsigned width,
	unsigned *reg, unsigned *offset);

/*
 * The next argument, of 32 or 64 bits. Read as the callee sees it; set as its caller leaves it:
 * what is on the stack is in the object of the memory map that is there. Reading, NULL: there is no
 * such object.
 */
term convention_argument(
	struct exec *exec, const struct convention *cv, struct next_argument *next, unsigned width);
void convention_set_argument(
	struct exec *exec, const struct convention *cv, struct next_argument *next, term value);

/* Bytes of these arguments, of so many bits each, that are on the stack. */
unsigned convention_stack(const struct convention *cv, unsigned count, const unsigned width[]);

/* A value as its word, or its two words, in registers. */
term convention_result(struct exec *exec, const struct convention *cv, unsigned width);
void convention_set_result(struct exec *exec, const struct convention *cv, term value);

/* In the registers after those of a result of 64 bits. */
void convention_set_second_result(struct exec *exec, const struct convention *cv, term value);

/* The executor's register n. */
static inline term *machine_register(struct exec *exec, unsigned n)
{
	return exec->options->machine->reg(exec->state.machine, n);
}

static inline term machine_pc(struct exec *exec)
{
	return exec->options->machine->pc(exec->state.machine);
}

static inline void machine_set_pc(struct exec *exec, term pc)
{
	exec->options->machine->set_pc(exec->state.machine, pc);
}

/* Does pc alone say what comes next? */
static inline bool machine_is_settled(struct exec *exec)
{
	const struct exec_machine *machine = exec->options->machine;

	return !machine->settled || machine->settled(exec->state.machine);
}

static inline bool machine_is_at(struct exec *exec, uint64_t address)
{
	return term_is_value(machine_pc(exec), address) && machine_is_settled(exec);
}

/* A callee has returned: goes on at the link register's address, with all that it may change
 * unknown: registers by these names, flags, and `stack` bytes of arguments. */
void convention_return(
	struct exec *exec, const struct convention *cv, const char *unknowns, unsigned stack);

#endif
