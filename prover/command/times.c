/* SPDX-License-Identifier: MIT */
/*
 * How long each obligation took last time, so that the longest can be started first: a file "times"
 * beside the cached proofs, a line "SECONDS NAME" for each. It outlives the proofs, which every
 * change of the emitters makes worthless. Nothing but the order depends on it, so what can't be
 * read or written is ignored.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "prover/command/command.h"

static FILE *open_times(const struct request *request, const char *suffix, const char *mode)
{
	char path[4200];

	if (!request->cache[0])
		return NULL;
	snprintf(path, sizeof(path), "%s/times%s", request->cache, suffix);
	return fopen(path, mode);
}

static struct task *find(const struct request *request, const char *name)
{
	for (size_t i = 0; i < request->tasks; i++)
		if (strcmp(request->task[i].obligation.name, name) == 0)
			return &request->task[i];
	return NULL;
}

static bool next_line(FILE *f, double *seconds, char name[48])
{
	return fscanf(f, "%lf %47s", seconds, name) == 2;
}

void times_read(struct request *request)
{
	FILE *f = open_times(request, "", "r");
	struct task *task;
	double seconds;
	char name[48];

	if (!f)
		return;
	while (next_line(f, &seconds, name))
		if ((task = find(request, name)) && seconds > 0)
			task->expected = seconds;
	fclose(f);
}

static bool is_new(const struct task *task)
{
	return task->done && !task->cached;
}

/* What others took stays: a run may be of a few obligations only. */
static void keep_others(const struct request *request, FILE *to)
{
	FILE *from = open_times(request, "", "r");
	const struct task *task;
	double seconds;
	char name[48];

	if (!from)
		return;
	while (next_line(from, &seconds, name))
		if (!(task = find(request, name)) || !is_new(task))
			fprintf(to, "%.3f %s\n", seconds, name);
	fclose(from);
}

static bool any_new(const struct request *request)
{
	for (size_t i = 0; i < request->tasks; i++)
		if (is_new(&request->task[i]))
			return true;
	return false;
}

void times_write(const struct request *request)
{
	char suffix[32], path[4200], temporary[4240];
	FILE *f;

	if (!any_new(request))
		return;
	snprintf(suffix, sizeof(suffix), ".%ld", (long)getpid());
	f = open_times(request, suffix, "w");
	if (!f)
		return;
	keep_others(request, f);
	for (size_t i = 0; i < request->tasks; i++)
		if (is_new(&request->task[i]))
			fprintf(f, "%.3f %s\n", request->task[i].report.seconds,
				request->task[i].obligation.name);
	snprintf(path, sizeof(path), "%s/times", request->cache);
	snprintf(temporary, sizeof(temporary), "%s%s", path, suffix);
	if (fclose(f) != 0 || rename(temporary, path) != 0)
		unlink(temporary);
}
