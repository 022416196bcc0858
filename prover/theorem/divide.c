/* SPDX-License-Identifier: MIT */
/* See divide.h. */
#include "prover/theorem/divide.h"

static term pair(struct terms *tc, const char *upper, const char *lower)
{
	return bv_concat(tc, bv_var(tc, upper, 32), bv_var(tc, lower, 32));
}

term divide_dividend(struct terms *tc)
{
	return pair(tc, "dividend_upper", "dividend");
}

term divide_divisor(struct terms *tc)
{
	return pair(tc, "divisor_upper", "divisor");
}

static term upper(struct terms *tc, term t)
{
	return bv_extract(tc, 63, 32, t);
}

static term lower(struct terms *tc, term t)
{
	return bv_trunc(tc, 32, t);
}

/* All ones for a negative number, else 0. */
static term sign_of(struct terms *tc, term t)
{
	return bv_sext(tc, 32, bv_extract(tc, 63, 63, t));
}

/* mask is all ones ? -t : t, as machines do it. */
static term negated_if(struct terms *tc, const struct division *d, term t, term mask)
{
	term low = bv_xor(tc, lower(tc, t), mask), high = bv_xor(tc, upper(tc, t), mask);
	term borrow = bv_from_bool(tc, 32, bv_ult(tc, low, mask));

	if (d->has_carry)
		return bv_sub(tc, bv_concat(tc, high, low), bv_concat(tc, mask, mask));
	high = bv_sub(tc, bv_sub(tc, high, mask), borrow);
	return bv_concat(tc, high, bv_sub(tc, low, mask));
}

static term is_zero(struct terms *tc, term t)
{
	return term_eq(tc, t, bv_const(tc, t->width, 0));
}

/* The upper half's quotient is one of 32 bits if the divisor has no more, else 0. */
struct division_state divide_first(struct terms *tc, const struct division *d)
{
	struct division_state s = {
		divide_dividend(tc), divide_divisor(tc), .negate = bv_const(tc, 32, 0)};
	term high, narrow;

	if (d->is_signed) {
		term mine = sign_of(tc, s.dividend), other = sign_of(tc, s.divisor);

		s.dividend = negated_if(tc, d, s.dividend, mine);
		s.divisor = negated_if(tc, d, s.divisor, other);
		s.negate = d->remainder ? mine : bv_xor(tc, mine, other);
	}
	high = upper(tc, s.dividend);
	narrow = is_zero(tc, upper(tc, s.divisor));
	s.quotient = bv_zext(tc, 64,
		term_ite(tc, narrow, bv_udiv(tc, high, lower(tc, s.divisor)), bv_const(tc, 32, 0)));
	s.rest = bv_zext(
		tc, 64, term_ite(tc, narrow, bv_urem(tc, high, lower(tc, s.divisor)), high));
	return s;
}

struct division_state divide_any(struct terms *tc)
{
	return (struct division_state){divide_dividend(tc), divide_divisor(tc),
		bv_sext(tc, 32, bv_var(tc, "negate", 1)), bv_var(tc, "quotient", 64),
		pair(tc, "rest_upper", "rest")};
}

/* a < b and a - b of 64 bits, as machines of 32 have them: by a carry, or without. */
static term less(struct terms *tc, const struct division *d, term a, term b)
{
	if (d->has_carry)
		return bv_ult(tc, a, b);
	return term_ite(tc, term_eq(tc, upper(tc, a), upper(tc, b)),
		bv_ult(tc, lower(tc, a), lower(tc, b)), bv_ult(tc, upper(tc, a), upper(tc, b)));
}

static term difference(struct terms *tc, const struct division *d, term a, term b)
{
	term borrow = bv_from_bool(tc, 32, bv_ult(tc, lower(tc, a), lower(tc, b)));

	if (d->has_carry)
		return bv_sub(tc, a, b);
	return bv_concat(tc, bv_sub(tc, bv_sub(tc, upper(tc, a), upper(tc, b)), borrow),
		bv_sub(tc, lower(tc, a), lower(tc, b)));
}

/* Long division: 2 * rest and the dividend's next bit, less the divisor if it isn't less. */
struct division_state divide_next(struct terms *tc, const struct division *d,
	const struct division_state *before, unsigned round)
{
	struct division_state s = *before;
	term bit = bv_extract(tc, 31 - round, 31 - round, before->dividend);
	term rest = bv_concat(tc, bv_trunc(tc, 63, before->rest), bit);
	term stays = less(tc, d, rest, before->divisor);

	s.rest = term_ite(tc, stays, rest, difference(tc, d, rest, before->divisor));
	s.quotient = bv_concat(
		tc, bv_trunc(tc, 63, before->quotient), bv_from_bool(tc, 1, bool_not(tc, stays)));
	return s;
}

/* Of a quotient by 0 nothing is wanted: its upper half is what the machine's division makes it. */
term divide_packed(struct terms *tc, const struct division *d, const struct division_state *state,
	unsigned round)
{
	term high = bv_trunc(tc, 32, bv_lshr_c(tc, state->quotient, round)), low;

	if (d->has_carry)
		high = term_ite(tc, is_zero(tc, state->divisor), bv_const(tc, 32, 0), high);
	if (round == 0)
		return bv_concat(tc, high, lower(tc, state->dividend));
	low = bv_trunc(tc, round, state->quotient);
	if (round < DIVIDE_ROUNDS)
		low = bv_concat(tc, bv_trunc(tc, 32 - round, state->dividend), low);
	return bv_concat(tc, high, low);
}

