/* SPDX-License-Identifier: MIT */
/*
 * What the driver and the targets share. A target is one struct; the driver knows nothing else of
 * it.
 *
 * Code is laid out as: prologue, epilogue, every instruction in order, then every instruction's
 * out-of-line part in order (what is rarely run: the long way of the region test, faults). Several
 * passes measure, the last one writes. By the offset table an emitter chooses nothing but the form
 * of a jump, short where the table says that it fits; other constants that depend on offsets have
 * one length. It must check the range of every jump it writes.
 */
#ifndef VOUCH_JIT_DRIVER_H
#define VOUCH_JIT_DRIVER_H

#include "isa/isa.h"
#include "vm/layout.h"
#include "vouch/jit.h"

/* Places in the prologue and epilogue that instructions jump to. Their meaning is the target's own.
 */
#define JIT_LABELS 24

/* How a load or store tests whether it may have its bytes (group.c). */
enum jit_test {
	TEST_OWN,   /* in line for the context, out of line for everything else */
	TEST_NONE,  /* in a group: before its first access, all of it was tested */
	TEST_AGAIN, /* in the group's second copy, for when that failed: everything in line */
	TEST_LAST   /* the same, and it goes on where the group ends */
};

/* Accesses from one register that share a test: of 2^lg bytes from `off` on. */
struct jit_group {
	uint32_t end; /* the pc after the last one; 0: there is none */
	int32_t off;
	uint8_t base; /* BPF's register */
	uint8_t lg, write;
};

struct jit {
	const struct vouch_program *program;
	uint32_t features;
	uint8_t *out;     /* NULL while lengths are measured */
	uint32_t size;    /* room at out */
	uint32_t pos;     /* where the next byte goes */
	uint32_t *offset; /* count + 1: start of each instruction's code, and the end of the last */
	uint32_t *cold;   /* count + 1: the same for the out-of-line parts */
	uint32_t *heads;  /* a bit for each instruction: it is the target of a backward jump */
	uint32_t *targets; /* the same: of any jump or call, or the entry point */
	/* Of hybrid mode, a bit for each instruction; NULL: all are compiled. What isn't chosen has
	 * no code, but what is reached from code hands over. And what follows it may be entered. */
	const uint32_t *chosen;
	uint32_t *reached;
	uint32_t label[JIT_LABELS];
	uint32_t test; /* enum jit_test, of the instruction in hand */
	struct jit_group group;
	bool far;        /* the code may be longer than `reach`: the longest form of every jump */
	uint32_t status; /* first failure: VOUCH_OK or VOUCH_JIT_* */
};

struct vouch_target {
	const char *name;
	/* Bytes in a pointer. */
	unsigned word;
	/* No instruction's code, either part, is longer; nor are prologue and epilogue together. */
	uint32_t max_insn, max_frame;
	/* Enter: C's state becomes BPF's at the entry instruction, and jump there. */
	void (*prologue)(struct jit *jit);
	/* In its place in hybrid mode: enter at any instruction's code, with what the run has spent
	 * so far in vm->used. */
	void (*resume)(struct jit *jit);
	/* Leave: BPF's state becomes C's; also what instructions share. */
	void (*epilogue)(struct jit *jit);
	/* Loop heads start at multiples of `align` bytes; a power of two, 1: anywhere. */
	uint32_t align;
	/* Longer code is compiled with `far` set; 0: none is. */
	uint32_t reach;
	/* So many bytes of code that changes nothing; any number that differences of offsets can
	 * have. */
	void (*nops)(struct jit *jit, uint32_t bytes);
	/* One instruction's code, and its out-of-line part (NULL where the target has none). */
	void (*insn)(struct jit *jit, uint32_t pc);
	void (*cold)(struct jit *jit, uint32_t pc);
	/* In an instruction's place: leave with STATUS_HANDOVER before it. */
	void (*handover)(struct jit *jit, uint32_t pc);
	/* jit_find_group(), where insn() knows all of enum jit_test; NULL: TEST_OWN is all. And the
	 * test for jit->group, which starts at pc: if it isn't in the context, go to cold[pc]. */
	bool (*find_group)(const struct jit *jit, uint32_t pc, struct jit_group *group);
	void (*guard)(struct jit *jit, uint32_t pc);
};

extern const struct vouch_target vouch_x86_64, vouch_arm64, vouch_rv64, vouch_rv32, vouch_thumb2;

/* Record a failure; the first one stays. */
static inline void jit_fail(struct jit *jit, enum vouch_status status)
{
	if (jit->status == VOUCH_OK)
		jit->status = status;
}

/* Append `n` bytes (1 to 8), least significant first. */
void jit_bytes(struct jit *jit, uint64_t bytes, unsigned n);

/* Go on at `offset` in code that was compiled with instructions chosen. Returns a status, or
 * STATUS_HANDOVER. */
enum vouch_status jit_resume(struct vouch_vm *vm, const void *code, uint32_t offset);

/* Interpret from vm->fault.pc on, with vm->used spent, up to an instruction that is chosen. The
 * same returns. */
enum vouch_status jit_interpret(struct vouch_vm *vm, const uint32_t *chosen, uint64_t *r0);

/* A bit of a map that has one for each instruction. */
static inline bool jit_has_bit(const uint32_t *bits, uint32_t pc)
{
	return bits[pc / 32] >> pc % 32 & 1;
}

/* The group that starts with the access at pc, if one does. */
bool jit_find_group(const struct jit *jit, uint32_t pc, struct jit_group *group);

/* On to pc, the next load, store or atomic: what group it is in. True: a group starts here. */
bool jit_enter(struct jit *jit, const struct vouch_target *target, uint32_t pc);

/* The second copy of the group that starts at pc. */
void jit_again(struct jit *jit, const struct vouch_target *target, uint32_t pc);

/* The BPF instruction that a jump or local call at pc goes to. */
static inline uint32_t jit_target(uint32_t pc, int32_t delta)
{
	return pc + 1 + (uint32_t)delta;
}

/* Does the instruction jump or call inside the program, and where to? */
bool jit_has_target(const struct vouch_program *program, uint32_t pc, uint32_t *target);

/* May the instruction after it be the next? */
bool jit_goes_on(const struct vouch_insn *insn);

#endif
