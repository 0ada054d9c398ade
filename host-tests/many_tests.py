# SPDX-License-Identifier: Apache-2.0
"""Results of many machines: folders of logs collected, folders of results imported into the history, what changed
anywhere in it, and machines of one model against each other."""

import contextlib
import csv
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

import hosted_tests
import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, limit, test
from history_tests import FIRST_VERSION, earlier_digest, show, write_results
from hosted_tests import SHORTEST, anechoic


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    return path


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


@test("many/collect takes a folder of logs: each one's results beside it or in another, broken ones named")
def _():
    with tempfile.TemporaryDirectory() as directory:
        logs, out = os.path.join(directory, "logs"), os.path.join(directory, "out")
        whole, alone = os.path.join(logs, "one", "anechoic.log"), os.path.join(directory, "alone.json")
        os.makedirs(os.path.dirname(whole))
        expect_equal(anechoic("run", *SHORTEST, "--log", whole, "reference/adds/3").returncode, 0, "run")
        expect_equal(anechoic("collect", whole, "-o", alone).returncode, 0, "collect of one")
        shutil.copy(whole, os.path.join(logs, "TWO.LOG"))
        write(os.path.join(logs, "notes.txt"), "no log")
        os.symlink(logs, os.path.join(logs, "again"))
        result = anechoic("collect", logs)
        expect_equal((result.returncode, result.stderr.splitlines()[-1]),
                     (0, "2 logs: 2 whole, 0 with a failure or cut off, 0 without results"), result.stderr)
        for name in ("one/anechoic.json", "TWO.json"):
            expect_equal(read(os.path.join(logs, name)), read(alone), name)
        cut = read(whole).splitlines(keepends=True)
        write(os.path.join(logs, "three", "cut.log"), "".join(cut[:-1]))
        result = anechoic("collect", logs, "-o", out)
        expect_equal(result.returncode, m.EXIT_BROKEN, result.stderr)
        broken = write(os.path.join(logs, "three", "broken.log"), "nothing of ours\n")
        same = write(os.path.join(logs, "two.log"), read(whole))
        shutil.copy(same, os.path.join(logs, "TWO.log"))
        os.mkfifo(os.path.join(logs, "pipe.log"))
        result = anechoic("collect", logs, "-o", out)
        expect_equal((result.returncode, result.stderr.splitlines()[-1]),
                     (m.EXIT_USAGE, "6 logs: 3 whole, 1 with a failure or cut off, 2 without results"), result.stderr)
        expect(f"\n{broken}: no record in it\n" in "\n" + result.stderr and
               re.search(r"TWO.LOG: left out, .* of .*/TWO.log\n", result.stderr), result.stderr)
        expect_equal(sorted(os.listdir(out)), ["TWO.json", "one", "three", "two.json"], "made")
        expect_equal((read(os.path.join(out, "one", "anechoic.json")), os.listdir(os.path.join(out, "three"))),
                     (read(alone), ["cut.json"]), "in it")
        for words, why in (((os.path.join(out, "three"),), "no *.log in it"), ((logs, "-o", alone), "this is none")):
            result = anechoic("collect", *words)
            expect_equal(result.returncode, m.EXIT_USAGE, f"collect {words}")
            expect(why in result.stderr, result.stderr)
        deep = write(os.path.join(logs, *["d"] * 17, "deep.log"), "")
        result = anechoic("collect", logs)
        expect(result.returncode == m.EXIT_USAGE and "lies too deep" in result.stderr and deep not in result.stderr,
               result.stderr)


def rows(database, query):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()


def write_fleet(folder, machines, runs, times):
    """`runs` files of each machine in a folder of its name; times(machine, run) are their figures."""
    for machine in range(machines):
        where = os.path.join(folder, f"server-{machine:02}")
        os.makedirs(where, exist_ok=True)
        for run in range(runs):
            write_results(where, 1 + machine * runs + run, times(machine, run))


