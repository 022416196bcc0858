# SPDX-License-Identifier: MIT
# Tests of the RV32 target beside the VM's test suite there (check-riscv32): make check-rv32
# Programs for riscv32 are built by the variant `riscv32` of tests.mk, in $(B)/riscv32.

RV32 := $(B)/rv32
RV32_RUN := timeout 600 qemu-riscv32
RV32_BIN := riscv64-unknown-elf-

check-rv32: $(B)/riscv32/tests/jit/rv64_opcodes $(RV32)/encode.text.dis $(RV32)/encode.ours.dis \
		$(B)/tests/jit/rv64_bytes $(B)/riscv32/tests/jit/rv64_bytes
	$(B)/tests/jit/rv64_bytes 3000 > $(RV32)/bytes.host
	@$(RUN) "$(RV32_RUN) $< 50" \
		"diff $(RV32)/encode.text.dis $(RV32)/encode.ours.dis" \
		"$(RV32_RUN) $(B)/riscv32/tests/jit/rv64_bytes 3000 | diff $(RV32)/bytes.host -"

# What encode.h writes (.ours) against what the assembler makes of the same instructions (.text).
$(RV32)/encode.o: $(B)/tests/jit/rv_encode
	@mkdir -p $(@D)
	$< 32 > $(RV32)/encode.s
	$(RV32_BIN)as -march=rv32imac -mabi=ilp32 $(RV32)/encode.s -o $@

$(RV32)/encode.%.dis: $(RV32)/encode.o
	$(RV32_BIN)objcopy -O binary -j .$* $< $(RV32)/encode.$*
	$(RV32_BIN)objdump -D -b binary -m riscv:rv32 -M no-aliases $(RV32)/encode.$* | tail -n +7 > $@
