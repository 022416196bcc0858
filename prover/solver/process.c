/* SPDX-License-Identifier: MIT */
/*
 * Any solver that reads SMT-LIB 2: a shell command gets the script on its standard input and prints
 * an answer. The script asks for the values of everything that the query's truth depends on:
 * variables, bytes of memories at the addresses that are looked at, calls with their arguments. If
 * the answer is sat, those are read back in the order in which they were asked for.
 */
#include <ctype.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "prover/solver/backend.h"

/* ---- what is asked for, in one order for asking and for reading ---- */

struct values {
	FILE *ask;        /* or NULL: read */
	const char *text; /* what is left of the answer */
	bool right;
};

static const char *skip_space(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

static u128 digits(const char *p, unsigned base)
{
	u128 value = 0;

	for (; isxdigit((unsigned char)*p); p++)
		value = value * base +
		        (unsigned)(isdigit((unsigned char)*p) ? *p - '0' : (*p | 32) - 'a' + 10);
	return value;
}

/* The end of ((term value)): the value is #b…, #x…, (_ bvN W), true or false, whatever the term
 * looked like. */
static bool last_value(const char *begin, const char *end, u128 *value)
{
	const char *p = end;

	while (p > begin && (isspace((unsigned char)p[-1]) || p[-1] == ')'))
		p--;
	while (p > begin && !isspace((unsigned char)p[-1]) && p[-1] != '(')
		p--;
	if (*p == '#') {
		*value = digits(p + 2, p[1] == 'x' ? 16 : 2);
		return p[1] == 'x' || p[1] == 'b';
	}
	if (strncmp(p, "true", 4) == 0 || strncmp(p, "false", 5) == 0) {
		*value = *p == 't';
		return true;
	}
	while (p > begin && p[-1] != '(')
		p--;
	*value = digits(p + 4, 10);
	return strncmp(p, "_ bv", 4) == 0;
}

static bool read_value(struct values *v, u128 *value)
{
	const char *begin = skip_space(v->text), *p = begin;
	int depth = 0;

	if (*p != '(')
		return false;
	do {
		depth += *p == '(';
		depth -= *p == ')';
		if (*p == '|') /* a quoted name */
			for (p++; *p && *p != '|'; p++)
				;
		if (!*p)
			return false;
		p++;
	} while (depth > 0);
	v->text = p;
	return last_value(begin, p, value);
}

static u128 value_of(struct values *v, term memory, term t)
{
	u128 value = 0;

	if (v->ask) {
		fputs("(get-value (", v->ask);
		if (memory)
			fprintf(v->ask, "(select |%s| ", memory->name);
		term_print_smt(v->ask, t);
		fputs(memory ? ")))\n" : "))\n", v->ask);
	} else {
		v->right = v->right && read_value(v, &value);
	}
	return value;
}

static void bytes(
	struct values *v, const struct term_list *all, term memory, struct assignment *model)
{
	for (size_t i = 0; i < all->count; i++) {
		term t = all->at[i];
		uint64_t at;
		uint8_t value;

		if (t->op != TERM_SELECT && t->op != TERM_STORE)
			continue;
		at = (uint64_t)value_of(v, NULL, t->arg[1]);
		value = (uint8_t)value_of(v, memory, t->arg[1]);
		if (!v->ask)
			assignment_set_byte(model, memory, at, value);
	}
}

static void call(struct values *v, term t, struct assignment *model)
{
	u128 arg[16], value;

	for (unsigned i = 0; i < t->args; i++)
		arg[i] = value_of(v, NULL, t->arg[i]);
	value = value_of(v, NULL, t);
	if (!v->ask)
		assignment_set_apply(model, t->name, t->args, arg, value);
}

static void exchange(struct values *v, const struct query *q)
{
	struct term_list all = {0};

	term_subterms(q->asserts, q->assertion, &all);
	for (size_t i = 0; i < all.count; i++) {
		term t = all.at[i];
		u128 value;

		if (t->op == TERM_APPLY) {
			call(v, t, q->model);
		} else if (t->op == TERM_VAR && t->sort == SORT_MEMORY) {
			bytes(v, &all, t, q->model);
		} else if (t->op == TERM_VAR) {
			value = value_of(v, NULL, t);
			if (!v->ask)
				assignment_set(q->model, t, value);
		}
	}
	term_list_free(&all);
}

/* ---- the process ---- */

static enum solver_result failed(const struct query *q, const char *what)
{
	snprintf(q->reason, REASON_MAX, "%s", what);
	return SOLVER_ERROR;
}

static FILE *write_script(const struct query *q)
{
	FILE *f = tmpfile();
	struct values v = {.ask = f};

	if (!f)
		return NULL;
	fputs("(set-option :produce-models true)\n", f);
	term_print_smt_script(f, q->asserts, q->assertion);
	exchange(&v, q);
	fputs("(exit)\n", f);
	if (fflush(f) == 0 && fseek(f, 0, SEEK_SET) == 0)
		return f;
	fclose(f);
	return NULL;
}

static pid_t start(const char *command, FILE *script, int *output)
{
	int ends[2];
	pid_t child;

	if (pipe(ends) != 0)
		return -1;
	child = fork();
	if (child == 0) {
		setpgid(0, 0); /* so that what the shell starts is killed with it */
		if (dup2(fileno(script), 0) < 0 || dup2(ends[1], 1) < 0)
			_exit(126);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (child < 0)
		close(ends[0]);
	else
		setpgid(child, child);
	*output = ends[0];
	return child;
}

static long long milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* All that is printed, or NULL if time is up first (timeout 0: never). */
static char *read_all(int from, unsigned timeout_ms)
{
	long long end = milliseconds() + timeout_ms;
	size_t size = 0, room = 4096;
	char *text = malloc(room + 1);

	while (text) {
		long long left = timeout_ms ? end - milliseconds() : -1;
		struct pollfd ready = {from, POLLIN, 0};
		ssize_t got;

		if ((timeout_ms && left <= 0) || poll(&ready, 1, (int)left) <= 0)
			break;
		got = read(from, text + size, room - size);
		if (got <= 0) {
			text[size] = 0;
			return text;
		}
		size += (size_t)got;
		if (size == room) {
			char *larger = realloc(text, 2 * room + 1);

			if (!larger)
				break;
			text = larger;
			room *= 2;
		}
	}
	free(text);
	return NULL;
}

static bool word(const char **text, const char *expected)
{
	const char *p = skip_space(*text);
	size_t n = strlen(expected);

	if (strncmp(p, expected, n) != 0 || (p[n] && !isspace((unsigned char)p[n])))
		return false;
	*text = p + n;
	return true;
}

static enum solver_result understand(const struct query *q, const char *text)
{
	struct values v = {.right = true};

	if (word(&text, "unsat"))
		return SOLVER_UNSAT;
	if (word(&text, "unknown") || word(&text, "timeout")) {
		snprintf(q->reason, REASON_MAX, "the solver gave up");
		return SOLVER_UNKNOWN;
	}
	if (!word(&text, "sat")) {
		snprintf(q->reason, REASON_MAX,
			"the solver answered neither sat, unsat nor unknown: %.100s", text);
		return SOLVER_ERROR;
	}
	v.text = text;
	exchange(&v, q);
	return v.right ? SOLVER_SAT : failed(q, "the solver says sat, but its model can't be read");
}

enum solver_result process_check(const char *command, const struct query *q)
{
	FILE *script = write_script(q);
	enum solver_result result;
	char *text;
	pid_t child;
	int output;

	if (!script)
		return failed(q, "no temporary file for the solver's script");
	child = start(command, script, &output);
	fclose(script);
	if (child < 0)
		return failed(q, "the solver can't be started");
	text = read_all(output, q->timeout_ms);
	close(output);
	kill(-child, SIGKILL);
	waitpid(child, NULL, 0);
	if (!text) {
		snprintf(q->reason, REASON_MAX, "out of time");
		return SOLVER_UNKNOWN;
	}
	result = understand(q, text);
	free(text);
	return result;
}
