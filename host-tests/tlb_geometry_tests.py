# SPDX-License-Identifier: Apache-2.0
"""Where the TLBs' geometry is not looked for, and in which words."""

import os

from harness import expect, expect_equal, test
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


@test("image/pvh a TLB geometry is found, uncertain, or refused by name", system=True)
def _():
    """On whatever this machine is: not for how long it takes, but for what comes of it."""
    outcome = boot(pvh(arguments=ASKED))
    expect_done(outcome)
    for name, end in outcome.ends().items():
        expect(end["status"] in ("ok", "skipped"), f"{name}: {end['status']}: {end.get('reason')}")
        for level in end.get("tlb_geometry", {}).get("levels", ()):
            expect("sets" in level or "doubt" in level, f"{name}: {level}")
