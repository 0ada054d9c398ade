#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sign.sh KEY CERT OUT LOADER.EFI...: the loaders, signed for Secure Boot, into OUT/EFI/BOOT. KEY and CERT are PEM. Each
# signature is verified by the certificate before its file takes its name; the loaders that are given stay as they are.
set -euo pipefail

refuse() {
	echo "${0##*/}: $*" >&2
	exit 2
}

[ $# -ge 4 ] || { echo "usage: ${0##*/} KEY CERT OUT LOADER.EFI..." >&2; exit 2; }
key=$1 cert=$2 out=$3/EFI/BOOT
shift 3
for file in "$key" "$cert" "$@"; do
	{ [ -f "$file" ] && [ -r "$file" ]; } || refuse "cannot read $file"
done
openssl x509 -inform pem -in "$cert" -noout 2>/dev/null ||
	refuse "$cert is no certificate in PEM (one in DER becomes one by openssl x509 -inform der -in FILE)"
of_key=$(openssl pkey -in "$key" -pubout 2>/dev/null) || refuse "$key is no private key in PEM"
[ "$of_key" = "$(openssl x509 -in "$cert" -noout -pubkey)" ] || refuse "$key is not the key of $cert"
# UEFI 2.10, section 32.4.1: firmware takes RSA of 2048 bits or more.
openssl x509 -in "$cert" -noout -text | grep -q 'Public Key Algorithm: rsaEncryption' ||
	refuse "$cert is of a key that is not RSA, which firmware does not take"

mkdir -p "$out"
work=$(mktemp -d "$out.XXXXXX")
trap 'rm -rf "$work"' EXIT
for loader; do
	signed=$work/$(basename "$loader")
	said=$({ sbsign --key "$key" --cert "$cert" --output "$signed" "$loader" &&
		sbverify --cert "$cert" "$signed"; } 2>&1) || refuse "$loader is not signed: $said"
done
mv "$work"/* "$out"
