/* SPDX-License-Identifier: MIT */
/* An environment for models that are to know an instruction, whatever it does: code is in a buffer,
 * loads give 1. */
#ifndef VOUCH_CONSTANTS_H
#define VOUCH_CONSTANTS_H

#include "prover/model/model.h"

#include <string.h>

enum { CODE_BYTES = 1 << 17, CODE = 0x10000 };

static uint8_t code_bytes[CODE_BYTES];

static term constant_fetch(struct model_env *env, term address, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, code_bytes + (term_value(address) - CODE), bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

/* Odd, so that what is loaded to a Thumb-2 machine's pc is an address of code. */
static term constant_load(struct model_env *env, term address, unsigned bytes)
{
	(void)address;
	return bv_const(env->tc, 8 * bytes, 1);
}

static bool constant_store(struct model_env *env, term address, unsigned bytes, term value)
{
	(void)env, (void)address, (void)bytes, (void)value;
	return true;
}

static int constant_branch(struct model_env *env, term condition)
{
	(void)condition;
	model_stop(env, "a condition that is not constant in a run of constants");
	return -1;
}

static inline struct model_env constant_env(struct terms *tc)
{
	return (struct model_env){.tc = tc,
		.fetch = constant_fetch,
		.load = constant_load,
		.store = constant_store,
		.branch = constant_branch};
}

#endif
