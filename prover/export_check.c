/* SPDX-License-Identifier: MIT */
/*
 * The checker's test of one instruction, as gcc compiled it, as Coq: check_insn of src/vm/check.c
 * is run by the executor for each of the 256 opcodes, on any fields, pc and program, and its
 * paths become a tree of conditions with the status that is returned at the leaves.
 *
 * The executor also makes sure that every access lies in the program's slots, in the table of
 * helpers, or in what the binary has read-only: if not, the export fails.
 */
#include "prover/exec/exec.h"
#include "prover/export_coq.h"

#include "isa/isa.h"

#include <string.h>

enum { WAYS_MAX = 256 };
enum { RETURN = 0x10000000, STACK = 0x20000000, STACK_SIZE = 0x1000, PROGRAM = 0x31000000 };

struct checker {
	FILE *out;
	struct terms *tc;
	struct solver *solver;
	const struct image *image;
	unsigned opcode;
	term pc, count, nhelpers; /* 32, 32, 64 bits */
	term slot[2];             /* 64 bits: at pc and after it */
	struct way {
		struct term_list conditions;
		term status; /* 32 bits */
	} way[WAYS_MAX];
	unsigned ways;
	bool ok;
};

static term slot(struct terms *tc, term opcode, const char *const names[4])
{
	const term field[] = {bv_var(tc, names[0], 32), bv_var(tc, names[1], 16),
		bv_var(tc, names[2], 4), bv_var(tc, names[3], 4), opcode};

	return bv_concat_n(tc, 5, field);
}

/* A field of the two slots that are named, or the opcode of any other. */
static term load_slot(struct exec *exec, term offset, unsigned bytes)
{
	struct checker *c = exec->client->user;
	struct terms *tc = exec->tc;
	term here = bv_shl_c(tc, bv_zext(tc, 64, c->pc), 3), from = bv_sub(tc, offset, here);
	term index = bv_lshr_c(tc, offset, 3);

	if (term_is_const(from) && term_value(from) < 16) {
		unsigned at = (unsigned)term_value(from);

		if (at % 8 + bytes <= 8)
			return bv_extract(
				tc, 8 * (at % 8 + bytes) - 1, 8 * (at % 8), c->slot[at / 8]);
	} else if (bytes == 1 && term_is_value(bv_extract(tc, 2, 0, offset), 0)) {
		return term_apply(tc, "opcode_at", SORT_BV, 8, 1, &index);
	}
	model_stop(&exec->env, "a load of %u bytes from the program that isn't foreseen", bytes);
	return NULL;
}

static term load_helper(struct exec *exec, term offset, unsigned bytes)
{
	term index = bv_lshr_c(exec->tc, offset, 3);

	if (bytes == 8 && term_is_value(bv_extract(exec->tc, 2, 0, offset), 0))
		return term_apply(exec->tc, "helper_at", SORT_BV, 64, 1, &index);
	model_stop(&exec->env, "a load of %u bytes from the table of helpers", bytes);
	return NULL;
}

static term program_bytes(struct checker *c)
{
	struct terms *tc = c->tc;
	term bytes = mem_var(tc, "program");

	bytes = mem_write(tc, bytes, bv_const(tc, 64, offsetof(struct vouch_program, insns)), 8,
		bv_var(tc, "insns", 64));
	return mem_write(
		tc, bytes, bv_const(tc, 64, offsetof(struct vouch_program, count)), 4, c->count);
}

