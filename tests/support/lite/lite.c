/* SPDX-License-Identifier: MIT */
/* See cmocka.h beside this file. Reports as cmocka does, because tests/run.sh reads it. */
#include "cmocka.h"

jmp_buf lite_failed;

int lite_run(const struct CMUnitTest *tests, size_t n)
{
	volatile size_t passed = 0; /* longjmp() brings back what a compiler keeps in registers */

	printf("[==========] Running %zu test(s).\n", n);
	for (size_t i = 0; i < n; i++) {
		if (setjmp(lite_failed) == 0) {
			tests[i].function(NULL);
			passed++;
			printf("[       OK ] %s\n", tests[i].name);
		} else {
			printf("[  FAILED  ] %s\n", tests[i].name);
		}
		fflush(stdout);
	}
	printf("[  PASSED  ] %zu test(s).\n", passed);
	if (passed < n)
		printf("[  FAILED  ] %zu test(s), listed above:\n", n - passed);
	return (int)(n - passed);
}
