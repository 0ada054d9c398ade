# SPDX-License-Identifier: Apache-2.0
"""`make bench-peers` as a programme: what it says, never how fast anything was."""

import os
import re
import subprocess

import machine as m
import prints
from harness import Skipped, expect, expect_equal, limit, test

PROGRAM = os.path.join(m.ROOT, "build", "bench-peers")
SHORT = ["--quick", "--launches=1"]


def built():
    result = subprocess.run(["make", "-s", "-j2", "build/bench-peers"], cwd=m.ROOT, check=False, capture_output=True,
                            text=True, timeout=limit(300))
    expect(result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:])


def said(*words, environment=None, status=0):
    result = subprocess.run([PROGRAM, *words], cwd=m.ROOT, check=False, capture_output=True, text=True,
                            timeout=limit(60), env=environment)
    expect_equal(result.returncode, status, f"{words}: {result.stderr[-2000:]}")
    return result.stdout


@test("peers/what does not load is skipped with the loader's own words, and the rest is judged", seconds=10)
def _():
    built()
    loads = ["python3", "-c", "import ctypes; ctypes.CDLL('libjemalloc.so.2')"]
    plain = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    found = subprocess.run(loads, check=False, capture_output=True, text=True, env=plain)
    text = said(*SHORT, "pool/64B/1", environment=plain)
    row = prints.read("new", text).rows["pool/64B/1"]
    expect_equal([bar.against for bar in row.comparisons()], ["best peer"], "bars")
    expect(re.search(r"^bars met on .*: \d+ of \d+", text, re.MULTILINE), text[-500:])
    if found.returncode == 0:
        raise Skipped("jemalloc loads here without a tunable")
    reason = re.search(r"^OSError: (.*)$", found.stderr, re.MULTILINE).group(1)
    skipped = re.search(r"\| jemalloc \| skipped: (.*?) \|", text)
    expect_equal(skipped and skipped.group(1), reason, "why jemalloc is skipped")


@test("peers/rows of variants are for who asks for them, and what is asked for wrongly is said")
def _():
    built()
    names = said("--list").split("\n")
    expect("pool/64B/1" in names and "simd/copy/grid" in names, names)
    grids = [name for name in names if name.startswith("simd/copy/grid/")]
    expect(len(grids) >= 1, f"no grid of a variant in {names}")
    for wrong in ("--launches=0", "--launches=no", "--no-such-option", "no/such/row"):
        said(wrong, status=2)
    for no_profile in ("/nonexistent", "README.md"):
        said(f"--profile={no_profile}", "simd/fill/64B", status=1)
    lines = said("--help").splitlines()
    options = set(re.findall(r"--[a-z]+", lines[0] + lines[1])) | {"--help"}
    explained = {found[0] for line in lines[2:] if (found := re.findall(r"^  (--[a-z]+)\S*  +\S", line))}
    expect_equal(explained, options, "options with a line of their own")
    text = said(*SHORT, "--variants", "simd/fill/64B")
    expect("ours by" in text and "## Chosen beside the best method" in text, text)
    expect("ours by" not in said(*SHORT, "simd/fill/64B"), "methods that nobody asked for")
