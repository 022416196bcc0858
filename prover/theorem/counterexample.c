/* SPDX-License-Identifier: MIT */
/* See counterexample.h. */
#include "prover/theorem/counterexample.h"

#include <stdlib.h>

void counterexample(struct simulation *s, struct exec *exec, const struct outcome *outcome,
	const struct assignment *model)
{
	(void)s;
	(void)exec;
	(void)outcome;
	(void)model;
}
