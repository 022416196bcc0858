/* SPDX-License-Identifier: MIT */
/* See exec.h. */
#include "prover/exec/exec.h"

#include <stdlib.h>
#include <string.h>

/* Where the function returns to: no object is there. */
#define RETURN_ADDRESS 0xfffffffffffff000u

static struct exec *exec_of(struct model_env *env)
{
	return env->user;
}

/* Memory */

size_t exec_object_add(struct exec *exec, struct exec_object object)
{
	if (exec->objects == OBJECTS_MAX)
		abort();
	exec->object[exec->objects] = object;
	return exec->objects++;
}

void exec_assume(struct exec *exec, term condition)
{
	solver_assert(exec->solver, condition);
}

/* An access at a constant offset lies in an object or doesn't; at another one the solver has to say
 * that it always does. */
static bool lies_in(
	struct exec *exec, const struct exec_object *object, term offset, uint64_t bytes)
{
	term last;

	if (bytes > object->size)
		return false;
	last = bv_const(exec->tc, 64, object->size - bytes);
	if (term_is_const(offset))
		return term_value(offset) <= term_value(last);
	return solver_implied(exec->solver, exec->tc, bv_ule(exec->tc, offset, last)) ==
	       SOLVER_UNSAT;
}

struct exec_object *exec_find(
	struct exec *exec, term address, uint64_t bytes, unsigned permissions, term *offset)
{
	for (size_t i = 0; i < exec->objects; i++) {
		struct exec_object *object = &exec->object[i];

		*offset = bv_sub(exec->tc, address, object->base);
		if (!term_is_const(*offset) && term_is_const(object->base) &&
			term_is_const(address))
			continue;
		if (!lies_in(exec, object, *offset, bytes))
			continue;
		if (permissions & ~object->permissions) {
			model_stop(&exec->env, "write of %llu bytes to '%s', which is read-only",
				(unsigned long long)bytes, object->name);
			return NULL;
		}
		return object;
	}
	return NULL;
}

/* Constants of the image: what no path can change. */
static term load_image(struct exec *exec, uint64_t address, unsigned bytes)
{
	const struct segment *segment = image_segment(exec->image, address, bytes);
	uint64_t value = 0;

	if (!segment || segment->writable)
		return NULL;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)segment->bytes[address - segment->address + i] << 8 * i;
	return bv_const(exec->tc, 8 * bytes, value);
}

static bool no_object(struct exec *exec, const char *what, term address, unsigned bytes)
{
	char *text;

	if (exec->env.reason[0])
		return false;
	text = term_to_string(address);
	model_stop(&exec->env, "%s of %u bytes outside the memory map, at %.80s", what, bytes,
		text ? text : "?");
	free(text);
	return false;
}

static term load(struct model_env *env, term address, unsigned bytes)
{
	struct exec *exec = exec_of(env);
	struct exec_object *object;
	term offset, value = NULL;

	env->reason[0] = '\0';
	if (term_is_const(address))
		value = load_image(exec, term_value(address), bytes);
	if (value)
		return value;
	object = exec_find(exec, address, bytes, OBJECT_READ, &offset);
	if (!object) {
		no_object(exec, "load", address, bytes);
		return NULL;
	}
	return mem_load(exec->tc, object->contents, offset, bytes);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	struct exec *exec = exec_of(env);
	struct exec_object *object;
	term offset;

	env->reason[0] = '\0';
	if (term_is_const(address) && load_image(exec, term_value(address), bytes))
		return model_stop(env, "write of %u bytes to read-only memory of the image", bytes);
	object = exec_find(exec, address, bytes, OBJECT_WRITE, &offset);
	if (!object)
		return no_object(exec, "store", address, bytes);
	object->contents = mem_write(exec->tc, object->contents, offset, bytes, value);
	return true;
}

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	struct exec *exec = exec_of(env);
	const struct segment *segment;
	term insn = NULL;

	if (!term_is_const(address)) {
		model_stop(env, "jump to an address that is not constant");
		return NULL;
	}
	segment = image_segment(exec->image, term_value(address), bytes);
	if (segment && segment->executable)
		insn = load_image(exec, term_value(address), bytes);
	if (!insn)
		model_stop(env, "no code at 0x%llx", (unsigned long long)term_value(address));
	return insn;
}

/* Paths */

