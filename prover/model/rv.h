/* SPDX-License-Identifier: MIT */
/*
 * RISC-V, RV32 and RV64, unprivileged: I, M, A and C, as the ISA manual has them (Unprivileged
 * Specification, 20191213; chapters named at each group in rv.c). No traps: what would trap stops
 * the step. Misaligned loads and stores are plain ones; misaligned atomics stop.
 */
#ifndef VOUCH_MODEL_RV_H
#define VOUCH_MODEL_RV_H

#include "prover/model/model.h"

struct rv {
	struct model_env *env;
	unsigned xlen;    /* 32 or 64 */
	bool compressed;  /* it has C; else instructions are at multiples of 4 */
	term x[32];       /* x[0] is the constant 0 */
	term pc;          /* xlen bits */
	term reservation; /* address that lr has reserved, NULL if none */
	/*
	 * Whether a store-conditional whose reservation holds succeeds: NULL means it does. A proof
	 * gives a fresh boolean here, since hardware may let it fail at any time.
	 */
	term (*sc_succeeds)(struct model_env *env);
};

/* All registers 0, with C. pc has xlen bits. */
void rv_init(struct rv *rv, struct model_env *env, unsigned xlen, term pc);

/*
 * One instruction. False: nothing was changed and env->reason says why (fence, ecall, ebreak and
 * CSR instructions are not modelled, but fence, which is a nop for one hart).
 */
bool rv_step(struct rv *rv);

#endif
