(* SPDX-License-Identifier: MIT *)
(** The surroundings are one: what the prover's theorems say of permission, frames and callers (prover/theorem/world.c,
    written out by prover/export_world.c as WorldModel.v) is what SpecTie.v has for the model's surroundings, if the
    vm's fields are as vouch_init() makes them. *)
From Coq Require Import ZArith Bool List Lia.
From Vouch Require Import Semantics Checker Termination Values Bits WorldModel.
Import ListNotations.
Open Scope Z_scope.

(** vm->limit[write][lg] for accesses of n = 2^lg bytes: set_limits() in src/vm/vm.c. *)
Definition limit_of (context : region) (n : Z) (w : bool) : Z :=
  if implb w (writable context) && (n <=? extent context) then extent context - n + 1 else 0.

(** What vouch_region_find() says of the table, by its theorem. Permissions are VOUCH_READ, and VOUCH_READ | VOUCH_WRITE
    to write. *)
Definition find_in (table : list region) (a n permissions : Z) : bool :=
  permitted table (Access a n (permissions =? 3)).

(** A vm as vouch_init() makes it. [last] is last_depth: functions are counted from 0. *)
Record made (vm : machine) (last : Z) : Prop := {
  regions_made : Forall sane (regions vm);
  stack_made : 0 <= stack_start vm /\ stack_top vm < 2 ^ 64;
  frames_made : frames_max vm = last + 1 /\ 0 <= last < 8 }.

Lemma context_test r a n w : sane r -> word 64 a -> 0 < n ->
  bvult 64 (bvsub 64 a (start r)) (limit_of r n w) = covers r (Access a n w).
Proof.
  intros S A N. rewrite <- region_find_test_is_covers by (auto; cbn; lia).
  unfold bvult, bvsub, limit_of, region_find_test. cbn [bytes address write].
  pose proof (wrap_range 64 (a - start r) ltac:(lia)).
  destruct (implb w (writable r)), (Z.leb_spec n (extent r)); cbn [andb];
    rewrite ?andb_false_r, ?andb_true_r; destruct (Z.eqb_spec n 0); try lia; cbn [negb andb]; lia.
Qed.

Lemma stack_test vm last a n k w : made vm last -> word 64 a -> 0 < n <= 8 -> k = 2 ^ 64 - n ->
  bvule 64
    (bvsub 64 a (bvadd 64 (bvsub 64 (stack_top vm) (bvshl 64 last 9)) 18446744073709551104))
    (bvadd 64 (bvshl 64 (bvadd 64 last 1) 9) k)
  = covers (stack vm) (Access a n w).
Proof.
  intros [Sane [S0 S1] [Fm La]] A N ->.
  assert (Sane' : sane (stack vm)).
  { rewrite Forall_forall in Sane. apply Sane. unfold regions. simpl. auto. }
  rewrite <- region_find_test_is_covers by (auto; cbn; lia).
  unfold stack_top, stack, region_find_test, frame_size in *. cbn [bytes address write start extent writable] in *.
  rewrite implb_true_r, andb_true_r.
  unfold bvule, bvsub, bvadd, bvshl.
  rewrite !Z.shiftl_mul_pow2 by lia.
  rewrite (wrap_small 64 (last * 2 ^ 9)), (wrap_small 64 (last + 1)) by lia.
  rewrite (wrap_small 64 ((last + 1) * 2 ^ 9)) by lia.
  rewrite (wrap_small 64 (stack_start vm + 512 * frames_max vm - last * 2 ^ 9)) by lia.
  replace (wrap 64 (stack_start vm + 512 * frames_max vm - last * 2 ^ 9 + 18446744073709551104)) with (stack_start vm).
  2: { rewrite wrap_mod by lia. apply Z.mod_unique with 1; lia. }
  replace (wrap 64 ((last + 1) * 2 ^ 9 + (2 ^ 64 - n))) with (512 * frames_max vm - n).
  2: { rewrite wrap_mod by lia. apply Z.mod_unique with 1; lia. }
  destruct (Z.eqb_spec n 0); [lia|]. destruct (Z.leb_spec n (512 * frames_max vm)); [|lia]. reflexivity.
Qed.

(** That an address has no more bits than the machine's pointers is no question on machines of 64. *)
Lemma bveq_same n a : bveq n a a = true.
Proof. apply Z.eqb_refl. Qed.

(** The prover's condition for accesses of n bytes. *)
Definition permission_agrees (n : Z) (w : bool) (test : Z -> Z -> Z -> Z -> Z -> (Z -> Z -> Z -> bool) -> Z -> bool) : Prop :=
  forall vm last depth a, made vm last -> word 64 a ->
  test (start (context vm)) (limit_of (context vm) n w) (stack_top vm) depth last (find_in (table vm)) a
  = permitted (regions vm) (Access a n w).

Ltac by_region test :=
  intros vm last depth a M A; unfold test; cbv zeta; rewrite ?bveq_same; cbn [andb];
  match goal with |- context [limit_of (context vm) ?n ?w] =>
    rewrite context_test by (try (destruct M as [S _ _]; inversion S; assumption); try assumption; lia);
    rewrite (stack_test vm last a n _ w M A) by lia end;
  unfold find_in, regions, permitted; cbn [existsb]; rewrite orb_assoc; reflexivity.

Theorem permitted_read1_agrees : permission_agrees 1 false permitted_read1. Proof. by_region permitted_read1. Qed.
Theorem permitted_read2_agrees : permission_agrees 2 false permitted_read2. Proof. by_region permitted_read2. Qed.
Theorem permitted_read4_agrees : permission_agrees 4 false permitted_read4. Proof. by_region permitted_read4. Qed.
Theorem permitted_read8_agrees : permission_agrees 8 false permitted_read8. Proof. by_region permitted_read8. Qed.
Theorem permitted_write1_agrees : permission_agrees 1 true permitted_write1. Proof. by_region permitted_write1. Qed.
Theorem permitted_write2_agrees : permission_agrees 2 true permitted_write2. Proof. by_region permitted_write2. Qed.
Theorem permitted_write4_agrees : permission_agrees 4 true permitted_write4. Proof. by_region permitted_write4. Qed.
Theorem permitted_write8_agrees : permission_agrees 8 true permitted_write8. Proof. by_region permitted_write8. Qed.

(** The depth is the number of callers. *)
Theorem has_room_agrees vm last s c l t f : made vm last -> callers s < frames_max vm ->
  has_room c l t (callers s) last f = (depth s <? frames_max vm).
Proof.
  intros [_ _ [F L]] C. unfold has_room, bveq, depth. change (Z.of_nat (length (frames s))) with (callers s).
  destruct (Z.eqb_spec (callers s) last), (Z.ltb_spec (1 + callers s) (frames_max vm)); try reflexivity; lia.
Qed.
Theorem has_caller_agrees s c l t last f :
  has_caller c l t (callers s) last f = match frames s with [] => false | _ => true end.
Proof. unfold has_caller, bveq, callers. destruct (frames s); reflexivity. Qed.

(** All of them, so that what they rest on can be asked at once. *)
Definition world_agrees :=
  (permitted_read1_agrees, permitted_read2_agrees, permitted_read4_agrees, permitted_read8_agrees,
   permitted_write1_agrees, permitted_write2_agrees, permitted_write4_agrees, permitted_write8_agrees,
   has_room_agrees, has_caller_agrees).
