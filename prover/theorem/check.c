/* SPDX-License-Identifier: MIT */
/*
 * The checker (docs/prover.md): vouch_check(), as compiled, accepts exactly the programs that
 * accepted.h describes. By induction over its loop. At the head, at slot pc:
 *
 *   what the loop keeps (found: compiled.h); pc < count <= VOUCH_INSNS_MAX and entry < count.
 *
 * entry:  a call refuses a program that is missing, misaligned or of an unusable size, or comes to
 *         the head at slot 0.
 * opcode: from the head at any slot with an instruction of this opcode: if the instruction is
 *         accepted, it comes to the head at the next one, or, when that is the end, to its last
 *         test, of the entry point; else it refuses, with this pc. Whatever the other fields, the
 *         slots, count, entry and table of helpers are. It only reads them, and writes the fault.
 */
#include <stddef.h>

#include "prover/theorem/accepted.h"
#include "prover/theorem/witness_compiled.h"

static const struct variant {
	const char *target, *function;
} variants[] = {{"check", "vouch_check"}, {"check-small", "vouch_check_small"}};

/* Opcodes with an instruction, by the name of their first. */
static const struct {
	uint8_t opcode;
	const char *name;
} opcodes[] = {
#define INSN(id, name, opcode, ...) {opcode, name},
#define ALSO(...)
#include "isa/opcodes.def"
};

enum { OPCODES = sizeof(opcodes) / sizeof(opcodes[0]), ENTRY = OPCODES, ILLEGAL, OBLIGATIONS };

/* An opcode that may be the last: to find the loop. */
enum { PLAIN_OPCODE = OPCODE_EXIT };

struct checker {
	struct compiled c;
	struct loop loop;
	bool from_head;
	bool guarded; /* pc < count at the head; else it may be at the end */
	uint8_t opcode;
	struct slot slot; /* the one at pc */
	term insns, entry, program, helpers, nhelpers, fault;
	term slots, helper_table; /* memories */
	/* Possible ends: a proof about none says nothing. */
	unsigned rounds, accepted, refused;
};

static term c64(struct checker *k, uint64_t value)
{
	return bv_const(k->c.tc, 64, value);
}

/* Where something is in a table, in the machine's arithmetic: as its accesses have it. */
static term place(struct checker *k, term offset)
{
	return bv_zext(k->c.tc, 64, bv_trunc(k->c.tc, compiled_bits(&k->c), offset));
}

/* An address is made as the code makes it: of a multiple of 8 for each part. */
static term opcode_at(void *user, term pc, term delta)
{
	struct checker *k = user;
	struct terms *tc = k->c.tc;
	term address = bv_add(tc, bv_shl_c(tc, pc, 3), bv_shl_c(tc, delta, 3));

	return mem_load(tc, k->slots, place(k, address), 1);
}

static term has_helper(void *user, term id)
{
	struct checker *k = user;
	struct terms *tc = k->c.tc;
	unsigned word = k->c.cv->word;
	term pointer =
		mem_load(tc, k->helper_table, place(k, bv_shl_c(tc, id, word == 8 ? 3 : 2)), word);

	return bool_and(tc, bv_ult(tc, id, k->nhelpers), bool_from_bv(tc, pointer));
}

