/* SPDX-License-Identifier: MIT */
/* `vouch pack`: a program as a flat image, which is what devices receive. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "input.h"
#include "options.h"
#include "output.h"
#include "report.h"

static int refuse_maps(const struct input *input)
{
	complain("%s: refused: images have no maps, but the program uses the map %s", input->path,
		input->maps[0].name);
	return EXIT_STOPPED;
}

static int write_image(const char *path, const struct vouch_image *image)
{
	size_t size = vouch_image_size(image);
	void *bytes = allocate(size, 1);
	int exit;

	vouch_image_write(image, bytes, size);
	exit = output_write(path, bytes, size);
	if (exit == EXIT_RAN && strcmp(path, "-") != 0)
		printf("%s: %zu bytes: %" PRIu32 " instruction slots, %" PRIu32
		       " bytes of read-only data, %" PRIu32 " of writable, %" PRIu32 " of zeros\n",
			path, size, image->program.count, image->rodata_size, image->data_size,
			image->bss_size);
	free(bytes);
	return exit;
}

/* What an image has must at least be a program; which helpers there are, only the device knows. */
static int pack_input(const char *path, const struct input *input)
{
	struct report report = {.input = input};

	if (input->nmaps > 0)
		return refuse_maps(input);
	if (vouch_check(&input->image.program, NULL, VOUCH_ANY_HELPER, &report.fault) != VOUCH_OK) {
		report_text(&report);
		return EXIT_STOPPED;
	}
	return write_image(path, &input->image);
}

enum { ENTRY = 'e', OUTPUT = 'o' };

static const struct cli_option pack_options[] = {
	{"output", OUTPUT, "FILE", "the image ('-': standard output)"},
	{"entry", ENTRY, "NAME", "the function (or section, or label) where the program starts"},
	{0},
};

static int pack_main(const struct command *command, int argc, char **argv)
{
	struct options options = options_of(command, argc, argv);
	const char *path, *entry = NULL, *output = NULL;
	struct input input = {0};
	int exit;

	for (int id; !options.stop && (id = options_next(&options)) != OPTIONS_END;) {
		if (id == ENTRY)
			entry = options.argument;
		else
			output = options.argument;
	}
	path = options.stop ? NULL : options_file(&options);
	if (path && !output)
		options_refuse(&options, "no --output FILE given for the image");
	if (options.stop)
		return options.exit;
	exit = input_open(&input, path, entry);
	if (exit == EXIT_RAN)
		exit = pack_input(output, &input);
	else
		input_show_refusal(&input, false);
	input_close(&input);
	return exit;
}

const struct command command_pack = {
	.name = "pack",
	.summary = "make a flat image for a device",
	.usage = "FILE --output FILE [OPTION]...",
	.about = "Makes an image of a program: its instructions, its data and the helpers\n"
		 "that it calls, with a checksum. Devices run images in place, without an\n"
		 "ELF loader (vouch/image.h). 'vouch run' runs them as well.\n",
	.examples = "  vouch pack prog.o -o prog.img\n"
		    "  vouch pack prog.o --entry filter -o filter.img && vouch run filter.img\n",
	.options = pack_options,
	.main = pack_main,
};
