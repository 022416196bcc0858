/* SPDX-License-Identifier: MIT */
/* See run_image.h. */
#include "run_image.h"

#include <stdlib.h>

enum { DATA_MAX = 1 << 20 };

static uint64_t sum(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm;
	(void)a3;
	(void)a4;
	(void)a5;
	return a1 + a2;
}

enum vouch_status run_image(const struct vouch_image *image, uint64_t *r0)
{
	static const vouch_helper helpers[3] = {sum, sum, sum};
	size_t ram_size = (size_t)image->data_size + image->bss_size;
	uint8_t *ram, *stack;
	struct vouch_region regions[2];
	struct vouch_config config = {
		.helpers = helpers, .nhelpers = 3, .fuel = 100, .nregions = 2, .regions = regions};
	enum vouch_status status;
	struct vouch_vm vm;

	if (ram_size > DATA_MAX)
		return VOUCH_BAD_SIZE;
	ram = malloc(ram_size + !ram_size);
	stack = malloc(VOUCH_STACK_SIZE(2));
	if (!ram || !stack)
		abort();
	vouch_image_load(image, ram, &config, regions);
	config.stack = stack;
	config.stack_size = VOUCH_STACK_SIZE(2);
	status = vouch_init(&vm, &config);
	if (status == VOUCH_OK)
		status = vouch_run(&vm, r0);
	free(ram);
	free(stack);
	return status;
}
