#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make room-check`: is the word beside a figure the right one? N short runs on one core, in random order: with nobody
else, with `dd if=/dev/zero of=/dev/null bs=64k` on another core, and with the same on the core itself. Printed for each
kind are the words, what the witnesses saw, and what the neighbour did to the figures: one that changes none of them by
2 % and leaves the probe alone is none, and is said to be none (cores that are no siblings).

Bars: of the runs that a neighbour changed at least 95 % are loud, of those alone at most 5 %; none is called quiet that
lost more than 1 % to the host or has a busy probe; probes take at most 1 % of a run. Other guests of the host are
nobody's to switch off: the runs alone are as loud as the machine is.

Exit status: 0 the bars are met, 1 they are not, 3 there was no neighbour that changed anything, 4 a run failed.
"""

import argparse
import collections
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

LOUD_LEAST, ALONE_MOST, COST_MOST, CHANGED = 0.95, 0.05, 0.01, 0.02
KINDS = ("alone", "dd beside", "dd on it")
BEYOND, UNITS, STEAL_STEP_NS = 1.2, 4, 10_000_000  # of bench/room/judge.c
# Of bench/room/probe.c: what one probe and one reading of the clock have of additions.
PROBE_STEPS, CLOCK_STEPS, CLOCK_ROUNDS = 2048, 16384, 2


def measured(options, directory):
    path = os.path.join(directory, "results.json")
    command = [os.path.join(options.build, "anechoic"), "run", f"--cpu={options.cpu}", "--nresamples=1000",
               "--measurement-time=0.1", "--warm-up-time=0.02", "-o", path, *options.rows]
    begin = time.monotonic()
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    if result.returncode != 0:
        print(f"room-check: exit status {result.returncode}: {result.stderr[-500:]}", file=sys.stderr)
        sys.exit(4)
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    return results, time.monotonic() - begin


def low_decile(benchmark):
    each = sorted(t / x for t, x in zip(benchmark["times"], benchmark["iters"]))
    return each[len(each) // 10]


def spent_ns(benchmark):
    """In probes and the clock, by the additions that are in them."""
    probe, tick_ns = benchmark["room"]["probe"], 1e9 / benchmark["hz"]
    chains = probe["count"] * PROBE_STEPS * (1 + probe["ratio_median"])
    return (chains + 2 * CLOCK_ROUNDS * CLOCK_STEPS) * probe["add_ticks_before"] * tick_ns


def is_busy(probe, best):
    """bench/room/judge.c's rule."""
    alone = best if best <= BEYOND * max(probe["chains"] / UNITS, probe["ratio_alone"] or 0) else probe["ratio_alone"]
    return probe["ratio_median"] > BEYOND * (alone or best)


def reasons(room, results):
    """Which witnesses call a row loud."""
    most = 0.1 * room["measured_ns"]
    if is_busy(room["probe"], results["context"]["room"]["best_ratio"]):
        yield "probe"
    if (room["stolen_ns"] or 0) - STEAL_STEP_NS > most:
        yield "steal"
    if (room["away_ns"] or 0) > most:
        yield "away"
    if room["detours"]["within_ns"] > most:
        yield "detours"
    if not 1 / 1.1 < room["probe"]["add_ticks_after"] / room["probe"]["add_ticks_before"] < 1.1:
        yield "clock"


def one_run(options, directory, kind):
    neighbour = None
    if kind != "alone":
        cpu = options.cpu if kind == "dd on it" else options.other
        neighbour = subprocess.Popen(["taskset", "-c", str(cpu), "dd", "if=/dev/zero", "of=/dev/null", "bs=64k"],
                                     stderr=subprocess.DEVNULL)
        time.sleep(0.1)
    try:
        results, seconds = measured(options, directory)
    finally:
        if neighbour:
            neighbour.terminate()
            neighbour.wait()
    rows = results["benchmarks"]
    stolen = results["context"]["room"]["stolen_ns"]
    return {"kind": kind, "word": results["context"]["room"]["word"], "seconds": seconds,
            "stolen": (stolen or 0) / 1e9 / seconds, "stolen_known": stolen is not None,
            "ratio": max(row["room"]["probe"]["ratio_median"] for row in rows),
            "busy": any(is_busy(row["room"]["probe"], results["context"]["room"]["best_ratio"]) for row in rows),
            "why": sorted({word for row in rows if row["room"]["word"] == "loud"
                           for word in reasons(row["room"], results)}),
            "cost": sum(map(spent_ns, rows)) / 1e9 / seconds, "figures": {row["name"]: low_decile(row) for row in rows}}


