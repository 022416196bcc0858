/* SPDX-License-Identifier: MIT */
/*
 * Recognising a program file by its content, and loading each kind. Nobody's file name or extension
 * is believed.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "elf.h"
#include "helpers.h"
#include "input.h"
#include "isa/isa.h"
#include "json.h"
#include "maps.h"
#include "utf8.h"

static int refuse(struct input *input, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(struct input *input, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(input->refusal.message, sizeof(input->refusal.message), format, arguments);
	va_end(arguments);
	return EXIT_STOPPED;
}

static bool starts_with(const struct bytes *bytes, const char *magic, size_t size)
{
	return bytes->size >= size && memcmp(bytes->bytes, magic, size) == 0;
}

static enum input_kind recognise(const struct bytes *bytes)
{
	if (starts_with(bytes,
		    "\x7f"
		    "ELF",
		    4))
		return INPUT_ELF;
	if (starts_with(bytes, VOUCH_IMAGE_MAGIC, 8))
		return INPUT_IMAGE;
	return utf8_is_text(bytes->bytes, bytes->size) ? INPUT_TEXT : INPUT_RAW;
}

const char *input_kind_name(const struct input *input)
{
	static const char *const names[] = {"elf", "image", "assembly", "raw"};

	return names[input->kind];
}

/* Files without names for their functions can only be run from where they start. */
static int refuse_entry(struct input *input, const char *entry)
{
	return refuse(input, "%s has no names: it can't be entered at '%s'",
		input->kind == INPUT_RAW ? "a file of raw instructions" : "an image", entry);
}

static int open_image(struct input *input, const char *entry)
{
	enum vouch_status status =
		vouch_image_open(&input->image, input->bytes.bytes, input->bytes.size);

	if (status != VOUCH_OK)
		return refuse(input, "%s", vouch_status_text(status));
	return entry ? refuse_entry(input, entry) : EXIT_RAN;
}

static int open_raw(struct input *input, const char *entry)
{
	size_t slots = input->bytes.size / sizeof(struct vouch_insn);

	if (input->bytes.size % sizeof(struct vouch_insn) != 0)
		return refuse(input,
			"neither ELF, image nor text, and %zu bytes are not raw instructions of 8 "
			"bytes each",
			input->bytes.size);
	if (slots > VOUCH_INSNS_MAX)
		return refuse(
			input, "%zu instruction slots; %u are possible", slots, VOUCH_INSNS_MAX);
	input->image.program.insns = (const void *)input->bytes.bytes;
	input->image.program.count = (uint32_t)slots;
	return entry ? refuse_entry(input, entry) : EXIT_RAN;
}

static const struct asm_symbol *find_label(const struct asm_result *text, const char *name)
{
	for (size_t i = 0; i < text->nsymbols; i++)
		if (strcmp(text->symbols[i].name, name) == 0)
			return &text->symbols[i];
	return NULL;
}

static int assemble(struct input *input)
{
	struct refusal *refusal = &input->refusal;
	struct asm_error error;

	if (asm_text((const char *)input->bytes.bytes, input->bytes.size, helpers_id, NULL,
		    &input->text, &error)) {
		input->image.program.insns = input->text.insns;
		input->image.program.count = input->text.count;
		input_index(input);
		return EXIT_RAN;
	}
	refusal->line = error.line;
	refusal->column = error.column;
	refusal->source = error.source;
	refusal->length = error.length;
	return refuse(input, "%s", error.message);
}

static int open_text(struct input *input, const char *entry)
{
	const struct asm_symbol *label;
	int exit = assemble(input);

	if (exit != EXIT_RAN || !entry)
		return exit;
	label = find_label(&input->text, entry);
	if (!label)
		return refuse(input, "no label '%s'", entry);
	input->image.program.entry = label->pc;
	return EXIT_RAN;
}

static int load(struct input *input, const char *entry)
{
	switch (input->kind) {
	case INPUT_ELF:
		return elf_open(input, entry);
	case INPUT_IMAGE:
		return open_image(input, entry);
	case INPUT_TEXT:
		return open_text(input, entry);
	default:
		return open_raw(input, entry);
	}
}

int input_open(struct input *input, const char *path, const char *entry)
{
	int exit;

	*input = (struct input){.path = strcmp(path, "-") == 0 ? "standard input" : path};
	exit = input_read(path, &input->bytes);
	if (exit != EXIT_RAN)
		return exit;
	input->kind = recognise(&input->bytes);
	return load(input, entry);
}

int input_open_text(struct input *input, const char *path)
{
	int exit;

	*input = (struct input){
		.path = strcmp(path, "-") == 0 ? "standard input" : path, .kind = INPUT_TEXT};
	exit = input_read(path, &input->bytes);
	return exit == EXIT_RAN ? assemble(input) : exit;
}

void input_close(struct input *input)
{
	elf_close(input);
	asm_free(&input->text);
	free(input->functions);
	free(input->bytes.bytes);
	*input = (struct input){0};
}

int input_check_maps(struct input *input)
{
	uint64_t size = 0;

	for (size_t i = 0; i < input->nmaps; i++) {
		const char *why = map_refusal(&input->maps[i]);

		if (why)
			return refuse(input, "map %s: %s", input->maps[i].name, why);
		size += map_size(&input->maps[i]);
		if (size > MAPS_MAX)
			return refuse(input, "map %s: the program's maps take more than 1 GiB",
				input->maps[i].name);
	}
	return EXIT_RAN;
}

uint32_t input_count(const struct input *input)
{
	const struct vouch_program *program = &input->image.program;
	uint32_t n = 0;

	for (uint32_t pc = 0; pc < program->count; pc++, n++)
		pc += vouch_is_wide(&program->insns[pc]);
	return n;
}

/* A line of text with a mark under the column; tabs stay, so that the mark is where it should be.
 */
static void show_source(const struct refusal *refusal)
{
	fprintf(stderr, "  %.*s\n  ", (int)refusal->length, refusal->source);
	for (size_t i = 0; i + 1 < refusal->column && i < refusal->length; i++)
		fputc(refusal->source[i] == '\t' ? '\t' : ' ', stderr);
	fputs("^\n", stderr);
}

static void show_refusal_text(const struct input *input)
{
	const struct refusal *refusal = &input->refusal;

	if (refusal->line > 0)
		complain("%s:%u:%u: %s", input->path, refusal->line, refusal->column,
			refusal->message);
	else
		complain("%s: refused: %s", input->path, refusal->message);
	if (refusal->source)
		show_source(refusal);
}

static void show_refusal_json(const struct input *input)
{
	const struct refusal *refusal = &input->refusal;
	struct json json = json_begin(stdout);

	json_string(&json, "file", input->path);
	json_string(&json, "kind", input_kind_name(input));
	json_string(&json, "status", "refused");
	json_string(&json, "message", refusal->message);
	if (refusal->line > 0) {
		json_number(&json, "line", refusal->line);
		json_number(&json, "column", refusal->column);
	}
	json_end(&json);
}

void input_show_refusal(const struct input *input, bool as_json)
{
	if (!input->refusal.message[0])
		return; /* an environment problem, which has been said */
	if (as_json)
		show_refusal_json(input);
	else
		show_refusal_text(input);
}
