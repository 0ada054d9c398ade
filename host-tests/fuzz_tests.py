# SPDX-License-Identifier: Apache-2.0
"""A few seconds of each fuzz target: they build, their seeds go through, and nothing near the seeds breaks."""

import subprocess

import machine as m
from harness import expect, expect_equal, limit, test


@test("fuzz/a few seconds of each target find nothing", system=True, seconds=50)
def _():
    result = subprocess.run(["make", "--no-print-directory", "-j2", "fuzz", "FUZZ_SECONDS=5"], cwd=m.ROOT, check=False,
                            capture_output=True, text=True, timeout=limit(600))
    expect_equal(result.returncode, 0, f"exit status\n{result.stdout[-2000:]}{result.stderr[-4000:]}")
    for name in ("caps_dump", "caps_tables", "collect", "config", "detector", "device_tree", "histogram",
                 "http_request", "import", "profile", "record", "results", "rounds", "stream"):
        expect(f"fuzz: {name}: nothing in 5 s" in result.stdout, result.stdout[-2000:])
