/* SPDX-License-Identifier: MIT */
/*
 * Data: the sections that the program refers to become one read-only and one writable object, in
 * the file's order. Sections of zeros come last and take no memory here, however large a file says
 * they are; the others take no more than the file.
 */
#include "link.h"

#include <stdlib.h>
#include <string.h>

enum { DATA_MAX = 1 << 28, ALIGN_MAX = 4096 };

/* Zeros without bytes in the file can only be meant to be written. */
static bool is_zeros(const struct section *section)
{
	return section->header.sh_type == SHT_NOBITS;
}

static bool is_writable(const struct section *section)
{
	return (section->header.sh_flags & SHF_WRITE) || is_zeros(section);
}

static struct section *section_of(const struct linker *linker, const struct reference *reference)
{
	return &linker->object->sections[symbol_of(linker, reference->reloc)->section];
}

bool refer_to_data(struct linker *linker, const struct reloc *reloc, uint32_t pc)
{
	const struct vouch_insn *insn = &linker->object->insns[pc];
	int64_t addend = (int64_t)((uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm);
	struct reference *references = object_grown(linker->references, linker->nreferences,
		&linker->references_room, sizeof(*references));

	if (!references)
		return object_refuse(linker->error, "out of memory");
	linker->references = references;
	if (addend > INT32_MAX || addend < INT32_MIN)
		return refuse_reloc(linker, reloc, "far outside its section");
	references[linker->nreferences] =
		(struct reference){reloc, pc, (int64_t)symbol_of(linker, reloc)->value + addend};
	section_of(linker, &references[linker->nreferences++])->needed = true;
	return true;
}

static bool refuse_pointers(struct linker *linker, size_t index)
{
	size_t count;
	const struct reloc *reloc = relocs_in(linker, index, 0, UINT64_MAX, &count);

	if (!reloc)
		return true;
	return object_refuse(linker->error,
		"section '%s' holds pointers (to '%s'): programs cannot know addresses before they "
		"run",
		section_name(linker->object, index), symbol_of(linker, reloc)->name);
}

/* Give a place to each needed section that is as asked for. *size: of the object so far. */
static bool place_sections(struct linker *linker, bool writable, bool zeros, uint64_t *size)
{
	struct object *object = linker->object;

	for (size_t i = 1; i < object->nsections; i++) {
		struct section *section = &object->sections[i];
		uint64_t align = section->header.sh_addralign;

		if (!section->needed || is_writable(section) != writable ||
			is_zeros(section) != zeros)
			continue;
		if (!refuse_pointers(linker, i))
			return false;
		if (align == 0 || (align & (align - 1)) != 0 || align > ALIGN_MAX)
			align = 8;
		*size = (*size + align - 1) & ~(align - 1);
		if (section->size > DATA_MAX - *size)
			return object_refuse(linker->error,
				"section '%s': more than %u MiB of data", section->name,
				DATA_MAX >> 20);
		section->placed = *size;
		*size += section->size;
	}
	return *size <= DATA_MAX ||
	       object_refuse(linker->error, "more than %u MiB of data", DATA_MAX >> 20);
}

/* The bytes of one object; NULL if there is no memory. */
static uint8_t *copy_sections(const struct object *object, bool writable, uint64_t size)
{
	uint8_t *bytes = calloc(size + 1, 1);

	for (size_t i = 1; bytes && i < object->nsections; i++) {
		const struct section *section = &object->sections[i];

		if (section->needed && is_writable(section) == writable && section->bytes)
			memcpy(bytes + section->placed, section->bytes, section->size);
	}
	return bytes;
}

/* Sections that share bytes could make a small file large. */
static bool refuse_overlaps(struct linker *linker)
{
	const struct object *object = linker->object;
	uint64_t sum = 0;

	for (size_t i = 1; i < object->nsections; i++)
		if (object->sections[i].needed && object->sections[i].bytes)
			sum += object->sections[i].size;
	return sum <= object->file_size ||
	       object_refuse(linker->error, "sections of data overlap in the file");
}

static bool resolve(struct linker *linker, const struct reference *reference)
{
	struct vouch_insn *insn = &linker->object->insns[reference->pc];
	const struct section *section = section_of(linker, reference);
	int64_t offset = (int64_t)section->placed + reference->offset;

	if (offset < 0)
		return refuse_reloc(
			linker, reference->reloc, "an address before the start of the data");
	if (offset > INT32_MAX)
		return refuse_reloc(linker, reference->reloc, "far outside its section");
	insn->regs = VOUCH_REGS(vouch_dst(insn), 6);
	insn->imm = is_writable(section);
	insn[1].imm = (int32_t)offset;
	return true;
}

bool place_data(struct linker *linker)
{
	struct object *object = linker->object;
	struct vouch_image *image = &object->image;
	uint64_t rodata = 0, data, all = 0;

	if (!refuse_overlaps(linker) || !place_sections(linker, false, false, &rodata) ||
		!place_sections(linker, true, false, &all))
		return false;
	data = all;
	if (!place_sections(linker, true, true, &all))
		return false;
	object->rodata = copy_sections(object, false, rodata);
	object->data = copy_sections(object, true, data);
	if (!object->rodata || !object->data)
		return object_refuse(linker->error, "out of memory");
	for (size_t i = 0; i < linker->nreferences; i++)
		if (!resolve(linker, &linker->references[i]))
			return false;
	/* Zeros at the end need no room in an image. */
	while (data > 0 && object->data[data - 1] == 0)
		data--;
	image->rodata = object->rodata;
	image->rodata_size = (uint32_t)rodata;
	image->data = object->data;
	image->data_size = (uint32_t)data;
	image->bss_size = (uint32_t)(all - data);
	return true;
}
