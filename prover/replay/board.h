/* SPDX-License-Identifier: MIT */
/* A counterexample run on a board without an operating system, see board.c. */
#ifndef VOUCH_REPLAY_BOARD_H
#define VOUCH_REPLAY_BOARD_H

#include "prover/replay/replay.h"

/* How QEMU is told to be the board, and to be driven through its standard input and output. */
#define BOARD_COMMAND                                                                             \
	{                                                                                         \
		"qemu-system-arm", "-M", "mps2-an386", "-display", "none", "-nodefaults", "-nic", \
			"user,restrict=on", "-S", "-gdb", "stdio", NULL                           \
	}

/* Registers beside r0 to lr: bit 0 is PRIMASK, from bit 8 on is EPSR.IT. */
enum { BOARD_REST = 15 };

/* Run it on the board behind these pipes; its pages are made already. False: it doesn't answer. */
bool board_run(const struct replay *r, int in, int out, struct replay_result *result);

#endif
