/* SPDX-License-Identifier: MIT */
/*
 * Vouch's compiler: checked BPF to machine code, on any host for any target that is linked in.
 *
 * Compiled code is position-independent and reaches everything through the vm. The caller owns all
 * buffers; a host must map the code executable, and never writable and executable at once.
 */
#ifndef VOUCH_JIT_H
#define VOUCH_JIT_H

#include "vouch/vouch.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An instruction set that Vouch emits code for. */
struct vouch_target;

/* The targets linked in, by index; NULL beyond the last. */
const struct vouch_target *vouch_target_at(size_t index);

/* A target by name ("x86_64", "rv64", …); NULL if it is not linked in. */
const struct vouch_target *vouch_target_named(const char *name);

/* The target whose code this host can run; NULL if there is none. */
const struct vouch_target *vouch_target_host(void);

const char *vouch_target_name(const struct vouch_target *target);

/* Words of scratch memory that compiling a program of `count` slots takes. */
#define VOUCH_JIT_SCRATCH(count) (2 * ((size_t)(count) + 1) + 3 * VOUCH_CHOSEN_WORDS(count))

/* Words that hold a bit for each of `count` slots: that of pc is bit pc % 32 of word pc / 32. */
#define VOUCH_CHOSEN_WORDS(count) ((size_t)(count) / 32 + 1)

/* What a target may use beyond its base instruction set; bits for `features`. */
#define VOUCH_X86_BMI2      1u /* shlx, sarx, shrx, rorx, mulx */
#define VOUCH_RV_COMPRESSED 1u /* the C extension */
#define VOUCH_RV_ATOMIC     2u /* the A extension; rv32 only, rv64 always has it */
#define VOUCH_ARM_LSE       1u /* atomics of Armv8.1, one instruction each; arm64 */

/* What vouch_features_host() found on this CPU, for vouch_target_host(). 0 where it can't tell. */
uint32_t vouch_features_host(void);

struct vouch_code {
	size_t size; /* bytes of code */
	uint32_t pc; /* on failure: the instruction concerned */
};

/*
 * Compile a program. It is checked first (vouch_check, helpers apart).
 *
 * buffer, size: where the code goes, best at a multiple of 64; NULL and 0 to learn the size only.
 * scratch: VOUCH_JIT_SCRATCH(count) words. On success scratch[pc] is the offset of each
 * instruction's code and scratch[count + 1 + pc] that of its out-of-line part. code: out. Returns
 * VOUCH_OK; what vouch_check() returns; VOUCH_JIT_SPACE, VOUCH_JIT_RANGE or VOUCH_JIT_OFFSETS.
 */
enum vouch_status vouch_compile(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, void *buffer, size_t size, uint32_t *scratch,
	struct vouch_code *code);

/*
 * Run a program's compiled code: like vouch_run() in every respect that a program or its host can
 * observe. code: what vouch_compile() wrote for this host's target, from the very instructions and
 * entry point that the vm was initialised with, mapped executable.
 */
enum vouch_status vouch_run_compiled(struct vouch_vm *vm, const void *code, uint64_t *r0);

/*
 * Hybrid mode: where there is no room for a whole compiled program, some of its instructions are
 * compiled and the others interpreted, in one run with one state. A chosen instruction always runs
 * compiled, any other is always interpreted; the run passes from one to the other between
 * instructions. docs/hybrid.md says what that costs.
 */

/*
 * Compile the chosen instructions. As vouch_compile() in all other respects; the code is for
 * vouch_run_hybrid() only. chosen: VOUCH_CHOSEN_WORDS(count) words; bits of second halves of 64-bit
 * immediates mean nothing. NULL: as vouch_compile().
 */
enum vouch_status vouch_compile_chosen(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, const uint32_t *chosen, void *buffer, size_t size,
	uint32_t *scratch, struct vouch_code *code);

/* What vouch_run_hybrid() needs. Everything pointed to stays the caller's; it is only read. */
struct vouch_hybrid {
	const void *code;        /* of vouch_compile_chosen(), mapped executable */
	const uint32_t *offsets; /* its scratch, of which the first `count` words still matter */
	const uint32_t *chosen;  /* as it was given */
};

/*
 * Run a program, its chosen instructions compiled: like vouch_run() in every respect that a program
 * or its host can observe, with a fault's pc and the fuel that is left.
 */
enum vouch_status vouch_run_hybrid(
	struct vouch_vm *vm, const struct vouch_hybrid *hybrid, uint64_t *r0);

/*
 * Like vouch_run(), and count: counts[pc] is one more for each time that the run came to the
 * instruction at pc, and stays at its highest value. counts: one word for each slot, kept from run
 * to run; the caller clears it.
 */
enum vouch_status vouch_run_counted(struct vouch_vm *vm, uint32_t *counts, uint64_t *r0);

/*
 * Choose what to compile into `size` bytes: instructions in the order of their counts, the most
 * frequent first and of equals the first in the program, as many as fit. None that was never run,
 * and none if passing between the engines would cost more than is saved.
 *
 * counts: a word for each slot, of vouch_run_counted() or the caller's own. scratch: as for
 * vouch_compile(). chosen: out, VOUCH_CHOSEN_WORDS(count) words. code: out, the size that compiling
 * them takes. Returns VOUCH_OK; VOUCH_JIT_SPACE if not even the code that all instructions share
 * fits, and nothing is chosen; what vouch_check() returns; VOUCH_JIT_RANGE.
 */
enum vouch_status vouch_choose(const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program, const uint32_t *counts, size_t size, uint32_t *scratch,
	uint32_t *chosen, struct vouch_code *code);

#ifdef __cplusplus
}
#endif

#endif
