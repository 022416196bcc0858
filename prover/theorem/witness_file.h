/* SPDX-License-Identifier: MIT */
/*
 * Writing a counterexample's file (prover/replay/replay.h): what the writers for emitted code
 * (witness_write.c) and for compiled code (witness_compiled.c) share. Every value is that of a term
 * for the counterexample's values.
 */
#ifndef VOUCH_WITNESS_FILE_H
#define VOUCH_WITNESS_FILE_H

#include "prover/theorem/simulate.h"

typedef unsigned long long ull;

enum { BYTES_MAX = 4096, ADDRESSES_MAX = 64 };

struct machine_notes;

struct file {
	FILE *f;
	struct terms *tc;
	const struct assignment *values;
	/* The program's memory: every byte that the machine or the step accesses. */
	uint64_t address[ADDRESSES_MAX];
	unsigned addresses;
	const struct world *world;
	struct outcome step;
	bool stepped;
	/* Of compiled code: the model stopped, for a reason that is no access's. */
	bool is_endless, no_fault;
	/* Of emitted code. */
	struct simulation *s;
	struct proof *proof;
	const struct refinement *map;
	struct exec *before, *after; /* the machine */
	const struct machine_notes *notes;
	unsigned pushed; /* bytes on the stack, of a return address */
	bool called;     /* it is in the link register, if there is one */
};

static inline uint64_t value(const struct file *o, term t)
{
	return (uint64_t)term_evaluate(t, o->values);
}

static inline bool is_true(const struct file *o, term t)
{
	return value(o, t) != 0;
}

/* Bytes in hexadecimal, and nothing else. */
void write_bytes(const struct file *o, const term *byte, size_t n);

/* `n` bytes of a memory from an offset on, which are at `address`: but for those that are the
 * program's memory as well; then they are that. */
void write_memory(const struct file *o, const char *record, uint64_t address, term memory,
	uint64_t from, size_t n, const char *name);

/* The program's memory, in runs of bytes; add_address() says what that is. */
void write_program_memory(const struct file *o, const char *record, term memory);
void add_address(struct file *o, uint64_t address);
void add_accesses(struct file *o, const struct access_log *log);

void write_end(const struct file *o, uint64_t address);
void write_register(const struct file *o, unsigned n, term t, const char *name);

/* The register after the last: what of a Cortex-M4's state is in no other, in the form of
 * prover/replay/board.h; other machines have none. Now, or as it should be wherever code ends. */
void write_rest(const struct file *o, struct exec *exec);
void write_rest_wanted(const struct file *o, const struct exec_machine *machine);

/* The first records, and each line of a text. */
void write_head(const struct file *o, const char *target, const char *claim, const char *text);

/* The step of an instruction, on the values, so that there is one way for it to go. */
bool make_step(struct file *o, const struct bpf_insn *insn);

#endif
