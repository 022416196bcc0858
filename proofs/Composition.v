(* SPDX-License-Identifier: MIT *)
(** Composition: from one instruction to whole programs.

    The prover shows for one target and one BPF instruction at a time that the emitted code does what the BPF step
    does. Here is what that gives for a whole run, for any machine. First for anything that simulates BPF step by
    step, which is what the interpreter theorem says of the interpreter's binary; then for compiled programs, whose
    code the driver (src/jit/jit.c) has laid out with nops between instructions and checked against its offset
    table; then for runs that change between engines at instruction boundaries.

    The machine is not defined here: hypotheses say what the prover's theorems say of it. *)
From Coq Require Import ZArith List Lia Arith.
From Vouch Require Import Semantics Checker Termination Isolation.
Import ListNotations.
Open Scope Z_scope.

(** ** Machines *)

Section Machine.
Variable configuration : Type.          (* registers, memory, pc: all of the machine *)
Variable mstep : configuration -> configuration -> Prop.

Inductive steps : configuration -> configuration -> Prop :=
  | steps_none c : steps c c
  | steps_more c1 c2 c3 : mstep c1 c2 -> steps c2 c3 -> steps c1 c3.

Lemma steps_trans c1 c2 c3 : steps c1 c2 -> steps c2 c3 -> steps c1 c3.
Proof. induction 1; auto. intros. eapply steps_more; eauto. Qed.

(** On a deterministic machine, whatever else happens is on the way to the end. *)
Lemma steps_deterministic c c1 c2 :
  (forall a b b', mstep a b -> mstep a b' -> b = b') ->
  (forall b, ~ mstep c2 b) -> steps c c2 -> steps c c1 -> steps c1 c2.
Proof.
  intros Det End S1 S2. induction S2 as [|a b c1 M S2 IH]; [exact S1|].
  apply IH. destruct S1 as [|a b' c2 M' S1]; [exfalso; eapply End; eauto|].
  rewrite (Det _ _ _ M M'). exact S1.
Qed.

(** ** Simulation *)

Variable vm : machine.

(** The machine is ready to run the instruction at the BPF state's pc; it leaves the run with this end. *)
Definition readiness := state -> configuration -> Prop.
Variable leaving : ending -> state -> configuration -> Prop.

(** From a machine ready for s, the machine does what the BPF step does. *)
Definition follows (ready' : readiness) (c : configuration) (o : outcome) : Prop :=
  match o with
  | Next s' => exists c', steps c c' /\ ready' s' c'
  | Stop e s' => exists c', steps c c' /\ leaving e s' c'
  | Undefined => True
  end.

(** One engine: ready in, ready out. [ready'] is wider than [ready] when the engine may hand over. *)
Definition simulates_into (ready ready' : readiness) : Prop :=
  forall s c, well_placed vm s -> ready s c -> follows ready' c (step vm s).
Definition simulates (ready : readiness) : Prop := simulates_into ready ready.

Lemma simulation_run ready n : simulates ready -> checked (known_to vm) (insns vm) ->
  forall s c e s', well_placed vm s -> ready s c -> run vm n s = Stop e s' ->
  exists c', steps c c' /\ leaving e s' c'.
Proof.
  intros Sim Ck. induction n as [|n IH]; intros s c e s' WP R E; [discriminate|].
  simpl in E. pose proof (Sim s c WP R) as F. pose proof (step_fine vm s Ck WP) as Fine.
  destruct (step vm s) as [s1|e1 s1|]; [| |discriminate].
  - destruct F as (c1 & S1 & R1). destruct (IH s1 c1 e s' Fine R1 E) as (c2 & S2 & L).
    exists c2. split; [eapply steps_trans; eassumption|exact L].
  - injection E as <- <-. exact F.
Qed.

(** Whole runs of an engine: for every accepted program, every memory and every fuel, the semantics comes to an end, and
    the machine to the same. *)
Theorem engine_runs_as_semantics ready m f c :
  simulates ready -> accepted vm -> 0 <= f -> ready (initial vm m f) c ->
  exists n e s c', run vm n (initial vm m f) = Stop e s /\ steps c c' /\ leaving e s c'.
Proof.
  intros Sim Acc F R. destruct (termination vm m f Acc F) as (e & s & E).
  destruct (accepted_checked vm Acc) as [Ck St].
  assert (WP : well_placed vm (initial vm m f)) by (split; simpl; auto).
  destruct (simulation_run ready _ Sim Ck _ c e s WP R E) as (c' & S & L). eauto 8.
Qed.

(** Two engines that may hand over to each other after any instruction: the same holds of their common runs. *)
Theorem hybrid_runs_as_semantics ready1 ready2 m f c :
  let either : readiness := fun s c => ready1 s c \/ ready2 s c in
  simulates_into ready1 either -> simulates_into ready2 either ->
  accepted vm -> 0 <= f -> either (initial vm m f) c ->
  exists n e s c', run vm n (initial vm m f) = Stop e s /\ steps c c' /\ leaving e s c'.
Proof.
  intros either S1 S2 Acc F R. apply (engine_runs_as_semantics either); auto.
  intros s c0 WP [R1|R2]; auto.
Qed.
End Machine.

(** ** The driver *)

Definition byte := Z.

(** What a target gives the driver: nops, and what its emitter wrote in the last pass at each pc (None: it failed),
    in order and out of line; the first bytes are prologue and epilogue. *)
Section Driver.
Variable program_ : program.
Variable nops : nat -> list byte.
Variable frame_code : list byte.
Variable emit emit_cold : Z -> option (list byte).
Variable padding : Z -> nat.            (* nops before loop heads *)
Variable offset cold_offset : Z -> nat. (* the table that the measuring passes left *)

(** The start of an instruction's part: nops up to the recorded offset, which must then be reached exactly. *)
Definition settle (out : list byte) (target : nat) : option (list byte) :=
  let out := if (length out <? target)%nat then out ++ nops (target - length out) else out in
  if (length out =? target)%nat then Some out else None.

(** Second halves of 64-bit immediates have no code. *)
Definition part (emit : Z -> option (list byte)) (pc : Z) : option (list byte) :=
  match slot_at program_ pc with
  | Some s => if opcode s =? 0 then Some [] else emit pc
  | None => None
  end.

Fixpoint lay (offset : Z -> nat) (padding : Z -> nat) (emit : Z -> option (list byte)) (pcs : list Z)
    (out : list byte) : option (list byte) :=
  match pcs with
  | [] => Some out
  | pc :: pcs =>
      let out := if (0 <? padding pc)%nat then out ++ nops (padding pc) else out in
      match settle out (offset pc), part emit pc with
      | Some out, Some bytes => lay offset padding emit pcs (out ++ bytes)
      | _, _ => None
      end
  end.

Definition all_pcs : list Z := map Z.of_nat (seq 0 (length program_)).

(** The writing pass. *)
Definition write_pass : option (list byte) :=
  match lay offset padding emit all_pcs frame_code with
  | None => None
  | Some out =>
      match settle out (offset (count program_)) with
      | None => None
      | Some out => lay cold_offset (fun _ => O) emit_cold all_pcs out
      end
  end.

(** What the code holds where. *)
Definition holds_at (code : list byte) (x : nat) (bytes : list byte) : Prop :=
  exists before after, code = before ++ bytes ++ after /\ length before = x.

(** From x to y the code is nops. *)
Inductive only_nops (code : list byte) : nat -> nat -> Prop :=
  | nops_end x : only_nops code x x
  | nops_more x k y : holds_at code x (nops k) -> only_nops code (x + length (nops k)) y -> only_nops code x y.

Lemma only_nops_trans code x y z : only_nops code x y -> only_nops code y z -> only_nops code x z.
Proof. induction 1; auto. intros. eapply nops_more; eauto. Qed.

Lemma holds_at_more code x bytes more : holds_at code x bytes -> holds_at (code ++ more) x bytes.
Proof. intros (b & a & -> & L). exists b, (a ++ more). split; [rewrite !app_assoc; reflexivity|exact L]. Qed.

Lemma only_nops_more code x y more : only_nops code x y -> only_nops (code ++ more) x y.
Proof. induction 1; [constructor|]. eapply nops_more; eauto using holds_at_more. Qed.

Lemma holds_at_end out bytes : holds_at (out ++ bytes) (length out) bytes.
Proof. exists out, []. rewrite app_nil_r. auto. Qed.

Lemma only_nops_end out k : only_nops (out ++ nops k) (length out) (length (out ++ nops k)).
Proof. eapply nops_more; [apply holds_at_end|]. rewrite app_length. constructor. Qed.

Lemma settle_spec out target out' : settle out target = Some out' ->
  exists more, out' = out ++ more /\ length out' = target /\ only_nops out' (length out) target.
Proof.
  unfold settle. set (padded := if (_ <? _)%nat then _ else _).
  destruct (Nat.eqb_spec (length padded) target) as [E|]; [|discriminate]. injection 1 as <-.
  unfold padded in *. destruct (Nat.ltb_spec (length out) target).
  - exists (nops (target - length out)). split; [reflexivity|]. split; [exact E|].
    pose proof (only_nops_end out (target - length out)) as N. rewrite E in N. exact N.
  - exists []. rewrite app_nil_r. split; [reflexivity|]. split; [exact E|]. rewrite E. constructor.
Qed.

(** Parts in order, only nops between them. *)
Fixpoint chain (code : list byte) (offset : Z -> nat) (emit : Z -> option (list byte)) (x : nat) (pcs : list Z) : Prop :=
  match pcs with
  | [] => True
  | pc :: pcs =>
      only_nops code x (offset pc)
      /\ exists bytes, part emit pc = Some bytes /\ holds_at code (offset pc) bytes
         /\ chain code offset emit (offset pc + length bytes) pcs
  end.

Lemma lay_chain offset_ padding_ emit_ pcs : forall out code,
  lay offset_ padding_ emit_ pcs out = Some code ->
  (exists more, code = out ++ more) /\ forall more, chain (code ++ more) offset_ emit_ (length out) pcs.
Proof.
  induction pcs as [|pc pcs IH]; intros out code E.
  - simpl in E. injection E as <-. split; [exists []; rewrite app_nil_r; reflexivity|exact (fun _ => I)].
  - cbn [lay] in E. set (padded := if (0 <? padding_ pc)%nat then _ else _) in E.
    destruct (settle padded (offset_ pc)) as [settled|] eqn:S; [|discriminate].
    destruct (part emit_ pc) as [bytes|] eqn:P; [|discriminate].
    apply settle_spec in S as (fill & -> & L & N).
    destruct (IH _ _ E) as ((rest & ->) & C). rewrite app_length, L in C.
    assert (Pad : exists fill0, padded = out ++ fill0 /\ only_nops padded (length out) (length padded)).
    { unfold padded. destruct (0 <? padding_ pc)%nat.
      - eexists. split; [reflexivity|apply only_nops_end].
      - exists []. rewrite app_nil_r. split; [reflexivity|constructor]. }
    destruct Pad as (fill0 & Ep & N0).
    split. { rewrite Ep. rewrite <- !app_assoc. eauto. }
    intros more. split.
    + rewrite <- !app_assoc. apply only_nops_trans with (length padded).
      * apply only_nops_more, N0.
      * rewrite app_assoc. apply only_nops_more, N.
    + exists bytes. split; [exact P|]. split; [|apply C].
      rewrite <- !app_assoc. rewrite (app_assoc padded). exists (padded ++ fill), (rest ++ more). auto.
Qed.

(** What the writing pass guarantees when it succeeds. *)
Record laid_out (code : list byte) : Prop := {
  frame_at : holds_at code 0 frame_code;
  emitted_at : forall pc, starts program_ pc ->
    exists bytes, emit pc = Some bytes /\ holds_at code (offset pc) bytes;
  cold_at : forall pc, starts program_ pc ->
    exists bytes, emit_cold pc = Some bytes /\ holds_at code (cold_offset pc) bytes;
  nops_after : forall pc bytes, 0 <= pc -> pc + 1 < count program_ -> part emit pc = Some bytes ->
    only_nops code (offset pc + length bytes) (offset (pc + 1)) }.

Lemma chain_at code offset_ emit_ n : forall a x,
  chain code offset_ emit_ x (map Z.of_nat (seq a n)) ->
  (forall i, (a <= i < a + n)%nat -> exists bytes, part emit_ (Z.of_nat i) = Some bytes
     /\ holds_at code (offset_ (Z.of_nat i)) bytes
     /\ ((S i < a + n)%nat -> only_nops code (offset_ (Z.of_nat i) + length bytes) (offset_ (Z.of_nat (S i))))).
Proof.
  induction n as [|n IH]; intros a x C i I; [lia|].
  cbn [seq map chain] in C. destruct C as (N & bytes & P & H & C).
  destruct (Nat.eq_dec i a) as [->|].
  - exists bytes. split; [exact P|]. split; [exact H|]. intros L.
    destruct n; [lia|]. cbn [seq map chain] in C. apply C.
  - destruct (IH (S a) _ C i) as (b & P' & H' & N'); [lia|].
    exists b. split; [exact P'|]. split; [exact H'|]. intros; apply N'; lia.
Qed.

Theorem write_pass_lays_out code : write_pass = Some code -> laid_out code.
Proof.
  unfold write_pass. destruct (lay offset _ _ _ _) as [hot|] eqn:E1; [|discriminate].
  destruct (settle hot _) as [settled|] eqn:E2; [|discriminate]. intros E3.
  apply settle_spec in E2 as (fill & -> & _ & _).
  destruct (lay_chain _ _ _ _ _ _ E1) as ((more1 & ->) & C1).
  destruct (lay_chain _ _ _ _ _ _ E3) as ((more2 & ->) & C2).
  specialize (C1 (fill ++ more2)). specialize (C2 []). rewrite app_nil_r in C2.
  rewrite !app_assoc in C1.
  assert (In_range : forall pc, starts program_ pc ->
    exists i, pc = Z.of_nat i /\ (0 <= i < 0 + length program_)%nat).
  { intros pc (s & A & _). apply slot_at_some in A. unfold count in A. exists (Z.to_nat pc). lia. }
  assert (Part : forall emit_ pc bytes, starts program_ pc -> part emit_ pc = Some bytes -> emit_ pc = Some bytes).
  { intros emit_ pc bytes (s & A & N) P. unfold part in P. rewrite A in P.
    destruct (Z.eqb_spec (opcode s) 0); [contradiction|exact P]. }
  split.
  - exists [], ((more1 ++ fill) ++ more2). simpl. rewrite !app_assoc. auto.
  - intros pc St. destruct (In_range _ St) as (i & -> & I).
    destruct (chain_at _ _ _ _ _ _ C1 i I) as (b & P & H & _). eauto.
  - intros pc St. destruct (In_range _ St) as (i & -> & I).
    destruct (chain_at _ _ _ _ _ _ C2 i I) as (b & P & H & _). eauto.
  - intros pc bytes L U P. unfold count in U.
    assert (R : (0 <= Z.to_nat pc < 0 + length program_)%nat) by lia.
    destruct (chain_at _ _ _ _ _ _ C1 (Z.to_nat pc) R) as (b & P' & _ & N).
    rewrite Z2Nat.id in * by lia. rewrite P in P'. injection P' as <-.
    replace (pc + 1) with (Z.of_nat (S (Z.to_nat pc))) by lia. apply N. lia.
Qed.
End Driver.

(** ** Compiled programs *)

Section Compiled.
Variable vm : machine.
Variable configuration : Type.
Variable mstep : configuration -> configuration -> Prop.
Notation steps := (steps configuration mstep).

(** What the prover's theorems speak of. [loaded code c]: the code lies in c's memory where it was put, unchanged;
    [at_ c x]: the machine's pc is x bytes into it; [related s c]: c's registers and memory hold the BPF state s.
    [called m f c]: the host has called the code with this memory and fuel. [leaving e s c]: an instruction has
    jumped to the exit. [returned e s c]: the host has its answer: status and fault from e; r0, memory and fuel from s. *)
Variable loaded : list byte -> configuration -> Prop.
Variable at_ : configuration -> nat -> Prop.
Variable related : state -> configuration -> Prop.
Variable called : store -> Z -> configuration -> Prop.
Variable leaving returned : ending -> state -> configuration -> Prop.

Variable nops : nat -> list byte.
Variable frame_code : list byte.
Variable emit emit_cold : Z -> option (list byte).
Variable padding offset cold_offset : Z -> nat.

(** The emitter theorem, for the instruction at pc: with its code in place, from its start, in a related state, the
    machine reaches the start of the successor's code, or the end of this code if the successor is the next
    instruction, in a state related to the successor's; or the exit, with the same end. *)
Hypothesis emitter_theorem : forall code s c hot cold,
  well_placed vm s -> emit (pc s) = Some hot -> emit_cold (pc s) = Some cold ->
  holds_at code 0 frame_code -> holds_at code (offset (pc s)) hot -> holds_at code (cold_offset (pc s)) cold ->
  loaded code c -> at_ c (offset (pc s)) -> related s c ->
  match step vm s with
  | Next s' => exists c', steps c c' /\ loaded code c' /\ related s' c'
      /\ (at_ c' (offset (pc s'))
          \/ at_ c' (offset (pc s) + length hot)
             /\ forall i, insn_at vm s = Some i -> pc s' = pc s + slots_of i)
  | Stop e s' => exists c', steps c c' /\ loaded code c' /\ leaving e s' c'
  | Undefined => True
  end.

(** Nops do nothing but go on. *)
Hypothesis nops_theorem : forall code x k s c,
  holds_at code x (nops k) -> loaded code c -> at_ c x -> related s c ->
  exists c', steps c c' /\ loaded code c' /\ related s c' /\ at_ c' (x + length (nops k)).

Hypothesis prologue_theorem : forall code m f c,
  holds_at code 0 frame_code -> loaded code c -> called m f c ->
  exists c', steps c c' /\ loaded code c' /\ related (initial vm m f) c' /\ at_ c' (offset (entry vm)).

Hypothesis epilogue_theorem : forall code e s c,
  holds_at code 0 frame_code -> loaded code c -> leaving e s c -> exists c', steps c c' /\ returned e s c'.

Let compiled : option (list byte) :=
  write_pass (insns vm) nops frame_code emit emit_cold padding offset cold_offset.

(** Ready for the instruction at s's pc: before it, with only nops between. *)
Definition ready (code : list byte) : readiness configuration := fun s c =>
  loaded code c /\ related s c /\ exists x, at_ c x /\ only_nops nops code x (offset (pc s)).

Lemma run_nops code s x y : only_nops nops code x y -> forall c, loaded code c -> at_ c x -> related s c ->
  exists c', steps c c' /\ loaded code c' /\ related s c' /\ at_ c' y.
Proof.
  induction 1 as [x|x k y H N IH]; intros c L A R.
  - exists c. split; [constructor|auto].
  - destruct (nops_theorem code x k s c H L A R) as (c1 & S1 & L1 & R1 & A1).
    destruct (IH c1 L1 A1 R1) as (c2 & S2 & L2 & R2 & A2).
    exists c2. split; [eapply steps_trans; eassumption|auto].
Qed.

(** After the code of an instruction that runs on, there are only nops up to the next one, also over the second half
    of a 64-bit immediate. *)
Lemma nops_to_next code p i bytes :
  laid_out (insns vm) nops frame_code emit emit_cold offset cold_offset code ->
  checked (known_to vm) (insns vm) -> starts (insns vm) p ->
  (exists s, slot_at (insns vm) p = Some s /\ decode s = Some i) -> emit p = Some bytes ->
  starts (insns vm) (p + slots_of i) ->
  only_nops nops code (offset p + length bytes) (offset (p + slots_of i)).
Proof.
  intros Lay Ck St (s & A & D) E Next_.
  assert (P : part (insns vm) emit p = Some bytes).
  { unfold part. rewrite A. destruct St as (s' & A' & N). rewrite A in A'. injection A' as <-.
    destruct (Z.eqb_spec (opcode s) 0); [contradiction|exact E]. }
  assert (R : 0 <= p) by (apply slot_at_some in A; lia).
  assert (U : p + slots_of i < count (insns vm)) by (destruct Next_ as (? & B & _); apply slot_at_some in B; lia).
  pose proof (slots_of_wide s i D) as Wide.
  destruct (Z.eqb_spec (opcode s) 0x18) as [W|W]; rewrite Wide in *.
  - destruct (Ck _ St) as [(s' & A' & C) _]. rewrite A in A'. injection A' as <-.
    destruct (check_insn_wide _ _ _ _ C W) as (high & AH & OH).
    apply only_nops_trans with (offset (p + 1)).
    + eapply nops_after; eauto; lia.
    + replace (p + 2) with (p + 1 + 1) by lia. replace (offset (p + 1)) with (offset (p + 1) + length (@nil byte))%nat.
      2: { simpl. lia. }
      eapply nops_after; eauto; try lia. unfold part. rewrite AH, OH. reflexivity.
  - eapply nops_after; eauto; lia.
Qed.

Lemma compiled_simulates code : compiled = Some code -> accepted vm ->
  simulates configuration mstep vm (fun e s c => loaded code c /\ leaving e s c) (ready code).
Proof.
  intros Co Acc s c WP (L & R & x & A & N).
  pose proof (write_pass_lays_out _ _ _ _ _ _ _ _ _ Co) as Lay.
  destruct (accepted_checked vm Acc) as [Ck _].
  destruct (run_nops code s _ _ N c L A R) as (c1 & S1 & L1 & R1 & A1).
  pose proof WP as [St _].
  destruct (emitted_at _ _ _ _ _ _ _ _ Lay _ St) as (hot & Eh & Hh).
  destruct (cold_at _ _ _ _ _ _ _ _ Lay _ St) as (cold & Ec & Hc).
  pose proof (emitter_theorem code s c1 hot cold WP Eh Ec (frame_at _ _ _ _ _ _ _ _ Lay) Hh Hc L1 A1 R1) as T.
  pose proof (step_fine vm s Ck WP) as Fine.
  unfold follows. destruct (step vm s) as [s'|e s'|] eqn:E; [| |exact I].
  - destruct T as (c2 & S2 & L2 & R2 & W). exists c2.
    split; [eapply steps_trans; eassumption|]. split; [exact L2|]. split; [exact R2|].
    destruct W as [A2|[A2 Q]].
    + exists (offset (pc s')). split; [exact A2|constructor].
    + eexists. split; [exact A2|].
      destruct (Ck _ St) as [(sl & Sl & C) _]. destruct (check_insn_decodes _ _ _ _ C) as (i & D).
      assert (Pc : pc s' = pc s + slots_of i) by (apply Q; unfold insn_at; rewrite Sl; exact D).
      destruct Fine as [St' _]. rewrite Pc in *.
      eapply nops_to_next; eauto.
  - destruct T as (c2 & S2 & L2 & V). exists c2. split; [eapply steps_trans; eassumption|auto].
Qed.

(** Composition: a compiled program does what the semantics does. For every accepted program that the driver compiled,
    every memory and every fuel: the semantics comes to an end, and the host that calls the code has the same
    result, fault, memory and fuel returned to it. *)
Theorem compiled_program_correct code m f c :
  compiled = Some code -> accepted vm -> 0 <= f -> loaded code c -> called m f c ->
  exists n e s c', run vm n (initial vm m f) = Stop e s /\ steps c c' /\ returned e s c'.
Proof.
  intros Co Acc F L Ca.
  pose proof (write_pass_lays_out _ _ _ _ _ _ _ _ _ Co) as Lay. pose proof (frame_at _ _ _ _ _ _ _ _ Lay) as Fr.
  destruct (prologue_theorem code m f c Fr L Ca) as (c1 & S1 & L1 & R1 & A1).
  destruct (engine_runs_as_semantics _ _ _ _ (ready code) m f c1 (compiled_simulates code Co Acc) Acc F)
    as (n & e & s & c2 & Run_ & S2 & L2 & V).
  { split; [exact L1|]. split; [exact R1|]. exists (offset (entry vm)). split; [exact A1|constructor]. }
  destruct (epilogue_theorem code e s c2 Fr L2 V) as (c3 & S3 & Ret).
  exists n, e, s, c3. split; [exact Run_|]. split; [|exact Ret].
  eapply steps_trans; [exact S1|]. eapply steps_trans; eassumption.
Qed.

(** On a deterministic machine that stops when the call returns, nothing else can happen: all that the machine does is on
    the way to that answer. *)
Corollary compiled_program_only_correct code m f c :
  (forall a b b', mstep a b -> mstep a b' -> b = b') ->
  (forall e s a b, returned e s a -> ~ mstep a b) ->
  compiled = Some code -> accepted vm -> 0 <= f -> loaded code c -> called m f c ->
  exists n e s c', run vm n (initial vm m f) = Stop e s /\ returned e s c'
    /\ forall c1, steps c c1 -> steps c1 c'.
Proof.
  intros Det End Co Acc F L Ca.
  destruct (compiled_program_correct code m f c Co Acc F L Ca) as (n & e & s & c' & Run_ & S & Ret).
  exists n, e, s, c'. split; [exact Run_|]. split; [exact Ret|].
  intros c1 S1. eapply steps_deterministic; eauto.
Qed.
End Compiled.
