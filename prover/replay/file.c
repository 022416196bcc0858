/* SPDX-License-Identifier: MIT */
/* Reading a counterexample's file (replay.h). Nothing in it is believed before it is looked at. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "prover/replay/replay.h"

struct reader {
	struct replay *r;
	struct replay_state *state; /* what `end`, `is`, … are about; NULL: none yet */
	struct replay_call *call;   /* the same of `set` and `write` */
	char *rest;                 /* of the line */
	char *error;
	unsigned line;
};

static bool wrong(struct reader *in, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(struct reader *in, const char *format, ...)
{
	int used = snprintf(in->error, 200, "line %u: ", in->line);
	va_list args;

	va_start(args, format);
	vsnprintf(in->error + used, 200 - (size_t)used, format, args);
	va_end(args);
	return false;
}

/* The next word of the line; empty at its end. */
static char *word(struct reader *in)
{
	char *start = in->rest + strspn(in->rest, " ");

	in->rest = start + strcspn(start, " ");
	if (*in->rest)
		*in->rest++ = '\0';
	return start;
}

static bool number(struct reader *in, int base, uint64_t most, uint64_t *value)
{
	char *text = word(in), *end;
	size_t digits = strspn(text, base == 10 ? "0123456789" : "0123456789abcdef");

	*value = strtoull(text, &end, base);
	if (digits == 0 || digits > (base == 10 ? 9 : 16) || text[digits] || *value > most)
		return wrong(in, "'%.40s' is not a number that can stand here", text);
	return true;
}

static bool address(struct reader *in, uint64_t *value)
{
	return number(in, 16, UINT64_MAX, value);
}

static bool register_number(struct reader *in, uint64_t *value)
{
	return number(in, 10, REPLAY_REGISTERS - 1, value);
}

static void text(struct reader *in, char *to, size_t size)
{
	snprintf(to, size, "%s", in->rest);
	in->rest += strlen(in->rest);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* An address, bytes, and a name if there is one. */
static bool bytes(struct reader *in, struct chunk_at *to)
{
	const char *hex;
	size_t size;

	if (!address(in, &to->address))
		return false;
	hex = word(in);
	size = strlen(hex) / 2;
	if (size == 0 || size > 2 * REPLAY_PAGE || strlen(hex) % 2 != 0 ||
		to->address + size < to->address)
		return wrong(in, "not bytes");
	to->bytes = malloc(size);
	if (!to->bytes)
		abort();
	to->size = size;
	for (size_t i = 0; i < size; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return wrong(in, "not bytes");
		to->bytes[i] = (uint8_t)(16 * high + low);
	}
	text(in, to->name, sizeof(to->name));
	return true;
}

static bool room(struct reader *in, unsigned used, unsigned most)
{
	return used < most || wrong(in, "there are too many of these");
}

/* Records. Each has a function that reads what comes after its name. */

static bool read_obligation(struct reader *in)
{
	text(in, in->r->obligation, sizeof(in->r->obligation));
	return true;
}

static bool read_target(struct reader *in)
{
	text(in, in->r->target, sizeof(in->r->target));
	return true;
}

static bool read_claim(struct reader *in)
{
	text(in, in->r->claim, sizeof(in->r->claim));
	return true;
}

static bool read_text(struct reader *in)
{
	size_t before = in->r->text ? strlen(in->r->text) : 0, size = strlen(in->rest);

	in->r->text = realloc(in->r->text, before + size + 2);
	if (!in->r->text)
		abort();
	memcpy(in->r->text + before, in->rest, size);
	memcpy(in->r->text + before + size, "\n", 2);
	in->rest += size;
	return true;
}

static bool read_start(struct reader *in)
{
	return address(in, &in->r->start);
}

static bool read_register(struct reader *in)
{
	uint64_t n, value;

	if (!register_number(in, &n) || !address(in, &value))
		return false;
	in->r->reg[n] = value;
	return true;
}

static bool read_chunk(struct reader *in, enum page_kind kind)
{
	struct chunk_at *chunk = &in->r->chunk[in->r->chunks];

	if (!room(in, in->r->chunks, REPLAY_CHUNKS))
		return false;
	in->r->chunks++;
	chunk->kind = kind;
	return bytes(in, chunk);
}

static bool read_code(struct reader *in)
{
	return read_chunk(in, PAGE_CODE);
}

static bool read_data(struct reader *in)
{
	return read_chunk(in, PAGE_DATA);
}

static bool read_constant(struct reader *in)
{
	return read_chunk(in, PAGE_CONSTANT);
}

static bool read_guard(struct reader *in)
{
	return read_chunk(in, PAGE_GUARD);
}

static bool read_stop(struct reader *in)
{
	return room(in, in->r->stops, REPLAY_STOPS) && address(in, &in->r->stop[in->r->stops++]);
}

static bool read_call_or_interrupt(struct reader *in, bool interrupts)
{
	if (!room(in, in->r->calls, REPLAY_CALLS))
		return false;
	in->call = &in->r->call[in->r->calls++];
	in->call->interrupts = interrupts;
	if (!address(in, &in->call->address))
		return false;
	in->rest += strlen(in->rest); /* its name is for people */
	return true;
}

static bool read_call(struct reader *in)
{
	return read_call_or_interrupt(in, false);
}

static bool read_interrupt(struct reader *in)
{
	return read_call_or_interrupt(in, true);
}

static bool in_call(struct reader *in)
{
	return in->call || wrong(in, "this belongs to a call");
}

static bool read_link(struct reader *in)
{
	return in_call(in) && register_number(in, &in->call->link);
}

static bool read_set(struct reader *in)
{
	uint64_t n, value;

	if (!in_call(in) || !register_number(in, &n) || !address(in, &value))
		return false;
	in->call->mask |= (uint64_t)1 << n;
	in->call->reg[n] = value;
	return true;
}

/* In pieces that don't go over an address that is a multiple of 8. */
static bool read_write(struct reader *in)
{
	struct chunk_at chunk = {0};
	bool ok = in_call(in) && bytes(in, &chunk);

	for (size_t i = 0, n; ok && i < chunk.size; i += n) {
		uint64_t at = chunk.address + i, all = 0;

		ok = room(in, (unsigned)in->call->writes, REPLAY_WRITES);
		for (n = 0; i + n < chunk.size && (n == 0 || (at + n) % 8 != 0); n++)
			all |= (uint64_t)chunk.bytes[i + n] << 8 * n;
		if (!ok)
			break;
		in->call->write[in->call->writes].address = at;
		in->call->write[in->call->writes].value = all;
		in->call->write[in->call->writes++].bytes = n;
	}
	free(chunk.bytes);
	return ok;
}

static bool read_want(struct reader *in)
{
	if (!room(in, in->r->wants, REPLAY_STATES))
		return false;
	in->state = &in->r->want[in->r->wants++];
	text(in, in->state->name, sizeof(in->state->name));
	return true;
}

static bool read_model(struct reader *in)
{
	if (in->r->has_model)
		return wrong(in, "there are two of these");
	in->r->has_model = true;
	in->state = &in->r->model;
	text(in, in->state->name, sizeof(in->state->name));
	return true;
}

static bool in_state(struct reader *in)
{
	return in->state || wrong(in, "this belongs to 'want' or 'model'");
}

static bool read_end(struct reader *in)
{
	return in_state(in) && room(in, in->state->ends, REPLAY_ENDS) &&
	       address(in, &in->state->end[in->state->ends++]);
}

static bool read_fault(struct reader *in)
{
	return in_state(in) && (in->state->faults = true) && address(in, &in->state->fault);
}

static bool read_endless(struct reader *in)
{
	return in_state(in) && (in->state->endless = true);
}

static bool read_traps(struct reader *in)
{
	return in_state(in) && (in->state->traps = true);
}

static bool read_touch(struct reader *in)
{
	struct replay_state *s = in->state;

	if (!in_state(in) || !room(in, s->touches, REPLAY_TOUCHES))
		return false;
	s->touches++;
	return address(in, &s->touch[s->touches - 1].address) &&
	       number(in, 16, REPLAY_PAGE, &s->touch[s->touches - 1].size);
}

static bool read_is(struct reader *in)
{
	uint64_t n, value, mask;

	if (!in_state(in) || !register_number(in, &n) || !address(in, &value) ||
		!address(in, &mask))
		return false;
	in->state->reg[n].value = value;
	in->state->reg[n].mask = mask;
	text(in, in->state->reg[n].name, REPLAY_NAME);
	return true;
}

static bool read_holds(struct reader *in)
{
	return in_state(in) && room(in, in->state->held, REPLAY_CHUNKS) &&
	       bytes(in, &in->state->holds[in->state->held++]);
}

static bool read_least(struct reader *in)
{
	if (!in_state(in) || !address(in, &in->state->least_at) || !address(in, &in->state->least))
		return false;
	in->rest += strlen(in->rest);
	return in->state->has_least = true;
}

static const struct {
	const char *name;
	bool (*read)(struct reader *in);
} records[] = {
	{"obligation", read_obligation},
	{"target", read_target},
	{"claim", read_claim},
	{"text", read_text},
	{"start", read_start},
	{"register", read_register},
	{"code", read_code},
	{"data", read_data},
	{"constant", read_constant},
	{"guard", read_guard},
	{"stop", read_stop},
	{"call", read_call},
	{"interrupt", read_interrupt},
	{"link", read_link},
	{"set", read_set},
	{"write", read_write},
	{"want", read_want},
	{"model", read_model},
	{"end", read_end},
	{"fault", read_fault},
	{"endless", read_endless},
	{"traps", read_traps},
	{"touch", read_touch},
	{"is", read_is},
	{"holds", read_holds},
	{"least", read_least},
};

static bool read_record(struct reader *in)
{
	const char *name = word(in);

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		if (strcmp(name, records[i].name) != 0)
			continue;
		if (!records[i].read(in))
			return false;
		return *word(in) == '\0' || wrong(in, "there is more than belongs here");
	}
	return wrong(in, "unknown record '%.40s'", name);
}

static bool is_complete(struct reader *in)
{
	return !*in->r->target ? wrong(in, "there is no target")
	       : in->r->wants == 0
	               ? wrong(in, "there is nothing that BPF wants")
	               : in->r->has_model || wrong(in, "there is nothing that the model says");
}

struct replay *replay_read(FILE *f, char error[200])
{
	struct reader in = {.r = calloc(1, sizeof(*in.r)), .error = error};
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	bool ok = true;

	if (!in.r)
		abort();
	while (ok && (n = getline(&line, &size, f)) >= 0) {
		in.line++;
		if (n > 0 && line[n - 1] == '\n')
			line[--n] = '\0';
		in.rest = line;
		if (strlen(line) != (size_t)n)
			ok = wrong(&in, "not text");
		else if (in.line == 1)
			ok = strcmp(line, "vouch-counterexample 1") == 0 ||
			     wrong(&in, "not a counterexample of this version");
		else if (n > 0)
			ok = read_record(&in);
	}
	ok = ok && is_complete(&in);
	free(line);
	if (ok)
		return in.r;
	replay_free(in.r);
	return NULL;
}

static void free_chunks(struct chunk_at *chunk, unsigned chunks)
{
	for (unsigned i = 0; i < chunks; i++)
		free(chunk[i].bytes);
}

void replay_free(struct replay *r)
{
	for (unsigned i = 0; i < r->wants; i++)
		free_chunks(r->want[i].holds, r->want[i].held);
	free_chunks(r->model.holds, r->model.held);
	free_chunks(r->chunk, r->chunks);
	free(r->text);
	free(r);
}
