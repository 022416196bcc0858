/* SPDX-License-Identifier: MIT */
/* What people and machines get to see: progress, failures, the matrix, JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "prover/command/command.h"

static const char *const verdict_text[] = {"proved", "refuted", "unknown"};

static void count(const struct request *request, size_t n[3])
{
	memset(n, 0, 3 * sizeof(n[0]));
	for (size_t i = 0; i < request->tasks; i++)
		if (request->task[i].done)
			n[request->task[i].report.verdict]++;
}

static double elapsed(const struct request *request)
{
	return seconds_now() - request->begin;
}

/* One that is being proved; NULL: none. */
static const char *in_progress(const struct request *request)
{
	for (size_t i = 0; i < request->tasks; i++)
		if (request->task[i].started && !request->task[i].done)
			return request->task[i].obligation.name;
	return NULL;
}

void show_progress(struct request *request, size_t running, bool last)
{
	bool terminal = isatty(STDERR_FILENO);
	double now = seconds_now();
	const char *name = in_progress(request);
	size_t n[3];

	if (now - request->told < (terminal ? 0.2 : 30) && !last)
		return;
	if (last && !terminal)
		return;
	request->told = now;
	count(request, n);
	fprintf(stderr, "%s%zu of %zu done, %zu refuted, %zu unknown, %.0f s; %zu running%s%s%s",
		terminal ? "\r\033[K" : "", n[0] + n[1] + n[2], request->tasks, n[1], n[2],
		now - request->begin, running, name ? ": " : "", name ? name : "",
		terminal && !last ? "" : "\n");
}

/* The file of a counterexample, named after the obligation; NULL if there is none. */
static const char *write_replay(
	const struct request *request, const struct task *task, char path[4200])
{
	FILE *f;
	char *c;

	if (!task->report.replay)
		return NULL;
	snprintf(path, 4200, "%s/%s.cex", request->output, task->obligation.name);
	for (c = path + strlen(request->output) + 1; *c; c++)
		if (*c == '/')
			*c = '-';
	f = fopen(path, "w");
	if (!f || fputs(task->report.replay, f) < 0 ||
		fprintf(f, "obligation %s\n", task->obligation.name) < 0 || fclose(f) != 0) {
		fprintf(stderr, "vouch-prove: cannot write '%s': %s\n", path, strerror(errno));
		return NULL;
	}
	return path;
}

static void show_failures(const struct request *request)
{
	for (size_t i = 0; i < request->tasks; i++) {
		const struct task *task = &request->task[i];
		const struct report *r = &task->report;
		char buffer[4200];
		const char *path;

		if (!task->done || r->verdict == VERDICT_PROVED)
			continue;
		fprintf(request->out, "%s: %s: %s\n", verdict_text[r->verdict],
			task->obligation.name, r->reason);
		if (r->text)
			fprintf(request->out, "%s\n", r->text);
		path = write_replay(request, task, buffer);
		if (path)
			fprintf(request->out, "  to run it: vouch replay %s\n", path);
		else if (r->verdict == VERDICT_REFUTED && !r->replay)
			fprintf(request->out,
				"  nothing to replay: it isn't about code that an emitter wrote\n");
	}
}

static bool seen_before(const struct request *request, size_t i, bool group)
{
	const struct obligation *o = &request->task[i].obligation;

	for (size_t j = 0; j < i; j++) {
		const struct obligation *before = &request->task[j].obligation;

		if (strcmp(group ? before->group : before->target, group ? o->group : o->target) ==
			0)
			return true;
	}
	return false;
}

static void show_cell(const struct request *request, const char *group, const char *target)
{
	size_t proved = 0, all = 0;
	char text[32] = "";

	for (size_t i = 0; i < request->tasks; i++) {
		const struct task *task = &request->task[i];

		if (strcmp(task->obligation.group, group) != 0 ||
			strcmp(task->obligation.target, target) != 0)
			continue;
		all++;
		proved += task->done && task->report.verdict == VERDICT_PROVED;
	}
	if (all > 0)
		snprintf(text, sizeof(text), "%zu/%zu", proved, all);
	fprintf(request->out, " %10s", text);
}

