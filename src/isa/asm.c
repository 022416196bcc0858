/* SPDX-License-Identifier: MIT */
/*
 * The assembler. A statement is cut into tokens and compared with each template of opcodes.def,
 * itself cut the same way; the template that matches to its end is the instruction. When none does,
 * the one that got furthest says what was expected. Labels are looked up after the last line.
 */
#include "lex.h"
#include "syntax.h"
#include "text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A place in the text, for messages. */
struct place {
	const char *line;
	uint32_t number, column;
};

/* A name to be resolved when all labels are known. */
struct fixup {
	uint32_t pc;
	enum { FIX_OFF, FIX_IMM, FIX_CALL } kind;
	const char *name;
	size_t length;
	struct place place;
};

struct label {
	const char *name;
	size_t length;
	uint32_t pc;
	bool global;
	struct place place;
};

/* What the current section is for. */
enum section { SECTION_CODE, SECTION_DATA, SECTION_DEBUG };

struct assembler {
	const char *text, *end;
	struct place at;
	enum section section;
	struct vouch_insn *insns;
	struct fixup *fixups;
	struct label *labels, *globals;
	size_t count, nfixups, nlabels, nglobals;
	size_t insns_room, fixups_room, labels_room, globals_room;
	struct asm_error *error;
	bool failed;
};

