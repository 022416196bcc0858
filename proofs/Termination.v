(* SPDX-License-Identifier: MIT *)
(** Termination: with fuel f, a program of n slots ends within (2f + 1) n steps.

    Fuel is spent by backward jumps and calls; returns are no more than calls. Between two of these pc only grows,
    so each such segment has at most n steps. As one number that every step makes smaller:
    (2 fuel + depth) n + (n - pc), where depth counts the callers. *)
From Coq Require Import ZArith List Lia.
From Vouch Require Import Semantics Checker.
Import ListNotations.
Open Scope Z_scope.

Definition callers (s : state) : Z := Z.of_nat (length (frames s)).
Definition potential (vm : machine) (s : state) : Z :=
  let n := count (insns vm) in (2 * fuel s + callers s) * n + (n - pc s).

Definition in_program (vm : machine) (pc : Z) : Prop := 0 <= pc < count (insns vm).

(** What a step that goes on may do to pc, fuel and frames: one of four things. *)
Inductive progresses (s : state) : state -> Prop :=
  | Forward s' : pc s < pc s' -> fuel s' <= fuel s -> frames s' = frames s -> progresses s s'
  | Backward s' : fuel s' = fuel s - 1 -> frames s' = frames s -> progresses s s'
  | Call s' f : fuel s' = fuel s - 1 -> frames s' = f :: frames s -> progresses s s'
  | Return s' f : fuel s' = fuel s -> frames s = f :: frames s' -> progresses s s'.

Definition steps_well (s : state) (o : outcome) : Prop :=
  match o with Next s' => progresses s s' /\ (0 <= fuel s -> 0 <= fuel s') | _ => True end.

Lemma guarded_steps_well s v k : steps_well s k -> steps_well s (guarded s v k).
Proof. destruct v; simpl; auto. Qed.

Lemma jump_steps_well s delta : steps_well s (jump s delta).
Proof.
  unfold jump. destruct (Z.ltb_spec delta 0), (Z.leb_spec (fuel s) 0); simpl; auto.
  - split; [|lia]. apply Backward; reflexivity.
  - split; [|lia]. apply Forward; simpl; (lia || reflexivity).
  - split; [|lia]. apply Forward; simpl; (lia || reflexivity).
Qed.

Lemma call_helper_steps_well vm s h : steps_well s (call_helper vm s h).
Proof.
  unfold call_helper. destruct (Z.leb_spec (fuel s) 0); simpl; auto.
  destruct (requested _); simpl; auto. split; [|lia]. apply Forward; simpl; (lia || reflexivity).
Qed.

Lemma call_local_steps_well vm s delta : steps_well s (call_local vm s delta).
Proof.
  unfold call_local. destruct (_ <=? depth s), (Z.leb_spec (fuel s) 0); simpl; auto.
  split; [|lia]. eapply Call; simpl; reflexivity.
Qed.

Lemma exit_steps_well s : steps_well s (exit s).
Proof.
  unfold exit. destruct (frames s) eqn:E; simpl; auto. split; [|lia]. eapply Return; simpl; eauto.
Qed.

Lemma write_reg_keeps s r v s' : write_reg s r v = Some s' ->
  pc s' = pc s /\ fuel s' = fuel s /\ frames s' = frames s /\ memory s' = memory s.
Proof. unfold write_reg. destruct (_ && _)%bool; [|discriminate]. injection 1 as <-. auto. Qed.

Lemma step_progresses vm s : steps_well s (step vm s).
Proof.
  unfold step. destruct (slot_at _ _); [|exact I]. destruct (decode _) as [i|]; [|exact I].
  assert (Adv : forall s' k, 0 < k -> pc s' = pc s -> fuel s' = fuel s -> frames s' = frames s ->
            steps_well s (Next (with_pc s' (pc s' + k)))).
  { intros s' k K P F Q. simpl. split; [apply Forward; simpl; (assumption || lia)|lia]. }
  destruct i; unfold step_insn; cbv zeta;
    repeat (match goal with
      | |- context [match write_reg ?a ?b ?c with _ => _ end] =>
          destruct (write_reg a b c) eqn:?; [|exact I]
      | |- steps_well _ (match ?e with Some _ => _ | None => Undefined end) => destruct e eqn:?; [|exact I]
      end);
    repeat match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_keeps in H; simpl in H end;
    repeat match goal with H : _ /\ _ |- _ => destruct H end;
    try solve [ apply Adv; (reflexivity || assumption || lia)
              | apply guarded_steps_well, Adv; (reflexivity || assumption || lia)
              | apply jump_steps_well | apply call_helper_steps_well | apply call_local_steps_well
              | apply exit_steps_well ].
  - destruct (_ <? 2); [|exact I]. apply Adv; (reflexivity || assumption || lia).
  - destruct fetch.
    + match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_keeps in H; simpl in H end.
      repeat match goal with H : _ /\ _ |- _ => destruct H end.
      apply guarded_steps_well, Adv; (reflexivity || assumption || lia).
    + match goal with H : Some _ = Some _ |- _ => injection H as <- end.
      apply guarded_steps_well, Adv; simpl; (reflexivity || lia).
  - destruct (holds _ _ _ _); [apply jump_steps_well|apply Adv; (reflexivity || lia)].
  - destruct (helpers vm _); [apply call_helper_steps_well|exact I].
Qed.

Lemma progresses_decreases vm s s' :
  progresses s s' -> in_program vm (pc s) -> in_program vm (pc s') -> potential vm s' < potential vm s.
