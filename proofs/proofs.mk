# SPDX-License-Identifier: MIT
# make proofs         write the prover's model and the compiled checker as Coq, build every Coq file; print the main
#                     theorems and what they rest on. Needs coq, and what `make prover` needs
# make check-proofs   run generated programs on the extracted semantics and on src/vm, and compare
# make break-proofs   mistakes put into copies of the C code, and of the model of groups, make `make proofs` fail; minutes
# Object files go to $(B)/coq; the folder here has sources only.

COQC     ?= coqc -q
OCAMLOPT ?= ocamlopt
P        := $(B)/coq
COQ_SRC  := $(wildcard proofs/*.v)
COQ_VO   := $(COQ_SRC:proofs/%.v=$(P)/%.vo) $(P)/BpfModel.vo $(P)/WorldModel.vo $(P)/CheckModel.vo

# How many random programs are compared, and from which seed.
ORACLE_CASES ?= 20000
ORACLE_SEED  ?= 1

.PHONY: proofs check-proofs break-proofs

# Every theorem that Theorems.v asks about must be closed: no axiom, nothing admitted.
proofs: $(COQ_VO)
	@cat $(P)/Theorems.txt
	@if grep -nE '\b(Admitted|admit|Axioms?|Parameters?|Conjecture|Abort|bypass_check)\b' $(COQ_SRC); then exit 1; fi
	@test "$$(grep -c '^Closed under the global context' $(P)/Theorems.txt)" -eq \
		"$$(grep -o 'Print Assumptions [a-z]' proofs/Theorems.v | wc -l)"
	@echo "$$(grep -c '^Closed' $(P)/Theorems.txt) theorems, all closed under the global context"

# Every definition that the exporter wrote of the model and its surroundings has its theorem, among those that
# Theorems.v asks about.
proofs: check-model
.PHONY: check-model
check-model: $(P)/BpfModel.v $(P)/WorldModel.v
	@sed -n -e 's/^Definition row_\([a-z0-9_]*\) .*/\1_decodes/p' -e 's/^Definition bpf_\([a-z0-9_]*\) .*/\1_agrees/p' \
		-e 's/^Definition \(\(permitted\|has\)_[a-z0-9]*\) .*/\1_agrees/p' $^ | while read name; do \
		sed -sn '/^Definition [a-z]*_agrees :=/,$$p' proofs/*Tie.v | grep -qw "$$name" || \
		{ echo "no theorem $$name" >&2; exit 1; }; done

# The prover's rewrite rules name the lemmas that they rest on; each must be a theorem here. And a rule that the solver
# isn't asked about at 64 bits has a theorem under its own name in Rules.v, with - as _ (or more than one: rule_NAME_…);
# no theorem there is about a rule that isn't.
RULES := $(wildcard prover/term/rules.def)
ifneq ($(RULES),)
proofs: check-rules
endif
.PHONY: check-rules
check-rules: $(P)/Rules.vo
	@$(CC) -E -P -D'RULE(op,name,apply,example,width,lemma,text)=LEMMA lemma' -x c $(RULES) | \
		sed -n 's/^ *LEMMA "\(.*\)".*/\1/p' | tr -d , | tr ' ' '\n' | sort -u | while read lemma; do \
			grep -q "^Check $$lemma\. Print Assumptions $$lemma\.$$" proofs/Theorems.v || \
			{ echo "$(RULES): proofs/Theorems.v has no theorem $$lemma" >&2; exit 1; }; done
	@$(CC) -E -P -D'RULE(op,name,apply,example,width,lemma,text)=RULE name width' -x c $(RULES) | \
		sed -n 's/^ *RULE "\(.*\)" \([0-9]*\).*/\1 \2/p' | tr - _ > $(P)/rules.txt
	@sed -n '/^Definition rules_proved/,$$p' proofs/Rules.v | grep -o 'rule_[a-z_]*' | sed s/rule_// > $(P)/proved.txt
	@while read rule width; do test $$width -eq 64 || grep -qx $$rule $(P)/proved.txt || \
		{ echo "proofs/Rules.v: no theorem rule_$$rule, and the solver isn't asked beyond $$width bits" >&2; exit 1; }; \
		done < $(P)/rules.txt
	@while read theorem; do \
		awk -v t=$$theorem '$$1 == t || index(t, $$1 "_") == 1 { found = 1 } END { exit !found }' $(P)/rules.txt || \
		{ echo "proofs/Rules.v: rule_$$theorem: there is no such rule" >&2; exit 1; }; done < $(P)/proved.txt
	@awk '$$2 == 64 { s++ } $$2 != 64 { c++ } END { print c " rewrite rules proved here, " s " by the solver alone" }' $(P)/rules.txt

# coqc runs in the object folder: that is where extraction and the tactics' caches write.
$(P)/%.vo: proofs/%.v
	@mkdir -p $(@D)
	cd $(P) && $(COQC) -Q . Vouch -o $*.vo $(CURDIR)/$< > $*.txt

$(P)/Insn.vo $(P)/Regions.vo: $(P)/Word.vo
$(P)/Step.vo: $(P)/Insn.vo $(P)/Regions.vo $(P)/Store.vo
$(P)/Run.vo: $(P)/Step.vo
$(P)/Semantics.vo: $(P)/Run.vo
$(P)/Checker.vo: $(P)/Semantics.vo
$(P)/Termination.vo: $(P)/Checker.vo
$(P)/Isolation.vo: $(P)/Termination.vo
$(P)/Oracle.vo: $(P)/Isolation.vo
$(P)/Arithmetic.vo: $(P)/Step.vo
$(P)/Values.vo: $(P)/Isolation.vo $(P)/Arithmetic.vo
$(P)/Groups.vo: $(P)/Values.vo
$(P)/Driver.vo: $(P)/Groups.vo
$(P)/Engines.vo: $(P)/Values.vo
$(P)/Composition.vo: $(P)/Driver.vo $(P)/Engines.vo
$(P)/Example.vo: $(P)/Composition.vo
$(P)/Bits.vo: $(P)/Arithmetic.vo
$(P)/SpecTie.vo: $(P)/BpfModel.vo $(P)/Values.vo
$(P)/Rules.vo: $(P)/Bits.vo
$(P)/WorldTie.vo: $(P)/WorldModel.vo $(P)/Values.vo
$(P)/DecodeTie.vo: $(P)/BpfModel.vo $(P)/Semantics.vo
$(P)/CheckTie.vo: $(P)/CheckModel.vo $(P)/Checker.vo
$(P)/Theorems.vo: $(P)/SpecTie.vo $(P)/CheckTie.vo $(P)/Rules.vo $(P)/WorldTie.vo $(P)/DecodeTie.vo

# The prover's model of BPF, and the compiled checker, as Coq.
EXPORT_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard prover/export_*.c prover/term/*.c prover/solver/*.c) \
	      $(filter-out %/runtime.c prover/exec/flash%.c,$(wildcard prover/exec/*.c)) $(wildcard prover/model/*.c) \
	      prover/theorem/world.c prover/theorem/rows.c src/isa/decode.c)
$(patsubst %.c,$(B)/%.o,$(wildcard prover/export_*.c)): CPPFLAGS += -I.
$(B)/prover/export_coq: $(EXPORT_OBJ)
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -lz3 -lelf -o $@

$(P)/check.rv64.elf: proofs/check/insn.c src/vm/check.c src/isa/decode.c prover/exec/runtime.c \
		$(wildcard src/isa/*.h src/isa/*.def include/vouch/*.h)
	@mkdir -p $(@D)
	$(call say,RV64)$(EMIT) -Wl,-e,check_one -Iinclude -Isrc proofs/check/insn.c src/isa/decode.c \
		prover/exec/runtime.c -o $@

$(P)/CheckModel.v: $(B)/prover/export_coq $(P)/check.rv64.elf
	$< check $(P)/check.rv64.elf > $@

$(P)/BpfModel.v $(P)/WorldModel.v: $(B)/prover/export_coq
	@mkdir -p $(@D)
	$< $(if $(findstring Bpf,$@),bpf,world) > $@
$(P)/BpfModel.vo $(P)/WorldModel.vo $(P)/CheckModel.vo: %.vo: %.v $(P)/Bits.vo
	cd $(P) && $(COQC) -Q . Vouch -o $(@F) $(<F)
break-proofs: $(filter-out %/Theorems.vo,$(COQ_VO)) $(B)/prover/export_coq
	@EXPORT=$(B)/prover/export_coq OBJ="$(EXPORT_OBJ)" EMIT="$(EMIT)" COQC="$(COQC)" CC="$(CC)" sh proofs/breaks.sh $(P)

$(P)/Theorems.vo: $(P)/Example.vo $(P)/Oracle.vo $(P)/Values.vo $(P)/Arithmetic.vo

# The oracle: what Coq extracts, around it a loop and printing.
$(P)/oracle: $(P)/Oracle.vo proofs/oracle/main.ml
	cp proofs/oracle/main.ml $(P)/main.ml
	cd $(P) && $(OCAMLOPT) semantics.mli semantics.ml main.ml -o oracle

VM_OBJ := $(filter $(B)/src/isa/decode.o $(B)/src/vm/%,$(LIB_OBJ))

$(P)/interpreter: $(B)/proofs/oracle/interpreter.o $(VM_OBJ)
	$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -o $@

$(P)/cases: $(B)/proofs/oracle/cases.o $(VM_OBJ)
	$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -o $@

# Programs of the tests: tests and the command, linked so that they write down what they run; and assembly as such.
RECORD := $(P)/record
RECORDERS := $(RECORD)/test_run $(RECORD)/test_isolation $(RECORD)/test_semantics $(RECORD)/vouch
$(RECORD)/test_%: $(B)/tests/vm/test_%.o $(SUPPORT_OBJ) $(B)/proofs/oracle/record.o $(HOST_OBJ) libvouch.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) -Wl,--wrap=vouch_init $^ $(HOST_LIBS) -lcmocka -lpthread -o $@
$(RECORD)/vouch: $(CLI_OBJ) $(B)/proofs/oracle/record.o $(HOST_OBJ) libvouch.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) -Wl,--wrap=vouch_init $^ $(HOST_LIBS) -o $@

# The long ones make hundreds of thousands: some of them are enough here.
$(P)/recorded.txt: $(RECORDERS) $(wildcard tests/cli/*.sh)
	@rm -f $@.all
	RECORD=$@.all $(RECORD)/test_run > /dev/null 2>&1
	RECORD=$@.all RECORD_EVERY=97 $(RECORD)/test_isolation > /dev/null 2>&1
	RECORD=$@.all RECORD_EVERY=97 $(RECORD)/test_semantics > /dev/null 2>&1
	RECORD=$(CURDIR)/$@.all VOUCH=$(CURDIR)/$(RECORD)/vouch sh tests/cli/run.sh memory programs faults > /dev/null
	LC_ALL=C sort -u $@.all > $@
	@rm $@.all

ASSEMBLY := $(wildcard tests/fuzz/corpus/asm/*) $(shell find tests -name '*.s')
$(P)/assembled: $(RECORD)/vouch $(ASSEMBLY)
	@rm -rf $@ && mkdir -p $@
	n=0; for f in $(sort $(ASSEMBLY)); do n=$$((n + 1)); $(RECORD)/vouch asm $$f -o $@/$$n.bin || exit 1; done

check-proofs: $(P)/oracle $(P)/interpreter $(P)/cases $(P)/recorded.txt $(P)/assembled
	$(P)/cases fields > $(P)/cases.txt
	$(P)/cases random $(ORACLE_CASES) $(ORACLE_SEED) >> $(P)/cases.txt
	$(P)/cases files $(wildcard tests/fuzz/corpus/check/*) $(P)/assembled/* >> $(P)/cases.txt
	cat $(P)/recorded.txt >> $(P)/cases.txt
	$(P)/oracle --cases < $(P)/cases.txt > $(P)/oracle.txt
	$(P)/interpreter < $(P)/cases.txt > $(P)/interpreter.txt
	cmp $(P)/oracle.txt $(P)/interpreter.txt
	@echo "semantics and interpreter agree on $$(wc -l < $(P)/cases.txt) programs"
