/* SPDX-License-Identifier: MIT */
/*
 * Runs prover/model/bpf.c on symbolic operands and writes what it did as Coq: for each instruction
 * a tree of the conditions that the model branched on, and at its leaves what the path has made of
 * registers, memory, pc, fuel and frames, or how the run ends.
 *
 * The model is run for every pair of registers that the checker allows. Pairs must come to the same
 * text once their two registers are called d and s, or the export fails: so one definition is about
 * all of them, and nothing is assumed about how bpf.c uses a register's number. Pairs of one
 * register, and registers that the instruction uses by its own nature (r0 of a compare and
 * exchange, those of a call), have definitions of their own.
 *
 * The terms are raw: each operator is one that the model's C code asked for. So the Coq proof is
 * about bpf.c alone; what rewriting makes of the terms is checked rule by rule elsewhere. What
 * struct bpf_env leaves to its surroundings is a function env_* of proofs/Bits.v.
 */
#include "prover/export_coq.h"
#include "prover/model/bpf.h"

#include <stdlib.h>
#include <string.h>

enum { DECISIONS_MAX = 8 };

/* The choices of one path, made before (the first `given`) or on the way (true, so far). */
struct path {
	unsigned given, taken;
	bool way[DECISIONS_MAX];
	term condition[DECISIONS_MAX];
	/* What the surroundings have been asked to change. */
	bool stored, called, pushed, popped;
	unsigned bytes;
	term address, value; /* stored */
	term helper[6];      /* id and arguments */
	term saved[5];       /* pushed */
};

struct exporter {
	FILE *out;
	struct terms *tc;
	const char *name;
	struct bpf_insn insn;
	bool has_dst, has_src;
	unsigned fixed; /* registers that the instruction uses by their numbers */
	char label[VOUCH_REGISTERS][8], value[VOUCH_REGISTERS][8];
};

static bool fail(const struct exporter *ex, const char *why)
{
	fprintf(stderr, "export: %s: dst r%u, src r%u: %s\n", ex->name, ex->insn.dst, ex->insn.src,
		why);
	return false;
}

/* The surroundings of a step */

static struct path *path_of(struct bpf_env *env)
{
	return env->model->user;
}

static int choose(struct model_env *env, term condition)
{
	struct path *path = env->user;

	if (path->taken == DECISIONS_MAX) {
		model_stop(env, "more than %d decisions", DECISIONS_MAX);
		return -1;
	}
	if (path->taken >= path->given)
		path->way[path->taken] = true;
	path->condition[path->taken] = condition;
	return path->way[path->taken++];
}

/*
 * Memory is what it was before the step, load_N of an address and write_N of it, defined below.
 * More than one change in a step, or a load after one, has no place here.
 */
static term load(struct model_env *env, term address, unsigned bytes)
{
	struct path *path = env->user;
	char name[8];

	if (path->stored || path->called)
		return NULL;
	snprintf(name, sizeof(name), "load_%u", bytes);
	return term_apply(env->tc, name, SORT_BV, 8 * bytes, 1, &address);
}

static bool store(struct model_env *env, term address, unsigned bytes, term value)
{
	struct path *path = env->user;

	if (path->stored || path->called)
		return false;
	path->bytes = bytes;
	path->address = address;
	path->value = value;
	return path->stored = true;
}

static term permitted(struct bpf_env *env, term address, unsigned bytes, bool write)
{
	struct terms *tc = env->model->tc;
	const term arguments[] = {address, bv_const(tc, 8, bytes), bv_const(tc, 1, write)};

	return term_apply(tc, "env_permitted", SORT_BOOL, 1, 3, arguments);
}

static term helper_exists(struct bpf_env *env, term id)
{
	return term_apply(env->model->tc, "env_helper_exists", SORT_BOOL, 1, 1, &id);
}

static term call_helper(struct bpf_env *env, term id, const term argument[5], term *request)
{
	struct path *path = path_of(env);
	struct terms *tc = env->model->tc;

	if (path->stored || path->called)
		return NULL;
	path->called = true;
	path->helper[0] = id;
	memcpy(&path->helper[1], argument, 5 * sizeof(*argument));
	*request = term_apply(tc, "env_helper_request", SORT_BV, 32, 6, path->helper);
	return term_apply(tc, "env_helper_result", SORT_BV, 64, 6, path->helper);
}

static term object(struct bpf_env *env, term number)
{
	return term_apply(env->model->tc, "env_object", SORT_BV, 64, 1, &number);
}

