/* SPDX-License-Identifier: MIT */
/* Why a program was refused or a run stopped: status, place in the program and in the source,
 * memory, registers. */
#ifndef VOUCH_CLI_REPORT_H
#define VOUCH_CLI_REPORT_H

#include "json.h"
#include "machine.h"

struct report {
	const struct input *input;
	const struct machine *machine; /* NULL: the program never got as far as a machine */
	struct vouch_fault fault;
	bool interrupted; /* by ctrl-C, which looks like running out of fuel */
};

/* On standard error. */
void report_text(const struct report *report);

/* As members of the object that is open. */
void report_json(struct json *json, const struct report *report);

#endif
