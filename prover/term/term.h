/* SPDX-License-Identifier: MIT */
/*
 * Terms: booleans, bit-vectors of 1 to 128 bits and byte memories, as SMT-LIB's QF_AUFBV means
 * them.
 *
 * A term is an immutable handle, hash-consed in its context: two terms of one context are the same
 * expression exactly when the handles are equal (`a == b`). Every constructor rewrites (rewrite.h):
 * constants fold, so that a model run on constants is an emulator, and what is left is brought to a
 * normal form, so that two ways of saying the same are mostly one term already and the solver need
 * not be asked.
 *
 * A context owns its terms and gives them back all at once. Contexts share nothing: one for each
 * obligation, or one for each thread. Wrong widths or sorts are bugs of the caller and abort with a
 * message; so does lack of memory.
 *
 * The idea: hash-consing, Filliâtre and Conchon, "Type-safe modular hash-consing", 2006; the normal
 * forms are those of LLVM's InstCombine and KnownBits, with bit fields (concat and extract)
 * preferred to shifts and masks.
 */
#ifndef VOUCH_TERM_H
#define VOUCH_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef unsigned __int128 u128;

enum term_sort {
	SORT_BOOL,   /* width 1 */
	SORT_BV,     /* width 1 to 128 */
	SORT_MEMORY, /* from 64-bit addresses to bytes; width 0 */
};

/*
 * Operators. OPERATOR(ID, SMT-LIB name, number of arguments; ANY where it varies). AND, OR, XOR and
 * NOT are of bit-vectors and of booleans alike. The first column up to APPLY is what can stand in a
 * rewritten term or in a raw one; ZEXT, SUB, ULE, SLE, SHL and LSHR by constants and so on have
 * other normal forms (concat, add and neg, …) and are seen only in raw contexts.
 */
#define ANY_ARGS 255
#define TERM_OPERATORS(OPERATOR)                                                 \
	OPERATOR(CONST, "", 0) /* bit-vector or boolean */                       \
	OPERATOR(VAR, "", 0)                                                     \
	OPERATOR(APPLY, "", ANY_ARGS) /* uninterpreted function */               \
	OPERATOR(FILL, "const", 1)    /* memory with the same byte everywhere */ \
	OPERATOR(STORE, "store", 3)   /* memory, address, byte */                \
	OPERATOR(SELECT, "select", 2) /* memory, address */                      \
	OPERATOR(ITE, "ite", 3)                                                  \
	OPERATOR(EQ, "=", 2)                                                     \
	OPERATOR(NOT, "bvnot", 1)                                                \
	OPERATOR(AND, "bvand", 2)                                                \
	OPERATOR(OR, "bvor", 2)                                                  \
	OPERATOR(XOR, "bvxor", 2)                                                \
	OPERATOR(NEG, "bvneg", 1)                                                \
	OPERATOR(ADD, "bvadd", 2)                                                \
	OPERATOR(SUB, "bvsub", 2)                                                \
	OPERATOR(MUL, "bvmul", 2)                                                \
	OPERATOR(UDIV, "bvudiv", 2)                                              \
	OPERATOR(UREM, "bvurem", 2)                                              \
	OPERATOR(SDIV, "bvsdiv", 2)                                              \
	OPERATOR(SREM, "bvsrem", 2)                                              \
	OPERATOR(SHL, "bvshl", 2)                                                \
	OPERATOR(LSHR, "bvlshr", 2)                                              \
	OPERATOR(ASHR, "bvashr", 2)                                              \
	OPERATOR(CONCAT, "concat", ANY_ARGS) /* most significant first */        \
	OPERATOR(EXTRACT, "extract", 1)                                          \
	OPERATOR(ZEXT, "zero_extend", 1)                                         \
	OPERATOR(SEXT, "sign_extend", 1)                                         \
	OPERATOR(ULT, "bvult", 2)                                                \
	OPERATOR(ULE, "bvule", 2)                                                \
	OPERATOR(SLT, "bvslt", 2)                                                \
	OPERATOR(SLE, "bvsle", 2)

