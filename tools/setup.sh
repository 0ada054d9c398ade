#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing from Debian's packages, and says so. Quick where nothing is.
#
#   tools/setup.sh STAMP [report]
#
# STAMP is touched at the end; while it is newer than this script and all the programs are still there, nothing is asked
# of dpkg. `report`: what the report's charts and their test need, which those who only measure do not: Node.js and npm,
# where there are none of another origin, and Chromium.
set -euo pipefail

# The compiler for the other architecture.
if [ "$(uname -m)" = aarch64 ]; then
	cross=(gcc-x86-64-linux-gnu libc6-dev-amd64-cross)
	cross_compiler=x86_64-linux-gnu-gcc
else
	cross=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
	cross_compiler=aarch64-linux-gnu-gcc
fi

packages=(
	make git gcc g++ libc6-dev binutils pkg-config xz-utils python3
	"${cross[@]}"
	clang lld llvm libclang-rt-14-dev clang-format
	newlib-source gnu-efi console-setup-linux
	libcriterion-dev libjansson-dev libsqlite3-dev
	libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4
	mtools dosfstools
	qemu-system-x86 qemu-system-arm qemu-user-static ovmf qemu-efi-aarch64
	libisal-dev libbenchmark-tools libbenchmark-dev python3-scipy python3-jsonschema groff-base zsh
	bochs bochs-term seabios gdb-multiarch valgrind
)
programs=(gcc "$cross_compiler" clang lld-link clang-format mcopy mkfs.vfat qemu-system-x86_64
	qemu-system-aarch64 qemu-aarch64-static bochs python3)

stamp=${1:?usage: tools/setup.sh STAMP [report]}
if [ "${2-}" = report ]; then
	packages=(chromium)
	command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)
	programs=(node npm chromium)
fi

all_programs() {
	local program
	for program in "${programs[@]}"; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || return 1
	done
}

[ "$stamp" -nt "$0" ] && all_programs && exit 0

missing=()
for package in "${packages[@]}"; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
	root=()
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || { echo "setup: sudo is needed to install: ${missing[*]}" >&2; exit 2; }
		root=(sudo)
	fi
	command -v apt-get >/dev/null || { echo "setup: no apt-get here; install by hand: ${missing[*]}" >&2; exit 2; }
	echo "setup: installing from Debian's packages: ${missing[*]}" >&2
	log=$(mktemp)
	if ! { "${root[@]}" apt-get update -q &&
		"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		echo "setup: apt-get failed; whole output: $log" >&2
		exit 2
	fi
	rm -f "$log"
fi
mkdir -p "$(dirname "$stamp")"
touch "$stamp"
