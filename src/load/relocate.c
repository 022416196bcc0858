/* SPDX-License-Identifier: MIT */
/*
 * Relocations: read from all sections that are loaded, sorted, found by section and byte. What a
 * relocation means is link.c's business. Relocations of debug information are left alone: they
 * only concern those who would merge objects.
 */
#include "link.h"

#include <inttypes.h>
#include <stdlib.h>

const struct symbol *symbol_of(const struct linker *linker, const struct reloc *reloc)
{
	return &linker->object->symbols[reloc->symbol];
}

static int compare_relocs(const void *a, const void *b)
{
	const struct reloc *x = a, *y = b;

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static bool add_reloc(struct linker *linker, struct reloc reloc)
{
	struct reloc *relocs = object_grown(
		linker->relocs, linker->nrelocs, &linker->relocs_room, sizeof(*relocs));

	if (!relocs)
		return object_refuse(linker->error, "out of memory");
	linker->relocs = relocs;
	relocs[linker->nrelocs++] = reloc;
	return true;
}

static bool read_relocs_of(struct linker *linker, size_t index)
{
	struct object *object = linker->object;
	const struct section *section = &object->sections[index];
	size_t target = section->header.sh_info;
	Elf_Data *data;

	if (section->header.sh_type == SHT_RELA)
		return object_refuse(linker->error,
			"section '%s': BPF has no relocations with addends", section->name);
	if (section->header.sh_type != SHT_REL || target == 0 || target >= object->nsections ||
		!(object->sections[target].header.sh_flags & SHF_ALLOC))
		return true;
	if (section->header.sh_entsize != sizeof(Elf64_Rel))
		return object_refuse(
			linker->error, "section '%s': entries of a strange size", section->name);
	data = elf_getdata(elf_getscn(object->elf, index), NULL);
	if (!data)
		return object_refuse(
			linker->error, "section '%s': %s", section->name, elf_errmsg(-1));
	for (size_t i = 0; i < data->d_size / sizeof(Elf64_Rel); i++) {
		GElf_Rel rel;

		if (!gelf_getrel(data, (int)i, &rel) || GELF_R_SYM(rel.r_info) >= object->nsymbols)
			return object_refuse(linker->error,
				"section '%s': entry %zu names no symbol", section->name, i);
		if (!add_reloc(linker,
			    (struct reloc){target, rel.r_offset, (unsigned)GELF_R_TYPE(rel.r_info),
				    GELF_R_SYM(rel.r_info)}))
			return false;
	}
	return true;
}

bool read_relocs(struct linker *linker)
{
	for (size_t i = 1; i < linker->object->nsections; i++)
		if (!read_relocs_of(linker, i))
			return false;
	if (linker->nrelocs)
		qsort(linker->relocs, linker->nrelocs, sizeof(*linker->relocs), compare_relocs);
	return true;
}

/* The first relocation at or after a byte of a section; nrelocs if there is none. */
static size_t first_reloc(const struct linker *linker, size_t section, uint64_t offset)
{
	struct reloc key = {.section = section, .offset = offset};
	size_t low = 0, high = linker->nrelocs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_relocs(&linker->relocs[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct reloc *relocs_in(
	const struct linker *linker, size_t section, uint64_t from, uint64_t to, size_t *count)
{
	size_t first = first_reloc(linker, section, from);

	*count = first_reloc(linker, section, to) - first;
	return *count > 0 ? &linker->relocs[first] : NULL;
}

bool refuse_reloc(const struct linker *linker, const struct reloc *reloc, const char *why)
{
	return object_refuse(linker->error,
		"section '%s', byte 0x%" PRIx64 ": reference to '%s': %s",
		section_name(linker->object, reloc->section), reloc->offset,
		symbol_of(linker, reloc)->name, why);
}
