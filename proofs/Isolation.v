(* SPDX-License-Identifier: MIT *)
(** Isolation: what a program can touch. For every memory, every fuel and every number of steps:
    - an access is made only if all its bytes lie in one region with the permission, and a step reads and changes no
      other bytes ([step_permitted], [step_changes], [step_reads]);
    - bytes outside the writable regions never change ([isolation]);
    - a fault leaves the state as it was before the instruction ([fault_changes_nothing]);
    - r10 is the top of the current function's own frame, inside the stack ([r10_is_frame_top]).
    Helpers are the host's code; [helpers_ok] is what is asked of them. *)
From Coq Require Import ZArith List Lia Bool.
From Vouch Require Import Semantics Checker Termination.
Import ListNotations.
Open Scope Z_scope.

(** ** Accesses *)

(** The access that an instruction asks for, if it is one that does. *)
Definition accesses_of (s : state) (i : insn) : list access :=
  let at_ base off n write := [access_at (get (regs s) base) off n write] in
  match i with
  | Load n _ _ src off => at_ src off n false
  | Store n dst off _ => at_ dst off n true
  | Atomic w _ _ dst off _ | Exchange w dst off _ | CompareExchange w dst off _ => at_ dst off (size_of w) true
  | _ => []
  end.

Definition insn_at (vm : machine) (s : state) : option insn :=
  match slot_at (insns vm) (pc s) with Some slot => decode slot | None => None end.

Definition accesses (vm : machine) (s : state) : list access :=
  match insn_at vm s with Some i => accesses_of s i | None => [] end.

Definition calls_helper (vm : machine) (s : state) : bool :=
  match insn_at vm s with Some (CallHelper _ | CallRegister _) => true | _ => false end.

(** Byte k is one of the access's. *)
Definition touches (a : access) (k : Z) : Prop := address a <= k < address a + bytes a.

(** What is asked of a helper: it changes only memory that the program itself may write. *)
Definition helper_ok (vm : machine) (h : helper) : Prop :=
  forall m a1 a2 a3 a4 a5 k, 0 <= k -> ~ may_write (regions vm) k ->
    get (memory_after (h m a1 a2 a3 a4 a5)) k = get m k.
Definition helpers_ok (vm : machine) : Prop := forall id h, helpers vm id = Some h -> helper_ok vm h.

Lemma step_insn_at vm s : step vm s = match insn_at vm s with Some i => step_insn vm s i | None => Undefined end.
Proof. unfold step, insn_at. destruct (slot_at _ _); reflexivity. Qed.

(** ** Memory *)

Lemma access_at_nonneg base off n w : 0 <= address (access_at base off n w).
Proof. simpl. apply wrap_range. lia. Qed.

Lemma write_bytes_other n : forall m at_ v k, 0 <= at_ -> 0 <= k -> ~ at_ <= k < at_ + Z.of_nat n ->
  get (write_bytes m at_ n v) k = get m k.
Proof.
  induction n as [|n IH]; intros m at_ v k A K N; [reflexivity|].
  rewrite Nat2Z.inj_succ in N. simpl. rewrite IH by lia. apply get_set_other; lia.
Qed.

(** What is written does not depend on what was there. *)
Lemma write_bytes_same n : forall m1 m2 at_ v k, 0 <= at_ -> at_ <= k < at_ + Z.of_nat n ->
  get (write_bytes m1 at_ n v) k = get (write_bytes m2 at_ n v) k.
Proof.
  induction n as [|n IH]; intros m1 m2 at_ v k A N; [lia|].
  rewrite Nat2Z.inj_succ in N. simpl.
  destruct (Z.eq_dec k at_) as [->|]; [|apply IH; lia].
  rewrite !write_bytes_other by lia. rewrite !get_set_same. reflexivity.
Qed.

Lemma read_bytes_same n : forall m1 m2 at_,
  (forall k, at_ <= k < at_ + Z.of_nat n -> get m1 k = get m2 k) -> read_bytes m1 at_ n = read_bytes m2 at_ n.
Proof.
  induction n as [|n IH]; intros m1 m2 at_ E; [reflexivity|].
  rewrite Nat2Z.inj_succ in E. simpl. rewrite E by lia. rewrite (IH m1 m2) by (intros; apply E; lia). reflexivity.
Qed.

(** The rest of a step that reads and writes registers. *)
Ltac open_step :=
  unfold step_insn; cbv zeta;
  repeat match goal with
    | |- context [match write_reg ?a ?b ?c with _ => _ end] => destruct (write_reg a b c) eqn:?
    | |- context [match read_reg ?a ?b with _ => _ end] => destruct (read_reg a b) eqn:?
    | |- context [match read_operand ?a ?b with _ => _ end] => destruct (read_operand a b) eqn:?
    | |- context [match second_half ?a ?b with _ => _ end] => destruct (second_half a b) eqn:?
    | |- context [match helpers ?a ?b with _ => _ end] => destruct (helpers a b) eqn:?
    end.

Lemma read_reg_is s r v : read_reg s r = Some v -> v = get (regs s) r.
Proof. unfold read_reg. destruct (_ && _); [|discriminate]. injection 1 as <-. reflexivity. Qed.

Lemma write_reg_is s r v s' : write_reg s r v = Some s' ->
  0 <= r < 10 /\ s' = State (set (regs s) r v) (memory s) (pc s) (fuel s) (frames s).
Proof.
  unfold write_reg. destruct (Z.leb_spec 0 r), (Z.ltb_spec r 10); try discriminate.
  injection 1 as <-. split; [lia|reflexivity].
Qed.

(** ** One step *)

(** Each access of a step that goes on is permitted. (A step that makes an access never ends a run well.) *)
Theorem step_permitted vm s s' a :
  step vm s = Next s' -> In a (accesses vm s) -> permitted (regions vm) a = true.
Proof.
  rewrite step_insn_at. unfold accesses. destruct (insn_at vm s) as [i|]; [|discriminate].
  intros E I. revert E.
  destruct i; simpl in I; try contradiction; destruct I as [<-|[]]; open_step; try discriminate;
    repeat match goal with H : read_reg _ _ = Some _ |- _ => apply read_reg_is in H; subst end;
    try (destruct fetch; open_step; try discriminate);
    unfold guarded, check_atomic, check_access, stop_fault;
    try (destruct (_ =? 0); [|discriminate]);
    destruct (permitted _ _) eqn:P; try discriminate; intros _; reflexivity.
Qed.

(** The memory in which a step leaves the run. *)
Definition leaves (P : store -> Prop) (o : outcome) : Prop :=
  match o with Next s' | Stop _ s' => P (memory s') | Undefined => True end.

Lemma leaves_guarded (P : store -> Prop) s v k : P (memory s) -> leaves P k -> leaves P (guarded s v k).
Proof. destruct v; simpl; auto. Qed.

(** A step changes no byte but those of its write accesses, helpers apart. *)
Theorem step_changes vm s :
  calls_helper vm s = false ->
  leaves (fun m => forall k, 0 <= k ->
            (forall a, In a (accesses vm s) -> write a = true -> ~ touches a k) -> get m k = get (memory s) k)
    (step vm s).
Proof.
  rewrite step_insn_at. unfold calls_helper, accesses, touches. destruct (insn_at vm s) as [i|]; [|simpl; auto].
  intros Hc.
  destruct i; try discriminate Hc; clear Hc; open_step; try exact I;
    repeat match goal with
      | H : write_reg _ _ _ = Some _ |- _ => apply write_reg_is in H as [_ ->]
      | H : read_reg _ _ = Some _ |- _ => apply read_reg_is in H; subst
      end;
    simpl accesses_of;
    try solve [simpl; auto];
    try (destruct fetch; open_step; try exact I;
         repeat match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_is in H as [_ ->] end);
    try solve [ apply leaves_guarded; [auto|]; simpl; intros k K N; auto;
                try (destruct (_ =? _); auto);
                apply write_bytes_other; [apply wrap_range; lia | assumption
                | exact (N _ (or_introl eq_refl) eq_refl)] ].
  - destruct (object <? 2); simpl; auto.
  - apply leaves_guarded; simpl; auto.
  - unfold jump. destruct (delta <? 0), (fuel s <=? 0); simpl; auto.
  - unfold jump. destruct (delta <? 0), (fuel s <=? 0); simpl; auto.
  - unfold jump. destruct (holds _ _ _ _), (delta <? 0), (fuel s <=? 0); simpl; auto.
  - unfold call_local. destruct (_ <=? depth s), (fuel s <=? 0); simpl; auto.
  - unfold exit. destruct (frames s); simpl; auto.
Qed.

(** A fault leaves registers, memory, pc, fuel and frames as they were before the instruction; a helper's refusal is
    told from it, because the helper has run. *)
Theorem fault_changes_nothing vm s s' f : step vm s = Stop (Fault f) s' -> f <> FaultHost -> s' = s.
Proof.
  rewrite step_insn_at. destruct (insn_at vm s) as [i|]; [|discriminate].
  intros E NH. revert E.
  assert (J : forall delta, jump s delta = Stop (Fault f) s' -> s' = s).
  { intros delta. unfold jump, stop_fault. destruct (delta <? 0), (fuel s <=? 0); try discriminate; congruence. }
  assert (C : forall h, call_helper vm s h = Stop (Fault f) s' -> s' = s).
  { intros h. unfold call_helper, stop_fault. destruct (fuel s <=? 0); [congruence|].
    destruct (requested _); congruence. }
  assert (G : forall v s2, guarded s v (Next s2) = Stop (Fault f) s' -> s' = s).
  { intros v s2. unfold guarded, stop_fault. destruct v; congruence. }
  destruct i; open_step; try discriminate; eauto.
  - destruct (object <? 2); discriminate.
  - destruct fetch; open_step; try discriminate; eauto.
  - destruct (holds _ _ _ _); [apply J|discriminate].
  - unfold stop_fault. congruence.
  - unfold call_local, stop_fault. destruct (_ <=? depth s), (fuel s <=? 0); congruence.
  - unfold exit. destruct (frames s); discriminate.
Qed.

(** A step depends on no byte of memory but those of its accesses: with another memory that has the same bytes there, it
    does the same and leaves the same bytes there, and every other byte stays as it was. (Helpers apart.) *)
Definition replace_memory (o : outcome) (m : store) : outcome :=
  match o with
  | Next s => Next (with_memory s m)
  | Stop e s => Stop e (with_memory s m)
  | Undefined => Undefined
  end.

Lemma write_reg_with_memory s m r v :
  write_reg (with_memory s m) r v
  = match write_reg s r v with Some s' => Some (with_memory s' m) | None => None end.
Proof. unfold write_reg, with_memory. simpl. destruct (_ && _); reflexivity. Qed.

Theorem step_reads vm s m2 :
  calls_helper vm s = false ->
  (forall a k, In a (accesses vm s) -> touches a k -> get m2 k = get (memory s) k) ->
  exists m2', step vm (with_memory s m2) = replace_memory (step vm s) m2'
    /\ (forall k, 0 <= k -> (forall a, In a (accesses vm s) -> ~ touches a k) -> get m2' k = get m2 k)
    /\ forall k a, In a (accesses vm s) -> touches a k ->
         leaves (fun m => get m2' k = get m k) (step vm s).
Proof.
  assert (IA : insn_at vm (with_memory s m2) = insn_at vm s) by reflexivity.
  rewrite !step_insn_at, IA. unfold calls_helper, accesses, touches. destruct (insn_at vm s) as [i|].
  2: { intros _ _. exists m2. simpl. auto. }
  intros Hc.
  assert (RR : forall r, read_reg (with_memory s m2) r = read_reg s r) by reflexivity.
  assert (RO : forall o, read_operand (with_memory s m2) o = read_operand s o) by (intros []; reflexivity).
  assert (R : forall base off n w,
    (forall a k, In a [access_at base off n w] -> address a <= k < address a + bytes a ->
       get m2 k = get (memory s) k) ->
    read_bytes m2 (address (access_at base off n w)) (bytes_of n)
    = read_bytes (memory s) (address (access_at base off n w)) (bytes_of n)).
  { intros base o n w E. apply read_bytes_same. intros k K. eapply E; [left; reflexivity|exact K]. }
  assert (V : forall v s1 s1' m3, s1' = with_memory s1 m3 ->
    (forall k, 0 <= k -> (forall a, In a (accesses_of s i) -> ~ address a <= k < address a + bytes a) ->
       get m3 k = get m2 k) ->
    (forall k a, In a (accesses_of s i) -> address a <= k < address a + bytes a ->
       get m3 k = get (memory s1) k) ->
    (forall k a, In a (accesses_of s i) -> address a <= k < address a + bytes a -> get m2 k = get (memory s) k) ->
    exists m2', guarded (with_memory s m2) v (Next s1')
                = replace_memory (guarded s v (Next s1)) m2'
      /\ (forall k, 0 <= k -> (forall a, In a (accesses_of s i) -> ~ address a <= k < address a + bytes a) ->
           get m2' k = get m2 k)
      /\ forall k a, In a (accesses_of s i) -> address a <= k < address a + bytes a ->
           leaves (fun m => get m2' k = get m k) (guarded s v (Next s1))).
  { intros v s1 s1' m3 -> O T E2. destruct v; simpl; [exists m2|exists m3]; split; try reflexivity; split; eauto. }
  assert (B : forall base off n v, accesses_of s i = [access_at base off n true] ->
    forall k, 0 <= k -> (forall a, In a (accesses_of s i) -> ~ address a <= k < address a + bytes a) ->
      get (write_bytes m2 (address (access_at base off n true)) (bytes_of n) v) k = get m2 k).
  { intros base o n v EA k K N. rewrite EA in N.
    apply write_bytes_other; [apply access_at_nonneg | assumption | apply (N _ (or_introl eq_refl))]. }
  assert (B' : forall base off n v m3, accesses_of s i = [access_at base off n true] ->
    forall k a, In a (accesses_of s i) -> address a <= k < address a + bytes a ->
      get (write_bytes m2 (address (access_at base off n true)) (bytes_of n) v) k
      = get (write_bytes m3 (address (access_at base off n true)) (bytes_of n) v) k).
  { intros base o n v m3 EA k a. rewrite EA. intros [<-|[]] T.
    apply write_bytes_same; [apply access_at_nonneg|exact T]. }
  assert (Same : forall o, accesses_of s i = [] ->
     forall o2, o2 = replace_memory o m2 ->
     exists m2', o2 = replace_memory o m2'
       /\ (forall k, 0 <= k -> (forall a, In a (accesses_of s i) -> ~ address a <= k < address a + bytes a) ->
            get m2' k = get m2 k)
       /\ forall k a, In a (accesses_of s i) -> address a <= k < address a + bytes a ->
            leaves (fun m => get m2' k = get m k) o).
  { intros o EA o2 ->. exists m2. rewrite EA. split; [reflexivity|]. split; [auto|]. intros k a []. }
  assert (Und : exists m2', Undefined = replace_memory Undefined m2'
       /\ (forall k, 0 <= k -> (forall a, In a (accesses_of s i) -> ~ address a <= k < address a + bytes a) ->
            get m2' k = get m2 k)
       /\ forall k a, In a (accesses_of s i) -> address a <= k < address a + bytes a ->
            leaves (fun m => get m2' k = get m k) Undefined).
  { exists m2. split; [reflexivity|]. split; [auto|]. intros; exact I. }
  destruct i; try discriminate Hc; clear Hc; intros E; unfold step_insn; cbv zeta; rewrite ?RR, ?RO;
    change (memory (with_memory s m2)) with m2; change (pc (with_memory s m2)) with (pc s);
    repeat match goal with
      | |- context [match read_reg s ?b with _ => _ end] => destruct (read_reg s b) as [|] eqn:?
      | |- context [match read_operand s ?b with _ => _ end] => destruct (read_operand s b) as [|] eqn:?
      | |- context [match second_half ?a (pc s) with _ => _ end] => destruct (second_half a (pc s)) as [|] eqn:?
      end; try exact Und;
    repeat match goal with H : read_reg _ _ = Some ?z |- _ => apply read_reg_is in H; subst z end;
    rewrite ?write_reg_with_memory;
    try solve [apply Same; auto; try (destruct (write_reg _ _ _); reflexivity)].
  - (* LoadObject *) apply Same; auto. destruct (write_reg _ _ _), (object <? 2); reflexivity.
  - (* Load *) rewrite (R _ _ _ _ E).
    destruct (write_reg _ _ _) eqn:W; [|exact Und]. apply write_reg_is in W as [_ ->].
    eapply V; [reflexivity|auto|eauto|eauto].
  - (* Store *) eapply V; [reflexivity|apply B; reflexivity|apply B'; reflexivity|eauto].
  - (* Atomic *) rewrite (R _ _ _ _ E).
    destruct fetch.
    + rewrite ?write_reg_with_memory. destruct (write_reg s _ _) eqn:W; [|exact Und]. apply write_reg_is in W as [_ ->].
      eapply V; [reflexivity|apply B; reflexivity|apply B'; reflexivity|eauto].
    + eapply V; [reflexivity|apply B; reflexivity|apply B'; reflexivity|eauto].
  - (* Exchange *) rewrite (R _ _ _ _ E), ?write_reg_with_memory.
    destruct (write_reg s _ _) eqn:W; [|exact Und]. apply write_reg_is in W as [_ ->].
    eapply V; [reflexivity|apply B; reflexivity|apply B'; reflexivity|eauto].
  - (* CompareExchange *) rewrite (R _ _ _ _ E), ?write_reg_with_memory.
    destruct (write_reg s _ _) eqn:W; [|exact Und]. apply write_reg_is in W as [_ ->].
    destruct (_ =? _);
      [ eapply V; [reflexivity|apply B; reflexivity|apply B'; reflexivity|eauto]
      | eapply V; [reflexivity|auto|eauto|eauto] ].
  - (* Jump *) apply Same; auto. unfold jump, stop_fault; simpl. destruct (delta <? 0), (fuel s <=? 0); reflexivity.
  - (* JumpLong *) apply Same; auto. unfold jump, stop_fault; simpl.
    destruct (delta <? 0), (fuel s <=? 0); reflexivity.
  - (* Branch *) apply Same; auto. unfold jump, stop_fault; simpl.
    destruct (holds _ _ _ _), (delta <? 0), (fuel s <=? 0); reflexivity.
  - (* CallLocal *) apply Same; auto. unfold call_local, stop_fault, depth; simpl.
    destruct (_ <=? _), (fuel s <=? 0); reflexivity.
  - (* Exit *) apply Same; auto. unfold exit; simpl. destruct (frames s); reflexivity.
Qed.

(** ** Runs *)

Lemma permitted_may_write rs a k :
  permitted rs a = true -> write a = true -> touches a k -> may_write rs k.
Proof.
  intros P W T. apply permitted_spec in P as (r & In_r & L & U & _ & Wr).
  exists r. unfold touches in T. split; [exact In_r|]. split; [auto|lia].
Qed.

(** Bytes outside the writable regions are [frozen]: the same in m as in m0. *)
Definition frozen (vm : machine) (m0 m : store) : Prop :=
  forall k, 0 <= k -> ~ may_write (regions vm) k -> get m k = get m0 k.

(** A stop changes no memory, but for what a helper did. *)
Lemma stop_keeps_memory vm s e s' :
  calls_helper vm s = false -> step vm s = Stop e s' -> memory s' = memory s.
Proof.
  intros Hc E. destruct e as [r0|f].
  - revert E. rewrite step_insn_at. unfold calls_helper in Hc. destruct (insn_at vm s) as [i|]; [|discriminate].
    destruct i; try discriminate Hc; open_step; try discriminate;
      try (destruct fetch; open_step; try discriminate);
      unfold guarded, jump, call_local, exit, stop_fault;
      repeat match goal with
        | |- context [match ?v with Some _ => Stop _ _ | None => _ end] => destruct v
        | |- context [if ?b then _ else _] => destruct b
        | |- context [match frames s with _ => _ end] => destruct (frames s)
        end; try discriminate; congruence.
  - f_equal. eapply fault_changes_nothing; [eassumption|]. intros ->. revert E.
    rewrite step_insn_at. unfold calls_helper in Hc. destruct (insn_at vm s) as [i|]; [|discriminate].
    destruct i; try discriminate Hc; open_step; try discriminate;
      try (destruct fetch; open_step; try discriminate);
      unfold guarded, check_atomic, check_access, jump, call_local, exit, stop_fault;
      repeat match goal with
        | |- context [if ?b then _ else _] => destruct b
        | |- context [match frames s with _ => _ end] => destruct (frames s)
        end; discriminate.
Qed.

Lemma helper_frozen vm s : helpers_ok vm -> calls_helper vm s = true ->
  leaves (frozen vm (memory s)) (step vm s).
Proof.
  intros Ok Hc. rewrite step_insn_at. unfold calls_helper in Hc. destruct (insn_at vm s) as [i|]; [|exact I].
  assert (C : forall id h, helpers vm id = Some h -> leaves (frozen vm (memory s)) (call_helper vm s h)).
  { intros id h E. unfold call_helper, stop_fault. destruct (fuel s <=? 0); [intros k; simpl; auto|].
    destruct (requested _); intros k K N; simpl; apply (Ok id h E); assumption. }
  destruct i; try discriminate Hc; open_step; simpl; auto; try (eapply C; eassumption).
  intros k; auto.
Qed.

Lemma step_frozen vm s : helpers_ok vm -> leaves (frozen vm (memory s)) (step vm s).
Proof.
  intros Ok. destruct (calls_helper vm s) eqn:Hc; [apply helper_frozen; assumption|].
  pose proof (step_changes vm s Hc) as C.
  destruct (step vm s) as [s'|e s'|] eqn:E; simpl in *.
  - intros k K N. apply C; [exact K|]. intros a A W T. apply N.
    eapply permitted_may_write; eauto using step_permitted.
  - intros k K N. rewrite (stop_keeps_memory _ _ _ _ Hc E). reflexivity.
  - exact I.
Qed.

(** Isolation: whatever the program, its memory, its fuel, and however many steps it takes, and also where it
    stops: no byte outside the writable regions has changed. *)
Theorem isolation vm m f n :
  helpers_ok vm -> leaves (frozen vm m) (run vm n (initial vm m f)).
Proof.
  intros Ok.
  assert (G : forall s, frozen vm m (memory s) -> leaves (frozen vm m) (run vm n s)).
  { induction n as [|n IH]; intros s F; simpl; [exact F|].
    pose proof (step_frozen vm s Ok) as S. destruct (step vm s) as [s'|e s'|]; simpl in *; auto.
    - apply IH. intros k K N. rewrite S, F; auto.
    - intros k K N. rewrite S, F; auto. }
  apply G. intros k K N. reflexivity.
Qed.

(** In particular the program's own instructions, wherever they lie, if no writable region overlaps them. *)
Corollary program_never_changes vm m f n at_ :
  helpers_ok vm -> 0 <= at_ ->
  (forall k, at_ <= k < at_ + 8 * count (insns vm) -> ~ may_write (regions vm) k) ->
  leaves (fun m' => forall k, at_ <= k < at_ + 8 * count (insns vm) -> get m' k = get m k)
    (run vm n (initial vm m f)).
Proof.
  intros Ok A D. pose proof (isolation vm m f n Ok) as F.
  destruct (run vm n (initial vm m f)); simpl in *; auto; intros k K; apply F; try lia; apply D, K.
Qed.

(** ** The stack *)

(** r10 is the top of a frame: the stack's top, less one frame for each caller. *)
Definition own_frame (vm : machine) (s : state) : Prop :=
  get (regs s) 10 = stack_top vm - frame_size * callers s /\ callers s < frames_max vm.

Definition own_frames (vm : machine) (o : outcome) : Prop :=
  match o with Next s' | Stop _ s' => own_frame vm s' | Undefined => True end.

Lemma step_own_frame vm s : own_frame vm s -> own_frames vm (step vm s).
Proof.
  intros O. rewrite step_insn_at. destruct (insn_at vm s) as [i|]; [|exact I].
  assert (J : forall delta, own_frames vm (jump s delta)).
  { intros delta. unfold jump, stop_fault. destruct (delta <? 0), (fuel s <=? 0); exact O. }
  assert (C : forall h, own_frames vm (call_helper vm s h)).
  { intros h. unfold call_helper, stop_fault. destruct (fuel s <=? 0); [exact O|].
    destruct (requested _); simpl; unfold own_frame, callers, after_call; simpl;
      repeat rewrite get_set_other by lia; exact O. }
  assert (W : forall r v, 0 <= r < 10 -> get (set (regs s) r v) 10 = get (regs s) 10).
  { intros. apply get_set_other; lia. }
  assert (G : forall v s2, own_frame vm s2 -> own_frames vm (guarded s v (Next s2))).
  { intros v s2 O2. destruct v; simpl; assumption. }
  destruct i; open_step; try exact I; auto;
    repeat match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_is in H as [? ->] end;
    try solve [ unfold own_frames, own_frame, callers; simpl; rewrite W by lia; exact O
              | apply G; unfold own_frame, callers; simpl; rewrite ?W by lia; exact O ].
  - destruct (object <? 2); [|exact I]. unfold own_frames, own_frame, callers; simpl. rewrite W by lia. exact O.
  - destruct fetch; open_step; try exact I;
      repeat match goal with H : write_reg _ _ _ = Some _ |- _ => apply write_reg_is in H as [? ->] end;
      apply G; unfold own_frame, callers; simpl; rewrite ?W by lia; exact O.
  - destruct (holds _ _ _ _); [apply J|exact O].
  - unfold call_local, stop_fault, depth. destruct O as [O1 O2]. unfold callers in *.
    destruct (Z.leb_spec (frames_max vm) (1 + Z.of_nat (length (frames s)))); [split; assumption|].
    destruct (fuel s <=? 0); [split; assumption|].
    unfold own_frames, own_frame, callers. simpl regs. simpl frames. rewrite get_set_same. simpl length.
    rewrite Nat2Z.inj_succ. unfold frame_size in *. lia.
  - unfold exit. destruct O as [O1 O2]. unfold callers in *. destruct (frames s) eqn:F; [split; unfold callers; rewrite ?F; assumption|].
    unfold own_frames, own_frame, callers. simpl regs. simpl frames. rewrite get_set_same.
    repeat rewrite get_set_other by lia. simpl length in *. rewrite Nat2Z.inj_succ in *. unfold frame_size in *. lia.
Qed.

(** r10 always is the top of the current function's frame of 512 bytes, and that frame lies in the stack. *)
Theorem r10_is_frame_top vm m f s :
  1 <= frames_max vm -> reachable vm (initial vm m f) s ->
  get (regs s) 10 = stack_top vm - frame_size * callers s
  /\ stack_start vm + frame_size <= get (regs s) 10 <= stack_top vm.
Proof.
  intros F R. assert (own_frame vm s) as [E D].
  { induction R as [|s s' R IH St].
    - unfold own_frame, callers. simpl. unfold initial_regs. rewrite get_set_same. lia.
    - pose proof (step_own_frame vm s IH) as O. rewrite St in O. exact O. }
  split; [exact E|]. unfold stack_top, callers, frame_size in *. lia.
Qed.
