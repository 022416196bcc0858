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
		printf "%-10s %-11s %7s %10s %12s %12s %10s\n", "board", "workload", "input", "native",
			"interpreter", "JIT", "code"
		print "[" >json
	}
	{
		printf "%-10s %-11s %7d %10d %7d x%3.0f %7d x%4.1f %7d B\n", $1, $2, $3, $4, $5 / 1000, $5 / $4,
			$6 / 1000, $6 / $4, $7
		printf "%s  {\"board\": \"%s\", \"workload\": \"%s\", \"input\": %d, \"native\": %d, " \
			"\"interpreter\": %d, \"jit\": %d, \"code\": %d}", (NR > 1 ? ",\n" : ""), $1, $2, $3, $4,
			$5, $6, $7 >json
	}
	END {
		print "\n]" >json
		print "Instructions of a run; of interpreter and JIT in thousands, and as a multiple of native code."
	}' "$log"
