#!/bin/sh
# SPDX-License-Identifier: MIT
# Run groups of checks one after the other and add up what they report: tests/check.sh MAKE TARGET…
# A group named TARGET:skip is not run, for want of a compiler or an emulator; the end says so.
make=$1
shift
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
begin=$(date +%s)
skipped=
for target in "$@"; do
	case $target in
	*:skip)
		skipped="$skipped ${target%:skip}"
		continue
		;;
	esac
	printf '== %s (after %d s)\n' "$target" $(($(date +%s) - begin))
	{ $make -j2 --no-print-directory "$target" 2>&1; echo "exit $?"; } | tee "$log" | grep --line-buffered -v '^exit [0-9]*$'
	p=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$log" | awk '{ n += $1 } END { if (NR) print n }')
	f=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$log" | awk '{ n += $1 } END { if (NR) print n }')
	code=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$log" | tail -n 1)
	[ -n "$p" ] || p=$([ "$code" = 0 ] && echo 1 || echo 0)
	[ -n "$f" ] || f=0
	if [ "$code" != 0 ] && [ "$f" -eq 0 ]; then f=1; fi
	[ "$f" -eq 0 ] || echo "== $target FAILED"
	passed=$((passed + p))
	failed=$((failed + f))
done
[ -z "$skipped" ] || printf '== skipped, because tools of .ci/packages are missing:%s\n' "$skipped"
printf '== all checks in %d s\n' $(($(date +%s) - begin))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
