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

/* Where things go, if they can. Below are the harness and images, and above what RV64 with three
 * levels of page tables has not. */
#define AT_VM      0x100000000u
#define AT_SP      0x110000000u
#define AT_HELPERS 0x120000000u
#define AT_STACK   0x140000000u /* the top; frames below, records above */
#define AT_CONTEXT 0x160000000u
#define AT_REGIONS 0x170000000u
#define AT_DATA    0x180000000u
#define AT_INSNS   0x1a0000000u
#define AT_RESULT  0x1b0000000u
#define AT_CHOSEN  0x1c0000000u
#define AT_FIND    0x1f0000000u
#define AT_C       0x1f1000000u
#define AT_HELPER  0x1f2000000u
#define AT_STUB    0x1f3000000u
#define AT_CODE    0x200000000u
enum { PAGE = 4096 };

struct wishes {
	struct terms *tc;
	struct solver *solver;
	struct term_list all; /* not asked for yet */
	struct assignment *values;
	double until;
	/* Of emitted code; NULL of compiled. */
	struct simulation *s;
	struct proof *proof;
};

/* The question was just asked, and has an answer. */
void wishes_begin(struct wishes *w, struct terms *tc, struct solver *solver, term question);
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
