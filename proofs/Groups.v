(* SPDX-License-Identifier: MIT *)
(** Groups: accesses that share one test of the region (docs/jit.md, src/jit/group.c). Here is what of that can be said
    in BPF's words: which groups the driver finds, and why their accesses need no test of their own.

    - A group's bytes hold those of each access that it covers: if all of them are in the context, and may be written if
      one of the accesses writes, then so are each access's ([tested_covers]).
    - From the group's start to its last access the register keeps its value, so the bytes stay the same ones
      ([tested_stays]).
    - A run comes into a group only through its start ([enters_at_start]): nothing in it is jumped or returned to. *)
From Coq Require Import ZArith List Lia Arith Bool.
From Vouch Require Import Semantics Checker Termination Isolation Values.
Import ListNotations.
Open Scope Z_scope.

(** ** What group.c asks of a slot *)

Inductive kind := KindAccess | KindOther | KindEnd.

(** Only loads, stores and arithmetic keep both the register and what regions there are. *)
Definition kind_of (s : slot) : kind :=
  match class s with
  | 1 | 2 => KindAccess
  | 3 => if mode s =? 0x60 then KindAccess else KindEnd
  | 5 | 6 => KindEnd
  | _ => KindOther
  end.
Definition is_access (s : slot) : bool := match kind_of s with KindAccess => true | _ => false end.
Definition is_end (s : slot) : bool := match kind_of s with KindEnd => true | _ => false end.
Definition is_write (s : slot) : bool := negb (class s =? 1).
Definition base_of (s : slot) : Z := if is_write s then dst_field s else src_field s.
Definition width_of (s : slot) : Z := size_bytes (size_field s).

