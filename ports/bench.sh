#!/bin/sh
# SPDX-License-Identifier: MIT
# Run ports/bench.c on boards, and make a table and a JSON file of it: ports/bench.sh JSON (BOARD COMMAND)…
json=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
while [ $# -gt 0 ]; do
	$2 </dev/null | sed "s/^/$1 /" >>"$log"
	shift 2
done
if grep -q WRONG "$log" || [ ! -s "$log" ]; then
	cat "$log"
	exit 1
fi
awk -v json="$json" '
	BEGIN {
		printf "%-10s %-11s %6s %8s %15s %15s %15s %15s %10s %10s  %s\n", "board", "workload", "input",
			"native", "interpreter", "fast one", "JIT", "hybrid", "JIT code", "hybrid",
			"stack: the four engines, compiling"
		print "[" >json
	}
	{
		printf "%-10s %-11s %6d %8d", $1, $2, $3, $4
		for (i = 5; i <= 8; i++)
			printf " %9d x%4.1f", $i, $i / $4
		printf " %8d B %8d B  %4d %4d %4d %4d %4d\n", $9, $10, $11, $12, $13, $14, $15
		printf "%s  {\"board\": \"%s\", \"workload\": \"%s\", \"input\": %d, \"native\": %d, " \
			"\"interpreter\": %d, \"fast_interpreter\": %d, \"jit\": %d, \"hybrid\": %d, " \
			"\"code\": %d, \"hybrid_code\": %d, \"stack_interpreter\": %d, " \
			"\"stack_fast_interpreter\": %d, \"stack_jit\": %d, \"stack_hybrid\": %d, " \
			"\"stack_compiling\": %d}", (NR > 1 ? ",\n" : ""), $1, $2, $3, $4, $5, $6, $7, $8, $9, \
			$10, $11, $12, $13, $14, $15 >json
	}
	END {
		print "\n]" >json
		print "Instructions of a run, and how many times those of native code. Stack in bytes."
	}' "$log"
