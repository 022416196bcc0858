/* SPDX-License-Identifier: MIT */
/* Files that the command writes: all or nothing, whatever happens meanwhile. */
#ifndef VOUCH_CLI_OUTPUT_H
#define VOUCH_CLI_OUTPUT_H

#include <stddef.h>

/*
 * Write a file. "-" is standard output. A regular file, or one not there yet, is replaced in one
 * step by a complete one; anything else (a pipe, a device) is written to. Returns EXIT_RAN, or
 * EXIT_ENVIRONMENT after a complaint: then nothing has changed and nothing is left behind.
 */
int output_write(const char *path, const void *bytes, size_t size);

/* At the end of a command: what was printed must have arrived. Returns `exit`, or EXIT_ENVIRONMENT.
 */
int output_finish(int exit);

#endif