static void checker_init(struct checker *k)
{
	struct terms *tc = k->c.tc;
	uint64_t most;

	k->insns = compiled_word(&k->c, "insns");
	k->entry = bv_var(tc, "entry", 32);
	/* That the slots are aligned is tested, and then in their addresses. */
	k->c.learns = true;
	k->program = compiled_pointer(&k->c, "program", k->c.cv->word);
	k->helpers = compiled_pointer(&k->c, "helpers", k->c.cv->word);
	k->nhelpers = compiled_word(&k->c, "nhelpers");
	k->fault = compiled_pointer(&k->c, "fault", 8);
	k->slots = mem_var(tc, "slots");
	k->helper_table = mem_var(tc, "helper_table");
	most = UINT64_MAX >> (64 - compiled_bits(&k->c));
	k->slot = (struct slot){.tc = tc,
		.pc = bv_zext(tc, 32, bv_var(tc, "pc", 24)),
		.count = bv_var(tc, "count", 32),
		.dst = bv_var(tc, "dst", 4),
		.src = bv_var(tc, "src", 4),
		.off = bv_var(tc, "off", 16),
		.imm = bv_var(tc, "imm", 32),
		.second = bv_var(tc, "second", 64),
		.any_helper = term_eq(tc, k->nhelpers, c64(k, most)),
		.has_helper = has_helper,
		.opcode_at = opcode_at,
		.user = k};
	/* A table of pointers doesn't wrap around; VOUCH_ANY_HELPER is no table. */
	compiled_assume(&k->c, bool_or(tc, k->slot.any_helper,
				       bv_ult(tc, k->nhelpers, c64(k, most / k->c.cv->word))));
}

static term usable_size(struct checker *k)
{
	struct terms *tc = k->c.tc;
	term zero = bv_const(tc, 32, 0), most = bv_const(tc, 32, VOUCH_INSNS_MAX);

	return bool_and(tc,
		bool_and(tc, bv_ult(tc, zero, k->slot.count), bv_ule(tc, k->slot.count, most)),
		bv_ult(tc, k->entry, k->slot.count));
}

static term is_slot(struct checker *k, term index)
{
	return bv_ult(k->c.tc, index, bv_zext(k->c.tc, 64, k->slot.count));
}

/* At the head */
static term guard(struct checker *k, term index)
{
	term at_most = bv_ule(k->c.tc, index, bv_zext(k->c.tc, 64, k->slot.count));

	return bool_and(k->c.tc, usable_size(k), k->guarded ? is_slot(k, index) : at_most);
}

/* Memory */

static void add_object(struct exec *exec, const char *name, term base, term size,
	unsigned permissions, bool indexed, term contents)
{
	exec_object_add(exec, (struct exec_object){.name = name,
				      .base = base,
				      .size = size,
				      .permissions = permissions,
				      .indexed = indexed,
				      .contents = contents});
}

static term word_bytes(struct checker *k, const char *rest, term word)
{
	return mem_write(k->c.tc, mem_var(k->c.tc, rest), c64(k, 0), 8, word);
}

/* struct vouch_program: a pointer, then two of 32 bits. */
static void add_program(struct exec *exec, struct checker *k)
{
	struct terms *tc = k->c.tc;
	unsigned word = k->c.cv->word;
	term bytes = mem_var(tc, "program_bytes"), insns = bv_trunc(tc, 8 * word, k->insns);

	bytes = mem_write(tc, bytes, c64(k, 0), word, insns);
	bytes = mem_write(tc, bytes, c64(k, word), 4, k->slot.count);
	bytes = mem_write(tc, bytes, c64(k, word + 4), 4, k->entry);
	add_object(exec, "the program", k->program, c64(k, word + 8), OBJECT_READ, false, bytes);
}

/* The slot in question and the one after it by themselves; any by an index. */
static void add_slots(struct exec *exec, struct checker *k, term index)
{
	struct terms *tc = k->c.tc;
	const struct slot *s = &k->slot;
	bool finding = k->c.finding != NULL;
	term opcode = bv_const(tc, 8, finding ? PLAIN_OPCODE : k->opcode);
	const term field[] = {s->imm, s->off, s->src, s->dst, opcode};
	term here = bv_add(tc, k->insns, bv_shl_c(tc, index, 3)), count = bv_zext(tc, 64, s->count);
	term after = finding ? bv_concat(tc, bv_var(tc, "rest", 56), opcode) : s->second;

	add_object(exec, "the instruction", here,
		finding ? c64(k, 8) : term_ite(tc, is_slot(k, index), c64(k, 8), c64(k, 0)),
		OBJECT_READ, false, word_bytes(k, "before", bv_concat_n(tc, 5, field)));
	add_object(exec, "the slot after it", bv_add_c(tc, here, 8),
		finding ? c64(k, 8)
			: term_ite(tc, is_slot(k, bv_add_c(tc, index, 1)), c64(k, 8), c64(k, 0)),
		OBJECT_READ, false, word_bytes(k, "before", after));
	add_object(exec, "the instructions", k->insns, bv_shl_c(tc, count, 3), OBJECT_READ, true,
		k->slots);
}

