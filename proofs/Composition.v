(* SPDX-License-Identifier: MIT *)
(** Composition: from one instruction to whole compiled programs.

    The prover shows of one BPF instruction at a time that code which an emitter wrote does what the BPF step does.
    Here is what that gives for a whole run, for any machine: of a program whose code the driver has laid out
    (Driver.v), with groups of accesses that share a test (Groups.v); and of hybrid runs, where only a part of the
    program has code.

    The machine is not defined here: hypotheses say what the prover's theorems say of it, in their words
    (docs/prover.md, "The claim" and "What a proof takes for granted"). *)
From Coq Require Import ZArith List Lia Arith Bool.
From Vouch Require Import Semantics Checker Termination Isolation Values Groups Driver Engines.
Import ListNotations.
Open Scope Z_scope.

(** ** Compiled programs *)

(** What the emitters have out of line: of loads, stores and atomics all that isn't an access to the context; of jumps
    the fault for lack of fuel. *)
Definition is_memory (i : insn) : bool :=
  match i with Load _ _ _ _ _ | Store _ _ _ _ | Atomic _ _ _ _ _ _ | Exchange _ _ _ _ | CompareExchange _ _ _ _ => true
             | _ => false end.
Definition is_jump (i : insn) : bool :=
  match i with Jump _ | JumpLong _ | Branch _ _ _ _ _ => true | _ => false end.

Section Compiled.
Variable vm : machine.
Variable configuration : Type.
Variable mstep : configuration -> configuration -> Prop.
Variable promises : configuration -> (configuration -> Prop) -> Prop.
Notation steps := (steps configuration mstep).
Notation reaches := (reaches configuration mstep promises).
Hypothesis promises_kept : forall c P, promises c P -> exists c', steps c c' /\ P c'.

(** What the prover's theorems speak of. [loaded code c]: the code lies in c's memory where it was put, unchanged;
    [at_ c x]: the machine's pc is x bytes into it; [related s c]: c's registers and memory hold the BPF state s, by
    the refinement map; [beside s c]: the same, and what the map says of a load's or store's out-of-line part, as
    where its address is; [overspent s c]: the same, but one more unit of fuel is spent than there was; [refused f s c]:
    related, and in the stub that ends a run with f, which has f's address and the pc. [called m f c]: C has called
    the code with this memory and fuel. [returned e s c]: back in C: status and fault from e; r0, memory and fuel
    from s; all that C wants back is as it was. *)
Variable loaded : list byte -> configuration -> Prop.
Variable at_ : configuration -> nat -> Prop.
Variable related beside overspent : state -> configuration -> Prop.
Variable refused : fault -> state -> configuration -> Prop.
Variable called : store -> Z -> configuration -> Prop.
Variable returned : ending -> state -> configuration -> Prop.

(** The target: its nops, prologue and epilogue, and what its emitter writes for each role of an instruction. And the
    groups that it has the driver find, if any. *)
Variable nops : nat -> list byte.
Variable frame_code : list byte.
Variable find : Z -> option group.
Variable guard : group -> option (list byte).
Variable emit : test -> Z -> option (list byte).
Variable emit_cold handover : Z -> option (list byte).
Variable chosen : Z -> bool.
Variable padding offset cold_offset : Z -> nat.
Variable far : nat.
Hypothesis finds_groups : forall pc g, find pc = Some g -> find_group (insns vm) (entry vm) pc = Some g.

(** The instruction's access isn't in the context; or it is an atomic, and misaligned. *)
Definition beyond (s : state) : Prop := forall i a, insn_at vm s = Some i -> In a (accesses_of s i) ->
  covers (context vm) a = false \/ address a mod bytes a <> 0.

(** The code is in place: what the driver promises of an instruction by itself when it compiled the program. *)
Record in_place (code : list byte) (s : state) (hot cold : list byte) : Prop := {
  hot_emitted : emit OwnTest (pc s) = Some hot;
  cold_emitted : emit_cold (pc s) = Some cold;
  frame_in_place : holds_at code 0 frame_code;
  hot_in_place : holds_at code (offset (pc s)) hot;
  cold_in_place : holds_at code (cold_offset (pc s)) cold;
  next_in_place : near offset far (pc s) = true }.

(** Code that is in a group or in its second copy may be anywhere. *)
Record in_place_at (code : list byte) (s : state) (role : test) (x : nat) (hot : list byte) : Prop := {
  role_emitted : emit role (pc s) = Some hot;
  frame_beside : holds_at code 0 frame_code;
  role_in_place : holds_at code x hot;
  next_near_too : near offset far (pc s) = true }.

(** The claim: the machine comes to the code of the instruction that BPF's step comes to, by the offset table, in a
    state that stands for BPF's next one; or to C, with the step's end; or to the stub with the step's fault. *)
Definition arrives (code : list byte) (s : state) (c : configuration) : Prop :=
  match step vm s with
  | Next s' => loaded code c /\ at_ c (offset (pc s')) /\ related s' c
  | Stop e s' => returned e s' c \/ loaded code c /\ exists f, e = Fault f /\ refused f s' c
  | Undefined => True
  end.

(** Or to the end of its own code, at y, if the next instruction is the successor. *)
Definition runs_to (code : list byte) (s : state) (y : nat) (c : configuration) : Prop :=
  exists i s', insn_at vm s = Some i /\ step vm s = Next s' /\ pc s' = pc s + slots_of i
    /\ loaded code c /\ at_ c y /\ related s' c.
Definition runs_on (code hot : list byte) (s : state) : configuration -> Prop :=
  runs_to code s (offset (pc s) + length hot).

(** Or, where it may not be left in another way, the run ends. *)
Definition stops (code : list byte) (s : state) (c : configuration) : Prop :=
  arrives code s c /\ forall s', step vm s <> Next s'.

