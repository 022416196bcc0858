/* SPDX-License-Identifier: MIT */
/*
 * Z3 through its C API. Two of its solvers are kept: the incremental bit-blasting one for queries
 * of bit-vectors and booleans only, by far the faster, and the one for arrays and functions as
 * well. Each holds a stack with one assertion a level, so that the next query only takes back what
 * differs, which for a walk along paths is the last branch.
 */
#include <stdlib.h>
#include <string.h>
#include <z3.h>

#include "prover/clock.h"
#include "prover/solver/backend.h"

#define ARGS_MAX 128

/* How often a question is asked again on a busy machine, and how much longer at most each time.
 * Seconds that are no limit any more. */
enum { TRIES = 3, LONGER = 8, LONGEST = 1000000 };

struct engine {
	Z3_solver solver;
	struct term_list held;
	unsigned timeout_ms; /* that it was told; 0: nothing yet */
};

struct translated {
	term t;
	Z3_ast ast;
	bool plain; /* no memories or functions in it */
};

struct z3 {
	Z3_context c;
	Z3_sort byte, address, memory;
	struct engine engine[2];  /* plain, and not */
	struct translated *cache; /* by id */
	size_t room;
};

/* Z3's own handler ends the process. Errors are looked for after each query instead. */
static void ignore(Z3_context c, Z3_error_code code)
{
	(void)c;
	(void)code;
}

/* plain: bit-vectors only */
static Z3_solver new_solver(struct z3 *z3, bool plain)
{
	const char *logic = plain ? "QF_BV" : "QF_AUFBV";
	Z3_solver solver = Z3_mk_solver_for_logic(z3->c, Z3_mk_string_symbol(z3->c, logic));

	Z3_solver_inc_ref(z3->c, solver);
	return solver;
}

struct z3 *z3_new(void)
{
	struct z3 *z3 = must(calloc(1, sizeof(*z3)));
	Z3_config config = Z3_mk_config();

	z3->c = Z3_mk_context(config);
	Z3_del_config(config);
	Z3_set_error_handler(z3->c, ignore);
	z3->byte = Z3_mk_bv_sort(z3->c, 8);
	z3->address = Z3_mk_bv_sort(z3->c, 64);
	z3->memory = Z3_mk_array_sort(z3->c, z3->address, z3->byte);
	for (int i = 0; i < 2; i++)
		z3->engine[i].solver = new_solver(z3, i == 0);
	return z3;
}

void z3_free(struct z3 *z3)
{
	if (!z3)
		return;
	for (int i = 0; i < 2; i++) {
		Z3_solver_dec_ref(z3->c, z3->engine[i].solver);
		term_list_free(&z3->engine[i].held);
	}
	Z3_del_context(z3->c);
	free(z3->cache);
	free(z3);
}

/* ---- terms to Z3's ---- */

static Z3_sort sort_of(struct z3 *z3, term t)
{
	if (t->sort == SORT_MEMORY)
		return z3->memory;
	return t->sort == SORT_BOOL ? Z3_mk_bool_sort(z3->c) : Z3_mk_bv_sort(z3->c, t->width);
}

static Z3_ast number(struct z3 *z3, unsigned width, u128 value)
{
	bool bit[128];

	for (unsigned i = 0; i < width; i++)
		bit[i] = value >> i & 1;
	return Z3_mk_bv_numeral(z3->c, width, bit);
}

static Z3_func_decl function_of(struct z3 *z3, term t)
{
	Z3_sort domain[16];

	for (unsigned i = 0; i < t->args; i++)
		domain[i] = sort_of(z3, t->arg[i]);
	return Z3_mk_func_decl(
		z3->c, Z3_mk_string_symbol(z3->c, t->name), t->args, domain, sort_of(z3, t));
}

static Z3_ast paste(struct z3 *z3, unsigned args, const Z3_ast *a)
{
	Z3_ast all = a[0];

	for (unsigned i = 1; i < args; i++)
		all = Z3_mk_concat(z3->c, all, a[i]);
	return all;
}

