(* SPDX-License-Identifier: MIT *)
(** Regions: the memory that a host lets a program touch. Addresses are integers and never wrap: an access is
    permitted when all of its bytes lie inside one region with the permission. *)
From Coq Require Import ZArith Lia Bool List.
From Vouch Require Import Word.
Open Scope Z_scope.

Record region := Region { start : Z; extent : Z; writable : bool }.

(** An access of [bytes] bytes at [address]; [write] if it may change them. *)
Record access := Access { address : Z; bytes : Z; write : bool }.

Definition covers (r : region) (a : access) : bool :=
  (start r <=? address a) && (address a + bytes a <=? start r + extent r) && (0 <? bytes a)
  && implb (write a) (writable r).

Definition permitted (regions : list region) (a : access) : bool := existsb (fun r => covers r a) regions.

(** What [permitted] means. *)
Lemma permitted_spec regions a : permitted regions a = true <->
  exists r, In r regions /\ start r <= address a /\ address a + bytes a <= start r + extent r
            /\ 0 < bytes a /\ (write a = true -> writable r = true).
Proof.
  unfold permitted, covers. rewrite existsb_exists.
  split; intros (r & In_r & C); exists r; (split; [exact In_r|]).
  - rewrite !andb_true_iff, !Z.leb_le, Z.ltb_lt in C. destruct C as [[[? ?] ?] I].
    repeat split; try assumption. intros E. rewrite E in I. exact I.
  - destruct C as (? & ? & ? & I). rewrite !andb_true_iff, !Z.leb_le, Z.ltb_lt.
    repeat split; try assumption. destruct (write a); [apply I|]; reflexivity.
Qed.

(** A byte that a program may change. *)
Definition may_write (regions : list region) (at_ : Z) : Prop :=
  exists r, In r regions /\ writable r = true /\ start r <= at_ < start r + extent r.

(** No region wraps around; vouch_init() sees to it. *)
Definition sane (r : region) : Prop := 0 <= start r /\ 0 <= extent r /\ start r + extent r <= 2 ^ 64.

(** The test of vouch_region_find() (src/vm/region.c), which is on 64-bit words, is [covers] on sane regions. *)
Definition region_find_test (r : region) (a : access) : bool :=
  negb (bytes a =? 0) && (bytes a <=? extent r)
  && (wrap 64 (address a - start r) <=? extent r - bytes a) && implb (write a) (writable r).

Theorem region_find_test_is_covers r a :
  sane r -> 0 <= address a < 2 ^ 64 -> 0 <= bytes a -> region_find_test r a = covers r a.
Proof.
  intros (S0 & L0 & E) A N. unfold region_find_test, covers.
  destruct (implb (write a) (writable r)); rewrite ?andb_false_r, ?andb_true_r; [|reflexivity].
  rewrite wrap_mod by lia. apply eq_true_iff_eq.
  rewrite !andb_true_iff, negb_true_iff, !Z.leb_le, Z.ltb_lt, Z.eqb_neq.
  destruct (Z_lt_le_dec (address a) (start r)) as [Below|Above].
  - replace ((address a - start r) mod 2 ^ 64) with (address a - start r + 2 ^ 64); [lia|].
    rewrite <- (Z.mod_small (address a - start r + 2 ^ 64) (2 ^ 64)) by lia.
    rewrite Z.add_mod, Z.mod_same, Z.add_0_r, Z.mod_mod by lia. reflexivity.
  - rewrite Z.mod_small by lia. lia.
Qed.
