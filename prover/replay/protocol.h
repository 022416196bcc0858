/* SPDX-License-Identifier: MIT */
/*
 * What `vouch replay` sends to the harness that runs a counterexample's machine code, and what it
 * gets back. Both are built from this header; every field is 64 bits, little-endian, so that it
 * means the same to a host and to every target. A message is its header, the pages, the calls; the
 * answer is its header and the pages that aren't code, in the order in which they came.
 */
#ifndef VOUCH_REPLAY_PROTOCOL_H
#define VOUCH_REPLAY_PROTOCOL_H

#include <stdint.h>

enum {
	REPLAY_MAGIC = 0x3152564f, /* "OVR1" */
	REPLAY_PAGE = 4096,
	REPLAY_REGISTERS = 48, /* a target's own, and its flags */
	REPLAY_PAGES = 192,
	REPLAY_CALLS = 8,
	REPLAY_STOPS = 16,
	REPLAY_STEPS = 2, /* an instruction leads to at most so many */
	REPLAY_WRITES = 128,
	REPLAY_TOUCHES = 16,
	REPLAY_SECONDS = 2 /* code that runs longer is ended */
};

enum page_kind {
	PAGE_CODE,     /* read, execute; what the counterexample says nothing of is breakpoints */
	PAGE_DATA,     /* read, write */
	PAGE_CONSTANT, /* read */
	PAGE_GUARD,    /* the same, but the first access is written down */
};

struct replay_page {
	uint64_t address, kind;
	uint8_t bytes[REPLAY_PAGE];
};

/* Code that is called and isn't here, or that interrupts: what it does, then it returns to where
 * `link` says. */
struct replay_call {
	uint64_t address, link;
	uint64_t interrupts; /* it isn't called: once, before what is there is run; it goes on there
	                      */
	uint64_t mask;       /* of registers that get a value */
	uint64_t reg[REPLAY_REGISTERS];
	uint64_t writes;
	struct {
		uint64_t address, value, bytes; /* at most 8, inside one page */
	} write[REPLAY_WRITES];
};

/*
 * Where code is that goes on after what is to be run, breakpoints end it. If it starts at one,
 * `step` is where its first instruction may lead: there are breakpoints until it has been run.
 */
struct replay_request {
	uint64_t magic, pages, calls;
	uint64_t pc, reg[REPLAY_REGISTERS];
	uint64_t breakpoint, breakpoint_size;
	uint64_t stops, stop[REPLAY_STOPS];
	uint64_t steps, step[REPLAY_STEPS];
};

/* How it ended. */
enum replay_end {
	REPLAY_STOPPED,  /* at pc, where there is nothing to run: `fault` is pc or says nothing */
	REPLAY_FAULTED,  /* the instruction at pc may not access `fault` */
	REPLAY_TRAPPED,  /* the instruction at pc is none, isn't aligned, or can't be done */
	REPLAY_ENDLESS,  /* it was still running, at pc */
	REPLAY_UNMAPPED, /* it was not run: the page at `fault` isn't to be had */
};

struct replay_answer {
	uint64_t magic, end, pc, fault;
	uint64_t reg[REPLAY_REGISTERS];
	uint64_t calls; /* how many there were */
	uint64_t touches;
	struct {
		uint64_t pc, address;
	} touch[REPLAY_TOUCHES];
};

#endif
