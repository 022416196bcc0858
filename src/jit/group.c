/* SPDX-License-Identifier: MIT */
/*
 * Accesses that share one test of the region. In straight code, loads and stores from a register
 * that keeps its value are a group if eight bytes hold them all; before the first of them these
 * bytes are tested, and the accesses needn't be. Where that test fails, which says nothing yet of
 * any single access, a second copy of the code, out of line, makes every test of its own. So what
 * faults, and when, is as if nothing were shared.
 *
 * A target that wants groups names jit_find_group() in its struct. docs/jit.md has an example.
 */
#include "jit.h"

/* How far to look ahead, so that compiling takes linear time. */
#define GROUP_MAX 16

/* What an instruction does as far as groups care. */
enum kind { KIND_ACCESS, KIND_OTHER, KIND_END };

/* Only loads, stores and arithmetic keep both the register and what regions there are. */
static enum kind kind_of(const struct vouch_insn *insn)
{
	switch (insn->opcode & 7) {
	case CLASS_LDX:
	case CLASS_ST:
		return KIND_ACCESS;
	case CLASS_STX:
		return (insn->opcode & 0xe0) == 0x60 ? KIND_ACCESS : KIND_END; /* not atomics */
	case CLASS_JMP:
	case CLASS_JMP32:
		return KIND_END;
	default:
		return KIND_OTHER;
	}
}

static bool is_write(const struct vouch_insn *insn)
{
	return (insn->opcode & 7) != CLASS_LDX;
}

static unsigned base_of(const struct vouch_insn *insn)
{
	return is_write(insn) ? vouch_dst(insn) : vouch_src(insn);
}

/* The size field of an opcode, bits 3 and 4: W, H, B, DW. */
static int32_t bytes_of(const struct vouch_insn *insn)
{
	static const uint8_t bytes[4] = {4, 2, 1, 8};

	return bytes[insn->opcode >> 3 & 3];
}

static int32_t width(const struct jit_group *group)
{
	return 1 << group->lg;
}

static bool is_covered(const struct jit_group *group, const struct vouch_insn *insn)
{
	return kind_of(insn) == KIND_ACCESS && base_of(insn) == group->base &&
	       insn->off >= group->off && insn->off + bytes_of(insn) <= group->off + width(group) &&
	       (group->write || !is_write(insn));
}

/* Make the test cover this access too. False: eight bytes don't. */
static bool widen(struct jit_group *group, const struct vouch_insn *insn)
{
	int32_t end = group->off + width(group), own = insn->off + bytes_of(insn);
	int32_t low = insn->off < group->off ? insn->off : group->off;
	int32_t high = own > end ? own : end;
	uint8_t lg = group->lg;

	while (lg < 3 && high - low > 1 << lg)
		lg++;
	if (high - low > 1 << lg)
		return false;
	group->off = low;
	group->lg = lg;
	group->write |= is_write(insn);
	return true;
}

static struct jit_group group_of_one(const struct vouch_insn *insn, uint32_t pc)
{
	struct jit_group group = {.end = pc + 1,
		.base = (uint8_t)base_of(insn),
		.off = insn->off,
		.write = is_write(insn)};

	while (width(&group) < bytes_of(insn))
		group.lg++;
	return group;
}

bool jit_find_group(const struct jit *jit, uint32_t pc, struct jit_group *group)
{
	const struct vouch_insn *insn = &jit->program->insns[pc];
	struct jit_group found;
	unsigned members = 0;
	uint32_t limit = jit->program->count;

	if (kind_of(insn) != KIND_ACCESS || base_of(insn) == 10)
		return false;
	if (limit - pc > GROUP_MAX)
		limit = pc + GROUP_MAX;
	found = group_of_one(insn, pc);
	for (uint32_t next = pc; next < limit; next++, insn++) {
		enum kind kind = kind_of(insn);

		if (kind == KIND_END || (next != pc && jit_has_bit(jit->targets, next)))
			break;
		if (kind == KIND_ACCESS && base_of(insn) == found.base && widen(&found, insn)) {
			members++;
			found.end = next + 1;
		}
		/* Loads and arithmetic write dst, stores don't. */
		if (!(kind == KIND_ACCESS && is_write(insn)) && vouch_dst(insn) == found.base)
			break;
	}
	if (members > 1)
		*group = found;
	return members > 1;
}

bool jit_enter(struct jit *jit, const struct vouch_target *target, uint32_t pc)
{
	struct jit_group *group = &jit->group;
	bool starts = false;

	/* In hybrid mode any chosen instruction may be entered. */
	if (pc >= group->end && target->find_group && !jit->chosen)
		starts = target->find_group(jit, pc, group);
	jit->test = starts || (pc < group->end && is_covered(group, &jit->program->insns[pc]))
	                    ? TEST_NONE
	                    : TEST_OWN;
	return starts;
}

void jit_again(struct jit *jit, const struct vouch_target *target, uint32_t pc)
{
	for (uint32_t end = jit->group.end; pc < end; pc++) {
		if (jit->program->insns[pc].opcode == 0) /* of a 64-bit immediate */
			continue;
		jit->test = pc + 1 == end ? TEST_LAST : TEST_AGAIN;
		target->insn(jit, pc);
	}
}
