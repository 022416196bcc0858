/* SPDX-License-Identifier: MIT */
/* Seconds, from some point in the past. */
#ifndef VOUCH_CLOCK_H
#define VOUCH_CLOCK_H

#include <time.h>

/* By the monotonic clock */
static inline double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Of a processor's work for this thread */
static inline double seconds_worked(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
