(* SPDX-License-Identifier: MIT *)
(** The checker is one: what src/vm/check.c's test of an instruction returns, as gcc compiled it for RV64 and the
    prover's executor ran it (CheckModel.v, written by prover/export_check.c), is [check_insn], for every opcode, all
    fields, every program and every pc in it. *)
From Coq Require Import ZArith Bool List Lia.
From Vouch Require Import Bits CheckModel Semantics Checker.
Import ListNotations.
Open Scope Z_scope.

(** ** What is claimed *)

Definition status_of (v : verdict) : Z :=
  match v with
  | None => OK
  | Some BadOpcode => BAD_OPCODE | Some BadRegister => BAD_REGISTER | Some BadReserved => BAD_RESERVED
  | Some BadJump => BAD_JUMP | Some BadJumpMiddle => BAD_JUMP_MIDDLE | Some BadEnd => BAD_END
  | Some BadWide => BAD_WIDE | Some BadHelper => BAD_HELPER | Some BadRelocation => BAD_RELOCATION
  | Some BadSize => BAD_SIZE
  end.

(** Slots as 64 bits can hold them. *)
Definition slot_ok (s : slot) : Prop :=
  word 8 (opcode s) /\ word 4 (dst_field s) /\ word 4 (src_field s)
  /\ - 2 ^ 15 <= off_field s < 2 ^ 15 /\ - 2 ^ 31 <= imm_field s < 2 ^ 31.

Lemma slot_of_word_ok x : slot_ok (slot_of_word x).
Proof.
  unfold slot_ok, slot_of_word, word. cbn [opcode dst_field src_field off_field imm_field].
  repeat split; try (apply wrap_range; lia); try (apply (signed_range 16); lia); apply (signed_range 32); lia.
Qed.

(** The table of helpers: how many pointers, or VOUCH_ANY_HELPER, and which. *)
Definition any_helper : Z := 18446744073709551615.    (* 2^64 - 1 *)
Definition known_in (n : Z) (pointer : Z -> Z) : known_helpers :=
  fun id => (n =? any_helper) || ((id <? n) && negb (pointer id =? 0)).

(** What the compiled code finds in memory. *)
Definition field_at (p : program) (field : slot -> Z) (pc : Z) : Z :=
  match slot_at p pc with Some s => field s | None => 0 end.
Definition checkable_at (p : program) (n : Z) (pointer : Z -> Z) (pc : Z) : checkable := {|
  slots := count p;
  opcode_at := field_at p opcode;
  opcode2 := field_at p opcode (pc + 1);
  dst2 := field_at p dst_field (pc + 1);
  src2 := field_at p src_field (pc + 1);
  off2 := wrap 16 (field_at p off_field (pc + 1));
  nhelpers := n;
  helper_at := pointer |}.

Section Claim.
Variable p : program.
Variable n : Z.
Variable pointer : Z -> Z.
Hypothesis slots_ok : Forall slot_ok p.
Hypothesis count_ok : count p <= 2 ^ 24.

Definition agrees_at (op : Z) : Prop := forall s pc, slot_at p pc = Some s -> opcode s = op ->
  compiled_check op (checkable_at p n pointer pc) (dst_field s) (src_field s) (wrap 16 (off_field s))
    (wrap 32 (imm_field s)) pc
  = status_of (check_insn (known_in n pointer) p pc s).

(** ** Terms *)

Lemma concat_zero b x : concat b 0 x = x.
Proof. unfold concat. rewrite Z.shiftl_0_l. apply Z.lor_0_l. Qed.

Lemma field_is w x c : 0 < w -> - 2 ^ (w - 1) <= x < 2 ^ (w - 1) -> 0 <= c < 2 ^ (w - 1) ->
  bveq w (wrap w x) c = (x =? c).
Proof.
  intros W X C. assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  unfold bveq. rewrite wrap_mod by lia. apply eq_true_iff_eq. rewrite !Z.eqb_eq. split; intros H.
  - destruct (Z_lt_le_dec x 0); [|rewrite Z.mod_small in H; lia].
    rewrite <- (Z.mod_unique x (2 ^ w) (-1) (x + 2 ^ w)) in H; lia.
  - rewrite H. apply Z.mod_small. lia.
Qed.

Lemma sext_field w v x : 0 < w <= v -> - 2 ^ (w - 1) <= x < 2 ^ (w - 1) -> sext w v (wrap w x) = wrap v x.
Proof.
  intros W X. assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  unfold sext. f_equal. unfold signed. rewrite wrap_wrap by lia.
  rewrite testbit_sign, Z.shiftl_1_l by (try apply wrap_range; lia). rewrite wrap_mod by lia.
  destruct (Z_lt_le_dec x 0).
  - rewrite <- (Z.mod_unique x (2 ^ w) (-1) (x + 2 ^ w)) by lia. destruct (Z.leb_spec (2 ^ (w - 1)) (x + 2 ^ w)); lia.
  - rewrite Z.mod_small by lia. destruct (Z.leb_spec (2 ^ (w - 1)) x); lia.
