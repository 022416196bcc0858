#!/bin/sh
# SPDX-License-Identifier: MIT
# Run a program on a bare Cortex-M4 in QEMU: run.sh PROGRAM [ARGUMENT…]. Output and exit code are the program's.
# QEMU_FLAGS: more options for the emulator.
program=$1
shift
arguments=
for argument in "$@"; do
	arguments=$arguments,arg=$argument
done
exec timeout 900 qemu-system-arm -M mps2-an386 -global armv7m.init-nsvtor=0x10000 -nographic -monitor none -serial none \
	-chardev stdio,id=console -semihosting-config "enable=on,target=native,chardev=console$arguments" \
	$QEMU_FLAGS -kernel "$program" </dev/null
