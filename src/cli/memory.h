/* SPDX-License-Identifier: MIT */
/* The argument of --mem: bytes on the command line, or a file of them. */
#ifndef VOUCH_CLI_MEMORY_H
#define VOUCH_CLI_MEMORY_H

#include "hex.h"
#include "options.h"

/* Said in the help of each command that has --mem. */
#define MEMORY_RULE                                                                \
	"--mem: if the argument reads as hexadecimal (pairs of digits; 0x and\n"   \
	"blanks are allowed), those are the bytes; else it is a file's name.\n"    \
	"'@FILE' is always a file, '-' is standard input. The program finds the\n" \
	"memory's address in r1 and its size in r2.\n"

/*
 * Read the memory. Returns EXIT_RAN, EXIT_USAGE if it is neither hexadecimal nor a file,
 * EXIT_ENVIRONMENT if the file can't be read; complaints have been made.
 */
int memory_read(const struct command *command, const char *argument, struct bytes *bytes);

#endif
