/* SPDX-License-Identifier: MIT */
/* The x86-64 emitter. */
#include "jit/jit.h"

static void prologue(struct jit *jit)
{
	jit_bytes(jit, 0xcc, 1);
}

static void epilogue(struct jit *jit)
{
	(void)jit;
}

static void insn(struct jit *jit, uint32_t pc)
{
	(void)pc;
	jit_fail(jit, VOUCH_JIT_RANGE);
}

const struct vouch_target vouch_x86_64 = {
	.name = "x86_64",
	.word = 8,
	.max_insn = 128,
	.max_frame = 2048,
	.prologue = prologue,
	.epilogue = epilogue,
	.insn = insn,
};
