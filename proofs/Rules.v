(* SPDX-License-Identifier: MIT *)
(** The prover's rewrite rules (prover/term/rules.def) that the solver can't check at 64 bits, each under its own name,
    for all widths. One that isn't here the solver has checked up to 64 bits (rules.def's column for the widest);
    `make proofs` compares the two lists.

    A theorem says what a rule's C function makes of a term; that the function does just that is checked at small
    widths and at random (`vouch prove rewrite`), not here. *)
From Coq Require Import ZArith Bool Lia.
From Vouch Require Import Bits.
Open Scope Z_scope.

(** ** Sums

    The C code takes a sum apart into a constant and atoms with factors, works on these as integers, and puts it
    together again: the integers A, B, L, R here. *)

Theorem rule_add_sum w A B k : 0 <= w ->
  bvadd w (wrap w A) (wrap w B) = wrap w (A + B)
  /\ bvsub w (wrap w A) (wrap w B) = wrap w (A - B)
  /\ bvmul w (wrap w A) (wrap w k) = wrap w (k * A).
Proof.
  intros W. unfold bvadd, bvsub, bvmul. rewrite wrap_add, wrap_sub, wrap_mul by exact W. rewrite (Z.mul_comm k). auto.
Qed.

Theorem rule_neg_sum w A : 0 <= w -> bvneg w (wrap w A) = wrap w (- A).
Proof.
  intros W. unfold bvneg. rewrite <- (Z.sub_0_l (wrap w A)), <- (Z.sub_0_l A).
  rewrite <- (wrap_sub w 0 A), <- (wrap_sub w 0 (wrap w A)), wrap_wrap by exact W. reflexivity.
Qed.

Theorem rule_not_sum w A : 0 <= w -> bvnot w (wrap w A) = wrap w (- A - 1).
Proof.
  intros W. unfold bvnot. replace (Z.lnot (wrap w A)) with (- wrap w A - 1) by (unfold Z.lnot; lia).
  pose proof (rule_neg_sum w A W) as N. unfold bvneg in N.
  rewrite <- (wrap_sub w (- wrap w A) 1), N, (wrap_sub w (- A) 1) by exact W. reflexivity.
Qed.

(** The same difference on both sides, or the opposite one. *)
Theorem rule_eq_sum w A B L R : 0 <= w -> A - B = L - R \/ A - B = R - L ->
  bveq w (wrap w A) (wrap w B) = bveq w (wrap w L) (wrap w R).
Proof.
  intros W D. assert (P : 0 < 2 ^ w) by (apply Z.pow_pos_nonneg; lia).
  unfold bveq. apply eq_true_iff_eq. rewrite !Z.eqb_eq, !wrap_mod by exact W.
  assert (E : forall x y, x mod 2 ^ w = y mod 2 ^ w <-> exists i, x - y = i * 2 ^ w).
  { intros x y. split.
    - intros H. exists (x / 2 ^ w - y / 2 ^ w). rewrite (Z.div_mod x (2 ^ w)), (Z.div_mod y (2 ^ w)) at 1 by lia. lia.
    - intros (i & H). replace x with (y + i * 2 ^ w) by lia. apply Z.mod_add. lia. }
  rewrite !E. destruct D as [D|D].
  - rewrite D. reflexivity.
  - split; intros (i & H); exists (- i); lia.
Qed.

Theorem rule_add_remainder w a b : 0 < w -> word w a -> word w b ->
  bvsub w a (bvmul w (bvudiv w a b) b) = bvurem w a b /\ bvsub w a (bvmul w (bvsdiv w a b) b) = bvsrem w a b.
Proof. apply add_remainder. Qed.

Theorem rule_add_quotient w a b : 0 < w -> word w a -> word w b ->
  bvadd w (choose (bveq w b 0) 1 0) (bvudiv w a b) = choose (bveq w b 0) 0 (bvudiv w a b).
