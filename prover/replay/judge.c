/* SPDX-License-Identifier: MIT */
/*
 * What the machine did, against what BPF allows and what the prover's model says. A state is right
 * if it ends where it should, if registers and memory hold what they should, if no memory of the
 * program's was touched that shouldn't be, and if what the counterexample says nothing of is as it
 * was.
 */
#include <string.h>

#include "prover/replay/replay.h"

typedef unsigned long long ull;

struct judge {
	const struct replay *r;
	const struct replay_result *result;
	const struct replay_state *state;
	FILE *out; /* NULL: only count */
	unsigned differences;
};

enum { SHOWN = 12 };

static FILE *difference(struct judge *j)
{
	return ++j->differences <= SHOWN ? j->out : NULL;
}

static const uint8_t *after(const struct replay_result *result, uint64_t address)
{
	for (unsigned i = 0; i < result->pages; i++)
		if (address - result->page[i].address < REPLAY_PAGE)
			return result->page[i].kind == PAGE_CODE
			               ? &result->page[i].bytes[address % REPLAY_PAGE]
			               : &result->after[i][address % REPLAY_PAGE];
	return NULL;
}

static void show_end(const struct replay_result *result, FILE *out)
{
	const struct replay_answer *a = &result->answer;

	switch ((enum replay_end)a->end) {
	case REPLAY_FAULTED:
		fprintf(out, "the instruction at 0x%llx accesses 0x%llx, where no memory is",
			(ull)a->pc, (ull)a->fault);
		break;
	case REPLAY_TRAPPED:
		fprintf(out, "the instruction at 0x%llx can't be run", (ull)a->pc);
		break;
	case REPLAY_ENDLESS:
		fprintf(out, "the code goes on and on, at 0x%llx", (ull)a->pc);
		break;
	default:
		fprintf(out, "the code ends at 0x%llx", (ull)a->pc);
		break;
	}
}

/* An access that goes over the end of a page faults at the next one. */
static bool is_fault(const struct replay_state *s, const struct replay_answer *a)
{
	return a->end == REPLAY_FAULTED && a->fault - s->fault < 16;
}

static bool ends_so(const struct replay_state *s, const struct replay_answer *a)
{
	if (s->endless)
		return a->end == REPLAY_ENDLESS;
	if (s->traps)
		return a->end == REPLAY_TRAPPED && s->ends == 1 && s->end[0] == a->pc;
	if (s->faults ? !is_fault(s, a) : a->end != REPLAY_STOPPED)
		return false;
	for (unsigned i = 0; i < s->ends; i++)
		if (s->end[i] == a->pc)
			return true;
	return false;
}

static void judge_end(struct judge *j)
{
	const struct replay_state *s = j->state;
	FILE *out;

	if (ends_so(s, &j->result->answer) || !(out = difference(j)))
		return;
	fputs("    ", out);
	show_end(j->result, out);
	if (s->endless)
		fprintf(out, ", and should go on and on");
	else if (s->traps)
		fprintf(out, ", and should come to an instruction that can't be run");
	else if (s->faults)
		fprintf(out, ", and should access 0x%llx", (ull)s->fault);
	for (unsigned i = 0; i < s->ends && !s->endless; i++)
		fprintf(out, "%s at 0x%llx",
			i           ? " or"
			: s->faults ? ""
				    : ", and should end",
			(ull)s->end[i]);
	if (s->ends == 0 && !s->endless)
		fprintf(out, ", and should end elsewhere");
	fputc('\n', out);
}

static void judge_registers(struct judge *j)
{
	for (unsigned n = 0; n < REPLAY_REGISTERS; n++) {
		uint64_t is = j->result->answer.reg[n], mask = j->state->reg[n].mask;
		FILE *out = (is ^ j->state->reg[n].value) & mask ? difference(j) : NULL;

		if (out)
			fprintf(out, "    register %u%s%s is 0x%llx, and should be 0x%llx\n", n,
				*j->state->reg[n].name ? ", " : "", j->state->reg[n].name,
				(ull)(is & mask), (ull)(j->state->reg[n].value & mask));
	}
}

static void show_bytes(FILE *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%02x", bytes[i]);
}

/* The first bytes that differ, up to eight. */
static void judge_chunk(struct judge *j, const struct chunk_at *chunk)
{
	uint8_t is[8];
	size_t n = 0, i = 0;
	FILE *out;

	for (; i < chunk->size; i++) {
		const uint8_t *byte = after(j->result, chunk->address + i);

		if (!byte || *byte != chunk->bytes[i])
			break;
	}
	if (i == chunk->size || !(out = difference(j)))
		return;
	for (; n < 8 && i + n < chunk->size && after(j->result, chunk->address + i + n); n++)
		is[n] = *after(j->result, chunk->address + i + n);
	fprintf(out, "    at 0x%llx%s%s", (ull)(chunk->address + i), *chunk->name ? ", " : "",
		chunk->name);
	if (i > 0)
		fprintf(out, " + %zu", i);
	fprintf(out, n ? " is " : " is no memory");
	show_bytes(out, is, n);
	fprintf(out, ", and should be ");
	show_bytes(out, chunk->bytes + i, n ? n : 1);
	fputc('\n', out);
}

