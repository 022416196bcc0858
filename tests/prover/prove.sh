# SPDX-License-Identifier: MIT
# vouch-prove on the real theorems, from a proof to a counterexample that runs: sh tests/prover/prove.sh PROVER ELF HARNESS
# EMIT compiles emitters for RV64. Needs QEMU for all targets.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PROVER=$1
ELF=$2
HARNESS=$3
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-prove.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2034 # lib.sh reads it
input=
. "$here/../cli/lib.sh"

says()
{
	grep -qF -- "$1" "$dir/out" || wrong "standard output lacks '$1': $(cat "$dir/out")"
}

# LIST TARGET NAME... Compiling emitters takes its time on a busy machine.
mutants()
{
	list=$here/../mutants/$1 harness=$(dirname "$HARNESS")/replay.$2.elf
	shift 2
	LIST=$list PROVER=$PROVER HARNESS=$harness KEEP=$dir OBJECTS=$dir/objects \
		timeout 600 sh "$here/../mutants/mutants.sh" "$@" >"$dir/out" 2>"$dir/err"
	code=$?
}

it "explains a proof: paths of the emitter, code with its fields, both ends"
run "$PROVER" prove --explain rv64/alu64-add-k --emitters "$ELF"
exits 0
says "the emitter, path 4"
says "if  "
says "writes 4 bytes"
says "[31:20] = imm12"
says "register 10, r0, = r0 + sext64(imm12)"
says "  r0 = r0 + sext64(imm12)"
says "nothing to ask"
says "rv64/alu64-add-k: proved"

it "explains what the solver was asked, as SMT-LIB, all of it if told to"
run "$PROVER" prove --explain rv64/jmp64-jeq-x --emitters "$ELF"
exits 0
says "(set-logic QF_AUFBV)"
says "characters more (--long)"
says "goes on at pc"
run "$PROVER" prove --explain rv64/jmp64-jeq-x --long --emitters "$ELF"
exits 0
says "(check-sat)"
! grep -q 'more (--long)' "$dir/out" || wrong "something is left out"

it "explains a proof of compiled code: what holds at its start, instructions, both ends, what was asked"
run "$PROVER" prove --explain region/step --emitters "$ELF"
exits 0
says "register 10 = regions + (index * 0x18)"
says "and n != (index + 1)"
says "goes back to its caller"
says "asked, for else: it looks for more regions than there are: unsat"
grep -qE '^    0x[0-9a-f]+  ld a[0-9],8\(a0\)$' "$dir/out" || wrong "no assembly"
run "$PROVER" prove --explain interp/alu64-mov-k --emitters "$ELF"
exits 0
says "      BPF goes on at pc {0:8, pc} + 1"
says "        r0 = sext64(imm)"
! grep -q "r1 = sext64(imm)" "$dir/out" || wrong "more than one pair of registers"

it "refutes bugs by counterexamples that the machine confirms"
mutants list rv64 div-one stack-end hang
exits 0
says "3 mutants, 3 refuted, of these 3 confirmed by replay"

it "refutes what an interrupt has to show, and what traps"
mutants list.arm64 arm64 exclusive-once depth
exits 0
says "2 mutants, 2 refuted, of these 2 confirmed by replay"
if [ -f "$(dirname "$HARNESS")/replay.x86_64.elf" ]; then
	mutants list.x86_64 x86_64 fetch-once div-imm
	exits 0
	says "2 mutants, 2 refuted, of these 2 confirmed by replay"
fi

it "refutes what two words get wrong, and is not taken in where they don't"
mutants list.rv32 rv32 carry object-carry
exits 0
says "2 mutants, 2 refuted, of these 2 confirmed by replay"
cp "$dir/carry.cex" "$dir/file.cex"
sed -i '/^code /s/93020000/b3b28e01/' "$dir/file.cex" # sltu t0,t4,s8
cmp -s "$dir/carry.cex" "$dir/file.cex" && wrong "nothing is edited"
run "$PROVER" replay "$dir/file.cex" --harness "$(dirname "$HARNESS")/replay.rv32.elf"
exits 1
says "not confirmed: the machine does as BPF"

it "refutes an emitter's bugs on a bare Cortex-M4, and is not taken in where there are none"
mutants list.thumb2 thumb2 carry atomic-masked
exits 0
says "2 mutants, 2 refuted, of these 2 confirmed by replay"
cp "$dir/carry" "$dir/out"
grep -qE 'differs r0: the machine has 0x[0-9a-f]+ in x5:x4, BPF' "$dir/out" || wrong "no pair in $(cat "$dir/out")"
cp "$dir/carry.cex" "$dir/file.cex"
sed -i '/^code /s/a419ed19/a4197d41/' "$dir/file.cex" # adcs r5, r7
cmp -s "$dir/carry.cex" "$dir/file.cex" && wrong "nothing is edited"
run "$PROVER" replay "$dir/file.cex"
exits 1
says "not confirmed: the machine does as BPF"

it "shows a counterexample in BPF, in assembly, and what differs"
cp "$dir/div-one" "$dir/out"
says "refuted: rv64/alu64-div-x: machine register 10 differs"
says "opcode 0x3f, dst r0, src r1"
says "sltiu t1,a1,2"
says "differs r0: the machine has "
says "  to run it: vouch replay "

it "is not taken in by a counterexample of other code"
cp "$dir/div-one.cex" "$dir/file.cex"
sed -i '/^code /s/13b32500/13b31500/' "$dir/file.cex" # sltiu t1,a1,1
cmp -s "$dir/div-one.cex" "$dir/file.cex" && wrong "nothing is edited"
run "$PROVER" replay "$dir/file.cex" --harness "$HARNESS"
exits 1
says "not confirmed: the machine does as BPF"

it "confirms what is refuted of compiled code: of a lookup, of a check, of an instruction"
mutants list.interp rv64 region-last check-end interp-depth
exits 0
says "3 mutants, 3 refuted, of these 3 confirmed by replay"
cp "$dir/interp-depth" "$dir/out"
says "refuted: interp/call-local: "
says "at pc "
says "  to run it: vouch replay "

it "is not taken in by counterexamples of other compiled code"
printf '%s\n' "nothing is wrong" "right region/base src/vm/region.c" "\$a /* as it was */" >"$dir/list"
LIST=$dir/list PROVER=$PROVER KEEP=$dir OBJECTS=$dir/objects timeout 600 sh "$here/../mutants/mutants.sh" >"$dir/out"
says "region/base          proved"
for name in region-last check-end interp-depth; do
	python3 "$here/right.py" "$dir/right.elf" "$dir/$name.cex" >"$dir/file.cex" || wrong "$name: it isn't the same code but for the bug"
	run "$PROVER" replay "$dir/file.cex" --harness "$HARNESS"
	exits 1
	says "not confirmed: the machine does as BPF"
done
tally
