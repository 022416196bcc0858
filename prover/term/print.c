/* SPDX-License-Identifier: MIT */
/*
 * Terms for people: C's operators and precedence of a cautious author, who puts brackets around
 * every operand that has an operator in it. Subterms that are used more than once and aren't short
 * come first, with names.
 */
#include <string.h>

#include "prover/term/internal.h"

static const char *const infix[TERM_OP_COUNT] = {
	[TERM_EQ] = "==",
	[TERM_AND] = "&",
	[TERM_OR] = "|",
	[TERM_XOR] = "^",
	[TERM_ADD] = "+",
	[TERM_SUB] = "-",
	[TERM_MUL] = "*",
	[TERM_UDIV] = "/",
	[TERM_UREM] = "%",
	[TERM_SDIV] = "/s",
	[TERM_SREM] = "%s",
	[TERM_SHL] = "<<",
	[TERM_LSHR] = ">>",
	[TERM_ASHR] = ">>s",
	[TERM_ULT] = "<",
	[TERM_ULE] = "<=",
	[TERM_SLT] = "<s",
	[TERM_SLE] = "<=s",
};

struct printer {
	FILE *f;
	uint32_t *number; /* of named terms, by id; 0: no name */
};

static void print_hex(FILE *f, u128 value)
{
	if (value < 10)
		fprintf(f, "%u", (unsigned)value);
	else if (value >> 64)
		fprintf(f, "0x%llx%016llx", (unsigned long long)(value >> 64),
			(unsigned long long)value);
	else
		fprintf(f, "0x%llx", (unsigned long long)value);
}

static void print_operand(struct printer *p, term t);

static void print_list(struct printer *p, const char *open, term t, const char *close)
{
	fputs(open, p->f);
	for (unsigned i = 0; i < t->args; i++) {
		fputs(i ? ", " : "", p->f);
		print_operand(p, t->arg[i]);
		if (t->op == TERM_CONCAT && term_is_const(t->arg[i]))
			fprintf(p->f, ":%u", t->arg[i]->width);
	}
	fputs(close, p->f);
}

static const char *infix_of(term t)
{
	if (t->sort == SORT_BOOL && t->op == TERM_AND)
		return "&&";
	if (t->sort == SORT_BOOL && t->op == TERM_OR)
		return "||";
	return infix[t->op];
}

/* a + -b, a + 0xff…f8 and !(a == b) as one writes them. */
static void print_infix(struct printer *p, term t, const char *op)
{
	term b = t->arg[1];
	bool minus = t->op == TERM_ADD && term_is_const(b) && b->ones >> (b->width - 1);

	print_operand(p, t->arg[0]);
	if (t->op == TERM_ADD && b->op == TERM_NEG && !p->number[b->id]) {
		fputs(" - ", p->f);
		print_operand(p, b->arg[0]);
		return;
	}
	fprintf(p->f, " %s ", minus ? "-" : op);
	if (minus)
		print_hex(p->f, -b->ones & mask_of(b->width));
	else
		print_operand(p, b);
}

static void print_not(struct printer *p, term t)
{
	term x = t->arg[0];

	if (t->sort == SORT_BOOL && x->op == TERM_EQ && !p->number[x->id]) {
		print_infix(p, x, "!=");
	} else if ((x->op == TERM_ULT || x->op == TERM_SLT) && !p->number[x->id]) {
		print_operand(p, x->arg[0]);
		fputs(x->op == TERM_ULT ? " >= " : " >=s ", p->f);
		print_operand(p, x->arg[1]);
	} else {
		fputs(t->sort == SORT_BOOL ? "!" : "~", p->f);
		print_operand(p, x);
	}
}

static void print_whole(struct printer *p, term t)
{
	const char *op = infix_of(t);

	if (op) {
		print_infix(p, t, op);
		return;
	}
	switch (t->op) {
	case TERM_CONST:
		if (t->sort == SORT_BOOL)
			fputs(t->ones ? "true" : "false", p->f);
		else
			print_hex(p->f, t->ones);
		break;
	case TERM_NOT:
		print_not(p, t);
		break;
	case TERM_NEG:
		fputc('-', p->f);
		print_operand(p, t->arg[0]);
		break;
	case TERM_ITE:
		print_operand(p, t->arg[0]);
		fputs(" ? ", p->f);
		print_operand(p, t->arg[1]);
		fputs(" : ", p->f);
		print_operand(p, t->arg[2]);
		break;
	case TERM_CONCAT:
		print_list(p, "{", t, "}");
		break;
	case TERM_EXTRACT:
		print_operand(p, t->arg[0]);
		fprintf(p->f, t->hi == t->lo ? "[%u]" : "[%u:%u]", t->hi, t->lo);
		break;
	case TERM_ZEXT:
	case TERM_SEXT:
		fprintf(p->f, "%s%u", t->op == TERM_ZEXT ? "zext" : "sext", t->width);
		print_list(p, "(", t, ")");
		break;
	case TERM_SELECT:
		print_operand(p, t->arg[0]);
		fputc('[', p->f);
		print_operand(p, t->arg[1]);
		fputc(']', p->f);
		break;
	case TERM_STORE:
		print_operand(p, t->arg[0]);
		fputs(" with [", p->f);
		print_operand(p, t->arg[1]);
		fputs("] = ", p->f);
		print_operand(p, t->arg[2]);
		break;
	case TERM_FILL:
		print_list(p, "all(", t, ")");
		break;
	default:
		fputs(t->name, p->f);
		if (t->op == TERM_APPLY)
			print_list(p, "(", t, ")");
	}
}

static bool needs_brackets(term t)
{
	return infix[t->op] || t->op == TERM_ITE || t->op == TERM_STORE || t->op == TERM_NOT ||
	       t->op == TERM_NEG;
}

static void print_operand(struct printer *p, term t)
{
	if (p->number[t->id]) {
		fprintf(p->f, "t%u", p->number[t->id]);
		return;
	}
	fputs(needs_brackets(t) ? "(" : "", p->f);
	print_whole(p, t);
	fputs(needs_brackets(t) ? ")" : "", p->f);
}

/* Short enough to be said again. */
static bool is_short(term t)
{
	return t->args == 0 || (t->args == 1 && t->arg[0]->args == 0);
}

static uint32_t *name_shared(const struct term_list *all, term root)
{
	uint32_t *number = calloc(root->id + (size_t)1, sizeof(*number)), next = 0;
	bool *used = calloc(root->id + (size_t)1, sizeof(*used));

	expect(number && used, "out of memory");
	for (size_t i = 0; i < all->count; i++)
		for (unsigned j = 0; j < all->at[i]->args; j++) {
			term x = all->at[i]->arg[j];

			if (used[x->id] && !is_short(x))
				number[x->id] = 1;
			used[x->id] = true;
		}
	for (size_t i = 0; i < all->count; i++)
		if (number[all->at[i]->id])
			number[all->at[i]->id] = ++next;
	free(used);
	return number;
}

void term_print(FILE *f, term t)
{
	struct term_list all = {0};
	struct printer p = {f, NULL};

	term_subterms(1, &t, &all);
	p.number = name_shared(&all, t);
	for (size_t i = 0; i < all.count; i++) {
		uint32_t number = p.number[all.at[i]->id];

		if (!number)
			continue;
		fprintf(f, "let t%u = ", number);
		print_whole(&p, all.at[i]);
		fputs("; ", f);
	}
	print_whole(&p, t);
	free(p.number);
	term_list_free(&all);
}

char *term_to_string(term t)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	expect(f != NULL, "out of memory");
	term_print(f, t);
	fclose(f);
	return text;
}