/* Operators of two arguments with a constructor of their own. */
typedef Z3_ast binary(Z3_context c, Z3_ast a, Z3_ast b);
static binary *const binaries[TERM_OP_COUNT] = {
	[TERM_SELECT] = Z3_mk_select,
	[TERM_EQ] = Z3_mk_eq,
	[TERM_AND] = Z3_mk_bvand,
	[TERM_OR] = Z3_mk_bvor,
	[TERM_XOR] = Z3_mk_bvxor,
	[TERM_ADD] = Z3_mk_bvadd,
	[TERM_SUB] = Z3_mk_bvsub,
	[TERM_MUL] = Z3_mk_bvmul,
	[TERM_UDIV] = Z3_mk_bvudiv,
	[TERM_UREM] = Z3_mk_bvurem,
	[TERM_SDIV] = Z3_mk_bvsdiv,
	[TERM_SREM] = Z3_mk_bvsrem,
	[TERM_SHL] = Z3_mk_bvshl,
	[TERM_LSHR] = Z3_mk_bvlshr,
	[TERM_ASHR] = Z3_mk_bvashr,
	[TERM_ULT] = Z3_mk_bvult,
	[TERM_ULE] = Z3_mk_bvule,
	[TERM_SLT] = Z3_mk_bvslt,
	[TERM_SLE] = Z3_mk_bvsle,
};

static Z3_ast boolean(struct z3 *z3, term t, const Z3_ast *a)
{
	switch (t->op) {
	case TERM_AND:
		return Z3_mk_and(z3->c, 2, a);
	case TERM_OR:
		return Z3_mk_or(z3->c, 2, a);
	case TERM_XOR:
		return Z3_mk_xor(z3->c, a[0], a[1]);
	default:
		return Z3_mk_not(z3->c, a[0]);
	}
}

static Z3_ast node(struct z3 *z3, term t, const Z3_ast *a)
{
	bool connective =
		t->op == TERM_AND || t->op == TERM_OR || t->op == TERM_XOR || t->op == TERM_NOT;

	if (t->sort == SORT_BOOL && connective)
		return boolean(z3, t, a);
	if (binaries[t->op])
		return binaries[t->op](z3->c, a[0], a[1]);
	switch (t->op) {
	case TERM_CONST:
		if (t->sort == SORT_BOOL)
			return t->ones ? Z3_mk_true(z3->c) : Z3_mk_false(z3->c);
		return number(z3, t->width, t->ones);
	case TERM_VAR:
		return Z3_mk_const(z3->c, Z3_mk_string_symbol(z3->c, t->name), sort_of(z3, t));
	case TERM_APPLY:
		return Z3_mk_app(z3->c, function_of(z3, t), t->args, a);
	case TERM_FILL:
		return Z3_mk_const_array(z3->c, z3->address, a[0]);
	case TERM_STORE:
		return Z3_mk_store(z3->c, a[0], a[1], a[2]);
	case TERM_ITE:
		return Z3_mk_ite(z3->c, a[0], a[1], a[2]);
	case TERM_NOT:
		return Z3_mk_bvnot(z3->c, a[0]);
	case TERM_NEG:
		return Z3_mk_bvneg(z3->c, a[0]);
	case TERM_CONCAT:
		return paste(z3, t->args, a);
	case TERM_EXTRACT:
		return Z3_mk_extract(z3->c, t->hi, t->lo, a[0]);
	case TERM_ZEXT:
		return Z3_mk_zero_ext(z3->c, (unsigned)(t->width - t->arg[0]->width), a[0]);
	case TERM_SEXT:
		return Z3_mk_sign_ext(z3->c, (unsigned)(t->width - t->arg[0]->width), a[0]);
	default:
		return NULL;
	}
}

static const struct translated *translate(struct z3 *z3, term t)
{
	Z3_ast arg[ARGS_MAX];
	bool plain = t->sort != SORT_MEMORY && t->op != TERM_APPLY;

	if (t->id >= z3->room) {
		size_t room = t->id + (size_t)t->id / 2 + 256;

		z3->cache = must(realloc(z3->cache, room * sizeof(*z3->cache)));
		memset(z3->cache + z3->room, 0, (room - z3->room) * sizeof(*z3->cache));
		z3->room = room;
	}
	if (z3->cache[t->id].t == t)
		return &z3->cache[t->id];
	for (unsigned i = 0; i < t->args; i++) {
		const struct translated *x = translate(z3, t->arg[i]);

		arg[i] = x->ast;
		plain = plain && x->plain;
	}
	z3->cache[t->id] = (struct translated){t, node(z3, t, arg), plain};
	return &z3->cache[t->id];
}

/* ---- models ---- */

static bool read_number(struct z3 *z3, Z3_ast a, u128 *value)
{
	*value = 0;
	if (Z3_get_ast_kind(z3->c, a) == Z3_NUMERAL_AST) {
		for (const char *digit = Z3_get_numeral_string(z3->c, a); *digit; digit++)
			*value = *value * 10 + (unsigned)(*digit - '0');
		return true;
	}
	*value = Z3_get_bool_value(z3->c, a) == Z3_L_TRUE;
	return Z3_get_bool_value(z3->c, a) != Z3_L_UNDEF;
}