static void show_matrix(const struct request *request)
{
	fprintf(request->out, "%-12s", "");
	for (size_t i = 0; i < request->tasks; i++)
		if (!seen_before(request, i, false))
			fprintf(request->out, " %10s", request->task[i].obligation.target);
	fprintf(request->out, "\n");
	for (size_t i = 0; i < request->tasks; i++) {
		if (seen_before(request, i, true))
			continue;
		fprintf(request->out, "%-12s", request->task[i].obligation.group);
		for (size_t j = 0; j < request->tasks; j++)
			if (!seen_before(request, j, false))
				show_cell(request, request->task[i].obligation.group,
					request->task[j].obligation.target);
		fprintf(request->out, "\n");
	}
}

static int by_seconds(const void *a, const void *b)
{
	double x = (*(const struct task *const *)a)->report.seconds;
	double y = (*(const struct task *const *)b)->report.seconds;

	return (x < y) - (x > y);
}

static void show_times(const struct request *request)
{
	const struct task **task = calloc(request->tasks + 1, sizeof(*task));

	if (!task)
		abort();
	for (size_t i = 0; i < request->tasks; i++)
		task[i] = &request->task[i];
	qsort(task, request->tasks, sizeof(*task), by_seconds);
	for (size_t i = 0; i < request->tasks && i < 20; i++)
		fprintf(request->out, "%8.2f s  %s\n", task[i]->report.seconds,
			task[i]->obligation.name);
	free(task);
}

void show_result(const struct request *request)
{
	unsigned long long paths = 0, runs = 0, queries = 0;
	size_t n[3], cached = 0;

	show_failures(request);
	if (request->times)
		show_times(request);
	show_matrix(request);
	for (size_t i = 0; i < request->tasks; i++) {
		const struct task *task = &request->task[i];

		paths += task->report.paths;
		runs += task->report.runs;
		queries += task->report.queries;
		cached += task->cached;
	}
	count(request, n);
	fprintf(request->out,
		"%zu obligations: %zu proved, %zu refuted, %zu unknown; %zu from the cache\n"
		"%llu paths of emitters, %llu runs of their code, %llu questions to the solver, "
		"%.1f s\n",
		request->tasks, n[0], n[1], n[2], cached, paths, runs, queries, elapsed(request));
}

static void json_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(f, "\\u%04x", (unsigned)(unsigned char)*text);
		else
			fputc(*text, f);
	fputc('"', f);
}

bool write_json(const struct request *request)
{
	FILE *f = strcmp(request->json, "-") == 0 ? stdout : fopen(request->json, "w");
	size_t n[3];
	bool ok;

	if (!f) {
		fprintf(stderr, "vouch-prove: cannot write '%s': %s\n", request->json,
			strerror(errno));
		return false;
	}
	count(request, n);
	fprintf(f,
		"{\"proved\": %zu, \"refuted\": %zu, \"unknown\": %zu, \"seconds\": "
		"%.3f,\n\"obligations\": [",
		n[0], n[1], n[2], elapsed(request));
	for (size_t i = 0; i < request->tasks; i++) {
		const struct task *task = &request->task[i];
		const struct report *r = &task->report;

		fprintf(f, "%s\n{\"name\": ", i ? "," : "");
		json_string(f, task->obligation.name);
		fprintf(f,
			", \"verdict\": \"%s\", \"paths\": %u, \"runs\": %u, \"queries\": %llu, "
			"\"seconds\": %.3f, \"cached\": %s, \"reason\": ",
			verdict_text[r->verdict], r->paths, r->runs, (unsigned long long)r->queries,
			r->seconds, task->cached ? "true" : "false");
		json_string(f, r->reason);
		fputc('}', f);
	}
	ok = fprintf(f, "\n]}\n") > 0;
	if (f != stdout)
		ok = fclose(f) == 0 && ok;
	if (!ok)
		fprintf(stderr, "vouch-prove: cannot write '%s'\n", request->json);
	return ok;
}
