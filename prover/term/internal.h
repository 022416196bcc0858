/* SPDX-License-Identifier: MIT */
/*
 * What the files of prover/term share and nobody else sees: the context, an application that is not
 * a term yet, and the ways from one to the other. make() rewrites; intern() only looks up, and is
 * for normal forms.
 */
#ifndef VOUCH_TERM_INTERNAL_H
#define VOUCH_TERM_INTERNAL_H

#include <stdlib.h>

#include "prover/term/rewrite.h"

#define MAX_ARGS 128 /* of a concatenation of single bits */

/* An operator and its arguments: what a constructor was asked for. */
struct app {
	uint8_t op, sort, width, args, hi, lo;
	const char *name;
	const term *arg;
	u128 value; /* of CONST */
};

struct example;
struct rule {
	enum term_op op;
	const char *name;
	term (*apply)(struct terms *tc, const struct app *a);
	term (*example)(struct terms *tc, struct example *e);
	unsigned limit; /* the widest that the solver is asked */
	const char *lemma;
	const char *text;
};

/* What an application became, for the next time that somebody asks. */
#define MEMO_ARGS 3
#define MEMO_ROOM ((size_t)1 << 16)
struct memo {
	uint64_t epoch;                  /* terms.epoch when it was written; 0: never */
	uint64_t what;                   /* operator, sort, width, args, hi and lo */
	uint32_t arg[MEMO_ARGS], result; /* ids */
};

struct terms {
	enum terms_mode mode;
	unsigned depth; /* of constructors that rules called */
	struct memo *memo;
	uint64_t epoch; /* of terms: a reset begins another */
	struct chunk *chunk;
	term *bucket; /* hash table, chained by term.next, newest first */
	size_t buckets;
	term *all; /* by id */
	size_t count, room;
	uint32_t fresh;
	size_t first[TERM_OP_COUNT +
		     1]; /* rules of each operator: from first[op] to first[op + 1] */
	uint64_t *fired;
};

extern const struct rule rules[];

/* The term for an application: rewritten (in a context that does), or as it is. */
term make(struct terms *tc, const struct app *a);
term intern(struct terms *tc, const struct app *a);

/* intern() for operators whose result has the sort and width of the last argument. */
term node1(struct terms *tc, enum term_op op, term a);
term node2(struct terms *tc, enum term_op op, term a, term b);

struct app app_of(term t);

/* A hash of one value more. */
static inline uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/* Value of an operator on constants. */
u128 operate(const struct app *a, const u128 *value);

/* Bits of the result that are known from those of the arguments. */
struct bits {
	u128 zeros, ones;
};
struct bits known_bits(const struct app *a);

static inline __int128 as_signed(u128 value, unsigned width)
{
	return (__int128)(value << (128 - width)) >> (128 - width);
}

static inline u128 power_of_2(unsigned n)
{
	return (u128)1 << n;
}

static inline bool is_power_of_2(u128 v)
{
	return v && !(v & (v - 1));
}

static inline unsigned trailing_zeros(u128 v)
{
	unsigned n = 0;

	for (; n < 128 && !(v >> n & 1); n++)
		;
	return n;
}

/* Zeros above the highest set bit, of `width`. */
static inline unsigned leading_zeros(u128 v, unsigned width)
{
	unsigned n = 0;

	for (; n < width && !(v >> (width - 1 - n) & 1); n++)
		;
	return n;
}

/* Bits that are known to be 0 at the top, and at the bottom. */
static inline unsigned known_leading_zeros(term t)
{
	return leading_zeros(~t->zeros & mask_of(t->width), t->width);
}

static inline unsigned known_trailing_zeros(term t)
{
	unsigned n = trailing_zeros(~t->zeros);

	return n < t->width ? n : t->width;
}

static inline bool is_ones(term t)
{
	return term_is_const(t) && t->ones == mask_of(t->width);
}

static inline term zero_like(struct terms *tc, term t)
{
	return t->sort == SORT_BOOL ? bool_const(tc, false) : bv_const(tc, t->width, 0);
}

static inline term ones_like(struct terms *tc, term t)
{
	return t->sort == SORT_BOOL ? bool_const(tc, true)
	                            : bv_const128(tc, t->width, mask_of(t->width));
}

/* NOT of either sort; bv_not() and bool_not() insist on theirs. */
term negate(struct terms *tc, term a);

/* ---- sums (rewrite_sum.c) ---- */

#define SUM_MAX 24

/* constant + factor[0] * atom[0] + …; atoms in order of their ids, no factor 0. */
struct sum {
	unsigned width, count;
	bool full; /* there were more than fit: not to be used */
	u128 constant;
	term atom[SUM_MAX];
	u128 factor[SUM_MAX];
};
void sum_start(struct sum *s, unsigned width);
void sum_add(struct terms *tc, struct sum *s, term t, u128 factor);
term sum_term(struct terms *tc, const struct sum *s);

/* ---- examples (rewrite_check.c) ---- */

struct example {
	enum term_op op;
	unsigned width;
	uint64_t random;
	struct terms *rewriting; /* to see what a rewriting context makes of something */
	bool known;              /* set by example_known(): there is something to check */
};
uint64_t draw(struct example *e, uint64_t below);
u128 draw_value(struct example *e, unsigned width); /* corner values more often than not */
term draw_const(struct terms *tc, struct example *e, unsigned width);
term example_var(struct terms *tc, struct example *e, const char *name); /* of e->width */

/* A variable of which some bits, drawn at random, are known: (x & m) | c. */
term draw_known(struct terms *tc, struct example *e, const char *name, unsigned width);

/* An application of `op` to two terms, through its constructor. */
term build2(struct terms *tc, enum term_op op, term a, term b);

/* Stop: a bug of the caller. */
_Noreturn void term_bug(const char *what);

static inline void expect(bool right, const char *what)
{
	if (!right)
		term_bug(what);
}

static inline void *must(void *memory)
{
	expect(memory != NULL, "out of memory");
	return memory;
}

#endif
