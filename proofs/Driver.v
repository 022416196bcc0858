(* SPDX-License-Identifier: MIT *)
(** The driver (src/jit/jit.c): how the code of a program is laid out. The writing pass puts prologue and epilogue, then
    every instruction in order, then what is out of line, and checks each place against the offset table that the
    measuring passes left; nops fill what is too short. What of an instruction goes where is its role: by itself, in a
    group of accesses that share a test, once more in the group's second copy, or, in hybrid mode, not at all. *)
From Coq Require Import ZArith List Lia Arith Bool.
From Vouch Require Import Semantics Checker Groups.
Import ListNotations.
Open Scope Z_scope.

Definition byte := Z.

(** ** The writing pass *)

(** What the driver is given: nops, and what is written in the last pass at each pc (None: it failed), in order and
    out of line; the first bytes are prologue and epilogue. *)
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
Fixpoint chain (code : list byte) (offset : Z -> nat) (emit : Z -> option (list byte)) (x : nat) (pcs : list Z) :
    Prop :=
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

(** ** What goes where *)

(** How a load or store tests whether it may have its bytes (enum jit_test): by itself, in line for the context and out
    of line for everything else; not at all, after its group's test; in the group's second copy, all in line; the same,
    and it goes on where the group ends. *)
Inductive test := OwnTest | NoTest | TestAgain | TestLast.

(** In hybrid mode only what is chosen is compiled. What it may go to is marked: the next instruction and its target,
    and, if an exit is chosen, whatever follows a local call. *)
Section Hybrid.
Variable program_ : program.
Variable chosen : Z -> bool.

Definition decoded (pc : Z) : option insn := match slot_at program_ pc with Some s => decode s | None => None end.

Definition goes_to (from to_ : Z) : bool :=
  match decoded from with
  | Some i => falls_through i && (from + slots_of i =? to_)
              || match jump_of i with Some d => from + 1 + d =? to_ | None => false end
  | None => false
  end.
Definition is_exit (pc : Z) : bool := match decoded pc with Some Exit => true | _ => false end.
Definition follows_call (pc : Z) : bool := match decoded (pc - 1) with Some (CallLocal _) => true | _ => false end.

Definition reached (pc : Z) : bool :=
  existsb (fun from => chosen from && goes_to from pc) (all_pcs program_)
  || existsb (fun from => chosen from && is_exit from) (all_pcs program_) && follows_call pc.

Lemma exists_pc (f : Z -> bool) pc i : decoded pc = Some i -> f pc = true -> existsb f (all_pcs program_) = true.
Proof.
  intros D F. apply existsb_exists. exists pc. split; [|exact F]. unfold decoded in D.
  destruct (slot_at program_ pc) eqn:A; [|discriminate]. apply slot_at_some in A. unfold count in A.
  apply in_map_iff. exists (Z.to_nat pc). split; [lia|]. apply in_seq. lia.
Qed.
End Hybrid.

Section Roles.
Variable program_ : program.
Variable find : Z -> option group.            (* the group that starts here, if one does *)
Variable guard : group -> option (list byte). (* its test *)
Variable emit : test -> Z -> option (list byte).
Variable emit_cold : Z -> option (list byte).
Variable chosen : Z -> bool.                  (* all, but in hybrid mode *)
Variable handover : Z -> option (list byte).

(** jit->group at instruction n: the one that it is in, or none. *)
Fixpoint group_of (n : nat) : option group :=
  let before := match n with O => None | S n => group_of n end in
  match before with
  | Some g => if Z.of_nat n <? group_end g then Some g else find (Z.of_nat n)
  | None => find (Z.of_nat n)
  end.
Definition group_at (pc : Z) : option group := group_of (Z.to_nat pc).

Definition starting (pc : Z) : option group :=
  match group_at pc with Some g => if group_start g =? pc then Some g else None | None => None end.

Definition test_at (pc : Z) : test :=
  match group_at pc, slot_at program_ pc with
  | Some g, Some s => if covered g s then NoTest else OwnTest
  | _, _ => OwnTest
  end.

Definition both (a b : option (list byte)) : option (list byte) :=
  match a, b with Some a, Some b => Some (a ++ b) | _, _ => None end.

(** An instruction's code, or what hands over to the interpreter in its place, if code goes there. *)
Definition hot (pc : Z) : option (list byte) :=
  if chosen pc then
    match starting pc with
    | Some g => both (guard g) (emit (test_at pc) pc)
    | None => emit (test_at pc) pc
    end
  else if reached program_ chosen pc then handover pc else Some [].

(** The code of n slots once more, up to the end of their group. *)
Fixpoint copy (n : nat) (pc : Z) : option (list byte) :=
  match n with
  | O => Some []
  | S n => both (part program_ (emit match n with O => TestLast | _ => TestAgain end) pc) (copy n (pc + 1))
  end.
Definition copy_from (g : group) (pc : Z) : option (list byte) := copy (Z.to_nat (group_end g - pc)) pc.

(** Out of line. *)
Definition cold (pc : Z) : option (list byte) :=
  if chosen pc then
    match starting pc, test_at pc with
    | Some g, _ => copy_from g pc
    | None, OwnTest => emit_cold pc
    | None, _ => Some []
    end
  else Some [].

(** *** Groups don't overlap *)

Hypothesis Found : forall pc g, find pc = Some g -> group_start g = pc /\ pc < group_end g.

Lemma group_of_in n : forall g, group_of n = Some g ->
  group_start g <= Z.of_nat n < group_end g /\ find (group_start g) = Some g.
Proof.
  assert (New : forall n g, find (Z.of_nat n) = Some g ->
    group_start g <= Z.of_nat n < group_end g /\ find (group_start g) = Some g).
  { intros k g F. destruct (Found _ _ F) as [S E]. rewrite S. split; [lia|exact F]. }
  induction n as [|n IH]; intros g; cbn [group_of]; [apply (New O)|].
  destruct (group_of n) as [h|] eqn:B; [|apply (New (S n))].
  destruct (Z.ltb_spec (Z.of_nat (S n)) (group_end h)) as [L|]; [|apply (New (S n))].
  injection 1 as <-. destruct (IH h eq_refl) as [R F]. split; [lia|exact F].
Qed.

Lemma group_of_on n g m : group_of n = Some g -> (n <= m)%nat -> Z.of_nat m < group_end g -> group_of m = Some g.
Proof.
  intros G L. induction L as [|m L IH]; intros E; [exact G|].
  cbn [group_of]. rewrite IH by lia. destruct (Z.ltb_spec (Z.of_nat (S m)) (group_end g)); [reflexivity|lia].
Qed.

Lemma group_of_start n g : group_of n = Some g -> group_of (Z.to_nat (group_start g)) = Some g.
Proof.
  assert (New : forall n g, find (Z.of_nat n) = Some g -> group_of n = Some g ->
    group_of (Z.to_nat (group_start g)) = Some g).
  { intros k h F G. destruct (Found _ _ F) as [S _]. rewrite S, Nat2Z.id. exact G. }
  induction n as [|n IH]; intros G; [exact (New O g G G)|].
  pose proof G as G'. cbn [group_of] in G. destruct (group_of n) as [h|] eqn:B; [|exact (New (S n) g G G')].
  destruct (Z.of_nat (S n) <? group_end h); [|exact (New (S n) g G G')].
  injection G as ->. apply IH. reflexivity.
Qed.

Lemma group_at_in pc g : 0 <= pc -> group_at pc = Some g ->
  in_group g pc = true /\ group_start g <= pc < group_end g /\ find (group_start g) = Some g.
Proof.
  intros P G. destruct (group_of_in _ _ G) as [R F]. rewrite Z2Nat.id in R by exact P. split; [|auto].
  unfold in_group. destruct (Z.leb_spec (group_start g) pc), (Z.ltb_spec pc (group_end g)); lia || reflexivity.
Qed.

(** All instructions of a group are in that group. *)
Lemma group_at_all pc pc' g : 0 <= group_start g -> group_at pc = Some g -> in_group g pc' = true ->
  group_at pc' = Some g.
Proof.
  unfold group_at, in_group. intros P G I. apply andb_true_iff in I as [I1 I2]. apply Z.leb_le in I1.
  apply Z.ltb_lt in I2.
  eapply group_of_on; [eapply group_of_start, G|lia|lia].
Qed.
End Roles.

Lemma holds_at_app code x a b : holds_at code x (a ++ b) -> holds_at code x a /\ holds_at code (x + length a) b.
Proof.
  intros (before & after & -> & <-). split.
  - exists before, (b ++ after). rewrite !app_assoc. auto.
  - exists (before ++ a), after. rewrite app_length, !app_assoc. auto.
Qed.

Lemma both_some a b c : both a b = Some c -> exists x y, a = Some x /\ b = Some y /\ c = x ++ y.
Proof. unfold both. destruct a, b; try discriminate. injection 1 as <-. eauto. Qed.
