# SPDX-License-Identifier: MIT
# The context: --mem and --mem-out.

echo 'r0 = *(u8 *)(r1 + 0); r0 <<= 8; r0 |= r2; exit' >"$dir/first.s"
echo 'r0 = *(u32 *)(r1 + 4); *(u32 *)(r1 + 0) = r0; r0 = r2; exit' >"$dir/copy.s"

it "memory may be hexadecimal"
run "$VOUCH" run "$dir/first.s" --mem abCD
exits 0
prints 0xab02

it "hexadecimal memory may have 0x and blanks"
run "$VOUCH" run "$dir/first.s" --mem "0x7f 00  0x01ff"
exits 0
prints 0x7f04

it "memory may be a file"
printf 'xyz' >"$dir/mem"
run "$VOUCH" run "$dir/first.s" --mem "$dir/mem"
exits 0
prints 0x7803

it "what reads as hexadecimal is hexadecimal even where such a file exists"
printf 'xyz' >"$dir/ab"
(cd "$dir" && run "$VOUCH" run first.s --mem ab && prints 0xab01 && [ -z "$broken" ]) || wrong "$(cat "$dir/out")"

it "@ makes it a file"
(cd "$dir" && run "$VOUCH" run first.s --mem @ab && prints 0x7803 && [ -z "$broken" ]) || wrong "$(cat "$dir/out")"

it "memory may come from standard input"
feed 'A' "$VOUCH" run "$dir/first.s" --mem -
exits 0
prints 0x4102

it "an odd number of digits is neither hexadecimal nor a file"
run "$VOUCH" run "$dir/first.s" --mem abc
exits 2
says "neither hexadecimal bytes nor a file"

it "a missing memory file is said to be missing"
run "$VOUCH" run "$dir/first.s" --mem "@$dir/missing"
exits 3
says "cannot read $dir/missing"

it "without memory r1 and r2 are zero"
feed 'r0 = r1; r0 |= r2; exit' "$VOUCH" run -
exits 0
prints 0x0

it "empty memory is no memory"
feed 'r0 = r1; r0 |= r2; exit' "$VOUCH" run - --mem ""
exits 0
prints 0x0

it "an empty memory file is no memory"
feed 'r0 = r1; r0 |= r2; exit' "$VOUCH" run - --mem @/dev/null
exits 0
prints 0x0

for engine in "" --jit; do
	it "--mem-out has the memory after the run $engine"
	run "$VOUCH" run "$dir/copy.s" --mem "00000000 61626364" --mem-out "$dir/after" $engine
	exits 0
	prints 0x8
	[ "$(cat "$dir/after")" = abcdabcd ] || wrong "$(od -c "$dir/after")"
done

it "--mem-out has the memory as a fault left it"
feed '*(u8 *)(r1 + 0) = 65; r0 = *(u8 *)(r1 + 9); exit' "$VOUCH" run - --mem 6162 --mem-out "$dir/after"
exits 1
[ "$(cat "$dir/after")" = Ab ] || wrong "$(od -c "$dir/after")"

it "--mem-out writes nothing for a program that is refused"
rm -f "$dir/after"
feed 'r0 = 1' "$VOUCH" run - --mem 6162 --mem-out "$dir/after"
exits 1
[ ! -e "$dir/after" ] || wrong "written"
