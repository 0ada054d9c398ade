#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Suites from outside (docs/suites.md), as the Makefile makes them:
#   suite.sh check ARCH DIR...            prints what is wrong with the folders, else nothing
#   suite.sh flags DIR                    those of its compile_flags.txt
#   suite.sh link OUT.o NAME FILE...      one relocatable object of objects and archives, in which all symbols are local
#                                         but anechoic_outside_NAME; LD, NM, OBJCOPY, READELF: the architecture's tools;
#                                         HEADERS: those that a suite may include
#   suite.sh table OUT.c NAME=OBJECT...   the table bench/outside/link.h declares
# The same object goes into the image and into the hosted programme: what it may not ask for is said here, by name, and
# not by the image's linker.
set -euo pipefail
export LC_ALL=C
here=$(dirname "$0")

# The first parts of the names of rows that are ours.
OURS='combined copy inject machine os pool reference simd tlb'

# What a name in a makefile's rule, or a word of a command, cannot have.
STRANGE=$' \t\'"`\\#$%&*?:;=|<>(){}~!['

# No function of ours calls a suite's but by the one symbol, so any two suites may have the same names.
symbol_of() {
	printf 'anechoic_outside_%s' "${1//-/_}"
}

# The first that is wrong. A suite is called what its folder is called here, wherever a link leads.
check() {
	local arch=$1 dir path name seen=' ' files
	shift
	for dir; do
		path=$(realpath -ms "$dir")
		name=$(basename "$path")
		files=$(find -H "$dir" "$dir/$arch" -maxdepth 1 -xtype f -regex '.*\.\(c\|cc\|cpp\|S\|a\)' \
			2>/dev/null || true)
		if [ ! -d "$dir" ]; then
			echo "SUITES: $dir is no folder, of which several stand with blanks between them"
		elif [[ $path =~ [$STRANGE] ]]; then
			echo "SUITES: $dir: make and shells read ${BASH_REMATCH[0]} in a folder's name as something" \
				"else"
		elif [[ ! $name =~ ^[A-Za-z][A-Za-z0-9_-]{0,23}$ ]]; then
			echo "SUITES: $dir: a suite is called what its folder is: 24 letters, digits, _, -"
		elif [[ " $OURS " == *" $name "* ]]; then
			echo "SUITES: $dir: rows that begin with $name/ are ours: call the folder something else"
		elif [[ $seen == *" ${name//-/_} "* ]]; then
			echo "SUITES: two suites are called $name: call the folder of one, $dir, something else"
		elif [ -z "$files" ]; then
			echo "SUITES: $dir has no .c, .cc, .cpp, .S or .a, nor has $dir/$arch"
		else
			seen+="${name//-/_} "
			continue
		fi
		return
	done
}

# One a line, and a folder or file that is not named from / on is of this one, as clangd has it.
flags() {
	local names='-I|-isystem|-iquote|-idirafter|-include|-imacros'
	[ ! -f "$1/compile_flags.txt" ] || sed -E "/^(#|\$)/d
		s~^($names)[[:blank:]]+~\1\n~
		s~^($names)([^/\n].*)~\1$1/\2~
		s~\n([^/])~\n$1/\1~
		/^($names)\$/ { n; s~^([^/])~$1/\1~ }" "$1/compile_flags.txt"
}

# Who asks for a symbol: files as the suite has them.
callers() {
	local wanted=$1
	shift
	"$NM" -A -P -u "$@" 2>/dev/null | awk -v wanted="$wanted" '$2 == wanted {
		sub(/:$/, "", $1); sub(/.*\//, "", $1); sub(/\.o$/, "", $1)
		if (!seen[$1]++) list = list (list ? ", " : "") $1
	} END { print list }'
}

# Whether a header that a suite may include has this word in what is not a comment's line.
declared() {
	# shellcheck disable=SC2086 # words
	[ -n "$(grep -hw "$1" $HEADERS | grep -v '^ \?\*\|^/\*')" ]
}

# `allowed`, or why not; nothing where nobody knows the symbol.
why_not() {
	if [[ $1 =~ ^(bench|pool|tlb|simd)_ ]] && declared "$1"; then
		echo allowed
		return
	fi
	awk -v symbol="$1" '/^[^#\t]/ { why = $0 }
		/^\t/ { for (i = 1; i <= NF; i++) if (symbol ~ "^(" $i ")$") { print why; exit } }' \
		"$here/suite_calls.txt"
}

