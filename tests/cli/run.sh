# SPDX-License-Identifier: MIT
# Tests of the commands, from outside: sh tests/cli/run.sh [AREA]...
# VOUCH and PLUGIN say where they are (default: the top of the tree). Needs python3; clang for the area elf.
set -u
here=$(cd "$(dirname "$0")" && pwd)
VOUCH=${VOUCH:-$here/../../vouch}
PLUGIN=${PLUGIN:-$here/../../vouch-plugin}
dir=$(mktemp -d "${TMPDIR:-/tmp}/vouch-cli.XXXXXX") || exit 3
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
input=

. "$here/lib.sh"
for area in ${*:-usage files memory programs faults jit hybrid elf plugin}; do
	. "$here/$area.sh"
done
tally
