/* SPDX-License-Identifier: MIT */
/*
 * What the emitters write, as one number for each target and feature set: code and offsets of
 * generated programs, hashed. Built for this host and for riscv64 it must print the same: then the
 * emitters that were proved (the riscv64 build) and those that run here write the same bytes.
 *
 *   rv64_bytes [PROGRAMS [TARGET]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "support/generate.h"
#include "vouch/jit.h"

enum { SLOTS = 256, CODE_BYTES = 1 << 20, FEATURE_SETS = 4 };

/* FNV-1a */
static uint64_t hash(uint64_t h, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		h = (h ^ bytes[i]) * 0x100000001b3;
	return h;
}

static uint64_t hash_word(uint64_t h, uint64_t word)
{
	for (unsigned i = 0; i < 8; i++)
		h = (h ^ (word >> 8 * i & 0xff)) * 0x100000001b3;
	return h;
}

static uint64_t hash_program(uint64_t h, const struct vouch_target *target, uint32_t features,
	const struct vouch_program *program)
{
	static uint8_t bytes[CODE_BYTES];
	static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS)];
	struct vouch_code code;
	enum vouch_status status =
		vouch_compile(target, features, program, bytes, sizeof(bytes), scratch, &code);

	if (status != VOUCH_OK) {
		printf("%s: %s at %u\n", vouch_target_name(target), vouch_status_name(status),
			code.pc);
		exit(1);
	}
	h = hash(hash_word(h, code.size), bytes, code.size);
	for (uint32_t i = 0; i < 2 * (program->count + 1); i++)
		h = hash_word(h, scratch[i]);
	return h;
}

int main(int argc, char **argv)
{
	uint64_t programs = argc > 1 ? strtoull(argv[1], NULL, 0) : 6000;
	static struct vouch_insn insns[SLOTS];

	for (size_t i = 0; vouch_target_at(i); i++) {
		if (argc > 2 && strcmp(vouch_target_name(vouch_target_at(i)), argv[2]) != 0)
			continue;
		for (uint32_t features = 0; features < FEATURE_SETS; features++) {
			uint64_t h = 0xcbf29ce484222325;

			for (uint64_t seed = 1; seed <= programs; seed++) {
				struct vouch_program program = {insns, 0, 0};

				program.count = generate(seed, insns, seed % 16 ? 48 : SLOTS);
				h = hash_program(h, vouch_target_at(i), features, &program);
			}
			printf("%s, features %u, %" PRIu64 " programs: %016" PRIx64 "\n",
				vouch_target_name(vouch_target_at(i)), features, programs, h);
		}
	}
	return 0;
}
