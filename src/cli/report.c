/* SPDX-License-Identifier: MIT */
/*
 * Reports of faults and refusals. What a person wants to know first comes first: what happened,
 * where in the program and the source, and what memory lies nearest to the address, because most
 * faults are off by a little.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "nearest.h"
#include "report.h"

static bool is_run_time(uint32_t status)
{
	return status >= VOUCH_FAULT_MEMORY && status <= VOUCH_FAULT_OPCODE;
}

static bool has_access(const struct vouch_fault *fault)
{
	return fault->status == VOUCH_FAULT_MEMORY || fault->status == VOUCH_FAULT_ALIGN;
}

/* Is the fault about one instruction? Sizes, regions and stack are not. */
static bool has_pc(const struct report *report)
{
	uint32_t status = report->fault.status;

	return report->fault.pc < report->input->image.program.count &&
	       (is_run_time(status) ||
		       (status >= VOUCH_BAD_OPCODE && status <= VOUCH_BAD_RELOCATION) ||
		       status == VOUCH_JIT_RANGE || status == VOUCH_JIT_OFFSETS);
}

static const char *status_text(const struct report *report)
{
	if (report->interrupted)
		return "interrupted";
	return vouch_status_text((enum vouch_status)report->fault.status);
}

static void place_text(const struct report *report)
{
	uint32_t pc = report->fault.pc;
	struct input_place place = input_place(report->input, pc);
	char text[INPUT_TEXT_SIZE];

	input_disassemble(report->input, pc, text);
	fprintf(stderr, "  at pc %" PRIu32, pc);
	if (place.function)
		fprintf(stderr, ", instruction %" PRIu32 " of %s", place.offset, place.function);
	fprintf(stderr, ":\n      %s\n", text);
	if (place.file)
		fprintf(stderr, "  source %s:%u:\n      %s\n", place.file, place.line,
			place.text ? place.text : "");
}

static void access_text(const struct report *report)
{
	const struct vouch_fault *fault = &report->fault;
	char text[NEAREST_TEXT];

	nearest_sentence(report->machine, fault, text);
	fprintf(stderr, "  %s of %" PRIu32 " byte%s at 0x%" PRIx64 ": %s\n",
		fault->write ? "write" : "read", fault->size, fault->size == 1 ? "" : "s",
		fault->address, text);
}

static void registers_text(const struct vouch_vm *vm)
{
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		fprintf(stderr, "%s r%-2u 0x%016" PRIx64 "%s", i % 4 == 0 ? "  " : "  ", i,
			vm->r[i], i % 4 == 3 || i == VOUCH_REGISTERS - 1 ? "\n" : "");
}

void report_text(const struct report *report)
{
	const struct vouch_fault *fault = &report->fault;

	complain("%s: %s: %s", report->input->path,
		is_run_time(fault->status) ? "stopped" : "refused", status_text(report));
	if (has_pc(report))
		place_text(report);
	if (!is_run_time(fault->status) || !report->machine)
		return;
	if (has_access(fault))
		access_text(report);
	if (fault->status == VOUCH_FAULT_HELPER)
		fprintf(stderr, "  there is no helper %" PRIu64 "\n", fault->address);
	if (fault->status == VOUCH_FAULT_HOST && report->machine->refusal[0])
		fprintf(stderr, "  %s\n", report->machine->refusal);
	if (fault->status == VOUCH_FAULT_FUEL && !report->interrupted)
		fputs("  --fuel N gives it more\n", stderr);
	registers_text(&report->machine->vm);
}

static void place_json(struct json *json, const struct report *report)
{
	uint32_t pc = report->fault.pc;
	struct input_place place = input_place(report->input, pc);
	char text[INPUT_TEXT_SIZE];

	input_disassemble(report->input, pc, text);
	json_number(json, "pc", pc);
	json_string(json, "instruction", text);
	json_string(json, "function", place.function);
	if (place.function)
		json_number(json, "function_offset", place.offset);
	if (!place.file) {
		json_null(json, "source");
		return;
	}
	json_open(json, "source", '{');
	json_string(json, "file", place.file);
	json_number(json, "line", place.line);
	json_number(json, "column", place.column);
	json_string(json, "text", place.text);
	json_close(json, '}');
}

static void access_json(struct json *json, const struct report *report)
{
	const struct vouch_fault *fault = &report->fault;
	struct nearest nearest = nearest_region(report->machine, fault);
	char text[NEAREST_TEXT];

	nearest_sentence(report->machine, fault, text);
	json_open(json, "access", '{');
	json_hex(json, "address", fault->address);
	json_number(json, "size", fault->size);
	json_bool(json, "write", fault->write != 0);
	json_string(json, "text", text);
	json_close(json, '}');
	if (nearest.where == NEAREST_NONE) {
		json_null(json, "nearest");
		return;
	}
	json_open(json, "nearest", '{');
	json_string(json, "region", nearest.region.name);
	json_bool(json, "map", nearest.region.is_map);
	json_hex(json, "start", nearest.region.region.start);
	json_number(json, "size", nearest.region.region.size);
	json_bool(json, "writable", (nearest.region.region.permissions & VOUCH_WRITE) != 0);
	json_string(json, "where", nearest_where(nearest.where));
	json_number(json, "distance", nearest.distance);
	json_close(json, '}');
}

static void registers_json(struct json *json, const struct vouch_vm *vm)
{
	char name[8];

	json_open(json, "registers", '{');
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		snprintf(name, sizeof(name), "r%u", i);
		json_hex(json, name, vm->r[i]);
	}
	json_close(json, '}');
}

void report_json(struct json *json, const struct report *report)
{
	const struct vouch_fault *fault = &report->fault;

	json_string(json, "status",
		report->interrupted ? "interrupted"
				    : vouch_status_name((enum vouch_status)fault->status));
	json_string(json, "message", status_text(report));
	if (has_pc(report))
		place_json(json, report);
	if (!is_run_time(fault->status) || !report->machine)
		return;
	if (has_access(fault))
		access_json(json, report);
	if (fault->status == VOUCH_FAULT_HELPER)
		json_hex(json, "helper", fault->address);
	if (fault->status == VOUCH_FAULT_HOST && report->machine->refusal[0])
		json_string(json, "refusal", report->machine->refusal);
	registers_json(json, &report->machine->vm);
}