@test("many/history import takes folders, counts results once wherever they lie, and names what is none")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder, database = os.path.join(directory, "fleet"), os.path.join(directory, "history.db")

        def imported(said, *words, status=0):
            result = anechoic("history", "import", *words, "--db", database)
            expect_equal((result.returncode, result.stdout.strip()), (status, said), f"{words}: {result.stderr}")
            return result.stderr

        write_fleet(folder, 3, 2, lambda machine, run: [100 + machine, 7.0])
        imported("6 added, 0 there already, 0 left out", folder)
        shutil.copytree(folder, os.path.join(directory, "moved"))
        imported("0 added, 6 there already, 0 left out", os.path.join(directory, "moved"))
        expect_equal([(run["name"], run["time_ns"]) for run in show(database, "group/0")],
                     [(f"server-{machine:02}", 100 + machine) for machine in range(3) for _ in range(2)], "series")
        expect_equal([len(show(database, "group/0", "--last=1")), "iters" in show(database, "group/0", "--raw")[0]],
                     [3, False], "the last of each; samples stay in the files")
        broken = write(os.path.join(folder, "server-01", "broken.json"), '{"schema":"anechoic/1","context":{},"b')
        hostile = write(os.path.join(folder, "deep.json"), "[" * 100000)
        other = write(os.path.join(folder, "noise.json"), '{"schema":"anechoic-noise/1"}')
        last = write_results(os.path.join(folder, "server-02"), 99, [1.0, 2.0])
        said = imported("1 added, 6 there already, 3 left out", folder, status=m.EXIT_USAGE)
        for path in (broken, hostile, other):
            expect_equal(said.count(path + ": "), 1, f"{path} named once in {said}")
        imported("1 added, 0 there already, 0 left out", last, "--machine=rack {folder}/{file}\x1b", "--raw")
        [renamed] = [run for run in show(database, "group/1", "--raw") if "iters" in run]
        expect_equal([renamed[key] for key in ("name", "iters", "times")], ["rack server-02/99?", [1], [2.0]],
                     "renamed, with samples")
        result = anechoic("history", "import", last, "--db", database, "--machine", "x" * 64)
        expect(result.returncode == m.EXIT_USAGE and "longer than 63 bytes" in result.stderr, result.stderr)
        empty = os.path.join(directory, "empty")
        os.mkdir(empty)
        expect("no *.json in it" in imported("0 added, 0 there already, 1 left out", empty, status=m.EXIT_USAGE), "")


