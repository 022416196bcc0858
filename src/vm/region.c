/* SPDX-License-Identifier: MIT */
/*
 * Region lookup, alone in its file: the one loop on which isolation rests, so it is proved by
 * itself (prover/theorem/region.c) and everything else uses only its contract.
 */
#include "vouch/vouch.h"

bool vouch_region_find(const struct vouch_region *regions, size_t n, uint64_t address,
	uint64_t size, uint32_t permissions)
{
	if (size == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		uint64_t offset = address - regions[i].start;

		/* offset + size would wrap for hostile addresses; the difference of sizes can't. */
		if (size <= regions[i].size && offset <= regions[i].size - size &&
			(permissions & ~regions[i].permissions) == 0)
			return true;
	}
	return false;
}
