/* SPDX-License-Identifier: MIT */
/* The fast interpreter, beside the small one that the firmware has: to be compared in the bench. */
#undef VOUCH_SMALL
#define VOUCH_RUN run_fast
#include "port.h"
#include "vm/interpreter.c"
