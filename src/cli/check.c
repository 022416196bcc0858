/* SPDX-License-Identifier: MIT */
/* `vouch check`: would this program be run at all? */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "helpers.h"
#include "input.h"
#include "json.h"
#include "options.h"
#include "report.h"

static void show_json(const struct input *input, const struct report *report)
{
	struct json json = json_begin(stdout);

	json_string(&json, "file", input->path);
	json_string(&json, "kind", input_kind_name(input));
	if (report->fault.status == VOUCH_OK) {
		json_string(&json, "status", vouch_status_name(VOUCH_OK));
		json_number(&json, "instructions", input_count(input));
		json_number(&json, "slots", input->image.program.count);
	} else {
		report_json(&json, report);
	}
	json_end(&json);
}

static int check_input(const struct input *input, bool any_helper, bool as_json)
{
	struct report report = {.input = input};
	enum vouch_status status = vouch_check(&input->image.program, helpers_table,
		any_helper ? VOUCH_ANY_HELPER : HELPERS, &report.fault);

	if (as_json)
		show_json(input, &report);
	else if (status == VOUCH_OK)
		printf("ok: %" PRIu32 " instructions\n", input_count(input));
	else
		report_text(&report);
	return status == VOUCH_OK ? EXIT_RAN : EXIT_STOPPED;
}

enum { ENTRY = 'e', ANY_HELPER = 256, JSON };

static const struct cli_option check_options[] = {
	{"entry", ENTRY, "NAME", "the function (or section, or label) to start at"},
	{"any-helper", ANY_HELPER, NULL, "accept calls of helpers that 'vouch run' doesn't have"},
	{"json", JSON, NULL, "print the verdict as JSON"},
	{0},
};

static int check_main(const struct command *command, int argc, char **argv)
{
	struct options options = options_of(command, argc, argv);
	bool any_helper = false, as_json = false;
	const char *path, *entry = NULL;
	struct input input = {0};
	int exit;

	for (int id; !options.stop && (id = options_next(&options)) != OPTIONS_END;) {
		if (id == ENTRY)
			entry = options.argument;
		else if (id == ANY_HELPER)
			any_helper = true;
		else
			as_json = true;
	}
	path = options.stop ? NULL : options_file(&options);
	if (!path)
		return options.exit;
	exit = input_open(&input, path, entry);
	if (exit == EXIT_RAN)
		exit = input_check_maps(&input);
	if (exit == EXIT_RAN)
		exit = check_input(&input, any_helper, as_json);
	else
		input_show_refusal(&input, as_json);
	input_close(&input);
	return exit;
}

const struct command command_check = {
	.name = "check",
	.summary = "say whether a program would be run, and if not, why",
	.usage = "FILE [OPTION]...",
	.about = "Loads a program and checks every instruction, as each run does before it\n"
		 "starts. Prints 'ok: N instructions', or what is refused and where.\n",
	.examples = "  vouch check prog.o\n"
		    "  vouch check prog.o --entry filter --json\n",
	.options = check_options,
	.main = check_main,
};
