#!/bin/sh
# SPDX-License-Identifier: MIT
# Put each bug of tests/mutants/list into the emitters, and see it refuted by a counterexample that a replay confirms:
# sh tests/mutants/mutants.sh [NAME]...    make mutants
# mutants.sh --check: only that the lists are in order.
# The edits are made in copies of the sources, so that the emitters are free of them. EMIT: how to compile emitters
# for RV64, SMALL: what isn't an emitter, for size, SMALL_SRC: of what; PROVER: vouch-prove; LIST, JOBS; HARNESS: what
# counterexamples run in; KEEP: a folder for binaries, and what was printed; OBJECTS: one for what isn't edited, compiled.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
PROVER=${PROVER:-$top/vouch-prove}
LIST=${LIST:-$here/list}
export PROVER LIST EMIT SMALL SMALL_SRC
LC_ALL=C
export LC_ALL

# Three lines each, from the first that isn't a comment: what, how to find it, the edit.
names()
{
	grep -v '^#' "$LIST" | awk 'NF == 0 { n = 0; next } { if (++n == 2) print $1 }'
}

field()
{
	grep -v '^#' "$LIST" | awk -v name="$1" -v wanted="$2" '
		NF == 0 { n = 0; next }
		{ line[++n] = $0 }
		n == 2 { split($0, word, " ") }
		n == 3 && word[1] == name { print wanted == "what" ? line[1] : wanted == "edit" ? line[3] : word[wanted] }'
}

# All that emit.rv64.elf is made of, compiled once: what a mutant doesn't edit.
compile_all()
{
	# shellcheck disable=SC2086 # words are arguments
	(cd "$top" && $SMALL -Iinclude -Isrc $SMALL_SRC -o "$OBJECTS/small.o" &&
		for file in src/jit/jit.c src/jit/group.c src/jit/interpret.c src/jit/*/*.c $SMALL_SRC prover/exec/runtime.c; do
			$EMIT -Iinclude -Isrc -c "$file" -o "$OBJECTS/$(echo "$file" | tr / -).o" || exit
		done)
}

# With one file edited: where it is an emitter's, only that is compiled anew.
compile_edited()
{
	# shellcheck disable=SC2046,SC2086 # words are files and arguments
	case $1 in
	src/jit/*.c)
		$EMIT -Iinclude -Isrc -c "$1" -o edited.o &&
			$EMIT edited.o $(find "$OBJECTS" -name '*.o' ! -name "$(echo "$1" | tr / -).o") -o emit.elf
		return
		;;
	src/vm/*) emitters=src/jit/interpret.c ;; # only a proof about emitters needs the others
	*) emitters="src/jit/jit.c src/jit/group.c src/jit/interpret.c src/jit/*/*.c" ;;
	esac
	# shellcheck disable=SC2086 # words are arguments
	$SMALL -Iinclude -Isrc $SMALL_SRC -o small.o &&
		$EMIT -Iinclude -Isrc $emitters $SMALL_SRC prover/exec/runtime.c small.o -o emit.elf
}

build()
{
	mkdir -p "$dir/prover/exec"
	cp -r "$top/src" "$top/include" "$dir"
	cp "$top/prover/exec/runtime.c" "$top"/prover/exec/flash*.c "$dir/prover/exec"
	sed "$(field "$1" edit)" "$top/$(field "$1" 3)" >"$dir/$(field "$1" 3)" || return
	if cmp -s "$top/$(field "$1" 3)" "$dir/$(field "$1" 3)"; then
		echo "the edit changes nothing"
		return 1
	fi
	(cd "$dir" && compile_edited "$(field "$1" 3)") >"$dir/log" 2>&1 || { echo "it doesn't compile"; return 1; }
}

# "refuted", "confirmed", or what went wrong.
judge()
{
	build "$1" || return
	[ -z "${KEEP:-}" ] || cp "$dir/emit.elf" "$KEEP/$1.elf"
	begin=$(date +%s%N)
	timeout 300 "$PROVER" prove "$(field "$1" 2)" -j 1 --no-cache --emitters "$dir/emit.elf" --output "$dir" \
		>"$dir/out" 2>&1
	took=$((($(date +%s%N) - begin) / 1000000))
	if ! grep -q '^refuted: ' "$dir/out"; then
		sed -n 's/^unknown: [^:]*: /unknown: /p; s/.* 1 proved, .*/proved/p' "$dir/out" | head -n 1 | grep . || echo "no verdict"
		return
	fi
	file=$(find "$dir" -maxdepth 1 -name '*.cex')
	[ -z "${KEEP:-}" ] || { cp "$dir/out" "$KEEP/$1"; cp "$file" "$KEEP/$1.cex"; }
	if [ -z "$file" ]; then
		echo "refuted, without a counterexample to replay"
	elif timeout 60 "$PROVER" replay "$file" ${HARNESS:+--harness "$HARNESS"} >"$dir/replay" 2>&1 &&
		grep -q '^confirmed' "$dir/replay"; then
		echo "confirmed"
	else
		echo "refuted, not confirmed"
	fi
}

complain()
{
	echo "${LIST##*/}: $*"
	failed=$((failed + 1))
}

check_mutant()
{
	passed=$((passed + 1))
	[ "$(names | grep -cxF -- "$1")" = 1 ] || { complain "'$1' is there twice"; return; }
	file=$(field "$1" 3)
	[ -f "$top/$file" ] || { complain "$1: there is no $file"; return; }
	grep -qxF -- "$(field "$1" 2)" "${TMPDIR:-/tmp}/vouch-obligations.$$" || complain "$1: no obligation $(field "$1" 2)"
	! sed "$(field "$1" edit)" "$top/$file" | cmp -s - "$top/$file" || complain "$1: the edit changes nothing"
}

# The names in backquotes of a column of the table.
named_by_docs()
{
	# shellcheck disable=SC2016 # these are backquotes
	awk -F '|' -v column="$1" '/^\|/ && !/^\|-/ { print $column }' "$top/docs/mutants.md" | grep -o '`[^`]*`' | tr -d '`'
}

check_lists()
{
	passed=0 failed=0 column=3
	for LIST in "$here/list" "$here/list.x86_64" "$here/list.arm64" "$here/list.rv32" "$here/list.thumb2" "$here/list.interp" "$here/list.flash"; do
		for name in $(names); do
			check_mutant "$name"
		done
		case $LIST in
		*interp | *flash) continue ;;
		esac
		for name in $(named_by_docs "$column"); do
			names | grep -qxF -- "$name" || complain "docs/mutants.md names '$name'"
		done
		column=$((column + 1))
	done
	echo "$((passed - failed)) passed, $failed failed"
	[ "$failed" -eq 0 ]
}

