/* SPDX-License-Identifier: MIT */
/*
 * The disassembler: fills an instruction's fields into its template of opcodes.def. What could not
 * be assembled back to the same slot is shown as data.
 */
#include "lex.h"
#include "syntax.h"
#include "text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sink {
	char *text;
	size_t used, size;
};

__attribute__((format(printf, 2, 3))) static void put(struct sink *sink, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(sink->text + sink->used, sink->size - sink->used, format, args);
	va_end(args);
	if (n > 0)
		sink->used += (size_t)n < sink->size - sink->used ? (size_t)n
		                                                  : sink->size - sink->used - 1;
}

/* Every field that the instruction does not use is zero, and registers exist. */
static bool is_canonical(
	const struct vouch_insn *insns, uint32_t count, uint32_t pc, enum vouch_op op)
{
	const struct vouch_insn *insn = &insns[pc];
	const struct vouch_op_info *info = &vouch_ops[op];
	bool wide = vouch_is_wide(insn);

	if (vouch_dst(insn) > (info->dst == REG_NONE ? 0 : 10))
		return false;
	if (info->select != SELECT_SRC && vouch_src(insn) > (info->src == REG_NONE ? 0 : 10))
		return false;
	if ((info->off == OFF_ZERO && insn->off != 0) || (info->imm == IMM_ZERO && insn->imm != 0))
		return false;
	if (!wide)
		return true;
	return pc + 1 < count && insn[1].opcode == 0 && insn[1].regs == 0 && insn[1].off == 0;
}

static void put_target(
	struct sink *sink, uint32_t pc, int32_t delta, disasm_label label, void *user)
{
	const char *name = label ? label(user, pc + 1 + (uint32_t)delta) : NULL;

	if (name)
		put(sink, "%.63s", name);
	else
		put(sink, "%+" PRId32, delta);
}

static uint64_t wide_imm(const struct vouch_insn *insn)
{
	return (uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)insn->imm;
}

bool disasm_insn(const struct vouch_insn *insns, uint32_t count, uint32_t pc, disasm_label label,
	void *user, char text[DISASM_MAX])
{
	const struct vouch_insn *insn = &insns[pc];
	struct sink sink = {text, 0, DISASM_MAX};
	enum vouch_op op = vouch_decode(insn);
	uint64_t slot;

	if (op == OP_INVALID || !is_canonical(insns, count, pc, op)) {
		memcpy(&slot, insn, sizeof(slot));
		put(&sink, ".8byte 0x%016" PRIx64, slot);
		return false;
	}
	for (const char *p = vouch_syntax[op]; *p; p++) {
		if (*p != '%') {
			put(&sink, "%c", *p);
			continue;
		}
		switch (*++p) {
		case 'd':
			put(&sink, "r%u", vouch_dst(insn));
			break;
		case 's':
			put(&sink, "r%u", vouch_src(insn));
			break;
		case 'D':
			put(&sink, "w%u", vouch_dst(insn));
			break;
		case 'S':
			put(&sink, "w%u", vouch_src(insn));
			break;
		case 'o':
			put(&sink, "%c %d", insn->off < 0 ? '-' : '+', abs(insn->off));
			break;
		case 'i':
			put(&sink, "%" PRId32, insn->imm);
			break;
		case 'h':
			put(&sink, "%" PRIu32, (uint32_t)insn->imm);
			break;
		case 'l':
			put(&sink, "%" PRId64, (int64_t)wide_imm(insn));
			break;
		case 'm':
			put(&sink, "object %" PRIu32 " + %" PRIu32, (uint32_t)insn->imm,
				(uint32_t)insn[1].imm);
			break;
		case 'j':
			put_target(&sink, pc, insn->off, label, user);
			break;
		case 'J':
		case 'f':
			put_target(&sink, pc, insn->imm, label, user);
			break;
		default: /* %% */
			put(&sink, "%c", *p);
			break;
		}
	}
	return true;
}

/* Which pcs get a label, and what the entry's is. */
struct labels {
	const struct vouch_insn *insns;
	uint32_t count, entry;
	const char *name;
	uint8_t *is_target;
	char text[24];
};

static const char *label_at(void *user, uint32_t pc)
{
	struct labels *labels = user;

	if (pc >= labels->count || !labels->is_target[pc])
		return NULL;
	if (pc == labels->entry && labels->name)
		return labels->name;
	snprintf(labels->text, sizeof(labels->text), ".L%" PRIu32, pc);
	return labels->text;
}

/* Slots that start an instruction; the second half of a 64-bit immediate does not. */
static uint32_t slots(const struct vouch_insn *insns, uint32_t count, uint32_t pc)
{
	enum vouch_op op = vouch_decode(&insns[pc]);

	return op != OP_INVALID && vouch_is_wide(&insns[pc]) && is_canonical(insns, count, pc, op)
	               ? 2
	               : 1;
}

static void mark_targets(struct labels *labels)
{
	const struct vouch_insn *insns = labels->insns;
	uint8_t *is_start = calloc(labels->count + 1u, 1);

	if (!is_start)
		return; /* without labels, jumps are numeric: still the same bytes */
	for (uint32_t pc = 0; pc < labels->count; pc += slots(insns, labels->count, pc))
		is_start[pc] = 1;
	for (uint32_t pc = 0; pc < labels->count; pc += slots(insns, labels->count, pc)) {
		enum vouch_op op = vouch_decode(&insns[pc]);
		const struct vouch_op_info *info = &vouch_ops[op];
		int64_t target;

		if (op == OP_INVALID || !is_canonical(insns, labels->count, pc, op))
			continue;
		if (info->off != OFF_JUMP && info->imm != IMM_JUMP)
			continue;
		target = (int64_t)pc + 1 + (info->off == OFF_JUMP ? insns[pc].off : insns[pc].imm);
		if (target >= 0 && target < labels->count && is_start[target])
			labels->is_target[target] = 1;
	}
	if (labels->name && is_start[labels->entry])
		labels->is_target[labels->entry] = 1;
	free(is_start);
}

static void print_program(FILE *out, struct labels *labels)
{
	char text[DISASM_MAX];

	if (labels->name)
		fprintf(out, "\t.globl\t%.63s\n", labels->name);
	for (uint32_t pc = 0; pc < labels->count; pc += slots(labels->insns, labels->count, pc)) {
		const char *label = label_at(labels, pc);

		if (label)
			fprintf(out, "%.63s:\n", label);
		disasm_insn(labels->insns, labels->count, pc, label_at, labels, text);
		fprintf(out, "\t%s\n", text);
	}
}

/* A name that the assembler reads back as one, and that is none of the labels made up here. */
static bool is_usable(const char *name)
{
	return name && name[0] && name[0] != '.' && word_length(name) == strlen(name);
}

char *disasm_program(
	const struct vouch_insn *insns, uint32_t count, uint32_t entry, const char *name)
{
	struct labels labels = {.insns = insns,
		.count = count,
		.entry = entry < count ? entry : 0,
		.name = is_usable(name) ? name : NULL,
		.is_target = calloc(count + 1u, 1)};
	char *text = NULL;
	size_t size;
	FILE *out = labels.is_target ? open_memstream(&text, &size) : NULL;

	if (out) {
		if (count > 0)
			mark_targets(&labels);
		print_program(out, &labels);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	free(labels.is_target);
	return text;
}
