/* SPDX-License-Identifier: MIT */
/* Calls, helpers, fuel, frames, registers at start, and what vouch_init() refuses: in every engine.
 */
#include "support/assemble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <pthread.h>
#include <unistd.h>

#define FOR_ENGINES(engine)                                      \
	for (enum engine engine = 0; engine < ENGINES; engine++) \
		if (!engine_exists(engine))                      \
			continue;                                \
		else

static struct outcome run(enum engine engine, struct world *world, const struct code *code)
{
	struct outcome outcome;

	world_run(world, engine, code->insns, code->count, &outcome);
	return outcome;
}

static void registers_start_as_zero_but_for_the_arguments(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 3);
	put_exit(&code);
	FOR_ENGINES(engine)
	{
		struct outcome outcome = run(engine, &world, &code);

		assert_int_equal(outcome.status, VOUCH_OK);
		for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
			assert_true(outcome.r[i] == (i == 1           ? (uintptr_t)world.context
							    : i == 2  ? CONTEXT_SIZE
							    : i == 10 ? (uintptr_t)world.stack +
										3 * VOUCH_FRAME_SIZE
								      : 0));
	}
	world_destroy(&world);
}

/* Registers 1 to 9 hold 1001 to 1009. */
static void put_numbers(struct code *code)
{
	for (unsigned reg = 1; reg < 10; reg++)
		put(code, OP_mov64_k, reg, 0, 0, (int32_t)(1000 + reg));
}

static void helpers_get_five_arguments_and_clear_their_registers(void **state)
{
	(void)state;
	for (unsigned indirect = 0; indirect < 2; indirect++) {
		struct code code = {.count = 0};
		struct world world;

		world_create(&world, 1);
		put_numbers(&code);
		put(&code, OP_mov64_k, 6, 0, 0, HELPER_MIX);
		if (indirect)
			put(&code, OP_callx, 6, 0, 0, 0);
		else
			put(&code, OP_call, 0, 0, 0, HELPER_MIX);
		put_exit(&code);
		FOR_ENGINES(engine)
		{
			struct outcome outcome = run(engine, &world, &code);

			assert_int_equal(outcome.status, VOUCH_OK);
			assert_true(outcome.r0 ==
				    1001 * 3 + 1002 * 5 + 1003 * 7 + 1004 * 11 + 1005 * 13);
			for (unsigned i = 1; i < 6; i++)
				assert_true(outcome.r[i] == 0);
			for (unsigned i = 7; i < 10; i++)
				assert_true(outcome.r[i] == 1000 + i);
			assert_true(outcome.used == 1);
		}
		world_destroy(&world);
	}
}

static void callx_of_an_absent_helper_faults_with_its_id(void **state)
{
	static const uint64_t ids[] = {
		HELPER_ABSENT, WORLD_HELPERS, UINT32_MAX, UINT64_MAX, (uint64_t)1 << 32};
	struct world world;

	(void)state;
	world_create(&world, 1);
	for (unsigned fuel = 0; fuel < 2; fuel++)
		for (unsigned i = 0; i < 5; i++) {
			struct code code = {.count = 0};

			world.fuel = fuel;
			put_wide(&code, 8, ids[i]);
			put(&code, OP_callx, 8, 0, 0, 0);
			put_exit(&code);
			FOR_ENGINES(engine)
			{
				struct outcome outcome = run(engine, &world, &code);

				assert_int_equal(outcome.status, VOUCH_FAULT_HELPER);
				assert_int_equal(outcome.fault.pc, 2);
				assert_true(outcome.fault.address == ids[i]);
				assert_true(outcome.fuel == fuel);
			}
		}
	world_destroy(&world);
}

