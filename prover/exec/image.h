/* SPDX-License-Identifier: MIT */
/*
 * A statically linked ELF: the bytes of its segments where they are loaded, and its symbols. Of 32
 * or 64 bits, little-endian. Code's addresses are even: bit 0 of Arm's, which says Thumb, is left
 * out.
 */
#ifndef VOUCH_EXEC_IMAGE_H
#define VOUCH_EXEC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct segment {
	uint64_t address, size;
	uint8_t *bytes; /* all of it, zeros where the file has none */
	bool writable, executable;
};

struct image {
	unsigned machine; /* ELF's e_machine */
	unsigned word;    /* bytes in a pointer, 4 or 8 */
	struct segment segment[8];
	size_t segments;
	struct image_symbol {
		char *name;
		uint64_t address, size;
	} * symbol;
	size_t symbols;
};

/* NULL: *error says why, in `size` bytes. The result is the caller's to image_free(). */
struct image *image_read(const char *path, char *error, size_t size);
void image_free(struct image *image);

/* The address of a function or object; 0 if there is none of that name. */
uint64_t image_address(const struct image *image, const char *name);

/* The function that an address is in, for people; NULL if unknown. */
const char *image_function(const struct image *image, uint64_t address);

/* The segment that holds all of these bytes; NULL if none does. */
const struct segment *image_segment(const struct image *image, uint64_t address, uint64_t bytes);

#endif