static void setup(struct exec *exec, void *user)
{
	struct checker *c = user;
	struct terms *tc = exec->tc;
	struct rv *rv = exec_rv(exec);

	exec_object_add(exec, (struct exec_object){.name = "instructions",
				      .base = bv_var(tc, "insns", 64),
				      .size = bv_shl_c(tc, bv_zext(tc, 64, c->count), 3),
				      .permissions = OBJECT_READ,
				      .indexed = true,
				      .load = load_slot});
	exec_object_add(exec, (struct exec_object){.name = "helpers",
				      .base = bv_var(tc, "helpers", 64),
				      .size = bv_shl_c(tc, c->nhelpers, 3),
				      .permissions = OBJECT_READ,
				      .indexed = true,
				      .load = load_helper});
	exec_object_add(exec, (struct exec_object){.name = "program",
				      .base = bv_const(tc, 64, PROGRAM),
				      .size = bv_const(tc, 64, sizeof(struct vouch_program)),
				      .permissions = OBJECT_READ,
				      .contents = program_bytes(c)});
	exec_object_add(exec, (struct exec_object){.name = "stack",
				      .base = bv_const(tc, 64, STACK - STACK_SIZE),
				      .size = bv_const(tc, 64, STACK_SIZE),
				      .permissions = OBJECT_READ | OBJECT_WRITE,
				      .contents = mem_var(tc, "stack")});
	/* C's convention, RISC-V psABI: uint32_t is sign-extended. */
	rv->pc = bv_const(tc, 64, image_address(c->image, "check_one"));
	rv->x[1] = bv_const(tc, 64, RETURN);
	rv->x[2] = bv_const(tc, 64, STACK);
	rv->x[10] = bv_const(tc, 64, PROGRAM);
	rv->x[11] = bv_sext(tc, 64, c->pc);
	rv->x[12] = bv_var(tc, "helpers", 64);
	rv->x[13] = c->nhelpers;
}

static enum exec_at at(struct exec *exec, void *user)
{
	(void)user;
	return term_is_value(exec_rv(exec)->pc, RETURN) ? EXEC_END : EXEC_STEP;
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct checker *c = user;
	struct way *way = &c->way[c->ways];

	if (end != EXEC_ENDED) {
		fprintf(stderr, "export: opcode 0x%02x: %s\n", c->opcode, exec->env.reason);
		return c->ok = false;
	}
	if (c->ways == WAYS_MAX) {
		fprintf(stderr, "export: opcode 0x%02x: too many paths\n", c->opcode);
		return c->ok = false;
	}
	c->ways++;
	way->status = bv_extract(exec->tc, 31, 0, exec_rv(exec)->x[10]);
	for (size_t i = 0; i < exec->conditions.count; i++)
		term_list_add(&way->conditions, exec->conditions.at[i]);
	return true;
}

static term condition(const struct checker *c, unsigned way, size_t depth)
{
	const struct term_list *list = &c->way[way].conditions;

	return depth < list->count ? list->at[depth] : NULL;
}

/*
 * Paths `from` up to `to`, which have their first `depth` conditions in common. They come in the
 * order of a tree: those with one more condition in common first, then those with its contrary. Not
 * so is a failure; where one of them is missing, no path leads.
 */
static bool print_tree(struct checker *c, unsigned from, unsigned to, size_t depth)
{
	term first = from < to ? condition(c, from, depth) : NULL;
	unsigned middle = from;

	if (from == to) {
		fputs("no_path", c->out);
		return true;
	}
	if (!first) {
		term_print_coq(c->out, c->way[from].status);
		return to == from + 1;
	}
	while (middle < to && condition(c, middle, depth) == first)
		middle++;
	for (unsigned i = middle; i < to; i++)
		if (condition(c, i, depth) != bool_not(c->tc, first))
			return false;
	fputs("if ", c->out);
	term_print_coq(c->out, first);
	fputs(" then ", c->out);
	if (!print_tree(c, from, middle, depth + 1))
		return false;
	fputs("\n  else ", c->out);
	return print_tree(c, middle, to, depth + 1);
}

