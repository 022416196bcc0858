/* SPDX-License-Identifier: MIT */
/* picolibc's, and what it has not. */
#ifndef VOUCH_TEST_LITE_STDIO_H
#define VOUCH_TEST_LITE_STDIO_H
#include_next <stdio.h>

FILE *open_memstream(char **text, size_t *size);

#endif
