/* SPDX-License-Identifier: MIT */
/* See exec.h. */
#include "prover/exec/exec.h"

#include <stdlib.h>
#include <string.h>

/* Machines */

static void init_rv64(void *machine, struct model_env *env)
{
	rv_init(machine, env, 64, bv_const(env->tc, 64, 0));
}

static void init_rv32(void *machine, struct model_env *env)
{
	rv_init(machine, env, 32, bv_const(env->tc, 32, 0));
}

static bool step_rv(void *machine)
{
	return rv_step(machine);
}

static term pc_rv(const void *machine)
{
	const struct rv *rv = machine;

	return bv_zext(rv->env->tc, 64, rv->pc);
}

static void set_pc_rv(void *machine, term pc)
{
	struct rv *rv = machine;

	rv->pc = bv_trunc(rv->env->tc, rv->xlen, pc);
}

static term *reg_rv(void *machine, unsigned n)
{
	return &((struct rv *)machine)->x[n];
}

static void set_succeeds_rv(void *machine, term (*succeeds)(struct model_env *env))
{
	((struct rv *)machine)->sc_succeeds = succeeds;
}

static void forget_reservation_rv(void *machine)
{
	((struct rv *)machine)->reservation = NULL;
}

const struct exec_machine machine_rv64 = {sizeof(struct rv), init_rv64, step_rv, pc_rv, set_pc_rv,
	reg_rv, 32, NULL, set_succeeds_rv, forget_reservation_rv, NULL, false, 64};
const struct exec_machine machine_rv32 = {sizeof(struct rv), init_rv32, step_rv, pc_rv, set_pc_rv,
	reg_rv, 32, NULL, set_succeeds_rv, forget_reservation_rv, NULL, false, 32};

static void init_x86(void *machine, struct model_env *env)
{
	x86_init(machine, env, bv_const(env->tc, 64, 0));
}

static bool step_x86(void *machine)
{
	return x86_step(machine);
}

static term pc_x86(const void *machine)
{
	return ((const struct x86 *)machine)->rip;
}

static void set_pc_x86(void *machine, term pc)
{
	((struct x86 *)machine)->rip = pc;
}

static term *reg_x86(void *machine, unsigned n)
{
	return &((struct x86 *)machine)->r[n];
}

static void forget_flags_x86(void *machine)
{
	struct x86 *x = machine;

	for (unsigned flag = 0; flag < X86_FLAGS; flag++)
		x->flag[flag] = term_fresh(x->env->tc, "flag", SORT_BOOL, 1);
}

const struct exec_machine machine_x86 = {sizeof(struct x86), init_x86, step_x86, pc_x86, set_pc_x86,
	reg_x86, 16, forget_flags_x86, NULL, NULL, NULL, true, 64};

static void init_arm64(void *machine, struct model_env *env)
{
	arm64_init(machine, env, bv_const(env->tc, 64, 0));
}

static bool step_arm64(void *machine)
{
	return arm64_step(machine);
}

static term pc_arm64(const void *machine)
{
	return ((const struct arm64 *)machine)->pc;
}

static void set_pc_arm64(void *machine, term pc)
{
	((struct arm64 *)machine)->pc = pc;
}

static term *reg_arm64(void *machine, unsigned n)
{
	struct arm64 *m = machine;

	return n < 31 ? &m->x[n] : &m->sp;
}

static void forget_flags_arm64(void *machine)
{
	struct arm64 *m = machine;
	term *const flag[] = {&m->n, &m->z, &m->c, &m->v};

	for (unsigned i = 0; i < 4; i++)
		*flag[i] = term_fresh(m->env->tc, "flag", SORT_BOOL, 1);
}

static void set_succeeds_arm64(void *machine, term (*succeeds)(struct model_env *env))
{
	((struct arm64 *)machine)->stxr_succeeds = succeeds;
}

static void forget_reservation_arm64(void *machine)
{
	((struct arm64 *)machine)->reservation = NULL;
}

const struct exec_machine machine_arm64 = {sizeof(struct arm64), init_arm64, step_arm64, pc_arm64,
	set_pc_arm64, reg_arm64, 32, forget_flags_arm64, set_succeeds_arm64,
	forget_reservation_arm64, NULL, false, 64};

