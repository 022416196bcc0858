# SPDX-License-Identifier: MIT
# make check           every test: natively, with sanitizers, big-endian, 32 bits, RV64, RV32, AArch64
# make check-native    only natively
# make fuzz SECONDS=60 each fuzz target for so long

TEST_SRC     := $(wildcard tests/*/test_*.c)
TEST_BIN     := $(TEST_SRC:%.c=$(B)/%)
SUPPORT_OBJ  := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
TEST_SCRIPTS := $(wildcard tests/*/run.sh)
SECONDS      ?= 60
FUZZ_CC      ?= clang
RUN           = sh tests/run.sh

# What needs no host library: for cross builds. The differential run is shorter there: they are slower.
VM_TEST_SRC  := $(wildcard tests/vm/test_*.c tests/jit/test_*.c tests/load/test_image.c)
TEXT_SRC     := $(wildcard src/isa/*.c)

$(SUPPORT_OBJ) $(TEST_BIN:%=%.o): CPPFLAGS += -Itests
$(TEST_BIN): %: %.o $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lcmocka -lpthread -o $@
.PRECIOUS: $(B)/tests/%.o

# Objects for tests/load/test_object.c.
LOAD_C := $(patsubst %.c,$(B)/%.o,$(wildcard tests/load/c/*.c))
$(LOAD_C): $(B)/tests/load/c/%.o: tests/load/c/%.c
	@mkdir -p $(@D)
	$(call say,BPF)$(BPF_CC) -O2 -g -target bpf -mcpu=v3 -c $< -o $@
$(B)/tests/load/test_object: | $(LOAD_C)

.PHONY: check-native check-asan check-big-endian check-32bit check-rv64 check-riscv32 check-rv32 check-arm64 check-thumb2 fuzz fuzz-smoke
# Every instruction alone, compiled and interpreted: where this machine is a target.
NATIVE_OPCODES := $(if $(filter x86_64 aarch64 riscv64,$(shell uname -m)),$(B)/tests/jit/rv64_opcodes)
$(B)/tests/jit/rv64_opcodes.o: CPPFLAGS += -Itests
$(B)/tests/jit/rv64_opcodes: %: %.o libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -o $@
check-native: all $(TEST_BIN) $(NATIVE_OPCODES)
	@$(RUN) $(TEST_BIN) $(NATIVE_OPCODES) $(TEST_SCRIPTS)

# Everything again where undefined behaviour and overruns are errors.
ASAN_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
# Tests built another way, with objects of their own: name, compiler, flags, includes, more sources, libraries.
define variant
$(1)_OBJ := $(patsubst %.c,$(B)/$(1)/%.o,$(LIB_SRC) $(TEXT_SRC) $(wildcard tests/support/*.c) $(5))
$(B)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC)$(2) $(3) -Iinclude -Isrc -Itests $(4) -std=c11 -D_GNU_SOURCE -MMD -MP -c $$< -o $$@
$(B)/$(1)/tests/%: $(B)/$(1)/tests/%.o $$(sort $$($(1)_OBJ))
	$$(call say,LINK)$(2) $(3) $$(sort $$^) $(6) -o $$@
.PRECIOUS: $(B)/$(1)/%.o
endef

LITE := tests/support/lite/lite.c
$(eval $(call variant,asan,$(CC),$(ASAN_FLAGS),,$(HOST_SRC),$(HOST_LIBS) -lcmocka -lpthread))
$(eval $(call variant,s390x,s390x-linux-gnu-gcc,-O2 -static,-Itests/support/lite,$(LITE),-lpthread))
$(eval $(call variant,i686,i686-linux-gnu-gcc,-O2 -static -march=i486,-Itests/support/lite,$(LITE),-lpthread))
$(eval $(call variant,riscv64,riscv64-linux-gnu-gcc,-O2 -static,-Itests/support/lite,$(LITE),-lpthread))
$(eval $(call variant,arm64,aarch64-linux-gnu-gcc,-O2 -static,-Itests/support/lite,$(LITE),-lpthread))
# Debian has no Linux libraries for riscv32: picolibc on the system calls in tests/support/lite/rv32.
PICOLIBC := /usr/lib/picolibc/riscv64-unknown-elf
$(eval $(call variant,riscv32,riscv64-unknown-elf-gcc,-O2 -march=rv32imac -mabi=ilp32 -nostdlib -static -DVOUCH_SMALL,\
	-Itests/support/lite -Itests/support/lite/rv32 -isystem $(PICOLIBC)/include,\
	$(LITE) tests/support/lite/memstream.c tests/support/lite/rv32/start.c,\
	-L$(PICOLIBC)/lib/release/rv32imac/ilp32 -lc -lgcc))
# A bare Cortex-M4 in qemu-system-arm: its memory is 4 MiB at 0, where tests want a page for themselves, and
# 16 MiB at 0x21000000.
THUMB2_FLAGS := -mcpu=cortex-m4 -mthumb --specs=picolibc.specs
THUMB2_LINK  := --crt0=semihost --oslib=semihost -Wl,--defsym=__flash=0x10000,--defsym=__flash_size=0x3f0000 \
	-Wl,--defsym=__ram=0x21000000,--defsym=__ram_size=0x1000000,--defsym=__stack_size=0x10000
$(eval $(call variant,thumb2,arm-none-eabi-gcc,-O2 $(THUMB2_FLAGS) -DVOUCH_SMALL -DVOUCH_TEST_EVERY=7,-Itests/support/lite -Itests/support/lite/rv32,\
	$(LITE) tests/support/lite/memstream.c tests/support/lite/thumb2/start.c,$(THUMB2_LINK)))

variant_tests = $(VM_TEST_SRC:%.c=$(B)/$(1)/%)
quick = $(foreach t,$(1),"$(if $(findstring differential,$(t)),$(2) $(t) $(3),$(2) $(t))")

check-asan: $(TEST_SRC:%.c=$(B)/asan/%)
	@$(RUN) $(call quick,$^,,20000)

# The emitters write the same bytes on every host.
$(B)/tests/jit/bytes: $(B)/tests/jit/rv64_bytes
	$(call say,RUN)$< 3000 > $@
same_bytes = "$(1) $(B)/$(2)/tests/jit/rv64_bytes 3000 | diff - $(B)/tests/jit/bytes"

# s390x is big-endian; i486 has 32-bit words and, as small cores, no 64-bit atomics; riscv64 and riscv32 are where
# the code of the targets RV64 and RV32 runs.
check-big-endian: $(call variant_tests,s390x) | $(B)/s390x/tests/jit/rv64_bytes $(B)/tests/jit/bytes
	@$(RUN) $(call quick,$^,qemu-s390x,4000) $(call same_bytes,qemu-s390x,s390x)
check-32bit: $(call variant_tests,i686) | $(B)/i686/tests/jit/rv64_bytes $(B)/tests/jit/bytes
	@$(RUN) $(call quick,$^,qemu-i386,20000) $(call same_bytes,qemu-i386,i686)
check-riscv64: $(call variant_tests,riscv64)
	@$(RUN) $(call quick,$^,qemu-riscv64,10000)
check-riscv32: $(call variant_tests,riscv32)
	@$(RUN) $(call quick,$^,qemu-riscv32,10000)

# libFuzzer targets, with objects of their own. tests/fuzz/corpus/NAME is what they start from: inputs that reach far.
FUZZ_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_BIN   := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_OBJ   := $(patsubst %.c,$(B)/fuzz/%.o,$(LIB_SRC) $(HOST_SRC) $(wildcard tests/support/*.c))
$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -std=c11 -D_GNU_SOURCE -Iinclude -Isrc -Itests -MMD -MP -c $< -o $@
$(FUZZ_BIN): $(B)/fuzz/%: $(B)/fuzz/tests/fuzz/%.o $(FUZZ_OBJ)
	$(call say,LINK)$(FUZZ_CC) $(FUZZ_FLAGS) -fsanitize=fuzzer $^ -lelf -lbpf -o $@
.PRECIOUS: $(B)/fuzz/tests/fuzz/%.o

fuzz: $(FUZZ_BIN)
	@for f in $^; do sh tests/fuzz.sh $(SECONDS) $$f || exit; done

# Short and deterministic, over what is kept and a little beyond.
fuzz-smoke: $(FUZZ_BIN)
	@$(RUN) $(foreach f,$^,"sh tests/fuzz.sh smoke $(f)")

-include tests/jit/rv64.mk
-include tests/jit/rv32.mk
-include tests/jit/arm64.mk
-include tests/jit/thumb2.mk
-include tests/prover/prover.mk

# Groups that need another compiler or emulator are left out, and named, where there is none: .ci/packages.
needs  = $(1)$(if $(strip $(foreach t,$(2),$(if $(shell command -v $(t) 2>/dev/null),,x))),:skip)
CHECKS = check-native check-asan $(call needs,fuzz-smoke,$(FUZZ_CC)) \
	 $(call needs,check-big-endian,s390x-linux-gnu-gcc qemu-s390x) \
	 $(call needs,check-32bit,i686-linux-gnu-gcc qemu-i386) \
	 $(call needs,check-riscv64,riscv64-linux-gnu-gcc qemu-riscv64) \
	 $(call needs,check-rv64,riscv64-linux-gnu-gcc qemu-riscv64) \
	 $(call needs,check-riscv32,riscv64-unknown-elf-gcc qemu-riscv32) \
	 $(call needs,check-rv32,riscv64-unknown-elf-gcc qemu-riscv32) \
	 $(call needs,check-arm64,aarch64-linux-gnu-gcc qemu-aarch64) \
	 $(call needs,check-thumb2,arm-none-eabi-gcc qemu-system-arm) \
	 $(call needs,check-ports,arm-none-eabi-gcc qemu-system-arm riscv64-unknown-elf-gcc qemu-system-riscv32 $(BPF_CC)) \
	 $(call needs,check-prover,riscv64-linux-gnu-gcc z3) \
	 $(call needs,check-prove,riscv64-linux-gnu-gcc z3) \
	 $(call needs,proofs,coqc z3 riscv64-linux-gnu-gcc) $(call needs,check-proofs,coqc ocamlopt)
check:
	@sh tests/check.sh "$(MAKE)" $(CHECKS)
