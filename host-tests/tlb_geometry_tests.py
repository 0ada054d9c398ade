# SPDX-License-Identifier: Apache-2.0
"""Where the TLBs' geometry is not looked for, and in which words."""

import os
import re
import subprocess

import machine as m
from harness import expect, expect_equal, limit, test
from image_tests import boot, expect_done, machine, pvh
from machine_cores_tests import measured

ROWS = ("machine/tlb_geometry/2MiB", "machine/tlb_geometry/4KiB")
ASKED = "--quick machine/tlb_geometry"


def expect_refused(entries, reason):
    expect_equal({name: (entry["status"], entry.get("reason")) for name, entry in entries.items()},
                 dict.fromkeys(ROWS, ("skipped", reason)), "what became of the rows")


@test("hosted/no TLB geometry, as an operating system owns the page tables")
def _():
    entries = measured(sorted(os.sched_getaffinity(0))[:1], "machine/tlb_geometry")
    expect_refused(entries, "an operating system owns the page tables")


@test("image/pvh under TCG, no TLB geometry of an emulator's")
def _():
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, arguments=ASKED))
    expect_done(outcome)
    expect_refused(outcome.ends(), "an emulator's TLB is no machine's")


@test("image/uefi aarch64, no TLB geometry without break-before-make")
def _():
    outcome = boot(machine(arch="aarch64", icount=True, arguments=ASKED))
    expect_done(outcome)
    expect_refused(outcome.ends(), "this architecture forbids to replace a live entry (break-before-make)")


@test("unit/no answer about made-up TLBs is wrong", system=True)
def _():
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    result = subprocess.run(["make", "-s", "tlb-geometry-check", "N=20"], cwd=m.ROOT, check=False, capture_output=True,
                            text=True, timeout=limit(300), env=environment)
    expect(result.returncode == 0, f"{result.stdout[-2000:]}{result.stderr[-2000:]}")
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]  # builds say what they do above it
    rows = [[int(word) for word in re.findall(r"\d+", line)] for line in table[2:]]
    expect_equal(sum(row[0] for row in rows), 20, f"MMUs\n{result.stdout}")
    expect(sum(row[1] for row in rows) >= 10, f"second levels found\n{result.stdout}")


@test("image/pvh a TLB geometry is found, uncertain, or refused by name", system=True)
def _():
    """On whatever this machine is: not for how long it takes, but for what comes of it."""
    outcome = boot(pvh(arguments=ASKED))
    expect_done(outcome)
    for name, end in outcome.ends().items():
        expect(end["status"] in ("ok", "skipped"), f"{name}: {end['status']}: {end.get('reason')}")
        for level in end.get("tlb_geometry", {}).get("levels", ()):
            expect("sets" in level or "doubt" in level, f"{name}: {level}")