/* A function of one argument, as bytes of a memory. */
static bool read_table(
	struct z3 *z3, Z3_model m, Z3_func_decl f, term memory, struct assignment *model)
{
	Z3_func_interp table = Z3_model_get_func_interp(z3->c, m, f);
	bool right = table != NULL;
	u128 at, value;

	if (!table)
		return false;
	Z3_func_interp_inc_ref(z3->c, table);
	right &= read_number(z3, Z3_func_interp_get_else(z3->c, table), &value);
	assignment_set_default(model, memory, (uint8_t)value);
	for (unsigned i = 0; i < Z3_func_interp_get_num_entries(z3->c, table); i++) {
		Z3_func_entry e = Z3_func_interp_get_entry(z3->c, table, i);

		Z3_func_entry_inc_ref(z3->c, e);
		right &= read_number(z3, Z3_func_entry_get_arg(z3->c, e, 0), &at) &&
		         read_number(z3, Z3_func_entry_get_value(z3->c, e), &value);
		assignment_set_byte(model, memory, (uint64_t)at, (uint8_t)value);
		Z3_func_entry_dec_ref(z3->c, e);
	}
	Z3_func_interp_dec_ref(z3->c, table);
	return right;
}

/* An array's value is a constant one with stores into it, the outermost last, or a function. */
static bool read_memory(struct z3 *z3, Z3_model m, Z3_ast a, term memory, struct assignment *model)
{
	u128 at, value;
	Z3_app app;

	if (Z3_get_ast_kind(z3->c, a) != Z3_APP_AST)
		return false;
	app = Z3_to_app(z3->c, a);
	switch (Z3_get_decl_kind(z3->c, Z3_get_app_decl(z3->c, app))) {
	case Z3_OP_STORE:
		if (!read_memory(z3, m, Z3_get_app_arg(z3->c, app, 0), memory, model) ||
			!read_number(z3, Z3_get_app_arg(z3->c, app, 1), &at) ||
			!read_number(z3, Z3_get_app_arg(z3->c, app, 2), &value))
			return false;
		assignment_set_byte(model, memory, (uint64_t)at, (uint8_t)value);
		return true;
	case Z3_OP_CONST_ARRAY:
		if (!read_number(z3, Z3_get_app_arg(z3->c, app, 0), &value))
			return false;
		assignment_set_default(model, memory, (uint8_t)value);
		return true;
	case Z3_OP_AS_ARRAY:
		return read_table(z3, m, Z3_get_as_array_func_decl(z3->c, a), memory, model);
	default:
		return false;
	}
}

/* The application's own value is all that the query depends on. */
static bool read_call(struct z3 *z3, Z3_model m, term t, struct assignment *model)
{
	u128 arg[16], value;
	Z3_ast a;

	for (unsigned i = 0; i < t->args; i++)
		if (!Z3_model_eval(z3->c, m, translate(z3, t->arg[i])->ast, true, &a) ||
			!read_number(z3, a, &arg[i]))
			return false;
	if (!Z3_model_eval(z3->c, m, translate(z3, t)->ast, true, &a) ||
		!read_number(z3, a, &value))
		return false;
	assignment_set_apply(model, t->name, t->args, arg, value);
	return true;
}

static bool read_term(struct z3 *z3, Z3_model m, term t, struct assignment *model)
{
	u128 value;
	Z3_ast a;

	if (t->op == TERM_APPLY)
		return read_call(z3, m, t, model);
	if (t->op != TERM_VAR)
		return true;
	if (!Z3_model_eval(z3->c, m, translate(z3, t)->ast, true, &a))
		return false;
	if (t->sort == SORT_MEMORY)
		return read_memory(z3, m, a, t, model);
	if (!read_number(z3, a, &value))
		return false;
	assignment_set(model, t, value);
	return true;
}

static bool read_model(struct z3 *z3, Z3_solver solver, const struct query *q)
{
	Z3_model m = Z3_solver_get_model(z3->c, solver);
	struct term_list all = {0};
	bool right = m != NULL;

	if (!m)
		return false;
	Z3_model_inc_ref(z3->c, m);
	term_subterms(q->asserts, q->assertion, &all);
	for (size_t i = 0; i < all.count && right; i++)
		right = read_term(z3, m, all.at[i], q->model);
	term_list_free(&all);
	Z3_model_dec_ref(z3->c, m);
	return right;
}

/* ---- queries ---- */

