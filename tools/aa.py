#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make aa`: the same binary against itself, N times, each an `anechoic ab` at its default settings. Of all (benchmark,
run) pairs at most 5 % may be called improved or regressed; the upper bound of that share (0.95) is printed beside it.
At least 90 % of them shall be decided, that is not inconclusive; with a neighbour (--neighbour) 30 %.

Exit status: 0 the bars are met, 1 they are not, 2 a run failed, 77 there is no CPU for the neighbour.
"""

import argparse
import collections
import sys

import noise


ALARMS = ("improved", "regressed")


def judge(counts, pairs, neighbour):
    """0 or 1, and says why, of how often each verdict was given."""
    trials, alarms = sum(counts.values()), sum(counts[verdict] for verdict in ALARMS)
    print(f"\naa: {trials} (benchmark, run) pairs, each of {pairs} pairs of launches: "
          + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    print(f"aa: false alarms {alarms} of {trials}: {alarms / trials:.2%}, at most "
          f"{noise.upper_bound(alarms, trials):.2%} (0.95); bar 5 %")
    decided = noise.enough_decided("aa", trials - counts["inconclusive"], trials, neighbour)
    return 0 if alarms <= 0.05 * trials and decided else 1


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    noise.add_trial_options(parser, count=40)
    parser.add_argument("--arguments", default="", help="words for the programme: filters, options")
    options = parser.parse_args(argv)
    command = f"'{noise.program(options.build)}' run {noise.SHORT} {options.arguments}"
    counts, alarms, clock = collections.Counter(), 0, noise.Clock()
    with noise.neighbour_of("aa", options.neighbour) as neighbour:
        for number, rows in noise.trials("aa", options, command, command):
            for row in rows:
                counts[row["verdict"]] += 1
                if row["verdict"] in ALARMS:
                    alarms += 1
                    print(f"aa: run {number}: {row['name']} called {row['verdict']}: {row['change']:+.2%} "
                          f"[{row['lower']:+.2%} {row['upper']:+.2%}], p {row['p_corrected']:.2g}", flush=True)
            print(f"aa: run {number} of {options.count}: {len(rows)} benchmarks, {alarms} false alarms so far, "
                  f"{clock}, {noise.load_average()}", flush=True)
    return judge(counts, f"{options.pairs} to {options.pairs_max}", neighbour)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
