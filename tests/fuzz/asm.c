/* SPDX-License-Identifier: MIT */
/* Any text: what is accepted is disassembled to text that means the same. */
#include "isa/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct asm_result first, second;
	struct asm_error error;
	char *text;

	if (!asm_text((const char *)bytes, size, NULL, NULL, &first, &error)) {
		if (error.source < (const char *)bytes ||
			error.source + error.length > (const char *)bytes + size)
			abort();
		return 0;
	}
	text = disasm_program(first.insns, first.count, 0, NULL);
	if (!text || !asm_text(text, strlen(text), NULL, NULL, &second, &error))
		abort();
	if (first.count != second.count ||
		(first.count &&
			memcmp(first.insns, second.insns, first.count * sizeof(*first.insns)) != 0))
		abort();
	free(text);
	asm_free(&first);
	asm_free(&second);
	return 0;
}
