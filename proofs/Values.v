(* SPDX-License-Identifier: MIT *)
(** Registers hold 64-bit words, always: integers in [0, 2^64). So the semantics' integers are bit-vectors, and
    addresses, which are integers here, can be compared without a thought of wrapping. And calls keep their
    promise: r6 to r9 come back. *)
From Coq Require Import ZArith List Lia Bool.
From Vouch Require Import Semantics Checker Termination Isolation Arithmetic.
Import ListNotations.
Open Scope Z_scope.

Definition word64 (x : Z) : Prop := 0 <= x < 2 ^ 64.

(** ** Values *)

Lemma wrap_word64 n x : 0 <= n <= 64 -> word64 (wrap n x).
Proof.
  intros N. pose proof (wrap_range n x ltac:(lia)). pose proof (Z.pow_le_mono_r 2 n 64 ltac:(lia) ltac:(lia)).
  unfold word64. lia.
Qed.

Lemma lor_range n a b : 0 <= n -> 0 <= a < 2 ^ n -> 0 <= b < 2 ^ n -> 0 <= Z.lor a b < 2 ^ n.
Proof.
  intros N A B. replace (Z.lor a b) with (wrap n (Z.lor a b)); [apply wrap_range; exact N|].
  unfold wrap. rewrite Z.land_lor_distr_l. fold (wrap n a) (wrap n b). rewrite !wrap_small; auto.
Qed.

Lemma byte_above_range k v x : 0 <= k -> 0 <= v < 2 ^ 8 -> 0 <= x < 2 ^ k -> 0 <= Z.lor (Z.shiftl v k) x < 2 ^ (8 + k).
Proof.
  intros K V X. assert (E : 2 ^ (8 + k) = 2 ^ 8 * 2 ^ k) by (rewrite <- Z.pow_add_r; lia).
  assert (P : 0 < 2 ^ k) by (apply Z.pow_pos_nonneg; lia).
  apply lor_range; [lia| |rewrite E; nia]. rewrite Z.shiftl_mul_pow2, E by exact K. nia.
Qed.

Lemma read_bytes_range m n : forall at_, 0 <= read_bytes m at_ n < 2 ^ (8 * Z.of_nat n).
Proof.
  induction n as [|n IH]; intros at_; [simpl; lia|].
  cbn [read_bytes]. rewrite Nat2Z.inj_succ. replace (8 * Z.succ (Z.of_nat n)) with (8 * Z.of_nat n + 8) by lia.
  pose proof (IH (at_ + 1)) as R. pose proof (wrap_range 8 (get m at_) ltac:(lia)) as W.
  assert (E : 2 ^ (8 * Z.of_nat n + 8) = 2 ^ (8 * Z.of_nat n) * 2 ^ 8) by (apply Z.pow_add_r; lia).
  assert (P : 0 < 2 ^ (8 * Z.of_nat n)) by (apply Z.pow_pos_nonneg; lia).
  apply lor_range; [lia|rewrite E; nia|]. rewrite Z.shiftl_mul_pow2, E by lia. nia.
Qed.

Lemma read_word64 m at_ n : word64 (read_bytes m at_ (bytes_of n)).
Proof.
  pose proof (read_bytes_range m (bytes_of n) at_) as R.
  pose proof (Z.pow_le_mono_r 2 (8 * Z.of_nat (bytes_of n)) 64) as M. unfold word64.
  assert (8 * Z.of_nat (bytes_of n) <= 64) by (destruct n; simpl; lia). lia.
Qed.

Lemma swap_bytes_range n : forall v, 0 <= swap_bytes n v < 2 ^ (8 * Z.of_nat n).
Proof.
  induction n as [|n IH]; intros v; [simpl; lia|].
  cbn [swap_bytes]. rewrite Nat2Z.inj_succ. replace (8 * Z.succ (Z.of_nat n)) with (8 + 8 * Z.of_nat n) by lia.
  apply byte_above_range; [lia|apply wrap_range; lia|apply IH].
