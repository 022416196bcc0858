/* SPDX-License-Identifier: MIT */
/*
 * The region lookup (docs/prover.md): vouch_region_find(), as compiled, says yes exactly when one
 * of the regions covers the access and permits it, for any number of them. Every other theorem uses
 * it by this contract.
 *
 * By induction over its loop. At the head, in round i:
 *
 *   the arguments are as they were, `i` is where the loop has it, nothing was written
 *   (found: compiled.h); none of the regions before i covers the access; size != 0; i <= n, and
 *   i < n where the compiler tests that before.
 *
 * base: a call returns false because there is nothing to find, or comes to the head in round 0.
 * inside: how the machine tells that an access lies in a region is what that means.
 * step: from the head in round i, it looks at region i if there is one, and at nothing else. It
 *       returns true if region i covers the access, false if no region is left, or it comes to the
 *       head in round i + 1, and region i doesn't cover the access.
 */
#include <stddef.h>

#include "prover/theorem/witness_compiled.h"
#include "vouch/vouch.h"

enum { BASE, STEP, INSIDE, OBLIGATIONS };

static const struct variant {
	const char *target, *function;
} variants[] = {{"region", "vouch_region_find"}, {"region-small", "vouch_region_find_small"}};

struct lookup {
	struct compiled c;
	struct loop loop;
	bool from_head;
	bool guarded;                                /* i < n at the head */
	term index;                                  /* i */
	term regions, n, address, size, permissions; /* arguments */
	term start, region_size, region_permissions; /* region i */
	/* Possible ends: a proof about none says nothing. */
	unsigned rounds, found, missed;
};

/* None of the permissions is missing, and there is something to access. */
static term permits(struct lookup *l)
{
	struct terms *tc = l->c.tc;
	term missing = bv_and(tc, l->permissions, bv_not(tc, l->region_permissions));

	return bool_and(tc, bool_from_bv(tc, l->size), bool_not(tc, bool_from_bv(tc, missing)));
}

/* In words of the machine: no sum, which may wrap around. */
static term fits(struct lookup *l, term offset)
{
	struct terms *tc = l->c.tc;
	term rest = bv_sub(tc, l->region_size, l->size);

	return bool_and(tc, bv_ule(tc, l->size, l->region_size), bv_ule(tc, offset, rest));
}

/*
 * That this is what the contract means: start <= address, and (address - start) + size <=
 * region_size, as numbers. In three steps, which solvers find easier. The sum is that for any
 * offset; what fits has an offset no bigger than the region; and then the address isn't below the
 * region, because regions don't wrap around.
 */
static void prove_inside(struct lookup *l)
{
	struct terms *tc = l->c.tc;
	term offset = bv_var(tc, "offset", 64);
	term end = bv_add(tc, bv_zext(tc, 65, offset), bv_zext(tc, 65, l->size));
	term inside = bv_ule(tc, end, bv_zext(tc, 65, l->region_size));

	/* Hard, but only here. */
	solver_set_timeout(l->c.solver, 6 * l->c.options->solver.timeout_ms);
	(void)(compiled_follows(&l->c, term_eq(tc, inside, fits(l, offset)),
		       "a difference doesn't stand for the sum") &&
		compiled_follows(&l->c,
			bool_implies(tc, fits(l, offset), bv_ule(tc, offset, l->region_size)),
			"what fits is bigger than the region") &&
		compiled_follows(&l->c,
			bool_implies(tc,
				bv_ule(tc, bv_sub(tc, l->address, l->start), l->region_size),
				bv_ule(tc, l->start, l->address)),
			"an address below a region has a small offset"));
}

static term covers(struct lookup *l)
{
	return bool_and(l->c.tc, permits(l), fits(l, bv_sub(l->c.tc, l->address, l->start)));
}

/* struct vouch_region: two words and 32 bits. */
static unsigned region_bytes(const struct lookup *l)
{
	return 3 * l->c.cv->word;
}

static unsigned stack_arguments(const struct lookup *l)
{
	unsigned bits = compiled_bits(&l->c);

	return convention_stack(l->c.cv, 5, (const unsigned[]){bits, bits, 64, 64, 32});
}

