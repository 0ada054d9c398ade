#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make suite-bench`: what it costs that a suite is from outside.

First, how long it is from a changed line of a suite to its first figure: `make run` of a suite that `new-suite`
wrote, by PVH under KVM, N times. Then rows of the tree beside the same text linked as a suite from outside
(host-tests/suites/same), both in each launch, hosted and image in turns. Two links of one text differ by more than
the bar where their loops lie at other places in a page, as two copies from outside do among themselves; so what is
from outside is linked behind as much padding as puts it where ours lies in its page. A launch's ratio is that of
their figures; a row agrees, or is beyond, where all of the interval of the ratios' median is within the bar, or
beyond it, and launches go on until that is said of every row, or --launches of them are through. As the interval is
looked at several times, it is one of 99 %.

Exit status: 0 all bars are met, 1 one is missed, 3 one is undecided, 77 without a KVM that carries PVH, 4 a run failed.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

import compare_os
import machine as m
import noise

FIRST_FIGURE_S = 3
WITHIN = 0.01
LAUNCHES_LEAST = 12   # before the interval is looked at, and then each
LAUNCHES_STEP = 6
CONFIDENCE = 0.99
PAGE_BYTES = 4096
LOOP = "lookup_run"   # of both, in a section of its own that is aligned to 64 bytes
ASIDE = """
#include "bench/benchmark.h"
__asm__(".section .text.aside,\\"ax\\"\\n.balign 64\\naside:\\n.skip %d\\n.text");
void aside(void *state, uint64_t iterations);
static const struct benchmark rows[] = {{.name = "padding", .iteration = "nothing is run", .run = aside}};
BENCH_SUITE(rows);
"""
SAME = os.path.join(m.ROOT, "host-tests", "suites", "same")
ROWS = "tlb/lookup"   # of ours, and in the names of the same from outside
WORDS = "--warm-up-time 0.02 --measurement-time 0.1 --nresamples 100 " + ROWS
LIMIT_S = 300


def made(*words, **how):
    """make, its output line by line with the seconds since it began."""
    begin = time.monotonic()
    process = subprocess.Popen(["make", "--no-print-directory", "-C", m.ROOT, *words], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, **how)
    lines = [(time.monotonic() - begin, line.rstrip()) for line in process.stdout]
    if process.wait(LIMIT_S) != 0:
        raise RuntimeError(f"make {' '.join(words)}: exit status {process.returncode}\n"
                           + "\n".join(line for _, line in lines[-10:]))
    return lines


def first_figure(folder, suite, build, number):
    """Seconds, after a line of the suite was given another number."""
    path = os.path.join(suite, "suite.c")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(re.sub(r"x >> \d+", f"x >> {number + 1}", text))
    lines = made("run", f"SUITES={suite}", f"SUITES_BUILD={build}", "BOOT=pvh", "ACCEL=kvm",
                 "ARGS=--quick --exact turn/mix", cwd=folder)
    return next(seconds for seconds, line in lines if re.match(r"\[ ?1/ ?1\] turn/mix +[\d.]+ ns", line))


def turns(options, folder):
    """Whether the bar is met. The first turn, which links all there is, is not counted."""
    suite, build = os.path.join(folder, "turn"), os.path.join(folder, "turn-built")
    subprocess.run([noise.program(options.build), "new-suite", suite], check=True, capture_output=True)
    took = [first_figure(folder, suite, build, number) for number in range(options.count + 1)][1:]
    met = statistics.median(took) <= FIRST_FIGURE_S
    print(f"suite-bench: from a changed line to its first figure, PVH under KVM, {len(took)} times: "
          f"{statistics.median(took):.2f} s in the median, {max(took):.2f} s the longest; "
          f"bar {FIRST_FIGURE_S} s: {'met' if met else 'MISSED'}")
    return met


def judge(ratios):
    """"agree", "BEYOND" or "undecided", with the ratios' median and its interval."""
    low, high = noise.median_interval(ratios, CONFIDENCE)
    if low >= 1 - WITHIN and high <= 1 + WITHIN:
        word = "agree"
    else:
        word = "BEYOND" if low > 1 + WITHIN or high < 1 - WITHIN else "undecided"
    return word, statistics.median(ratios), low, high


