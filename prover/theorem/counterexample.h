/* SPDX-License-Identifier: MIT */
/* A refutation, for people and for `vouch replay`: into the report. */
#ifndef VOUCH_COUNTEREXAMPLE_H
#define VOUCH_COUNTEREXAMPLE_H

#include "prover/theorem/machine.h"

/*
 * The claim, `what` in words, doesn't follow from what the proof's checker has asserted, and it was
 * just asked. The machine's state is `exec`'s, at its end; outcome: the step's, or NULL. The report
 * keeps the first counterexample that a machine can show; or if there is none, the first.
 */
void counterexample(struct simulation *s, struct exec *exec, const struct outcome *outcome,
	term claim, const char *what);

/* ---- its parts ---- */

/*
 * Values for all that is unknown, in which the claim is false: if there are such, then with
 * addresses that a process can have, and small numbers where they may be small. The caller frees
 * it. *shows: there are, and the machine ends where the model says.
 */
struct assignment *witness_find(struct simulation *s, struct exec *exec,
	const struct outcome *outcome, term claim, bool *shows);

/* The file that prover/replay reads; NULL if it can't be written. `text` is for people. The result
 * is the caller's to free. */
char *witness_write(
	struct simulation *s, struct exec *exec, const struct assignment *values, const char *text);

#endif