static void helpers_can_end_or_stop_the_run(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_mov64_k, 1, 0, 0, 41);
	put(&code, OP_call, 0, 0, 0, HELPER_END);
	put(&code, OP_mov64_k, 0, 0, 0, 0);
	put_exit(&code);
	FOR_ENGINES(engine)
	{
		struct outcome outcome = run(engine, &world, &code);

		assert_int_equal(outcome.status, VOUCH_OK);
		assert_true(outcome.r0 == 42);
		assert_int_equal(outcome.fault.pc, 1);
	}
	code.insns[1].imm = HELPER_FAIL;
	FOR_ENGINES(engine)
	{
		struct outcome outcome = run(engine, &world, &code);

		assert_int_equal(outcome.status, VOUCH_FAULT_HOST);
		assert_true(outcome.r0 == 0);
		assert_int_equal(outcome.fault.pc, 1);
	}
	world_destroy(&world);
}

/* f(n) = n == 0 ? 0 : 1 + f(n - 1); each level writes to its frame and uses r6 to r9. */
static struct code recursion(int32_t depth)
{
	struct code code = {.count = 0};

	put(&code, OP_mov64_k, 1, 0, 0, depth);
	put(&code, OP_mov64_k, 6, 0, 0, 66);
	put(&code, OP_mov64_k, 9, 0, 0, 99);
	put(&code, OP_call_local, 0, 0, 0, 1);
	put_exit(&code);
	/* f */
	put(&code, OP_mov64_k, 0, 0, 0, 0);
	put(&code, OP_jeq64_k, 1, 0, 7, 0);
	put(&code, OP_mov64_x, 6, 1, 0, 0);
	put(&code, OP_mov64_x, 9, 10, 0, 0);
	put(&code, OP_stxdw, 10, 1, -512, 0);
	put(&code, OP_add64_k, 1, 0, 0, -1);
	put(&code, OP_call_local, 0, 0, 0, -7);
	put(&code, OP_ldxdw, 7, 10, -512, 0);
	put(&code, OP_add64_k, 0, 0, 0, 1);
	put_exit(&code);
	return code;
}

static void calls_nest_as_deep_as_there_are_frames(void **state)
{
	(void)state;
	for (uint32_t frames = 1; frames <= VOUCH_FRAMES_MAX; frames++)
		for (int32_t depth = 0; depth < 9; depth++) {
			struct code code = recursion(depth);
			struct world world;

			world_create(&world, frames);
			FOR_ENGINES(engine)
			{
				struct outcome outcome = run(engine, &world, &code);

				if ((uint32_t)depth + 2 <= frames) {
					assert_int_equal(outcome.status, VOUCH_OK);
					assert_int_equal(outcome.r0, depth);
					assert_true(outcome.r[6] == 66 && outcome.r[7] == 0 &&
						    outcome.r[9] == 99);
					assert_int_equal(outcome.used, depth + 1);
				} else {
					assert_int_equal(outcome.status, VOUCH_FAULT_DEPTH);
					assert_int_equal(outcome.fault.pc, frames == 1 ? 3 : 11);
					assert_int_equal(outcome.used, frames - 1);
					assert_true(outcome.r[10] ==
						    (uintptr_t)world.stack + VOUCH_FRAME_SIZE);
				}
			}
			world_destroy(&world);
		}
}

static void each_frame_has_its_own_512_bytes(void **state)
{
	struct code code = recursion(3);
	struct world world;

	(void)state;
	world_create(&world, 5);
	FOR_ENGINES(engine)
	{
		struct outcome outcome = run(engine, &world, &code);

		assert_int_equal(outcome.status, VOUCH_OK);
		for (uint64_t level = 1; level <= 3; level++) {
			uint64_t stored;

			memcpy(&stored, outcome.stack + level * VOUCH_FRAME_SIZE, sizeof(stored));
			assert_true(stored == level);
		}
	}
	world_destroy(&world);
}

