/* SPDX-License-Identifier: MIT */
/*
 * The interpreter: one function, so that it can be proved as one loop in the compiled binary.
 * Dispatch is threaded through a table of labels generated from opcodes.def; each handler is named
 * as the table's row, and a row without a handler does not compile. Programs are checked before
 * they run, so handlers test nothing but what depends on values: addresses, fuel, call depth,
 * helper ids.
 * Another copy is made by what copy.h says; -DVOUCH_SMALL takes the small one for all.
 */
#if defined(VOUCH_SMALL) && defined(VOUCH_RUN)
#include "interpreter_small.c"
#elif !defined(VOUCH_SMALL)
#include "copy.h"
#include "interpreter.h"
#include "isa/isa.h"

/* The fields of the current instruction. A 64-bit host reads all of them at once. */
#if UINTPTR_MAX > UINT32_MAX
#define FETCH() __builtin_memcpy(&word, __builtin_assume_aligned(insn, 8), sizeof(word))
#if VOUCH_BIG_ENDIAN
#define OPCODE  (word >> 56)
#define DST_REG ((uint8_t)(word >> 48) >> 4)
#define SRC_REG ((uint8_t)(word >> 48) & 15)
#define OFF     ((int16_t)(word >> 32))
#define IMM     ((int32_t)word)
#else
#define OPCODE  (word & 255)
#define DST_REG ((uint8_t)(word >> 8) & 15)
#define SRC_REG ((uint8_t)(word >> 8) >> 4)
#define OFF     ((int16_t)(word >> 16))
#define IMM     ((int32_t)(word >> 32))
#endif
#else
#define FETCH() ((void)0)
#define OPCODE  (insn->opcode)
#define DST_REG (vouch_dst(insn))
#define SRC_REG (vouch_src(insn))
#define OFF     (insn->off)
#define IMM     (insn->imm)
#endif

#define DST vm->r[DST_REG]
#define SRC vm->r[SRC_REG]

#define PC() ((uint32_t)(insn - vm->insns))

/* Labels as values, where the compiler has them; a switch otherwise. */
#ifndef VOUCH_COMPUTED_GOTO
#ifdef __GNUC__
#define VOUCH_COMPUTED_GOTO 1
#else
#define VOUCH_COMPUTED_GOTO 0
#endif
#endif

#if VOUCH_COMPUTED_GOTO
#define DISPATCH()                     \
	do {                           \
		FETCH();               \
		VOUCH_TRACE(vm, PC()); \
		goto *labels[OPCODE];  \
	} while (0)
#else
#define DISPATCH() goto dispatch
#endif

#define NEXT()              \
	do {                \
		insn++;     \
		DISPATCH(); \
	} while (0)

#define LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

/* One unit of fuel; the limit is read anew each time, because others may set it to zero. */
#define SPEND()                                  \
	do {                                     \
		if (UNLIKELY(++used > vm->fuel)) \
			goto fault_fuel;         \
	} while (0)

#define JUMP(delta)                      \
	do {                             \
		if (LIKELY((delta) < 0)) \
			SPEND();         \
		insn += (delta) + 1;     \
		DISPATCH();              \
	} while (0)

/* In each expression, d is the old dst and s the operand, both of the operation's width. */
#define UNARY(id, type, source, expression) \
	id : {                              \
		type d = (type)DST;         \
		type s = (type)(source);    \
		(void)s;                    \
		DST = (type)(expression);   \
		NEXT();                     \
	}

