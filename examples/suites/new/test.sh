#!/bin/sh
# Runs each row for a moment. 0: all results are right; 4: an oracle says of one that it is not.
set -eu
# ANECHOIC is the folder of the source of Anechoic; without it, that which is installed.
suite=$(cd "$(dirname "$0")" && pwd)
: "${ANECHOIC:=}"
[ -n "$ANECHOIC" ] || installed=$(pkg-config --variable=folder anechoic)/anechoic.mk
make -s ${ANECHOIC:+-C "$ANECHOIC"} ${installed:+-f "$installed"} hosted SUITES="$suite"
exec "${SUITES_BUILD:-${ANECHOIC:-.}/build/suites}/anechoic" run --quick "@NAME@/*"
