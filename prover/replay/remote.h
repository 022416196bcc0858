/* SPDX-License-Identifier: MIT */
/*
 * The end of GDB's remote serial protocol that a debugger has, as far as it takes to drive a
 * machine of QEMU's, over a pair of pipes: packets of text, "$data#checksum", each answered by one.
 * (GDB manual, appendix E.)
 */
#ifndef VOUCH_REPLAY_REMOTE_H
#define VOUCH_REPLAY_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REMOTE_PACKET = 4096, REMOTE_SECONDS = 10 };

struct remote {
	int in, out;
	bool failed; /* once it has, nothing more is asked, and what is read is zero */
	char packet[REMOTE_PACKET + 1];
	char buffer[REMOTE_PACKET]; /* what came, and isn't looked at yet */
	size_t used, filled;
};

/* Say hello: registers are those of a description, with flags; memory is what is on the bus,
 * whatever the processor may access. */
void remote_begin(struct remote *r, int in, int out);

void remote_read(struct remote *r, uint64_t address, void *bytes, size_t size);
void remote_write(struct remote *r, uint64_t address, const void *bytes, size_t size);

/* All registers of 32 bits, in the order of the protocol; what comes after n isn't asked about. */
void remote_registers(struct remote *r, uint32_t *reg, unsigned n);
void remote_set_registers(struct remote *r, const uint32_t *reg, unsigned n);

/* One instruction, or whatever it leads to. */
void remote_step(struct remote *r);

#endif
