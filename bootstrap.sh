#!/bin/sh
# SPDX-License-Identifier: MIT
# From a bare Debian 12 to a running Vouch: installs what is missing, builds, and does one of
#   sh bootstrap.sh demo     run a real program, interpreted and JITed
#   sh bootstrap.sh check    all tests
#   sh bootstrap.sh bench    the benchmark
# Asks before it installs anything; YES=1 answers for you.
set -eu

usage()
{
	sed -n '3,7s/^# \{0,1\}//p' "$0"
	exit "$1"
}

[ $# -eq 1 ] || usage 2
case $1 in
demo | bench) groups=demo ;;
check) groups='demo check' ;;
-h | --help | help) usage 0 ;;
*) usage 2 ;;
esac
cd "$(dirname "$0")"

missing=
for group in $groups; do
	for package in $(sed -n "s/^$group *//p" .ci/packages); do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
			missing="$missing $package"
	done
done

if [ -n "$missing" ]; then
	command -v apt-get >/dev/null || {
		echo "bootstrap: this is not Debian; install the equivalents of:$missing" >&2
		exit 3
	}
	sudo=
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || {
			echo "bootstrap: not root and no sudo; as root: apt-get install$missing" >&2
			exit 3
		}
		sudo=sudo
	fi
	if [ "${YES:-}" != 1 ]; then
		printf 'To be installed with apt-get:%s\nGo on? [y/N] ' "$missing"
		read -r answer || answer=
		case $answer in
		y | Y | yes) ;;
		*)
			echo 'Nothing was installed.'
			exit 3
			;;
		esac
	fi
	$sudo apt-get update -q
	# shellcheck disable=SC2086
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
fi

exec make "$1"
