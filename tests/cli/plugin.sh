# SPDX-License-Identifier: MIT
# vouch-plugin: a table of programs over all groups of instructions, interpreted and compiled.

# name ~ memory ~ program ~ r0, or ! if it must fail
programs()
{
	cat <<'TABLE'
exit with zero~~exit~0
a constant~~r0 = 42; exit~2a
a negative constant is sign-extended~~r0 = -1; exit~ffffffffffffffff
a 32-bit constant is not~~w0 = -1; exit~ffffffff
a 64-bit constant~~r0 = 0x1122334455667788 ll; exit~1122334455667788
add~~r0 = 7; r1 = -3; r0 += r1; exit~4
add wraps~~r0 = -1; r0 += 2; exit~1
add 32 clears the upper half~~r0 = -1; w0 += 2; exit~1
sub~~r0 = 3; r0 -= 5; exit~fffffffffffffffe
sub 32~~r0 = 3; r1 = 5; w0 -= w1; exit~fffffffe
mul~~r0 = 0x100000001 ll; r1 = 0x10000000f ll; r0 *= r1; exit~100000000f
mul 32~~r0 = 0x10000 ll; w0 *= 65537; exit~10000
mul by a negative~~r0 = 3; r0 *= -4; exit~fffffffffffffff4
div~~r0 = 100; r0 /= 7; exit~e
div is unsigned~~r0 = -2; r0 /= 2; exit~7fffffffffffffff
div 32~~r0 = -2; w0 /= 2; exit~7fffffff
div by zero gives zero~~r0 = 5; r1 = 0; r0 /= r1; exit~0
div 32 by zero in the lower half gives zero~~r0 = 5; r1 = 0x100000000 ll; w0 /= w1; exit~0
sdiv~~r0 = -7; r0 s/= 2; exit~fffffffffffffffd
sdiv 32~~r0 = -7; r1 = 2; w0 s/= w1; exit~fffffffd
sdiv overflow wraps~~r0 = 0x8000000000000000 ll; r0 s/= -1; exit~8000000000000000
mod~~r0 = 100; r0 %= 7; exit~2
mod by zero leaves dst~~r0 = 5; r1 = 0; r0 %= r1; exit~5
mod 32 by zero leaves the lower half~~r0 = -1; r1 = 0; w0 %= w1; exit~ffffffff
smod~~r0 = -7; r0 s%= 3; exit~ffffffffffffffff
smod overflow is zero~~r0 = 0x8000000000000000 ll; r1 = -1; r0 s%= r1; exit~0
or~~r0 = 0xf0; r0 |= 15; exit~ff
and~~r0 = -1; r1 = 0xff00; r0 &= r1; exit~ff00
xor~~r0 = 0xff; r0 ^= 0x0f; exit~f0
neg~~r0 = 5; r0 = -r0; exit~fffffffffffffffb
neg 32~~r0 = 5; w0 = -w0; exit~fffffffb
lsh~~r0 = 1; r0 <<= 63; exit~8000000000000000
lsh masks the count~~r0 = 1; r1 = 65; r0 <<= r1; exit~2
lsh 32 masks the count~~r0 = 1; r1 = 33; w0 <<= w1; exit~2
rsh~~r0 = -1; r0 >>= 60; exit~f
rsh 32~~r0 = -1; w0 >>= 28; exit~f
arsh~~r0 = -16; r0 s>>= 2; exit~fffffffffffffffc
arsh 32~~r0 = 0x80000000 ll; w0 s>>= 4; exit~f8000000
movsx 8~~r1 = 0x80; r0 = (s8)r1; exit~ffffffffffffff80
movsx 16~~r1 = 0x8000; r0 = (s16)r1; exit~ffffffffffff8000
movsx 32~~r1 = 0x80000000 ll; r0 = (s32)r1; exit~ffffffff80000000
movsx 8 to 32~~r1 = 0x80; w0 = (s8)w1; exit~ffffff80
be16~~r0 = 0x1234; r0 = be16 r0; exit~3412
be32~~r0 = 0x12345678; r0 = be32 r0; exit~78563412
be64~~r0 = 0x1122334455667788 ll; r0 = be64 r0; exit~8877665544332211
le16 truncates~~r0 = 0x12345; r0 = le16 r0; exit~2345
bswap16~~r0 = 0x1234; r0 = bswap16 r0; exit~3412
bswap32~~r0 = 0x12345678; r0 = bswap32 r0; exit~78563412
bswap64~~r0 = 1; r0 = bswap64 r0; exit~100000000000000
load byte~11 82 33~r0 = *(u8 *)(r1 + 1); exit~82
load half~11 82 33~r0 = *(u16 *)(r1 + 1); exit~3382
load word~11223344~r0 = *(u32 *)(r1 + 0); exit~44332211
load double~1122334455667788~r0 = *(u64 *)(r1 + 0); exit~8877665544332211
load byte, sign-extended~11 82 33~r0 = *(s8 *)(r1 + 1); exit~ffffffffffffff82
load half, sign-extended~00 80~r0 = *(s16 *)(r1 + 0); exit~ffffffffffff8000
load word, sign-extended~00 00 00 80~r0 = *(s32 *)(r1 + 0); exit~ffffffff80000000
store byte~00000000~*(u8 *)(r1 + 1) = 255; r0 = *(u32 *)(r1 + 0); exit~ff00
store half from a register~00000000~r2 = 0x1234; *(u16 *)(r1 + 2) = r2; r0 = *(u32 *)(r1 + 0); exit~12340000
store word is truncated~00000000~*(u32 *)(r1 + 0) = -2; r0 = *(u32 *)(r1 + 0); exit~fffffffe
store double is sign-extended~~*(u64 *)(r10 - 8) = -2; r0 = *(u64 *)(r10 - 8); exit~fffffffffffffffe
the stack~~r1 = 7; *(u64 *)(r10 - 512) = r1; r0 = *(u64 *)(r10 - 512); exit~7
memory's size is in r2~010203~r0 = r2; exit~3
no memory is a null pointer~~r0 = r1; r0 |= r2; exit~0
atomic add~0500000000000000~r2 = 3; lock *(u64 *)(r1 + 0) += r2; r0 = *(u64 *)(r1 + 0); exit~8
atomic fetch add~0500000000000000~r0 = 3; r0 = atomic_fetch_add((u64 *)(r1 + 0), r0); exit~5
atomic or 32~f0000000~r2 = 15; lock *(u32 *)(r1 + 0) |= w2; r0 = *(u32 *)(r1 + 0); exit~ff
atomic and 32 with fetch~ff000000~r2 = 15; w2 = atomic_fetch_and((u32 *)(r1 + 0), w2); r0 = *(u32 *)(r1 + 0); r0 <<= 8; r0 |= r2; exit~fff
atomic xor~ff00000000000000~r2 = 15; lock *(u64 *)(r1 + 0) ^= r2; r0 = *(u64 *)(r1 + 0); exit~f0
atomic exchange~0500000000000000~r0 = 9; r0 = xchg_64(r1 + 0, r0); exit~5
atomic compare and exchange, equal~0500000000000000~r0 = 5; r2 = 9; r0 = cmpxchg_64(r1 + 0, r0, r2); r0 = *(u64 *)(r1 + 0); exit~9
atomic compare and exchange, different~0500000000000000~r0 = 4; r2 = 9; r0 = cmpxchg_64(r1 + 0, r0, r2); exit~5
jump~~r0 = 1; goto +1; r0 = 2; exit~1
long jump~~r0 = 1; gotol +1; r0 = 2; exit~1
a loop~~r0 = 0; r1 = 10; r0 += r1; r1 -= 1; if r1 != 0 goto -3; exit~37
jeq~~r0 = 1; r1 = 5; if r1 == 5 goto +1; r0 = 2; exit~1
jgt is unsigned~~r0 = 1; r1 = -1; if r1 > 5 goto +1; r0 = 2; exit~1
jsgt is signed~~r0 = 1; r1 = -1; if r1 s> 5 goto +1; r0 = 2; exit~2
jlt by register~~r0 = 1; r1 = 4; r2 = 5; if r1 < r2 goto +1; r0 = 2; exit~1
jsle 32~~r0 = 1; r1 = 0xffffffff ll; if w1 s<= -1 goto +1; r0 = 2; exit~1
jset~~r0 = 1; r1 = 6; if r1 & 2 goto +1; r0 = 2; exit~1
jeq 32 ignores the upper half~~r0 = 1; r1 = 0x100000005 ll; if w1 == 5 goto +1; r0 = 2; exit~1
a local call has its own r6 and frame~~r6 = 1; r1 = 5; *(u64 *)(r10 - 8) = r6; call +4; r1 = *(u64 *)(r10 - 8); r0 += r1; r0 += r6; exit; r6 = 100; *(u64 *)(r10 - 8) = r6; r0 = r1; exit~7
helper 0 gathers bytes~~r1 = 1; r2 = 2; r3 = 3; r4 = 4; r5 = 5; call 0; exit~102030405
helper 1 is memfrob~0001~call 1; r0 = *(u16 *)(r0 + 0); exit~2b2a
helper 2 does nothing~~r0 = 9; call 2; exit~0
helper 3 is the square root~~r1 = 0xfffffffe00000001 ll; call 3; exit~ffffffff
helper 4 compares strings~616200 616300~r2 = r1; r2 += 3; call 4; if r0 s< 0 goto +2; r0 = 7; exit; r0 = 1; exit~1
helper 4 finds equal strings equal~616200 616200~r2 = r1; r2 += 3; call 4; exit~0
helper 5 goes on when it is not zero~~r1 = 3; call 5; r0 += 1; exit~4
helper 5 ends the program when it is zero~~r1 = 0; call 5; r0 = 1; exit~0
helper 5 ends the program from within a function~~r1 = 0; call +2; r0 = 1; exit; call 5; r0 = 2; exit~0
registers are zero after a helper~~r1 = 1; r2 = 2; r3 = 3; call 2; r0 = r1; r0 |= r2; r0 |= r3; exit~0
callx~~r1 = 16; r6 = 3; callx r6; exit~4
reading past memory fails~0102~r0 = *(u8 *)(r1 + 2); exit~!
reading before memory fails~0102~r0 = *(u16 *)(r1 - 1); exit~!
writing past the stack fails~~*(u8 *)(r10 + 0) = 1; exit~!
memfrob past memory fails~0102~r2 = 3; call 1; exit~!
a string without an end fails~6161~r2 = r1; call 4; exit~!
an unknown helper fails~~call 6; exit~!
callx of an unknown helper fails~~r6 = 6; callx r6; exit~!
an unaligned atomic fails~00000000000000000000~r2 = 1; lock *(u64 *)(r1 + 1) += r2; exit~!
running off the end fails~~r0 = 1~!
writing r10 fails~~r10 = 1; exit~!
recursion without end fails~~call -1; exit~!
TABLE
}

