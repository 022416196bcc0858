/* SPDX-License-Identifier: MIT */
/*
 * See disassemble.h. By objdump: who has the cross compilers that the prover needs has that, and it
 * knows all targets, which Capstone 4 does not. It reads the code from a file in memory.
 */
#include "prover/theorem/disassemble.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
	const char *target, *objdump, *machine;
} tools[] = {
	{"rv64", "riscv64-linux-gnu-objdump", "riscv:rv64"},
	{"rv32", "riscv64-linux-gnu-objdump", "riscv:rv32"},
	{"arm64", "aarch64-linux-gnu-objdump", "aarch64"},
	{"thumb2", "arm-none-eabi-objdump", "arm -M force-thumb"},
	{"x86_64", "x86_64-linux-gnu-objdump", "i386:x86-64"},
};

/* "   200010000:\t00054503          \tlbu\ta0,0(a0)": address, digits, text. */
static bool parse(char *line, uint64_t *address, size_t *length, char **text)
{
	size_t digits = 0;
	char *end, *tab;

	*address = strtoull(line, &end, 16);
	if (end == line || end[0] != ':' || end[1] != '\t')
		return false;
	tab = strchr(end + 2, '\t');
	if (!tab)
		return false;
	for (char *c = end + 2; c < tab; c++)
		digits += isxdigit((unsigned char)*c) != 0;
	*length = digits / 2;
	*text = tab + 1;
	(*text)[strcspn(*text, "\n")] = '\0';
	for (char *c = *text; *c; c++)
		if (*c == '\t')
			*c = ' ';
	return digits > 0;
}

static FILE *start(const char *target, uint64_t address, int fd)
{
	char command[256];

	for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
		if (strcmp(tools[i].target, target) != 0)
			continue;
		snprintf(command, sizeof(command),
			"%s -D -z -b binary -m %s --adjust-vma=0x%llx /proc/%d/fd/%d 2>/dev/null",
			tools[i].objdump, tools[i].machine, (unsigned long long)address,
			(int)getpid(), fd);
		fflush(NULL);
		return popen(command, "r");
	}
	return NULL;
}

void disassemble(const char *target, uint64_t address, const uint8_t *code, size_t size,
	unsigned unit, void (*each)(void *user, size_t offset, size_t length, const char *text),
	void *user)
{
	int fd = memfd_create("code", 0);
	size_t done = 0, room = 0, length;
	char *line = NULL, *text;
	FILE *lines = NULL;
	uint64_t at;

	if (fd >= 0 && size > 0 && write(fd, code, size) == (ssize_t)size)
		lines = start(target, address, fd);
	while (lines && getline(&line, &room, lines) >= 0)
		if (parse(line, &at, &length, &text) && at - address == done &&
			length <= size - done) {
			each(user, done, length, text);
			done += length;
		}
	if (lines)
		pclose(lines);
	if (fd >= 0)
		close(fd);
	free(line);
	for (; done < size; done += unit)
		each(user, done, size - done < unit ? size - done : unit, "");
}
