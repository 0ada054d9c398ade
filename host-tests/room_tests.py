# SPDX-License-Identifier: Apache-2.0
"""What stands beside a figure of what happened while it was measured: column, member, and gates that ask for it."""

import collections
import contextlib
import io
import json
import os
import subprocess
import tempfile

import aa
import machine as m
import noise
import room_check
import room_cost
import sensitivity
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, limit, test
from history_tests import write_results
from hosted_tests import anechoic

WORDS = ("silent", "quiet", "usable", "loud")
SHORT = ("--sample-size=20", "--measurement-time=0.02", "--warm-up-time=0.01", "--nresamples=1000")


def run(directory, *words):
    """What it shows, and its results, which stay in the folder as results.json."""
    path = os.path.join(directory, "results.json")
    shown = anechoic("run", *SHORT, *words, "-o", path)
    expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    check_schema("results", results)
    return shown, results


@test("room/each figure of a run has one, in the table and in the file")
def _():
    with tempfile.TemporaryDirectory() as directory:
        shown, results = run(directory, "copy/4KiB/128bit", "copy/4KiB/256bit")
    lines = shown.stdout.splitlines()
    expect(any(line.startswith("[ n/of]") and line.endswith(" room") for line in lines), f"a column: {shown.stdout}")
    if results["context"]["figures"] != "hardware":
        expect("room" not in results["context"], "nobody watches what is no figure")
        return
    for benchmark in results["benchmarks"]:
        room = benchmark["room"]
        row = next(line for line in lines if f" {benchmark['name']} " in line)
        expect(row.split()[-1] in WORDS, f"a word: {row}")
        expect(room["word"] in WORDS, f"a word: {room}")
        expect(room["probe"]["count"] >= 8 and room["probe"]["add_ticks_after"] > 0, f"it was probed: {room}")
        expect(room["measured_ns"] >= sum(benchmark["times"]), "all samples are in it")
        expect_equal((room["smis"], room["migrations"]), (None, 0), "not counted; pinned")
    whole = results["context"]["room"]
    expect_equal(sum(whole["benchmarks"].values()), 2, f"each is counted once: {whole}")
    expect(whole["interrupts"] is None or whole["interrupts"] >= 0, "over the whole run")
    foot = next(line for line in lines if line.startswith("room "))
    expect(foot.split()[1].rstrip(":") == whole["word"], f"the same word: {foot}")


# ---- gates -----------------------------------------------------------------------------------------------------------


