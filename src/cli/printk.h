/* SPDX-License-Identifier: MIT */
/* Linux's bpf_trace_printk formats, with everything that a program points to read through its
 * regions. */
#ifndef VOUCH_CLI_PRINTK_H
#define VOUCH_CLI_PRINTK_H

#include "vouch/vouch.h"

enum { PRINTK_ARGUMENTS = 3, PRINTK_SIZE = 1024, PRINTK_EINVAL = 22 };

/*
 * Format `arguments` into `out`, cut off at PRINTK_SIZE with its zero. format[size - 1] must be
 * zero. Knows % d i u x X with l and ll, c, s, p, px, %%, each with flags (0 + - blank) and a
 * width. Strings come from the program's memory, end at what it can't read, and show '?' for what
 * isn't printable. Returns the length, or -PRINTK_EINVAL for a format that Linux refuses, too.
 */
int printk_format(const struct vouch_vm *vm, const char *format, size_t size,
	const uint64_t arguments[PRINTK_ARGUMENTS], char out[PRINTK_SIZE]);

#endif
