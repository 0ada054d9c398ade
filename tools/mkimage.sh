#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mkimage.sh OUT.img FILE...: a raw disk whose one partition is an EFI system partition (FAT32) with the files, loaders
# and what goes beside them, in EFI/BOOT. The same inputs give the same bytes: times are fixed, identifiers are made of
# the files' contents. IMAGE_MIB (34): the partition's size.
#
# Two tables name the partition: a GPT (UEFI 2.10, section 5.3), as disks of clouds and strict firmware ask for, and
# in the MBR, behind the entry that protects the GPT, one of type 0xEF, as a Raspberry Pi's firmware asks for. The
# entry of type 0xEE begins at LBA 1, without which firmware and Linux take no such disk for one with a GPT.
set -euo pipefail

if [ $# -lt 2 ]; then
	echo "usage: ${0##*/} OUT.img FILE..." >&2
	exit 2
fi
out=$1
shift
for file in "$@"; do
	if [ ! -r "$file" ]; then
		echo "${0##*/}: cannot read $file" >&2
		exit 2
	fi
done

# mkfs.vfat and sgdisk are not on the path of an ordinary user.
PATH=$PATH:/usr/sbin:/sbin

# mtools and mkfs.vfat take file times from it; FAT's epoch is 1980.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-946684800} TZ=UTC MTOOLS_SKIP_CHECK=1
work=$(mktemp "$out.XXXXXX")
trap 'rm -f "$work"' EXIT

# FAT32 has at least 65,525 clusters (Microsoft FAT specification, section 3.5): 33 MiB of one sector each. The
# partition begins at 1 MiB, where every tool puts the first one; behind it is the GPT's second copy.
volume_mib=${IMAGE_MIB:-34}
first=2048 sectors=$((volume_mib * 2048))
identity=$(cat "$@" | sha256sum)

# A GUID of the contents (RFC 9562, version 8): $1 tells those of one image apart.
guid() {
	local hex
	hex=$(sha256sum <<<"$identity$1")
	echo "${hex:0:8}-${hex:8:4}-8${hex:13:3}-8${hex:17:3}-${hex:20:12}"
}

quiet() {
	local said
	said=$("$@" 2>&1) || { printf '%s\n' "$said" >&2; exit 1; }
}

truncate -s "$((volume_mib + 2))M" "$work"
quiet sgdisk --disk-guid="$(guid disk)" --new="1:$first:$((first + sectors - 1))" --typecode=1:EF00 \
	--change-name=1:Anechoic --partition-guid="1:$(guid partition)" --hybrid=1 "$work"
quiet mkfs.vfat -F 32 -s 1 -n ANECHOIC --invariant -i "${identity:0:8}" --offset "$first" -h "$first" "$work" \
	"$((volume_mib * 1024))"
volume=$work@@1M
mmd -i "$volume" ::/EFI ::/EFI/BOOT
mcopy -i "$volume" "$@" ::/EFI/BOOT/
chmod 644 "$work"
mv "$work" "$out"