def in_room(directory, name, word, nanoseconds):
    """Results of one benchmark; `word` None: they say nothing of its room."""
    with open(write_results(directory, 1, [nanoseconds]), encoding="utf-8") as file:
        results = json.load(file)
    if word is not None:
        results["benchmarks"][0]["room"] = {"word": word, "measured_ns": 1000000}
    path = os.path.join(directory, f"{name}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file)
    return path


def launches(directory, name, words, nanoseconds):
    folder = os.path.join(directory, name)
    os.mkdir(folder)
    for i, word in enumerate(words):
        os.rename(in_room(directory, f"{name}-{i}", word, nanoseconds + i % 3 / 10),
                  os.path.join(folder, f"{i:03}.json"))
    return folder


def verdict(*words):
    """(status, verdict, room, reason) of the one row, which table and JSON tell alike."""
    table, data = anechoic("compare", *words), anechoic("compare", *words, "--format=json")
    expect_equal(data.returncode, table.returncode, f"exit status: {table.stderr}{data.stderr}")
    root = json.loads(data.stdout)
    expect_equal(root["status"], data.returncode, "status in the JSON")
    row = root["benchmarks"][0]
    if "reason" in row:
        expect(f"{row['verdict']}: {row['reason']}\n" in table.stdout, f"the table, too: {table.stdout}")
        markdown = anechoic("compare", *words, "--format=markdown")
        expect(f"| {row['verdict']}: {row['reason']} |" in markdown.stdout, f"Markdown, too: {markdown.stdout}")
    return data.returncode, row["verdict"], row["room"], row.get("reason")


@test("room/a gate that asks for one gives no verdict on what was measured in a worse one")
def _():
    regressed, inconclusive = 1, m.EXIT_INCONCLUSIVE
    with tempfile.TemporaryDirectory() as directory:
        quiet = launches(directory, "quiet", ["quiet"] * 20, 100)
        slow = launches(directory, "slow", ["silent"] * 20, 150)
        loud = launches(directory, "loud", ["loud"] * 20, 150)
        some = launches(directory, "some", ["quiet"] * 19 + ["loud"], 150)
        old = launches(directory, "old", [None] * 20, 150)
        unknown = launches(directory, "unknown", ["quiet"] * 19 + ["not known"], 150)
        for words, wanted in (
                ((quiet, slow), (regressed, "regressed", "quiet", None)),
                ((quiet, slow, "--room=quiet"), (regressed, "regressed", "quiet", None)),
                ((quiet, slow, "--room=silent"), (inconclusive, "inconclusive", "quiet",
                                                  "the room was quiet, no better")),
                ((quiet, loud), (regressed, "regressed", "loud", None)),
                ((quiet, loud, "--room=loud"), (regressed, "regressed", "loud", None)),
                ((quiet, loud, "--room=usable"), (inconclusive, "inconclusive", "loud", "the room was loud")),
                ((quiet, some, "--room=usable"), (regressed, "regressed", "usable", None)),
                ((quiet, some, "--room", "quiet"), (inconclusive, "inconclusive", "usable",
                                                    "the room was usable, no better")),
                ((quiet, old), (regressed, "regressed", "not known", None)),
                ((quiet, old, "--room=loud"), (inconclusive, "inconclusive", "not known",
                                               "the file says nothing of its room")),
                ((quiet, unknown, "--room=loud"), (inconclusive, "inconclusive", "not known",
                                                   "the room is not known"))):
            expect_equal(verdict(*words), wanted, f"{[os.path.basename(word) for word in words]}")


@test("room/a launch that lies apart makes the room usable at best")
def _():
    with tempfile.TemporaryDirectory() as directory:
        whole = launches(directory, "whole", ["quiet"] * 20, 100)
        parted = launches(directory, "parted", ["quiet"] * 19, 100)
        os.rename(in_room(directory, "apart", "silent", 180), os.path.join(parted, "999.json"))
        expect_equal(verdict(whole, parted)[2:], ("usable", None), "the word")
        expect_equal(verdict(whole, parted, "--room=quiet"),
                     (m.EXIT_INCONCLUSIVE, "inconclusive", "usable", "the room was usable, no better"), "the gate")


@test("room/ab asks its launches for theirs")
def _():
    with tempfile.TemporaryDirectory() as directory:
        loud = in_room(directory, "loud", "loud", 100)
        words = ("--pairs=8", "--pairs-max=8", "--format=json", f"cp {loud} {{out}}", f"cp {loud} {{out}}")
        free, gated = anechoic("ab", *words), anechoic("ab", "--room=usable", *words)
        expect_equal(free.returncode, 0, f"nobody asked: {free.stderr}")
        expect_equal(gated.returncode, m.EXIT_INCONCLUSIVE, f"no verdict: {gated.stderr}")
        row = json.loads(gated.stdout)["benchmarks"][0]
        expect_equal((row["verdict"], row["reason"]), ("inconclusive", "the room was loud"), "and why")


@test("room/a file with a word that is none is refused")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = in_room(directory, "wrong", "calm", 100)
        result = anechoic("compare", path, path)
        expect_equal(result.returncode, m.EXIT_USAGE, "exit status")
        wanted = "benchmarks[0].room.word is none of silent, quiet, usable, loud, not known"
        expect(wanted in result.stderr, result.stderr)


@test("room/nobody watches where nobody shall, and a gate says that nothing is known")
def _():
    with tempfile.TemporaryDirectory() as directory:
        shown, results = run(directory, "--unwatched", "copy/4KiB/128bit")
        expect_equal(results["context"]["options"]["unwatched"], True, "it is said")
        expect("room" not in results["context"] and "room" not in results["benchmarks"][0], "no room")
        expect("\nroom " not in shown.stdout, shown.stdout)
        path = os.path.join(directory, "results.json")
        gated = anechoic("compare", path, path, "--room=loud", "--format=json")
        expect_equal(json.loads(gated.stdout)["benchmarks"][0]["room"], "not known", "the gate")


# ---- what judges it --------------------------------------------------------------------------------------------------


def judged(judge, *arguments):
    """Its status, and what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        status = judge(*arguments)
    return status, printed.getvalue()


ALONE, BESIDE = noise.Neighbour(None), noise.Neighbour("on")


@test("room/the same against itself: alarms, and how much is decided, beside a neighbour and without")
def _():
    for counts, neighbour, wanted in (
            ({"no change": 95, "inconclusive": 5}, ALONE, 0),
            ({"no change": 89, "inconclusive": 11}, ALONE, 1),
            ({"no change": 31, "inconclusive": 69}, BESIDE, 0),
            ({"no change": 29, "inconclusive": 71}, BESIDE, 1),
            ({"no change": 95, "improved": 3, "regressed": 2}, ALONE, 0),
            ({"no change": 94, "improved": 3, "regressed": 3}, BESIDE, 1)):
        status, printed = judged(aa.judge, collections.Counter(counts), "15", neighbour)
        expect_equal(status, wanted, f"{counts}: {printed}")


@test("room/a slowdown is found, or beside a neighbour inconclusive, and never an improvement")
def _():
    found, nothing, unknown = {"regressed": 20}, {"no change": 20}, {"inconclusive": 20}
    for levels, neighbour, wanted in (
            ((nothing, found, found, nothing), ALONE, 0),
            ((unknown, found, found, nothing), ALONE, 0),
            ((nothing, {"regressed": 18, "inconclusive": 2}, found, nothing), ALONE, 1),
            ((nothing, {"regressed": 10, "inconclusive": 10}, found, nothing), BESIDE, 0),
            ((nothing, {"regressed": 18, "no change": 2}, found, nothing), BESIDE, 1),
            ((unknown, unknown, unknown, unknown), BESIDE, 1),
            ((nothing, {"regressed": 19, "improved": 1}, found, nothing), BESIDE, 1)):
        verdicts = dict(zip((*sensitivity.LEVELS, "whole"), map(collections.Counter, levels)))
        status, printed = judged(sensitivity.judge, verdicts, dict.fromkeys(sensitivity.LEVELS, [0.01]), neighbour)
        expect_equal(status, wanted, f"{levels}: {printed}")


def checked_run(kind, word, additions=1.0, busy=False, why=(), stolen=0.0):
    return {"kind": kind, "word": word, "stolen": stolen, "ratio": 2.5 if busy else 1.5, "busy": busy, "cost": 0.001,
            "why": list(why), "figures": {"row": additions}, "additions": {"row 0.5": additions}}


@test("room/a run alone that is called loud had a neighbour by its own rows, or the word is wrong")
def _():
    quiet, loud = [checked_run("alone", "quiet")] * 10, checked_run("dd on it", "loud", why=["away"], busy=True)
    neighbours = [checked_run("dd beside", "quiet"), *[loud] * 10]
    wrong = checked_run("alone", "loud", busy=True, why=["probe"])
    for runs, wanted in (
            (quiet, 0),
            ([*quiet, checked_run("alone", "loud", 1.1, True, ["probe"])], 0),
            ([*quiet, checked_run("alone", "loud", why=["away"])], 0),
            ([*quiet, checked_run("alone", "usable", 1.1)], 0),
            ([*quiet, wrong], 1),
            ([*quiet, checked_run("alone", "quiet", stolen=0.02)], 1),
            ([*quiet, checked_run("alone", "quiet", 1.1, busy=True)], 1)):
        status, printed = judged(room_check.show, [*runs, *neighbours])
        expect_equal(status, wanted, printed)
    expect_equal(judged(room_check.show, [*quiet, *neighbours[:1], *[checked_run("dd on it", "usable")] * 10])[0], 1,
                 "neighbours that nobody sees")
    expect_equal(judged(room_check.show, [loud | {"kind": "alone"}, *neighbours])[0], m.EXIT_INCONCLUSIVE, "none quiet")


@test("room/what watching costs: within the bar, beyond it, or not to be told")
def _():
    for run, row, wanted in (
            ([1.001, 1.002] * 10, [1.0, 1.001] * 10, 0),
            ([0.9, 0.91] * 10, [1.0] * 20, 0),
            ([1.02, 1.03] * 10, [1.0] * 20, 1),
            ([1.001] * 20, [0.99] * 20, 1),
            ([1.001] * 20, [1.006, 1.007] * 10, 1),
            ([0.98, 1.03] * 10, [1.0] * 20, m.EXIT_INCONCLUSIVE),
            ([1.0] * 20, [0.99, 1.01] * 10, m.EXIT_INCONCLUSIVE)):
        status, printed = judged(room_cost.judge, {"the run": run, "row": row})
        expect_equal(status, wanted, printed)


def run_through(tool, *words):
    """It measures, and comes to some answer; what it prints."""
    result = subprocess.run([os.path.join(m.ROOT, "tools", tool), f"--build={os.path.join(m.ROOT, 'build')}", *words],
                            check=False, capture_output=True, text=True, timeout=limit(120))
    if result.returncode == m.EXIT_SKIPPED:
        raise Skipped(result.stdout)
    expect(result.returncode in (0, 1, m.EXIT_INCONCLUSIVE), f"{tool}: {result.returncode}\n{result.stderr}")
    return result.stdout


@test("room/the tools that judge it come to an answer")
def _():
    few = ("--count=1", "--pairs=2", "--pairs-max=2")
    row = "tlb/lookup/mostly_hits"
    printed = run_through("room_cost.py", "--count=2", f"--rows=--measurement-time=0.01 --exact {row}")
    expect("the run " in printed and f"{row} " in printed and "2 pairs" in printed, printed)
    printed = run_through("aa.py", *few, "--neighbour=on", f"--arguments=--exact {row}")
    expect(" of 1: " in printed and "the same; measured on" in printed, printed)
    printed = run_through("sensitivity.py", *few, "--neighbour=beside")
    expect("measured on CPU" in printed and "bar: 2 % in 95 %, or inconclusive" in printed, printed)
    printed = run_through("room_check.py", "--count=3", row)
    expect("loud of the quiet ones: " in printed, printed)
