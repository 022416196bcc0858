(* SPDX-License-Identifier: MIT *)
(** Identities of words that bit-blasting can't prove: multiplication in halves, quotient and remainder, widening.
    Each holds for every width; the prover's rewrite rules (prover/term) carry these names. Words are integers
    in [0, 2^w); [signed w] is their value in two's complement (Word.v). *)
From Coq Require Import ZArith Lia.
From Vouch Require Import Word Insn Step.
Open Scope Z_scope.

(** ** What the rules speak of, at width w *)

Definition word (w x : Z) : Prop := 0 <= x < 2 ^ w.

Definition mul (w a b : Z) : Z := wrap w (a * b).
(** High halves of the product, of unsigned, signed, and signed by unsigned factors. *)
Definition mulhu (w a b : Z) : Z := wrap w (a * b / 2 ^ w).
Definition mulh (w a b : Z) : Z := wrap w (signed w a * signed w b / 2 ^ w).
Definition mulhsu (w a b : Z) : Z := wrap w (signed w a * b / 2 ^ w).

(** Division as RFC 9669 section 4.1 has it. *)
Definition udiv (w a b : Z) : Z := wrap w (if b =? 0 then 0 else a / b).
Definition umod (w a b : Z) : Z := wrap w (if b =? 0 then a else a mod b).
Definition sdiv (w a b : Z) : Z := wrap w (if b =? 0 then 0 else Z.quot (signed w a) (signed w b)).
Definition smod (w a b : Z) : Z := wrap w (if b =? 0 then a else Z.rem (signed w a) (signed w b)).

(** These are the semantics' own. *)
Theorem alu_mul n a b : alu n Mul a b = mul (bits_of n) a b.
Proof. reflexivity. Qed.
Theorem alu_udiv n a b : alu n Div a b = udiv (bits_of n) a b.
Proof. reflexivity. Qed.
Theorem alu_umod n a b : alu n Mod a b = umod (bits_of n) a b.
Proof. reflexivity. Qed.
Theorem alu_sdiv n a b : alu n SDiv a b = sdiv (bits_of n) a b.
Proof. reflexivity. Qed.
Theorem alu_smod n a b : alu n SMod a b = smod (bits_of n) a b.
Proof. reflexivity. Qed.

(** ** Tools *)

Definition congruent (w x y : Z) : Prop := exists k, x = y + k * 2 ^ w.

Lemma pow_positive w : 0 <= w -> 0 < 2 ^ w.
Proof. intros. apply Z.pow_pos_nonneg; lia. Qed.

Lemma wrap_congruent w x : 0 <= w -> congruent w (wrap w x) x.
Proof.
  intros W. exists (- (x / 2 ^ w)). rewrite wrap_mod by assumption.
  pose proof (Z.div_mod x (2 ^ w)) as E. pose proof (pow_positive w W). lia.
Qed.

Lemma signed_congruent w x : 0 <= w -> congruent w (signed w x) x.
Proof.
  intros W. unfold signed. destruct (wrap_congruent w x W) as (k & E).
  destruct (Z.testbit _ _); [|exists k; exact E].
  rewrite Z.shiftl_1_l. exists (k - 1). lia.
Qed.

Lemma wrap_equal w x y : 0 <= w -> congruent w x y -> wrap w x = wrap w y.
Proof. intros W (k & ->). rewrite !wrap_mod by assumption. apply Z.mod_add. pose proof (pow_positive w W). lia. Qed.

Lemma signed_cases w x : 0 < w -> word w x ->
  (signed w x = x /\ x < 2 ^ (w - 1)) \/ (signed w x = x - 2 ^ w /\ 2 ^ (w - 1) <= x).
Proof.
  intros W X. unfold signed. rewrite wrap_small by (unfold word in X; lia).
  rewrite testbit_sign, Z.shiftl_1_l by (unfold word in X; lia).
  destruct (Z.leb_spec (2 ^ (w - 1)) x); [right|left]; lia.
Qed.

Lemma signed_zero w x : 0 < w -> word w x -> (signed w x = 0 <-> x = 0).
Proof.
  intros W X. pose proof (signed_cases w x W X). pose proof (pow_positive (w - 1) ltac:(lia)).
  unfold word in X. lia.
Qed.

(** ** Multiplication *)

(** The low half of a product does not depend on the factors' signs. *)
Theorem mul_of_signed w a b : 0 <= w -> wrap w (signed w a * signed w b) = mul w a b.
Proof.
  intros W. apply wrap_equal; [assumption|].
  destruct (signed_congruent w a W) as (i & ->), (signed_congruent w b W) as (j & ->).
  exists (i * b + a * j + i * j * 2 ^ w). ring.
Qed.

(** A product at w bits is the low part of one at any greater width. *)
Theorem mul_narrowed w v a b : 0 <= w <= v -> wrap w (mul v a b) = mul w a b.
Proof.
  intros W. apply wrap_equal; [lia|]. destruct (wrap_congruent v (a * b) ltac:(lia)) as (k & E).
  exists (k * 2 ^ (v - w)). unfold mul. rewrite E, <- Z.mul_assoc, <- Z.pow_add_r by lia.
  replace (v - w + w) with v by lia. reflexivity.
Qed.

Lemma in_halves h x : 0 <= h -> x = wrap h x + x / 2 ^ h * 2 ^ h.
Proof.
  intros H. rewrite wrap_mod by assumption. pose proof (Z.div_mod x (2 ^ h)). pose proof (pow_positive h H). lia.
Qed.

Lemma product_in_halves h a b : 0 <= h ->
  let lo x := wrap h x in let hi x := x / 2 ^ h in
  a * b = lo a * lo b + (lo a * hi b + hi a * lo b) * 2 ^ h + hi a * hi b * (2 ^ h * 2 ^ h).
Proof.
  intros H lo hi. pose proof (in_halves h a H) as A. pose proof (in_halves h b H) as B.
  fold (lo a) (hi a) in A. fold (lo b) (hi b) in B.
  generalize dependent (lo a); generalize dependent (hi a); generalize dependent (lo b);
    generalize dependent (hi b). intros. subst a b. ring.
Qed.

Lemma square_of_pow h : 0 <= h -> 2 ^ (2 * h) = 2 ^ h * 2 ^ h.
Proof. intros. rewrite <- Z.pow_add_r by lia. f_equal. lia. Qed.

(** Twice h bits from halves of h bits: the low half of the product... *)
Theorem mul_low_from_halves h a b : 0 <= h ->
  let lo x := wrap h x in let hi x := x / 2 ^ h in
  mul (2 * h) a b = wrap (2 * h) (lo a * lo b + wrap h (lo a * hi b + hi a * lo b) * 2 ^ h).
Proof.
  intros H lo hi. apply wrap_equal; [lia|].
  rewrite (product_in_halves h a b H). fold lo hi. fold (lo a) (lo b) (hi a) (hi b).
  destruct (wrap_congruent h (lo a * hi b + hi a * lo b) H) as (k & ->).
  exists (hi a * hi b - k). rewrite square_of_pow by assumption. ring.
Qed.

(** ...the same as two words, the way a machine with h-bit registers makes it... *)
Theorem mul_low_words_from_halves h a b : 0 <= h ->
  let lo x := wrap h x in let hi x := x / 2 ^ h in
  lo (mul (2 * h) a b) = mul h (lo a) (lo b)
  /\ hi (mul (2 * h) a b) = wrap h (lo a * lo b / 2 ^ h + lo a * hi b + hi a * lo b).
Proof.
  intros H lo hi. pose proof (pow_positive h H) as P. split.
  - unfold lo at 1. rewrite mul_narrowed by lia. apply wrap_equal; [assumption|].
    rewrite (product_in_halves h a b H). fold (lo a) (lo b) (hi a) (hi b).
    exists (lo a * hi b + hi a * lo b + hi a * hi b * 2 ^ h). ring.
  - unfold hi at 1, mul. rewrite (product_in_halves h a b H). fold (lo a) (lo b) (hi a) (hi b).
    rewrite !wrap_mod, square_of_pow by lia.
    replace (lo a * lo b + (lo a * hi b + hi a * lo b) * 2 ^ h + hi a * hi b * (2 ^ h * 2 ^ h))
      with (lo a * lo b + (lo a * hi b + hi a * lo b + hi a * hi b * 2 ^ h) * 2 ^ h) by ring.
    rewrite Z.rem_mul_r by lia. rewrite Z.div_add by lia.
    rewrite (Z.mul_comm (2 ^ h)), Z.div_add by lia.
    rewrite Z.div_small by (apply Z.mod_pos_bound; lia). rewrite Z.add_0_l.
    replace (lo a * lo b / 2 ^ h + (lo a * hi b + hi a * lo b + hi a * hi b * 2 ^ h))
      with (lo a * lo b / 2 ^ h + lo a * hi b + hi a * lo b + hi a * hi b * 2 ^ h) by ring.
    apply Z.mod_add. lia.
Qed.

Lemma carries_add_up n p q r s ll hl lm hm lc hc :
  p = ll + hl * n -> r + hl = lm + hm * n -> q + lm = lc + hc * n ->
  p + (q + r) * n + s * (n * n) = n * n * (s + hm + hc) + (lc * n + ll).
Proof.
  intros P R Q. assert (r = lm + hm * n - hl) by lia. assert (q = lc + hc * n - lm) by lia. subst. ring.
Qed.

(** ...and the high half, with the carries of the middle products. No intermediate sum exceeds 2h bits. *)
Theorem mulhu_from_halves h a b : 0 <= h -> word (2 * h) a -> word (2 * h) b ->
  let lo x := wrap h x in let hi x := x / 2 ^ h in
  let middle := hi a * lo b + lo a * lo b / 2 ^ h in
  let carry := lo a * hi b + lo middle in
  mulhu (2 * h) a b = hi a * hi b + hi middle + hi carry
  /\ word (2 * h) middle /\ word (2 * h) carry /\ word (2 * h) (hi a * hi b + hi middle + hi carry).
Proof.
  intros H WA WB lo hi middle carry. pose proof (pow_positive h H) as P.
  unfold word in *. rewrite square_of_pow in * by assumption.
  assert (L : forall x, 0 <= lo x < 2 ^ h) by (intros; apply wrap_range; assumption).
  assert (Hi : forall x, 0 <= x < 2 ^ h * 2 ^ h -> 0 <= hi x < 2 ^ h).
  { intros x X. split; [apply Z.div_pos; lia|apply Z.div_lt_upper_bound; lia]. }
  assert (S : forall x, x = lo x + hi x * 2 ^ h) by (intros; apply in_halves; assumption).
  assert (Pr : forall x y, 0 <= x < 2 ^ h -> 0 <= y < 2 ^ h -> 0 <= x * y <= (2 ^ h - 1) * (2 ^ h - 1)).
  { intros x y X Y. split; [nia|]. apply Z.mul_le_mono_nonneg; lia. }
  assert (Pab := Pr (lo a) (lo b) (L a) (L b)). assert (Pha := Pr (hi a) (lo b) (Hi a WA) (L b)).
  assert (Phb := Pr (lo a) (hi b) (L a) (Hi b WB)). assert (Phh := Pr (hi a) (hi b) (Hi a WA) (Hi b WB)).
  assert (Bm : 0 <= middle < 2 ^ h * 2 ^ h).
  { assert (0 <= hi (lo a * lo b) < 2 ^ h) by (apply Hi; lia). unfold middle. fold (hi (lo a * lo b)). lia. }
  assert (Bc : 0 <= carry < 2 ^ h * 2 ^ h).
  { pose proof (L middle). unfold carry. lia. }
  pose proof (Hi _ Bm) as Hm. pose proof (Hi _ Bc) as Hc.
  assert (E : a * b / (2 ^ h * 2 ^ h) = hi a * hi b + hi middle + hi carry).
  { symmetry. apply Z.div_unique with (lo carry * 2 ^ h + lo (lo a * lo b)).
    - left. pose proof (L carry). pose proof (L (lo a * lo b)). nia.
    - pose proof (product_in_halves h a b H) as Q. cbv zeta in Q.
      fold (lo a) (lo b) (hi a) (hi b) in Q. rewrite Q.
      pose proof (S (lo a * lo b)) as S1. pose proof (S middle) as S2. pose proof (S carry) as S3.
      unfold carry at 1 in S3. unfold middle at 1 in S2. fold (hi (lo a * lo b)) in S2.
      apply carries_add_up with (hi (lo a * lo b)) (lo middle); assumption. }
  assert (N : 0 <= a * b / (2 ^ h * 2 ^ h) < 2 ^ h * 2 ^ h).
  { split; [apply Z.div_pos; nia|apply Z.div_lt_upper_bound; nia]. }
  rewrite E in N. unfold mulhu. rewrite square_of_pow, E by assumption. split; [|auto].
  apply wrap_small; [|lia]. rewrite square_of_pow by assumption. exact N.
Qed.

(** ** Signed high halves *)

Lemma div_sub_multiple a n k : 0 < n -> (a - k * n) / n = a / n - k.
Proof. intros. replace (a - k * n) with (a + (- k) * n) by ring. rewrite Z.div_add; lia. Qed.

(** The signed high half from the unsigned one, taking off the other factor for each negative one. *)
Theorem mulh_from_mulhu w a b : 0 < w -> word w a -> word w b ->
  mulh w a b = wrap w (mulhu w a b - (if signed w a <? 0 then b else 0) - (if signed w b <? 0 then a else 0)).
Proof.
  intros W A B. pose proof (pow_positive w ltac:(lia)) as P.
  unfold mulh, mulhu. apply wrap_equal; [lia|].
  destruct (wrap_congruent w (a * b / 2 ^ w) ltac:(lia)) as (k & ->).
  destruct (signed_cases w a W A) as [[Ea La]|[Ea La]], (signed_cases w b W B) as [[Eb Lb]|[Eb Lb]];
    unfold word in A, B; rewrite Ea, Eb;
    repeat match goal with |- context [?x <? 0] => destruct (Z.ltb_spec x 0); try lia end.
  - exists (- k). lia.
  - exists (- k). replace (a * (b - 2 ^ w)) with (a * b - a * 2 ^ w) by ring.
    rewrite div_sub_multiple by assumption. lia.
  - exists (- k). replace ((a - 2 ^ w) * b) with (a * b - b * 2 ^ w) by ring.
    rewrite div_sub_multiple by assumption. lia.
  - exists (1 - k). replace ((a - 2 ^ w) * (b - 2 ^ w)) with (a * b - (a + b - 2 ^ w) * 2 ^ w) by ring.
    rewrite div_sub_multiple by assumption. lia.
Qed.

Theorem mulhsu_from_mulhu w a b : 0 < w -> word w a -> word w b ->
  mulhsu w a b = wrap w (mulhu w a b - (if signed w a <? 0 then b else 0)).
Proof.
  intros W A B. pose proof (pow_positive w ltac:(lia)) as P.
  unfold mulhsu, mulhu. apply wrap_equal; [lia|].
  destruct (wrap_congruent w (a * b / 2 ^ w) ltac:(lia)) as (k & ->).
  destruct (signed_cases w a W A) as [[Ea La]|[Ea La]]; unfold word in A; rewrite Ea;
    match goal with |- context [?x <? 0] => destruct (Z.ltb_spec x 0); try lia end.
  - exists (- k). lia.
  - exists (- k). replace ((a - 2 ^ w) * b) with (a * b - b * 2 ^ w) by ring.
    rewrite div_sub_multiple by assumption. lia.
Qed.

(** ** Remainder from quotient: what a machine without a remainder instruction computes *)

(** a - (a / b) b = a mod b, also where b is zero, since then a / b is 0 and a mod b is a. *)
Theorem umod_from_udiv w a b : 0 < w -> word w a -> word w b ->
  wrap w (a - mul w (udiv w a b) b) = umod w a b.
Proof.
  intros W A B. unfold umod, udiv, mul, word in *. destruct (Z.eqb_spec b 0) as [->|N].
  - rewrite Z.mul_0_r. replace (wrap w 0) with 0; [f_equal; lia|]. rewrite wrap_small; lia.
  - rewrite (wrap_small w (a / b)); [|split; [apply Z.div_pos; lia|]|lia].
    2: { apply Z.le_lt_trans with a; [apply Z.div_le_upper_bound; nia|lia]. }
    apply wrap_equal; [lia|]. destruct (wrap_congruent w (a / b * b) ltac:(lia)) as (k & ->).
    exists (- k). rewrite (Z.mod_eq a b) by assumption. ring.
Qed.

(** The same with a machine's own quotient by zero, whatever it is (all ones on RISC-V): only b <> 0 matters. *)
Theorem umod_from_any_quotient w a b q : 0 < w -> word w a -> word w b -> (b <> 0 -> q = udiv w a b) ->
  wrap w (a - mul w q b) = umod w a b.
Proof.
  intros W A B Q. destruct (Z.eq_dec b 0) as [->|N].
  - unfold umod, mul. simpl. rewrite Z.mul_0_r, (wrap_small w 0) by (unfold word in A; lia). f_equal. lia.
  - rewrite (Q N). apply umod_from_udiv; assumption.
Qed.

(** Signed, also for the least number divided by -1, where the quotient wraps and the remainder is 0. *)
Theorem smod_from_sdiv w a b : 0 < w -> word w a -> word w b ->
  wrap w (a - mul w (sdiv w a b) b) = smod w a b.
Proof.
  intros W A B. unfold smod, sdiv, mul. destruct (Z.eqb_spec b 0) as [->|N].
  - rewrite Z.mul_0_r. f_equal. rewrite wrap_small by (unfold word in A; lia). lia.
  - apply wrap_equal; [lia|].
    destruct (wrap_congruent w (wrap w (Z.quot (signed w a) (signed w b)) * b) ltac:(lia)) as (i & ->).
    destruct (wrap_congruent w (Z.quot (signed w a) (signed w b)) ltac:(lia)) as (j & ->).
    pose proof (Z.quot_rem' (signed w a) (signed w b)) as E.
    destruct (signed_congruent w a ltac:(lia)) as (x & Ea), (signed_congruent w b ltac:(lia)) as (y & Eb).
    set (q := Z.quot (signed w a) (signed w b)) in *. set (r := Z.rem (signed w a) (signed w b)) in *.
    assert (R : r = a + x * 2 ^ w - (b + y * 2 ^ w) * q) by lia.
    exists (q * y - x - i - j * b). rewrite R. ring.
Qed.

Theorem smod_from_any_quotient w a b q : 0 < w -> word w a -> word w b -> (b <> 0 -> q = sdiv w a b) ->
  wrap w (a - mul w q b) = smod w a b.
Proof.
  intros W A B Q. destruct (Z.eq_dec b 0) as [->|N].
  - unfold smod, mul. simpl. rewrite Z.mul_0_r, (wrap_small w 0) by (unfold word in A; lia). f_equal. lia.
  - rewrite (Q N). apply smod_from_sdiv; assumption.
Qed.

(** ** Division by a negative one, which some machines trap on *)

Lemma signed_all_ones w : 0 < w -> signed w (2 ^ w - 1) = -1.
Proof.
  intros W. pose proof (pow_positive (w - 1) ltac:(lia)).
  assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  assert (X : word w (2 ^ w - 1)) by (unfold word; lia).
  destruct (signed_cases w _ W X); lia.
Qed.

Theorem sdiv_by_minus_one w a : 0 < w -> word w a -> sdiv w a (2 ^ w - 1) = wrap w (- a).
Proof.
  intros W A. pose proof (pow_positive w ltac:(lia)). pose proof (Z.pow_gt_1 2 w ltac:(lia)) as G.
  unfold sdiv. destruct (Z.eqb_spec (2 ^ w - 1) 0); [lia|].
  rewrite signed_all_ones by assumption. apply wrap_equal; [lia|].
  replace (-1) with (Z.opp 1) by reflexivity. rewrite Z.quot_opp_r, Z.quot_1_r by lia.
  destruct (signed_congruent w a ltac:(lia)) as (k & ->). exists (- k). ring.
Qed.

Theorem smod_by_minus_one w a : 0 < w -> word w a -> smod w a (2 ^ w - 1) = 0.
Proof.
  intros W A. pose proof (pow_positive w ltac:(lia)). pose proof (Z.pow_gt_1 2 w ltac:(lia)) as G.
  unfold smod. destruct (Z.eqb_spec (2 ^ w - 1) 0); [lia|].
  rewrite signed_all_ones by assumption. replace (-1) with (Z.opp 1) by reflexivity.
  rewrite Z.rem_opp_r, Z.rem_1_r by lia. apply wrap_small; lia.
Qed.

(** ** Widening: division at w bits by a divider of v >= w bits *)

Theorem udiv_widened w v a b : 0 < w <= v -> word w a -> word w b -> udiv v a b = udiv w a b.
Proof.
  intros W A B. unfold udiv, word in *. pose proof (Z.pow_le_mono_r 2 w v ltac:(lia) ltac:(lia)).
  destruct (Z.eqb_spec b 0); [rewrite !wrap_small; lia|].
  assert (0 <= a / b < 2 ^ w).
  { split; [apply Z.div_pos; lia|]. apply Z.le_lt_trans with a; [apply Z.div_le_upper_bound; nia|lia]. }
  rewrite !wrap_small by lia. reflexivity.
Qed.

Theorem umod_widened w v a b : 0 < w <= v -> word w a -> word w b -> umod v a b = umod w a b.
Proof.
  intros W A B. unfold umod, word in *. pose proof (Z.pow_le_mono_r 2 w v ltac:(lia) ltac:(lia)).
  destruct (Z.eqb_spec b 0); [rewrite !wrap_small; lia|].
  pose proof (Z.mod_pos_bound a b ltac:(lia)). assert (a mod b <= a) by (apply Z.mod_le; lia).
  rewrite !wrap_small by lia. reflexivity.
Qed.

(** Sign-extended to v bits. *)
Definition extend (w v x : Z) : Z := wrap v (signed w x).

Lemma signed_extend w v x : 0 < w <= v -> signed v (extend w v x) = signed w x.
Proof.
  intros W. unfold extend. pose proof (signed_range w x ltac:(lia)) as R.
  pose proof (Z.pow_le_mono_r 2 (w - 1) (v - 1) ltac:(lia) ltac:(lia)) as M.
  assert (E : 2 ^ v = 2 * 2 ^ (v - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  assert (X : word v (wrap v (signed w x))) by (apply wrap_range; lia).
  destruct (wrap_congruent v (signed w x) ltac:(lia)) as (k & C). unfold word in X.
  destruct (signed_cases v _ ltac:(lia) X) as [[S L]|[S L]]; rewrite S; rewrite C in *.
  - assert (k = 0) by nia. subst. lia.
  - assert (k = 1) by nia. subst. lia.
Qed.

Lemma extend_zero w v x : 0 < w <= v -> word w x -> (extend w v x =? 0) = (x =? 0).
Proof.
  intros W X. assert (E : word v (extend w v x)) by (apply wrap_range; lia).
  pose proof (signed_zero v _ ltac:(lia) E) as A. rewrite signed_extend in A by assumption.
  pose proof (signed_zero w x ltac:(lia) X).
  destruct (Z.eqb_spec (extend w v x) 0), (Z.eqb_spec x 0); tauto.
Qed.

(** The low w bits are right even where the quotient of w bits wraps. *)
Theorem sdiv_widened w v a b : 0 < w <= v -> word w a -> word w b ->
  wrap w (sdiv v (extend w v a) (extend w v b)) = sdiv w a b.
Proof.
  intros W A B. unfold sdiv. rewrite extend_zero by assumption.
  rewrite !signed_extend by assumption. apply wrap_equal; [lia|].
  set (x := if b =? 0 then 0 else _). destruct (wrap_congruent v x ltac:(lia)) as (k & ->).
  exists (k * 2 ^ (v - w)). rewrite <- Z.mul_assoc, <- Z.pow_add_r by lia. repeat f_equal. lia.
Qed.

Theorem smod_widened w v a b : 0 < w <= v -> word w a -> word w b ->
  wrap w (smod v (extend w v a) (extend w v b)) = smod w a b.
Proof.
  intros W A B. unfold smod. rewrite extend_zero by assumption.
  rewrite !signed_extend by assumption. apply wrap_equal; [lia|].
  destruct (Z.eqb_spec b 0).
  - destruct (wrap_congruent v (extend w v a) ltac:(lia)) as (k & ->). unfold extend.
    destruct (wrap_congruent v (signed w a) ltac:(lia)) as (j & ->).
    destruct (signed_congruent w a ltac:(lia)) as (i & ->).
    exists (i + (j + k) * 2 ^ (v - w)). replace (2 ^ v) with (2 ^ (v - w) * 2 ^ w).
    2: { rewrite <- Z.pow_add_r by lia. f_equal. lia. }
    ring.
  - destruct (wrap_congruent v (Z.rem (signed w a) (signed w b)) ltac:(lia)) as (k & ->).
    exists (k * 2 ^ (v - w)). rewrite <- Z.mul_assoc, <- Z.pow_add_r by lia. repeat f_equal. lia.
Qed.

(** ** Dividers with a dividend of two words (x86 div and idiv) *)

(** Unsigned: with a zero high word the quotient is that of w bits, and fits (no trap). *)
Theorem udiv_of_two_words w a b : 0 < w -> word w a -> word w b -> b <> 0 ->
  (0 * 2 ^ w + a) / b = udiv w a b /\ word w ((0 * 2 ^ w + a) / b)
  /\ (0 * 2 ^ w + a) mod b = umod w a b.
Proof.
  intros W A B N. unfold udiv, umod, word in *. rewrite Z.mul_0_l, Z.add_0_l.
  destruct (Z.eqb_spec b 0); [contradiction|].
  assert (0 <= a / b < 2 ^ w).
  { split; [apply Z.div_pos; lia|]. apply Z.le_lt_trans with a; [apply Z.div_le_upper_bound; nia|lia]. }
  pose proof (Z.mod_pos_bound a b ltac:(lia)).
  rewrite !wrap_small by lia. auto.
Qed.

(** Signed: the quotient of sign-extended words fits in w bits unless it is the one overflow. *)
Theorem sdiv_fits w a b : 0 < w -> word w a -> word w b -> b <> 0 ->
  ~ (signed w a = - 2 ^ (w - 1) /\ signed w b = -1) ->
  - 2 ^ (w - 1) <= Z.quot (signed w a) (signed w b) < 2 ^ (w - 1).
Proof.
  intros W A B N O. pose proof (signed_range w a W) as Ra.
  assert (Nb : signed w b <> 0) by (rewrite signed_zero; assumption).
  set (x := signed w a) in *. set (y := signed w b) in *. set (m := 2 ^ (w - 1)) in *.
  assert (0 < m) by (apply pow_positive; lia).
  pose proof (Z.quot_abs x y Nb) as Q.
  assert (AQ : Z.abs (Z.quot x y) = Z.abs x / Z.abs y).
  { rewrite <- Q, <- Z.quot_div_nonneg by lia. rewrite Z.quot_abs by assumption. reflexivity. }
  assert (D : Z.abs x / Z.abs y <= Z.abs x) by (apply Z.div_le_upper_bound; nia).
  destruct (Z.eq_dec x (- m)) as [->|].
  - destruct (Z.eq_dec y 1) as [->|]; [rewrite Z.quot_1_r; lia|].
    assert (2 <= Z.abs y) by lia.
    assert (Z.abs (- m) / Z.abs y < m); [|lia].
    apply Z.div_lt_upper_bound; nia.
  - lia.
Qed.

(** ** Division as SMT-LIB has it *)

(** The prover's terms are SMT-LIB's, where dividing by zero means something else than in BPF. *)
Definition bvudiv (w a b : Z) : Z := if b =? 0 then 2 ^ w - 1 else a / b.
Definition bvurem (w a b : Z) : Z := if b =? 0 then a else a mod b.
Definition bvsdiv (w a b : Z) : Z :=
  wrap w (if b =? 0 then if signed w a <? 0 then 1 else -1 else Z.quot (signed w a) (signed w b)).
Definition bvsrem (w a b : Z) : Z :=
  wrap w (if b =? 0 then a else Z.rem (signed w a) (signed w b)).

Lemma quotient_range w a b : word w a -> word w b -> b <> 0 -> 0 <= a / b < 2 ^ w.
Proof.
  unfold word. intros A B N. split; [apply Z.div_pos; lia|].
  apply Z.le_lt_trans with a; [apply Z.div_le_upper_bound; nia|lia].
Qed.

Lemma bvurem_range w a b : word w a -> word w b -> word w (bvurem w a b).
Proof.
  unfold bvurem, word. intros A B. destruct (Z.eqb_spec b 0); [lia|].
  pose proof (Z.mod_pos_bound a b ltac:(lia)). lia.
Qed.

(** BPF's operations in these words: what prover/model/bpf.c writes for them. *)
Theorem udiv_as_bvudiv w a b : 0 < w -> word w a -> word w b ->
  udiv w a b = if b =? 0 then 0 else bvudiv w a b.
Proof.
  intros W A B. unfold udiv, bvudiv. destruct (Z.eqb_spec b 0).
  - apply wrap_small; [|lia]. pose proof (pow_positive w ltac:(lia)). lia.
  - apply wrap_small; [|lia]. apply quotient_range; assumption.
Qed.

Theorem umod_as_bvurem w a b : 0 < w -> word w a -> word w b -> umod w a b = bvurem w a b.
Proof. intros W A B. apply wrap_small; [apply bvurem_range; assumption|lia]. Qed.

Theorem sdiv_as_bvsdiv w a b : 0 < w -> sdiv w a b = if b =? 0 then 0 else bvsdiv w a b.
Proof.
  intros W. unfold sdiv, bvsdiv. destruct (b =? 0); [|reflexivity].
  apply wrap_small; [|lia]. pose proof (pow_positive w ltac:(lia)). lia.
Qed.

Theorem smod_as_bvsrem w a b : smod w a b = bvsrem w a b.
Proof. reflexivity. Qed.

(** By constants. *)
Theorem divide_by_one w a : 0 < w -> word w a ->
  bvudiv w a 1 = a /\ bvurem w a 1 = 0 /\ bvsdiv w a 1 = a /\ bvsrem w a 1 = 0.
Proof.
  intros W A. pose proof (pow_positive w ltac:(lia)). unfold bvudiv, bvurem, bvsdiv, bvsrem. simpl.
  assert (One : signed w 1 = 1 \/ signed w 1 = -1 /\ 2 ^ w = 2).
  { pose proof (Z.pow_le_mono_r 2 1 w ltac:(lia) ltac:(lia)).
    assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
    pose proof (pow_positive (w - 1) ltac:(lia)).
    destruct (signed_cases w 1 W ltac:(unfold word; lia)); lia. }
  rewrite Z.div_1_r, Z.mod_1_r. split; [reflexivity|]. split; [reflexivity|].
  destruct (signed_congruent w a ltac:(lia)) as (k & E).
  rewrite <- (wrap_small w a) at 2 by (unfold word in A; lia).
  destruct One as [->|[-> T]].
  - rewrite Z.quot_1_r, Z.rem_1_r. split; [|apply wrap_small; lia].
    apply wrap_equal; [lia|]. exists k. exact E.
  - replace (-1) with (Z.opp 1) by reflexivity. rewrite Z.quot_opp_r, Z.quot_1_r, Z.rem_opp_r, Z.rem_1_r by lia.
    split; [|apply wrap_small; lia]. apply wrap_equal; [lia|]. exists (- k - a). rewrite E, T. ring.
Qed.

Theorem divide_by_minus_one w a : 0 < w -> word w a ->
  bvsdiv w a (2 ^ w - 1) = wrap w (- a) /\ bvsrem w a (2 ^ w - 1) = 0.
Proof.
  intros W A. pose proof (Z.pow_gt_1 2 w ltac:(lia)).
  pose proof (sdiv_by_minus_one w a W A) as D. rewrite sdiv_as_bvsdiv in D by assumption.
  destruct (Z.eqb_spec (2 ^ w - 1) 0); [lia|]. split; [exact D|].
  rewrite <- smod_as_bvsrem. apply smod_by_minus_one; assumption.
Qed.

Theorem divide_by_zero w a :
  bvudiv w a 0 = 2 ^ w - 1 /\ bvurem w a 0 = a /\ bvsrem w a 0 = wrap w a.
Proof. repeat split. Qed.

Theorem divide_by_power_of_2 w k a : 0 <= k < w ->
  bvudiv w a (2 ^ k) = Z.shiftr a k /\ bvurem w a (2 ^ k) = wrap k a.
Proof.
  intros K. pose proof (pow_positive k ltac:(lia)). unfold bvudiv, bvurem.
  destruct (Z.eqb_spec (2 ^ k) 0); [lia|]. rewrite Z.shiftr_div_pow2, wrap_mod by lia. auto.
Qed.

(** Zeros above both operands stay zeros; a quotient by zero has ones there. *)
Theorem divide_narrow w v a b : 0 < w <= v -> word w a -> word w b ->
  bvudiv v a b = (if b =? 0 then 2 ^ v - 1 else bvudiv w a b) /\ bvurem v a b = bvurem w a b.
Proof. intros W A B. unfold bvudiv, bvurem. destruct (b =? 0); auto. Qed.

(** Signed words of u bits: the quotient needs one bit more, for the least number by -1. *)
Lemma quotient_needs_one_bit_more u x y : 0 < u ->
  - 2 ^ (u - 1) <= x < 2 ^ (u - 1) -> y <> 0 -> - 2 ^ (u - 1) <= Z.quot x y <= 2 ^ (u - 1).
Proof.
  intros U X N. assert (A : Z.abs (Z.quot x y) <= Z.abs x); [|lia].
  rewrite <- Z.quot_abs by assumption. rewrite Z.quot_div_nonneg by lia.
  apply Z.div_le_upper_bound; nia.
Qed.

Lemma signed_of_small w x : 0 < w -> - 2 ^ (w - 1) <= x < 2 ^ (w - 1) -> signed w (wrap w x) = x.
Proof.
  intros W X. pose proof (pow_positive (w - 1) ltac:(lia)).
  assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  assert (R : word w (wrap w x)) by (apply wrap_range; lia).
  destruct (wrap_congruent w x ltac:(lia)) as (k & C). unfold word in R.
  destruct (signed_cases w _ W R) as [[S L]|[S L]]; rewrite S; rewrite C in *.
  - assert (k = 0) by nia. subst. lia.
  - assert (k = 1) by nia. subst. lia.
Qed.

Theorem signed_divide_narrow u w v a b : 0 < u < w -> w <= v -> word u a -> word u b ->
  bvsdiv v (extend u v a) (extend u v b) = extend w v (bvsdiv w (extend u w a) (extend u w b)).
Proof.
  intros U W A B. unfold bvsdiv. rewrite !extend_zero, !signed_extend by (assumption || lia).
  unfold extend at 1. f_equal. set (q := if b =? 0 then _ else _).
  symmetry. apply signed_of_small; [lia|].
  pose proof (Z.pow_le_mono_r 2 u (w - 1) ltac:(lia) ltac:(lia)) as M.
  assert (E : 2 ^ u = 2 * 2 ^ (u - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  pose proof (pow_positive (u - 1) ltac:(lia)).
  unfold q. destruct (Z.eqb_spec b 0) as [|N]; [destruct (_ <? 0); lia|].
  pose proof (signed_range u a ltac:(lia)).
  assert (Nb : signed u b <> 0) by (rewrite signed_zero; (assumption || lia)).
  pose proof (quotient_needs_one_bit_more u (signed u a) (signed u b) ltac:(lia) ltac:(lia) Nb). lia.
Qed.

(** The remainder doesn't. *)
Theorem signed_remainder_narrow w v a b : 0 < w <= v -> word w a -> word w b ->
  bvsrem v (extend w v a) (extend w v b) = extend w v (bvsrem w a b).
Proof.
  intros W A B. unfold bvsrem. rewrite extend_zero, !signed_extend by (assumption || lia).
  destruct (Z.eqb_spec b 0) as [|N].
  - rewrite (wrap_small w a) by (unfold word in A; lia). apply wrap_wrap. lia.
  - unfold extend. f_equal. symmetry. apply signed_of_small; [lia|].
    pose proof (signed_range w a ltac:(lia)). pose proof (signed_range w b ltac:(lia)).
    assert (Nb : signed w b <> 0) by (rewrite signed_zero; (assumption || lia)).
    pose proof (Z.rem_bound_abs (signed w a) (signed w b) Nb). lia.
Qed.

(** The bit more isn't needed if it isn't looked at. *)
Theorem extract_sdiv w v a b : 0 < w <= v -> word w a -> word w b ->
  wrap w (bvsdiv v (extend w v a) (extend w v b)) = bvsdiv w a b.
Proof.
  intros W A B. unfold bvsdiv. rewrite extend_zero, !signed_extend by (assumption || lia).
  apply wrap_equal; [lia|]. set (x := if b =? 0 then _ else _).
  destruct (wrap_congruent v x ltac:(lia)) as (k & ->).
  exists (k * 2 ^ (v - w)). rewrite <- Z.mul_assoc, <- Z.pow_add_r by lia. repeat f_equal. lia.
Qed.

(** y = 0 ? what the division gives for 0 anyway : the division. *)
Theorem ite_division w a b : word w a ->
  (if b =? 0 then 2 ^ w - 1 else bvudiv w a b) = bvudiv w a b
  /\ (if b =? 0 then a else bvurem w a b) = bvurem w a b
  /\ (0 <= w -> (if b =? 0 then a else bvsrem w a b) = bvsrem w a b).
Proof.
  intros A. unfold bvudiv, bvurem, bvsrem. destruct (b =? 0); repeat split.
  intros W. symmetry. apply wrap_small; [exact A|exact W].
Qed.

(** The remainder rule in these words: a machine's quotient times the divisor, taken off. *)
Theorem add_remainder w a b : 0 < w -> word w a -> word w b ->
  wrap w (a - mul w (bvudiv w a b) b) = bvurem w a b /\ wrap w (a - mul w (bvsdiv w a b) b) = bvsrem w a b.
Proof.
  intros W A B. split.
  - rewrite <- umod_as_bvurem by assumption. apply umod_from_any_quotient; try assumption.
    intros N. rewrite udiv_as_bvudiv by assumption. destruct (Z.eqb_spec b 0); [contradiction|reflexivity].
  - rewrite <- smod_as_bvsrem. apply smod_from_any_quotient; try assumption.
    intros N. rewrite sdiv_as_bvsdiv by assumption. destruct (Z.eqb_spec b 0); [contradiction|reflexivity].
Qed.

(** [bvsdiv] and [bvsrem] are what SMT-LIB defines by magnitudes and signs. *)
Definition bvneg (w a : Z) : Z := wrap w (- a).

Theorem bvsdiv_is_smtlib w a b : 0 < w -> word w a -> word w b ->
  bvsdiv w a b =
  match signed w a <? 0, signed w b <? 0 with
  | false, false => bvudiv w a b
  | true, false => bvneg w (bvudiv w (bvneg w a) b)
  | false, true => bvneg w (bvudiv w a (bvneg w b))
  | true, true => bvudiv w (bvneg w a) (bvneg w b)
  end.
Proof.
  intros W A B. pose proof (pow_positive (w - 1) ltac:(lia)) as P.
  assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  assert (Neg : forall x, word w x -> 2 ^ (w - 1) <= x -> bvneg w x = 2 ^ w - x).
  { intros x X L. unfold bvneg, word in *. rewrite (wrap_equal w (- x) (2 ^ w - x)); [|lia|exists (-1); ring].
    apply wrap_small; lia. }
  assert (S : forall x, word w x -> (signed w x <? 0) = (2 ^ (w - 1) <=? x)).
  { intros x X. destruct (signed_cases w x W X); unfold word in X;
      destruct (Z.ltb_spec (signed w x) 0), (Z.leb_spec (2 ^ (w - 1)) x); (reflexivity || lia). }
  unfold bvsdiv. rewrite (S a A), (S b B).
  destruct (signed_cases w a W A) as [[Sa La]|[Sa La]], (signed_cases w b W B) as [[Sb Lb]|[Sb Lb]];
    rewrite Sa, Sb; unfold word in A, B;
    destruct (Z.leb_spec (2 ^ (w - 1)) a); try lia; destruct (Z.leb_spec (2 ^ (w - 1)) b); try lia;
    rewrite ?(Neg a), ?(Neg b) by (unfold word; lia); unfold bvudiv, bvneg.
  - destruct (Z.eqb_spec b 0).
    + rewrite (wrap_equal w (-1) (2 ^ w - 1)); [|lia|exists (-1); ring]. apply wrap_small; lia.
    + rewrite Z.quot_div_nonneg by lia. apply wrap_small; [|lia]. apply quotient_range; unfold word; lia.
  - destruct (Z.eqb_spec b 0); [lia|]. destruct (Z.eqb_spec (2 ^ w - b) 0); [lia|].
    replace (b - 2 ^ w) with (- (2 ^ w - b)) by ring. rewrite Z.quot_opp_r, Z.quot_div_nonneg by lia. reflexivity.
  - destruct (Z.eqb_spec b 0).
    + apply wrap_equal; [lia|]. exists 1. ring.
    + replace (a - 2 ^ w) with (- (2 ^ w - a)) by ring. rewrite Z.quot_opp_l, Z.quot_div_nonneg by lia. reflexivity.
  - destruct (Z.eqb_spec b 0); [lia|]. destruct (Z.eqb_spec (2 ^ w - b) 0); [lia|].
    replace (a - 2 ^ w) with (- (2 ^ w - a)) by ring. replace (b - 2 ^ w) with (- (2 ^ w - b)) by ring.
    rewrite Z.quot_opp_opp, Z.quot_div_nonneg by lia.
    apply wrap_small; [|lia]. apply quotient_range; unfold word; lia.
Qed.

Theorem bvsrem_is_smtlib w a b : 0 < w -> word w a -> word w b ->
  bvsrem w a b =
  match signed w a <? 0, signed w b <? 0 with
  | false, false => bvurem w a b
  | true, false => bvneg w (bvurem w (bvneg w a) b)
  | false, true => bvurem w a (bvneg w b)
  | true, true => bvneg w (bvurem w (bvneg w a) (bvneg w b))
  end.
Proof.
  intros W A B. pose proof (pow_positive (w - 1) ltac:(lia)) as P.
  assert (E : 2 ^ w = 2 * 2 ^ (w - 1)) by (rewrite <- Z.pow_succ_r by lia; f_equal; lia).
  assert (Neg : forall x, word w x -> 2 ^ (w - 1) <= x -> bvneg w x = 2 ^ w - x).
  { intros x X L. unfold bvneg, word in *. rewrite (wrap_equal w (- x) (2 ^ w - x)); [|lia|exists (-1); ring].
    apply wrap_small; lia. }
  assert (S : forall x, word w x -> (signed w x <? 0) = (2 ^ (w - 1) <=? x)).
  { intros x X. destruct (signed_cases w x W X); unfold word in X;
      destruct (Z.ltb_spec (signed w x) 0), (Z.leb_spec (2 ^ (w - 1)) x); (reflexivity || lia). }
  unfold bvsrem. rewrite (S a A), (S b B).
  destruct (signed_cases w a W A) as [[Sa La]|[Sa La]], (signed_cases w b W B) as [[Sb Lb]|[Sb Lb]];
    rewrite Sa, Sb; unfold word in A, B;
    destruct (Z.leb_spec (2 ^ (w - 1)) a); try lia; destruct (Z.leb_spec (2 ^ (w - 1)) b); try lia;
    rewrite ?(Neg a), ?(Neg b) by (unfold word; lia); unfold bvurem, bvneg.
  - destruct (Z.eqb_spec b 0); [apply wrap_small; lia|].
    rewrite Z.rem_mod_nonneg by lia. pose proof (Z.mod_pos_bound a b ltac:(lia)). apply wrap_small; lia.
  - destruct (Z.eqb_spec b 0); [lia|]. destruct (Z.eqb_spec (2 ^ w - b) 0); [lia|].
    replace (b - 2 ^ w) with (- (2 ^ w - b)) by ring. rewrite Z.rem_opp_r, Z.rem_mod_nonneg by lia.
    pose proof (Z.mod_pos_bound a (2 ^ w - b) ltac:(lia)). apply wrap_small; lia.
  - destruct (Z.eqb_spec b 0).
    + apply wrap_equal; [lia|]. exists 1. ring.
    + replace (a - 2 ^ w) with (- (2 ^ w - a)) by ring. rewrite Z.rem_opp_l, Z.rem_mod_nonneg by lia. reflexivity.
  - destruct (Z.eqb_spec b 0); [lia|]. destruct (Z.eqb_spec (2 ^ w - b) 0); [lia|].
    replace (a - 2 ^ w) with (- (2 ^ w - a)) by ring. replace (b - 2 ^ w) with (- (2 ^ w - b)) by ring.
    rewrite Z.rem_opp_opp, Z.rem_mod_nonneg by lia. reflexivity.
Qed.

(** ** Words as a ring *)

(** Sums and products may be taken of words or of integers: so every identity of integers that is made of +, - and *
    holds of words. This is what sums in normal form, products in order and factors taken out rest on. *)
Theorem wrap_add w a b : 0 <= w -> wrap w (wrap w a + wrap w b) = wrap w (a + b).
Proof.
  intros W. apply wrap_equal; [exact W|].
  destruct (wrap_congruent w a W) as (i & ->), (wrap_congruent w b W) as (j & ->). exists (i + j). ring.
Qed.

Theorem wrap_sub w a b : 0 <= w -> wrap w (wrap w a - wrap w b) = wrap w (a - b).
Proof.
  intros W. apply wrap_equal; [exact W|].
  destruct (wrap_congruent w a W) as (i & ->), (wrap_congruent w b W) as (j & ->). exists (i - j). ring.
Qed.

Theorem wrap_mul w a b : 0 <= w -> wrap w (wrap w a * wrap w b) = wrap w (a * b).
Proof.
  intros W. apply wrap_equal; [exact W|].
  destruct (wrap_congruent w a W) as (i & ->), (wrap_congruent w b W) as (j & ->).
  exists (i * b + a * j + i * j * 2 ^ w). ring.
Qed.

(** Factors in any order, constants in front, and into sums. *)
Theorem mul_product w a b c : 0 <= w ->
  mul w a b = mul w b a /\ mul w (mul w a b) c = mul w a (mul w b c)
  /\ mul w (wrap w (a + b)) c = wrap w (mul w a c + mul w b c)
  /\ mul w (wrap w (- a)) b = wrap w (- mul w a b).
Proof.
  intros W. unfold mul. split; [f_equal; ring|]. split; [|split].
  - transitivity (wrap w (a * b * c)).
    + apply wrap_equal; [exact W|]. destruct (wrap_congruent w (a * b) W) as (i & ->). exists (i * c). ring.
    + apply wrap_equal; [exact W|]. destruct (wrap_congruent w (b * c) W) as (i & ->). exists (- (a * i)). ring.
  - rewrite wrap_add by exact W. apply wrap_equal; [exact W|].
    destruct (wrap_congruent w (a + b) W) as (i & ->). exists (i * c). ring.
  - apply wrap_equal; [exact W|].
    destruct (wrap_congruent w (- a) W) as (i & ->), (wrap_congruent w (a * b) W) as (j & ->).
    exists (i * b + j). ring.
Qed.

(** The low bits of a sum or product depend on the low bits of its parts only. *)
Theorem extract_sum w v a b : 0 <= w <= v ->
  wrap w (wrap v (a + b)) = wrap w (wrap w a + wrap w b)
  /\ wrap w (wrap v (a - b)) = wrap w (wrap w a - wrap w b)
  /\ wrap w (wrap v (a * b)) = wrap w (wrap w a * wrap w b).
Proof.
  intros W. rewrite wrap_add, wrap_sub, wrap_mul by lia.
  assert (N : forall x, wrap w (wrap v x) = wrap w x); [|auto].
  intros x. pose proof (mul_narrowed w v x 1 ltac:(lia)) as M. unfold mul in M. rewrite Z.mul_1_r in M. exact M.
Qed.