/* r0 counts to 10 with backward jumps: 9 of them. */
static void fuel_stops_a_run_exactly_where_it_is_spent(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_add64_k, 0, 0, 0, 1);
	put(&code, OP_jlt64_k, 0, 0, -2, 10);
	put_exit(&code);
	for (size_t fuel = 0; fuel < 12; fuel++) {
		world.fuel = fuel;
		FOR_ENGINES(engine)
		{
			struct outcome outcome = run(engine, &world, &code);

			assert_int_equal(outcome.status, fuel < 9 ? VOUCH_FAULT_FUEL : VOUCH_OK);
			assert_true(outcome.r[0] == (fuel < 9 ? fuel + 1 : 10));
			assert_true(outcome.fuel == (fuel < 9 ? 0 : fuel - 9));
			assert_true(outcome.used == (fuel < 9 ? fuel : 9));
			assert_int_equal(outcome.fault.pc, fuel < 9 ? 1 : 2);
		}
	}
	world_destroy(&world);
}

static void forward_jumps_cost_nothing_and_calls_cost_one(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 2);
	put(&code, OP_ja, 0, 0, 0, 0);
	put(&code, OP_jeq64_k, 0, 0, 0, 0);
	put(&code, OP_ja32, 0, 0, 0, 0);
	put(&code, OP_call, 0, 0, 0, HELPER_MIX);
	put(&code, OP_call_local, 0, 0, 0, 1);
	put_exit(&code);
	put_exit(&code);
	for (size_t fuel = 0; fuel < 4; fuel++) {
		world.fuel = fuel;
		FOR_ENGINES(engine)
		{
			struct outcome outcome = run(engine, &world, &code);

			assert_int_equal(outcome.status, fuel < 2 ? VOUCH_FAULT_FUEL : VOUCH_OK);
			assert_int_equal(outcome.fault.pc, fuel < 2 ? 3 + fuel : 5);
			assert_true(outcome.fuel == (fuel < 2 ? 0 : fuel - 2));
		}
	}
	world_destroy(&world);
}

/* Operands for which a conditional jump is taken, or isn't. False if there are none. */
static bool find_operands(enum vouch_op op, bool taken, int32_t *dst, int32_t *src)
{
	static const int32_t pairs[][2] = {{1, 1}, {1, 2}, {2, 1}, {-1, 1}, {1, -1}};
	struct world world;
	bool found = false;

	world_create(&world, 1);
	for (unsigned i = 0; i < 5 && !found; i++) {
		struct code code = {.count = 0};
		bool by_src = vouch_ops[op].src != REG_NONE;

		put(&code, OP_mov64_k, 6, 0, 0, pairs[i][0]);
		put(&code, OP_mov64_k, 7, 0, 0, pairs[i][1]);
		put(&code, op, 6, by_src ? 7 : 0, 1, by_src ? 0 : pairs[i][1]);
		put_exit(&code);
		put_exit(&code);
		found = (run(ENGINE_INTERPRETER, &world, &code).fault.pc == 4) == taken;
		*dst = pairs[i][0];
		*src = pairs[i][1];
	}
	world_destroy(&world);
	return found;
}

/* A backward jump that is taken goes to the exit before it; one that isn't falls to the exit after
 * it. */
static void every_conditional_jump_spends_fuel_only_when_taken_backward(void **state)
{
	struct world world;

	(void)state;
	world_create(&world, 1);
	for (enum vouch_op op = OP_jeq64_k; op <= OP_jsle32_x; op++)
		for (unsigned taken = 0; taken < 2; taken++)
			for (size_t fuel = 0; fuel < 2; fuel++) {
				bool by_src = vouch_ops[op].src != REG_NONE,
				     starved = taken && fuel == 0;
				struct code code = {.count = 0};
				int32_t dst, src;

				assert_true(find_operands(op, taken, &dst, &src));
				put(&code, OP_ja, 0, 0, 1, 0);
				put_exit(&code);
				put(&code, OP_mov64_k, 6, 0, 0, dst);
				put(&code, OP_mov64_k, 7, 0, 0, src);
				put(&code, op, 6, by_src ? 7 : 0, -4, by_src ? 0 : src);
				put_exit(&code);
				world.fuel = fuel;
				FOR_ENGINES(engine)
				{
					struct outcome outcome = run(engine, &world, &code);

					assert_int_equal(outcome.status,
						starved ? VOUCH_FAULT_FUEL : VOUCH_OK);
					assert_int_equal(outcome.fault.pc, starved ? 4
									   : taken ? 1
										   : 5);
					assert_true(outcome.used == (taken && !starved));
					assert_true(outcome.fuel == (taken ? 0 : fuel));
				}
			}
	world_destroy(&world);
}