static bool lookup_init(struct lookup *l, const struct obligation *o,
	const struct prove_options *options, struct report *report)
{
	struct terms *tc;
	unsigned bits;
	term end;

	*l = (struct lookup){0};
	if (!compiled_init(&l->c, options, report, variants[o->variant].function))
		return false;
	tc = l->c.tc;
	bits = compiled_bits(&l->c);
	l->c.stack_arguments = stack_arguments(l);
	l->regions = compiled_pointer(&l->c, "regions", l->c.cv->word);
	l->n = compiled_word(&l->c, "n");
	l->address = bv_var(tc, "address", 64);
	l->size = bv_var(tc, "size", 64);
	l->permissions = bv_var(tc, "permissions", 32);
	l->start = compiled_word(&l->c, "region_start");
	l->region_size = compiled_word(&l->c, "region_size");
	l->region_permissions = bv_var(tc, "region_permissions", 32);
	/* The table is in memory, and regions don't wrap around (vouch.h; vouch_init() sees to it).
	 */
	compiled_assume(&l->c,
		bv_ult(tc, l->n, bv_const(tc, 64, (UINT64_MAX >> (64 - bits)) / region_bytes(l))));
	end = bv_add(tc, bv_zext(tc, 65, l->start), bv_zext(tc, 65, l->region_size));
	compiled_assume(&l->c, bv_ult(tc, end, bv_const128(tc, 65, (u128)1 << bits)));
	return true;
}

static term in_table(struct lookup *l, term index)
{
	return bv_ult(l->c.tc, index, l->n);
}

static term guard(struct lookup *l, term index)
{
	term rest = l->guarded ? in_table(l, index) : bv_ule(l->c.tc, index, l->n);

	return bool_and(l->c.tc, bool_from_bv(l->c.tc, l->size), rest);
}

static term region_contents(struct lookup *l)
{
	struct terms *tc = l->c.tc;
	unsigned word = l->c.cv->word, bits = compiled_bits(&l->c);
	term bytes = mem_var(tc, "region");

	bytes = mem_write(tc, bytes, bv_const(tc, 64, 0), word, bv_trunc(tc, bits, l->start));
	bytes = mem_write(
		tc, bytes, bv_const(tc, 64, word), word, bv_trunc(tc, bits, l->region_size));
	return mem_write(tc, bytes, bv_const(tc, 64, 2 * word), 4, l->region_permissions);
}

static void set_arguments(struct exec *exec, struct lookup *l)
{
	unsigned bits = compiled_bits(&l->c);
	const term argument[] = {bv_trunc(exec->tc, bits, l->regions),
		bv_trunc(exec->tc, bits, l->n), l->address, l->size, l->permissions};
	struct next_argument next = {0};

	for (unsigned i = 0; i < sizeof(argument) / sizeof(argument[0]); i++)
		convention_set_argument(exec, l->c.cv, &next, argument[i]);
}

static void setup(struct exec *exec, void *user)
{
	struct lookup *l = user;
	struct terms *tc = exec->tc;
	term entry_size = bv_const(tc, 64, region_bytes(l));
	term index = l->c.finding   ? loop_index(&l->c)
	             : l->from_head ? compiled_word(&l->c, "index")
	                            : bv_const(tc, 64, 0);

	l->index = index;
	compiled_enter(exec, &l->c);
	/* Region i, if there is one. To find the loop it may look at any. */
	exec_object_add(
		exec, (struct exec_object){.name = "region i",
			      .base = bv_add(tc, l->regions, bv_mul(tc, index, entry_size)),
			      .size = l->c.finding ? entry_size
	                                           : term_ite(tc, in_table(l, index), entry_size,
							     bv_const(tc, 64, 0)),
			      .permissions = OBJECT_READ,
			      .contents = region_contents(l)});
	set_arguments(exec, l);
	if (l->from_head && !l->c.finding) {
		loop_enter(exec, &l->c, &l->loop, index);
		exec_assume(exec, guard(l, index));
	}
	/* What is kept in rounds that have a region; whether others keep it is for the proof. */
	if (loop_in_round(&l->c))
		exec_assume(exec, in_table(l, index));
	loop_setup(exec, &l->c);
	compiled_start(exec, &l->c);
}

