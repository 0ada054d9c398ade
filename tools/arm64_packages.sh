#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# arm64_packages.sh DIR PACKAGE...: unpack Debian's arm64 packages into DIR: headers and static libraries for cross
# builds. They do not install beside the build machine's own. apt with a state of its own downloads them without
# touching the system's lists; root is not needed.
set -euo pipefail

if [ $# -lt 2 ]; then
	echo "usage: ${0##*/} DIR PACKAGE..." >&2
	exit 2
fi
mkdir -p "$1"
target=$(cd "$1" && pwd)
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
: >"$work/status"

private_apt() {
	apt-get -q -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
		-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The log is shown only when something went wrong.
if ! (private_apt update && cd "$work" && private_apt download "${@/%/:arm64}") >"$work/log" 2>&1; then
	cat "$work/log" >&2
	echo "${0##*/}: could not download $* for arm64" >&2
	exit 1
fi
for package in "$@"; do
	dpkg-deb -x "$work/$package"_*_arm64.deb "$target"
done
