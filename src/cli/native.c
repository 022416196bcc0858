/* SPDX-License-Identifier: MIT */
/*
 * Disassembly of generated code. Capstone 4, which is what distributions carry, has no RISC-V and
 * of AArch64 only Armv8.0; there the target's objdump reads all of the code once, from a file that
 * exists in memory only, and its lines are looked up by offset.
 */
#include <capstone/capstone.h>
#include <ctype.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"
#include "native.h"

enum { NO_CAPSTONE = -1 };

/* objdump: its name for Debian's cross binutils, and what -m calls the target. unit: bytes of the
 * smallest instruction. partly: capstone doesn't know all of it, objdump is asked first. */
static const struct language {
	const char *target;
	int arch;
	int mode;
	const char *objdump, *machine;
	size_t unit;
	bool partly;
} languages[] = {
	{"x86_64", CS_ARCH_X86, CS_MODE_64, "x86_64-linux-gnu-objdump", "i386:x86-64", 1, false},
	{"x86_32", CS_ARCH_X86, CS_MODE_32, "i686-linux-gnu-objdump", "i386", 1, false},
	{"arm64", CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, "aarch64-linux-gnu-objdump", "aarch64", 4,
		CS_API_MAJOR < 5},
	{"arm32", CS_ARCH_ARM, CS_MODE_ARM, "arm-linux-gnueabihf-objdump", "arm", 4, false},
	{"thumb2", CS_ARCH_ARM, CS_MODE_THUMB | CS_MODE_MCLASS, "arm-none-eabi-objdump", "arm", 2,
		false},
#if CS_API_MAJOR >= 5
	{"rv64", CS_ARCH_RISCV, CS_MODE_RISCV64 | CS_MODE_RISCVC, "riscv64-linux-gnu-objdump",
		"riscv:rv64", 2, false},
	{"rv32", CS_ARCH_RISCV, CS_MODE_RISCV32 | CS_MODE_RISCVC, "riscv64-linux-gnu-objdump",
		"riscv:rv32", 2, false},
#else
	{"rv64", NO_CAPSTONE, 0, "riscv64-linux-gnu-objdump", "riscv:rv64", 2, false},
	{"rv32", NO_CAPSTONE, 0, "riscv64-linux-gnu-objdump", "riscv:rv32", 2, false},
#endif
};

struct line {
	size_t offset, length;
	char *text;
};

struct native {
	const struct language *language; /* NULL: unknown target */
	const uint8_t *code;
	size_t size;
	csh capstone; /* 0: not open */
	struct line *lines;
	size_t nlines;
	const char *tool;
};

static const struct language *find_language(const char *target)
{
	for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (strcmp(languages[i].target, target) == 0)
			return &languages[i];
	return NULL;
}

static bool open_capstone(struct native *native)
{
	const struct language *language = native->language;

	return language->arch != NO_CAPSTONE && cs_support(language->arch) &&
	       cs_open((cs_arch)language->arch, (cs_mode)language->mode, &native->capstone) ==
	               CS_ERR_OK;
}

/* "mov w9, #0x5   // #5" says nothing twice. */
static void cut_comment(char *text)
{
	char *end = strstr(text, "//");

	while (end && end > text && end[-1] == ' ')
		end--;
	if (end)
		*end = '\0';
}

/* "  1a:\t00054503          \tlbu\ta0,0(a0)": offset, encoding in groups of digits, text. */
static bool parse_line(char *text, struct line *line)
{
	char *at, *tab;
	size_t digits = 0;

	line->offset = strtoull(text, &at, 16);
	if (at == text || at[0] != ':' || at[1] != '\t')
		return false;
	tab = strchr(at + 2, '\t');
	if (!tab)
		return false;
	for (char *c = at + 2; c < tab; c++)
		digits += isxdigit((unsigned char)*c) != 0;
	line->length = digits / 2;
	tab[strcspn(tab, "\n")] = '\0';
	for (char *c = tab; *c; c++)
		if (*c == '\t')
			*c = ' ';
	cut_comment(tab);
	line->text = tab + 1;
	return line->length > 0;
}

