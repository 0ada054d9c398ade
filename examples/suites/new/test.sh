#!/bin/sh
# Runs each row for a moment. 0: all results are right; 4: an oracle says of one that it is not.
set -eu
suite=$(cd "$(dirname "$0")" && pwd)
: "${ANECHOIC:?is to be the folder of the source of Anechoic}"
make -s -C "$ANECHOIC" hosted SUITES="$suite"
exec "${SUITES_BUILD:-$ANECHOIC/build/suites}/anechoic" run --quick "@NAME@/*"
