/* SPDX-License-Identifier: MIT */
/*
 * The interpreter's theorem in three files: interpreter.c runs the compiled function, dispatch.c
 * knows what it keeps from one dispatch to the next, and interpreter_end.c compares where a path
 * ended with BPF's step.
 *
 * A dispatch is where the code jumps to what a table of the image says for the opcode of the slot
 * that it has read last. Where one place in the code fetches all instructions, as in the small
 * interpreter, it is there, after the first load of a slot. Every path is cut at dispatches.
 */
#ifndef VOUCH_INTERPRETER_H
#define VOUCH_INTERPRETER_H

#include "prover/theorem/accepted.h"
#include "prover/theorem/compiled.h"
#include "prover/theorem/world.h"

/* The executor's memory objects, in this order; then the frame, if there is one. What each run
 * writes of the vm is apart from what it hardly ever does: memories of few stores are quick. */
enum vm_object {
	OBJECT_REGISTERS, /* vm->r */
	OBJECT_FUEL,      /* vm->fuel and used */
	OBJECT_VM,        /* the fields that follow */
	OBJECT_FAULT,     /* vm->fault and request */
	OBJECT_CALLER,    /* the caller's record */
	OBJECT_RECORD,    /* the next one */
	OBJECT_HELPERS,
	OBJECT_RESULT, /* *r0 */
	OBJECT_CHOSEN  /* of hybrid runs only */
};

/* What a register or a slot of the frame may hold at a dispatch. */
enum kind {
	KIND_VM,
	KIND_RESULT,      /* the last argument */
	KIND_CHOSEN,      /* the one before, in hybrid runs */
	KIND_INSN,        /* the slot's address */
	KIND_PC,          /* its number */
	KIND_OFFSET,      /* eight times that */
	KIND_WORD,        /* what it holds */
	KIND_IMM,         /* its field, sign-extended */
	KIND_OFF,         /* the same */
	KIND_OPCODE,      /* zero-extended */
	KIND_LABEL,       /* where it jumps to */
	KIND_INSNS,       /* the program's address */
	KIND_USED,        /* fuel that this run has spent */
	KIND_STACK_START, /* BPF's */
	KIND_STACK_SIZE,
	KIND_STACK_TOP,
	KIND_CONTEXT,
	KIND_SP,       /* of the caller */
	KIND_C,        /* what C had in a register */
	KIND_CONSTANT, /* none of the above */
	KINDS
};

/* One of them, and a constant more. */
struct holding {
	enum kind kind;
	unsigned n; /* KIND_C: the register */
	uint64_t plus;
};

enum { HOLDINGS_MAX = 8 };

/* All that a place has held at every dispatch so far; the first is what is assumed of it. */
struct holdings {
	struct holding at[HOLDINGS_MAX];
	unsigned count; /* 0: anything */
};

struct dispatch {
	struct holdings x[MACHINE_REGISTERS_MAX], slot[FRAME_SLOTS];
	term label; /* where it jumps to, by the next slot's opcode */
};

/* Accesses to memory that is the program's: the compiler may make one of many. */
enum { TOUCHES_MAX = 16 };

/* What is remembered on a path beside the machine's state. */
struct interpreter_notes {
	term next;   /* the next slot's offset */
	term memory; /* the program's */
	struct touch {
		term address;
		uint8_t bytes;
		bool write;
	} touch[TOUCHES_MAX];
	unsigned touches;
	bool helper_called, finds_called, wrong, endless;
	term demand; /* it stopped, since nothing but terms say that this isn't so; or NULL */
	bool retry;  /* a store-conditional failed twice */
	/* Hybrid runs: the number of the word of `chosen` that was loaded, how often one was. */
	term chosen_index;
	unsigned chosen_loads;
	/* The state at the last backward jump. */
	bool looped;
	uint64_t last_pc, loop_steps;
	term loop_memory[1 + OBJECT_CHOSEN + 3]; /* the program's, then the objects' */
	unsigned char loop[400];
};

