# SPDX-License-Identifier: Apache-2.0
"""Many launches: the history, files in, series out, levels marked, what is broken stays out; and folders
of launches compared."""

import concurrent.futures
import contextlib
import json
import os
import random
import re
import sqlite3
import subprocess
import tempfile

import hosted_tests
import machine as m
from harness import expect, expect_equal, limit, test


def anechoic(*words):
    return hosted_tests.anechoic(*words)


def write_results(directory, number, times, cpu="X"):
    """A file with one benchmark for each of `times`."""
    def estimate(value):
        return {"point": value, "standard_error": 0.1,
                "confidence_interval": {"confidence_level": 0.95, "lower_bound": value - 1, "upper_bound": value + 1}}

    entries = [{"name": f"group/{index}", "group": "group", "parameters": [str(index)], "status": "ok", "unit": "ns",
                "sampling": "flat", "iters": [1], "times": [value],
                "outliers": {"low_severe": 0, "low_mild": 0, "high_mild": 0, "high_severe": 0},
                "estimates": dict({name: estimate(value) for name in ("mean", "median", "median_abs_dev", "std_dev")},
                                  slope=None)}
               for index, value in enumerate(times)]
    path = os.path.join(directory, f"{number}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"schema": "anechoic/1", "context": {"figures": "hardware", "commit": f"{number:012x}" + "0" * 28,
                                                       "elapsed_ns": number,
                   "clock": {"counter": "TSC", "hz": 2000000000, "rate": "verified"},
                   "platform": {"architecture": "x86_64", "way": "hosted", "cpu": cpu, "hypervisor": "KVM"}},
                   "benchmarks": entries}, file)
    return path


def earlier_digest(path):
    """What versions before the fourth knew results by: a checksum and the length of jansson's compact text of them,
    members in order, and how long the run took."""
    def text(value):
        if isinstance(value, dict):
            return "{" + ",".join(f"{json.dumps(name)}:{text(value[name])}" for name in sorted(value)) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(text, value)) + "]"
        if isinstance(value, float):
            number = re.sub(r"e(?:\+|(-))0*", r"e\1", f"{value:.17g}")
            return number if re.search("[.e]", number) else number + ".0"
        return json.dumps(value)

    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    bytes_ = text(results).encode()
    return f"{m.crc32c(bytes_):08x}-{len(bytes_)}-{results['context'].get('elapsed_ns', 0)}"


def show(database, name, *words):
    result = anechoic("history", "show", name, "--db", database, "--format=json", *words)
    expect_equal(result.returncode, 0, f"history show: {result.stderr}")
    return json.loads(result.stdout)["runs"]


@test("hosted/history marks where a level begins, machine by machine")
def _():
    noise = random.Random(1)
    with tempfile.TemporaryDirectory() as directory:
        database = os.path.join(directory, "deep", "er", "history.db")
        slow = [write_results(directory, i, [100 + noise.gauss(0, 0.5) + (5 if i >= 20 else 0)]) for i in range(40)]
        other = [write_results(directory, 100 + i, [300 + noise.gauss(0, 0.5)], cpu="Y") for i in range(20)]
        mixed = [path for pair in zip(slow[:20], other) for path in pair] + slow[20:]
        result = anechoic("history", "add", *mixed, "--db", database)
        expect_equal((result.returncode, result.stderr), (0, ""), "history add")
        runs = show(database, "group/0")
        expect_equal(len(runs), 60, "runs")
        changed = [run for run in runs if run["changed"]]
        expect_equal([int(run["commit"], 16) for run in changed], [20], "commits with which a level begins")
        expect(abs(changed[0]["time_ns"] - 105) < 3 and ", X," in changed[0]["machine"], f"{changed}")
        table = anechoic("history", "show", "group/0", "--db", database).stdout
        steps = re.findall(r"  <- a new level, \+(\d\.\d\d) % \((\d+\.?\d*) -> (\d+\.?\d*) ns\)$", table, re.M)
        expect_equal(len(steps), 1, f"steps in\n{table}")
        share, before, after = map(float, steps[0])
        expect(abs(before - 100) < 0.5 and abs(after - 105) < 0.5 and abs(share - (after / before - 1) * 100) < 0.01,
               f"the step's size: {steps}")
        machines = [run["machine"].split(", ")[2] for run in show(database, "group/0", "--last=7")]
        expect_equal(machines, ["X"] * 7 + ["Y"] * 7, "--last, of each machine")
        last = [int(run["commit"], 16) for run in show(database, "group/0", "--last=7")]
        expect_equal(last, [*range(33, 40), *range(113, 120)], "the latest of each, in order")
        result = anechoic("history", "add", slow[0], "--db", database)
        expect("there already" in result.stdout, result.stdout)
        expect_equal(len(show(database, "group/0")), 60, "runs after adding one again")


