/* SPDX-License-Identifier: MIT */
/* vouch-prove, part by part: what was asked for, what is to be done, and how it came out. */
#ifndef VOUCH_COMMAND_H
#define VOUCH_COMMAND_H

#include "prover/clock.h"
#include "prover/theorem/theorem.h"

/* Exit codes, as of every vouch command. */
enum { DONE_OK, DONE_REFUSED, DONE_USAGE, DONE_ENVIRONMENT };

struct task {
	struct obligation obligation;
	struct report report;
	bool started, done, cached;
	double expected; /* seconds, as it took last time; 0: not known */
	char key[65];    /* hexadecimal; empty: not to be cached */
};

struct request {
	struct prove_options prove;
	struct task *task;
	size_t tasks;
	unsigned jobs;
	bool times;         /* show what took longest */
	double begin, told; /* by the monotonic clock: the run, the last line of progress */
	FILE *out;          /* for people: not where the JSON goes */
	const char *json;   /* NULL, or a file to write */
	const char *output; /* folder for counterexamples */
	char cache[4096];   /* folder; empty: none */
};

/* run.c: all that isn't done, in worker processes. False: it could not be done (message printed).
 */
bool run_tasks(struct request *request);

/* cache.c */
bool cache_open(struct request *request, const char *folder, const char *elf);
void cache_read(struct request *request);
void cache_write(const struct request *request, const struct task *task);

/* times.c: how long each obligation took last time, kept beside the cache. */
void times_read(struct request *request);
void times_write(const struct request *request);

/* report.c */
void show_progress(struct request *request, size_t running, bool last);
void show_result(const struct request *request);
bool write_json(const struct request *request);

/* place.c: a file that is built with this program: beside it, in the build tree below it, or
 * installed. */
enum { PLACE_MAX = 4200 };
const char *place_of(const char *file, char path[PLACE_MAX]);

/* replay.c */
int replay_main(int argc, char **argv);

/* sha256.c; FIPS 180-4 */
struct sha256 {
	uint32_t h[8];
	uint8_t block[64];
	uint64_t bytes;
};
void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t size);
void sha256_hex(struct sha256 *s, char hex[65]);

#endif
