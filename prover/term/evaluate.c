/* SPDX-License-Identifier: MIT */
/*
 * Evaluation under an assignment, with the same arithmetic that constructors fold with. It is what
 * makes a solver's answer checkable, and a rewrite rule testable at random. An assignment is one
 * hash table: variables, bytes of memories and what the other bytes are all have keys in it;
 * functions are a list.
 */
#include <string.h>

#include "prover/term/internal.h"

enum kind { KIND_FREE, KIND_VALUE, KIND_DEFAULT, KIND_BYTE };

struct entry {
	term key;
	uint64_t address;
	enum kind kind;
	u128 value;
};

struct call {
	char *name;
	unsigned args;
	bool is_default;
	u128 arg[16], value;
};

struct assignment {
	struct entry *entry;
	size_t room, count;
	struct call *call;
	size_t calls;
};

struct assignment *assignment_new(void)
{
	struct assignment *a = must(calloc(1, sizeof(*a)));

	a->room = 64;
	a->entry = must(calloc(a->room, sizeof(*a->entry)));
	return a;
}

void assignment_clear(struct assignment *a)
{
	memset(a->entry, 0, a->room * sizeof(*a->entry));
	a->count = 0;
	for (size_t i = 0; i < a->calls; i++)
		free(a->call[i].name);
	free(a->call);
	a->call = NULL;
	a->calls = 0;
}

void assignment_free(struct assignment *a)
{
	if (!a)
		return;
	assignment_clear(a);
	free(a->entry);
	free(a);
}

void assignment_copy(struct assignment *to, const struct assignment *from)
{
	assignment_clear(to);
	free(to->entry);
	*to = *from;
	to->entry = must(malloc(from->room * sizeof(*to->entry)));
	memcpy(to->entry, from->entry, from->room * sizeof(*to->entry));
	to->call = from->calls ? must(malloc(from->calls * sizeof(*to->call))) : NULL;
	for (size_t i = 0; i < from->calls; i++) {
		to->call[i] = from->call[i];
		to->call[i].name = must(strdup(from->call[i].name));
	}
}

