/* SPDX-License-Identifier: MIT */
/*
 * Assembler and disassembler against LLVM's own tools, an independent judge in both directions:
 * llvm-mc must assemble our text to our bytes, llvm-objdump must show our text, and what clang -S
 * writes must assemble to what clang -c makes of it. Skipped, with a note, where the tools are
 * missing. Run from the root of the source tree.
 */
#include "isa/syntax.h"
#include "isa/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/vouch-llvm-XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

__attribute__((format(printf, 1, 2))) static bool run(const char *format, ...)
{
	char command[1000];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command) == 0;
}

static int remove_folder(void **state)
{
	(void)state;
	return run("rm -r %s", folder) ? 0 : -1;
}

static void need(const char *tool)
{
	if (run("command -v %s >/dev/null 2>&1", tool))
		return;
	printf("skipped: there is no %s\n", tool);
	skip();
}

/* A file of the folder, with a zero byte behind it; free() it. */
static char *read_file(const char *name, size_t *size)
{
	char path[100], *bytes = malloc(1 << 22);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	*size = fread(bytes, 1, (1 << 22) - 1, file);
	fclose(file);
	bytes[*size] = '\0';
	return bytes;
}

/* A file of the folder assembles to the .text of another. */
static void expect_same(const char *text_name, const char *object_name)
{
	struct asm_result result;
	struct asm_error error;
	size_t size, expected_size;
	char *text = read_file(text_name, &size), *expected;

	assert_true(run("llvm-objcopy -O binary --only-section=.text %s/%s %s/code", folder,
		object_name, folder));
	expected = read_file("code", &expected_size);
	if (!asm_text(text, size, NULL, NULL, &result, &error))
		fail_msg("%s:%u:%u: %s", text_name, error.line, error.column, error.message);
	assert_true(expected_size > 0);
	assert_int_equal(result.count * sizeof(*result.insns), expected_size);
	assert_memory_equal(result.insns, expected, expected_size);
	asm_free(&result);
	free(expected);
	free(text);
}

/* LLVM makes calls inside a program only of symbols, and helpers' ids above INT32_MAX negative. */
static struct vouch_insn corner_of(enum vouch_op op, unsigned corner, struct vouch_insn *second)
{
	static const int16_t offs[] = {0, 8, -8, INT16_MAX, INT16_MIN};
	static const int32_t imms[] = {0, 1, -1, INT32_MAX, INT32_MIN, 255};
	const struct vouch_op_info *info = &vouch_ops[op];
	struct vouch_insn insn = {.opcode = info->opcode};
	unsigned src = info->src == REG_NONE ? 0 : (corner * 7 + 3) % 11;

	if (info->off != OFF_ZERO)
		insn.off = info->select == SELECT_OFF ? info->value : offs[corner % 5];
	if (info->imm != IMM_ZERO)
		insn.imm = info->select == SELECT_IMM ? info->value : imms[corner % 6];
	if (info->imm == IMM_HELPER)
		insn.imm &= INT32_MAX;
	insn.regs = VOUCH_REGS(info->dst == REG_NONE ? 0 : corner % 11,
		info->select == SELECT_SRC ? info->value : src);
	*second = (struct vouch_insn){.imm = imms[corner / 6 % 6]};
	return insn;
}

/* Every row with its corners, one line each, but for rows marked as unknown. */
enum { CORNERS = 66 };
static uint32_t corners(const bool unknown[OP_COUNT], const char *name, struct vouch_insn *insns)
{
	char path[100], text[DISASM_MAX];
	uint32_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	for (enum vouch_op op = 0; op < OP_COUNT; op++)
		for (unsigned corner = 0; corner < CORNERS && !unknown[op]; corner++) {
			insns[count] = corner_of(op, corner, &insns[count + 1]);
			assert_true(disasm_insn(&insns[count], 2, 0, NULL, NULL, text));
			fprintf(file, "%s\n", text);
			count += 1u + vouch_is_wide(&insns[count]);
		}
	fclose(file);
	return count;
}

/* llvm-mc names the lines that it cannot read: the rows that this version of LLVM does not have. */
static unsigned find_unknown(bool unknown[OP_COUNT], struct vouch_insn *insns)
{
	unsigned known = 0, line;
	char *errors, *p;
	size_t size;

	memset(unknown, 0, OP_COUNT);
	unknown[OP_call_local] = true;
	corners(unknown, "all.s", insns);
	run("llvm-mc -triple bpfel -mattr=+alu32 -filetype=obj -o %s/all.o %s/all.s 2>%s/errors",
		folder, folder, folder);
	p = errors = read_file("errors", &size);
	while ((p = strstr(p, "all.s:"))) {
		p += strlen("all.s:");
		if (sscanf(p, "%u:%*u: error", &line) != 1)
			continue;
		line = (line - 1) / CORNERS;
		unknown[line < OP_call_local ? line : line + 1] = true;
	}
	free(errors);
	for (enum vouch_op op = 0; op < OP_COUNT; op++)
		known += !unknown[op];
	return known;
}

static uint32_t known_corners(struct vouch_insn *insns)
{
	bool unknown[OP_COUNT];

	need("llvm-mc");
	need("llvm-objcopy");
	need("llvm-objdump");
	if (VOUCH_BIG_ENDIAN)
		skip();
	/* LLVM 14 has 113 rows besides local calls; more of them only in later versions. */
	assert_true(find_unknown(unknown, insns) >= 110);
	return corners(unknown, "known.s", insns);
}

