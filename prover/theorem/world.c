/* SPDX-License-Identifier: MIT */
/* See world.h. */
#include "prover/theorem/world.h"

#include <stdlib.h>
#include <string.h>

#include "prover/theorem/rows.h"
#include "vm/layout.h"

bool access_log_add(struct access_log *log, term address, unsigned bytes, bool write)
{
	if (log->count == ACCESSES_MAX)
		return false;
	log->at[log->count].address = address;
	log->at[log->count].bytes = bytes;
	log->at[log->count++].write = write;
	return true;
}

static term variable(struct terms *tc, unsigned width, const char *name)
{
	return bv_var(tc, name, width);
}

static term numbered(struct terms *tc, unsigned width, const char *name, unsigned n)
{
	char text[32];

	snprintf(text, sizeof(text), "%s%u", name, n);
	return bv_var(tc, text, width);
}

static void assume(struct world *w, term condition)
{
	term_list_add(&w->assumptions, condition);
}

/* A word of the machine, as BPF sees it. */
static term word(const struct world *w, const char *name)
{
	return bv_zext(w->tc, 64, variable(w->tc, 8 * w->word, name));
}

static term numbered_word(const struct world *w, const char *name, unsigned n)
{
	return bv_zext(w->tc, 64, numbered(w->tc, 8 * w->word, name, n));
}

/* An address that is a multiple of 8, as vouch_init() demands of the stack, and C of a vm. Machines
 * of 64 bits never ask. */
static term aligned_word(const struct world *w, const char *name)
{
	if (w->word == 8)
		return word(w, name);
	return bv_zext(w->tc, 64,
		bv_concat(w->tc, variable(w->tc, 8 * w->word - 3, name), bv_const(w->tc, 3, 0)));
}

/* A register of BPF's: where the machine has no words of 64 bits, its halves are what it has. */
static term bpf_register(const struct world *w, unsigned n)
{
	if (w->word == 8)
		return numbered(w->tc, 64, "r", n);
	return bv_concat(w->tc, numbered(w->tc, 32, "r_upper", n), numbered(w->tc, 32, "r", n));
}

/* A sum that the machine makes: it is one of its words. */
static term word_of(const struct world *w, term sum)
{
	return bv_zext(w->tc, 64, bv_trunc(w->tc, 8 * w->word, sum));
}

static void init_bpf(struct world *w)
{
	struct terms *tc = w->tc;

	for (unsigned i = 0; i < 10; i++)
		w->r[i] = bpf_register(w, i);
	/* Fewer than 2^24 slots: VOUCH_INSNS_MAX. */
	w->pc = bv_zext(tc, 32, variable(tc, 24, "pc"));
	w->count = bv_zext(tc, 32, variable(tc, 25, "count"));
	assume(w, bv_ult(tc, w->pc, w->count));
	assume(w, bv_ule(tc, w->count, bv_const(tc, 32, VOUCH_INSNS_MAX)));
	w->memory = mem_var(tc, "memory");
	w->fuel = word(w, "fuel");
	w->used = word(w, "used");
	assume(w, bv_ule(tc, w->used, w->fuel));
	/* VOUCH_FUEL_MAX, of a size_t of `word` bytes. */
	assume(w, bv_ult(tc, w->fuel, bv_const(tc, 64, UINT64_MAX >> (64 - 8 * w->word))));
}

/* Frames grow down from `top`, records up: 512 bytes and 40 for each active function. */
static void init_stack(struct world *w)
{
	struct terms *tc = w->tc;
	term depth = bv_zext(tc, 64, w->depth = variable(tc, 3, "depth"));

	w->last_depth = variable(tc, 3, "last_depth");
	assume(w, bv_ule(tc, w->depth, w->last_depth));
	w->top = aligned_word(w, "stack_top");
	w->r[10] = word_of(w, bv_sub(tc, w->top, bv_shl_c(tc, depth, 9)));
	w->frame = word_of(
		w, bv_add(tc, w->top,
			   bv_mul(tc, depth, bv_const(tc, 64, sizeof(struct vouch_frame)))));
	w->records = mem_var(tc, "records");
	if (w->word == 4) /* frames don't wrap around to the end of memory */
		assume(w,
			bv_ule(tc, bv_shl_c(tc, bv_add_c(tc, bv_zext(tc, 32, w->last_depth), 1), 9),
				bv_trunc(tc, 32, w->top)));
}

