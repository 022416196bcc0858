/* SPDX-License-Identifier: MIT */
/* See simulate.h. Running the machine is here; what is compared at the end is in compare.c. */
#include "prover/theorem/simulate.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "prover/theorem/divide.h"
#include "prover/theorem/machine.h"
#include "vm/layout.h"

void report_unknown(struct report *report, const char *format, ...)
{
	va_list args;

	if (report->verdict != VERDICT_PROVED)
		return;
	report->verdict = VERDICT_UNKNOWN;
	va_start(args, format);
	vsnprintf(report->reason, sizeof(report->reason), format, args);
	va_end(args);
}

void report_refuted(struct report *report, const char *format, ...)
{
	va_list args;

	if (report->verdict == VERDICT_REFUTED)
		return;
	report->verdict = VERDICT_REFUTED;
	va_start(args, format);
	vsnprintf(report->reason, sizeof(report->reason), format, args);
	va_end(args);
}

bool proof_init(struct proof *proof, const struct prove_options *options, struct report *report,
	const struct refinement *map, enum far far)
{
	char reason[160];

	*proof = (struct proof){.options = options, .report = report, .shown = options->explain};
	proof->tc = terms_new(TERMS_REWRITE);
	proof->solver = solver_new(&options->solver);
	proof->checker = solver_new(&options->solver);
	proof->lemmas = solver_new(&options->solver);
	proof->lemma = term_map_new();
	world_init(&proof->world, proof->tc, map->word);
	proof->world.stubs_know_context = map->stubs_know_context;
	if (map->thumb)
		world_set_thumb(&proof->world);
	if (map->used_in_vm)
		proof->world.vm_bytes = world_set_field(&proof->world, proof->world.vm_bytes,
			VM_USED(map->word), map->word, proof->world.used);
	for (size_t i = 0; i < proof->world.assumptions.count; i++) {
		solver_assert(proof->solver, proof->world.assumptions.at[i]);
		solver_assert(proof->checker, proof->world.assumptions.at[i]);
	}
	/* Code starts at a multiple of 4. */
	proof->code = bv_zext(proof->tc, 64,
		bv_concat(proof->tc, bv_var(proof->tc, "code", 8 * map->word - 2),
			bv_const(proof->tc, 2, 0)));
	if (emitter_init(&proof->emitter, proof->tc, proof->solver, options->image, map,
		    &proof->world, far, reason))
		return true;
	report_unknown(report, "%s", reason);
	return false;
}

void proof_free(struct proof *proof)
{
	proof->report->queries += solver_statistics(proof->solver)->queries +
	                          solver_statistics(proof->checker)->queries +
	                          solver_statistics(proof->lemmas)->queries;
	world_free(&proof->world);
	emitter_free(&proof->emitter);
	solver_free(proof->solver);
	solver_free(proof->checker);
	solver_free(proof->lemmas);
	term_map_free(proof->lemma);
	terms_free(proof->tc);
}

term proof_address(const struct proof *proof, term offset)
{
	return machine_address(
		proof, bv_add(proof->tc, proof->code, bv_zext(proof->tc, 64, offset)));
}

void knowledge_init(struct knowledge *k)
{
	*k = (struct knowledge){0};
	k->resolved = term_map_new();
	k->decided = term_map_new();
	k->constants = term_map_new();
	k->choices = term_map_new();
	k->addresses = term_map_new();
	k->model = assignment_new();
}

void knowledge_free(struct knowledge *k)
{
	term_map_free(k->resolved);
	term_map_free(k->decided);
	term_map_free(k->constants);
	term_map_free(k->choices);
	term_map_free(k->addresses);
	assignment_free(k->model);
}

/* How far one address is from another. */
term machine_distance(const struct proof *proof, term to, term from)
{
	return exec_distance(proof->emitter.map->machine, proof->tc, to, from);
}

