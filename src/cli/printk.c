/* SPDX-License-Identifier: MIT */
/*
 * bpf_trace_printk's formats. A directive is parsed into its parts and printed by snprintf with a
 * format of our own making, so nothing of the program's format reaches the C library.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "printk.h"

struct directive {
	char flags[8];
	int width;
	unsigned longs; /* how many l */
	char type;
};

struct output {
	char *text;
	size_t used;
};

static bool is_allowed(char c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= '\t' && c <= '\r');
}

/* Parse what follows a '%'. Returns what follows the directive, or NULL if there is no such
 * directive. */
static const char *parse(const char *format, struct directive *directive)
{
	size_t flags = strspn(format, "0+- ");

	*directive = (struct directive){0};
	if (flags >= sizeof(directive->flags))
		return NULL;
	memcpy(directive->flags, format, flags);
	format += flags;
	while (*format >= '0' && *format <= '9' && directive->width < PRINTK_SIZE)
		directive->width = directive->width * 10 + (*format++ - '0');
	while (*format == 'l' && directive->longs < 2) {
		directive->longs++;
		format++;
	}
	directive->type = *format++;
	if (directive->type == 'p') {
		if (*format == 'x')
			format++;
		else if (isalnum((unsigned char)*format))
			return NULL; /* the kernel's own extensions */
	}
	if (!directive->type || !strchr(directive->longs ? "diuxX" : "diuxXcsp", directive->type))
		return NULL;
	return format;
}

/* The program's string, as far as it can be read. */
static void read_string(const struct vouch_vm *vm, uint64_t address, char text[PRINTK_SIZE])
{
	size_t n = 0;

	while (n < PRINTK_SIZE - 1) {
		const char *c = vouch_memory(vm, address + n, 1, VOUCH_READ);

		if (!c || !*c)
			break;
		text[n++] = is_allowed(*c) ? *c : '?';
	}
	text[n] = '\0';
}

static void append(struct output *output, const struct directive *directive, const char *conversion,
	long long number, const char *string)
{
	size_t room = PRINTK_SIZE - output->used;
	char format[32];
	int n;

	/* C has no meaning for the other flags with strings. */
	snprintf(format, sizeof(format), "%%%s*%s",
		!string                         ? directive->flags
		: strchr(directive->flags, '-') ? "-"
						: "",
		conversion);
	if (string)
		n = snprintf(output->text + output->used, room, format, directive->width, string);
	else
		n = snprintf(output->text + output->used, room, format, directive->width, number);
	if (n > 0)
		output->used += (size_t)n < room ? (size_t)n : room - 1;
}

static void print(const struct vouch_vm *vm, struct output *output,
	const struct directive *directive, uint64_t argument)
{
	const char unsigned_conversion[] = {'l', 'l', directive->type, '\0'};
	char text[PRINTK_SIZE] = {0};

	switch (directive->type) {
	case 's':
		read_string(vm, argument, text);
		append(output, directive, "s", 0, text);
		break;
	case 'c':
		text[0] = is_allowed((char)argument) ? (char)argument : '?';
		append(output, directive, "s", 0, text);
		break;
	case 'p':
		snprintf(text, sizeof(text), "%016llx", (unsigned long long)argument);
		append(output, directive, "s", 0, text);
		break;
	case 'd':
	case 'i':
		append(output, directive, "lld",
			directive->longs ? (long long)argument : (int32_t)argument, NULL);
		break;
	default:
		append(output, directive, unsigned_conversion,
			directive->longs ? (long long)argument : (uint32_t)argument, NULL);
	}
}

static void append_char(struct output *output, char c)
{
	if (output->used < PRINTK_SIZE - 1)
		output->text[output->used++] = c;
	output->text[output->used] = '\0';
}

int printk_format(const struct vouch_vm *vm, const char *format, size_t size,
	const uint64_t arguments[PRINTK_ARGUMENTS], char out[PRINTK_SIZE])
{
	struct output output = {.text = out};
	struct directive directive;
	unsigned used = 0;

	out[0] = '\0';
	if (size == 0 || format[size - 1] != '\0')
		return -PRINTK_EINVAL;
	while (*format) {
		if (!is_allowed(*format))
			return -PRINTK_EINVAL;
		if (format[0] != '%' || format[1] == '%') {
			format += *format == '%';
			append_char(&output, *format++);
			continue;
		}
		format = parse(format + 1, &directive);
		if (!format || used == PRINTK_ARGUMENTS)
			return -PRINTK_EINVAL;
		print(vm, &output, &directive, arguments[used++]);
	}
	return (int)output.used;
}
