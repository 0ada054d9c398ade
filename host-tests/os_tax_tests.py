# SPDX-License-Identifier: Apache-2.0
"""`anechoic os-tax`: what it makes of two results files, and what it refuses; and the rows under os/ on Linux."""

import json
import math
import os
import shutil
import tempfile

import machine as m
import os_tax
from format_tests import check_schema
from harness import expect, expect_equal, test
from history_tests import write_results
from hosted_tests import anechoic
from machine_cores_tests import measured, statuses, two_cpus

NAMES = ("os/call", "os/touch/4KiB", "pool/standard_cycle", "copy/4KiB/chosen")
ROWS = ["os/call", "os/clock", "os/fault", "os/wake", "os/map/4KiB/1", "os/map/4KiB/256", "os/touch/4KiB",
        "os/protect/1", "os/protect/256"]


def written(directory, number, times, way, names=NAMES, **platform):
    """Of NAMES, as a launch of that kind would leave it."""
    path = write_results(directory, number, times)
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    results["context"]["platform"] |= {"way": way, **platform}
    for entry, name in zip(results["benchmarks"], names):
        entry |= {"name": name, "group": name.split("/")[0], "parameters": name.split("/")[1:]}
        entry["estimates"]["low_decile"] = entry["estimates"]["mean"]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(results, file)
    return path


def folder_of(directory, name, launches, way):
    os.mkdir(os.path.join(directory, name))
    for number, times in enumerate(launches):
        written(os.path.join(directory, name), number, times, way)
    return os.path.join(directory, name)


def answer(*words):
    result = anechoic("os-tax", "--format=json", *words)
    expect_equal((result.returncode, result.stderr), (0, ""), f"{words}")
    found = json.loads(result.stdout)
    check_schema("os-tax", found)
    return found, {row["name"]: row for row in found["rows"]}


@test("hosted/os-tax tells Linux from the image, in whichever order, and sets row beside row")
def _():
    with tempfile.TemporaryDirectory() as directory:
        linux = written(directory, 1, [300, 2000, 60, 100], "hosted")
        image = written(directory, 2, [100, 1000, 90, 100], "pvh")
        found, rows = answer(image, linux)
        expect_equal((found["linux"]["name"], found["image"]["name"]), (linux, image), "sides")
        expect_equal([(row["name"], row["part"], row["ratio"]) for row in found["rows"]],
                     [("os/call", "system", 3.0), ("os/touch/4KiB", "system", 2.0),
                      ("pool/standard_cycle", "code", 60 / 90), ("copy/4KiB/chosen", "code", 1.0)], "rows")
        expect_equal(found["emulated_call_ns"], None, "no kernel is emulated")
        expect_equal({row["room"] for row in found["rows"]}, {"not known"}, "no file says anything of its room")
        call = rows["os/call"]
        expect_equal((call["pairs"], call["confidence"]), (1, None), "one launch each")
        width = math.hypot(math.log(100 / 99), math.log(301 / 300))
        expect(abs(math.log(3 / call["lower"]) / width - 1) < 0.02, f"interval {call}")
        expect("newlib" in rows["pool/standard_cycle"]["why"], "why the image loses")
        table = anechoic("os-tax", linux, image)
        expect_equal(table.returncode, 0, table.stderr)
        expect(all(len(line) <= 80 for line in table.stdout.splitlines()), f"columns: {table.stdout}")
        expect("os/call                         300.0 ns  100.0 ns    3.000 [" in table.stdout, table.stdout)
        expect("geometric mean of the ratios: 2.449" in table.stdout, table.stdout)


@test("hosted/os-tax writes JSON of files whose names are not UTF-8, and compare does")
def _():
    with tempfile.TemporaryDirectory() as directory:
        linux = written(directory, 1, [300], "hosted")
        image = written(directory, 2, [100], "pvh")
        odd = [os.path.join(directory.encode(), name) for name in (b"im\xffage", b"li\xffnux")]
        os.rename(image, odd[0])
        shutil.copy(linux, odd[1])
        found, _ = answer(linux, odd[0])
        expect(found["image"]["name"].endswith("/im?age"), f"a name: {found['image']}")
        shown = anechoic("compare", "--format=json", linux, odd[1])
        expect_equal([row["against"][-7:] for row in json.loads(shown.stdout)["benchmarks"]], ["/li?nux"], "compared")


@test("hosted/os-tax has an interval over pairs of launches, and says how surely it holds")
def _():
    with tempfile.TemporaryDirectory() as directory:
        launches = [[300 + step, 2000, 60, 100] for step in range(6)]
        linux = folder_of(directory, "linux", launches, "hosted")
        six = folder_of(directory, "six", [[100, 1000, 90, 100]] * 6, "pvh")
        three = folder_of(directory, "three", [[100, 1000, 90, 100]] * 3, "pvh")
        call = answer(linux, six)[1]["os/call"]
        expect_equal([round(call[key], 6) for key in ("ratio", "lower", "upper", "confidence")],
                     [round(math.sqrt(3.02 * 3.03), 6), 3.0, 3.05, 0.95], "six pairs")
        call = answer(three, linux)[1]["os/call"]
        expect_equal([round(call[key], 6) for key in ("ratio", "lower", "upper", "confidence", "pairs")],
                     [3.01, 3.0, 3.02, 0.75, 3], "three pairs")
        expect("hold with 75 % at the least" in anechoic("os-tax", linux, three).stdout, "said")


