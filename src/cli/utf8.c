/* SPDX-License-Identifier: MIT */
/* UTF-8 as the Unicode standard's table 3-7 has it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. */
#include "utf8.h"

/* First byte from..to: how many bytes, and where the second byte must lie. Later ones are 80..bf.
 */
static const struct form {
	unsigned char from, to, length, second_from, second_to;
} forms[] = {
	{0x00, 0x7f, 1, 0, 0},
	{0xc2, 0xdf, 2, 0x80, 0xbf},
	{0xe0, 0xe0, 3, 0xa0, 0xbf},
	{0xe1, 0xec, 3, 0x80, 0xbf},
	{0xed, 0xed, 3, 0x80, 0x9f},
	{0xee, 0xef, 3, 0x80, 0xbf},
	{0xf0, 0xf0, 4, 0x90, 0xbf},
	{0xf1, 0xf3, 4, 0x80, 0xbf},
	{0xf4, 0xf4, 4, 0x80, 0x8f},
};

static bool matches(const struct form *form, const unsigned char *text, size_t size)
{
	if (size < form->length || text[0] < form->from || text[0] > form->to)
		return false;
	if (form->length > 1 && (text[1] < form->second_from || text[1] > form->second_to))
		return false;
	for (size_t i = 2; i < form->length; i++)
		if (text[i] < 0x80 || text[i] > 0xbf)
			return false;
	return true;
}

size_t utf8_length(const unsigned char *text, size_t size)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (matches(&forms[i], text, size))
			return forms[i].length;
	return 0;
}

static bool is_control(unsigned char c)
{
	return (c < 0x20 && !(c >= '\t' && c <= '\r')) || c == 0x7f;
}

bool utf8_is_text(const unsigned char *text, size_t size)
{
	for (size_t i = 0, n; i < size; i += n) {
		n = utf8_length(text + i, size - i);
		if (n == 0 || is_control(text[i]))
			return false;
	}
	return true;
}
