/* SPDX-License-Identifier: MIT */
/* `vouch disasm`: any program as text; to be assembled again, or with offsets, bytes and source
 * lines to be read. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "isa/isa.h"
#include "options.h"
#include "output.h"

static bool same_line(const struct input_place *a, const struct input_place *b)
{
	return a->file && b->file && a->line == b->line && strcmp(a->file, b->file) == 0;
}

static void list_place(FILE *out, const struct input_place *place, const struct input_place *before)
{
	if (place->function && place->offset == 0)
		fprintf(out, "\n%s:\n", place->function);
	if (place->file && !same_line(place, before))
		fprintf(out, "; %s:%u: %s\n", place->file, place->line,
			place->text ? place->text : "");
}

static void list_insn(FILE *out, const struct input *input, uint32_t pc)
{
	const uint8_t *bytes = (const uint8_t *)&input->image.program.insns[pc];
	char text[INPUT_TEXT_SIZE];

	input_disassemble(input, pc, text);
	fprintf(out, "%8" PRIu32 ":  ", pc);
	for (unsigned i = 0; i < sizeof(struct vouch_insn); i++)
		fprintf(out, "%02x ", bytes[i]);
	fprintf(out, " %s\n", text);
}

static void list(FILE *out, const struct input *input)
{
	const struct vouch_program *program = &input->image.program;
	struct input_place before = {0};

	for (uint32_t pc = 0; pc < program->count; pc++) {
		struct input_place place = input_place(input, pc);

		list_place(out, &place, &before);
		list_insn(out, input, pc);
		if (place.file)
			before = place;
		if (vouch_is_wide(&program->insns[pc]) && pc + 1 < program->count)
			pc++;
	}
}

/* The listing as text in memory, the caller's to free(). */
static char *listing_of(const struct input *input)
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	list(out, input);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static int write_text(const char *path, const struct input *input, bool listing)
{
	const struct vouch_program *program = &input->image.program;
	char *text = listing ? listing_of(input)
	                     : disasm_program(program->insns, program->count, program->entry,
				       input_place(input, program->entry).function);
	int exit;

	if (!text) {
		complain("out of memory for the text");
		return EXIT_ENVIRONMENT;
	}
	exit = output_write(path, text, strlen(text));
	free(text);
	return exit;
}

enum { ENTRY = 'e', OUTPUT = 'o', LISTING = 'l' };

static const struct cli_option disasm_options[] = {
	{"entry", ENTRY, "NAME", "the function (or section, or label) where the program starts"},
	{"output", OUTPUT, "FILE", "write there (default '-': standard output)"},
	{"listing", LISTING, NULL, "show offsets, bytes and source lines"},
	{0},
};

static int disasm_main(const struct command *command, int argc, char **argv)
{
	struct options options = options_of(command, argc, argv);
	const char *path, *entry = NULL, *output = "-";
	struct input input = {0};
	bool listing = false;
	int exit;

	for (int id; !options.stop && (id = options_next(&options)) != OPTIONS_END;) {
		if (id == ENTRY)
			entry = options.argument;
		else if (id == OUTPUT)
			output = options.argument;
		else
			listing = true;
	}
	path = options.stop ? NULL : options_file(&options);
	if (!path)
		return options.exit;
	exit = input_open(&input, path, entry);
	if (exit == EXIT_RAN)
		exit = write_text(output, &input, listing);
	else
		input_show_refusal(&input, false);
	input_close(&input);
	return exit;
}

const struct command command_disasm = {
	.name = "disasm",
	.summary = "show a program as assembly",
	.usage = "FILE [OPTION]...",
	.about = "Prints a program in LLVM's BPF syntax, with labels, so that 'vouch asm'\n"
		 "makes the same instructions of it. Slots that are no instruction appear as\n"
		 "'.8byte'.\n",
	.examples = "  vouch disasm prog.o\n"
		    "  vouch disasm prog.o --listing\n"
		    "  vouch disasm prog.bin | vouch asm - -o same.bin\n",
	.options = disasm_options,
	.main = disasm_main,
};
