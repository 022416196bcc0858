# SPDX-License-Identifier: MIT
# The figures of build/bench-embedded.dat as bars, a block of it for each board; lower is faster. Called with terminal,
# output, data and the boards' names.
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
set yrange [1:100]
set ytics (1, 2, 5, 10, 20, 50, 100)
set ylabel "× native (logarithmic)"
set xtics rotate by -35
set multiplot layout 1,words(BOARDS) title "Instructions of one run, as a multiple of native code (gcc -O2)" font ",15"
do for [board = 1:words(BOARDS)] {
	set title word(BOARDS, board)
	plot DATA index board - 1 using 2:xtic(1) title "small interpreter" lc rgb '#1b6ca8', '' index board - 1 using 3 title "fast interpreter" lc rgb '#8ab6d6', \
		'' index board - 1 using 5 title "hybrid" lc rgb '#c8b89a', '' index board - 1 using 4 title "JIT" lc rgb '#d1603d'
}
unset multiplot
