# SPDX-License-Identifier: MIT
# Tests of the Thumb-2 target: make check-thumb2
# The VM's own test suite, built for a bare Cortex-M4 (the variant `thumb2` of tests.mk, in $(B)/thumb2) and run in QEMU;
# every instruction with every register; atomics against interrupts; and the emitter writes there what it writes here.

THUMB2     := $(B)/thumb2
THUMB2_RUN := sh tests/support/lite/thumb2/run.sh

check-thumb2: $(call variant_tests,thumb2) | $(THUMB2)/tests/jit/rv64_opcodes $(THUMB2)/tests/jit/thumb2_atomics \
		$(THUMB2)/tests/jit/rv64_bytes $(B)/tests/jit/bytes $(B)/tests/prover/thumb2_forms
	@grep thumb2 $(B)/tests/jit/bytes > $(THUMB2)/bytes
	@$(RUN) $(call quick,$^,$(THUMB2_RUN),4000) \
		"$(THUMB2_RUN) $(THUMB2)/tests/jit/rv64_opcodes 60" \
		"QEMU_FLAGS=-singlestep $(THUMB2_RUN) $(THUMB2)/tests/jit/thumb2_atomics" \
		"$(THUMB2_RUN) $(THUMB2)/tests/jit/rv64_bytes 3000 thumb2 | diff - $(THUMB2)/bytes" \
		"$(B)/tests/prover/thumb2_forms 50"

# What the emitter writes, the prover's model knows.
THUMB2_MODEL := $(patsubst %.c,$(B)/%.o,$(wildcard prover/term/*.c prover/solver/*.c) \
	prover/model/model.c prover/model/thumb2.c)
$(B)/tests/prover/thumb2_forms.o: CPPFLAGS += -I. -Itests
$(B)/tests/prover/thumb2_forms: $(B)/tests/prover/thumb2_forms.o $(THUMB2_MODEL) $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lz3 -o $@
