# SPDX-License-Identifier: Apache-2.0
"""What a test, or an emulator, has started ends with it, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

import machine as m
from harness import expect, expect_equal, limit, test

# A programme in another session, as an emulator is, behind a shell; it says its number first.
AWAY = "setsid sh -c 'echo $$; exec sleep 1000' & wait"

HEAD = """
import os, subprocess, sys, time
sys.path[:0] = ["host-tests", "tools"]
import harness, machine
harness.interrupt_once()
"""
TEST = HEAD + """
@harness.test("cut")
def _():
    away = subprocess.Popen(["sh", "-c", sys.argv[1]], stdout=subprocess.PIPE, text=True)
    print(away.stdout.readline(), flush=True)
    {then}

harness.run(harness.Count(), "")
"""
EMULATOR = HEAD + """
machine.run_bounded(["sh", "-c", "echo $$; exec sleep 1000"], 1000, on_bytes=lambda chunk: print(chunk.decode(),
                    flush=True))
"""


@contextlib.contextmanager
def started(script):
    """A Python process that runs it from the tree, and the number of the programme that was started in it."""
    with subprocess.Popen([sys.executable, "-c", script, AWAY], cwd=m.ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, start_new_session=True) as process:
        try:
            number = int(process.stdout.readline())
            expect(runs(number), "nothing was started")
            yield process, number
        finally:
            process.kill()


def runs(number):
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"    # dead, and not yet waited for
    except (FileNotFoundError, ProcessLookupError):
        return False


def expect_ends(number, what):
    until = time.monotonic() + limit(60)
    while runs(number) and time.monotonic() < until:
        time.sleep(0.01)
    expect(not runs(number), f"{what}: what was started runs on")


@test("build/what a test leaves behind ends with it")
def _():
    for then in ("pass", "raise subprocess.TimeoutExpired('it', 1)", "os.kill(os.getpid(), 9)"):
        with tempfile.TemporaryFile("w+") as said:
            result = subprocess.run([sys.executable, "-c", TEST.format(then=then), AWAY],
                                    cwd=m.ROOT, check=False, stdout=said, stderr=subprocess.STDOUT, timeout=limit(60))
            said.seek(0)
            text = said.read()
        expect_equal(result.returncode, 0, text)
        expect(not runs(int(text.split()[0])), f"after {then} what was started runs on")


@test("build/what a test has started ends with a run that is cut off")
def _():
    """By one signal to the runner, or by several to all of its group, which `timeout` and a terminal send."""
    for send, signals in ((os.kill, (signal.SIGKILL,)), (os.kill, (signal.SIGTERM,)),
                          (os.killpg, (signal.SIGTERM, signal.SIGINT))):
        with started(TEST.format(then="while True: time.sleep(0.05)")) as (process, number):
            until = time.monotonic() + limit(60)
            while process.poll() is None and time.monotonic() < until:
                for how in signals:     # again: Python misses one that comes as it begins to wait
                    send(process.pid, how)
                time.sleep(0.05)
            expect_ends(number, signals)
            expect(-process.returncode in {*signals, signal.SIGINT},
                   f"the runner ends by status {process.returncode} after {signals}")


@test("build/an emulator ends with the process that waits for it")
def _():
    with started(EMULATOR) as (process, number):
        process.kill()
        expect_ends(number, "killed")