static void fail_at(struct assembler *as, struct place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fail_at(struct assembler *as, struct place place, const char *format, ...)
{
	struct asm_error *error = as->error;
	va_list args;

	if (as->failed)
		return;
	as->failed = true;
	error->line = place.number;
	error->column = place.column;
	error->source = place.line;
	va_start(args, format);
	vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
}

static struct place place_of(const struct assembler *as, const char *where)
{
	struct place place = as->at;

	place.column = (uint32_t)(where - place.line) + 1;
	return place;
}

/* Room for one more element in a growing array. */
static bool grow(struct assembler *as, void *array, size_t count, size_t *room, size_t size)
{
	void **pointer = array, *bigger;
	size_t more = *room ? *room * 2 : 64;

	if (count < *room)
		return true;
	bigger = realloc(*pointer, more * size);
	if (!bigger) {
		fail_at(as, as->at, "out of memory");
		return false;
	}
	*pointer = bigger;
	*room = more;
	return true;
}

static struct vouch_insn *append_insn(struct assembler *as, struct vouch_insn insn)
{
	if (as->count >= VOUCH_INSNS_MAX) {
		fail_at(as, as->at, "more than %u instruction slots", VOUCH_INSNS_MAX);
		return NULL;
	}
	if (!grow(as, &as->insns, as->count, &as->insns_room, sizeof(insn)))
		return NULL;
	as->insns[as->count] = insn;
	return &as->insns[as->count++];
}

/* Matching a statement against a template. */

/* One attempt: the fields found so far, and how far it got. */
struct match {
	const struct token *tokens; /* of the statement, ends with TOKEN_END */
	bool explain; /* say what was expected: only worth its time once no template has matched */
	size_t next, furthest;
	uint8_t dst, src;
	bool has_dst, has_src;
	int16_t off;
	int32_t imm, high;
	const struct token *name; /* a label or function still to be resolved */
	char expected[160];
	bool is_literal; /* what was expected is a part of some template's own text */
};

static bool refuse(struct match *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(struct match *m, const char *format, ...)
{
	va_list args;

	if (!m->explain)
		return false;
	m->furthest = m->next;
	va_start(args, format);
	vsnprintf(m->expected, sizeof(m->expected), format, args);
	va_end(args);
	return false;
}

static bool take_punct(struct match *m, char c)
{
	if (m->tokens[m->next].kind != TOKEN_PUNCT || m->tokens[m->next].text[0] != c)
		return false;
	m->next++;
	return true;
}

/* A register, under its 64-bit or 32-bit name. A repeated operand must be the same. */
static bool match_register(struct match *m, const char *letters, uint8_t *field, bool *has)
{
	const struct token *token = &m->tokens[m->next];
	unsigned number = 0;

	if (token->kind != TOKEN_WORD || !strchr(letters, token->text[0]) || token->length < 2 ||
		token->length > 3)
		return refuse(m, "a register %c0 to %c10", letters[0], letters[0]);
	for (size_t i = 1; i < token->length; i++) {
		if (token->text[i] < '0' || token->text[i] > '9' ||
			(i > 1 && token->text[1] == '0'))
			return refuse(m, "a register %c0 to %c10", letters[0], letters[0]);
		number = number * 10 + (unsigned)(token->text[i] - '0');
	}
	if (number > 10)
		return refuse(m, "a register %c0 to %c10", letters[0], letters[0]);
	if (*has && *field != number)
		return refuse(m, "the same register as before, %c%u", letters[0], *field);
	*field = (uint8_t)number;
	*has = true;
	m->next++;
	return true;
}

/* A number with an optional sign, from min to max; numbers above INT64_MAX are given by their low
 * 64 bits. */
static bool match_number(struct match *m, int64_t min, uint64_t max, uint64_t *value)
{
	size_t start = m->next;
	bool negative = take_punct(m, '-');
	const struct token *token;

	if (!negative)
		take_punct(m, '+');
	token = &m->tokens[m->next];
	if (token->kind != TOKEN_NUMBER) {
		m->next = start;
		return refuse(m, "a number");
	}
	if (token->overflow ||
		(negative ? token->value > (uint64_t)0 - (uint64_t)min : token->value > max)) {
		m->next = start;
		return refuse(m, "a number from %" PRId64 " to %" PRIu64, min, max);
	}
	*value = negative ? 0 - token->value : token->value;
	m->next++;
	return true;
}

/* " + 8", " - 8", " + -8" */
static bool match_displacement(struct match *m)
{
	const struct token *sign = &m->tokens[m->next];
	uint64_t value;
	bool minus;

	if (sign->kind != TOKEN_PUNCT || (sign->text[0] != '+' && sign->text[0] != '-'))
		return refuse(m, "+ or - and an offset");
	minus = sign->text[0] == '-';
	m->next++;
	if (!match_number(m, minus ? -INT16_MAX : INT16_MIN, minus ? 0x8000 : INT16_MAX, &value))
		return false;
	m->off = (int16_t)(minus ? 0 - value : value);
	return true;
}

/* A signed number of slots, or a label. */
static bool match_jump(struct match *m, int64_t min, uint64_t max, int32_t *delta)
{
	const struct token *token = &m->tokens[m->next];
	uint64_t value;

	if (token->kind == TOKEN_WORD) {
		m->name = token;
		m->next++;
		return true;
	}
	if (token->kind == TOKEN_END)
		return refuse(m, "a label or a number of slots");
	if (!match_number(m, min, max, &value))
		return false;
	*delta = (int32_t)value;
	return true;
}

/* The id of a helper, unsigned; a name may be a helper's or a function's. */
static bool match_helper(struct match *m)
{
	const struct token *token = &m->tokens[m->next];

	if (token->kind == TOKEN_WORD) {
		m->name = token;
		m->next++;
		return true;
	}
	if (token->kind != TOKEN_NUMBER || token->overflow || token->value > UINT32_MAX)
		return refuse(
			m, "a helper's id, a function's name, or + or - and a number of slots");
	m->imm = (int32_t)token->value;
	m->next++;
	return true;
}

static bool match_wide(struct match *m)
{
	uint64_t value;

	if (m->tokens[m->next].kind == TOKEN_WORD)
		return refuse(m, "the address of a symbol (only in an ELF object: clang -c)");
	if (!match_number(m, INT64_MIN, UINT64_MAX, &value))
		return false;
	m->imm = (int32_t)(uint32_t)value;
	m->high = (int32_t)(uint32_t)(value >> 32);
	return true;
}

/* "object N + M" */
static bool match_object(struct match *m)
{
	const struct token *token = &m->tokens[m->next];
	uint64_t object, offset;

	if (!token_is(token, "object"))
		return refuse(m, "object");
	m->next++;
	if (!match_number(m, 0, UINT32_MAX, &object))
		return false;
	if (!take_punct(m, '+'))
		return refuse(m, "+ and an offset");
	if (!match_number(m, 0, UINT32_MAX, &offset))
		return false;
	m->imm = (int32_t)(uint32_t)object;
	m->high = (int32_t)(uint32_t)offset;
	return true;
}

enum { ATOMIC_FETCH = 0x01 }; /* in the immediate: the register is written too */

/* 64-bit operations sign-extend their immediate, so a value above INT32_MAX would change its
 * meaning. */
static uint64_t max_imm(const struct vouch_op_info *info)
{
	unsigned cls = info->opcode & 7;
	bool is_64_bit = cls == CLASS_ALU64 || cls == CLASS_JMP ||
	                 (cls == CLASS_ST && (info->opcode & 0x18) == 0x18);

	return is_64_bit ? INT32_MAX : UINT32_MAX;
}

/*
 * The names that a register operand may have. What a load reads or a store writes may have the
 * 32-bit name, and a 32-bit move may name its 64-bit destination, which it clears to the top: clang
 * -mcpu=v3 writes both. Before v3 there are only 64-bit names, in atomics too.
 */
static const char *letters_of(const struct vouch_op_info *info, char operand)
{
	unsigned cls = info->opcode & 7;
	bool is_value =
		(cls == CLASS_LDX && operand == 'd') || (cls == CLASS_STX && operand == 's');
	bool is_move =
		cls == CLASS_ALU && info->dst == REG_W && info->src == REG_R && info->value == 0;
	bool is_atomic =
		cls == CLASS_STX && info->imm == IMM_SEL && (info->value & ATOMIC_FETCH) == 0;

	if (operand == 'D')
		return is_move ? "wr" : "w";
	if (operand == 'S')
		return is_atomic ? "wr" : "w";
	return is_value && info->imm == IMM_ZERO && (info->opcode & 0x18) != 0x18 ? "rw" : "r";
}

static bool match_operand(struct match *m, const struct vouch_op_info *info, char operand)
{
	uint64_t value;

	switch (operand) {
	case 'd':
		return match_register(m, letters_of(info, 'd'), &m->dst, &m->has_dst);
	case 's':
		return match_register(m, letters_of(info, 's'), &m->src, &m->has_src);
	case 'D':
		return match_register(m, letters_of(info, 'D'), &m->dst, &m->has_dst);
	case 'S':
		return match_register(m, letters_of(info, 'S'), &m->src, &m->has_src);
	case 'o':
		return match_displacement(m);
	case 'i':
		if (!match_number(m, INT32_MIN, max_imm(info), &value))
			return false;
		m->imm = (int32_t)(uint32_t)value;
		return true;
	case 'j': {
		int32_t delta = 0;

		if (!match_jump(m, INT16_MIN, INT16_MAX, &delta))
			return false;
		m->off = (int16_t)delta;
		return true;
	}
	case 'J':
	case 'f':
		return match_jump(m, INT32_MIN, INT32_MAX, &m->imm);
	case 'h':
		return match_helper(m);
	case 'l':
		return match_wide(m);
	case 'm':
		return match_object(m);
	default: /* %% */
		return take_punct(m, operand) || refuse(m, "'%c'", operand);
	}
}

/* A word of the template, or one of its other characters. */
static bool match_literal(struct match *m, const char **template)
{
	const char *p = *template;
	size_t length = word_length(p);

	if (length > 0) {
		const struct token *token = &m->tokens[m->next];

		*template += length;
		m->is_literal = true;
		if (token->kind != TOKEN_WORD || token->length != length ||
			memcmp(token->text, p, length) != 0)
			return refuse(m, "'%.*s'", (int)length, p);
		m->next++;
		m->is_literal = false;
		return true;
	}
	++*template;
	m->is_literal = !take_punct(m, *p);
	return !m->is_literal || refuse(m, "'%c'", *p);
}

static bool match_template(struct match *m, enum vouch_op op)
{
	const char *p = vouch_syntax[op];

	while (*p) {
		if (*p == ' ') {
			p++;
		} else if (*p == '%') {
			if (!match_operand(m, &vouch_ops[op], p[1]))
				return false;
			p += 2;
		} else if (!match_literal(m, &p)) {
			return false;
		}
	}
	return m->tokens[m->next].kind == TOKEN_END || refuse(m, "the end of the statement");
}

static void add_fixup(struct assembler *as, enum vouch_op op, const struct token *name)
{
	struct fixup fix = {.pc = (uint32_t)as->count - 1,
		.kind = vouch_ops[op].off == OFF_JUMP         ? FIX_OFF
	                : vouch_ops[op].opcode == OPCODE_CALL ? FIX_CALL
	                                                      : FIX_IMM,
		.name = name->text,
		.length = name->length,
		.place = place_of(as, name->text)};

	if (grow(as, &as->fixups, as->nfixups, &as->fixups_room, sizeof(fix)))
		as->fixups[as->nfixups++] = fix;
}

static void emit(struct assembler *as, enum vouch_op op, const struct match *m)
{
	const struct vouch_op_info *info = &vouch_ops[op];
	struct vouch_insn insn = {.opcode = info->opcode, .off = m->off, .imm = m->imm};
	uint8_t src = m->src;

	if (info->select == SELECT_SRC)
		src = info->value;
	else if (info->select == SELECT_OFF)
		insn.off = info->value;
	else if (info->select == SELECT_IMM)
		insn.imm = info->value;
	insn.regs = VOUCH_REGS(m->dst, src);
	if (!append_insn(as, insn))
		return;
	if (m->name)
		add_fixup(as, op, m->name);
	if (info->opcode == OPCODE_LDDW)
		append_insn(as, (struct vouch_insn){.imm = m->high});
}

/*
 * Of two attempts, the one that got further says what was expected. Where several got as far,
 * operands say more than a template's own words: they are all named.
 */
static void keep_better(struct match *best, const struct match *m)
{
	size_t used = strlen(best->expected);

	if (m->furthest > best->furthest ||
		(m->furthest == best->furthest && best->is_literal && !m->is_literal))
		*best = *m;
	else if (m->furthest == best->furthest && m->furthest > 0 && !m->is_literal &&
		 !strstr(best->expected, m->expected))
		snprintf(best->expected + used, sizeof(best->expected) - used, " or %s",
			m->expected);
}

/* No template has matched: try them again, and say what was expected. */
static void explain(struct assembler *as, const struct token *tokens)
{
	struct match best = {.tokens = tokens,
		.expected = "an instruction, or a register r0 to r10 or w0 to w10,"};
	const struct token *where;

	for (unsigned op = 0; op < OP_COUNT; op++) {
		struct match m = {.tokens = tokens, .explain = true};

		match_template(&m, (enum vouch_op)op);
		keep_better(&best, &m);
	}
	where = &tokens[best.furthest];
	if (where->kind == TOKEN_END)
		fail_at(as, place_of(as, where->text), "the statement ends where %s was expected",
			best.expected);
	else
		fail_at(as, place_of(as, where->text), "'%.*s' where %s was expected",
			(int)(where->length > 40 ? 40 : where->length), where->text, best.expected);
}

static void assemble_insn(struct assembler *as, const struct token *tokens)
{
	for (unsigned op = 0; op < OP_COUNT; op++) {
		struct match m = {.tokens = tokens};

		if (match_template(&m, (enum vouch_op)op)) {
			emit(as, (enum vouch_op)op, &m);
			return;
		}
	}
	explain(as, tokens);
}

/* Directives */

static bool starts_with(const struct token *token, const char *prefix)
{
	return token->length >= strlen(prefix) && memcmp(token->text, prefix, strlen(prefix)) == 0;
}

/* Sections are told apart by their names, as a linker would: the rest is code. */
static enum section section_of(const struct token *name)
{
	static const char *const debug[] = {".debug", ".BTF", ".llvm", ".rel", ".symtab", ".strtab",
		".note", ".comment", ".eh_frame", ".addrsig"};
	static const char *const data[] = {
		".rodata", ".data", ".bss", ".maps", "maps", "license", ".ksyms", ".kconfig"};

	for (size_t i = 0; i < sizeof(debug) / sizeof(debug[0]); i++)
		if (starts_with(name, debug[i]))
			return SECTION_DEBUG;
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		if (starts_with(name, data[i]))
			return SECTION_DATA;
	return SECTION_CODE;
}

static void add_global(struct assembler *as, const struct token *name)
{
	struct label global = {.name = name->text, .length = name->length};

	if (grow(as, &as->globals, as->nglobals, &as->globals_room, sizeof(global)))
		as->globals[as->nglobals++] = global;
}

/* .8byte N: a slot as a number in the host's byte order */
static void assemble_raw(struct assembler *as, const struct token *tokens)
{
	struct match m = {.tokens = tokens, .next = 1};
	struct vouch_insn insn;
	uint64_t value;

	if (!match_number(&m, INT64_MIN, UINT64_MAX, &value) || tokens[m.next].kind != TOKEN_END) {
		fail_at(as, place_of(as, tokens[m.next].text), "one 64-bit number was expected");
		return;
	}
	memcpy(&insn, &value, sizeof(insn));
	append_insn(as, insn);
}

static void assemble_directive(struct assembler *as, const struct token *tokens)
{
	static const char *const ignored[] = {".p2align", ".align", ".balign", ".type", ".size",
		".file", ".ident", ".addrsig", ".addrsig_sym", ".loc", ".local", ".hidden", ".weak",
		".set"};
	const struct token *name = &tokens[0];

	if (token_is(name, ".text")) {
		as->section = SECTION_CODE;
	} else if (token_is(name, ".section")) {
		as->section = section_of(&tokens[1]);
	} else if (token_is(name, ".data") || token_is(name, ".bss")) {
		as->section = SECTION_DATA;
	} else if (as->section == SECTION_DEBUG || starts_with(name, ".cfi_")) {
		return;
	} else if (token_is(name, ".globl") || token_is(name, ".global")) {
		for (const struct token *t = &tokens[1]; t->kind != TOKEN_END; t++)
			if (t->kind == TOKEN_WORD)
				add_global(as, t);
	} else if (as->section == SECTION_CODE &&
		   (token_is(name, ".8byte") || token_is(name, ".quad"))) {
		assemble_raw(as, tokens);
	} else {
		for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
			if (token_is(name, ignored[i]))
				return;
		if (as->section == SECTION_DATA || token_is(name, ".comm") ||
			token_is(name, ".lcomm"))
			fail_at(as, place_of(as, name->text),
				"data in a section of assembly text: compile to an ELF object "
				"instead (clang -c)");
		else
			fail_at(as, place_of(as, name->text), "unknown directive '%.*s'",
				(int)(name->length > 40 ? 40 : name->length), name->text);
	}
}

static void add_label(struct assembler *as, const char *name, size_t length)
{
	struct label label = {.name = name,
		.length = length,
		.pc = (uint32_t)as->count,
		.place = place_of(as, name)};

	if (as->section != SECTION_CODE)
		return;
	if (grow(as, &as->labels, as->nlabels, &as->labels_room, sizeof(label)))
		as->labels[as->nlabels++] = label;
}

static void assemble_statement(struct assembler *as, const char *start, const char *end)
{
	struct token tokens[TOKENS_MAX];
	const char *bad;

	if (!lex_statement(start, end, tokens, &bad)) {
		if (as->section != SECTION_DEBUG)
			fail_at(as, place_of(as, bad),
				isalnum((unsigned char)*bad)
					? "a number runs into a letter: a blank is missing"
					: "this is not BPF assembly");
		return;
	}
	if (tokens[0].kind == TOKEN_END)
		return;
	if (tokens[0].kind == TOKEN_WORD && tokens[0].text[0] == '.')
		assemble_directive(as, tokens);
	else if (as->section == SECTION_CODE)
		assemble_insn(as, tokens);
	else if (as->section == SECTION_DATA)
		fail_at(as, place_of(as, start), "instruction in a data section");
}

/* A slot of a little-endian listing. */
static struct vouch_insn listed_slot(const uint8_t *b)
{
	uint32_t imm = (uint32_t)b[7] << 24 | (uint32_t)b[6] << 16 | (uint32_t)b[5] << 8 | b[4];

	return (struct vouch_insn){.opcode = b[0],
		.regs = VOUCH_REGS(b[1] & 15, b[1] >> 4),
		.off = (int16_t)(uint16_t)(b[3] << 8 | b[2]),
		.imm = (int32_t)imm};
}

/*
 * The slots that a line of a listing gave, from `first` on, against the bytes that it shows.
 * llvm-objdump writes calls of helpers and of functions alike: there the bytes decide. Any other
 * difference is a mistake that must not pass: someone changed the text, or that llvm-objdump does
 * not know the instruction and shows another.
 */
static void check_listing(
	struct assembler *as, const struct lex_bytes *bytes, size_t first, const char *text)
{
	bool same = as->count - first == bytes->count / sizeof(struct vouch_insn);

	for (size_t i = first; same && i < as->count; i++) {
		struct vouch_insn *insn = &as->insns[i];
		struct vouch_insn listed = listed_slot(&bytes->bytes[(i - first) * sizeof(listed)]);

		if (insn->opcode == OPCODE_CALL && vouch_src(&listed) <= 1)
			insn->regs = VOUCH_REGS(vouch_dst(insn), vouch_src(&listed));
		same = memcmp(insn, &listed, sizeof(listed)) == 0;
	}
	if (!same)
		fail_at(as, place_of(as, text),
			"the bytes of the listing are not those of this text: correct one of them");
}

static void append_listing(struct assembler *as, const struct lex_bytes *bytes)
{
	for (size_t i = 0; i < bytes->count; i += sizeof(struct vouch_insn))
		append_insn(as, listed_slot(&bytes->bytes[i]));
}

static void assemble_statements(struct assembler *as, const char *start, const char *end)
{
	while (start < end && !as->failed) {
		const char *stop = lex_statement_end(start, end);

		assemble_statement(as, start, stop);
		start = stop + (stop < end);
	}
}

/* One line without its comments: labels, then statements parted by semicolons. */
static void assemble_line(struct assembler *as, const char *start, const char *end)
{
	struct lex_bytes bytes;
	struct lex_label label;
	size_t first = as->count;

	lex_listing(&start, end, &bytes);
	if (bytes.count > 0 && lex_is_unknown(start, end)) {
		append_listing(as, &bytes);
		return;
	}
	while (lex_label(&start, end, &label))
		add_label(as, label.name, label.length);
	assemble_statements(as, start, end);
	if (bytes.count > 0 && !as->failed)
		check_listing(as, &bytes, first, start);
}

/* Names */

static int compare_names(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	size_t shorter = x->length < y->length ? x->length : y->length;
	int order = memcmp(x->name, y->name, shorter);

	return order ? order : (x->length > y->length) - (x->length < y->length);
}

static int compare_pcs(const void *a, const void *b)
{
	const struct label *x = a, *y = b;

	return (x->pc > y->pc) - (x->pc < y->pc);
}

static struct label *find_label(const struct assembler *as, const char *name, size_t length)
{
	struct label key = {.name = name, .length = length};

	return as->nlabels ? bsearch(&key, as->labels, as->nlabels, sizeof(key), compare_names)
	                   : NULL;
}

static void sort_labels(struct assembler *as)
{
	if (as->nlabels)
		qsort(as->labels, as->nlabels, sizeof(*as->labels), compare_names);
	for (size_t i = 1; i < as->nlabels && !as->failed; i++) {
		struct label *a = &as->labels[i - 1], *b = &as->labels[i];
		bool swapped = a->place.number > b->place.number;
		struct label *first = swapped ? b : a, *second = swapped ? a : b;

		if (compare_names(a, b) == 0)
			fail_at(as, second->place,
				"label '%.*s' is defined twice, first in line %" PRIu32,
				(int)(b->length > 60 ? 60 : b->length), b->name,
				first->place.number);
	}
	for (size_t i = 0; i < as->nglobals; i++) {
		struct label *label = find_label(as, as->globals[i].name, as->globals[i].length);

		if (label)
			label->global = true;
	}
}

/* A call of a name that no label has: the host's, if it knows it. */
static void bind_helper(
	struct assembler *as, const struct fixup *fix, asm_helper_id helper, void *user)
{
	int shown = (int)(fix->length > 60 ? 60 : fix->length);
	char name[256];
	uint32_t id;

	if (fix->kind == FIX_CALL && helper && fix->length < sizeof(name)) {
		memcpy(name, fix->name, fix->length);
		name[fix->length] = '\0';
		if (helper(user, name, &id)) {
			as->insns[fix->pc].imm = (int32_t)id;
			return;
		}
	}
	fail_at(as, fix->place,
		fix->kind == FIX_CALL ? "'%.*s' is neither a label nor the name of a helper"
				      : "label '%.*s' is not defined",
		shown, fix->name);
}

static void resolve(struct assembler *as, const struct fixup *fix, asm_helper_id helper, void *user)
{
	const struct label *label = find_label(as, fix->name, fix->length);
	struct vouch_insn *insn = &as->insns[fix->pc];
	int64_t delta;

	if (!label) {
		bind_helper(as, fix, helper, user);
		return;
	}
	delta = (int64_t)label->pc - fix->pc - 1;
	if (fix->kind == FIX_OFF) {
		if (delta < INT16_MIN || delta > INT16_MAX)
			fail_at(as, fix->place,
				"'%.*s' is %" PRId64
				" slots away, a jump reaches %d to %d: use gotol",
				(int)(fix->length > 60 ? 60 : fix->length), fix->name, delta,
				INT16_MIN, INT16_MAX);
		insn->off = (int16_t)delta;
		return;
	}
	insn->imm = (int32_t)delta;
	if (fix->kind == FIX_CALL)
		insn->regs = VOUCH_REGS(0, 1);
}

/* The labels become the caller's, with their names in memory of their own. */
static bool give_symbols(struct assembler *as, struct asm_result *result)
{
	size_t bytes = 1;
	char *name;

	for (size_t i = 0; i < as->nlabels; i++)
		bytes += as->labels[i].length + 1;
	result->names = name = malloc(bytes);
	result->symbols = calloc(as->nlabels + 1, sizeof(*result->symbols));
	if (!name || !result->symbols)
		return false;
	if (as->nlabels)
		qsort(as->labels, as->nlabels, sizeof(*as->labels), compare_pcs);
	for (size_t i = 0; i < as->nlabels; i++) {
		const struct label *label = &as->labels[i];

		memcpy(name, label->name, label->length);
		name[label->length] = '\0';
		result->symbols[i] = (struct asm_symbol){name, label->pc, label->global};
		name += label->length + 1;
	}
	result->nsymbols = as->nlabels;
	return true;
}

bool asm_text(const char *text, size_t size, asm_helper_id helper, void *user,
	struct asm_result *result, struct asm_error *error)
{
	struct assembler as = {
		.text = text, .end = text + size, .at = {text, 1, 1}, .error = error};
	const char *p = text;
	char *clean;

	*result = (struct asm_result){0};
	*error = (struct asm_error){.source = text};
	clean = lex_without_comments(text, size);
	if (!clean)
		fail_at(&as, as.at, "out of memory");
	/* Positions are those of the caller's text: the clean copy has every character where it
	 * was. */
	for (uint32_t line = 1; !as.failed && p < as.end; line++) {
		const char *newline = memchr(p, '\n', (size_t)(as.end - p));
		const char *end = newline ? newline : as.end;
		const char *start = clean + (p - text);

		as.at = (struct place){start, line, 1};
		assemble_line(&as, start, clean + (end - text));
		p = newline ? newline + 1 : as.end;
	}
	if (!as.failed)
		sort_labels(&as);
	for (size_t i = 0; i < as.nfixups && !as.failed; i++)
		resolve(&as, &as.fixups[i], helper, user);
	if (!as.failed && !give_symbols(&as, result))
		fail_at(&as, as.at, "out of memory");
	result->insns = as.insns;
	result->count = (uint32_t)as.count;
	if (as.failed) {
		asm_free(result);
		if (clean && error->source != text)
			error->source = text + (error->source - clean);
		error->length = line_length(error->source, text + size);
	}
	free(clean);
	free(as.fixups);
	free(as.labels);
	free(as.globals);
	return !as.failed;
}

void asm_free(struct asm_result *result)
{
	free(result->insns);
	free(result->symbols);
	free(result->names);
	*result = (struct asm_result){0};
}