static void llvm_mc_assembles_our_text_to_our_bytes(void **state)
{
	static struct vouch_insn insns[OP_COUNT * CORNERS * 2 + 1];
	uint32_t count = known_corners(insns);
	size_t size;
	char *code;

	(void)state;
	assert_true(
		run("llvm-mc -triple bpfel -mattr=+alu32 -filetype=obj -o %s/known.o %s/known.s",
			folder, folder));
	assert_true(run(
		"llvm-objcopy -O binary --only-section=.text %s/known.o %s/code", folder, folder));
	code = read_file("code", &size);
	assert_int_equal(size, count * sizeof(*insns));
	assert_memory_equal(code, insns, size);
	free(code);
	expect_same("known.s", "known.o");
}

/* The instruction in a line of llvm-objdump --no-show-raw-insn, without the name of a jump's
 * target. */
static bool shown(char *line)
{
	char *tab = strchr(line, '\t'), *end;

	if (!tab || tab == line || tab[-1] != ':' || strstr(line, "file format"))
		return false;
	memmove(line, tab + 1, strlen(tab));
	end = strrchr(line, '<');
	if (end && line[strlen(line) - 1] == '>' && end[-1] == ' ')
		end[-1] = '\0';
	return true;
}

/*
 * LLVM shows what narrow loads and stores move under its 32-bit name if the CPU has such names, and
 * under its 64-bit name if not. We always do the latter: the value of a load is 64 bits wide.
 */
static void name_as_in_v3(const struct vouch_insn *insn, char *text)
{
	const struct vouch_op_info *info = &vouch_ops[vouch_decode(insn)];
	bool narrow = info->imm == IMM_ZERO && (insn->opcode & 0x18) != 0x18;

	if (narrow && (insn->opcode & 7) == CLASS_LDX)
		text[0] = 'w';
	if (narrow && (insn->opcode & 7) == CLASS_STX)
		*strrchr(text, 'r') = 'w';
}

static void llvm_objdump_shows_what_we_show(void **state)
{
	static struct vouch_insn insns[OP_COUNT * CORNERS * 2 + 1];
	uint32_t count = known_corners(insns), pc = 0;
	char text[DISASM_MAX], *listing, *next;
	size_t size;

	(void)state;
	assert_true(
		run("llvm-mc -triple bpfel -mattr=+alu32 -filetype=obj -o %s/known.o %s/known.s",
			folder, folder));
	assert_true(run("llvm-objdump -d --no-show-raw-insn --no-print-imm-hex --mattr=+alu32 "
			"%s/known.o >%s/listing",
		folder, folder));
	listing = read_file("listing", &size);
	for (char *line = listing; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!shown(line))
			continue;
		assert_true(pc < count);
		disasm_insn(insns, count, pc, NULL, NULL, text);
		name_as_in_v3(&insns[pc], text);
		assert_string_equal(text, line);
		pc += 1u + vouch_is_wide(&insns[pc]);
	}
	assert_int_equal(pc, count);
	free(listing);
}

static void listings_of_llvm_objdump_assemble_to_the_bytes_they_show(void **state)
{
	static struct vouch_insn insns[OP_COUNT * CORNERS * 2 + 1];

	(void)state;
	known_corners(insns);
	assert_true(
		run("llvm-mc -triple bpfel -mattr=+alu32 -filetype=obj -o %s/known.o %s/known.s",
			folder, folder));
	assert_true(run("llvm-objdump -d %s/known.o >%s/listing", folder, folder));
	expect_same("listing", "known.o");
	assert_true(run("llvm-objdump -d --mattr=+alu32 --no-show-raw-insn --print-imm-hex "
			"%s/known.o >%s/listing",
		folder, folder));
	expect_same("listing", "known.o");
}

static void what_clang_writes_assembles_to_what_clang_compiles(void **state)
{
	static const char *const sources[] = {
		"bubblesort", "fletcher32", "memxor", "muldiv", "sieve", "xorshift"};
	static const char *const flags[] = {"-mcpu=v1 -O0", "-mcpu=v1 -O2", "-mcpu=v2 -O0 -g",
		"-mcpu=v2 -O2 -g", "-mcpu=v3 -O0", "-mcpu=v3 -O0 -g", "-mcpu=v3 -O2",
		"-mcpu=v3 -O2 -g"};

	(void)state;
	need("clang");
	need("llvm-objcopy");
	need("llvm-objdump");
	if (VOUCH_BIG_ENDIAN)
		skip();
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		for (size_t j = 0; j < sizeof(flags) / sizeof(flags[0]); j++) {
			assert_true(run("clang -target bpf %s -S bench/%s.c -o %s/x.s", flags[j],
				sources[i], folder));
			assert_true(run("clang -target bpf %s -c bench/%s.c -o %s/x.o", flags[j],
				sources[i], folder));
			expect_same("x.s", "x.o");
			assert_true(run("llvm-objdump -d %s/x.o >%s/listing", folder, folder));
			expect_same("listing", "x.o");
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(llvm_mc_assembles_our_text_to_our_bytes),
		cmocka_unit_test(llvm_objdump_shows_what_we_show),
		cmocka_unit_test(listings_of_llvm_objdump_assemble_to_the_bytes_they_show),
		cmocka_unit_test(what_clang_writes_assembles_to_what_clang_compiles),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
