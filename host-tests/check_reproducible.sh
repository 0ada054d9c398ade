#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_reproducible.sh: clones the repository's HEAD into two directories of different names, builds loader and image
# in both, and compares their SHA-256. Where nothing here differs from HEAD, here is one of the two. One PASS or FAIL
# line a file; exit status 1 where one differs.
# ARCHES (default both) says which; NEWLIB (default build/newlib) is the folder with x86_64/ and aarch64/, so that it is
# not built again.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
newlib=${NEWLIB:-$root/build/newlib}
arches=${ARCHES:-x86_64 aarch64}
# A make that runs this says nothing to the builds in here.
unset MAKEFLAGS MAKELEVEL MFLAGS NEWLIB ARCHES

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clones=("$work/a/longer/way/down/two")
if [ -n "$(git -C "$root" status --porcelain)" ]; then
	clones+=("$work/one")
	copies=("${clones[@]}")
else
	copies=("$root" "${clones[@]}")
fi

build() { # directory arch
	local directory=$1 arch=$2 reuse=()
	# here it has its own, and another path would build all anew
	if [ "$directory" != "$root" ] && [ -d "$newlib/$arch" ]; then
		reuse=("NEWLIB=$newlib/$arch")
	fi
	if ! make -C "$directory" -j2 "ARCH=$arch" "${reuse[@]}" image >"$work/log" 2>&1; then
		tail -n 30 "$work/log" >&2
		echo "FAIL $arch: make image in $directory" >&2
		exit 1
	fi
}

for copy in "${clones[@]}"; do
	git clone -q --no-hardlinks "$root" "$copy"
	for tool in newlib libfdt; do # else their stamps are renewed, and all built anew
		touch -r "$root/tools/$tool.sh" "$copy/tools/$tool.sh"
	done
	mkdir -p "$copy/build"
	for fetched in gnu-efi libfdt; do # whose paths are the image's, so that each has its own
		[ -f "$root/build/$fetched/stamp" ] || continue
		cp -r "$root/build/$fetched" "$copy/build/"
		touch "$copy/build/$fetched/stamp"
	done
done

failed=0
for arch in $arches; do
	for copy in "${copies[@]}"; do
		build "$copy" "$arch"
	done
	for file in "${copies[0]}/build/$arch"/*.EFI "${copies[0]}/build/$arch"/anechoic.[iI]m*; do
		name=build/$arch/$(basename "$file")
		sums=$(for copy in "${copies[@]}"; do sha256sum <"$copy/$name"; done | sort -u)
		if [ "$(wc -l <<<"$sums")" = 1 ]; then
			echo "PASS $name: ${sums%% *}"
		else
			echo "FAIL $name: two directories, two files"
			failed=1
		fi
	done
done
exit "$failed"
