# SPDX-License-Identifier: MIT
# Tests of the AArch64 target: make check-arm64
# The VM's own test suite, built for arm64 (the variant `arm64` of tests.mk, in $(B)/arm64) and run on a CPU with LSE and
# on one without; every instruction with corner values; the encodings; the same bytes as on this host.

ARM64     := $(B)/arm64
ARM64_BIN := aarch64-linux-gnu-
ARM64_LSE := timeout 600 qemu-aarch64 -cpu neoverse-n1
ARM64_OLD := timeout 600 qemu-aarch64 -cpu cortex-a57

check-arm64: $(call variant_tests,arm64) | $(ARM64)/tests/jit/rv64_opcodes $(ARM64)/tests/jit/rv64_bytes $(B)/tests/jit/bytes
	@$(RUN) $(call quick,$^,$(ARM64_LSE),10000) \
		"$(ARM64_OLD) $(ARM64)/tests/jit/test_differential 10000" \
		"$(ARM64_LSE) $(ARM64)/tests/jit/rv64_opcodes 50" \
		"$(ARM64_OLD) $(ARM64)/tests/jit/rv64_opcodes 20" \
		$(call same_bytes,$(ARM64_LSE),arm64)
