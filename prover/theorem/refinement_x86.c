/* SPDX-License-Identifier: MIT */
/* x86-64's refinement map: the first comment of src/jit/x86_64/emit.c, as a table. */
#include "prover/theorem/refinement.h"
#include "vouch/jit.h"

/* STUB_ACCESS of src/jit/x86_64/emit.c. */
static const struct access_stub access_stubs[] = ACCESS_STUBS(11);

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

const struct refinement refinement_x86_64 = {
	.name = "x86_64",
	.target = "vouch_x86_64",
	.optional_features = VOUCH_X86_BMI2,
	.machine = &machine_x86,
	.word = 8,
	.groups = true,
	.alignment = 1,
	/* Not named here: rdi, scratch. */
	.reg = {[RAX] = {ROLE_BPF, 0},
		[RSI] = {ROLE_BPF, 1},
		[RDX] = {ROLE_BPF, 2},
		[RCX] = {ROLE_BPF, 3},
		[R8] = {ROLE_BPF, 4},
		[R9] = {ROLE_BPF, 5},
		[RBX] = {ROLE_BPF, 6},
		[R13] = {ROLE_BPF, 7},
		[R14] = {ROLE_BPF, 8},
		[R15] = {ROLE_BPF, 9},
		[R12] = {ROLE_BPF, 10},
		[RBP] = {ROLE_VM, 0},
		[R11] = {ROLE_USED, 0},
		[R10] = {ROLE_MINUS_CONTEXT, 0},
		[RSP] = {ROLE_SP, 0}},
	.vm_bias = 176,
	.vm_scratch = true,
	.argument = {RDI, RSI, RDX, RCX, R8, R9},
	.find_argument = {RDI, RSI, RDX, RCX, R8},
	.result = RAX,
	.link = NO_REGISTER,
	.caller_saved = 1u << RAX | 1u << RCX | 1u << RDX | 1u << RSI | 1u << RDI | 1u << R8 |
                        1u << R9 | 1u << R10 | 1u << R11,
	.bool_bits = 8,
	/* A free word, six registers, the return address. Below: a stub's return address, nine
         * registers, and the return address of vouch_region_find(). */
	.frame_size = 64,
	.frame_below = 88,
	.sp_alignment = 16,
	.callee_saved = {R15, R14, R13, R12, RBX, RBP, NO_REGISTER},
	.callee_saved_count = 7,
	.callee_saved_offset = 8,
	.access_stubs = access_stubs,
	.access_stubs_count = sizeof(access_stubs) / sizeof(access_stubs[0]),
	.stub_pc = NO_REGISTER,
	.stub_address = RDI,
	.prologue_min = 40,
	.prologue_max = 140,
};
