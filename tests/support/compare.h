/* SPDX-License-Identifier: MIT */
/*
 * Every engine against the interpreter, on one program in a world that varies with a seed. For the
 * bounded run of make check (tests/jit/test_differential.c) and for the fuzzers (tests/fuzz).
 */
#ifndef VOUCH_TEST_COMPARE_H
#define VOUCH_TEST_COMPARE_H

#include "world.h"

/* Make the world of a seed for a program: sizes, permissions, fuel, frames and entry vary. */
void compare_world(
	struct world *world, uint64_t seed, const struct vouch_insn *insns, uint32_t count);

/*
 * Run in every engine. Returns the first that disagrees with the interpreter and says in what;
 * ENGINES if none does. status: out, the interpreter's. A program that vouch_init() refuses
 * disagrees with itself.
 */
enum engine compare_engines(struct world *world, const struct vouch_insn *insns, uint32_t count,
	const char **what, enum vouch_status *status);

/* Make a program on which engines disagree shorter while they still do, and print it. */
void compare_report(struct world *world, uint64_t seed, struct vouch_insn *insns, uint32_t count);

#endif
