# SPDX-License-Identifier: Apache-2.0
"""`anechoic advise`: what it says of records that were made up, by costs that were, and what it refuses."""

import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import tempfile
import unittest.mock

import advise_check
import advise_classes
import advise_fresh
import advise_loads
import machine as m
from format_tests import check_schema
from harness import Skipped, expect, expect_equal, limit, test
from hosted_tests import PROGRAM, anechoic, is_sanitized

MACHINE = {"architecture": "x86_64", "cpu": "Fake 1.2.3", "core_type": "", "microcode": "", "hypervisor": "",
           "kernels": "", "model": ""}
NUMBERS = ("wall_ns", "user_ns", "system_ns", "minor_faults", "major_faults", "peak_bytes", "processes", "threads",
           "running", "damaged", "not_seen", "overflown", "allocated", "allocated_bytes", "freed", "freed_more",
           "moved", "failed", "samples", "samples_lost", "grown_bytes", "mapped_bytes")


def made_record(**more):
    record = {"schema": "anechoic-record/1", "machine": MACHINE, "program": "made-up", "status": 0, "calls": {},
              "allocations": {"malloc": [], "calloc": [], "realloc": [], "aligned": []}, "frees": [],
              "sampled_every": 256, "lifetimes": [0] * 40,
              "orders": {"stack": 0, "queue": 0, "between": 0, "alone": 0, "elsewhere": 0}}
    record.update({name: 0 for name in NUMBERS})
    record.update({"user_ns": 10**9, "processes": 1, "threads": 1})
    record.update(more)
    check_schema("record", record)
    return record


def made_costs():
    """A call takes 10 ns and half of that by kernels; the rest is the same under each setting."""
    calls, others = 5 * 49 * 2 * 4, 7 * 25 + 5 + 2 + 13
    return {"schema": "anechoic-costs/1", "machine": MACHINE, "build": "", "huge_pages": "madvise",
            "defrag": "madvise", "tunables": "", "rounds": 7, "settings": {
        "plain": [[10, 0.1]] * calls + [[20, 0.1]] * (others - 20) + [[10, 0.1]] * 5 + [[20, 0.1]] * 15,
        "kernels": [[-5, 0.1]] * calls + [[0, 0]] * (others - 20) + [[-5, 0.1]] * 5 + [[0, 0]] * 15,
        "huge": [[0, 0]] * (calls + others)}}


def write(directory, name, content):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content if isinstance(content, str) else json.dumps(content))
    return path


def advise(record, *words, status=0, costs=None, tunables=""):
    with tempfile.TemporaryDirectory() as directory:
        result = anechoic("advise", write(directory, "record.json", record),
                          "--costs", write(directory, "costs.json", costs or made_costs()), *words,
                          env={"GLIBC_TUNABLES": tunables})
    expect_equal(result.returncode, status, f"exit status of {words}: {result.stderr}")
    return result


def advice_of(record, **more):
    advice = json.loads(advise(record, "--format=json", **more).stdout)
    check_schema("advice", advice)
    return advice


@test("advise/a load of copies is one of memory, and is told of kernels")
def _():
    record = made_record(calls={"memcpy": {"bytes": 0, "unsized": 0, "sizes": [[64, 80000000, 0, 0, 0]]}})
    advice = advice_of(record)
    expect_equal(advice["kind"], "memory", str(advice))
    gain = advice["settings"][0]["gain"]
    expect(gain["lower"] < 0.4 < gain["upper"] and gain["lower"] > 0, f"80 million times 5 ns of a second: {gain}")
    expect_equal([(one["name"], one["command"], one["advised"]) for one in advice["settings"]],
                 [("kernels", "anechoic apply -- ", True),
                  ("huge pages", "GLIBC_TUNABLES=glibc.malloc.hugetlb=1 ", False)], "settings")
    shown = advise(record).stdout
    expect("made-up: memory" in shown and "advice: anechoic apply -- made-up" in shown, shown)


