/* SPDX-License-Identifier: MIT */
/* The helpers that `vouch` offers to programs, under Linux's numbers and names. */
#ifndef VOUCH_CLI_HELPERS_H
#define VOUCH_CLI_HELPERS_H

#include "vouch/vouch.h"

enum { HELPERS = 8 };

/* Indexed by number; NULL where there is none. They expect vm->user to be the `struct machine` of
 * the vm. */
extern const vouch_helper helpers_table[HELPERS];

/* "bpf_map_lookup_elem" and so on; NULL if there is no such helper. */
const char *helpers_name(uint64_t number);

/* The number of a name; -1 if there is no such helper. */
int32_t helpers_number(const char *name);

#endif
