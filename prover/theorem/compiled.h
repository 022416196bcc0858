/* SPDX-License-Identifier: MIT */
/*
 * A C function as the compiler left it, run on all its paths, and questions about where a path
 * ended. What is common to the theorems about code that isn't generated: the interpreter, the
 * region lookup and the checker.
 *
 * A loop is cut at its head. What registers and stack slots hold there is found, not told: each is
 * a value before the loop plus a constant for each round, or unknown. That it is so in every round
 * is then proved, by induction; a wrong guess is only a proof that fails. (Floyd, "Assigning
 * meanings to programs", 1967; guessing and weakening is Flanagan and Leino's "Houdini", 2001.)
 */
#ifndef VOUCH_COMPILED_H
#define VOUCH_COMPILED_H

#include "prover/exec/convention.h"
#include "prover/theorem/explain.h"
#include "prover/theorem/theorem.h"

/* A slot of the stack frame is a word. */
enum { FRAME_MAX = 512, FRAME_SLOTS = FRAME_MAX / 4 };

struct compiled_witness;

struct compiled {
	const struct prove_options *options;
	struct report *report;
	struct terms *tc;
	struct solver *solver;  /* what is assumed is asserted */
	struct term_map *asked; /* from an implication to true or false */
	const struct convention *cv;
	uint64_t function, size;  /* its code */
	uint64_t frame_size;      /* bytes below the caller's sp that it may use */
	uint64_t callees;         /* bytes below that for functions that it calls */
	size_t frame, below;      /* the executor's objects; unused where there is no such stack */
	uint64_t stack_arguments; /* bytes of its arguments that the caller has on the stack */
	bool learns;              /* exec_options */
	struct finding *finding;  /* loop_find() is at work */
	/* For a counterexample: what it is about. May be NULL. */
	void (*describe)(const struct compiled *c, const struct assignment *model, FILE *f);
	const struct compiled_witness *witness; /* NULL: it isn't one that can be run */
	struct exec_state start;                /* where its paths start */
	struct explained explained;             /* --explain; of many alike only the first is */
};

/* False: the image lacks the function (report). */
bool compiled_init(struct compiled *c, const struct prove_options *options, struct report *report,
	const char *function);
void compiled_free(struct compiled *c);
void compiled_assume(struct compiled *c, term condition);

/* Does it follow from what is assumed? Else it is refuted, or unknown, in these words. */
bool compiled_follows(struct compiled *c, term claim, const char *what);

void compiled_refuted(struct compiled *c, const char *what);
void compiled_unknown(struct compiled *c, const char *what);

/* A pointer or a size_t: 64 bits, of which the upper ones are zero where words have fewer. */
term compiled_word(struct compiled *c, const char *name);

/* A pointer that is a multiple of this, as C demands of its objects' addresses. Where no access
 * traps for that, it is any. */
term compiled_pointer(struct compiled *c, const char *name, unsigned alignment);

/* What is in a register when C calls: variables; sp is aligned, return addresses are code's. */
term compiled_register(struct compiled *c, unsigned n);

/* For a client's setup: registers and pc as at the call, and the frame. */
void compiled_enter(struct exec *exec, struct compiled *c);

/* Last of all in a client's setup: this is the start. */
void compiled_start(struct exec *exec, struct compiled *c);

/* Back at the caller? */
bool compiled_returned(struct exec *exec, struct compiled *c);

/* An access to what is in no object, and not to be accessed: stops the path. */
bool compiled_forbidden(struct exec *exec, const char *what, term address, unsigned bytes);

/* Bits in a word of the machine */
static inline unsigned compiled_bits(const struct compiled *c)
{
	return convention_bits(c->cv);
}

/* The word in a slot of the frame. */
term compiled_slot(struct exec *exec, struct compiled *c, unsigned n);
void compiled_set_slot(struct exec *exec, struct compiled *c, unsigned n, term value);
unsigned compiled_slots(const struct compiled *c);

/* Lazily: the client decides at a path's end whether it is possible. Reports a run that took no
 * path. */
void compiled_run(struct compiled *c, const struct exec_client *client, unsigned max_paths);

/* ---- the end of a path ---- */

struct path {
	struct compiled *c;
	struct exec *exec;
	struct term_list conditions; /* the path's, and what was added */
	struct term_map *facts;      /* what they make of terms */
	bool ok;                     /* nothing has been refuted */
};

void path_begin(struct path *path, struct compiled *c, struct exec *exec);
void path_end(struct path *path);
void path_add(struct path *path, term condition);
void path_retract(struct path *path); /* the last one */

/* Is this so on the path? Otherwise it is refuted, or unknown, in these words. */
bool path_holds(struct path *path, term claim, const char *what);
bool path_equal(struct path *path, term a, term b, const char *what);

/* 1 or 0; 2: can be both; -1: the solver gave up. */
int path_decide(struct path *path, term condition);

/* False: the path can't be taken. */
bool path_possible(struct path *path);

/* A path that stopped is refuted if it is possible and did what it mustn't, else unknown. */
void path_stopped(struct path *path);

/* For --explain (explain_compiled.c): where it starts; a path's conditions, code and end; a claim
 * that the solver was asked about. */
void compiled_explain(const struct compiled *c);
void path_explain(const struct path *path, enum exec_end end);
void path_explain_question(
	const struct path *path, term question, const char *what, enum solver_result result);

/* Registers that C wants back, and sp, at the return. */
bool path_returned(struct path *path);

/* ---- loops ---- */

struct loop {
	uint64_t head;
	struct loop_value {
		term start; /* NULL: anything */
		uint64_t step;
	} x[MACHINE_REGISTERS_MAX], slot[FRAME_SLOTS];
};

/*
 * Find the loop that the function runs into, and what it keeps, in rounds of the index 0, 1, 2, …
 * `client` is the function's own; it calls loop_setup(), loop_at() and loop_path() first of all,
 * and goes on only if they say false. False: there is no loop (report).
 */
bool loop_find(struct compiled *c, struct loop *loop, const struct exec_client *client);
void loop_setup(struct exec *exec, struct compiled *c); /* last of all */
bool loop_at(struct exec *exec, struct compiled *c, enum exec_at *at);
bool loop_path(struct exec *exec, struct compiled *c);
bool loop_in_round(const struct compiled *c); /* from the head on */
term loop_index(struct compiled *c);          /* the round that is looked at */

/* The machine at the head, in the round of this index (64 bits). */
void loop_enter(struct exec *exec, struct compiled *c, const struct loop *loop, term index);

/* Is it so again, for an index? */
bool loop_kept(struct path *path, const struct loop *loop, term index);

/* What register n, or slot n of the frame, is at the head; NULL: anything. */
term loop_register(struct compiled *c, const struct loop *loop, unsigned n, term index);
term loop_slot(struct compiled *c, const struct loop *loop, unsigned n, term index);

#endif
