/* SPDX-License-Identifier: MIT */
/* See witness_compiled.h. */
#include "prover/theorem/witness_compiled.h"

#include <stdlib.h>
#include <string.h>

enum { STACK_BELOW = 256 };

/* ---- values ---- */

struct assignment *witness_compiled_find(struct path *path, term question)
{
	struct compiled *c = path->c;
	struct assignment *values;
	struct wishes w = {0};

	wishes_begin(&w, c->tc, c->solver, c->cv->word, bool_not(c->tc, question));
	if (c->witness) {
		/* The frame ends with its page: what goes beyond it faults. */
		wish_at(&w, compiled_register(c, c->cv->sp), w.at->sp + PAGE);
		wish_at(&w, compiled_register(c, c->cv->link), w.at->c | c->cv->code_bit);
		if (c->witness->wish)
			c->witness->wish(&w, path);
		wish_fault(&w, path->exec);
		wish_success(&w, path->exec);
		wishes_grant(&w);
	}
	values = wishes_end(&w, c->options->solver.timeout_ms);
	if (c->witness && c->witness->settle)
		c->witness->settle(path, values);
	return values;
}

/* ---- records ---- */

void write_number(const struct file *o, const char *record, uint64_t address, uint64_t number,
	unsigned bytes, const char *name)
{
	fprintf(o->f, "%s %llx ", record, (ull)address);
	for (unsigned i = 0; i < bytes; i++)
		fprintf(o->f, "%02x", (unsigned)(number >> 8 * i & 255));
	fprintf(o->f, " %s\n", name);
}

void write_stop(const struct file *o, const struct path *path, uint64_t address)
{
	const struct exec *exec = path->exec;

	for (size_t i = 1; i < exec->trace.count; i++)
		if (exec->trace.at[i] == address)
			return;
	fprintf(o->f, "stop %llx\n", (ull)address);
}

void write_object(const struct file *o, const char *record, const struct path *path, size_t object,
	term contents)
{
	const struct exec_object *at = &path->c->start.object[object];
	uint64_t base = value(o, at->base), size = value(o, at->size);

	if (contents && size > at->from && size <= BYTES_MAX)
		write_memory(
			o, record, base + at->from, contents, at->from, size - at->from, at->name);
}

static void write_objects_before(const struct file *o, const struct path *path)
{
	const struct exec_state *start = &path->c->start;

	for (size_t i = 0; i < start->objects; i++)
		write_object(o, start->object[i].permissions & OBJECT_WRITE ? "data" : "constant",
			path, i, start->object[i].contents);
}

void write_constants(const struct file *o, const struct path *path)
{
	const struct exec_state *start = &path->c->start;

	for (size_t i = 0; i < start->objects; i++)
		if (!(start->object[i].permissions & OBJECT_WRITE))
			write_object(o, "holds", path, i, start->object[i].contents);
}

void write_slot(const struct file *o, const struct path *path, unsigned n, term t)
{
	const struct exec_object *frame = &path->c->start.object[path->c->frame];
	unsigned word = path->c->cv->word;

	write_number(
		o, "holds", value(o, frame->base) + word * n, value(o, t), word, "the stack frame");
}

/* The image as it is, in as many records as it takes. */
static void write_image(const struct file *o, const struct image *image)
{
	for (size_t i = 0; i < image->segments; i++) {
		const struct segment *s = &image->segment[i];

		for (uint64_t from = 0; from < s->size; from += BYTES_MAX) {
			uint64_t n = s->size - from < BYTES_MAX ? s->size - from : BYTES_MAX;

			fprintf(o->f, "%s %llx ", s->executable ? "code" : "data",
				(ull)(s->address + from));
			for (uint64_t k = 0; k < n; k++)
				fprintf(o->f, "%02x", s->bytes[from + k]);
			fputc('\n', o->f);
		}
	}
}

/* Below the frame is what is called may write. */
static void write_stack(const struct file *o, const struct path *path)
{
	const struct compiled *c = path->c;
	uint64_t sp = value(o, compiled_register((struct compiled *)c, c->cv->sp));
	uint64_t bottom = sp - c->frame_size - c->callees;

	fprintf(o->f, "data %llx ", (ull)(bottom - STACK_BELOW));
	for (unsigned i = 0; i < STACK_BELOW; i++)
		fputs("00", o->f);
	fputc('\n', o->f);
}

static void write_start(const struct file *o, struct path *path)
{
	const struct exec_machine *machine = path->c->cv->machine;
	struct exec_state *start = &path->c->start;

	fprintf(o->f, "start %llx\n", (ull)value(o, machine->pc(start->machine)));
	for (unsigned n = path->c->cv->first; n < machine->registers; n++)
		fprintf(o->f, "register %u %llx\n", n,
			(ull)value(o, *machine->reg(start->machine, n)));
	write_objects_before(o, path);
	write_stack(o, path);
}

void write_argument(const struct file *o, struct path *path, struct next_argument *next, term t,
	const char *name)
{
	const struct convention *cv = path->c->cv;
	unsigned bits = convention_bits(cv), words = (t->width + bits - 1) / bits, reg, from_sp;
	uint64_t sp = value(o, *machine_register(path->exec, cv->sp));

	if (!convention_place(cv, next, t->width, &reg, &from_sp)) {
		write_number(o, "holds", sp + from_sp, value(o, t), t->width / 8u, name);
		return;
	}
	for (unsigned i = 0; i < words; i++)
		write_register(o, reg + i,
			words == 1 ? t : bv_extract(o->tc, bits * (i + 1) - 1, bits * i, t), name);
}

