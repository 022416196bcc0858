/* SPDX-License-Identifier: MIT */
/* Loops in compiled functions: finding what they keep (compiled.h). */
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/compiled.h"

/* At the end of a path's notes: where it has been, a bit for each 2 bytes of code. */
struct visits {
	uint64_t steps; /* at the last one: an instruction that forks is come to again */
	unsigned char been[256];
};

enum stage {
	STAGE_HEAD,  /* where is it: the first place that a path comes to twice */
	STAGE_START, /* what it holds there at first */
	STAGE_ROUND, /* and once round */
	STAGE_KEPT,  /* in every round */
};

struct finding {
	enum stage stage;
	struct loop *loop;
	bool found, changed;
	uint64_t frame_size;
};

static struct visits *visits(struct exec *exec)
{
	return (struct visits *)(exec->state.notes + EXEC_NOTES - sizeof(struct visits));
}

/* Has the path been here before? */
static bool visit(struct exec *exec, uint64_t place)
{
	struct visits *v = visits(exec);
	bool before = v->been[place / 8] >> place % 8 & 1 && v->steps != exec->state.steps;

	v->been[place / 8] |= (unsigned char)(1u << place % 8);
	v->steps = exec->state.steps;
	return before;
}

static term any(struct compiled *c, const char *what, unsigned n)
{
	char name[32];

	snprintf(name, sizeof(name), "%s%u", what, n);
	return bv_var(c->tc, name, compiled_bits(c));
}

/* In words of the machine; the index may have more bits. */
static term value_at(struct compiled *c, const struct loop_value *value, term index)
{
	unsigned bits = compiled_bits(c);
	term step = bv_const(c->tc, bits, value->step);

	return bv_add(c->tc, value->start, bv_mul(c->tc, bv_trunc(c->tc, bits, index), step));
}

term loop_register(struct compiled *c, const struct loop *loop, unsigned n, term index)
{
	return loop->x[n].start ? value_at(c, &loop->x[n], index) : NULL;
}

term loop_slot(struct compiled *c, const struct loop *loop, unsigned n, term index)
{
	return loop->slot[n].start ? value_at(c, &loop->slot[n], index) : NULL;
}

void loop_enter(struct exec *exec, struct compiled *c, const struct loop *loop, term index)
{
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		*machine_register(exec, n) =
			loop->x[n].start ? value_at(c, &loop->x[n], index) : any(c, "any_x", n);
	machine_set_pc(exec, bv_const(c->tc, 64, loop->head));
	for (unsigned n = 0; n < compiled_slots(c); n++)
		if (loop->slot[n].start)
			compiled_set_slot(exec, c, n, value_at(c, &loop->slot[n], index));
}

bool loop_kept(struct path *path, const struct loop *loop, term index)
{
	struct compiled *c = path->c;

	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		if (loop->x[n].start && !path_equal(path, *machine_register(path->exec, n),
						value_at(c, &loop->x[n], index),
						"a register that the loop keeps has changed"))
			return false;
	for (unsigned n = 0; n < compiled_slots(c); n++)
		if (loop->slot[n].start && !path_equal(path, compiled_slot(path->exec, c, n),
						   value_at(c, &loop->slot[n], index),
						   "what the loop keeps on the stack has changed"))
			return false;
	return path->ok;
}

/* ---- finding ---- */

bool loop_in_round(const struct compiled *c)
{
	return c->finding && c->finding->stage >= STAGE_ROUND;
}

term loop_index(struct compiled *c)
{
	return c->finding->stage == STAGE_KEPT ? bv_zext(c->tc, 64, bv_var(c->tc, "round", 24))
	                                       : bv_const(c->tc, 64, 0);
}

void loop_setup(struct exec *exec, struct compiled *c)
{
	const struct finding *f = c->finding;

	if (!f)
		return;
	memset(visits(exec), 0, sizeof(struct visits));
	if (f->stage >= STAGE_ROUND)
		loop_enter(exec, c, f->loop, loop_index(c));
}

/* Values at the head for the first time. Only one path is asked: the others have to agree, but that
 * is for the proof. */
static void note_start(struct exec *exec, struct compiled *c)
{
	struct loop *loop = c->finding->loop;

	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		loop->x[n] = (struct loop_value){*machine_register(exec, n), 0};
	for (unsigned n = 0; n < compiled_slots(c); n++)
		loop->slot[n] = (struct loop_value){compiled_slot(exec, c, n), 0};
}

/* A solver that gives up ends it: each obligation finds a loop for itself, and all have to find the
 * same. */
static bool is_equal(struct path *path, term a, term b)
{
	int way = path_decide(path, term_eq(path->c->tc, a, b));

	if (way < 0)
		compiled_unknown(path->c, "the solver can't tell what the loop keeps");
	return way == 1;
}

