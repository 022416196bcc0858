# SPDX-License-Identifier: MIT
# make check-prover    models against Unicorn and the interpreter; the executor on the emitters as compiled for RV64

PROVER_TESTS := term model_rv model_bpf exec_emit
$(PROVER_TESTS:%=$(B)/tests/prover/%.o): CPPFLAGS += -I. -Itests
$(PROVER_TESTS:%=$(B)/tests/prover/%): %: %.o $(PROVER_OBJ) $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lz3 -lunicorn -lcmocka -o $@

.PHONY: check-prover
check-prover: $(PROVER_TESTS:%=$(B)/tests/prover/%) $(B)/prover/emit.rv64.elf
	@$(RUN) $(B)/tests/prover/term "$(B)/tests/prover/model_rv 20000" "$(B)/tests/prover/model_bpf 20000" \
		"$(B)/tests/prover/exec_emit $(B)/prover/emit.rv64.elf"
