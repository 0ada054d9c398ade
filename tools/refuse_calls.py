#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make refuse-calls`: each request that the loader makes of the firmware is refused in turn, at its first, second and
third use, and from the first on. host-tests/efi/refuse_calls.c refuses; here the trials are chosen, bounded and judged.

A trial is as it should be where it comes to an end, no kernel panics, and what was not done for the refusal is said in
words; without words nothing may be missing: every benchmark ok, the run's context and its saved files as without the
refusal. Nor does the loader keep more of the firmware's memory than without it. Exit status 1: one is not.
"""

import argparse
import concurrent.futures
import dataclasses
import os
import re
import sys

import machine as m

QUICK = "--quick --sample-size=10 --warm-up-time=0.001 --measurement-time=0.001 --nresamples=1000 --timeout=100 "
ONE = QUICK + "--exact tlb/lookup/mostly_hits"
TWO_CORES = QUICK + "pool/two_cores/64B"
X86 = dict(arch="x86_64", icount=True, arguments=ONE)
ARM = dict(arch="aarch64", icount=True, arguments=ONE)
BACK = dict(mode="handback", exit_port=False, memory_mib=160)
CORES = ("LocateProtocol", "CreateEvent", "CheckEvent", "CloseEvent", "GetNumberOfProcessors", "GetProcessorInfo",
         "StartupThisAP")
QUIET_S = 60       # nothing is heard for so long, on a quiet machine: it hangs
TRIALS_A_BOOT = 40
USES = (1, 2, 3)
ENDLESS = ("ReadKeyStroke",)    # refused for good it is waited for, for a minute: that nobody presses a key

STANDS = b"switch the machine off"    # a run that was taken over unasked has come to its end

HUNG, PANIC = "hangs", "panics"


@dataclasses.dataclass(frozen=True)
class Trial:
    call: str
    first: int
    last: int      # 0: for good

    def line(self):
        return f"{self.call} {self.first} {self.last}\n"

    def name(self):
        return f"{self.call} from {self.first} on" if self.last == 0 else f"{self.call} {self.first}"


@dataclasses.dataclass(frozen=True)
class Way:
    name: str
    how: dict
    only: tuple = ()    # calls; empty: all that it makes


NOTHING = Trial("nothing", 1, 1)
# Lets go of the machine never, so that the application can say which calls there were.
NEVER = Trial("ExitBootServices", 1, 0)

WAYS = (
    Way("x86_64, handback", {**X86, **BACK}),
    Way("x86_64, handback, two cores", {**X86, **BACK, "arguments": TWO_CORES, "cores": 2, "icount": False}, CORES),
    Way("x86_64, handback, reset", {**X86, **BACK, "config": "exit = reset"}, ("ResetSystem",)),
    Way("x86_64, takeover", X86),
    Way("aarch64, handback", {**ARM, **BACK}),
    Way("aarch64, takeover", ARM),
)


@dataclasses.dataclass
class Told:
    """What the console showed of a trial."""
    trial: Trial
    outcome: m.Outcome
    ended: bool    # the application came back, or the machine was switched off

    def refusals(self):
        return self.outcome.text().count("refuse_calls: refused")

    def uses(self):
        found = re.search(r"refuse_calls: end, .*, uses (.*)", self.outcome.text())
        words = found[1].split() if found else []
        return dict(zip(words[::2], map(int, words[1::2])))

    def pages_kept(self):
        found = re.search(r"refuse_calls: end, .*, pages kept (\d+)", self.outcome.text())
        return int(found[1]) if found else 0

    def words(self):
        """Of what was not done: lines of loader and kernel, and reasons of rows. What the console itself refused leaves
        torn ones."""
        if self.trial.call == "OutputString":
            return []
        return [line.strip() for line in self.outcome.text().splitlines()
                if line.strip().startswith("anechoic: ") or " skipped: " in line]

    def shape(self):
        """Of a run: what it was, what came of it; without times."""
        tags = [record.tag for record in self.outcome.records if record.tag in ("END", "DONE", "SAVED", "UNSAVED")]
        plans = [record.body["context"] for record in self.outcome.records if record.tag == "RUN"]
        return (tags, {name: end["status"] for name, end in self.outcome.ends().items()}, self.outcome.status(),
                [{key: value for key, value in plan.items() if not key.endswith(("_utc", "_ns"))} for plan in plans])


def split(outcome, trials):
    """A boot's console, trial by trial; those that did not come to begin are left out."""
    parts = outcome.console.split(b"refuse_calls: begin ")[1:]
    told = []
    for at, (trial, part) in enumerate(zip(trials, parts)):
        ended = b"refuse_calls: end" in part or (at + 1 == len(parts) and not outcome.timed_out)
        told.append(Told(trial, m.Outcome(part, 0, False, False, 0, "", m.records_read(part)), ended))
    return told


