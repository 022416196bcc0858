/* SPDX-License-Identifier: MIT */
/* See group.h. The context may have any size, and be writable or not. */
#include "prover/theorem/group.h"

#include "prover/theorem/simulate.h"

term group_has(struct terms *tc, term from, unsigned lg, term off, unsigned bytes)
{
	return bool_and(tc, bv_sle(tc, from, off),
		bv_sle(tc, bv_add_c(tc, off, bytes), bv_add_c(tc, from, (uint64_t)1 << lg)));
}

struct lemma {
	const struct prove_options *options;
	struct report *report;
	unsigned lg, own; /* of the group, of the access */
	bool write, own_write;
};

static void judge(const struct lemma *l, struct terms *tc, term claim, int distance)
{
	struct solver *solver = solver_new(&l->options->solver);
	enum solver_result result = solver_implied(solver, tc, claim);

	l->report->paths++;
	l->report->queries++;
	if (result == SOLVER_SAT)
		report_refuted(l->report,
			"a test to %s %u bytes doesn't cover an access to %s %u of them, %d on",
			l->write ? "write" : "read", 1u << l->lg, l->own_write ? "write" : "read",
			1u << l->own, distance);
	else if (result != SOLVER_UNSAT)
		report_unknown(l->report, "a test of %u bytes, an access to %u, %d on: %s",
			1u << l->lg, 1u << l->own, distance, solver_reason(solver));
	solver_free(solver);
}

/* vouch_set_context(): where an access of 2^lg bytes may start is below this offset. */
static term limit(struct terms *tc, unsigned lg, bool write)
{
	term size = bv_var(tc, "size", 64), writable = bool_var(tc, "writable");
	term room = bv_add_c(tc, size, (uint64_t)1 - ((uint64_t)1 << lg));
	term fits = bv_ule(tc, bv_const(tc, 64, (uint64_t)1 << lg), size);

	return term_ite(tc, write ? bool_and(tc, fits, writable) : fits, room, bv_const(tc, 64, 0));
}

/* An access starts less than eight bytes after its group; and for each of these distances … */
static void prove_lemma(const struct lemma *l)
{
	struct terms *tc = terms_new(TERMS_REWRITE);
	int last = (1 << l->lg) - (1 << l->own);
	term off = bv_sext(tc, 64, bv_var(tc, "off", 16));
	term from = bv_sext(tc, 64, bv_var(tc, "group_off", 16));
	term start = bv_var(tc, "start", 64), distances = bool_const(tc, false);

	for (int d = 0; d <= last; d++)
		distances =
			bool_or(tc, distances, term_eq(tc, off, bv_add_c(tc, from, (uint64_t)d)));
	judge(l, tc,
		bool_implies(tc,
			group_has(tc, bv_trunc(tc, 32, from), l->lg, bv_trunc(tc, 32, off),
				1u << l->own),
			distances),
		0);
	for (int d = 0; d <= last; d++)
		judge(l, tc,
			bool_implies(tc, bv_ult(tc, start, limit(tc, l->lg, l->write)),
				bv_ult(tc, bv_add_c(tc, start, (uint64_t)d),
					limit(tc, l->own, l->own_write))),
			d);
	terms_free(tc);
}

void group_prove(const struct prove_options *options, struct report *report)
{
	for (unsigned lg = 0; lg <= 3; lg++)
		for (unsigned own = 0; own <= lg; own++)
			for (unsigned way = 0; way < 3 && report->verdict == VERDICT_PROVED;
				way++) {
				/* To read, to write, and a read where the test is for writing. */
				const struct lemma l = {
					options, report, lg, own, way > 0, way == 1};

				prove_lemma(&l);
			}
}
