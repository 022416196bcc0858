/* SPDX-License-Identifier: MIT */
/*
 * Flat program images: what `vouch pack` makes of an ELF object and what a device receives. An
 * image is read in place; text and read-only data stay where they are (flash), writable data gets
 * RAM from the caller.
 *
 * Bytes, all of the header little-endian:
 *
 *    0  magic         8   VOUCH_IMAGE_MAGIC
 *    8  crc           4   CRC-32 (IEEE 802.3) of everything from byte 12 to the end
 *   12  version       2   VOUCH_IMAGE_VERSION
 *   14  flags         2   VOUCH_IMAGE_BIG_ENDIAN or 0
 *   16  size          4   of the whole image
 *   20  count         4   instruction slots
 *   24  entry         4   pc of the first instruction to run
 *   28  rodata size   4
 *   32  data size     4   of the template of the writable data
 *   36  bss size      4   zeros after it
 *   40  helpers       4   number of ids
 *   44  reserved     20   zero
 *   64  text, rodata, data template, helper ids (4 bytes each, ascending), in this order
 *
 * Each part starts at a multiple of 8, after zeros, and so does the end. Instructions and data have
 * the byte order that the flags name.
 *
 * Images come from strangers. vouch_image_open() believes nothing, and what it returns still goes
 * through vouch_check(), as every program does.
 */
#ifndef VOUCH_IMAGE_H
#define VOUCH_IMAGE_H

#include "vouch/vouch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VOUCH_IMAGE_MAGIC      "vouch\r\n\x1a" /* 8 bytes, damaged by text-mode transfers */
#define VOUCH_IMAGE_VERSION    1u
#define VOUCH_IMAGE_HEADER     64u /* bytes */
#define VOUCH_IMAGE_BIG_ENDIAN 1u  /* in flags */

/* An image's parts, pointing into it. */
struct vouch_image {
	struct vouch_program program;
	const uint8_t *rodata; /* data object 0; rodata_size bytes */
	uint32_t rodata_size;
	const uint8_t *data; /* the template of data object 1; data_size bytes */
	uint32_t data_size;
	uint32_t bss_size;      /* zeros that follow it */
	const uint8_t *helpers; /* nhelpers ids, 4 bytes each, little-endian, ascending */
	uint32_t nhelpers;
};

/*
 * Read an image of `size` bytes, aligned to 8.
 * Returns VOUCH_OK; VOUCH_BAD_IMAGE (also when misaligned), VOUCH_BAD_CRC or VOUCH_BAD_BYTEORDER.
 */
enum vouch_status vouch_image_open(struct vouch_image *image, const void *bytes, size_t size);

/*
 * Fill in the parts of a config that an image decides: its program, the addresses of its data
 * objects, and the regions that let it reach them. ram: data_size + bss_size bytes, aligned to 8;
 * is initialised. May be NULL if both are 0. regions: out: rodata and writable data. They belong
 * into config->regions, before or after the caller's own.
 */
void vouch_image_load(const struct vouch_image *image, void *ram, struct vouch_config *config,
	struct vouch_region regions[2]);

/* Bytes that vouch_image_write() needs. */
size_t vouch_image_size(const struct vouch_image *image);

/* Write an image from its parts. Returns the bytes written, 0 if `size` is too small. Needs no
 * alignment. */
size_t vouch_image_write(const struct vouch_image *image, void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
