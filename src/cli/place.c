/* SPDX-License-Identifier: MIT */
/* From a pc back to what people wrote: function, source line, assembly. */
#include "cli.h"
#include "elf.h"
#include "input.h"

/* Labels of functions: the global ones if there are any, else all but the compiler's own. */
static bool is_function(const struct asm_symbol *symbol, bool any_global)
{
	return any_global ? symbol->global : symbol->name[0] != '.' && symbol->name[0] != 'L';
}

static bool has_global(const struct asm_result *text)
{
	for (size_t i = 0; i < text->nsymbols; i++)
		if (text->symbols[i].global)
			return true;
	return false;
}

void input_index(struct input *input)
{
	const struct asm_result *text = &input->text;
	bool any_global = has_global(text);

	input->functions = allocate(text->nsymbols, sizeof(*input->functions));
	for (size_t i = 0; i < text->nsymbols; i++)
		if (is_function(&text->symbols[i], any_global))
			input->functions[input->nfunctions++] = text->symbols[i];
}

/* The last function that starts at or before pc; they are in the order of pc. */
static struct input_place place_in_text(const struct input *input, uint32_t pc)
{
	size_t low = 0, high = input->nfunctions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (input->functions[middle].pc <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return (struct input_place){0};
	return (struct input_place){.function = input->functions[low - 1].name,
		.offset = pc - input->functions[low - 1].pc};
}

struct input_place input_place(const struct input *input, uint32_t pc)
{
	switch (input->kind) {
	case INPUT_ELF:
		return elf_place(input, pc);
	case INPUT_TEXT:
		return place_in_text(input, pc);
	default:
		return (struct input_place){0};
	}
}

/* What calls call: functions have names, targets of jumps have not. */
static const char *function_at(void *user, uint32_t pc)
{
	struct input_place place = input_place(user, pc);

	return place.offset == 0 ? place.function : NULL;
}

void input_disassemble(const struct input *input, uint32_t pc, char text[INPUT_TEXT_SIZE])
{
	disasm_insn(input->image.program.insns, input->image.program.count, pc, function_at,
		(void *)(uintptr_t)input, text);
}
