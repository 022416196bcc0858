/* SPDX-License-Identifier: MIT */
/*
 * Objects as clang makes them link and run; what can't be linked is refused by name, and no broken
 * file does worse than being refused. The objects are tests/load/c, compiled by the Makefile into
 * the directory named OBJECTS.
 */
#include "load/object.h"
#include "support/run_image.h"
#include "isa/isa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#ifndef OBJECTS
#define OBJECTS "build/tests/load/c"
#endif

struct file {
	uint8_t *bytes;
	size_t size;
};

static struct file read_file(const char *name)
{
	struct file file = {malloc(1 << 20), 0};
	char path[256];
	FILE *stream;

	snprintf(path, sizeof(path), OBJECTS "/%s.o", name);
	stream = fopen(path, "rb");
	if (!stream)
		fail_msg("%s is missing: built by make check-native", path);
	file.size = fread(file.bytes, 1, 1 << 20, stream);
	fclose(stream);
	return file;
}

/* host_add is helper 2, which adds its arguments in tests/support/run_image.c. */
static bool helper_id(void *user, const char *name, uint32_t *id)
{
	(void)user;
	*id = 2;
	return strcmp(name, "host_add") == 0;
}

static struct object *link_file(const char *name, const char *entry, struct object_error *error)
{
	struct file file = read_file(name);
	struct object *object = object_open(file.bytes, file.size, error);

	free(file.bytes);
	if (!object)
		return NULL;
	if (!object_link(object, entry, helper_id, NULL, error)) {
		object_close(object);
		return NULL;
	}
	return object;
}

/* Through an image, as a device would run it. */
static uint64_t run_linked(const struct object *object)
{
	const struct vouch_image *linked = object_image(object);
	size_t size = vouch_image_size(linked);
	uint8_t *bytes = aligned_alloc(8, size);
	struct vouch_image image;
	uint64_t r0 = 0;

	assert_int_equal(vouch_image_write(linked, bytes, size), size);
	assert_int_equal(vouch_image_open(&image, bytes, size), VOUCH_OK);
	assert_int_equal(run_image(&image, &r0), VOUCH_OK);
	free(bytes);
	return r0;
}

static void data_strings_and_functions_in_other_sections_are_linked(void **state)
{
	struct object_error error;
	struct object *object = link_file("data", "entry", &error);

	(void)state;
	if (!object)
		fail_msg("%s", error.message);
	/* No memory: 40, near: 40, far: 6, "hello": 532; the helper adds zeros[1], which is 0. */
	assert_int_equal(run_linked(object), 40 + 40 + 6 + 532);
	assert_int_equal(object_image(object)->rodata_size >= 32, true);
	assert_true(object_image(object)->bss_size >= 800);
	assert_int_equal(object_image(object)->nhelpers, 1);
	object_close(object);
}

static void only_functions_that_are_called_become_part_of_the_program(void **state)
{
	struct object_error error;
	struct object *object = link_file("data", "second", &error);

	(void)state;
	assert_non_null(object);
	assert_int_equal(run_linked(object), 15);
	assert_true(object_image(object)->program.count < 10);
	assert_int_equal(object_image(object)->rodata_size, 0);
	assert_int_equal(object_image(object)->nhelpers, 0);
	object_close(object);
}

static void an_entry_can_be_named_by_its_section(void **state)
{
	struct object_error error;
	struct object *object = link_file("data", "other", &error);

	(void)state;
	assert_non_null(object);
	assert_string_equal(object_place(object, 0).function, "far");
	object_close(object);
}

static void instructions_know_their_source_lines(void **state)
{
	struct object_error error;
	struct object *object = link_file("data", "second", &error);
	struct object_place place;

	(void)state;
	assert_non_null(object);
	place = object_place(object, 1);
	assert_string_equal(place.function, "second");
	assert_non_null(place.file);
	assert_non_null(strstr(place.file, "data.c"));
	assert_true(place.line > 30);
	assert_non_null(strstr(place.text, "far(5)"));
	object_close(object);
}

