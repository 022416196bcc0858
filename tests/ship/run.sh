# SPDX-License-Identifier: MIT
# What leaves the tree: the installed files, the amalgamation, the example, the man pages.
# sh tests/ship/run.sh, from anywhere, once `make` has built the commands and the library.
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
VOUCH=${VOUCH:-$top/vouch}
CC=${CC:-gcc}
MAKE=${MAKE:-make}
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-ship.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC2034 # lib.sh reads it
input=
# Nothing of the make that runs this may reach the makes that this runs.
unset MAKEFLAGS MAKELEVEL MFLAGS PREFIX DESTDIR

. "$here/../cli/lib.sh"

make_in_tree()
{
	run "$MAKE" -s -C "$top" "$@"
}

example_says='sensor 2, 3300 mV: send
sensor 2, -40 mV: ignore
sensor 1000000, 5000 mV: fault_memory (instruction 7, 4 bytes at table + 4000000)
sensor 2 was sent 1 times'

it "installs commands, library, headers, man pages and vouch.pc below DESTDIR"
make_in_tree install DESTDIR="$dir/root" PREFIX=/opt/vouch
exits 0
for file in bin/vouch bin/vouch-plugin lib/libvouch.a lib/pkgconfig/vouch.pc include/vouch/vouch.h \
	include/vouch/jit.h include/vouch/image.h share/man/man1/vouch.1 share/man/man1/vouch-plugin.1 \
	share/man/man3/vouch.3; do
	[ -s "$dir/root/opt/vouch/$file" ] || wrong "$file is not there"
done

if [ -x "$top/vouch-prove" ] && [ -e "$top/build/prover/emit.rv64.elf" ]; then
	it "installs the prover, which finds the emitters that were installed with it"
	[ -s "$dir/root/opt/vouch/share/man/man1/vouch-prove.1" ] || wrong "no man page"
	run "$dir/root/opt/vouch/bin/vouch" prove rv64/alu64-add-x --no-cache
	exits 0
fi

it "installs a command that runs"
feed 'r0 = 42; exit' "$dir/root/opt/vouch/bin/vouch" run -
exits 0

it "gives pkg-config the version that the command has"
export PKG_CONFIG_LIBDIR="$dir/root/opt/vouch/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$dir/root"
run pkg-config --modversion vouch
prints "$("$VOUCH" --version | sed 's/^vouch //')"

it "builds the example by pkg-config's word alone"
# shellcheck disable=SC2046
run "$CC" -std=c11 -Wall -Wextra -Werror "$top/examples/embed.c" $(pkg-config --cflags --libs vouch) -o "$dir/embed"
exits 0
run "$dir/embed"
exits 0
prints "$example_says"

it "installs headers that need no libc"
printf '#include <vouch/vouch.h>\n#include <vouch/jit.h>\n#include <vouch/image.h>\n' >"$dir/headers.c"
# shellcheck disable=SC2046
run "$CC" -std=c11 -ffreestanding -Wall -Wextra -Werror $(pkg-config --cflags vouch) -c "$dir/headers.c" -o "$dir/headers.o"
exits 0

if command -v "${CXX:-g++}" >"$dir/which"; then
	it "installs headers that C++ accepts"
	cp "$dir/headers.c" "$dir/headers.cc"
	# shellcheck disable=SC2046
	run "${CXX:-g++}" -Wall -Wextra -Werror $(pkg-config --cflags vouch) -c "$dir/headers.cc" -o "$dir/headers.o"
	exits 0
fi

it "leaves nothing behind when uninstalled"
make_in_tree uninstall DESTDIR="$dir/root" PREFIX=/opt/vouch
exits 0
left=$(find "$dir/root" ! -type d)
[ -z "$left" ] || wrong "left: $left"
[ ! -e "$dir/root/opt/vouch/include/vouch" ] || wrong "its own folder include/vouch is left"
[ ! -e "$dir/root/opt/vouch/lib/vouch" ] || wrong "its own folder lib/vouch is left"

it "leaves other people's files alone when uninstalled"
mkdir -p "$dir/other/include/vouch" "$dir/other/bin"
touch "$dir/other/include/vouch/mine.h" "$dir/other/bin/mine"
make_in_tree uninstall DESTDIR="$dir/other" PREFIX=
exits 0
for file in include/vouch/mine.h bin/mine; do
	[ -e "$dir/other/$file" ] || wrong "$file is gone"
done

it "makes an amalgamation"
run sh -c "cd '$top' && sh scripts/amalgamate.sh '$dir/one'"
exits 0
says_nothing

# Freestanding, without a warning, by each compiler there is; both ways to dispatch; with and without the JIT.
for compiler in gcc clang; do
	command -v $compiler >"$dir/which" || continue
	for flags in -DVOUCH_JIT -DVOUCH_NO_JIT -DVOUCH_COMPUTED_GOTO=0; do
		it "compiles the amalgamation with $compiler $flags without a warning"
		run $compiler -std=c11 -ffreestanding -Wall -Wextra -O2 $flags -c "$dir/one/vouch.c" -o "$dir/$compiler$flags.o"
		exits 0
		says_nothing
	done
done

global_names()
{
	nm --defined-only "$1" | awk '$2 ~ /^[A-Z]$/ { print $3 }' | sort
}

it "has the library's global names in the amalgamation, no more and no fewer"
[ -f "$dir/gcc-DVOUCH_JIT.o" ] || "$CC" -c "$dir/one/vouch.c" -o "$dir/gcc-DVOUCH_JIT.o"
global_names "$top/libvouch.a" >"$dir/library.names"
global_names "$dir/gcc-DVOUCH_JIT.o" >"$dir/one.names"
[ -s "$dir/library.names" ] || wrong "the library has no names at all"
same_files "$dir/library.names" "$dir/one.names"

it "runs the example with the amalgamation as with the library"
mkdir "$dir/one/vouch"
printf '#include "../vouch.h"\n' >"$dir/one/vouch/vouch.h"
for flags in -DVOUCH_JIT -DVOUCH_NO_JIT; do
	run "$CC" -std=c11 $flags -I"$dir/one" "$top/examples/embed.c" "$dir/one/vouch.c" -o "$dir/embed-one"
	exits 0
	run "$dir/embed-one"
	prints "$example_says"
done

it "leaves the compiler out with VOUCH_NO_JIT"
run "$CC" -std=c11 -DVOUCH_NO_JIT -c "$dir/one/vouch.c" -o "$dir/no-jit.o"
exits 0
case $(global_names "$dir/no-jit.o") in
*compile* | *x86* | *rv64*) wrong "parts of the compiler are in" ;;
esac

. "$here/man.sh"
tally
