/* SPDX-License-Identifier: MIT */
/*
 * Vouch on a board: an image in flash is opened, checked, interpreted, compiled, and compiled as
 * far as a small buffer goes (hybrid); what all three do is the same, for readings that are good
 * and for readings that make the program read what it may not. An image damaged on its way is
 * refused. No allocation, no C library: all memory is below.
 */
#include "port.h"
#include "vouch/image.h"
#include "vouch/jit.h"

enum { SLOTS_MAX = 128, DATA_MAX = 64, IMAGE_MAX = 1024, CODE_SIZE = 4096, FRAMES = 2 };

/* The buffer of hybrid mode: room for what all code shares, and this much for instructions. */
enum { HYBRID_ROOM = 256 };

extern const uint8_t filter_image[], filter_image_end[];

static _Alignas(CODE_SIZE) uint8_t code[CODE_SIZE];
static _Alignas(CODE_SIZE) uint8_t hybrid_code[CODE_SIZE];
static uint32_t scratch[VOUCH_JIT_SCRATCH(SLOTS_MAX)], hybrid_scratch[VOUCH_JIT_SCRATCH(SLOTS_MAX)];
static uint32_t counts[SLOTS_MAX], chosen[VOUCH_CHOSEN_WORDS(SLOTS_MAX)];
static const struct vouch_hybrid hybrid = {hybrid_code, hybrid_scratch, chosen};
static _Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(FRAMES)];
static _Alignas(8) uint8_t data[DATA_MAX];
static _Alignas(8) uint8_t damaged[IMAGE_MAX];
static struct vouch_region regions[2];
static struct vouch_vm vm;

struct readings {
	uint32_t count;
	uint32_t millivolts[7];
};

/* Printing */

static void print_number(uint64_t value)
{
	char digits[21], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = (char)('0' + value % 10);
	while ((value /= 10) != 0);
	port_print(at);
}

static void print_pair(const char *name, uint64_t value)
{
	port_print(name);
	print_number(value);
}

/* Helpers. What was reported is kept, for comparison. */

struct reports {
	uint32_t count;
	uint64_t sum;
};

static uint64_t scale(
	struct vouch_vm *of, uint64_t value, uint64_t weight, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)of, (void)a3, (void)a4, (void)a5;
	return value * weight / 4;
}

static uint64_t report(
	struct vouch_vm *of, uint64_t index, uint64_t value, uint64_t a3, uint64_t a4, uint64_t a5)
{
	struct reports *reports = of->user;

	(void)a3, (void)a4, (void)a5;
	reports->count++;
	reports->sum += index * 100000 + value;
	return 0;
}

static const vouch_helper helpers[] = {NULL, scale, report};

/* Running */

struct outcome {
	enum vouch_status status;
	uint64_t r0;
	size_t fuel;
	struct reports reports;
	struct vouch_fault fault;
};

enum engine { INTERPRETER, JIT, HYBRID, COUNTING };

static enum vouch_status run_vm(enum engine engine, uint64_t *r0)
{
	switch (engine) {
	case JIT:
		return vouch_run_compiled(&vm, code, r0);
	case HYBRID:
		return vouch_run_hybrid(&vm, &hybrid, r0);
	case COUNTING:
		return vouch_run_counted(&vm, counts, r0);
	default:
		return vouch_run(&vm, r0);
	}
}

static struct outcome run(
	const struct vouch_image *image, const struct readings *readings, enum engine engine)
{
	struct vouch_config config = {.helpers = helpers,
		.nhelpers = sizeof(helpers) / sizeof(helpers[0]),
		.context = {(uintptr_t)readings, sizeof(*readings), VOUCH_READ},
		.stack = stack,
		.stack_size = sizeof(stack),
		.regions = regions,
		.nregions = 2,
		.fuel = 1000};
	struct outcome outcome = {.r0 = 0};

	/* Each run starts with the data that the image has. */
	vouch_image_load(image, data, &config, regions);
	config.user = &outcome.reports;
	outcome.status = vouch_init(&vm, &config);
	if (outcome.status == VOUCH_OK)
		outcome.status = run_vm(engine, &outcome.r0);
	outcome.fuel = vm.used;
	outcome.fault = vm.fault;
	return outcome;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->status == b->status && a->r0 == b->r0 && a->fuel == b->fuel &&
	       a->reports.count == b->reports.count && a->reports.sum == b->reports.sum &&
	       a->fault.status == b->fault.status && a->fault.pc == b->fault.pc &&
	       a->fault.address == b->fault.address && a->fault.size == b->fault.size &&
	       a->fault.write == b->fault.write;
}

static void print_outcome(
	const char *engine, const struct outcome *outcome, const struct readings *readings)
{
	port_print(engine);
	port_print(vouch_status_name(outcome->status));
	if (outcome->status == VOUCH_OK) {
		print_pair(", result ", outcome->r0);
	} else {
		print_pair(" at instruction ", outcome->fault.pc);
		print_pair(": ", outcome->fault.size);
		print_pair(" bytes at context + ", outcome->fault.address - (uintptr_t)readings);
	}
	print_pair(", reports ", outcome->reports.count);
	print_pair(", fuel ", outcome->fuel);
	port_print("\n");
}

