# SPDX-License-Identifier: MIT
# vouch jit: code for any target.

printf 'sum:\n\tr0 = 0\n\tr3 = 10\n.Lagain:\n\tr0 += r3\n\tr3 -= 1\n\tif r3 != 0 goto .Lagain\n\tr0 = *(u8 *)(r1 + 0)\n\texit\n' >"$dir/sum.s"

it "--targets names this machine's"
run "$VOUCH" jit --targets
exits 0
shows "x86_64"
targets=$(cut -d' ' -f1 "$dir/out")

for target in $targets; do
	it "compiles for $target and says how much it is"
	run "$VOUCH" jit "$dir/sum.s" --target "$target"
	exits 0
	shows "$target: "
	shows " bytes for 7 instruction slots"

	it "writes code for $target of that size"
	bytes=$(sed -n 's/.*: \([0-9]*\) bytes.*/\1/p' "$dir/out")
	run "$VOUCH" jit "$dir/sum.s" --target "$target" -o "$dir/code"
	exits 0
	[ "$(stat -c %s "$dir/code")" = "$bytes" ] || wrong "$(ls -l "$dir/code"), not $bytes"

	it "--asm lists BPF and machine code for $target, every byte once"
	run "$VOUCH" jit "$dir/sum.s" --target "$target" --asm
	exits 0
	shows "prologue and epilogue:"
	shows "sum:"
	shows "     2: r0 += r3"
	shows "     5: r0 = *(u8 *)(r1 + 0)"
	python3 - "$dir/out" "$dir/code" >"$dir/err" 2>&1 <<'PYTHON' || wrong "$(cat "$dir/err")"
import re, sys
code = open(sys.argv[2], "rb").read()
at = 0
for line in open(sys.argv[1]):
    match = re.match(r" {4,9}([0-9a-f]+): ((?:[0-9a-f]{2} )+)", line)
    if match and len(match.group(0)) > 14 and line.startswith("    "):
        assert int(match.group(1), 16) == at, (line, at)
        piece = bytes.fromhex(match.group(2))
        assert code[at:at + len(piece)] == piece, line
        at += len(piece)
assert at == len(code), (at, len(code))
PYTHON
done

it "machine code is disassembled"
run "$VOUCH" jit "$dir/sum.s" --target x86_64 --asm
exits 0
shows "ret"
shows "push rbp"

it "features change the code"
feed 'r0 <<= r1; exit' "$VOUCH" jit - --target x86_64 --features bmi2 --asm
exits 0
shows "shlx"
feed 'r0 <<= r1; exit' "$VOUCH" jit - --target x86_64 --features none --asm
exits 0
if grep -q shlx "$dir/out"; then wrong "shlx without the feature"; fi

if command -v aarch64-linux-gnu-objdump >"$dir/which"; then
	it "the atomics of Armv8.1 are disassembled"
	feed 'r2 = 1; lock *(u64 *)(r1 + 0) += r2; exit' "$VOUCH" jit - --target arm64 --features lse --asm
	exits 0
	shows "ldaddal"
	feed 'r2 = 1; lock *(u64 *)(r1 + 0) += r2; exit' "$VOUCH" jit - --target arm64 --asm
	exits 0
	shows "ldaxr"
fi

it "an unknown target is refused"
run "$VOUCH" jit "$dir/sum.s" --target pdp11
exits 2
says "no target 'pdp11'"

it "an unknown feature is refused"
run "$VOUCH" jit "$dir/sum.s" --target x86_64 --features bmi2,magic
exits 2
says "no feature 'magic'"

it "a program that the checker refuses is not compiled"
feed 'r10 = 1; exit' "$VOUCH" jit -
exits 1
says "write to r10"
