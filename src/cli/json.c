/* SPDX-License-Identifier: MIT */
/* The JSON writer: two spaces a level, one member a line, so that people can read it and diff it.
 */
#include <inttypes.h>
#include <string.h>

#include "json.h"
#include "utf8.h"

static void escape(FILE *out, const char *text)
{
	size_t size = strlen(text);

	fputc('"', out);
	for (size_t i = 0, n; i < size; i += n) {
		n = utf8_length((const unsigned char *)text + i, size - i);
		if (n == 0) {
			fputs("\\ufffd", out);
			n = 1;
		} else if (text[i] == '"' || text[i] == '\\') {
			fprintf(out, "\\%c", text[i]);
		} else if (text[i] == '\n') {
			fputs("\\n", out);
		} else if (text[i] == '\t') {
			fputs("\\t", out);
		} else if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) {
			fprintf(out, "\\u%04x", (unsigned)text[i]);
		} else {
			fwrite(text + i, 1, n, out);
		}
	}
	fputc('"', out);
}

/* What comes before a value: comma, line, key. */
static void lead(struct json *json, const char *key)
{
	fprintf(json->out, "%s\n%*s", json->first ? "" : ",", (int)(2 * json->depth), "");
	json->first = false;
	if (key) {
		escape(json->out, key);
		fputs(": ", json->out);
	}
}

struct json json_begin(FILE *out)
{
	fputc('{', out);
	return (struct json){.out = out, .depth = 1, .first = true};
}

void json_end(struct json *json)
{
	json_close(json, '}');
	fputc('\n', json->out);
}

void json_open(struct json *json, const char *key, char bracket)
{
	lead(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->first = true;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (!json->first)
		fprintf(json->out, "\n%*s", (int)(2 * json->depth), "");
	fputc(bracket, json->out);
	json->first = false;
}

void json_string(struct json *json, const char *key, const char *text)
{
	lead(json, key);
	if (text)
		escape(json->out, text);
	else
		fputs("null", json->out);
}

void json_hex(struct json *json, const char *key, uint64_t value)
{
	lead(json, key);
	fprintf(json->out, "\"0x%" PRIx64 "\"", value);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	lead(json, key);
	fprintf(json->out, "%" PRIu64, value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	lead(json, key);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
	json_string(json, key, NULL);
}
