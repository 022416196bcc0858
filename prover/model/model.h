/* SPDX-License-Identifier: MIT */
/*
 * What every model of an instruction set shares: the surroundings that a model needs and does not
 * have itself.
 *
 * A model is a function that takes one step of a machine whose registers are terms. On constants it
 * is an emulator, on variables a symbolic executor. Memory, choices of path and what else is
 * outside a processor belong to who runs it: the executor, a test, a replay. A model that meets an
 * instruction or a state that it does not know stops; it never guesses.
 */
#ifndef VOUCH_MODEL_H
#define VOUCH_MODEL_H

#include "prover/term/term.h"

struct model_env {
	struct terms *tc;
	void *user;

	/* `bytes` bytes of code at an address, little-endian. NULL: there is no code; the step
	 * stops. */
	term (*fetch)(struct model_env *env, term address, unsigned bytes);

	/* Data, little-endian. NULL or false: the access is not allowed; the step stops, nothing
	 * has changed. */
	term (*load)(struct model_env *env, term address, unsigned bytes);
	bool (*store)(struct model_env *env, term address, unsigned bytes, term value);

	/*
	 * Which way a condition goes on this path: 1 or 0; -1 stops. Called only for conditions
	 * that are not constant.
	 */
	int (*branch)(struct model_env *env, term condition);

	/*
	 * A field that a decoder wants constant, and isn't as it is: as it can only be on this
	 * path. NULL: there is no more to know.
	 */
	term (*settle)(struct model_env *env, term field);

	/* Why the last step stopped, for people; set by the model or by any of the above. */
	char reason[160];
	/* Not for lack of a model: the machine itself would go no further; or its manual leaves
	 * open what it does, so that nobody may come here. */
	bool trapped, undefined;

	/* Where a machine has both kinds (x86): nobody comes between this instruction's accesses.
	 */
	bool atomic;
};

/* Record why, as printf does. Returns false. */
bool model_stop(struct model_env *env, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, where the machine traps. */
bool model_trap(struct model_env *env, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, where the machine may do anything. */
bool model_undefined(struct model_env *env, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* env->branch() for conditions that are not constant. */
int model_branch(struct model_env *env, term condition);

/* Bits hi down to lo of an instruction word, if they are constant on this path. False stops. */
bool model_field(struct model_env *env, term word, unsigned hi, unsigned lo, const char *name,
	unsigned *value);

#endif
