/* SPDX-License-Identifier: MIT */
/* ELF objects: the loader does the work; here its answers become an input's. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "elf.h"
#include "helpers.h"

static int refuse(struct input *input, const struct object_error *error)
{
	snprintf(input->refusal.message, sizeof(input->refusal.message), "%s", error->message);
	return EXIT_STOPPED;
}

int elf_open(struct input *input, const char *entry)
{
	struct object_error error;

	input->object = object_open(input->bytes.bytes, input->bytes.size, &error);
	if (!input->object || !object_link(input->object, entry, helpers_id, NULL, &error))
		return refuse(input, &error);
	input->image = *object_image(input->object);
	input->nmaps = object_maps(input->object, &input->maps);
	return EXIT_RAN;
}

void elf_close(struct input *input)
{
	if (input->object)
		object_close(input->object);
}

struct input_place elf_place(const struct input *input, uint32_t pc)
{
	struct object_place place = object_place(input->object, pc);

	/* Line 0: the compiler's own code. */
	if (place.line == 0)
		place.file = place.text = NULL;
	if (place.text)
		place.text += strspn(place.text, " \t");
	return (struct input_place){
		.function = place.function,
		.offset = place.offset,
		.file = place.file,
		.text = place.text,
		.line = place.line,
		.column = place.column,
	};
}
