# SPDX-License-Identifier: Apache-2.0
"""Files of earlier versions (data/old/) are read by whatever reads files today. Of their dates: the first
results.json that there was; before runs were dated; with dates, the machine and the ladder's levels, from Linux, from
the image under PVH, and from the image under UEFI in an emulator."""

import contextlib
import html
import json
import os
import re
import sqlite3
import tempfile

import figures
import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, test
from history_tests import earlier_digest, show, write_results
from hosted_tests import anechoic

OLD = os.path.join(m.ROOT, "host-tests", "data", "old")
FORMATS = ("google-benchmark", "bencher", "github", "prometheus", "csv")


def old_files(end):
    names = sorted(name for name in os.listdir(OLD) if name.endswith(end))
    expect(len(names) >= 5, f"files of earlier versions: {names}")
    return [os.path.join(OLD, name) for name in names]


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def figures_of(results):
    """The figure of each benchmark that has one."""
    return {entry["name"]: figures.of(entry) for entry in results["benchmarks"] if entry["status"] == "ok"}


def page_of(directory, *files):
    """Times in the table of a report's first file, by name, and the page."""
    page = os.path.join(directory, "page.html")
    result = anechoic("report", *files, "-o", page)
    expect_equal((result.returncode, result.stderr), (0, ""), f"report of {files}")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    rows = re.findall(r'<tr data-name="([^"]*)".*?</th><td(?: class="number")?(?: data-l="A")? data-value="([^"]*)"',
                      text)
    return {html.unescape(name): float(value) for name, value in rows}, text


@test("old files/report, export and history read results of every earlier version")
def _():
    with tempfile.TemporaryDirectory() as directory:
        database = os.path.join(directory, "history.db")
        for path in old_files(".json"):
            results = read(path)
            check_schema("results", results)
            expect_equal(page_of(directory, path)[0], figures_of(results), f"times in the report of {path}")
            for form in FORMATS:
                result = anechoic("export", form, path)
                expect_equal(result.returncode, 0, f"export {form} {path}: {result.stderr}")
                for name in figures_of(results):
                    expect(name in result.stdout, f"export {form} {path} is without {name}")
            tree = os.path.join(directory, os.path.basename(path))
            expect_equal(anechoic("export", "criterion", path, "-o", tree).returncode, 0, f"export criterion {path}")
            expect_equal(anechoic("history", "add", path, "--db", database).returncode, 0, f"history add {path}")
        shown = json.loads(anechoic("history", "show", "tlb/lookup/mostly_hits", "--db", database,
                                    "--format=json").stdout)
        wanted = {round(figures_of(read(path))["tlb/lookup/mostly_hits"], 6) for path in old_files(".json")
                  if "tlb/lookup/mostly_hits" in figures_of(read(path))}
        expect_equal({round(run["time_ns"], 6) for run in shown["runs"]}, wanted, "times in the history")


@test("old files/a history of the third version, which went by a checksum, knows its runs again")
def _():
    with tempfile.TemporaryDirectory() as directory:
        database = os.path.join(directory, "history.db")
        with contextlib.closing(sqlite3.connect(database)) as connection, \
                open(os.path.join(OLD, "history-3.sql"), encoding="utf-8") as dump:
            connection.executescript(dump.read())

        def seen(query):
            with contextlib.closing(sqlite3.connect(database)) as connection:
                return connection.execute(query).fetchall()

        before, shown = seen("SELECT digest FROM run ORDER BY id"), show(database, "tlb/lookup/mostly_hits")
        paths = [os.path.join(OLD, name + ".json") for [name] in seen("SELECT name FROM run ORDER BY id")]
        expect_equal([digest for [digest] in before], [earlier_digest(path) for path in paths], "digests as they were")
        expect_equal(seen("PRAGMA user_version"), [(3,)], "a look changes nothing")
        other = write_results(directory, 1, [5.0])
        for said in ("1 added, 2 there already", "0 added, 3 there already"):
            result = anechoic("history", "import", other, *paths, "--db", database)
            expect_equal((result.returncode, result.stdout), (0, said + ", 0 left out\n"), result.stderr)
        expect_equal(seen("PRAGMA user_version"), [(4,)], "brought up to date")
        digests = [digest for [digest] in seen("SELECT digest FROM run")]
        expect(len(digests) == 3 and all(re.fullmatch("sha256:[0-9a-f]{64}", one) for one in digests), f"{digests}")
        expect_equal(show(database, "tlb/lookup/mostly_hits"), shown, "the run")


