/* SPDX-License-Identifier: MIT */
/*
 * The BPF model run on constants against the interpreter: whole generated programs, everything that
 * can be seen.
 *
 *   model_bpf [PROGRAMS]     20000 by default
 */
#include "prover/model/bpf.h"
#include "support/generate.h"
#include "support/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct frame {
	uint64_t saved[4];
	uint32_t pc;
};

/* The surroundings: the world's own memory, a vm to ask about regions and helpers, frames. */
struct surroundings {
	struct model_env model;
	struct bpf_env bpf;
	struct vouch_vm vm;
	struct frame frames[VOUCH_FRAMES_MAX];
	uint32_t depth, most;
};

static struct surroundings *of_model(struct model_env *env)
{
	return env->user;
}

static struct surroundings *of_bpf(struct bpf_env *env)
{
	return of_model(env->model);
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, (const void *)(uintptr_t)term_value(address), bytes);
	return bv_const(env->tc, 8 * bytes, value);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	uint64_t number = term_value(value);

	(void)env;
	memcpy((void *)(uintptr_t)term_value(address), &number, bytes);
	return true;
}

static int branch(struct model_env *env, term condition)
{
	(void)condition;
	model_stop(env, "a condition that is not constant in a run of constants");
	return -1;
}

static term permitted(struct bpf_env *env, term address, unsigned bytes, bool write)
{
	return bool_const(
		env->model->tc, vouch_memory(&of_bpf(env)->vm, term_value(address), bytes,
					write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ) != NULL);
}

static term helper_exists(struct bpf_env *env, term id)
{
	const struct vouch_vm *vm = &of_bpf(env)->vm;

	return bool_const(
		env->model->tc, term_value(id) < vm->nhelpers && vm->helpers[term_value(id)]);
}

static term call_helper(struct bpf_env *env, term id, const term a[5], term *request)
{
	struct vouch_vm *vm = &of_bpf(env)->vm;
	uint64_t r0 = vm->helpers[term_value(id)](vm, term_value(a[0]), term_value(a[1]),
		term_value(a[2]), term_value(a[3]), term_value(a[4]));

	*request = bv_const(env->model->tc, 32, vm->request);
	return bv_const(env->model->tc, 64, r0);
}

static term object(struct bpf_env *env, term number)
{
	return bv_const(env->model->tc, 64, of_bpf(env)->vm.data[term_value(number)]);
}

static term has_room(struct bpf_env *env)
{
	return bool_const(env->model->tc, of_bpf(env)->depth + 1 < of_bpf(env)->most);
}

static term has_caller(struct bpf_env *env)
{
	return bool_const(env->model->tc, of_bpf(env)->depth > 0);
}

static bool push(struct bpf_env *env, const term saved[4], term pc)
{
	struct frame *frame = &of_bpf(env)->frames[of_bpf(env)->depth++];

	for (unsigned i = 0; i < 4; i++)
		frame->saved[i] = term_value(saved[i]);
	frame->pc = (uint32_t)term_value(pc);
	return true;
}

static bool pop(struct bpf_env *env, term saved[4], term *pc)
{
	const struct frame *frame = &of_bpf(env)->frames[--of_bpf(env)->depth];

	for (unsigned i = 0; i < 4; i++)
		saved[i] = bv_const(env->model->tc, 64, frame->saved[i]);
	*pc = bv_const(env->model->tc, 32, frame->pc);
	return true;
}

/* Between two steps the state is numbers: the context is reset after each. */
struct numbers {
	uint64_t r[VOUCH_REGISTERS], fuel;
	uint32_t pc;
};