def boot(way, trials, build):
    machine = m.Machine(build=build, between="refuse_calls", **way.how)
    words = f"--mode={machine.mode} {machine.command_line()}\n"
    machine.told = words + "".join(trial.line() for trial in trials)
    outcome = m.boot(machine, QUIET_S, while_heard=True, paced=True, until=lambda console: STANDS in console)
    return split(outcome, trials)


def one_by_one(way, trials, build):
    """Where the machine is not given back, or given up, a trial is a boot."""
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for told in pool.map(lambda trial: boot(way, [trial], build), trials):
            yield from told


def in_rows(way, trials, build):
    """As many as go into a boot; behind one that hangs another boot goes on."""
    left = list(trials)
    while left:
        told = boot(way, left[:TRIALS_A_BOOT], build)
        if not told:
            raise RuntimeError(f"{way.name}: no trial began")
        yield from told
        left = left[len(told):]


def run(way, trials, build):
    given_back = way.how.get("mode") == "handback" and "exit" not in way.how.get("config", "")
    return (in_rows if given_back else one_by_one)(way, trials, build)


def chosen(way, uses):
    """Trials of all calls that are made, as often as they are made."""
    calls = [call for call in uses if not way.only or call in way.only]
    for call in calls:
        yield from (Trial(call, use, use) for use in USES if use <= uses[call])
        if call not in ENDLESS:
            yield Trial(call, 1, 0)


def verdict(told, usual):
    """(as it should be, what it came to); usual: the trial in which nothing is refused, None where there is none."""
    text = told.outcome.text()
    panic = re.search(r"kernel panic: .*|.*\bException\b.*", text)
    if panic:
        return False, f"{PANIC}: {panic[0].strip()}"
    if not told.ended:
        return False, HUNG
    if usual and told.pages_kept() > usual.pages_kept():
        return False, f"keeps {told.pages_kept() - usual.pages_kept()} pages too many"
    known = {re.sub(r"\d+", "N", word) for word in usual.words()} if usual else set()
    new = [word for word in told.words() if re.sub(r"\d+", "N", word) not in known]
    if new:
        return True, new[0]
    if usual and told.shape() != usual.shape():
        return False, "something is missing, without a word"
    return True, "as ever" if usual else "ends"


def trials_of(way, build):
    """(the trial without a refusal or None, the trials to be made)"""
    if way.name.endswith("reset"):
        return None, [Trial("ResetSystem", 1, 1)]
    if way.how.get("mode") == "handback":
        usual, = run(way, [NOTHING], build)
        return usual, list(chosen(way, usual.uses()))
    usual, never = run(way, [NOTHING, NEVER], build)
    return usual, list(chosen(way, never.uses()))


def judge(way, build):
    """Prints the way's table; (how many are as they should be, how many there are)."""
    usual, trials = trials_of(way, build)
    good = total = 0
    for told in run(way, trials, build):
        if not told.refusals():    # the call is made so often only where others are refused
            continue
        fits, came_to = verdict(told, usual)
        good, total = good + fits, total + 1
        print(f"{'ok ' if fits else 'NOT'} {way.name:<28} {told.trial.name():<28} {came_to}", flush=True)
    return good, total


def main(argv):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default=os.path.join(m.ROOT, "build"))
    parser.add_argument("only", nargs="*", help="parts of ways' names")
    options = parser.parse_args(argv)
    ways = [way for way in WAYS if not options.only or any(part in way.name for part in options.only)]
    counts = [judge(way, options.build) for way in ways]
    good, total = (sum(count) for count in zip(*counts)) if counts else (0, 0)
    print(f"{good} of {total} refusals are borne: no hang, no panic, and words for what was not done")
    return 0 if good == total and total else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
