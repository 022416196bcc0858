/* SPDX-License-Identifier: MIT */
/*
 * Generated programs mean the same in every engine: status, registers, memory, fault details and
 * fuel. A program that does not is made shorter while it still fails, and printed.
 *
 *   test_differential [PROGRAMS [FIRST_SEED]]
 */
#include "support/compare.h"
#include "support/generate.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t programs = 200000, first_seed = 1;

/* How many runs ended how. */
static uint64_t ends[VOUCH_STATUS_COUNT];

static void check_seed(uint64_t seed)
{
	struct vouch_insn insns[PROGRAM_MAX];
	uint32_t count = generate(seed, insns, seed % 16 ? 48 : PROGRAM_MAX);
	struct world world;
	enum vouch_status status;
	const char *what;
	bool agree;

	compare_world(&world, seed, insns, count);
	agree = compare_engines(&world, insns, count, &what, &status) == ENGINES;
	ends[status]++;
	if (!agree)
		compare_report(&world, seed, insns, count);
	world_destroy(&world);
	assert_true(agree);
}

static void engines_agree_on_generated_programs(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < programs; i++) {
		check_seed(first_seed + i);
		if ((i + 1) % 50000 == 0) {
			print_message("  %" PRIu64 " of %" PRIu64 " programs\n", i + 1, programs);
			fflush(stdout);
		}
	}
	for (unsigned status = 0; status < VOUCH_STATUS_COUNT; status++)
		if (ends[status])
			print_message("  %-14s %" PRIu64 "\n",
				vouch_status_name((enum vouch_status)status), ends[status]);
	/* A corpus in which hardly anything runs to its end would test little. */
	assert_true(programs < 1000 || ends[VOUCH_OK] > programs / 20);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(engines_agree_on_generated_programs)};

	if (argc > 1)
		programs = strtoull(argv[1], NULL, 0);
	if (argc > 2)
		first_seed = strtoull(argv[2], NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
