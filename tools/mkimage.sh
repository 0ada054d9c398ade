#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mkimage.sh OUT.img|OUT.iso FILE...: a medium with an EFI system partition (FAT) that has the files, loaders and what
# goes beside them, in EFI/BOOT. The same inputs give the same bytes: times are fixed, identifiers are made of the
# files' contents. IMAGE_MIB (34): the size of a disk's partition.
#
# OUT.img is a raw disk. Two tables name its partition: a GPT (UEFI 2.10, section 5.3), as disks of clouds and strict
# firmware ask for, and in the MBR, behind the entry that protects the GPT, one of type 0xEF, as a Raspberry Pi's
# firmware asks for. The entry of type 0xEE begins at LBA 1, without which firmware and Linux take no such disk for one
# with a GPT.
#
# OUT.iso is a CD, as servers take one over their network ("virtual media"). Its El Torito catalogue (UEFI 2.10, section
# 13.3.2.1) and a GPT name one and the same volume, so that the file written to a stick boots, too; the files stand in
# its ISO 9660 file system once more, for those who copy them from it.
set -euo pipefail

if [ $# -lt 2 ]; then
	echo "usage: ${0##*/} OUT.img|OUT.iso FILE..." >&2
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

# mtools, mkfs.vfat and xorriso take times from it; FAT's epoch is 1980.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-946684800} TZ=UTC MTOOLS_SKIP_CHECK=1
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
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

# fill IMAGE FIRST_SECTOR KIB FAT_BITS FILE...: the volume, in an image that is large enough.
fill() {
	local image=$1 first=$2 kib=$3 bits=$4
	shift 4
	quiet mkfs.vfat -F "$bits" -s 1 -n ANECHOIC --invariant -i "${identity:0:8}" --offset "$first" -h "$first" \
		"$image" "$kib"
	mmd -i "$image@@${first}S" ::/EFI ::/EFI/BOOT
	mcopy -i "$image@@${first}S" "$@" ::/EFI/BOOT/
}

# FAT32 has at least 65,525 clusters (Microsoft FAT specification, section 3.5): 33 MiB of one sector each. The
# partition begins at 1 MiB, where every tool puts the first one; behind it is the GPT's second copy.
disk() {
	local mib=${IMAGE_MIB:-34} first=2048
	truncate -s "$((mib + 2))M" "$work/image"
	quiet sgdisk --disk-guid="$(guid disk)" --new="1:$first:$((first + mib * 2048 - 1))" --typecode=1:EF00 \
		--change-name=1:Anechoic --partition-guid="1:$(guid partition)" --hybrid=1 "$work/image"
	fill "$work/image" "$first" "$((mib * 1024))" 32 "$@"
}

# FAT16 has at least 4,085 clusters: 2 MiB of one sector each. 4 MiB are left for results, where the medium is a stick.
iso() {
	local kib
	kib=$(($(cat "$@" | wc -c) / 1024 + 4096))
	truncate -s "${kib}K" "$work/volume"
	fill "$work/volume" 0 "$kib" 16 "$@"
	mkdir -p "$work/root/EFI/BOOT"
	cp "$@" "$work/root/EFI/BOOT"
	find "$work/root" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
	find "$work/root" -type f -exec chmod 644 {} +
	quiet xorriso -as mkisofs -quiet -o "$work/image" -V ANECHOIC -J -r --gpt_disk_guid "$(guid disk)" \
		-append_partition 2 C12A7328-F81F-11D2-BA4B-00A0C93EC93B "$work/volume" -appended_part_as_gpt \
		-e --interval:appended_partition_2:all:: -no-emul-boot "$work/root"
}

case $out in
*.iso) iso "$@" ;;
*) disk "$@" ;;
esac
chmod 644 "$work/image"
mv "$work/image" "$out"
