/* SPDX-License-Identifier: MIT */
/* The helpers that `vouch` offers to programs, under Linux's numbers and names. */
#ifndef VOUCH_CLI_HELPERS_H
#define VOUCH_CLI_HELPERS_H

#include "vouch/vouch.h"

enum { HELPERS = 8 };

/* Indexed by number; NULL where there is none. They expect vm->user to be the `struct machine` of
 * the vm. */
extern const vouch_helper helpers_table[HELPERS];

/* The number of a name, in the form that assembler and loader want. False if there is no such
 * helper. */
bool helpers_id(void *user, const char *name, uint32_t *id);

#endif
