# SPDX-License-Identifier: Apache-2.0
"""Tests of the flat image: aarch64 without UEFI, as Linux is booted there, on what a device tree says."""

import os
import struct

import machine as m
from harness import expect, expect_equal, test
from image_tests import (ARM, INJECT, QUICK, boot, expect_contained, expect_healthy, machine, planned, stick,
                         tail)

BUILD = os.path.join(m.ROOT, "build")
ONE = QUICK + " tlb/lookup/mostly_hits"
FLAT = dict(ARM, boot="flat")
REFUSED = 2  # boot/refuse.h

# Linux, Documentation/arm64/booting.rst, section 4.
HEADER = "<IIQQQQQQ4sI"
FLAG_LITTLE_ENDIAN_4KIB_ANYWHERE = 0xA


@test("flat/header says how much memory from where on the image takes")
def _():
    path = os.path.join(BUILD, "aarch64", "anechoic.Image")
    with open(path, "rb") as file:
        code, _, offset, size, flags, *_, magic, _ = struct.unpack(HEADER, file.read(struct.calcsize(HEADER)))
    expect_equal((code >> 26, offset, flags, magic), (0b000101, 0, FLAG_LITTLE_ENDIAN_4KIB_ANYWHERE, b"ARM\x64"),
                 "a branch, offset, flags, magic number")
    expect(size >= os.path.getsize(path) and size % 4096 == 0, f"{size} bytes with what is zero at the start")


def _register_levels():
    for name, how in {"EL1, GICv2": {}, "EL2, GICv3, cortex-a72": dict(el2=True, gic=3, cpu="cortex-a72"),
                      "EL2 with VHE, GICv4": dict(el2=True, gic=4),
                      "64 MiB, GICv3": dict(memory_mib=64, gic=3)}.items():
        @test(f"flat/boot: {name}, broken benchmarks contained")
        def _(how=how):
            outcome = boot(machine(arguments=f"{QUICK} {INJECT} tlb", **FLAT, **how))
            expect_contained(outcome)
            platform = planned(outcome)["context"]["platform"]
            expect_equal(platform["way"], "flat", "way in")
            expect_equal(platform["firmware"], "device tree: linux,dummy-virt", "firmware")
            expect_equal(platform["entry_level"], "EL2" if how.get("el2") else "EL1", "entered at")


_register_levels()


@test("flat/boot: four cores of two clusters, started by PSCI through SMC")
def _():
    outcome = boot(machine(arch="aarch64", boot="flat", el2=True, gic=3, cores=4, arguments=QUICK + " pool/two_cores",
                           extra=("-smp", "4,clusters=2")))
    expect_healthy(outcome, least=2)
    expect_equal(planned(outcome)["context"]["platform"]["cores"], 4, "cores")
    expect("did not come" not in outcome.text(), tail(outcome))


# ---- the same tables where UEFI has a device tree only ---------------------------------------------------------------


@test("flat/UEFI without ACPI: the device tree is read")
def _():
    outcome = boot(machine(arguments=f"{QUICK} {INJECT} tlb", machine_options=",acpi=off", gic=3, **ARM))
    expect_contained(outcome)


@test("flat/UEFI with neither ACPI nor a device tree is refused in words")
def _():
    for mode in m.MODES:
        what = machine(arguments=ONE, mode=mode, between="no_tables", **ARM)
        with stick(what) as directory:
            outcome = boot(what, directory)
            expect("no_tables: none are left" in outcome.text(), tail(outcome))
            if mode == "takeover":
                expect("refused: the firmware has neither ACPI tables nor a device tree" in outcome.text(),
                       "not a word about it:\n" + tail(outcome))
                expect_equal(outcome.returncode, REFUSED, "what the launcher is told")
                continue
            # What the refusal says would do.
            log = m.on_stick(what.image, "mtype", "::anechoic.log", check=False).stdout
            outcome.records = m.records_read(log)
            expect_healthy(outcome, least=1)
