(* SPDX-License-Identifier: MIT *)
(** Total maps from non-negative integers to integers, zero where nothing was stored: memory by address and
    registers by number. A trie, so that the extracted semantics is fast; proofs use the two lemmas only. *)
From Coq Require Import ZArith Lia FMapPositive.
Open Scope Z_scope.

Definition store := PositiveMap.t Z.
Definition empty : store := PositiveMap.empty Z.

Definition get (m : store) (k : Z) : Z :=
  match PositiveMap.find (Z.to_pos (Z.succ k)) m with Some v => v | None => 0 end.
Definition set (m : store) (k v : Z) : store := PositiveMap.add (Z.to_pos (Z.succ k)) v m.

Lemma get_empty k : get empty k = 0.
Proof. unfold get, empty. rewrite PositiveMap.gempty. reflexivity. Qed.

Lemma get_set_same m k v : get (set m k v) k = v.
Proof. unfold get, set. rewrite PositiveMap.gss. reflexivity. Qed.

Lemma get_set_other m k j v : 0 <= k -> 0 <= j -> j <> k -> get (set m k v) j = get m j.
Proof. intros. unfold get, set. rewrite PositiveMap.gso; [reflexivity|lia]. Qed.