static term stack_low(const struct world *w)
{
	return word_of(
		w, bv_sub(w->tc, w->top, bv_shl_c(w->tc, bv_zext(w->tc, 64, w->last_depth), 9)));
}

term world_field(const struct world *w, term vm_bytes, unsigned offset, unsigned bytes)
{
	return mem_load(w->tc, vm_bytes, bv_const(w->tc, 64, offset), bytes);
}

term world_set_field(
	const struct world *w, term vm_bytes, unsigned offset, unsigned bytes, term value)
{
	return mem_write(w->tc, vm_bytes, bv_const(w->tc, 64, offset), bytes,
		bv_trunc(w->tc, 8 * bytes, value));
}

static void set_word(struct world *w, unsigned offset, term value)
{
	w->vm_bytes = world_set_field(w, w->vm_bytes, offset, w->word, value);
}

/* The context, as all regions, ends within the machine's addresses. In 64 bits, no sum of its can
 * tell. */
static void assume_no_wrap(struct world *w, term limit, unsigned lg)
{
	term last = bv_add_c(w->tc, bv_add(w->tc, w->context, limit), (1u << lg) - 1);

	if (w->word == 4)
		assume(w, bool_or(w->tc, bool_not(w->tc, bool_from_bv(w->tc, limit)),
				  bv_ule(w->tc, last, bv_const(w->tc, 64, (uint64_t)1 << 32))));
}

static void init_vm(struct world *w)
{
	struct terms *tc = w->tc;
	unsigned bytes = w->word;

	w->vm = aligned_word(w, "vm");
	w->context = word(w, "context");
	w->regions = word(w, "regions");
	w->nregions = word(w, "nregions");
	w->helpers = word(w, "helpers");
	w->nhelpers = word(w, "nhelpers");
	/* A table of pointers doesn't wrap around. */
	assume(w, bv_ult(tc, w->nhelpers, bv_const(tc, 64, UINT64_MAX >> (64 - 8 * bytes) >> 4)));
	/* Code is at even addresses wherever a bit of a pointer means something else. */
	w->find = bv_concat(tc, variable(tc, 8 * w->word - 1, "find"), bv_const(tc, 1, 0));
	w->find = bv_zext(tc, 64, w->find);
	w->user = word(w, "user");
	w->vm_bytes = mem_var(tc, "vm_bytes");
	w->helper_table = mem_var(tc, "helper_table");
	for (unsigned write = 0; write < 2; write++)
		for (unsigned lg = 0; lg < 4; lg++) {
			w->limit[write][lg] = numbered_word(w, write ? "limit_w" : "limit_r", lg);
			set_word(w, VM_LIMIT(bytes, write, lg), w->limit[write][lg]);
			assume_no_wrap(w, w->limit[write][lg], lg);
		}
	for (unsigned i = 0; i < VOUCH_DATA_MAX; i++) {
		w->data[i] = numbered_word(w, "data", i);
		set_word(w, VM_DATA(bytes, i), w->data[i]);
	}
	set_word(w, VM_FUEL(bytes), w->fuel);
	set_word(w, VM_CONTEXT(bytes), w->context);
	set_word(w, VM_STACK_LOW(bytes), stack_low(w));
	set_word(w, VM_STACK_TOP(bytes), w->top);
	set_word(w, VM_FRAME(bytes), w->frame);
	set_word(w, VM_REGIONS(bytes), w->regions);
	set_word(w, VM_NREGIONS(bytes), w->nregions);
	set_word(w, VM_HELPERS(bytes), w->helpers);
	set_word(w, VM_NHELPERS(bytes), w->nhelpers);
	set_word(w, VM_FIND(bytes), w->find);
	w->vm_bytes = world_set_field(w, w->vm_bytes, VM_REQUEST(bytes), 4, bv_const(tc, 32, 0));
}

