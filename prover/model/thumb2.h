/* SPDX-License-Identifier: MIT */
/*
 * Armv7-M as a Cortex-M3 or M4 without floating point has it: Thumb and Thumb-2, integer, as the
 * ARMv7-M Architecture Reference Manual (DDI 0403E) has them; sections named at each group in
 * thumb2.c. Privileged thread mode, little-endian. No exceptions: what would fault, is UNDEFINED or
 * UNPREDICTABLE, or isn't modelled stops the step. Unaligned accesses are plain ones where the
 * manual allows them (A3.2.1). The flags Q and GE and what sets them are not modelled.
 */
#ifndef VOUCH_MODEL_THUMB2_H
#define VOUCH_MODEL_THUMB2_H

#include "prover/model/model.h"

struct thumb2 {
	struct model_env *env;
	term r[15];      /* 32 bits; r[13] is sp, whose bits 1 and 0 are always zero, r[14] is lr */
	term pc;         /* of the instruction, 32 bits, even */
	term n, z, c, v; /* booleans */
	/* What the last sum or difference that set flags was of, if `carry` is c still: then adc
	 * and sbc go on with it. Says nothing that c doesn't, but lets the terms of two words be
	 * one. */
	struct {
		term carry, x, y; /* carry is NULL: there was none */
		bool subtracted;
	} below;
	term primask;      /* a boolean: interrupts are masked */
	unsigned itstate;  /* EPSR.IT, A7.3.3; 0 outside of IT blocks. Constant, as opcodes are */
	term reservation;  /* address that ldrex has reserved, NULL if none */
	unsigned reserved; /* bytes of it */
	/*
	 * Whether a store-exclusive whose reservation holds succeeds: NULL means it does. A proof
	 * gives a fresh boolean here, since an exception may clear the reservation at any time.
	 */
	term (*strex_succeeds)(struct model_env *env);
};

/*
 * All registers 0, flags clear, interrupts not masked. pc has 32 bits. What is written to sp loses
 * its bits 1 and 0: a symbolic sp should have them as known zeros, so that this costs nothing.
 */
void thumb2_init(struct thumb2 *m, struct model_env *env, term pc);

/*
 * One instruction. In an IT block, one whose condition fails is skipped. False: no register was
 * changed and env->reason says why; of several stores (stm, strd), those before the one that wasn't
 * allowed have been done.
 */
bool thumb2_step(struct thumb2 *m);

#endif
