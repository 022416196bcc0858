# SPDX-License-Identifier: MIT
# What `vouch replay` makes of counterexamples: sh tests/prover/replay.sh PROVER HARNESS
# The code is a few RISC-V instructions, what is wanted of it right or wrong. Needs qemu-riscv64.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PROVER=$1
HARNESS=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-replay.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2034 # lib.sh reads it
input=
. "$here/../cli/lib.sh"

replay()
{
	run "$PROVER" replay "$dir/file.cex" --harness "$HARNESS"
}

says()
{
	grep -qF -- "$1" "$dir/out" || wrong "standard output lacks '$1': $(cat "$dir/out")"
}

complains()
{
	grep -qF -- "$1" "$dir/err" || wrong "standard error lacks '$1': $(cat "$dir/err")"
}

# A counterexample with these records, of code at 200010000.
file()
{
	{ printf 'vouch-counterexample 1\nobligation rv64/made-up\ntarget rv64c\nclaim it differs\nstart 200010000\n'; cat; } \
		>"$dir/file.cex"
}

# addi a0, a0, 1: BPF has r0 = $1 afterwards, the model $2.
increment()
{
	file <<-END
		text   a line for people
		register 10 5
		code 200010000 0505
		want goes on
		end 200010002
		is 10 $1 ffffffffffffffff r0
		model what the model says
		end 200010002
		is 10 $2 ffffffffffffffff
	END
}

it "confirms what the machine does as the model, and not as BPF"
increment 7 6
replay
exits 0
says "rv64/made-up: it differs"
says "  a line for people"
says "register 10, r0 is 0x6, and should be 0x7"
says "confirmed"

it "doesn't confirm what the machine does as BPF"
increment 6 7
replay
exits 1
says "not confirmed: the machine does as BPF: goes on"

it "says if machine and model disagree"
increment 7 8
replay
exits 1
says "not confirmed: machine and model disagree"

it "compares only the bits that it is told to"
increment 6 6
sed -i 's/is 10 6 ffffffffffffffff r0/is 10 106 ff r0/' "$dir/file.cex"
replay
exits 1
says "the machine does as BPF"

it "runs code until it leaves, wherever to"
# jalr ra, 0(t1)
file <<END
register 6 13579bdf0
code 200010000 e7000300
want stays
end 200010004
model leaves
end 13579bdf0
is 1 200010004 ffffffffffffffff
END
replay
exits 0
says "the code ends at 0x13579bdf0, and should end at 0x200010004"
sed -i '/^want/,/^model/{/^end/d}' "$dir/file.cex"
replay
exits 0
says "the code ends at 0x13579bdf0, and should end elsewhere"

it "compares memory, also that which nothing is said of"
# sd a1, 0(a0); sd a1, 8(a0)
file <<END
register 10 130000000
register 11 1122334455667788
code 200010000 2330b5002334b500
data 130000000 0000000000000000
want stores
end 200010008
holds 130000000 8877665544332211 a word
model stores
end 200010008
holds 130000000 8877665544332211
holds 130000008 8877665544332211
END
replay
exits 1
says "at 0x130000008, which is nothing of the code's, is 88"
says "machine and model disagree"
sed -i 's/^data 130000000 0000000000000000/&0000000000000000/; s/^want stores/want stores\nholds 130000008 0000000000000000/' "$dir/file.cex"
replay
exits 0
says "at 0x130000008 is 8877665544332211, and should be 0000000000000000"

it "sees the first access to a page of the program's, a load as well"
# ld a1, 0(a0)
file <<END
register 10 130000ff8
code 200010000 83350500
guard 130000ff8 0807060504030201
want loads nothing
end 200010004
is 11 102030405060708 ffffffffffffffff
model loads
end 200010004
touch 130000ff8 8
is 11 102030405060708 ffffffffffffffff
END
replay
exits 0
says "the instruction at 0x200010000 accesses 0x130000ff8, and shouldn't"

it "sees an access to where nothing is"
sed -i 's/^register 10.*/register 10 150000000/; /^touch/d; s/^end 200010004/end 200010000/; /^is 11/d; /^model/,$s/^end.*/&\nfault 150000000/' "$dir/file.cex"
replay
exits 0
says "the instruction at 0x200010000 accesses 0x150000000, where no memory is"

