/* SPDX-License-Identifier: MIT */
/* Thumb-2's refinement map: the first comment of src/jit/thumb2/emit.c, as a table. */
#include "prover/theorem/refinement.h"

/* STUB_ATOMIC and STUB_ACCESS of src/jit/thumb2/emit.c: what the access is, they are told. */
static const struct access_stub access_stubs[] = {{8, 1, false, false}, {8, 2, false, false},
	{8, 4, false, false}, {8, 8, false, false}, {8, 1, true, false}, {8, 2, true, false},
	{8, 4, true, false}, {8, 8, true, false}, {7, 4, true, true}, {7, 8, true, true}};

static const struct divide_stub divide = {
	.label = 14,
	.labels_of_kinds = true,
	.divisor = {0, 1},
	.dividend = {2, 3},
	.clobbers = 0xf,
	.has_carry = true,
	.rest = {4, 5},
	.count = 14,
	.kind = 12,
	.negate = 6,
	.scratch = 0x180, /* r7, r8 */
	.saved_register = {4, 5, 6, 7, 8},
	.saved_count = 5,
	.saved = -20u,
	.return_slot = 40,
	.below = 20,
};

/* r13 is sp, r14 lr. Not named here: scratch. */
const struct refinement refinement_thumb2 = {
	.name = "thumb2",
	.target = "vouch_thumb2",
	.machine = &machine_thumb2,
	.word = 4,
	.thumb = true,
	.labels_ahead = true,
	.alignment = 2,
	.reg = {[4] = {ROLE_BPF, 0},
		[5] = {ROLE_UPPER, 0},
		[6] = {ROLE_BPF, 1},
		[7] = {ROLE_UPPER, 1},
		[8] = {ROLE_BPF, 2},
		[9] = {ROLE_UPPER, 2},
		[10] = {ROLE_BPF, 3},
		[11] = {ROLE_UPPER, 3},
		[12] = {ROLE_VM, 0},
		[13] = {ROLE_SP, 0},
		[14] = {ROLE_CONTEXT, 0}},
	.in_vm = 0x7f0, /* r4 to r10 */
	.used_in_vm = true,
	.slot = {{32, ROLE_VM, 0}, {36, ROLE_BOTTOM, 0}},
	.slots = 2,
	.argument = {0, 2, 3, ON_STACK(0), ON_STACK(4), ON_STACK(8), ON_STACK(12), ON_STACK(16),
		ON_STACK(20), ON_STACK(24), ON_STACK(28)},
	.find_argument = {0, 1, 2, 3, ON_STACK(0), ON_STACK(4), ON_STACK(8)},
	.result = 0,
	.result_upper = 1,
	.link = 14,
	.stack_arguments = 32,
	.caller_saved = 0x500f, /* r0 to r3, r12, lr */
	.bool_bits = 32,
	.frame_size = 88,
	.frame_below = 20,
	.sp_alignment = 8,
	.callee_saved = {4, 5, 6, 7, 8, 9, 10, 11, 14},
	.callee_saved_count = 9,
	.callee_saved_offset = 52,
	.access_stubs = access_stubs,
	.access_stubs_count = sizeof(access_stubs) / sizeof(access_stubs[0]),
	.stub_pc = 3,
	.stub_address = 0,
	.stub_address_upper = 1,
	.stub_knows_access = true,
	.cold_has_address = true,
	.divide = &divide,
	.stub_clobbers = 0xe, /* r1 to r3 */
	.prologue_min = 30,
	.prologue_max = 40,
};
