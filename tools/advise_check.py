#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether what `anechoic advise` predicts comes true: each load of tools/advise_loads.py is recorded, advised on, and
run as it is and under the setting that was advised, in turns, judged by `anechoic ab`. Where nothing is advised, the
setting that was predicted to change the most is tried all the same: the prediction has to hold there, too.

What is compared is CPU time. A prediction covers what was measured where both intervals meet; it has the right sign
where the measured change is beyond the noise and goes the way that was predicted. Exit status 1 where a bar is missed.

`advise_check.py once FOLDER HOW OUT` is one launch of ab's: each load some times, plain or as FOLDER/settings.json
says, in hyperfine's format.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile

import advise_loads

ROOT = advise_loads.record_cost.ROOT
ANECHOIC = os.path.join(ROOT, "build", "anechoic")
COVERED, RIGHT = 0.80, 0.90
WIDTH, NOTICED, SLOWER = 0.02, 0.03, 1.01
RECORDS = 3
RUNS = 2


def words_of(command):
    """What is typed before a program, as words: env's for a variable."""
    words = command.split()
    if words[0] == "anechoic":
        return [ANECHOIC] + words[1:]
    return ["/usr/bin/env"] + words


def run_load(words, folder):
    status = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd=folder,
                            timeout=120).returncode
    if status not in (0, 1):   # git's 1: they differ
        sys.exit(f"{words}: exit status {status}")


def cpu_seconds():
    """Of all children that were waited for: what predictions are of, and what other load on the machine takes no part
    in."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def once(folder, how, out):
    with open(os.path.join(folder, "settings.json"), encoding="utf-8") as file:
        loads = json.load(file)
    results = []
    for name, load in loads.items():
        words = (words_of(load["command"]) if how == "advised" else []) + load["words"]
        times = []
        for _ in range(RUNS):
            start = cpu_seconds()
            run_load(words, folder)
            times.append(cpu_seconds() - start)
        results.append({"command": name, "times": times})
    with open(out, "w", encoding="ascii") as file:
        json.dump({"results": results}, file)


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


def judge(folder, pairs, budget):
    own = f"'{sys.executable}' '{os.path.abspath(__file__)}' once '{folder}'"
    result = subprocess.run([ANECHOIC, "ab", f"--pairs={pairs}", f"--pairs-max={3 * pairs}", f"--budget={budget}",
                             "--format=json", f"{own} plain {{out}}", f"{own} advised {{out}}"], check=False,
                            stdout=subprocess.PIPE, text=True)
    if result.returncode not in (0, 1, 3):
        sys.exit(f"ab: exit status {result.returncode}")
    return {row["name"]: row for row in json.loads(result.stdout)["benchmarks"]}


def predict(folder, names):
    loads = advise_loads.make(folder)
    absent = advise_loads.missing(loads)
    if absent:
        sys.exit(f"these programs are not here: {', '.join(absent)}")
    predicted = {}
    for name, words in loads.items():
        if names and name not in names:
            continue
        advice = advise(words, folder)
        predicted[name] = dict(setting_of(advice), words=words, kind=advice["kind"])
    with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as file:
        json.dump(predicted, file)
    return predicted


class Tally:
    """What came of the loads, held against the bars."""

    def __init__(self):
        self.lines, self.narrow, self.covered, self.signs, self.slower, self.changed = [], [], [], [], [], 0

    def add(self, name, load, row):
        gain = load["gain"]
        width = gain["upper"] - gain["lower"]
        self.narrow.append(width <= max(WIDTH, abs(gain["point"]) / 2))
        words = [f"{name:15} {load['kind']:10} {load['name']:10} {'yes' if load['advised'] else 'no':7} "
                 f"{100 * gain['point']:+6.1f} [{100 * gain['lower']:+.1f} {100 * gain['upper']:+.1f}]"]
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
        if load["advised"]:
            self.slower.append(1 + row["upper"] <= SLOWER)
        self.lines.append(f"{words[0]:68} {words[1]:24} {'covered' if covers else 'MISSED'}"
                          f"{'' if self.narrow[-1] else ', wide'}")

    def show(self):
        print(f"{'load':15} {'kind':10} {'setting':10} {'advised':7} predicted gain, % of time     "
              f"{'measured':24}")
        print("\n".join(self.lines))
        bars = (("intervals no wider than 2 points or half of the gain", self.narrow, 1.0),
                ("measured gains that are covered", self.covered, COVERED),
                ("right signs, of changes beyond the noise", self.signs, RIGHT),
                ("advised settings that slow nothing by 1 %", self.slower, 1.0))
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
    parser.add_argument("--quick", action="store_true", help="five loads, in a minute")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--budget", type=int, default=600)
    parser.add_argument("loads", nargs="*", help="these alone")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        names = options.loads or (advise_loads.QUICK if options.quick else None)
        predicted = predict(folder, names)
        rows = judge(folder, options.pairs, options.budget)
    tally = Tally()
    for name, load in predicted.items():
        tally.add(name, load, rows[name])
    return tally.show()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
