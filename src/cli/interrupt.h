/* SPDX-License-Identifier: MIT */
/* Ctrl-C during a run: the program is stopped, the command goes on and reports it. */
#ifndef VOUCH_CLI_INTERRUPT_H
#define VOUCH_CLI_INTERRUPT_H

#include "vouch/vouch.h"

/* From now on SIGINT and SIGTERM take this vm's fuel away. A second one ends the command as usual.
 */
void interrupt_catch(struct vouch_vm *vm);

/* Back to normal. Returns true if the run was interrupted. */
bool interrupt_release(void);

#endif
