#!/bin/sh
# SPDX-License-Identifier: MIT
# Run ports/bench.c on boards, and make a table, a JSON file and a plot of it:
# ports/bench.sh JSON (BOARD COMMAND SIZES)…
# COMMAND runs the board, SIZES is ports/size.sh for it. What they say goes to one log, where a line begins with the board.
json=$1
base=${json%.json}
boards=
failed=
log=$(mktemp)
trap 'rm -f "$log"' EXIT
shift
while [ $# -gt 0 ]; do
	boards="$boards $1"
	eval "$3" | sed -n "s/^  *\(.*[^ ]\)  *\([0-9]*\) bytes$/$1 flash \2 \1/p" >>"$log"
	$2 </dev/null | sed "s/^/$1 /" >>"$log"
	shift 3
done
for board in $boards; do
	grep -q "^$board ram " "$log" && grep -q "^$board flash " "$log" || failed=1
done
if [ -n "$failed" ] || grep -q WRONG "$log"; then
	cat "$log"
	exit 1
fi
awk -v json="$json" -v dat="$base.dat" '
	function key(name) { gsub(/[^a-z]+/, "_", name); return "\"" name "\": " }
	function member(text) { printf "%s\n      %s", separator, text >json; separator = "," }
	function section(name) {
		if (name == in_section)
			return
		printf "%s    \"%s\": {", in_section ? "\n    },\n" : "", name >json
		in_section = name
		separator = ""
	}
	function close_board() { print "\n    }\n  }" (board_next ? "," : "") >json }
	BEGIN {
		printf "%-10s %-11s %6s %8s %15s %15s %15s %15s %10s %10s  %s\n", "board", "workload", "input",
			"native", "interpreter", "fast one", "JIT", "hybrid", "JIT code", "hybrid",
			"stack: the four engines, compiling"
		print "{" >json
		printf "" >dat
	}
	$1 != board {
		board_next = 1
		if (board)
			close_board()
		printf "%s", board ? "\n\n" : "" >dat
		board = $1
		printf "  \"%s\": {\n", board >json
		in_section = ""
	}
	$2 == "flash" {
		section("flash")
		bytes = $3
		sub(/^[^ ]+ flash [0-9]+ /, "")
		flash = flash sprintf("%-10s %-26s %6d bytes of flash\n", board, $0, bytes)
		member(key($0) bytes)
		next
	}
	$2 == "ram" {
		section("ram")
		flash = flash sprintf("%-10s %-26s %6d bytes of RAM\n", board, "a vm", $3)
		flash = flash sprintf("%-10s %-26s %6d bytes of RAM\n", board, "BPF stack of a function", $4)
		member("\"vm\": " $3)
		member("\"bpf_stack\": " $4)
		next
	}
	{
		section("workloads")
		printf "%-10s %-11s %6d %8d", $1, $2, $3, $4
		for (i = 5; i <= 8; i++)
			printf " %9d x%4.1f", $i, $i / $4
		printf " %8d B %8d B  %4d %4d %4d %4d %4d\n", $9, $10, $11, $12, $13, $14, $15
		printf "%s %.2f %.2f %.2f %.2f\n", $2, $5 / $4, $6 / $4, $7 / $4, $8 / $4 >dat
		member(sprintf("\"%s\": {\"input\": %d, \"slots\": %d, \"native\": %d, " \
			"\"interpreter\": %d, \"fast_interpreter\": %d, \"jit\": %d, \"hybrid\": %d, " \
			"\"code\": %d, \"hybrid_code\": %d, \"jit_scratch\": %d, \"stack_interpreter\": %d, " \
			"\"stack_fast_interpreter\": %d, \"stack_jit\": %d, \"stack_hybrid\": %d, " \
			"\"stack_compiling\": %d}", $2, $3, $16, $4, $5, $6, $7, $8, $9, $10, $17, \
			$11, $12, $13, $14, $15))
	}
	END {
		board_next = 0
		close_board()
		print "}" >json
		print "Instructions of a run, and how many times those of native code. Stack in bytes.\n"
		printf "%s", flash
		print "Compiling takes scratch, too: 20 bytes and 8.4 for each instruction slot, as long as it lasts."
	}' "$log"
sh bench/draw.sh ports/bench.gp "$base" 1300,480 "BOARDS='${boards# }'"
