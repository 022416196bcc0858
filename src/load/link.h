/* SPDX-License-Identifier: MIT */
/* What the files of linking share: link.c (functions), relocate.c (relocations), data.c. */
#ifndef VOUCH_LINK_H
#define VOUCH_LINK_H

#include "elf.h"

#ifndef R_BPF_64_64
#define R_BPF_64_64 1
#endif
#ifndef R_BPF_64_32
#define R_BPF_64_32 10
#endif

struct reloc {
	size_t section;
	uint64_t offset;
	unsigned type;
	size_t symbol;
};

/* A 64-bit immediate that names data: it gets its offset once all data has its place. */
struct reference {
	const struct reloc *reloc;
	uint32_t pc;
	int64_t offset; /* in the symbol's section */
};

struct linker {
	struct object *object;
	struct object_error *error;
	object_helper_id helper;
	void *user;
	struct reloc *relocs; /* by section and offset */
	size_t nrelocs, relocs_room;
	struct reference *references;
	size_t nreferences, references_room;
	size_t insns_room;
};

/* relocate.c */

bool read_relocs(struct linker *linker);
const struct symbol *symbol_of(const struct linker *linker, const struct reloc *reloc);

/* The relocations of bytes from..to of a section: the first, and how many. */
const struct reloc *relocs_in(
	const struct linker *linker, size_t section, uint64_t from, uint64_t to, size_t *count);

/* Say why a reference can't be resolved, with its symbol and its section. Returns false. */
bool refuse_reloc(const struct linker *linker, const struct reloc *reloc, const char *why);

/* data.c: note that an instruction refers to data; later place all data that is referred to. */
bool refer_to_data(struct linker *linker, const struct reloc *reloc, uint32_t pc);
bool place_data(struct linker *linker);

#endif