static void judge_least(struct judge *j)
{
	uint64_t value = 0;
	FILE *out;

	if (!j->state->has_least)
		return;
	for (unsigned i = 0; i < 8; i++) {
		const uint8_t *byte = after(j->result, j->state->least_at + i);

		value |= (uint64_t)(byte ? *byte : 0) << 8 * i;
	}
	if (value < j->state->least && (out = difference(j)))
		fprintf(out, "    at 0x%llx is 0x%llx, and should be at least 0x%llx\n",
			(ull)j->state->least_at, (ull)value, (ull)j->state->least);
}

static void judge_touches(struct judge *j)
{
	const struct replay_answer *a = &j->result->answer;

	for (uint64_t t = 0; t < a->touches; t++) {
		bool allowed = false;
		FILE *out;

		for (unsigned i = 0; i < j->state->touches; i++)
			allowed |= a->touch[t].address - j->state->touch[i].address <
			           j->state->touch[i].size;
		if (!allowed && (out = difference(j)))
			fprintf(out,
				"    the instruction at 0x%llx accesses 0x%llx, and shouldn't\n",
				(ull)a->touch[t].pc, (ull)a->touch[t].address);
	}
}

static bool is_said(const struct replay *r, uint64_t address)
{
	for (unsigned i = 0; i < r->chunks; i++)
		if (address - r->chunk[i].address < r->chunk[i].size)
			return true;
	return false;
}

static void judge_rest(struct judge *j)
{
	for (unsigned i = 0; i < j->result->pages; i++) {
		const struct replay_page *page = &j->result->page[i];

		for (unsigned n = 0; n < REPLAY_PAGE && page->kind != PAGE_CODE; n++) {
			FILE *out;

			if (j->result->after[i][n] == page->bytes[n] ||
				is_said(j->r, page->address + n))
				continue;
			out = difference(j);
			if (out)
				fprintf(out,
					"    at 0x%llx, which is nothing of the code's, is %02x, "
					"and was %02x\n",
					(ull)(page->address + n), j->result->after[i][n],
					page->bytes[n]);
			break;
		}
	}
}

static unsigned judge(const struct replay *r, const struct replay_result *result,
	const struct replay_state *state, FILE *out)
{
	struct judge j = {.r = r, .result = result, .state = state, .out = out};

	judge_end(&j);
	judge_registers(&j);
	for (unsigned i = 0; i < state->held; i++)
		judge_chunk(&j, &state->holds[i]);
	judge_least(&j);
	judge_touches(&j);
	judge_rest(&j);
	if (out && j.differences > SHOWN)
		fprintf(out, "    and %u more\n", j.differences - SHOWN);
	return j.differences;
}

/* Against the end that it is nearest to. */
static void show_nearest(const struct replay *r, const struct replay_result *result, FILE *out)
{
	unsigned nearest = 0, least = UINT32_MAX;

	for (unsigned i = 0; i < r->wants; i++) {
		unsigned differences = judge(r, result, &r->want[i], NULL);

		if (differences < least) {
			least = differences;
			nearest = i;
		}
	}
	for (unsigned i = 0; i < r->wants; i++)
		if (i == 0 || strcmp(r->want[i - 1].name, r->want[i].name) != 0)
			fprintf(out, "  %s %s\n", i ? "or     " : "BPF    ", r->want[i].name);
	fprintf(out, "  differs%s%s:\n", r->wants > 1 ? " from: " : "",
		r->wants > 1 ? r->want[nearest].name : "");
	judge(r, result, &r->want[nearest], out);
}

enum replay_verdict replay_judge(
	const struct replay *r, const struct replay_result *result, FILE *out)
{
	fputs("  machine ", out);
	show_end(result, out);
	fputc('\n', out);
	for (unsigned i = 0; i < r->wants; i++)
		if (judge(r, result, &r->want[i], NULL) == 0) {
			fprintf(out, "not confirmed: the machine does as BPF: %s\n",
				r->want[i].name);
			return REPLAY_REFUTED;
		}
	show_nearest(r, result, out);
	if (judge(r, result, &r->model, NULL) == 0) {
		fprintf(out,
			"confirmed: the machine does what the prover says that it does, and not "
			"what BPF does\n");
		return REPLAY_CONFIRMED;
	}
	fprintf(out, "  the prover's model of the machine says otherwise:\n");
	judge(r, result, &r->model, out);
	fprintf(out, "not confirmed: machine and model disagree, which is a bug of the prover\n");
	return REPLAY_DISAGREES;
}
