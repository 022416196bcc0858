/* SPDX-License-Identifier: MIT */
/*
 * The Thumb-2 emitter writes nothing that the model of Armv7-M doesn't know: each instruction of
 * generated programs' code, prologue and stubs included, takes a step of the model, with every
 * combination of flags, so that what is in IT blocks is both executed and skipped.
 *
 *   thumb2_forms [PROGRAMS]
 */
#include "prover/model/thumb2.h"
#include "constants.h"
#include "support/generate.h"
#include "vouch/jit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, VALUE = 0x2000 };

/* One instruction from one state. Returns what EPSR.IT is after it, or -1. */
static int step(struct terms *tc, uint32_t at, unsigned itstate, unsigned flags)
{
	struct model_env env = constant_env(tc);
	struct thumb2 m;

	thumb2_init(&m, &env, bv_const(tc, 32, CODE + at));
	/* Addresses that are aligned; odd ones where code is called. */
	for (unsigned i = 0; i < 15; i++)
		m.r[i] = bv_const(tc, 32, VALUE);
	if ((code_bytes[at + 1] << 8 | (code_bytes[at] & 0x87)) == 0x4780)
		for (unsigned i = 0; i < 13; i++)
			m.r[i] = bv_const(tc, 32, VALUE + 1);
	m.itstate = itstate;
	m.n = bool_const(tc, flags & 8);
	m.z = bool_const(tc, flags & 4);
	m.c = bool_const(tc, flags & 2);
	m.v = bool_const(tc, flags & 1);
	if (thumb2_step(&m))
		return (int)m.itstate;
	printf("at %#" PRIx32 ": %02x%02x %02x%02x: %s\n", at, code_bytes[at + 1], code_bytes[at],
		code_bytes[at + 3], code_bytes[at + 2], env.reason);
	return -1;
}

/* Returns how many instructions, or exits. */
static uint64_t step_through(struct terms *tc, uint32_t size)
{
	uint64_t n = 0;
	int itstate = 0;

	for (uint32_t at = 0; at < size; n++) {
		uint32_t mark = terms_mark(tc);
		int next = 0;

		for (unsigned flags = 0; flags < 16 && next >= 0; flags++)
			next = step(tc, at, (unsigned)itstate, flags);
		terms_reset(tc, mark);
		if (next < 0)
			exit(1);
		itstate = next;
		at += code_bytes[at + 1] >= 0xe8 ? 4 : 2;
	}
	return n;
}

int main(int argc, char **argv)
{
	uint64_t programs = argc > 1 ? strtoull(argv[1], NULL, 0) : 200, n = 0;
	const struct vouch_target *target = vouch_target_named("thumb2");
	static struct vouch_insn insns[SLOTS];
	static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS)];
	struct terms *tc = terms_new(TERMS_REWRITE);

	for (uint64_t seed = 1; seed <= programs; seed++) {
		struct vouch_program program = {insns, generate(seed, insns, SLOTS), 0};
		struct vouch_code code;

		if (vouch_compile(target, 0, &program, code_bytes, sizeof(code_bytes), scratch,
			    &code) != VOUCH_OK) {
			printf("seed %" PRIu64 " does not compile\n", seed);
			return 1;
		}
		n += step_through(tc, (uint32_t)code.size);
	}
	terms_free(tc);
	printf("%" PRIu64 " instructions of %" PRIu64 " programs: all are known\n", n, programs);
	return 0;
}
