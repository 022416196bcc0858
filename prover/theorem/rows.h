/* SPDX-License-Identifier: MIT */
/* The rows of opcodes.def as obligations: their names, and groups for the matrix. */
#ifndef VOUCH_ROWS_H
#define VOUCH_ROWS_H

#include "isa/isa.h"

const char *row_name(enum vouch_op op);  /* "alu64-add-x" */
const char *row_group(enum vouch_op op); /* "alu64" */

/* Is it a call, or exit? */
bool row_is_call(enum vouch_op op);

#endif
