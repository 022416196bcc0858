/* SPDX-License-Identifier: MIT */
/*
 * Contexts: where terms live and how equal terms come to be one. Terms are allocated one after the
 * other in big chunks and found again through a hash table whose chains run from the newest to the
 * oldest. So what was made last is at the head of its chain and at the end of the last chunk, and
 * terms_reset() undoes terms in the order opposite to their making, at the price of a few
 * instructions each.
 */
#include <string.h>

#include "prover/term/internal.h"

#define CHUNK_SIZE (64u << 10)

struct chunk {
	struct chunk *older;
	size_t used, size;
	_Alignas(16) unsigned char bytes[];
};

void term_bug(const char *what)
{
	fprintf(stderr, "vouch: bug in the use of terms: %s\n", what);
	abort();
}

static void *allocate(struct terms *tc, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (!tc->chunk || tc->chunk->size - tc->chunk->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		struct chunk *fresh = must(aligned_alloc(16, sizeof(*fresh) + room));

		fresh->older = tc->chunk;
		fresh->used = 0;
		fresh->size = room;
		tc->chunk = fresh;
	}
	tc->chunk->used += size;
	return tc->chunk->bytes + tc->chunk->used - size;
}

struct terms *terms_new(enum terms_mode mode)
{
	struct terms *tc = must(calloc(1, sizeof(*tc)));

	tc->mode = mode;
	tc->epoch = 1;
	tc->memo = must(calloc(MEMO_ROOM, sizeof(*tc->memo)));
	tc->buckets = 1024;
	tc->bucket = must(calloc(tc->buckets, sizeof(*tc->bucket)));
	tc->fired = must(calloc(rewrite_rules(), sizeof(*tc->fired)));
	for (size_t i = 0; i < rewrite_rules(); i++)
		tc->first[rules[i].op + 1] = i + 1; /* the table is in the order of the operators */
	for (size_t op = 1; op <= TERM_OP_COUNT; op++)
		if (tc->first[op] < tc->first[op - 1])
			tc->first[op] = tc->first[op - 1];
	return tc;
}

static void drop_chunk(struct terms *tc)
{
	struct chunk *last = tc->chunk;

	tc->chunk = last->older;
	free(last);
}

void terms_free(struct terms *tc)
{
	if (!tc)
		return;
	while (tc->chunk)
		drop_chunk(tc);
	free(tc->memo);
	free(tc->bucket);
	free(tc->all);
	free(tc->fired);
	free(tc);
}

size_t terms_count(const struct terms *tc)
{
	return tc->count;
}

uint64_t rewrite_fired(const struct terms *tc, size_t rule)
{
	return tc->fired[rule];
}

uint32_t terms_mark(const struct terms *tc)
{
	return (uint32_t)tc->count;
}

void terms_reset(struct terms *tc, uint32_t mark)
{
	expect(mark <= tc->count, "terms_reset() to a mark that is already undone");
	if (mark == tc->count)
		return;
	tc->epoch++;
	for (size_t i = tc->count; i-- > mark;)
		tc->bucket[tc->all[i]->hash & (tc->buckets - 1)] = tc->all[i]->next;
	for (;;) {
		const unsigned char *cut = (const unsigned char *)tc->all[mark];
		struct chunk *last = tc->chunk;

		if (cut >= last->bytes && cut < last->bytes + last->size) {
			last->used = (size_t)(cut - last->bytes);
			break;
		}
		drop_chunk(tc);
	}
	tc->count = mark;
}

static uint64_t hash_name(const char *name)
{
	uint64_t hash = 1;

	for (; *name; name++)
		hash = mix(hash, (unsigned char)*name);
	return hash;
}

/* Of variables only the name counts, so that a second sort for a name is noticed. */
static uint32_t hash_app(const struct app *a)
{
	uint64_t hash = mix(0, a->op);

	if (a->name)
		hash = mix(hash, hash_name(a->name));
	if (a->op != TERM_VAR)
		hash = mix(hash, (uint64_t)a->width << 32 | (uint64_t)a->sort << 24 |
					 (uint64_t)a->hi << 16 | (uint64_t)a->lo << 8 | a->args);
	if (a->op == TERM_CONST)
		hash = mix(mix(hash, (uint64_t)a->value), (uint64_t)(a->value >> 64));
	for (unsigned i = 0; i < a->args; i++)
		hash = mix(hash, a->arg[i]->id);
	return (uint32_t)(hash ^ hash >> 32);
}

static bool same(term t, const struct app *a)
{
	if (t->op != a->op || !t->name != !a->name || (a->name && strcmp(t->name, a->name) != 0))
		return false;
	if (a->op == TERM_VAR)
		expect(t->sort == a->sort && t->width == a->width, "a variable with two sorts");
	if (t->sort != a->sort || t->width != a->width || t->args != a->args || t->hi != a->hi ||
		t->lo != a->lo || (a->op == TERM_CONST && t->ones != a->value))
		return false;
	for (unsigned i = 0; i < a->args; i++)
		if (t->arg[i] != a->arg[i])
			return false;
	return true;
}

