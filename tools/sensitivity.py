#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make sensitivity`: how often a slowdown of known size is found. The kernel is a chain of 1,000 dependent additions;
slowed, it has 10, 20 or 50 more in its timed loop (bench/suites/reference.c). A trial is one `anechoic ab` over
all three sizes and an unchanged kernel, launches interleaved, whose `no change` excludes 2 % (`--effect`) and which is
at its default settings else; found means `regressed`.

With a neighbour (--neighbour) inconclusive is an answer, too, as long as 30 % of the rows are decided whose answer is
known; alone it is none, and 90 % are to be. Of 1 %, the threshold itself, no answer is right or wrong but improved,
which is never right.

Exit status: 0 the 2 % are found in 95 % of the trials, or are inconclusive beside a neighbour, nothing slowed is called
improved, and enough is decided; 1 not so; 2 a run failed; 77 there is no CPU for the neighbour.
"""

import argparse
import collections
import os
import sys

import noise

LEVELS = ("1", "2", "5")
EFFECT = 0.02  # that `no change` excludes
FILTERS = {"plain": "'reference/chain/[wp]*'", "slowed": "'reference/chain/[ws]*'"}


def judge(verdicts, shifts, neighbour):
    """0 or 1, and says why. `verdicts`: of each level, and of "whole", which is unchanged, how often each was given."""
    print(f"\n{'slowdown':>9} {'trials':>7} {'found':>7} {'inconclusive':>12} {'share':>8} {'at least (0.95)':>16} "
          f"{'median estimate':>16}")
    for level in LEVELS:
        trials, found = sum(verdicts[level].values()), verdicts[level]["regressed"]
        print(f"{level:>7} % {trials:7} {found:7} {verdicts[level]['inconclusive']:12} {found / trials:8.1%} "
              f"{noise.lower_bound(found, trials):16.1%} {noise.quantile(shifts[level], 0.5):+16.2%}")
    wrong = sum(verdicts[level]["improved"] for level in LEVELS)
    same = verdicts["whole"]
    print(f"called improved: {wrong}; the unchanged kernel called changed: {same['improved'] + same['regressed']} of "
          f"{sum(same.values())}")
    print("sensitivity: default thresholds ask for an interval beyond +-1 %: a change of 1 % is not to be found; "
          f"bar: 2 % in 95 %{', or inconclusive' if neighbour.kind else ''}")
    known = [verdicts[level] for level in LEVELS if level != "1"] + [same]
    decided = sum(sum(each.values()) - each["inconclusive"] for each in known)
    enough = noise.enough_decided("sensitivity", decided, sum(sum(each.values()) for each in known), neighbour)
    found = verdicts["2"]["regressed"] + (verdicts["2"]["inconclusive"] if neighbour.kind else 0)
    return 0 if found >= 0.95 * sum(verdicts["2"].values()) and wrong == 0 and enough else 1


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    noise.add_trial_options(parser, count=200)
    options = parser.parse_args(argv)
    program = os.path.abspath(noise.program(options.build))
    plain = f"'{program}' run {noise.SHORT} {FILTERS['plain']}"
    # The slowed ones take the plain ones' names, or they would not be compared.
    slowed = (f"f={{out}}; '{program}' run {noise.SHORT} {FILTERS['slowed']} --out \"$f.as-run\" && "
              "sed 's#reference/chain/slowed/#reference/chain/plain/#' \"$f.as-run\" >\"$f\" && rm \"$f.as-run\"")
    verdicts, shifts = collections.defaultdict(collections.Counter), collections.defaultdict(list)
    clock = noise.Clock()
    with noise.neighbour_of("sensitivity", options.neighbour) as neighbour:
        for number, rows in noise.trials("sensitivity", options, plain, slowed, [f"--effect={EFFECT}"]):
            for row in rows:
                level = row["name"].rsplit("/", 1)[1]
                verdicts[level][row["verdict"]] += 1
                shifts[level].append(row["change"])
                if level in LEVELS and level != "1" and row["verdict"] != "regressed":
                    print(f"sensitivity: trial {number}: {level} % called {row['verdict']}: {row['change']:+.2%}",
                          flush=True)
            if number % 10 == 0:
                print(f"sensitivity: {number} trials, {clock}, {noise.load_average()}: "
                      + ", ".join(f"{level} %: {verdicts[level]['regressed']}" for level in LEVELS), flush=True)
    return judge(verdicts, shifts, neighbour)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
