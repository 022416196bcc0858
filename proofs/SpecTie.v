(* SPDX-License-Identifier: MIT *)
(** The spec is one: what the prover's model of BPF (prover/model/bpf.c, written out by prover/export_coq.c as
    BpfModel.v) says of an instruction is what the semantics does, for all registers, words and fields. A theorem for
    each opcode, and more where registers are the same. *)
From Coq Require Import ZArith Bool List Lia.
From Vouch Require Import Semantics Checker Termination Isolation Values Bits BpfModel.
Import ListNotations.
Open Scope Z_scope.

(** ** What is claimed *)

(** The model's surroundings, in this vm and state. A helper's request is a number there: 0 to go on, 1 to end, any
    other to fail. *)
Definition request_code (q : request) : Z := match q with Continue => 0 | End => 1 | Fail => 2 end.

Definition with_helper {T} (vm : machine) (s : state) (f : answer -> T) (none : T) (id a b c d e : Z) : T :=
  match helpers vm id with Some h => f (h (memory s) a b c d e) | None => none end.

Definition saved (s : state) (field : frame -> Z) : Z := match frames s with f :: _ => field f | [] => 0 end.

Definition surroundings_of (vm : machine) (s : state) : surroundings := {|
  env_memory := memory s;
  env_permitted a n w := permitted (regions vm) (Access a n (w =? 1));
  env_helper_exists id := match helpers vm id with Some _ => true | None => false end;
  env_helper_result := with_helper vm s (fun a => wrap 64 (result a)) 0;
  env_helper_request := with_helper vm s (fun a => request_code (requested a)) 0;
  env_helper_memory := with_helper vm s memory_after (memory s);
  env_object n := wrap 64 (data vm n);
  env_has_room := depth s <? frames_max vm;
  env_has_caller := match frames s with [] => false | _ => true end;
  env_saved_r6 := saved s r6; env_saved_r7 := saved s r7; env_saved_r8 := saved s r8; env_saved_r9 := saved s r9;
  env_saved_pc := saved s return_pc |}.

