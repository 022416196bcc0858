#!/bin/sh
# SPDX-License-Identifier: MIT
# What each part takes of a device's flash: ports/size.sh TITLE SIZE LIBGCC OBJECTS TARGET [LIMIT LIMIT]
# SIZE is the tool, LIBGCC the compiler's library, OBJECTS a port's folder. What interprets is counted with the routines of
# the compiler's that it needs, for 64-bit division and, on RV32, shifts. With limits, in bytes, of what interprets, and of
# that and the compiler together, it is an error if they are passed.
size=$2
libgcc=$3
objects=$4/src

# NAME OBJECT…: a line for each, and their sum, which is left in $sum.
group()
{
	name=$1
	shift
	lines=$({ (cd "$objects" && $size "$@"); [ "$name" != interpreting ] || $size "$libgcc" | grep -Ew "$routines\.o"; } |
		awk -v name="$name" '
			$1 + $2 > 0 { printf "  %-26s %6d\n", $6, $1 + $2; sum += $1 + $2 }
			END { printf "  %-26s %6d bytes\n", name, sum }')
	printf '%s\n' "$lines"
	sum=$(printf '%s\n' "$lines" | awk 'END { print $(NF - 1) }')
}

case $5 in
thumb2) routines='(_aeabi_uldivmod|_aeabi_ldivmod|_udivmoddi4)' ;;
*) routines='(_udivdi3|_divdi3|_umoddi3|_moddi3|_ashldi3|_lshrdi3|_ashrdi3|_bswapdi2)' ;;
esac
echo "$1"
group interpreting vm/interpreter.o vm/interpreter_small.o vm/region.o vm/check.o isa/decode.o vm/vm.o
interpreting=$sum
group compiling jit/jit.o jit/group.o jit/run.o jit/"$5"/emit.o
total=$((interpreting + sum))
group 'hybrid runs' jit/hybrid.o jit/interpret.o jit/choose.o jit/count.o
group 'images and texts' load/image.o vm/status.o
[ $# -lt 7 ] || [ "$interpreting" -le "$6" ] || { echo "$interpreting bytes for interpreting are more than $6"; exit 1; }
[ $# -lt 7 ] || [ "$total" -le "$7" ] || { echo "$total bytes for interpreting and compiling are more than $7"; exit 1; }
