/* SPDX-License-Identifier: MIT */
/*
 * What a proof says of everything outside machine code: BPF's state before a step, the vm in memory
 * as the invariants of src/vm/vm.c have it, and the step as prover/model/bpf.c makes it, on all its
 * paths. Every value is a variable, so what is proved holds for all of them.
 */
#ifndef VOUCH_WORLD_H
#define VOUCH_WORLD_H

#include "prover/model/bpf.h"
#include "prover/solver/solver.h"

enum { ACCESSES_MAX = 8 };

/* An access to memory that the program may have. */
struct access_log {
	unsigned count;
	struct {
		term address;
		unsigned bytes;
		bool write;
	} at[ACCESSES_MAX];
};

bool access_log_add(struct access_log *log, term address, unsigned bytes, bool write);

struct world {
	struct terms *tc;
	unsigned word;           /* bytes in a pointer of the machine */
	bool stubs_know_context; /* the refinement map's */
	bool wide; /* what is permitted is said in 64 bits, also where the machine has fewer */

	/* BPF's state. r10 is the top of frame `depth`, counted from 0; fuel left is fuel - used.
	 */
	term r[VOUCH_REGISTERS], pc, count, fuel, used;
	term memory; /* all that a program may touch: absolute addresses */

	/* The vm's fields (vouch.h); 64 bits, the upper half zero where the machine has fewer. */
	term vm, context, limit[2][4], top, depth, last_depth, frame;
	term regions, nregions, helpers, nhelpers, find, data[VOUCH_DATA_MAX], user;
	term vm_bytes;     /* the vm's bytes with these fields in them */
	term records;      /* from 40 bytes before `frame` to 40 after it */
	term helper_table; /* from `helpers` */

	/* What a helper call leaves. */
	term helper_result, helper_request, helper_memory, helper_context, helper_limit[2][4];

	struct term_list assumptions; /* the invariants: asserted in every proof */
};

void world_init(struct world *w, struct terms *tc, unsigned word);
void world_free(struct world *w);

/* Pointers to code have bit 0 set: vm->find, and, for each that is asked of, a helper that exists.
 */
void world_set_thumb(struct world *w);
term world_helper_is_thumb(const struct world *w, term id);

/* The vm's bytes after a helper's call. */
term world_vm_after_helper(const struct world *w, term vm_bytes);

/* A field of the vm: its bytes at an offset (src/vm/layout.h). */
term world_field(const struct world *w, term vm_bytes, unsigned offset, unsigned bytes);
term world_set_field(
	const struct world *w, term vm_bytes, unsigned offset, unsigned bytes, term value);

/* What vouch_region_find says of the vm's table, and what it all comes to. */
term world_find(const struct world *w, term address, term size, term permissions);
term world_permitted(const struct world *w, term address, unsigned bytes, bool write);

/*
 * What code out of line, and the stubs of the region test, may take for granted: an access isn't in
 * the context, because that was tested before; or it is an atomic that is misaligned.
 */
term world_beyond_context(
	const struct world *w, term address, unsigned bytes, bool write, bool atomic);

/* The same of a load, store or atomic. */
term world_insn_beyond_context(const struct world *w, const struct bpf_insn *insn);

/*
 * So many bytes at `off` from this load's or store's register are in the context, by the vm's
 * limit: what the test of a group says of all of it.
 */
term world_insn_tested(
	const struct world *w, const struct bpf_insn *insn, term off, unsigned bytes, bool write);

/* A helper's pointer in the table, and whether there is such a helper. */
term world_helper(const struct world *w, term id);
term world_helper_exists(const struct world *w, term id);

term world_has_room(const struct world *w);
term world_has_caller(const struct world *w);

/* One way that a step can go. */
struct outcome {
	enum bpf_result result; /* BPF_NEXT or BPF_EXIT */
	struct bpf bpf;         /* the state afterwards */
	term memory;
	struct access_log accesses;
	bool called; /* a helper: helper_id with arguments in r1 to r5 */
	term helper_id;
	bool pushed, popped;
	term saved[4], saved_pc; /* pushed */
};

/*
 * The step of an instruction, for each way it can go. `decide` says how a condition is on this way:
 * 1 or 0; 2 for both, one after the other; -1 to give up. `each` gets every outcome; false ends it.
 * Returns false with a reason if the step stopped.
 */
struct outcomes {
	void *user;
	int (*decide)(void *user, term condition);
	/* Both ways are followed: what is asked next is asked under this. */
	void (*assume)(void *user, term condition);
	void (*retract)(void *user);
	bool (*each)(void *user, const struct outcome *outcome);
};
bool world_step(const struct world *w, const struct bpf_insn *insn, const struct outcomes *outcomes,
	char reason[160]);

#endif
