/* SPDX-License-Identifier: MIT */
/* Where the files are that were built along with this program. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "prover/command/command.h"

const char *place_of(const char *file, char path[PLACE_MAX])
{
	static const char *const places[] = {"", "build/prover/", "../lib/vouch/"};
	char folder[PLACE_MAX - 100] = "";
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	char *slash = n > 0 ? strrchr(folder, '/') : NULL;

	if (slash)
		slash[1] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, PLACE_MAX, "%s%s%.60s", folder, places[i], file);
		if (access(path, R_OK) == 0)
			return path;
	}
	snprintf(path, PLACE_MAX, "build/prover/%.60s", file);
	return path;
}
