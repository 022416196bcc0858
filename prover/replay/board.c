/* SPDX-License-Identifier: MIT */
/*
 * Counterexamples for a Cortex-M4. QEMU runs no such processor as a Linux process, and interrupts
 * can be masked by privileged code only; so it is a bare board, an MPS2 with the image AN386, and
 * `vouch replay` is the debugger that drives it, instruction by instruction: nothing of ours runs
 * beside the code in question, or has to share its stack.
 *
 * The board's memory protection unit (ARMv7-M ARM, B3.5) makes pages of its memory: everything that
 * isn't in a page of the counterexample, or isn't permitted there, faults. It knows only eight
 * ranges, so these are a cache, filled when an access faults, as other processors' TLBs are. After
 * a fault the processor is where handlers run; it returns from there, and gets the state back that
 * it had before the instruction.
 */
#include "prover/replay/board.h"

#include <string.h>

#include "prover/replay/remote.h"

enum { SP = 13, LR = 14, PC = 15, XPSR = 16, WORDS = 17 };
enum { STEPS_MAX = 8000, RANGES = 8, RANGE_OURS = 7 };

/* What is ours of the memory: where the processor looks for vectors, and a page that code and
 * images don't come near. */
enum {
	VECTORS = 0,
	OURS = 0x3ff000,
	SNIPPETS = OURS,
	HANDLER = OURS + 0x100, /* nothing is run there, but the processor has to go somewhere */
	FRAME = OURS + 0x200,   /* what a handler returns to */
	STACK = OURS + REPLAY_PAGE
};

/* Instructions to be run by themselves: each begins at a multiple of four. */
enum snippet { RETURN, READ_PRIMASK, WRITE_PRIMASK, FORGET, STORE, LOAD };
static const uint8_t snippets[] = {
	0x70, 0x47, 0x00, 0xbf, /* bx lr; nop */
	0xef, 0xf3, 0x10, 0x80, /* mrs r0, primask */
	0x80, 0xf3, 0x10, 0x88, /* msr primask, r0 */
	0xbf, 0xf3, 0x2f, 0x8f, /* clrex */
	0x01, 0x60, 0x00, 0xbf, /* str r1, [r0]; nop */
	0x00, 0x68, 0x00, 0xbf, /* ldr r0, [r0]; nop */
};

/* Registers of the processor that are memory: B3.2. */
#define CFSR         0xe000ed28u /* why there was a fault */
#define MMFAR        0xe000ed34u /* and where, if the memory protection unit says so */
#define BFAR         0xe000ed38u /* or the bus */
#define MPU_CTRL     0xe000ed94u
#define MPU_RBAR     0xe000ed9cu
#define MPU_RASR     0xe000eda0u
#define IACCVIOL     (1u << 0)
#define DACCVIOL     (1u << 1)
#define MMARVALID    (1u << 7)
#define PRECISERR    (1u << 9)
#define BFARVALID    (1u << 15)
#define RBAR_VALID   (1u << 4)
#define RASR_PAGE    (7u << 16 | 11u << 1 | 1) /* 2^12 bytes of normal memory */
#define RASR_WRITE   (1u << 24)                /* privileged code may read and write */
#define RASR_READ    (5u << 24)                /* may read */
#define RASR_DATA    (1u << 28)                /* not to be executed */
#define EXC_RETURN   0xfffffff9u               /* to code that runs on this stack */
#define XPSR_T       (1u << 24)
#define XPSR_HANDLER 0x1ffu

struct board {
	struct remote remote;
	const struct replay *r;
	struct replay_result *result;
	uint64_t kind[REPLAY_PAGES];    /* a guard that was touched is data */
	bool interrupted[REPLAY_CALLS]; /* it has come */
	uint32_t reg[WORDS];            /* between instructions */
	uint8_t below[40]; /* what is below sp: an exception puts a frame there, aligned */
	const struct replay_page *range[RANGE_OURS]; /* what is in the cache */
	unsigned filled;
	bool ran; /* an instruction: only then it stops where it is to */
};

/* ---- the processor ---- */

static void write_word(struct board *b, uint32_t address, uint32_t value)
{
	const uint8_t byte[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
		(uint8_t)(value >> 24)};

	remote_write(&b->remote, address, byte, sizeof(byte));
}

static uint32_t run_snippet(struct board *b, enum snippet which, uint32_t r0, uint32_t r1)
{
	uint32_t reg[WORDS] = {[0] = r0, [1] = r1, [SP] = STACK, [XPSR] = XPSR_T};

	reg[PC] = SNIPPETS + 4 * which;
	remote_set_registers(&b->remote, reg, WORDS);
	remote_step(&b->remote);
	remote_registers(&b->remote, reg, WORDS);
	return reg[0];
}