static void fuel_beyond_the_maximum_counts_as_the_maximum(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	world.fuel = SIZE_MAX;
	put(&code, OP_call, 0, 0, 0, HELPER_MIX);
	put_exit(&code);
	FOR_ENGINES(engine)
	{
		struct outcome outcome = run(engine, &world, &code);

		assert_int_equal(outcome.status, VOUCH_OK);
		assert_true(outcome.fuel == VOUCH_FUEL_MAX - 1);
	}
	world_destroy(&world);
}

static uint64_t take_fuel(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a1;
	(void)a2;
	(void)a3;
	(void)a4;
	(void)a5;
	vm->fuel = 0;
	return 5;
}

static void a_helper_stops_a_run_at_the_next_point_by_taking_its_fuel(void **state)
{
	const vouch_helper helpers[] = {take_fuel};
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_call, 0, 0, 0, 0);
	put(&code, OP_mov64_k, 6, 0, 0, 6);
	put(&code, OP_ja, 0, 0, -3, 0);
	FOR_ENGINES(engine)
	{
		struct vouch_config config = world_config(&world, code.insns, code.count);
		uint64_t r0 = 99;
		struct vouch_vm vm;

		config.helpers = helpers;
		config.nhelpers = 1;
		assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
		assert_int_equal(world_run_vm(&vm, engine, 1, &r0), VOUCH_FAULT_FUEL);
		assert_int_equal(vm.fault.pc, 2);
		assert_true(vm.r[0] == 5 && vm.r[6] == 6 && r0 == 99 && vm.fuel == 0);
	}
	world_destroy(&world);
}

struct stopper {
	volatile size_t *fuel;
};

static void *stop_soon(void *argument)
{
	struct stopper *stopper = argument;

	usleep(20000);
	*stopper->fuel = 0;
	return NULL;
}

static void another_thread_stops_a_run_by_taking_its_fuel(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_ja, 0, 0, -1, 0);
	FOR_ENGINES(engine)
	{
		struct vouch_config config = world_config(&world, code.insns, code.count);
		struct vouch_vm vm;
		struct stopper stopper = {&vm.fuel};
		enum vouch_status status;
		pthread_t thread;

		config.fuel = VOUCH_FUEL_MAX;
		assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
		assert_int_equal(pthread_create(&thread, NULL, stop_soon, &stopper), 0);
		status = world_run_vm(&vm, engine, 1, NULL);
		pthread_join(thread, NULL);
		assert_int_equal(status, VOUCH_FAULT_FUEL);
		assert_true(vm.fuel == 0);
	}
	world_destroy(&world);
}

static void a_vm_runs_again_from_the_start(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_ldxb, 0, 1, 0, 0);
	put(&code, OP_add64_x, 0, 2, 0, 0);
	put(&code, OP_add64_k, 5, 0, 0, 1);
	put_exit(&code);
	FOR_ENGINES(engine)
	{
		struct vouch_config config = world_config(&world, code.insns, code.count);
		struct vouch_vm vm;
		uint64_t r0;

		assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(world_run_vm(&vm, engine, 1, &r0), VOUCH_OK);
			assert_true(r0 == world.context[0] + (uint64_t)CONTEXT_SIZE);
			assert_true(vm.r[5] == 1);
		}
	}
	world_destroy(&world);
}

/* The old context is out of reach, the new one is not; a context that is refused changes nothing.
 */
