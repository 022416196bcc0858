/* SPDX-License-Identifier: MIT */
/*
 * `vouch prove --explain` of compiled code (compiled.h): what a path starts with, the instructions
 * that it is, what it makes of registers, and what the solver was asked about it. What the
 * specification says is explained by those who know it.
 */
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/compiled.h"
#include "prover/theorem/disassemble.h"

enum { SPAN_MAX = 65536 };

static void show_register(const struct explained *to, unsigned n, term t)
{
	fprintf(to->f, "      register %u = ", n);
	explain_term(to, t);
	fputc('\n', to->f);
}

static term register_of(const struct compiled *c, const struct exec_state *state, unsigned n)
{
	/* It is only read. */
	return *c->cv->machine->reg((void *)(uintptr_t)state->machine, n);
}

void compiled_explain(const struct compiled *c)
{
	const struct explained *to = &c->explained;

	if (!to->f)
		return;
	fputs("\nfrom ", to->f);
	explain_term(to, c->cv->machine->pc(c->start.machine));
	fputs(", where\n", to->f);
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++) {
		term t = register_of(c, &c->start, n);

		/* What C had there, or anything, says nothing. */
		if (t->op != TERM_VAR ||
			(strncmp(t->name, "any_", 4) != 0 && strncmp(t->name, "c_x", 3) != 0))
			show_register(to, n, t);
	}
}

/* ---- code ---- */

struct listing {
	uint64_t from;
	size_t size;
	char **text; /* of the instruction that starts there; NULL: none does */
};

static void note_text(void *user, size_t offset, size_t length, const char *text)
{
	struct listing *listing = user;

	(void)length;
	listing->text[offset] = strdup(text);
}

/* All code from the path's lowest instruction to its highest. */
static bool list_code(const struct path *path, struct listing *listing)
{
	const struct compiled *c = path->c;
	const uint64_t *at = path->exec->trace.at;
	uint64_t from = UINT64_MAX, to = 0;
	const struct segment *segment;

	for (size_t i = 0; i < path->exec->trace.count; i++) {
		from = at[i] < from ? at[i] : from;
		to = at[i] > to ? at[i] : to;
	}
	segment = from <= to ? image_segment(c->options->image, from, to + 4 - from) : NULL;
	if (!segment || to - from > SPAN_MAX)
		return false;
	*listing = (struct listing){.from = from, .size = to + 4 - from};
	listing->text = calloc(listing->size, sizeof(char *));
	if (!listing->text)
		abort();
	disassemble(c->cv->name, from, segment->bytes + (from - segment->address), listing->size, 2,
		note_text, listing);
	return true;
}

static void show_code(const struct path *path)
{
	const struct exec *exec = path->exec;
	struct listing listing;

	if (!list_code(path, &listing))
		return;
	for (size_t i = 0; i < exec->trace.count; i++) {
		const char *text = listing.text[exec->trace.at[i] - listing.from];

		fprintf(path->c->explained.f, "    0x%llx  %s\n",
			(unsigned long long)exec->trace.at[i], text ? text : "");
	}
	for (size_t i = 0; i < listing.size; i++)
		free(listing.text[i]);
	free(listing.text);
}

/* ---- its end ---- */

void path_explain(const struct path *path, enum exec_end end)
{
	const struct compiled *c = path->c;
	const struct explained *to = &c->explained;
	struct exec *exec = path->exec;

	if (!to->f)
		return;
	fprintf(to->f, "\n  path %u\n", exec->paths);
	for (size_t i = 0; i < exec->conditions.count; i++) {
		fprintf(to->f, "    %s ", i ? "and" : "if ");
		explain_term(to, exec->conditions.at[i]);
		fputc('\n', to->f);
	}
	show_code(path);
	if (end == EXEC_STOPPED)
		fprintf(to->f, "    stops: %s", exec->env.reason);
	else if (compiled_returned(exec, path->c))
		fputs("    goes back to its caller", to->f);
	else
		fputs("    goes on at ", to->f);
	if (end != EXEC_STOPPED && !compiled_returned(exec, path->c))
		explain_term(to, machine_pc(exec));
	fputc('\n', to->f);
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		if (register_of(c, &exec->state, n) != register_of(c, &c->start, n))
			show_register(to, n, register_of(c, &exec->state, n));
}

void path_explain_question(
	const struct path *path, term question, const char *what, enum solver_result result)
{
	struct compiled *c = path->c;

	if (c->explained.f)
		explain_asked(&c->explained, c->solver, bool_not(c->tc, question), what, result);
}
