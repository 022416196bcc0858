/* SPDX-License-Identifier: MIT */
/*
 * What has been proved need not be proved again while nothing has changed that the proof depends
 * on: the compiled emitters, this very program (models, theorems, rules), and the solver. The key
 * of an entry is a hash of all that and the obligation's name. Only proofs are kept: what is
 * refuted or unknown is tried anew.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <z3.h>

#include "prover/command/command.h"

static bool add_file(struct sha256 *s, const char *path)
{
	FILE *f = fopen(path, "rb");
	char block[65536];
	size_t n;

	if (!f)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		sha256_add(s, block, n);
	return fclose(f) == 0;
}

static bool make_folder(char *path)
{
	for (char *slash = path + 1; *slash; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		if (mkdir(path, 0777) != 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static void default_folder(char *path, size_t size)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache)
		snprintf(path, size, "%s/vouch", cache);
	else
		snprintf(path, size, "%s/.cache/vouch", home && *home ? home : "/tmp");
}

bool cache_open(struct request *request, const char *folder, const char *elf)
{
	struct sha256 base;

	if (folder)
		snprintf(request->cache, sizeof(request->cache), "%s", folder);
	else
		default_folder(request->cache, sizeof(request->cache));
	sha256_start(&base);
	if (!add_file(&base, "/proc/self/exe") || !add_file(&base, elf) ||
		!make_folder(request->cache)) {
		fprintf(stderr, "vouch-prove: no cache in '%s': %s\n", request->cache,
			strerror(errno));
		request->cache[0] = '\0';
		return false;
	}
	sha256_add(&base, Z3_get_full_version(), strlen(Z3_get_full_version()) + 1);
	for (size_t i = 0; i < request->tasks; i++) {
		struct sha256 key = base;
		const char *command = request->prove.solver.command;

		sha256_add(&key, request->task[i].obligation.name,
			strlen(request->task[i].obligation.name) + 1);
		if (command)
			sha256_add(&key, command, strlen(command));
		sha256_hex(&key, request->task[i].key);
	}
	return true;
}

static void entry_path(const struct request *request, const struct task *task, char path[4200])
{
	snprintf(path, 4200, "%s/%s", request->cache, task->key);
}

void cache_read(struct request *request)
{
	for (size_t i = 0; i < request->tasks && request->cache[0]; i++) {
		struct task *task = &request->task[i];
		struct report r = {.verdict = VERDICT_PROVED};
		char path[4200];
		unsigned long long queries;
		FILE *f;

		entry_path(request, task, path);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fscanf(f, "proved %u %u %llu %lf\n", &r.paths, &r.runs, &queries, &r.seconds) ==
			4) {
			r.queries = queries;
			task->report = r;
			task->done = task->cached = true;
		}
		fclose(f);
	}
}

/* Whole or not at all, whatever is pressed meanwhile. A cache that can't be written is no error. */
void cache_write(const struct request *request, const struct task *task)
{
	char path[4200], temporary[4220];
	const struct report *r = &task->report;
	sigset_t all, before;
	bool ok;
	FILE *f;

	if (!request->cache[0] || task->cached || r->verdict != VERDICT_PROVED)
		return;
	entry_path(request, task, path);
	snprintf(temporary, sizeof(temporary), "%s.%ld", path, (long)getpid());
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	f = fopen(temporary, "w");
	ok = f && fprintf(f, "proved %u %u %llu %.3f\n", r->paths, r->runs,
			  (unsigned long long)r->queries, r->seconds) > 0;
	ok = f && fclose(f) == 0 && ok;
	if (!ok || rename(temporary, path) != 0)
		unlink(temporary);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
