# SPDX-License-Identifier: Apache-2.0
"""Tests that boot the image on processors that lack something, contradict themselves, or have sibling threads."""

import json
import os
import re
import subprocess
import tempfile

import machine as m
import monitor
from harness import expect, expect_equal, test
from image_tests import ARM, BUILD, QUICK, X86, boot, expect_healthy, machine, planned, stick, tail

ONE = QUICK + " tlb/lookup/mostly_hits"
TWO_CORES = QUICK + " pool/two_cores"
REFUSED = 0x12 << 1 | 1   # what isa-debug-exit makes of status 2
PVH = dict(boot="pvh", accel="tcg", icount=True)


def context(outcome):
    contexts = [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"]
    expect(contexts, "no CONTEXT record:\n" + tail(outcome))
    return contexts[-1]


def expect_refused(outcome, lacks):
    expect(f"refused: this processor lacks {lacks}" in outcome.text(), "not a word about it:\n" + tail(outcome))
    expect_equal(outcome.returncode, REFUSED, "what the launcher is told")
    expect_equal(outcome.records, [], "records")


@test("image/pvh without what it needs is refused in words")
def _():
    for cpu, lacks in (("max,-nx", "NX"), ("Skylake-Client,-nx", "NX"), ("max,-sse2", "SSE2"),
                       ("qemu32", "64-bit mode")):
        expect_refused(boot(machine(arguments=ONE, cpu=cpu, **PVH)), lacks)


@test("image/uefi x86_64 without NX is refused in words")
def _():
    expect_refused(boot(machine(arguments=ONE, cpu="max,-nx", **X86)), "NX")
    # one whose firmware could have hidden it: the kernel looks, says so itself, and gives the machine back
    outcome = boot(machine(arguments=ONE, cpu="Skylake-Client,-nx", mode="handback", **X86))
    for words in ("refused: this processor lacks NX", "the run is over, exit status 2"):
        expect(words in outcome.text(), f"not a word of '{words}':\n" + tail(outcome))


@test("image/uefi x86_64 whose CPUID contradicts itself goes without what is in doubt")
def _():
    """Handback: what the firmware has of the same processor is saved and put back besides."""
    outcome = boot(machine(arguments=ONE, mode="handback", extra=("-M", "pc-i440fx-2.1"), **X86))
    expect_healthy(outcome, least=1)
    expect("XSAVE" in context(outcome).get("left_off", ""), "the context does not say what is left off")
    expect("left off: XSAVE" in outcome.text(), "the console does not say what is left off")


@test("image/pvh takes a core before a sibling thread")
def _():
    smp = ("-smp", "4,sockets=1,cores=2,threads=2")
    outcome = boot(machine(boot="pvh", accel="tcg", cores=4, extra=smp, arguments=TWO_CORES))
    expect_healthy(outcome, least=1)
    expect_equal(planned(outcome)["context"]["platform"]["cores"], 4, "cores present")
    expect_equal(context(outcome).get("other_core"), "core 2 (APIC id 2), other core", "the core that was taken")
    machines = [record.body["context"] for record in outcome.records if record.tag == "MACHINE"]
    expect_equal([found["measured_on"]["cpu"] for found in machines], [0], "the core that was measured")
    smp = ("-smp", "2,sockets=1,cores=1,threads=2")
    outcome = boot(machine(boot="pvh", accel="tcg", cores=2, extra=smp, arguments=ONE))
    expect_equal(context(outcome).get("other_core"), "core 1 (APIC id 1), sibling thread", "the only one")


@test("image/uefi aarch64 names the other core that it takes")
def _():
    outcome = boot(machine(arch="aarch64", cores=2, arguments=TWO_CORES))
    expect_healthy(outcome, least=1)
    expect_equal(context(outcome).get("other_core"), "core 1 (MPIDR 0x1), same cluster", "the core that was taken")
    smp = ("-smp", "4,sockets=1,clusters=1,cores=2,threads=2")
    outcome = boot(machine(arch="aarch64", cores=4, extra=smp, arguments=TWO_CORES))
    expect_healthy(outcome, least=1)
    expect_equal(context(outcome).get("other_core"), "core 2 (MPIDR 0x2), same cluster",
                 "by the PPTT: the affinities show no threads")


@test("image/uefi aarch64 a64fx at EL2 with a GICv2")
def _():
    for mode in m.MODES:
        outcome = boot(machine(arguments=ONE, cpu="a64fx", el2=True, mode=mode, **ARM))
        expect_healthy(outcome, least=1)


def boot_with_other_tables(what, word, until=None):
    what.between = "other_tables"
    with stick(what) as directory:
        what.monitor = os.path.join(directory, "monitor")
        outcome = boot(what, directory, until=until)
    expect(f"other_tables: {word}" in outcome.text(), "the application changed nothing:\n" + tail(outcome))
    return outcome


@test("image/uefi aarch64 tells an exception at EL2")
def _():
    """The CPU claims GICv3's registers, the tables a GICv3, and there is none: the first touch of them is an
    undefined instruction."""
    for mode in m.MODES:
        outcome = boot_with_other_tables(machine(arguments=ONE, cpu="a64fx", el2=True, mode=mode, **ARM), "a GICv3")
        expect("kernel panic: exception at EL2: ESR" in outcome.text(), "not a word about it:\n" + tail(outcome))
        expect_equal(outcome.returncode, m.EXIT_BROKEN, "what the launcher is told")
        expect(outcome.done() is None, "it is no end of a run")


@test("image/uefi x86_64 whose one reference is the HPET")
def _():
    """Which OVMF leaves switched off."""
    configuration = 0xfed00010
    what = machine(arguments=ONE, mode="handback", machine_options=",pit=off", exit_port=False, **X86)
    found = {}

    def look(when):
        answer = monitor.ask(what.monitor, f"xp /1wx {configuration:#x}")
        found.setdefault(when, int(re.search(rb": (0x[0-9a-f]+)", answer).group(1), 16) & 1)

    def finished(console):
        if "in the run" not in found and b"@anechoic START" in console:
            look("in the run")
        if b"press a key" not in console:
            return False
        look("after it")
        return True

    outcome = boot_with_other_tables(what, "no PM timer", finished)
    expect_healthy(outcome, least=1)
    expect_equal(outcome.done()["clock"]["source"], "HPET", "the clock's source")
    expect_equal(found, {"in the run": 1, "after it": 0}, "whether the HPET counts\n" + tail(outcome))


def linux_says(cpu, name):
    with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/{name}", encoding="utf-8") as file:
        return file.read().strip()


def linux_relation(one, another):
    if linux_says(one, "physical_package_id") != linux_says(another, "physical_package_id"):
        return "other package"
    siblings, siblings_of_another = (linux_says(cpu, "thread_siblings_list") for cpu in (one, another))
    return "sibling thread" if siblings == siblings_of_another else "other core"


@test("hosted/names the other core that it takes")
def _():
    with tempfile.TemporaryDirectory() as directory:
        results = os.path.join(directory, "results.json")
        subprocess.run([os.path.join(BUILD, "anechoic"), "run", *QUICK.split(), "--out", results,
                        "tlb/lookup/mostly_hits"], check=True,
                       capture_output=True)
        with open(results, encoding="utf-8") as file:
            context = json.load(file)["context"]
    allowed = os.sched_getaffinity(0)
    if len(allowed) == 1:
        expect("other_core" not in context, "another core than the only one")
        return
    pinned = int(context["pinning"].removeprefix("core "))
    best = min(("other core", "other package", "sibling thread").index(linux_relation(pinned, cpu))
               for cpu in allowed - {pinned})
    number, relation = context["other_core"].removeprefix("core ").split(", ")
    expect_equal(relation, linux_relation(pinned, int(number)), "what Linux says of the two")
    expect_equal(relation, ("other core", "other package", "sibling thread")[best], "the best relation that there is")
