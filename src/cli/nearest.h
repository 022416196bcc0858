/* SPDX-License-Identifier: MIT */
/* Which of a program's regions an address was probably meant for. */
#ifndef VOUCH_CLI_NEAREST_H
#define VOUCH_CLI_NEAREST_H

#include "machine.h"

enum { NEAREST_TEXT = 320 };

enum nearest_place {
	NEAREST_NONE,   /* the program has no regions */
	NEAREST_BEFORE, /* `distance` bytes before its start */
	NEAREST_AFTER,  /* `distance` bytes past its end; 0: right behind it */
	NEAREST_ACROSS, /* starts inside, `distance` bytes before its end, but is longer */
	NEAREST_INSIDE, /* `distance` bytes from its start, which doesn't permit the access */
};

struct nearest {
	enum nearest_place where;
	struct machine_region region;
	uint64_t distance;
};

struct nearest nearest_region(const struct machine *machine, const struct vouch_fault *fault);

/* "before", "after", "across", "inside"; NULL for NEAREST_NONE. */
const char *nearest_where(enum nearest_place where);

/* All of it for people, as what follows "read of 4 bytes at 0x…: ". */
void nearest_sentence(
	const struct machine *machine, const struct vouch_fault *fault, char text[NEAREST_TEXT]);

#endif
