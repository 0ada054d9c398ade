# SPDX-License-Identifier: Apache-2.0
"""Every core of a machine: all of them started and asleep, and the one that a benchmark asks for."""

import machine as m
import spin_table
from cpu_tests import context
from harness import expect, expect_equal, test
from image_tests import (QUICK, boot, expect_benchmarks, expect_done, expect_healthy, expect_results, machine,
                         stick, tail)

STARTED = "tlb/lookup/mostly_hits"


def boot_started(cores, **how):
    """One benchmark beside cores that sleep: all came, and it is undisturbed."""
    if how.get("boot") in ("pvh", "flat"):
        how["arguments"] = f"--cores=started {QUICK} {STARTED}"
    else:
        how.update(arguments=f"{QUICK} {STARTED}", config="cores = started")
    outcome = boot(machine(cores=cores, **how))
    expect_healthy(outcome, least=1)
    expect(f"anechoic: {cores - 1} of {cores - 1} other cores are started" in outcome.text(),
           "not all came:\n" + tail(outcome))
    expect("did not come" not in outcome.text(), "one did not come back:\n" + tail(outcome))


@test("image/pvh 1 to 64 cores started and asleep", seconds=8)
def _():
    for cores in (1, 3, 8, 16, 64):
        boot_started(cores, boot="pvh", accel="tcg")


@test("image/uefi 16 cores started and asleep", system=True, seconds=30)
def _():
    smp = ("-smp", "16,sockets=2,dies=2,cores=2,threads=2")
    for mode in m.MODES:
        boot_started(16, mode=mode, extra=smp)
    boot_started(8, arch="aarch64", mode="handback", el2=True)
    boot_started(64, arch="aarch64", gic=3)


RELATIONS = {"sibling_thread": "sibling thread", "same_cluster": "same cluster", "other_core": "other core",
             "other_package": "other package"}


def expect_related(found, **how):
    """`found`: relation -> the core's name; one that is not there is skipped."""
    outcome = boot(machine(arguments=QUICK + " pool/related_cores", **how))
    expect_done(outcome)
    ends = {name.split("/")[-1]: end for name, end in outcome.ends().items()}
    expect_equal(set(ends), set(RELATIONS), "relations that were asked for")
    for relation, words in RELATIONS.items():
        wanted = [f"{found[relation]}, {words}"] if relation in found else None
        expect_equal(ends[relation].get("cores"), wanted, relation)
        expect_equal(ends[relation]["status"], "ok" if wanted else "skipped", relation)


@test("image/pvh a core is asked for by its relation")
def _():
    expect_related({"sibling_thread": "core 1 (APIC id 1)", "other_core": "core 2 (APIC id 2)",
                    "other_package": "core 4 (APIC id 4)"},
                   boot="pvh", accel="tcg", cores=8, extra=("-smp", "8,sockets=2,cores=2,threads=2"))


@test("image/uefi aarch64 a core is asked for by its relation")
def _():
    expect_related({"same_cluster": "core 1 (MPIDR 0x1)", "other_core": "core 2 (MPIDR 0x2)",
                    "other_package": "core 4 (MPIDR 0x4)"},
                   arch="aarch64", cores=8, extra=("-smp", "8,sockets=2,clusters=2,cores=2,threads=1"))


# ---- --cpu -----------------------------------------------------------------------------------------------------------


def boot_on(cpu, first, broken="core", rows="pool/two_cores/64B tlb/lookup/mostly_hits", **how):
    """The programme goes on on that CPU, and the one that it began on is another one."""
    outcome = boot(machine(arguments=f"{QUICK} --cpu={cpu} --inject={broken} {rows}", **how))
    expect_done(outcome, m.EXIT_BROKEN)
    expect_equal(context(outcome).get("pinning"), f"core {cpu}", "where it ran")
    ends = outcome.ends()
    expect_equal(ends.pop("inject/core")["status"], "failed", "a fault on the core that it began on")
    hung = ends.pop("inject/hang", None)
    expect(hung is None or hung["status"] == "hung", f"what the watchdog ends: {hung}")
    for name, end in ends.items():
        expect_equal(end["status"], "ok", f"{name}: {end.get('reason')}")
        if not name.startswith("machine/"):
            expect_equal(end.get("cores"), [first] if "/two_cores/" in name else None, name)
    expect_equal(outcome.done()["interrupts"] > 0, hung is not None, "interrupts")
    return ends


