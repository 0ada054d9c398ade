#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# promtool.sh FILE: promtool alone out of Debian's package prometheus. The package itself is not installed: it starts a server.
set -euo pipefail

file=${1:?usage: tools/promtool.sh FILE}
[ -x "$file" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The log is shown only when something went wrong.
if ! (cd "$work" && apt-get -q -o APT::Sandbox::User="$(id -un)" download prometheus) >"$work/log" 2>&1; then
	cat "$work/log" >&2
	echo "${0##*/}: could not download prometheus" >&2
	exit 1
fi
dpkg-deb --fsys-tarfile "$work"/prometheus_*.deb | tar -x -C "$work" ./usr/bin/promtool
mkdir -p "$(dirname "$file")"
mv "$work/usr/bin/promtool" "$file"
