# SPDX-License-Identifier: MIT
# make prover    ./vouch-prove and what it is about. Needs Z3 (libz3-dev) and riscv64-linux-gnu-gcc; the VM doesn't.
# make prove     prove all that is finished; make prove-clang    what clang makes of the interpreter, too
# make mutants   that bugs are refuted, and confirmed by replay; NAMES="..." for some of them. mutants-x86_64, mutants-arm64,
#                mutants-rv32, mutants-thumb2, mutants-interp, mutants-flash; mutants-as-thumb2: as a Cortex-M4 runs it (wants
#                arm-none-eabi-gcc)

PROVER_OBJ  := $(patsubst %.c,$(B)/%.o,$(filter-out prover/exec/runtime.c prover/exec/flash%.c,$(wildcard prover/term/*.c prover/solver/*.c \
	       prover/model/*.c prover/exec/*.c prover/theorem/*.c)))
COMMAND_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard prover/command/*.c) $(addprefix prover/replay/,file.c run.c board.c remote.c step.c judge.c) prover/export_coq.c)
$(PROVER_OBJ) $(COMMAND_OBJ): CPPFLAGS += -I.

# The emitters, statically linked at a fixed address: what the executor runs. No relaxation: nothing sets gp.
EMIT_CC    ?= riscv64-linux-gnu-gcc
EMIT_FLAGS := -std=c11 -O2 -ffreestanding -fno-stack-protector -fno-pic -mcmodel=medany -march=rv64imac -mabi=lp64
EMIT_LOOPS ?= -fno-tree-loop-distribute-patterns
EMIT       := $(EMIT_CC) $(EMIT_FLAGS) $(EMIT_LOOPS) -nostdlib -static -Wl,--no-relax \
	      -Wl,-Ttext=0x100000 -Wl,--build-id=none -Wl,-e,vouch_compile
EMIT_SRC   := src/jit/jit.c src/jit/group.c $(wildcard src/jit/*/*.c) src/isa/decode.c src/vm/check.c \
	      src/vm/region.c src/vm/interpreter.c src/jit/interpret.c $(wildcard prover/exec/flash*.c)
EMIT_HDR   := $(wildcard src/*/*.h src/vm/interpreter_small.c src/isa/*.def src/jit/*/*.h include/vouch/*.h)
# What doesn't write code is proved as compiled for size, too: under names of their own.
SMALL_SRC  := src/isa/decode.c src/vm/check.c src/vm/region.c src/vm/interpreter.c $(wildcard prover/exec/flash*.c)
SMALL_NAMES := $(foreach name,run run_flash hybrid_flash check region_find decode ops, \
	      -Dvouch_$(name)=vouch_$(name)_small)
SMALL      := $(EMIT_CC) $(EMIT_FLAGS) -Os $(EMIT_LOOPS) -nostdlib -r $(SMALL_NAMES)
$(B)/prover/small.rv64.o: $(SMALL_SRC) $(EMIT_HDR)
	@mkdir -p $(@D)
	$(call say,RV64)$(SMALL) -Iinclude -Isrc $(SMALL_SRC) -o $@
$(B)/prover/emit.rv64.elf: $(EMIT_SRC) prover/exec/runtime.c $(B)/prover/small.rv64.o $(EMIT_HDR)
	@mkdir -p $(@D)
	$(call say,RV64)$(EMIT) -Iinclude -Isrc $(EMIT_SRC) prover/exec/runtime.c $(B)/prover/small.rv64.o -o $@

# The same for a Cortex-M4, as ports/ compiles them for devices: for size only.
AS_THUMB2   := arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -std=c11 -Os -ffreestanding -fno-builtin
LINK_THUMB2 := -nostdlib -static -Wl,-Ttext=0x100000 -Wl,--build-id=none -Wl,-e,vouch_compile
$(B)/prover/emit.thumb2.elf: $(EMIT_SRC) ports/memory.c $(EMIT_HDR)
	@mkdir -p $(@D)
	$(call say,THUMB2)$(AS_THUMB2) $(SMALL_NAMES) $(LINK_THUMB2) -Iinclude -Isrc $(EMIT_SRC) ports/memory.c -lgcc -o $@

# What counterexamples are run in: programs for the targets' Linux, without a C library.
REPLAY       := -std=gnu11 -O2 $(WARN) -ffreestanding -fno-stack-protector -fno-pic -fno-tree-loop-distribute-patterns \
		-nostdlib -static -Wl,--build-id=none
REPLAY_rv64  := $(EMIT_CC) $(REPLAY) -mcmodel=medany -march=rv64ima_zifencei -mabi=lp64 -mno-relax -Wl,--no-relax \
		-Wl,-Ttext-segment=0x3000000000
REPLAY_rv32  := $(EMIT_CC) $(REPLAY) -march=rv32ima_zifencei -mabi=ilp32 -mno-relax -Wl,--no-relax -Wl,-melf32lriscv \
		-Wl,-Ttext-segment=0x70000000
REPLAY_arm64 := aarch64-linux-gnu-gcc $(REPLAY) -mgeneral-regs-only -mno-outline-atomics
REPLAY_x86_64 := x86_64-linux-gnu-gcc $(REPLAY) -mgeneral-regs-only -mcmodel=small
REPLAY_ELF   := $(patsubst %,$(B)/prover/replay.%.elf,rv64 rv32 arm64 $(if $(shell command -v x86_64-linux-gnu-gcc),x86_64))
REPLAY_HDR   := $(wildcard prover/replay/harness_*.h) prover/replay/protocol.h
$(B)/prover/replay.%.elf: prover/replay/harness.c $(REPLAY_HDR)
	@mkdir -p $(@D)
	$(call say,HARNESS)$(REPLAY_$*) '-DHARNESS_TARGET="harness_$(patsubst rv%,rv,$*).h"' $< -o $@

EMITTERS_ELF := $(patsubst %,$(B)/prover/emit.%.elf,rv64 $(if $(shell command -v arm-none-eabi-gcc),thumb2))

vouch-prove: $(COMMAND_OBJ) $(PROVER_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -lz3 -lelf -o $@

.PHONY: prover prove prove-clang mutants mutants-x86_64 mutants-arm64 mutants-rv32 mutants-thumb2 mutants-interp mutants-flash \
	mutants-as-thumb2
prover: vouch-prove $(EMITTERS_ELF) $(REPLAY_ELF)
# Then what a device has, and emitters there.
prove: prover
	./vouch-prove prove rewrite rv64 x86_64 arm64 rv32 thumb2 interp region check
	$(if $(filter %.thumb2.elf,$(EMITTERS_ELF)),./vouch-prove prove interp region check rv64 thumb2 --as thumb2)

# The interpreter, the region lookup and the checker as another compiler makes them.
prove-clang: vouch-prove
	@$(MAKE) --no-print-directory B=$(B)/clang EMIT_CC="clang --target=riscv64-linux-gnu" EMIT_LOOPS= \
		$(B)/clang/prover/emit.rv64.elf
	./vouch-prove prove interp region check --emitters $(B)/clang/prover/emit.rv64.elf

# Bugs put into the emitters, or into the interpreter, the region lookup and the checker, are refuted, and the
# counterexamples confirmed.
MUTANTS := EMIT="$(EMIT)" SMALL="$(SMALL)" SMALL_SRC="$(SMALL_SRC)"
mutants: prover
	@$(MUTANTS) sh tests/mutants/mutants.sh $(NAMES)
mutants-x86_64: prover
	@$(MUTANTS) LIST=$(CURDIR)/tests/mutants/list.x86_64 sh tests/mutants/mutants.sh $(NAMES)
mutants-arm64: prover
	@$(MUTANTS) LIST=$(CURDIR)/tests/mutants/list.arm64 sh tests/mutants/mutants.sh $(NAMES)
mutants-rv32: prover
	@$(MUTANTS) LIST=$(CURDIR)/tests/mutants/list.rv32 sh tests/mutants/mutants.sh $(NAMES)
mutants-thumb2: prover
	@$(MUTANTS) LIST=$(CURDIR)/tests/mutants/list.thumb2 sh tests/mutants/mutants.sh $(NAMES)
mutants-interp: prover
	@$(MUTANTS) LIST=$(CURDIR)/tests/mutants/list.interp sh tests/mutants/mutants.sh $(NAMES)
mutants-flash: prover
	@$(MUTANTS) LIST=$(CURDIR)/tests/mutants/list.flash sh tests/mutants/mutants.sh $(NAMES)
# As a Cortex-M4 runs them. Bugs that are RV64's compiler's, or in A64's emitter, are none here.
MUTANTS_THUMB2 := EMIT="$(AS_THUMB2) $(LINK_THUMB2) -Wl,-u,__aeabi_uldivmod -Wl,-u,__aeabi_ldivmod -lgcc" \
		  SMALL="$(AS_THUMB2) -nostdlib -r $(SMALL_NAMES)" SMALL_SRC="$(SMALL_SRC)"
INTERP_THUMB2  := region-size region-last region-wrap region-count region-empty check-r11 check-base check-before check-middle \
		  check-wide check-helper check-entry interp-limit interp-stack interp-store interp-width interp-r9 interp-return \
		  interp-fuel interp-jsgt interp-div interp-upper interp-arguments interp-helpers interp-request interp-align \
		  interp-result interp-settle
FLASH_THUMB2   := flash-size flash-sign flash-wide flash-jump32 flash-fuel flash-lddw flash-helpers flash-result
EMITTER_THUMB2 := imm-13 sub-int-min lddw range fuel prologue stub-frame
mutants-as-thumb2: prover
	@$(MUTANTS_THUMB2) LIST=$(CURDIR)/tests/mutants/list.interp sh tests/mutants/mutants.sh $(or $(NAMES),$(INTERP_THUMB2))
	@$(if $(NAMES),,$(MUTANTS_THUMB2) LIST=$(CURDIR)/tests/mutants/list.flash sh tests/mutants/mutants.sh $(FLASH_THUMB2))
	@$(if $(NAMES),,$(MUTANTS_THUMB2) LIST=$(CURDIR)/tests/mutants/list sh tests/mutants/mutants.sh $(EMITTER_THUMB2))
