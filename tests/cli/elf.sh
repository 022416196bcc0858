# SPDX-License-Identifier: MIT
# Objects that clang made: data, maps, helpers, source lines.

for name in maps data ring huge; do
	clang -O2 -g -target bpf -mcpu=v3 -c "$here/$name.bpf.c" -o "$dir/$name.o" ||
		{ it "clang compiles $name.bpf.c"; wrong "it doesn't"; }
done

for engine in "" --jit; do
	it "runs an ELF object with all kinds of data $engine"
	run "$VOUCH" run "$dir/data.o" --entry first --mem 0011 $engine
	exits 0
	prints 0xd4
	says_nothing

	it "a hash map behaves as Linux's $engine"
	run "$VOUCH" run "$dir/maps.o" --entry hash_map $engine
	exits 0
	prints 0x0

	it "an array map behaves as Linux's $engine"
	run "$VOUCH" run "$dir/maps.o" --entry array_map $engine
	exits 0
	prints 0x0

	it "nothing of a map beyond its values is reachable $engine"
	run "$VOUCH" run "$dir/maps.o" --entry beyond --json $engine
	exits 1
	json status '"fault_memory"'
	json nearest/region '"hash"'
	json nearest/map true
	json nearest/distance 0
	shows "right past the end of the map hash (32 bytes"

	it "a key that can't be read stops the run $engine"
	run "$VOUCH" run "$dir/maps.o" --entry bad_key $engine
	exits 1
	says "map_lookup_elem: key (r2): no 4 readable bytes at 0x8"

	it "what is no map stops the run $engine"
	run "$VOUCH" run "$dir/maps.o" --entry bad_map $engine
	exits 1
	says "map_lookup_elem: r1 (0x4d) is not a map"

	it "trace_printk prints to standard error as Linux does $engine"
	run "$VOUCH" run "$dir/maps.o" --entry print $engine
	exits 0
	prints 0x0
	[ "$(cat "$dir/err")" = "-5 4294967295 ff
ffffffffffffffff -2 0000000000001234|
hello,   42,ab   |
100%" ] || wrong "$(cat "$dir/err")"

	it "a fault shows the line of the source $engine"
	run "$VOUCH" run "$dir/data.o" --entry second --mem 0011 $engine
	exits 1
	says "data.bpf.c:25:"
	says "return memory[size + 7]; /* too far */"
	says "of second:"
	says "read of 1 byte"
	says "7 bytes past the end of the context (2 bytes at 0x"

	it "a fault as JSON has the line of the source $engine"
	run "$VOUCH" run "$dir/data.o" --entry second --mem 0011 --json $engine
	exits 1
	json source/line 25
	json source/text '"return memory[size + 7]; /* too far */"'
	json function '"second"'

	it "read-only data is read-only $engine"
	run "$VOUCH" run "$dir/data.o" --entry third --mem 0011 --json $engine
	exits 1
	json access/write true
	json nearest/region '"read-only data"'
	json nearest/where '"inside"'
	json nearest/writable false
done

it "an object with several entries wants one named"
run "$VOUCH" run "$dir/data.o"
exits 1
says "first"

it "an unknown entry is refused"
run "$VOUCH" run "$dir/data.o" --entry fourth
exits 1
says "fourth"

it "a section's name is an entry, too"
run "$VOUCH" run "$dir/maps.o" --entry prog/hash
exits 0
prints 0x0

it "an image of an object runs like the object"
run "$VOUCH" pack "$dir/data.o" --entry first -o "$dir/data.img"
exits 0
run "$VOUCH" run "$dir/data.img" --mem 0011
exits 0
prints 0xd4

it "a program with maps can't become an image, which has none"
run "$VOUCH" pack "$dir/maps.o" --entry hash_map -o "$dir/maps.img"
exits 1
says "images have no maps"
[ ! -e "$dir/maps.img" ] || wrong "written"

it "a map of another kind is refused by name"
run "$VOUCH" check "$dir/ring.o"
exits 1
says "events"
says "only array and hash maps"

it "maps that would fill the memory are refused"
run "$VOUCH" run "$dir/huge.o"
exits 1
says "map huge: the program's maps take more than 1 GiB"

it "a listing of an object has source lines and functions"
run "$VOUCH" disasm "$dir/data.o" --entry first --listing
exits 0
shows "first:"
shows "twice:"
shows "data.bpf.c:19: zeros[size & 7] += counter;"

it "an object's disassembly assembles to the same instructions"
run "$VOUCH" disasm "$dir/data.o" --entry first -o "$dir/data.s"
run "$VOUCH" asm "$dir/data.s" -o "$dir/data.bin"
exits 0
tail -c +65 "$dir/data.img" | head -c "$(stat -c %s "$dir/data.bin")" >"$dir/text"
same_files "$dir/data.bin" "$dir/text"

it "an object cut short is refused"
head -c 700 "$dir/data.o" >"$dir/cut.o"
run "$VOUCH" run "$dir/cut.o" --entry first
exits 1
says "cut.o: refused"
