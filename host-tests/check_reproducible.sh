#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_reproducible.sh: clones the repository's HEAD into two directories of different names, builds loader and image
# in both, and compares their SHA-256. Where nothing here differs from HEAD, here is one of the two. One PASS or FAIL
# line a file; exit status 1 where one differs.
# ARCHES (default both) says which; DIST=1 compares what `make dist` and `make deb` make of both in their place; NEWLIB
# (default build/newlib) is the folder with x86_64/ and aarch64/, so that it is not built again.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
newlib=${NEWLIB:-$root/build/newlib}
arches=${ARCHES:-x86_64 aarch64}
# A make that runs this says nothing to the builds in here.
dist=${DIST-}
unset MAKEFLAGS MAKELEVEL MFLAGS NEWLIB ARCHES DIST

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
clones=("$work/a/longer/way/down/two")
if [ -n "$(git -C "$root" status --porcelain)" ]; then
	clones+=("$work/one")
	copies=("${clones[@]}")
else
	copies=("$root" "${clones[@]}")
fi

build() { # directory words
	local directory=$1
	shift
	if ! make -C "$directory" -j2 "$@" >"$work/log" 2>&1; then
		tail -n 30 "$work/log" >&2
		echo "FAIL make $* in $directory" >&2
		exit 1
	fi
}

build_image() { # directory arch
	local reuse=()
	# here it has its own, and another path would build all anew
	if [ "$1" != "$root" ] && [ -d "$newlib/$2" ]; then
		reuse=("NEWLIB=$newlib/$2")
	fi
	build "$1" "ARCH=$2" "${reuse[@]}" image
}

# Of the folders' files, by the first one's.
compare() { # folder glob...
	local file name sums
	for file in "${@:2}"; do
		name=$1/$(basename "$file")
		sums=$(for copy in "${copies[@]}"; do sha256sum <"$copy/$name"; done | sort -u)
		if [ "$(wc -l <<<"$sums")" = 1 ]; then
			echo "PASS $name: ${sums%% *}"
		else
			echo "FAIL $name: two directories, two files"
			failed=1
		fi
	done
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
	if [ -n "$dist" ] && [ -f "$root/build/report/report.js" ]; then # which takes a network
		mkdir -p "$copy/build/report"
		cp "$root/build/report/report.js" "$copy/build/report/"
	fi
	for arch in ${dist:+$arches}; do # whose calls of make take no NEWLIB=
		mkdir -p "$copy/build/newlib"
		cp -r "$newlib/$arch" "$copy/build/newlib/"
		touch "$copy/build/newlib/$arch/stamp"
	done
done

failed=0
if [ -n "$dist" ]; then
	for copy in "${copies[@]}"; do
		build "$copy" dist
		build "$copy" deb
	done
	compare build/dist "${copies[0]}"/build/dist/*
	compare build "${copies[0]}"/build/*.deb
	exit "$failed"
fi
for arch in $arches; do
	for copy in "${copies[@]}"; do
		build_image "$copy" "$arch"
	done
	compare "build/$arch" "${copies[0]}/build/$arch"/*.EFI "${copies[0]}/build/$arch"/anechoic.[iI]m*
done
exit "$failed"
