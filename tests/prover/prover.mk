# SPDX-License-Identifier: MIT
# make check-prove     a part of what `make prove` proves, in a few minutes
# make check-prover    models against Unicorn and the interpreter; the executor on the emitters as compiled for RV64;
#                      the command; counterexamples that run

PROVER_TESTS := term solver model_rv model_thumb2 model_arm64 model_x86 model_x86_terms model_bpf exec_emit exec_refuses layout
$(PROVER_TESTS:%=$(B)/tests/prover/%.o): CPPFLAGS += -I. -Itests
$(PROVER_TESTS:%=$(B)/tests/prover/%): %: %.o $(PROVER_OBJ) $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lz3 -lunicorn -lcmocka -o $@

# The model of x86-64 has the processor itself to be compared with.
$(B)/tests/prover/model_x86: $(B)/tests/prover/native_x86.o

# vouch-prove on theorems that end in every way.
$(B)/tests/prover/fake_theorem.o: CPPFLAGS += -I.
$(B)/tests/prover/fake_prove: $(B)/tests/prover/fake_theorem.o $(COMMAND_OBJ) $(filter-out $(B)/prover/theorem/%,$(PROVER_OBJ)) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -lz3 -lelf -o $@

.PHONY: check-prover
check-prover: $(PROVER_TESTS:%=$(B)/tests/prover/%) $(B)/tests/prover/fake_prove prover
	@$(MUTANTS) $(RUN) $(B)/tests/prover/term $(B)/tests/prover/solver "$(B)/tests/prover/model_rv 20000" "$(B)/tests/prover/model_bpf 20000" \
		"$(B)/tests/prover/model_thumb2 20000" "$(B)/tests/prover/model_arm64 20000" \
		"$(B)/tests/prover/model_x86 20000" $(B)/tests/prover/model_x86_terms \
		$(EMITTERS_ELF:%="$(B)/tests/prover/exec_emit %") $(B)/tests/prover/exec_refuses \
		"sh tests/prover/layout.sh $(B)/tests/prover/layout 8 $(firstword $(EMIT_CC))" \
		$(if $(filter %.thumb2.elf,$(EMITTERS_ELF)),"sh tests/prover/layout.sh $(B)/tests/prover/layout 4 $(firstword $(AS_THUMB2))") \
		"sh tests/prover/command.sh $(B)/tests/prover/fake_prove $(B)/prover/emit.rv64.elf" \
		"sh tests/prover/replay.sh $(B)/tests/prover/fake_prove $(B)/prover/replay.rv64.elf" \
		"sh tests/prover/prove.sh ./vouch-prove $(B)/prover/emit.rv64.elf $(B)/prover/replay.rv64.elf" \
		"sh tests/prover/board.sh ./vouch-prove" "sh tests/mutants/mutants.sh --check"
	@$(if $(filter %.thumb2.elf,$(EMITTERS_ELF)),$(MUTANTS_THUMB2) $(RUN) "sh tests/prover/prove_thumb2.sh ./vouch-prove")

# What is proved for every commit: the rules, one target whole, the lookup; of the rest a part that changes with it.
PROVED   := rewrite 'rv64/*' 'region*'
SAMPLED  := 'rv64c/*' 'x86_64/*' 'arm64/*' 'thumb2/*' 'rv32/*' 'rv32c/*' 'interp*' 'check*'
PARTS    := 16
COMMIT   := $(shell git rev-parse --short=7 HEAD 2>/dev/null || echo 0)
SHARD    := $(shell expr $$(printf '%d' 0x$(COMMIT) 2>/dev/null || echo 0) % $(PARTS) + 1)
# As a Cortex-M4 runs it, the lookup and a little of each kind; of emitters, too.
AS_M4    := region check-small/entry check-small/jmp64-jeq-k interp-flash/entry interp-flash/access interp-flash/ldx-w \
	    interp-flash/alu64-add-x interp-flash/alu64-mul-x interp-flash/call-helper interp-flash/exit interp-small/entry \
	    interp-hybrid/jmp64-jsle-k rv64/alu64-add-k rv64/lddw rv64/call-local rv64/prologue thumb2/alu64-add-k thumb2/ldx-b thumb2/stub-divide64 x86_64/alu64-add-k arm64/alu64-and-k
.PHONY: check-prove
check-prove: prover
	@$(RUN) "./vouch-prove prove $(PROVED) --no-cache" \
		"./vouch-prove prove $(SAMPLED) --shard $(SHARD)/$(PARTS) --no-cache" \
		$(if $(filter %.thumb2.elf,$(EMITTERS_ELF)),"./vouch-prove prove $(AS_M4) --as thumb2 --no-cache")

# make check-models    the models of machines with ten times the states
.PHONY: check-models
check-models: $(B)/tests/prover/model_rv $(B)/tests/prover/model_thumb2 $(B)/tests/prover/model_arm64 $(B)/tests/prover/model_x86
	@$(RUN) "$(B)/tests/prover/model_rv 200000" "$(B)/tests/prover/model_thumb2 200000" "$(B)/tests/prover/model_arm64 200000" \
		"$(B)/tests/prover/model_x86 200000"
