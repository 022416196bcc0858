/* SPDX-License-Identifier: MIT */
/* The same of the interpreter of hybrid runs. */
#define VOUCH_SMALL
#define jit_interpret vouch_hybrid_flash
#include "jit/interpret.c"
