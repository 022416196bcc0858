/* SPDX-License-Identifier: MIT */
/* Loads and stores that share a test (src/jit/group.c): what a test for a group is good for. */
#ifndef VOUCH_GROUP_H
#define VOUCH_GROUP_H

#include "prover/theorem/emission.h"
#include "prover/theorem/theorem.h"

/* Does a group of 2^lg bytes from `from` on, 32 bits, have so many bytes at `off`? */
term group_has(struct terms *tc, term from, unsigned lg, term off, unsigned bytes);

/*
 * Where a group's bytes are in the context, those of any access in it are; and who may write, may
 * read. For all groups and accesses.
 */
void group_prove(const struct prove_options *options, struct report *report);

#endif