enum term_op {
#define OPERATOR(id, smt, args) TERM_##id,
	TERM_OPERATORS(OPERATOR)
#undef OPERATOR
		TERM_OP_COUNT
};

struct terms;

/* Read it with the functions below; the layout is open only so that they are inline. */
typedef const struct term {
	uint8_t op, sort, width;
	uint8_t args;   /* how many */
	uint8_t hi, lo; /* of EXTRACT */
	uint32_t id;    /* grows in order of creation */
	uint32_t hash;
	const char *name; /* of VAR and APPLY */
	const struct term *next;
	uint64_t about;   /* one bit for each variable: several may have the same */
	u128 zeros, ones; /* bits known to be 0, to be 1; above the width both are 0. Of a constant,
	                     ones is the value */
	const struct term *arg[];
} * term;

/* ---- contexts ---- */

enum terms_mode {
	TERMS_REWRITE, /* the usual one */
	TERMS_RAW, /* build what is said: nothing folds and nothing is rewritten. To check the rules
	              against */
};

struct terms *terms_new(enum terms_mode mode);
void terms_free(struct terms *tc);

/* How many terms there are. */
size_t terms_count(const struct terms *tc);

/*
 * Forget every term made after the mark was taken, as if it had never been: for emulating millions
 * of states in one context. Marks are used last taken, first reset. Terms older than the mark stay.
 */
uint32_t terms_mark(const struct terms *tc);
void terms_reset(struct terms *tc, uint32_t mark);

/* ---- leaves ---- */

term bv_const(struct terms *tc, unsigned width, uint64_t value); /* truncated to width */
term bv_const128(struct terms *tc, unsigned width, u128 value);
term bool_const(struct terms *tc, bool value);

/* The variable of that name. One name has one sort in a context. Names are copied; letters, digits
 * and any of _.!$[]+-:@ */
term bv_var(struct terms *tc, const char *name, unsigned width);
term bool_var(struct terms *tc, const char *name);
term mem_var(struct terms *tc, const char *name);

/* A variable that is nowhere else in the context: PREFIX!number. Width only for SORT_BV. */
term term_fresh(struct terms *tc, const char *prefix, enum term_sort sort, unsigned width);

/*
 * The value of an uninterpreted function: equal arguments give an equal result, and nothing else is
 * known. The result is a bit-vector or a boolean; arguments too. One name has one signature in a
 * context. At most 16 arguments.
 */
term term_apply(struct terms *tc, const char *name, enum term_sort sort, unsigned width,
	unsigned args, const term *arg);

/* ---- bit-vectors; operands of one width, the result has it too ---- */

term bv_add(struct terms *tc, term a, term b);
term bv_sub(struct terms *tc, term a, term b);
term bv_neg(struct terms *tc, term a);
term bv_mul(struct terms *tc, term a, term b);
term bv_udiv(struct terms *tc, term a, term b); /* a / 0 is all ones */
term bv_urem(struct terms *tc, term a, term b); /* a % 0 is a */
term bv_sdiv(struct terms *tc, term a,
	term b); /* rounds to 0; a / 0 is 1 for a < 0, else -1; INT_MIN / -1 is INT_MIN */
term bv_srem(struct terms *tc, term a, term b); /* sign of a; a % 0 is a; INT_MIN % -1 is 0 */
term bv_and(struct terms *tc, term a, term b);
term bv_or(struct terms *tc, term a, term b);
term bv_xor(struct terms *tc, term a, term b);
term bv_not(struct terms *tc, term a);
term bv_shl(struct terms *tc, term a, term b);  /* the count is not masked: b >= width gives 0 */
term bv_lshr(struct terms *tc, term a, term b); /* the same */
term bv_ashr(struct terms *tc, term a, term b); /* the same, gives the sign in every bit */

/* With a constant on the right. */
term bv_add_c(
	struct terms *tc, term a, uint64_t b); /* b is sign-extended from 64 bits to wider a */
