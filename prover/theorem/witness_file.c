/* SPDX-License-Identifier: MIT */
/* See witness_file.h. */
#include "prover/theorem/witness_file.h"

#include <stdlib.h>
#include <string.h>

static void *room_for(size_t n, size_t size)
{
	void *room = calloc(n ? n : 1, size);

	if (!room)
		abort();
	return room;
}

void write_bytes(const struct file *o, const term *byte, size_t n)
{
	u128 *values = room_for(n, sizeof(*values));

	term_evaluate_n(n, byte, o->values, values);
	for (size_t i = 0; i < n; i++)
		fprintf(o->f, "%02x", (unsigned)values[i]);
	free(values);
}

/* `n` bytes of a memory from an offset on, which are at `address`. */
static void write_run(const struct file *o, const char *record, uint64_t address, term memory,
	uint64_t from, size_t n, const char *name)
{
	term *byte = room_for(n, sizeof(term));

	for (size_t i = 0; i < n; i++)
		byte[i] = mem_select(o->tc, memory, bv_const(o->tc, 64, from + i));
	fprintf(o->f, "%s %llx ", record, (ull)address);
	write_bytes(o, byte, n);
	fprintf(o->f, "%s%s\n", *name ? " " : "", name);
	free(byte);
}

static bool is_program_memory(const struct file *o, uint64_t address)
{
	for (unsigned i = 0; i < o->addresses; i++)
		if (o->address[i] == address)
			return true;
	return false;
}

/* What is apart in the proof isn't always apart, as where code stores beyond the stack. */
void write_memory(const struct file *o, const char *record, uint64_t address, term memory,
	uint64_t from, size_t n, const char *name)
{
	for (size_t i = 0, run; i < n; i += run + 1) {
		for (run = 0; i + run < n && !is_program_memory(o, address + i + run);)
			run++;
		if (run > 0)
			write_run(o, record, address + i, memory, from + i, run, name);
	}
}

/* The program's memory, in runs of bytes. */
void write_program_memory(const struct file *o, const char *record, term memory)
{
	for (unsigned i = 0, n; i < o->addresses; i += n) {
		for (n = 1; i + n < o->addresses && o->address[i + n] == o->address[i] + n;)
			n++;
		write_run(
			o, record, o->address[i], memory, o->address[i], n, "the program's memory");
	}
}

void add_address(struct file *o, uint64_t address)
{
	unsigned i = o->addresses;

	for (unsigned j = 0; j < o->addresses; j++)
		if (o->address[j] == address)
			return;
	if (o->addresses == ADDRESSES_MAX)
		return;
	for (o->addresses++; i > 0 && o->address[i - 1] > address; i--)
		o->address[i] = o->address[i - 1];
	o->address[i] = address;
}

void write_end(const struct file *o, uint64_t address)
{
	fprintf(o->f, "end %llx\n", (ull)address);
}

void write_register(const struct file *o, unsigned n, term t, const char *name)
{
	fprintf(o->f, "is %u %llx %llx %s\n", n, (ull)value(o, t), (ull)mask_of(t->width), name);
}

static bool has_rest(const struct exec_machine *machine)
{
	return machine == &machine_thumb2;
}

void write_rest(const struct file *o, struct exec *exec)
{
	const struct exec_machine *machine = exec->options->machine;
	const struct thumb2 *m = (const struct thumb2 *)exec->state.machine;

	if (has_rest(machine))
		write_register(o, machine->registers,
			bv_add_c(o->tc, bv_from_bool(o->tc, 16, m->primask), m->itstate << 8), "");
}

void write_rest_wanted(const struct file *o, const struct exec_machine *machine)
{
	if (has_rest(machine))
		write_register(o, machine->registers, bv_const(o->tc, 16, 0),
			"masked interrupts or an IT block");
}

void add_accesses(struct file *o, const struct access_log *log)
{
	for (unsigned i = 0; i < log->count; i++)
		for (unsigned n = 0; n < log->at[i].bytes; n++)
			add_address(o, value(o, log->at[i].address) + n);
}

void write_head(const struct file *o, const char *target, const char *claim, const char *text)
{
	fprintf(o->f, "vouch-counterexample 1\ntarget %s\nclaim %s\n", target, claim);
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(o->f, "text %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

/* ---- the step, on the values ---- */

static int decide(void *user, term condition)
{
	return is_true(user, condition);
}

static void assume(void *user, term condition)
{
	(void)user;
	(void)condition;
}

static void retract(void *user)
{
	(void)user;
}

static bool each(void *user, const struct outcome *outcome)
{
	struct file *o = user;

	o->step = *outcome;
	o->stepped = true;
	return false;
}

bool make_step(struct file *o, const struct bpf_insn *insn)
{
	const struct outcomes outcomes = {
		.user = o, .decide = decide, .assume = assume, .retract = retract, .each = each};
	char reason[160];

	return world_step(o->world, insn, &outcomes, reason) && o->stepped;
}
