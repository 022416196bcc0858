/* SPDX-License-Identifier: MIT */
/* The rewriting rules as obligations: each is checked by the solver at several widths, and at
 * random. */
#include <stdlib.h>
#include <string.h>

#include "prover/term/rewrite.h"
#include "prover/theorem/theorem.h"

static bool at(const struct theorem *theorem, size_t index, struct obligation *o)
{
	if (index >= rewrite_rules())
		return false;
	*o = (struct obligation){
		.group = "rule", .target = "rewrite", .theorem = theorem, .which = (unsigned)index};
	snprintf(o->name, sizeof(o->name), "rewrite/%s", rewrite_name(index));
	return true;
}

static void prove(
	const struct obligation *o, const struct prove_options *options, struct report *report)
{
	static const enum verdict verdict[] = {[REWRITE_PROVED] = VERDICT_PROVED,
		[REWRITE_REFUTED] = VERDICT_REFUTED,
		[REWRITE_UNKNOWN] = VERDICT_UNKNOWN,
		[REWRITE_NOT_FIRED] = VERDICT_UNKNOWN};
	struct rewrite_report r;

	rewrite_check(o->which, 1, options->solver.timeout_ms, &r);
	*report = (struct report){
		.verdict = verdict[r.verdict], .runs = r.evaluations, .queries = r.solver_calls};
	if (options->explain)
		fprintf(options->explain, "%s: %s\n", rewrite_name(o->which),
			rewrite_text(o->which));
	if (r.verdict == REWRITE_NOT_FIRED)
		snprintf(report->reason, sizeof(report->reason),
			"an example at width %u to which the rule doesn't apply", r.width);
	else if (r.verdict != REWRITE_PROVED)
		snprintf(report->reason, sizeof(report->reason), "at width %u", r.width);
	report->text = r.detail;
}

const struct theorem theorem_rewrite = {"rewrite", at, prove};
