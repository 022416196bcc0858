(* SPDX-License-Identifier: MIT *)
(** Bit-vectors as SMT-LIB has them: the words that prover/term/print_coq.c writes terms in. A bit-vector of n bits is
    an integer in [0, 2^n), so that extending with zeros is nothing. Division is in Arithmetic.v. *)
From Coq Require Import ZArith Bool.
From Vouch Require Export Word Store Arithmetic.
Open Scope Z_scope.

Definition bvadd (w a b : Z) : Z := wrap w (a + b).
Definition bvsub (w a b : Z) : Z := wrap w (a - b).
Definition bvmul (w a b : Z) : Z := wrap w (a * b).
Definition bvneg (w a : Z) : Z := wrap w (- a).
Definition bvnot (w a : Z) : Z := wrap w (Z.lnot a).
Definition bvand (w a b : Z) : Z := Z.land a b.
Definition bvor (w a b : Z) : Z := Z.lor a b.
Definition bvxor (w a b : Z) : Z := Z.lxor a b.

(** Counts are not masked: from the width on nothing is left, or only the sign. *)
Definition bvshl (w a b : Z) : Z := wrap w (Z.shiftl a b).
Definition bvlshr (w a b : Z) : Z := Z.shiftr a b.
Definition bvashr (w a b : Z) : Z := wrap w (Z.shiftr (signed w a) b).

Definition extract (hi lo a : Z) : Z := wrap (hi - lo + 1) (Z.shiftr a lo).
Definition concat (below a b : Z) : Z := Z.lor (Z.shiftl a below) b.
Definition sext (from to a : Z) : Z := wrap to (signed from a).

Definition bveq (w a b : Z) : bool := a =? b.
Definition bvult (w a b : Z) : bool := a <? b.
Definition bvule (w a b : Z) : bool := a <=? b.
Definition bvslt (w a b : Z) : bool := signed w a <? signed w b.
Definition bvsle (w a b : Z) : bool := signed w a <=? signed w b.
Definition choose {T} (c : bool) (a b : T) : T := if c then a else b.

Definition select (m : store) (a : Z) : Z := get m a.
Definition store_byte (m : store) (a b : Z) : store := set m a b.

(** What the prover's model of an instruction comes to: dst's value, pc and fuel. *)
Inductive exported := Goes (d pc fuel : Z) | NoFuel.