# What is left undefined and no suite may have, a line each.
refused_symbols() {
	local merged=$1 abi symbol why caller
	shift
	# shellcheck disable=SC2086 # words
	abi=$(sed -n 's/^#define BENCH_SUITE_ABI \([0-9]*\)$/\1/p' $HEADERS)
	"$NM" -P -u "$merged" | awk '{ print $1 }' | while read -r symbol; do
		if [[ $symbol =~ ^anechoic_suite_abi_([0-9]+)$ ]]; then
			[ "${BASH_REMATCH[1]}" = "$abi" ] ||
				echo "was compiled with bench/benchmark.h of version ${BASH_REMATCH[1]}, and this is" \
					"version $abi: compile it anew with this tree's"
			continue
		fi
		why=$(why_not "$symbol")
		[ "$why" = allowed ] && continue
		caller=$(callers "$symbol" "$@")
		why=${why:-it is defined neither in the suite nor among what a suite may call (docs/suites.md)}
		echo "${caller:-it} calls $(c++filt "$symbol"): $why"
	done
}

# Of what is loaded a line each: name, type, flags.
sections() {
	"$READELF" -SW "$1" | sed -n 's/^ *\[ *[0-9]*\] *//p' | awk '$7 ~ /A/ { print $1, $2, $7 }'
}

# Variables of a thread's own, functions that a dynamic linker chooses, what is written to and runs, what nobody would
# run, and code for addresses below 2 GiB.
refused_sections() {
	local merged=$1
	# The first hundred priorities are for the compiler's own, which sanitizers make use of.
	sections "$merged" | awk '
		/^\.fini_array\.0*[0-9][0-9]? / { next }
		$3 ~ /W/ && $3 ~ /X/ { print "has " $1 ", which is written to and runs: nothing is both in the image" }
		$1 ~ /^\.(fini_array|fini|dtors|init|ctors|preinit_array)(\.|$)/ {
			print "has " $1 ", which nobody runs: constructors stand in .init_array, teardown undoes " \
				"what setup did"
		}'
	"$READELF" -sW "$merged" | awk '$4 == "IFUNC" { print "has an indirect function, " $8 ": nobody chooses for " \
		"it in the image; setup knows context->features" }'
	"$READELF" -sW "$merged" | awk '$4 == "TLS" { print "thread-local storage, " $8 ": there are no threads " \
		"in the image; a core that bench_core_start starts gets what is its own as argument" }'
	"$READELF" -rW "$merged" | awk '/^Relocation section/ { debug = $3 ~ /debug/ }
		!debug && $3 ~ /^R_X86_64_(32|32S|16|8)$/ {
			print "has code that was not compiled to run anywhere: compile what it brings along with -fPIE"
			exit
		}'
}

# How the sections are called that linker/program.ld knows, for those that it does not. Zeroed memory is behind the
# programme's: who writes beyond an array's end comes to where nothing is mapped.
renamed() {
	sections "$1" | awk '
		function to(name) { sub(/^\./, "", $1); print "--rename-section=" old "=" name $1 }
		{ old = $1 }
		/^\.(note|eh_frame|init_array|fini_array|ARM\.)/ { next }
		$2 == "NOBITS" { print "--rename-section=" old "=.suite_bss"; next }
		/^\.(text|rodata|data)(\.| )/ { next }
		$3 ~ /X/ { to(".text."); next }
		$3 ~ /W/ { to(".data."); next }
		{ to(".rodata.") }'
}

link() {
	local out=$1 name=$2 complaints renames
	shift 2
	local merged=$out.merged
	if ! "$LD" -r -d --force-group-allocation -o "$merged" --start-group "$@" --end-group 2>"$out.said"; then
		sed "s|^|suite $name: |" "$out.said" >&2
		exit 1
	fi
	if ! "$NM" -P -g --defined-only "$merged" | grep -q '^anechoic_suite '; then
		echo "suite $name: has no table of rows: BENCH_SUITE(table); at the end of one of its files" >&2
		exit 1
	fi
	complaints=$(refused_symbols "$merged" "$@"; refused_sections "$merged")
	if [ -n "$complaints" ]; then
		sed "s|^|suite $name: |" <<<"$complaints" >&2
		exit 1
	fi
	mapfile -t renames < <(renamed "$merged")
	"$OBJCOPY" --keep-global-symbol=anechoic_suite "${renames[@]}" "$merged" "$out"
	"$OBJCOPY" --redefine-sym anechoic_suite="$(symbol_of "$name")" "$out"
	rm -f "$merged" "$out.said"
}

table() {
	local out=$1 entry name
	shift
	{
		echo '#include "bench/outside/link.h"'
		for entry; do
			echo "extern const struct bench_own_suite $(symbol_of "${entry%%=*}");"
		done
		echo 'const struct outside_linked outside_linked[] = {'
		for entry; do
			name=${entry%%=*}
			echo "	{\"$name\", \"$(sha256sum <"${entry#*=}" | cut -c1-16)\", &$(symbol_of "$name")},"
		done
		echo '	{NULL, NULL, NULL},'
		echo '};'
	} >"$out"
}

command=${1:-}
shift || true
case $command in
check | flags | link | table) "$command" "$@" ;;
*) echo "usage: ${0##*/} check|flags|link|table ..." >&2; exit 2 ;;
esac
