/* SPDX-License-Identifier: MIT */
/*
 * Walking over terms as graphs: each shared subterm once. Maps, lists, substitution, subterms and
 * copies into another context.
 */
#include <string.h>

#include "prover/term/internal.h"

struct term_map {
	struct {
		term key, value;
	} * entry;
	size_t room, count;
};

struct term_map *term_map_new(void)
{
	struct term_map *map = must(calloc(1, sizeof(*map)));

	map->room = 32;
	map->entry = must(calloc(map->room, sizeof(*map->entry)));
	return map;
}

void term_map_free(struct term_map *map)
{
	if (!map)
		return;
	free(map->entry);
	free(map);
}

static size_t find(const struct term_map *map, term key)
{
	size_t i = (size_t)(((uint64_t)(uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u >> 24);

	while (map->entry[i & (map->room - 1)].key && map->entry[i & (map->room - 1)].key != key)
		i++;
	return i & (map->room - 1);
}

void term_map_put(struct term_map *map, term key, term value)
{
	size_t at;

	if (2 * map->count >= map->room) {
		struct term_map old = *map;

		map->room *= 2;
		map->entry = must(calloc(map->room, sizeof(*map->entry)));
		for (size_t i = 0; i < old.room; i++)
			if (old.entry[i].key)
				map->entry[find(map, old.entry[i].key)] = old.entry[i];
		free(old.entry);
	}
	at = find(map, key);
	map->count += !map->entry[at].key;
	map->entry[at].key = key;
	map->entry[at].value = value;
}

term term_map_get(const struct term_map *map, term key)
{
	return map->entry[find(map, key)].value;
}

void term_list_add(struct term_list *list, term t)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 16;
		list->at = must(realloc(list->at, list->room * sizeof(*list->at)));
	}
	list->at[list->count++] = t;
}

void term_list_free(struct term_list *list)
{
	free(list->at);
	*list = (struct term_list){0};
}

static term copy(struct terms *to, term t, struct term_map *done)
{
	term arg[MAX_ARGS], result = term_map_get(done, t);

	if (result)
		return result;
	for (unsigned i = 0; i < t->args; i++)
		arg[i] = copy(to, t->arg[i], done);
	result = term_rebuild(to, t, arg);
	term_map_put(done, t, result);
	return result;
}

term term_substitute(struct terms *tc, term t, const struct term_map *map)
{
	struct term_map *done = term_map_new();

	for (size_t i = 0; i < map->room; i++)
		if (map->entry[i].key)
			term_map_put(done, map->entry[i].key, map->entry[i].value);
	t = copy(tc, t, done);
	term_map_free(done);
	return t;
}

term term_import(struct terms *to, term t)
{
	struct term_map *done = term_map_new();

	t = copy(to, t, done);
	term_map_free(done);
	return t;
}

static void visit(term t, struct term_map *seen, struct term_list *list)
{
	if (term_map_get(seen, t))
		return;
	term_map_put(seen, t, t);
	for (unsigned i = 0; i < t->args; i++)
		visit(t->arg[i], seen, list);
	term_list_add(list, t);
}

void term_subterms(size_t roots, const term *root, struct term_list *list)
{
	struct term_map *seen = term_map_new();

	for (size_t i = 0; i < roots; i++)
		visit(root[i], seen, list);
	term_map_free(seen);
}

static int by_id(const void *x, const void *y)
{
	uint32_t a = (*(const term *)x)->id, b = (*(const term *)y)->id;

	return (a > b) - (a < b);
}

void term_variables(size_t roots, const term *root, struct term_list *list)
{
	struct term_list all = {0};
	size_t from = list->count;

	term_subterms(roots, root, &all);
	for (size_t i = 0; i < all.count; i++)
		if (all.at[i]->op == TERM_VAR)
			term_list_add(list, all.at[i]);
	term_list_free(&all);
	if (list->count > from)
		qsort(list->at + from, list->count - from, sizeof(term), by_id);
}

/* Of x's variables, how many are y's, too. */
static size_t common(const struct term_list *x, const struct term_list *y)
{
	size_t n = 0;

	for (size_t i = 0, j = 0; i < x->count && j < y->count;) {
		n += x->at[i] == y->at[j];
		if (x->at[i]->id < y->at[j]->id)
			i++;
		else
			j++;
	}
	return n;
}

bool term_share_variables(term a, term b)
{
	struct term_list x = {0}, y = {0};
	bool share;

	if ((a->about & b->about) == 0)
		return false;
	term_variables(1, &a, &x);
	term_variables(1, &b, &y);
	share = common(&x, &y) > 0;
	term_list_free(&x);
	term_list_free(&y);
	return share;
}

bool term_made_of(term t, size_t roots, const term *root)
{
	struct term_list x = {0}, y = {0};
	uint64_t about = 0;
	bool all;

	for (size_t i = 0; i < roots; i++)
		about |= root[i]->about;
	if ((t->about & ~about) != 0)
		return false;
	term_variables(1, &t, &x);
	term_variables(roots, root, &y);
	all = x.count > 0 && common(&x, &y) == x.count;
	term_list_free(&x);
	term_list_free(&y);
	return all;
}
