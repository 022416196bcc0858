/* SPDX-License-Identifier: MIT */
/*
 * The program's memory, as the machine touches it: each access is remembered, by its address in the
 * step's words where that can be told.
 */
#include "prover/theorem/machine.h"

#include "prover/theorem/rows.h"

/* What may be accessed ends below 4 GiB: a lemma of any address, asked once. */
void machine_grant(
	struct exec *exec, struct simulation *s, const struct access_stub *stub, term address)
{
	struct terms *tc = exec->tc;
	const struct world *w = &s->proof->world;
	term any = bv_var(tc, "any_address", 64), claim;

	if (w->word == 8)
		return;
	claim = bool_implies(tc, world_permitted(w, any, stub->bytes, stub->write),
		bv_ule(tc, any, bv_const(tc, 64, ((uint64_t)1 << 32) - stub->bytes)));
	if (!machine_lemma_of_world(s->proof, claim))
		return;
	machine_notes(exec)->granted = address;
	machine_notes(exec)->granted_bytes = stub->bytes;
}

/* Is this `by` bytes on in what was granted? Then neither sum wraps around. */
static bool is_granted(struct exec *exec, term start, uint64_t by, term address)
{
	const struct machine_notes *notes = machine_notes(exec);

	return notes->granted == start && by < notes->granted_bytes &&
	       term_is_value(bv_extract(exec->tc, 63, 32, address), 0);
}

/*
 * An address of 32 bits, or one that is put together of two registers, in the words of BPF's step,
 * which has 64 bits: if they are the same on this path.
 */
term machine_as_step_has_it(struct exec *exec, struct simulation *s, term address)
{
	struct machine_notes *notes = machine_notes(exec);
	term of_insn = exec->options->machine->width == 32 ? machine_address_of_insn(s) : NULL;
	term by, same, claim;

	if (!of_insn || address == of_insn)
		return address;
	for (unsigned i = 0; i < notes->addresses; i++)
		if (notes->address[i].machine == address)
			return notes->address[i].step;
	by = bv_sub(exec->tc, bv_trunc(exec->tc, 32, address), bv_trunc(exec->tc, 32, of_insn));
	if (!term_is_const(by))
		return address;
	same = bv_add_c(exec->tc, of_insn, term_value(by));
	claim = term_eq(exec->tc, address, same);
	if (!is_granted(exec, of_insn, term_value(by), address) &&
		!machine_lemma_on_path(s, &exec->conditions, claim) && !exec_implied(exec, claim))
		return address;
	if (notes->addresses < STEP_ADDRESSES_MAX) {
		notes->address[notes->addresses].machine = address;
		notes->address[notes->addresses++].step = same;
	}
	return same;
}

static bool is_atomic(const struct simulation *s)
{
	return s->insn && s->insn->op >= OP_atomic_add64 && s->insn->op <= OP_atomic_cmpxchg32;
}

/* An access of a BPF atomic that others may come after, on a machine that says so. */
static bool is_interruptible(const struct exec *exec, const struct simulation *s)
{
	return exec->options->machine->marks_atomic && !exec->env.atomic && is_atomic(s);
}

/* Where an atomic masks interrupts: are they? */
bool machine_is_unmasked(const struct exec *exec, const struct simulation *s)
{
	return exec->options->machine == &machine_thumb2 && is_atomic(s) &&
	       !term_is_true(((const struct thumb2 *)exec->state.machine)->primask);
}

term machine_load(struct exec *exec, term address, unsigned bytes, void *user)
{
	struct machine_notes *notes = machine_notes(exec);

	address = machine_as_step_has_it(exec, user, address);
	if (!access_log_add(&notes->accesses, address, bytes, false)) {
		machine_unseen_violation(exec, "more accesses than any step makes");
		return NULL;
	}
	if (notes->unmasked || machine_is_unmasked(exec, user)) {
		machine_unseen_violation(exec, "an atomic that an interrupt may come into");
		return NULL;
	}
	if (!is_interruptible(exec, user)) {
		if (notes->seen && !notes->others_at)
			notes->others_at = exec->options->machine->pc(exec->state.machine);
		return mem_load(exec->tc, notes->memory, address, bytes);
	}
	notes->seen = bv_var(exec->tc, "seen_before_others", 8 * bytes);
	notes->seen_at = address;
	return notes->seen;
}

bool machine_store(struct exec *exec, term address, unsigned bytes, term value, void *user)
{
	struct machine_notes *notes = machine_notes(exec);

	address = machine_as_step_has_it(exec, user, address);
	if (!access_log_add(&notes->accesses, address, bytes, true))
		return machine_unseen_violation(exec, "more accesses than any step makes");
	if (notes->unmasked || machine_is_unmasked(exec, user))
		return machine_unseen_violation(exec, "an atomic that an interrupt may come into");
	if (is_interruptible(exec, user))
		return machine_unseen_violation(exec, "an atomic that others may come into");
	notes->memory = mem_write(exec->tc, notes->memory, address, bytes, value);
	return true;
}
