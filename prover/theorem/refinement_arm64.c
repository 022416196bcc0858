/* SPDX-License-Identifier: MIT */
/* AArch64's refinement map: the first comment of src/jit/arm64/emit.c, as a table. */
#include "prover/theorem/refinement.h"
#include "vouch/jit.h"

/* STUB_ACCESS of src/jit/arm64/emit.c. */
static const struct access_stub access_stubs[] = ACCESS_STUBS(12);

/*
 * 31 is sp. Not named here: scratch. x18 belongs to the platform: C may change it where there is no
 * such use for it, but what is emitted may not.
 */
const struct refinement refinement_arm64 = {
	.name = "arm64",
	.target = "vouch_arm64",
	.optional_features = VOUCH_ARM_LSE,
	.machine = &machine_arm64,
	.word = 8,
	.groups = true,
	.alignment = 4,
	.reg = {[0] = {ROLE_BPF, 0},
		[1] = {ROLE_BPF, 1},
		[2] = {ROLE_BPF, 2},
		[3] = {ROLE_BPF, 3},
		[4] = {ROLE_BPF, 4},
		[5] = {ROLE_BPF, 5},
		[6] = {ROLE_LIMIT, 0},
		[7] = {ROLE_LIMIT, 1},
		[8] = {ROLE_LIMIT, 2},
		[15] = {ROLE_LIMIT, 3},
		[16] = {ROLE_LIMIT, 4},
		[17] = {ROLE_LIMIT, 5},
		[18] = {ROLE_KEPT, 0},
		[19] = {ROLE_BPF, 6},
		[20] = {ROLE_BPF, 7},
		[21] = {ROLE_BPF, 8},
		[22] = {ROLE_BPF, 9},
		[23] = {ROLE_BPF, 10},
		[24] = {ROLE_VM, 0},
		[25] = {ROLE_USED, 0},
		[26] = {ROLE_CONTEXT, 0},
		[27] = {ROLE_LIMIT, 6},
		[28] = {ROLE_LIMIT, 7},
		[29] = {ROLE_KEPT, 0},
		[31] = {ROLE_SP, 0}},
	.argument = {0, 1, 2, 3, 4, 5},
	.find_argument = {0, 1, 2, 3, 4},
	.result = 0,
	.link = 30,
	.caller_saved = 0x4003ffff, /* x0 to x17, x30; of x18 see above */
	.frame_size = 192,
	.sp_alignment = 16,
	.callee_saved = {29, 30, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28},
	.callee_saved_count = 12,
	.callee_saved_offset = 0,
	.access_stubs = access_stubs,
	.access_stubs_count = sizeof(access_stubs) / sizeof(access_stubs[0]),
	.bool_bits = 8,
	.stub_pc = 9,
	.stub_address = 10,
	.stub_clobbers = 0x7800, /* x11 to x14 */
	.prologue_min = 84,
	.prologue_max = 84,
};
