/* SPDX-License-Identifier: MIT */
/*
 * Division of 64 bits on a machine of 32: a stub in the epilogue, a bit at a time. Instructions use
 * it by its contract. That it keeps it is a proof of its own, cut at the head of its loop:
 *
 *   A, D     the magnitudes of dividend and divisor; N(k) is A without its last 32 - k bits
 *   Q(k)     N(k) / D, and R(k) = N(k) % D, as SMT-LIB has them by 0, too
 *   at the head, k rounds done: R(k) in two registers; in those of the dividend, Q(k) without its
 *   low k bits above what is left of A's lower half above these bits
 *
 * From the stub's start the machine comes to the head with k = 0, and from there, for each k, to it
 * with k + 1 or, after 32 rounds, to who called. Rounds are run with any Q and R:
 * they do what long division does, whatever it is about. That this leads from N(k) / D to
 * N(k + 1) / D is a question of its own, without machine code: divide_lemmas().
 */
#ifndef VOUCH_DIVIDE_H
#define VOUCH_DIVIDE_H

#include "prover/theorem/simulate.h"

enum { DIVIDE_ENTRY = -1, DIVIDE_ROUNDS = 32 };

struct division {
	bool is_signed, remainder;
	bool has_carry; /* struct divide_stub's */
	int round;      /* from the head after so many; or DIVIDE_ENTRY */
	bool searching; /* for where the head is */
	bool found;
	uint64_t head; /* offset in the epilogue */
};

/* What is known of quotient and remainder at the head. */
struct division_state {
	term dividend, divisor; /* their magnitudes, 64 bits */
	term negate;            /* is the result's sign to change? All ones or 0, 32 bits */
	term quotient, rest;
};

/* The instruction's arguments, where the stub is called; 64 bits. */
term divide_dividend(struct terms *tc);
term divide_divisor(struct terms *tc);

/* At the head on first arrival; any, after so many rounds; and after one more. */
struct division_state divide_first(struct terms *tc, const struct division *d);
struct division_state divide_any(struct terms *tc);
struct division_state divide_next(struct terms *tc, const struct division *d,
	const struct division_state *before, unsigned round);

/* What is in the dividend's registers at the head, 64 bits; and where the stub returns. */
term divide_packed(struct terms *tc, const struct division *d, const struct division_state *state,
	unsigned round);
term divide_result(struct terms *tc, const struct division *d, const struct division_state *last);

/* All that is left to show: that rounds lead from quotient to quotient, whatever is divided; and
 * that in the end, with the signs, it is BPF's. False: the report says why not. */
bool divide_lemmas(struct proof *proof, const struct division *d);
bool divide_ends(struct proof *proof, const struct division *d);

#endif
