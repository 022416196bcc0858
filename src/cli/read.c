/* SPDX-License-Identifier: MIT */
/* Reading a file whole, of a size that isn't known before (pipes, /proc) and must not be believed
 * to be small. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "input.h"

/* No program comes near; a device that never ends does not fill the memory. */
#define READ_MAX ((size_t)512 << 20)

static int fail(const char *path, const char *why)
{
	complain("cannot read %s: %s", path, why);
	return EXIT_ENVIRONMENT;
}

static bool grow(struct bytes *bytes, size_t *room)
{
	size_t larger = *room ? 2 * *room : 64 << 10;
	uint8_t *more = realloc(bytes->bytes, larger);

	if (!more)
		return false;
	bytes->bytes = more;
	*room = larger;
	return true;
}

/* Returns NULL, or why not all was read. */
static const char *read_all(int fd, struct bytes *bytes)
{
	size_t room = 0;
	ssize_t n;

	do {
		if (bytes->size == room && !grow(bytes, &room))
			return "out of memory";
		n = read(fd, bytes->bytes + bytes->size, room - bytes->size);
		if (n > 0)
			bytes->size += (size_t)n;
		if (bytes->size > READ_MAX)
			return "larger than 512 MiB";
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? strerror(errno) : NULL;
}

/* To exactly its size. */
static void trim(struct bytes *bytes)
{
	uint8_t *exact = realloc(bytes->bytes, bytes->size > 0 ? bytes->size : 1);

	if (exact)
		bytes->bytes = exact;
}

int input_read(const char *path, struct bytes *bytes)
{
	bool from_standard_input = strcmp(path, "-") == 0;
	int fd = from_standard_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	const char *error;

	*bytes = (struct bytes){0};
	if (fd < 0)
		return fail(path, strerror(errno));
	error = read_all(fd, bytes);
	if (!from_standard_input)
		close(fd);
	if (error) {
		free(bytes->bytes);
		*bytes = (struct bytes){0};
		return fail(from_standard_input ? "standard input" : path, error);
	}
	trim(bytes);
	return EXIT_RAN;
}
