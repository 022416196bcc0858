/* SPDX-License-Identifier: MIT */
/*
 * A query falls apart: assertions that share no variable, memory or function, directly or through
 * others, have nothing to do with one another. Each part is asked for itself, and its answer kept,
 * so a walk along paths asks only about what a new branch is about. All parts can be true exactly
 * if the whole can, and their models together are a model. The idea is KLEE's (Cadar, Dunbar and
 * Engler, 2008).
 */
#include <stdlib.h>
#include <string.h>

#include "prover/solver/backend.h"

/* What a term is about, as small numbers: one for each variable and each function's name. */
struct about {
	term t;
	uint32_t *symbol;
	size_t symbols;
};

/* A variable, or one application of a function. */
struct symbol {
	term t;
	uint32_t number;
};

struct answer {
	term *part; /* NULL: a free place */
	size_t size;
	enum solver_result result;
	struct assignment *model;
};

/* Three hash tables of 2^n places. */
struct parts {
	struct about *about;
	size_t abouts, about_room;
	struct symbol *symbol;
	size_t symbols, symbol_room;
	struct answer *answer;
	size_t answers, answer_room;

	term *function; /* the first application of each name */
	size_t functions;
	uint32_t numbers;

	/* Of the query in hand: by symbol, the last assertion that is about it, plus one. */
	size_t *last, last_room;
};

static void *must(void *memory)
{
	if (!memory) {
		fprintf(stderr, "vouch: out of memory\n");
		abort();
	}
	return memory;
}

static uint64_t mix(uint64_t hash, const void *pointer)
{
	return (hash ^ (uint64_t)(uintptr_t)pointer >> 4) * 0x9e3779b97f4a7c15u;
}

struct parts *parts_new(void)
{
	struct parts *p = must(calloc(1, sizeof(*p)));

	p->about_room = p->symbol_room = p->answer_room = 256;
	p->about = must(calloc(p->about_room, sizeof(*p->about)));
	p->symbol = must(calloc(p->symbol_room, sizeof(*p->symbol)));
	p->answer = must(calloc(p->answer_room, sizeof(*p->answer)));
	return p;
}

void parts_free(struct parts *p)
{
	for (size_t i = 0; p && i < p->about_room; i++)
		free(p->about[i].symbol);
	for (size_t i = 0; p && i < p->answer_room; i++) {
		free(p->answer[i].part);
		assignment_free(p->answer[i].model);
	}
	if (!p)
		return;
	free(p->about);
	free(p->symbol);
	free(p->answer);
	free(p->function);
	free(p->last);
	free(p);
}

/* ---- what a term is about ---- */

static struct symbol *symbol_place(struct symbol *table, size_t room, term t)
{
	size_t i = (size_t)(mix(0, t) >> 24);

	while (table[i & (room - 1)].t && table[i & (room - 1)].t != t)
		i++;
	return &table[i & (room - 1)];
}

static void grow_symbols(struct parts *p)
{
	size_t room = 2 * p->symbol_room;
	struct symbol *table = must(calloc(room, sizeof(*table)));

	for (size_t i = 0; i < p->symbol_room; i++)
		if (p->symbol[i].t)
			*symbol_place(table, room, p->symbol[i].t) = p->symbol[i];
	free(p->symbol);
	p->symbol = table;
	p->symbol_room = room;
}

/* All applications of a function are one symbol. */
static uint32_t number_of(struct parts *p, term t)
{
	struct symbol *s = symbol_place(p->symbol, p->symbol_room, t);
	uint32_t number = p->numbers;

	if (s->t)
		return s->number;
	if (t->op == TERM_APPLY) {
		size_t i = 0;

		while (i < p->functions && strcmp(p->function[i]->name, t->name) != 0)
			i++;
		if (i < p->functions) {
			number = symbol_place(p->symbol, p->symbol_room, p->function[i])->number;
		} else {
			p->function = must(
				realloc(p->function, (p->functions + 1) * sizeof(*p->function)));
			p->function[p->functions++] = t;
		}
	}
	p->numbers += number == p->numbers;
	*s = (struct symbol){t, number};
	if (2 * ++p->symbols >= p->symbol_room)
		grow_symbols(p);
	return number;
}

static struct about *about_place(struct about *table, size_t room, term t)
{
	size_t i = (size_t)(mix(0, t) >> 24);

	while (table[i & (room - 1)].t && table[i & (room - 1)].t != t)
		i++;
	return &table[i & (room - 1)];
}

static void grow_abouts(struct parts *p)
{
	size_t room = 2 * p->about_room;
	struct about *table = must(calloc(room, sizeof(*table)));

	for (size_t i = 0; i < p->about_room; i++)
		if (p->about[i].t)
			*about_place(table, room, p->about[i].t) = p->about[i];
	free(p->about);
	p->about = table;
	p->about_room = room;
}

static struct about about(struct parts *p, term t)
{
	struct about *known = about_place(p->about, p->about_room, t), new = {.t = t};
	struct term_list all = {0};