/* Something that no emitted code may do. */
enum exec_at machine_violation(struct exec *exec, const char *what)
{
	machine_notes(exec)->violation = true;
	model_stop(&exec->env, "%s", what);
	return EXEC_STOP;
}

/* A machine would go on. */
bool machine_unseen_violation(struct exec *exec, const char *what)
{
	machine_violation(exec, what);
	machine_notes(exec)->unseen = true;
	return false;
}

/* Code */

static bool inside(struct exec *exec, const struct chunk *chunk, term address, uint64_t *offset)
{
	term difference = exec_distance(exec->options->machine, exec->tc, address, chunk->base);

	*offset = term_is_const(difference) ? term_value(difference) : UINT64_MAX;
	return *offset < chunk->size;
}

/* What the emitter chose without a branch is still a choice in its bytes: one that its path has
 * decided. */
static term settle_choices(struct simulation *s, term word)
{
	struct term_list all = {0};
	struct term_map *map = term_map_new();

	term_subterms(1, &word, &all);
	for (size_t i = 0; i < all.count; i++) {
		term way = all.at[i]->op == TERM_ITE ? machine_decided(s, all.at[i]->arg[0]) : NULL;

		if (way)
			term_map_put(map, all.at[i]->arg[0], way);
	}
	word = term_substitute(s->proof->tc, word, map);
	term_map_free(map);
	term_list_free(&all);
	return word;
}

/* A field of the opcode that comes from an immediate, which on this path can't have it otherwise.
 */
static term settle(struct exec *exec, term field, void *user)
{
	struct simulation *s = user;

	for (unsigned i = 0; i < field->width; i++) {
		term bit = bv_extract(exec->tc, i, i, field), way;
		term mask = bv_const(exec->tc, field->width, (uint64_t)1 << i);

		if (term_is_const(bit))
			continue;
		way = machine_decided(s, term_eq(exec->tc, bit, bv_const(exec->tc, 1, 1)));
		if (!way)
			return field;
		field = term_is_true(way) ? bv_or(exec->tc, field, mask)
		                          : bv_and(exec->tc, field, bv_not(exec->tc, mask));
	}
	return field;
}

static term fetch(struct exec *exec, term address, unsigned bytes, void *user)
{
	struct simulation *s = user;
	term part[16];
	uint64_t offset;

	for (unsigned i = 0; i < s->chunks; i++) {
		if (!inside(exec, &s->chunk[i], address, &offset))
			continue;
		if (offset + bytes > s->chunk[i].size)
			break;
		for (unsigned j = 0; j < bytes; j++)
			part[bytes - 1 - j] = s->chunk[i].byte[offset + j];
		return settle_choices(s, bv_concat_n(exec->tc, bytes, part));
	}
	machine_violation(exec, "an instruction runs over the end of the code");
	return NULL;
}

/* Where jumps go */

term machine_relative(struct simulation *s, term t)
{
	return s->relative ? term_substitute(s->proof->tc, t, s->relative) : t;
}

term machine_place(struct simulation *s, term offset)
{
	term known = term_map_get(s->knowledge->addresses, offset);

	if (!known) {
		known = machine_relative(s, proof_address(s->proof, offset));
		term_map_put(s->knowledge->addresses, offset, known);
	}
	return known;
}

bool machine_is_resolved(struct simulation *s, term pc, term candidate)
{
	if (pc == candidate)
		return true;
	if (machine_differ(s, pc, candidate) ||
		!machine_follows(s, term_eq(s->proof->tc, pc, candidate)))
		return false;
	term_map_put(s->knowledge->resolved, pc, candidate);
	return true;
}

/* The place that a pc is, in its own words; NULL if it is none that is known. */
static term resolve(struct exec *exec, struct simulation *s, term pc)
{
	const struct emitter *e = &s->proof->emitter;
	term known = term_map_get(s->knowledge->resolved, pc);

	if (known)
		return known;
	for (unsigned i = 0; i < e->entries; i++) {
		term place = machine_place(s, e->table[i].offset);

		if (machine_is_resolved(s, pc, place))
			return place;
	}
	for (unsigned i = 0; i < JIT_LABELS && e->labels; i++) {
		term place =
			machine_place(s, bv_add_c(exec->tc, e->epilogue, (uint64_t)e->label[i]));

		if (e->label[i] >= 0 && machine_is_resolved(s, pc, place))
			return place;
	}
	return NULL;
}