static void init_thumb2(void *machine, struct model_env *env)
{
	thumb2_init(machine, env, bv_const(env->tc, 32, 0));
}

static bool step_thumb2(void *machine)
{
	return thumb2_step(machine);
}

static term pc_thumb2(const void *machine)
{
	const struct thumb2 *m = machine;

	return bv_zext(m->env->tc, 64, m->pc);
}

static void set_pc_thumb2(void *machine, term pc)
{
	struct thumb2 *m = machine;

	m->pc = bv_trunc(m->env->tc, 32, pc);
}

static term *reg_thumb2(void *machine, unsigned n)
{
	return &((struct thumb2 *)machine)->r[n];
}

static void forget_flags_thumb2(void *machine)
{
	struct thumb2 *m = machine;
	term *const flag[] = {&m->n, &m->z, &m->c, &m->v};

	for (unsigned i = 0; i < 4; i++)
		*flag[i] = term_fresh(m->env->tc, "flag", SORT_BOOL, 1);
}

static void set_succeeds_thumb2(void *machine, term (*succeeds)(struct model_env *env))
{
	((struct thumb2 *)machine)->strex_succeeds = succeeds;
}

static void forget_reservation_thumb2(void *machine)
{
	((struct thumb2 *)machine)->reservation = NULL;
}

static bool settled_thumb2(const void *machine)
{
	const struct thumb2 *m = machine;

	return m->itstate == 0 && term_is_false(m->primask);
}

const struct exec_machine machine_thumb2 = {sizeof(struct thumb2), init_thumb2, step_thumb2,
	pc_thumb2, set_pc_thumb2, reg_thumb2, 15, forget_flags_thumb2, set_succeeds_thumb2,
	forget_reservation_thumb2, settled_thumb2, false, 32};

/* Memory */

size_t exec_object_add(struct exec *exec, struct exec_object object)
{
	if (exec->state.objects == OBJECTS_MAX)
		abort();
	exec->state.object[exec->state.objects] = object;
	return exec->state.objects++;
}

static int known(struct exec *exec, term condition);

bool exec_implied(struct exec *exec, term t)
{
	bool yes;

	if (term_is_const(t))
		return term_is_true(t);
	if (known(exec, t) == 1)
		return true;
	solver_push(exec->solver);
	/* A lazy run has not asserted them. */
	if (exec->options->lazy)
		for (size_t i = 0; i < exec->conditions.count; i++)
			solver_assert(exec->solver, exec->conditions.at[i]);
	yes = solver_implied(exec->solver, exec->tc, t) == SOLVER_UNSAT;
	solver_pop(exec->solver);
	return yes;
}

/* An access at a constant offset lies in an object or doesn't; at another one the solver has to say
 * that it always does. */
static bool lies_in(
	struct exec *exec, const struct exec_object *object, term offset, uint64_t bytes)
{
	term n = bv_const(exec->tc, 64, bytes);

	if (object->from && (!term_is_const(offset) || term_value(offset) < object->from))
		return false;
	return exec_implied(
		exec, bool_and(exec->tc, bv_ule(exec->tc, n, object->size),
			      bv_ule(exec->tc, offset, bv_sub(exec->tc, object->size, n))));
}

term exec_distance(const struct exec_machine *machine, struct terms *tc, term to, term from)
{
	return bv_zext(tc, 64,
		bv_sub(tc, bv_trunc(tc, machine->width, to), bv_trunc(tc, machine->width, from)));
}

struct exec_object *exec_find(struct exec *exec, term address, uint64_t bytes, term *offset)
{
	const struct exec_machine *machine = exec->options->machine;

	/* Addresses that differ from an object's by a constant first: they ask no solver. */
	for (int symbolic = 0; symbolic <= 1; symbolic++) {
		for (size_t i = 0; i < exec->state.objects; i++) {
			struct exec_object *object = &exec->state.object[i];
			term base = bv_trunc(exec->tc, machine->width, object->base);

			if (symbolic && !object->indexed)
				continue;
			*offset = exec_distance(machine, exec->tc, address, base);
			/* A base that isn't cancelled: the address has nothing to do with it. */
			if (term_is_const(*offset) == !symbolic &&
				(!symbolic || !term_share_variables(*offset, base)) &&
				lies_in(exec, object, *offset, bytes))
				return object;
		}
	}
	return NULL;
}