static void init_helper(struct world *w)
{
	struct terms *tc = w->tc;

	w->helper_result = variable(tc, 64, "helper_r0");
	w->helper_request = variable(tc, 32, "helper_request");
	w->helper_memory = mem_var(tc, "helper_memory");
	w->helper_context = word(w, "helper_context");
	for (unsigned write = 0; write < 2; write++)
		for (unsigned lg = 0; lg < 4; lg++)
			w->helper_limit[write][lg] =
				numbered_word(w, write ? "helper_limit_w" : "helper_limit_r", lg);
}

void world_init(struct world *w, struct terms *tc, unsigned word)
{
	*w = (struct world){.tc = tc, .word = word};
	init_bpf(w);
	init_stack(w);
	init_vm(w);
	init_helper(w);
}

void world_set_thumb(struct world *w)
{
	w->find = bv_or(w->tc, w->find, bv_const(w->tc, 64, 1));
	set_word(w, VM_FIND(w->word), w->find);
}

void world_free(struct world *w)
{
	term_list_free(&w->assumptions);
}

/* A helper may ask for an end, and give the vm another context. */
term world_vm_after_helper(const struct world *w, term vm_bytes)
{
	vm_bytes = world_set_field(w, vm_bytes, VM_REQUEST(w->word), 4, w->helper_request);
	vm_bytes = world_set_field(w, vm_bytes, VM_CONTEXT(w->word), w->word, w->helper_context);
	for (unsigned write = 0; write < 2; write++)
		for (unsigned lg = 0; lg < 4; lg++)
			vm_bytes = world_set_field(w, vm_bytes, VM_LIMIT(w->word, write, lg),
				w->word, w->helper_limit[write][lg]);
	return vm_bytes;
}

/*
 * A machine of 32 bits has no memory above 4 GiB. What is in it ends there, so that differences of
 * 32 bits say what those of 64 would.
 */
static term is_word(const struct world *w, term address)
{
	if (w->word == 8)
		return bool_const(w->tc, true);
	return term_eq(w->tc, bv_extract(w->tc, 63, 32, address), bv_const(w->tc, 32, 0));
}

static term low_word(const struct world *w, term t)
{
	return bv_trunc(w->tc, 8 * w->word, t);
}

term world_find(const struct world *w, term address, term size, term permissions)
{
	const term arguments[] = {word_of(w, address), size, permissions};
	term found = term_apply(w->tc, "region_find", SORT_BOOL, 1, 3, arguments);
	term end = bv_const(w->tc, 64, (uint64_t)1 << 32);

	if (w->word == 8)
		return found;
	/* Regions are where the machine has memory, and end there. */
	found = bool_and(w->tc, found, bv_ule(w->tc, arguments[0], bv_sub(w->tc, end, size)));
	return bool_and(w->tc, is_word(w, address), found);
}

static unsigned lg_of(unsigned bytes)
{
	return bytes == 8 ? 3 : bytes / 2;
}

/*
 * Offsets in the context at which an access of some width and direction may start are fewer than
 * its limit: that is what the vm keeps of the context.
 */
static term in_context(const struct world *w, term address, unsigned bytes, bool write)
{
	term offset = bv_sub(w->tc, address, w->context), limit = w->limit[write][lg_of(bytes)];

	if (w->wide)
		return bv_ult(w->tc, offset, limit);
	return bool_and(
		w->tc, is_word(w, address), bv_ult(w->tc, low_word(w, offset), low_word(w, limit)));
}

static term in_stack(const struct world *w, term address, unsigned bytes)
{
	struct terms *tc = w->tc;
	term frames = bv_add_c(tc, bv_zext(tc, 64, w->last_depth), 1);
	term start = word_of(w, bv_add_c(tc, stack_low(w), (uint64_t)0 - VOUCH_FRAME_SIZE));
	term offset = bv_sub(tc, address, start);
	term last = bv_add_c(tc, bv_shl_c(tc, frames, 9), (uint64_t)0 - bytes);

	if (w->wide)
		return bv_ule(tc, offset, last);
	return bool_and(
		tc, is_word(w, address), bv_ule(tc, low_word(w, offset), low_word(w, last)));
}

