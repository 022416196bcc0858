/* SPDX-License-Identifier: MIT */
/* Reading --mem. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "memory.h"

/* The vm takes an empty context for none; its address must then be zero, as without --mem. */
static int read_file(const char *path, struct bytes *bytes)
{
	int exit = input_read(path, bytes);

	if (exit == EXIT_RAN && bytes->size == 0) {
		free(bytes->bytes);
		bytes->bytes = NULL;
	}
	return exit;
}

int memory_read(const struct command *command, const char *argument, struct bytes *bytes)
{
	if (argument[0] == '@')
		return read_file(argument + 1, bytes);
	if (strcmp(argument, "-") == 0)
		return read_file(argument, bytes);
	switch (hex_parse(argument, bytes)) {
	case HEX_OK:
		return EXIT_RAN;
	case HEX_MEMORY:
		complain("out of memory for --mem");
		return EXIT_ENVIRONMENT;
	case HEX_INVALID:
		break;
	}
	if (access(argument, F_OK) == 0)
		return read_file(argument, bytes);
	return complain_usage(command,
		"--mem: '%.60s' is neither hexadecimal bytes nor a file ('@FILE' is always a file)",
		argument);
}
