(* SPDX-License-Identifier: MIT *)
(** Composition: from one instruction to whole programs.

    The prover shows of one BPF instruction at a time that machine code does what the BPF step does: code that an
    emitter wrote, or the interpreter from one dispatch to the next. Here is what that gives for a whole run, for any
    machine. First for anything that follows BPF step by step, and for runs that change between such engines; then
    for the interpreter; then for compiled programs, whose code the driver (src/jit/jit.c) has laid out with nops
    between instructions and checked against its offset table.

    The machine is not defined here: hypotheses say what the prover's theorems say of it, in their words
    (docs/prover.md, "The claim" and "What a proof takes for granted"). *)
From Coq Require Import ZArith List Lia Arith Bool.
From Vouch Require Import Semantics Checker Termination Isolation Values.
Import ListNotations.
Open Scope Z_scope.

(** What a host must give, beside helpers: a program that the checker accepts; regions, context and stack that don't
    wrap around; fuel of at most VOUCH_FUEL_MAX. vouch_init() and vouch_compile() see to it. *)
Record usable (vm : machine) (f : Z) : Prop := {
  is_accepted : accepted vm;
  is_addressable : addressable vm /\ Forall sane (regions vm);
  has_fuel : 0 <= f < 2 ^ 64 - 1 }.

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

(** The prover doesn't run everything: of a stub of the region test, of vouch_region_find() and of a helper it knows
    what they promise, and of a store-conditional that one succeeds in the end. [promises c P]: from c, the machine
    comes to some configuration that P allows. What is proved must hold whichever of them it is. *)
Variable promises : configuration -> (configuration -> Prop) -> Prop.
Hypothesis promises_kept : forall c P, promises c P -> exists c', steps c c' /\ P c'.

