(* SPDX-License-Identifier: MIT *)
(** The checker, as src/vm/check.c: the same refusals at the same pc, found in the same order. And what it is for:
    a program that it accepts never comes to an undefined step. *)
From Coq Require Import ZArith Bool List Lia.
From Vouch Require Import Semantics.
Import ListNotations.
Open Scope Z_scope.

Inductive refusal :=
  | BadOpcode | BadRegister | BadReserved | BadJump | BadJumpMiddle | BadEnd | BadWide | BadHelper
  | BadRelocation | BadSize.

(** ** What an instruction makes of its fields: opcodes.def's columns dst, src, off and imm *)

Inductive reg_use := RegNone | RegR | RegW | RegSel.    (* RegSel: the field selects, it is no register *)
Inductive off_use := OffZero | OffOther | OffJump.
Inductive imm_use := ImmZero | ImmOther | ImmJump | ImmHelper | ImmWide | ImmObject.
Record uses := Uses { dst_use : reg_use; src_use : reg_use; off : off_use; imm : imm_use }.

Definition uses_of (i : insn) : uses :=
  match i with
  | Alu _ (Div | SDiv | Mod | SMod) _ (Imm _) => Uses RegW RegNone OffOther ImmOther
  | Alu _ (Div | SDiv | Mod | SMod) _ (Reg _) => Uses RegW RegR OffOther ImmZero
  | Alu _ Mov _ (Reg _) => Uses RegW RegR OffOther ImmZero
  | Alu _ _ _ (Imm _) => Uses RegW RegNone OffZero ImmOther
  | Alu _ _ _ (Reg _) => Uses RegW RegR OffZero ImmZero
  | Neg _ _ => Uses RegW RegNone OffZero ImmZero
  | MovSX _ _ _ _ => Uses RegW RegR OffOther ImmZero
  | ByteOrder _ _ _ => Uses RegW RegNone OffZero ImmOther
  | LoadImm64 _ _ => Uses RegW RegSel OffZero ImmWide
  | LoadObject _ _ => Uses RegW RegSel OffZero ImmObject
  | Load _ _ _ _ _ => Uses RegW RegR OffOther ImmZero
  | Store _ _ _ (Imm _) => Uses RegR RegNone OffOther ImmOther
  | Store _ _ _ (Reg _) => Uses RegR RegR OffOther ImmZero
  | Atomic _ _ false _ _ _ => Uses RegR RegR OffOther ImmOther
  | Atomic _ _ true _ _ _ => Uses RegR RegW OffOther ImmOther
  | Exchange _ _ _ _ => Uses RegR RegW OffOther ImmOther
  | CompareExchange _ _ _ _ => Uses RegR RegR OffOther ImmOther
  | Jump _ => Uses RegNone RegNone OffJump ImmZero
  | JumpLong _ => Uses RegNone RegNone OffZero ImmJump
  | Branch _ _ _ (Imm _) _ => Uses RegR RegNone OffJump ImmOther
  | Branch _ _ _ (Reg _) _ => Uses RegR RegR OffJump ImmZero
  | CallHelper _ => Uses RegNone RegSel OffZero ImmHelper
  | CallRegister _ => Uses RegR RegNone OffZero ImmZero
  | CallLocal _ => Uses RegNone RegSel OffZero ImmJump
  | Exit => Uses RegNone RegNone OffZero ImmZero
  end.

(** ** One instruction *)

(** Verdicts: [None] is fine, and the first refusal counts. *)
Definition verdict := option refusal.
Definition first (a b : verdict) : verdict := match a with None => b | _ => a end.
Notation "a ;; b" := (first a b) (at level 60, right associativity).
Definition refuse_if (bad : bool) (r : refusal) : verdict := if bad then Some r else None.

Definition check_register (r : Z) (use : reg_use) : verdict :=
  match use with
  | RegNone => refuse_if (negb (r =? 0)) BadReserved
  | RegR => refuse_if (negb ((0 <=? r) && (r <=? 10))) BadRegister
  | RegW => refuse_if (negb ((0 <=? r) && (r <? 10))) BadRegister
  | RegSel => None
  end.

(** A jump by delta slots from the one after pc. Second halves are the only slots with opcode 0. *)
Definition check_jump (p : program) (pc delta : Z) : verdict :=
  match slot_at p (pc + 1 + delta) with
  | None => Some BadJump
  | Some s => refuse_if (opcode s =? 0) BadJumpMiddle
  end.

Definition check_wide (p : program) (pc : Z) : verdict :=
  match slot_at p (pc + 1) with
  | None => Some BadWide
  | Some s =>
      refuse_if (negb (opcode s =? 0)) BadWide ;;
      refuse_if (negb ((dst_field s =? 0) && (src_field s =? 0) && (off_field s =? 0))) BadReserved
  end.

(** Which helpers there are; [fun _ => true] for VOUCH_ANY_HELPER. *)
Definition known_helpers := Z -> bool.

Definition check_imm (known : known_helpers) (p : program) (pc : Z) (s : slot) (use : imm_use) : verdict :=
  match use with
  | ImmZero => refuse_if (negb (imm_field s =? 0)) BadReserved
  | ImmJump => check_jump p pc (imm_field s)
  | ImmHelper => refuse_if (negb (known (wrap 32 (imm_field s)))) BadHelper
  | ImmWide => check_wide p pc
  | ImmObject => check_wide p pc ;; refuse_if (wrap 32 (imm_field s) >=? 2) BadRelocation
  | ImmOther => None
  end.

(** True if the slot after the instruction can be reached by running on. *)
Definition falls_through (i : insn) : bool :=
  match i with Jump _ | JumpLong _ | Exit => false | _ => true end.

(** Subtypes of the 64-bit immediate that a loader should have replaced. *)
Definition is_unresolved (s : slot) : bool :=
  (opcode s =? 0x18) && (1 <=? src_field s) && (src_field s <=? 5).

Definition check_insn (known : known_helpers) (p : program) (pc : Z) (s : slot) : verdict :=
  match decode s with
  | None => Some (if is_unresolved s then BadRelocation else BadOpcode)
  | Some i =>
      let u := uses_of i in
      check_register (dst_field s) (dst_use u) ;;
      check_register (src_field s) (src_use u) ;;
      match off u with
      | OffZero => refuse_if (negb (off_field s =? 0)) BadReserved
      | OffJump => check_jump p pc (off_field s)
      | OffOther => None
      end ;;
      check_imm known p pc s (imm u) ;;
      refuse_if (falls_through i && (pc + slots_of i >=? count p)) BadEnd
  end.

(** ** A program *)

(** From pc on; [rest] is what is left of the program there. The slot after a 64-bit immediate is skipped. *)
Fixpoint scan (known : known_helpers) (p : program) (pc : Z) (rest : list slot) : option (refusal * Z) :=
  match rest with
  | [] => None
  | s :: rest =>
      match check_insn known p pc s with
      | Some r => Some (r, pc)
      | None =>
          if opcode s =? 0x18
          then match rest with [] => None | _ :: rest => scan known p (pc + 2) rest end
          else scan known p (pc + 1) rest
      end
  end.

Definition insns_max : Z := 2 ^ 24.

(** [None]: accepted. Otherwise why, and at which pc. *)
Definition check (known : known_helpers) (p : program) (entry : Z) : option (refusal * Z) :=
  if (count p =? 0) || (count p >? insns_max) || (entry <? 0) || (entry >=? count p) then Some (BadSize, entry)
  else
    match scan known p 0 p with
    | Some r => Some r
    | None =>
        match slot_at p entry with
        | Some s => if opcode s =? 0 then Some (BadJumpMiddle, entry) else None
        | None => Some (BadSize, entry)
        end
    end.

Definition known_to (vm : machine) : known_helpers :=
  fun id => match helpers vm id with Some _ => true | None => false end.
Definition accepted (vm : machine) : Prop := check (known_to vm) (insns vm) (entry vm) = None.

(** ** Soundness *)

Lemma first_none a b : (a ;; b) = None -> a = None /\ b = None.
Proof. destruct a; simpl; [discriminate|auto]. Qed.
Lemma refuse_if_none b r : refuse_if b r = None -> b = false.
Proof. destruct b; [discriminate|reflexivity]. Qed.

Lemma slot_at_some p pc s : slot_at p pc = Some s -> 0 <= pc < count p.
Proof.
  unfold slot_at. destruct (Z.leb_spec 0 pc), (Z.ltb_spec pc (count p)); try discriminate. lia.
Qed.

Lemma slot_at_in p pc : 0 <= pc < count p -> exists s, slot_at p pc = Some s.
Proof.
  unfold slot_at, count. intros R.
  destruct (Z.leb_spec 0 pc), (Z.ltb_spec pc (Z.of_nat (length p))); try lia. simpl.
  destruct (nth_error p (Z.to_nat pc)) eqn:E; [eauto|]. apply nth_error_None in E. lia.
Qed.

(** The instruction at pc passed. *)
Definition good (known : known_helpers) (p : program) (pc : Z) : Prop :=
  exists s, slot_at p pc = Some s /\ check_insn known p pc s = None.

(** Where an instruction starts: a slot with an opcode. *)
Definition starts (p : program) (pc : Z) : Prop :=
  exists s, slot_at p pc = Some s /\ opcode s <> 0.

Lemma decode_opcode_zero s : opcode s = 0 -> decode s = None.
Proof. intros E. unfold decode, class, decode_load_imm64. rewrite E. reflexivity. Qed.

Lemma good_starts known p pc : good known p pc -> starts p pc.
Proof.
  intros (s & A & C). exists s. split; [exact A|]. intros E. unfold check_insn in C.
  rewrite (decode_opcode_zero s E) in C. discriminate.
Qed.

Lemma slots_of_wide s i : decode s = Some i -> slots_of i = if opcode s =? 0x18 then 2 else 1.
Proof.
  intros D.
  destruct (Z.eqb_spec (opcode s) 0x18) as [E|N].
  - unfold decode, class, decode_load_imm64 in D. rewrite E in D. simpl in D.
    destruct (src_field s) as [|q|q]; [injection D as <-; reflexivity| |discriminate].
    repeat (destruct q; try discriminate); injection D as <-; reflexivity.
  - destruct i; try reflexivity; exfalso; revert D;
      unfold decode, decode_load_imm64, decode_load, decode_store, decode_store_register, decode_alu,
        decode_jump, decode_jump32, decode_branch, decode_atomic;
      repeat (match goal with |- context [match ?x with _ => _ end] => destruct x eqn:? end);
      try discriminate; congruence.
Qed.

(** What [scan] has seen to at each slot: an instruction that passed and is followed by one (or ends the program
    and can't be run through), or a second half. *)
Definition settled (known : known_helpers) (p : program) (pc : Z) : Prop :=
  (good known p pc
   /\ forall s i, slot_at p pc = Some s -> decode s = Some i -> pc + slots_of i < count p ->
      good known p (pc + slots_of i))
  \/ exists s, slot_at p pc = Some s /\ opcode s = 0.

Lemma check_insn_decodes known p pc s : check_insn known p pc s = None -> exists i, decode s = Some i.
Proof. unfold check_insn. destruct (decode s); [eauto|discriminate]. Qed.

Lemma check_insn_wide known p pc s :
  check_insn known p pc s = None -> opcode s = 0x18 -> exists high, slot_at p (pc + 1) = Some high /\ opcode high = 0.
Proof.
  intros C E. destruct (check_insn_decodes _ _ _ _ C) as (i & D).
  assert (W : slots_of i = 2) by (rewrite (slots_of_wide s i D), E; reflexivity).
  unfold check_insn in C. rewrite D in C. cbv zeta in C.
  apply first_none in C as [_ C]. apply first_none in C as [_ C].
  apply first_none in C as [_ C]. apply first_none in C as [C _].
  assert (check_wide p pc = None) as V.
  { destruct i; try discriminate W; simpl in C; [exact C|]. apply first_none in C. tauto. }
  unfold check_wide in V. destruct (slot_at p (pc + 1)) as [high|]; [|discriminate].
  apply first_none in V as [V _]. apply refuse_if_none in V.
  exists high. split; [reflexivity|]. apply Z.eqb_eq. destruct (opcode high =? 0); [reflexivity|discriminate].
Qed.

Lemma scan_settles known p n : forall pc rest, (length rest <= n)%nat -> 0 <= pc ->
  (forall k, nth_error rest k = slot_at p (pc + Z.of_nat k)) ->
  pc + Z.of_nat (length rest) = count p ->
  scan known p pc rest = None ->
  (pc < count p -> good known p pc) /\ forall q, pc <= q < count p -> settled known p q.
Proof.
  induction n as [|n IH]; intros pc rest L P A E Sc.
  - destruct rest; [|simpl in L; lia]. simpl in E. split; intros; lia.
  - destruct rest as [|s rest]; [simpl in E; split; intros; lia|].
    simpl in Sc. destruct (check_insn known p pc s) as [|] eqn:C; [discriminate|].
    pose proof (A 0%nat) as A0. simpl in A0. replace (pc + 0) with pc in A0 by lia. symmetry in A0.
    assert (G : good known p pc) by (exists s; auto).
    destruct (check_insn_decodes _ _ _ _ C) as (i & D).
    pose proof (slots_of_wide s i D) as Wide.
    split; [intros; exact G|].
    destruct (Z.eqb_spec (opcode s) 0x18) as [W|W].
    + destruct (check_insn_wide _ _ _ _ C W) as (high & AH & OH).
      destruct rest as [|s2 rest].
      { pose proof (A 1%nat) as A1. simpl in A1. congruence. }
      simpl in L, E.
      destruct (IH (pc + 2) rest) as [Gn Sn]; try assumption; try lia.
      { intros k. specialize (A (S (S k))). simpl nth_error in A. rewrite A. f_equal. lia. }
      intros q Q. destruct (Z.eq_dec q pc) as [->|]; [|destruct (Z.eq_dec q (pc + 1)) as [->|]].
      * left. split; [exact G|]. intros s' i' A' D' R'.
        assert (s' = s) by congruence. subst s'. assert (i' = i) by congruence. subst i'.
        rewrite Wide in *. apply Gn. lia.
      * right. eauto.
      * apply Sn. lia.
    + simpl in L, E.
      destruct (IH (pc + 1) rest) as [Gn Sn]; try assumption; try lia.
      { intros k. specialize (A (S k)). simpl nth_error in A. rewrite A. f_equal. lia. }
      intros q Q. destruct (Z.eq_dec q pc) as [->|].
      * left. split; [exact G|]. intros s' i' A' D' R'.
        assert (s' = s) by congruence. subst s'. assert (i' = i) by congruence. subst i'.
        rewrite Wide in *. apply Gn. lia.
      * apply Sn. lia.
Qed.

Lemma check_settles known p entry : check known p entry = None ->
  starts p entry /\ forall pc, 0 <= pc < count p -> settled known p pc.
Proof.
  unfold check. destruct (_ || _); [discriminate|].
  destruct (scan known p 0 p) eqn:Sc; [discriminate|].
  destruct (slot_at p entry) as [s|] eqn:A; [|discriminate].
  destruct (Z.eqb_spec (opcode s) 0) as [|N]; [discriminate|]. intros _. split; [exists s; auto|].
  destruct (scan_settles known p (length p) 0 p) as [_ S]; auto; try lia.
  intros k. unfold slot_at, count. replace (0 + Z.of_nat k) with (Z.of_nat k) by lia.
  destruct (Z.leb_spec 0 (Z.of_nat k)); [|lia]. rewrite Nat2Z.id.
  destruct (Z.ltb_spec (Z.of_nat k) (Z.of_nat (length p))); [reflexivity|].
  apply nth_error_None. lia.
Qed.

(** An accepted program: every start of an instruction passed, and so did the one after it. *)
Definition checked (known : known_helpers) (p : program) : Prop :=
  forall pc, starts p pc -> good known p pc
    /\ forall s i, slot_at p pc = Some s -> decode s = Some i -> pc + slots_of i < count p ->
       good known p (pc + slots_of i).

Lemma check_checked known p entry : check known p entry = None -> checked known p /\ starts p entry.
Proof.
  intros C. destruct (check_settles _ _ _ C) as [E S]. split; [|exact E].
  intros pc (s & A & N). destruct (S pc (slot_at_some _ _ _ A)) as [G|(s' & A' & Z')]; [exact G|].
  congruence.
Qed.

(** Which fields an instruction got its operands from. *)
Definition operand_from (s : slot) (o : operand) : Prop := o = Imm (imm_field s) \/ o = Reg (src_field s).

Definition comes_from (s : slot) (i : insn) : Prop :=
  match i with
  | Alu _ _ dst src | Branch _ _ dst src _ => dst = dst_field s /\ operand_from s src
  | Neg _ dst | ByteOrder _ _ dst | CallRegister dst | LoadImm64 dst _ => dst = dst_field s
  | LoadObject dst object => dst = dst_field s /\ object = wrap 32 (imm_field s)
  | MovSX _ _ dst src | Load _ _ dst src _ => dst = dst_field s /\ src = src_field s
  | Store _ dst _ src => dst = dst_field s /\ operand_from s src
  | Atomic _ _ _ dst _ src | Exchange _ dst _ src | CompareExchange _ dst _ src =>
      dst = dst_field s /\ src = src_field s
  | CallHelper id => id = wrap 32 (imm_field s)
  | CallLocal delta | JumpLong delta => delta = imm_field s
  | Jump delta => delta = off_field s
  | Exit => True
  end
  /\ match i with Branch _ _ _ _ delta => delta = off_field s | _ => True end.

Lemma source_from s : operand_from s (source s).
Proof. unfold source, operand_from. destruct (by_register s); auto. Qed.

Lemma imm_from s : operand_from s (Imm (imm_field s)).
Proof. left; reflexivity. Qed.
Lemma reg_from s : operand_from s (Reg (src_field s)).
Proof. right; reflexivity. Qed.

Lemma decode_comes_from s i : decode s = Some i -> comes_from s i.
Proof.
  intros D. revert D.
  unfold decode, decode_load_imm64, decode_load, decode_store, decode_store_register, decode_alu,
    decode_jump, decode_jump32, decode_branch, decode_atomic;
  repeat (match goal with |- context [match ?x with _ => _ end] => destruct x eqn:? end);
  try discriminate; injection 1 as <-;
  unfold comes_from; auto 6 using source_from, imm_from, reg_from.
Qed.

(** What a passed check says, use by use. *)
Definition reg_ok (r : Z) (use : reg_use) : Prop :=
  match use with RegNone | RegSel => True | RegR => 0 <= r <= 10 | RegW => 0 <= r < 10 end.
Definition imm_ok (known : known_helpers) (p : program) (pc : Z) (s : slot) (use : imm_use) : Prop :=
  match use with
  | ImmZero | ImmOther => True
  | ImmJump => starts p (pc + 1 + imm_field s)
  | ImmHelper => known (wrap 32 (imm_field s)) = true
  | ImmWide => exists high, second_half p pc = Some high
  | ImmObject => (exists high, second_half p pc = Some high) /\ wrap 32 (imm_field s) < 2
  end.

Lemma check_register_ok r use : check_register r use = None -> reg_ok r use.
Proof. destruct use; simpl; intros H; auto; apply refuse_if_none in H; lia. Qed.

Lemma check_jump_ok p pc delta : check_jump p pc delta = None -> starts p (pc + 1 + delta).
Proof.
  unfold check_jump. destruct (slot_at p (pc + 1 + delta)) as [s|] eqn:A; [|discriminate].
  intros H. apply refuse_if_none in H. exists s. split; [exact A|lia].
Qed.

Lemma check_wide_ok p pc : check_wide p pc = None -> exists high, second_half p pc = Some high.
Proof.
  unfold check_wide, second_half. destruct (slot_at p (pc + 1)) as [s|]; [|discriminate].
  intros H. apply first_none in H as [H _]. apply refuse_if_none in H.
  destruct (opcode s =? 0); [eauto|discriminate].
Qed.

Lemma check_imm_ok known p pc s use : check_imm known p pc s use = None -> imm_ok known p pc s use.
Proof.
  destruct use; simpl; intros H; auto.
  - apply check_jump_ok. exact H.
  - apply refuse_if_none in H. destruct (known _); [reflexivity|discriminate].
  - apply check_wide_ok. exact H.
  - apply first_none in H as [A B]. apply refuse_if_none in B. split; [apply check_wide_ok; exact A|lia].
Qed.

Lemma check_insn_ok known p pc s i : check_insn known p pc s = None -> decode s = Some i ->
  reg_ok (dst_field s) (dst_use (uses_of i)) /\ reg_ok (src_field s) (src_use (uses_of i))
  /\ (off (uses_of i) = OffJump -> starts p (pc + 1 + off_field s))
  /\ imm_ok known p pc s (imm (uses_of i))
  /\ (falls_through i = true -> pc + slots_of i < count p).
Proof.
  intros C D. unfold check_insn in C. rewrite D in C. cbv zeta in C.
  apply first_none in C as [C1 C]. apply first_none in C as [C2 C].
  apply first_none in C as [C3 C]. apply first_none in C as [C4 C5].
  split; [apply check_register_ok; exact C1|]. split; [apply check_register_ok; exact C2|].
  split; [|split; [apply check_imm_ok; exact C4|]].
  - intros E. rewrite E in C3. apply check_jump_ok. exact C3.
  - apply refuse_if_none in C5. intros F. rewrite F in C5. simpl in C5. lia.
Qed.

(** ** Progress *)

(** The pc is at an instruction, and so are the places to which calls return. *)
Definition well_placed (vm : machine) (s : state) : Prop :=
  starts (insns vm) (pc s) /\ Forall (fun f => starts (insns vm) (return_pc f)) (frames s).

Lemma read_reg_ok s r : 0 <= r <= 10 -> read_reg s r = Some (get (regs s) r).
Proof. unfold read_reg. intros. destruct (Z.leb_spec 0 r), (Z.leb_spec r 10); (reflexivity || lia). Qed.

Lemma write_reg_ok s r v : 0 <= r < 10 ->
  write_reg s r v = Some (State (set (regs s) r v) (memory s) (pc s) (fuel s) (frames s)).
Proof. unfold write_reg. intros. destruct (Z.leb_spec 0 r), (Z.ltb_spec r 10); (reflexivity || lia). Qed.

(** What must hold of a step's outcome. *)
Definition fine (vm : machine) (o : outcome) : Prop :=
  match o with Next s => well_placed vm s | Stop _ _ => True | Undefined => False end.

Lemma guarded_fine vm s v k : fine vm k -> fine vm (guarded s v k).
Proof. destruct v; simpl; auto. Qed.

Lemma jump_fine vm s delta : well_placed vm s -> starts (insns vm) (pc s + 1 + delta) -> fine vm (jump s delta).
Proof.
  intros [_ F] T. unfold jump. destruct (delta <? 0), (fuel s <=? 0); simpl; auto; split; simpl; assumption.
Qed.

Lemma call_helper_fine vm s h :
  well_placed vm s -> starts (insns vm) (pc s + 1) -> fine vm (call_helper vm s h).
Proof.
  intros [_ F] T. unfold call_helper. destruct (fuel s <=? 0); simpl; auto.
  destruct (requested _); simpl; auto. split; simpl; assumption.
Qed.

Lemma call_local_fine vm s delta : well_placed vm s -> starts (insns vm) (pc s + 1) ->
  starts (insns vm) (pc s + 1 + delta) -> fine vm (call_local vm s delta).
Proof.
  intros [_ F] R T. unfold call_local. destruct (frames_max vm <=? depth s), (fuel s <=? 0); simpl; auto.
  split; simpl; [assumption|constructor; assumption].
Qed.

Lemma exit_fine vm s : well_placed vm s -> fine vm (exit s).
Proof.
  intros [_ F]. unfold exit. destruct (frames s); simpl; auto. inversion F. split; simpl; assumption.
Qed.

Lemma step_fine vm s : checked (known_to vm) (insns vm) -> well_placed vm s -> fine vm (step vm s).
Proof.
  intros Ck WP. pose proof WP as [St Fr].
  destruct (Ck _ St) as [(sl & A & C) Succ].
  destruct (check_insn_decodes _ _ _ _ C) as (i & D).
  destruct (check_insn_ok _ _ _ _ _ C D) as (Rd & Rs & Oj & Im & End).
  assert (Adv : falls_through i = true -> starts (insns vm) (pc s + slots_of i)).
  { intros F. eapply good_starts, Succ; eauto. }
  clear Succ End C.
  pose proof (decode_comes_from _ _ D) as [From Branch_].
  unfold step. rewrite A, D.
  assert (Next_ : forall s', falls_through i = true -> pc s' = pc s -> frames s' = frames s ->
            fine vm (Next (with_pc s' (pc s' + slots_of i)))).
  { intros s' F P Q. simpl. split; simpl; [rewrite P; auto|rewrite Q; assumption]. }
  destruct i; simpl in From, Adv, Next_; unfold step_insn; cbv zeta;
    repeat match goal with
    | H : _ /\ _ |- _ => destruct H
    | H : operand_from _ _ |- _ => destruct H
    end; subst; try (destruct op; simpl in Rd, Rs, Im); try (destruct fetch; simpl in Rd, Rs);
    simpl in Rd, Rs, Oj, Im; unfold read_operand;
    repeat (rewrite read_reg_ok by (simpl; lia)); repeat (rewrite write_reg_ok by (simpl; lia));
    try solve [ apply Next_; reflexivity
              | apply guarded_fine, Next_; reflexivity
              | apply jump_fine; auto
              | destruct (holds _ _ _ _); [apply jump_fine; auto | apply Next_; reflexivity]
              | apply exit_fine; auto
              | apply call_local_fine; auto ].
  - destruct Im as (high & ->). rewrite write_reg_ok by lia. apply Next_; reflexivity.
  - destruct Im as ((high & ->) & L). rewrite write_reg_ok by lia.
    destruct (Z.ltb_spec (wrap 32 (imm_field sl)) 2); [|lia]. apply Next_; reflexivity.
  - unfold known_to in Im. destruct (helpers vm _); [|discriminate]. apply call_helper_fine; auto.
  - destruct (helpers vm _); [apply call_helper_fine; auto|exact I].
Qed.

Theorem accepted_checked vm : accepted vm -> checked (known_to vm) (insns vm) /\ starts (insns vm) (entry vm).
Proof. apply check_checked. Qed.

Lemma reachable_well_placed vm m f s :
  accepted vm -> reachable vm (initial vm m f) s -> well_placed vm s.
Proof.
  intros Acc R. destruct (accepted_checked vm Acc) as [Ck St].
  induction R as [|s s' R IH H].
  - split; simpl; auto.
  - pose proof (step_fine vm s Ck IH) as F. rewrite H in F. exact F.
Qed.

(** Progress: what the checker accepts never comes to an undefined step, whatever the memory, the fuel, the
    regions and the helpers' answers. *)
Theorem progress vm m f n : accepted vm -> run vm n (initial vm m f) <> Undefined.
Proof.
  intros Acc E. apply run_undefined in E as (s & R & U).
  pose proof (step_fine vm s (proj1 (accepted_checked vm Acc)) (reachable_well_placed _ _ _ _ Acc R)) as F.
  rewrite U in F. exact F.
Qed.

(** What the checker accepts never leaves the program: every pc is at an instruction. *)
Theorem pc_in_program vm m f s :
  accepted vm -> reachable vm (initial vm m f) s -> 0 <= pc s < count (insns vm).
Proof.
  intros Acc R. destruct (reachable_well_placed _ _ _ _ Acc R) as [(sl & A & _) _]. eapply slot_at_some, A.
Qed.
