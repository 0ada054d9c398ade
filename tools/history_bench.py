#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make history-bench`: how long the history takes over much: made-up results of 500 machines imported and shown, the
machines against each other, and the change points of 1,000 benchmarks over 1,000 runs. Prints each figure beside its
bar; exit status 1: one is missed. It uses 350 MB of TMPDIR.
"""

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

FILES, ROWS, SAMPLES, MACHINES = 5900, 17, 100, 500
BENCHMARKS, RUNS = 1000, 1000
SHOWS = 5
SLOW = 137           # the machine that is 7 % slow
NOISE = 0.02


def estimate(value):
    """Of a figure with three digits behind the point."""
    return {"point": value, "standard_error": 0.1,
            "confidence_interval": {"confidence_level": 0.95, "lower_bound": value, "upper_bound": value}}


def row_texts(noise):
    """Each row of a file as text, `@` in the place of its figure."""
    for row in range(ROWS):
        times = [round(1e5 * noise.lognormvariate(0, NOISE), 6) for _ in range(SAMPLES)]
        text = json.dumps({
            "name": f"group/{row}", "group": "group", "parameters": [str(row)], "status": "ok", "unit": "ns",
            "sampling": "linear", "iters": list(range(10, 10 * SAMPLES + 1, 10)), "times": times,
            "figure": "low_decile",
            "outliers": dict.fromkeys(("low_severe", "low_mild", "high_mild", "high_severe"), 0),
            "estimates": {name: estimate("@") for name in ("low_decile", "slope", "mean", "median", "median_abs_dev",
                                                          "std_dev")}})
        yield text.replace('"@"', "@")


def write_files(folder, noise):
    """FILES of them, a folder each machine."""
    rows = list(row_texts(noise))
    head = {"version": "0.1.0", "commit": "0" * 40, "figures": "hardware", "complete": True,
            "clock": {"counter": "TSC", "hz": 2000000000, "source": "made up", "rate": "invariant"},
            "platform": {"architecture": "x86_64", "way": "hosted", "hold": "process", "cpu": "Made-Up 9000",
                         "cores": 64, "hypervisor": "none"}}
    for number in range(FILES):
        machine = number % MACHINES
        level = 1.07 if machine == SLOW else 1.0
        entries = ",".join(text.replace("@", f"{level * 100 * noise.lognormvariate(0, NOISE):.6f}") for text in rows)
        path = os.path.join(folder, f"server-{machine:03}", f"{number}.json")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"schema":"anechoic/1","context":%s,"benchmarks":[%s]}' %
                       (json.dumps(dict(head, elapsed_ns=number + 1)), entries))


def write_long_history(database, noise):
    """RUNS of BENCHMARKS in the place of what is in it; a tenth of them changes its level once by five deviations, the
    others never: PELT prunes those the least."""
    with sqlite3.connect(database) as connection:
        for table in ("result", "benchmark", "run"):
            connection.execute(f"DELETE FROM {table}")
        connection.executemany("INSERT INTO run(id, digest, version, commit_id, machine, name, figure) VALUES"
                               "(?, ?, '0.1.0', '', 'made up', '', 'low_decile')",
                               ((run, str(run)) for run in range(1, RUNS + 1)))
        connection.executemany("INSERT INTO benchmark VALUES(?, ?)",
                               ((number, f"group/{number}") for number in range(1, BENCHMARKS + 1)))
        for number in range(1, BENCHMARKS + 1):
            place = noise.randrange(100, 900) if number % 10 == 0 else RUNS
            figures = ((number, run, 100 + (5 if run > place else 0) + noise.gauss(0, 1)) for run in range(1, RUNS + 1))
            connection.executemany("INSERT INTO result VALUES(?1, ?2, ?3, ?3, ?3)", figures)
    connection.close()


class Bench:
    def __init__(self, program, database):
        self._program, self._database, self.missed = program, database, False

    def took(self, *words):
        """(seconds, standard output)"""
        begin = time.monotonic()
        result = subprocess.run([self._program, "history", *words, "--db", self._database], check=False,
                                capture_output=True, text=True)
        seconds = time.monotonic() - begin
        if result.returncode not in (0, 1):
            sys.exit(f"history {words[0]}: status {result.returncode}: {result.stderr}")
        return seconds, result.stdout

    def say(self, what, figure, unit, bar=None, least=False):
        missed = bar is not None and (figure < bar if least else figure > bar)
        self.missed |= missed
        told = ""
        if bar is not None:
            told = f"   {'at least' if least else 'at most'} {bar:,g}: {'missed' if missed else 'met'}"
        print(f"{what:<58} {figure:>8,.{0 if figure >= 100 else 3}f} {unit}{told}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build")
    options = parser.parse_args()
    noise = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="anechoic-history-") as folder:
        files, database = os.path.join(folder, "files"), os.path.join(folder, "history.db")
        write_files(files, noise)
        bench = Bench(os.path.join(options.build, "anechoic"), database)
        for what in ("imported", "imported again: all are there"):
            seconds, said = bench.took("import", files)
            bench.say(f"{FILES:,} files of {ROWS} rows {what}", FILES * ROWS / seconds, "rows/s", 2000, least=True)
            print(f"    {said.strip()}, {seconds:.1f} s")
        bench.say("the history's file", os.path.getsize(database) / 1e6, "MB")
        shows = sorted(bench.took("show", "group/3", "--format=json")[0] for _ in range(SHOWS))
        bench.say(f"one benchmark's {FILES:,} runs shown, the median of {SHOWS}", shows[SHOWS // 2], "s", 0.2)
        seconds, said = bench.took("fleet")
        bench.say(f"{MACHINES} machines of one model against each other", seconds, "s")
        print("    " + said.splitlines()[0])
        write_long_history(database, noise)
        seconds, said = bench.took("changes", "--format=json")
        bench.say(f"change points of {BENCHMARKS:,} benchmarks over {RUNS:,} runs", seconds, "s", 10)
        print(f"    {len(json.loads(said)['changes'])} found, of {BENCHMARKS // 10} planted")
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
