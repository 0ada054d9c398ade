#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make room`: how quiet one core is, as the image sees it, as the hosted programme does, and as other tools do, each
for as long, the first two in turn. In the same columns: those of Linux's hwnoise, over 1 us.

rtla's osnoise and hwlatdetect want a tracer of the kernel's; cyclictest measures how late a sleeper wakes, which is
another figure, and stands there for who knows it. A tool that is missing, or a kernel without its tracer, is named.

Last the ratio of lost times, image to hosted, over the pairs: its interval, and whether the image adds anything.

Exit status: 0 its upper end is within the limit, 3 inconclusive, 4 a run failed, 77 without a KVM that carries PVH.
"""

import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import compare_os
import machine as m

LIMIT = 1.1
# Student's t at 95 %, two sides, by degrees of freedom from 1 on; it falls on to 1.96, and the last stands for all.
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10,
           2.09, 2.09)
THROTTLE = "/proc/sys/kernel/sched_rt_runtime_us"
TRACERS = "/sys/kernel/tracing/available_tracers"


def of_core(path):
    """The first core of a noise.json, in the table's words."""
    with open(path, encoding="utf-8") as file:
        whole = json.load(file)
    core = whole["cores"][0]
    return {"looked": core["looked_ns"], "lost": core["over_1us"]["lost_ns"], "longest": core["longest_ns"],
            "count": core["over_1us"]["count"], "interrupts": core["counted"].get("interrupts"),
            "stolen": core["counted"].get("stolen_ns"), "held": whole.get("held")}


def fifo(throttle=THROTTLE):
    """What starts a command under SCHED_FIFO: where the system allows that, and does not stop it for a part of each
    second (sched(7), sched_rt_runtime_us), which it would lose."""
    try:
        with open(throttle, encoding="ascii") as file:
            throttled = int(file.read()) != -1
    except (OSError, ValueError):
        throttled = True
    words = ["chrt", "--fifo", "1"]
    allowed = not throttled and shutil.which("chrt") and subprocess.run(
        [*words, "true"], check=False, stderr=subprocess.DEVNULL, timeout=60).returncode == 0
    return words if allowed else []


def hosted(options, directory):
    path = os.path.join(directory, "hosted.json")
    command = [*fifo(), "taskset", "-c", str(options.cpu), os.path.join(options.build, "anechoic"), "noise",
               f"--duration={options.duration}", "-o", path]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=options.duration * 3 + 60)
    if result.returncode != 0:
        raise RuntimeError(f"hosted: exit status {result.returncode}\n{result.stderr[-1000:]}")
    return of_core(path)


def image(options, directory):
    path = os.path.join(directory, "image.json")
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {options.cpu})  # the emulator takes it over
        compare_os.image_run(options, f"noise --duration={options.duration}", path)
    finally:
        os.sched_setaffinity(0, allowed)
    return of_core(path)


def together(runs):
    return {"looked": sum(run["looked"] for run in runs), "lost": sum(run["lost"] for run in runs),
            "longest": max(run["longest"] for run in runs), "count": sum(run["count"] for run in runs),
            **{name: None if runs[0].get(name) is None else sum(run[name] for run in runs)
               for name in ("interrupts", "stolen")}}


def row(name, run):
    others = "" if run["interrupts"] is None else f"  interrupts {run['interrupts']}"
    others += "" if run.get("stolen") is None else f"  taken by the host {run['stolen'] / 1e6:.1f} ms"
    return (f"{name:12} {run['looked'] / 1e9:8.1f} s  {100 * (1 - run['lost'] / run['looked']):10.6f} %  "
            f"{run['lost'] / 1e6:10.3f} ms  {run['longest'] / 1e3:10.1f} us  {run['count']:9}{others}")


# ---- what others say -------------------------------------------------------------------------------------------------


def has_tracer(name):
    try:
        with open(TRACERS, encoding="ascii") as file:
            return name in file.read().split()
    except OSError:
        return False


def why_not(tool, package, tracer):
    if tracer and not has_tracer(tracer):
        return f"no tracer `{tracer}` in this kernel"
    return "" if shutil.which(tool) else f"not installed: Debian's package {package}"


def output_of(options, *command):
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=options.duration * 3 + 60)
    return result.stdout + result.stderr


def osnoise(options):
    """The row of rtla's table: CPU, period, runtime, noise, % of CPU available, longest, count..., all us."""
    text = output_of(options, "rtla", "osnoise", "top", "-q", "-c", str(options.cpu), "-T", "1", "-d",
                     f"{options.duration}s")
    for line in text.splitlines():
        words = line.replace("#", " ").split()
        if len(words) > 6 and words[0] == str(options.cpu):
            return row("rtla osnoise", {"looked": float(words[2]) * 1e3, "lost": float(words[3]) * 1e3,
                                        "longest": float(words[6]) * 1e3, "count": "-", "interrupts": None})
    return f"rtla osnoise said nothing of CPU {options.cpu}: {text.strip()[-200:]}"