static void add_line(struct native *native, const struct line *line)
{
	/* Grows at powers of two. */
	if ((native->nlines & (native->nlines - 1)) == 0) {
		struct line *more =
			allocate(native->nlines ? 2 * native->nlines : 1, sizeof(*more));

		if (native->nlines)
			memcpy(more, native->lines, native->nlines * sizeof(*more));
		free(native->lines);
		native->lines = more;
	}
	native->lines[native->nlines] = *line;
	native->lines[native->nlines++].text =
		strcpy(allocate(strlen(line->text) + 1, 1), line->text);
}

static void read_lines(struct native *native, FILE *from)
{
	char *text = NULL;
	size_t room = 0;
	struct line line;

	while (getline(&text, &room, from) >= 0)
		if (parse_line(text, &line))
			add_line(native, &line);
	free(text);
}

/* Start an objdump that reads `code_fd` and writes to the returned pipe. */
static FILE *start_objdump(const char *name, const char *machine, int code_fd, pid_t *pid)
{
	extern char **environ;
	char file[32];
	const char *arguments[] = {name, "-D", "-z", "-b", "binary", "-m", machine, file, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	snprintf(file, sizeof(file), "/proc/self/fd/%d", code_fd);
	if (pipe(ends) != 0)
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	posix_spawn_file_actions_addclose(&actions, ends[1]);
	error = posix_spawnp(
		pid, name, &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return NULL;
	}
	return fdopen(ends[0], "r");
}

static bool run_objdump(struct native *native, const char *name, int code_fd)
{
	int status;
	pid_t pid;
	FILE *lines = start_objdump(name, native->language->machine, code_fd, &pid);

	if (!lines)
		return false;
	read_lines(native, lines);
	fclose(lines);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void open_objdump(struct native *native)
{
	int fd = memfd_create("code", 0);
	const char *const names[] = {native->language->objdump, "objdump"};

	if (fd >= 0 && write(fd, native->code, native->size) == (ssize_t)native->size)
		for (size_t i = 0; i < 2 && !native->tool; i++)
			if (run_objdump(native, names[i], fd))
				native->tool = names[i];
	if (fd >= 0)
		close(fd);
}

struct native *native_open(const char *target, const uint8_t *code, size_t size)
{
	struct native *native = allocate(1, sizeof(*native));

	*native = (struct native){.language = find_language(target), .code = code, .size = size};
	if (!native->language)
		return native;
	if (native->language->partly || !open_capstone(native))
		open_objdump(native);
	if (!native->tool && (native->capstone || open_capstone(native)))
		native->tool = "capstone";
	return native;
}

void native_close(struct native *native)
{
	if (native->capstone)
		cs_close(&native->capstone);
	for (size_t i = 0; i < native->nlines; i++)
		free(native->lines[i].text);
	free(native->lines);
	free(native);
}

const char *native_tool(const struct native *native)
{
	return native->tool;
}

static size_t by_capstone(
	const struct native *native, size_t offset, size_t end, char text[NATIVE_TEXT])
{
	const uint8_t *code = native->code + offset;
	size_t left = end - offset, length = 0;
	uint64_t address = offset;
	cs_insn *insn = cs_malloc(native->capstone);

	if (insn && cs_disasm_iter(native->capstone, &code, &left, &address, insn)) {
		snprintf(text, NATIVE_TEXT, "%s%s%s", insn->mnemonic, *insn->op_str ? " " : "",
			insn->op_str);
		length = insn->size;
	}
	if (insn)
		cs_free(insn, 1);
	return length;
}

static int compare(const void *key, const void *element)
{
	size_t offset = *(const size_t *)key;
	const struct line *line = element;

	return offset < line->offset ? -1 : offset > line->offset;
}

static size_t by_objdump(
	const struct native *native, size_t offset, size_t end, char text[NATIVE_TEXT])
{
	const struct line *line = native->nlines ? bsearch(&offset, native->lines, native->nlines,
							   sizeof(*line), compare)
	                                         : NULL;

	if (!line || line->length > end - offset)
		return 0;
	snprintf(text, NATIVE_TEXT, "%s", line->text);
	return line->length;
}

size_t native_text(const struct native *native, size_t offset, size_t end, char text[NATIVE_TEXT])
{
	size_t length = 0, unit = native->language ? native->language->unit : 1;

	if (native->capstone)
		length = by_capstone(native, offset, end, text);
	else if (native->lines)
		length = by_objdump(native, offset, end, text);
	if (length > 0)
		return length;
	snprintf(text, NATIVE_TEXT, native->tool ? "(data)" : "");
	return unit < end - offset ? unit : end - offset;
}
