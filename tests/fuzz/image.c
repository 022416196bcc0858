/* SPDX-License-Identifier: MIT */
/* Any bytes as an image; the checksum is made right, so that what is behind it is reached. */
#include "support/run_image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static uint32_t crc32(const uint8_t *bytes, size_t size)
{
	uint32_t state = UINT32_MAX;

	for (size_t i = 0; i < 8 * size; i++)
		state = state >> 1 ^
		        ((state ^ (uint32_t)(bytes[i / 8] >> i % 8)) & 1 ? 0xedb88320 : 0);
	return ~state;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size + !size);
	struct vouch_image image;
	uint64_t r0;

	if (!copy)
		abort();
	memcpy(copy, bytes, size);
	if (size >= VOUCH_IMAGE_HEADER) {
		uint32_t sum;

		memcpy(copy, VOUCH_IMAGE_MAGIC, 8);
		copy[16] = (uint8_t)size;
		copy[17] = (uint8_t)(size >> 8);
		sum = crc32(copy + 12, size - 12);
		for (unsigned i = 0; i < 4; i++)
			copy[8 + i] = (uint8_t)(sum >> 8 * i);
	}
	if (vouch_image_open(&image, copy, size) == VOUCH_OK)
		run_image(&image, &r0);
	free(copy);
	return 0;
}
