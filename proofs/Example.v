(* SPDX-License-Identifier: MIT *)
(** The hypotheses of composition can be met, all at once: a toy machine that meets them, and programs that the driver
    compiles for it. Most of its instructions are one byte long: 0 is a nop. 1 does the BPF step of the instruction that
    it stands for, and runs on to the byte after it or jumps by the offset table; 2 always jumps; 5 never does, nor does
    4, which is stuck unless its access is in the context. 3, and four bytes that say of which bytes, is the test of a
    group. 6 hands over to an interpreter. *)
From Coq Require Import ZArith List Lia.
From Vouch Require Import Semantics Checker Termination Isolation Values Groups Driver Engines Composition.
Import ListNotations.
Open Scope Z_scope.

Section Toy.
Variable vm : machine.
Variable padding offset cold_offset : Z -> nat.
Variable far : nat.
Variable chosen : Z -> bool.

Inductive phase :=
  | Called (m : store) (f : Z)
  | At (x : nat) (s : state)
  | Returned (e : ending) (s : state)
  | Handed (s : state)
  | Resumed (s : state)
  | Interpreting (s : state).
Definition toy : Type := list byte * phase.

Definition toy_nops (k : nat) : list byte := repeat 0 k.
Definition toy_frame : list byte := [7; 7; 7].
Definition toy_test (g : group) : list byte := [3; group_base g; group_off g; group_lg g; Z.b2z (group_write g)].
Definition toy_emit (role : test) (pc : Z) : option (list byte) :=
  Some [match role with OwnTest => 1 | NoTest => 4 | TestAgain => 5 | TestLast => 2 end].
Definition toy_cold (pc : Z) : option (list byte) := Some [2].
Definition toy_handover (pc : Z) : option (list byte) := Some [6].

