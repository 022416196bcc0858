/* SPDX-License-Identifier: MIT */
/*
 * Immediates of A64's logical instructions. Apart from the emitter, so that the compiler leaves it
 * a function of its own: prover/theorem/immediate.c proves what the emitter's proofs take for
 * granted of it.
 */
#include "jit/arm64/encode.h"

/*
 * An immediate is an element of 2 to 64 bits, repeated; the element is one run of ones, rotated
 * (Arm ARM, DecodeBitMasks). So as many runs start in the word as there are elements, 1 to 32, a
 * power of two, and the word is the same when it is rotated by the size of one. 32 bits are 64 that
 * repeat, of which the upper half of value is no part.
 */
bool arm64_logical_immediate(uint64_t value, bool is64, uint32_t *fields)
{
	uint64_t low = value & 0xffffffff, word = is64 ? value : low << 32 | low;
	uint64_t starts = word & ~arm64_rotate_right(word, 63);
	unsigned elements = arm64_popcount(starts);
	unsigned lg = arm64_popcount(elements - 1) & 7, size = 64u >> lg;
	unsigned ones = arm64_popcount(word) >> lg;
	unsigned first = arm64_popcount((starts & -starts) - 1);

	*fields =
		(size >> 6) << 12 | (-first & (size - 1)) << 6 | ((-(2 * size) & 63) | (ones - 1));
	return (elements != 0) & ((elements & (elements - 1)) == 0) &
	       (arm64_rotate_right(word, size) == word);
}
