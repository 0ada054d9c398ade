# SPDX-License-Identifier: Apache-2.0
"""Tests that boot the image on machines whose tables, consoles or ways to start it are odd."""

import machine as m
from harness import expect, expect_equal, test
from image_tests import ARM, boot, expect_healthy, machine, stick, tail

ONE = "--quick tlb/lookup/mostly_hits"
REFUSED = 2  # boot/refuse.h


@test("image/uefi aarch64 without ACPI is refused in words")
def _():
    outcome = boot(machine(arguments=ONE, machine_options=",acpi=off", **ARM))
    expect("refused: the firmware has no ACPI tables" in outcome.text(), "not a word about it:\n" + tail(outcome))
    expect_equal(outcome.returncode, REFUSED, "what the launcher is told")
    # what the refusal says would do
    what = machine(arguments=ONE, machine_options=",acpi=off", mode="handback", **ARM)
    with stick(what) as directory:
        outcome = boot(what, directory)
        outcome.records = m.records_read(m.stick_read(what.image, "anechoic.log") or b"")
        expect_healthy(outcome, least=1)
