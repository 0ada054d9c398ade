#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make compare-os`: runs the hosted programme and the image (PVH + KVM) alternately and compares the minimum of time
per iteration of each benchmark over all alternations. The core's objects are the same in both, so the ratio is what the
operating system and the virtual machine cost.

Rows of the standard allocator are shown and not judged: it is newlib's there and glibc's here, not the same code.

`make levels-compare` (--levels) does so with rows on the memory, within 5 %, both on one CPU, the order changing from
alternation to alternation. Beyond the first two caches a figure is also what other guests of the host leave of a shared
cache, and which physical pages a launch got: the ratio has an interval, from resampled launches, and a row counts as
beyond only where all of it is, and where three launches of each side have its minimum, as nothing in the other launches
says that a lower one was not to come. Else it is undecided, and how far the launches of one side lie apart is said.

Exit status: 0 what is judged agrees within the limit, 1 it does not, 77 without a KVM that carries PVH, 4 a run failed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import machine as m

OTHER_CODE = "standard"    # begins the last part of the name


def hosted_run(options, words, path):
    command = [os.path.join(options.build, "anechoic"), "run", "--out", path, *words.split()]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=options.limit)
    if result.returncode != 0:
        raise RuntimeError("hosted run: exit status "
                           f"{result.returncode}\n{result.stdout[-1000:]}{result.stderr[-1000:]}")


def image_run(options, words, path, cores=1):
    outcome = m.boot(m.Machine(boot="pvh", accel="kvm", arguments=words, build=options.build, cores=cores),
                     options.limit)
    if outcome.status() != 0:
        raise RuntimeError(f"image run: exit status {outcome.status()}\n{outcome.text()[-1000:]}")
    log = os.path.splitext(path)[0] + ".log"
    with open(log, "wb") as file:
        file.write(outcome.console)
    subprocess.run([os.path.join(options.build, "anechoic"), "collect", log, "-o", path], check=True,
                   capture_output=True)


def hosted_minima(options, directory):
    path = os.path.join(directory, "hosted.json")
    hosted_run(options, options.arguments, path)
    return minima(path)


def image_minima(options, directory):
    path = os.path.join(directory, "image.json")
    image_run(options, options.arguments, path)
    return minima(path)


def minima(path):
    """Least ns per iteration of each benchmark that ran, from the raw samples."""
    with open(path, encoding="utf-8") as file:
        benchmarks = json.load(file)["benchmarks"]
    return {entry["name"]: min(time / iters for time, iters in zip(entry["times"], entry["iters"]))
            for entry in benchmarks if entry["status"] == "ok"}


SIZES = ("16KiB", "256KiB", "4MiB", "64MiB")
LEVELS = [f"machine/latency/{page}/line/{size}" for page in ("4KiB", "2MiB") for size in SIZES] + \
         [f"machine/bandwidth/one/{kind}/{size}" for kind in ("read", "write", "copy") for size in SIZES] + \
         [f"machine/parallelism/{row}" for row in ("16KiB/4", "256KiB/8", "4MiB/8")] + ["machine/forwarding"]
LEVELS_QUICK = [row for row in LEVELS if row.split("/")[-1] in SIZES[:2] and "/write/" not in row] + \
               ["machine/parallelism/16KiB/4", "machine/forwarding/same/64bit", "machine/forwarding/wider/two_stores"]
RESAMPLES = 2000
CONFIDENCE = 0.95
# Why the two may lie apart and neither is at fault, by how a row's name begins
REASONS = (("machine/latency/4KiB/", "the image's pages of 4 KiB are neighbours, Linux's are where there was room"),
           ("machine/latency/2MiB/", "a guest's page of 2 MiB is one page only where the host backs it with one"))


def interval(hosted, image, seed=1):
    """Of the ratio of the minima, launches resampled on each side."""
    chance = random.Random(seed)
    ratios = sorted(min(chance.choices(image, k=len(image))) / min(chance.choices(hosted, k=len(hosted)))
                    for _ in range(RESAMPLES))
    tail = int(RESAMPLES * (1 - CONFIDENCE) / 2)
    return ratios[tail], ratios[-1 - tail]


def apart(launches):
    return max(launches) / min(launches) - 1


def settled(launches, within):
    return sorted(launches)[:3][-1] <= min(launches) * (1 + within)