programs >"$dir/table"
while IFS='~' read -r name memory program expected; do
	printf '%s\n' "$program" | "$VOUCH" asm - --hex >"$dir/hex" 2>"$dir/err"
	for engine in --interpret --jit; do
		it "vouch-plugin $engine: $name"
		feed "$(tr '\n' ' ' <"$dir/hex")" "$PLUGIN" "$memory" $engine
		if [ "$expected" = ! ]; then
			exits 1
			prints ""
			[ -s "$dir/err" ] || wrong "no message"
		else
			exits 0
			prints "$expected"
			says_nothing
		fi
	done
done <"$dir/table"

answer="b7000000 2a000000 95000000 00000000"

it "vouch-plugin takes the program from --program"
run "$PLUGIN" --program "$answer" --debug
exits 0
prints 2a

it "vouch-plugin takes memory and --program"
run "$PLUGIN" "01 02" --program "bf20000000000000 9500000000000000" --jit
exits 0
prints 2

it "vouch-plugin understands callx as compilers before LLVM 19 wrote it"
run "$PLUGIN" --program "b700000000000000 b701000031000000 b706000003000000 8d00000006000000 9500000000000000"
exits 0
prints 7

it "vouch-plugin refuses 64-bit immediates that no loader has resolved"
run "$PLUGIN" --program "1810000001000000 0000000000000000 9500000000000000"
exits 1

