# SPDX-License-Identifier: Apache-2.0
"""The few things that a test outside Criterion needs: a registry, a verdict, a count.

A test is a function that raises `Failed` (or any exception) or returns; `Skipped` says why it could not run and counts
as neither. One that stands for many cases returns their `Cases`. Each runs in a process of its own, so that what it
used can be told and what it started ends with it, and several side by side; those marked `alone` change the build
folder that others use, and run one at a time. Those marked `system` are too long for every change: `make test-system`
runs them, `make test` only where it was asked for nothing else.

No verdict rests on time. A wait that might never end is bounded by `limit(seconds)`, which is longer
on a slow or busy machine.
"""

import collections
import contextlib
import fnmatch
import os
import pickle
import signal
import sys
import tempfile
import traceback

import pace
import processes

TESTS = []
SHORT_S = 5
SLOWEST = 10

limit = pace.limit
Cases = collections.namedtuple("Cases", "passed failed")    # how many; (name, detail) of each
Result = collections.namedtuple("Result", "verdict detail cases")


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


class Test:
    def __init__(self, name, function, alone=False, system=False, seconds=SHORT_S):
        self.name, self.function, self.alone, self.system, self.seconds = name, function, alone, system, seconds


def test(name, alone=False, system=False, seconds=SHORT_S):
    """Registers a test. `seconds` of CPU time, where it is long, decides when it begins, and nothing else."""
    def register(function):
        TESTS.append(Test(name, function, alone, system, seconds))
        return function
    return register


def expect(condition, message):
    if not condition:
        raise Failed(message)


def expect_equal(found, wanted, what):
    expect(found == wanted, f"{what}: found {found!r}, wanted {wanted!r}")


def area(name):
    return name.split("/")[0]


class Count:
    """Verdicts, and what is shown of them: all that is not PASS; with `verbose` each test, else a line for each
    area when it is through."""

    def __init__(self, verbose=False):
        self.passed = self.failed = self.skipped = self.cpu_s = 0
        self._verbose, self._terminal, self._used, self._areas = verbose, sys.stdout.isatty(), [], {}

    def expects(self, names):
        """What is to come, so that the end of an area is seen."""
        for name in names:
            self._areas.setdefault(area(name), [0, 0, 0.0])[0] += 1

    def add(self, verdict, name, seconds, detail="", cases=None):
        passed, failed = (cases.passed, len(cases.failed)) if cases else (verdict == "PASS", verdict == "FAIL")
        self.passed += passed
        self.failed += failed
        self.skipped += verdict == "SKIP"
        self.cpu_s += seconds
        self._used.append((seconds, name))
        if verdict != "PASS" or self._verbose:
            of_cases = f": {passed} of {passed + failed} cases" if cases else ""
            self._say(f"{verdict} {name} ({seconds:.1f} s)" + of_cases + (f": {detail}" if detail else ""))
        if area(name) in self._areas:
            self._close(area(name), passed, seconds)

    def _close(self, name, passed, seconds):
        state = self._areas[name]
        state[:] = state[0] - 1, state[1] + passed, state[2] + seconds
        left = sum(waiting for waiting, _, _ in self._areas.values())
        if state[0] == 0 and not self._verbose:
            self._say(f"{name}: {state[1]} passed ({state[2]:.0f} s)")
        if self._terminal and left:
            print(f"\r\x1b[K{self.line()}, {left} to go", end="", flush=True)

    def _say(self, text):
        print(("\r\x1b[K" if self._terminal else "") + text, flush=True)

    def slowest(self):
        longest = sorted(self._used, reverse=True)[:SLOWEST]
        return "\n".join([f"{self.cpu_s:.0f} s of CPU time, most of it in"]
                         + [f"{seconds:6.1f} s  {name}" for seconds, name in longest])

    def line(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def judged(function):
    try:
        cases = function()
    except Skipped as reason:
        return Result("SKIP", str(reason), None)
    except Failed as reason:
        return Result("FAIL", str(reason), None)
    except Exception:  # a test that breaks has failed, whatever broke
        return Result("FAIL", "\n" + traceback.format_exc(), None)
    if isinstance(cases, Cases):
        return Result("FAIL" if cases.failed else "PASS",
                      "".join(f"\n{name}: {detail}" for name, detail in cases.failed), cases)
    return Result("PASS", "", None)


def interrupt_once():
    """The first SIGINT or SIGTERM interrupts this process, and no further one what it puts away then."""
    def interrupt(*_):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # to ignore it would be an error where it has come already
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)


def _start(entry):
    """(process, file that it leaves its result in)"""
    told = tempfile.TemporaryFile()
    sys.stdout.flush()
    runner = os.getpid()
    process = os.fork()
    if process == 0:
        try:
            interrupt_once()
            for number in (signal.SIGHUP, signal.SIGQUIT):
                signal.signal(number, signal.SIG_DFL)  # `nohup` and `&` leave them ignored to all below
            processes.adopt_orphans()
            processes.end_with_parent(runner, signal.SIGINT)
            pickle.dump(judged(entry.function), told)
            told.flush()
        finally:
            processes.end_children()
            os._exit(0)
    return process, told


def _finish(entry, told, usage, count):
    told.seek(0)
    try:
        result = pickle.load(told)
    except EOFError:
        result = Result("FAIL", "its process ended without a verdict", None)
    told.close()
    count.add(result.verdict, entry.name, usage.ru_utime + usage.ru_stime, result.detail, result.cases)


def _run_side_by_side(entries, count, jobs):
    """The longest first, so that all cores are in use to the end."""
    waiting = collections.deque(sorted(entries, key=lambda entry: -entry.seconds))
    running = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                entry = waiting.popleft()
                process, told = _start(entry)
                running[process] = (entry, told)
            process, _, usage = os.wait4(-1, 0)
            if process in running:
                _finish(*running.pop(process), usage, count)
    finally:
        # They put away what they began; one may have been waited for when this was interrupted.
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGINT)
        for process in running:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)


def selected(name, only):
    """Whether `only` (glob or part of the name; empty: all) selects it."""
    return not only or only in name or fnmatch.fnmatch(name, only)


def choose(tests, only, system):
    """(what `only` selects of the tests that `make test`, or with `system` `make test-system`, runs; how many it
    leaves to the other)."""
    matching = [entry for entry in tests if selected(entry.name, only)]
    chosen = [entry for entry in matching if entry.system == system]
    if only and not chosen:  # named, so wanted
        chosen = matching
    return chosen, len(matching) - len(chosen)


def run(count, only, jobs=os.cpu_count() or 1, system=False):
    """Runs what `only` selects; returns how many."""
    chosen, left = choose(TESTS, only, system)
    count.expects(entry.name for entry in chosen)
    processes.adopt_orphans()
    try:
        _run_side_by_side([entry for entry in chosen if not entry.alone], count, jobs)
        for entry in chosen:
            if entry.alone:
                _run_side_by_side([entry], count, 1)
    finally:
        processes.end_children()
    if only and left:
        print(f"{left} more of that name: make {'test' if system else 'test-system'}")
    return len(chosen)
