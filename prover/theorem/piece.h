/* SPDX-License-Identifier: MIT */
/*
 * A piece of emitted code, as a claim about it sees it: each emission, with each pair of registers
 * that it is made for, is simulated.
 */
#ifndef VOUCH_PIECE_H
#define VOUCH_PIECE_H

#include "prover/theorem/simulate.h"

/* A variable, and what it is on an emission's conditions. */
struct shape {
	term variable, value;
};

struct piece {
	struct proof *proof;
	enum claim claim;
	const struct emission_insn *insn; /* NULL: none */
	const struct emission *epilogue;  /* NULL: not needed */
	bool out_of_line, straight, grouped;
	struct shape off, imm;        /* of the emission in hand */
	struct term_map *relative;    /* the same: offsets by their distance */
	term epilogue_byte[CODE_MAX]; /* the same */
	struct term_list told;        /* the same: what the checker was told */
	struct term_list *no_cold;    /* conditions on which nothing is out of line */
	unsigned succeeded, empty;    /* emissions; without code */
};

/* How many registers a field can name; 1 for no field. */
unsigned piece_values(term field);

/* The emitter may refuse only what is out of the machine's reach, and code has a longest length. */
bool piece_check(struct piece *piece, const struct emission *emission);

/* False: refuted or unknown, by the report. */
bool piece_simulate(struct piece *piece, const struct emission *emission);

/* All of that, for emitter_run(). `user` is the piece. */
bool piece_emission(const struct emission *emission, void *user);

#endif
