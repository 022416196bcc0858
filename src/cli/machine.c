/* SPDX-License-Identifier: MIT */
/* Putting a machine together, and taking it apart. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "helpers.h"
#include "machine.h"

struct map *machine_map(struct machine *machine, uint64_t handle)
{
	return handle - 1 < machine->nmaps ? &machine->maps[handle - 1] : NULL;
}

static void create_maps(struct machine *machine, const struct input *input)
{
	machine->maps = allocate(input->nmaps, sizeof(*machine->maps));
	for (size_t i = 0; i < input->nmaps; i++) {
		if (!map_create(&machine->maps[i], &input->maps[i])) {
			complain("out of memory for the map %s", input->maps[i].name);
			exit(EXIT_ENVIRONMENT);
		}
		machine->nmaps++;
	}
}

/* Regions that are not a map's, before those that are. */
enum { DATA_REGIONS = 2 };

static void add_region(struct machine *machine, const char *name, struct vouch_region region)
{
	machine->regions[machine->nregions] = region;
	machine->region_names[machine->nregions++] = name;
}

/* Data and maps: addresses for the config, regions for isolation, names for reports. */
static void place_data(
	struct machine *machine, const struct input *input, struct vouch_config *config)
{
	const struct vouch_image *image = &input->image;
	size_t ram_size = (size_t)image->data_size + image->bss_size;
	struct vouch_region regions[DATA_REGIONS];

	machine->regions = allocate(DATA_REGIONS + input->nmaps, sizeof(*machine->regions));
	machine->region_names =
		allocate(DATA_REGIONS + input->nmaps, sizeof(*machine->region_names));
	if (ram_size > 0)
		machine->ram = allocate(ram_size, 1);
	vouch_image_load(image, machine->ram, config, regions);
	add_region(machine, "read-only data", regions[0]);
	add_region(machine, "writable data", regions[1]);
	for (size_t i = 0; i < machine->nmaps; i++)
		add_region(machine, input->maps[i].name, map_region(&machine->maps[i]));
	config->regions = machine->regions;
	config->nregions = machine->nregions;
}

enum vouch_status machine_create(struct machine *machine, const struct input *input,
	struct bytes context, size_t fuel, uint64_t seed)
{
	size_t stack_size = VOUCH_STACK_SIZE(VOUCH_FRAMES_MAX);
	struct vouch_config config = {
		.helpers = helpers_table,
		.nhelpers = HELPERS,
		.context = {(uintptr_t)context.bytes, context.size, VOUCH_READ | VOUCH_WRITE},
		.stack_size = stack_size,
		.fuel = fuel,
		.user = machine,
	};

	*machine = (struct machine){.context = context, .random = seed};
	machine->stack = allocate(stack_size, 1);
	config.stack = machine->stack;
	create_maps(machine, input);
	place_data(machine, input, &config);
	return vouch_init(&machine->vm, &config);
}

void machine_destroy(struct machine *machine)
{
	for (size_t i = 0; i < machine->nmaps; i++)
		map_destroy(&machine->maps[i]);
	free(machine->maps);
	free(machine->regions);
	free(machine->region_names);
	free(machine->ram);
	free(machine->stack);
	free(machine->context.bytes);
	*machine = (struct machine){0};
}

bool machine_region(const struct machine *machine, size_t i, struct machine_region *region)
{
	const struct vouch_vm *vm = &machine->vm;

	if (i == 0)
		*region = (struct machine_region){"context", false,
			{vm->context, vm->context_size, VOUCH_READ | VOUCH_WRITE}};
	else if (i == 1)
		*region = (struct machine_region){"stack", false,
			{vm->stack_low - VOUCH_FRAME_SIZE,
				vm->stack_top - vm->stack_low + VOUCH_FRAME_SIZE,
				VOUCH_READ | VOUCH_WRITE}};
	else if (i - 2 < machine->nregions)
		*region = (struct machine_region){machine->region_names[i - 2],
			i - 2 >= DATA_REGIONS, machine->regions[i - 2]};
	else
		return false;
	return true;
}
