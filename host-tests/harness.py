# SPDX-License-Identifier: Apache-2.0
"""The few things that a test outside Criterion needs: a registry, a verdict, a count.

A test is a function that raises `Failed` (or any exception) or returns; `Skipped` says why it could not run and counts as neither.
Tests marked `alone` use the build folder or all of the machine and run one at a time; the others share the cores. Tests marked
`system` are too long for every change: `make test-system` runs them, `make test` only where it was asked for nothing else.
"""

import concurrent.futures
import fnmatch
import os
import threading
import time
import traceback

TESTS = []


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


class Test:
    def __init__(self, name, function, alone, system):
        self.name, self.function, self.alone, self.system = name, function, alone, system


def test(name, alone=False, system=False):
    def register(function):
        TESTS.append(Test(name, function, alone, system))
        return function
    return register


def expect(condition, message):
    if not condition:
        raise Failed(message)


def expect_equal(found, wanted, what):
    expect(found == wanted, f"{what}: found {found!r}, wanted {wanted!r}")


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self._lock = threading.Lock()

    def add(self, verdict, name, seconds, detail=""):
        with self._lock:
            if verdict == "PASS":
                self.passed += 1
            elif verdict == "FAIL":
                self.failed += 1
            else:
                self.skipped += 1
            print(f"{verdict} {name} ({seconds:.1f} s)" + (f": {detail}" if detail else ""), flush=True)

    def line(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def _run_one(entry, count):
    started = time.monotonic()
    try:
        entry.function()
        verdict, detail = "PASS", ""
    except Skipped as reason:
        verdict, detail = "SKIP", str(reason)
    except Failed as reason:
        verdict, detail = "FAIL", str(reason)
    except Exception:  # a test that breaks has failed, whatever broke
        verdict, detail = "FAIL", "\n" + traceback.format_exc()
    count.add(verdict, entry.name, time.monotonic() - started, detail)


def selected(name, only):
    """Whether `only` (glob or part of the name; empty: all) selects it."""
    return not only or only in name or fnmatch.fnmatch(name, only)


def choose(tests, only, system):
    """(what `only` selects of the tests that `make test`, or with `system` `make test-system`, runs; how many it leaves to the other)."""
    matching = [entry for entry in tests if selected(entry.name, only)]
    chosen = [entry for entry in matching if entry.system == system]
    if only and not chosen:  # named, so wanted
        chosen = matching
    return chosen, len(matching) - len(chosen)


def run(count, only, jobs=os.cpu_count() or 1, system=False):
    """Runs what `only` selects; returns how many."""
    chosen, left = choose(TESTS, only, system)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for future in [pool.submit(_run_one, entry, count) for entry in chosen if not entry.alone]:
            future.result()
    for entry in chosen:
        if entry.alone:
            _run_one(entry, count)
    if only and left:
        print(f"{left} more of that name: make {'test' if system else 'test-system'}")
    return len(chosen)
