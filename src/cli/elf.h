/* SPDX-License-Identifier: MIT */
/* ELF objects, for input.c: what the loader found out about one, as an input has it. */
#ifndef VOUCH_CLI_ELF_H
#define VOUCH_CLI_ELF_H

#include "input.h"

/* As input_open(), for bytes already read. */
int elf_open(struct input *input, const char *entry);
void elf_close(struct input *input);

struct input_place elf_place(const struct input *input, uint32_t pc);

#endif
