#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make aa`: the same binary against itself, N times, each an `anechoic ab` at its default settings. Of all (benchmark,
run) pairs at most 5 % may be called improved or regressed; the upper bound of that share (0.95) is printed beside it.

Exit status: 0 the share is within 5 %, 1 it is not, 2 a run failed.
"""

import argparse
import collections
import sys

import noise


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    noise.add_trial_options(parser, count=40)
    parser.add_argument("--arguments", default="", help="words for the programme: filters, options")
    options = parser.parse_args(argv)
    command = f"'{noise.program(options.build)}' run {noise.SHORT} {options.arguments}"
    counts, alarms, clock = collections.Counter(), [], noise.Clock()
    for number, rows in noise.trials("aa", options, command, command):
        for row in rows:
            counts[row["verdict"]] += 1
            if row["verdict"] in ("improved", "regressed"):
                alarms.append(row)
                print(f"aa: run {number}: {row['name']} called {row['verdict']}: {row['change']:+.2%} "
                      f"[{row['lower']:+.2%} {row['upper']:+.2%}], p {row['p_corrected']:.2g}", flush=True)
        print(f"aa: run {number} of {options.count}: {len(rows)} benchmarks, {len(alarms)} false alarms so far, "
              f"{clock}, {noise.load_average()}", flush=True)
    trials = sum(counts.values())
    print(f"\naa: {trials} (benchmark, run) pairs, each of {options.pairs} to {options.pairs_max} pairs of launches: "
          + ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    print(f"aa: false alarms {len(alarms)} of {trials}: {len(alarms) / trials:.2%}, at most "
          f"{noise.upper_bound(len(alarms), trials):.2%} (0.95); bar 5 %")
    return 1 if len(alarms) > 0.05 * trials else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