static void a_vm_takes_another_context_or_keeps_the_one_it_has(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_ldxb, 0, 1, 0, 0);
	put(&code, OP_add64_x, 0, 2, 0, 0);
	put_wide(&code, 3, (uintptr_t)world.context);
	put(&code, OP_ldxb, 4, 3, 0, 0);
	put_exit(&code);
	FOR_ENGINES(engine)
	{
		struct vouch_config config = world_config(&world, code.insns, code.count);
		struct vouch_region overlapping = {world.regions[0].start + 1, 1, VOUCH_READ};
		uint8_t other[4] = {9, 9, 9, 9};
		struct vouch_region another = {(uintptr_t)other, 4, VOUCH_READ};
		struct vouch_vm vm;
		uint64_t r0;

		assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
		assert_int_equal(vouch_set_context(&vm, overlapping), VOUCH_BAD_REGION);
		assert_int_equal(vm.fault.pc, config.nregions);
		assert_int_equal(world_run_vm(&vm, engine, 1, &r0), VOUCH_OK);
		assert_true(r0 == world.context[0] + (uint64_t)CONTEXT_SIZE);
		assert_int_equal(vouch_set_context(&vm, another), VOUCH_OK);
		assert_int_equal(world_run_vm(&vm, engine, 1, &r0), VOUCH_FAULT_MEMORY);
		assert_int_equal(vm.fault.pc, 4);
		assert_true(vm.r[0] == 13);
	}
	world_destroy(&world);
}

static enum vouch_status try_init(struct vouch_config config, uint32_t *pc)
{
	static struct vouch_vm vm;
	enum vouch_status status = vouch_init(&vm, &config);

	*pc = vm.fault.pc;
	assert_int_equal(vm.fault.status, status);
	return status;
}

