/* SPDX-License-Identifier: MIT */
/* What the files of the ELF loader share; load/object.h is for everybody else. */
#ifndef VOUCH_ELF_H
#define VOUCH_ELF_H

#include "object.h"

#include <gelf.h>
#include <linux/btf.h>

enum { NOT_PLACED = -1 };

/* A section of the file. Its bytes are libelf's. */
struct section {
	const char *name;
	GElf_Shdr header;
	const uint8_t *bytes; /* NULL for sections without, such as .bss */
	size_t size;
	bool needed;     /* data: the program refers to it */
	uint64_t placed; /* and its offset in its object */
};

struct symbol {
	const char *name;
	uint64_t value, size;
	size_t section; /* index; 0: undefined or absolute */
	unsigned type, bind;
};

/* A function with what only linking needs. Parallel to object.functions. */
struct range {
	size_t section;
	uint64_t start, size; /* bytes in the section */
	int64_t pc;           /* in the program, NOT_PLACED if it is not part of it */
};

/* A source line, for the instructions from `offset` bytes in its section. */
struct line {
	size_t section;
	uint32_t offset, number, column;
	const char *file, *text;
};

struct object {
	char *file;
	size_t file_size;
	Elf *elf;
	struct section *sections;
	size_t nsections;
	struct symbol *symbols;
	size_t nsymbols;
	struct object_function *functions;
	struct range *ranges;
	size_t nfunctions;
	struct btf *btf;
	struct object_map *maps;
	uint64_t *map_offsets; /* of each in .maps */
	size_t nmaps;
	struct line *lines;
	size_t nlines;
	/* What linking makes. */
	struct vouch_insn *insns;
	uint8_t *rodata, *data, *helpers;
	size_t *order; /* functions by pc */
	size_t nplaced;
	struct vouch_image image;
	bool linked;
};

/* Say what is wrong. Returns false. */
bool object_refuse(struct object_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * An array of n elements with room for one more: the array, or a larger one and *room changed. NULL
 * if there is no memory; the array is as it was.
 */
void *object_grown(void *array, size_t n, size_t *room, size_t element);

/* The section's name for messages, its index for lookups; NULL if there is none. */
const char *section_name(const struct object *object, size_t index);
struct section *section_named(struct object *object, const char *name);

/* The function that holds this byte of a section; object->nfunctions if none does. */
size_t function_at(const struct object *object, size_t section, uint64_t offset);

bool is_code(const struct section *section);

/* maps.c, lines.c: fill in object->maps and object->lines from .maps, .BTF and .BTF.ext. */
bool object_read_maps(struct object *object, struct object_error *error);
bool object_read_lines(struct object *object, struct object_error *error);

/* The map that lies at this offset of .maps; object->nmaps if none does. */
size_t map_at(const struct object *object, uint64_t offset);

#endif
