#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh install|uninstall, as the Makefile calls it: PREFIX and the other places, DESTDIR before all of them,
# BUILD, IMAGES (architectures whose parts of images go along), HEADERS, LIBS. What is installed stands in a list,
# from which it is removed again: each file, and each folder that was not there before and is empty then. They are in it
# before they are there, so that nothing is left of an installation that was killed. Nothing is written but below
# DESTDIR.
set -euo pipefail
shopt -s nullglob lastpipe # `made` grows behind pipes, too
cd "$(dirname "$0")/.."
: "${BINDIR:?}" "${LIBDIR:?}" "${INCLUDEDIR:?}" "${MANDIR:?}" "${DOCDIR:?}" "${PKGCONFIGDIR:?}" "${BASHDIR:?}" \
	"${ZSHDIR:?}" "${UNITDIR:?}" "${BUILD:?}" "${HOST_ARCH:?}"
export LC_ALL=C
umask 022

for place in "$PREFIX" "$BINDIR" "$LIBDIR" "$INCLUDEDIR" "$MANDIR" "$DOCDIR" "$PKGCONFIGDIR" "$BASHDIR" "$ZSHDIR" \
	"$UNITDIR"; do
	if [[ $place != /* || $place == *[[:space:]\'\"\#\$\\]* || $place == */../* || $place == */.. ]]; then
		echo "install: '$place' is no folder's name from / on, without blanks and quotes" >&2
		exit 2
	fi
done
for arch in $IMAGES; do
	if [ ! -d "$BUILD/$arch/parts" ]; then
		echo "install: IMAGES: there are no parts of images of $arch" >&2
		exit 2
	fi
done
own=$LIBDIR/anechoic
list=${DESTDIR-}$own/installed

# What is about to be there: a line each, folders with a slash behind them.
note() {
	made+=("$1")
	[ ! -f "$list" ] || printf '%s\n' "$1" >>"$list"
}