# One mutant, one line: NAME MILLISECONDS VERDICT.
if [ "${1:-}" = --one ]; then
	dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-mutant.XXXXXX") || exit 3
	trap 'rm -rf "$dir"' EXIT
	trap 'exit 130' INT TERM
	took=0
	judge "$2" >"$dir/verdict"
	printf '%-14s %6d.%03d s  %-20s %s\n' "$2" $((took / 1000)) $((took % 1000)) "$(field "$2" 2)" "$(cat "$dir/verdict")"
	exit 0
fi

# Each list's mutants have names of their own, obligations that there are, and edits that change something; what
# docs/mutants.md names is there.
if [ "${1:-}" = --check ]; then
	"$PROVER" prove --list | awk '{ print $1 }' >"${TMPDIR:-/tmp}/vouch-obligations.$$"
	trap 'rm -f "${TMPDIR:-/tmp}/vouch-obligations.$$"' EXIT
	check_lists
	exit
fi

[ -n "${EMIT:-}" ] || { echo "run it by 'make mutants'" >&2; exit 2; }
for name; do
	names | grep -qxF -- "$name" || { echo "$LIST has no mutant '$name'" >&2; exit 2; }
done
[ -x "$PROVER" ] || { echo "no $PROVER: 'make prover'" >&2; exit 3; }
work=$(mktemp -d) || exit 3
table=$work/table
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
OBJECTS=${OBJECTS:-$work/objects}
export OBJECTS
if [ ! -f "$OBJECTS/complete" ]; then
	mkdir -p "$OBJECTS"
	compile_all || { echo "the emitters don't compile" >&2; exit 3; }
	touch "$OBJECTS/complete"
fi
{ if [ $# -gt 0 ]; then printf '%s\n' "$@"; else names; fi; } |
	xargs -P "${JOBS:-2}" -I NAME sh "$here/mutants.sh" --one NAME | tee "$table"
refuted=$(awk '$5 ~ /^(confirmed|refuted,)/' "$table" | wc -l)
confirmed=$(awk '$5 == "confirmed"' "$table" | wc -l)
all=$(wc -l <"$table")
awk '{ print $2 }' "$table" | sort -n | awk '{ t[NR] = $1 } END { printf "median %.3f s, longest %.3f s\n", t[int((NR + 1) / 2)], t[NR] }'
printf '%d mutants, %d refuted, of these %d confirmed by replay\n' "$all" "$refuted" "$confirmed"
printf '%d passed, %d failed\n' "$confirmed" $((all - confirmed))
[ "$all" -gt 0 ] && [ "$confirmed" -eq "$all" ]