it "lets nobody write to constants"
# ld a1, 0(a0); sd a1, 0(a0)
file <<END
register 10 130000ff8
code 200010000 833505002330b500
constant 130000ff8 0807060504030201
want stores
end 200010008
model faults
end 200010004
fault 130000ff8
is 11 102030405060708 ffffffffffffffff
END
replay
exits 0
says "the instruction at 0x200010004 accesses 0x130000ff8, where no memory is"
sed -i 's/^constant/data/' "$dir/file.cex"
replay
exits 1
says "the machine does as BPF: stores"

it "tells of ends that have one name only once"
increment 7 6
sed -i '/^model/i want goes on\nend 200010002\nis 10 8 ffffffffffffffff\nwant ends\nend 200010004' "$dir/file.cex"
replay
exits 0
[ "$(grep -c "goes on" "$dir/out")" = 2 ] || wrong "told twice: $(cat "$dir/out")"
says "or      ends"

it "makes the calls that it is told of"
# jalr ra, 0(t1); ld a2, 0(a3)
file <<END
register 6 1f0000000
register 13 130000000
code 200010000 e700030003b60600
data 130000000 0000000000000000
call 1f0000000 a function
link 1
set 10 77
write 130000003 99
want calls
end 200010008
is 10 78 ffffffffffffffff
model calls
end 200010008
is 10 77 ffffffffffffffff
is 12 99000000 ffffffffffffffff
holds 130000003 99
END
replay
exits 0

# A loop that counts in a0 until it is a1, and goes on: at its head, a low address. Each line is an instruction.
loop()
{
	file <<-END
		register 6 100004
		register 10 5
		register 11 7
		code 100000 0505e31fb5fe0100
		stop 100000
		want goes round
		end 100000
		is 10 $2 ffffffffffffffff
		model goes round twice
		end 100000
		is 10 66 ffffffffffffffff
	END
	sed -i "s/^start.*/start $1/" "$dir/file.cex"
}

it "stops where code goes on, but not before it has run anything"
loop 100000 6
replay
exits 1
says "the machine does as BPF: goes round"
loop 100002 5
replay
exits 1
says "the machine does as BPF: goes round"
sed -i 's/^stop.*/stop 100006/; s/end 100000/end 100006/' "$dir/file.cex"
sed -i 's/is 10 5/is 10 7/' "$dir/file.cex"
replay
exits 1
says "the machine does as BPF: goes round"

it "steps over jumps of every kind, wherever they lead"
# j, bnez, bne, jal, jalr, jr and jalr, of 2 and 4 bytes, all to 100004
for jump in f5bf 75fd e31eb5fe eff2dfff e7020300 0283 0293; do
	loop 100008 5
	sed -i "s/^code.*/code 100000 0100010001000100$jump/; s/^stop.*/&\\nstop 100008/" "$dir/file.cex"
	sed -i '/^stop/s/100000/100004/; /^end/s/100000/100004/' "$dir/file.cex"
	replay
	exits 1
	says "the machine does as BPF: goes round"
done

it "stops at calls of code that is there"
# jal ra, .+8; nop; nop; addi a0, a0, 1
file <<END
start 100000
register 10 5
code 100000 ef008000010001000505
call 100008 a function
link 1
set 10 77
stop 100006
want calls
end 100006
is 10 77 ffffffffffffffff
model doesn't
end 100006
is 10 6 ffffffffffffffff
END
replay
exits 1
says "the machine does as BPF: calls"

it "interrupts code where it is told to, once"
# ld a1, 0(a0); ld a2, 0(a0); c.addi a3, -1; c.bnez a3, .-6
file <<END
register 10 130000000
register 13 3
code 200010000 8335050003360500fd16edfe
data 130000000 0100000000000000
interrupt 200010004 somebody writes
write 130000001 02
want isn't interrupted
end 20001000c
is 11 1 ffffffffffffffff
is 12 1 ffffffffffffffff
model is
end 20001000c
is 11 1 ffffffffffffffff
is 12 201 ffffffffffffffff
holds 130000000 0102000000000000
END
replay
exits 0
sed -i 's/^register 13.*/register 13 2/; /^interrupt/s/200010004/20001000a/; /^model/,$s/^is 12.*/is 12 201 ffffffffffffffff/' "$dir/file.cex"
replay
exits 0