static const struct segment *constants(struct exec *exec, uint64_t address, uint64_t bytes)
{
	const struct image *image = exec->options->image;
	const struct segment *segment = image ? image_segment(image, address, bytes) : NULL;

	return segment && !segment->writable ? segment : NULL;
}

/* Constants of the image: what no path can change. */
static term load_image(struct exec *exec, uint64_t address, unsigned bytes)
{
	const struct segment *segment = constants(exec, address, bytes);
	uint64_t value = 0;

	if (!segment)
		return NULL;
	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)segment->bytes[address - segment->address + i] << 8 * i;
	return bv_const(exec->tc, 8 * bytes, value);
}

/* A table of constants at an index that is a small variable: a choice by the variable between its
 * elements. All that it could name have to exist. */
static term load_table(struct exec *exec, term address, unsigned bytes)
{
	struct term_list variables = {0};
	struct term_map *map;
	term variable, value = NULL;

	term_variables(1, &address, &variables);
	variable = variables.count == 1 ? variables.at[0] : NULL;
	term_list_free(&variables);
	if (!variable || variable->sort != SORT_BV || variable->width > 8)
		return NULL;
	for (unsigned i = 0; i < 1u << variable->width; i++) {
		term index = bv_const(exec->tc, variable->width, i), at, element;

		map = term_map_new();
		term_map_put(map, variable, index);
		at = term_substitute(exec->tc, address, map);
		term_map_free(map);
		element = load_image(exec, term_value(at), bytes);
		if (!element)
			return NULL;
		value = value ? term_ite(exec->tc, term_eq(exec->tc, variable, index), element,
					value)
		              : element;
	}
	return value;
}

static bool no_object(struct exec *exec, const char *what, term address, unsigned bytes)
{
	char *text;

	exec->forbidden = true;
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
	struct exec *exec = env->user;
	const struct exec_client *client = exec->client;
	struct exec_object *object;
	term offset, value;

	env->reason[0] = '\0';
	exec->accessed = address;
	value = term_is_const(address) ? load_image(exec, term_value(address), bytes)
	                               : load_table(exec, address, bytes);
	if (value)
		return value;
	object = exec_find(exec, address, bytes, &offset);
	exec->forbidden = false;
	if (object && !(object->permissions & OBJECT_READ)) {
		exec->forbidden = true;
		model_stop(env, "load of %u bytes from '%s', which is not to be read", bytes,
			object->name);
		return NULL;
	}
	if (object && object->load)
		return object->load(exec, offset, bytes);
	if (object)
		return mem_load(exec->tc, object->contents, offset, bytes);
	if (client->load)
		return client->load(exec, address, bytes, client->user);
	no_object(exec, "load", address, bytes);
	return NULL;
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	struct exec *exec = env->user;
	const struct exec_client *client = exec->client;
	struct exec_object *object;
	term offset;

	env->reason[0] = '\0';
	exec->accessed = address;
	if (term_is_const(address) && constants(exec, term_value(address), bytes))
		return model_stop(env, "write of %u bytes to read-only memory of the image", bytes);
	object = exec_find(exec, address, bytes, &offset);
	exec->forbidden = object && !(object->permissions & OBJECT_WRITE);
	if (exec->forbidden)
		return model_stop(
			env, "write of %u bytes to '%s', which is read-only", bytes, object->name);
	if (object) {
		object->contents = mem_write(exec->tc, object->contents, offset, bytes, value);
		return true;
	}
	if (client->store)
		return client->store(exec, address, bytes, value, client->user);
	return no_object(exec, "store", address, bytes);
}

static term fetch(struct model_env *env, term address, unsigned bytes)
{
	struct exec *exec = env->user;
	const struct segment *segment;
	term insn = NULL;

	if (exec->client->fetch)
		return exec->client->fetch(exec, address, bytes, exec->client->user);
	if (!term_is_const(address)) {
		model_stop(env, "jump to an address that is not constant");
		return NULL;
	}
	segment = constants(exec, term_value(address), bytes);
	if (segment && segment->executable)
		insn = load_image(exec, term_value(address), bytes);
	if (!insn)
		model_stop(env, "no code at 0x%llx", (unsigned long long)term_value(address));
	return insn;
}

