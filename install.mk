# SPDX-License-Identifier: MIT
# make install PREFIX=/usr/local DESTDIR=   make uninstall   make amalgamation   make help

AMALGAMATION := $(B)/amalgamation
VERSION       = $(shell sed -n 's/^.define VOUCH_VERSION  *"\(.*\)"/\1/p' include/vouch/vouch.h)
ROOT          = $(DESTDIR)$(PREFIX)

# What `make install` puts where; `make uninstall` removes the same. The prover, the compiled emitters that it is
# about, what it runs counterexamples in, and its man page only if they were built.
BIN_FILES    = vouch vouch-plugin $(wildcard vouch-prove)
PROVER_FILES = $(wildcard $(B)/prover/emit.*.elf $(B)/prover/replay.*.elf)
ALL_MAN1    := $(wildcard docs/man/*.1)
MAN1_FILES   = $(filter-out $(if $(wildcard vouch-prove),,docs/man/vouch-prove.1),$(ALL_MAN1))
MAN3_FILES := $(wildcard docs/man/*.3)
HEADERS    := $(wildcard include/vouch/*.h)

.PHONY: install uninstall amalgamation
install: all
	@mkdir -p $(addprefix $(ROOT)/,bin lib/pkgconfig include/vouch share/man/man1 share/man/man3)
	install -m 755 $(BIN_FILES) $(ROOT)/bin
	$(if $(PROVER_FILES),install -D -m 755 -t $(ROOT)/lib/vouch $(PROVER_FILES))
	install -m 644 libvouch.a $(ROOT)/lib
	install -m 644 $(HEADERS) $(ROOT)/include/vouch
	install -m 644 $(MAN1_FILES) $(ROOT)/share/man/man1
	install -m 644 $(MAN3_FILES) $(ROOT)/share/man/man3
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' scripts/vouch.pc.in >$(ROOT)/lib/pkgconfig/vouch.pc

# Folders that others may use stay where they are not empty.
uninstall:
	rm -f $(addprefix $(ROOT)/bin/,vouch vouch-plugin vouch-prove)
	rm -f $(addprefix $(ROOT)/lib/vouch/,emit.rv64.elf emit.thumb2.elf $(addprefix replay.,rv64.elf rv32.elf arm64.elf x86_64.elf)) $(ROOT)/lib/libvouch.a $(ROOT)/lib/pkgconfig/vouch.pc
	rm -f $(addprefix $(ROOT)/include/vouch/,$(notdir $(HEADERS)))
	rm -f $(addprefix $(ROOT)/share/man/man1/,$(notdir $(ALL_MAN1)))
	rm -f $(addprefix $(ROOT)/share/man/man3/,$(notdir $(MAN3_FILES)))
	@rmdir $(ROOT)/include/vouch 2>/dev/null || true
	@rmdir $(ROOT)/lib/vouch 2>/dev/null || true

amalgamation:
	sh scripts/amalgamate.sh $(AMALGAMATION)

help:
	@printf '%s\n' \
		'make                the commands vouch and vouch-plugin, the library libvouch.a' \
		'make demo           a C program for BPF, interpreted and compiled' \
		'make check          every test: natively, with sanitizers, other byte order and word size, RISC-V, AArch64' \
		'make prover         vouch-prove, which needs Z3, and the emitters that it is about' \
		'make prove          prove them' \
		'make mutants        that bugs put into the emitters are refuted, and the refutations confirmed' \
		'make check-native   the tests of this machine only' \
		'make check-ports    a demo and workloads on bare Cortex-M4 and RV32 boards, in QEMU' \
		'make bench-embedded instructions of the workloads there, by engine; flash, RAM, stack; a plot' \
		'make size-embedded  what each part takes of their flash' \
		'make fuzz           each fuzz target for SECONDS=60' \
		'make bench          measure, and compare with other runtimes and native code' \
		'make install        to PREFIX=/usr/local, below DESTDIR= if given' \
		'make uninstall      remove that again; takes the same PREFIX and DESTDIR' \
		'make amalgamation   the library as two files, build/amalgamation/vouch.c and vouch.h' \
		'make clean          remove all that was built' \
		'Variables: CC, CFLAGS; V=1 shows the commands.'