static void setup(struct exec *exec, void *user)
{
	struct checker *k = user;
	struct terms *tc = exec->tc;
	term index = k->c.finding   ? loop_index(&k->c)
	             : k->from_head ? bv_zext(tc, 64, k->slot.pc)
	                            : c64(k, 0);
	const term argument[] = {k->program, k->helpers, k->nhelpers, k->fault};
	struct next_argument next = {0};

	compiled_enter(exec, &k->c);
	add_program(exec, k);
	add_slots(exec, k, index);
	add_object(exec, "the helper table", k->helpers,
		bv_mul(tc, k->nhelpers, bv_const(tc, 64, k->c.cv->word)), OBJECT_READ, true,
		k->helper_table);
	add_object(exec, "the fault", k->fault,
		term_ite(tc, bool_from_bv(tc, k->fault), c64(k, sizeof(struct vouch_fault)),
			c64(k, 0)),
		OBJECT_WRITE, false, mem_var(tc, "fault_bytes"));
	for (unsigned i = 0; i < sizeof(argument) / sizeof(argument[0]); i++)
		convention_set_argument(
			exec, k->c.cv, &next, bv_trunc(tc, compiled_bits(&k->c), argument[i]));
	if (k->from_head && !k->c.finding) {
		loop_enter(exec, &k->c, &k->loop, index);
		exec_assume(exec, guard(k, index));
	}
	loop_setup(exec, &k->c);
	compiled_start(exec, &k->c);
}

static enum exec_at at(struct exec *exec, void *user)
{
	struct checker *k = user;
	enum exec_at at;

	if (loop_at(exec, &k->c, &at))
		return at;
	if (compiled_returned(exec, &k->c))
		return EXEC_END;
	if (!k->c.finding && machine_is_at(exec, k->loop.head) &&
		(!k->from_head || exec->state.steps > 0))
		return EXEC_END;
	return EXEC_STEP;
}

/* Ends */

/* What is in *fault, if it was asked for. */
static bool fault_is(struct checker *k, struct path *path, term status, term pc)
{
	struct terms *tc = k->c.tc;
	const struct exec_object *object = &path->exec->state.object[path->exec->state.objects - 1];
	term expected = bv_concat(tc, pc, status), no = bool_not(tc, bool_from_bv(tc, k->fault));

	for (unsigned i = 0; i < sizeof(struct vouch_fault); i += 8) {
		term is = mem_load(tc, object->contents, c64(k, i), 8);

		if (!path_holds(path, bool_or(tc, no, term_eq(tc, is, i ? c64(k, 0) : expected)),
			    "the fault's details are wrong"))
			return false;
	}
	return path->ok;
}

static term status_of(struct path *path)
{
	return convention_result(path->exec, path->c->cv, 32);
}

/* Refused before the loop. */
static bool refused_at_once(struct checker *k, struct path *path)
{
	struct terms *tc = k->c.tc;
	term bad = bool_or(tc, term_eq(tc, k->insns, c64(k, 0)),
		bool_from_bv(tc, bv_and_c(tc, k->insns, sizeof(struct vouch_insn) - 1)));
	term status = term_ite(
		tc, bad, bv_const(tc, 32, VOUCH_BAD_PROGRAM), bv_const(tc, 32, VOUCH_BAD_SIZE));

	k->refused++;
	return path_holds(path, bool_or(tc, bad, bool_not(tc, usable_size(k))),
		       "a usable program is refused at once") &&
	       path_equal(path, status_of(path), status, "the status is wrong") &&
	       fault_is(k, path, status, term_ite(tc, bad, bv_const(tc, 32, 0), k->entry)) &&
	       path_returned(path);
}

