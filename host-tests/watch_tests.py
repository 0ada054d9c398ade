# SPDX-License-Identifier: Apache-2.0
"""`anechoic watch`: rounds that are measured and rounds from a log, alerts and where they go, how it stands, and what
is left after whatever ends it."""

import functools
import json
import os
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM, anechoic
from image_tests import boot, machine, tail

START = 1795737600     # 2026-11-27T00:00:00Z
NAMES = ("one", "two")


def record(tag, members):
    text = f"{tag} {json.dumps(members, separators=(',', ':'))}"
    return f"@anechoic {text} {m.crc32c(text.encode()):08x}\n"


def head(names=NAMES, commit="a commit", cpu="A Processor", **more):
    return record("WATCH", {"schema": "anechoic-rounds/1", "commit": commit, "cpu": cpu, "architecture": "x86_64",
                            "way": "uefi", "duty": 0.005, "seed": 1, "benchmarks": list(names), **more})


def round_of(name, seconds, level, rng, count=20, **more):
    values = [round(level * (1 + rng.gauss(0, 0.02)), 6) for _ in range(count)]
    return record("ROUND", {"name": name, "time": START + seconds, "status": "ok", "cost_ns": 10000000, "ns": values,
                            **more})


def minutes(begin, end, level=lambda minute: 100.0, seed=1, names=NAMES):
    for minute in range(begin, end):
        rng = random.Random(f"{seed} {minute}")
        for name in names:
            yield round_of(name, 60 * minute + 7, level(minute), rng)


def shown(state):
    result = anechoic("watch", "show", "--state", state, "--format=json")
    expect_equal(result.returncode, 0, result.stderr)
    found = json.loads(result.stdout)
    check_schema("watch", found)
    return found


def imported(directory, lines, *words, status=0):
    log, state = os.path.join(directory, "console.log"), os.path.join(directory, "watch.db")
    with open(log, "w", encoding="utf-8") as file:
        file.writelines(lines)
    result = anechoic("watch", "import", log, "--state", state, *words)
    expect_equal(result.returncode, status, f"{words}: {result.stdout}{result.stderr}")
    return result, state


# ---- rounds that are measured ----------------------------------------------------------------------------------------

@test("watch/measures rounds of the usual benchmarks, and shows what came of them")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state, prom = os.path.join(directory, "watch.db"), os.path.join(directory, "watch.prom")
        result = anechoic("watch", "--state", state, "--rounds=24", "--duty=50%", "--room=loud", "--seed=3",
                          "--textfile", prom)
        expect_equal((result.returncode, result.stdout), (0, ""), result.stderr)
        found = shown(state)
        expect_equal(found["rounds"] + found["rounds_skipped"] + found["rounds_failed"], 24, "each is counted")
        expect(found["duty"] > 0 and found["started_utc"], f"{found}")
        expect_equal(len(found["benchmarks"]), 12, "the usual ones")
        with open(prom, encoding="utf-8") as file:
            metrics = file.read()
        expect(f"anechoic_watch_rounds_total {found['rounds']}\n" in metrics, metrics[-900:])
        table = anechoic("watch", "--show", "--state", state)
        expect(table.returncode == 0 and "no alert" in table.stdout and "tlb/lookup" in table.stdout, table.stdout)


