/* SPDX-License-Identifier: MIT */
/*
 * What the files have in common that run emitted code: start.c makes the state, simulate.c runs the
 * machine, contracts.c is for what it calls, touch.c for the program's memory, lemma.c and
 * constants.c for what is known on the way; compare.c looks at where it ended.
 */
#ifndef VOUCH_MACHINE_H
#define VOUCH_MACHINE_H

#include "prover/theorem/simulate.h"

/* The executor's memory objects, in this order. */
enum machine_object {
	OBJECT_REGISTERS, /* vm->r, apart from the rest: only the ends of a run write it */
	OBJECT_VM,
	OBJECT_FRAME,
	OBJECT_CALLER,
	OBJECT_RECORD,
	OBJECT_HELPERS
};

/* Where a path of the machine ended. */
enum machine_end {
	END_NEXT,   /* at the end of the code in question */
	END_TARGET, /* at an instruction's code, by the offset table: `place` is its pc */
	END_COLD,   /* at its own out-of-line part */
	END_EXIT,   /* back in C */
	END_DENIED, /* in a stub that ends the run with `denied` */
	END_RETURN, /* a stub: back at who called it */
	END_RETRY,  /* where it has been before a store-conditional that failed */
	END_HEAD,   /* at the head of the loop of division */
};

enum { ATTEMPTS_MAX = 4, STEP_ADDRESSES_MAX = 4 };

/* What is remembered on a path beside the machine's state. */
struct machine_notes {
	enum machine_end end;
	term place;
	enum vouch_status denied;
	const struct access_stub *stub;
	term memory; /* the program's */
	term frame_after_stub;
	term divided;          /* the stub of division: its result; NULL: it wasn't called */
	unsigned divide_label; /* where */
	struct access_log accesses;
	/* What others may have changed since, where it was loaded, and the pc before which they
	 * have done so. */
	term seen, seen_at, others_at;
	/* Store-conditionals: whether they succeed, and their pc. */
	struct {
		term succeeds, pc;
	} attempt[ATTEMPTS_MAX];
	unsigned attempts;
	/* Machines of 32 bits: what a stub has permitted, so that it ends below 4 GiB. */
	term granted;
	unsigned granted_bytes;
	/* And addresses that have been seen to be the step's. */
	struct {
		term machine, step;
	} address[STEP_ADDRESSES_MAX];
	unsigned addresses;
	bool helper_called, violation;
	bool unseen; /* the violation is one at which no machine ends */
	term found;  /* what vouch_region_find() has said; NULL: it wasn't called */
	unsigned calls;
	/* The state at the last backward jump. */
	bool looped;
	bool unmasked; /* in an atomic, after its first access, interrupts weren't masked */
	uint64_t offset, loop_steps;
	term loop_memory[1 + OBJECT_HELPERS]; /* the program's, then the objects' */
	unsigned char loop[512];
};
_Static_assert(sizeof(struct machine_notes) <= EXEC_NOTES, "notes");

static inline struct machine_notes *machine_notes(struct exec *exec)
{
	return (struct machine_notes *)exec->state.notes;
}

static inline void set_register(struct exec *exec, unsigned n, term value)
{
	*exec->options->machine->reg(exec->state.machine, n) = value;
}

static inline term get_register(struct exec *exec, unsigned n)
{
	return *exec->options->machine->reg(exec->state.machine, n);
}

static inline void forget_flags(struct exec *exec)
{
	if (exec->options->machine->forget_flags)
		exec->options->machine->forget_flags(exec->state.machine);
}

/* ---- the start (start.c) ---- */

/* The state that the machine starts in: an exec_client's `setup`, of a struct simulation. */
void machine_start(struct exec *exec, void *user);

/* A variable of a word of the machine's. */
term machine_named(struct proof *proof, const char *prefix, unsigned n);
unsigned machine_sp_register(const struct refinement *map);

/* What a call has left for its return, be it in a register or on the stack. NULL: nothing has. */
term machine_take_return_address(struct exec *exec, const struct refinement *map);
/* Whoever was called has used the stack below sp, and its arguments there. */
void machine_forget_below_sp(struct exec *exec, const struct refinement *map);
/* A stub may have used the fields that are anybody's. */
void machine_forget_fields(struct exec *exec, struct proof *proof);

/* The native frame's bytes between instructions, and after a stub that was called with others. An
 * offset from sp, as an address in its object. */
term machine_native_frame(struct proof *proof);
term machine_frame_after_stub(struct proof *proof, term before);
term machine_in_frame(struct proof *proof, unsigned from_sp);

/* Where the instruction's access is, as BPF has it. NULL: there is none. */
term machine_address_of_insn(const struct simulation *s);

