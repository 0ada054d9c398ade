#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# gnu_efi_aarch64.sh DIR: unpack the aarch64 headers of gnu-efi into DIR/usr/include/efi.
# Debian's gnu-efi carries the headers of the build machine's architecture only, and the arm64 package does not install
# beside it. apt with a state of its own downloads it without touching the system's lists; root is not needed.
set -euo pipefail

if [ $# -ne 1 ]; then
	echo "usage: ${0##*/} DIR" >&2
	exit 2
fi
mkdir -p "$1"
target=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial" "$work/unpacked"
: >"$work/status"

private_apt() {
	apt-get -q -o Dir::State="$work/state" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
		-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The log is shown only when something went wrong.
if ! (private_apt update && cd "$work" && private_apt download gnu-efi:arm64) >"$work/log" 2>&1; then
	cat "$work/log" >&2
	echo "${0##*/}: could not download gnu-efi:arm64" >&2
	exit 1
fi
dpkg-deb -x "$work"/gnu-efi_*_arm64.deb "$work/unpacked"
if [ ! -f "$work/unpacked/usr/include/efi/aarch64/efibind.h" ]; then
	echo "${0##*/}: the package has no efi/aarch64/efibind.h" >&2
	exit 1
fi
mkdir -p "$target/usr/include"
rm -rf "$target/usr/include/efi"
cp -r "$work/unpacked/usr/include/efi" "$target/usr/include/"
