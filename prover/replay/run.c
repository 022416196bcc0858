/* SPDX-License-Identifier: MIT */
/*
 * Running a counterexample: its chunks become pages, these go to the target's harness (harness.c),
 * by way of an emulator unless the host is such a machine, and the state at the end comes back.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "prover/replay/board.h"
#include "prover/replay/replay.h"
#include "prover/write_all.h"

/* What the host has to know of a target. */
struct replay_target {
	const char *name;
	const char *harness;            /* a file; NULL: it is a board, and the host drives it */
	const char *machine;            /* of uname, where it needs no emulator; NULL: nowhere */
	const char *const emulator[12]; /* a program and its arguments, before the harness */
	const char *package;
	uint64_t lowest, highest;     /* addresses that can be had */
	uint8_t breakpoint[4], other; /* what fills pages of code; of data */
	unsigned breakpoint_size;
	/* NULL: it can't start where it is to stop. */
	unsigned (*step)(
		uint32_t insn, uint64_t pc, const uint64_t *reg, uint64_t to[REPLAY_STEPS]);
};

#define QEMU(program, cpu) {program, "-cpu", cpu}, "qemu-user"

/* c.ebreak, which on a core without C is no instruction: as good. Images are low; the harness is
 * above everything. */
#define RV64_SPACE   0x80000, 0x3000000000, {0x02, 0x90, 0x02, 0x90}, 0xa5, 2, replay_step_rv64
#define RV32_SPACE   0x10000000, 0x30000000, {0x02, 0x90, 0x02, 0x90}, 0xa5, 2, replay_step_rv32
/* brk #0 */
#define ARM64_SPACE  0x100000000, 0x4000000000, {0x00, 0x00, 0x20, 0xd4}, 0xa5, 4, NULL
/* int3 */
#define X86_64_SPACE 0x100000000, 0x4000000000, {0xcc, 0xcc, 0xcc, 0xcc}, 0xa5, 1, NULL
/* udf #0. The first page is for vectors. */
#define THUMB2_SPACE 0x1000, 0x22000000, {0x00, 0xde, 0x00, 0xde}, 0xa5, 0, NULL
static const struct replay_target targets[] = {
	{"rv64", "replay.rv64.elf", NULL, QEMU("qemu-riscv64", "rv64,c=false"), RV64_SPACE},
	{"rv64c", "replay.rv64.elf", "riscv64", QEMU("qemu-riscv64", "rv64"), RV64_SPACE},
	{"rv32", "replay.rv32.elf", NULL, QEMU("qemu-riscv32", "rv32,c=false"), RV32_SPACE},
	{"rv32c", "replay.rv32.elf", NULL, QEMU("qemu-riscv32", "rv32"), RV32_SPACE},
	{"arm64", "replay.arm64.elf", NULL, QEMU("qemu-aarch64", "max"), ARM64_SPACE},
	{"x86_64", "replay.x86_64.elf", "x86_64", QEMU("qemu-x86_64", "max"), X86_64_SPACE},
	{"thumb2", NULL, NULL, BOARD_COMMAND, "qemu-system-arm", THUMB2_SPACE},
};

static const struct replay_target *target_named(const char *name)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (strcmp(targets[i].name, name) == 0)
			return &targets[i];
	return NULL;
}

const char *replay_harness(const struct replay *r)
{
	const struct replay_target *target = target_named(r->target);

	return target ? target->harness : NULL;
}

/* Pages */

static void fill(struct replay_page *page, const struct replay_target *target)
{
	for (unsigned i = 0; i < REPLAY_PAGE; i++)
		page->bytes[i] =
			page->kind == PAGE_CODE ? target->breakpoint[i % 4] : target->other;
}

/* The page that an address is in; a new one, if need be. NULL: it can't be. */
static struct replay_page *page_of(struct replay_result *result, uint64_t address,
	enum page_kind kind, const struct replay_target *target, char error[200])
{
	uint64_t base = address & ~(uint64_t)(REPLAY_PAGE - 1);
	struct replay_page *page;

	for (unsigned i = 0; i < result->pages; i++) {
		page = &result->page[i];
		if (page->address != base)
			continue;
		if (page->kind == kind)
			return page;
		if (page->kind != PAGE_CODE && kind != PAGE_CODE) {
			page->kind = PAGE_DATA;
			return page;
		}
		snprintf(error, 200, "code and data are in one page, at 0x%llx",
			(unsigned long long)base);
		return NULL;
	}
	if (result->pages == REPLAY_PAGES || base < target->lowest || base >= target->highest) {
		snprintf(error, 200, "memory at 0x%llx can't be had", (unsigned long long)base);
		return NULL;
	}
	page = &result->page[result->pages++];
	page->address = base;
	page->kind = kind;
	fill(page, target);
	return page;
}