/* It returns: the instruction is refused, or it was the last. */
static bool returned(struct checker *k, struct path *path)
{
	struct terms *tc = k->c.tc;
	unsigned slots = k->opcode == OPCODE_LDDW ? 2 : 1;
	term none = bool_not(tc, is_slot(k, bv_zext(tc, 64, k->slot.pc))); /* at the end */
	term accepted = bool_or(tc, none, accepted_opcode(&k->slot, k->opcode));
	term status = status_of(path);
	term next = bv_add_c(tc, bv_zext(tc, 64, k->slot.pc), slots);
	term last = bv_ule(tc, bv_zext(tc, 64, k->slot.count), next);
	term entry_ok = bool_from_bv(tc, opcode_at(k, bv_zext(tc, 64, k->entry), c64(k, 0)));
	term ok = term_eq(tc, status, bv_const(tc, 32, VOUCH_OK)), pc;

	pc = term_ite(
		tc, accepted, term_ite(tc, entry_ok, bv_const(tc, 32, 0), k->entry), k->slot.pc);
	k->accepted += !term_is_const(status) || term_is_value(status, VOUCH_OK);
	k->refused += !term_is_value(status, VOUCH_OK);
	return path_holds(path, bool_implies(tc, accepted, last),
		       "an instruction is refused that is to be accepted") &&
	       path_holds(path, bool_implies(tc, ok, bool_and(tc, accepted, entry_ok)),
		       "a program is accepted that is to be refused") &&
	       path_holds(path, bool_implies(tc, bool_and(tc, accepted, entry_ok), ok),
		       "a program is refused that is to be accepted") &&
	       path_holds(path,
		       bool_or(tc, ok,
			       bool_and(tc, bv_ule(tc, bv_const(tc, 32, VOUCH_BAD_OPCODE), status),
				       bv_ule(tc, status, bv_const(tc, 32, VOUCH_BAD_RELOCATION)))),
		       "the status is none of a checker") &&
	       fault_is(k, path, status, pc) && path_returned(path);
}

static bool came_to_head(struct checker *k, struct path *path)
{
	struct terms *tc = k->c.tc;
	unsigned slots = k->opcode == OPCODE_LDDW ? 2 : 1;
	term next = k->from_head ? bv_add_c(tc, bv_zext(tc, 64, k->slot.pc), slots) : c64(k, 0);

	k->rounds++;
	return (!k->from_head || path_holds(path,
					 bool_and(tc, is_slot(k, bv_zext(tc, 64, k->slot.pc)),
						 accepted_opcode(&k->slot, k->opcode)),
					 "an instruction is accepted that is to be refused")) &&
	       path_holds(path, guard(k, next), "it goes beyond the program's end") &&
	       loop_kept(path, &k->loop, next);
}

/* Is there a slot whenever the loop goes round? */
static void find_guard(struct checker *k, struct path *path)
{
	int way = path_decide(path, is_slot(k, bv_add_c(k->c.tc, loop_index(&k->c), 1)));

	if (way < 0)
		compiled_unknown(&k->c, "the solver can't tell what the loop tests");
	k->guarded = way == 1;
}

static bool path(struct exec *exec, enum exec_end end, void *user)
{
	struct checker *k = user;
	struct path path;
	bool ok;

	path_begin(&path, &k->c, exec);
	if (k->c.finding && machine_is_at(exec, k->loop.head))
		find_guard(k, &path);
	if (loop_path(exec, &k->c)) {
		path_end(&path);
		return true;
	}
	path_explain(&path, end);
	if (end == EXEC_STOPPED)
		path_stopped(&path);
	else if (!path_possible(&path))
		;
	else if (!compiled_returned(exec, &k->c))
		came_to_head(k, &path);
	else if (k->from_head)
		returned(k, &path);
	else
		refused_at_once(k, &path);
	ok = path.ok;
	path_end(&path);
	return ok;
}

