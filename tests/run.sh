#!/bin/sh
# SPDX-License-Identifier: MIT
# Run test programs and count: tests/run.sh PROGRAM…
# A program reports as cmocka does, or ends with a line "N passed, N failed". Anything else is judged by its
# exit code, as one test. What a failing program said is shown.
passed=0
failed=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM
for program in "$@"; do
	start=$(date +%s)
	case $program in
	*.sh) sh "$program" >"$log" 2>&1 ;;
	*) eval "$program" >"$log" 2>&1 ;;
	esac
	code=$?
	p=$(sed -n 's/^\[  PASSED  \] \([0-9]*\) test(s).*/\1/p' "$log" | tail -n 1)
	f=$(sed -n 's/^\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$log" | tail -n 1)
	if [ -z "$p" ]; then
		p=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed.*/\1/p' "$log" | tail -n 1)
		f=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed.*/\1/p' "$log" | tail -n 1)
	fi
	[ -n "$p" ] || p=$([ $code -eq 0 ] && echo 1 || echo 0)
	[ -n "$f" ] || f=0
	if [ $code -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
	passed=$((passed + p))
	failed=$((failed + f))
	printf '%-58s %5d passed' "$program" "$p"
	[ "$f" -eq 0 ] || printf ', %d FAILED' "$f"
	printf '  (%d s)\n' $(($(date +%s) - start))
	[ $code -eq 0 ] && [ "$f" -eq 0 ] || tail -n 200 "$log"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
