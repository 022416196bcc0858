/* SPDX-License-Identifier: MIT */
/*
 * The executor: runs machine code on the model of its instruction set, with registers and memory
 * that may be symbolic. Every access has to lie in one object of a memory map and have its
 * permission; anything else, and anything that the model does not know, stops the path with a
 * message. Where a condition can be both, the run forks: states are small, since terms are never
 * changed, so a fork copies the state, and a path's common beginning is run once.
 *
 * The same executor runs compiled C (the code is an image's) and what an emitter wrote (the code
 * is terms, by the client's `fetch`). The idea is King's, "Symbolic execution and program testing",
 * 1976.
 */
#ifndef VOUCH_EXEC_H
#define VOUCH_EXEC_H

#include "prover/exec/image.h"
#include "prover/model/arm64.h"
#include "prover/model/rv.h"
#include "prover/model/thumb2.h"
#include "prover/model/x86.h"
#include "prover/solver/solver.h"

enum { OBJECT_READ = 1, OBJECT_WRITE = 2, OBJECTS_MAX = 24 };
enum { EXEC_MACHINE_SIZE = 1024, EXEC_NOTES = 1024 };

struct exec;

/* A piece of memory. Contents are a byte memory whose addresses are offsets in the object. */
struct exec_object {
	const char *name;
	term base;     /* 64 bits; a constant, or a sum that starts with a variable of its own */
	term size;     /* bytes, 64 bits */
	uint64_t from; /* the first bytes of it are another object's */
	unsigned permissions;
	bool indexed; /* may be accessed at offsets that aren't constant */
	term contents;
	/* Instead of contents: what is loaded. NULL stops the path, with a reason. */
	term (*load)(struct exec *exec, term offset, unsigned bytes);
};

/* An instruction set, to the executor. Its state is copied as bytes. */
struct exec_machine {
	size_t size; /* of the state, at most EXEC_MACHINE_SIZE */
	void (*init)(void *machine, struct model_env *env);
	bool (*step)(void *machine);
	term (*pc)(const void *machine); /* 64 bits */
	void (*set_pc)(void *machine, term pc);
	term *(*reg)(void *machine, unsigned n); /* of the machine's own width */
	unsigned registers;                      /* n is less */
	/* Flags may be anything now; NULL: there are none. */
	void (*forget_flags)(void *machine);
	/* Whether a store-conditional succeeds is asked of this. NULL: there is none. */
	void (*set_succeeds)(void *machine, term (*succeeds)(struct model_env *env));
	/* Another may have made the next store-conditional fail. NULL: there is none. */
	void (*forget_reservation)(void *machine);
	/* pc alone says what comes next, and nothing is left that a caller would notice: no IT
	 * block is open, interrupts are as they were at first. NULL: always. */
	bool (*settled)(const void *machine);
	bool marks_atomic; /* the model sets env.atomic */
	unsigned width;    /* bits of an address: memory ends there, and sums wrap around */
};

extern const struct exec_machine machine_rv64, machine_rv32, machine_x86;
extern const struct exec_machine machine_arm64; /* register 31 is sp */
extern const struct exec_machine machine_thumb2;

/* What may come before each instruction. */
enum exec_at {
	EXEC_STEP, /* go on */
	EXEC_LOOK, /* the client has changed the state: ask again */
	EXEC_FORK, /* exec_decided() didn't know: both ways, then ask again */
	EXEC_END,  /* the path ends here */
	EXEC_STOP, /* it can't go on: env.reason */
};

/* How a path ended. */
enum exec_end { EXEC_ENDED, EXEC_STOPPED };

struct exec_client {
	void *user;
	/* The start: objects, registers, pc (exec_rv(), exec_object_add(), exec_assume()). */
	void (*setup)(struct exec *exec, void *user);
	/* Before each instruction, and again if the instruction forks. */
	enum exec_at (*at)(struct exec *exec, void *user);
	/* Code that is no image's; NULL: the image's. */
	term (*fetch)(struct exec *exec, term address, unsigned bytes, void *user);
	/* A decoder's field that isn't constant, as it can only be; NULL: as it is. */
	term (*settle)(struct exec *exec, term field, void *user);
	/* Memory that is in no object; NULL: there is none. */
	term (*load)(struct exec *exec, term address, unsigned bytes, void *user);
	bool (*store)(struct exec *exec, term address, unsigned bytes, term value, void *user);
	/* After each path, in its state, its conditions asserted. False ends the run. */
	bool (*path)(struct exec *exec, enum exec_end end, void *user);
};

struct exec_options {
	const struct exec_machine *machine;
	const struct image *image; /* read-only segments are memory, too; may be NULL */
	uint64_t max_steps;        /* of one path; 0: 1,000,000 */
	unsigned max_paths;        /* 0: 100,000 */
	/* Don't ask the solver whether a path is possible, but follow both ways of every condition:
	 * the client asks at the end, if it needs to. */
	bool lazy;
	bool traces; /* keep exec->trace */
	/* Where a branch says that something is a constant, registers have that constant. */
	bool learns;
};

struct exec {
	struct terms *tc;
	struct solver *solver; /* not lazy: with the path's conditions asserted */
	struct model_env env;
	const struct exec_options *options;
	const struct exec_client *client;

	/* The state: what a fork copies. */
	struct exec_state {
		_Alignas(16) unsigned char machine[EXEC_MACHINE_SIZE];
		struct exec_object object[OBJECTS_MAX];
		size_t objects;
		uint64_t steps;
		/* For the client: whatever it wants to remember on a path. */
		_Alignas(16) unsigned char notes[EXEC_NOTES];
	} state;
	struct term_list conditions; /* of the path */
	struct {
		uint64_t *at; /* owned */
		size_t count, room;
	} trace; /* of the path: where its instructions are, if options->traces */

	/* Private. */
	term fork;                /* the condition that the step can't decide */
	struct assignment *model; /* satisfies the path's conditions, if has_model */
	bool has_model, ended;
	bool forbidden; /* the path stopped because of an access that the memory map forbids */
	term accessed;  /* the address of the last one */
	unsigned paths;
};

/*
 * Run on all paths from the state that `setup` makes. The solver's assertions are as before
 * afterwards. Returns the number of paths. A solver that gives up, or too many paths, are paths
 * that stopped.
 */
unsigned exec_run(struct terms *tc, struct solver *solver, const struct exec_options *options,
	const struct exec_client *client);

static inline struct rv *exec_rv(struct exec *exec)
{
	return (struct rv *)exec->state.machine;
}

/* For setup. The object's index. */
size_t exec_object_add(struct exec *exec, struct exec_object object);
void exec_assume(struct exec *exec, term condition);

/* For `at`: 1 or 0 if the condition is decided on this path, -1 if not: then return EXEC_FORK. */
int exec_decided(struct exec *exec, term condition);

/* Does this follow from the path's conditions, for all that the solver can tell? */
bool exec_implied(struct exec *exec, term t);

/* For machines whose hardware may let a store-conditional fail at any time: an unknown for each. */
term exec_may_succeed(struct model_env *env);

/* How far one address is from another, in 64 bits; where addresses have 32, less than 2^32. */
term exec_distance(const struct exec_machine *machine, struct terms *tc, term to, term from);

/* The object that all of an access lies in, and where; NULL if there is none. */
struct exec_object *exec_find(struct exec *exec, term address, uint64_t bytes, term *offset);

#endif
