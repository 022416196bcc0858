/* SPDX-License-Identifier: MIT */
/* UTF-8: telling text from bytes that only look like it. */
#ifndef VOUCH_CLI_UTF8_H
#define VOUCH_CLI_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at `text` (Unicode 15, table 3-7); 0 if there is none within
 * `size`. */
size_t utf8_length(const unsigned char *text, size_t size);

/* True if all of it is UTF-8 without control characters other than white space. */
bool utf8_is_text(const unsigned char *text, size_t size);

#endif