/* In the context, in the stack, or in a region of the table. */
term world_permitted(const struct world *w, term address, unsigned bytes, bool write)
{
	struct terms *tc = w->tc;
	term in_table = world_find(w, address, bv_const(tc, 64, bytes),
		bv_const(tc, 32, write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ));
	term in_own =
		bool_or(tc, in_context(w, address, bytes, write), in_stack(w, address, bytes));

	return bool_or(tc, in_own, in_table);
}

term world_beyond_context(
	const struct world *w, term address, unsigned bytes, bool write, bool atomic)
{
	term misaligned = bool_from_bv(w->tc, bv_and_c(w->tc, address, atomic ? bytes - 1 : 0));

	if (w->stubs_know_context)
		return bool_const(w->tc, true);
	return bool_or(w->tc, misaligned, bool_not(w->tc, in_context(w, address, bytes, write)));
}

static term address_at(const struct world *w, const struct bpf_insn *insn, term off)
{
	term base = w->r[row_writes(insn->op) ? insn->dst : insn->src];

	return bv_add(w->tc, base, bv_sext(w->tc, 64, off));
}

term world_insn_beyond_context(const struct world *w, const struct bpf_insn *insn)
{
	return world_beyond_context(w, address_at(w, insn, insn->off), row_bytes(insn->op),
		row_writes(insn->op), row_is_atomic(insn->op));
}

term world_insn_tested(
	const struct world *w, const struct bpf_insn *insn, term off, unsigned bytes, bool write)
{
	return in_context(w, address_at(w, insn, off), bytes, write);
}

term world_helper(const struct world *w, term id)
{
	unsigned lg = w->word == 8 ? 3 : 2;
	term address = bv_add(w->tc, w->helpers, word_of(w, bv_shl_c(w->tc, id, lg)));

	/* As a difference of addresses, because that is how the machine's access is seen. */
	return mem_load(w->tc, w->helper_table, bv_sub(w->tc, address, w->helpers), w->word);
}

term world_helper_exists(const struct world *w, term id)
{
	return bool_and(
		w->tc, bv_ult(w->tc, id, w->nhelpers), bool_from_bv(w->tc, world_helper(w, id)));
}

term world_helper_is_thumb(const struct world *w, term id)
{
	term pointer = world_helper(w, id);

	return bool_implies(w->tc, bool_from_bv(w->tc, pointer),
		bool_from_bv(w->tc, bv_extract(w->tc, 0, 0, pointer)));
}

term world_has_room(const struct world *w)
{
	return term_ne(w->tc, w->depth, w->last_depth);
}

term world_has_caller(const struct world *w)
{
	return term_ne(w->tc, w->depth, bv_const(w->tc, 3, 0));
}

/* One step. Its ways are lists of decisions; each is run from the start. */

enum { DECISIONS_MAX = 16 };

struct step {
	const struct world *w;
	const struct outcomes *outcomes;
	struct model_env model;
	struct bpf_env env;
	struct outcome outcome;
	bool decision[DECISIONS_MAX], open[DECISIONS_MAX]; /* open: the other way is still to do */
	unsigned decisions, taken, assumed;
};

static struct step *step_of(struct bpf_env *env)
{
	return env->model->user;
}

static void take(struct step *step, term condition, bool way)
{
	step->outcomes->assume(
		step->outcomes->user, way ? condition : bool_not(step->w->tc, condition));
	step->assumed++;
}

static int branch(struct model_env *model, term condition)
{
	struct step *step = model->user;
	int way;

	if (step->taken == step->decisions) {
		if (step->decisions == DECISIONS_MAX) {
			model_stop(model, "too many decisions in one step");
			return -1;
		}
		way = step->outcomes->decide(step->outcomes->user, condition);
		if (way < 0) {
			model_stop(model, "the solver can't decide a condition of the step");
			return -1;
		}
		step->decision[step->decisions] = way > 0;
		step->open[step->decisions++] = way == 2;
	}
	way = step->decision[step->taken++];
	take(step, condition, way);
	return way;
}

static term load(struct model_env *model, term address, unsigned bytes)
{
	struct step *step = model->user;

	if (!access_log_add(&step->outcome.accesses, address, bytes, false))
		return NULL;
	return mem_load(model->tc, step->outcome.memory, address, bytes);
}

