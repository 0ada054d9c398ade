# SPDX-License-Identifier: Apache-2.0
"""What a command line does not destroy: results that are there, what is read, and healthy benchmarks' names."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time

import machine as m
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST, anechoic

NAME = "tlb/lookup/mostly_hits"
LONG = ("run", "--timeout=100", "--measurement-time=100", "tlb/lookup")


def read(path):
    with open(path, "rb") as file:
        return file.read()


def interrupted(log, *words, number=signal.SIGINT):
    """Of a run that is in the middle of its first benchmark: (status, standard error)."""
    before = len(read(log)) if os.path.exists(log) else 0
    with subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + limit(60)
        while time.monotonic() < end and not (os.path.exists(log) and read(log)[before:].count(b"@anechoic START")):
            time.sleep(0.01)
        process.send_signal(number)
        try:
            errors = process.communicate(timeout=limit(60))[1]
        finally:
            process.kill()
        return process.returncode, errors


@test("keeping/whole results stay where a run is cut off, and its own stand beside them")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path, log = os.path.join(directory, "r.json"), os.path.join(directory, "log")
        expect_equal(anechoic("run", *SHORTEST, "-o", path, NAME).returncode, 0, "run")
        whole = read(path)
        process = subprocess.Popen([PROGRAM, "run", "--timeout=100", "--measurement-time=1", "--log", log, "-o", path,
                                    "--inject=ud", "tlb/lookup"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)
        end = time.monotonic() + limit(60)
        while time.monotonic() < end and not (os.path.exists(log) and b"@anechoic END" in read(log)):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=limit(60))[1]
        expect_equal(process.returncode, 130, f"status: {errors}")
        expect_equal(read(path), whole, "what was there")
        expect(not json.loads(read(path + ".partial"))["context"]["complete"], "what is beside it")
        expect(f"{path} stays as it is" in errors and path + ".partial" in errors, errors)


@test("keeping/what is read is not written over, nor results by something else")
def _():
    with tempfile.TemporaryDirectory() as directory:
        a, b, log = (os.path.join(directory, name) for name in ("a.json", "b.json", "log"))
        expect_equal(anechoic("run", *SHORTEST, "-o", a, "--log", log, NAME).returncode, 0, "run")
        shutil.copy(a, b)
        kept = {path: read(path) for path in (a, b, log)}
        for words in (("report", a, "-o", a), ("report", a, "-o", b), ("export", "csv", a, "-o", a),
                      ("export", "csv", a, "-o", b), ("collect", log, "-o", log),
                      ("run", *SHORTEST, "--resume", log, "--out", log, NAME),
                      ("run", *SHORTEST, "--log", log, "--out", log, NAME),
                      ("run", *SHORTEST, "--log", os.path.join(directory, "x"), "--out", os.path.join(directory, "x"),
                       NAME)):
            result = anechoic(*words)
            expect_equal(result.returncode, m.EXIT_USAGE, f"{words}: {result.stderr}")
            expect(directory in result.stderr, f"{words} names no file: {result.stderr}")
            expect_equal({path: read(path) for path in kept}, kept, f"files after {words}")
        expect(not os.path.exists(os.path.join(directory, "x")), "a file of both")


@test("keeping/an interruption makes no benchmark hung, however often")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            how = ("--resume", log) if os.path.exists(log) else ()
            status, errors = interrupted(log, *LONG, *how, "--log", log, number=number)
            expect_equal(status, 128 + number, f"status: {errors}")
            expect("hung" not in errors and "0 of 3" in errors, errors)
        results = os.path.join(directory, "r.json")
        result = anechoic("collect", log, "-o", results)
        entries = json.loads(read(results))["benchmarks"]
        expect(all(entry["status"] != "hung" for entry in entries), f"{entries}\n{result.stderr}")


@test("keeping/a baseline is compared with where a benchmark failed, and not replaced by such a run")
def _():
    with tempfile.TemporaryDirectory() as directory:
        own = dict(os.environ, ANECHOIC_HOME=directory)

        def run(*words, **how):
            return subprocess.run([PROGRAM, "run", *SHORTEST, *words], check=False, stderr=subprocess.PIPE, text=True,
                                  env=own, timeout=limit(60), **{"stdout": subprocess.PIPE, **how})

        expect_equal(run("--save-baseline=x", "--inject=ud", NAME).returncode, m.EXIT_BROKEN, "status")
        failed = run("--save-baseline=x", "--inject=ud", NAME)
        expect("baseline 'x' is not kept: a benchmark failed" in failed.stderr, failed.stderr)
        expect(not os.path.exists(os.path.join(directory, "baselines", "x.json")), "kept")
        expect_equal(run("--save-baseline=x", NAME).returncode, 0, "status")
        compared = run("--baseline=x", "--inject=ud", NAME)
        expect_equal(compared.returncode, m.EXIT_BROKEN, "status")
        expect("this run" in compared.stdout and NAME in compared.stdout.split("this run")[1], compared.stdout)
        with open("/dev/full", "wb") as full:
            loaded = run("--load-baseline=x", "--baseline=x", NAME, stdout=full)
        expect_equal(loaded.returncode, 2, f"to a full disk: {loaded.stderr}")


@test("keeping/a log that cannot be written is named with its reason, and the status tells")
def _():
    result = anechoic("run", *SHORTEST, "--log", "/dev/full", NAME)
    expect_equal(result.returncode, m.EXIT_USAGE, result.stderr)
    expect("/dev/full: No space left on device" in result.stderr, result.stderr)


@test("keeping/a file that grows past a limit is named, and leaves nothing beside it")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        words = ("run", *SHORTEST, NAME, "-o", path)
        result = subprocess.run(["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", PROGRAM, *words], check=False,
                                capture_output=True, text=True, timeout=limit(60))
        expect_equal(result.returncode, m.EXIT_USAGE, result.stderr)
        expect(f"{path}: File too large" in result.stderr, result.stderr)
        expect_equal(os.listdir(directory), [], "what is left")


@test("keeping/nothing that is no results takes the place of results")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results = os.path.join(directory, "results.json")
        expect_equal(anechoic("run", *SHORTEST, NAME, "-o", results).returncode, 0, "a run")
        before = read(results)
        for words in (("run", *SHORTEST, NAME, "--log", results), ("caps", "-o", results),
                      ("run", *SHORTEST, NAME, f"--benchmark_out={results}"),
                      ("ab", "false", "false", "--save-launches", f"--launches={results}"),
                      ("baseline", "fetch", directory, "-o", results),
                      ("advise", os.path.join(directory, "record"), "--remeasure", f"--costs={results}"),
                      ("caps", "--results", results, "-o", results)):
            result = anechoic(*words)
            expect_equal((result.returncode, result.stdout, result.stderr),
                         (m.EXIT_USAGE, "", f"{results} holds results of a run, and is not written over\n"), f"{words}")
        expect(read(results) == before and os.listdir(directory) == ["results.json"], "results are lost")
