(* SPDX-License-Identifier: MIT *)
(** The instruction of a row of src/isa/opcodes.def is the one that its theorem in SpecTie.v is about: a slot with the
    row's opcode and selector decodes to it, with the slot's fields as operands. That the C decoder finds the same row,
    and no other slot is an instruction, is CheckTie.v's. *)
From Coq Require Import ZArith.
From Vouch Require Import Bits BpfModel Semantics.
Open Scope Z_scope.

Definition is_row (r : row) (s : slot) : Prop :=
  opcode s = row_opcode r
  /\ match row_select r with
     | SelectNone => True
     | SelectOff => off_field s = row_value r
     | SelectImm => imm_field s = row_value r
     | SelectSrc => src_field s = row_value r
     end.

Ltac by_row := let s := fresh in intros [O S]; match goal with s : slot |- _ => destruct s end;
  cbn in O, S |- *; subst; reflexivity.

Theorem add64_k_decodes s : is_row row_add64_k s ->
  decode s = Some (Alu W64 Add (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem add64_x_decodes s : is_row row_add64_x s ->
  decode s = Some (Alu W64 Add (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem add32_k_decodes s : is_row row_add32_k s ->
  decode s = Some (Alu W32 Add (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem add32_x_decodes s : is_row row_add32_x s ->
  decode s = Some (Alu W32 Add (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem sub64_k_decodes s : is_row row_sub64_k s ->
  decode s = Some (Alu W64 Sub (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem sub64_x_decodes s : is_row row_sub64_x s ->
  decode s = Some (Alu W64 Sub (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem sub32_k_decodes s : is_row row_sub32_k s ->
  decode s = Some (Alu W32 Sub (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem sub32_x_decodes s : is_row row_sub32_x s ->
  decode s = Some (Alu W32 Sub (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem mul64_k_decodes s : is_row row_mul64_k s ->
  decode s = Some (Alu W64 Mul (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem mul64_x_decodes s : is_row row_mul64_x s ->
  decode s = Some (Alu W64 Mul (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem mul32_k_decodes s : is_row row_mul32_k s ->
  decode s = Some (Alu W32 Mul (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem mul32_x_decodes s : is_row row_mul32_x s ->
  decode s = Some (Alu W32 Mul (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem div64_k_decodes s : is_row row_div64_k s ->
  decode s = Some (Alu W64 Div (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem sdiv64_k_decodes s : is_row row_sdiv64_k s ->
  decode s = Some (Alu W64 SDiv (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem div64_x_decodes s : is_row row_div64_x s ->
  decode s = Some (Alu W64 Div (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem sdiv64_x_decodes s : is_row row_sdiv64_x s ->
  decode s = Some (Alu W64 SDiv (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem div32_k_decodes s : is_row row_div32_k s ->
  decode s = Some (Alu W32 Div (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem sdiv32_k_decodes s : is_row row_sdiv32_k s ->
  decode s = Some (Alu W32 SDiv (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem div32_x_decodes s : is_row row_div32_x s ->
  decode s = Some (Alu W32 Div (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem sdiv32_x_decodes s : is_row row_sdiv32_x s ->
  decode s = Some (Alu W32 SDiv (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem or64_k_decodes s : is_row row_or64_k s ->
  decode s = Some (Alu W64 Or (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem or64_x_decodes s : is_row row_or64_x s ->
  decode s = Some (Alu W64 Or (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem or32_k_decodes s : is_row row_or32_k s ->
  decode s = Some (Alu W32 Or (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem or32_x_decodes s : is_row row_or32_x s ->
  decode s = Some (Alu W32 Or (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem and64_k_decodes s : is_row row_and64_k s ->
  decode s = Some (Alu W64 And (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem and64_x_decodes s : is_row row_and64_x s ->
  decode s = Some (Alu W64 And (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem and32_k_decodes s : is_row row_and32_k s ->
  decode s = Some (Alu W32 And (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem and32_x_decodes s : is_row row_and32_x s ->
  decode s = Some (Alu W32 And (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem lsh64_k_decodes s : is_row row_lsh64_k s ->
  decode s = Some (Alu W64 Lsh (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem lsh64_x_decodes s : is_row row_lsh64_x s ->
  decode s = Some (Alu W64 Lsh (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem lsh32_k_decodes s : is_row row_lsh32_k s ->
  decode s = Some (Alu W32 Lsh (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem lsh32_x_decodes s : is_row row_lsh32_x s ->
  decode s = Some (Alu W32 Lsh (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem rsh64_k_decodes s : is_row row_rsh64_k s ->
  decode s = Some (Alu W64 Rsh (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem rsh64_x_decodes s : is_row row_rsh64_x s ->
  decode s = Some (Alu W64 Rsh (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem rsh32_k_decodes s : is_row row_rsh32_k s ->
  decode s = Some (Alu W32 Rsh (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem rsh32_x_decodes s : is_row row_rsh32_x s ->
  decode s = Some (Alu W32 Rsh (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem neg64_decodes s : is_row row_neg64 s ->
  decode s = Some (Neg W64 (dst_field s)).
Proof. by_row. Qed.

Theorem neg32_decodes s : is_row row_neg32 s ->
  decode s = Some (Neg W32 (dst_field s)).
Proof. by_row. Qed.

Theorem mod64_k_decodes s : is_row row_mod64_k s ->
  decode s = Some (Alu W64 Mod (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem smod64_k_decodes s : is_row row_smod64_k s ->
  decode s = Some (Alu W64 SMod (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem mod64_x_decodes s : is_row row_mod64_x s ->
  decode s = Some (Alu W64 Mod (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem smod64_x_decodes s : is_row row_smod64_x s ->
  decode s = Some (Alu W64 SMod (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem mod32_k_decodes s : is_row row_mod32_k s ->
  decode s = Some (Alu W32 Mod (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem smod32_k_decodes s : is_row row_smod32_k s ->
  decode s = Some (Alu W32 SMod (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem mod32_x_decodes s : is_row row_mod32_x s ->
  decode s = Some (Alu W32 Mod (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem smod32_x_decodes s : is_row row_smod32_x s ->
  decode s = Some (Alu W32 SMod (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem xor64_k_decodes s : is_row row_xor64_k s ->
  decode s = Some (Alu W64 Xor (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem xor64_x_decodes s : is_row row_xor64_x s ->
  decode s = Some (Alu W64 Xor (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem xor32_k_decodes s : is_row row_xor32_k s ->
  decode s = Some (Alu W32 Xor (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem xor32_x_decodes s : is_row row_xor32_x s ->
  decode s = Some (Alu W32 Xor (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem mov64_k_decodes s : is_row row_mov64_k s ->
  decode s = Some (Alu W64 Mov (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem mov64_x_decodes s : is_row row_mov64_x s ->
  decode s = Some (Alu W64 Mov (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem movsx64_8_decodes s : is_row row_movsx64_8 s ->
  decode s = Some (MovSX W64 8 (dst_field s) (src_field s)).
Proof. by_row. Qed.

Theorem movsx64_16_decodes s : is_row row_movsx64_16 s ->
  decode s = Some (MovSX W64 16 (dst_field s) (src_field s)).
Proof. by_row. Qed.

Theorem movsx64_32_decodes s : is_row row_movsx64_32 s ->
  decode s = Some (MovSX W64 32 (dst_field s) (src_field s)).
Proof. by_row. Qed.

Theorem mov32_k_decodes s : is_row row_mov32_k s ->
  decode s = Some (Alu W32 Mov (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem mov32_x_decodes s : is_row row_mov32_x s ->
  decode s = Some (Alu W32 Mov (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem movsx32_8_decodes s : is_row row_movsx32_8 s ->
  decode s = Some (MovSX W32 8 (dst_field s) (src_field s)).
Proof. by_row. Qed.

Theorem movsx32_16_decodes s : is_row row_movsx32_16 s ->
  decode s = Some (MovSX W32 16 (dst_field s) (src_field s)).
Proof. by_row. Qed.

Theorem arsh64_k_decodes s : is_row row_arsh64_k s ->
  decode s = Some (Alu W64 Arsh (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem arsh64_x_decodes s : is_row row_arsh64_x s ->
  decode s = Some (Alu W64 Arsh (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem arsh32_k_decodes s : is_row row_arsh32_k s ->
  decode s = Some (Alu W32 Arsh (dst_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem arsh32_x_decodes s : is_row row_arsh32_x s ->
  decode s = Some (Alu W32 Arsh (dst_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem le16_decodes s : is_row row_le16 s ->
  decode s = Some (ByteOrder Little 16 (dst_field s)).
Proof. by_row. Qed.

Theorem le32_decodes s : is_row row_le32 s ->
  decode s = Some (ByteOrder Little 32 (dst_field s)).
Proof. by_row. Qed.

Theorem le64_decodes s : is_row row_le64 s ->
  decode s = Some (ByteOrder Little 64 (dst_field s)).
Proof. by_row. Qed.

Theorem be16_decodes s : is_row row_be16 s ->
  decode s = Some (ByteOrder Big 16 (dst_field s)).
Proof. by_row. Qed.

Theorem be32_decodes s : is_row row_be32 s ->
  decode s = Some (ByteOrder Big 32 (dst_field s)).
Proof. by_row. Qed.

Theorem be64_decodes s : is_row row_be64 s ->
  decode s = Some (ByteOrder Big 64 (dst_field s)).
Proof. by_row. Qed.

Theorem bswap16_decodes s : is_row row_bswap16 s ->
  decode s = Some (ByteOrder Swap 16 (dst_field s)).
Proof. by_row. Qed.

Theorem bswap32_decodes s : is_row row_bswap32 s ->
  decode s = Some (ByteOrder Swap 32 (dst_field s)).
Proof. by_row. Qed.

Theorem bswap64_decodes s : is_row row_bswap64 s ->
  decode s = Some (ByteOrder Swap 64 (dst_field s)).
Proof. by_row. Qed.

Theorem lddw_decodes s : is_row row_lddw s ->
  decode s = Some (LoadImm64 (dst_field s) (wrap 32 (imm_field s))).
Proof. by_row. Qed.

Theorem lddw_object_decodes s : is_row row_lddw_object s ->
  decode s = Some (LoadObject (dst_field s) (wrap 32 (imm_field s))).
Proof. by_row. Qed.

Theorem ldxb_decodes s : is_row row_ldxb s ->
  decode s = Some (Load B false (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem ldxh_decodes s : is_row row_ldxh s ->
  decode s = Some (Load H false (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem ldxw_decodes s : is_row row_ldxw s ->
  decode s = Some (Load W false (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem ldxdw_decodes s : is_row row_ldxdw s ->
  decode s = Some (Load DW false (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem ldxsb_decodes s : is_row row_ldxsb s ->
  decode s = Some (Load B true (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem ldxsh_decodes s : is_row row_ldxsh s ->
  decode s = Some (Load H true (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem ldxsw_decodes s : is_row row_ldxsw s ->
  decode s = Some (Load W true (dst_field s) (src_field s) (off_field s)).
Proof. by_row. Qed.

Theorem stb_decodes s : is_row row_stb s ->
  decode s = Some (Store B (dst_field s) (off_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem stxb_decodes s : is_row row_stxb s ->
  decode s = Some (Store B (dst_field s) (off_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem sth_decodes s : is_row row_sth s ->
  decode s = Some (Store H (dst_field s) (off_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem stxh_decodes s : is_row row_stxh s ->
  decode s = Some (Store H (dst_field s) (off_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem stw_decodes s : is_row row_stw s ->
  decode s = Some (Store W (dst_field s) (off_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem stxw_decodes s : is_row row_stxw s ->
  decode s = Some (Store W (dst_field s) (off_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem stdw_decodes s : is_row row_stdw s ->
  decode s = Some (Store DW (dst_field s) (off_field s) (Imm (imm_field s))).
Proof. by_row. Qed.

Theorem stxdw_decodes s : is_row row_stxdw s ->
  decode s = Some (Store DW (dst_field s) (off_field s) (Reg (src_field s))).
Proof. by_row. Qed.

Theorem atomic_add64_decodes s : is_row row_atomic_add64 s ->
  decode s = Some (Atomic W64 AtomicAdd false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_or64_decodes s : is_row row_atomic_or64 s ->
  decode s = Some (Atomic W64 AtomicOr false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_and64_decodes s : is_row row_atomic_and64 s ->
  decode s = Some (Atomic W64 AtomicAnd false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_xor64_decodes s : is_row row_atomic_xor64 s ->
  decode s = Some (Atomic W64 AtomicXor false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_add64_decodes s : is_row row_atomic_fetch_add64 s ->
  decode s = Some (Atomic W64 AtomicAdd true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_or64_decodes s : is_row row_atomic_fetch_or64 s ->
  decode s = Some (Atomic W64 AtomicOr true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_and64_decodes s : is_row row_atomic_fetch_and64 s ->
  decode s = Some (Atomic W64 AtomicAnd true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_xor64_decodes s : is_row row_atomic_fetch_xor64 s ->
  decode s = Some (Atomic W64 AtomicXor true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_xchg64_decodes s : is_row row_atomic_xchg64 s ->
  decode s = Some (Exchange W64 (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_cmpxchg64_decodes s : is_row row_atomic_cmpxchg64 s ->
  decode s = Some (CompareExchange W64 (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_add32_decodes s : is_row row_atomic_add32 s ->
  decode s = Some (Atomic W32 AtomicAdd false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_or32_decodes s : is_row row_atomic_or32 s ->
  decode s = Some (Atomic W32 AtomicOr false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_and32_decodes s : is_row row_atomic_and32 s ->
  decode s = Some (Atomic W32 AtomicAnd false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_xor32_decodes s : is_row row_atomic_xor32 s ->
  decode s = Some (Atomic W32 AtomicXor false (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_add32_decodes s : is_row row_atomic_fetch_add32 s ->
  decode s = Some (Atomic W32 AtomicAdd true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_or32_decodes s : is_row row_atomic_fetch_or32 s ->
  decode s = Some (Atomic W32 AtomicOr true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_and32_decodes s : is_row row_atomic_fetch_and32 s ->
  decode s = Some (Atomic W32 AtomicAnd true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_fetch_xor32_decodes s : is_row row_atomic_fetch_xor32 s ->
  decode s = Some (Atomic W32 AtomicXor true (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_xchg32_decodes s : is_row row_atomic_xchg32 s ->
  decode s = Some (Exchange W32 (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem atomic_cmpxchg32_decodes s : is_row row_atomic_cmpxchg32 s ->
  decode s = Some (CompareExchange W32 (dst_field s) (off_field s) (src_field s)).
Proof. by_row. Qed.

Theorem ja_decodes s : is_row row_ja s ->
  decode s = Some (Jump (off_field s)).
Proof. by_row. Qed.

Theorem ja32_decodes s : is_row row_ja32 s ->
  decode s = Some (JumpLong (imm_field s)).
Proof. by_row. Qed.

Theorem jeq64_k_decodes s : is_row row_jeq64_k s ->
  decode s = Some (Branch W64 Jeq (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jeq64_x_decodes s : is_row row_jeq64_x s ->
  decode s = Some (Branch W64 Jeq (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jeq32_k_decodes s : is_row row_jeq32_k s ->
  decode s = Some (Branch W32 Jeq (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jeq32_x_decodes s : is_row row_jeq32_x s ->
  decode s = Some (Branch W32 Jeq (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jgt64_k_decodes s : is_row row_jgt64_k s ->
  decode s = Some (Branch W64 Jgt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jgt64_x_decodes s : is_row row_jgt64_x s ->
  decode s = Some (Branch W64 Jgt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jgt32_k_decodes s : is_row row_jgt32_k s ->
  decode s = Some (Branch W32 Jgt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jgt32_x_decodes s : is_row row_jgt32_x s ->
  decode s = Some (Branch W32 Jgt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jge64_k_decodes s : is_row row_jge64_k s ->
  decode s = Some (Branch W64 Jge (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jge64_x_decodes s : is_row row_jge64_x s ->
  decode s = Some (Branch W64 Jge (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jge32_k_decodes s : is_row row_jge32_k s ->
  decode s = Some (Branch W32 Jge (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jge32_x_decodes s : is_row row_jge32_x s ->
  decode s = Some (Branch W32 Jge (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jset64_k_decodes s : is_row row_jset64_k s ->
  decode s = Some (Branch W64 Jset (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jset64_x_decodes s : is_row row_jset64_x s ->
  decode s = Some (Branch W64 Jset (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jset32_k_decodes s : is_row row_jset32_k s ->
  decode s = Some (Branch W32 Jset (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jset32_x_decodes s : is_row row_jset32_x s ->
  decode s = Some (Branch W32 Jset (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jne64_k_decodes s : is_row row_jne64_k s ->
  decode s = Some (Branch W64 Jne (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jne64_x_decodes s : is_row row_jne64_x s ->
  decode s = Some (Branch W64 Jne (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jne32_k_decodes s : is_row row_jne32_k s ->
  decode s = Some (Branch W32 Jne (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jne32_x_decodes s : is_row row_jne32_x s ->
  decode s = Some (Branch W32 Jne (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsgt64_k_decodes s : is_row row_jsgt64_k s ->
  decode s = Some (Branch W64 Jsgt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsgt64_x_decodes s : is_row row_jsgt64_x s ->
  decode s = Some (Branch W64 Jsgt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsgt32_k_decodes s : is_row row_jsgt32_k s ->
  decode s = Some (Branch W32 Jsgt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsgt32_x_decodes s : is_row row_jsgt32_x s ->
  decode s = Some (Branch W32 Jsgt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsge64_k_decodes s : is_row row_jsge64_k s ->
  decode s = Some (Branch W64 Jsge (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsge64_x_decodes s : is_row row_jsge64_x s ->
  decode s = Some (Branch W64 Jsge (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsge32_k_decodes s : is_row row_jsge32_k s ->
  decode s = Some (Branch W32 Jsge (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsge32_x_decodes s : is_row row_jsge32_x s ->
  decode s = Some (Branch W32 Jsge (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jlt64_k_decodes s : is_row row_jlt64_k s ->
  decode s = Some (Branch W64 Jlt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jlt64_x_decodes s : is_row row_jlt64_x s ->
  decode s = Some (Branch W64 Jlt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jlt32_k_decodes s : is_row row_jlt32_k s ->
  decode s = Some (Branch W32 Jlt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jlt32_x_decodes s : is_row row_jlt32_x s ->
  decode s = Some (Branch W32 Jlt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jle64_k_decodes s : is_row row_jle64_k s ->
  decode s = Some (Branch W64 Jle (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jle64_x_decodes s : is_row row_jle64_x s ->
  decode s = Some (Branch W64 Jle (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jle32_k_decodes s : is_row row_jle32_k s ->
  decode s = Some (Branch W32 Jle (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jle32_x_decodes s : is_row row_jle32_x s ->
  decode s = Some (Branch W32 Jle (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jslt64_k_decodes s : is_row row_jslt64_k s ->
  decode s = Some (Branch W64 Jslt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jslt64_x_decodes s : is_row row_jslt64_x s ->
  decode s = Some (Branch W64 Jslt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jslt32_k_decodes s : is_row row_jslt32_k s ->
  decode s = Some (Branch W32 Jslt (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jslt32_x_decodes s : is_row row_jslt32_x s ->
  decode s = Some (Branch W32 Jslt (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsle64_k_decodes s : is_row row_jsle64_k s ->
  decode s = Some (Branch W64 Jsle (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsle64_x_decodes s : is_row row_jsle64_x s ->
  decode s = Some (Branch W64 Jsle (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsle32_k_decodes s : is_row row_jsle32_k s ->
  decode s = Some (Branch W32 Jsle (dst_field s) (Imm (imm_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem jsle32_x_decodes s : is_row row_jsle32_x s ->
  decode s = Some (Branch W32 Jsle (dst_field s) (Reg (src_field s)) (off_field s)).
Proof. by_row. Qed.

Theorem call_decodes s : is_row row_call s ->
  decode s = Some (CallHelper (wrap 32 (imm_field s))).
Proof. by_row. Qed.

Theorem call_local_decodes s : is_row row_call_local s ->
  decode s = Some (CallLocal (imm_field s)).
Proof. by_row. Qed.

Theorem callx_decodes s : is_row row_callx s ->
  decode s = Some (CallRegister (dst_field s)).
Proof. by_row. Qed.

Theorem exit_decodes s : is_row row_exit s ->
  decode s = Some Exit.
Proof. by_row. Qed.

(** All of them, so that what they rest on can be asked at once. *)
Definition rows_agrees :=
  (add64_k_decodes, add64_x_decodes, add32_k_decodes, add32_x_decodes, sub64_k_decodes, sub64_x_decodes,
   sub32_k_decodes, sub32_x_decodes, mul64_k_decodes, mul64_x_decodes, mul32_k_decodes, mul32_x_decodes,
   div64_k_decodes, sdiv64_k_decodes, div64_x_decodes, sdiv64_x_decodes, div32_k_decodes, sdiv32_k_decodes,
   div32_x_decodes, sdiv32_x_decodes, or64_k_decodes, or64_x_decodes, or32_k_decodes, or32_x_decodes,
   and64_k_decodes, and64_x_decodes, and32_k_decodes, and32_x_decodes, lsh64_k_decodes, lsh64_x_decodes,
   lsh32_k_decodes, lsh32_x_decodes, rsh64_k_decodes, rsh64_x_decodes, rsh32_k_decodes, rsh32_x_decodes,
   neg64_decodes, neg32_decodes, mod64_k_decodes, smod64_k_decodes, mod64_x_decodes, smod64_x_decodes,
   mod32_k_decodes, smod32_k_decodes, mod32_x_decodes, smod32_x_decodes, xor64_k_decodes, xor64_x_decodes,
   xor32_k_decodes, xor32_x_decodes, mov64_k_decodes, mov64_x_decodes, movsx64_8_decodes, movsx64_16_decodes,
   movsx64_32_decodes, mov32_k_decodes, mov32_x_decodes, movsx32_8_decodes, movsx32_16_decodes,
   arsh64_k_decodes, arsh64_x_decodes, arsh32_k_decodes, arsh32_x_decodes, le16_decodes, le32_decodes,
   le64_decodes, be16_decodes, be32_decodes, be64_decodes, bswap16_decodes, bswap32_decodes, bswap64_decodes,
   lddw_decodes, lddw_object_decodes, ldxb_decodes, ldxh_decodes, ldxw_decodes, ldxdw_decodes, ldxsb_decodes,
   ldxsh_decodes, ldxsw_decodes, stb_decodes, stxb_decodes, sth_decodes, stxh_decodes, stw_decodes,
   stxw_decodes, stdw_decodes, stxdw_decodes, atomic_add64_decodes, atomic_or64_decodes, atomic_and64_decodes,
   atomic_xor64_decodes, atomic_fetch_add64_decodes, atomic_fetch_or64_decodes, atomic_fetch_and64_decodes,
   atomic_fetch_xor64_decodes, atomic_xchg64_decodes, atomic_cmpxchg64_decodes, atomic_add32_decodes,
   atomic_or32_decodes, atomic_and32_decodes, atomic_xor32_decodes, atomic_fetch_add32_decodes,
   atomic_fetch_or32_decodes, atomic_fetch_and32_decodes, atomic_fetch_xor32_decodes, atomic_xchg32_decodes,
   atomic_cmpxchg32_decodes, ja_decodes, ja32_decodes, jeq64_k_decodes, jeq64_x_decodes, jeq32_k_decodes,
   jeq32_x_decodes, jgt64_k_decodes, jgt64_x_decodes, jgt32_k_decodes, jgt32_x_decodes, jge64_k_decodes,
   jge64_x_decodes, jge32_k_decodes, jge32_x_decodes, jset64_k_decodes, jset64_x_decodes, jset32_k_decodes,
   jset32_x_decodes, jne64_k_decodes, jne64_x_decodes, jne32_k_decodes, jne32_x_decodes, jsgt64_k_decodes,
   jsgt64_x_decodes, jsgt32_k_decodes, jsgt32_x_decodes, jsge64_k_decodes, jsge64_x_decodes, jsge32_k_decodes,
   jsge32_x_decodes, jlt64_k_decodes, jlt64_x_decodes, jlt32_k_decodes, jlt32_x_decodes, jle64_k_decodes,
   jle64_x_decodes, jle32_k_decodes, jle32_x_decodes, jslt64_k_decodes, jslt64_x_decodes, jslt32_k_decodes,
   jslt32_x_decodes, jsle64_k_decodes, jsle64_x_decodes, jsle32_k_decodes, jsle32_x_decodes, call_decodes,
   call_local_decodes, callx_decodes, exit_decodes).