static void note_round(struct path *path, struct loop_value *value, term now)
{
	struct compiled *c = path->c;
	term step;

	if (!value->start)
		return;
	step = bv_sub(c->tc, now, value->start);
	if (term_is_const(step))
		value->step = term_value(step);
	else if (!is_equal(path, now, value->start))
		value->start = NULL;
}

static void weaken(struct path *path, struct loop_value *value, term now, term index)
{
	if (!value->start || is_equal(path, now, value_at(path->c, value, index)))
		return;
	value->start = NULL;
	path->c->finding->changed = true;
}

static void note_kept(struct exec *exec, struct compiled *c)
{
	struct loop *loop = c->finding->loop;
	term next = bv_add_c(c->tc, loop_index(c), 1);
	struct path path;

	path_begin(&path, c, exec);
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		weaken(&path, &loop->x[n], *machine_register(exec, n), next);
	for (unsigned n = 0; n < compiled_slots(c); n++)
		weaken(&path, &loop->slot[n], compiled_slot(exec, c, n), next);
	path_end(&path);
}

static void arrive(struct exec *exec, struct compiled *c)
{
	struct loop *loop = c->finding->loop;
	struct path path;

	if (c->finding->found && c->finding->stage != STAGE_KEPT)
		return;
	c->finding->found = true;
	if (c->finding->stage == STAGE_START)
		note_start(exec, c);
	if (c->finding->stage == STAGE_KEPT)
		note_kept(exec, c);
	if (c->finding->stage != STAGE_ROUND)
		return;
	path_begin(&path, c, exec);
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		note_round(&path, &loop->x[n], *machine_register(exec, n));
	for (unsigned n = 0; n < compiled_slots(c); n++)
		note_round(&path, &loop->slot[n], compiled_slot(exec, c, n));
	path_end(&path);
}

/* How far down the stack goes. */
static void note_sp(struct exec *exec, struct compiled *c)
{
	term depth =
		bv_sub(c->tc, compiled_register(c, c->cv->sp), *machine_register(exec, c->cv->sp));

	if (term_is_const(depth) && term_value(depth) <= FRAME_MAX &&
		term_value(depth) > c->finding->frame_size)
		c->finding->frame_size = term_value(depth);
}

bool loop_at(struct exec *exec, struct compiled *c, enum exec_at *at)
{
	struct finding *f = c->finding;
	term pc = machine_pc(exec);
	uint64_t place = term_is_const(pc) ? (term_value(pc) - c->function) / 2 : UINT64_MAX;

	if (!f)
		return false;
	note_sp(exec, c); /* in what it calls, too */
	if (place >= c->size / 2 || place >= 8 * sizeof(visits(exec)->been))
		return false;
	if (f->stage == STAGE_HEAD && !visit(exec, place))
		return false;
	if (f->stage == STAGE_HEAD && !f->found)
		f->loop->head = term_value(pc);
	if (f->stage != STAGE_HEAD && (!machine_is_at(exec, f->loop->head) ||
					      (f->stage >= STAGE_ROUND && exec->state.steps == 0)))
		return false;
	arrive(exec, c);
	*at = EXEC_END;
	return true;
}

bool loop_path(struct exec *exec, struct compiled *c)
{
	if (c->finding && c->options->explain && exec->env.reason[0])
		fprintf(c->options->explain, "looking for the loop: %s\n", exec->env.reason);
	return c->finding != NULL;
}

static bool stage(struct compiled *c, const struct exec_client *client, enum stage stage_now)
{
	c->finding->stage = stage_now;
	c->finding->found = c->finding->changed = false;
	compiled_run(c, client, 500);
	return c->finding->found;
}

bool loop_find(struct compiled *c, struct loop *loop, const struct exec_client *client)
{
	struct finding finding = {.loop = loop};
	FILE *explained = c->explained.f;
	bool ok;

	*loop = (struct loop){0};
	c->finding = &finding;
	c->explained.f = NULL;
	c->frame_size = FRAME_MAX;
	ok = stage(c, client, STAGE_HEAD);
	/* Its own frame, and no more. */
	c->frame_size = finding.frame_size;
	ok = ok && stage(c, client, STAGE_START) && stage(c, client, STAGE_ROUND);
	for (unsigned i = 0; ok && i < 8; i++) {
		ok = stage(c, client, STAGE_KEPT);
		if (!finding.changed)
			break;
	}
	c->finding = NULL;
	c->explained.f = explained;
	c->report->runs = c->report->paths = 0;
	if (!ok)
		compiled_unknown(c, "no loop found in the function");
	return ok && c->report->verdict == VERDICT_PROVED;
}
