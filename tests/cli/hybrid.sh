# SPDX-License-Identifier: MIT
# vouch run --hybrid, --counts; vouch jit --hybrid, --hottest.

cat >"$dir/loop.s" <<'END'
	r0 = 0 ll
	r3 = 10
.Lagain:
	r0 += r3
	r0 *= 3
	r0 ^= r3
	r0 += 7
	r0 <<= 1
	r0 -= r3
	r0 |= 1
	r3 -= 1
	if r3 != 0 goto .Lagain
	r4 = *(u8 *)(r1 + 4)
	exit
END
run "$VOUCH" run "$dir/loop.s" --mem 0000000000
plain=$(cat "$dir/out")

for pcs in 0 2 3-11 0-13 4,6,8-9,13 12; do
	it "--hybrid $pcs gives the interpreter's result"
	run "$VOUCH" run "$dir/loop.s" --mem 0000000000 --hybrid "$pcs"
	exits 0
	prints "$plain"

	it "a fault in a hybrid run of $pcs is reported as ever"
	run "$VOUCH" run "$dir/loop.s" --mem 00000000 --hybrid "$pcs"
	exits 1
	says "at pc 12:"
	says "read of 1 byte"
done

it "--json names the engine"
run "$VOUCH" run "$dir/loop.s" --mem 0000000000 --hybrid 3-11 --json
exits 0
shows '"engine": "hybrid"'

it "--stats of a hybrid run has the fuel and the size of the code"
run "$VOUCH" run "$dir/loop.s" --mem 0000000000 --hybrid 3-11 --stats
exits 0
says "fuel used     9"
says "code size "

for pcs in 14 3-99 9-3 3- -3 3,,4 3-4x '' 99999999999; do
	it "'$pcs' is refused: not instructions of the program"
	run "$VOUCH" run "$dir/loop.s" --mem 0000000000 --hybrid "$pcs"
	exits 2
	says "is not a list of instructions from 0 to 13, such as 3-9,12"
done

it "--counts writes how often each instruction was run"
run "$VOUCH" run "$dir/loop.s" --mem 0000000000 --counts "$dir/counts"
exits 0
prints "$plain"
printf '%s\n' "0 1" "2 1" "3 10" "4 10" "5 10" "6 10" "7 10" "8 10" "9 10" "10 10" "11 10" "12 1" "13 1" >"$dir/expected"
same_files "$dir/counts" "$dir/expected"

it "--counts goes with --trace"
run "$VOUCH" run "$dir/loop.s" --mem 0000000000 --counts "$dir/counts2" --trace
exits 0
same_files "$dir/counts2" "$dir/expected"

for target in $("$VOUCH" jit --targets | cut -d' ' -f1); do
	it "--hottest compiles the loop for $target if there is room for it, and all if for that"
	run "$VOUCH" jit "$dir/loop.s" --target "$target" --hybrid 3-11
	exits 0
	shows "$target: "
	shows " bytes for instructions 3-11"
	bytes=$(sed -n 's/.*: \([0-9]*\) bytes.*/\1/p' "$dir/out")
	run "$VOUCH" jit "$dir/loop.s" --target "$target" --hottest "$bytes" --counts "$dir/counts"
	exits 0
	prints "$target: $bytes bytes for instructions 3-11"
	run "$VOUCH" jit "$dir/loop.s" --target "$target" --hottest 9999 --counts "$dir/counts"
	exits 0
	shows " bytes for instructions 0-13"

	it "--hottest says when nothing at all has room for $target"
	run "$VOUCH" jit "$dir/loop.s" --target "$target" --hottest 100 --counts "$dir/counts"
	exits 1
	says "the code that all instructions share takes more than 100 bytes"
done

it "--asm lists what is compiled, and where code hands over"
run "$VOUCH" jit "$dir/loop.s" --target x86_64 --hybrid 3-11 --asm
exits 0
shows "     3: r0 += r3"
shows "    12: r4 = *(u8 *)(r1 + 4)"
if grep -q "exit" "$dir/out"; then wrong "exit isn't compiled"; fi

it "counts of another program are refused"
printf '14 3\n' >"$dir/wrong.counts"
run "$VOUCH" jit "$dir/loop.s" --hottest 2000 --counts "$dir/wrong.counts"
exits 2
says "not the counts of such a program"
printf '3 4294967296\n' >"$dir/wrong.counts"
run "$VOUCH" jit "$dir/loop.s" --hottest 2000 --counts "$dir/wrong.counts"
exits 2
printf '3 5' >"$dir/wrong.counts"
run "$VOUCH" jit "$dir/loop.s" --hottest 2000 --counts "$dir/wrong.counts"
exits 2

it "options that contradict each other are refused"
run "$VOUCH" run "$dir/loop.s" --jit --hybrid 3
exits 2
says "give one of them"
run "$VOUCH" run "$dir/loop.s" --trace --hybrid 3
exits 2
says "leave out --hybrid"
run "$VOUCH" run "$dir/loop.s" --counts "$dir/c" --jit
exits 2
says "--counts needs the interpreter"
run "$VOUCH" jit "$dir/loop.s" --hottest 2000
exits 2
says "--hottest and --counts go together"
run "$VOUCH" jit "$dir/loop.s" --hottest 2000 --counts "$dir/counts" --hybrid 3
exits 2
says "give one of them"
run "$VOUCH" jit "$dir/loop.s" --hottest many --counts "$dir/counts"
exits 2
says "not a number of bytes"
