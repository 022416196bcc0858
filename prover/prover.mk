# SPDX-License-Identifier: MIT
# The prover's terms, rewriting and solver. Needs Z3 (libz3-dev); the VM doesn't.

TERM_SRC := $(wildcard prover/term/*.c prover/solver/*.c)
TERM_OBJ := $(TERM_SRC:%.c=$(B)/%.o)
$(TERM_OBJ): CPPFLAGS += -I.
