/* SPDX-License-Identifier: MIT */
/*
 * What the checker accepts, written once over terms: the checker is proved to accept exactly this,
 * and it is all that the proofs about running take for granted of a program.
 *
 * It speaks of one instruction and the slots that it names. A program is accepted if each of its
 * instructions is, and it starts at one of them; then so are all that running can come to, since
 * every jump leads to an instruction and no instruction runs off the end.
 */
#ifndef VOUCH_ACCEPTED_H
#define VOUCH_ACCEPTED_H

#include "isa/isa.h"
#include "prover/term/term.h"

struct slot {
	struct terms *tc;
	term pc, count;          /* 32 bits; pc < count */
	term dst, src, off, imm; /* 4, 4, 16 and 32 bits */
	term second;             /* the slot after it, 64 bits; 0 to 7 are its opcode */
	term any_helper;         /* a boolean: helpers aren't checked */
	/* Is there a helper of this id? The opcode in the slot `delta` after pc? Both 64 bits. */
	term (*has_helper)(void *user, term id);
	term (*opcode_at)(void *user, term pc, term delta);
	void *user;
};

/* An instruction of this row of opcodes.def, its selecting field among the others. */
term accepted_row(const struct slot *slot, enum vouch_op op);

/* One of this opcode: of any of its rows. */
term accepted_opcode(const struct slot *slot, uint8_t opcode);

#endif
