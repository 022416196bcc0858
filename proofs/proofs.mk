# SPDX-License-Identifier: MIT
# make proofs         build every Coq file; prints the main theorems and what they rest on
# Object files go to $(B)/proofs; the folder here has sources only.

COQC   ?= coqc
P      := $(B)/proofs
# In the order in which they need one another.
COQ_SRC := Word Store Insn Regions Step Run Semantics Checker Termination
COQ_VO  := $(COQ_SRC:%=$(P)/%.vo)

.PHONY: proofs
proofs: $(COQ_VO)

$(P)/%.vo: proofs/%.v
	@mkdir -p $(@D)
	$(COQC) -q -Q $(P) Vouch -o $@ $<

$(P)/Insn.vo $(P)/Regions.vo: $(P)/Word.vo
$(P)/Step.vo: $(P)/Insn.vo $(P)/Regions.vo $(P)/Store.vo
$(P)/Run.vo: $(P)/Step.vo
$(P)/Semantics.vo: $(P)/Run.vo
$(P)/Checker.vo: $(P)/Semantics.vo
$(P)/Termination.vo: $(P)/Checker.vo
