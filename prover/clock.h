/* SPDX-License-Identifier: MIT */
/* Seconds by the monotonic clock, from some point in the past. */
#ifndef VOUCH_CLOCK_H
#define VOUCH_CLOCK_H

#include <time.h>

static inline double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