noted() {
	[ ${#made[@]} = 0 ] || printf '%s\n' "${made[@]}"
}

# The folder, and in the list each that was made for it.
folder() {
	local path=$1 missing=()
	while [ ! -d "${DESTDIR-}$path" ] && [ "$path" != / ]; do
		missing=("$path" "${missing[@]}")
		path=$(dirname "$path")
	done
	for path in "${missing[@]}"; do
		note "$path/"
		mkdir -p "${DESTDIR-}$path"
	done
}

# put MODE FOLDER FILE...
put() {
	local mode=$1 to=$2 file
	shift 2
	folder "$to"
	for file; do
		note "$to/$(basename "$file")"
		install -m "$mode" "$file" "${DESTDIR-}$to/"
	done
}

# Standard input as a file.
write() {
	local to=$1
	folder "$(dirname "$to")"
	cat >"$work/text"
	note "$to"
	install -m 644 "$work/text" "${DESTDIR-}$to"
}

program() {
	local program=$BUILD/anechoic version
	version=$("$program" version --format json | sed -n 's/.*"version": *"\([^"]*\)".*/\1/p')
	put 755 "$BINDIR" "$program"
	"$program" man | write "$MANDIR/man1/anechoic.1"
	"$program" completion bash | write "$BASHDIR/anechoic"
	"$program" completion zsh | write "$ZSHDIR/_anechoic"
	sed "s|/usr/bin/|$BINDIR/|" tools/anechoic-watch.service | write "$UNITDIR/anechoic-watch.service"
	put 644 "$own" "$BUILD/anechoic-stream.so"
	put 644 "$LIBDIR" "$BUILD/$HOST_ARCH/parts/libanechoic.a"
	write "$PKGCONFIGDIR/anechoic.pc" <<-END
		prefix=$PREFIX
		libdir=$LIBDIR
		includedir=$INCLUDEDIR/anechoic
		folder=$own

		Name: anechoic
		Description: pool, software TLB and SIMD kernels, and the runner that measures them
		Version: $version
		Libs: -L\${libdir} -lanechoic
		Libs.private: $LIBS
		Cflags: -I\${includedir}
	END
}

# As they lie in the tree, so that no link in them leads nowhere.
pages() {
	local file
	for file in README.md CONTRIBUTING.md LICENSE docs/*.{md,png} docs/performance/* tools/*.service \
		tools/gate/*.yml examples/suites/{btree,hashmap,guest_block,rust}/{*.{c,h,rs,md},Makefile}; do
		[ ! -f "$file" ] || put 644 "$(realpath -ms "$DOCDIR/$(dirname "$file")")" "$file"
	done
}

# What suites from outside are linked with; the image's parts for each of IMAGES.
parts() {
	local header arch newlib
	for header in $HEADERS bench/outside/link.h; do
		put 644 "$INCLUDEDIR/anechoic/$(dirname "$header")" "$header"
	done
	put 644 "$own" tools/anechoic.mk
	put 644 "$own/tools" tools/link.mk tools/suites.mk tools/suite_calls.txt
	put 755 "$own/tools" tools/suite.sh tools/mkimage.sh
	put 644 "$own/linker" linker/program.ld linker/kernel-*.ld
	put 644 "$own/kernel/program" kernel/program/program.S
	put 644 "$own/boot" boot/kernel_image.S
	for arch in $IMAGES; do
		newlib=${NEWLIB:-build/newlib/$arch}
		put 644 "$own/parts/$arch" "$BUILD/$arch"/parts/lib{program,kernel,pvh,loader}*.a
		put 644 "$own/parts/$arch/lib" "$newlib"/lib/lib{c,m}.a
		put 644 "$own/images/$arch" "$BUILD/$arch"/{*.EFI,kernel-pvh*.elf,*.Image}
	done
	{
		for arch in "$HOST_ARCH" $IMAGES; do
			cat "$BUILD/$arch/parts/flags.mk"
		done
		echo "HEADERS := $INCLUDEDIR/anechoic"
		echo "LIBRARY := $LIBDIR/libanechoic.a"
		echo "HOSTED_LIBS := $LIBS"
		echo "SUITE_INCLUDED := $HEADERS"
	} | write "$own/parts/flags.mk"
}

# Removes what a list on standard input names, files before the folder that they are in.
remove() {
	local path
	sort -r | while read -r path; do
		case $path in
		*/../* | [!/]*) echo "uninstall: $list has a line that is no name: $path" >&2; exit 2 ;;
		*/) rmdir --ignore-fail-on-non-empty "${DESTDIR-}$path" 2>/dev/null || true ;;
		*) rm -f "${DESTDIR-}$path" 2>/dev/null || true ;;
		esac
	done
}

undo() {
	rm -rf "$work"
	[ -z "$whole" ] || return 0
	rm -f "$list"
	noted | remove
	echo "install: not installed; what was written of it is removed" >&2
}

install_all() {
	made=() whole=
	uninstall_all quietly
	work=$(mktemp -d)
	trap undo EXIT
	folder "$own"
	noted >"$list"
	program
	pages
	parts
	whole=yes
	echo "installed: $(wc -l <"$list") files and folders below ${DESTDIR-}$PREFIX; \`make uninstall\` removes them"
}

# The list is what an earlier version wrote, perhaps with other places: it alone says what is removed.
uninstall_all() {
	local entries
	if [ ! -f "$list" ]; then
		[ "${1-}" = quietly ] || { echo "uninstall: nothing is installed here: there is no $list" >&2; exit 2; }
		return
	fi
	entries=$(<"$list")
	sed '/\/$/d' <<<"$entries" | remove
	rm -f "$list"
	sed -n '/\/$/p' <<<"$entries" | remove
}

case ${1-} in
install) install_all ;;
uninstall) uninstall_all ;;
*) echo "usage: ${0##*/} install|uninstall" >&2; exit 2 ;;
esac
