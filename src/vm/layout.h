/* SPDX-License-Identifier: MIT */
/*
 * Where the fields of `struct vouch_vm` lie, for emitters: they may write code for a machine of
 * another word size than the host's, so they can't use offsetof. W is the target's word size in
 * bytes, 4 or 8. vm.c asserts that the compiler agrees on every host.
 */
#ifndef VOUCH_LAYOUT_H
#define VOUCH_LAYOUT_H

#define VM_R(n)                (8 * (n))
#define VM_WORD(W, k)          (88 + (k) * (W))
#define VM_FUEL(W)             VM_WORD(W, 0)
#define VM_USED(W)             VM_WORD(W, 1)
#define VM_CONTEXT(W)          VM_WORD(W, 2)
#define VM_LIMIT(W, write, lg) VM_WORD(W, 3 + 4 * (write) + (lg))
#define VM_STACK_LOW(W)        VM_WORD(W, 11)
#define VM_STACK_TOP(W)        VM_WORD(W, 12)
#define VM_FRAME(W)            VM_WORD(W, 13)
#define VM_REGIONS(W)          VM_WORD(W, 14)
#define VM_NREGIONS(W)         VM_WORD(W, 15)
#define VM_HELPERS(W)          VM_WORD(W, 16)
#define VM_NHELPERS(W)         VM_WORD(W, 17)
#define VM_FIND(W)             VM_WORD(W, 18)
#define VM_DATA(W, n)          VM_WORD(W, 19 + (n))
#define VM_USER(W)             VM_WORD(W, 21)
#define VM_CONTEXT_SIZE(W)     VM_WORD(W, 22)
#define VM_INSNS(W)            VM_WORD(W, 23)
#define VM_COUNT(W)            VM_WORD(W, 24)
#define VM_ENTRY(W)            (VM_WORD(W, 24) + 4)
#define VM_FAULT_STATUS(W)     (VM_WORD(W, 24) + 8)
#define VM_FAULT_PC(W)         (VM_WORD(W, 24) + 12)
#define VM_FAULT_ADDRESS(W)    (VM_WORD(W, 24) + 16)
#define VM_FAULT_SIZE(W)       (VM_WORD(W, 24) + 24)
#define VM_FAULT_WRITE(W)      (VM_WORD(W, 24) + 28)
#define VM_REQUEST(W)          (VM_WORD(W, 24) + 32)
#define VM_SIZE(W)             (VM_WORD(W, 24) + 40)

/* `struct vouch_frame`, the same for every word size. */
#define FRAME_SAVED(n) (8 * (n)) /* n = 0 to 3: r6 to r9 */
#define FRAME_PC       32
#define FRAME_CODE     36
#define FRAME_RECORD   40

#endif
