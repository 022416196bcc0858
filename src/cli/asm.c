/* SPDX-License-Identifier: MIT */
/* `vouch asm`: assembly to raw instructions. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "input.h"
#include "options.h"
#include "output.h"

enum { OUTPUT = 'o', HEX = 'x' };

static const struct cli_option asm_options[] = {
	{"output", OUTPUT, "FILE", "write there (default '-': standard output)"},
	{"hex", HEX, NULL, "as hexadecimal digits, an instruction a line"},
	{0},
};

/* Two digits a byte, and an end of line after each slot. */
static int write_hex(const char *path, const struct vouch_program *program)
{
	size_t room = (size_t)program->count * 17 + 1;
	char *text = allocate(room, 1), *at = text;
	int exit;

	for (uint32_t pc = 0; pc < program->count; pc++) {
		const uint8_t *bytes = (const uint8_t *)&program->insns[pc];

		for (unsigned i = 0; i < sizeof(struct vouch_insn); i++, at += 2)
			snprintf(at, 3, "%02x", bytes[i]);
		*at++ = '\n';
	}
	exit = output_write(path, text, (size_t)(at - text));
	free(text);
	return exit;
}

static int write_program(
	const struct command *command, const char *path, const struct input *input, bool hex)
{
	const struct vouch_program *program = &input->image.program;

	if (hex)
		return write_hex(path, program);
	if (path[0] == '-' && !path[1] && isatty(STDOUT_FILENO))
		return complain_usage(command,
			"raw instructions don't belong on a terminal: use --output FILE or --hex");
	return output_write(path, program->insns, program->count * sizeof(*program->insns));
}

static int asm_main(const struct command *command, int argc, char **argv)
{
	struct options options = options_of(command, argc, argv);
	const char *path, *output = "-";
	struct input input = {0};
	bool hex = false;
	int exit;

	for (int id; !options.stop && (id = options_next(&options)) != OPTIONS_END;) {
		if (id == OUTPUT)
			output = options.argument;
		else
			hex = true;
	}
	path = options.stop ? NULL : options_file(&options);
	if (!path)
		return options.exit;
	exit = input_open_text(&input, path);
	if (exit == EXIT_RAN)
		exit = write_program(command, output, &input, hex);
	else
		input_show_refusal(&input, false);
	input_close(&input);
	return exit;
}

const struct command command_asm = {
	.name = "asm",
	.summary = "assemble to raw instructions",
	.usage = "FILE [OPTION]...",
	.about = "Assembles LLVM's BPF syntax, which is what 'clang -S' writes and 'vouch\n"
		 "disasm' prints, to raw instructions in this machine's byte order. Calls\n"
		 "may name helpers.\n",
	.examples = "  vouch asm prog.s -o prog.bin\n"
		    "  echo 'r0 = 42; exit' | vouch asm - --hex\n",
	.options = asm_options,
	.main = asm_main,
};