(** What the checker has seen to beside the registers. [high] is the second slot's immediate. *)
Definition resolved (vm : machine) (s : state) (i : insn) (high : Z) : Prop :=
  match i with
  | CallHelper id => helpers vm id <> None
  | LoadImm64 _ _ => second_half (insns vm) (pc s) = Some high
  | LoadObject _ n => second_half (insns vm) (pc s) = Some high /\ n < 2
  | _ => True
  end.

(** Memories that have the same bytes. *)
Definition same_bytes (m1 m2 : store) : Prop := forall a, 0 <= a -> select m1 a = select m2 a.

Fixpoint written (r : store) (ws : list (Z * Z)) : store :=
  match ws with [] => r | (n, v) :: ws => written (set r n v) ws end.

(** The frames as the semantics has them. *)
Definition changed (change : frames_change) (fs : list frame) : list frame :=
  match change with Same => fs | Push a b c d p => Frame a b c d p :: fs | Pop => tl fs end.

(** A status with address, size and direction; only some combinations mean something. *)
Definition ending_of (why : status) (a n : Z) (w : bool) (r0 : Z) : option ending :=
  match why, a, n, w with
  | StatusMemory, _, _, _ => Some (Fault (FaultMemory (Access a n w)))
  | StatusAlign, _, _, _ => Some (Fault (FaultAlign (Access a n w)))
  | StatusHelper, _, 0, false => Some (Fault (FaultHelper a))
  | StatusOk, 0, 0, false => Some (Done r0)
  | StatusFuel, 0, 0, false => Some (Fault FaultFuel)
  | StatusDepth, 0, 0, false => Some (Fault FaultDepth)
  | StatusHost, 0, 0, false => Some (Fault FaultHost)
  | _, _, _, _ => None
  end.

(** The step does what the model says. The model's pc has 32 bits, that of the semantics is an integer. *)
Definition does (s : state) (model : exported) (o : outcome) : Prop :=
  match model with
  | Goes ws m p f change => exists q m', p = wrap 32 q /\ same_bytes m m'
      /\ o = Next (State (written (regs s) ws) m' q f (changed change (frames s)))
  | Ends why a n w ws m p f => exists e m', p = pc s /\ same_bytes m m'
      /\ ending_of why a n w (get (written (regs s) ws) 0) = Some e
      /\ o = Stop e (State (written (regs s) ws) m' p f (frames s))
  end.

(** For all states that there are ([reachable_fits]), and all fields that the checker allows, [k], [high] and [off] being the immediates and the offset
    as words. *)
Definition agrees (i : insn) (dst src k high off : Z)
    (model : surroundings -> Z -> Z -> Z -> Z -> Z -> (Z -> Z) -> Z -> Z -> exported) : Prop :=
  forall vm s, fits vm s ->
  reg_ok dst (dst_use (uses_of i)) -> reg_ok src (src_use (uses_of i)) ->
  word 32 k -> word 32 high -> word 16 off -> resolved vm s i high ->
  does s (model (surroundings_of vm s) dst src k high off (get (regs s)) (pc s) (fuel s)) (step_insn vm s i).

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

(** ** Memory *)

Lemma wrap_within a k : 0 <= a -> 0 <= k -> a + k < 2 ^ 64 -> bvadd 64 a k = a + k.
Proof. intros. unfold bvadd. apply wrap_small; lia. Qed.

(** Bytes of a word, from the top. *)
Lemma read_bytes_top m n : forall a,
  read_bytes m a (S n) = Z.lor (Z.shiftl (wrap 8 (get m (a + Z.of_nat n))) (8 * Z.of_nat n)) (read_bytes m a n).
Proof.
  induction n as [|n IH]; intros a.
  - cbn [read_bytes]. change (Z.of_nat 0) with 0. rewrite Z.mul_0_r, !Z.shiftl_0_r, Z.shiftl_0_l, !Z.lor_0_r, Z.add_0_r. reflexivity.
  - change (read_bytes m a (S (S n))) with (Z.lor (wrap 8 (get m a)) (Z.shiftl (read_bytes m (a + 1) (S n)) 8)).
    rewrite IH. change (read_bytes m a (S n)) with (Z.lor (wrap 8 (get m a)) (Z.shiftl (read_bytes m (a + 1) n) 8)).
    rewrite Z.shiftl_lor, Z.shiftl_shiftl by lia.
    replace (a + 1 + Z.of_nat n) with (a + Z.of_nat (S n)) by lia.
    replace (8 * Z.of_nat n + 8) with (8 * Z.of_nat (S n)) by lia.
    rewrite !Z.lor_assoc. f_equal. apply Z.lor_comm.
Qed.

Lemma read_byte m a : read_bytes m a 1 = select m a.
Proof. unfold read_bytes, select. rewrite Z.shiftl_0_l, Z.lor_0_r. reflexivity. Qed.

Ltac by_bytes := intros;
  repeat match goal with |- context [bvadd 64 ?a ?k] => rewrite (wrap_within a k) by lia end;
  rewrite ?read_bytes_top; unfold concat, select; cbn [read_bytes];
  repeat match goal with |- context [Z.of_nat ?n] => let v := eval compute in (Z.of_nat n) in change (Z.of_nat n) with v end;
  rewrite Z.shiftl_0_r, Z.add_0_r, Z.lor_0_r; reflexivity.

Lemma load_1_is (w : surroundings) a : load_1 a = read_bytes env_memory a 1.
Proof. symmetry. apply read_byte. Qed.
Lemma load_2_is (w : surroundings) a : 0 <= a -> a + 2 <= 2 ^ 64 -> load_2 a = read_bytes env_memory a 2.
Proof. unfold load_2. by_bytes. Qed.
Lemma load_4_is (w : surroundings) a : 0 <= a -> a + 4 <= 2 ^ 64 -> load_4 a = read_bytes env_memory a 4.
Proof. unfold load_4. by_bytes. Qed.
Lemma load_8_is (w : surroundings) a : 0 <= a -> a + 8 <= 2 ^ 64 -> load_8 a = read_bytes env_memory a 8.
Proof. unfold load_8. by_bytes. Qed.

(** What is written depends on the low bits only. *)
Lemma wrap_shiftr n k v : 0 <= n -> 0 <= k -> wrap n (Z.shiftr (wrap (n + k) v) k) = wrap n (Z.shiftr v k).
Proof.
  intros N K. apply Z.bits_inj'. intros i I. unfold wrap.
  rewrite !Z.land_spec, !Z.shiftr_spec, Z.land_spec, !Z.testbit_ones_nonneg by lia.
  destruct (Z.ltb_spec i n), (Z.ltb_spec (i + k) (n + k)); try lia; rewrite ?andb_true_r, ?andb_false_r; reflexivity.
Qed.

Lemma write_bytes_low n : forall m a u v,
  wrap (8 * Z.of_nat n) u = wrap (8 * Z.of_nat n) v -> write_bytes m a n u = write_bytes m a n v.
Proof.
  induction n as [|n IH]; intros m a u v E; [reflexivity|].
  cbn [write_bytes]. replace (8 * Z.of_nat (S n)) with (8 * Z.of_nat n + 8) in E by lia.
  assert (B : wrap 8 u = wrap 8 v).
  { rewrite <- (wrap_of_wrap 8 (8 * Z.of_nat n + 8) u), <- (wrap_of_wrap 8 (8 * Z.of_nat n + 8) v), E by lia. reflexivity. }
  rewrite B. apply IH. rewrite <- (wrap_shiftr _ 8 u), <- (wrap_shiftr _ 8 v), E by lia. reflexivity.
Qed.

Ltac by_written := intros;
  repeat match goal with |- context [bvadd 64 ?a ?k] => rewrite (wrap_within a k) by lia end;
  unfold extract, store_byte; cbn [write_bytes];
  repeat match goal with |- context [?hi - ?lo + 1] => let v := eval compute in (hi - lo + 1) in change (hi - lo + 1) with v end;
  rewrite ?Z.shiftr_shiftr by lia; rewrite ?Z.shiftr_0_r, <- ?Z.add_assoc; reflexivity.

Lemma write_1_is m a v : word 8 v -> write_1 m a v = write_bytes m a 1 v.
Proof. intros V. cbn. rewrite (wrap_id 8 v) by (lia || exact V). reflexivity. Qed.
Lemma write_2_is m a v : 0 <= a -> a + 2 <= 2 ^ 64 -> write_2 m a v = write_bytes m a 2 v.
Proof. unfold write_2. by_written. Qed.
Lemma write_4_is m a v : 0 <= a -> a + 4 <= 2 ^ 64 -> write_4 m a v = write_bytes m a 4 v.
Proof. unfold write_4. by_written. Qed.
Lemma write_8_is m a v : 0 <= a -> a + 8 <= 2 ^ 64 -> write_8 m a v = write_bytes m a 8 v.
Proof. unfold write_8. by_written. Qed.

Lemma read_same_bytes n : forall m1 m2 a, 0 <= a -> same_bytes m1 m2 -> read_bytes m1 a n = read_bytes m2 a n.
Proof.
  induction n as [|n IH]; intros m1 m2 a A S; [reflexivity|].
  cbn [read_bytes]. rewrite (IH m1 m2) by (lia || exact S). fold (select m1 a) (select m2 a). rewrite S by exact A. reflexivity.
Qed.

Lemma same_bytes_refl m : same_bytes m m.
Proof. intros a _. reflexivity. Qed.

(** Writing back what is there changes nothing. *)
Lemma write_back m a n : 0 <= a -> same_bytes (write_bytes m a n (read_bytes m a n)) m.
Proof.
  revert m a. induction n as [|n IH]; intros m a A; [apply same_bytes_refl|].
  cbn [write_bytes read_bytes]. set (b := get m a). set (rest := read_bytes m (a + 1) n).
  assert (L : wrap 8 (Z.lor (wrap 8 b) (Z.shiftl rest 8)) = wrap 8 b).
  { apply Z.bits_inj'. intros i I. unfold wrap. rewrite !Z.land_spec, Z.lor_spec, Z.land_spec, Z.testbit_ones_nonneg by lia.
    destruct (Z.ltb_spec i 8); rewrite ?andb_true_r, ?andb_false_r; [|reflexivity].
    rewrite Z.shiftl_spec_low by lia. apply orb_false_r. }
  assert (H : Z.shiftr (Z.lor (wrap 8 b) (Z.shiftl rest 8)) 8 = rest).
  { rewrite Z.shiftr_lor, Z.shiftr_shiftl_l, Z.shiftl_0_r by lia.
    replace (Z.shiftr (wrap 8 b) 8) with 0; [reflexivity|].
    rewrite Z.shiftr_div_pow2 by lia. symmetry. apply Z.div_small, wrap_range. lia. }
  rewrite L, H.
  assert (S : same_bytes (set m a (wrap 8 b)) m).
  { intros k K. unfold select. destruct (Z.eq_dec k a) as [->|N].
    - rewrite get_set_same. apply wrap_wrap. lia.
    - rewrite get_set_other by lia. reflexivity. }
  assert (R : read_bytes (set m a (wrap 8 b)) (a + 1) n = rest).
  { apply read_same_bytes; [lia|exact S]. }
  rewrite <- R. intros k K. rewrite (IH (set m a (wrap 8 b)) (a + 1)) by lia. apply S. exact K.
Qed.
(** ** Steps *)

Lemma fits_reg vm s r : fits vm s -> 0 <= r <= 10 -> word 64 (get (regs s) r).
Proof. intros [_ [[R _] _] _ _]. apply R. Qed.

(** In words of 64 bits, [wrap 64] is nothing; lower parts and immediates are [wrap 32]. *)
Ltac tidy :=
  repeat rewrite (extract_low 32 31) by reflexivity; repeat rewrite (extract_low 16 15) by reflexivity;
  repeat rewrite (extract_low 8 7) by reflexivity; unfold sext;
  repeat rewrite wrap_of_wrap by (split; discriminate);
  repeat match goal with H : word 64 ?x |- context [wrap 64 ?x] => rewrite (wrap_id 64 x) by (assumption || discriminate) end.

Ltac start model :=
  intros vm s F D S K Hi O Res; unfold model; cbv zeta;
  cbn [uses_of dst_use src_use reg_ok] in D, S; cbn [resolved] in Res;
  repeat match goal with H : 0 <= ?r <= 10 |- _ =>
    lazymatch goal with _ : word 64 (get (regs s) r) |- _ => fail | _ => pose proof (fits_reg vm s r F H) end end;
  repeat match goal with H : 0 <= ?r < 10 |- _ =>
    lazymatch goal with _ : word 64 (get (regs s) r) |- _ => fail | _ => pose proof (fits_reg vm s r F ltac:(lia)) end end;
  unfold step_insn; cbv zeta; unfold read_operand, with_memory, with_pc; repeat rewrite read_reg_ok by lia; repeat rewrite write_reg_ok by (cbn; lia);
  cbn [regs memory pc fuel frames slots_of].

(** The step goes on at the next instruction, with this memory. *)
Ltac goes n m := match goal with |- does ?s _ _ =>
  refine (ex_intro _ (pc s + n) (ex_intro _ m (conj eq_refl (conj _ _)))) end.
Ltac goes_same n := match goal with |- does ?s _ _ => goes n (memory s) end; [apply same_bytes_refl|].
Ltac goes_on := goes_same 1; unfold with_pc; cbn [regs memory pc fuel frames written changed]; do 2 f_equal.

Ltac by_alu model :=
  start model; goes_on; rewrite alu_is_term by (apply word_wrap; discriminate); cbn [bits_of alu_term]; tidy; reflexivity.

Lemma neg_low n x : 0 <= n -> wrap n (- wrap n x) = wrap n (- x).
Proof.
  intros N. rewrite !wrap_mod by exact N. rewrite <- !(Z.sub_0_l), Zminus_mod_idemp_r. reflexivity.
Qed.

Ltac by_move model := start model; goes_on; cbn [bits_of]; unfold bvneg; tidy;
  rewrite ?neg_low by discriminate; rewrite ?signed_wrap by (split; discriminate); reflexivity.

Lemma bswap_parts x n : extract (n + 7) n x = wrap 8 (Z.shiftr x n).
Proof. unfold extract. f_equal. lia. Qed.

Ltac by_order model :=
  start model; goes_on; unfold byte_order_value;
  try change (Z.to_nat (16 / 8)) with 2%nat; try change (Z.to_nat (32 / 8)) with 4%nat;
  try change (Z.to_nat (64 / 8)) with 8%nat; unfold concat; cbn [swap_bytes];
  repeat rewrite Z.shiftr_shiftr by discriminate; tidy; unfold extract; rewrite ?Z.shiftl_0_r, ?Z.lor_0_r, ?Z.shiftr_0_r;
  reflexivity.

(** 64-bit immediates. *)
Ltac by_wide model :=
  start model;
  repeat match goal with H : second_half _ _ = _ /\ _ < 2 |- _ => destruct H end;
  repeat match goal with H : _ < 2 |- _ => apply Z.ltb_lt in H; rewrite H; clear H end;
  match goal with H : second_half _ _ = _ |- _ => rewrite H end;
  repeat rewrite write_reg_ok by lia; cbn [regs memory pc fuel frames];
  goes_same 2; cbn [written changed env_object surroundings_of]; unfold with_pc, bvadd;
  rewrite ?wrap_mod, ?Zplus_mod_idemp_l by discriminate; reflexivity.

(** Fuel. *)
Lemma no_fuel s : word 64 (fuel s) -> (fuel s <=? 0) = bveq 64 (fuel s) 0.
Proof. intros [L _]. unfold bveq. destruct (Z.leb_spec (fuel s) 0), (Z.eqb_spec (fuel s) 0); (reflexivity || lia). Qed.

Lemma spent s : word 64 (fuel s) -> bveq 64 (fuel s) 0 = false -> bvadd 64 (fuel s) 18446744073709551615 = fuel s - 1.
Proof.
  unfold word, bveq, bvadd. intros W N. apply Z.eqb_neq in N. rewrite wrap_mod by lia.
  symmetry. apply Z.mod_unique with 1; lia.
Qed.

Lemma state_eta s : State (regs s) (memory s) (pc s) (fuel s) (frames s) = s.
Proof. destruct s. reflexivity. Qed.

(** The run ends, and the state is as it was. *)
Ltac ends := match goal with |- does ?s _ _ =>
  refine (ex_intro _ _ (ex_intro _ (memory s) (conj eq_refl (conj (same_bytes_refl _) (conj eq_refl _))))) end;
  cbn [written]; rewrite state_eta; reflexivity.

(** Jumps cost fuel when they go backward. *)
Lemma jump_does s n delta : 0 < n -> word 64 (fuel s) ->
  let there f := Goes [] (memory s) (bvadd 32 (bvadd 32 (pc s) (sext n 32 delta)) 1) f Same in
  does s (if bvslt n delta 0
          then if bveq 64 (fuel s) 0 then Ends StatusFuel 0 0 false [] (memory s) (pc s) (fuel s)
               else there (bvadd 64 (fuel s) 18446744073709551615)
          else there (fuel s)) (jump s (signed n delta)).
Proof.
  intros N F there.
  assert (Q : bvadd 32 (bvadd 32 (pc s) (sext n 32 delta)) 1 = wrap 32 (pc s + 1 + signed n delta)).
  { unfold bvadd, sext. rewrite !wrap_mod by lia. rewrite Zplus_mod_idemp_l.
    replace (pc s + signed n delta mod 2 ^ 32 + 1) with ((pc s + 1) + signed n delta mod 2 ^ 32) by lia.
    apply Zplus_mod_idemp_r. }
  unfold there. clear there. rewrite signed_negative by exact N. unfold jump. rewrite no_fuel by exact F.
  destruct (signed n delta <? 0).
  - destruct (bveq 64 (fuel s) 0) eqn:E.
    + ends.
    + refine (ex_intro _ _ (ex_intro _ (memory s) (conj Q (conj (same_bytes_refl _) _)))).
      rewrite spent by assumption. reflexivity.
  - refine (ex_intro _ _ (ex_intro _ (memory s) (conj Q (conj (same_bytes_refl _) _)))). reflexivity.
Qed.

Lemma sext_same n x : 0 < n -> word n x -> sext n n x = x.
Proof. intros N X. unfold sext. rewrite wrap_signed by exact N. apply wrap_id; [lia|exact X]. Qed.

Ltac by_branch model :=
  start model; rewrite holds_is_term; cbn [bits_of condition_term]; tidy;
  match goal with O : word 16 ?off, F : fits _ ?s |- context [if ?c then jump _ _ else _] =>
    destruct c; [exact (jump_does s 16 off ltac:(reflexivity) (fuel_fits _ _ F))|] end;
  goes_same 1; reflexivity.

(** Accesses. *)
Lemma address_is b off : bvadd 64 b (sext 16 64 off) = wrap 64 (b + signed 16 off).
Proof. unfold bvadd, sext. rewrite !wrap_mod by lia. apply Zplus_mod_idemp_r. Qed.

Lemma permitted_ends vm s a n w : fits vm s -> permitted (regions vm) (Access a n w) = true -> a + n <= 2 ^ 64.
Proof.
  intros [[_ Sane] _ _ _] P. apply permitted_spec in P as (r & In_r & _ & E & _).
  rewrite Forall_forall in Sane. destruct (Sane r In_r) as (_ & _ & L). cbn in E. lia.
Qed.

Lemma aligned_is a n k : 0 <= k -> n = 2 ^ k -> bveq 64 (bvand 64 a (n - 1)) 0 = (a mod n =? 0).
Proof.
  intros K ->. unfold bveq, bvand. rewrite <- Z.land_ones by exact K. rewrite Z.ones_equiv, <- Z.sub_1_r. reflexivity.
Qed.

Lemma write_extends n m a u v :
  wrap (8 * Z.of_nat n) u = wrap (8 * Z.of_nat n) v -> same_bytes (write_bytes m a n u) (write_bytes m a n v).
Proof. intros E. rewrite (write_bytes_low n m a u v E). apply same_bytes_refl. Qed.

(** The address, and the two ways that the test of it can go. *)
Ltac accesses :=
  unfold access_at, check_atomic, check_access, guarded, size_bytes, size_bits; cbn [size_of bytes_of];
  rewrite ?address_is; cbn [env_memory env_permitted surroundings_of address bytes];
  repeat match goal with |- context [Z.of_nat ?n] => let v := eval compute in (Z.of_nat n) in change (Z.of_nat n) with v end;
  change (1 =? 1) with true; change (0 =? 1) with false;
  match goal with |- context [wrap 64 (?b + signed 16 ?off)] =>
    let A := fresh "A" in
    assert (0 <= wrap 64 (b + signed 16 off)) by (apply wrap_range; discriminate);
    set (A := wrap 64 (b + signed 16 off)) in *
  end;
  try match goal with |- context [bveq 64 (bvand 64 ?a 3) 0] => change 3 with (4 - 1); rewrite (aligned_is a 4 2) by (reflexivity || discriminate) end;
  try match goal with |- context [bveq 64 (bvand 64 ?a 7) 0] => change 7 with (8 - 1); rewrite (aligned_is a 8 3) by (reflexivity || discriminate) end;
  try match goal with |- context [if ?a mod ?n =? 0 then _ else _] => destruct (a mod n =? 0); [|ends] end;
  match goal with F : fits ?vm ?s |- context [permitted (regions ?vm) ?a] =>
    let P := fresh "P" in
    destruct (permitted (regions vm) a) eqn:P; [pose proof (permitted_ends vm s _ _ _ F P)|ends] end;
  repeat first [rewrite load_1_is | rewrite load_2_is by assumption | rewrite load_4_is by assumption | rewrite load_8_is by assumption];
  repeat first [rewrite write_1_is by (apply word_wrap; discriminate) | rewrite write_2_is by assumption
               | rewrite write_4_is by assumption | rewrite write_8_is by assumption];
  cbn [env_memory surroundings_of].

Ltac by_load model := start model; accesses; goes_same 1; reflexivity.

(** The step goes on with what it has written, of which the model has the low bits. *)
Ltac goes_with_bytes :=
  match goal with |- does _ _ (Next (State _ ?m _ _ _)) => goes 1 m end;
  [apply write_extends; cbn [Z.of_nat Pos.of_succ_nat Z.mul Pos.mul]; change (8 * Z.of_nat 1) with 8 |reflexivity].

Ltac by_store model := start model; accesses; goes_with_bytes; tidy; reflexivity.

Ltac by_atomic model := start model; accesses; goes_with_bytes;
  unfold atomic_value, bvadd, bvor, bvand, bvxor; cbn [bits_of]; tidy; reflexivity.

(** Where a compare and exchange finds something else, the model writes back what is there. *)
Ltac by_cmpxchg model := start model;
  match goal with F : fits ?vm ?s |- _ => pose proof (fits_reg vm s 0 F ltac:(lia)) end; accesses; unfold choose, bveq; cbn [bits_of]; tidy;
  match goal with |- context [if ?x =? ?y then _ else _] => destruct (x =? y) end;
  [goes_with_bytes; tidy; reflexivity | match goal with |- does ?s _ _ => goes 1 (memory s) end; [apply write_back; assumption|reflexivity]].

(** Calls of helpers. *)
Ltac by_request := match goal with |- context [requested ?a] => destruct (requested a) end;
  cbv [bveq request_code Z.eqb Pos.eqb];
  [match goal with |- does _ (Goes _ ?m _ _ _) _ => goes 1 m end; [apply same_bytes_refl|reflexivity] | |];
  match goal with |- does ?s (Ends _ _ _ _ _ ?m _ _) _ =>
    exact (ex_intro _ _ (ex_intro _ m (conj eq_refl (conj (same_bytes_refl _) (conj eq_refl eq_refl))))) end.

Ltac by_call model := start model;
  cbn [env_memory env_helper_exists env_helper_request env_helper_result env_helper_memory surroundings_of];
  unfold with_helper;
  match goal with |- context [helpers ?vm ?id] => destruct (helpers vm id) as [h|] eqn:? end;
  [|first [ends | contradiction]];
  unfold call_helper;
  match goal with F : fits _ ?s |- _ =>
    rewrite (no_fuel s (fuel_fits _ _ F));
    destruct (bveq 64 (fuel s) 0) eqn:?; [ends|];
    rewrite (spent s (fuel_fits _ _ F)) by assumption end;
  cbv zeta; unfold with_pc, spend, after_call; cbn [regs memory pc fuel frames];
  by_request.

(** ** Opcode by opcode *)

Theorem add64_k_agrees dst src k high off :
  agrees (Alu W64 Add dst (Imm (signed 32 k))) dst src k high off bpf_add64_k.
Proof. by_alu bpf_add64_k. Qed.

Theorem add64_x_same_agrees dst k high off :
  agrees (Alu W64 Add dst (Reg dst)) dst dst k high off bpf_add64_x_same.
Proof. by_alu bpf_add64_x_same. Qed.

Theorem add64_x_agrees dst src k high off :
  agrees (Alu W64 Add dst (Reg src)) dst src k high off bpf_add64_x.
Proof. by_alu bpf_add64_x. Qed.

Theorem add32_k_agrees dst src k high off :
  agrees (Alu W32 Add dst (Imm (signed 32 k))) dst src k high off bpf_add32_k.
Proof. by_alu bpf_add32_k. Qed.

Theorem add32_x_same_agrees dst k high off :
  agrees (Alu W32 Add dst (Reg dst)) dst dst k high off bpf_add32_x_same.
Proof. by_alu bpf_add32_x_same. Qed.

Theorem add32_x_agrees dst src k high off :
  agrees (Alu W32 Add dst (Reg src)) dst src k high off bpf_add32_x.
Proof. by_alu bpf_add32_x. Qed.

Theorem sub64_k_agrees dst src k high off :
  agrees (Alu W64 Sub dst (Imm (signed 32 k))) dst src k high off bpf_sub64_k.
Proof. by_alu bpf_sub64_k. Qed.

Theorem sub64_x_same_agrees dst k high off :
  agrees (Alu W64 Sub dst (Reg dst)) dst dst k high off bpf_sub64_x_same.
Proof. by_alu bpf_sub64_x_same. Qed.

Theorem sub64_x_agrees dst src k high off :
  agrees (Alu W64 Sub dst (Reg src)) dst src k high off bpf_sub64_x.
Proof. by_alu bpf_sub64_x. Qed.

Theorem sub32_k_agrees dst src k high off :
  agrees (Alu W32 Sub dst (Imm (signed 32 k))) dst src k high off bpf_sub32_k.
Proof. by_alu bpf_sub32_k. Qed.

Theorem sub32_x_same_agrees dst k high off :
  agrees (Alu W32 Sub dst (Reg dst)) dst dst k high off bpf_sub32_x_same.
Proof. by_alu bpf_sub32_x_same. Qed.

Theorem sub32_x_agrees dst src k high off :
  agrees (Alu W32 Sub dst (Reg src)) dst src k high off bpf_sub32_x.
Proof. by_alu bpf_sub32_x. Qed.

Theorem mul64_k_agrees dst src k high off :
  agrees (Alu W64 Mul dst (Imm (signed 32 k))) dst src k high off bpf_mul64_k.
Proof. by_alu bpf_mul64_k. Qed.

Theorem mul64_x_same_agrees dst k high off :
  agrees (Alu W64 Mul dst (Reg dst)) dst dst k high off bpf_mul64_x_same.
Proof. by_alu bpf_mul64_x_same. Qed.

Theorem mul64_x_agrees dst src k high off :
  agrees (Alu W64 Mul dst (Reg src)) dst src k high off bpf_mul64_x.
Proof. by_alu bpf_mul64_x. Qed.

Theorem mul32_k_agrees dst src k high off :
  agrees (Alu W32 Mul dst (Imm (signed 32 k))) dst src k high off bpf_mul32_k.
Proof. by_alu bpf_mul32_k. Qed.

Theorem mul32_x_same_agrees dst k high off :
  agrees (Alu W32 Mul dst (Reg dst)) dst dst k high off bpf_mul32_x_same.
Proof. by_alu bpf_mul32_x_same. Qed.

Theorem mul32_x_agrees dst src k high off :
  agrees (Alu W32 Mul dst (Reg src)) dst src k high off bpf_mul32_x.
Proof. by_alu bpf_mul32_x. Qed.

Theorem div64_k_agrees dst src k high off :
  agrees (Alu W64 Div dst (Imm (signed 32 k))) dst src k high off bpf_div64_k.
Proof. by_alu bpf_div64_k. Qed.

Theorem sdiv64_k_agrees dst src k high off :
  agrees (Alu W64 SDiv dst (Imm (signed 32 k))) dst src k high off bpf_sdiv64_k.
Proof. by_alu bpf_sdiv64_k. Qed.

Theorem div64_x_same_agrees dst k high off :
  agrees (Alu W64 Div dst (Reg dst)) dst dst k high off bpf_div64_x_same.
Proof. by_alu bpf_div64_x_same. Qed.

Theorem div64_x_agrees dst src k high off :
  agrees (Alu W64 Div dst (Reg src)) dst src k high off bpf_div64_x.
Proof. by_alu bpf_div64_x. Qed.

Theorem sdiv64_x_same_agrees dst k high off :
  agrees (Alu W64 SDiv dst (Reg dst)) dst dst k high off bpf_sdiv64_x_same.
Proof. by_alu bpf_sdiv64_x_same. Qed.

Theorem sdiv64_x_agrees dst src k high off :
  agrees (Alu W64 SDiv dst (Reg src)) dst src k high off bpf_sdiv64_x.
Proof. by_alu bpf_sdiv64_x. Qed.

Theorem div32_k_agrees dst src k high off :
  agrees (Alu W32 Div dst (Imm (signed 32 k))) dst src k high off bpf_div32_k.
Proof. by_alu bpf_div32_k. Qed.

Theorem sdiv32_k_agrees dst src k high off :
  agrees (Alu W32 SDiv dst (Imm (signed 32 k))) dst src k high off bpf_sdiv32_k.
Proof. by_alu bpf_sdiv32_k. Qed.

Theorem div32_x_same_agrees dst k high off :
  agrees (Alu W32 Div dst (Reg dst)) dst dst k high off bpf_div32_x_same.
Proof. by_alu bpf_div32_x_same. Qed.

Theorem div32_x_agrees dst src k high off :
  agrees (Alu W32 Div dst (Reg src)) dst src k high off bpf_div32_x.
Proof. by_alu bpf_div32_x. Qed.

Theorem sdiv32_x_same_agrees dst k high off :
  agrees (Alu W32 SDiv dst (Reg dst)) dst dst k high off bpf_sdiv32_x_same.
Proof. by_alu bpf_sdiv32_x_same. Qed.

Theorem sdiv32_x_agrees dst src k high off :
  agrees (Alu W32 SDiv dst (Reg src)) dst src k high off bpf_sdiv32_x.
Proof. by_alu bpf_sdiv32_x. Qed.

Theorem or64_k_agrees dst src k high off :
  agrees (Alu W64 Or dst (Imm (signed 32 k))) dst src k high off bpf_or64_k.
Proof. by_alu bpf_or64_k. Qed.

Theorem or64_x_same_agrees dst k high off :
  agrees (Alu W64 Or dst (Reg dst)) dst dst k high off bpf_or64_x_same.
Proof. by_alu bpf_or64_x_same. Qed.

Theorem or64_x_agrees dst src k high off :
  agrees (Alu W64 Or dst (Reg src)) dst src k high off bpf_or64_x.
Proof. by_alu bpf_or64_x. Qed.

Theorem or32_k_agrees dst src k high off :
  agrees (Alu W32 Or dst (Imm (signed 32 k))) dst src k high off bpf_or32_k.
Proof. by_alu bpf_or32_k. Qed.

Theorem or32_x_same_agrees dst k high off :
  agrees (Alu W32 Or dst (Reg dst)) dst dst k high off bpf_or32_x_same.
Proof. by_alu bpf_or32_x_same. Qed.

Theorem or32_x_agrees dst src k high off :
  agrees (Alu W32 Or dst (Reg src)) dst src k high off bpf_or32_x.
Proof. by_alu bpf_or32_x. Qed.

Theorem and64_k_agrees dst src k high off :
  agrees (Alu W64 And dst (Imm (signed 32 k))) dst src k high off bpf_and64_k.
Proof. by_alu bpf_and64_k. Qed.

Theorem and64_x_same_agrees dst k high off :
  agrees (Alu W64 And dst (Reg dst)) dst dst k high off bpf_and64_x_same.
Proof. by_alu bpf_and64_x_same. Qed.

Theorem and64_x_agrees dst src k high off :
  agrees (Alu W64 And dst (Reg src)) dst src k high off bpf_and64_x.
Proof. by_alu bpf_and64_x. Qed.

Theorem and32_k_agrees dst src k high off :
  agrees (Alu W32 And dst (Imm (signed 32 k))) dst src k high off bpf_and32_k.
Proof. by_alu bpf_and32_k. Qed.

Theorem and32_x_same_agrees dst k high off :
  agrees (Alu W32 And dst (Reg dst)) dst dst k high off bpf_and32_x_same.
Proof. by_alu bpf_and32_x_same. Qed.

Theorem and32_x_agrees dst src k high off :
  agrees (Alu W32 And dst (Reg src)) dst src k high off bpf_and32_x.
Proof. by_alu bpf_and32_x. Qed.

Theorem lsh64_k_agrees dst src k high off :
  agrees (Alu W64 Lsh dst (Imm (signed 32 k))) dst src k high off bpf_lsh64_k.
Proof. by_alu bpf_lsh64_k. Qed.

Theorem lsh64_x_same_agrees dst k high off :
  agrees (Alu W64 Lsh dst (Reg dst)) dst dst k high off bpf_lsh64_x_same.
Proof. by_alu bpf_lsh64_x_same. Qed.

Theorem lsh64_x_agrees dst src k high off :
  agrees (Alu W64 Lsh dst (Reg src)) dst src k high off bpf_lsh64_x.
Proof. by_alu bpf_lsh64_x. Qed.

Theorem lsh32_k_agrees dst src k high off :
  agrees (Alu W32 Lsh dst (Imm (signed 32 k))) dst src k high off bpf_lsh32_k.
Proof. by_alu bpf_lsh32_k. Qed.

Theorem lsh32_x_same_agrees dst k high off :
  agrees (Alu W32 Lsh dst (Reg dst)) dst dst k high off bpf_lsh32_x_same.
Proof. by_alu bpf_lsh32_x_same. Qed.

Theorem lsh32_x_agrees dst src k high off :
  agrees (Alu W32 Lsh dst (Reg src)) dst src k high off bpf_lsh32_x.
Proof. by_alu bpf_lsh32_x. Qed.

Theorem rsh64_k_agrees dst src k high off :
  agrees (Alu W64 Rsh dst (Imm (signed 32 k))) dst src k high off bpf_rsh64_k.
Proof. by_alu bpf_rsh64_k. Qed.

Theorem rsh64_x_same_agrees dst k high off :
  agrees (Alu W64 Rsh dst (Reg dst)) dst dst k high off bpf_rsh64_x_same.
Proof. by_alu bpf_rsh64_x_same. Qed.

Theorem rsh64_x_agrees dst src k high off :
  agrees (Alu W64 Rsh dst (Reg src)) dst src k high off bpf_rsh64_x.
Proof. by_alu bpf_rsh64_x. Qed.

Theorem rsh32_k_agrees dst src k high off :
  agrees (Alu W32 Rsh dst (Imm (signed 32 k))) dst src k high off bpf_rsh32_k.
Proof. by_alu bpf_rsh32_k. Qed.

Theorem rsh32_x_same_agrees dst k high off :
  agrees (Alu W32 Rsh dst (Reg dst)) dst dst k high off bpf_rsh32_x_same.
Proof. by_alu bpf_rsh32_x_same. Qed.

Theorem rsh32_x_agrees dst src k high off :
  agrees (Alu W32 Rsh dst (Reg src)) dst src k high off bpf_rsh32_x.
Proof. by_alu bpf_rsh32_x. Qed.

Theorem neg64_agrees dst src k high off :
  agrees (Neg W64 dst) dst src k high off bpf_neg64.
Proof. by_move bpf_neg64. Qed.

Theorem neg32_agrees dst src k high off :
  agrees (Neg W32 dst) dst src k high off bpf_neg32.
Proof. by_move bpf_neg32. Qed.

Theorem mod64_k_agrees dst src k high off :
  agrees (Alu W64 Mod dst (Imm (signed 32 k))) dst src k high off bpf_mod64_k.
Proof. by_alu bpf_mod64_k. Qed.

Theorem smod64_k_agrees dst src k high off :
  agrees (Alu W64 SMod dst (Imm (signed 32 k))) dst src k high off bpf_smod64_k.
Proof. by_alu bpf_smod64_k. Qed.

Theorem mod64_x_same_agrees dst k high off :
  agrees (Alu W64 Mod dst (Reg dst)) dst dst k high off bpf_mod64_x_same.
Proof. by_alu bpf_mod64_x_same. Qed.

Theorem mod64_x_agrees dst src k high off :
  agrees (Alu W64 Mod dst (Reg src)) dst src k high off bpf_mod64_x.
Proof. by_alu bpf_mod64_x. Qed.

Theorem smod64_x_same_agrees dst k high off :
  agrees (Alu W64 SMod dst (Reg dst)) dst dst k high off bpf_smod64_x_same.
Proof. by_alu bpf_smod64_x_same. Qed.

Theorem smod64_x_agrees dst src k high off :
  agrees (Alu W64 SMod dst (Reg src)) dst src k high off bpf_smod64_x.
Proof. by_alu bpf_smod64_x. Qed.

Theorem mod32_k_agrees dst src k high off :
  agrees (Alu W32 Mod dst (Imm (signed 32 k))) dst src k high off bpf_mod32_k.
Proof. by_alu bpf_mod32_k. Qed.

Theorem smod32_k_agrees dst src k high off :
  agrees (Alu W32 SMod dst (Imm (signed 32 k))) dst src k high off bpf_smod32_k.
Proof. by_alu bpf_smod32_k. Qed.

Theorem mod32_x_same_agrees dst k high off :
  agrees (Alu W32 Mod dst (Reg dst)) dst dst k high off bpf_mod32_x_same.
Proof. by_alu bpf_mod32_x_same. Qed.

Theorem mod32_x_agrees dst src k high off :
  agrees (Alu W32 Mod dst (Reg src)) dst src k high off bpf_mod32_x.
Proof. by_alu bpf_mod32_x. Qed.

Theorem smod32_x_same_agrees dst k high off :
  agrees (Alu W32 SMod dst (Reg dst)) dst dst k high off bpf_smod32_x_same.
Proof. by_alu bpf_smod32_x_same. Qed.

Theorem smod32_x_agrees dst src k high off :
  agrees (Alu W32 SMod dst (Reg src)) dst src k high off bpf_smod32_x.
Proof. by_alu bpf_smod32_x. Qed.

Theorem xor64_k_agrees dst src k high off :
  agrees (Alu W64 Xor dst (Imm (signed 32 k))) dst src k high off bpf_xor64_k.
Proof. by_alu bpf_xor64_k. Qed.

Theorem xor64_x_same_agrees dst k high off :
  agrees (Alu W64 Xor dst (Reg dst)) dst dst k high off bpf_xor64_x_same.
Proof. by_alu bpf_xor64_x_same. Qed.

Theorem xor64_x_agrees dst src k high off :
  agrees (Alu W64 Xor dst (Reg src)) dst src k high off bpf_xor64_x.
Proof. by_alu bpf_xor64_x. Qed.

Theorem xor32_k_agrees dst src k high off :
  agrees (Alu W32 Xor dst (Imm (signed 32 k))) dst src k high off bpf_xor32_k.
Proof. by_alu bpf_xor32_k. Qed.

Theorem xor32_x_same_agrees dst k high off :
  agrees (Alu W32 Xor dst (Reg dst)) dst dst k high off bpf_xor32_x_same.
Proof. by_alu bpf_xor32_x_same. Qed.

Theorem xor32_x_agrees dst src k high off :
  agrees (Alu W32 Xor dst (Reg src)) dst src k high off bpf_xor32_x.
Proof. by_alu bpf_xor32_x. Qed.

Theorem mov64_k_agrees dst src k high off :
  agrees (Alu W64 Mov dst (Imm (signed 32 k))) dst src k high off bpf_mov64_k.
Proof. by_alu bpf_mov64_k. Qed.

Theorem mov64_x_same_agrees dst k high off :
  agrees (Alu W64 Mov dst (Reg dst)) dst dst k high off bpf_mov64_x_same.
Proof. by_alu bpf_mov64_x_same. Qed.

Theorem mov64_x_agrees dst src k high off :
  agrees (Alu W64 Mov dst (Reg src)) dst src k high off bpf_mov64_x.
Proof. by_alu bpf_mov64_x. Qed.

Theorem movsx64_8_same_agrees dst k high off :
  agrees (MovSX W64 8 dst dst) dst dst k high off bpf_movsx64_8_same.
Proof. by_move bpf_movsx64_8_same. Qed.

Theorem movsx64_8_agrees dst src k high off :
  agrees (MovSX W64 8 dst src) dst src k high off bpf_movsx64_8.
Proof. by_move bpf_movsx64_8. Qed.

Theorem movsx64_16_same_agrees dst k high off :
  agrees (MovSX W64 16 dst dst) dst dst k high off bpf_movsx64_16_same.
Proof. by_move bpf_movsx64_16_same. Qed.

Theorem movsx64_16_agrees dst src k high off :
  agrees (MovSX W64 16 dst src) dst src k high off bpf_movsx64_16.
Proof. by_move bpf_movsx64_16. Qed.

Theorem movsx64_32_same_agrees dst k high off :
  agrees (MovSX W64 32 dst dst) dst dst k high off bpf_movsx64_32_same.
Proof. by_move bpf_movsx64_32_same. Qed.

Theorem movsx64_32_agrees dst src k high off :
  agrees (MovSX W64 32 dst src) dst src k high off bpf_movsx64_32.
Proof. by_move bpf_movsx64_32. Qed.

Theorem mov32_k_agrees dst src k high off :
  agrees (Alu W32 Mov dst (Imm (signed 32 k))) dst src k high off bpf_mov32_k.
Proof. by_alu bpf_mov32_k. Qed.

Theorem mov32_x_same_agrees dst k high off :
  agrees (Alu W32 Mov dst (Reg dst)) dst dst k high off bpf_mov32_x_same.
Proof. by_alu bpf_mov32_x_same. Qed.

Theorem mov32_x_agrees dst src k high off :
  agrees (Alu W32 Mov dst (Reg src)) dst src k high off bpf_mov32_x.
Proof. by_alu bpf_mov32_x. Qed.

Theorem movsx32_8_same_agrees dst k high off :
  agrees (MovSX W32 8 dst dst) dst dst k high off bpf_movsx32_8_same.
Proof. by_move bpf_movsx32_8_same. Qed.

Theorem movsx32_8_agrees dst src k high off :
  agrees (MovSX W32 8 dst src) dst src k high off bpf_movsx32_8.
Proof. by_move bpf_movsx32_8. Qed.

Theorem movsx32_16_same_agrees dst k high off :
  agrees (MovSX W32 16 dst dst) dst dst k high off bpf_movsx32_16_same.
Proof. by_move bpf_movsx32_16_same. Qed.

Theorem movsx32_16_agrees dst src k high off :
  agrees (MovSX W32 16 dst src) dst src k high off bpf_movsx32_16.
Proof. by_move bpf_movsx32_16. Qed.

Theorem arsh64_k_agrees dst src k high off :
  agrees (Alu W64 Arsh dst (Imm (signed 32 k))) dst src k high off bpf_arsh64_k.
Proof. by_alu bpf_arsh64_k. Qed.

Theorem arsh64_x_same_agrees dst k high off :
  agrees (Alu W64 Arsh dst (Reg dst)) dst dst k high off bpf_arsh64_x_same.
Proof. by_alu bpf_arsh64_x_same. Qed.

Theorem arsh64_x_agrees dst src k high off :
  agrees (Alu W64 Arsh dst (Reg src)) dst src k high off bpf_arsh64_x.
Proof. by_alu bpf_arsh64_x. Qed.

Theorem arsh32_k_agrees dst src k high off :
  agrees (Alu W32 Arsh dst (Imm (signed 32 k))) dst src k high off bpf_arsh32_k.
Proof. by_alu bpf_arsh32_k. Qed.

Theorem arsh32_x_same_agrees dst k high off :
  agrees (Alu W32 Arsh dst (Reg dst)) dst dst k high off bpf_arsh32_x_same.
Proof. by_alu bpf_arsh32_x_same. Qed.

Theorem arsh32_x_agrees dst src k high off :
  agrees (Alu W32 Arsh dst (Reg src)) dst src k high off bpf_arsh32_x.
Proof. by_alu bpf_arsh32_x. Qed.

Theorem le16_agrees dst src k high off :
  agrees (ByteOrder Little 16 dst) dst src k high off bpf_le16.
Proof. by_order bpf_le16. Qed.

Theorem le32_agrees dst src k high off :
  agrees (ByteOrder Little 32 dst) dst src k high off bpf_le32.
Proof. by_order bpf_le32. Qed.

Theorem le64_agrees dst src k high off :
  agrees (ByteOrder Little 64 dst) dst src k high off bpf_le64.
Proof. by_order bpf_le64. Qed.

Theorem be16_agrees dst src k high off :
  agrees (ByteOrder Big 16 dst) dst src k high off bpf_be16.
Proof. by_order bpf_be16. Qed.

Theorem be32_agrees dst src k high off :
  agrees (ByteOrder Big 32 dst) dst src k high off bpf_be32.
Proof. by_order bpf_be32. Qed.

Theorem be64_agrees dst src k high off :
  agrees (ByteOrder Big 64 dst) dst src k high off bpf_be64.
Proof. by_order bpf_be64. Qed.

Theorem bswap16_agrees dst src k high off :
  agrees (ByteOrder Swap 16 dst) dst src k high off bpf_bswap16.
Proof. by_order bpf_bswap16. Qed.

Theorem bswap32_agrees dst src k high off :
  agrees (ByteOrder Swap 32 dst) dst src k high off bpf_bswap32.
Proof. by_order bpf_bswap32. Qed.

Theorem bswap64_agrees dst src k high off :
  agrees (ByteOrder Swap 64 dst) dst src k high off bpf_bswap64.
Proof. by_order bpf_bswap64. Qed.

Theorem lddw_agrees dst src k high off :
  agrees (LoadImm64 dst k) dst src k high off bpf_lddw.
Proof. by_wide bpf_lddw. Qed.

Theorem lddw_object_agrees dst src k high off :
  agrees (LoadObject dst k) dst src k high off bpf_lddw_object.
Proof. by_wide bpf_lddw_object. Qed.

Theorem ldxb_same_agrees dst k high off :
  agrees (Load B false dst dst (signed 16 off)) dst dst k high off bpf_ldxb_same.
Proof. by_load bpf_ldxb_same. Qed.

Theorem ldxb_agrees dst src k high off :
  agrees (Load B false dst src (signed 16 off)) dst src k high off bpf_ldxb.
Proof. by_load bpf_ldxb. Qed.

Theorem ldxh_same_agrees dst k high off :
  agrees (Load H false dst dst (signed 16 off)) dst dst k high off bpf_ldxh_same.
Proof. by_load bpf_ldxh_same. Qed.

Theorem ldxh_agrees dst src k high off :
  agrees (Load H false dst src (signed 16 off)) dst src k high off bpf_ldxh.
Proof. by_load bpf_ldxh. Qed.

Theorem ldxw_same_agrees dst k high off :
  agrees (Load W false dst dst (signed 16 off)) dst dst k high off bpf_ldxw_same.
Proof. by_load bpf_ldxw_same. Qed.

Theorem ldxw_agrees dst src k high off :
  agrees (Load W false dst src (signed 16 off)) dst src k high off bpf_ldxw.
Proof. by_load bpf_ldxw. Qed.

Theorem ldxdw_same_agrees dst k high off :
  agrees (Load DW false dst dst (signed 16 off)) dst dst k high off bpf_ldxdw_same.
Proof. by_load bpf_ldxdw_same. Qed.

Theorem ldxdw_agrees dst src k high off :
  agrees (Load DW false dst src (signed 16 off)) dst src k high off bpf_ldxdw.
Proof. by_load bpf_ldxdw. Qed.

Theorem ldxsb_same_agrees dst k high off :
  agrees (Load B true dst dst (signed 16 off)) dst dst k high off bpf_ldxsb_same.
Proof. by_load bpf_ldxsb_same. Qed.

Theorem ldxsb_agrees dst src k high off :
  agrees (Load B true dst src (signed 16 off)) dst src k high off bpf_ldxsb.
Proof. by_load bpf_ldxsb. Qed.

Theorem ldxsh_same_agrees dst k high off :
  agrees (Load H true dst dst (signed 16 off)) dst dst k high off bpf_ldxsh_same.
Proof. by_load bpf_ldxsh_same. Qed.

Theorem ldxsh_agrees dst src k high off :
  agrees (Load H true dst src (signed 16 off)) dst src k high off bpf_ldxsh.
Proof. by_load bpf_ldxsh. Qed.

Theorem ldxsw_same_agrees dst k high off :
  agrees (Load W true dst dst (signed 16 off)) dst dst k high off bpf_ldxsw_same.
Proof. by_load bpf_ldxsw_same. Qed.

Theorem ldxsw_agrees dst src k high off :
  agrees (Load W true dst src (signed 16 off)) dst src k high off bpf_ldxsw.
Proof. by_load bpf_ldxsw. Qed.

Theorem stb_agrees dst src k high off :
  agrees (Store B dst (signed 16 off) (Imm (signed 32 k))) dst src k high off bpf_stb.
Proof. by_store bpf_stb. Qed.

Theorem stxb_same_agrees dst k high off :
  agrees (Store B dst (signed 16 off) (Reg dst)) dst dst k high off bpf_stxb_same.
Proof. by_store bpf_stxb_same. Qed.

Theorem stxb_agrees dst src k high off :
  agrees (Store B dst (signed 16 off) (Reg src)) dst src k high off bpf_stxb.
Proof. by_store bpf_stxb. Qed.

Theorem sth_agrees dst src k high off :
  agrees (Store H dst (signed 16 off) (Imm (signed 32 k))) dst src k high off bpf_sth.
Proof. by_store bpf_sth. Qed.

Theorem stxh_same_agrees dst k high off :
  agrees (Store H dst (signed 16 off) (Reg dst)) dst dst k high off bpf_stxh_same.
Proof. by_store bpf_stxh_same. Qed.

Theorem stxh_agrees dst src k high off :
  agrees (Store H dst (signed 16 off) (Reg src)) dst src k high off bpf_stxh.
Proof. by_store bpf_stxh. Qed.

Theorem stw_agrees dst src k high off :
  agrees (Store W dst (signed 16 off) (Imm (signed 32 k))) dst src k high off bpf_stw.
Proof. by_store bpf_stw. Qed.

Theorem stxw_same_agrees dst k high off :
  agrees (Store W dst (signed 16 off) (Reg dst)) dst dst k high off bpf_stxw_same.
Proof. by_store bpf_stxw_same. Qed.

Theorem stxw_agrees dst src k high off :
  agrees (Store W dst (signed 16 off) (Reg src)) dst src k high off bpf_stxw.
Proof. by_store bpf_stxw. Qed.

Theorem stdw_agrees dst src k high off :
  agrees (Store DW dst (signed 16 off) (Imm (signed 32 k))) dst src k high off bpf_stdw.
Proof. by_store bpf_stdw. Qed.

Theorem stxdw_same_agrees dst k high off :
  agrees (Store DW dst (signed 16 off) (Reg dst)) dst dst k high off bpf_stxdw_same.
Proof. by_store bpf_stxdw_same. Qed.

Theorem stxdw_agrees dst src k high off :
  agrees (Store DW dst (signed 16 off) (Reg src)) dst src k high off bpf_stxdw.
Proof. by_store bpf_stxdw. Qed.

Theorem atomic_add64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicAdd false dst (signed 16 off) dst) dst dst k high off bpf_atomic_add64_same.
Proof. by_atomic bpf_atomic_add64_same. Qed.

Theorem atomic_add64_agrees dst src k high off :
  agrees (Atomic W64 AtomicAdd false dst (signed 16 off) src) dst src k high off bpf_atomic_add64.
Proof. by_atomic bpf_atomic_add64. Qed.

Theorem atomic_or64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicOr false dst (signed 16 off) dst) dst dst k high off bpf_atomic_or64_same.
Proof. by_atomic bpf_atomic_or64_same. Qed.

Theorem atomic_or64_agrees dst src k high off :
  agrees (Atomic W64 AtomicOr false dst (signed 16 off) src) dst src k high off bpf_atomic_or64.
Proof. by_atomic bpf_atomic_or64. Qed.

Theorem atomic_and64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicAnd false dst (signed 16 off) dst) dst dst k high off bpf_atomic_and64_same.
Proof. by_atomic bpf_atomic_and64_same. Qed.

Theorem atomic_and64_agrees dst src k high off :
  agrees (Atomic W64 AtomicAnd false dst (signed 16 off) src) dst src k high off bpf_atomic_and64.
Proof. by_atomic bpf_atomic_and64. Qed.

Theorem atomic_xor64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicXor false dst (signed 16 off) dst) dst dst k high off bpf_atomic_xor64_same.
Proof. by_atomic bpf_atomic_xor64_same. Qed.

