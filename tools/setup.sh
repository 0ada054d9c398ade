#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing from Debian's packages, and says so. Quick where nothing is.
#
#   tools/setup.sh FOLDER GROUP...      installs; FOLDER keeps a stamp a group
#   tools/setup.sh --list [GROUP...]    prints the packages, a line each; without groups, the groups
#
# The Makefile says which groups a target needs. While a group's stamp is newer than this script and all its programs
# are still there, nothing is asked of dpkg.
set -euo pipefail

groups=(hosted clang models cross c++ cross-c++ rust image media python emulator-x86_64 emulator-aarch64
	emulator-user debug peers benchmark bochs format counters fuzz test report room record sign u-boot network
	package)

# Of a group: its packages, and programs that show that they are there.
describe() {
	case $1 in
	hosted)
		packages=(make gcc libc6-dev binutils libjansson-dev libmd-dev libsqlite3-dev)
		programs=(make gcc ld)
		;;
	clang)
		packages=(clang llvm lld)
		programs=(clang llvm-objdump ld.lld)
		;;
	models) # newer models of processors than clang's own
		packages=(llvm-22)
		programs=(llvm-mca-22)
		;;
	cross) # the compiler for the other architecture
		if [ "$(uname -m)" = aarch64 ]; then
			packages=(gcc-x86-64-linux-gnu libc6-dev-amd64-cross)
			programs=(x86_64-linux-gnu-gcc)
		else
			packages=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
			programs=(aarch64-linux-gnu-gcc)
		fi
		;;
	c++) # suites of one's own in C++
		packages=(g++)
		programs=(g++)
		;;
	cross-c++) # the same for the other architecture
		if [ "$(uname -m)" = aarch64 ]; then
			packages=(g++-x86-64-linux-gnu)
			programs=(x86_64-linux-gnu-g++)
		else
			packages=(g++-aarch64-linux-gnu)
			programs=(aarch64-linux-gnu-g++)
		fi
		;;
	rust) # examples/suites/rust; one of another origin will do
		packages=()
		command -v rustc >/dev/null || packages+=(rustc)
		programs=(rustc)
		;;
	image)
		packages=(make gcc libc6-dev binutils clang lld newlib-source xz-utils gnu-efi console-setup-linux
			mtools dosfstools gdisk lz4)
		programs=(make gcc clang lld-link mcopy mkfs.vfat sgdisk lz4)
		;;
	media)
		packages=(xorriso)
		programs=(xorriso)
		;;
	sign) # Secure Boot
		packages=(sbsigntool efitools openssl)
		programs=(sbsign sbverify sign-efi-sig-list openssl)
		;;
	u-boot) # as firmware, with a UEFI and a booti of its own
		packages=(u-boot-qemu device-tree-compiler)
		programs=()
		;;
	network) # what a machine that boots over TFTP is answered by
		packages=(python3-scapy)
		programs=()
		;;
	room) # what Linux's own tools say of a core
		packages=(rt-tests rtla)
		programs=(cyclictest hwlatdetect rtla)
		;;
	record) # what record-cost and advise-check record, and what sees their instructions
		packages=(sqlite3 xz-utils git perl jq bzip2 mawk m4 bc lz4 valgrind
			libxml2-utils groff-base clang llvm gdb-multiarch python3-numpy python3-yaml qemu-user)
		command -v node >/dev/null || packages+=(nodejs)
		programs=(sqlite3 xz git perl jq bzip2 mawk m4 bc lz4 valgrind
			xmllint groff clang llvm-mca gdb-multiarch qemu-x86_64 node)
		;;
	package) # Debian's package, and a Debian to try it in
		packages=(debhelper dpkg-dev lintian debootstrap git)
		programs=(dh_builddeb lintian debootstrap git)
		;;
	python)
		packages=(python3)
		programs=(python3)
		;;
	emulator-x86_64)
		packages=(python3 mtools qemu-system-x86 ovmf)
		programs=(python3 mcopy qemu-system-x86_64)
		;;
	emulator-aarch64)
		packages=(python3 mtools qemu-system-arm qemu-efi-aarch64)
		programs=(python3 mcopy qemu-system-aarch64)
		;;
	emulator-user)
		packages=(qemu-user-static qemu-user) # the static ones load no plugin
		programs=(qemu-aarch64-static qemu-x86_64)
		;;
	debug)
		packages=(gdb-multiarch)
		programs=(gdb-multiarch)
		;;
	peers)
		packages=(libmimalloc2.0 libjemalloc2 libtcmalloc-minimal4 libisal-dev)
		programs=()
		;;
	benchmark)
		packages=(g++ libbenchmark-dev libbenchmark-tools)
		programs=(g++)
		;;
	bochs)
		packages=(python3 bochs bochs-term seabios)
		programs=(python3 bochs)
		;;
	format)
		packages=(clang-format git python3)
		programs=(clang-format git python3)
		;;
	counters)
		packages=(libpfm4)
		programs=()
		;;
	fuzz)
		packages=(clang llvm libclang-rt-14-dev)
		programs=(clang)
		;;
	test)
		packages=(python3 python3-scipy python3-jsonschema python3-yaml git g++ pkg-config libcriterion-dev
			groff-base zsh hwloc valgrind)
		programs=(python3 git g++ groff zsh lstopo valgrind)
		;;
	report) # Node.js and npm of another origin will do
		packages=(chromium)
		command -v node >/dev/null && command -v npm >/dev/null || packages+=(nodejs npm)
		programs=(node npm chromium)
		;;
	*)
		echo "setup: no group $1; there are: ${groups[*]}" >&2
		exit 2
		;;
	esac
}

all_programs() {
	local program
	for program in "${programs[@]}"; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || return 1
	done
}

install() {
	local root=() log
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null || { echo "setup: sudo is needed to install: $*" >&2; exit 2; }
		root=(sudo)
	fi
	command -v apt-get >/dev/null || { echo "setup: no apt-get here; install by hand: $*" >&2; exit 2; }
	echo "setup: installing from Debian's packages: $*" >&2
	log=$(mktemp)
	if ! { "${root[@]}" apt-get update -q &&
		"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log" >&2
		echo "setup: apt-get failed; whole output: $log" >&2
		exit 2
	fi
	rm -f "$log"
}

if [ "${1-}" = --list ]; then
	shift
	[ $# -gt 0 ] || { printf '%s\n' "${groups[@]}"; exit 0; }
	for group in "$@"; do
		describe "$group"
		printf '%s\n' "${packages[@]}"
	done | sort -u
	exit 0
fi
folder=${1:?usage: tools/setup.sh FOLDER GROUP...}
shift

wanted=() missing=()
for group in "$@"; do
	describe "$group"
	[ "$folder/$group" -nt "$0" ] && all_programs && continue
	wanted+=("$group")
done
[ ${#wanted[@]} -gt 0 ] || exit 0

mkdir -p "$folder"
exec 9>"$folder/lock" # two of make's jobs may ask at the same time
flock 9
for group in "${wanted[@]}"; do
	describe "$group"
	for package in "${packages[@]}"; do
		[[ " ${missing[*]-} " == *" $package "* ]] && continue
		status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || true
		[ "$status" = installed ] || missing+=("$package")
	done
done
[ ${#missing[@]} -eq 0 ] || install "${missing[@]}"
for group in "${wanted[@]}"; do
	touch "$folder/$group"
done
