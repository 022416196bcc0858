#!/bin/sh
# SPDX-License-Identifier: MIT
# Have gnuplot draw BASE.svg and BASE.png from BASE.dat: sh bench/draw.sh SCRIPT BASE WIDTH,HEIGHT [ASSIGNMENT]
# The script finds TERMINAL, OUTPUT and DATA defined, and what ASSIGNMENT says. Without gnuplot there is no plot, which is
# said and is no error.
command -v gnuplot >/dev/null || { echo 'No plot: gnuplot is not installed (apt-get install gnuplot-nox).'; exit 0; }
for kind in svg png; do
	case $kind in
	svg) terminal="svg noenhanced size $3 font \"sans,12\" background rgb \"white\"" ;;
	png) terminal="pngcairo noenhanced size $3 font \"sans,10\"" ;;
	esac
	gnuplot -e "TERMINAL='$terminal'; OUTPUT='$2.$kind'; DATA='$2.dat'${4:+; $4}" "$1" || exit 1
done
echo "Plot: $2.svg, $2.png"
