/* SPDX-License-Identifier: MIT */
/* Running compiled code on this host: what is around it is what is around an interpreted run. */
#include "jit.h"
#include "vm/vm.h"

/* The C types of the prologue, and of what is in its place in hybrid mode: they take the vm, leave
 * fault and used in it, return the status. */
typedef uint32_t (*entry_function)(struct vouch_vm *vm);
typedef uint32_t (*resume_function)(struct vouch_vm *vm, uintptr_t code);

/* Bit 0 of a function's address says that it is Thumb code. */
#ifdef __thumb__
enum { IS_THUMB = 1 };
#else
enum { IS_THUMB = 0 };
#endif

enum vouch_status vouch_run_compiled(struct vouch_vm *vm, const void *code, uint64_t *r0)
{
	entry_function enter;
	uintptr_t address = (uintptr_t)code | IS_THUMB;
	uint32_t status;

	/* ISO C has no conversion from a data pointer to a function; every host that runs code
	 * does. */
	__builtin_memcpy(&enter, &address, sizeof(enter));
	vm_begin(vm);
	status = enter(vm);
	vm_settle(vm, vm->used);
	if (status == VOUCH_OK && r0)
		*r0 = vm->r[0];
	return (enum vouch_status)status;
}

enum vouch_status jit_resume(struct vouch_vm *vm, const void *code, uint32_t offset)
{
	resume_function resume;
	uintptr_t address = (uintptr_t)code | IS_THUMB;

	__builtin_memcpy(&resume, &address, sizeof(resume));
	return (enum vouch_status)resume(vm, (uintptr_t)code + offset);
}

const struct vouch_target *vouch_target_host(void)
{
#if defined(__x86_64__)
	return vouch_target_named("x86_64");
#elif defined(__aarch64__) && !defined(__AARCH64EB__)
	return vouch_target_named("arm64");
#elif defined(__riscv) && __riscv_xlen == 64
	return vouch_target_named("rv64");
#elif defined(__riscv) && __riscv_xlen == 32
	return vouch_target_named("rv32");
#elif defined(__thumb2__) && __ARM_ARCH_PROFILE == 'M' && !defined(__ARM_BIG_ENDIAN)
	return vouch_target_named("thumb2");
#else
	return NULL;
#endif
}

#if defined(__aarch64__)
/* By what the compiler was told, else by what the kernel says, where there is a C library to ask.
 */
static bool have_lse(void)
{
#if defined(__ARM_FEATURE_ATOMICS)
	return true;
#elif defined(__linux__)
	enum { AT_HWCAP = 16, HWCAP_ATOMICS = 1 << 8 };
	extern unsigned long getauxval(unsigned long type) __attribute__((weak));

	return getauxval && (getauxval(AT_HWCAP) & HWCAP_ATOMICS);
#else
	return false;
#endif
}
#endif

uint32_t vouch_features_host(void)
{
#if defined(__x86_64__)
	__builtin_cpu_init();
	return __builtin_cpu_supports("bmi2") ? VOUCH_X86_BMI2 : 0;
#elif defined(__aarch64__)
	return have_lse() ? VOUCH_ARM_LSE : 0;
#elif defined(__riscv)
	uint32_t features = 0;

#ifdef __riscv_compressed
	features |= VOUCH_RV_COMPRESSED;
#endif
#if defined(__riscv_atomic) && __riscv_xlen == 32
	features |= VOUCH_RV_ATOMIC;
#endif
	return features;
#else
	return 0;
#endif
}
