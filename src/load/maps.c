/* SPDX-License-Identifier: MIT */
/*
 * Maps declared as libbpf has them: variables in .maps whose type, in BTF, spells the map's
 * properties. A number n is written as a pointer to an array of n elements, a type as a pointer to
 * it.
 */
#include "elf.h"

#include <bpf/btf.h>
#include <stdlib.h>
#include <string.h>

enum { MAPS_MAX = 256 };

/* Where a map lies in .maps: BTF leaves that to the linker, the symbols know. */
static bool offset_of(const struct object *object, const char *name, uint64_t *offset)
{
	for (size_t i = 0; i < object->nsymbols; i++) {
		const struct symbol *symbol = &object->symbols[i];

		if (symbol->section != 0 && symbol->type == STT_OBJECT &&
			strcmp(section_name(object, symbol->section), ".maps") == 0 &&
			strcmp(symbol->name, name) == 0) {
			*offset = symbol->value;
			return true;
		}
	}
	return false;
}

size_t map_at(const struct object *object, uint64_t offset)
{
	for (size_t i = 0; i < object->nmaps; i++)
		if (object->map_offsets[i] == offset)
			return i;
	return object->nmaps;
}

static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	/* Modifiers can form a cycle in a hostile file. */
	for (unsigned depth = 0; type && depth < 32 && (btf_is_mod(type) || btf_is_typedef(type));
		depth++)
		type = btf__type_by_id(btf, type->type);
	return type;
}

/* int (*name)[n]: n */
static bool read_number(const struct btf *btf, const struct btf_member *member, uint32_t *number)
{
	const struct btf_type *type = resolve(btf, member->type);

	if (!type || !btf_is_ptr(type))
		return false;
	type = resolve(btf, type->type);
	if (!type || !btf_is_array(type))
		return false;
	*number = btf_array(type)->nelems;
	return true;
}

/* T *name: the size of T */
static bool read_size(const struct btf *btf, const struct btf_member *member, uint32_t *size)
{
	const struct btf_type *type = resolve(btf, member->type);
	int64_t bytes;

	if (!type || !btf_is_ptr(type))
		return false;
	bytes = btf__resolve_size(btf, type->type);
	if (bytes <= 0 || bytes > INT32_MAX)
		return false;
	*size = (uint32_t)bytes;
	return true;
}

static bool read_member(const struct btf *btf, const struct btf_member *member,
	struct object_map *map, struct object_error *error)
{
	const char *name = btf__name_by_offset(btf, member->name_off);
	bool ok = true;

	if (!name)
		return object_refuse(error, "map '%s' has a member without a name", map->name);
	if (strcmp(name, "type") == 0)
		ok = read_number(btf, member, &map->type);
	else if (strcmp(name, "max_entries") == 0)
		ok = read_number(btf, member, &map->max_entries);
	else if (strcmp(name, "map_flags") == 0)
		ok = read_number(btf, member, &map->flags);
	else if (strcmp(name, "key_size") == 0)
		ok = read_number(btf, member, &map->key_size);
	else if (strcmp(name, "value_size") == 0)
		ok = read_number(btf, member, &map->value_size);
	else if (strcmp(name, "key") == 0)
		ok = read_size(btf, member, &map->key_size);
	else if (strcmp(name, "value") == 0)
		ok = read_size(btf, member, &map->value_size);
	else if (strcmp(name, "pinning") != 0)
		return object_refuse(error, "map '%s' has a property '%s' that Vouch does not know",
			map->name, name);
	return ok ||
	       object_refuse(error, "map '%s': '%s' is not written as libbpf's __uint or __type",
		       map->name, name);
}

static bool read_map(struct object *object, uint32_t variable, struct object_error *error)
{
	const struct btf_type *var = btf__type_by_id(object->btf, variable), *type;
	struct object_map *map = &object->maps[object->nmaps];

	if (!var || !btf_is_var(var))
		return object_refuse(error, ".maps: something that is not a variable");
	map->name = btf__name_by_offset(object->btf, var->name_off);
	if (!map->name)
		return object_refuse(error, ".maps: a map without a name");
	if (!offset_of(object, map->name, &object->map_offsets[object->nmaps]))
		return object_refuse(error, "map '%s' has no symbol", map->name);
	type = resolve(object->btf, var->type);
	if (!type || !btf_is_struct(type))
		return object_refuse(error, "map '%s' is not a struct", map->name);
	for (uint32_t i = 0; i < btf_vlen(type); i++)
		if (!read_member(object->btf, btf_members(type) + i, map, error))
			return false;
	object->nmaps++;
	return true;
}

bool object_read_maps(struct object *object, struct object_error *error)
{
	const struct section *maps = section_named(object, ".maps"),
			     *btf = section_named(object, ".BTF");
	const struct btf_type *datasec;
	int32_t id;

	if (btf && btf->bytes && btf->size <= UINT32_MAX)
		object->btf = btf__new(btf->bytes, (uint32_t)btf->size);
	if (!maps || maps->size == 0)
		return true;
	if (!object->btf)
		return object_refuse(error, "maps need type information: compile with clang -g");
	id = btf__find_by_name_kind(object->btf, ".maps", BTF_KIND_DATASEC);
	datasec = id > 0 ? btf__type_by_id(object->btf, (uint32_t)id) : NULL;
	if (!datasec)
		return object_refuse(error, "section .maps without its type information");
	if (btf_vlen(datasec) > MAPS_MAX)
		return object_refuse(error, "more than %u maps", MAPS_MAX);
	object->maps = calloc(MAPS_MAX, sizeof(*object->maps));
	object->map_offsets = calloc(MAPS_MAX, sizeof(*object->map_offsets));
	if (!object->maps || !object->map_offsets)
		return object_refuse(error, "out of memory");
	for (uint32_t i = 0; i < btf_vlen(datasec); i++)
		if (!read_map(object, btf_var_secinfos(datasec)[i].type, error))
			return false;
	return true;
}