static void unusable_regions_are_refused(void **state)
{
	struct code code = {.count = 0};
	struct world world;
	struct vouch_config good, bad;
	struct vouch_region regions[3];
	uint32_t pc;

	(void)state;
	put_exit(&code);
	world_create(&world, 2);
	good = bad = world_config(&world, code.insns, code.count);
	memcpy(regions, world.regions, sizeof(world.regions));
	good.regions = bad.regions = regions;
	assert_int_equal(try_init(good, &pc), VOUCH_OK);

	regions[1].permissions = VOUCH_WRITE;
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	assert_int_equal(pc, 1);
	regions[1].permissions = 0;
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	regions[1].permissions = 7;
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	regions[1] = (struct vouch_region){UINTPTR_MAX - 3, 5, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	regions[1] = (struct vouch_region){regions[0].start + REGION_SIZE - 1, 4, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	assert_int_equal(pc, 1);
	regions[1] = (struct vouch_region){regions[0].start + 3, 0, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_OK);
	regions[1] =
		(struct vouch_region){(uintptr_t)world.stack + world.stack_size - 1, 1, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	regions[1] = (struct vouch_region){(uintptr_t)code.insns, 1, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	regions[1] = (struct vouch_region){(uintptr_t)regions, 1, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	regions[1] = (struct vouch_region){(uintptr_t)world.context + 1, 1, VOUCH_READ};
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	assert_int_equal(pc, 2);
	regions[1] = world.regions[1];
	bad.context.permissions = VOUCH_WRITE;
	assert_int_equal(try_init(bad, &pc), VOUCH_BAD_REGION);
	assert_int_equal(pc, 2);
	world_destroy(&world);
}

static void a_region_over_the_vm_itself_is_refused(void **state)
{
	struct code code = {.count = 0};
	struct world world;
	struct vouch_config config;
	struct vouch_vm vm;

	(void)state;
	put_exit(&code);
	world_create(&world, 1);
	config = world_config(&world, code.insns, code.count);
	config.context = (struct vouch_region){(uintptr_t)&vm.fault, 4, VOUCH_READ | VOUCH_WRITE};
	assert_int_equal(vouch_init(&vm, &config), VOUCH_BAD_REGION);
	world_destroy(&world);
}

static void unusable_stacks_are_refused(void **state)
{
	struct code code = {.count = 0};
	struct world world;
	struct vouch_config config;
	uint32_t pc;

	(void)state;
	put_exit(&code);
	world_create(&world, 2);
	config = world_config(&world, code.insns, code.count);
	config.stack_size = VOUCH_STACK_SIZE(1) - 1;
	assert_int_equal(try_init(config, &pc), VOUCH_BAD_STACK);
	config.stack_size = VOUCH_STACK_SIZE(1);
	assert_int_equal(try_init(config, &pc), VOUCH_OK);
	config.stack = world.stack + 4;
	assert_int_equal(try_init(config, &pc), VOUCH_BAD_STACK);
	config.stack = NULL;
	assert_int_equal(try_init(config, &pc), VOUCH_BAD_STACK);
	world_destroy(&world);
}

static void init_refuses_what_the_checker_refuses(void **state)
{
	struct code code = {.count = 0};
	struct world world;
	struct vouch_config config;
	uint32_t pc;

	(void)state;
	put(&code, OP_mov64_k, 0, 0, 0, 0);
	put(&code, OP_call, 0, 0, 0, HELPER_ABSENT);
	put_exit(&code);
	world_create(&world, 1);
	config = world_config(&world, code.insns, code.count);
	assert_int_equal(try_init(config, &pc), VOUCH_BAD_HELPER);
	assert_int_equal(pc, 1);
	config.helpers = NULL;
	assert_int_equal(try_init(config, &pc), VOUCH_BAD_HELPER);
	world_destroy(&world);
}

static void without_a_table_there_are_no_helpers_whatever_its_length(void **state)
{
	struct code code = {.count = 0};
	struct world world;

	(void)state;
	world_create(&world, 1);
	put(&code, OP_callx, 0, 0, 0, 0);
	put_exit(&code);
	FOR_ENGINES(engine)
	{
		struct vouch_config config = world_config(&world, code.insns, code.count);
		struct vouch_vm vm;
		uint32_t pc;

		config.helpers = NULL;
		config.nhelpers = 5;
		assert_int_equal(vouch_init(&vm, &config), VOUCH_OK);
		assert_int_equal(world_run_vm(&vm, engine, 1, NULL), VOUCH_FAULT_HELPER);
		code.insns[0].opcode = OPCODE_CALL;
		assert_int_equal(try_init(config, &pc), VOUCH_BAD_HELPER);
		code.insns[0].opcode = OPCODE_CALLX;
	}
	world_destroy(&world);
}

static void one_vm_takes_little_memory(void **state)
{
	(void)state;
	assert_true(sizeof(void *) != 4 || sizeof(struct vouch_vm) <= 256);
	assert_true(VOUCH_STACK_SIZE(1) == VOUCH_FRAME_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_start_as_zero_but_for_the_arguments),
		cmocka_unit_test(helpers_get_five_arguments_and_clear_their_registers),
		cmocka_unit_test(callx_of_an_absent_helper_faults_with_its_id),
		cmocka_unit_test(helpers_can_end_or_stop_the_run),
		cmocka_unit_test(calls_nest_as_deep_as_there_are_frames),
		cmocka_unit_test(each_frame_has_its_own_512_bytes),
		cmocka_unit_test(fuel_stops_a_run_exactly_where_it_is_spent),
		cmocka_unit_test(forward_jumps_cost_nothing_and_calls_cost_one),
		cmocka_unit_test(every_conditional_jump_spends_fuel_only_when_taken_backward),
		cmocka_unit_test(fuel_beyond_the_maximum_counts_as_the_maximum),
		cmocka_unit_test(a_helper_stops_a_run_at_the_next_point_by_taking_its_fuel),
		cmocka_unit_test(another_thread_stops_a_run_by_taking_its_fuel),
		cmocka_unit_test(a_vm_runs_again_from_the_start),
		cmocka_unit_test(a_vm_takes_another_context_or_keeps_the_one_it_has),
		cmocka_unit_test(unusable_regions_are_refused),
		cmocka_unit_test(a_region_over_the_vm_itself_is_refused),
		cmocka_unit_test(unusable_stacks_are_refused),
		cmocka_unit_test(init_refuses_what_the_checker_refuses),
		cmocka_unit_test(without_a_table_there_are_no_helpers_whatever_its_length),
		cmocka_unit_test(one_vm_takes_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