Theorem atomic_xor64_agrees dst src k high off :
  agrees (Atomic W64 AtomicXor false dst (signed 16 off) src) dst src k high off bpf_atomic_xor64.
Proof. by_atomic bpf_atomic_xor64. Qed.

Theorem atomic_fetch_add64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicAdd true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_add64_same.
Proof. by_atomic bpf_atomic_fetch_add64_same. Qed.

Theorem atomic_fetch_add64_agrees dst src k high off :
  agrees (Atomic W64 AtomicAdd true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_add64.
Proof. by_atomic bpf_atomic_fetch_add64. Qed.

Theorem atomic_fetch_or64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicOr true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_or64_same.
Proof. by_atomic bpf_atomic_fetch_or64_same. Qed.

Theorem atomic_fetch_or64_agrees dst src k high off :
  agrees (Atomic W64 AtomicOr true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_or64.
Proof. by_atomic bpf_atomic_fetch_or64. Qed.

Theorem atomic_fetch_and64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicAnd true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_and64_same.
Proof. by_atomic bpf_atomic_fetch_and64_same. Qed.

Theorem atomic_fetch_and64_agrees dst src k high off :
  agrees (Atomic W64 AtomicAnd true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_and64.
Proof. by_atomic bpf_atomic_fetch_and64. Qed.

Theorem atomic_fetch_xor64_same_agrees dst k high off :
  agrees (Atomic W64 AtomicXor true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_xor64_same.
Proof. by_atomic bpf_atomic_fetch_xor64_same. Qed.

Theorem atomic_fetch_xor64_agrees dst src k high off :
  agrees (Atomic W64 AtomicXor true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_xor64.
Proof. by_atomic bpf_atomic_fetch_xor64. Qed.

Theorem atomic_xchg64_same_agrees dst k high off :
  agrees (Exchange W64 dst (signed 16 off) dst) dst dst k high off bpf_atomic_xchg64_same.
Proof. by_atomic bpf_atomic_xchg64_same. Qed.

Theorem atomic_xchg64_agrees dst src k high off :
  agrees (Exchange W64 dst (signed 16 off) src) dst src k high off bpf_atomic_xchg64.
Proof. by_atomic bpf_atomic_xchg64. Qed.

Theorem atomic_cmpxchg64_dst0_src0_agrees k high off :
  agrees (CompareExchange W64 0 (signed 16 off) 0) 0 0 k high off bpf_atomic_cmpxchg64_dst0_src0.
Proof. by_cmpxchg bpf_atomic_cmpxchg64_dst0_src0. Qed.

Theorem atomic_cmpxchg64_dst0_agrees src k high off :
  agrees (CompareExchange W64 0 (signed 16 off) src) 0 src k high off bpf_atomic_cmpxchg64_dst0.
Proof. by_cmpxchg bpf_atomic_cmpxchg64_dst0. Qed.

Theorem atomic_cmpxchg64_src0_agrees dst k high off :
  agrees (CompareExchange W64 dst (signed 16 off) 0) dst 0 k high off bpf_atomic_cmpxchg64_src0.
Proof. by_cmpxchg bpf_atomic_cmpxchg64_src0. Qed.

Theorem atomic_cmpxchg64_same_agrees dst k high off :
  agrees (CompareExchange W64 dst (signed 16 off) dst) dst dst k high off bpf_atomic_cmpxchg64_same.
Proof. by_cmpxchg bpf_atomic_cmpxchg64_same. Qed.

Theorem atomic_cmpxchg64_agrees dst src k high off :
  agrees (CompareExchange W64 dst (signed 16 off) src) dst src k high off bpf_atomic_cmpxchg64.
Proof. by_cmpxchg bpf_atomic_cmpxchg64. Qed.

Theorem atomic_add32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicAdd false dst (signed 16 off) dst) dst dst k high off bpf_atomic_add32_same.
Proof. by_atomic bpf_atomic_add32_same. Qed.

Theorem atomic_add32_agrees dst src k high off :
  agrees (Atomic W32 AtomicAdd false dst (signed 16 off) src) dst src k high off bpf_atomic_add32.
Proof. by_atomic bpf_atomic_add32. Qed.

Theorem atomic_or32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicOr false dst (signed 16 off) dst) dst dst k high off bpf_atomic_or32_same.
Proof. by_atomic bpf_atomic_or32_same. Qed.

Theorem atomic_or32_agrees dst src k high off :
  agrees (Atomic W32 AtomicOr false dst (signed 16 off) src) dst src k high off bpf_atomic_or32.
Proof. by_atomic bpf_atomic_or32. Qed.

Theorem atomic_and32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicAnd false dst (signed 16 off) dst) dst dst k high off bpf_atomic_and32_same.
Proof. by_atomic bpf_atomic_and32_same. Qed.

Theorem atomic_and32_agrees dst src k high off :
  agrees (Atomic W32 AtomicAnd false dst (signed 16 off) src) dst src k high off bpf_atomic_and32.
Proof. by_atomic bpf_atomic_and32. Qed.

Theorem atomic_xor32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicXor false dst (signed 16 off) dst) dst dst k high off bpf_atomic_xor32_same.
Proof. by_atomic bpf_atomic_xor32_same. Qed.

Theorem atomic_xor32_agrees dst src k high off :
  agrees (Atomic W32 AtomicXor false dst (signed 16 off) src) dst src k high off bpf_atomic_xor32.
Proof. by_atomic bpf_atomic_xor32. Qed.

Theorem atomic_fetch_add32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicAdd true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_add32_same.
Proof. by_atomic bpf_atomic_fetch_add32_same. Qed.

Theorem atomic_fetch_add32_agrees dst src k high off :
  agrees (Atomic W32 AtomicAdd true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_add32.
Proof. by_atomic bpf_atomic_fetch_add32. Qed.

Theorem atomic_fetch_or32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicOr true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_or32_same.
Proof. by_atomic bpf_atomic_fetch_or32_same. Qed.

Theorem atomic_fetch_or32_agrees dst src k high off :
  agrees (Atomic W32 AtomicOr true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_or32.
Proof. by_atomic bpf_atomic_fetch_or32. Qed.

Theorem atomic_fetch_and32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicAnd true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_and32_same.
Proof. by_atomic bpf_atomic_fetch_and32_same. Qed.

Theorem atomic_fetch_and32_agrees dst src k high off :
  agrees (Atomic W32 AtomicAnd true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_and32.
Proof. by_atomic bpf_atomic_fetch_and32. Qed.

Theorem atomic_fetch_xor32_same_agrees dst k high off :
  agrees (Atomic W32 AtomicXor true dst (signed 16 off) dst) dst dst k high off bpf_atomic_fetch_xor32_same.
Proof. by_atomic bpf_atomic_fetch_xor32_same. Qed.

Theorem atomic_fetch_xor32_agrees dst src k high off :
  agrees (Atomic W32 AtomicXor true dst (signed 16 off) src) dst src k high off bpf_atomic_fetch_xor32.
Proof. by_atomic bpf_atomic_fetch_xor32. Qed.

Theorem atomic_xchg32_same_agrees dst k high off :
  agrees (Exchange W32 dst (signed 16 off) dst) dst dst k high off bpf_atomic_xchg32_same.
Proof. by_atomic bpf_atomic_xchg32_same. Qed.

Theorem atomic_xchg32_agrees dst src k high off :
  agrees (Exchange W32 dst (signed 16 off) src) dst src k high off bpf_atomic_xchg32.
Proof. by_atomic bpf_atomic_xchg32. Qed.

Theorem atomic_cmpxchg32_dst0_src0_agrees k high off :
  agrees (CompareExchange W32 0 (signed 16 off) 0) 0 0 k high off bpf_atomic_cmpxchg32_dst0_src0.
Proof. by_cmpxchg bpf_atomic_cmpxchg32_dst0_src0. Qed.

Theorem atomic_cmpxchg32_dst0_agrees src k high off :
  agrees (CompareExchange W32 0 (signed 16 off) src) 0 src k high off bpf_atomic_cmpxchg32_dst0.
Proof. by_cmpxchg bpf_atomic_cmpxchg32_dst0. Qed.

Theorem atomic_cmpxchg32_src0_agrees dst k high off :
  agrees (CompareExchange W32 dst (signed 16 off) 0) dst 0 k high off bpf_atomic_cmpxchg32_src0.
Proof. by_cmpxchg bpf_atomic_cmpxchg32_src0. Qed.

Theorem atomic_cmpxchg32_same_agrees dst k high off :
  agrees (CompareExchange W32 dst (signed 16 off) dst) dst dst k high off bpf_atomic_cmpxchg32_same.
Proof. by_cmpxchg bpf_atomic_cmpxchg32_same. Qed.

Theorem atomic_cmpxchg32_agrees dst src k high off :
  agrees (CompareExchange W32 dst (signed 16 off) src) dst src k high off bpf_atomic_cmpxchg32.
Proof. by_cmpxchg bpf_atomic_cmpxchg32. Qed.

Theorem ja_agrees dst src k high off :
  agrees (Jump (signed 16 off)) dst src k high off bpf_ja.
Proof. start bpf_ja. exact (jump_does s 16 off eq_refl (fuel_fits _ _ F)). Qed.

Theorem ja32_agrees dst src k high off :
  agrees (JumpLong (signed 32 k)) dst src k high off bpf_ja32.
Proof.
  start bpf_ja32. pose proof (jump_does s 32 k eq_refl (fuel_fits _ _ F)) as J. cbv zeta in J.
  rewrite (sext_same 32 k eq_refl K) in J. exact J.
Qed.

Theorem jeq64_k_agrees dst src k high off :
  agrees (Branch W64 Jeq dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jeq64_k.
Proof. by_branch bpf_jeq64_k. Qed.

Theorem jeq64_x_same_agrees dst k high off :
  agrees (Branch W64 Jeq dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jeq64_x_same.
Proof. by_branch bpf_jeq64_x_same. Qed.

Theorem jeq64_x_agrees dst src k high off :
  agrees (Branch W64 Jeq dst (Reg src) (signed 16 off)) dst src k high off bpf_jeq64_x.
Proof. by_branch bpf_jeq64_x. Qed.

Theorem jeq32_k_agrees dst src k high off :
  agrees (Branch W32 Jeq dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jeq32_k.
Proof. by_branch bpf_jeq32_k. Qed.

Theorem jeq32_x_same_agrees dst k high off :
  agrees (Branch W32 Jeq dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jeq32_x_same.
Proof. by_branch bpf_jeq32_x_same. Qed.

Theorem jeq32_x_agrees dst src k high off :
  agrees (Branch W32 Jeq dst (Reg src) (signed 16 off)) dst src k high off bpf_jeq32_x.
Proof. by_branch bpf_jeq32_x. Qed.

Theorem jgt64_k_agrees dst src k high off :
  agrees (Branch W64 Jgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jgt64_k.
Proof. by_branch bpf_jgt64_k. Qed.

Theorem jgt64_x_same_agrees dst k high off :
  agrees (Branch W64 Jgt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jgt64_x_same.
Proof. by_branch bpf_jgt64_x_same. Qed.

Theorem jgt64_x_agrees dst src k high off :
  agrees (Branch W64 Jgt dst (Reg src) (signed 16 off)) dst src k high off bpf_jgt64_x.
Proof. by_branch bpf_jgt64_x. Qed.

Theorem jgt32_k_agrees dst src k high off :
  agrees (Branch W32 Jgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jgt32_k.
Proof. by_branch bpf_jgt32_k. Qed.

Theorem jgt32_x_same_agrees dst k high off :
  agrees (Branch W32 Jgt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jgt32_x_same.
Proof. by_branch bpf_jgt32_x_same. Qed.

Theorem jgt32_x_agrees dst src k high off :
  agrees (Branch W32 Jgt dst (Reg src) (signed 16 off)) dst src k high off bpf_jgt32_x.
Proof. by_branch bpf_jgt32_x. Qed.

Theorem jge64_k_agrees dst src k high off :
  agrees (Branch W64 Jge dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jge64_k.
Proof. by_branch bpf_jge64_k. Qed.

Theorem jge64_x_same_agrees dst k high off :
  agrees (Branch W64 Jge dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jge64_x_same.
Proof. by_branch bpf_jge64_x_same. Qed.

Theorem jge64_x_agrees dst src k high off :
  agrees (Branch W64 Jge dst (Reg src) (signed 16 off)) dst src k high off bpf_jge64_x.
Proof. by_branch bpf_jge64_x. Qed.

Theorem jge32_k_agrees dst src k high off :
  agrees (Branch W32 Jge dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jge32_k.
Proof. by_branch bpf_jge32_k. Qed.

Theorem jge32_x_same_agrees dst k high off :
  agrees (Branch W32 Jge dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jge32_x_same.
Proof. by_branch bpf_jge32_x_same. Qed.

Theorem jge32_x_agrees dst src k high off :
  agrees (Branch W32 Jge dst (Reg src) (signed 16 off)) dst src k high off bpf_jge32_x.
Proof. by_branch bpf_jge32_x. Qed.

Theorem jset64_k_agrees dst src k high off :
  agrees (Branch W64 Jset dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jset64_k.
Proof. by_branch bpf_jset64_k. Qed.

Theorem jset64_x_same_agrees dst k high off :
  agrees (Branch W64 Jset dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jset64_x_same.
Proof. by_branch bpf_jset64_x_same. Qed.

Theorem jset64_x_agrees dst src k high off :
  agrees (Branch W64 Jset dst (Reg src) (signed 16 off)) dst src k high off bpf_jset64_x.
Proof. by_branch bpf_jset64_x. Qed.

Theorem jset32_k_agrees dst src k high off :
  agrees (Branch W32 Jset dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jset32_k.
Proof. by_branch bpf_jset32_k. Qed.

Theorem jset32_x_same_agrees dst k high off :
  agrees (Branch W32 Jset dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jset32_x_same.
Proof. by_branch bpf_jset32_x_same. Qed.

Theorem jset32_x_agrees dst src k high off :
  agrees (Branch W32 Jset dst (Reg src) (signed 16 off)) dst src k high off bpf_jset32_x.
Proof. by_branch bpf_jset32_x. Qed.

Theorem jne64_k_agrees dst src k high off :
  agrees (Branch W64 Jne dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jne64_k.
Proof. by_branch bpf_jne64_k. Qed.

Theorem jne64_x_same_agrees dst k high off :
  agrees (Branch W64 Jne dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jne64_x_same.
Proof. by_branch bpf_jne64_x_same. Qed.

Theorem jne64_x_agrees dst src k high off :
  agrees (Branch W64 Jne dst (Reg src) (signed 16 off)) dst src k high off bpf_jne64_x.
Proof. by_branch bpf_jne64_x. Qed.

Theorem jne32_k_agrees dst src k high off :
  agrees (Branch W32 Jne dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jne32_k.
Proof. by_branch bpf_jne32_k. Qed.

Theorem jne32_x_same_agrees dst k high off :
  agrees (Branch W32 Jne dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jne32_x_same.
Proof. by_branch bpf_jne32_x_same. Qed.

Theorem jne32_x_agrees dst src k high off :
  agrees (Branch W32 Jne dst (Reg src) (signed 16 off)) dst src k high off bpf_jne32_x.
Proof. by_branch bpf_jne32_x. Qed.

Theorem jsgt64_k_agrees dst src k high off :
  agrees (Branch W64 Jsgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jsgt64_k.
Proof. by_branch bpf_jsgt64_k. Qed.

Theorem jsgt64_x_same_agrees dst k high off :
  agrees (Branch W64 Jsgt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jsgt64_x_same.
Proof. by_branch bpf_jsgt64_x_same. Qed.

Theorem jsgt64_x_agrees dst src k high off :
  agrees (Branch W64 Jsgt dst (Reg src) (signed 16 off)) dst src k high off bpf_jsgt64_x.
Proof. by_branch bpf_jsgt64_x. Qed.

Theorem jsgt32_k_agrees dst src k high off :
  agrees (Branch W32 Jsgt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jsgt32_k.
Proof. by_branch bpf_jsgt32_k. Qed.

Theorem jsgt32_x_same_agrees dst k high off :
  agrees (Branch W32 Jsgt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jsgt32_x_same.
Proof. by_branch bpf_jsgt32_x_same. Qed.

Theorem jsgt32_x_agrees dst src k high off :
  agrees (Branch W32 Jsgt dst (Reg src) (signed 16 off)) dst src k high off bpf_jsgt32_x.
Proof. by_branch bpf_jsgt32_x. Qed.

Theorem jsge64_k_agrees dst src k high off :
  agrees (Branch W64 Jsge dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jsge64_k.
Proof. by_branch bpf_jsge64_k. Qed.

Theorem jsge64_x_same_agrees dst k high off :
  agrees (Branch W64 Jsge dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jsge64_x_same.
Proof. by_branch bpf_jsge64_x_same. Qed.

Theorem jsge64_x_agrees dst src k high off :
  agrees (Branch W64 Jsge dst (Reg src) (signed 16 off)) dst src k high off bpf_jsge64_x.
Proof. by_branch bpf_jsge64_x. Qed.

Theorem jsge32_k_agrees dst src k high off :
  agrees (Branch W32 Jsge dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jsge32_k.
Proof. by_branch bpf_jsge32_k. Qed.

Theorem jsge32_x_same_agrees dst k high off :
  agrees (Branch W32 Jsge dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jsge32_x_same.
Proof. by_branch bpf_jsge32_x_same. Qed.

Theorem jsge32_x_agrees dst src k high off :
  agrees (Branch W32 Jsge dst (Reg src) (signed 16 off)) dst src k high off bpf_jsge32_x.
Proof. by_branch bpf_jsge32_x. Qed.

Theorem jlt64_k_agrees dst src k high off :
  agrees (Branch W64 Jlt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jlt64_k.
Proof. by_branch bpf_jlt64_k. Qed.

Theorem jlt64_x_same_agrees dst k high off :
  agrees (Branch W64 Jlt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jlt64_x_same.
Proof. by_branch bpf_jlt64_x_same. Qed.

Theorem jlt64_x_agrees dst src k high off :
  agrees (Branch W64 Jlt dst (Reg src) (signed 16 off)) dst src k high off bpf_jlt64_x.
Proof. by_branch bpf_jlt64_x. Qed.

Theorem jlt32_k_agrees dst src k high off :
  agrees (Branch W32 Jlt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jlt32_k.
Proof. by_branch bpf_jlt32_k. Qed.

Theorem jlt32_x_same_agrees dst k high off :
  agrees (Branch W32 Jlt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jlt32_x_same.
Proof. by_branch bpf_jlt32_x_same. Qed.

Theorem jlt32_x_agrees dst src k high off :
  agrees (Branch W32 Jlt dst (Reg src) (signed 16 off)) dst src k high off bpf_jlt32_x.
Proof. by_branch bpf_jlt32_x. Qed.

Theorem jle64_k_agrees dst src k high off :
  agrees (Branch W64 Jle dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jle64_k.
Proof. by_branch bpf_jle64_k. Qed.

Theorem jle64_x_same_agrees dst k high off :
  agrees (Branch W64 Jle dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jle64_x_same.
Proof. by_branch bpf_jle64_x_same. Qed.

Theorem jle64_x_agrees dst src k high off :
  agrees (Branch W64 Jle dst (Reg src) (signed 16 off)) dst src k high off bpf_jle64_x.
Proof. by_branch bpf_jle64_x. Qed.

Theorem jle32_k_agrees dst src k high off :
  agrees (Branch W32 Jle dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jle32_k.
Proof. by_branch bpf_jle32_k. Qed.

Theorem jle32_x_same_agrees dst k high off :
  agrees (Branch W32 Jle dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jle32_x_same.
Proof. by_branch bpf_jle32_x_same. Qed.

Theorem jle32_x_agrees dst src k high off :
  agrees (Branch W32 Jle dst (Reg src) (signed 16 off)) dst src k high off bpf_jle32_x.
Proof. by_branch bpf_jle32_x. Qed.

Theorem jslt64_k_agrees dst src k high off :
  agrees (Branch W64 Jslt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jslt64_k.
Proof. by_branch bpf_jslt64_k. Qed.

Theorem jslt64_x_same_agrees dst k high off :
  agrees (Branch W64 Jslt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jslt64_x_same.
Proof. by_branch bpf_jslt64_x_same. Qed.

Theorem jslt64_x_agrees dst src k high off :
  agrees (Branch W64 Jslt dst (Reg src) (signed 16 off)) dst src k high off bpf_jslt64_x.
Proof. by_branch bpf_jslt64_x. Qed.

Theorem jslt32_k_agrees dst src k high off :
  agrees (Branch W32 Jslt dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jslt32_k.
Proof. by_branch bpf_jslt32_k. Qed.

Theorem jslt32_x_same_agrees dst k high off :
  agrees (Branch W32 Jslt dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jslt32_x_same.
Proof. by_branch bpf_jslt32_x_same. Qed.

Theorem jslt32_x_agrees dst src k high off :
  agrees (Branch W32 Jslt dst (Reg src) (signed 16 off)) dst src k high off bpf_jslt32_x.
Proof. by_branch bpf_jslt32_x. Qed.

Theorem jsle64_k_agrees dst src k high off :
  agrees (Branch W64 Jsle dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jsle64_k.
Proof. by_branch bpf_jsle64_k. Qed.

Theorem jsle64_x_same_agrees dst k high off :
  agrees (Branch W64 Jsle dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jsle64_x_same.
Proof. by_branch bpf_jsle64_x_same. Qed.

Theorem jsle64_x_agrees dst src k high off :
  agrees (Branch W64 Jsle dst (Reg src) (signed 16 off)) dst src k high off bpf_jsle64_x.
Proof. by_branch bpf_jsle64_x. Qed.

Theorem jsle32_k_agrees dst src k high off :
  agrees (Branch W32 Jsle dst (Imm (signed 32 k)) (signed 16 off)) dst src k high off bpf_jsle32_k.
Proof. by_branch bpf_jsle32_k. Qed.

Theorem jsle32_x_same_agrees dst k high off :
  agrees (Branch W32 Jsle dst (Reg dst) (signed 16 off)) dst dst k high off bpf_jsle32_x_same.
Proof. by_branch bpf_jsle32_x_same. Qed.

Theorem jsle32_x_agrees dst src k high off :
  agrees (Branch W32 Jsle dst (Reg src) (signed 16 off)) dst src k high off bpf_jsle32_x.
Proof. by_branch bpf_jsle32_x. Qed.

Theorem call_agrees dst src k high off :
  agrees (CallHelper k) dst src k high off bpf_call.
Proof. by_call bpf_call. Qed.

Theorem call_local_agrees dst src k high off : agrees (CallLocal (signed 32 k)) dst src k high off bpf_call_local.
Proof.
  start bpf_call_local. cbn [env_memory env_has_room surroundings_of]. unfold call_local.
  rewrite (no_fuel s (fuel_fits _ _ F)), Z.ltb_antisym. destruct (frames_max vm <=? depth s) eqn:Room; [ends|].
  cbn [negb]. destruct (bveq 64 (fuel s) 0) eqn:E; [ends|]. rewrite (spent s (fuel_fits _ _ F) E).
  destruct F as [[(_ & _ & S0 & S1 & _) _] [[R _] [O1 O2]] [P _] _].
  refine (ex_intro _ (pc s + 1 + signed 32 k) (ex_intro _ (memory s) (conj _ (conj (same_bytes_refl _) _)))).
  - unfold bvadd. rewrite !wrap_mod by discriminate. rewrite Zplus_mod_idemp_l.
    replace (pc s + 1 + signed 32 k) with (pc s + 1 + signed 32 k) by reflexivity.
    rewrite <- (Zplus_mod_idemp_r (signed 32 k)). rewrite <- (wrap_mod 32 (signed 32 k)) by discriminate.
    rewrite wrap_signed by reflexivity. rewrite (wrap_id 32 k) by (discriminate || assumption). f_equal. lia.
  - cbn [written changed]. unfold word in P. unfold depth, callers, stack_top, frame_size in *.
    assert (W : word 64 (get (regs s) 10)) by (apply R; lia). unfold word in W.
    apply Z.leb_gt in Room. unfold bvadd.
    replace (wrap 64 (get (regs s) 10 + 18446744073709551104)) with (get (regs s) 10 - 512).
    2: { rewrite wrap_mod by lia. apply Z.mod_unique with 1; lia. }
    rewrite (wrap_small 32 (pc s + 1)) by lia. reflexivity.
Qed.

Theorem callx_dst0_agrees src k high off :
  agrees (CallRegister 0) 0 src k high off bpf_callx_dst0.
Proof. by_call bpf_callx_dst0. Qed.

Theorem callx_dst1_agrees src k high off :
  agrees (CallRegister 1) 1 src k high off bpf_callx_dst1.
Proof. by_call bpf_callx_dst1. Qed.

Theorem callx_dst2_agrees src k high off :
  agrees (CallRegister 2) 2 src k high off bpf_callx_dst2.
Proof. by_call bpf_callx_dst2. Qed.

Theorem callx_dst3_agrees src k high off :
  agrees (CallRegister 3) 3 src k high off bpf_callx_dst3.
Proof. by_call bpf_callx_dst3. Qed.

Theorem callx_dst4_agrees src k high off :
  agrees (CallRegister 4) 4 src k high off bpf_callx_dst4.
Proof. by_call bpf_callx_dst4. Qed.

Theorem callx_dst5_agrees src k high off :
  agrees (CallRegister 5) 5 src k high off bpf_callx_dst5.
Proof. by_call bpf_callx_dst5. Qed.

Theorem callx_agrees dst src k high off :
  agrees (CallRegister dst) dst src k high off bpf_callx.
Proof. by_call bpf_callx. Qed.

Theorem exit_agrees dst src k high off : agrees Exit dst src k high off bpf_exit.
Proof.
  start bpf_exit.
  cbn [env_memory env_has_caller env_saved_r6 env_saved_r7 env_saved_r8 env_saved_r9 env_saved_pc surroundings_of].
  unfold exit, saved. destruct F as [[(_ & _ & S0 & S1 & _) _] [[R _] [O1 O2]] [P Ps] _].
  destruct (frames s) as [|f callers_] eqn:Fr.
  - refine (ex_intro _ _ (ex_intro _ (memory s) (conj eq_refl (conj (same_bytes_refl _) (conj eq_refl _))))).
    cbn [written]. rewrite state_eta. reflexivity.
  - inversion Ps as [|? ? Pf _]; subst.
    refine (ex_intro _ (return_pc f) (ex_intro _ (memory s) (conj _ (conj (same_bytes_refl _) _)))).
    + unfold word in Pf. symmetry. apply wrap_small; lia.
    + cbn [written changed]. rewrite Fr. cbn [tl]. unfold bvadd.
      repeat rewrite get_set_other by lia.
      replace (wrap 64 (get (regs s) 10 + 512)) with (get (regs s) 10 + frame_size); [reflexivity|].
      symmetry. unfold callers in *. rewrite Fr in *. cbn [length] in *. rewrite Nat2Z.inj_succ in *.
      unfold word, stack_top, frame_size in *. apply wrap_small; lia.
Qed.

(** All of them, so that what they rest on can be asked at once. *)
Definition model_agrees :=
  (add64_k_agrees, add64_x_same_agrees, add64_x_agrees, add32_k_agrees, add32_x_same_agrees, add32_x_agrees,
   sub64_k_agrees, sub64_x_same_agrees, sub64_x_agrees, sub32_k_agrees, sub32_x_same_agrees, sub32_x_agrees,
   mul64_k_agrees, mul64_x_same_agrees, mul64_x_agrees, mul32_k_agrees, mul32_x_same_agrees, mul32_x_agrees,
   div64_k_agrees, sdiv64_k_agrees, div64_x_same_agrees, div64_x_agrees, sdiv64_x_same_agrees, sdiv64_x_agrees,
   div32_k_agrees, sdiv32_k_agrees, div32_x_same_agrees, div32_x_agrees, sdiv32_x_same_agrees, sdiv32_x_agrees,
   or64_k_agrees, or64_x_same_agrees, or64_x_agrees, or32_k_agrees, or32_x_same_agrees, or32_x_agrees,
   and64_k_agrees, and64_x_same_agrees, and64_x_agrees, and32_k_agrees, and32_x_same_agrees, and32_x_agrees,
   lsh64_k_agrees, lsh64_x_same_agrees, lsh64_x_agrees, lsh32_k_agrees, lsh32_x_same_agrees, lsh32_x_agrees,
   rsh64_k_agrees, rsh64_x_same_agrees, rsh64_x_agrees, rsh32_k_agrees, rsh32_x_same_agrees, rsh32_x_agrees,
   neg64_agrees, neg32_agrees, mod64_k_agrees, smod64_k_agrees, mod64_x_same_agrees, mod64_x_agrees,
   smod64_x_same_agrees, smod64_x_agrees, mod32_k_agrees, smod32_k_agrees, mod32_x_same_agrees, mod32_x_agrees,
   smod32_x_same_agrees, smod32_x_agrees, xor64_k_agrees, xor64_x_same_agrees, xor64_x_agrees, xor32_k_agrees,
   xor32_x_same_agrees, xor32_x_agrees, mov64_k_agrees, mov64_x_same_agrees, mov64_x_agrees,
   movsx64_8_same_agrees, movsx64_8_agrees, movsx64_16_same_agrees, movsx64_16_agrees, movsx64_32_same_agrees,
   movsx64_32_agrees, mov32_k_agrees, mov32_x_same_agrees, mov32_x_agrees, movsx32_8_same_agrees,
   movsx32_8_agrees, movsx32_16_same_agrees, movsx32_16_agrees, arsh64_k_agrees, arsh64_x_same_agrees,
   arsh64_x_agrees, arsh32_k_agrees, arsh32_x_same_agrees, arsh32_x_agrees, le16_agrees, le32_agrees,
   le64_agrees, be16_agrees, be32_agrees, be64_agrees, bswap16_agrees, bswap32_agrees, bswap64_agrees,
   lddw_agrees, lddw_object_agrees, ldxb_same_agrees, ldxb_agrees, ldxh_same_agrees, ldxh_agrees,
   ldxw_same_agrees, ldxw_agrees, ldxdw_same_agrees, ldxdw_agrees, ldxsb_same_agrees, ldxsb_agrees,
   ldxsh_same_agrees, ldxsh_agrees, ldxsw_same_agrees, ldxsw_agrees, stb_agrees, stxb_same_agrees, stxb_agrees,
   sth_agrees, stxh_same_agrees, stxh_agrees, stw_agrees, stxw_same_agrees, stxw_agrees, stdw_agrees,
   stxdw_same_agrees, stxdw_agrees, atomic_add64_same_agrees, atomic_add64_agrees, atomic_or64_same_agrees,
   atomic_or64_agrees, atomic_and64_same_agrees, atomic_and64_agrees, atomic_xor64_same_agrees,
   atomic_xor64_agrees, atomic_fetch_add64_same_agrees, atomic_fetch_add64_agrees,
   atomic_fetch_or64_same_agrees, atomic_fetch_or64_agrees, atomic_fetch_and64_same_agrees,
   atomic_fetch_and64_agrees, atomic_fetch_xor64_same_agrees, atomic_fetch_xor64_agrees,
   atomic_xchg64_same_agrees, atomic_xchg64_agrees, atomic_cmpxchg64_dst0_src0_agrees,
   atomic_cmpxchg64_dst0_agrees, atomic_cmpxchg64_src0_agrees, atomic_cmpxchg64_same_agrees,
   atomic_cmpxchg64_agrees, atomic_add32_same_agrees, atomic_add32_agrees, atomic_or32_same_agrees,
   atomic_or32_agrees, atomic_and32_same_agrees, atomic_and32_agrees, atomic_xor32_same_agrees,
   atomic_xor32_agrees, atomic_fetch_add32_same_agrees, atomic_fetch_add32_agrees,
   atomic_fetch_or32_same_agrees, atomic_fetch_or32_agrees, atomic_fetch_and32_same_agrees,
   atomic_fetch_and32_agrees, atomic_fetch_xor32_same_agrees, atomic_fetch_xor32_agrees,
   atomic_xchg32_same_agrees, atomic_xchg32_agrees, atomic_cmpxchg32_dst0_src0_agrees,
   atomic_cmpxchg32_dst0_agrees, atomic_cmpxchg32_src0_agrees, atomic_cmpxchg32_same_agrees,
   atomic_cmpxchg32_agrees, ja_agrees, ja32_agrees, jeq64_k_agrees, jeq64_x_same_agrees, jeq64_x_agrees,
   jeq32_k_agrees, jeq32_x_same_agrees, jeq32_x_agrees, jgt64_k_agrees, jgt64_x_same_agrees, jgt64_x_agrees,
   jgt32_k_agrees, jgt32_x_same_agrees, jgt32_x_agrees, jge64_k_agrees, jge64_x_same_agrees, jge64_x_agrees,
   jge32_k_agrees, jge32_x_same_agrees, jge32_x_agrees, jset64_k_agrees, jset64_x_same_agrees, jset64_x_agrees,
   jset32_k_agrees, jset32_x_same_agrees, jset32_x_agrees, jne64_k_agrees, jne64_x_same_agrees, jne64_x_agrees,
   jne32_k_agrees, jne32_x_same_agrees, jne32_x_agrees, jsgt64_k_agrees, jsgt64_x_same_agrees, jsgt64_x_agrees,
   jsgt32_k_agrees, jsgt32_x_same_agrees, jsgt32_x_agrees, jsge64_k_agrees, jsge64_x_same_agrees,
   jsge64_x_agrees, jsge32_k_agrees, jsge32_x_same_agrees, jsge32_x_agrees, jlt64_k_agrees, jlt64_x_same_agrees,
   jlt64_x_agrees, jlt32_k_agrees, jlt32_x_same_agrees, jlt32_x_agrees, jle64_k_agrees, jle64_x_same_agrees,
   jle64_x_agrees, jle32_k_agrees, jle32_x_same_agrees, jle32_x_agrees, jslt64_k_agrees, jslt64_x_same_agrees,
   jslt64_x_agrees, jslt32_k_agrees, jslt32_x_same_agrees, jslt32_x_agrees, jsle64_k_agrees,
   jsle64_x_same_agrees, jsle64_x_agrees, jsle32_k_agrees, jsle32_x_same_agrees, jsle32_x_agrees, call_agrees,
   call_local_agrees, callx_dst0_agrees, callx_dst1_agrees, callx_dst2_agrees, callx_dst3_agrees,
   callx_dst4_agrees, callx_dst5_agrees, callx_agrees, exit_agrees).