void write_compiled_call(const struct file *o, const struct compiled *c, uint64_t address,
	const char *name, const char *unknowns, term result)
{
	const struct convention *cv = c->cv;
	unsigned bits = convention_bits(cv), words = result->width / bits;

	fprintf(o->f, "call %llx %s\nlink %u\n", (ull)address, name, cv->link);
	for (unsigned n = cv->first; n < cv->machine->registers; n++) {
		char text[48];

		if (!(cv->caller_saved >> n & 1) || n - cv->argument < words)
			continue;
		snprintf(text, sizeof(text), "%s_x%u", unknowns, n);
		fprintf(o->f, "set %u %llx\n", n, (ull)value(o, bv_var(o->tc, text, bits)));
	}
	for (unsigned i = 0; i < words; i++)
		fprintf(o->f, "set %u %llx\n", cv->argument + i,
			(ull)value(o, bv_extract(o->tc, bits * (i + 1) - 1, bits * i, result)));
}

void write_at_head(
	const struct file *o, const struct path *path, const struct loop *loop, term index)
{
	struct compiled *c = path->c;

	write_end(o, loop->head);
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++) {
		term t = loop_register(c, loop, n, index);

		if (t)
			write_register(o, n, t, "as the loop keeps it");
	}
	write_rest_wanted(o, c->cv->machine);
	for (unsigned n = 0; n < compiled_slots(c); n++) {
		term t = loop_slot(c, loop, n, index);

		if (t)
			write_slot(o, path, n, t);
	}
}

void write_returned(const struct file *o, const struct path *path, uint64_t result, unsigned bits,
	const char *name)
{
	struct compiled *c = path->c;

	write_end(o, value(o, compiled_register(c, c->cv->link)) & ~(uint64_t)1);
	write_register(o, c->cv->argument, bv_const(o->tc, bits, result), name);
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		if (!(c->cv->caller_saved >> n & 1))
			write_register(o, n, compiled_register(c, n),
				n == c->cv->sp ? "the stack pointer" : "C's");
	write_rest_wanted(o, c->cv->machine);
}

/* ---- what the model says ---- */

/* Does it depend on what code left that the model hasn't run? */
static bool is_left(term t, const struct compiled_witness *witness)
{
	struct term_list variables = {0};
	bool found = false;

	term_variables(1, &t, &variables);
	for (size_t i = 0; i < variables.count; i++)
		for (unsigned k = 0; k < 2; k++)
			found |=
				witness->left[k] && strncmp(variables.at[i]->name, witness->left[k],
							    strlen(witness->left[k])) == 0;
	term_list_free(&variables);
	return found;
}

/* All but that. */
static void write_frame(const struct file *o, const struct path *path)
{
	const struct compiled *c = path->c;
	const struct exec_object *frame = &path->exec->state.object[c->frame];
	unsigned word = c->cv->word;

	for (unsigned n = 0; n < compiled_slots(c); n++) {
		term held = compiled_slot(path->exec, path->c, n);

		if (!is_left(held, c->witness))
			write_memory(o, "holds", value(o, frame->base) + word * n, frame->contents,
				word * n, word, frame->name);
	}
}

/* The function's own, or what is below it, where nobody looks once a callee has returned. */
static bool is_stack(const struct compiled *c, size_t object)
{
	return (c->frame_size > 0 && object == c->frame) || (c->callees > 0 && object == c->below);
}

static void write_model(const struct file *o, struct path *path)
{
	struct exec *exec = path->exec;
	struct compiled *c = path->c;

	fprintf(o->f, "model the prover's model of the machine\n");
	write_end(o, value(o, machine_pc(exec)));
	if (exec->env.trapped)
		fprintf(o->f, "traps\n");
	if (exec->forbidden && exec->accessed && !o->no_fault)
		fprintf(o->f, "fault %llx\n", (ull)value(o, exec->accessed));
	if (o->is_endless)
		fprintf(o->f, "endless\n");
	for (unsigned n = c->cv->first; n < c->cv->machine->registers; n++)
		if (!is_left(*machine_register(exec, n), c->witness))
			write_register(o, n, *machine_register(exec, n), "");
	write_rest(o, exec);
	for (size_t i = 0; i < exec->state.objects; i++)
		if (!is_stack(c, i))
			write_object(o, "holds", path, i, exec->state.object[i].contents);
	write_frame(o, path);
	if (path->c->witness->model)
		path->c->witness->model(o, path);
}

char *witness_compiled_write(struct path *path, const struct assignment *values, const char *text)
{
	struct compiled *c = path->c;
	struct file o = {.tc = c->tc, .values = values};
	char *all = NULL;
	size_t size;

	if ((c->witness->prepare && !c->witness->prepare(&o, path)) ||
		!(o.f = open_memstream(&all, &size)))
		return NULL;
	write_head(&o, c->cv->machine == &machine_rv64 ? "rv64c" : c->cv->name, c->report->reason,
		text);
	write_start(&o, path);
	if (c->witness->before)
		c->witness->before(&o, path);
	c->witness->want(&o, path);
	write_model(&o, path);
	/* Last, because nobody reads it; it starts with "code". */
	write_image(&o, c->options->image);
	fclose(o.f);
	return all;
}
