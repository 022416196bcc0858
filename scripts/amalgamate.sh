#!/bin/sh
# SPDX-License-Identifier: MIT
# The library as two files, vouch.c and vouch.h: scripts/amalgamate.sh DIRECTORY, from the top of the tree.
#
# vouch.h is the public headers, one after the other. vouch.c is the library's files in the order below, with
# three changes, all made by amalgamate.awk:
#   - `#include "…"` goes; the rows of opcodes.def, which files include once for each use, become a macro;
#   - macros of a part end with it: `#undef`;
#   - a static name that two parts have gets the part's name in front: x86_64_insn, rv64_insn.
set -eu
out=$1
scripts=$(dirname "$0")
mkdir -p "$out"

preamble()
{
	printf '/* SPDX-License-Identifier: MIT */\n/*\n * %s\n' "$1"
	printf ' * Made from the sources of Vouch by "make amalgamation"; change those instead.\n *\n'
	sed -e 's/^/ * /' -e 's/ *$//' LICENSE
	printf ' */\n'
}

{
	preamble 'Vouch in two files: its interface. The other one is vouch.c.'
	for header in include/vouch/vouch.h include/vouch/jit.h include/vouch/image.h; do
		printf '\n/* ---- %s ---- */\n\n' "$header"
		sed -e '/SPDX-License-Identifier/d' -e '/^#include "/d' "$header"
	done
} >"$out/vouch.h"

# A file belongs to the part named before it; what part "shared" defines is seen by all that follow.
interpreter='src/vm/copy.h src/vm/interpreter.c src/vm/interpreter_small.c'
# shellcheck disable=SC2086 # words are files
set -- \
	part=shared src/isa/opcodes.def src/isa/isa.h src/vm/vm.h src/vm/layout.h \
	part=decode src/isa/decode.c \
	part=status src/vm/status.c \
	part=region src/vm/region.c \
	part=check src/vm/check.c \
	part=vm src/vm/vm.c \
	part=shared src/vm/interpreter.h \
	part=interpreter $interpreter \
	part=image src/load/image.c \
	part=shared src/jit/jit.h \
	part=driver src/jit/jit.c src/jit/group.c \
	part=run src/jit/run.c \
	part=choose src/jit/choose.c \
	part=hybrid src/jit/hybrid.c \
	part=interpret src/jit/interpret.c $interpreter \
	part=count src/jit/count.c $interpreter \
	part=x86_64 src/jit/x86_64/encode.h src/jit/x86_64/emit.c \
	part=arm64 src/jit/arm64/encode.h src/jit/arm64/immediate.c src/jit/arm64/emit.c \
	part=shared src/jit/rv/encode.h src/jit/rv/jump.h \
	part=rv64 src/jit/rv64/encode.h src/jit/rv64/emit.c \
	part=rv32 src/jit/rv32/encode.h src/jit/rv32/emit.c \
	part=thumb2 src/jit/thumb2/encode.h src/jit/thumb2/emit.c

{
	preamble 'Vouch in two files: all of it. Freestanding C11; -DVOUCH_NO_JIT leaves the compiler out.'
	printf '#include "vouch.h"\n'
	LC_ALL=C awk -f "$scripts/amalgamate.awk" round=1 "$@" round=2 "$@"
} >"$out/vouch.c"
