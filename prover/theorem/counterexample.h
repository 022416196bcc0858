/* SPDX-License-Identifier: MIT */
/* A refutation, for people and for `vouch replay`: into the report. */
#ifndef VOUCH_COUNTEREXAMPLE_H
#define VOUCH_COUNTEREXAMPLE_H

#include "prover/theorem/machine.h"

/* The machine's state is `exec`'s, at its end; outcome: the step's, or NULL. */
void counterexample(struct simulation *s, struct exec *exec, const struct outcome *outcome,
	const struct assignment *model);

#endif
