#!/bin/sh
# SPDX-License-Identifier: MIT
# layout.sh LAYOUT WORD COMPILER...: the compiler lays structs out as the prover takes it for granted, and a wrong
# layout is seen.
set -eu
LAYOUT=$1 WORD=$2
shift 2

# Accepted?
accepted() {
	"$@" -std=c11 -Iinclude -Isrc -include stddef.h -fsyntax-only -x c - 2>/dev/null
}

"$LAYOUT" "$WORD" | accepted "$@" || {
	echo "layout: the structs are laid out in another way by $1"
	exit 1
}
if "$LAYOUT" $((12 - WORD)) | accepted "$@"; then
	echo "layout: $1 accepts what can't be"
	exit 1
fi
echo "layout: as $1 has it, words of $WORD bytes"
