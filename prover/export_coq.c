/* SPDX-License-Identifier: MIT */
/*
 * Runs prover/model/bpf.c on symbolic operands and writes what it did as Coq: for each instruction
 * one definition, a tree of the conditions that the model branched on with the outcome of each path
 * at its leaves. Arithmetic, byte order and jumps; those have no surroundings but fuel.
 *
 * The terms are raw: each operator is one that the model's C code asked for. So the Coq proof is
 * about bpf.c alone; what rewriting makes of the terms is checked rule by rule elsewhere.
 */
#include "prover/export_coq.h"
#include "prover/model/bpf.h"

enum { DST = 1, SRC = 2, DECISIONS_MAX = 8 };

/* The choices of one path, made before (the first `given`) or on the way (true, so far). */
struct path {
	unsigned given, taken;
	bool way[DECISIONS_MAX];
	term condition[DECISIONS_MAX];
};

struct exporter {
	FILE *out;
	struct terms *tc;
	const char *name;
	struct bpf_insn insn;
};

static int choose(struct model_env *env, term condition)
{
	struct path *path = env->user;

	if (path->taken == DECISIONS_MAX) {
		model_stop(env, "more than %d decisions", DECISIONS_MAX);
		return -1;
	}
	if (path->taken >= path->given)
		path->way[path->taken] = true;
	path->condition[path->taken] = condition;
	return path->way[path->taken++];
}

static bool fail(const struct exporter *ex, const char *why)
{
	fprintf(stderr, "export: %s: %s\n", ex->name, why);
	return false;
}

static struct bpf start(struct exporter *ex, struct bpf_env *env)
{
	struct bpf bpf = {.env = env};
	char name[8];

	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		bpf.r[i] = bv_var(ex->tc, i == DST ? "d" : i == SRC ? "s" : name, 64);
	}
	bpf.pc = bv_var(ex->tc, "pc", 32);
	bpf.fuel = bv_var(ex->tc, "fuel", 64);
	return bpf;
}

/* Every register but dst must be the term that it was. */
static bool print_outcome(
	struct exporter *ex, const struct bpf *before, const struct bpf *after, bool goes_on)
{
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		if (after->r[i] != before->r[i] && (i != DST || !goes_on))
			return fail(ex, "a register has changed that may not");
	if (!goes_on) {
		if (after->status != VOUCH_FAULT_FUEL)
			return fail(ex, "a fault that isn't fuel's");
		if (after->pc != before->pc || after->fuel != before->fuel)
			return fail(ex, "a fault has changed pc or fuel");
		fputs("NoFuel", ex->out);
		return true;
	}
	fputs("Goes ", ex->out);
	term_print_coq(ex->out, after->r[DST]);
	fputc(' ', ex->out);
	term_print_coq(ex->out, after->pc);
	fputc(' ', ex->out);
	term_print_coq(ex->out, after->fuel);
	return true;
}

/*
 * The tree below the first `given` decisions. The path that says yes to all that follows tells
 * which they are; the other branches come after it, innermost first.
 */
static bool print_tree(struct exporter *ex, struct path path)
{
	struct model_env model = {.tc = ex->tc, .user = &path, .branch = choose};
	struct bpf_env env = {.model = &model};
	struct bpf before = start(ex, &env), after = before;
	unsigned given = path.given;
	enum bpf_result result;

	path.taken = 0;
	result = bpf_step(&after, &ex->insn);
	if (result == BPF_STOPPED)
		return fail(ex, model.reason[0] ? model.reason : "the model stopped");
	for (unsigned i = given; i < path.taken; i++) {
		fputs("if ", ex->out);
		term_print_coq(ex->out, path.condition[i]);
		fputs(" then ", ex->out);
	}
	if (!print_outcome(ex, &before, &after, result == BPF_NEXT))
		return false;
	for (unsigned i = path.taken; i-- > given;) {
		struct path other = path;

		other.way[i] = false;
		other.given = i + 1;
		fputs("\n  else ", ex->out);
		if (!print_tree(ex, other))
			return false;
	}
	return true;
}

static bool export_insn(struct exporter *ex, enum vouch_op op, unsigned src)
{
	ex->insn = (struct bpf_insn){
		.op = op,
		.dst = DST,
		.src = src,
		.off = bv_var(ex->tc, "off", 16),
		.imm = bv_var(ex->tc, "k", 32),
	};
	fprintf(ex->out, "Definition bpf_%s%s (d s k off pc fuel : Z) : exported :=\n  ", ex->name,
		src == DST ? "_same" : "");
	if (!print_tree(ex, (struct path){0}))
		return false;
	fputs(".\n\n", ex->out);
	return true;
}

static bool is_exported(enum vouch_op op)
{
	unsigned class = vouch_ops[op].opcode & 7;

	if (op == OP_call || op == OP_call_local || op == OP_callx || op == OP_exit)
		return false;
	return class == CLASS_ALU || class == CLASS_ALU64 || class == CLASS_JMP ||
	       class == CLASS_JMP32;
}

static const char *const names[OP_COUNT] = {
#define INSN(id, ...) [OP_##id] = #id,
#define ALSO(id, ...) [OP_##id] = #id,
#include "isa/opcodes.def"
};

int export_coq(FILE *out)
{
	struct exporter ex = {.out = out, .tc = terms_new(TERMS_RAW)};
	bool right = true;

	fputs("(* Written from prover/model/bpf.c by build/prover/export_coq; don't edit. *)\n"
	      "From Coq Require Import ZArith Bool.\n"
	      "From Vouch Require Import Bits.\n"
	      "Open Scope Z_scope.\n\n",
		out);
	for (unsigned op = 0; op < OP_COUNT && right; op++) {
		if (!is_exported(op))
			continue;
		ex.name = names[op];
		right = export_insn(&ex, op, SRC);
		if (right && vouch_ops[op].src != REG_NONE)
			right = export_insn(&ex, op, DST);
	}
	terms_free(ex.tc);
	return right ? 0 : -1;
}
