# SPDX-License-Identifier: Apache-2.0
"""Exit statuses: the table of docs/formats.md has all that there are, and each of them can be reached."""

import os
import re
import signal
import subprocess
import tempfile
import time

import compare_os
import machine as m
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST, anechoic, changed, launches_file, measured, need_judged_figures, slower

DOCUMENT = os.path.join(m.ROOT, "docs", "formats.md")


def documented():
    with open(DOCUMENT, encoding="utf-8") as file:
        section = file.read().split("\n## Exit statuses\n")[1].split("\n## ")[0]
    return [int(status) for status in re.findall(r"^\| (\d+) \|", section, re.M)]


def signalled(number):
    """Of a run that is told to end in the middle of it."""
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, "log")
        with subprocess.Popen([PROGRAM, "run", "--timeout=100", "--measurement-time=100", "--log", log, "tlb/lookup"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            end = time.monotonic() + limit(60)
            while time.monotonic() < end and not any(os.path.getsize(os.path.join(directory, name))
                                                     for name in os.listdir(directory)):
                time.sleep(0.01)
            process.send_signal(number)
            return process.wait(timeout=limit(60))


def compared(factor, deviation):
    with tempfile.TemporaryDirectory() as directory:
        before, after, spread = (os.path.join(directory, name) for name in ("a.json", "b.json", "launches.json"))
        measured(before, "tlb/lookup")
        changed(before, after, slower(factor))
        launches_file(spread, before, deviation)
        return anechoic("compare", before, after, "--launches", spread).returncode


def without_kvm():
    probe, m.probe = m.probe, lambda *_: {"pvh": False}
    try:
        return compare_os.main([])
    finally:
        m.probe = probe


REACHED = {
    0: lambda: anechoic("version").returncode,
    1: lambda: compared(1.5, 0.001),
    2: lambda: anechoic("run", "--no-such-option").returncode,
    3: lambda: compared(1.0, 0.5),
    4: lambda: anechoic("run", *SHORTEST, "--inject=null", "tlb/lookup/mostly").returncode,
    77: without_kvm,
    124: lambda: anechoic("ab", "--limit=1", "sleep 100 #", "sleep 100 #").returncode,
    126: lambda: anechoic("record", "--", "/").returncode,
    127: lambda: anechoic("record", "--", "/no/such/program").returncode,
    129: lambda: signalled(signal.SIGHUP),
    130: lambda: signalled(signal.SIGINT),
    143: lambda: signalled(signal.SIGTERM),
}


@test("statuses/the documented ones are those that there are, and each is reached")
def _():
    need_judged_figures()
    expect_equal(documented(), sorted(REACHED), "statuses in docs/formats.md")
    for status, reach in REACHED.items():
        expect_equal(reach(), status, f"what was to end with {status}")


@test("statuses/no page of help names another")
def _():
    pages = anechoic("man").stdout
    named = set()
    for line in re.findall(r"^Exit status:? (.*)$", pages, re.M | re.I):
        named |= {int(number) for number in re.findall(r"(?:^|, )(\d+) (?!\+ N)", line)}
    expect(named <= set(documented()), f"{named - set(documented())} are not in {DOCUMENT}")


@test("build/help names every public target, in lines of 80 columns")
def _():
    with open(os.path.join(m.ROOT, "Makefile"), encoding="utf-8") as file:
        targets = re.findall(r"^([a-z0-9-]+):[^\n]*## ", file.read(), re.M)
    text = subprocess.run(["make", "-s", "help"], cwd=m.ROOT, check=True, capture_output=True, text=True).stdout
    expect_equal(re.findall(r"^([a-z0-9-]+)  ", text + "", re.M), [name for name in targets], "targets")
    expect({"image", "hosted", "run", "test"} <= set(targets), "the main ones")
    wide = [line for line in text.splitlines() if len(line) > 80]
    expect(not wide, f"wide lines: {wide}")