def is_decided(found):
    return all(judge(ratios)[0] != "undecided" for ratios in found.values())


def places(program):
    """Of ours and of the same from outside, which is linked behind it, where in its page the loop begins."""
    listed = subprocess.run(["nm", "-n", program], check=True, capture_output=True, text=True).stdout
    found = [int(line.split()[0], 16) % PAGE_BYTES for line in listed.splitlines() if line.split()[-1] == LOOP]
    if len(found) != 2:
        raise RuntimeError(f"{program} has {len(found)} functions {LOOP}, not ours and one from outside")
    return found


def link_alike(folder, side, program):
    """The folder of a link in whose `program` both loops begin at the same place of a page."""
    aside, build = os.path.join(folder, side, "aside"), os.path.join(folder, side, "built")
    program, padding = os.path.join(build, program), 0
    os.makedirs(aside)
    for _ in range(2):
        with open(os.path.join(aside, "suite.c"), "w", encoding="utf-8") as file:
            file.write(ASIDE % padding)
        made("hosted", "kernel", f"SUITES={aside} {SAME}", f"SUITES_BUILD={build}")
        ours, outside = places(program)
        if ours == outside:
            return build
        padding = (padding + ours - outside) % PAGE_BYTES
    raise RuntimeError(f"{program}: {LOOP} lies at {ours:#x} of its page, from outside at {outside:#x}")


SIDES = (("hosted", "anechoic", compare_os.hosted_run), ("image", "x86_64/program.elf.debug", compare_os.image_run))


def launches(options, folder):
    """{(row of ours, side): of each launch the time of the same from outside over its own}"""
    sides = [(side, argparse.Namespace(build=link_alike(folder, side, program), limit=LIMIT_S), run)
             for side, program, run in SIDES]
    path, found = os.path.join(folder, "results.json"), {}
    for number in range(options.launches):
        for side, how, run in sides if number % 2 == 0 else sides[::-1]:
            run(how, f"{WORDS} --seed {number + 1}", path)
            figures = noise.figures(path)
            for row in (name for name in figures if name.startswith(ROWS)):
                found.setdefault((row, side), []).append(figures["same/" + row] / figures[row])
        looked_at = number + 1 - LAUNCHES_LEAST
        if looked_at >= 0 and looked_at % LAUNCHES_STEP == 0 and is_decided(found):
            break
    return found


def compare(options, folder):
    """How many rows agree, are undecided, lie BEYOND."""
    counts = {"agree": 0, "undecided": 0, "BEYOND": 0}
    found = launches(options, folder)
    print(f"{'row':28} {'side':6} {'launches':>8} {'outside/ours':>12} {'99 % interval':>15}")
    for (row, side), ratios in sorted(found.items()):
        word, ratio, low, high = judge(ratios)
        counts[word] += 1
        print(f"{row:28} {side:6} {len(ratios):8} {ratio:12.4f} {low:8.4f} {high:6.4f}  {word}")
    print(f"suite-bench: rows from outside beside ours, bar {WITHIN:.0%}: "
          + ", ".join(f"{count} {word}" for word, count in counts.items()))
    return counts


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--count", type=m.positive, default=5, help="turns from a changed line to a figure")
    parser.add_argument("--launches", type=m.positive, default=60,
                        help="of hosted programme and image each, at the most")
    options = parser.parse_args(argv)
    if not m.probe("x86_64", options.build)["pvh"]:
        print("suite-bench: skipped: no KVM here that carries PVH")
        return m.EXIT_SKIPPED
    try:
        with tempfile.TemporaryDirectory() as folder:
            met = turns(options, folder)
            counts = compare(options, folder)
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"suite-bench: {error}", file=sys.stderr)
        return m.EXIT_BROKEN
    return 1 if counts["BEYOND"] or not met else m.EXIT_INCONCLUSIVE if counts["undecided"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
