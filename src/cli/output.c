/* SPDX-License-Identifier: MIT */
/*
 * Output files are written under a temporary name in their folder and renamed. Signals that would
 * end the command wait until the temporary file is gone, so there is no moment at which it could be
 * left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "output.h"

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			size -= (size_t)n;
		}
	}
	return true;
}

static int fail(const char *path)
{
	complain("cannot write %s: %s", path, strerror(errno));
	return EXIT_ENVIRONMENT;
}

static bool write_in_place(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write_all(fd, bytes, size);

	if (fd >= 0 && close(fd) < 0)
		written = false;
	return written;
}

/* Access rights of a new file: those of the one that it replaces, or what the umask leaves. */
static mode_t mode_of(const struct stat *old)
{
	mode_t mask;

	if (old)
		return old->st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool fill(int fd, mode_t mode, const void *bytes, size_t size)
{
	bool written = write_all(fd, bytes, size) && fchmod(fd, mode) == 0;

	return close(fd) == 0 && written;
}

static bool replace(const char *path, const struct stat *old, const void *bytes, size_t size)
{
	size_t room = strlen(path) + sizeof(".XXXXXX");
	char *name = allocate(room, 1);
	bool done = false;
	int fd, error;

	snprintf(name, room, "%s.XXXXXX", path);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd >= 0) {
		done = fill(fd, mode_of(old), bytes, size) && rename(name, path) == 0;
		error = errno;
		if (!done)
			unlink(name);
		errno = error;
	}
	free(name);
	return done;
}

/* The same, with the signals that end a command held back. */
static bool replace_undisturbed(
	const char *path, const struct stat *old, const void *bytes, size_t size)
{
	sigset_t ending, before;
	bool done;

	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGHUP);
	sigaddset(&ending, SIGQUIT);
	sigprocmask(SIG_BLOCK, &ending, &before);
	done = replace(path, old, bytes, size);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return done;
}

int output_write(const char *path, const void *bytes, size_t size)
{
	struct stat old;
	bool exists, done;
	char *real;

	if (strcmp(path, "-") == 0) {
		fwrite(bytes, 1, size, stdout);
		return EXIT_RAN; /* output_finish() sees errors */
	}
	exists = stat(path, &old) == 0;
	if (exists && !S_ISREG(old.st_mode))
		return write_in_place(path, bytes, size) ? EXIT_RAN : fail(path);
	/* A symbolic link stays: what it points to is replaced. */
	real = exists ? realpath(path, NULL) : NULL;
	done = replace_undisturbed(real ? real : path, exists ? &old : NULL, bytes, size);
	free(real);
	return done ? EXIT_RAN : fail(path);
}

int output_finish(int exit)
{
	if (!ferror(stdout) && fflush(stdout) == 0)
		return exit;
	/* stdio has forgotten why; another attempt tells. */
	clearerr(stdout);
	errno = 0;
	if (fputc('\n', stdout) == EOF || fflush(stdout) != 0)
		complain("cannot write to standard output: %s", strerror(errno));
	else
		complain("cannot write to standard output");
	return EXIT_ENVIRONMENT;
}
