(* SPDX-License-Identifier: MIT *)
(** Engines: from one instruction to whole runs, for any machine that follows BPF step by step, for runs that change
    between such engines, and for the interpreter.

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
