# SPDX-License-Identifier: Apache-2.0
"""What stands beside a figure of what happened while it was measured: column, member, and gates that ask for it."""

import json
import os
import tempfile

import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, test
from history_tests import write_results
from hosted_tests import anechoic

WORDS = ("silent", "quiet", "usable", "loud")
SHORT = ("--sample-size=20", "--measurement-time=0.02", "--warm-up-time=0.01", "--nresamples=1000")


@test("room/each figure of a run has one, in the table and in the file")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        shown = anechoic("run", *SHORT, "copy/4KiB/128bit", "copy/4KiB/256bit", "-o", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    check_schema("results", results)
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