static void maps_are_read_from_their_types_and_named_by_handles(void **state)
{
	struct object_error error;
	struct object *object = link_file("maps", NULL, &error);
	const struct object_map *maps;
	unsigned handles[3] = {0, 0, 0};

	(void)state;
	if (!object)
		fail_msg("%s", error.message);
	assert_int_equal(object_maps(object, &maps), 2);
	for (unsigned i = 0; i < 2; i++) {
		bool is_hash = strcmp(maps[i].name, "counts") == 0;

		assert_int_equal(maps[i].type, is_hash ? 1 : 2);
		assert_int_equal(maps[i].key_size, 4);
		assert_int_equal(maps[i].value_size, is_hash ? 8 : 24);
		assert_int_equal(maps[i].max_entries, is_hash ? 16 : 3);
	}
	for (uint32_t pc = 0; pc < object_image(object)->program.count; pc++) {
		const struct vouch_insn *insn = &object_image(object)->program.insns[pc];

		if (vouch_is_wide(insn) && vouch_src(insn) == 0 && insn->imm < 3)
			handles[insn->imm]++;
		pc += vouch_is_wide(insn);
	}
	assert_int_equal(handles[1], 1);
	assert_int_equal(handles[2], 1);
	object_close(object);
}

static void expect_refusal(const char *name, const char *entry, const char *says)
{
	struct object_error error;
	struct object *object = link_file(name, entry, &error);

	assert_null(object);
	if (!strstr(error.message, says))
		fail_msg("'%s' does not say '%s'", error.message, says);
}

static void refusals_name_the_symbol_or_section(void **state)
{
	(void)state;
	expect_refusal("pointers", NULL, "pointers");
	expect_refusal("function", "entry", "address of a function");
	expect_refusal("data", "nowhere", "entry");
	expect_refusal("data", NULL, "second");
}

static void unbound_helpers_are_refused_by_name(void **state)
{
	struct file file = read_file("data");
	struct object_error error;
	struct object *object = object_open(file.bytes, file.size, &error);

	(void)state;
	assert_non_null(object);
	assert_false(object_link(object, "entry", NULL, NULL, &error));
	assert_non_null(strstr(error.message, "host_add"));
	object_close(object);
	free(file.bytes);
}

/* Open, link and perhaps run bytes that need not make sense, in an allocation of their exact size.
 */
static void survive(const uint8_t *bytes, size_t size)
{
	uint8_t *exact = malloc(size + !size);
	struct object_error error;
	struct object *object;

	memcpy(exact, bytes, size);
	object = object_open(exact, size, &error);
	free(exact);
	if (object && object_link(object, "entry", helper_id, NULL, &error)) {
		uint64_t r0;

		run_image(object_image(object), &r0);
		for (uint32_t pc = 0; pc < 20; pc++)
			object_place(object, pc);
	}
	object_close(object);
}

static void truncated_objects_are_refused_or_harmless(void **state)
{
	struct file file = read_file("data");

	(void)state;
	for (size_t size = 0; size < file.size; size += 3)
		survive(file.bytes, size);
	free(file.bytes);
}

static void objects_with_a_broken_byte_are_refused_or_harmless(void **state)
{
	static const char *const names[] = {"data", "maps"};
	static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};

	(void)state;
	for (unsigned n = 0; n < 2; n++) {
		struct file file = read_file(names[n]);

		for (size_t i = 0; i < file.size; i++) {
			uint8_t saved = file.bytes[i];

			file.bytes[i] = values[i % 5];
			survive(file.bytes, file.size);
			file.bytes[i] = saved;
		}
		free(file.bytes);
	}
}

static void files_that_are_no_bpf_objects_are_refused(void **state)
{
	struct file file = read_file("data");
	struct object_error error;

	(void)state;
	assert_false(object_is_elf("ELF", 3));
	assert_true(object_is_elf(file.bytes, file.size));
	file.bytes[18] = 62; /* e_machine: x86-64 */
	assert_null(object_open(file.bytes, file.size, &error));
	assert_non_null(strstr(error.message, "BPF"));
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_strings_and_functions_in_other_sections_are_linked),
		cmocka_unit_test(only_functions_that_are_called_become_part_of_the_program),
		cmocka_unit_test(an_entry_can_be_named_by_its_section),
		cmocka_unit_test(instructions_know_their_source_lines),
		cmocka_unit_test(maps_are_read_from_their_types_and_named_by_handles),
		cmocka_unit_test(refusals_name_the_symbol_or_section),
		cmocka_unit_test(unbound_helpers_are_refused_by_name),
		cmocka_unit_test(truncated_objects_are_refused_or_harmless),
		cmocka_unit_test(objects_with_a_broken_byte_are_refused_or_harmless),
		cmocka_unit_test(files_that_are_no_bpf_objects_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