/* What belongs to the processor is no memory to a debugger. */
static uint32_t get(struct board *b, uint32_t address)
{
	return run_snippet(b, LOAD, address, 0);
}

static void set(struct board *b, uint32_t address, uint32_t value)
{
	(void)run_snippet(b, STORE, address, value);
}

static void set_range(struct board *b, uint32_t range, uint64_t page, uint32_t attributes)
{
	set(b, MPU_RBAR, (uint32_t)page | RBAR_VALID | range);
	set(b, MPU_RASR, RASR_PAGE | attributes);
}

/* Out of the handler of a fault, by the architecture's own way. */
static void leave_handler(struct board *b, uint32_t xpsr)
{
	const uint32_t frame[8] = {[6] = HANDLER, [7] = XPSR_T};
	uint32_t reg[WORDS] = {[SP] = FRAME, [LR] = EXC_RETURN, [XPSR] = xpsr};

	reg[PC] = SNIPPETS + 4 * RETURN;
	for (unsigned i = 0; i < 8; i++)
		write_word(b, FRAME + 4 * i, frame[i]);
	remote_set_registers(&b->remote, reg, WORDS);
	remote_step(&b->remote);
}

static void reset(struct board *b)
{
	for (unsigned i = 0; i < 16; i++)
		write_word(b, VECTORS + 4 * i, i ? HANDLER | 1 : STACK);
	remote_write(&b->remote, SNIPPETS, snippets, sizeof(snippets));
	set_range(b, RANGE_OURS, OURS, RASR_READ);
	set(b, MPU_CTRL, 1);
	(void)run_snippet(b, WRITE_PRIMASK, (uint32_t)b->r->reg[BOARD_REST] & 1, 0);
}

/* ---- memory ---- */

static struct replay_page *page_at(struct board *b, uint64_t address)
{
	for (unsigned i = 0; i < b->result->pages; i++)
		if (address - b->result->page[i].address < REPLAY_PAGE)
			return &b->result->page[i];
	return NULL;
}

static void write_pages(struct board *b)
{
	for (unsigned i = 0; i < b->result->pages; i++) {
		const struct replay_page *page = &b->result->page[i];

		b->kind[i] = page->kind;
		remote_write(&b->remote, page->address, page->bytes, REPLAY_PAGE);
	}
}

static void read_pages(struct board *b)
{
	for (unsigned i = 0; i < b->result->pages; i++)
		if (b->result->page[i].kind != PAGE_CODE)
			remote_read(&b->remote, b->result->page[i].address, b->result->after[i],
				REPLAY_PAGE);
}

/* The page becomes one of the ranges, in place of that which is there for longest. */
static void fill(struct board *b, const struct replay_page *page)
{
	uint64_t kind = b->kind[page - b->result->page];
	unsigned range = b->filled++ % RANGE_OURS;

	b->range[range] = page;
	set_range(b, range, page->address,
		kind == PAGE_CODE       ? RASR_READ
		: kind == PAGE_CONSTANT ? RASR_READ | RASR_DATA
					: RASR_WRITE | RASR_DATA);
}

static bool is_cached(const struct board *b, const struct replay_page *page)
{
	for (unsigned i = 0; i < RANGE_OURS; i++)
		if (b->range[i] == page)
			return true;
	return false;
}

/* Is there a page that isn't in the cache? Then it is tried again: what isn't permitted there
 * faults once more. */
static bool is_missing(struct board *b, uint64_t address)
{
	struct replay_page *page = page_at(b, address);
	struct replay_answer *a = &b->result->answer;
	uint64_t *kind = page ? &b->kind[page - b->result->page] : NULL;

	if (!page || is_cached(b, page))
		return false;
	if (*kind == PAGE_GUARD && a->touches < REPLAY_TOUCHES) {
		a->touch[a->touches].pc = b->reg[PC];
		a->touch[a->touches++].address = address;
		*kind = PAGE_DATA;
	}
	fill(b, page);
	return true;
}

/* What an exception writes over, where there is memory. */
static void below_sp(struct board *b, bool restore)
{
	uint64_t sp = b->reg[SP], from = sp - sizeof(b->below);

	for (uint64_t n, at = from; at != sp; at += n) {
		uint64_t in_page = REPLAY_PAGE - at % REPLAY_PAGE;

		n = sp - at < in_page ? sp - at : in_page;
		if (!page_at(b, at))
			continue;
		if (restore)
			remote_write(&b->remote, at, b->below + (at - from), n);
		else
			remote_read(&b->remote, at, b->below + (at - from), n);
	}
}