def judge(name, hosted, image, within):
    """"agree", "undecided" or "BEYOND", with the ratio of the minima, its interval, and why."""
    ratio = min(image) / min(hosted)
    low, high = interval(hosted, image)
    if abs(ratio - 1) <= within:
        return "agree", ratio, low, high, ""
    if low <= 1 + within and high >= 1 - within or not (settled(hosted, within) and settled(image, within)):
        side = max((apart(hosted), "hosted"), (apart(image), "image"))
        return "undecided", ratio, low, high, f"launches of {side[1]} lie {side[0]:.0%} apart"
    return "BEYOND", ratio, low, high, next((why for begin, why in REASONS if name.startswith(begin)), "")


def launches_of(options):
    """{name: the minimum of each launch}, hosted and image, run in turns."""
    sides = ({}, {})
    runs = (hosted_minima, image_minima)
    with tempfile.TemporaryDirectory() as directory:
        for number in range(options.alternations):
            print(f"compare-os: alternation {number + 1} of {options.alternations}", flush=True)
            for side in (0, 1) if number % 2 == 0 else (1, 0):
                for name, value in runs[side](options, directory).items():
                    sides[side].setdefault(name, []).append(value)
    return sides


def levels(options):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})   # hosted and QEMU inherit it
    rows = " ".join(LEVELS_QUICK if options.quick else LEVELS)
    options.arguments = f"--warm-up-time 0.01 --measurement-time 0.03 {rows} {options.arguments}"
    hosted, image = launches_of(options)
    counts = {"agree": 0, "undecided": 0, "BEYOND": 0}
    print(f"\n{'benchmark':38} {'hosted ns':>11} {'image ns':>11} {'image/hosted':>12} {'95 % interval':>15}")
    for name in (name for name in hosted if name in image):
        word, ratio, low, high, why = judge(name, hosted[name], image[name], options.within)
        counts[word] += 1
        print(f"{name:38} {min(hosted[name]):11.3f} {min(image[name]):11.3f} {ratio:12.3f} {low:8.3f} {high:6.3f}"
              + ("" if word == "agree" else f"  {word}" + (f": {why}" if why else "")))
    print(f"\nlevels-compare: minimum of time per iteration over {options.alternations} launches each; of "
          f"{sum(counts.values())} rows {counts['agree']} agree within {options.within:.0%}, {counts['undecided']} are "
          f"undecided, {counts['BEYOND']} beyond")
    return 1 if counts["BEYOND"] else 0


def compare(options):
    hosted, image = ({name: min(values) for name, values in side.items()} for side in launches_of(options))
    print(f"\n{'benchmark':44} {'hosted ns':>12} {'image ns':>12} {'image/hosted':>13}")
    beyond = rows = 0
    for name in hosted:
        if name not in image:
            continue
        ratio = image[name] / hosted[name]
        judged = not name.split("/")[-1].startswith(OTHER_CODE)
        outside = judged and abs(ratio - 1) > options.within
        beyond += outside
        rows += judged
        print(f"{name:44} {hosted[name]:12.3f} {image[name]:12.3f} {ratio:13.3f}"
              + ("  BEYOND" if outside else "" if judged else "  not judged: another library"))
    print(f"\ncompare-os: minimum of time per iteration over {options.alternations} alternations; "
          f"{beyond} of {rows} rows beyond {options.within:.0%}")
    return 1 if beyond else 0


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--arguments", default="")
    parser.add_argument("--levels", action="store_true", help="rows on the memory, each with an interval")
    parser.add_argument("--quick", action="store_true", help="of --levels: a few rows, a few alternations")
    parser.add_argument("--alternations", type=m.positive, help="default 5; of --levels 12, with --quick 5")
    parser.add_argument("--within", type=float, help="default 0.10; of --levels 0.05")
    parser.add_argument("--limit", type=float, default=120, metavar="SECONDS", help="of one run")
    options = parser.parse_args(argv)
    options.alternations = options.alternations or (12 if options.levels and not options.quick else 5)
    options.within = options.within or (0.05 if options.levels else 0.10)

    if not m.probe("x86_64", options.build)["pvh"]:
        print("compare-os: skipped: no KVM here that carries PVH")
        return m.EXIT_SKIPPED
    try:
        return levels(options) if options.levels else compare(options)
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"compare-os: {error}", file=sys.stderr)
        return m.EXIT_BROKEN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
