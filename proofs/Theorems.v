(* SPDX-License-Identifier: MIT *)
(** The main theorems, as docs/theorems.md lists them, and what each rests on. `make proofs` prints this and fails if
    any rests on more than Coq's logic itself. *)
From Coq Require Import ZArith List.
From Vouch Require Import Semantics Checker Isolation Termination Values Arithmetic Groups Driver Engines Composition Example Oracle SpecTie CheckTie Rules WorldTie DecodeTie.
Open Scope Z_scope.

(* Regions *)
Check permitted_spec. Print Assumptions permitted_spec.
Check region_find_test_is_covers. Print Assumptions region_find_test_is_covers.

(* Checker *)
Check progress. Print Assumptions progress.
Check pc_in_program. Print Assumptions pc_in_program.

(* Isolation *)
Check step_permitted. Print Assumptions step_permitted.
Check step_changes. Print Assumptions step_changes.
Check step_reads. Print Assumptions step_reads.
Check fault_changes_nothing. Print Assumptions fault_changes_nothing.
Check isolation. Print Assumptions isolation.
Check program_never_changes. Print Assumptions program_never_changes.
Check r10_is_frame_top. Print Assumptions r10_is_frame_top.

(* Values *)
Check reachable_fits. Print Assumptions reachable_fits.
Check registers_are_words. Print Assumptions registers_are_words.
Check exit_undoes_call. Print Assumptions exit_undoes_call.

(* Termination *)
Check termination. Print Assumptions termination.
Check termination_lowered. Print Assumptions termination_lowered.
Check interrupt_stops. Print Assumptions interrupt_stops.
Check fuel_bounds. Print Assumptions fuel_bounds.

(* Groups *)
Print is_group. Print leads.
Check find_group_is_group. Print Assumptions find_group_is_group.
Check tested_covers. Print Assumptions tested_covers.
Check enters_at_start. Print Assumptions enters_at_start.
Check tested_stays. Print Assumptions tested_stays.

(* Composition *)
Check engine_runs_as_semantics. Print Assumptions engine_runs_as_semantics.
Check engine_continues. Print Assumptions engine_continues.
Check hybrid_runs_as_semantics. Print Assumptions hybrid_runs_as_semantics.
Check interpreted_program_correct. Print Assumptions interpreted_program_correct.
Check write_pass_lays_out. Print Assumptions write_pass_lays_out.
Check compiled_program_correct. Print Assumptions compiled_program_correct.
Print usable. Print runs_as_semantics. Print in_place. Print arrives. Print runs_on. Print goes_out_of_line.
Print in_place_at. Print runs_to. Print stops. Print hot. Print cold. Print reached.
Check compiled_program_only_correct. Print Assumptions compiled_program_only_correct.
Check hybrid_program_correct. Print Assumptions hybrid_program_correct.

Check toy_program_correct. Print Assumptions toy_program_correct.
Check toy_hybrid_correct. Print Assumptions toy_hybrid_correct.

(* Arithmetic *)
Check mul_of_signed. Print Assumptions mul_of_signed.
Check mul_narrowed. Print Assumptions mul_narrowed.
Check mul_low_from_halves. Print Assumptions mul_low_from_halves.
Check mul_low_words_from_halves. Print Assumptions mul_low_words_from_halves.
Check mulhu_from_halves. Print Assumptions mulhu_from_halves.
Check mulh_from_mulhu. Print Assumptions mulh_from_mulhu.
Check mulhsu_from_mulhu. Print Assumptions mulhsu_from_mulhu.
Check umod_from_udiv. Print Assumptions umod_from_udiv.
Check umod_from_any_quotient. Print Assumptions umod_from_any_quotient.
Check smod_from_sdiv. Print Assumptions smod_from_sdiv.
Check smod_from_any_quotient. Print Assumptions smod_from_any_quotient.
Check sdiv_by_minus_one. Print Assumptions sdiv_by_minus_one.
Check smod_by_minus_one. Print Assumptions smod_by_minus_one.
Check udiv_widened. Print Assumptions udiv_widened.
Check umod_widened. Print Assumptions umod_widened.
Check sdiv_widened. Print Assumptions sdiv_widened.
Check smod_widened. Print Assumptions smod_widened.
Check udiv_of_two_words. Print Assumptions udiv_of_two_words.
Check sdiv_fits. Print Assumptions sdiv_fits.

(* Arithmetic in the prover's words *)
Check udiv_as_bvudiv. Print Assumptions udiv_as_bvudiv.
Check umod_as_bvurem. Print Assumptions umod_as_bvurem.
Check sdiv_as_bvsdiv. Print Assumptions sdiv_as_bvsdiv.
Check smod_as_bvsrem. Print Assumptions smod_as_bvsrem.
Check bvsdiv_is_smtlib. Print Assumptions bvsdiv_is_smtlib.
Check bvsrem_is_smtlib. Print Assumptions bvsrem_is_smtlib.
Check divide_by_one. Print Assumptions divide_by_one.
Check divide_by_minus_one. Print Assumptions divide_by_minus_one.
Check divide_by_zero. Print Assumptions divide_by_zero.
Check divide_by_power_of_2. Print Assumptions divide_by_power_of_2.
Check divide_narrow. Print Assumptions divide_narrow.
Check signed_divide_narrow. Print Assumptions signed_divide_narrow.
Check signed_remainder_narrow. Print Assumptions signed_remainder_narrow.
Check extract_sdiv. Print Assumptions extract_sdiv.
Check ite_division. Print Assumptions ite_division.
Check add_remainder. Print Assumptions add_remainder.
Check wrap_add. Print Assumptions wrap_add.
Check wrap_sub. Print Assumptions wrap_sub.
Check wrap_mul. Print Assumptions wrap_mul.
Check mul_product. Print Assumptions mul_product.
Check extract_sum. Print Assumptions extract_sum.

(* The prover's rewrite rules, beyond what the solver can check *)
Check rule_eq_sum. Check rule_add_quotient. Print Assumptions rules_proved.

(* The oracle's helpers keep to the contract *)
Check case_helpers_ok. Print Assumptions case_helpers_ok.

(* The prover's model of BPF says the same, opcode by opcode, in every state that there is *)
Check add64_x_agrees. Check ldxsw_agrees. Check atomic_cmpxchg32_agrees. Check exit_agrees. Print agrees. Print does.
Print Assumptions model_agrees.
Check atomic_xchg32_decodes. Print Assumptions rows_agrees.

(* And what the prover's theorems say of its surroundings *)
Check permitted_write8_agrees. Print permission_agrees. Print made. Print Assumptions world_agrees.

(* The compiled checker's test of an instruction is the model's *)
Check compiled_check_is_check. Print Assumptions compiled_check_is_check.
Check compiled_check_accepts. Print Assumptions compiled_check_accepts.