Qed.

Lemma decode_byte_order s o b d : decode s = Some (ByteOrder o b d) -> b = 16 \/ b = 32 \/ b = 64.
Proof.
  unfold decode, decode_load_imm64, decode_load, decode_store, decode_store_register, decode_alu,
    decode_jump, decode_jump32, decode_branch, decode_atomic;
  repeat (match goal with |- context [match ?x with _ => _ end] => destruct x eqn:? end);
  try discriminate; injection 1; auto.
Qed.

Lemma decode_load_imm64_low s d low : decode s = Some (LoadImm64 d low) -> low = wrap 32 (imm_field s).
Proof.
  unfold decode, decode_load_imm64, decode_load, decode_store, decode_store_register, decode_alu,
    decode_jump, decode_jump32, decode_branch, decode_atomic;
  repeat (match goal with |- context [match ?x with _ => _ end] => destruct x eqn:? end);
  try discriminate; injection 1; auto.
Qed.

Lemma byte_order_word64 o b d : b = 16 \/ b = 32 \/ b = 64 -> word64 (byte_order_value o b d).
Proof.
  intros B. assert (S : word64 (swap_bytes (Z.to_nat (b / 8)) (wrap b d))).
  { pose proof (swap_bytes_range (Z.to_nat (b / 8)) (wrap b d)) as R.
    pose proof (Z.pow_le_mono_r 2 (8 * Z.of_nat (Z.to_nat (b / 8))) 64) as M. unfold word64.
    assert (8 * Z.of_nat (Z.to_nat (b / 8)) <= 64) by (destruct B as [->|[->| ->]]; simpl; lia). lia. }
  destruct o; simpl; auto. apply wrap_word64. lia.
Qed.

Lemma second_half_range p pc high : second_half p pc = Some high -> 0 <= high < 2 ^ 32.
Proof.
  unfold second_half. destruct (slot_at p (pc + 1)) as [s|]; [|discriminate].
  destruct (opcode s =? 0); [|discriminate]. injection 1 as <-. apply wrap_range. lia.
Qed.

(** ** States *)

Definition words (s : state) : Prop :=
  (forall r, 0 <= r <= 10 -> word64 (get (regs s) r))
  /\ Forall (fun f => word64 (r6 f) /\ word64 (r7 f) /\ word64 (r8 f) /\ word64 (r9 f)) (frames s).

(** What a host gives: addresses and sizes that are words. *)
Definition addressable (vm : machine) : Prop :=
  word64 (start (context vm)) /\ word64 (extent (context vm)) /\ 0 <= stack_start vm /\ stack_top vm < 2 ^ 64
  /\ 1 <= frames_max vm.

Lemma set_word64 m k v : (forall r, 0 <= r <= 10 -> word64 (get m r)) -> 0 <= k -> word64 v ->
  forall r, 0 <= r <= 10 -> word64 (get (set m k v) r).
Proof.
  intros M K V r R. destruct (Z.eq_dec r k) as [->|]; [rewrite get_set_same|rewrite get_set_other by lia]; auto.
Qed.

Definition words_after (o : outcome) : Prop :=
  match o with Next s | Stop _ s => words s | Undefined => True end.

