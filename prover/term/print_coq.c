/* SPDX-License-Identifier: MIT */
/*
 * Terms as Coq expressions over proofs/Bits.v: a bit-vector is an integer from 0 on and below
 * 2^width, a boolean is a bool, a memory is a store. An operator is a function of that file which
 * takes the width first where the meaning depends on it. Shared subterms are written out each time:
 * meant for terms of one instruction, which are small.
 */
#include "prover/term/internal.h"

static const char *const of_bits[TERM_OP_COUNT] = {
	[TERM_NOT] = "bvnot",
	[TERM_AND] = "bvand",
	[TERM_OR] = "bvor",
	[TERM_XOR] = "bvxor",
	[TERM_NEG] = "bvneg",
	[TERM_ADD] = "bvadd",
	[TERM_SUB] = "bvsub",
	[TERM_MUL] = "bvmul",
	[TERM_UDIV] = "bvudiv",
	[TERM_UREM] = "bvurem",
	[TERM_SDIV] = "bvsdiv",
	[TERM_SREM] = "bvsrem",
	[TERM_SHL] = "bvshl",
	[TERM_LSHR] = "bvlshr",
	[TERM_ASHR] = "bvashr",
	[TERM_EQ] = "bveq",
	[TERM_ULT] = "bvult",
	[TERM_ULE] = "bvule",
	[TERM_SLT] = "bvslt",
	[TERM_SLE] = "bvsle",
};

static const char *const of_bools[TERM_OP_COUNT] = {
	[TERM_NOT] = "negb",
	[TERM_AND] = "andb",
	[TERM_OR] = "orb",
	[TERM_XOR] = "xorb",
	[TERM_EQ] = "Bool.eqb",
};

static void print_decimal(FILE *f, u128 value)
{
	if (value >= 10)
		print_decimal(f, value / 10);
	fputc('0' + (int)(value % 10), f);
}

static void print_args(FILE *f, term t)
{
	for (unsigned i = 0; i < t->args; i++) {
		fputc(' ', f);
		term_print_coq(f, t->arg[i]);
	}
	fputc(')', f);
}

/* Of the first part and the rest: concat takes the width of what is below. */
static void print_concat(FILE *f, term t)
{
	unsigned below = t->width;

	for (unsigned i = 0; i + 1 < t->args; i++) {
		below -= t->arg[i]->width;
		fprintf(f, "(concat %u ", below);
		term_print_coq(f, t->arg[i]);
		fputc(' ', f);
	}
	term_print_coq(f, t->arg[t->args - 1]);
	for (unsigned i = 0; i + 1 < t->args; i++)
		fputc(')', f);
}

static void print_operator(FILE *f, term t)
{
	bool bools = t->arg[0]->sort == SORT_BOOL;
	const char *name = bools ? of_bools[t->op] : of_bits[t->op];

	expect(name && t->arg[0]->sort != SORT_MEMORY, "a term that Coq's words have no name for");
	if (bools)
		fprintf(f, "(%s", name);
	else
		fprintf(f, "(%s %u", name, t->arg[0]->width);
	print_args(f, t);
}

void term_print_coq(FILE *f, term t)
{
	switch (t->op) {
	case TERM_CONST:
		if (t->sort == SORT_BOOL)
			fputs(t->ones ? "true" : "false", f);
		else
			print_decimal(f, t->ones);
		break;
	case TERM_VAR:
		fputs(t->name, f);
		break;
	case TERM_APPLY:
		fprintf(f, "(%s", t->name);
		print_args(f, t);
		break;
	case TERM_SELECT:
		fputs("(select", f);
		print_args(f, t);
		break;
	case TERM_STORE:
		fputs("(store_byte", f);
		print_args(f, t);
		break;
	case TERM_ITE:
		fputs("(choose", f);
		print_args(f, t);
		break;
	case TERM_CONCAT:
		print_concat(f, t);
		break;
	case TERM_EXTRACT:
		fprintf(f, "(extract %u %u", t->hi, t->lo);
		print_args(f, t);
		break;
	case TERM_ZEXT:
		term_print_coq(f, t->arg[0]);
		break;
	case TERM_SEXT:
		fprintf(f, "(sext %u %u", t->arg[0]->width, t->width);
		print_args(f, t);
		break;
	default:
		print_operator(f, t);
	}
}
