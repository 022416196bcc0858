/* SPDX-License-Identifier: MIT */
/* `vouch run`: run a program, interpreted, compiled or both in turn, and say how it went. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "chosen.h"
#include "cli.h"
#include "code.h"
#include "input.h"
#include "interrupt.h"
#include "machine.h"
#include "memory.h"
#include "options.h"
#include "output.h"
#include "report.h"
#include "trace.h"

struct request {
	const char *entry, *memory, *memory_out, *hybrid, *counts_out; /* NULL: not given */
	size_t fuel;
	uint64_t seed;
	bool jit, trace, stats, json;
	uint32_t *chosen, *counts; /* of the program, for the two */
};

/* How a run went. */
struct outcome {
	enum vouch_status status;
	bool interrupted, started;
	uint64_t r0, run_ns;
	struct code code; /* --jit, --hybrid */
};

static bool compiles(const struct request *request)
{
	return request->jit || request->hybrid;
}

static void interpret(const struct request *request, const struct input *input,
	struct machine *machine, struct outcome *outcome)
{
	uint64_t start = code_clock();

	if (request->trace || request->stats || request->counts)
		outcome->status = trace_run(
			machine, request->trace ? input : NULL, request->counts, &outcome->r0);
	else
		outcome->status = vouch_run(&machine->vm, &outcome->r0);
	outcome->run_ns = code_clock() - start;
}

static void run_compiled(const struct request *request, const struct input *input,
	struct machine *machine, struct outcome *outcome)
{
	const struct vouch_program *program = &input->image.program;
	uint32_t *offsets = allocate(VOUCH_JIT_SCRATCH(program->count), sizeof(*offsets));
	struct vouch_hybrid hybrid = {.offsets = offsets, .chosen = request->chosen};
	uint64_t start;

	outcome->status = code_compile_chosen(&outcome->code, program, request->chosen, offsets);
	if (outcome->status == VOUCH_OK) {
		hybrid.code = outcome->code.address;
		start = code_clock();
		outcome->status =
			request->chosen
				? vouch_run_hybrid(&machine->vm, &hybrid, &outcome->r0)
				: vouch_run_compiled(&machine->vm, hybrid.code, &outcome->r0);
		outcome->run_ns = code_clock() - start;
		code_free(&outcome->code);
	} else {
		machine->vm.fault = (struct vouch_fault){
			.status = outcome->status, .pc = outcome->code.result.pc};
		outcome->started = false;
	}
	free(offsets);
}

static void run(const struct request *request, const struct input *input, struct machine *machine,
	struct outcome *outcome)
{
	outcome->started = true;
	interrupt_catch(&machine->vm);
	if (compiles(request))
		run_compiled(request, input, machine, outcome);
	else
		interpret(request, input, machine, outcome);
	outcome->interrupted = interrupt_release() && outcome->status == VOUCH_FAULT_FUEL;
}

static void stats_text(
	const struct request *request, const struct machine *machine, const struct outcome *outcome)
{
	fprintf(stderr, "fuel used     %zu\n", machine->vm.used);
	if (compiles(request)) {
		fprintf(stderr, "compile time  %" PRIu64 " ns\n", outcome->code.compile_ns);
		fprintf(stderr, "mapping time  %" PRIu64 " ns\n", outcome->code.map_ns);
		fprintf(stderr, "code size     %zu bytes\n", outcome->code.result.size);
		fprintf(stderr, "run time      %" PRIu64 " ns\n", outcome->run_ns);
		return;
	}
	fprintf(stderr, "instructions  %" PRIu64 "\n", machine->tracer.instructions);
	fprintf(stderr, "call depth    %u\n", trace_depth(machine));
	fprintf(stderr, "run time      %" PRIu64 " ns, counting included\n", outcome->run_ns);
}

static void stats_json(struct json *json, const struct request *request,
	const struct machine *machine, const struct outcome *outcome)
{
	json_open(json, "stats", '{');
	json_number(json, "fuel_used", machine->vm.used);
	json_number(json, "run_ns", outcome->run_ns);
	if (compiles(request)) {
		json_number(json, "compile_ns", outcome->code.compile_ns);
		json_number(json, "map_ns", outcome->code.map_ns);
		json_number(json, "code_bytes", outcome->code.result.size);
	} else {
		json_number(json, "instructions", machine->tracer.instructions);
		json_number(json, "call_depth", trace_depth(machine));
	}
	json_close(json, '}');
}

