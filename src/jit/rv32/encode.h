/* SPDX-License-Identifier: MIT */
/*
 * Machine code that RV32 has and RV64 has not: c.jal, in the place of RV64's c.addiw. The form is
 * that of jit/rv/encode.h, which has the rest.
 */
#ifndef VOUCH_RV32_ENCODE_H
#define VOUCH_RV32_ENCODE_H

#include "jit/rv/encode.h"

static inline uint32_t rv_c_jal(int32_t distance)
{
	return rv_cj(1, distance);
}

/* ra = here; goto here + distance */
static inline void emit_jal(struct jit *jit, int32_t distance)
{
	emit_either(jit, rv_fits(distance, 12), rv_c_jal(distance), rv_jal(RA, distance));
}

#endif
