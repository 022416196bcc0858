/* SPDX-License-Identifier: MIT */
/*
 * Write xor execute: anonymous pages are mapped writable, filled by the compiler, then made
 * executable and read-only in one step. The size is guessed generously (untouched pages cost
 * nothing); where the guess falls short, the compiler has said how much it is, and we start over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "code.h"

/* Bytes of code for a slot and for what surrounds the program; more than almost any program takes.
 */
#define GUESS(count) ((size_t)(count)*96 + 8192)

uint64_t code_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static enum vouch_status refused_by_host(struct code *code)
{
	code->error = strerror(errno);
	code_free(code);
	return VOUCH_JIT_SPACE;
}

static enum vouch_status compile_into(struct code *code, const struct vouch_program *program,
	const uint32_t *chosen, size_t size, uint32_t *scratch)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t start = code_clock(), mapped, compiled;
	enum vouch_status status;

	code->mapped = (size + page - 1) / page * page;
	code->address = mmap(
		NULL, code->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code->address == MAP_FAILED) {
		code->address = NULL;
		return refused_by_host(code);
	}
	mapped = code_clock();
	status = vouch_compile_chosen(vouch_target_host(), vouch_features_host(), program, chosen,
		code->address, code->mapped, scratch, &code->result);
	compiled = code_clock();
	if (status != VOUCH_OK) {
		code_free(code);
		return status;
	}
	if (mprotect(code->address, code->mapped, PROT_READ | PROT_EXEC) != 0)
		return refused_by_host(code);
	__builtin___clear_cache((char *)code->address, (char *)code->address + code->result.size);
	code->compile_ns = compiled - mapped;
	code->map_ns = mapped - start + (code_clock() - compiled);
	return VOUCH_OK;
}

enum vouch_status code_compile_chosen(struct code *code, const struct vouch_program *program,
	const uint32_t *chosen, uint32_t *offsets)
{
	enum vouch_status status;

	*code = (struct code){0};
	status = compile_into(code, program, chosen, GUESS(program->count), offsets);
	if (status == VOUCH_JIT_SPACE && !code->error)
		status = compile_into(code, program, chosen, code->result.size, offsets);
	return status;
}

enum vouch_status code_compile(struct code *code, const struct vouch_program *program)
{
	uint32_t *scratch = malloc(VOUCH_JIT_SCRATCH(program->count) * sizeof(*scratch));
	enum vouch_status status;

	if (!scratch) {
		*code = (struct code){0};
		return refused_by_host(code);
	}
	status = code_compile_chosen(code, program, NULL, scratch);
	free(scratch);
	return status;
}

void code_free(struct code *code)
{
	if (code->address)
		munmap(code->address, code->mapped);
	code->address = NULL;
}
