/* SPDX-License-Identifier: MIT */
/*
 * Linking: the entry's function and all that it calls, function after function, with every
 * relocation resolved. Addresses stay out of the text: data is named by object and offset (data.c),
 * maps by their handles, helpers by their ids.
 */
#include "isa/isa.h"
#include "link.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* 64-bit immediates */

static bool link_map(struct linker *linker, const struct reloc *reloc, struct vouch_insn *insn)
{
	size_t map = map_at(linker->object, symbol_of(linker, reloc)->value + (uint32_t)insn->imm);

	if (map == linker->object->nmaps)
		return refuse_reloc(linker, reloc, "not a map with type information");
	insn->regs = VOUCH_REGS(vouch_dst(insn), 0);
	insn->imm = (int32_t)map + 1;
	insn[1].imm = 0;
	return true;
}

static bool link_wide(struct linker *linker, const struct reloc *reloc, uint32_t pc)
{
	const struct symbol *symbol = symbol_of(linker, reloc);
	const struct section *section = &linker->object->sections[symbol->section];

	if (reloc->type != R_BPF_64_64)
		return refuse_reloc(
			linker, reloc, "a relocation that a 64-bit immediate cannot have");
	if (symbol->section == 0)
		return refuse_reloc(linker, reloc, "it is not defined here");
	if (is_code(section))
		return refuse_reloc(
			linker, reloc, "the address of a function; BPF programs can only call it");
	if (strcmp(section->name, ".maps") == 0)
		return link_map(linker, reloc, &linker->object->insns[pc]);
	if (!(section->header.sh_flags & SHF_ALLOC))
		return refuse_reloc(linker, reloc, "in a section that is not loaded");
	return refer_to_data(linker, reloc, pc);
}

/* Functions */

static bool place_function(struct linker *linker, size_t function)
{
	struct object *object = linker->object;
	struct range *range = &object->ranges[function];
	uint64_t slots = range->size / 8;

	if (range->pc != NOT_PLACED)
		return true;
	if (slots + object->image.program.count > VOUCH_INSNS_MAX)
		return object_refuse(linker->error, "more than %u instructions", VOUCH_INSNS_MAX);
	range->pc = object->image.program.count;
	object->image.program.count += (uint32_t)slots;
	object->order[object->nplaced++] = function;
	return true;
}

/* Point a call at the function that starts at a byte of a section. */
static bool link_local_call(
	struct linker *linker, struct vouch_insn *insn, uint32_t pc, size_t section, int64_t offset)
{
	struct object *object = linker->object;
	size_t function =
		offset < 0 ? object->nfunctions : function_at(object, section, (uint64_t)offset);

	if (function == object->nfunctions || object->ranges[function].start != (uint64_t)offset)
		return object_refuse(linker->error,
			"pc %" PRIu32 ": call of byte 0x%" PRIx64
			" in section '%s', where no function starts",
			pc, (uint64_t)offset, section_name(object, section));
	if (!place_function(linker, function))
		return false;
	insn->regs = VOUCH_REGS(0, 1);
	insn->imm = (int32_t)(object->ranges[function].pc - pc - 1);
	return true;
}

static bool link_call(
	struct linker *linker, const struct reloc *reloc, struct vouch_insn *insn, uint32_t pc)
{
	const struct symbol *symbol = symbol_of(linker, reloc);
	uint32_t id;

	if (reloc->type != R_BPF_64_32)
		return refuse_reloc(linker, reloc, "a relocation that a call cannot have");
	if (symbol->section != 0 && symbol->type == STT_SECTION)
		return link_local_call(
			linker, insn, pc, symbol->section, ((int64_t)insn->imm + 1) * 8);
	if (symbol->section != 0)
		return link_local_call(linker, insn, pc, symbol->section, (int64_t)symbol->value);
	if (!linker->helper || !linker->helper(linker->user, symbol->name, &id))
		return refuse_reloc(linker, reloc,
			"neither a function of the program nor the name of a helper");
	insn->regs = VOUCH_REGS(0, 0);
	insn->imm = (int32_t)id;
	return true;
}

/* A jump has to stay in its function: functions are moved. */
static bool check_jump(
	struct linker *linker, const struct vouch_insn *insn, uint32_t index, size_t function)
{
	const struct vouch_op_info *info = &vouch_ops[vouch_decode(insn)];
	int64_t slots = (int64_t)(linker->object->ranges[function].size / 8), target;