Lemma step_words vm s : addressable vm -> own_frame vm s -> words s -> words_after (step vm s).
Proof.
  intros (_ & _ & S0 & S1 & F1) [O1 O2] W. pose proof W as [WR WF].
  rewrite step_insn_at. unfold insn_at. destruct (slot_at (insns vm) (pc s)) as [sl|]; [|exact I].
  destruct (decode sl) as [i|] eqn:D; [|exact I].
  assert (Wm : forall m p, words (with_pc (with_memory s m) p)) by (intros; exact W).
  assert (J : forall delta, words_after (jump s delta)).
  { intros delta. unfold jump, stop_fault. destruct (delta <? 0), (fuel s <=? 0); exact W. }
  assert (C : forall h, words_after (call_helper vm s h)).
  { intros h. unfold call_helper, stop_fault. destruct (fuel s <=? 0); [exact W|].
    assert (words (spend (after_call s (h (memory s) (get (regs s) 1) (get (regs s) 2) (get (regs s) 3)
                                           (get (regs s) 4) (get (regs s) 5))))) as A.
    { split; [|exact WF]. simpl. repeat (apply set_word64; try lia; try (unfold word64; lia)); [exact WR|].
      apply wrap_word64; lia. }
    destruct (requested _); exact A. }
  assert (G : forall v s2, words s2 -> words_after (guarded s v (Next s2))).
  { intros v s2 W2. destruct v; [exact W|exact W2]. }
  assert (WP : forall r v s' p, write_reg s r v = Some s' -> word64 v -> words (with_pc s' p)).
  { intros r v s' p E V. apply write_reg_is in E as [K ->]. split; [|exact WF]. simpl. apply set_word64; auto; lia. }
  assert (WM : forall r v s' p m, write_reg (with_memory s m) r v = Some s' -> word64 v -> words (with_pc s' p)).
  { intros r v s' p m E V. apply write_reg_is in E as [K ->]. split; [|exact WF]. simpl. apply set_word64; auto; lia. }
  assert (Bits : forall w, 0 <= bits_of w <= 64) by (intros []; simpl; lia).
  destruct i; open_step; try exact I; auto.
  - simpl. eapply WP; [eassumption|]. apply wrap_word64, Bits.
  - simpl. eapply WP; [eassumption|]. apply wrap_word64, Bits.
  - simpl. eapply WP; [eassumption|]. apply wrap_word64, Bits.
  - simpl. eapply WP; [eassumption|]. apply byte_order_word64. eapply decode_byte_order, D.
  - simpl. eapply WP; [eassumption|]. apply decode_load_imm64_low in D. subst low.
    match goal with H : second_half _ _ = Some _ |- _ => apply second_half_range in H end.
    pose proof (wrap_range 32 (imm_field sl) ltac:(lia)).
    apply lor_range; [lia| |lia]. rewrite Z.shiftl_mul_pow2 by lia. lia.
  - destruct (object <? 2); [|exact I]. simpl. eapply WP; [eassumption|]. apply wrap_word64; lia.
  - apply G. eapply WP; [eassumption|]. destruct sign_extend; [apply wrap_word64; lia|apply read_word64].
  - destruct fetch; open_step; try exact I; apply G; [|apply Wm].
    eapply WM; [eassumption|]. apply read_word64.
  - apply G. eapply WM; [eassumption|]. apply read_word64.
  - apply G. eapply WM; [eassumption|]. apply read_word64.
  - destruct (holds _ _ _ _); [apply J|exact W].
  - unfold call_local, stop_fault, depth. unfold callers in *.
    destruct (Z.leb_spec (frames_max vm) (1 + Z.of_nat (length (frames s)))); [exact W|].
    destruct (fuel s <=? 0); [exact W|]. split; simpl.
    + apply set_word64; auto; try lia. rewrite O1. unfold word64, stack_top, frame_size in *. lia.
    + constructor; [|exact WF]. simpl. repeat split; apply WR; lia.
  - unfold exit. destruct (frames s) as [|f fs] eqn:E; [exact W|].
    inversion WF as [|f' fs' (W6 & W7 & W8 & W9) WF']; subst. split; simpl; [|exact WF'].
    unfold callers in *. rewrite E in *. simpl length in *. rewrite Nat2Z.inj_succ in *.
    apply set_word64; [|lia|].
    + repeat (apply set_word64; try lia; auto).
    + repeat rewrite get_set_other by lia. rewrite O1. unfold word64, stack_top, frame_size in *. lia.
Qed.

Lemma reachable_words vm m f s :
  addressable vm -> reachable vm (initial vm m f) s -> own_frame vm s /\ words s.
Proof.
  intros A R. pose proof A as (C1 & C2 & S0 & S1 & F1).
  induction R as [|s s' R [O W] St].
  - split.
    + unfold own_frame, callers. simpl. unfold initial_regs. rewrite get_set_same. lia.
    + split; [|constructor]. simpl. unfold initial_regs.
      repeat (apply set_word64; try lia; auto); unfold word64 in *; intros; rewrite ?get_empty;
        unfold stack_top, frame_size in *; lia.
  - pose proof (step_own_frame vm s O) as O'. pose proof (step_words vm s A O W) as W'.
    rewrite St in O', W'. auto.
Qed.

(** Registers always hold 64-bit words. *)
Theorem registers_are_words vm m f s r :
  addressable vm -> reachable vm (initial vm m f) s -> 0 <= r <= 10 -> word64 (get (regs s) r).
Proof. intros A R. apply (reachable_words vm m f s A R). Qed.

(** What is so in every state that a program comes to: registers and fuel are words of 64 bits, pcs are below 2^24, r10
    is where it should be. And no region wraps around. *)
Record fits (vm : machine) (s : state) : Prop := {
  vm_fits : addressable vm /\ Forall sane (regions vm);
  regs_fit : words s /\ own_frame vm s;
  pc_fits : word 24 (pc s) /\ Forall (fun f => word 24 (return_pc f)) (frames s);
  fuel_fits : word 64 (fuel s) }.

Theorem reachable_fits vm m f s :
  accepted vm -> addressable vm -> Forall sane (regions vm) -> word 64 f ->
  reachable vm (initial vm m f) s -> fits vm s.
Proof.
  intros Acc A Sane W R. pose proof (reachable_well_placed vm m f s Acc R) as [[sl [Sl _]] Fr].
  assert (Count : count (insns vm) <= 2 ^ 24).
  { unfold accepted, check in Acc. destruct (_ || _) eqn:B; [discriminate|].
    apply orb_false_iff in B as [B _]. apply orb_false_iff in B as [B _]. apply orb_false_iff in B as [_ B].
    unfold insns_max in B. lia. }
  split.
  - auto.
  - destruct (reachable_words vm m f s A R). auto.
  - split.
    + apply slot_at_some in Sl. unfold word. lia.
    + eapply Forall_impl; [|exact Fr]. intros fr (s' & A' & _). apply slot_at_some in A'. unfold word. lia.
  - pose proof (fuel_bounds vm m f s) as B. unfold word in *. specialize (B ltac:(lia) R). lia.
Qed.

(** ** Calls *)

(** The exit that ends a call gives r6 to r9 back as they were at the call, and goes on after it. That it is this call's exit
    is told by the frames: they are those that the call left. *)
Theorem exit_undoes_call vm s0 s1 s2 s3 delta :
  insn_at vm s0 = Some (CallLocal delta) -> step vm s0 = Next s1 ->
  frames s2 = frames s1 -> insn_at vm s2 = Some Exit -> step vm s2 = Next s3 ->
  pc s3 = pc s0 + 1 /\ frames s3 = frames s0 /\ forall r, 6 <= r <= 9 -> get (regs s3) r = get (regs s0) r.
Proof.
  intros I0 S0 Fr I2 S2. rewrite step_insn_at, I0 in S0. rewrite step_insn_at, I2 in S2.
  simpl in S0, S2. unfold call_local, stop_fault in S0.
  destruct (frames_max vm <=? depth s0); [discriminate|]. destruct (fuel s0 <=? 0); [discriminate|].
  injection S0 as <-. simpl in Fr. unfold exit in S2. rewrite Fr in S2. injection S2 as <-. simpl.
  split; [reflexivity|]. split; [reflexivity|]. intros r R.
  rewrite get_set_other by lia.
  assert (r = 6 \/ r = 7 \/ r = 8 \/ r = 9) as [->|[->|[->| ->]]] by lia;
    repeat first [rewrite get_set_same | rewrite get_set_other by lia]; reflexivity.
Qed.