/* Interpreted, compiled, and both. True if all end as they should, alike. */
static bool show(
	const struct vouch_image *image, const struct readings *readings, enum vouch_status status)
{
	struct outcome interpreted = run(image, readings, INTERPRETER);
	struct outcome compiled = run(image, readings, JIT);
	struct outcome both = run(image, readings, HYBRID);

	print_outcome("  interpreter: ", &interpreted, readings);
	print_outcome("  JIT:         ", &compiled, readings);
	print_outcome("  hybrid:      ", &both, readings);
	return interpreted.status == status && same(&interpreted, &compiled) &&
	       same(&interpreted, &both);
}

/* What POSIX's cksum says of these bytes: a host that compiles the same image can compare. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t crc = 0;

	for (size_t i = 0, length = size; i < size || length != 0; i++) {
		uint8_t byte = i < size ? bytes[i] : (uint8_t)length;

		if (i >= size)
			length >>= 8;
		crc ^= (uint32_t)byte << 24;
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	}
	return ~crc;
}

/* The program's code, for the machine that this runs on. */
static bool compile(const struct vouch_program *program)
{
	struct vouch_code result;
	enum vouch_status status;

	if (program->count > SLOTS_MAX)
		return false;
	port_protect(code, sizeof(code), false);
	status = vouch_compile(vouch_target_host(), vouch_features_host(), program, code,
		sizeof(code), scratch, &result);
	port_protect(code, sizeof(code), true);
	print_pair("compiled: ", result.size);
	port_print(" bytes of ");
	port_print(vouch_target_name(vouch_target_host()));
	port_print(" code, ");
	port_print(vouch_status_name(status));
	if (status == VOUCH_OK)
		print_pair(", cksum ", checksum(code, result.size));
	port_print("\n");
	return status == VOUCH_OK;
}

static uint32_t chosen_slots(uint32_t count)
{
	uint32_t slots = 0;

	for (uint32_t pc = 0; pc < count; pc++)
		slots += chosen[pc / 32] >> pc % 32 & 1;
	return slots;
}

/* What a run comes to most often, as far as there is room: some of the program, not all. */
static bool compile_hottest(const struct vouch_image *image, const struct readings *readings)
{
	const struct vouch_target *target = vouch_target_host();
	const struct vouch_program *program = &image->program;
	uint32_t features = vouch_features_host(), slots;
	struct vouch_code result;
	enum vouch_status status;

	run(image, readings, COUNTING);
	/* With nothing chosen: the size of what all code shares. */
	status = vouch_compile_chosen(
		target, features, program, chosen, NULL, 0, hybrid_scratch, &result);
	if (status == VOUCH_OK)
		status = vouch_choose(target, features, program, counts, result.size + HYBRID_ROOM,
			hybrid_scratch, chosen, &result);
	port_protect(hybrid_code, sizeof(hybrid_code), false);
	if (status == VOUCH_OK)
		status = vouch_compile_chosen(target, features, program, chosen, hybrid_code,
			sizeof(hybrid_code), hybrid_scratch, &result);
	port_protect(hybrid_code, sizeof(hybrid_code), true);
	slots = chosen_slots(program->count);
	print_pair("compiled for hybrid runs: ", slots);
	print_pair(" instructions, ", result.size);
	port_print(" bytes, ");
	port_print(vouch_status_name(status));
	port_print("\n");
	return status == VOUCH_OK && slots > 0 && slots < program->count;
}

/* One bit less, as a bad transfer might have it. */
static bool refuses_damage(size_t size)
{
	struct vouch_image image;
	enum vouch_status status;

	for (size_t i = 0; i < size; i++)
		damaged[i] = filter_image[i];
	damaged[size / 2] ^= 4;
	status = vouch_image_open(&image, damaged, size);
	port_print("a damaged image: ");
	port_print(vouch_status_name(status));
	port_print("\n");
	return status == VOUCH_BAD_CRC;
}

int board_main(void)
{
	static const struct readings good = {7, {1200, 3300, 2999, 3001, 0, 5000, 12}};
	static const struct readings bad = {1000, {1200, 3300, 2999, 3001, 0, 5000, 12}};
	size_t size = (size_t)(filter_image_end - filter_image);
	struct vouch_image image;
	bool well;

	if (size > IMAGE_MAX || vouch_image_open(&image, filter_image, size) != VOUCH_OK ||
		image.data_size + image.bss_size > DATA_MAX) {
		port_print("no image\n");
		return 1;
	}
	print_pair("image: ", size);
	print_pair(" bytes, ", image.program.count);
	port_print(" instruction slots\n");
	if (!compile(&image.program) || !compile_hottest(&image, &good))
		return 1;
	port_print("good readings\n");
	well = show(&image, &good, VOUCH_OK);
	port_print("readings that lie about their number\n");
	well &= show(&image, &bad, VOUCH_FAULT_MEMORY);
	well &= refuses_damage(size);
	port_print(well ? "all is well\n" : "WRONG\n");
	return well ? 0 : 1;
}
