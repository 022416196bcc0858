# SPDX-License-Identifier: MIT
# Command lines: help, hints and exit codes.

# A copy, so that there is no prover beside it.
mkdir -p "$dir/bin"
cp "$VOUCH" "$dir/bin/vouch"

commands="run check asm disasm pack jit prove replay"

it "--help lists every command in one screen"
run "$VOUCH" --help
exits 0
says_nothing
for name in $commands; do
	shows "  $name "
done
[ "$(wc -l <"$dir/out")" -le 24 ] || wrong "more than 24 lines"

for name in $commands; do
	it "vouch $name --help shows usage, options and examples"
	run env PATH=/nonexistent "$dir/bin/vouch" "$name" --help
	exits 0
	shows "Usage: vouch $name"
	shows "--help"
	shows "Examples:"

	it "vouch help $name is vouch $name --help"
	cp "$dir/out" "$dir/help"
	run env PATH=/nonexistent "$dir/bin/vouch" help "$name"
	exits 0
	same_files "$dir/help" "$dir/out"
done

it "--version prints the version"
run "$VOUCH" --version
exits 0
prints "vouch $(sed -n 's/#define VOUCH_VERSION  *"\(.*\)"/\1/p' "$here/../../include/vouch/vouch.h")"

it "without a command the usage is wrong"
run "$VOUCH"
exits 2
says "no command"
says "vouch --help"

it "a misspelt command is refused with the right one"
run "$VOUCH" rnu
exits 2
says "did you mean 'run'?"

it "help for an unknown command is refused"
run "$VOUCH" help nonsense
exits 2
says "no command 'nonsense'"

for name in run check asm disasm pack jit; do
	it "vouch $name refuses an unknown option"
	run "$VOUCH" "$name" --no-such-option x
	exits 2
	says "unknown option '--no-such-option'"
	says "vouch $name --help"

	it "vouch $name refuses an unknown letter"
	run "$VOUCH" "$name" -Z x
	exits 2
	says "unknown option '-Z'"

	it "vouch $name without a file is refused"
	run "$VOUCH" "$name"
	exits 2
	says "no FILE"

	it "vouch $name with two files is refused"
	run "$VOUCH" "$name" a b
	exits 2
	says "'b' follows 'a'"

	it "vouch $name says that a file is missing"
	run "$VOUCH" "$name" "$dir/missing" $([ "$name" = pack ] && echo "-o $dir/x")
	exits 3
	says "cannot read $dir/missing: No such file or directory"

	it "vouch $name says that a folder is no file"
	run "$VOUCH" "$name" "$dir" $([ "$name" = pack ] && echo "-o $dir/x")
	exits 3
	says "cannot read $dir: Is a directory"
done

it "a misspelt option is refused with the right one"
run "$VOUCH" run --fule 3 x
exits 2
says "unknown option '--fule'; did you mean '--fuel'?"

it "an option without its argument is refused"
run "$VOUCH" run --mem
exits 2
says "option '--mem' needs an argument"

it "an option with an argument that it doesn't take is refused"
run "$VOUCH" run --json=3 x
exits 2
says "option '--json' takes no argument"

it "after -- everything is a file"
run "$VOUCH" run -- --json
exits 3
says "cannot read --json"

for fuel in -1 1x "" 99999999999999999999; do
	it "'$fuel' is not a number for --fuel"
	run "$VOUCH" run --fuel "$fuel" x
	exits 2
	says "'$fuel' is not a number"
done

it "--trace with --jit is refused, and why"
run "$VOUCH" run --trace --jit x
exits 2
says "--trace needs the interpreter"

it "the program and the memory can't both be standard input"
run "$VOUCH" run - --mem -
exits 2
says "can't both be standard input"

it "vouch pack without --output is refused"
run "$VOUCH" pack x
exits 2
says "no --output"

it "vouch prove says what to do where there is no prover"
run env PATH=/nonexistent "$dir/bin/vouch" prove --all
exits 3
says "vouch-prove, which is not installed"
says "make prove"

for place in bin libexec/vouch path; do
	it "vouch prove starts vouch-prove from $place with all arguments"
	mkdir -p "$dir/$place"
	printf '#!/bin/sh\necho "$0:" "$@"\nexit 7\n' >"$dir/$place/vouch-prove"
	chmod +x "$dir/$place/vouch-prove"
	run env PATH="$dir/path:$PATH" "$dir/bin/vouch" prove -j 2 'a b'
	exits 7
	shows "vouch-prove: prove -j 2 a b"
	rm "$dir/$place/vouch-prove"
done

it "--mem-out can't be standard output, where the result goes"
run "$VOUCH" run x --mem-out -
exits 2

it "code and listing can't both be standard output"
run "$VOUCH" jit x --asm -o -
exits 2