@test("advise/what it reads it does not write over")
def _():
    with tempfile.TemporaryDirectory() as directory:
        record, costs = write(directory, "record.json", made_record()), write(directory, "costs.json", made_costs())
        stream = write(directory, "a.stream", " L 1000,8\n")
        for words, kept in (((record, "--costs", costs, "-o", record), record),
                            ((record, "--costs", costs, "-o", costs), costs),
                            ((record, "--costs", record, "--remeasure"), record),
                            (("--stream", stream, "-o", stream), stream)):
            with open(kept, encoding="utf-8") as file:
                before = file.read()
            result = anechoic("advise", *words)
            expect_equal(result.returncode, 2, f"{words}: {result.stdout}")
            expect(f"{kept}: it is read, and is not written over" in result.stderr, result.stderr)
            with open(kept, encoding="utf-8") as file:
                expect_equal(file.read(), before, kept)


@test("advise/where there is nothing to gain it says so")
def _():
    advice = advice_of(made_record())
    advised = [one["advised"] for one in advice["settings"]]
    expect_equal((advice["kind"], advised), ("compute", [False]), f"huge pages alone: {advice}")
    expect("nothing to gain" in advise(made_record()).stdout, "in words")


@test("advise/a record that allows no advice is status 3, and no record 2")
def _():
    for record, says in ((made_record(user_ns=1000), "5 ms"), (made_record(processes=0), "no process"),
                         (made_record(machine={**MACHINE, "cpu": "Other 1.2.3"}), "another machine")):
        expect(says in advise(record, status=3).stdout, says)
        expect(says in advice_of(record, status=3)["missing"], says)
    for content, says in (("", "record.json"), (json.dumps(made_record())[:500], "record.json"), ("{}", "no record")):
        result = advise(content, status=2)
        expect(says in result.stderr and "costs" not in result.stderr, result.stderr)
    expect("no costs" in advise(made_record(), status=2, costs={"schema": "anechoic/1"}).stderr, "another file")
    expect_equal(anechoic("advise").returncode, 2, "no record")
    expect_equal(anechoic("advise", "/nonexistent").returncode, 2, "no such record")


@test("advise/huge pages that are off are not advised, and those that are on already are said")
def _():
    for word, off, on, says in (("never", True, False, "Huge pages are off"), ("always", False, True, "are on already"),
                                ("madvise", False, False, "")):
        costs = {**made_costs(), "huge_pages": word}
        costs["settings"]["huge"] = [[-15, 0.1]] * len(costs["settings"]["huge"])
        record = made_record(minor_faults=500000, peak_bytes=1 << 31, grown_bytes=1 << 31)
        advice = advice_of(record, costs=costs)
        expect_equal((advice["huge_pages_off"], advice["huge_pages_on"], advice["page_walks_unknown"]),
                     (off, on, word == "madvise"), word)
        expect(("huge pages" in [one["name"] for one in advice["settings"]]) != off, f"{word}: {advice}")
        shown = advise(record, costs=costs).stdout
        expect(says in shown and ("Huge pages are" in shown) == (word != "madvise"), shown)


@test("advise/what the C library is told already stays in what is advised")
def _():
    costs = made_costs()
    costs["settings"]["huge"] = [[-15, 0.1]] * len(costs["settings"]["huge"])
    record = made_record(user_ns=10**8, minor_faults=500000, peak_bytes=1 << 31, grown_bytes=1 << 31)
    kept, own = "glibc.malloc.mxfast=0x40", "glibc.malloc.hugetlb=1"
    for tunables, words in (("", own), (kept, f"{kept}:{own}"), (f"glibc.malloc.hugetlb=2:{kept}", f"{kept}:{own}")):
        advice = advice_of(record, costs=costs, tunables=tunables)
        expect_equal([one["command"] for one in advice["settings"] if one["advised"]], [f"GLIBC_TUNABLES={words} "],
                     tunables)
        shown = advise(record, costs=costs, tunables=tunables).stdout
        expect(f"advice: GLIBC_TUNABLES={words} made-up ..." in shown, shown)
        expect_equal("GLIBC_TUNABLES is set, and stays" in shown, tunables != "", "it is said")
    words, variables = advise_check.words_of(f"GLIBC_TUNABLES='it'\\''s a:{own}' ")
    expect_equal((words, variables), ([], {"GLIBC_TUNABLES": f"it's a:{own}"}), "as a shell has it")