/* ---- on the way ---- */

/* Something that no emitted code may do; and what no machine shows, which would go on. */
enum exec_at machine_violation(struct exec *exec, const char *what);
bool machine_unseen_violation(struct exec *exec, const char *what);

/* A place in the code by its offset, and whether a pc is one. */
term machine_place(struct simulation *s, term offset);
bool machine_is_resolved(struct simulation *s, term pc, term candidate);

/* touch.c: an exec_client's load and store, and an address in the words of BPF's step. */
term machine_load(struct exec *exec, term address, unsigned bytes, void *user);
bool machine_store(struct exec *exec, term address, unsigned bytes, term value, void *user);
term machine_as_step_has_it(struct exec *exec, struct simulation *s, term address);
void machine_grant(
	struct exec *exec, struct simulation *s, const struct access_stub *stub, term address);
/* Where an atomic masks interrupts: aren't they? */
bool machine_is_unmasked(const struct exec *exec, const struct simulation *s);

/* constants.c: in all registers. */
void machine_recognise_constants(struct exec *exec, struct simulation *s);

/* contracts.c: what is at a place (NULL, -1: none), and its contract. */
const struct access_stub *machine_stub_at(struct exec *exec, struct simulation *s, term place);
enum exec_at machine_call_access_stub(
	struct exec *exec, struct simulation *s, const struct access_stub *stub);
int machine_divide_stub_at(struct simulation *s, term place);
enum exec_at machine_call_divide_stub(struct exec *exec, struct simulation *s, int kind);
enum exec_at machine_call_find(struct exec *exec, struct proof *proof);
bool machine_is_helper(struct exec *exec, struct simulation *s, term pc);
enum exec_at machine_call_helper(struct exec *exec, struct proof *proof);

/* A term of the world's, with offsets as the simulation has them. */
term machine_relative(struct simulation *s, term t);

/* lemma.c. One emission's values rule out most of what two terms could be without the solver. */
bool machine_differ(struct simulation *s, term a, term b);
/* Does it follow from what is known of the emission? Or is it, or its contrary, decided: NULL if
 * not. */
bool machine_follows(struct simulation *s, term claim);
term machine_decided(struct simulation *s, term condition);
bool machine_lemma(struct simulation *s, term claim);
bool machine_lemma_of_world(struct proof *proof, term claim);
bool machine_lemma_asserted(struct proof *proof, term claim); /* by the emitter's path */
bool machine_lemma_on_path(struct simulation *s, const struct term_list *path, term claim);

term machine_at_start(struct simulation *s, unsigned n);
bool machine_keeps_frame(struct proof *proof, term bytes);
term machine_sp(struct proof *proof);
term machine_stub_return(struct proof *proof);
/* Where the machine is after a jump to this pointer, a word; 64 bits. */
term machine_code_at(const struct proof *proof, term pointer);
term machine_c_bool(struct proof *proof, term value);

/* Offset in the native frame's object. */
static inline unsigned machine_frame_offset(const struct refinement *map, unsigned from_sp)
{
	return map->frame_below + from_sp;
}
term machine_c_register(struct proof *proof, unsigned n);
/* Nothing is left that a caller would notice: no IT block is open, interrupts are as they were. */
bool machine_is_settled(const struct exec *exec);
/* vm->r, where these are BPF's registers. */
term machine_vm_registers(struct proof *proof, const term bpf[VOUCH_REGISTERS], uint32_t which);
/* Out of line, the address of the instruction's access is in the stubs' registers, except where
 * this holds. */
term machine_cold_exception(struct simulation *s);
/* What stubs get beside the address. */
term machine_stub_word(const struct proof *proof, const struct access_stub *stub, term pc);
/* vm_bytes: what the vm has then. */
term machine_expected(
	struct proof *proof, unsigned n, const term bpf[VOUCH_REGISTERS], term used, term vm_bytes);
term machine_expected_slot(
	struct proof *proof, const struct frame_slot *slot, const term bpf[VOUCH_REGISTERS]);

/* A value as a word of the machine's; an address, of 64 bits, as it is there. */
term machine_word(const struct proof *proof, term value);
term machine_address(const struct proof *proof, term sum);
term machine_stub_access(const struct proof *proof);

/* CLAIM_DIVIDE: what a register holds at the loop's head in this state; NULL: anything. */
struct division_state;
term machine_at_head(
	struct simulation *s, unsigned n, const struct division_state *state, unsigned round);

/* False ends the run; the report says why. */
bool compare_end(struct simulation *s, struct exec *exec);
bool compare_stopped(struct simulation *s, struct exec *exec);

#endif
