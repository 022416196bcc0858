/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are made into a valid program, in a world that the first 8 of them choose. All engines
 * must agree about it.
 */
#include "support/compare.h"
#include "support/generate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct vouch_insn insns[PROGRAM_MAX];
	enum vouch_status status;
	struct world world;
	const char *what;
	uint64_t seed;
	uint32_t count;

	if (size < sizeof(seed))
		return -1;
	memcpy(&seed, bytes, sizeof(seed));
	count = generate_from(bytes + sizeof(seed), size - sizeof(seed), insns, PROGRAM_MAX);
	compare_world(&world, seed, insns, count);
	if (compare_engines(&world, insns, count, &what, &status) != ENGINES) {
		compare_report(&world, seed, insns, count);
		abort();
	}
	world_destroy(&world);
	return 0;
}
