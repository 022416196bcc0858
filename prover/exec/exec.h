/* SPDX-License-Identifier: MIT */
/*
 * The executor: runs compiled RV64 code on the RISC-V model, from a function's entry to its return,
 * with memory whose contents may be symbolic. Every access has to lie in one object of a memory map
 * and have its permission; anything else, and anything that the model does not know, stops the path
 * with a message. Where a condition can be both, the run forks.
 *
 * Forking is by running again: a path is the list of its decisions, and is run from the start. That
 * keeps no copies of states, and emitters are short. The idea is Godefroid's, "Model checking for
 * programming languages using VeriSoft", 1997.
 */
#ifndef VOUCH_EXEC_H
#define VOUCH_EXEC_H

#include "prover/exec/image.h"
#include "prover/model/rv.h"
#include "prover/solver/solver.h"

enum { OBJECT_READ = 1, OBJECT_WRITE = 2, OBJECTS_MAX = 24 };

/* A piece of memory. Contents are a byte memory whose addresses are offsets in the object. */
struct exec_object {
	const char *name;
	term base; /* 64 bits; a constant, or a variable plus a constant that no other object has */
	uint64_t size; /* bytes */
	unsigned permissions;
	term contents;
};

struct exec {
	struct terms *tc;
	struct solver *solver; /* with the path's conditions asserted */
	const struct image *image;
	struct exec_object object[OBJECTS_MAX];
	size_t objects;
	struct rv rv;
	uint64_t steps, max_steps; /* of this path */

	/* Private: decisions of this path, and the conditions that they decided. */
	struct model_env env;
	uint8_t decision[256];
	size_t decisions, taken;
	struct term_list conditions;
	bool alternative[256]; /* the other way is possible, too */
};

/* How a path ended. */
enum exec_end { EXEC_RETURNED, EXEC_STOPPED };

struct exec_options {
	const struct image *image;
	struct solver_options solver;
	uint64_t max_steps; /* of one path; 0: 1,000,000 */
	unsigned max_paths; /* 0: 1000 */
};

struct exec_client {
	void *user;
	/*
	 * Before each path: objects and registers (exec_object_add, exec->rv.x[…]), and what is
	 * assumed (exec_assume). The very same terms for every path.
	 */
	void (*setup)(struct exec *exec, void *user);
	/* After each path. False ends the run. env.reason says why a path stopped. */
	bool (*path)(struct exec *exec, enum exec_end end, void *user);
};

/*
 * Run a function on all paths; `tc` keeps the terms. Returns the number of paths, or -1 with *error
 * set: too many paths or a solver that gave up.
 */
int exec_run(struct terms *tc, const struct exec_options *options, uint64_t function,
	const struct exec_client *client, char error[160]);

/* For setup. The object's index. */
size_t exec_object_add(struct exec *exec, struct exec_object object);
void exec_assume(struct exec *exec, term condition);

/* The object that an access lies in, and where; NULL stops with a reason. */
struct exec_object *exec_find(
	struct exec *exec, term address, uint64_t bytes, unsigned permissions, term *offset);

#endif
