/* SPDX-License-Identifier: MIT */
/*
 * `vouch prove --explain`: what a proof does, step by step, for people. Each function writes to
 * proof->shown, and does nothing if that is NULL: of an emission's many pairs of registers only the
 * first is shown. At the end is what compiled code (compiled.h) is explained with, too.
 */
#ifndef VOUCH_EXPLAIN_H
#define VOUCH_EXPLAIN_H

#include "prover/theorem/simulate.h"

/* A piece of code: "the instruction", "its out-of-line part". */
void explain_piece(const struct proof *proof, const char *what);

/* A path of the emitter: its conditions, and how it ended. */
void explain_emission(const struct proof *proof, const struct emission *emission);

/* What it writes for the registers in question. A model of the emission is asked for. */
void explain_code(const struct simulation *s);

/* Where the machine ended on one of its paths. */
void explain_end(const struct simulation *s, struct exec *exec);

/* What BPF's step does, one of its ways. */
void explain_step(const struct proof *proof, const struct outcome *outcome);

/* How often solvers have been asked; and that they weren't since then. */
uint64_t explain_queries(const struct proof *proof);
void explain_agreement(const struct proof *proof, uint64_t queries);

/* A claim that the solver was asked about. */
void explain_question(
	const struct proof *proof, term claim, const char *what, enum solver_result result);

/* ---- whatever it is a proof of ---- */

struct explained {
	FILE *f;  /* NULL: nothing is explained */
	bool all; /* and not the beginning of what is long only */
};

void explain_term(const struct explained *to, term t);
void explain_outcome(
	const struct explained *to, const struct world *world, const struct outcome *outcome);
void explain_asked(const struct explained *to, const struct solver *solver, term negation,
	const char *what, enum solver_result result);

#endif
