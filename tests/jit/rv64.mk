# SPDX-License-Identifier: MIT
# Tests of the RV64 target: the library built for riscv64, run in qemu-riscv64.
#   make check-rv64     part of `make check`

RV64_CC   ?= riscv64-linux-gnu-gcc
RV64_BIN   = riscv64-linux-gnu-
RV64_RUN  ?= timeout 300 qemu-riscv64
RV64       = $(B)/rv64
RV64_FLAGS = -Iinclude -Isrc -std=c11 $(WARN) -O2 -g
RV64_OBJ   = $(LIB_SRC:%.c=$(RV64)/%.o)

.PHONY: check-rv64
check: check-rv64
check-rv64: $(RV64)/encode.ok $(RV64)/opcodes.ok

$(RV64_OBJ): $(RV64)/%.o: %.c
	@mkdir -p $(@D)
	$(RV64_CC) $(RV64_FLAGS) -ffreestanding -fno-stack-protector -MMD -MP -c $< -o $@

$(RV64)/tests/%: tests/%.c $(RV64_OBJ)
	@mkdir -p $(@D)
	$(RV64_CC) $(RV64_FLAGS) -D_GNU_SOURCE -static $^ -o $@

# Every instruction and jump distance, interpreter against compiled code.
$(RV64)/opcodes.ok: $(RV64)/tests/jit/rv64_opcodes
	$(RV64_RUN) $<
	@touch $@

# What encode.h writes is what the assembler makes of the same instructions.
$(RV64)/encode.s: tests/jit/rv64_encode.c src/jit/rv64/encode.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(HOST_CFLAGS) $< -o $(RV64)/encode
	$(RV64)/encode > $@

$(RV64)/encode.ok: $(RV64)/encode.s
	$(RV64_BIN)as -march=rv64imac $< -o $(RV64)/encode.o
	$(RV64_BIN)objcopy -O binary -j .text $(RV64)/encode.o $(RV64)/encode.text
	$(RV64_BIN)objcopy -O binary -j .ours $(RV64)/encode.o $(RV64)/encode.ours
	for part in text ours; do \
		$(RV64_BIN)objdump -D -b binary -m riscv:rv64 -M no-aliases \
			$(RV64)/encode.$$part | tail -n +7 > $(RV64)/encode.$$part.dis; \
	done
	diff $(RV64)/encode.text.dis $(RV64)/encode.ours.dis
	@touch $@
