/* SPDX-License-Identifier: MIT */
/* See chosen.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chosen.h"
#include "cli.h"
#include "input.h"
#include "isa/isa.h"
#include "output.h"

static bool is_insn(const struct vouch_program *program, uint32_t pc)
{
	return program->insns[pc].opcode != 0;
}

static bool is_chosen(const uint32_t *chosen, uint32_t pc)
{
	return chosen[pc / 32] >> pc % 32 & 1;
}

/* A decimal number below `limit` at *text, which moves on. */
static bool read_decimal(const char **text, uint64_t limit, uint32_t *number)
{
	uint64_t value = 0;
	const char *at = *text;

	for (; *at >= '0' && *at <= '9' && value < limit; at++)
		value = 10 * value + (uint64_t)(*at - '0');
	if (at == *text || value >= limit)
		return false;
	*number = (uint32_t)value;
	*text = at;
	return true;
}

static bool read_range(const char **text, uint32_t count, uint32_t *first, uint32_t *last)
{
	if (!read_decimal(text, count, first))
		return false;
	*last = *first;
	if (**text != '-')
		return true;
	++*text;
	return read_decimal(text, count, last) && *last >= *first;
}

int chosen_parse(const char *ranges, const struct vouch_program *program, uint32_t **chosen)
{
	uint32_t *bits = allocate(VOUCH_CHOSEN_WORDS(program->count), sizeof(*bits)), first, last;
	const char *text = ranges;

	do {
		if (!read_range(&text, program->count, &first, &last) || (*text && *text != ',')) {
			complain(
				"--hybrid: '%.60s' is not a list of instructions from 0 to %" PRIu32
				", such as 3-9,12",
				ranges, program->count - 1);
			free(bits);
			return EXIT_USAGE;
		}
		for (uint32_t pc = first; pc <= last; pc++)
			bits[pc / 32] |= 1u << pc % 32;
	} while (*text++ == ',');
	*chosen = bits;
	return EXIT_RAN;
}

/* The last instruction of the range that starts at pc; second halves of immediates belong to it. */
static uint32_t end_of_range(
	const uint32_t *chosen, const struct vouch_program *program, uint32_t pc)
{
	uint32_t last = pc;

	for (; pc < program->count && (is_chosen(chosen, pc) || !is_insn(program, pc)); pc++)
		if (is_insn(program, pc))
			last = pc;
	return last;
}

void chosen_print(FILE *file, const uint32_t *chosen, const struct vouch_program *program)
{
	const char *before = "";

	for (uint32_t pc = 0; pc < program->count; pc++) {
		uint32_t last;

		if (!is_chosen(chosen, pc) || !is_insn(program, pc))
			continue;
		last = end_of_range(chosen, program, pc);
		fprintf(file, "%s%" PRIu32, before, pc);
		if (last > pc)
			fprintf(file, "-%" PRIu32, last);
		before = ",";
		pc = last;
	}
	if (!*before)
		fputs("none", file);
}

int counts_write(const char *path, const uint32_t *counts, const struct vouch_program *program)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	int exit;

	if (!file) {
		complain("out of memory");
		return EXIT_ENVIRONMENT;
	}
	for (uint32_t pc = 0; pc < program->count; pc++)
		if (is_insn(program, pc))
			fprintf(file, "%" PRIu32 " %" PRIu32 "\n", pc, counts[pc]);
	fclose(file);
	exit = output_write(path, text, size);
	free(text);
	return exit;
}

static bool read_line(const char **text, uint32_t count, uint32_t *counts)
{
	uint32_t pc;

	if (!read_decimal(text, count, &pc) || *(*text)++ != ' ' ||
		!read_decimal(text, (uint64_t)UINT32_MAX + 1, &counts[pc]))
		return false;
	return *(*text)++ == '\n';
}

int counts_read(const char *path, const struct vouch_program *program, uint32_t **counts)
{
	struct bytes file;
	int exit = input_read(path, &file);
	const char *text;
	char *copy;

	if (exit != EXIT_RAN)
		return exit;
	copy = allocate(file.size + 1, 1);
	memcpy(copy, file.bytes, file.size);
	*counts = allocate(program->count, sizeof(**counts));
	for (text = copy; exit == EXIT_RAN && text < copy + file.size;)
		if (!read_line(&text, program->count, *counts))
			exit = EXIT_USAGE;
	if (exit != EXIT_RAN) {
		complain(
			"%s: not the counts of such a program: 'vouch run --counts' writes them, a "
			"pc and a number on each line",
			path);
		free(*counts);
	}
	free(copy);
	free(file.bytes);
	return exit;
}
