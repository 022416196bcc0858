(* SPDX-License-Identifier: MIT *)
(** Instructions: from a 64-bit slot (RFC 9669 section 3) to its fields, and from the fields to the instruction
    (sections 4 and 5). As in src/isa/decode.c, an instruction is told by its opcode and, where several share it,
    by one further field; whether the remaining fields are what they must be is the checker's business. *)
From Coq Require Import ZArith Bool List.
From Vouch Require Import Word.
Import ListNotations.
Open Scope Z_scope.

(** ** Slots *)

Record slot := Slot { opcode : Z; dst_field : Z; src_field : Z; off_field : Z; imm_field : Z }.

(** opcode:8  dst:4  src:4  offset:16 (signed)  imm:32 (signed), least significant first. *)
Definition slot_of_word (word : Z) : slot := {|
  opcode    := wrap 8 word;
  dst_field := wrap 4 (Z.shiftr word 8);
  src_field := wrap 4 (Z.shiftr word 12);
  off_field := signed 16 (Z.shiftr word 16);
  imm_field := signed 32 (Z.shiftr word 32) |}.

(** ** Instructions *)

Inductive width := W32 | W64.
Inductive size := B | H | W | DW.
Inductive operand := Imm (k : Z) | Reg (r : Z).

Inductive alu_op := Add | Sub | Mul | Div | SDiv | Or | And | Lsh | Rsh | Mod | SMod | Xor | Mov | Arsh.
Inductive condition := Jeq | Jgt | Jge | Jset | Jne | Jsgt | Jsge | Jlt | Jle | Jslt | Jsle.
Inductive byte_order := Little | Big | Swap.
Inductive atomic_op := AtomicAdd | AtomicOr | AtomicAnd | AtomicXor.

Inductive insn :=
  | Alu (w : width) (op : alu_op) (dst : Z) (src : operand)
  | Neg (w : width) (dst : Z)
  | MovSX (w : width) (bits : Z) (dst src : Z)
  | ByteOrder (order : byte_order) (bits : Z) (dst : Z)
  | LoadImm64 (dst low : Z)                       (* the high half is in the next slot *)
  | LoadObject (dst object : Z)                   (* the offset is in the next slot *)
  | Load (n : size) (sign_extend : bool) (dst src off : Z)
  | Store (n : size) (dst off : Z) (src : operand)
  | Atomic (w : width) (op : atomic_op) (fetch : bool) (dst off src : Z)
  | Exchange (w : width) (dst off src : Z)
  | CompareExchange (w : width) (dst off src : Z)
  | Jump (delta : Z)
  | JumpLong (delta : Z)                          (* ja32: by imm *)
  | Branch (w : width) (c : condition) (dst : Z) (src : operand) (delta : Z)
  | CallHelper (id : Z)
  | CallRegister (dst : Z)                        (* callx *)
  | CallLocal (delta : Z)
  | Exit.

Definition bits_of (w : width) : Z := match w with W32 => 32 | W64 => 64 end.
Definition bytes_of (n : size) : nat := match n with B => 1 | H => 2 | W => 4 | DW => 8 end.
Definition size_of (w : width) : size := match w with W32 => W | W64 => DW end.

(** ** Decoding *)

(** Section 4: the fields of an opcode. *)
Definition class (s : slot) : Z := Z.land (opcode s) 0x07.
Definition code (s : slot) : Z := Z.land (opcode s) 0xf0.
Definition by_register (s : slot) : bool := Z.testbit (opcode s) 3.
Definition source (s : slot) : operand := if by_register s then Reg (src_field s) else Imm (imm_field s).

(** Section 4.1. For division and remainder off selects unsigned (0) or signed (1). *)
Definition decode_alu (w : width) (s : slot) : option insn :=
  let alu op := Some (Alu w op (dst_field s) (source s)) in
  let by_off unsigned signed :=
    match off_field s with 0 => alu unsigned | 1 => alu signed | _ => None end in
  match code s with
  | 0x00 => alu Add
  | 0x10 => alu Sub
  | 0x20 => alu Mul
  | 0x30 => by_off Div SDiv
  | 0x40 => alu Or
  | 0x50 => alu And
  | 0x60 => alu Lsh
  | 0x70 => alu Rsh
  | 0x80 => if by_register s then None else Some (Neg w (dst_field s))
  | 0x90 => by_off Mod SMod
  | 0xa0 => alu Xor
  | 0xb0 =>
      if by_register s then
        match off_field s, w with
        | 0, _ => alu Mov
        | 8, _ => Some (MovSX w 8 (dst_field s) (src_field s))
        | 16, _ => Some (MovSX w 16 (dst_field s) (src_field s))
        | 32, W64 => Some (MovSX w 32 (dst_field s) (src_field s))
        | _, _ => None
        end
      else alu Mov
  | 0xc0 => alu Arsh
  | 0xd0 =>
      let order o :=
        match imm_field s with
        | 16 => Some (ByteOrder o 16 (dst_field s))
        | 32 => Some (ByteOrder o 32 (dst_field s))
        | 64 => Some (ByteOrder o 64 (dst_field s))
        | _ => None
        end in
      match w, by_register s with
      | W32, false => order Little
      | W32, true => order Big
      | W64, false => order Swap
      | W64, true => None
      end
  | _ => None
  end.

(** Section 4.3. *)
Definition condition_of (code : Z) : option condition :=
  match code with
  | 0x10 => Some Jeq  | 0x20 => Some Jgt  | 0x30 => Some Jge  | 0x40 => Some Jset
  | 0x50 => Some Jne  | 0x60 => Some Jsgt | 0x70 => Some Jsge | 0xa0 => Some Jlt
  | 0xb0 => Some Jle  | 0xc0 => Some Jslt | 0xd0 => Some Jsle | _ => None
  end.

Definition decode_branch (w : width) (s : slot) : option insn :=
  match condition_of (code s) with
  | Some c => Some (Branch w c (dst_field s) (source s) (off_field s))
  | None => None
  end.

Definition decode_jump (s : slot) : option insn :=
  match opcode s with
  | 0x05 => Some (Jump (off_field s))
  | 0x85 =>
      match src_field s with
      | 0 => Some (CallHelper (wrap 32 (imm_field s)))
      | 1 => Some (CallLocal (imm_field s))
      | _ => None
      end
  | 0x8d => Some (CallRegister (dst_field s))
  | 0x95 => Some Exit
  | _ => decode_branch W64 s
  end.

Definition decode_jump32 (s : slot) : option insn :=
  match opcode s with
  | 0x06 => Some (JumpLong (imm_field s))
  | _ => decode_branch W32 s
  end.

(** Section 5. *)
Definition size_field (s : slot) : size :=
  match Z.land (opcode s) 0x18 with 0x00 => W | 0x08 => H | 0x10 => B | _ => DW end.
Definition mode (s : slot) : Z := Z.land (opcode s) 0xe0.

Definition decode_load (s : slot) : option insn :=
  let load sign_extend := Some (Load (size_field s) sign_extend (dst_field s) (src_field s) (off_field s)) in
  match mode s, size_field s with
  | 0x60, _ => load false
  | 0x80, DW => None
  | 0x80, _ => load true
  | _, _ => None
  end.

(** Section 5.3. *)
Definition decode_atomic (w : width) (s : slot) : option insn :=
  let atomic op fetch := Some (Atomic w op fetch (dst_field s) (off_field s) (src_field s)) in
  match imm_field s with
  | 0x00 => atomic AtomicAdd false
  | 0x40 => atomic AtomicOr false
  | 0x50 => atomic AtomicAnd false
  | 0xa0 => atomic AtomicXor false
  | 0x01 => atomic AtomicAdd true
  | 0x41 => atomic AtomicOr true
  | 0x51 => atomic AtomicAnd true
  | 0xa1 => atomic AtomicXor true
  | 0xe1 => Some (Exchange w (dst_field s) (off_field s) (src_field s))
  | 0xf1 => Some (CompareExchange w (dst_field s) (off_field s) (src_field s))
  | _ => None
  end.

Definition decode_store (s : slot) : option insn :=
  match mode s with
  | 0x60 => Some (Store (size_field s) (dst_field s) (off_field s) (Imm (imm_field s)))
  | _ => None
  end.

Definition decode_store_register (s : slot) : option insn :=
  match mode s, size_field s with
  | 0x60, n => Some (Store n (dst_field s) (off_field s) (Reg (src_field s)))
  | 0xc0, W => decode_atomic W32 s
  | 0xc0, DW => decode_atomic W64 s
  | _, _ => None
  end.

(** Section 5.4. *)
Definition decode_load_imm64 (s : slot) : option insn :=
  match opcode s, src_field s with
  | 0x18, 0 => Some (LoadImm64 (dst_field s) (wrap 32 (imm_field s)))
  | 0x18, 6 => Some (LoadObject (dst_field s) (wrap 32 (imm_field s)))
  | _, _ => None
  end.

Definition decode (s : slot) : option insn :=
  match class s with
  | 0 => decode_load_imm64 s
  | 1 => decode_load s
  | 2 => decode_store s
  | 3 => decode_store_register s
  | 4 => decode_alu W32 s
  | 5 => decode_jump s
  | 6 => decode_jump32 s
  | _ => decode_alu W64 s
  end.

(** ** Programs *)

Definition program := list slot.
Definition count (p : program) : Z := Z.of_nat (length p).
Definition slot_at (p : program) (pc : Z) : option slot :=
  if (0 <=? pc) && (pc <? count p) then nth_error p (Z.to_nat pc) else None.

(** Slots that an instruction takes. *)
Definition slots_of (i : insn) : Z := match i with LoadImm64 _ _ | LoadObject _ _ => 2 | _ => 1 end.

(** The slot after a 64-bit immediate: the second half, which is no instruction. *)
Definition second_half (p : program) (pc : Z) : option Z :=
  match slot_at p (pc + 1) with
  | Some s => if opcode s =? 0 then Some (wrap 32 (imm_field s)) else None
  | None => None
  end.
