/* SPDX-License-Identifier: MIT */
/*
 * layout WORD: what prover/theorem/layout.h says of a machine with words of so many bytes, as a C
 * file that a compiler for such a machine accepts if all of it is so. layout.sh asks one.
 */
#include "prover/theorem/layout.h"

#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *type;
	const struct layout *layout;
} structs[] = {{"struct jit", &layout_jit}, {"struct vouch_target", &layout_target},
	{"struct vouch_program", &layout_program}};

static void write_struct(const char *type, const struct layout *layout, unsigned word)
{
	const char *name;
	size_t host_offset;

	for (size_t i = 0; layout_field(layout, i, &name, &host_offset); i++)
		printf("_Static_assert(offsetof(%s, %s) == %zu, \"%s\");\n", type, name,
			layout_offset(layout, word, host_offset), name);
	printf("_Static_assert(sizeof(%s) == %zu, \"size\");\n", type, layout_size(layout, word));
}

int main(int argc, char **argv)
{
	unsigned word = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;

	if (word != 4 && word != 8) {
		fputs("usage: layout 4|8\n", stderr);
		return 2;
	}
	puts("#include \"jit/jit.h\"");
	for (size_t i = 0; i < sizeof(structs) / sizeof(structs[0]); i++)
		write_struct(structs[i].type, structs[i].layout, word);
	return 0;
}
