#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make room-check`: is the word beside a figure the right one? N short runs on one core, in random order: with nobody
else, with `dd if=/dev/zero of=/dev/null bs=64k` on another core, and with the same on the core itself. Printed for each
kind are the words, what the witnesses saw, and what the neighbour did to the figures: one that changes none of them by
2 % and leaves the probe alone is none, and is said to be none (cores that are no siblings).

Other guests of the host are nobody's to switch off. A run alone had such a neighbour where somebody counted lost time
of more than its word allows, or where the rows themselves took 2 % longer than they do alone here, by their figure or
by the median of their samples, in additions (bench/room/probe.h), so that another speed of the core is none. Rows do
not know of the probe: so they say whether it was right.

Bars: of the runs that a neighbour changed at least 95 % are loud; of the quiet ones, those alone that had none, at most
5 %; none is called quiet that lost more than 1 % to the host or has a busy probe; probes take at most 1 % of a run.

Exit status: 0 the bars are met, 1 they are not, 3 there was no neighbour that changed anything, or no quiet run, 4 a
run failed, 77 there is no CPU for the neighbour.
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

import machine as m
import noise

LOUD_LEAST, ALONE_MOST, COST_MOST, CHANGED = 0.95, 0.05, 0.01, 0.02
KINDS = {"alone": None, "dd beside": "beside", "dd on it": "on"}
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


def quantile_of(benchmark, fraction):
    return noise.quantile([t / x for t, x in zip(benchmark["times"], benchmark["iters"])], fraction)


def in_additions(benchmark, fraction):
    probe, tick_ns = benchmark["room"]["probe"], 1e9 / benchmark["hz"]
    return quantile_of(benchmark, fraction) / (min(probe["add_ticks_before"], probe["add_ticks_after"]) * tick_ns)


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
    with noise.Neighbour(KINDS[kind], options.cpu):
        results, seconds = measured(options, directory)
    rows = results["benchmarks"]
    stolen = results["context"]["room"]["stolen_ns"]
    return {"kind": kind, "word": results["context"]["room"]["word"], "seconds": seconds,
            "stolen": (stolen or 0) / 1e9 / seconds, "stolen_known": stolen is not None,
            "ratio": max(row["room"]["probe"]["ratio_median"] for row in rows),
            "busy": any(is_busy(row["room"]["probe"], results["context"]["room"]["best_ratio"]) for row in rows),
            "why": sorted({word for row in rows if row["room"]["word"] == "loud"
                           for word in reasons(row["room"], results)}),
            "cost": sum(map(spent_ns, rows)) / 1e9 / seconds,
            "figures": {row["name"]: quantile_of(row, 0.1) for row in rows},
            "additions": {f"{row['name']} {part}": in_additions(row, part) for row in rows for part in (0.1, 0.5)}}


def change_of(runs, alone):
    """The greatest change of any row's median figure."""
    if not runs or not alone:
        return 0
    return max(abs(statistics.median(run["figures"][name] for run in runs) /
                   statistics.median(run["figures"][name] for run in alone) - 1) for name in alone[0]["figures"])


def are_disturbed(runs):
    """Whether each of these, all alone, had a neighbour all the same. What a row takes alone here is what a tenth of
    the runs reach."""
    usual = {name: noise.quantile([run["additions"][name] for run in runs], 0.1) for name in runs[0]["additions"]}
    return [run["stolen"] > 0.01 or bool(set(run["why"]) - {"probe"}) or
            any(run["additions"][name] > (1 + CHANGED) * usual[name] for name in usual) for run in runs]


def judge_alone(alone):
    """How many of the runs alone were quiet, and how many of these are called loud; printed with the others."""
    disturbed = are_disturbed(alone)
    quiet = [run for run, is_so in zip(alone, disturbed) if not is_so]
    wrong = sum(run["word"] == "loud" for run in quiet)
    others = [run["word"] for run, is_so in zip(alone, disturbed) if is_so]
    if others:
        print(f"             {len(others)} of the runs alone had a neighbour outside, by who counts or by their own "
              f"rows: {others.count('loud')} of them loud")
    return len(quiet), wrong


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
    still, wrong = judge_alone(alone)
    false_quiet = sum(run["busy"] or run["stolen"] > 0.01 for run in quiet)
    cost = max(run["cost"] for run in runs)
    print(f"loud where there was a neighbour: {loud} of {len(changing)}; loud of the quiet ones: {wrong} of {still}; "
          f"quiet against steal or probe: {false_quiet} of {len(quiet)}; probes cost {100 * cost:.3f} % at the most")
    if not changing or not still:
        return 3
    good = loud >= LOUD_LEAST * len(changing) and wrong <= ALONE_MOST * still
    return 0 if good and false_quiet == 0 and cost <= COST_MOST else 1


def main():
    parser = argparse.ArgumentParser(description="Is the word for the room the right one?")
    parser.add_argument("--build", default="build")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--cpu", type=int, default=noise.measured_cpu())
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="a file that runs are added to, and read from: in pieces")
    parser.add_argument("rows", nargs="*", default=["copy/4KiB/chosen", "tlb/lookup/mostly_hits"])
    options = parser.parse_args()
    if options.count < len(KINDS):
        parser.error(f"--count: {len(KINDS)} at the least, one of each kind")
    if noise.Neighbour("beside", options.cpu).cpu is None:
        print("room-check: skipped: there is no other CPU for the neighbour")
        return m.EXIT_SKIPPED
    kinds = list(KINDS)
    order = kinds[:1] * (options.count // 2)
    order += [kinds[1 + i % 2] for i in range(options.count - len(order))]
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
