# SPDX-License-Identifier: MIT
# Kinds of program files, and what is done with them.

printf 'start:\n\tr0 = 7\n\texit\n\t.globl\tother\nother:\n\tr0 = 9 ll\n\texit\n' >"$dir/two.s"
run "$VOUCH" asm "$dir/two.s" -o "$dir/two.bin"
run "$VOUCH" pack "$dir/two.s" -o "$dir/two.img"
run "$VOUCH" pack "$dir/two.s" --entry other -o "$dir/other.img"

for kind in "assembly s" "raw bin" "image img"; do
	set -- $kind
	for engine in "" --jit; do
		it "runs $1 recognised by content $engine"
		cp "$dir/two.$2" "$dir/nameless"
		run "$VOUCH" run "$dir/nameless" $engine
		exits 0
		prints 0x7
		says_nothing
	done

	it "runs $1 from standard input"
	input="$dir/two.$2" run "$VOUCH" run - --json
	exits 0
	json kind "\"$1\""
	json r0 '"0x7"'

	it "checks $1"
	run "$VOUCH" check "$dir/two.$2"
	exits 0
	prints "ok: 4 instructions"
done

it "--entry picks a label"
run "$VOUCH" run "$dir/two.s" --entry other
exits 0
prints 0x9

it "an image starts at the entry that it was packed with"
run "$VOUCH" run "$dir/other.img"
exits 0
prints 0x9

it "an unknown entry is refused by name"
run "$VOUCH" run "$dir/two.s" --entry nowhere
exits 1
says "'nowhere'"

for kind in bin img; do
	it "a .$kind file has no names to enter at"
	run "$VOUCH" run "$dir/two.$kind" --entry other
	exits 1
	says "no names"
done

it "text is assembled: what is no instruction is shown with its place"
feed 'r0 = 1
  r0 +* 2
exit' "$VOUCH" run -
exits 1
says "standard input:2:"
says "r0 +* 2"
says "^"

it "check --json has the place in the text"
feed 'r0 = 1
r0 +* 2' "$VOUCH" check - --json
exits 1
json status '"refused"'
json line 2

it "bytes that are nothing are refused"
printf '\001\002\003' >"$dir/nothing"
run "$VOUCH" run "$dir/nothing"
exits 1
says "neither ELF, image nor text, and 3 bytes are not raw instructions"

it "an empty file is refused"
run "$VOUCH" run /dev/null
exits 1

it "an image with a flipped bit is refused"
python3 - "$dir/two.img" "$dir/bad.img" <<'PYTHON'
import sys
image = bytearray(open(sys.argv[1], "rb").read())
image[70] ^= 1
open(sys.argv[2], "wb").write(image)
PYTHON
run "$VOUCH" run "$dir/bad.img"
exits 1
says "checksum"

it "disassembly assembles to the same bytes"
run "$VOUCH" disasm "$dir/two.bin" -o "$dir/again.s"
exits 0
run "$VOUCH" asm "$dir/again.s" -o "$dir/again.bin"
exits 0
same_files "$dir/two.bin" "$dir/again.bin"

it "a listing has offsets, bytes and functions"
run "$VOUCH" disasm "$dir/two.s" --listing
exits 0
shows "other:"
shows "       2:  18 00 00 00 09 00 00 00  r0 = 9 ll"
shows "       4:  95 00 00 00 00 00 00 00  exit"

it "raw bytes that are no instruction are shown as data"
printf '\377\000\000\000\000\000\000\000' >"$dir/data"
run "$VOUCH" disasm "$dir/data"
exits 0
shows ".8byte"

it "asm refuses what is not text"
run "$VOUCH" asm "$dir/two.bin"
exits 1

it "assembly calls helpers by name"
feed 'call bpf_get_prandom_u32; exit' "$VOUCH" asm - --hex
exits 0
prints "8500000007000000
9500000000000000"

it "pack says what an image holds"
run "$VOUCH" pack "$dir/two.s" -o "$dir/two.img"
exits 0
shows "5 instruction slots"

it "pack refuses what the checker refuses"
feed 'r0 = 1' "$VOUCH" pack - -o "$dir/bad.img2"
exits 1
says "run off its end"
[ ! -e "$dir/bad.img2" ] || wrong "written"

it "pack does not judge helpers, which are the device's"
feed 'call 77; exit' "$VOUCH" pack - -o "$dir/helper.img"
exits 0

it "run does judge helpers"
run "$VOUCH" run "$dir/helper.img"
exits 1
says "call of a helper that does not exist"
says "call 77"

it "check --any-helper leaves helpers to the host"
run "$VOUCH" check "$dir/helper.img" --any-helper
exits 0

it "--stats counts instructions, fuel and depth"
printf 'r6 = 10\nagain:\nr6 -= 1\nif r6 != 0 goto again\ncall f\nexit\nf:\ncall g\nexit\ng:\nr0 = r6\nexit\n' >"$dir/loop.s"
run "$VOUCH" run "$dir/loop.s" --stats --json
exits 0
json r0 '"0x0"'
json stats/instructions 27
json stats/fuel_used 11
json stats/call_depth 3

it "--stats prints to standard error"
run "$VOUCH" run "$dir/loop.s" --stats
exits 0
prints 0x0
says "instructions  27"
says "fuel used     11"

it "--stats of compiled code has compile time and size, mapping apart"
run "$VOUCH" run "$dir/loop.s" --stats --jit --json
exits 0
json stats/fuel_used 11
for member in run_ns compile_ns map_ns code_bytes; do
	grep -q "\"$member\": [1-9]" "$dir/out" || wrong "no $member"
done

it "--trace prints each instruction and what it changed"
feed 'r1 = 5; r1 += 2; r0 = r1; exit' "$VOUCH" run - --trace
exits 0
prints 0x7
[ "$(sed 's/  */ /g; s/ $//' "$dir/err")" = " 0: r1 = 5 r1 = 0x5
 1: r1 += 2 r1 = 0x7
 2: r0 = r1 r0 = 0x7
 3: exit" ] || wrong "$(cat "$dir/err")"

it "--fuel stops a run, in the same place compiled"
for engine in "" --jit; do
	run "$VOUCH" run "$dir/loop.s" --fuel 5 --json $engine
	exits 1
	json status '"fault_fuel"'
	json pc 2
	json registers/r6 '"0x4"'
done

it "--fuel unlimited is accepted"
run "$VOUCH" run "$dir/loop.s" --fuel unlimited
exits 0

it "--seed makes random numbers repeatable"
echo 'call 7; r6 = r0; call 7; r6 <<= 32; r0 |= r6; exit' >"$dir/random.s"
run "$VOUCH" run "$dir/random.s" --seed 3
cp "$dir/out" "$dir/first"
run "$VOUCH" run "$dir/random.s" --seed 3 --jit
same_files "$dir/first" "$dir/out"
run "$VOUCH" run "$dir/random.s" --seed 4
if cmp -s "$dir/first" "$dir/out"; then wrong "another seed, the same numbers"; fi

it "without --seed random numbers differ from run to run"
run "$VOUCH" run "$dir/random.s"
cp "$dir/out" "$dir/first"
run "$VOUCH" run "$dir/random.s"
if cmp -s "$dir/first" "$dir/out"; then wrong "the same numbers"; fi

it "ktime_get_ns goes on"
feed 'call 5; r6 = r0; call 5; r0 -= r6; if r0 s< 0 goto +1; r0 = 0; exit' "$VOUCH" run -
exits 0
prints 0x0