/* ---- code that isn't there ---- */

static bool calls(struct board *b)
{
	for (unsigned i = 0; i < b->r->calls; i++) {
		const struct replay_call *c = &b->r->call[i];

		if (c->address != b->reg[PC] || b->interrupted[i] ||
			b->result->answer.calls == REPLAY_CALLS)
			continue;
		if (!c->interrupts)
			b->reg[PC] = b->reg[c->link] & ~1u;
		else
			(void)run_snippet(b, FORGET, 0, 0);
		b->interrupted[i] = c->interrupts;
		for (unsigned n = 0; n < PC; n++)
			if (c->mask >> n & 1)
				b->reg[n] = (uint32_t)c->reg[n];
		for (uint64_t w = 0; w < c->writes; w++)
			remote_write(&b->remote, c->write[w].address, &c->write[w].value,
				c->write[w].bytes);
		b->result->answer.calls++;
		return true;
	}
	return false;
}

/* ---- instructions ---- */

static bool is_code(const struct board *b, uint64_t pc)
{
	for (unsigned i = 0; i < b->r->chunks; i++)
		if (b->r->chunk[i].kind == PAGE_CODE &&
			pc - b->r->chunk[i].address < b->r->chunk[i].size)
			return true;
	return false;
}

static bool is_stop(const struct board *b, uint64_t pc)
{
	for (unsigned i = 0; i < b->r->stops; i++)
		if (b->r->stop[i] == pc)
			return true;
	return false;
}

static bool end(struct board *b, enum replay_end how, uint32_t fault)
{
	struct replay_answer *a = &b->result->answer;

	a->end = how;
	a->pc = b->reg[PC];
	a->fault = fault;
	for (unsigned n = 0; n < PC; n++)
		a->reg[n] = b->reg[n];
	a->reg[BOARD_REST] = (run_snippet(b, READ_PRIMASK, 0, 0) & 1) | (b->reg[XPSR] & 0xfc00) |
	                     (b->reg[XPSR] >> 25 & 3) << 8;
	return false;
}

/* The instruction didn't work out: the state is as before it. */
static bool is_again(struct board *b, uint32_t xpsr)
{
	uint32_t why, at, pc = b->reg[PC];
	bool is_access;

	leave_handler(b, xpsr);
	why = get(b, CFSR);
	at = get(b, why & BFARVALID ? BFAR : MMFAR);
	is_access = (why & DACCVIOL && why & MMARVALID) || (why & PRECISERR && why & BFARVALID);
	set(b, CFSR, 0xffffffff);
	below_sp(b, true);
	if (why & IACCVIOL) { /* it may be in two pages */
		bool first = is_missing(b, pc), second = is_missing(b, pc + 2);

		return first || second || end(b, REPLAY_STOPPED, pc);
	}
	if (!is_access)
		return end(b, REPLAY_TRAPPED, 0);
	return is_missing(b, at) || end(b, REPLAY_FAULTED, at);
}

/* False: it has ended. */
static bool step(struct board *b)
{
	uint32_t reg[WORDS];

	below_sp(b, false);
	remote_set_registers(&b->remote, b->reg, WORDS);
	remote_step(&b->remote);
	remote_registers(&b->remote, reg, WORDS);
	if (reg[XPSR] & XPSR_HANDLER)
		return is_again(b, reg[XPSR]);
	memcpy(b->reg, reg, sizeof(reg));
	b->ran = true;
	return true;
}

static void run(struct board *b)
{
	for (unsigned steps = 0; steps < STEPS_MAX && !b->remote.failed; steps++) {
		uint32_t pc = b->reg[PC];

		if (calls(b))
			continue;
		if (!is_code(b, pc) || (b->ran && is_stop(b, pc))) {
			end(b, REPLAY_STOPPED, pc);
			return;
		}
		if (!step(b))
			return;
	}
	end(b, REPLAY_ENDLESS, 0);
}

bool board_run(const struct replay *r, int in, int out, struct replay_result *result)
{
	struct board b = {.r = r, .result = result};

	for (unsigned n = 0; n < PC; n++)
		b.reg[n] = (uint32_t)r->reg[n];
	b.reg[PC] = (uint32_t)r->start;
	b.reg[XPSR] = XPSR_T;
	result->answer = (struct replay_answer){.magic = REPLAY_MAGIC};
	remote_begin(&b.remote, in, out);
	reset(&b);
	write_pages(&b);
	run(&b);
	read_pages(&b);
	return !b.remote.failed;
}
