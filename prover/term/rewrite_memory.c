/* SPDX-License-Identifier: MIT */
/*
 * Memories: a load sees through the stores that certainly hit other addresses to the one that
 * certainly hits its own. What is certain: addresses of one base with different offsets differ, and
 * so do addresses with a bit known to differ. Stores at offsets of one base are kept in order and
 * once each, so that the order of writing doesn't matter.
 */
#include "prover/term/rules.h"

static bool distinct(struct terms *tc, term a, term b)
{
	term base_a, base_b;
	u128 offset_a, offset_b;

	if ((a->zeros & b->ones) | (a->ones & b->zeros))
		return true;
	term_base_offset(tc, a, &base_a, &offset_a);
	term_base_offset(tc, b, &base_b, &offset_b);
	return base_a == base_b && offset_a != offset_b;
}

term select_store(struct terms *tc, const struct app *a)
{
	term memory = a->arg[0], address = a->arg[1];

	while (memory->op == TERM_STORE) {
		if (memory->arg[1] == address)
			return memory->arg[2];
		if (!distinct(tc, memory->arg[1], address))
			break;
		memory = memory->arg[0];
	}
	return memory == a->arg[0] ? NULL : mem_select(tc, memory, address);
}

/* An address that is one of a few, near another or not. */
static term some_address(struct terms *tc, struct example *e)
{
	term p = bv_var(tc, "p", 64), q = bv_var(tc, "q", 64);

	switch (draw(e, 6)) {
	case 0:
		return q;
	case 1:
		return bv_concat(tc, bv_extract(tc, 63, 2, q), bv_const(tc, 2, draw(e, 4)));
	case 2:
		return bv_const(tc, 64, draw(e, 4));
	default:
		return bv_add_c(tc, p, draw(e, 4));
	}
}

static term some_stores(struct terms *tc, struct example *e)
{
	static const char *const values[] = {"a", "b", "c", "d", "f"};
	term memory = draw(e, 4) ? mem_var(tc, "m") : mem_fill(tc, bv_const(tc, 8, draw(e, 256)));

	for (unsigned i = 0; i < 4; i++)
		memory = mem_store(tc, memory, some_address(tc, e), bv_var(tc, values[i], 8));
	return memory;
}

term example_select(struct terms *tc, struct example *e)
{
	return e->width == 8 ? mem_select(tc, some_stores(tc, e), some_address(tc, e)) : NULL;
}

term select_fill(struct terms *tc, const struct app *a)
{
	(void)tc;
	return a->arg[0]->op == TERM_FILL ? a->arg[0]->arg[0] : NULL;
}

term example_select_fill(struct terms *tc, struct example *e)
{
	return e->width == 8 ? mem_select(tc, mem_fill(tc, bv_var(tc, "b", 8)), some_address(tc, e))
	                     : NULL;
}

term select_ite(struct terms *tc, const struct app *a)
{
	term m = a->arg[0];

	if (m->op != TERM_ITE)
		return NULL;
	return term_ite(tc, m->arg[0], mem_select(tc, m->arg[1], a->arg[1]),
		mem_select(tc, m->arg[2], a->arg[1]));
}

term example_select_ite(struct terms *tc, struct example *e)
{
	term m = mem_var(tc, "m"), n = mem_var(tc, "n");

	return e->width == 8
	               ? mem_select(tc, term_ite(tc, bool_var(tc, "c"), m, n), some_address(tc, e))
	               : NULL;
}

term store_unchanged(struct terms *tc, const struct app *a)
{
	term value = a->arg[2];

	if (value->op != TERM_SELECT && a->arg[0]->op != TERM_FILL)
		return NULL;
	return mem_select(tc, a->arg[0], a->arg[1]) == value ? a->arg[0] : NULL;
}

/* What a memory that was stored to answers at some address, because a solver compares bytes best.
 */
static term look(struct terms *tc, struct example *e, term memory)
{
	return mem_select(tc, memory, draw(e, 2) ? bv_var(tc, "r", 64) : some_address(tc, e));
}

term example_store_unchanged(struct terms *tc, struct example *e)
{
	term m = mem_var(tc, "m"), at = bv_var(tc, "p", 64);

	return e->width == 8 ? look(tc, e, mem_store(tc, m, at, mem_select(tc, m, at))) : NULL;
}

/*
 * A store as it is, on a memory that differs from the one it was on at a distinct address only. No
 * rule has anything to say that it hadn't before, but where another store is below it now.
 */
static term on_top(struct terms *tc, term memory, term store)
{
	term below = store->arg[0];

	if (tc->mode != TERMS_REWRITE || memory->op != TERM_STORE || below->op != TERM_STORE ||
		memory->arg[1] != below->arg[1])
		return mem_store(tc, memory, store->arg[1], store->arg[2]);
	return intern(tc, &(struct app){.op = TERM_STORE,
				  .sort = SORT_MEMORY,
				  .args = 3,
				  .arg = (term[]){memory, store->arg[1], store->arg[2]}});
}

/* In the place of an older store. */
static term replaced(struct terms *tc, term memory, term address, term byte)
{
	if (memory->arg[1] == address)
		return mem_store(tc, memory->arg[0], address, byte);
	return on_top(tc, replaced(tc, memory->arg[0], address, byte), memory);
}

/* Is a store at this address to be below the other, because of their order? */
static bool is_below(struct terms *tc, term address, term other)
{
	term base, base_other;
	u128 offset, offset_other;

	term_base_offset(tc, address, &base, &offset);
	term_base_offset(tc, other, &base_other, &offset_other);
	return base == base_other && offset < offset_other;
}

#define LOOK_BACK 64

/* An older store to the same address doesn't show, if nothing between might have hit it. Where
 * there is an order, store_order goes there. */
term store_again(struct terms *tc, const struct app *a)
{
	term m = a->arg[0], address = a->arg[1];

	if (m->op == TERM_STORE && is_below(tc, address, m->arg[1]))
		return NULL;
	for (unsigned i = 0; i < LOOK_BACK && m->op == TERM_STORE; i++, m = m->arg[0]) {
		if (m->arg[1] == address)
			return replaced(tc, a->arg[0], address, a->arg[2]);
		if (!distinct(tc, m->arg[1], address))
			return NULL;
	}
	return NULL;
}

term store_order(struct terms *tc, const struct app *a)
{
	term m = a->arg[0];

	if (m->op != TERM_STORE || !is_below(tc, a->arg[1], m->arg[1]))
		return NULL;
	return on_top(tc, mem_store(tc, m->arg[0], a->arg[1], a->arg[2]), m);
}

term example_store(struct terms *tc, struct example *e)
{
	return e->width == 8 ? look(tc, e, some_stores(tc, e)) : NULL;
}
