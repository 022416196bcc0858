/* SPDX-License-Identifier: MIT */
/*
 * Simulation: emitted code against BPF's step. From every machine state that the refinement map
 * relates to a BPF state, the code is run on the target's model to wherever it leaves: the
 * successor's code, its own out-of-line part, or C. There the machine has to be in a state related
 * to what the step made of the BPF state, and must not have touched anything else. The idea is
 * Leroy's forward simulation ("Formal verification of a realistic compiler", 2009), with a solver
 * for the values.
 */
#ifndef VOUCH_SIMULATE_H
#define VOUCH_SIMULATE_H

#include "prover/theorem/emission.h"
#include "prover/theorem/theorem.h"

/* What is proved of a piece of code, from its start. */
enum claim {
	CLAIM_STEP,    /* it does the instruction's step, or goes to its out-of-line part undone */
	CLAIM_NO_FUEL, /* it ends the run for lack of fuel: what a backward jump has out of line */
	CLAIM_ACCESS,  /* a stub: it returns if the access is permitted, else it ends the run */
	CLAIM_ENTER,   /* the prologue: from C to the entry point */
	CLAIM_NOTHING, /* nops: they change nothing */
	CLAIM_DIVIDE,  /* the stub of division: see divide.h */
	CLAIM_GUARD,   /* it goes on if a group is in the context, else to what is out of line */
	CLAIM_RESUME, /* hybrid runs: from C to the instruction that it names, all as it was left */
	CLAIM_HANDOVER, /* hybrid runs: back to C before an instruction, with all state in the vm */
};

struct chunk {
	term base; /* 64 bits: its address */
	const term *byte;
	unsigned size;
};

enum { CHUNKS_MAX = 2 };

struct proof {
	const struct prove_options *options;
	struct report *report;
	struct terms *tc;
	struct solver *solver;  /* of the emitter's paths */
	struct solver *checker; /* of the code's: it knows offsets only by their distance */
	struct world world;
	struct emitter emitter;
	term code;              /* where the code is */
	struct solver *lemmas;  /* knows nothing */
	struct term_map *lemma; /* from what it was asked to its answer, true or false */
	/* What it has between instructions, at the first and after a stub; NULL: not made yet. */
	term native_frame, frame_after_stub;
	FILE *shown; /* what is proved now is explained there; NULL: it isn't */
	unsigned counterexamples;
	bool shown_by_machine; /* the last of them ends where a machine does */
};

/*
 * What is known of an emission whatever its registers: which terms are equal to which, because the
 * solver has said so, and values for which it is made.
 */
struct knowledge {
	struct term_map *resolved; /* from a pc to the place that it is */
	/* From a claim to true, or to false: not so without more conditions. */
	struct term_map *decided;
	struct term_map *choices;   /* from a condition in the code to true or false, or itself */
	struct term_map *addresses; /* from an offset to where that is */
	struct term_map *constants; /* from what a register holds to the operand that it is */
	struct assignment *model;
	bool has_model;
};

void knowledge_init(struct knowledge *k);
void knowledge_free(struct knowledge *k);

struct simulation {
	struct proof *proof;
	enum claim claim;
	const struct bpf_insn *insn;    /* CLAIM_STEP, CLAIM_NO_FUEL: constant registers */
	const struct access_stub *stub; /* CLAIM_ACCESS */
	struct division *division;      /* CLAIM_DIVIDE */
	struct chunk chunk[CHUNKS_MAX]; /* the code in question; then the epilogue */
	unsigned chunks;
	term start; /* 64 bits: where it is entered */
	/* It may be left for the successor's only at its end, not by a jump: code that is there
	 * twice, and what goes on in the middle of a group. */
	bool straight;
	term tested;      /* CLAIM_GUARD: what is known where it goes on */
	bool out_of_line; /* what follows the code in question has nothing to do with it */
	const struct term_list
		*conditions; /* more that is known: of the values that registers were given */
	struct knowledge *knowledge; /* kept from run to run */
	/* Offsets by their distance from the code in question: put into what the world has of them.
	 * NULL: as they are. */
	const struct term_map *relative;
	const struct term_map *values;   /* of the instance: what registers and shapes are */
	const struct term_list *told;    /* what the checker was told of the emission */
	const struct term_list *no_cold; /* conditions on which there is no out-of-line part */
};

/* False: the report says what is wrong, and there is no more to see. */
bool simulate(struct simulation *s);

/* All that a proof needs; false if the image lacks something (report). */
bool proof_init(struct proof *proof, const struct prove_options *options, struct report *report,
	const struct refinement *map, enum far far);
void proof_free(struct proof *proof);

/* Where a piece of code with this offset (32 bits) is. */
term proof_address(const struct proof *proof, term offset);

void report_unknown(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_refuted(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