@test("many/names of files and in a stranger's history steer no terminal")
def _():
    with tempfile.TemporaryDirectory() as directory:
        database, folder = os.path.join(directory, "history.db"), os.path.join(directory, "sticks")
        write(os.path.join(folder, "\x1b[31mstick.log"), "no record\n")
        result = anechoic("collect", folder)
        expect("/?[31mstick.log: no record in it\n" in result.stderr, result.stderr)
        said = [result.stderr]
        path = write_results(directory, 1, [5.0])
        os.rename(path, os.path.join(directory, "\x1b[2J.json"))
        for words in (("add", os.path.join(directory, "\x1b[2J.json")), ("add", os.path.join(directory, "\x1b]0;no"))):
            result = anechoic("history", *words, "--db", database)
            said += [result.stdout + result.stderr]
        with contextlib.closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE run SET name = 'x\x1b[31m', machine = 'm\x1b]0;' || char(155), added = 'a\x07',"
                               " commit_id = 'c\x1bc'")
        for words in ((), ("--format=csv",), ("--format=json",)):
            result = anechoic("history", "show", "group/0", "--db", database, *words)
            expect("m?]0;??" in result.stdout or "m?]0;?" in result.stdout, result.stdout)
            said.append(result.stdout)
        said.append(anechoic("history", "fleet", "--db", database).stdout)
        for text in said:
            expect(text and not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", text), repr(text))


# Two texts of one length with the same CRC-32C, which they keep in whatever they are put into.
SAME_CRC = ("00003f264e93", "00004ab851c2")


@test("many/history import tells results apart by all of their bytes")
def _():
    with tempfile.TemporaryDirectory() as directory:
        database, paths = os.path.join(directory, "history.db"), []
        for number, text in enumerate(SAME_CRC):
            path = write_results(directory, number, [5.0])
            with open(path, encoding="utf-8") as file:
                results = json.load(file)
            results["context"]["commit"] = text
            del results["context"]["elapsed_ns"]    # as other tools' files have none
            paths.append(write(path, json.dumps(results)))
        expect_equal(len({earlier_digest(path) for path in paths}), 1, "digests of earlier versions")
        for said in ("2 added, 0 there already", "0 added, 2 there already"):
            result = anechoic("history", "import", *paths, "--db", database)
            expect_equal((result.returncode, result.stdout), (0, said + ", 0 left out\n"), result.stderr)
        expect_equal([run["commit"] for run in show(database, "group/0")], list(SAME_CRC), "both are there")


@test("many/history import brings files of earlier versions up to date, and leaves their runs")
def _():
    with tempfile.TemporaryDirectory() as directory:
        database, old = os.path.join(directory, "history.db"), write_results(directory, 1, [5.0])
        expect_equal(anechoic("history", "add", old, "--db", database).returncode, 0, "history add")
        [(machine,)] = rows(database, "SELECT machine FROM run")
        for version in (1, 2):
            os.unlink(database)
            with contextlib.closing(sqlite3.connect(database)) as connection:
                connection.executescript(FIRST_VERSION)
                connection.execute("INSERT INTO run(digest, version, commit_id, machine) VALUES(?, '', '', ?)",
                                   (earlier_digest(old), machine))
                connection.execute("INSERT INTO benchmark VALUES(1, 'group/0')")
                connection.execute("INSERT INTO result VALUES(1, 1, 5, 4, 6)")
                if version == 2:
                    connection.execute("ALTER TABLE run ADD COLUMN figure TEXT NOT NULL DEFAULT 'low_decile'")
                    connection.execute("PRAGMA user_version = 2")
                connection.commit()
            expect_equal([run["time_ns"] for run in show(database, "group/0")], [5], f"version {version} as it is")
            new = write_results(directory, 2, [6.0])
            result = anechoic("history", "import", old, new, "--db", database, "--machine=a")
            expect_equal(result.stdout, "2 added, 0 there already, 0 left out\n", f"version {version}")
            expect_equal([(run["name"], run["time_ns"]) for run in show(database, "group/0")], [("a", 5), ("a", 6)],
                         "brought up to date, with its name")
            expect_equal(rows(database, "PRAGMA user_version"), [(4,)], "version")


@test("many/history import that is killed leaves a whole file, and the next one the rest", seconds=3)
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder, database = os.path.join(directory, "fleet"), os.path.join(directory, "history.db")
        write_fleet(folder, 10, 30, lambda machine, run: [float(machine + 1)] * 4)
        kept = 0
        for attempt in range(5):
            with subprocess.Popen([hosted_tests.PROGRAM, "history", "import", folder, "--db", database],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                time.sleep(0.02 * (attempt + 1))
                process.send_signal(signal.SIGKILL)
                process.wait(limit(60))
            if os.path.exists(database) and rows(database, "PRAGMA user_version") == [(3,)]:
                expect_equal(rows(database, "PRAGMA integrity_check"), [("ok",)], f"attempt {attempt}")
                [(runs,)] = rows(database, "SELECT count(*) FROM run")
                expect_equal(rows(database, "SELECT count(*) FROM result"), [(runs * 4,)], "whole runs alone")
                expect(runs >= kept, f"{runs} runs where {kept} were")
                kept = runs
        expect_equal(anechoic("history", "import", folder, "--db", database).returncode, 0, "the next one")
        expect_equal(rows(database, "SELECT count(*) FROM run"), [(300,)], "runs")


@test("many/history import says that the disk is full, and what was there stays")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder, database = os.path.join(directory, "fleet"), os.path.join(directory, "history.db")
        first = write_results(directory, 1000, [1.0])
        write_fleet(folder, 5, 20, lambda machine, run: [float(run + 1)] * 20)
        expect_equal(anechoic("history", "import", first, "--db", database).returncode, 0, "history import")

        def forbid():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(database) + 8192,) * 2)
        result = subprocess.run([hosted_tests.PROGRAM, "history", "import", folder, "--db", database], check=False,
                                capture_output=True, text=True, timeout=limit(60), preexec_fn=forbid)
        expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), result.stderr)
        expect(f"{database}: " in result.stderr and "import it once more" in result.stderr, result.stderr)
        expect_equal(rows(database, "PRAGMA integrity_check"), [("ok",)], "left")
        # A second that ended just then brought some of them onto the disk.
        left = len(show(database, "group/0"))
        expect(1 <= left < 101, f"{left} runs left")
        expect_equal(anechoic("history", "import", folder, "--db", database).stdout,
                     f"{101 - left} added, {left - 1} there already, 0 left out\n", "with room")


