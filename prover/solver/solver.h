/* SPDX-License-Identifier: MIT */
/*
 * Asking a solver: is there an assignment that makes these booleans true?
 *
 * The answer comes from Z3 through its C API, or from any program that reads SMT-LIB 2 on its
 * standard input. It is one of four, and none is ever taken for another. Constant queries are
 * answered here. Every "sat" from a solver brings an assignment, which is evaluated (term.h) and
 * has to satisfy the query; if it doesn't, the answer is SOLVER_ERROR: one of the two is wrong
 * about the meaning of a term, and no result of the run can be trusted.
 *
 * Assertions form a stack, for following a path: assert the branch taken, go on, pop.
 */
#ifndef VOUCH_SOLVER_H
#define VOUCH_SOLVER_H

#include "prover/term/term.h"

enum solver_result {
	SOLVER_UNSAT,
	SOLVER_SAT,     /* solver_model() has the assignment */
	SOLVER_UNKNOWN, /* gave up, or out of time; solver_reason() says which */
	SOLVER_ERROR, /* solver missing or broken, or its answer doesn't hold; solver_reason() says
	                 what */
};

struct solver_options {
	unsigned timeout_ms; /* for one query; 0: none */
	/* Each question is simplified as a whole, which Z3 doesn't do where more may follow. Some
	 * are easier so, and others harder. */
	bool alone;
	/*
	 * NULL: Z3's library. Otherwise a shell command that reads a script on its standard input
	 * and prints sat, unsat or unknown and then the values it is asked for: "cvc5 --lang smt2
	 * -", "z3 -in". It is killed when time is up.
	 */
	const char *command;
};

struct solver_statistics {
	uint64_t queries;                     /* solver_check() and what is built on it */
	uint64_t trivial;                     /* of those, answered by constants */
	uint64_t asked;                       /* parts of queries, each once */
	uint64_t sat, unsat, unknown, errors; /* by a solver, or sat by a guess */
	double seconds;                       /* in the solver */
	double longest;
};

struct solver;

/* Terms must all come from one context, which outlives the solver and isn't reset meanwhile.
 * `options` may be NULL. Strings in it are copied. */
struct solver *solver_new(const struct solver_options *options);
void solver_free(struct solver *s);

void solver_set_timeout(struct solver *s, unsigned timeout_ms);

void solver_push(struct solver *s);
void solver_pop(struct solver *s);
void solver_assert(struct solver *s, term t);

/* What is asserted now, oldest first. */
size_t solver_asserted(const struct solver *s, const term **list);

/* Can all that is asserted, and `also` (NULL: nothing more), be true? */
enum solver_result solver_check(struct solver *s, term also);

/* Does t follow from what is asserted? UNSAT means yes; SAT no, with a counterexample. */
enum solver_result solver_implied(struct solver *s, struct terms *tc, term t);

/* After SAT, until the next query: the assignment. The caller copies what it wants to keep. */
const struct assignment *solver_model(const struct solver *s);

/* After UNKNOWN or ERROR: a sentence. */
const char *solver_reason(const struct solver *s);

/* The query that solver_check(s, also) would ask, as a script. */
void solver_write(const struct solver *s, term also, FILE *f);

const struct solver_statistics *solver_statistics(const struct solver *s);

const char *solver_result_text(enum solver_result result); /* "sat", … */

#endif
