/* SPDX-License-Identifier: MIT */
/*
 * The interpreter for machines with little flash: -DVOUCH_SMALL takes it instead of interpreter.c,
 * for the same results, faults and fuel. Where that one has a handler for each opcode, here a table
 * tells which few things are to be done, and opcodes are taken apart as RFC 9669 puts them
 * together. Its functions are for people: compilers make one of those that are called once, and
 * keep what a run is in registers. So nothing but SELDOM is called at two places.
 */
#ifdef VOUCH_SMALL
#include "copy.h"
#include "interpreter.h"
#include "isa/isa.h"

/* Apart from the rest, which then has more registers; and a part of it wherever it is called. */
#ifdef __GNUC__
#define SELDOM        __attribute__((noinline))
#define OFTEN         inline __attribute__((always_inline))
/* After a switch that has all cases there are of what kinds[] knows. */
#define UNREACHABLE() __builtin_unreachable()
#else
#define SELDOM
#define OFTEN         inline
#define UNREACHABLE() return 0
#endif

/* An opcode's fields, RFC 9669 sections 3 to 5. SIZE_OF is the logarithm of bytes. */
#define CLASS_OF(opcode)     ((opcode)&7)
#define OPERATION_OF(opcode) ((opcode) >> 4)
#define SOURCE_OF(opcode)    ((opcode) >> 3 & 1)
#define MODE_OF(opcode)      ((opcode) >> 5)
#define SIZE_OF(opcode)      (((opcode) >> 3 & 3) == 3 ? 3 : 2 - ((opcode) >> 3 & 3))

enum { SOURCE_K, SOURCE_X };
enum { MODE_SIGNED = 4, MODE_ATOMIC = 6 };
/* Operations; those of atomics in imm have the same numbers, and two more. */
enum { ADD, SUB, MUL, DIV, OR, AND, LSH, RSH, NEG, MOD, XOR, MOV, ARSH, END, XCHG, CMPXCHG };
enum { JA, JEQ, JGT, JGE, JSET, JNE, JSGT, JSGE, JLT = 10, JLE, JSLT, JSLE };

/* What is to be done. An access to memory is one of four kinds, by its size. */
enum {
	ILLEGAL,
	LOAD = 4,
	LOAD_SIGNED = 8,
	STORE_K = 12,
	STORE_X = 16,
	ATOMIC = 20,
	WIDE = 24,
	ALU32,
	ALU64,
	BYTE_ORDER,
	JUMP64,
	JUMP32,
	CALL,
	CALLX,
	EXIT
};

#define CASES_OF_SIZES(kind) \
	case kind:           \
	case kind + 1:       \
	case kind + 2:       \
	case kind + 3

/* clang-format off */
#define KIND_OF_STX(opcode) ((MODE_OF(opcode) == MODE_ATOMIC ? ATOMIC : STORE_X) + SIZE_OF(opcode))
#define KIND_OF_LDX(opcode) ((MODE_OF(opcode) == MODE_SIGNED ? LOAD_SIGNED : LOAD) + SIZE_OF(opcode))
#define KIND_OF_ALU(opcode) \
	(OPERATION_OF(opcode) == END           ? BYTE_ORDER \
	 : CLASS_OF(opcode) == CLASS_ALU       ? ALU32 \
					       : ALU64)
#define KIND_OF(opcode) \
	((opcode) == OPCODE_CALL               ? CALL \
	 : (opcode) == OPCODE_CALLX            ? CALLX \
	 : (opcode) == OPCODE_EXIT             ? EXIT \
	 : CLASS_OF(opcode) == CLASS_JMP       ? JUMP64 \
	 : CLASS_OF(opcode) == CLASS_JMP32     ? JUMP32 \
	 : CLASS_OF(opcode) == CLASS_LD        ? WIDE \
	 : CLASS_OF(opcode) == CLASS_LDX       ? KIND_OF_LDX(opcode) \
	 : CLASS_OF(opcode) == CLASS_ST        ? STORE_K + SIZE_OF(opcode) \
	 : CLASS_OF(opcode) == CLASS_STX       ? KIND_OF_STX(opcode) \
					       : KIND_OF_ALU(opcode))
/* clang-format on */

static const uint8_t kinds[256] = {
#define INSN(id, name, opcode, ...) [opcode] = KIND_OF(opcode),
#define ALSO(...)
#include "isa/opcodes.def"
};

struct run {
	struct vouch_vm *vm;
	const struct vouch_insn *insn;
	size_t used;
	struct vouch_fault fault; /* what will be said of it */
};

/* What comes of an instruction, but for faults: the next one, or the end of the run. */
#define GOES_ON VOUCH_OK
#define ENDED   VOUCH_STATUS_COUNT

