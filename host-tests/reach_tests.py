# SPDX-License-Identifier: Apache-2.0
"""The TLBs as told, as measured and whether these agree, of results that say it: in `caps --results` and in the report.
What is found in a curve is tested in test_reach.c."""

import copy
import html
import json
import os
import re
import tempfile

import machine as m
from harness import expect, expect_equal, test
from hosted_tests import anechoic

COUNTS = sorted({round(4 * 2 ** (step / 4)) for step in range(45)})
NEWEST = os.path.join(m.ROOT, "host-tests", "data", "old", "2026-11-27-hosted.json")
HOSTILE = "<b>leaf & 2</b>"


def row(entry, name, ns):
    """A benchmark of that name whose samples all take that long."""
    made = copy.deepcopy(entry)
    made.update(name=name, group="machine", parameters=name.split("/")[1:])
    made["times"] = [ns * iters for iters in made["iters"]]
    return made


def pages(page, ns):
    return {f"machine/pages/reach/{page}/1/{count}": ns(count) for count in COUNTS}


def held(ns):
    return {f"machine/pages/held/1/{count}": ns(count) for count in COUNTS}


def line(count):
    """A load of so many lines: a first cache of 768, a second one of 16,384."""
    return 1 if count <= 768 else 4


def small(count):
    """The same in pages of 4 KiB: TLBs of 64 and of 1,536 entries."""
    return line(count) + (1.5 if count > 64 else 0) + (8 if count > 1536 else 0)


def results_of(rows, tlbs, geometry=None):
    with open(NEWEST, encoding="utf-8") as file:
        results = json.load(file)
    good = next(entry for entry in results["benchmarks"] if entry["status"] == "ok")
    results["benchmarks"] = [row(good, name, ns) for name, ns in rows.items()]
    if geometry:
        results["benchmarks"][0]["tlb_geometry"] = geometry
    results.pop("levels", None)
    results["context"]["machine"]["caches"] = [
        {"level": 1, "type": "data", "bytes": 49152, "line_bytes": 64, "cpus": [0], "source": "leaf 4"},
        {"level": 2, "type": "unified", "bytes": 1 << 20, "line_bytes": 64, "cpus": [0], "source": "leaf 4"}]
    results["context"]["machine"]["tlbs"] = [
        {"level": level, "type": kind, "entries": entries, "page_sizes": sizes, "source": HOSTILE}
        for level, kind, entries, sizes in tlbs]
    return results


TLBS = [(1, "instruction", 128, [4096]), (1, "data", 64, [4096]), (1, "data", 32, [1 << 21]),
        (2, "unified", 1536, [4096, 1 << 21])]
GEOMETRY = {"page_bytes": 4096, "pages": 65536, "second_level": "shared", "relation": "non-inclusive", "error": 1e-9,
            "trials": 9, "levels": [{"level": 2, "type": "unified", "outcome": "found", "sets": 128, "ways": 12,
                                     "ways_most": 12, "linear": True, "index": []}]}
CASES = {
    "as told": (pages("4KiB", small) | held(line), TLBS, {
        "TLB1 4K": ("64", "[64 76] entries", "agrees"), "TLB2 4K": ("1536", "[1448 1722] entries", "agrees"),
        "TLB1 2M": ("32", "-", "not measured"), "TLB2 2M": ("1536", "-", "not measured")}),
    "another than told, or nothing told": (pages("4KiB", small) | held(line), [(1, "data", 96, [4096])], {
        "TLB1 4K": ("96", "[64 76] entries", "differs"), "TLB2 4K": ("-", "[1448 1722] entries", "not told")}),
    "large pages are cut": (pages("4KiB", small) | held(small), TLBS[:2] + TLBS[3:], {
        "TLB1 4K": ("64", "[64 76] entries", "agrees"), "TLB2 4K": ("1536", None, "uncertain"),
        "TLB2 2M": ("1536", "-", "not measured")}),
    "large pages alone, exclusive": (pages("2MiB", lambda n: 1 + (n > 64) + (n > 256) * 4), [
        (1, "data", 64, [1 << 21]), (2, "data", 192, [1 << 21])], {
        "TLB1 2M": ("64", "[64 76] entries", "agrees"), "TLB2 2M": ("192", "[256 304] entries", "agrees")}),
}