static bool store(struct model_env *model, term address, unsigned bytes, term value)
{
	struct step *step = model->user;

	step->outcome.memory = mem_write(model->tc, step->outcome.memory, address, bytes, value);
	return access_log_add(&step->outcome.accesses, address, bytes, true);
}

static term permitted(struct bpf_env *env, term address, unsigned bytes, bool write)
{
	return world_permitted(step_of(env)->w, address, bytes, write);
}

static term helper_exists(struct bpf_env *env, term id)
{
	return world_helper_exists(step_of(env)->w, id);
}

static term call_helper(struct bpf_env *env, term id, const term argument[5], term *request)
{
	struct step *step = step_of(env);

	(void)argument; /* r1 to r5 as they are: the machine's are compared at the call */
	step->outcome.called = true;
	step->outcome.helper_id = id;
	step->outcome.memory = step->w->helper_memory;
	*request = step->w->helper_request;
	return step->w->helper_result;
}

static term object(struct bpf_env *env, term number)
{
	const struct world *w = step_of(env)->w;

	return term_ite(
		w->tc, term_eq(w->tc, number, bv_const(w->tc, 32, 0)), w->data[0], w->data[1]);
}

static term has_room(struct bpf_env *env)
{
	return world_has_room(step_of(env)->w);
}

static term has_caller(struct bpf_env *env)
{
	return world_has_caller(step_of(env)->w);
}

static bool push(struct bpf_env *env, const term saved[4], term pc)
{
	struct outcome *outcome = &step_of(env)->outcome;

	memcpy(outcome->saved, saved, sizeof(outcome->saved));
	outcome->saved_pc = pc;
	return outcome->pushed = true;
}

static bool pop(struct bpf_env *env, term saved[4], term *pc)
{
	struct step *step = step_of(env);
	struct terms *tc = step->w->tc;

	for (unsigned i = 0; i < 4; i++)
		saved[i] = mem_load(tc, step->w->records, bv_const(tc, 64, FRAME_SAVED(i)), 8);
	*pc = mem_load(tc, step->w->records, bv_const(tc, 64, FRAME_PC), 4);
	return step->outcome.popped = true;
}

static enum bpf_result run(struct step *step, const struct bpf_insn *insn)
{
	const struct world *w = step->w;

	memset(&step->outcome, 0, sizeof(step->outcome));
	step->outcome.memory = w->memory;
	step->outcome.bpf = (struct bpf){
		.env = &step->env, .pc = w->pc, .fuel = bv_sub(w->tc, w->fuel, w->used)};
	memcpy(step->outcome.bpf.r, w->r, sizeof(w->r));
	step->taken = 0;
	step->model.reason[0] = '\0';
	return step->outcome.result = bpf_step(&step->outcome.bpf, insn);
}

static void forget(struct step *step)
{
	for (; step->assumed > 0; step->assumed--)
		step->outcomes->retract(step->outcomes->user);
}

static bool next_way(struct step *step)
{
	while (step->decisions > 0) {
		unsigned last = step->decisions - 1;

		if (step->open[last]) {
			step->open[last] = false;
			step->decision[last] = !step->decision[last];
			return true;
		}
		step->decisions--;
	}
	return false;
}

bool world_step(const struct world *w, const struct bpf_insn *insn, const struct outcomes *outcomes,
	char reason[160])
{
	struct step step = {.w = w, .outcomes = outcomes};
	bool more = true, ok = true;

	step.model = (struct model_env){
		.tc = w->tc, .user = &step, .load = load, .store = store, .branch = branch};
	step.env = (struct bpf_env){.model = &step.model,
		.permitted = permitted,
		.helper_exists = helper_exists,
		.call_helper = call_helper,
		.object = object,
		.has_room = has_room,
		.has_caller = has_caller,
		.push = push,
		.pop = pop};
	while (more && ok) {
		if (run(&step, insn) == BPF_STOPPED) {
			memcpy(reason, step.model.reason, 160);
			ok = false;
		} else {
			more = outcomes->each(outcomes->user, &step.outcome) && next_way(&step);
		}
		forget(&step);
	}
	return ok;
}