#define ALU(id, expression)                                 \
	UNARY(id##64_k, uint64_t, (int64_t)IMM, expression) \
	UNARY(id##64_x, uint64_t, SRC, expression)          \
	UNARY(id##32_k, uint32_t, IMM, expression)          \
	UNARY(id##32_x, uint32_t, SRC, expression)

/* RFC 9669 section 4.1: x / 0 = 0 and x % 0 = x; the one signed overflow wraps. */
#define DIVIDE(id, type, source)                   \
	UNARY(div##id, type, source,               \
		s == 0          ? 0                \
		: OFF == 0      ? d / s            \
		: s == (type)-1 ? 0 - d            \
				: SIGNED(d, /, s)) \
	UNARY(mod##id, type, source,               \
		s == 0          ? d                \
		: OFF == 0      ? d % s            \
		: s == (type)-1 ? 0                \
				: SIGNED(d, %, s))
#define SIGNED(d, op, s)                                         \
	(sizeof(d) == 8 ? (uint64_t)((int64_t)(d)op(int64_t)(s)) \
			: (uint32_t)((int32_t)(d)op(int32_t)(s)))
#define MASK(s) ((s) & (sizeof(s) * 8 - 1))
#define ARSH(d, s) \
	(sizeof(d) == 8 ? (uint64_t)((int64_t)(d) >> (s)) : (uint32_t)((int32_t)(d) >> (s)))

#define BRANCH(id, type, source, condition) \
	id : {                              \
		type d = (type)DST;         \
		type s = (type)(source);    \
		if (condition)              \
			JUMP(OFF);          \
		NEXT();                     \
	}

#define JUMPS(id, utype64, utype32, condition)             \
	BRANCH(id##64_k, utype64, (int64_t)IMM, condition) \
	BRANCH(id##64_x, utype64, SRC, condition)          \
	BRANCH(id##32_k, utype32, IMM, condition)          \
	BRANCH(id##32_x, utype32, SRC, condition)
#define JUMPS_UNSIGNED(id, condition) JUMPS(id, uint64_t, uint32_t, condition)
#define JUMPS_SIGNED(id, condition)   JUMPS(id, int64_t, int32_t, condition)

/* The region test: the context by one comparison, then the stack, then the table. */
#define ACCESS(base, bytes, lg, writes)                                                 \
	do {                                                                            \
		address = (base) + (uint64_t)(int64_t)OFF;                              \
		if (UNLIKELY(address - vm->context >= vm->limit[writes][lg]) &&         \
			address - stack_start > stack_size - (bytes) &&                 \
			!vouch_region_find(vm->regions, vm->nregions, address, (bytes), \
				(writes) ? VOUCH_READ | VOUCH_WRITE : VOUCH_READ)) {    \
			size = (bytes);                                                 \
			write = (writes);                                               \
			goto fault_memory;                                              \
		}                                                                       \
	} while (0)

#define POINTER ((void *)(uintptr_t)address)

#define LOAD(id, type, lg, extended)                              \
	id : {                                                    \
		type value;                                       \
		ACCESS(SRC, sizeof(value), lg, 0);                \
		__builtin_memcpy(&value, POINTER, sizeof(value)); \
		DST = (uint64_t)(extended)value;                  \
		NEXT();                                           \
	}

#define STORE(id, type, lg, source)                               \
	id : {                                                    \
		type value = (type)(source);                      \
		ACCESS(DST, sizeof(value), lg, 1);                \
		__builtin_memcpy(POINTER, &value, sizeof(value)); \
		NEXT();                                           \
	}

/* Atomics of the compiler where the machine has them, as compare_exchange64(). */
#if VOUCH_ATOMIC64
#define BUILTIN64(op, cell, value) __atomic_##op(cell, value, __ATOMIC_SEQ_CST)
#else
#define BUILTIN64(op, cell, value) plain_##op(cell, value)
#endif
#define BUILTIN32(op, cell, value) __atomic_##op(cell, value, __ATOMIC_SEQ_CST)

#define FETCH_BIT 1

#define ATOMIC(id, type, lg, bits)                                                        \
	id : {                                                                            \
		type *cell, old, operand = (type)SRC;                                     \
		if ((DST + (uint64_t)(int64_t)OFF) % sizeof(type) != 0) {                 \
			address = DST + (uint64_t)(int64_t)OFF;                           \
			size = sizeof(type);                                              \
			write = 1;                                                        \
			goto fault_align;                                                 \
		}                                                                         \
		ACCESS(DST, sizeof(type), lg, 1);                                         \
		cell = POINTER;                                                           \
		switch (IMM & ~FETCH_BIT) {                                               \
		case 0x00:                                                                \
			old = BUILTIN##bits(fetch_add, cell, operand);                    \
			break;                                                            \
		case 0x40:                                                                \
			old = BUILTIN##bits(fetch_or, cell, operand);                     \
			break;                                                            \
		case 0x50:                                                                \
			old = BUILTIN##bits(fetch_and, cell, operand);                    \
			break;                                                            \
		case 0xa0:                                                                \
			old = BUILTIN##bits(fetch_xor, cell, operand);                    \
			break;                                                            \
		case 0xe0:                                                                \
			old = BUILTIN##bits(exchange_n, cell, operand);                   \
			break;                                                            \
		default: /* 0xf0, compare and exchange */                                 \
			vm->r[0] = compare_exchange##bits(cell, (type)vm->r[0], operand); \
			NEXT();                                                           \
		}                                                                         \
		if (IMM & FETCH_BIT)                                                      \
			SRC = old;                                                        \
		NEXT();                                                                   \
	}

enum vouch_status VOUCH_RUN(struct vouch_vm *vm VOUCH_ALSO, uint64_t *r0)
{
#if VOUCH_COMPUTED_GOTO
#define INSN(id, name, opcode, ...) [opcode] = &&id,
#define ALSO(...)
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
	static const void *const labels[256] = {
		[0 ... 255] = &&illegal,
#include "isa/opcodes.def"
	};
#endif
	const uintptr_t stack_start = vm->stack_low - VOUCH_FRAME_SIZE;
	const size_t stack_size = vm->stack_top - stack_start;
	const struct vouch_insn *insn = vm->insns + FIRST_PC;
	size_t used = FIRST_USED;
	uint64_t address;
	uint32_t size, write;
	enum vouch_status status = VOUCH_OK;
#if UINTPTR_MAX > UINT32_MAX
	uint64_t word;
#endif

	BEGIN();
	DISPATCH();

#if !VOUCH_COMPUTED_GOTO
dispatch:
	FETCH();
	VOUCH_TRACE(vm, PC());
	switch (OPCODE) {
#define INSN(id, name, opcode, ...) \
	case opcode:                \
		goto id;
#define ALSO(...)
#include "isa/opcodes.def"
	default:
		goto illegal;
	}
#endif

	/* Arithmetic */
	ALU(add, d + s)
	ALU(sub, d - s)
	ALU(mul, d * s)
	ALU(or, d | s)
	ALU(and, d & s)
	ALU(xor, d ^ s)
	ALU(lsh, d << MASK(s))
	ALU(rsh, d >> MASK(s))
	ALU(arsh, ARSH(d, MASK(s)))
	UNARY(neg64, uint64_t, 0, 0 - d)
	UNARY(neg32, uint32_t, 0, 0 - d)
	DIVIDE(64_k, uint64_t, (int64_t)IMM)
	DIVIDE(64_x, uint64_t, SRC)
	DIVIDE(32_k, uint32_t, IMM)
	DIVIDE(32_x, uint32_t, SRC)

	/* Moves */
mov64_k:
	DST = (uint64_t)(int64_t)IMM;
	NEXT();
mov32_k:
	DST = (uint32_t)IMM;
	NEXT();
mov64_x:
	if (LIKELY(OFF == 0))
		DST = SRC;
	else if (OFF == 8)
		DST = (uint64_t)(int8_t)SRC;
	else if (OFF == 16)
		DST = (uint64_t)(int16_t)SRC;
	else
		DST = (uint64_t)(int32_t)SRC;
	NEXT();
mov32_x : {
	uint32_t value = (uint32_t)SRC;

	if (LIKELY(OFF == 0))
		; /* a plain move, by far the most frequent */
	else if (OFF == 8)
		value = (uint32_t)(int8_t)value;
	else
		value = (uint32_t)(int16_t)value;
	DST = value;
	NEXT();
}
lddw:
	if (SRC_REG == 0)
		DST = (uint64_t)(uint32_t)insn[1].imm << 32 | (uint32_t)IMM;
	else
		DST = vm->data[(uint32_t)IMM] + (uint64_t)(uint32_t)insn[1].imm;
	insn++;
	NEXT();

	/* Byte order */
le16 : {
	bool swap = VOUCH_BIG_ENDIAN;

	goto byte_order;
be16:
	swap = !VOUCH_BIG_ENDIAN;
	goto byte_order;
bswap16:
	swap = true;
byte_order:
	if (IMM == 16)
		DST = swap ? __builtin_bswap16((uint16_t)DST) : (uint16_t)DST;
	else if (IMM == 32)
		DST = swap ? __builtin_bswap32((uint32_t)DST) : (uint32_t)DST;
	else
		DST = swap ? __builtin_bswap64(DST) : DST;
	NEXT();
}

	/* Memory */
	LOAD(ldxb, uint8_t, 0, uint64_t)
	LOAD(ldxh, uint16_t, 1, uint64_t)
	LOAD(ldxw, uint32_t, 2, uint64_t)
	LOAD(ldxdw, uint64_t, 3, uint64_t)
	LOAD(ldxsb, int8_t, 0, int64_t)
	LOAD(ldxsh, int16_t, 1, int64_t)
	LOAD(ldxsw, int32_t, 2, int64_t)
	STORE(stb, uint8_t, 0, IMM)
	STORE(sth, uint16_t, 1, IMM)
	STORE(stw, uint32_t, 2, IMM)
	STORE(stdw, uint64_t, 3, (int64_t)IMM)
	STORE(stxb, uint8_t, 0, SRC)
	STORE(stxh, uint16_t, 1, SRC)
	STORE(stxw, uint32_t, 2, SRC)
	STORE(stxdw, uint64_t, 3, SRC)
	ATOMIC(atomic_add32, uint32_t, 2, 32)
	ATOMIC(atomic_add64, uint64_t, 3, 64)

	/* Jumps */
ja:
	JUMP(OFF);
ja32:
	JUMP(IMM);
	JUMPS_UNSIGNED(jeq, d == s)
	JUMPS_UNSIGNED(jne, d != s)
	JUMPS_UNSIGNED(jgt, d > s)
	JUMPS_UNSIGNED(jge, d >= s)
	JUMPS_UNSIGNED(jlt, d < s)
	JUMPS_UNSIGNED(jle, d <= s)
	JUMPS_UNSIGNED(jset, d & s)
	JUMPS_SIGNED(jsgt, d > s)
	JUMPS_SIGNED(jsge, d >= s)
	JUMPS_SIGNED(jslt, d < s)
	JUMPS_SIGNED(jsle, d <= s)

	/* Calls */
callx:
	address = DST;
	if (address >= vm->nhelpers || !vm->helpers[address]) {
		size = 0;
		write = 0;
		status = VOUCH_FAULT_HELPER;
		goto fault_details;
	}
	goto helper;
call:
	if (SRC_REG != 0)
		goto call_local;
	address = (uint32_t)IMM;
helper:
	SPEND();
	call_helper(vm, address);
	if (vm->request != REQUEST_NONE)
		goto requested;
	NEXT();
call_local:
	if (vm->r[10] == vm->stack_low)
		goto fault_depth;
	SPEND();
	push_frame(vm, PC() + 1);
	insn += (int64_t)IMM + 1;
	DISPATCH();
exit:
	if (vm->r[10] == vm->stack_top)
		goto done;
	insn = vm->insns + pop_frame(vm);
	DISPATCH();

#ifdef VOUCH_HYBRID
hand_over:
	vm->fault.pc = PC();
	vm->used = used;
	return STATUS_HANDOVER;
#endif
requested:
	if (vm->request == REQUEST_END)
		goto done;
	status = VOUCH_FAULT_HOST;
	goto fault;
illegal:
	status = VOUCH_FAULT_OPCODE;
	goto fault;
fault_fuel:
	status = VOUCH_FAULT_FUEL;
	goto fault;
fault_depth:
	status = VOUCH_FAULT_DEPTH;
	goto fault;
fault_align:
	status = VOUCH_FAULT_ALIGN;
	goto fault_details;
fault_memory:
	status = VOUCH_FAULT_MEMORY;
fault_details:
	vm_stop(vm, status, PC());
	vm->fault.address = address;
	vm->fault.size = size;
	vm->fault.write = write;
	vm_settle(vm, used);
	return status;
fault:
	vm_stop(vm, status, PC());
	vm_settle(vm, used);
	return status;
done:
	vm_stop(vm, VOUCH_OK, PC());
	vm_settle(vm, used);
	if (r0)
		*r0 = vm->r[0];
	return VOUCH_OK;
}
#endif
