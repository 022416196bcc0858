/* SPDX-License-Identifier: MIT */
/*
 * A refutation of compiled code that `vouch replay` can run: the whole image is where it was
 * linked, and the function is run from where its path starts, the head of a loop or a dispatch as
 * well as a call, to a breakpoint at the next such place, or to its caller. What is common to the
 * interpreter, the region lookup and the checker is done here; each of them says what else there
 * is in memory, and which ends are right.
 */
#ifndef VOUCH_WITNESS_COMPILED_H
#define VOUCH_WITNESS_COMPILED_H

#include "prover/theorem/compiled.h"
#include "prover/theorem/wish.h"
#include "prover/theorem/witness_file.h"

/* What a theorem says of its own. */
struct compiled_witness {
	/* What is wished of its variables; may grant in between. May be NULL. */
	void (*wish)(struct wishes *w, struct path *path);
	/* Values that follow from others. May be NULL. */
	void (*settle)(struct path *path, struct assignment *values);
	/* Before the file is written: the step, the program's memory. False: there is no file. May
	 * be NULL. */
	bool (*prepare)(struct file *o, struct path *path);
	/* Records of the state before: memory beside the executor's objects, places to stop, calls.
	 * May be NULL. */
	void (*before)(const struct file *o, struct path *path);
	/* All ends that are right. */
	void (*want)(const struct file *o, struct path *path);
	/* What else the model says: memory beside objects. May be NULL. */
	void (*model)(const struct file *o, struct path *path);
	/* How names of unknowns start that code leaves in registers and on the stack which the
	 * model knows by its contract only, but which is there, and runs. */
	const char *left[2];
};

/* Values in which the question, which the solver was just asked, is false. The caller frees them.
 */
struct assignment *witness_compiled_find(struct path *path, term question);

/* The caller frees it; NULL: it can't be. */
char *witness_compiled_write(struct path *path, const struct assignment *values, const char *text);

/* ---- for a theorem's functions ---- */

/* An object of the executor's, with these contents, as a record. */
void write_object(const struct file *o, const char *record, const struct path *path, size_t object,
	term contents);
/* What is only to be read is as it was. */
void write_constants(const struct file *o, const struct path *path);
void write_slot(const struct file *o, const struct path *path, unsigned n, term t);
void write_number(const struct file *o, const char *record, uint64_t address, uint64_t number,
	unsigned bytes, const char *name);

/* A place to end at: but not if the model comes through it, and doesn't end there. */
void write_stop(const struct file *o, const struct path *path, uint64_t address);

/* What a function gets as its next argument where the model has stopped, about to run it. */
void write_argument(const struct file *o, struct path *path, struct next_argument *next, term t,
	const char *name);

/* Code that is called and isn't run: it returns this, and leaves these unknowns in registers. */
void write_compiled_call(const struct file *o, const struct compiled *c, uint64_t address,
	const char *name, const char *unknowns, term result);

/* At the head of a loop; back in C, with a result. All but memory. */
void write_at_head(
	const struct file *o, const struct path *path, const struct loop *loop, term index);
void write_returned(const struct file *o, const struct path *path, uint64_t result, unsigned bits,
	const char *name);

#endif
