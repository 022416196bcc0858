/* SPDX-License-Identifier: MIT */
/*
 * What makes an interpreter vouch_run() or something else. VOUCH_RUN, VOUCH_TRACE and VOUCH_ALSO,
 * its further parameter, make another copy, which looks at every instruction before it runs:
 * src/cli/trace.c, src/jit/count.c. VOUCH_HYBRID makes one that goes on where a run is and stops
 * where instructions are compiled: src/jit/interpret.c. Both interpreters include this, once a
 * copy.
 */
#ifndef VOUCH_RUN
#define VOUCH_RUN vouch_run
#endif
#ifndef VOUCH_TRACE
#define VOUCH_TRACE(vm, pc) ((void)0)
#endif
#ifndef VOUCH_ALSO
#define VOUCH_ALSO
#endif

/* A run starts at the entry, with nothing spent; in hybrid mode, it has started already. */
#ifdef VOUCH_HYBRID
#define BEGIN()    ((void)0)
#define FIRST_PC   vm->fault.pc
#define FIRST_USED vm->used
#else
#define BEGIN()    vm_begin(vm)
#define FIRST_PC   vm->entry
#define FIRST_USED 0
#endif
