# SPDX-License-Identifier: MIT
# The figures of build/bench.dat as bars; lower is faster. Called with terminal, output and data.
eval "set terminal ".TERMINAL
set output OUTPUT
set style data histogram
set style histogram clustered gap 1.2
set style fill solid 0.9 noborder
set boxwidth 0.9
set grid ytics lc rgb '#dddddd' lw 1
set border 3 lc rgb '#666666'
set tics nomirror out
set key outside top center horizontal samplen 1.5 spacing 1.2
set logscale y
set multiplot layout 1,2 title "Time of one call, as a multiple of native code (gcc -O2)" font ",15"
set ylabel "× native (logarithmic)"
set xtics rotate by -35
set yrange [0.8:200]
set title "interpreters"
plot DATA using 2:xtic(1) title "Vouch" lc rgb '#1b6ca8', '' using 4 title "ubpf" lc rgb '#c8b89a'
set yrange [0.8:5]
set ytics (1, 1.5, 2, 3, 4, 5)
set title "JITs (Vouch: all checks on; ubpf: none)"
plot DATA using 3:xtic(1) title "Vouch" lc rgb '#1b6ca8', '' using 5 title "ubpf" lc rgb '#c8b89a'
unset multiplot
