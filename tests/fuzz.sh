#!/bin/sh
# SPDX-License-Identifier: MIT
# Run a libFuzzer program: tests/fuzz.sh SECONDS|smoke PROGRAM
# It starts from tests/fuzz/corpus/NAME. With a number of seconds, what it finds is kept beside the program, in
# corpus-NAME. "smoke" is short, the same each time, and keeps nothing. An input that fails is left in
# NAME-crash-…; run the program on that file to see it again.
mode=$1
program=$2
name=$(basename "$program")
folder=$(dirname "$program")
kept=tests/fuzz/corpus/$name
[ -d "$kept" ] || kept=
log=$folder/$name.log

if [ "$mode" = smoke ]; then
	found=$(mktemp -d)
	trap 'rm -rf "$found"' EXIT
	"$program" -seed=1 -runs=3000 -timeout=20 -artifact_prefix="$folder/$name-" "$found" $kept
	exit
fi

trap 'echo interrupted; exit 130' INT TERM
found=$folder/corpus-$name
mkdir -p "$found"
printf '%-14s for %d s … ' "$name" "$mode"
if "$program" -max_total_time="$mode" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	-artifact_prefix="$folder/$name-" "$found" $kept 2>"$log"; then
	sed -n 's/^stat::number_of_executed_units: */runs: /p; s/^stat::new_units_added: */new inputs: /p' "$log" |
		paste -s -d ' '
else
	echo FAILED
	tail -n 60 "$log"
	exit 1
fi
