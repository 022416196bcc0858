(* SPDX-License-Identifier: MIT *)
(** The hypotheses of composition can be met, all at once: a toy machine that meets them, and a program that the driver
    compiles for it. Its instructions are one byte long: 0 is a nop, 1 does the BPF step of the instruction that
    it stands for, runs on to the byte after it or jumps by the offset table; 2 always jumps. *)
From Coq Require Import ZArith List Lia.
From Vouch Require Import Semantics Checker Termination Isolation Values Composition.
Import ListNotations.
Open Scope Z_scope.

Section Toy.
Variable vm : machine.
Variable padding offset cold_offset : Z -> nat.
Variable far : nat.

Inductive phase :=
  | Called (m : store) (f : Z)
  | At (x : nat) (s : state)
  | Returned (e : ending) (s : state).
Definition toy : Type := list byte * phase.

Definition toy_runs_on (s s' : state) : Prop := forall i, insn_at vm s = Some i -> pc s' = pc s + slots_of i.

Inductive toy_step : toy -> toy -> Prop :=
  | toy_prologue code m f : toy_step (code, Called m f) (code, At (offset (entry vm)) (initial vm m f))
  | toy_nop code x s : nth_error code x = Some 0 -> toy_step (code, At x s) (code, At (x + 1) s)
  | toy_next code x s s' : nth_error code x = Some 1 -> step vm s = Next s' -> toy_runs_on s s' ->
      toy_step (code, At x s) (code, At (x + 1) s')
  | toy_jump code x s s' : nth_error code x = Some 1 -> step vm s = Next s' -> ~ toy_runs_on s s' ->
      toy_step (code, At x s) (code, At (offset (pc s')) s')
  | toy_always_jump code x s s' : nth_error code x = Some 2 -> step vm s = Next s' ->
      toy_step (code, At x s) (code, At (offset (pc s')) s')
  | toy_stop code x s e s' b : nth_error code x = Some b -> b <> 0 -> step vm s = Stop e s' ->
      toy_step (code, At x s) (code, Returned e s').

Definition toy_nops (k : nat) : list byte := repeat 0 k.
Definition toy_frame : list byte := [7; 7; 7].
Definition toy_emit (pc : Z) : option (list byte) := Some [1].
Definition toy_cold (pc : Z) : option (list byte) := Some [2].

Definition toy_compile : option (list byte) :=
  write_pass (insns vm) toy_nops toy_frame toy_emit toy_cold padding offset cold_offset far.

Lemma toy_runs_on_decidable s s' : toy_runs_on s s' \/ ~ toy_runs_on s s'.
Proof.
  unfold toy_runs_on. destruct (insn_at vm s) as [i|]; [|left; discriminate].
  destruct (Z.eq_dec (pc s') (pc s + slots_of i)) as [E|N].
  - left. intros j J. injection J as <-. exact E.
  - right. intros H. apply N, H. reflexivity.
Qed.

Lemma holds_at_first code x b bytes : holds_at code x (b :: bytes) -> nth_error code x = Some b.
Proof.
  intros (before & after & -> & <-). rewrite nth_error_app2, Nat.sub_diag by lia. reflexivity.
Qed.

Lemma holds_at_rest code x b bytes : holds_at code x (b :: bytes) -> holds_at code (S x) bytes.
Proof.
  intros (before & after & -> & <-). exists (before ++ [b]), after.
  rewrite app_length, <- app_assoc. simpl. split; [reflexivity|lia].
Qed.

Definition no_promises (c : toy) (P : toy -> Prop) : Prop := False.

Lemma one_step (Q : toy -> Prop) c c' : toy_step c c' -> Q c' -> reaches toy toy_step no_promises Q c.
Proof. intros. eapply reaches_step; [eassumption|]. apply reaches_here. assumption. Qed.

Theorem toy_program_correct code m f :
  toy_compile = Some code -> usable vm f ->
  exists n e s, run vm n (initial vm m f) = Stop e s
    /\ exists c, steps toy toy_step (code, Called m f) c /\ snd c = Returned e s.
Proof.
  intros Co U.
  destruct (compiled_program_correct vm toy toy_step no_promises) with
    (loaded := fun (code : list byte) (c : toy) => fst c = code)
    (at_ := fun (c : toy) x => exists s, snd c = At x s)
    (related := fun s (c : toy) => exists x, snd c = At x s)
    (overspent := fun (s : state) (c : toy) => False)
    (refused := fun (f : fault) (s : state) (c : toy) => False)
    (called := fun m f (c : toy) => snd c = Called m f)
    (returned := fun e s (c : toy) => snd c = Returned e s)
    (nops := toy_nops) (frame_code := toy_frame) (emit := toy_emit) (emit_cold := toy_cold) (padding := padding)
    (offset := offset) (cold_offset := cold_offset) (far := far) (code := code) (m0 := m) (f0 := f)
    (c := (code, Called m f)) as (n & e & s & c' & R & S & E); auto.
  - contradiction.
  - (* in line *)
    intros code0 s [code1 p] hot cold _ _ Ip L (s1 & A) (x & R). simpl in *. subst code1 p.
    injection R as <- ->. destruct Ip as [Eh _ _ Hh _ _]. injection Eh as <-. apply holds_at_first in Hh.
    destruct (step vm s) as [s'|e s'|] eqn:E.
    + destruct (toy_runs_on_decidable s s') as [On|Off].
      * destruct (insn_at vm s) as [i|] eqn:D; [|rewrite step_insn_at, D in E; discriminate].
        apply one_step with (code0, At (offset (pc s) + 1) s'); [apply toy_next; assumption|].
        right. left. exists i, s'. simpl. repeat split; eauto.
      * apply one_step with (code0, At (offset (pc s')) s'); [apply toy_jump with (s := s); assumption|].
        left. unfold arrives. rewrite E. simpl. repeat split; eauto.
    + apply one_step with (code0, Returned e s'); [apply toy_stop with (s := s) (b := 1); auto; discriminate|].
      left. unfold arrives. rewrite E. simpl. auto.
    + apply reaches_here. left. unfold arrives. rewrite E. exact I.
  - (* out of line *)
    intros code0 s [code1 p] hot cold i _ _ Ip _ _ L (s1 & A) (x & R) _. simpl in *. subst code1 p.
    injection R as <- ->. destruct Ip as [_ Ec _ _ Hc _]. injection Ec as <-. apply holds_at_first in Hc.
    unfold arrives. destruct (step vm s) as [s'|e s'|] eqn:E.
    + apply one_step with (code0, At (offset (pc s')) s'); [apply toy_always_jump; assumption|]. simpl. eauto.
    + apply one_step with (code0, Returned e s'); [apply toy_stop with (s := s) (b := 2); auto; discriminate|]. simpl. auto.
    + apply reaches_here. exact I.
  - contradiction.
  - contradiction.
  - (* nops *)
    intros code0 x k s [code1 p] _ H L (s1 & A) (y & R). simpl in *. subst code1 p. injection R as <- ->.
    unfold toy_nops in *. rewrite repeat_length. revert x H. induction k as [|k IH]; intros x H.
    + apply reaches_here. rewrite Nat.add_0_r. simpl. eauto.
    + simpl in H. pose proof (holds_at_first _ _ _ _ H) as B. apply holds_at_rest in H.
      eapply reaches_step; [apply toy_nop; exact B|]. rewrite Nat.add_1_r.
      replace (x + S k)%nat with (S x + k)%nat by lia. apply IH, H.
  - (* the prologue *)
    intros code0 m0 f0 [code1 p] _ L Ca. simpl in *. subst code1 p.
    eapply one_step; [constructor|]. simpl. eauto.
  - exists n, e, s. eauto.
Qed.
End Toy.

(** A program that is accepted and compiled, with a jump, a loop, a local call and a 64-bit immediate; its code has nops
    before the loop's head, after the immediate, and where an instruction was measured longer than it came out. *)
Definition example_program : program :=
  let slot o d s f i := Slot o d s f i in
  [ slot 0x18 1 0 0 3; slot 0 0 0 0 0;    (* r1 = 3 ll *)
    slot 0x85 0 1 0 4;                    (* call + 4 *)
    slot 0x07 1 0 0 (-1);                 (* r1 += -1 *)
    slot 0x55 1 0 (-2) 0;                 (* if r1 != 0 goto -2 *)
    slot 0x05 0 0 0 0;                    (* goto + 0 *)
    slot 0x95 0 0 0 0;                    (* exit *)
    slot 0xb7 0 0 0 7; slot 0x95 0 0 0 0  (* r0 = 7; exit *) ].

Definition example_vm : machine :=
  Machine example_program 0 (Region 0x1000 0 false) 0x2000 2 [] (fun _ => 0) (fun _ => None).

Definition example_offset (pc : Z) : nat := nth (Z.to_nat pc) [3; 6; 6; 8; 10; 12; 13; 14; 15; 16]%nat O.

Definition example_cold_offset (pc : Z) : nat := nth (Z.to_nat pc) [16; 17; 17; 18; 19; 20; 21; 22; 23]%nat O.

(** Where the next instruction starts too far on, it doesn't compile. *)
Example example_too_far :
  toy_compile example_vm (fun pc => if pc =? 3 then 1%nat else O) example_offset example_cold_offset 2 = None.
Proof. reflexivity. Qed.

Example example_usable : usable example_vm 1000.
Proof.
  split; [reflexivity| |lia]. split.
  - unfold addressable, stack_top, frame_size. simpl. unfold word64. lia.
  - repeat constructor; simpl; lia.
Qed.

Example example_accepted : accepted example_vm.
Proof. reflexivity. Qed.

Example example_compiles :
  toy_compile example_vm (fun pc => if pc =? 3 then 1%nat else O) example_offset example_cold_offset 4
  = Some ([7; 7; 7; 1; 0; 0; 1; 0; 1; 0; 1; 0; 1; 1; 1; 1] ++ [2; 2; 2; 2; 2; 2; 2; 2]).
Proof. reflexivity. Qed.

Example example_runs :
  exists s, run example_vm 20 (initial example_vm empty 3) = Stop (Done 7) s /\ fuel s = 0 /\ pc s = 6.
Proof. eexists. split; [vm_compute; reflexivity|]. split; reflexivity. Qed.

(** With less fuel it stops at the jump back. *)
Example example_stops :
  exists s, run example_vm 20 (initial example_vm empty 2) = Stop (Fault FaultFuel) s /\ pc s = 4.
Proof. eexists. split; [vm_compute; reflexivity|reflexivity]. Qed.
