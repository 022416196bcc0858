/* SPDX-License-Identifier: MIT */
/* RV64's refinement map: the first comment of src/jit/rv64/emit.c, as a table. */
#include "prover/theorem/refinement.h"
#include "vouch/jit.h"

/* STUB_ACCESS of src/jit/rv64/emit.c. */
static const struct access_stub access_stubs[] = ACCESS_STUBS(12);

/* x0 zero, x1 ra, x2 sp, x3 gp, x4 tp, x5 to x7 t0 to t2, x8 s0, x9 s1, x10 to x17 a0 to a7, x18 to
 * x27 s2 to s11, x28 to x31 t3 to t6. Not named here: scratch. */
#define RV64(variant, flags, unit)                                                           \
	{                                                                                    \
		.name = variant, .target = "vouch_rv64", .features = flags,                  \
		.machine = &machine_rv64, .word = 8, .alignment = unit,                      \
		.reg = {[0] = {ROLE_ZERO, 0},                                                \
			[2] = {ROLE_SP, 0},                                                  \
			[3] = {ROLE_KEPT, 0},                                                \
			[4] = {ROLE_KEPT, 0},                                                \
			[10] = {ROLE_BPF, 0},                                                \
			[11] = {ROLE_BPF, 1},                                                \
			[12] = {ROLE_BPF, 2},                                                \
			[13] = {ROLE_BPF, 3},                                                \
			[14] = {ROLE_BPF, 4},                                                \
			[15] = {ROLE_BPF, 5},                                                \
			[8] = {ROLE_BPF, 6},                                                 \
			[9] = {ROLE_BPF, 7},                                                 \
			[18] = {ROLE_BPF, 8},                                                \
			[19] = {ROLE_BPF, 9},                                                \
			[20] = {ROLE_BPF, 10},                                               \
			[21] = {ROLE_VM, 0},                                                 \
			[22] = {ROLE_USED, 0},                                               \
			[23] = {ROLE_CONTEXT, 0},                                            \
			[24] = {ROLE_KEPT, 0},                                               \
			[25] = {ROLE_KEPT, 0},                                               \
			[26] = {ROLE_KEPT, 0},                                               \
			[27] = {ROLE_KEPT, 0}},                                              \
		.argument = {10, 11, 12, 13, 14, 15}, .find_argument = {10, 11, 12, 13, 14}, \
		.result = 10, .link = 1, .bool_bits = 64,                                    \
		.caller_saved = 0xf003fce2, /* ra, t0 to t6, a0 to a7 */                     \
			.frame_size = 160, .sp_alignment = 16,                               \
		.callee_saved = {1, 8, 9, 18, 19, 20, 21, 22, 23}, .callee_saved_count = 9,  \
		.callee_saved_offset = 0, .access_stubs = access_stubs,                      \
		.access_stubs_count = sizeof(access_stubs) / sizeof(access_stubs[0]),        \
		.stub_pc = 5, .stub_address = 6,                                             \
		.stub_clobbers = 0xf0030080, /* t2 to t6, a6, a7 */                          \
			.prologue_min = 40, .prologue_max = 140,                             \
	}

const struct refinement refinement_rv64 = RV64("rv64", 0, 4);
const struct refinement refinement_rv64c = RV64("rv64c", VOUCH_RV_COMPRESSED, 2);