def jumping(machine, run):
    """Three benchmarks: the first changes on machine 1 in its tenth run, the last everywhere in its fifth."""
    noise = random.Random(f"{machine} {run}")
    levels = (110 if machine == 1 and run >= 10 else 100, 50, 20 if run < 5 else 19)
    return [level * (1 + noise.gauss(0, 0.002)) for level in levels]


@test("many/history changes says what changed anywhere, newest first")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder, database = os.path.join(directory, "fleet"), os.path.join(directory, "history.db")
        write_fleet(folder, 2, 20, jumping)
        expect_equal(anechoic("history", "import", folder, "--db", database).returncode, 0, "history import")

        def changes(*words):
            result = anechoic("history", "changes", *words, "--db", database, "--format=json")
            expect_equal(result.returncode, 0, f"history changes {words}: {result.stderr}")
            made = json.loads(result.stdout)
            check_schema("changes", made)
            return [(change["benchmark"], change["name"], change["run"], change["runs_before"], change["runs"],
                     round(change["change"], 2)) for change in made["changes"]]

        wanted = [("group/0", "server-01", 31, 10, 10, 0.1), ("group/2", "server-01", 26, 5, 15, -0.05),
                  ("group/2", "server-00", 6, 5, 15, -0.05)]
        expect_equal(changes(), wanted, "changes")
        expect_equal((changes("group/2"), changes("*/0", "nosuch"), changes("--last=12", "group/2")),
                     (wanted[1:], wanted[:1], []), "of some benchmarks, and of the last runs")
        table = anechoic("history", "changes", "--db", database).stdout.splitlines()
        expect(len(table) == 4 and re.match(r" +31  .* \+(9\.9|10\.0)\d %  (99\.|100).* -> (109\.|110).* ns "
                                            r"\(10 and 10 runs\)  group/0: server-01, x86_64, ", table[1]), f"{table}")
        rows_of_csv = list(csv.DictReader(anechoic("history", "changes", "--db", database, "--format=csv").stdout
                                          .splitlines()))
        expect_equal([(row["benchmark"], row["name"], int(row["run"])) for row in rows_of_csv],
                     [row[:3] for row in wanted], "CSV")
        expect_equal(anechoic("history", "changes", "group/1", "--db", database).stdout, "no level changed\n", "none")


def with_a_slow_one(machine, _):
    """Five benchmarks with 1 % of noise; machine 7 takes 10 % more."""
    noise = random.Random(f"fleet {machine}")
    return [(110 if machine == 7 else 100) * (1 + noise.gauss(0, 0.01)) for _ in range(5)]


