/* SPDX-License-Identifier: MIT */
/* RV32's refinement map: the first comment of src/jit/rv32/emit.c, as a table. */
#include "prover/theorem/refinement.h"
#include "vouch/jit.h"

/* STUB_ACCESS of src/jit/rv32/emit.c. */
static const struct access_stub access_stubs[] = ACCESS_STUBS(12);

static const struct divide_stub divide = {
	.label = 22,
	.remainder = 5, /* t0 */
	.mask = 6,      /* t1 */
	.divisor = {7, 28},
	.dividend = {29, 30},
	.rest = {10, 11},
	.count = 12,
	.kind = 5,
	.negate = 6,
	.clobbers = 0x900000e0, /* t0 to t3, t6 */
	.scratch = 0x900000e0,
	.saved_register = {10, 11, 12},
	.saved_count = 3,
	.saved = 92,
};

/* x0 zero, x1 ra, x2 sp, x3 gp, x4 tp, x5 to x7 t0 to t2, x8 s0, x9 s1, x10 to x17 a0 to a7, x18 to
 * x27 s2 to s11, x28 to x31 t3 to t6. Not named here: scratch. */
#define RV32(variant, flags, unit)                                                                 \
	{                                                                                          \
		.name = variant, .target = "vouch_rv32", .features = flags,                        \
		.optional_features = VOUCH_RV_ATOMIC, .machine = &machine_rv32, .word = 4,         \
		.alignment = unit,                                                                 \
		.reg = {[0] = {ROLE_ZERO, 0},                                                      \
			[2] = {ROLE_SP, 0},                                                        \
			[3] = {ROLE_KEPT, 0},                                                      \
			[4] = {ROLE_KEPT, 0},                                                      \
			[10] = {ROLE_BPF, 0},                                                      \
			[8] = {ROLE_UPPER, 0},                                                     \
			[11] = {ROLE_BPF, 1},                                                      \
			[12] = {ROLE_UPPER, 1},                                                    \
			[13] = {ROLE_BPF, 2},                                                      \
			[14] = {ROLE_UPPER, 2},                                                    \
			[15] = {ROLE_BPF, 3},                                                      \
			[16] = {ROLE_UPPER, 3},                                                    \
			[17] = {ROLE_BPF, 4},                                                      \
			[9] = {ROLE_UPPER, 4},                                                     \
			[18] = {ROLE_BPF, 5},                                                      \
			[19] = {ROLE_UPPER, 5},                                                    \
			[20] = {ROLE_BPF, 6},                                                      \
			[21] = {ROLE_UPPER, 6},                                                    \
			[22] = {ROLE_BPF, 7},                                                      \
			[23] = {ROLE_UPPER, 7},                                                    \
			[24] = {ROLE_BPF, 10},                                                     \
			[25] = {ROLE_VM, 0},                                                       \
			[26] = {ROLE_USED, 0},                                                     \
			[27] = {ROLE_CONTEXT, 0}},                                                 \
		.slot = {{16, ROLE_BPF, 8}, {20, ROLE_UPPER, 8}, {24, ROLE_BPF, 9},                \
			{28, ROLE_UPPER, 9}},                                                      \
		.slots = 4,                                                                        \
		.argument = {10, 11, 12, 13, 14, 15, 16, 17, ON_STACK(0), ON_STACK(8),             \
			ON_STACK(12)},                                                             \
		.find_argument = {10, 11, 12, 13, 14, 15, 16}, .result = 10, .result_upper = 11,   \
		.link = 1, .stack_arguments = 16, .bool_bits = 32,                                 \
		.caller_saved = 0xf003fce2, /* ra, t0 to t6, a0 to a7 */                           \
			.frame_size = 144, .sp_alignment = 16,                                     \
		.callee_saved = {1, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27},                 \
		.callee_saved_count = 13, .callee_saved_offset = 32, .access_stubs = access_stubs, \
		.access_stubs_count = sizeof(access_stubs) / sizeof(access_stubs[0]),              \
		.stub_pc = 5, .stub_address = 6, .stub_address_upper = 7,                          \
		.stub_clobbers = 0xf0000000, /* t3 to t6 */                                        \
			.stubs_know_context = true, .divide = &divide, .prologue_min = 80,         \
		.prologue_max = 180,                                                               \
	}

const struct refinement refinement_rv32 = RV32("rv32", 0, 4);
const struct refinement refinement_rv32c = RV32("rv32c", VOUCH_RV_COMPRESSED, 2);