(** What the prover shows of a run: by steps, and by promises, it comes to where Q holds. *)
Inductive reaches (Q : configuration -> Prop) : configuration -> Prop :=
  | reaches_here c : Q c -> reaches Q c
  | reaches_step c c' : mstep c c' -> reaches Q c' -> reaches Q c
  | reaches_promised c P : promises c P -> (forall c', P c' -> reaches Q c') -> reaches Q c.

Lemma reaches_steps Q c : reaches Q c -> exists c', steps c c' /\ Q c'.
Proof.
  induction 1 as [c H|c c' M _ (c2 & S & H)|c P Pr _ IH].
  - exists c. split; [constructor|exact H].
  - exists c2. split; [eapply steps_more; eassumption|exact H].
  - destruct (promises_kept _ _ Pr) as (c1 & S1 & H1). destruct (IH c1 H1) as (c2 & S2 & H2).
    exists c2. split; [eapply steps_trans; eassumption|exact H2].
Qed.

Lemma reaches_then (Q R : configuration -> Prop) c :
  reaches Q c -> (forall c', Q c' -> reaches R c') -> reaches R c.
Proof.
  intros H K. induction H as [c H|c c' M _ IH|c P Pr _ IH].
  - auto.
  - eapply reaches_step; eassumption.
  - eapply reaches_promised; eassumption.
Qed.

(** ** Engines *)

Variable vm : machine.
Variable m0 : store.
Variable f0 : Z.
Hypothesis Usable : usable vm f0.

(** The states that the program comes to. *)
Definition comes_to (s : state) : Prop := reachable vm (initial vm m0 f0) s.

Lemma comes_to_well_placed s : comes_to s -> well_placed vm s.
Proof. apply reachable_well_placed, Usable. Qed.

Lemma comes_to_fits s : comes_to s -> fits vm s.
Proof. destruct Usable as [Acc [Ad Sane] F]. intros R. apply (reachable_fits vm m0 f0); auto. unfold Arithmetic.word. lia. Qed.

(** The machine is ready to run the instruction at the BPF state's pc; it is back where it was called, with this end. *)
Definition readiness := state -> configuration -> Prop.
Variable returned : ending -> state -> configuration -> Prop.

(** From a machine ready for s, the machine does what the BPF step does. *)
Definition follows (ready' : readiness) (c : configuration) (o : outcome) : Prop :=
  match o with
  | Next s' => reaches (ready' s') c
  | Stop e s' => reaches (returned e s') c
  | Undefined => True
  end.

(** One engine: ready in, ready out. [ready'] is wider than [ready] when the engine may hand over. *)
Definition simulates_into (ready ready' : readiness) : Prop :=
  forall s c, comes_to s -> ready s c -> follows ready' c (step vm s).
Definition simulates (ready : readiness) : Prop := simulates_into ready ready.

Lemma simulation_run ready n : simulates ready ->
  forall s c e s', comes_to s -> ready s c -> run vm n s = Stop e s' -> reaches (returned e s') c.
Proof.
  intros Sim. induction n as [|n IH]; intros s c e s' Co R E; [discriminate|].
  simpl in E. pose proof (Sim s c Co R) as F.
  destruct (step vm s) as [s1|e1 s1|] eqn:St; [| |discriminate].
  - eapply reaches_then; [exact F|]. intros c1 R1. eapply IH; [|exact R1|exact E].
    eapply reachable_step; [exact Co|exact St].
  - injection E as <- <-. exact F.
Qed.

(** What is claimed of a whole run from a configuration: the semantics comes to an end, and the machine comes back with
    the same one: status and fault, result, memory and fuel. *)
Definition runs_as_semantics (c : configuration) : Prop :=
  exists n e s c', run vm n (initial vm m0 f0) = Stop e s /\ steps c c' /\ returned e s c'.

(** A run's end is that of any state on its way. *)
Lemma comes_to_end s n e s' : comes_to s -> run vm n (initial vm m0 f0) = Stop e s' ->
  exists k, run vm k s = Stop e s'.
Proof.
  intros R E. induction R as [|s1 s2 R IH St]; [eauto|].
  destruct IH as (k & K). destruct k as [|k]; [discriminate|]. simpl in K. rewrite St in K. eauto.
Qed.

(** From any instruction that the program comes to, if the machine is ready for it there. *)
Theorem engine_continues ready s c :
  simulates ready -> comes_to s -> reaches (ready s) c -> runs_as_semantics c.
Proof.
  intros Sim To R. destruct Usable as [Acc _ F].
  destruct (termination vm m0 f0 Acc ltac:(lia)) as (e & s' & E).
  destruct (comes_to_end s _ e s' To E) as (k & K).
  assert (B : reaches (returned e s') c).
  { eapply reaches_then; [exact R|]. intros c1 R1. eapply simulation_run; eauto. }
  destruct (reaches_steps _ _ B) as (c' & S & Re). unfold runs_as_semantics. eauto 8.
Qed.

Theorem engine_runs_as_semantics ready c :
  simulates ready -> reaches (ready (initial vm m0 f0)) c -> runs_as_semantics c.
Proof. intros Sim. apply engine_continues; [exact Sim|constructor]. Qed.

(** Two engines that may hand over to each other after any instruction, with code of their own to do so: the same
    holds of their common runs. *)
Definition soon (ready : readiness) : readiness := fun s => reaches (ready s).
Definition either (ready1 ready2 : readiness) : readiness := fun s c => soon ready1 s c \/ soon ready2 s c.

Lemma soon_simulates ready ready' : simulates_into ready ready' -> simulates_into (soon ready) ready'.
Proof.
  intros Sim s c Co R. unfold follows. destruct (step vm s) eqn:E; [| |exact I];
    (eapply reaches_then; [exact R|]; intros c1 R1; pose proof (Sim s c1 Co R1) as F; rewrite E in F; exact F).
Qed.

Theorem hybrid_runs_as_semantics ready1 ready2 c :
  simulates_into ready1 (either ready1 ready2) -> simulates_into ready2 (either ready1 ready2) ->
  reaches (either ready1 ready2 (initial vm m0 f0)) c -> runs_as_semantics c.
Proof.
  intros S1 S2. apply engine_runs_as_semantics.
  intros s c0 Co [R|R]; [eapply soon_simulates, R|eapply (soon_simulates ready2), R]; assumption.
Qed.

(** ** The interpreter *)

(** The interpreter theorem. From a call it comes to its first dispatch; from a dispatch it does exactly the step of the
    instruction there, and comes to the next dispatch, or back to C with the step's result and fault. *)
Variable called : configuration -> Prop.         (* with memory m0 and fuel f0 *)
Variable dispatched : readiness.
Hypothesis interpreter_starts : forall c, called c -> reaches (dispatched (initial vm m0 f0)) c.
Hypothesis interpreter_steps : forall s c,
  well_placed vm s -> fits vm s -> dispatched s c -> follows dispatched c (step vm s).

Lemma interpreter_simulates : simulates dispatched.
Proof. intros s c Co R. apply interpreter_steps; auto using comes_to_well_placed, comes_to_fits. Qed.

Theorem interpreted_program_correct c : called c -> runs_as_semantics c.
Proof. intros Ca. eapply engine_runs_as_semantics; [apply interpreter_simulates|auto]. Qed.
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
Variable far : nat.                     (* max_insn + align: how far on the next instruction may start *)

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

Definition near (pc : Z) : bool := (offset pc <=? offset (pc + 1))%nat && (offset (pc + 1) <=? offset pc + far)%nat.

Fixpoint lay (offset : Z -> nat) (near : Z -> bool) (padding : Z -> nat) (emit : Z -> option (list byte))
    (pcs : list Z) (out : list byte) : option (list byte) :=
  match pcs with
  | [] => Some out
  | pc :: pcs =>
      let out := if (0 <? padding pc)%nat then out ++ nops (padding pc) else out in
      match settle out (offset pc), near pc, part emit pc with
      | Some out, true, Some bytes => lay offset near padding emit pcs (out ++ bytes)
      | _, _, _ => None
      end
  end.

Definition all_pcs : list Z := map Z.of_nat (seq 0 (length program_)).

(** The writing pass. *)
Definition write_pass : option (list byte) :=
  match lay offset near padding emit all_pcs frame_code with
  | None => None
  | Some out =>
      match settle out (offset (count program_)) with
      | None => None
      | Some out => lay cold_offset (fun _ => true) (fun _ => O) emit_cold all_pcs out
      end
  end.

(** What the code holds where. *)
Definition holds_at (code : list byte) (x : nat) (bytes : list byte) : Prop :=
  exists before after, code = before ++ bytes ++ after /\ length before = x.

(** From x to y the code is nops, not more at once than the driver may ask for. *)
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

Lemma lay_chain offset_ near_ padding_ emit_ pcs : forall out code,
  lay offset_ near_ padding_ emit_ pcs out = Some code ->
  (exists more, code = out ++ more) /\ forall more, chain (code ++ more) offset_ emit_ (length out) pcs.
Proof.
  induction pcs as [|pc pcs IH]; intros out code E.
  - simpl in E. injection E as <-. split; [exists []; rewrite app_nil_r; reflexivity|exact (fun _ => I)].
  - cbn [lay] in E. set (padded := if (0 <? padding_ pc)%nat then _ else _) in E.
    destruct (settle padded (offset_ pc)) as [settled|] eqn:S; [|discriminate].
    destruct (near_ pc); [|discriminate].
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
  next_near : forall pc, 0 <= pc < count program_ -> near pc = true;
  nops_after : forall pc bytes, 0 <= pc -> pc + 1 < count program_ -> part emit pc = Some bytes ->
    only_nops code (offset pc + length bytes) (offset (pc + 1)) }.

Lemma lay_near offset_ near_ padding_ emit_ pcs : forall out code,
  lay offset_ near_ padding_ emit_ pcs out = Some code -> forall pc, In pc pcs -> near_ pc = true.
Proof.
  induction pcs as [|p pcs IH]; intros out code E pc I; [contradiction|]. cbn [lay] in E.
  destruct (settle _ _); [|discriminate]. destruct (near_ p) eqn:N; [|discriminate].
  destruct (part _ _); [|discriminate]. destruct I as [->|I]; [exact N|eapply IH; eassumption].
Qed.

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
  unfold write_pass. destruct (lay offset _ _ _ _ _) as [hot|] eqn:E1; [|discriminate].
  destruct (settle hot _) as [settled|] eqn:E2; [|discriminate]. intros E3.
  apply settle_spec in E2 as (fill & -> & _ & _).
  destruct (lay_chain _ _ _ _ _ _ _ E1) as ((more1 & ->) & C1).
  destruct (lay_chain _ _ _ _ _ _ _ E3) as ((more2 & ->) & C2).
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
  - intros pc B. apply (lay_near _ _ _ _ _ _ _ E1). unfold all_pcs. apply in_map_iff. exists (Z.to_nat pc).
    unfold count in B. split; [lia|]. apply in_seq. lia.
  - intros pc bytes L U P. unfold count in U.
    assert (R : (0 <= Z.to_nat pc < 0 + length program_)%nat) by lia.
    destruct (chain_at _ _ _ _ _ _ C1 (Z.to_nat pc) R) as (b & P' & _ & N).
    rewrite Z2Nat.id in * by lia. rewrite P in P'. injection P' as <-.
    replace (pc + 1) with (Z.of_nat (S (Z.to_nat pc))) by lia. apply N. lia.
Qed.
End Driver.

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
    the refinement map; [overspent s c]: the same, but one more unit of fuel is spent than there was; [refused f s c]:
    related, and in the stub that ends a run with f, which has f's address and the pc. [called m f c]: C has called
    the code with this memory and fuel. [returned e s c]: back in C: status and fault from e; r0, memory and fuel
    from s; all that C wants back is as it was. *)
Variable loaded : list byte -> configuration -> Prop.
Variable at_ : configuration -> nat -> Prop.
Variable related overspent : state -> configuration -> Prop.
Variable refused : fault -> state -> configuration -> Prop.
Variable called : store -> Z -> configuration -> Prop.
Variable returned : ending -> state -> configuration -> Prop.

(** The target: its nops, prologue and epilogue, and what its emitter writes. *)
Variable nops : nat -> list byte.
Variable frame_code : list byte.
Variable emit emit_cold : Z -> option (list byte).
Variable padding offset cold_offset : Z -> nat.
Variable far : nat.

(** The instruction's access isn't in the context; or it is an atomic, and misaligned. *)
Definition beyond (s : state) : Prop := forall i a, insn_at vm s = Some i -> In a (accesses_of s i) ->
  covers (context vm) a = false \/ address a mod bytes a <> 0.

(** The code is in place: what the driver promises when it compiled the program. *)
Record in_place (code : list byte) (s : state) (hot cold : list byte) : Prop := {
  hot_emitted : emit (pc s) = Some hot;
  cold_emitted : emit_cold (pc s) = Some cold;
  frame_in_place : holds_at code 0 frame_code;
  hot_in_place : holds_at code (offset (pc s)) hot;
  cold_in_place : holds_at code (cold_offset (pc s)) cold;
  next_in_place : near offset far (pc s) = true }.

(** The claim: the machine comes to the code of the instruction that BPF's step comes to, by the offset table, in a
    state that stands for BPF's next one; or to C, with the step's end; or to the stub with the step's fault. *)
Definition arrives (code : list byte) (s : state) (c : configuration) : Prop :=
  match step vm s with
  | Next s' => loaded code c /\ at_ c (offset (pc s')) /\ related s' c
  | Stop e s' => returned e s' c \/ loaded code c /\ exists f, e = Fault f /\ refused f s' c
  | Undefined => True
  end.

(** Or to the end of its own code, if the next instruction is the successor. *)
Definition runs_on (code hot : list byte) (s : state) (c : configuration) : Prop :=
  exists i s', insn_at vm s = Some i /\ step vm s = Next s' /\ pc s' = pc s + slots_of i
    /\ loaded code c /\ at_ c (offset (pc s) + length hot)%nat /\ related s' c.

(** Or to its own out-of-line part, if there is one: undone, or with a unit of fuel spent that isn't there. *)
Definition goes_out_of_line (code cold : list byte) (s : state) (c : configuration) : Prop :=
  loaded code c /\ at_ c (cold_offset (pc s)) /\ cold <> []
  /\ exists i, insn_at vm s = Some i
     /\ (is_memory i = true /\ related s c /\ beyond s
         \/ is_jump i = true /\ step vm s = Stop (Fault FaultFuel) s /\ overspent s c).

(** The emitter theorem, in line and out of line. *)
Hypothesis in_line : forall code s c hot cold,
  well_placed vm s -> fits vm s -> in_place code s hot cold ->
  loaded code c -> at_ c (offset (pc s)) -> related s c ->
  reaches (fun c' => arrives code s c' \/ runs_on code hot s c' \/ goes_out_of_line code cold s c') c.

Hypothesis out_of_line_memory : forall code s c hot cold i,
  well_placed vm s -> fits vm s -> in_place code s hot cold -> insn_at vm s = Some i -> is_memory i = true ->
  loaded code c -> at_ c (cold_offset (pc s)) -> related s c -> beyond s ->
  reaches (arrives code s) c.

Hypothesis out_of_line_jump : forall code s c hot cold i,
  well_placed vm s -> fits vm s -> in_place code s hot cold -> insn_at vm s = Some i -> is_jump i = true ->
  loaded code c -> at_ c (cold_offset (pc s)) -> overspent s c ->
  reaches (returned (Fault FaultFuel) s) c.

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

Let compiled : option (list byte) :=
  write_pass (insns vm) nops frame_code emit emit_cold padding offset cold_offset far.

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
  laid_out (insns vm) nops frame_code emit emit_cold offset cold_offset far code ->
  checked (known_to vm) (insns vm) -> starts (insns vm) p ->
  (exists s, slot_at (insns vm) p = Some s /\ decode s = Some i) -> emit p = Some bytes ->
  starts (insns vm) (p + slots_of i) ->
  few_nops code (offset p + length bytes) (offset (p + slots_of i)).
Proof.
  intros Lay Ck St (s & A & D) E Next_.
  assert (P : part (insns vm) emit p = Some bytes).
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

(** Ready for the instruction at s's pc: before it, with only nops between. *)
Definition ready (code : list byte) : readiness configuration := fun s c =>
  loaded code c /\ related s c /\ exists x, at_ c x /\ few_nops code x (offset (pc s)).

Section Run.
Variable m0 : store.
Variable f0 : Z.
Hypothesis Usable : usable vm f0.
Notation follows := (follows configuration mstep promises returned).

Lemma arrived code s c : holds_at code 0 frame_code ->
  reaches (arrives code s) c -> follows (ready code) c (step vm s).
Proof.
  intros Fr T. unfold follows. unfold arrives in T. destruct (step vm s) as [s'|e s'|]; [| |exact I].
  - eapply reaches_then; [exact T|]. intros c1 (L & A & R). apply reaches_here.
    split; [exact L|]. split; [exact R|]. exists (offset (pc s')). split; [exact A|constructor].
  - eapply reaches_then; [exact T|]. intros c1 [R|(L & f & -> & R)]; [apply reaches_here, R|].
    eapply stub_theorem; eassumption.
Qed.

Lemma follows_then ready' Q c o :
  reaches Q c -> (forall c', Q c' -> follows ready' c' o) -> follows ready' c o.
Proof.
  intros R K. unfold Composition.follows in *.
  destruct o; [eapply reaches_then; eassumption|eapply reaches_then; eassumption|exact I].
Qed.

Lemma compiled_simulates code : compiled = Some code ->
  simulates configuration mstep promises vm m0 f0 returned (ready code).
Proof.
  intros Co s c To (L & R & x & A & N).
  pose proof (comes_to_well_placed vm m0 f0 Usable s To) as WP.
  pose proof (comes_to_fits vm m0 f0 Usable s To) as Fits.
  pose proof (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co) as Lay.
  destruct (accepted_checked vm (is_accepted _ _ Usable)) as [Ck _].
  pose proof (frame_at _ _ _ _ _ _ _ _ _ Lay) as Fr. pose proof WP as [St _].
  destruct (emitted_at _ _ _ _ _ _ _ _ _ Lay _ St) as (hot & Eh & Hh).
  destruct (cold_at _ _ _ _ _ _ _ _ _ Lay _ St) as (cold & Ec & Hc).
  assert (Ip : in_place code s hot cold).
  { split; try assumption. apply (next_near _ _ _ _ _ _ _ _ _ Lay). destruct St as (? & B & _). eapply slot_at_some, B. }
  eapply follows_then; [exact (run_nops code s _ _ N c L A R)|]. clear c L A R N x. intros c (L & R & A).
  eapply follows_then; [exact (in_line code s c hot cold WP Fits Ip L A R)|]. clear c L R A.
  intros c [Ar|[(i & s' & Di & E & Q & L & A & R)|(L & A & _ & i & Di & Out)]].
  - apply (arrived code s c Fr), reaches_here, Ar.
  - rewrite E. apply reaches_here. split; [exact L|]. split; [exact R|]. eexists. split; [exact A|].
    pose proof (step_fine vm s Ck WP) as Fine. rewrite E in Fine. destruct Fine as [St' _]. rewrite Q in *.
    eapply nops_to_next; eauto. unfold insn_at in Di. destruct (slot_at (insns vm) (pc s)); [eauto|discriminate].
  - destruct Out as [(M & R & B)|(J & E & O)].
    + apply (arrived code s c Fr). eapply out_of_line_memory; eassumption.
    + rewrite E. eapply out_of_line_jump; eassumption.
Qed.

(** Composition: a compiled program does what the semantics does. For every accepted program that the driver compiled,
    every memory and every fuel: the semantics comes to an end, and the host that calls the code has the same
    result, fault, memory and fuel returned to it. *)
Theorem compiled_program_correct code c :
  compiled = Some code -> loaded code c -> called m0 f0 c ->
  runs_as_semantics configuration mstep vm m0 f0 returned c.
Proof.
  intros Co L Ca.
  pose proof (frame_at _ _ _ _ _ _ _ _ _ (write_pass_lays_out _ _ _ _ _ _ _ _ _ _ Co)) as Fr.
  apply (engine_runs_as_semantics _ _ _ promises_kept vm m0 f0 Usable returned (ready code) c (compiled_simulates code Co)).
  eapply reaches_then; [exact (prologue_theorem code m0 f0 c Fr L Ca)|]. intros c1 (L1 & R1 & A1).
  apply reaches_here. split; [exact L1|]. split; [exact R1|]. exists (offset (entry vm)). split; [exact A1|constructor].
Qed.

(** On a deterministic machine that stops when the call returns, nothing else can happen: all that the machine does is on
    the way to that answer. *)
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

(** Hybrid runs: compiled code, and another engine on the same machine, such as the interpreter. At any instruction
    that the program comes to, whichever of them is ready for it, or has been handed over to: the rest of the run is
    right. So it doesn't matter where a run changed between them before, nor how often. *)
Theorem hybrid_program_correct code dispatched s c :
  compiled = Some code -> simulates configuration mstep promises vm m0 f0 returned dispatched ->
  comes_to vm m0 f0 s -> either configuration mstep promises (ready code) dispatched s c ->
  runs_as_semantics configuration mstep vm m0 f0 returned c.
Proof.
  intros Co Sim To [R|R];
    [apply (engine_continues _ _ _ promises_kept vm m0 f0 Usable returned (ready code) s c (compiled_simulates code Co) To R)
    |apply (engine_continues _ _ _ promises_kept vm m0 f0 Usable returned dispatched s c Sim To R)].
Qed.
End Run.
End Compiled.