/* By 0, BPF's quotient is 0. */
term divide_result(struct terms *tc, const struct division *d, const struct division_state *last)
{
	term quotient =
		term_ite(tc, is_zero(tc, last->divisor), bv_const(tc, 64, 0), last->quotient);

	return negated_if(tc, d, d->remainder ? last->rest : quotient, last->negate);
}

/* ---- lemmas ---- */

/* alone: struct solver_options'. */
static bool lemma(struct proof *proof, term claim, bool alone, const char *what)
{
	struct solver_options options = proof->options->solver;
	struct solver *solver;
	enum solver_result result;

	options.alone = alone;
	solver = solver_new(&options);
	result = solver_implied(solver, proof->tc, claim);
	if (result != SOLVER_UNSAT)
		report_unknown(proof->report, "%s: %s", what, solver_reason(solver));
	proof->report->queries += solver_statistics(solver)->queries;
	solver_free(solver);
	return result == SOLVER_UNSAT;
}

/* Where the state is of quotients, not of any Q and R, as after so many rounds it is. */
static struct division_state exact(struct terms *tc, const struct division_state *of, term n)
{
	struct division_state s = *of;

	s.quotient = bv_udiv(tc, n, s.divisor);
	s.rest = bv_urem(tc, n, s.divisor);
	return s;
}

static term same(struct terms *tc, const struct division_state *a, const struct division_state *b)
{
	return bool_and(tc, term_eq(tc, a->quotient, b->quotient), term_eq(tc, a->rest, b->rest));
}

/*
 * The head is first reached with N(0) / D, as far as it is looked at: 32 bits of the quotient. Of a
 * divisor of 32 bits that is the machine's division; any other is more than N(0).
 */
static bool begins(struct proof *proof)
{
	struct terms *tc = proof->tc;
	term n = bv_var(tc, "upper_half", 32), narrow = bv_var(tc, "divisor", 32);
	term a = bv_zext(tc, 64, n), b = bv_zext(tc, 64, narrow), less;

	if (!lemma(proof, term_eq(tc, lower(tc, bv_udiv(tc, a, b)), bv_udiv(tc, n, narrow)), false,
		    "a quotient of 32 bits") ||
		!lemma(proof,
			term_eq(tc, bv_urem(tc, a, b), bv_zext(tc, 64, bv_urem(tc, n, narrow))),
			false, "a remainder of 32 bits"))
		return false;
	b = divide_divisor(tc);
	a = divide_dividend(tc);
	less = bv_ult(tc, a, b);
	return lemma(proof, bool_implies(tc, less, is_zero(tc, bv_udiv(tc, a, b))), true,
		       "the quotient by more") &&
	       lemma(proof, bool_implies(tc, less, term_eq(tc, bv_urem(tc, a, b), a)), true,
		       "the remainder by more");
}

/* From N / D to (2 * N + bit) / D, for all N of 63 bits: N(31) has no more. */
static bool goes_on(struct proof *proof, const struct division *d)
{
	struct terms *tc = proof->tc;
	term n = bv_zext(tc, 64, bv_var(tc, "n", 63));
	struct division_state any = divide_any(tc), before, after, wanted;
	term bit = bv_extract(tc, 0, 0, any.dividend);

	before = exact(tc, &any, n);
	after = divide_next(tc, d, &before, DIVIDE_ROUNDS - 1); /* that takes bit 0 */
	wanted = exact(tc, &any, bv_concat(tc, bv_trunc(tc, 63, n), bit));
	return lemma(proof, same(tc, &after, &wanted), true, "long division");
}

/* The same as negated_if(), as a number and not in words. */
static term negated(struct terms *tc, term t, term sign)
{
	return term_ite(tc, bool_from_bv(tc, sign), bv_neg(tc, t), t);
}

static bool negates(struct proof *proof, const struct division *d)
{
	struct terms *tc = proof->tc;
	term t = divide_dividend(tc), sign = bv_var(tc, "negate", 1);

	return lemma(proof,
		term_eq(tc, negated_if(tc, d, t, bv_sext(tc, 32, sign)), negated(tc, t, sign)),
		false, "a change of sign");
}

bool divide_lemmas(struct proof *proof, const struct division *d)
{
	return begins(proof) && goes_on(proof, d) && negates(proof, d);
}

bool divide_ends(struct proof *proof, const struct division *d)
{
	struct terms *tc = proof->tc;
	term a = divide_dividend(tc), b = divide_divisor(tc), zero = bv_const(tc, 64, 0);
	term wanted = bpf_divide(tc, d->is_signed, d->remainder, a, b), result;
	term mine = bv_const(tc, 1, 0), other = mine;

	if (d->is_signed) {
		mine = bv_extract(tc, 63, 63, a);
		other = bv_extract(tc, 63, 63, b);
	}
	a = negated(tc, a, mine);
	b = negated(tc, b, other);
	if (d->remainder)
		result = negated(tc, bv_urem(tc, a, b), mine);
	else
		result = negated(tc, term_ite(tc, is_zero(tc, b), zero, bv_udiv(tc, a, b)),
			bv_xor(tc, mine, other));
	return lemma(proof, term_eq(tc, result, wanted), false, "the signs");
}
