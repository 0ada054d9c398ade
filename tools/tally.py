# SPDX-License-Identifier: Apache-2.0
"""Trials that are counted: each way in is tried N times, two trials side by side, and the counts of one call add to
those of earlier ones for as long as the images are the same to the byte. `make soak` and `make powercut` stand on it.

The file: {images' hash: {way: {"trials": N, "failures": ["trial 7: why", ...]}}}. It is replaced after every trial, so
that a call that is cut off keeps what it has counted.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import sys
import threading

import machine as m

SIDE_BY_SIDE = 2


def parser(description):
    """With the options that all counting tools have."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    result.add_argument("--count", type=m.positive, default=20, help="trials of each way, more than there are already")
    result.add_argument("--ways", default="", help="part of a way's name")
    return result


def images_hash(build):
    """Of all that is booted."""
    digest = hashlib.sha256()
    for arch, name in [("x86_64", "kernel-pvh.elf")] + list(m.LOADERS.items()):
        with open(os.path.join(build, arch, name), "rb") as file:
            digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()[:16]


class Tally:
    def __init__(self, path, key):
        self._path, self._key, self._lock = path, key, threading.Lock()
        try:
            with open(path, encoding="utf-8") as file:
                self._all = json.load(file)
        except FileNotFoundError:
            self._all = {}
        self._ways = self._all.setdefault(key, {})

    def way(self, name):
        return self._ways.setdefault(name, {"trials": 0, "failures": []})

    def add(self, name, number, why):
        """One trial's outcome; `why` it failed, or None."""
        with self._lock:
            way = self.way(name)
            way["trials"] += 1
            if why:
                way["failures"].append(f"trial {number}: {why}")
            with open(self._path + ".new", "w", encoding="utf-8") as file:
                json.dump(self._all, file, indent=1)
            os.replace(self._path + ".new", self._path)

    def line(self, name):
        way = self.way(name)
        trials, failures = way["trials"], way["failures"]
        bound = f"; at most {min(100.0, 300 / trials):.1f} % fail (95 %)" if trials and not failures else ""
        return f"{name}: {trials - len(failures)} of {trials} well{bound}" + "".join(f"\n  {why}" for why in failures)


def run(tally, ways, count, trial):
    """Calls trial(way's name, number) `count` times for each way; numbers go on where earlier calls ended. Prints a
    line a way, and how many failed over all calls, which is the result."""
    work = [(name, tally.way(name)["trials"] + at + 1) for name in ways for at in range(count)]
    left = {name: count for name in ways}
    print(f"{len(work)} trials, {SIDE_BY_SIDE} side by side", flush=True)

    def one(item):
        name, number = item
        why = trial(name, number)
        tally.add(name, number, why)
        return name, why

    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for done, future in enumerate(concurrent.futures.as_completed([pool.submit(one, item) for item in work]), 1):
            name, why = future.result()
            left[name] -= 1
            if why:
                print(f"FAIL {name}: {why}", flush=True)
            if left[name] == 0:
                print(tally.line(name), flush=True)
            elif sys.stderr.isatty():
                print(f"\r\x1b[K{done} of {len(work)}", end="\r", file=sys.stderr, flush=True)
    failures = sum(len(tally.way(name)["failures"]) for name in ways)
    print(f"{sum(tally.way(name)['trials'] for name in ways)} trials of these images over all calls, "
          f"{failures} failures")
    return failures


def keep(build, stem, outcomes, image=""):
    """The consoles of a failed trial, and its stick, for whoever looks into it."""
    folder = os.path.join(build, "failed", stem.replace(" ", "-").replace(",", ""))
    os.makedirs(folder, exist_ok=True)
    for number, outcome in enumerate(outcomes, 1):
        with open(os.path.join(folder, f"console-{number}.log"), "wb") as file:
            file.write(outcome.console)
    if image:
        with open(image, "rb") as source, open(os.path.join(folder, "stick.img"), "wb") as file:
            file.write(source.read())
    return os.path.relpath(folder, m.ROOT)
