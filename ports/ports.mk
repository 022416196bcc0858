# SPDX-License-Identifier: MIT
# make check-ports     the demo on a bare Cortex-M4 and a bare RV32, in QEMU, and that all engines give the workloads' results
# make bench-embedded  instructions of each workload there, interpreted, compiled, hybrid and native; flash, RAM and stack;
#                     build/bench-embedded.json, .svg and .png
# make size-embedded   what each part takes of a device's flash

PORTS     := $(B)/ports
PORT_SRC  := src/isa/decode.c $(wildcard src/vm/*.c) src/load/image.c $(wildcard src/jit/*.c) ports/memory.c
PORT_FLAGS = -std=c11 $(WARN) -Os -ffreestanding -fno-builtin -ffunction-sections -fdata-sections -Iinclude -Isrc -DVOUCH_SMALL

# Those of bench/, and CertrBPF's set as far as it isn't among them.
PORT_WORKLOADS := $(WORKLOADS) $(patsubst bench/certrbpf/%.c,%,$(sort $(wildcard bench/certrbpf/*.c)))

# A port: name, compiler, flags, target, sources of its own.
define port
$(1)_OBJ := $(patsubst %.c,$(PORTS)/$(1)/%.o,$(PORT_SRC) $(5))
$(PORTS)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC)$(2) $(3) $(PORT_FLAGS) -DVOUCH_TARGETS='&vouch_$(4)' -MMD -MP -c $$< -o $$@
$(PORTS)/$(1)/%.image.o: $(PORTS)/%.img ports/image.S
	@mkdir -p $$(@D)
	$$(call say,AS)$(2) $(3) -DNAME=$$* -DIMAGE='"$$<"' -c ports/image.S -o $$@
$(PORTS)/$(1)/%.native.o: bench/%.c
	@mkdir -p $$(@D)
	$$(call say,CC)$(2) $(3) -O2 -Dentry=native_$$* -c $$< -o $$@
$(PORTS)/$(1)/%.native.o: bench/certrbpf/%.c
	@mkdir -p $$(@D)
	$$(call say,CC)$(2) $(3) -O2 -Dentry=native_$$* -c $$< -o $$@
$(PORTS)/$(1)/%.elf: ports/$(1)/link.ld $$($(1)_OBJ)
	$$(call say,LINK)$(2) $(3) -nostdlib -static -Wl,--gc-sections -T $$^ -lgcc -o $$@
$(PORTS)/$(1)/demo.elf: $(PORTS)/$(1)/ports/demo.o $(PORTS)/$(1)/filter.image.o
$(PORTS)/$(1)/bench.elf: $(PORTS)/$(1)/ports/bench.o $(PORTS)/$(1)/ports/fast.o $(PORTS)/$(1)/ports/stack.o \
	$(PORT_WORKLOADS:%=$(PORTS)/$(1)/%.image.o) $(PORT_WORKLOADS:%=$(PORTS)/$(1)/%.native.o)
endef

$(eval $(call port,cortex-m,arm-none-eabi-gcc,-mcpu=cortex-m4 -mthumb,thumb2,src/jit/thumb2/emit.c ports/cortex-m/board.c))
$(eval $(call port,rv32,riscv64-unknown-elf-gcc,-march=rv32imac -mabi=ilp32,rv32,src/jit/rv32/emit.c ports/rv32/board.c))

$(PORTS)/filter.o: ports/filter.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF)$(BPF_CC) -O2 -target bpf -mcpu=v3 -c $< -o $@
$(PORTS)/%.img: $(PORTS)/%.o vouch
	$(call say,PACK)./vouch pack $< -o $@ >/dev/null
$(PORT_WORKLOADS:%=$(PORTS)/%.img): $(PORTS)/%.img: $(B)/bench/%.bpf.o vouch
	@mkdir -p $(@D)
	$(call say,PACK)./vouch pack $< -o $@ >/dev/null
.PRECIOUS: $(PORTS)/%.img $(PORTS)/cortex-m/%.o $(PORTS)/rv32/%.o

CORTEX_M_RUN := timeout 60 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none \
	-chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console -kernel
RV32_VIRT := timeout 60 qemu-system-riscv32 -M virt -bios none -nographic -monitor none -serial stdio -kernel

.PHONY: check-ports bench-embedded size-embedded
# An instruction lasts a nanosecond: -icount shift=0.
BENCH_THUMB2 := $(CORTEX_M_RUN) $(PORTS)/cortex-m/bench.elf -icount shift=0
BENCH_RV32   := $(RV32_VIRT) $(PORTS)/rv32/bench.elf -icount shift=0
check-ports: $(foreach port,cortex-m rv32,$(PORTS)/$(port)/demo.elf $(PORTS)/$(port)/bench.elf)
	@$(RUN) "sh ports/check.sh $(PORTS)/filter.img thumb2 none $(CORTEX_M_RUN) $(PORTS)/cortex-m/demo.elf" \
		"sh ports/check.sh $(PORTS)/filter.img rv32 c,a $(RV32_VIRT) $(PORTS)/rv32/demo.elf" \
		"$(BENCH_THUMB2) </dev/null" "$(BENCH_RV32) </dev/null" "$(SIZE_THUMB2)"

bench-embedded: $(PORTS)/cortex-m/bench.elf $(PORTS)/rv32/bench.elf
	@sh ports/bench.sh $(B)/bench-embedded.json \
		"Cortex-M4" "$(BENCH_THUMB2)" "$(SIZE_THUMB2)" \
		"RV32IMAC" "$(BENCH_RV32)" "$(SIZE_RV32)"

# Flash of a port. The limits are those of a Cortex-M4: 6 KiB to interpret, 16 KiB to compile, too.
SIZE_THUMB2 = sh ports/size.sh 'Thumb-2 (Cortex-M4), -Os' arm-none-eabi-size \
	$$(arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -print-libgcc-file-name) $(PORTS)/cortex-m thumb2 6144 16384
SIZE_RV32   = sh ports/size.sh 'RV32IMAC, -Os' riscv64-unknown-elf-size \
	$$(riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 -print-libgcc-file-name) $(PORTS)/rv32 rv32
size-embedded: $(foreach port,cortex-m rv32,$(PORTS)/$(port)/demo.elf $(PORTS)/$(port)/ports/fast.o)
	@$(SIZE_THUMB2)
	@$(SIZE_RV32)
