/* SPDX-License-Identifier: MIT */
/*
 * Constants: an operand that the code has put together in a register, field by field, is the
 * operand again.
 */
#include "prover/theorem/machine.h"

enum { OPERANDS_MAX = 6 };

/* What an instruction can have made a register hold without looking at another one. */
static unsigned operands(struct simulation *s, term operand[OPERANDS_MAX])
{
	struct terms *tc = s->proof->tc;
	unsigned n = 0, width = 8 * s->proof->emitter.map->word;

	operand[n++] = bv_zext(tc, width, s->proof->world.pc);
	if (s->insn) {
		operand[n++] = bv_sext(tc, width, s->insn->off);
		if (width == 32)
			operand[n++] = bv_neg(tc, bv_sext(tc, 32, s->insn->off));
		operand[n++] = bv_sext(tc, width, s->insn->imm);
		operand[n++] =
			width == 64 ? bv_zext(tc, 64, s->insn->imm) : bv_neg(tc, s->insn->imm);
	}
	if (s->insn && s->insn->imm2)
		operand[n++] =
			width == 64 ? bv_concat(tc, s->insn->imm2, s->insn->imm) : s->insn->imm2;
	return n;
}

/* Where the code starts, put together from where an instruction is. */
static bool is_start_of_code(struct simulation *s, term value)
{
	term code = machine_word(s->proof, s->proof->code);

	return term_share_variables(value, code) && !machine_differ(s, value, code) &&
	       machine_follows(s, term_eq(s->proof->tc, value, code));
}

static term constant_of(struct simulation *s, term value);

static term known_constant(struct simulation *s, term value)
{
	term constant = term_map_get(s->knowledge->constants, value);

	if (!constant) {
		constant = constant_of(s, value);
		term_map_put(s->knowledge->constants, value, constant);
	}
	return constant;
}

/* An address: a BPF register, or its distance from the context, and a constant. */
static term displaced(struct simulation *s, term value, const term *operand, unsigned n)
{
	struct terms *tc = s->proof->tc;
	const struct world *w = &s->proof->world;

	if (!s->insn || !term_share_variables(value, s->insn->off))
		return value;
	for (unsigned i = 0; i < 4; i++) {
		term base = w->r[i & 1 ? s->insn->dst : s->insn->src], rest;

		base = machine_word(s->proof, i & 2 ? bv_sub(tc, base, w->context) : base);
		rest = bv_sub(tc, value, base);
		if (!term_made_of(rest, n, operand))
			continue;
		return bv_add(tc, base, known_constant(s, rest));
	}
	return value;
}

static term constant_of(struct simulation *s, term value)
{
	struct terms *tc = s->proof->tc;
	term operand[OPERANDS_MAX];
	unsigned n = operands(s, operand);

	if (is_start_of_code(s, value))
		return machine_word(s->proof, s->proof->code);
	if (!term_made_of(value, n, operand))
		return displaced(s, value, operand, n);
	for (unsigned i = 0; i < n; i++)
		if (value == operand[i] ||
			(!machine_differ(s, value, operand[i]) &&
				machine_follows(s, term_eq(tc, value, operand[i]))))
			return operand[i];
	return value;
}

/* An operand that the code has put together in a register, field by field, becomes the operand
 * again. */
void machine_recognise_constants(struct exec *exec, struct simulation *s)
{
	for (unsigned n = 0; n < exec->options->machine->registers; n++) {
		term value = get_register(exec, n), constant;

		if (!value || value->op == TERM_VAR || term_is_const(value))
			continue;
		constant = known_constant(s, value);
		if (constant != value)
			set_register(exec, n, constant);
	}
}
