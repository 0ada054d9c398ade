#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# promtool.sh FILE: promtool alone out of Debian's package prometheus. The package itself is not installed: it starts a server.
# What apt says goes to FILE.log.
set -euo pipefail

file=${1:?usage: tools/promtool.sh FILE}
[ -x "$file" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$(dirname "$file")"
log=$(realpath "$(dirname "$file")")/$(basename "$file").log

if ! (cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download prometheus) >"$log" 2>&1; then
	echo "${0##*/}: could not download prometheus (offline?); see $log" >&2
	exit 1
fi
dpkg-deb --fsys-tarfile "$work"/prometheus_*.deb | tar -x -C "$work" ./usr/bin/promtool
mv "$work/usr/bin/promtool" "$file"