static term has_room(struct bpf_env *env)
{
	return bool_var(env->model->tc, "env_has_room");
}

static term has_caller(struct bpf_env *env)
{
	return bool_var(env->model->tc, "env_has_caller");
}

static bool push(struct bpf_env *env, const term saved[4], term pc)
{
	struct path *path = path_of(env);

	if (path->pushed || path->popped)
		return false;
	memcpy(path->saved, saved, 4 * sizeof(*saved));
	path->saved[4] = pc;
	return path->pushed = true;
}

static bool pop(struct bpf_env *env, term saved[4], term *pc)
{
	static const char *const names[] = {
		"env_saved_r6", "env_saved_r7", "env_saved_r8", "env_saved_r9"};
	struct path *path = path_of(env);

	if (path->pushed || path->popped)
		return false;
	for (unsigned i = 0; i < 4; i++)
		saved[i] = bv_var(env->model->tc, names[i], 64);
	*pc = bv_var(env->model->tc, "env_saved_pc", 32);
	return path->popped = true;
}

/* One path */

static void name_registers(struct exporter *ex)
{
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		const char *field = NULL;

		if (!(ex->fixed >> i & 1))
			field = ex->has_dst && i == ex->insn.dst   ? "dst"
			        : ex->has_src && i == ex->insn.src ? "src"
			                                           : NULL;
		if (field) {
			snprintf(ex->label[i], sizeof(ex->label[i]), "%s", field);
			snprintf(ex->value[i], sizeof(ex->value[i]), "%c", field[0]);
		} else {
			snprintf(ex->label[i], sizeof(ex->label[i]), "%u", i);
			snprintf(ex->value[i], sizeof(ex->value[i]), "r%u", i);
		}
	}
}

static struct bpf start(struct exporter *ex, struct bpf_env *env)
{
	struct bpf bpf = {.env = env};

	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		bpf.r[i] = bv_var(ex->tc, ex->value[i], 64);
	bpf.pc = bv_var(ex->tc, "pc", 32);
	bpf.fuel = bv_var(ex->tc, "fuel", 64);
	return bpf;
}

static bool is_written(const struct exporter *ex, unsigned reg)
{
	const struct vouch_op_info *info = &vouch_ops[ex->insn.op];

	return (ex->has_dst && reg == ex->insn.dst && info->dst >= REG_W) ||
	       (ex->has_src && reg == ex->insn.src && info->src >= REG_W);
}

/* What the step has written, in the order of the registers' numbers; the others are as they were.
 */
static void print_registers(
	struct exporter *ex, const struct bpf *before, const struct bpf *after, bool goes_on)
{
	const char *comma = "";

	fputs(" [", ex->out);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++) {
		if (after->r[i] == before->r[i] && !(goes_on && is_written(ex, i)))
			continue;
		fprintf(ex->out, "%s(%s, ", comma, ex->label[i]);
		term_print_coq(ex->out, after->r[i]);
		fputc(')', ex->out);
		comma = "; ";
	}
	fputs("] ", ex->out);
}

static void print_list(FILE *out, const char *head, unsigned count, const term *t)
{
	fprintf(out, "(%s", head);
	for (unsigned i = 0; i < count; i++) {
		fputc(' ', out);
		term_print_coq(out, t[i]);
	}
	fputc(')', out);
}

static void print_memory(struct exporter *ex, const struct path *path)
{
	const term stored[] = {path->address, path->value};
	char head[24];

	snprintf(head, sizeof(head), "write_%u env_memory", path->bytes);
	if (path->called)
		print_list(ex->out, "env_helper_memory", 6, path->helper);
	else if (path->stored)
		print_list(ex->out, head, 2, stored);
	else
		fputs("env_memory", ex->out);
}

static const char *status_name(enum vouch_status status)
{
	switch (status) {
	case VOUCH_OK:
		return "StatusOk";
	case VOUCH_FAULT_MEMORY:
		return "StatusMemory";
	case VOUCH_FAULT_ALIGN:
		return "StatusAlign";
	case VOUCH_FAULT_FUEL:
		return "StatusFuel";
	case VOUCH_FAULT_DEPTH:
		return "StatusDepth";
	case VOUCH_FAULT_HELPER:
		return "StatusHelper";
	case VOUCH_FAULT_HOST:
		return "StatusHost";
	default:
		return NULL;
	}
}