@test("image/pvh stays on the core that is asked for, and two others hand lines to each other")
def _():
    ends = boot_on(3, "core 0 (APIC id 0), other core", boot="pvh", accel="tcg", cores=4,
                   rows="pool/two_cores/64B tlb/lookup/mostly_hits machine/cores/pair/2/1 machine/cores/add/3",
                   extra=("-smp", "4,sockets=1,cores=2,threads=2"))
    pair = [text.split(",")[0] for text in ends["machine/cores/pair/2/1"]["cores"]]
    expect_equal(sorted(pair), ["core 0 (APIC id 0)", "core 1 (APIC id 1)"], "who played")
    expect_equal(len(ends["machine/cores/add/3"]["cores"]), 2, "who shared the word with the first core")


@test("image/uefi aarch64 stays on the core that is asked for")
def _():
    boot_on(1, "core 0 (MPIDR 0x0), same cluster", arch="aarch64", cores=2, el2=True, gic=3)


@test("image/flat aarch64 cores out of a spin table sleep, are woken, and take the programme over")
def _():
    how = dict(arch="aarch64", boot="flat", spin_table=spin_table.ALL)
    boot_started(3, **how)
    boot_on(2, "core 0 (MPIDR 0x0), other core", rows="pool/two_cores machine/cores/add/3 tlb/lookup/mostly_hits",
            cores=3, el2=True, **how)


@test("image/flat aarch64 one core of a spin table and others of PSCI are each started in their way")
def _():
    boot_on(2, "core 0 (MPIDR 0x0), other core", rows="pool/two_cores machine/cores/add/3 tlb/lookup/mostly_hits",
            cores=3, arch="aarch64", boot="flat", spin_table=spin_table.FIRST)


@test("image/the watchdog follows to the core that is asked for", system=True, seconds=250)
def _():
    """It waits for a hundred seconds."""
    boot_on(1, "core 0 (APIC id 0), other core", "hang,core", boot="pvh", accel="tcg", cores=2)
    for gic in (2, 3):
        boot_on(2, "core 0 (MPIDR 0x0), same cluster", "hang,core", arch="aarch64", cores=3, gic=gic)


@test("image/a word that would steer a terminal is said without its control characters")
def _():
    outcome = boot(machine(arguments="--cpu=\x1b[2J\x07 tlb/lookup", boot="pvh", accel="tcg"))
    expect(b"--cpu '?[2J?': not a valid value, a core" in outcome.console, "not in words:\n" + tail(outcome))
    expect_equal(outcome.ends(), {}, "benchmarks")


@test("image/a core that the programme cannot stay on is said")
def _():
    for cpu, words, how in (("9", "--cpu '9': not a valid value, a core of this machine, 0 to 1",
                             dict(boot="pvh", accel="tcg", cores=2)),
                            ("1", "--cpu 1: under handback the programme stays where the firmware is",
                             dict(mode="handback", cores=2))):
        outcome = boot(machine(arguments=f"{QUICK} --cpu={cpu} tlb/lookup", **how))
        expect(words in outcome.text(), "not in words:\n" + tail(outcome))
        expect_equal(outcome.ends(), {}, "benchmarks")


@test("image/uefi x86_64 handback, a core that does not come back")
def _():
    """Results are on the stick by then; it is said, and the machine starts anew in the place of going on."""
    what = machine(arguments=f"{QUICK} pool/two_cores/64B", mode="handback", cores=2, exit_port=False,
                   between="lost_core")
    with stick(what) as directory:
        outcome = boot(what, directory)
        expect("lost_core: no core comes back" in outcome.text(), "the application changed nothing:\n" + tail(outcome))
        for words in ("the core with APIC id 1 did not come back", "so the machine is started anew"):
            expect(words in outcome.text(), f"not a word, {words}:\n" + tail(outcome))
        expect_equal(outcome.returncode, 0, "a reset")
        # Its time is the host's, which may be away for as long as the watchdog waits: interrupts say nothing.
        expect_done(outcome)
        expect(len(outcome.ends()) >= 1, "no benchmark ended")
        expect_benchmarks(outcome, outcome.ends())
        results = m.on_stick(what.image, "mtype", "::results.json").stdout
        expect_results(results, outcome)