/* Memory that is none of its business, but that a search for the loop may come to. */
static term load(struct exec *exec, term address, unsigned bytes, void *user)
{
	struct lookup *l = user;

	if (l->c.finding)
		return term_fresh(exec->tc, "anything", SORT_BV, 8 * bytes);
	compiled_forbidden(exec, "load", address, bytes);
	return NULL;
}

static bool at_head(struct exec *exec, struct lookup *l)
{
	return machine_is_at(exec, l->loop.head) && (!l->from_head || exec->state.steps > 0);
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct lookup *l = user;
	enum exec_at at;

	if (loop_at(exec, &l->c, &at))
		return at;
	if (compiled_returned(exec, &l->c) || (!l->c.finding && at_head(exec, l)))
		return EXEC_END;
	return EXEC_STEP;
}

static bool came_to_head(struct lookup *l, struct path *path)
{
	struct terms *tc = l->c.tc;
	term next = l->from_head ? bv_add_c(tc, l->index, 1) : l->index;

	l->rounds++;
	if (!l->from_head) {
		int way = path_decide(path, in_table(l, next));

		if (way < 0)
			compiled_unknown(&l->c, "the solver can't tell what the loop tests");
		l->guarded = way == 1;
	}
	return (!l->from_head || path_holds(path, bool_not(tc, covers(l)),
					 "it goes on although the region covers the access")) &&
	       path_holds(path, guard(l, next), "it looks for more regions than there are") &&
	       loop_kept(path, &l->loop, next);
}

/* None is left: it is beyond the last, or was at the last, which doesn't cover the access. */
static term none_left(struct lookup *l)
{
	struct terms *tc = l->c.tc;
	term last = term_eq(tc, bv_add_c(tc, l->index, 1), l->n);

	if (!l->from_head)
		return bool_not(
			tc, bool_and(tc, bool_from_bv(tc, l->size), bool_from_bv(tc, l->n)));
	return bool_or(
		tc, term_eq(tc, l->index, l->n), bool_and(tc, last, bool_not(tc, covers(l))));
}

static bool came_back(struct lookup *l, struct path *path)
{
	struct terms *tc = l->c.tc;
	term result = convention_result(path->exec, l->c.cv, compiled_bits(&l->c));
	term yes = bool_from_bv(tc, result);
	term covered = l->from_head ? bool_and(tc, in_table(l, l->index), covers(l))
	                            : bool_const(tc, false);

	l->missed += !term_is_const(result) || term_is_value(result, 0);
	l->found += !term_is_value(result, 0);
	return path_holds(path, bv_ule(tc, result, bv_const(tc, result->width, 1)),
		       "the result is neither true nor false") &&
	       path_holds(path, bool_implies(tc, yes, covered),
		       "it says yes to an access that the region doesn't cover") &&
	       path_holds(path, bool_or(tc, yes, none_left(l)),
		       "it says no although a region may cover the access") &&
	       path_returned(path);
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct lookup *l = user;
	struct path path;
	bool ok;

	if (loop_path(exec, &l->c))
		return true;
	path_begin(&path, &l->c, exec);
	path_explain(&path, end);
	if (end == EXEC_STOPPED)
		path_stopped(&path);
	else if (path_possible(&path))
		(void)(compiled_returned(exec, &l->c) ? came_back(l, &path)
						      : came_to_head(l, &path));
	ok = path.ok;
	path_end(&path);
	return ok;
}

/* ---- counterexamples that run ---- */

/* Small tables; region i ends with its page, so that what is beyond it faults. */
static void wish_table(struct wishes *w, struct path *path)
{
	const struct lookup *l = (const struct lookup *)path->c;
	const struct exec_state *start = &path->c->start;
	const struct exec_object *region = &start->object[start->objects - 1];

	wish_below(w, l->n, 8);
	wish_at(w, bv_add(w->tc, region->base, region->size), w->at->regions + PAGE);
	wishes_grant(w);
	wish(w, wish_between(w, l->start, w->at->context, w->at->regions));
	wish_below(w, l->region_size, 0x1000);
	wish_below(w, l->size, 0x1000);
}

