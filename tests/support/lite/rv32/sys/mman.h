/* SPDX-License-Identifier: MIT */
/* Linux's, as much as tests use: see start.c. */
#ifndef VOUCH_TEST_LITE_MMAN_H
#define VOUCH_TEST_LITE_MMAN_H

#include <stddef.h>

enum { PROT_READ = 1, PROT_WRITE = 2, PROT_EXEC = 4, MAP_PRIVATE = 2, MAP_ANONYMOUS = 32 };

#define MAP_FAILED ((void *)-1)

void *mmap(void *address, size_t size, int protection, int flags, int file, long offset);
int munmap(void *address, size_t size);
int mprotect(void *address, size_t size, int protection);

#endif
