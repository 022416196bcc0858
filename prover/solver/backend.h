/* SPDX-License-Identifier: MIT */
/* The two ways to ask, Z3's library and a program that reads a script, and what is asked at all.
 * Used by solver.c only. */
#ifndef VOUCH_SOLVER_BACKEND_H
#define VOUCH_SOLVER_BACKEND_H

#include <stdlib.h>

#include "prover/solver/solver.h"

#define REASON_MAX 256

static inline void *must(void *memory)
{
	if (!memory) {
		fprintf(stderr, "vouch: out of memory\n");
		abort();
	}
	return memory;
}

struct query {
	size_t asserts;
	const term *assertion;
	unsigned timeout_ms;
	bool alone;               /* no other question follows from it */
	struct assignment *model; /* filled in if the answer is SAT */
	char *reason;             /* REASON_MAX characters, filled in if it is UNKNOWN or ERROR */
};

struct z3;
struct z3 *z3_new(void);
void z3_free(struct z3 *z3);

/* Keeps what the query has in common with the last one, from the first assertion on. */
enum solver_result z3_check(struct z3 *z3, const struct query *q);

enum solver_result process_check(const char *command, const struct query *q);

/* True: a model was found without a solver. */
bool guess_check(const struct query *q);

/* Independent parts of queries, and their answers. Their terms must not go. */
struct parts;
struct parts_client {
	void *user;
	enum solver_result (*ask)(void *user, const struct term_list *part);
	struct assignment *part_model; /* where `ask` leaves a model */
	struct assignment *model;      /* of the whole: added to, part by part */
};
struct parts *parts_new(void);
void parts_free(struct parts *p);
enum solver_result parts_check(
	struct parts *p, const struct term_list *list, const struct parts_client *client);

#endif
