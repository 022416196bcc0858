/* SPDX-License-Identifier: MIT */
/*
 * Source lines from .BTF.ext. libbpf knows BTF's types and strings; the line records are read here,
 * from the layout that the kernel documents (Documentation/bpf/btf.rst, "4.2 .BTF.ext section").
 * Debug information is a help, not an authority: what does not make sense is left out.
 */
#include "elf.h"

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t header_size;
	uint32_t func_offset, func_size;
	uint32_t line_offset, line_size;
};

struct ext_section {
	uint32_t name, records;
};

struct ext_line {
	uint32_t offset, file, text, position; /* line << 10 | column */
};

/* A stretch of bytes, read from its start. */
struct stretch {
	const uint8_t *bytes;
	size_t size;
};

static bool take(struct stretch *from, void *to, size_t size)
{
	if (from->size < size)
		return false;
	memcpy(to, from->bytes, size);
	from->bytes += size;
	from->size -= size;
	return true;
}

static bool add_line(
	struct object *object, size_t section, const struct ext_line *record, size_t *room)
{
	struct line *lines =
		object_grown(object->lines, object->nlines, room, sizeof(*object->lines));

	if (!lines)
		return false;
	object->lines = lines;
	lines[object->nlines++] = (struct line){.section = section,
		.offset = record->offset,
		.number = record->position >> 10,
		.column = record->position & 1023,
		.file = btf__name_by_offset(object->btf, record->file),
		.text = btf__name_by_offset(object->btf, record->text)};
	return true;
}

/* The records of one section: false when the rest makes no sense. */
static bool read_section(
	struct object *object, struct stretch *from, uint32_t record_size, size_t *room)
{
	struct ext_section head;
	const struct section *section;
	const char *name;

	if (!take(from, &head, sizeof(head)) || head.records == 0 ||
		head.records > from->size / record_size)
		return false;
	name = btf__name_by_offset(object->btf, head.name);
	section = name ? section_named(object, name) : NULL;
	for (uint32_t i = 0; i < head.records; i++) {
		struct ext_line record;

		memcpy(&record, from->bytes, sizeof(record));
		from->bytes += record_size;
		from->size -= record_size;
		if (section &&
			!add_line(object, (size_t)(section - object->sections), &record, room))
			return false;
	}
	return true;
}

bool object_read_lines(struct object *object, struct object_error *error)
{
	const struct section *ext = section_named(object, ".BTF.ext");
	struct ext_header header;
	struct stretch all, lines;
	uint32_t record_size;
	size_t room = 0;

	(void)error;
	if (!object->btf || !ext || !ext->bytes)
		return true;
	all = (struct stretch){ext->bytes, ext->size};
	if (!take(&all, &header, sizeof(header)) || header.magic != BTF_MAGIC ||
		header.header_size < sizeof(header) || header.header_size > ext->size)
		return true;
	lines = (struct stretch){ext->bytes + header.header_size, ext->size - header.header_size};
	if (header.line_offset > lines.size || header.line_size > lines.size - header.line_offset)
		return true;
	lines = (struct stretch){lines.bytes + header.line_offset, header.line_size};
	if (!take(&lines, &record_size, sizeof(record_size)) ||
		record_size < sizeof(struct ext_line))
		return true;
	for (size_t i = 0; i < object->nsections && lines.size > 0; i++)
		if (!read_section(object, &lines, record_size, &room))
			break;
	return true;
}