term bv_and_c(struct terms *tc, term a, uint64_t b);
term bv_shl_c(struct terms *tc, term a, unsigned count);
term bv_lshr_c(struct terms *tc, term a, unsigned count);
term bv_ashr_c(struct terms *tc, term a, unsigned count);

term bv_concat(struct terms *tc, term high, term low);
term bv_concat_n(
	struct terms *tc, unsigned args, const term *arg); /* arg[0] is the most significant */
term bv_extract(struct terms *tc, unsigned hi, unsigned lo, term a); /* bits hi down to lo */
term bv_zext(struct terms *tc, unsigned width, term a); /* to `width`, which is at least a's */
term bv_sext(struct terms *tc, unsigned width, term a);
term bv_trunc(struct terms *tc, unsigned width, term a); /* the lowest bits */

/* ---- comparisons, as booleans ---- */

term term_eq(struct terms *tc, term a, term b); /* of any one sort */
term term_ne(struct terms *tc, term a, term b);
term bv_ult(struct terms *tc, term a, term b);
term bv_ule(struct terms *tc, term a, term b);
term bv_slt(struct terms *tc, term a, term b);
term bv_sle(struct terms *tc, term a, term b);

/* ---- booleans ---- */

term bool_not(struct terms *tc, term a);
term bool_and(struct terms *tc, term a, term b);
term bool_or(struct terms *tc, term a, term b);
term bool_xor(struct terms *tc, term a, term b);
term bool_implies(struct terms *tc, term a, term b);
term bool_and_n(struct terms *tc, size_t args, const term *arg); /* true for none */

/* if c then a else b, of any one sort */
term term_ite(struct terms *tc, term c, term a, term b);
term bv_from_bool(struct terms *tc, unsigned width, term p); /* 1 or 0 */
term bool_from_bv(struct terms *tc, term a);                 /* a != 0 */

/* ---- memories ---- */

term mem_fill(struct terms *tc, term byte);
term mem_store(struct terms *tc, term memory, term address, term byte);
term mem_select(struct terms *tc, term memory, term address); /* 8 bits */

/* Little-endian, 1 to 16 bytes; addresses wrap at 2^64. The value's width is 8 * bytes. */
term mem_load(struct terms *tc, term memory, term address, unsigned bytes);
term mem_write(struct terms *tc, term memory, term address, unsigned bytes, term value);

/* ---- looking into terms ---- */

static inline bool term_is_const(term t)
{
	return t->op == TERM_CONST;
}

static inline bool term_is(term t, enum term_op op)
{
	return t->op == op;
}

/* The value of a constant; of a boolean 0 or 1. */
static inline u128 term_value128(term t)
{
	return t->ones;
}

static inline uint64_t term_value(term t)
{
	return (uint64_t)t->ones;
}

static inline bool term_is_value(term t, uint64_t value)
{
	return term_is_const(t) && t->ones == value;
}

static inline bool term_is_true(term t)
{
	return t->sort == SORT_BOOL && term_is_value(t, 1);
}

static inline bool term_is_false(term t)
{
	return t->sort == SORT_BOOL && term_is_value(t, 0);
}

/* All bits below width: 2^width - 1. Width 0 to 128. */
static inline u128 mask_of(unsigned width)
{
	return width == 0 ? 0 : ~(u128)0 >> (128 - width);
}

/* A constant's value as a two's complement number of its width (at most 64). */
static inline int64_t term_signed_value(term t)
{
	unsigned unused = 64u - t->width;

	return (int64_t)((uint64_t)t->ones << unused) >> unused;
}

/*
 * Says t = base + offset. Base is NULL when t is a constant. Two addresses with the same base
 * differ by the difference of their offsets, modulo 2^width.
 */
void term_base_offset(struct terms *tc, term t, term *base, u128 *offset);

/* The same operator over other arguments (of the same sorts), through the constructor, so rewritten
 * anew. */
