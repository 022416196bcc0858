/* SPDX-License-Identifier: MIT */
/* The rows of opcodes.def as obligations: their names, and groups for the matrix. */
#ifndef VOUCH_ROWS_H
#define VOUCH_ROWS_H

#include "isa/isa.h"

const char *row_name(enum vouch_op op);  /* "alu64-add-x" */
const char *row_group(enum vouch_op op); /* "alu64" */

/* Is it a call, or exit? */
bool row_is_call(enum vouch_op op);

/* Of loads, stores and atomics: how many bytes, and whether they need leave to write. */
bool row_is_atomic(enum vouch_op op);
bool row_is_load_store(enum vouch_op op);
unsigned row_bytes(enum vouch_op op);
bool row_writes(enum vouch_op op);

#endif