PRINTED = (r"[\w-]+: (memory|allocation|compute|mixed) \(\d+ % sure\); [\d.]+ s of CPU time, and [\d.]+ s that .*",
           r"(memory|allocation|compute) +[\d.]+ % \[[\d.]+ [\d.]+\]", r"setting +time that it gains",
           r"(kernels|pools|huge pages) +[+-][\d.]+ % \[[+-][\d.]+ [+-][\d.]+\]",
           r"(kernels|pools|huge pages) +(none for any (size of block|call)|not measured here)",
           r"Huge pages may gain more than that: .*",
           r"advice: (nothing to gain, not 1 % for sure|\S.* [\w-]+ \.\.\.)")


def mixture(sizes, *groups, threads=0, cleared=(), grown=()):
    """The word that says what is played: shares by size, of malloc, calloc and realloc, and groups of an order, a share
    and a count."""
    parts = [str(dict(kind).get(size, 0)) for kind in (sizes, cleared, grown) for size in range(49)]
    return ",".join(["1000000", str(threads), *parts, *(str(number) for group in groups for number in group)])


def played(shape, count, threads=0, work=0):
    """One of 80 bytes after the other, in one order."""
    return anechoic("advise", "sample", "replay", mixture({9: 10000}, (shape, 10000, count), threads=threads),
                    str(work))


@test("advise/blocks are played back in any order, and what is no mixture is refused")
def plays_back():
    for shape, count, threads in ((0, 3, 0), (1, 900, 0), (2, 4000, 0), (3, 4000, 0), (5, 4000, 0), (5, 4000, 1),
                                  (6, 1, 0)):
        result = played(shape, count, threads)
        expect_equal(result.returncode, 0, f"exit status of shape {shape}")
        expect(float(result.stdout) > 0, f"shape {shape} takes {result.stdout}")
    for shape, count in ((4, 10), (7, 10), (2, 0), (2, 10**9), ("x", 1)):
        expect_equal(played(shape, count).returncode, 2, f"{count} blocks of shape {shape}")
    expect_equal(played(2, 4000, work=7).returncode, 0, "with work between calls")
    for work in (1001, -1, "much"):
        expect_equal(played(2, 4000, work=work).returncode, 2, f"work of {work} turns")


def recorded_replay(word):
    if is_sanitized():
        raise Skipped("a sanitized program is not recorded")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "record.json")
        result = anechoic("record", "-o", path, "--", PROGRAM, "advise", "sample", "replay", word, "0",
                          env={"ANECHOIC_HOME": directory})
        expect_equal(result.returncode, 0, f"exit status: {result.stderr}")
        with open(path, encoding="utf-8") as file:
            return json.load(file)


@test("advise/what is played has the sizes of the mixture, hands over what it says, and keeps no more than it may")
def _():
    kept = recorded_replay(mixture({2: 10000}, (6, 10000, 1)))["small_allocations"]
    expect(kept[2] > 1000 and kept[3] < 100, f"blocks of 24 bytes that are never freed: {kept}")
    long = recorded_replay(mixture({9: 10000}, (0, 9000, 3), (5, 1000, 60000)))
    expect(long["freed_more"] > 1000, f"a tenth of all in batches that no sequence fills: {long['freed_more']}")
    kinds = mixture({9: 5000}, (1, 5000, 100), (3, 5000, 100), cleared={9: 2500}, grown={11: 2500})
    asked = {kind: sum(row[1] for row in rows) for kind, rows in recorded_replay(kinds)["allocations"].items()}
    expect(asked["calloc"] > 1000 and asked["realloc"] > 1000 and asked["malloc"] > asked["calloc"],
           f"a quarter is calloc's, as much realloc's: {asked}")
    large = recorded_replay(mixture({48: 10000}, (6, 10000, 1)))["allocations"]["malloc"]
    expect(sum(row[1] for row in large if row[0] == 65536) * 65536 < 160 << 20, f"twice 64 MiB, and the last: {large}")


