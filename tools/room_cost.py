#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make room-cost`: what watching the room costs a run. N pairs of launches on one core, one as it is and one with
`--unwatched`, each first in turn: how much longer a run takes, and the ratios of each row's figures, as medians over
the pairs with their intervals (0.95, by order statistics). What a run takes longer is what it spends outside of its
samples, as these are as many as the warm-up saw fit; over the whole run. What is in the samples is in the figures.

Bars: the run takes at most 1 % longer, no figure changes by more than 0.5 %.

Exit status: 0 the intervals are within the bars, 1 one lies beyond them, 3 one is too wide to tell, 4 a run failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import compare_os
import machine as m
import noise

LONGER_MOST, CHANGE_MOST = 0.01, 0.005
# Shorter than a run is, so that what is done once weighs more, and launches are many.
LAUNCH = "--warm-up-time=0.03 --measurement-time=0.1 --nresamples=1000"
ROWS = "pool/pool_vs_standard/stack_pool_cycle tlb/lookup/mostly_hits copy/4KiB/chosen simd/add32/1000/vector"


def launch(options, words, path):
    """(seconds outside of samples, of the whole command, figures)"""
    begin = time.perf_counter()
    compare_os.hosted_run(options, f"{LAUNCH} {words} {options.rows}", path)
    whole = time.perf_counter() - begin
    with open(path, encoding="utf-8") as file:
        sampled = sum(sum(row.get("times", [])) for row in json.load(file)["benchmarks"])
    return whole - sampled / 1e9, whole, noise.figures(path)


def word_of(lower, upper, least, most):
    if least <= lower and upper <= most:
        return "within"
    return "BEYOND" if lower > most or upper < least else "undecided"


def judge(ratios):
    """Exit status, and a line each, of the ratios of pairs by name; "the run" is that of whole commands."""
    words = []
    print(f"{'watched / unwatched':44} {'ratio':>7} {'of the median, 95 %':>19}  bar")
    for name, values in ratios.items():
        lower, upper = noise.median_interval(values)
        least, most = (0, 1 + LONGER_MOST) if name == "the run" else (1 - CHANGE_MOST, 1 + CHANGE_MOST)
        words.append(word_of(lower, upper, least, most))
        print(f"{name:44} {noise.quantile(values, 0.5):7.4f} [{lower:.4f} {upper:.4f}]{'':3} "
              f"{f'{least:.3f} to ' if least else 'at most '}{most:.3f}: {words[-1]}")
    return 1 if "BEYOND" in words else m.EXIT_INCONCLUSIVE if "undecided" in words else 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--count", type=m.positive, default=100, help="pairs")
    parser.add_argument("--rows", default=ROWS, help="words for both launches: filters, options")
    parser.add_argument("--limit", type=float, default=120, metavar="SECONDS", help="of one launch")
    options = parser.parse_args(argv)
    ratios = {"the run": []}
    try:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "results.json")
            for number in range(options.count):
                order = ("", "--unwatched") if number % 2 else ("--unwatched", "")
                found = {words: launch(options, words, path) for words in order}
                (outside, _, figures), (without, whole, others) = found[""], found["--unwatched"]
                ratios["the run"].append(1 + (outside - without) / whole)
                for name, figure in figures.items():
                    ratios.setdefault(name, []).append(figure / others[name])
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"room-cost: {error}", file=sys.stderr)
        return m.EXIT_BROKEN
    status = judge(ratios)
    print(f"room-cost: {options.count} pairs; {noise.load_average()}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
