#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# own_key.sh FOLDER NAME: a key for Secure Boot, and what a firmware takes of it (docs/secure-boot.md), in a new folder:
# key.pem, which is the secret; cert.pem and cert.cer, its certificate in PEM and in DER, in NAME's name; PK.auth,
# KEK.auth and db.auth, lists that it has signed, for a firmware without keys. NAME has no slash in it.
set -euo pipefail

if [ $# -ne 2 ] || [[ $2 == */* || -z $2 ]]; then
	echo "usage: ${0##*/} FOLDER NAME" >&2
	exit 2
fi
mkdir "$1"
cd "$1"
umask 077
# Firmware takes RSA; years, as nobody renews what lies in a firmware, and that of EDK II looks at no date.
openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 7300 -subj "/CN=$2/" -keyout key.pem -out cert.pem \
	2>openssl.log || { cat openssl.log >&2; exit 2; }
rm openssl.log
openssl x509 -in cert.pem -outform der -out cert.cer
# Whose entry it is; any number that nobody else has.
cert-to-efi-sig-list -g "$(cat /proc/sys/kernel/random/uuid)" cert.pem cert.esl
for list in PK KEK db; do
	sign-efi-sig-list -k key.pem -c cert.pem "$list" cert.esl "$list.auth" >/dev/null
done
rm cert.esl
chmod a+r cert.pem cert.cer ./*.auth