@test("many/history fleet names the machine that is slow, and a model of too few machines")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder, database = os.path.join(directory, "fleet"), os.path.join(directory, "history.db")

        def fleet(*words, status=0):
            result = anechoic("history", "fleet", *words, "--db", database)
            expect_equal(result.returncode, status, f"history fleet {words}: {result.stderr}")
            return result

        unnamed = write_results(directory, 1000, [100.0])
        expect_equal(anechoic("history", "add", unnamed, "--db", database).returncode, 0, "history add")
        expect("no run in the history has the name of its machine" in fleet(status=m.EXIT_INCONCLUSIVE).stderr, "")
        write_fleet(folder, 20, 1, with_a_slow_one)
        os.makedirs(os.path.join(folder, "alone"))
        write_results(os.path.join(folder, "alone"), 500, [7.0], cpu="Z")
        expect_equal(anechoic("history", "import", folder, "--db", database).returncode, 0, "history import")
        table = fleet(status=1).stdout
        expect(re.search(r"^x86_64, hosted, X, KVM, hardware: 1 of 20 machines stand out, .* 5 benchmarks; .* 5 % are",
                         table, re.MULTILINE), table)
        expect_equal(re.findall(r"^  (\S+) +\+(?:9|10)\.\d % slower  z \+\d+\.\d  p \S+  5 of 5 benchmarks: group/\d ",
                                table, re.MULTILINE), ["server-07"], table)
        expect("Z, KVM, hardware: not judged: 1 machine of this model, and fewer than 10 tell too little\n" in table,
               table)
        made = json.loads(fleet("--format=json", status=1).stdout)
        check_schema("fleet", made)
        whole, few = made["models"]
        expect_equal([(one["name"], one["stands_out"], len(one["benchmarks"])) for one in whole["judged"][:2]],
                     [("server-07", True, 5), (whole["judged"][1]["name"], False, 5)], "judged, the slow one first")
        expect_equal((len(whole["judged"]), few["judged"], "not_judged" in few), (20, [], True), "and others")
        alone = fleet("group/3", status=1).stdout
        expect("over 1 benchmark;" in alone and "a machine's figure is of 1 values" in alone, alone)
        often = os.path.join(directory, "often")
        write_fleet(often, 20, 4, with_a_slow_one)
        for name in os.listdir(os.path.join(often, "server-07"))[1:]:
            os.unlink(os.path.join(often, "server-07", name))
        anechoic("history", "import", often, "--db", often + ".db")
        said = anechoic("history", "fleet", "--db", often + ".db").stdout
        expect("figure is of" not in said and re.search(r"server-07 .*; it has less than half of the runs", said), said)
        expect_equal(fleet("nosuch", status=m.EXIT_INCONCLUSIVE).stdout.count("not judged: "), 2, "none")
        expect("0 of 20 machines stand out" in fleet(f"--rate=0.{'0' * 299}1").stdout, "at another rate")
        for words in (("--rate=0",), ("--rate=1",), ("--rate=x",), ("--format=csv",)):
            expect("not a valid value" in fleet(*words, status=m.EXIT_USAGE).stderr, f"{words}")


@test("many/report --history draws a strip for each machine of the fleet, and few series of single ones")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder, database = os.path.join(directory, "fleet"), os.path.join(directory, "history.db")
        page = os.path.join(directory, "page.html")
        write_fleet(folder, 50, 1, with_a_slow_one)
        hostile = os.path.join(folder, "<b>&")
        os.makedirs(hostile)
        write_results(hostile, 500, [100.0] * 5)
        own = write_results(directory, 600, [100.0] * 5)

        def fleet_of(*words):
            result = anechoic("report", own, "--history", database, "-o", page, *words)
            expect_equal(result.returncode, 0, result.stderr)
            found = re.search(r'<section id="fleet">.*?</section>', read(page), re.DOTALL)
            return found[0] if found else ""

        expect_equal(anechoic("history", "add", own, "--db", database).returncode, 0, "history add")
        expect_equal(fleet_of(), "", "without named machines")
        alone = len(read(page))
        expect_equal(anechoic("history", "import", folder, "--db", database).returncode, 0, "history import")
        section = fleet_of()
        rows_of = re.findall(r"<tr( class=\"out\")?><th scope=\"row\">(.*?)</th>.*?</tr>", section)
        expect_equal((rows_of[0], len(rows_of), [name for out, name in rows_of if out]),
                     ((' class="out"', "server-07"), 51, ["server-07"]), "rows")
        expect("&lt;b&gt;&amp;" in [name for _, name in rows_of] and "1 of 51 machines stand out" in section,
               section[:900])
        expect_equal((section.count("<svg "), section.count("v14")), (51, 51), "strips")
        expect("<summary>11 more, nearer to the median</summary>" in section, "the rest is folded")
        expect_equal(read(page).count('" data-run="'), 5, "levels: those of a fleet are none of the page's")
        expect(len(read(page)) - alone < 51 * 1000, f"{len(read(page)) - alone} bytes for 51 machines")
