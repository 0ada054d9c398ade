# SPDX-License-Identifier: Apache-2.0
"""The memory's levels in curves that others published. Made-up machines are in test_levels.c."""

import os
import re
import subprocess

import machine as m
from harness import expect, expect_equal, limit, test


@test("levels/published curves: what is said to be certain is right", seconds=10)
def published_curves():
    environment = {name: value for name, value in os.environ.items() if name != "MAKEFLAGS"}
    result = subprocess.run(["make", "-s", "levels-check", "N=0"], cwd=m.ROOT, check=False, capture_output=True,
                            text=True, timeout=limit(300), env=environment)
    expect(result.returncode == 0, f"{result.stdout[-2000:]}{result.stderr[-2000:]}")
    total = re.search(r"^published +(\d+) +([\d.]+).* (\d+) +(\d+)$", result.stdout, re.MULTILINE)
    expect(total is not None, result.stdout)
    expect(int(total[1]) >= 8, f"{total[1]} curves")
    expect(float(total[2]) >= 95, f"the first level's interval holds it in {total[2]} % of them")
    expect_equal((total[3], total[4]), ("0", "0"), "silent errors and wrong names")
