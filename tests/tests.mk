# SPDX-License-Identifier: MIT
# make check           every test: natively, with sanitizers, big-endian, 32 bits, RV64
# make check-native    only natively
# make fuzz SECONDS=60 each fuzz target for so long

TEST_SRC     := $(wildcard tests/*/test_*.c)
TEST_BIN     := $(TEST_SRC:%.c=$(B)/%)
SUPPORT_OBJ  := $(patsubst %.c,$(B)/%.o,$(wildcard tests/support/*.c))
TEST_SCRIPTS := $(wildcard tests/*/run.sh)
SECONDS      ?= 60
FUZZ_CC      ?= clang
RUN           = sh tests/run.sh

# What needs no host library: for cross builds.
VM_TEST_SRC  := $(wildcard tests/vm/test_*.c tests/load/test_image.c) tests/jit/test_differential.c
TEXT_SRC     := $(wildcard src/isa/*.c)

$(SUPPORT_OBJ) $(TEST_BIN:%=%.o): CPPFLAGS += -Itests
$(TEST_BIN): %: %.o $(SUPPORT_OBJ) $(HOST_OBJ) libvouch.a
	$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lcmocka -lpthread -o $@
.PRECIOUS: $(B)/tests/%.o

.PHONY: check-native check-asan check-big-endian check-32bit check-rv64 fuzz fuzz-smoke
check-native: all $(TEST_BIN)
	@$(RUN) $(TEST_BIN) $(TEST_SCRIPTS)

# Everything again where undefined behaviour and overruns are errors.
ASAN_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
# The VM's tests, built another way, with objects of their own: name, compiler, flags, includes, more
# sources, libraries. The differential run is shorter: these are slower.
define variant
$(1)_OBJ := $(patsubst %.c,$(B)/$(1)/%.o,$(LIB_SRC) $(TEXT_SRC) $(wildcard tests/support/*.c) $(5))
$(B)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(2) $(3) -Iinclude -Isrc -Itests $(4) -std=c11 -D_GNU_SOURCE -MMD -MP -c $$< -o $$@
$(B)/$(1)/tests/%: $(B)/$(1)/tests/%.o $$(sort $$($(1)_OBJ))
	$(2) $(3) $$(sort $$^) $(6) -o $$@
.PRECIOUS: $(B)/$(1)/tests/%.o
endef

LITE := tests/support/lite/lite.c
$(eval $(call variant,asan,$(CC),$(ASAN_FLAGS),,,-lcmocka -lpthread))
$(eval $(call variant,s390x,s390x-linux-gnu-gcc,-O2 -static,-Itests/support/lite,$(LITE),-lpthread))
$(eval $(call variant,i686,i686-linux-gnu-gcc,-O2 -static,-Itests/support/lite,$(LITE),-lpthread))
$(eval $(call variant,riscv64,riscv64-linux-gnu-gcc,-O2 -static,-Itests/support/lite,$(LITE),-lpthread))

variant_tests = $(VM_TEST_SRC:%.c=$(B)/$(1)/%)
quick = $(foreach t,$(1),"$(if $(findstring differential,$(t)),$(2) $(t) $(3),$(2) $(t))")

check-asan: $(call variant_tests,asan)
	@$(RUN) $(call quick,$^,,20000)

# s390x is big-endian; i686 has 32-bit words; the JIT of riscv64 runs in its own world.
check-big-endian: $(call variant_tests,s390x)
	@$(RUN) $(call quick,$^,qemu-s390x,4000)
check-32bit: $(call variant_tests,i686)
	@$(RUN) $(call quick,$^,qemu-i386,20000)
check-riscv64: $(call variant_tests,riscv64)
	@$(RUN) $(call quick,$^,qemu-riscv64,10000)

# libFuzzer targets. What they found lives on in tests/fuzz/corpus/NAME and in the tests.
FUZZ_SRC := $(wildcard tests/fuzz/*.c)
FUZZ_BIN := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
$(FUZZ_BIN): $(B)/fuzz/%: tests/fuzz/%.c $(LIB_SRC) $(HOST_SRC) $(wildcard tests/support/*.c)
	@mkdir -p $(@D)
	$(FUZZ_CC) -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -std=c11 -D_GNU_SOURCE \
		-Iinclude -Isrc -Itests $(filter %.c,$^) -lelf -lbpf -o $@
fuzz: $(FUZZ_BIN)
	@for f in $(FUZZ_BIN); do n=$$(basename $$f); mkdir -p $(B)/fuzz/corpus-$$n tests/fuzz/corpus/$$n; \
		echo "fuzzing $$n for $(SECONDS) s"; \
		$$f -max_total_time=$(SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
			-artifact_prefix=$(B)/fuzz/$$n- $(B)/fuzz/corpus-$$n tests/fuzz/corpus/$$n \
			2> $(B)/fuzz/$$n.log || { tail -n 40 $(B)/fuzz/$$n.log; exit 1; }; \
		grep -E 'stat::number_of_executed_units|stat::new_units_added' $(B)/fuzz/$$n.log; done
# A short, deterministic run over what is kept, and a little beyond.
fuzz-smoke: $(FUZZ_BIN)
	@$(RUN) $(foreach f,$(FUZZ_BIN),"$(f) -seed=1 -runs=3000 -timeout=20 $(wildcard tests/fuzz/corpus/$(notdir $(f)))")

-include tests/jit/rv64.mk

CHECKS := check-native check-asan fuzz-smoke check-big-endian check-32bit check-riscv64 check-rv64
check:
	@sh tests/check.sh "$(MAKE)" $(CHECKS)