@test("watch/ends by SIGTERM with all that it has, and another one on its state is told who it is")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state = os.path.join(directory, "watch.db")
        with subprocess.Popen([PROGRAM, "watch", "--state", state, "--duty=100%", "--room=loud", "tlb/lookup"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            said = process.stderr.readline()
            expect("watching 3 benchmarks" in said, said)
            second = anechoic("watch", "--state", state, "--rounds=1")
            expect_equal(second.returncode, 2, "one at a time")
            expect(f"process {process.pid}" in second.stderr and "--state" in second.stderr, second.stderr)
            expect_equal(anechoic("watch", "show", "--state", state).returncode, 0, "others may look")
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=limit(60))
            expect_equal((process.returncode, said), (0, ""), "its end")
        expect(shown(state)["rounds"] > 0, "what was measured is there")


@test("watch/a benchmark that hangs or faults is a failed round, and is given up after some")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state = os.path.join(directory, "watch.db")
        result = anechoic("watch", "--state", state, "--rounds=11", "--duty=100%", "--inject=ud", "--exact",
                          "tlb/lookup/mostly_hits")
        expect_equal(result.returncode, 0, result.stderr)
        expect("inject/ud failed: faulted; that often, it is measured no more" in result.stderr, result.stderr)
        expect_equal(shown(state)["rounds_failed"], 5, "no more than that")
        result = anechoic("watch", "--state", state, "--rounds=3", "--duty=100%", "--inject=hang", "--exact",
                          "tlb/lookup/mostly_hits")
        expect_equal(result.returncode, 0, result.stderr)
        expect("inject/hang hung: did not end in its time" in result.stderr, result.stderr)


@test("watch/says what is wrong with its words")
def _():
    for words, said in ((("--arl=1h",), "--arl '1h': not a valid value"), (("--arl=x",), "--arl 'x'"),
                        (("--duty=0",), "--duty '0'"), (("--duty=5",), "--duty '5'"), (("--room=warm",), "--room"),
                        (("--rounds=0",), "--rounds '0'"), (("--duration=-1",), "--duration"),
                        (("--listen=1.2.3.4:80",), "1.2.3.4"), (("--textfile=x.txt",), ".prom"),
                        (("--format=csv",), "table or json"), (("--wat",), "--wat"),
                        (("show", "more"), "takes no 'more'"), (("import",), "usage"),
                        (("import", "/nowhere/log"), "/nowhere/log"), (("nothing like it",), "no benchmark matches")):
        with tempfile.TemporaryDirectory() as directory:
            result = anechoic("watch", "--state", os.path.join(directory, "watch.db"), *words)
            expect_equal(result.returncode, 2, f"{words}: {result.stderr}")
            expect(said in result.stderr, f"{words}: {result.stderr}")


# ---- rounds from a log -----------------------------------------------------------------------------------------------

def planted(minute):
    return 106.0 if 3000 <= minute < 3240 else 100.0


@test("watch/a slowdown in a log is one alert and its end, told to a command, and the same when it is fed again")
def _():
    with tempfile.TemporaryDirectory() as directory:
        told = os.path.join(directory, "told")
        lines = [head(), *minutes(0, 3600, planted)]
        result, state = imported(directory, lines, "--on-alert", f"cat >>{told}")
        alerts = result.stdout.splitlines()
        expect_equal(len(alerts), 2, f"one, and its end: {result.stdout}")
        expect("alert 1 opened: " in alerts[0] and " slower" in alerts[0], alerts[0])
        expect("alert 1 closed: " in alerts[1] and alerts[1].endswith("; it came back"), alerts[1])
        with open(told, encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        for event in events:
            check_schema("alert", event)
        expect_equal([event["state"] for event in events], ["opened", "closed"], "as JSON")
        expect_equal(events[0]["benchmarks"] >= 1, True, f"{events[0]}")
        again, _ = imported(directory, lines)
        expect_equal(again.stdout, "", "it knows all of it")
        expect(again.stderr.startswith("2 rounds were taken, "), f"those of the open minute: {again.stderr}")
        found = shown(state)
        expect_equal([alert["state"] for alert in found["alerts"]], ["closed"], "one")
        expect_equal(found["benchmarks"][0]["day"]["count"], 1440 * 20, "a day's window")
        fed, _ = imported(tempfile.mkdtemp(dir=directory), lines, "--until-alert", status=1)
        expect_equal(len(fed.stdout.splitlines()), 1, "it ends at the first")


def loud_room():
    return {"measured_ns": 10000000, "probe": {"count": 9, "chains": 8, "ratio_low": 1.5, "ratio_median": 1.5,
                                               "ratio_high": 1.5, "ratio_alone": 2, "add_ticks_before": 1,
                                               "add_ticks_after": 1},
            "detours": {"within": 1, "within_ns": 5000000, "between": 0, "between_ns": 0, "longest_ns": 5000000}}


@test("watch/one that waits for an alert and has seen loud rooms alone is inconclusive")
def _():
    room = loud_room()
    lines = [head(), *(round_of(NAMES[0], 60 * minute, 100, random.Random(minute), room=room) for minute in range(5))]
    for words, status in ((("--until-alert",), m.EXIT_INCONCLUSIVE), ((), 0), (("--until-alert", "--room=loud"), 0)):
        with tempfile.TemporaryDirectory() as directory:
            result, _ = imported(directory, lines, *words, status=status)
        said = "inconclusive: the room was loud: each of 5 rounds had a room below --room=usable" in result.stderr
        expect_equal(said, status == m.EXIT_INCONCLUSIVE, f"{words}: {result.stderr}")
    with tempfile.TemporaryDirectory() as directory:
        quiet = round_of(NAMES[0], 300, 100, random.Random(5))
        imported(directory, [*lines, quiet], "--until-alert")


@test("watch/a log that grows loses nothing between two imports, and a boot that is known changes nothing")
def _():
    with tempfile.TemporaryDirectory() as directory:
        lines = [head(), *minutes(0, 90), head(commit="another", names=("one",)), *minutes(92, 1700, names=("one",))]
        _, whole = imported(directory, lines, "--state", os.path.join(directory, "whole.db"))
        _, state = imported(directory, lines[:3])
        expect_equal((shown(state)["rounds"], shown(state)["benchmarks"][0]["minute"]["count"]), (0, 20),
                     "a minute that is open is shown, and not counted")
        for end in (7, 8, 61, 120, 121, 181, 184, 900, len(lines)):    # in the middle of minutes, of hours, of boots
            result, _ = imported(directory, lines[:end])
            expect_equal((" learned anew" in result.stderr, result.stdout), (end in (184,), ""), f"{end} lines")
        expect_equal(windows(state), windows(whole), "windows")
        expect_equal(detectors(state), detectors(whole), "what detectors are")
        expect_equal({**shown(state), "state": ""}, {**shown(whole), "state": ""}, "how it stands")


@test("watch/names in a log steer no terminal, wherever they come out")
def _():
    names = ("\x1b[31mone", "two\u009b2J")
    with tempfile.TemporaryDirectory() as directory:
        log, state = os.path.join(directory, "\x1b[2Jlog"), os.path.join(directory, "watch.db")
        prom, told = os.path.join(directory, "watch.prom"), os.path.join(directory, "told")
        with open(log, "w", encoding="utf-8") as file:
            file.writelines([head(names=names, cpu="A\x1b]0;Processor\x07", commit="a\x1bc"),
                             *minutes(0, 3600, planted, names=names)])
        result = anechoic("watch", "import", log, "--state", state, "--textfile", prom, "--on-alert", f"cat >>{told}")
        expect_equal(result.returncode, 0, result.stderr)
        expect("alert 1 opened: " in result.stdout and "?[31mone" in result.stdout, result.stdout)
        said = [result.stdout, result.stderr, anechoic("watch", "import", log + "x", "--state", state).stderr]
        said += [anechoic("watch", "show", "--state", state, *words).stdout for words in ((), ("--format=json",))]
        for path in (prom, told):
            with open(path, encoding="utf-8") as file:
                said.append(file.read())
        for text in said:
            expect(text and not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", text), repr(text))
        expect_equal([row["name"] for row in shown(state)["benchmarks"]], ["?[31mone", "two?2J"], "names")


@test("watch/a log is taken from whatever else a console says, and only of the machine that it watches")
def _():
    with tempfile.TemporaryDirectory() as directory:
        lines = list(minutes(0, 30))
        torn = lines[3][:40] + "\n"
        wrong = lines[4].replace('"status":"ok"', '"status":"OK"', 1)
        noise = ["boot\r\n", torn, wrong, "\x00\xff" * 50, "@anechoic ROUND {} 00000000\n", "x" * 300000 + "\n"]
        result, state = imported(directory, [lines[0], head(), *noise, *lines])
        expect("60 rounds were taken" in result.stderr, result.stderr)
        expect_equal(shown(state)["machine"], "A Processor, x86_64, uefi", "whose it is")
        other, _ = imported(directory, [head(cpu="Another"), *minutes(30, 40)], status=2)
        expect("another machine" in other.stderr and "A Processor" in other.stderr, other.stderr)
        one, _ = imported(tempfile.mkdtemp(dir=directory), [head(), lines[0]])
        expect(one.stderr.startswith("1 round was taken, 0 were there already\n"), one.stderr)
        _, state = imported(tempfile.mkdtemp(dir=directory), [head(), lines[0], lines[2]])
        expect("\n1 round; skipped" in anechoic("watch", "show", "--state", state).stdout, "one is no plural")
        none, _ = imported(directory, lines, status=2)
        expect("no watch is in it" in none.stderr, none.stderr)


def register_images():
    for arch, how in (("x86_64", {"boot": "pvh", "accel": "tcg"}), ("aarch64", {})):
        @test(f"watch/{arch} image streams rounds, which a watch takes")
        def _(arch=arch, how=how):
            outcome = boot(machine(arch=arch, icount=True, arguments="watch --rounds=2 tlb/lookup", **how))
            expect_equal(outcome.status(), 0, "exit status: " + tail(outcome))
            tags = [found.tag for found in outcome.records if found.tag in ("WATCH", "ROUND")]
            expect_equal(tags, ["WATCH"] + ["ROUND"] * 2, "a head, and the rounds")
            with tempfile.TemporaryDirectory() as directory:
                lines = [record(found.tag, found.body) for found in outcome.records]
                result, state = imported(directory, lines)
                expect("2 rounds were taken" in result.stderr, result.stderr)
                expect("FUNCTIONAL ONLY" in result.stderr, "the emulator's are not the hardware's")
                expect_equal(len(shown(state)["benchmarks"]), 3, "each benchmark of its head")


register_images()


# ---- what ends it ----------------------------------------------------------------------------------------------------

def windows(state):
    with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as database:
        return database.execute('SELECT name, span, start, count, p50, p99, "values" FROM "window" JOIN benchmark'
                                " ON benchmark = id ORDER BY 1, 2, 3").fetchall()


def detectors(state):
    with sqlite3.connect(f"file:{state}?mode=ro", uri=True) as database:
        return database.execute("SELECT name, detector_window, detector FROM benchmark ORDER BY 1").fetchall()


def last_minute(state):
    try:
        # Who only reads cannot undo what a writer had begun that was killed.
        with sqlite3.connect(f"file:{state}?mode=rw", uri=True) as database:
            return (database.execute("SELECT last FROM watch").fetchone() or (0,))[0]
    except sqlite3.OperationalError:
        return 0


def fed(state):
    return subprocess.Popen([PROGRAM, "watch", "import", "-", "--state", state], stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)


def killed_while_fed(state, begin, end, rng):
    """Minutes from `begin` are fed until those before `end` are over; then that one, and with it the kill -9: at any
    moment of it, or while it is written. The minutes that were over before, and are not in the state."""
    with fed(state) as process:
        process.stdin.write(head())
        process.stdin.writelines(minutes(begin, end))
        # The first line of a minute ends the one before.
        opening, *rest = minutes(end, end + 2)
        process.stdin.write(opening)
        process.stdin.flush()
        wanted = START // 60 + end - 1
        ends = time.monotonic() + limit(60)
        while last_minute(state) < wanted and time.monotonic() < ends:
            time.sleep(0.002)
        process.stdin.writelines(rest[:rng.randrange(len(rest))])
        process.stdin.flush()
        time.sleep(rng.uniform(0, 0.002))
        process.kill()
        process.stdin = None
        process.wait(limit(60))
    return max(wanted - last_minute(state), 0)


def kills(times):
    rng, lost = random.Random(5), 0
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        state, at = os.path.join(directory, "watch.db"), 0
        for _ in range(times):
            lost += killed_while_fed(state, at, at + rng.randrange(1, 90), rng)
            at = last_minute(state) + 1 - START // 60
        whole = os.path.join(directory, "whole.db")
        for into, begin in ((state, at), (whole, 0)):
            with fed(into) as process:
                process.stdin.write(head())
                process.stdin.writelines(minutes(begin, at + 61))
        differ = sorted(set(windows(state)) ^ set(windows(whole)))
        expect_equal(differ[:2], [], "with what was open fed again, it is what it is without a kill")
    expect_equal(lost, 0, "minutes that were over and are lost")
    print(f"kill -9 x {times}: {lost} windows that were over are lost")


@test("watch/a log that comes out of a pipe ends by SIGTERM while nothing comes")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state = os.path.join(directory, "watch.db")
        with fed(state) as process:
            process.stdin.write(head())
            process.stdin.writelines(minutes(0, 3))
            process.stdin.flush()
            end = time.monotonic() + limit(60)
            while last_minute(state) < START // 60 + 1 and time.monotonic() < end:
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            expect_equal(process.wait(limit(60)), 0, "its end")
        expect_equal(shown(state)["rounds"], 6, "the minute that was open, too")


HALF_WRITTEN = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")     # so that a part is in the file before the end
database.execute("BEGIN IMMEDIATE")
database.execute('UPDATE "window" SET count = 0, "values" = zeroblob(5000)')
os.kill(os.getpid(), 9)
"""


@test("watch/show undoes what a writer had begun that was killed, where it may")
def _():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        _, state = imported(directory, [head(), *minutes(0, 60)])
        before = shown(state)
        subprocess.run([sys.executable, "-c", HALF_WRITTEN, state], check=False, timeout=limit(60))
        expect(os.path.getsize(state + "-journal") > 0, "its journal")
        if os.geteuid() == 0 and subprocess.run(["test", "-x", PROGRAM], check=False, user="nobody").returncode == 0:
            for name in (state, state + "-journal"):
                os.chmod(name, 0o644)
            result = subprocess.run([PROGRAM, "watch", "show", "--state", state], check=False, capture_output=True,
                                    text=True, timeout=limit(60), user="nobody")
            expect(result.returncode == 2 and result.stderr.endswith(
                ": what wrote it was killed, or it may not be written\n"), f"{result}")
        expect_equal(shown(state), before, "as it was")


@test("watch/kill -9 loses no window but the open one")
def _():
    kills(5)


@test("watch/kill -9 a hundred times loses no window but the open one", system=True, seconds=600)
def _():
    kills(100)


@test("watch/a state that is none is refused by name, and left as it is")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state = os.path.join(directory, "watch.db")
        other = os.path.join(directory, "other")
        with open(other, "w", encoding="utf-8") as file:
            file.write("somebody's own\n")
        imported(directory, [head(), *minutes(0, 200)])
        with open(state, "rb") as file:
            whole = file.read()

        def refused(said, content=None, link=None):
            os.unlink(state)
            if link:
                os.symlink(link, state)
            else:
                with open(state, "wb") as file:
                    file.write(content)
            for words in (("--rounds=1",), ("show",)):
                result = anechoic("watch", *words, "--state", state)
                expect_equal(result.returncode, 2, f"{said}: {result.stderr}")
                expect(state in result.stderr and said in result.stderr, f"{said}: {result.stderr}")
            with open(state, "rb") as file:
                return file.read()

        expect_equal(refused("file is not a database", b"garbage" * 1000), b"garbage" * 1000, "untouched")
        expect_equal(refused("file is not a database", link=other), b"somebody's own\n", "nor what a link leads to")
        refused("", whole[:len(whole) // 2 // 4096 * 4096])
        newer = whole[:60] + (99).to_bytes(4, "big") + whole[64:]    # SQLite's user_version, at 60
        expect_equal(refused("of version 99", newer), newer, "a newer one's")
        for said, make in ("it is a pipe", os.mkfifo), ("it is a device", functools.partial(os.symlink, "/dev/null")):
            os.unlink(state)
            make(state)
            for words in (("--rounds=1",), ("show",)):
                result = anechoic("watch", *words, "--state", state)
                expect_equal(result.returncode, 2, f"{said}: {result.stderr}")
                expect(f"{state}: {said}" in result.stderr, f"{said}: {result.stderr}")
        os.unlink(state)
        expect_equal(anechoic("watch", "show", "--state", state).returncode, 2, "there is none")


@test("watch/a disk that is full is said, and what is told outside goes on")
def _():
    with tempfile.TemporaryDirectory() as directory:
        state, log = os.path.join(directory, "watch.db"), os.path.join(directory, "console.log")
        imported(directory, [head(), *minutes(0, 60)])
        with open(log, "w", encoding="utf-8") as file:
            file.writelines([head(), *minutes(0, 3100, planted)])
        size = os.path.getsize(state) + 8192
        result = subprocess.run([PROGRAM, "watch", "import", log, "--state", state], check=False, text=True,
                                capture_output=True, timeout=limit(300),
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        expect_equal(result.returncode, 2, f"it is not all in the state: {result.stderr}")
        expect("the watch goes on in memory" in result.stderr, result.stderr)
        expect("alert 1 opened" in result.stdout, f"{result.stdout}{result.stderr}")
        again = anechoic("watch", "import", log, "--state", state)
        expect_equal(again.returncode, 0, f"room again: {again.stderr}")
        expect_equal(shown(state)["windows_lost"], 0, "fed again, nothing is lost")
        before = shown(state)
        result = subprocess.run([PROGRAM, "watch", "--state", state, "--rounds=1"], check=False, text=True,
                                capture_output=True, timeout=limit(60),
                                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)))
        expect_equal(result.returncode, 2, f"not so much as its begin: {result.stderr}")
        expect(re.search(f"^{re.escape(state)}: (disk I/O error|database or disk is full)$", result.stderr, re.M),
               f"why: {result.stderr}")
        expect_equal(shown(state), before, "as it was")


# ---- long ------------------------------------------------------------------------------------------------------------

def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


@test("watch/a month of a round a second stays within 30 MiB, flat after its first hour", system=True, seconds=600)
def _():
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        state, rng = os.path.join(directory, "watch.db"), random.Random(3)
        hour = [100 * (1 + rng.gauss(0, 0.02)) for _ in range(3607)]
        sizes = []
        with fed(state) as process:
            process.stdin.write(head(("one",)))
            for second in range(30 * 86400):
                process.stdin.write(record("ROUND", {"name": "one", "time": START + second, "status": "ok", "ns": [
                    hour[second % 3607]]}))
                if second % 3600 == 3599:
                    process.stdin.flush()
                    sizes.append(resident_kib(process))
            process.stdin.close()
            process.stdin = None
            expect_equal(process.wait(limit(300)), 0, "its end")
        expect(max(sizes) <= 30 * 1024, f"KiB: {max(sizes)}")
        expect(max(sizes) - sizes[1] <= 2048, f"KiB: {sizes[1]} after two hours, at the most {max(sizes)}")
        print(f"a month at a round a second: {sizes[1]} KiB after two hours, at the most {max(sizes)} KiB")
