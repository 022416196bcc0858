# SPDX-License-Identifier: MIT
# What `vouch replay` makes of a bare Cortex-M4: sh tests/prover/board.sh PROVER
# The code is a few instructions of Thumb-2, what is wanted of it right or wrong. Needs qemu-system-arm.
set -u
here=$(cd "$(dirname "$0")" && pwd)
PROVER=$1
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-board.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2034 # lib.sh reads it
input=
. "$here/../cli/lib.sh"

replay()
{
	run "$PROVER" replay "$dir/file.cex"
}

says()
{
	grep -qF -- "$1" "$dir/out" || wrong "standard output lacks '$1': $(cat "$dir/out")"
}

complains()
{
	grep -qF -- "$1" "$dir/err" || wrong "standard error lacks '$1': $(cat "$dir/err")"
}

# A counterexample with these records: of the code $1 at 20010000, with sp in a page of its own.
file()
{
	{
		printf 'vouch-counterexample 1\nobligation thumb2/made-up\ntarget thumb2\nclaim it differs\n'
		printf 'start 20010000\ncode 20010000 %s\nregister 13 21100f00\ndata 21100000 00\n' "$1"
		cat
	} >"$dir/file.cex"
}

# With records() before it, this is what the processor does: as the model says, where BPF wants something else.
confirms()
{
	{ cat "$dir/records"; printf 'want something else\nend 2\nmodel what the model says\n'; cat; } | file "$1"
	replay
	exits 0
	says "confirmed: the machine does what the prover says that it does"
}

records()
{
	cat >"$dir/records"
}

it "confirms what the processor does as the model, and not as BPF"
# adds r0, #1
increment()
{
	file 0130 <<-END
		register 0 5
		want goes on
		end 20010002
		is 0 $1 ffffffff r0
		model what the model says
		end 20010002
		is 0 $2 ffffffff
	END
}
increment 7 6
replay
exits 0
says "register 0, r0 is 0x6, and should be 0x7"
increment 6 7
replay
exits 1
says "not confirmed: the machine does as BPF: goes on"
increment 7 8
replay
exits 1
says "not confirmed: machine and model disagree"

it "sees the first access to a page of the program's, in an IT block, and leaves alone what is below sp"
# str r4, [sp, #-8]; cmp r0, r0; ittt eq; ldreq r1, [r2]; addeq r0, r0, r1; addeq r0, #1; ldr r3, [sp, #-8]
records <<END
register 0 5
register 2 21300ffc
register 4 12345678
data 21100ef8 00000000
guard 21300ffc 10000000
END
confirms 4df8084c804201bf1168401801305df8083c <<END
end 20010012
touch 21300ffc 4
is 0 16 ffffffff
is 1 10 ffffffff
is 3 12345678 ffffffff
is 13 21100f00 ffffffff
holds 21100ef8 78563412
END
sed -i '/^touch/d' "$dir/file.cex"
replay
exits 1
says "the instruction at 0x20010008 accesses 0x21300ffc, and shouldn't"

it "sees an access to where nothing is: in the board's memory, beside it, at 0"
for nowhere in 21400000 40000000 0 fffffff0; do
	records <<-END
		register 0 5
		register 2 $nowhere
	END
	# ldr r1, [r2]
	confirms 1168 <<-END
		end 20010000
		fault $nowhere
		is 0 5 ffffffff
		is 2 $nowhere ffffffff
	END
	says "the instruction at 0x20010000 accesses 0x$nowhere, where no memory is"
done

it "lets nobody write to constants, or to code"
# ldr r1, [r2]; str r1, [r2]
for records in "constant 21300000 01020304" "code 21300000 01020304"; do
	printf 'register 2 21300000\n%s\n' "$records" | records
	confirms 11681160 <<-END
		end 20010002
		fault 21300000
		is 1 4030201 ffffffff
	END
done
sed -i 's/^code 21300000/data 21300000/' "$dir/file.cex"
replay
exits 1

it "stores what an instruction stores before it faults"
# stmia r2!, {r0, r1}
records <<END
register 0 11111111
register 1 22222222
register 2 21300ffc
data 21300ffc 00000000
END
confirms 03c2 <<END
end 20010000
fault 21301000
is 2 21300ffc ffffffff
holds 21300ffc 11111111
END

it "traps at what isn't aligned, and at what is no instruction"
# ldrd r4, r5, [r2]; udf #0
records <<END
register 2 21300002
data 21300000 000102030405060708090a0b
END
confirms d2e90045 <<END
end 20010000
traps
END
records <<END
register 2 21300002
END
confirms 00de <<END
end 20010000
traps
END
says "the instruction at 0x20010000 can't be run"

it "makes the calls that it is told of, by the link register's address"
# blx r3; adds r0, #1
records <<END
register 3 21f20001
data 21300000 0000000000000000
call 21f20000 a function
link 14
set 0 77
write 21300003 99
END
confirms 98470130 <<END
end 20010004
is 0 78 ffffffff
is 14 20010003 ffffffff
holds 21300003 99
END

it "lets a store-exclusive fail by an interrupt"
# ldrex r1, [r2]; strex r3, r1, [r2]
records <<END
register 2 21300000
data 21300000 01000000
interrupt 20010004
END
confirms 52e8001f42e80013 <<END
end 20010008
is 3 1 ffffffff
END
sed -i '/^interrupt/d; s/^is 3 1/is 3 0/' "$dir/file.cex"
replay
exits 0

it "knows whether interrupts are masked, and whether an IT block is open"
# cpsid i
records </dev/null
confirms 72b6 <<END
end 20010002
is 15 1 ffff
END
# mrs r3, primask; cpsie i
records <<END
register 15 1
END
confirms eff3108362b6 <<END
end 20010006
is 3 1 ffffffff
is 15 0 ffff
END
# it eq
records </dev/null
confirms 08bf <<END
end 20010002
is 15 800 ffff
END

it "divides by zero, and gets zero"
# sdiv r0, r0, r3
records <<END
register 0 5
END
confirms 90fbf3f0 <<END
end 20010004
is 0 0 ffffffff
END

it "stops where it is told to, once it has run anything"
# adds r0, #1; b .-2
records <<END
stop 20010000
END
confirms 0130fde7 <<END
end 20010000
is 0 1 ffffffff
END

it "ends code that doesn't end"
# b .
records </dev/null
confirms fee7 <<END
end 20010000
endless
END

it "says what it lacks"
increment 7 6
run env PATH="$dir" "$PROVER" replay "$dir/file.cex"
exits 3
complains "it takes qemu-system-arm"
echo "data 22001000 00" >>"$dir/file.cex"
replay
exits 3
complains "memory at 0x22001000 can't be had"
sed -i 's/^data 22001000/data 1000000/' "$dir/file.cex"
tally