(** Loads and arithmetic write dst, stores don't. *)
Definition is_store (s : slot) : bool := is_access s && is_write s.
Definition overwrites (s : slot) (r : Z) : bool := negb (is_store s) && (dst_field s =? r).

(** The same of instructions. *)
Definition straight (i : insn) : bool :=
  match i with
  | Alu _ _ _ _ | Neg _ _ | MovSX _ _ _ _ | ByteOrder _ _ _ | LoadImm64 _ _ | LoadObject _ _
  | Load _ _ _ _ _ | Store _ _ _ _ => true
  | _ => false
  end.
Definition load_or_store (i : insn) : bool := match i with Load _ _ _ _ _ | Store _ _ _ _ => true | _ => false end.

(** The register that an access is from. *)
Definition base_register (i : insn) : Z := match i with Load _ _ _ src _ => src | Store _ dst _ _ => dst | _ => 10 end.

Ltac by_decoding :=
  unfold decode, decode_load_imm64, decode_load, decode_store, decode_store_register, decode_alu,
    decode_jump, decode_jump32, decode_branch, decode_atomic;
  repeat (match goal with |- context [match ?x with _ => _ end] => destruct x eqn:? end);
  try discriminate; injection 1 as <-.

Lemma decode_straight s i : decode s = Some i -> straight i = negb (is_end s).
Proof.
  unfold is_end, kind_of. by_decoding; try reflexivity; try discriminate; try congruence.
Qed.

Lemma decode_access s i : decode s = Some i -> is_access s = true ->
  (is_write s = false /\ exists x, i = Load (size_field s) x (dst_field s) (src_field s) (off_field s))
  \/ (is_write s = true /\ exists v, i = Store (size_field s) (dst_field s) (off_field s) v).
Proof.
  unfold is_access, kind_of, is_write. by_decoding; simpl; try discriminate; try congruence; eauto.
Qed.

(** ** Groups *)

(** Accesses from one register that share a test: of 2^lg bytes from [group_off] on. *)
Record group := Group {
  group_start : Z;               (* the pc of the first *)
  group_end : Z;                 (* the pc after the last *)
  group_base : Z;                (* BPF's register *)
  group_off : Z;
  group_lg : Z;
  group_write : bool }.

Definition in_group (g : group) (at_ : Z) : bool := (group_start g <=? at_) && (at_ <? group_end g).
Definition group_bytes (g : group) : Z := 2 ^ group_lg g.

Definition covered (g : group) (s : slot) : bool :=
  is_access s && (base_of s =? group_base g)
  && (group_off g <=? off_field s) && (off_field s + width_of s <=? group_off g + group_bytes g)
  && implb (is_write s) (group_write g).

(** *** How the driver finds them *)

Definition jump_of (i : insn) : option Z :=
  match i with Jump d | JumpLong d | Branch _ _ _ _ d | CallLocal d => Some d | _ => None end.

Section Find.
Variable program_ : program.
Variable entry_ : Z.

Definition jumps_to (from to_ : Z) : bool :=
  match slot_at program_ from with
  | Some s => match decode s with
              | Some i => match jump_of i with Some d => from + 1 + d =? to_ | None => false end
              | None => false
              end
  | None => false
  end.

(** Of any jump or call, or the entry point. *)
Definition is_target (to_ : Z) : bool :=
  (to_ =? entry_) || existsb (fun from => jumps_to from to_) (map Z.of_nat (seq 0 (length program_))).

(** How far to look ahead. *)
Definition group_max : nat := 16.

Fixpoint grow (n : nat) (lg span : Z) : Z :=
  match n with
  | O => lg
  | S n => if (lg <? 3) && (2 ^ lg <? span) then grow n (lg + 1) span else lg
  end.

(** The test covers this access too, which is at [at_]. None: eight bytes don't. *)
Definition widen (g : group) (s : slot) (at_ : Z) : option group :=
  let low := Z.min (group_off g) (off_field s) in
  let high := Z.max (group_off g + group_bytes g) (off_field s + width_of s) in
  let lg := grow 3 (group_lg g) (high - low) in
  if 2 ^ lg <? high - low then None
  else Some (Group (group_start g) (at_ + 1) (group_base g) low lg (group_write g || is_write s)).

Definition group_of_one (s : slot) (at_ : Z) : group :=
  Group at_ (at_ + 1) (base_of s) (off_field s) (match size_field s with B => 0 | H => 1 | W => 2 | DW => 3 end)
    (is_write s).

(** The group so far, and how many accesses there are in it; from [at_] on. *)
Fixpoint extend (n : nat) (at_ : Z) (g : group) (members : nat) : group * nat :=
  match n, slot_at program_ at_ with
  | S n, Some s =>
      if is_end s || (negb (at_ =? group_start g) && is_target at_) then (g, members)
      else
        let wider := if is_access s && (base_of s =? group_base g) then widen g s at_ else None in
        let (g, members) := match wider with Some g => (g, S members) | None => (g, members) end in
        if overwrites s (group_base g) then (g, members) else extend n (at_ + 1) g members
  | _, _ => (g, members)
  end.

(** jit_find_group(). *)
Definition find_group (at_ : Z) : option group :=
  match slot_at program_ at_ with
  | Some s =>
      if is_access s && negb (base_of s =? 10) then
        let (g, members) := extend group_max at_ (group_of_one s at_) 0 in
        if (1 <? members)%nat then Some g else None
      else None
  | None => None
  end.

(** *** What it finds *)

Record is_group (g : group) : Prop := {
  start_covered : exists s, slot_at program_ (group_start g) = Some s /\ covered g s = true;
  base_not_10 : group_base g <> 10;
  last_accesses : exists s,
    slot_at program_ (group_end g - 1) = Some s /\ is_access s = true /\ base_of s = group_base g;
  not_empty : group_start g < group_end g;
  no_end : forall at_ s, in_group g at_ = true -> slot_at program_ at_ = Some s -> is_end s = false;
  no_target : forall at_, group_start g < at_ < group_end g -> is_target at_ = false;
  base_kept : forall at_ s, group_start g <= at_ < group_end g - 1 -> slot_at program_ at_ = Some s ->
    overwrites s (group_base g) = false;
  lg_fits : 0 <= group_lg g <= 3;
  off_fits : exists at_ s, slot_at program_ at_ = Some s /\ group_off g = off_field s }.

Lemma grow_bounds n : forall lg span, 0 <= lg <= 3 -> lg <= grow n lg span <= 3.
Proof.
  induction n as [|n IH]; intros lg span L; cbn [grow]; [lia|].
  destruct (Z.ltb_spec lg 3); cbn [andb]; [|lia].
  destruct (2 ^ lg <? span); [|lia]. specialize (IH (lg + 1) span). lia.
Qed.

Lemma width_lg s at_ : group_bytes (group_of_one s at_) = width_of s /\ 0 <= group_lg (group_of_one s at_) <= 3.
Proof.
  unfold group_bytes, group_of_one, width_of, size_bytes. simpl.
  destruct (size_field s); simpl; lia.
Qed.

Lemma width_range s : 1 <= width_of s <= 8.
Proof. unfold width_of, size_bytes. destruct (size_field s); simpl; lia. Qed.

(** What is covered stays so. *)
Lemma widen_covers g s at_ g' s' : 0 <= group_lg g <= 3 -> widen g s at_ = Some g' ->
  covered g s' = true -> covered g' s' = true.
Proof.
  unfold widen, covered, group_bytes. intros L. set (lg := grow _ _ _).
  destruct (Z.ltb_spec (2 ^ lg) (Z.max (group_off g + 2 ^ group_lg g) (off_field s + width_of s)
    - Z.min (group_off g) (off_field s))); [discriminate|].
  injection 1 as <-. cbn [group_base group_off group_lg group_write].
  rewrite !andb_true_iff, !Z.leb_le. intros [[[[A E] Lo] Hi] Wr].
  repeat split; auto; try lia. destruct (is_write s'), (group_write g); try discriminate; reflexivity.
Qed.

(** All of the group up to [at_] is as it must be; beyond the group's end the register may be, too. *)
Record so_far (g : group) (at_ : Z) : Prop := {
  is_one : is_group g;
  from_start : group_start g <= at_;
  passed : forall q s, group_start g <= q < at_ -> slot_at program_ q = Some s ->
    is_end s = false /\ (q <> group_start g -> is_target q = false) /\ overwrites s (group_base g) = false }.

Lemma extend_is_group n : forall at_ g members, so_far g at_ -> is_group (fst (extend n at_ g members)).
Proof.
  induction n as [|n IH]; intros at_ g members [G From Passed]; [exact G|].
  cbn [extend]. destruct (slot_at program_ at_) as [s|] eqn:A; [|exact G].
  destruct (is_end s) eqn:E; cbn [orb]; [exact G|].
  destruct (negb (at_ =? group_start g) && is_target at_) eqn:T; [exact G|].
  assert (NT : at_ <> group_start g -> is_target at_ = false).
  { intros N. destruct (Z.eqb_spec at_ (group_start g)); [contradiction|]. exact T. }
  assert (Step : forall g' members', is_group g' -> group_start g' = group_start g -> group_base g' = group_base g ->
    is_group (fst (if overwrites s (group_base g') then (g', members') else extend n (at_ + 1) g' members'))).
  { intros g' members' G' S' B'. destruct (overwrites s (group_base g')) eqn:O; [exact G'|].
    apply IH. split; [exact G'|lia|]. intros q sl R Q. rewrite S', B' in *.
    destruct (Z.eq_dec q at_) as [->|N].
    - rewrite A in Q. injection Q as <-. auto.
    - apply Passed; [lia|exact Q]. }
  destruct (is_access s && (base_of s =? group_base g)) eqn:M; [|apply Step; auto].
  destruct (widen g s at_) as [g'|] eqn:Wi; [|apply Step; auto].
  pose proof (fun s' => widen_covers g s at_ g' s' (lg_fits _ G) Wi) as Cov.
  apply andb_true_iff in M as [Acc Ba]. apply Z.eqb_eq in Ba.
  unfold widen in Wi. set (lg := grow _ _ _) in Wi.
  assert (Lg : 0 <= lg <= 3).
  { pose proof (lg_fits _ G). pose proof (grow_bounds 3 (group_lg g) (Z.max (group_off g + group_bytes g)
      (off_field s + width_of s) - Z.min (group_off g) (off_field s)) ltac:(lia)). unfold lg. lia. }
  destruct (_ <? _) in Wi; [discriminate|]. injection Wi as <-. apply Step; [|reflexivity|reflexivity].
  destruct G as [(s0 & A0 & C0) N10 _ _ _ _ _ _ Off].
  split; cbn [group_start group_end group_base group_off group_lg]; auto; try lia.
  - exists s0. split; [exact A0|apply Cov, C0].
  - exists s. replace (at_ + 1 - 1) with at_ by lia. auto.
  - unfold in_group. cbn [group_start group_end]. intros q sl R Q.
    apply andb_true_iff in R as [R1 R2]. apply Z.leb_le in R1. apply Z.ltb_lt in R2.
    destruct (Z.eq_dec q at_) as [->|N]; [rewrite A in Q; injection Q as <-; exact E|].
    apply (Passed q sl); [lia|exact Q].
  - intros q R. destruct (Z.eq_dec q at_) as [->|N]; [apply NT; lia|].
    destruct (slot_at_in program_ q) as (sl & Q).
    { apply slot_at_some in A. apply slot_at_some in A0. lia. }
    apply (Passed q sl); [lia|exact Q|lia].
  - intros q sl R Q. apply (Passed q sl); [lia|exact Q].
  - destruct (Z.min_spec (group_off g) (off_field s)) as [[_ ->]|[_ ->]]; eauto.
Qed.

Theorem find_group_is_group at_ g : find_group at_ = Some g -> is_group g /\ group_start g = at_.
Proof.
  unfold find_group. destruct (slot_at program_ at_) as [s|] eqn:A; [|discriminate].
  destruct (is_access s && negb (base_of s =? 10)) eqn:M; [|discriminate].
  apply andb_true_iff in M as [Acc N10].
  destruct (extend group_max at_ (group_of_one s at_) 0) as [g' members] eqn:E.
  destruct (1 <? members)%nat; [|discriminate]. injection 1 as <-.
  assert (End : is_end s = false). { unfold is_access, is_end in *. destruct (kind_of s); congruence. }
  assert (Start : so_far (group_of_one s at_) at_).
  { destruct (width_lg s at_) as [Wd Lg].
    split; [|cbn; lia|cbn [group_of_one group_start]; lia].
    split; cbn [group_of_one group_start group_end group_base group_off] in *; auto; try lia.
    - exists s. split; [exact A|]. unfold covered. rewrite Acc, Wd. cbn [group_base group_of_one group_off group_write].
      rewrite Z.eqb_refl, !Z.leb_refl. destruct (is_write s); reflexivity.
    - exists s. replace (at_ + 1 - 1) with at_ by lia. auto.
    - intros q sl R Q. unfold in_group in R. cbn [group_start group_end group_of_one] in R.
      apply andb_true_iff in R as [R1 R2].
      apply Z.leb_le in R1. apply Z.ltb_lt in R2. replace q with at_ in Q by lia. rewrite A in Q. injection Q as <-.
      exact End.
    - eauto. }
  pose proof (extend_is_group group_max _ _ 0%nat Start) as G. rewrite E in G. split; [exact G|].
  clear - E. assert (S0 : forall n q h m, group_start (fst (extend n q h m)) = group_start h).
  { induction n as [|n IH]; intros q h m; [reflexivity|]. cbn [extend].
    destruct (slot_at program_ q) as [sl|]; [|reflexivity]. destruct (_ || _); [reflexivity|].
    destruct (is_access sl && _).
    - unfold widen. destruct (_ <? _); destruct (overwrites _ _); try reflexivity; rewrite IH; reflexivity.
    - destruct (overwrites _ _); [reflexivity|apply IH]. }
  specialize (S0 group_max at_ (group_of_one s at_) 0%nat). rewrite E in S0. exact S0.
Qed.
End Find.

(** ** What a step does to a group *)

(** Where a step leads. What isn't straight code ends a group; calls and returns are told apart. *)
Inductive leads (s s' : state) (sl : slot) : insn -> Prop :=
  | leads_on i : straight i = true -> pc s' = pc s + slots_of i -> frames s' = frames s ->
      (forall r, 0 <= r -> overwrites sl r = false -> get (regs s') r = get (regs s) r) -> leads s s' sl i
  | leads_past i : straight i = false -> falls_through i = true -> pc s' = pc s + 1 -> frames s' = frames s ->
      leads s s' sl i
  | leads_to_target i d : straight i = false -> jump_of i = Some d -> pc s' = pc s + 1 + d ->
      frames s' = frames s -> leads s s' sl i
  | leads_into d f : pc s' = pc s + 1 + d -> frames s' = f :: frames s -> return_pc f = pc s + 1 ->
      leads s s' sl (CallLocal d)
  | leads_back f : frames s = f :: frames s' -> pc s' = return_pc f -> leads s s' sl Exit.

Lemma jump_next s delta s' : jump s delta = Next s' -> pc s' = pc s + 1 + delta /\ frames s' = frames s.
Proof. unfold jump. destruct (_ <? 0); [destruct (_ <=? 0); [discriminate|]|]; injection 1 as <-; auto. Qed.

Lemma call_helper_next vm s h s' : call_helper vm s h = Next s' -> pc s' = pc s + 1 /\ frames s' = frames s.
Proof.
  unfold call_helper. destruct (_ <=? 0); [discriminate|]. destruct (requested _); try discriminate.
  injection 1 as <-. auto.
Qed.

Lemma write_reg_other s r v s' k : write_reg s r v = Some s' -> 0 <= k -> k <> r -> get (regs s') k = get (regs s) k.
Proof.
  unfold write_reg. destruct (Z.leb_spec 0 r), (Z.ltb_spec r 10); try discriminate. injection 1 as <-.
  intros. simpl. apply get_set_other; lia.
Qed.

Lemma overwrites_dst sl i r : decode sl = Some i -> overwrites sl r = false ->
  match i with Store _ _ _ _ => True | _ => dst_field sl <> r end.
Proof.
  unfold overwrites, is_store. intros D O.
  destruct (is_access sl) eqn:A; cbn [andb negb] in O.
  - destruct (decode_access sl i D A) as [(Wr & x & ->)|(Wr & v & ->)]; [|exact I].
    rewrite Wr in O. cbn [negb andb] in O. lia.
  - destruct i; try exact I; lia.
Qed.

Lemma step_leads vm s s' : step vm s = Next s' ->
  exists sl i, slot_at (insns vm) (pc s) = Some sl /\ decode sl = Some i /\ leads s s' sl i.
Proof.
  unfold step. destruct (slot_at (insns vm) (pc s)) as [sl|]; [|discriminate].
  destruct (decode sl) as [i|] eqn:D; [|discriminate]. intros E. exists sl, i. split; [reflexivity|]. split; [exact D|].
  pose proof (fun r => overwrites_dst sl i r D) as Over. pose proof (decode_comes_from _ _ D) as [From _].
  assert (Wrote : forall dst v s1, dst = dst_field sl -> write_reg s dst v = Some s1 -> straight i = true ->
    match i with Store _ _ _ _ => False | _ => True end ->
    Next (with_pc s1 (pc s1 + slots_of i)) = Next s' -> leads s s' sl i).
  { intros dst v s1 -> Wr St NotStore N. injection N as <-. destruct (write_reg_keeps _ _ _ _ Wr) as (P & _ & F & _).
    apply leads_on; auto; [simpl; rewrite P; reflexivity|]. intros r R O. simpl.
    eapply write_reg_other; [exact Wr|exact R|]. specialize (Over r O). destruct i; try contradiction; congruence. }
  destruct i; unfold step_insn in E; cbv zeta in E; simpl in From;
    repeat (match type of E with
      | match write_reg ?a ?b ?c with _ => _ end = _ => destruct (write_reg a b c) eqn:?; [|discriminate E]
      | (match ?e with Some _ => _ | None => Undefined end) = _ => destruct e eqn:?; [|discriminate E]
      end);
    try match type of E with guarded _ ?v _ = _ => destruct v; [discriminate E|]; cbn [guarded] in E end;
    try solve [ eapply Wrote; [|eassumption|reflexivity|exact I|exact E]; apply From
              | apply jump_next in E as [P F]; eapply leads_to_target; [reflexivity|reflexivity|exact P|exact F]
              | apply call_helper_next in E as [P F]; apply leads_past; auto
              | injection E as <-;
                repeat match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_keeps in H; simpl in H end;
                repeat match goal with H : _ /\ _ |- _ => destruct H end;
                apply leads_past; simpl; auto; congruence ].
  - destruct (_ <? 2); [|discriminate E]. eapply Wrote; [|eassumption|reflexivity|exact I|exact E]; apply From.
  - injection E as <-. apply leads_on; auto.
  - injection E as <-. destruct fetch;
      repeat match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_keeps in H; simpl in H end;
      repeat match goal with H : _ /\ _ |- _ => destruct H end;
      repeat match goal with H : Some _ = Some _ |- _ => injection H as <- end;
      apply leads_past; simpl; auto; congruence.
  - destruct (holds _ _ _ _).
    + apply jump_next in E as [P F]; eapply leads_to_target; [reflexivity|reflexivity|exact P|exact F].
    + injection E as <-. apply leads_past; auto.
  - destruct (helpers vm _); [|discriminate E]. apply call_helper_next in E as [P F]; apply leads_past; auto.
  - unfold call_local in E. destruct (_ <=? _); [discriminate|]. destruct (_ <=? _); [discriminate|].
    injection E as <-. eapply leads_into; reflexivity.
  - unfold exit in E. destruct (frames s) as [|f callers] eqn:F; [discriminate|]. injection E as <-.
    eapply leads_back; [exact F|reflexivity].
Qed.

(** Returns go to what follows a call. *)
Definition after_calls (vm : machine) (s : state) : Prop :=
  Forall (fun f => exists sl d,
    slot_at (insns vm) (return_pc f - 1) = Some sl /\ decode sl = Some (CallLocal d)) (frames s).

Lemma reachable_after_calls vm m f s : reachable vm (initial vm m f) s -> after_calls vm s.
Proof.
  unfold after_calls. induction 1 as [|s s' R IH St]; [constructor|].
  destruct (step_leads vm s s' St) as (sl & i & A & D & L).
  inversion L; subst; try (replace (frames s') with (frames s) by congruence; exact IH).
  - rewrite H0. constructor; [|exact IH]. exists sl, d. rewrite H1. replace (pc s + 1 - 1) with (pc s) by lia. auto.
  - rewrite H in IH. inversion IH. assumption.
Qed.

Section InGroups.
Variable vm : machine.
Notation is_group := (is_group (insns vm) (entry vm)).

(** The bytes that a group's test is about, in a state; and that they are all in the context. *)
Definition group_access (g : group) (s : state) : access :=
  Access (wrap 64 (get (regs s) (group_base g) + group_off g)) (group_bytes g) (group_write g).
Definition tested (g : group) (s : state) : Prop := covers (context vm) (group_access g s) = true.

(** Where a group's bytes are in the context, those of any access in it are; and who may write, may read. *)
Theorem tested_covers g s sl i : sane (context vm) -> tested g s -> covered g sl = true -> decode sl = Some i ->
  forall a, In a (accesses_of s i) -> covers (context vm) a = true.
Proof.
  unfold tested, group_access, covers, covered. intros (S0 & S1 & S2). cbn [address bytes write].
  rewrite !andb_true_iff, !Z.leb_le, Z.ltb_lt. intros [[[T1 T2] T3] T4] [[[[Acc Ba] C1] C2] C3] D a I.
  apply Z.eqb_eq in Ba. pose proof (width_range sl) as Wd.
  assert (Sum : forall base, wrap 64 (base + off_field sl) = wrap 64 (base + group_off g) + (off_field sl - group_off g)
                \/ wrap 64 (base + group_off g) + group_bytes g > 2 ^ 64).
  { intros b. destruct (Z_le_gt_dec (wrap 64 (b + group_off g) + group_bytes g) (2 ^ 64)); [left|right; assumption].
    pose proof (wrap_range 64 (b + group_off g) ltac:(lia)) as R. rewrite !wrap_mod in * by lia.
    symmetry. apply Z.mod_unique with ((b + group_off g) / 2 ^ 64); [lia|].
    pose proof (Z.div_mod (b + group_off g) (2 ^ 64)). lia. }
  unfold base_of in Ba.
  destruct (decode_access sl i D Acc) as [(Wr & x & ->)|(Wr & v & ->)]; rewrite Wr in *; cbn in I;
    destruct I as [<-|[]]; unfold access_at; cbn [address bytes write]; fold (width_of sl);
    rewrite Ba; destruct (Sum (get (regs s) (group_base g))) as [->|]; try lia;
    rewrite !andb_true_iff, !Z.leb_le, Z.ltb_lt; repeat split; try lia.
  destruct (group_write g); [exact T4|discriminate C3].
Qed.

(** A run comes into a group only from the instruction before, which is in it, too, and keeps its register. *)
Theorem enters_at_start g s s' : is_group g -> checked (known_to vm) (insns vm) -> after_calls vm s ->
  starts (insns vm) (pc s) -> step vm s = Next s' -> group_start g < pc s' < group_end g ->
  in_group g (pc s) = true /\ pc s < pc s' /\ get (regs s') (group_base g) = get (regs s) (group_base g).
Proof.
  intros G Ck Calls St E In_.
  destruct (step_leads vm s s' E) as (sl & i & A & D & L).
  destruct (start_covered _ _ _ G) as (s0 & A0 & C0).
  assert (Acc0 : is_access s0 = true). { unfold covered in C0. rewrite !andb_true_iff in C0. tauto. }
  assert (Base : 0 <= group_base g).
  { assert (St0 : starts (insns vm) (group_start g)).
    { exists s0. split; [exact A0|]. intros Z0. unfold is_access, kind_of, class in Acc0. rewrite Z0 in Acc0.
      discriminate. }
    destruct (Ck _ St0) as [(s1 & A1 & C1) _]. rewrite A0 in A1. injection A1 as <-.
    destruct (check_insn_decodes _ _ _ _ C1) as (i0 & D0). destruct (check_insn_ok _ _ _ _ _ C1 D0) as (Rd & Rs & _).
    unfold covered in C0. rewrite !andb_true_iff in C0. destruct C0 as [[[[_ B0] _] _] _]. apply Z.eqb_eq in B0.
    unfold base_of in B0.
    destruct (decode_access s0 i0 D0 Acc0) as [(Wr & x & ->)|(Wr & [k|r] & ->)]; rewrite Wr in B0; simpl in Rd, Rs, B0;
      lia. }
  assert (Stops : straight i = false -> in_group g (pc s) = true -> False).
  { intros NS I. pose proof (no_end _ _ _ G _ _ I A) as NE. rewrite (decode_straight sl i D), NE in NS. discriminate. }
  assert (Inside : group_start g <= pc s < group_end g -> in_group g (pc s) = true).
  { intros R. unfold in_group.
    destruct (Z.leb_spec (group_start g) (pc s)), (Z.ltb_spec (pc s) (group_end g)); lia || reflexivity. }
  assert (Target : forall d, jump_of i = Some d -> pc s' = pc s + 1 + d -> False).
  { intros d J P. pose proof (no_target _ _ _ G _ In_) as T.
    assert (X : existsb (fun from => jumps_to (insns vm) from (pc s'))
      (map Z.of_nat (seq 0 (length (insns vm)))) = true).
    { apply existsb_exists. exists (pc s). split.
      - apply in_map_iff. exists (Z.to_nat (pc s)). apply slot_at_some in A. unfold count in A.
        split; [lia|]. apply in_seq. lia.
      - unfold jumps_to. rewrite A, D, J. apply Z.eqb_eq. lia. }
    unfold is_target in T. rewrite X, ?orb_true_r in T. discriminate. }
  inversion L as [i' Sg P F K|i' Sg Ft P F|i' d Sg J P F|d f P F Rt|f F P]; try subst i'.
  - assert (In0 : group_start g <= pc s < group_end g).
    { pose proof (slots_of_wide sl i D) as Wide.
      destruct (Z.eqb_spec (opcode sl) 0x18) as [O|O]; rewrite Wide in P; [|lia].
      destruct (Z.eq_dec (pc s + 1) (group_start g)) as [N|N]; [exfalso|lia].
      destruct (Ck _ St) as [(s1 & A1 & C1) _]. rewrite A in A1. injection A1 as <-.
      destruct (check_insn_wide _ _ _ _ C1 O) as (high & AH & OH). rewrite N, A0 in AH. injection AH as <-.
      unfold is_access, kind_of, class in Acc0. rewrite OH in Acc0. discriminate. }
    split; [apply Inside, In0|]. assert (1 <= slots_of i) by (destruct i; simpl; lia). split; [lia|].
    apply K; [exact Base|]. apply (base_kept _ _ _ G (pc s)); [|exact A].
    lia.
  - exfalso. apply Stops; [assumption|]. apply Inside. lia.
  - exfalso. eauto.
  - exfalso. subst i. eapply Target; [reflexivity|exact P].
  - exfalso. unfold after_calls in Calls. rewrite F in Calls. inversion Calls as [|f' fs (sl1 & d & A1 & D1) _]. subst.
    pose proof (no_end _ _ _ G (return_pc f - 1) sl1) as NE. rewrite <- P in *.
    assert (I : in_group g (pc s' - 1) = true).
    { unfold in_group.
      destruct (Z.leb_spec (group_start g) (pc s' - 1)), (Z.ltb_spec (pc s' - 1) (group_end g)); lia || reflexivity. }
    specialize (NE I A1). pose proof (decode_straight sl1 _ D1) as Sd. rewrite NE in Sd. discriminate.
Qed.

(** So what the test has found stays so, up to the last access. *)
Corollary tested_stays g s s' : is_group g -> checked (known_to vm) (insns vm) -> after_calls vm s ->
  starts (insns vm) (pc s) -> step vm s = Next s' -> group_start g < pc s' < group_end g -> tested g s -> tested g s'.
Proof.
  intros G Ck Calls St E In_ T. destruct (enters_at_start g s s' G Ck Calls St E In_) as (_ & _ & R).
  unfold tested, group_access in *. rewrite R. exact T.
Qed.
End InGroups.
