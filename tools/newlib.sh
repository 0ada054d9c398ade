#!/usr/bin/env bash
# Builds newlib for one architecture from Debian's newlib-source package, once.
#
#   tools/newlib.sh x86_64|aarch64 PREFIX
#
# PREFIX/include and PREFIX/lib hold the result; a stamp that names the flags makes the second call free, and a change
# of flags rebuild. The compiler is gcc on both architectures: clang's assembler refuses aarch64's memchr.S.
set -euo pipefail

usage() { echo "usage: tools/newlib.sh x86_64|aarch64 PREFIX" >&2; exit 2; }
[ $# -eq 2 ] || usage
arch=$1
mkdir -p "$2"
prefix=$(cd "$2" && pwd)

case "$arch" in
x86_64)  cross=""; arch_flags="-mno-red-zone" ;;
aarch64) cross="aarch64-linux-gnu-"; arch_flags="-mno-outline-atomics" ;;
*)       usage ;;
esac

tarball=$(ls /usr/src/newlib/newlib-*.tar.xz 2>/dev/null | head -n 1)
[ -n "$tarball" ] || { echo "newlib.sh: no tarball under /usr/src/newlib: install newlib-source" >&2; exit 2; }

work=$prefix/work
flags="-O2 -ffreestanding -fpie -fvisibility=hidden -fno-stack-protector -ffunction-sections -fdata-sections"
flags="$flags $arch_flags -ffile-prefix-map=$work=newlib"
stamp="$(basename "$tarball") ${flags//$work/.} $(${cross}gcc -dumpfullversion)"
[ -f "$prefix/stamp" ] && [ "$(cat "$prefix/stamp")" = "$stamp" ] && exit 0

echo "newlib.sh: building $(basename "$tarball" .tar.xz) for $arch (once, about a minute and a half of CPU)" >&2
rm -rf "$prefix/work" "$prefix/include" "$prefix/lib" "$prefix/stamp"
mkdir -p "$work/source" "$work/build"
tar -xJf "$tarball" -C "$work/source" --strip-components=1
cd "$work/build"
log=$prefix/build.log
target="$arch-elf"
run() { "$@" >>"$log" 2>&1 || { tail -n 30 "$log" >&2; echo "newlib.sh: failed: $* (whole log: $log)" >&2; exit 1; }; }
: >"$log"
run ../source/configure --target="$target" --prefix="$work/install" \
	--disable-multilib --disable-newlib-supplied-syscalls --disable-libgloss --disable-nls --disable-shared \
	--enable-newlib-io-long-long --enable-newlib-io-c99-formats --enable-newlib-reent-small --enable-lite-exit \
	CC_FOR_TARGET="${cross}gcc" AR_FOR_TARGET="${cross}ar" RANLIB_FOR_TARGET="${cross}ranlib" \
	AS_FOR_TARGET="${cross}as" LD_FOR_TARGET="${cross}ld" NM_FOR_TARGET="${cross}nm" \
	STRIP_FOR_TARGET="${cross}strip" CFLAGS_FOR_TARGET="$flags" MAKEINFO=:
run make -j"$(nproc)" MAKEINFO=: all-target-newlib
run make MAKEINFO=: install-target-newlib
mv "$work/install/$target/include" "$work/install/$target/lib" "$prefix/"
rm -rf "$work"
printf '%s\n' "$stamp" >"$prefix/stamp"