	if (known->t)
		return *known;
	term_subterms(1, &t, &all);
	new.symbol = must(malloc((all.count + 1) * sizeof(*new.symbol)));
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i]->op == TERM_VAR || all.at[i]->op == TERM_APPLY)
			new.symbol[new.symbols++] = number_of(p, all.at[i]);
	term_list_free(&all);
	*known = new;
	if (2 * ++p->abouts >= p->about_room)
		grow_abouts(p);
	return new;
}

/* ---- partition ---- */

static size_t root_of(size_t *parent, size_t i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static void join(size_t *parent, size_t i, size_t j)
{
	i = root_of(parent, i);
	j = root_of(parent, j);
	if (i < j)
		parent[j] = i;
	else
		parent[i] = j;
}

/* The assertion that stands for each one's part: its first. */
static void partition(struct parts *p, const struct term_list *list, size_t *parent)
{
	for (size_t i = 0; i < list->count; i++) {
		struct about a = about(p, list->at[i]);

		parent[i] = i;
		if (p->numbers > p->last_room) {
			p->last = must(realloc(p->last, 2 * p->numbers * sizeof(*p->last)));
			memset(p->last + p->last_room, 0,
				(2 * p->numbers - p->last_room) * sizeof(*p->last));
			p->last_room = 2 * p->numbers;
		}
		for (size_t j = 0; j < a.symbols; j++) {
			size_t *last = &p->last[a.symbol[j]];

			if (*last)
				join(parent, i, *last - 1);
			*last = i + 1;
		}
	}
	memset(p->last, 0, p->last_room * sizeof(*p->last));
	for (size_t i = 0; i < list->count; i++)
		parent[i] = root_of(parent, i);
}

/* ---- answers ---- */

static struct answer *answer_place(struct answer *table, size_t room, const term *part, size_t size)
{
	uint64_t hash = size;

	for (size_t i = 0; i < size; i++)
		hash = mix(hash, part[i]);
	for (size_t i = (size_t)(hash >> 24);; i++) {
		struct answer *a = &table[i & (room - 1)];

		if (!a->part ||
			(a->size == size && memcmp(a->part, part, size * sizeof(*part)) == 0))
			return a;
	}
}

static void grow_answers(struct parts *p)
{
	size_t room = 2 * p->answer_room;
	struct answer *table = must(calloc(room, sizeof(*table)));

	for (size_t i = 0; i < p->answer_room; i++)
		if (p->answer[i].part)
			*answer_place(table, room, p->answer[i].part, p->answer[i].size) =
				p->answer[i];
	free(p->answer);
	p->answer = table;
	p->answer_room = room;
}

static void remember(struct parts *p, const struct term_list *part, enum solver_result result,
	const struct assignment *model)
{
	struct answer *a = answer_place(p->answer, p->answer_room, part->at, part->count);

	a->part = must(malloc(part->count * sizeof(*a->part)));
	memcpy(a->part, part->at, part->count * sizeof(*a->part));
	a->size = part->count;
	a->result = result;
	if (result == SOLVER_SAT) {
		a->model = assignment_new();
		assignment_copy(a->model, model);
	}
	if (2 * ++p->answers >= p->answer_room)
		grow_answers(p);
}

/* Answers that are none, for lack of time or otherwise, are not kept. */
static enum solver_result check_part(
	struct parts *p, const struct term_list *part, const struct parts_client *client)
{
	const struct answer *known = answer_place(p->answer, p->answer_room, part->at, part->count);
	enum solver_result result;

	if (known->part) {
		if (known->result == SOLVER_SAT)
			assignment_add(client->model, known->model);
		return known->result;
	}
	assignment_clear(client->part_model);
	result = client->ask(client->user, part);
	if (result == SOLVER_SAT || result == SOLVER_UNSAT)
		remember(p, part, result, client->part_model);
	if (result == SOLVER_SAT)
		assignment_add(client->model, client->part_model);
	return result;
}

/* The part of the last assertion first: it is the one that is new. */
enum solver_result parts_check(
	struct parts *p, const struct term_list *list, const struct parts_client *client)
{
	size_t *first = must(malloc(list->count * sizeof(*first)));
	enum solver_result result = SOLVER_SAT;
	struct term_list part = {0};

	partition(p, list, first);
	for (size_t last = list->count; last-- > 0 && result != SOLVER_UNSAT;) {
		enum solver_result answer;
		size_t root = first[last];

		if (root == SIZE_MAX) /* asked already */
			continue;
		part.count = 0;
		for (size_t i = root; i <= last; i++)
			if (first[i] == root) {
				term_list_add(&part, list->at[i]);
				first[i] = SIZE_MAX;
			}
		answer = check_part(p, &part, client);
		if (answer == SOLVER_UNSAT || result == SOLVER_SAT)
			result = answer;
	}
	term_list_free(&part);
	free(first);
	return result;
}