static bool print_end(struct exporter *ex, const struct bpf *after, const struct path *path)
{
	if (!status_name(after->status))
		return fail(ex, "an end with a status that isn't a run's");
	if (path->pushed || path->popped)
		return fail(ex, "an end after a change of frames");
	fprintf(ex->out, "Ends %s ", status_name(after->status));
	term_print_coq(ex->out, after->address);
	fprintf(ex->out, " %u %s", after->size, after->write ? "true" : "false");
	return true;
}

static void print_frames(struct exporter *ex, const struct path *path)
{
	fputc(' ', ex->out);
	if (path->pushed)
		print_list(ex->out, "Push", 5, path->saved);
	else
		fputs(path->popped ? "Pop" : "Same", ex->out);
}

static bool print_outcome(struct exporter *ex, const struct bpf *before, const struct bpf *after,
	const struct path *path, bool goes_on)
{
	if (goes_on)
		fputs("Goes", ex->out);
	else if (!print_end(ex, after, path))
		return false;
	print_registers(ex, before, after, goes_on);
	print_memory(ex, path);
	fputc(' ', ex->out);
	term_print_coq(ex->out, after->pc);
	fputc(' ', ex->out);
	term_print_coq(ex->out, after->fuel);
	if (goes_on)
		print_frames(ex, path);
	return true;
}

/*
 * The tree below the first `given` decisions. The path that says yes to all that follows tells
 * which they are; the other branches come after it, innermost first.
 */
static bool print_tree(struct exporter *ex, struct path path)
{
	struct model_env model = {
		.tc = ex->tc, .user = &path, .load = load, .store = store, .branch = choose};
	struct bpf_env env = {.model = &model,
		.permitted = permitted,
		.helper_exists = helper_exists,
		.call_helper = call_helper,
		.object = object,
		.has_room = has_room,
		.has_caller = has_caller,
		.push = push,
		.pop = pop};
	struct bpf before = start(ex, &env), after = before;
	unsigned given = path.given;
	enum bpf_result result;

	path.taken = 0;
	path.stored = path.called = path.pushed = path.popped = false;
	result = bpf_step(&after, &ex->insn);
	if (result == BPF_STOPPED)
		return fail(ex, model.reason[0] ? model.reason : "the model stopped");
	for (unsigned i = given; i < path.taken; i++) {
		fputs("if ", ex->out);
		term_print_coq(ex->out, path.condition[i]);
		fputs(" then ", ex->out);
	}
	if (!print_outcome(ex, &before, &after, &path, result == BPF_NEXT))
		return false;
	for (unsigned i = path.taken; i-- > given;) {
		struct path other = path;

		other.way[i] = false;
		other.given = i + 1;
		fputs("\n  else ", ex->out);
		if (!print_tree(ex, other))
			return false;
	}
	return true;
}

/* One instruction, with every pair of registers */

/* The tree as text, which the caller frees; NULL, with a message. */
static char *tree_text(struct exporter *ex)
{
	char *text = NULL;
	size_t size;
	bool ok;

	ex->out = open_memstream(&text, &size);
	if (!ex->out)
		abort();
	ok = print_tree(ex, (struct path){0});
	fclose(ex->out);
	if (ok)
		return text;
	free(text);
	return NULL;
}

/* Pairs with one key share a definition. */
static unsigned key_of(const struct exporter *ex, unsigned dst, unsigned src)
{
	unsigned d = ex->fixed >> dst & 1 ? dst : VOUCH_REGISTERS;
	unsigned s = ex->fixed >> src & 1 ? src : VOUCH_REGISTERS;
	bool same = ex->has_dst && ex->has_src && dst == src;

	return (d * (VOUCH_REGISTERS + 1) + s) * 2 + same;
}
enum { KEYS = (VOUCH_REGISTERS + 1) * (VOUCH_REGISTERS + 1) * 2 };

static bool names_word(const char *text, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
		if (at > text && strchr(" (", at[-1]) && strchr(" );", at[size]))
			return true;
	return false;
}

static void print_definition(struct exporter *ex, FILE *out, const char *tree)
{
	unsigned dst = ex->insn.dst, src = ex->insn.src;

	fprintf(out, "Definition bpf_%s", ex->name);
	if (ex->has_dst && ex->fixed >> dst & 1)
		fprintf(out, "_dst%u", dst);
	if (ex->has_src && ex->fixed >> src & 1)
		fprintf(out, "_src%u", src);
	if (ex->has_dst && ex->has_src && dst == src && !(ex->fixed >> dst & 1))
		fputs("_same", out);
	fputs(" (w : surroundings) (dst src k high off : Z) (r : Z -> Z) (pc fuel : Z) : "
	      "exported :=\n  ",
		out);
	for (unsigned i = 0; i < VOUCH_REGISTERS; i++)
		if (names_word(tree, ex->value[i]))
			fprintf(out, "let %s := r %s in ", ex->value[i], ex->label[i]);
	fprintf(out, "\n  %s.\n\n", tree);
}