	if (info->off != OFF_JUMP && (info->imm != IMM_JUMP || insn->opcode == OPCODE_CALL))
		return true;
	target = (int64_t)index + 1 + (info->off == OFF_JUMP ? insn->off : insn->imm);
	if (target >= 0 && target < slots)
		return true;
	return object_refuse(linker->error,
		"function '%s', instruction %" PRIu32 ": jump out of the function",
		linker->object->functions[function].name, index);
}

/* clang up to 18 has the register of callx in imm; the standard has it in dst. */
static void normalise_callx(struct vouch_insn *insn)
{
	if (insn->opcode == OPCODE_CALLX && vouch_dst(insn) == 0 && insn->imm > 0 &&
		insn->imm <= 10) {
		insn->regs = VOUCH_REGS((unsigned)insn->imm, 0);
		insn->imm = 0;
	}
}

static bool link_insn(struct linker *linker, size_t function, uint32_t index,
	struct vouch_insn *insn, const struct reloc *reloc)
{
	const struct range *range = &linker->object->ranges[function];
	uint32_t pc = (uint32_t)range->pc + index;

	if (reloc && vouch_is_wide(insn))
		return link_wide(linker, reloc, pc);
	if (reloc && insn->opcode == OPCODE_CALL)
		return link_call(linker, reloc, insn, pc);
	if (reloc)
		return refuse_reloc(linker, reloc, "not from a call or a 64-bit immediate");
	if (insn->opcode == OPCODE_CALL && vouch_src(insn) == 1)
		return link_local_call(linker, insn, pc, range->section,
			(int64_t)range->start + ((int64_t)index + 1 + insn->imm) * 8);
	normalise_callx(insn);
	return vouch_decode(insn) == OP_INVALID || check_jump(linker, insn, index, function);
}

/* Copy a function to its place. */
static bool copy_function(struct linker *linker, size_t function)
{
	struct object *object = linker->object;
	const struct range *range = &object->ranges[function];
	size_t end = (size_t)range->pc + range->size / 8;

	while (end > linker->insns_room) {
		struct vouch_insn *insns = object_grown(
			object->insns, linker->insns_room, &linker->insns_room, sizeof(*insns));

		if (!insns)
			return object_refuse(linker->error, "out of memory");
		object->insns = insns;
	}
	memcpy(object->insns + range->pc, object->sections[range->section].bytes + range->start,
		range->size);
	return true;
}

/* Functions are moved, so none may run on into what follows it in the file. */
static bool check_end(struct linker *linker, size_t function)
{
	const struct range *range = &linker->object->ranges[function];
	uint8_t last = linker->object->insns[(size_t)range->pc + range->size / 8 - 1].opcode;

	return last == OPCODE_EXIT || last == OPCODE_JA || last == OPCODE_JA32 ||
	       object_refuse(linker->error, "function '%s' can run off its end",
		       linker->object->functions[function].name);
}

/* Resolve what a function refers to; that may place more functions. */
static bool link_function(struct linker *linker, size_t function)
{
	struct object *object = linker->object;
	const struct range *range = &object->ranges[function];
	const char *name = object->functions[function].name;
	uint32_t slots = (uint32_t)(range->size / 8);
	size_t nrelocs;
	const struct reloc *reloc = relocs_in(
		linker, range->section, range->start, range->start + range->size, &nrelocs);

	if (!copy_function(linker, function))
		return false;
	for (uint32_t i = 0; i < slots; i++) {
		struct vouch_insn *insn = &object->insns[(size_t)range->pc + i];
		bool here = nrelocs > 0 && reloc->offset == range->start + (uint64_t)i * 8;
		bool wide = vouch_is_wide(insn);

		if (wide && i + 1 == slots)
			return object_refuse(linker->error,
				"function '%s' ends inside a 64-bit immediate", name);
		if (!link_insn(linker, function, i, insn, here ? reloc : NULL))
			return false;
		if (here) {
			reloc++;
			nrelocs--;
		}
		i += wide;
	}
	if (nrelocs > 0)
		return refuse_reloc(linker, reloc, "not at an instruction of its own");
	return check_end(linker, function);
}

/* Entry */

static void list_candidates(const struct object *object, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < object->nfunctions && used + 1 < size; i++) {
		const char *name = object->functions[i].name;
		size_t length = strlen(name) < 40 ? strlen(name) : 40;

		if (!object->functions[i].global || used + length + 3 > size)
			continue;
		if (used)
			text[used++] = ' ';
		memcpy(text + used, name, length);
		used += length;
		text[used] = '\0';
	}
}

static bool named_entry(const struct object *object, const char *entry, size_t *function,
	struct object_error *error)
{
	char candidates[160];

