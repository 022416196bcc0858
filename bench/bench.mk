# SPDX-License-Identifier: MIT
# make bench    the table, build/bench.json, build/bench.svg and build/bench.png
# make demo     examples/fletcher32.c, compiled by clang for BPF, interpreted and JITed

BPF_CC    ?= clang
WORKLOADS := fletcher32 bubblesort xorshift memxor muldiv sieve
BENCH_OBJ := $(WORKLOADS:%=$(B)/bench/%.bpf.o) $(WORKLOADS:%=$(B)/bench/%.native.o)

$(B)/bench/%.bpf.o: bench/%.c
	@mkdir -p $(@D)
	$(call say,BPF)$(BPF_CC) -O2 -target bpf -mcpu=v3 -c $< -o $@
$(B)/bench/%.bpf.o: bench/certrbpf/%.c
	@mkdir -p $(@D)
	$(call say,BPF)$(BPF_CC) -O2 -target bpf -mcpu=v3 -c $< -o $@
# Always -O2, whatever the rest is built with: it is the yardstick.
$(B)/bench/%.native.o: bench/%.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) -O2 -Dentry=native_$* -c $< -o $@
$(B)/bench/bench: $(B)/bench/bench.o $(B)/src/cli/code.o $(HOST_OBJ) $(WORKLOADS:%=$(B)/bench/%.native.o) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -lm -o $@

.PHONY: bench demo
.SECONDARY: $(BENCH_OBJ)
bench: $(B)/bench/bench $(BENCH_OBJ)
	@$(B)/bench/bench --json $(B)/bench.json
	@printf '\nText of the library (x86-64, %s):\n' "$(CFLAGS)"
	@size -t $(LIB_OBJ) | awk 'NR > 1 {n = $$6; sub(".*/src/", "", n); printf "  %-24s %6d bytes\n", n, $$1}'
	@sh bench/plot.sh $(B)

demo: vouch $(B)/bench/fletcher32.bpf.o
	@sh examples/demo.sh $(B) "$(BPF_CC)"