@test("hosted/history keeps out what is broken")
def _():
    with tempfile.TemporaryDirectory() as directory:
        database, broken = os.path.join(directory, "history.db"), os.path.join(directory, "broken.json")
        good = write_results(directory, 1, [1, 2, 3])
        with open(broken, "w", encoding="utf-8") as file:
            file.write('{"schema":"anechoic/1","context":{},\n"benchmarks":[{}]}')
        result = anechoic("history", "add", good, broken, "--db", database)
        expect_equal(result.returncode, m.EXIT_USAGE, "exit status")
        expect("broken.json: line 2, byte " in result.stderr, result.stderr)
        expect_equal(len(show(database, "group/2")), 1, "what came before it")
        expect_equal(anechoic("history", "show", "nosuch", "--db", database).returncode, m.EXIT_USAGE,
                     "an unknown benchmark")
        for words in ([], ["add"], ["show"], ["show", "a", "--last=0"], ["show", "a", "--format=xml"], ["drop", "a"]):
            expect_equal(anechoic("history", *words).returncode, m.EXIT_USAGE, f"exit status of history {words}")
        with open(os.path.join(directory, "text.db"), "w", encoding="utf-8") as file:
            file.write("this is no database, and long enough to be seen as none" * 100)
        result = anechoic("history", "add", good, "--db", os.path.join(directory, "text.db"))
        expect_equal(result.returncode, m.EXIT_USAGE, "a file that is no database")
        expect("text.db: " in result.stderr, result.stderr)
        with sqlite3.connect(database) as connection:
            connection.execute("PRAGMA user_version = 99")
        connection.close()
        result = anechoic("history", "add", good, "--db", database)
        expect_equal(result.returncode, m.EXIT_USAGE, "a newer version's file")
        expect("of version 99, and this programme knows 1 to " in result.stderr, result.stderr)


def dump(path):
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump()), connection.execute("PRAGMA user_version").fetchall()


@test("hosted/history writes into no other programme's data base, and into none that is gone afterwards")
def _():
    with tempfile.TemporaryDirectory() as directory:
        good, foreign = write_results(directory, 1, [10.0, 20.0]), os.path.join(directory, "foreign.db")
        for version, application in ((0, 0), (3, 7), (0, 7)):
            with contextlib.closing(sqlite3.connect(foreign)) as connection:
                connection.executescript(f"DROP TABLE IF EXISTS bookmark; CREATE TABLE bookmark(url TEXT);"
                                         f"PRAGMA user_version = {version}; PRAGMA application_id = {application};")
            before = dump(foreign)
            for words in (("add", good), ("import", directory), ("show", "group/0")):
                result = anechoic("history", *words, "--db", foreign)
                expect_equal((result.returncode, result.stderr),
                             (m.EXIT_USAGE, f"{foreign}: this is another file than a history\n"), words)
            expect_equal(dump(foreign), before, "another programme's")
        # What SQLite takes for a data base in memory is a file's name like any other.
        result = anechoic("history", "add", good, "--db", "")
        expect(result.returncode == m.EXIT_USAGE and "no file for a history" in result.stderr, result.stderr)
        for name in (":memory:", "file:x.db?mode=memory"):
            result = subprocess.run([hosted_tests.PROGRAM, "history", "add", good, "--db", name], cwd=directory,
                                    check=False, capture_output=True, text=True, timeout=limit(60))
            expect_equal(result.returncode, 0, result.stderr)
            expect_equal(len(show(os.path.join(directory, name), "group/0")), 1, name)


