(* SPDX-License-Identifier: MIT *)
(* The oracle: runs programs on the extracted Coq semantics. One file of raw slots, or, with --cases, lines of
   "PROGRAM MEMORY FUEL" on standard input (hex, hex or -, decimal). Everything that is about BPF is in
   semantics.ml, which Coq wrote; here are only conversions, the loop around `step`, and printing. *)
open Semantics

(* Coq's integers and OCaml's. *)
let rec positive_of_int n =
  if n = 1 then XH else if n land 1 = 1 then XI (positive_of_int (n lsr 1)) else XO (positive_of_int (n lsr 1))

let z_of_int n = if n = 0 then Z0 else if n > 0 then Zpos (positive_of_int n) else Zneg (positive_of_int (-n))

let int64_of_z z =
  let rec go = function
    | XH -> 1L
    | XO p -> Int64.shift_left (go p) 1
    | XI p -> Int64.succ (Int64.shift_left (go p) 1)
  in
  match z with Z0 -> 0L | Zpos p -> go p | Zneg p -> Int64.neg (go p)

let int_of_z z = Int64.to_int (int64_of_z z)

let z_of_int64 w =
  let rec go w =
    if w = 1L then XH
    else
      let rest = go (Int64.shift_right_logical w 1) in
      if Int64.logand w 1L = 1L then XI rest else XO rest
  in
  if w = 0L then Z0 else Zpos (go w)

(* Memory. *)
let pattern i = (7 * i + 1) land 255

let fill memory address bytes =
  let m = ref memory in
  Bytes.iteri (fun i c -> if c <> '\000' then m := put_byte !m (z_of_int (address + i)) (z_of_int (Char.code c))) bytes;
  !m

let areas context_bytes =
  [ (0x10000000, context_bytes); (0x20000000, 3 * 512); (0x30000000, 48); (0x40000000, 24) ]

let initial_memory context =
  let patterned n = Bytes.init n (fun i -> Char.chr (pattern i)) in
  let m = fill no_memory 0x10000000 context in
  let m = fill m 0x30000000 (patterned 48) in
  fill m 0x40000000 (patterned 24)

(* Everything that a run may have changed, by the store's own entries; FNV-1a over the areas in order. An entry
   outside them would be a write out of all regions, and is shouted about. *)
let hash memory context_bytes =
  let areas = List.map (fun (start, n) -> (start, Bytes.make n '\000')) (areas context_bytes) in
  let put address byte =
    match List.find_opt (fun (start, b) -> address >= start && address < start + Bytes.length b) areas with
    | Some (start, b) -> Bytes.set b (address - start) (Char.chr byte)
    | None -> failwith (Printf.sprintf "a byte at 0x%x, outside all memory" address)
  in
  (* The store is a trie by the bits of address + 1, least significant first. *)
  let rec walk prefix bit = function
    | PositiveMap.Leaf -> ()
    | PositiveMap.Node (l, v, r) ->
      (match v with Some v -> put (prefix + bit - 1) (int_of_z v) | None -> ());
      walk prefix (bit * 2) l;
      walk (prefix + bit) (bit * 2) r
  in
  walk 0 1 memory;
  let h = ref 0xcbf29ce484222325L in
  let byte c = h := Int64.mul (Int64.logxor !h (Int64.of_int (Char.code c))) 0x100000001b3L in
  List.iter (fun (_, b) -> Bytes.iter byte b) areas;
  !h

(* Results. *)
let refusal_name = function
  | BadOpcode -> "bad_opcode"
  | BadRegister -> "bad_register"
  | BadReserved -> "bad_reserved"
  | BadJump -> "bad_jump"
  | BadJumpMiddle -> "bad_jump_middle"
  | BadEnd -> "bad_end"
  | BadWide -> "bad_wide"
  | BadHelper -> "bad_helper"
  | BadRelocation -> "bad_relocation"
  | BadSize -> "bad_size"

(* Name, address, size, direction. *)
let ending = function
  | Done _ -> ("ok", 0L, 0, 0)
  | Fault (FaultMemory a) ->
    ("fault_memory", int64_of_z a.address, int_of_z a.bytes, if a.write then 1 else 0)
  | Fault (FaultAlign a) ->
    ("fault_align", int64_of_z a.address, int_of_z a.bytes, if a.write then 1 else 0)
  | Fault FaultFuel -> ("fault_fuel", 0L, 0, 0)
  | Fault FaultDepth -> ("fault_depth", 0L, 0, 0)
  | Fault (FaultHelper id) -> ("fault_helper", int64_of_z id, 0, 0)
  | Fault FaultHost -> ("fault_host", 0L, 0, 0)

let rec run vm s = match step vm s with Next s -> run vm s | stopped -> stopped

let print_case words context fuel =
  let n = Bytes.length context in
  let vm = case_machine (List.map z_of_int64 words) (z_of_int n) in
  match case_verdict vm with
  | Some (refusal, pc) -> Printf.printf "%s pc=%d\n" (refusal_name refusal) (int_of_z pc)
  | None -> (
    match run vm (initial vm (initial_memory context) (z_of_int fuel)) with
    | Next _ | Undefined -> print_endline "undefined"
    | Stop (e, s) ->
      let name, address, size, write = ending e in
      Printf.printf "%s pc=%d fuel=%d address=%Lx size=%d write=%d memory=%Lx r" name (int_of_z s.pc)
        (int_of_z s.fuel) address size write (hash s.memory n);
      for r = 0 to 10 do
        Printf.printf " %Lx" (int64_of_z (register s (z_of_int r)))
      done;
      print_newline ())

(* Input. *)
let bytes_of_hex text =
  if text = "-" then Bytes.empty
  else Bytes.init (String.length text / 2) (fun i -> Char.chr (int_of_string ("0x" ^ String.sub text (2 * i) 2)))

let words_of_bytes bytes = List.init (Bytes.length bytes / 8) (fun i -> Bytes.get_int64_le bytes (8 * i))

let rec cases () =
  match input_line stdin with
  | exception End_of_file -> ()
  | line ->
    (match String.split_on_char ' ' line with
    | [ program; memory; fuel ] ->
      print_case (words_of_bytes (bytes_of_hex program)) (bytes_of_hex memory) (int_of_string fuel)
    | _ -> failwith ("not a case: " ^ line));
    cases ()

let read_file name =
  let channel = open_in_bin name in
  let text = really_input_string channel (in_channel_length channel) in
  close_in channel;
  Bytes.of_string text

let usage () =
  prerr_endline
    "usage: oracle FILE [MEMORY [FUEL]]   raw slots; memory in hex (- is none), fuel in decimal\n\
    \       oracle --cases                lines of PROGRAM MEMORY FUEL on standard input";
  Stdlib.exit 2

let () =
  match List.tl (Array.to_list Sys.argv) with
  | [ "--cases" ] -> cases ()
  | file :: rest when file <> "" && file.[0] <> '-' ->
    let memory, fuel =
      match rest with
      | [] -> ("-", 1000000)
      | [ memory ] -> (memory, 1000000)
      | [ memory; fuel ] -> (memory, int_of_string fuel)
      | _ -> usage ()
    in
    print_case (words_of_bytes (read_file file)) (bytes_of_hex memory) fuel
  | _ -> usage ()
