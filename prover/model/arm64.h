/* SPDX-License-Identifier: MIT */
/*
 * A64, the integer instructions that a JIT can want, as the Arm Architecture Reference Manual
 * (DDI 0487) has them: chapter C4's groups are named at each function of arm64.c. EL0,
 * little-endian, one hart. No exceptions: what would fault, is UNDEFINED or CONSTRAINED
 * UNPREDICTABLE, or isn't modelled stops the step. Misaligned plain accesses are plain ones;
 * misaligned atomics, exclusives, acquires and releases stop, and so does an access relative to an
 * sp that is not a multiple of 16.
 */
#ifndef VOUCH_MODEL_ARM64_H
#define VOUCH_MODEL_ARM64_H

#include "prover/model/model.h"

struct arm64 {
	struct model_env *env;
	term x[31], sp, pc; /* 64 bits */
	term n, z, c, v;    /* booleans */
	term reservation;   /* address that ldxr has reserved, NULL if none */
	unsigned reserved;  /* bytes of it */
	/*
	 * Whether a store-exclusive whose reservation holds succeeds: NULL means it does. A proof
	 * gives a fresh boolean here, since hardware may let it fail at any time.
	 */
	term (*stxr_succeeds)(struct model_env *env);
	/*
	 * What a proof knows of a logical immediate's fields, N, immr and imms, of 13 bits: they
	 * are defined, and stand for this value of `width` bits. NULL: nothing.
	 */
	term (*known_immediate)(struct model_env *env, term fields, unsigned width);
};

/* All registers 0, flags clear. pc has 64 bits. */
void arm64_init(struct arm64 *m, struct model_env *env, term pc);

/* What the fields N, immr and imms of a logical instruction, 13 bits, stand for, and whether they
 * are defined. */
term arm64_logical_value(struct terms *tc, term fields, unsigned width, term *defined);

/*
 * One instruction. False: no register was changed and env->reason says why; of a pair's two stores,
 * the first may have been done.
 */
bool arm64_step(struct arm64 *m);

#endif
