# SPDX-License-Identifier: Apache-2.0
"""Rows under machine/ that several cores run at once, as a user asks for them."""

import json
import os
import subprocess
import tempfile

from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import PROGRAM, SHORTEST


def run(cpus, *words):
    """(results.json, what the run said), of a run that is allowed those CPUs."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        result = subprocess.run(["taskset", "-c", ",".join(map(str, cpus)), PROGRAM, "run", *SHORTEST, "--out", path,
                                 *words], check=False, capture_output=True, text=True, timeout=limit(300),
                                stdin=subprocess.DEVNULL)
        expect_equal(result.returncode, 0, f"exit status\n{result.stdout[-2000:]}{result.stderr}")
        with open(path, encoding="utf-8") as file:
            return json.load(file), result.stdout


def measured(cpus, *words):
    """{name: entry of results.json}"""
    return {entry["name"]: entry for entry in run(cpus, *words)[0]["benchmarks"]}


def statuses(entries):
    return {name: entry["status"] for name, entry in entries.items()}


def two_cpus():
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        raise Skipped("one CPU")
    return cpus[:2]


@test("hosted/two cores hand a line to each other in both directions, and share a word")
def _():
    rows = ["pair/0/1", "pair/1/0", "add/1", "add/2", "cas/1", "cas/2"]
    entries = measured(two_cpus(), "machine/cores")
    expect_equal(statuses(entries), {f"machine/cores/{row}": "ok" for row in rows}, "rows of two cores")


@test("hosted/two cores are found to be one neighbourhood, beside what the machine tells of them")
def _():
    results, said = run(two_cpus(), "machine/cores/pair")
    found, described = results["context"]["cores_found"], results["context"]["machine"]
    expect_equal((found["outcome"], sorted(found["cpus"])), ("found", two_cpus()), "of which CPUs")
    least = min(entry["minimum"] for entry in results["benchmarks"])
    expect_equal([(level["clusters"], level["pairs"]) for level in found["levels"]], [([[0, 1]], 1)], "clusters")
    expect(abs(found["levels"][0]["ns"] / least - 1) < 1e-6, f"{found['levels'][0]['ns']} of a pair of {least} ns")
    cores = {cpu["core"] for cpu in described["cpus"] if cpu["number"] in found["cpus"]}
    packages = {cpu["package"] for cpu in described["cpus"] if cpu["number"] in found["cpus"]}
    told = found["levels"][0]["as_told"]
    expect_equal(("core" in told, "package" in told), (len(cores) == 1, len(packages) == 1), f"as told: {told}")
    expect("who is near to whom" in said and ": 0 1; " in said, f"below the table: {said[-1500:]}")
    expect_equal("cores_found" in run(two_cpus()[:1], "machine/cores/add/1")[0]["context"], False, "of one core")


@test("hosted/what takes two cores is skipped on one, with the reason")
def _():
    entries = measured(two_cpus()[:1], "machine/cores")
    for name, entry in entries.items():
        alone = name in ("machine/cores/add/1", "machine/cores/cas/1")
        expect_equal((entry["status"], entry.get("reason")),
                     ("ok", None) if alone else ("skipped", "there is no second core"), name)


@test("hosted/memory is measured beside a core that uses it, and what that one gets")
def _():
    rows = ("machine/loaded/idle/latency", "machine/loaded/one_to_one/1/latency",
            "machine/loaded/one_to_one/1/bandwidth")
    entries = measured(two_cpus(), *rows)
    if any("memory" in (entry.get("reason") or "pages") for entry in entries.values()):
        raise Skipped(entries[rows[0]]["reason"])
    expect_equal(statuses(entries), dict.fromkeys(rows, "ok"), "rows")
    expect_equal([len(entries[row].get("cores") or ()) for row in rows], [0, 1, 1], "other cores")
    expect_equal(entries[rows[2]]["throughput"]["per_iteration"], 128 * 1024, "bytes that memory moves")
    alone = measured(two_cpus()[:1], *rows[1:])
    expect_equal({entry.get("reason") for entry in alone.values()}, {"there is no second core"}, "on one")
