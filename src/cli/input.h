/* SPDX-License-Identifier: MIT */
/*
 * The program file that a command was given: read, recognised by its content, and brought into one
 * form, whatever it was: the parts of a flat image, and what its kind knows about names, maps and
 * source lines.
 */
#ifndef VOUCH_CLI_INPUT_H
#define VOUCH_CLI_INPUT_H

#include <stdbool.h>

#include "hex.h"
#include "isa/text.h"
#include "load/object.h"
#include "vouch/image.h"

enum input_kind { INPUT_ELF, INPUT_IMAGE, INPUT_TEXT, INPUT_RAW };

enum { INPUT_TEXT_SIZE = DISASM_MAX };

/* What is wrong with a file that is no program. */
struct refusal {
	char message[512];
	unsigned line, column; /* in a text; 0 elsewhere */
	const char *source;    /* that line */
	size_t length;
};

struct input {
	const char *path;
	enum input_kind kind;
	struct bytes bytes;           /* the file */
	struct vouch_image image;     /* the program and its data */
	struct object *object;        /* INPUT_ELF */
	struct asm_result text;       /* INPUT_TEXT */
	struct asm_symbol *functions; /* those of its labels that are functions */
	size_t nfunctions;
	const struct object_map *maps; /* in the order of their handles, from 1 */
	size_t nmaps;
	struct refusal refusal;
};

/*
 * Read and understand a file; "-" is standard input. entry: the function to run, NULL for the
 * file's own choice. Returns EXIT_RAN; EXIT_STOPPED with input->refusal filled in; EXIT_ENVIRONMENT
 * after a complaint. input_close() is owed in any case.
 */
int input_open(struct input *input, const char *path, const char *entry);
void input_close(struct input *input);

/* Show why the file was refused: on standard error, or as a JSON document on standard output. */
void input_show_refusal(const struct input *input, bool as_json);

/* The same for a file that has to be assembly. */
int input_open_text(struct input *input, const char *path);

/* Instructions; those with 64-bit immediates take two slots. */
uint32_t input_count(const struct input *input);

/*
 * For commands that run the program or promise that it can be run: can all its maps be made?
 * Returns EXIT_RAN, or EXIT_STOPPED with input->refusal filled in.
 */
int input_check_maps(struct input *input);

/* "elf", "image", "assembly", "raw". */
const char *input_kind_name(const struct input *input);

/* Find the functions among a text's labels; done when it is opened. */
void input_index(struct input *input);

/* Where a pc is, as far as it is known; else NULL. */
struct input_place {
	const char *function;
	uint32_t offset; /* slots from the function's start */
	const char *file, *text;
	unsigned line, column;
};

struct input_place input_place(const struct input *input, uint32_t pc);

/* One instruction as text. */
void input_disassemble(const struct input *input, uint32_t pc, char text[INPUT_TEXT_SIZE]);

/* Read a file whole, or standard input. Returns EXIT_RAN, or EXIT_ENVIRONMENT after a complaint. */
int input_read(const char *path, struct bytes *bytes);

#endif
