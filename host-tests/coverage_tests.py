# SPDX-License-Identifier: Apache-2.0
"""tools/coverage.py's sums, over documents as gcov writes them."""

import tempfile

import coverage
from harness import expect_equal, test


def document(source, *counts):
    return {"files": [{"file": source, "lines": [{"line_number": at, "count": count} for at, count in counts]}]}


@test("coverage/a line that any object ran is reached, and each folder has its sum")
def _():
    lines = coverage.merged([document("mem/pool.c", (1, 0), (2, 5)), document("mem/pool.c", (1, 3), (2, 0), (9, 0)),
                             document("./hosted/cli/help.c", (1, 1)), document("hosted/main.c", (7, 0)),
                             document("host-tests/test_pool.c", (1, 1)), document("/usr/include/stdlib.h", (1, 1)),
                             document("build/x86_64/generated/build_info.h", (1, 1))])
    expect_equal(coverage.table(lines),
                 [("hosted", 1, 0), ("hosted/cli", 1, 1), ("mem", 3, 2), ("all", 5, 3)], "rows")


@test("coverage/a folder without a counter is a table of nothing")
def _():
    with tempfile.TemporaryDirectory() as directory:
        expect_equal(coverage.table(coverage.merged(coverage.read(directory))), [("all", 0, 0)], "rows")