@test("hosted/history runs nothing of a stranger's schema")
def _():
    with tempfile.TemporaryDirectory() as directory:
        good, more = write_results(directory, 1, [10.0, 20.0]), write_results(directory, 2, [11.0, 21.0])
        database = os.path.join(directory, "history.db")
        expect_equal(anechoic("history", "add", good, "--db", database).returncode, 0, "history add")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.executescript("CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM result; END;")
        expect_equal(anechoic("history", "add", more, "--db", database).returncode, 0, "a trigger")
        expect_equal(len(show(database, "group/0")), 2, "runs beside a trigger")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.executescript("""DROP TABLE result; CREATE VIEW result(benchmark, run, time, lower, upper) AS
                WITH RECURSIVE endless(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM endless)
                SELECT 1, 1, x, x, x FROM endless;""")
        result = anechoic("history", "show", "group/0", "--db", database)
        expect(result.returncode == m.EXIT_USAGE and f"{database}: " in result.stderr, result.stderr)


@test("hosted/history is where the user's data is, and takes several writers")
def _():
    with tempfile.TemporaryDirectory() as directory:
        paths = [write_results(directory, i, [i + 1.0] * 20) for i in range(8)]
        environment = dict(os.environ, XDG_DATA_HOME=os.path.join(directory, "data"))

        def add(path):
            return subprocess.run([hosted_tests.PROGRAM, "history", "add", path], env=environment, check=False,
                                  capture_output=True, text=True, timeout=limit(60))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for result in pool.map(add, paths):
                expect_equal((result.returncode, result.stderr), (0, ""), "history add")
        database = os.path.join(directory, "data", "anechoic", "history.db")
        expect_equal(len(show(database, "group/19")), 8, "runs in the default file")
        environment.update(ANECHOIC_HOME=os.path.join(directory, "own"))
        expect_equal(add(paths[0]).returncode, 0, "history add with a folder of its own")
        expect_equal(len(show(os.path.join(directory, "own", "history.db"), "group/19")), 1, "runs there")
        for path in paths:
            os.unlink(path)


FIRST_VERSION = """
CREATE TABLE run(id INTEGER PRIMARY KEY, added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, digest TEXT NOT NULL UNIQUE,
 version TEXT NOT NULL, commit_id TEXT NOT NULL, machine TEXT NOT NULL);
CREATE TABLE benchmark(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE result(benchmark INTEGER NOT NULL REFERENCES benchmark, run INTEGER NOT NULL REFERENCES run,
 time REAL NOT NULL, lower REAL NOT NULL, upper REAL NOT NULL, PRIMARY KEY(benchmark, run)) WITHOUT ROWID;
PRAGMA user_version = 1;"""


@test("hosted/history of the first version, which kept slopes: a series of its own, until its files are added again")
def _():
    def seen():
        return [(run["time_ns"], run["machine"].endswith(", slope")) for run in show(database, "group/0")]

    with tempfile.TemporaryDirectory() as directory:
        database, today = os.path.join(directory, "history.db"), os.path.join(directory, "today.db")
        first, second = write_results(directory, 1, [5.0]), write_results(directory, 2, [6.0])
        expect_equal(anechoic("history", "add", first, "--db", today).returncode, 0, "history add")
        with sqlite3.connect(today) as connection:
            run = connection.execute("SELECT ?, version, commit_id, machine FROM run",
                                     (earlier_digest(first),)).fetchone()
        connection.close()
        with sqlite3.connect(database) as connection:
            connection.executescript(FIRST_VERSION)
            connection.execute("INSERT INTO run(digest, version, commit_id, machine) VALUES(?, ?, ?, ?)", run)
            connection.execute("INSERT INTO benchmark VALUES(1, 'group/0')")
            connection.execute("INSERT INTO result VALUES(1, 1, 15, 14, 16)")
        connection.close()
        expect_equal(seen(), [(15, True)], "as it is")
        expect_equal(anechoic("history", "add", second, "--db", database).returncode, 0, "history add")
        expect_equal(seen(), [(6, False), (15, True)], "beside a run of today")
        result = anechoic("history", "add", first, second, "--db", database)
        expect("1.json: added" in result.stdout and "2.json: there already" in result.stdout, result.stdout)
        expect_equal(seen(), [(5, False), (6, False)], "its file added again")