static bool add_chunk(const struct chunk_at *chunk, struct replay_result *result,
	const struct replay_target *target, char error[200])
{
	for (size_t i = 0; i < chunk->size; i++) {
		uint64_t at = chunk->address + i;
		struct replay_page *page = page_of(result, at, chunk->kind, target, error);

		if (!page)
			return false;
		page->bytes[at % REPLAY_PAGE] = chunk->bytes[i];
	}
	return true;
}

/* Two chunks may share bytes only if they agree on them. */
static bool make_pages(const struct replay *r, struct replay_result *result,
	const struct replay_target *target, char error[200])
{
	for (unsigned i = 0; i < r->chunks; i++)
		if (!add_chunk(&r->chunk[i], result, target, error))
			return false;
	for (unsigned i = 0; i < r->chunks; i++)
		for (size_t j = 0; j < r->chunk[i].size; j++) {
			uint64_t at = r->chunk[i].address + j;
			const struct replay_page *page =
				page_of(result, at, r->chunk[i].kind, target, error);

			if (page && page->bytes[at % REPLAY_PAGE] == r->chunk[i].bytes[j])
				continue;
			snprintf(error, 200, "what is at 0x%llx is said twice, and not alike",
				(unsigned long long)at);
			return false;
		}
	return true;
}

/* Breakpoints */

static uint32_t insn_at(const struct replay *r, uint64_t pc)
{
	uint32_t insn = 0;

	for (unsigned i = 0; i < r->chunks; i++)
		for (unsigned n = 0; n < 4; n++)
			if (pc + n - r->chunk[i].address < r->chunk[i].size)
				insn |= (uint32_t)r->chunk[i].bytes[pc + n - r->chunk[i].address]
				        << 8 * n;
	return insn;
}

static bool is_code(const struct replay *r, uint64_t address)
{
	for (unsigned i = 0; i < r->chunks; i++)
		if (r->chunk[i].kind == PAGE_CODE &&
			address - r->chunk[i].address < r->chunk[i].size)
			return true;
	return false;
}

static bool add_stop(struct replay_request *request, uint64_t address, char error[200])
{
	if (request->stops == REPLAY_STOPS) {
		snprintf(error, 200, "there are too many places to stop at");
		return false;
	}
	request->stop[request->stops++] = address;
	return true;
}

/* Calls of code that is there all the same end at a breakpoint, too. */
static bool make_stops(const struct replay *r, const struct replay_target *target,
	struct replay_request *request, char error[200])
{
	bool ok = true, starts_there = false;

	request->breakpoint_size = target->breakpoint_size;
	memcpy(&request->breakpoint, target->breakpoint, sizeof(target->breakpoint));
	for (unsigned i = 0; ok && i < r->stops; i++)
		ok = add_stop(request, r->stop[i], error);
	for (unsigned i = 0; ok && i < r->calls; i++)
		if (is_code(r, r->call[i].address))
			ok = add_stop(request, r->call[i].address, error);
	for (unsigned i = 0; i < request->stops; i++)
		starts_there |= request->stop[i] == r->start;
	if (!ok || !starts_there)
		return ok;
	if (!target->step) {
		snprintf(error, 200, "code for %s can't start where it stops", target->name);
		return false;
	}
	request->steps = target->step(insn_at(r, r->start), r->start, r->reg, request->step);
	return true;
}

/* The process */