def shown(path):
    """Told, measured and verdict by the row's name in the table of `caps --results`, and all of the text."""
    result = anechoic("caps", "--results", path)
    expect_equal((result.returncode, result.stderr), (0, ""), f"caps --results {path}")
    table = result.stdout.partition("\nTLBs ")[0]
    expect(all(len(line) <= 100 for line in table.splitlines()), f"wider than 100 columns: {result.stdout}")
    rows = {line[:7]: (line[8:17].strip(), line[27:64].strip(), line[87:]) for line in result.stdout.splitlines()
            if line.startswith("TLB") and line[3] in "12"}
    return rows, result.stdout


def in_report(directory, path):
    """The same of the report: values of the cells of told and measured, the verdict; and the page."""
    page = os.path.join(directory, "page.html")
    result = anechoic("report", path, "-o", page)
    expect_equal((result.returncode, result.stderr), (0, ""), f"report of {path}")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    rows = {}
    for name, cells in re.findall(r'<tr data-level="(TLB[^"]*)">(.*?)</tr>', text, re.DOTALL):
        told = re.search(r'data-l="told" data-value="(\d+)"', cells)
        found = re.search(r'data-l="measured" data-low="(\d+)"(?: data-high="(\d+)")?', cells)
        verdict = re.search(r'data-l="verdict"><b class="\w+">([^<]*)<', cells)
        rows[name] = (told[1] if told else "-", f"[{found[1]} {found[2]}] entries" if found else "-", verdict[1])
    return rows, text


@test("reach/TLBs as told, as measured and whether these agree, in the table and in the report")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for name, (rows, tlbs, wanted) in CASES.items():
            path = os.path.join(directory, "results.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(results_of(rows, tlbs), file)
            for seen, text in (shown(path), in_report(directory, path)):
                expect_equal(list(seen), list(wanted), f"{name}: rows")
                for level, (told, found, verdict) in wanted.items():
                    expect_equal((seen[level][0], seen[level][2]), (told, verdict), f"{name}: {level}: {text[-3000:]}")
                    if found:
                        expect_equal(seen[level][1], found, f"{name}: {level}")
                expect_equal("the host cuts large pages" in text, name == "large pages are cut", f"{name}: {text}")
            expect('<section id="memory">' in text, f"{name}: the report has no section on the memory")
            expect(HOSTILE not in text and html.escape(HOSTILE) in text, f"{name}: the source is no text")


@test("reach/what was found of sets and ways stands below, beside what is told; what was not measured says how")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        for rows in (pages("4KiB", small), {"machine/tlb_geometry/4KiB": 1}):
            with open(path, "w", encoding="utf-8") as file:
                json.dump(results_of(rows, TLBS, GEOMETRY), file)
            text = shown(path)[1]
            expect("L2 unified: 12 ways, 128 sets; told 1536 entries\n" in text, text)
            expect_equal("the TLBs were not measured" in text, len(rows) == 1, text)
        with open(path, "w", encoding="utf-8") as file:
            json.dump(results_of(pages("4KiB", small), TLBS, GEOMETRY), file)
        expect("L2 unified: 12 ways, 128 sets; told 1536 entries" in in_report(directory, path)[1], "the report has it")


@test("reach/behind a run of such rows stands what they show, and behind one of fewer nothing")
def _():
    for counts in (COUNTS[:8], COUNTS[:7]):
        rows = [f"machine/pages/reach/4KiB/1/{count}" for count in counts]
        result = anechoic("run", "--measurement-time", "0.01", "--warm-up-time", "0.01", "--exact", *rows)
        expect_equal(result.returncode, 0, result.stderr)
        found = re.search(r"^TLBs    by the time of a load over the count of pages\n        .*pages of 4 KiB",
                          result.stdout, re.MULTILINE)
        expect_equal(found is not None, len(counts) == 8, result.stdout)
