/* SPDX-License-Identifier: MIT */
/* What the C code says, as Coq definitions, for proofs/SpecTie.v and proofs/CheckTie.v. */
#ifndef VOUCH_EXPORT_COQ_H
#define VOUCH_EXPORT_COQ_H

#include <stdio.h>

/* prover/model/bpf.c. 0; or -1, with a message on stderr, if the model stopped or changed what the
 * definitions have no place for. */
int export_coq(FILE *out);

/* prover/theorem/world.c's conditions, for proofs/WorldTie.v. 0. */
int export_world(FILE *out);

/* src/vm/check.c's test of one instruction, from a binary for RV64 that has check_one() of
 * proofs/check/insn.c. The same. */
int export_check(FILE *out, const char *elf);

#endif
