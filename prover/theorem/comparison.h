/* SPDX-License-Identifier: MIT */
/*
 * One path of the machine, while it is compared: its conditions, what they make of terms, and what
 * is asked of the solver under them. compare.c says what is compared.
 */
#ifndef VOUCH_COMPARISON_H
#define VOUCH_COMPARISON_H

#include "prover/theorem/machine.h"

struct comparison {
	struct simulation *s;
	struct proof *proof;
	struct exec *exec;
	struct machine_notes *notes;
	struct term_map *facts;      /* what the path's conditions make of terms */
	struct term_list conditions; /* the path's, and the step's */
	size_t asserted;             /* how many of them the solver has; one push each */
	bool ok;
	const struct outcome *outcome;
	term memory[2]; /* that are being compared at what was stored; NULL: none are */
};

struct comparison *comparison_new(struct simulation *s, struct exec *exec);
void comparison_free(struct comparison *c);

static inline struct terms *tc_of(struct comparison *c)
{
	return c->proof->tc;
}

/* ---- what is known ---- */

/* A condition, also as a fact: true, and its contrary false. */
void compare_assume(struct comparison *c, term condition);

/* The last one. */
void compare_retract(struct comparison *c);

/* What a term is under the conditions. */
term compare_under(struct comparison *c, term t);

/* The solver gets to know the conditions only when it is asked something. */
void compare_inform(struct comparison *c);

/* ---- what is claimed ---- */

/* A claim, in words for when it doesn't hold. False: reported. All of these: false, and nothing is
 * asked, after one that was. */
bool compare_holds(struct comparison *c, term claim, const char *what);
bool compare_equal(struct comparison *c, term a, term b, const char *what);

/* Equal everywhere. */
bool compare_equal_memory(struct comparison *c, term a, term b, const char *what);

/* Bytes at constant offsets only. */
bool compare_equal_object(struct comparison *c, term a, term b, unsigned size, const char *what);

/* What holds for the emission's sake alone is asked once, not once for each pair of registers. */
bool compare_holds_anyway(struct comparison *c, term claim);

/* The solver has just said how the claim can be false. */
void compare_refute(struct comparison *c, term claim, const char *what);

/* It gave up. False. */
bool compare_unknown(struct comparison *c, const char *what);

#endif
