#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mkimage.sh OUT.img LOADER.EFI [CONF-FILE]: a raw FAT32 image with the loader at EFI/BOOT, CONF-FILE beside it as
# anechoic.conf. The same inputs give the same bytes: volume id, label and times are fixed. IMAGE_MIB (34): its size.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
	echo "usage: ${0##*/} OUT.img LOADER.EFI [CONF-FILE]" >&2
	exit 2
fi
out=$1 loader=$2 conf=${3:-}
for file in "$loader" ${conf:+"$conf"}; do
	if [ ! -r "$file" ]; then
		echo "${0##*/}: cannot read $file" >&2
		exit 2
	fi
done

# mkfs.vfat is not on the path of an ordinary user.
PATH=$PATH:/usr/sbin:/sbin

# mtools and mkfs.vfat take file times from it; FAT's epoch is 1980.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-946684800} TZ=UTC MTOOLS_SKIP_CHECK=1
work=$(mktemp "$out.XXXXXX")
trap 'rm -f "$work"' EXIT

# FAT32 has at least 65,525 clusters (Microsoft FAT specification, section 3.5): 33 MiB of one sector each.
truncate -s "${IMAGE_MIB:-34}M" "$work"
mkfs.vfat -F 32 -s 1 -n ANECHOIC --invariant "$work" >/dev/null
mmd -i "$work" ::/EFI ::/EFI/BOOT
mcopy -i "$work" "$loader" "::/EFI/BOOT/$(basename "$loader")"
if [ -n "$conf" ]; then
	mcopy -i "$work" "$conf" ::/EFI/BOOT/anechoic.conf
fi
chmod 644 "$work"
mv "$work" "$out"
