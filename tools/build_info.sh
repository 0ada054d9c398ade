#!/usr/bin/env bash
# Writes build_info.h to standard output: what a result says of the build that it came from.
#   tools/build_info.sh COMPILER-COMMAND FLAGS
set -euo pipefail
quote() { printf '"%s"' "$(printf '%s' "$1" | tr -s ' \t\n' ' ' | sed 's/ $//; s/[\\"]/\\&/g')"; }
cd "$(dirname "$0")/.."
commit=unknown
if git rev-parse --verify -q HEAD >/dev/null 2>&1; then
	commit=$(git rev-parse HEAD)
	[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] || commit=$commit-dirty
fi
echo "#pragma once"
echo "#define BUILD_VERSION \"0.1.0\""
echo "#define BUILD_COMMIT $(quote "$commit")"
echo "#define BUILD_COMPILER $(quote "$($1 --version | head -n 1)")"
echo "#define BUILD_FLAGS $(quote "$2")"