it "lets a store-conditional fail by an interrupt"
# lr.d a1, (a0); sc.d a2, a1, (a0)
file <<END
register 10 130000000
code 200010000 af3505102f36b518
data 130000000 0100000000000000
interrupt 200010004
want succeeds
end 200010008
is 12 0 ffffffffffffffff
model fails
end 200010008
is 12 1 ffffffffffffffff
END
replay
exits 0
sed -i '/^interrupt/d' "$dir/file.cex"
replay
exits 1
says "the machine does as BPF: succeeds"

it "ends code that doesn't end, or is none"
# j .
file <<END
code 200010000 01a0
want goes on
end 200010002
model goes on
end 200010002
END
replay
exits 1
says "the code goes on and on, at 0x200010000, and should end at 0x200010002"
echo endless >>"$dir/file.cex"
replay
exits 0
sed -i '$d' "$dir/file.cex"
sed -i 's/01a0/0000/' "$dir/file.cex"
replay
exits 1
says "the instruction at 0x200010000 can't be run"

it "has no compressed instructions where the target has none"
increment 6 6
sed -i 's/^target.*/target rv64/; s/^model.*/&\ntraps/; /^model/,$s/^end.*/end 200010000/; $d' "$dir/file.cex"
replay
exits 0
says "the instruction at 0x200010000 can't be run"

it "leaves alone what it can't run"
increment 7 6
sed -i 's/200010000/10000/' "$dir/file.cex"
replay
exits 3
complains "memory at 0x10000 can't be had"
increment 7 6
echo 'data 200010800 00' >>"$dir/file.cex"
replay
exits 3
complains "code and data are in one page"
increment 7 6
printf 'data 130000000 00\nguard 130000000 01\n' >>"$dir/file.cex"
replay
exits 3
complains "said twice, and not alike"
sed -i 's/^target.*/target z80/' "$dir/file.cex"
replay
exits 3
complains "no harness for target 'z80'"
increment 7 6
run "$PROVER" replay "$dir/file.cex" --harness "$dir/none"
exits 3
complains "make prover"
run env PATH="$dir" "$PROVER" replay "$dir/file.cex" --harness "$HARNESS"
[ "$(uname -m)" = riscv64 ] || { exits 3; complains "it takes qemu-riscv64"; }
run "$PROVER" replay "$dir/none"
exits 3

it "refuses files that are no counterexamples, and says in which line"
refuse()
{
	increment 7 6
	sed -i "$1" "$dir/file.cex"
	replay
	exits 2
	complains "$2"
}
refuse '1s/1$/2/' "line 1: not a counterexample"
refuse 's/^register 10 5/register 48 5/' "line 7: '48' is not a number"
refuse 's/^register 10 5/register 10 5 6/' "line 7: there is more"
refuse 's/^register 10 5/register 10/' "line 7"
refuse 's/^register 10 5/register 10 10000000000000000/' "line 7"
refuse 's/^register 10 5/is 10 5 ff/' "line 7: this belongs to 'want' or 'model'"
refuse 's/^register 10 5/set 10 5/' "line 7: this belongs to a call"
refuse 's/^register 10 5/colour red/' "line 7: unknown record 'colour'"
refuse 's/0505/050/' "not bytes"
refuse 's/0505/05zz/' "not bytes"
refuse '/^target/d' "there is no target"
refuse '/^want/,$d' "there is nothing that BPF wants"
refuse '/^model/,$d' "there is nothing that the model says"
refuse '$a model again' "there are two of these"
refuse 's/^claim/\x00/' "not text"
# shellcheck disable=SC2016 # a program for awk
awk 'BEGIN { print "vouch-counterexample 1"; for (i = 0; i < 150; i++) print "data 130000000 00" }' >"$dir/file.cex"
replay
exits 2
complains "line 98: there are too many of these"
run "$PROVER" replay
exits 2
run "$PROVER" replay a b
exits 2
tally
