# SPDX-License-Identifier: Apache-2.0
"""Runs that go on with an earlier one's log, and logs with a damaged record: what the results then say."""

import json
import os
import tempfile

import hosted_tests
import machine as m
from harness import expect, expect_equal, test
from hosted_tests import SHORTEST, anechoic

RUN = ["run", *SHORTEST, "tlb/lookup", "copy/4KiB"]


def rewritten(log, path, change):
    """A copy of a log in which `change` has been at the context of its RUN, its CRC made good."""
    lines = hosted_tests.bytes_of(log).split(b"\n")
    at = next(index for index, line in enumerate(lines) if line.startswith(b"@anechoic RUN"))
    body = json.loads(lines[at][len(b"@anechoic RUN "):-9])
    change(body["context"])
    text = b"RUN " + json.dumps(body, separators=(",", ":")).encode()
    lines[at] = b"@anechoic " + text + b" %08x" % m.crc32c(text)
    with open(path, "wb") as file:
        file.write(b"\n".join(lines))
    return path


def results_of(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


@test("hosted/a run that was gone on with began when its first part did")
def _():
    with tempfile.TemporaryDirectory() as directory:
        out, again = (os.path.join(directory, name) for name in ("out.json", "again.json"))
        began = "2026-01-02T03:04:05Z"
        log = rewritten(hosted_tests.cut_log(directory, RUN), os.path.join(directory, "early"),
                        lambda context: context.update(start_utc=began))
        for number in range(2):    # a run may be gone on with twice
            result = anechoic(*RUN, "--resume", log, "--log", log, "--out", out)
            expect_equal(result.returncode, 0, result.stderr)
            expect(" since it went on\n" in result.stdout and f"date    {began} to" in result.stdout, result.stdout)
            expect_equal(results_of(out)["context"]["start_utc"], began, "start of the run")
            expect_equal(anechoic("collect", log, "-o", again).returncode, 0, "collect")
            expect_equal(results_of(again)["context"]["start_utc"], began, "collected")
            whole = hosted_tests.bytes_of(log)
            with open(log, "wb") as file:
                file.write(whole[:whole.rindex(b"@anechoic END") + 40 + number])


@test("hosted/a log of another machine is not gone on with, --resume-anyway or not")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log = rewritten(hosted_tests.cut_log(directory, RUN), os.path.join(directory, "other"),
                        lambda context: context["platform"].update(way="pvh"))
        for words in ((), ("--resume-anyway",)):
            result = anechoic(*RUN, "--resume", log, *words)
            expect_equal((result.returncode, result.stdout, result.stderr), (
                m.EXIT_USAGE, "", '--resume: that run has another platform: way: there "pvh", here "hosted"\n'), words)


@test("hosted/a log with another suite from outside is gone on with by --resume-anyway alone")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log = rewritten(hosted_tests.cut_log(directory, RUN), os.path.join(directory, "other"),
                        lambda context: context.update(suites={"mine": "0123456789abcdef"}))
        result = anechoic(*RUN, "--resume", log)
        expect_equal((result.returncode, result.stdout, result.stderr), (m.EXIT_USAGE, "", (
            '--resume: that run has other suites: there {"mine":"0123456789abcdef"}, here none; '
            "--resume-anyway goes on all the same\n")), "refused")
        result = anechoic(*RUN, "--resume", log, "--resume-anyway")
        expect_equal(result.returncode, 0, result.stdout + result.stderr)


@test("hosted/a refused log says which of its options differ, and no other")
def _():
    with tempfile.TemporaryDirectory() as directory:
        result = anechoic(*RUN, "--seed=7", "--resume", hosted_tests.cut_log(directory, RUN))
        expect_equal((result.returncode, result.stderr), (m.EXIT_USAGE, (
            "--resume: that run has other options: seed: there 1, here 7; --resume-anyway goes on all the same\n")),
            "refused")


@test("hosted/a damaged record in a log of a whole run is said, and the results are not complete")
def _():
    with tempfile.TemporaryDirectory() as directory:
        log, out = (os.path.join(directory, name) for name in ("log", "out.json"))
        expect_equal(anechoic("run", *SHORTEST, "copy/4KiB", "tlb/flush", "--log", log).returncode, 0, "run")
        whole = hosted_tests.bytes_of(log)
        count = whole.count(b"@anechoic END")
        at = whole.index(b"@anechoic END") + 30
        start = whole.index(b"@anechoic START") + 30
        for places, listed in (((at,), count), ((start, at), count - 1)):    # without both records it is not even named
            damaged = bytearray(whole)
            for place in places:
                damaged[place] ^= 1
            with open(log, "wb") as file:
                file.write(damaged)
            result = anechoic("collect", log, "-o", out)
            expect_equal(result.returncode, m.EXIT_BROKEN, result.stderr)
            expect("came to its end\n1 record is damaged: the results are not complete\n" in result.stderr,
                   result.stderr)
            results = results_of(out)
            expect_equal((results["context"]["complete"], len(results["benchmarks"])), (False, listed), "complete")
            expect("the run was cut off in it" not in json.dumps(results), "reason")
