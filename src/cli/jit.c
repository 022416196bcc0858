/* SPDX-License-Identifier: MIT */
/* `vouch jit`: compile for any target on any host, and show what came out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chosen.h"
#include "cli.h"
#include "input.h"
#include "native.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "vouch/jit.h"

struct feature {
	const char *target, *name;
	uint32_t bit;
};

static const struct feature features[] = {
	{"x86_64", "bmi2", VOUCH_X86_BMI2},
	{"arm64", "lse", VOUCH_ARM_LSE},
	{"rv64", "c", VOUCH_RV_COMPRESSED},
	{"rv32", "c", VOUCH_RV_COMPRESSED},
	{"rv32", "a", VOUCH_RV_ATOMIC},
};

enum { FEATURES = sizeof(features) / sizeof(features[0]) };

struct request {
	const char *entry, *output, *features, *hybrid, *counts; /* NULL: not given */
	const struct vouch_target *target;
	uint64_t room; /* with counts: bytes */
	bool listing;
};

struct compiled {
	uint8_t *bytes;
	uint32_t *offsets; /* see vouch_compile() */
	uint32_t *chosen;  /* of hybrid mode, or NULL */
	struct vouch_code code;
};

/* A comma-separated list of names. */
static bool parse_features(struct options *options, const struct request *request, uint32_t *bits)
{
	const char *target = vouch_target_name(request->target), *list = request->features;

	*bits = 0;
	while (*list) {
		size_t length = strcspn(list, ","), i = 0;

		while (i < FEATURES && (strcmp(features[i].target, target) != 0 ||
					       strlen(features[i].name) != length ||
					       strncmp(features[i].name, list, length) != 0))
			i++;
		if (i < FEATURES) {
			*bits |= features[i].bit;
		} else if (length != 4 || strncmp(list, "none", 4) != 0) {
			options_refuse(options,
				"target %s has no feature '%.*s'; see 'vouch jit --targets'",
				target, (int)length, list);
			return false;
		}
		list += length + (list[length] == ',');
	}
	return true;
}

/* What was asked for; else what this machine has, if the code is for it; else the least. */
static bool choose_features(struct options *options, const struct request *request, uint32_t *bits)
{
	if (request->features)
		return parse_features(options, request, bits);
	*bits = request->target == vouch_target_host() ? vouch_features_host() : 0;
	return true;
}

static int list_targets(void)
{
	const struct vouch_target *target;

	for (size_t i = 0; (target = vouch_target_at(i)) != NULL; i++) {
		const char *name = vouch_target_name(target), *before = " features: ";

		printf("%-8s", name);
		for (size_t j = 0; j < FEATURES; j++)
			if (strcmp(features[j].target, name) == 0) {
				printf("%s%s", before, features[j].name);
				before = ",";
			}
		printf("%s\n", target == vouch_target_host() ? "  (this machine)" : "");
	}
	return EXIT_RAN;
}

/* Which instructions, if not all: those that were named, or the hottest. */
static int choose(const struct request *request, const struct vouch_program *program, uint32_t bits,
	struct compiled *compiled, enum vouch_status *status)
{
	uint32_t *counts;
	int exit;

	*status = VOUCH_OK;
	if (request->hybrid)
		return chosen_parse(request->hybrid, program, &compiled->chosen);
	if (!request->counts)
		return EXIT_RAN;
	exit = counts_read(request->counts, program, &counts);
	if (exit != EXIT_RAN)
		return exit;
	compiled->chosen = allocate(VOUCH_CHOSEN_WORDS(program->count), sizeof(uint32_t));
	*status = vouch_choose(request->target, bits, program, counts, request->room,
		compiled->offsets, compiled->chosen, &compiled->code);
	free(counts);
	return EXIT_RAN;
}

static enum vouch_status compile(struct compiled *compiled, const struct vouch_program *program,
	const struct vouch_target *target, uint32_t bits)
{
	enum vouch_status status;

	status = vouch_compile_chosen(target, bits, program, compiled->chosen, NULL, 0,
		compiled->offsets, &compiled->code);
	if (status != VOUCH_OK)
		return status;
	compiled->bytes = allocate(compiled->code.size, 1);
	return vouch_compile_chosen(target, bits, program, compiled->chosen, compiled->bytes,
		compiled->code.size, compiled->offsets, &compiled->code);
}

