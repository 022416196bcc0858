/* SPDX-License-Identifier: MIT */
/* See lex.h. */
#include "lex.h"

#include <ctype.h>
#include <stdlib.h>

static bool is_word_start(char c)
{
	return isalpha((unsigned char)c) || c == '_' || c == '.' || c == '$' || c == '@';
}

static bool is_word_char(char c)
{
	return is_word_start(c) || isdigit((unsigned char)c);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Of a hexadecimal digit. */
static unsigned digit_value(char c)
{
	return isdigit((unsigned char)c) ? (unsigned)(c - '0')
	                                 : (unsigned)(tolower((unsigned char)c) - 'a') + 10;
}

size_t word_length(const char *p)
{
	size_t n = 0;

	if (is_word_start(*p))
		while (is_word_char(p[n]))
			n++;
	return n;
}

static const char *skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"' && *p != '\n'; p++)
		if (*p == '\\' && p + 1 < end && p[1] != '\n')
			p++;
	return p < end && *p == '"' ? p + 1 : p;
}

static const char *comment_end(const char *p, const char *end)
{
	if (*p == '#' || (*p == '/' && p + 1 < end && p[1] == '/')) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		return newline ? newline : end;
	}
	if (*p == '/' && p + 1 < end && p[1] == '*') {
		for (p += 2; p + 1 < end; p++)
			if (p[0] == '*' && p[1] == '/')
				return p + 2;
		return end;
	}
	return NULL;
}

char *lex_without_comments(const char *text, size_t size)
{
	char *clean = malloc(size + 1);
	const char *p = text, *end = text + size;

	if (!clean)
		return NULL;
	memcpy(clean, text, size);
	clean[size] = '\0';
	while (p < end) {
		const char *stop = *p == '"' ? skip_string(p, end) : NULL;

		if (stop) {
			p = stop;
			continue;
		}
		stop = comment_end(p, end);
		for (; stop && p < stop; p++)
			if (*p != '\n')
				clean[p - text] = ' ';
		if (!stop)
			p++;
	}
	return clean;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* "b7 00 00 00 00 00 00 00", or twice that: the bytes of one instruction. */
static const char *lex_hex(const char *start, const char *end, struct lex_bytes *bytes)
{
	const char *p = start;
	size_t n = 0;

	while (end - p > 2 && isxdigit((unsigned char)p[0]) && isxdigit((unsigned char)p[1]) &&
		is_blank(p[2])) {
		if (n < sizeof(bytes->bytes))
			bytes->bytes[n] = (uint8_t)(digit_value(p[0]) << 4 | digit_value(p[1]));
		p = skip_blanks(p + 2, end);
		n++;
	}
	bytes->count = n == 8 || n == 16 ? n : 0;
	return bytes->count ? p : start;
}

void lex_listing(const char **start, const char *end, struct lex_bytes *bytes)
{
	const char *p = skip_blanks(*start, end), *digits = p;

	bytes->count = 0;
	while (p < end && isxdigit((unsigned char)*p))
		p++;
	if (p > digits && isdigit((unsigned char)*digits) && p < end && *p == ':')
		*start = lex_hex(skip_blanks(p + 1, end), end, bytes);
	/* What objdump says about the file and its sections. */
	p = *start;
	if ((size_t)(end - p) > 12 && memcmp(p, "Disassembly ", 12) == 0)
		*start = end;
	for (; end - p > 13; p++)
		if (memcmp(p, ":\tfile format", 13) == 0)
			*start = end;
}

bool lex_is_unknown(const char *start, const char *end)
{
	static const char unknown[] = "<unknown>";

	start = skip_blanks(start, end);
	while (end > start && is_blank(end[-1]))
		end--;
	return (size_t)(end - start) == strlen(unknown) &&
	       memcmp(start, unknown, strlen(unknown)) == 0;
}

bool lex_label(const char **start, const char *end, struct lex_label *label)
{
	const char *p = skip_blanks(*start, end), *name = p;

	while (p < end && isxdigit((unsigned char)*p))
		p++;
	if (p - name == 16 && end - p > 2 && p[0] == ' ' && p[1] == '<') {
		const char *close = memchr(p, '>', (size_t)(end - p));

		if (!close || close + 1 >= end || close[1] != ':' || close == p + 2)
			return false;
		*label = (struct lex_label){p + 2, (size_t)(close - p - 2)};
		*start = close + 2;
		return true;
	}
	p = name;
	if (p >= end || !is_word_start(*p))
		return false;
	while (p < end && is_word_char(*p))
		p++;
	*label = (struct lex_label){name, (size_t)(p - name)};
	p = skip_blanks(p, end);
	if (p >= end || *p != ':')
		return false;
	*start = p + 1;
	return true;
}

const char *lex_statement_end(const char *start, const char *end)
{
	const char *p = start;

	while (p < end && *p != ';')
		p = *p == '"' ? skip_string(p, end) : p + 1;
	return p;
}

/* The statement without a `<name>` at its end. */
static const char *trim(const char *start, const char *end)
{
	const char *open;

	while (end > start && is_blank(end[-1]))
		end--;
	if (end == start || end[-1] != '>')
		return end;
	for (open = end - 1; open > start && *open != '<'; open--)
		;
	return open > start && *open == '<' && is_blank(open[-1]) && !is_blank(open[1]) ? open
	                                                                                : end;
}

static const char *lex_number(const char *p, const char *end, struct token *token)
{
	unsigned base = 10;

	token->kind = TOKEN_NUMBER;
	if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X') &&
		isxdigit((unsigned char)p[2])) {
		base = 16;
		p += 2;
	}
	for (; p < end && (base == 16 ? isxdigit((unsigned char)*p) : isdigit((unsigned char)*p));
		p++) {
		unsigned digit = digit_value(*p);

		token->overflow |= token->value > (UINT64_MAX - digit) / base;
		token->value = token->value * base + digit;
	}
	return p;
}

bool lex_statement(
	const char *start, const char *end, struct token tokens[TOKENS_MAX], const char **bad)
{
	const char *p = start;
	size_t n = 0;

	end = trim(start, end);
	for (p = skip_blanks(p, end); p < end && n < TOKENS_MAX - 1; p = skip_blanks(p, end)) {
		struct token token = {.kind = TOKEN_PUNCT, .text = p};

		if (isdigit((unsigned char)*p)) {
			p = lex_number(p, end, &token);
			if (p < end && is_word_char(*p)) {
				*bad = p;
				return false;
			}
		} else if (is_word_start(*p)) {
			token.kind = TOKEN_WORD;
			while (p < end && is_word_char(*p))
				p++;
		} else if (*p == '"') {
			token.kind = TOKEN_STRING;
			p = skip_string(p, end);
		} else if (ispunct((unsigned char)*p)) {
			p++;
		} else {
			*bad = p;
			return false;
		}
		token.length = (size_t)(p - token.text);
		tokens[n++] = token;
	}
	tokens[n] = (struct token){.kind = TOKEN_END, .text = end};
	return true;
}
