# SPDX-License-Identifier: MIT
# Tests of the RV64 target beside the differential run: make check-rv64
# Programs for riscv64 are built by the variant `riscv64` of tests.mk, in $(B)/riscv64.

RV64 := $(B)/rv64
RV64_RUN := timeout 600 qemu-riscv64
RV64_BIN := riscv64-linux-gnu-

check-rv64: $(B)/riscv64/tests/jit/rv64_opcodes $(RV64)/encode.text.dis $(RV64)/encode.ours.dis \
		$(B)/tests/jit/rv64_bytes $(B)/riscv64/tests/jit/rv64_bytes
	$(B)/tests/jit/rv64_bytes > $(RV64)/bytes.host
	@$(RUN) "$(RV64_RUN) $<" \
		"diff $(RV64)/encode.text.dis $(RV64)/encode.ours.dis" \
		"$(RV64_RUN) $(B)/riscv64/tests/jit/rv64_bytes | diff $(RV64)/bytes.host -"

$(B)/tests/jit/rv64_bytes.o: CPPFLAGS += -Itests
$(B)/tests/jit/rv64_bytes: %: %.o $(B)/tests/support/generate.o libvouch.a
	$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -o $@

$(B)/tests/jit/rv_encode: tests/jit/rv_encode.c $(wildcard src/jit/rv*/encode.h) tests/support/random.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(HOST_CFLAGS) $< -o $@

# What encode.h writes (.ours) against what the assembler makes of the same instructions (.text).
$(RV64)/encode.o: $(B)/tests/jit/rv_encode
	@mkdir -p $(@D)
	$< 64 > $(RV64)/encode.s
	$(RV64_BIN)as -march=rv64imac $(RV64)/encode.s -o $@

$(RV64)/encode.%.dis: $(RV64)/encode.o
	$(RV64_BIN)objcopy -O binary -j .$* $< $(RV64)/encode.$*
	$(RV64_BIN)objdump -D -b binary -m riscv:rv64 -M no-aliases $(RV64)/encode.$* | tail -n +7 > $@
