(* SPDX-License-Identifier: MIT *)
(** The semantics of defensive BPF, from bits to whole runs; read the parts in this order. *)
From Vouch Require Export Word Store Insn Regions Step Run.
