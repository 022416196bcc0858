/* SPDX-License-Identifier: MIT */
/*
 * Values that a process can have. What the solver says first is any one: addresses are anywhere,
 * and things that are apart in the proof overlap. So it is asked for more, wish by wish: that
 * everything be in places that a process can map, each in pages of its own, and numbers be small.
 * What can't be granted is left out.
 */
#ifndef VOUCH_WISH_H
#define VOUCH_WISH_H

#include "prover/theorem/simulate.h"

/*
 * Where things go, if they can: where there is neither the harness nor an image. Where addresses
 * have 64 bits, below what RV64 with three levels of page tables has not; where they have 32, in
 * the memory of the board that is run as a Cortex-M4 (prover/replay/board.c).
 */
struct places {
	uint64_t vm, sp, helpers;
	uint64_t memory, stack; /* its top: frames and other memory below, records above */
	uint64_t context, regions;
	uint64_t data, data_end;
	uint64_t insns, result, chosen;
	uint64_t find, c, helper, stub; /* what is called or returned to, and isn't there */
	uint64_t code, code_end;
};
enum { PAGE = 4096 };

struct wishes {
	struct terms *tc;
	struct solver *solver;
	const struct places *at;
	struct term_list all; /* not asked for yet */
	struct assignment *values;
	double until;
	/* Of emitted code; NULL of compiled. */
	struct simulation *s;
	struct proof *proof;
};

/* The question was just asked, and has an answer. A word has so many bytes. */
void wishes_begin(
	struct wishes *w, struct terms *tc, struct solver *solver, unsigned word, term question);
/* As many as can be. False: not all. */
bool wishes_grant(struct wishes *w);
/* The solver is as before, with this timeout. The values are the caller's to free. */
struct assignment *wishes_end(struct wishes *w, unsigned timeout_ms);

void wish(struct wishes *w, term t);
void wish_at(struct wishes *w, term t, uint64_t value);
void wish_below(struct wishes *w, term t, uint64_t limit);

/* Memory of the program's, beside what is the vm's. */
void wish_accessible(struct wishes *w, term address);

/* An access that is forbidden is seen where there is nothing. */
void wish_fault(struct wishes *w, const struct exec *exec);

/* Store-conditionals succeed. */
void wish_success(struct wishes *w, const struct exec *exec);

term wish_between(struct wishes *w, term t, uint64_t from, uint64_t to); /* from <= t < to */
term wish_page(struct wishes *w, term address);

#endif
