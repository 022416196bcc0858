/* SPDX-License-Identifier: MIT */
/*
 * Maps. A hash table is an array of slots, chained from buckets by number. What a program
 * overwrites are values only: keys and chains are out of its reach, so nothing here has to distrust
 * them.
 */
#include <stdlib.h>
#include <string.h>

#include "maps.h"

#define NONE UINT32_MAX

const char *map_refusal(const struct object_map *shape)
{
	if (shape->type != MAP_HASH && shape->type != MAP_ARRAY)
		return "only array and hash maps are supported";
	if (shape->flags & ~(uint32_t)MAP_NO_PREALLOC)
		return "no map_flags but BPF_F_NO_PREALLOC are supported";
	if (shape->max_entries == 0 || shape->max_entries == NONE)
		return "max_entries must be 1 to 4294967294";
	if (shape->value_size == 0)
		return "the value's size is zero";
	if (shape->type == MAP_ARRAY && shape->key_size != 4)
		return "an array's key has 4 bytes";
	if (shape->key_size == 0)
		return "the key's size is zero";
	return NULL;
}

/* At least as many buckets as slots, a power of two. */
static uint32_t bucket_count(uint32_t max_entries)
{
	uint32_t n = 1;

	while (n < max_entries && n < UINT32_C(1) << 31)
		n <<= 1;
	return n;
}

uint64_t map_size(const struct object_map *shape)
{
	uint64_t entry = (uint64_t)shape->value_size + 7, size;

	if (shape->type == MAP_HASH)
		entry += (uint64_t)shape->key_size + sizeof(uint32_t) + 2 * sizeof(uint32_t);
	if (__builtin_mul_overflow(entry, shape->max_entries, &size) || size > UINT64_MAX / 2)
		return UINT64_MAX / 2;
	return size;
}

static bool create_hash(struct map *map)
{
	uint32_t n = map->shape.max_entries;

	map->nbuckets = bucket_count(n);
	map->keys = calloc(n, map->shape.key_size);
	map->next = calloc(n, sizeof(*map->next));
	map->buckets = malloc(map->nbuckets * sizeof(*map->buckets));
	if (!map->keys || !map->next || !map->buckets)
		return false;
	for (uint32_t i = 0; i < map->nbuckets; i++)
		map->buckets[i] = NONE;
	for (uint32_t i = 0; i < n; i++)
		map->next[i] = i + 1 < n ? i + 1 : NONE;
	map->free = 0;
	return true;
}

bool map_create(struct map *map, const struct object_map *shape)
{
	bool made;

	*map = (struct map){.shape = *shape, .stride = ((size_t)shape->value_size + 7) / 8 * 8};
	map->values = calloc(shape->max_entries, map->stride);
	made = map->values && (shape->type == MAP_ARRAY || create_hash(map));
	if (!made)
		map_destroy(map);
	return made;
}

void map_destroy(struct map *map)
{
	free(map->values);
	free(map->keys);
	free(map->next);
	free(map->buckets);
	*map = (struct map){0};
}

struct vouch_region map_region(const struct map *map)
{
	return (struct vouch_region){(uintptr_t)map->values, map->shape.max_entries * map->stride,
		VOUCH_READ | VOUCH_WRITE};
}

static void *value_at(const struct map *map, uint32_t slot)
{
	return map->values + slot * map->stride;
}

static uint8_t *key_at(const struct map *map, uint32_t slot)
{
	return map->keys + (size_t)slot * map->shape.key_size;
}

/* FNV-1a. */
static uint32_t *bucket_of(const struct map *map, const void *key)
{
	const uint8_t *bytes = key;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (uint32_t i = 0; i < map->shape.key_size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return &map->buckets[(hash ^ hash >> 32) & (map->nbuckets - 1)];
}

/* The link (bucket or `next`) that names the slot of a key; *link is NONE if there is none. */
static uint32_t *find_link(const struct map *map, const void *key)
{
	uint32_t *link = bucket_of(map, key);

	while (*link != NONE && memcmp(key_at(map, *link), key, map->shape.key_size) != 0)
		link = &map->next[*link];
	return link;
}

static uint32_t array_index(const void *key)
{
	uint32_t index;

	memcpy(&index, key, sizeof(index));
	return index;
}

void *map_lookup(const struct map *map, const void *key)
{
	uint32_t slot;

	if (map->shape.type == MAP_ARRAY) {
		slot = array_index(key);
		return slot < map->shape.max_entries ? value_at(map, slot) : NULL;
	}
	slot = *find_link(map, key);
	return slot != NONE ? value_at(map, slot) : NULL;
}

static int array_update(struct map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t index = array_index(key);

	if (index >= map->shape.max_entries)
		return -MAP_E2BIG;
	if (flags == MAP_NOEXIST)
		return -MAP_EEXIST;
	memmove(value_at(map, index), value, map->shape.value_size);
	return 0;
}

/* Take a free slot for the key and put it at the head of its bucket. */
static uint32_t insert(struct map *map, const void *key)
{
	uint32_t slot = map->free, *bucket = bucket_of(map, key);

	if (slot == NONE)
		return NONE;
	map->free = map->next[slot];
	memcpy(key_at(map, slot), key, map->shape.key_size);
	map->next[slot] = *bucket;
	*bucket = slot;
	return slot;
}

static int hash_update(struct map *map, const void *key, const void *value, uint64_t flags)
{
	uint32_t slot = *find_link(map, key);

	if (slot != NONE && flags == MAP_NOEXIST)
		return -MAP_EEXIST;
	if (slot == NONE && flags == MAP_EXIST)
		return -MAP_ENOENT;
	if (slot == NONE)
		slot = insert(map, key);
	if (slot == NONE)
		return -MAP_E2BIG;
	memmove(value_at(map, slot), value, map->shape.value_size);
	return 0;
}

int map_update(struct map *map, const void *key, const void *value, uint64_t flags)
{
	if (flags > MAP_EXIST)
		return -MAP_EINVAL;
	if (map->shape.type == MAP_ARRAY)
		return array_update(map, key, value, flags);
	return hash_update(map, key, value, flags);
}

int map_delete(struct map *map, const void *key)
{
	uint32_t *link, slot;

	if (map->shape.type == MAP_ARRAY)
		return -MAP_EINVAL;
	link = find_link(map, key);
	slot = *link;
	if (slot == NONE)
		return -MAP_ENOENT;
	*link = map->next[slot];
	map->next[slot] = map->free;
	map->free = slot;
	return 0;
}
