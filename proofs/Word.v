(* SPDX-License-Identifier: MIT *)
(** Words: an n-bit word is an integer in [0, 2^n). Operations are those of the integers, and [wrap] brings a
    result back to a width. [wrap] is a mask and not a division so that the extracted semantics is fast enough
    to test against; [wrap_mod] says that it is the remainder. *)
From Coq Require Import ZArith Lia Bool.
Open Scope Z_scope.

Definition wrap (width x : Z) : Z := Z.land x (Z.ones width).

(** The word's value in two's complement. *)
Definition signed (width x : Z) : Z :=
  let u := wrap width x in
  if Z.testbit u (width - 1) then u - Z.shiftl 1 width else u.

Lemma wrap_mod width x : 0 <= width -> wrap width x = x mod 2 ^ width.
Proof. intros; apply Z.land_ones; assumption. Qed.

Lemma wrap_range width x : 0 <= width -> 0 <= wrap width x < 2 ^ width.
Proof. intros; rewrite wrap_mod by assumption. apply Z.mod_pos_bound, Z.pow_pos_nonneg; lia. Qed.

Lemma wrap_small width x : 0 <= x < 2 ^ width -> 0 <= width -> wrap width x = x.
Proof. intros; rewrite wrap_mod by assumption. apply Z.mod_small; assumption. Qed.

Lemma wrap_wrap width x : 0 <= width -> wrap width (wrap width x) = wrap width x.
Proof. intros; apply wrap_small; [apply wrap_range|]; assumption. Qed.

Lemma testbit_sign width u : 0 < width -> 0 <= u < 2 ^ width ->
  Z.testbit u (width - 1) = (2 ^ (width - 1) <=? u).
Proof.
  intros W U.
  rewrite Z.testbit_odd, Z.shiftr_div_pow2 by lia.
  assert (H : 2 ^ width = 2 * 2 ^ (width - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  assert (P : 0 < 2 ^ (width - 1)) by (apply Z.pow_pos_nonneg; lia).
  destruct (Z.leb_spec (2 ^ (width - 1)) u).
  - replace (u / 2 ^ (width - 1)) with 1; [reflexivity|].
    apply Z.div_unique with (u - 2 ^ (width - 1)); lia.
  - rewrite Z.div_small by lia. reflexivity.
Qed.

(** [signed] is the one number in [-2^(n-1), 2^(n-1)) that is congruent to the word. *)
Lemma signed_range width x : 0 < width -> - 2 ^ (width - 1) <= signed width x < 2 ^ (width - 1).
Proof.
  intros W. unfold signed.
  pose proof (wrap_range width x ltac:(lia)) as U.
  rewrite testbit_sign, Z.shiftl_1_l by (assumption || lia).
  assert (H : 2 ^ width = 2 * 2 ^ (width - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  destruct (Z.leb_spec (2 ^ (width - 1)) (wrap width x)); lia.
Qed.

Lemma wrap_signed width x : 0 < width -> wrap width (signed width x) = wrap width x.
Proof.
  intros W. unfold signed.
  destruct (Z.testbit _ _); [|apply wrap_wrap; lia].
  rewrite Z.shiftl_1_l, !wrap_mod by lia.
  rewrite Zminus_mod, Z.mod_same, Z.sub_0_r, !Z.mod_mod; try (apply Z.pow_nonzero; lia). reflexivity.
Qed.
