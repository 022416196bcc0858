/* SPDX-License-Identifier: MIT */
/*
 * The functions that rules.def names, with what rules share. A rule and its example are next to
 * each other in the rewrite_*.c of their subject.
 */
#ifndef VOUCH_TERM_RULES_H
#define VOUCH_TERM_RULES_H

#include "prover/term/internal.h"

typedef term rule_function(struct terms *tc, const struct app *a);
typedef term example_function(struct terms *tc, struct example *e);

rule_function add_choices, add_disjoint, add_quotient, add_remainder, add_sum, and_absorb, and_set,
	ashr_narrow, ashr_nonnegative, bitwise_known, bitwise_mask, branches, concat_bitwise,
	concat_choices, concat_constants, concat_fields, concat_flatten, concat_signs, concat_sums,
	concat_widen, divide_constant, divide_narrow, eq_bit, eq_bitwise, eq_bool, eq_ite, eq_order,
	eq_same, eq_sext, eq_slices, eq_sum, extract_bitwise, extract_concat, extract_extract,
	extract_ite, extract_product, extract_scaled, extract_sdiv, extract_sext, extract_shl,
	extract_sum, fold, ite_bit, ite_bool, ite_constant, ite_division, ite_equal, ite_nested,
	ite_not, ite_same, ite_slices, less_same, less_sext, lshr_narrow, mul_product, mul_quotient,
	not_concat, not_not, not_sum, select_fill, select_ite, select_store, sext_sext, sext_sign,
	shift_constant, signed_divide_narrow, signed_divide_nonnegative, sle_not, slt_sign,
	store_again, store_order, store_unchanged, sub_add, sum_bit, ule_not, ult_extremes,
	ult_narrow, xor_set, zext_concat;
example_function example_absorb, example_add_choices, example_add_disjoint, example_add_quotient,
	example_add_remainder, example_add_sum, example_ashr_narrow, example_ashr_nonnegative,
	example_bitwise_known, example_bitwise_mask, example_branches, example_compare,
	example_compare_same, example_compare_sext, example_concat_bitwise, example_concat_choices,
	example_concat_constants, example_concat_fields, example_concat_flatten,
	example_concat_signs, example_concat_sums, example_concat_widen, example_divide_constant,
	example_divide_narrow, example_eq_bit, example_eq_bitwise, example_eq_bool, example_eq_ite,
	example_eq_order, example_eq_slices, example_eq_sum, example_extract_bitwise,
	example_extract_concat, example_extract_extract, example_extract_ite,
	example_extract_product, example_extract_scaled, example_extract_sdiv, example_extract_sext,
	example_extract_shl, example_extract_sum, example_fold, example_ite_bit, example_ite_bool,
	example_ite_constant, example_ite_division, example_ite_equal, example_ite_nested,
	example_ite_not, example_ite_same, example_ite_slices, example_known, example_lshr_narrow,
	example_mul_product, example_mul_quotient, example_neg_sum, example_not_concat,
	example_not_not, example_not_sum, example_select, example_select_fill, example_select_ite,
	example_set, example_sext_sext, example_sext_sign, example_shift_constant,
	example_signed_divide_narrow, example_signed_divide_nonnegative, example_slt_sign,
	example_store, example_store_unchanged, example_sub, example_sum_bit, example_ult_extremes,
	example_ult_narrow, example_zext;

/* A term that is one of two constants, by one condition (*condition: NULL for not known yet). */
bool two_valued(term t, term *condition, u128 *yes, u128 *no);

bool is_complement(term a, term b);

/* NULL if t is what was asked for: then the rule had nothing to do. */
term unless_same(const struct app *a, term t);

/* Lower ends of the parts into which both terms fall, highest first; 0 if neither is a
 * concatenation. */
unsigned common_edges(term a, term b, unsigned *below);

/* The fewest bits of which t is the sign extension. */
unsigned signed_width(term t);

#endif
