(* SPDX-License-Identifier: MIT *)
(** Runs: from the first instruction, any number of steps. *)
From Coq Require Import ZArith List Lia.
From Vouch Require Import Word Store Insn Regions Step.
Import ListNotations.
Open Scope Z_scope.

(** Registers are zero but r1 (context), r2 (its size) and r10 (the stack's top). *)
Definition initial_regs (vm : machine) : store :=
  set (set (set empty 1 (start (context vm))) 2 (extent (context vm))) 10 (stack_top vm).

Definition initial (vm : machine) (m : store) (fuel : Z) : state :=
  State (initial_regs vm) m (entry vm) fuel [].

(** At most n steps: [Next] when the run goes on after them. *)
Fixpoint run (vm : machine) (n : nat) (s : state) : outcome :=
  match n with
  | O => Next s
  | S n =>
      match step vm s with
      | Next s => run vm n s
      | stopped => stopped
      end
  end.

(** States that a run passes through. *)
Inductive reachable (vm : machine) (s0 : state) : state -> Prop :=
  | reachable_start : reachable vm s0 s0
  | reachable_step s s' : reachable vm s0 s -> step vm s = Next s' -> reachable vm s0 s'.

Lemma reachable_head vm s0 s1 s : step vm s0 = Next s1 -> reachable vm s1 s -> reachable vm s0 s.
Proof.
  intros H R. induction R.
  - eapply reachable_step; [constructor | exact H].
  - eapply reachable_step; eassumption.
Qed.

(** What a run reaches is what its steps reach, and its end is the end of some step. *)
Lemma run_next vm n s s' : run vm n s = Next s' -> reachable vm s s'.
Proof.
  revert s. induction n; simpl; intros s H.
  - injection H as <-. constructor.
  - destruct (step vm s) eqn:E; try discriminate. eapply reachable_head; eauto.
Qed.

Lemma run_stop vm n s e s' : run vm n s = Stop e s' ->
  exists last, reachable vm s last /\ step vm last = Stop e s'.
Proof.
  revert s. induction n; simpl; intros s H; [discriminate|].
  destruct (step vm s) eqn:E; try discriminate.
  - destruct (IHn _ H) as (last & R & L). exists last. split; [eapply reachable_head|]; eauto.
  - injection H as <- <-. exists s. split; [constructor|assumption].
Qed.

Lemma run_undefined vm n s : run vm n s = Undefined ->
  exists last, reachable vm s last /\ step vm last = Undefined.
Proof.
  revert s. induction n; simpl; intros s H; [discriminate|].
  destruct (step vm s) eqn:E; try discriminate.
  - destruct (IHn _ H) as (last & R & L). exists last. split; [eapply reachable_head|]; eauto.
  - exists s. split; [constructor|assumption].
Qed.

(** A run that has stopped stays stopped. *)
Lemma run_more vm n m s e s' : run vm n s = Stop e s' -> (n <= m)%nat -> run vm m s = Stop e s'.
Proof.
  revert m s. induction n; simpl; intros m s H L; [discriminate|].
  destruct m; [lia|]. simpl.
  destruct (step vm s) eqn:E; try discriminate; [|assumption].
  apply IHn; [assumption|lia].
Qed.
