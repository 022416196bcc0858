/* SPDX-License-Identifier: MIT */
/* Bytes written as hexadecimal digits. */
#ifndef VOUCH_CLI_HEX_H
#define VOUCH_CLI_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes, alone in memory of exactly their size; `bytes` is free()'s. No bytes: NULL. */
struct bytes {
	uint8_t *bytes;
	size_t size;
};

enum hex_verdict { HEX_OK, HEX_INVALID, HEX_MEMORY };

/*
 * Words of an even number of digits, each with or without 0x before it, separated by blanks or ends
 * of line. Returns HEX_INVALID if the text is anything else, HEX_MEMORY without memory for the
 * bytes.
 */
enum hex_verdict hex_parse(const char *text, struct bytes *result);

#endif
