/* SPDX-License-Identifier: MIT */
/*
 * SMT-LIB 2 text. A script names every shared subterm by define-fun, one after the other, so its
 * size is that of the graph and not of the tree, and a solver's parser never recurses deep. Names
 * are quoted with bars: they may hold what SMT-LIB's plain symbols don't.
 */
#include <string.h>

#include "prover/term/internal.h"

static const char *const smt_names[] = {
#define OPERATOR(id, smt, args) smt,
	TERM_OPERATORS(OPERATOR)
#undef OPERATOR
};

const char *term_op_name(enum term_op op)
{
	static const char *const names[] = {
#define OPERATOR(id, smt, args) #id,
		TERM_OPERATORS(OPERATOR)
#undef OPERATOR
	};

	return names[op];
}

#define MEMORY_SORT "(Array (_ BitVec 64) (_ BitVec 8))"

static void print_sort(FILE *f, term t)
{
	if (t->sort == SORT_BOOL)
		fputs("Bool", f);
	else if (t->sort == SORT_MEMORY)
		fputs(MEMORY_SORT, f);
	else
		fprintf(f, "(_ BitVec %u)", t->width);
}

static void print_const(FILE *f, term t)
{
	if (t->sort == SORT_BOOL) {
		fputs(t->ones ? "true" : "false", f);
		return;
	}
	fputs("#b", f);
	for (unsigned i = t->width; i-- > 0;)
		fputc((int)('0' + (t->ones >> i & 1)), f);
}

static const char *name_of(term t)
{
	if (t->sort == SORT_BOOL)
		switch (t->op) {
		case TERM_NOT:
			return "not";
		case TERM_AND:
			return "and";
		case TERM_OR:
			return "or";
		case TERM_XOR:
			return "xor";
		default:
			break;
		}
	return smt_names[t->op];
}

static void print_head(FILE *f, term t)
{
	switch (t->op) {
	case TERM_APPLY:
		fprintf(f, "(|%s|", t->name);
		break;
	case TERM_FILL:
		fputs("((as const " MEMORY_SORT ")", f);
		break;
	case TERM_EXTRACT:
		fprintf(f, "((_ extract %u %u)", t->hi, t->lo);
		break;
	case TERM_ZEXT:
	case TERM_SEXT:
		fprintf(f, "((_ %s %d)", smt_names[t->op], t->width - t->arg[0]->width);
		break;
	default:
		fprintf(f, "(%s", name_of(t));
	}
}

/* Terms from `named` on have names of their own: ?ID. */
static void print_node(FILE *f, term t, const bool *named, bool whole)
{
	if (t->op == TERM_CONST) {
		print_const(f, t);
	} else if (t->op == TERM_VAR) {
		fprintf(f, "|%s|", t->name);
	} else if (!whole && named[t->id]) {
		fprintf(f, "?%u", t->id);
	} else if (t->op == TERM_CONCAT) { /* of two, in SMT-LIB */
		for (unsigned i = 0; i + 1 < t->args; i++) {
			fputs("(concat ", f);
			print_node(f, t->arg[i], named, false);
			fputc(' ', f);
		}
		print_node(f, t->arg[t->args - 1], named, false);
		for (unsigned i = 0; i + 1 < t->args; i++)
			fputc(')', f);
	} else {
		print_head(f, t);
		for (unsigned i = 0; i < t->args; i++) {
			fputc(' ', f);
			print_node(f, t->arg[i], named, false);
		}
		fputc(')', f);
	}
}

/* Which subterms get names: those used twice, but for leaves. */
static bool *find_shared(const struct term_list *all)
{
	size_t room = 1;
	unsigned char *uses;
	bool *named;

	for (size_t i = 0; i < all->count; i++)
		room = all->at[i]->id >= room ? all->at[i]->id + (size_t)1 : room;
	uses = calloc(room, 1);
	named = calloc(room, sizeof(*named));
	expect(uses && named, "out of memory");
	for (size_t i = 0; i < all->count; i++)
		for (unsigned j = 0; j < all->at[i]->args; j++) {
			term x = all->at[i]->arg[j];

			if (x->args == 0)
				continue;
			uses[x->id] |= (unsigned char)(uses[x->id] ? 2 : 1);
			named[x->id] = uses[x->id] > 1;
		}
	free(uses);
	return named;
}

void term_print_smt(FILE *f, term t)
{
	struct term_list all = {0};
	size_t lets = 0;
	bool *named;

	term_subterms(1, &t, &all);
	named = find_shared(&all);
	for (size_t i = 0; i < all.count; i++) {
		if (!named[all.at[i]->id])
			continue;
		fprintf(f, "(let ((?%u ", all.at[i]->id);
		print_node(f, all.at[i], named, true);
		fputs(")) ", f);
		lets++;
	}
	print_node(f, t, named, false);
	while (lets-- > 0)
		fputc(')', f);
	free(named);
	term_list_free(&all);
}

static void declare(FILE *f, const struct term_list *all, size_t i)
{
	term t = all->at[i];

	if (t->op == TERM_VAR) {
		fprintf(f, "(declare-fun |%s| () ", t->name);
	} else {
		for (size_t j = 0; j < i; j++)
			if (all->at[j]->op == TERM_APPLY && strcmp(all->at[j]->name, t->name) == 0)
				return;
		fprintf(f, "(declare-fun |%s| (", t->name);
		for (unsigned j = 0; j < t->args; j++) {
			fputs(j ? " " : "", f);
			print_sort(f, t->arg[j]);
		}
		fputs(") ", f);
	}
	print_sort(f, t);
	fputs(")\n", f);
}

void term_print_smt_script(FILE *f, size_t asserts, const term *assertion)
{
	struct term_list all = {0};
	bool *named;

	term_subterms(asserts, assertion, &all);
	named = find_shared(&all);
	fputs("(set-logic QF_AUFBV)\n", f);
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i]->op == TERM_VAR || all.at[i]->op == TERM_APPLY)
			declare(f, &all, i);
	for (size_t i = 0; i < all.count; i++) {
		term t = all.at[i];

		if (!named[t->id])
			continue;
		fprintf(f, "(define-fun ?%u () ", t->id);
		print_sort(f, t);
		fputc(' ', f);
		print_node(f, t, named, true);
		fputs(")\n", f);
	}
	for (size_t i = 0; i < asserts; i++) {
		fputs("(assert ", f);
		print_node(f, assertion[i], named, false);
		fputs(")\n", f);
	}
	fputs("(check-sat)\n", f);
	free(named);
	term_list_free(&all);
}