def hwlatdetect(options):
    text = output_of(options, "hwlatdetect", f"--duration={options.duration}", "--threshold=1")
    said = [line.strip() for line in text.splitlines() if "Max" in line or "exceeding" in line]
    return "hwlatdetect  " + ("; ".join(said) or text.strip()[-200:])


def cyclictest(options):
    text = output_of(options, "cyclictest", "-q", "-m", "-t1", f"-a{options.cpu}", "-i1000", f"-D{options.duration}")
    found = re.search(r"Min:\s*(\d+).*Avg:\s*(\d+).*Max:\s*(\d+)", text)
    if not found:
        return f"cyclictest said {text.strip()[-200:]}"
    return "cyclictest   wakes {} us late at the least, {} in the mean, {} at the most".format(*found.groups())


OTHERS = (("rtla", "rtla", "osnoise", osnoise), ("hwlatdetect", "rt-tests", "hwlat", hwlatdetect),
          ("cyclictest", "rt-tests", "", cyclictest))


# ---- image against hosted --------------------------------------------------------------------------------------------


def interval(logs):
    """Mean of the pairs' logarithms with its 95 %, as ratios."""
    middle, count = statistics.mean(logs), len(logs)
    if count < 2:
        return math.exp(middle), 0.0, math.inf
    student = STUDENT[min(count - 2, len(STUDENT) - 1)]
    reach = student * statistics.stdev(logs) / math.sqrt(count)
    return tuple(math.exp(value) for value in (middle, middle - reach, middle + reach))


def judge(pairs):
    """Exit status and words, of (lost in the image, lost hosted). One of the two that lost nothing makes no ratio."""
    if all(image == 0 for image, _ in pairs):
        return 0, "nothing was lost in the image"
    logs = [math.log(image / hosted) for image, hosted in pairs if image > 0 and hosted > 0]
    left_out = "" if len(logs) == len(pairs) else f"; {len(pairs) - len(logs)} in which one lost nothing are left out"
    if not logs:
        return m.EXIT_INCONCLUSIVE, "inconclusive: the image lost time, and hosted nothing"
    ratio, lower, upper = interval(logs)
    within = upper <= LIMIT and not left_out
    word = "within the limit" if within else "inconclusive: the room was loud, or the rounds were few"
    return (0 if within else m.EXIT_INCONCLUSIVE,
            f"time lost in the image is {ratio:.2f} [{lower:.2f} {upper:.2f}] of that lost hosted, over {len(logs)} "
            f"pairs{left_out}; the limit is {LIMIT}: {word}")


def whose(image):
    """Whether what the image lost is its own, and how that is known."""
    if image["interrupts"] != 0:
        return f"image: some of it is its own: it took {image['interrupts']} interrupts"
    told = "who is below it says nothing of how much it took"
    if image["stolen"] is not None and image["lost"] > 0:
        told = f"the host says that it took {100 * min(1, image['stolen'] / image['lost']):.0f} % of what was lost"
    return (f"image: none of it is its own: it took no interrupt, has nothing to switch to, and its recorder makes no "
            f"detour where time is counted in instructions (make test TESTS=noise); {told}")


def last_word(status):
    """make calls whatever is not 0 an error, and says nothing of what it means."""
    if status != m.EXIT_INCONCLUSIVE:
        return ""
    return (f"\nroom: the answer is: inconclusive, which exit status {status} says (to make an error). Nothing failed; "
            "more rounds (ROUNDS=) or longer ones (DURATION=) may tell")


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("--duration", type=m.positive, default=10, metavar="SECONDS", help="of each look")
    parser.add_argument("--rounds", type=m.positive, default=10)
    parser.add_argument("--cpu", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args(argv)
    options.limit = options.duration * 3 + 60
    if options.cpu not in os.sched_getaffinity(0):
        print(f"room: CPU {options.cpu} is none that this process may run on", file=sys.stderr)
        return m.EXIT_USAGE
    if not m.probe("x86_64", options.build)["pvh"]:
        print("room: skipped: no KVM here that carries PVH")
        return m.EXIT_SKIPPED
    runs = {"image": [], "hosted": []}
    try:
        with tempfile.TemporaryDirectory() as directory:
            for number in range(1, options.rounds + 1):
                print(f"room: round {number} of {options.rounds}, 2 x {options.duration} s", flush=True)
                order = (("image", image), ("hosted", hosted))
                for name, look in order if number % 2 else reversed(order):
                    runs[name].append(look(options, directory))
        print(f"\nCPU {options.cpu}        looked     available          lost        longest  over 1 us")
        for name, found in runs.items():
            print(row(name, together(found)))
        print(f"hosted was {runs['hosted'][0]['held']}")
        for tool, package, tracer, run in OTHERS:
            reason = why_not(tool, package, tracer)
            print(f"{tool:12} {reason}" if reason else run(options))
    except (RuntimeError, subprocess.SubprocessError) as error:
        print(f"room: {error}", file=sys.stderr)
        return m.EXIT_BROKEN
    print(whose(together(runs["image"])))
    status, words = judge([(a["lost"], b["lost"]) for a, b in zip(runs["image"], runs["hosted"])])
    print(f"\nroom: {words}{last_word(status)}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
