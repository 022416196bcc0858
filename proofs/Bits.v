(* SPDX-License-Identifier: MIT *)
(** Bit-vectors as SMT-LIB has them: the words that prover/term/print_coq.c writes terms in. A bit-vector of n bits is
    an integer in [0, 2^n), so that extending with zeros is nothing. Division is in Arithmetic.v. *)
From Coq Require Import ZArith Bool.
From Vouch Require Export Word Store Arithmetic.
Open Scope Z_scope.

Definition bvadd (w a b : Z) : Z := wrap w (a + b).
Definition bvsub (w a b : Z) : Z := wrap w (a - b).
Definition bvmul (w a b : Z) : Z := wrap w (a * b).
Definition bvneg (w a : Z) : Z := wrap w (- a).
Definition bvnot (w a : Z) : Z := wrap w (Z.lnot a).
Definition bvand (w a b : Z) : Z := Z.land a b.
Definition bvor (w a b : Z) : Z := Z.lor a b.
Definition bvxor (w a b : Z) : Z := Z.lxor a b.

(** Counts are not masked: from the width on nothing is left, or only the sign. *)
Definition bvshl (w a b : Z) : Z := wrap w (Z.shiftl a b).
Definition bvlshr (w a b : Z) : Z := Z.shiftr a b.
Definition bvashr (w a b : Z) : Z := wrap w (Z.shiftr (signed w a) b).

Definition extract (hi lo a : Z) : Z := wrap (hi - lo + 1) (Z.shiftr a lo).
Definition concat (below a b : Z) : Z := Z.lor (Z.shiftl a below) b.
Definition sext (from to a : Z) : Z := wrap to (signed from a).

Definition bveq (w a b : Z) : bool := a =? b.
Definition bvult (w a b : Z) : bool := a <? b.
Definition bvule (w a b : Z) : bool := a <=? b.
Definition bvslt (w a b : Z) : bool := signed w a <? signed w b.
Definition bvsle (w a b : Z) : bool := signed w a <=? signed w b.
Definition choose {T} (c : bool) (a b : T) : T := if c then a else b.

(** A memory's byte at an address is what the store has there, as a byte. *)
Definition select (m : store) (a : Z) : Z := wrap 8 (get m a).
Definition store_byte (m : store) (a b : Z) : store := set m a b.

(** What the prover's model of BPF leaves to its surroundings (struct bpf_env in prover/model/bpf.h). *)
Class surroundings := Surroundings {
  env_memory : store;                           (* before the step *)
  env_permitted : Z -> Z -> Z -> bool;          (* address, bytes, 1 to write *)
  env_helper_exists : Z -> bool;
  env_helper_result : Z -> Z -> Z -> Z -> Z -> Z -> Z;     (* id, r1 to r5 *)
  env_helper_request : Z -> Z -> Z -> Z -> Z -> Z -> Z;
  env_helper_memory : Z -> Z -> Z -> Z -> Z -> Z -> store;
  env_object : Z -> Z;                          (* where a data object is *)
  env_has_room : bool;                          (* for one more frame *)
  env_has_caller : bool;
  env_saved_r6 : Z; env_saved_r7 : Z; env_saved_r8 : Z; env_saved_r9 : Z; env_saved_pc : Z }.

(** What the model makes of a step: registers that it has written, in this order; memory, pc, fuel and frames; or an
    end with a status and vouch_fault's address, size and direction. *)
Inductive frames_change := Same | Push (r6 r7 r8 r9 pc : Z) | Pop.
Inductive status := StatusOk | StatusMemory | StatusAlign | StatusFuel | StatusDepth | StatusHelper | StatusHost.
Inductive exported :=
  | Goes (written : list (Z * Z)) (memory : store) (pc fuel : Z) (change : frames_change)
  | Ends (why : status) (address size : Z) (write : bool) (written : list (Z * Z)) (memory : store) (pc fuel : Z).

(** A row of opcodes.def: the opcode, and where instructions share it, the field that tells them apart and its value. *)
Inductive select_field := SelectNone | SelectOff | SelectImm | SelectSrc.
Record row := Row { row_opcode : Z; row_select : select_field; row_value : Z }.

(** What the checker's test of one instruction looks at beside the instruction, and what it answers where no path of
    the compiled code leads. *)
Class checkable := Checkable {
  slots : Z;                        (* of the program *)
  opcode_at : Z -> Z;               (* of any slot *)
  opcode2 : Z; dst2 : Z; src2 : Z; off2 : Z;    (* of the slot after the instruction *)
  nhelpers : Z;
  helper_at : Z -> Z }.             (* pointers; 0 where there is none *)
Definition no_path : Z := -1.
