# SPDX-License-Identifier: MIT
# Tests of the AArch64 target: make check-arm64
# The VM's own test suite, built for arm64 (the variant `arm64` of tests.mk, in $(B)/arm64) and run on a CPU with LSE and
# on one without; every instruction with corner values; the encodings; the same bytes as on this host.

ARM64     := $(B)/arm64
ARM64_BIN := aarch64-linux-gnu-
ARM64_LSE := timeout 600 qemu-aarch64 -cpu neoverse-n1
ARM64_OLD := timeout 600 qemu-aarch64 -cpu cortex-a57

check-arm64: $(call variant_tests,arm64) | $(ARM64)/tests/jit/rv64_opcodes $(ARM64)/tests/jit/rv64_bytes $(B)/tests/jit/bytes \
		$(ARM64)/encode.text.dis $(ARM64)/encode.ours.dis \
		$(B)/tests/prover/arm64_forms
	@$(RUN) $(call quick,$^,$(ARM64_OLD),10000) \
		"$(ARM64_LSE) $(ARM64)/tests/jit/test_differential 10000" \
		"$(ARM64_OLD) $(ARM64)/tests/jit/rv64_opcodes 100 0" \
		"$(ARM64_LSE) $(ARM64)/tests/jit/rv64_opcodes 100 1" \
		$(call same_bytes,$(ARM64_OLD),arm64) \
		"diff $(ARM64)/encode.text.dis $(ARM64)/encode.ours.dis" \
		"$(B)/tests/prover/arm64_forms 50"

# What the emitter writes, the prover's model knows.
$(B)/tests/prover/arm64_forms.o: CPPFLAGS += -I. -Itests
$(B)/tests/prover/arm64_forms: $(B)/tests/prover/arm64_forms.o $(PROVER_OBJ) $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lz3 -o $@

$(B)/tests/jit/arm64_encode: tests/jit/arm64_encode.c src/jit/arm64/immediate.c src/jit/arm64/encode.h tests/support/random.h
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) -Itests $(HOST_CFLAGS) $(filter %.c,$^) -o $@

# What encode.h writes (.ours) against what the assembler makes of the same instructions (.text).
$(ARM64)/encode.o: $(B)/tests/jit/arm64_encode
	@mkdir -p $(@D)
	$< > $(ARM64)/encode.s
	$(ARM64_BIN)as -march=armv8.1-a $(ARM64)/encode.s -o $@

$(ARM64)/encode.%.dis: $(ARM64)/encode.o
	$(ARM64_BIN)objcopy -O binary -j .$* $< $(ARM64)/encode.$*
	$(ARM64_BIN)objdump -D -b binary -m aarch64 $(ARM64)/encode.$* | tail -n +7 > $@