static term settle(struct model_env *env, term field)
{
	struct exec *exec = env->user;

	return exec->client->settle ? exec->client->settle(exec, field, exec->client->user) : field;
}

/* Paths */

void exec_assume(struct exec *exec, term condition)
{
	term_list_add(&exec->conditions, condition);
	if (!exec->options->lazy)
		solver_assert(exec->solver, condition);
}

/* What the path's conditions say about another one, looking no deeper than at equal terms. */
static int known(struct exec *exec, term condition)
{
	term contrary = bool_not(exec->tc, condition);

	for (size_t i = 0; i < exec->conditions.count; i++) {
		if (exec->conditions.at[i] == condition)
			return 1;
		if (exec->conditions.at[i] == contrary)
			return 0;
	}
	return -1;
}

int exec_decided(struct exec *exec, term condition)
{
	int way = term_is_const(condition) ? term_is_true(condition) : known(exec, condition);

	if (way < 0)
		exec->fork = condition;
	return way;
}

term exec_may_succeed(struct model_env *env)
{
	struct exec *exec = env->user;
	char name[32];

	snprintf(name, sizeof(name), "sc_succeeds%llu", (unsigned long long)exec->state.steps);
	return bool_var(env->tc, name);
}

/* A step is made anew once its condition is decided: until then it changed nothing. */
static int branch(struct model_env *env, term condition)
{
	return exec_decided(env->user, condition);
}

static void run(struct exec *exec);

static void end_path(struct exec *exec, enum exec_end end)
{
	exec->paths++;
	exec->ended = !exec->client->path(exec, end, exec->client->user) || exec->ended;
}

static bool give_up(struct exec *exec, const char *reason)
{
	model_stop(&exec->env, "%s", reason);
	end_path(exec, EXEC_STOPPED);
	return false;
}

/* Can this be true here? Remembers how. */
static bool possible(struct exec *exec, term condition, bool *answer)
{
	char text[160];

	switch (solver_check(exec->solver, condition)) {
	case SOLVER_SAT:
		*answer = true;
		return true;
	case SOLVER_UNSAT:
		*answer = false;
		return true;
	default:
		snprintf(text, sizeof(text),
			"the solver can't tell whether a branch is possible: %.90s",
			solver_reason(exec->solver));
		return give_up(exec, text);
	}
}

/* Which ways of a condition are possible, and which of them the model that is kept takes. */
static bool both(struct exec *exec, const term ways[2], bool can[2], int *kept)
{
	*kept = -1;
	if (exec->has_model) {
		*kept = (int)term_evaluate(ways[1], exec->model);
		can[*kept] = true;
		return possible(exec, ways[!*kept], &can[!*kept]);
	}
	for (int way = 0; way < 2; way++) {
		if (!possible(exec, ways[way], &can[way]))
			return false;
		if (can[way]) {
			assignment_copy(exec->model, solver_model(exec->solver));
			*kept = way;
		}
	}
	return true;
}

/* A test for zero often says what a register is. */
static void learn(struct exec *exec, term condition)
{
	const struct exec_machine *machine = exec->options->machine;
	struct term_map *map;

	if (condition->op != TERM_EQ || condition->arg[0]->sort != SORT_BV ||
		term_is_const(condition->arg[0]) == term_is_const(condition->arg[1]))
		return;
	map = term_map_new();
	if (term_is_const(condition->arg[1]))
		term_map_put(map, condition->arg[0], condition->arg[1]);
	else
		term_map_put(map, condition->arg[1], condition->arg[0]);
	for (unsigned n = 0; n < machine->registers; n++) {
		term *reg = machine->reg(exec->state.machine, n);

		*reg = term_substitute(exec->tc, *reg, map);
	}
	term_map_free(map);
}

static void take(struct exec *exec, term condition)
{
	size_t conditions = exec->conditions.count, trace = exec->trace.count;

	if (!exec->options->lazy)
		solver_push(exec->solver);
	exec_assume(exec, condition);
	if (exec->options->learns)
		learn(exec, condition);
	run(exec);
	exec->conditions.count = conditions;
	exec->trace.count = trace;
	if (!exec->options->lazy)
		solver_pop(exec->solver);
}

