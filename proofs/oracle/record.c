/* SPDX-License-Identifier: MIT */
/*
 * Linked into a test or the command with -Wl,--wrap=vouch_init: writes every program that a vm is
 * made for, with its context, as a case for the oracle, to the file that RECORD names; with
 * RECORD_EVERY=n only every n-th. So what the tests run in C and as assembly is also run on the
 * semantics, and nothing has to be listed.
 *
 * The oracle has a world of its own: other addresses, regions and helpers, little fuel, and it
 * starts at pc 0. So a program may end there in another way than in its test; the two sides of the
 * comparison have to end alike.
 */
#include <stdio.h>
#include <stdlib.h>

#include "vouch/vouch.h"

enum { SLOTS_MAX = 4096, CONTEXT_MAX = 4096, FUEL_MAX = 2000 };

enum vouch_status __real_vouch_init(struct vouch_vm *vm, const struct vouch_config *config);
enum vouch_status __wrap_vouch_init(struct vouch_vm *vm, const struct vouch_config *config);

static void write_hex(FILE *f, const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++)
		fprintf(f, "%02x", byte[i]);
}

static void record(FILE *f, const struct vouch_config *config)
{
	const struct vouch_program *program = &config->program;
	size_t size = config->context.size;

	write_hex(f, program->insns, program->count * sizeof(*program->insns));
	fputc(' ', f);
	if (size == 0 || size > CONTEXT_MAX || (config->context.permissions & VOUCH_READ) == 0)
		fputc('-', f);
	else
		write_hex(f, (const void *)config->context.start, size);
	fprintf(f, " %zu\n", config->fuel < FUEL_MAX ? config->fuel : FUEL_MAX);
}

enum vouch_status __wrap_vouch_init(struct vouch_vm *vm, const struct vouch_config *config)
{
	enum vouch_status status = __real_vouch_init(vm, config);
	const char *name = getenv("RECORD"), *every = getenv("RECORD_EVERY");
	static unsigned long calls;
	FILE *f;

	if (calls++ % (every ? strtoul(every, NULL, 10) : 1) != 0)
		return status;
	/* Otherwise program and context may be no memory at all. */
	if (!name || status != VOUCH_OK || config->program.entry != 0 ||
		config->program.count > SLOTS_MAX)
		return status;
	f = fopen(name, "a");
	if (!f) {
		perror(name);
		exit(2);
	}
	record(f, config);
	fclose(f);
	return status;
}
