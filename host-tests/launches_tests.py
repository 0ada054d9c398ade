# SPDX-License-Identifier: Apache-2.0
"""`run --launches`: several launches of the programme by itself. How far they lie apart is judged on made-up ones, in
test_spread.c."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

import machine as m
from format_tests import check_schema
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST, anechoic

NAME = "tlb/lookup/mostly_hits"


@test("launches/each leaves a file, which compare and report take, and the spread of all is shown")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder = os.path.join(directory, "three")
        result = anechoic("run", "--launches=3", *SHORTEST, "--out", folder, NAME)
        expect_equal(result.returncode, 0, result.stderr)
        expect_equal(sorted(os.listdir(folder)), ["001.json", "002.json", "003.json"], "files")
        lines = result.stdout.splitlines()
        expect_equal(lines[0], "3 launches", "head")
        expect_equal(lines[1].split(), ["benchmark", "ns", "within", "between"], "columns")
        expect_equal(lines[2].split()[0], NAME, "row")
        files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        words = [json.loads(pathlib.Path(file).read_text(encoding="utf-8"))["benchmarks"][0]["room"]["word"]
                 for file in files]
        room, = (line for line in lines if line.startswith("room "))
        expect_equal(sorted(room.partition(": ")[2].removesuffix(", over all launches").split(", ")),
                     sorted(f"{words.count(word)} {word}" for word in set(words)), "the room of all launches")
        expect(anechoic("compare", folder, folder).returncode in (0, 2, 3), "compare takes the folder")
        again = anechoic("run", "--launches=2", *SHORTEST, "--out", folder, NAME)
        expect_equal(again.returncode, m.EXIT_USAGE, "a folder with other launches")
        expect("other launches" in again.stderr and len(os.listdir(folder)) == 3, again.stderr)
        file = os.path.join(folder, "001.json")
        refused = anechoic("run", "--launches=2", *SHORTEST, "-o", file, NAME)
        expect_equal(refused.returncode, m.EXIT_USAGE, "a file where a folder is wanted")
        expect("this is a file" in refused.stderr, refused.stderr)


@test("launches/--thorough is five, nothing is left behind, and JSON has every launch's figure")
def _():
    with tempfile.TemporaryDirectory() as directory:
        result = subprocess.run([PROGRAM, "--thorough", "--format=json", *SHORTEST, NAME], check=True,
                                capture_output=True, text=True, env=dict(os.environ, TMPDIR=directory),
                                timeout=limit(100))
        expect_equal(os.listdir(directory), [], "files left behind")
    spread = json.loads(result.stdout)
    check_schema("spread", spread)
    expect_equal((spread["schema"], spread["launches"], spread["numbers"]), ("anechoic-spread/1", 5, [1, 2, 3, 4, 5]),
                 "head")
    if "room" in spread:  # figures are the hardware's
        expect_equal(sum(spread["room"]["benchmarks"].values()), 5, f"of each launch: {spread['room']}")
        expect(spread["room"]["word"] in spread["room"]["benchmarks"], spread["room"])
    row, = spread["benchmarks"]
    expect_equal((row["name"], row["status"]), (NAME, "ok"), "row")
    expect(len(row["figures"]) == 5 and min(row["figures"]) > 0, row)
    expect(min(row["figures"]) <= row["figure"] <= max(row["figures"]), row)
    expect(abs(row["between"] - (max(row["figures"]) - min(row["figures"])) / row["figure"]) < 1e-6, row)


@test("launches/a failed benchmark, wrong words and options of one launch have their status")
def _():
    failed = anechoic("run", "--launches=2", *SHORTEST, "--inject=null", NAME)
    expect_equal(failed.returncode, m.EXIT_BROKEN, failed.stderr)
    expect(any(line.startswith("inject/null") and "failed" in line for line in failed.stdout.splitlines()),
           failed.stdout)
    wrong = anechoic("run", "--launches=2", "--qick", NAME)
    expect_equal(wrong.returncode, m.EXIT_USAGE, wrong.stderr)
    expect_equal(wrong.stderr.count("unknown option"), 1, "launches that say so")
    for words in (("--launches=0",), ("--launches=many",), ("--launches=2x",), ("--launches=2", "--log=x"),
                  ("--launches=2", "--baseline=x"), ("--launches=2", "--format=csv"), ("--launches=2", "--out=-")):
        result = anechoic("run", *words, NAME)
        expect_equal(result.returncode, m.EXIT_USAGE, f"{words}: {result.stderr}")
        expect_equal(result.stderr.count("\n"), 1, f"{words}: lines, {result.stderr}")
        expect(words[-1].split("=")[0] in result.stderr, f"{words} is not named: {result.stderr}")


@test("launches/an interruption ends the launch and the rest, and keeps what is finished")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder = os.path.join(directory, "launches")
        process = subprocess.Popen([PROGRAM, "run", "--launches=50", *SHORTEST, "--out", folder, "tlb"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + limit(60)
        while not os.path.exists(os.path.join(folder, "001.json")) and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=limit(60))
        expect_equal(process.returncode, 130, f"exit status: {errors}")
        files = os.listdir(folder)
        expect(1 <= len(files) < 50, files)
        expect(output.splitlines()[0] == f"{len(files)} of 50 launches", output)


@test("launches/what asks for no run is answered once")
def _():
    for word in ("--list", "--help", "--version"):
        expect_equal(anechoic("run", "--launches=3", word, NAME).stdout, anechoic("run", word, NAME).stdout, word)


def launch_with(file):
    """The process that writes this file; None: there is none."""
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as words:
                if os.fsencode(file) in words.read().split(b"\0"):
                    return int(process)
        except OSError:
            pass    # it has ended meanwhile
    return None


@test("launches/one that dies is named, and the others keep their numbers")
def _():
    with tempfile.TemporaryDirectory() as directory:
        folder = os.path.join(directory, "launches")
        # A second of measuring is there to be ended, however slow the look for it.
        process = subprocess.Popen([PROGRAM, "run", "--launches=2", "--format=json", *SHORTEST,
                                    "--measurement-time=1", "--out", folder, NAME],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        victim, end = None, time.monotonic() + limit(60)
        while victim is None and process.poll() is None and time.monotonic() < end:
            victim = launch_with(os.path.join(folder, "001.json"))
        if victim:
            os.kill(victim, signal.SIGKILL)
        output, errors = process.communicate(timeout=limit(60))
        expect(victim, f"no launch was seen: {errors}")
        expect_equal(process.returncode, m.EXIT_BROKEN, f"exit status: {errors}")
        expect("launch 1 of 2" in errors and "left no results" in errors, errors)
        expect_equal(sorted(os.listdir(folder)), ["002.json"], "files")
    spread = json.loads(output)
    expect_equal((spread["launches"], spread["numbers"]), (1, [2]), "launches with results")
    expect_equal(len(spread["benchmarks"][0]["figures"]), 1, "a figure for each of them")
    expect_equal(spread["benchmarks"][0]["between"], None, "how far one launch lies apart from none")
    check_schema("spread", spread)