	for (size_t i = 0; i < object->nfunctions; i++)
		if (strcmp(object->functions[i].name, entry) == 0) {
			*function = i;
			return true;
		}
	*function = object->nfunctions;
	for (size_t i = 0; i < object->nfunctions; i++)
		if (strcmp(object->functions[i].section, entry) == 0 &&
			(*function == object->nfunctions ||
				object->ranges[i].start < object->ranges[*function].start))
			*function = i;
	if (*function < object->nfunctions)
		return true;
	list_candidates(object, candidates, sizeof(candidates));
	return object_refuse(
		error, "no function or section '%s'; global functions: %s", entry, candidates);
}

static bool only_entry(const struct object *object, size_t *function, struct object_error *error)
{
	size_t globals = 0;
	char candidates[160];

	for (size_t i = 0; i < object->nfunctions; i++)
		if (object->functions[i].global) {
			*function = i;
			globals++;
		}
	if (globals == 1)
		return true;
	*function = 0;
	if (object->nfunctions == 1)
		return true;
	list_candidates(object, candidates, sizeof(candidates));
	return object_refuse(
		error, "more than one function could be the entry, choose one: %s", candidates);
}

/* Results */

static int compare_ids(const void *a, const void *b)
{
	uint32_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

/* The ids of all helpers called, ascending, once each, as images have them. */
static bool collect_helpers(struct linker *linker)
{
	struct object *object = linker->object;
	uint32_t *ids = calloc(object->image.program.count + 1u, sizeof(*ids));
	size_t n = 0, kept = 0;

	object->helpers = calloc(object->image.program.count + 1u, 4);
	if (!ids || !object->helpers) {
		free(ids);
		return object_refuse(linker->error, "out of memory");
	}
	for (uint32_t pc = 0; pc < object->image.program.count; pc++) {
		const struct vouch_insn *insn = &object->insns[pc];

		if (insn->opcode == OPCODE_CALL && vouch_src(insn) == 0)
			ids[n++] = (uint32_t)insn->imm;
		pc += vouch_is_wide(insn);
	}
	qsort(ids, n, sizeof(*ids), compare_ids);
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && ids[i] == ids[i - 1])
			continue;
		for (unsigned byte = 0; byte < 4; byte++)
			object->helpers[4 * kept + byte] = (uint8_t)(ids[i] >> 8 * byte);
		kept++;
	}
	free(ids);
	object->image.helpers = object->helpers;
	object->image.nhelpers = (uint32_t)kept;
	return true;
}

static bool link_all(struct linker *linker, const char *entry)
{
	struct object *object = linker->object;
	size_t function;

	object->order = calloc(object->nfunctions + 1, sizeof(*object->order));
	if (!object->order)
		return object_refuse(linker->error, "out of memory");
	if (!(entry ? named_entry(object, entry, &function, linker->error)
		    : only_entry(object, &function, linker->error)))
		return false;
	if (!read_relocs(linker) || !place_function(linker, function))
		return false;
	for (size_t i = 0; i < object->nplaced; i++)
		if (!link_function(linker, object->order[i]))
			return false;
	object->image.program.insns = object->insns;
	return place_data(linker) && collect_helpers(linker);
}

bool object_link(struct object *object, const char *entry, object_helper_id helper, void *user,
	struct object_error *error)
{
	struct linker linker = {.object = object, .error = error, .helper = helper, .user = user};
	bool ok;

	if (object->linked)
		return object_refuse(error, "an object can be linked only once");
	object->linked = true;
	ok = link_all(&linker, entry);
	free(linker.relocs);
	free(linker.references);
	return ok;
}

const struct vouch_image *object_image(const struct object *object)
{
	return &object->image;
}

struct object_place object_place(const struct object *object, uint32_t pc)
{
	struct object_place place = {0};
	const struct line *best = NULL;

	for (size_t i = 0; i < object->nplaced; i++) {
		size_t function = object->order[i];
		const struct range *range = &object->ranges[function];
		uint64_t offset;

		if (pc < range->pc || pc - range->pc >= (int64_t)(range->size / 8))
			continue;
		place.function = object->functions[function].name;
		place.offset = (uint32_t)(pc - range->pc);
		offset = range->start + (uint64_t)place.offset * 8;
		for (size_t l = 0; l < object->nlines; l++) {
			const struct line *line = &object->lines[l];

			if (line->section == range->section && line->offset >= range->start &&
				line->offset <= offset && (!best || line->offset >= best->offset))
				best = line;
		}
	}
	if (best) {
		place.file = best->file;
		place.text = best->text;
		place.line = best->number;
		place.column = best->column;
	}
	return place;
}
