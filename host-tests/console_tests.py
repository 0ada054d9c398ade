# SPDX-License-Identifier: Apache-2.0
"""Tests that boot the image on machines whose tables, consoles or ways to start it are odd."""

import os
import subprocess

import machine as m
from harness import expect, expect_equal, test
from image_tests import ARM, boot, expect_done, expect_healthy, machine, stick, tail

ONE = "--quick tlb/lookup/mostly_hits"
REFUSED = 2  # boot/refuse.h


def on_stick(image, *command, data=None):
    """One of mtools' commands on the stick."""
    subprocess.run([command[0], "-i", image, *command[1:]], input=data, check=True, capture_output=True)


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


@test("image/uefi aarch64 from a shell by a quoted name without .efi, anechoic.conf in UTF-16")
def _():
    what = machine(config="= nothing \u20ac", **ARM)
    with stick(what) as directory:
        folder = "::My Tools"
        on_stick(what.image, "mdeltree", "::EFI")  # else it is started before the shell is
        on_stick(what.image, "mmd", folder)
        on_stick(what.image, "mcopy", os.path.join(what.out, m.LOADERS[what.arch]), folder + "/anechoic.efi")
        text = "\ufeff" + what.config_text().replace("\n", "\r\n")
        on_stick(what.image, "mcopy", "-", folder + "/anechoic.conf", data=text.encode("utf-16-be"))
        on_stick(what.image, "mcopy", "-", "::startup.nsh", data=f'fs0:\r\n"\\My Tools\\anechoic" {ONE}\r\n'.encode())
        outcome = boot(what, directory)
        expect_done(outcome)
        expect_equal(list(outcome.ends()), ["tlb/lookup/mostly_hits"], "what ran\n" + tail(outcome))
        line = what.config_text().splitlines().index(what.config) + 1
        ignored = [text for text in outcome.text().splitlines() if "ignored" in text]
        expect(len(ignored) == 1 and f"anechoic.conf line {line} " in ignored[0], f"not that one line is named: {ignored}")