@test("old files/compare and report lay them over today's")
def _():
    with tempfile.TemporaryDirectory() as directory:
        newest = os.path.join(OLD, "2026-11-27-hosted.json")
        for path in old_files(".json"):
            result = anechoic("compare", "--platforms", path, newest)
            shared = set(figures_of(read(path))) & set(figures_of(read(newest)))
            expect_equal((result.returncode, result.stderr),
                         (0, "") if shared else (m.EXIT_USAGE, "no benchmark is in both\n"), f"compare {path}")
            expect_equal(page_of(directory, path, newest)[0], figures_of(read(path)), f"report of {path} and {newest}")
        result = anechoic("compare", os.path.join(OLD, "2026-11-22-hosted.json"), newest)
        expect(result.returncode in (0, 1, 3) and not result.stderr, f"compare: {result.returncode} {result.stderr}")


@test("old files/caps shows what a run's machine was told, read and found to have")
def _():
    for path in old_files(".json"):
        result = anechoic("caps", "--results", path)
        expect_equal((result.returncode, result.stderr), (0, ""), f"caps --results {path}")
        expect(all(len(line) <= 100 for line in result.stdout.splitlines()), f"wider than 100 columns: {result.stdout}")
        results = read(path)
        rows = {line.split()[0]: line for line in result.stdout.splitlines()
                if line.startswith(("L1", "L2", "L3", "memory"))}
        expect("memory" in rows, f"caps --results {path}: {result.stdout}")
        expect_equal("nothing of the memory was measured" in result.stdout, "levels" not in results, result.stdout)
        found = results.get("levels", [{"found": []}])[-1]["found"]
        for at, level in enumerate(found):
            row = rows["memory" if level["kind"] == "last" else f"L{at + 1}"]
            expect(f"{level['ns']:.3g} ns [{level['ns_lower']:.3g} {level['ns_upper']:.3g}]" in row, f"{level}: {row}")
            expect_equal("uncertain" in row, not level["certain"], row)
        expect_equal("FUNCTIONAL ONLY" in result.stdout, results["context"]["figures"] != "hardware", result.stdout)
    newest = os.path.join(OLD, "2026-11-27-hosted.json")
    expect("agrees" in anechoic("caps", "--results", newest).stdout.splitlines()[3], "L1 as told")
    for words in (("--format=json",), ("--cpuid", newest)):
        expect_equal(anechoic("caps", "--results", newest, *words).returncode, m.EXIT_USAGE, f"with {words}")


@test("old files/collect makes the results of every earlier log")
def _():
    with tempfile.TemporaryDirectory() as directory:
        for path in old_files(".log"):
            made = os.path.join(directory, "results.json")
            result = anechoic("collect", path, "-o", made)
            expect_equal(result.returncode, 0, f"collect {path}: {result.stderr}")
            results, before = read(made), read(path.removesuffix(".log") + ".json")
            check_schema("results", results)
            for entry, old in zip(results["benchmarks"], before["benchmarks"], strict=True):
                expect_equal((entry["name"], entry["iters"], entry["times"]), (old["name"], old["iters"], old["times"]),
                             f"samples in {path}")
                expect_equal(entry["estimates"]["mean"]["point"], old["estimates"]["mean"]["point"], f"mean in {path}")
            expect_equal([one["page_bytes"] for one in results.get("levels", [])],
                         [one["page_bytes"] for one in before.get("levels", [])], f"pages with levels in {path}")
