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
	struct solver *solver;
	struct world world;
	struct emitter emitter;
	term code; /* where the code is */
};

struct simulation {
	struct proof *proof;
	enum claim claim;
	const struct bpf_insn *insn;    /* CLAIM_STEP, CLAIM_NO_FUEL: constant registers */
	const struct access_stub *stub; /* CLAIM_ACCESS */
	struct chunk chunk[CHUNKS_MAX]; /* the code in question; then the epilogue */
	unsigned chunks;
	term start;    /* 64 bits: where it is entered */
	bool has_cold; /* it may go to its out-of-line part */
	const struct term_list
		*conditions;       /* more that is known: of the values that registers were given */
	struct term_map *resolved; /* jumps whose target is known: kept from run to run */
};

/* False: the report says what is wrong. */
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
