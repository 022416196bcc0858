/* SPDX-License-Identifier: MIT */
/* The nearest region. Nobody relies on this; it only explains, after the fault, what isolation
 * refused. */
#include <inttypes.h>
#include <stdio.h>

#include "nearest.h"

/* Addresses that a null pointer plus a field's offset has. */
#define NULL_PAGE 4096u

/* Farther than this, naming a region would mislead. */
#define FAR (UINT64_C(1) << 24)

static struct nearest relate(const struct machine_region *region, const struct vouch_fault *fault)
{
	uint64_t start = region->region.start, size = region->region.size, address = fault->address;
	uint64_t offset = address - start;

	if (address < start)
		return (struct nearest){NEAREST_BEFORE, *region, start - address};
	if (offset >= size)
		return (struct nearest){NEAREST_AFTER, *region, offset - size};
	if (fault->size > size - offset)
		return (struct nearest){NEAREST_ACROSS, *region, size - offset};
	return (struct nearest){NEAREST_INSIDE, *region, offset};
}

/* For comparing: an address inside is nearer than any outside. */
static uint64_t rank(const struct nearest *nearest)
{
	switch (nearest->where) {
	case NEAREST_INSIDE:
	case NEAREST_ACROSS:
		return 0;
	case NEAREST_BEFORE:
		return nearest->distance;
	default:
		return nearest->distance + 1;
	}
}

struct nearest nearest_region(const struct machine *machine, const struct vouch_fault *fault)
{
	struct nearest best = {NEAREST_NONE, {NULL, false, {0, 0, 0}}, 0};
	struct machine_region region;

	for (size_t i = 0; machine_region(machine, i, &region); i++) {
		struct nearest nearest = relate(&region, fault);

		if (region.region.size == 0)
			continue;
		if (best.where == NEAREST_NONE || rank(&nearest) < rank(&best))
			best = nearest;
	}
	return best;
}

const char *nearest_where(enum nearest_place where)
{
	static const char *const names[] = {NULL, "before", "after", "across", "inside"};

	return names[where];
}

static void describe(const struct machine_region *region, char *text, size_t size)
{
	snprintf(text, size, "the %s%s (%zu byte%s at 0x%" PRIxPTR ")",
		region->is_map ? "map " : "", region->name, region->region.size,
		region->region.size == 1 ? "" : "s", region->region.start);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void sentence(
	const struct nearest *nearest, const struct vouch_fault *fault, char text[NEAREST_TEXT])
{
	uint64_t distance = nearest->distance;
	char region[160];

	describe(&nearest->region, region, sizeof(region));
	switch (nearest->where) {
	case NEAREST_NONE:
		snprintf(text, NEAREST_TEXT, "the program has no memory");
		break;
	case NEAREST_BEFORE:
		snprintf(text, NEAREST_TEXT, "%" PRIu64 " byte%s before %s", distance,
			plural(distance), region);
		break;
	case NEAREST_AFTER:
		if (distance == 0)
			snprintf(text, NEAREST_TEXT, "right past the end of %s", region);
		else
			snprintf(text, NEAREST_TEXT, "%" PRIu64 " byte%s past the end of %s",
				distance, plural(distance), region);
		break;
	case NEAREST_ACROSS:
		snprintf(text, NEAREST_TEXT, "only %" PRIu64 " of these lie in %s", distance,
			region);
		break;
	case NEAREST_INSIDE:
		snprintf(text, NEAREST_TEXT, "in %s, %" PRIu64 " byte%s from its start%s", region,
			distance, plural(distance),
			fault->status == VOUCH_FAULT_ALIGN ? "" : ", which is read-only");
	}
}

void nearest_sentence(
	const struct machine *machine, const struct vouch_fault *fault, char text[NEAREST_TEXT])
{
	struct nearest nearest = nearest_region(machine, fault);

	if (fault->address == 0)
		snprintf(text, NEAREST_TEXT, "a null pointer");
	else if (fault->address < NULL_PAGE)
		snprintf(text, NEAREST_TEXT, "a null pointer plus %" PRIu64, fault->address);
	else if (rank(&nearest) > FAR)
		snprintf(text, NEAREST_TEXT, "nowhere near the program's memory");
	else
		sentence(&nearest, fault, text);
}
