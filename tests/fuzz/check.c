/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are a program. What the checker accepts must run in every engine without a sanitizer's
 * complaint and alike, and compile for every target, whatever this host is.
 */
#include "support/compare.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 512, CODE_SIZE = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void compile_for_every_target(const struct vouch_program *program)
{
	static uint8_t buffer[CODE_SIZE];
	static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS)];
	const struct vouch_target *target;
	struct vouch_code code;

	for (size_t i = 0; (target = vouch_target_at(i)) != NULL; i++)
		for (uint32_t features = 0; features < 2; features++)
			if (vouch_compile(target, features, program, buffer, sizeof(buffer),
				    scratch, &code) != VOUCH_OK)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct vouch_insn insns[SLOTS];
	uint32_t count = (uint32_t)(size / sizeof(insns[0]));
	struct vouch_program program = {insns, count, 0};
	enum vouch_status status;
	struct world world;
	const char *what;

	if (count > SLOTS)
		return -1;
	memcpy(insns, bytes, count * sizeof(insns[0]));
	world_create(&world, 3);
	world.fuel = 100;
	if (compare_engines(&world, insns, count, &what, &status) == ENGINES) {
		compile_for_every_target(&program);
	} else if (status < VOUCH_BAD_OPCODE) {
		compare_report(&world, world.seed, insns, count);
		abort();
	}
	world_destroy(&world);
	return 0;
}
