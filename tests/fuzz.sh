#!/bin/sh
# SPDX-License-Identifier: MIT
# Run libFuzzer programs one after the other, each for so long: tests/fuzz.sh SECONDS PROGRAM…
# They start from tests/fuzz/corpus/NAME. What they find is kept beside the program, in corpus-NAME, and an
# input that fails in NAME-crash-…; run the program on that file to see it again.
seconds=$1
shift
trap 'echo "interrupted"; exit 130' INT TERM
for program in "$@"; do
	name=$(basename "$program")
	folder=$(dirname "$program")
	mkdir -p "$folder/corpus-$name" "tests/fuzz/corpus/$name"
	printf '%-14s for %d s … ' "$name" "$seconds"
	if "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$folder/$name-" "$folder/corpus-$name" "tests/fuzz/corpus/$name" \
		2>"$folder/$name.log"; then
		sed -n 's/^stat::number_of_executed_units: */runs: /p; s/^stat::new_units_added: */new inputs: /p' \
			"$folder/$name.log" | paste -s -d ' '
	else
		echo 'FAILED'
		tail -n 60 "$folder/$name.log"
		exit 1
	fi
done
