/* SPDX-License-Identifier: MIT */
/*
 * A counterexample that can be run: what the prover writes when it refutes (theorem/witness.c),
 * read back, run on the machine, and judged. The file is text, a record a line, and says all that
 * is needed: the machine's state at the start, code and memory, what code outside does, in which
 * states BPF would have it end, and in which one the prover's model says that it does.
 *
 *   vouch-counterexample 1
 *   obligation rv64/alu64-div-x
 *   target rv64
 *   claim machine register 10 differs
 *   text   before  r0 0x1 ...          what the prover printed, line by line
 *   start 200010000                    numbers are hexadecimal, but those of registers
 *   register 10 2
 *   code 200010000 b3028502...         address, and bytes in the order of memory
 *   data 100000ec0 0000...
 *   constant 120000000 0000...         the same, in a page that is not to be written
 *   guard 130000000 0000...            memory of the program: the first access is written down
 *   stop 11a77a                        it ends before it runs what is here, in code, once it has
 *                                      run anything
 *   call 1f0000000 vouch_region_find   code that isn't here; what it does:
 *   link 1                             it returns to where this register says
 *   set 10 1
 *   write 100000f40 0000...
 *   interrupt 200010014 others write   before it runs for the first time what is here, in code:
 *   write 130000000 0000...            whoever interrupts it writes that
 *   want BPF goes on at pc 12          an end that BPF allows; there may be several
 *   end 200010010                      of these addresses one
 *   touch 130000000 8                  memory of the program that may be accessed
 *   is 10 2 ffffffffffffffff r0        register, value, which bits of it, what it is
 *   holds 100000ec0 0000... the vm
 *   least 100000f00 3e8 fuel spent     8 bytes that are at least so much
 *   model the prover's model of the machine
 *   end 200010010
 *   fault 130000008                    it ends by an access to this address
 *   traps                              or by an instruction that the machine doesn't run
 *   endless                            or not at all
 */
#ifndef VOUCH_REPLAY_H
#define VOUCH_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "prover/replay/protocol.h"

enum { REPLAY_ENDS = 16, REPLAY_STATES = 40, REPLAY_CHUNKS = 96, REPLAY_NAME = 96 };

/* Bytes that are somewhere. */
struct chunk_at {
	uint64_t address;
	uint8_t *bytes; /* owned */
	size_t size;
	enum page_kind kind;
	char name[REPLAY_NAME];
};

/* A state to end in. */
struct replay_state {
	char name[REPLAY_NAME];
	uint64_t end[REPLAY_ENDS];
	unsigned ends;
	bool faults, traps, endless;
	uint64_t fault;
	struct {
		uint64_t value, mask;
		char name[REPLAY_NAME];
	} reg[REPLAY_REGISTERS];
	struct chunk_at holds[REPLAY_CHUNKS];
	unsigned held;
	struct {
		uint64_t address, size;
	} touch[REPLAY_TOUCHES];
	unsigned touches;
	bool has_least;
	uint64_t least_at, least;
};

struct replay {
	char obligation[REPLAY_NAME], target[REPLAY_NAME], claim[256];
	char *text; /* owned */
	uint64_t start, reg[REPLAY_REGISTERS];
	struct chunk_at chunk[REPLAY_CHUNKS];
	unsigned chunks;
	struct replay_call call[REPLAY_CALLS];
	unsigned calls;
	uint64_t stop[REPLAY_STOPS];
	unsigned stops;
	struct replay_state want[REPLAY_STATES];
	unsigned wants;
	struct replay_state model;
	bool has_model;
};

/* What the machine did. */
struct replay_result {
	struct replay_answer answer;
	struct replay_page page[REPLAY_PAGES]; /* as sent */
	uint8_t after[REPLAY_PAGES][REPLAY_PAGE];
	unsigned pages;
};

enum replay_verdict {
	REPLAY_CONFIRMED, /* it does as the model says, and not as BPF */
	REPLAY_REFUTED,   /* it does as BPF */
	REPLAY_DISAGREES, /* it does neither: the model, or what was written, is wrong */
};

/* NULL: *error says what is wrong, and in which line. The result is the caller's to replay_free().
 */
struct replay *replay_read(FILE *f, char error[200]);
void replay_free(struct replay *r);

/* The file name of the harness that it takes; NULL: its target is a board that takes none, or isn't
 * known. */
const char *replay_harness(const struct replay *r);

/* Where this instruction at pc may lead, with these registers: how many addresses. */
unsigned replay_step_rv64(
	uint32_t insn, uint64_t pc, const uint64_t *reg, uint64_t to[REPLAY_STEPS]);

unsigned replay_step_rv32(
	uint32_t insn, uint64_t pc, const uint64_t *reg, uint64_t to[REPLAY_STEPS]);

/* Run it, in this harness if it takes one. False: *error says why it can't be. */
bool replay_run(
	const struct replay *r, const char *harness, struct replay_result *result, char error[200]);

/* Compare, and tell people. */
enum replay_verdict replay_judge(
	const struct replay *r, const struct replay_result *result, FILE *out);

#endif