/* Counterexamples that run */

static struct checker *checker_of(const struct path *path)
{
	return (struct checker *)path->c; /* its first member */
}

/* Small tables, which end with their page. */
static void wish_places(struct wishes *w, const struct checker *k)
{
	struct terms *tc = w->tc;
	term slots_end = bv_add(tc, k->insns, bv_shl_c(tc, bv_zext(tc, 64, k->slot.count), 3));
	term helpers_end =
		bv_add(tc, k->helpers, bv_mul(tc, k->nhelpers, bv_const(tc, 64, k->c.cv->word)));

	wish_at(w, k->program, w->at->vm + PAGE - (k->c.cv->word + 8));
	wish_below(w, k->slot.count, 64);
	wish_below(w, k->nhelpers, 64);
	wish_at(w, slots_end, w->at->insns + PAGE);
	wish_at(w, helpers_end, w->at->helpers + PAGE);
	wish_at(w, k->fault, w->at->result + PAGE - sizeof(struct vouch_fault));
}

/* The slot in question and the one after it have names of their own; in memory they are among the
 * others. */
static void wish_slot(struct wishes *w, struct checker *k, unsigned delta, term word)
{
	struct terms *tc = w->tc;
	term index = k->from_head ? bv_zext(tc, 64, k->slot.pc) : c64(k, 0);
	term at = bv_add_c(tc, index, delta),
	     among = mem_load(tc, k->slots, bv_shl_c(tc, at, 3), 8);

	wish(w, bool_implies(tc, is_slot(k, at), term_eq(tc, among, word)));
}

static void wish_program(struct wishes *w, struct path *path)
{
	struct checker *k = checker_of(path);
	const struct slot *s = &k->slot;
	const term field[] = {s->imm, s->off, s->src, s->dst, bv_const(w->tc, 8, k->opcode)};

	wish_slot(w, k, 0, bv_concat_n(w->tc, 5, field));
	wish_slot(w, k, 1, s->second);
	wishes_grant(w);
	wish_places(w, k);
}

static void write_places(const struct file *o, struct path *path)
{
	write_stop(o, path, checker_of(path)->loop.head);
}

static void want_status(
	const struct file *o, struct path *path, enum vouch_status status, uint64_t pc)
{
	uint64_t fault = value(o, checker_of(path)->fault);

	if (status == VOUCH_OK)
		fprintf(o->f, "want accepts the program\n");
	else
		fprintf(o->f, "want refuses slot %llu\n", (ull)pc);
	write_returned(o, path, status, 32, "the status");
	write_constants(o, path);
	if (!fault)
		return;
	write_number(o, "holds", fault, pc << 32 | status, 8, "the fault");
	write_number(o, "holds", fault + 8, 0, 8, "the fault");
	write_number(o, "holds", fault + 16, 0, 8, "the fault");
}

/* Which status it is is the checker's choice. */
static void want_refused(const struct file *o, struct path *path, uint64_t pc)
{
	for (unsigned s = VOUCH_BAD_OPCODE; s <= VOUCH_BAD_RELOCATION; s++)
		want_status(o, path, (enum vouch_status)s, pc);
}

static void want_round(const struct file *o, struct path *path, uint64_t pc)
{
	fprintf(o->f, "want looks at slot %llu next\n", (ull)pc);
	write_at_head(o, path, &checker_of(path)->loop, bv_const(o->tc, 64, pc));
	write_constants(o, path);
}

static void want_start(const struct file *o, struct path *path)
{
	struct checker *k = checker_of(path);
	uint64_t insns = value(o, k->insns), entry = value(o, k->entry);

	if (insns == 0 || insns % sizeof(struct vouch_insn) != 0)
		want_status(o, path, VOUCH_BAD_PROGRAM, 0);
	else if (!is_true(o, usable_size(k)))
		want_status(o, path, VOUCH_BAD_SIZE, entry);
	else
		want_round(o, path, 0);
}