/* Both ways are tried once; a solver that can't tell stops the path: a way must never be lost. */
static int first_decision(struct exec *exec, term condition)
{
	enum solver_result yes = solver_check(exec->solver, condition);
	enum solver_result no = solver_check(exec->solver, bool_not(exec->tc, condition));

	if (yes > SOLVER_SAT || no > SOLVER_SAT) {
		model_stop(&exec->env, "the solver can't tell whether a branch is possible: %s",
			solver_reason(exec->solver));
		return -1;
	}
	if (yes == SOLVER_UNSAT && no == SOLVER_UNSAT) {
		model_stop(&exec->env, "what is assumed contradicts itself");
		return -1;
	}
	exec->alternative[exec->decisions] = yes == SOLVER_SAT && no == SOLVER_SAT;
	return yes == SOLVER_SAT;
}

static int branch(struct model_env *env, term condition)
{
	struct exec *exec = exec_of(env);
	int way;
	term holds;

	if (exec->taken < exec->decisions) {
		way = exec->decision[exec->taken];
	} else {
		if (exec->decisions == sizeof(exec->decision)) {
			model_stop(
				env, "more than %zu decisions on one path", sizeof(exec->decision));
			return -1;
		}
		way = first_decision(exec, condition);
		if (way < 0)
			return way;
		exec->decision[exec->decisions++] = (uint8_t)way;
	}
	exec->taken++;
	holds = way ? condition : bool_not(exec->tc, condition);
	term_list_add(&exec->conditions, holds);
	solver_assert(exec->solver, holds);
	return way;
}

static enum exec_end run_path(struct exec *exec)
{
	while (!term_is_value(exec->rv.pc, RETURN_ADDRESS)) {
		uint64_t pc = term_is_const(exec->rv.pc) ? term_value(exec->rv.pc) : 0;

		if (++exec->steps > exec->max_steps) {
			model_stop(&exec->env, "more than %llu steps",
				(unsigned long long)exec->max_steps);
			return EXEC_STOPPED;
		}
		if (!rv_step(&exec->rv)) {
			const char *function = image_function(exec->image, pc);
			size_t used = strlen(exec->env.reason);

			snprintf(exec->env.reason + used, sizeof(exec->env.reason) - used,
				" (at 0x%llx in %s)", (unsigned long long)pc,
				function ? function : "?");
			return EXEC_STOPPED;
		}
	}
	return EXEC_RETURNED;
}

/* The next path differs from the last one in its last decision that could go both ways. */
static bool next_path(struct exec *exec)
{
	while (exec->decisions > 0) {
		size_t last = exec->decisions - 1;

		if (exec->alternative[last]) {
			exec->alternative[last] = false;
			exec->decision[last] = !exec->decision[last];
			return true;
		}
		exec->decisions--;
	}
	return false;
}

static void start_path(struct exec *exec, uint64_t function, const struct exec_client *client)
{
	exec->objects = 0;
	exec->taken = 0;
	exec->steps = 0;
	exec->conditions.count = 0;
	exec->env.reason[0] = '\0';
	rv_init(&exec->rv, &exec->env, 64, bv_const(exec->tc, 64, function));
	exec->rv.x[1] = bv_const(exec->tc, 64, RETURN_ADDRESS);
	client->setup(exec, client->user);
}

int exec_run(struct terms *tc, const struct exec_options *options, uint64_t function,
	const struct exec_client *client, char error[160])
{
	struct exec *exec = calloc(1, sizeof(*exec));
	unsigned max_paths = options->max_paths ? options->max_paths : 1000;
	int paths = 0;
	bool more = true;

	if (!exec)
		abort();
	exec->tc = tc;
	exec->image = options->image;
	exec->max_steps = options->max_steps ? options->max_steps : 1000000;
	exec->solver = solver_new(&options->solver);
	exec->env = (struct model_env){.tc = tc,
		.user = exec,
		.fetch = fetch,
		.load = load,
		.store = store,
		.branch = branch};
	while (more) {
		enum exec_end end;

		if ((unsigned)paths == max_paths) {
			snprintf(error, 160, "more than %u paths", max_paths);
			paths = -1;
			break;
		}
		solver_push(exec->solver);
		start_path(exec, function, client);
		end = run_path(exec);
		paths++;
		more = client->path(exec, end, client->user) && next_path(exec);
		solver_pop(exec->solver);
	}
	term_list_free(&exec->conditions);
	solver_free(exec->solver);
	free(exec);
	return paths;
}