Qed.

Lemma target_is w a d : 0 < w -> bvadd w (bvadd w a (wrap w d)) 1 = wrap w (a + 1 + d).
Proof.
  intros W. unfold bvadd. rewrite !wrap_mod by lia. rewrite Zplus_mod_idemp_l.
  replace (a + d mod 2 ^ w + 1) with (a + 1 + d mod 2 ^ w) by lia. apply Zplus_mod_idemp_r.
Qed.

Lemma target_below t : - 2 ^ 63 <= t < 2 ^ 63 -> bveq 1 (extract 63 63 (wrap 64 t)) 1 = (t <? 0).
Proof.
  intros T. unfold bveq, extract. change (63 - 63 + 1) with 1. rewrite !wrap_mod by lia. rewrite Z.shiftr_div_pow2 by lia.
  destruct (Z.ltb_spec t 0).
  - rewrite <- (Z.mod_unique t (2 ^ 64) (-1) (t + 2 ^ 64)) by lia.
    replace ((t + 2 ^ 64) / 2 ^ 63) with 1; [reflexivity|]. apply (Z.div_unique _ _ _ (t + 2 ^ 63)); lia.
  - rewrite (Z.mod_small t) by lia. rewrite Z.div_small by lia. reflexivity.
Qed.

Lemma signed_wrapped t : - 2 ^ 63 <= t < 2 ^ 63 -> signed 64 (wrap 64 t) = t.
Proof.
  intros T. unfold signed. rewrite wrap_wrap by lia. rewrite testbit_sign by (try apply wrap_range; lia).
  change (Z.shiftl 1 64) with (2 ^ 64). change (64 - 1) with 63. rewrite wrap_mod by lia.
  destruct (Z_lt_le_dec t 0).
  - rewrite <- (Z.mod_unique t (2 ^ 64) (-1) (t + 2 ^ 64)) by lia. destruct (Z.leb_spec (2 ^ 63) (t + 2 ^ 64)); lia.
  - rewrite Z.mod_small by lia. destruct (Z.leb_spec (2 ^ 63) t); lia.
Qed.

Lemma target_above t c : - 2 ^ 63 <= t < 2 ^ 63 -> 0 <= c < 2 ^ 63 -> bvslt 64 (wrap 64 t) c = (t <? c).
Proof.
  intros T C. unfold bvslt. rewrite signed_wrapped by exact T.
  rewrite <- (wrap_small 64 c) at 1 by lia. rewrite signed_wrapped by lia. reflexivity.
Qed.

Lemma pc_plus a k : 0 <= a -> 0 <= k -> a + k < 2 ^ 25 -> bvadd 25 a k = a + k.
Proof. intros. unfold bvadd. apply wrap_small; lia. Qed.