static struct report report_of(
	const struct input *input, const struct machine *machine, const struct outcome *outcome)
{
	return (struct report){
		.input = input,
		.machine = machine,
		.fault = machine->vm.fault,
		.interrupted = outcome->interrupted,
	};
}

static void show_text(const struct request *request, const struct input *input,
	const struct machine *machine, const struct outcome *outcome)
{
	struct report report = report_of(input, machine, outcome);

	if (outcome->status == VOUCH_OK)
		printf("0x%" PRIx64 "\n", outcome->r0);
	else
		report_text(&report);
	if (request->stats && outcome->started)
		stats_text(request, machine, outcome);
}

static void show_json(const struct request *request, const struct input *input,
	const struct machine *machine, const struct outcome *outcome)
{
	struct report report = report_of(input, machine, outcome);
	struct json json = json_begin(stdout);

	json_string(&json, "file", input->path);
	json_string(&json, "kind", input_kind_name(input));
	json_string(&json, "engine",
		request->jit      ? "jit"
		: request->hybrid ? "hybrid"
				  : "interpreter");
	if (outcome->status == VOUCH_OK) {
		json_string(&json, "status", vouch_status_name(VOUCH_OK));
		json_hex(&json, "r0", outcome->r0);
	} else {
		report_json(&json, &report);
	}
	if (request->stats && outcome->started)
		stats_json(&json, request, machine, outcome);
	json_end(&json);
}

/* The program is read; the context's bytes become the machine's. */
static int run_input(const struct request *request, const struct input *input, struct bytes context)
{
	struct outcome outcome = {0};
	struct machine machine;
	int exit = EXIT_RAN;

	outcome.status = machine_create(&machine, input, context, request->fuel, request->seed);
	if (outcome.status == VOUCH_OK)
		run(request, input, &machine, &outcome);
	if (outcome.code.error) {
		complain("cannot map memory for code: %s", outcome.code.error);
		exit = EXIT_ENVIRONMENT;
	}
	if (exit == EXIT_RAN && outcome.started && request->memory_out)
		exit = output_write(request->memory_out, context.bytes, context.size);
	if (exit == EXIT_RAN && outcome.started && request->counts)
		exit = counts_write(request->counts_out, request->counts, &input->image.program);
	if (exit == EXIT_RAN) {
		(request->json ? show_json : show_text)(request, input, &machine, &outcome);
		exit = outcome.status == VOUCH_OK ? EXIT_RAN : EXIT_STOPPED;
	}
	machine_destroy(&machine);
	return exit;
}

/* What depends on the program: which instructions are compiled, and room to count them. */
static int make_tables(struct request *request, const struct vouch_program *program)
{
	if (request->counts_out)
		request->counts = allocate(program->count, sizeof(*request->counts));
	return request->hybrid ? chosen_parse(request->hybrid, program, &request->chosen)
	                       : EXIT_RAN;
}

static int run_program(struct request *request, const struct input *input, struct bytes context)
{
	int exit = make_tables(request, &input->image.program);

	if (exit == EXIT_RAN)
		exit = run_input(request, input, context);
	else
		free(context.bytes);
	free(request->chosen);
	free(request->counts);
	return exit;
}

static int run_file(const struct command *command, struct request *request, const char *path)
{
	struct bytes context = {0};
	struct input input = {0};
	int exit = EXIT_RAN;

	if (compiles(request) && !vouch_target_host()) {
		complain("%s: there is no JIT for this machine",
			request->jit ? "--jit" : "--hybrid");
		return EXIT_ENVIRONMENT;
	}
	if (request->memory)
		exit = memory_read(command, request->memory, &context);
	if (exit != EXIT_RAN)
		return exit;
	exit = input_open(&input, path, request->entry);
	if (exit == EXIT_RAN)
		exit = input_check_maps(&input);
	if (exit == EXIT_RAN) {
		exit = run_program(request, &input, context);
	} else {
		input_show_refusal(&input, request->json);
		free(context.bytes);
	}
	input_close(&input);
	return exit;
}

enum {
	ENTRY = 'e',
	MEM = 'm',
	FUEL = 'f',
	MEM_OUT = 256,
	JIT,
	HYBRID,
	COUNTS,
	TRACE,
	STATS,
	JSON,
	SEED
};