struct interpreter {
	struct compiled c;
	struct world world;
	struct dispatch dispatch;
	uint64_t find;      /* vouch_region_find() */
	uint64_t divide[2]; /* the compiler's routines for 64 bits, unsigned and signed; 0: none */
	bool fetches_once;  /* a dispatch is where the next slot is loaded */
	term insns, result;
	/* The copy that hybrid runs have (src/jit/interpret.c): where a run is and what it has
	 * spent is in the vm, and instructions that are chosen, by a table of bits, are not its. */
	bool hybrid;
	term chosen;
	term spent; /* fuel that this run has; more than there is when somebody set that to zero */
	/* The next slot's fields; the opcode in two halves, so that no table is looked up for it.
	 */
	term next_opcode, next_word;
	/* The instruction in question. */
	bool entering; /* none: the start of a run */
	uint8_t opcode;
	struct bpf_insn insn;
	term accepted;                /* what the checker has seen to */
	term word, second;            /* its slots: 64 bits; second: NULL */
	term fuel_bytes, fault_bytes; /* of the vm, at the start of a path */
	/* For finding what a dispatch keeps. */
	bool finding, changed;
	unsigned spends;
	uint64_t frame_size;
	/* Possible ends: a proof about none says nothing. */
	unsigned dispatches, exits;
};

_Static_assert(sizeof(struct interpreter_notes) <= EXEC_NOTES, "notes");

/* The biggest size_t */
static inline uint64_t interpreter_word_max(const struct interpreter *in)
{
	return UINT64_MAX >> (64 - compiled_bits(&in->c));
}

static inline struct interpreter_notes *interpreter_notes(struct exec *exec)
{
	return (struct interpreter_notes *)exec->state.notes;
}

/* Everything in a term is of the next slot's opcode. */
bool of_next_opcode(const struct interpreter *in, term t);

/* What a load, store or atomic asks of the table of regions: address, size and permissions. False:
 * the instruction is none of these. */
bool interpreter_access(const struct interpreter *in, term asked[3]);

/* Where a label leads for an opcode. 0: nowhere. */
uint64_t dispatch_target(struct interpreter *in, uint8_t opcode);

/* A constant of the image, at an address that the next opcode decides. */
term dispatch_load(struct interpreter *in, term address, unsigned bytes);

/* Find what is kept, by `run`: the start of a run, or an instruction. False: report. */
bool dispatch_find(struct interpreter *in, void (*run)(struct interpreter *in, int op));

/* At a dispatch, for dispatch_find() only. */
void dispatch_note(struct interpreter *in, struct exec *exec);

/* The machine at a dispatch, about to run in->insn. */
void dispatch_enter(struct interpreter *in, struct exec *exec);

/* A dispatch in words of the VM: at the start of a run, before an instruction or after it. */
struct moment {
	term offset, used, context, opcode, word, label;
};

/* What register n, or slot n of the frame, holds then, and what that is; NULL: anything. */
term dispatch_register(
	struct interpreter *in, unsigned n, const struct moment *m, const char **name);
term dispatch_slot(struct interpreter *in, unsigned n, const struct moment *m, const char **name);

/* What tables of the image have at the next opcode, in these values. */
void dispatch_settle(struct interpreter *in, struct exec *exec, struct assignment *values);

/* At the next one: is it so again? */
bool dispatch_kept(struct interpreter *in, struct path *path, term used);

/* After a step, or at the start of a run: what memory objects hold, and fuel spent. */
struct expected {
	term object[OBJECT_RESULT + 1], spent;
};
void interpreter_expect(
	const struct interpreter *in, const struct outcome *o, struct expected *expected);

/* The same where a hybrid run is handed over before the next instruction. */
void interpreter_expect_handover(
	const struct interpreter *in, const struct outcome *o, struct expected *expected);

/* Is this the start of a run, and not where a hybrid one goes on? */
static inline bool interpreter_begins(const struct interpreter *in)
{
	return in->entering && !in->hybrid;
}

/* Whether an instruction is chosen, in hybrid runs; the same, of a word that has its bit. */
term interpreter_is_chosen(const struct interpreter *in, term pc);
term interpreter_has_bit(const struct interpreter *in, term index, term pc);

/* The start of a run, and an opcode without an instruction, have one outcome; false: it is the
 * step of an instruction. */
bool interpreter_only_outcome(const struct interpreter *in, struct outcome *o);

/* What makes its counterexamples run. */
extern const struct compiled_witness interpreter_witness;

/* A path has ended: at a dispatch, or back in C. Against the step, or the start of a run. */
void interpreter_compare(struct interpreter *in, struct path *path);

#endif
