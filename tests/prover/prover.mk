# SPDX-License-Identifier: MIT
# make check-prover    models against Unicorn and the interpreter; the executor on the emitters as compiled for RV64

# The emitters, statically linked at a fixed address: what the executor runs. No relaxation: nothing sets gp.
EMIT_CC    ?= riscv64-linux-gnu-gcc
EMIT_FLAGS := -std=c11 -O2 -ffreestanding -fno-stack-protector -fno-pic -mcmodel=medany -march=rv64imac -mabi=lp64
EMIT_SRC   := src/jit/jit.c $(wildcard src/jit/*/*.c) src/isa/decode.c src/vm/check.c
$(B)/prover/emit.rv64.elf: $(EMIT_SRC) prover/exec/runtime.c $(wildcard src/*/*.h src/isa/*.def src/jit/*/*.h include/vouch/*.h)
	@mkdir -p $(@D)
	$(call say,RV64)$(EMIT_CC) $(EMIT_FLAGS) -fno-tree-loop-distribute-patterns -Iinclude -Isrc -nostdlib -static \
		-Wl,--no-relax -Wl,-Ttext=0x100000 -Wl,--build-id=none -Wl,-e,vouch_compile $(filter %.c,$^) -o $@

PROVER_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard prover/term/*.c prover/solver/*.c prover/model/*.c prover/exec/exec.c prover/exec/image.c))
PROVER_TESTS := term model_rv model_bpf exec_emit
$(PROVER_OBJ) $(PROVER_TESTS:%=$(B)/tests/prover/%.o): CPPFLAGS += -I. -Itests
$(PROVER_TESTS:%=$(B)/tests/prover/%): %: %.o $(PROVER_OBJ) $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lz3 -lunicorn -lcmocka -o $@

.PHONY: check-prover
check-prover: $(PROVER_TESTS:%=$(B)/tests/prover/%) $(B)/prover/emit.rv64.elf
	@$(RUN) $(B)/tests/prover/term "$(B)/tests/prover/model_rv 20000" "$(B)/tests/prover/model_bpf 20000" \
		"$(B)/tests/prover/exec_emit $(B)/prover/emit.rv64.elf"
