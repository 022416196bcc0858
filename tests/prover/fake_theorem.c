/* SPDX-License-Identifier: MIT */
/*
 * A theorem about nothing, in place of the real ones: obligations that end in every way that there
 * is, so that tests/prover/command.sh sees what vouch-prove makes of each. Those of target "many"
 * are as many as a real run will ever have. FAKE_TRACE in the environment shows the order.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prover/theorem/theorem.h"

enum { MANY = 2000 };

static void proved(struct report *r)
{
	*r = (struct report){.verdict = VERDICT_PROVED, .paths = 2, .runs = 3, .queries = 5};
}

static void slow(struct report *r)
{
	sleep(1);
	proved(r);
}

static void refuted(struct report *r)
{
	*r = (struct report){.verdict = VERDICT_REFUTED,
		.reason = "a \"register\" differs",
		.text = strdup("dst was 1, and is 2"),
		.replay = strdup("counterexample of fake/refuted\n")};
}

static void refused(struct report *r)
{
	*r = (struct report){.verdict = VERDICT_REFUTED, .reason = "the emitter refuses"};
}

static void unknown(struct report *r)
{
	*r = (struct report){.verdict = VERDICT_UNKNOWN, .reason = "the solver gave up"};
}

static void crash(struct report *r)
{
	(void)r;
	raise(SIGSEGV);
}

/* A library that ends the process as if all were well. */
static void leave(struct report *r)
{
	(void)r;
	_exit(0);
}

/* Nothing is said: must not count as proved. */
static void silent(struct report *r)
{
	(void)r;
}

static void hang(struct report *r)
{
	sleep(60);
	proved(r);
}

static const struct fake {
	const char *name, *group, *target;
	void (*prove)(struct report *r);
} fakes[] = {
	{"fake/proved", "good", "fake", proved},
	{"fake/slow", "good", "fake", slow},
	{"fakec/proved", "good", "fakec", proved},
	{"fake/refuted", "bad", "fake", refuted},
	{"fake/unknown", "bad", "fake", unknown},
	{"fake/crash", "dead", "fake", crash},
	{"fake/leave", "dead", "fake", leave},
	{"fake/silent", "dead", "fake", silent},
	{"hang/here", "bad", "hang", hang},
	{"refuse/refused", "bad", "refuse", refused},
};
enum { FAKES = sizeof(fakes) / sizeof(fakes[0]) };

static bool at(const struct theorem *theorem, size_t index, struct obligation *o)
{
	*o = (struct obligation){.theorem = theorem, .which = (unsigned)index};
	if (index < FAKES) {
		o->group = fakes[index].group;
		o->target = fakes[index].target;
		snprintf(o->name, sizeof(o->name), "%s", fakes[index].name);
		return true;
	}
	o->group = "many";
	o->target = "many";
	snprintf(o->name, sizeof(o->name), "many/%zu", index - FAKES);
	return index < FAKES + MANY;
}

static void prove(const struct obligation *o, const struct prove_options *options, struct report *r)
{
	if (options->explain)
		fprintf(options->explain, "step by step: %s\n", o->name);
	if (getenv("FAKE_TRACE"))
		fprintf(stderr, "begin %s\n", o->name);
	if (o->which < FAKES)
		fakes[o->which].prove(r);
	else
		proved(r);
}

static const struct theorem theorem = {"fake", at, prove};

const struct theorem *theorem_at(size_t index)
{
	return index == 0 ? &theorem : NULL;
}