static void hold(struct z3 *z3, struct engine *e, const struct query *q)
{
	size_t same = 0;

	while (same < e->held.count && same < q->asserts && e->held.at[same] == q->assertion[same])
		same++;
	if (e->held.count > same)
		Z3_solver_pop(z3->c, e->solver, (unsigned)(e->held.count - same));
	e->held.count = same;
	for (; same < q->asserts; same++) {
		Z3_solver_push(z3->c, e->solver);
		Z3_solver_assert(z3->c, e->solver, translate(z3, q->assertion[same])->ast);
		term_list_add(&e->held, q->assertion[same]);
	}
}

/* Telling it takes as long as many a question. */
static void set_timeout(struct z3 *z3, struct engine *e, unsigned timeout_ms)
{
	Z3_params p;

	timeout_ms = timeout_ms ? timeout_ms : UINT32_MAX;
	if (e->timeout_ms == timeout_ms)
		return;
	p = Z3_mk_params(z3->c);
	Z3_params_inc_ref(z3->c, p);
	Z3_params_set_uint(z3->c, p, Z3_mk_string_symbol(z3->c, "timeout"), timeout_ms);
	Z3_solver_set_params(z3->c, e->solver, p);
	Z3_params_dec_ref(z3->c, p);
	e->timeout_ms = timeout_ms;
}

static enum solver_result failed(struct z3 *z3, const struct query *q)
{
	snprintf(
		q->reason, REASON_MAX, "Z3: %s", Z3_get_error_msg(z3->c, Z3_get_error_code(z3->c)));
	return SOLVER_ERROR;
}

/* Did it give up before it has worked for as long as it may? */
static bool was_kept_waiting(struct z3 *z3, Z3_solver solver, double worked, double limit)
{
	const char *reason = Z3_solver_get_reason_unknown(z3->c, solver);

	return worked < limit * 3 / 4 &&
	       (strcmp(reason, "timeout") == 0 || strcmp(reason, "canceled") == 0);
}

/*
 * Z3's time is a clock's, which goes on while the processor works for others. So that what is
 * proved doesn't depend on what else a machine does, it may try again for as much longer.
 */
static Z3_lbool check_patiently(struct z3 *z3, struct engine *e, unsigned timeout_ms)
{
	double limit = timeout_ms / 1000.0, patience = limit;
	Z3_lbool answer = Z3_L_UNDEF;

	for (unsigned tries = 0; tries < TRIES; tries++) {
		double before = seconds_worked(), worked;

		set_timeout(z3, e, patience < LONGEST ? (unsigned)(1000 * patience) : 0);
		if (Z3_get_error_code(z3->c) != Z3_OK)
			break;
		answer = Z3_solver_check(z3->c, e->solver);
		worked = seconds_worked() - before;
		if (answer != Z3_L_UNDEF || !was_kept_waiting(z3, e->solver, worked, limit))
			break;
		patience *= worked * LONGER > limit ? limit / worked : LONGER;
	}
	return answer;
}

static enum solver_result check(struct z3 *z3, struct engine *e, const struct query *q)
{
	Z3_lbool answer = check_patiently(z3, e, q->timeout_ms);

	if (Z3_get_error_code(z3->c) != Z3_OK)
		return failed(z3, q);
	if (answer == Z3_L_UNDEF) {
		snprintf(q->reason, REASON_MAX, "Z3: %s",
			Z3_solver_get_reason_unknown(z3->c, e->solver));
		return SOLVER_UNKNOWN;
	}
	if (Z3_get_error_code(z3->c) != Z3_OK)
		return failed(z3, q);
	if (answer == Z3_L_FALSE)
		return SOLVER_UNSAT;
	if (read_model(z3, e->solver, q))
		return SOLVER_SAT;
	snprintf(q->reason, REASON_MAX, "Z3: a model that can't be read");
	return SOLVER_ERROR;
}

static enum solver_result check_alone(struct z3 *z3, bool plain, const struct query *q)
{
	struct engine e = {.solver = new_solver(z3, plain)};
	enum solver_result result;

	for (size_t i = 0; i < q->asserts; i++)
		Z3_solver_assert(z3->c, e.solver, translate(z3, q->assertion[i])->ast);
	result = check(z3, &e, q);
	Z3_solver_dec_ref(z3->c, e.solver);
	return result;
}

enum solver_result z3_check(struct z3 *z3, const struct query *q)
{
	bool plain = true;
	struct engine *e;

	for (size_t i = 0; i < q->asserts; i++)
		plain = translate(z3, q->assertion[i])->plain && plain;
	if (q->alone)
		return check_alone(z3, plain, q);
	e = &z3->engine[plain ? 0 : 1];
	hold(z3, e, q);
	return check(z3, e, q);
}