(** ** The checker's parts, as tests *)

Lemma written_register r : word 4 r -> check_register r RegW = refuse_if ((10 <? r) || (r =? 10)) BadRegister.
Proof. unfold word, check_register. intros. f_equal. lia. Qed.
Lemma read_register r : word 4 r -> check_register r RegR = refuse_if (10 <? r) BadRegister.
Proof. unfold word, check_register. intros. f_equal. lia. Qed.

Lemma slot_at_cases pc : 0 <= pc ->
  if pc <? count p then exists s, slot_at p pc = Some s /\ slot_ok s else slot_at p pc = None.
Proof.
  intros P. destruct (Z.ltb_spec pc (count p)) as [L|L].
  - destruct (slot_at_in p pc ltac:(lia)) as (s & E). exists s. split; [exact E|].
    rewrite Forall_forall in slots_ok. apply slots_ok. unfold slot_at in E. destruct (_ && _); [|discriminate].
    eapply nth_error_In, E.
  - unfold slot_at. destruct (Z.ltb_spec pc (count p)); [lia|]. rewrite andb_false_r. reflexivity.
Qed.

Lemma jump_cases pc delta : check_jump p pc delta =
  if pc + 1 + delta <? 0 then Some BadJump
  else if pc + 1 + delta <? count p then refuse_if (field_at p opcode (pc + 1 + delta) =? 0) BadJumpMiddle
  else Some BadJump.
Proof.
  unfold check_jump, field_at. destruct (Z.ltb_spec (pc + 1 + delta) 0) as [N|N].
  - unfold slot_at. destruct (Z.leb_spec 0 (pc + 1 + delta)); [lia|]. reflexivity.
  - pose proof (slot_at_cases (pc + 1 + delta) N) as S. destruct (_ <? _).
    + destruct S as (s & -> & _). reflexivity.
    + rewrite S. reflexivity.
Qed.

Lemma wide_cases pc : 0 <= pc -> check_wide p pc =
  if pc + 1 <? count p
  then refuse_if (negb (field_at p opcode (pc + 1) =? 0)) BadWide ;;
       refuse_if (negb ((field_at p dst_field (pc + 1) =? 0) && (field_at p src_field (pc + 1) =? 0)
                        && (field_at p off_field (pc + 1) =? 0))) BadReserved
  else Some BadWide.
Proof.
  intros P. unfold check_wide, field_at. pose proof (slot_at_cases (pc + 1) ltac:(lia)) as S. destruct (_ <? _).
  - destruct S as (s & -> & _). reflexivity.
  - rewrite S. reflexivity.
Qed.

Lemma second_off pc : 0 <= pc ->
  bveq 16 (wrap 16 (field_at p off_field (pc + 1))) 0 = (field_at p off_field (pc + 1) =? 0).
Proof.
  intros P. apply field_is; try lia. unfold field_at. pose proof (slot_at_cases (pc + 1) ltac:(lia)) as S. destruct (_ <? _).
  - destruct S as (s & -> & _ & _ & _ & O & _). exact O.
  - rewrite S. lia.
Qed.

(** ** Opcode by opcode *)

(** The compiled side in terms of [field_at] and plain comparisons. *)
Ltac start :=
  let s := fresh "s" in let At := fresh "At" in let E := fresh "E" in
  intros s pc At E; pose proof (slot_at_some _ _ _ At) as P;
  assert (slot_ok s) as Ok by
    (pose proof (slot_at_cases pc ltac:(lia)) as S; destruct (pc <? count p);
     [destruct S as (s' & A & S); congruence | congruence]);
  destruct s as [op d sr o k]; cbn [opcode] in E; subst op;
  destruct Ok as (_ & Dw & Sw & Ow & Kw); cbn [dst_field src_field off_field imm_field] in *; clear At;
  cbn [compiled_check]; match goal with |- ?check _ _ _ _ _ _ = _ => unfold check end; cbn [slots opcode_at opcode2 dst2 src2 off2 nhelpers helper_at checkable_at];
  rewrite ?concat_zero;
  repeat match goal with |- context [bveq 16 (wrap 16 o) ?c] => rewrite (field_is 16 o c) by lia end;
  repeat match goal with |- context [bveq 32 (wrap 32 k) ?c] => rewrite (field_is 32 k c) by lia end;
  repeat match goal with |- context [sext 16 ?v (wrap 16 o)] => rewrite (sext_field 16 v o) by lia end;
  repeat match goal with |- context [sext 32 ?v (wrap 32 k)] => rewrite (sext_field 32 v k) by lia end;
  rewrite ?target_is by lia; rewrite ?target_below by lia; rewrite ?target_above by lia;
  repeat match goal with |- context [bvadd 25 pc ?j] => rewrite (pc_plus pc j) by lia end;
  rewrite ?second_off by lia;
  unfold bveq, bvult, check_insn; cbn [dst_field src_field off_field imm_field].

(** Once it is known which instruction it is. *)
Ltac decided :=
  cbn [uses_of dst_use src_use off imm check_imm falls_through slots_of];
  rewrite ?written_register, ?read_register by assumption; cbn [check_register];
  rewrite ?jump_cases, ?wide_cases by lia; unfold known_in, any_helper; cbn [andb];
  rewrite ?Z.geb_leb, ?Z.leb_antisym; cbn [imm_field]; rewrite ?negb_involutive;
  repeat (cbn [andb orb negb first refuse_if status_of];
    first
    [ match goal with H : (?t <? 0) = false |- context [wrap 61 ?t] => rewrite (wrap_small 61 t) by lia end
    | match goal with |- context [?x <? ?y] => destruct (x <? y) eqn:? end
    | match goal with |- context [?x =? ?y] => destruct (x =? y) eqn:? end ]);
  first [reflexivity | exfalso; lia].

Ltac decode_is :=
  match goal with |- context [decode ?s] => let x := eval cbn in (decode s) in change (decode s) with x end; cbv iota beta.

Ltac plain := start; decode_is; decided.

(** No instruction: [x] is none of what selects one. *)
Ltac none x :=
  match goal with |- context [decode ?s] => replace (decode s) with (@None insn) by
    (symmetry; cbn; unfold decode_atomic; cbn;
     destruct x as [|q|q]; try reflexivity; try congruence; repeat (destruct q; try reflexivity; try congruence)) end;
  cbv iota beta; cbn [is_unresolved opcode Z.eqb Pos.eqb andb]; decided.

(** One field selects among instructions. *)
Ltac is_case x c := destruct (Z.eqb_spec x c) as [->|]; [cbn [Z.eqb Pos.eqb]; decode_is; decided|].
Ltac by_two := start; match goal with |- context [decode (Slot _ _ _ ?o _)] =>
  is_case o 0; is_case o 1; none o end.
Ltac by_move := start; match goal with |- context [decode (Slot _ _ _ ?o _)] =>
  is_case o 0; is_case o 8; is_case o 16; try is_case o 32; none o end.
Ltac by_bits := start; match goal with |- context [decode (Slot _ _ _ _ ?k)] =>
  is_case k 16; is_case k 32; is_case k 64; none k end.
Ltac by_atomic := start; match goal with |- context [decode (Slot _ _ _ _ ?k)] =>
  is_case k 0x00; is_case k 0x40; is_case k 0x50; is_case k 0xa0; is_case k 0x01; is_case k 0x41; is_case k 0x51;
  is_case k 0xa1; is_case k 0xe1; is_case k 0xf1; none k end.
Ltac by_src := start;
  match goal with Sw : word 4 ?r |- context [decode (Slot _ _ ?r _ _)] =>
    assert (r = 0 \/ r = 1 \/ r = 2 \/ r = 3 \/ r = 4 \/ r = 5 \/ r = 6 \/ r = 7 \/ r = 8 \/ r = 9 \/ r = 10
            \/ r = 11 \/ r = 12 \/ r = 13 \/ r = 14 \/ r = 15) as C by (unfold word in Sw; lia);
    repeat (destruct C as [->|C]; [|]); try subst r end;
  repeat match goal with |- context [bvadd 8 ?a ?b] => let v := eval compute in (bvadd 8 a b) in change (bvadd 8 a b) with v end;
  cbn [Z.eqb Pos.eqb Z.ltb Z.compare Pos.compare Pos.compare_cont]; decode_is;
  cbn [is_unresolved opcode src_field Z.eqb Pos.eqb Z.leb Z.compare Pos.compare Pos.compare_cont andb]; decided.

Ltac by_opcode op :=
  lazymatch op with
  | 0x18 => by_src | 0x85 => by_src
  | 0x34 => by_two | 0x37 => by_two | 0x3c => by_two | 0x3f => by_two
  | 0x94 => by_two | 0x97 => by_two | 0x9c => by_two | 0x9f => by_two
  | 0xbc => by_move | 0xbf => by_move
  | 0xd4 => by_bits | 0xd7 => by_bits | 0xdc => by_bits
  | 0xc3 => by_atomic | 0xdb => by_atomic
  | _ => plain
  end.

Lemma each_opcode : Forall agrees_at (map Z.of_nat (seq 0 256)).
Proof.
  let l := eval vm_compute in (map Z.of_nat (seq 0 256)) in change (map Z.of_nat (seq 0 256)) with l.
  repeat (apply Forall_cons;
    [match goal with |- agrees_at ?op => first [abstract (by_opcode op) | fail 10 "the compiled test of opcode" op "is another"] end|]).
  apply Forall_nil.
Qed.

(** The compiled test of an instruction returns what [check_insn] says. That a table of helpers has fewer than 2^60
    pointers is what the executor was told; nothing here needs it. *)
Theorem compiled_check_is_check s pc : n = any_helper \/ 0 <= n < 2 ^ 60 -> slot_at p pc = Some s ->
  compiled_check (opcode s) (checkable_at p n pointer pc) (dst_field s) (src_field s) (wrap 16 (off_field s))
    (wrap 32 (imm_field s)) pc
  = status_of (check_insn (known_in n pointer) p pc s).
Proof.
  intros _ At. pose proof each_opcode as E. rewrite Forall_forall in E. apply (E (opcode s)); auto.
  pose proof (slot_at_some _ _ _ At) as P. pose proof (slot_at_cases pc ltac:(lia)) as C.
  destruct (Z.ltb_spec pc (count p)); [|lia]. destruct C as (s' & A & (W & _)). rewrite At in A. injection A as <-.
  unfold word in W. apply in_map_iff. exists (Z.to_nat (opcode s)). split; [lia|]. apply in_seq. lia.
Qed.

(** So the C code refuses an instruction exactly when the model of the checker does. *)
Corollary compiled_check_accepts s pc : n = any_helper \/ 0 <= n < 2 ^ 60 -> slot_at p pc = Some s ->
  (compiled_check (opcode s) (checkable_at p n pointer pc) (dst_field s) (src_field s) (wrap 16 (off_field s))
     (wrap 32 (imm_field s)) pc = OK
   <-> check_insn (known_in n pointer) p pc s = None).
Proof.
  intros N At. rewrite (compiled_check_is_check s pc N At). destruct (check_insn _ _ _ _) as [[]|]; split; intros E; try reflexivity; discriminate.
Qed.
End Claim.