static bool export_pair(
	struct exporter *ex, FILE *out, unsigned dst, unsigned src, char *texts[KEYS])
{
	char **known = &texts[key_of(ex, dst, src)], *text;
	bool ok = true;

	ex->insn.dst = dst;
	ex->insn.src = src;
	name_registers(ex);
	text = tree_text(ex);
	if (!text)
		return false;
	if (!*known) {
		*known = text;
		print_definition(ex, out, text);
		return true;
	}
	if (strcmp(*known, text) != 0)
		ok = fail(ex, "the step isn't that of other registers");
	free(text);
	return ok;
}

/* How many of them the checker allows. */
static unsigned registers(unsigned use)
{
	return use == REG_NONE ? 1 : use == REG_R ? 11 : 10;
}

/* Which slots are the instruction: its row of opcodes.def. */
static void export_row(FILE *out, enum vouch_op op, const char *name)
{
	static const char *const fields[] = {"SelectNone", "SelectOff", "SelectImm", "SelectSrc"};
	const struct vouch_op_info *info = &vouch_ops[op];

	fprintf(out, "Definition row_%s : row := Row %u %s %d.\n\n", name, info->opcode,
		fields[info->select], info->value);
}

static bool export_insn(struct exporter *ex, FILE *out, enum vouch_op op)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	char *texts[KEYS] = {0};
	unsigned sources;
	bool ok = true;

	ex->insn = (struct bpf_insn){.op = op,
		.off = bv_var(ex->tc, "off", 16),
		.imm = bv_var(ex->tc, "k", 32),
		.imm2 = bv_var(ex->tc, "high", 32)};
	ex->has_dst = info->dst != REG_NONE;
	ex->has_src = info->src != REG_NONE && info->select != SELECT_SRC;
	ex->fixed = 0;
	if (op == OP_atomic_cmpxchg64 || op == OP_atomic_cmpxchg32)
		ex->fixed = 1;
	else if (op == OP_callx)
		ex->fixed = 0x3f; /* r0 to r5 */
	sources = ex->has_src ? registers(info->src) : 1;
	for (unsigned dst = 0; ok && dst < registers(info->dst); dst++)
		for (unsigned src = 0; ok && src < sources; src++)
			ok = export_pair(ex, out, dst, src, texts);
	for (unsigned i = 0; i < KEYS; i++)
		free(texts[i]);
	return ok;
}

/* Loads and stores as prover/term/build.c makes them of bytes. */
static void export_memory(FILE *out, struct terms *tc)
{
	term m = mem_var(tc, "m"), a = bv_var(tc, "a", 64), before = mem_var(tc, "env_memory");

	for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
		char name[8];

		snprintf(name, sizeof(name), "v%u", 8 * bytes);
		fprintf(out, "Definition load_%u {w : surroundings} (a : Z) : Z :=\n  ", bytes);
		term_print_coq(out, mem_load(tc, before, a, bytes));
		fprintf(out, ".\n\nDefinition write_%u (m : store) (a %s : Z) : store :=\n  ",
			bytes, name);
		term_print_coq(out, mem_write(tc, m, a, bytes, bv_var(tc, name, 8 * bytes)));
		fputs(".\n\n", out);
	}
}

static const char *const names[OP_COUNT] = {
#define INSN(id, ...) [OP_##id] = #id,
#define ALSO(id, ...) [OP_##id] = #id,
#include "isa/opcodes.def"
};

int export_coq(FILE *out)
{
	struct exporter ex = {.tc = terms_new(TERMS_RAW)};
	bool right = true;

	fputs("(* Written from prover/model/bpf.c by build/prover/export_coq; don't edit. *)\n"
	      "From Coq Require Import ZArith Bool List.\n"
	      "From Vouch Require Import Bits.\n"
	      "Import ListNotations.\n"
	      "Open Scope Z_scope.\n\n",
		out);
	export_memory(out, ex.tc);
	for (unsigned op = 0; op < OP_COUNT && right; op++) {
		ex.name = names[op];
		export_row(out, op, ex.name);
		right = export_insn(&ex, out, op);
	}
	terms_free(ex.tc);
	return right ? 0 : -1;
}
