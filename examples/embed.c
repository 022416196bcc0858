/* SPDX-License-Identifier: MIT */
/*
 * Vouch in firmware, in one file: no allocation, no operating system, all memory is static. A
 * filter decides which sensor readings are worth sending; it comes from elsewhere and is not
 * trusted. (main() and printf() are only here so that the example runs on a desk, too.)
 *
 *   cc examples/embed.c $(pkg-config --cflags --libs vouch) -o embed && ./embed
 */
#include <inttypes.h>
#include <stdio.h>
#include <vouch/vouch.h>

/* What the program sees as its context: r1 points to it, r2 is its size. */
struct reading {
	uint32_t sensor;
	int32_t millivolts;
};

/* The extra region: how often each sensor was sent. */
static uint32_t sent[4];

/*
 * The program, as it would lie in flash (`vouch asm --hex` prints such words; `vouch pack` makes
 * an image with a checksum, see vouch/image.h). Instructions are { opcode, registers, off, imm }.
 *
 *   r6 = *(u32 *)(r1 + 0)       which sensor
 *   r1 = *(s32 *)(r1 + 4)       its reading
 *   r0 = 0
 *   if r1 s< 1000 goto out      too small to matter
 *   call 0                      where the table of counts is
 *   r6 <<= 2
 *   r0 += r6
 *   r1 = *(u32 *)(r0 + 0)       faults for a sensor beyond the table
 *   r1 += 1
 *   *(u32 *)(r0 + 0) = r1
 *   r0 = 1
 * out:
 *   exit
 */
static const struct vouch_insn filter[] = {
	{0x61, VOUCH_REGS(6, 1), 0, 0},
	{0x81, VOUCH_REGS(1, 1), 4, 0},
	{0xb7, VOUCH_REGS(0, 0), 0, 0},
	{0xc5, VOUCH_REGS(1, 0), 7, 1000},
	{0x85, VOUCH_REGS(0, 0), 0, 0},
	{0x67, VOUCH_REGS(6, 0), 0, 2},
	{0x0f, VOUCH_REGS(0, 6), 0, 0},
	{0x61, VOUCH_REGS(1, 0), 0, 0},
	{0x07, VOUCH_REGS(1, 0), 0, 1},
	{0x63, VOUCH_REGS(0, 1), 0, 0},
	{0xb7, VOUCH_REGS(0, 0), 0, 1},
	{0x95, VOUCH_REGS(0, 0), 0, 0},
};

/* Helper 0. Knowing an address permits nothing: only regions do. */
static uint64_t counts(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
	return (uintptr_t)vm->user;
}

static const vouch_helper helpers[] = {counts};

static const struct vouch_region regions[] = {
	{(uintptr_t)sent, sizeof(sent), VOUCH_READ | VOUCH_WRITE},
};

/* One frame, because the program calls no functions of its own. */
static _Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(1)];
static struct vouch_vm vm;

static void look_at(struct reading reading)
{
	/* A copy, readable only: the program can't change what the driver goes on with. */
	struct vouch_region context = {(uintptr_t)&reading, sizeof(reading), VOUCH_READ};
	enum vouch_status status = vouch_set_context(&vm, context);
	uint64_t send;

	vm.fuel = 100; /* backward jumps and calls: bounds the time of a run */
	if (status == VOUCH_OK)
		status = vouch_run(&vm, &send);

	printf("sensor %" PRIu32 ", %" PRId32 " mV: ", reading.sensor, reading.millivolts);
	if (status == VOUCH_OK)
		puts(send ? "send" : "ignore");
	else /* The run was stopped before it did harm, and the firmware goes on. */
		printf("%s (instruction %" PRIu32 ", %" PRIu32 " bytes at table + %" PRIu64 ")\n",
			vouch_status_name(status), vm.fault.pc, vm.fault.size,
			vm.fault.address - (uintptr_t)sent);
}

int main(void)
{
	const struct vouch_config config = {
		.program = {.insns = filter, .count = sizeof(filter) / sizeof(filter[0])},
		.helpers = helpers,
		.nhelpers = sizeof(helpers) / sizeof(helpers[0]),
		.regions = regions,
		.nregions = sizeof(regions) / sizeof(regions[0]),
		.stack = stack,
		.stack_size = sizeof(stack),
		.user = sent,
	};
	/* Checks the program, once. Refuse here what you would not run. */
	enum vouch_status status = vouch_init(&vm, &config);

	if (status != VOUCH_OK) {
		printf("refused at instruction %" PRIu32 ": %s\n", vm.fault.pc,
			vouch_status_text(status));
		return 1;
	}
	look_at((struct reading){.sensor = 2, .millivolts = 3300});
	look_at((struct reading){.sensor = 2, .millivolts = -40});
	look_at((struct reading){.sensor = 1000000, .millivolts = 5000}); /* no such sensor */
	printf("sensor 2 was sent %" PRIu32 " times\n", sent[2]);
	return 0;
}
