# SPDX-License-Identifier: Apache-2.0
"""Rows under machine/pages, as a user asks for them, and in the image."""

from harness import expect, expect_equal, test
from image_tests import ARM, QUICK, boot, expect_done, machine
from machine_cores_tests import measured, statuses, two_cpus

REACH = ["reach/4KiB/1/16", "reach/4KiB/8/23", "reach/4KiB/512/4"]
WORK = ["call", "protect/1", "protect/512", "remap/4", "fault"]
INVALIDATE = ["invalidate/4KiB/4", "invalidate/2MiB/4", "invalidate_all"]


OS = [f"os/{row}" for row in ("call", "clock", "fault", "map/4KiB/1", "map/2MiB/1", "touch/4KiB", "touch/2MiB",
                              "protect/1")]


def names(*groups):
    return [f"machine/pages/{row}" for group in groups for row in group]


@test("hosted/pages are reached, worked on and taken from other cores, and what no program may do is skipped")
def _():
    rows = names(REACH, WORK, ["shootdown/2"])
    entries = measured(two_cpus(), "--exact", *rows, *names(INVALIDATE))
    expect_equal(statuses(entries), {**dict.fromkeys(rows, "ok"), **dict.fromkeys(names(INVALIDATE), "skipped")},
                 "rows")
    expect_equal(entries["machine/pages/invalidate_all"]["reason"],
                 "an operating system does not let a program do that", "why")
    expect_equal(len(entries["machine/pages/shootdown/2"]["cores"]), 1, "other cores")
    expect_equal([entries[f"machine/pages/{row}"]["throughput"]["per_iteration"] for row in WORK],
                 [1, 512, 1024, 256, 1], "changes an iteration")


def boot_pages(rows, **how):
    outcome = boot(machine(arguments=f"{QUICK} --measurement-time=0.02 --exact " + " ".join(rows), **how))
    expect_done(outcome)
    ends = outcome.ends()
    expect_equal({name: end["status"] for name, end in ends.items()}, dict.fromkeys(rows, "ok"), "rows")
    expect_equal(outcome.done()["interrupts"], 0, "interrupts")
    return ends


@test("image/pvh pages are worked on, and taken from another core that reads them")
def _():
    ends = boot_pages(names(REACH, WORK, INVALIDATE, ["held/8/23", "shootdown/2"]) + OS + ["os/wake"],
                      boot="pvh", cores=2)
    expect(len(ends["machine/pages/shootdown/2"]["cores"]) == 1, "nobody read")


@test("image/uefi aarch64 pages are worked on")
def _():
    boot_pages(names(REACH[:1], WORK, INVALIDATE) + OS, **ARM)


@test("image/uefi aarch64 a page is taken from another core that reads it", system=True)
def _():
    boot_pages(names(["shootdown/2"]), arch="aarch64", cores=2)
