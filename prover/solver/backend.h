/* SPDX-License-Identifier: MIT */
/* The two ways to ask: Z3's library, and a program that reads a script. Used by solver.c only. */
#ifndef VOUCH_SOLVER_BACKEND_H
#define VOUCH_SOLVER_BACKEND_H

#include "prover/solver/solver.h"

#define REASON_MAX 256

struct query {
	size_t asserts;
	const term *assertion;
	unsigned timeout_ms;
	struct assignment *model; /* filled in if the answer is SAT */
	char *reason;             /* REASON_MAX characters, filled in if it is UNKNOWN or ERROR */
};

struct z3;
struct z3 *z3_new(void);
void z3_free(struct z3 *z3);

/* Keeps what the query has in common with the last one, from the first assertion on. */
enum solver_result z3_check(struct z3 *z3, const struct query *q);

enum solver_result process_check(const char *command, const struct query *q);

#endif