/* Machine code between two offsets: address, bytes, text. */
static void list_native(const struct native *native, const uint8_t *code, size_t from, size_t to)
{
	char text[NATIVE_TEXT];

	for (size_t n; from < to; from += n) {
		char hex[3 * 16 + 1] = "";

		n = native_text(native, from, to, text);
		for (size_t i = 0; i < n && i < 16; i++)
			snprintf(hex + 3 * i, 4, "%02x ", code[from + i]);
		printf("    %6zx: %-31s%s\n", from, hex, text);
	}
}

static void list_insns(const struct input *input, const struct compiled *compiled,
	const struct native *native, const uint32_t *offsets, bool cold)
{
	char text[INPUT_TEXT_SIZE];

	for (uint32_t pc = 0; pc < input->image.program.count; pc++) {
		struct input_place place = input_place(input, pc);

		if (offsets[pc] == offsets[pc + 1])
			continue;
		if (!cold && place.function && place.offset == 0)
			printf("\n%s:\n", place.function);
		input_disassemble(input, pc, text);
		printf("%6" PRIu32 ": %s\n", pc, text);
		list_native(native, compiled->bytes, offsets[pc], offsets[pc + 1]);
	}
}

static void print_size(const struct input *input, const struct compiled *compiled,
	const struct vouch_target *target)
{
	printf("%s: %zu bytes for ", vouch_target_name(target), compiled->code.size);
	if (compiled->chosen) {
		printf("instructions ");
		chosen_print(stdout, compiled->chosen, &input->image.program);
		printf("\n");
	} else {
		printf("%" PRIu32 " instruction slots\n", input->image.program.count);
	}
}

static void list(const struct input *input, const struct compiled *compiled,
	const struct vouch_target *target)
{
	uint32_t count = input->image.program.count;
	const uint32_t *hot = compiled->offsets, *cold = hot + count + 1;
	struct native *native =
		native_open(vouch_target_name(target), compiled->bytes, compiled->code.size);

	print_size(input, compiled, target);
	if (!native_tool(native))
		printf("(bytes only: neither capstone nor an objdump at hand knows %s)\n",
			vouch_target_name(target));
	printf("\nprologue and epilogue:\n");
	list_native(native, compiled->bytes, 0, hot[0]);
	printf("\ninstructions:\n");
	list_insns(input, compiled, native, hot, false);
	printf("\nout of line:\n");
	list_insns(input, compiled, native, cold, true);
	native_close(native);
}

static int show(
	const struct request *request, const struct input *input, const struct compiled *compiled)
{
	int exit = EXIT_RAN;

	if (request->output)
		exit = output_write(request->output, compiled->bytes, compiled->code.size);
	if (request->listing && exit == EXIT_RAN)
		list(input, compiled, request->target);
	if (!request->output && !request->listing)
		print_size(input, compiled, request->target);
	return exit;
}

static int compile_and_show(const struct request *request, const struct input *input, uint32_t bits)
{
	const struct vouch_program *program = &input->image.program;
	struct compiled compiled = {
		.offsets = allocate(VOUCH_JIT_SCRATCH(program->count), sizeof(uint32_t))};
	enum vouch_status status;
	int exit = choose(request, program, bits, &compiled, &status);

	if (exit == EXIT_RAN && status == VOUCH_OK)
		status = compile(&compiled, program, request->target, bits);
	if (exit == EXIT_RAN && status == VOUCH_JIT_SPACE) {
		complain("--hottest: the code that all instructions share takes more than %" PRIu64
			 " bytes",
			request->room);
		exit = EXIT_STOPPED;
	} else if (exit == EXIT_RAN && status != VOUCH_OK) {
		report_text(&(struct report){
			.input = input, .fault = {.status = status, .pc = compiled.code.pc}});
		exit = EXIT_STOPPED;
	} else if (exit == EXIT_RAN) {
		exit = show(request, input, &compiled);
	}
	free(compiled.bytes);
	free(compiled.offsets);
	free(compiled.chosen);
	return exit;
}

