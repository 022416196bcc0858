/* SPDX-License-Identifier: MIT */
/* Hexadecimal to bytes, in two passes over the text: is it hexadecimal and how much, then the
 * bytes. */
#include <stdlib.h>
#include <string.h>

#include "hex.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The bytes go to `out` unless that is NULL. Returns how many, or SIZE_MAX if the text isn't
 * hexadecimal. */
static size_t scan(const char *text, uint8_t *out)
{
	bool word_starts = true;
	size_t n = 0;

	while (*text) {
		if (is_blank(*text)) {
			word_starts = true;
			text++;
			continue;
		}
		if (word_starts && text[0] == '0' && text[1] == 'x')
			text += 2;
		word_starts = false;
		if (digit(text[0]) < 0 || digit(text[1]) < 0)
			return SIZE_MAX;
		if (out)
			out[n] = (uint8_t)(digit(text[0]) << 4 | digit(text[1]));
		n++;
		text += 2;
	}
	return n;
}

enum hex_verdict hex_parse(const char *text, struct bytes *result)
{
	size_t size = scan(text, NULL);

	*result = (struct bytes){0};
	if (size == SIZE_MAX)
		return HEX_INVALID;
	if (size == 0)
		return HEX_OK;
	result->bytes = malloc(size);
	if (!result->bytes)
		return HEX_MEMORY;
	result->size = scan(text, result->bytes);
	return HEX_OK;
}
