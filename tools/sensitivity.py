#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make sensitivity`: how often a slowdown of known size is found. The kernel is a chain of 1,000 dependent additions;
slowed, it has 10, 20 or 50 more in its timed loop (bench/suites/reference.c). A trial is one `anechoic ab` at its
default settings over all three sizes and an unchanged kernel, launches interleaved; found means `regressed`.

Exit status: 0 the 2 % are found in 95 % of the trials, 1 they are not, 2 a run failed.
"""

import argparse
import collections
import os
import sys

import noise

LEVELS = ("1", "2", "5")
FILTERS = {"plain": "'reference/chain/[wp]*'", "slowed": "'reference/chain/[ws]*'"}


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    noise.add_trial_options(parser, count=200)
    options = parser.parse_args(argv)
    program = os.path.abspath(noise.program(options.build))
    plain = f"'{program}' run {noise.SHORT} {FILTERS['plain']}"
    # The slowed ones take the plain ones' names, or they would not be compared.
    slowed = (f"f={{out}}; '{program}' run {noise.SHORT} {FILTERS['slowed']} --out \"$f.as-run\" && "
              "sed 's#reference/chain/slowed/#reference/chain/plain/#' \"$f.as-run\" >\"$f\" && rm \"$f.as-run\"")
    found, wrong, unchanged, shifts, clock = collections.Counter(), 0, 0, collections.defaultdict(list), noise.Clock()
    for number, rows in noise.trials("sensitivity", options, plain, slowed):
        for row in rows:
            level = row["name"].rsplit("/", 1)[1]
            shifts[level].append(row["change"])
            if level in LEVELS and level != "1" and row["verdict"] != "regressed":
                print(f"sensitivity: trial {number}: {level} % called {row['verdict']}: {row['change']:+.2%} "
                      f"[{row['lower']:+.2%} {row['upper']:+.2%}], p {row['p_corrected']:.2g}", flush=True)
            if level in LEVELS:
                found[level] += row["verdict"] == "regressed"
                wrong += row["verdict"] == "improved"
            else:
                unchanged += row["verdict"] in ("improved", "regressed")
        if number % 10 == 0:
            print(f"sensitivity: {number} trials, {clock}, {noise.load_average()}: "
                  + ", ".join(f"{level} %: {found[level]}" for level in LEVELS), flush=True)
    trials = options.count
    print(f"\n{'slowdown':>9} {'trials':>7} {'found':>7} {'share':>8} {'at least (0.95)':>16} {'median estimate':>16}")
    for level in LEVELS:
        print(f"{level:>7} % {trials:7} {found[level]:7} {found[level] / trials:8.1%} "
              f"{noise.lower_bound(found[level], trials):16.1%} {noise.quantile(shifts[level], 0.5):+16.2%}")
    print(f"called improved: {wrong}; the unchanged kernel called changed: {unchanged} of {trials}")
    print("sensitivity: default thresholds ask for an interval beyond +-1 %: a change of 1 % is not to be found; "
          "bar: 2 % in 95 %")
    return 0 if found["2"] >= 0.95 * trials else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
