/* SPDX-License-Identifier: MIT */
/*
 * What an emitter writes: the target's C code, as compiled for the machine that the image is for,
 * run by the executor on an instruction whose registers, immediates and offset, and on a driver
 * whose offset tables, are variables. Each path of the emitter gives a sequence of bytes, which are
 * terms over those variables, under the conditions that it chose that path by. The machine that it
 * runs on and the one that it writes code for have nothing to do with each other.
 */
#ifndef VOUCH_EMISSION_H
#define VOUCH_EMISSION_H

#include "jit/jit.h"
#include "prover/theorem/refinement.h"
#include "prover/theorem/world.h"

struct convention;

enum { CODE_MAX = 1600, TABLE_MAX = 8 };
enum { IMMEDIATES_MAX = 8 };

/* Whether the driver wants the longest form of every jump. */
enum far { FAR_NO, FAR_YES, FAR_EITHER };

/* What is emitted. */
enum part {
	PART_INSN,
	PART_COLD,
	PART_PROLOGUE,
	PART_RESUME,
	PART_EPILOGUE,
	PART_NOPS,
	PART_HANDOVER,
	PART_GUARD,
	PARTS
};

/* An entry of an offset table that the emitter has read: the offset is that of instruction `pc`. */
struct table_entry {
	term pc;     /* 32 bits */
	term offset; /* 32 bits, less than 2^31 */
	bool cold;
};

/* What the emitter was told of a value that is no constant: the fields of A64's logical immediates
 * that stand for it, if `granted`. */
struct immediate {
	term value; /* 64 bits */
	bool is64;
	term granted, fields; /* 13 bits */
};

/* The variables that the bytes are over. Widths: 4, 4, 16, 32, 32. */
struct emission_insn {
	enum vouch_op op;
	term object;                   /* a data object's number, 4 bits: imm is made of it */
	term dst, src, off, imm, imm2; /* NULL where the field isn't used, or is a constant */
};

struct emitter {
	struct terms *tc;
	struct solver *solver;
	const struct image *image;
	const struct convention *cv; /* of the machine that the emitter runs on */
	const struct refinement *map;
	const struct world *world;
	term far;                   /* jit->far, 8 bits */
	struct vouch_target layout; /* sizes and limits; functions are in `function` */
	uint64_t function[PARTS];
	uint32_t nop_bytes; /* PART_NOPS: how many */
	/* Offsets in the code, 32 bits, each less than 2^31: where the instruction's code starts,
	 * its out-of-line part, and the epilogue. */
	term position, cold_position, epilogue;
	term elsewhere;    /* as an offset, any: where code is put that may be there twice */
	bool is_elsewhere; /* PART_INSN: it is there, not where the table says */
	struct term_list assumptions; /* of the driver and the checker: asserted */
	enum jit_test test;           /* loads and stores: what the driver wants of theirs */
	unsigned group_lg;            /* PART_GUARD */
	bool group_write;
	struct table_entry table[TABLE_MAX]; /* what has been read of the offset tables */
	unsigned entries;
	uint64_t immediate_function;
	struct immediate immediate[IMMEDIATES_MAX];
	unsigned immediates;
	int32_t label[JIT_LABELS]; /* from there */
	unsigned labels;           /* how many of them the epilogue sets; 0: not known yet */
	bool measures;             /* a pass that doesn't write */
};

struct emission {
	bool ok;         /* false: the emitter stopped, or refused: `status` or `reason` */
	uint32_t status; /* of the driver: VOUCH_OK or why it refused */
	const char *reason;
	term start;    /* offset in the code, 32 bits */
	unsigned size; /* bytes */
	term byte[CODE_MAX];
	struct term_list conditions; /* only those of the path */
	int32_t label[JIT_LABELS];   /* the epilogue's, from its start; -1: not set */
};

/* False: *reason says what the image lacks. */
bool emitter_init(struct emitter *e, struct terms *tc, struct solver *solver,
	const struct image *image, const struct refinement *map, const struct world *world,
	enum far far, char reason[160]);

void emitter_free(struct emitter *e);

/* The variables of an instruction, and what the checker says of them (asserted). */
struct emission_insn emitter_insn(struct emitter *e, enum vouch_op op);

/* A group, as if it were an instruction: src is its register, off where it is from there. */
struct emission_insn emitter_group(struct emitter *e);

/*
 * Run the emitter on all its paths. `each` gets every one while its conditions are asserted in the
 * solver; false ends it. insn: NULL for what is no instruction. Returns the number of paths.
 */
unsigned emitter_run(struct emitter *e, enum part part, const struct emission_insn *insn,
	bool (*each)(const struct emission *emission, void *user), void *user);

/* The entry of an offset table: a variable of its own for each index. NULL: too many. */
term emitter_offset(struct emitter *e, term pc, bool cold);

#endif