static bool read_all(int fd, void *data, size_t size)
{
	char *byte = data;

	while (size > 0) {
		ssize_t n = read(fd, byte, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		byte += n;
		size -= (size_t)n;
	}
	return true;
}

static struct replay_request request_of(const struct replay *r, const struct replay_result *result)
{
	struct replay_request request = {
		.magic = REPLAY_MAGIC, .pages = result->pages, .calls = r->calls, .pc = r->start};

	memcpy(request.reg, r->reg, sizeof(request.reg));
	return request;
}

static bool send(int fd, const struct replay *r, const struct replay_request *request,
	const struct replay_result *result)
{
	return write_all(fd, request, sizeof(*request)) &&
	       write_all(fd, result->page, result->pages * sizeof(result->page[0])) &&
	       write_all(fd, r->call, r->calls * sizeof(r->call[0]));
}

/* Where the counterexample says nothing of code, there is none to trap. */
static void end_outside(const struct replay *r, struct replay_answer *answer)
{
	if (answer->end == REPLAY_TRAPPED && !is_code(r, answer->pc))
		answer->end = REPLAY_STOPPED;
}

static bool receive(int fd, struct replay_result *result)
{
	if (!read_all(fd, &result->answer, sizeof(result->answer)) ||
		result->answer.magic != REPLAY_MAGIC || result->answer.touches > REPLAY_TOUCHES)
		return false;
	for (unsigned i = 0; i < result->pages && result->answer.end != REPLAY_UNMAPPED; i++)
		if (result->page[i].kind != PAGE_CODE &&
			!read_all(fd, result->after[i], REPLAY_PAGE))
			return false;
	return true;
}

enum { NO_PROGRAM = 127 };

/* Without whom it is run for, it is run for nobody. */
static void end_with_parent(void)
{
#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

static void become(const struct replay_target *target, const char *harness, int in, int out)
{
	char *argument[sizeof(target->emulator) / sizeof(target->emulator[0]) + 1] = {NULL};
	struct utsname host;
	size_t n = 0;

	signal(SIGPIPE, SIG_DFL);
	end_with_parent();
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(NO_PROGRAM - 1);
	if (target->machine && uname(&host) == 0 && strcmp(host.machine, target->machine) == 0)
		execl(harness, harness, (char *)NULL);
	for (; target->emulator[n]; n++)
		argument[n] = (char *)target->emulator[n];
	argument[n] = (char *)harness;
	execvp(argument[0], argument);
	_exit(NO_PROGRAM);
}

static void close_both(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

/* Both ends of what goes in and of what comes out; none is left to other processes. */
static pid_t start(const struct replay_target *target, const char *harness, int *in, int *out)
{
	int to[2], from[2];
	pid_t pid;

	if (pipe(to) != 0)
		return -1;
	if (pipe(from) != 0) {
		close_both(to);
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		close(to[1]);
		close(from[0]);
		become(target, harness, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = from[0];
	if (pid < 0) {
		close(to[1]);
		close(from[0]);
	}
	return pid;
}

static bool explain(const struct replay_target *target, const char *harness, int status,
	const struct replay_result *result, bool received, char error[200])
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM)
		snprintf(error, 200, "it takes %s (package %s) to run %.80s", target->emulator[0],
			target->package, harness ? harness : "it");
	else if (!received)
		snprintf(error, 200, "%.100s ended without an answer",
			harness ? harness : target->emulator[0]);
	else if (result->answer.end == REPLAY_UNMAPPED)
		snprintf(error, 200, "memory at 0x%llx can't be had",
			(unsigned long long)result->answer.fault);
	else
		return true;
	return false;
}

/* A harness answers and is gone; a board goes on. */
static bool converse(const struct replay *r, const struct replay_target *target,
	const struct replay_request *request, int in, int out, pid_t pid,
	struct replay_result *result)
{
	bool done;

	if (target->harness)
		return send(in, r, request, result) && receive(out, result);
	done = board_run(r, out, in, result);
	kill(pid, SIGKILL);
	return done;
}

bool replay_run(
	const struct replay *r, const char *harness, struct replay_result *result, char error[200])
{
	const struct replay_target *target = target_named(r->target);
	struct replay_request request;
	int in, out, status = 0;
	bool received;
	pid_t pid;

	if (!target) {
		snprintf(error, 200, "there is no harness for target '%s'", r->target);
		return false;
	}
	if (!target->harness)
		harness = NULL;
	if (harness && access(harness, R_OK) != 0) {
		snprintf(error, 200, "%.100s: %s; build it with 'make prover'", harness,
			strerror(errno));
		return false;
	}
	if (!make_pages(r, result, target, error))
		return false;
	request = request_of(r, result);
	if (target->harness && !make_stops(r, target, &request, error))
		return false;
	fflush(stdout);
	signal(SIGPIPE, SIG_IGN);
	pid = start(target, harness, &in, &out);
	if (pid < 0) {
		snprintf(error, 200, "no process: %s", strerror(errno));
		return false;
	}
	received = converse(r, target, &request, in, out, pid, result);
	close(in);
	close(out);
	waitpid(pid, &status, 0);
	end_outside(r, &result->answer);
	return explain(target, harness, status, result, received, error);
}
