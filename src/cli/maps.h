/* SPDX-License-Identifier: MIT */
/*
 * BPF maps of the two kinds that need no kernel: arrays and hash tables. All memory is taken when a
 * map is made. Values, and nothing else of a map, lie in one region that the program may read and
 * write.
 */
#ifndef VOUCH_CLI_MAPS_H
#define VOUCH_CLI_MAPS_H

#include "load/object.h"

/* Linux's numbers: enum bpf_map_type, flags of a definition and of an update, and what that
 * returns, negated. */
enum { MAP_HASH = 1, MAP_ARRAY = 2 };
enum { MAP_NO_PREALLOC = 1 };
enum { MAP_ANY, MAP_NOEXIST, MAP_EXIST };
enum { MAP_ENOENT = 2, MAP_E2BIG = 7, MAP_EEXIST = 17, MAP_EINVAL = 22 };

struct map {
	struct object_map shape;
	size_t stride; /* bytes from one value to the next: value_size, rounded up to 8 */
	uint8_t *values;
	uint8_t *keys;     /* hash: the key of each slot */
	uint32_t *next;    /* hash: the next slot of the same bucket, or the next free one */
	uint32_t *buckets; /* hash: the first slot of each */
	uint32_t nbuckets;
	uint32_t free; /* hash: the first free slot */
};

/* Why no map can have this shape; NULL if one can. */
const char *map_refusal(const struct object_map *shape);

/* The most memory, in bytes, that a map of such a shape takes; UINT64_MAX / 2 for anything huge. */
uint64_t map_size(const struct object_map *shape);

/* All maps of a program take no more: what it declares is not to be trusted. */
#define MAPS_MAX (UINT64_C(1) << 30)

/* Make a map of a shape that map_refusal() accepts. False: no memory. */
bool map_create(struct map *map, const struct object_map *shape);
void map_destroy(struct map *map);

/* Where its values are. */
struct vouch_region map_region(const struct map *map);

/* The value of a key (key_size bytes); NULL if it has none. */
void *map_lookup(const struct map *map, const void *key);

/* Give a key this value (value_size bytes). 0, or one of the numbers above, negated. */
int map_update(struct map *map, const void *key, const void *value, uint64_t flags);
int map_delete(struct map *map, const void *key);

#endif