/* After the last slot comes the test of the entry point, at once or at the head. */
static void want_ends(const struct file *o, struct path *path)
{
	struct checker *k = checker_of(path);
	uint64_t pc = value(o, k->slot.pc), count = value(o, k->slot.count);
	uint64_t entry = value(o, k->entry), next = pc + (k->opcode == OPCODE_LDDW ? 2 : 1);
	term entry_ok = bool_from_bv(o->tc, opcode_at(k, bv_const(o->tc, 64, entry), c64(k, 0)));

	if (!k->from_head) {
		want_start(o, path);
		return;
	}
	if (pc < count && !is_true(o, accepted_opcode(&k->slot, k->opcode))) {
		want_refused(o, path, pc);
		return;
	}
	if (pc < count && (k->guarded ? next < count : next <= count))
		want_round(o, path, next);
	if (next < count)
		return;
	if (is_true(o, entry_ok))
		want_status(o, path, VOUCH_OK, 0);
	else
		want_refused(o, path, entry);
}

static const struct compiled_witness witness = {
	.wish = wish_program, .before = write_places, .want = want_ends};

/* Obligations */

static void run(struct checker *k, const struct exec_client *client, uint8_t opcode, bool from_head)
{
	bool legal = false;
	/* Only these can be a program's last. */
	bool ends = from_head &&
	            (opcode == OPCODE_JA || opcode == OPCODE_JA32 || opcode == OPCODE_EXIT);

	k->opcode = opcode;
	k->from_head = from_head;
	k->rounds = k->accepted = k->refused = 0;
	for (unsigned i = 0; i < OPCODES; i++)
		legal = legal || opcodes[i].opcode == opcode;
	compiled_run(&k->c, client, 1000);
	if (k->c.report->verdict == VERDICT_PROVED &&
		(k->refused == 0 || (legal && k->rounds == 0) || (ends && k->accepted == 0)))
		compiled_refuted(&k->c, "it never accepts, or never refuses");
}

static void prove_checker(struct checker *k, unsigned which)
{
	const struct exec_client client = {.user = k, .setup = setup, .at = at, .path = path};
	bool legal[256] = {false};

	checker_init(k);
	if (!loop_find(&k->c, &k->loop, &client))
		return;
	if (which == ENTRY)
		run(k, &client, PLAIN_OPCODE, false);
	if (which < OPCODES)
		run(k, &client, opcodes[which].opcode, true);
	for (unsigned i = 0; i < OPCODES; i++)
		legal[opcodes[i].opcode] = true;
	for (unsigned i = 0; which == ILLEGAL && i < 256; i++)
		if (!legal[i] && k->c.report->verdict == VERDICT_PROVED)
			run(k, &client, (uint8_t)i, true);
}

static void prove(
	const struct obligation *o, const struct prove_options *options, struct report *report)
{
	struct checker k = {0};

	*report = (struct report){.verdict = VERDICT_PROVED};
	if (compiled_init(&k.c, options, report, variants[o->variant].function)) {
		k.c.witness = &witness;
		prove_checker(&k, o->which);
	}
	compiled_free(&k.c);
}

static bool at_index(const struct theorem *theorem, size_t index, struct obligation *o)
{
	size_t v = index / OBLIGATIONS;

	if (v >= sizeof(variants) / sizeof(variants[0]))
		return false;
	*o = (struct obligation){.group = "checker",
		.target = variants[v].target,
		.theorem = theorem,
		.which = (unsigned)(index % OBLIGATIONS),
		.function = variants[v].function,
		.variant = (unsigned)v};
	snprintf(o->name, sizeof(o->name), "%s/%s", o->target,
		o->which == ENTRY     ? "entry"
		: o->which == ILLEGAL ? "illegal"
				      : opcodes[o->which].name);
	return true;
}

const struct theorem theorem_check = {"check", at_index, prove};
