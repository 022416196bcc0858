/* SPDX-License-Identifier: MIT */
/*
 * vouch-plugin: one raw program in, r0 out. This is the interface by which suites that test BPF's
 * instruction set drive a runtime, so its arguments, its helpers' numbers and its output are
 * theirs, not ours.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "code.h"
#include "hex.h"
#include "isa/isa.h"
#include "vouch/vouch.h"

#define FUEL 1000000000u

struct request {
	const char *memory, *program; /* hexadecimal; NULL: none, standard input */
	bool jit;
};

static int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int fail(const char *format, ...)
{
	va_list arguments;

	fputs("vouch-plugin: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

/* Test helpers. */

static uint64_t helper_gather(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm;
	return (a1 & 0xff) << 32 | (a2 & 0xff) << 24 | (a3 & 0xff) << 16 | (a4 & 0xff) << 8 |
	       (a5 & 0xff);
}

static uint64_t helper_memfrob(
	struct vouch_vm *vm, uint64_t address, uint64_t size, uint64_t a3, uint64_t a4, uint64_t a5)
{
	uint8_t *memory = vouch_memory(vm, address, size, VOUCH_READ | VOUCH_WRITE);

	(void)a3, (void)a4, (void)a5;
	if (!memory && size > 0) {
		vouch_fail(vm);
		return 0;
	}
	for (uint64_t i = 0; i < size; i++)
		memory[i] ^= 42;
	return address;
}

static uint64_t helper_nothing(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)vm, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
	return 0;
}

/* The integer square root, bit by bit. */
static uint64_t helper_sqrt(
	struct vouch_vm *vm, uint64_t square, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	uint64_t root = 0;

	(void)vm, (void)a2, (void)a3, (void)a4, (void)a5;
	for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
		if ((root + bit) * (root + bit) <= square)
			root += bit;
	return root;
}

/* As C's strcmp; the strings end with a zero that the program can read. */
static uint64_t helper_strcmp(
	struct vouch_vm *vm, uint64_t a, uint64_t b, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a3, (void)a4, (void)a5;
	for (uint64_t i = 0;; i++) {
		const uint8_t *left = vouch_memory(vm, a + i, 1, VOUCH_READ);
		const uint8_t *right = vouch_memory(vm, b + i, 1, VOUCH_READ);

		if (!left || !right) {
			vouch_fail(vm);
			return 0;
		}
		if (*left != *right || *left == 0)
			return (uint64_t)(int64_t)(*left - *right);
	}
}

static uint64_t helper_unwind(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
	(void)a2, (void)a3, (void)a4, (void)a5;
	if (a1 == 0)
		vouch_end(vm);
	return a1;
}

static const vouch_helper helpers[] = {
	helper_gather, helper_memfrob, helper_nothing, helper_sqrt, helper_strcmp, helper_unwind};

/*
 * Compilers before LLVM 19 wrote callx with the register in imm (RFC 9669 has no callx). The
 * checker knows only today's form, with the register in dst.
 */
static void normalise_callx(struct vouch_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct vouch_insn *insn = &insns[i];

		if (insn->opcode == OPCODE_CALLX && insn->regs == 0 && insn->imm > 0 &&
			insn->imm <= 10) {
			insn->regs = VOUCH_REGS((unsigned)insn->imm, 0u);
			insn->imm = 0;
		}
		i += vouch_is_wide(insn);
	}
}

static enum vouch_status run_compiled(
	struct vouch_vm *vm, const struct vouch_program *program, uint64_t *r0)
{
	struct code code;
	enum vouch_status status = code_compile(&code, program);

	if (status != VOUCH_OK) {
		vm->fault = (struct vouch_fault){.status = status, .pc = code.result.pc};
		return status;
	}
	status = vouch_run_compiled(vm, code.address, r0);
	code_free(&code);
	return status;
}

static int report(const struct vouch_vm *vm, enum vouch_status status)
{
	return fail("%s at pc %u (address 0x%llx, size %u)", vouch_status_text(status),
		vm->fault.pc, (unsigned long long)vm->fault.address, vm->fault.size);
}

static int run(struct bytes memory, struct bytes text, bool jit)
{
	_Alignas(8) uint8_t stack[VOUCH_STACK_SIZE(VOUCH_FRAMES_MAX)] = {0};
	struct vouch_config config = {
		.program = {.insns = (const void *)text.bytes,
			.count = (uint32_t)(text.size / sizeof(struct vouch_insn))},
		.helpers = helpers,
		.nhelpers = sizeof(helpers) / sizeof(helpers[0]),
		.context = {(uintptr_t)memory.bytes, memory.size, VOUCH_READ | VOUCH_WRITE},
		.stack = stack,
		.stack_size = sizeof(stack),
		.fuel = FUEL,
	};
	struct vouch_vm vm;
	enum vouch_status status;
	uint64_t r0 = 0;

	if (text.size / sizeof(struct vouch_insn) > VOUCH_INSNS_MAX ||
		text.size % sizeof(struct vouch_insn))
		return fail("%zu bytes are not a program: instructions have 8 each", text.size);
	normalise_callx((struct vouch_insn *)(void *)text.bytes, config.program.count);
	status = vouch_init(&vm, &config);
	if (status == VOUCH_OK)
		status = jit ? run_compiled(&vm, &config.program, &r0) : vouch_run(&vm, &r0);
	if (status != VOUCH_OK)
		return report(&vm, status);
	printf("%llx\n", (unsigned long long)r0);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : fail("cannot write to standard output");
}

static int run_request(const struct request *request)
{
	struct bytes memory, text = {0};
	char *line = NULL;
	size_t room = 0;
	int exit;

	if (hex_parse(request->memory ? request->memory : "", &memory) != HEX_OK)
		return fail("the memory is not hexadecimal bytes: '%.40s'", request->memory);
	if (!request->program && getline(&line, &room, stdin) < 0)
		exit = fail("no program: neither --program HEX nor a line on standard input");
	else if (hex_parse(request->program ? request->program : line, &text) != HEX_OK)
		exit = fail("the program is not hexadecimal bytes");
	else if (request->jit && !vouch_target_host())
		exit = fail("--jit: there is no JIT for this machine");
	else
		exit = run(memory, text, request->jit);
	free(line);
	free(text.bytes);
	free(memory.bytes);
	return exit;
}

static int help(void)
{
	puts("Usage: vouch-plugin [MEMORY] [--program HEX] [--interpret | --jit]\n"
	     "\n"
	     "Runs a BPF program given as hexadecimal bytes, with --program or as a line on "
	     "standard input, and prints\n"
	     "r0 in hexadecimal. MEMORY: the bytes that r1 points to, also in hexadecimal; r2 is "
	     "their number.\n"
	     "Helpers: 0 gather five bytes, 1 memfrob, 2 nothing, 3 square root, 4 strcmp, 5 "
	     "unwind.\n"
	     "Exit code 0: it ran; 1: anything else, with a message on standard error.");
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct request request = {0};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return help();
		if (strcmp(argv[i], "--program") == 0 && i + 1 < argc)
			request.program = argv[++i];
		else if (strcmp(argv[i], "--jit") == 0)
			request.jit = true;
		else if (strcmp(argv[i], "--interpret") == 0)
			request.jit = false;
		else if (strcmp(argv[i], "--debug") == 0)
			continue;
		else if (i == 1 && strncmp(argv[i], "--", 2) != 0)
			request.memory = argv[i];
		else
			return fail("unknown argument '%s'; try --help", argv[i]);
	}
	return run_request(&request);
}
