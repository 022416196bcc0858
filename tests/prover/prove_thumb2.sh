# SPDX-License-Identifier: MIT
# Code compiled for a Cortex-M4, from a bug to a counterexample that runs: sh tests/prover/prove_thumb2.sh PROVER
# EMIT and SMALL compile it (prover/prover.mk). Needs qemu-system-arm.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PROVER=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-thumb2.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2034 # lib.sh reads it
input=
. "$here/../cli/lib.sh"

says()
{
	grep -qF -- "$1" "$dir/out" || wrong "standard output lacks '$1': $(cat "$dir/out")"
}

mutants()
{
	LIST=$1 PROVER=$PROVER KEEP=$dir OBJECTS=$dir/objects timeout 600 sh "$here/../mutants/mutants.sh" >"$dir/out" 2>"$dir/err"
	code=$?
}

it "confirms what is refuted: of a lookup, of a check, of an access of it, of an instruction"
sed -n '/^$/,$p' "$here/../mutants/list.interp" | awk -v RS= -v ORS='\n\n' '/\n(region-last|check-before|check-entry|interp-jsgt) /' >"$dir/list"
mutants "$dir/list"
exits 0
says "4 mutants, 4 refuted, of these 4 confirmed by replay"

it "is not taken in by counterexamples of other code"
printf '%s\n' "nothing is wrong" "right region/base src/vm/region.c" "\$a /* as it was */" >"$dir/list"
mutants "$dir/list"
says "region/base          proved"
for name in region-last check-entry interp-jsgt; do
	python3 "$here/right.py" "$dir/right.elf" "$dir/$name.cex" >"$dir/file.cex" || wrong "$name: it isn't the same code but for the bug"
	run "$PROVER" replay "$dir/file.cex"
	exits 1
	says "not confirmed: the machine does as BPF"
done
tally
