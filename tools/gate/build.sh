#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The first step of the gate: base and head as clean trees, both built, and the programme that judges. docs/gate.md has
# the variables.
set -euo pipefail
# What is built and run here is not told of the files by which it would change the step that has the token.
unset GITHUB_ENV GITHUB_OUTPUT GITHUB_PATH GITHUB_STATE GITHUB_STEP_SUMMARY

: "${GATE_FOLDER:?the folder of the gate}" "${GATE_BASE:?the commit that is compared with}"
repository=${GATE_REPOSITORY:-.}
own=$(cd "$(dirname "$0")/../.." && pwd)
# Of what the last step would refuse nothing is built.
# shellcheck source-path=SCRIPTDIR
. "$own/tools/gate/fail_on.sh"

# A shallow clone has only what it was asked for. What begins or goes on as an option of git's or as a refspec, which
# would write, is no commit.
commit_of() {
	git -C "$repository" rev-parse --quiet --verify --end-of-options "$1^{commit}" ||
		{ [[ "$1" != [-+^]* && "$1" != *:* ]] &&
			git -C "$repository" fetch --quiet --depth=1 --end-of-options origin "$1" >&2 &&
			git -C "$repository" rev-parse --quiet --verify 'FETCH_HEAD^{commit}'; } ||
		{ echo "gate: no commit '$1' here, nor where this clone is from" >&2; exit 2; }
}

is_anechoic() {
	[ -f "$1/hosted/cli/commands/ab.c" ]
}

# What is in it goes, so it must be one of ours.
mark=.anechoic-gate
[ -z "$(ls -A "$GATE_FOLDER" 2>/dev/null)" ] || [ -e "$GATE_FOLDER/$mark" ] ||
	{ echo "gate: $GATE_FOLDER is not empty, and no folder of a gate" >&2; exit 2; }
for side in base head; do
	git -C "$repository" worktree remove --force "$GATE_FOLDER/$side" 2>/dev/null || true
done
rm -rf "$GATE_FOLDER"
mkdir -p "$GATE_FOLDER"
touch "$GATE_FOLDER/$mark"
for side in base head; do
	[ "$side" = base ] && wanted=$GATE_BASE || wanted=${GATE_HEAD:-HEAD}
	commit=$(commit_of "$wanted")
	git -C "$repository" worktree add --quiet --force --detach "$GATE_FOLDER/$side" "$commit"
	printf '%s\n' "$commit" >"$GATE_FOLDER/$side.commit"
done
cd "$GATE_FOLDER"

build=${GATE_BUILD-}
[ -n "$build" ] || ! is_anechoic base || build="make -j$(nproc) hosted"
for side in base head; do
	[ -z "$build" ] || (cd "$side" && bash -eo pipefail -c "$build") >"$side.log" 2>&1 </dev/null ||
		{ tail -n 50 "$side.log" >&2; echo "gate: $side cannot be built: $build" >&2; exit 2; }
done

# A change may not be its own judge.
if [ -n "${GATE_JUDGE-}" ]; then
	judge=$GATE_JUDGE
elif is_anechoic base; then
	judge=$PWD/base/build/anechoic
else
	make -j"$(nproc)" -C "$own" hosted >judge.log 2>&1 </dev/null ||
		{ tail -n 50 judge.log >&2; echo "gate: anechoic cannot be built" >&2; exit 2; }
	judge=$own/build/anechoic
fi
[ -x "$judge" ] || { echo "gate: no programme $judge" >&2; exit 2; }
printf '%s\n' "$judge" >judge
