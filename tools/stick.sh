#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# stick.sh [--yes] DEVICE [IMAGE]: writes the image (build/media/anechoic.img) over a whole disk, a stick say, and reads
# it back. Names the disk before, by size and model, and asks for its name; --yes answers. A file takes the image, too,
# as a virtual machine's disk.
#
# Refused are a disk that is in use in any way (mounted, swapped to, part of another disk), one that is read-only or too
# small, and a partition. Exit status: 0 written and read back, 1 not written or other bytes came back, 2 refused.
set -euo pipefail

refuse() {
	echo "stick: refused: $*" >&2
	exit 2
}

yes=
if [ "${1-}" = --yes ]; then
	yes=1
	shift
fi
case ${1-} in
"" | -*)
	echo "usage: ${0##*/} [--yes] DEVICE [IMAGE]" >&2
	exit 2
	;;
esac
device=$1
image=${2:-${0%/*}/../build/media/anechoic.img}
[ -r "$image" ] || refuse "cannot read $image (make media builds it)"
[ -e "$device" ] || refuse "there is no $device"
size=$(stat -c %s -L "$image")

# What lsblk knows of one block device, one column.
column() {
	lsblk -bdno "$1" "$device" | sed 's/^ *//; s/ *$//'
}

# A disk that may be written over; says what it is.
check_disk() {
	local type bytes use
	type=$(column TYPE)
	bytes=$(column SIZE)
	[ "$type" != part ] || refuse "$device is a partition: name the whole disk, /dev/$(column PKNAME)"
	[ "$type" = disk ] || refuse "$device is no disk, but of type $type"
	use=$(lsblk -nro MOUNTPOINTS "$device" | grep -v '^$' | head -n 3 | paste -sd ' ') || true
	[ -z "$use" ] || refuse "$device is in use: $use"
	use=$(lsblk -nro TYPE "$device" | grep -vxE 'disk|part' | head -n 1) || true
	[ -z "$use" ] || refuse "$device is part of something of type $use"
	[ "$(column RO)" = 0 ] || refuse "$device is read-only"
	[ "$bytes" -ge "$size" ] || refuse "$device has $bytes bytes, the image $size"
	# A vendor's name is short and padded, and a model may be empty.
	echo "$device: $(numfmt --to=si --suffix=B "$bytes"), $(column VENDOR) $(column MODEL), $(column TRAN)"
}

read_back() {
	# Past the cache, which has what was written whatever the disk has; a file has no such way everywhere.
	dd if="$device" bs=1M count="$(((size + 1048575) / 1048576))" iflag=direct status=none 2>/dev/null ||
		head -c "$size" "$device"
}

if lsblk -dno TYPE "$device" >/dev/null 2>&1; then
	check_disk
elif [ -f "$device" ]; then
	echo "$device: a file of $(stat -c %s -L "$device") bytes"
else
	refuse "$device is neither a disk nor a file"
fi
echo "All that is on it will be lost."
if [ -z "$yes" ]; then
	read -r -p "Write ${image##*/} to it? Type its name, $device: " answer || answer=
	[ "$answer" = "$device" ] || refuse "nothing was written"
fi
dd if="$image" of="$device" bs=1M conv=fsync,notrunc status=none || { echo "stick: $device: not written" >&2; exit 1; }
if ! cmp -s -n "$size" - "$image" < <(read_back); then
	echo "stick: $device: other bytes come back than were written: the stick is broken, or no stick" >&2
	exit 1
fi
echo "stick: written and read back: $size bytes"
