/* SPDX-License-Identifier: MIT */
/*
 * What there is to prove, and what came of it. A theorem is a set of obligations; each has a name
 * like "rv64/alu64-add-x", is independent of all others, and is proved by itself, so that they can
 * be spread over processes and machines. The command (prover/command) knows obligations only by
 * this header.
 */
#ifndef VOUCH_THEOREM_H
#define VOUCH_THEOREM_H

#include "prover/exec/image.h"
#include "prover/solver/solver.h"

#include <stdio.h>

/*
 * VERDICT_UNKNOWN: the solver gave up, or something is not modelled. Counts as a failure, as does
 * VERDICT_REFUTED.
 */
enum verdict { VERDICT_PROVED, VERDICT_REFUTED, VERDICT_UNKNOWN };

struct theorem;

struct obligation {
	char name[48];      /* "rv64c/alu64-add-x" */
	const char *group;  /* "alu64", "load", "jump", "frame", …: a row of the matrix */
	const char *target; /* "rv64c": a column */
	const struct theorem *theorem;
	/* NULL, or what it is about: an image without it doesn't have the obligation. */
	const char *function;
	unsigned which;   /* the theorem's own */
	unsigned variant; /* the theorem's own */
};

/* What a proof may use. */
struct prove_options {
	const struct image *image; /* the compiled code that it is about */
	struct solver_options solver;
	FILE *explain;    /* NULL, or where to show every step */
	bool explain_all; /* and not the beginning of what is long only */
};

struct report {
	enum verdict verdict;
	unsigned paths;   /* of the emitter, or of the compiled function */
	unsigned runs;    /* of machine code against the specification */
	uint64_t queries; /* to the solver */
	double seconds;   /* the command takes the time */
	char reason[200]; /* unless proved: one line */
	char *text;       /* refuted: the counterexample, for people; malloc'd, or NULL */
	char *replay;     /* refuted: what `vouch replay` takes; malloc'd, or NULL */
};

struct theorem {
	const char *name; /* "rv64", the first part of a pattern that means all of it */
	/* Obligation number `index`; false beyond the last. */
	bool (*at)(const struct theorem *theorem, size_t index, struct obligation *obligation);
	void (*prove)(const struct obligation *obligation, const struct prove_options *options,
		struct report *report);
};

/* The theorems, by index; NULL beyond the last. */
const struct theorem *theorem_at(size_t index);

#endif