def change_of(runs, alone):
    """The greatest change of any row's median figure."""
    if not runs or not alone:
        return 0
    return max(abs(statistics.median(run["figures"][name] for run in runs) /
                   statistics.median(run["figures"][name] for run in alone) - 1) for name in alone[0]["figures"])


def show(runs):
    by_kind = {kind: [run for run in runs if run["kind"] == kind] for kind in KINDS}
    alone, changing, quiet = by_kind["alone"], [], [run for run in runs if run["word"] in ("quiet", "silent")]
    print(f"{'room-check':12} runs  {'words':44} probe  stolen  figures  probes' cost")
    for kind, mine in by_kind.items():
        words = ", ".join(f"{n} {word}" for word, n in collections.Counter(run["word"] for run in mine).most_common())
        change = change_of(mine, alone)
        print(f"{kind:12} {len(mine):4}  {words:44} {statistics.median(run['ratio'] for run in mine):5.3f} "
              f"{100 * statistics.mean(run['stolen'] for run in mine):6.2f}% {100 * change:7.2f}% "
              f"{100 * max(run['cost'] for run in mine):8.3f}%")
        why = collections.Counter(word for run in mine if run["word"] == "loud" for word in run["why"])
        if why:
            print("             loud for: " + ", ".join(f"{n} {word}" for word, n in why.most_common()))
        busy = kind != "alone" and sum(run["busy"] for run in mine) * 2 > len(mine)
        if kind == "dd on it" or busy or (kind != "alone" and change >= CHANGED):
            changing += mine
        elif kind != "alone":
            print(f"             {kind}: changes no figure by {100 * CHANGED:.0f} % and leaves the probe alone: no "
                  f"neighbour of this core")
    loud = sum(run["word"] == "loud" for run in changing)
    wrong = sum(run["word"] == "loud" for run in alone)
    false_quiet = sum(run["busy"] or run["stolen"] > 0.01 for run in quiet)
    cost = max(run["cost"] for run in runs)
    print(f"loud where there was a neighbour: {loud} of {len(changing)}; loud alone: {wrong} of {len(alone)}; quiet "
          f"against steal or probe: {false_quiet} of {len(quiet)}; probes cost {100 * cost:.3f} % at the most")
    if not changing:
        return 3
    good = loud >= LOUD_LEAST * len(changing) and wrong <= ALONE_MOST * len(alone)
    return 0 if good and false_quiet == 0 and cost <= COST_MOST else 1


def main():
    allowed = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description="Is the word for the room the right one?")
    parser.add_argument("--build", default="build")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--cpu", type=int, default=allowed[-1])
    parser.add_argument("--other", type=int, default=allowed[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="a file that runs are added to, and read from: in pieces")
    parser.add_argument("rows", nargs="*", default=["copy/4KiB/chosen", "tlb/lookup/mostly_hits"])
    options = parser.parse_args()
    if options.count < len(KINDS):
        parser.error(f"--count: {len(KINDS)} at the least, one of each kind")
    if options.cpu == options.other:
        parser.error("there must be two CPUs: the one that is measured on, and another for the neighbour")
    order = [KINDS[0]] * (options.count // 2)
    order += [KINDS[1 + i % 2] for i in range(options.count - len(order))]
    random.Random(options.seed).shuffle(order)
    runs = []
    if options.keep and os.path.exists(options.keep):
        with open(options.keep, encoding="utf-8") as file:
            runs = json.load(file)
    with tempfile.TemporaryDirectory() as directory:
        for kind in order:
            runs.append(one_run(options, directory, kind))
    if options.keep:
        with open(options.keep, "w", encoding="utf-8") as file:
            json.dump(runs, file)
    return show(runs)


if __name__ == "__main__":
    sys.exit(main())