@test("history/SQLite that is not here is named, and what needs none does without it")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results, database = write_results(directory, 1, [5]), os.path.join(directory, "h.db")
        with open(os.path.join(directory, "libsqlite3.so.0"), "wb"):
            pass   # the loader takes a file that is no library for an error, and looks no further

        def without(*words):
            return hosted_tests.anechoic(*words, env={"LD_LIBRARY_PATH": directory})

        result = without("history", "add", results, "--db", database)
        expect_equal((result.returncode, result.stdout, os.path.exists(database)), (2, "", False), "history add")
        expect_equal(result.stderr, f"{database}: libsqlite3.so.0 is not here: "
                     "install SQLite (Debian's libsqlite3-0)\n", "what is said")
        expect_equal(without("version").returncode, 0, "version")


def write_launches(directory, name, level, count, seed, cpu="X"):
    """A folder of `count` launches, `level` and a percent of noise."""
    noise, folder = random.Random(seed), os.path.join(directory, name)
    os.mkdir(folder)
    for i in range(count):
        write_results(folder, 100 + i, [level * (1 + noise.gauss(0, 0.003))], cpu=cpu)
    return folder


def compare(*words):
    result = anechoic("compare", "--format=json", *words)
    return result, json.loads(result.stdout)["benchmarks"] if result.stdout else []


@test("hosted/compare of folders of launches")
def _():
    with tempfile.TemporaryDirectory() as directory:
        before, same = (write_launches(directory, name, 100, 15, name) for name in ("before", "same"))
        slower = write_launches(directory, "slower", 103, 12, "slower")
        for other, status, verdict, pairs in ((same, 0, "no change", 15), (slower, 1, "regressed", 12)):
            result, rows = compare(before, other)
            expect_equal((result.returncode, [(row["verdict"], row["launches"]) for row in rows]),
                         (status, [(verdict, pairs)]), other)
        expect("15 launches" in result.stderr and "12" in result.stderr,
               f"launches left out are not said: {result.stderr}")
        result, rows = compare(before, same, slower)
        expect_equal((result.returncode, [row["verdict"] for row in rows]), (1, ["no change", "regressed"]),
                     "three versions")
        # one launch on a side: how much launches differ is known from the other
        for words, status in (((before, os.path.join(slower, "100.json")), 1),
                              ((os.path.join(before, "100.json"), same), 0),
                              ((os.path.join(before, "100.json"), os.path.join(slower, "100.json")), 3)):
            result, rows = compare(*words)
            expect_equal((result.returncode, rows[0]["launches"]), (status, 1), f"{words}: {result.stderr}")
        few = write_launches(directory, "few", 200, 5, 1)
        expect_equal(compare(before, few)[0].returncode, 1, "five launches, judged by how far they lie apart")
        side = anechoic("compare", "--platforms", before, slower)
        expect("geometric mean of B/A: 1.03" in side.stdout, side.stdout)
        write_results(few, 99, [100], cpu="Y")
        os.mkdir(os.path.join(directory, "empty"))
        for folder, wanted in (("empty", "no *.json"), ("few", "different CPUs")):
            result, _ = compare(before, os.path.join(directory, folder))
            expect_equal(result.returncode, m.EXIT_USAGE, f"exit status with {folder}")
            expect(wanted in result.stderr, f"{wanted} is not said: {result.stderr}")