enum {
	ENTRY = 'e',
	OUTPUT = 'o',
	TARGET = 't',
	FEATURE_LIST = 'f',
	LISTING = 256,
	TARGETS,
	HYBRID,
	HOTTEST,
	COUNTS
};

static const struct cli_option jit_options[] = {
	{"target", TARGET, "NAME", "what to compile for (default: this machine)"},
	{"targets", TARGETS, NULL, "list targets and their features, and end"},
	{"features", FEATURE_LIST, "LIST", "what the target's CPU has, or 'none'"},
	{"entry", ENTRY, "NAME", "the function where the program starts"},
	{"output", OUTPUT, "FILE", "write the code there ('-': standard output)"},
	{"hybrid", HYBRID, "PCS", "for hybrid runs, compile only these instructions, as 3-9,12"},
	{"hottest", HOTTEST, "BYTES",
		"the same, those that --counts says run most, in so many bytes"},
	{"counts", COUNTS, "FILE", "how often each was run: by vouch run --counts"},
	{"asm", LISTING, NULL, "list BPF and machine code, interleaved"},
	{0},
};

static void choose_target(struct options *options, struct request *request)
{
	request->target = vouch_target_named(options->argument);
	if (!request->target)
		options_refuse(
			options, "no target '%s'; see 'vouch jit --targets'", options->argument);
}

static void set_room(struct options *options, struct request *request)
{
	if (parse_number(options->argument, SIZE_MAX, &request->room) != 0 || request->room == 0)
		options_refuse(
			options, "--hottest: '%.40s' is not a number of bytes", options->argument);
}

static int jit_main(const struct command *command, int argc, char **argv)
{
	struct options options = options_of(command, argc, argv);
	struct request request = {.target = vouch_target_host()};
	struct input input = {0};
	const char *path;
	uint32_t bits = 0;
	int exit;

	for (int id; !options.stop && (id = options_next(&options)) != OPTIONS_END;) {
		if (id == ENTRY)
			request.entry = options.argument;
		else if (id == OUTPUT)
			request.output = options.argument;
		else if (id == FEATURE_LIST)
			request.features = options.argument;
		else if (id == HYBRID)
			request.hybrid = options.argument;
		else if (id == HOTTEST)
			set_room(&options, &request);
		else if (id == COUNTS)
			request.counts = options.argument;
		else if (id == LISTING)
			request.listing = true;
		else if (id == TARGET)
			choose_target(&options, &request);
		else
			return list_targets();
	}
	path = options.stop ? NULL : options_file(&options);
	if (path && !request.target)
		options_refuse(&options, "there is no JIT for this machine: give --target");
	if (path && (request.room > 0) != (request.counts != NULL))
		options_refuse(&options, "--hottest and --counts go together: 'vouch run --counts "
					 "FILE' writes what --counts reads");
	if (path && request.hybrid && request.counts)
		options_refuse(&options, "--hybrid names instructions, --hottest has them chosen: "
					 "give one of them");
	if (path && request.listing && request.output && strcmp(request.output, "-") == 0)
		options_refuse(&options, "--output - and --asm would both use standard output");
	if (options.stop || !choose_features(&options, &request, &bits))
		return options.exit;
	exit = input_open(&input, path, request.entry);
	if (exit == EXIT_RAN)
		exit = compile_and_show(&request, &input, bits);
	else
		input_show_refusal(&input, false);
	input_close(&input);
	return exit;
}

const struct command command_jit = {
	.name = "jit",
	.summary = "compile to machine code of any target, on any host",
	.usage = "FILE [OPTION]...",
	.about = "Compiles a program and writes the code (--output), lists it (--asm), or\n"
		 "says how big it is. The code is position-independent. Without --features,\n"
		 "code for this machine uses all that it has; code for others uses the base\n"
		 "instruction set.\n",
	.examples = "  vouch jit prog.o --asm\n"
		    "  vouch jit prog.o --target rv64 --features c -o prog.rv64\n"
		    "  vouch jit prog.o --target thumb2 --hottest 1024 --counts prog.counts\n"
		    "  vouch jit --targets\n",
	.options = jit_options,
	.main = jit_main,
};