/* What vouch_check() has seen to, and what a host may give. */
static void assume(struct checker *c)
{
	struct terms *tc = c->tc;
	term most = bv_const(tc, 64, (uint64_t)1 << 60);

	c->pc = bv_zext(tc, 32, bv_var(tc, "pc", 24));
	c->count = bv_zext(tc, 32, bv_var(tc, "slots", 25));
	c->nhelpers = bv_var(tc, "nhelpers", 64);
	solver_assert(c->solver, bv_ult(tc, c->pc, c->count));
	solver_assert(c->solver, bv_ule(tc, c->count, bv_const(tc, 32, VOUCH_INSNS_MAX)));
	solver_assert(c->solver, bool_or(tc, bv_ult(tc, c->nhelpers, most),
					 term_eq(tc, c->nhelpers, bv_const(tc, 64, UINT64_MAX))));
}

static bool export_opcode(struct checker *c)
{
	static const char *const first[] = {"imm", "off", "src", "dst"};
	static const char *const second[] = {"imm2", "off2", "src2", "dst2"};
	const struct exec_options options = {.machine = &machine_rv64, .image = c->image};
	const struct exec_client client = {.user = c, .setup = setup, .at = at, .path = path};

	c->tc = terms_new(TERMS_REWRITE);
	c->solver = solver_new(NULL);
	c->slot[0] = slot(c->tc, bv_const(c->tc, 8, c->opcode), first);
	c->slot[1] = slot(c->tc, bv_var(c->tc, "opcode2", 8), second);
	assume(c);
	fprintf(c->out, "Definition check_%02x (w : checkable) (dst src off imm pc : Z) : Z :=\n  ",
		c->opcode);
	c->ways = 0;
	exec_run(c->tc, c->solver, &options, &client);
	if (c->ok && !print_tree(c, 0, c->ways, 0)) {
		fprintf(stderr, "export: opcode 0x%02x: the paths are no tree\n", c->opcode);
		c->ok = false;
	}
	fputs(".\n\n", c->out);
	for (unsigned i = 0; i < c->ways; i++)
		term_list_free(&c->way[i].conditions);
	memset(c->way, 0, sizeof(c->way));
	solver_free(c->solver);
	terms_free(c->tc);
	return c->ok;
}

/* A status of the checker's, as a number of its name. */
static void export_statuses(FILE *out)
{
#define STATUS(name) fprintf(out, "Definition " #name " := %d.\n", (int)VOUCH_##name)
	STATUS(OK);
	STATUS(BAD_OPCODE);
	STATUS(BAD_REGISTER);
	STATUS(BAD_RESERVED);
	STATUS(BAD_JUMP);
	STATUS(BAD_JUMP_MIDDLE);
	STATUS(BAD_END);
	STATUS(BAD_WIDE);
	STATUS(BAD_HELPER);
	STATUS(BAD_RELOCATION);
	STATUS(BAD_SIZE);
#undef STATUS
	fputc('\n', out);
}

static void export_dispatch(FILE *out)
{
	fputs("Definition compiled_check (opcode : Z) : checkable -> Z -> Z -> Z -> Z -> Z -> Z "
	      ":=\n"
	      "  match opcode with\n",
		out);
	for (unsigned opcode = 0; opcode < 256; opcode++)
		fprintf(out, "  | %u => check_%02x\n", opcode, opcode);
	fputs("  | _ => fun _ _ _ _ _ _ => no_path\n  end.\n", out);
}

int export_check(FILE *out, const char *elf)
{
	char error[160];
	struct image *image = image_read(elf, error, sizeof(error));
	struct checker c = {.out = out, .image = image, .ok = true};

	if (!image || !image_address(image, "check_one")) {
		fprintf(stderr, "export: %s: %s\n", elf, image ? "no check_one" : error);
		image_free(image);
		return -1;
	}
	fputs("(* Written from the compiled src/vm/check.c by build/prover/export_coq; don't edit. "
	      "*)\n"
	      "From Coq Require Import ZArith Bool.\n"
	      "From Vouch Require Import Bits.\n"
	      "Open Scope Z_scope.\n\n",
		out);
	export_statuses(out);
	for (c.opcode = 0; c.opcode < 256 && c.ok; c.opcode++)
		export_opcode(&c);
	export_dispatch(out);
	image_free(image);
	return c.ok ? 0 : -1;
}
