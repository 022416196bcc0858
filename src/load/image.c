/* SPDX-License-Identifier: MIT */
/*
 * Flat images, read in place and written. The reader is for devices and believes nothing: sizes are
 * added in 64 bits, parts must fill the image exactly, padding and reserved bytes are zero, helper
 * ids ascend.
 */
#include "vouch/image.h"

enum {
	AT_CRC = 8,
	AT_VERSION = 12,
	AT_FLAGS = 14,
	AT_SIZE = 16,
	AT_COUNT = 20,
	AT_ENTRY = 24,
	AT_RODATA = 28,
	AT_DATA = 32,
	AT_BSS = 36,
	AT_HELPERS = 40,
	AT_RESERVED = 44
};

static const char magic[8] = {'v', 'o', 'u', 'c', 'h', '\r', '\n', '\x1a'};

static uint32_t get(const uint8_t *bytes, size_t n)
{
	uint32_t value = 0;

	for (size_t i = n; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static void put(uint8_t *bytes, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* Bit by bit, reflected: small, and an image is read once. */
static uint32_t crc32(const uint8_t *bytes, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static uint64_t padded(uint64_t size)
{
	return (size + 7) / 8 * 8;
}

static bool all_zero(const uint8_t *bytes, uint64_t size)
{
	for (uint64_t i = 0; i < size; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* The next part of an image, if it and the zeros after it are there. */
static const uint8_t *take(const uint8_t *bytes, size_t total, uint64_t *at, uint64_t size)
{
	const uint8_t *part = bytes + *at;

	if (padded(size) > total - *at || !all_zero(part + size, padded(size) - size))
		return NULL;
	*at += padded(size);
	return part;
}

static bool is_image(const uint8_t *bytes)
{
	for (size_t i = 0; i < sizeof(magic); i++)
		if (bytes[i] != (uint8_t)magic[i])
			return false;
	return true;
}

static bool helpers_ascend(const struct vouch_image *image)
{
	for (uint32_t i = 1; i < image->nhelpers; i++)
		if (get(image->helpers + 4 * (size_t)(i - 1), 4) >=
			get(image->helpers + 4 * (size_t)i, 4))
			return false;
	return true;
}

static bool take_parts(struct vouch_image *image, const uint8_t *bytes, size_t size)
{
	uint64_t at = VOUCH_IMAGE_HEADER;
	const uint8_t *text;

	image->program.count = get(bytes + AT_COUNT, 4);
	image->program.entry = get(bytes + AT_ENTRY, 4);
	image->rodata_size = get(bytes + AT_RODATA, 4);
	image->data_size = get(bytes + AT_DATA, 4);
	image->bss_size = get(bytes + AT_BSS, 4);
	image->nhelpers = get(bytes + AT_HELPERS, 4);
	if ((uint64_t)image->data_size + image->bss_size > INT32_MAX)
		return false;
	text = take(bytes, size, &at, (uint64_t)image->program.count * sizeof(struct vouch_insn));
	image->program.insns = (const struct vouch_insn *)(const void *)text;
	if (!text)
		return false;
	image->rodata = take(bytes, size, &at, image->rodata_size);
	if (!image->rodata)
		return false;
	image->data = take(bytes, size, &at, image->data_size);
	if (!image->data)
		return false;
	image->helpers = take(bytes, size, &at, (uint64_t)image->nhelpers * 4);
	return image->helpers && at == size && helpers_ascend(image);
}

enum vouch_status vouch_image_open(struct vouch_image *image, const void *start, size_t size)
{
	const uint8_t *bytes = start;
	uint32_t flags;

	*image = (struct vouch_image){0};
	if ((uintptr_t)start % 8 != 0 || size < VOUCH_IMAGE_HEADER || !is_image(bytes))
		return VOUCH_BAD_IMAGE;
	if (get(bytes + AT_VERSION, 2) != VOUCH_IMAGE_VERSION || get(bytes + AT_SIZE, 4) != size)
		return VOUCH_BAD_IMAGE;
	if (get(bytes + AT_CRC, 4) != crc32(bytes + AT_VERSION, size - AT_VERSION))
		return VOUCH_BAD_CRC;
	flags = get(bytes + AT_FLAGS, 2);
	if (flags > VOUCH_IMAGE_BIG_ENDIAN ||
		!all_zero(bytes + AT_RESERVED, VOUCH_IMAGE_HEADER - AT_RESERVED))
		return VOUCH_BAD_IMAGE;
	if (flags != (VOUCH_BIG_ENDIAN ? VOUCH_IMAGE_BIG_ENDIAN : 0))
		return VOUCH_BAD_BYTEORDER;
	if (!take_parts(image, bytes, size)) {
		*image = (struct vouch_image){0};
		return VOUCH_BAD_IMAGE;
	}
	return VOUCH_OK;
}

void vouch_image_load(const struct vouch_image *image, void *ram, struct vouch_config *config,
	struct vouch_region regions[2])
{
	uint8_t *bytes = ram;

	for (uint32_t i = 0; i < image->data_size; i++)
		bytes[i] = image->data[i];
	for (uint32_t i = 0; i < image->bss_size; i++)
		bytes[(size_t)image->data_size + i] = 0;
	config->program = image->program;
	config->data[0] = image->rodata_size ? (uintptr_t)image->rodata : 0;
	config->data[1] = (uintptr_t)ram;
	regions[0] = (struct vouch_region){config->data[0], image->rodata_size, VOUCH_READ};
	regions[1] = (struct vouch_region){config->data[1],
		(size_t)image->data_size + image->bss_size, VOUCH_READ | VOUCH_WRITE};
}

static uint64_t image_size(const struct vouch_image *image)
{
	return VOUCH_IMAGE_HEADER + (uint64_t)image->program.count * sizeof(struct vouch_insn) +
	       padded(image->rodata_size) + padded(image->data_size) +
	       padded((uint64_t)image->nhelpers * 4);
}

size_t vouch_image_size(const struct vouch_image *image)
{
	uint64_t size = image_size(image);

	return size <= UINT32_MAX && size <= SIZE_MAX ? (size_t)size : 0;
}

/* Copy a part to *at, which moves to the next part. The bytes there are zero already. */
static void give(uint8_t **at, const void *part, size_t size)
{
	const uint8_t *bytes = part;

	for (size_t i = 0; i < size; i++)
		(*at)[i] = bytes[i];
	*at += padded(size);
}

size_t vouch_image_write(const struct vouch_image *image, void *start, size_t room)
{
	size_t size = vouch_image_size(image);
	uint8_t *bytes = start, *at = bytes + VOUCH_IMAGE_HEADER;

	if (size == 0 || size > room)
		return 0;
	for (size_t i = 0; i < size; i++)
		bytes[i] = 0;
	for (size_t i = 0; i < sizeof(magic); i++)
		bytes[i] = (uint8_t)magic[i];
	put(bytes + AT_VERSION, VOUCH_IMAGE_VERSION, 2);
	put(bytes + AT_FLAGS, VOUCH_BIG_ENDIAN ? VOUCH_IMAGE_BIG_ENDIAN : 0, 2);
	put(bytes + AT_SIZE, (uint32_t)size, 4);
	put(bytes + AT_COUNT, image->program.count, 4);
	put(bytes + AT_ENTRY, image->program.entry, 4);
	put(bytes + AT_RODATA, image->rodata_size, 4);
	put(bytes + AT_DATA, image->data_size, 4);
	put(bytes + AT_BSS, image->bss_size, 4);
	put(bytes + AT_HELPERS, image->nhelpers, 4);
	give(&at, image->program.insns, image->program.count * sizeof(struct vouch_insn));
	give(&at, image->rodata, image->rodata_size);
	give(&at, image->data, image->data_size);
	give(&at, image->helpers, (size_t)image->nhelpers * 4);
	put(bytes + AT_CRC, crc32(bytes + AT_VERSION, size - AT_VERSION), 4);
	return size;
}
