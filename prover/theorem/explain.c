/* SPDX-License-Identifier: MIT */
/* See explain.h. */
#include "prover/theorem/explain.h"

#include <stdlib.h>
#include <string.h>

#include "prover/theorem/disassemble.h"
#include "prover/theorem/machine.h"

enum { TEXT_MAX = 240, QUERY_MAX = 1200 };

/* At most that many characters of a text, unless all is wanted. */
static void show(const struct explained *to, const char *text, size_t most)
{
	size_t n = strlen(text);

	if (to->all || n <= most)
		fputs(text, to->f);
	else
		fprintf(to->f, "%.*s … and %zu characters more (--long)", (int)most, text,
			n - most);
}

void explain_term(const struct explained *to, term t)
{
	char *text = term_to_string(t);

	if (text)
		show(to, text, TEXT_MAX);
	free(text);
}

static struct explained of_proof(const struct proof *proof)
{
	return (struct explained){proof->shown, proof->options->explain_all};
}

static void show_term(const struct proof *proof, term t)
{
	const struct explained to = of_proof(proof);

	explain_term(&to, t);
}

void explain_piece(const struct proof *proof, const char *what)
{
	if (proof->shown)
		fprintf(proof->shown, "\n%s\n", what);
}

void explain_emission(const struct proof *proof, const struct emission *emission)
{
	if (!proof->shown)
		return;
	fprintf(proof->shown, "\n  the emitter, path %u\n", proof->report->paths);
	for (size_t i = 0; i < emission->conditions.count; i++) {
		fprintf(proof->shown, "    %s ", i ? "and" : "if ");
		show_term(proof, emission->conditions.at[i]);
		fputc('\n', proof->shown);
	}
	if (emission->reason)
		fprintf(proof->shown, "    stops: %s\n", emission->reason);
	else if (!emission->ok)
		fprintf(proof->shown, "    refuses, with status %u\n", emission->status);
	else
		fprintf(proof->shown, "    writes %u bytes\n", emission->size);
}

/* ---- code ---- */

struct listing {
	const struct simulation *s;
	const uint8_t *code;
};

/* The fields of an instruction that aren't constant, by their bits. */
static void show_fields(const struct proof *proof, term word)
{
	unsigned high = word->width;

	if (term_is_const(word))
		return;
	if (word->op != TERM_CONCAT) {
		fputs("  all of it = ", proof->shown);
		show_term(proof, word);
		return;
	}
	for (unsigned i = 0; i < word->args; i++) {
		term field = word->arg[i];

		high -= field->width;
		if (term_is_const(field))
			continue;
		fprintf(proof->shown, "  [%u:%u] = ", high + field->width - 1, high);
		show_term(proof, field);
	}
}

static void show_machine_insn(void *user, size_t offset, size_t length, const char *text)
{
	const struct listing *listing = user;
	const struct simulation *s = listing->s;
	term byte[16];

	fprintf(s->proof->shown, "      +%-3zu ", offset);
	for (size_t i = length; i-- > 0;)
		fprintf(s->proof->shown, "%02x", listing->code[offset + i]);
	fprintf(s->proof->shown, "%*s%-28s", (int)(length < 5 ? 10 - 2 * length : 1), "", text);
	for (size_t i = 0; i < length && length <= 16; i++)
		byte[length - 1 - i] = s->chunk[0].byte[offset + i];
	if (length <= 16)
		show_fields(s->proof, bv_concat_n(s->proof->tc, (unsigned)length, byte));
	fputc('\n', s->proof->shown);
}

void explain_code(const struct simulation *s)
{
	const struct proof *proof = s->proof;
	const struct refinement *map = proof->emitter.map;
	const struct chunk *chunk = &s->chunk[0];
	struct listing listing = {.s = s};
	uint8_t code[CODE_MAX];
	u128 value[CODE_MAX];

	if (!proof->shown || solver_check(proof->checker, NULL) != SOLVER_SAT)
		return;
	if (s->insn)
		fprintf(proof->shown, "    for dst r%u, src r%u, and one choice of the rest:\n",
			s->insn->dst, s->insn->src);
	term_evaluate_n(chunk->size, chunk->byte, solver_model(proof->checker), value);
	for (unsigned i = 0; i < chunk->size; i++)
		code[i] = (uint8_t)value[i];
	listing.code = code;
	disassemble(map->target + strlen("vouch_"), 0, code, chunk->size, map->alignment,
		show_machine_insn, &listing);
}

/* ---- the machine ---- */

