#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make room-cost`: what watching the room costs a run. N pairs of launches on one core, one as it is and one with
`--unwatched`, each first in turn: the ratio of their CPU times, whole commands, and of each row's figures, as medians
over the pairs with their intervals (0.95, by order statistics). CPU time, as a launch hardly waits, and what else runs
on the core is in the time by the clock.

Bars: the run takes at most 1 % more, no figure changes by more than 0.5 %.

Exit status: 0 the intervals are within the bars, 1 one lies beyond them, 3 one is too wide to tell, 4 a run failed.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile

import compare_os
import machine as m
import noise

MORE_MOST, CHANGE_MOST = 0.01, 0.005
ROWS = "pool/pool_vs_standard/stack_pool_cycle tlb/lookup/mostly_hits copy/4KiB/chosen simd/add32/1000/vector"


def launch(options, words, path):
    """(seconds of CPU time, figures)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    compare_os.hosted_run(options, f"--nresamples=1000 {words} {options.rows}", path)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, noise.figures(path)


def word_of(lower, upper, least, most):
    if least <= lower and upper <= most:
        return "within"
    return "BEYOND" if lower > most or upper < least else "undecided"


def judge(ratios):
    """Exit status, and a line each, of the ratios of pairs by name; "the run" is that of times."""
    words = []
    print(f"{'watched / unwatched':44} {'ratio':>7} {'of the median, 95 %':>19}  bar")
    for name, values in ratios.items():
        lower, upper = noise.median_interval(values)
        least, most = (0, 1 + MORE_MOST) if name == "the run" else (1 - CHANGE_MOST, 1 + CHANGE_MOST)
        words.append(word_of(lower, upper, least, most))
        print(f"{name:44} {noise.quantile(values, 0.5):7.4f} [{lower:.4f} {upper:.4f}]{'':3} "
              f"{f'{least:.3f} to ' if least else 'at most '}{most:.3f}: {words[-1]}")
    return 1 if "BEYOND" in words else m.EXIT_INCONCLUSIVE if "undecided" in words else 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--count", type=m.positive, default=40, help="pairs")
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
                ratios["the run"].append(found[""][0] / found["--unwatched"][0])
                for name, figure in found[""][1].items():
                    ratios.setdefault(name, []).append(figure / found["--unwatched"][1][name])
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"room-cost: {error}", file=sys.stderr)
        return m.EXIT_BROKEN
    status = judge(ratios)
    print(f"room-cost: {options.count} pairs; {noise.load_average()}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
