(* SPDX-License-Identifier: MIT *)
(** One step of defensive BPF, as src/vm/interpreter.c takes it: RFC 9669, and where the RFC leaves a point to
    the runtime, docs/semantics.md (zero after helper calls, fuel, frames, faults). A little-endian host.

    A step goes on, stops the run (with success or a fault), or is [Undefined]: what the C code assumes that the
    checker has excluded. Nothing is undefined about values: those lead to faults. *)
From Coq Require Import ZArith Bool List.
From Vouch Require Import Word Store Insn Regions.
Import ListNotations.
Open Scope Z_scope.

(** ** What a run is given *)

(** What a helper answers: its result, the memory as it leaves it, and whether the run goes on. *)
Inductive request := Continue | End | Fail.
Record answer := Answer { result : Z; memory_after : store; requested : request }.
Definition helper := store -> Z -> Z -> Z -> Z -> Z -> answer.

Record machine := Machine {
  insns : program;
  entry : Z;
  context : region;
  stack_start : Z;
  frames_max : Z;              (* frames that the stack has room for *)
  table : list region;
  data : Z -> Z;               (* addresses of the data objects *)
  helpers : Z -> option helper }.

Definition frame_size : Z := 512.
Definition stack_top (vm : machine) : Z := stack_start vm + frame_size * frames_max vm.
Definition stack (vm : machine) : region := Region (stack_start vm) (frame_size * frames_max vm) true.

(** All that a program may touch. *)
Definition regions (vm : machine) : list region := context vm :: stack vm :: table vm.

(** ** States *)

