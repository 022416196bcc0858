/* SPDX-License-Identifier: MIT */
/*
 * Random programs that the checker accepts, the same for the same seed everywhere. They know the
 * world of world.h: r9 usually points at the context, r8 at the writable region; data objects are
 * its regions, helpers its helpers. Needs no libc.
 */
#ifndef VOUCH_TEST_GENERATE_H
#define VOUCH_TEST_GENERATE_H

#include "isa/isa.h"
#include "support/random.h"

/* Write a program of at most `room` slots (at least 16). Returns its length. */
uint32_t generate(uint64_t seed, struct vouch_insn *insns, uint32_t room);

/*
 * The same from bytes that a fuzzer mutates: each 8 of them decide an instruction, as far as one
 * can be made of them. Any bytes make a program.
 */
uint32_t generate_from(const uint8_t *bytes, size_t size, struct vouch_insn *insns, uint32_t room);

#endif