@test("advise/docs/advise.md shows what is printed")
def _():
    with open(os.path.join(m.ROOT, "docs", "advise.md"), encoding="utf-8") as file:
        shown = file.read().partition("```\n")[2].partition("```")[0]
    expect(shown.startswith("$ anechoic advise"), shown[:80])
    sets = {"memset": {"bytes": 0, "unsized": 0, "sizes": [[64, 8 * 10**7, 0, 0, 0]]}}
    large = made_record(peak_bytes=1 << 30, calls=sets)
    printed = advise(made_record()).stdout + advise(large).stdout
    for line in shown.splitlines() + printed.splitlines():
        expect(line.startswith("$ ") or any(re.fullmatch(form, line) for form in PRINTED), f"no such line: {line}")
    for form in PRINTED:
        expect(any(re.fullmatch(form, line) for line in printed.splitlines()), f"nothing prints {form}")


def tally_of(gain, change):
    tally = advise_check.Tally()
    load = {"kind": "memory", "name": "kernels", "advised": True, "gain": dict(zip(("point", "lower", "upper"), gain))}
    tally.add("one", load, dict(zip(("change", "lower", "upper"), change), reason="none"))
    return tally.narrow + tally.covered + tally.signs + list(tally.slower.values())


@test("advise/advise-check finds what is not covered, goes the wrong way, or is too wide")
def _():
    good = ((0.10, 0.08, 0.12), (-0.09, -0.10, -0.08))
    expect_equal(tally_of(*good), [True] * 4, "a prediction that comes true")
    expect_equal(tally_of((0.10, 0.01, 0.19), good[1]), [False, True, True, True], "too wide")
    expect_equal(tally_of(good[0], (-0.01, -0.02, -0.005)), [True, False, True, True], "less than was predicted")
    expect_equal(tally_of(good[0], (0.03, 0.02, 0.04)), [True, False, False, False], "slower, not faster")
    expect_equal(tally_of(good[0], (0, None, None)), [True, False, False], "no interval shows nothing")


CALLGRIND = """\
version: 1
positions: line
events: Ir Dr D1mr

ob=/usr/bin/program
fn=main
10 100 20 1
cob=/usr/lib/x86_64-linux-gnu/libc.so.6
cfn=__memcpy_avx_unaligned_erms
calls=3 700
11 200 50 3
cob=/usr/lib/x86_64-linux-gnu/libc.so.6
cfn=printf
calls=1 700
12 300
cfn=malloc
calls=1 40
13 40

ob=/usr/lib/x86_64-linux-gnu/libc.so.6
fn=printf
1 100
cfn=malloc
calls=1 5
2 200 9 9
totals: 1000 80 10
"""


@test("advise/callgrind's shares are of calls from outside of the C library, and the system's time may be of two kinds")
def _():
    found, total = advise_classes.shares_of(CALLGRIND.splitlines())
    expect_equal((dict(found), total), ({"memory": 230}, 1100), "main's own malloc is not C's, nor printf's call")
    for name, part in (("malloc", "allocation"), ("__libc_free", "allocation"), ("__strlen_avx2", "memory"),
                       ("memchr", "memory"), ("strcoll", None), ("memory_of", None), ("malloc_trim", None)):
        expect_equal(advise_classes.part_of(name), part, name)
    for memory, allocation, system, kinds in ((0.6, 0.1, 0.3, ["memory"]), (0.1, 0.1, 0.1, ["compute"]),
                                              (0.45, 0.0, 0.3, ["compute", "mixed"]),
                                              (0.1, 0.3, 0.5, ["allocation", "compute", "mixed"])):
        shares = {"memory": memory, "allocation": allocation, "system": system,
                  "compute": 1 - memory - allocation - system}
        expect_equal(advise_classes.kinds_of(shares), kinds, str(shares))


