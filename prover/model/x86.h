/* SPDX-License-Identifier: MIT */
/*
 * x86-64 in 64-bit mode: the integer instructions of a JIT, as Intel's manual (SDM, volume 2) has
 * them. Operands of 32 and 64 bits, and of 8 and 16 where the instruction has them; no segments, no
 * string instructions, no vectors. What would fault stops the step.
 */
#ifndef VOUCH_MODEL_X86_H
#define VOUCH_MODEL_X86_H

#include "prover/model/model.h"

enum x86_flag { X86_CF, X86_PF, X86_AF, X86_ZF, X86_SF, X86_OF, X86_FLAGS };

struct x86 {
	struct model_env *env;
	term r[16]; /* 64 bits each, in the order of their encoding: rax, rcx, rdx, rbx … */
	term rip;   /* 64 bits */
	term flag[X86_FLAGS]; /* booleans; after an instruction that leaves one undefined, fresh */
};

/* All registers 0, all flags clear. */
void x86_init(struct x86 *x, struct model_env *env, term rip);

/* One instruction. False: nothing was changed and env->reason says why. */
bool x86_step(struct x86 *x);

#endif
