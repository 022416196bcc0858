/* SPDX-License-Identifier: MIT */
/*
 * Flat program images: what `vouch pack` makes of an ELF object and what a device receives. An image is read in
 * place; text and read-only data stay where they are (flash), writable data gets RAM from the caller.
 *
 * Layout: this header, then text, then rodata, then the data template; each part starts at a multiple of 8
 * bytes from the image's start, padded with zeros, and nothing follows the last part's padding. Multi-byte fields of the header are
 * little-endian; instructions and data have the byte order that the header names.
 *
 * Images come from strangers. vouch_image_open() believes nothing, and what it returns still goes through
 * vouch_check(), as every program does.
 */
#ifndef VOUCH_IMAGE_H
#define VOUCH_IMAGE_H

#include "vouch/vouch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VOUCH_IMAGE_MAGIC   "vouch\r\n\x1a" /* 8 bytes, damaged by text-mode transfers */
#define VOUCH_IMAGE_VERSION 1u
#define VOUCH_IMAGE_HEADER  64u /* bytes */

/* An image's parts, pointing into it. */
struct vouch_image {
	struct vouch_program program;
	const uint8_t *rodata;   /* data object 0; rodata_size bytes */
	uint32_t rodata_size;
	const uint8_t *data;     /* the template of data object 1; data_size bytes */
	uint32_t data_size;
	uint32_t bss_size;       /* zeros that follow it */
	const uint8_t *helpers;  /* nhelpers ids, 4 bytes each, little-endian, ascending */
	uint32_t nhelpers;
};

/*
 * Read an image of `size` bytes, aligned to 8.
 * Returns VOUCH_OK; VOUCH_BAD_IMAGE (also when misaligned), VOUCH_BAD_CRC or VOUCH_BAD_BYTEORDER.
 */
enum vouch_status vouch_image_open(struct vouch_image *image, const void *bytes, size_t size);

/*
 * Fill in the parts of a config that an image decides: program and the addresses of its data objects, and two regions for them.
 * ram: data_size + bss_size bytes, aligned to 8, zero or more; is initialised. May be NULL if both are 0.
 * regions: out, two: rodata and writable data. They (and the caller's own, if any) go into config->regions.
 */
void vouch_image_load(const struct vouch_image *image, void *ram, struct vouch_config *config,
	struct vouch_region regions[2]);

/* Bytes that vouch_image_write() needs. */
size_t vouch_image_size(const struct vouch_image *image);

/* Write an image from its parts. Returns the bytes written, 0 if `size` is too small. Needs no alignment. */
size_t vouch_image_write(const struct vouch_image *image, void *bytes, size_t size);

#ifdef __cplusplus
}
#endif

#endif
