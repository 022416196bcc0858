/* SPDX-License-Identifier: MIT */
/* The checker's test of one instruction, under a name of its own, for prover/export_check.c. */
#include "vm/check.c"

enum vouch_status check_one(const struct vouch_program *program, uint32_t pc,
	const vouch_helper *helpers, size_t nhelpers);

enum vouch_status check_one(const struct vouch_program *program, uint32_t pc,
	const vouch_helper *helpers, size_t nhelpers)
{
	return check_insn(program, pc, helpers, nhelpers);
}