it "vouch-plugin refuses digits that are no bytes"
run "$PLUGIN" --program "b7000000 2a00000"
exits 1
says "not hexadecimal"

it "vouch-plugin refuses memory that is no bytes"
run "$PLUGIN" "0x1" --program "$answer"
exits 1
says "not hexadecimal"

it "vouch-plugin refuses half an instruction"
run "$PLUGIN" --program "b7000000"
exits 1
says "4 bytes are not a program"

it "vouch-plugin refuses an empty program"
feed "" "$PLUGIN"
exits 1

it "vouch-plugin refuses to run without a program"
run "$PLUGIN"
exits 1
says "no program"

it "vouch-plugin refuses unknown arguments"
run "$PLUGIN" --compile
exits 1
says "unknown argument '--compile'"

it "vouch-plugin --help says how it is used"
run "$PLUGIN" --help
exits 0
shows "--program HEX"

it "vouch-plugin takes programs of a megabyte"
{
	yes 0700000001000000 | head -65536 | tr '\n' ' '
	echo 9500000000000000
} >"$dir/big"
for engine in --interpret --jit; do
	input="$dir/big" run "$PLUGIN" $engine
	exits 0
	prints 10000
done

it "vouch-plugin sees a full disk"
timeout 60 "$PLUGIN" --program "$answer" >/dev/full 2>"$dir/err"
code=$?
exits 1
