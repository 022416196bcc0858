/* SPDX-License-Identifier: MIT */
/* See layout.h. */
#include "prover/theorem/layout.h"

#include <stdlib.h>

#include "jit/jit.h"

enum { FIELDS_MAX = 24 };

struct field {
	size_t host_offset, size; /* the host's */
	unsigned alignment;       /* 0: it is a pointer */
	const char *name;
};

struct layout {
	size_t host_size;
	struct field field[FIELDS_MAX]; /* all of them, in order */
};

#define SIZE_IN(type, name)      sizeof(((type *)0)->name)
#define ALIGNMENT_IN(type, name) _Alignof(__typeof__(((type *)0)->name))
#define POINTER(type, name)                                         \
	{                                                           \
		offsetof(type, name), SIZE_IN(type, name), 0, #name \
	}
/* Of integers, arrays and structs of them; alignments are the same everywhere. */
#define FIELD(type, name)                                                                  \
	{                                                                                  \
		offsetof(type, name), SIZE_IN(type, name), ALIGNMENT_IN(type, name), #name \
	}

#define P(name) POINTER(struct jit, name)
#define F(name) FIELD(struct jit, name)
const struct layout layout_jit = {sizeof(struct jit),
	{P(program), F(features), P(out), F(size), F(pos), P(offset), P(cold), P(heads), P(targets),
		P(chosen), P(reached), F(label), F(test), F(group), F(far), F(status)}};
#undef P
#undef F

#define P(name) POINTER(struct vouch_target, name)
#define F(name) FIELD(struct vouch_target, name)
const struct layout layout_target = {sizeof(struct vouch_target),
	{P(name), F(word), F(max_insn), F(max_frame), P(prologue), P(resume), P(epilogue), F(align),
		F(reach), P(nops), P(insn), P(cold), P(handover), P(find_group), P(guard)}};
#undef P
#undef F

#define P(name) POINTER(struct vouch_program, name)
#define F(name) FIELD(struct vouch_program, name)
const struct layout layout_program = {sizeof(struct vouch_program), {P(insns), F(count), F(entry)}};
#undef P
#undef F

static size_t size_of(const struct field *field, unsigned word)
{
	return field->alignment ? field->size : word;
}

static size_t aligned(size_t offset, size_t alignment)
{
	return (offset + alignment - 1) / alignment * alignment;
}

/*
 * The field at or around the host's offset, and where it starts on the machine; at the host's end,
 * NULL, and where the struct ends.
 */
static const struct field *walk(
	const struct layout *layout, unsigned word, size_t host_offset, size_t *start)
{
	size_t offset = 0, most = 1;

	for (const struct field *f = layout->field; f < layout->field + FIELDS_MAX && f->size;
		f++) {
		size_t alignment = f->alignment ? f->alignment : word;

		offset = aligned(offset, alignment);
		if (host_offset >= f->host_offset && host_offset < f->host_offset + f->size) {
			*start = offset;
			return f;
		}
		offset += size_of(f, word);
		most = alignment > most ? alignment : most;
	}
	*start = aligned(offset, most);
	return NULL;
}

static const struct field *field_at(
	const struct layout *layout, unsigned word, size_t host_offset, size_t *start)
{
	const struct field *f = walk(layout, word, host_offset, start);

	/* No struct of these has such a field. */
	if (!f || (!f->alignment && host_offset != f->host_offset))
		abort();
	return f;
}

size_t layout_offset(const struct layout *layout, unsigned word, size_t host_offset)
{
	size_t start;
	const struct field *f = field_at(layout, word, host_offset, &start);

	return start + (host_offset - f->host_offset);
}

unsigned layout_bytes(
	const struct layout *layout, unsigned word, size_t host_offset, size_t host_bytes)
{
	size_t start;
	const struct field *f = field_at(layout, word, host_offset, &start);

	return f->alignment ? (unsigned)host_bytes : word;
}

size_t layout_size(const struct layout *layout, unsigned word)
{
	size_t end;

	(void)walk(layout, word, layout->host_size, &end);
	return end;
}

bool layout_field(const struct layout *layout, size_t index, const char **name, size_t *host_offset)
{
	const struct field *f = &layout->field[index];

	if (index >= FIELDS_MAX || !f->size)
		return false;
	*name = f->name;
	*host_offset = f->host_offset;
	return true;
}
