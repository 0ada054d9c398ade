# SPDX-License-Identifier: Apache-2.0
"""Every core of a machine: all of them started and asleep, and the one that a benchmark asks for."""

import machine as m
from harness import expect, expect_equal, test
from image_tests import QUICK, boot, expect_done, expect_healthy, machine, tail

STARTED = "tlb/lookup/mostly_hits"


def boot_started(cores, **how):
    """One benchmark beside cores that sleep: all came, and it is undisturbed."""
    if how.get("boot") == "pvh":
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
