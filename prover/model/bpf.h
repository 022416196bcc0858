/* SPDX-License-Identifier: MIT */
/*
 * BPF as Vouch means it (docs/semantics.md), over terms: the specification that emitters and
 * interpreter are proved against. One step on a path; env->branch() decides what depends on values.
 * Little-endian.
 */
#ifndef VOUCH_MODEL_BPF_H
#define VOUCH_MODEL_BPF_H

#include "isa/isa.h"
#include "prover/model/model.h"

/* An instruction, its registers constant, its immediates any terms. */
struct bpf_insn {
	enum vouch_op op;
	unsigned dst, src;
	term off;  /* 16 bits */
	term imm;  /* 32 bits */
	term imm2; /* 32 bits, of the second slot of a 64-bit immediate; else NULL */
};

enum bpf_result {
	BPF_NEXT,   /* go on at pc */
	BPF_EXIT,   /* the run ends: status VOUCH_OK or the fault's */
	BPF_STOPPED /* the model or its surroundings stopped: env->reason */
};

/* What is outside one step of one instruction. */
struct bpf_env {
	struct model_env *model;

	/* May the program access these bytes? A boolean. Atomics ask for writing. */
	term (*permitted)(struct bpf_env *env, term address, unsigned bytes, bool write);

	/* Is there a helper of this 64-bit id? A boolean. */
	term (*helper_exists)(struct bpf_env *env, term id);

	/* Call a helper. *request: 0 to go on, 1 to end, 2 to fail (32 bits). Returns r0; NULL
	 * stops. */
	term (*call_helper)(struct bpf_env *env, term id, const term argument[5], term *request);

	/* The start of a data object, 64 bits; object has 32. */
	term (*object)(struct bpf_env *env, term object);

	/* Frames: room for one more (a boolean), whether there is a caller (a boolean), and the
	 * record itself. */
	term (*has_room)(struct bpf_env *env);
	term (*has_caller)(struct bpf_env *env);
	bool (*push)(struct bpf_env *env, const term saved[4], term pc);
	bool (*pop)(struct bpf_env *env, term saved[4], term *pc);
};

struct bpf {
	struct bpf_env *env;
	term r[VOUCH_REGISTERS]; /* 64 bits */
	term pc;                 /* 32 bits, in slots */
	term fuel;               /* 64 bits: what is left */
	/* After BPF_EXIT. Addresses have 64 bits; 0 where there is none. */
	enum vouch_status status;
	term address;
	unsigned size;
	bool write;
};

/* One instruction, at bpf->pc. After BPF_EXIT, pc is the instruction's and everything else as the
 * fault leaves it. */
enum bpf_result bpf_step(struct bpf *bpf, const struct bpf_insn *insn);

/* Division of 32 or 64 bits: by 0, the quotient is 0 and the remainder the dividend. */
term bpf_divide(struct terms *tc, bool is_signed, bool remainder, term dividend, term divisor);

/* An instruction of a program, all of it constant. */
struct bpf_insn bpf_constant_insn(struct terms *tc, const struct vouch_insn *slot);

#endif
