#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libfdt.sh DIR: libfdt's sources, which read device trees, out of Debian's linux-source-6.1, which is downloaded (140
# MB) and not installed. Debian's libfdt-dev has them compiled, for programmes with a C library.
set -euo pipefail

package=linux-source-6.1
target=${1:?usage: tools/libfdt.sh DIR}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$target"
echo "${0##*/}: downloading $package for libfdt's sources (once, 140 MB)" >&2
if ! (cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download "$package") >"$target/log" 2>&1; then
	cat "$target/log" >&2
	echo "${0##*/}: could not download $package" >&2
	exit 1
fi
dpkg-deb --fsys-tarfile "$work/$package"_*.deb | tar -xO "./usr/src/$package.tar.xz" |
	tar -xJ -C "$target" --strip-components=4 --wildcards "$package/scripts/dtc/libfdt/*"
