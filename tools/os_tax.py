#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make os-tax`: what Linux costs on this machine. Launches of the hosted programme and of the image (PVH + KVM), in
turns whose order changes from pair to pair, each of which leaves its results; then the noise of both; `anechoic os-tax`
says what came of it, and writes the page. `make compare-os` is another question: whether the objects that ask for
nothing are as fast in both.

All rows that both have but a family's larger members, in at most 15 minutes; --quick: a few of each kind, in at most 2.
More than two CPUs are not asked for: one wakes the other.

Exit status: `anechoic os-tax`'s; 77 without a KVM that carries PVH, 4 a run failed.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time

import compare_os
import machine as m

PAGES = ["call", "fault", "protect/1", "protect/64", "remap/1", "remap/64", "shootdown/2", "reach/4KiB/1/64",
         "reach/4KiB/1/1024", "reach/4KiB/1/16384", "held/1/64", "held/1/1024", "held/1/16384"]
MACHINE = [f"machine/pages/{row}" for row in PAGES] + compare_os.LEVELS + ["machine/cores/pair/0/1"]
ROWS = ["os/*", "pool/*", "tlb/*", "copy/*", "simd/[^a]*", "combined/*", *MACHINE]
QUICK_PAGES = ("call", "fault", "protect/1", "remap/1", "shootdown/2", "reach/4KiB/1/1024", "held/1/1024")
QUICK = ["os/*", "pool/pool_vs_standard/*", "tlb/lookup/*", "copy/4KiB/chosen", "copy/16KiB/chosen",
         "simd/add32/1000/*", *(f"machine/pages/{row}" for row in QUICK_PAGES),
         *(f"machine/latency/{page}/line/{size}" for page in ("4KiB", "2MiB") for size in ("16KiB", "4MiB")),
         "machine/cores/pair/0/1"]
PAIRS, QUICK_PAIRS, PAIRS_LEAST = 12, 6, 2
BUDGET_S, QUICK_BUDGET_S = 840, 105
NOISE_S, QUICK_NOISE_S = 10, 2


def hosted(options, words, path):
    compare_os.hosted_run(options, words, path)


def image(options, words, path):
    compare_os.image_run(options, words, path, cores=min(2, os.cpu_count() or 1))


SIDES = {"linux": hosted, "image": image}


def run_pairs(options, folder):
    """Until there are enough, or another would take longer than there is time."""
    words = f"--warm-up-time 0.01 --measurement-time 0.03 {' '.join(QUICK if options.quick else ROWS)}"
    begin, longest = time.monotonic(), 0.0
    for number in range(options.pairs):
        start = time.monotonic()
        if number >= PAIRS_LEAST and start - begin + longest > options.budget:
            print(f"os-tax: {number} pairs, as another would be too long", flush=True)
            return
        for side in sorted(SIDES, reverse=number % 2 == 0):
            SIDES[side](options, words, os.path.join(folder, side, f"{number + 1:03}.json"))
        longest = max(longest, time.monotonic() - start)
        print(f"os-tax: pair {number + 1} of {options.pairs}, {time.monotonic() - start:.1f} s", flush=True)


def record_noise(options, folder):
    words, path = f"noise --duration={QUICK_NOISE_S if options.quick else NOISE_S}", os.path.join(folder, "noise-")
    subprocess.run([os.path.join(options.build, "anechoic"), *words.split(), "-o", path + "linux.json"], check=True,
                   capture_output=True, timeout=options.limit)
    image(options, words, path + "image.json")
    return [path + "linux.json", path + "image.json"]


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--quick", action="store_true", help="a few rows of each kind, six pairs")
    parser.add_argument("--pairs", type=m.positive, help=f"of launches ({PAIRS}; with --quick {QUICK_PAIRS})")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("--limit", type=float, default=300, metavar="SECONDS", help="of one launch")
    options = parser.parse_args(argv)
    options.pairs = options.pairs or (QUICK_PAIRS if options.quick else PAIRS)
    options.budget = QUICK_BUDGET_S if options.quick else BUDGET_S
    if not m.probe("x86_64", options.build)["pvh"]:
        print("os-tax: skipped: no KVM here that carries PVH")
        return m.EXIT_SKIPPED
    folder = os.path.join(options.build, "os-tax")
    shutil.rmtree(folder, ignore_errors=True)
    for side in SIDES:
        os.makedirs(os.path.join(folder, side))
    try:
        run_pairs(options, folder)
        noises = record_noise(options, folder)
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"os-tax: {error}", file=sys.stderr)
        return m.EXIT_BROKEN
    page = os.path.join(folder, "os-tax.html")
    command = [os.path.join(options.build, "anechoic"), "os-tax", "--format", options.format, "-o", page,
               *(word for path in noises for word in ("--noise", path)),
               *(os.path.join(folder, side) for side in SIDES)]
    status = subprocess.run(command, check=False).returncode
    print(f"os-tax: the page is {os.path.relpath(page)}, the results are beside it", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
