/* SPDX-License-Identifier: MIT */
/*
 * Vouch: run untrusted eBPF programs, isolated.
 *
 * The library is freestanding C11, allocates nothing and keeps no state of its own: the caller owns
 * every byte. Fill a `struct vouch_config`, call vouch_init() once and vouch_run() as often as you
 * like.
 *
 * Threads: one vm, one thread at a time. Programs, region tables and helper tables are only read
 * and may be shared. The one exception is `vm.fuel`, which another thread or an interrupt may set
 * to zero to stop a run.
 *
 * Instructions are those of RFC 9669 in the host's byte order; docs/semantics.md says what Vouch
 * makes of the points that the RFC leaves open.
 */
#ifndef VOUCH_VOUCH_H
#define VOUCH_VOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define VOUCH_ALIGNAS alignas
extern "C" {
#else
#define VOUCH_ALIGNAS _Alignas
#endif

#define VOUCH_VERSION_MAJOR 0
#define VOUCH_VERSION_MINOR 1
#define VOUCH_VERSION_PATCH 0
#define VOUCH_VERSION       "0.1.0"

#define VOUCH_REGISTERS  11         /* r0 to r10 */
#define VOUCH_FRAME_SIZE 512u       /* bytes of BPF stack for each active function */
#define VOUCH_FRAMES_MAX 8u         /* active functions, the entry function among them */
#define VOUCH_INSNS_MAX  (1u << 24) /* instruction slots in one program */
#define VOUCH_DATA_MAX   2u         /* data objects, see `struct vouch_config.data` */
#define VOUCH_FUEL_MAX   (SIZE_MAX - 1)
#define VOUCH_ANY_HELPER SIZE_MAX /* for vouch_check(): don't look at the ids of helpers */

/* What a program may do with a region. VOUCH_WRITE is only valid together with VOUCH_READ. */
#define VOUCH_READ  1u
#define VOUCH_WRITE 2u

/*
 * Every way in which a call can end. vouch_status_text() has a sentence for each.
 */
enum vouch_status {
	VOUCH_OK = 0,

	/* Faults: the run was stopped. Registers, memory and fuel are as before the instruction at
	   fault.pc. */
	VOUCH_FAULT_MEMORY, /* an access outside every region that permits it; fault.address, size,
	                       write */
	VOUCH_FAULT_ALIGN,  /* an atomic access that is not naturally aligned; fault.address, size,
	                       write */
	VOUCH_FAULT_FUEL,   /* a backward jump or a call with no fuel left */
	VOUCH_FAULT_DEPTH,  /* a call of a program's function with all frames in use */
	VOUCH_FAULT_HELPER, /* callx of a helper that does not exist; fault.address is the id */
	VOUCH_FAULT_HOST, /* a helper refused with vouch_fail(); registers are as after the call */
	VOUCH_FAULT_OPCODE, /* an instruction that the checker refuses (never seen in a checked
	                       program) */

	/* Refusals by the checker, at fault.pc. */
	VOUCH_BAD_OPCODE,      /* no such instruction */
	VOUCH_BAD_REGISTER,    /* a register above r10, or an instruction that would write r10 */
	VOUCH_BAD_RESERVED,    /* a field that the instruction does not use is not zero */
	VOUCH_BAD_JUMP,        /* a jump or call outside the program */
	VOUCH_BAD_JUMP_MIDDLE, /* a jump or call into the second half of a 64-bit immediate */
	VOUCH_BAD_END,         /* the last instruction can run off the end of the program */
	VOUCH_BAD_WIDE,        /* a 64-bit immediate without its second half */
	VOUCH_BAD_HELPER,      /* a call of a helper that does not exist */
	VOUCH_BAD_RELOCATION, /* a 64-bit immediate that stands for something not loaded (map, data,
	                         code) */
	VOUCH_BAD_SIZE,       /* no instructions, too many, or an entry point outside the program */

	/* Refusals by vouch_init() and other calls: what the caller gave is unusable. */
	VOUCH_BAD_REGION,  /* a region wraps around, has unknown or write-only permissions, or
	                      overlaps another */
	VOUCH_BAD_STACK,   /* the stack is missing, misaligned or smaller than one frame */
	VOUCH_BAD_PROGRAM, /* the instructions are missing or not aligned to 8 bytes */

	/* Refusals by the image reader, see image.h. */
	VOUCH_BAD_IMAGE,     /* not an image: magic, version, sizes or reserved bytes */
	VOUCH_BAD_CRC,       /* an image whose checksum does not match its bytes */
	VOUCH_BAD_BYTEORDER, /* an image for machines of the other byte order */

	/* Refusals by the compiler, see jit.h. */
	VOUCH_JIT_SPACE,   /* the code buffer is too small */
	VOUCH_JIT_RANGE,   /* a jump in the generated code is too far for the target */
	VOUCH_JIT_OFFSETS, /* the passes disagree about an offset: a bug in the emitter, caught */

	VOUCH_STATUS_COUNT
};

/*
 * One instruction slot, RFC 9669 section 3, in the host's byte order: exactly 8 bytes, aligned
 * to 8. Which half of `regs` is dst depends on the byte order; vouch_dst() and vouch_src() know.
 */
struct vouch_insn {
	VOUCH_ALIGNAS(8) uint8_t opcode;
	uint8_t regs;
	int16_t off;
	int32_t imm;
};

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define VOUCH_BIG_ENDIAN     1
#define VOUCH_REGS(dst, src) ((uint8_t)((dst) << 4 | (src)))
static inline unsigned vouch_dst(const struct vouch_insn *insn)
{
	return insn->regs >> 4;
}
static inline unsigned vouch_src(const struct vouch_insn *insn)
{
	return insn->regs & 15u;
}
#else
#define VOUCH_BIG_ENDIAN     0
#define VOUCH_REGS(dst, src) ((uint8_t)((src) << 4 | (dst)))
static inline unsigned vouch_dst(const struct vouch_insn *insn)
{
	return insn->regs & 15u;
}
static inline unsigned vouch_src(const struct vouch_insn *insn)
{
	return insn->regs >> 4;
}
#endif

/* A program in memory. It is only read, in place, and may be in flash. */
struct vouch_program {
	const struct vouch_insn *insns;
	uint32_t count; /* slots; a 64-bit immediate takes two */
	uint32_t entry; /* pc of the first instruction to run */
};

/* Memory that a program may touch: `size` bytes from `start`. An empty region permits nothing. */
struct vouch_region {
	uintptr_t start;
	size_t size;
	uint32_t permissions; /* VOUCH_READ or VOUCH_READ | VOUCH_WRITE */
};

struct vouch_vm;

/*
 * A helper: a host function that programs call by number. Arguments are r1 to r5; the result
 * becomes r0. Nothing that a program passes is to be trusted: turn addresses into pointers with
 * vouch_memory() only.
 */
typedef uint64_t (*vouch_helper)(
	struct vouch_vm *vm, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5);

/* Why a run or a check was stopped. */
struct vouch_fault {
	uint32_t status; /* enum vouch_status */
	uint32_t pc;     /* the instruction's slot */
	uint64_t address;
	uint32_t size;  /* bytes of the access */
	uint32_t write; /* 1 if the access would have written */
};

/* Bytes of stack memory for `frames` active functions: their frames, then what calls save. */
#define VOUCH_STACK_SIZE(frames) \
	((frames)*VOUCH_FRAME_SIZE + ((frames)-1) * sizeof(struct vouch_frame))

/* What a call of a program's function saves, in the stack memory but outside what the program can
 * reach. */
struct vouch_frame {
	uint64_t saved[4]; /* r6 to r9 of the caller */
	uint32_t pc;       /* where the caller goes on */
	uint32_t code;     /* the same in compiled code: bytes from its start */
};

/* What vouch_init() needs. Everything pointed to stays the caller's and must outlive the vm. */
struct vouch_config {
	struct vouch_program program;

	/* Helper n is helpers[n]; NULL where there is none. */
	const vouch_helper *helpers;
	size_t nhelpers;

	/* r1 and r2 of the program: the context's start and size. May be empty. */
	struct vouch_region context;

	/* VOUCH_STACK_SIZE(frames) bytes for 1 to VOUCH_FRAMES_MAX frames, aligned to 8. More is
	 * left unused. */
	void *stack;
	size_t stack_size;

	/*
	 * Further memory. Regions and context must not overlap one another, nor what Vouch itself
	 * relies on: the stack memory, the vm, the instructions and this table.
	 */
	const struct vouch_region *regions;
	size_t nregions;

	/*
	 * Addresses of the program's data objects, named by 64-bit immediates with src = 6 (RFC
	 * 9669 section 5.4: map_val(map_by_idx(imm)) + next_imm): 0 is read-only data, 1 is
	 * writable data. Zero: there is none. This only tells the program where its data is; a
	 * region must permit the access.
	 */
	uintptr_t data[VOUCH_DATA_MAX];

	/* Taken backward jumps and calls before a run is stopped; 0 to VOUCH_FUEL_MAX. */
	size_t fuel;

	/* For helpers: vm->user. Never touched by Vouch. */
	void *user;
};

/*
 * A virtual machine. Plain data of fixed size; JITed code knows its layout (src/vm/layout.h).
 * Callers may read r, fuel, user, fault and context, and write fuel and user; the rest is private.
 */
struct vouch_vm {
	uint64_t r[VOUCH_REGISTERS]; /* after a run: the registers as the run left them */
	volatile size_t fuel;        /* left for the next run; refill it before each */
	size_t used;                 /* fuel that the last run spent */
	uintptr_t context;
	size_t limit[2][4];  /* by write, log2(size): offsets in the context where an access may
	                        start */
	uintptr_t stack_low; /* r10 in the deepest frame */
	uintptr_t stack_top; /* r10 in the entry function; the frames' records start here */
	struct vouch_frame *frame; /* where the next call saves */
	const struct vouch_region *regions;
	size_t nregions;
	const vouch_helper *helpers;
	size_t nhelpers;
	const void *find; /* vouch_region_find, for position-independent code */
	uintptr_t data[VOUCH_DATA_MAX];
	void *user;
	size_t context_size;
	const struct vouch_insn *insns;
	uint32_t count;
	uint32_t entry;
	struct vouch_fault fault; /* of the last run, check or init */
	uint32_t request;         /* set by vouch_end() and vouch_fail() */
	uint32_t reserved;
};

/*
 * Check a program: opcodes, registers, reserved fields, jumps, 64-bit immediates, helpers, the end.
 * What is accepted can be run; what it then does at run time is stopped by faults.
 *
 * helpers, nhelpers: as in the config; with nhelpers == VOUCH_ANY_HELPER, ids of helpers are not
 * checked. fault: out, may be NULL: status and pc of the first refusal. Returns VOUCH_OK or one of
 * VOUCH_BAD_PROGRAM, _SIZE, _OPCODE, _REGISTER, _RESERVED, _JUMP, _JUMP_MIDDLE, _END, _WIDE,
 * _HELPER, _RELOCATION.
 */
enum vouch_status vouch_check(const struct vouch_program *program, const vouch_helper *helpers,
	size_t nhelpers, struct vouch_fault *fault);

/*
 * Make a vm ready to run. The program is checked (vouch_check), as are regions and stack.
 * Returns VOUCH_OK, or what vouch_check() returns, VOUCH_BAD_REGION or VOUCH_BAD_STACK; vm->fault
 * has the details, and for a bad region its index in fault.pc (nregions: the context).
 */
enum vouch_status vouch_init(struct vouch_vm *vm, const struct vouch_config *config);

/*
 * Give the next runs another context. Costs a few instructions, plus a pass over the regions.
 * Returns VOUCH_OK, or VOUCH_BAD_REGION and the vm is as it was.
 */
enum vouch_status vouch_set_context(struct vouch_vm *vm, struct vouch_region context);

/*
 * Interpret the program from its entry until it exits or faults.
 *
 * Registers start as zero but r1 (context), r2 (its size) and r10 (stack top). The stack's bytes
 * are not cleared: clear them between programs that must not see each other's data. r0: out, the
 * program's result when VOUCH_OK is returned, untouched otherwise. May be NULL. Returns VOUCH_OK or
 * a VOUCH_FAULT_*; details are in vm->fault.
 */
enum vouch_status vouch_run(struct vouch_vm *vm, uint64_t *r0);

/*
 * For helpers: the host's pointer to `size` bytes at BPF address `address`, if the program may
 * access them with these permissions, else NULL. An access of size 0 is never permitted.
 */
void *vouch_memory(
	const struct vouch_vm *vm, uint64_t address, uint64_t size, uint32_t permissions);

/* For helpers: once the helper returns, end the run with VOUCH_OK and this r0. */
void vouch_end(struct vouch_vm *vm);

/* For helpers: once the helper returns, stop the run with VOUCH_FAULT_HOST. */
void vouch_fail(struct vouch_vm *vm);

/*
 * True if one of the n regions covers `size` bytes at `address` and has all of these permissions.
 * An access of size 0 is covered by none. Adjacent regions are not joined. Regions must not wrap
 * around.
 */
bool vouch_region_find(const struct vouch_region *regions, size_t n, uint64_t address,
	uint64_t size, uint32_t permissions);

/* One English sentence, without a full stop; never NULL. */
const char *vouch_status_text(enum vouch_status status);

/* The status as its constant is written, without VOUCH_ and in lower case: "fault_memory"; never
 * NULL. */
const char *vouch_status_name(enum vouch_status status);

#ifdef __cplusplus
}
#endif

#endif
