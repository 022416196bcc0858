#!/bin/sh
# SPDX-License-Identifier: MIT
# What each part takes of a device's flash: ports/size.sh TITLE SIZE LIBGCC OBJECTS TARGET [LIMIT LIMIT]
# SIZE is the tool, LIBGCC the compiler's library, OBJECTS a port's folder. What interprets is counted with the routines of
# the compiler's that it needs, for 64-bit division and, on RV32, shifts. With limits, in bytes, of what interprets, and of
# that and the compiler together, it is an error if they are passed. A part's line ends with "bytes"; those of its files,
# before it, don't.
size=$2
libgcc=$3
objects=$4/src

# NAME, and lines as the tool prints them: a line for each file, and their sum, which is left in $sum.
part()
{
	lines=$(awk -v name="$1" '
		$1 + $2 > 0 { printf "  %-26s %6d\n", $6, $1 + $2; sum += $1 + $2 }
		END { printf "  %-26s %6d bytes\n", name, sum }')
	printf '%s\n' "$lines"
	sum=$(printf '%s\n' "$lines" | awk 'END { print $(NF - 1) }')
}

# NAME OBJECT…
objects()
{
	name=$1
	shift
	part "$name" <<-END
		$(cd "$objects" && $size "$@")
	END
}

case $5 in
thumb2) routines='(_aeabi_uldivmod|_aeabi_ldivmod|_udivmoddi4)' ;;
*) routines='(_udivdi3|_divdi3|_umoddi3|_moddi3|_ashldi3|_lshrdi3|_ashrdi3|_bswapdi2)' ;;
esac
echo "$1"
objects interpreter vm/interpreter.o vm/interpreter_small.o
interpreting=$sum
objects 'lookup, checker, vm' vm/region.o vm/check.o isa/decode.o vm/vm.o
interpreting=$((interpreting + sum))
part "compiler's routines" <<END
$($size "$libgcc" | grep -Ew "$routines\.o")
END
interpreting=$((interpreting + sum))
printf '  %-26s %6d bytes\n' 'to interpret' "$interpreting"
objects 'driver and emitter' jit/jit.o jit/group.o jit/run.o jit/"$5"/emit.o
total=$((interpreting + sum))
printf '  %-26s %6d bytes\n' 'to interpret and compile' "$total"
objects 'hybrid runs' jit/hybrid.o jit/interpret.o jit/choose.o jit/count.o
[ ! -f "$4/ports/fast.o" ] || objects 'fast interpreter' ../ports/fast.o
objects 'images and texts' load/image.o vm/status.o
[ $# -lt 7 ] || [ "$interpreting" -le "$6" ] || { echo "$interpreting bytes for interpreting are more than $6"; exit 1; }
[ $# -lt 7 ] || [ "$total" -le "$7" ] || { echo "$total bytes for interpreting and compiling are more than $7"; exit 1; }