static enum bpf_result step(struct surroundings *s, const struct vouch_insn *insns,
	struct numbers *n, struct vouch_fault *fault)
{
	struct terms *tc = s->model.tc;
	uint32_t mark = terms_mark(tc);
	struct bpf bpf = {
		.env = &s->bpf, .pc = bv_const(tc, 32, n->pc), .fuel = bv_const(tc, 64, n->fuel)};
	struct bpf_insn insn = bpf_constant_insn(tc, &insns[n->pc]);
	enum bpf_result result;

	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		bpf.r[i] = bv_const(tc, 64, n->r[i]);
	result = bpf_step(&bpf, &insn);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		n->r[i] = term_value(bpf.r[i]);
	n->pc = (uint32_t)term_value(bpf.pc);
	n->fuel = term_value(bpf.fuel);
	if (result == BPF_EXIT)
		*fault = (struct vouch_fault){
			bpf.status, n->pc, term_value(bpf.address), bpf.size, bpf.write};
	terms_reset(tc, mark);
	return result;
}

/* False if the model stopped. */
static bool run_model(struct terms *tc, struct world *world, const struct vouch_insn *insns,
	uint32_t count, struct outcome *outcome)
{
	struct vouch_config config = world_config(world, insns, count);
	struct surroundings s = {
		.model = {.tc = tc, .load = load, .store = store, .branch = branch},
		.bpf = {NULL, permitted, helper_exists, call_helper, object, has_room, has_caller,
			push, pop},
		.most = world->frames};
	struct numbers n = {{0}, 0, 0};
	enum bpf_result result = BPF_NEXT;

	s.model.user = &s;
	s.bpf.model = &s.model;
	memset(outcome, 0, sizeof(*outcome));
	world_reset(world);
	if (vouch_init(&s.vm, &config) != VOUCH_OK)
		return false;
	n.r[1] = config.context.start;
	n.r[2] = config.context.size;
	n.r[10] = s.vm.stack_top;
	n.pc = config.program.entry;
	n.fuel = config.fuel;
	while (result == BPF_NEXT)
		result = step(&s, insns, &n, &outcome->fault);
	if (result == BPF_STOPPED) {
		printf("the model stops: %s\n", s.model.reason);
		return false;
	}
	outcome->status = outcome->fault.status;
	outcome->r0 = outcome->status == VOUCH_OK ? n.r[0] : 0;
	memcpy(outcome->r, n.r, sizeof(n.r));
	outcome->fuel = n.fuel;
	outcome->used = config.fuel - n.fuel;
	memcpy(outcome->context, world->context, CONTEXT_SIZE);
	memcpy(outcome->writable, world->writable, REGION_SIZE);
	memcpy(outcome->readonly, world->readonly, REGION_SIZE);
	memcpy(outcome->stack, world->stack, world->frames * VOUCH_FRAME_SIZE);
	return true;
}

int main(int argc, char **argv)
{
	uint64_t programs = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000, failed = 0;
	struct terms *tc = terms_new(TERMS_REWRITE);

	for (uint64_t seed = 1; seed <= programs; seed++) {
		struct vouch_insn insns[PROGRAM_MAX];
		uint32_t count = generate(seed, insns, PROGRAM_MAX / 2);
		struct outcome expected, actual;
		struct world world;
		const char *what = "model stopped";

		world_create(&world, 1 + (uint32_t)(seed % VOUCH_FRAMES_MAX));
		world.seed = seed;
		world.fuel = seed % 4 ? 100 : seed % 7;
		world_run(&world, ENGINE_INTERPRETER, insns, count, &expected);
		if (expected.status >= VOUCH_BAD_OPCODE) {
			world_destroy(&world);
			continue;
		}
		if (!run_model(tc, &world, insns, count, &actual) ||
			(what = outcome_difference(&expected, &actual))) {
			printf("seed %llu: %s differs, interpreter %s, model %s\n",
				(unsigned long long)seed, what, vouch_status_name(expected.status),
				vouch_status_name(actual.status));
			failed++;
		}
		world_destroy(&world);
	}
	terms_free(tc);
	printf("%llu passed, %llu failed\n", (unsigned long long)(programs - failed),
		(unsigned long long)failed);
	return failed != 0;
}
