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

/*
 * What is known of a term. A symbol, which is a variable or all applications of a function, has a
 * number; an assertion is about symbols.
 */
struct known {
	term t;          /* NULL: a free place */
	uint32_t number; /* plus one; 0: none */
	uint32_t *symbol;
	size_t symbols;
};

struct answer {
	term *part; /* NULL: a free place */
	size_t size;
	enum solver_result result;
	struct assignment *model;
};

/* Two hash tables of 2^n places. */
struct parts {
	struct known *known;
	size_t knowns, known_room;
	struct answer *answer;
	size_t answers, answer_room;

	term *function; /* the first application of each name */
	size_t functions;
	uint32_t numbers;

	/* Of the query in hand: by symbol, the last assertion that is about it, plus one. */
	size_t *last, last_room;
};

static uint64_t mix(uint64_t hash, const void *pointer)
{
	return (hash ^ (uint64_t)(uintptr_t)pointer >> 4) * 0x9e3779b97f4a7c15u;
}

struct parts *parts_new(void)
{
	struct parts *p = must(calloc(1, sizeof(*p)));

	p->known_room = p->answer_room = 256;
	p->known = must(calloc(p->known_room, sizeof(*p->known)));
	p->answer = must(calloc(p->answer_room, sizeof(*p->answer)));
	return p;
}

void parts_free(struct parts *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->known_room; i++)
		free(p->known[i].symbol);
	for (size_t i = 0; i < p->answer_room; i++) {
		free(p->answer[i].part);
		assignment_free(p->answer[i].model);
	}
	free(p->known);
	free(p->answer);
	free(p->function);
	free(p->last);
	free(p);
}

/* ---- what a term is about ---- */

static struct known *known_place(struct known *table, size_t room, term t)
{
	size_t i = (size_t)(mix(0, t) >> 24);

	while (table[i & (room - 1)].t && table[i & (room - 1)].t != t)
		i++;
	return &table[i & (room - 1)];
}

static void grow_known(struct parts *p)
{
	size_t room = 2 * p->known_room;
	struct known *table = must(calloc(room, sizeof(*table)));

	for (size_t i = 0; i < p->known_room; i++)
		if (p->known[i].t)
			*known_place(table, room, p->known[i].t) = p->known[i];
	free(p->known);
	p->known = table;
	p->known_room = room;
}

/* Until the next one. */
static struct known *known(struct parts *p, term t)
{
	struct known *place;

	if (2 * p->knowns >= p->known_room)
		grow_known(p);
	place = known_place(p->known, p->known_room, t);
	p->knowns += !place->t;
	place->t = t;
	return place;
}

/* The first application of the same function. */
static term first_of(struct parts *p, term application)
{
	for (size_t i = 0; i < p->functions; i++)
		if (strcmp(p->function[i]->name, application->name) == 0)
			return p->function[i];
	p->function = must(realloc(p->function, (p->functions + 1) * sizeof(*p->function)));
	return p->function[p->functions++] = application;
}

static uint32_t number_of(struct parts *p, term t)
{
	struct known *k = known(p, t->op == TERM_APPLY ? first_of(p, t) : t);

	if (k->number == 0)
		k->number = ++p->numbers;
	return k->number - 1;
}

static struct known about(struct parts *p, term t)
{
	struct known *k = known(p, t), found = *k;
	struct term_list all = {0};

	if (found.symbol)
		return found;
	term_subterms(1, &t, &all);
	found.symbol = must(malloc((all.count + 1) * sizeof(*found.symbol)));
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i]->op == TERM_VAR || all.at[i]->op == TERM_APPLY)
			found.symbol[found.symbols++] = number_of(p, all.at[i]);
	term_list_free(&all);
	k = known(p, t);
	k->symbol = found.symbol;
	k->symbols = found.symbols;
	return found;
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
		struct known a = about(p, list->at[i]);

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
