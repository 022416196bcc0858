/* SPDX-License-Identifier: MIT */
/*
 * ELF objects as clang -target bpf makes them, linked into one program that can run in place: the
 * entry's function and all that it calls, read-only data as object 0, writable data as object 1
 * (opcodes.def, lddw-object), maps by handles. The text never contains an address of the host. Host
 * only: libelf, libbpf, allocates.
 */
#ifndef VOUCH_OBJECT_H
#define VOUCH_OBJECT_H

#include "vouch/image.h"

struct object;

struct object_error {
	char message[320];
};

/* A function that could be an entry. Names point into the object. */
struct object_function {
	const char *name, *section;
	uint32_t slots;
	bool global;
};

/* A map declared in .maps with BTF. Its handle in the program is its index + 1. */
struct object_map {
	const char *name;
	uint32_t type; /* Linux's BPF_MAP_TYPE_*: 1 hash, 2 array */
	uint32_t key_size, value_size, max_entries, flags;
};

/* Where an instruction comes from; parts that are not known are NULL or 0. */
struct object_place {
	const char *function;
	uint32_t offset; /* slots from its start */
	const char *file, *text;
	uint32_t line, column;
};

/* The id of the helper that a program calls by name. False if there is none. */
typedef bool (*object_helper_id)(void *user, const char *name, uint32_t *id);

/* True if the bytes start like an ELF file. */
bool object_is_elf(const void *bytes, size_t size);

/*
 * Read an object; the bytes are copied. NULL: *error says why. The result is the caller's to
 * object_close().
 */
struct object *object_open(const void *bytes, size_t size, struct object_error *error);
void object_close(struct object *object);

/* The functions, by section and address; and the maps, in the order of their handles. */
size_t object_functions(const struct object *object, const struct object_function **functions);
size_t object_maps(const struct object *object, const struct object_map **maps);

/*
 * Link the program that starts at `entry`: a function's name, else a section's, whose first
 * function it is. NULL: the only global function, or the only function. helper may be NULL: then
 * functions that are not defined are errors. To be called once for an object.
 *
 * A reference to map i becomes a plain 64-bit immediate, its handle i + 1: the host's helpers take
 * it for what it names. What comes out still has to pass vouch_check().
 */
bool object_link(struct object *object, const char *entry, object_helper_id helper, void *user,
	struct object_error *error);

/* After linking: the program and its data, pointing into the object; helper ids used are filled in.
 */
const struct vouch_image *object_image(const struct object *object);

/* After linking: where the instruction at pc comes from. */
struct object_place object_place(const struct object *object, uint32_t pc);

#endif