/* Both ways, each from a copy of the state; first the one that the kept model takes. */
static void fork_path(struct exec *exec)
{
	const term ways[2] = {bool_not(exec->tc, exec->fork), exec->fork};
	bool can[2] = {true, true};
	int first = 1;
	struct exec_state *saved;

	if (!exec->options->lazy && !both(exec, ways, can, &first))
		return;
	if (first < 0)
		return;
	saved = malloc(sizeof(*saved));
	if (!saved)
		abort();
	*saved = exec->state;
	exec->has_model = !exec->options->lazy;
	for (int i = 0; i < 2 && !exec->ended; i++) {
		int way = i ? !first : first;

		if (!can[way])
			continue;
		exec->state = *saved;
		take(exec, ways[way]);
		exec->has_model = false;
	}
	free(saved);
}

static void where(struct exec *exec)
{
	term pc = exec->options->machine->pc(exec->state.machine);
	const char *function = NULL;
	size_t used = strlen(exec->env.reason);

	if (!exec->options->image || exec->client->fetch || !term_is_const(pc))
		return;
	function = image_function(exec->options->image, term_value(pc));
	snprintf(exec->env.reason + used, sizeof(exec->env.reason) - used, " (at 0x%llx in %s)",
		(unsigned long long)term_value(pc), function ? function : "?");
}

/* An instruction that is made anew after a fork is there already. */
static void trace(struct exec *exec)
{
	term pc = exec->options->machine->pc(exec->state.machine);
	size_t n = exec->trace.count;

	if (!exec->options->traces || !term_is_const(pc) ||
		(n > 0 && exec->trace.at[n - 1] == term_value(pc)))
		return;
	if (n == exec->trace.room) {
		exec->trace.room = n ? 2 * n : 64;
		exec->trace.at = realloc(exec->trace.at, exec->trace.room * sizeof(uint64_t));
		if (!exec->trace.at)
			abort();
	}
	exec->trace.at[exec->trace.count++] = term_value(pc);
}

/* One step; true to go on. */
static bool step(struct exec *exec)
{
	trace(exec);
	exec->fork = NULL;
	exec->forbidden = false;
	if (exec->options->machine->step(exec->state.machine)) {
		exec->state.steps++;
		return true;
	}
	if (exec->fork) {
		fork_path(exec);
	} else {
		where(exec);
		end_path(exec, EXEC_STOPPED);
	}
	return false;
}

/* From this state to every end. */
static void run(struct exec *exec)
{
	uint64_t max_steps = exec->options->max_steps ? exec->options->max_steps : 1000000;
	unsigned max_paths = exec->options->max_paths ? exec->options->max_paths : 100000;
	bool more = true;

	while (more && !exec->ended) {
		if (exec->state.steps > max_steps || exec->paths > max_paths) {
			give_up(exec, exec->paths > max_paths ? "too many paths"
							      : "too many steps on one path");
			return;
		}
		switch (exec->client->at(exec, exec->client->user)) {
		case EXEC_STEP:
			more = step(exec);
			break;
		case EXEC_LOOK:
			break;
		case EXEC_FORK:
			fork_path(exec);
			return;
		case EXEC_END:
			end_path(exec, EXEC_ENDED);
			return;
		case EXEC_STOP:
			end_path(exec, EXEC_STOPPED);
			return;
		}
	}
}

unsigned exec_run(struct terms *tc, struct solver *solver, const struct exec_options *options,
	const struct exec_client *client)
{
	struct exec *exec = calloc(1, sizeof(*exec));
	unsigned paths;

	if (!exec)
		abort();
	exec->tc = tc;
	exec->solver = solver;
	exec->options = options;
	exec->client = client;
	exec->model = assignment_new();
	exec->env = (struct model_env){.tc = tc,
		.user = exec,
		.fetch = fetch,
		.settle = settle,
		.load = load,
		.store = store,
		.branch = branch};
	if (!options->lazy)
		solver_push(solver);
	options->machine->init(exec->state.machine, &exec->env);
	client->setup(exec, client->user);
	run(exec);
	if (!options->lazy)
		solver_pop(solver);
	paths = exec->paths;
	term_list_free(&exec->conditions);
	free(exec->trace.at);
	assignment_free(exec->model);
	free(exec);
	return paths;
}
