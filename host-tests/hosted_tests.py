# SPDX-License-Identifier: Apache-2.0
"""Tests of the hosted programme as its users run it."""

import json
import os
import subprocess
import tempfile
import time

import machine as m
from harness import expect, expect_equal, test

PROGRAM = os.path.join(m.ROOT, "build", "anechoic")


def anechoic(*words, limit_s=120):
    return subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, timeout=limit_s,
                          stdin=subprocess.DEVNULL)


@test("hosted/list names every benchmark with its iteration")
def _():
    result = anechoic("list")
    expect_equal(result.returncode, 0, "exit status")
    names = [line.split()[0] for line in result.stdout.splitlines() if "/" in line.split(" ")[0]]
    for name in ("pool/pool_vs_standard/stack_pool_cycle", "tlb/lookup/mostly_hits", "copy/4KiB/256bit", "copy/16KiB/bytes",
                 "simd/add32/1000/vector"):
        expect(name in names, f"{name} is not listed:\n{result.stdout}")


@test("hosted/a filter selects from all, none the headline benchmarks")
def _():
    listed = {}
    for line in anechoic("list").stdout.splitlines():
        name, mark = line.split()[:2]
        listed[name] = mark == "*"
    headlines = [name for name, is_headline in listed.items() if is_headline]
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")

        def planned(*words):
            anechoic("run", "--sample-size=10", "--warm-up-time=0.001", "--measurement-time=0.001", "--nresamples=100",
                     "--log", log, *words)
            with open(log, "rb") as file:
                return [record.body["name"] for record in m.records_read(file.read()) if record.tag == "START"]

        expect_equal(planned(), headlines, "without a filter")
        expect_equal(planned("tlb"), [name for name in listed if "tlb" in name], "filter tlb")
        expect_equal(planned("--all"), list(listed), "--all")


@test("hosted/run saves results with raw samples", alone=True)
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, log = os.path.join(directory, "results.json"), os.path.join(directory, "log")
        result = anechoic("run", "--quick", "--out", path, "--log", log)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file, parse_constant=lambda name: expect(False, f"{name} in results.json"))
        expect_equal(results["schema"], "anechoic/1", "schema")
        for entry in results["benchmarks"]:
            expect(entry["status"] in ("ok", "skipped"), f"{entry['name']}: {entry['status']}")
            if entry["status"] != "ok":
                continue
            expect(len(entry["iters"]) == len(entry["times"]) > 1, f"{entry['name']} has no samples")
            slope = entry["estimates"]["slope"] or entry["estimates"]["mean"]
            interval = slope["confidence_interval"]
            expect(0 < interval["lower_bound"] <= slope["point"] <= interval["upper_bound"], f"{entry['name']}: {slope}")
        with open(log, "rb") as file:
            records = m.records_read(file.read())
        expect_equal(records[0].tag, "RUN", "first record")
        expect_equal(records[-1].tag, "DONE", "last record")
        again = os.path.join(directory, "again.json")
        expect_equal(anechoic("collect", log, "-o", again).returncode, 0, "collect")
        with open(again, encoding="utf-8") as file:
            collected = json.load(file)
        expect_equal(collected["benchmarks"], results["benchmarks"], "collected from the log against written by the run")


