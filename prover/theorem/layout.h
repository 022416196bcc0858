/* SPDX-License-Identifier: MIT */
/*
 * Where C has the fields of the driver's structs on the machine that an emitter is compiled for.
 * The prover is compiled for another one: here offsetof() is the host's, there a pointer may be
 * shorter, and what follows it comes earlier. Both conventions (RISC-V's psABI, AAPCS32) lay a
 * struct out in the same way: each field at the next multiple of its alignment, which is its size.
 */
#ifndef VOUCH_LAYOUT_OF_H
#define VOUCH_LAYOUT_OF_H

#include <stdbool.h>
#include <stddef.h>

struct layout;

extern const struct layout layout_jit, layout_target, layout_program;

/* On a machine with words of so many bytes: where a field is that the host has at this offset. That
 * may also be the offset of a part of a field, if no pointer is in it. */
size_t layout_offset(const struct layout *layout, unsigned word, size_t host_offset);

/* How long what the host has there in so many bytes is on the machine. */
unsigned layout_bytes(
	const struct layout *layout, unsigned word, size_t host_offset, size_t host_bytes);

/* Bytes of the whole struct. */
size_t layout_size(const struct layout *layout, unsigned word);

/* Its fields, by index: the name in C, and where the host has it. False beyond the last. */
bool layout_field(
	const struct layout *layout, size_t index, const char **name, size_t *host_offset);

#endif
