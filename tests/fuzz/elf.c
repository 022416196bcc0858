/* SPDX-License-Identifier: MIT */
/* Any bytes as an ELF object: whatever can be linked is packed, read back, checked and run. */
#include "load/object.h"
#include "support/run_image.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static bool helper_id(void *user, const char *name, uint32_t *id)
{
	(void)user;
	*id = (uint8_t)name[0] % 4;
	return *id < 3;
}

static void use(const struct vouch_image *linked)
{
	size_t size = vouch_image_size(linked);
	struct vouch_image image;
	void *bytes;
	uint64_t r0;

	if (size == 0 || size > 1 << 22)
		return;
	bytes = aligned_alloc(8, size);
	if (!bytes || vouch_image_write(linked, bytes, size) != size ||
		vouch_image_open(&image, bytes, size) != VOUCH_OK)
		abort();
	run_image(&image, &r0);
	free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct object_error error;
	struct object *object = object_open(bytes, size, &error);
	const struct object_function *functions;

	if (!object)
		return 0;
	object_functions(object, &functions);
	if (object_link(object, functions[0].name, helper_id, NULL, &error)) {
		use(object_image(object));
		for (uint32_t pc = 0; pc < 64; pc++)
			object_place(object, pc);
	}
	object_close(object);
	return 0;
}