term term_rebuild(struct terms *tc, term t, const term *arg);

/* The same term in another context. */
term term_import(struct terms *to, term t);

/* ---- maps from terms to terms, and lists ---- */

struct term_map;
struct term_map *term_map_new(void);
void term_map_free(struct term_map *map);
void term_map_put(struct term_map *map, term key, term value);
term term_map_get(const struct term_map *map, term key); /* NULL if absent */

struct term_list {
	term *at; /* owned; release with term_list_free() */
	size_t count, room;
};
void term_list_add(struct term_list *list, term t);
void term_list_free(struct term_list *list);

/* t with every occurrence of a key replaced by its value, all at once; keys may be any terms. */
term term_substitute(struct terms *tc, term t, const struct term_map *map);

/* Every subterm of the roots once, arguments before what they are arguments of, onto the list. */
void term_subterms(size_t roots, const term *root, struct term_list *list);

/* Free variables (TERM_VAR), in order of creation. */
void term_variables(size_t roots, const term *root, struct term_list *list);

/* Is a variable of one of them the other's, too? */
bool term_share_variables(term a, term b);

/* Has t variables, and is each of them one of these terms'? */
bool term_made_of(term t, size_t roots, const term *root);

/* ---- evaluation ---- */

/*
 * An assignment gives variables, memories and functions their values; what it doesn't mention is 0.
 * It may be kept for longer than the terms that it was made for, but only asked about terms of that
 * context.
 */
struct assignment;
struct assignment *assignment_new(void);
void assignment_free(struct assignment *a);
void assignment_clear(struct assignment *a);
void assignment_copy(struct assignment *to, const struct assignment *from);
void assignment_add(struct assignment *to, const struct assignment *from); /* all that it says */
void assignment_set(struct assignment *a, term variable, u128 value); /* boolean or bit-vector */
void assignment_set_default(struct assignment *a, term memory, uint8_t value); /* bytes not set */
void assignment_set_byte(struct assignment *a, term memory, uint64_t address, uint8_t value);
void assignment_set_apply(
	struct assignment *a, const char *name, unsigned args, const u128 *arg, u128 value);
void assignment_set_apply_default(struct assignment *a, const char *name, u128 value);

bool assignment_has(const struct assignment *a, term variable);
u128 assignment_value(const struct assignment *a, term variable);
uint8_t assignment_byte(const struct assignment *a, term memory, uint64_t address);

/* The bytes that are set for a memory, in the order of their addresses: calls each with every one.
 */
void assignment_each_byte(const struct assignment *a, term memory,
	void (*each)(void *context, uint64_t address, uint8_t value), void *context);

/* Value of a boolean (0 or 1) or a bit-vector. Not for memories. */
u128 term_evaluate(term t, const struct assignment *a);

/* The same for many terms, which share the work. */
void term_evaluate_n(size_t terms, const term *t, const struct assignment *a, u128 *value);

/* Value of a byte of a memory term. */
uint8_t term_evaluate_byte(term memory, uint64_t address, const struct assignment *a);

/* ---- printing ---- */

/* "ult", "concat", …; of a rule's report or a debugger. */
const char *term_op_name(enum term_op op);

/* One SMT-LIB term, shared subterms in `let`. */
void term_print_smt(FILE *f, term t);

/* A whole script: declarations, (assert) for each, (check-sat). No (get-model). */
void term_print_smt_script(FILE *f, size_t asserts, const term *assertion);

/*
 * As a person would write it: C operators, hexadecimal constants, x[31:12] for a field, {a, b} for
 * a concatenation, <s and /s where the sign counts. Shared subterms that are big get names of their
 * own, first: `let t1 = …`.
 */
void term_print(FILE *f, term t);

/* The same in a string, which the caller frees. */
char *term_to_string(term t);

/* As a Coq expression over proofs/Bits.v, in brackets. Variables and functions keep their names. No
 * mem_fill(), and no equality of memories. */
void term_print_coq(FILE *f, term t);

#endif