Definition toy_runs_on (s s' : state) : Prop := forall i, insn_at vm s = Some i -> pc s' = pc s + slots_of i.
Definition in_context (s : state) : Prop := forall a, In a (accesses vm s) -> covers (context vm) a = true.

Inductive toy_step : toy -> toy -> Prop :=
  | toy_prologue code m f : toy_step (code, Called m f) (code, At (offset (entry vm)) (initial vm m f))
  | toy_nop code x s : nth_error code x = Some 0 -> toy_step (code, At x s) (code, At (x + 1) s)
  | toy_next code x s s' : nth_error code x = Some 1 -> step vm s = Next s' -> toy_runs_on s s' ->
      toy_step (code, At x s) (code, At (x + 1) s')
  | toy_jump code x s s' : nth_error code x = Some 1 -> step vm s = Next s' -> ~ toy_runs_on s s' ->
      toy_step (code, At x s) (code, At (offset (pc s')) s')
  | toy_always_jump code x s s' : nth_error code x = Some 2 -> step vm s = Next s' ->
      toy_step (code, At x s) (code, At (offset (pc s')) s')
  | toy_goes_on code x s g : holds_at code x (toy_test g) -> tested vm g s ->
      toy_step (code, At x s) (code, At (x + length (toy_test g)) s)
  | toy_goes_out code x s g : holds_at code x (toy_test g) -> ~ tested vm g s ->
      toy_step (code, At x s) (code, At (cold_offset (pc s)) s)
  | toy_untested code x s s' : nth_error code x = Some 4 -> in_context s -> step vm s = Next s' ->
      toy_step (code, At x s) (code, At (x + 1) s')
  | toy_straight code x s s' : nth_error code x = Some 5 -> step vm s = Next s' ->
      toy_step (code, At x s) (code, At (x + 1) s')
  | toy_stop code x s e s' b : nth_error code x = Some b -> In b [1; 2; 4; 5] -> step vm s = Stop e s' ->
      toy_step (code, At x s) (code, Returned e s')
  | toy_hands code x s : nth_error code x = Some 6 -> toy_step (code, At x s) (code, Handed s)
  | toy_turn code s : toy_step (code, Handed s) (code, if chosen (pc s) then Resumed s else Interpreting s)
  | toy_resume code s : toy_step (code, Resumed s) (code, At (offset (pc s)) s)
  | toy_interpret code s s' : step vm s = Next s' ->
      toy_step (code, Interpreting s) (code, if chosen (pc s') then Handed s' else Interpreting s')
  | toy_interpret_stop code s e s' : step vm s = Stop e s' -> toy_step (code, Interpreting s) (code, Returned e s').

Definition toy_loaded (code : list byte) (c : toy) : Prop := fst c = code.
Definition toy_at (c : toy) (x : nat) : Prop := exists s, snd c = At x s.
Definition toy_related (s : state) (c : toy) : Prop := exists x, snd c = At x s.
Definition toy_returned (e : ending) (s : state) (c : toy) : Prop := snd c = Returned e s.
Definition no_promises (c : toy) (P : toy -> Prop) : Prop := False.
Definition never_refused (f : fault) (s : state) (c : toy) : Prop := False.
Definition never_overspent (s : state) (c : toy) : Prop := False.

Notation arrives := (arrives vm toy toy_loaded toy_at toy_related never_refused toy_returned offset).
Notation stops := (stops vm toy toy_loaded toy_at toy_related never_refused toy_returned offset).
Notation runs_to := (runs_to vm toy toy_loaded toy_at toy_related).
Notation reaches := (reaches toy toy_step no_promises).

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

Lemma one_step (Q : toy -> Prop) c c' : toy_step c c' -> Q c' -> reaches Q c.
Proof. intros. eapply reaches_step; [eassumption|]. apply reaches_here. assumption. Qed.

(** A configuration that is loaded, somewhere, and related. *)
Lemma toy_is code c x s : toy_loaded code c -> toy_at c x -> toy_related s c -> c = (code, At x s).
Proof.
  destruct c as [code' p]. unfold toy_loaded, toy_at, toy_related. simpl. intros <- (s1 & A) (y & R). congruence.
Qed.

(** Code that does the step and runs on. *)
Lemma toy_straight_code code x s b : nth_error code x = Some b -> In b [1; 2; 4; 5] ->
  (forall s' i, insn_at vm s = Some i -> step vm s = Next s' ->
    pc s' = pc s + slots_of i /\ toy_step (code, At x s) (code, At (x + 1) s')) ->
  reaches (fun c' => stops code s c' \/ runs_to code s (x + 1) c') (code, At x s).
Proof.
  intros B In_ Runs. destruct (step vm s) as [s'|e s'|] eqn:E.
  - destruct (insn_at vm s) as [i|] eqn:At_; [|rewrite step_insn_at, At_ in E; discriminate].
    destruct (Runs s' i eq_refl eq_refl) as [P M]. eapply one_step; [exact M|]. right.
    exists i, s'. unfold toy_loaded, toy_at, toy_related. simpl. repeat split; eauto.
  - eapply one_step; [eapply toy_stop; eauto|]. left. unfold Composition.stops, Composition.arrives. rewrite E.
    split; [left; reflexivity|discriminate].
  - apply reaches_here. left. unfold Composition.stops, Composition.arrives. rewrite E. split; [exact I|discriminate].
Qed.

(** Code that does the step and jumps. *)
Lemma toy_jumping_code code x s : nth_error code x = Some 2 -> reaches (arrives code s) (code, At x s).
Proof.
  intros B. unfold Composition.arrives. destruct (step vm s) as [s'|e s'|] eqn:E.
  - eapply one_step; [apply toy_always_jump; eassumption|].
    unfold toy_loaded, toy_at, toy_related. simpl. eauto.
  - eapply one_step; [eapply toy_stop; eauto; simpl; auto|]. left. reflexivity.
  - apply reaches_here. exact I.
Qed.

Lemma straight_next s s' i : insn_at vm s = Some i -> straight i = true -> step vm s = Next s' ->
  pc s' = pc s + slots_of i.
Proof.
  intros At_ Sg E. destruct (step_leads vm s s' E) as (sl & i' & A & D & L). unfold insn_at in At_.
  rewrite A, D in At_. injection At_ as <-. inversion L; subst; try congruence; discriminate.
Qed.

Lemma straight_access i : load_or_store i = true -> straight i = true.
Proof. destruct i; auto. Qed.

Lemma toy_in_line code s c hot cold : in_place toy_frame toy_emit toy_cold offset cold_offset far code s hot cold ->
  toy_loaded code c -> toy_at c (offset (pc s)) -> toy_related s c ->
  reaches (fun c' => arrives code s c' \/ runs_to code s (offset (pc s) + length hot) c') c.
Proof.
  intros [Eh _ _ Hh _ _] L A R. rewrite (toy_is code c _ s L A R). clear c L A R.
  injection Eh as <-. apply holds_at_first in Hh. destruct (step vm s) as [s'|e s'|] eqn:E.
  - destruct (toy_runs_on_decidable s s') as [On|Off].
    + destruct (insn_at vm s) as [i|] eqn:D; [|rewrite step_insn_at, D in E; discriminate].
      eapply one_step; [apply toy_next; eassumption|].
      right. exists i, s'. unfold toy_loaded, toy_at, toy_related. simpl. repeat split; eauto.
    + eapply one_step; [eapply toy_jump; eassumption|].
      left. unfold Composition.arrives. rewrite E. unfold toy_loaded, toy_at, toy_related. simpl. repeat split; eauto.
  - eapply one_step; [eapply toy_stop; eauto; simpl; auto|].
    left. unfold Composition.arrives. rewrite E. left. reflexivity.
  - apply reaches_here. left. unfold Composition.arrives. rewrite E. exact I.
Qed.

Lemma toy_out_of_line code s c hot cold : in_place toy_frame toy_emit toy_cold offset cold_offset far code s hot cold ->
  toy_loaded code c -> toy_at c (cold_offset (pc s)) -> toy_related s c -> reaches (arrives code s) c.
Proof.
  intros [_ Ec _ _ Hc _] L A R. rewrite (toy_is code c _ s L A R). injection Ec as <-. apply holds_at_first in Hc.
  apply toy_jumping_code, Hc.
Qed.

Lemma toy_guard code g s c : holds_at code (offset (pc s)) (toy_test g) ->
  toy_loaded code c -> toy_at c (offset (pc s)) -> toy_related s c ->
  reaches (fun c' => toy_loaded code c' /\ toy_related s c'
    /\ (toy_at c' (offset (pc s) + length (toy_test g)) /\ tested vm g s \/ toy_at c' (cold_offset (pc s)))) c.
Proof.
  intros H L A R. rewrite (toy_is code c _ s L A R).
  destruct (covers (context vm) (group_access g s)) eqn:T.
  - eapply one_step; [apply toy_goes_on; [exact H|exact T]|].
    unfold toy_loaded, toy_at, toy_related. simpl. split; [reflexivity|]. split; [eauto|]. left. split; [eauto|exact T].
  - eapply one_step; [apply toy_goes_out with (g := g); [exact H|unfold tested; congruence]|].
    unfold toy_loaded, toy_at, toy_related. simpl. split; [reflexivity|]. split; [eauto|]. right. eauto.
Qed.

Lemma toy_in_group code s c x hot i : in_place_at toy_frame toy_emit offset far code s NoTest x hot ->
  insn_at vm s = Some i -> load_or_store i = true ->
  (forall a, In a (accesses_of s i) -> covers (context vm) a = true) ->
  toy_loaded code c -> toy_at c x -> toy_related s c ->
  reaches (fun c' => stops code s c' \/ runs_to code s (x + length hot) c') c.
Proof.
  intros [Eh _ Hh _] D LS Cov L A R. rewrite (toy_is code c _ s L A R). injection Eh as <-. apply holds_at_first in Hh.
  apply toy_straight_code with (b := 4); [exact Hh|simpl; auto|]. intros s' i' D' E. rewrite D in D'.
  injection D' as <-.
  split; [eapply straight_next; eauto using straight_access|]. apply toy_untested; auto.
  unfold in_context, accesses. rewrite D. exact Cov.
Qed.

Lemma toy_copy code s c x hot i : in_place_at toy_frame toy_emit offset far code s TestAgain x hot ->
  insn_at vm s = Some i -> straight i = true -> toy_loaded code c -> toy_at c x -> toy_related s c ->
  reaches (fun c' => stops code s c' \/ runs_to code s (x + length hot) c') c.
Proof.
  intros [Eh _ Hh _] D Sg L A R. rewrite (toy_is code c _ s L A R). injection Eh as <-. apply holds_at_first in Hh.
  apply toy_straight_code with (b := 5); [exact Hh|simpl; auto|]. intros s' i' D' E. rewrite D in D'.
  injection D' as <-.
  split; [eapply straight_next; eauto|]. apply toy_straight; auto.
Qed.

Lemma toy_last code s c x hot : in_place_at toy_frame toy_emit offset far code s TestLast x hot ->
  toy_loaded code c -> toy_at c x -> toy_related s c -> reaches (arrives code s) c.
Proof.
  intros [Eh _ Hh _] L A R. rewrite (toy_is code c _ s L A R). injection Eh as <-. apply toy_jumping_code.
  eapply holds_at_first, Hh.
Qed.

Lemma toy_nops_theorem code x k s c : holds_at code x (toy_nops k) -> toy_loaded code c -> toy_at c x ->
  toy_related s c ->
  reaches (fun c' => toy_loaded code c' /\ toy_related s c' /\ toy_at c' (x + length (toy_nops k))) c.
Proof.
  intros H L A R. rewrite (toy_is code c _ s L A R). clear c L A R. unfold toy_nops in *. rewrite repeat_length.
  revert x H. induction k as [|k IH]; intros x H.
  - apply reaches_here. rewrite Nat.add_0_r. unfold toy_loaded, toy_at, toy_related. simpl. eauto.
  - simpl in H. pose proof (holds_at_first _ _ _ _ H) as B. apply holds_at_rest in H.
    eapply reaches_step; [apply toy_nop; exact B|]. rewrite Nat.add_1_r.
    replace (x + S k)%nat with (S x + k)%nat by lia. apply IH, H.
Qed.

(** *** Whole programs *)

Definition toy_find : Z -> option group := find_group (insns vm) (entry vm).
Definition all (pc : Z) : bool := true.

Definition toy_compile : option (list byte) :=
  write_pass (insns vm) toy_nops toy_frame
    (hot (insns vm) toy_find (fun g => Some (toy_test g)) toy_emit all toy_handover)
    (cold (insns vm) toy_find toy_emit toy_cold all) padding offset cold_offset far.

Theorem toy_program_correct code m f :
  toy_compile = Some code -> usable vm f ->
  exists n e s, run vm n (initial vm m f) = Stop e s
    /\ exists c, steps toy toy_step (code, Called m f) c /\ snd c = Returned e s.
Proof.
  intros Co U.
  destruct (compiled_program_correct vm toy toy_step no_promises) with
    (loaded := toy_loaded) (at_ := toy_at) (related := toy_related) (beside := toy_related) (overspent := never_overspent)
    (refused := never_refused) (called := fun m f (c : toy) => snd c = Called m f) (returned := toy_returned)
    (nops := toy_nops) (frame_code := toy_frame) (find := toy_find) (guard := fun g => Some (toy_test g))
    (emit := toy_emit) (emit_cold := toy_cold) (handover := toy_handover) (chosen := all) (padding := padding)
    (offset := offset) (cold_offset := cold_offset) (far := far) (code := code) (m0 := m) (f0 := f)
    (c := (code, Called m f)) as (n & e & s & c' & R & S & E); 
    try (exact U || exact Co || reflexivity || contradiction); auto.
  - intros code0 s c hot cold _ _ Ip L A R. eapply reaches_then; [eapply toy_in_line; eassumption|].
    intros c' [H|H]; apply reaches_here; [left|right; left]; exact H.
  - intros code0 s c hot cold i _ _ Ip _ _ L A R _. eapply toy_out_of_line; eassumption.
  - intros code0 g s c test_code _ _ _ _ G _ H _ L A R. injection G as <-. apply toy_guard; assumption.
  - intros code0 s c x hot i _ _ Ip D LS _ Cov L A R. eapply toy_in_group; eassumption.
  - intros code0 s c x hot i _ _ Ip D Sg L A R. eapply toy_copy; eassumption.
  - intros code0 s c x hot i _ _ Ip _ _ _ L A R. eapply toy_last; eassumption.
  - intros code0 x k s c _ H L A R. apply toy_nops_theorem; assumption.
  - intros code0 m0 f0 [code1 p] _ L Ca. unfold toy_loaded in L. simpl in *. subst code1 p.
    eapply one_step; [constructor|]. unfold toy_loaded, toy_at, toy_related. simpl. eauto.
  - exists n, e, s. eauto.
Qed.

(** *** Hybrid runs *)

Definition toy_compile_chosen : option (list byte) :=
  write_pass (insns vm) toy_nops toy_frame
    (hot (insns vm) (fun _ => None) (fun _ => None) toy_emit chosen toy_handover)
    (cold (insns vm) (fun _ => None) toy_emit toy_cold chosen) padding offset cold_offset far.

Theorem toy_hybrid_correct code m f :
  toy_compile_chosen = Some code -> usable vm f ->
  exists n e s, run vm n (initial vm m f) = Stop e s
    /\ exists c, steps toy toy_step (code, Handed (initial vm m f)) c /\ snd c = Returned e s.
Proof.
  intros Co U.
  destruct (hybrid_program_correct vm toy toy_step no_promises) with
    (loaded := toy_loaded) (at_ := toy_at) (related := toy_related) (beside := toy_related) (overspent := never_overspent)
    (refused := never_refused) (returned := toy_returned)
    (nops := toy_nops) (frame_code := toy_frame) (find := fun _ : Z => @None group)
    (guard := fun _ : group => @None (list byte))
    (emit := toy_emit) (emit_cold := toy_cold) (handover := toy_handover) (chosen := chosen) (padding := padding)
    (offset := offset) (cold_offset := cold_offset) (far := far) (code := code) (m0 := m) (f0 := f)
    (resumed := fun s (c : toy) => snd c = Resumed s) (handed := fun s (c : toy) => snd c = Handed s)
    (interpreting := fun s (c : toy) => snd c = Interpreting s) (s := initial vm m f)
    (c := (code, Handed (initial vm m f))) as (n & e & s & c' & R & S & E);
    try (exact U || exact Co || reflexivity || contradiction || discriminate); auto.
  - intros code0 s c hot cold _ _ Ip L A R. eapply reaches_then; [eapply toy_in_line; eassumption|].
    intros c' [H|H]; apply reaches_here; [left|right; left]; exact H.
  - intros code0 s c hot cold i _ _ Ip _ _ L A R _. eapply toy_out_of_line; eassumption.
  - intros code0 s c x hot i _ _ Ip D LS _ Cov L A R. eapply toy_in_group; eassumption.
  - intros code0 s c x hot i _ _ Ip D Sg L A R. eapply toy_copy; eassumption.
  - intros code0 s c x hot i _ _ Ip _ _ _ L A R. eapply toy_last; eassumption.
  - intros code0 x k s c _ H L A R. apply toy_nops_theorem; assumption.
  - intros code0 s [code1 p] _ _ _ _ L Re. unfold toy_loaded in L. simpl in *. subst code1 p.
    eapply one_step; [constructor|]. unfold toy_loaded, toy_at, toy_related. simpl. eauto.
  - intros code0 s c bytes _ _ Em _ H _ L A R. rewrite (toy_is code0 c _ s L A R). injection Em as <-.
    apply holds_at_first in H. eapply one_step; [apply toy_hands, H|]. split; reflexivity.
  - intros code0 s [code1 p] _ _ L H. unfold toy_loaded in L. simpl in *. subst code1 p.
    eapply one_step; [constructor|]. split; [reflexivity|]. simpl. destruct (chosen (pc s)); reflexivity.
  - intros code0 s [code1 p] _ _ _ L H. unfold toy_loaded in L. simpl in *. subst code1 p.
    unfold follows. destruct (step vm s) as [s'|e s'|] eqn:E; [| |exact I].
    + eapply one_step; [constructor; exact E|]. split; [reflexivity|]. simpl. destruct (chosen (pc s')); reflexivity.
    + eapply one_step; [constructor; exact E|]. reflexivity.
  - constructor.
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

(** A group, of a load and a store from r1, with a 64-bit immediate between them and an access to the stack, which has a
    test of its own. *)
Definition grouped_program : program :=
  let slot o d s f i := Slot o d s f i in
  [ slot 0x61 2 1 4 0;                    (* r2 = *(u32 * )(r1 + 4) *)
    slot 0x18 3 0 0 9; slot 0 0 0 0 0;    (* r3 = 9 ll *)
    slot 0x7b 10 2 (-8) 0;                (* *(u64 * )(r10 - 8) = r2 *)
    slot 0x73 1 3 0 0;                    (* *(u8 * )(r1 + 0) = r3 *)
    slot 0x95 0 0 0 0                     (* exit *) ].

Definition grouped_vm (writable : bool) : machine :=
  Machine grouped_program 0 (Region 0x1000 8 writable) 0x2000 2 [] (fun _ => 0) (fun _ => None).

Definition grouped_offset (pc : Z) : nat := nth (Z.to_nat pc) [3; 9; 10; 10; 11; 12; 13]%nat O.
Definition grouped_cold_offset (pc : Z) : nat := nth (Z.to_nat pc) [13; 17; 18; 18; 19; 19]%nat O.

Example grouped_accepted w : accepted (grouped_vm w).
Proof. reflexivity. Qed.

(** One test for eight bytes, to be written. *)
Example grouped_group w : toy_find (grouped_vm w) 0 = Some (Group 0 5 1 0 3 true).
Proof. reflexivity. Qed.

(** The test of the group; its accesses without one, the other with its own. Out of line, the group once more. *)
Example grouped_compiles w :
  toy_compile (grouped_vm w) (fun _ => O) grouped_offset grouped_cold_offset 8
  = Some ([7; 7; 7] ++ [3; 1; 0; 3; 1] ++ [4; 1; 1; 4; 1] ++ [5; 5; 5; 2] ++ [2; 2; 2]).
Proof. destruct w; reflexivity. Qed.

Example grouped_runs :
  exists s, run (grouped_vm true) 20 (initial (grouped_vm true) empty 0) = Stop (Done 0) s /\ get (memory s) 0x1000 = 9.
Proof. eexists. split; [vm_compute; reflexivity|reflexivity]. Qed.

(** Where the test fails only for the store, the load is done, and the store is at fault. *)
Example grouped_faults :
  exists s, run (grouped_vm false) 20 (initial (grouped_vm false) empty 0)
    = Stop (Fault (FaultMemory (Access 0x1000 1 true))) s /\ pc s = 4 /\ get (regs s) 3 = 9.
Proof. eexists. split; [vm_compute; reflexivity|split; reflexivity]. Qed.

(** The first program with its loop compiled: what follows the loop hands over, nothing else has code. *)
Definition loop_offset (pc : Z) : nat := nth (Z.to_nat pc) [3; 3; 3; 3; 4; 5; 6; 6; 6; 6]%nat O.
Definition loop_cold_offset (pc : Z) : nat := nth (Z.to_nat pc) [6; 6; 6; 6; 7; 8; 8; 8; 8]%nat O.

Example loop_compiles :
  toy_compile_chosen example_vm (fun _ => O) loop_offset loop_cold_offset 4 (fun pc => (pc =? 3) || (pc =? 4))%bool
  = Some ([7; 7; 7] ++ [1; 1; 6] ++ [2; 2]).
Proof. reflexivity. Qed.
