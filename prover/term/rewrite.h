/* SPDX-License-Identifier: MIT */
/*
 * The rules by which constructors rewrite, and how each is checked.
 *
 * A rule has a name and a function that looks at one application (operator and arguments, already
 * rewritten) and returns a term of the same meaning, or nothing. Constructors try the rules of
 * their operator in the order of the table (rules.def), and that table is the only way to a
 * rewritten term: there are no others.
 *
 * A rule also has an example: a function that builds something that the rule applies to, at any
 * width, with constants drawn at random. To check the rule, the example is built twice, in a
 * context that rewrites and in a raw one, and a solver is asked whether the two can differ. So what
 * is checked is the code that runs. An example in which the rule doesn't fire is a failure too.
 */
#ifndef VOUCH_REWRITE_H
#define VOUCH_REWRITE_H

#include "prover/term/term.h"

/* How many rules; they are numbered from 0, in the order of the table. */
size_t rewrite_rules(void);
const char *rewrite_name(size_t rule);
const char *rewrite_text(size_t rule); /* left-hand side → right-hand side, for people */
bool rewrite_find(const char *name, size_t *rule);

/* The lemma in proofs/Arithmetic.v that proves the rule for every width, or NULL if the solver
 * does. */
const char *rewrite_lemma(size_t rule);

/* How often a rule rewrote in this context. */
uint64_t rewrite_fired(const struct terms *tc, size_t rule);

enum rewrite_verdict {
	REWRITE_PROVED,    /* by the solver at every width asked, and at random */
	REWRITE_REFUTED,   /* the sides differ */
	REWRITE_UNKNOWN,   /* the solver gave up */
	REWRITE_NOT_FIRED, /* an example in which the rule doesn't apply: nothing was checked */
};

struct rewrite_report {
	enum rewrite_verdict verdict;
	unsigned width; /* where it went wrong */
	unsigned solver_calls;
	unsigned evaluations; /* random comparisons made */
	char *detail; /* what went wrong: both sides and values, to be freed by the caller; NULL if
	                 proved */
};

/*
 * Check one rule: with the solver at widths 1, 2, 3, 4, 7, 8, 16, 32 and 64 (rules about
 * multiplication and division up to what bit-blasting can do), and by evaluation at those and
 * others, up to 128. `seed` draws the constants; timeout is for one query.
 */
void rewrite_check(size_t rule, uint64_t seed, unsigned timeout_ms, struct rewrite_report *report);

#endif
