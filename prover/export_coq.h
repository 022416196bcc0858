/* SPDX-License-Identifier: MIT */
/* What prover/model/bpf.c says, as Coq definitions, for proofs/SpecTie.v. */
#ifndef VOUCH_EXPORT_COQ_H
#define VOUCH_EXPORT_COQ_H

#include <stdio.h>

/* The whole file. 0; or -1, with a message on stderr, if the model stopped or changed what the
 * definitions have no place for. */
int export_coq(FILE *out);

#endif
