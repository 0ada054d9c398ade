#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which lines the unit tests and those of the hosted programme reach, folder by folder, in a build with gcov's
counters. What only boots is not in that build: lines of the kernel and of the loader are those of the parts that unit
tests link."""

import argparse
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIMIT_S = 600

# Folders whose rooms stand on lines of their own; of all others the first part is one.
ROOMS = ("bench", "hosted", "kernel")
LEFT_OUT = ("host-tests", "fuzz", "peers")


def folder_of(path):
    """The line of the table that a source's lines count in; None: of none."""
    parts = path.split("/")
    if os.path.isabs(path) or path.startswith("..") or parts[0] in LEFT_OUT or "generated" in parts:
        return None
    return "/".join(parts[:2]) if parts[0] in ROOMS and len(parts) > 2 else parts[0]


def merged(reports):
    """{source: {line: times it ran}} of gcov's JSON documents: a line of several objects ran where it did in any."""
    lines = collections.defaultdict(collections.Counter)
    for report in reports:
        for file in report["files"]:
            for line in file["lines"]:
                lines[os.path.normpath(file["file"])][line["line_number"]] += line["count"]
    return lines


def table(lines):
    """Rows (folder, lines, lines that ran), in the folders' order, and one of all."""
    found = collections.defaultdict(lambda: [0, 0])
    for source, counts in lines.items():
        folder = folder_of(source)
        if folder:
            found[folder][0] += len(counts)
            found[folder][1] += sum(count > 0 for count in counts.values())
    rows = [(folder, *both) for folder, both in sorted(found.items())]
    return rows + [("all", sum(row[1] for row in rows), sum(row[2] for row in rows))]


def show(rows, file=sys.stdout):
    print(f"{'folder':<24} {'lines':>7} {'reached':>8} {'share':>7}", file=file)
    for folder, count, reached in rows:
        print(f"{folder:<24} {count:>7} {reached:>8} {100 * reached / count if count else 0:>6.1f}%", file=file)


def read(build):
    """gcov's documents of every object that was run. It leaves files where it stands, so it stands elsewhere."""
    counters = sorted(glob.glob(os.path.join(build, "**", "*.gcda"), recursive=True))
    if not counters:  # nothing was built, which the tests have said
        return []
    with tempfile.TemporaryDirectory() as directory:
        text = subprocess.run(["gcov", "--json-format", "--stdout", *map(os.path.abspath, counters)], check=True,
                              capture_output=True, text=True, cwd=directory, timeout=LIMIT_S).stdout
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def run_all(build):
    """Counters from nothing; the tests' status. Tests that fail are named, and what they reached counts."""
    for path in glob.glob(os.path.join(build, "coverage", "**", "*.gcda"), recursive=True):
        os.remove(path)
    tests = os.path.join(ROOT, "host-tests", "run_tests.py")
    return subprocess.run([tests, "--build", build, "--coverage"], stdout=sys.stderr, check=False).returncode


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build")
    options = parser.parse_args(argv)
    status = run_all(options.build)
    lines = merged(read(os.path.join(ROOT, options.build, "coverage")))
    show(table({os.path.relpath(source, ROOT) if os.path.isabs(source) else source: counts
                for source, counts in lines.items()}))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