(** What a call of a program's function saves: r6 to r9, and where the caller goes on. *)
Record frame := Frame { r6 : Z; r7 : Z; r8 : Z; r9 : Z; return_pc : Z }.

Record state := State {
  regs : store;
  memory : store;
  pc : Z;
  fuel : Z;
  frames : list frame }.      (* the callers', innermost first *)

Inductive fault :=
  | FaultMemory (a : access)
  | FaultAlign (a : access)
  | FaultFuel
  | FaultDepth
  | FaultHelper (id : Z)
  | FaultHost.

Inductive ending := Done (r0 : Z) | Fault (f : fault).

(** Where a run stops, the state is the one before the instruction at its pc, but for helpers' ends ([Done] and
    [FaultHost] at a call): there the registers are as after the call. *)
Inductive outcome := Next (s : state) | Stop (e : ending) (s : state) | Undefined.

Notation "'do' x <- e ; k" := (match e with Some x => k | None => Undefined end)
  (at level 200, x pattern, e at level 100, k at level 200).

(** ** Registers *)

Definition read_reg (s : state) (r : Z) : option Z :=
  if (0 <=? r) && (r <=? 10) then Some (get (regs s) r) else None.

(** r10 is read-only. *)
Definition write_reg (s : state) (r v : Z) : option state :=
  if (0 <=? r) && (r <? 10)
  then Some (State (set (regs s) r v) (memory s) (pc s) (fuel s) (frames s))
  else None.

Definition read_operand (s : state) (o : operand) : option Z :=
  match o with Imm k => Some k | Reg r => read_reg s r end.

Definition with_pc (s : state) (pc : Z) : state := State (regs s) (memory s) pc (fuel s) (frames s).
Definition with_memory (s : state) (m : store) : state := State (regs s) m (pc s) (fuel s) (frames s).
Definition spend (s : state) : state := State (regs s) (memory s) (pc s) (fuel s - 1) (frames s).

(** ** Memory: little-endian, byte by byte *)

Fixpoint read_bytes (m : store) (at_ : Z) (n : nat) : Z :=
  match n with
  | O => 0
  | S n => Z.lor (wrap 8 (get m at_)) (Z.shiftl (read_bytes m (at_ + 1) n) 8)
  end.

Fixpoint write_bytes (m : store) (at_ : Z) (n : nat) (v : Z) : store :=
  match n with
  | O => m
  | S n => write_bytes (set m at_ (wrap 8 v)) (at_ + 1) n (Z.shiftr v 8)
  end.

Definition size_bytes (n : size) : Z := Z.of_nat (bytes_of n).
Definition size_bits (n : size) : Z := 8 * size_bytes n.

(** ** Values *)

(** Section 4.1: division by zero gives 0, remainder by zero leaves dst, shifts are masked, the one signed
    overflow wraps. d and s are words of the operation's width. *)
Definition alu (w : width) (op : alu_op) (d s : Z) : Z :=
  let n := bits_of w in
  let shift := Z.land s (n - 1) in
  wrap n
    match op with
    | Add => d + s
    | Sub => d - s
    | Mul => d * s
    | Div => if s =? 0 then 0 else d / s
    | SDiv => if s =? 0 then 0 else Z.quot (signed n d) (signed n s)
    | Mod => if s =? 0 then d else d mod s
    | SMod => if s =? 0 then d else Z.rem (signed n d) (signed n s)
    | Or => Z.lor d s
    | And => Z.land d s
    | Xor => Z.lxor d s
    | Lsh => Z.shiftl d shift
    | Rsh => Z.shiftr d shift
    | Arsh => Z.shiftr (signed n d) shift
    | Mov => s
    end.

(** Section 4.3. *)
Definition holds (w : width) (c : condition) (d s : Z) : bool :=
  let n := bits_of w in
  match c with
  | Jeq => d =? s
  | Jne => negb (d =? s)
  | Jgt => d >? s
  | Jge => d >=? s
  | Jlt => d <? s
  | Jle => d <=? s
  | Jset => negb (Z.land d s =? 0)
  | Jsgt => signed n d >? signed n s
  | Jsge => signed n d >=? signed n s
  | Jslt => signed n d <? signed n s
  | Jsle => signed n d <=? signed n s
  end.

Fixpoint swap_bytes (n : nat) (v : Z) : Z :=
  match n with
  | O => 0
  | S n => Z.lor (Z.shiftl (wrap 8 v) (8 * Z.of_nat n)) (swap_bytes n (Z.shiftr v 8))
  end.

(** Section 4.2, on a little-endian host. *)
Definition byte_order_value (order : byte_order) (bits d : Z) : Z :=
  match order with
  | Little => wrap bits d
  | Big | Swap => swap_bytes (Z.to_nat (bits / 8)) (wrap bits d)
  end.

Definition atomic_value (op : atomic_op) (old operand : Z) : Z :=
  match op with
  | AtomicAdd => old + operand
  | AtomicOr => Z.lor old operand
  | AtomicAnd => Z.land old operand
  | AtomicXor => Z.lxor old operand
  end.

(** ** Steps *)

(** The access of a load, store or atomic. *)
Definition access_at (base off : Z) (n : size) (write : bool) : access :=
  Access (wrap 64 (base + off)) (size_bytes n) write.

(** An atomic must be aligned, and then, as every access, permitted. Otherwise nothing is changed. *)
Definition check_access (vm : machine) (a : access) : option fault :=
  if permitted (regions vm) a then None else Some (FaultMemory a).
Definition check_atomic (vm : machine) (a : access) : option fault :=
  if address a mod bytes a =? 0 then check_access vm a else Some (FaultAlign a).

Definition stop_fault (s : state) (f : fault) : outcome := Stop (Fault f) s.

(** Continue with [k] where the access is allowed. *)
Definition guarded (s : state) (verdict : option fault) (k : outcome) : outcome :=
  match verdict with Some f => stop_fault s f | None => k end.

Definition jump (s : state) (delta : Z) : outcome :=
  if delta <? 0 then
    if fuel s <=? 0 then stop_fault s FaultFuel else Next (spend (with_pc s (pc s + 1 + delta)))
  else Next (with_pc s (pc s + 1 + delta)).

(** r0 is the result, r1 to r5 read as zero. *)
Definition after_call (s : state) (a : answer) : state :=
  let r := set (set (set (set (set (set (regs s) 0 (wrap 64 (result a))) 1 0) 2 0) 3 0) 4 0) 5 0 in
  State r (memory_after a) (pc s) (fuel s) (frames s).

Definition call_helper (vm : machine) (s : state) (h : helper) : outcome :=
  if fuel s <=? 0 then stop_fault s FaultFuel
  else
    let r := get (regs s) in
    let a := h (memory s) (r 1) (r 2) (r 3) (r 4) (r 5) in
    let s := spend (after_call s a) in
    match requested a with
    | Continue => Next (with_pc s (pc s + 1))
    | End => Stop (Done (get (regs s) 0)) s
    | Fail => stop_fault s FaultHost
    end.

Definition depth (s : state) : Z := 1 + Z.of_nat (length (frames s)).

Definition call_local (vm : machine) (s : state) (delta : Z) : outcome :=
  if frames_max vm <=? depth s then stop_fault s FaultDepth
  else if fuel s <=? 0 then stop_fault s FaultFuel
  else
    let r := get (regs s) in
    Next (State (set (regs s) 10 (r 10 - frame_size)) (memory s) (pc s + 1 + delta) (fuel s - 1)
            (Frame (r 6) (r 7) (r 8) (r 9) (pc s + 1) :: frames s)).

Definition exit (s : state) : outcome :=
  match frames s with
  | [] => Stop (Done (get (regs s) 0)) s
  | f :: callers =>
      let r := set (set (set (set (regs s) 6 (r6 f)) 7 (r7 f)) 8 (r8 f)) 9 (r9 f) in
      Next (State (set r 10 (get r 10 + frame_size)) (memory s) (return_pc f) (fuel s) callers)
  end.

Definition step_insn (vm : machine) (s : state) (i : insn) : outcome :=
  let advance s := Next (with_pc s (pc s + slots_of i)) in
  match i with
  | Alu w op dst src =>
      do d <- read_reg s dst;
      do v <- read_operand s src;
      let n := bits_of w in
      do s <- write_reg s dst (alu w op (wrap n d) (wrap n v));
      advance s
  | Neg w dst =>
      do d <- read_reg s dst;
      do s <- write_reg s dst (wrap (bits_of w) (- d));
      advance s
  | MovSX w bits dst src =>
      do v <- read_reg s src;
      do s <- write_reg s dst (wrap (bits_of w) (signed bits v));
      advance s
  | ByteOrder order bits dst =>
      do d <- read_reg s dst;
      do s <- write_reg s dst (byte_order_value order bits d);
      advance s
  | LoadImm64 dst low =>
      do high <- second_half (insns vm) (pc s);
      do s <- write_reg s dst (Z.lor (Z.shiftl high 32) low);
      advance s
  | LoadObject dst object =>
      do offset <- second_half (insns vm) (pc s);
      do s <- write_reg s dst (wrap 64 (data vm object + offset));
      if object <? 2 then advance s else Undefined
  | Load n sign_extend dst src off =>
      do base <- read_reg s src;
      let a := access_at base off n false in
      let v := read_bytes (memory s) (address a) (bytes_of n) in
      do s' <- write_reg s dst (if sign_extend then wrap 64 (signed (size_bits n) v) else v);
      guarded s (check_access vm a) (advance s')
  | Store n dst off src =>
      do base <- read_reg s dst;
      do v <- read_operand s src;
      let a := access_at base off n true in
      guarded s (check_access vm a)
        (advance (with_memory s (write_bytes (memory s) (address a) (bytes_of n) v)))
  | Atomic w op fetch dst off src =>
      do base <- read_reg s dst;
      do v <- read_reg s src;
      let n := size_of w in
      let a := access_at base off n true in
      let old := read_bytes (memory s) (address a) (bytes_of n) in
      let new := atomic_value op old (wrap (bits_of w) v) in
      let s' := with_memory s (write_bytes (memory s) (address a) (bytes_of n) new) in
      do s' <- (if fetch then write_reg s' src old else Some s');
      guarded s (check_atomic vm a) (advance s')
  | Exchange w dst off src =>
      do base <- read_reg s dst;
      do v <- read_reg s src;
      let n := size_of w in
      let a := access_at base off n true in
      let old := read_bytes (memory s) (address a) (bytes_of n) in
      do s' <- write_reg (with_memory s (write_bytes (memory s) (address a) (bytes_of n) v)) src old;
      guarded s (check_atomic vm a) (advance s')
  | CompareExchange w dst off src =>
      do base <- read_reg s dst;
      do v <- read_reg s src;
      do expected <- read_reg s 0;
      let n := size_of w in
      let a := access_at base off n true in
      let old := read_bytes (memory s) (address a) (bytes_of n) in
      let m := if old =? wrap (bits_of w) expected
               then write_bytes (memory s) (address a) (bytes_of n) v else memory s in
      do s' <- write_reg (with_memory s m) 0 old;
      guarded s (check_atomic vm a) (advance s')
  | Jump delta | JumpLong delta => jump s delta
  | Branch w c dst src delta =>
      do d <- read_reg s dst;
      do v <- read_operand s src;
      let n := bits_of w in
      if holds w c (wrap n d) (wrap n v) then jump s delta else advance s
  | CallHelper id =>
      do h <- helpers vm id;
      call_helper vm s h
  | CallRegister dst =>
      do id <- read_reg s dst;
      match helpers vm id with
      | Some h => call_helper vm s h
      | None => stop_fault s (FaultHelper id)
      end
  | CallLocal delta => call_local vm s delta
  | Exit => exit s
  end.

Definition step (vm : machine) (s : state) : outcome :=
  do slot <- slot_at (insns vm) (pc s);
  do i <- decode slot;
  step_insn vm s i.
