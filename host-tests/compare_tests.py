# SPDX-License-Identifier: Apache-2.0
"""What `compare` and `ab` say where there is nothing to judge: one line a fault, and what it is."""

import json
import os
import tempfile

import hosted_tests
import machine as m
from harness import expect_equal, test
from history_tests import write_results


def refused(wanted, *words):
    result = hosted_tests.anechoic(*words)
    expect_equal((result.returncode, result.stdout, result.stderr), (m.EXIT_USAGE, "", wanted), f"{words}")


@test("hosted/compare says what is wrong with figures that are not there")
def _():
    with tempfile.TemporaryDirectory() as directory:
        zero, other = write_results(directory, 1, [0, 0, 0]), write_results(directory, 2, [0])
        whole, empty = write_results(directory, 3, [100, 200]), write_results(directory, 4, [])
        stopped = f"{zero}: no time passed in group/0 and 2 more: left out\n"
        for mode in ((), ("--platforms",)):
            refused(stopped, "compare", zero, zero, *mode)
            refused(stopped, "compare", zero, whole, *mode)
            refused(stopped + f"{other}: no time passed in group/0: left out\n", "compare", zero, other, *mode)
            refused(f"{empty}: there is no benchmark in it\n", "compare", whole, empty, *mode)
        with open(whole, encoding="utf-8") as file:
            results = json.load(file)
        failed, renamed = (os.path.join(directory, name) for name in ("failed.json", "renamed.json"))
        for entry in results["benchmarks"]:
            entry["name"] += "/new"
        with open(renamed, "w", encoding="utf-8") as file:
            json.dump(results, file)
        refused("no benchmark is in both\n", "compare", whole, renamed)
        results["benchmarks"] = [dict({key: entry[key] for key in ("group", "parameters")}, name=f"group/{i}",
                                      status="failed", reason="broken")
                                 for i, entry in enumerate(results["benchmarks"])]
        with open(failed, "w", encoding="utf-8") as file:
            json.dump(results, file)
        refused("no benchmark has samples in both\n", "compare", whole, failed)
        refused("".join(f"cp {path} {{out}}: no time passed in {what}: left out\n" for path, what in
                        ((zero, "group/0 and 2 more"), (other, "group/0"))),
                "ab", "--pairs=2", "--pairs-max=2", f"cp {zero} {{out}}", f"cp {other} {{out}}")


@test("hosted/compare judges what has figures beside what has none")
def _():
    with tempfile.TemporaryDirectory() as directory:
        some, whole = write_results(directory, 1, [0, 200]), write_results(directory, 2, [100, 200])
        result = hosted_tests.anechoic("compare", "--format=json", some, whole)
        expect_equal(result.stderr, f"{some}: no time passed in group/0: left out\n", "said")
        expect_equal([row["name"] for row in json.loads(result.stdout)["benchmarks"]], ["group/1"], "judged")
