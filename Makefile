# SPDX-License-Identifier: MIT
# make                ./vouch, ./vouch-plugin, libvouch.a
# make check          every test; make demo, bench, fuzz, install, amalgamation: see `make help`
# V=1 shows the commands.

CC      ?= gcc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
B       := build

WARN     := -Wall -Wextra -Wconversion -Wshadow -Werror
CPPFLAGS += -Iinclude -Isrc
# The library sees no libc: freestanding C11.
LIB_CFLAGS  := -std=c11 $(WARN) -ffreestanding -fno-stack-protector $(CFLAGS)
HOST_CFLAGS := -std=c11 $(WARN) -D_GNU_SOURCE $(CFLAGS)
HOST_LIBS    = $(shell pkg-config --libs libelf libbpf capstone)

# What a device may link: everything but what needs a host.
LIB_SRC  := src/isa/decode.c $(wildcard src/vm/*.c src/jit/*.c src/jit/*/*.c) src/load/image.c
# What only a host needs: text, ELF, the command.
HOST_SRC := $(filter-out $(LIB_SRC),$(wildcard src/isa/*.c src/load/*.c))
CLI_SRC  := $(filter-out src/cli/plugin.c,$(wildcard src/cli/*.c))

LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
HOST_OBJ := $(HOST_SRC:%.c=$(B)/%.o)
CLI_OBJ  := $(CLI_SRC:%.c=$(B)/%.o)

# Before a command: a line instead of the command itself.
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(@:$(B)/%=%)';)

.DELETE_ON_ERROR:
.PHONY: all clean help check demo
all: vouch vouch-plugin libvouch.a

libvouch.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR)$(AR) rcs $@ $^

vouch: $(CLI_OBJ) $(HOST_OBJ) libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ $(HOST_LIBS) -o $@

vouch-plugin: $(B)/src/cli/plugin.o $(B)/src/cli/code.o $(B)/src/cli/hex.o libvouch.a
	$(call say,LINK)$(CC) $(HOST_CFLAGS) $(LDFLAGS) $^ -o $@

$(LIB_OBJ): $(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(LIB_CFLAGS) -MMD -MP -c $< -o $@

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(HOST_CFLAGS) -MMD -MP -c $< -o $@

clean:
	rm -rf $(B) vouch vouch-plugin vouch-prove libvouch.a

-include prover/prover.mk
-include tests/tests.mk
-include bench/bench.mk
-include ports/ports.mk
-include proofs/proofs.mk
-include install.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)
