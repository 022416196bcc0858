/* SPDX-License-Identifier: MIT */
/*
 * Which instructions of a program are compiled in hybrid mode, and how often each was run, as text:
 * "3-9,12" for the people who choose, and a file of counts from a run for vouch_choose().
 */
#ifndef VOUCH_CLI_CHOSEN_H
#define VOUCH_CLI_CHOSEN_H

#include <stdio.h>

#include "vouch/jit.h"

/*
 * Ranges of pcs, first and last, to a bit for each slot. Returns EXIT_RAN, and the words in *chosen
 * are the caller's to free; or EXIT_USAGE after a complaint: it isn't ranges, or not of this
 * program.
 */
int chosen_parse(const char *ranges, const struct vouch_program *program, uint32_t **chosen);

/* The reverse: "none" if there is none. */
void chosen_print(FILE *file, const uint32_t *chosen, const struct vouch_program *program);

/* A line for each instruction: its pc, and how often it was run. As output_write(). */
int counts_write(const char *path, const uint32_t *counts, const struct vouch_program *program);

/*
 * Read that again; pcs that aren't named have no counts. Returns EXIT_RAN, and the words in *counts
 * are the caller's to free; EXIT_USAGE after a complaint if it isn't counts of such a program, or
 * EXIT_ENVIRONMENT.
 */
int counts_read(const char *path, const struct vouch_program *program, uint32_t **counts);

#endif