@test("hosted/os-tax says the room of its rows, of both sides")
def _():
    with tempfile.TemporaryDirectory() as directory:
        sides = [written(directory, number, [300, 2000], way) for number, way in ((1, "hosted"), (2, "pvh"))]
        for path, words in zip(sides, (("quiet", "silent"), ("quiet", "loud"))):
            with open(path, encoding="utf-8") as file:
                results = json.load(file)
            for entry, word in zip(results["benchmarks"], words):
                entry["room"] = {"word": word}
            with open(path, "w", encoding="utf-8") as file:
                json.dump(results, file)
        expect_equal([row["room"] for row in answer(*sides)[0]["rows"]], ["quiet", "loud"], "words")
        shown = anechoic("os-tax", *sides).stdout
        expect("\nroom of the rows: 1 quiet, 1 loud\n" in shown, shown)
        expect("<td>quiet</td>" in anechoic("os-tax", *sides, "-o", "-").stdout, "in the page")


@test("hosted/os-tax says what one side lacks, that a kernel is emulated, and what noise there was")
def _():
    with tempfile.TemporaryDirectory() as directory:
        linux = written(directory, 1, [300, 2000], "hosted")
        image = written(directory, 2, [20000], "pvh")
        noise = os.path.join(directory, "noise.json")
        with open(noise, "w", encoding="utf-8") as file:
            json.dump({"schema": "anechoic-noise/1", "cut": False, "machine": {"way": "pvh"},
                       "cores": [{"core": 1, "over_1us": {"available": 0.75}, "longest_ns": 1500}]}, file)
        found, _ = answer(linux, image, "--noise", noise)
        expect_equal(found["without_a_ratio"],
                     [{"name": "os/touch/4KiB", "what": "only on Linux", "reason": ""}], "gap")
        expect_equal(found["emulated_call_ns"], 20000, "an emulated kernel")
        expect_equal(found["noise"], [{"side": "image", "core": 1, "lost": 0.25, "longest_ns": 1500}], "noise")
        page = anechoic("os-tax", linux, image, "--noise", noise, "-o", "-").stdout
        for wanted in ("What Linux costs on this machine", ">300.0 ns<", ">20.00 µs<", ">0.015", "only on Linux",
                       "25.000000 %", "emulates the image"):
            expect(wanted in page, f"{wanted!r} in the page")
        expect("<script" not in page, "the page has no script")
        result = anechoic("os-tax", linux, image, "--noise", linux)
        expect_equal(result.returncode, m.EXIT_USAGE, result.stderr)


@test("hosted/os-tax refuses what is no answer, and says so where nothing is in both")
def _():
    with tempfile.TemporaryDirectory() as directory:
        linux, image = written(directory, 1, [300], "hosted"), written(directory, 2, [100], "pvh")
        cases = (((linux, written(directory, 3, [1], "hosted")), "both are of Linux"),
                 ((image, written(directory, 4, [1], "uefi")), "both are of the image"),
                 ((linux, written(directory, 5, [1], "pvh", cpu="Y")), "different CPUs: 'X' and 'Y'"),
                 ((linux,), "os-tax"))
        for words, wanted in cases:
            result = anechoic("os-tax", *words)
            expect_equal((result.returncode, result.stdout), (m.EXIT_USAGE, ""), wanted)
            expect(wanted in result.stderr, f"{wanted!r} in {result.stderr!r}")
        with open(image, encoding="utf-8") as file:
            results = json.load(file)
        results["context"] |= {"figures": "functional only", "emulated": "TCG runs it"}
        with open(image, "w", encoding="utf-8") as file:
            json.dump(results, file)
        result = anechoic("os-tax", linux, image)
        expect_equal(result.returncode, m.EXIT_USAGE, result.stderr)
        expect(f"{image} is functional only: TCG runs it" in result.stderr, result.stderr)
        other = written(directory, 6, [1], "pvh", names=("os/clock",))
        result = anechoic("os-tax", linux, other)
        expect_equal((result.returncode, result.stderr), (m.EXIT_INCONCLUSIVE, "no benchmark is in both\n"), "nothing")


@test("hosted/what a system is asked for is done, and timed")
def _():
    entries = measured(two_cpus(), "--exact", *ROWS)
    expect_equal(statuses(entries), dict.fromkeys(ROWS, "ok"), "rows")
    expect_equal(len(entries["os/wake"]["cores"]), 1, "who was woken")


@test("os-tax/every row that it asks for is one that there is")
def _():
    listed = {entry["name"] for entry in json.loads(anechoic("list", "--format=json").stdout)}
    for row in os_tax.ROWS + os_tax.QUICK:
        found = row in listed or any(name.startswith(row.split("*")[0].split("[")[0]) for name in listed)
        expect(found, f"{row} names nothing")
    for rows in os_tax.ROWS, os_tax.QUICK:
        result = anechoic("list", *rows)
        expect(result.returncode == 0, f"what it asks for is no command line: {result.stderr[-300:]}")
