#!/bin/sh
# SPDX-License-Identifier: MIT
# The demonstration: a C program, compiled for BPF, run interpreted and JITed: sh examples/demo.sh BUILD CLANG
set -eu
build=$1
clang=$2
say() { printf '\n$ %s\n' "$*"; }

say "$clang -O2 -g -target bpf -mcpu=v3 -c examples/fletcher32.c -o $build/fletcher32.o"
"$clang" -O2 -g -target bpf -mcpu=v3 -c examples/fletcher32.c -o "$build/fletcher32.o"
head -c 65536 examples/fletcher32.c vouch | head -c 65536 >"$build/demo.bin"
say "./vouch run $build/fletcher32.o --mem $build/demo.bin --stats"
./vouch run "$build/fletcher32.o" --mem "$build/demo.bin" --stats 2>&1 | tee "$build/demo.interpreted"
say "./vouch run $build/fletcher32.o --mem $build/demo.bin --stats --jit"
./vouch run "$build/fletcher32.o" --mem "$build/demo.bin" --stats --jit 2>&1 | tee "$build/demo.jit"
printf 'r0 = *(u64 *)(r1 + 8)\nexit\n' >"$build/demo.s"
say "./vouch run $build/demo.s --mem 00112233        # an access outside its memory is stopped"
./vouch run "$build/demo.s" --mem 00112233 || true
ns() { sed -n 's/^run time *\([0-9]*\) ns.*/\1/p' "$1"; }
awk -v i="$(ns "$build/demo.interpreted")" -v j="$(ns "$build/demo.jit")" 'BEGIN {
	printf "\n64 KiB checksummed: interpreted in %.0f us, compiled in %.0f us, %.0f times faster,\n", i / 1000, j / 1000, i / j
	print "with every access checked in both. \"make bench\" compares them with native code." }'
