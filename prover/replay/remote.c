/* SPDX-License-Identifier: MIT */
/* See remote.h. */
#include "prover/replay/remote.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "prover/write_all.h"

enum { CHUNK = 1024 }; /* bytes of memory in one packet */

/* ---- packets ---- */

static char next(struct remote *r)
{
	struct pollfd wait = {.fd = r->in, .events = POLLIN};
	ssize_t n;

	if (r->failed)
		return 0;
	if (r->used == r->filled) {
		n = poll(&wait, 1, 1000 * REMOTE_SECONDS) == 1
		            ? read(r->in, r->buffer, sizeof(r->buffer))
		            : 0;
		r->failed = n <= 0;
		r->used = 0;
		r->filled = n > 0 ? (size_t)n : 0;
	}
	return r->failed ? 0 : r->buffer[r->used++];
}

static void send_packet(struct remote *r, const char *data)
{
	unsigned char sum = 0;
	char end[4];

	for (const char *c = data; *c; c++)
		sum = (unsigned char)(sum + (unsigned char)*c);
	snprintf(end, sizeof(end), "#%02x", sum);
	if (!r->failed && !(write_all(r->out, "$", 1) && write_all(r->out, data, strlen(data)) &&
				  write_all(r->out, end, 3)))
		r->failed = true;
}

/* Acknowledgements come in between; those of ours are asked for. */
static void receive_packet(struct remote *r)
{
	size_t size = 0;
	char c;

	while ((c = next(r)) != '$' && !r->failed) {
	}
	while ((c = next(r)) != '#' && !r->failed && size < REMOTE_PACKET)
		r->packet[size++] = c;
	r->packet[size] = '\0';
	(void)next(r);
	(void)next(r);
	r->failed = r->failed || size == REMOTE_PACKET || !write_all(r->out, "+", 1);
}

static void ask(struct remote *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void ask(struct remote *r, const char *format, ...)
{
	char data[REMOTE_PACKET];
	va_list args;

	va_start(args, format);
	vsnprintf(data, sizeof(data), format, args);
	va_end(args);
	send_packet(r, data);
	receive_packet(r);
	if (r->packet[0] == 'E')
		r->failed = true;
}

/* ---- bytes as text ---- */

static void to_hex(char *text, const void *bytes, size_t size)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < size; i++)
		snprintf(text + 2 * i, 3, "%02x", byte[i]);
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The packet's, from a byte on; zeros where it has none. */
static void from_hex(struct remote *r, size_t from, void *bytes, size_t size)
{
	uint8_t *byte = bytes;

	memset(bytes, 0, size);
	r->failed = r->failed || 2 * (from + size) > strlen(r->packet);
	for (size_t i = 0; i < size && !r->failed; i++) {
		const char *text = r->packet + 2 * (from + i);
		int high = digit(text[0]), low = digit(text[1]);

		r->failed = high < 0 || low < 0;
		byte[i] = r->failed ? 0 : (uint8_t)(16 * high + low);
	}
}

/* ---- what can be asked ---- */

void remote_begin(struct remote *r, int in, int out)
{
	*r = (struct remote){.in = in, .out = out};
	ask(r, "qSupported:xmlRegisters=arm");
	ask(r, "qXfer:features:read:target.xml:0,ff0");
	ask(r, "Qqemu.PhyMemMode:1");
}

void remote_read(struct remote *r, uint64_t address, void *bytes, size_t size)
{
	for (size_t i = 0, n; i < size; i += n) {
		n = size - i < CHUNK ? size - i : CHUNK;
		ask(r, "m%llx,%zx", (unsigned long long)(address + i), n);
		from_hex(r, 0, (uint8_t *)bytes + i, n);
	}
}

void remote_write(struct remote *r, uint64_t address, const void *bytes, size_t size)
{
	char text[2 * CHUNK + 1];

	for (size_t i = 0, n; i < size; i += n) {
		n = size - i < CHUNK ? size - i : CHUNK;
		to_hex(text, (const uint8_t *)bytes + i, n);
		ask(r, "M%llx,%zx:%s", (unsigned long long)(address + i), n, text);
	}
}

void remote_registers(struct remote *r, uint32_t *reg, unsigned n)
{
	uint8_t byte[4];

	ask(r, "g");
	for (unsigned i = 0; i < n; i++) {
		from_hex(r, 4 * i, byte, 4);
		reg[i] = byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 |
		         (uint32_t)byte[3] << 24;
	}
}

void remote_set_registers(struct remote *r, const uint32_t *reg, unsigned n)
{
	char text[REMOTE_PACKET / 2] = "";

	for (unsigned i = 0; i < n; i++) {
		const uint8_t byte[] = {(uint8_t)reg[i], (uint8_t)(reg[i] >> 8),
			(uint8_t)(reg[i] >> 16), (uint8_t)(reg[i] >> 24)};

		to_hex(text + 8 * i, byte, 4);
	}
	ask(r, "G%s", text);
}

void remote_step(struct remote *r)
{
	ask(r, "s");
}
