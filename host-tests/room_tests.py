# SPDX-License-Identifier: Apache-2.0
"""What stands beside a figure of what happened while it was measured: column, member, and gates that ask for it."""

import json
import os
import tempfile

from format_tests import check_schema
from harness import expect, expect_equal, test
from hosted_tests import anechoic

WORDS = ("silent", "quiet", "usable", "loud")
SHORT = ("--sample-size=20", "--measurement-time=0.02", "--warm-up-time=0.01", "--nresamples=1000")


@test("room/each figure of a run has one, in the table and in the file")
def _():
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "results.json")
        shown = anechoic("run", *SHORT, "copy/4KiB/128bit", "copy/4KiB/256bit", "-o", path)
        expect_equal(shown.returncode, 0, f"exit status: {shown.stderr}")
        with open(path, encoding="utf-8") as file:
            results = json.load(file)
    check_schema("results", results)
    lines = shown.stdout.splitlines()
    expect(any(line.startswith("[ n/of]") and line.endswith(" room") for line in lines), f"a column: {shown.stdout}")
    if results["context"]["figures"] != "hardware":
        expect("room" not in results["context"], "nobody watches what is no figure")
        return
    for benchmark in results["benchmarks"]:
        room = benchmark["room"]
        row = next(line for line in lines if f" {benchmark['name']} " in line)
        expect(row.split()[-1] in WORDS, f"a word: {row}")
        expect(room["word"] in WORDS, f"a word: {room}")
        expect(room["probe"]["count"] >= 8 and room["probe"]["add_ticks_after"] > 0, f"it was probed: {room}")
        expect(room["measured_ns"] >= sum(benchmark["times"]), "all samples are in it")
        expect_equal((room["smis"], room["migrations"]), (None, 0), "not counted; pinned")
    whole = results["context"]["room"]
    expect_equal(sum(whole["benchmarks"].values()), 2, f"each is counted once: {whole}")
    expect(whole["interrupts"] is None or whole["interrupts"] >= 0, "over the whole run")
    foot = next(line for line in lines if line.startswith("room "))
    expect(foot.split()[1].rstrip(":") == whole["word"], f"the same word: {foot}")
