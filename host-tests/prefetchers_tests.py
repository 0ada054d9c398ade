# SPDX-License-Identifier: Apache-2.0
"""Rows with prefetchers off, where they cannot be: each says why."""

import json
import os
import subprocess
import tempfile

from harness import expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST
from image_tests import QUICK, boot, expect_healthy, machine

ROW = "machine/prefetchers/{}/sequential/256KiB"


def of_image(cpu, *states):
    """{state: (status, reason)} of one row each."""
    rows = " ".join(map(ROW.format, states))
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, cpu=cpu, arguments=f"{QUICK} {rows}"))
    expect_healthy(outcome, least=1)
    ends = {record.body["name"]: record.body for record in outcome.records if record.tag == "END"}
    return {state: (ends[ROW.format(state)]["status"], ends[ROW.format(state)].get("reason")) for state in states}


@test("hosted/prefetchers are measured as they are found, and none is switched")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        result = subprocess.run([PROGRAM, "run", *SHORTEST, "--out", path, ROW.format("found"), ROW.format("all_off")],
                                check=False, capture_output=True, text=True, timeout=limit(60),
                                stdin=subprocess.DEVNULL)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            entries = {entry["name"]: entry for entry in json.load(file)["benchmarks"]}
    expect_equal({name: (entry["status"], entry.get("reason")) for name, entry in entries.items()},
                 {ROW.format("found"): ("ok", None),
                  ROW.format("all_off"): ("skipped", "Linux: needs /dev/cpu/*/msr, as root; the image switches them "
                                                     "itself")}, "rows")


@test("image/pvh a guest's prefetchers are left alone, and the reason said")
def _():
    expect_equal(of_image("Skylake-Server", "found", "all_off"),
                 {"found": ("ok", None),
                  "all_off": ("skipped", "under a hypervisor the registers of the prefetchers are the host's")}, "rows")


@test("image/pvh a prefetcher that takes the write and does not keep it is named")
def _():
    """QEMU answers MSRs that it does not know with 0, and forgets what is written to them."""
    forgets = "does not keep what is written"
    expect_equal(of_image("Skylake-Server,-hypervisor", "found", "all_off", "l1_ip_off"),
                 {"found": ("ok", None),
                  "all_off": ("skipped", f"l2_stream: bit 0 of MSR 1a4 {forgets}"),
                  "l1_ip_off": ("skipped", f"l1_ip: bit 3 of MSR 1a4 {forgets}")}, "rows")