static const struct cli_option run_options[] = {
	{"entry", ENTRY, "NAME", "the function (or section, or label) to run"},
	{"mem", MEM, "FILE|HEX", "the memory that r1 points to, r2 being its size"},
	{"mem-out", MEM_OUT, "FILE", "write that memory there after the run"},
	{"jit", JIT, NULL, "compile for this machine instead of interpreting"},
	{"hybrid", HYBRID, "PCS", "compile these instructions, as 3-9,12; interpret the others"},
	{"counts", COUNTS, "FILE", "write how often each instruction was run (for vouch jit)"},
	{"fuel", FUEL, "N|unlimited", "backward jumps and calls to allow (default 1000000000)"},
	{"seed", SEED, "N", "make get_prandom_u32 give the same numbers each time"},
	{"trace", TRACE, NULL, "print every instruction and its effect (standard error)"},
	{"stats", STATS, NULL,
		"print what the run took; when interpreting, time includes counting"},
	{"json", JSON, NULL, "print result, fault and statistics as JSON"},
	{0},
};

static void set_number(struct options *options, uint64_t max, uint64_t *number)
{
	if (parse_number(options->argument, max, number) != 0)
		options_refuse(options, "'%.40s' is not a number from 0 to %" PRIu64,
			options->argument, max);
}

static void set_fuel(struct options *options, struct request *request)
{
	uint64_t fuel = VOUCH_FUEL_MAX;

	if (strcmp(options->argument, "unlimited") != 0)
		set_number(options, VOUCH_FUEL_MAX, &fuel);
	request->fuel = (size_t)fuel;
}

static void parse(struct options *options, struct request *request)
{
	for (int id; !options->stop && (id = options_next(options)) != OPTIONS_END;) {
		switch (id) {
		case ENTRY:
			request->entry = options->argument;
			break;
		case MEM:
			request->memory = options->argument;
			break;
		case MEM_OUT:
			request->memory_out = options->argument;
			break;
		case FUEL:
			set_fuel(options, request);
			break;
		case SEED:
			set_number(options, UINT64_MAX, &request->seed);
			break;
		case JIT:
			request->jit = true;
			break;
		case HYBRID:
			request->hybrid = options->argument;
			break;
		case COUNTS:
			request->counts_out = options->argument;
			break;
		case TRACE:
			request->trace = true;
			break;
		case STATS:
			request->stats = true;
			break;
		case JSON:
			request->json = true;
			break;
		}
	}
}

static int run_main(const struct command *command, int argc, char **argv)
{
	struct options options = options_of(command, argc, argv);
	struct request request = {.fuel = MACHINE_FUEL};
	const char *path;

	/* Without --seed, any numbers will do: on failure, always the same. */
	if (getrandom(&request.seed, sizeof(request.seed), 0) < 0)
		request.seed = 0;
	parse(&options, &request);
	path = options.stop ? NULL : options_file(&options);
	if (path && request.jit && request.hybrid)
		options_refuse(&options, "--jit compiles all, --hybrid some: give one of them");
	if (path && (request.trace || request.counts_out) && compiles(&request))
		options_refuse(&options,
			"%s needs the interpreter: compiled code has no place between "
			"instructions where it could be watched; leave out %s",
			request.trace ? "--trace" : "--counts", request.jit ? "--jit" : "--hybrid");
	if (path && request.memory && strcmp(path, "-") == 0 && strcmp(request.memory, "-") == 0)
		options_refuse(&options, "FILE and --mem can't both be standard input");
	if (path && request.memory_out && strcmp(request.memory_out, "-") == 0)
		options_refuse(&options, "--mem-out wants a file: standard output has the result");
	return options.stop ? options.exit : run_file(command, &request, path);
}

const struct command command_run = {
	.name = "run",
	.summary = "run a program, interpreted, compiled, or both in turn",
	.usage = "FILE [OPTION]...",
	.about = "Runs a program and prints its r0. Every access to memory is checked; one\n"
		 "that is not permitted stops the program, and the report says where and\n"
		 "what lies nearest.\n"
		 "\n" MEMORY_RULE "\n"
		 "Helpers, under Linux's numbers: 1, 2, 3 map_lookup_elem, map_update_elem,\n"
		 "map_delete_elem; 5 ktime_get_ns; 6 trace_printk (to standard error); 7\n"
		 "get_prandom_u32.\n"
		 "\n"
		 "Ctrl-C stops the program and reports where it was.\n",
	.examples = "  vouch run prog.o --mem packet.bin\n"
		    "  vouch run prog.o --entry filter --mem '00 11 22 33' --jit --stats\n"
		    "  echo 'r0 = 42; exit' | vouch run -\n"
		    "  vouch run prog.s --fuel 1000 --trace\n"
		    "  vouch run prog.o --mem packet.bin --hybrid 12-30\n",
	.options = run_options,
	.main = run_main,
};