/* Before each instruction */

static enum exec_at end(struct exec *exec, enum machine_end how, term place)
{
	machine_notes(exec)->end = how;
	machine_notes(exec)->place = place;
	return EXEC_END;
}

/* Has a store-conditional failed since that many steps? */
static bool has_failed(const struct exec *exec, uint64_t steps)
{
	for (size_t i = 0; i < exec->conditions.count; i++) {
		term condition = exec->conditions.at[i];
		unsigned long long step;

		if (condition->op == TERM_NOT && condition->arg[0]->op == TERM_VAR &&
			sscanf(condition->arg[0]->name, "sc_succeeds%llu", &step) == 1 &&
			step >= steps)
			return true;
	}
	return false;
}

/* Back at a place where the machine was in this very state. After a store-conditional that failed,
 * that is fine: that the hardware lets one succeed in the end is its manual's promise, and not
 * proved here. */
static bool is_repeated(struct exec *exec, uint64_t offset, bool *retry)
{
	struct machine_notes *notes = machine_notes(exec);
	size_t size = exec->options->machine->size;
	bool backward = offset < notes->offset, same;

	notes->offset = offset;
	if (!backward || size > sizeof(notes->loop))
		return false;
	same = notes->looped && memcmp(notes->loop, exec->state.machine, size) == 0;
	for (unsigned i = 0; i <= OBJECT_HELPERS; i++) {
		term now = i ? exec->state.object[i - 1].contents : notes->memory;

		same = same && notes->loop_memory[i] == now;
		notes->loop_memory[i] = now;
	}
	*retry = has_failed(exec, notes->loop_steps);
	notes->looped = true;
	notes->loop_steps = exec->state.steps;
	memcpy(notes->loop, exec->state.machine, size);
	return same;
}

/* Where the offset tables lead. Another instruction's out-of-line part is nobody else's to go to.
 */
static enum exec_at at_entry(
	struct exec *exec, struct simulation *s, const struct table_entry *entry)
{
	if (!entry->cold && s->straight)
		return machine_violation(
			exec, "code that is there twice jumps to what follows one of them");
	if (!entry->cold)
		return end(exec, END_TARGET, entry->pc);
	if (entry->pc != s->proof->world.pc || s->out_of_line)
		return machine_violation(
			exec, "a jump to an out-of-line part that isn't the instruction's own");
	return end(exec, END_COLD, entry->pc);
}

static enum exec_at leave(struct exec *exec, struct simulation *s, term pc)
{
	struct proof *proof = s->proof;
	const struct emitter *e = &proof->emitter;
	const struct access_stub *stub;
	term place;
	int kind;

	if (pc == machine_code_at(proof, proof->world.find))
		return machine_call_find(exec, proof);
	if (machine_is_helper(exec, s, pc))
		return machine_call_helper(exec, proof);
	if (pc == machine_code_at(proof, machine_c_register(proof, e->map->link)))
		return end(exec, END_EXIT, NULL);
	if ((s->claim == CLAIM_ACCESS || s->claim == CLAIM_DIVIDE) &&
		pc == machine_code_at(proof, machine_stub_return(proof)))
		return end(exec, END_RETURN, NULL);
	if (term_is_value(machine_distance(proof, pc, s->chunk[0].base), s->chunk[0].size))
		return s->out_of_line ? machine_violation(exec,
						"code out of line goes on into what follows it")
		                      : end(exec, END_NEXT, NULL);
	place = resolve(exec, s, pc);
	if (!place)
		return machine_violation(exec, "a jump to where no code is known");
	stub = machine_stub_at(exec, s, place);
	if (stub)
		return machine_call_access_stub(exec, s, stub);
	kind = machine_divide_stub_at(s, place);
	if (kind >= 0)
		return machine_call_divide_stub(exec, s, kind);
	for (unsigned i = 0; i < e->entries; i++)
		if (place == machine_place(s, e->table[i].offset))
			return at_entry(exec, s, &e->table[i]);
	if (pc == place)
		return machine_violation(exec, "a jump to a stub whose code is missing");
	exec->options->machine->set_pc(exec->state.machine, place);
	return EXEC_LOOK;
}