static void grow(struct terms *tc)
{
	free(tc->bucket);
	tc->buckets *= 2;
	tc->bucket = must(calloc(tc->buckets, sizeof(*tc->bucket)));
	for (size_t i = 0; i < tc->count; i++) {
		struct term *t = (struct term *)tc->all[i];
		term *head = &tc->bucket[t->hash & (tc->buckets - 1)];

		t->next = *head;
		*head = t;
	}
}

static term add_term(struct terms *tc, const struct app *a, uint32_t hash, struct bits known)
{
	size_t args = a->args * sizeof(term), name = a->name ? strlen(a->name) + 1 : 0;
	struct term *t = allocate(tc, sizeof(*t) + args + name);
	term *head;

	if (tc->count == tc->room) {
		tc->room = tc->room ? 2 * tc->room : 1024;
		tc->all = must(realloc(tc->all, tc->room * sizeof(*tc->all)));
	}
	if (tc->count >= tc->buckets)
		grow(tc);
	expect(tc->count < UINT32_MAX, "too many terms");
	head = &tc->bucket[hash & (tc->buckets - 1)];
	*t = (struct term){.op = a->op,
		.sort = a->sort,
		.width = a->width,
		.args = a->args,
		.hi = a->hi,
		.lo = a->lo,
		.id = (uint32_t)tc->count,
		.hash = hash,
		.next = *head,
		.zeros = known.zeros,
		.ones = known.ones};
	if (args)
		memcpy(t->arg, a->arg, args);
	t->about = a->op == TERM_VAR ? (uint64_t)1 << tc->count % 64 : 0;
	for (unsigned i = 0; i < a->args; i++)
		t->about |= a->arg[i]->about;
	if (name)
		t->name = memcpy((char *)t->arg + args, a->name, name);
	tc->all[tc->count++] = t;
	*head = t;
	return t;
}

static term constant(struct terms *tc, uint8_t sort, uint8_t width, u128 value)
{
	return intern(
		tc, &(struct app){.op = TERM_CONST, .sort = sort, .width = width, .value = value});
}

term intern(struct terms *tc, const struct app *a)
{
	uint32_t hash = hash_app(a);
	struct bits known = {0, 0};

	for (term t = tc->bucket[hash & (tc->buckets - 1)]; t; t = t->next)
		if (t->hash == hash && same(t, a))
			return t;
	if (a->op == TERM_CONST) {
		known = (struct bits){~a->value & mask_of(a->width), a->value};
	} else if (tc->mode == TERMS_REWRITE && a->sort != SORT_MEMORY) {
		known = known_bits(a);
		if ((known.zeros | known.ones) == mask_of(a->width)) {
			if (tc->first[a->op + 1] > tc->first[a->op])
				tc->fired[tc->first[a->op + 1] - 1]++; /* known-…, the last */
			return constant(tc, a->sort, a->width, known.ones);
		}
	}
	return add_term(tc, a, hash, known);
}

term bv_const128(struct terms *tc, unsigned width, u128 value)
{
	expect(width >= 1 && width <= 128, "a bit-vector of 0 or more than 128 bits");
	return constant(tc, SORT_BV, (uint8_t)width, value & mask_of(width));
}

term bv_const(struct terms *tc, unsigned width, uint64_t value)
{
	return bv_const128(tc, width, value);
}

term bool_const(struct terms *tc, bool value)
{
	return constant(tc, SORT_BOOL, 1, value);
}

static term variable(struct terms *tc, const char *name, uint8_t sort, unsigned width)
{
	expect(*name != 0, "a variable without a name");
	return intern(tc,
		&(struct app){.op = TERM_VAR, .sort = sort, .width = (uint8_t)width, .name = name});
}

term bv_var(struct terms *tc, const char *name, unsigned width)
{
	expect(width >= 1 && width <= 128, "a bit-vector of 0 or more than 128 bits");
	return variable(tc, name, SORT_BV, width);
}

term bool_var(struct terms *tc, const char *name)
{
	return variable(tc, name, SORT_BOOL, 1);
}

term mem_var(struct terms *tc, const char *name)
{
	return variable(tc, name, SORT_MEMORY, 0);
}

term term_fresh(struct terms *tc, const char *prefix, enum term_sort sort, unsigned width)
{
	char name[128];
	int length = snprintf(name, sizeof(name), "%s!%u", prefix, tc->fresh++);

	expect(length > 0 && (size_t)length < sizeof(name), "a name of more than 100 characters");
	return variable(tc, name, (uint8_t)sort,
		sort == SORT_BV     ? width
		: sort == SORT_BOOL ? 1
				    : 0);
}

struct app app_of(term t)
{
	return (struct app){
		t->op, t->sort, t->width, t->args, t->hi, t->lo, t->name, t->arg, t->ones};
}

term node1(struct terms *tc, enum term_op op, term a)
{
	return intern(tc, &(struct app){.op = (uint8_t)op,
				  .sort = a->sort,
				  .width = a->width,
				  .args = 1,
				  .arg = &a});
}

term node2(struct terms *tc, enum term_op op, term a, term b)
{
	return intern(tc, &(struct app){.op = (uint8_t)op,
				  .sort = b->sort,
				  .width = b->width,
				  .args = 2,
				  .arg = (term[]){a, b}});
}
