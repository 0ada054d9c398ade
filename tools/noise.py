# SPDX-License-Identifier: Apache-2.0
"""What the tools that measure share: launches of the hosted programme, verdicts of `anechoic ab`, a neighbour that
works meanwhile, bounds on shares and medians."""

import json
import math
import os
import subprocess
import sys
import time

import machine as m

# A launch that is short, so that many fit into a quarter of an hour, and long enough for its fastest tenth to be found.
SHORT = "--sample-size 50 --warm-up-time 0.01 --measurement-time 0.02 --nresamples 100"


def program(build):
    return os.path.join(build, "anechoic")


def judged(build, options, a, b, limit_s=3600):
    """The rows of one `anechoic ab`."""
    result = subprocess.run([program(build), "ab", "--format", "json", *options, a, b], check=False,
                            capture_output=True, text=True, timeout=limit_s)
    if result.returncode not in (0, 1, 3):
        raise RuntimeError(f"anechoic ab: exit status {result.returncode}\n{result.stderr[-1000:]}")
    return json.loads(result.stdout)["benchmarks"]


LOAD = ("dd", "if=/dev/zero", "of=/dev/null", "bs=64k", "status=none")


def siblings(cpu):
    """Of the same core, as the system says it; a hypervisor may not say all, or say it wrongly."""
    path = f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
    try:
        with open(path, encoding="ascii") as file:
            ranges = [part.split("-") for part in file.read().strip().split(",")]
    except OSError:
        return set()
    return {other for first, *last in ranges for other in range(int(first), int(last[0] if last else first) + 1)}


def measured_cpu():
    """Where the hosted programme stays that is not told where."""
    return max(os.sched_getaffinity(0))


class Neighbour:
    """LOAD while a `with` lasts: "beside", on a CPU of the same core where there is one, else on another; "on", on the
    CPU that is measured on; None: none."""

    KINDS = ("beside", "on")

    def __init__(self, kind, cpu=None):
        cpu = measured_cpu() if cpu is None else cpu
        others = os.sched_getaffinity(0) - {cpu}
        near = others & siblings(cpu)
        self.kind, self.measured, self.process = kind, cpu, None
        self.cpu = cpu if kind == "on" else min(near or others, default=None)
        self.is_sibling = bool(near)

    def __str__(self):
        if not self.kind:
            return "nobody beside it"
        core = "its core's sibling" if self.is_sibling else "no sibling of it, by what the system says"
        where = "the same" if self.kind == "on" else core
        return f"{' '.join(LOAD)} on CPU {self.cpu}, {where}; measured on CPU {self.measured}"

    def __enter__(self):
        if self.kind:
            self.process = m.start(["taskset", "-c", str(self.cpu), *LOAD])
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        if self.process:
            m.stop(self.process)
            self.process = None


def neighbour_of(tool, kind):
    """Where there is no other CPU for it the tool ends."""
    neighbour = Neighbour(kind)
    if neighbour.kind and neighbour.cpu is None:
        print(f"{tool}: skipped: there is no other CPU for the neighbour")
        sys.exit(m.EXIT_SKIPPED)
    print(f"{tool}: {neighbour}", flush=True)
    return neighbour


DECIDED_ALONE, DECIDED_BESIDE = 0.9, 0.3


def enough_decided(tool, decided, judged, neighbour):
    """Whether a verdict was given as often as has to be, which is printed."""
    least = DECIDED_BESIDE if neighbour.kind else DECIDED_ALONE
    print(f"{tool}: decided {decided} of {judged}: {decided / judged:.1%}; bar {least:.0%}")
    return decided >= least * judged


def add_trial_options(parser, count):
    """What `trials` and `neighbour_of` take, count of trials where nobody says how many."""
    parser.add_argument("--neighbour", choices=Neighbour.KINDS, help="dd meanwhile: on a sibling, or on the same CPU")
    parser.add_argument("--build", default="build")
    parser.add_argument("--count", type=m.positive, default=count, help="trials, each one `anechoic ab`")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--pairs-max", type=int, default=60)


def trials(tool, options, a, b, more=()):
    """Number and rows of each trial, seeded with its number. One that fails ends the tool, which is named."""
    for number in range(1, options.count + 1):
        try:
            yield number, judged(options.build, [f"--pairs={options.pairs}", f"--pairs-max={options.pairs_max}",
                                                 f"--seed={number}", *more], a, b)
        except RuntimeError as error:
            print(f"{tool}: {error}", file=sys.stderr)
            sys.exit(m.EXIT_USAGE)


def figures(path):
    """10 % quantile of time per iteration, by benchmark, as the verdicts use it."""
    with open(path, encoding="utf-8") as file:
        entries = [entry for entry in json.load(file)["benchmarks"] if entry["status"] == "ok"]
    return {entry["name"]: quantile([time_ns / iters for time_ns, iters in zip(entry["times"], entry["iters"])], 0.1)
            for entry in entries}


def quantile(values, fraction):
    values = sorted(values)
    position = fraction * (len(values) - 1)
    below = int(position)
    above = min(below + 1, len(values) - 1)
    return values[below] + (position - below) * (values[above] - values[below])


def share_at_most(found, trials, share):
    """P(at most `found` of `trials`), each with probability `share`."""
    return sum(math.comb(trials, k) * share**k * (1 - share)**(trials - k) for k in range(found + 1))


def _bisect(below):
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return high


def upper_bound(found, trials):
    """At 0.95, of the share (Clopper and Pearson 1934)."""
    return 1.0 if found >= trials else _bisect(lambda share: share_at_most(found, trials, share) > 0.05)


def lower_bound(found, trials):
    return 1 - upper_bound(trials - found, trials)


def median_interval(values, confidence=0.95):
    """Of the median, by order statistics; all of them from the least to the greatest where they are too
    few for that confidence."""
    values, below = sorted(values), 0
    while 2 * share_at_most(below, len(values), 0.5) <= 1 - confidence:
        below += 1
    below = max(below - 1, 0)
    return values[below], values[len(values) - 1 - below]


def load_average():
    return f"load average {os.getloadavg()[0]:.2f}"


class Clock:
    def __init__(self):
        self.began = time.monotonic()

    def __str__(self):
        return f"{time.monotonic() - self.began:.0f} s"
