/* SPDX-License-Identifier: MIT */
/*
 * What the prover's theorems say of the surroundings of a step, as Coq: prover/theorem/world.c's
 * conditions on which an access is permitted and on which there is a frame more or a caller, over
 * the vm's fields.
 */
#include "prover/export_coq.h"
#include "prover/theorem/world.h"

static const char *const fields =
	"(context limit stack_top depth last_depth : Z) (region_find : Z -> Z -> Z -> bool)";

static void export_permitted(FILE *out, const struct world *w, unsigned lg, bool write)
{
	term address = bv_var(w->tc, "a", 64);

	fprintf(out,
		"Definition permitted_%s%u %s (a : Z) : bool :=\n  let limit_%c%u := limit in ",
		write ? "write" : "read", 1u << lg, fields, write ? 'w' : 'r', lg);
	term_print_coq(out, world_permitted(w, address, 1u << lg, write));
	fputs(".\n\n", out);
}

static void export_condition(FILE *out, const char *name, term condition)
{
	fprintf(out, "Definition %s %s : bool :=\n  ", name, fields);
	term_print_coq(out, condition);
	fputs(".\n\n", out);
}

int export_world(FILE *out)
{
	struct world w;
	struct terms *tc = terms_new(TERMS_RAW);

	world_init(&w, tc, 8);
	fputs("(* Written from prover/theorem/world.c by build/prover/export_coq; don't edit. *)\n"
	      "From Coq Require Import ZArith Bool.\n"
	      "From Vouch Require Import Bits.\n"
	      "Open Scope Z_scope.\n\n",
		out);
	for (unsigned write = 0; write < 2; write++)
		for (unsigned lg = 0; lg < 4; lg++)
			export_permitted(out, &w, lg, write != 0);
	export_condition(out, "has_room", world_has_room(&w));
	export_condition(out, "has_caller", world_has_caller(&w));
	world_free(&w);
	terms_free(tc);
	return 0;
}
