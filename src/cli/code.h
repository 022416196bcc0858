/* SPDX-License-Identifier: MIT */
/* Compiled code in memory that is writable first and executable afterwards, never both. */
#ifndef VOUCH_CLI_CODE_H
#define VOUCH_CLI_CODE_H

#include "vouch/jit.h"

struct code {
	void *address; /* what vouch_run_compiled() takes */
	size_t mapped; /* bytes */
	struct vouch_code result;
	uint64_t compile_ns;
	uint64_t map_ns;   /* getting the memory and making it executable */
	const char *error; /* why the host gave no memory; NULL if that was not the problem */
};

/*
 * Compile a program for this host and map it. On VOUCH_OK, code_free() is owed.
 * Returns what vouch_compile() does; VOUCH_JIT_SPACE with `error` set if the host refuses the
 * memory.
 */
enum vouch_status code_compile(struct code *code, const struct vouch_program *program);

/*
 * The same for hybrid runs. chosen: see vouch_compile_chosen(). offsets: out,
 * VOUCH_JIT_SCRATCH(count) words.
 */
enum vouch_status code_compile_chosen(struct code *code, const struct vouch_program *program,
	const uint32_t *chosen, uint32_t *offsets);

void code_free(struct code *code);

/* Nanoseconds since some point in the past. */
uint64_t code_clock(void);

#endif