/* The loop's head is where the machine goes back to while it knows how many rounds are left. */
static bool is_at_head(struct exec *exec, struct simulation *s, uint64_t offset)
{
	struct machine_notes *notes = machine_notes(exec);
	struct division *d = s->division;
	term count = get_register(exec, s->proof->emitter.map->divide->count);
	bool backward = offset < notes->offset;

	if (!d->searching)
		return d->found && offset == d->head &&
		       (d->round == DIVIDE_ENTRY || exec->state.steps > 0);
	notes->offset = offset;
	if (!backward || !term_is_const(count))
		return false;
	d->head = offset;
	return d->found = true;
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct simulation *s = user;
	term pc = exec->options->machine->pc(exec->state.machine);
	const struct access_stub *stub;
	uint64_t offset;
	bool retry;

	if (s->claim == CLAIM_DIVIDE && inside(exec, &s->chunk[0], pc, &offset) &&
		is_at_head(exec, s, offset))
		return end(exec, END_HEAD, NULL);
	machine_recognise_constants(exec, s);
	if (machine_notes(exec)->accesses.count > 0)
		machine_notes(exec)->unmasked |= machine_is_unmasked(exec, s);
	/* Stubs that are used by their contract are not entered, even where their code is at hand.
	 */
	stub = s->chunks > 1 ? machine_stub_at(exec, s, pc) : NULL;
	if (stub)
		return machine_call_access_stub(exec, s, stub);
	for (unsigned i = 0; i < s->chunks; i++)
		if (inside(exec, &s->chunk[i], pc, &offset)) {
			if (i != 0 || !is_repeated(exec, offset, &retry))
				return EXEC_STEP;
			end(exec, END_RETRY, NULL);
			return retry ? EXEC_END : machine_violation(exec, "a loop without an end");
		}
	return leave(exec, s, pc);
}

enum { COUNTEREXAMPLES_MAX = 8 };

/* A counterexample that no machine can show, as where the stack is around address 0, is one. But
 * another path, or the same with other registers, may have one that can be seen. */
static bool looks_on(const struct simulation *s)
{
	const struct proof *proof = s->proof;

	return proof->report->verdict == VERDICT_REFUTED && !proof->shown_by_machine &&
	       proof->counterexamples < COUNTEREXAMPLES_MAX;
}

static bool path(struct exec *exec, enum exec_end how, void *user)
{
	struct simulation *s = user;

	if (s->claim == CLAIM_DIVIDE && s->division->searching)
		return true;
	if (how == EXEC_STOPPED)
		return compare_stopped(s, exec) || looks_on(s);
	if (machine_notes(exec)->end == END_RETRY)
		return true;
	return compare_end(s, exec) || looks_on(s);
}

bool simulate(struct simulation *s)
{
	const struct refinement *map = s->proof->emitter.map;
	const struct exec_options options = {
		.machine = map->machine, .max_steps = 1000, .max_paths = 1000, .lazy = true};
	const struct exec_client client = {.user = s,
		.setup = machine_start,
		.at = at,
		.fetch = fetch,
		.settle = settle,
		.load = machine_load,
		.store = machine_store,
		.path = path};

	exec_run(s->proof->tc, s->proof->checker, &options, &client);
	s->proof->report->runs++;
	return s->proof->report->verdict == VERDICT_PROVED || looks_on(s);
}
