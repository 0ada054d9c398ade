#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether what `anechoic advise` predicts comes true: each load of tools/advise_loads.py, or of tools/advise_fresh.py,
is recorded, advised on, and run as it is and under the setting that was advised, in turns, judged by `anechoic ab`.
Where nothing is advised, the setting that was predicted to change the most is tried all the same: the prediction has to
hold there, too.

What is compared is CPU time. A prediction covers what was measured where both intervals meet; it has the right sign
where the measured change is beyond the noise and goes the way that was predicted. Exit status 1 where a bar is missed.

Loads are measured one after the other, each until its interval is narrow enough to tell a change of 1 %, or until its
part of the time is over. Width alone ends it, never what was found. An advised setting that was not shown to slow
nothing is then judged once more, by launches of its own alone and for longer: at two such looks each of which is wrong
in 2.5 % of cases to this side, what is said at the end is in 5 %.

`advise_check.py once FOLDER LOAD HOW OUT` is one launch of ab's: the load some times, plain or as FOLDER/settings.json
says, in hyperfine's format.
"""

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time

import advise_classes
import advise_fresh
import advise_loads

ROOT = advise_loads.record_cost.ROOT
ANECHOIC = os.path.join(ROOT, "build", "anechoic")
COVERED, RIGHT = 0.80, 0.90
WIDTH, NOTICED, SLOWER = 0.02, 0.03, 1.01
DECIDED = 0.0025   # of ab's noise threshold: a change of twice as much would be found in 9 of 10 cases
RECORDS = 3
LAUNCH_S = 0.3
RUNS_LEAST, RUNS_MOST = 2, 12
PAIRS_MOST = 500
HEAD = f"{'load':15} {'kind':10} {'setting':10} {'advised':7} predicted gain, % of time     measured"


def words_of(command):
    """What is typed before a program: words, and variables, which a shell sets and no process of its own."""
    words = shlex.split(command)
    if words[0] == "anechoic":
        return [ANECHOIC] + words[1:], {}
    return [], dict(word.split("=", 1) for word in words)


def run_load(words, folder, variables=()):
    status = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=folder,
                            timeout=120, env=dict(os.environ, **dict(variables))).returncode
    if status not in (0, 1):   # git's 1: they differ
        sys.exit(f"{words}: exit status {status}")


def cpu_seconds():
    """Of all children that were waited for: what predictions are of, and what other load on the machine takes no part
    in."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def once(folder, name, how, out):
    with open(os.path.join(folder, "settings.json"), encoding="utf-8") as file:
        load = json.load(file)[name]
    words, variables = words_of(load["command"]) if how == "advised" else ([], {})
    times = []
    for _ in range(load["runs"]):
        start = cpu_seconds()
        run_load(words + load["words"], folder, variables)
        times.append(cpu_seconds() - start)
    with open(out, "w", encoding="ascii") as file:
        json.dump({"results": [{"command": name, "times": times}]}, file)


def advise(words, folder):
    """The advice on the record that took the least time, of some."""
    path, best = os.path.join(folder, "record.json"), None
    for _ in range(RECORDS):
        run_load([ANECHOIC, "record", "-o", path, "--"] + words, folder)
        result = subprocess.run([ANECHOIC, "advise", path, "--format=json"], check=False, capture_output=True,
                                text=True, timeout=300)
        if result.returncode != 0:
            sys.exit(f"advise {words[0]}: exit status {result.returncode}: {result.stdout}{result.stderr}")
        advice = json.loads(result.stdout)
        if best is None or advice["time_ns"] < best["time_ns"]:
            best = advice
    return best


def setting_of(advice):
    advised = [one for one in advice["settings"] if one["advised"]]
    return advised[0] if advised else max(advice["settings"], key=lambda one: abs(one["gain"]["point"]))


