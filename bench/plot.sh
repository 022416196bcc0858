#!/bin/sh
# SPDX-License-Identifier: MIT
# Draw DIR/bench.svg and DIR/bench.png from DIR/bench.json: sh bench/plot.sh DIR
dir=$1
sed -n 's/^ *"\([a-z0-9]*\)": {"native_ns": [^,]*, "interpreter": \([^,]*\), "jit": \([^,]*\),.*"ubpf_interpreter": \([^,]*\), "ubpf_jit": \([^}]*\)}.*/\1 \2 \3 \4 \5/p' \
	"$dir/bench.json" >"$dir/bench.dat"
sed -n 's/.*"geomean": {"interpreter": \([^,]*\), "jit": \([^}]*\)}.*/"geom. mean" \1 \2 49 1.68/p' "$dir/bench.json" >>"$dir/bench.dat"
sh bench/draw.sh bench/plot.gp "$dir/bench" 1100,480
