(* SPDX-License-Identifier: MIT *)
(** The hypotheses of composition can be met, all at once: a toy machine that meets them, and a program that the driver
    compiles for it. Its instructions are one byte long: 0 is a nop, 1 does the BPF step of the instruction that
    it stands for, runs on to the byte after it or jumps by the offset table. *)
From Coq Require Import ZArith List Lia.
From Vouch Require Import Semantics Checker Termination Isolation Composition.
Import ListNotations.
Open Scope Z_scope.

Section Toy.
Variable vm : machine.
Variable padding offset cold_offset : Z -> nat.

Inductive phase :=
  | Called (m : store) (f : Z)
  | At (x : nat) (s : state)
  | Leaving (e : ending) (s : state)
  | Returned (e : ending) (s : state).
Definition toy : Type := list byte * phase.

Definition runs_on (s s' : state) : Prop := forall i, insn_at vm s = Some i -> pc s' = pc s + slots_of i.

Inductive toy_step : toy -> toy -> Prop :=
  | toy_prologue code m f : toy_step (code, Called m f) (code, At (offset (entry vm)) (initial vm m f))
  | toy_nop code x s : nth_error code x = Some 0 -> toy_step (code, At x s) (code, At (x + 1) s)
  | toy_next code x s s' : nth_error code x = Some 1 -> step vm s = Next s' -> runs_on s s' ->
      toy_step (code, At x s) (code, At (x + 1) s')
  | toy_jump code x s s' : nth_error code x = Some 1 -> step vm s = Next s' -> ~ runs_on s s' ->
      toy_step (code, At x s) (code, At (offset (pc s')) s')
  | toy_stop code x s e s' : nth_error code x = Some 1 -> step vm s = Stop e s' ->
      toy_step (code, At x s) (code, Leaving e s')
  | toy_epilogue code e s : toy_step (code, Leaving e s) (code, Returned e s).

Definition toy_nops (k : nat) : list byte := repeat 0 k.
Definition toy_frame : list byte := [7; 7; 7].
Definition toy_emit (pc : Z) : option (list byte) := Some [1].
Definition toy_cold (pc : Z) : option (list byte) := Some [].

Definition toy_compile : option (list byte) :=
  write_pass (insns vm) toy_nops toy_frame toy_emit toy_cold padding offset cold_offset.

Lemma runs_on_decidable s s' : runs_on s s' \/ ~ runs_on s s'.
Proof.
  unfold runs_on. destruct (insn_at vm s) as [i|]; [|left; discriminate].
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

Lemma one_step c c' : toy_step c c' -> steps toy toy_step c c'.
Proof. intros. eapply steps_more; [eassumption|constructor]. Qed.

Theorem toy_program_correct code m f :
  toy_compile = Some code -> accepted vm -> 0 <= f ->
  exists n e s, run vm n (initial vm m f) = Stop e s
    /\ exists c, steps toy toy_step (code, Called m f) c /\ snd c = Returned e s.
Proof.
  intros Co Acc F.
  destruct (compiled_program_correct vm toy toy_step
    (fun code c => fst c = code)
    (fun c x => exists s, snd c = At x s)
    (fun s c => exists x, snd c = At x s)
    (fun m f c => snd c = Called m f)
    (fun e s c => snd c = Leaving e s)
    (fun e s c => snd c = Returned e s)
    toy_nops toy_frame toy_emit toy_cold padding offset cold_offset) with (code := code) (m := m) (f := f)
    (c := (code, Called m f)) as (n & e & s & c' & R & S & E); auto.
  - (* the emitter theorem *)
    intros code0 s [code1 p] hot cold WP Eh Ec _ Hh _ L (s1 & A) (x & R). simpl in *. subst code1 p.
    injection R as <- ->. injection Eh as <-. apply holds_at_first in Hh.
    destruct (step vm s) as [s'|e s'|] eqn:E; [| |exact I].
    + destruct (runs_on_decidable s s') as [On|Off].
      * exists (code0, At (offset (pc s) + 1) s'). split; [apply one_step, toy_next; assumption|].
        simpl. split; [reflexivity|]. split; [eauto|]. right. split; [eauto|exact On].
      * exists (code0, At (offset (pc s')) s'). split; [apply one_step, toy_jump with (s := s); assumption|].
        simpl. split; [reflexivity|]. split; [eauto|]. left. eauto.
    + exists (code0, Leaving e s'). split; [apply one_step, toy_stop with (s := s); assumption|]. auto.
  - (* nops *)
    intros code0 x k s [code1 p] H L (s1 & A) (y & R). simpl in *. subst code1 p. injection R as <- ->.
    unfold toy_nops in *. rewrite repeat_length. revert x H. induction k as [|k IH]; intros x H.
    + exists (code0, At x s). rewrite Nat.add_0_r. split; [constructor|]. simpl. eauto.
    + simpl in H. pose proof (holds_at_first _ _ _ _ H) as B. apply holds_at_rest in H.
      destruct (IH _ H) as (c & St & L & R & A). exists c.
      replace (x + S k)%nat with (S x + k)%nat by lia. split; [|auto].
      eapply steps_more; [apply toy_nop; exact B|]. rewrite Nat.add_1_r. exact St.
  - (* the prologue *)
    intros code0 m0 f0 [code1 p] _ L Ca. simpl in *. subst code1 p.
    exists (code0, At (offset (entry vm)) (initial vm m0 f0)). split; [apply one_step; constructor|]. simpl. eauto.
  - (* the epilogue *)
    intros code0 e s [code1 p] _ L V. simpl in *. subst code1 p.
    exists (code0, Returned e s). split; [apply one_step; constructor|reflexivity].
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

Example example_accepted : accepted example_vm.
Proof. reflexivity. Qed.

Example example_compiles :
  toy_compile example_vm (fun pc => if pc =? 3 then 1%nat else O) example_offset (fun _ => 16%nat)
  = Some [7; 7; 7; 1; 0; 0; 1; 0; 1; 0; 1; 0; 1; 1; 1; 1].
Proof. reflexivity. Qed.

Example example_runs :
  exists s, run example_vm 20 (initial example_vm empty 3) = Stop (Done 7) s /\ fuel s = 0 /\ pc s = 6.
Proof. eexists. split; [vm_compute; reflexivity|]. split; reflexivity. Qed.

(** With less fuel it stops at the jump back. *)
Example example_stops :
  exists s, run example_vm 20 (initial example_vm empty 2) = Stop (Fault FaultFuel) s /\ pc s = 4.
Proof. eexists. split; [vm_compute; reflexivity|reflexivity]. Qed.
