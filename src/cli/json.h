/* SPDX-License-Identifier: MIT */
/*
 * A JSON writer (RFC 8259). Within an object every member has a key; within an array the key is
 * NULL. 64-bit values that needn't be exact as a double (addresses, registers) are written as "0x…"
 * strings.
 */
#ifndef VOUCH_CLI_JSON_H
#define VOUCH_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
	FILE *out;
	unsigned depth;
	bool first; /* nothing written yet at this depth */
};

/* Start and end the document, which is one object. */
struct json json_begin(FILE *out);
void json_end(struct json *json);

void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

/* text may be NULL, which is null. Bytes that aren't UTF-8 become U+FFFD. */
void json_string(struct json *json, const char *key, const char *text);
void json_hex(struct json *json, const char *key, uint64_t value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif
