(* SPDX-License-Identifier: MIT *)
(** The semantics as a program, to test it against the C interpreter: the machine that both run on, and its
    extraction to OCaml. proofs/oracle/main.ml reads cases and prints results; proofs/oracle/interpreter.c is the
    same around src/vm. Integers are extracted as Coq has them, so nothing but Coq's extraction is trusted. *)
From Coq Require Import ZArith List Bool Extraction ExtrOcamlBasic Lia.
From Vouch Require Import Semantics Checker Isolation.
Import ListNotations.
Open Scope Z_scope.

(** Helpers that answer in each possible way. *)
Definition gather : helper := fun m a1 a2 a3 a4 a5 =>
  let byte a n := Z.shiftl (wrap 8 a) n in
  Answer (Z.lor (byte a1 32) (Z.lor (byte a2 24) (Z.lor (byte a3 16) (Z.lor (byte a4 8) (byte a5 0)))))
    m Continue.

Fixpoint flip (m : store) (at_ : Z) (n : nat) : store :=
  match n with O => m | S n => flip (set m at_ (Z.lxor (get m at_) 42)) (at_ + 1) n end.

Definition memfrob (rs : list region) : helper := fun m a1 a2 _ _ _ =>
  if permitted rs (Access a1 a2 true) then Answer a1 (flip m a1 (Z.to_nat a2)) Continue
  else if a2 =? 0 then Answer a1 m Continue else Answer 0 m Fail.

Definition unwind : helper := fun m a1 _ _ _ _ => Answer a1 m (if a1 =? 0 then End else Continue).

(** Where the memory of a case lies. *)
Definition context_at : Z := 0x10000000.
Definition stack_at : Z := 0x20000000.
Definition frames_of_stack : Z := 3.
Definition writable_at : Z := 0x30000000.
Definition writable_bytes : Z := 40.
Definition adjacent_at : Z := writable_at + writable_bytes.
Definition adjacent_bytes : Z := 8.
Definition constant_at : Z := 0x40000000.
Definition constant_bytes : Z := 24.

Definition case_machine (words : list Z) (context_bytes : Z) : machine :=
  let context := Region context_at context_bytes true in
  let stack := Region stack_at (frame_size * frames_of_stack) true in
  let table := [Region writable_at writable_bytes true; Region adjacent_at adjacent_bytes true;
                Region constant_at constant_bytes false] in
  {| insns := map slot_of_word words;
     entry := 0;
     context := context;
     stack_start := stack_at;
     frames_max := frames_of_stack;
     table := table;
     data := fun object => if object =? 0 then constant_at else writable_at;
     helpers := fun id =>
       if id =? 0 then Some gather
       else if id =? 1 then Some (memfrob (context :: stack :: table))
       else if id =? 5 then Some unwind
       else None |}.

Definition case_verdict (vm : machine) : option (refusal * Z) := check (known_to vm) (insns vm) (entry vm).

(** The helpers of the cases keep to the contract that isolation asks for (Isolation.v): what they change is
    memory that the program may write. *)
Lemma flip_outside n : forall m at_ k, 0 <= at_ -> 0 <= k -> (k < at_ \/ at_ + Z.of_nat n <= k) ->
  get (flip m at_ n) k = get m k.
Proof.
  induction n as [|n IH]; intros m at_ k A K O; [reflexivity|].
  simpl. rewrite Nat2Z.inj_succ in O. rewrite IH by lia. apply get_set_other; lia.
Qed.

Theorem case_helpers_ok words context_bytes : helpers_ok (case_machine words context_bytes).
Proof.
  intros id h. cbv [case_machine helpers]. set (rs := _ :: _).
  destruct (id =? 0); [injection 1 as <-; intros ? ? ? ? ? ? ?; reflexivity|].
  destruct (id =? 1).
  - injection 1 as <-. intros m a1 a2 a3 a4 a5 k K N. change (regions _) with rs in N. unfold memfrob.
    destruct (permitted rs _) eqn:P; [|destruct (a2 =? 0); reflexivity].
    destruct (Z_lt_le_dec a1 0) as [Neg|A].
    + exfalso. apply permitted_spec in P as (r & In_r & L & _). simpl in L.
      assert (0 <= start r); [|lia]. clear - In_r. unfold rs in In_r. simpl in In_r.
      repeat destruct In_r as [<-|In_r]; try contradiction; vm_compute; discriminate.
    + apply flip_outside; try assumption.
      destruct (Z_lt_le_dec k a1); [left; assumption|].
      destruct (Z_le_gt_dec (a1 + Z.of_nat (Z.to_nat a2)) k); [right; assumption|].
      exfalso. apply N. eapply permitted_may_write; [exact P|reflexivity|].
      unfold touches; simpl. lia.
  - destruct (id =? 5); [|discriminate]. injection 1 as <-. intros ? ? ? ? ? ? ?; reflexivity.
Qed.

(** What main.ml calls, under names of its own. *)
Definition no_memory : store := Store.empty.
Definition put_byte : store -> Z -> Z -> store := Store.set.
Definition register (s : state) (r : Z) : Z := get (regs s) r.

Extraction "semantics.ml" case_machine case_verdict initial step no_memory put_byte register.
