# SPDX-License-Identifier: Apache-2.0
"""`anechoic ladder`: the rows that it runs, what it makes of them, and where that is kept."""

import json
import os
import re
import tempfile

from harness import expect, expect_equal, test
from hosted_tests import anechoic

SHORT = ["--quick", "--sample-size=10", "--warm-up-time=0.001", "--measurement-time=0.001"]
KINDS = {"step", "between", "last"}


def check_level(level):
    expect(level["kind"] in KINDS, f"a level of kind {level['kind']}")
    expect(level["ns_lower"] <= level["ns"] <= level["ns_upper"], f"its time lies in its interval: {level}")
    expect_equal(level["certain"], not level["doubts"], f"certain is what has no doubts: {level}")
    if level["kind"] != "last":
        expect(level["bytes_lower"] <= level["bytes"] <= level["bytes_upper"], f"so does its size: {level}")


@test("ladder/levels are looked for in each size of page, shown and kept")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        shown = anechoic("ladder", *SHORT, "--out", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    names = [entry["name"] for entry in results["benchmarks"]]
    expect(all(name.startswith("machine/latency/") and "/line/" in name for name in names), f"rows: {names}")
    expect("machine/latency/4KiB/line/1KiB" in names and "machine/latency/4KiB/line/256MiB" in names, "from 1 KiB on")
    expect("machine/latency/4KiB/line/512MiB" not in names, "quick ends at 256 MiB")
    pages = [page["page_bytes"] for page in results["levels"]]
    expect(4096 in pages and pages == sorted(pages), f"pages: {pages}")
    for page in results["levels"]:
        expect_equal(page["found"] == [], page["outcome"] != "found", f"levels where some were found: {page}")
        for level in page["found"]:
            check_level(level)
    expect_equal(any(page["found"] for page in results["levels"]), "\nlevels  found in " in shown.stdout, shown.stdout)
    check_answer(shown.stdout, len(pages))


def check_answer(text, pages):
    """No row, and behind all else the picture with each size of page, and the levels."""
    expect("machine/latency/" not in text and "[ n/of]" not in text, f"rows: {text}")
    picture, levels = text.index("\n         a load that waits for the one before; pages of"), text.index("\nlevels  ")
    expect(text.index("\nnoise ") < picture < levels, f"the answer comes last: {text}")
    head, *lines = text[picture + 1:levels].splitlines()
    expect_equal([mark in head for mark in ("4 KiB o", "2 MiB +")], [True, pages > 1], head)
    expect(max(map(len, lines)) <= 80, f"80 columns: {lines}")
    expect(sum("|" in line for line in lines) >= 10 and "1 KiB" in lines[-1], f"a drawing: {lines}")


@test("ladder/the picture is as wide as the terminal, and rows are shown to who asks for them")
def _():
    sizes = "machine/latency/4KiB/line/*KiB"
    shown = anechoic("ladder", *SHORT, "--rows", sizes, env={"COLUMNS": "60"})
    expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
    expect("machine/latency/4KiB/line/1KiB" in shown.stdout, f"rows: {shown.stdout}")
    plot = [line for line in shown.stdout.splitlines() if re.match(r" *(\d+ \w+ )?\|", line)]
    expect(len(plot) >= 10 and 50 < max(map(len, plot)) <= 60, f"60 columns: {plot}")


@test("ladder/a filter takes the place of its rows, and of too few nothing is said")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        shown = anechoic("ladder", *SHORT, "--exact", "machine/latency/4KiB/line/4KiB", "--out", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    expect_equal([entry["name"] for entry in results["benchmarks"]], ["machine/latency/4KiB/line/4KiB"], "rows")
    expect_equal([(page["outcome"] == "found", page["found"]) for page in results["levels"]], [(False, [])], "levels")
    expect("\nlevels" not in shown.stdout, shown.stdout)


@test("ladder/a time budget holds for the sizes that are measured where a level ends, too")
def _():
    sizes = "machine/latency/4KiB/line/*KiB"
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        counts = []
        for budget in ([], ["--time-budget=0.001"]):
            shown = anechoic("ladder", *SHORT, sizes, "--out", path, *budget)
            expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
            with open(path, encoding="utf-8") as file:
                counts.append(len(json.load(file)["benchmarks"]))
    planned = len(anechoic("list", sizes).stdout.splitlines())
    expect(counts[0] >= planned, f"rows without a budget: {counts[0]}, of {planned}")
    expect_equal(counts[1], planned, "rows within a budget that is spent")
