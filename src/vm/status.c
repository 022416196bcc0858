/* SPDX-License-Identifier: MIT */
/* What the statuses are called, for people and for machines. Not needed by a run: a device may
 * leave it out. */
#include "vouch/vouch.h"

struct status {
	const char *name, *text;
};

static const struct status statuses[VOUCH_STATUS_COUNT] = {
	[VOUCH_OK] = {"ok", "the program ran to its exit"},
	[VOUCH_FAULT_MEMORY] = {"fault_memory", "access outside every region that permits it"},
	[VOUCH_FAULT_ALIGN] = {"fault_align", "atomic access that is not naturally aligned"},
	[VOUCH_FAULT_FUEL] = {"fault_fuel", "out of fuel at a backward jump or a call"},
	[VOUCH_FAULT_DEPTH] = {"fault_depth", "call with all stack frames in use"},
	[VOUCH_FAULT_HELPER] = {"fault_helper", "call of a helper that does not exist"},
	[VOUCH_FAULT_HOST] = {"fault_host", "a helper refused its arguments"},
	[VOUCH_FAULT_OPCODE] = {"fault_opcode", "instruction that no checked program contains"},
	[VOUCH_BAD_OPCODE] = {"bad_opcode", "no such instruction"},
	[VOUCH_BAD_REGISTER] = {"bad_register", "register above r10, or a write to r10"},
	[VOUCH_BAD_RESERVED] = {"bad_reserved",
		"a field that the instruction does not use is not zero"},
	[VOUCH_BAD_JUMP] = {"bad_jump", "jump or call outside the program"},
	[VOUCH_BAD_JUMP_MIDDLE] = {"bad_jump_middle",
		"jump or call into the second half of a 64-bit immediate"},
	[VOUCH_BAD_END] = {"bad_end", "the program can run off its end"},
	[VOUCH_BAD_WIDE] = {"bad_wide", "64-bit immediate without its second half"},
	[VOUCH_BAD_HELPER] = {"bad_helper", "call of a helper that does not exist"},
	[VOUCH_BAD_RELOCATION] = {"bad_relocation",
		"64-bit immediate that names a map, data or code not loaded"},
	[VOUCH_BAD_SIZE] = {"bad_size",
		"no instructions, too many, or an entry point outside the program"},
	[VOUCH_BAD_REGION] = {"bad_region",
		"region that wraps around, overlaps or has impossible permissions"},
	[VOUCH_BAD_STACK] = {"bad_stack",
		"stack memory is missing, misaligned or smaller than a frame"},
	[VOUCH_BAD_PROGRAM] = {"bad_program", "instructions are missing or not aligned to 8 bytes"},
	[VOUCH_BAD_IMAGE] = {"bad_image",
		"not a program image, or one whose header contradicts itself"},
	[VOUCH_BAD_CRC] = {"bad_crc", "image whose checksum does not match its bytes"},
	[VOUCH_BAD_BYTEORDER] = {"bad_byteorder", "image for machines of the other byte order"},
	[VOUCH_JIT_SPACE] = {"jit_space", "the buffer for code is too small"},
	[VOUCH_JIT_RANGE] = {"jit_range", "a jump in the generated code is too far for the target"},
	[VOUCH_JIT_OFFSETS] = {"jit_offsets", "the emitter's passes disagree about an offset"},
};

static const struct status *find(enum vouch_status status)
{
	static const struct status unknown = {"unknown", "unknown status"};

	if ((unsigned)status >= VOUCH_STATUS_COUNT || !statuses[status].name)
		return &unknown;
	return &statuses[status];
}

const char *vouch_status_text(enum vouch_status status)
{
	return find(status)->text;
}

const char *vouch_status_name(enum vouch_status status)
{
	return find(status)->name;
}
