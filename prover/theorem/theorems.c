/* SPDX-License-Identifier: MIT */
/* The table of theorems. */
#include "prover/theorem/theorem.h"

extern const struct theorem theorem_check, theorem_immediate, theorem_interpreter, theorem_region,
	theorem_rewrite, theorem_rv64, theorem_x86_64, theorem_arm64, theorem_rv32, theorem_thumb2;

static const struct theorem *const theorems[] = {&theorem_rv64, &theorem_x86_64, &theorem_arm64,
	&theorem_rv32, &theorem_thumb2, &theorem_immediate, &theorem_region, &theorem_check,
	&theorem_interpreter, &theorem_rewrite};

const struct theorem *theorem_at(size_t index)
{
	return index < sizeof(theorems) / sizeof(theorems[0]) ? theorems[index] : NULL;
}
