# SPDX-License-Identifier: MIT
# Reports: what happened, where, and what lies nearest.

# A read of 8 bytes at the context plus $1, of 4 bytes of memory.
read_at()
{
	feed "r0 = *(u64 *)(r1 + $1); exit" "$VOUCH" run - --mem 00112233 --json
	exits 1
	json status '"fault_memory"'
	json access/size 8
	json access/write false
	json nearest/region '"context"'
	json nearest/size 4
}

it "an access past the end says how far past"
read_at 12
json nearest/where '"after"'
json nearest/distance 8
shows "8 bytes past the end of the context (4 bytes at 0x"

it "an access right past the end says so"
read_at 4
json nearest/distance 0
shows "right past the end of the context"

it "an access across the end says how much of it is inside"
read_at 1
json nearest/where '"across"'
json nearest/distance 3
shows "only 3 of these lie in the context"

it "an access before the start says how far before"
feed "r0 = *(u8 *)(r1 - 1); exit" "$VOUCH" run - --mem 00112233 --json
exits 1
json nearest/where '"before"'
json nearest/distance 1
shows "1 byte before the context"

it "a null pointer is called one"
feed "r2 = 0; *(u32 *)(r2 + 0) = 1; exit" "$VOUCH" run - --mem 00112233
exits 1
says "write of 4 bytes at 0x0: a null pointer"

it "a null pointer's field is called one"
feed "r2 = 0; r0 = *(u8 *)(r2 + 24); exit" "$VOUCH" run -
exits 1
says "a null pointer plus 24"

it "an access below the stack names the stack"
feed "r0 = *(u8 *)(r10 + 8); exit" "$VOUCH" run - --json
exits 1
json nearest/region '"stack"'
json nearest/where '"after"'
json nearest/distance 8

it "a far address is not blamed on a region"
feed "r2 = 0x123456789abcdef0 ll; r0 = *(u8 *)(r2 + 0); exit" "$VOUCH" run -
exits 1
says "nowhere near the program's memory"

printf 'start:\n\tr6 = 5\n\tcall .Linner\n\texit\n.Linner:\n\tr0 = 1\n\tr0 = *(u64 *)(r6 + 0)\n\texit\n' >"$dir/fault.s"
for engine in "" --jit; do
	it "a fault has status, pc, instruction, function and registers $engine"
	run "$VOUCH" run "$dir/fault.s" $engine
	exits 1
	says "stopped: access outside every region that permits it"
	says "at pc 4, instruction 4 of start:"
	says "r0 = *(u64 *)(r6 + 0)"
	says "read of 8 bytes at 0x5"
	says "r6  0x0000000000000005"
	prints ""

	it "a fault as JSON has the same $engine"
	run "$VOUCH" run "$dir/fault.s" --json $engine
	exits 1
	says_nothing
	json status '"fault_memory"'
	json pc 4
	json instruction '"r0 = *(u64 *)(r6 + 0)"'
	json function '"start"'
	json function_offset 4
	json source null
	json access/address '"0x5"'
	json registers/r6 '"0x5"'
	json registers/r0 '"0x1"'
	json engine "\"$([ -n "$engine" ] && echo jit || echo interpreter)\""

	it "a misaligned atomic is reported $engine"
	feed "r2 = 1; lock *(u64 *)(r1 + 1) += r2; exit" "$VOUCH" run - --mem 00000000000000000000000000000000 --json $engine
	exits 1
	json status '"fault_align"'
	json access/size 8
	json access/write true

	it "a helper that does not exist is reported by number $engine"
	feed "r1 = 99; callx r1; exit" "$VOUCH" run - $engine
	exits 1
	says "there is no helper 99"

	it "too many frames are reported $engine"
	printf 'f:\ncall f\nexit\n' >"$dir/deep.s"
	run "$VOUCH" run "$dir/deep.s" --json $engine
	exits 1
	json status '"fault_depth"'

	it "running out of fuel is reported with what helps $engine"
	printf 'f:\ngoto f\n' >"$dir/forever.s"
	run "$VOUCH" run "$dir/forever.s" --fuel 3 $engine
	exits 1
	says "out of fuel"
	says "--fuel"

	it "a helper's refusal says what was wrong $engine"
	feed "r1 = 0; r2 = 4; call 6; exit" "$VOUCH" run - $engine
	exits 1
	says "a helper refused its arguments"
	says "trace_printk: format (r1): no 4 readable bytes at 0x0"

	it "a signal interrupts a run, which is reported $engine"
	printf 'r6 = 0x676e69706f6f6c ll\n*(u64 *)(r10 - 8) = r6\nr1 = r10\nr1 += -8\nr2 = 8\ncall 6\nforever:\ngoto forever\n' >"$dir/endless.s"
	: >"$dir/err"
	timeout --foreground 60 "$VOUCH" run "$dir/endless.s" --fuel unlimited --json $engine >"$dir/out" 2>"$dir/err" &
	child=$!
	tries=0
	while [ ! -s "$dir/err" ] && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	kill -TERM $child
	wait $child
	code=$?
	exits 1
	json status '"interrupted"'
	json message '"interrupted"'
done

it "a trace shows up to the instruction that faulted"
run "$VOUCH" run "$dir/fault.s" --trace
exits 1
says "r0 = *(u64 *)(r6 + 0)                 fault"
[ "$(grep -c '^ *[0-9]*: ' "$dir/err")" = 4 ] || wrong "$(cat "$dir/err")"

it "a refusal has the reason, pc and instruction"
feed "r0 = 1; goto +7" "$VOUCH" check -
exits 1
says "refused: jump or call outside the program"
says "at pc 1"
says "goto +7"

it "a refusal as JSON has the same"
feed "r0 = 1; goto +7" "$VOUCH" run - --json
exits 1
says_nothing
json status '"bad_jump"'
json pc 1
json instruction '"goto +7"'

it "file names with anything in them are valid JSON"
odd="$dir/a\"b\\c	d
é$(printf '\001\377').s"
echo 'exit' >"$odd"
run "$VOUCH" run "$odd" --json
exits 0
json status '"ok"'
