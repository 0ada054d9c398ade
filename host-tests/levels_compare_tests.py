# SPDX-License-Identifier: Apache-2.0
"""What `make levels-compare` says of launches that are made up."""

import random
import subprocess

import compare_os
from harness import expect, expect_equal, limit, test
from hosted_tests import PROGRAM

ROW = "machine/latency/4KiB/line/64MiB"


def launches(level, spread, seed, count=12):
    noise = random.Random(seed)
    return [level * (1 + spread * noise.random()) for _ in range(count)]


def judged(hosted, image, name=ROW):
    word, ratio, low, high, why = compare_os.judge(name, hosted, image, 0.05)
    expect(low <= ratio <= high, f"{low} to {high} is not about {ratio}")
    return word, why


@test("levels-compare/what is the same agrees, what differs surely is beyond, with what may be why")
def _():
    expect_equal(judged(launches(100, 0.02, 1), launches(101, 0.02, 2)), ("agree", ""), "1 % apart")
    word, why = judged(launches(100, 0.02, 1), launches(112, 0.02, 2))
    expect_equal(word, "BEYOND", "12 % apart")
    expect("neighbours" in why, why)
    expect_equal(judged(launches(100, 0.02, 1), launches(88, 0.02, 2), "machine/forwarding/same/64bit"),
                 ("BEYOND", ""), "faster is beyond, too")


@test("levels-compare/what one side does not agree on with itself is undecided")
def _():
    neighbours = [11.7] + [112.0 + i for i in range(11)]     # a cache that other guests mostly have
    word, why = judged(launches(100, 0.02, 1), [value * 9 for value in neighbours])
    expect_equal(word, "undecided", why)
    expect(why.startswith("launches of image lie 9"), why)
    expect_equal(judged([value * 9 for value in neighbours], launches(100, 0.02, 1))[0], "agree", "its best one")


@test("levels-compare/every row that it asks for is one that there is")
def _():
    result = subprocess.run([PROGRAM, "list", *sorted({row.rpartition("/")[0] for row in compare_os.LEVELS_QUICK}),
                             *compare_os.LEVELS], check=True, capture_output=True, text=True, timeout=limit(60))
    there = {line.split()[0] for line in result.stdout.splitlines()}
    for rows in (compare_os.LEVELS, compare_os.LEVELS_QUICK):
        expect_equal(len(rows), len(set(rows)), "rows twice")
        expect_equal(set(rows) - there - {"machine/forwarding"}, set(), "rows that are not there")