Proof.
  intros W A B. pose proof (Z.pow_pos_nonneg 2 w). unfold bvadd, bveq, choose, bvudiv.
  destruct (Z.eqb_spec b 0) as [->|N].
  - replace (1 + (2 ^ w - 1)) with (0 + 1 * 2 ^ w) by lia. rewrite wrap_mod, Z.mod_add by lia. apply Z.mod_0_l. lia.
  - apply wrap_small; [|lia]. unfold word in *. split; [apply Z.div_pos; lia|].
    apply Z.le_lt_trans with a; [|lia]. apply Z.div_le_upper_bound; nia.
Qed.

(** [x]'s part above bit l, where all summands are multiples of 2^l but a constant rest. *)
Theorem rule_extract_scaled v l S r : 0 < l < v -> 0 <= r < 2 ^ l ->
  extract (v - 1) l (wrap v (2 ^ l * S + r)) = wrap (v - l) S.
Proof.
  intros L R. assert (E : 2 ^ v = 2 ^ l * 2 ^ (v - l)) by (rewrite <- Z.pow_add_r by lia; f_equal; lia).
  assert (0 < 2 ^ l /\ 0 < 2 ^ (v - l)) as [? ?] by (split; apply Z.pow_pos_nonneg; lia).
  unfold extract. replace (v - 1 - l + 1) with (v - l) by lia. rewrite !wrap_mod, Z.shiftr_div_pow2 by lia.
  rewrite E, Z.rem_mul_r by lia.
  replace ((2 ^ l * S + r) mod 2 ^ l) with r by (symmetry; rewrite Z.add_comm, Z.mul_comm, Z.mod_add, Z.mod_small by lia; reflexivity).
  replace ((2 ^ l * S + r) / 2 ^ l) with S by (apply Z.div_unique with r; lia).
  replace (r + 2 ^ l * (S mod 2 ^ (v - l))) with (S mod 2 ^ (v - l) * 2 ^ l + r) by lia.
  rewrite Z.div_add_l, Z.div_small, Z.add_0_r by lia. apply Z.mod_mod. lia.
Qed.

Theorem rule_extract_sum hi lo v a b : 0 <= lo <= hi -> hi < v ->
  let low x := wrap (hi + 1) x in
  extract hi lo (bvadd v a b) = extract hi lo (bvadd (hi + 1) (low a) (low b))
  /\ extract hi lo (bvneg v a) = extract hi lo (bvneg (hi + 1) (low a))
  /\ extract hi lo (bvmul v a b) = extract hi lo (bvmul (hi + 1) (low a) (low b)).
Proof.
  intros L V low. unfold low.
  assert (X : forall x y, wrap (hi + 1) x = wrap (hi + 1) y -> extract hi lo x = extract hi lo y).
  { intros x y E. unfold extract, wrap in *. apply Z.bits_inj'. intros i I.
    rewrite !Z.land_spec, !Z.shiftr_spec, !Z.testbit_ones_nonneg by lia.
    destruct (Z.ltb_spec i (hi - lo + 1)); rewrite ?andb_true_r, ?andb_false_r; [|reflexivity].
    assert (B : Z.testbit (Z.land x (Z.ones (hi + 1))) (i + lo) = Z.testbit (Z.land y (Z.ones (hi + 1))) (i + lo))
      by (rewrite E; reflexivity).
    rewrite !Z.land_spec, !Z.testbit_ones_nonneg in B by lia.
    destruct (Z.ltb_spec (i + lo) (hi + 1)); [|lia]. rewrite !andb_true_r in B. exact B. }
  assert (Sub : wrap (hi + 1) (wrap v (- a)) = wrap (hi + 1) (- wrap (hi + 1) a)).
  { destruct (extract_sum (hi + 1) v 0 a ltac:(lia)) as (_ & S & _). rewrite !Z.sub_0_l in S.
    change (wrap (hi + 1) 0) with 0 in S. rewrite S, Z.sub_0_l. reflexivity. }
  destruct (extract_sum (hi + 1) v a b ltac:(lia)) as (A & _ & M).
  unfold bvadd, bvneg, bvmul. repeat split; apply X; rewrite wrap_wrap by lia; assumption.
Qed.

(** Neighbouring fields of two sums whose low bits are the same. *)
Theorem rule_concat_sums hi k a b : 0 < k <= hi -> wrap k a = wrap k b ->
  concat k (extract hi k a) (extract (k - 1) 0 b) = extract hi 0 a.
Proof.
  intros K E. unfold concat, extract. rewrite !Z.shiftr_0_r. replace (k - 1 - 0 + 1) with k by lia. rewrite <- E.
  unfold wrap. apply Z.bits_inj'. intros i I.
  rewrite Z.lor_spec, Z.shiftl_spec, !Z.land_spec by lia.
  destruct (Z_lt_le_dec i k).
  - rewrite !(Z.testbit_neg_r _ (i - k)) by lia. rewrite !Z.testbit_ones_nonneg by lia.
    destruct (Z.ltb_spec i k), (Z.ltb_spec i (hi - 0 + 1)); try lia. reflexivity.
  - rewrite Z.shiftr_spec, !Z.testbit_ones_nonneg by lia. replace (i - k + k) with i by lia.
    destruct (Z.ltb_spec i k), (Z.ltb_spec i (hi - 0 + 1)), (Z.ltb_spec (i - k) (hi - k + 1)); try lia;
      rewrite ?andb_true_r, ?andb_false_r, ?orb_false_r; reflexivity.
Qed.

(** ** Products *)

Theorem rule_mul_product w a b c : 0 <= w ->
  bvmul w a b = bvmul w b a /\ bvmul w (bvmul w a b) c = bvmul w a (bvmul w b c)
  /\ bvmul w (bvadd w a b) c = bvadd w (bvmul w a c) (bvmul w b c)
  /\ bvmul w (bvneg w a) b = bvneg w (bvmul w a b).
Proof. apply mul_product. Qed.

(** The upper half of a product, from halves. *)
Theorem rule_extract_product h a b : 0 <= h ->
  let low x := wrap h x in let high x := extract (2 * h - 1) h x in
  high (bvmul (2 * h) a b)
  = bvadd h (high (bvmul (2 * h) (low a) (low b))) (bvadd h (bvmul h (low a) (high b)) (bvmul h (high a) (low b))).
Proof.
  intros H low high. assert (P : 0 < 2 ^ h) by (apply Z.pow_pos_nonneg; lia).
  assert (X : forall x, high x = wrap h (x / 2 ^ h)).
  { intros x. unfold high, extract. rewrite Z.shiftr_div_pow2 by lia. f_equal. lia. }
  destruct (mul_low_words_from_halves h a b H) as (_ & M). unfold mul in M.
  rewrite !X. unfold bvadd, bvmul, low. rewrite M.
  rewrite (wrap_small (2 * h))
    by (pose proof (wrap_range h a H); pose proof (wrap_range h b H); rewrite ?square_of_pow by lia; nia).
  assert (R : forall x y, wrap h (x * wrap h y) = wrap h (x * y)).
  { intros x y. rewrite <- (wrap_mul h x (wrap h y)), wrap_wrap, wrap_mul by lia. reflexivity. }
  rewrite R, (Z.mul_comm (wrap h (a / 2 ^ h))), R, wrap_wrap by lia.
  rewrite (wrap_add h (wrap h a * (b / 2 ^ h))), wrap_add by lia. f_equal. ring.
Qed.

(** Exact low bits, and zeros at both ends. *)
Theorem rule_known_mul w k a b a' b' : 0 <= k <= w -> wrap k a = wrap k a' -> wrap k b = wrap k b' ->
  wrap k (bvmul w a b) = wrap k (a' * b').
Proof.
  intros K A B. unfold bvmul. destruct (extract_sum k w a b K) as (_ & _ & M).
  rewrite M, A, B. apply wrap_mul. lia.
Qed.
Theorem rule_known_mul_low w i j a b : 0 <= i -> 0 <= j -> i + j <= w ->
  wrap i a = 0 -> wrap j b = 0 -> wrap (i + j) (bvmul w a b) = 0.
Proof.
  intros I J W A B. unfold bvmul. destruct (extract_sum (i + j) w a b ltac:(lia)) as (_ & _ & M).
  rewrite M, wrap_mul by lia. rewrite wrap_mod in * by lia.
  assert (0 < 2 ^ i /\ 0 < 2 ^ j) as [? ?] by (split; apply Z.pow_pos_nonneg; lia).
  apply Z.mod_divide in A, B; try lia. destruct A as (x & ->), B as (y & ->).
  replace (x * 2 ^ i * (y * 2 ^ j)) with (x * y * 2 ^ (i + j)) by (rewrite Z.pow_add_r by lia; ring).
  apply Z.mod_mul. apply Z.pow_nonzero; lia.
Qed.
Theorem rule_known_mul_high w i j a b : 0 <= i -> 0 <= j -> i + j <= w -> word i a -> word j b ->
  word (i + j) (bvmul w a b).
Proof.
  unfold word, bvmul. intros I J W A B. assert (E : 2 ^ (i + j) = 2 ^ i * 2 ^ j) by (apply Z.pow_add_r; lia).
  assert (Small : 0 <= a * b < 2 ^ (i + j)) by (rewrite E; nia).
  rewrite wrap_small; try lia. pose proof (Z.pow_le_mono_r 2 (i + j) w). lia.
Qed.

(** ** Choices *)

Theorem rule_mul_branches w c a b d : bvmul w (choose c a b) d = choose c (bvmul w a d) (bvmul w b d).
Proof. destruct c; reflexivity. Qed.
Theorem rule_udiv_branches w c a b d : bvudiv w (choose c a b) d = choose c (bvudiv w a d) (bvudiv w b d)
  /\ bvudiv w d (choose c a b) = choose c (bvudiv w d a) (bvudiv w d b).
Proof. destruct c; auto. Qed.
Theorem rule_urem_branches w c a b d : bvurem w (choose c a b) d = choose c (bvurem w a d) (bvurem w b d)
  /\ bvurem w d (choose c a b) = choose c (bvurem w d a) (bvurem w d b).
Proof. destruct c; auto. Qed.
Theorem rule_sdiv_branches w c a b d : bvsdiv w (choose c a b) d = choose c (bvsdiv w a d) (bvsdiv w b d)
  /\ bvsdiv w d (choose c a b) = choose c (bvsdiv w d a) (bvsdiv w d b).
Proof. destruct c; auto. Qed.
Theorem rule_srem_branches w c a b d : bvsrem w (choose c a b) d = choose c (bvsrem w a d) (bvsrem w b d)
  /\ bvsrem w d (choose c a b) = choose c (bvsrem w d a) (bvsrem w d b).
Proof. destruct c; auto. Qed.

Theorem rule_ite_division w a b : 0 <= w -> word w a ->
  choose (bveq w b 0) (2 ^ w - 1) (bvudiv w a b) = bvudiv w a b
  /\ choose (bveq w b 0) a (bvurem w a b) = bvurem w a b
  /\ choose (bveq w b 0) a (bvsrem w a b) = bvsrem w a b.
Proof. intros W A. destruct (ite_division w a b A) as (D & R & S). auto. Qed.

(** ** Division *)

Theorem rule_udiv_constant w k a : 0 <= k < w -> word w a ->
  bvudiv w a 1 = a /\ bvudiv w a 0 = 2 ^ w - 1 /\ bvudiv w a (2 ^ k) = bvlshr w a k.
Proof.
  intros K A. split; [apply (divide_by_one w a); [lia|exact A]|]. split; [apply divide_by_zero|].
  apply (divide_by_power_of_2 w k a K).
Qed.
Theorem rule_urem_constant w k a : 0 <= k < w -> word w a ->
  bvurem w a 1 = 0 /\ bvurem w a 0 = a /\ bvurem w a (2 ^ k) = wrap k a.
Proof.
  intros K A. split; [apply (divide_by_one w a); [lia|exact A]|]. split; [apply (divide_by_zero w a)|].
  apply (divide_by_power_of_2 w k a K).
Qed.
Theorem rule_sdiv_constant w a : 0 < w -> word w a -> bvsdiv w a 1 = a /\ bvsdiv w a (2 ^ w - 1) = bvneg w a.
Proof. intros W A. split; [apply (divide_by_one w a W A)|apply (divide_by_minus_one w a W A)]. Qed.
Theorem rule_srem_constant w a : 0 < w -> word w a ->
  bvsrem w a 1 = 0 /\ bvsrem w a 0 = a /\ bvsrem w a (2 ^ w - 1) = 0.
Proof.
  intros W A. split; [apply (divide_by_one w a W A)|]. split; [|apply (divide_by_minus_one w a W A)].
  destruct (divide_by_zero w a) as (_ & _ & ->). apply wrap_small; [exact A|lia].
Qed.

Theorem rule_udiv_narrow w v a b : 0 < w <= v -> word w a -> word w b ->
  bvudiv v a b = choose (bveq w b 0) (2 ^ v - 1) (bvudiv w a b).
Proof. intros W A B. apply (divide_narrow w v a b W A B). Qed.
Theorem rule_urem_narrow w v a b : 0 < w <= v -> word w a -> word w b -> bvurem v a b = bvurem w a b.
Proof. intros W A B. apply (divide_narrow w v a b W A B). Qed.
Theorem rule_sdiv_narrow u w v a b : 0 < u < w -> w <= v -> word u a -> word u b ->
  bvsdiv v (sext u v a) (sext u v b) = sext w v (bvsdiv w (sext u w a) (sext u w b)).
Proof. apply signed_divide_narrow. Qed.
Theorem rule_srem_narrow w v a b : 0 < w <= v -> word w a -> word w b ->
  bvsrem v (sext w v a) (sext w v b) = sext w v (bvsrem w a b).
Proof. apply signed_remainder_narrow. Qed.
(** Of numbers that aren't negative, signed and unsigned are the same; by zero, too. *)
Lemma signed_of_nonnegative w a : 0 < w -> word (w - 1) a -> signed w a = a /\ word w a.
Proof.
  intros W A. assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  unfold word in *. assert (R : word w a) by (unfold word; lia).
  destruct (signed_cases w a W R) as [[S L]|[S L]]; split; lia.
Qed.
Theorem rule_sdiv_nonnegative w a b : 0 < w -> word (w - 1) a -> word (w - 1) b -> bvsdiv w a b = bvudiv w a b.
Proof.
  intros W A B. destruct (signed_of_nonnegative w a W A) as (Sa & Wa).
  destruct (signed_of_nonnegative w b W B) as (Sb & Wb). unfold bvsdiv, bvudiv. rewrite Sa, Sb.
  destruct (Z.eqb_spec b 0) as [->|N].
  - assert (0 < 2 ^ w) by (apply Z.pow_pos_nonneg; lia). destruct (Z.ltb_spec a 0); [unfold word in A; lia|].
    rewrite wrap_mod by lia. symmetry. apply (Z.mod_unique_pos _ _ (-1)); lia.
  - rewrite Z.quot_div_nonneg by (unfold word in *; lia).
    apply wrap_small; [apply (quotient_range w a b Wa Wb N)|lia].
Qed.
Theorem rule_srem_nonnegative w a b : 0 < w -> word (w - 1) a -> word (w - 1) b -> bvsrem w a b = bvurem w a b.
Proof.
  intros W A B. destruct (signed_of_nonnegative w a W A) as (Sa & Wa).
  destruct (signed_of_nonnegative w b W B) as (Sb & Wb). unfold bvsrem. rewrite Sa, Sb.
  rewrite <- (wrap_small w (bvurem w a b)) at 1 by (try apply (bvurem_range w a b Wa Wb); lia).
  unfold bvurem. destruct (Z.eqb_spec b 0) as [->|N]; [reflexivity|].
  rewrite Z.rem_mod_nonneg by (unfold word in *; lia). reflexivity.
Qed.
Theorem rule_extract_sdiv w v a b : 0 < w <= v -> word w a -> word w b ->
  wrap w (bvsdiv v (sext w v a) (sext w v b)) = bvsdiv w a b.
Proof. apply extract_sdiv. Qed.

(** A quotient has no more bits than the dividend, and a remainder no more than either, unless by zero. *)
Theorem rule_known_udiv w k a b : 0 <= k -> b <> 0 -> 0 <= b -> word k a -> word k (bvudiv w a b).
Proof.
  unfold word, bvudiv. intros K N B A. destruct (Z.eqb_spec b 0); [contradiction|]. split; [apply Z.div_pos; lia|].
  apply Z.le_lt_trans with a; [|lia]. apply Z.div_le_upper_bound; nia.
Qed.
Theorem rule_known_urem w k a b : 0 <= k -> 0 <= b -> word k a \/ b <> 0 /\ 0 <= a /\ word k b -> word k (bvurem w a b).
Proof.
  unfold word, bvurem. intros K B H. destruct (Z.eqb_spec b 0) as [->|N].
  - destruct H as [A|(N & _)]; [exact A|lia].
  - pose proof (Z.mod_pos_bound a b ltac:(lia)). destruct H as [A|(_ & A & B')]; [|lia].
    pose proof (Z.mod_le a b ltac:(lia) ltac:(lia)). lia.
Qed.

Theorem rule_mul_quotient w a b :
  bvmul w (choose (bveq w b 0) 0 (bvudiv w a b)) b = bvmul w (bvudiv w a b) b
  /\ bvmul w (choose (bveq w b 0) 0 (bvsdiv w a b)) b = bvmul w (bvsdiv w a b) b.
Proof.
  unfold bveq, choose, bvmul. destruct (Z.eqb_spec b 0) as [->|_]; [|auto]. rewrite !Z.mul_0_r. auto.
Qed.

(** ** Shifts *)

Theorem rule_lshr_narrow w v a n : 0 < w <= v -> word w a -> bvlshr v a n = bvlshr w a n.
Proof. reflexivity. Qed.

Theorem rule_ashr_narrow w v a n : 0 < w <= v -> 0 <= n -> word w a -> bvashr v (sext w v a) n = sext w v (bvashr w a n).
Proof.
  intros W N A. pose proof (signed_range w a ltac:(lia)) as S.
  assert (E : forall x, - 2 ^ (w - 1) <= x < 2 ^ (w - 1) -> signed w (wrap w x) = x /\ signed v (wrap v x) = x).
  { intros x X. split; apply signed_of_small; try lia. pose proof (Z.pow_le_mono_r 2 (w - 1) (v - 1)). lia. }
  assert (B : - 2 ^ (w - 1) <= Z.shiftr (signed w a) n < 2 ^ (w - 1)).
  { rewrite Z.shiftr_div_pow2 by exact N. assert (P : 0 < 2 ^ n) by (apply Z.pow_pos_nonneg; lia).
    assert (0 < 2 ^ (w - 1)) by (apply Z.pow_pos_nonneg; lia). split.
    - apply Z.div_le_lower_bound; nia.
    - apply Z.div_lt_upper_bound; nia. }
  unfold bvashr, sext. rewrite (proj2 (E _ S)), (proj1 (E _ B)). reflexivity.
Qed.

(** The count is the same number in fewer bits. *)
Theorem rule_extract_shl n v a c : 0 <= n <= v -> 0 <= c -> wrap n (bvshl v a c) = bvshl n (wrap n a) c.
Proof.
  intros N C. unfold bvshl. rewrite !Z.shiftl_mul_pow2 by exact C.
  destruct (extract_sum n v a (2 ^ c) N) as (_ & _ & ->).
  rewrite <- (wrap_mul n (wrap n a) (2 ^ c)), wrap_wrap by lia. reflexivity.
Qed.

(** All of them, so that what they rest on can be asked at once. *)
Definition rules_proved :=
  (rule_add_sum, rule_mul_quotient, rule_neg_sum, rule_not_sum, rule_eq_sum, rule_add_remainder, rule_add_quotient,
   rule_extract_scaled, rule_extract_sum, rule_concat_sums, rule_extract_product, rule_mul_product, rule_known_mul,
   rule_known_mul_low, rule_known_mul_high, rule_mul_branches, rule_udiv_branches, rule_urem_branches,
   rule_sdiv_branches, rule_srem_branches, rule_ite_division, rule_udiv_constant, rule_urem_constant,
   rule_sdiv_constant, rule_srem_constant, rule_udiv_narrow, rule_urem_narrow, rule_sdiv_narrow,
   rule_srem_narrow, rule_sdiv_nonnegative, rule_srem_nonnegative, rule_extract_sdiv, rule_known_udiv, rule_known_urem, rule_lshr_narrow, rule_ashr_narrow,
   rule_extract_shl).
