/* SPDX-License-Identifier: MIT */
/* See compiled.h. Calling and running are here; the end of a path is in path.c, loops are in
 * loop.c. */
#include "prover/theorem/compiled.h"

#include <stdlib.h>

static uint64_t size_of(const struct image *image, uint64_t address)
{
	for (size_t i = 0; i < image->symbols; i++)
		if (image->symbol[i].address == address && image->symbol[i].size > 0)
			return image->symbol[i].size;
	return 0;
}

bool compiled_init(struct compiled *c, const struct prove_options *options, struct report *report,
	const char *function)
{
	*c = (struct compiled){.options = options,
		.report = report,
		.tc = terms_new(TERMS_REWRITE),
		.solver = solver_new(&options->solver),
		.asked = term_map_new(),
		.explained = {options->explain, options->explain_all},
		.cv = convention_of(options->image)};
	report->verdict = VERDICT_UNKNOWN;
	if (!c->cv) {
		snprintf(report->reason, sizeof(report->reason),
			"the image is for a machine that is not known");
		return false;
	}
	c->function = image_address(options->image, function);
	c->size = size_of(options->image, c->function);
	if (c->function && c->size) {
		report->verdict = VERDICT_PROVED;
		return true;
	}
	snprintf(
		report->reason, sizeof(report->reason), "the image has no function '%s'", function);
	return false;
}

void compiled_free(struct compiled *c)
{
	c->report->queries += solver_statistics(c->solver)->queries;
	solver_free(c->solver);
	term_map_free(c->asked);
	terms_free(c->tc);
}

void compiled_assume(struct compiled *c, term condition)
{
	solver_assert(c->solver, condition);
}

static void set_verdict(struct compiled *c, enum verdict verdict, const char *what)
{
	struct report *r = c->report;

	if (r->verdict == VERDICT_REFUTED ||
		(r->verdict != VERDICT_PROVED && verdict != VERDICT_REFUTED))
		return;
	r->verdict = verdict;
	snprintf(r->reason, sizeof(r->reason), "%s", what);
}

void compiled_refuted(struct compiled *c, const char *what)
{
	set_verdict(c, VERDICT_REFUTED, what);
}

void compiled_unknown(struct compiled *c, const char *what)
{
	set_verdict(c, VERDICT_UNKNOWN, what);
}

bool compiled_follows(struct compiled *c, term claim, const char *what)
{
	switch (solver_implied(c->solver, c->tc, claim)) {
	case SOLVER_UNSAT:
		return true;
	case SOLVER_SAT:
		compiled_refuted(c, what);
		return false;
	default:
		compiled_unknown(c, what);
		return false;
	}
}

/* ---- calls ---- */

term compiled_word(struct compiled *c, const char *name)
{
	return bv_zext(c->tc, 64, bv_var(c->tc, name, compiled_bits(c)));
}

term compiled_pointer(struct compiled *c, const char *name, unsigned alignment)
{
	unsigned zeros = alignment == 8 ? 3 : 2, bits = compiled_bits(c);

	if (!c->cv->aligned)
		return compiled_word(c, name);
	return bv_zext(c->tc, 64,
		bv_concat(c->tc, bv_var(c->tc, name, bits - zeros), bv_const(c->tc, zeros, 0)));
}

/* A pointer to code. */
static term return_address(struct compiled *c)
{
	return bv_concat(c->tc, bv_var(c->tc, "return_address", compiled_bits(c) - 1),
		bv_const(c->tc, 1, c->cv->code_bit));
}

term compiled_register(struct compiled *c, unsigned n)
{
	unsigned bits = compiled_bits(c), zeros = c->cv->stack_alignment == 16 ? 4 : 3;
	char name[16];

	if (n < c->cv->first)
		return bv_const(c->tc, bits, 0);
	if (n == c->cv->link)
		return return_address(c);
	if (n == c->cv->sp)
		return bv_concat(
			c->tc, bv_var(c->tc, "sp", bits - zeros), bv_const(c->tc, zeros, 0));
	snprintf(name, sizeof(name), "c_x%u", n);
	return bv_var(c->tc, name, bits);
}

static size_t add_stack(
	struct exec *exec, struct compiled *c, const char *name, uint64_t below, uint64_t size)
{
	term sp = compiled_register(c, c->cv->sp);

	return exec_object_add(
		exec, (struct exec_object){.name = name,
			      .base = bv_zext(c->tc, 64, bv_add_c(c->tc, sp, (uint64_t)0 - below)),
			      .size = bv_const(c->tc, 64, size),
			      .permissions = OBJECT_READ | OBJECT_WRITE,
			      .contents = mem_var(c->tc, name)});
}

void compiled_enter(struct exec *exec, struct compiled *c)
{
	const struct exec_machine *machine = c->cv->machine;

	for (unsigned n = 0; n < machine->registers; n++)
		*machine_register(exec, n) = compiled_register(c, n);
	if (machine->forget_flags)
		machine->forget_flags(exec->state.machine);
	machine_set_pc(exec, bv_const(c->tc, 64, c->function));
	if (c->frame_size > 0)
		c->frame = add_stack(exec, c, "frame", c->frame_size, c->frame_size);
	if (c->callees > 0)
		c->below = add_stack(exec, c, "callees", c->frame_size + c->callees, c->callees);
	if (c->stack_arguments > 0)
		add_stack(exec, c, "stack_arguments", 0, c->stack_arguments);
}

void compiled_start(struct exec *exec, struct compiled *c)
{
	c->start = exec->state;
	compiled_explain(c);
}

bool compiled_returned(struct exec *exec, struct compiled *c)
{
	term back = bv_and_c(c->tc, return_address(c), ~(uint64_t)1);

	return bv_trunc(c->tc, compiled_bits(c), machine_pc(exec)) == back &&
	       machine_is_settled(exec);
}

static term slot_offset(const struct compiled *c, unsigned n)
{
	return bv_const(c->tc, 64, c->cv->word * n);
}

term compiled_slot(struct exec *exec, struct compiled *c, unsigned n)
{
	return mem_load(
		c->tc, exec->state.object[c->frame].contents, slot_offset(c, n), c->cv->word);
}

void compiled_set_slot(struct exec *exec, struct compiled *c, unsigned n, term value)
{
	struct exec_object *frame = &exec->state.object[c->frame];

	frame->contents = mem_write(c->tc, frame->contents, slot_offset(c, n), c->cv->word, value);
}

unsigned compiled_slots(const struct compiled *c)
{
	return (unsigned)(c->frame_size / c->cv->word);
}

bool compiled_forbidden(struct exec *exec, const char *what, term address, unsigned bytes)
{
	char *text = term_to_string(address);

	exec->forbidden = true;
	model_stop(&exec->env, "%s of %u bytes outside the memory map, at %.80s", what, bytes,
		text ? text : "?");
	free(text);
	return false;
}

void compiled_run(struct compiled *c, const struct exec_client *client, unsigned max_paths)
{
	const struct exec_options options = {.machine = c->cv->machine,
		.image = c->options->image,
		.learns = c->learns,
		.max_steps = 5000,
		.max_paths = max_paths,
		.lazy = true,
		.traces = true};
	unsigned paths = exec_run(c->tc, c->solver, &options, client);

	c->report->runs++;
	c->report->paths += paths;
	if (paths == 0)
		compiled_unknown(c, "no path");
}
