/* SPDX-License-Identifier: MIT */
/* Between simulate.c, which runs the machine, and compare.c, which looks at where it ended. */
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

/* The state that the machine starts in: an exec_client's `setup`, of a struct simulation. */
void machine_start(struct exec *exec, void *user);

/* A term of the world's, with offsets as the simulation has them. */
term machine_relative(struct simulation *s, term t);

bool machine_lemma(struct simulation *s, term claim);
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
/* The address of the instruction's access, as BPF has it, if that is to be in the stubs' registers
 * out of line. */
term machine_cold_address(struct simulation *s);
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
