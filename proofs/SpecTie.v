(* SPDX-License-Identifier: MIT *)
(** The spec is one: what the prover's model of BPF (prover/model/bpf.c, written out by prover/export_coq.c as
    BpfModel.v) says of an instruction is what the semantics does, for all registers, words and fields. Arithmetic,
    byte order and jumps; a theorem for each opcode, and one more where dst and src are the same register. *)
From Coq Require Import ZArith Bool List Lia.
From Vouch Require Import Semantics Bits BpfModel.
Open Scope Z_scope.

(** The model's pc has 32 bits, that of the semantics is an integer. *)
Definition agrees (writes : bool) (i : insn) (dst src k off : Z) (model : Z -> Z -> Z -> Z -> Z -> Z -> exported) : Prop :=
  forall vm s, (if writes then dst < 10 else dst <= 10) -> 0 <= dst -> 0 <= src <= 10 -> word 32 k -> word 16 off ->
  (forall r, 0 <= r <= 10 -> word 64 (get (regs s) r)) -> word 32 (pc s) -> word 64 (fuel s) ->
  match model (get (regs s) dst) (get (regs s) src) k off (pc s) (fuel s) with
  | Goes v p f => exists q,
      step_insn vm s i
        = Next (State (if writes then set (regs s) dst v else regs s) (memory s) q f (frames s))
      /\ p = wrap 32 q /\ (writes = false -> v = get (regs s) dst)
  | NoFuel => step_insn vm s i = stop_fault s FaultFuel
  end.

(** ** Words *)

Lemma wrap_of_wrap m n x : 0 <= m <= n -> wrap m (wrap n x) = wrap m x.
Proof.
  intros H. unfold wrap. rewrite <- Z.land_assoc. f_equal.
  rewrite Z.land_comm, Z.land_ones by lia. apply Z.mod_small.
  rewrite !Z.ones_equiv. pose proof (Z.pow_le_mono_r 2 m n). pose proof (Z.pow_pos_nonneg 2 m). lia.
Qed.

Lemma extract_low n m x : n = m + 1 -> extract m 0 x = wrap n x.
Proof. intros ->. unfold extract. rewrite Z.shiftr_0_r, Z.sub_0_r. reflexivity. Qed.

Lemma wrap_id n x : 0 <= n -> word n x -> wrap n x = x.
Proof. intros N X. apply wrap_small; assumption. Qed.

Lemma word_wrap n x : 0 <= n -> word n (wrap n x).
Proof. apply wrap_range. Qed.

Lemma signed_wrap n m x : 0 <= n <= m -> signed n (wrap m x) = signed n x.
Proof. intros H. unfold signed. rewrite wrap_of_wrap by exact H. reflexivity. Qed.

Lemma signed_negative n x : 0 < n -> bvslt n x 0 = (signed n x <? 0).
Proof. intros N. unfold bvslt. replace (signed n 0) with 0; [reflexivity|]. unfold signed, wrap. rewrite Z.land_0_l, Z.bits_0. reflexivity. Qed.

Lemma land_word n a b : 0 <= n -> word n a -> word n b -> wrap n (Z.land a b) = Z.land a b.
Proof. intros N A B. unfold wrap. rewrite <- Z.land_assoc. fold (wrap n b). rewrite (wrap_id n b); auto. Qed.
Lemma lor_word n a b : 0 <= n -> word n a -> word n b -> wrap n (Z.lor a b) = Z.lor a b.
Proof. intros N A B. unfold wrap. rewrite Z.land_lor_distr_l. fold (wrap n a) (wrap n b). rewrite !wrap_id; auto. Qed.
Lemma lxor_word n a b : 0 <= n -> word n a -> word n b -> wrap n (Z.lxor a b) = Z.lxor a b.
Proof.
  intros N A B. rewrite <- (wrap_id n a), <- (wrap_id n b) by assumption. unfold wrap.
  apply Z.bits_inj'. intros i I. rewrite !Z.land_spec, !Z.lxor_spec, !Z.land_spec.
  destruct (Z.testbit a i), (Z.testbit b i), (Z.testbit (Z.ones n) i); reflexivity.
Qed.
Lemma shiftr_word n a c : 0 <= n -> 0 <= c -> word n a -> wrap n (Z.shiftr a c) = Z.shiftr a c.
Proof.
  intros N C A. apply wrap_id; [exact N|]. unfold word in *. rewrite Z.shiftr_div_pow2 by exact C.
  pose proof (Z.pow_pos_nonneg 2 c). split; [apply Z.div_pos; lia|].
  apply Z.le_lt_trans with a; [|lia]. apply Z.div_le_upper_bound; nia.
Qed.

(** ** Operations *)

Definition alu_term (n : Z) (op : alu_op) (a b : Z) : Z :=
  match op with
  | Add => bvadd n a b | Sub => bvsub n a b | Mul => bvmul n a b
  | Div => choose (bveq n b 0) 0 (bvudiv n a b)
  | SDiv => choose (bveq n b 0) 0 (bvsdiv n a b)
  | Mod => bvurem n a b | SMod => bvsrem n a b
  | Or => bvor n a b | And => bvand n a b | Xor => bvxor n a b
  | Lsh => bvshl n a (bvand n b (n - 1))
  | Rsh => bvlshr n a (bvand n b (n - 1))
  | Arsh => bvashr n a (bvand n b (n - 1))
  | Mov => b
  end.

Lemma alu_is_term w op a b : word (bits_of w) a -> word (bits_of w) b -> alu w op a b = alu_term (bits_of w) op a b.
Proof.
  intros A B. assert (N : 0 < bits_of w) by (destruct w; reflexivity).
  destruct op; try reflexivity; unfold alu, alu_term.
  - apply udiv_as_bvudiv; assumption.
  - apply sdiv_as_bvsdiv; assumption.
  - apply lor_word; auto; lia.
  - apply land_word; auto; lia.
  - apply shiftr_word; auto; try lia. apply Z.land_nonneg. right. lia.
  - apply umod_as_bvurem; assumption.
  - apply lxor_word; auto; lia.
  - apply wrap_id; auto; lia.
Qed.

Definition condition_term (n : Z) (c : condition) (d s : Z) : bool :=
  match c with
  | Jeq => bveq n d s | Jne => negb (bveq n d s)
  | Jgt => bvult n s d | Jge => bvule n s d | Jlt => bvult n d s | Jle => bvule n d s
  | Jset => negb (bveq n (bvand n d s) 0)
  | Jsgt => bvslt n s d | Jsge => bvsle n s d | Jslt => bvslt n d s | Jsle => bvsle n d s
  end.

Lemma holds_is_term w c d s : holds w c d s = condition_term (bits_of w) c d s.
Proof. destruct c; try reflexivity; simpl; rewrite ?Z.gtb_ltb, ?Z.geb_leb; reflexivity. Qed.

(** ** Instructions *)

(** In words of 64 bits, [wrap 64] is nothing; lower parts and immediates are [wrap 32]. *)
Ltac tidy :=
  repeat rewrite (extract_low 32 31) by reflexivity; repeat rewrite (extract_low 16 15) by reflexivity;
  repeat rewrite (extract_low 8 7) by reflexivity; unfold sext;
  repeat rewrite wrap_of_wrap by (split; discriminate);
  repeat match goal with H : word 64 ?x |- context [wrap 64 ?x] => rewrite (wrap_id 64 x) by (assumption || discriminate) end.

Ltac start model :=
  intros vm s D D0 S K O R P F; unfold model;
  try (pose proof (R _ S)); match type of D with ?d < _ => assert (word 64 (get (regs s) d)) by (apply R; lia)
                                      | ?d <= _ => assert (word 64 (get (regs s) d)) by (apply R; lia) end;
  unfold step_insn, read_operand, read_reg, write_reg;
  repeat match goal with |- context [(0 <=? ?r) && (?r <=? 10)] =>
    replace ((0 <=? r) && (r <=? 10)) with true by (symmetry; apply andb_true_intro; split; apply Z.leb_le; lia) end;
  repeat match goal with |- context [(0 <=? ?r) && (?r <? 10)] =>
    replace ((0 <=? r) && (r <? 10)) with true
      by (symmetry; apply andb_true_intro; split; [apply Z.leb_le|apply Z.ltb_lt]; lia) end.

Ltac written := eexists; split; [unfold with_pc; cbn [regs memory pc fuel frames slots_of]; do 2 f_equal|split; [reflexivity|discriminate]].

Ltac by_alu model :=
  start model; written; rewrite alu_is_term by (apply word_wrap; discriminate); cbn [bits_of alu_term]; tidy; reflexivity.

Lemma neg_low n x : 0 <= n -> wrap n (- wrap n x) = wrap n (- x).
Proof.
  intros N. rewrite !wrap_mod by exact N. rewrite <- !(Z.sub_0_l), Zminus_mod_idemp_r. reflexivity.
Qed.

Ltac by_move model := start model; written; cbn [bits_of]; unfold bvneg; tidy;
  rewrite ?neg_low by discriminate; rewrite ?signed_wrap by (split; discriminate); reflexivity.

Lemma bswap_parts x n : extract (n + 7) n x = wrap 8 (Z.shiftr x n).
Proof. unfold extract. f_equal. lia. Qed.

Ltac by_order model :=
  start model; written; unfold byte_order_value;
  try change (Z.to_nat (16 / 8)) with 2%nat; try change (Z.to_nat (32 / 8)) with 4%nat;
  try change (Z.to_nat (64 / 8)) with 8%nat; unfold concat; cbn [swap_bytes];
  repeat rewrite Z.shiftr_shiftr by discriminate; tidy; unfold extract; rewrite ?Z.shiftl_0_r, ?Z.lor_0_r, ?Z.shiftr_0_r;
  reflexivity.

(** Jumps cost fuel when they go backward. *)
Lemma jump_agrees s n delta :
  0 < n -> word 32 (pc s) -> word 64 (fuel s) ->
  match (if bvslt n delta 0 then if bveq 64 (fuel s) 0 then NoFuel
         else Goes 0 (bvadd 32 (bvadd 32 (pc s) (sext n 32 delta)) 1) (bvadd 64 (fuel s) 18446744073709551615)
         else Goes 0 (bvadd 32 (bvadd 32 (pc s) (sext n 32 delta)) 1) (fuel s)) with
  | Goes _ p f => exists q, jump s (signed n delta) = Next (State (regs s) (memory s) q f (frames s)) /\ p = wrap 32 q
  | NoFuel => jump s (signed n delta) = stop_fault s FaultFuel
  end.
Proof.
  intros N P F. rewrite signed_negative by exact N. unfold jump, bveq, bvadd, sext.
  assert (Q : wrap 32 (wrap 32 (pc s + wrap 32 (signed n delta)) + 1) = wrap 32 (pc s + 1 + signed n delta)).
  { rewrite !wrap_mod by lia. rewrite Zplus_mod_idemp_l.
    replace (pc s + signed n delta mod 2 ^ 32 + 1) with ((pc s + 1) + signed n delta mod 2 ^ 32) by lia.
    apply Zplus_mod_idemp_r. }
  destruct (signed n delta <? 0); [|eexists; split; [reflexivity|exact Q]].
  unfold word in F. destruct (Z.eqb_spec (fuel s) 0) as [E|E].
  - rewrite E. reflexivity.
  - destruct (Z.leb_spec (fuel s) 0); [lia|]. eexists. split; [|exact Q].
    unfold spend, with_pc. simpl. do 2 f_equal. rewrite wrap_mod by lia.
    apply Z.mod_unique with 1; lia.
Qed.

Lemma sext_same n x : 0 < n -> word n x -> sext n n x = x.
Proof. intros N X. unfold sext. rewrite wrap_signed by exact N. apply wrap_id; [lia|exact X]. Qed.

Ltac by_jump n delta :=
  match goal with s : state, P : word 32 (pc ?s), F : word 64 (fuel ?s) |- _ =>
    generalize (jump_agrees s n delta ltac:(reflexivity) P F);
    destruct (bvslt n delta 0); [destruct (bveq 64 (fuel s) 0); [exact (fun J => J)|]|] end;
  intros (q & J & Q); try match goal with E : sext _ _ _ = _ |- _ => rewrite E in Q end;
  exists q; (split; [exact J|split; [exact Q|reflexivity]]).

Ltac by_branch model :=
  start model; cbn [bits_of]; rewrite holds_is_term; cbn [bits_of condition_term];
  tidy;
  match goal with O : word 16 ?off |- context [if ?c then jump _ _ else _] =>
    destruct c; [by_jump 16 off|] end;
  eexists; split; [reflexivity|split; reflexivity].


Theorem add64_k_agrees dst src k off : agrees true (Alu W64 Add dst (Imm (signed 32 k))) dst src k off bpf_add64_k.
Proof. by_alu bpf_add64_k. Qed.

Theorem add64_x_agrees dst src k off : agrees true (Alu W64 Add dst (Reg src)) dst src k off bpf_add64_x.
Proof. by_alu bpf_add64_x. Qed.

Theorem add64_x_same_agrees dst k off : agrees true (Alu W64 Add dst (Reg dst)) dst dst k off bpf_add64_x_same.
Proof. by_alu bpf_add64_x_same. Qed.

Theorem add32_k_agrees dst src k off : agrees true (Alu W32 Add dst (Imm (signed 32 k))) dst src k off bpf_add32_k.
Proof. by_alu bpf_add32_k. Qed.

Theorem add32_x_agrees dst src k off : agrees true (Alu W32 Add dst (Reg src)) dst src k off bpf_add32_x.
Proof. by_alu bpf_add32_x. Qed.

Theorem add32_x_same_agrees dst k off : agrees true (Alu W32 Add dst (Reg dst)) dst dst k off bpf_add32_x_same.
Proof. by_alu bpf_add32_x_same. Qed.

Theorem sub64_k_agrees dst src k off : agrees true (Alu W64 Sub dst (Imm (signed 32 k))) dst src k off bpf_sub64_k.
Proof. by_alu bpf_sub64_k. Qed.

Theorem sub64_x_agrees dst src k off : agrees true (Alu W64 Sub dst (Reg src)) dst src k off bpf_sub64_x.
Proof. by_alu bpf_sub64_x. Qed.

Theorem sub64_x_same_agrees dst k off : agrees true (Alu W64 Sub dst (Reg dst)) dst dst k off bpf_sub64_x_same.
Proof. by_alu bpf_sub64_x_same. Qed.

Theorem sub32_k_agrees dst src k off : agrees true (Alu W32 Sub dst (Imm (signed 32 k))) dst src k off bpf_sub32_k.
Proof. by_alu bpf_sub32_k. Qed.

Theorem sub32_x_agrees dst src k off : agrees true (Alu W32 Sub dst (Reg src)) dst src k off bpf_sub32_x.
Proof. by_alu bpf_sub32_x. Qed.

Theorem sub32_x_same_agrees dst k off : agrees true (Alu W32 Sub dst (Reg dst)) dst dst k off bpf_sub32_x_same.
Proof. by_alu bpf_sub32_x_same. Qed.

Theorem mul64_k_agrees dst src k off : agrees true (Alu W64 Mul dst (Imm (signed 32 k))) dst src k off bpf_mul64_k.
Proof. by_alu bpf_mul64_k. Qed.

Theorem mul64_x_agrees dst src k off : agrees true (Alu W64 Mul dst (Reg src)) dst src k off bpf_mul64_x.
Proof. by_alu bpf_mul64_x. Qed.

Theorem mul64_x_same_agrees dst k off : agrees true (Alu W64 Mul dst (Reg dst)) dst dst k off bpf_mul64_x_same.
Proof. by_alu bpf_mul64_x_same. Qed.

Theorem mul32_k_agrees dst src k off : agrees true (Alu W32 Mul dst (Imm (signed 32 k))) dst src k off bpf_mul32_k.
Proof. by_alu bpf_mul32_k. Qed.

Theorem mul32_x_agrees dst src k off : agrees true (Alu W32 Mul dst (Reg src)) dst src k off bpf_mul32_x.
Proof. by_alu bpf_mul32_x. Qed.

Theorem mul32_x_same_agrees dst k off : agrees true (Alu W32 Mul dst (Reg dst)) dst dst k off bpf_mul32_x_same.
Proof. by_alu bpf_mul32_x_same. Qed.

Theorem div64_k_agrees dst src k off : agrees true (Alu W64 Div dst (Imm (signed 32 k))) dst src k off bpf_div64_k.
Proof. by_alu bpf_div64_k. Qed.

Theorem div64_x_agrees dst src k off : agrees true (Alu W64 Div dst (Reg src)) dst src k off bpf_div64_x.
Proof. by_alu bpf_div64_x. Qed.

Theorem div64_x_same_agrees dst k off : agrees true (Alu W64 Div dst (Reg dst)) dst dst k off bpf_div64_x_same.
Proof. by_alu bpf_div64_x_same. Qed.

Theorem div32_k_agrees dst src k off : agrees true (Alu W32 Div dst (Imm (signed 32 k))) dst src k off bpf_div32_k.
Proof. by_alu bpf_div32_k. Qed.

Theorem div32_x_agrees dst src k off : agrees true (Alu W32 Div dst (Reg src)) dst src k off bpf_div32_x.
Proof. by_alu bpf_div32_x. Qed.

Theorem div32_x_same_agrees dst k off : agrees true (Alu W32 Div dst (Reg dst)) dst dst k off bpf_div32_x_same.
Proof. by_alu bpf_div32_x_same. Qed.

Theorem sdiv64_k_agrees dst src k off : agrees true (Alu W64 SDiv dst (Imm (signed 32 k))) dst src k off bpf_sdiv64_k.
Proof. by_alu bpf_sdiv64_k. Qed.

Theorem sdiv64_x_agrees dst src k off : agrees true (Alu W64 SDiv dst (Reg src)) dst src k off bpf_sdiv64_x.
Proof. by_alu bpf_sdiv64_x. Qed.

Theorem sdiv64_x_same_agrees dst k off : agrees true (Alu W64 SDiv dst (Reg dst)) dst dst k off bpf_sdiv64_x_same.
Proof. by_alu bpf_sdiv64_x_same. Qed.

Theorem sdiv32_k_agrees dst src k off : agrees true (Alu W32 SDiv dst (Imm (signed 32 k))) dst src k off bpf_sdiv32_k.
Proof. by_alu bpf_sdiv32_k. Qed.

Theorem sdiv32_x_agrees dst src k off : agrees true (Alu W32 SDiv dst (Reg src)) dst src k off bpf_sdiv32_x.
Proof. by_alu bpf_sdiv32_x. Qed.

Theorem sdiv32_x_same_agrees dst k off : agrees true (Alu W32 SDiv dst (Reg dst)) dst dst k off bpf_sdiv32_x_same.
Proof. by_alu bpf_sdiv32_x_same. Qed.

Theorem or64_k_agrees dst src k off : agrees true (Alu W64 Or dst (Imm (signed 32 k))) dst src k off bpf_or64_k.
Proof. by_alu bpf_or64_k. Qed.

Theorem or64_x_agrees dst src k off : agrees true (Alu W64 Or dst (Reg src)) dst src k off bpf_or64_x.
Proof. by_alu bpf_or64_x. Qed.

Theorem or64_x_same_agrees dst k off : agrees true (Alu W64 Or dst (Reg dst)) dst dst k off bpf_or64_x_same.
Proof. by_alu bpf_or64_x_same. Qed.

Theorem or32_k_agrees dst src k off : agrees true (Alu W32 Or dst (Imm (signed 32 k))) dst src k off bpf_or32_k.
Proof. by_alu bpf_or32_k. Qed.

Theorem or32_x_agrees dst src k off : agrees true (Alu W32 Or dst (Reg src)) dst src k off bpf_or32_x.
Proof. by_alu bpf_or32_x. Qed.

Theorem or32_x_same_agrees dst k off : agrees true (Alu W32 Or dst (Reg dst)) dst dst k off bpf_or32_x_same.
Proof. by_alu bpf_or32_x_same. Qed.

Theorem and64_k_agrees dst src k off : agrees true (Alu W64 And dst (Imm (signed 32 k))) dst src k off bpf_and64_k.
Proof. by_alu bpf_and64_k. Qed.

Theorem and64_x_agrees dst src k off : agrees true (Alu W64 And dst (Reg src)) dst src k off bpf_and64_x.
Proof. by_alu bpf_and64_x. Qed.

Theorem and64_x_same_agrees dst k off : agrees true (Alu W64 And dst (Reg dst)) dst dst k off bpf_and64_x_same.
Proof. by_alu bpf_and64_x_same. Qed.

Theorem and32_k_agrees dst src k off : agrees true (Alu W32 And dst (Imm (signed 32 k))) dst src k off bpf_and32_k.
Proof. by_alu bpf_and32_k. Qed.

Theorem and32_x_agrees dst src k off : agrees true (Alu W32 And dst (Reg src)) dst src k off bpf_and32_x.
Proof. by_alu bpf_and32_x. Qed.

Theorem and32_x_same_agrees dst k off : agrees true (Alu W32 And dst (Reg dst)) dst dst k off bpf_and32_x_same.
Proof. by_alu bpf_and32_x_same. Qed.

Theorem lsh64_k_agrees dst src k off : agrees true (Alu W64 Lsh dst (Imm (signed 32 k))) dst src k off bpf_lsh64_k.
Proof. by_alu bpf_lsh64_k. Qed.

Theorem lsh64_x_agrees dst src k off : agrees true (Alu W64 Lsh dst (Reg src)) dst src k off bpf_lsh64_x.
Proof. by_alu bpf_lsh64_x. Qed.

Theorem lsh64_x_same_agrees dst k off : agrees true (Alu W64 Lsh dst (Reg dst)) dst dst k off bpf_lsh64_x_same.
Proof. by_alu bpf_lsh64_x_same. Qed.

Theorem lsh32_k_agrees dst src k off : agrees true (Alu W32 Lsh dst (Imm (signed 32 k))) dst src k off bpf_lsh32_k.
Proof. by_alu bpf_lsh32_k. Qed.

Theorem lsh32_x_agrees dst src k off : agrees true (Alu W32 Lsh dst (Reg src)) dst src k off bpf_lsh32_x.
Proof. by_alu bpf_lsh32_x. Qed.

Theorem lsh32_x_same_agrees dst k off : agrees true (Alu W32 Lsh dst (Reg dst)) dst dst k off bpf_lsh32_x_same.
Proof. by_alu bpf_lsh32_x_same. Qed.

Theorem rsh64_k_agrees dst src k off : agrees true (Alu W64 Rsh dst (Imm (signed 32 k))) dst src k off bpf_rsh64_k.
Proof. by_alu bpf_rsh64_k. Qed.

Theorem rsh64_x_agrees dst src k off : agrees true (Alu W64 Rsh dst (Reg src)) dst src k off bpf_rsh64_x.
Proof. by_alu bpf_rsh64_x. Qed.

Theorem rsh64_x_same_agrees dst k off : agrees true (Alu W64 Rsh dst (Reg dst)) dst dst k off bpf_rsh64_x_same.
Proof. by_alu bpf_rsh64_x_same. Qed.

Theorem rsh32_k_agrees dst src k off : agrees true (Alu W32 Rsh dst (Imm (signed 32 k))) dst src k off bpf_rsh32_k.
Proof. by_alu bpf_rsh32_k. Qed.

Theorem rsh32_x_agrees dst src k off : agrees true (Alu W32 Rsh dst (Reg src)) dst src k off bpf_rsh32_x.
Proof. by_alu bpf_rsh32_x. Qed.

Theorem rsh32_x_same_agrees dst k off : agrees true (Alu W32 Rsh dst (Reg dst)) dst dst k off bpf_rsh32_x_same.
Proof. by_alu bpf_rsh32_x_same. Qed.

Theorem mod64_k_agrees dst src k off : agrees true (Alu W64 Mod dst (Imm (signed 32 k))) dst src k off bpf_mod64_k.
Proof. by_alu bpf_mod64_k. Qed.

Theorem mod64_x_agrees dst src k off : agrees true (Alu W64 Mod dst (Reg src)) dst src k off bpf_mod64_x.
Proof. by_alu bpf_mod64_x. Qed.

Theorem mod64_x_same_agrees dst k off : agrees true (Alu W64 Mod dst (Reg dst)) dst dst k off bpf_mod64_x_same.
Proof. by_alu bpf_mod64_x_same. Qed.

Theorem mod32_k_agrees dst src k off : agrees true (Alu W32 Mod dst (Imm (signed 32 k))) dst src k off bpf_mod32_k.
Proof. by_alu bpf_mod32_k. Qed.

Theorem mod32_x_agrees dst src k off : agrees true (Alu W32 Mod dst (Reg src)) dst src k off bpf_mod32_x.
Proof. by_alu bpf_mod32_x. Qed.

Theorem mod32_x_same_agrees dst k off : agrees true (Alu W32 Mod dst (Reg dst)) dst dst k off bpf_mod32_x_same.
Proof. by_alu bpf_mod32_x_same. Qed.

Theorem smod64_k_agrees dst src k off : agrees true (Alu W64 SMod dst (Imm (signed 32 k))) dst src k off bpf_smod64_k.
Proof. by_alu bpf_smod64_k. Qed.

Theorem smod64_x_agrees dst src k off : agrees true (Alu W64 SMod dst (Reg src)) dst src k off bpf_smod64_x.
Proof. by_alu bpf_smod64_x. Qed.

Theorem smod64_x_same_agrees dst k off : agrees true (Alu W64 SMod dst (Reg dst)) dst dst k off bpf_smod64_x_same.
Proof. by_alu bpf_smod64_x_same. Qed.

Theorem smod32_k_agrees dst src k off : agrees true (Alu W32 SMod dst (Imm (signed 32 k))) dst src k off bpf_smod32_k.
Proof. by_alu bpf_smod32_k. Qed.

Theorem smod32_x_agrees dst src k off : agrees true (Alu W32 SMod dst (Reg src)) dst src k off bpf_smod32_x.
Proof. by_alu bpf_smod32_x. Qed.

Theorem smod32_x_same_agrees dst k off : agrees true (Alu W32 SMod dst (Reg dst)) dst dst k off bpf_smod32_x_same.
Proof. by_alu bpf_smod32_x_same. Qed.

Theorem xor64_k_agrees dst src k off : agrees true (Alu W64 Xor dst (Imm (signed 32 k))) dst src k off bpf_xor64_k.
Proof. by_alu bpf_xor64_k. Qed.

Theorem xor64_x_agrees dst src k off : agrees true (Alu W64 Xor dst (Reg src)) dst src k off bpf_xor64_x.
Proof. by_alu bpf_xor64_x. Qed.

Theorem xor64_x_same_agrees dst k off : agrees true (Alu W64 Xor dst (Reg dst)) dst dst k off bpf_xor64_x_same.
Proof. by_alu bpf_xor64_x_same. Qed.

Theorem xor32_k_agrees dst src k off : agrees true (Alu W32 Xor dst (Imm (signed 32 k))) dst src k off bpf_xor32_k.
Proof. by_alu bpf_xor32_k. Qed.

Theorem xor32_x_agrees dst src k off : agrees true (Alu W32 Xor dst (Reg src)) dst src k off bpf_xor32_x.
Proof. by_alu bpf_xor32_x. Qed.

Theorem xor32_x_same_agrees dst k off : agrees true (Alu W32 Xor dst (Reg dst)) dst dst k off bpf_xor32_x_same.
Proof. by_alu bpf_xor32_x_same. Qed.

Theorem mov64_k_agrees dst src k off : agrees true (Alu W64 Mov dst (Imm (signed 32 k))) dst src k off bpf_mov64_k.
Proof. by_alu bpf_mov64_k. Qed.

Theorem mov64_x_agrees dst src k off : agrees true (Alu W64 Mov dst (Reg src)) dst src k off bpf_mov64_x.
Proof. by_alu bpf_mov64_x. Qed.

Theorem mov64_x_same_agrees dst k off : agrees true (Alu W64 Mov dst (Reg dst)) dst dst k off bpf_mov64_x_same.
Proof. by_alu bpf_mov64_x_same. Qed.

Theorem mov32_k_agrees dst src k off : agrees true (Alu W32 Mov dst (Imm (signed 32 k))) dst src k off bpf_mov32_k.
Proof. by_alu bpf_mov32_k. Qed.

Theorem mov32_x_agrees dst src k off : agrees true (Alu W32 Mov dst (Reg src)) dst src k off bpf_mov32_x.
Proof. by_alu bpf_mov32_x. Qed.

Theorem mov32_x_same_agrees dst k off : agrees true (Alu W32 Mov dst (Reg dst)) dst dst k off bpf_mov32_x_same.
Proof. by_alu bpf_mov32_x_same. Qed.

Theorem arsh64_k_agrees dst src k off : agrees true (Alu W64 Arsh dst (Imm (signed 32 k))) dst src k off bpf_arsh64_k.
Proof. by_alu bpf_arsh64_k. Qed.

Theorem arsh64_x_agrees dst src k off : agrees true (Alu W64 Arsh dst (Reg src)) dst src k off bpf_arsh64_x.
Proof. by_alu bpf_arsh64_x. Qed.

Theorem arsh64_x_same_agrees dst k off : agrees true (Alu W64 Arsh dst (Reg dst)) dst dst k off bpf_arsh64_x_same.
Proof. by_alu bpf_arsh64_x_same. Qed.

Theorem arsh32_k_agrees dst src k off : agrees true (Alu W32 Arsh dst (Imm (signed 32 k))) dst src k off bpf_arsh32_k.
Proof. by_alu bpf_arsh32_k. Qed.

Theorem arsh32_x_agrees dst src k off : agrees true (Alu W32 Arsh dst (Reg src)) dst src k off bpf_arsh32_x.
Proof. by_alu bpf_arsh32_x. Qed.

Theorem arsh32_x_same_agrees dst k off : agrees true (Alu W32 Arsh dst (Reg dst)) dst dst k off bpf_arsh32_x_same.
Proof. by_alu bpf_arsh32_x_same. Qed.

Theorem neg64_agrees dst src k off : agrees true (Neg W64 dst) dst src k off bpf_neg64.
Proof. by_move bpf_neg64. Qed.

Theorem neg32_agrees dst src k off : agrees true (Neg W32 dst) dst src k off bpf_neg32.
Proof. by_move bpf_neg32. Qed.

Theorem movsx64_8_agrees dst src k off : agrees true (MovSX W64 8 dst src) dst src k off bpf_movsx64_8.
Proof. by_move bpf_movsx64_8. Qed.

Theorem movsx64_8_same_agrees dst k off : agrees true (MovSX W64 8 dst dst) dst dst k off bpf_movsx64_8_same.
Proof. by_move bpf_movsx64_8_same. Qed.

Theorem movsx64_16_agrees dst src k off : agrees true (MovSX W64 16 dst src) dst src k off bpf_movsx64_16.
Proof. by_move bpf_movsx64_16. Qed.

Theorem movsx64_16_same_agrees dst k off : agrees true (MovSX W64 16 dst dst) dst dst k off bpf_movsx64_16_same.
Proof. by_move bpf_movsx64_16_same. Qed.

Theorem movsx64_32_agrees dst src k off : agrees true (MovSX W64 32 dst src) dst src k off bpf_movsx64_32.
Proof. by_move bpf_movsx64_32. Qed.

Theorem movsx64_32_same_agrees dst k off : agrees true (MovSX W64 32 dst dst) dst dst k off bpf_movsx64_32_same.
Proof. by_move bpf_movsx64_32_same. Qed.

Theorem movsx32_8_agrees dst src k off : agrees true (MovSX W32 8 dst src) dst src k off bpf_movsx32_8.
Proof. by_move bpf_movsx32_8. Qed.

Theorem movsx32_8_same_agrees dst k off : agrees true (MovSX W32 8 dst dst) dst dst k off bpf_movsx32_8_same.
Proof. by_move bpf_movsx32_8_same. Qed.

Theorem movsx32_16_agrees dst src k off : agrees true (MovSX W32 16 dst src) dst src k off bpf_movsx32_16.
Proof. by_move bpf_movsx32_16. Qed.

Theorem movsx32_16_same_agrees dst k off : agrees true (MovSX W32 16 dst dst) dst dst k off bpf_movsx32_16_same.
Proof. by_move bpf_movsx32_16_same. Qed.

Theorem le16_agrees dst src k off : agrees true (ByteOrder Little 16 dst) dst src k off bpf_le16.
Proof. by_order bpf_le16. Qed.

Theorem le32_agrees dst src k off : agrees true (ByteOrder Little 32 dst) dst src k off bpf_le32.
Proof. by_order bpf_le32. Qed.

Theorem le64_agrees dst src k off : agrees true (ByteOrder Little 64 dst) dst src k off bpf_le64.
Proof. by_order bpf_le64. Qed.

Theorem be16_agrees dst src k off : agrees true (ByteOrder Big 16 dst) dst src k off bpf_be16.
Proof. by_order bpf_be16. Qed.

Theorem be32_agrees dst src k off : agrees true (ByteOrder Big 32 dst) dst src k off bpf_be32.
Proof. by_order bpf_be32. Qed.

Theorem be64_agrees dst src k off : agrees true (ByteOrder Big 64 dst) dst src k off bpf_be64.
Proof. by_order bpf_be64. Qed.

Theorem bswap16_agrees dst src k off : agrees true (ByteOrder Swap 16 dst) dst src k off bpf_bswap16.
Proof. by_order bpf_bswap16. Qed.

Theorem bswap32_agrees dst src k off : agrees true (ByteOrder Swap 32 dst) dst src k off bpf_bswap32.
Proof. by_order bpf_bswap32. Qed.

Theorem bswap64_agrees dst src k off : agrees true (ByteOrder Swap 64 dst) dst src k off bpf_bswap64.
Proof. by_order bpf_bswap64. Qed.

Theorem ja_agrees dst src k off : agrees false (Jump (signed 16 off)) dst src k off bpf_ja.
Proof. start bpf_ja. by_jump 16 off. Qed.

Theorem ja32_agrees dst src k off : agrees false (JumpLong (signed 32 k)) dst src k off bpf_ja32.
Proof. start bpf_ja32. pose proof (sext_same 32 k eq_refl K). by_jump 32 k. Qed.

Theorem jeq64_k_agrees dst src k off : agrees false (Branch W64 Jeq dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jeq64_k.
Proof. by_branch bpf_jeq64_k. Qed.

Theorem jeq64_x_agrees dst src k off : agrees false (Branch W64 Jeq dst (Reg src) (signed 16 off)) dst src k off bpf_jeq64_x.
Proof. by_branch bpf_jeq64_x. Qed.

Theorem jeq64_x_same_agrees dst k off : agrees false (Branch W64 Jeq dst (Reg dst) (signed 16 off)) dst dst k off bpf_jeq64_x_same.
Proof. by_branch bpf_jeq64_x_same. Qed.

Theorem jeq32_k_agrees dst src k off : agrees false (Branch W32 Jeq dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jeq32_k.
Proof. by_branch bpf_jeq32_k. Qed.

Theorem jeq32_x_agrees dst src k off : agrees false (Branch W32 Jeq dst (Reg src) (signed 16 off)) dst src k off bpf_jeq32_x.
Proof. by_branch bpf_jeq32_x. Qed.

Theorem jeq32_x_same_agrees dst k off : agrees false (Branch W32 Jeq dst (Reg dst) (signed 16 off)) dst dst k off bpf_jeq32_x_same.
Proof. by_branch bpf_jeq32_x_same. Qed.

Theorem jgt64_k_agrees dst src k off : agrees false (Branch W64 Jgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jgt64_k.
Proof. by_branch bpf_jgt64_k. Qed.

Theorem jgt64_x_agrees dst src k off : agrees false (Branch W64 Jgt dst (Reg src) (signed 16 off)) dst src k off bpf_jgt64_x.
Proof. by_branch bpf_jgt64_x. Qed.

Theorem jgt64_x_same_agrees dst k off : agrees false (Branch W64 Jgt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jgt64_x_same.
Proof. by_branch bpf_jgt64_x_same. Qed.

Theorem jgt32_k_agrees dst src k off : agrees false (Branch W32 Jgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jgt32_k.
Proof. by_branch bpf_jgt32_k. Qed.

Theorem jgt32_x_agrees dst src k off : agrees false (Branch W32 Jgt dst (Reg src) (signed 16 off)) dst src k off bpf_jgt32_x.
Proof. by_branch bpf_jgt32_x. Qed.

Theorem jgt32_x_same_agrees dst k off : agrees false (Branch W32 Jgt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jgt32_x_same.
Proof. by_branch bpf_jgt32_x_same. Qed.

Theorem jge64_k_agrees dst src k off : agrees false (Branch W64 Jge dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jge64_k.
Proof. by_branch bpf_jge64_k. Qed.

Theorem jge64_x_agrees dst src k off : agrees false (Branch W64 Jge dst (Reg src) (signed 16 off)) dst src k off bpf_jge64_x.
Proof. by_branch bpf_jge64_x. Qed.

Theorem jge64_x_same_agrees dst k off : agrees false (Branch W64 Jge dst (Reg dst) (signed 16 off)) dst dst k off bpf_jge64_x_same.
Proof. by_branch bpf_jge64_x_same. Qed.

Theorem jge32_k_agrees dst src k off : agrees false (Branch W32 Jge dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jge32_k.
Proof. by_branch bpf_jge32_k. Qed.

Theorem jge32_x_agrees dst src k off : agrees false (Branch W32 Jge dst (Reg src) (signed 16 off)) dst src k off bpf_jge32_x.
Proof. by_branch bpf_jge32_x. Qed.

Theorem jge32_x_same_agrees dst k off : agrees false (Branch W32 Jge dst (Reg dst) (signed 16 off)) dst dst k off bpf_jge32_x_same.
Proof. by_branch bpf_jge32_x_same. Qed.

Theorem jset64_k_agrees dst src k off : agrees false (Branch W64 Jset dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jset64_k.
Proof. by_branch bpf_jset64_k. Qed.

Theorem jset64_x_agrees dst src k off : agrees false (Branch W64 Jset dst (Reg src) (signed 16 off)) dst src k off bpf_jset64_x.
Proof. by_branch bpf_jset64_x. Qed.

Theorem jset64_x_same_agrees dst k off : agrees false (Branch W64 Jset dst (Reg dst) (signed 16 off)) dst dst k off bpf_jset64_x_same.
Proof. by_branch bpf_jset64_x_same. Qed.

Theorem jset32_k_agrees dst src k off : agrees false (Branch W32 Jset dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jset32_k.
Proof. by_branch bpf_jset32_k. Qed.

Theorem jset32_x_agrees dst src k off : agrees false (Branch W32 Jset dst (Reg src) (signed 16 off)) dst src k off bpf_jset32_x.
Proof. by_branch bpf_jset32_x. Qed.

Theorem jset32_x_same_agrees dst k off : agrees false (Branch W32 Jset dst (Reg dst) (signed 16 off)) dst dst k off bpf_jset32_x_same.
Proof. by_branch bpf_jset32_x_same. Qed.

Theorem jne64_k_agrees dst src k off : agrees false (Branch W64 Jne dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jne64_k.
Proof. by_branch bpf_jne64_k. Qed.

Theorem jne64_x_agrees dst src k off : agrees false (Branch W64 Jne dst (Reg src) (signed 16 off)) dst src k off bpf_jne64_x.
Proof. by_branch bpf_jne64_x. Qed.

Theorem jne64_x_same_agrees dst k off : agrees false (Branch W64 Jne dst (Reg dst) (signed 16 off)) dst dst k off bpf_jne64_x_same.
Proof. by_branch bpf_jne64_x_same. Qed.

Theorem jne32_k_agrees dst src k off : agrees false (Branch W32 Jne dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jne32_k.
Proof. by_branch bpf_jne32_k. Qed.

Theorem jne32_x_agrees dst src k off : agrees false (Branch W32 Jne dst (Reg src) (signed 16 off)) dst src k off bpf_jne32_x.
Proof. by_branch bpf_jne32_x. Qed.

Theorem jne32_x_same_agrees dst k off : agrees false (Branch W32 Jne dst (Reg dst) (signed 16 off)) dst dst k off bpf_jne32_x_same.
Proof. by_branch bpf_jne32_x_same. Qed.

Theorem jsgt64_k_agrees dst src k off : agrees false (Branch W64 Jsgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jsgt64_k.
Proof. by_branch bpf_jsgt64_k. Qed.

Theorem jsgt64_x_agrees dst src k off : agrees false (Branch W64 Jsgt dst (Reg src) (signed 16 off)) dst src k off bpf_jsgt64_x.
Proof. by_branch bpf_jsgt64_x. Qed.

Theorem jsgt64_x_same_agrees dst k off : agrees false (Branch W64 Jsgt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jsgt64_x_same.
Proof. by_branch bpf_jsgt64_x_same. Qed.

Theorem jsgt32_k_agrees dst src k off : agrees false (Branch W32 Jsgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jsgt32_k.
Proof. by_branch bpf_jsgt32_k. Qed.

Theorem jsgt32_x_agrees dst src k off : agrees false (Branch W32 Jsgt dst (Reg src) (signed 16 off)) dst src k off bpf_jsgt32_x.
Proof. by_branch bpf_jsgt32_x. Qed.

Theorem jsgt32_x_same_agrees dst k off : agrees false (Branch W32 Jsgt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jsgt32_x_same.
Proof. by_branch bpf_jsgt32_x_same. Qed.

Theorem jsge64_k_agrees dst src k off : agrees false (Branch W64 Jsge dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jsge64_k.
Proof. by_branch bpf_jsge64_k. Qed.

Theorem jsge64_x_agrees dst src k off : agrees false (Branch W64 Jsge dst (Reg src) (signed 16 off)) dst src k off bpf_jsge64_x.
Proof. by_branch bpf_jsge64_x. Qed.

Theorem jsge64_x_same_agrees dst k off : agrees false (Branch W64 Jsge dst (Reg dst) (signed 16 off)) dst dst k off bpf_jsge64_x_same.
Proof. by_branch bpf_jsge64_x_same. Qed.

Theorem jsge32_k_agrees dst src k off : agrees false (Branch W32 Jsge dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jsge32_k.
Proof. by_branch bpf_jsge32_k. Qed.

Theorem jsge32_x_agrees dst src k off : agrees false (Branch W32 Jsge dst (Reg src) (signed 16 off)) dst src k off bpf_jsge32_x.
Proof. by_branch bpf_jsge32_x. Qed.

Theorem jsge32_x_same_agrees dst k off : agrees false (Branch W32 Jsge dst (Reg dst) (signed 16 off)) dst dst k off bpf_jsge32_x_same.
Proof. by_branch bpf_jsge32_x_same. Qed.

Theorem jlt64_k_agrees dst src k off : agrees false (Branch W64 Jlt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jlt64_k.
Proof. by_branch bpf_jlt64_k. Qed.

Theorem jlt64_x_agrees dst src k off : agrees false (Branch W64 Jlt dst (Reg src) (signed 16 off)) dst src k off bpf_jlt64_x.
Proof. by_branch bpf_jlt64_x. Qed.

Theorem jlt64_x_same_agrees dst k off : agrees false (Branch W64 Jlt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jlt64_x_same.
Proof. by_branch bpf_jlt64_x_same. Qed.

Theorem jlt32_k_agrees dst src k off : agrees false (Branch W32 Jlt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jlt32_k.
Proof. by_branch bpf_jlt32_k. Qed.

Theorem jlt32_x_agrees dst src k off : agrees false (Branch W32 Jlt dst (Reg src) (signed 16 off)) dst src k off bpf_jlt32_x.
Proof. by_branch bpf_jlt32_x. Qed.

Theorem jlt32_x_same_agrees dst k off : agrees false (Branch W32 Jlt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jlt32_x_same.
Proof. by_branch bpf_jlt32_x_same. Qed.

Theorem jle64_k_agrees dst src k off : agrees false (Branch W64 Jle dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jle64_k.
Proof. by_branch bpf_jle64_k. Qed.

Theorem jle64_x_agrees dst src k off : agrees false (Branch W64 Jle dst (Reg src) (signed 16 off)) dst src k off bpf_jle64_x.
Proof. by_branch bpf_jle64_x. Qed.

Theorem jle64_x_same_agrees dst k off : agrees false (Branch W64 Jle dst (Reg dst) (signed 16 off)) dst dst k off bpf_jle64_x_same.
Proof. by_branch bpf_jle64_x_same. Qed.

Theorem jle32_k_agrees dst src k off : agrees false (Branch W32 Jle dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jle32_k.
Proof. by_branch bpf_jle32_k. Qed.

Theorem jle32_x_agrees dst src k off : agrees false (Branch W32 Jle dst (Reg src) (signed 16 off)) dst src k off bpf_jle32_x.
Proof. by_branch bpf_jle32_x. Qed.

Theorem jle32_x_same_agrees dst k off : agrees false (Branch W32 Jle dst (Reg dst) (signed 16 off)) dst dst k off bpf_jle32_x_same.
Proof. by_branch bpf_jle32_x_same. Qed.

Theorem jslt64_k_agrees dst src k off : agrees false (Branch W64 Jslt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jslt64_k.
Proof. by_branch bpf_jslt64_k. Qed.

Theorem jslt64_x_agrees dst src k off : agrees false (Branch W64 Jslt dst (Reg src) (signed 16 off)) dst src k off bpf_jslt64_x.
Proof. by_branch bpf_jslt64_x. Qed.

Theorem jslt64_x_same_agrees dst k off : agrees false (Branch W64 Jslt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jslt64_x_same.
Proof. by_branch bpf_jslt64_x_same. Qed.

Theorem jslt32_k_agrees dst src k off : agrees false (Branch W32 Jslt dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jslt32_k.
Proof. by_branch bpf_jslt32_k. Qed.

Theorem jslt32_x_agrees dst src k off : agrees false (Branch W32 Jslt dst (Reg src) (signed 16 off)) dst src k off bpf_jslt32_x.
Proof. by_branch bpf_jslt32_x. Qed.

Theorem jslt32_x_same_agrees dst k off : agrees false (Branch W32 Jslt dst (Reg dst) (signed 16 off)) dst dst k off bpf_jslt32_x_same.
Proof. by_branch bpf_jslt32_x_same. Qed.

Theorem jsle64_k_agrees dst src k off : agrees false (Branch W64 Jsle dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jsle64_k.
Proof. by_branch bpf_jsle64_k. Qed.

Theorem jsle64_x_agrees dst src k off : agrees false (Branch W64 Jsle dst (Reg src) (signed 16 off)) dst src k off bpf_jsle64_x.
Proof. by_branch bpf_jsle64_x. Qed.

Theorem jsle64_x_same_agrees dst k off : agrees false (Branch W64 Jsle dst (Reg dst) (signed 16 off)) dst dst k off bpf_jsle64_x_same.
Proof. by_branch bpf_jsle64_x_same. Qed.

Theorem jsle32_k_agrees dst src k off : agrees false (Branch W32 Jsle dst (Imm (signed 32 k)) (signed 16 off)) dst src k off bpf_jsle32_k.
Proof. by_branch bpf_jsle32_k. Qed.

Theorem jsle32_x_agrees dst src k off : agrees false (Branch W32 Jsle dst (Reg src) (signed 16 off)) dst src k off bpf_jsle32_x.
Proof. by_branch bpf_jsle32_x. Qed.

Theorem jsle32_x_same_agrees dst k off : agrees false (Branch W32 Jsle dst (Reg dst) (signed 16 off)) dst dst k off bpf_jsle32_x_same.
Proof. by_branch bpf_jsle32_x_same. Qed.

(** All of them, so that what they rest on can be asked at once. *)
Definition model_agrees :=
  (add64_k_agrees, add64_x_agrees, add64_x_same_agrees, add32_k_agrees, add32_x_agrees, add32_x_same_agrees,
   sub64_k_agrees, sub64_x_agrees, sub64_x_same_agrees, sub32_k_agrees, sub32_x_agrees, sub32_x_same_agrees,
   mul64_k_agrees, mul64_x_agrees, mul64_x_same_agrees, mul32_k_agrees, mul32_x_agrees, mul32_x_same_agrees,
   div64_k_agrees, div64_x_agrees, div64_x_same_agrees, div32_k_agrees, div32_x_agrees, div32_x_same_agrees,
   sdiv64_k_agrees, sdiv64_x_agrees, sdiv64_x_same_agrees, sdiv32_k_agrees, sdiv32_x_agrees,
   sdiv32_x_same_agrees, or64_k_agrees, or64_x_agrees, or64_x_same_agrees, or32_k_agrees, or32_x_agrees,
   or32_x_same_agrees, and64_k_agrees, and64_x_agrees, and64_x_same_agrees, and32_k_agrees, and32_x_agrees,
   and32_x_same_agrees, lsh64_k_agrees, lsh64_x_agrees, lsh64_x_same_agrees, lsh32_k_agrees, lsh32_x_agrees,
   lsh32_x_same_agrees, rsh64_k_agrees, rsh64_x_agrees, rsh64_x_same_agrees, rsh32_k_agrees, rsh32_x_agrees,
   rsh32_x_same_agrees, mod64_k_agrees, mod64_x_agrees, mod64_x_same_agrees, mod32_k_agrees, mod32_x_agrees,
   mod32_x_same_agrees, smod64_k_agrees, smod64_x_agrees, smod64_x_same_agrees, smod32_k_agrees,
   smod32_x_agrees, smod32_x_same_agrees, xor64_k_agrees, xor64_x_agrees, xor64_x_same_agrees, xor32_k_agrees,
   xor32_x_agrees, xor32_x_same_agrees, mov64_k_agrees, mov64_x_agrees, mov64_x_same_agrees, mov32_k_agrees,
   mov32_x_agrees, mov32_x_same_agrees, arsh64_k_agrees, arsh64_x_agrees, arsh64_x_same_agrees,
   arsh32_k_agrees, arsh32_x_agrees, arsh32_x_same_agrees, neg64_agrees, neg32_agrees, movsx64_8_agrees,
   movsx64_8_same_agrees, movsx64_16_agrees, movsx64_16_same_agrees, movsx64_32_agrees,
   movsx64_32_same_agrees, movsx32_8_agrees, movsx32_8_same_agrees, movsx32_16_agrees, movsx32_16_same_agrees,
   le16_agrees, le32_agrees, le64_agrees, be16_agrees, be32_agrees, be64_agrees, bswap16_agrees,
   bswap32_agrees, bswap64_agrees, ja_agrees, ja32_agrees, jeq64_k_agrees, jeq64_x_agrees,
   jeq64_x_same_agrees, jeq32_k_agrees, jeq32_x_agrees, jeq32_x_same_agrees, jgt64_k_agrees, jgt64_x_agrees,
   jgt64_x_same_agrees, jgt32_k_agrees, jgt32_x_agrees, jgt32_x_same_agrees, jge64_k_agrees, jge64_x_agrees,
   jge64_x_same_agrees, jge32_k_agrees, jge32_x_agrees, jge32_x_same_agrees, jset64_k_agrees, jset64_x_agrees,
   jset64_x_same_agrees, jset32_k_agrees, jset32_x_agrees, jset32_x_same_agrees, jne64_k_agrees,
   jne64_x_agrees, jne64_x_same_agrees, jne32_k_agrees, jne32_x_agrees, jne32_x_same_agrees, jsgt64_k_agrees,
   jsgt64_x_agrees, jsgt64_x_same_agrees, jsgt32_k_agrees, jsgt32_x_agrees, jsgt32_x_same_agrees,
   jsge64_k_agrees, jsge64_x_agrees, jsge64_x_same_agrees, jsge32_k_agrees, jsge32_x_agrees,
   jsge32_x_same_agrees, jlt64_k_agrees, jlt64_x_agrees, jlt64_x_same_agrees, jlt32_k_agrees, jlt32_x_agrees,
   jlt32_x_same_agrees, jle64_k_agrees, jle64_x_agrees, jle64_x_same_agrees, jle32_k_agrees, jle32_x_agrees,
   jle32_x_same_agrees, jslt64_k_agrees, jslt64_x_agrees, jslt64_x_same_agrees, jslt32_k_agrees,
   jslt32_x_agrees, jslt32_x_same_agrees, jsle64_k_agrees, jsle64_x_agrees, jsle64_x_same_agrees,
   jsle32_k_agrees, jsle32_x_agrees, jsle32_x_same_agrees).