(** Or to its own out-of-line part, if there is one: undone, or with a unit of fuel spent that isn't there. *)
Definition goes_out_of_line (code cold : list byte) (s : state) (c : configuration) : Prop :=
  loaded code c /\ at_ c (cold_offset (pc s)) /\ cold <> []
  /\ exists i, insn_at vm s = Some i
     /\ (is_memory i = true /\ beside s c /\ beyond s
         \/ is_jump i = true /\ step vm s = Stop (Fault FaultFuel) s /\ overspent s c).

(** The emitter theorem, in line and out of line. *)
Hypothesis in_line : forall code s c hot cold,
  well_placed vm s -> fits vm s -> in_place code s hot cold ->
  loaded code c -> at_ c (offset (pc s)) -> related s c ->
  reaches (fun c' => arrives code s c' \/ runs_on code hot s c' \/ goes_out_of_line code cold s c') c.

Hypothesis out_of_line_memory : forall code s c hot cold i,
  well_placed vm s -> fits vm s -> in_place code s hot cold -> insn_at vm s = Some i -> is_memory i = true ->
  loaded code c -> at_ c (cold_offset (pc s)) -> beside s c -> beyond s ->
  reaches (arrives code s) c.

Hypothesis out_of_line_jump : forall code s c hot cold i,
  well_placed vm s -> fits vm s -> in_place code s hot cold -> insn_at vm s = Some i -> is_jump i = true ->
  loaded code c -> at_ c (cold_offset (pc s)) -> overspent s c ->
  reaches (returned (Fault FaultFuel) s) c.

(** Groups. The test of one: the code goes on at its end if the group is in the context, else to what is out of line;
    nothing has changed. *)
Hypothesis guard_theorem : forall code g s c test_code,
  well_placed vm s -> fits vm s -> is_group (insns vm) (entry vm) g -> pc s = group_start g ->
  guard g = Some test_code -> holds_at code 0 frame_code -> holds_at code (offset (pc s)) test_code ->
  near offset far (pc s) = true ->
  loaded code c -> at_ c (offset (pc s)) -> related s c ->
  reaches (fun c' => loaded code c' /\ related s c'
    /\ (at_ c' (offset (pc s) + length test_code)%nat /\ tested vm g s \/ at_ c' (cold_offset (pc s)))) c.

(** A load or store in a group, which knows that its bytes are in the context. It is left only at its end, or to C. *)
Hypothesis in_group_theorem : forall code s c x hot i,
  well_placed vm s -> fits vm s -> in_place_at code s NoTest x hot -> insn_at vm s = Some i ->
  load_or_store i = true -> base_register i <> 10 ->
  (forall a, In a (accesses_of s i) -> covers (context vm) a = true) ->
  loaded code c -> at_ c x -> related s c ->
  reaches (fun c' => stops code s c' \/ runs_to code s (x + length hot) c') c.

(** In the second copy nothing is known, and nothing is out of line. What is there may be any straight code, left in the
    same ways; but the last load or store goes on where the group ends. *)
Hypothesis copy_theorem : forall code s c x hot i,
  well_placed vm s -> fits vm s -> in_place_at code s TestAgain x hot -> insn_at vm s = Some i -> straight i = true ->
  loaded code c -> at_ c x -> related s c ->
  reaches (fun c' => stops code s c' \/ runs_to code s (x + length hot) c') c.

Hypothesis last_theorem : forall code s c x hot i,
  well_placed vm s -> fits vm s -> in_place_at code s TestLast x hot -> insn_at vm s = Some i ->
  load_or_store i = true -> base_register i <> 10 ->
  loaded code c -> at_ c x -> related s c ->
  reaches (arrives code s) c.

(** The stubs of the region test, where they don't return. *)
Hypothesis stub_theorem : forall code f s c,
  holds_at code 0 frame_code -> loaded code c -> refused f s c -> reaches (returned (Fault f) s) c.

(** Nops, in all lengths that the driver asks for, change nothing. *)
Hypothesis nops_theorem : forall code x k s c,
  (length (nops k) <= far)%nat -> holds_at code x (nops k) -> loaded code c -> at_ c x -> related s c ->
  reaches (fun c' => loaded code c' /\ related s c' /\ at_ c' (x + length (nops k))%nat) c.

(** The prologue comes to the entry point, with nothing spent. *)
Hypothesis prologue_theorem : forall code m f c,
  holds_at code 0 frame_code -> loaded code c -> called m f c ->
  reaches (fun c' => loaded code c' /\ related (initial vm m f) c' /\ at_ c' (offset (entry vm))) c.

Notation group_at := (group_at find).
Notation starting := (starting find).
Notation test_at := (test_at (insns vm) find).
Notation hot_of := (hot (insns vm) find guard emit chosen handover).
Notation cold_of := (cold (insns vm) find emit emit_cold chosen).
Notation copy_from := (copy_from (insns vm) emit).
Notation is_group := (is_group (insns vm) (entry vm)).

Let compiled : option (list byte) :=
  write_pass (insns vm) nops frame_code hot_of cold_of padding offset cold_offset far.

Lemma only_nops_grows code x y : only_nops nops code x y -> (x <= y)%nat.
Proof. induction 1; lia. Qed.

(** From x to y the code is nops, none longer than what is proved. *)
Inductive few_nops (code : list byte) : nat -> nat -> Prop :=
  | few_end x : few_nops code x x
  | few_more x k y : (length (nops k) <= far)%nat -> holds_at code x (nops k) ->
      few_nops code (x + length (nops k)) y -> few_nops code x y.

Lemma few_nops_trans code x y z : few_nops code x y -> few_nops code y z -> few_nops code x z.
Proof. induction 1; auto. intros. eapply few_more; eauto. Qed.

Lemma only_few_nops code x y : only_nops nops code x y -> (y <= x + far)%nat -> few_nops code x y.
Proof.
  induction 1 as [x|x k y H N IH]; intros L; [constructor|].
  pose proof (only_nops_grows _ _ _ N). eapply few_more; [|exact H|apply IH]; lia.
Qed.

Lemma run_nops code s x y : few_nops code x y -> forall c, loaded code c -> at_ c x -> related s c ->
  reaches (fun c' => loaded code c' /\ related s c' /\ at_ c' y) c.
Proof.
  induction 1 as [x|x k y K H N IH]; intros c L A R.
  - apply reaches_here. auto.
  - eapply reaches_then; [exact (nops_theorem code x k s c K H L A R)|]. intros c1 (L1 & R1 & A1). auto.
Qed.

(** After the code of an instruction that runs on, there are only nops up to the next one, also over the second half
    of a 64-bit immediate. *)
Lemma nops_to_next code p i bytes :
  laid_out (insns vm) nops frame_code hot_of cold_of offset cold_offset far code ->
  checked (known_to vm) (insns vm) -> starts (insns vm) p ->
  (exists s, slot_at (insns vm) p = Some s /\ decode s = Some i) -> hot_of p = Some bytes ->
  starts (insns vm) (p + slots_of i) ->
  few_nops code (offset p + length bytes) (offset (p + slots_of i)).
Proof.
  intros Lay Ck St (s & A & D) E Next_.
  assert (P : part (insns vm) hot_of p = Some bytes).
  { unfold part. rewrite A. destruct St as (s' & A' & N). rewrite A in A'. injection A' as <-.
    destruct (Z.eqb_spec (opcode s) 0); [contradiction|exact E]. }
  assert (R : 0 <= p) by (apply slot_at_some in A; lia).
  assert (U : p + slots_of i < count (insns vm)) by (destruct Next_ as (? & B & _); apply slot_at_some in B; lia).
  assert (Near : forall q, 0 <= q < count (insns vm) -> (offset (q + 1) <= offset q + far)%nat).
  { intros q Q. pose proof (next_near _ _ _ _ _ _ _ _ _ Lay q Q) as N. unfold near in N.
    apply andb_true_iff in N as [_ N]. apply Nat.leb_le in N. exact N. }
  pose proof (slots_of_wide s i D) as Wide.
  destruct (Z.eqb_spec (opcode s) 0x18) as [W|W]; rewrite Wide in *.
  - destruct (Ck _ St) as [(s' & A' & C) _]. rewrite A in A'. injection A' as <-.
    destruct (check_insn_wide _ _ _ _ C W) as (high & AH & OH).
    apply few_nops_trans with (offset (p + 1)).
    + apply only_few_nops; [eapply nops_after; eauto; lia|]. specialize (Near p). lia.
    + replace (p + 2) with (p + 1 + 1) by lia. apply only_few_nops; [|apply Near; lia].
      replace (offset (p + 1)) with (offset (p + 1) + length (@nil byte))%nat by (simpl; lia).
      eapply nops_after; eauto; try lia. unfold part. rewrite AH, OH. reflexivity.
  - apply only_few_nops; [eapply nops_after; eauto; lia|]. specialize (Near p). lia.
Qed.

(** *** Groups *)

Lemma found_at pc g : find pc = Some g -> group_start g = pc /\ pc < group_end g.
Proof.
  intros F. destruct (find_group_is_group _ _ _ _ (finds_groups _ _ F)) as [G <-].
  split; [reflexivity|apply (not_empty _ _ _ G)].
Qed.

Lemma group_at_is pc g : 0 <= pc -> group_at pc = Some g ->
  is_group g /\ in_group g pc = true /\ group_start g <= pc < group_end g /\ 0 <= group_start g.
Proof.
  intros P G. destruct (group_at_in find found_at pc g P G) as (I & R & F).
  destruct (find_group_is_group _ _ _ _ (finds_groups _ _ F)) as [Is _]. split; [exact Is|]. split; [exact I|].
  split; [exact R|].
  destruct (start_covered _ _ _ Is) as (s & A & _). apply slot_at_some in A. lia.
Qed.

Lemma starting_at pc g : starting pc = Some g -> group_at pc = Some g /\ group_start g = pc.
Proof.
  unfold Driver.starting. destruct (group_at pc) as [h|]; [|discriminate].
  destruct (Z.eqb_spec (group_start h) pc); [|discriminate]. injection 1 as <-. auto.
Qed.

(** The first access of a group is covered, so what is tested by itself isn't the first. *)
Lemma own_not_first pc g : 0 <= pc -> group_at pc = Some g -> test_at pc = OwnTest -> group_start g < pc.
Proof.
  intros P G T. destruct (group_at_is pc g P G) as (Is & _ & R & _).
  destruct (Z.eq_dec (group_start g) pc) as [E|]; [exfalso|lia].
  destruct (start_covered _ _ _ Is) as (s & A & C). unfold Driver.test_at in T. rewrite G, <- E, A, C in T.
  discriminate.
Qed.

Lemma covered_insn g sl i : is_group g -> covered g sl = true -> decode sl = Some i ->
  load_or_store i = true /\ base_register i <> 10.
Proof.
  intros Is C D. unfold covered in C. rewrite !andb_true_iff in C. destruct C as [[[[Acc B] _] _] _].
  apply Z.eqb_eq in B. pose proof (base_not_10 _ _ _ Is) as N. unfold base_of in B.
  destruct (decode_access sl i D Acc) as [(Wr & x & ->)|(Wr & v & ->)]; rewrite Wr in B; cbn in B |- *; split;
    congruence.
Qed.

(** What the copy's code is at an instruction of the group: its own, and after it the copy of what follows. *)
Lemma copy_next g q bytes sl i : is_group g -> checked (known_to vm) (insns vm) ->
  slot_at (insns vm) q = Some sl -> decode sl = Some i -> straight i = true -> group_start g <= q < group_end g ->
  copy_from g q = Some bytes ->
  exists own rest, bytes = own ++ rest
    /\ (emit TestLast q = Some own /\ q + 1 = group_end g /\ load_or_store i = true /\ base_register i <> 10
        \/ emit TestAgain q = Some own /\ q + slots_of i < group_end g /\ copy_from g (q + slots_of i) = Some rest).
Proof.
  intros Is Ck A D Sg R C. unfold Driver.copy_from in C.
  destruct (last_accesses _ _ _ Is) as (last & AL & Acc & Ba).
  assert (Op : opcode sl <> 0). { intros Z0. rewrite (decode_opcode_zero sl Z0) in D. discriminate. }
  assert (Own : forall role, part (insns vm) (emit role) q = emit role q).
  { intros role. unfold part. rewrite A. destruct (Z.eqb_spec (opcode sl) 0); [contradiction|reflexivity]. }
  destruct (Z.to_nat (group_end g - q)) as [|n] eqn:N; [lia|]. cbn [copy] in C.
  apply both_some in C as (own & rest & E1 & E2 & ->). rewrite Own in E1. exists own, rest. split; [reflexivity|].
  destruct n as [|n].
  - left. replace (group_end g - 1) with q in AL by lia. rewrite A in AL. injection AL as <-.
    split; [exact E1|]. split; [lia|]. unfold base_of in Ba. pose proof (base_not_10 _ _ _ Is).
    destruct (decode_access sl i D Acc) as [(Wr & x & ->)|(Wr & v & ->)]; rewrite Wr in Ba; cbn; split; congruence.
  - right. split; [exact E1|]. pose proof (slots_of_wide sl i D) as Wide.
    destruct (Z.eqb_spec (opcode sl) 0x18) as [O|O]; rewrite Wide in *.
    + assert (St : starts (insns vm) q) by (exists sl; auto).
      destruct (Ck _ St) as [(s1 & A1 & C1) _]. rewrite A in A1. injection A1 as <-.
      destruct (check_insn_wide _ _ _ _ C1 O) as (high & AH & OH).
      destruct n as [|n].
      * exfalso. replace (group_end g - 1) with (q + 1) in AL by lia. rewrite AH in AL. injection AL as <-.
        unfold is_access, kind_of, class in Acc. rewrite OH in Acc. discriminate.
      * cbn [copy] in E2. apply both_some in E2 as (b1 & b2 & E3 & E4 & ->).
        unfold part in E3. rewrite AH, OH in E3. injection E3 as <-. cbn [app].
        split; [lia|]. replace (q + 2) with (q + 1 + 1) by lia.
        unfold Driver.copy_from. replace (Z.to_nat (group_end g - (q + 1 + 1))) with (S n) by lia. exact E4.
    + split; [lia|]. unfold Driver.copy_from. replace (Z.to_nat (group_end g - (q + 1))) with (S n) by lia. exact E2.
Qed.

(** Ready for the instruction at s's pc. In line, before it, with only nops between; inside a group its bytes are in the
    context. Or in the second copy of its group. *)
Definition known_of (s : state) : Prop :=
  forall g, group_at (pc s) = Some g -> group_start g < pc s -> tested vm g s.

Inductive before (code : list byte) (s : state) (x : nat) : Prop :=
  | before_in_line : few_nops code x (offset (pc s)) -> known_of s -> before code s x
  | before_in_copy g bytes : group_at (pc s) = Some g -> copy_from g (pc s) = Some bytes -> holds_at code x bytes ->
      before code s x.

Definition ready (code : list byte) : readiness configuration := fun s c =>
  loaded code c /\ related s c /\ exists x, at_ c x /\ before code s x.

Section Run.
Variable m0 : store.
Variable f0 : Z.
Hypothesis Usable : usable vm f0.
Notation follows := (follows configuration mstep promises returned).
Notation comes_to := (comes_to vm m0 f0).

(** Whatever a step comes to, what is known of the group there is so: it was tested before, and its register has been
    kept since. *)
Lemma known_after s s' : comes_to s -> (forall g, group_at (pc s) = Some g -> tested vm g s) ->
  step vm s = Next s' -> known_of s'.
Proof.
  intros To K E g G I.
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as [St _].
  destruct (accepted_checked vm (is_accepted _ _ Usable)) as [Ck _].
  assert (To' : comes_to s') by (eapply reachable_step; [exact To|exact E]).
  pose proof (comes_to_well_placed vm m0 f0 Usable s' To') as [(sl' & A' & _) _]. apply slot_at_some in A'.
  destruct (group_at_is (pc s') g ltac:(lia) G) as (Is & _ & R & S0).
  pose proof (reachable_after_calls vm m0 f0 s To) as Calls.
  destruct (enters_at_start vm g s s' Is Ck Calls St E ltac:(lia)) as (In_ & _).
  apply (tested_stays vm g s s'); auto; [lia|].
  apply K. apply (group_at_all find found_at (pc s') (pc s) g S0 G In_).
Qed.

(** From the last of a group, and from outside of groups, a step doesn't come into the middle of one. *)
Lemma known_after_last g s s' : comes_to s -> group_at (pc s) = Some g -> group_end g <= pc s' ->
  step vm s = Next s' -> known_of s'.
Proof.
  intros To G L E h H I. exfalso.
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as [St _].
  destruct (accepted_checked vm (is_accepted _ _ Usable)) as [Ck _].
  assert (To' : comes_to s') by (eapply reachable_step; [exact To|exact E]).
  pose proof (comes_to_well_placed vm m0 f0 Usable s' To') as [(sl' & A' & _) _]. apply slot_at_some in A'.
  destruct (group_at_is (pc s') h ltac:(lia) H) as (Is & _ & R & S0).
  pose proof (reachable_after_calls vm m0 f0 s To) as Calls.
  destruct (enters_at_start vm h s s' Is Ck Calls St E ltac:(lia)) as (In_ & _).
  pose proof (group_at_all find found_at (pc s') (pc s) h S0 H In_) as G'. rewrite G in G'. injection G' as ->. lia.
Qed.

Lemma arrived code s c : holds_at code 0 frame_code -> (forall s', step vm s = Next s' -> known_of s') ->
  reaches (arrives code s) c -> follows (ready code) c (step vm s).
Proof.
  intros Fr K T. unfold follows. unfold arrives in T. destruct (step vm s) as [s'|e s'|]; [| |exact I].
  - eapply reaches_then; [exact T|]. intros c1 (L & A & R). apply reaches_here.
    split; [exact L|]. split; [exact R|]. exists (offset (pc s')). split; [exact A|].
    apply before_in_line; [constructor|apply K; reflexivity].
  - eapply reaches_then; [exact T|]. intros c1 [R|(L & f & -> & R)]; [apply reaches_here, R|].
    eapply stub_theorem; eassumption.
Qed.

Lemma follows_then ready' Q c o :
  reaches Q c -> (forall c', Q c' -> follows ready' c' o) -> follows ready' c o.
Proof.
  intros R K. unfold Engines.follows in *.
  destruct o; [eapply reaches_then; eassumption|eapply reaches_then; eassumption|exact I].
Qed.

Lemma ends_run code s c : holds_at code 0 frame_code -> stops code s c -> follows (ready code) c (step vm s).
Proof.
  intros Fr [Ar No]. apply arrived; [exact Fr| |apply reaches_here, Ar]. intros s' E. exfalso. exact (No s' E).
Qed.

(** In the second copy: the instruction's step, then the next one there; after the last one, in line. *)
Lemma copy_follows code s c g bytes x : compiled = Some code -> comes_to s ->
  group_at (pc s) = Some g -> copy_from g (pc s) = Some bytes -> holds_at code x bytes ->
  loaded code c -> at_ c x -> related s c -> follows (ready code) c (step vm s).
Proof.
  intros Co To G Cp H L A R.
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP.
  pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
  pose proof (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co) as Lay.
  destruct (accepted_checked vm (is_accepted _ _ Usable)) as [Ck _].
  pose proof (frame_at _ _ _ _ _ _ _ _ _ Lay) as Fr. pose proof WP as [St _]. pose proof St as (sl & Al & Op).
  pose proof (slot_at_some _ _ _ Al) as P.
  destruct (group_at_is (pc s) g ltac:(lia) G) as (Is & In_ & Ra & S0).
  destruct (Ck _ St) as [(s1 & A1 & C1) _]. rewrite Al in A1. injection A1 as <-.
  destruct (check_insn_decodes _ _ _ _ C1) as (i & D).
  assert (At : insn_at vm s = Some i) by (unfold insn_at; rewrite Al; exact D).
  assert (Sg : straight i = true) by (rewrite (decode_straight sl i D), (no_end _ _ _ Is _ _ In_ Al); reflexivity).
  assert (Near : near offset far (pc s) = true) by (apply (next_near _ _ _ _ _ _ _ _ _ Lay); lia).
  destruct (copy_next g (pc s) bytes sl i Is Ck Al D Sg Ra Cp)
    as (own & rest & -> & [(Em & End & LS & N10)|(Em & In' & Rest)]);
    apply holds_at_app in H as [H1 H2].
  - assert (Ip : in_place_at code s TestLast x own) by (split; assumption).
    apply arrived; [exact Fr| |exact (last_theorem code s c x own i WP Fits Ip At LS N10 L A R)].
    intros s' E. apply (known_after_last g s s' To G); [|exact E].
    destruct (step_leads vm s s' E) as (sl' & i' & A' & D' & Le). rewrite Al in A'. injection A' as <-.
    rewrite D in D'. injection D' as <-.
    assert (slots_of i = 1) by (destruct i; try discriminate LS; reflexivity).
    inversion Le; subst; try (destruct i; discriminate); try discriminate; lia.
  - assert (Ip : in_place_at code s TestAgain x own) by (split; assumption).
    eapply follows_then; [exact (copy_theorem code s c x own i WP Fits Ip At Sg L A R)|]. clear c L A R.
    intros c [Stop|Run_].
    + apply ends_run; assumption.
    + destruct Run_ as (i' & s' & At' & E & Q & L & A & R). rewrite At in At'. injection At' as <-.
      rewrite E. apply reaches_here. split; [exact L|]. split; [exact R|]. eexists. split; [exact A|].
      apply before_in_copy with (g := g) (bytes := rest).
      * rewrite Q. apply (group_at_all find found_at (pc s)); [exact S0|exact G|]. unfold in_group.
        destruct (Z.leb_spec (group_start g) (pc s + slots_of i)), (Z.ltb_spec (pc s + slots_of i) (group_end g));
          try reflexivity; destruct i; simpl in *; lia.
      * rewrite Q. exact Rest.
      * exact H2.
Qed.

(** Compiled code does the steps of the instructions that are compiled. *)
Lemma code_follows code s c : compiled = Some code -> comes_to s -> chosen (pc s) = true ->
  ready code s c -> follows (ready code) c (step vm s).
Proof.
  intros Co To Chosen (L & R & x & A & [N Known|g bytes G Cp H]); [|eapply copy_follows; eassumption].
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP.
  pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
  pose proof (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co) as Lay.
  destruct (accepted_checked vm (is_accepted _ _ Usable)) as [Ck _].
  pose proof (frame_at _ _ _ _ _ _ _ _ _ Lay) as Fr. pose proof WP as [St _]. pose proof St as (sl & Al & Op).
  pose proof (slot_at_some _ _ _ Al) as P.
  destruct (emitted_at _ _ _ _ _ _ _ _ _ Lay _ St) as (hot & Eh & Hh).
  destruct (cold_at _ _ _ _ _ _ _ _ _ Lay _ St) as (cold & Ec & Hc).
  destruct (Ck _ St) as [(s1 & A1 & C1) _]. rewrite Al in A1. injection A1 as <-.
  destruct (check_insn_decodes _ _ _ _ C1) as (i & D).
  assert (At : insn_at vm s = Some i) by (unfold insn_at; rewrite Al; exact D).
  assert (Near : near offset far (pc s) = true) by (apply (next_near _ _ _ _ _ _ _ _ _ Lay); lia).
  (* Where its code ends, only nops are left up to the next one. *)
  assert (On : forall c, (forall s', step vm s = Next s' -> known_of s') ->
    runs_to code s (offset (pc s) + length hot) c -> follows (ready code) c (step vm s)).
  { intros c' K (i' & s' & At' & E & Q & L' & A' & R'). rewrite At in At'. injection At' as <-.
    rewrite E. apply reaches_here. split; [exact L'|]. split; [exact R'|]. eexists. split; [exact A'|].
    apply before_in_line; [|apply K, E].
    pose proof (step_fine vm s Ck WP) as Fine. rewrite E in Fine. destruct Fine as [St' _]. rewrite Q in *.
    eapply nops_to_next; eauto. }
  (* A covered access, after its test. *)
  assert (Covered : forall c y own g, group_at (pc s) = Some g -> covered g sl = true -> tested vm g s ->
    emit NoTest (pc s) = Some own -> holds_at code y own -> (y + length own = offset (pc s) + length hot)%nat ->
    loaded code c -> at_ c y -> related s c -> follows (ready code) c (step vm s)).
  { intros c' y own g G Cv T Em H Le L' A' R'.
    destruct (group_at_is (pc s) g ltac:(lia) G) as (Is & _).
    destruct (covered_insn g sl i Is Cv D) as [LS N10].
    assert (Cov : forall a, In a (accesses_of s i) -> covers (context vm) a = true).
    { apply (tested_covers vm g s sl i); auto. destruct Usable as [_ [_ Sane] _]. inversion Sane. assumption. }
    assert (Ip : in_place_at code s NoTest y own) by (split; assumption).
    eapply follows_then; [exact (in_group_theorem code s c' y own i WP Fits Ip At LS N10 Cov L' A' R')|].
    intros c1 [Stop|Run_]; [apply ends_run; assumption|]. rewrite Le in Run_. apply On; [|exact Run_].
    intros s' E. apply (known_after s s' To); [|exact E]. intros g' G'. rewrite G in G'. injection G' as <-. exact T. }
  unfold Driver.hot in Eh. unfold Driver.cold in Ec. rewrite Chosen in Eh, Ec.
  eapply follows_then; [exact (run_nops code s _ _ N c L A R)|]. clear c L A R N x. intros c (L & R & A).
  destruct (starting (pc s)) as [g|] eqn:Sg.
  - (* a group's test comes first *)
    destruct (starting_at _ _ Sg) as [G S0]. destruct (group_at_is (pc s) g ltac:(lia) G) as (Is & In_ & Ra & _).
    apply both_some in Eh as (test_code & own & E1 & E2 & ->).
    destruct (start_covered _ _ _ Is) as (sl' & A' & Cv). rewrite S0, Al in A'. injection A' as <-.
    unfold Driver.test_at in E2. rewrite G, Al, Cv in E2.
    apply holds_at_app in Hh as [Ht Ho].
    eapply follows_then; [exact (guard_theorem code g s c test_code WP Fits Is (eq_sym S0) E1 Fr Ht Near L A R)|].
    clear c L A R. intros c (L & R & [[A T]|A]).
    + eapply (Covered c _ own g); eauto. rewrite app_length. lia.
    + eapply copy_follows; eauto.
  - destruct (test_at (pc s)) eqn:T.
    + (* by itself *)
      assert (Ip : in_place code s hot cold) by (split; assumption).
      assert (K : forall s', step vm s = Next s' -> known_of s').
      { intros s' E. apply (known_after s s' To); [|exact E]. intros g G. apply Known; [exact G|].
        apply (own_not_first (pc s) g); [lia|exact G|exact T]. }
      eapply follows_then; [exact (in_line code s c hot cold WP Fits Ip L A R)|]. clear c L R A.
      intros c [Ar|[Run_|(L & A & _ & i' & At' & Out)]].
      * apply (arrived code s c Fr K), reaches_here, Ar.
      * apply On; assumption.
      * destruct Out as [(M & R & B)|(J & E & O)].
        -- apply (arrived code s c Fr K). eapply out_of_line_memory; eassumption.
        -- rewrite E. eapply out_of_line_jump; eassumption.
    + (* in a group *)
      unfold Driver.test_at in T. destruct (group_at (pc s)) as [g|] eqn:G; [|discriminate]. rewrite Al in T.
      destruct (covered g sl) eqn:Cv; [|discriminate].
      eapply (Covered c (offset (pc s)) hot g); eauto. apply Known; [exact G|].
      unfold Driver.starting in Sg. rewrite G in Sg. destruct (Z.eqb_spec (group_start g) (pc s)); [discriminate|].
      destruct (group_at_is (pc s) g ltac:(lia) G) as (_ & _ & Ra & _). lia.
    + exfalso. unfold Driver.test_at in T. destruct (group_at (pc s)); [|discriminate]. rewrite Al in T.
      destruct (covered _ _); discriminate.
    + exfalso. unfold Driver.test_at in T. destruct (group_at (pc s)); [|discriminate]. rewrite Al in T.
      destruct (covered _ _); discriminate.
Qed.

(** At the entry point, and at any other instruction that is jumped to, nothing is known of a group, and needn't be. *)
Lemma known_at_start m f : known_of (initial vm m f).
Proof.
  intros g G I. exfalso. cbn [pc initial] in *.
  destruct (accepted_checked vm (is_accepted _ _ Usable)) as [_ (sl & A & _)]. apply slot_at_some in A.
  destruct (group_at_is (entry vm) g ltac:(lia) G) as (Is & _ & R & _).
  pose proof (no_target _ _ _ Is (entry vm) ltac:(lia)) as T. unfold is_target in T. rewrite Z.eqb_refl in T.
  discriminate.
Qed.

(** Composition: a compiled program does what the semantics does. For every accepted program that the driver compiled,
    every memory and every fuel: the semantics comes to an end, and the host that calls the code has the same
    result, fault, memory and fuel returned to it. *)
Section Whole.
Hypothesis all_chosen : forall pc, chosen pc = true.

Lemma compiled_simulates code : compiled = Some code ->
  simulates configuration mstep promises vm m0 f0 returned (ready code).
Proof. intros Co s c To R. apply code_follows; auto. Qed.

Theorem compiled_program_correct code c :
  compiled = Some code -> loaded code c -> called m0 f0 c ->
  runs_as_semantics configuration mstep vm m0 f0 returned c.
Proof.
  intros Co L Ca.
  pose proof (frame_at _ _ _ _ _ _ _ _ _ (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co)) as Fr.
  apply (engine_runs_as_semantics _ _ _ promises_kept vm m0 f0 Usable returned (ready code) c
    (compiled_simulates code Co)).
  eapply reaches_then; [exact (prologue_theorem code m0 f0 c Fr L Ca)|]. intros c1 (L1 & R1 & A1).
  apply reaches_here. split; [exact L1|]. split; [exact R1|]. exists (offset (entry vm)). split; [exact A1|].
  apply before_in_line; [constructor|apply known_at_start].
Qed.

(** On a deterministic machine that stops when the call returns, nothing else can happen: all that the machine does
    is on the way to that answer. *)
Corollary compiled_program_only_correct code c :
  (forall a b b', mstep a b -> mstep a b' -> b = b') ->
  (forall e s a b, returned e s a -> ~ mstep a b) ->
  compiled = Some code -> loaded code c -> called m0 f0 c ->
  exists n e s c', run vm n (initial vm m0 f0) = Stop e s /\ returned e s c'
    /\ forall c1, steps c c1 -> steps c1 c'.
Proof.
  intros Det End Co L Ca.
  destruct (compiled_program_correct code c Co L Ca) as (n & e & s & c' & Run_ & S & Ret).
  exists n, e, s, c'. split; [exact Run_|]. split; [exact Ret|].
  intros c1 S1. eapply steps_deterministic; eauto.
Qed.
End Whole.

(** ** Hybrid runs *)

(** Code of the instructions that were chosen, and an interpreter for the others. [resumed s c]: C has called the code,
    for it to go on at the instruction at s's pc, with all of s in the vm; [handed s c]: back in C before that
    instruction, with all of s in the vm; [interpreting s c]: the interpreter is about to run it. *)
Section Mixed.
Variable resumed handed interpreting : state -> configuration -> Prop.
Hypothesis no_groups : forall pc, find pc = None.

(** What is in the prologue's place enters at any chosen instruction. What is in the place of one that isn't chosen
    leaves before it. *)
Hypothesis resume_theorem : forall code s c,
  well_placed vm s -> fits vm s -> chosen (pc s) = true -> holds_at code 0 frame_code -> loaded code c -> resumed s c ->
  reaches (fun c' => loaded code c' /\ related s c' /\ at_ c' (offset (pc s))) c.
Hypothesis handover_theorem : forall code s c bytes,
  well_placed vm s -> fits vm s -> handover (pc s) = Some bytes ->
  holds_at code 0 frame_code -> holds_at code (offset (pc s)) bytes -> near offset far (pc s) = true ->
  loaded code c -> at_ c (offset (pc s)) -> related s c ->
  reaches (fun c' => loaded code c' /\ handed s c') c.

(** The host's part (src/jit/hybrid.c): it calls the code where the next instruction was chosen, else the interpreter.
    And the interpreter's: it does the steps of instructions that weren't chosen, and returns before one that was. *)
Hypothesis host_turns : forall code s c, well_placed vm s -> fits vm s -> loaded code c -> handed s c ->
  reaches (fun c' => loaded code c' /\ if chosen (pc s) then resumed s c' else interpreting s c') c.
Hypothesis interpreter_steps : forall code s c,
  well_placed vm s -> fits vm s -> chosen (pc s) = false -> loaded code c -> interpreting s c ->
  follows (fun s' c' => loaded code c' /\ if chosen (pc s') then handed s' c' else interpreting s' c') c (step vm s).

(** The run goes on: in code, or in the interpreter. *)
Inductive hybrid_ready (code : list byte) (s : state) (c : configuration) : Prop :=
  | in_code : ready code s c -> chosen (pc s) = true \/ reached (insns vm) chosen (pc s) = true -> hybrid_ready code s c
  | in_interpreter : chosen (pc s) = false -> loaded code c -> interpreting s c -> hybrid_ready code s c.

(** Code goes only to what was chosen, or marked. *)
Lemma reached_after s s' : comes_to s -> chosen (pc s) = true -> step vm s = Next s' ->
  reached (insns vm) chosen (pc s') = true.
Proof.
  intros To Ch E. destruct (step_leads vm s s' E) as (sl & i & A & D & L).
  assert (De : decoded (insns vm) (pc s) = Some i) by (unfold decoded; rewrite A; exact D).
  unfold reached.
  assert (To_ : goes_to (insns vm) (pc s) (pc s') = true ->
    existsb (fun from => chosen from && goes_to (insns vm) from (pc s')) (all_pcs (insns vm)) = true).
  { intros G. eapply exists_pc; [exact De|]. rewrite Ch, G. reflexivity. }
  assert (Jumps : forall d, jump_of i = Some d -> pc s' = pc s + 1 + d -> goes_to (insns vm) (pc s) (pc s') = true).
  { intros d J P. unfold goes_to. rewrite De, J, P, Z.eqb_refl, orb_true_r. reflexivity. }
  assert (On : falls_through i = true -> pc s' = pc s + slots_of i -> goes_to (insns vm) (pc s) (pc s') = true).
  { intros G P. unfold goes_to. rewrite De, G, P, Z.eqb_refl. reflexivity. }
  inversion L as [i' Sg P F K|i' Sg Ft P F|i' d Sg J P F|d f P F Rt|f F P]; try subst i'.
  - rewrite To_; [reflexivity|]. apply On; [destruct i; try discriminate; reflexivity|exact P].
  - rewrite To_; [reflexivity|]. apply On; destruct i; try discriminate; first [reflexivity|exact P].
  - rewrite To_; [reflexivity|]. eapply Jumps; eassumption.
  - rewrite To_; [reflexivity|]. subst i. eapply Jumps; [reflexivity|exact P].
  - subst i. apply orb_true_iff. right. apply andb_true_iff. split.
    + eapply exists_pc; [exact De|]. rewrite Ch. unfold is_exit. rewrite De. reflexivity.
    + pose proof (reachable_after_calls vm m0 f0 s To) as Calls. unfold after_calls in Calls. rewrite F in Calls.
      inversion Calls as [|f' fs (sl1 & d & A1 & D1) _]. subst. unfold follows_call, decoded. rewrite P, A1, D1.
      reflexivity.
Qed.

Lemma nothing_known s : known_of s.
Proof. intros g G. destruct (group_of_in find found_at _ g G) as [_ F]. rewrite no_groups in F. discriminate. Qed.

Lemma resumed_on code s c : comes_to s -> chosen (pc s) = true -> loaded code c -> resumed s c ->
  holds_at code 0 frame_code ->
  reaches (hybrid_ready code s) c.
Proof.
  intros To Ch L H Fr.
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP. pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
  eapply reaches_then; [exact (resume_theorem code s c WP Fits Ch Fr L H)|]. clear c L H. intros c (L & R & A).
  apply reaches_here. apply in_code; [|left; exact Ch]. split; [exact L|]. split; [exact R|]. exists (offset (pc s)).
  split; [exact A|]. apply before_in_line; [constructor|apply nothing_known].
Qed.

Lemma handed_on code s c : comes_to s -> loaded code c -> handed s c -> holds_at code 0 frame_code ->
  reaches (hybrid_ready code s) c.
Proof.
  intros To L H Fr.
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP. pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
  eapply reaches_then; [exact (host_turns code s c WP Fits L H)|]. clear c L H. intros c [L H].
  destruct (chosen (pc s)) eqn:Ch; [|apply reaches_here; apply in_interpreter; assumption].
  apply resumed_on; assumption.
Qed.

Lemma interpreted_on code s c : comes_to s -> chosen (pc s) = false -> loaded code c -> interpreting s c ->
  holds_at code 0 frame_code -> follows (hybrid_ready code) c (step vm s).
Proof.
  intros To Ch L In_ Fr.
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP. pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
  pose proof (interpreter_steps code s c WP Fits Ch L In_) as F. unfold Engines.follows in *.
  destruct (step vm s) as [s'|e s'|] eqn:E; [|exact F|exact I].
  assert (To' : comes_to s') by (eapply reachable_step; [exact To|exact E]).
  eapply reaches_then; [exact F|]. clear c F L In_. intros c [L H].
  destruct (chosen (pc s')) eqn:Ch'; [apply handed_on; assumption|].
  apply reaches_here. apply in_interpreter; assumption.
Qed.

Lemma hybrid_simulates code : compiled = Some code ->
  simulates configuration mstep promises vm m0 f0 returned (hybrid_ready code).
Proof.
  intros Co s c To H. unfold Engines.simulates_into.
  pose proof (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co) as Lay.
  pose proof (frame_at _ _ _ _ _ _ _ _ _ Lay) as Fr.
  destruct H as [R Ch|Ch L In_]; [|apply interpreted_on; assumption].
  destruct (chosen (pc s)) eqn:Ch'.
  - pose proof (code_follows code s c Co To Ch' R) as F. unfold Engines.follows in *.
    destruct (step vm s) as [s'|e s'|] eqn:E; [|exact F|exact I].
    eapply reaches_then; [exact F|]. intros c1 R1. apply reaches_here. apply in_code; [exact R1|].
    right. exact (reached_after s s' To Ch' E).
  - (* in an instruction's place, what hands over *)
    destruct Ch as [|Re]; [discriminate|].
    destruct R as (L & R & x & A & [N _|g bytes G _ _]);
      [|destruct (group_of_in find found_at _ g G) as [_ F]; rewrite no_groups in F; discriminate].
    pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP.
    pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
    pose proof WP as [St _]. destruct (emitted_at _ _ _ _ _ _ _ _ _ Lay _ St) as (bytes & Eh & Hh).
    assert (Near : near offset far (pc s) = true).
    { apply (next_near _ _ _ _ _ _ _ _ _ Lay). destruct St as (sl & A0 & _). apply slot_at_some in A0. exact A0. }
    unfold Driver.hot in Eh. rewrite Ch', Re in Eh.
    eapply follows_then; [exact (run_nops code s _ _ N c L A R)|]. clear c L A R N x. intros c (L & R & A).
    eapply follows_then; [exact (handover_theorem code s c bytes WP Fits Eh Fr Hh Near L A R)|]. clear c L A R.
    intros c [L H].
    eapply follows_then; [exact (host_turns code s c WP Fits L H)|]. rewrite Ch'. clear c L H. intros c [L In_].
    apply interpreted_on; assumption.
Qed.

(** From any instruction that the program comes to, the first one among them, whichever is to run it: the rest of the
    run is right. So it doesn't matter where a run changed between them before, nor how often. *)
Theorem hybrid_program_correct code s c :
  compiled = Some code -> comes_to s -> loaded code c ->
  handed s c \/ chosen (pc s) = true /\ resumed s c \/ chosen (pc s) = false /\ interpreting s c ->
  runs_as_semantics configuration mstep vm m0 f0 returned c.
Proof.
  intros Co To L H.
  pose proof (frame_at _ _ _ _ _ _ _ _ _ (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co)) as Fr.
  apply (engine_continues _ _ _ promises_kept vm m0 f0 Usable returned (hybrid_ready code) s c
    (hybrid_simulates code Co) To).
  destruct H as [H|[[Ch H]|[Ch H]]]; [apply handed_on|apply resumed_on|apply reaches_here; apply in_interpreter];
    assumption.
Qed.
End Mixed.
End Run.
End Compiled.