static void write_places(const struct file *o, struct path *path)
{
	write_stop(o, path, ((const struct lookup *)path->c)->loop.head);
}

static void want_answer(const struct file *o, struct path *path, bool yes)
{
	fprintf(o->f, "want says %s\n", yes ? "yes" : "no");
	write_returned(o, path, yes, compiled_bits(path->c), yes ? "true" : "false");
	write_constants(o, path);
}

static void want_round(const struct file *o, struct path *path, uint64_t index)
{
	struct lookup *l = (struct lookup *)path->c;

	fprintf(o->f, "want looks at region %llu next\n", (ull)index);
	write_at_head(o, path, &l->loop, bv_const(o->tc, 64, index));
	write_constants(o, path);
}

/* The contract, in plain C. */
static bool contains(const struct file *o, const struct lookup *l)
{
	uint64_t address = value(o, l->address), size = value(o, l->size);
	uint64_t start = value(o, l->start), region_size = value(o, l->region_size);
	uint32_t missing = (uint32_t)(value(o, l->permissions) & ~value(o, l->region_permissions));

	return size > 0 && missing == 0 && address >= start && address - start <= region_size &&
	       size <= region_size - (address - start);
}

/* The loop may test for a region at its head or before it. */
static void want_ends(const struct file *o, struct path *path)
{
	const struct lookup *l = (const struct lookup *)path->c;
	uint64_t n = value(o, l->n), index = l->from_head ? value(o, l->index) : 0;
	uint64_t next = l->from_head ? index + 1 : 0;
	bool looks = l->from_head ? index < n : value(o, l->size) > 0;

	if (l->from_head && looks && contains(o, l)) {
		want_answer(o, path, true);
		return;
	}
	if (!looks || next == n)
		want_answer(o, path, false);
	if (looks && (l->guarded ? next < n : next <= n))
		want_round(o, path, next);
}

static const struct compiled_witness witness = {
	.wish = wish_table, .before = write_places, .want = want_ends};

static void run(struct lookup *l, const struct exec_client *client, bool from_head)
{
	l->from_head = from_head;
	l->rounds = l->found = l->missed = 0;
	compiled_run(&l->c, client, 100);
}

static void prove_lookup(struct lookup *l, unsigned which)
{
	const struct exec_client client = {
		.user = l, .setup = setup, .at = at, .load = load, .path = path};

	if (which == INSIDE) {
		prove_inside(l);
		return;
	}
	if (!loop_find(&l->c, &l->loop, &client))
		return;
	run(l, &client, false);
	if (l->c.report->verdict == VERDICT_PROVED && (l->rounds == 0 || l->missed == 0))
		compiled_refuted(&l->c, "it never looks, or never says no at once");
	if (which == BASE || l->c.report->verdict != VERDICT_PROVED)
		return;
	run(l, &client, true);
	if (l->c.report->verdict == VERDICT_PROVED &&
		(l->rounds == 0 || l->found == 0 || l->missed == 0))
		compiled_refuted(&l->c, "it never goes on, never says yes, or never says no");
}

static void prove(
	const struct obligation *o, const struct prove_options *options, struct report *report)
{
	struct lookup l;

	*report = (struct report){.verdict = VERDICT_PROVED};
	if (lookup_init(&l, o, options, report)) {
		l.c.witness = &witness;
		prove_lookup(&l, o->which);
	}
	compiled_free(&l.c);
}

static bool at_index(const struct theorem *theorem, size_t index, struct obligation *o)
{
	static const char *const name[OBLIGATIONS] = {"base", "step", "inside"};
	size_t v = index / OBLIGATIONS;

	if (v >= sizeof(variants) / sizeof(variants[0]))
		return false;
	*o = (struct obligation){.group = "lookup",
		.target = variants[v].target,
		.theorem = theorem,
		.which = (unsigned)(index % OBLIGATIONS),
		.function = variants[v].function,
		.variant = (unsigned)v};
	snprintf(o->name, sizeof(o->name), "%s/%s", o->target, name[o->which]);
	return true;
}

const struct theorem theorem_region = {"region", at_index, prove};
