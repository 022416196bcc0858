#!/bin/sh
# SPDX-License-Identifier: MIT
# The demo on a board ends well, and what it compiled there is what `vouch jit` makes here of the same image:
#   ports/check.sh IMAGE TARGET FEATURES COMMAND…
image=$1
target=$2
features=$3
shift 3
said=$("$@" </dev/null)
code=$?
printf '%s\n' "$said"
[ $code -eq 0 ] || exit 1
sum=$(./vouch jit "$image" --target "$target" --features "$features" --output - | cksum | cut -d ' ' -f 1)
case $said in
*"cksum $sum"*) ;;
*)
	echo "here it is $sum"
	exit 1
	;;
esac