Proof.
  unfold in_program, potential, callers. generalize (count (insns vm)) as n. intros n P I I'.
  destruct P as [s' G F Q | s' F Q | s' f F Q | s' f F Q]; rewrite ?F, ?Q; simpl length; try rewrite Nat2Z.inj_succ;
    set (k := Z.of_nat _).
  - assert (fuel s' * n <= fuel s * n) by (apply Z.mul_le_mono_nonneg_r; lia). lia.
  - lia.
  - lia.
  - lia.
Qed.

Lemma potential_positive vm s : 0 <= fuel s -> in_program vm (pc s) -> 0 < potential vm s.
Proof. unfold potential, callers, in_program. nia. Qed.

Lemma well_placed_in_program vm s : well_placed vm s -> in_program vm (pc s).
Proof. intros [(sl & A & _) _]. eapply slot_at_some, A. Qed.

(** Another thread or an interrupt may lower the fuel at any time, between any two steps. *)
Inductive lowered (s : state) : state -> Prop :=
  | Lowered f : 0 <= f <= fuel s -> lowered s (State (regs s) (memory s) (pc s) f (frames s)).

Inductive run_lowered (vm : machine) : nat -> state -> outcome -> Prop :=
  | lowered_none s : run_lowered vm 0 s (Next s)
  | lowered_next n s s1 s2 o :
      lowered s s1 -> step vm s1 = Next s2 -> run_lowered vm n s2 o -> run_lowered vm (S n) s o
  | lowered_stop n s s1 o :
      lowered s s1 -> step vm s1 = o -> (forall s2, o <> Next s2) -> run_lowered vm (S n) s o.

Lemma lowered_self s : 0 <= fuel s -> lowered s s.
Proof. destruct s as [r m p f fr]. intros F. simpl in F. exact (Lowered (State r m p f fr) f ltac:(simpl; lia)). Qed.

Lemma run_is_run_lowered vm n : forall s, 0 <= fuel s -> run_lowered vm n s (run vm n s).
Proof.
  induction n as [|n IH]; intros s F; simpl; [constructor|].
  pose proof (step_progresses vm s) as W.
  destruct (step vm s) eqn:E.
  - eapply lowered_next; [apply lowered_self; exact F|exact E|apply IH, W, F].
  - eapply lowered_stop; [apply lowered_self; exact F|exact E|discriminate].
  - eapply lowered_stop; [apply lowered_self; exact F|exact E|discriminate].
Qed.

Lemma run_within vm n : checked (known_to vm) (insns vm) -> forall s o,
  well_placed vm s -> 0 <= fuel s -> potential vm s <= Z.of_nat n -> run_lowered vm n s o ->
  exists e s', o = Stop e s'.
Proof.
  intros Ck. induction n as [|n IH]; intros s o WP F P R.
  - pose proof (potential_positive vm s F (well_placed_in_program _ _ WP)). lia.
  - assert (D : forall s1, lowered s s1 -> well_placed vm s1 /\ 0 <= fuel s1 /\ potential vm s1 <= potential vm s).
    { intros s1 [f Hf]. split; [exact WP|]. split; [simpl; lia|].
      pose proof (well_placed_in_program _ _ WP) as I. unfold in_program in I.
      assert (f * count (insns vm) <= fuel s * count (insns vm)) by (apply Z.mul_le_mono_nonneg_r; lia).
      unfold potential, callers. simpl fuel. simpl frames. simpl pc. rewrite !Z.mul_add_distr_r. lia. }
    inversion R as [|n0 s0 s1 s2 o0 L E R2|n0 s0 s1 o0 L E St]; subst.
    + destruct (D _ L) as (WP1 & F1 & P1).
      pose proof (step_progresses vm s1) as W. pose proof (step_fine vm s1 Ck WP1) as Fine. rewrite E in W, Fine.
      destruct W as [W K]. apply (IH s2 o); auto.
      pose proof (progresses_decreases vm s1 s2 W (well_placed_in_program _ _ WP1) (well_placed_in_program _ _ Fine)). lia.
    + destruct (D _ L) as (WP1 & _ & _). pose proof (step_fine vm s1 Ck WP1) as Fine.
      destruct (step vm s1) as [s2|e s2|]; [exfalso; eapply St; reflexivity|eauto|contradiction].
Qed.

Lemma initial_potential vm m f : 0 <= f -> 0 <= entry vm ->
  potential vm (initial vm m f) <= (2 * f + 1) * count (insns vm).
Proof. unfold potential, callers. simpl. nia. Qed.

(** Termination: an accepted program of n slots with fuel f has ended after (2f + 1) n steps, whatever memory,
    regions and helpers do... *)
Theorem termination vm m f :
  accepted vm -> 0 <= f ->
  exists e s, run vm (Z.to_nat ((2 * f + 1) * count (insns vm))) (initial vm m f) = Stop e s.
Proof.
  intros Acc F. destruct (accepted_checked vm Acc) as [Ck St].
  assert (WP : well_placed vm (initial vm m f)) by (split; simpl; auto).
  pose proof (well_placed_in_program _ _ WP) as I. unfold in_program in I. simpl in I.
  eapply (run_within vm _ Ck); [exact WP|exact F| |apply run_is_run_lowered; exact F].
  pose proof (initial_potential vm m f F ltac:(lia)). nia.
Qed.

(** ...and also if others lower the fuel while it runs. *)
Theorem termination_lowered vm m f o :
  accepted vm -> 0 <= f ->
  run_lowered vm (Z.to_nat ((2 * f + 1) * count (insns vm))) (initial vm m f) o -> exists e s, o = Stop e s.
Proof.
  intros Acc F R. destruct (accepted_checked vm Acc) as [Ck St].
  assert (WP : well_placed vm (initial vm m f)) by (split; simpl; auto).
  pose proof (well_placed_in_program _ _ WP) as I. unfold in_program in I. simpl in I.
  eapply (run_within vm _ Ck); [exact WP|exact F| |exact R].
  pose proof (initial_potential vm m f F ltac:(lia)). nia.
Qed.

(** Setting the fuel to zero stops a run: from any state of it, after at most n more steps for each active function. *)
Theorem interrupt_stops vm m f s :
  accepted vm -> reachable vm (initial vm m f) s ->
  let s0 := State (regs s) (memory s) (pc s) 0 (frames s) in
  exists e s', run vm (Z.to_nat ((1 + callers s) * count (insns vm))) s0 = Stop e s'.
Proof.
  intros Acc R s0. destruct (accepted_checked vm Acc) as [Ck St].
  pose proof (reachable_well_placed _ _ _ _ Acc R) as WP.
  pose proof (well_placed_in_program _ _ WP) as I. unfold in_program in I.
  eapply (run_within vm _ Ck s0); [exact WP|apply Z.le_refl| |apply run_is_run_lowered; apply Z.le_refl].
  unfold potential. change (callers s0) with (callers s). change (pc s0) with (pc s). change (fuel s0) with 0.
  assert (0 <= callers s) by (unfold callers; lia).
  rewrite Z2Nat.id by (apply Z.mul_nonneg_nonneg; lia).
  rewrite Z.mul_add_distr_r. change (2 * 0 + callers s) with (callers s). lia.
Qed.

(** Fuel never grows, and never falls below zero. *)
Theorem fuel_bounds vm m f s : 0 <= f -> reachable vm (initial vm m f) s -> 0 <= fuel s <= f.
Proof.
  intros F R. induction R as [|s s' R IH E]; [simpl; lia|].
  pose proof (step_progresses vm s) as W. rewrite E in W. destruct W as [W K].
  destruct W as [s' ? ? ? | s' ? ? | s' ? ? ? | s' ? ? ?]; lia.
Qed.