def judge(folder, name, options, budget):
    own = f"'{sys.executable}' '{os.path.abspath(__file__)}' once '{folder}' {name}"
    result = subprocess.run([ANECHOIC, "ab", f"--pairs={options.pairs}", f"--pairs-max={PAIRS_MOST}",
                             f"--budget={budget}", f"--noise-threshold={DECIDED}", "--format=json",
                             f"{own} plain {{out}}", f"{own} advised {{out}}"], check=False, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode not in (0, 1, 3):
        sys.exit(f"ab: exit status {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)["benchmarks"][0]


def runs_of(words, folder):
    """So many fill a launch: a short program's time differs more from one run to the next."""
    start = time.perf_counter()
    run_load(words, folder)
    return min(max(round(LAUNCH_S / (time.perf_counter() - start)), RUNS_LEAST), RUNS_MOST)


def predict(folder, collection, names):
    loads = collection.make(folder)
    absent, unknown = advise_loads.missing(loads), sorted(set(names or ()) - set(loads))
    if absent or unknown:
        sys.exit(f"these programs are not here: {', '.join(absent)}" if absent else f"no load: {', '.join(unknown)}")
    predicted = {}
    for name, words in loads.items():
        if names and name not in names:
            continue
        advice = advise(words, folder)
        predicted[name] = dict(setting_of(advice), words=words, kind=advice["kind"], runs=runs_of(words, folder))
    with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as file:
        json.dump(predicted, file)
    return predicted


def slows_nothing(row):
    return row["upper"] is not None and 1 + row["upper"] <= SLOWER


def is_undecided(row):
    return not slows_nothing(row) and (row["lower"] is None or 1 + row["lower"] <= SLOWER)


class Tally:
    """What came of the loads, held against the bars."""

    def __init__(self):
        self.lines, self.narrow, self.covered, self.signs, self.slower, self.changed = [], [], [], [], {}, 0

    def add(self, name, load, row):
        gain = load["gain"]
        width = gain["upper"] - gain["lower"]
        self.narrow.append(width <= max(WIDTH, abs(gain["point"]) / 2))
        words = [f"{name:15} {load['kind']:10} {load['name']:10} {'yes' if load['advised'] else 'no':7} "
                 f"{100 * gain['point']:+6.1f} [{100 * gain['lower']:+.1f} {100 * gain['upper']:+.1f}]"]
        if load["advised"]:
            self.slower[name] = slows_nothing(row)
        if row["lower"] is None:
            self.covered.append(False)
            self.lines.append(f"{words[0]:68} no interval: {row['reason']}")
            return
        point, lower, upper = -row["change"], -row["upper"], -row["lower"]
        covers = lower <= gain["upper"] and upper >= gain["lower"]
        self.covered.append(covers)
        words.append(f"{100 * point:+6.1f} [{100 * lower:+.1f} {100 * upper:+.1f}]")
        if lower > 0 or upper < 0:
            self.signs.append((gain["point"] > 0) == (point > 0))
        self.changed += abs(point) >= NOTICED
        self.lines.append(f"{words[0]:68} {words[1]:24} {'covered' if covers else 'MISSED'}"
                          f"{'' if self.narrow[-1] else ', wide'}")

    def add_again(self, name, row):
        self.slower[name] = slows_nothing(row)
        interval = "no interval" if row["upper"] is None else f"{-100 * row['upper']:+.1f} {-100 * row['lower']:+.1f}"
        self.lines.append(f"{name:15} once more, for longer: [{interval}] "
                          f"{'slows nothing by 1 %' if self.slower[name] else 'MISSED'}")

    def show(self):
        bars = (("intervals no wider than 2 points or half of the gain", self.narrow, 1.0),
                ("measured gains that are covered", self.covered, COVERED),
                ("right signs, of changes beyond the noise", self.signs, RIGHT),
                ("advised settings that slow nothing by 1 %", list(self.slower.values()), 1.0))
        missed = False
        for what, found, bar in bars:
            good = sum(found) >= bar * len(found)
            missed |= not good
            print(f"advise-check: {what}: {sum(found)} of {len(found)}; bar {100 * bar:.0f} %: "
                  f"{'met' if good else 'MISSED'}")
        print(f"advise-check: {self.changed} loads change by 3 % or more")
        return int(missed)


def main(argv):
    if argv[:1] == ["once"]:
        once(*argv[1:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="five loads, in a minute")
    which.add_argument("--fresh", action="store_true", help="the second set of loads, of tools/advise_fresh.py")
    which.add_argument("--classes", action="store_true", help="instead: kinds of load, held against callgrind")
    parser.add_argument("--pairs", type=int, default=15, help="of launches of a load, at least")
    parser.add_argument("--budget", type=int, default=60, help="seconds for each load")
    parser.add_argument("--more", type=int, default=180, help="seconds for each that was not decided in these")
    parser.add_argument("loads", nargs="*", help="these alone")
    options = parser.parse_args(argv)
    if options.classes:
        return advise_classes.main(options.loads)
    with tempfile.TemporaryDirectory() as folder:
        names = options.loads or (advise_loads.QUICK if options.quick else None)
        predicted = predict(folder, advise_fresh if options.fresh else advise_loads, names)
        tally, undecided = Tally(), []
        print(HEAD, flush=True)
        for name, load in predicted.items():
            row = judge(folder, name, options, options.budget)
            tally.add(name, load, row)
            print(tally.lines[-1], flush=True)
            if load["advised"] and is_undecided(row):
                undecided.append(name)
        for name in undecided:
            tally.add_again(name, judge(folder, name, options, options.more))
            print(tally.lines[-1], flush=True)
    return tally.show()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