@test("advise/advise-check looks once more where it was not decided whether an advised setting slows a program")
def _():
    for interval, shows, undecided in (((-0.05, 0.005), True, False), ((-0.03, 0.04), False, True),
                                       ((0.02, 0.03), False, False), ((None, None), False, True)):
        row = dict(zip(("lower", "upper"), interval), change=0, reason="none")
        expect_equal((advise_check.slows_nothing(row), advise_check.is_undecided(row)), (shows, undecided), str(row))
    tally = advise_check.Tally()
    load = {"kind": "memory", "name": "kernels", "advised": True, "gain": {"point": 0, "lower": 0, "upper": 0}}
    tally.add("one", load, {"change": 0, "lower": -0.03, "upper": 0.04, "reason": "none"})
    expect_equal(tally.slower, {"one": False}, "open")
    tally.add_again("one", {"lower": -0.03, "upper": 0.005})
    expect_equal((tally.slower, "+3.0" in tally.lines[-1]), ({"one": True}, True), tally.lines[-1])
    budgets, gain = [], {"point": 0.02, "lower": 0.01, "upper": 0.03}

    def judged(_folder, name, _options, budget):
        budgets.append((name, budget))
        return {"change": -0.02, "lower": -0.03, "upper": 0.03 if budget == 60 else -0.01, "reason": ""}

    predicted = {name: dict(load, gain=gain, advised=name == "one") for name in ("one", "other")}
    with unittest.mock.patch.multiple(advise_check, predict=lambda *_: predicted, judge=judged), \
            contextlib.redirect_stdout(io.StringIO()):
        status = advise_check.main([])
    expect_equal((status, budgets), (0, [("one", 60), ("other", 60), ("one", 180)]), "only what is advised and open")


def files_in(folder):
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


@test("advise/advise-check's second set of loads is whole, shares none with the first, and is the same each time",
      seconds=30)
def _():
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        loads, again = advise_fresh.make(first), advise_fresh.make(second)
        expect_equal(advise_loads.missing(loads), [], "programs that are not here")
        expect_equal([[word.replace(second, first) for word in words] for words in again.values()],
                     list(loads.values()), "what is run")
        expect_equal(files_in(second), files_in(first), "what is read")
        own = os.path.join(first, "loads")
        names = subprocess.run([own], check=True, capture_output=True, text=True, timeout=limit(10)).stdout.split()
        expect_equal(names, list(advise_fresh.OWN), "loads of our own")
        for name in names:
            printed = {subprocess.run([own, name, "2"], check=True, capture_output=True, timeout=limit(10)).stdout
                       for _ in range(2)}
            expect_equal(len(printed), 1, f"results of {name}")
        earlier = advise_loads.make(first)
        expect(len(loads) >= 16 and not set(loads) & (set(earlier) | set(advise_classes.programs(first))), str(loads))


@test("advise/loads with a known label are told apart by their records", system=True, seconds=60)
def _():
    with tempfile.TemporaryDirectory() as directory:
        program, record = os.path.join(directory, "loads"), os.path.join(directory, "record.json")
        subprocess.run(["cc", "-O2", "-fno-builtin", "-o", program, "host-tests/advise_loads.c", "-lpthread"],
                       cwd=m.ROOT, check=True, timeout=limit(60))
        home = dict(os.environ, ANECHOIC_HOME=os.path.join(directory, "home"))
        loads = [line.split() for line in subprocess.run([program], check=True, capture_output=True, text=True,
                                                         timeout=limit(10)).stdout.splitlines()]
        told = {}
        for name, _label in loads:
            # Recorded, a clock would count recording as the part's.
            pieces = subprocess.run([program, name, "300"], check=True, capture_output=True, text=True,
                                    timeout=limit(60)).stdout.split()
            for words in (["record", "-o", record, "--", program, name, "300", *pieces],
                          ["advise", record, "--format=json"]):
                result = subprocess.run([PROGRAM, *words], check=False, capture_output=True, text=True, env=home,
                                        timeout=limit(300))
                expect_equal(result.returncode, 0, f"{words}: {result.stdout}{result.stderr}")
            told[name] = json.loads(result.stdout)["kind"]
    wrong = [f"{name}: {told[name]}, not {label}" for name, label in loads if told[name] != label]
    expect(len(loads) >= 12 and len(wrong) <= len(loads) // 10, f"of {len(loads)} loads: {'; '.join(wrong)}")