static OFTEN uint64_t operand(const struct vouch_vm *vm, const struct vouch_insn *insn)
{
	return SOURCE_OF(insn->opcode) == SOURCE_X ? vm->r[vouch_src(insn)] : (uint64_t)insn->imm;
}

/* ---- arithmetic ---- */

/* The low `bits` of a value. */
static SELDOM uint64_t sign_extend(uint64_t value, int bits)
{
	return (uint64_t)((int64_t)(value << (64 - bits)) >> (64 - bits));
}

/* le, be and bswap: imm is the bits that are left. */
static SELDOM uint64_t order_bytes(const struct vouch_insn *insn, uint64_t d)
{
	bool to_big = SOURCE_OF(insn->opcode), always = CLASS_OF(insn->opcode) == CLASS_ALU64;
	int unused = 64 - insn->imm;

	if (always || to_big != VOUCH_BIG_ENDIAN)
		d = __builtin_bswap64(d);
	else
		d <<= unused;
	return d >> unused;
}

/*
 * Division by RFC 9669 section 4.1: x / 0 = 0 and x % 0 = x; the one signed overflow wraps. off
 * is 1 for signed division, or says what a move extends.
 */
#define ARITHMETIC(width)                                                                         \
	static SELDOM uint##width##_t divide##width(                                              \
		uint##width##_t d, uint##width##_t s, int off, bool remainder)                    \
	{                                                                                         \
		if (s == 0)                                                                       \
			return remainder ? d : 0;                                                 \
		if (off == 0)                                                                     \
			return remainder ? d % s : d / s;                                         \
		if (s == UINT##width##_MAX)                                                       \
			return remainder ? 0 : 0 - d;                                             \
		return (uint##width##_t)(remainder ? (int##width##_t)d % (int##width##_t)s        \
						   : (int##width##_t)d / (int##width##_t)s);      \
	}                                                                                         \
                                                                                                  \
	static uint##width##_t calculate##width(                                                  \
		const struct vouch_insn *insn, uint##width##_t d, uint##width##_t s)              \
	{                                                                                         \
		switch (OPERATION_OF(insn->opcode)) {                                             \
		case ADD:                                                                         \
			return d + s;                                                             \
		case SUB:                                                                         \
			return d - s;                                                             \
		case MUL:                                                                         \
			return d * s;                                                             \
		case DIV:                                                                         \
		case MOD:                                                                         \
			return divide##width(d, s, insn->off, OPERATION_OF(insn->opcode) == MOD); \
		case OR:                                                                          \
			return d | s;                                                             \
		case AND:                                                                         \
			return d & s;                                                             \
		case LSH:                                                                         \
			return d << (s & (width - 1));                                            \
		case RSH:                                                                         \
			return d >> (s & (width - 1));                                            \
		case NEG:                                                                         \
			return 0 - d;                                                             \
		case XOR:                                                                         \
			return d ^ s;                                                             \
		case MOV:                                                                         \
			return insn->off == 0 ? s : (uint##width##_t)sign_extend(s, insn->off);   \
		case ARSH:                                                                        \
			return (uint##width##_t)((int##width##_t)d >> (s & (width - 1)));         \
		}                                                                                 \
		UNREACHABLE();                                                                    \
	}

ARITHMETIC(64)
ARITHMETIC(32)

/* The second slot is skipped. */
static uint64_t wide_immediate(struct run *run)
{
	const struct vouch_insn *insn = run->insn++;
	uint32_t first = (uint32_t)insn[0].imm, second = (uint32_t)insn[1].imm;

	if (vouch_src(insn) == 0)
		return (uint64_t)second << 32 | first;
	return run->vm->data[first] + (uint64_t)second;
}

/* ---- memory ---- */

static enum vouch_status fault_at(
	struct run *run, enum vouch_status status, uint64_t address, uint32_t size, bool write)
{
	run->fault.address = address;
	run->fault.size = size;
	run->fault.write = write;
	return status;
}

/* In neither the stack nor a region of the table; the context is tested before. */
static SELDOM bool is_forbidden(
	const struct vouch_vm *vm, uint64_t address, unsigned bytes, bool write)
{
	uintptr_t stack_start = vm->stack_low - VOUCH_FRAME_SIZE;
	size_t stack_size = vm->stack_top - stack_start;

	return address - stack_start > stack_size - bytes &&
	       !vouch_region_find(vm->regions, vm->nregions, address, bytes,
		       write ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ);
}

static uint64_t load_bytes(uint64_t address, unsigned bytes)
{
	const void *from = (const void *)(uintptr_t)address;
	uint64_t value64;
	uint32_t value32;
	uint16_t value16;

	switch (bytes) {
	case 1:
		return *(const uint8_t *)from;
	case 2:
		__builtin_memcpy(&value16, from, sizeof(value16));
		return value16;
	case 4:
		__builtin_memcpy(&value32, from, sizeof(value32));
		return value32;
	default:
		__builtin_memcpy(&value64, from, sizeof(value64));
		return value64;
	}
}

static void store_bytes(uint64_t address, unsigned bytes, uint64_t value)
{
	void *to = (void *)(uintptr_t)address;
	uint32_t value32 = (uint32_t)value;
	uint16_t value16 = (uint16_t)value;

	switch (bytes) {
	case 1:
		*(uint8_t *)to = (uint8_t)value;
		break;
	case 2:
		__builtin_memcpy(to, &value16, sizeof(value16));
		break;
	case 4:
		__builtin_memcpy(to, &value32, sizeof(value32));
		break;
	default:
		__builtin_memcpy(to, &value, sizeof(value));
	}
}

static uint64_t compare_exchange(void *cell, unsigned bytes, uint64_t expected, uint64_t value)
{
	if (bytes == 4)
		return compare_exchange32(cell, (uint32_t)expected, (uint32_t)value);
	return compare_exchange64(cell, expected, value);
}

/* An exchange leaves s, too. */
static uint64_t combine(unsigned operation, uint64_t d, uint64_t s)
{
	switch (operation) {
	case ADD:
		return d + s;
	case OR:
		return d | s;
	case AND:
		return d & s;
	case XOR:
		return d ^ s;
	default:
		return s;
	}
}

/* Load, combine, and put that in its place; again, if something else is there by then. */
static SELDOM void change(
	struct vouch_vm *vm, const struct vouch_insn *insn, uint64_t address, unsigned bytes)
{
	unsigned operation = (unsigned)insn->imm >> 4;
	void *cell = (void *)(uintptr_t)address;
	uint64_t *result = &vm->r[operation == CMPXCHG ? 0 : vouch_src(insn)];
	uint64_t s = vm->r[vouch_src(insn)], old, seen;

	do {
		old = operation == CMPXCHG ? *result
		      : bytes == 4         ? *(const uint32_t *)cell
		                           : *(const uint64_t *)cell;
		seen = compare_exchange(cell, bytes, old, combine(operation, old, s));
	} while (seen != old && operation != CMPXCHG);
	if (insn->imm & 1) /* fetch */
		*result = seen;
}

static enum vouch_status load(struct run *run, unsigned kind, uint64_t *dst)
{
	const struct vouch_vm *vm = run->vm;
	const struct vouch_insn *insn = run->insn;
	unsigned lg = kind & 3, bytes = 1u << lg;
	uint64_t address = vm->r[vouch_src(insn)] + (uint64_t)insn->off, value;

	if (address - vm->context >= vm->limit[0][lg] && is_forbidden(vm, address, bytes, false))
		return fault_at(run, VOUCH_FAULT_MEMORY, address, bytes, false);
	value = load_bytes(address, bytes);
	*dst = kind >= LOAD_SIGNED ? sign_extend(value, (int)(8 * bytes)) : value;
	return GOES_ON;
}

/* Atomics, too. */
static enum vouch_status store(struct run *run, unsigned kind, uint64_t d)
{
	struct vouch_vm *vm = run->vm;
	const struct vouch_insn *insn = run->insn;
	unsigned lg = kind & 3, bytes = 1u << lg;
	uint64_t address = d + (uint64_t)insn->off;

	if (kind >= ATOMIC && address % bytes != 0)
		return fault_at(run, VOUCH_FAULT_ALIGN, address, bytes, true);
	if (address - vm->context >= vm->limit[1][lg] && is_forbidden(vm, address, bytes, true))
		return fault_at(run, VOUCH_FAULT_MEMORY, address, bytes, true);
	if (kind >= ATOMIC)
		change(vm, insn, address, bytes);
	else
		store_bytes(address, bytes,
			kind >= STORE_X ? vm->r[vouch_src(insn)] : (uint64_t)insn->imm);
	return GOES_ON;
}

/* ---- jumps and calls: to the slot before the one where it goes on ---- */

static bool is_taken(unsigned operation, uint64_t d, uint64_t s)
{
	switch (operation) {
	case JA:
		return true;
	case JEQ:
		return d == s;
	case JGT:
		return d > s;
	case JGE:
		return d >= s;
	case JSET:
		return d & s;
	case JNE:
		return d != s;
	case JSGT:
		return (int64_t)d > (int64_t)s;
	case JSGE:
		return (int64_t)d >= (int64_t)s;
	case JLT:
		return d < s;
	case JLE:
		return d <= s;
	case JSLT:
		return (int64_t)d < (int64_t)s;
	case JSLE:
		return (int64_t)d <= (int64_t)s;
	}
	UNREACHABLE();
}

/* One unit of fuel; the limit is read anew each time, because others may set it to zero. */
static OFTEN bool spend(struct run *run)
{
	return ++run->used <= run->vm->fuel;
}

static OFTEN uint32_t pc_of(const struct run *run)
{
	return (uint32_t)(run->insn - run->vm->insns);
}

/* 32-bit operands are compared as the upper halves of 64-bit ones, which is the same. */
static enum vouch_status jump(struct run *run, unsigned kind, uint64_t d, uint64_t s)
{
	const struct vouch_insn *insn = run->insn;
	int32_t delta = insn->opcode == OPCODE_JA32 ? insn->imm : insn->off;

	if (kind == JUMP32) {
		d <<= 32;
		s <<= 32;
	}
	if (!is_taken(OPERATION_OF(insn->opcode), d, s))
		return GOES_ON;
	if (delta < 0 && !spend(run))
		return VOUCH_FAULT_FUEL;
	run->insn += delta;
	return GOES_ON;
}

static enum vouch_status call_local(struct run *run)
{
	struct vouch_vm *vm = run->vm;

	if (vm->r[10] == vm->stack_low)
		return VOUCH_FAULT_DEPTH;
	if (!spend(run))
		return VOUCH_FAULT_FUEL;
	push_frame(vm, pc_of(run) + 1);
	run->insn += run->insn->imm;
	return GOES_ON;
}

static enum vouch_status call(struct run *run, uint64_t id)
{
	struct vouch_vm *vm = run->vm;

	if (id >= vm->nhelpers || !vm->helpers[id])
		return fault_at(run, VOUCH_FAULT_HELPER, id, 0, false);
	if (!spend(run))
		return VOUCH_FAULT_FUEL;
	call_helper(vm, id);
	if (vm->request == REQUEST_NONE)
		return GOES_ON;
	return vm->request == REQUEST_END ? ENDED : VOUCH_FAULT_HOST;
}

static enum vouch_status leave(struct run *run)
{
	struct vouch_vm *vm = run->vm;

	if (vm->r[10] == vm->stack_top)
		return ENDED;
	run->insn = vm->insns + pop_frame(vm) - 1;
	return GOES_ON;
}

/* ---- */

static enum vouch_status step(struct run *run)
{
	const struct vouch_insn *insn = run->insn;
	unsigned kind = kinds[insn->opcode];
	const struct vouch_vm *vm = run->vm;
	uint64_t *dst = &run->vm->r[vouch_dst(insn)];

	switch (kind) {
		/* clang-format off */
	CASES_OF_SIZES(LOAD):
	CASES_OF_SIZES(LOAD_SIGNED):
		return load(run, kind, dst);
	CASES_OF_SIZES(STORE_K):
	CASES_OF_SIZES(STORE_X):
	CASES_OF_SIZES(ATOMIC):
		return store(run, kind, *dst);
	CASES_OF_SIZES(ILLEGAL):
		return VOUCH_FAULT_OPCODE;
	/* clang-format on */
	case WIDE:
		*dst = wide_immediate(run);
		return GOES_ON;
	case ALU32:
		*dst = calculate32(insn, (uint32_t)*dst, (uint32_t)operand(vm, insn));
		return GOES_ON;
	case ALU64:
		*dst = calculate64(insn, *dst, operand(vm, insn));
		return GOES_ON;
	case BYTE_ORDER:
		*dst = order_bytes(insn, *dst);
		return GOES_ON;
	case JUMP64:
	case JUMP32:
		return jump(run, kind, *dst, operand(vm, insn));
	case CALL:
	case CALLX:
		if (kind == CALL && vouch_src(insn) != 0)
			return call_local(run);
		return call(run, kind == CALL ? (uint32_t)insn->imm : *dst);
	case EXIT:
		return leave(run);
	}
	UNREACHABLE();
}

enum vouch_status VOUCH_RUN(struct vouch_vm *vm VOUCH_ALSO, uint64_t *r0)
{
	struct run run = {.vm = vm, .insn = vm->insns + FIRST_PC, .used = FIRST_USED};
	enum vouch_status status;

	BEGIN();
	for (;; run.insn++) {
		VOUCH_TRACE(vm, pc_of(&run));
		status = step(&run);
		if (status != GOES_ON)
			break;
	}
	if (status == ENDED)
		status = VOUCH_OK;
	run.fault.status = status;
	run.fault.pc = pc_of(&run);
	vm->fault = run.fault;
	vm_settle(vm, run.used);
	if (status == VOUCH_OK && r0)
		*r0 = vm->r[0];
	return status;
#ifdef VOUCH_HYBRID
hand_over:
	vm->fault.pc = pc_of(&run);
	vm->used = run.used;
	return (enum vouch_status)STATUS_HANDOVER;
#endif
}
#endif
