/* SPDX-License-Identifier: MIT */
/*
 * A refutation as people read it: the instruction and the state before it, the code, and what the
 * machine and BPF make of them where they differ. All values are the solver's, put into the terms
 * of the proof.
 */
#include "prover/theorem/counterexample.h"

#include <stdlib.h>
#include <string.h>

#include "prover/theorem/disassemble.h"

struct writer {
	FILE *f;
	struct simulation *s;
	struct exec *exec;
	const struct assignment *model;
	uint8_t code[CODE_MAX];
};

static uint64_t value(const struct writer *w, term t)
{
	return (uint64_t)term_evaluate(t, w->model);
}

static void write_insn(const struct writer *w)
{
	const struct bpf_insn *insn = w->s->insn;

	fprintf(w->f, "  BPF     opcode 0x%02x, dst r%u, src r%u, off %d, imm 0x%08x",
		vouch_ops[insn->op].opcode, insn->dst, insn->src, (int16_t)value(w, insn->off),
		(uint32_t)value(w, insn->imm));
	if (insn->imm2)
		fprintf(w->f, " 0x%08x", (uint32_t)value(w, insn->imm2));
	fprintf(w->f, ", at pc %llu\n", (unsigned long long)value(w, w->s->proof->world.pc));
}

static void write_before(const struct writer *w)
{
	const struct world *world = &w->s->proof->world;

	fprintf(w->f, "  before ");
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		fprintf(w->f, " r%u 0x%llx", i, (unsigned long long)value(w, world->r[i]));
	fprintf(w->f, ", fuel %llu of which %llu used\n", (unsigned long long)value(w, world->fuel),
		(unsigned long long)value(w, world->used));
}

static void write_machine_insn(void *user, size_t offset, size_t length, const char *text)
{
	const struct writer *w = user;
	uint64_t base = value(w, w->s->chunk[0].base);

	fprintf(w->f, "    0x%llx  ", (unsigned long long)(base + offset));
	for (size_t i = length; i-- > 0;)
		fprintf(w->f, "%02x", w->code[offset + i]);
	fprintf(w->f, "%*s%s\n", (int)(length < 4 ? 10 - 2 * length : 2), "", text);
}

static void write_code(struct writer *w)
{
	const struct chunk *chunk = &w->s->chunk[0];
	const struct refinement *map = w->s->proof->emitter.map;
	u128 byte[CODE_MAX];

	term_evaluate_n(chunk->size, chunk->byte, w->model, byte);
	for (unsigned i = 0; i < chunk->size; i++)
		w->code[i] = (uint8_t)byte[i];
	fprintf(w->f, "  code%s\n", w->s->out_of_line ? ", out of line" : "");
	disassemble(map->target + strlen("vouch_"), value(w, chunk->base), w->code, chunk->size,
		map->alignment, write_machine_insn, w);
}

/* Where the upper half of a BPF register is; NO_REGISTER: in none. */
static unsigned upper_of(const struct refinement *map, unsigned which)
{
	for (unsigned n = 0; n < map->machine->registers; n++)
		if (map->reg[n].role == ROLE_UPPER && map->reg[n].which == which)
			return n;
	return NO_REGISTER;
}

static void write_registers(const struct writer *w, const struct outcome *outcome)
{
	const struct refinement *map = w->s->proof->emitter.map;
	const struct exec_machine *machine = w->exec->options->machine;

	for (unsigned n = 0; n < map->machine->registers; n++) {
		unsigned bpf = map->reg[n].which, upper = upper_of(map, bpf);
		uint64_t is, should;

		if (map->reg[n].role != ROLE_BPF)
			continue;
		is = value(w, *machine->reg(w->exec->state.machine, n));
		should = value(w, outcome->bpf.r[bpf]);
		if (upper != NO_REGISTER)
			is |= value(w, *machine->reg(w->exec->state.machine, upper)) << 32;
		if (is == should)
			continue;
		fprintf(w->f, "  differs r%u: the machine has 0x%llx in ", bpf,
			(unsigned long long)is);
		if (upper != NO_REGISTER)
			fprintf(w->f, "x%u:", upper);
		fprintf(w->f, "x%u, BPF 0x%llx\n", n, (unsigned long long)should);
	}
}

static void write_ends(const struct writer *w, const struct outcome *outcome)
{
	term pc = w->exec->options->machine->pc(w->exec->state.machine);

	fprintf(w->f, "  machine ends at 0x%llx\n", (unsigned long long)value(w, pc));
	if (!outcome)
		return;
	if (!outcome->bpf.pc)
		fprintf(w->f, "  BPF     has done nothing yet where code goes out of line\n");
	else if (outcome->result == BPF_EXIT)
		fprintf(w->f, "  BPF     ends the run with status %u at pc %llu\n",
			outcome->bpf.status, (unsigned long long)value(w, outcome->bpf.pc));
	else
		fprintf(w->f, "  BPF     goes on at pc %llu\n",
			(unsigned long long)value(w, outcome->bpf.pc));
}

static char *write_text(struct writer *w, const struct outcome *outcome)
{
	char *text = NULL;
	size_t size;

	w->f = open_memstream(&text, &size);
	if (!w->f)
		return NULL;
	if (w->s->insn)
		write_insn(w);
	write_before(w);
	/* A stub is somewhere in all of the epilogue: too much to look at. */
	if (w->s->claim != CLAIM_ACCESS && w->s->claim != CLAIM_DIVIDE)
		write_code(w);
	write_ends(w, outcome);
	if (outcome && outcome->result == BPF_NEXT && w->s->claim == CLAIM_STEP)
		write_registers(w, outcome);
	fclose(w->f);
	return text;
}

static void keep(struct writer *w, const struct outcome *outcome, const char *what)
{
	struct report *report = w->s->proof->report;

	free(report->text);
	free(report->replay);
	report->replay = NULL;
	snprintf(report->reason, sizeof(report->reason), "%s", what);
	report->text = write_text(w, outcome);
	if (report->text)
		report->replay = witness_write(w->s, w->exec, w->model, report->text);
}

void counterexample(struct simulation *s, struct exec *exec, const struct outcome *outcome,
	term claim, const char *what)
{
	struct assignment *values;
	struct writer w = {.s = s, .exec = exec};
	bool shows;

	w.model = values = witness_find(s, exec, outcome, claim, &shows);
	if (shows || s->proof->counterexamples == 0)
		keep(&w, outcome, what);
	s->proof->counterexamples++;
	s->proof->shown_by_machine = shows;
	assignment_free(values);
}
