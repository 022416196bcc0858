/* SPDX-License-Identifier: MIT */
/*
 * The refinement map: what a target's emitter takes for granted between two instructions. One table
 * a target, and all that a proof knows of it beside its model. Nothing here is trusted beyond what
 * it says: the prologue has to establish it, every instruction has to keep it, and what it leaves
 * out is unknown.
 */
#ifndef VOUCH_REFINEMENT_H
#define VOUCH_REFINEMENT_H

#include "prover/exec/exec.h"

enum {
	MACHINE_REGISTERS = 32,
	CALLEE_SAVED_MAX = 16,
	SLOTS_MAX = 32,
	ARGUMENT_WORDS = 11,
	DIVIDE_SAVED_MAX = 5
};

/* What is in no register: a return address that is on top of the stack, a pc in vm->fault.pc. */
enum { NO_REGISTER = MACHINE_REGISTERS };

/* What a machine register holds between instructions. */
enum role {
	ROLE_SCRATCH, /* anything */
	ROLE_KEPT,    /* what it held when C called; no code writes it */
	ROLE_BPF,     /* a BPF register; of a pair, its lower half */
	ROLE_UPPER,   /* its upper half */
	ROLE_VM,      /* the vm's address, and vm_bias more */
	ROLE_USED,    /* fuel that this run has spent */
	ROLE_CONTEXT, /* the field of that name of the vm */
	ROLE_LIMIT,   /* vm->limit[which / 4][which % 4] */
	ROLE_SP,      /* the stack pointer: the start of the native frame */
	ROLE_ZERO,    /* the constant 0 */
	ROLE_MINUS_CONTEXT,
	ROLE_BOTTOM, /* where BPF's frame begins: r10 - 512 */
};

/* The stub of a region test: given pc and address in registers it returns if the access is
 * permitted, with everything but some registers as it was, and else ends the run. */
struct access_stub {
	unsigned label;
	unsigned bytes;
	bool write, atomic;
};

/*
 * All targets number them alike, from one label on: first + 4 * write + log2(size), then first + 8
 * + log2(size) - 2 for atomics.
 */
/* clang-format off */
#define ACCESS_STUBS(first) {                                                 \
	{(first) + 0, 1, false, false}, {(first) + 1, 2, false, false},       \
	{(first) + 2, 4, false, false}, {(first) + 3, 8, false, false},       \
	{(first) + 4, 1, true, false}, {(first) + 5, 2, true, false},         \
	{(first) + 6, 4, true, false}, {(first) + 7, 8, true, false},         \
	{(first) + 8, 4, true, true}, {(first) + 9, 8, true, true}}
/* clang-format on */

/* A word of the native frame, and what it holds between instructions. */
struct frame_slot {
	unsigned offset; /* from sp */
	enum role role;  /* ROLE_BPF, ROLE_UPPER, ROLE_VM, ROLE_BOTTOM */
	unsigned which;
};

/* Where C has a word of its arguments: a register, or the stack from sp on. */
#define ON_STACK(offset) (MACHINE_REGISTERS + (offset))

/* The stub that divides 64 bits, bit by bit: registers, lower halves first. It leaves the result
 * where the dividend was, and all but `clobbers` as it was. */
struct divide_stub {
	/* A label for each kind, 2 * signed + remainder, from this one on; or a single one, and
	 * two arguments: is the remainder wanted, and not the quotient? 1 or 0. And all ones for
	 * signed numbers; or 0. */
	unsigned label;
	bool labels_of_kinds;
	unsigned remainder, mask;
	unsigned divisor[2], dividend[2];
	uint32_t clobbers;
	/* The machine has a carry: sums and differences of 64 bits are such, not of words; and its
	 * x / 0 is 0. */
	bool has_carry;

	/*
	 * In its loop: the remainder so far, how many rounds are left, the kind (or `remainder`),
	 * all ones if the result's sign is to change; `scratch`: registers that hold anything.
	 * Where it has put away the other registers that it uses, the first of them at sp + saved,
	 * and where to return (0: that is in its register), both seen from between instructions;
	 * and how far below that sp is.
	 */
	unsigned rest[2], count, kind, negate;
	uint32_t scratch;
	unsigned saved_register[DIVIDE_SAVED_MAX], saved_count, saved, return_slot, below;
};

struct refinement {
	const char *name;   /* of the variant: "rv64", "rv64c" */
	const char *target; /* struct vouch_target's symbol */
	uint32_t features;
	uint32_t optional_features; /* with and without each */
	const struct exec_machine *machine;
	unsigned word;      /* bytes */
	bool groups;        /* loads and stores share tests (src/jit/group.c) */
	bool thumb;         /* pointers to code have bit 0 set */
	bool labels_ahead;  /* the epilogue jumps to labels that it puts later */
	unsigned alignment; /* of code: 2 or 4 for RISC-V */

	struct {
		enum role role;
		unsigned which; /* for ROLE_BPF and ROLE_LIMIT */
	} reg[MACHINE_REGISTERS];

	/* BPF registers for which there is no register. */
	struct frame_slot slot[SLOTS_MAX];
	unsigned slots;

	unsigned vm_bias;
	/* BPF registers that are in vm->r, a bit each. Any other is only where this map says. */
	uint32_t in_vm;
	bool used_in_vm; /* vm->used has the fuel that was spent, and no register */
	/* vm->used and vm->fault.pc may be anything between instructions. */
	bool vm_scratch;

	/* C's convention: arguments of a helper (the vm, then r1 to r5) and of vouch_region_find,
	 * word by word, result, return address; what a callee may change; how many bits of a
	 * register a bool has. */
	unsigned argument[ARGUMENT_WORDS], find_argument[ARGUMENT_WORDS];
	unsigned result, result_upper, link;
	unsigned stack_arguments; /* bytes from sp on: they are the callee's */
	uint32_t caller_saved;
	unsigned bool_bits;

	/* The native frame, from sp on, and what it keeps of C's registers: NO_REGISTER is the
	 * return address. What stubs push is below sp. */
	unsigned frame_size, frame_below, sp_alignment;
	unsigned callee_saved[CALLEE_SAVED_MAX], callee_saved_count;
	unsigned callee_saved_offset; /* of the first, from sp; one word each */

	/* Stubs. */
	const struct access_stub *access_stubs;
	unsigned access_stubs_count;
	unsigned stub_pc, stub_address, stub_address_upper; /* registers */
	/* With the pc, stubs get the access's bytes and permissions: from bit 24 and 28 on. */
	bool stub_knows_access;
	/* Out of line, an access finds its address where stubs want it, but for one that is in
	 * machine registers anyway. */
	bool cold_has_address;
	/* An access of which the inline test can't tell that it is in the context goes out of line,
	 * too: stubs look there again. */
	bool stubs_know_context;
	const struct divide_stub *divide; /* of 64 bits; NULL: there is none */
	uint32_t stub_clobbers;           /* access stubs: registers */
	unsigned prologue_max;            /* bytes: where the epilogue may start at the latest */
	unsigned prologue_min;
};

extern const struct refinement refinement_rv64, refinement_rv64c, refinement_x86_64,
	refinement_arm64, refinement_rv32, refinement_rv32c, refinement_thumb2;

#endif