static struct entry *slot(const struct assignment *a, enum kind kind, term key, uint64_t address)
{
	uint64_t hash = ((uint64_t)(uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u + (uint64_t)kind;

	hash = (hash ^ address) * 0xff51afd7ed558ccdu;
	for (size_t i = (size_t)(hash >> 20);; i++) {
		struct entry *e = &a->entry[i & (a->room - 1)];

		if (e->kind == KIND_FREE ||
			(e->kind == kind && e->key == key && e->address == address))
			return e;
	}
}

static void set(struct assignment *a, enum kind kind, term key, uint64_t address, u128 value)
{
	struct entry *e;

	if (2 * a->count >= a->room) {
		struct assignment larger = *a;

		larger.room *= 2;
		larger.entry = must(calloc(larger.room, sizeof(*larger.entry)));
		for (size_t i = 0; i < a->room; i++)
			if (a->entry[i].kind != KIND_FREE)
				*slot(&larger, a->entry[i].kind, a->entry[i].key,
					a->entry[i].address) = a->entry[i];
		free(a->entry);
		*a = larger;
	}
	e = slot(a, kind, key, address);
	a->count += e->kind == KIND_FREE;
	*e = (struct entry){key, address, kind, value};
}

void assignment_set(struct assignment *a, term variable, u128 value)
{
	expect(variable->op == TERM_VAR && variable->sort != SORT_MEMORY,
		"a value for what isn't a variable");
	set(a, KIND_VALUE, variable, 0, value & mask_of(variable->width));
}

void assignment_set_default(struct assignment *a, term memory, uint8_t value)
{
	set(a, KIND_DEFAULT, memory, 0, value);
}

void assignment_set_byte(struct assignment *a, term memory, uint64_t address, uint8_t value)
{
	set(a, KIND_BYTE, memory, address, value);
}

static void add_call(struct assignment *a, const char *name, struct call call)
{
	a->call = must(realloc(a->call, (a->calls + 1) * sizeof(*a->call)));
	call.name = must(strdup(name));
	a->call[a->calls++] = call;
}

void assignment_set_apply(
	struct assignment *a, const char *name, unsigned args, const u128 *arg, u128 value)
{
	struct call call = {.args = args, .value = value};

	expect(args <= 16, "a function of more than 16 arguments");
	memcpy(call.arg, arg, args * sizeof(*arg));
	add_call(a, name, call);
}

void assignment_set_apply_default(struct assignment *a, const char *name, u128 value)
{
	add_call(a, name, (struct call){.is_default = true, .value = value});
}

void assignment_add(struct assignment *to, const struct assignment *from)
{
	for (size_t i = 0; i < from->room; i++)
		if (from->entry[i].kind != KIND_FREE)
			set(to, from->entry[i].kind, from->entry[i].key, from->entry[i].address,
				from->entry[i].value);
	for (size_t i = 0; i < from->calls; i++)
		add_call(to, from->call[i].name, from->call[i]);
}

bool assignment_has(const struct assignment *a, term variable)
{
	return slot(a, KIND_VALUE, variable, 0)->kind != KIND_FREE;
}

u128 assignment_value(const struct assignment *a, term variable)
{
	return slot(a, KIND_VALUE, variable, 0)->value;
}

static uint8_t default_byte(const struct assignment *a, term memory)
{
	return (uint8_t)slot(a, KIND_DEFAULT, memory, 0)->value;
}

uint8_t assignment_byte(const struct assignment *a, term memory, uint64_t address)
{
	const struct entry *e = slot(a, KIND_BYTE, memory, address);

	return e->kind == KIND_FREE ? default_byte(a, memory) : (uint8_t)e->value;
}

static int by_address(const void *x, const void *y)
{
	uint64_t a = ((const struct entry *)x)->address, b = ((const struct entry *)y)->address;

	return (a > b) - (a < b);
}

void assignment_each_byte(const struct assignment *a, term memory,
	void (*each)(void *context, uint64_t address, uint8_t value), void *context)
{
	struct entry *byte = must(malloc((a->count + 1) * sizeof(*byte)));
	size_t n = 0;

	for (size_t i = 0; i < a->room; i++)
		if (a->entry[i].kind == KIND_BYTE && a->entry[i].key == memory)
			byte[n++] = a->entry[i];
	qsort(byte, n, sizeof(*byte), by_address);
	for (size_t i = 0; i < n; i++)
		each(context, byte[i].address, (uint8_t)byte[i].value);
	free(byte);
}

static u128 call_value(const struct assignment *a, term t, const u128 *arg)
{
	u128 otherwise = 0;

	for (size_t i = 0; i < a->calls; i++) {
		const struct call *c = &a->call[i];

		if (strcmp(c->name, t->name) != 0)
			continue;
		if (c->is_default)
			otherwise = c->value;
		else if (c->args == t->args && memcmp(c->arg, arg, t->args * sizeof(*arg)) == 0)
			return c->value & mask_of(t->width);
	}
	return otherwise & mask_of(t->width);
}

/* ---- terms ---- */

/* What is known already: a hash table by a term's id plus one, with 2^n places. */
struct run {
	const struct assignment *a;
	struct {
		u128 value;
		uint32_t id;
	} * known;
	size_t room, count;
};

static u128 value_of(struct run *r, term t);

static uint8_t byte_of(struct run *r, term m, uint64_t address)
{
	for (;;)
		switch (m->op) {
		case TERM_STORE:
			if ((uint64_t)value_of(r, m->arg[1]) == address)
				return (uint8_t)value_of(r, m->arg[2]);
			m = m->arg[0];
			break;
		case TERM_ITE:
			m = m->arg[value_of(r, m->arg[0]) ? 1 : 2];
			break;
		case TERM_FILL:
			return (uint8_t)value_of(r, m->arg[0]);
		default:
			return assignment_byte(r->a, m, address);
		}
}

/* The byte at nearly every address. */
static uint8_t usual_byte(struct run *r, term m)
{
	for (;;)
		switch (m->op) {
		case TERM_STORE:
			m = m->arg[0];
			break;
		case TERM_ITE:
			m = m->arg[value_of(r, m->arg[0]) ? 1 : 2];
			break;
		case TERM_FILL:
			return (uint8_t)value_of(r, m->arg[0]);
		default:
			return default_byte(r->a, m);
		}
}

/* Memories can differ where one was stored to, where a variable's byte is set, or nearly
 * everywhere. */
static bool same_memory(struct run *r, term x, term y)
{
	for (unsigned side = 0; side < 2; side++)
		for (term m = side ? y : x; m->op == TERM_STORE || m->op == TERM_ITE;) {
			uint64_t at;

			if (m->op == TERM_ITE) {
				m = m->arg[value_of(r, m->arg[0]) ? 1 : 2];
				continue;
			}
			at = (uint64_t)value_of(r, m->arg[1]);
			if (byte_of(r, x, at) != byte_of(r, y, at))
				return false;
			m = m->arg[0];
		}
	for (size_t i = 0; i < r->a->room; i++)
		if (r->a->entry[i].kind == KIND_BYTE &&
			byte_of(r, x, r->a->entry[i].address) !=
				byte_of(r, y, r->a->entry[i].address))
			return false;
	return usual_byte(r, x) == usual_byte(r, y);
}

static u128 compute(struct run *r, term t)
{
	u128 value[MAX_ARGS];
	struct app a = app_of(t);

	switch (t->op) {
	case TERM_CONST:
		return t->ones;
	case TERM_VAR:
		return assignment_value(r->a, t);
	case TERM_ITE:
		return value_of(r, t->arg[value_of(r, t->arg[0]) ? 1 : 2]);
	case TERM_SELECT:
		return byte_of(r, t->arg[0], (uint64_t)value_of(r, t->arg[1]));
	case TERM_EQ:
		if (t->arg[0]->sort == SORT_MEMORY)
			return same_memory(r, t->arg[0], t->arg[1]);
		break;
	default:
		break;
	}
	for (unsigned i = 0; i < t->args; i++)
		value[i] = value_of(r, t->arg[i]);
	return t->op == TERM_APPLY ? call_value(r->a, t, value) : operate(&a, value);
}

static size_t known_at(const struct run *r, uint32_t id)
{
	size_t i = id * (size_t)0x9e3779b1u;

	while (r->known[i & (r->room - 1)].id != 0 && r->known[i & (r->room - 1)].id != id)
		i++;
	return i & (r->room - 1);
}

static void grow(struct run *r)
{
	struct run old = *r;

	r->room *= 2;
	r->known = must(calloc(r->room, sizeof(*r->known)));
	for (size_t i = 0; i < old.room; i++)
		if (old.known[i].id != 0)
			r->known[known_at(r, old.known[i].id)] = old.known[i];
	free(old.known);
}

static u128 value_of(struct run *r, term t)
{
	size_t at = known_at(r, t->id + 1);
	u128 value;

	if (r->known[at].id != 0)
		return r->known[at].value;
	value = compute(r, t);
	if (2 * ++r->count >= r->room)
		grow(r);
	at = known_at(r, t->id + 1);
	r->known[at].value = value;
	r->known[at].id = t->id + 1;
	return value;
}

static struct run start(const struct assignment *a)
{
	struct run r = {.a = a, .room = 64};

	r.known = must(calloc(r.room, sizeof(*r.known)));
	return r;
}

static void stop(struct run *r)
{
	free(r->known);
}

void term_evaluate_n(size_t terms, const term *t, const struct assignment *a, u128 *value)
{
	struct run r = start(a);

	for (size_t i = 0; i < terms; i++) {
		expect(t[i]->sort != SORT_MEMORY, "the value of a memory");
		value[i] = value_of(&r, t[i]);
	}
	stop(&r);
}

u128 term_evaluate(term t, const struct assignment *a)
{
	u128 value;

	term_evaluate_n(1, &t, a, &value);
	return value;
}

uint8_t term_evaluate_byte(term memory, uint64_t address, const struct assignment *a)
{
	struct run r = start(a);
	uint8_t value = byte_of(&r, memory, address);

	stop(&r);
	return value;
}
