/* SPDX-License-Identifier: MIT */
/*
 * How assembly text falls into lines, labels, statements and tokens. Knows what llvm-objdump puts
 * around instructions (addresses, bytes, names of targets) and takes it off; knows nothing of BPF.
 */
#ifndef VOUCH_LEX_H
#define VOUCH_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TOKENS_MAX 64 /* in one statement; the longest instruction has 20 */

struct token {
	enum { TOKEN_END, TOKEN_WORD, TOKEN_NUMBER, TOKEN_STRING, TOKEN_PUNCT } kind;
	const char *text;
	size_t length;
	uint64_t value; /* of a number */
	bool overflow;  /* it has more than 64 bits */
};

struct lex_label {
	const char *name;
	size_t length;
};

/* A copy of the text in which comments are blanks and everything else is where it was. free() it.
 */
char *lex_without_comments(const char *text, size_t size);

/* The bytes that a listing shows before an instruction: none, one slot or two. */
struct lex_bytes {
	uint8_t bytes[16];
	size_t count;
};

/* Step over what llvm-objdump -d writes before an instruction: "       5:  b7 00 … 00  ". */
void lex_listing(const char **start, const char *end, struct lex_bytes *bytes);

/* True if all that is left is what llvm-objdump shows for bytes that it does not know. */
bool lex_is_unknown(const char *start, const char *end);

/* "name:" or "0000000000000038 <name>:" at the start of a line, stepped over. */
bool lex_label(const char **start, const char *end, struct lex_label *label);

/* The next semicolon outside strings, or the end. */
const char *lex_statement_end(const char *start, const char *end);

/*
 * Cut a statement into tokens, the last being TOKEN_END; a `<name>` at its end is dropped. Of
 * statements with more tokens than fit, the rest is cut off. False: *bad is a character that starts
 * no token.
 */
bool lex_statement(
	const char *start, const char *end, struct token tokens[TOKENS_MAX], const char **bad);

/* Length of the word at p, 0 if none starts there. p ends with a zero byte. */
size_t word_length(const char *p);

static inline bool token_is(const struct token *token, const char *word)
{
	return token->kind == TOKEN_WORD && token->length == strlen(word) &&
	       memcmp(token->text, word, token->length) == 0;
}

/* Bytes up to the end of the line. */
static inline size_t line_length(const char *p, const char *end)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	return (size_t)((newline ? newline : end) - p);
}

#endif
