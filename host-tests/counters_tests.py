# SPDX-License-Identifier: Apache-2.0
"""Hardware counters beside the time. x86_64's are proved on fake MSRs (test_pmu_plan.c): no emulator at
hand has them."""

import ctypes.util
import json
import os
import subprocess
import tempfile

import machine as m
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import SHORTEST, anechoic
from image_tests import ARM, QUICK, boot, expect_done, machine

ONE = "tlb/lookup/mostly_hits"
CYCLES_AN_INSTRUCTION = 2**m.ICOUNT_SHIFT   # of QEMU's 1 GHz


def context_of(outcome):
    return [record.body["context"] for record in outcome.records if record.tag == "CONTEXT"][-1]


def expect_counted(outcome):
    """By QEMU's PMU, in virtual time: cycles are instructions times a number, whatever reading them costs."""
    expect_done(outcome)
    counters = context_of(outcome)["counters"]
    expect_equal(counters["groups"], [["cycles", "instructions"]], "what QEMU counts")
    expect("PMUv3" in counters["source"], counters["source"])
    counts = outcome.ends()[ONE]["counters"]
    for name in ("cycles", "instructions"):
        pairs = counts[name]
        expect(len(pairs) >= 2 and min(pairs) > 0, f"{name}: {pairs}")
        costs = [long - short for short, long in zip(pairs[::2], pairs[1::2])]
        expect(all(cost > counts["iterations"] for cost in costs), f"{name} of {counts['iterations']}: {costs}")
    for cycles, instructions in zip(counts["cycles"], counts["instructions"]):
        expect(abs(cycles - CYCLES_AN_INSTRUCTION * instructions) <= 2 * CYCLES_AN_INSTRUCTION,
               f"{cycles} cycles of {instructions} instructions")
    expect_equal(outcome.done()["interrupts"], 0, "interrupts")
    expect(" cycles, " in outcome.text() and
           f" instructions ({1 / CYCLES_AN_INSTRUCTION:.2f}/cycle)" in outcome.text(), "no line in the table")


@test("counters/image aarch64: cycles and instructions, as EL0 reads them", seconds=6)
def image_counts():
    expect_counted(boot(machine(**ARM, arguments=f"{QUICK} --counters {ONE}")))


@test("counters/image aarch64: under handback and from EL2", seconds=14, system=True)
def image_counts_otherwise():
    for how in (dict(ARM, mode="handback"), dict(ARM, el2=True, cpu="cortex-a72", mode="handback"),
                dict(ARM, el2=True)):
        expect_counted(boot(machine(**how, arguments=f"{QUICK} --counters {ONE}")))


@test("counters/image x86_64: without counters it says so, and runs", seconds=3)
def image_without():
    outcome = boot(machine(boot="pvh", accel="tcg", icount=True, arguments=f"{QUICK} --counters {ONE}"))
    expect_done(outcome)
    counters = context_of(outcome)["counters"]
    expect("CPUID 0xA says no counters" in counters["missing"], str(counters))
    expect("counters" not in outcome.ends()[ONE], "counted all the same")
    expect("counts  none: CPUID 0xA says no counters" in outcome.text(), "not a word in the table")


def results_of(*words):
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "results.json")
        result = anechoic("run", *SHORTEST, "-o", out, *words, ONE)
        expect_equal(result.returncode, 0, result.stderr)
        with open(out, encoding="utf-8") as file:
            return json.load(file), result.stdout


@test("counters/hosted: counts, or the reason once")
def hosted():
    results, table = results_of("--counters")
    counters, row = results["context"]["counters"], results["benchmarks"][0]
    expect_equal(row["status"], "ok", "status")
    expect_equal(results["context"]["options"]["counters"], True, "among the options")
    if "missing" in counters:
        expect(counters["missing"] and "counters" not in row, f"{counters} {row}")
        expect_equal(table.count("counts  none: "), 1, table)
    else:
        expect(row["counters"]["per_iteration"]["instructions"] > 1, str(row["counters"]))
    expect("core_cycles" not in results["context"], "two words for one thing")


@test("counters/hosted: unasked nothing is counted")
def unasked():
    results, _ = results_of()
    expect("counters" not in results["context"] and "counters" not in results["benchmarks"][0], "counted")
    expect_equal(results["context"]["core_cycles_missing"], "--counters was not given", "the reason")


@test("counters/caps says what counts, or why nothing does")
def caps():
    told = json.loads(anechoic("caps", "--format", "json").stdout)["counting"]
    expect(told["source"], str(told))
    row = [line for line in anechoic("caps").stdout.splitlines() if line.startswith("counting ")]
    expect_equal(len(row), 1, "lines that begin with counting")
    expect_equal("none: " in row[0], "missing" in told, row[0])


@test("counters/report: a folded table of what was counted, or the reason, and a stranger's text as text")
def report():
    results, _ = results_of()
    row = results["benchmarks"][0]
    counted = {"of": {"samples": 5, "iterations": 10},
               "per_iteration": {"cycles": 3.25, "instructions": 8, "l1d_misses": "<b>"}}
    with tempfile.TemporaryDirectory() as directory:
        def page(**context):
            out, path = os.path.join(directory, "page.html"), os.path.join(directory, "results.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump({**results, "context": {**results["context"], **context}}, file)
            expect_equal(anechoic("report", path, "-o", out).returncode, 0, "exit status")
            with open(out, encoding="utf-8") as file:
                return file.read().replace("<wbr>", "")

        expect("Counted beside" not in page() and "Nothing was counted" not in page(), "a word that nobody asked for")
        missing = page(counters={"source": "", "missing": "a <hypervisor>"})
        expect("Nothing was counted beside the time: a &lt;hypervisor&gt;." in missing, "no reason")
        row["counters"] = counted
        table = page().split('<details class="counted">')[1].split("</details>")[0]
        expect("of 1 benchmark<" in table and "Cycles" in table and "<td>3.25</td><td>8</td>" in table, table)
        expect("L1D" not in table, "what is no number was counted")


@test("counters/the table of codes is what libpfm says", system=True)
def table():
    if not ctypes.util.find_library("pfm"):
        raise Skipped("libpfm4 is not installed")
    tool = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools", "counters_table.py")
    result = subprocess.run([tool, "--check"], check=False, capture_output=True, text=True, timeout=limit(60))
    expect_equal(result.returncode, 0, result.stderr)
