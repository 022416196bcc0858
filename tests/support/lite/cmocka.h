/* SPDX-License-Identifier: MIT */
/*
 * As much of cmocka's interface as the VM's tests use, for machines that Debian has no cmocka for: cross-compiled
 * tests under an emulator. The first failed assertion ends a test.
 */
#ifndef VOUCH_TEST_LITE_CMOCKA_H
#define VOUCH_TEST_LITE_CMOCKA_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*function)(void **state);
};

extern jmp_buf lite_failed;

#define cmocka_unit_test(test) {#test, test}
#define cmocka_run_group_tests(tests, setup, teardown) lite_run(tests, sizeof(tests) / sizeof((tests)[0]))
#define print_message printf
#define print_error   printf
#define fail()        lite_assert(false, "fail()", __FILE__, __LINE__)
#define fail_msg(...) (printf(__VA_ARGS__), printf("\n"), fail())
#define assert_true(c)  lite_assert((c), #c, __FILE__, __LINE__)
#define assert_false(c) lite_assert(!(c), "!(" #c ")", __FILE__, __LINE__)
#define assert_null(p)  lite_assert((p) == NULL, #p " == NULL", __FILE__, __LINE__)
#define assert_non_null(p) lite_assert((p) != NULL, #p " != NULL", __FILE__, __LINE__)
#define assert_int_equal(a, b) lite_equal((uint64_t)(a), (uint64_t)(b), #a " == " #b, __FILE__, __LINE__)
#define assert_int_not_equal(a, b) lite_assert((a) != (b), #a " != " #b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n) lite_assert(memcmp(a, b, n) == 0, #a " == " #b, __FILE__, __LINE__)
#define assert_string_equal(a, b) lite_assert(strcmp(a, b) == 0, #a " == " #b, __FILE__, __LINE__)

static inline void lite_assert(bool holds, const char *text, const char *file, int line)
{
	if (holds)
		return;
	printf("%s:%d: %s\n", file, line, text);
	longjmp(lite_failed, 1);
}

static inline void lite_equal(uint64_t a, uint64_t b, const char *text, const char *file, int line)
{
	if (a != b)
		printf("0x%llx != 0x%llx\n", (unsigned long long)a, (unsigned long long)b);
	lite_assert(a == b, text, file, line);
}

int lite_run(const struct CMUnitTest *tests, size_t n);

#endif