static void show_conditions(const struct simulation *s, const struct exec *exec)
{
	size_t known = s->conditions ? s->conditions->count : 0;

	for (size_t i = known; i < exec->conditions.count; i++) {
		fprintf(s->proof->shown, "      %s ", i > known ? "and" : "if ");
		show_term(s->proof, exec->conditions.at[i]);
		fputc('\n', s->proof->shown);
	}
}

static void show_end(const struct simulation *s, struct exec *exec)
{
	static const char *const ends[] = {"at the end of the code", "at the instruction at pc ",
		"at its out-of-line part", "back in C", "in a stub that ends the run",
		"back at who called the stub", "in a loop that ends"};
	const struct machine_notes *notes = machine_notes(exec);

	fprintf(s->proof->shown, "      the machine is %s", ends[notes->end]);
	if (notes->end == END_TARGET)
		show_term(s->proof, notes->place);
	fputc('\n', s->proof->shown);
}

/* What registers hold that the start didn't say. */
static void show_registers(const struct simulation *s, struct exec *exec)
{
	struct proof *proof = s->proof;
	const struct world *w = &proof->world;
	const struct refinement *map = proof->emitter.map;

	for (unsigned n = 0; n < map->machine->registers; n++) {
		term is = *exec->options->machine->reg(exec->state.machine, n);
		term was = machine_expected(proof, n, w->r, w->used, w->vm_bytes);

		if (is == was || (!was && is->op == TERM_VAR))
			continue;
		fprintf(proof->shown, "        register %u", n);
		if (map->reg[n].role == ROLE_BPF)
			fprintf(proof->shown, ", r%u,", map->reg[n].which);
		fputs(" = ", proof->shown);
		show_term(proof, is);
		fputc('\n', proof->shown);
	}
}

static void show_accesses(const struct explained *to, const struct access_log *log)
{
	for (unsigned i = 0; i < log->count; i++) {
		fprintf(to->f, "        %s %u bytes at ", log->at[i].write ? "stores" : "loads",
			log->at[i].bytes);
		explain_term(to, log->at[i].address);
		fputc('\n', to->f);
	}
}

void explain_end(const struct simulation *s, struct exec *exec)
{
	const struct proof *proof = s->proof;
	const struct explained to = of_proof(proof);

	if (!proof->shown)
		return;
	fputs("    a path of the machine\n", proof->shown);
	show_conditions(s, exec);
	show_end(s, exec);
	show_registers(s, exec);
	show_accesses(&to, &machine_notes(exec)->accesses);
}

/* ---- BPF ---- */

void explain_outcome(
	const struct explained *to, const struct world *world, const struct outcome *outcome)
{
	const struct bpf *bpf = &outcome->bpf;

	fputs("      BPF ", to->f);
	if (outcome->result == BPF_EXIT) {
		fprintf(to->f, "ends the run with status %u\n", bpf->status);
	} else {
		fputs("goes on at pc ", to->f);
		explain_term(to, bpf->pc);
		fputc('\n', to->f);
	}
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		if (bpf->r[i] == world->r[i])
			continue;
		fprintf(to->f, "        r%u = ", i);
		explain_term(to, bpf->r[i]);
		fputc('\n', to->f);
	}
	show_accesses(to, &outcome->accesses);
}

void explain_step(const struct proof *proof, const struct outcome *outcome)
{
	const struct explained to = of_proof(proof);

	if (proof->shown)
		explain_outcome(&to, &proof->world, outcome);
}

/* ---- questions ---- */

void explain_agreement(const struct proof *proof, uint64_t queries)
{
	if (proof->shown && explain_queries(proof) == queries)
		fputs("      nothing to ask: both have the same terms\n", proof->shown);
}

uint64_t explain_queries(const struct proof *proof)
{
	return solver_statistics(proof->checker)->queries +
	       solver_statistics(proof->lemmas)->queries;
}

void explain_asked(const struct explained *to, const struct solver *solver, term negation,
	const char *what, enum solver_result result)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	solver_write(solver, negation, f);
	fclose(f);
	fprintf(to->f, "      asked, for else: %s: %s\n", what, solver_result_text(result));
	show(to, text, QUERY_MAX);
	fputc('\n', to->f);
	free(text);
}

void explain_question(
	const struct proof *proof, term claim, const char *what, enum solver_result result)
{
	const struct explained to = of_proof(proof);

	if (proof->shown)
		explain_asked(&to, proof->checker, bool_not(proof->tc, claim), what, result);
}
