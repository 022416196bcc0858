/* SPDX-License-Identifier: MIT */
/* All of it to a pipe, however little it takes at once. False: errno says why, or it is closed. */
#ifndef VOUCH_WRITE_ALL_H
#define VOUCH_WRITE_ALL_H

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

static inline bool write_all(int fd, const void *data, size_t size)
{
	const char *byte = data;

	while (size > 0) {
		ssize_t n = write(fd, byte, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		byte += n;
		size -= (size_t)n;
	}
	return true;
}

#endif
