#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian_program.sh PACKAGE FILE: the programme of FILE's name alone, out of Debian's package. For packages that start a
# server when they are installed: this one is not. What apt says goes to FILE.log.
set -euo pipefail

package=${1:?usage: tools/debian_program.sh PACKAGE FILE}
file=${2:?usage: tools/debian_program.sh PACKAGE FILE}
[ -x "$file" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$file")"
log=$(realpath "$(dirname "$file")")/$(basename "$file").log

if ! (cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$package") >"$log" 2>&1; then
	echo "${0##*/}: could not download $package (offline?); see $log" >&2
	exit 1
fi
program=./usr/bin/$(basename "$file")
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -x -C "$work" "$program"
mv "$work/$program" "$file"
