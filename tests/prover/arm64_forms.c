/* SPDX-License-Identifier: MIT */
/*
 * The AArch64 emitter writes nothing that the model of A64 doesn't know: each instruction of
 * generated programs' code, prologue and stubs included, with LSE and without, takes a step of the
 * model; with flags clear and set, and with a reservation and without. And what the encoder takes
 * for a logical immediate, the model decodes to the same value.
 *
 *   arm64_forms [PROGRAMS]
 */
#include "jit/arm64/encode.h"
#include "prover/model/arm64.h"
#include "constants.h"
#include "support/generate.h"
#include "vouch/jit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 256, VALUE = 0x2000 };

/* One instruction from one state: every register has the same value, so that a reservation is of
 * the address that a store-exclusive stores to. */
static bool step(struct terms *tc, uint32_t at, bool flags, unsigned reserved)
{
	struct model_env env = constant_env(tc);
	struct arm64 m;

	arm64_init(&m, &env, bv_const(tc, 64, CODE + at));
	for (unsigned i = 0; i < 31; i++)
		m.x[i] = bv_const(tc, 64, VALUE);
	m.sp = bv_const(tc, 64, VALUE);
	m.n = m.z = m.c = m.v = bool_const(tc, flags);
	m.reservation = reserved ? bv_const(tc, 64, VALUE) : NULL;
	m.reserved = reserved;
	if (arm64_step(&m))
		return true;
	printf("at %#" PRIx32 ": %02x%02x%02x%02x: %s\n", at, code_bytes[at + 3],
		code_bytes[at + 2], code_bytes[at + 1], code_bytes[at], env.reason);
	return false;
}

/* stlxr: the bytes that it stores; 0 for all others. */
static unsigned exclusive_bytes(uint32_t at)
{
	uint32_t word = (uint32_t)code_bytes[at + 3] << 24 | (uint32_t)code_bytes[at + 2] << 16 |
	                (uint32_t)code_bytes[at + 1] << 8 | code_bytes[at];

	return (word & 0x3fe08000) == 0x08008000 ? 1u << (word >> 30) : 0;
}

/* Returns how many instructions, or exits. */
static uint64_t step_through(struct terms *tc, uint32_t size)
{
	for (uint32_t at = 0; at < size; at += 4) {
		uint32_t mark = terms_mark(tc);
		unsigned reserved = exclusive_bytes(at);
		bool known = step(tc, at, false, 0) && step(tc, at, true, reserved);

		terms_reset(tc, mark);
		if (!known)
			exit(1);
	}
	return size / 4;
}

/* orr x0, xzr, #value */
static void check_immediate(struct terms *tc, unsigned sf, uint64_t value)
{
	struct model_env env = constant_env(tc);
	uint32_t fields = 0, mark = terms_mark(tc), word;
	struct arm64 m;

	if (!arm64_logical_immediate(value, sf, &fields)) {
		printf("%#" PRIx64 " is refused\n", value);
		exit(1);
	}
	word = arm64_logical_imm(ORR, sf, X0, XZR, fields);
	memcpy(code_bytes, &word, sizeof(word));
	arm64_init(&m, &env, bv_const(tc, 64, CODE));
	if (!arm64_step(&m) || !term_is_const(m.x[0]) || term_value(m.x[0]) != value) {
		printf("%#" PRIx64 " is encoded as another value\n", value);
		exit(1);
	}
	terms_reset(tc, mark);
}

/* Every run of ones in every rotation, in elements of every size. */
static unsigned check_immediates(struct terms *tc)
{
	unsigned n = 0;

	for (unsigned size = 2; size <= 64; size *= 2)
		for (unsigned ones = 1; ones < size; ones++)
			for (unsigned rotation = 0; rotation < size; rotation++) {
				uint64_t element = ((uint64_t)1 << ones) - 1, value = 0;

				for (unsigned i = 0; i < 64; i++)
					value |= (element >> (i + rotation) % size & 1) << i;
				check_immediate(tc, X, value);
				if (size <= 32)
					check_immediate(tc, W, value & 0xffffffff);
				n += size <= 32 ? 2 : 1;
			}
	return n;
}

int main(int argc, char **argv)
{
	uint64_t programs = argc > 1 ? strtoull(argv[1], NULL, 0) : 200, n = 0;
	const struct vouch_target *target = vouch_target_named("arm64");
	static struct vouch_insn insns[SLOTS];
	static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS)];
	struct terms *tc = terms_new(TERMS_REWRITE);

	for (uint64_t seed = 1; seed <= programs; seed++) {
		struct vouch_program program = {insns, generate(seed, insns, SLOTS), 0};
		struct vouch_code code;

		if (vouch_compile(target, seed & VOUCH_ARM_LSE, &program, code_bytes,
			    sizeof(code_bytes), scratch, &code) != VOUCH_OK) {
			printf("seed %" PRIu64 " does not compile\n", seed);
			return 1;
		}
		n += step_through(tc, (uint32_t)code.size);
	}
	printf("%u logical immediates: as encoded\n", check_immediates(tc));
	terms_free(tc);
	printf("%" PRIu64 " instructions of %" PRIu64 " programs: all are known\n", n, programs);
	return 0;
}