@test("hosted/injected faults are contained", alone=True)
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        result = anechoic("run", "--quick", "--inject=ud,null,wx,stack,hang", "--out", path, "tlb")
        expect_equal(result.returncode, m.EXIT_BROKEN, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            entries = {entry["name"]: entry for entry in json.load(file)["benchmarks"]}
        broken = {name: entry for name, entry in entries.items() if name.startswith("inject/")}
        expect_equal(sorted(entry["status"] for entry in broken.values()), ["failed"] * 4 + ["hung"], "injected benchmarks")
        for name, entry in entries.items():
            if name not in broken:
                expect_equal(entry["status"], "ok", f"{name} after the faults")


@test("hosted/usage errors exit 2 and help")
def _():
    for words, wanted in ((["run", "--qick"], "--quick"), (["run", "nosuchbenchmark"], "nosuchbenchmark"), (["rnu"], "rnu"),
                          (["run", "--sample-size", "many"], "sample-size"), (["run", "--inject=bang"], "bang"),
                          (["collect"], "collect"), (["collect", "/nonexistent/log", "-o", "/dev/null"], "/nonexistent/log")):
        result = anechoic(*words)
        expect_equal(result.returncode, m.EXIT_USAGE, f"exit status of {' '.join(words)}: {result.stdout[-300:]}{result.stderr}")
        expect(wanted in result.stderr + result.stdout, f"{' '.join(words)} does not name {wanted}: {result.stderr}")


@test("hosted/results that cannot be written are an error")
def _():
    result = anechoic("run", "--quick", "tlb", "--out", "/nonexistent/results.json")
    expect_equal(result.returncode, m.EXIT_USAGE, "exit status")
    expect("/nonexistent/results.json" in result.stderr, f"the file is not named: {result.stderr}")


@test("hosted/help and version")
def _():
    for words in (["--help"], ["help"], ["--version"]):
        result = anechoic(*words)
        expect_equal(result.returncode, 0, f"exit status of {words}")
        expect("nechoic" in result.stdout, f"{words} says nothing")


@test("hosted/a run that was cut off is resumed", alone=True)
def _():
    with tempfile.TemporaryDirectory() as directory:
        log, rest, path = (os.path.join(directory, name) for name in ("log", "rest", "results.json"))
        words = ["run", "--quick", "tlb", "copy/4KiB"]
        expect_equal(anechoic(*words, "--log", log).returncode, 0, "whole run")
        with open(log, "rb") as file:
            whole = file.read()
        # In the middle of the third benchmark: it has its START, and half a line of its END.
        third = [at for at in range(len(whole)) if whole.startswith(b"@anechoic END", at)][2]
        with open(log, "wb") as file:
            file.write(whole[:third + 40])
        result = anechoic(*words, "--resume", log, "--log", rest, "--out", path)
        expect_equal(result.returncode, m.EXIT_BROKEN, f"exit status\n{result.stdout}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
        statuses = [entry["status"] for entry in results["benchmarks"]]
        expect_equal(statuses[:3], ["ok", "ok", "hung"], "the first three")
        expect(set(statuses[3:]) <= {"ok", "skipped"} and len(statuses) > 5, f"those after it: {statuses}")
        with open(rest, "rb") as file:
            records = m.records_read(file.read())
        expect_equal([record.tag for record in records[:2]], ["RUN", "END"], "first records of the resumed run")
        both, again = os.path.join(directory, "both"), os.path.join(directory, "again.json")
        with open(both, "wb") as file:
            file.write(whole[:third + 40])
            with open(rest, "rb") as more:
                file.write(more.read())
        expect_equal(anechoic("collect", both, "-o", again).returncode, m.EXIT_BROKEN, "collect")
        with open(again, encoding="utf-8") as file:
            expect_equal(json.load(file), results, "collected from both boots' records against written by the second")


@test("hosted/a time budget is kept, and spent where intervals are wide", alone=True)
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, log = os.path.join(directory, "results.json"), os.path.join(directory, "log")
        started = time.monotonic()
        result = anechoic("run", "--quick", "--time-budget=3s", "tlb/lookup", "--out", path, "--log", log)
        seconds = time.monotonic() - started
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout}{result.stderr}")
        expect(2 <= seconds <= 5, f"it took {seconds:.1f} s")
        with open(log, "rb") as file:
            ends = [record.body["name"] for record in m.records_read(file.read()) if record.tag == "END"]
        with open(path, encoding="utf-8") as file:
            names = [entry["name"] for entry in json.load(file)["benchmarks"]]
        expect_equal(sorted(set(ends)), sorted(names), "benchmarks in the log and in the results")
        expect(len(ends) > len(names), "nothing was measured twice")
